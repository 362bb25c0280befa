/*
 * natsform plan: shows what apply would do, as text or JSON, and saves it with --out. It takes no lock: a plan
 * only reads, and an apply makes its own plan again.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "cmd/accounts.h"
#include "cmd/saved.h"
#include "syntax/json.h"
#include "view/plan_text.h"

static void print_node(struct session *session, const struct node *node)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, node, true);
    fputs(strbuf_text(&text), session->out.file);
}

/* With '--out -', the saved plan has standard output for itself. */
static const struct style *shown_on(const struct session *session)
{
    const char *path = session->options.out;
    return path && file_is_output(path) ? &session->err : &session->out;
}

/* A plan with errors is not saved. That is said, because somebody might take an older file for the new plan. */
static int save(struct account_run *account, const struct plan *plan)
{
    const struct options *options = &account->session->options;
    if (account->diags->errors) {
        fprintf(account->terms->err.file, "Not saved: there are errors.\n");
        return -1;
    }
    if (saved_write(account, plan))
        return -1;
    if (options->output == OUTPUT_TEXT && !file_takes(options->out))
        fprintf(account->terms->out.file, "Saved: 'natsform apply %s' does exactly this\n", options->out);
    return 0;
}

/* The context is the list of several accounts' plans, which are one document, printed at the end; NULL: there is one account. */
static int plan_one(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct node *plans = context;
    struct plan *plan = account_plan(account);
    if (!plan)
        return -1;
    if (session->options.output == OUTPUT_TEXT)
        view_plan_text(shown_on(session), plan);
    else if (plans)
        node_append(&session->arena, plans, plan_json(&session->arena, plan));
    else
        print_node(session, plan_json(&session->arena, plan));
    if ((session->options.out && save(account, plan)) || account->diags->errors)
        return -1;
    return session->options.detailed_exitcode && !plan_is_empty(plan) ? EXIT_CHANGES : EXIT_DONE;
}

static int run(struct session *session)
{
    const struct account_terms terms = account_terms(session);
    const struct accounts *accounts;
    if (saved_check_place(session) || accounts_find(session, &accounts))
        return -1;
    if (!accounts)
        return accounts_single(&terms, &session->diags, plan_one, NULL);
    if (session->options.out)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "a plan for several connections cannot be saved");
    struct node *plans = node_list(&session->arena);
    int exit_code = accounts_each(&terms, accounts, plan_one, plans);
    if (session->options.output == OUTPUT_JSON)
        print_node(session, plans_json(&session->arena, plans));
    return exit_code;
}

const struct command plan_command = {
    .help =
        {
            .name = "plan",
            .arguments = "",
            .summary = "Show what apply would do, and what it would cost",
            .description =
                "Compares the manifest with what the server holds, and shows every change: what would be created, updated "
                "or adopted, and what cannot be done, with the server's rule and the place in the manifest. Changes "
                "nothing.\n\n"
                "Exit codes: 0 planned, 2 there are changes (with --detailed-exitcode), 3 something was refused, 65 the "
                "manifest is wrong for this server, 69 the server cannot be reached.",
            .examples =
                (const char *const[]){
                    "Plan against the local server",
                    "natsform plan",
                    "Fail a CI job when production has drifted",
                    "natsform plan -f prod.yaml --context prod --detailed-exitcode",
                    "Also delete what the project owns and the manifest no longer has",
                    "natsform plan --prune",
                    "Review now, apply later exactly what was reviewed",
                    "natsform plan --out chat.plan && natsform apply chat.plan",
                    "Keep the saved plan elsewhere: it goes to standard output, and what it does to standard error",
                    "natsform plan --out - | gzip > chat.plan.gz",
                    "Feed another program",
                    "natsform plan -o json | jq '.summary'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_OUTPUT | OPTIONS_DETAILED |
                       OPTIONS_LOSS | OPTIONS_PRUNE | OPTIONS_DESTROY | OPTIONS_OUT,
        },
    .run = run,
};
