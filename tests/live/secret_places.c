/*
 * Secrets in every place that takes a text: what keys, seeds and tokens look like, and a password that looks like nothing in the
 * places that are for one. The places come from the tables: rows of the manifest and of nats-server's options, settings of the
 * connection in each of their layers, options of commands. No command says a word of them, whether it takes the value or not.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "cmd/command.h"
#include "cmd/session.h"
#include "field/field.h"
#include "kind/manifest_rows.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "syntax/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
#define JWT "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJXaDE1cGVyIjoxfQ.Wh15perWh15per"

static const char plain[] = "Wh15per-n0t";
/* Parts of the values below, each of which is enough to know that one was shown. */
static const char *const marks[] = {"Wh15per", "UHPMWZ6BFDTJ7M6U", "eyJXaDE1cGVyIjoxfQ", "V2gxNXBlcg"};

static const char *const values[] = {
    SEED,
    JWT,
    "-----BEGIN PRIVATE KEY-----\nWh15perWh15perWh15perWh15perWh15perWh15perWh15perWh15perWh15perWh15\nWh15per=\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN NATS USER JWT-----\n" JWT "\n------END NATS USER JWT------\n\n*** IMPORTANT ***\n\n"
    "-----BEGIN USER NKEY SEED-----\n" SEED "\n------END USER NKEY SEED------\n",
    "two lines\nof Wh15per",
    "nats://me:Wh15per@127.0.0.1:1",
    "$2a$11$Wh15perWh15perWh15perWh15perWh15perWh15perWh15perW",
    "data:;base64,V2gxNXBlcg==",
    "password=Wh15per",
};
enum { VALUES = COUNT(values), TRIES = 3 };

/* Each place is tried with some of them, and with others than the place before it. */
static const char *value_of(int i)
{
    return values[(i + i / VALUES) % VALUES];
}

/* ---- running ---- */

struct words {
    VEC(const char *) list;
};

static void add(struct words *words, const char *word)
{
    VEC_PUSH(test_arena(), &words->list, word);
}

static void assert_silent(const struct run *run, const struct words *arguments, const char *where)
{
    for (size_t i = 0; i < COUNT(marks); i++) {
        bool told = strstr(run->out, marks[i]) || strstr(run->err, marks[i]);
        if (told) {
            SHOW_WHOLE("standard output", run->out);
            SHOW_WHOLE("standard error", run->err);
        }
        ck_assert_msg(!told, "'natsform %s' tells what is in %s", arguments->list.items[0], where);
    }
    ck_assert_msg(run->exit_code >= 0, "'natsform %s' was killed by signal %d by what is in %s",
                  arguments->list.items[0], run->signal, where);
}

/* Runs in a folder of its own, which has no contexts. `env` may be NULL. */
static void run_silently(const struct words *arguments, const char *const *env, const char *where)
{
    struct words words = *arguments, all = {0};
    const char *folder = test_directory();
    add(&words, NULL);
    for (; env && *env; env++)
        add(&all, *env);
    add(&all, arena_printf(test_arena(), "HOME=%s", folder));
    add(&all, arena_printf(test_arena(), "XDG_CONFIG_HOME=%s", folder));
    add(&all, NULL);
    struct run run = run_natsform(&(struct run_options){
        .arguments = words.list.items, .env = all.list.items, .directory = folder, .input = ""});
    assert_silent(&run, arguments, where);
}

/* Every command that reads a manifest, but those that boot what it says. */
static const char *const readers[][3] = {
    {"validate"}, {"plan"}, {"plan", "-o", "json"}, {"apply", "--yes"}, {"diff"},   {"destroy", "--yes"},
    {"convert"},  {"pull"}, {"unlock", "--yes"},    {"import", "a"},    {"status"}, {"generate", "env"},
};

static void run_reader(size_t number, const char *path, const char *const *env, const char *where)
{
    const char *const *reader = readers[number % COUNT(readers)];
    struct words words = {0};
    for (size_t j = 0; j < 3 && reader[j]; j++)
        add(&words, reader[j]);
    add(&words, "-f");
    add(&words, path);
    run_silently(&words, env, where);
}

/* By `plan`, and by another one in turn; every_command() has all of them. */
static void run_readers(const char *path, const char *const *env, const char *where, int turn)
{
    run_reader(1, path, env, where);
    run_reader((size_t)turn, path, env, where);
}

/* ---- texts ---- */

static const char *quoted(const char *text)
{
    struct strbuf out = {0};
    json_write(&out, node_scalar(test_arena(), text, true), false);
    return strbuf_move(&out, test_arena());
}

/* In a block of text, `indent` deep. */
static void add_block(struct strbuf *out, const char *text, int indent)
{
    strbuf_adds(out, "|");
    while (*text) {
        size_t length = strcspn(text, "\n");
        strbuf_addf(out, "\n%*s%.*s", indent, "", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* ---- rows of the manifest and of servers ---- */

enum way { AS_TEXT, AS_BLOCK, IN_LIST, IN_MAP, MISSPELT, OPEN, BY_VARIABLE, FOR_MAP, WAYS };

static void add_value(struct strbuf *out, enum way way, const char *value, int indent)
{
    const char *text = quoted(value);
    switch (way) {
    case AS_BLOCK:
        add_block(out, value, indent);
        break;
    case IN_LIST:
        strbuf_addf(out, "[%s, {x: %s}]", text, text);
        break;
    case IN_MAP:
        strbuf_addf(out, "{%s: 1, x: %s}", text, text);
        break;
    case OPEN:
        strbuf_addf(out, "'${X:-%.*s'", (int)strcspn(value, "\n"), value);
        break;
    case BY_VARIABLE:
        strbuf_adds(out, strcmp(value, plain) == 0 ? "${PLAIN}" : "${VALUE}");
        break;
    default:
        strbuf_adds(out, text);
    }
}

/* Does it take something else than a map? */
static bool takes_text(const struct field *field)
{
    unsigned all = field_types(field) | field_items(field) | field_values(field);
    return !field->object || (all & ~(unsigned)(FIELD_OBJECT | FIELD_LIST | FIELD_MAP));
}

/* Is what stands there a secret by its place alone, whatever it looks like? */
static bool is_private(const struct field *field, enum way way)
{
    return (field->flags & FIELD_SECRET) ||
           (field_has_secrets(field) && !takes_text(field) && (way == AS_TEXT || way == FOR_MAP));
}

static void add_field(struct strbuf *out, const struct field *field, int indent, enum way way,
                      const char *value)
{
    strbuf_addf(out, "%*s%s%s: ", indent, "", field->name, way == MISSPELT ? "x" : "");
    add_value(out, way, is_private(field, way) ? plain : value, indent + 2);
    strbuf_addc(out, '\n');
}

/* All the table's fields, and those of the tables below it: an error in one does not hide another. */
static void add_table(struct strbuf *out, const struct table *table, int indent, enum way way,
                      const char *value)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool is_list = field->shape == SHAPE_LIST || (field_items(field) & FIELD_OBJECT);
        bool is_map = field->shape == SHAPE_MAP || (field_values(field) & FIELD_OBJECT);
        if (field->object && (way != FOR_MAP || is_list || is_map || indent < 4)) {
            strbuf_addf(out, "%*s%s:\n%*s%s\n", indent, "", field->name, indent + 1, "",
                        is_list  ? "-"
                        : is_map ? "name:"
                                 : "# of one");
            add_table(out, field->object, indent + 2, way, value);
        } else if (way == FOR_MAP || takes_text(field)) {
            add_field(out, field, indent, way, value);
        }
    }
}

/* A text for a map: `validate` reads on, and so do all the maps that stand beside it. */
static void add_texts_for_maps(struct strbuf *out, const struct table *table, int indent, const char *value)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].object || table->fields[i].type == FIELD_TREE)
            add_field(out, &table->fields[i], indent, AS_TEXT, value);
}

static void validate(const char *text, enum way way, const char *value)
{
    struct words words = {0};
    const char *const env[] = {arena_printf(test_arena(), "PLAIN=%s", plain),
                               arena_printf(test_arena(), "VALUE=%s", value), NULL};
    add(&words, "validate");
    add(&words, "--no-server-check");
    add(&words, "-f");
    add(&words, write_file(test_directory(), "natsform.yaml", text));
    run_silently(&words, env, arena_printf(test_arena(), "a manifest, way %d: %.20s", way, value));
}

START_TEST(rows)
{
    const struct table *tables[] = {&manifest_table, &server_table};
    const char *const heads[] = {"", "servers:\n a:\n"};
    enum way way = (enum way)(_i / TRIES);
    const char *value = value_of(_i);
    for (int i = 0; i < 2; i++) {
        struct strbuf text = {0}, maps = {0};
        strbuf_adds(&text, heads[i]);
        strbuf_adds(&maps, heads[i]);
        add_table(&text, tables[i], 2 * i, way, value);
        add_texts_for_maps(&maps, tables[i], 2 * i, value);
        validate(strbuf_move(&text, test_arena()), way, value);
        validate(strbuf_move(&maps, test_arena()), way, value);
    }
}
END_TEST

/* ---- settings of the connection ---- */

/* A manifest whose connection has that; `key` is a path of keys. */
static const char *manifest_of(const char *in_tls, const char *key, const char *value)
{
    return write_file(test_directory(), "natsform.yaml",
                      arena_printf(test_arena(),
                                   "project: p\nconnection:\n%s  %s%s: %s\nstreams:\n  S: {subjects: [s]}\n",
                                   in_tls, *in_tls ? "  " : "", key, value));
}

static const struct field *row_of(const struct setting *setting)
{
    const struct table *table = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->object;
    if (setting->field)
        return table_field_by_id(table, setting->field);
    return setting->tls ? table_field_by_id(table_field_by_id(table, CONNECTION_TLS)->object, setting->tls)
                        : NULL;
}

static const char *value_for(const struct setting *setting, const char *value)
{
    return setting->type == SETTING_SECRET ? plain : value;
}

START_TEST(settings_in_manifests)
{
    const struct setting *setting = &connection_rows[_i / TRIES];
    const struct field *row = row_of(setting);
    const char *value = value_for(setting, value_of(_i));
    const char *const env[] = {arena_printf(test_arena(), "VALUE=%s", value), NULL};
    if (!row)
        return;
    const char *in_tls = setting->tls ? "  tls:\n" : "";
    run_readers(manifest_of(in_tls, row->name, quoted(value)), NULL, row->name, _i);
    run_readers(manifest_of(in_tls, row->name, "${VALUE}"), env, row->name, _i + 1);
}
END_TEST

static const char *usual_manifest(void)
{
    return write_file(test_directory(), "natsform.yaml", "project: p\nstreams: {S: {subjects: [s]}}\n");
}

/* Each command with each setting, and with each value in one of them. */
START_TEST(every_command)
{
    const struct setting *setting = &connection_rows[_i];
    const struct field *row = row_of(setting);
    for (size_t i = 0; row && i < COUNT(readers); i++) {
        const char *value = value_for(setting, values[((size_t)_i + i) % VALUES]);
        run_reader(i, manifest_of(setting->tls ? "  tls:\n" : "", row->name, quoted(value)), NULL, row->name);
    }
}
END_TEST

START_TEST(settings_in_the_environment)
{
    const struct setting *setting = &connection_rows[_i / TRIES];
    const char *value = value_for(setting, value_of(_i));
    const char *const env[] = {arena_printf(test_arena(), "%s=%s", setting->env, value), NULL};
    if (setting->env)
        run_readers(usual_manifest(), env, setting->env, _i);
}
END_TEST

START_TEST(settings_in_contexts)
{
    const struct setting *setting = &connection_rows[_i / TRIES];
    const char *value = value_for(setting, value_of(_i));
    if (!setting->context)
        return;
    const char *text = arena_printf(test_arena(), "{\"url\": \"nats://127.0.0.1:1\", \"%s\": %s}",
                                    setting->context, quoted(value));
    const char *torn = arena_printf(test_arena(), "{\"%s\": %s", setting->context, quoted(value));
    for (int i = 0; i < 2; i++) {
        const char *path = write_file(test_directory(), "context.json", i ? torn : text);
        run_readers(usual_manifest(),
                    (const char *const[]){arena_printf(test_arena(), "NATS_CONTEXT=%s", path), NULL},
                    setting->context, _i + i);
    }
}
END_TEST

/* Rows of NACK's `tls` stand in that, and their values may be lists. */
START_TEST(settings_in_resources)
{
    const struct setting *setting = &connection_rows[_i / TRIES];
    const char *value = quoted(value_for(setting, value_of(_i)));
    if (!setting->nack)
        return;
    static const char head[] =
        "apiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nspec:\n  name: S\n  storage: file\n";
    const char *const texts[] = {
        arena_printf(test_arena(), "%s  %s: %s\n", head, setting->nack, value),
        arena_printf(test_arena(), "%s  %s: [%s]\n", head, setting->nack, value),
        arena_printf(test_arena(), "%s  tls: {%s: %s}\n", head, setting->nack, value),
        arena_printf(test_arena(), "%s  tls: {%s: [%s, %s]}\n", head, setting->nack, value, value),
        arena_printf(test_arena(), "%s  tls: {%sx: %s}\n", head, setting->nack, value),
        arena_printf(test_arena(), "%s  %s: {%s: %s}\n", head, setting->nack, value, value),
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        run_readers(write_file(test_directory(), "nack.yaml", texts[i]), NULL, texts[i], _i + (int)i);
}
END_TEST

/* NACK's accounts have them in secrets of Kubernetes, by name and file; here by their text, too. */
START_TEST(settings_in_accounts)
{
    static const char head[] =
        "apiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nspec: {name: S, storage: file, account: a}\n"
        "---\napiVersion: jetstream.nats.io/v1beta2\nkind: Account\nmetadata: {name: a}\nspec:\n  name: a\n";
    const struct setting *setting = &connection_rows[_i];
    const struct field *row = row_of(setting);
    const char *value = quoted(value_for(setting, value_of(_i)));
    if (!row)
        return;
    const char *const texts[] = {
        arena_printf(test_arena(), "%s  %s: %s\n", head, row->name, value),
        arena_printf(test_arena(), "%s  %s: {secret: {name: %s}, file: %s}\n", head, row->name, value, value),
        arena_printf(test_arena(), "%s  tls: {secret: {name: x}, %s: %s}\n", head,
                     setting->nack ? setting->nack : row->name, value),
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        run_readers(write_file(test_directory(), "nack.yaml", texts[i]), NULL, texts[i], _i + (int)i);
}
END_TEST

/* ---- options and arguments ---- */

/* The n-th command that takes the option, counted around; NULL: none does. */
static const struct command_help *command_with(const struct help *help, const struct option_row *option,
                                               size_t n)
{
    for (size_t i = 0; i < help->command_count; i++) {
        const struct command_help *command = help->commands[(i + n) % help->command_count];
        if (command->options & option->group)
            return command;
    }
    return NULL;
}

static void run_with(const struct command_help *command, const char *word, const char *where)
{
    struct words words = {0};
    add(&words, command->name);
    add(&words, word);
    run_silently(&words, NULL, where);
}

START_TEST(options)
{
    const struct help *help = commands_help();
    for (size_t i = 0; i < help->option_count; i++) {
        const struct option_row *option = &help->options[i];
        const struct command_help *command = command_with(help, option, (size_t)_i);
        const char *value = option->type == OPTION_SECRET ? plain : values[_i];
        if (option->argument && command)
            run_with(command, arena_printf(test_arena(), "--%s=%s", option->name, value), option->name);
    }
    for (size_t i = 0; i < help->command_count; i++) {
        run_with(help->commands[i], values[_i], "an argument");
        if (_i == 0)
            run_with(help->commands[i], arena_printf(test_arena(), "-Z%s", plain), "an unknown letter");
        if (_i == 0)
            run_with(help->commands[i], arena_printf(test_arena(), "--passwrd=%s", plain),
                     "an unknown option");
    }
}
END_TEST

/* ---- texts instead of files, on real servers ---- */

START_TEST(texts_connect)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    const char *tests = getenv("NATSFORM_TESTS");
    const char *support = arena_printf(test_arena(), "%s/support", tests ? tests : "tests");
    const char *creds = read_file(arena_printf(test_arena(), "%s/user.creds", support));
    struct server_fixture *server = fixture_start_with(&(struct fixture_options){
        .version = versions[_i],
        .config = read_file(arena_printf(test_arena(), "%s/operator.conf", support)),
        .greets_only = true});
    const char *folder = test_directory();
    const char *env[] = {arena_printf(test_arena(), "TEXT=%s", creds), NULL};
    const char *const seed = strstr(creds, "\nSU") + 1;
    const char *part = arena_strndup(test_arena(), seed + 20, 16);
    write_file(folder, "natsform.yaml",
               arena_printf(
                   test_arena(),
                   "project: p\nconnection: {url: '%s', creds: \"${TEXT}\"}\nstreams: {S: {subjects: [s]}}\n",
                   server->url));
    static const char *const commands[][3] = {
        {"plan", "--out", "saved"},
        {"plan", "-o", "json"},
        {"diff"},
        {"apply", "saved"},
        {"plan"},
        {"convert"},
        {"destroy", "--yes"},
    };
    for (size_t i = 0; i < COUNT(commands); i++) {
        const char *const arguments[] = {commands[i][0], commands[i][1], commands[i][2], NULL};
        struct run run =
            run_natsform(&(struct run_options){.arguments = arguments, .env = env, .directory = folder});
        ck_assert_exit(run, strcmp(commands[i][0], "diff") == 0);
        ck_assert_lacks(run.out, part);
        ck_assert_lacks(run.err, part);
    }
    ck_assert_lacks(read_file(arena_printf(test_arena(), "%s/saved", folder)), part);
    const char *const all[] = {arena_printf(test_arena(), "NATS_CREDS=%s", creds),
                               arena_printf(test_arena(), "NATS_URL=%s", server->url), NULL};
    ck_assert_exit(
        run_natsform(&(struct run_options){.arguments = (const char *const[]){"export", NULL}, .env = all}),
        0);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = rows, .times = (size_t)WAYS * TRIES},
        {.test = settings_in_manifests, .times = (size_t)SETTINGS * TRIES},
        {.test = every_command, .times = SETTINGS},
        {.test = settings_in_the_environment, .times = (size_t)SETTINGS * TRIES},
        {.test = settings_in_contexts, .times = (size_t)SETTINGS * TRIES},
        {.test = settings_in_resources, .times = (size_t)SETTINGS * TRIES},
        {.test = settings_in_accounts, .times = SETTINGS},
        {.test = options, .times = VALUES},
        {.test = texts_connect, .each_version = true},
    };
    return suite_run("secret places", tests, COUNT(tests));
}
