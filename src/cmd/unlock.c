/*
 * natsform unlock: removes a lock that a run left behind. A dead lock is removed by the next run anyway; this is
 * for those who do not want to wait, and for a lock of a run that still lives but hangs.
 */
#include "cmd/command.h"

#include "apply/lock.h"
#include "base/exit.h"
#include "cmd/accounts.h"
#include "view/plan_text.h"

static void print_found(const struct account_run *account, const struct lock_found *found)
{
    const struct style *style = &account->terms->out;
    style_safe(style, lock_subject_of(&account->session->arena, account->manifest->project));
    fputs(": ", style->file);
    style_safe(style, found->who);
    fputs(found->dead ? " (this run is gone), at " : " (this run is alive), at ", style->file);
    const struct server_info *info = server_info(account->server);
    style_safe(style, view_place(&account->session->arena, info->url, info->found));
    fputc('\n', style->file);
    fflush(style->file);
}

static int unlock_one(struct account_run *account, void *context)
{
    const struct style *style = &account->terms->out;
    struct lock_found found;
    (void)context;
    if (account_connect(account) || account_check_expected(account))
        return -1;
    if (account->manifest->connection)
        view_connection(style, account->manifest->connection);
    int there = lock_find(&account->session->arena, account->server, account->manifest->project, &found,
                          account->diags);
    if (there == 0)
        fputs("Not locked.\n", style->file);
    if (there <= 0)
        return there;
    print_found(account, &found);
    int declined =
        account_confirm(account, found.dead ? "Remove its lock" : "Remove its lock, while it is alive,");
    if (declined)
        return declined;
    if (lock_break(account->server, &found, account->diags))
        return -1;
    fputs("Removed.\n", style->file);
    return EXIT_DONE;
}

static int run(struct session *session)
{
    return accounts_run(session, unlock_one);
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
