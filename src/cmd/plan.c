/*
 * Natsform plan: shows what apply would do, as text or JSON, and saves it with --out. It takes no lock: a plan only reads, and
 * an apply makes its own plan again.
 */
#include <string.h>

#include "base/exit.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "cmd/account.h"
#include "cmd/command.h"
#include "cmd/document.h"
#include "cmd/session.h"
#include "plan/saved.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"
#include "view/style.h"

/* ---- --out: plan/saved.c knows what is in the file ---- */

static struct saved_texts texts_of(const struct option_list *list)
{
    return (struct saved_texts){.items = list->items, .count = list->count};
}

static enum file_place judge(const char *text, size_t length)
{
    return saved_plan_begins(text, length) ? PLACE_OWN : PLACE_FOREIGN;
}

/* Checks --out before anything else is done: if the file exists, it must be a saved plan too. Returns 0 or -1. */
static int saved_check_place(struct session *session)
{
    const char *path = session->options.out;
    if (path && file_is_output(path) && session_prints_document(session))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "'--out %s' and '-o %s' both write to standard output", path,
                          options_output(&session->options));
    /* A pipe or a device is written into and never replaced, so nothing can be lost there. */
    if (path && file_takes(path))
        return 0;
    const struct new_file nothing = {.path = path, .text = ""};
    enum file_place place = PLACE_FREE;
    if (path && file_look(&session->arena, &nothing, judge, &place, &session->diags))
        return -1;
    if (place != PLACE_FOREIGN)
        return 0;
    struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                 "'%s' is there already, and is not a saved plan", path);
    diag_hint(&session->diags, diag, "--out replaces nothing but saved plans");
    return -1;
}

/* Writes the plans to --out. Returns 0 or -1. */
static int saved_write(struct session *session, struct node *plans, bool several)
{
    struct arena *arena = &session->arena;
    const struct options *options = &session->options;
    const struct saved_options saved = {
        .files = texts_of(&options->files),
        .repo = options->repo ? remote_shown(arena, options->repo) : NULL,
        .env_files = texts_of(&options->env_files),
        .connections = texts_of(&options->connections),
        .allow_loss = texts_of(&options->allow_loss),
        .replaces = texts_of(&options->replaces),
        .destroy = options->destroy,
        .prune = options->prune,
        .no_backup = options->no_backup,
        .rehearse = options->rehearse,
    };
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, saved_plan_node(arena, &saved, plans, several), true);
    const struct new_file file = new_secret(options->out, strbuf_text(&text));
    return file_write_told(arena, &file, FILE_REPLACES | FILE_INTO, &code_file, &session->diags);
}

/* ---- the command ---- */

/* With '--out -', the saved plan has standard output for itself. */
static const struct style *shown_on(const struct session *session)
{
    const char *path = session->options.out;
    return path && file_is_output(path) ? &session->err : &session->out;
}

/* The plans that are made, to be saved. */
struct planning {
    struct node *plans;
    bool refused; /* there are errors, which the plans were shown with */
};

/* A plan with errors is not saved. That is said, because somebody might take an older file for the new plan. */
static int save(struct session *session, const struct planning *planning, bool several)
{
    const struct options *options = &session->options;
    if (planning->refused) {
        fprintf(session->err.file, "Not saved: there are errors.\n");
        return -1;
    }
    if (saved_write(session, planning->plans, several))
        return -1;
    if (session_prints_text(session) && !file_takes(options->out))
        fprintf(session->out.file, "Saved: 'natsform apply %s' does exactly this\n", options->out);
    return 0;
}

static int plan_one(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct planning *planning = context;
    struct plan *plan = account_plan(account);
    planning->refused |= plan ? account->diags->errors > 0 : account->terms->goes_on;
    if (!plan)
        return -1;
    if (session_prints_text(session))
        view_plan_text(shown_on(session), plan);
    if (session_prints_document(session))
        document_add_plan(session, plan, account->terms->goes_on);
    if (account->diags->errors)
        return -1;
    if (session->options.out) /* a copy: the account's words go with it */
        node_append(&session->arena, planning->plans,
                    node_keep(&session->arena, plan_json(&session->arena, plan)));
    return session->options.detailed_exitcode && !plan_is_empty(plan) ? EXIT_CHANGES : EXIT_DONE;
}

static int run(struct session *session)
{
    const struct account_terms terms = account_terms(session);
    const struct accounts *accounts;
    struct planning planning = {.plans = node_list(&session->arena)};
    if (saved_check_place(session) || accounts_find(session, &accounts))
        return -1;
    int result = accounts ? accounts_each(&terms, accounts, plan_one, &planning)
                          : accounts_single(&terms, &session->diags, plan_one, &planning);
    bool planned = result == EXIT_DONE || result == EXIT_CHANGES;
    if (session->options.out && (planned || planning.refused) && save(session, &planning, accounts != NULL))
        return planned ? -1 : result;
    return result;
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
                    "Comment on a pull request",
                    "natsform plan -o markdown | gh pr comment 12 --body-file -",
                    "Feed another program",
                    "natsform plan -o json | jq '.summary'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_REVIEW | OPTIONS_DETAILED | OPTIONS_LOSS | OPTIONS_RESCUE | OPTIONS_PRUNE |
                       OPTIONS_DESTROY | OPTIONS_OUT,
        },
    .run = run,
};
