/*
 * Objects that get another name, of the planner: what the server has under the old one counts as if it had the new one already. See
 * planner_state.h.
 */
#include <string.h>

#include "kind/manifest_rows.h"
#include "plan/planner.h"
#include "plan/planner_state.h"
#include "plan/replace.h"
#include "plan/risk.h"

static DIAG_CODE(
    code_renamed, .name = "renamed", CODE_ERROR(EXIT_REFUSED),
    .doc = "An object cannot get the name that the manifest has for it.",
    .why = "Nothing that is in it may be lost, and nobody else's object is taken.",
    .example = "ORDERS: {renamed_from: OLD}, on nats-server 2.9",
    .remedy =
        "See what the message says; or make a new object, and delete the old one once it is used no more.");

struct rename_source {
    struct resource *resource;
    bool asked;
    bool consumers_asked;
    bool taken; /* it was presented under its new name */
    bool seen;
    struct live_object old;
    VEC(struct live_object) consumers; /* of a stream */
};

static const char *stream_of(const struct rename_source *source)
{
    return source->resource->stream ? source->resource->stream->name : NULL;
}

static bool is_found(const struct rename_source *source)
{
    return !source->taken && ((const struct seen *)source->resource->planned)->found;
}

static void add_sources(struct planner *planner, const struct resources *resources)
{
    for (size_t i = 0; i < resources->count; i++) {
        if (!resources->items[i]->renamed_from || resources->items[i]->external)
            continue;
        struct rename_source *source = ARENA_NEW(planner->arena, struct rename_source);
        source->resource = resources->items[i];
        VEC_PUSH(planner->arena, &planner->renames, source);
    }
}

void planner_begin_renames(struct planner *planner)
{
    if (planner->options.destroy || planner->options.earlier)
        return;
    add_sources(planner, &planner->manifest->streams);
    add_sources(planner, &planner->manifest->consumers);
}

/* ---- what is there under the old name ---- */

/* They may be read twice: with their stream, and when they are asked for. */
static bool has_consumer(const struct rename_source *source, const char *name)
{
    for (size_t i = 0; i < source->consumers.count; i++)
        if (strcmp(source->consumers.items[i].name, name) == 0)
            return true;
    return false;
}

static bool take(struct planner *planner, struct rename_source *source, const struct live_object *live)
{
    const char *stream = stream_of(source);
    const char *old = source->resource->renamed_from;
    bool is_consumer_of = !stream && live->stream && strcmp(live->stream, old) == 0;
    bool is_it = strcmp(live->name, old) == 0 &&
                 (stream ? live->stream && strcmp(live->stream, stream) == 0 : !live->stream);
    if (is_it && !source->seen) {
        source->old = live_keep(planner->arena, live);
        source->seen = true;
    } else if (is_consumer_of && !source->taken && !has_consumer(source, live->name)) {
        VEC_PUSH(planner->arena, &source->consumers, live_keep(planner->arena, live));
    }
    return is_it || is_consumer_of;
}

bool planner_take_renamed(struct planner *planner, const struct live_object *live)
{
    bool any = false;
    for (size_t i = 0; i < planner->renames.count && !any; i++)
        any = take(planner, planner->renames.items[i], live);
    return any;
}

static bool ask(struct planner *planner, struct rename_source *source, struct live_questions *questions)
{
    const char *stream = stream_of(source);
    if (is_found(source) || source->taken)
        return false;
    if (!source->seen && !source->asked) {
        source->asked = true;
        if (stream)
            planner_ask_consumers(planner, stream, questions);
        else
            VEC_PUSH(planner->arena, &questions->streams, source->resource->renamed_from);
        return true;
    }
    if (source->seen && !stream && !source->consumers_asked) {
        source->consumers_asked = true;
        planner_ask_consumers(planner, source->resource->renamed_from, questions);
        return true;
    }
    return false;
}

/* ---- under the new one ---- */

static void refuse_others(struct planner *planner, const struct rename_source *source)
{
    struct resource *resource = source->resource;
    struct seen *seen = resource->planned;
    const char *owner = mark_owner(&source->old);
    seen->found = true;
    seen->step = step_new(planner->arena, ACTION_REFUSED, resource, NULL);
    struct diag *diag = diag_add(
        planner->diags, &code_renamed, resource->pos, "%s cannot be renamed from '%s': that belongs to %s",
        seen->step->label, resource->renamed_from,
        owner ? arena_printf(&planner->diags->arena, "project '%s'", owner) : "nobody, as far as is known");
    diag_hint(planner->diags, diag,
              owner ? "have its project let it go first"
                    : "adopt it first: name it in the manifest as it is, and apply that");
    step_refuse(planner->diags, seen->step, diag);
}

static bool is_ours(const struct planner *planner, const struct live_object *old)
{
    const char *owner = mark_owner(old), *project = planner->manifest->project;
    return !project || !version_has(planner->plan->target.version, MARKS_SINCE) ||
           (owner && strcmp(owner, project) == 0);
}

static void present(struct planner *planner, struct rename_source *source)
{
    const char *stream = stream_of(source);
    const char *name = source->resource->name;
    struct seen *seen = source->resource->planned;
    if (!source->seen || source->taken || is_found(source))
        return;
    source->taken = true;
    if (!is_ours(planner, &source->old)) {
        refuse_others(planner, source);
        return;
    }
    const struct live_object renamed = mark_renamed(planner->arena, &source->old, stream, name);
    planner_see(planner, &renamed);
    seen->renamed_from = source->resource->renamed_from;
    for (size_t i = 0; i < source->consumers.count; i++) {
        const struct live_object *consumer = &source->consumers.items[i];
        const struct live_object moved = mark_renamed(planner->arena, consumer, name, consumer->name);
        planner_see(planner, &moved);
    }
}

bool planner_ask_renames(struct planner *planner, struct live_questions *questions)
{
    bool any = false;
    for (size_t i = 0; i < planner->renames.count; i++)
        any |= ask(planner, planner->renames.items[i], questions);
    for (size_t i = 0; i < planner->renames.count && !any; i++)
        present(planner, planner->renames.items[i]);
    return any;
}

/* ---- the end ---- */

static void refuse_fault(struct planner *planner, struct step *step, const char *fault)
{
    struct diag *diag =
        diag_add(planner->diags, &code_renamed, step->pos, "%s cannot be renamed from '%s': %s", step->label,
                 step->renamed_from, fault);
    step_refuse(planner->diags, step, diag);
}

/* Both names were there: the old one is an object as any other. */
static void give_up(struct planner *planner, const struct rename_source *source)
{
    if (source->taken || !source->seen)
        return;
    if (!source->old.stream)
        prune_see_stream(planner->prune, &source->old);
    prune_see(planner->prune, &source->old);
    for (size_t i = 0; i < source->consumers.count; i++)
        prune_see(planner->prune, &source->consumers.items[i]);
}

static void finish(struct planner *planner, const struct rename_source *source)
{
    struct resource *resource = source->resource;
    struct seen *seen = resource->planned;
    const char *fault = NULL;
    if (!seen->renamed_from)
        return;
    if (!seen->step) { /* nothing else of it differs */
        const struct live_object renamed =
            mark_renamed(planner->arena, &source->old, stream_of(source), resource->name);
        seen->step = step_new(planner->arena, ACTION_UPDATE, resource,
                              live_decode(planner->arena, &renamed, planner->plan->target.now));
        seen->step->state = source->old.state;
        planner->plan->in_sync--;
        compare_objects(planner->arena, seen->step, &planner->plan->target);
        risk_assess(planner->arena, seen->step, &planner->plan->target, &seen->step->state,
                    seen->retention ? seen->retention : "");
    }
    seen->step->renamed_from = seen->renamed_from;
    const struct replace_terms terms = {.arena = planner->arena,
                                        .target = &planner->plan->target,
                                        .options = &planner->options,
                                        .retention = seen->step->retention ? seen->step->retention : ""};
    if (seen->step->action != ACTION_REFUSED && !replace_rename(&terms, seen->step, &fault))
        refuse_fault(planner, seen->step, fault);
}

void planner_finish_renames(struct planner *planner)
{
    for (size_t i = 0; i < planner->renames.count; i++) {
        present(planner, planner->renames.items[i]); /* unless it was, when it was asked for */
        give_up(planner, planner->renames.items[i]);
        finish(planner, planner->renames.items[i]);
    }
}
