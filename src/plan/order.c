/*
 * Order: from dependencies to ranks. A step's rank is one more than the highest rank that it needs, found depth first.
 * Soft dependencies (an origin before its mirror: a server takes them in either order) are dropped where they close a
 * cycle; hard ones cannot be.
 */
#include "plan/plan.h"

#include "base/diag.h"

enum visit {
    VISIT_NEW,
    VISIT_OPEN,
    VISIT_DONE,
};

bool plan_is_empty(const struct plan *plan)
{
    return plan->steps.count == 0;
}

const char *action_name(enum action action)
{
    static const char *const names[] = {
        [ACTION_NONE] = "no-op",   [ACTION_CREATE] = "create", [ACTION_UPDATE] = "update",
        [ACTION_ADOPT] = "adopt",  [ACTION_DELETE] = "delete", [ACTION_REFUSED] = "refused",
    };
    return names[action];
}

static void report_cycle(struct step *step, struct step *on, struct diags *diags)
{
    struct diag *diag = diag_add(diags, DIAG_CYCLE, step->pos, "%s and %s each need a subject that the other still holds",
                                 step->label, on->label);
    diag_hint(diags, diag, "free the subject in one apply, and claim it in the next");
    step->action = ACTION_REFUSED;
}

static size_t rank_of(struct step *step, struct diags *diags)
{
    step->visiting = VISIT_OPEN;
    size_t rank = 0;
    for (size_t i = 0; i < step->needs.count; i++) {
        const struct dependency *need = &step->needs.items[i];
        if (need->on->visiting == VISIT_OPEN) {
            if (need->hard)
                report_cycle(step, need->on, diags);
            continue;
        }
        size_t below = need->on->visiting == VISIT_DONE ? need->on->rank : rank_of(need->on, diags);
        if (below + 1 > rank)
            rank = below + 1;
    }
    step->visiting = VISIT_DONE;
    step->rank = rank;
    return rank;
}

void plan_order(struct arena *arena, struct plan *plan, struct diags *diags)
{
    (void)arena;
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->visiting == VISIT_NEW)
            rank_of(step, diags);
        if (step->rank + 1 > plan->ranks)
            plan->ranks = step->rank + 1;
    }
}
