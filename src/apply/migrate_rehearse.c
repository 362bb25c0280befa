/* Tries a restore; see migrate_rehearse.h. */
#include "apply/migrate_rehearse.h"

#include <stdbool.h>
#include <string.h>

#include "apply/restore.h"
#include "base/diag.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "kind/kinds.h"
#include "server/api.h"

#define REHEARSAL "rehearsal" /* the folder of its archive */

enum { TRIES_MOST = 3, TICK_MS = 200 };

static const char *name_of(unsigned id)
{
    return table_field_by_id(&stream_table, id)->name;
}

/* ---- beside it ---- */

static const char *rehearsal_name(const struct migration *migration)
{
    return arena_printf(migration->arena, "natsform_rehearsal_%s", migration->journal.stream);
}

/* Nobody publishes to it, and it copies from nobody, and to nobody. */
static struct node *config_beside(const struct migration *migration)
{
    struct arena *arena = migration->arena;
    struct node *config = node_copy(arena, migration->journal.after);
    struct node *subjects = node_list(arena);
    node_append(
        arena, subjects,
        node_scalar(arena, arena_printf(arena, "natsform.rehearsal.%s", migration->journal.stream), true));
    node_put_text(arena, config, name_of(STREAM_NAME), rehearsal_name(migration));
    node_put(arena, config, name_of(STREAM_SUBJECTS), subjects);
    node_remove(config, name_of(STREAM_MIRROR));
    node_remove(config, name_of(STREAM_SOURCES));
    node_remove(config, name_of(STREAM_REPUBLISH));
    node_remove(config, name_of(STREAM_METADATA));
    return config;
}

/* What servers say whose own room, or what is reserved in it, is not enough: an account's messages alone do not tell. */
static bool is_about_room(const struct diags *diags)
{
    static const int codes[] = {10002, 10023, 10028, 10047};
    for (size_t i = 0; i < diags->list.count; i++)
        for (size_t j = 0; j < sizeof(codes) / sizeof(codes[0]); j++)
            if (diags->list.items[i]->err_code == codes[j])
                return true;
    return false;
}

/* That there is no room for two of it is no fault. */
static int try_beside(struct migration *migration, const char *folder, struct diags *diags)
{
    struct diags faults SCOPED(diags_release) = {0};
    struct restoring restoring = migrating_restoring(migration, folder);
    restoring.name = rehearsal_name(migration);
    restoring.exact = config_beside(migration);
    int failed = restore_plan(&restoring, &faults) || restore_stream(&restoring, &faults);
    if (failed && (restoring.lacks_room || is_about_room(&faults))) {
        migration->rehearsal = migration->apart ? REHEARSE_APART : REHEARSE_NOT;
        return 0;
    }
    diags_append(diags, &faults);
    return failed ? -1 : 0;
}

/* The server may be away for a moment. */
static int remove_beside(struct migration *migration, struct diags *diags)
{
    struct api_answer answer = {0};
    for (int i = 0; i < TRIES_MOST; i++) {
        if (migrating_connect_again(migration, diags))
            return -1;
        answer = api_ask(*migration->server, migration->arena,
                         &(struct api_request){.verb = "STREAM.DELETE",
                                               .name = rehearsal_name(migration),
                                               .type = "stream_delete_response"});
        if (answer.is.outcome == API_DONE || api_is_not_found(&answer.is))
            return 0;
    }
    return migrating_diagnose(migration, "delete the rehearsal of", &answer, diags);
}

/* Of a journal that somebody has edited, nothing else is removed. */
static int remove_folder(struct migration *migration, struct diags *diags)
{
    const char *folder = migration->journal.rehearsal;
    int error = strcmp(path_name(folder), REHEARSAL) == 0 ? folder_remove(folder) : 0;
    if (error)
        return diag_error(diags, &code_migration, (struct srcpos){0}, "cannot remove '%s': %s", folder,
                          errno_text(&diags->arena, error));
    migration->journal.rehearsal = "";
    return 0;
}

static int rehearse_beside(struct migration *migration, struct diags *diags)
{
    const char *folder = NULL;
    migrating_tell(migration, "is restored beside itself, to try it");
    int failed = migrating_back_up_to(migration, migration->journal.rehearsal, true, &folder, diags) ||
                 try_beside(migration, folder, diags);
    return remove_beside(migration, diags) || failed || remove_folder(migration, diags) ? -1 : 0;
}

/* ---- on a server of its own ---- */

/* That server is alone: there is no place to choose, and no other replica. */
static struct node *config_apart(const struct migration *migration)
{
    struct node *config = node_copy(migration->arena, migration->journal.after);
    node_put_number(migration->arena, config, name_of(STREAM_NUM_REPLICAS), 1);
    node_remove(config, name_of(STREAM_PLACEMENT));
    return config;
}

/* The lock of the run lives by the connection to the real server, which nobody asks anything meanwhile. */
static int64_t keep_alive(void *context)
{
    api_poll(context);
    return TICK_MS;
}

/* In a cluster, consumers may want replicas of their own, and no server alone takes such an archive. */
static int archive_for(struct migration *migration, const char **ret_folder, struct diags *diags)
{
    *ret_folder = migration->journal.backup;
    return migration->clustered
               ? migrating_back_up_to(migration, migration->journal.rehearsal, true, ret_folder, diags)
               : 0;
}

static int restore_apart(struct migration *migration, struct diags *diags)
{
    const char *folder = NULL;
    if (archive_for(migration, &folder, diags))
        return -1;
    struct restoring restoring = migrating_restoring(migration, folder);
    restoring.server = migration->own;
    restoring.is_trial = true;
    restoring.interrupted = migration->interrupted;
    restoring.exact = config_apart(migration);
    server_set_tick(migration->own, keep_alive, *migration->server);
    return restore_plan(&restoring, diags) || restore_stream(&restoring, diags) ? -1 : 0;
}

static void stop_apart(struct migration *migration)
{
    if (!migration->apart || migration->rehearsal != REHEARSE_APART)
        return;
    server_close(migration->own);
    migration->own = NULL;
    migration->apart->stop(migration->apart->context);
}

/* What is wrong with that server is no fault of the one that is worked on: what failed comes first, and says how the run ends. */
static int report_apart(struct migration *migration, int failed, const char *why, struct diags *faults,
                        struct diags *diags)
{
    if (failed)
        migrating_refuse(migration, why, diags);
    diags_append(diags, faults);
    return failed ? -1 : 0;
}

/* Before anybody is turned away: a program may be slow to start, or may not start at all. */
static int start_apart(struct migration *migration, struct diags *diags)
{
    struct diags faults SCOPED(diags_release) = {0};
    const struct rehearsal_server *apart = migration->apart;
    const char *own = path_in(migration->arena, migration->journal.rehearsal, "server");
    int failed = apart->start(apart->context, own, server_info(*migration->server), &migration->own, &faults);
    return report_apart(migration, failed, "there is no server of its own to try the restore on", &faults,
                        diags);
}

/* ---- in their order ---- */

int migrate_rehearse_begin(struct migration *migration, struct diags *diags)
{
    if (migration->rehearsal == REHEARSE_NOT)
        return 0;
    migration->journal.rehearsal = path_in(migration->arena, migration->place, REHEARSAL);
    if (migrating_enter(migration, JOURNAL_REHEARSES, diags))
        return -1;
    if (migration->rehearsal == REHEARSE_BESIDE && rehearse_beside(migration, diags))
        return -1;
    if (migration->rehearsal != REHEARSE_APART)
        return 0;
    migration->journal.rehearsal = path_in(migration->arena, migration->place, REHEARSAL);
    return start_apart(migration, diags);
}

int migrate_rehearse_apart(struct migration *migration, struct diags *diags)
{
    struct diags faults SCOPED(diags_release) = {0};
    if (migration->rehearsal != REHEARSE_APART)
        return 0;
    migrating_tell(migration, "is restored on a server of its own, to try it");
    int failed = restore_apart(migration, &faults);
    return report_apart(migration, failed, "its restore was tried on a server of its own, and failed",
                        &faults, diags);
}

int migrate_rehearse_end(struct migration *migration, struct diags *diags)
{
    stop_apart(migration);
    return remove_folder(migration, diags);
}

int migrate_rehearse_recover(struct migration *migration, struct diags *diags)
{
    bool beside = *migration->journal.rehearsal && migration->journal.phase == JOURNAL_REHEARSES;
    return (beside && remove_beside(migration, diags)) || remove_folder(migration, diags) ? -1 : 0;
}
