/*
 * Planning: a plan from a manifest's text and the texts of what a server holds, and the plan as text.
 *
 *     planning_stream("A", "\"max_age\":5", "\"messages\":100")
 *     planning_consumer("A", "c", "\"max_deliver\":5")
 *
 * make the descriptions that 2.15.1 gives of an otherwise plain stream or consumer with ack_policy explicit.
 */
#ifndef UNIT_PLANNING_H
#define UNIT_PLANNING_H

#include "plan/planner.h"
#include "unit/world.h"

/* `config` and `state` are members of a JSON object, or "". In `config` null takes a member out, and "@" is the object's
 * name, as its mark has it. */
const char *planning_stream(const char *name, const char *config, const char *state);
/* One with what the server says of its mirror and sources: ",\"mirror\":{…}". */
const char *planning_copy(const char *name, const char *config, const char *state, const char *origins);
const char *planning_consumer(const char *stream, const char *name, const char *config);
/* One that somebody listens to. */
const char *planning_bound_consumer(const char *stream, const char *name, const char *config);

struct planning {
    const char *manifest;
    const char *const *live; /* texts, streams first; ends with NULL */
    uint32_t version;        /* 0: 2.15.1 */
    bool clustered;
    bool asks; /* about streams outside the manifest, and there are none */
    bool destroy;
    bool prune;
    const char *const *allow_loss; /* ends with NULL; may be NULL */
};

/* The texts of replies are overwritten after the planner has seen them. */
struct plan *planning_plan(const struct planning *planning);

/*
 *     0 update stream A
 *         max_age: 1d -> 7d
 *         loses up to 5 messages: 'max_age' goes from 1d to 7d
 *     1 create consumer A > c
 *     in sync: 3
 */
const char *planning_text(const struct plan *plan);

#define LIVE(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
