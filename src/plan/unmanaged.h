/*
 * Unmanaged: streams on the server that the manifest does not name, and that matter to it: they have a subject that one of its
 * streams wants, or one of its streams copies from them.
 *
 * Where the account was not listed from end to end, they have to be asked for:
 *
 *     while (unmanaged_ask(unmanaged, &questions))
 *         … read what it asks for, and unmanaged_see() what comes …
 */
#ifndef PLAN_UNMANAGED_H
#define PLAN_UNMANAGED_H

#include "base/vec.h"
#include "manifest/manifest.h"
#include "rules/rules.h"
#include "server/live_object.h"

struct unmanaged;

struct unmanaged_questions {
    VEC(const char *) streams;  /* by these names */
    VEC(const char *) subjects; /* with a subject that collides with one of these */
};

struct unmanaged *unmanaged_new(struct arena *arena, const struct manifest *manifest, struct instant now);

/* After the wanted streams were normalised. The live object is copied if it is kept. */
void unmanaged_see(struct unmanaged *unmanaged, const struct live_object *live);

/* A wanted stream that is to be made or changed: what it needs to know of others. */
void unmanaged_want(struct unmanaged *unmanaged, const struct resource *stream);
/* What has not been asked yet; false when that is nothing. */
bool unmanaged_ask(struct unmanaged *unmanaged, struct unmanaged_questions *ret_questions);

/* Adds them to a world, but for those that `leaves` says are to be deleted. */
void unmanaged_join(const struct unmanaged *unmanaged, struct rules_world *world,
                    bool (*leaves)(void *context, const char *stream), void *context);

#endif
