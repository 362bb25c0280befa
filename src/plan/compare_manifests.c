/* Comparing two manifests; see compare_manifests.h. The objects of the first one stand in for what a server would hold. */
#include "plan/compare_manifests.h"

#include <string.h>

#include "manifest/accounts.h"
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

static bool same_account(const struct resource *before, const struct resource *after)
{
    return accounts_same(accounts_connection_of(before->stream ? before->stream : before),
                         accounts_connection_of(after->stream ? after->stream : after));
}

static void compare_both(struct arena *arena, struct plan *plan, struct resource *before,
                         struct resource *after)
{
    if (!is_managed(before) && !is_managed(after))
        return;
    if (before && after && !same_account(before, after)) { /* another object, of the same name */
        if (!is_managed(before->stream))                   /* else it goes along */
            compare_both(arena, plan, before, NULL);
        compare_both(arena, plan, NULL, after);
        return;
    }
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

/* What is checked between objects is checked within an account. */
static void check(struct arena *arena, struct manifest *manifest, uint32_t version, struct diags *diags)
{
    const struct target target = {.version = version, .clustered = true};
    struct accounts accounts;
    accounts_split(arena, manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++)
        planner_check(arena, accounts.parts.items[i], &target, diags);
}

struct plan *plan_between(struct arena *arena, struct manifest *before, struct manifest *after,
                          uint32_t version, struct diags *diags)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);
    struct diags earlier;
    diags_init(&earlier);
    check(arena, before, version, &earlier);
    diags_release(&earlier);
    check(arena, after, version, diags);
    if (diags->errors)
        return NULL;
    plan->target = (struct target){
        .version = version, .version_text = "", .url = "", .name = "", .cluster = "", .clustered = true};
    plan->project = after->project;
    compare_lists(arena, plan, &before->streams, &after->streams, after);
    compare_lists(arena, plan, &before->consumers, &after->consumers, after);
    return plan;
}
