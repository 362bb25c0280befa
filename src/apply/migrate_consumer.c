/* Consumers that are made anew; see migrate_consumer.h. */
#include "apply/migrate_consumer.h"

#include <string.h>

#include "apply/freeze.h"
#include "apply/restore_consumers.h"
#include "apply/restoring.h"
#include "base/scope.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/step.h"
#include "server/api.h"
#include "syntax/json.h"

enum { AGAIN_MS = 500, TRIES_MOST = 5 };

static const char *name_of(unsigned id)
{
    return table_field_by_id(&consumer_table, id)->name;
}

static const char *path_of(const struct migration *migration, const char *consumer)
{
    return arena_printf(migration->arena, "%s.%s", migration->journal.stream, consumer);
}

static struct api_answer ask(const struct migration *migration, const char *verb, const char *consumer,
                             const char *body, const char *type)
{
    return api_ask(*migration->server, migration->arena,
                   &(struct api_request){
                       .verb = verb, .name = path_of(migration, consumer), .body = body, .type = type});
}

static struct api_answer look(const struct migration *migration)
{
    return ask(migration, "CONSUMER.INFO", migration->journal.consumer, NULL, "consumer_info_response");
}

static int diagnose(const struct migration *migration, const char *what, const struct api_answer *answer,
                    struct diags *diags)
{
    api_diagnose(diags, *migration->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s consumer '%s' of stream '%s'", what,
                              migration->journal.consumer, migration->journal.stream),
                 &answer->is);
    return -1;
}

static int refuse(const struct migration *migration, const char *why, const char *hint, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_migration, (struct srcpos){0},
                                 "consumer '%s' of stream '%s' is not made anew: %s",
                                 migration->journal.consumer, migration->journal.stream, why);
    if (hint)
        diag_hint(diags, diag, "%s", hint);
    return -1;
}

/* ---- where it is ---- */

static uint64_t sequence_of(const struct node *info, const char *pair, const char *key)
{
    return node_get_number(node_get(info, pair), key);
}

/*
 * The last message that it is done with. Servers begin a floor at 0 wherever the consumer begins, so that until its first acknowledgement only
 * a start sequence tells. False: it cannot be known.
 */
static bool position_of(const struct node *info, uint64_t *ret_done)
{
    const struct node *config = node_get(info, "config");
    uint64_t floor = sequence_of(info, "ack_floor", "stream_seq");
    uint64_t start = node_get_number(config, name_of(CONSUMER_OPT_START_SEQ));
    bool acknowledges = strcmp(node_get_text(config, name_of(CONSUMER_ACK_POLICY)), CHOICE_NONE) != 0;
    bool from_first = strcmp(node_get_text(config, name_of(CONSUMER_DELIVER_POLICY)), CHOICE_ALL) == 0;
    bool began = sequence_of(info, "delivered", "consumer_seq") > 0;
    *ret_done = !began || !acknowledges ? sequence_of(info, "delivered", "stream_seq")
                : floor                 ? floor
                : start                 ? start - 1
                                        : 0;
    return !began || !acknowledges || floor || start || from_first;
}

static int check(const struct migration *migration, const struct node *info, struct diags *diags)
{
    uint64_t done = 0;
    bool began = sequence_of(info, "delivered", "consumer_seq") > 0;
    if (migration->must_be_empty && began)
        return refuse(migration, "it has been used meanwhile, and nobody has allowed it to lose its place",
                      NULL, diags);
    if (!position_of(info, &done))
        return refuse(migration, "it has not acknowledged anything yet, so that nothing tells where it began",
                      "have it acknowledge its first message", diags);
    if (standing_has_gap(info))
        return refuse(migration,
                      "it has acknowledged messages behind one that it has not, and they would come again",
                      "have it acknowledge all that it was delivered", diags);
    return 0;
}

/* ---- the new one ---- */

/* As a restore makes consumers: its configuration, and where it goes on. */
static struct node *wanted_info(const struct migration *migration, const char *name, struct node *config,
                                const struct node *info)
{
    struct arena *arena = migration->arena;
    struct node *wanted = node_map(arena), *place = node_map(arena);
    uint64_t done = 0;
    position_of(info, &done);
    node_put_number(arena, place, "stream_seq", done);
    node_put_text(arena, wanted, "name", name);
    node_put(arena, wanted, "config", config);
    node_put(arena, wanted, "ack_floor", place);
    node_put(arena, wanted, "delivered", node_copy(arena, place));
    return wanted;
}

/* Makes it as `wanted` says, or as it was. */
static int make(const struct migration *migration, const struct node *wanted, struct diags *diags)
{
    static const struct restore_terms as_it_is;
    struct api_answer stream = api_ask(*migration->server, migration->arena,
                                       &(struct api_request){.verb = "STREAM.INFO",
                                                             .name = migration->journal.stream,
                                                             .type = "stream_info_response"});
    if (stream.is.outcome != API_DONE)
        return diagnose(migration, "look at the stream of", &stream, diags);
    struct restoring restoring = {.arena = migration->arena,
                                  .server = *migration->server,
                                  .name = migration->journal.stream,
                                  .terms = &as_it_is,
                                  .config = node_copy(migration->arena, node_get(stream.is.body, "config")),
                                  .now = migration->now};
    VEC_PUSH(migration->arena, &restoring.anew, wanted);
    return restore_make_consumers(&restoring, diags);
}

/* ---- the guard of an interest stream ---- */

static const char *guard_name(const struct migration *migration)
{
    return arena_printf(migration->arena, "natsform_guard_%s", migration->journal.consumer);
}

static bool is_interest(const struct step *step)
{
    return step->retention && strcmp(step->retention, CHOICE_INTEREST) == 0;
}

/* It waits for all that the consumer waits for, and more would do no harm: without a filter nothing goes. */
static int put_guard(const struct migration *migration, const struct node *info, struct diags *diags)
{
    struct arena *arena = migration->arena;
    struct node *body = node_map(arena), *config = node_map(arena);
    uint64_t done = 0;
    position_of(info, &done);
    node_put_text(arena, config, name_of(CONSUMER_DURABLE_NAME), guard_name(migration));
    node_put_text(arena, config, name_of(CONSUMER_ACK_POLICY), CHOICE_EXPLICIT);
    node_put_text(arena, config, name_of(CONSUMER_DELIVER_POLICY), CHOICE_BY_START_SEQUENCE);
    node_put_number(arena, config, name_of(CONSUMER_OPT_START_SEQ), done + 1);
    node_put_text(arena, body, "stream_name", migration->journal.stream);
    node_put(arena, body, "config", config);
    struct api_answer answer = ask(migration, "CONSUMER.DURABLE.CREATE", guard_name(migration),
                                   json_text(arena, body), "consumer_create_response");
    return answer.is.outcome == API_DONE ? 0 : diagnose(migration, "guard the messages of", &answer, diags);
}

static int take_guard(const struct migration *migration, struct diags *diags)
{
    struct api_answer answer =
        ask(migration, "CONSUMER.DELETE", guard_name(migration), NULL, "consumer_delete_response");
    return answer.is.outcome == API_DONE || api_is_not_found(&answer.is)
               ? 0
               : diagnose(migration, "take the guard off", &answer, diags);
}

/* ---- the steps ---- */

static int undo(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    if (freeze_release(&freeze, migration->journal.pauses, diags) || take_guard(migration, diags))
        return -1;
    return journal_remove(&migration->journal, diags);
}

static int report_open(const struct migration *migration, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_migration, (struct srcpos){0}, "consumer '%s' of stream '%s' is not finished",
                 migration->journal.consumer, migration->journal.stream);
    diag_hint(diags, diag,
              "once the server answers, 'natsform recover', or the next apply, goes on from there");
    return -1;
}

static bool is_old(const struct migration *migration, const struct node *info)
{
    return strcmp(node_get_text(info, "created"), migration->journal.created) == 0;
}

/* Makes it anew; and if that cannot be, as it was. Whether it was deleted is looked at. 1: it is as it was. */
static int replace(struct migration *migration, struct diags *diags)
{
    for (int i = 0; i < 2 * TRIES_MOST; i++) {
        struct diags faults SCOPED(diags_release) = {0};
        bool back = i >= TRIES_MOST;
        if (migrating_connect_again(migration, diags))
            return -1;
        struct api_answer there = look(migration);
        if (there.is.outcome == API_DONE && is_old(migration, there.is.body) && !back)
            ask(migration, "CONSUMER.DELETE", migration->journal.consumer, NULL, "consumer_delete_response");
        else if (there.is.outcome == API_DONE && is_old(migration, there.is.body))
            return 1;
        if (migrating_enter(migration, JOURNAL_RESTORES, diags))
            return -1;
        if (make(migration, back ? migration->journal.before : migration->journal.after, &faults) == 0)
            return back;
        if (i == 0 || i == 2 * TRIES_MOST - 1)
            diags_append(diags, &faults);
        api_pause(*migration->server, AGAIN_MS);
    }
    return -1;
}

static int finish(struct migration *migration, struct diags *diags)
{
    int result = replace(migration, diags);
    if (result < 0 || undo(migration, diags))
        return report_open(migration, diags);
    return result ? refuse(migration, "it is as it was", NULL, diags) : 0;
}

static int begin(struct migration *migration, const struct step *step, const struct node *info)
{
    struct journal *journal = &migration->journal;
    struct node *pauses = node_map(migration->arena);
    const char *name = step->renamed_from ? step->renamed_from : step->name;
    *journal = journal_new(migration->arena, migration->journals,
                           arena_printf(migration->arena, "%s.%s", step->stream, name), migration->now);
    journal->stream = step->stream;
    journal->consumer = name;
    journal->created = node_get_text(info, "created");
    journal->place = journal_place(migration->arena, server_info(*migration->server));
    node_put_text(migration->arena, pauses, name,
                  node_get_text(node_get(info, "config"), name_of(CONSUMER_PAUSE_UNTIL)));
    journal->pauses = pauses;
    journal->before = info;
    journal->after = info;
    return 0;
}

static int prepare(struct migration *migration, const struct step *step, const char *revision,
                   struct diags *diags)
{
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    bool moved = false;
    if (migrating_enter(migration, JOURNAL_FREEZES, diags) ||
        freeze_hold(&freeze, migration->journal.pauses, diags) || migrating_await_still(migration, diags))
        return -1;
    const struct node *info = migration->standing.consumers->items[0];
    if (check(migration, info, diags) || (is_interest(step) && put_guard(migration, info, diags)))
        return -1;
    struct node *config = object_encode_create(migration->arena, step->wanted);
    struct node *old = node_copy(migration->arena, node_get(info, "config"));
    object_encode_revision(
        migration->arena, step->table, config, revision,
        mark_digest(migration->arena, step->stream, step->name, step->wanted, step->keep, step->live));
    if (!node_get(config, name_of(CONSUMER_DELIVER_POLICY))) /* a default is not sent, and is read here */
        node_put_text(migration->arena, config, name_of(CONSUMER_DELIVER_POLICY), CHOICE_ALL);
    migration->journal.before = wanted_info(migration, migration->journal.consumer, old, info);
    migration->journal.after = wanted_info(migration, step->name, config, info);
    if (migrating_has_moved(migration, &moved, diags))
        return -1;
    if (moved)
        return refuse(migration, "somebody has used it meanwhile", "run the command again", diags);
    if (migration->lock && !lock_holds(migration->lock))
        return refuse(migration, "the lock was lost, and nothing was deleted", NULL, diags);
    return migrating_enter(migration, JOURNAL_DELETES, diags);
}

int migrate_consumer(struct migration *migration, const struct step *step, const struct node *info,
                     const char *revision, struct diags *diags)
{
    migrating_take_version(migration);
    begin(migration, step, info);
    if (prepare(migration, step, revision, diags) == 0)
        return finish(migration, diags);
    if (undo(migration, diags))
        report_open(migration, diags);
    return -1;
}

int migrate_consumer_recover(struct migration *migration, const struct journal *journal,
                             enum recovery *ret_recovery, struct diags *diags)
{
    migration->journal = *journal;
    migrating_take_version(migration);
    struct api_answer there = look(migration);
    if (there.is.outcome != API_DONE && !api_is_not_found(&there.is))
        return diagnose(migration, "look at", &there, diags);
    bool found = there.is.outcome == API_DONE;
    *ret_recovery = found && is_old(migration, there.is.body) ? RECOVERY_UNDONE
                    : journal->phase >= JOURNAL_DELETES       ? RECOVERY_DONE
                                                              : RECOVERY_GONE;
    return *ret_recovery == RECOVERY_DONE ? finish(migration, diags) : undo(migration, diags);
}
