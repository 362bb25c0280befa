/* natsform apply and destroy: plan, ask, carry out, report. */
#include "cmd/command.h"

#include <string.h>

#include "base/exit.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "cmd/accounts.h"
#include "cmd/interrupt.h"
#include "cmd/run_plan.h"
#include "cmd/saved.h"
#include "cmd/session.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"
#include "view/progress.h"

int carry_out(struct session *session, const struct plan *plan)
{
    struct apply_report report;
    struct progress progress = {.style = session->err};
    struct apply_options options = {
        .settings = &session->settings,
        .progress = progress_step,
        .context = &progress,
        .lock = session->lock,
        .interrupted = interrupt_came,
    };
    int failed = apply_plan(&session->arena, &session->server, plan, &options, &report, &session->diags);
    progress_end(&progress);
    view_report(&session->out, plan, &report);
    if (!failed)
        return EXIT_DONE;
    int worst = diags_exit_code(&session->diags);
    return worst ? worst : EXIT_FAILED;
}

/* A plan that was saved was seen, and does not ask again. */
static int run_saved(struct session *session)
{
    struct saved_plan saved;
    if (saved_take(session, &saved))
        return EXIT_DONE;
    struct plan *plan = session_plan(session);
    if (!plan || saved_check(session, &saved, plan) || session->diags.errors ||
        session_check_room(session, plan))
        return EXIT_DONE;
    view_plan_text(&session->out, plan);
    fflush(session->out.file);
    return plan_is_empty(plan) ? EXIT_DONE : carry_out(session, plan);
}

/* ---- several accounts ---- */

static const char *as_text(struct session *session, const struct plan *plan)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, plan_json(&session->arena, plan), false);
    return arena_strdup(&session->arena, strbuf_text(&text));
}

/* Shows the plan of one account, and keeps it to compare. */
static int show_one(struct session *session)
{
    struct plan *plan = session_plan(session);
    if (!plan)
        return EXIT_DONE;
    view_plan_text(&session->out, plan);
    node_append(&session->arena, session->plans, node_scalar(&session->arena, as_text(session, plan), true));
    return plan_is_empty(plan) ? EXIT_DONE : EXIT_CHANGES;
}

static bool was_shown(const struct session *session, const char *text)
{
    for (size_t i = 0; i < session->plans->count; i++)
        if (strcmp(session->plans->items[i]->text, text) == 0)
            return true;
    return false;
}

/* Under the account's lock the plan is made again, and must be what was shown. */
static int apply_one(struct session *session)
{
    struct plan *plan = session_plan(session);
    if (!plan || session->diags.errors || plan_is_empty(plan))
        return EXIT_DONE;
    if (!was_shown(session, as_text(session, plan)))
        return diag_error(&session->diags, &code_stale_plan, (struct srcpos){0},
                          "the plan is another one than was shown: something changed meanwhile")
                   ? EXIT_DONE
                   : EXIT_FAILED;
    if (session_check_room(session, plan))
        return EXIT_DONE;
    if (session->manifest->connection)
        view_connection(&session->out, session->manifest->connection);
    fflush(session->out.file);
    return carry_out(session, plan);
}

/* All plans first, without a lock: nothing is begun when one of them is refused. Then one account after the other. */
static int run_accounts(struct session *session, const char *question)
{
    bool no_lock = session->options.no_lock;
    session->plans = node_list(&session->arena);
    session->options.no_lock = true;
    int exit_code = accounts_each(session, show_one);
    session->options.no_lock = no_lock;
    if (exit_code != EXIT_CHANGES)
        return exit_code;
    if (session_confirm(session, question))
        return session->diags.errors ? EXIT_USAGE : EXIT_FAILED;
    return accounts_each(session, apply_one);
}

static int run(struct session *session, const char *question)
{
    if (accounts_prepare(session) == 0)
        return EXIT_DONE;
    if (session->accounts)
        return run_accounts(session, question);
    struct plan *plan = session_plan(session);
    if (!plan)
        return EXIT_DONE;
    view_plan_text(&session->out, plan);
    fflush(session->out.file);
    if (session->diags.errors || plan_is_empty(plan) || session_check_room(session, plan))
        return EXIT_DONE;
    if (session_confirm(session, question))
        return session->diags.errors ? EXIT_USAGE : EXIT_FAILED;
    return carry_out(session, plan);
}

int apply_now(struct session *session)
{
    session->options.yes = true;
    return run(session, "");
}

static int run_apply(struct session *session)
{
    if (session_check_arguments(session, 0, 1))
        return EXIT_USAGE;
    return session->arguments.count ? run_saved(session) : run(session, "Apply these changes?");
}

static int run_destroy(struct session *session)
{
    if (session_check_arguments(session, 0, 0))
        return EXIT_USAGE;
    session->options.destroy = true;
    return run(session, "Delete all of this?");
}

const struct command apply_command = {
    .help =
        {
            .name = "apply",
            .arguments = "[PLAN]",
            .summary = "Make the server hold what the manifest says",
            .description =
                "Makes a plan, shows it, asks, and carries it out. Every reply of the server is compared with what was "
                "sent. If a reply is cut off, the object is read back and named. If anything in the plan is refused, "
                "nothing is done. A change that would destroy messages is refused unless --allow-data-loss names the "
                "stream.\n\n"
                "Other runs on the project are kept out by a lock, from before the server is read until the end. 'plan' is "
                "not kept out.\n\n"
                "PLAN is a file of 'plan --out'. It is carried out without asking, with the options that it was made with. "
                "If the server, its objects or the manifest changed since, it is refused, and what changed is named.\n\n"
                "Exit codes: 0 done, 1 something failed, 3 refused for safety, 65 the manifest is wrong, 69 the server "
                "cannot be reached, or was lost on the way, 75 another run has the project's lock.",
            .examples =
                (const char *const[]){
                    "Apply natsform.yaml to the local server",
                    "natsform apply",
                    "Apply in a pipeline",
                    "natsform apply -f prod.yaml --context prod --yes",
                    "Apply exactly what was reviewed",
                    "natsform apply chat.plan",
                    "Lower a limit even though that deletes messages of the stream",
                    "natsform apply --allow-data-loss ORDERS",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_LOSS |
                       OPTIONS_PRUNE | OPTIONS_LOCK,
        },
    .run = run_apply,
};

const struct command destroy_command = {
    .help =
        {
            .name = "destroy",
            .arguments = "",
            .summary = "Delete what the manifest names and the project owns",
            .description =
                "Deletes the manifest's streams with their consumers, and its consumers of external streams. Objects of "
                "other projects stay, and so do objects that this project never applied. If any object has "
                "lifecycle.prevent_destroy, nothing is deleted. A stream with messages is refused unless --allow-data-loss "
                "names it.",
            .examples =
                (const char *const[]){
                    "Show and delete",
                    "natsform destroy",
                    "Delete a stream that holds messages",
                    "natsform destroy --allow-data-loss CHAT",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_LOSS |
                       OPTIONS_PRUNE | OPTIONS_LOCK,
        },
    .run = run_destroy,
};
