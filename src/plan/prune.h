/*
 * Prune: what the account has beside the manifest: objects of the project that the manifest does not define, and streams of others
 * that matter to it.
 */
#ifndef PLAN_PRUNE_H
#define PLAN_PRUNE_H

#include "base/vec.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "rules/rules.h"
#include "server/live_object.h"

/*
 * ---- unmanaged ----
 * Streams on the server that the manifest does not name, and that matter to it: they have a subject that one of its
 * streams wants, or copy from one of its streams, or one of its streams copies from them. And the consumers of its streams that
 * it does not name, where the server counts them too.
 *
 * Where the account was not listed from end to end, they have to be asked for:
 *
 *     questions = unmanaged_ask(unmanaged), until there are none:
 *         … read what it asks for, and unmanaged_see() what comes …
 */

struct unmanaged;

struct unmanaged *unmanaged_new(struct arena *arena, const struct manifest *manifest, struct instant now);

/* Takes a live object, after the wanted streams were normalised. If it matters, it is copied. */
void unmanaged_see(struct unmanaged *unmanaged, const struct live_object *live);

/* Notes what has to be known about others before this wanted stream is created or changed. */
void unmanaged_want(struct unmanaged *unmanaged, const struct resource *stream);
/* Remembers the consumers of a stream of the manifest from now on. False: it did before. */
bool unmanaged_want_consumers(struct unmanaged *unmanaged, const char *stream);
/* Returns what was not asked yet. */
struct live_questions unmanaged_ask(struct unmanaged *unmanaged);

/* The state of a stream that was seen and matters, and its configuration; NULL for any other. */
const struct stream_state *unmanaged_state(const struct unmanaged *unmanaged, const char *name,
                                           const struct object **ret_config);

/* Calls it with each of the stream's consumers that were wanted. */
typedef void unmanaged_visit(void *context, const struct live_object *consumer);
void unmanaged_consumers(const struct unmanaged *unmanaged, const char *stream, unmanaged_visit *visit,
                         void *context);

/* Adds them to the world of the rules, except those that will be deleted, as `leaves` says. */
void unmanaged_join(const struct unmanaged *unmanaged, struct rules_world *world,
                    bool (*leaves)(void *context, const char *stream, const char *consumer), void *context);

/*
 * ---- prune ----
 * What becomes of the objects on the server that bear the project's mark and are not defined in the manifest: they are to
 * forget (`removed`), to delete, or to mention.
 */

extern const struct diag_code code_protected;

struct prune;

struct prune *prune_new(struct arena *arena, const struct manifest *manifest, struct plan *plan,
                        const struct plan_options *options, struct diags *diags);

/* Call this for every stream, defined or not, before its consumers: what a stream is matters to them. */
void prune_see_stream(struct prune *prune, const struct live_object *live);
/* Call this for an object that the manifest does not define, or only as `external`. The same object may come twice. */
void prune_see(struct prune *prune, const struct live_object *live);

/* Calls it with each step so far. */
void prune_visit(const struct prune *prune, void (*visit)(void *context, struct step *step), void *context);
/* Adds their steps to the plan: streams by name, then consumers by name. */
void prune_add(struct prune *prune);
/* Refuses those that cannot or may not be done. */
void prune_judge(struct prune *prune);

#endif
