/*
 * Mark: what natsform writes into the metadata of objects that a project owns, on nats-server 2.10 and later.
 */
#ifndef PLAN_MARK_H
#define PLAN_MARK_H

#include "manifest/manifest.h"
#include "server/live_object.h"

extern const struct diag_code code_foreign;

/* Servers before this version do not keep metadata, and so no marks. */
#define MARKS_SINCE VERSION(2, 10, 0)

/* The metadata of a stream or consumer. */
struct value *mark_metadata(const struct object *object);

/* The project whose mark the object has, or NULL. */
const char *mark_owner(const struct object *object);
/* The text of a mark of a live object, without decoding the object. NULL if it does not have the mark. */
const char *mark_of_live(const struct live_object *live, const char *key);

/* Puts the marks into a wanted object: its owner and, if so, that it is protected. */
void mark_wanted(struct arena *arena, const struct resource *resource, const char *project);
/*
 * Marks are about ownership and not configuration. So an object without an owner is compared as if it had our marks: puts
 * them into it. Returns whether it had no owner.
 */
bool mark_lend(struct arena *arena, const struct resource *resource, const char *project,
               struct object *live);
/*
 * For an object whose metadata is ignored (lifecycle.ignore): only the marks may change. The server's metadata with our
 * marks becomes the wanted one, and the row is not ignored any more. It may be called again with what the server has later.
 */
void mark_keep_rest(struct arena *arena, struct resource *resource, const struct object *live,
                    const char *project);
/* Removes all marks of natsform. Returns whether there was one. */
bool mark_remove(struct arena *arena, struct object *object);

#endif
