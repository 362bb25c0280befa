/* natsform plan: what apply would do. */
#include "cmd/command.h"

#include "base/exit.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "cmd/accounts.h"
#include "cmd/saved.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"

static void print_node(struct session *session, const struct node *node)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, node, true);
    fputs(strbuf_text(&text), session->out.file);
}

/* Of several accounts the plans are one document, printed at the end. */
static void print_json(struct session *session, const struct plan *plan)
{
    struct node *node = plan_json(&session->arena, plan);
    if (session->plans)
        node_append(&session->arena, session->plans, node);
    else
        print_node(session, node);
}

/* A plan that cannot be carried out is not worth a file, and the one from before must not pass for it. */
static int save(struct session *session, const struct plan *plan)
{
    const char *path = session->options.out;
    if (session->diags.errors) {
        fprintf(session->err.file, "Not saved: there are errors.\n");
        return -1;
    }
    if (saved_write(session, plan))
        return -1;
    if (session->options.output == OUTPUT_TEXT)
        fprintf(session->out.file, "Saved: 'natsform apply %s' does exactly this\n", path);
    return 0;
}

static int plan_one(struct session *session)
{
    struct plan *plan = session_plan(session);
    if (!plan)
        return EXIT_DONE;
    if (session->options.output == OUTPUT_JSON)
        print_json(session, plan);
    else
        view_plan_text(&session->out, plan);
    if (session->options.out && save(session, plan))
        return EXIT_DONE;
    if (session->diags.errors)
        return EXIT_DONE;
    return session->options.detailed_exitcode && !plan_is_empty(plan) ? EXIT_CHANGES : EXIT_DONE;
}

static int run(struct session *session)
{
    if (session_check_arguments(session, 0, 0))
        return EXIT_USAGE;
    if (saved_check_place(session) || accounts_prepare(session) == 0)
        return EXIT_DONE;
    if (!session->accounts)
        return plan_one(session);
    if (session->options.out)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "a plan for several connections cannot be saved")
                   ? EXIT_USAGE
                   : EXIT_DONE;
    if (session->options.output == OUTPUT_JSON)
        session->plans = node_list(&session->arena);
    int exit_code = accounts_each(session, plan_one);
    if (session->plans)
        print_node(session, plans_json(&session->arena, session->plans));
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
                    "Feed another program",
                    "natsform plan -o json | jq '.summary'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_OUTPUT | OPTIONS_DETAILED |
                       OPTIONS_LOSS | OPTIONS_PRUNE | OPTIONS_DESTROY | OPTIONS_OUT,
        },
    .run = run,
};
