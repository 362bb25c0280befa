/*
 * What somebody else does while an apply is at work, or asks: no message goes and nothing is undone that the plan did
 * not show. The moment is a request that a relay holds up, or the question on the terminal.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "field/field.h"
#include "support/client.h"
#include "support/patience.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum {
    LOOK_US = 20000, /* from look to look, in a thread that may assert nothing */
    ANY_FAILURE = -1,
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PUBLISH "publish" /* deeds: to the subject `name`, as often as `body` says */
#define RESTART "restart"
#define PROJECT(name, object)                                                                                \
    "\"metadata\":{\"natsform.object\":\"" object "\",\"natsform.project\":\"" name "\"}"

/* A request as relays pass them on, or messages. */
struct deed {
    const char *verb;
    const char *name;
    const char *body;
};

struct story {
    const char *title;
    uint32_t since;
    struct deed before[6];
    const char *manifest;
    const char *command; /* NULL: apply */
    const char *arguments[4];
    struct deed moment; /* a request of this verb and name; not used at a question */
    struct deed meanwhile[4];
    const char *answer; /* to a second question, which has to come then */
    int exit_code;
    const char *says[4];  /* on standard error; a '!' goes before what it does not say */
    struct deed after[4]; /* requests with what their replies have, or have not */
};

/* ---- deeds ---- */

static void publish(struct relay *relay, const struct deed *deed)
{
    for (long i = strtol(deed->body, NULL, 10); i > 0; i--) {
        natsMsg *ack = NULL;
        natsConnection_RequestString(&ack, relay->back_connection, deed->name, "x", 60000);
        natsMsg_Destroy(ack);
    }
}

/* In the relay's thread. What fails shows in what is there afterwards. */
static void do_all(struct relay *relay, const struct deed *deeds)
{
    for (const struct deed *deed = deeds; deed->verb; deed++)
        if (strcmp(deed->verb, PUBLISH) == 0)
            publish(relay, deed);
        else
            relay_pass(relay, &(struct relay_request){.verb = deed->verb, .name = deed->name}, deed->body);
}

static void must_do_all(struct server_fixture *server, const struct deed *deeds)
{
    for (const struct deed *deed = deeds; deed->verb; deed++) {
        if (strcmp(deed->verb, RESTART) == 0) {
            fixture_shut_down(server);
            fixture_restart(server, NULL);
            continue;
        }
        if (strcmp(deed->verb, PUBLISH) == 0) {
            for (long i = strtol(deed->body, NULL, 10); i > 0; i--)
                raw_publish(server, deed->name, "x");
            continue;
        }
        const char *reply = raw_request(
            server, arena_printf(test_arena(), "$JS.API.%s.%s", deed->verb, deed->name), deed->body);
        ck_assert_msg(reply && !strstr(reply, "\"error\""), "%s", reply ? reply : "no reply");
    }
}

static void check_part(const char *text, const char *part)
{
    if (part[0] == '!')
        ck_assert_lacks(text, part + 1);
    else
        ck_assert_contains(text, part);
}

static void check_story(const struct story *story, const struct server_fixture *server, const struct run *run)
{
    bool same = story->exit_code == ANY_FAILURE ? run->exit_code > 0 : run->exit_code == story->exit_code;
    if (!same) {
        SHOW_WHOLE("standard output", run->out);
        SHOW_WHOLE("standard error", run->err);
    }
    ck_assert_msg(same, "%s: exit code %d", story->title, run->exit_code);
    for (size_t i = 0; i < COUNT(story->says) && story->says[i]; i++)
        check_part(arena_printf(test_arena(), "%s%s", run->out, run->err), story->says[i]);
    for (const struct deed *deed = story->after; deed->verb; deed++) {
        const char *subject = arena_printf(test_arena(), "$JS.API.%s.%s", deed->verb, deed->name);
        check_part(arena_printf(test_arena(), "%s", raw_request(server, subject, "")), deed->body);
    }
}

static bool is_told_on(const struct story *story, const struct server_fixture *server)
{
    return version_number(server->version) >= story->since;
}

/* ---- while it is at work ---- */

struct held {
    const struct story *story;
    bool done;
};

static const char *hold(struct relay *relay, const struct relay_request *request)
{
    struct held *held = relay->context;
    const struct deed *moment = &held->story->moment;
    if (!held->done && relay_is_of(request, moment->verb, moment->name)) {
        held->done = true;
        do_all(relay, held->story->meanwhile);
    }
    return relay_pass(relay, request, request->body);
}

/* A is made first, and S is looked at after that. */
#define MAKES_A "  A: {subjects: [a]}\n"
#define AT_A                                                                                                 \
    {                                                                                                        \
        "STREAM.CREATE", "A", NULL                                                                           \
    }
#define STREAM_S(more)                                                                                       \
    {                                                                                                        \
        "STREAM.CREATE", "S", "{\"name\":\"S\",\"subjects\":[\"s\"]" more "}"                                \
    }
#define STREAM_S_AND_T(more)                                                                                 \
    {                                                                                                        \
        "STREAM.CREATE", "S", "{\"name\":\"S\",\"subjects\":[\"s\",\"t\"]" more "}"                          \
    }
#define UPDATED_S(more)                                                                                      \
    {                                                                                                        \
        "STREAM.UPDATE", "S", "{\"name\":\"S\",\"subjects\":[\"s\"]" more "}"                                \
    }

static const struct story at_work[] = {
    {
        .title = "a limit that takes nothing when it is planned, and messages that arrive",
        .before = {STREAM_S(",\"max_msgs\":100"), {PUBLISH, "s", "20"}},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], max_msgs: 50}\n",
        .moment = AT_A,
        .meanwhile = {{PUBLISH, "s", "40"}},
        .exit_code = 3,
        .says =
            {"stream S was not changed: it would lose 10 messages now, and lost none when the plan was made "
             "[data-loss]\n"},
        .after = {{"STREAM.INFO", "S", "\"messages\":60"}, {"STREAM.INFO", "S", "\"max_msgs\":100"}},
    },
    {
        .title = "the same by bytes, where they may go",
        .before = {STREAM_S(",\"max_bytes\":100000"), {PUBLISH, "s", "20"}},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], max_bytes: 1000}\n",
        .arguments = {"--allow-data-loss", "S", "--no-backup"}, /* a relay passes no archives on */
        .moment = AT_A,
        .meanwhile = {{PUBLISH, "s", "40"}},
        .after = {{"STREAM.INFO", "S", "!\"messages\":60"}, {"STREAM.INFO", "S", "\"max_bytes\":1000"}},
    },
    {
        .title = "the same by bytes, where they may not",
        .before = {STREAM_S(",\"max_bytes\":100000"), {PUBLISH, "s", "20"}},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], max_bytes: 1000}\n",
        .moment = AT_A,
        .meanwhile = {{PUBLISH, "s", "40"}},
        .exit_code = 3,
        .says =
            {"stream S was not changed: it would lose up to 60 messages now, and lost none when the plan was "
             "made [data-loss]\n"},
        .after = {{"STREAM.INFO", "S", "\"messages\":60"}},
    },
    {
        .title = "a limit that somebody raises is not lowered again, with what came since",
        .before = {STREAM_S(",\"max_msgs\":5"), {PUBLISH, "s", "5"}},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], max_msgs: 5, description: new}\n",
        .moment = AT_A,
        .meanwhile = {UPDATED_S(",\"max_msgs\":100"), {PUBLISH, "s", "45"}},
        .exit_code = 3,
        .says = {"stream S was not changed: it is not as it was when the plan was made [stale-plan]\n",
                 "note: 'max_msgs' is 100 now\n"},
        .after = {{"STREAM.INFO", "S", "\"messages\":50"}, {"STREAM.INFO", "S", "\"max_msgs\":100"}},
    },
    {
        .title = "one that the manifest leaves alone is sent as it is now",
        .before = {STREAM_S(",\"max_msgs\":5"), {PUBLISH, "s", "5"}},
        .manifest =
            "streams:\n" MAKES_A "  S: {subjects: [s], description: new, lifecycle: {ignore: [max_msgs]}}\n",
        .moment = AT_A,
        .meanwhile = {UPDATED_S(",\"max_msgs\":100"), {PUBLISH, "s", "45"}},
        .after = {{"STREAM.INFO", "S", "\"messages\":50"},
                  {"STREAM.INFO", "S", "\"max_msgs\":100"},
                  {"STREAM.INFO", "S", "\"description\":\"new\""}},
    },
    {
        .title = "somebody else has done it",
        .before = {STREAM_S("")},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], description: new}\n",
        .moment = AT_A,
        .meanwhile = {UPDATED_S(",\"description\":\"new\"")},
        .after = {{"STREAM.INFO", "S", "\"description\":\"new\""}},
    },
    {
        .title = "a step of a late rank, and nothing after it",
        .before = {STREAM_S(",\"max_msgs\":100"),
                   {"STREAM.CREATE", "B", "{\"name\":\"B\",\"subjects\":[\"b\",\"s.more\"]}"},
                   {PUBLISH, "s", "20"}},
        .manifest = "streams:\n"
                    "  B: {subjects: [b]}\n"
                    "  S: {subjects: [s, s.more], max_msgs: 50, consumers: {c: {}}}\n",
        .moment = {"STREAM.UPDATE", "B", NULL},
        .meanwhile = {{PUBLISH, "s", "40"}},
        .exit_code = 3,
        .says = {"stream S was not changed: it would lose 10 messages now", "Incomplete: "},
        .after = {{"STREAM.INFO", "S", "\"messages\":60"}, {"STREAM.INFO", "S", "\"consumer_count\":0"}},
    },
    {
        .title = "a consumer whose messages only it waits for",
        .since = VERSION(2, 10, 0),
        .before =
            {STREAM_S(",\"retention\":\"interest\"," PROJECT("p", "S")),
             {"CONSUMER.DURABLE.CREATE", "S.old",
              "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"old\",\"ack_policy\":\"explicit\"," PROJECT(
                  "p", "S > old") "}}"}},
        .manifest = "project: p\nstreams:\n" MAKES_A "  S: {subjects: [s], retention: interest}\n",
        .arguments = {"--prune"},
        .moment = AT_A,
        .meanwhile = {{PUBLISH, "s", "7"}},
        .exit_code = 3,
        .says =
            {"consumer S > old was not deleted: it would lose up to 7 messages now, and lost none when the "
             "plan was made [data-loss]\n",
             "note: only this consumer may want them\n"},
        .after = {{"STREAM.INFO", "S", "\"messages\":7"}},
    },
    {
        .title = "a filter that moves, likewise",
        .before =
            {STREAM_S_AND_T(",\"retention\":\"interest\""),
             {"CONSUMER.DURABLE.CREATE", "S.c",
              "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}"}},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s, t], retention: interest, "
                    "consumers: {c: {ack_policy: explicit, filter_subject: t}}}\n",
        .moment = AT_A,
        .meanwhile = {{PUBLISH, "s", "7"}},
        .exit_code = 3,
        .says = {"consumer S > c was not changed: it would lose up to 7 messages now"},
        .after = {{"STREAM.INFO", "S", "\"messages\":7"}, {"CONSUMER.INFO", "S.c", "!filter_subject"}},
    },
    {
        .title = "a consumer that somebody else makes; 2.9 would change it",
        .before = {STREAM_S("")},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], consumers: {c: {ack_policy: explicit}}}\n",
        .moment = AT_A,
        .meanwhile =
            {{"CONSUMER.DURABLE.CREATE", "S.c",
              "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\","
              "\"description\":\"theirs\"}}"}},
        .exit_code = ANY_FAILURE,
        .after = {{"CONSUMER.INFO", "S.c", "\"description\":\"theirs\""}},
    },
    {
        .title = "an interest stream's consumer, where the plan has shown the stream's own loss",
        .before =
            {STREAM_S(""),
             {"CONSUMER.DURABLE.CREATE", "S.c",
              "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}"},
             {PUBLISH, "s", "3"}},
        .manifest = "streams:\n" MAKES_A "  S: {subjects: [s], retention: interest, "
                    "consumers: {c: {ack_policy: explicit, filter_subject: s}}}\n",
        .since = VERSION(2, 10, 0),
        .arguments = {"--allow-data-loss", "S", "--no-backup"},
        .moment = AT_A,
        .after = {{"CONSUMER.INFO", "S.c", "\"filter_subject\":\"s\""}},
    },
    {
        .title = "a stream that another project takes over",
        .since = VERSION(2, 10, 0),
        .before = {STREAM_S(""), {PUBLISH, "s", "4"}},
        .manifest = "project: p\nstreams:\n" MAKES_A "  S: {subjects: [s], description: ours}\n",
        .moment = AT_A,
        .meanwhile = {UPDATED_S("," PROJECT("q", "S"))},
        .exit_code = 3,
        .says = {"stream S was not changed: it is no longer whose it was when the plan was made [foreign]\n"},
        .after = {{"STREAM.INFO", "S", "\"natsform.project\":\"q\""}, {"STREAM.INFO", "S", "!ours"}},
    },
    {
        .title = "metadata that the manifest leaves alone",
        .since = VERSION(2, 10, 0),
        .before = {STREAM_S(",\"metadata\":{\"team\":\"red\"}")},
        .manifest =
            "project: p\nstreams:\n" MAKES_A "  S: {subjects: [s], lifecycle: {ignore: [metadata]}}\n",
        .moment = AT_A,
        .meanwhile = {UPDATED_S(",\"metadata\":{\"team\":\"blue\"}")},
        .after = {{"STREAM.INFO", "S", "\"team\":\"blue\""},
                  {"STREAM.INFO", "S", "\"natsform.project\":\"p\""}},
    },
    {
        .title = "a stream that is let go",
        .since = VERSION(2, 10, 0),
        .before = {STREAM_S(",\"max_msgs\":5," PROJECT("p", "S"))},
        .manifest = "project: p\nremoved: {streams: [S]}\nstreams:\n" MAKES_A,
        .moment = AT_A,
        .meanwhile = {UPDATED_S(",\"max_msgs\":100," PROJECT("p", "S")), {PUBLISH, "s", "45"}},
        .after = {{"STREAM.INFO", "S", "\"messages\":45"},
                  {"STREAM.INFO", "S", "\"max_msgs\":100"},
                  {"STREAM.INFO", "S", "!natsform.project"}},
    },
};

START_TEST(while_it_is_at_work)
{
    const struct story *story = &at_work[(size_t)_i % COUNT(at_work)];
    struct server_fixture *server = fixture_start(version_at((int)((size_t)_i / COUNT(at_work))), NULL);
    struct held held = {.story = story};
    if (is_told_on(story, server)) {
        must_do_all(server, story->before);
        struct relay *relay = relay_start_same_version(server, hold, &held);
        struct run run = RUN("apply", "--yes", "-f", manifest(story->manifest), "-s", relay->url,
                             story->arguments[0], story->arguments[1], story->arguments[2]);
        check_story(story, server, &run);
        ck_assert_msg(held.done, "%s: it never came to that", story->title);
        relay_stop(relay);
    }
    fixture_stop(server);
}
END_TEST

/* ---- while it asks ---- */

/* Both answers. */
struct asked {
    const struct story *story;
    struct server_fixture *server;
    size_t questions;
};

static const struct story at_question[] = {
    {
        .title = "messages that arrive",
        .before = {STREAM_S(",\"max_msgs\":100"), {PUBLISH, "s", "5"}},
        .manifest = "streams: {S: {subjects: [s], max_msgs: 10}}\n",
        .meanwhile = {{PUBLISH, "s", "30"}},
        .exit_code = 3,
        .says = {"Something changed meanwhile. This is the plan now:\n",
                 "stream S would lose 25 messages: 'max_msgs' goes from 100 to 10 [data-loss]"},
        .after = {{"STREAM.INFO", "S", "\"messages\":35"}, {"STREAM.INFO", "S", "\"max_msgs\":100"}},
    },
    {
        .title = "more of them than were shown",
        .before = {STREAM_S(",\"max_msgs\":100"), {PUBLISH, "s", "15"}},
        .manifest = "streams: {S: {subjects: [s], max_msgs: 10}}\n",
        .arguments = {"--allow-data-loss", "S"},
        .meanwhile = {{PUBLISH, "s", "30"}},
        .answer = "no\n",
        .exit_code = 1,
        .says = {"loses 5 messages", "loses 35 messages", "Nothing was changed."},
        .after = {{"STREAM.INFO", "S", "\"messages\":45"}, {"STREAM.INFO", "S", "\"max_msgs\":100"}},
    },
    {
        .title = "the same, and they may go",
        .before = {STREAM_S(",\"max_msgs\":100"), {PUBLISH, "s", "15"}},
        .manifest = "streams: {S: {subjects: [s], max_msgs: 10}}\n",
        .arguments = {"--allow-data-loss", "S"},
        .meanwhile = {{PUBLISH, "s", "30"}},
        .answer = "yes\n",
        .says = {"loses 5 messages", "loses 35 messages", "Done: 1 of 1 changes"},
        .after = {{"STREAM.INFO", "S", "\"messages\":10"}},
    },
    {
        .title = "fewer of them",
        .before = {STREAM_S(",\"max_msgs\":100"), {PUBLISH, "s", "15"}},
        .manifest = "streams: {S: {subjects: [s], max_msgs: 10}}\n",
        .arguments = {"--allow-data-loss", "S"},
        .meanwhile = {{"STREAM.PURGE", "S", "{\"keep\":12}"}},
        .says = {"!meanwhile", "Done: 1 of 1 changes"},
        .after = {{"STREAM.INFO", "S", "\"messages\":10"}},
    },
    {
        .title = "a limit that somebody raises",
        .before = {STREAM_S(",\"max_msgs\":5"), {PUBLISH, "s", "5"}},
        .manifest = "streams: {S: {subjects: [s], max_msgs: 5, description: new}}\n",
        .meanwhile = {UPDATED_S(",\"max_msgs\":100"), {PUBLISH, "s", "45"}},
        .exit_code = 3,
        .says = {"max_msgs: 100 -> 5", "stream S would lose 45 messages"},
        .after = {{"STREAM.INFO", "S", "\"messages\":50"}, {"STREAM.INFO", "S", "\"max_msgs\":100"}},
    },
    {
        .title = "another change without a loss",
        .before = {STREAM_S("")},
        .manifest = "streams: {S: {subjects: [s], description: new}}\n",
        .meanwhile = {UPDATED_S(",\"max_msgs\":100")},
        .answer = "yes\n",
        .says = {"meanwhile", "max_msgs: 100 -> unlimited", "Done: 1 of 1 changes"},
        .after = {{"STREAM.INFO", "S", "\"max_msgs\":-1"}},
    },
    {
        .title = "somebody else has done it",
        .before = {STREAM_S("")},
        .manifest = "streams: {S: {subjects: [s], description: new}}\n",
        .meanwhile = {UPDATED_S(",\"description\":\"new\"")},
        .says = {"meanwhile", "Plan: 1 in sync"},
        .after = {{"STREAM.INFO", "S", "\"description\":\"new\""}},
    },
    {
        .title = "a stream that was to be made",
        .manifest = "streams: {S: {subjects: [s]}}\n",
        .meanwhile = {STREAM_S(",\"description\":\"theirs\"")},
        .answer = "no\n",
        .exit_code = 1,
        .says = {"meanwhile", "description: theirs"},
        .after = {{"STREAM.INFO", "S", "\"description\":\"theirs\""}},
    },
    {
        .title = "a consumer whose messages only it waits for",
        .since = VERSION(2, 10, 0),
        .before =
            {STREAM_S(",\"retention\":\"interest\"," PROJECT("p", "S")),
             {"CONSUMER.DURABLE.CREATE", "S.old",
              "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"old\",\"ack_policy\":\"explicit\"," PROJECT(
                  "p", "S > old") "}}"}},
        .manifest = "project: p\nstreams: {S: {subjects: [s], retention: interest}}\n",
        .arguments = {"--prune"},
        .meanwhile = {{PUBLISH, "s", "7"}},
        .exit_code = 3,
        .says = {"consumer S > old would lose up to 7 messages"},
        .after = {{"STREAM.INFO", "S", "\"messages\":7"}},
    },
    {
        .title = "a consumer of somebody else's stream, likewise",
        .before =
            {STREAM_S_AND_T(",\"retention\":\"interest\""),
             {"CONSUMER.DURABLE.CREATE", "S.c",
              "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}"}},
        .manifest =
            "streams: {S: {external: true, consumers: {c: {ack_policy: explicit, filter_subject: t}}}}\n",
        .meanwhile = {{PUBLISH, "s", "7"}},
        .exit_code = 3,
        .says = {"consumer S > c would lose up to 7 messages"},
        .after = {{"STREAM.INFO", "S", "\"messages\":7"}},
    },
    {
        .title = "a stream that another project adopts",
        .since = VERSION(2, 10, 0),
        .before = {STREAM_S(""), {PUBLISH, "s", "4"}},
        .manifest = "project: p\nstreams: {S: {subjects: [s], max_msgs: 1}}\n",
        .arguments = {"--allow-data-loss", "S"},
        .meanwhile = {UPDATED_S("," PROJECT("q", "S"))},
        .exit_code = 3,
        .says = {"stream S belongs to project 'q' [foreign]"},
        .after = {{"STREAM.INFO", "S", "\"messages\":4"}},
    },
    {
        .title = "a stream that is imported, and that another project adopts",
        .since = VERSION(2, 10, 0),
        .before = {STREAM_S("")},
        .manifest = "project: p\nstreams: {T: {subjects: [t]}}\n",
        .command = "import",
        .arguments = {"S"},
        .meanwhile = {UPDATED_S("," PROJECT("q", "S"))},
        .exit_code = 3,
        .says = {"stream S was not changed: it is no longer whose it was", "[foreign]"},
        .after = {{"STREAM.INFO", "S", "\"natsform.project\":\"q\""}},
    },
    {
        .title = "a stream that is imported, and that somebody changes",
        .since = VERSION(2, 10, 0),
        .before = {STREAM_S("")},
        .manifest = "project: p\nstreams: {T: {subjects: [t]}}\n",
        .command = "import",
        .arguments = {"S"},
        .meanwhile = {UPDATED_S(",\"max_msgs\":100")},
        .exit_code = 3,
        .says = {"stream S was not changed: it is not as it was", "'max_msgs' is 100 now"},
        .after = {{"STREAM.INFO", "S", "\"max_msgs\":100"}, {"STREAM.INFO", "S", "!natsform.project"}},
    },
    {
        .title = "the server",
        .before = {STREAM_S("")},
        .manifest = "streams: {S: {subjects: [s], description: new}}\n",
        .meanwhile = {{RESTART, "", ""}},
        .says = {"!meanwhile", "Done: 1 of 1 changes"},
        .after = {{"STREAM.INFO", "S", "\"description\":\"new\""}},
    },
};

static const char *answer(void *context, pid_t pid, const char *text)
{
    struct asked *asked = context;
    (void)pid;
    if (!strstr(text, "Type 'yes'"))
        return NULL;
    if (asked->questions++ > 0)
        return asked->story->answer ? asked->story->answer : "no\n";
    must_do_all(asked->server, asked->story->meanwhile);
    return "yes\n";
}

static struct run run_asked(struct asked *asked, const char *path)
{
    const char *const *more = asked->story->arguments;
    return run_natsform(&(struct run_options){
        .arguments =
            (const char *const[]){asked->story->command ? asked->story->command : "apply", "-f", path, "-s",
                                  asked->server->url, "--color", "never", more[0], more[1], NULL},
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .types = answer,
        .context = asked,
    });
}

START_TEST(while_it_asks)
{
    const struct story *story = &at_question[(size_t)_i % COUNT(at_question)];
    struct server_fixture *server = fixture_start(version_at((int)((size_t)_i / COUNT(at_question))), NULL);
    struct asked asked = {.story = story, .server = server};
    if (is_told_on(story, server)) {
        must_do_all(server, story->before);
        struct run run = run_asked(&asked, manifest(story->manifest));
        check_story(story, server, &run);
        ck_assert_uint_eq(asked.questions, story->answer ? 2 : 1);
        ck_assert_lacks(raw_request(server, "$JS.API.STREAM.NAMES", ""), "natsform_lock_");
    }
    fixture_stop(server);
}
END_TEST

/* Of several accounts: the one whose plan is another one by then is asked about again. */
START_TEST(while_it_asks_for_several)
{
    static const char config[] = "accounts: {\n"
                                 "  A: {jetstream: enabled, users: [{user: a, password: a}]}\n"
                                 "  B: {jetstream: enabled, users: [{user: b, password: b}]}\n"
                                 "}\n"
                                 "no_auth_user: a\n";
    static const struct story story = {
        .title = "several accounts",
        .before = {STREAM_S("")},
        .meanwhile = {UPDATED_S(",\"max_msgs\":100")},
        .answer = "yes\n",
        .says = {"meanwhile", "max_msgs: 100 -> unlimited", "Connection b\n"},
        .after = {{"STREAM.INFO", "S", "\"max_msgs\":-1"}},
    };
    struct server_fixture *server = fixture_start(version_at(_i), config);
    struct asked asked = {.story = &story, .server = server};
    const char *path = manifest(
        arena_printf(test_arena(),
                     "connections: {b: {url: \"%s\", user: b, password: b}}\n"
                     "streams: {S: {subjects: [s], description: new}, T: {connection: b, subjects: [t]}}\n",
                     server->url));
    must_do_all(server, story.before);
    struct run run = run_asked(&asked, path);
    check_story(&story, server, &run);
    ck_assert_uint_eq(asked.questions, 2);
    fixture_stop(server);
}
END_TEST

/* ---- two that adopt ---- */

struct adopter {
    const char *verb; /* the request by which the first adopts */
    const char *name;
    const char *manifest; /* without the project */
    const char *out;      /* of the second */
    const char *command;
    FILE *second; /* while it runs */
};

/* For the relay's thread, which may not fail. "" while there is none. */
static const char *text_of_file(struct arena *arena, const char *path)
{
    char text[4096] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return "";
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return arena_strdup(arena, text);
}

/* The second is started when the first has looked, and is about to write its mark. It is through by then, or it waits. */
static const char *let_another_adopt(struct relay *relay, const struct relay_request *request)
{
    struct adopter *adopter = relay->context;
    if (!adopter->second && relay_is_of(request, adopter->verb, adopter->name)) {
        adopter->second = popen(adopter->command, "r");
        for (const char *out = "";
             adopter->second && !strstr(out, "waiting for the lock: ") && !strstr(out, "Done: ");
             out = text_of_file(&relay->arena, adopter->out))
            let_pass(LOOK_US);
    }
    return relay_pass(relay, request, request->body);
}

static const struct adopter adopters[] = {
    {"STREAM.UPDATE", "S", "streams: {S: {subjects: [s], max_msgs: %s}}\n", NULL, NULL, NULL},
    {"CONSUMER.CREATE", "S.c",
     "streams: {S: {external: true, consumers: {c: {ack_policy: explicit, description: d%s}}}}\n", NULL, NULL,
     NULL},
};

/* Both found it without an owner. One has it then, and the other does nothing to it. */
START_TEST(two_adopt)
{
    struct adopter adopter = adopters[(size_t)_i % COUNT(adopters)];
    static const struct deed there[] = {
        STREAM_S(",\"max_msgs\":100"),
        {"CONSUMER.DURABLE.CREATE", "S.c",
         "{\"stream_name\":\"S\",\"config\":{\"durable_name\":\"c\",\"ack_policy\":\"explicit\"}}"},
        {PUBLISH, "s", "5"},
        {0}};
    struct server_fixture *server = fixture_start(version_at((int)((size_t)_i / COUNT(adopters))), NULL);
    if (version_number(server->version) >= VERSION(2, 10, 0)) {
        must_do_all(server, there);
        const char *first =
            manifest(arena_printf(test_arena(), "project: p\n%s", masked(adopter.manifest, "%s", "50")));
        const char *second =
            manifest(arena_printf(test_arena(), "project: q\n%s", masked(adopter.manifest, "%s", "2")));
        adopter.out = arena_printf(test_arena(), "%s/out", test_directory());
        adopter.command =
            arena_printf(test_arena(), "\"$NATSFORM\" apply --yes --allow-data-loss S -s %s -f %s >%s 2>&1",
                         server->url, second, adopter.out);
        struct relay *relay = relay_start_same_version(server, let_another_adopt, &adopter);
        struct run run = RUN("apply", "--yes", "-f", first, "-s", relay->url);
        ck_assert_exit(run, 0);
        ck_assert_ptr_nonnull(adopter.second);
        int status = pclose(adopter.second);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 3, "%s", read_file(adopter.out));
        ck_assert_contains(read_file(adopter.out), " S");
        ck_assert_contains(read_file(adopter.out), " belongs to project 'p' [foreign]");
        ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.S", ""), "\"messages\":5");
        ck_assert_lacks(raw_request(server, "$JS.API.STREAM.NAMES", ""), "natsform_lock_");
        relay_stop(relay);
    }
    fixture_stop(server);
}
END_TEST

/* The same of two imports: the second waits for the lock of adoption, and finds the mark of the first. */
START_TEST(two_import)
{
    static const struct deed there[] = {STREAM_S(""), {0}};
    struct adopter adopter = {.verb = "STREAM.UPDATE", .name = "S"};
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    if (version_number(server->version) >= VERSION(2, 10, 0)) {
        must_do_all(server, there);
        const char *first = manifest("project: p\nstreams: {T: {subjects: [t]}}\n");
        const char *second = manifest("project: q\nstreams: {U: {subjects: [u]}}\n");
        adopter.out = arena_printf(test_arena(), "%s/out", test_directory());
        adopter.command = arena_printf(test_arena(), "\"$NATSFORM\" import S --yes -s %s -f %s >%s 2>&1",
                                       server->url, second, adopter.out);
        struct relay *relay = relay_start_same_version(server, let_another_adopt, &adopter);
        ck_assert_exit(RUN("import", "S", "--yes", "-f", first, "-s", relay->url), 0);
        ck_assert_ptr_nonnull(adopter.second);
        int status = pclose(adopter.second);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 3, "%s", read_file(adopter.out));
        ck_assert_contains(read_file(adopter.out), "stream S was not changed: it is no longer whose it was");
        ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.S", ""), "\"natsform.project\":\"p\"");
        ck_assert_lacks(raw_request(server, "$JS.API.STREAM.NAMES", ""), "natsform_lock_");
        relay_stop(relay);
    }
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = while_it_is_at_work, .times = COUNT(at_work), .each_version = true},
        {.test = while_it_asks, .times = COUNT(at_question), .each_version = true},
        {.test = while_it_asks_for_several, .each_version = true},
        {.test = two_adopt, .times = COUNT(adopters), .each_version = true},
        {.test = two_import, .each_version = true},
    };
    return suite_run("meanwhile", tests, sizeof(tests) / sizeof(tests[0]));
}
