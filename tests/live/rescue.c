/*
 * No message is destroyed unless its stream is named, and not before it is in a backup: each kind of change that destroys some, on each
 * version, without permission, with it, and out of its backup again.
 */
#include <check.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "field/field.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

/* A change that destroys messages of a stream. */
struct destruction {
    const char *what;
    const char *before, *after; /* below `streams:` and the like; the project stands above */
    const char *stream;         /* whose messages go */
    const char *allow;          /* by which name that is allowed; NULL: the same */
    const char *publish;        /* to this subject */
    int messages;               /* so many */
    const char *options;        /* besides --yes; "" */
    bool deletes;               /* the stream is gone then */
    uint32_t since;             /* the change is possible, and destroys something, from that version on */
};

#define INTEREST "streams: {S: {subjects: [s.*], retention: interest, consumers: {"

static const struct destruction destructions[] = {
    {.what = "prune of a stream",
     .before = "streams: {S: {subjects: [s]}, KEPT: {subjects: [k]}}",
     .after = "streams: {KEPT: {subjects: [k]}}",
     .options = "--prune",
     .deletes = true,
     .since = V_2_10},
    {.what = "prune of a bucket",
     .before = "key_values: {b: {history: 20}}",
     .after = "streams: {}",
     .stream = "KV_b",
     .publish = "$KV.b.k",
     .options = "--prune",
     .deletes = true,
     .since = V_2_10},
    {.what = "prune of an object store",
     .before = "object_stores: {o: {}}",
     .after = "streams: {}",
     .stream = "OBJ_o",
     .publish = "$O.o.C.x",
     .options = "--prune",
     .deletes = true,
     .since = V_2_10},
    {.what = "prune of a consumer that alone wants the messages",
     .before = INTEREST "c: {filter_subject: s.a}}}}",
     .after = "streams: {S: {subjects: [s.*], retention: interest}}",
     .publish = "s.a",
     .options = "--prune",
     .since = V_2_10},
    {.what = "destroy", .before = "streams: {S: {subjects: [s]}}", .after = "", .deletes = true},
    {.what = "max_msgs",
     .before = "streams: {S: {subjects: [s]}}",
     .after = "streams: {S: {subjects: [s], max_msgs: 3}}"},
    {.what = "max_bytes",
     .before = "streams: {S: {subjects: [s]}}",
     .after = "streams: {S: {subjects: [s], max_bytes: 100}}"},
    {.what = "max_age",
     .before = "streams: {S: {subjects: [s]}}",
     .after = "streams: {S: {subjects: [s], max_age: 100ms, duplicate_window: 100ms}}"},
    {.what = "max_msgs_per_subject",
     .before = "streams: {S: {subjects: [s]}}",
     .after = "streams: {S: {subjects: [s], max_msgs_per_subject: 2}}"},
    {.what = "a limit that begins to count with discard: old",
     .before = "streams: {S: {subjects: [s], discard: new}}",
     .after = "streams: {S: {subjects: [s], max_msgs: 4, discard: old}}"},
    {.what = "history of a bucket",
     .before = "key_values: {b: {history: 20}}",
     .after = "key_values: {b: {history: 1}}",
     .stream = "KV_b",
     .publish = "$KV.b.k"},
    {.what = "retention to interest",
     .before = "streams: {S: {subjects: [s]}}",
     .after = "streams: {S: {subjects: [s], retention: interest}}",
     .since = V_2_10},
    {.what = "a filter that moves away",
     .before = INTEREST "c: {ack_policy: explicit, filter_subject: s.a}}}}",
     .after = INTEREST "c: {ack_policy: explicit, filter_subject: s.b}}}}",
     .publish = "s.a"},
    {.what = "a consumer that goes when nobody uses it",
     .before = INTEREST "c: {ack_policy: explicit}}}}",
     .after = INTEREST "c: {ack_policy: explicit, inactive_threshold: 10m}}}}",
     .publish = "s.a"},
    {.what = "a mirror that drains a work queue, and keeps less",
     .before = "streams: {S: {subjects: [s], retention: workqueue}}",
     .after = "streams: {S: {subjects: [s], retention: workqueue}, M: {mirror: {name: S}, max_msgs: 1}}",
     .allow = "M"},
};

enum { MESSAGES = 12 };

static const char *stream_of(const struct destruction *at)
{
    return at->stream ? at->stream : "S";
}

/* ---- running ---- */

static struct run run_words(const char *folder, const char *words)
{
    static const char *const env[] = {"NATSFORM_BACKUP_DIR", "CI", NULL};
    const char *arguments[24] = {0};
    size_t count = 0;
    for (const char *at = words; *(at += strspn(at, " ")); at += strcspn(at, " "))
        arguments[count++] = arena_strndup(test_arena(), at, strcspn(at, " "));
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = folder, .env = env});
}

#define NATSFORM(folder, ...) run_words((folder), format(__VA_ARGS__))

static void write_manifest(const char *folder, const char *body)
{
    write_file(folder, "natsform.yaml", format("project: chat\n%s\n", body));
}

static const char *messages_in(const struct server_fixture *server, const char *stream)
{
    const char *text = raw_request(server, format("$JS.API.STREAM.INFO.%s", stream), "");
    struct diags faults = {0};
    const struct node *reply = json_read(test_arena(), text, strlen(text), NULL, &faults);
    return node_get_text(node_get(reply, "state"), "messages");
}

static bool is_there(const struct server_fixture *server, const char *stream)
{
    return strstr(raw_request(server, "$JS.API.STREAM.NAMES", ""), format("\"%s\"", stream)) != NULL;
}

static void remove_all(const struct server_fixture *server)
{
    static const char *const names[] = {"M", "S", "KEPT", "KV_b", "OBJ_o", "NEW"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        raw_request(server, format("$JS.API.STREAM.DELETE.%s", names[i]), "");
}

static const char *command_of(const struct destruction *at, const struct server_fixture *server)
{
    return format("%s --yes -s %s %s", *at->after ? "apply" : "destroy", server->url,
                  at->options ? at->options : "");
}

static void fill(const struct destruction *at, const char *folder, const struct server_fixture *server)
{
    remove_all(server);
    write_manifest(folder, at->before);
    ck_assert_exit(NATSFORM(folder, "apply --yes -s %s", server->url), 0);
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, at->publish ? at->publish : "s", format("message %d", i));
    if (*at->after)
        write_manifest(folder, at->after);
}

/* ---- each kind ---- */

static void check_refused(const struct destruction *at, const char *folder,
                          const struct server_fixture *server)
{
    const char *command = command_of(at, server);
    /* Messages have to be older than a limit of age before it destroys them. */
    AWAIT(NATSFORM(folder, "plan -s %s %s", server->url,
                   *at->after ? (at->options ? at->options : "") : "--destroy")
              .exit_code == 3);
    struct run run = NATSFORM(folder, "%s", command);
    ck_assert_exit(run, 3);
    ck_assert_contains(run.err, "to allow it: natsform ");
    ck_assert_contains(run.err, format(" --allow-data-loss %s\n", at->allow ? at->allow : stream_of(at)));
    ck_assert_str_eq(messages_in(server, stream_of(at)), format("%d", MESSAGES));
    run_shell(folder, "test ! -e .natsform\n");
}

/* The only backup of the stream, below the folder. */
static const char *place_of(const char *folder, const char *stream)
{
    run_shell(folder, format("printf %%s .natsform/backups/*/%s >place\n", stream));
    return read_file(format("%s/place", folder));
}

static void check_backed_up(const struct destruction *at, const char *folder,
                            const struct server_fixture *server)
{
    struct run run = NATSFORM(folder, "%s --allow-data-loss %s", command_of(at, server),
                              at->allow ? at->allow : stream_of(at));
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, format("Backed up first: %s\n", stream_of(at)));
    ck_assert(is_there(server, stream_of(at)) != at->deletes);
    const char *place = place_of(folder, stream_of(at));
    run = NATSFORM(folder, "backup verify %s", place);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, format("%s: whole: %d messages", stream_of(at), MESSAGES));
    run_shell(folder, "test \"$(stat -c %a .natsform/backups .natsform/backups/*)\" = \"700\n700\"\n");
}

/* By the line that was printed. */
static void check_brought_back(const struct destruction *at, const char *folder,
                               const struct server_fixture *server)
{
    if (!at->deletes)
        return;
    const char *place = place_of(folder, stream_of(at));
    ck_assert_exit(NATSFORM(folder, "restore %s --yes --server %s", place, server->url), 0);
    ck_assert_str_eq(messages_in(server, stream_of(at)), format("%d", MESSAGES));
}

START_TEST(nothing_unallowed_nor_unkept)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    for (size_t i = 0; i < sizeof(destructions) / sizeof(destructions[0]); i++) {
        const struct destruction *at = &destructions[i];
        const char *folder = test_directory();
        uint32_t version = 0;
        ck_assert(version_parse(server->version, &version));
        if (!version_has(version, at->since))
            continue;
        printf("%s\n", at->what);
        fill(at, folder, server);
        check_refused(at, folder, server);
        check_backed_up(at, folder, server);
        check_brought_back(at, folder, server);
    }
    fixture_stop(server);
}
END_TEST

/* ---- by the manifest ---- */

START_TEST(allowed_by_the_manifest)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *folder = test_directory();
    struct destruction at = {.before = "streams: {S: {subjects: [s]}}", .after = "streams: {}"};
    fill(&at, folder, server);
    write_manifest(
        folder,
        "streams: {S: {subjects: [s], max_msgs: 5, lifecycle: {allow_data_loss: {until: 2020-01-31}}}}");
    struct run run = NATSFORM(folder, "apply --yes -s %s", server->url);
    ck_assert_exit(run, 3);
    ck_assert_contains(run.err, "'allow_data_loss' of the manifest was until 2020-01-31T23:59:59");
    write_manifest(
        folder,
        "backup: {dir: kept}\n"
        "streams: {S: {subjects: [s], max_msgs: 5, lifecycle: {allow_data_loss: {until: 9000-01-31}}}}");
    ck_assert_exit(NATSFORM(folder, "apply --yes -s %s", server->url), 0);
    ck_assert_str_eq(messages_in(server, "S"), "5");
    run_shell(folder, "test -e kept/*/S/natsform.json && test ! -e .natsform\n");
    /* It is about changes, and not about destroying all. */
    run = NATSFORM(folder, "destroy --yes -s %s", server->url);
    ck_assert_exit(run, 3);
    ck_assert_contains(run.err, "'allow_data_loss' of the manifest is about changes");
    ck_assert_str_eq(messages_in(server, "S"), "5");
    fixture_stop(server);
}
END_TEST

/* `removed` with `delete`: what is the project's goes, with its consumers; what is not stays. */
START_TEST(removed_by_the_manifest)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *folder = test_directory();
    uint32_t version = 0;
    ck_assert(version_parse(server->version, &version));
    bool marks = version_has(version, V_2_10);
    struct destruction at = {
        .before = "key_values: {b: {}}\nstreams: {S: {subjects: [s], consumers: {c: {}}}}",
        .after = "removed: {streams: [{name: S, delete: true}, {name: NEW, delete: true}],"
                 " key_values: [{name: b, delete: true}]}"};
    fill(&at, folder, server);
    raw_request(server, "$JS.API.STREAM.CREATE.NEW", "{\"name\":\"NEW\",\"subjects\":[\"n\"]}");
    struct run run = NATSFORM(folder, "apply --yes -s %s", server->url);
    if (!marks) {
        ck_assert_exit(run, 3);
        ck_assert_contains(run.err, "stream S is not deleted: nats-server 2.9.10 keeps no mark");
    } else {
        ck_assert_exit(run, 0);
        ck_assert_contains(run.err, "stream NEW is not deleted: it is not this project's");
        ck_assert_contains(run.out, "Backed up; this brings it back: natsform restore .natsform/backups/");
        ck_assert(!is_there(server, "S") && !is_there(server, "KV_b"));
        /* Where it came back it is the project's as before, and the manifest goes on to say what is to become of it. */
        ck_assert_exit(NATSFORM(folder, "plan --detailed-exitcode -s %s", server->url), 0);
    }
    ck_assert(is_there(server, "NEW") && is_there(server, "S") != marks);
    fixture_stop(server);
}
END_TEST

/* ---- when it cannot be backed up ---- */

START_TEST(nothing_is_done_without_a_backup)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *folder = test_directory();
    struct destruction at = {.before = "streams: {S: {subjects: [s]}}",
                             .after = "streams: {S: {subjects: [s], max_msgs: 1}, NEW: {subjects: [n]}}"};
    const char *apply = format("apply --yes -s %s --allow-data-loss S", server->url);
    fill(&at, folder, server);
    write_file(folder, "file", "in the way\n");
    struct run run = NATSFORM(folder, "%s --backup-dir file/below", apply);
    ck_assert_exit(run, 3);
    ck_assert_contains(run.err, "hint: nothing was changed; '--no-backup' goes without a backup");
    ck_assert_str_eq(messages_in(server, "S"), format("%d", MESSAGES));
    ck_assert(!is_there(server, "NEW"));
    ck_assert_exit(NATSFORM(folder, "%s --no-backup", apply), 0);
    ck_assert_str_eq(messages_in(server, "S"), "1");
    run_shell(folder, "test ! -e .natsform && test ! -e file/below\n");
    fixture_stop(server);
}
END_TEST

/* A saved plan says whether there is a backup; where to is said when it is carried out. */
START_TEST(saved_plans)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *folder = test_directory();
    struct destruction at = {.before = "streams: {S: {subjects: [s]}}",
                             .after = "streams: {S: {subjects: [s], max_msgs: 6}}"};
    fill(&at, folder, server);
    ck_assert_exit(NATSFORM(folder, "plan --out with.plan -s %s --allow-data-loss S", server->url), 0);
    ck_assert_exit(
        NATSFORM(folder, "plan --out without.plan --no-backup -s %s --allow-data-loss S", server->url), 0);
    ck_assert_exit(NATSFORM(folder, "apply with.plan --no-backup -s %s", server->url), 64);
    ck_assert_exit(NATSFORM(folder, "apply with.plan --backup-dir there -s %s", server->url), 0);
    run_shell(folder, "test -e there/*/S/natsform.json && rm -r there\n");
    fill(&at, folder, server);
    ck_assert_exit(NATSFORM(folder, "apply without.plan -s %s", server->url), 0);
    ck_assert_str_eq(messages_in(server, "S"), "6");
    run_shell(folder, "test ! -e .natsform && test ! -e there\n");
    fixture_stop(server);
}
END_TEST

/* ---- beside what `up` keeps ---- */

#define ENVIRONMENT(server, limit)                                                                           \
    "project: chat\nservers: {" server                                                                       \
    ": {ports: auto, jetstream: {}}}\nstreams: {S: {subjects: [s], max_msgs: " limit "}}\n"

/* `down --volumes` takes the data of servers, and no backup; and no server's data lies among them. */
START_TEST(down_leaves_backups)
{
    struct test_environment *here = environment_new(version_at(_i), ENVIRONMENT("dev", "20"));
    ck_assert_exit(NF(here, "up"), 0);
    const struct server_fixture *server = environment_server(here, "dev", NULL);
    for (int i = 0; i < MESSAGES; i++)
        raw_publish(server, "s", "x");
    environment_write(here, ENVIRONMENT("dev", "3"));
    ck_assert_exit(NF(here, "up"), 3);
    ck_assert_exit(NF(here, "up", "--allow-data-loss", "S"), 0);
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    run_shell(here->folder, "test -e .natsform/backups/*/S/natsform.json && test ! -e .natsform/dev\n");
    environment_write(here, ENVIRONMENT("backups", "3"));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "no server here can be called 'backups'");
    run_shell(here->folder, "test -e .natsform/backups/*/S/natsform.json\n");
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = nothing_unallowed_nor_unkept, .each_version = true},
        {.test = allowed_by_the_manifest, .each_version = true},
        {.test = removed_by_the_manifest, .each_version = true},
        {.test = nothing_is_done_without_a_backup, .each_version = true},
        {.test = saved_plans, .each_version = true},
        {.test = down_leaves_backups, .each_version = true},
    };
    return suite_run("live/rescue", tests, sizeof(tests) / sizeof(tests[0]));
}
