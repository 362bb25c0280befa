/*
 * What others have put on a server does not write to the terminal: names, texts, metadata and logs of theirs come out with everything
 * unseen as escapes, whichever command shows them, and a plan never reads otherwise than it is.
 */
#include <check.h>
#include <dirent.h>
#include <string.h>

#include "base/utf8.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

/* Erases the screen; writes from right to left; a control character of two bytes; a blank without width; a tag. */
#define EVIL "\x1b[2J\u202eevil\u2066\xc2\x9b\u200b\U000E0041"
#define JSON_EVIL "\\u001b[2J\\u202eevil\\u2066\\u009b\\u200b\\udb40\\udc41"
#define YAML_EVIL "\\e[2J\\u202Eevil\\u2066\\x9B\\u200B\\U000E0041"
#define MARKED ",\"metadata\":{\"natsform.project\":\"shop\",\"" JSON_EVIL "\":\"" JSON_EVIL "\"}"
#define DESCRIBED ",\"description\":\"" JSON_EVIL "\",\"storage\":\"memory\""

static void check_seen(const char *command, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0, step = 0; at < length; at += step) {
        step = utf8_sequence(text + at, length - at);
        bool plain =
            text[at] == '\n' || text[at] == '\t' || (step && !utf8_is_unseen(utf8_decode(text + at, step)));
        if (!plain)
            SHOW_WHOLE(command, text);
        ck_assert_msg(plain, "%s: byte %zu, 0x%02x, is not to be seen", command, at, (unsigned char)text[at]);
    }
}

static void check_files(const char *command, const char *folder)
{
    DIR *directory = opendir(folder);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry = NULL; (entry = readdir(directory));) {
        const char *path = arena_printf(test_arena(), "%s/%s", folder, entry->d_name);
        check_seen(command, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        if (entry->d_type == DT_DIR)
            check_files(command, path);
        else
            check_seen(command, read_file(path));
    }
    closedir(directory);
}

static void make(const struct server_fixture *server, const char *verb, const char *body)
{
    raw_must(server, verb, body);
}

static const char *consumer(const char *stream, const char *name, const char *more)
{
    return arena_printf(
        test_arena(),
        "{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s\",\"ack_policy\":\"explicit\"%s}}", stream,
        name, more);
}

/* The mark makes prune look at it; before 2.10 there is no metadata, and natsform knows nobody's objects. */
static void fill(const struct server_fixture *server, bool marks)
{
    const char *mark = marks ? MARKED : "";
    make(server, "STREAM.CREATE.A" EVIL,
         arena_printf(test_arena(),
                      "{\"name\":\"A" JSON_EVIL "\",\"subjects\":[\"a" JSON_EVIL "\"]" DESCRIBED "%s}",
                      mark));
    make(server, "CONSUMER.DURABLE.CREATE.A" EVIL ".c" EVIL,
         consumer("A" JSON_EVIL, "c" JSON_EVIL,
                  arena_printf(test_arena(), ",\"description\":\"" JSON_EVIL "\"%s", mark)));
    make(server, "STREAM.CREATE.B", "{\"name\":\"B\",\"subjects\":[\"b\"],\"max_msgs\":5" DESCRIBED "}");
    make(server, "CONSUMER.DURABLE.CREATE.B.p" EVIL, consumer("B", "p" JSON_EVIL, ""));
    make(
        server, "STREAM.CREATE.KV_K",
        "{\"name\":\"KV_K\",\"subjects\":[\"$KV.K.>\"],\"max_msgs_per_subject\":1,\"allow_rollup_hdrs\":true,"
        "\"deny_delete\":true,\"discard\":\"new\",\"allow_direct\":true" DESCRIBED "}");
    raw_publish(server, "b", "x");
    raw_publish(server, "b", "x");
}

START_TEST(names_and_texts)
{
    static const char *const commands[][6] = {
        {"plan"},
        {"plan", "--prune"},
        {"plan", "--prune", "--output", "json"},
        {"diff", "--prune"},
        {"import", "--dry-run", "A*"},
        {"import", "--dry-run", "B/*"},
        {"import", "--dry-run", "C" EVIL},
        {"pull", "--dry-run"},
        {"apply", "--yes", "--prune"},
        {"apply", "--yes", "--prune", "--allow-data-loss", "B"},
        {"destroy", "--yes"},
        {"unlock", "--yes"},
    };
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    bool marks = version_number(server->version) >= VERSION(2, 10, 0);
    const char *folder = arena_printf(test_arena(), "%s/out", test_directory());
    fill(server, marks);
    const char *path = manifest(
        "project: shop\n"
        "streams:\n"
        "  B: {subjects: [b], storage: memory, max_msgs: 1, consumers: {d: {ack_policy: explicit}}}\n"
        "  M: {mirror: {name: \"A" YAML_EVIL "\"}, description: \"" YAML_EVIL "\"}\n"
        "key_values: {K: {storage: memory}}\n");
    struct run whole = RUN("export", "-s", server->url, "--out-dir", folder);
    check_seen("export --out-dir", whole.out);
    check_seen("export --out-dir", whole.err);
    struct run one = RUN("export", "-s", server->url);
    check_seen("export", one.out);
    check_seen("export", one.err);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const char *arguments[12] = {commands[i][0], "-s", server->url, "-f", path};
        const char *title = commands[i][0];
        for (size_t j = 1; j < 6 && commands[i][j]; j++) {
            arguments[4 + j] = commands[i][j];
            title = arena_printf(test_arena(), "%s %s", title, commands[i][j]);
        }
        struct run run = run_natsform(&(struct run_options){.arguments = arguments});
        check_seen(title, run.out);
        check_seen(title, run.err);
    }
    check_files("files", test_directory());
    fixture_stop(server);
}
END_TEST

/* What is written to a closed stream goes nowhere, and above all not into the connection to the server. */
START_TEST(closed_streams)
{
    static const char *const closed[] = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"};
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
        const char *name = arena_printf(test_arena(), "S%zu", i);
        const char *path =
            manifest(arena_printf(test_arena(), "streams: {%s: {subjects: [s%zu]}}\n", name, i));
        const char *script = arena_printf(
            test_arena(), "\"$NATSFORM\" plan -s %s -f %s %s && \"$NATSFORM\" apply --yes -s %s -f %s %s",
            server->url, path, closed[i], server->url, path, closed[i]);
        struct run run = run_natsform(&(struct run_options){
            .program = "/bin/sh", .arguments = (const char *const[]){"-c", script, NULL}});
        ck_assert_exit(run, 0);
        ck_assert_ptr_nonnull(raw_info(server, name, NULL).config);
    }
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = names_and_texts, .each_version = true},
        {.test = closed_streams, .each_version = true},
    };
    return suite_run("terminal", tests, sizeof(tests) / sizeof(tests[0]));
}
