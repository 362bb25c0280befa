/*
 * Restores that are asked for something else than what was backed up, on each version: other settings, another owner, other replicas, and on nats-server 2.15 and
 * newer a part of the messages, under other subjects. What a server would lose messages by is refused before anything is sent.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "field/field.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

enum { MESSAGES = 20, PUBLISH_MS = 500, AT_WORK = 5, LARGE_MESSAGES = 68, LARGE_BYTES = 1000 * 1000 };

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static bool is_since(const char *version, uint32_t since)
{
    uint32_t number = 0;
    return version_parse(version, &number) && version_has(number, since);
}

static struct run run_in(const char *directory, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = directory});
}

#define RUN_IN(directory, ...) run_in((directory), (const char *const[]){__VA_ARGS__, NULL})

static const struct node *ask(const struct server_fixture *server, const char *subject, const char *body)
{
    struct diags faults = {0};
    const char *text = raw_request(server, subject, body);
    ck_assert_ptr_nonnull(text);
    const struct node *reply = json_read(test_arena(), text, strlen(text), NULL, &faults);
    ck_assert_msg(reply && !node_get(reply, "error"), "%s: %s", subject, text);
    return reply;
}

static const struct node *stream_info(const struct server_fixture *server, const char *stream)
{
    return ask(server, format("$JS.API.STREAM.INFO.%s", stream), "");
}

static const struct node *consumer_info(const struct server_fixture *server, const char *consumer)
{
    return ask(server, format("$JS.API.CONSUMER.INFO.%s", consumer), "");
}

static const char *config_of(const struct node *info, const char *field)
{
    return node_get_text(node_get(info, "config"), field);
}

static const char *listens_on(const struct server_fixture *server, const char *stream)
{
    return json_text(test_arena(), node_get(node_get(stream_info(server, stream), "config"), "subjects"));
}

static const char *mark_of(const struct node *info, const char *mark)
{
    return node_get_text(node_get(node_get(info, "config"), "metadata"), mark);
}

static const char *state_of(const struct server_fixture *server, const char *stream)
{
    const struct node *state = node_get(stream_info(server, stream), "state");
    return format("%s %s..%s", node_get_text(state, "messages"), node_get_text(state, "first_seq"),
                  node_get_text(state, "last_seq"));
}

/* Delivered, floor, waiting for an acknowledgement, still to come. */
static const char *position_of(const struct server_fixture *server, const char *consumer)
{
    const struct node *info = consumer_info(server, consumer);
    return format("%s %s %s %s", node_get_text(node_get(info, "delivered"), "stream_seq"),
                  node_get_text(node_get(info, "ack_floor"), "stream_seq"),
                  node_get_text(info, "num_ack_pending"), node_get_text(info, "num_pending"));
}

static void make_consumer(const struct server_fixture *server, const char *stream, const char *name,
                          const char *more)
{
    ask(server, format("$JS.API.CONSUMER.DURABLE.CREATE.%s.%s", stream, name),
        format("{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s\",\"ack_policy\":\"explicit\"%s}}",
               stream, name, more));
}

/* Stream A with messages on a.0 and a.1 in turn, and consumers half way. */
static void fill(const struct server_fixture *server)
{
    ask(server, "$JS.API.STREAM.CREATE.A", "{\"name\":\"A\",\"subjects\":[\"a.>\"],\"max_msgs\":100}");
    make_consumer(server, "A", "all", "");
    make_consumer(server, "A", "one", ",\"filter_subject\":\"a.1\"");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, format("a.%d", i % 2), format("message %d", i + 1));
    for (int i = 0; i < 6; i++)
        raw_consume(server, "A.all");
    raw_consume(server, "A.one");
}

static const char *backed_up(const struct server_fixture *server)
{
    const char *folder = test_directory();
    fill(server);
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.A", "");
    return folder;
}

static void assert_nothing(const struct server_fixture *server)
{
    ck_assert_str_eq(node_get_text(ask(server, "$JS.API.STREAM.NAMES", ""), "total"), "0");
}

/* ---- settings ---- */

START_TEST(other_settings)
{
    static const struct {
        const char *set, *says;
    } refused[] = {
        {"max_msgs=5",
         "'max_msgs' cannot be another one at a restore: it is lower than what the backup holds"},
        {"max_age=100ms",
         "'max_age' cannot be another one at a restore: it is lower than what the backup holds"},
        {"max_bytes=10", "'max_bytes' cannot be another one at a restore: it is lower than what the backup"},
        {"retention=workqueue", "what its consumers have acknowledged would go at once"},
        {"first_seq=100", "'first_seq'"},
        {"sources=[{name: B}]", "what it copies comes beside what is restored"},
        {"name=B", "--as NAME gives it another name"},
        {"lint=x", ""},
        {"nonsense", "--set wants FIELD=VALUE, not 'nonsense'"},
        {"max_mgs=5", "did you mean 'max_msgs'?"},
        {"max_age=5", "'max_age' needs a unit"},
    };
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *folder = backed_up(server);
    struct run run;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--set", refused[i].set);
        ck_assert_int_ne(run.exit_code, 0);
        ck_assert_contains(run.err, refused[i].says);
        assert_nothing(server);
    }
    run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--set", "storage=memory");
    bool moves = is_since(server->version, V_2_15);
    ck_assert_int_eq(run.exit_code, moves ? 0 : 1);
    if (!moves)
        ck_assert_contains(run.err, "says yes, and keeps no message");
    else
        ask(server, "$JS.API.STREAM.DELETE.A", "");
    run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--replicas", "3");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "it has 3 replicas, and the server is none of a cluster");
    run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--set", "max_msgs=20", "--set",
                 "max_age=30d", "--set", "description=a copy", "--set", "subjects=[a.>, more]");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "      max_msgs: 100 -> 20\n      max_age: 0 -> 30d\n");
    const struct node *info = stream_info(server, "A");
    ck_assert_str_eq(config_of(info, "max_msgs"), "20");
    ck_assert_str_eq(config_of(info, "max_age"), "2592000000000000");
    ck_assert_str_eq(config_of(info, "description"), "a copy");
    ck_assert_str_eq(state_of(server, "A"), "20 1..20");
    ck_assert_str_eq(position_of(server, "A.all"), "6 6 0 14");
    /* Somebody else has the subject: said before anything is sent. */
    ask(server, "$JS.API.STREAM.DELETE.A", "");
    ask(server, "$JS.API.STREAM.CREATE.B", "{\"name\":\"B\",\"subjects\":[\"a.7\"]}");
    run = RUN_IN(folder, "restore", "out", "--dry-run", "-s", server->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "its subject 'a.>' is that of stream 'B' [restore]");
    fixture_stop(server);
}
END_TEST

/* ---- owners ---- */

static const char owned[] = "project: shop\n"
                            "streams:\n"
                            "  A:\n"
                            "    subjects: [a]\n"
                            "    consumers: {c: {ack_policy: explicit}}\n";

START_TEST(other_owners)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool marks = is_since(server->version, V_2_10);
    run_shell(folder, format("cat >natsform.yaml <<'END'\n%sEND\n", owned));
    ck_assert_exit(RUN_IN(folder, "apply", "--yes", "-s", server->url), 0);
    make_consumer(server, "A", "nobodys", "");
    raw_publish(server, "a", "hello");
    raw_consume(server, "A.c");
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    static const struct {
        const char *option, *value, *owner, *object;
    } wanted[] = {
        {NULL, NULL, "shop", "A > c"},
        {"--project", "bank", "bank", "A > c"},
        {"--no-project", NULL, "", ""},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        ask(server, "$JS.API.STREAM.DELETE.A", "");
        struct run run =
            RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, wanted[i].option, wanted[i].value);
        if (!marks && wanted[i].value) {
            ck_assert_exit(run, 1);
            ck_assert_contains(run.err, "keeps no metadata, and so no owner [restore]");
            ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url), 0);
            continue;
        }
        ck_assert_exit(run, 0);
        const struct node *consumer = consumer_info(server, "A.c");
        ck_assert_str_eq(mark_of(stream_info(server, "A"), "natsform.project"), marks ? wanted[i].owner : "");
        ck_assert_str_eq(mark_of(consumer, "natsform.project"), marks ? wanted[i].owner : "");
        ck_assert_str_eq(mark_of(consumer, "natsform.object"), marks ? wanted[i].object : "");
        ck_assert_str_eq(mark_of(consumer_info(server, "A.nobodys"), "natsform.project"), "");
        ck_assert_str_eq(position_of(server, "A.c"), "1 1 0 0");
    }
    ck_assert_exit(
        RUN_IN(folder, "restore", "out", "--project", "a", "--no-project", "--yes", "-s", server->url), 64);
    fixture_stop(server);
}
END_TEST

/* An owner's marks are nowhere on servers that keep no metadata, and that is said. */
START_TEST(lost_owners)
{
    static const char oldest[] = "2.9.10";
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start("2.10.27", NULL);
    struct server_fixture *old = fixture_start(oldest, NULL);
    run_shell(folder, format("cat >natsform.yaml <<'END'\n%sEND\n", owned));
    ck_assert_exit(RUN_IN(folder, "apply", "--yes", "-s", server->url), 0);
    raw_publish(server, "a", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", old->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "it belongs to no project: the server keeps no metadata");
    ck_assert_str_eq(state_of(old, "A"), "1 1..1");
    fixture_stop(old);
    fixture_stop(server);
}
END_TEST

/* ---- a part of it ---- */

static const char *subjects_of(const struct server_fixture *server, const char *stream, int first, int last)
{
    const char *all = "";
    for (int i = first; i <= last; i++) {
        const char *text =
            raw_request(server, format("$JS.API.STREAM.MSG.GET.%s", stream), format("{\"seq\":%d}", i));
        struct diags faults = {0};
        const struct node *reply = json_read(test_arena(), text, strlen(text), NULL, &faults);
        const char *subject = node_get_text(node_get(reply, "message"), "subject");
        all = format("%s%s ", all, *subject ? subject : "-");
    }
    return all;
}

START_TEST(a_part)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *folder = backed_up(server);
    struct run run = RUN_IN(folder, "restore", "out", "--subject", "a.1", "--yes", "-s", server->url);
    if (!is_since(server->version, V_2_15)) {
        ck_assert_exit(run, 1);
        ck_assert_contains(run.err, "takes an archive as it is alone [restore]");
        struct server_fixture *newest = fixture_start(NULL, NULL);
        run = RUN_IN(folder, "restore", "out", "--subject", "a.1", "--yes", "-s", newest->url);
        ck_assert_exit(run, 1);
        ck_assert_contains(run.err, "in archives of nats-server 2.15 and later [restore]");
        fixture_stop(newest);
        fixture_stop(server);
        return;
    }
    /* The first sequence moves, and the last one stays, as the consumers do. */
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "10 of them (2..20), with the sequences that they had");
    ck_assert_str_eq(state_of(server, "A"), "10 2..20");
    ck_assert_str_eq(subjects_of(server, "A", 1, 6), "- a.1 - a.1 - a.1 ");
    ck_assert_str_eq(position_of(server, "A.all"), "6 6 0 7");
    ck_assert_str_eq(position_of(server, "A.one"), "2 2 0 9");
    raw_publish(server, "a.0", "one more");
    ck_assert_str_eq(state_of(server, "A"), "11 2..21");
    /* Beside it, from a sequence on, under subjects of its own, which the filters follow. */
    run = RUN_IN(folder, "restore", "out", "--as", "B", "--from-sequence", "11", "--rename-subject",
                 "a.*=b.{{wildcard(1)}}.x", "--yes", "-s", server->url);
    ck_assert_exit(run, 1); /* the stream's subject a.> is not renamed by that */
    ck_assert_contains(run.err, "its subject 'a.>' is that of stream 'A' [restore]");
    run = RUN_IN(folder, "restore", "out", "--as", "B", "--from-sequence", "11", "--rename-subject",
                 "a.>=b.>", "--yes", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out,
                       "10 of them (11..20), with the sequences that they had; 10 with another subject\n"
                       "      subjects: [a.>] -> [b.>]\n");
    ck_assert_str_eq(state_of(server, "B"), "10 11..20");
    ck_assert_str_eq(subjects_of(server, "B", 10, 14), "- b.0 b.1 b.0 b.1 ");
    ck_assert_str_eq(config_of(consumer_info(server, "B.one"), "filter_subject"), "b.1");
    ck_assert_str_eq(position_of(server, "B.all"), "10 10 0 10");
    ck_assert_str_eq(position_of(server, "B.one"), "10 10 0 5");
    /* The same again finds it there. */
    run = RUN_IN(folder, "restore", "out", "--as", "B", "--from-sequence", "11", "--rename-subject",
                 "a.>=b.>", "--yes", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "it is there already");
    fixture_restart(server, NULL);
    ck_assert_str_eq(state_of(server, "B"), "10 11..20");
    ck_assert_str_eq(position_of(server, "B.all"), "10 10 0 10");
    fixture_stop(server);
}
END_TEST

/* From a time on; filters that a rename tears; and what is none of a mapping. */
START_TEST(a_part_is_checked)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    const char *folder = backed_up(server);
    static const struct {
        const char *option, *value;
        int exit_code;
        const char *says;
    } refused[] = {
        {"--rename-subject", "a.0=b.0", 0, NULL},
        {"--rename-subject", "a.*=a.b.$1", 0, NULL},
        {"--rename-subject", "a.1.>=b.>", 0, NULL},
        {"--rename-subject", "a.>=b.1", 64, "must end in '>'"},
        {"--rename-subject", "a.*=b.{{partition(3,1)}}", 64, "{{wildcard(1)}} is the only function for this"},
        {"--rename-subject", "a.*=b.$2", 64, "has '$2', and 'a.*' has 1 '*'"},
        {"--rename-subject", "a.1", 64, "has no '='"},
        {"--subject", "a..b", 64, "--subject wants a subject"},
        {"--subject", "c", 1, "it has no such message [restore]"},
        {"--from-sequence", "0", 64, "--from-sequence wants a sequence"},
        {"--from-sequence", "21", 1, "it has no such message [restore]"},
        {"--from-time", "yesterday", 64, "--from-time wants a time"},
        {"--from-time", "2100-01-01T00:00:00Z", 1, "it has no such message [restore]"},
        {"--from-time", "10w", 0, NULL},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct run run = RUN_IN(folder, "restore", "out", "--dry-run", "-s", server->url, refused[i].option,
                                refused[i].value);
        ck_assert_exit(run, refused[i].exit_code);
        if (refused[i].says)
            ck_assert_contains(run.err, refused[i].says);
    }
    /* Of the messages of consumer "two", some would be called otherwise. */
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url), 0);
    make_consumer(server, "A", "two", ",\"filter_subject\":\"a.*\"");
    const struct node *last = ask(server, "$JS.API.STREAM.MSG.GET.A", "{\"seq\":15}");
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "more", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.A", "");
    struct run run =
        RUN_IN(folder, "restore", "more", "--dry-run", "-s", server->url, "--rename-subject", "a.0=b");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "of what consumer 'two' filters by 'a.*', some is renamed and some is not");
    run = RUN_IN(folder, "restore", "more", "--yes", "-s", server->url, "--from-time",
                 node_get_text(node_get(last, "message"), "time"));
    ck_assert_exit(run, 0);
    ck_assert_str_eq(state_of(server, "A"), "6 15..20");
    fixture_stop(server);
}
END_TEST

/* What the archive has acknowledged behind the first message that is kept does not come again, and what waits does. */
START_TEST(a_part_keeps_positions)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    const char *folder = test_directory();
    fill(server);
    /* Message 7 is never acknowledged, and the others up to 12 are. */
    const char *kept = raw_request(server, "$JS.API.CONSUMER.MSG.NEXT.A.all", "1");
    ck_assert_str_eq(kept, "message 7");
    for (int i = 0; i < 5; i++)
        raw_consume(server, "A.all");
    ck_assert_str_eq(position_of(server, "A.all"), "12 6 1 8");
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.A", "");
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--from-sequence", "9", "--yes", "-s", server->url), 0);
    ck_assert_str_eq(position_of(server, "A.all"), "12 12 0 8");
    ask(server, "$JS.API.STREAM.DELETE.A", "");
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--from-sequence", "7", "--yes", "-s", server->url), 0);
    ck_assert_str_eq(position_of(server, "A.all"), "12 6 1 8");
    fixture_stop(server);
}
END_TEST

/* ---- consumers that the archive lacks ---- */

static const char with_memory[] =
    "streams:\n"
    "  A:\n"
    "    subjects: [a.>]\n"
    "    max_msgs: 100\n"
    "    consumers:\n"
    "      memory: {ack_policy: explicit, mem_storage: true}\n"
    "      fresh: {ack_policy: explicit, mem_storage: true, deliver_policy: new}\n";

/* Servers with CONSUMER.RESET get them as they were, and the plan is empty. Others begin behind what was acknowledged. */
START_TEST(made_anew)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct server_fixture *newest = fixture_start(NULL, NULL);
    bool all_there = is_since(server->version, V_2_15);
    fill(server);
    make_consumer(server, "A", "memory", ",\"mem_storage\":true");
    make_consumer(server, "A", "fresh", ",\"mem_storage\":true,\"deliver_policy\":\"new\"");
    for (int i = 0; i < 7; i++)
        raw_consume(server, "A.memory");
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.A", "");
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", newest->url);
    ck_assert_exit(run, 0);
    if (!all_there)
        ck_assert_contains(run.out,
                           "consumer memory is not in the archive: it is made anew, and goes on from 8;");
    ck_assert_str_eq(position_of(newest, "A.memory"), "7 7 0 13");
    ck_assert_str_eq(config_of(consumer_info(newest, "A.memory"), "deliver_policy"), "all");
    run_shell(folder, format("cat >natsform.yaml <<'END'\n%sEND\n", with_memory));
    run = RUN_IN(folder, "plan", "-s", newest->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Plan: 3 in sync");
    raw_consume(newest, "A.memory");
    ck_assert_str_eq(position_of(newest, "A.memory"), "8 8 0 12");
    if (all_there) {
        fixture_stop(newest);
        fixture_stop(server);
        return;
    }
    /* A run that was killed has left it where it begins, and paused. */
    ask(newest, "$JS.API.CONSUMER.DELETE.A.memory", "");
    make_consumer(newest, "A", "memory", ",\"mem_storage\":true,\"pause_until\":\"2100-01-01T00:00:00Z\"");
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", newest->url), 0);
    ck_assert_str_eq(position_of(newest, "A.memory"), "7 7 0 13");
    raw_consume(newest, "A.memory");
    /* On the server itself. */
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url), 0);
    ck_assert_str_eq(config_of(consumer_info(server, "A.memory"), "deliver_policy"), "by_start_sequence");
    raw_consume(server, "A.memory");
    ck_assert_str_eq(node_get_text(node_get(consumer_info(server, "A.memory"), "delivered"), "stream_seq"),
                     "8");
    fixture_stop(newest);
    fixture_stop(server);
}
END_TEST

/* ---- half ---- */

/* A server from 2.15 on refuses a message in the middle, and has kept those before it. They are taken away again. */
START_TEST(half_of_it_is_taken_away)
{
    enum { LONG_BYTES = 300 * 1000 };
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct server_fixture *narrow = fixture_start(version_at(_i), "max_payload: 200000\n");
    bool refuses = is_since(server->version, V_2_15);
    char *text = malloc(LONG_BYTES + 1);
    memset(text, 'x', LONG_BYTES);
    text[LONG_BYTES] = '\0';
    fill(server);
    raw_publish(server, "a.1", text);
    raw_publish(server, "a.1", "the last one");
    free(text);
    ck_assert_exit(RUN_IN(folder, "backup", "A", "--out", "out", "-s", server->url), 0);
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", narrow->url);
    ck_assert_exit(run, refuses ? 1 : 0);
    if (refuses) {
        ck_assert_contains(run.err,
                           "stream 'A' is not restored: restore failed: message sequence 21 exceeds");
        ck_assert(!strstr(run.err, "something is left"));
        assert_nothing(narrow);
    } else {
        ck_assert_str_eq(state_of(narrow, "A"), "22 1..22");
    }
    fixture_stop(narrow);
    fixture_stop(server);
}
END_TEST

/* ---- in a cluster ---- */

static uint64_t current_replicas(const struct node *info)
{
    const struct node *others = node_get(node_get(info, "cluster"), "replicas");
    uint64_t current = 1;
    for (size_t i = 0; others && i < others->count; i++) {
        bool is_current = false;
        current += node_is_bool(node_get(others->items[i], "current"), &is_current) && is_current;
    }
    return current;
}

static void fill_large(const struct server_fixture *server)
{
    char *text = malloc(LARGE_BYTES + 1);
    memset(text, 'x', LARGE_BYTES);
    text[LARGE_BYTES] = '\0';
    ask(server, "$JS.API.STREAM.CREATE.L",
        "{\"name\":\"L\",\"subjects\":[\"l\"],\"num_replicas\":3,\"max_bytes\":100000000}");
    make_consumer(server, "L", "follows", "");
    make_consumer(server, "L", "one", ",\"filter_subject\":\"l\"");
    for (int i = 0; i < LARGE_MESSAGES; i++)
        raw_publish(server, "l", text);
    for (int i = 0; i < 3; i++) {
        raw_consume(server, "L.follows");
        raw_consume(server, "L.one");
    }
    free(text);
}

/* A large stream is there once with one replica, and then with all of them; each has its consumers. */
START_TEST(scaled)
{
    const char *folder = test_directory();
    struct cluster_fixture *cluster = cluster_start(version_at(_i), "C1");
    const struct server_fixture *server = cluster->nodes[0];
    fill_large(server);
    ck_assert_exit(RUN_IN(folder, "backup", "L", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.L", "");
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "      it is restored with 1 replica, and gets 3 then, since it is large\n");
    ck_assert_str_eq(config_of(stream_info(server, "L"), "num_replicas"), "3");
    AWAIT(current_replicas(stream_info(server, "L")) == 3);
    ck_assert_str_eq(state_of(server, "L"), format("%d 1..%d", LARGE_MESSAGES, LARGE_MESSAGES));
    AWAIT(strcmp(position_of(server, "L.follows"), format("3 3 0 %d", LARGE_MESSAGES - 3)) == 0);
    AWAIT(strcmp(position_of(server, "L.one"), format("3 3 0 %d", LARGE_MESSAGES - 3)) == 0);
    /* One copy only, in the place that was asked for. */
    ask(server, "$JS.API.STREAM.DELETE.L", "");
    ck_assert_exit(
        RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--replicas", "1", "--cluster", "C1"),
        0);
    ck_assert_str_eq(config_of(stream_info(server, "L"), "num_replicas"), "1");
    ck_assert_str_eq(
        node_get_text(node_get(node_get(stream_info(server, "L"), "config"), "placement"), "cluster"), "C1");
    /* As a run leaves it that was killed before it could scale: the next one does. */
    run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "it is there already, with just these messages: nothing is sent\n");
    ck_assert_str_eq(config_of(stream_info(server, "L"), "num_replicas"), "3");
    ask(server, "$JS.API.STREAM.DELETE.L", "");
    run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--tag", "nowhere");
    ck_assert_int_ne(run.exit_code, 0);
    assert_nothing(server);
    cluster_stop(cluster);
}
END_TEST

/* No consumer has more replicas than its stream: so all of them are there at once, or the consumer gets fewer. */
START_TEST(consumers_with_replicas)
{
    const char *folder = test_directory();
    struct cluster_fixture *cluster = cluster_start(version_at(_i), "C1");
    const struct server_fixture *server = cluster->nodes[0];
    bool rewrites = is_since(server->version, V_2_15);
    ask(server, "$JS.API.STREAM.CREATE.L", "{\"name\":\"L\",\"subjects\":[\"l\"],\"num_replicas\":3}");
    make_consumer(server, "L", "three", ",\"num_replicas\":3");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "l", "hello");
    raw_consume(server, "L.three");
    ck_assert_exit(RUN_IN(folder, "backup", "L", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.L", "");
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url), 0);
    ck_assert_str_eq(config_of(consumer_info(server, "L.three"), "num_replicas"), "3");
    ask(server, "$JS.API.STREAM.DELETE.L", "");
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", server->url, "--replicas", "1");
    ck_assert_exit(run, rewrites ? 0 : 1);
    if (rewrites) {
        ck_assert_contains(run.out, "consumers with more replicas get 1\n");
        ck_assert_str_eq(config_of(consumer_info(server, "L.three"), "num_replicas"), "1");
        ck_assert_str_eq(state_of(server, "L"), "20 1..20");
        AWAIT(strcmp(position_of(server, "L.three"), "1 1 0 19") == 0);
    } else {
        ck_assert_contains(run.err, "its consumer 'three' has 3 replicas, and no stream has fewer [restore]");
    }
    cluster_stop(cluster);
}
END_TEST

static const char *lose_the_first_answer(struct relay *relay, const struct relay_request *request)
{
    const char *reply = relay_pass(relay, request, request->body);
    bool first = strcmp(request->verb, "STREAM.RESTORE") == 0 && relay_count(relay, request->verb, NULL) == 1;
    return first ? "{\"type\":\"io.nats.jetstream.api.v1.stream_restore_response\"}" : reply;
}

/* Until the cluster gives up waiting for the pieces, nobody else gets the name. */
START_TEST(begun_in_vain)
{
    const char *folder = test_directory();
    struct cluster_fixture *cluster = cluster_start(version_at(_i), "C1");
    struct server_fixture *server = cluster->nodes[0];
    ask(server, "$JS.API.STREAM.CREATE.L", "{\"name\":\"L\",\"subjects\":[\"l\"],\"num_replicas\":3}");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "l", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "L", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.L", "");
    struct relay *relay = relay_start_same_version(server, lose_the_first_answer, NULL);
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", relay->url), 0);
    ck_assert_uint_gt(relay_count(relay, "STREAM.RESTORE", "L"), 1);
    ck_assert_str_eq(state_of(server, "L"), "20 1..20");
    relay_stop(relay);
    cluster_stop(cluster);
}
END_TEST

/* ---- who publishes meanwhile ---- */

struct publishing_behind {
    size_t tries, acknowledged;
};

/* Behind each request from the restore on, somebody publishes, and counts what the server acknowledges. */
static const char *publish_behind(struct relay *relay, const struct relay_request *request)
{
    struct publishing_behind *publishing = relay->context;
    const char *reply = relay_pass(relay, request, request->body);
    natsMsg *answer = NULL;
    if (!relay_count(relay, "STREAM.RESTORE", "I"))
        return reply;
    publishing->tries++;
    if (natsConnection_RequestString(&answer, relay->back_connection, "i.more", "hello", PUBLISH_MS) ==
        NATS_OK)
        publishing->acknowledged +=
            natsMsg_GetDataLength(answer) && strstr(natsMsg_GetData(answer), "\"seq\"") != NULL;
    natsMsg_Destroy(answer);
    return reply;
}

/* An interest stream drops what nobody waits for, and its consumers come after it. */
START_TEST(interest_in_use)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    struct publishing_behind publishing = {0};
    ask(server, "$JS.API.STREAM.CREATE.I",
        "{\"name\":\"I\",\"subjects\":[\"i.>\"],\"retention\":\"interest\"}");
    make_consumer(server, "I", "memory", ",\"mem_storage\":true");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "i.seed", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "I", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.I", "");
    struct relay *relay = relay_start_same_version(server, publish_behind, &publishing);
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", relay->url), 0);
    relay_stop(relay);
    ck_assert_uint_gt(publishing.tries, 1);
    size_t all = MESSAGES + publishing.acknowledged;
    ck_assert_str_eq(state_of(server, "I"), format("%zu 1..%zu", all, all));
    ck_assert_str_eq(listens_on(server, "I"), "[\"i.>\"]");
    raw_publish(server, "i.more", "hello");
    fixture_stop(server);
}
END_TEST

/* Behind the first request after the restore, the consumer "c" is at work; the context counts what it has acknowledged. */
static const char *consume_behind(struct relay *relay, const struct relay_request *request)
{
    size_t *acknowledged = relay->context;
    const char *reply = relay_pass(relay, request, request->body);
    if (!relay_count(relay, "STREAM.RESTORE", "I") || *acknowledged ||
        strcmp(request->verb, "STREAM.RESTORE") == 0)
        return reply;
    for (int i = 0; i < AT_WORK; i++) {
        natsMsg *message = NULL, *done = NULL;
        if (natsConnection_RequestString(&message, relay->back_connection, "$JS.API.CONSUMER.MSG.NEXT.I.c",
                                         "", PUBLISH_MS) == NATS_OK &&
            natsMsg_GetReply(message) &&
            natsConnection_RequestString(&done, relay->back_connection, natsMsg_GetReply(message), "+ACK",
                                         PUBLISH_MS) == NATS_OK)
            ++*acknowledged;
        natsMsg_Destroy(message);
        natsMsg_Destroy(done);
    }
    return reply;
}

/* Somebody consumes as soon as there is anything; what others wait for who come later stays for them. */
START_TEST(consumers_at_work)
{
    static const char *const retentions[] = {"interest", "workqueue"};
    const char *folder = test_directory(), *retention = retentions[_i % 2];
    struct server_fixture *server = fixture_start(version_at(_i / 2), NULL);
    bool is_queue = _i % 2 == 1;
    size_t acknowledged = 0;
    ask(server, "$JS.API.STREAM.CREATE.I",
        format("{\"name\":\"I\",\"subjects\":[\"i.>\"],\"retention\":\"%s\"}", retention));
    make_consumer(server, "I", "c", is_queue ? ",\"filter_subject\":\"i.seed\"" : "");
    make_consumer(server, "I", "memory",
                  is_queue ? ",\"mem_storage\":true,\"filter_subject\":\"i.other\""
                           : ",\"mem_storage\":true");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "i.seed", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "I", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.I", "");
    struct relay *relay = relay_start_same_version(server, consume_behind, &acknowledged);
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", relay->url), 0);
    relay_stop(relay);
    ck_assert_uint_eq(acknowledged, AT_WORK);
    ck_assert_str_eq(listens_on(server, "I"), "[\"i.>\"]");
    ck_assert_str_eq(config_of(stream_info(server, "I"), "retention"), retention);
    /* A second run finds it, though it has fewer messages. */
    if (is_queue)
        ck_assert_contains(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url).out,
                           "it is there already");
    if (is_queue)
        ck_assert_str_eq(state_of(server, "I"),
                         format("%d %d..%d", MESSAGES - AT_WORK, AT_WORK + 1, MESSAGES));
    else if (is_since(server->version, V_2_10)) /* 2.9 takes no other retention later */
        ck_assert_str_eq(position_of(server, "I.memory"), format("0 0 0 %d", MESSAGES));
    fixture_stop(server);
}
END_TEST

/* One that was killed has left it frozen, or its consumers are refused; the next run goes on. */
static const char *refuse_consumers(struct relay *relay, const struct relay_request *request)
{
    bool makes = relay_is_of(request, "CONSUMER.DURABLE", "CREATE.*");
    const char *refusal =
        "{\"type\":\"io.nats.jetstream.api.v1.consumer_create_response\",\"error\":{\"code\":503,"
        "\"err_code\":10008,\"description\":\"JetStream system temporarily unavailable\"}}";
    return makes ? refusal : relay_pass(relay, request, request->body);
}

START_TEST(interest_goes_on)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    if (is_since(server->version, V_2_15)) /* all consumers are in the archive */
        return;
    ask(server, "$JS.API.STREAM.CREATE.I",
        "{\"name\":\"I\",\"subjects\":[\"i.>\"],\"retention\":\"interest\"}");
    make_consumer(server, "I", "memory", ",\"mem_storage\":true");
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "i.seed", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "I", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.I", "");
    struct relay *relay = relay_start_same_version(server, refuse_consumers, NULL);
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", relay->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "stream 'I' has all of its messages, and takes none yet");
    relay_stop(relay);
    ck_assert_str_eq(listens_on(server, "I"), "[\"natsform.frozen.I\"]");
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", server->url), 0);
    ck_assert_str_eq(listens_on(server, "I"), "[\"i.>\"]");
    ck_assert_str_eq(state_of(server, "I"), "20 1..20");
    ck_assert_str_eq(position_of(server, "I.memory"), "0 0 0 20");
    fixture_stop(server);
}
END_TEST

/* Servers of a cluster keep the name of a stream that was deleted for a moment. */
static const char *keep_the_name(struct relay *relay, const struct relay_request *request)
{
    static const char kept[] =
        "{\"type\":\"io.nats.jetstream.api.v1.stream_restore_response\",\"error\":{\"code\":400,"
        "\"err_code\":10130,\"description\":\"stream name already in use, cannot restore\"}}";
    const char *made = relay->context;
    if (strcmp(request->verb, "STREAM.RESTORE") != 0)
        return relay_pass(relay, request, request->body);
    if (made) /* and so it does where somebody has made one since it was looked for */
        relay_pass(relay, &(struct relay_request){.verb = "STREAM.CREATE", .name = "I"}, made);
    return made || relay_count(relay, "STREAM.RESTORE", "I") > 2 ? relay_pass(relay, request, request->body)
                                                                 : kept;
}

START_TEST(name_is_kept)
{
    static char other[] = "{\"name\":\"I\",\"subjects\":[\"other\"]}";
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    ask(server, "$JS.API.STREAM.CREATE.I", "{\"name\":\"I\",\"subjects\":[\"i\"]}");
    raw_publish(server, "i", "hello");
    ck_assert_exit(RUN_IN(folder, "backup", "I", "--out", "out", "-s", server->url), 0);
    ask(server, "$JS.API.STREAM.DELETE.I", "");
    struct relay *relay = relay_start_same_version(server, keep_the_name, NULL);
    ck_assert_exit(RUN_IN(folder, "restore", "out", "--yes", "-s", relay->url), 0);
    ck_assert_uint_eq(relay_count(relay, "STREAM.RESTORE", "I"), 3);
    relay_stop(relay);
    ck_assert_str_eq(state_of(server, "I"), "1 1..1");
    ask(server, "$JS.API.STREAM.DELETE.I", "");
    relay = relay_start_same_version(server, keep_the_name, other);
    struct run run = RUN_IN(folder, "restore", "out", "--yes", "-s", relay->url);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "stream name already in use, cannot restore (10130)");
    ck_assert_uint_eq(relay_count(relay, "STREAM.RESTORE", "I"), 1);
    relay_stop(relay);
    ck_assert_str_eq(listens_on(server, "I"), "[\"other\"]");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = name_is_kept, .each_version = true},
        {.test = scaled, .each_version = true},
        {.test = consumers_with_replicas, .each_version = true},
        {.test = begun_in_vain, .each_version = true},
        {.test = interest_in_use, .each_version = true},
        {.test = interest_goes_on, .each_version = true},
        {.test = consumers_at_work, .times = 2, .each_version = true},
        {.test = other_settings, .each_version = true},
        {.test = other_owners, .each_version = true},
        {.test = lost_owners},
        {.test = a_part, .each_version = true},
        {.test = a_part_is_checked},
        {.test = a_part_keeps_positions},
        {.test = made_anew, .each_version = true},
        {.test = half_of_it_is_taken_away, .each_version = true},
    };
    return suite_run("live/restore", tests, sizeof(tests) / sizeof(tests[0]));
}
