/*
 * The process, as commands see it; see session.h. Nearly all that natsform asks of its environment, and the time, is
 * asked here.
 */
#include "cmd/session.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/conceal.h"
#include "base/exit.h"
#include "base/suggest.h"
#include "base/write.h"
#include "field/value.h"
#include "repo/files.h"

/*
 * ---- interrupt ----
 * Remembering signals. A signal handler has no arguments of ours, so its flag is the only global variable.
 */

static volatile sig_atomic_t came;

static void on_signal(int number)
{
    (void)number;
    came = 1;
}

void interrupt_defer(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction now;
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
        sigemptyset(&action.sa_mask);
        /* A signal that is ignored, by nohup or a shell's background job, stays ignored. */
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

bool interrupt_came(void)
{
    return came != 0;
}

/*
 * ---- options ----
 * The table of options, and their parsing by getopt_long().
 */

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
     "With --repo: for how long its server may be silent. Default: 30s"},
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

/*
 * Parses the arguments after the command's name, which argv[0] is; NULL ends them. Options may stand anywhere; what is
 * not one is kept in *ret_arguments. Returns 0, or -1 with code_usage.
 */
static int options_parse(struct arena *arena, char **argv, const struct command_help *command,
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

void options_write(struct session *session, unsigned groups, struct strbuf *out)
{
    size_t count;
    const struct option_row *all = options_rows(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].group & session->command->options & groups)
            write_options(&session->arena, out, &all[i], (const char *)&session->options + all[i].offset);
}

/* ---- session ---- */

/* A variable of the process only. Unlike credentials, Git's variables are not taken from --env-file. */
static const char *process_variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

void session_init(struct session *session)
{
    *session = (struct session){0};
    server_library_prepare();
    arena_init(&session->arena);
    diags_init(&session->diags);
    session->options.connection.lookup = session_lookup;
    session->options.connection.lookup_context = session;
    session->revisions = revisions_new(&session->arena, process_variable, NULL);
    session->out = style_of(stdout, COLOUR_AUTO, getenv);
    session->err = session->told = style_of(stderr, COLOUR_AUTO, getenv);
}

void session_release(struct session *session)
{
    server_library_release();
    if (session->told.file != session->err.file)
        fclose(session->told.file);
    revisions_free(session->revisions);
    diags_release(&session->diags);
    arena_release(&session->arena);
}

/* ---- arguments ---- */

static void show_fetch(void *context, uint64_t bytes, int64_t passed_ms)
{
    struct session *session = context;
    progress_bytes(&session->told, remote_shown(&session->arena, session->remote.url), bytes, passed_ms);
}

/* With --repo, all that a manifest is made of comes from there. */
static int take_revisions(struct session *session)
{
    struct arena *arena = &session->arena;
    size_t length;
    session->files = (struct option_list){0};
    for (size_t i = 0; i < session->named.count; i++) {
        const char *path = session->named.items[i];
        if (strcmp(path, "-") == 0 || *path == '/')
            return diag_error(
                &session->diags, &code_usage, (struct srcpos){0},
                "with --repo, -f names REV:PATH, from the root of the repository, and '%s' is in no revision",
                path);
        option_list_add(arena, &session->files,
                        *path == ':' || revspec_split(path, &length) ? path
                                                                     : arena_printf(arena, "HEAD:%s", path));
    }
    revisions_take_from(session->revisions, &session->remote);
    return 0;
}

int session_take_files(struct session *session, struct option_list files, const char *repo)
{
    static const char *usual[] = {MANIFEST_USUAL};
    session->named = files.count ? files : (struct option_list){.items = usual, .count = 1};
    session->files = session->named;
    session->remote = (struct remote){
        .url = repo,
        .silence_ms = session->options.connection.timeout_ms,
        .progress = show_fetch,
        .context = session,
    };
    return repo ? take_revisions(session) : 0;
}

int session_take_arguments(struct session *session, const struct command_help *command, char **argv)
{
    struct options *options = &session->options;
    session->command = command;
    if (options_parse(&session->arena, argv, command, options, &session->arguments, &session->diags))
        return -1;
    if (session_take_files(session, options->files, options->repo))
        return -1;
    session->env_files = options->env_files;
    session->connections = options->connections;
    if (options->colour != COLOUR_AUTO)
        session->out.colours = session->err.colours = session->told.colours =
            options->colour == COLOUR_ALWAYS;
    session->err.quiet = options->quiet;
    FILE *nowhere = options->quiet ? file_nowhere() : NULL;
    if (nowhere)
        session->told = (struct style){.file = nowhere};
    return 0;
}

int session_check_arguments(struct session *session, size_t least, size_t most)
{
    const struct option_list *arguments = &session->arguments;
    if (arguments->count > most) {
        struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                     "unexpected argument '%s'", arguments->items[most]);
        if (session->command->options & OPTIONS_MANIFEST)
            diag_hint(&session->diags, diag, "a manifest is named with -f");
        return -1;
    }
    if (arguments->count < least)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "an argument is missing: natsform %s %s", session->command->name,
                          session->command->arguments);
    return 0;
}

static const struct envfile *read_once(struct session *session, const char *path)
{
    /* A file is read once, as it may be a pipe, which gives its text only once. */
    for (size_t i = 0; i < session->env_read.count; i++)
        if (strcmp(session->env_read.items[i]->path, path) == 0)
            return session->env_read.items[i];
    VEC_PUSH(&session->arena, &session->env_read, envfile_read(&session->arena, path));
    return session->env_read.items[session->env_read.count - 1];
}

const char *session_lookup(void *context, const char *name)
{
    struct session *session = context;
    const char *value = getenv(name);
    /* From the last file to the first, so that a later one overrides an earlier one. */
    for (size_t i = session->env_files.count; !value && i > 0; i--)
        value = envfile_lookup(&session->arena, read_once(session, session->env_files.items[i - 1]), name);
    return value;
}

int session_check_env_files(struct session *session)
{
    int failed = 0;
    for (size_t i = 0; i < session->env_files.count; i++)
        failed |=
            envfile_check(&session->arena, read_once(session, session->env_files.items[i]), &session->diags);
    return failed;
}

/* ---- the manifest ---- */

void session_reader(struct session *session, struct manifest_reader *ret_reader)
{
    *ret_reader = (struct manifest_reader){
        .lookup = session_lookup,
        .lookup_context = session,
        .stream = session->options.stream,
        .recursive = session->options.recursive,
        .allow_empty = session->options.allow_empty,
    };
    revisions_reader(session->revisions, ret_reader);
}

static void note_path(void *context, const char *path)
{
    struct session *session = context;
    VEC_PUSH(&session->arena, &session->reads->list, arena_strdup(&session->arena, path));
}

struct manifest *session_load_paths(struct session *session, const char *const *paths, size_t count,
                                    const struct idle_work *idle_work)
{
    struct manifest_reader reader;
    session_reader(session, &reader);
    reader.idle_work = idle_work;
    reader.noted = session->reads ? note_path : NULL;
    reader.noted_context = session;
    int failed = revisions_open(session->revisions, paths, count, &session->diags);
    if (session->remote.url)
        progress_clear(&session->told);
    return failed ? NULL : manifest_load(&session->arena, &reader, paths, count, &session->diags);
}

int session_load_with(struct session *session, const struct idle_work *idle_work)
{
    const struct option_list *files = &session->files;
    if (session->manifest)
        return 0;
    if (session_check_env_files(session))
        return -1;
    session->manifest = session_load_paths(session, files->items, files->count, idle_work);
    session->revision = revisions_record(session->revisions, files->items, files->count);
    if (session->manifest && !session->manifest->servers) {
        session->environment = ARENA_NEW(&session->arena, struct environment);
        session->environment->project = session->manifest->project;
    } else if (session->manifest)
        session->environment = environment_read(&session->arena, session->manifest, &session->diags);
    return session->environment ? 0 : -1;
}

int session_load(struct session *session)
{
    return session_load_with(session, NULL);
}

size_t session_plain_bytes(struct session *session)
{
    /* A manifest without any of these words cannot say anything about the connection. */
    static const char *const words[] = {"connection", "include", "jetstream.nats.io"};
    if (!session->sized && !session->remote.url)
        session->plain_bytes =
            revisions_without_words(session->revisions, session->files.items, session->files.count, words,
                                    sizeof(words) / sizeof(words[0]));
    session->sized = true;
    return session->plain_bytes;
}

/* ---- clock, terminal, end ---- */

struct instant session_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (struct instant){.seconds = time.tv_sec, .nanos = (int32_t)time.tv_nsec};
}

/* Waits for the typed answer, and keeps the connection and the lock alive meanwhile. False if a signal came instead. */
static bool await_answer(struct server *server)
{
    enum { LOOK_MS = 250 };
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!interrupt_came() && poll(&input, 1, LOOK_MS) <= 0)
        if (server)
            api_poll(server);
    return !interrupt_came();
}

int session_confirm(struct session *session, const char *question, struct server *server, struct diags *diags)
{
    char answer[16];
    if (session->options.yes)
        return 0;
    if (!isatty(STDIN_FILENO)) {
        struct diag *diag =
            diag_add(diags, &code_usage, (struct srcpos){0}, "not confirmed: there is no terminal to ask on");
        diag_hint(diags, diag, "'--yes' goes on without asking");
        return EXIT_USAGE;
    }
    style_safe(&session->err, question);
    fputs(" Type 'yes' to go on: ", session->err.file);
    fflush(session->err.file);
    /* Only the whole word counts, so that a key that was hit by accident changes nothing. */
    if (!await_answer(server) || !fgets(answer, sizeof(answer), stdin))
        fputc('\n', session->err.file);
    else if (strcmp(answer, "yes\n") == 0)
        return 0;
    fputs("Nothing was changed.\n", session->err.file);
    return EXIT_FAILED;
}

int session_exit_code(int result, const struct diags *diags)
{
    int said = diags_exit_code(diags);
    if (result > 0)
        return result;
    return result < 0 && !said ? EXIT_FAILED : said;
}

const char *session_output(const struct session *session)
{
    return review_choices[session->options.output];
}
