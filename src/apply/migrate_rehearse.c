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

/* ---- what is restored ---- */

static const char *rehearsal_name(const struct migration *migration)
{
    return arena_printf(migration->arena, "natsform_rehearsal_%s", migration->journal.stream);
}

/* Nobody publishes to it, and it copies from nobody, and to nobody. */
static struct node *config_of(const struct migration *migration)
{
    struct arena *arena = migration->arena;
    struct node *config = node_copy(arena, migration->journal.after);
    struct node *subjects = node_list(arena);
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

static struct node *config_beside(const struct migration *migration)
{
    struct node *config = config_of(migration);
    node_put_text(migration->arena, config, name_of(STREAM_NAME), rehearsal_name(migration));
    return config;
}

/* That server is alone, so that there is no place to choose, and no other replica. */
static struct node *config_apart(const struct migration *migration)
{
    struct node *config = config_of(migration);
    node_put_number(migration->arena, config, name_of(STREAM_NUM_REPLICAS), 1);
    node_remove(config, name_of(STREAM_PLACEMENT));
    return config;
}

/* ---- trying it ---- */

/* *ret_lacks_room: it could not be tried, as the account has no room for two of it; that is no fault. */
static int try_beside(struct migration *migration, const char *folder, bool *ret_lacks_room,
                      struct diags *diags)
{
    const struct diags before = *diags;
    struct restoring restoring = migrating_restoring(migration, folder);
    migrating_tell(migration, "is restored beside itself, to try it");
    restoring.name = rehearsal_name(migration);
    restoring.exact = config_beside(migration);
    int failed = restore_plan(&restoring, diags);
    *ret_lacks_room = failed && restoring.lacks_room;
    if (*ret_lacks_room)
        diags_forget(diags, &before);
    return *ret_lacks_room ? 0 : failed || restore_stream(&restoring, diags) ? -1 : 0;
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
    restoring.exact = config_apart(migration);
    server_set_tick(server, keep_alive, *migration->server);
    return restore_plan(&restoring, diags) || restore_stream(&restoring, diags) ? -1 : 0;
}

/* What is wrong with that server is no fault of the one that is worked on: what failed comes first, and says how the run ends. */
static int try_apart(struct migration *migration, const char *folder, struct diags *diags)
{
    const struct rehearsal_server *apart = migration->apart;
    const char *own = path_in(migration->arena, migration->journal.backup, "server");
    struct diags faults SCOPED(diags_release) = {0};
    struct server *server = NULL;
    migrating_tell(migration, "is restored on a server of its own, to try it");
    int failed = apart->start(apart->context, own, server_info(*migration->server), &server, &faults) ||
                 restore_apart(migration, folder, server, &faults);
    server_close(server);
    apart->stop(apart->context);
    if (failed)
        migrating_refuse(migration, "its restore was tried on a server of its own, and failed", diags);
    diags_append(diags, &faults);
    return failed ? -1 : 0;
}

static int try_restore(struct migration *migration, const char *folder, struct diags *diags)
{
    bool lacks_room = false;
    int failed =
        migration->rehearsal == REHEARSE_BESIDE ? try_beside(migration, folder, &lacks_room, diags) : 0;
    if (!failed && migration->apart && (lacks_room || migration->rehearsal == REHEARSE_APART))
        failed = try_apart(migration, folder, diags);
    return failed;
}

/* ---- the whole ---- */

bool migrate_rehearsal_is_open(const struct journal *journal)
{
    return journal->phase == JOURNAL_REHEARSES && strcmp(path_name(journal->backup), REHEARSAL) == 0;
}

/* The journal says where its archive is, as long as that is what it is about. The server may be away for a moment. */
int migrate_rehearsal_remove(struct migration *migration, struct diags *diags)
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

int migrate_rehearse(struct migration *migration, struct diags *diags)
{
    const char *folder = NULL;
    const char *place = path_in(migration->arena, migration->place, REHEARSAL);
    if (migration->rehearsal == REHEARSE_NOT)
        return 0;
    migration->journal.backup = place;
    if (migrating_enter(migration, JOURNAL_REHEARSES, diags))
        return -1;
    int failed =
        migrating_back_up_to(migration, place, true, &folder, diags) || try_restore(migration, folder, diags);
    if (migrate_rehearsal_remove(migration, diags))
        return -1;
    migration->journal.backup = "";
    return failed ? -1 : 0;
}
