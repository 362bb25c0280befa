/*
 * Taking, keeping and releasing the lock; see lock.h, and refresh.c for the requests.
 *
 * Why it is safe. A run makes its stream and then lists the project's locks. It holds the lock if its own is the only
 * one. Of two runs, either the later one sees the other's stream, or both see each other. In that case the name that
 * sorts first stays, and waits until the other is gone. So nothing depends on a server to refuse a request. Clusters
 * before 2.12 do not refuse the second of two requests at the same moment.
 *
 * Why it also lists before. A run that finds the lock taken then makes no stream, and has none to delete. Servers up to
 * 2.15.2 may take the store of a stream away that the holder creates while another stream is deleted (server/api.h).
 *
 * A run deletes another run's stream only if
 *   - its consumer is gone: the server removes it LOCK_HOLD_MS after the last question. The holder gives up earlier, LEASE_MS after the
 *     last question that was answered, and never makes the consumer again; or
 *   - it has had no consumer for longer than NEWBORN_MS: the holder gives up if its consumer was not made within BIRTH_MS.
 *
 * Measured on 2.9.10, 2.10.27 and 2.15.1: a pull with no_wait renews a consumer's inactive_threshold, even if it finds
 * no messages (404). For a consumer that is gone the answer is 503, and on 2.9.10 there is none. That is why there is a
 * second question.
 */
#include "apply/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/refresh.h"
#include "base/clock.h"
#include "base/text.h"
#include "server/api.h"

static DIAG_CODE(code_locked, .name = "locked", CODE_ERROR(EXIT_LOCKED),
                 .doc = "Another run holds the project's lock; the message names it.",
                 .why = "Two applies at once on one project would get into each other's way.",
                 .example = "natsform apply",
                 .remedy = "Wait with --lock-timeout; 'unlock' removes what is left of a run that is gone.");

DIAG_CODE(code_lock, .name = "lock", CODE_ERROR(EXIT_FAILED),
          .doc = "The project's lock cannot be taken for another reason than that somebody has it.",
          .why = "Without the lock nothing is changed.", .example = "natsform apply",
          .remedy = "See the message: most often a permission, or JetStream without a leader.");

static DIAG_CODE(
    code_lock_lost, .name = "lock-lost", CODE_ERROR(EXIT_FAILED),
    .doc = "The run lost its lock, as when it stood still for too long, and stopped before its next change.",
    .why = "Another run may hold it now.", .example = "a process stopped for a minute",
    .remedy = "Run the command again: it reads first.");

static DIAG_CODE(code_lock_left, .name = "lock-left", CODE_WARNING,
                 .doc = "The lock could not be removed at the end of the run; it dies by itself.",
                 .why = "It frees itself within a minute.", .example = "a connection lost at the end",
                 .remedy = "Wait, or use 'unlock'.");

enum {
    BEAT_MS = 5000,     /* time between two questions */
    LEASE_MS = 20000,   /* how long an answer proves that the lock is ours */
    BIRTH_MS = 5000,    /* a new lock must have its consumer within this time */
    NEWBORN_MS = 10000, /* a lock without a consumer is dead after this time */
    OLD_S = 60,         /* a lock that was made so long ago is not new, even if clocks of servers differ */
    LOOK_MS = 250,      /* how often to look at another run's lock */
    BRIEF_MS = 20,      /* how often to look at a lock that is just being taken */
    LISTED_MOST_MS = 5000,
    LATE_MOST = 3,   /* how often a lock that came too late for its consumer is made anew */
    UNREAD_MOST = 2, /* a lock that cannot be read so often counts as another run's */
    SUBJECTS_OVERLAP = 10065,
};

struct lock {
    struct arena arena;
    struct server *server; /* where the questions go */
    const char *project;
    bool adopts;             /* it is that of adoption */
    struct lock *also;       /* taken after it, and released before; NULL: there is none */
    const char *prefix;      /* of the project's streams */
    const char *stream;      /* our own; NULL while there is none */
    const char *consumer;    /* "STREAM.NAME", for the questions */
    int64_t begun;           /* when the stream was requested */
    struct api_answer birth; /* the reply about the consumer's creation */
    int64_t born_at;         /* when that reply came; 0 before */
    bool lost;
    int64_t good_since; /* when the last answered question was sent */
    int64_t asked_at;
    bool renewing, looking; /* which of a beat's two questions still have no answer */
    bool answered;          /* both have one */
};

/* ---- words ---- */

const char *lock_subject_of(struct arena *arena, const char *project)
{
    return project ? arena_printf(arena, "project '%s'", project) : "manifests without a project";
}

static const char *subject_of(struct arena *arena, const struct lock *lock)
{
    return lock->adopts ? LOCK_ADOPTION : lock_subject_of(arena, lock->project);
}

static int fail(const struct lock *lock, struct server *server, struct diags *diags,
                const struct api_answer *reply)
{
    struct diag *diag =
        api_diagnose(diags, server, (struct srcpos){0},
                     arena_printf(&diags->arena, "lock %s", subject_of(&diags->arena, lock)), &reply->is);
    if (diag->hint)
        diag_note(diags, diag, (struct srcpos){0}, LOCK_GO_WITHOUT);
    else
        diag_hint(diags, diag, LOCK_GO_WITHOUT);
    return -1;
}

static int locked(const struct lock *lock, const struct lock_found *found, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_locked, (struct srcpos){0}, "%s %s locked: %s", subject_of(&diags->arena, lock),
                 lock->project || lock->adopts ? "is" : "are", found->who);
    diag_hint(
        diags, diag,
        "'--lock-timeout 5m' waits for it; a run that died loses it within a minute, or by 'natsform unlock'");
    return -1;
}

/* ---- looking for others ---- */

/* Was the lock made so long ago that it is not new? The server's own clock decides; only 2.10 and later tell it. */
static bool is_old(const struct lock_state *state)
{
    return state->now.seconds && state->now.seconds - state->created.seconds > OLD_S;
}

/*
 * Reads a lock. False if it is gone. A lock that cannot be read counts as alive: its server may be down, and clusters
 * before 2.10 do not answer while a stream is being made.
 */
static bool read_state(struct arena *arena, struct server *server, const char *stream,
                       struct lock_state *ret_state)
{
    struct api_answer reply = lock_request(arena, server, "STREAM.INFO", stream, "stream_info_response");
    if (api_is_not_found(&reply.is))
        return false;
    if (reply.is.outcome == API_DONE)
        lock_state_read(arena, reply.is.body, ret_state);
    else
        *ret_state = (struct lock_state){
            .unreadable = true,
            .consumers = 1,
            .who = arena_printf(arena, "by whom cannot be read: %s", reply.is.description)};
    return true;
}

static struct api_answer remove_stream(struct arena *arena, struct server *server, const char *stream)
{
    return lock_request(arena, server, "STREAM.DELETE", stream, "stream_delete_response");
}

static bool is_removed(const struct api_answer *reply)
{
    return reply->is.outcome == API_DONE || api_is_not_found(&reply->is);
}

/* Another run's lock, watched until it is gone or dead. */
struct watch {
    char stream[256];        /* the one that is watched; "" at first */
    bool lived;              /* its consumer was seen, which is made only once */
    int64_t childless_since; /* 0: it has its consumer */
    int64_t told_at;
    int unread; /* how often in a row it could not be read */
};

/*
 * Is the lock dead? It is if its consumer is gone, or if it has had none for too long. If the lock cannot be read,
 * nothing is known about its consumer.
 */
static bool has_died(struct watch *watch, const char *stream, const struct lock_state *state)
{
    int64_t now = clock_ms();
    bool same = strcmp(watch->stream, stream) == 0;
    if (state->unreadable)
        return false;
    watch->unread = 0;
    watch->lived = state->consumers || (same && watch->lived);
    if (state->consumers || !same || !watch->childless_since)
        watch->childless_since = state->consumers ? 0 : now;
    snprintf(watch->stream, sizeof(watch->stream), "%s", stream);
    return !state->consumers && (is_old(state) || watch->lived || now - watch->childless_since > NEWBORN_MS);
}

enum others {
    OTHERS_NONE,
    OTHERS_LATER,  /* they will give way to us */
    OTHERS_FIRST,  /* there is a new lock that comes before ours */
    OTHERS_HOLD,   /* somebody has the lock */
    OTHERS_FAILED, /* it is not known; with a diagnostic */
};

/* One look at the locks that there are. */
struct look {
    struct arena *arena;
    struct server *server;
    const struct lock *lock; /* ours; without a stream before that is made */
    struct watch *watch;
    struct api_answer page;  /* was asked for already */
    struct lock_found found; /* who is in the way */
};

/* Judges the locks of the page, and removes dead ones. */
static enum others judge_others(struct look *look, struct diags *diags)
{
    const struct lock *lock = look->lock;
    struct watch *watch = look->watch;
    const struct node *names = lock_names_in(&look->page);
    enum others result = OTHERS_NONE;
    bool watches = false; /* only the first lock is watched; when it is gone, the next one is */
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i]->text;
        struct lock_state state;
        if (!text_begins(name, lock->prefix) || (lock->stream && strcmp(name, lock->stream) == 0) ||
            !read_state(look->arena, look->server, name, &state))
            continue;
        bool later = lock->stream && strcmp(name, lock->stream) > 0;
        if (state.consumers || result == OTHERS_NONE || result == OTHERS_LATER)
            look->found = (struct lock_found){.stream = name, .who = state.who};
        bool died = watches ? !state.consumers && is_old(&state) : has_died(watch, name, &state);
        watches |= !died;
        if (died) {
            struct api_answer reply = remove_stream(look->arena, look->server, name);
            if (!is_removed(&reply)) {
                fail(lock, look->server, diags, &reply);
                return OTHERS_FAILED;
            }
        } else if (state.consumers && !(state.unreadable && watch->unread++ < UNREAD_MOST)) {
            return OTHERS_HOLD;
        } else if (result < OTHERS_FIRST) {
            result = later ? OTHERS_LATER : OTHERS_FIRST;
        }
    }
    return result;
}

static bool is_listed(const struct lock *lock, const struct api_answer *page)
{
    const struct node *names = lock_names_in(page);
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i]->text, lock->stream) == 0)
            return true;
    return false;
}

/* Once our own lock exists, only a list with it counts: then every earlier one is in it too. */
static enum others look_at_others(struct look *look, struct diags *diags)
{
    const struct lock *lock = look->lock;
    struct api_answer *page = &look->page;
    int64_t deadline = clock_ms() + LISTED_MOST_MS;
    int failed = lock_names_read(look->arena, look->server, lock->prefix, page);
    while (!failed && lock->stream && !is_listed(lock, page) && clock_ms() < deadline) {
        clock_pause(BRIEF_MS);
        lock_names_send(look->arena, look->server, 0, page);
        failed = lock_names_read(look->arena, look->server, lock->prefix, page);
    }
    if (failed) {
        fail(lock, look->server, diags, page);
        return OTHERS_FAILED;
    }
    if (lock->stream && !is_listed(lock, page)) {
        struct diag *diag =
            diag_add(diags, &code_lock, (struct srcpos){0},
                     "cannot lock %s: the server does not list the lock", subject_of(&diags->arena, lock));
        diag_hint(diags, diag,
                  "somebody else may have removed it: run the same command again. " LOCK_GO_WITHOUT);
        return OTHERS_FAILED;
    }
    return judge_others(look, diags);
}

/* ---- taking ---- */

/* What was tried already. */
struct tries {
    bool captured; /* with a subject that no other stream captures */
    int passing;   /* how often after a refusal that passes */
    bool unheard;  /* after no reply */
};

/*
 * In a cluster the reply comes from the stream's own server. It is lost if that server does not know yet that somebody
 * here waits for it: seen on 2.15.1, just after the start. The stream is too old to be kept by then (BIRTH_MS).
 */
static bool takes_back(struct lock *lock, struct server *server, struct tries *tries)
{
    if (tries->unheard || !server_is_connected(server))
        return false;
    tries->unheard = true;
    struct api_answer removal = remove_stream(&lock->arena, server, lock->stream);
    return is_removed(&removal);
}

/* May the request succeed a moment later, or in another form? */
static bool may_try_again(struct lock *lock, struct server *server, const struct api_answer *reply,
                          struct tries *tries)
{
    if (reply->is.outcome == API_TIMEOUT)
        return takes_back(lock, server, tries);
    if (reply->is.outcome == API_ERROR && reply->is.err_code == SUBJECTS_OVERLAP && !tries->captured)
        return tries->captured = true;
    const struct passing *passing = api_passing(&reply->is);
    if (!passing || tries->passing == passing->tries)
        return false;
    tries->passing++;
    clock_pause(passing->pause_ms);
    return true;
}

/* Creates our stream and requests the list right behind it, without waiting in between. Returns 0, or -1 with a diagnostic. */
static int create(struct lock *lock, struct server *server, const struct lock_options *options,
                  struct api_answer *page, struct diags *diags)
{
    struct api_answer reply = {0};
    struct arena *arena = &lock->arena;
    struct tries tries = {.captured = options->captured};
    lock->born_at = 0;
    for (size_t i = 0; i < LOCK_STORAGES; i++) {
        lock->stream = arena_printf(arena, "%s%s", lock->prefix, lock_token(arena));
        lock->consumer = arena_printf(arena, "%s." LOCK_CONSUMER, lock->stream);
        lock->begun = clock_ms();
        lock_send(arena, server,
                  &(struct api_request){
                      .verb = "STREAM.CREATE",
                      .name = lock->stream,
                      .body = lock_stream_config(arena, lock->stream, options->who, &lock_storages[i],
                                                 tries.captured),
                      .type = "stream_create_response",
                  },
                  &reply);
        lock_names_send(arena, server, 0, page);
        api_wait(server, &reply.done, INT64_MAX / 2);
        api_wait(server, &page->done, INT64_MAX / 2);
        if (may_try_again(lock, server, &reply, &tries))
            i--;
        else if (!lock_may_fit_elsewhere(&reply))
            break;
    }
    if (reply.is.outcome == API_DONE)
        return 0;
    fail(lock, server, diags, &reply);
    if (server_is_connected(server) && reply.is.outcome != API_ERROR && reply.is.outcome != API_FORBIDDEN)
        /* The request may have been carried out, or may still be. */
        remove_stream(arena, server, lock->stream);
    return -1;
}

/* Requests the consumer, and does not wait for the reply. lock_check() does. */
static void give_birth(struct lock *lock, struct server *server)
{
    lock_send(&lock->arena, server,
              &(struct api_request){
                  .verb = "CONSUMER.CREATE",
                  .name = lock->consumer,
                  .body = lock_consumer_config(&lock->arena, lock->stream, LOCK_HOLD_MS),
                  .type = "consumer_create_response",
              },
              &lock->birth);
}

static void tell(const struct lock_options *options, struct watch *watch, const char *who, int64_t since)
{
    int64_t now = clock_ms();
    if (!options->waiting || now - watch->told_at < 1000)
        return;
    watch->told_at = now;
    options->waiting(options->context, who, now - since);
}

/*
 * Before we make a stream: waits until nobody has the lock. A lock without a consumer is either new or dead. That shows
 * soon, so it is waited for in any case. Returns 0, or -1 with a diagnostic.
 */
static int outwait(struct lock *lock, struct server *server, const struct lock_options *options,
                   struct watch *watch, int64_t since, struct diags *diags)
{
    struct arena arena;
    int failed = 0;
    arena_init(&arena);
    for (bool waits = true; waits && !failed; arena_reset(&arena)) {
        struct look look = {.arena = &arena, .server = server, .lock = lock, .watch = watch};
        lock_names_send(&arena, server, 0, &look.page);
        enum others result = look_at_others(&look, diags);
        waits = result != OTHERS_NONE;
        if (result == OTHERS_FAILED)
            failed = -1;
        else if (waits && options->interrupted && options->interrupted())
            failed =
                diag_error(diags, &code_interrupted, (struct srcpos){0}, "interrupted; nothing was changed");
        else if (result == OTHERS_HOLD && clock_ms() - since >= options->wait_ms)
            failed = locked(lock, &look.found, diags);
        if (!waits || failed)
            break;
        tell(options, watch, look.found.who, since);
        clock_pause(result == OTHERS_HOLD ? LOOK_MS : BRIEF_MS);
    }
    arena_release(&arena);
    return failed;
}

/* With a stream of our own: returns OTHERS_NONE once it is the only one, else why it was taken back. */
static enum others compete(struct look *look, struct diags *diags)
{
    enum others result = look_at_others(look, diags);
    while (result == OTHERS_LATER && clock_ms() - look->lock->begun < BIRTH_MS) {
        clock_pause(BRIEF_MS);
        lock_names_send(look->arena, look->server, 0, &look->page);
        result = look_at_others(look, diags);
    }
    if (result != OTHERS_NONE && server_is_connected(look->server))
        remove_stream(look->arena, look->server, look->lock->stream);
    return result;
}

/*
 * On a machine that stands still, that may have taken so long that others will take the lock for dead before it has its consumer.
 * Nothing was done under it: another one is made.
 */
static bool came_too_late(struct lock *lock, struct server *server)
{
    if (clock_ms() - lock->begun < BIRTH_MS || !server_is_connected(server))
        return false;
    struct api_answer removal = remove_stream(&lock->arena, server, lock->stream);
    return is_removed(&removal);
}

/* ---- keeping ---- */

static void note_beat(struct lock *lock)
{
    lock->answered = !lock->looking && (!lock->renewing || lock->lost);
}

static void on_renewed(void *context, const struct api_reply *reply)
{
    struct lock *lock = context;
    lock->renewing = false;
    if (reply->outcome == API_DONE && !lock->lost)
        lock->good_since = lock->asked_at;
    note_beat(lock);
}

static void on_looked(void *context, const struct api_reply *reply)
{
    struct lock *lock = context;
    lock->looking = false;
    if (api_is_not_found(reply))
        lock->lost = true;
    note_beat(lock);
}

static void ask(struct lock *lock)
{
    lock->renewing = lock->looking = true;
    lock->answered = false;
    lock->asked_at = clock_ms();
    api_submit(lock->server, &(struct api_request){.verb = "CONSUMER.MSG.NEXT",
                                                   .name = lock->consumer,
                                                   .body = "{\"batch\":1,\"no_wait\":true}",
                                                   .done = on_renewed,
                                                   .context = lock});
    api_submit(lock->server, &(struct api_request){.verb = "CONSUMER.INFO",
                                                   .name = lock->consumer,
                                                   .type = "consumer_info_response",
                                                   .done = on_looked,
                                                   .context = lock});
}

/* Has the reply come that the consumer was made? Does not wait for it. */
static bool is_born(struct lock *lock)
{
    if (!lock->born_at && lock->birth.done && lock->birth.is.outcome == API_DONE) {
        lock->born_at = clock_ms();
        lock->lost |= lock->born_at - lock->begun > BIRTH_MS;
        lock->good_since = lock->asked_at = lock->begun;
    }
    return lock->born_at != 0;
}

static int64_t on_tick(void *context)
{
    struct lock *lock = context;
    if (!is_born(lock))
        return BRIEF_MS;
    int64_t due = lock->asked_at + BEAT_MS - clock_ms();
    if (lock->lost)
        return LOCK_HOLD_MS;
    if (due > 0)
        return due;
    if (!lock->renewing && !lock->looking)
        ask(lock);
    return BEAT_MS;
}

static void keep_alive_over(struct lock *lock, struct server *server)
{
    lock->server = server;
    lock->renewing = lock->looking = false;
    lock->answered = true;
    server_set_tick(server, on_tick, lock);
}

bool lock_holds(struct lock *lock)
{
    return is_born(lock) && !lock->lost && clock_ms() - lock->good_since < LEASE_MS &&
           (!lock->also || lock_holds(lock->also));
}

/* The new connection may be to a server that was restarted and has lost the lock, so an old answer proves nothing. */
void lock_reconnected(struct lock *lock, struct server *server)
{
    keep_alive_over(lock, server);
    lock->good_since = clock_ms() - LEASE_MS;
    if (lock->also)
        lock_reconnected(lock->also, server);
}

/*
 * Waits until the consumer was made. A cluster that chooses a new leader at that moment may not find the stream yet (2.9.10, on a busy
 * machine); as long as the lock is young, it is asked again.
 */
static bool await_birth(struct lock *lock)
{
    const struct api_reply *reply = &lock->birth.is;
    api_wait(lock->server, &lock->birth.done, INT64_MAX / 2);
    while (api_is_not_found(reply) && clock_ms() - lock->begun < BIRTH_MS) {
        api_pause(lock->server, BRIEF_MS);
        give_birth(lock, lock->server);
        api_wait(lock->server, &lock->birth.done, INT64_MAX / 2);
    }
    return is_born(lock);
}

int lock_check(struct lock *lock, struct diags *diags)
{
    if (!is_born(lock) && !await_birth(lock)) {
        if (!api_is_not_found(&lock->birth.is))
            return fail(lock, lock->server, diags, &lock->birth);
        lock->lost = true;
    }
    if (is_born(lock) && !lock->lost && clock_ms() - lock->good_since >= LEASE_MS / 2) {
        if (!lock->renewing && !lock->looking)
            ask(lock);
        api_wait(lock->server, &lock->answered, LEASE_MS);
    }
    if (lock->also && lock_check(lock->also, diags))
        return -1;
    if (lock_holds(lock))
        return 0;
    struct diag *diag = diag_add(diags, &code_lock_lost, (struct srcpos){0}, "the lock of %s was lost: %s",
                                 subject_of(&diags->arena, lock),
                                 !lock->lost     ? "the server does not answer for it"
                                 : is_born(lock) ? "the server has removed it"
                                                 : "it was removed before it was held");
    diag_hint(diags, diag,
              "another run may be at work by now; run the same command again to see what is left to do");
    return -1;
}

/* ---- the whole ---- */

static void lock_free(struct lock *lock)
{
    arena_release(&lock->arena);
    free(lock);
}

int lock_take(struct server *server, const struct lock_options *options, struct lock **ret_lock,
              struct diags *diags)
{
    struct lock *lock = base_alloc(sizeof(*lock));
    struct watch watch = {0};
    enum others result = OTHERS_FAILED;
    int64_t since = clock_ms();
    int late = 0;
    arena_init(&lock->arena);
    lock->adopts = options->adopts;
    lock->project = options->project ? arena_strdup(&lock->arena, options->project) : NULL;
    lock->prefix = lock_prefix(&lock->arena, options->project);
    do {
        struct look look = {.arena = &lock->arena, .server = server, .lock = lock, .watch = &watch};
        lock->stream = NULL;
        result = outwait(lock, server, options, &watch, since, diags) ||
                         create(lock, server, options, &look.page, diags)
                     ? OTHERS_FAILED
                     : compete(&look, diags);
        if (result == OTHERS_NONE && late < LATE_MOST && came_too_late(lock, server)) {
            late++;
            result = OTHERS_LATER;
        }
    } while (result != OTHERS_NONE && result != OTHERS_FAILED);
    if (result != OTHERS_NONE) {
        lock_free(lock);
        return -1;
    }
    give_birth(lock, server);
    keep_alive_over(lock, server);
    *ret_lock = lock;
    return 0;
}

void lock_release(struct lock *lock, struct server *server, struct diags *diags)
{
    if (!lock)
        return;
    lock_release(lock->also, server, diags);
    if (server)
        server_set_tick(server, NULL, lock);
    if (server && server_is_connected(server)) {
        struct api_answer reply = remove_stream(&lock->arena, server, lock->stream);
        if (!is_removed(&reply) && reply.is.outcome != API_DISCONNECTED) {
            struct diag *diag = diag_add(diags, &code_lock_left, (struct srcpos){0},
                                         "the lock of %s could not be removed: %s",
                                         subject_of(&diags->arena, lock), reply.is.description);
            diag_hint(diags, diag,
                      "the next run removes it half a minute from now, and 'natsform unlock' at once");
        }
    }
    lock_free(lock);
}

void lock_join(struct lock *lock, struct lock *also)
{
    while (lock->also)
        lock = lock->also;
    lock->also = also;
}

/* One look. *ret_newborn: a lock is there that may get its consumer yet, and none that has one. */
static int find_once(struct look *look, bool *ret_newborn, struct diags *diags)
{
    struct lock_found *found = &look->found;
    int count = 0;
    lock_names_send(look->arena, look->server, 0, &look->page);
    if (lock_names_read(look->arena, look->server, look->lock->prefix, &look->page))
        return fail(look->lock, look->server, diags, &look->page);
    const struct node *names = lock_names_in(&look->page);
    *ret_newborn = false;
    for (size_t i = 0; i < names->count; i++) {
        struct lock_state state;
        const char *name = names->items[i]->text;
        if (!text_begins(name, look->lock->prefix) || !read_state(look->arena, look->server, name, &state))
            continue;
        *ret_newborn |= !state.consumers && !is_old(&state);
        if (count++ == 0 || (found->dead && state.consumers))
            *found = (struct lock_found){.stream = name, .who = state.who, .dead = !state.consumers};
    }
    *ret_newborn &= count > 0 && found->dead;
    return count;
}

int lock_find(struct arena *arena, struct server *server, const struct lock_options *options,
              struct lock_found *ret_found, struct diags *diags)
{
    const struct lock any = {.project = options->project, .prefix = lock_prefix(arena, options->project)};
    struct watch watch = {0};
    int64_t since = clock_ms();
    for (;;) {
        struct look look = {.arena = arena, .server = server, .lock = &any};
        bool newborn = false;
        int count = find_once(&look, &newborn, diags);
        if (newborn && clock_ms() - since < NEWBORN_MS) {
            tell(options, &watch, look.found.who, since);
            clock_pause(LOOK_MS);
            continue;
        }
        if (count > 0)
            *ret_found = look.found;
        return count > 0 ? 1 : count;
    }
}

int lock_break(struct server *server, const struct lock_found *found, struct diags *diags)
{
    struct api_answer reply = remove_stream(&diags->arena, server, found->stream);
    if (is_removed(&reply))
        return 0;
    api_diagnose(diags, server, (struct srcpos){0}, "remove the lock", &reply.is);
    return -1;
}
