/* Tries a restore; see migrate_rehearse.h. */
#include "apply/migrate_rehearse.h"

#include <string.h>

#include "apply/restore.h"
#include "base/folder.h"
#include "base/path.h"
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

/* The account may have no room for two of it, which is no fault. */
static int try_beside(struct migration *migration, const char *folder, struct diags *diags)
{
    const struct diags before = *diags;
    struct restoring restoring = migrating_restoring(migration, folder);
    restoring.name = rehearsal_name(migration);
    restoring.exact = config_beside(migration);
    int failed = restore_plan(&restoring, diags);
    if (!failed || !restoring.lacks_room)
        return failed || restore_stream(&restoring, diags) ? -1 : 0;
    diags_forget(diags, &before);
    migration->rehearsal = migration->apart ? REHEARSE_APART : REHEARSE_NOT;
    return 0;
}

/* The journal says where its archive is, as long as that is what it is about. The server may be away for a moment. */
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
        if (answer.is.outcome == API_DONE || api_is_not_found(&answer.is)) {
            folder_remove(migration->journal.backup);
            return 0;
        }
    }
    return migrating_diagnose(migration, "delete the rehearsal of", &answer, diags);
}

int migrate_rehearse_beside(struct migration *migration, struct diags *diags)
{
    const char *folder = NULL;
    const char *place = path_in(migration->arena, migration->place, REHEARSAL);
    if (migration->rehearsal != REHEARSE_BESIDE)
        return 0;
    migration->journal.backup = place;
    if (migrating_enter(migration, JOURNAL_REHEARSES, diags))
        return -1;
    migrating_tell(migration, "is restored beside itself, to try it");
    int failed =
        migrating_back_up_to(migration, place, true, &folder, diags) || try_beside(migration, folder, diags);
    if (remove_beside(migration, diags))
        return -1;
    migration->journal.backup = "";
    return failed ? -1 : 0;
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

static int restore_apart(const struct migration *migration, const char *folder, struct server *server,
                         struct diags *diags)
{
    struct restoring restoring = migrating_restoring(migration, folder);
    restoring.server = server;
    restoring.is_trial = true;
    restoring.interrupted = migration->interrupted;
    restoring.exact = config_apart(migration);
    server_set_tick(server, keep_alive, *migration->server);
    return restore_plan(&restoring, diags) || restore_stream(&restoring, diags) ? -1 : 0;
}

/* In a cluster, consumers may want replicas of their own, and no server alone takes such an archive. */
static int archive_for(struct migration *migration, const char *place, const char **ret_folder,
                       struct diags *diags)
{
    *ret_folder = migration->journal.backup;
    return migration->clustered ? migrating_back_up_to(migration, place, true, ret_folder, diags) : 0;
}

static const char *place_apart(const struct migration *migration)
{
    struct arena *arena = migration->arena;
    return path_in(arena, path_folder(arena, migration->journal.backup), REHEARSAL);
}

/* What is wrong with that server is no fault of the one that is worked on: what failed comes first, and says how the run ends. */
static int try_apart(struct migration *migration, const char *place, struct diags *diags)
{
    const struct rehearsal_server *apart = migration->apart;
    const char *folder = NULL;
    struct diags faults SCOPED(diags_release) = {0};
    struct server *server = NULL;
    int failed = archive_for(migration, place, &folder, diags) ||
                 apart->start(apart->context, path_in(migration->arena, place, "server"),
                              server_info(*migration->server), &server, &faults) ||
                 restore_apart(migration, folder, server, &faults);
    server_close(server);
    apart->stop(apart->context);
    if (failed)
        migrating_refuse(migration, "its restore was tried on a server of its own, and failed", diags);
    diags_append(diags, &faults);
    return failed ? -1 : 0;
}

int migrate_rehearse_apart(struct migration *migration, struct diags *diags)
{
    if (migration->rehearsal != REHEARSE_APART)
        return 0;
    const char *place = place_apart(migration);
    if (migrating_enter(migration, JOURNAL_FREEZES, diags)) /* which says now where the backup is */
        return -1;
    migrating_tell(migration, "is restored on a server of its own, to try it");
    int failed = try_apart(migration, place, diags);
    folder_remove(place);
    return failed;
}

/* ---- what is left of it ---- */

int migrate_rehearsal_remove(struct migration *migration, struct diags *diags)
{
    const struct journal *journal = &migration->journal;
    if (journal->phase == JOURNAL_REHEARSES && strcmp(path_name(journal->backup), REHEARSAL) == 0)
        return remove_beside(migration, diags);
    if (journal->phase == JOURNAL_FREEZES && *journal->backup)
        folder_remove(place_apart(migration));
    return 0;
}
