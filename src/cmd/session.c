/*
 * The process, as commands see it; see session.h. Nearly all that natsform asks of its environment, and the time, is
 * asked here.
 */
#include "cmd/session.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/write.h"
#include "devenv/state.h"
#include "repo/files.h"
#include "view/diagnostics.h"

/*
 * ---- interrupt ----
 * Remembering signals. A signal handler has no arguments of ours, so its flag is the only global variable.
 */

static volatile sig_atomic_t came;

/* The second one of a kind: nothing is waited for any more. The exit tells the signal, as it always does. */
static void on_signal_again(int number)
{
    static const char said[] =
        "\ninterrupted again: ended at once, and what was under way was not waited for\n"
        "hint: the next run finds what was begun; 'natsform recover' ends what a migration left open\n";
    ssize_t ignored = write(STDERR_FILENO, said, sizeof(said) - 1);
    (void)ignored;
    signal(number, SIG_DFL);
    raise(number);
}

static void on_signal(int number)
{
    struct sigaction action = {.sa_handler = on_signal_again};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
    came = 1;
}

void interrupt_defer(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction now;
        /* Output that a signal comes upon goes on; who waits for input does so by poll(), which a signal ends. */
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
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
    revisions_take_from(session_revisions(session), &session->remote);
    return 0;
}

int session_take_files(struct session *session, struct option_list files, const char *repo)
{
    static const char *usual[] = {MANIFEST_USUAL};
    session->named = files.count ? files : (struct option_list){.items = usual, .count = 1};
    session->files = session->named;
    session->remote = (struct remote){
        .url = repo,
        .most_ms = session->options.connection.timeout_ms,
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

const char *session_folder(struct session *session)
{
    const char *path = session->files.items[0];
    struct stat info;
    if (stat(path, &info)) /* standard input, a Git revision */
        return ".";
    return S_ISDIR(info.st_mode) ? path : path_folder(&session->arena, path);
}

const char *session_own_folder(struct session *session)
{
    return path_clean(&session->arena, path_in(&session->arena, session_folder(session), ".natsform"));
}

const char *session_journal(struct session *session)
{
    return path_in(&session->arena, session_own_folder(session), STATE_JOURNAL);
}

struct revisions *session_revisions(struct session *session)
{
    if (!session->revisions)
        session->revisions = revisions_new(&session->arena, process_variable, NULL);
    return session->revisions;
}

/* "REV:path" has a colon. Without one in any of them, all are files on the disk. */
static bool may_be_revisions(const char *const *paths, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= strchr(paths[i], ':') != NULL;
    return any;
}

/* A reader for those paths. */
static void reader_of(struct session *session, const char *const *paths, size_t count,
                      struct manifest_reader *ret_reader)
{
    *ret_reader = (struct manifest_reader){
        .lookup = session_lookup,
        .lookup_context = session,
        .stream = session->options.stream,
        .recursive = session->options.recursive,
        .allow_empty = session->options.allow_empty,
    };
    if (may_be_revisions(paths, count))
        revisions_reader(session_revisions(session), ret_reader);
    else
        files_reader(ret_reader);
}

void session_reader(struct session *session, struct manifest_reader *ret_reader)
{
    reader_of(session, session->files.items, session->files.count, ret_reader);
}

static int open_paths(struct session *session, const char *const *paths, size_t count, struct diags *diags)
{
    return may_be_revisions(paths, count) ? revisions_open(session_revisions(session), paths, count, diags)
                                          : 0;
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
    reader_of(session, paths, count, &reader);
    reader.idle_work = idle_work;
    reader.noted = session->reads ? note_path : NULL;
    reader.noted_context = session;
    int failed = open_paths(session, paths, count, &session->diags);
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
    if (may_be_revisions(files->items, files->count))
        session->revision = revisions_record(session_revisions(session), files->items, files->count);
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

/* What can be read once only, such as a pipe, is left for the one who needs it. */
static bool may_look(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? S_ISREG(info.st_mode) : may_be_revisions(&path, 1);
}

/* Bytes of the manifest's files together; 0 when one cannot be looked at, or has one of the words in its text. */
static size_t bytes_without(struct session *session, const char *const *words, size_t word_count)
{
    const struct option_list *files = &session->files;
    struct diags unheard SCOPED(diags_release) = {0};
    struct arena scratch SCOPED(arena_release) = {0};
    struct manifest_reader reader;
    size_t total = 0;
    session_reader(session, &reader);
    if (open_paths(session, files->items, files->count, &unheard))
        return 0;
    for (size_t i = 0; i < files->count; i++) {
        const char *error;
        struct source source;
        if (!may_look(files->items[i]) ||
            reader.read(reader.context, &scratch, files->items[i], &source, &error) || !source.length)
            return 0;
        for (size_t j = 0; j < word_count; j++)
            if (strstr(source.text, words[j]))
                return 0;
        total += source.length;
    }
    return total;
}

size_t session_plain_bytes(struct session *session)
{
    /* A manifest without any of these words cannot say anything about the connection. */
    static const char *const words[] = {"connection", "include", "jetstream.nats.io"};
    if (!session->sized && !session->remote.url)
        session->plain_bytes = bytes_without(session, words, sizeof(words) / sizeof(words[0]));
    session->sized = true;
    return session->plain_bytes;
}

/* ---- what is printed ---- */

bool session_prints_document(const struct session *session)
{
    return session->options.output != OUTPUT_TEXT;
}

bool session_prints_text(const struct session *session)
{
    return session->options.output == OUTPUT_TEXT || session->options.output == OUTPUT_GITHUB;
}

void session_show_findings(struct session *session)
{
    fflush(session->out.file);
    if (session->diags.list.count)
        view_diagnostics(&session->err, &session->diags);
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

/* Within the width of the terminal; the answer stands a blank behind it. */
static void ask(const struct session *session, const char *question)
{
    struct page page;
    page_begin(&page, &session->err);
    style_safe(&page.style, question);
    fputs(" Type 'yes' to go on:", page.style.file);
    page_end(&page);
    fputc(' ', session->err.file);
    fflush(session->err.file);
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
    ask(session, question);
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
