/*
 * Mark: what natsform writes into the metadata of the objects that a project owns, from nats-server 2.10 on.
 */
#ifndef PLAN_MARK_H
#define PLAN_MARK_H

#include "manifest/manifest.h"
#include "server/live_object.h"

extern const struct diag_code code_foreign;

/* Servers before do not keep metadata, and so no mark. */
#define MARKS_SINCE VERSION(2, 10, 0)

/* The metadata of a stream or consumer. */
struct value *mark_metadata(const struct object *object);

/* The project that the object bears the mark of, or NULL. */
const char *mark_owner(const struct object *object);
/* The text of a mark of an object as it was read, without decoding it; NULL when it bears none. */
const char *mark_of_live(const struct live_object *live, const char *key);

/* Writes the marks of a wanted object: its owner, and that it is protected. */
void mark_wanted(struct arena *arena, const struct resource *resource, const char *project);
/*
 * When the metadata is left as it is on the server (lifecycle.ignore), that is all of it but the marks: makes it the wanted one, with the
 * marks, and the row no longer ignored.
 */
void mark_keep_rest(struct arena *arena, struct resource *resource, const struct object *live,
                    const char *project);
/* Takes every mark of natsform's own off. Returns whether there was one. */
bool mark_remove(struct arena *arena, struct object *object);

#endif
