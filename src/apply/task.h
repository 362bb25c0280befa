/*
 * Task: one step of a plan, request by request. The reply decides what comes next:
 *
 *   update            the object is read once more: it still is what the plan was made from, and loses no more than the plan
 *                     showed (plan/saved.h) -> update. What the step does not change is sent as it was just read
 *   create, update    the echoed configuration is as wanted -> a pause request if that changes, then done
 *                     it differs -> one more update (for sealing, or a threshold that a durable keeps), then an error
 *   pause             done
 *   delete            the same look -> delete -> done
 *   create refused    because the object exists: it is read; if it is as wanted, done, otherwise the error. An apply that was
 *                     killed may have sent requests that the server is still working on
 *   cut off           it is left uncertain: task_read_back(); if it is as wanted, done, otherwise tried once more
 *   passing refusal   it waits to be sent again a moment later: task_begin(), with a note: see api_passing()
 *
 * Where a consumer's messages are at stake, the look is also at its stream. If a look finds that more would happen than the plan
 * showed, the run is refused. Servers know no compare-and-set for configurations: what somebody changes between the
 * look and the request behind it, a round trip, is still overwritten.
 */
#ifndef APPLY_TASK_H
#define APPLY_TASK_H

#include "apply/applying.h"

enum { TASK_TRIES_MOST = 2 };

/* Begins it, or tries it once more. Replies come in api_drain(). */
void task_start(struct task *task);
/* Sends what waited to be sent again. */
void task_begin(struct task *task);
/* Reads the object of a request that was cut off, and goes on from there. */
void task_read_back(struct task *task);
void task_finish(struct task *task, enum outcome outcome);

/* Is it INFO of the step's object, as far as it can be read? */
bool task_is_live(const struct step *step, const struct node *info, struct live_object *ret_live);
/* What a first part has left of the object is where the rest begins. Else it does nothing. */
void task_keep_left(struct task *task, const struct live_object *live);

#endif
