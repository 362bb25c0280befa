/* Whose a store directory is; see store.h. What other servers use is looked up in Linux's /proc: elsewhere only the lock tells. */
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

#include "base/closing.h"
#include "base/number.h"
#include "base/write.h"
#include "devenv/ports.h"
#include "devenv/probe.h"
#include "devenv/process.h"
#include "devenv/state.h"
#include "server/connection_file.h"

#define LOCK_NAME "natsform.lock"

enum { SILENCE_MS = 100, VARZ_MS = 3000 };

static int unfit(const char *store, const char *node, const char *why, struct diags *diags)
{
    struct diag *diag = diag_add(diags, DIAG_STORE, (struct srcpos){0},
                                 "cannot write store_dir '%s' of server '%s': %s", store, node, why);
    diag_hint(diags, diag, "without 'store_dir' it is below " STATE_FOLDER "/");
    return -1;
}

static int in_use(const char *store, const char *node, const char *who, struct diags *diags)
{
    struct diag *diag = diag_add(diags, DIAG_STORE, (struct srcpos){0},
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

int store_take(struct arena *arena, const char *store, const char *node, const char *root,
               struct diags *diags)
{
    const char *path = arena_printf(arena, "%s/" LOCK_NAME, store);
    const char *why = NULL;
    if (folder_make(arena, store, &why))
        return unfit(store, node, why, diags);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return unfit(store, node, strerror(errno), diags);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return in_use(store, node, signature(arena, path), diags);
    }
    const char *text = arena_printf(arena, "'%s' of %s\n", node, root);
    size_t length = strlen(text);
    if (ftruncate(fd, 0) || pwrite(fd, text, length, 0) != (ssize_t)length) {
        unfit(store, node, strerror(errno), diags);
        close(fd);
        return -1;
    }
    remove_trials(arena, store);
    return fd;
}

void store_release(struct arena *arena, const char *store)
{
    const char *path = arena_printf(arena, "%s/" LOCK_NAME, store);
    __attribute__((cleanup(close_fd))) int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
        return; /* somebody else's by now */
    unlink(path);
    rmdir(store);
}

/* ---- servers that natsform did not start ---- */

struct search {
    struct arena *arena;
    const char *store; /* without symbolic links */
    bool found;
};

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* "-sd DIR", "--store_dir=DIR" */
static bool command_names(struct arena *arena, int64_t pid, const char *store)
{
    static const char *const flags[] = {"-sd", "--sd", "-store_dir", "--store_dir"};
    const char *command = process_command(arena, pid);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        const char *at = strstr(command, flags[i]);
        size_t length = strlen(flags[i]), path = strlen(store);
        if (at && (at[length] == ' ' || at[length] == '=') && strncmp(at + length + 1, store, path) == 0 &&
            strchr(" /", at[length + 1 + path]))
            return true;
    }
    return false;
}

static bool has_file_open(int64_t pid, const char *store)
{
    char path[64], target[4096];
    snprintf(path, sizeof(path), "/proc/%lld/fd", (long long)pid);
    DIR *directory __attribute__((cleanup(close_directory))) = opendir(path);
    struct dirent *entry = NULL;
    while (directory && (entry = readdir(directory))) {
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        if (is_below(target, store))
            return true;
    }
    return false;
}

/* Clients' ports greet, and are left in peace; the monitoring port waits to be asked. */
static void ask_port(void *context, int port)
{
    struct search *search = context;
    if (search->found || !probe_is_silent(port, SILENCE_MS))
        return;
    const char *url = arena_printf(search->arena, "http://127.0.0.1:%d", port);
    const struct node *varz = probe_json(search->arena, url, "/varz", VARZ_MS);
    const char *told = node_get_text(node_get(node_get(varz, "jetstream"), "config"), "store_dir");
    char *real = *told ? realpath(told, NULL) : NULL;
    search->found = real && is_below(real, search->store);
    free(real);
}

static bool uses(struct search *search, int64_t pid)
{
    if (command_names(search->arena, pid, search->store) || has_file_open(pid, search->store))
        return true;
    /* What natsform started has the lock. */
    if (!strstr(process_command(search->arena, pid), "/" STATE_FOLDER "/"))
        ports_of_process(pid, ask_port, search);
    return search->found;
}

static bool is_server(struct arena *arena, int64_t pid)
{
    const char *program = process_program(arena, pid);
    const char *slash = program ? strrchr(program, '/') : NULL;
    return slash && strncmp(slash + 1, "nats-server", strlen("nats-server")) == 0;
}

/* The process that uses the directory; 0: none that can be seen. */
static int64_t find_user(struct arena *arena, const char *store)
{
    DIR *directory __attribute__((cleanup(close_directory))) = opendir("/proc");
    struct dirent *entry = NULL;
    struct search search = {.arena = arena, .store = store};
    while (directory && (entry = readdir(directory))) {
        int64_t pid = 0;
        if (number_parse_i64(entry->d_name, &pid) && is_server(arena, pid) && uses(&search, pid))
            return pid;
    }
    return 0;
}

int store_check(struct arena *arena, const char *store, const char *node, const char *root,
                struct diags *diags)
{
    int fd = store_take(arena, store, node, root, diags);
    if (fd < 0)
        return -1;
    char *real = realpath(store, NULL);
    int64_t pid = find_user(arena, real ? real : store);
    free(real);
    close(fd);
    if (!pid)
        return 0;
    return in_use(store, node,
                  arena_printf(arena, "a server that natsform did not start (pid %lld: %s)", (long long)pid,
                               process_command(arena, pid)),
                  diags);
}

/* ---- whole folders ---- */

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
