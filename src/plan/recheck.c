/* Steps, right before they are carried out; see recheck.h. apply/ reads the objects, and carries out what this makes of the steps. */
#include "plan/recheck.h"

#include <string.h>

#include "field/value_text.h"
#include "kind/kinds.h"
#include "plan/compare.h"
#include "plan/mark.h"
#include "plan/risk.h"
#include "plan/saved.h"
#include "plan/step.h"

bool recheck_asks_stream(const struct step *step)
{
    return step->stream && risk_is_possible(step);
}

static const char *done_to(const struct step *step)
{
    return step->action == ACTION_DELETE ? "deleted" : "changed";
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- what is different ---- */

/* Does it undo what somebody else has set meanwhile? What the plan changes may be done already, but nothing else may differ. */
static bool is_news(const struct step *step, const struct change *change)
{
    const struct change *shown = step_change(step, change->field);
    return !shown || !value_equal(change->field, shown->before, change->before);
}

static enum recheck refuse_other_change(const struct step *step, const struct step *now, struct diags *diags)
{
    struct diag *diag = NULL;
    for (size_t i = 0; i < now->changes.count; i++) {
        const struct change *change = &now->changes.items[i];
        if (!is_news(step, change))
            continue;
        if (!diag)
            diag = diag_add(diags, &code_stale_plan, step->pos,
                            "%s was not %s: it is not as it was when the plan was made", step->label,
                            done_to(step));
        diag_note(diags, diag, (struct srcpos){0}, "'%s' is %s now", change->shown.field->name,
                  value_text(&diags->arena, change->shown.field, change->shown.before));
    }
    if (!diag)
        return RECHECK_GOES_ON;
    diag_hint(diags, diag, "somebody else changed it; run the same command again to see what that means");
    return RECHECK_REFUSED;
}

/* Whose an object is may change without any other difference: a mark is metadata. */
static enum recheck refuse_owner(const struct step *step, const struct step *now, struct diags *diags)
{
    const struct live_object is = step_as_read(now);
    const struct live_object was = step_as_read(step);
    if (same_text(mark_owner(&is), mark_owner(&was)))
        return RECHECK_GOES_ON;
    diag_error(diags, &code_foreign, step->pos,
               "%s was not %s: it is no longer whose it was when the plan was made", step->label,
               done_to(step));
    return RECHECK_REFUSED;
}

void recheck_refuse_place(const struct step *step, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_stale_plan, step->pos,
                 "%s was not created: it is there, and was not when the plan was made", step->label);
    diag_hint(diags, diag, "somebody else made it; run the same command again to see how it differs");
}

/* What the plan showed. What a consumer's step takes may also be what its stream's step has taken already, as interest retention does. */
static struct loss shown_loss(const struct plan *plan, const struct step *step)
{
    struct loss shown = step->loss;
    for (size_t i = 0; step->stream && i < plan->steps.count; i++) {
        const struct step *other = plan->steps.items[i];
        if (!other->stream && strcmp(other->name, step->stream) == 0 && risk_is_more(&other->loss, &shown))
            shown = other->loss;
    }
    return shown;
}

static const char *count_text(struct arena *arena, const struct loss *loss)
{
    return loss->any ? arena_printf(arena, "%llu", (unsigned long long)loss->messages) : "none";
}

static enum recheck refuse_loss(const struct plan *plan, const struct step *step, const struct step *now,
                                const struct plan_options *allowed, struct diags *diags)
{
    bool whole = step->action == ACTION_DELETE && !step->stream;
    const struct loss *loss = &now->loss;
    const struct loss shown = shown_loss(plan, step);
    if (!risk_is_more(loss, &shown) || (allowed && risk_is_allowed(allowed, step)))
        return RECHECK_GOES_ON;
    struct diag *diag =
        diag_add(diags, &code_data_loss, step->pos,
                 "%s was not %s: it %s %s%llu message%s%s, and %s %s when the plan was made", step->label,
                 done_to(step), whole ? "has" : "would lose", loss->exact ? "" : "up to ",
                 (unsigned long long)loss->messages, loss->messages == 1 ? "" : "s", whole ? "" : " now",
                 whole ? "had" : "lost", count_text(&diags->arena, &shown));
    if (!whole)
        diag_note(diags, diag, (struct srcpos){0}, "%s", loss->why);
    diag_hint(diags, diag, "run the same command again to see what is lost%s",
              shown.any ? "; with '--yes', '--allow-data-loss' covers whatever that is" : "");
    return RECHECK_REFUSED;
}

/* ---- the step, anew ---- */

static bool keeps_marks(const struct plan *plan)
{
    return plan->project && version_has(plan->target.version, MARKS_SINCE);
}

/* Fills wanted and changes. Returns how many; without any the object is as wanted, its mark too. */
static size_t compare_now(struct arena *arena, const struct plan *plan, struct step *now)
{
    if (now->action == ACTION_FORGET) { /* all but the marks stays as it is now */
        now->wanted = object_copy(arena, now->live);
        mark_remove(arena, now->wanted);
    }
    if (now->resource && keeps_marks(plan))
        mark_keep_rest(arena, now->resource, now->live, plan->project);
    if (compare_objects(arena, now, &plan->target) == 0)
        return 0;
    now->changes.count = 0;
    if (now->action != ACTION_ADOPT || !compare_adopting(arena, now, plan->project, &plan->target))
        compare_objects(arena, now, &plan->target);
    return 1;
}

/* A consumer's loss is its stream's messages, and so the stream was read again, too. */
static void weigh(struct arena *arena, const struct plan *plan, const struct recheck_look *look,
                  struct step *now)
{
    static const struct stream_state unread;
    const struct stream_state *state = now->stream ? look->state : &now->state;
    const char *retention = now->stream ? look->retention : object_text(now->live, STREAM_RETENTION);
    risk_assess(arena, now, &plan->target, state ? state : &unread, retention ? retention : "");
}

enum recheck recheck_step(struct arena *arena, const struct plan *plan, const struct recheck_look *look,
                          struct step *ret_now, struct diags *diags)
{
    const struct step *step = look->step;
    struct live_object kept = live_keep(arena, look->live);
    struct step now = step_from(step, live_decode(arena, &kept, plan->target.now));
    enum recheck result;
    now.state = kept.state;
    if (now.wanted && compare_now(arena, plan, &now) == 0)
        return RECHECK_DONE;
    weigh(arena, plan, look, &now);
    result = refuse_owner(step, &now, diags);
    if (result == RECHECK_GOES_ON && step->action != ACTION_FORGET)
        result = refuse_other_change(step, &now, diags);
    if (result == RECHECK_GOES_ON)
        result = refuse_loss(plan, step, &now, look->allowed, diags);
    if (result == RECHECK_GOES_ON)
        *ret_now = now;
    return result;
}
