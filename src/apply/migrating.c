/* What migrations have in common; see migrating.h. */
#include "apply/migrating.h"

#include <string.h>

#include "apply/backup.h"
#include "apply/rescue.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/scope.h"
#include "kind/kinds.h"
#include "plan/replace.h"

enum {
    BACKUPS_MOST = 5, /* tries, while something still moves */
    AGAIN_MS = 500,
    RECONNECT_MOST_MS = 30000,
};

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

void migrating_tell(const struct migration *migration, const char *what)
{
    if (migration->told)
        migration->told(migration->context, migration->journal.stream, what);
}

int migrating_refuse(const struct migration *migration, const char *why, struct diags *diags)
{
    return diag_error(diags, &code_migration, (struct srcpos){0}, "stream '%s' is not made anew: %s",
                      migration->journal.stream, why);
}

struct freeze migrating_freeze(const struct migration *migration, const char *stream)
{
    return (struct freeze){.arena = migration->arena,
                           .server = *migration->server,
                           .stream = stream,
                           .version = migration->version,
                           .now = migration->now};
}

int migrating_enter(struct migration *migration, enum journal_phase phase, struct diags *diags)
{
    migration->journal.phase = phase;
    return journal_write(&migration->journal, diags);
}

static struct api_answer ask_stream(const struct migration *migration, const char *verb, const char *stream,
                                    const char *type)
{
    return api_ask(*migration->server, migration->arena,
                   &(struct api_request){.verb = verb, .name = stream, .type = type});
}

struct api_answer migrating_look(const struct migration *migration, const char *stream)
{
    return ask_stream(migration, "STREAM.INFO", stream, "stream_info_response");
}

int migrating_diagnose(const struct migration *migration, const char *what, const struct api_answer *answer,
                       struct diags *diags)
{
    api_diagnose(diags, *migration->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "%s stream '%s'", what, migration->journal.stream), &answer->is);
    return -1;
}

void migrating_take_version(struct migration *migration)
{
    const struct server_info *info = server_info(*migration->server);
    migration->clustered = server_is_clustered(info);
    if (!version_parse(info->version_text, &migration->version))
        migration->version = VERSION_UNKNOWN;
}

/* ---- from the deletion on ---- */

int migrating_connect_again(struct migration *migration, struct diags *diags)
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
    if (migration->lock)
        lock_reconnected(migration->lock, *migration->server);
    return 0;
}

static bool lets_go(const struct migration *migration)
{
    return strcmp(node_get_text(migration->journal.after, name_of(STREAM_RETENTION)), CHOICE_LIMITS) != 0;
}

/* ---- backups ---- */

int migrating_back_up_to(const struct migration *migration, const char *place, bool no_consumers,
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
                             .by_messages = migration->by_messages,
                             .no_consumers = no_consumers,
                             .config = migration->journal.before};
    int failed = backup_streams(&run, list, 1, diags);
    *ret_folder = stream.folder;
    return failed;
}

struct restoring migrating_restoring(const struct migration *migration, const char *folder)
{
    return (struct restoring){.arena = migration->arena,
                              .server = *migration->server,
                              .folder = folder,
                              .name = migration->journal.rename,
                              .terms = migration->terms,
                              .exact = migration->journal.after,
                              .lets_go = lets_go(migration),
                              .now = migration->now};
}

/* Undoes what was begun: nothing was deleted. The journal stays if that fails. */
int migrating_undo(struct migration *migration, struct diags *diags)
{
    if (!*migration->server) /* it could not be reached any more */
        return -1;
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    if (freeze_thaw(&freeze, migration->journal.before, diags) ||
        freeze_release(&freeze, migration->journal.pauses, diags))
        return -1;
    return journal_remove(&migration->journal, diags);
}

/* ---- before the deletion ---- */

static struct standing_terms standing_terms_of(const struct migration *migration)
{
    return (struct standing_terms){.arena = migration->arena,
                                   .server = *migration->server,
                                   .stream = migration->journal.stream,
                                   .consumer = migration->journal.consumer,
                                   .clustered = migration->clustered,
                                   .interrupted = migration->interrupted};
}

int migrating_take_standing(struct migration *migration, struct diags *diags)
{
    const struct standing_terms terms = standing_terms_of(migration);
    return standing_look(&terms, &migration->standing, diags);
}

int migrating_await_still(struct migration *migration, struct diags *diags)
{
    const struct standing_terms terms = standing_terms_of(migration);
    return standing_await(&terms, &migration->standing, diags);
}

int migrating_has_moved(const struct migration *migration, bool *ret_moved, struct diags *diags)
{
    const struct standing_terms terms = standing_terms_of(migration);
    struct standing now;
    if (standing_look(&terms, &now, diags))
        return -1;
    *ret_moved = strcmp(now.text, migration->standing.text) != 0;
    return 0;
}

int migrating_hold_still(struct migration *migration, struct diags *diags)
{
    const struct freeze freeze = migrating_freeze(migration, migration->journal.stream);
    migrating_tell(migration, "is frozen");
    if (freeze_stream(&freeze, migration->journal.before, diags) ||
        freeze_hold(&freeze, migration->journal.pauses, diags) || migrating_await_still(migration, diags))
        return -1;
    if (migration->must_be_empty && migration->standing.messages)
        return migrating_refuse(migration,
                                "it is no longer empty, and nobody has allowed it for what is in it", diags);
    return 0;
}

/* What moves while it is backed up would come back as it was: then it is backed up once more. */
int migrating_back_up(struct migration *migration, struct diags *diags)
{
    bool moved = true;
    for (int i = 0; moved && i < BACKUPS_MOST; i++) {
        const char *folder = NULL;
        if (i &&
            (rescue_place(migration->arena, migration->backups, migration->now, &migration->place, diags) ||
             migrating_hold_still(migration, diags)))
            return -1;
        migrating_tell(migration, "is backed up");
        if (migrating_back_up_to(migration, migration->place, false, &folder, diags) ||
            migrating_has_moved(migration, &moved, diags))
            return -1;
        migration->journal.backup = folder;
        if (moved)
            folder_remove(migration->place);
    }
    return moved ? migrating_refuse(migration,
                                    "its consumers go on while it is backed up; stop those who use it", diags)
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
    if (!info || !standing_has_gap(info))
        return 0;
    struct diag *diag = diag_add(
        diags, &code_migration, (struct srcpos){0},
        "stream '%s' is not made anew: its consumer '%s' has acknowledged messages behind one that it has not, and "
        "they would come again",
        migration->journal.stream, name);
    diag_hint(diags, diag, "have it acknowledge all that it was delivered, and run the command again");
    return -1;
}

static int check_queue(const struct migration *migration, struct diags *diags)
{
    const struct node *consumers = migration->standing.consumers;
    if (strcmp(node_get_text(migration->journal.after, name_of(STREAM_RETENTION)), CHOICE_WORKQUEUE) != 0)
        return 0;
    for (size_t i = 0; i < consumers->count; i++) {
        const char *misfit = replace_queue_misfit(&diags->arena, node_get_text(consumers->items[i], "name"),
                                                  node_get(consumers->items[i], "config"));
        if (misfit)
            return migrating_refuse(migration, misfit, diags);
    }
    return 0;
}

/* One that is made anew in a work queue begins with the first message, and a stream that was none has what it is done with. */
static int check_start(const struct migration *migration, const struct node *consumer, struct diags *diags)
{
    const char *key = name_of(STREAM_RETENTION);
    bool becomes_queue = strcmp(node_get_text(migration->journal.after, key), CHOICE_WORKQUEUE) == 0 &&
                         strcmp(node_get_text(migration->journal.before, key), CHOICE_WORKQUEUE) != 0;
    if (!becomes_queue || !node_get_number(node_get(consumer, "delivered"), "consumer_seq"))
        return 0;
    return migrating_refuse(
        migration,
        arena_printf(&diags->arena,
                     "the server makes no archive of its consumer '%s', which would get again "
                     "what it has acknowledged",
                     node_get_text(consumer, "name")),
        diags);
}

static int check_consumers(const struct migration *migration, const struct restoring *restoring,
                           struct diags *diags)
{
    int failed = check_queue(migration, diags);
    for (size_t i = 0; i < restoring->anew.count; i++)
        failed |= check_start(migration, restoring->anew.items[i], diags);
    for (size_t i = 0; i < restoring->anew.count; i++)
        failed |= check_consumer(migration, node_get_text(restoring->anew.items[i], "name"), diags);
    for (size_t i = 0; i < restoring->contents.consumers.count; i++)
        if (restoring->contents.consumers.items[i].goes_back)
            failed |= check_consumer(migration, restoring->contents.consumers.items[i].name, diags);
    return failed;
}

/* Nobody but a run of natsform makes streams with such subjects. */
bool migrating_is_ours(const struct migration *migration, const char *stream, const struct node *info)
{
    const struct node *config = node_get(info, "config");
    const struct node *subjects = node_get(config, name_of(STREAM_SUBJECTS));
    const char *filled = arena_printf(migration->arena, "natsform.refill.%s.>", stream);
    return freeze_is_frozen(config, stream) ||
           (subjects && subjects->type == NODE_LIST && subjects->count == 1 &&
            strcmp(subjects->items[0]->text, filled) == 0);
}

/*
 * By when it was made. Servers up to 2.10 tell another time once they have restarted behind an update; but as long as nothing was deleted, and beside a
 * new name always, a stream that is frozen is the old one.
 */
bool migrating_is_old(const struct migration *migration, const struct node *info)
{
    const struct journal *journal = &migration->journal;
    bool only_frozen = journal->phase < JOURNAL_DELETES || journal->rename;
    return strcmp(node_get_text(info, "created"), journal->created) == 0 ||
           (only_frozen && freeze_is_frozen(node_get(info, "config"), journal->stream));
}

/* Deletes what is there of it. A request that is cut off is looked after. */
int migrating_delete(const struct migration *migration, const char *stream, struct diags *diags)
{
    struct api_answer answer = ask_stream(migration, "STREAM.DELETE", stream, "stream_delete_response");
    if (answer.is.outcome == API_DONE || api_is_not_found(&answer.is))
        return 0;
    struct api_answer there = migrating_look(migration, stream);
    return api_is_not_found(&there.is) ? 0 : migrating_diagnose(migration, "delete", &answer, diags);
}

int migrating_report_open(const struct migration *migration, struct diags *diags)
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

/* All that can be known before: the archive, the room for it, and whether each consumer can go on where it is. */
int migrating_check(const struct migration *migration, struct diags *diags)
{
    struct restoring restoring = migrating_restoring(migration, migration->journal.backup);
    bool moved = false;
    restoring.replaces = !migration->journal.rename; /* else both are there for a while */
    if (restore_plan(&restoring, diags) || check_consumers(migration, &restoring, diags) ||
        migrating_has_moved(migration, &moved, diags))
        return -1;
    if (moved)
        return migrating_refuse(migration, "somebody has used it while its backup was verified", diags);
    if (migration->interrupted && migration->interrupted())
        return migrating_refuse(migration, "interrupted, and nothing was deleted", diags);
    if (migration->lock && !lock_holds(migration->lock))
        return migrating_refuse(migration, "the lock was lost, and nothing was deleted", diags);
    return 0;
}
