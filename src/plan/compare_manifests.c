/* Comparing two manifests; see compare_manifests.h. The planner is given the objects of the first one in place of live ones. */
#include "plan/compare_manifests.h"

#include "manifest/accounts.h"
#include "plan/planner.h"

/* Rules between objects hold within one account, so each part of the manifest is checked by itself. */
static void check(struct arena *arena, struct manifest *manifest, uint32_t version, struct diags *diags)
{
    const struct target target = {.version = version, .clustered = true};
    struct accounts accounts;
    accounts_split(arena, manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++)
        planner_check(arena, accounts.parts.items[i], &target, diags);
}

static void see_all(struct planner *planner, const struct resources *earlier)
{
    for (size_t i = 0; i < earlier->count; i++)
        planner_see_earlier(planner, earlier->items[i]);
}

struct plan *compare_manifests(struct arena *arena, struct manifest *before, struct manifest *after,
                               uint32_t version, struct diags *diags)
{
    const struct target target = {
        .version = version, .version_text = "", .url = "", .name = "", .cluster = "", .clustered = true};
    const struct plan_options options = {.earlier = true};
    struct diags earlier;
    diags_init(&earlier);
    check(arena, before, version, &earlier);
    /* Faults of the earlier manifest are not this run's: it may have been written for another version. */
    diags_release(&earlier);
    check(arena, after, version, diags);
    if (diags->errors)
        return NULL;
    struct planner *planner = planner_new(arena, after, &target, &options, diags);
    see_all(planner, &before->streams);
    see_all(planner, &before->consumers);
    return planner_finish(planner);
}
