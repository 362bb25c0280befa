/*
 * Natsform apply and destroy: plan, ask, plan again, carry out, report. A plan is made under the project's lock and
 * shown. The question keeps nobody out. After a "yes" a new plan is made under the lock; if it is the one that was shown, it
 * is carried out by apply/apply.c, and else it is shown, with the question. A saved plan is compared with a fresh one, and
 * needs no question.
 */
#include "cmd/apply.h"

#include <string.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/exit.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "cmd/account.h"
#include "cmd/command.h"
#include "cmd/rescue.h"
#include "cmd/session.h"
#include "cmd/wait.h"
#include "kind/kinds.h"
#include "plan/saved.h"
#include "plan/step.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"
#include "view/style.h"

enum { PLAN_MOST_BYTES = 256 * 1024 * 1024 };

/* ---- carrying out ---- */

struct carrying {
    struct progress progress; /* first, as progress_step() takes it */
    const struct account_run *account;
};

static void tell(void *context, const char *stream, const char *what)
{
    const struct carrying *carrying = context;
    progress_show(&carrying->account->terms->told, stream, what, 0);
}

static void tell_kept(void *context, const char *folder)
{
    const struct carrying *carrying = context;
    const struct style *style = &carrying->account->terms->out;
    progress_clear(&carrying->account->terms->told);
    fputs("Backed up to ", style->file);
    style_safe(style, folder);
    fputc('\n', style->file);
    fflush(style->file);
}

static int apply_backed_up(struct account_run *account, const struct plan *plan, const struct rescue *rescue)
{
    struct apply_report report;
    struct private_server own = account_private_server(account);
    struct rehearsal_server apart;
    const bool rehearses = account->terms->plan.rehearse;
    struct carrying carrying = {.progress = {.style = account->terms->told}, .account = account};
    struct apply_options options = {
        .settings = &account->settings,
        .progress = progress_step,
        .context = &carrying,
        .allowed = account->asked ? NULL : &account->terms->plan,
        .rescue = plan->backs_up ? rescue : NULL,
        .journals = session_journal(account->session),
        .backups = plan->counts[ACTION_MIGRATE] ? account_backup_folder(account) : NULL,
        .apart = rehearses ? &apart : NULL,
        .now = session_now(),
        .told = tell,
        .kept = tell_kept,
        .lock = account->lock,
        .interrupted = interrupt_came,
    };
    if (rehearses)
        apart = private_server_for_rehearsals(&own);
    if (plan->counts[ACTION_MIGRATE] && !options.backups)
        return -1;
    int failed =
        apply_plan(&account->session->arena, &account->server, plan, &options, &report, account->diags);
    progress_end(&carrying.progress);
    view_report(&account->terms->out, plan, &report);
    return failed;
}

/* Nobody else works on the journal meanwhile. */
static int carry_out_migrations(struct account_run *account, const struct plan *plan,
                                const struct rescue *rescue)
{
    int fd = -1;
    if (journal_lock(&account->session->arena, session_journal(account->session), &fd, account->diags))
        return -1;
    int failed = apply_backed_up(account, plan, rescue);
    close(fd);
    return failed;
}

int carry_out(struct account_run *account, const struct plan *plan)
{
    struct rescue rescue = {.place = NULL};
    if (plan_rescues(plan) && account_rescue(account, plan, &rescue))
        return -1;
    return plan->counts[ACTION_MIGRATE] ? carry_out_migrations(account, plan, &rescue)
                                        : apply_backed_up(account, plan, &rescue);
}

/* ---- what was saved, or shown ---- */

static struct option_list list_of(const struct saved_texts *texts)
{
    return (struct option_list){.items = texts->items, .count = texts->count};
}

/*
 * Uses the saved options. Only -f, --repo and --env-file may be given again, because files may have moved. Options about
 * deletions are a part of what was reviewed.
 */
static int take_options(struct account_terms *terms, const struct saved_options *saved)
{
    struct session *session = terms->session;
    const struct options *options = &session->options;
    if (options->prune || options->allow_loss.count || options->replaces.count || options->no_backup ||
        options->rehearse || options->connections.count)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "%s cannot be given with a saved plan, which was made with or without it",
                          options->prune              ? "--prune"
                          : options->allow_loss.count ? "--allow-data-loss"
                          : options->replaces.count   ? "--replace"
                          : options->no_backup        ? "--no-backup"
                          : options->rehearse         ? "--rehearse"
                                                      : "--connection");
    if (session_take_files(session, options->files.count ? options->files : list_of(&saved->files),
                           options->repo || options->files.count ? options->repo : saved->repo))
        return -1;
    if (options->env_files.count == 0)
        session->env_files = list_of(&saved->env_files);
    session->connections = list_of(&saved->connections);
    terms->plan = (struct plan_options){
        .destroy = saved->destroy,
        .prune = saved->prune,
        .allow_loss = saved->allow_loss.items,
        .allow_loss_count = saved->allow_loss.count,
        .replaces = saved->replaces.items,
        .replace_count = saved->replaces.count,
        .no_backup = saved->no_backup,
        .rehearse = saved->rehearse,
    };
    return 0;
}

/*
 * Reads the plan that the argument names. Its manifest is the session's, unless that was named again, and what it may do
 * the terms'. Returns 0 or -1.
 */
static int saved_take(struct account_terms *terms, struct saved_plan *ret_saved)
{
    struct session *session = terms->session;
    struct source *source = ARENA_NEW(&session->arena, struct source);
    if (file_read_told(&session->arena, session->arguments.items[0], PLAN_MOST_BYTES, source,
                       &session->diags) ||
        saved_plan_read(&session->arena, source, ret_saved, &session->diags))
        return -1;
    return take_options(terms, &ret_saved->options);
}

/* The saved plan was written as JSON and read again. The new one takes the same way, so that equal values are equal nodes. */
static const struct node *through_json(struct account_run *account, const struct node *node)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, node, false);
    return json_read(&account->session->arena, strbuf_text(&text), text.length, NULL, account->diags);
}

/*
 * Is the new plan equal to the saved one? Returns 0, or -1 with diagnostics, which are the caller's: a difference need not end
 * the run.
 */
static int saved_check(struct account_run *account, const struct saved_plan *saved, const struct plan *plan,
                       struct diags *diags)
{
    struct arena *arena = &account->session->arena;
    const struct node *now = through_json(account, plan_json(arena, plan));
    return now ? saved_plan_compare(arena, saved, account->manifest, plan, now, diags) : -1;
}

/* Keeps a plan that is shown, for saved_check(). With `counts` more messages that go are a difference. */
static struct saved_plan saved_keep(struct account_run *account, const struct plan *plan, bool counts)
{
    return (struct saved_plan){.counts = counts,
                               .plan = through_json(account, plan_json(&account->session->arena, plan))};
}

/* ---- showing ---- */

static void show(struct account_run *account, const struct plan *plan)
{
    if (account->terms->only_changes && plan_is_empty(plan))
        return;
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
    for (size_t i = 0; plan && i < plan->steps.count;
         i++) { /* its steps speak with the words of `news`, which go */
        struct step *step = plan->steps.items[i];
        step->refusal = step->refusal ? arena_strdup(&account->diags->arena, step->refusal) : NULL;
    }
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

/* Is the object still there that the step was to delete, or the project's that it was to forget? If that is not told, it is. */
static bool is_open(void *context, const struct node *step)
{
    struct account_run *account = context;
    struct arena *arena = &account->session->arena;
    struct api_answer reply = {.arena = arena};
    struct live_object live;
    const char *stream = node_get_text(step, "stream"), *name = node_get_text(step, "name");
    bool is_consumer = strcmp(node_get_text(step, "type"), table_word(&consumer_table)) == 0;
    api_submit(account->server, &(struct api_request){
                                    .verb = is_consumer ? "CONSUMER.INFO" : "STREAM.INFO",
                                    .name = is_consumer ? arena_printf(arena, "%s.%s", stream, name)
                                            : *stream   ? stream
                                                        : name,
                                    .type = is_consumer ? "consumer_info_response" : "stream_info_response",
                                    .done = api_answer,
                                    .context = &reply,
                                });
    api_drain(account->server);
    if (api_is_not_found(&reply.is))
        return false;
    if (reply.is.outcome != API_DONE ||
        strcmp(node_get_text(step, "action"), action_name(ACTION_FORGET)) != 0 ||
        !(is_consumer ? live_consumer(reply.is.body, &live) : live_stream(reply.is.body, &live)))
        return true;
    const char *owner = mark_owner(&live);
    return owner && account->manifest->project && strcmp(owner, account->manifest->project) == 0;
}

/*
 * A plan out of a file, and the account's. Returns 0 if they are equal, or all of the file's is done already, so that nothing is left
 * to do; or -1 with diagnostics.
 */
static int check_file(struct account_run *account, const struct saved_plan *saved, const struct plan *plan)
{
    struct saved_plan asking = *saved;
    asking.is_open = is_open;
    asking.context = account;
    return saved_check(account, &asking, plan, account->diags);
}

static int show_file(struct account_run *account, const struct saved_plan *saved, const struct plan *plan)
{
    if (check_file(account, saved, plan) || account->diags->errors || account_check_room(account, plan))
        return -1;
    show(account, plan);
    if (plan_is_empty(plan) && saved_plan_does(saved))
        fputs("Nothing is left to do of the saved plan.\n", account->terms->out.file);
    return 0;
}

/* A plan that was saved was seen, and does not ask again. The context is the struct saved_plan. */
static int apply_saved(struct account_run *account, void *context)
{
    struct plan *plan = account_plan(account);
    if (!plan || show_file(account, context, plan))
        return -1;
    return plan_is_empty(plan) ? EXIT_DONE : carry_out_shown(account, plan, NULL);
}

/*
 * What is asked before anything is changed, without its '?' (NULL: nothing). Of several accounts, the plans that were shown, and where
 * there is something to do.
 */
struct applying {
    const char *question;
    const char *places;            /* by commas; NULL: nowhere */
    const struct saved_plan *file; /* out of which the plans come; NULL: out of none */
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
    const char *place = view_target_place(&account->session->arena, &plan->target);
    applying->places =
        applying->places ? arena_printf(&account->session->arena, "%s, %s", applying->places, place) : place;
    return EXIT_CHANGES;
}

/* The same of a saved plan, which has one for each account. */
static int show_saved_one(struct account_run *account, void *context)
{
    struct applying *applying = context;
    struct plan *plan = account_plan(account);
    const struct saved_plan saved = saved_plan_of(applying->file, account->manifest->connection);
    if (!plan)
        return -1;
    if (!saved.plan)
        return diag_error(account->diags, &code_stale_plan, (struct srcpos){0},
                          "the manifest changed since the plan was saved: it has one connection more");
    VEC_PUSH(&account->session->arena, &applying->shown, saved);
    if (show_file(account, &saved, plan))
        return -1;
    return plan_is_empty(plan) ? EXIT_DONE : EXIT_CHANGES;
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

/* First all plans are made and compared, without locks; if one differs, nothing is begun. */
static int apply_saved_several(const struct account_terms *terms, const struct saved_plan *saved)
{
    struct session *session = terms->session;
    const struct accounts *accounts;
    struct applying applying = {.file = saved};
    struct account_terms looking = *terms;
    looking.locks = false;
    if (accounts_find(session, &accounts))
        return -1;
    if (!accounts || accounts->parts.count < saved->plans->count)
        return diag_error(&session->diags, &code_stale_plan, (struct srcpos){0},
                          "the manifest changed since the plan was saved: it has fewer connections");
    int exit_code = accounts_each(&looking, accounts, show_saved_one, &applying);
    return exit_code == EXIT_CHANGES ? accounts_each(terms, accounts, apply_one, &applying) : exit_code;
}

int apply_now(const struct account_terms *terms, struct diags *diags)
{
    return apply(terms, diags, NULL);
}

/* ---- the commands ---- */

static int apply_file(struct account_terms *terms)
{
    struct saved_plan saved;
    if (saved_take(terms, &saved))
        return -1;
    if (saved.plans)
        return apply_saved_several(terms, &saved);
    return accounts_single(terms, &terms->session->diags, apply_saved, &saved);
}

static int run_apply(struct session *session)
{
    struct account_terms terms = account_terms(session);
    int result =
        session->arguments.count ? apply_file(&terms) : apply(&terms, &session->diags, "Apply these changes");
    bool waits = session->options.wait || session->options.wait_ms;
    return waits && session_exit_code(result, &session->diags) == EXIT_DONE ? wait_until_ready(&terms)
                                                                            : result;
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
                    "Go on only when replicas are current, and mirrors hear from their origins",
                    "natsform apply --yes --wait",
                    "Lower a limit even though that deletes messages of the stream",
                    "natsform apply --allow-data-loss ORDERS",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_CONFIRM | OPTIONS_LOSS | OPTIONS_RESCUE | OPTIONS_PRUNE | OPTIONS_LOCK |
                       OPTIONS_WAIT,
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
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_CONFIRM | OPTIONS_LOSS | OPTIONS_RESCUE | OPTIONS_PRUNE | OPTIONS_LOCK,
        },
    .run = run_destroy,
};
