/*
 * Order: from dependencies to ranks. A step is placed once everything that it needs is, one rank above the highest of these.
 * When none can be placed, the rest waits in circles. A soft dependency (an origin before its mirror: a server takes
 * them in either order) is dropped where it closes one; where all are hard there is no order.
 */
#include "plan/plan.h"

#include "base/diag.h"

static DIAG_CODE(
    code_cycle, .name = "cycle", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Streams wait for each other, so that no order of changes can work.",
    .why =
        "Each of them has to come before the other: two streams that swap their subjects, when A has b and B has a.",
    .example = "streams: {A: {subjects: [a]}, B: {subjects: [b]}}",
    .remedy = "Apply the change in two steps, the first of which takes the subjects from one of them.");

/* A step that is waiting for another one. */
struct waiter {
    struct step *step;
    const struct dependency *need;
};

struct waiters {
    VEC(struct waiter) list;
};

struct ordering {
    struct plan *plan;
    struct diags *diags;
    size_t *waits;           /* by step: for how many it still waits */
    struct waiters *waiters; /* by step: who waits for it */
    struct step **placed;    /* in the order of being placed */
    size_t count;
};

bool plan_is_empty(const struct plan *plan)
{
    return plan->steps.count == 0;
}

const char *action_name(enum action action)
{
    static const char *const names[] = {
        [ACTION_NONE] = "no-op",      [ACTION_CREATE] = "create", [ACTION_UPDATE] = "update",
        [ACTION_ADOPT] = "adopt",     [ACTION_FORGET] = "forget", [ACTION_DELETE] = "delete",
        [ACTION_REFUSED] = "refused",
    };
    return names[action];
}

static void place_if_free(struct ordering *ordering, struct step *step)
{
    if (ordering->waits[step->index] == 0)
        ordering->placed[ordering->count++] = step;
}

/* From `next` on, each step that is placed lets those go that wait for nothing else. */
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

/* The first need for which a step still waits. */
static struct dependency *open_need(const struct ordering *ordering, const struct step *step)
{
    struct dependency *need = step->needs.items;
    while (need->dropped || ordering->waits[need->on->index] == 0)
        need++;
    return need;
}

/* Whoever follows the needs of those that wait, long enough, goes round in a circle. */
static struct step *find_circle(const struct ordering *ordering)
{
    struct step *const *step = ordering->plan->steps.items;
    while (ordering->waits[(*step)->index] == 0)
        step++;
    struct step *at = *step;
    for (size_t i = 0; i < ordering->plan->steps.count; i++)
        at = open_need(ordering, at)->on;
    return at;
}

static void report_circle(struct step *step, const struct step *on, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_cycle, step->pos,
                                 "%s needs a subject that %s still holds and gives up only after %s",
                                 step->label, on->label, step->label);
    diag_hint(diags, diag, "free the subject in one apply, and claim it in the next");
    step->action = ACTION_REFUSED;
}

static void break_circle(struct ordering *ordering)
{
    struct step *const start = find_circle(ordering);
    struct step *step = start;
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
 * Deletes go last, so that a failure before them leaves more than less; but for those that somebody else waits for.
 * Backwards in the order of placing, whoever needs a step has been looked at before it.
 */
static void put_deletes_last(struct arena *arena, const struct ordering *ordering)
{
    bool *early = ARENA_ARRAY(arena, bool, ordering->plan->steps.count);
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

void plan_order(struct arena *arena, struct plan *plan, struct diags *diags)
{
    size_t steps = plan->steps.count;
    struct ordering ordering = {
        .plan = plan,
        .diags = diags,
        .waits = ARENA_ARRAY(arena, size_t, steps),
        .waiters = ARENA_ARRAY(arena, struct waiters, steps),
        .placed = ARENA_ARRAY(arena, struct step *, steps),
    };
    for (size_t i = 0; i < steps; i++)
        count_needs(arena, &ordering, plan->steps.items[i]);
    for (size_t i = 0; i < steps; i++)
        place_if_free(&ordering, plan->steps.items[i]);
    place_waiters(&ordering, 0);
    while (ordering.count < steps) {
        size_t before = ordering.count;
        break_circle(&ordering);
        place_waiters(&ordering, before);
    }
    put_deletes_last(arena, &ordering);
    for (size_t i = 0; i < steps; i++)
        if (plan->steps.items[i]->rank >= plan->ranks)
            plan->ranks = plan->steps.items[i]->rank + 1;
}
