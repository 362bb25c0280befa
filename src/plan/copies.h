/*
 * Copies: messages that a new mirror or source takes out of a work queue and does not keep, and those that a source would copy once
 * more from its first message, so that the stream has them twice.
 *
 *     copies_ask(copies, stream, &questions);     of each wanted stream, once the origins are known
 *     copies_see(copies, &consumer);              what comes then
 *     copies_drain(copies, plan, step);           when the plan knows what is deleted
 */
#ifndef PLAN_COPIES_H
#define PLAN_COPIES_H

#include "base/diag.h"
#include "plan/plan.h"

struct copies;

/* A work queue as it is live, and how it is configured. */
struct queue {
    const struct stream_state *state;
    const struct object *config;
};

/* False: there is none of that name, or it is another kind of stream. */
typedef bool copies_find(void *context, const char *name, struct queue *ret_queue);

struct copies *copies_new(struct arena *arena, const struct manifest *manifest, struct instant now,
                          copies_find *find, void *context);

/* Asks for the consumers of the queues from which the stream copies. */
void copies_ask(struct copies *copies, const struct object *stream, struct live_questions *questions);
/* Takes a consumer that the manifest does not define. */
void copies_see(struct copies *copies, const struct live_object *consumer);

/* Adds to the loss of a step of a stream what the queues lose. */
void copies_drain(struct copies *copies, const struct plan *plan, struct step *step);

/* Refuses a step that copies again, or twice. `live` is its stream, as it was read. */
void copies_refuse(const struct copies *copies, struct step *step, const struct target *target,
                   const struct live_object *live, struct diags *diags);

#endif
