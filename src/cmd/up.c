/*
 * natsform up: from a manifest to running servers with the manifest's streams in them. devenv/up_boot.c starts the
 * servers. Then the streams are applied as by `apply --yes`, and the nats CLI gets a context.
 */
#include "cmd/apply.h"
#include "cmd/command.h"

#include <stdlib.h>
#include <string.h>

#include "apply/apply.h"
#include "base/clock.h"
#include "base/conceal.h"
#include "base/exit.h"
#include "base/path.h"
#include "base/scope.h"
#include "cmd/account.h"
#include "cmd/environment.h"
#include "cmd/session.h"
#include "cmd/up.h"
#include "devenv/environment_check.h"
#include "devenv/nats_context.h"
#include "devenv/processes.h"
#include "devenv/program.h"
#include "devenv/runners.h"
#include "devenv/up_connection.h"
#include "plan/step.h"
#include "server/connection.h"
#include "server/login.h"
#include "view/diagnostics.h"
#include "view/environment_text.h"
#include "view/plan_text.h"

enum { DOCKER_MS = 5000, PEERS_MOST_MS = 12000, PEERS_PAUSE_MS = 500 };

/* ---- the environment ---- */

/* A manifest without `servers` gets one server, with all defaults. */
static struct environment *read_environment(struct session *session)
{
    struct manifest *manifest = session->manifest;
    if (!manifest->servers || !manifest->servers->count) {
        struct node *servers = node_map(&session->arena);
        node_put(&session->arena, servers, "nats", node_map(&session->arena));
        manifest->servers = servers;
    }
    const struct environment_check check = {.manifest = manifest};
    struct environment *environment = environment_read(&session->arena, manifest, &session->diags);
    if (environment)
        environment_check(&session->arena, environment, &check, &session->diags);
    return session->diags.errors ? NULL : environment;
}

static const char *project_of(struct session *session, const char *root)
{
    const char *folder = path_name(root);
    if (session->manifest->project)
        return session->manifest->project;
    return *folder ? folder : "natsform";
}

static bool has_docker(struct session *session)
{
    struct program_result result = {0};
    const char *const words[] = {"docker", "version", NULL}, *why = NULL;
    return program_run(&session->arena, words, NULL, DOCKER_MS, &result, &why) == 0 && result.status == 0;
}

/* What the runner of processes finds here it need not look for again, if it is to start the servers. */
static bool has_program(struct session *session, const struct up *up)
{
    bool own = strcmp(up->runner->name, RUNNER_PROCESSES) == 0;
    return processes_possible(
        own ? up->runner
            : runner_named(&session->arena, RUNNER_PROCESSES, &up->state, session_lookup, session));
}

/*
 * If nodes run already, they keep their runner. Otherwise it is containers if --docker was given, or if there is no
 * nats-server here.
 */
static const char *wanted_runner(struct session *session, struct up *up)
{
    if (session->options.docker)
        return RUNNER_DOCKER;
    if (up_anything_runs(up))
        return up->runner->name;
    /* Docker is asked last, as that takes the time of a program. */
    if (has_program(session, up) || !has_docker(session))
        return RUNNER_PROCESSES;
    fputs("There is no nats-server on this machine: Docker runs it.\n", session->out.file);
    return RUNNER_DOCKER;
}

static int choose_runner(struct session *session, struct up *up)
{
    const char *wanted = wanted_runner(session, up);
    if (strcmp(up->runner->name, wanted) == 0)
        return 0;
    if (up_anything_runs(up)) {
        struct diag *diag = diag_add(&session->diags, &code_environment, (struct srcpos){0},
                                     "it is up already, by '%s' and not by '%s'", up->runner->name, wanted);
        diag_hint(&session->diags, diag, "'natsform down' first");
        return -1;
    }
    environment_take_runner(session, up, wanted);
    return 0;
}

/* ---- connecting to it ---- */

static void tell_written(struct session *session, const struct up *up, const struct context_written *written)
{
    struct arena *arena = &session->arena;
    const char *text = NULL;
    if (written->foreign)
        text = arena_printf(
            arena, "The nats CLI has a context '%s' of another making: it is left alone. It is %s%s%s.",
            written->foreign, written->path, written->root ? ", of what is up in " : "",
            written->root ? written->root : "");
    else if (written->reset)
        text = arena_printf(arena, "Set again in the context '%s' of the nats CLI: %s.",
                            up->state.context.name, written->reset);
    if (!text)
        return;
    style_safe(&session->out, text);
    fputc('\n', session->out.file);
}

static int write_context(struct session *session, struct up *up, const struct connection_settings *base,
                         struct context_written *ret_written)
{
    struct connection_settings settings;
    *ret_written = (struct context_written){0};
    if (session->options.no_context)
        return 0;
    if (context_settings(up, session->manifest, base, &settings, &session->diags) ||
        nats_context_write(&session->arena, &up->state, &settings, ret_written, &session->diags))
        return -1;
    tell_written(session, up, ret_written);
    return 0;
}

/* ---- streams ---- */

static bool has_objects(const struct manifest *manifest)
{
    return manifest->streams.count || manifest->consumers.count || manifest->removed.count;
}

/* What is wrong is said in `diags`, and everything else where the terms say. Returns what a command's run does. */
static int apply_streams(const struct account_terms *terms, bool login_known, struct diags *diags)
{
    if (!has_objects(terms->session->manifest) && !terms->plan.prune)
        return EXIT_DONE;
    int result = apply_now(terms, diags);
    if (!login_known && diags_have(diags, &code_credentials)) {
        struct diag *diag =
            diag_add(diags, &code_credentials, (struct srcpos){0},
                     "the server's configuration tells no password in plain text to log in with");
        diag_hint(
            diags, diag,
            "say who we are in the manifest: 'connection: {user: NAME, password: \"${PASSWORD}\"}', creds or nkey");
    }
    return result;
}

static bool is_unsettled(const struct diag *diag)
{
    enum { NO_PEERS = 10005, NOT_AVAILABLE = 10008 }; /* no place for replicas, no leader yet */
    return diag->code == &code_unknown_outcome || diag->code == &code_timeout || diag->err_code == NO_PEERS ||
           diag->err_code == NOT_AVAILABLE;
}

/* Are all errors those of a cluster that has just started? */
static bool lacks_peers(const struct diags *diags)
{
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.items[i]->code->severity == SEVERITY_ERROR && !is_unsettled(diags->list.items[i]))
            return false;
    return diags->errors > 0;
}

/* Output of an attempt. It is kept until it is known whether there will be another one. */
struct kept_output {
    FILE *place; /* the real output */
    FILE *file;
    char *text;
    size_t length;
};

static void keep_output(struct style *style, struct kept_output *kept)
{
    *kept = (struct kept_output){.place = style->file};
    kept->file = open_memstream(&kept->text, &kept->length);
    /* Without memory for the text, all attempts are shown. */
    style->file = kept->file ? kept->file : kept->place;
}

static void let_output(struct kept_output *kept, bool shown)
{
    if (!kept->file)
        return;
    fclose(kept->file);
    if (shown)
        fwrite(kept->text, 1, kept->length, kept->place);
    free(kept->text);
}

/* Applies once. True if another attempt makes sense; then the output of this one is dropped. */
static bool attempt(const struct account_terms *here, bool login_known, bool last, int *ret_result)
{
    struct account_terms terms = *here;
    struct diags diags SCOPED(diags_release);
    struct kept_output out, err;
    diags_init(&diags);
    keep_output(&terms.out, &out);
    keep_output(&terms.told, &err);
    *ret_result = apply_streams(&terms, login_known, &diags);
    bool again = !last && lacks_peers(&diags) && !interrupt_came();
    let_output(&err, !again);
    let_output(&out, !again);
    if (!again)
        diags_append(&here->session->diags, &diags);
    return again;
}

/*
 * The leader of a new cluster may not know yet what the other nodes can hold. Until then, streams with replicas find no
 * place. That takes seconds. But nats-server 2.10 may lose sight of a node for ever; then the cluster has to be
 * restarted once.
 */
static int apply_to_cluster(const struct account_terms *terms, struct up *up, bool login_known)
{
    struct session *session = terms->session;
    int64_t deadline = clock_ms() + PEERS_MOST_MS;
    bool restarted = false;
    int result = EXIT_DONE;
    while (attempt(terms, login_known, restarted && clock_ms() > deadline, &result)) {
        if (!restarted && clock_ms() > deadline) {
            restarted = true;
            up->restart = "its cluster finds no place for replicas";
            if (up_boot(up, &session->diags))
                return -1;
            up->restart = NULL;
            deadline = clock_ms() + 3 * PEERS_MOST_MS;
        }
        clock_pause(PEERS_PAUSE_MS);
    }
    return result;
}

static bool is_new_cluster(const struct up *up)
{
    return up->environment->node_count > up->environment->server_count &&
           up->done[UP_KEEP] < up->state.nodes.count;
}

/* Said when a server is started, and not each time: it is the server's, and no fault. */
static void tell_marks(struct session *session, const struct up *up)
{
    for (size_t i = 0; session->manifest->project && up->done[UP_START] && i < up->state.nodes.count; i++) {
        const char *text = up->state.nodes.items[i]->version;
        uint32_t version = 0;
        if (!text || !version_parse(text, &version) || version_has(version, MARKS_SINCE))
            continue;
        fputs("nats-server ", session->out.file);
        style_safe(&session->out, text);
        fputs(
            " keeps no marks of a project: nobody can tell whose a stream is, and --prune is refused; 2.10 has them\n",
            session->out.file);
        return;
    }
}

static void show_result(struct session *session, const struct up *up, const struct context_written *written)
{
    bool nothing = up->done[UP_KEEP] == up->state.nodes.count;
    if (nothing && session->again)
        return;
    if (nothing)
        fputs("Up already: nothing was started.\n", session->out.file);
    tell_marks(session, up);
    view_urls(&session->out, &session->arena, &up->state);
    if (up->new_authority)
        view_trust(&session->out, &session->arena, up->new_authority);
    if (up->state.context.name && !written->foreign) {
        fputs("nats context: ", session->out.file);
        style_safe(&session->out, up->state.context.name);
        fputc('\n', session->out.file);
    }
    fflush(session->out.file);
}

static void tell_elsewhere(struct session *session, const char *what, const char *place, const char *end)
{
    fputs(what, session->out.file);
    style_safe(&session->out, place);
    fputs(end, session->out.file);
}

/* Names the connections of the manifest that lead to servers which are not booted here. Nothing was written there. */
static void tell_not_applied(const struct account_terms *terms)
{
    struct session *session = terms->session;
    struct accounts accounts;
    const char *place = NULL;
    accounts_split(&session->arena, session->manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++) {
        const struct account_run account = {
            .terms = terms, .session = session, .manifest = accounts.parts.items[i]};
        if (has_objects(account.manifest) && account_is_elsewhere(&account, &place))
            tell_elsewhere(session, "Not applied to ", place,
                           ": that is not booted here. 'natsform apply' does it.\n");
    }
}

/* What is wrong with the environment's word about the connection; NULL: nothing. */
static const char *first_error(struct session *session, const struct diags *diags)
{
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.items[i]->code->severity == SEVERITY_ERROR)
            return conceal_message(&session->arena, diags->list.items[i]->message);
    return NULL;
}

/* It goes here: as the one who is known here? */
static void tell_next_login(struct session *session, const struct booted_here *here,
                            const struct manifest *manifest, const struct connection_settings *next)
{
    struct diags unheard SCOPED(diags_release) = {0};
    struct connection_settings said;
    if (connection_find_booted(&session->arena, manifest, &here->base, &said, &unheard) ||
        !connection_logs_in(&said) || connection_same_login(&session->arena, next, &said))
        return;
    const char *who = next->url && strchr(next->url, '@') ? next->url_from : NULL;
    const char *how = !who && next->secret_from ? "with what" : "as";
    if (!who)
        who = next->secret_from ? next->secret_from : next->who_from;
    tell_elsewhere(session, "The next 'natsform plan' logs in otherwise: ",
                   connection_logs_in(next) ? arena_printf(&session->arena, "%s %s says", how, who)
                                            : "without a login",
                   ".\n");
}

/* Without asking a server: are the settings and the files that they name all right? */
static bool can_connect(struct session *session, const struct connection_settings *settings,
                        struct diags *diags)
{
    struct identity identity;
    struct tls_files files;
    return identity_read(&session->arena, settings, &identity, diags) == 0 &&
           tls_files_read(&session->arena, settings, &files, diags) == 0;
}

/* Says where the next command will go, if the environment sends it away from here, or to somebody else's account. */
static void tell_next(struct session *session, const struct booted_here *here)
{
    struct arena *arena = &session->arena;
    struct connection_settings next;
    struct diags unheard SCOPED(diags_release) = {0};
    const struct manifest nothing = {.root = session->manifest->root};
    const struct connection_settings *flags = &session->options.connection;
    /* With nothing named, the next command finds what is booted here by itself. */
    bool is_named = connection_is_named(flags, NULL);
    if (connection_find(arena, flags, &nothing, is_named ? NULL : &here->base, &next, &unheard) ||
        !can_connect(session, &next, &unheard)) {
        tell_elsewhere(session, "The next 'natsform plan' fails: ", first_error(session, &unheard), ".\n");
        return;
    }
    const char *url = up_elsewhere(arena, here->state, &next);
    if (!url)
        tell_next_login(session, here, &nothing, &next);
    else if (is_named)
        tell_elsewhere(session, "The next 'natsform plan' goes elsewhere: to ",
                       view_place(arena, url, next.url_from), ".\n");
}

static int boot(struct session *session, struct up *up)
{
    struct account_terms terms = account_terms(session);
    if (choose_runner(session, up) || up_boot(up, &session->diags))
        return -1;
    const struct booted booted = up_connection(up, session_lookup, session);
    const struct booted_here here = {.state = &up->state, .base = booted.base};
    up->state.connection = connection_context(&session->arena, &booted.base);
    struct context_written written;
    if (state_write(&session->arena, &up->state, &session->diags) ||
        write_context(session, up, &booted.base, &written))
        return -1;
    terms.booted = &here;
    terms.goes_on = true;
    terms.only_changes = session->again;
    int result = is_new_cluster(up) ? apply_to_cluster(&terms, up, booted.login_known)
                                    : apply_streams(&terms, booted.login_known, &session->diags);
    if (!session->again)
        tell_not_applied(&terms);
    show_result(session, up, &written);
    if (!session->again)
        tell_next(session, &here);
    return result;
}

int up_once(struct session *session)
{
    struct up up;
    interrupt_defer();
    if (session_load(session))
        return -1;
    struct environment *environment = read_environment(session);
    if (!environment || environment_open(session, true, &up))
        return -1;
    up.environment = environment;
    up.project = project_of(session, up.root);
    up.most_ms = session->options.ready_ms;
    int result = boot(session, &up);
    up_close(&up);
    return result;
}

/* A repository elsewhere tells nobody of its changes. */
static int refuse_watch(struct session *session)
{
    struct diag *diag =
        diag_add(&session->diags, &code_usage, (struct srcpos){0},
                 "'--watch' cannot stand together with '--repo': it watches files of this machine");
    diag_hint(
        &session->diags, diag,
        "run 'natsform up --watch' in a checkout of it, or this without --watch again after each change");
    return -1;
}

static int run(struct session *session)
{
    if (session->options.watch && session->remote.url)
        return refuse_watch(session);
    return session->options.watch || session->options.remove ? up_watch(session) : up_once(session);
}

const struct command up_command = {
    .help =
        {
            .name = "up",
            .arguments = "",
            .summary = "Boot the manifest's servers and apply its streams",
            .description =
                "Starts what 'servers' describes, as processes or containers that outlive the command, and waits until all "
                "are ready: JetStream on, a leader in each cluster, gateways and leafnodes connected. Then applies the "
                "manifest's streams, writes and selects a nats CLI context, and shows the URLs. Without 'servers' there is "
                "one server, with JetStream, on port 4222. nats-server is looked for in PATH and in "
                "~/.cache/natsform/servers/VERSION/.\n\n"
                "Run it again to do what is left to do: a changed configuration is reloaded if the server can do that, "
                "otherwise the server is restarted, and a server that is no longer in the manifest is stopped. Mistakes in "
                "ports, stores or configurations are reported before anything is touched. A start that fails or is "
                "interrupted is undone.\n\n"
                "Everything is kept in .natsform/ beside the manifest: configurations, logs, and data unless there is a "
                "store_dir.\n\n"
                "Exit codes: 0 up, 1 something failed, 65 the manifest is wrong, 69 servers do not get ready, or do not "
                "answer.",
            .examples =
                (const char *const[]){
                    "Boot what natsform.yaml describes",
                    "natsform up",
                    "Keep running, and do it again whenever the manifest changes",
                    "natsform up --watch",
                    "Only for as long as this command runs",
                    "natsform up --rm",
                    "Run the servers in containers",
                    "natsform up --docker",
                    "Leave the nats CLI as it is",
                    "natsform up --no-context",
                    "Give a large cluster more time",
                    "natsform up -f cluster.yaml --timeout 2m",
                    NULL,
                },
            .options =
                OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_UP | OPTIONS_LOSS | OPTIONS_RESCUE | OPTIONS_PRUNE,
        },
    .run = run,
};
