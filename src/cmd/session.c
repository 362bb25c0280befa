/* What the commands share; see session.h. Nearly all that natsform asks of its environment, and the time, is asked here. */
#include "cmd/session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply/refresh.h"
#include "cmd/interrupt.h"
#include "manifest/accounts.h"
#include "manifest/load.h"
#include "plan/risk.h"
#include "repo/envfile.h"
#include "repo/files.h"
#include "server/connection.h"

/* Credentials and variables may come from an --env-file; where Git's repository is may not. */
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
    session->out = style_of(stdout, COLOUR_AUTO, getenv("NO_COLOR"), getenv("TERM"), getenv("CI") != NULL);
    session->err = style_of(stderr, COLOUR_AUTO, getenv("NO_COLOR"), getenv("TERM"), getenv("CI") != NULL);
}

void session_release(struct session *session)
{
    ahead_free(session->ahead);
    server_close(session->server);
    server_library_release();
    revisions_free(session->revisions);
    diags_release(&session->diags);
    arena_release(&session->arena);
}

const char *session_lookup(void *context, const char *name)
{
    struct session *session = context;
    const char *value = getenv(name);
    for (size_t i = session->options.env_files.count; !value && i > 0; i--)
        value = envfile_lookup(&session->arena, session->options.env_files.items[i - 1], name);
    return value;
}

int session_check_env_files(struct session *session)
{
    int failed = 0;
    for (size_t i = 0; i < session->options.env_files.count; i++)
        failed |= envfile_check(&session->arena, session->options.env_files.items[i], &session->diags);
    return failed;
}

struct option_list session_files(const struct session *session)
{
    static const char *usual[] = {MANIFEST_USUAL};
    const struct option_list *given = &session->options.files;
    return given->count ? *given : (struct option_list){.items = usual, .count = 1};
}

/* What a server has said since, when the connection came first. */
static void go_on(void *context)
{
    const struct session *session = context;
    if (session->ahead)
        ahead_go_on(session->ahead);
}

void session_reader(struct session *session, struct manifest_reader *ret_reader)
{
    *ret_reader = (struct manifest_reader){
        .lookup = session_lookup, .lookup_context = session, .stream = session->options.stream};
    revisions_reader(session->revisions, ret_reader);
}

/* ---- what is read ---- */

static int noted_read(void *context, struct arena *arena, const char *path, struct source *ret_source,
                      const char **ret_error)
{
    struct read_log *log = context;
    VEC_PUSH(log->arena, &log->paths, arena_strdup(log->arena, path));
    return log->inner.read(log->inner.context, arena, path, ret_source, ret_error);
}

static int noted_expand(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                        size_t *ret_count, const char **ret_error)
{
    struct read_log *log = context;
    VEC_PUSH(log->arena, &log->paths, arena_strdup(log->arena, pattern));
    return log->inner.expand(log->inner.context, arena, pattern, ret_paths, ret_count, ret_error);
}

static const char *noted_beside(void *context, struct arena *arena, const char *path, const char *pattern)
{
    const struct read_log *log = context;
    return log->inner.beside(log->inner.context, arena, path, pattern);
}

static const char *noted_hint(void *context)
{
    const struct read_log *log = context;
    return log->inner.hint(log->inner.context);
}

/* Puts itself between the manifest and its files. */
static void note_reads(struct read_log *log, struct manifest_reader *reader)
{
    log->inner = *reader;
    reader->read = noted_read;
    reader->expand = noted_expand;
    reader->beside = reader->beside ? noted_beside : NULL;
    reader->hint = reader->hint ? noted_hint : NULL;
    reader->context = log;
}

struct manifest *session_load_paths(struct session *session, const char *const *paths, size_t count)
{
    const struct idle_work idle_work = {.call = go_on, .context = session};
    struct manifest_reader reader;
    session_reader(session, &reader);
    reader.idle_work = &idle_work;
    if (session->reads)
        note_reads(session->reads, &reader);
    if (revisions_open(session->revisions, paths, count, &session->diags))
        return NULL;
    return manifest_load(&session->arena, &reader, paths, count, &session->diags);
}

int session_load(struct session *session)
{
    struct option_list files = session_files(session);
    if (session->manifest)
        return 0;
    if (session_check_env_files(session))
        return -1;
    session->manifest = session_load_paths(session, files.items, files.count);
    session->revision = revisions_record(session->revisions, files.items, files.count);
    if (session->manifest)
        session->environment = environment_read(&session->arena, session->manifest, &session->diags);
    return session->environment ? 0 : -1;
}

static int find_settings(struct session *session, const struct manifest *manifest, struct diags *diags)
{
    if (!session->booted || (manifest && manifest->connection))
        return connection_find(&session->arena, &session->options.connection, manifest, &session->settings,
                               diags);
    session->settings = *session->booted;
    return 0;
}

static int connect_to(struct session *session, const struct manifest *manifest, struct diags *diags)
{
    if (find_settings(session, manifest, diags) ||
        server_connect(&session->settings, &session->server, diags))
        return -1;
    session->ahead = ahead_new(session->server);
    return 0;
}

/* A command that knows of one connection only must not take the whole manifest for that one's. */
static int check_single(struct session *session)
{
    struct accounts accounts;
    if (session->accounts)
        return 0; /* it is one of its parts */
    accounts_split(&session->arena, session->manifest, &accounts);
    if (accounts.parts.count == 1 && !accounts.parts.items[0]->connection)
        return 0;
    return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                      "'natsform %s' works on one connection, and the manifest's objects name others",
                      session->command->name);
}

/* Manifest first: it may say where the server is. */
static int load_then_connect(struct session *session)
{
    return session_load(session) || check_single(session) ||
                   connect_to(session, session->manifest, &session->diags)
               ? -1
               : 0;
}

/* The server is at work while the manifest is read. What is wrong with the manifest is said alone, as it would be then. */
static int connect_then_load(struct session *session, size_t manifest_bytes)
{
    struct diags connecting;
    if (session_check_env_files(session))
        return -1;
    diags_init(&connecting);
    int failed = connect_to(session, NULL, &connecting);
    if (!failed && session_locks(session)) /* what is read before the lock is held may be old by then */
        session->manifest_bytes = manifest_bytes;
    else if (!failed)
        ahead_list(session->ahead, manifest_bytes);
    if (session_load(session) == 0 && failed)
        diags_append(&session->diags, &connecting);
    diags_release(&connecting);
    return failed || !session->manifest ? -1 : 0;
}

int session_connect_alone(struct session *session)
{
    return connect_to(session, NULL, &session->diags);
}

size_t session_plain_bytes(struct session *session)
{
    /* A manifest without these words has no section that says anything about the connection. */
    static const char *const words[] = {"connection", "include", "jetstream.nats.io"};
    struct option_list files = session_files(session);
    if (!session->sized)
        session->plain_bytes = revisions_without_words(session->revisions, files.items, files.count, words,
                                                       sizeof(words) / sizeof(words[0]));
    session->sized = true;
    return session->plain_bytes;
}

int session_connect(struct session *session)
{
    size_t bytes = session_plain_bytes(session);
    return bytes ? connect_then_load(session, bytes) : load_then_connect(session);
}

void session_disconnect(struct session *session)
{
    session_unlock(session);
    ahead_free(session->ahead);
    server_close(session->server);
    session->ahead = NULL;
    session->server = NULL;
}

struct instant session_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (struct instant){.seconds = time.tv_sec, .nanos = (int32_t)time.tv_nsec};
}

/* Without a project nothing would be found, which must not look like nothing to do. */
static int check_prune(struct session *session)
{
    if (!session->options.prune || session->manifest->project)
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_usage, (struct srcpos){0}, "--prune needs a project in the manifest");
    diag_hint(&session->diags, diag, "with '%s: NAME' every object is marked when it is applied",
              table_field_by_id(&manifest_table, MANIFEST_PROJECT)->name);
    return -1;
}

struct plan *session_plan(struct session *session)
{
    struct plan_options options = {
        .destroy = session->options.destroy,
        .prune = session->options.prune,
        .allow_loss = session->options.allow_loss.items,
        .allow_loss_count = session->options.allow_loss.count,
    };
    if (session_connect(session) || check_prune(session) ||
        (!options.prune && risk_check_names(&options, session->whole ? session->whole : session->manifest,
                                            NULL, &session->diags)) ||
        (session_locks(session) && session_lock(session)))
        return NULL;
    options.revision = session->revision;
    if (session->manifest_bytes)
        ahead_list(session->ahead, session->manifest_bytes);
    const struct live_source source = {session->server, session->ahead};
    struct plan *plan =
        refresh_plan(&session->arena, &source, session->manifest, &options, session_now(), &session->diags);
    if (plan)
        plan->connection = session->manifest->connection;
    return plan;
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

/* Keeps the connection, and with it the lock, busy meanwhile. False when a signal came instead. */
static bool await_answer(struct session *session)
{
    enum { LOOK_MS = 250 };
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!interrupt_came() && poll(&input, 1, LOOK_MS) <= 0)
        if (session->server)
            api_poll(session->server);
    return !interrupt_came();
}

int session_confirm(struct session *session, const char *question)
{
    char answer[16];
    if (session->options.yes)
        return 0;
    if (!isatty(STDIN_FILENO)) {
        struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                     "not confirmed: there is no terminal to ask on");
        diag_hint(&session->diags, diag, "'--yes' goes on without asking");
        return -1;
    }
    fprintf(session->err.file, "%s Type 'yes' to go on: ", question);
    fflush(session->err.file);
    if (!await_answer(session))
        fputc('\n', session->err.file);
    else if (!fgets(answer, sizeof(answer), stdin))
        fputc('\n', session->err.file);
    else if (strcmp(answer, "yes\n") == 0)
        return 0;
    fputs("Nothing was changed.\n", session->err.file);
    return -1;
}
