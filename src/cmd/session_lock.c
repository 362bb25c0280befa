/* Taking and releasing the lock for a command; see session.h. */
#include "cmd/session.h"

#include <pwd.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "apply/lock.h"
#include "apply/refresh.h"
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

/* "apply by me@host, pid 4711, since 2026-01-31T12:00:00Z": written into the lock for others to read. */
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

/* Does a stream that is to be take in the subjects that a lock could have? */
static bool captures_lock(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->streams.count; i++) {
        const struct value_list *subjects = object_list(manifest->streams.items[i]->config, STREAM_SUBJECTS);
        for (size_t j = 0; j < subjects->count; j++)
            if (subjects_collide(subjects->items[j].text, LOCK_SUBJECT_PREFIX "any"))
                return true;
    }
    return false;
}

bool session_locks(const struct session *session)
{
    return (session->command->options & OPTIONS_LOCK) && !session->options.no_lock;
}

int session_lock(struct session *session)
{
    struct progress_wait wait = {.style = session->err};
    struct lock_options options = {
        .project = session->manifest->project,
        .captured = captures_lock(session->manifest),
        .wait_ms = session->options.lock_timeout_ms,
        .waiting = progress_waiting,
        .context = &wait,
        .interrupted = interrupt_came,
    };
    if (check_expected(server_info(session->server), session->manifest, &session->diags))
        return -1;
    interrupt_defer();
    options.who = describe_run(session);
    int failed = lock_take(session->server, &options, &session->lock, &session->diags);
    progress_waited(&wait);
    return failed;
}

int session_check_room(struct session *session, const struct plan *plan)
{
    const struct server_info *info = server_info(session->server);
    const struct node *most = node_get(node_get(info->account_info, "limits"), "max_streams");
    uint64_t limit = 0;
    uint64_t needed = info->streams; /* as it was before the lock was taken */
    if (!session->lock || !most || most->type != NODE_SCALAR || !number_parse_u64(most->text, &limit) ||
        !limit)
        return 0;
    for (size_t i = 0; i < plan->steps.count; i++)
        needed += plan->steps.items[i]->action == ACTION_CREATE && !plan->steps.items[i]->stream;
    if (needed != limit) /* with even more the limit is in the way by itself */
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_lock, (struct srcpos){0},
                 "the lock takes the last of the account's %llu streams, and the plan needs it",
                 (unsigned long long)limit);
    diag_hint(&session->diags, diag, LOCK_GO_WITHOUT);
    return -1;
}

void session_unlock(struct session *session)
{
    lock_release(session->lock, session->server, &session->diags);
    session->lock = NULL;
}
