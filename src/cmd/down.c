/*
 * natsform down: stops what up started, and nothing else. It works from the state in .natsform/ alone and does not
 * read the manifest, which may be broken or changed by now.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "base/write.h"
#include "cmd/environment.h"
#include "devenv/store.h"

/* Asks before data is removed, and says how much there is. */
static int confirm_volumes(struct session *session, const struct up *up)
{
    const char *what = up->runner->volumes ? up->runner->volumes(up->runner) : NULL;
    const char *question =
        arena_printf(&session->arena, "Remove the data of %zu server%s%s%s?", up->state.nodes.count,
                     up->state.nodes.count == 1 ? "" : "s", what ? ", " : "", what ? what : "");
    return session_confirm(session, question, NULL, &session->diags);
}

/* Names the stores outside of the manifest's folder. They are the user's, and stay. */
static void name_kept(struct session *session, const struct up *up)
{
    for (size_t i = 0; i < up->state.nodes.count; i++) {
        const char *store = up->state.nodes.items[i]->store;
        if (!store || !file_exists(store) || store_is_inside(up->arena, up->root, store))
            continue;
        fputs("Kept, as it is outside of the project: ", session->out.file);
        style_safe(&session->out, store);
        fputc('\n', session->out.file);
    }
}

static int down(struct session *session, struct up *up)
{
    bool volumes = session->options.volumes;
    if (!up->state.nodes.count && !volumes) {
        fputs("Nothing is up.\n", session->out.file);
        return up_down(up, false, &session->diags) ? EXIT_FAILED : EXIT_DONE;
    }
    int declined = volumes ? confirm_volumes(session, up) : 0;
    if (declined)
        return declined;
    if (up_down(up, volumes, &session->diags))
        return -1;
    if (volumes)
        name_kept(session, up);
    return EXIT_DONE;
}

static int run(struct session *session)
{
    struct up up;
    const char *root = environment_root(session);
    if (!root)
        return -1;
    if (!file_exists(arena_printf(&session->arena, "%s/" STATE_FOLDER, root))) {
        fputs("Nothing is up.\n", session->out.file);
        return EXIT_DONE;
    }
    if (environment_open(session, true, &up))
        return -1;
    int exit_code = down(session, &up);
    up_close(&up);
    return exit_code;
}

const struct command down_command = {
    .help =
        {
            .name = "down",
            .arguments = "",
            .summary = "Stop what up started",
            .description =
                "Stops the servers that 'natsform up' started beside the manifest, and nothing else: each is known by its "
                "pid, start time and program. A server that is stopped (SIGSTOP) is let go on, so that it can end. Removes "
                "the nats CLI context that 'up' made, and selects the last one before it that there still is. The manifest is not "
                "read, so it may be wrong.\n\n"
                "Data stays for the next 'up'. --volumes removes it, after asking, but never a store_dir outside of the "
                "manifest's folder.\n\n"
                "Exit codes: 0 nothing is up any more, 69 a server does not end. Then natsform keeps its record of the "
                "server.",
            .examples =
                (const char *const[]){
                    "Stop the servers of this folder",
                    "natsform down",
                    "Stop them and remove their data, without asking",
                    "natsform down --volumes --yes",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_DOWN | OPTIONS_CONFIRM,
        },
    .run = run,
};
