/* The table of options, and their parsing by getopt_long(); see options.h. */
#include "cmd/options.h"

#include <getopt.h>
#include <string.h>

#include "base/suggest.h"
#include "field/value.h"

static const char *const colour_choices[] = {"auto", "always", "never", NULL};
static const char *const output_choices[] = {"text", "json", NULL};

#define AT(member) .offset = offsetof(struct options, member)

/*
 * What is no setting of the connection; those come with their own rows, at the place of the row that is nothing but
 * their group.
 */
static const struct option_row rows[] = {
    {"file", 'f', OPTIONS_MANIFEST, OPTION_LIST, "PATH", NULL, AT(files),
     "Manifest, directory, REV:PATH of Git, or '-'; repeat it to lay one over the other. Default: natsform.yaml"},
    {"env-file", 0, OPTIONS_MANIFEST, OPTION_LIST, "PATH", NULL, AT(env_files),
     "Variables for the manifest, as NAME=VALUE lines; the environment wins"},
    {"stream", 0, OPTIONS_MANIFEST, OPTION_TEXT, "NAME", NULL, AT(stream),
     "Name of the stream, for JSON of the nats CLI; it wins over the one in there"},
    {.group = OPTIONS_SERVER},
    {"server-version", 0, OPTIONS_VERSION, OPTION_TEXT, "VERSION", NULL, AT(server_version),
     "The nats-server to check for, such as 2.10 or 2.9-2.12. Default: the newest known"},
    {"output", 'o', OPTIONS_OUTPUT, OPTION_CHOICE, "text|json", output_choices, AT(output),
     "Text for people or JSON for programs. Default: text"},
    {"detailed-exitcode", 0, OPTIONS_DETAILED, OPTION_FLAG, NULL, NULL, AT(detailed_exitcode),
     "Exit with 2 when there are changes"},
    {"prune", 0, OPTIONS_PRUNE, OPTION_FLAG, NULL, NULL, AT(prune),
     "Delete the project's objects that the manifest does not name"},
    {"destroy", 0, OPTIONS_DESTROY, OPTION_FLAG, NULL, NULL, AT(destroy),
     "Delete what the manifest names and the project owns"},
    {"out", 0, OPTIONS_OUT, OPTION_TEXT, "FILE", NULL, AT(out),
     "Save the plan for 'natsform apply FILE'; '-' is standard output"},
    {"allow-data-loss", 0, OPTIONS_LOSS, OPTION_LIST, "STREAM", NULL, AT(allow_loss),
     "Let changes destroy messages of this stream; repeat it for more streams"},
    {"out-dir", 0, OPTIONS_EXPORT, OPTION_TEXT, "DIR", NULL, AT(out_dir),
     "Folder to write to, with a file for each object. Default: '-', one manifest to standard output"},
    {"project", 0, OPTIONS_EXPORT, OPTION_TEXT, "NAME", NULL, AT(project), "Only what this project owns"},
    {"out", 0, OPTIONS_GENERATE, OPTION_TEXT, "DIR", NULL, AT(out_dir),
     "Folder to write to; '-' is standard output, for a single file. Default: deploy"},
    {"project", 0, OPTIONS_INIT, OPTION_TEXT, "NAME", NULL, AT(project),
     "The project's name. Default: that of the folder"},
    {"subject", 0, OPTIONS_INIT, OPTION_LIST, "SUBJECT", NULL, AT(subjects),
     "Subject of the first stream; repeat it for more of them. Default: PROJECT.>"},
    {"cluster", 0, OPTIONS_INIT, OPTION_FLAG, NULL, NULL, AT(cluster),
     "Three servers, and streams with three replicas"},
    {"from-live", 0, OPTIONS_INIT, OPTION_FLAG, NULL, NULL, AT(from_live),
     "Begin with what a server holds, as 'natsform export' does"},
    {"prefix", 0, OPTIONS_GENERATE, OPTION_TEXT, "DIR", NULL, AT(prefix),
     "Homebrew's folder on the Mac. Default: /opt/homebrew; on Intel it is /usr/local"},
    {"probe", 0, OPTIONS_GENERATE, OPTION_TEXT, "FILE", NULL, AT(probe),
     "Static program that checks the health of containers from images without wget"},
    {"check", 0, OPTIONS_GENERATE, OPTION_FLAG, NULL, NULL, AT(check),
     "Write nothing; exit with 1 when a file is missing or differs from what would be written"},
    {"out", 0, OPTIONS_IMPORT_CONF, OPTION_TEXT, "FILE", NULL, AT(out),
     "With 'conf': the manifest to write. Default: '-', standard output"},
    {"name", 0, OPTIONS_IMPORT_CONF, OPTION_TEXT, "NAME", NULL, AT(name),
     "With 'conf': the server's name in the manifest. Default: its server_name, or the file's name"},
    {"secrets", 0, OPTIONS_IMPORT_CONF, OPTION_TEXT, "FILE", NULL, AT(secrets),
     "With 'conf': write passwords and other secrets to this file, for --env-file"},
    {"skip-missing", 0, OPTIONS_IMPORT_CONF, OPTION_FLAG, NULL, NULL, AT(skip_missing),
     "With 'conf': leave out included files that do not exist"},
    {"force", 0, OPTIONS_EXPORT | OPTIONS_GENERATE | OPTIONS_IMPORT_CONF, OPTION_FLAG, NULL, NULL, AT(force),
     "Replace existing files"},
    {"dry-run", 0, OPTIONS_DRY_RUN, OPTION_FLAG, NULL, NULL, AT(dry_run), "Only show what would be written"},
    {"lock-timeout", 0, OPTIONS_LOCK, OPTION_PATIENCE, "DURATION", NULL, AT(lock_timeout_ms),
     "How long to wait for another run on the project to end. Default: 0, which fails at once"},
    {"no-server-check", 0, OPTIONS_SERVER_CHECK, OPTION_FLAG, NULL, NULL, AT(no_server_check),
     "Do not check the servers by 'nats-server -t'"},
    {"no-lock", 0, OPTIONS_LOCK, OPTION_FLAG, NULL, NULL, AT(no_lock),
     "Do not lock the project against other runs"},
    {"timeout", 0, OPTIONS_UP, OPTION_DURATION, "DURATION", NULL, AT(ready_ms),
     "How long to wait until the servers are ready. Default: 30s"},
    {"no-context", 0, OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(no_context),
     "Do not write a context of the nats CLI"},
    {"docker", 0, OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(docker),
     "Run the servers in containers, by Docker Compose. Default: only when there is no nats-server"},
    {"watch", 'w', OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(watch),
     "Keep running, and do it again whenever a file of the manifest changes"},
    {"volumes", 0, OPTIONS_DOWN, OPTION_FLAG, NULL, NULL, AT(volumes), "Remove the data too, after asking"},
    {"follow", 'F', OPTIONS_LOGS, OPTION_FLAG, NULL, NULL, AT(follow), "Keep running, and print new lines"},
    {"tail", 0, OPTIONS_LOGS, OPTION_TEXT, "N", NULL, AT(tail),
     "Only the last N lines of each log. Default: all of them"},
    {"yes", 'y', OPTIONS_CONFIRM, OPTION_FLAG, NULL, NULL, AT(yes), "Do not ask; for automation"},
    {"color", 0, OPTIONS_ALL, OPTION_CHOICE, "auto|always|never", colour_choices, AT(colour),
     "Colours. Default: auto, on a terminal unless NO_COLOR is set"},
    {"help", 'h', OPTIONS_ALL, OPTION_FLAG, NULL, NULL, AT(help), "Show this help"},
};

enum { ROWS_MOST = 64, LONG_FIRST = 256 };

static struct option_row row_of_setting(const struct setting *setting)
{
    return (struct option_row){
        .name = setting->flag.name,
        .letter = setting->flag.letter,
        .group = OPTIONS_SERVER,
        .type = setting->type == SETTING_DURATION ? OPTION_DURATION
                : setting->type == SETTING_SECRET ? OPTION_SECRET
                                                  : OPTION_TEXT,
        .argument = setting->flag.argument,
        .offset = offsetof(struct options, connection) + setting->offset,
        .doc = setting->flag.doc,
    };
}

const struct option_row *options_rows(size_t *ret_count)
{
    static struct option_row all[ROWS_MOST];
    size_t count = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].name)
            all[count++] = rows[i];
        for (size_t j = 0; j < SETTINGS && !rows[i].name; j++)
            if (connection_rows[j].flag.name)
                all[count++] = row_of_setting(&connection_rows[j]);
    }
    *ret_count = count;
    return all;
}

/* getopt_long()'s tables, made from the rows that the command takes. */
struct getopt_tables {
    const struct option_row *rows;
    size_t row_count;
    struct option longs[ROWS_MOST + 1];
    char shorts[2 * ROWS_MOST + 2];
};

static void make_tables(const struct command_help *command, struct getopt_tables *tables)
{
    size_t count = 0;
    size_t length = 0;
    tables->rows = options_rows(&tables->row_count);
    /* Getopt then returns ':' for a missing argument, and '?' for an unknown option. */
    tables->shorts[length++] = ':';
    for (size_t i = 0; i < tables->row_count; i++) {
        const struct option_row *row = &tables->rows[i];
        if (!(row->group & command->options))
            continue;
        tables->longs[count++] = (struct option){.name = row->name,
                                                 .has_arg = row->argument ? required_argument : no_argument,
                                                 .val = LONG_FIRST + (int)i};
        if (row->letter) {
            tables->shorts[length++] = row->letter;
            if (row->argument)
                tables->shorts[length++] = ':';
        }
    }
    tables->longs[count] = (struct option){0};
    tables->shorts[length] = '\0';
}

static const struct option_row *row_of(const struct getopt_tables *tables, int code,
                                       const struct command_help *command)
{
    if (code >= LONG_FIRST)
        return &tables->rows[code - LONG_FIRST];
    for (size_t i = 0; i < tables->row_count; i++)
        if (tables->rows[i].letter == code && (tables->rows[i].group & command->options))
            return &tables->rows[i];
    return NULL;
}

static void list_add(struct arena *arena, struct option_list *list, const char *item)
{
    list->items = arena_grow(arena, list->items, list->count, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = item;
}

static int set_choice(const struct option_row *row, const char *text, int *choice, struct diags *diags)
{
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *choice = i;
            return 0;
        }
    }
    return diag_error(diags, &code_usage, (struct srcpos){0}, "--%s must be %s, not '%s'", row->name,
                      row->argument, text);
}

static int set_duration(const struct option_row *row, const char *text, int64_t *milliseconds,
                        struct diags *diags)
{
    int64_t nanos;
    if (row->type == OPTION_PATIENCE && strcmp(text, "0") == 0) {
        *milliseconds = 0;
        return 0;
    }
    if (duration_parse(text, &nanos) || nanos < 1000000)
        return diag_error(diags, &code_usage, (struct srcpos){0},
                          "--%s must be a duration such as 5s, not '%s'", row->name, text);
    *milliseconds = nanos / 1000000;
    return 0;
}

static int set_option(struct arena *arena, const struct option_row *row, const char *text,
                      struct options *options, struct diags *diags)
{
    void *place = (char *)options + row->offset;
    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)place = true;
        return 0;
    case OPTION_TEXT:
    case OPTION_SECRET:
        *(const char **)place = text;
        return 0;
    case OPTION_LIST:
        list_add(arena, place, text);
        return 0;
    case OPTION_DURATION:
    case OPTION_PATIENCE:
        return set_duration(row, text, place, diags);
    case OPTION_CHOICE:
        return set_choice(row, text, place, diags);
    }
    return -1;
}

static int unknown_option(const char *written, const struct command_help *command,
                          const struct getopt_tables *tables, struct diags *diags)
{
    size_t length = strcspn(written, "=");
    size_t dashes = strspn(written, "-");
    struct suggestion near = {.wanted = arena_strndup(&diags->arena, written + dashes, length - dashes)};
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "unknown option '%.*s' of 'natsform %s'",
                 (int)length, written, command->name);
    for (const struct option *option = tables->longs; option->name; option++)
        suggestion_consider(&near, option->name);
    if (near.best)
        diag_hint(diags, diag, "did you mean '--%s'?", near.best);
    else
        diag_hint(diags, diag, "'natsform %s --help' lists them", command->name);
    return -1;
}

/*
 * getopt_long() takes any beginning of a name that is the only one, also of options that destroy something. A new option would change
 * what such a beginning means, so names are whole here.
 */
static bool is_whole(const char *written, const struct getopt_tables *tables)
{
    size_t length = strcspn(written, "=");
    bool whole = strncmp(written, "--", 2) != 0;
    for (const struct option *option = tables->longs; option->name && !whole; option++)
        whole = strlen(option->name) == length - 2 && strncmp(written + 2, option->name, length - 2) == 0;
    return whole;
}

int options_parse(struct arena *arena, char **argv, const struct command_help *command,
                  struct options *ret_options, struct option_list *ret_arguments, struct diags *diags)
{
    struct getopt_tables tables;
    int code;
    int argc = 0;
    while (argv[argc])
        argc++;
    make_tables(command, &tables);
    optind = 1;
    opterr = 0;
    while ((code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        bool apart = optarg && optarg == argv[optind - 1];
        const char *written = argv[optind - (apart ? 2 : 1)];
        if (!is_whole(written, &tables))
            return unknown_option(written, command, &tables, diags);
        if (code == ':')
            return diag_error(diags, &code_usage, (struct srcpos){0}, "option '%s' needs a value", written);
        const struct option_row *row = code == '?' ? NULL : row_of(&tables, code, command);
        if (!row)
            return unknown_option(written, command, &tables, diags);
        if (set_option(arena, row, optarg ? optarg : "", ret_options, diags))
            return -1;
    }
    for (; optind < argc; optind++)
        list_add(arena, ret_arguments, argv[optind]);
    return 0;
}
