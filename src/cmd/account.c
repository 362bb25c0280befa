/* From a manifest and its connection to a plan; see account.h. */
#include "cmd/account.h"

#include "apply/refresh.h"
#include "base/sanitizer.h"
#include "base/scope.h"
#include "cmd/environment.h"
#include "devenv/up_connection.h"
#include "manifest/accounts.h"
#include "plan/risk.h"
#include "view/plan_text.h"

struct account_terms account_terms(struct session *session)
{
    const struct options *options = &session->options;
    return (struct account_terms){
        .session = session,
        .out = session->out,
        .err = session->err,
        .plan = {.destroy = options->destroy,
                 .prune = options->prune,
                 .allow_loss = options->allow_loss.items,
                 .allow_loss_count = options->allow_loss.count},
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
    if (find_settings(account, manifest, diags) ||
        server_connect(&account->settings, &account->server, diags))
        return -1;
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

/* A command for one connection must not take a manifest for several: it would do everything in one account. */
static int check_single(struct account_run *account)
{
    struct accounts accounts;
    accounts_split(&account->session->arena, account->session->manifest, &accounts);
    if (accounts.parts.count == 1 && !accounts.parts.items[0]->connection)
        return 0;
    return diag_error(account->diags, &code_usage, (struct srcpos){0},
                      "'natsform %s' works on one connection, and the manifest's objects name others",
                      account->session->command->name);
}

/* The manifest is loaded first, because it may say where the server is. */
static int load_then_connect(struct account_run *account)
{
    if (session_load(account->session) || check_single(account))
        return -1;
    account->manifest = account->session->manifest;
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
    else if (!failed)
        ahead_list(account->ahead, manifest_bytes);
    if (session_load_with(account->session, &idle_work) == 0 && failed)
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
    size_t bytes = session_plain_bytes(account->session);
    return bytes ? connect_then_load(account, bytes) : load_then_connect(account);
}

int account_check_expected(struct account_run *account)
{
    return check_expected(server_info(account->server), account->manifest, account->diags);
}

void account_end(struct account_run *account)
{
    account_unlock(account);
    /* With the process, the system takes memory, threads and sockets faster than they could be released one by one. */
    if (!account->terms->goes_on && !IS_SANITIZED)
        return;
    ahead_free(account->ahead);
    server_close(account->server);
}

/* ---- planning ---- */

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

static struct plan *read_plan(struct account_run *account, struct ahead *ahead, struct diags *diags)
{
    struct session *session = account->session;
    struct plan_options options = account->terms->plan;
    const struct live_source source = {account->server, ahead};
    options.revision = session->revision;
    struct plan *plan =
        refresh_plan(&session->arena, &source, account->manifest, &options, session_now(), diags);
    if (plan)
        plan->connection = account->manifest->connection;
    return plan;
}

struct plan *account_plan(struct account_run *account)
{
    const struct plan_options *options = &account->terms->plan;
    if (account_connect(account) || check_prune(account) ||
        (!options->prune && risk_check_names(options, account->session->manifest, NULL, account->diags)) ||
        account_lock(account))
        return NULL;
    if (account->list_later)
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

struct target account_target(struct account_run *account)
{
    return target_of(&account->session->arena, server_info(account->server), session_now());
}

int account_confirm(struct account_run *account, const char *question)
{
    struct arena *arena = &account->session->arena;
    const struct server_info *info = server_info(account->server);
    const char *place = view_place(arena, info->url, info->found);
    return session_confirm(account->session, arena_printf(arena, "%s at %s?", question, place),
                           account->server, account->diags);
}
