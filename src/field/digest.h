/*
 * Digest: what an object is set to, as a short text that is equal for two objects that are equal in meaning. It stands beside the record of the
 * revision, and tells later whether the object is still what was applied.
 */
#ifndef FIELD_DIGEST_H
#define FIELD_DIGEST_H

#include "field/value.h"

/*
 * `label` names the object, so that a copy under another name has another digest. The object is normalised; `keep` are rows that count as
 * `live` has them, and both may be NULL. Left out are marks, what the server has of its own, what it may choose, and pauses, which pass.
 * `lowered`: what the server may lower counts as its default.
 */
const char *object_digest(struct arena *arena, const char *label, const struct object *object,
                          const bool *keep, const struct object *live, bool lowered);

#endif
