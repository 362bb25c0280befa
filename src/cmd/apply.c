/*
 * natsform apply and destroy: plan, ask, plan again, carry out, report. A plan is made under the project's lock and
 * shown. The question keeps nobody out. After a "yes" a new plan is made under the lock; if it is the one that was shown, it
 * is carried out by apply/apply.c, and else it is shown, with the question. A saved plan is compared with a fresh one
 * (cmd/saved.c) and needs no question.
 */
#include "cmd/command.h"

#include <string.h>

#include "base/exit.h"
#include "base/scope.h"
#include "base/vec.h"
#include "cmd/accounts.h"
#include "cmd/interrupt.h"
#include "cmd/run_plan.h"
#include "cmd/saved.h"
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
        .allowed = account->asked ? NULL : &account->terms->plan,
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

/* ---- what was shown is what is done ---- */

/* Plans again; *ret_same tells whether that is the plan which was shown. NULL, as everything else, has diagnostics. */
static struct plan *plan_again(struct account_run *account, const struct plan *shown, bool asks,
                               bool *ret_same)
{
    struct diags news SCOPED(diags_release) = {0};
    struct diags differences SCOPED(diags_release) = {0};
    const struct saved_plan kept = saved_keep(account, shown, account->asked);
    struct plan *plan = account_plan_again(account, shown, &news);
    *ret_same = plan && !saved_check(account, &kept, plan, &differences) && !news.errors;
    if (!*ret_same)
        diags_append_new(account->diags, &news);
    if (!*ret_same && !asks)
        diags_append_new(account->diags, &differences);
    return plan;
}

/* Shows another plan than the last one. Is there something to carry out? */
static bool show_anew(struct account_run *account, const struct plan *plan)
{
    fputs("Something changed meanwhile. This is the plan now:\n", account->terms->out.file);
    show(account, plan);
    return !account->diags->errors && !plan_is_empty(plan);
}

/*
 * Carries out the plan that was shown, once nobody says no to the question (NULL: it needs none). What is asked about is
 * read once more after the answer; and what is adopted, once nobody else adopts.
 */
static int carry_out_shown(struct account_run *account, struct plan *plan, const char *question)
{
    bool same = !question && !plan->counts[ACTION_ADOPT];
    while (!same) {
        int declined = 0;
        if (question) {
            account->asked = true;
            /* People may take long to answer, and others need not wait for that. */
            account_unlock(account);
            declined = account_confirm(account, question);
        }
        if (declined)
            return declined;
        plan = plan_again(account, plan, question != NULL, &same);
        if (!plan || (!same && !question))
            return -1;
        if (!same && !show_anew(account, plan))
            return account->diags->errors ? -1 : EXIT_DONE;
    }
    return account_check_room(account, plan) ? -1 : carry_out(account, plan);
}

/* ---- one account ---- */

/* A plan that was saved was seen, and does not ask again. The context is the struct saved_plan. */
static int apply_saved(struct account_run *account, void *context)
{
    const struct saved_plan *saved = context;
    struct plan *plan = account_plan(account);
    if (!plan || saved_check(account, saved, plan, account->diags) || account->diags->errors ||
        account_check_room(account, plan))
        return -1;
    show(account, plan);
    return plan_is_empty(plan) ? EXIT_DONE : carry_out_shown(account, plan, NULL);
}

/*
 * What is asked before anything is changed, without its '?' (NULL: nothing). Of several accounts, the plans that were shown, and where
 * there is something to do.
 */
struct applying {
    const char *question;
    const char *places; /* by commas; NULL: nowhere */
    VEC(struct saved_plan) shown;
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
    /* Before the question: nobody should say yes to what cannot be done. */
    if (account_check_room(account, plan))
        return -1;
    return carry_out_shown(account, plan, applying->question);
}

/* ---- several accounts ---- */

static int show_one(struct account_run *account, void *context)
{
    struct applying *applying = context;
    struct plan *plan = account_plan(account);
    if (!plan)
        return -1;
    view_plan_text(&account->terms->out, plan);
    /* The account itself is closed after this; what is kept of its plan is compared later. */
    VEC_PUSH(&account->session->arena, &applying->shown,
             saved_keep(account, plan, applying->question != NULL));
    if (plan_is_empty(plan))
        return EXIT_DONE;
    const char *place = view_place(&account->session->arena, plan->target.url, plan->target.found);
    applying->places =
        applying->places ? arena_printf(&account->session->arena, "%s, %s", applying->places, place) : place;
    return EXIT_CHANGES;
}

static const struct saved_plan *plan_shown(const struct applying *applying, const char *connection)
{
    size_t i = 0;
    while (strcmp(node_get_text(applying->shown.items[i].plan, "connection"), connection) != 0)
        i++;
    return &applying->shown.items[i];
}

/* Is it the plan that was shown? If not, and nothing was asked, that is an error. */
static bool was_shown(struct account_run *account, const struct applying *applying, const struct plan *plan)
{
    struct diags differences SCOPED(diags_release) = {0};
    bool same = !saved_check(account, plan_shown(applying, plan->connection ? plan->connection : ""), plan,
                             &differences);
    if (!same && !applying->question)
        diags_append_new(account->diags, &differences);
    return same;
}

/* Makes the plan again, now under the account's lock. If it is not the one that was shown, it is shown and asked about. */
static int apply_one(struct account_run *account, void *context)
{
    const struct applying *applying = context;
    struct plan *plan = account_plan(account);
    if (!plan || account->diags->errors)
        return -1;
    /* Perhaps somebody else has done it meanwhile, or there was nothing to do here from the start. */
    if (plan_is_empty(plan))
        return EXIT_DONE;
    bool same = was_shown(account, applying, plan);
    if ((!same && !applying->question) || account_check_room(account, plan))
        return -1;
    account->asked = applying->question != NULL;
    if (same && account->manifest->connection)
        view_connection(&account->terms->out, account->manifest->connection);
    if (!same && !show_anew(account, plan))
        return -1;
    fflush(account->terms->out.file);
    return carry_out_shown(account, plan, same ? NULL : applying->question);
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
    struct applying applying = {.question = terms->session->options.yes ? NULL : question};
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
                "Other runs on the project are kept out by a lock, while the server is read and changed, but not while the "
                "question waits for its answer. After it the server is read once more: if the plan is not the one that was "
                "shown, it is shown anew. 'plan' is not kept out.\n\n"
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
