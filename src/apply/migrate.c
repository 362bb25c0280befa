/* Streams that are made anew; see migrate.h. What servers keep of them is in docs/migrate.md. */
#include "apply/migrate.h"

#include <string.h>

#include "apply/freeze.h"
#include "apply/migrate_rehearse.h"
#include "apply/migrate_rename.h"
#include "apply/rescue.h"
#include "apply/restore.h"
#include "base/scope.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/step.h"
#include "server/api.h"

enum {
    RESTORES_MOST = 3, /* as it is wanted; then as it was */
    AGAIN_MS = 500,
};

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

/* ---- what it will be ---- */

/* As it was, but for what cannot change in place, and frozen. */
static struct node *config_after(const struct migration *migration, const struct step *step,
                                 const struct node *before)
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
    return freeze_config_anew(arena, after, migration->journal.stream, migration->version);
}

/* ---- before anything is deleted ---- */

static int prepare(struct migration *migration, struct diags *diags)
{
    if (rescue_place(migration->arena, migration->backups, migration->now, &migration->place, diags))
        return -1;
    if (migrate_rehearse_begin(migration, diags))
        return -1;
    if (migrating_enter(migration, JOURNAL_FREEZES, diags))
        return -1;
    return migrating_hold_still(migration, diags) || migrating_back_up(migration, diags) ||
                   migrate_rehearse_apart(migration, diags) || migrating_check(migration, diags)
               ? -1
               : 0;
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

/* Restores it, whatever a run before has left of it. Returns 0; 1: it was never deleted; or -1 with diagnostics. */
static int restore_once(struct migration *migration, struct diags *diags)
{
    struct api_answer there = migrating_look(migration, migration->journal.stream);
    bool found = there.is.outcome == API_DONE;
    struct restoring restoring = migrating_restoring(migration, migration->journal.backup);
    if (!found && !api_is_not_found(&there.is))
        return migrating_diagnose(migration, "look at", &there, diags);
    if (found && migrating_is_old(migration, there.is.body))
        return 1;
    restoring.replaces = true;
    if (restore_plan(&restoring, diags))
        return -1;
    restoring.replaces = false;
    restoring.is_there = found && is_back(migration, &restoring, there.is.body);
    if (found && !restoring.is_there &&
        !migrating_is_ours(migration, migration->journal.stream, there.is.body))
        return migrating_refuse(migration, "somebody has made another stream of its name meanwhile", diags);
    if (found && !restoring.is_there && migrating_delete(migration, migration->journal.stream, diags))
        return -1;
    if (migrating_enter(migration, JOURNAL_RESTORES, diags))
        return -1;
    int failed = restore_stream(&restoring, diags);
    /* What cannot be made whole is made anew by the next try. */
    if (failed && restoring.is_there &&
        migrating_is_ours(migration, migration->journal.stream, there.is.body))
        migrating_delete(migration, migration->journal.stream, diags);
    return failed;
}

static int try_to_bring_back(struct migration *migration, bool *ret_undone, struct diags *diags)
{
    enum { LAST = 2 * RESTORES_MOST - 1 };
    for (int i = 0; i <= LAST; i++) {
        struct diags unsaid SCOPED(diags_release) = {0};
        if (migrating_connect_again(migration, diags))
            return -1;
        if (i == RESTORES_MOST) {
            migration->journal.after = freeze_config_anew(migration->arena, migration->journal.before,
                                                          migration->journal.stream, migration->version);
            *ret_undone = true;
        }
        int result = restore_once(migration, i == 0 || i == LAST ? diags : &unsaid);
        *ret_undone |= result > 0;
        if (result >= 0)
            return 0;
        api_pause(*migration->server, AGAIN_MS);
    }
    return -1;
}

/* If it cannot be had as it is wanted, it is restored as it was, and what kept it from that is told. *ret_undone: that was done. */
static int bring_back(struct migration *migration, bool *ret_undone, struct diags *diags)
{
    struct diags faults SCOPED(diags_release) = {0};
    int failed = try_to_bring_back(migration, ret_undone, &faults);
    if (failed || *ret_undone)
        diags_append(diags, &faults);
    return failed;
}

static int replace(struct migration *migration, struct diags *diags)
{
    bool undone = false;
    if (migrating_enter(migration, JOURNAL_DELETES, diags))
        return migrating_undo(migration, diags), -1;
    migrating_tell(migration, "is made anew");
    struct diags faults SCOPED(diags_release) = {0};
    migrating_delete(migration, migration->journal.stream, &faults); /* whether it is there is looked at */
    if (bring_back(migration, &undone, diags))
        return migrating_report_open(migration, diags);
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    if (undone) {
        diags_append(diags, &faults);
        return migrating_undo(migration, diags) ? migrating_report_open(migration, diags)
                                                : migrating_refuse(migration, "it is as it was", diags);
    }
    if (migrating_enter(migration, JOURNAL_THAWS, diags) ||
        freeze_release(&freeze, migration->journal.pauses, diags))
        return migrating_report_open(migration, diags);
    return 0;
}

/* ---- the whole ---- */

static int begin(struct migration *migration, const struct step *step, const struct node *info,
                 struct diags *diags)
{
    struct journal *journal = &migration->journal;
    struct node *before = node_copy(migration->arena, node_get(info, "config"));
    const char *name = step->renamed_from ? step->renamed_from : step->name;
    *journal = journal_new(migration->arena, migration->journals, name, migration->now);
    journal->stream = name;
    journal->rename = step->renamed_from ? step->name : NULL;
    restore_plain(migration->arena, before);
    journal->created = node_get_text(info, "created");
    journal->place = journal_place(migration->arena, server_info(*migration->server));
    journal->before = before;
    if (migrating_take_standing(migration, diags))
        return -1;
    journal->pauses = freeze_pauses(migration->arena, migration->standing.consumers);
    journal->after = config_after(migration, step, before);
    return journal->rename ? migrate_rename_begin(migration, step, diags) : 0;
}

int migrate_stream(struct migration *migration, const struct step *step, const struct node *info,
                   struct diags *diags)
{
    migrating_take_version(migration);
    if (begin(migration, step, info, diags))
        return -1;
    int failed = prepare(migration, diags);
    failed |= migrate_rehearse_end(migration, diags);
    if (!failed)
        return migration->journal.rename ? migrate_rename(migration, diags) : replace(migration, diags);
    if (migrating_undo(migration, diags))
        migrating_report_open(migration, diags);
    return -1;
}

int migrate_end(struct migration *migration, bool updated, struct diags *diags)
{
    if (migration->journal.rename)
        return migrate_rename_end(migration, updated, diags);
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    if (!updated &&
        (migrating_connect_again(migration, diags) || freeze_thaw(&freeze, migration->journal.before, diags)))
        return migrating_report_open(migration, diags);
    return journal_remove(&migration->journal, diags);
}

/* ---- recovery ---- */

static int finish(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    if (migrating_enter(migration, JOURNAL_THAWS, diags) ||
        freeze_release(&freeze, migration->journal.pauses, diags) ||
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
        return migrating_report_open(migration, diags);
    *ret_recovery = undone ? RECOVERY_UNDONE : RECOVERY_DONE;
    return finish(migration, diags);
}

int migrate_recover(struct migration *migration, const struct journal *journal, enum recovery *ret_recovery,
                    struct diags *diags)
{
    migration->journal = *journal;
    migration->place = NULL;
    migrating_take_version(migration);
    if (journal->rename)
        return migrate_rename_recover(migration, ret_recovery, diags);
    struct api_answer there = migrating_look(migration, migration->journal.stream);
    bool found = there.is.outcome == API_DONE;
    if (!found && !api_is_not_found(&there.is))
        return migrating_diagnose(migration, "look at", &there, diags);
    if (migrate_rehearse_recover(migration, diags))
        return -1;
    if (found && migrating_is_old(migration, there.is.body)) {
        *ret_recovery = RECOVERY_UNDONE;
        return migrating_undo(migration, diags);
    }
    if (journal->phase >= JOURNAL_DELETES)
        return recover_replaced(migration, &there, ret_recovery, diags);
    *ret_recovery = RECOVERY_GONE;
    return journal_remove(journal, diags);
}
