/*
 * natsform down: stops what up started, and nothing else. It works from the state in .natsform/ alone and does not
 * read the manifest, which may be broken or changed by now.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "base/write.h"
#include "cmd/environment.h"
#include "devenv/left.h"

/* What goes with --volumes: "of 2 servers, 5 bytes in …, 1 volume of Docker (…)"; NULL: nothing. */
static const char *what_goes(struct session *session, const struct up *up, const struct left *left)
{
    const char *files = left_text(&session->arena, &up->state, left);
    const char *volumes = up->runner->volumes ? up->runner->volumes(up->runner) : NULL;
    if (!files)
        return volumes;
    return arena_printf(&session->arena, "the data of %zu server%s, %s%s%s", left->nodes.count,
                        left->nodes.count == 1 ? "" : "s", files, volumes ? ", " : "",
                        volumes ? volumes : "");
}

/* Names the stores outside of the manifest's folder. They are the user's, and stay. */
static void name_kept(struct session *session, const struct left *left)
{
    for (size_t i = 0; i < left->kept.count; i++) {
        fputs("Kept, as it is outside of the project: ", session->out.file);
        style_safe(&session->out, left->kept.items[i]);
        fputc('\n', session->out.file);
    }
}

/* Asks before data is removed, and says how much there is. */
static int down_with_data(struct session *session, struct up *up)
{
    struct left left;
    left_find(&session->arena, &up->state, &left);
    const char *what = what_goes(session, up, &left);
    if (!what) {
        fputs("Nothing is up, and no data is left.\n", session->out.file);
        return up_down(up, true, &session->diags) ? -1 : EXIT_DONE;
    }
    int declined =
        session_confirm(session, arena_printf(&session->arena, "Remove %s?", what), NULL, &session->diags);
    if (declined)
        return declined;
    if (up_down(up, true, &session->diags))
        return -1;
    fputs("Removed: ", session->out.file);
    style_safe(&session->out, what);
    fputc('\n', session->out.file);
    name_kept(session, &left);
    return EXIT_DONE;
}

static int down(struct session *session, struct up *up)
{
    if (session->options.volumes)
        return down_with_data(session, up);
    if (!up->state.nodes.count)
        fputs("Nothing is up.\n", session->out.file);
    return up_down(up, false, &session->diags) ? -1 : EXIT_DONE;
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
                "Data stays for the next 'up'. --volumes removes it, after asking, at once or later, but never a store_dir outside of the "
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
