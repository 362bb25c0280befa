/*
 * Which step waits for which, and ranks of it; see order.h. A step is placed once everything that it needs is, one rank
 * above the highest of these. When none can be placed, the rest waits in circles. A soft dependency (an origin before
 * its mirror: a server takes them in either order) is dropped where it closes one; where all are hard there is no order.
 */
#include "plan/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "plan/parts.h"
#include "plan/replace.h"
#include "plan/risk.h"
#include "plan/step.h"

/* ---- needs ---- */

/* A subject moves. */
struct move {
    struct step *holder;
    struct step *claimer;
};

struct needs {
    struct arena *arena;
    struct plan *plan;
    VEC(struct step *) nodes; /* the plan's steps, and their first parts behind them */
    struct map streams;       /* name to struct step */
    struct map consumers;     /* resource_key() to struct step */
    VEC(struct move) moves;
};

/* The part of the step that others wait for. */
static struct step *early(struct step *step)
{
    return step && step->first ? step->first : step;
}

static void add_need(const struct needs *needs, struct step *step, struct step *on, bool hard)
{
    /* A stream may be its own origin by a mistake; rules report that. */
    if (on && on != step)
        VEC_PUSH(needs->arena, &step->needs, ((struct dependency){.on = on, .hard = hard}));
}

/* Up to 2.13 a copy is a consumer of a work queue: the queue's own are refused beside it, and it is not beside them. */
static void need_readers(const struct needs *needs, struct step *copy, const char *queue)
{
    for (size_t i = 0; i < needs->plan->steps.count; i++) {
        struct step *step = needs->plan->steps.items[i];
        if (step->queued && step->wanted && strcmp(step->stream, queue) == 0)
            add_need(needs, copy, step, false);
    }
}

static void need_origin(const struct needs *needs, struct step *step, const struct object *origin)
{
    const char *stream = object_text(origin, ORIGIN_NAME);
    const struct object *delivery = object_object(origin, ORIGIN_CONSUMER);
    const char *consumer = delivery ? object_text(delivery, DELIVERY_NAME) : NULL;
    if (!stream || object_has(origin, ORIGIN_EXTERNAL, NULL))
        return;
    struct step *on = map_get(&needs->streams, stream);
    bool goes = on && on->action == ACTION_DELETE;
    if (goes && step->action == ACTION_DELETE) /* a copy is deleted before its origin */
        add_need(needs, on, step, false);
    if (goes || step->action == ACTION_DELETE)
        return;
    add_need(needs, step, on, false);
    if (!version_has(needs->plan->target.version, VERSION(2, 14, 0)))
        need_readers(needs, step, stream);
    if (consumer)
        add_need(needs, step, map_get(&needs->consumers, resource_key(needs->arena, stream, consumer)),
                 false);
}

static void need_origins(const struct needs *needs, struct step *step)
{
    const struct object *stream = step->wanted ? step->wanted : step->live;
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    if (mirror)
        need_origin(needs, step, mirror);
    for (size_t i = 0; i < sources->count; i++)
        need_origin(needs, step, sources->items[i].object);
}

/* ---- subjects that move from one stream to another ---- */

static bool claims(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            return true;
    return false;
}

/* As texts: a subject that is replaced by a wider one is given up and claimed anew in one request. */
static bool still_holds(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (strcmp(subjects->items[i].text, subject) == 0)
            return true;
    return false;
}

static void take_over(const struct needs *needs, struct step *step, const struct step *holder,
                      const char *subject)
{
    const struct value_list *subjects = object_list(step->wanted, STREAM_SUBJECTS);
    for (size_t i = 0; !step->whole && i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            VEC_PUSH(needs->arena, &step->takes, ((struct takeover){subjects->items[i].text, holder}));
}

/* What the claimer is done after, the holder is too: so that nobody has the subject for as short a time as possible. */
static void wait_with(const struct needs *needs, struct step *holder, const struct step *claimer)
{
    for (size_t i = 0; i < claimer->needs.count; i++)
        if (claimer->needs.items[i].on->action != ACTION_DELETE)
            add_need(needs, holder, claimer->needs.items[i].on, false);
}

/* The server checks overlaps at each request: what one stream gives up another can take only afterwards. */
static void need_released(struct needs *needs, struct step *holder, const char *subject)
{
    for (size_t i = 0; i < needs->nodes.count; i++) {
        struct step *step = needs->nodes.items[i];
        bool same = step == holder || step->whole == holder || step == holder->whole;
        if (step->stream || !step->wanted || same || !claims(step->wanted, subject))
            continue;
        VEC_PUSH(needs->arena, &needs->moves, ((struct move){holder, step}));
        take_over(needs, step, holder, subject);
    }
}

static void release_subjects(struct needs *needs, struct step *step)
{
    struct step *holder = early(step);
    if (!step->live)
        return;
    const struct value_list *before = object_list(step->live, STREAM_SUBJECTS);
    for (size_t i = 0; i < before->count; i++)
        if (!holder->wanted || !still_holds(holder->wanted, before->items[i].text))
            need_released(needs, holder, before->items[i].text);
}

static void need_moves(const struct needs *needs)
{
    for (size_t i = 0; i < needs->moves.count; i++)
        wait_with(needs, needs->moves.items[i].holder, needs->moves.items[i].claimer);
    for (size_t i = 0; i < needs->moves.count; i++)
        add_need(needs, needs->moves.items[i].claimer, needs->moves.items[i].holder, true);
}

/* ---- consumers and their stream ---- */

/* Has the consumer to change before its stream's limits do? */
static bool goes_first(const struct needs *needs, const struct step *consumer, const struct step *stream)
{
    struct limits_change change = {stream->live, stream->wanted, consumer->live, consumer->wanted};
    return consumer->live && stream->live && stream->wanted &&
           step_change_by_id(stream, STREAM_CONSUMER_LIMITS) &&
           limits_order_of(&change, needs->plan->target.version, NULL) == LIMITS_CONSUMER_FIRST;
}

/* A consumer is deleted: new limits of its stream may have to wait for that, and so do other consumers of a work queue. */
static void need_deleted(const struct needs *needs, struct step *stream, struct step *deleted)
{
    if (stream && stream->wanted && step_change_by_id(stream, STREAM_CONSUMER_LIMITS))
        add_need(needs, early(stream), deleted, true);
    for (size_t i = 0; deleted->makes_room && i < needs->plan->steps.count; i++) {
        struct step *step = needs->plan->steps.items[i];
        if (step->stream && step->wanted && strcmp(step->stream, deleted->stream) == 0)
            add_need(needs, step, deleted, true);
    }
}

static void need_stream(const struct needs *needs, struct step *consumer)
{
    struct step *stream = map_get(&needs->streams, consumer->stream);
    if (!consumer->wanted) {
        need_deleted(needs, stream, consumer);
        return;
    }
    if (!stream)
        return;
    if (goes_first(needs, consumer, stream))
        add_need(needs, early(stream), consumer, true);
    else if (stream->first || !stream->awaits.count) /* nothing waits for a stream that does all of it last */
        add_need(needs, consumer, stream->awaits.count ? early(stream) : stream, true);
}

/* What a consumer of an interest stream gives up, a new one may want: it has to be there before. What is deleted comes last anyway. */
static void need_heirs(const struct needs *needs, struct step *consumer)
{
    if (!consumer->wanted || !consumer->retention || strcmp(consumer->retention, CHOICE_INTEREST) != 0 ||
        !risk_is_possible(consumer))
        return;
    for (size_t i = 0; i < needs->plan->steps.count; i++) {
        struct step *step = needs->plan->steps.items[i];
        if (step->action == ACTION_CREATE && step->stream && strcmp(step->stream, consumer->stream) == 0)
            add_need(needs, consumer, step, false);
    }
}

static void need_awaited(const struct needs *needs, struct step *stream)
{
    add_need(needs, stream, stream->first, true);
    for (size_t i = 0; i < stream->awaits.count; i++)
        add_need(needs, stream, stream->awaits.items[i], true);
}

/* ---- filters that move from one consumer of a work queue to another ---- */

static bool filters_collide(const struct object *one, const struct object *other)
{
    const struct value *ours;
    const struct value *theirs;
    size_t our_count = consumer_filters(one, &ours);
    size_t their_count = consumer_filters(other, &theirs);
    bool collide = our_count == 0 || their_count == 0; /* without a filter it takes all */
    for (size_t i = 0; i < our_count; i++)
        for (size_t j = 0; j < their_count && !collide; j++)
            collide = subjects_collide(ours[i].text, theirs[j].text);
    return collide;
}

static bool takes_all(const struct object *consumer)
{
    return !consumer_filters(consumer, &(const struct value *){NULL});
}

/* Servers look at creates, and from 2.10 on at updates; but not at one that takes the filter away. */
static void need_filters(const struct needs *needs, struct step *claimer, struct step *holder)
{
    if (claimer == holder || strcmp(claimer->stream, holder->stream) != 0 || takes_all(claimer->wanted))
        return;
    bool hard =
        claimer->action == ACTION_CREATE || version_has(needs->plan->target.version, VERSION(2, 10, 0));
    if (filters_collide(claimer->wanted, holder->live))
        add_need(needs, claimer, holder, hard);
    if (takes_all(holder->wanted))
        add_need(needs, holder, claimer, hard);
}

static bool copies_from(const struct object *stream, const char *name)
{
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    bool found = mirror && strcmp(object_text(mirror, ORIGIN_NAME), name) == 0;
    for (size_t i = 0; i < sources->count; i++)
        found |= strcmp(object_text(sources->items[i].object, ORIGIN_NAME), name) == 0;
    return found;
}

static bool is_of_queue(const struct needs *needs, const struct step *consumer)
{
    const struct step *stream = map_get(&needs->streams, consumer->stream);
    return consumer->queued ||
           (stream && stream->wanted && object_has(stream->wanted, STREAM_RETENTION, CHOICE_WORKQUEUE));
}

/* What no consumer wants, a copy takes out of a queue; up to 2.10 no consumer can be made beside a copy. */
static void need_claimed(const struct needs *needs, struct step *copy)
{
    const struct plan *plan = needs->plan;
    bool copies = copy->wanted && (object_object(copy->wanted, STREAM_MIRROR) ||
                                   object_list(copy->wanted, STREAM_SOURCES)->count > 0);
    for (size_t i = 0; copies && i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->stream && step->wanted && copies_from(copy->wanted, step->stream) &&
            is_of_queue(needs, step))
            add_need(needs, copy, step, false);
    }
}

static void need_queues(const struct needs *needs)
{
    VEC(struct step *) claimers = {0};
    for (size_t i = 0; i < needs->plan->steps.count; i++) {
        struct step *step = needs->plan->steps.items[i];
        if (step->queued && step->wanted && step_wants_more(step))
            VEC_PUSH(needs->arena, &claimers, step);
    }
    for (size_t i = 0; i < claimers.count; i++)
        for (size_t j = 0; claimers.items[i]->live && j < claimers.count; j++)
            need_filters(needs, claimers.items[j], claimers.items[i]);
}

static void find_needs_of(struct needs *needs, struct step *step)
{
    if (step->stream) { /* one that is made anew is as wanted when that is done */
        need_stream(needs, early(step));
        need_heirs(needs, early(step));
        add_need(needs, step, step->first, true);
        return;
    }
    need_origins(needs, step);
    need_claimed(needs, step);
    if (step->first)
        need_origins(needs, step->first);
    release_subjects(needs, step);
    need_awaited(needs, step);
}

/* Returns how many nodes the graph has. */
static size_t find_needs(struct needs *needs)
{
    struct plan *plan = needs->plan;
    map_init(&needs->streams, needs->arena);
    map_init(&needs->consumers, needs->arena);
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        VEC_PUSH(needs->arena, &needs->nodes, step);
        if (step->stream)
            map_put(&needs->consumers, resource_key(needs->arena, step->stream, step->name), step);
        else
            map_put(&needs->streams, step->name, step);
    }
    for (size_t i = 0; i < plan->firsts.count; i++)
        VEC_PUSH(needs->arena, &needs->nodes, plan->firsts.items[i]);
    for (size_t i = 0; i < plan->steps.count; i++)
        find_needs_of(needs, plan->steps.items[i]);
    need_moves(needs);
    need_queues(needs);
    return needs->nodes.count;
}

/* ---- ranks ---- */

static DIAG_CODE(
    code_cycle, .name = "cycle", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Streams or consumers wait for each other, so that no order of changes can work.",
    .why =
        "Each of them has to come before the other: two streams that swap their subjects, when A has b and B has a; "
        "or two consumers of a work queue that swap their filters.",
    .example = "streams: {A: {subjects: [a]}, B: {subjects: [b]}}",
    .remedy =
        "Apply the change in two steps, the first of which takes the subjects or the filter from one of them.");

/* A step that is waiting for another one. */
struct waiter {
    struct step *step;
    const struct dependency *need;
};

struct waiters {
    VEC(struct waiter) list;
};

struct ordering {
    struct step *const *nodes;
    size_t nodes_count;
    struct diags *diags;
    size_t *waits;           /* by step: for how many others it still waits */
    struct waiters *waiters; /* by step: the steps that wait for it */
    struct step **placed;    /* in the order in which they were placed */
    size_t count;
};

/* Once placed, a step is not looked at again, so each is placed exactly once. */
static void place_if_free(struct ordering *ordering, struct step *step)
{
    if (ordering->waits[step->index] == 0)
        ordering->placed[ordering->count++] = step;
}

/* For each placed step from `next` on, places those that waited for nothing else. */
static void place_waiters(struct ordering *ordering, size_t next)
{
    for (; next < ordering->count; next++) {
        const struct step *step = ordering->placed[next];
        const struct waiters *waiters = &ordering->waiters[step->index];
        for (size_t i = 0; i < waiters->list.count; i++) {
            const struct waiter *waiter = &waiters->list.items[i];
            if (waiter->need->dropped)
                continue;
            if (waiter->step->rank <= step->rank)
                waiter->step->rank = step->rank + 1;
            ordering->waits[waiter->step->index]--;
            place_if_free(ordering, waiter->step);
        }
    }
}

/* The first dependency that keeps the step waiting. */
static struct dependency *open_need(const struct ordering *ordering, const struct step *step)
{
    struct dependency *need = step->needs.items;
    while (need->dropped || ordering->waits[need->on->index] == 0)
        need++;
    return need;
}

/* Finds a step in a circle: following open needs for as many steps as there are must end in one. */
static struct step *find_circle(const struct ordering *ordering)
{
    struct step *const *step = ordering->nodes;
    while (ordering->waits[(*step)->index] == 0)
        step++;
    struct step *at = *step;
    for (size_t i = 0; i < ordering->nodes_count; i++)
        at = open_need(ordering, at)->on;
    return at;
}

static void report_circle(struct step *step, const struct step *on, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_cycle, step->pos,
                                 "%s needs a %s that %s still holds and gives up only after %s", step->label,
                                 step->stream ? "filter" : "subject", on->label, step->label);
    if (step->stream)
        diag_hint(
            diags, diag,
            "give it a filter that nothing matches in one apply, and the one that it needs in the next");
    else
        diag_hint(diags, diag, "free the subject in one apply, and claim it in the next");
    step_refuse(diags, step->whole ? step->whole : step, diag);
}

static void break_circle(struct ordering *ordering)
{
    struct step *const start = find_circle(ordering);
    struct step *step = start;
    /* The first soft need on the circle is dropped; if all are hard, it is the one that closes the circle. */
    while (open_need(ordering, step)->hard && open_need(ordering, step)->on != start)
        step = open_need(ordering, step)->on;
    struct dependency *need = open_need(ordering, step);
    if (need->hard)
        report_circle(step, need->on, ordering->diags);
    need->dropped = true;
    ordering->waits[step->index]--;
    place_if_free(ordering, step);
}

/*
 * Deletes go last, unless another step waits for them. So after a failure there is rather too much than too little. The
 * steps are walked backwards through the order of placing: then all that need a step come before it.
 */
static void put_deletes_last(struct arena *arena, const struct ordering *ordering)
{
    bool *early = ARENA_ARRAY(arena, bool, ordering->nodes_count);
    size_t ranks = 0;
    for (size_t i = ordering->count; i > 0; i--) {
        const struct step *step = ordering->placed[i - 1];
        early[step->index] |= step->action != ACTION_DELETE && step->action != ACTION_REFUSED;
        if (!early[step->index])
            continue;
        ranks = step->rank >= ranks ? step->rank + 1 : ranks;
        for (size_t j = 0; j < step->needs.count; j++)
            if (!step->needs.items[j].dropped)
                early[step->needs.items[j].on->index] = true;
    }
    for (size_t i = 0; i < ordering->count; i++)
        if (!early[ordering->placed[i]->index])
            ordering->placed[i]->rank += ranks;
}

static void count_needs(struct arena *arena, struct ordering *ordering, struct step *step)
{
    for (size_t i = 0; i < step->needs.count; i++) {
        const struct dependency *need = &step->needs.items[i];
        VEC_PUSH(arena, &ordering->waiters[need->on->index].list, ((struct waiter){step, need}));
        ordering->waits[step->index]++;
    }
}

static bool is_any_replaced(const struct plan *plan)
{
    bool any = false;
    for (size_t i = 0; i < plan->steps.count; i++) {
        enum action action = plan->steps.items[i]->action;
        any |= action == ACTION_MIGRATE || action == ACTION_RECREATE;
    }
    return any;
}

/* Most plans have no stream that might take two requests. */
static bool may_have_parts(const struct plan *plan)
{
    bool any = false;
    for (size_t i = 0; i < plan->steps.count && !any; i++) {
        const struct step *step = plan->steps.items[i];
        any = !step->stream && step->wanted &&
              (object_has(step->wanted, STREAM_RETENTION, CHOICE_INTEREST) ||
               step_change_by_id(step, STREAM_NUM_REPLICAS));
    }
    return any;
}

void plan_order(struct arena *arena, struct plan *plan, struct diags *diags)
{
    struct needs needs = {.arena = arena, .plan = plan};
    if (is_any_replaced(plan))
        replace_divide(arena, plan);
    if (may_have_parts(plan))
        parts_divide(arena, plan);
    size_t steps = find_needs(&needs);
    struct ordering ordering = {
        .nodes = needs.nodes.items,
        .nodes_count = steps,
        .diags = diags,
        .waits = ARENA_ARRAY(arena, size_t, steps),
        .waiters = ARENA_ARRAY(arena, struct waiters, steps),
        .placed = ARENA_ARRAY(arena, struct step *, steps),
    };
    for (size_t i = 0; i < steps; i++)
        count_needs(arena, &ordering, needs.nodes.items[i]);
    for (size_t i = 0; i < steps; i++)
        place_if_free(&ordering, needs.nodes.items[i]);
    place_waiters(&ordering, 0);
    while (ordering.count < steps) {
        size_t before = ordering.count;
        break_circle(&ordering);
        place_waiters(&ordering, before);
    }
    put_deletes_last(arena, &ordering);
    for (size_t i = 0; i < steps; i++)
        if (needs.nodes.items[i]->rank >= plan->ranks)
            plan->ranks = needs.nodes.items[i]->rank + 1;
}

void plan_sort(struct plan *plan)
{
    if (plan->steps.count)
        qsort(plan->steps.items, plan->steps.count, sizeof(*plan->steps.items), step_compare);
    for (size_t i = 0; i < plan->steps.count; i++)
        plan->steps.items[i]->index = i;
}
