/*
 * Who uses a store; see store_user.h. Each nats-server process is looked at, and evidence counts in this order: the lock
 * of a server that natsform started, its open files, its command, what its monitoring says, and the configuration that
 * it was started with. (That one is still true: a reload cannot change store_dir.)
 */
#include "devenv/store_user.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/host.h"
#include "base/number.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/write.h"
#include "devenv/ports.h"
#include "devenv/probe.h"
#include "devenv/process.h"
#include "kind/server_options.h"
#include "syntax/conf.h"

enum { SILENCE_MS = 100, VARZ_MS = 3000 };

/* The target of a symbolic link in /proc/PID; NULL if it cannot be read. */
static const char *process_link(struct arena *arena, int64_t pid, const char *name)
{
    char target[4096];
    ssize_t length =
        readlink(arena_printf(arena, "/proc/%lld/%s", (long long)pid, name), target, sizeof(target) - 1);
    return length > 0 ? arena_strndup(arena, target, (size_t)length) : NULL;
}

/* ---- files that are open ---- */

/* Calls `call` with the path of each open file, until it returns true. Returns whether it did. */
static bool each_file(int64_t pid, bool (*call)(void *context, const char *path), void *context)
{
    char path[64], target[4096];
    snprintf(path, sizeof(path), "/proc/%lld/fd", (long long)pid);
    DIR *directory SCOPED(close_directory) = opendir(path);
    for (const char *name; (name = folder_next(directory));) {
        ssize_t length = readlinkat(dirfd(directory), name, target, sizeof(target) - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        if (call(context, target))
            return true;
    }
    return false;
}

static bool is_in_store(void *context, const char *path)
{
    return path_is_below(path, context);
}

static bool is_lock_of_store(void *context, const char *path)
{
    const char *store = context;
    size_t length = strlen(store);
    return path_is_below(path, store) && strcmp(path + length, "/" STORE_LOCK) == 0;
}

struct lock_search {
    struct arena *arena;
    const char *store;
};

/* Is it the lock of a store? The path may end in " (deleted)", if the store was removed while its server runs. */
static bool is_lock(void *context, const char *path)
{
    struct lock_search *search = context;
    const char *slash = strrchr(path, '/');
    if (!slash || (strcmp(slash, "/" STORE_LOCK) != 0 && strcmp(slash, "/" STORE_LOCK " (deleted)") != 0))
        return false;
    search->store = arena_strndup(search->arena, path, (size_t)(slash - path));
    return true;
}

const char *store_of_process(struct arena *arena, int64_t pid)
{
    struct lock_search search = {.arena = arena};
    each_file(pid, is_lock, &search);
    return search.store;
}

/* ---- what a process says of itself ---- */

struct suspect {
    struct arena *arena;
    int64_t pid;
    const char *store; /* the one that is searched for */
    bool asked;        /* its monitoring has told its store */
    enum store_use use;
};

static enum store_use compare(struct suspect *suspect, const char *told)
{
    const char *folder = process_link(suspect->arena, suspect->pid, "cwd");
    if (told[0] != '/' && !folder)
        return STORE_UNKNOWN;
    const char *path = folder ? path_from(suspect->arena, folder, told) : told;
    const char *real = path_real(suspect->arena, path);
    return path_is_below(real ? real : path, suspect->store) ? STORE_USED : STORE_FREE;
}

/* Without a store_dir, nats-server takes TMPDIR/nats/jetstream, by the TMPDIR of its own environment. */
static enum store_use compare_default(const struct suspect *suspect)
{
    /* nats-server adds /jetstream by itself, so the store is what stands before it. */
    static const char tail[] = "/nats";
    size_t length = strlen(suspect->store);
    bool may_be = length >= sizeof(tail) - 1 && strcmp(suspect->store + length - sizeof(tail) + 1, tail) == 0;
    return may_be ? STORE_UNKNOWN : STORE_FREE;
}

/*
 * Asks the monitoring port, which is the one that waits for the other side to speak: client ports greet at once, and are
 * not bothered further. If the answer has no store, that means nothing, because monitoring starts before JetStream.
 */
static void ask_port(void *context, const char *host, int port)
{
    struct suspect *suspect = context;
    if (suspect->asked || !probe_is_silent(host, port, SILENCE_MS))
        return;
    const char *url = arena_printf(suspect->arena, "http://%s:%d", host_in_url(suspect->arena, host), port);
    const struct node *varz = probe_json(suspect->arena, url, "/varz", VARZ_MS);
    const char *told = node_get_text(node_get(node_get(varz, "jetstream"), "config"), "store_dir");
    suspect->asked = *told;
    suspect->use = *told ? compare(suspect, told) : STORE_UNKNOWN;
}

/* ---- its configuration ---- */

static int read_included(void *context, struct arena *arena, const char *path, struct source *ret_source,
                         const char **ret_error)
{
    (void)context;
    return file_read(arena, path, FILE_SMALL_MOST, ret_source, ret_error);
}

/* By whichever of its names it is there. */
static const struct node *get_any(const struct node *map, const struct table *table,
                                  enum server_option option)
{
    const struct node *found = NULL;
    for (size_t i = 0; map && map->type == NODE_MAP && i < map->count; i++) {
        const struct field *row = table_field(table, map->members[i].key);
        if (row && row->id == option)
            found = map->members[i].value;
    }
    return found;
}

/* A variable of the environment is not known here: what it stands for is not either. */
static enum store_use judge_configuration(struct suspect *suspect, const struct node *root, bool flag)
{
    const struct node *jetstream = get_any(root, &server_table, OPTION_JETSTREAM);
    if ((!jetstream || option_is_off(jetstream)) && !flag)
        return STORE_FREE;
    const struct node *told = get_any(jetstream, &server_jetstream_table, OPTION_STORE_DIR);
    if (!told)
        told = get_any(root, &server_table, OPTION_STORE_DIR);
    if (!told)
        return compare_default(suspect);
    return told->type == NODE_SCALAR && *told->text ? compare(suspect, told->text) : STORE_UNKNOWN;
}

static enum store_use read_configuration(struct suspect *suspect, const char *path, bool flag)
{
    struct diags faults SCOPED(diags_release) = {0};
    const struct conf_world world = {.read = read_included};
    struct source source = {0};
    struct conf conf = {0};
    const char *why = NULL;
    const char *folder = process_link(suspect->arena, suspect->pid, "cwd");
    if (path[0] != '/')
        path = folder ? path_from(suspect->arena, folder, path) : "";
    if (read_included(NULL, suspect->arena, path, &source, &why) ||
        conf_read(suspect->arena, &source, &world, &faults, &conf))
        return STORE_UNKNOWN;
    return judge_configuration(suspect, conf.root, flag);
}

/* Reads options of the command. They count more than the configuration, as they do for the server. */
static enum store_use read_command(struct suspect *suspect, bool *ret_told)
{
    static const char *const stores[] = {"-sd", "--sd", "-store_dir", "--store_dir", NULL};
    static const char *const confs[] = {"-c", "--c", "-config", "--config", NULL};
    static const char *const flags[] = {"-js", "--js", "-jetstream", "--jetstream", NULL};
    const char *store = NULL, *conf = NULL, *flag = NULL;
    *ret_told = false;
    if (!process_option(suspect->arena, suspect->pid, stores, &store))
        return STORE_UNKNOWN;
    process_option(suspect->arena, suspect->pid, confs, &conf);
    process_option(suspect->arena, suspect->pid, flags, &flag);
    *ret_told = store != NULL;
    if (store)
        return compare(suspect, store);
    if (conf)
        return read_configuration(suspect, conf, flag);
    return flag ? compare_default(suspect) : STORE_FREE;
}

/* ---- each process ---- */

/*
 * Does the process see other files under its paths, as in a container? Then its paths are not compared. (So a folder
 * that is mounted into a container, and also used by a server outside, is not noticed.) Mounts of other users' processes
 * cannot be read, so the PID namespace decides there.
 */
static bool has_other_files(struct arena *arena, int64_t pid)
{
    const char *ours = process_link(arena, getpid(), "ns/mnt");
    const char *theirs = process_link(arena, pid, "ns/mnt");
    return ours && theirs ? strcmp(ours, theirs) != 0 : process_is_contained(arena, pid);
}

/* Is it another user's process, which has no right to write there? */
static bool is_shut_out(struct arena *arena, int64_t pid, const char *store)
{
    struct stat process, folder;
    if (stat(arena_printf(arena, "/proc/%lld", (long long)pid), &process) || stat(store, &folder))
        return false;
    return process.st_uid != 0 && process.st_uid != folder.st_uid && !(folder.st_mode & (S_IWGRP | S_IWOTH));
}

/*
 * If another user's server has a configuration that we may not read, nothing tells its store. But files that it writes
 * belong to its user. If no file in the store does, it has not used the store.
 */
static bool has_written_nothing(struct arena *arena, int64_t pid, const char *store)
{
    struct stat process;
    return stat(arena_printf(arena, "/proc/%lld", (long long)pid), &process) == 0 &&
           process.st_uid != geteuid() && !folder_has_owner(store, process.st_uid);
}

static enum store_use find_out(struct arena *arena, const char *store, int64_t pid, bool stopped)
{
    struct suspect suspect = {.arena = arena, .pid = pid, .store = store};
    bool told = false;
    if (has_other_files(arena, pid) || is_shut_out(arena, pid, store))
        return STORE_FREE;
    const char *locked = store_of_process(arena, pid);
    if (each_file(pid, is_in_store, (void *)(uintptr_t)store))
        return STORE_USED;
    if (locked)
        return STORE_FREE; /* natsform started it, and on another store */
    enum store_use by_command = read_command(&suspect, &told);
    if (told)
        return by_command;
    if (!stopped)
        ports_of_process(pid, ask_port, &suspect);
    return suspect.asked ? suspect.use : by_command;
}

static enum store_use judge(struct arena *arena, const char *store, int64_t pid, bool stopped)
{
    enum store_use use = find_out(arena, store, pid, stopped);
    return use == STORE_UNKNOWN && has_written_nothing(arena, pid, store) ? STORE_FREE : use;
}

/* Is it a nats-server? The program's path of another user's process cannot be read, but its command can. */
static bool is_server(struct arena *arena, int64_t pid)
{
    static const char name[] = "nats-server";
    const char *program = process_program(arena, pid);
    if (!program) {
        const char *command = process_command(arena, pid);
        program = arena_strndup(arena, command, strcspn(command, " "));
    }
    return strncmp(path_name(program), name, sizeof(name) - 1) == 0;
}

static bool is_now(struct arena *arena, int64_t pid, enum process_life life)
{
    return process_look(arena, &(struct process){.pid = pid}) == life;
}

/* A server makes this folder when it starts. Without it there cannot be any data. */
static bool has_data(struct arena *arena, const char *store)
{
    return file_exists(arena_printf(arena, "%s/jetstream", store));
}

struct store_user store_user_find(struct arena *arena, const char *store)
{
    DIR *directory SCOPED(close_directory) = opendir("/proc");
    struct store_user found = {.use = STORE_FREE};
    bool data = has_data(arena, store);
    for (const char *name; found.use != STORE_USED && (name = folder_next(directory));) {
        int64_t pid = 0;
        if (!number_parse_i64(name, &pid) || !is_server(arena, pid))
            continue;
        bool stopped = is_now(arena, pid, PROCESS_STOPPED);
        enum store_use use = judge(arena, store, pid, stopped);
        if (use > found.use && (data || use == STORE_USED) && !is_now(arena, pid, PROCESS_GONE))
            found = (struct store_user){.use = use, .pid = pid, .stopped = stopped};
    }
#ifdef __linux__
    if (!directory && data)
        found.use = STORE_UNKNOWN;
#endif
    return found;
}

struct store_user store_holder_find(struct arena *arena, const char *store)
{
    DIR *directory SCOPED(close_directory) = opendir("/proc");
    for (const char *name; (name = folder_next(directory));) {
        int64_t pid = 0;
        if (number_parse_i64(name, &pid) && pid != getpid() &&
            each_file(pid, is_lock_of_store, (void *)(uintptr_t)store))
            return (struct store_user){
                .use = STORE_USED, .pid = pid, .stopped = is_now(arena, pid, PROCESS_STOPPED)};
    }
    return (struct store_user){.use = STORE_FREE};
}
