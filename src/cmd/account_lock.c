/* Taking the lock for a command; see account.h. */
#include "cmd/account.h"

#include <pwd.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "cmd/interrupt.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "kind/names.h"
#include "view/progress.h"

static const char *user_name(void)
{
    const struct passwd *entry = getpwuid(geteuid());
    const char *variable = getenv("USER");
    return entry && entry->pw_name ? entry->pw_name : variable && *variable ? variable : "somebody";
}

/* Describes this run for others: "apply by me@host, pid 4711, since 2026-01-31T12:00:00Z". */
static const char *describe_run(struct session *session)
{
    char host[256] = "";
    struct instant since = {.seconds = time(NULL)};
    if (gethostname(host, sizeof(host) - 1) || !host[0])
        return arena_printf(&session->arena, "%s by %s, pid %ld, since %s", session->command->name,
                            user_name(), (long)getpid(), instant_format(&session->arena, since));
    return arena_printf(&session->arena, "%s by %s@%s, pid %ld, since %s", session->command->name,
                        user_name(), host, (long)getpid(), instant_format(&session->arena, since));
}

/* Does a stream of the manifest capture the subjects that a lock could have? */
static bool captures_lock(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->streams.count; i++) {
        const struct value_list *subjects = object_list(manifest->streams.items[i]->config, STREAM_SUBJECTS);
        /* A lock's subject has one more token than the prefix, and any does for the comparison. */
        for (size_t j = 0; j < subjects->count; j++)
            if (subjects_collide(subjects->items[j].text, LOCK_SUBJECT_PREFIX "any"))
                return true;
    }
    return false;
}

static int take(struct account_run *account, struct lock_options *options, struct lock **ret_lock)
{
    struct progress_wait wait = {.style = account->terms->err};
    options->who = describe_run(account->session);
    options->captured = captures_lock(account->manifest);
    options->waiting = progress_waiting;
    options->context = &wait;
    options->interrupted = interrupt_came;
    int failed = lock_take(account->server, options, ret_lock, account->diags);
    progress_waited(&wait);
    return failed;
}

int account_lock(struct account_run *account)
{
    struct lock_options options = {
        .project = account->manifest->project,
        .wait_ms = account->session->options.lock_timeout_ms,
    };
    if (!account->terms->locks || account->lock)
        return 0;
    if (account_check_expected(account))
        return -1;
    /* From here on a signal may not end the process at once, as the lock would stay behind. */
    interrupt_defer();
    return take(account, &options, &account->lock);
}

int account_lock_adoption(struct account_run *account)
{
    enum { BRIEF_MS = 60000 }; /* others have it while they adopt, and a dead one has lost it by then */
    int64_t wait_ms = account->session->options.lock_timeout_ms;
    struct lock_options options = {.adopts = true, .wait_ms = wait_ms > BRIEF_MS ? wait_ms : BRIEF_MS};
    struct lock *lock = NULL;
    /* Without a project no object gets a mark, so no two runs can want the same one. */
    if (!account->lock || account->adopts || !account->manifest->project)
        return 0;
    if (take(account, &options, &lock))
        return -1;
    lock_join(account->lock, lock);
    account->adopts = true;
    return 0;
}

void account_unlock(struct account_run *account)
{
    lock_release(account->lock, account->server, account->diags);
    account->lock = NULL;
    account->adopts = false;
}

int account_check_room(struct account_run *account, const struct plan *plan)
{
    const struct server_info *info = server_info(account->server);
    const struct node *most = node_get(node_get(info->account_info, "limits"), "max_streams");
    uint64_t limit = 0;
    uint64_t needed = info->streams; /* as it was before the lock was taken */
    if (!account->lock || !most || most->type != NODE_SCALAR || !number_parse_u64(most->text, &limit) ||
        !limit)
        return 0;
    for (size_t i = 0; i < plan->steps.count; i++)
        needed += plan->steps.items[i]->action == ACTION_CREATE && !plan->steps.items[i]->stream;
    uint64_t locks = plan->counts[ACTION_ADOPT] && account->manifest->project ? 2 : 1;
    if (needed > limit || needed + locks <= limit) /* if even more are needed, the lock is not the problem */
        return 0;
    struct diag *diag =
        diag_add(account->diags, &code_lock, (struct srcpos){0},
                 "the lock takes the last of the account's %llu streams, and the plan needs it",
                 (unsigned long long)limit);
    diag_hint(account->diags, diag, LOCK_GO_WITHOUT);
    return -1;
}
