/* Steps, request by request; see task.h. */
#include "apply/task.h"

#include <string.h>

#include "apply/refresh.h"
#include "base/strbuf.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/saved.h"
#include "plan/step.h"

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
};

static void on_reply(void *context, const struct api_reply *reply);

void task_finish(struct task *task, enum outcome outcome)
{
    struct apply_run *run = task->run;
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
    struct apply_run *run = task->run;
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

bool task_is_live(const struct step *step, const struct node *info, struct live_object *ret_live)
{
    return info && (step->stream ? live_consumer(info, ret_live) : live_stream(info, ret_live));
}

void task_keep_left(struct task *task, const struct live_object *live)
{
    struct apply_run *run = task->run;
    if (!task->step->whole)
        return;
    struct live_object kept = live_keep(run->arena, live);
    task->left = live_decode(run->arena, &kept, run->plan->target.now);
}

static bool decode_reply(struct task *task, const struct api_reply *reply, struct object **ret_object)
{
    struct live_object live;
    if (!task_is_live(task->step, reply->body, &live))
        return false;
    task_keep_left(task, &live);
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
        task_finish(task, OUTCOME_FAILED);
        return;
    }
    size_t differing = echo_compare(reply->arena, &task->now, &task->run->plan->target, echo, &probe);
    /* Sealing, and a threshold that the server has filled in, take an update of their own. */
    if (differing && !task->adjusted) {
        task->adjusted = true;
        send(task, REQUEST_UPDATE, echo);
    } else if (differing) {
        echo_report(task->step, &probe, task->run->diags);
        task_finish(task, OUTCOME_FAILED);
    } else if (changes_pause(task->step)) {
        send(task, REQUEST_PAUSE, NULL);
    } else {
        task_finish(task, OUTCOME_DONE);
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
    struct apply_run *run = task->run;
    if (run->stopped)
        task_finish(task, OUTCOME_SKIPPED);
    else if (task->step->action == ACTION_DELETE)
        send(task, REQUEST_DELETE, NULL);
    else if (only_pauses(&task->now, run->plan->revision))
        send(task, REQUEST_PAUSE, NULL);
    else
        send(task, REQUEST_UPDATE, task->now.live);
}

static void change_if_same(struct task *task, const struct live_object *live)
{
    struct apply_run *run = task->run;
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
        task_keep_left(task, live);
        task_finish(task, OUTCOME_DONE);
        break;
    case RECHECK_REFUSED:
        run->refused = true;
        task_finish(task, OUTCOME_FAILED);
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
    else if (task_is_live(task->step, reply->body, &live))
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
    struct apply_run *run = task->run;
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
    struct apply_run *run = task->run;
    bool free = api_is_not_found(reply);
    if (free && run->stopped) {
        task_finish(task, OUTCOME_SKIPPED);
    } else if (free) {
        send(task, REQUEST_CREATE, NULL);
    } else if (reply->outcome != API_DONE) {
        on_reply(task, reply);
    } else if (is_as_wanted(task, reply)) {
        task_finish(task, OUTCOME_DONE);
    } else {
        recheck_refuse_place(task->step, run->diags);
        run->refused = true;
        task_finish(task, OUTCOME_FAILED);
    }
}

static void look_and_create(struct task *task)
{
    task->doing = REQUEST_CREATE;
    submit(task, REQUEST_READ, NULL, on_place_looked);
}

/* ---- outcomes ---- */

void task_begin(struct task *task)
{
    if (task->step->action != ACTION_CREATE)
        look_and_change(task);
    else if (may_overwrite(task))
        look_and_create(task);
    else
        send(task, REQUEST_CREATE, NULL);
}

void task_start(struct task *task)
{
    task->tries++;
    task_begin(task);
}

static void on_failure(struct task *task, const struct api_reply *reply)
{
    static const char *const verbs[] = {
        [REQUEST_CREATE] = "create", [REQUEST_UPDATE] = "update",  [REQUEST_PAUSE] = "pause",
        [REQUEST_DELETE] = "delete", [REQUEST_READ] = "read back",
    };
    bool gone = api_is_not_found(reply);
    if (gone && task->doing == REQUEST_DELETE) {
        task_finish(task, OUTCOME_DONE); /* as wanted */
        return;
    }
    struct diags *diags = task->run->diags;
    api_diagnose(diags, *task->run->server, task->step->pos,
                 arena_printf(&diags->arena, "%s %s", verbs[task->doing], task->step->label), reply);
    task_finish(task, OUTCOME_FAILED);
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
        task_finish(task, OUTCOME_DONE);
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
        task_finish(task, OUTCOME_DONE);
}

/* ---- settling what was cut off, by reading ---- */

/* The object of a request that was cut off was read. If the request was not carried out, the step is tried once more. */
static void on_read_back(void *context, const struct api_reply *reply)
{
    struct task *task = context;
    struct object *live = NULL;
    bool missing = api_is_not_found(reply);
    if (is_as_wanted(task, reply)) {
        task_finish(task, OUTCOME_DONE);
    } else if (task->tries == TASK_TRIES_MOST || (!missing && !decode_reply(task, reply, &live))) {
        task->uncertain = true;
    } else if (missing && task->step->action != ACTION_CREATE) {
        diag_error(task->run->diags, &code_api, task->step->pos, "%s is no longer there", task->step->label);
        task_finish(task, OUTCOME_FAILED);
    } else if (task->run->stopped) {
        task_finish(task, OUTCOME_FAILED);
    } else if (live && task->step->action == ACTION_CREATE) {
        task->tries++;
        send(task, REQUEST_UPDATE, live);
    } else {
        task_start(task);
    }
}

void task_read_back(struct task *task)
{
    task->uncertain = false;
    submit(task, REQUEST_READ, NULL, on_read_back);
}
