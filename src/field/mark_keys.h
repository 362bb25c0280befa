/*
 * Keys of metadata that are natsform's own.
 */
#ifndef FIELD_MARK_KEYS_H
#define FIELD_MARK_KEYS_H

/* Metadata of natsform's own: the mark of the project that owns an object, and a record that no plan compares. */
#define MARK_PREFIX "natsform."
#define MARK_PROJECT MARK_PREFIX "project"
/*
 * Which object the marks are of: "ORDERS", "ORDERS > billing". Copies of it by other tools, and a restore under another
 * name, have the marks as well, and there they count for nothing.
 */
#define MARK_OBJECT MARK_PREFIX "object"
/* That lifecycle.prevent_destroy was set when it was applied: holds when the object is gone from the manifest. */
#define MARK_PROTECTED MARK_PREFIX "prevent_destroy"
#define MARK_ON "true"
/*
 * The deliver_policy, and start, that a consumer was made for. No server can be told a position in another way than by a start sequence, so
 * that one which was made anew, to go on where it was, shows by_start_sequence instead.
 */
#define MARK_START MARK_PREFIX "deliver_policy"
#define MARK_REVISION MARK_PREFIX "revision" /* that an object was last changed to, if it came from one */
/*
 * What the object was set to then: two digests, with and without what servers may lower. Whoever changes it by another tool, or copies it,
 * leaves both keys, and so the record holds only where the digest does.
 */
#define MARK_DIGEST MARK_PREFIX "revision_digest"

#endif
