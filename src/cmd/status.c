/*
 * natsform status: how the servers that up started are, by each server's monitoring, and how the account of the manifest is, by what
 * JetStream says of it. It changes nothing.
 */
#include "cmd/command.h"

#include "apply/refresh.h"
#include "base/exit.h"
#include "base/write.h"
#include "cmd/account.h"
#include "cmd/environment.h"
#include "plan/condition.h"
#include "view/diagnostics.h"
#include "view/environment_text.h"
#include "view/status_text.h"

/* What a run of it has found. */
struct looking {
    struct session *session;
    bool answers;          /* a server of this folder is up and well */
    size_t unwell;         /* so many are not */
    bool printed;          /* something stands above */
    struct node *accounts; /* of the document */
};

/* ---- servers ---- */

/* The servers of this folder. Returns 0, or -1 with diagnostics. */
static int look_at_servers(struct looking *looking)
{
    struct session *session = looking->session;
    struct up up;
    if (environment_open(session, false, &up))
        return -1;
    size_t count = up.state.nodes.count;
    struct node_health *nodes = health_ask(&session->arena, up.runner);
    for (size_t i = 0; i < count; i++) {
        bool is_well = nodes[i].runs && nodes[i].well;
        looking->unwell += !is_well;
        looking->answers |= is_well;
    }
    if (session->options.output == OUTPUT_JSON) {
        session->document = status_json(&session->arena, &up.state, nodes);
    } else if (count)
        view_status(&session->out, &session->arena, nodes, count);
    looking->printed = count > 0;
    return 0;
}

/* ---- an account ---- */

static void show(struct looking *looking, const struct account_status *status)
{
    struct session *session = looking->session;
    if (session->options.output != OUTPUT_JSON) {
        if (looking->printed)
            fputc('\n', session->out.file);
        view_account_status(&session->out, &session->arena, status);
        fflush(session->out.file);
        looking->printed = true;
        return;
    }
    if (!looking->accounts) {
        looking->accounts = node_list(&session->arena);
        node_put(&session->arena, session->document, "accounts", looking->accounts);
    }
    node_append(&session->arena, looking->accounts, account_status_json(&session->arena, status));
}

static int take_census(struct looking *looking, struct account_run *account, const struct plan *plan)
{
    struct session *session = looking->session;
    struct census census = {.all = session->options.all || !plan};
    struct conditions conditions;
    struct target target = account_target(account);
    if (plan)
        conditions_want(&session->arena, &census, account->manifest);
    if (census_read(account->server, &session->arena, &census, account->diags))
        return -1;
    conditions_find(&session->arena, &census, account->manifest, plan, &conditions);
    const struct account_status status = {.target = &target,
                                          .connection = plan ? plan->connection : NULL,
                                          .census = &census,
                                          .conditions = &conditions,
                                          .plan = plan,
                                          .all = session->options.all,
                                          .unwell = looking->unwell};
    show(looking, &status);
    return conditions.problems ? EXIT_FAILED : EXIT_DONE;
}

static int look_at_account(struct account_run *account, void *context)
{
    struct plan *plan = account_plan(account);
    return plan ? take_census(context, account, plan) : -1;
}

/* There is no manifest: everything is shown, and nothing compared. */
static int look_at_all(struct account_run *account, void *context)
{
    return account_connect_alone(account) ? -1 : take_census(context, account, NULL);
}

static int look_at_accounts(struct looking *looking)
{
    struct session *session = looking->session;
    const struct account_terms terms = account_terms(session);
    const struct accounts *accounts;
    if (accounts_find(session, &accounts))
        return -1;
    return accounts ? accounts_each(&terms, accounts, look_at_account, looking)
                    : accounts_single(&terms, &session->diags, look_at_account, looking);
}

/* ---- the whole ---- */

/*
 * Is there an account to look at? The manifest may have servers alone. *ret_manifest: it is there, and loaded. Returns 0, or -1 with
 * diagnostics.
 */
static int find_account(struct looking *looking, bool *ret_there, bool *ret_manifest)
{
    struct session *session = looking->session;
    const struct manifest *manifest = NULL;
    const struct diags before = session->diags;
    *ret_there = false;
    *ret_manifest = session->options.files.count || session->remote.url || file_exists(MANIFEST_USUAL);
    if (*ret_manifest && session_load(session)) {
        if (!looking->printed)
            return -1;
        /* Servers run on as they were, however wrong the manifest is by now: they are what was asked for. */
        view_diagnostics(&session->err, &session->diags);
        fputs("The account is not shown, as the manifest is wrong.\n", session->err.file);
        diags_forget(&session->diags, &before);
        return 0;
    }
    manifest = *ret_manifest ? session->manifest : NULL;
    bool named = connection_is_named(&session->options.connection, manifest);
    bool has_objects = manifest && (manifest->streams.count || manifest->removed.count);
    /* Where the manifest's own servers are down, the account of any others would be a surprise. */
    *ret_there =
        named || (looking->printed ? has_objects && looking->answers : has_objects && !manifest->servers);
    return 0;
}

static int run(struct session *session)
{
    struct looking looking = {.session = session};
    const struct account_terms terms = account_terms(session);
    bool there = false, manifest = false;
    if (look_at_servers(&looking) || find_account(&looking, &there, &manifest))
        return -1;
    bool is_up = looking.printed;
    if (!is_up && !there && session->options.output != OUTPUT_JSON)
        fputs("Nothing is up.\n", session->out.file);
    int result = EXIT_DONE;
    if (there && manifest)
        result = look_at_accounts(&looking);
    else if (there)
        result = accounts_single(&terms, &session->diags, look_at_all, &looking);
    bool well = is_up ? !looking.unwell : there;
    return well ? result : EXIT_FAILED;
}

const struct command status_command = {
    .help =
        {
            .name = "status",
            .arguments = "",
            .summary = "Show how servers, streams and consumers are",
            .description =
                "Prints a row for each server that 'up' started: whether it runs, its pid, how long it has been up, its version, "
                "its part in JetStream's meta group, its URL, and what it says of its own health. -o json has all ports and "
                "URLs.\n\n"
                "Then it prints the account of the manifest: on those servers, or where 'plan' would connect to. Each stream, "
                "bucket and consumer has a row, with what it holds, its replicas, and whether it is as the manifest says; and so "
                "has each mirror and source, with its lag and its errors. What has a problem comes first. Without a manifest, all of the "
                "account that --server or --context leads to is shown.\n\n"
                "Exit codes: 0 all is well, and as the manifest says; 1 a server is not well, or nothing is up; an object is missing or "
                "differs, lacks replicas or a leader, or a copy has an error or is silent; 65 the manifest is wrong, 69 the "
                "account's server cannot be reached.",
            .examples =
                (const char *const[]){
                    "See how the servers of this folder are, and what is on them",
                    "natsform status",
                    "Get the URL of the first server for clients",
                    "natsform status -o json | jq -r '.nodes[0].urls.client'",
                    "See how production is, with what the manifest does not have",
                    "natsform status -f prod.yaml --context prod --all",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_OUTPUT | OPTIONS_STATUS,
        },
    .run = run,
};
