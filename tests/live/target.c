/*
 * Which server a command goes to: each way of naming one against each other, in pairs. What is written goes to the one that the plan
 * names, together with who named it, and to no other. And `up`: its folder is a target, and it writes only to what it booted.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/hash.h"
#include "kind/manifest_rows.h"
#include "support/environment.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

static const char booted_manifest[] = "project: target\nservers: {dev: {ports: auto}}\n";

static const char *in_home(const struct test_environment *here, const char *path)
{
    return arena_printf(test_arena(), "%s/%s", here->home, path);
}

static bool has_stream(const struct server_fixture *server, const char *name)
{
    const char *reply = raw_request(server, arena_printf(test_arena(), "$JS.API.STREAM.INFO.%s", name), "");
    return strstr(reply, "stream not found") == NULL;
}

/* ---- all ways, in pairs ---- */

enum place { BY_FLAG, BY_VARIABLE, BY_MANIFEST, PLACES, BY_UP = PLACES, BY_SELECTION };

/* A way of naming a server: those of the rows that do, in each place that they have a name in, and the two without a row. */
struct way {
    enum place place;
    enum setting_id id;
    const char *name; /* of the flag, the variable or the key */
};

enum { WAYS_MOST = 8 };

static const char *manifest_key(const struct setting *row)
{
    const struct table *connection = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->object;
    return row->field ? table_field_by_id(connection, row->field)->name : NULL;
}

/* In the order in which they count. */
static size_t find_ways(struct way ways[WAYS_MOST])
{
    static const enum setting_id names[] = {SETTING_URL, SETTING_CONTEXT};
    size_t count = 0;
    for (enum place place = BY_FLAG; place < PLACES; place++)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            const struct setting *row = &connection_rows[names[i]];
            const char *named[PLACES] = {row->flag.name, row->env, manifest_key(row)};
            ck_assert_ptr_nonnull(named[place]);
            ways[count++] = (struct way){place, names[i], named[place]};
        }
    ways[count++] = (struct way){.place = BY_UP};
    ways[count++] = (struct way){.place = BY_SELECTION, .id = SETTING_CONTEXT};
    return count;
}

/* One run: what is given to it by two ways. */
struct trial {
    const struct test_environment *here;
    const char *directory;
    const char *arguments[8];
    const char *env[16];
    const char *connection; /* the manifest's */
    size_t argument_count, env_count;
};

static struct trial trial_begin(const struct test_environment *here)
{
    struct trial trial = {.here = here, .directory = test_directory(), .connection = "", .argument_count = 2};
    for (size_t i = 0; here->env[i]; i++)
        trial.env[trial.env_count++] = here->env[i];
    make_directory(here->home, ".config/nats/context");
    write_file(here->home, ".config/nats/context.txt", "");
    return trial;
}

static const char *context_name(const struct way *way)
{
    static const char *const names[] = {"flagged", "exported", "written", "", "selected"};
    return names[way->place];
}

/* Names the server in that way. Returns what a plan then says of it. */
static const char *name_server(struct trial *trial, const struct way *way, const char *url)
{
    struct arena *arena = test_arena();
    const char *value = way->id == SETTING_CONTEXT ? context_name(way) : url;
    const char *by_row[PLACES] = {"--server", "NATS_URL", "the manifest"};
    if (way->id == SETTING_CONTEXT)
        write_file(trial->here->home, arena_printf(arena, ".config/nats/context/%s.json", value),
                   arena_printf(arena, "{\"url\": \"%s\"}", url));
    switch ((int)way->place) {
    case BY_FLAG:
        trial->arguments[trial->argument_count++] = arena_printf(arena, "--%s=%s", way->name, value);
        break;
    case BY_VARIABLE:
        trial->env[trial->env_count++] = arena_printf(arena, "%s=%s", way->name, value);
        break;
    case BY_MANIFEST:
        trial->connection = arena_printf(arena, "%s%s: \"%s\", ", trial->connection, way->name, value);
        break;
    case BY_UP:
        trial->directory = trial->here->folder;
        return "natsform up";
    case BY_SELECTION:
        write_file(trial->here->home, ".config/nats/context.txt", value);
        break;
    }
    return way->id == SETTING_CONTEXT ? arena_printf(arena, "nats context '%s'", value) : by_row[way->place];
}

/* `argument`: --yes, or a saved plan. */
static struct run run_trial(struct trial *trial, const char *command, const char *argument)
{
    write_file(trial->directory, "natsform.yaml",
               arena_printf(test_arena(),
                            "project: target\nconnection: {%s}\nstreams: {T: {subjects: [t]}}\n",
                            trial->connection));
    trial->arguments[0] = command;
    trial->arguments[1] = argument;
    return run_natsform(&(struct run_options){
        .arguments = trial->arguments, .env = trial->env, .directory = trial->directory});
}

/* The CLI and natsform would read these two differently. */
static bool is_refused(const struct way *first, const struct way *second)
{
    return first->place == BY_FLAG && first->id == SETTING_CONTEXT && second->place == BY_VARIABLE &&
           second->id == SETTING_URL;
}

struct pair {
    const struct way *ways[2];
    const struct server_fixture *servers[2]; /* where they lead */
    const char *version;
};

#define LOCK "natsform_lock_%016llx_1"

static const char *lock_of_project(void)
{
    return arena_printf(test_arena(), LOCK, (unsigned long long)hash_text("target"));
}

static void make_on_both(const struct pair *pair, const char *name, const char *subject)
{
    const char *config = arena_printf(
        test_arena(), "{\"name\":\"%s\",\"subjects\":[\"%s\"],\"description\":\"a run\"}", name, subject);
    for (int i = 0; i < 2; i++)
        raw_request(pair->servers[i], arena_printf(test_arena(), "$JS.API.STREAM.CREATE.%s", name), config);
}

static void remove_on_both(const struct pair *pair, const char *name)
{
    for (int i = 0; i < 2; i++)
        raw_request(pair->servers[i], arena_printf(test_arena(), "$JS.API.STREAM.DELETE.%s", name), "");
}

static bool is_marked(const struct server_fixture *server, const char *name)
{
    const char *reply = raw_request(server, arena_printf(test_arena(), "$JS.API.STREAM.INFO.%s", name), "");
    return strstr(reply, "\"natsform.project\"") != NULL;
}

/* The lock of a run is on both servers; one is named, and loses it. It is held: of one that is not, its birth is waited for. */
static void try_unlock(struct trial *trial, const struct pair *pair, const char *place)
{
    make_on_both(pair, lock_of_project(), "lock");
    for (int i = 0; i < 2; i++)
        must_create(pair->servers[i], lock_of_project(), "held", "durable_name: held");
    struct run run = run_trial(trial, "unlock", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, place);
    ck_assert(!has_stream(pair->servers[0], lock_of_project()));
    ck_assert(has_stream(pair->servers[1], lock_of_project()));
    remove_on_both(pair, lock_of_project());
}

/* On 2.9 there are no marks, and only the manifest is written. */
static void try_import(struct trial *trial, const struct pair *pair, const char *place)
{
    make_on_both(pair, "I", "i");
    struct run run = run_trial(trial, "import", "I");
    ck_assert_exit(run, 64);
    trial->arguments[trial->argument_count] = "--yes";
    run = run_trial(trial, "import", "I");
    trial->arguments[trial->argument_count] = NULL;
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, place);
    bool marks = strncmp(pair->version, "2.9.", strlen("2.9.")) != 0;
    ck_assert(is_marked(pair->servers[0], "I") == marks && !is_marked(pair->servers[1], "I"));
    remove_on_both(pair, "I");
}

static void try_saved(struct trial *trial, const struct pair *pair, const char *place)
{
    const char *saved = arena_printf(test_arena(), "%s/saved", test_directory());
    raw_request(pair->servers[0], "$JS.API.STREAM.DELETE.T", "");
    struct run run = run_trial(trial, "plan", arena_printf(test_arena(), "--out=%s", saved));
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, place);
    run = run_trial(trial, "apply", saved);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, place);
    ck_assert(has_stream(pair->servers[0], "T") && !has_stream(pair->servers[1], "T"));
}

/* What writes besides apply and destroy of a manifest. */
static void try_others(struct trial *trial, const struct pair *pair, const char *found)
{
    const char *place = arena_printf(test_arena(), " %s (%s)\n", pair->servers[0]->url, found);
    try_unlock(trial, pair, place);
    try_import(trial, pair, place);
    try_saved(trial, pair, place);
}

static void try_pair(const struct test_environment *here, const struct pair *pair)
{
    struct trial trial = trial_begin(here);
    const char *found = name_server(&trial, pair->ways[0], pair->servers[0]->url);
    if (pair->ways[1] != pair->ways[0])
        name_server(&trial, pair->ways[1], pair->servers[1]->url);
    const char *place = arena_printf(test_arena(), " at %s (%s)\n", pair->servers[0]->url, found);
    struct run run = run_trial(&trial, "apply", "--yes");
    if (is_refused(pair->ways[0], pair->ways[1])) {
        ck_assert_exit(run, 64);
        ck_assert_str_eq(run.err,
                         "error: both --context 'flagged' and NATS_URL say where the server is [usage]\n"
                         "hint: unset NATS_URL, or name the server with --server\n");
        ck_assert(!has_stream(pair->servers[0], "T") && !has_stream(pair->servers[1], "T"));
        return;
    }
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, place);
    ck_assert(has_stream(pair->servers[0], "T") && !has_stream(pair->servers[1], "T"));
    try_others(&trial, pair, found);
    run = run_trial(&trial, "destroy", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, place);
    ck_assert(!has_stream(pair->servers[0], "T"));
}

/* No version has a part in how a server is found: they take turns at the pairs. */
START_TEST(pairs)
{
    size_t versions = 0;
    server_versions(&versions);
    struct test_environment *here = environment_new(version_at(_i), booted_manifest);
    struct server_fixture *first = fixture_start(version_at(_i), NULL);
    struct server_fixture *second = fixture_start(version_at(_i), NULL);
    struct way ways[WAYS_MOST];
    size_t count = find_ways(ways);
    ck_assert_exit(NF(here, "up", "--no-context"), 0);
    const struct server_fixture *booted = environment_server(here, "dev", NULL);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++) {
            if ((i + j) % versions != (size_t)_i)
                continue;
            const struct pair pair = {.version = version_at(_i),
                                      .ways = {&ways[i], &ways[j]},
                                      .servers = {ways[i].place == BY_UP ? booted : first,
                                                  j > i && ways[j].place == BY_UP ? booted : second}};
            try_pair(here, &pair);
        }
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
    fixture_stop(first);
    fixture_stop(second);
}
END_TEST

/* ---- the folder's own environment ---- */

static const char with_stream[] = "project: chat\n"
                                  "servers: {dev: {ports: auto}}\n"
                                  "streams: {S: {subjects: [s]}}\n";

/* Two folders of one user: the second `up` selects its context, and the first folder's commands stay at home. */
START_TEST(two_folders)
{
    struct test_environment *first = environment_new(version_at(_i), with_stream);
    struct test_environment *second =
        environment_new(version_at(_i), "project: other\nservers: {dev: {ports: auto}}\n");
    second->env[0] = first->env[0];
    ck_assert_exit(NF(first, "up"), 0);
    ck_assert_exit(NF(second, "up"), 0);
    const struct server_fixture *home = environment_server(first, "dev", NULL);
    const struct server_fixture *away = environment_server(second, "dev", NULL);
    environment_write(first, "project: chat\nstreams: {S: {subjects: [s]}, NEW: {subjects: [new]}}\n");
    struct run run = NF(first, "apply", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), "at %s (natsform up)", home->url));
    ck_assert(has_stream(home, "NEW") && !has_stream(away, "NEW"));
    ck_assert_contains(NF(first, "export").out, "NEW:");
    ck_assert_contains(NF(first, "plan", "-o", "json").out, "\"found\": \"natsform up\"");
    ck_assert_exit(NF(first, "down", "--volumes", "--yes"), 0);
    ck_assert_exit(NF(second, "down", "--volumes", "--yes"), 0);
    environment_end(first);
    environment_end(second);
}
END_TEST

/* A context of the user's own that has the project's name, and another one that is selected. */
START_TEST(foreign_context)
{
    struct test_environment *here = environment_new(version_at(_i), with_stream);
    struct server_fixture *prod = fixture_start(version_at(_i), NULL);
    const char *context = arena_printf(test_arena(), "{\"url\": \"%s\"}", prod->url);
    make_directory(here->home, ".config/nats/context");
    write_file(here->home, ".config/nats/context/chat.json", context);
    write_file(here->home, ".config/nats/context/prod.json", context);
    write_file(here->home, ".config/nats/context.txt", "prod");
    ck_assert_exit(NF(here, "up"), 0);
    ck_assert_str_eq(read_file(in_home(here, ".config/nats/context.txt")), "prod");
    struct run run = NF(here, "plan");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "1 in sync");
    ck_assert_contains(run.out, "(natsform up)");
    ck_assert_contains(NF(here, "plan", "--context", "chat").out, "1 to create");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    ck_assert_contains(NF(here, "plan").out, "(nats context 'prod')");
    ck_assert(!has_stream(prod, "S"));
    environment_end(here);
    fixture_stop(prod);
}
END_TEST

/* What was booted and is gone is said, and nothing else takes its place. A server that is named is asked all the same. */
START_TEST(gone)
{
    struct test_environment *here = environment_new(version_at(_i), with_stream);
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    ck_assert_exit(NF(here, "up"), 0);
    pid_t pid = environment_pid(here, "dev");
    kill(pid, SIGKILL);
    AWAIT(!process_lives(pid));
    struct run run = NF(here, "plan");
    ck_assert_exit(run, 1);
    ck_assert_str_eq(
        run.err, arena_printf(test_arena(),
                              "error: what 'natsform up' started in %s does not run any more [environment]\n"
                              "hint: 'natsform up' again, or 'natsform down'; --server or --context name "
                              "another one\n",
                              here->folder));
    ck_assert_contains(NF(here, "plan", "--server", other->url).out, "(--server)");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
    fixture_stop(other);
}
END_TEST

/* ---- up writes only to what it booted ---- */

START_TEST(leads_elsewhere)
{
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    struct test_environment *here =
        environment_new(version_at(_i), arena_printf(test_arena(),
                                                     "project: chat\n"
                                                     "servers: {dev: {ports: auto}}\n"
                                                     "connection: {url: \"%s\"}\n"
                                                     "streams: {S: {subjects: [s]}}\n",
                                                     other->url));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(),
                                             "Not applied to %s (the manifest): that is not booted here. "
                                             "'natsform apply' does it.\n",
                                             other->url));
    ck_assert(!has_stream(other, "S") && !has_stream(environment_server(here, "dev", NULL), "S"));
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
    fixture_stop(other);
}
END_TEST

/* The same of one account of two: the others get their streams. */
START_TEST(one_leads_elsewhere)
{
    struct server_fixture *other = fixture_start(version_at(_i), NULL);
    struct test_environment *here = environment_new(
        version_at(_i), arena_printf(test_arena(),
                                     "project: chat\n"
                                     "servers: {dev: {ports: auto}}\n"
                                     "connections: {more: {url: \"%s\"}}\n"
                                     "streams: {S: {subjects: [s]}, T: {subjects: [t], connection: more}}\n",
                                     other->url));
    struct run run = NF(here, "up");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out,
                       arena_printf(test_arena(), "Not applied to %s (connection 'more')", other->url));
    ck_assert(!has_stream(other, "T") && has_stream(environment_server(here, "dev", NULL), "S"));
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
    fixture_stop(other);
}
END_TEST

START_TEST(next_goes_elsewhere)
{
    struct test_environment *here = environment_new(version_at(_i), with_stream);
    static const char said[] = "The next 'natsform plan' goes elsewhere: to nats://prod.example:4222 (%s).\n";
    struct trial trial = trial_begin(here);
    trial.env[trial.env_count] = "NATS_URL=nats://me:secret@prod.example:4222";
    const struct run_options options = {.arguments = (const char *const[]){"up", "--no-context", NULL},
                                        .env = trial.env,
                                        .directory = here->folder};
    struct run run = run_natsform(&options);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, arena_printf(test_arena(), said, "NATS_URL"));
    write_file(here->home, ".config/nats/context/prod.json", "{\"url\": \"nats://prod.example:4222\"}");
    trial.env[trial.env_count] = "NATS_CONTEXT=prod";
    ck_assert_contains(run_natsform(&options).out, arena_printf(test_arena(), said, "nats context 'prod'"));
    trial.env[trial.env_count] = "NATS_CONTEXT=gone";
    ck_assert_contains(run_natsform(&options).out,
                       "The next 'natsform plan' fails: there is no nats context 'gone' in ");
    trial.env[trial.env_count] = "NATS_SOCKS_PROXY=127.0.0.1:1080";
    ck_assert_contains(run_natsform(&options).out,
                       "The next 'natsform plan' fails: NATS_SOCKS_PROXY goes through a SOCKS proxy");
    trial.env[trial.env_count] = "NATS_USER=somebody"; /* who needs no login here */
    ck_assert(!strstr(run_natsform(&options).out, "The next"));
    /* It is no news that it leads here. */
    trial.env[trial.env_count] =
        arena_printf(test_arena(), "NATS_URL=%s", environment_server(here, "dev", NULL)->url);
    ck_assert(!strstr(run_natsform(&options).out, "elsewhere"));
    ck_assert(!strstr(NF(here, "up").out, "elsewhere"));
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
}
END_TEST

/* It leads here, but to another account, or to nobody's. */
START_TEST(next_logs_in_otherwise)
{
    struct test_environment *here = environment_new(
        version_at(_i), "project: chat\n"
                        "servers:\n"
                        "  dev: {ports: auto, authorization: {users: [{user: me, password: p}]}}\n"
                        "streams: {S: {subjects: [s]}}\n");
    ck_assert_exit(NF(here, "up", "--no-context"), 0);
    const char *url = environment_server(here, "dev", NULL)->url;
    run_shell(here->folder,
              arena_printf(test_arena(), "cp '%s/support/user.creds' prod.creds", getenv("NATSFORM_TESTS")));
    const struct {
        const char *variable, *said;
    } rows[] = {
        {"NATS_USER=somebody", "The next 'natsform plan' logs in otherwise: as NATS_USER says.\n"},
        {"NATS_CREDS=gone.creds",
         "The next 'natsform plan' fails: cannot read the creds file 'gone.creds': No such "
         "file or directory.\n"},
        {"NATS_CREDS=prod.creds", "The next 'natsform plan' logs in otherwise: as NATS_CREDS says.\n"},
        {"NATS_CA=gone.pem",
         "The next 'natsform plan' fails: cannot read the CA certificate 'gone.pem': No such file "
         "or directory.\n"},
        {"NATS_CERT=gone.pem",
         "The next 'natsform plan' fails: a client certificate needs both its certificate and "
         "its key, and there is only the certificate.\n"},
        {"NATS_PASSWORD=q", "The next 'natsform plan' logs in otherwise: with what NATS_PASSWORD says.\n"},
        {"NATS_PASSWORD=p", NULL},
        {arena_printf(test_arena(), "NATS_URL=%s", url),
         "The next 'natsform plan' logs in otherwise: without a login.\n"},
        {arena_printf(test_arena(), "NATS_URL=nats://you:p@%s", strstr(url, "127.")),
         "The next 'natsform plan' logs in otherwise: as NATS_URL says.\n"},
        {arena_printf(test_arena(), "NATS_URL=nats://me:p@%s", strstr(url, "127.")), NULL},
        {"NATS_TIMEOUT=9s", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct trial trial = trial_begin(here);
        trial.env[trial.env_count] = rows[i].variable;
        struct run run =
            run_natsform(&(struct run_options){.arguments = (const char *const[]){"up", "--no-context", NULL},
                                               .env = trial.env,
                                               .directory = here->folder});
        ck_assert_exit(run, 0);
        if (rows[i].said)
            ck_assert_contains(run.out, rows[i].said);
        else
            ck_assert(!strstr(run.out, "The next"));
    }
    /* Each of the two is said to be of whom it is. */
    struct trial trial = trial_begin(here);
    trial.env[trial.env_count] = "NATS_PASSWORD=p";
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"plan", NULL}, .env = trial.env, .directory = here->folder});
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "user me (natsform up, with NATS_PASSWORD)\n");
    ck_assert_exit(NF(here, "down", "--volumes", "--yes"), 0);
    environment_end(here);
}
END_TEST

/* Contexts are where the nats CLI has them: in the home of the password database. Where HOME leads elsewhere, that is said. */
START_TEST(another_home)
{
    struct test_environment *here = environment_new(NULL, "streams: {}");
    const char *env[] = {here->env[0], here->env[1], here->env[2], "XDG_CONFIG_HOME", NULL};
    const char *recorded = folder_home(test_arena());
    here->env = env;
    make_directory(here->home, ".config/nats/context");
    write_file(here->home, ".config/nats/context/only-in-home.json", "{\"url\": \"nats://127.0.0.1:1\"}");
    struct run run = NF(here, "plan", "--context", "only-in-home");
    /* Who is in no password database has HOME. */
    ck_assert_exit(run, recorded ? 64 : 69);
    if (recorded) {
        ck_assert_contains(
            run.err, arena_printf(test_arena(),
                                  "note: contexts are in '%s/.config/nats', as the password database says, "
                                  "and not in '%s/.config/nats', where HOME leads [context-home]",
                                  recorded, here->home));
        ck_assert_contains(run.err, "there is no nats context 'only-in-home'");
    }
    environment_end(here);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = pairs, .each_version = true},
        {.test = two_folders, .each_version = true},
        {.test = foreign_context, .each_version = true},
        {.test = gone, .each_version = true},
        {.test = leads_elsewhere, .each_version = true},
        {.test = one_leads_elsewhere, .each_version = true},
        {.test = next_goes_elsewhere, .each_version = true},
        {.test = next_logs_in_otherwise, .each_version = true},
        {.test = another_home},
    };
    return suite_run("target", tests, sizeof(tests) / sizeof(tests[0]));
}
