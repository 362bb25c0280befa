/* Comparing two manifests; see between.h. The objects of the first one stand in for what a server would hold. */
#include "plan/between.h"

#include <string.h>

#include "plan/compare.h"
#include "plan/planner.h"

static const char *stream_of(const struct resource *resource)
{
    return resource->stream ? resource->stream->name : NULL;
}

static struct step *new_step(struct arena *arena, enum action action, struct resource *before,
                             struct resource *after)
{
    struct step *step = ARENA_NEW(arena, struct step);
    struct resource *named = after ? after : before;
    step->action = action;
    step->table = named->table;
    step->stream = stream_of(named);
    step->name = named->name;
    step->label = resource_label(arena, resource_kind(named), step->stream, resource_shown_name(named));
    step->resource = named;
    step->pos = named->pos;
    step->live = before ? before->config : NULL;
    step->wanted = after ? after->config : NULL;
    return step;
}

static void add_step(struct arena *arena, struct plan *plan, struct step *step)
{
    step->index = plan->steps.count;
    plan->counts[step->action]++;
    VEC_PUSH(arena, &plan->steps, step);
}

/* An external stream is nobody's to change: it counts only where it becomes one, or ceases to be one. */
static bool is_managed(const struct resource *resource)
{
    return resource && !resource->external;
}

/* Deleting a stream takes its consumers along; they are not named beside it. */
static bool goes_along(const struct resource *before, const struct manifest *then)
{
    return is_managed(before->stream) && !map_get(&then->streams_by_name, before->stream->name);
}

static void compare_both(struct arena *arena, struct plan *plan, struct resource *before,
                         struct resource *after)
{
    if (!is_managed(before) && !is_managed(after))
        return;
    if (!before || !after) {
        add_step(arena, plan, new_step(arena, before ? ACTION_DELETE : ACTION_CREATE, before, after));
        return;
    }
    struct step *step = new_step(arena, ACTION_UPDATE, before, after);
    if (is_managed(before) && is_managed(after) && compare_objects(arena, step, &plan->target) == 0)
        plan->in_sync++;
    else
        add_step(arena, plan, step);
}

static int order_of(const struct resource *a, const struct resource *b)
{
    int order = a->stream && b->stream ? strcmp(a->stream->name, b->stream->name) : 0;
    return order ? order : strcmp(a->name, b->name);
}

/* Both lists are sorted; what only the first one has is taken where it would stand in the second. */
static void compare_lists(struct arena *arena, struct plan *plan, const struct resources *before,
                          const struct resources *after, const struct manifest *then)
{
    size_t i = 0;
    size_t j = 0;
    while (i < before->count || j < after->count) {
        struct resource *first = i < before->count ? before->items[i] : NULL;
        struct resource *second = j < after->count ? after->items[j] : NULL;
        int order = !first ? 1 : !second ? -1 : order_of(first, second);
        if (order >= 0 || !goes_along(first, then))
            compare_both(arena, plan, order <= 0 ? first : NULL, order >= 0 ? second : NULL);
        i += order <= 0;
        j += order >= 0;
    }
}

struct plan *plan_between(struct arena *arena, struct manifest *before, struct manifest *after,
                          uint32_t version, struct diags *diags)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);
    struct diags earlier;
    diags_init(&earlier);
    planner_check(arena, before, version, NULL, true, &earlier);
    diags_release(&earlier);
    planner_check(arena, after, version, NULL, true, diags);
    if (diags->errors)
        return NULL;
    plan->target = (struct target){
        .version = version, .version_text = "", .url = "", .name = "", .cluster = "", .clustered = true};
    plan->project = after->project;
    compare_lists(arena, plan, &before->streams, &after->streams, after);
    compare_lists(arena, plan, &before->consumers, &after->consumers, after);
    return plan;
}
