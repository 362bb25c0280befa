/* The table of options, and their parsing by getopt_long(); see options.h. */
#include "cmd/options.h"

#include <getopt.h>
#include <string.h>

#include "base/conceal.h"
#include "base/suggest.h"
#include "field/value.h"
#include "view/style.h"

static const char *const colour_choices[] = {"auto", "always", "never", NULL};
static const char *const output_choices[] = {"text", "json", NULL};
static const char *const ci_choices[] = {"auto", "github", "gitlab", "none", NULL};
static const char *const review_choices[] = {"text", "json", "markdown", "github", "junit", NULL};

#define AT(member) .offset = offsetof(struct options, member)

/*
 * What is no setting of the connection; those come with their own rows, at the place of the row that is nothing but
 * their group.
 */
static const struct option_row rows[] = {
    {"file", 'f', OPTIONS_MANIFEST, OPTION_LIST, "PATH", NULL, AT(files),
     "Manifest, directory, REV:PATH of Git, or '-'; repeat it to lay one over the other. Default: natsform.yaml"},
    {"repo", 0, OPTIONS_MANIFEST, OPTION_TEXT, "URL", NULL, AT(repo),
     "Git repository that PATH is in, as REV:PATH: https://…, ssh://…, USER@HOST:PATH or a folder. REV is HEAD if it is left out"},
    {"timeout", 0, OPTIONS_TIMEOUT, OPTION_DURATION, "DURATION", NULL, AT(connection.timeout_ms),
     "With --repo: how long fetching it may take. Default: 5m"},
    {"recursive", 'R', OPTIONS_MANIFEST, OPTION_FLAG, NULL, NULL, AT(recursive),
     "With a directory: take the files in all folders below it, too"},
    {"env-file", 0, OPTIONS_MANIFEST, OPTION_LIST, "PATH", NULL, AT(env_files),
     "Variables for the manifest, as NAME=VALUE lines; the environment wins"},
    {"stream", 0, OPTIONS_MANIFEST, OPTION_TEXT, "STREAM", NULL, AT(stream),
     "Name of the stream, for JSON of the nats CLI; it wins over the one in there"},
    {"allow-empty", 0, OPTIONS_MANIFEST, OPTION_FLAG, NULL, NULL, AT(allow_empty),
     "Take files that have nothing of a manifest in them"},
    {"connection", 0, OPTIONS_CONNECTIONS, OPTION_LIST, "CONNECTION", NULL, AT(connections),
     "Only this one of the manifest's connections; 'default' is the one without a name; repeat it for more"},
    {.group = OPTIONS_SERVER},
    {"no-context", 0, OPTIONS_SERVER, OPTION_FLAG, NULL, NULL, AT(connection.no_context),
     "Leave out the context that is selected in the nats CLI"},
    {"server-version", 0, OPTIONS_VERSION, OPTION_TEXT, "VERSION", NULL, AT(server_version),
     "The nats-server to check for, such as 2.10 or 2.9-2.12. Default: the newest known"},
    {"output", 'o', OPTIONS_OUTPUT, OPTION_CHOICE, "text|json", output_choices, AT(output),
     "Text for people or JSON for programs. Default: text"},
    {"output", 'o', OPTIONS_REVIEW, OPTION_CHOICE, "text|json|markdown|github|junit", review_choices,
     AT(output),
     "Text for people, JSON for programs; for reviews: markdown for a comment, annotations and a summary for a GitHub workflow, JUnit for CI. "
     "Default: text"},
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
    {"replace", 0, OPTIONS_LOSS, OPTION_LIST, "ADDRESS", NULL, AT(replaces),
     "Make this object anew for what cannot change in place, with all that is in it, such as stream.ORDERS; repeat it "
     "for more"},
    {"backup-dir", 0, OPTIONS_RESCUE, OPTION_TEXT, "DIR", NULL, AT(backup_dir),
     "Folder for backups of streams that lose messages. Default: .natsform/backups beside the manifest"},
    {"no-backup", 0, OPTIONS_RESCUE, OPTION_FLAG, NULL, NULL, AT(no_backup),
     "Do not back up messages before they are destroyed"},
    {"rehearse", 0, OPTIONS_RESCUE, OPTION_FLAG, NULL, NULL, AT(rehearse),
     "Try the restore of what is made anew on a nats-server of this machine, where the server itself cannot"},
    {"out-dir", 0, OPTIONS_EXPORT, OPTION_TEXT, "DIR", NULL, AT(out_dir),
     "Folder to write to, with a file for each object. Default: '-', one manifest to standard output"},
    {"project", 0, OPTIONS_EXPORT, OPTION_TEXT, "NAME", NULL, AT(project), "Only what this project owns"},
    {"out", 0, OPTIONS_GENERATE, OPTION_TEXT, "DIR", NULL, AT(out_dir),
     "Folder to write to; '-' is standard output, for a single file. Default: deploy"},
    {"project", 0, OPTIONS_INIT, OPTION_TEXT, "NAME", NULL, AT(project),
     "The project's name. Default: that of the folder"},
    {"subject", 0, OPTIONS_INIT, OPTION_LIST, "SUBJECT", NULL, AT(subjects),
     "Subject of the first stream, or several with commas between; may be repeated. Default: PROJECT.>"},
    {"cluster", 0, OPTIONS_INIT, OPTION_FLAG, NULL, NULL, AT(cluster),
     "Three servers, and streams with three replicas"},
    {"websocket", 0, OPTIONS_INIT, OPTION_FLAG, NULL, NULL, AT(websocket),
     "The server also takes browsers, by WebSocket on port 8080"},
    {"from-live", 0, OPTIONS_INIT, OPTION_FLAG, NULL, NULL, AT(from_live),
     "Begin with what a server holds, as 'natsform export' does"},
    {"ci", 0, OPTIONS_INIT, OPTION_CHOICE, "auto|github|gitlab|none", ci_choices, AT(ci),
     "Pipeline of that service; for a project that is there already, nothing else is written. Default: auto, which is "
     "gitlab where the repository has a .gitlab-ci.yml and no .github, else github"},
    {"environment", 0, OPTIONS_INIT, OPTION_LIST, "NAME[=PATH,...]", NULL, AT(environments),
     "Environment of the pipeline, and the files of its manifest; repeat it for more, in the order in which they are "
     "applied to. Default: production=natsform.yaml"},
    {"prune", 0, OPTIONS_INIT, OPTION_FLAG, NULL, NULL, AT(prune),
     "The pipeline also deletes the project's objects that the manifest does not name"},
    {"out", 0, OPTIONS_BACKUP, OPTION_TEXT, "DIR", NULL, AT(out_dir),
     "Folder for the backup, which gets a directory for each stream"},
    {"all", 0, OPTIONS_BACKUP, OPTION_FLAG, NULL, NULL, AT(all), "Every stream of the account"},
    {"as", 0, OPTIONS_RESTORE, OPTION_TEXT, "STREAM", NULL, AT(name),
     "Give the stream another name; on nats-server 2.15 and later"},
    {"replicas", 0, OPTIONS_RESTORE, OPTION_TEXT, "N", NULL, AT(replicas),
     "Give the stream so many replicas"},
    {"cluster", 0, OPTIONS_RESTORE, OPTION_TEXT, "NAME", NULL, AT(cluster_name),
     "Place the stream in this cluster"},
    {"tag", 0, OPTIONS_RESTORE, OPTION_LIST, "TAG", NULL, AT(tags),
     "Place the stream on servers with this tag; repeat it for more"},
    {"set", 0, OPTIONS_RESTORE, OPTION_LIST, "FIELD=VALUE", NULL, AT(sets),
     "Set a field of the stream, as a manifest would; repeat it for more"},
    {"project", 0, OPTIONS_RESTORE, OPTION_TEXT, "NAME", NULL, AT(project),
     "Let this project own it. Default: whoever did"},
    {"no-project", 0, OPTIONS_RESTORE, OPTION_FLAG, NULL, NULL, AT(no_project), "Let no project own it"},
    {"subject", 0, OPTIONS_RESTORE, OPTION_LIST, "SUBJECT", NULL, AT(subjects),
     "Only messages of this subject, '*' and '>' allowed; repeat it for more; on nats-server 2.15 and later"},
    {"from-sequence", 0, OPTIONS_RESTORE, OPTION_TEXT, "N", NULL, AT(from_sequence),
     "Only messages from this sequence on; on nats-server 2.15 and later"},
    {"from-time", 0, OPTIONS_RESTORE, OPTION_TEXT, "TIME", NULL, AT(from_time),
     "Only messages from this time on, such as 2026-11-29T12:00:00Z, or 2h ago; on nats-server 2.15 and later"},
    {"rename-subject", 0, OPTIONS_RESTORE, OPTION_LIST, "FROM=TO", NULL, AT(renames),
     "Give messages other subjects, as 'orders.>=old.>' does; repeat it for more; on nats-server 2.15 and later"},
    {"keep", 0, OPTIONS_BACKUP, OPTION_LIST, "N|DURATION", NULL, AT(keeps),
     "With 'prune': keep the N newest of each stream, or those younger than that; repeat it for both"},
    {"dry-run", 0, OPTIONS_BACKUP, OPTION_FLAG, NULL, NULL, AT(dry_run),
     "With 'prune': only show what would be removed"},
    {"yes", 'y', OPTIONS_BACKUP, OPTION_FLAG, NULL, NULL, AT(yes), "With 'prune': do not ask"},
    {"prefix", 0, OPTIONS_GENERATE, OPTION_TEXT, "DIR", NULL, AT(prefix),
     "Homebrew's folder on the Mac. Default: /opt/homebrew; on Intel it is /usr/local"},
    {"probe", 0, OPTIONS_GENERATE, OPTION_TEXT, "FILE", NULL, AT(probe),
     "Static program that checks the health of containers from images without wget"},
    {"check", 0, OPTIONS_GENERATE, OPTION_FLAG, NULL, NULL, AT(check),
     "Write nothing; exit with 1 when a file is missing or differs from what would be written"},
    {"out", 0, OPTIONS_IMPORT_CONF, OPTION_TEXT, "FILE", NULL, AT(out),
     "With 'conf' or 'compose': the manifest to write. Default: '-', standard output"},
    {"name", 0, OPTIONS_IMPORT_CONF, OPTION_TEXT, "NAME", NULL, AT(name),
     "With 'conf' or 'compose': the server's name in the manifest. Default: its own, or the file's name"},
    {"secrets", 0, OPTIONS_IMPORT_CONF, OPTION_TEXT, "FILE", NULL, AT(secrets),
     "With 'conf' or 'compose': write passwords and other secrets to this file, for --env-file"},
    {"skip-missing", 0, OPTIONS_IMPORT_CONF, OPTION_FLAG, NULL, NULL, AT(skip_missing),
     "With 'conf' or 'compose': leave out included files that do not exist"},
    {"from-project", 0, OPTIONS_IMPORT, OPTION_TEXT, "NAME", NULL, AT(from_project),
     "Take over what this project owns, whether the manifest has it already or not"},
    {"force", 0, OPTIONS_EXPORT | OPTIONS_GENERATE | OPTIONS_IMPORT_CONF, OPTION_FLAG, NULL, NULL, AT(force),
     "Replace existing files"},
    {"dry-run", 0, OPTIONS_DRY_RUN, OPTION_FLAG, NULL, NULL, AT(dry_run), "Only show what would be written"},
    {"lock-timeout", 0, OPTIONS_LOCK, OPTION_PATIENCE, "DURATION", NULL, AT(lock_timeout_ms),
     "How long to wait for another run on the project to end. Default: 0, which fails at once"},
    {"no-server-check", 0, OPTIONS_SERVER_CHECK, OPTION_FLAG, NULL, NULL, AT(no_server_check),
     "Do not check the servers by 'nats-server -t'"},
    {"wait", 0, OPTIONS_WAIT, OPTION_FLAG, NULL, NULL, AT(wait),
     "Wait until replicas are current, and mirrors and sources hear from their origins"},
    {"wait-timeout", 0, OPTIONS_WAIT, OPTION_DURATION, "DURATION", NULL, AT(wait_ms),
     "The same, and for how long at most. Default: 5m"},
    {"no-lock", 0, OPTIONS_LOCK, OPTION_FLAG, NULL, NULL, AT(no_lock),
     "Do not lock the project against other runs"},
    {"timeout", 0, OPTIONS_UP, OPTION_DURATION, "DURATION", NULL, AT(ready_ms),
     "How long to wait until the servers are ready. Default: 30s"},
    {"recreate", 0, OPTIONS_UP, OPTION_LIST, "NAME", NULL, AT(recreates),
     "Make this stream or bucket anew for what cannot change in place, without its messages; repeat it for more"},
    {"no-context", 0, OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(no_context),
     "Do not write a context of the nats CLI"},
    {"docker", 0, OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(docker),
     "Run the servers in containers, by Docker Compose. Default: only when there is no nats-server"},
    {"watch", 'w', OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(watch),
     "Keep running, and do it again whenever a file of the manifest changes"},
    {"rm", 0, OPTIONS_UP, OPTION_FLAG, NULL, NULL, AT(remove),
     "Watch as with --watch, and take all down in the end; data stays"},
    {"volumes", 0, OPTIONS_DOWN, OPTION_FLAG, NULL, NULL, AT(volumes), "Remove the data too, after asking"},
    {"follow", 'F', OPTIONS_LOGS, OPTION_FLAG, NULL, NULL, AT(follow), "Keep running, and print new lines"},
    {"tail", 0, OPTIONS_LOGS, OPTION_TEXT, "N", NULL, AT(tail),
     "Only the last N lines of each log. Default: all of them"},
    {"all", 0, OPTIONS_STATUS, OPTION_FLAG, NULL, NULL, AT(all),
     "Also what the manifest does not have, and every row of long tables"},
    {"every", 0, OPTIONS_WATCH, OPTION_DURATION, "DURATION", NULL, AT(every_ms),
     "How often to read everything again, for what no advisory has told. Default: 1m"},
    {"yes", 'y', OPTIONS_CONFIRM, OPTION_FLAG, NULL, NULL, AT(yes), "Do not ask; for automation"},
    {"color", 0, OPTIONS_ALL, OPTION_CHOICE, "auto|always|never", colour_choices, AT(colour),
     "Colours. Default: auto, on a terminal unless NO_COLOR is set"},
    {"quiet", 'q', OPTIONS_ALL, OPTION_FLAG, NULL, NULL, AT(quiet),
     "Say nothing of what is done on the way, nor notes: only results, warnings and errors"},
    {"help", 'h', OPTIONS_ALL, OPTION_FLAG, NULL, NULL, AT(help), "Show this help"},
};

enum { ROWS_MOST = sizeof(rows) / sizeof(rows[0]) + SETTINGS, LONG_FIRST = 256 };

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

void option_list_add(struct arena *arena, struct option_list *list, const char *item)
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
        option_list_add(arena, place, text);
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
        option_list_add(arena, ret_arguments, argv[optind]);
    return 0;
}

static void write_option(struct strbuf *out, const struct option_row *row, const char *text)
{
    strbuf_addf(out, " --%s", row->name);
    if (!text)
        return;
    strbuf_addc(out, ' ');
    strbuf_add_word(out, text);
}

static void write_options(struct arena *arena, struct strbuf *out, const struct option_row *row,
                          const void *place)
{
    const struct option_list *list = place;
    const char *text = NULL;
    int64_t milliseconds;
    switch (row->type) {
    case OPTION_FLAG:
        if (*(const bool *)place)
            write_option(out, row, NULL);
        return;
    case OPTION_LIST:
        for (size_t i = 0; i < list->count; i++)
            write_option(out, row, list->items[i]);
        return;
    case OPTION_SECRET:
        text = *(const char *const *)place ? "…" : NULL;
        break;
    case OPTION_TEXT:
        text = *(const char *const *)place;
        break;
    case OPTION_DURATION:
    case OPTION_PATIENCE:
        milliseconds = *(const int64_t *)place;
        text = milliseconds ? arena_printf(arena, "%lldms", (long long)milliseconds) : NULL;
        break;
    case OPTION_CHOICE:
        text = *(const int *)place ? row->choices[*(const int *)place] : NULL;
        break;
    }
    if (text) /* a URL may have a password in it */
        write_option(out, row, conceal_message(arena, text));
}

void options_write(struct arena *arena, const struct options *options, unsigned groups, struct strbuf *out)
{
    size_t count;
    const struct option_row *all = options_rows(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].group & groups)
            write_options(arena, out, &all[i], (const char *)options + all[i].offset);
}

const char *options_output(const struct options *options)
{
    return review_choices[options->output];
}
