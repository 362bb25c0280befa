/*
 * `natsform watch`, of which only a part is read again after an advisory: after each round of random edits by somebody else, what it
 * believes, by the lines that it has written, is what a plan of everything says. The edits are of streams, consumers and buckets, of the manifest
 * and not, and of other projects; now and then all is applied.
 *
 * WATCH_ROUNDS says how many rounds a version gets, and WATCH_SEED the first one's seed.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/map.h"
#include "base/number.h"
#include "field/field.h"
#include "support/patience.h"
#include "support/random.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/watched.h"
#include "syntax/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROUNDS = 12, SEED = 1, EDITS_MOST = 12 };

static const char manifest[] =
    "project: shop\n"
    "streams:\n"
    "  A: {subjects: [a.>], max_age: 7d, consumers: {c1: {ack_policy: explicit}, c2: {filter_subject: a.x}}}\n"
    "  B: {subjects: [b.>], retention: workqueue, max_consumers: 2, consumers: {w: {ack_policy: explicit}}}\n"
    "  C: {subjects: [c.>], lifecycle: {ignore: [max_msgs]}, consumers: {c: {ack_policy: explicit}}}\n"
    "  D: {subjects: [d], consumer_limits: {max_ack_pending: 50}, consumers: {d: {ack_policy: explicit}}}\n"
    "  M: {mirror: {name: A}}\n"
    "  S: {sources: [{name: A}, {name: B}]}\n"
    "  E: {external: true, consumers: {e: {ack_policy: explicit}}}\n"
    "key_values: {k: {history: 5}}\n"
    "object_stores: {o: {}}\n"
    "removed: {streams: [GONE]}\n";

static const char manifest_2_9[] =
    "project: shop\n"
    "streams:\n"
    "  A: {subjects: [a.>], max_age: 7d, consumers: {c1: {ack_policy: explicit}, c2: {filter_subject: a.x}}}\n"
    "  B: {subjects: [b.>], retention: workqueue, max_consumers: 2, consumers: {w: {ack_policy: explicit}}}\n"
    "  C: {subjects: [c.>], lifecycle: {ignore: [max_msgs]}, consumers: {c: {ack_policy: explicit}}}\n"
    "  M: {mirror: {name: A}}\n"
    "  S: {sources: [{name: A}, {name: B}]}\n"
    "  E: {external: true, consumers: {e: {ack_policy: explicit}}}\n"
    "key_values: {k: {history: 5}}\n"
    "object_stores: {o: {}}\n";

static const char *const streams[] = {"A", "B", "C", "D", "M", "S", "E", "KV_k", "OBJ_o", "X", "Y", "GONE"};
static const char *const consumers[] = {"c1", "c2", "w", "c", "d", "e", "other"};

/* ---- what somebody does ---- */

static const char *subjects_of(const char *stream, uint64_t *random)
{
    static const char *const others[] = {"\"a.>\"", "\"b.x\"", "\"c.>\",\"d\"", "\"x\"", "\"$KV.k.>\""};
    if (strcmp(stream, "KV_k") == 0 && !random_once_in(random, 4))
        return "\"$KV.k.>\"";
    if (strlen(stream) > 1 || strchr("XYE", *stream) || random_once_in(random, 5))
        return others[random_below(random, COUNT(others))];
    return arena_printf(test_arena(), "\"%c%s\"", *stream + 'a' - 'A', *stream == 'D' ? "" : ".>");
}

static const char *stream_body(const char *stream, uint64_t *random)
{
    static const char *const more[] = {
        "",
        ",\"max_age\":604800000000000",
        ",\"max_age\":86400000000000,\"max_msgs\":77",
        ",\"retention\":\"workqueue\",\"max_consumers\":2",
        ",\"metadata\":{\"natsform.project\":\"other\"}",
        ",\"metadata\":{\"natsform.project\":\"shop\"}",
        ",\"max_msgs_per_subject\":5,\"discard\":\"new\",\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"allow_direct\":true",
        ",\"storage\":\"memory\"",
        ",\"consumer_limits\":{\"max_ack_pending\":20}",
    };
    const char *what = more[random_below(random, COUNT(more))];
    if (strcmp(stream, "M") == 0 && !random_once_in(random, 3))
        return arena_printf(test_arena(), "{\"name\":\"M\",\"mirror\":{\"name\":\"A\"}%s}", what);
    if (strcmp(stream, "S") == 0 && !random_once_in(random, 3))
        return arena_printf(test_arena(), "{\"name\":\"S\",\"sources\":[{\"name\":\"%s\"}]%s}",
                            random_once_in(random, 2) ? "A" : "C", what);
    return arena_printf(test_arena(), "{\"name\":\"%s\",\"subjects\":[%s]%s}", stream,
                        subjects_of(stream, random), what);
}

static const char *consumer_body(const char *stream, const char *consumer, uint64_t *random)
{
    static const char *const more[] = {"", ",\"description\":\"by hand\"", ",\"max_ack_pending\":7",
                                       ",\"filter_subject\":\"a.x\""};
    return arena_printf(
        test_arena(),
        "{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s\",\"ack_policy\":\"explicit\"%s}}", stream,
        consumer, more[random_below(random, COUNT(more))]);
}

/* Much of it the server refuses: that is no edit. */
static void edit(const struct server_fixture *server, uint64_t *random)
{
    static const char *const verbs[] = {
        "STREAM.CREATE",   "STREAM.CREATE",           "STREAM.UPDATE",
        "STREAM.UPDATE",   "STREAM.DELETE",           "STREAM.PURGE",
        "CONSUMER.DELETE", "CONSUMER.DURABLE.CREATE", "CONSUMER.DURABLE.CREATE"};
    const char *verb = verbs[random_below(random, COUNT(verbs))];
    const char *stream = streams[random_below(random, COUNT(streams))];
    const char *consumer = consumers[random_below(random, COUNT(consumers))];
    const char *subject = arena_printf(test_arena(), "$JS.API.%s.%s", verb, stream);
    const char *body = "";
    if (*verb == 'C') {
        subject = arena_printf(test_arena(), "%s.%s", subject, consumer);
        body = strstr(verb, "CREATE") ? consumer_body(stream, consumer, random) : "";
    } else if (strstr(verb, "ATE"))
        body = stream_body(stream, random);
    raw_request(server, subject, body);
}

/* ---- what it believes ---- */

static const char *words_of(const struct node *change)
{
    struct node *words = node_list(test_arena());
    static const char *const keys[] = {"action", "refused", "fields"};
    for (size_t i = 0; i < COUNT(keys); i++)
        if (node_get(change, keys[i]))
            node_append(test_arena(), words, node_keep(test_arena(), node_get(change, keys[i])));
    return json_text(test_arena(), words);
}

/* By the address of each object, what has to be done to it. Of two steps, as of one that is made anew, the first counts. */
static void note_changes(struct map *map, const struct node *changes)
{
    for (size_t i = 0; changes && i < changes->count; i++) {
        const char *address = arena_strdup(test_arena(), node_get_text(changes->items[i], "address"));
        if (!map_get(map, address))
            map_put(map, address, arena_strdup(test_arena(), words_of(changes->items[i])));
    }
}

static void note_line(struct map *map, const struct node *line)
{
    const char *type = node_get_text(line, "type"), *state = node_get_text(line, "state");
    char *address = arena_strdup(test_arena(), node_get_text(line, "address"));
    if (strcmp(type, "started") == 0)
        note_changes(map, node_get(node_get(line, "plan"), "resource_changes"));
    if (strcmp(state, "in_sync") == 0)
        map_put(map, address, NULL);
    if (strcmp(state, "differs") == 0)
        map_put(map, address, arena_strdup(test_arena(), words_of(node_get(line, "resource_change"))));
}

static struct map belief_of(const struct watched *watched)
{
    struct map map;
    char *rest = NULL, *lines = arena_strdup(test_arena(), read_file(watched->out));
    map_init(&map, test_arena());
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        struct diags unheard = {0};
        const struct node *node =
            *line == '{' ? json_read(test_arena(), line, strlen(line), NULL, &unheard) : NULL;
        if (node)
            note_line(&map, node);
    }
    return map;
}

static struct map truth_of(const char *file, const struct server_fixture *server)
{
    struct map map;
    struct diags unheard = {0};
    const struct run run = RUN("plan", "-f", file, "-s", server->url, "-o", "json");
    const struct node *plan = json_read(test_arena(), run.out, strlen(run.out), NULL, &unheard);
    map_init(&map, test_arena());
    ck_assert_msg(plan && node_get(plan, "resource_changes"), "%.2000s%.2000s", run.out, run.err);
    note_changes(&map, node_get(plan, "resource_changes"));
    return map;
}

static void check_equal(const struct map *belief, const struct map *truth, const char *out, uint64_t seed)
{
    for (size_t i = 0; i < belief->count + truth->count; i++) {
        const char *address =
            i < truth->count ? truth->entries[i].key : belief->entries[i - truth->count].key;
        const char *believed = map_get(belief, address), *is = map_get(truth, address);
        bool equal = believed && is ? strcmp(believed, is) == 0 : believed == is;
        ck_assert_msg(equal || SHOW_WHOLE("its output", out),
                      "seed %llu: of %s it believes\n%s\nand it is\n%s", (unsigned long long)seed, address,
                      believed ? believed : "in sync", is ? is : "in sync");
    }
}

/* ---- rounds ---- */

/* What was heard before is told, when a second mark is. */
static void mark(struct watched *watched, const struct server_fixture *server, uint64_t seed)
{
    for (int i = 0; i < 2; i++) {
        const char *name = arena_printf(test_arena(), "END_%llu_%d", (unsigned long long)seed, i);
        raw_request(server, arena_printf(test_arena(), "$JS.API.STREAM.CREATE.%s", name),
                    arena_printf(test_arena(), "{\"name\":\"%s\",\"subjects\":[\"%s\"]}", name, name));
        watched_expect(watched, arena_printf(test_arena(), "\"stream.%s\"", name));
        raw_request(server, arena_printf(test_arena(), "$JS.API.STREAM.DELETE.%s", name), "");
    }
}

static unsigned setting(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    uint64_t value = otherwise;
    ck_assert(!text || number_parse_u64(text, &value));
    return (unsigned)value;
}

START_TEST(equals_a_plan)
{
    size_t count;
    struct server_fixture *server = fixture_start(server_versions(&count)[_i], NULL);
    uint32_t version = 0;
    ck_assert(version_parse(server->version, &version));
    const char *text = version < VERSION(2, 10, 0) ? manifest_2_9 : manifest;
    raw_request(server, "$JS.API.STREAM.CREATE.E", "{\"name\":\"E\",\"subjects\":[\"e\"]}");
    struct watched watched = WATCH(text, server->url, "-o", "json", "--every", "24h");
    const char *file = arena_printf(test_arena(), "%s/m.yaml", watched.folder);
    watched_expect(&watched, "\"type\":\"started\"");
    for (unsigned i = 0; i < setting("WATCH_ROUNDS", ROUNDS); i++) {
        uint64_t seed = setting("WATCH_SEED", SEED) + i, random = seed;
        if (i % 3 == 0)
            RUN("apply", "--yes", "-f", file, "-s", server->url);
        for (unsigned left = random_below(&random, EDITS_MOST) + 1; left > 0; left--)
            edit(server, &random);
        mark(&watched, server, seed);
        const struct map belief = belief_of(&watched), truth = truth_of(file, server);
        check_equal(&belief, &truth, read_file(watched.out), seed);
    }
    ck_assert_lacks(read_file(watched.out), "no advisory told of it");
    watched_end(&watched);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {{.test = equals_a_plan, .each_version = true}};
    return suite_run("watch_random", tests, COUNT(tests));
}
