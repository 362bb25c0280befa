/*
 * natsform apply and destroy: plan, ask, carry out, report. A fresh plan is made under the project's lock and
 * shown; after a "yes" it is carried out by apply/apply.c. A saved plan is compared with a fresh one (cmd/saved.c)
 * and needs no question.
 */
#include "cmd/command.h"

#include <string.h>

#include "base/exit.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "cmd/accounts.h"
#include "cmd/interrupt.h"
#include "cmd/run_plan.h"
#include "cmd/saved.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"
#include "view/progress.h"

int carry_out(struct account_run *account, const struct plan *plan)
{
    struct arena *arena = &account->session->arena;
    struct apply_report report;
    struct progress progress = {.style = account->terms->err};
    struct apply_options options = {
        .settings = &account->settings,
        .progress = progress_step,
        .context = &progress,
        .allowed = &account->terms->plan,
        .lock = account->lock,
        .interrupted = interrupt_came,
    };
    int failed = apply_plan(arena, &account->server, plan, &options, &report, account->diags);
    progress_end(&progress);
    view_report(&account->terms->out, plan, &report);
    return failed;
}

static void show(struct account_run *account, const struct plan *plan)
{
    view_plan_text(&account->terms->out, plan);
    fflush(account->terms->out.file);
}

/* ---- one account ---- */

/* A plan that was saved was seen, and does not ask again. The context is the struct saved_plan. */
static int apply_saved(struct account_run *account, void *context)
{
    const struct saved_plan *saved = context;
    struct plan *plan = account_plan(account);
    if (!plan || saved_check(account, saved, plan) || account->diags->errors ||
        account_check_room(account, plan))
        return -1;
    show(account, plan);
    return plan_is_empty(plan) ? EXIT_DONE : carry_out(account, plan);
}

/*
 * What is asked before anything is changed, without its '?' (NULL: nothing). Of several accounts, the plans that were shown, and where
 * there is something to do.
 */
struct applying {
    const char *question;
    const char *places; /* by commas; NULL: nowhere */
    VEC(const char *) shown;
};

static int apply_only(struct account_run *account, void *context)
{
    const struct applying *applying = context;
    struct plan *plan = account_plan(account);
    if (!plan)
        return -1;
    show(account, plan);
    if (account->diags->errors)
        return -1;
    if (plan_is_empty(plan))
        return EXIT_DONE;
    if (account_check_room(account, plan))
        return -1;
    int declined = applying->question ? account_confirm(account, applying->question) : 0;
    return declined ? declined : carry_out(account, plan);
}

/* ---- several accounts ---- */

static const char *as_text(struct account_run *account, const struct plan *plan)
{
    struct arena *arena = &account->session->arena;
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, plan_json(arena, plan), false);
    return arena_strdup(arena, strbuf_text(&text));
}

static int show_one(struct account_run *account, void *context)
{
    struct applying *applying = context;
    struct plan *plan = account_plan(account);
    if (!plan)
        return -1;
    view_plan_text(&account->terms->out, plan);
    VEC_PUSH(&account->session->arena, &applying->shown, as_text(account, plan));
    if (plan_is_empty(plan))
        return EXIT_DONE;
    const char *place = view_place(&account->session->arena, plan->target.url, plan->target.found);
    applying->places =
        applying->places ? arena_printf(&account->session->arena, "%s, %s", applying->places, place) : place;
    return EXIT_CHANGES;
}

static bool was_shown(const struct applying *applying, const char *text)
{
    for (size_t i = 0; i < applying->shown.count; i++)
        if (strcmp(applying->shown.items[i], text) == 0)
            return true;
    return false;
}

/* Makes the plan again, now under the account's lock. It must be the one that was shown. */
static int apply_one(struct account_run *account, void *context)
{
    struct plan *plan = account_plan(account);
    if (!plan || account->diags->errors)
        return -1;
    if (plan_is_empty(plan))
        return EXIT_DONE;
    if (!was_shown(context, as_text(account, plan)))
        return diag_error(account->diags, &code_stale_plan, (struct srcpos){0},
                          "the plan is another one than was shown: something changed meanwhile");
    if (account_check_room(account, plan))
        return -1;
    if (account->manifest->connection)
        view_connection(&account->terms->out, account->manifest->connection);
    fflush(account->terms->out.file);
    return carry_out(account, plan);
}

/* First all plans are made, without locks; if one is refused, nothing is begun. Then one account is done after the other. */
static int apply_several(const struct account_terms *terms, const struct accounts *accounts,
                         struct applying *applying)
{
    struct session *session = terms->session;
    struct account_terms looking = *terms;
    looking.locks = false;
    int exit_code = accounts_each(&looking, accounts, show_one, applying);
    if (exit_code != EXIT_CHANGES)
        return exit_code;
    int declined = 0;
    if (applying->question)
        declined = session_confirm(
            session, arena_printf(&session->arena, "%s at %s?", applying->question, applying->places), NULL,
            &session->diags);
    return declined ? declined : accounts_each(terms, accounts, apply_one, applying);
}

static int apply(const struct account_terms *terms, struct diags *diags, const char *question)
{
    const struct accounts *accounts;
    struct applying applying = {.question = question};
    if (accounts_find(terms->session, &accounts))
        return -1;
    return accounts ? apply_several(terms, accounts, &applying)
                    : accounts_single(terms, diags, apply_only, &applying);
}

int apply_now(const struct account_terms *terms, struct diags *diags)
{
    return apply(terms, diags, NULL);
}

/* ---- the commands ---- */

static int run_apply(struct session *session)
{
    struct account_terms terms = account_terms(session);
    struct saved_plan saved;
    if (!session->arguments.count)
        return apply(&terms, &session->diags, "Apply these changes");
    if (saved_take(&terms, &saved))
        return -1;
    return accounts_single(&terms, &session->diags, apply_saved, &saved);
}

static int run_destroy(struct session *session)
{
    struct account_terms terms = account_terms(session);
    terms.plan.destroy = true;
    return apply(&terms, &session->diags, "Delete all of this");
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
    .most = 1,
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
