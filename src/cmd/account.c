/* From a manifest and its connection to a plan; see account.h. */
#include "cmd/account.h"

#include <pwd.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "apply/refresh.h"
#include "base/exit.h"
#include "base/number.h"
#include "base/sanitizer.h"
#include "base/scope.h"
#include "base/suggest.h"
#include "base/write.h"
#include "cmd/environment.h"
#include "cmd/offer.h"
#include "cmd/session.h"
#include "devenv/up_connection.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"
#include "plan/replace.h"
#include "plan/risk.h"
#include "view/diagnostics.h"
#include "view/plan_text.h"
#include "view/style.h"

/*
 * ---- account lock ----
 * Taking the lock for a command.
 */

static const char *user_name(void)
{
    const struct passwd *entry = getpwuid(geteuid());
    const char *variable = getenv("USER");
    return entry && entry->pw_name ? entry->pw_name : variable && *variable ? variable : "somebody";
}

/* Describes this run for others: "apply by me@host, pid 4711, since 2026-01-31T12:00:00Z". */
static const char *describe_run(struct session *session)
{
    char host[256] = "";
    struct instant since = {.seconds = time(NULL)};
    if (gethostname(host, sizeof(host) - 1) || !host[0])
        return arena_printf(&session->arena, "%s by %s, pid %ld, since %s", session->command->name,
                            user_name(), (long)getpid(), instant_format(&session->arena, since));
    return arena_printf(&session->arena, "%s by %s@%s, pid %ld, since %s", session->command->name,
                        user_name(), host, (long)getpid(), instant_format(&session->arena, since));
}

/* Does a stream of the manifest capture the subjects that a lock could have? */
static bool captures_lock(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->streams.count; i++) {
        const struct value_list *subjects = object_list(manifest->streams.items[i]->config, STREAM_SUBJECTS);
        /* A lock's subject has one more token than the prefix, and any does for the comparison. */
        for (size_t j = 0; j < subjects->count; j++)
            if (subjects_collide(subjects->items[j].text, LOCK_SUBJECT_PREFIX "any"))
                return true;
    }
    return false;
}

static int take(struct account_run *account, struct lock_options *options, struct lock **ret_lock)
{
    struct progress_wait wait = {.style = account->terms->told};
    options->who = describe_run(account->session);
    options->captured = captures_lock(account->manifest);
    options->waiting = progress_waiting;
    options->context = &wait;
    options->interrupted = interrupt_came;
    int failed = lock_take(account->server, options, ret_lock, account->diags);
    progress_waited(&wait);
    return failed;
}

int account_lock(struct account_run *account)
{
    struct lock_options options = {
        .project = account->manifest->project,
        .wait_ms = account->session->options.lock_timeout_ms,
    };
    if (!account->terms->locks || account->lock)
        return 0;
    if (account_check_expected(account))
        return -1;
    /* From here on a signal may not end the process at once, as the lock would stay behind. */
    interrupt_defer();
    return take(account, &options, &account->lock);
}

int account_lock_adoption(struct account_run *account)
{
    enum { BRIEF_MS = 60000 }; /* others have it while they adopt, and a dead one has lost it by then */
    int64_t wait_ms = account->session->options.lock_timeout_ms;
    struct lock_options options = {.adopts = true, .wait_ms = wait_ms > BRIEF_MS ? wait_ms : BRIEF_MS};
    struct lock *lock = NULL;
    /* Without a project no object gets a mark, so no two runs can want the same one. */
    if (!account->lock || account->adopts || !account->manifest->project)
        return 0;
    if (take(account, &options, &lock))
        return -1;
    lock_join(account->lock, lock);
    account->adopts = true;
    return 0;
}

int account_lock_other(struct account_run *account, const char *project)
{
    struct lock_options options = {.project = project, .wait_ms = account->session->options.lock_timeout_ms};
    struct lock *lock = NULL;
    if (!account->lock)
        return 0;
    if (take(account, &options, &lock))
        return -1;
    lock_join(account->lock, lock);
    return 0;
}

void account_unlock(struct account_run *account)
{
    if (account->lock)
        lock_release(account->lock, account->server, account->diags);
    account->lock = NULL;
    account->adopts = false;
}

int account_check_room(struct account_run *account, const struct plan *plan)
{
    const struct server_info *info = server_info(account->server);
    const struct node *most = node_get(node_get(info->account_info, "limits"), "max_streams");
    uint64_t limit = 0;
    uint64_t needed = info->streams; /* as it was before the lock was taken */
    if (!account->lock || !most || most->type != NODE_SCALAR || !number_parse_u64(most->text, &limit) ||
        !limit)
        return 0;
    for (size_t i = 0; i < plan->steps.count; i++)
        needed += (plan->steps.items[i]->action == ACTION_CREATE || plan->steps.items[i]->renamed_from) &&
                  !plan->steps.items[i]->stream;
    uint64_t locks = plan->counts[ACTION_ADOPT] && account->manifest->project ? 2 : 1;
    if (needed > limit || needed + locks <= limit) /* if even more are needed, the lock is not the problem */
        return 0;
    struct diag *diag =
        diag_add(account->diags, &code_lock, (struct srcpos){0},
                 limit == 1 ? "the lock takes the account's only stream, and the plan needs it"
                            : "the lock takes the last of the account's %llu streams, and the plan needs it",
                 (unsigned long long)limit);
    diag_hint(account->diags, diag, LOCK_GO_WITHOUT);
    return -1;
}

/* ---- account ---- */

struct account_terms account_terms(struct session *session)
{
    const struct options *options = &session->options;
    return (struct account_terms){
        .session = session,
        .out = session->out,
        .told = session->told,
        .plan = {.destroy = options->destroy,
                 .prune = options->prune,
                 .allow_loss = options->allow_loss.items,
                 .allow_loss_count = options->allow_loss.count,
                 .replaces = options->replaces.items,
                 .replace_count = options->replaces.count,
                 .rehearse = options->rehearse,
                 .recreates = options->recreates.items,
                 .recreate_count = options->recreates.count,
                 .no_backup = options->no_backup},
        .locks = (session->command->options & OPTIONS_LOCK) && !options->no_lock,
    };
}

/* ---- connecting ---- */

/* If nothing above names a server, it is what `up` has booted in the manifest's folder. */
static int find_settings(struct account_run *account, const struct manifest *manifest, struct diags *diags)
{
    struct session *session = account->session;
    struct arena *arena = &session->arena;
    const struct connection_settings *flags = &session->options.connection;
    struct connection_settings booted;
    int is_up = 0;
    if (account->terms->booted)
        return connection_find_booted(arena, manifest, &account->terms->booted->base, &account->settings,
                                      diags);
    if (!connection_is_named(flags, manifest)) {
        const char *root = environment_root(session);
        is_up = root ? up_find(arena, root, &booted, diags) : -1;
    }
    return is_up < 0
               ? -1
               : connection_find(arena, flags, manifest, is_up ? &booted : NULL, &account->settings, diags);
}

bool account_is_elsewhere(const struct account_run *account, const char **ret_place)
{
    struct session *session = account->session;
    const struct booted_here *booted = account->terms->booted;
    const struct manifest *manifest = account->manifest ? account->manifest : session->manifest;
    struct connection_settings settings;
    struct diags unheard SCOPED(diags_release) = {0};
    if (!booted || connection_find_booted(&session->arena, manifest, &booted->base, &settings, &unheard))
        return false;
    const char *url = up_elsewhere(&session->arena, booted->state, &settings);
    *ret_place = url ? view_place(&session->arena, url, settings.url_from) : NULL;
    return url != NULL;
}

static int connect_to(struct account_run *account, const struct manifest *manifest, struct diags *diags)
{
    if (find_settings(account, manifest, diags))
        return -1;
    account->settings.called =
        arena_printf(&account->session->arena, "natsform %s", account->session->command->name);
    if (server_connect(&account->settings, &account->server, diags))
        return -1;
    if (server_info(account->server)->streams) /* else there is no list to ask for */
        account->ahead = ahead_new(account->server);
    return 0;
}

/* What a server has said since, when the connection came first. */
static void go_on(void *context)
{
    const struct account_run *account = context;
    if (account->ahead)
        ahead_go_on(account->ahead);
}

static const char *name_of(const struct manifest *part)
{
    return part->connection ? part->connection : "default";
}

static struct manifest *part_named(const struct accounts *accounts, const char *name)
{
    struct manifest *part = NULL;
    /* One that has that name comes after the one that has none. */
    for (size_t i = 0; i < accounts->parts.count; i++)
        if (strcmp(name_of(accounts->parts.items[i]), name) == 0)
            part = accounts->parts.items[i];
    return part;
}

static int refuse_unknown(const struct accounts *accounts, const char *name, struct diags *diags)
{
    struct suggestion near = {.wanted = name};
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "the manifest has no connection '%s'", name);
    for (size_t i = 0; i < accounts->parts.count; i++)
        suggestion_consider(&near, name_of(accounts->parts.items[i]));
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
    return -1;
}

/* The accounts of the loaded manifest that the command is about. Returns 0, or -1 with code_usage. */
static int split(struct session *session, struct accounts *ret_accounts, struct diags *diags)
{
    const struct option_list *names = &session->connections;
    struct accounts all, chosen = {0};
    accounts_split(&session->arena, session->manifest, &all);
    for (size_t i = 0; i < names->count; i++)
        if (!part_named(&all, names->items[i]))
            return refuse_unknown(&all, names->items[i], diags);
    for (size_t i = 0; i < all.parts.count; i++) {
        bool named = !names->count;
        for (size_t j = 0; j < names->count && !named; j++)
            named = part_named(&all, names->items[j]) == all.parts.items[i];
        if (named)
            VEC_PUSH(&session->arena, &chosen.parts, all.parts.items[i]);
    }
    *ret_accounts = chosen;
    return chosen.parts.count ? 0 : -1; /* a manifest has one part at least */
}

/* A command for one connection must not take a manifest for several: it would do everything in one account. */
static int take_single(struct account_run *account)
{
    struct session *session = account->session;
    struct accounts accounts;
    if (split(session, &accounts, account->diags))
        return -1;
    account->manifest = accounts.parts.items[0];
    if (accounts.parts.count == 1 && (!account->manifest->connection || session->connections.count))
        return 0;
    struct diag *diag =
        diag_add(account->diags, &code_usage, (struct srcpos){0},
                 "'natsform %s' works on one connection, and the manifest's objects name others",
                 session->command->name);
    if (session->command->options & OPTIONS_CONNECTIONS)
        diag_hint(account->diags, diag, "say which one with --connection NAME");
    return -1;
}

int account_load(struct account_run *account)
{
    return session_load(account->session) || take_single(account) ? -1 : 0;
}

/* The manifest is loaded first, because it may say where the server is. */
static int load_then_connect(struct account_run *account)
{
    if (account_load(account))
        return -1;
    return connect_to(account, account->manifest, account->diags);
}

/*
 * Connects first, so that the server works while the manifest is read. If the manifest is wrong, only that is reported,
 * as if it had been loaded first.
 */
static int connect_then_load(struct account_run *account, size_t manifest_bytes)
{
    const struct idle_work idle_work = {.call = go_on, .context = account};
    struct diags connecting SCOPED(diags_release);
    diags_init(&connecting);
    if (session_check_env_files(account->session))
        return -1;
    int failed = connect_to(account, NULL, &connecting);
    /* Nothing is read before the lock is held: it might be old by then. */
    if (!failed && account->terms->locks)
        account->list_later = manifest_bytes;
    else if (account->ahead && !account->terms->listens)
        ahead_list(account->ahead, manifest_bytes);
    if (session_load_with(account->session, &idle_work) == 0)
        diags_append(account->diags, &connecting);
    account->manifest = account->session->manifest;
    return failed || !account->manifest ? -1 : 0;
}

int account_connect_alone(struct account_run *account)
{
    return connect_to(account, NULL, account->diags);
}

int account_connect(struct account_run *account)
{
    if (account->manifest)
        return connect_to(account, account->manifest, account->diags);
    size_t bytes = account->session->connections.count ? 0 : session_plain_bytes(account->session);
    return bytes ? connect_then_load(account, bytes) : load_then_connect(account);
}

int account_check_expected(struct account_run *account)
{
    return check_expected(server_info(account->server), account->manifest, account->diags);
}

/* Releases the lock and closes the connection. */
static void account_end(struct account_run *account)
{
    account_unlock(account);
    /* With the process, the system takes memory, threads and sockets faster than they could be released one by one. */
    if (!account->terms->goes_on && !IS_SANITIZED)
        return;
    ahead_free(account->ahead);
    server_close(account->server);
}

/* ---- planning ---- */

struct private_server account_private_server(const struct account_run *account)
{
    return (struct private_server){.arena = &account->session->arena,
                                   .lookup = session_lookup,
                                   .lookup_context = account->session,
                                   .interrupted = interrupt_came};
}

/* --prune needs a project. Without one it would find nothing, and that would look as if there were nothing to do. */
static int check_prune(struct account_run *account)
{
    if (!account->terms->plan.prune || account->manifest->project)
        return 0;
    struct diag *diag =
        diag_add(account->diags, &code_usage, (struct srcpos){0}, "--prune needs a project in the manifest");
    diag_hint(account->diags, diag, "with '%s: NAME' every object is marked when it is applied",
              table_field_by_id(&manifest_table, MANIFEST_PROJECT)->name);
    return -1;
}

/* When the stream was made, which no other one has in common with it; NULL: it is not there. "" if that is not known. */
static const char *made_when(struct account_run *account, const char *stream)
{
    struct api_answer reply = {.arena = &account->session->arena};
    api_submit(account->server, &(struct api_request){.verb = "STREAM.INFO",
                                                      .name = stream,
                                                      .type = "stream_info_response",
                                                      .done = api_answer,
                                                      .context = &reply});
    api_wait(account->server, &reply.done, INT64_MAX / 2);
    if (reply.is.outcome == API_DONE)
        return node_get_text(reply.is.body, "created");
    return api_is_not_found(&reply.is) ? NULL : "";
}

/* Asks by the connection of the other part. Puts into *same what is the same there, or what it does not tell. */
static void find_same(struct account_run *account, struct manifest *part, const struct plan *plan,
                      struct map *same)
{
    struct diags unheard SCOPED(diags_release);
    diags_init(&unheard); /* whoever works with that part says why it cannot be reached */
    struct account_run other = {
        .terms = account->terms, .session = account->session, .diags = &unheard, .manifest = part};
    bool tried = false;
    for (size_t i = 0; i < plan->doubtful.count; i++) {
        const char *stream = plan->doubtful.items[i];
        if (!map_get(&part->streams_by_name, stream))
            continue;
        bool connected = tried ? other.server != NULL : account_connect(&other) == 0;
        tried = true;
        const char *here = connected ? made_when(account, stream) : "";
        const char *there = connected ? made_when(&other, stream) : "";
        if (here && there && (!*here || !*there || strcmp(here, there) == 0))
            map_put(same, stream, part);
    }
    account_end(&other);
}

/* Of the plan's doubtful streams: those that the other parts' connections do not lead to. False: there are none. */
static bool find_strangers(struct account_run *account, const struct plan *plan, struct map *ret_strangers)
{
    struct arena *arena = &account->session->arena;
    struct accounts accounts;
    struct map same;
    map_init(&same, arena);
    map_init(ret_strangers, arena);
    accounts_split(arena, account->session->manifest, &accounts);
    for (size_t i = 0; i < accounts.parts.count; i++)
        if (!accounts_same(accounts.parts.items[i]->connection, account->manifest->connection))
            find_same(account, accounts.parts.items[i], plan, &same);
    for (size_t i = 0; i < plan->doubtful.count; i++)
        if (!map_get(&same, plan->doubtful.items[i]))
            map_put(ret_strangers, plan->doubtful.items[i], account);
    return ret_strangers->count > 0;
}

/* Nobody should say yes to what cannot be tried as it was asked for. */
static void check_rehearsals(struct account_run *account, const struct plan *plan, struct diags *diags)
{
    const struct private_server own = account_private_server(account);
    bool wanted = false; /* where there is no room to try it beside, that server is needed on any version */
    if (!account->terms->plan.rehearse)
        return;
    for (size_t i = 0; i < plan->steps.count && !wanted; i++)
        wanted =
            plan->steps.items[i]->replacement && plan->steps.items[i]->replacement->rehearsal != REHEARSE_NOT;
    if (wanted)
        private_server_program(&own, plan->target.version_text, diags);
}

static struct plan *read_plan(struct account_run *account, struct ahead *ahead, struct diags *diags)
{
    struct session *session = account->session;
    struct plan_options options = account->terms->plan;
    struct live_source source = {account->server, ahead};
    const struct diags before = *diags;
    struct map strangers;
    options.revision = session->revision;
    struct plan *plan =
        refresh_plan(&session->arena, &source, account->manifest, &options, session_now(), diags);
    if (plan && plan->doubtful.count && !options.destroy && find_strangers(account, plan, &strangers)) {
        /* Known from the beginning, they count everywhere: what is deleted frees subjects, names and room. */
        diags_forget(diags, &before);
        options.strangers = &strangers;
        source.ahead = NULL; /* it has handed on what it had */
        plan = refresh_plan(&session->arena, &source, account->manifest, &options, session_now(), diags);
    }
    if (plan) {
        plan->connection = account->manifest->connection;
        check_rehearsals(account, plan, diags);
        if (plan->counts[ACTION_REFUSED])
            offer_note(session, plan);
    }
    return plan;
}

struct unfinished account_unfinished(struct account_run *account)
{
    return (struct unfinished){.session = account->session,
                               .server = &account->server,
                               .settings = &account->settings,
                               .lock = account->lock,
                               .out = &account->terms->out,
                               .diags = account->diags};
}

/* Who changes anything finishes what a killed run has left open; who only reads says that it is. */
static int finish_open(struct account_run *account)
{
    const struct unfinished open = account_unfinished(account);
    if (!file_exists(session_journal(account->session)))
        return 0;
    if (account->session->command->options & (OPTIONS_LOCK | OPTIONS_UP))
        return unfinished_recover(&open);
    unfinished_note(&open);
    return 0;
}

/* Names that options gave, of objects of the manifest. With --prune they may be others', which only the plan tells. */
static int check_names(struct account_run *account)
{
    const struct plan_options *options = &account->terms->plan;
    const struct manifest *manifest = account->session->manifest;
    if (options->allow_loss_count && !options->prune &&
        risk_check_names(options, manifest, NULL, account->diags))
        return -1;
    return options->replace_count + options->recreate_count
               ? replace_check_names(options, manifest, account->diags)
               : 0;
}

struct plan *account_plan(struct account_run *account)
{
    if (account_connect(account) || check_prune(account) || check_names(account) || account_lock(account) ||
        finish_open(account))
        return NULL;
    if (account->list_later && account->ahead)
        ahead_list(account->ahead, account->list_later);
    return read_plan(account, account->ahead, account->diags);
}

/* The end of a connection that was quiet for long shows only when something is asked. */
static bool is_connected(struct account_run *account)
{
    struct api_answer reply = {.arena = &account->session->arena};
    api_submit(account->server,
               &(struct api_request){
                   .verb = "INFO", .type = "account_info_response", .done = api_answer, .context = &reply});
    api_wait(account->server, &reply.done, INT64_MAX / 2);
    return server_is_connected(account->server);
}

static int connect_again(struct account_run *account)
{
    if (is_connected(account))
        return 0;
    /* The server may have gone while the question was open, which may take any time. */
    ahead_free(account->ahead);
    account->ahead = NULL;
    server_close(account->server);
    account->server = NULL;
    return server_connect(&account->settings, &account->server, account->diags);
}

struct plan *account_plan_again(struct account_run *account, const struct plan *shown, struct diags *diags)
{
    if (connect_again(account) || account_lock(account) ||
        (shown->counts[ACTION_ADOPT] && account_lock_adoption(account)))
        return NULL;
    /* Nothing that was asked for ahead: it would be as old as the first plan. */
    return read_plan(account, NULL, diags);
}

struct plan *account_plan_here(struct account_run *account)
{
    return read_plan(account, NULL, account->diags);
}

struct target account_target(struct account_run *account)
{
    return target_of(&account->session->arena, server_info(account->server), session_now());
}

/* What there is to be said of a plan stands before the question that it bears on, and once. */
static void tell_before(struct account_run *account)
{
    static const struct diags none;
    const struct session *session = account->session;
    if (session->options.yes || session_prints_document(session) || account->diags->errors ||
        !account->diags->list.count)
        return;
    fflush(session->out.file);
    view_diagnostics(&session->err, account->diags);
    diags_forget(account->diags, &none);
}

int account_confirm(struct account_run *account, const char *question)
{
    struct arena *arena = &account->session->arena;
    const struct target target = account_target(account);
    const char *place = view_target_place(arena, &target);
    tell_before(account);
    return session_confirm(account->session, arena_printf(arena, "%s at %s?", question, place),
                           account->server, account->diags);
}

/*
 * ---- accounts ----
 * Several accounts in turn. manifest/manifest.c divides the manifest. Here the session is pointed
 * at one part after the other, and the command's step runs as if there were no other.
 */

int accounts_find(struct session *session, const struct accounts **ret_accounts)
{
    struct accounts *accounts = ARENA_NEW(&session->arena, struct accounts);
    *ret_accounts = NULL;
    if (!session->connections.count && session_plain_bytes(session))
        return 0;
    if (session_load(session) || split(session, accounts, &session->diags))
        return -1;
    if (accounts->parts.count > 1 || accounts->parts.items[0]->connection)
        *ret_accounts = accounts;
    return 0;
}

/* For the document that is printed at the end, when the account's own are gone. */
static void keep_diagnostics(const struct account_run *account)
{
    struct session *session = account->session;
    struct node *all = session->diagnostics ? session->diagnostics : node_list(&session->arena);
    struct node *told = node_list(&session->arena);
    diagnostics_json(&session->arena, account->diags, account->manifest->connection, told);
    for (size_t i = 0; i < told->count; i++)
        node_append(&session->arena, all, node_keep(&session->arena, told->items[i]));
    session->diagnostics = all;
}

/* Diagnostics name places in the manifest and not accounts. So a heading says which account they are about. */
static void show_diagnostics(const struct account_run *account)
{
    const struct style *err = &account->session->err;
    const char *name = account->manifest->connection;
    fflush(account->terms->out.file);
    if (session_prints_document(account->session))
        keep_diagnostics(account);
    if (account->diags->errors + account->diags->warnings == 0)
        return;
    if (name)
        fprintf(err->file, "connection '%s':\n", name);
    view_diagnostics(err, account->diags);
}

int accounts_each(const struct account_terms *terms, const struct accounts *accounts, account_step *step,
                  void *context)
{
    struct account_terms each = *terms;
    int largest = EXIT_DONE;
    int first = EXIT_DONE;
    each.goes_on = true;
    for (size_t i = 0; i < accounts->parts.count; i++) {
        struct diags diags SCOPED(diags_release);
        struct account_run account = {
            .terms = &each, .session = terms->session, .diags = &diags, .manifest = accounts->parts.items[i]};
        diags_init(&diags);
        if (account_is_elsewhere(&account, &(const char *){NULL}))
            continue;
        int result = step(&account, context);
        account_end(&account);
        show_diagnostics(&account);
        int exit_code = session_exit_code(result, &diags);
        if (diags.errors && first == EXIT_DONE)
            first = exit_code;
        if (exit_code > largest)
            largest = exit_code;
    }
    return first ? first : largest;
}

int accounts_single(const struct account_terms *terms, struct diags *diags, account_step *step, void *context)
{
    struct account_run account = {.terms = terms, .session = terms->session, .diags = diags};
    if (account_is_elsewhere(&account, &(const char *){NULL}))
        return EXIT_DONE;
    int result = step(&account, context);
    account_end(&account);
    return result;
}

int accounts_run_single(struct session *session, account_step *step)
{
    const struct account_terms terms = account_terms(session);
    return accounts_single(&terms, &session->diags, step, NULL);
}

int accounts_run(struct session *session, account_step *step)
{
    const struct account_terms terms = account_terms(session);
    const struct accounts *accounts;
    if (accounts_find(session, &accounts))
        return -1;
    return accounts ? accounts_each(&terms, accounts, step, NULL)
                    : accounts_single(&terms, &session->diags, step, NULL);
}
