/* Unit tests of edit/local_servers.h. */
#include "edit/local_servers.h"

#include <string.h>

#include "generate/environment.h"
#include "plan/planner.h"
#include "unit/suites.h"
#include "unit/world.h"

struct fit_case {
    const char *streams;
    const char *domain;
    const char *servers;
};

#define ROOM "\"jetstream\":{\"max_mem\":\"256MiB\",\"max_file\":\"2GiB\"}"

static const struct fit_case fits[] = {
    {"{}", "", "{\"dev\":{" ROOM "}}"},
    {"{A: {subjects: [a], max_bytes: 10MiB}}", "", "{\"dev\":{" ROOM "}}"},

    /* room: each server has more than all streams reserve, in memory and on disk */
    {"{A: {subjects: [a], max_bytes: 1GiB}, B: {subjects: [b], max_bytes: 512MiB}}", "",
     "{\"dev\":{" ROOM "}}"},
    {"{A: {subjects: [a], max_bytes: 1GiB}, B: {subjects: [b], max_bytes: 513MiB}}", "",
     "{\"dev\":{\"jetstream\":{\"max_mem\":\"256MiB\",\"max_file\":\"4GiB\"}}}"},
    {"{A: {subjects: [a], max_bytes: 1GiB, storage: memory}, B: {subjects: [b], max_bytes: 1}}", "",
     "{\"dev\":{\"jetstream\":{\"max_mem\":\"2GiB\",\"max_file\":\"2GiB\"}}}"},
    {"{A: {subjects: [a], max_bytes: 6144PiB}, B: {subjects: [b], max_bytes: 6144PiB}}", "",
     "{\"dev\":{\"jetstream\":{\"max_mem\":\"256MiB\",\"max_file\":\"4096PiB\"}}}"},

    /* clusters: as many as the replicas */
    {"{A: {subjects: [a], num_replicas: 2}}", "", "{\"dev\":{\"nodes\":3," ROOM "}}"},
    {"{A: {subjects: [a], num_replicas: 5}, B: {subjects: [b], num_replicas: 3}}", "",
     "{\"dev\":{\"nodes\":5," ROOM "}}"},
    {"{A: {subjects: [a], num_replicas: 3, placement: {cluster: EAST}}}", "",
     "{\"dev\":{\"nodes\":3,\"cluster\":{\"name\":\"EAST\"}," ROOM "}}"},

    /* a single server is in no cluster, and looks at no placement */
    {"{A: {subjects: [a], placement: {cluster: EAST, tags: [x]}}}", "",
     "{\"dev\":{\"server_tags\":[\"x\"]," ROOM "}}"},

    /* tags: each once, and none that a stream shuts out */
    {"{A: {subjects: [a], placement: {tags: [x, '!y']}}, B: {subjects: [b], placement: {tags: [X, 'az:1']}}}",
     "", "{\"dev\":{\"server_tags\":[\"x\",\"az:1\"]," ROOM "}}"},

    /* several clusters, with names that servers of a manifest may have */
    {"{A: {subjects: [a], num_replicas: 3, placement: {cluster: East 1}}, B: {subjects: [b], placement: {cluster: "
     "east-1}}, C: {subjects: [c], placement: {cluster: W}}}",
     "",
     "{\"east-1\":{\"nodes\":3,\"cluster\":{\"name\":\"East 1\"}," ROOM "},"
     "\"east-1-2\":{\"nodes\":3,\"cluster\":{\"name\":\"east-1\"}," ROOM ",\"gateways\":[\"east-1\"]},"
     "\"w\":{\"nodes\":3,\"cluster\":{\"name\":\"W\"}," ROOM ",\"gateways\":[\"east-1\",\"east-1-2\"]}}"},

    /* somebody else's stream is not theirs to hold */
    {"{A: {external: true, consumers: {c: {ack_policy: explicit}}}}", "", "{\"dev\":{" ROOM "}}"},

    {"{A: {subjects: [a]}}", "hub",
     "{\"dev\":{\"jetstream\":{\"max_mem\":\"256MiB\",\"max_file\":\"2GiB\",\"domain\":\"hub\"}}}"},
};

START_TEST(fit)
{
    const struct fit_case *at = &fits[_i];
    struct local_servers servers = {0};
    const struct target target = {.version = VERSION_UNKNOWN, .clustered = true, .domain = at->domain};
    struct manifest *manifest = world_load(arena_printf(&world.arena, "streams: %s", at->streams));
    ck_assert_msg(manifest != NULL, "%s", world_told());
    planner_check(&world.arena, manifest, &target, &world.diags);
    local_servers_fit(&world.arena, &servers, manifest, &target);
    ck_assert_str_eq(world_text(local_servers_node(&world.arena, &servers)), at->servers);
}
END_TEST

/* What was wished beforehand stays. */
START_TEST(wishes_stay)
{
    struct local_servers servers = {.nodes = LOCAL_CLUSTER, .websocket = true};
    const struct target target = {.version = VERSION_UNKNOWN};
    struct manifest *manifest = world_load("streams: {A: {subjects: [a]}}");
    planner_check(&world.arena, manifest, &target, &world.diags);
    local_servers_fit(&world.arena, &servers, manifest, &target);
    ck_assert_str_eq(world_text(local_servers_node(&world.arena, &servers)),
                     "{\"dev\":{\"nodes\":3," ROOM ",\"websocket\":{\"port\":8080,\"no_tls\":true}}}");
}
END_TEST

/* Nodes of several clusters take no port twice. */
START_TEST(ports_are_apart)
{
    struct local_servers servers = {.websocket = true};
    const struct target target = {.version = VERSION_UNKNOWN, .clustered = true};
    struct manifest *manifest =
        world_load("streams: {A: {subjects: [a], num_replicas: 3, placement: {cluster: X}}, "
                   "B: {subjects: [b], num_replicas: 5, placement: {cluster: Y}}}");
    planner_check(&world.arena, manifest, &target, &world.diags);
    local_servers_fit(&world.arena, &servers, manifest, &target);
    struct node *node = local_servers_node(&world.arena, &servers);
    const char *text = arena_printf(&world.arena, "servers: %s", world_text(node));
    ck_assert_ptr_nonnull(strstr(text, "\"websocket\":{\"port\":8080,"));
    ck_assert_ptr_nonnull(strstr(text, "\"websocket\":{\"port\":8085,"));
    ck_assert_ptr_nonnull(environment_read(&world.arena, world_load(text), &world.diags));
    ck_assert_str_eq(world_told(), "");
}
END_TEST

Suite *edit_local_servers_suite(void)
{
    Suite *suite = suite_create("edit/local_servers");
    TCase *tests = tcase_create("fit");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, fit, 0, COUNT_OF(fits));
    tcase_add_test(tests, wishes_stay);
    tcase_add_test(tests, ports_are_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
