/* Streams that get another name; see migrate_rename.h. */
#include "apply/migrate_rename.h"

#include <string.h>

#include "archive/rename.h"
#include "base/scope.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/bucket.h"
#include "kind/kinds.h"

enum { RESTORES_MOST = 3, AGAIN_MS = 500 };

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

/* ---- what it will be ---- */

/* "$KV.OLD.>=$KV.NEW.>" for each subject that a bucket has: its name stands between its prefix and the end. */
static int rename_subjects(const struct migration *migration, struct restore_terms *terms,
                           struct diags *diags)
{
    struct arena *arena = migration->arena;
    const struct journal *journal = &migration->journal;
    const char *old = NULL, *new = NULL;
    const struct bucket_kind *kind = bucket_kind_by_stream(journal->stream, &old);
    if (!kind || bucket_kind_by_stream(journal->rename, &new) != kind)
        return 0;
    for (size_t i = 0; kind->subject_ends[i]; i++) {
        struct rename rename;
        const char *end = kind->subject_ends[i];
        const char *fault = rename_parse(arena,
                                         arena_printf(arena, "%s%s%s=%s%s%s", kind->subject_prefix, old, end,
                                                      kind->subject_prefix, new, end),
                                         &rename);
        if (fault)
            return migrating_refuse(migration, fault, diags);
        VEC_PUSH(arena, &terms->rewrite.renames, rename);
    }
    return 0;
}

static const struct node *subjects_wanted(const struct migration *migration, const struct step *step)
{
    const struct field *field = table_field_by_id(&stream_table, STREAM_SUBJECTS);
    const struct value *wanted = object_value_of(step->wanted, field);
    struct node *thaw = node_copy(migration->arena, migration->journal.before);
    if (wanted->type == VALUE_LIST)
        node_put(migration->arena, thaw, field->name,
                 value_encode(migration->arena, field, wanted, FORM_WIRE));
    return thaw;
}

int migrate_rename_begin(struct migration *migration, const struct step *step, struct diags *diags)
{
    struct arena *arena = migration->arena;
    struct journal *journal = &migration->journal;
    struct restore_terms *terms = ARENA_NEW(arena, struct restore_terms);
    struct node *after = freeze_config_anew(arena, journal->after, journal->rename, migration->version);
    const char *project = node_get_text(node_get(after, name_of(STREAM_METADATA)), MARK_PROJECT);
    node_put_text(arena, after, name_of(STREAM_NAME), journal->rename);
    if (*project) {
        terms->project = project;
        restore_marks(arena, terms, journal->rename, true, after);
    }
    journal->after = after;
    journal->thaw = subjects_wanted(migration, step);
    migration->terms = terms;
    return rename_subjects(migration, terms, diags);
}

/* ---- the steps ---- */

/* Nothing of it stays under the new name. */
static int remove_new(const struct migration *migration, struct diags *diags)
{
    struct api_answer there = migrating_look(migration, migration->journal.rename);
    if (there.is.outcome != API_DONE)
        return api_is_not_found(&there.is) ? 0 : migrating_diagnose(migration, "look beside", &there, diags);
    if (!migrating_is_ours(migration, migration->journal.rename, there.is.body))
        return migrating_refuse(migration, "somebody has made a stream of its new name meanwhile", diags);
    return migrating_delete(migration, migration->journal.rename, diags);
}

static int restore_once(const struct migration *migration, struct diags *diags)
{
    struct restoring restoring = migrating_restoring(migration, migration->journal.backup);
    return remove_new(migration, diags) || restore_plan(&restoring, diags) ||
                   restore_stream(&restoring, diags)
               ? -1
               : 0;
}

static int restore_beside(struct migration *migration, struct diags *diags)
{
    for (int i = 0; i < RESTORES_MOST; i++) {
        struct diags faults SCOPED(diags_release) = {0};
        if (migrating_connect_again(migration, diags))
            return -1;
        if (restore_once(migration, &faults) == 0)
            return 0;
        if (i == RESTORES_MOST - 1)
            diags_append(diags, &faults);
        api_pause(*migration->server, AGAIN_MS);
    }
    return -1;
}

static int undo(struct migration *migration, struct diags *diags)
{
    return remove_new(migration, diags) || migrating_undo(migration, diags) ? -1 : 0;
}

/* The new one is whole: the old one goes, and the consumers go on. */
static int finish(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = migrating_freeze(migration, migration->journal.rename);
    struct api_answer old = migrating_look(migration, migration->journal.stream);
    bool there = old.is.outcome == API_DONE && migrating_is_old(migration, old.is.body);
    if (old.is.outcome != API_DONE && !api_is_not_found(&old.is))
        return migrating_diagnose(migration, "look at", &old, diags);
    if (there && migrating_delete(migration, migration->journal.stream, diags))
        return -1;
    return freeze_release(&freeze, migration->journal.pauses, diags);
}

int migrate_rename(struct migration *migration, struct diags *diags)
{
    if (migrating_enter(migration, JOURNAL_RESTORES, diags))
        return migrating_undo(migration, diags), -1;
    migrating_tell(migration, "gets its new name");
    if (restore_beside(migration, diags))
        return undo(migration, diags) ? migrating_report_open(migration, diags) : -1;
    if (migrating_enter(migration, JOURNAL_THAWS, diags) || finish(migration, diags))
        return migrating_report_open(migration, diags);
    return 0;
}

static int thaw(struct migration *migration, struct diags *diags)
{
    const struct journal *journal = &migration->journal;
    const struct freeze freeze = migrating_freeze(migration, journal->rename);
    return freeze_thaw(&freeze, journal->thaw ? journal->thaw : journal->before, diags);
}

int migrate_rename_end(struct migration *migration, bool updated, struct diags *diags)
{
    if (!updated && (migrating_connect_again(migration, diags) || thaw(migration, diags)))
        return migrating_report_open(migration, diags);
    return journal_remove(&migration->journal, diags);
}

int migrate_rename_recover(struct migration *migration, enum recovery *ret_recovery, struct diags *diags)
{
    *ret_recovery = RECOVERY_UNDONE;
    if (migration->journal.phase < JOURNAL_THAWS)
        return undo(migration, diags);
    *ret_recovery = RECOVERY_DONE;
    if (finish(migration, diags) || thaw(migration, diags))
        return -1;
    return journal_remove(&migration->journal, diags);
}
