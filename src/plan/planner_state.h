/*
 * What the planner knows while it works: planner.c sees and compares, planner_others.c asks what others have, and what the rules make
 * of all of it. Nobody else includes this.
 */
#ifndef PLAN_PLANNER_STATE_H
#define PLAN_PLANNER_STATE_H

#include "field/check.h"
#include "kind/kinds.h"
#include "plan/copies.h"
#include "plan/prune.h"
#include "plan/step.h"

/* What is remembered of each resource while objects are read. */
struct seen {
    bool found;
    struct step *step;         /* NULL: in sync */
    struct stream_state state; /* for a stream */
    const char *retention;     /* for a live stream */
    struct object *live;       /* for an external stream, because of its consumer limits */
    /* Of what is ignored in part: the manifest's own configuration, and the same before it was normalised, to be checked. */
    struct object *written;
    struct object *unchecked;
    struct diag *fault; /* an error that the check found; NULL: none */
};

/* A stream that the manifest does not name, and an origin of its mirror or one of its sources. */
struct copier {
    const char *stream;
    const char *origin;
};

struct planner {
    struct arena *arena;
    struct arena scratch;
    struct manifest *manifest;
    struct plan *plan;
    struct plan_options options;
    struct diags *diags;
    struct prune *prune;
    struct unmanaged *unmanaged;
    struct copies *copies;           /* NULL: the manifest has no mirror and no source */
    bool others_known;               /* all questions about streams outside of the manifest were answered */
    bool prepared;                   /* the wanted objects were checked and normalised */
    struct map unknown;              /* names of settings that no row knows */
    VEC(struct step *) deleted;      /* that only the earlier manifest has */
    VEC(struct copier) copiers;      /* as far as they were seen, and only where anything may be deleted */
    VEC(struct holdings *) holdings; /* that were asked for */
};

/* Checks the wanted objects, when the first object arrives. */
void planner_prepare(struct planner *planner);
/* Is it a work queue, of the streams that are there? */
bool planner_is_queue(const struct seen *stream);
/* Warns of what the server says to fail of a stream's mirror and sources. */
void planner_report_origins(struct planner *planner, const struct resource *stream,
                            const struct live_object *live);
/* Remembers what the stream copies from, if it is not the manifest's. */
void planner_see_copier(struct planner *planner, const struct live_object *stream);
/* Warns of streams that are deleted while others that stay copy from them. */
void planner_report_deleted(struct planner *planner);
/* Refuses new consumer limits that existing consumers exceed, the manifest's or others'. */
void planner_weigh_limits(struct planner *planner);
/* Reckons what the steps lose, with what is known by now, and refuses those of the manifest that would lose messages. */
void planner_refuse_losses(struct planner *planner);
/* Asks the rules, and refuses the steps of which they find an error. */
void planner_check_rules(struct planner *planner);

#endif
