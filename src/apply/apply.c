/*
 * Carrying out a plan; see apply.h. Steps are tasks (task.h), begun rank by rank:
 *
 *   in two parts      the first in its own rank; the rest is an update of what it has left (plan/order.h)
 *   cut off           read back after the rank; if it is as wanted, done, otherwise tried once more
 *   passing refusal   sent again a moment later
 *
 * If a look finds that more would happen than the plan showed, no later rank is begun.
 */
#include "apply/apply.h"

#include <string.h>

#include "apply/migrate_consumer.h"
#include "apply/task.h"
#include "plan/saved.h"
#include "plan/step.h"

static DIAG_CODE(
    code_half_done, .name = "half-done", CODE_ERROR(EXIT_FAILED),
    .doc =
        "An interest stream was made, and not given what it is to capture, because its consumers are not there.",
    .why = "An interest stream acknowledges, and drops, what no consumer waits for.",
    .example = "streams: {ORDERS: {retention: interest, consumers: {billing: {}}}}",
    .remedy = "Mend what kept the consumers away, and run the command again: it goes on from there.");

DIAG_CODE(code_unknown_outcome, .name = "unknown-outcome", CODE_ERROR(EXIT_UNREACHABLE),
          .doc = "A request was cut off, and reading back did not tell whether it took effect.",
          .why = "It is not guessed whether a request took effect.",
          .example = "a connection lost in the middle", .remedy = "Run the command again: it reads first.");

/* How many steps that were tried `tries` times have an unknown outcome. */
static size_t count_uncertain(const struct apply_run *run, int tries)
{
    size_t count = 0;
    for (size_t i = 0; i < run->plan->steps.count; i++)
        count += run->tasks[i].uncertain && run->tasks[i].tries == tries;
    return count;
}

/* May new requests be sent? Not after a signal, and not without the lock. */
static bool may_go_on(struct apply_run *run)
{
    const struct apply_options *options = run->options;
    if (run->stopped)
        return false;
    if (options->interrupted && options->interrupted()) {
        diag_error(run->diags, &code_interrupted, (struct srcpos){0},
                   "interrupted: what was under way was waited for, and nothing more was begun");
        run->stopped = true;
    } else if (options->lock && !lock_holds(options->lock)) {
        run->stopped = lock_check(options->lock, run->diags) != 0;
    }
    return !run->stopped;
}

static void read_back(struct apply_run *run, int tries)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        struct task *task = &run->tasks[i];
        if (!task->uncertain || task->tries != tries)
            continue;
        task_read_back(task);
    }
    api_drain(*run->server);
}

static bool connect_again(struct apply_run *run)
{
    if (*run->server && server_is_connected(*run->server))
        return true;
    /* A new connection, since nats.c's own reconnecting would hide which requests were cut off. */
    server_close(*run->server);
    *run->server = NULL;
    if (server_connect(run->options->settings, run->server, run->diags))
        return false;
    if (run->options->lock)
        lock_reconnected(run->options->lock, *run->server);
    return true;
}

/* Reports all steps whose outcome stays unknown in one message. The report names each of them. */
static void give_up(struct apply_run *run)
{
    const char *why = *run->server ? "no reply came in time" : "the connection was lost";
    const struct task *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        struct task *task = &run->tasks[i];
        if (!task->uncertain)
            continue;
        if (count++ == 0)
            first = task;
        task_finish(task, OUTCOME_UNKNOWN);
    }
    if (count == 1)
        diag_error(run->diags, &code_unknown_outcome, first->step->pos,
                   "it is unknown whether the change of %s took effect: %s, nor could it be read back",
                   first->step->label, why);
    else if (count > 1)
        diag_error(run->diags, &code_unknown_outcome, (struct srcpos){0},
                   "it is unknown whether %zu of the changes took effect: %s, nor could they be read back",
                   count, why);
}

/* How long to wait before steps are sent again: the longest pause among those that wait; 0 if none does. */
static int64_t pause_before_another_try(const struct apply_run *run)
{
    int64_t pause_ms = 0;
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (run->tasks[i].passing && run->tasks[i].passing->pause_ms > pause_ms)
            pause_ms = run->tasks[i].passing->pause_ms;
    return pause_ms;
}

static void let_refusals_pass(struct apply_run *run)
{
    for (int64_t pause_ms; (pause_ms = pause_before_another_try(run)) > 0;) {
        api_pause(*run->server, pause_ms);
        bool on = may_go_on(run);
        for (size_t i = 0; i < run->plan->steps.count; i++) {
            struct task *task = &run->tasks[i];
            if (!task->passing)
                continue;
            task->passing = NULL;
            if (on)
                task_begin(task);
            else
                task_finish(task, OUTCOME_FAILED);
        }
        api_drain(*run->server);
    }
}

static void settle(struct apply_run *run)
{
    let_refusals_pass(run);
    for (int tries = 1; tries <= TASK_TRIES_MOST && count_uncertain(run, tries) && connect_again(run);
         tries++) {
        may_go_on(run); /* its result does not matter: reading is always allowed */
        read_back(run, tries);
        let_refusals_pass(run);
    }
    give_up(run);
}

/* ---- ranks ---- */

static bool is_done(const struct apply_run *run, const struct step *step)
{
    return step->whole ? run->tasks[step->whole->index].first_done
                       : run->report->outcomes[step->index] == OUTCOME_DONE;
}

static bool is_ready(const struct apply_run *run, const struct step *step)
{
    /* A need that was dropped to break a circle may come in the same rank or later; nothing waits for it then. */
    for (size_t i = 0; i < step->needs.count; i++)
        if (step->needs.items[i].on->rank < step->rank && !is_done(run, step->needs.items[i].on))
            return false;
    return true;
}

static void take(struct task *task, const struct step *step)
{
    task->step = step;
    task->now = *step;
    task->tries = task->again = task->waits = 0;
    task->adjusted = false;
}

/* After the first part, what is left is an update of what it has made; or to make what it has deleted. */
static const struct step *rest_of(struct task *task, const struct step *step)
{
    struct apply_run *run = task->run;
    struct step *rest = ARENA_NEW(run->arena, struct step);
    *rest = step_from(step, task->left);
    rest->action = task->left ? ACTION_UPDATE : ACTION_CREATE;
    rest->loss = step->loss;
    rest->holdings = step->holdings;
    rest->moves = step->moves;
    rest->replacement = step->replacement;
    if (!task->left)
        return rest;
    if (step->action ==
        ACTION_CREATE) /* what a new stream got meanwhile, and nobody wants, it was not to keep */
        rest->loss = (struct loss){.any = true, .messages = UINT64_MAX, .why = ""};
    compare_objects(run->arena, rest, &run->plan->target);
    return rest;
}

static void report_half(struct task *task, const struct step *step)
{
    struct diags *diags = task->run->diags;
    const char *what = step->moves ? "got the first of two updates only"
                                   : "has not all that it is to capture yet: that waits for its consumers";
    struct diag *diag = diag_add(diags, &code_half_done, step->pos, "%s %s", step->label, what);
    diag_hint(diags, diag, "run the same command again to go on");
}

/* Begins a part of a step, or says that it is not tried. */
static void run_part(struct task *task, const struct step *step)
{
    struct apply_run *run = task->run;
    bool ready = *run->server && may_go_on(run) && is_ready(run, step);
    if (ready && task->first_done) {
        take(task, rest_of(task, step));
        task_start(task);
    } else if (ready) {
        take(task, step);
        task_start(task);
    } else if (task->first_done) {
        take(task, step);
        report_half(task, step);
        task_finish(task, OUTCOME_FAILED);
    } else {
        take(task, step);
        task_finish(task, OUTCOME_SKIPPED);
    }
}

/* ---- what is made anew ---- */

static struct migration *migration_of(struct apply_run *run, const struct step *step)
{
    struct migration *migration = ARENA_NEW(run->arena, struct migration);
    *migration = (struct migration){.arena = run->arena,
                                    .server = run->server,
                                    .settings = run->options->settings,
                                    .journals = run->options->journals,
                                    .backups = run->options->backups,
                                    .now = run->options->now,
                                    .interrupted = run->options->interrupted,
                                    .lock = run->options->lock,
                                    .told = run->options->told,
                                    .context = run->options->context,
                                    .must_be_empty = step->replacement->is_empty,
                                    .rehearsal = step->replacement->rehearsal,
                                    .apart = run->options->apart,
                                    .by_messages = step->replacement->by_messages};
    return migration;
}

/* Under the name that it has by now. */
static struct api_answer look(struct apply_run *run, const struct step *step, const char *name)
{
    const struct api_request stream = {.verb = "STREAM.INFO", .name = name, .type = "stream_info_response"};
    const struct api_request consumer = {.verb = "CONSUMER.INFO",
                                         .name = arena_printf(run->arena, "%s.%s", step->stream, name),
                                         .type = "consumer_info_response"};
    return api_ask(*run->server, run->arena, step->stream ? &consumer : &stream);
}

/* Is it still what the plan was made from? */
static enum recheck recheck(struct task *task, const struct step *step, const struct node *info)
{
    struct apply_run *run = task->run;
    struct live_object live;
    if (!task_is_live(step, info, &live))
        return RECHECK_REFUSED;
    if (step->renamed_from)
        live = mark_renamed(run->arena, &live, step->stream, step->name);
    const bool asks = recheck_asks_stream(step, &task->holdings);
    task->holdings.arena = run->arena;
    if (asks) {
        holdings_ask(*run->server, &task->holdings);
        api_drain(*run->server);
    }
    const struct recheck_look look = {.step = step,
                                      .live = &live,
                                      .holdings = asks ? &task->holdings : NULL,
                                      .allowed = run->options->allowed};
    return recheck_step(run->arena, run->plan, &look, &task->now, run->diags);
}

/* A consumer has all that is wanted of it at once; a stream gets it by an update, which ends its migration. */
static int migrate(struct task *task, const struct step *step, const struct node *info)
{
    struct apply_run *run = task->run;
    struct migration *migration = task->migration;
    if (!step->stream)
        return migrate_stream(migration, step, info, run->diags);
    task->migration = NULL;
    return migrate_consumer(migration, step, info, run->plan->revision, run->diags);
}

static void make_anew(struct task *task, const struct step *step)
{
    struct apply_run *run = task->run;
    struct api_answer answer = look(run, step, step->renamed_from ? step->renamed_from : step->name);
    struct live_object left;
    take(task, step);
    if (answer.is.outcome != API_DONE) {
        api_diagnose(run->diags, *run->server, step->pos,
                     arena_printf(&run->diags->arena, "look at %s", step->label), &answer.is);
        task_finish(task, OUTCOME_FAILED);
        return;
    }
    enum recheck result = recheck(task, step, answer.is.body);
    bool anew = result == RECHECK_GOES_ON || (result == RECHECK_DONE && step->renamed_from);
    task->migration = anew ? migration_of(run, step) : NULL;
    if (result == RECHECK_REFUSED || (anew && migrate(task, step, answer.is.body))) {
        task->migration = NULL;
        task_finish(task, OUTCOME_FAILED);
        return;
    }
    if (anew)
        answer = look(run, step, step->name);
    if (task_is_live(step, answer.is.body, &left))
        task_keep_left(task, &left);
    task_finish(task, task->left ? OUTCOME_DONE : OUTCOME_FAILED);
}

/* One after the other, when nothing else is under way. */
static void make_rank_anew(struct apply_run *run, size_t rank)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        const struct step *first = run->plan->steps.items[i]->first;
        if (!first || first->action != ACTION_MIGRATE || first->rank != rank)
            continue;
        if (*run->server && may_go_on(run) && is_ready(run, first)) {
            make_anew(&run->tasks[i], first);
        } else {
            take(&run->tasks[i], first);
            task_finish(&run->tasks[i], OUTCOME_SKIPPED);
        }
    }
}

/* What was made anew was updated to what is wanted, or not. */
static void end_migrations(struct apply_run *run)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        struct task *task = &run->tasks[i];
        enum outcome outcome = run->report->outcomes[i];
        if (!task->migration || outcome == OUTCOME_WAITING)
            continue;
        migrate_end(task->migration, outcome == OUTCOME_DONE, run->diags);
        if (run->options->kept)
            run->options->kept(run->options->context, task->migration->journal.backup);
        task->migration = NULL;
    }
}

static void run_rank(struct apply_run *run, size_t rank)
{
    bool connected = *run->server != NULL;
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        const struct step *step = run->plan->steps.items[i];
        bool waiting = run->report->outcomes[i] == OUTCOME_WAITING;
        bool begins = step->first && step->first->rank == rank;
        if (begins && step->first->action != ACTION_MIGRATE)
            run_part(&run->tasks[i], step->first);
        else if (!begins && step->rank == rank && waiting)
            run_part(&run->tasks[i], step);
    }
    if (connected)
        api_drain(*run->server);
    settle(run);
    end_migrations(run);
    make_rank_anew(run, rank);
}

int apply_plan(struct arena *arena, struct server **server, const struct plan *plan,
               const struct apply_options *options, struct apply_report *ret_report, struct diags *diags)
{
    struct apply_run run = {
        .arena = arena,
        .server = server,
        .plan = plan,
        .options = options,
        .report = ret_report,
        .diags = diags,
        .tasks = ARENA_ARRAY(arena, struct task, plan->steps.count),
    };
    *ret_report = (struct apply_report){.outcomes = ARENA_ARRAY(arena, enum outcome, plan->steps.count)};
    for (size_t i = 0; i < plan->steps.count; i++)
        run.tasks[i] = (struct task){
            .run = &run, .step = plan->steps.items[i], .now = *plan->steps.items[i], .index = i};
    for (size_t rank = 0; rank < plan->ranks; rank++) {
        run_rank(&run, rank);
        run.stopped |= run.refused;
    }
    return ret_report->counts[OUTCOME_DONE] == plan->steps.count ? 0 : -1;
}
