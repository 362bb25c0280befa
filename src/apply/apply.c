/*
 * Carrying out a plan; see apply.h. Each step is a `struct task` that sends one request after another. The reply decides
 * what comes next:
 *
 *   update            the object is read once more: it still is what the plan was made from, and loses no more than the plan
 *                     showed (plan/saved.h) -> update. What the step does not change is sent as it was just read
 *   create, update    the echoed configuration is as wanted -> a pause request if that changes, then done
 *                     it differs -> one more update (for sealing, or a threshold that a durable keeps), then an error
 *   pause             done
 *   delete            the same look -> delete -> done
 *   in two parts      the first as above, in its own rank; the rest is an update of what that has left (plan/order.h)
 *   create refused    because the object exists: it is read; if it is as wanted, done, otherwise the error. An apply that was
 *                     killed may have sent requests that the server is still working on
 *   cut off           read back after the rank; if it is as wanted, done, otherwise tried once more
 *   passing refusal   sent again a moment later, with a note: see api_passing()
 *
 * Where a consumer's messages are at stake, the look is also at its stream. If a look finds that more would happen than the plan
 * showed, no later rank is begun. Servers know no compare-and-set for configurations: what somebody changes between the
 * look and the request behind it, a round trip, is still overwritten.
 */
#include "apply/apply.h"

#include <string.h>

#include "apply/refresh.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "field/encode.h"
#include "kind/kinds.h"
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

static DIAG_CODE(
    code_sent_again, .name = "sent-again", CODE_NOTE,
    .doc = "The server refused a request for a reason that passes by itself, so it was sent again.",
    .why =
        "nats-server up to 2.15.2 removes the directories of an account whose last stream is deleted, also under a stream that is "
        "just being created (10049). A cluster finds no place for replicas until its leader knows all nodes again (10005).",
    .example = "an apply of num_replicas: 3 right after a node of the cluster has started",
    .remedy = "Nothing is to be done, unless an error follows: then look for a node that is down.");

enum {
    STREAM_IN_USE = 10058,
    SUBJECTS_OVERLAP = 10065,
    CONSUMER_EXISTS = 10148,
    TRIES_MOST = 2,
};

struct run;

struct task {
    struct run *run;
    const struct step *step; /* of the plan; its first part, or what is left after that */
    struct step now;         /* from the object as it was last looked at */
    struct object *left;     /* as the first part has left it; NULL: it has none, or is not done */
    bool first_done;
    bool looks_inside;
    struct holdings holdings; /* of the step's stream, when it was looked at, if it looks inside */
    size_t index;             /* of the step in the plan */
    enum request_kind doing;
    int tries;                     /* how often it was begun */
    bool adjusted;                 /* the one more update was sent */
    struct api_reply refusal;      /* of a create; kept while the object is read */
    bool uncertain;                /* it was cut off, and is not read back yet */
    int again;                     /* how often it was sent again after a passing refusal */
    int waits;                     /* how often the first of two updates was still at work */
    const struct passing *passing; /* that refusal, while the step waits to be sent again */
};

struct run {
    struct arena *arena;
    struct server **server;
    const struct plan *plan;
    const struct apply_options *options;
    struct apply_report *report;
    struct diags *diags;
    struct task *tasks;
    bool refused; /* a look refused a step: the world is not as the plan saw it */
    bool stopped; /* nothing new may be begun */
};

static void on_reply(void *context, const struct api_reply *reply);

static void finish(struct task *task, enum outcome outcome)
{
    struct run *run = task->run;
    task->uncertain = false;
    if (task->step->whole && outcome == OUTCOME_DONE) { /* the rest has its own rank */
        task->first_done = true;
        return;
    }
    run->report->outcomes[task->index] = outcome;
    run->report->counts[outcome]++;
    if (run->options->progress)
        run->options->progress(run->options->context, run->plan, run->plan->steps.items[task->index],
                               outcome);
}

/* Each request is built in memory of its own: while it waits for a free slot, replies of other steps may make new requests. */
static void submit(struct task *task, enum request_kind kind, const struct object *live, api_done *done)
{
    struct run *run = task->run;
    if (kind != REQUEST_READ && run->options->lock && !lock_holds(run->options->lock)) {
        /* after the rank it is read back, and tried again if the lock is still ours */
        task->uncertain = true;
        return;
    }
    const struct request request = {
        .kind = kind,
        .step = &task->now,
        .live = live,
        .revision = task->step->action == ACTION_FORGET ? NULL : run->plan->revision,
    };
    struct api_request sent = {.done = done, .context = task};
    struct arena arena;
    struct strbuf body = {0};
    arena_init(&arena);
    request_build(&arena, &request, &body, &sent);
    api_submit(*run->server, &sent);
    strbuf_release(&body);
    arena_release(&arena);
}

static void send(struct task *task, enum request_kind kind, const struct object *live)
{
    task->doing = kind;
    submit(task, kind, live, on_reply);
}

/* ---- checking what the server echoes ---- */

/* What a first part leaves is where the rest begins. */
static void keep_left(struct task *task, const struct live_object *live)
{
    struct run *run = task->run;
    if (!task->step->whole)
        return;
    struct live_object kept = live_keep(run->arena, live);
    task->left = live_decode(run->arena, &kept, run->plan->target.now);
}

static bool decode_reply(struct task *task, const struct api_reply *reply, struct object **ret_object)
{
    struct live_object live;
    if (!(task->step->stream ? live_consumer(reply->body, &live) : live_stream(reply->body, &live)))
        return false;
    keep_left(task, &live);
    *ret_object = live_decode(reply->arena, &live, task->run->plan->target.now);
    return true;
}

/* Is the object that was read what the step wants? */
static bool is_as_wanted(struct task *task, const struct api_reply *reply)
{
    struct object *live;
    struct step probe;
    if (task->step->action == ACTION_DELETE)
        return api_is_not_found(reply);
    if (reply->outcome != API_DONE || !decode_reply(task, reply, &live))
        return false;
    echo_compare(reply->arena, &task->now, &task->run->plan->target, live, &probe);
    return probe.changes.count == 0;
}

static bool changes_pause(const struct step *step)
{
    for (size_t i = 0; i < step->changes.count; i++)
        if (step->changes.items[i].separate)
            return true;
    return false;
}

static void on_written(struct task *task, const struct api_reply *reply)
{
    struct object *echo;
    struct step probe;
    if (!decode_reply(task, reply, &echo)) {
        diag_error(task->run->diags, &code_reply, task->step->pos, "the reply for %s has no configuration",
                   task->step->label);
        finish(task, OUTCOME_FAILED);
        return;
    }
    size_t differing = echo_compare(reply->arena, &task->now, &task->run->plan->target, echo, &probe);
    /* Sealing, and a threshold that the server has filled in, take an update of their own. */
    if (differing && !task->adjusted) {
        task->adjusted = true;
        send(task, REQUEST_UPDATE, echo);
    } else if (differing) {
        echo_report(task->step, &probe, task->run->diags);
        finish(task, OUTCOME_FAILED);
    } else if (changes_pause(task->step)) {
        send(task, REQUEST_PAUSE, NULL);
    } else {
        finish(task, OUTCOME_DONE);
    }
}

/* ---- looking before a change ---- */

/* Is the pause all that changes? A pause request cannot record a revision, so that needs an update too. */
static bool only_pauses(const struct step *step, const char *revision)
{
    return step->action == ACTION_UPDATE && changes_pause(step) && step->changes.count == 1 &&
           object_records_revision(step->live, revision);
}

static void change(struct task *task)
{
    struct run *run = task->run;
    if (run->stopped)
        finish(task, OUTCOME_SKIPPED);
    else if (task->step->action == ACTION_DELETE)
        send(task, REQUEST_DELETE, NULL);
    else if (only_pauses(&task->now, run->plan->revision))
        send(task, REQUEST_PAUSE, NULL);
    else
        send(task, REQUEST_UPDATE, task->now.live);
}

static void change_if_same(struct task *task, const struct live_object *live)
{
    struct run *run = task->run;
    const struct recheck_look look = {
        .step = task->step,
        .live = live,
        .holdings = task->looks_inside ? &task->holdings : NULL,
        .allowed = run->options->allowed,
    };
    enum recheck result = recheck_step(run->arena, run->plan, &look, &task->now, run->diags);
    const struct rescue *rescue = run->options->rescue;
    if (result == RECHECK_GOES_ON && rescue && rescue_check(rescue, task->step, &task->now, run->diags))
        result = RECHECK_REFUSED;
    switch (result) {
    case RECHECK_GOES_ON:
        change(task);
        break;
    case RECHECK_DONE:
        keep_left(task, live);
        finish(task, OUTCOME_DONE);
        break;
    case RECHECK_REFUSED:
        run->refused = true;
        finish(task, OUTCOME_FAILED);
        break;
    }
}

/* The second of two updates, while the first one is at work: servers before 2.15 may never answer it (2.9.10, 2.10.27). */
static bool waits_for_copies(struct task *task, const struct api_reply *reply)
{
    static const struct passing moving = {.tries = 240, .pause_ms = 250};
    if (!task->first_done || !task->step->moves || task->waits == moving.tries ||
        info_is_settled(reply->body))
        return false;
    task->waits++;
    task->passing = &moving;
    return true;
}

static void on_looked(void *context, const struct api_reply *reply)
{
    struct task *task = context;
    struct live_object live;
    if (reply->outcome != API_DONE)
        on_reply(task, reply);
    else if (waits_for_copies(task, reply))
        return;
    else if (task->step->stream ? live_consumer(reply->body, &live) : live_stream(reply->body, &live))
        change_if_same(task, &live);
    else /* the reply does not describe the object */
        task->uncertain = true;
}

static void look(struct task *task)
{
    submit(task, REQUEST_READ, NULL, on_looked);
}

static void on_holdings(void *context)
{
    struct task *task = context;
    if (task->holdings.reply.outcome == API_DONE)
        look(task);
    else
        on_reply(task, &task->holdings.reply);
}

/* The plan may be old, as when others were waited for, or many ranks come before. */
static void look_and_change(struct task *task)
{
    struct run *run = task->run;
    task->doing = task->step->action == ACTION_DELETE ? REQUEST_DELETE : REQUEST_UPDATE;
    task->looks_inside = recheck_asks_stream(task->step, &task->holdings);
    task->holdings.arena = run->arena;
    task->holdings.done = on_holdings;
    task->holdings.context = task;
    if (task->looks_inside)
        holdings_ask(*run->server, &task->holdings);
    else
        look(task);
}

/* nats-server 2.9 makes an update of the creation of a consumer that is there already. */
static bool may_overwrite(const struct task *task)
{
    return task->step->stream && !version_has(task->run->plan->target.version, VERSION(2, 10, 0));
}

static void on_place_looked(void *context, const struct api_reply *reply)
{
    struct task *task = context;
    struct run *run = task->run;
    bool free = api_is_not_found(reply);
    if (free && run->stopped) {
        finish(task, OUTCOME_SKIPPED);
    } else if (free) {
        send(task, REQUEST_CREATE, NULL);
    } else if (reply->outcome != API_DONE) {
        on_reply(task, reply);
    } else if (is_as_wanted(task, reply)) {
        finish(task, OUTCOME_DONE);
    } else {
        recheck_refuse_place(task->step, run->diags);
        run->refused = true;
        finish(task, OUTCOME_FAILED);
    }
}

static void look_and_create(struct task *task)
{
    task->doing = REQUEST_CREATE;
    submit(task, REQUEST_READ, NULL, on_place_looked);
}

/* ---- outcomes ---- */

static void begin(struct task *task)
{
    if (task->step->action != ACTION_CREATE)
        look_and_change(task);
    else if (may_overwrite(task))
        look_and_create(task);
    else
        send(task, REQUEST_CREATE, NULL);
}

static void start(struct task *task)
{
    task->tries++;
    begin(task);
}

static void on_failure(struct task *task, const struct api_reply *reply)
{
    static const char *const verbs[] = {
        [REQUEST_CREATE] = "create", [REQUEST_UPDATE] = "update",  [REQUEST_PAUSE] = "pause",
        [REQUEST_DELETE] = "delete", [REQUEST_READ] = "read back",
    };
    bool gone = api_is_not_found(reply);
    if (gone && task->doing == REQUEST_DELETE) {
        finish(task, OUTCOME_DONE); /* as wanted */
        return;
    }
    struct diags *diags = task->run->diags;
    api_diagnose(diags, *task->run->server, task->step->pos,
                 arena_printf(&diags->arena, "%s %s", verbs[task->doing], task->step->label), reply);
    finish(task, OUTCOME_FAILED);
}

/*
 * What a killed run has sent may still be at work: then it is the wanted stream itself that has the name or the
 * subjects.
 */
static bool says_it_exists(const struct api_reply *reply)
{
    return reply->outcome == API_ERROR &&
           (reply->err_code == STREAM_IN_USE || reply->err_code == SUBJECTS_OVERLAP ||
            reply->err_code == CONSUMER_EXISTS);
}

/*
 * Has the refusal passed by itself soon? Then the request is sent again. False if it is another refusal, or has not
 * passed in time. The user is told once, because more requests for the same thing should not happen in secret.
 */
static bool waits_for_another_try(struct task *task, const struct api_reply *reply)
{
    struct diags *diags = task->run->diags;
    const struct passing *passing = api_passing(reply);
    if (!passing || task->again >= passing->tries)
        return false;
    if (task->again++ == 0) {
        struct diag *diag = diag_add(diags, &code_sent_again, task->step->pos,
                                     "the request for %s is sent again: the server answered '%s' (%d)",
                                     task->step->label, reply->description, reply->err_code);
        diag_note(diags, diag, (struct srcpos){0}, "%s", passing->why);
    }
    task->passing = passing;
    return true;
}

static void on_second_look(void *context, const struct api_reply *reply)
{
    struct task *task = context;
    if (is_as_wanted(task, reply))
        finish(task, OUTCOME_DONE);
    else
        on_failure(task, &task->refusal);
}

static void look_again(struct task *task, const struct api_reply *reply)
{
    task->refusal = *reply;
    task->refusal.description = arena_strdup(&task->run->diags->arena, reply->description);
    submit(task, REQUEST_READ, NULL, on_second_look);
}

static void on_reply(void *context, const struct api_reply *reply)
{
    struct task *task = context;
    bool cut =
        reply->outcome == API_TIMEOUT || reply->outcome == API_DISCONNECTED || reply->outcome == API_STRANGE;
    if (cut)
        task->uncertain = true;
    else if (waits_for_another_try(task, reply))
        return;
    else if (task->doing == REQUEST_CREATE && says_it_exists(reply))
        look_again(task, reply);
    else if (reply->outcome != API_DONE)
        on_failure(task, reply);
    else if (task->doing == REQUEST_CREATE || task->doing == REQUEST_UPDATE)
        on_written(task, reply);
    else
        finish(task, OUTCOME_DONE);
}

/* ---- settling what was cut off, by reading ---- */

/* The object of a request that was cut off was read. If the request was not carried out, the step is tried once more. */
static void on_read_back(void *context, const struct api_reply *reply)
{
    struct task *task = context;
    struct object *live = NULL;
    bool missing = api_is_not_found(reply);
    if (is_as_wanted(task, reply)) {
        finish(task, OUTCOME_DONE);
    } else if (task->tries == TRIES_MOST || (!missing && !decode_reply(task, reply, &live))) {
        task->uncertain = true;
    } else if (missing && task->step->action != ACTION_CREATE) {
        diag_error(task->run->diags, &code_api, task->step->pos, "%s is no longer there", task->step->label);
        finish(task, OUTCOME_FAILED);
    } else if (task->run->stopped) {
        finish(task, OUTCOME_FAILED);
    } else if (live && task->step->action == ACTION_CREATE) {
        task->tries++;
        send(task, REQUEST_UPDATE, live);
    } else {
        start(task);
    }
}

/* How many steps that were tried `tries` times have an unknown outcome. */
static size_t count_uncertain(const struct run *run, int tries)
{
    size_t count = 0;
    for (size_t i = 0; i < run->plan->steps.count; i++)
        count += run->tasks[i].uncertain && run->tasks[i].tries == tries;
    return count;
}

/* May new requests be sent? Not after a signal, and not without the lock. */
static bool may_go_on(struct run *run)
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

static void read_back(struct run *run, int tries)
{
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        struct task *task = &run->tasks[i];
        if (!task->uncertain || task->tries != tries)
            continue;
        task->uncertain = false;
        submit(task, REQUEST_READ, NULL, on_read_back);
    }
    api_drain(*run->server);
}

static bool connect_again(struct run *run)
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
static void give_up(struct run *run)
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
        finish(task, OUTCOME_UNKNOWN);
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
static int64_t pause_before_another_try(const struct run *run)
{
    int64_t pause_ms = 0;
    for (size_t i = 0; i < run->plan->steps.count; i++)
        if (run->tasks[i].passing && run->tasks[i].passing->pause_ms > pause_ms)
            pause_ms = run->tasks[i].passing->pause_ms;
    return pause_ms;
}

static void let_refusals_pass(struct run *run)
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
                begin(task);
            else
                finish(task, OUTCOME_FAILED);
        }
        api_drain(*run->server);
    }
}

static void settle(struct run *run)
{
    let_refusals_pass(run);
    for (int tries = 1; tries <= TRIES_MOST && count_uncertain(run, tries) && connect_again(run); tries++) {
        may_go_on(run); /* its result does not matter: reading is always allowed */
        read_back(run, tries);
        let_refusals_pass(run);
    }
    give_up(run);
}

/* ---- ranks ---- */

static bool is_done(const struct run *run, const struct step *step)
{
    return step->whole ? run->tasks[step->whole->index].first_done
                       : run->report->outcomes[step->index] == OUTCOME_DONE;
}

static bool is_ready(const struct run *run, const struct step *step)
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

/* After the first part, what is left is an update of what it has made. */
static const struct step *rest_of(struct task *task, const struct step *step)
{
    struct run *run = task->run;
    struct step *rest = ARENA_NEW(run->arena, struct step);
    *rest = step_from(step, task->left);
    rest->action = ACTION_UPDATE;
    rest->loss = step->loss;
    rest->holdings = step->holdings;
    rest->moves = step->moves;
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
    struct run *run = task->run;
    bool ready = *run->server && may_go_on(run) && is_ready(run, step);
    if (ready && task->first_done) {
        take(task, rest_of(task, step));
        start(task);
    } else if (ready) {
        take(task, step);
        start(task);
    } else if (task->first_done) {
        take(task, step);
        report_half(task, step);
        finish(task, OUTCOME_FAILED);
    } else {
        take(task, step);
        finish(task, OUTCOME_SKIPPED);
    }
}

static void run_rank(struct run *run, size_t rank)
{
    bool connected = *run->server != NULL;
    for (size_t i = 0; i < run->plan->steps.count; i++) {
        const struct step *step = run->plan->steps.items[i];
        bool waiting = run->report->outcomes[i] == OUTCOME_WAITING;
        if (step->first && step->first->rank == rank)
            run_part(&run->tasks[i], step->first);
        else if (step->rank == rank && waiting)
            run_part(&run->tasks[i], step);
    }
    if (connected)
        api_drain(*run->server);
    settle(run);
}

int apply_plan(struct arena *arena, struct server **server, const struct plan *plan,
               const struct apply_options *options, struct apply_report *ret_report, struct diags *diags)
{
    struct run run = {
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
