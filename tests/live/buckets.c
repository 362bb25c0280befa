/*
 * Buckets against real servers: each field of key-value buckets and object stores reaches the server, comes back as nothing left to do,
 * and its change is named by the bucket's own field, on every server version.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "field/field.h"
#include "kind/bucket.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

#define CLUSTER "buckets"

#define KV &key_value_kind
#define OBJ &object_store_kind

/* A bucket with the field, and one with another value of it; NULL: it may not change. */
static const struct change_case {
    const struct bucket_kind *kind;
    const char *field;
    const char *before;
    const char *after;
    uint32_t since;
    bool clustered; /* needs a cluster */
} cases[] = {
    {KV, NULL, "", NULL, 0, false}, /* a name and nothing else */
    {KV, "description", "description: one", "description: two", 0, false},
    {KV, "description", "description: one", "", 0, false},
    {KV, "history", "", "history: 2", 0, false},
    {KV, "history", "history: 64", "", 0, false},
    {KV, "ttl", "", "ttl: 1h", 0, false},
    {KV, "ttl", "ttl: 1h", "ttl: 30s", 0, false},
    {KV, "ttl", "ttl: 100ms", "ttl: 0", 0, false},
    {KV, "limit_marker_ttl", "", "limit_marker_ttl: 1s", VERSION(2, 11, 0), false},
    {KV, "limit_marker_ttl", "{limit_marker_ttl: 1m, ttl: 1h}", "ttl: 1h", VERSION(2, 11, 0), false},
    {KV, "max_bytes", "", "max_bytes: 1MiB", 0, false},
    {KV, "max_bytes", "max_bytes: 1MiB", "max_bytes: unlimited", 0, false},
    {KV, "max_value_size", "", "max_value_size: 1KiB", 0, false},
    {KV, "max_value_size", "max_value_size: 2147483647", "", 0, false},
    {KV, "storage", "storage: memory", NULL, 0, false},
    {KV, "num_replicas", "num_replicas: 3", "num_replicas: 1", 0, true},
    {KV, "placement", "placement: {cluster: " CLUSTER "}", "", 0, true},
    {KV, "compression", "", "compression: true", VERSION(2, 10, 0), false},
    {KV, "compression", "compression: true", "compression: false", VERSION(2, 10, 0), false},
    {KV, "republish", "republish: {dest: again.>}", NULL, 0, false},
    {KV, "republish", "", "republish: {dest: also.>, headers_only: true}", VERSION(2, 10, 0), false},
    {KV, "mirror", "mirror: {name: kv_origin}", NULL, 0, false},
    {KV, "mirror", "mirror: {name: kv_origin}", "", VERSION(2, 12, 0),
     false}, /* becomes a bucket of its own */
    {KV, "mirror", "mirror: {name: gone, external: {api: $JS.hub.API}}", NULL, 0, false},
    {KV, "sources", "", "sources: [{name: kv_origin}, {name: KV_kv_other}]", VERSION(2, 10, 0), false},
    {KV, "sources", "sources: [{name: kv_origin, opt_start_seq: 1}]", "", VERSION(2, 10, 0), false},
    {KV, "sources", "sources: [{name: kv_other, subject_transforms: []}]", "sources: [{name: kv_other}]",
     VERSION(2, 10, 0), false},
    {KV, "sources",
     "sources: [{name: KV_kv_other, subject_transforms: [{src: $KV.kv_other.a, dest: $KV.x.a}]}]",
     "sources: [{name: kv_other}]", VERSION(2, 10, 0), false},
    {KV, "sources", "sources: [{name: far, external: {api: $JS.hub.API}}]", "", VERSION(2, 10, 0), false},
    {KV, "metadata", "", "metadata: {owner: me}", VERSION(2, 10, 0), false},
    {KV, "metadata", "metadata: {owner: me}", "metadata: {owner: you, more: text}", VERSION(2, 10, 0), false},
    {OBJ, NULL, "", NULL, 0, false},
    {OBJ, "description", "description: one", "description: two", 0, false},
    {OBJ, "ttl", "", "ttl: 1d", 0, false},
    {OBJ, "ttl", "ttl: 1d", "ttl: 1m", 0, false},
    {OBJ, "max_bytes", "", "max_bytes: 1MiB", 0, false},
    {OBJ, "storage", "storage: memory", NULL, 0, false},
    {OBJ, "num_replicas", "num_replicas: 1", "num_replicas: 3", 0, true},
    {OBJ, "placement", "", "placement: {cluster: " CLUSTER "}", 0, true},
    {OBJ, "compression", "", "compression: true", VERSION(2, 10, 0), false},
    {OBJ, "sealed", "", "sealed: true", 0, false},
    {OBJ, "sealed", "sealed: true", NULL, 0, false},
    {OBJ, "allow_batched", "", "allow_batched: true", VERSION(2, 14, 0), false},
    {OBJ, "metadata", "metadata: {owner: me}", "", VERSION(2, 10, 0), false},
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

/* ---- every field has a case ---- */

START_TEST(cases_have_every_field)
{
    for (size_t i = 0; i < bucket_kind_count; i++) {
        const struct table *table = bucket_kinds[i]->table;
        for (size_t j = 0; j < table->count; j++) {
            size_t at = 0;
            while (at < CASES && !(cases[at].kind == bucket_kinds[i] && cases[at].field &&
                                   strcmp(cases[at].field, table->fields[j].name) == 0))
                at++;
            ck_assert_msg(at < CASES || !table->fields[j].stream_field, "no case has %s.%s",
                          table_word(table), table->fields[j].name);
        }
    }
}
END_TEST

/* ---- manifests of all cases ---- */

static bool applies(const struct change_case *at, uint32_t version, bool clustered)
{
    return version_has(version, at->since) && at->clustered == clustered;
}

static const char *name_of(const struct change_case *at)
{
    return arena_printf(test_arena(), "%s_%zu", at->field ? at->field : "name", (size_t)(at - cases));
}

static void add_section(struct strbuf *text, const struct bucket_kind *kind, uint32_t version, bool clustered,
                        bool changed)
{
    strbuf_addf(text, "%ss:\n", table_word(kind->table));
    if (kind == KV)
        strbuf_adds(text, "  kv_origin:\n  kv_other: {ttl: 1h}\n");
    for (size_t i = 0; i < CASES; i++) {
        const struct change_case *at = &cases[i];
        const char *members = changed && at->after ? at->after : at->before;
        if (at->kind == kind && applies(at, version, clustered))
            strbuf_addf(text, *members == '{' ? "  %s: %s\n" : "  %s: {%s}\n", name_of(at), members);
    }
}

static const char *manifest_of_cases(uint32_t version, bool clustered, bool changed)
{
    struct strbuf text = {0};
    add_section(&text, KV, version, clustered, changed);
    add_section(&text, OBJ, version, clustered, changed);
    const char *path = manifest(strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* The plan names the bucket, and below it the field that changes. */
static void must_name_changes(const struct server_fixture *server, const char *path, bool clustered)
{
    struct run run = RUN("plan", "-s", server->url, "-f", path);
    ck_assert_exit(run, 0);
    for (size_t i = 0; i < CASES; i++) {
        const struct change_case *at = &cases[i];
        if (!at->after || !applies(at, version_number(server->version), clustered))
            continue;
        const char *label = arena_printf(test_arena(), "  ~ %s %s\n", at->kind->table->noun, name_of(at));
        const char *found = strstr(run.out, label);
        ck_assert_msg(found != NULL, "'%s' is not in\n%s", label, run.out);
        const char *end = strstr(found + strlen(label), "\n  ~ ");
        const char *block = end ? arena_strndup(test_arena(), found, (size_t)(end - found)) : found;
        ck_assert_contains(block, arena_printf(test_arena(), "\n      %s:", at->field));
    }
}

static void check_cases(const struct server_fixture *server, bool clustered)
{
    uint32_t version = version_number(server->version);
    must_round_trip(server, manifest_of_cases(version, clustered, false));
    const char *changed = manifest_of_cases(version, clustered, true);
    must_name_changes(server, changed, clustered);
    must_round_trip(server, changed);
}

START_TEST(each_field)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    check_cases(server, false);
    fixture_stop(server);
}
END_TEST

START_TEST(each_field_of_a_cluster)
{
    struct cluster_fixture *cluster = cluster_start(version_at(_i), CLUSTER);
    check_cases(cluster->nodes[0], true);
    cluster_stop(cluster);
}
END_TEST

/* ---- ownership ---- */

/* A bucket of the project that is no longer in the manifest is pruned as what it is; others' are not. */
START_TEST(pruned)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    if (version_has(version_number(server->version), VERSION(2, 10, 0))) {
        must_create(server, "KV_foreign", NULL, "subjects: [$KV.foreign.>]");
        must_apply(
            server,
            manifest("project: shop\nkey_values: {old: {history: 3}, kept: }\nobject_stores: {files: }\n"));
        const char *path = manifest("project: shop\nkey_values: {kept: }\n");
        struct run run = RUN("apply", "--yes", "--prune", "-s", server->url, "-f", path);
        ck_assert_exit(run, 0);
        ck_assert_contains(run.out, "  - key-value bucket old\n  - object store files\n");
        ck_assert_lacks(run.out, "  - stream KV_foreign");
        ck_assert_lacks(run.out, "  - key-value bucket foreign");
        ck_assert_contains(info_text(server, "KV_foreign", NULL), "\"name\":\"KV_foreign\"");
        must_be_in_sync(server, path);
    }
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = cases_have_every_field, .each_version = true},
        {.test = each_field, .each_version = true},
        {.test = each_field_of_a_cluster, .each_version = true},
        {.test = pruned, .each_version = true},
    };
    return suite_run("buckets", tests, sizeof(tests) / sizeof(tests[0]));
}
