/* natsform recover: finishes, or undoes, what a run that was killed has left open. */
#include "cmd/command.h"

#include "base/exit.h"
#include "cmd/account.h"
#include "cmd/unfinished.h"
#include "view/style.h"

static int recover_one(struct account_run *account, void *context)
{
    struct journals journals;
    (void)context;
    if (account_connect(account) || account_check_expected(account))
        return -1;
    const struct unfinished open = account_unfinished(account);
    if (unfinished_find(&open, &journals))
        return -1;
    if (!journals.list.count) {
        fputs("Nothing is open.\n", account->terms->out.file);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < journals.list.count; i++)
        unfinished_show(&account->terms->out, journals.list.items[i]);
    fflush(account->terms->out.file);
    int declined = account_confirm(account, "Finish this, or undo it where nothing was deleted,");
    if (declined)
        return declined;
    if (account_lock(account))
        return -1;
    const struct unfinished locked = account_unfinished(account);
    return unfinished_recover(&locked) ? -1 : EXIT_DONE;
}

static int run(struct session *session)
{
    return accounts_run(session, recover_one);
}

const struct command recover_command = {
    .help =
        {
            .name = "recover",
            .arguments = "",
            .summary = "Finish what a killed run was making anew",
            .description =
                "A stream that is made anew (lifecycle.on_immutable: migrate) is frozen, backed up, deleted and restored. What is "
                "about to be done is written into .natsform/journal first. If the run is killed, or the server goes, this "
                "command says what is open, and asks; then it restores what was deleted, or puts back what was frozen. The next "
                "apply does the same by itself.",
            .examples =
                (const char *const[]){
                    "See what is open, and finish it",
                    "natsform recover",
                    "Finish it in a pipeline",
                    "natsform recover -f prod.yaml --context prod --yes",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_CONFIRM | OPTIONS_LOCK,
        },
    .run = run,
};
