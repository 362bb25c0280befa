/*
 * What the planner knows while it works: planner.c sees and compares, planner_classify.c decides about differences, planner_others.c asks
 * what others have, and what the rules make of all of it; planner_origins.c is about mirrors, sources and what they copy from. Nobody else includes this.
 */
#ifndef PLAN_PLANNER_STATE_H
#define PLAN_PLANNER_STATE_H

#include "field/check.h"
#include "kind/kinds.h"
#include "plan/copies.h"
#include "plan/prune.h"
#include "plan/step.h"

/*
 * ---- unmanaged ----
 * Streams on the server that the manifest does not name, and that matter to it: they have a subject that one of its
 * streams wants, or copy from one of its streams, or one of its streams copies from them. And the consumers of its streams that
 * it does not name, where the server counts them too. Where the account was not listed from end to end, planner_ask() asks for
 * them.
 */

struct unmanaged;

struct unmanaged *unmanaged_new(struct arena *arena, const struct manifest *manifest, struct instant now);

/* Takes a live object, after the wanted streams were normalised. If it matters, it is copied. */
void unmanaged_see(struct unmanaged *unmanaged, const struct live_object *live);

/* The state of a stream that was seen and matters, and its configuration; NULL for any other. */
const struct stream_state *unmanaged_state(const struct unmanaged *unmanaged, const char *name,
                                           const struct object **ret_config);

/* ---- what the planner has in mind ---- */

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
    struct diag *fault;       /* an error that the check found; NULL: none */
    const char *renamed_from; /* what was found has this name still; NULL: its own */
    bool has_marked;          /* for a stream: one of its consumers has the project's mark */
    uint64_t high;            /* the value of its lowered_field(), if it was seen */
    bool is_lowered;          /* it is in planner->lowered */
    bool kept;                /* in this plan, it counts as it was in the last one */
    struct object *declared;  /* while a copy of it is lent, as `written` */
    uint64_t content; /* with the option `minds_content`: a digest of what the server has; 0: nothing */
    uint64_t told;    /* the same when planner_is_news() was asked last, or when it was first seen */
};

/* An object with another name in the manifest than it had before; see planner_renames.c. */
struct rename_source;

/* A stream that the manifest does not name, and an origin of its mirror or one of its sources. */
struct copier {
    const char *stream;
    const char *origin;
    bool mirrors;
    uint64_t last; /* the sequence of its last message */
};

/* A setting of an object that is in sync but for being lower than the default, which nobody asked for. */
struct lowered {
    struct resource *resource;
    struct live_object live;
    struct object *earlier; /* of an earlier manifest, in place of a live one; else NULL */
    const struct field *field;
    uint64_t value;
};

/* A consumer that somebody has paused, and for how long. */
struct paused {
    struct resource *resource;
    struct instant until;
};

struct planner {
    struct arena *arena;
    struct arena scratch;
    struct manifest *manifest;
    struct plan *plan;
    struct plan_options options;
    struct diags *diags;
    struct prune *prune; /* NULL: nothing was seen yet */
    struct unmanaged *unmanaged;
    struct copies *copies;           /* NULL: the manifest has no mirror and no source */
    const struct manifest *part;     /* see planner_part() */
    bool others_known;               /* all questions about streams outside of the manifest were answered */
    bool prepared;                   /* the wanted objects were checked and normalised */
    struct map unknown;              /* names of settings that no row knows */
    VEC(struct step *) deleted;      /* that only the earlier manifest has */
    VEC(struct copier) copiers;      /* as far as they were seen */
    VEC(struct lowered) lowered;     /* what may be the server's limit */
    uint64_t highest[2];             /* of these settings, of all streams and all consumers that were seen */
    VEC(struct holdings *) holdings; /* that were asked for */
    VEC(struct rename_source *) renames;
    VEC(struct step *) unmarked; /* adoptions of what has no mark at all */
    VEC(struct paused) paused;   /* as far as the manifest says nothing of it */
    VEC(struct step *) left;     /* what `destroy` leaves, as it is not the project's */
};

/*
 * With the option `again`: what was in sync in the last plan counts as it did, and nobody looks at it. The other objects are the planner's part,
 * and each is lent a copy of what the plan changes; see planner_again.c.
 */
void planner_begin_again(struct planner *planner);

/* Checks the wanted objects, when the first object arrives. */
void planner_prepare(struct planner *planner);
/* Says what becomes of an object that differs, by its changes: they were compared. It may be refused. */
void planner_classify(struct planner *planner, struct step *step, bool adopts,
                      const struct live_object *live);
/* Says that what is adopted is new to the project, or has lost its mark. */
void planner_note_unmarked(struct planner *planner);
/* Remembers a pause that goes on, and of which the manifest says nothing. */
void planner_see_pause(struct planner *planner, struct resource *resource, const struct live_object *live);
/* Says of each that it stays, or ends as its consumer is made anew. */
void planner_note_pauses(struct planner *planner);
/* Refuses what new copies take out of work queues; those are known in the end, and whatever their place in the manifest. */
void planner_refuse_drains(struct planner *planner);
/* Warns of a step that leaves its stream, which is to be sealed, empty. */
void planner_warn_sealed(struct planner *planner, const struct step *step);
/* Says of an object that differs that the revision, whose record it has, is not what it is. */
void planner_note_revision(struct planner *planner, const struct step *step);
/* `destroy` does not delete the object, since it is not the project's; says so in the end. */
void planner_leave(struct planner *planner, struct resource *resource, const struct live_object *live);
void planner_note_left(struct planner *planner);
/* Decides what could not be decided before the position of a consumer was known. */
void planner_decide(struct planner *planner, struct step *step);
/* Refuses to delete what the manifest protects. Returns whether it did. */
bool planner_refuse_protected(struct planner *planner, struct step *step);
/* Is the consumer's stream made anew, without what is in it? */
bool planner_recreates(const struct resource *consumer);
/* Objects that get another name: remembers which those are. */
void planner_begin_renames(struct planner *planner);
/* Is it one under its old name, or a consumer of such a stream? Then it is kept. */
bool planner_take_renamed(struct planner *planner, const struct live_object *live);
/* Asks for what was not seen, and once that is there, sees it under its new name. Returns whether something was asked. */
bool planner_ask_renames(struct planner *planner, struct live_questions *questions);
/* Makes their steps renames. */
void planner_finish_renames(struct planner *planner);
/* Asks for the consumers of the stream, unless somebody has. */
void planner_ask_consumers(struct planner *planner, const char *stream, struct live_questions *questions);
/* Is it a work queue, of the streams that are there? */
bool planner_is_queue(const struct seen *stream);
/* Does the plan delete the stream, or (unless that is NULL) its consumer? */
bool planner_deletes(void *planner, const char *stream, const char *consumer);
/* A stream that is there, stays and copies from the origin, as people call it; NULL: none is known. */
const char *planner_copy_of(const struct planner *planner, const char *origin);
/* Warns of what the server says to fail of a stream's mirror and sources. */
void planner_report_origins(struct planner *planner, const struct resource *stream,
                            const struct live_object *live);
/* Minds what new mirrors and sources of the manifest do to what they copy from. */
void planner_begin_copies(struct planner *planner);
/* Remembers what the stream copies from, if it is not the manifest's. */
void planner_see_copier(struct planner *planner, const struct live_object *stream);
/* Warns of streams that are deleted while others that stay copy from them. */
void planner_report_deleted(struct planner *planner);
/* Warns of streams that are created and of which copies are there already. */
void planner_report_anew(struct planner *planner);
/* For planner_is_news(): minds what the server has of the manifest's consumer. */
void planner_see_content(struct resource *consumer, const struct node *config);
/* Remembers what of the object may be a limit of the server; `resource` is the manifest's object, NULL: it names none. */
void planner_see_lowered(struct planner *planner, struct resource *resource, const struct live_object *live);
/* The same of an object of an earlier manifest; `resource` is what it is now, or NULL. */
void planner_see_earlier_lowered(struct planner *planner, struct resource *resource,
                                 const struct resource *earlier);
/* Tells the server's limits from what somebody has set: that is a difference, and what may be either gets a note. */
void planner_judge_lowered(struct planner *planner);
/* Refuses new consumer limits that existing consumers exceed, the manifest's or others'. */
void planner_weigh_limits(struct planner *planner);
/* Reckons what the steps lose, with what is known by now, and refuses those of the manifest that would lose messages. */
void planner_refuse_losses(struct planner *planner);
/* Asks the rules, and refuses the steps of which they find an error. */
void planner_check_rules(struct planner *planner);

#endif
