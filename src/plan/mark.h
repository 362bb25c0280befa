/*
 * Mark: what natsform writes into the metadata of objects that a project owns, on nats-server 2.10 and later.
 */
#ifndef PLAN_MARK_H
#define PLAN_MARK_H

#include <stdbool.h>

#include "base/diag.h"
#include "manifest/manifest.h"
#include "server/live_object.h"

extern const struct diag_code code_foreign;
extern const struct diag_code code_copied_mark;
extern const struct diag_code code_old_mark;

/* Servers before this version do not keep metadata, and so no marks. */
#define MARKS_SINCE VERSION(2, 10, 0)

/* Whose mark a live object has. Nothing is decoded for it. */
enum mark_kind {
    MARK_NONE,
    MARK_OWN,
    MARK_NAMELESS, /* of an earlier natsform, whose marks did not say which object it is of */
    MARK_COPIED    /* it is of another object, and counts for nothing */
};
enum mark_kind mark_kind(const struct live_object *live);

/* The project whose mark counts, or NULL. */
const char *mark_owner(const struct live_object *live);
/* Did that project protect it? */
bool mark_protects(const struct live_object *live);
/* Has it marks of natsform's but no owner, since somebody rewrote its metadata? */
bool mark_remains(const struct live_object *live);
/* The text of a mark, whatever it counts for. NULL if there is none. */
const char *mark_text(const struct live_object *live, const char *key);

/* Did a server make the object for itself? Then it is nobody's, whatever its metadata says. */
bool mark_is_servers(const struct live_object *live);

/* Puts the marks into the configuration of an object: its owner, which object it is and, if so, that it is protected. */
void mark_put(struct arena *arena, const struct resource *resource, const char *project,
              struct object *config);
/*
 * Marks are about ownership and not configuration. So an object without an owner is compared as if it had our marks: puts
 * them into it. So is one of the project `from`, which may be NULL. `nameless`: the server lets nobody update it, so marks of an
 * earlier natsform are as good as ours. Returns whether it was done.
 */
bool mark_lend(struct arena *arena, const struct resource *resource, const char *project, const char *from,
               bool nameless, struct object *live);
/*
 * For an object whose metadata is ignored (lifecycle.ignore): only the marks may change. The server's metadata with our
 * marks becomes that of `wanted`, and the row is not ignored any more. It may be called again with what the server has later.
 */
void mark_keep_rest(struct arena *arena, struct resource *resource, struct object *wanted,
                    const struct object *live, const char *project);
/* Removes all marks of natsform. Returns whether there was one. */
bool mark_remove(struct arena *arena, struct object *object);

/* A value as people know it: metadata without the marks, absent if it has nothing else. */
struct value mark_hide(struct arena *arena, const struct value *value);

/*
 * The digest that stands beside the revision: of an object as a step is about to leave it; `live` and `keep` as in the step, and NULL if it
 * is new.
 */
const char *mark_digest(struct arena *arena, const char *stream, const char *name,
                        const struct object *wanted, const bool *keep, const struct object *live);
/*
 * The revision whose record an object has, though it is not what was applied from it. NULL: none is known. `lowered`: what
 * the server may have lowered by itself does not count.
 */
const char *mark_stale_revision(struct arena *arena, const struct live_object *live,
                                const struct object *decoded, bool lowered);

/*
 * The object as it will be under another name (`stream`: of a consumer, else NULL): a mark of its own names that. For an arena that may outlive
 * the live object's.
 */
struct live_object mark_renamed(struct arena *arena, const struct live_object *live, const char *stream,
                                const char *name);

#endif
