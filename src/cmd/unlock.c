/*
 * natsform unlock: removes a lock that a run left behind. A dead lock is removed by the next run anyway; this is
 * for those who do not want to wait, and for a lock of a run that still lives but hangs.
 */
#include "cmd/command.h"

#include "apply/lock.h"
#include "apply/refresh.h"
#include "base/exit.h"
#include "cmd/accounts.h"
#include "view/plan_text.h"

static void print_found(struct session *session, const struct lock_found *found)
{
    const struct style *style = &session->out;
    style_safe(style, lock_subject_of(&session->arena, session->manifest->project));
    fputs(": ", style->file);
    style_safe(style, found->who);
    fputs(found->dead ? " (this run is gone)\n" : " (this run is alive)\n", style->file);
    fflush(style->file);
}

static int unlock_one(struct session *session)
{
    struct lock_found found;
    if (session_connect(session) ||
        check_expected(server_info(session->server), session->manifest, &session->diags))
        return EXIT_DONE;
    if (session->manifest->connection)
        view_connection(&session->out, session->manifest->connection);
    int there =
        lock_find(&session->arena, session->server, session->manifest->project, &found, &session->diags);
    if (there == 0)
        fputs("Not locked.\n", session->out.file);
    if (there <= 0)
        return EXIT_DONE;
    print_found(session, &found);
    if (session_confirm(session, found.dead ? "Remove its lock?" : "Remove its lock, while it is alive?"))
        return session->diags.errors ? EXIT_USAGE : EXIT_FAILED;
    if (lock_break(session->server, &found, &session->diags) == 0)
        fputs("Removed.\n", session->out.file);
    return EXIT_DONE;
}

static int run(struct session *session)
{
    return session_check_arguments(session, 0, 0) ? EXIT_USAGE : accounts_run(session, unlock_one);
}

const struct command unlock_command = {
    .help =
        {
            .name = "unlock",
            .arguments = "",
            .summary = "Remove the lock of a run that died",
            .description =
                "A run that changes things keeps others on the same project out, by a lock in JetStream. When a run is "
                "killed, its lock expires within a minute; this command removes it at once. It says whose lock it is, and "
                "asks. If the run is still alive, it stops before its next change.",
            .examples =
                (const char *const[]){
                    "See who holds the lock of natsform.yaml's project, and remove it",
                    "natsform unlock",
                    "Remove it in a pipeline",
                    "natsform unlock -f prod.yaml --context prod --yes",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_CONFIRM,
        },
    .run = run,
};
