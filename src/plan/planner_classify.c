/* What becomes of an object that differs: changed, adopted, made anew, or refused. See planner_state.h. */
#include <string.h>

#include "field/mark_keys.h"
#include "kind/manifest_rows.h"
#include "plan/planner_state.h"
#include "plan/replace.h"
#include "plan/risk.h"
#include "server/holdings.h"

bool planner_refuse_protected(struct planner *planner, struct step *step)
{
    if (!step->resource->prevent_destroy)
        return false;
    struct diag *diag =
        diag_add(planner->diags, &code_protected, step->pos, "%s is protected by '%s'", step->label,
                 table_field_by_id(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY)->name);
    step_refuse(planner->diags, step, diag);
    return true;
}

static void note_copy(struct planner *planner, const struct step *step, const struct live_object *live)
{
    struct diags *diags = planner->diags;
    if (mark_kind(live) != MARK_COPIED)
        return;
    struct diag *diag = diag_add(diags, &code_copied_mark, step->pos,
                                 "%s carries the mark of another object, %s, and so counts as nobody's",
                                 step->label, mark_text(live, MARK_OBJECT));
    diag_hint(diags, diag, "its configuration was copied; this project adopts it");
    diag->object = step_address(&diags->arena, step);
}

/* ---- what no server changes in place ---- */

static struct replace_terms terms_of(const struct planner *planner, const struct step *step, bool adopts)
{
    const struct seen *stream = step->resource->stream ? step->resource->stream->planned : NULL;
    return (struct replace_terms){
        .arena = planner->arena,
        .target = &planner->plan->target,
        .options = &planner->options,
        .retention = stream && stream->retention ? stream->retention : "",
        .adopts = adopts,
    };
}

static const char *way(const struct planner *planner, const char *choice)
{
    return arena_printf(&planner->diags->arena, "'%s: {%s: %s}'",
                        table_field_by_id(&stream_table, STREAM_LIFECYCLE)->name,
                        table_field_by_id(&lifecycle_table, LIFECYCLE_ON_IMMUTABLE)->name, choice);
}

static void tell_migration(struct planner *planner, struct step *step, bool adopts, struct diag *diag)
{
    struct diags *diags = planner->diags;
    const struct replace_terms terms = terms_of(planner, step, adopts);
    const char *fault = NULL;
    step->offers_migration = replace_is_possible(&terms, step, &fault);
    if (step->offers_migration)
        diag_note(
            diags, diag, (struct srcpos){0},
            "%s in the manifest, or '--replace %s' for one run, makes it anew and keeps what is in it: %s",
            way(planner, CHOICE_MIGRATE), step_address(&diags->arena, step),
            replace_cost(&diags->arena, &terms, step));
    else
        diag_note(diags, diag, (struct srcpos){0}, "it cannot be made anew%s: %s",
                  adopts ? "" : " with what is in it", fault);
}

/* Which ways there are, and what each costs. */
static void tell_ways(struct planner *planner, struct step *step, bool adopts, struct diag *diag)
{
    if (!replace_is_needed(step))
        return;
    tell_migration(planner, step, adopts, diag);
    if (step->resource->prevent_destroy || adopts)
        return;
    diag_note(planner->diags, diag, (struct srcpos){0}, "%s makes it anew without %s",
              way(planner, CHOICE_RECREATE), replace_loss(&planner->diags->arena, step));
}

/* True: it is made anew, or that will turn out. */
static bool is_replaced(struct planner *planner, struct step *step, bool adopts)
{
    const struct replace_terms terms = terms_of(planner, step, adopts);
    const char *fault = NULL;
    enum replace_verdict verdict = replace_decide(&terms, step, &fault);
    if (verdict == REPLACE_PLANNED && step->action == ACTION_RECREATE)
        planner_refuse_protected(planner, step);
    step->undecided = verdict == REPLACE_LATER && !adopts;
    return verdict == REPLACE_PLANNED || step->undecided;
}

static void refuse(struct planner *planner, struct step *step, bool adopts)
{
    const struct target *target = &planner->plan->target;
    bool sealed = immutable_is_sealed(step);
    struct diag *first = sealed ? immutable_refuse_sealed(step, target, planner->diags) : NULL;
    for (size_t i = 0; !sealed && i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        struct diag *diag = change->refused ? immutable_refuse(step, change, target, planner->diags) : NULL;
        first = first ? first : diag;
    }
    if (first)
        tell_ways(planner, step, adopts, first);
}

void planner_classify(struct planner *planner, struct step *step, bool adopts, const struct live_object *live)
{
    struct resource *stream = step->resource->stream ? step->resource->stream : step->resource;
    const struct seen *seen = stream->planned;
    step->action = adopts ? ACTION_ADOPT : ACTION_UPDATE;
    for (size_t i = 0; i < step->changes.count; i++)
        immutable_bind(&step->changes.items[i], live);
    if (!is_replaced(planner, step, adopts))
        refuse(planner, step, adopts);
    if (planner->copies && step->action != ACTION_REFUSED)
        copies_refuse(step, &planner->plan->target, live, planner->diags);
    risk_assess(planner->arena, step, &planner->plan->target, &seen->state,
                seen->retention ? seen->retention : "");
    if (adopts)
        note_copy(planner, step, live);
}

/* Where the consumer was, as the answer to the planner's question says. */
static void take_position(struct step *step)
{
    const struct holdings *holdings = step->holdings;
    bool known = holdings && holdings->reply.outcome == API_DONE && holdings->consumers_known;
    for (size_t i = 0; known && i < holdings->consumers.count; i++)
        if (strcmp(holdings->consumers.items[i].name, step->name) == 0)
            step->state = holdings->consumers.items[i].state;
    if (!known) /* then it may have one */
        step->state.last = UINT64_MAX;
}

void planner_decide(struct planner *planner, struct step *step)
{
    if (!step->undecided)
        return;
    if (step->stream)
        take_position(step);
    step->positions_known = true;
    step->undecided = false;
    if (!is_replaced(planner, step, false))
        refuse(planner, step, false);
}

bool planner_recreates(const struct resource *consumer)
{
    const struct seen *stream = consumer->stream ? consumer->stream->planned : NULL;
    return stream && stream->step && stream->step->action == ACTION_RECREATE;
}
