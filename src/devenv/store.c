/* Whose a store directory is; see store.h. Beside store_user.c, which looks for servers that have no lock. */
#include "devenv/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/closing.h"
#include "base/write.h"
#include "devenv/process.h"
#include "devenv/state.h"
#include "devenv/store_user.h"
#include "server/connection_file.h"

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

/* Who took the lock signed it: "NODE of FOLDER". */
static const char *signature(struct arena *arena, const char *path)
{
    const char *text = "";
    size_t length = 0;
    if (connection_file_read(arena, path, &text, &length) || !length)
        return "another server that natsform started";
    return arena_printf(arena, "server %.*s, which natsform started", (int)strcspn(text, "\n"), text);
}

/*
 * A server tries whether it can write there with a file that it removes again. When it is stopped just then, the file stays, and every later
 * server takes it for an account that it cannot find, and reports itself unwell for ever.
 */
static void remove_trials(struct arena *arena, const char *store)
{
    static const char trial[] = "_test_";
    const char *folder = arena_printf(arena, "%s/jetstream", store);
    DIR *directory __attribute__((cleanup(close_directory))) = opendir(folder);
    struct dirent *entry = NULL;
    while (directory && (entry = readdir(directory)))
        if (strncmp(entry->d_name, trial, sizeof(trial) - 1) == 0)
            remove(arena_printf(arena, "%s/%s", folder, entry->d_name)); /* a folder only if it is empty */
}

/*
 * The lock of the file that is there now: another command may have removed the one that was opened meanwhile (store_release()), and then a
 * lock of it keeps nobody out. Returns 0, 1 when another process has it, or -1 with an errno.
 */
static int lock_file(const char *path, int *ret_fd)
{
    for (;;) {
        struct stat opened, named;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            int error = errno;
            close(fd);
            errno = error;
            return error == EWOULDBLOCK ? 1 : -1;
        }
        if (fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
            opened.st_dev == named.st_dev) {
            *ret_fd = fd;
            return 0;
        }
        close(fd);
    }
}

/* Makes the directory. Returns 0 with *ret_fd, 1 when another process has the lock, or -1 with diagnostics. */
static int take_lock(struct arena *arena, const char *store, const char *node, const char *root, int *ret_fd,
                     struct diags *diags)
{
    const char *path = arena_printf(arena, "%s/" STORE_LOCK, store);
    const char *why = NULL;
    if (folder_make(arena, store, &why))
        return unfit(store, node, why, diags);
    int failed = lock_file(path, ret_fd);
    if (failed)
        return failed > 0 ? 1 : unfit(store, node, strerror(errno), diags);
    const char *text = arena_printf(arena, "'%s' of %s\n", node, root);
    size_t length = strlen(text);
    if (ftruncate(*ret_fd, 0) == 0 && pwrite(*ret_fd, text, length, 0) == (ssize_t)length)
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
    __attribute__((cleanup(close_fd))) int fd = open(path, O_RDWR | O_CLOEXEC);
    return fd >= 0 ? flock(fd, LOCK_EX | LOCK_NB) != 0 : errno != ENOENT && errno != ENOTDIR;
}

void store_release(struct arena *arena, const char *store)
{
    const char *path = arena_printf(arena, "%s/" STORE_LOCK, store);
    __attribute__((cleanup(close_fd))) int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
        return; /* somebody else's by now */
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

/* Nothing in the directory is touched yet, but the lock's file. */
static int look(struct arena *arena, const char *store, const char *node, const char *root,
                struct store_user *ret_user, struct diags *diags)
{
    int fd = -1;
    int failed = take_lock(arena, store, node, root, &fd, diags);
    if (failed < 0)
        return -1;
    char *real = realpath(store, NULL);
    *ret_user =
        failed ? store_holder_find(arena, real ? real : store) : store_user_find(arena, real ? real : store);
    ret_user->locked = failed > 0;
    if (failed)
        ret_user->use = STORE_USED;
    free(real);
    if (fd >= 0)
        close(fd);
    return 0;
}

int store_check(struct arena *arena, const char *store, const char *node, const char *root,
                const struct store_patience *patience, struct diags *diags)
{
    int64_t deadline = clock_ms() + patience->most_ms;
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

/* ---- whole folders ---- */

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool store_is_inside(const char *root, const char *store)
{
    char *real = realpath(store, NULL);
    bool inside = real && is_below(real, root);
    free(real);
    return inside;
}

static int first_of(int a, int b)
{
    return a ? a : b;
}

int folder_remove(const char *path)
{
    struct dirent *entry = NULL;
    struct stat info;
    char below[4096];
    int failed = 0;
    if (lstat(path, &info))
        return errno == ENOENT ? 0 : errno;
    if (!S_ISDIR(info.st_mode))
        return unlink(path) ? errno : 0;
    DIR *directory __attribute__((cleanup(close_directory))) = opendir(path);
    if (!directory)
        return errno;
    while ((entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int length = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        bool fits = length > 0 && (size_t)length < sizeof(below);
        failed = first_of(failed, fits ? folder_remove(below) : ENAMETOOLONG);
    }
    return first_of(failed, rmdir(path) ? errno : 0);
}

unsigned long long folder_bytes(const char *path)
{
    DIR *directory __attribute__((cleanup(close_directory))) = opendir(path);
    struct dirent *entry = NULL;
    unsigned long long total = 0;
    char below[4096];
    while (directory && (entry = readdir(directory))) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(dirfd(directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW))
            continue;
        int length = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        if (S_ISDIR(info.st_mode) && length > 0 && (size_t)length < sizeof(below))
            total += folder_bytes(below);
        else if (S_ISREG(info.st_mode))
            total += (unsigned long long)info.st_size;
    }
    return total;
}
