/* natsform plan: what apply would do. */
#include "cmd/command.h"

#include "base/exit.h"
#include "base/strbuf.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"

static void print_json(struct session *session, const struct plan *plan)
{
    struct strbuf text = {0};
    json_write(&text, plan_json(&session->arena, plan), true);
    fputs(strbuf_text(&text), session->out.file);
    strbuf_release(&text);
}

static int run(struct session *session)
{
    if (session_check_arguments(session, 0, 0))
        return EXIT_USAGE;
    struct plan *plan = session_plan(session);
    if (!plan)
        return EXIT_DONE;
    if (session->options.output == OUTPUT_JSON)
        print_json(session, plan);
    else
        view_plan_text(&session->out, plan);
    if (session->diags.errors)
        return EXIT_DONE;
    return session->options.detailed_exitcode && !plan_is_empty(plan) ? EXIT_CHANGES : EXIT_DONE;
}

const struct command plan_command = {
    .help =
        {
            .name = "plan",
            .arguments = "",
            .summary = "Show what apply would do, and what it would cost",
            .description =
                "Compares the manifest with what the server holds and shows every change: what would be created, updated, "
                "adopted, and what cannot be done, with the server's rule and the place in the manifest. Changes nothing.\n\n"
                "Exit codes: 0 planned, 2 there are changes (with --detailed-exitcode), 3 something was refused, "
                "65 the manifest is wrong for this server, 69 the server cannot be reached.",
            .examples =
                (const char *const[]){
                    "Plan against the local server",
                    "natsform plan",
                    "Fail a CI job when production has drifted",
                    "natsform plan -f prod.yaml --context prod --detailed-exitcode",
                    "Feed another program",
                    "natsform plan -o json | jq '.summary'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_OUTPUT | OPTIONS_DETAILED |
                       OPTIONS_LOSS | OPTIONS_PRUNE | OPTIONS_DESTROY,
        },
    .run = run,
};
