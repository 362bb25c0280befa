/* Locks on store directories; see store.h. store_user.c looks for servers that have no such lock. */
#include "devenv/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "devenv/process.h"
#include "devenv/state.h"
#include "devenv/store_user.h"

DIAG_CODE(
    code_store, .name = "store", CODE_ERROR(EXIT_FAILED),
    .doc = "A store directory cannot be written, or another server uses it.",
    .why =
        "Servers do not lock their store: two on one directory destroy each other's streams, and both report themselves healthy.",
    .example = "jetstream: {store_dir: /var/lib/nats}, which the system's service uses",
    .remedy = "Use another store_dir, or none: then it is below .natsform/.");

DIAG_CODE(
    code_no_answer, .name = "no-answer", CODE_ERROR(EXIT_UNREACHABLE),
    .doc = "It cannot be known what a server does, as when it is stopped: nothing is started beside it.",
    .why =
        "A server that does not answer may go on the next moment, and write to its store: one that was started in its place would destroy it.",
    .example =
        "up, while the server of the last up is stopped (kill -STOP), or the machine is too busy for it",
    .remedy =
        "Have it go on (kill -CONT PID), wait with --timeout, or end it: 'natsform down', or by hand what natsform did not start.");

enum { PAUSE_MS = 50 };

static int unfit(const char *store, const char *node, const char *why, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_store, (struct srcpos){0},
                                 "cannot write store_dir '%s' of server '%s': %s", store, node, why);
    diag_hint(diags, diag, "without 'store_dir' it is below " STATE_FOLDER "/");
    return -1;
}

static int in_use(const char *store, const char *node, const char *who, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_store, (struct srcpos){0},
                                 "store_dir '%s' of server '%s' is in use by %s", store, node, who);
    diag_hint(diags, diag,
              "stop that one, or give this one another store_dir: two servers on one destroy it");
    return -1;
}

/* ---- the lock ---- */

/* Who holds the lock wrote "NODE of FOLDER" into its file. */
static const char *signature(struct arena *arena, const char *path)
{
    struct source file;
    if (file_read(arena, path, FILE_SMALL_MOST, &file, NULL) || !file.length)
        return "another server that natsform started";
    return arena_printf(arena, "server %.*s, which natsform started", (int)strcspn(file.text, "\n"),
                        file.text);
}

/*
 * A server tests at its start whether it can write here: it makes a file and removes it. If it is killed in between, the
 * file stays. Every later server takes it for the folder of an unknown account, and reports itself as unwell for ever.
 * So such files are removed.
 */
static void remove_trials(struct arena *arena, const char *store)
{
    static const char trial[] = "_test_";
    const char *folder = arena_printf(arena, "%s/jetstream", store);
    DIR *directory SCOPED(close_directory) = opendir(folder);
    for (const char *name; (name = folder_next(directory));)
        if (strncmp(name, trial, sizeof(trial) - 1) == 0)
            /* Fails for a folder that is not empty. */
            remove(arena_printf(arena, "%s/%s", folder, name));
}

/* Makes the directory and locks it. Returns 0 with *ret_fd, 1 if another process has the lock, or -1 with diagnostics. */
static int take_lock(struct arena *arena, const char *store, const char *node, const char *root, int *ret_fd,
                     struct diags *diags)
{
    const char *path = arena_printf(arena, "%s/" STORE_LOCK, store);
    const char *why = NULL;
    if (folder_make(arena, store, &why))
        return unfit(store, node, why, diags);
    int failed = file_lock(path, true, 0, ret_fd);
    if (failed)
        return failed > 0 ? 1 : unfit(store, node, strerror(errno), diags);
    if (file_lock_sign(*ret_fd, arena_printf(arena, "'%s' of %s\n", node, root)) == 0)
        return 0;
    unfit(store, node, strerror(errno), diags);
    close(*ret_fd);
    return -1;
}

int store_take(struct arena *arena, const char *store, const char *node, const char *root,
               struct diags *diags)
{
    int fd = -1;
    int failed = take_lock(arena, store, node, root, &fd, diags);
    if (failed)
        return failed < 0 ? -1
                          : in_use(store, node,
                                   signature(arena, arena_printf(arena, "%s/" STORE_LOCK, store)), diags);
    remove_trials(arena, store);
    return fd;
}

bool store_is_taken(struct arena *arena, const char *store)
{
    const char *path = arena_printf(arena, "%s/" STORE_LOCK, store);
    int fd SCOPED(close_fd) = -1;
    /* Without making the file: a folder that is only looked at stays as it is. */
    int failed = file_lock(path, false, 0, &fd);
    return failed > 0 || (failed && errno != ENOENT && errno != ENOTDIR);
}

void store_release(struct arena *arena, const char *store)
{
    const char *path = arena_printf(arena, "%s/" STORE_LOCK, store);
    int fd SCOPED(close_fd) = -1;
    if (file_lock(path, false, 0, &fd))
        return; /* somebody else has locked it meanwhile */
    unlink(path);
    rmdir(store);
}

/* ---- whether it can be had ---- */

static int tell_user(struct arena *arena, const char *store, const char *node, const struct store_user *user,
                     struct diags *diags)
{
    const char *path = arena_printf(arena, "%s/" STORE_LOCK, store);
    const char *pid = user->pid ? arena_printf(arena, "pid %lld: %s", (long long)user->pid,
                                               process_command(arena, user->pid))
                                : "/proc cannot be read";
    const char *who =
        user->locked && !user->pid
            ? signature(arena, path)
            : arena_printf(arena, "%s (%s)",
                           user->locked ? signature(arena, path) : "a server that natsform did not start",
                           pid);
    if (user->use == STORE_USED && !user->stopped)
        return in_use(store, node, who, diags);
    struct diag *diag = diag_add(
        diags, &code_no_answer, (struct srcpos){0}, "store_dir '%s' of server '%s' %s in use by %s: %s",
        store, node, user->use == STORE_USED ? "is" : "may be", who,
        user->stopped ? "it is stopped, and may go on at any time" : "nothing tells where its store is");
    diag_hint(
        diags, diag,
        "nothing was started: two servers on one store destroy it. 'kill -CONT PID' has a stopped process go on");
    return -1;
}

/* Looks once whether the store is free. Touches nothing in the directory but the lock's file. */
static int look(struct arena *arena, const char *store, const char *node, const char *root,
                struct store_user *ret_user, struct diags *diags)
{
    int fd = -1;
    int failed = take_lock(arena, store, node, root, &fd, diags);
    if (failed < 0)
        return -1;
    const char *real = path_real(arena, store);
    *ret_user =
        failed ? store_holder_find(arena, real ? real : store) : store_user_find(arena, real ? real : store);
    ret_user->locked = failed > 0;
    if (failed)
        ret_user->use = STORE_USED;
    if (fd >= 0)
        close(fd);
    return 0;
}

int store_check(struct arena *arena, const char *store, const char *node, const char *root,
                const struct store_patience *patience, struct diags *diags)
{
    int64_t deadline = clock_ms() + patience->most_ms;
    /* A store that may be in use is waited for: the server may be ending, or too busy to say whose store it has. */
    for (;;) {
        struct store_user user = {.use = STORE_FREE};
        if (look(arena, store, node, root, &user, diags))
            return -1;
        if (user.use == STORE_FREE)
            return 0;
        bool certain = user.use == STORE_USED && !user.stopped;
        if (certain || clock_ms() > deadline || (patience->interrupted && patience->interrupted()))
            return tell_user(arena, store, node, &user, diags);
        clock_pause(PAUSE_MS);
    }
}

bool store_is_inside(struct arena *arena, const char *root, const char *store)
{
    const char *real = path_real(arena, store);
    return real && path_is_below(real, root);
}
