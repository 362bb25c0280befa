/*
 * natsform unlock: removes a lock that a run left behind. A dead lock is removed by the next run anyway; this is
 * for those who do not want to wait, and for a lock of a run that still lives but hangs.
 */
#include "cmd/command.h"

#include <string.h>

#include "apply/lock.h"
#include "base/exit.h"
#include "cmd/account.h"
#include "view/plan_text.h"

/* The locks that a run may hold: its project's, and that of adoption. */
struct locks {
    int there, adopts; /* are they? */
    struct lock_found own, adoption;
    bool both; /* that of adoption goes as well */
};

static void print_found(const struct account_run *account, const char *subject,
                        const struct lock_found *found)
{
    const struct style *style = &account->terms->out;
    style_safe(style, subject);
    fputs(": ", style->file);
    style_safe(style, found->who);
    fputs(found->dead ? " (this run is gone), at " : " (this run is alive), at ", style->file);
    const struct server_info *info = server_info(account->server);
    style_safe(style, view_place(&account->session->arena, info->url, info->found));
    fputc('\n', style->file);
    fflush(style->file);
}

/* Is it one run? It took its locks one after the other, and says when. */
static bool is_same_run(const struct lock_found *one, const struct lock_found *other)
{
    const char *since = strstr(one->who, ", since ");
    size_t length = since ? (size_t)(since - one->who) + strlen(", since ") : strlen(one->who) + 1;
    return strncmp(one->who, other->who, length) == 0;
}

static void show_waiting(void *context, const char *holder, int64_t waited_ms)
{
    struct progress_wait *wait = context;
    progress_show(&wait->style, holder, "has just begun, or is gone", waited_ms);
    wait->said = true;
}

static int find(struct account_run *account, const char *project, struct lock_found *ret_found)
{
    struct progress_wait wait = {.style = account->terms->told};
    const struct lock_options options = {.project = project, .waiting = show_waiting, .context = &wait};
    int there = lock_find(&account->session->arena, account->server, &options, ret_found, account->diags);
    progress_waited(&wait);
    return there;
}

/* Another project's run that adopts and is alive needs its lock. */
static int find_locks(struct account_run *account, struct locks *ret_locks)
{
    const char *project = account->manifest->project;
    struct locks locks = {0};
    locks.there = find(account, project, &locks.own);
    if (locks.there >= 0 && project)
        locks.adopts = find(account, NULL, &locks.adoption);
    locks.both = locks.adopts > 0 &&
                 (locks.adoption.dead || (locks.there && is_same_run(&locks.own, &locks.adoption)));
    *ret_locks = locks;
    return locks.there < 0 || locks.adopts < 0 ? -1 : 0;
}

static int unlock_one(struct account_run *account, void *context)
{
    const struct style *style = &account->terms->out;
    struct arena *arena = &account->session->arena;
    struct locks locks;
    (void)context;
    if (account_connect(account) || account_check_expected(account))
        return -1;
    if (account->manifest->connection)
        view_connection(style, account->manifest->connection);
    if (find_locks(account, &locks))
        return -1;
    if (locks.there)
        print_found(account, lock_subject_of(arena, account->manifest->project), &locks.own);
    if (locks.adopts)
        print_found(account, LOCK_ADOPTION, &locks.adoption);
    if (!locks.there && !locks.both) {
        fputs("Not locked.\n", style->file);
        return EXIT_DONE;
    }
    bool dead = locks.there ? locks.own.dead : locks.adoption.dead;
    const char *what = locks.there && locks.both ? "Remove its locks" : "Remove its lock";
    int declined =
        account_confirm(account, dead ? what : arena_printf(arena, "%s, while it is alive,", what));
    if (declined)
        return declined;
    if ((locks.there && lock_break(account->server, &locks.own, account->diags)) ||
        (locks.both && lock_break(account->server, &locks.adoption, account->diags)))
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
                "killed, its lock expires within a minute; this command removes it at once, and with it the lock that the run adopts "
                "with. It says whose they are, and asks. If the run is still alive, it stops before its next change.",
            .examples =
                (const char *const[]){
                    "See who holds the lock of natsform.yaml's project, and remove it",
                    "natsform unlock",
                    "Remove it in a pipeline",
                    "natsform unlock -f prod.yaml --context prod --yes",
                    NULL,
                },
            .options =
                OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER | OPTIONS_CONFIRM,
        },
    .run = run,
};
