/* What can be said of manifests without a server; see without_server.h. */
#include "plan/without_server.h"

#include "base/map.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "manifest/manifest.h"
#include "plan/planner.h"
#include "rules/rules.h"

/*
 * ---- check range ----
 * Checks a manifest for a range of versions. It is checked once for each version at which any rule changes, and then the
 * results are merged: the same code and words at the same place are one finding.
 */

/* A finding, and for which of the versions it holds. */
struct finding {
    const struct diag *diag;
    bool *at;
};

struct range_check {
    struct arena *arena;
    const struct version_range *range;
    struct version_points points;
    struct map by_key;
};

/*
 * Collects the versions to check for. Every minor version is one of them, because code may compare with it even if no
 * row does.
 */
static void find_points(struct range_check *check)
{
    static const uint32_t minors[] = {VERSION(2, 10, 0), VERSION(2, 11, 0), VERSION(2, 12, 0),
                                      VERSION(2, 14, 0), VERSION(2, 15, 0)};
    const struct table *const tables[] = {&stream_table, &consumer_table, key_value_kind.table,
                                          object_store_kind.table};
    version_points_add(check->arena, &check->points, check->range, check->range->least);
    for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++)
        version_points_add(check->arena, &check->points, check->range, minors[i]);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        version_points_add_table(check->arena, &check->points, check->range, tables[i]);
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        version_points_add(check->arena, &check->points, check->range, rule->since);
        version_points_add(check->arena, &check->points, check->range, rule->until);
    }
}

/* ---- findings ---- */

static void record(struct range_check *check, const struct diag *diag, size_t point)
{
    /* The source by its address: two files may have one name. */
    const char *key = arena_printf(check->arena, "%p:%u:%u:%s:%s", (const void *)diag->pos.source,
                                   diag->pos.line, diag->pos.column, diag->code->name, diag->message);
    struct finding *finding = map_get(&check->by_key, key);
    if (!finding) {
        finding = ARENA_NEW(check->arena, struct finding);
        finding->diag = diag;
        finding->at = ARENA_ARRAY(check->arena, bool, check->points.count);
        map_put(&check->by_key, key, finding);
    }
    finding->at[point] = true;
}

/* The versions from point `first` to `last` in words: "before 2.11", "from 2.12 on", "from 2.10 on and before 2.12". */
static const char *span_text(const struct range_check *check, size_t first, size_t last)
{
    const struct version_points *points = &check->points;
    const char *from = version_format(check->arena, points->items[first], true);
    if (last + 1 == points->count)
        return arena_printf(check->arena, "from %s on", from);
    const char *before = version_format(check->arena, points->items[last + 1], true);
    if (first == 0)
        return arena_printf(check->arena, "before %s", before);
    return arena_printf(check->arena, "from %s on and before %s", from, before);
}

/* For which versions the finding holds, in words; NULL: for all. */
static const char *versions_text(const struct range_check *check, const struct finding *finding)
{
    const char *text = NULL;
    for (size_t i = 0; i < check->points.count; i++) {
        size_t last = i;
        if (!finding->at[i])
            continue;
        while (last + 1 < check->points.count && finding->at[last + 1])
            last++;
        if (i == 0 && last + 1 == check->points.count)
            return NULL;
        text = arena_printf(check->arena, "%s%s%s", text ? text : "", text ? ", and " : "",
                            span_text(check, i, last));
        i = last;
    }
    return text;
}

static void tell(const struct range_check *check, const struct finding *finding, struct diags *diags)
{
    const char *versions = versions_text(check, finding);
    struct diag *diag = diag_add_copy(diags, finding->diag);
    if (versions)
        diag_note(diags, diag, (struct srcpos){0}, "with nats-server %s", versions);
}

/* ---- the manifest ---- */

/* A check normalises objects in place. These are copies of them as they were read, to be put back before the next check. */
struct originals {
    const struct resources *resources;
    struct resource *kept; /* copies of the resources themselves */
};

static struct originals originals_of(struct arena *arena, const struct resources *resources)
{
    struct originals originals = {resources, ARENA_ARRAY(arena, struct resource, resources->count)};
    for (size_t i = 0; i < resources->count; i++)
        originals.kept[i] = *resources->items[i];
    return originals;
}

static void lend_copies(struct arena *arena, const struct originals *originals)
{
    for (size_t i = 0; i < originals->resources->count; i++) {
        const struct resource *kept = &originals->kept[i];
        struct resource *resource = originals->resources->items[i];
        resource->config = kept->config ? object_copy(arena, kept->config) : NULL;
        resource->declared =
            kept->declared == kept->config ? resource->config : object_copy(arena, kept->declared);
    }
}

static void give_back(const struct originals *originals)
{
    for (size_t i = 0; i < originals->resources->count; i++) {
        originals->resources->items[i]->config = originals->kept[i].config;
        originals->resources->items[i]->declared = originals->kept[i].declared;
    }
}

static void check_at(struct range_check *check, struct manifest *manifest, size_t point,
                     const struct target *of_range, struct diags *diags)
{
    struct target target = *of_range;
    target.version = check->points.items[point];
    planner_check(check->arena, manifest, &target, diags);
    for (size_t i = 0; i < diags->list.count; i++)
        record(check, diags->list.items[i], point);
}

void planner_check_range(struct arena *arena, struct manifest *manifest, const struct version_range *range,
                         const struct target *target, struct diags *diags)
{
    struct range_check check = {.arena = arena, .range = range};
    const struct originals streams = originals_of(arena, &manifest->streams);
    const struct originals consumers = originals_of(arena, &manifest->consumers);
    find_points(&check);
    map_init(&check.by_key, arena);
    /* One list for each version, kept until the end: findings point into them. */
    struct diags *found = ARENA_ARRAY(arena, struct diags, check.points.count);
    for (size_t i = 0; i < check.points.count; i++) {
        diags_init(&found[i]);
        lend_copies(arena, &streams);
        lend_copies(arena, &consumers);
        check_at(&check, manifest, i, target, &found[i]);
    }
    give_back(&streams);
    give_back(&consumers);
    for (size_t i = 0; i < check.by_key.count; i++)
        tell(&check, check.by_key.entries[i].value, diags);
    for (size_t i = 0; i < check.points.count; i++)
        diags_release(&found[i]);
}

/*
 * ---- compare manifests ----
 * Comparing two manifests. The planner is given the objects of the first one in place of live ones.
 */

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
