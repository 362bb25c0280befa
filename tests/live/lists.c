/*
 * Lists that are not what they were a moment ago, or were never true: what they say is bounded by what comes, and a stream
 * that goes while it is read is read again; and the clock that messages age by is the server's. Through the program, behind a relay.
 */
#include <check.h>
#include <stdatomic.h>
#include <string.h>

#include "base/exit.h"
#include "support/client.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"

enum { PEAK_MOST_KB = 64 * 1024, PAGES_MOST = 400 };

static const char *const *versions;
static size_t version_count;

#define HUGE_TOTAL "1000000000000000"
#define STREAM "{\"name\":\"S\",\"subjects\":[\"s\"]}"
#define CONSUMER(name)                                                                                       \
    "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"" name "\",\"ack_policy\":\"explicit\"}}"
#define MANIFEST                                                                                             \
    "project: p\n"                                                                                           \
    "streams: {S: {subjects: [s], consumers: {c: {ack_policy: explicit}}}, T: {subjects: [t]}}\n"

static struct server_fixture *server_with_stream(const char *version)
{
    struct server_fixture *server = fixture_start(version, NULL);
    raw_request(server, "$JS.API.STREAM.CREATE.S", STREAM);
    raw_request(server, "$JS.API.CONSUMER.DURABLE.CREATE.S.c", CONSUMER("c"));
    return server;
}

/* ---- totals that are not true ---- */

/* Puts another number behind a key of the replies to a verb. */
struct boast {
    const char *verb;
    const char *key;
    bool first_page; /* whatever page is asked for */
};

static const char *boast_hook(struct relay *relay, const struct relay_request *request)
{
    const struct boast *boast = relay->context;
    bool hit = strcmp(request->verb, boast->verb) == 0;
    const char *reply = relay_pass(relay, request, hit && boast->first_page ? "" : request->body);
    const char *key = arena_printf(&relay->arena, "\"%s\":", boast->key);
    const char *found = hit && reply ? strstr(reply, key) : NULL;
    if (!found)
        return reply;
    const char *number = found + strlen(key);
    return arena_printf(&relay->arena, "%.*s" HUGE_TOTAL "%s", (int)(number - reply), reply,
                        number + strspn(number, "0123456789"));
}

static const struct boast boasts[] = {
    {"STREAM.LIST", "total", false},
    {"STREAM.LIST", "total", true},
    {"CONSUMER.LIST", "total", false},
    {"CONSUMER.LIST", "total", true},
    {"STREAM.LIST", "consumer_count", false},
    {"INFO", "streams", false},
    {"INFO", "streams", true},
};
enum { BOASTS = sizeof(boasts) / sizeof(boasts[0]) };

static const char *const commands[][3] = {{"plan"}, {"plan", "--prune"}, {"export"}};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

START_TEST(totals_are_bounded_by_what_comes)
{
    struct boast boast = boasts[_i];
    struct server_fixture *server = server_with_stream(NULL);
    const char *path = write_file(test_directory(), "natsform.yaml", MANIFEST);
    struct relay *relay = relay_start(server, boast_hook, &boast);
    for (size_t i = 0; i < COMMANDS; i++) {
        bool exports = strcmp(commands[i][0], "export") == 0;
        struct run run = exports ? RUN("export", "-s", relay->url)
                                 : RUN("plan", "-f", path, "-s", relay->url,
                                       commands[i][1] ? commands[i][1] : "--color=never");
        ck_assert_msg(SUITE_SANITIZED || run.peak_kb < PEAK_MOST_KB, "it took %ld KiB", run.peak_kb);
        ck_assert_uint_le(relay_count(relay, boast.verb, NULL), PAGES_MOST);
        if (!exports)
            ck_assert_contains(run.out, "Plan: 1 to create, ");
        else if (run.exit_code)
            ck_assert_contains(run.err, "of " HUGE_TOTAL " answered");
        else
            ck_assert_contains(run.out, "  S:\n");
    }
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- lists without end ---- */

/* Lists that a server goes on with for ever: names that nobody has had before, page by page. */
struct endless {
    const char *verb;
    const char *type;
    const char *items;  /* the key of the list */
    const char *format; /* of an item, with its name */
    const char *args[4];
    const char *said;
};

static atomic_uint endless_pages;

static const char *endless_hook(struct relay *relay, const struct relay_request *request)
{
    const struct endless *endless = relay->context;
    if (strcmp(request->verb, endless->verb) != 0)
        return relay_pass(relay, request, request->body);
    unsigned page = atomic_fetch_add(&endless_pages, 1);
    const char *name = arena_printf(&relay->arena, "A%08u", page);
    const char *other = arena_printf(&relay->arena, "B%08u", page);
    return arena_printf(&relay->arena,
                        "{\"type\":\"io.nats.jetstream.api.v1.%s\",\"total\":" HUGE_TOTAL
                        ",\"offset\":0,\"limit\":2,\"%s\":[%s,%s]}",
                        endless->type, endless->items, relay_replace(relay, endless->format, "NAME", name),
                        relay_replace(relay, endless->format, "NAME", other));
}

#define ENDLESS_STREAMS                                                                                      \
    "STREAM.LIST", "stream_list_response", "streams",                                                        \
        "{\"config\":{\"name\":\"NAME\",\"subjects\":[\"NAME\"]},\"state\":{\"consumer_count\":0}}"
#define ENDLESS_CONSUMERS                                                                                    \
    "CONSUMER.LIST", "consumer_list_response", "consumers",                                                  \
        "{\"stream_name\":\"S\",\"name\":\"NAME\",\"config\":{\"durable_name\":\"NAME\"}}"
#define ENDLESS_NAMES "STREAM.NAMES", "stream_names_response", "streams", "\"NAME\""

static const struct endless endless_lists[] = {
    {ENDLESS_NAMES,
     {"apply", "--yes"},
     "error: cannot lock project 'p': the server's list of streams has no end [reply]"},
    {ENDLESS_NAMES,
     {"unlock", "--yes"},
     "error: cannot lock project 'p': the server's list of streams has no end [reply]"},
    {ENDLESS_STREAMS,
     {"plan", "--prune"},
     "error: cannot list the streams: the server's list has no end [reply]"},
    {ENDLESS_CONSUMERS,
     {"plan", "--prune"},
     "error: cannot list the consumers of stream 'S': the server's list has no end [reply]"},
    {ENDLESS_STREAMS,
     {"destroy", "--prune"},
     "error: cannot list the streams: the server's list has no end [reply]"},
};
enum { ENDLESS_LISTS = sizeof(endless_lists) / sizeof(endless_lists[0]) };

START_TEST(no_list_is_read_for_ever)
{
    struct endless endless = endless_lists[_i];
    struct server_fixture *server = server_with_stream(NULL);
    const char *path = write_file(test_directory(), "natsform.yaml", MANIFEST);
    struct relay *relay = relay_start(server, endless_hook, &endless);
    struct run run = RUN(endless.args[0], "-f", path, "-s", relay->url,
                         endless.args[1] ? endless.args[1] : "--color=never");
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(run.err, endless.said);
    ck_assert_msg(SUITE_SANITIZED || run.peak_kb < 2 * PEAK_MOST_KB, "it took %ld KiB", run.peak_kb);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- streams that go while they are read ---- */

struct deleter {
    const char *verb;  /* before the first such request's answer */
    const char *again; /* the stream is made anew with that configuration; NULL: it is not */
    atomic_int times;  /* how often it is still to be deleted */
};

static const char *deleter_hook(struct relay *relay, const struct relay_request *request)
{
    struct deleter *deleter = relay->context;
    const struct relay_request gone = {.verb = "STREAM.DELETE", .name = "S"};
    const struct relay_request made = {.verb = "STREAM.CREATE", .name = "S"};
    const struct relay_request consumer = {.verb = "CONSUMER.DURABLE.CREATE", .name = "S.c"};
    if (strcmp(request->verb, deleter->verb) != 0 || atomic_fetch_sub(&deleter->times, 1) <= 0)
        return relay_pass(relay, request, request->body);
    relay_pass(relay, &gone, "");
    const char *reply = relay_pass(relay, request, request->body);
    if (deleter->again)
        relay_pass(relay, &made, deleter->again);
    if (deleter->again && strcmp(deleter->again, STREAM) == 0)
        relay_pass(relay, &consumer, CONSUMER("c"));
    return reply;
}

static struct deleter deleted(const char *verb, const char *again, int times)
{
    return (struct deleter){.verb = verb, .again = again, .times = times};
}

/* The manifest says a connection, so nothing is asked before it is read: the one request is the one that counts. */
static const char *manifest_of(const struct relay *relay)
{
    return write_file(test_directory(), "natsform.yaml",
                      arena_printf(test_arena(), "connection: {url: '%s'}\n" MANIFEST, relay->url));
}

START_TEST(a_stream_that_goes_is_read_again)
{
    struct deleter deleter = deleted("CONSUMER.LIST", NULL, 1);
    struct server_fixture *server = server_with_stream(versions[_i]);
    struct relay *relay = relay_start(server, deleter_hook, &deleter);
    struct run run = RUN("plan", "-f", manifest_of(relay));
    ck_assert_text(run.err, "");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "  + stream S\n");
    ck_assert_contains(run.out, "Plan: 3 to create, 0 in sync, ");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* What is there now counts, and not what was there before, of which no difference is reported. */
START_TEST(a_stream_that_is_another_is_read_again)
{
    struct deleter deleter =
        deleted("CONSUMER.LIST", "{\"name\":\"S\",\"subjects\":[\"s\"],\"max_msgs\":7}", 1);
    struct server_fixture *server = server_with_stream(versions[_i]);
    struct relay *relay = relay_start(server, deleter_hook, &deleter);
    struct run run = RUN("plan", "-f", manifest_of(relay));
    ck_assert_text(
        run.err,
        "note: stream S has no mark of natsform's: new to project 'p', or lost on the server [lost-mark]\n"
        "hint: who sets metadata replaces all of it, as 'nats stream edit --metadata' does; "
        "apply puts the mark back\n");
    ck_assert_contains(run.out, "max_msgs: 7 -> unlimited");
    ck_assert_contains(run.out, "Plan: 2 to create, 1 to ");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* An export reads whole accounts, with the same lists. */
START_TEST(an_export_reads_again)
{
    struct deleter deleter = deleted("CONSUMER.LIST", NULL, 1);
    struct server_fixture *server = server_with_stream(versions[_i]);
    raw_request(server, "$JS.API.STREAM.CREATE.U", "{\"name\":\"U\",\"subjects\":[\"u\"]}");
    struct relay *relay = relay_start(server, deleter_hook, &deleter);
    struct run run = RUN("export", "-s", relay->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "  U:\n");
    ck_assert_lacks(run.out, "  S:\n");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

START_TEST(it_ends_when_streams_go_for_ever)
{
    struct deleter deleter = deleted("CONSUMER.LIST", STREAM, 99);
    struct server_fixture *server = server_with_stream(NULL);
    struct relay *relay = relay_start(server, deleter_hook, &deleter);
    struct run run = RUN("plan", "-f", manifest_of(relay));
    ck_assert_text(run.out, "");
    ck_assert_text(
        run.err, "error: the server's streams cannot be read: they come and go while they are read [reply]\n"
                 "hint: try again when nobody deletes streams and the cluster has all its servers\n");
    ck_assert_uint_eq(relay_count(relay, "CONSUMER.LIST", NULL), 3);
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- leaders that do not answer ---- */

/*
 * The list names the consumer, and does not have it: its leader did not answer in time. 2.9 does not count it either. After a move it
 * may be that a server is about to run it and says that there is none, so often.
 */
static const char *silent_hook(struct relay *relay, const struct relay_request *request)
{
    atomic_int *denials = relay->context;
    if (relay_is_of(request, "CONSUMER.LIST", "S"))
        return "{\"type\":\"io.nats.jetstream.api.v1.consumer_list_response\",\"total\":0,\"offset\":0,"
               "\"limit\":256,\"consumers\":[],\"missing\":[\"c\"]}";
    if (relay_is_of(request, "CONSUMER.INFO", "S.c") && atomic_fetch_sub(denials, 1) > 0)
        return "{\"type\":\"io.nats.jetstream.api.v1.consumer_info_response\",\"error\":{\"code\":404,"
               "\"err_code\":10014,\"description\":\"consumer not found\"}}";
    return relay_pass(relay, request, request->body);
}

START_TEST(a_silent_consumer_is_there)
{
    static const int denials[] = {0, 1, 2, 99};
    static const char one[] = "streams: {S: {subjects: [s], consumers: {c: {ack_policy: explicit}}}}\n";
    atomic_int left = denials[_i];
    struct server_fixture *server = server_with_stream(NULL);
    struct relay *relay = relay_start(server, silent_hook, &left);
    const char *path = write_file(test_directory(), "natsform.yaml", one);
    struct run run = RUN("plan", "-s", relay->url, "-f", path);
    ck_assert_exit(run, denials[_i] < 3 ? 0 : EXIT_FAILED);
    if (denials[_i] < 3)
        ck_assert_contains(run.out, "Plan: 2 in sync, ");
    else
        ck_assert_contains(run.err, "they come and go while they are read [reply]");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* What reads whole accounts does not take such a list for all of it. */
START_TEST(a_silent_consumer_is_not_left_out)
{
    atomic_int left = 0;
    struct server_fixture *server = server_with_stream(NULL);
    struct relay *relay = relay_start(server, silent_hook, &left);
    struct run run = RUN("export", "-s", relay->url);
    ck_assert_exit(run, EXIT_FAILED);
    ck_assert_contains(run.err,
                       "the list of consumers of stream 'S' is not complete: 0 of 1 answered [reply]");
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

/* ---- clocks ---- */

/* The server's clock goes a thousand years ahead of ours. */
static const char *clock_hook(struct relay *relay, const struct relay_request *request)
{
    const char *reply = relay_pass(relay, request, request->body);
    return reply ? relay_replace(relay, reply, "\"ts\":\"2", "\"ts\":\"3") : NULL;
}

/* Messages age by the clock that lets them expire. 2.9 does not tell it. */
START_TEST(ages_count_by_the_servers_clock)
{
    static const char *const manifests[] = {
        "streams: {S: {subjects: [s], max_age: 300d}}\n",
        "streams: {S: {subjects: [s], max_age: 9d}, T: {subjects: [t]}}\n"};
    struct server_fixture *server = server_with_stream(versions[_i]);
    struct relay *relay = relay_start(server, clock_hook, NULL);
    bool tells = strncmp(versions[_i], "2.9.", 4) != 0;
    raw_request(server, "s", "a message");
    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
        const char *path = write_file(test_directory(), "natsform.yaml", manifests[i]);
        struct run run = RUN("plan", "-f", path, "-s", relay->url);
        ck_assert_exit(run, tells ? EXIT_REFUSED : EXIT_DONE);
        ck_assert_contains(run.err, tells ? "stream S would lose up to 1 message: 'max_age' goes from" : "");
    }
    relay_stop(relay);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    versions = server_versions(&version_count);
    const struct suite_test tests[] = {
        {.test = totals_are_bounded_by_what_comes, .times = BOASTS},
        {.test = no_list_is_read_for_ever, .times = ENDLESS_LISTS},
        {.test = a_stream_that_goes_is_read_again, .each_version = true},
        {.test = a_stream_that_is_another_is_read_again, .each_version = true},
        {.test = an_export_reads_again, .each_version = true},
        {.test = it_ends_when_streams_go_for_ever},
        {.test = a_silent_consumer_is_there, .times = 4},
        {.test = a_silent_consumer_is_not_left_out},
        {.test = ages_count_by_the_servers_clock, .each_version = true},
    };
    return suite_run("lists", tests, sizeof(tests) / sizeof(tests[0]));
}
