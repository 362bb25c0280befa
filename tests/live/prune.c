/*
 * Prune: in an account with two projects and foreign objects, more of each than a page of a list holds, exactly the owned
 * and absent are deleted, also when it is cut off and begun again. On the servers that keep marks.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "field/field.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

enum { PAGE = 256 };

static const char *versions[8];
static int version_count;
static const char *storage = "memory"; /* of all streams of a test */

static void find_versions(void)
{
    size_t count;
    const char *const *all = server_versions(&count);
    for (size_t i = 0; i < count; i++) {
        uint32_t version;
        if (version_parse(all[i], &version) && version_has(version, VERSION(2, 10, 0)))
            versions[version_count++] = all[i];
    }
}

/* ---- an account ---- */

/* Whose an object is: "ours", "theirs", or "" for one without a mark. */
static const char *metadata(const char *owner, const char *object)
{
    if (!*owner)
        return "{\"team\":\"none\"}";
    return arena_printf(test_arena(), "{\"natsform.object\":\"%s\",\"natsform.project\":\"%s\"}", object,
                        owner);
}

static void add_stream(const struct server_fixture *server, const char *name, const char *owner)
{
    must_create(server, name, NULL,
                arena_printf(test_arena(), "\"subjects\":[\"%s\"],\"storage\":\"%s\",\"metadata\":%s", name,
                             storage, metadata(owner, name)));
}

static void add_consumer(const struct server_fixture *server, const char *stream, const char *name,
                         const char *owner)
{
    must_create(server, stream, name,
                arena_printf(test_arena(),
                             "\"durable_name\":\"%s\",\"ack_policy\":\"explicit\",\"metadata\":%s", name,
                             metadata(owner, arena_printf(test_arena(), "%s > %s", stream, name))));
}

/* Streams of each sort, and on each of them consumers of each sort. Names say whose they are and what becomes of them. */
static void fill(const struct server_fixture *server, size_t count)
{
    static const char *const owners[][2] = {
        {"KEPT", "ours"}, {"GONE", "ours"}, {"THEIRS", "theirs"}, {"PLAIN", ""}};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < 4; j++) {
            const char *name = arena_printf(test_arena(), "%s_%03zu", owners[j][0], i);
            add_stream(server, name, owners[j][1]);
            if (j == 0)
                add_consumer(server, name, "kept", "ours");
            if (j != 1)
                add_consumer(server, name, "theirs", "theirs");
            add_consumer(server, name, "plain", "");
            add_consumer(server, name, "gone", "ours");
        }
    }
}

/* A manifest of the first project, with the streams KEPT_* and their consumer. */
static const char *manifest_of_ours(size_t count)
{
    struct strbuf text = {0};
    strbuf_adds(&text, "project: ours\nstreams:\n");
    for (size_t i = 0; i < count; i++)
        strbuf_addf(
            &text,
            "  KEPT_%03zu: {subjects: [KEPT_%03zu], storage: %s, consumers: {kept: {ack_policy: explicit}}}\n",
            i, i, storage);
    const char *path = manifest(strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* ---- what is there ---- */

/* All names in the pages of a NAMES request, in order, by commas. */
static const char *names(const struct server_fixture *server, const char *subject, const char *list)
{
    struct strbuf out = {0};
    struct diags diags = {0};
    uint64_t total = 1;
    for (uint64_t offset = 0; offset < total;) {
        const char *body = arena_printf(test_arena(), "{\"offset\":%llu}", (unsigned long long)offset);
        const char *reply = raw_request(server, subject, body);
        const struct node *page = json_read(test_arena(), reply, strlen(reply), NULL, &diags);
        const struct node *items = node_get(page, list);
        ck_assert(number_parse_u64(node_get(page, "total")->text, &total));
        size_t count = items && items->type == NODE_LIST ? items->count : 0;
        for (size_t i = 0; i < count; i++)
            strbuf_addf(&out, "%s,", items->items[i]->text);
        ck_assert(count > 0 || total == offset);
        offset += count;
    }
    const char *text = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    diags_release(&diags);
    return text;
}

static const char *consumers(const struct server_fixture *server, const char *stream)
{
    return names(server, arena_printf(test_arena(), "$JS.API.CONSUMER.NAMES.%s", stream), "consumers");
}

/* Everything that is not the first project's, or is in its manifest, is there, and nothing else. */
static void assert_exactly_pruned(const struct server_fixture *server, size_t count)
{
    static const struct {
        const char *stream;
        const char *consumers;
    } rows[] = {{"KEPT", "kept,plain,theirs,"}, {"PLAIN", "plain,theirs,"}, {"THEIRS", "plain,theirs,"}};
    struct strbuf streams = {0};
    for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
        for (size_t i = 0; i < count; i++) {
            const char *name = arena_printf(test_arena(), "%s_%03zu", rows[j].stream, i);
            strbuf_addf(&streams, "%s,", name);
            ck_assert_str_eq(consumers(server, name), rows[j].consumers);
        }
    }
    ck_assert_str_eq(names(server, "$JS.API.STREAM.NAMES", "streams"), strbuf_text(&streams));
    strbuf_release(&streams);
}

/* ---- the tests ---- */

START_TEST(two_projects)
{
    enum { COUNT = PAGE / 4 + 1 }; /* of each sort: more than a page of streams */
    struct server_fixture *server = fixture_start(versions[_i], NULL);
    const char *path = manifest_of_ours(COUNT);
    fill(server, COUNT);
    must_be_in_sync(server, path);
    struct run plan = RUN("plan", "--prune", "-s", server->url, "-f", path, "--detailed-exitcode");
    ck_assert_exit(plan, 2);
    ck_assert_contains(plan.out,
                       arena_printf(test_arena(), "Plan: %d to delete, %d in sync, ", 4 * COUNT,
                                    2 * COUNT)); /* a stream, and a consumer on each of the other three */
    struct run again = RUN("plan", "--prune", "-s", server->url, "-f", path, "--detailed-exitcode");
    ck_assert_str_eq(again.out, plan.out);
    struct run run = RUN("apply", "--yes", "--prune", "-s", server->url, "-f", path);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "Done: %d of %d changes\n", 4 * COUNT, 4 * COUNT));
    assert_exactly_pruned(server, COUNT);
    must_be_in_sync(server, path);
    plan = RUN("plan", "--prune", "-s", server->url, "-f", path, "--detailed-exitcode");
    ck_assert_exit(plan, 0);
    fixture_stop(server);
}
END_TEST

/* More consumers of one stream than a page holds, most of them nobody's. */
START_TEST(many_consumers)
{
    enum { COUNT = PAGE + 50 }; /* of which a third is ours, and one of them in the manifest */
    struct server_fixture *server = fixture_start(versions[_i], NULL);
    add_stream(server, "S", "theirs");
    for (size_t i = 0; i < COUNT; i++)
        add_consumer(server, "S", arena_printf(test_arena(), "c%03zu", i),
                     i % 3 == 0   ? "ours"
                     : i % 3 == 1 ? "theirs"
                                  : "");
    const char *path = manifest(
        "project: ours\nstreams: {S: {external: true, consumers: {c000: {ack_policy: explicit}}}}\n");
    struct run run = RUN("apply", "--yes", "--prune", "-s", server->url, "-f", path);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Done: 101 of 101 changes\n");
    struct strbuf left = {0};
    for (size_t i = 0; i < COUNT; i++)
        if (i == 0 || i % 3 != 0)
            strbuf_addf(&left, "c%03zu,", i);
    ck_assert_str_eq(consumers(server, "S"), strbuf_text(&left));
    strbuf_release(&left);
    fixture_stop(server);
}
END_TEST

/* ---- cut off ---- */

/* Kills the program, or the server, once the program has shown "[moment/…]". */
struct killer {
    pid_t victim; /* 0: the program itself */
    size_t moment;
    bool done;
};

static void watch(void *context, pid_t program, const char *text)
{
    struct killer *killer = context;
    for (; !killer->done && (text = strchr(text, '[')); text++) {
        killer->done = strtoul(text + 1, NULL, 10) >= killer->moment;
        if (killer->done)
            kill(killer->victim ? killer->victim : program, SIGKILL);
    }
}

static void prune_until_killed(const struct server_fixture *server, const char *path, struct killer *killer)
{
    run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"apply", "--yes", "--prune", "--color", "never", "-f", path, "-s",
                                           server->url, NULL},
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .watch = watch,
        .context = killer,
    });
    ck_assert_msg(killer->done, "it was over before step %zu", killer->moment);
}

static void finish_prune(const struct server_fixture *server, const char *path, size_t count)
{
    struct run run = RUN("apply", "--yes", "--prune", "-s", server->url, "-f", path);
    ck_assert_exit(run, 0);
    assert_exactly_pruned(server, count);
    run = RUN("plan", "--prune", "-s", server->url, "-f", path, "--detailed-exitcode");
    ck_assert_exit(run, 0);
}

START_TEST(is_killed)
{
    enum { COUNT = 10 };
    static const size_t moments[] = {1, COUNT, 3 * COUNT};
    for (size_t i = 0; i < 2 * sizeof(moments) / sizeof(moments[0]); i++) {
        struct server_fixture *server = fixture_start(versions[_i], NULL);
        bool kills_server = i % 2;
        storage = kills_server ? "file" : "memory";
        const char *path = manifest_of_ours(COUNT);
        fill(server, COUNT);
        struct killer killer = {.moment = moments[i / 2], .victim = kills_server ? server->pid : 0};
        prune_until_killed(server, path, &killer);
        if (kills_server) {
            fixture_kill(server); /* it is dead; this holds its port */
            fixture_restart(server, NULL);
        } else { /* its lock would end by itself in half a minute */
            struct run run = RUN("unlock", "--yes", "-f", path, "-s", server->url);
            ck_assert_exit(run, 0);
        }
        finish_prune(server, path, COUNT);
        fixture_stop(server);
    }
}
END_TEST

/* ---- refusals in the middle ---- */

/* To a request of that verb and name: a reply with one text put as another, or a whole other one. */
struct forger {
    const char *verb;
    const char *name;
    const char *from; /* NULL: `to` is the reply, and the request is not passed on */
    const char *to;
};

static const char *forge(struct relay *relay, const struct relay_request *request)
{
    const struct forger *forger = relay->context;
    bool hit = strcmp(request->verb, forger->verb) == 0 && strcmp(request->name, forger->name) == 0;
    if (hit && !forger->from)
        return forger->to;
    const char *reply = relay_pass(relay, request, request->body);
    return hit && reply ? relay_replace(relay, reply, forger->from, forger->to) : reply;
}

START_TEST(fails_in_the_middle)
{
    static struct forger forger = {
        "STREAM.DELETE", "GONE_001", NULL,
        "{\"type\":\"io.nats.jetstream.api.v1.stream_delete_response\",\"error\":{\"code\":500,\"err_code\":10051,"
        "\"description\":\"not now\"}}"};
    struct server_fixture *server = fixture_start(versions[_i], NULL);
    const char *path = manifest_of_ours(3);
    fill(server, 3);
    struct relay *relay = relay_start(server, forge, &forger);
    struct run run = RUN("apply", "--yes", "--prune", "-s", relay->url, "-f", path);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "  failed     delete   stream GONE_001\n");
    ck_assert_contains(run.out, "  done       delete   stream GONE_002\n");
    ck_assert_contains(run.out, "Incomplete: 11 of 12 changes done, 1 failed;");
    relay_stop(relay);
    finish_prune(server, path, 3);
    fixture_stop(server);
}
END_TEST

/* What became of an object between the plan and its deletion keeps it. */
START_TEST(looks_before_it_deletes)
{
    static struct forger forgers[] = {
        {"STREAM.INFO", "OLD", "\"messages\":0", "\"messages\":7"},
        {"STREAM.INFO", "OLD", "\"natsform.project\":\"ours\"", "\"natsform.project\":\"theirs\""},
        {"CONSUMER.INFO", "S.old", "\"natsform.project\":\"ours\"", "\"natsform.other\":\"ours\""},
    };
    static const char *const said[] = {
        "error: stream OLD was not deleted: it has 7 messages, and had none when the plan was made [data-loss]\n",
        "error: stream OLD was not deleted: it is no longer whose it was when the plan was made [foreign]\n",
        "error: consumer S > old was not deleted: it is no longer whose it was when the plan was made [foreign]\n",
    };
    struct server_fixture *server = fixture_start(versions[_i], NULL);
    add_stream(server, "S", "theirs");
    const char *path = manifest("project: ours\nstreams: {}\n");
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        if (i == 0)
            add_stream(server, "OLD", "ours");
        add_consumer(server, "S", "old", "ours");
        struct relay *relay = relay_start(server, forge, &forgers[i]);
        struct run run = RUN("apply", "--yes", "--prune", "-s", relay->url, "-f", path);
        ck_assert_exit(run, 3);
        ck_assert_contains(run.err, said[i]);
        ck_assert_contains(run.out, "Incomplete: 1 of 2 changes done, 1 failed;");
        relay_stop(relay);
        if (i < 2)
            ck_assert_str_eq(names(server, "$JS.API.STREAM.NAMES", "streams"), "OLD,S,");
    }
    ck_assert_str_eq(names(server, "$JS.API.STREAM.NAMES", "streams"), "S,");
    ck_assert_str_eq(consumers(server, "S"), "old,");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    find_versions();
    const struct suite_test tests[] = {
        {.test = two_projects, .times = (size_t)version_count},
        {.test = many_consumers, .times = (size_t)version_count},
        {.test = is_killed, .times = (size_t)version_count},
        {.test = fails_in_the_middle, .times = (size_t)version_count},
        {.test = looks_before_it_deletes, .times = (size_t)version_count},
    };
    return suite_run("prune", tests, sizeof(tests) / sizeof(tests[0]));
}
