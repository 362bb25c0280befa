/* Streams that are made anew; see migrate.h. What servers keep of them is in docs/migrate.md. */
#include "apply/migrate.h"

#include <string.h>

#include "apply/backup.h"
#include "apply/freeze.h"
#include "apply/rescue.h"
#include "apply/restore.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/scope.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/step.h"
#include "server/api.h"

enum {
    BACKUPS_MOST = 5,  /* tries, while something still moves */
    RESTORES_MOST = 3, /* as it is wanted; then as it was */
    AGAIN_MS = 500,
    RECONNECT_MOST_MS = 30000,
};

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

static void tell(const struct migration *migration, const char *what)
{
    if (migration->told)
        migration->told(migration->context, migration->journal.stream, what);
}

static int refuse(const struct migration *migration, const char *why, struct diags *diags)
{
    return diag_error(diags, &code_migration, (struct srcpos){0}, "stream '%s' is not made anew: %s",
                      migration->journal.stream, why);
}

static struct freeze freeze_of(const struct migration *migration)
{
    return (struct freeze){.arena = migration->arena,
                           .server = *migration->server,
                           .stream = migration->journal.stream,
                           .version = migration->version,
                           .now = migration->now};
}

static int enter(struct migration *migration, enum journal_phase phase, struct diags *diags)
{
    migration->journal.phase = phase;
    return journal_write(&migration->journal, diags);
}

static struct api_answer ask_stream(const struct migration *migration, const char *verb, const char *type)
{
    return api_ask(*migration->server, migration->arena,
                   &(struct api_request){.verb = verb, .name = migration->journal.stream, .type = type});
}

static struct api_answer look(const struct migration *migration)
{
    return ask_stream(migration, "STREAM.INFO", "stream_info_response");
}

static int diagnose(const struct migration *migration, const char *what, const struct api_answer *answer,
                    struct diags *diags)
{
    api_diagnose(diags, *migration->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s stream '%s'", what, migration->journal.stream), &answer->is);
    return -1;
}

void migrate_take_version(struct migration *migration)
{
    const struct server_info *info = server_info(*migration->server);
    migration->clustered = *info->cluster && strcmp(info->cluster, info->name) != 0;
    if (!version_parse(info->version_text, &migration->version))
        migration->version = VERSION_UNKNOWN;
}

/* ---- what it will be ---- */

static bool has_filters(const struct node *consumers)
{
    const char *key = table_field_by_id(&consumer_table, CONSUMER_FILTER_SUBJECT)->name;
    bool any = false;
    for (size_t i = 0; i < consumers->count; i++)
        any |= *node_get_text(node_get(consumers->items[i], "config"), key) != '\0';
    return any;
}

/*
 * As it was, but for what cannot change in place, and frozen. Up to 2.9 consumers' filters have to match its subjects (10093), so that it then
 * has them from the start.
 */
static struct node *config_after(const struct migration *migration, const struct step *step,
                                 const struct node *before, const struct node *consumers)
{
    struct arena *arena = migration->arena;
    struct node *after = node_copy(arena, before);
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        if (change->replaces && change->after->type != VALUE_ABSENT)
            node_put(arena, after, change->field->name,
                     value_encode(arena, change->field, change->after, FORM_WIRE));
        else if (change->replaces)
            node_remove(after, change->field->name);
    }
    if (!version_has(migration->version, RESTORE_NEW_FORMAT_SINCE)) /* servers then keep no message */
        node_remove(after, name_of(STREAM_FIRST_SEQ));
    if (!version_has(migration->version, V_2_10) && has_filters(consumers))
        return after;
    return freeze_config(arena, after, migration->journal.stream);
}

static bool is_memory(const struct node *config)
{
    return strcmp(node_get_text(config, name_of(STREAM_STORAGE)), CHOICE_MEMORY) == 0;
}

/* Before 2.15 there is no archive of what is in memory, nor for it. */
static bool goes_by_messages(const struct migration *migration)
{
    return !version_has(migration->version, RESTORE_NEW_FORMAT_SINCE) &&
           (is_memory(migration->journal.before) || is_memory(migration->journal.after));
}

static bool lets_go(const struct migration *migration)
{
    return strcmp(node_get_text(migration->journal.after, name_of(STREAM_RETENTION)), CHOICE_LIMITS) != 0;
}

/* ---- backups ---- */

static int back_up_to(const struct migration *migration, const char *place, bool no_consumers,
                      const char **ret_folder, struct diags *diags)
{
    struct backup_stream stream = {.name = migration->journal.stream,
                                   .bytes =
                                       node_get_number(node_get(migration->standing.info, "state"), "bytes")};
    struct backup_stream *const list[] = {&stream};
    struct backup_run run = {.arena = migration->arena,
                             .server = *migration->server,
                             .folder = place,
                             .now = migration->now,
                             .interrupted = migration->interrupted,
                             .by_messages = goes_by_messages(migration),
                             .no_consumers = no_consumers,
                             .config = migration->journal.before};
    int failed = backup_streams(&run, list, 1, diags);
    *ret_folder = stream.folder;
    return failed;
}

static struct restoring restoring_of(const struct migration *migration, const char *folder)
{
    return (struct restoring){.arena = migration->arena,
                              .server = *migration->server,
                              .folder = folder,
                              .exact = migration->journal.after,
                              .lets_go = lets_go(migration),
                              .now = migration->now};
}

/* ---- rehearsal ---- */

static const char *rehearsal_name(const struct migration *migration)
{
    return arena_printf(migration->arena, "natsform_rehearsal_%s", migration->journal.stream);
}

static struct node *rehearsal_config(const struct migration *migration)
{
    struct arena *arena = migration->arena;
    struct node *config = node_copy(arena, migration->journal.after);
    struct node *subjects = node_list(arena);
    node_put_text(arena, config, name_of(STREAM_NAME), rehearsal_name(migration));
    node_append(
        arena, subjects,
        node_scalar(arena, arena_printf(arena, "natsform.rehearsal.%s", migration->journal.stream), true));
    node_put(arena, config, name_of(STREAM_SUBJECTS), subjects);
    node_remove(config, name_of(STREAM_MIRROR));
    node_remove(config, name_of(STREAM_SOURCES));
    node_remove(config, name_of(STREAM_REPUBLISH));
    node_remove(config, name_of(STREAM_METADATA));
    return config;
}

static void remove_rehearsal(const struct migration *migration)
{
    api_ask(*migration->server, migration->arena,
            &(struct api_request){.verb = "STREAM.DELETE",
                                  .name = rehearsal_name(migration),
                                  .type = "stream_delete_response"});
    if (migration->place)
        folder_remove(path_in(migration->arena, migration->place, "rehearsal"));
}

static int rehearse(struct migration *migration, struct diags *diags)
{
    const char *folder = NULL;
    const char *place = path_in(migration->arena, migration->place, "rehearsal");
    const struct diags before = *diags;
    if (enter(migration, JOURNAL_REHEARSES, diags))
        return -1;
    tell(migration, "is restored beside itself, to try it");
    int failed = back_up_to(migration, place, true, &folder, diags);
    struct restoring restoring = restoring_of(migration, folder);
    restoring.name = rehearsal_name(migration);
    restoring.exact = rehearsal_config(migration);
    failed = failed || restore_plan(&restoring, diags);
    if (failed && restoring.lacks_room) { /* it cannot be tried, which is no reason not to do it */
        diags_forget(diags, &before);
        failed = 0;
    } else if (!failed) {
        failed = restore_stream(&restoring, diags);
    }
    remove_rehearsal(migration);
    return failed;
}

/* ---- before the deletion ---- */

/* Undoes what was begun: nothing was deleted. The journal stays if that fails. */
static int undo(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = freeze_of(migration);
    if (freeze_thaw(&freeze, migration->journal.before, diags) ||
        freeze_release(&freeze, migration->journal.pauses, diags))
        return -1;
    return journal_remove(&migration->journal, diags);
}

static int hold_still(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = freeze_of(migration);
    const struct standing_terms terms = {.arena = migration->arena,
                                         .server = *migration->server,
                                         .stream = migration->journal.stream,
                                         .clustered = migration->clustered,
                                         .interrupted = migration->interrupted};
    tell(migration, "is frozen");
    if (freeze_stream(&freeze, migration->journal.before, diags) ||
        freeze_hold(&freeze, migration->journal.pauses, diags) ||
        standing_await(&terms, &migration->standing, diags))
        return -1;
    if (migration->must_be_empty && migration->standing.messages)
        return refuse(migration, "it is no longer empty, and nobody has allowed it for what is in it", diags);
    return 0;
}

/* Has anything moved since? */
static int has_moved(const struct migration *migration, bool *ret_moved, struct diags *diags)
{
    struct standing now;
    if (standing_look(migration->arena, *migration->server, migration->journal.stream, &now, diags))
        return -1;
    *ret_moved = strcmp(now.text, migration->standing.text) != 0;
    return 0;
}

/* What moves while it is backed up would come back as it was: then it is backed up once more. */
static int back_up(struct migration *migration, struct diags *diags)
{
    bool moved = true;
    for (int i = 0; moved && i < BACKUPS_MOST; i++) {
        const char *folder = NULL;
        if (i &&
            (rescue_place(migration->arena, migration->backups, migration->now, &migration->place, diags) ||
             hold_still(migration, diags)))
            return -1;
        tell(migration, "is backed up");
        if (back_up_to(migration, migration->place, false, &folder, diags) ||
            has_moved(migration, &moved, diags))
            return -1;
        migration->journal.backup = folder;
        if (moved)
            folder_remove(migration->place);
    }
    return moved
               ? refuse(migration, "its consumers go on while it is backed up; stop those who use it", diags)
               : 0;
}

/*
 * A consumer that is made anew goes on behind its floor, and what it has acknowledged behind that would come again. So there may be
 * nothing of the kind.
 */
static int check_consumer(const struct migration *migration, const char *name, struct diags *diags)
{
    const struct node *consumers = migration->standing.consumers, *info = NULL;
    for (size_t i = 0; i < consumers->count && !info; i++)
        if (strcmp(node_get_text(consumers->items[i], "name"), name) == 0)
            info = consumers->items[i];
    const struct node *delivered = node_get(info, "delivered"), *floor = node_get(info, "ack_floor");
    uint64_t beyond = node_get_number(delivered, "consumer_seq") - node_get_number(floor, "consumer_seq");
    const char *key = table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY)->name;
    bool explicit = strcmp(node_get_text(node_get(info, "config"), key), CHOICE_EXPLICIT) == 0;
    if (!info || !explicit || beyond <= node_get_number(info, "num_ack_pending"))
        return 0;
    struct diag *diag = diag_add(
        diags, &code_migration, (struct srcpos){0},
        "stream '%s' is not made anew: its consumer '%s' has acknowledged messages behind one that it has not, and "
        "they would come again",
        migration->journal.stream, name);
    diag_hint(diags, diag, "have it acknowledge all that it was delivered, and run the command again");
    return -1;
}

/* What a work queue asks of each of its consumers: no server looks at it in a restore, and then some get nothing. */
static int check_queue(const struct migration *migration, struct diags *diags)
{
    const struct node *consumers = migration->standing.consumers;
    const char *ack = table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY)->name;
    const char *policy = table_field_by_id(&consumer_table, CONSUMER_DELIVER_POLICY)->name;
    if (strcmp(node_get_text(migration->journal.after, name_of(STREAM_RETENTION)), CHOICE_WORKQUEUE) != 0)
        return 0;
    for (size_t i = 0; i < consumers->count; i++) {
        const struct node *config = node_get(consumers->items[i], "config");
        bool fits = strcmp(node_get_text(config, ack), CHOICE_EXPLICIT) == 0 &&
                    strcmp(node_get_text(config, policy), CHOICE_ALL) == 0;
        if (!fits && !freeze_is_servers(config))
            return refuse(migration,
                          arena_printf(&diags->arena,
                                       "its consumer '%s' does not fit a work queue, where each acknowledges "
                                       "explicitly and begins with the first message",
                                       node_get_text(consumers->items[i], "name")),
                          diags);
    }
    return 0;
}

static int check_consumers(const struct migration *migration, const struct restoring *restoring,
                           struct diags *diags)
{
    int failed = check_queue(migration, diags);
    for (size_t i = 0; i < restoring->anew.count; i++)
        failed |= check_consumer(migration, node_get_text(restoring->anew.items[i], "name"), diags);
    for (size_t i = 0; i < restoring->contents.consumers.count; i++)
        if (restoring->contents.consumers.items[i].goes_back)
            failed |= check_consumer(migration, restoring->contents.consumers.items[i].name, diags);
    return failed;
}

/* All that can be known before: the archive, the room for it, and whether each consumer can go on where it is. */
static int check(const struct migration *migration, struct diags *diags)
{
    struct restoring restoring = restoring_of(migration, migration->journal.backup);
    bool moved = false;
    restoring.replaces = true;
    if (restore_plan(&restoring, diags) || check_consumers(migration, &restoring, diags) ||
        has_moved(migration, &moved, diags))
        return -1;
    if (moved)
        return refuse(migration, "somebody has used it while its backup was verified", diags);
    if (migration->interrupted && migration->interrupted())
        return refuse(migration, "interrupted, and nothing was deleted", diags);
    if (migration->may_write && !migration->may_write(migration->context))
        return refuse(migration, "the lock was lost, and nothing was deleted", diags);
    return 0;
}

static int prepare(struct migration *migration, struct diags *diags)
{
    if (rescue_place(migration->arena, migration->backups, migration->now, &migration->place, diags))
        return -1;
    if (migration->rehearses && rehearse(migration, diags))
        return -1;
    if (enter(migration, JOURNAL_FREEZES, diags))
        return -1;
    return hold_still(migration, diags) || back_up(migration, diags) || check(migration, diags) ? -1 : 0;
}

/* ---- from the deletion on ---- */

int migrate_connect_again(struct migration *migration, struct diags *diags)
{
    int64_t deadline = clock_ms() + RECONNECT_MOST_MS;
    if (*migration->server && server_is_connected(*migration->server))
        return 0;
    server_close(*migration->server);
    *migration->server = NULL;
    for (;;) {
        struct diags faults SCOPED(diags_release) = {0};
        bool over = clock_ms() > deadline;
        if (server_connect(migration->settings, migration->server, &faults) == 0)
            break;
        if (over) {
            diags_append(diags, &faults);
            return -1;
        }
        clock_pause(AGAIN_MS);
    }
    if (migration->reconnected)
        migration->reconnected(migration->context);
    return 0;
}

/* Has the stream what is wanted of it, up to the last message? Others may have published to it by then, if it is not frozen. */
static bool is_back(const struct migration *migration, const struct restoring *restoring,
                    const struct node *info)
{
    static const unsigned told[] = {STREAM_STORAGE, STREAM_RETENTION, STREAM_MAX_CONSUMERS,
                                    STREAM_DENY_DELETE, STREAM_DENY_PURGE};
    const struct node *config = node_get(info, "config"), *after = migration->journal.after;
    bool same = true;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]) && same; i++)
        same = strcmp(node_get_text(config, name_of(told[i])), node_get_text(after, name_of(told[i]))) == 0;
    return same && node_get_number(node_get(info, "state"), "last_seq") >= restoring->last_seq;
}

/* Nobody but a run of natsform makes streams with such subjects. */
static bool is_ours(const struct migration *migration, const struct node *info)
{
    const struct node *config = node_get(info, "config");
    const struct node *subjects = node_get(config, name_of(STREAM_SUBJECTS));
    const char *filled = arena_printf(migration->arena, "natsform.refill.%s.>", migration->journal.stream);
    return freeze_is_frozen(config, migration->journal.stream) ||
           (subjects && subjects->type == NODE_LIST && subjects->count == 1 &&
            strcmp(subjects->items[0]->text, filled) == 0);
}

static bool is_old(const struct migration *migration, const struct node *info)
{
    return strcmp(node_get_text(info, "created"), migration->journal.created) == 0;
}

/* Deletes what is there of it. A request that is cut off is looked after. */
static int delete_stream(const struct migration *migration, struct diags *diags)
{
    struct api_answer answer = ask_stream(migration, "STREAM.DELETE", "stream_delete_response");
    if (answer.is.outcome == API_DONE || api_is_not_found(&answer.is))
        return 0;
    struct api_answer there = look(migration);
    return api_is_not_found(&there.is) ? 0 : diagnose(migration, "delete", &answer, diags);
}

/* Restores it, whatever a run before has left of it. Returns 0; 1: it was never deleted; or -1 with diagnostics. */
static int restore_once(struct migration *migration, struct diags *diags)
{
    struct api_answer there = look(migration);
    bool found = there.is.outcome == API_DONE;
    struct restoring restoring = restoring_of(migration, migration->journal.backup);
    if (!found && !api_is_not_found(&there.is))
        return diagnose(migration, "look at", &there, diags);
    if (found && is_old(migration, there.is.body))
        return 1;
    restoring.replaces = true;
    if (restore_plan(&restoring, diags))
        return -1;
    restoring.replaces = false;
    restoring.is_there = found && is_back(migration, &restoring, there.is.body);
    if (found && !restoring.is_there && !is_ours(migration, there.is.body))
        return refuse(migration, "somebody has made another stream of its name meanwhile", diags);
    if (found && !restoring.is_there && delete_stream(migration, diags))
        return -1;
    if (enter(migration, JOURNAL_RESTORES, diags))
        return -1;
    int failed = restore_stream(&restoring, diags);
    /* What cannot be made whole is made anew by the next try. */
    if (failed && restoring.is_there && is_ours(migration, there.is.body))
        delete_stream(migration, diags);
    return failed;
}

/* If it cannot be had as it is wanted, it is restored as it was. *ret_undone: that was done. */
static int bring_back(struct migration *migration, bool *ret_undone, struct diags *diags)
{
    for (int i = 0; i < 2 * RESTORES_MOST; i++) {
        struct diags faults SCOPED(diags_release) = {0};
        if (migrate_connect_again(migration, diags))
            return -1;
        if (i == RESTORES_MOST) {
            migration->journal.after =
                freeze_config(migration->arena, migration->journal.before, migration->journal.stream);
            *ret_undone = true;
        }
        int result = restore_once(migration, &faults);
        *ret_undone |= result > 0;
        if (result >= 0)
            return 0;
        if (i == 0 || i == 2 * RESTORES_MOST - 1)
            diags_append(diags, &faults);
        api_pause(*migration->server, AGAIN_MS);
    }
    return -1;
}

static int report_open(const struct migration *migration, struct diags *diags)
{
    const struct journal *journal = &migration->journal;
    const char *what =
        journal->phase < JOURNAL_DELETES
            ? "may still be frozen, so that nobody can publish to it; nothing was deleted"
            : arena_printf(&diags->arena, "is not finished: all that was in it is in '%s'", journal->backup);
    struct diag *diag =
        diag_add(diags, &code_migration, (struct srcpos){0}, "stream '%s' %s", journal->stream, what);
    diag_hint(diags, diag,
              "once the server answers, 'natsform recover', or the next apply, goes on from there");
    return -1;
}

static int replace(struct migration *migration, struct diags *diags)
{
    bool undone = false;
    if (enter(migration, JOURNAL_DELETES, diags))
        return undo(migration, diags), -1;
    tell(migration, "is made anew");
    struct diags faults SCOPED(diags_release) = {0};
    delete_stream(migration, &faults); /* whether it is there is looked at */
    if (bring_back(migration, &undone, diags))
        return report_open(migration, diags);
    const struct freeze freeze = freeze_of(migration);
    if (undone) {
        diags_append(diags, &faults);
        return undo(migration, diags) ? report_open(migration, diags)
                                      : refuse(migration, "it is as it was", diags);
    }
    if (enter(migration, JOURNAL_THAWS, diags) || freeze_release(&freeze, migration->journal.pauses, diags))
        return report_open(migration, diags);
    return 0;
}

/* ---- the whole ---- */

static int begin(struct migration *migration, const struct step *step, const struct node *info,
                 struct diags *diags)
{
    struct journal *journal = &migration->journal;
    struct node *before = node_copy(migration->arena, node_get(info, "config"));
    *journal = journal_new(migration->arena, migration->journals, step->name, migration->now);
    journal->stream = step->name;
    restore_plain(migration->arena, before);
    journal->created = node_get_text(info, "created");
    journal->place = journal_place(migration->arena, server_info(*migration->server));
    journal->before = before;
    if (standing_look(migration->arena, *migration->server, step->name, &migration->standing, diags))
        return -1;
    journal->pauses = freeze_pauses(migration->arena, migration->standing.consumers);
    journal->after = config_after(migration, step, before, migration->standing.consumers);
    return 0;
}

int migrate_stream(struct migration *migration, const struct step *step, const struct node *info,
                   struct diags *diags)
{
    migrate_take_version(migration);
    if (begin(migration, step, info, diags))
        return -1;
    if (prepare(migration, diags) == 0)
        return replace(migration, diags);
    if (undo(migration, diags))
        report_open(migration, diags);
    return -1;
}

int migrate_end(struct migration *migration, bool updated, struct diags *diags)
{
    const struct freeze freeze = freeze_of(migration);
    if (!updated &&
        (migrate_connect_again(migration, diags) || freeze_thaw(&freeze, migration->journal.before, diags)))
        return report_open(migration, diags);
    return journal_remove(&migration->journal, diags);
}

/* ---- recovery ---- */

static int finish(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = freeze_of(migration);
    if (enter(migration, JOURNAL_THAWS, diags) || freeze_release(&freeze, migration->journal.pauses, diags) ||
        freeze_thaw(&freeze, migration->journal.before, diags))
        return -1;
    return journal_remove(&migration->journal, diags);
}

static int recover_replaced(struct migration *migration, const struct api_answer *there,
                            enum recovery *ret_recovery, struct diags *diags)
{
    bool undone = false;
    bool is_there = migration->journal.phase == JOURNAL_THAWS && there->is.outcome == API_DONE;
    if (!is_there && bring_back(migration, &undone, diags))
        return report_open(migration, diags);
    *ret_recovery = undone ? RECOVERY_UNDONE : RECOVERY_DONE;
    return finish(migration, diags);
}

int migrate_recover(struct migration *migration, const struct journal *journal, enum recovery *ret_recovery,
                    struct diags *diags)
{
    migration->journal = *journal;
    migration->place = NULL;
    migrate_take_version(migration);
    struct api_answer there = look(migration);
    bool found = there.is.outcome == API_DONE;
    if (!found && !api_is_not_found(&there.is))
        return diagnose(migration, "look at", &there, diags);
    if (journal->phase == JOURNAL_REHEARSES)
        remove_rehearsal(migration);
    if (found && is_old(migration, there.is.body)) {
        *ret_recovery = RECOVERY_UNDONE;
        return undo(migration, diags);
    }
    if (journal->phase >= JOURNAL_DELETES)
        return recover_replaced(migration, &there, ret_recovery, diags);
    *ret_recovery = RECOVERY_GONE;
    return journal_remove(journal, diags);
}
