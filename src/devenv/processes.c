/* Nodes as processes; see processes.h and runner.h. Each has its folder .natsform/NODE with configuration, log and pid file. */
#include "devenv/processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "devenv/binary.h"
#include "devenv/process.h"
#include "devenv/store.h"
#include "generate/generate.h"
#include "kind/server_options.h"

DIAG_CODE(code_not_started, .name = "not-started", CODE_ERROR(EXIT_FAILED),
          .doc = "A server refuses its configuration, or ended right after its start.",
          .why = "The server's own words are in the message, or in 'natsform logs'.",
          .example = "websocket: {port: 8080}, without TLS or no_tls",
          .remedy = "Change the option that the server names.");

enum { PATIENCE_MS = 30000, TAIL_CHUNK = 4096 };

struct processes {
    environment_lookup *lookup;
    void *context;
    bool looked;
    struct binaries binaries;
};

static struct process process_of(const struct upnode *node)
{
    return (struct process){.pid = node->pid, .born = node->born, .program = node->program};
}

static const char *file_of(const struct runner *runner, const struct upnode *node, const char *file)
{
    return state_path(runner->arena, runner->state, node->name, file);
}

/* ---- which program ---- */

static int refuse_version(const struct runner *runner, const struct envnode *plan, const char *others,
                          struct diags *diags)
{
    const char *wanted = plan->server->version;
    const struct processes *own = runner->own;
    struct diag *diag =
        wanted ? diag_add(diags, &code_no_nats_server, plan->server->pos,
                          "server '%s' wants nats-server %s, and there is %s", plan->server->name, wanted,
                          others)
               : diag_add(diags, &code_no_nats_server, (struct srcpos){0},
                          "there is no nats-server in PATH%s%s", own->binaries.cache ? ", nor in " : "",
                          own->binaries.cache ? own->binaries.cache : "");
    diag_hint(diags, diag,
              "install it ('apt install nats-server', 'brew install nats-server'), put one into "
              "%s/VERSION/nats-server, or use --docker",
              own->binaries.cache ? own->binaries.cache : "~/.cache/natsform/servers");
    return -1;
}

/* The folders that a server needs for its files, and does not make; what leads out of the manifest's folder is the user's. */
static void make_folder(void *context, const char *path)
{
    struct runner *runner = context;
    const char *unheard; /* the server says it better */
    if (*path != '/' && !path_goes_up(path))
        folder_make(runner->arena, path_in(runner->arena, runner->state->root, path), &unheard);
}

static const char *log_file_of(struct runner *runner, const struct envnode *plan)
{
    const char *path = option_text(plan->server->options, OPTION_LOG_FILE);
    return *path ? path_from(runner->arena, runner->state->root, path) : NULL;
}

/* Looked for once, as the one in PATH is asked for its version. */
static const struct binaries *programs(struct runner *runner)
{
    struct processes *own = runner->own;
    if (!own->looked)
        binaries_find(runner->arena, own->lookup, own->context, &own->binaries);
    own->looked = true;
    return &own->binaries;
}

static int prepare(struct runner *runner, const struct envnode *plan, struct upnode *node,
                   struct diags *diags)
{
    struct version_range range = {0};
    const char *wanted = plan->server->version;
    const char *problem = wanted ? version_range_parse(wanted, &range) : NULL;
    if (problem)
        return diag_error(diags, &code_range, plan->server->pos, "version '%s' of server '%s': %s", wanted,
                          plan->server->name, problem);
    const struct binaries *found = programs(runner);
    const struct binary *binary = binaries_pick(found, wanted ? &range : NULL);
    if (!binary)
        return refuse_version(runner, plan, binaries_text(runner->arena, found), diags);
    const char *real =
        path_real(runner->arena, binary->path); /* as the system tells of a process's program */
    node->program = real ? real : binary->path;
    node->version = binary->version_text;
    node->log = log_file_of(runner, plan);
    config_written_folders(runner->arena, plan->server->options, make_folder, runner);
    return 0;
}

static struct environment_place place(struct runner *runner, const struct upnode *node)
{
    struct environment_place here = place_local;
    here.data = file_of(runner, node, "data");
    here.certificates = arena_printf(runner->arena, "%s/tls", runner->state->folder);
    return here;
}

static int check(struct runner *runner, const struct upnode *node, const char *path, struct diags *diags)
{
    struct conf_verdict verdict = {0};
    const char *why = NULL;
    if (binary_check(runner->arena, node->program, path, runner->state->root, &verdict, &why))
        return diag_error(diags, &code_not_started, (struct srcpos){0},
                          "cannot ask '%s' about the configuration of '%s': %s", node->program, node->name,
                          why);
    for (size_t i = 0; !verdict.valid && i < verdict.faults.count; i++)
        diag_error(diags, &code_not_started, (struct srcpos){0},
                   "nats-server %s refuses the configuration of '%s': %s", node->version ? node->version : "",
                   node->name, verdict.faults.items[i].message);
    return verdict.valid ? 0 : -1;
}

bool processes_possible(struct runner *runner)
{
    return programs(runner)->list.count > 0;
}

/* ---- starting ---- */

/* 0 if there is no such file. */
static int64_t file_size(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static int start_one(struct runner *runner, struct upnode *node, struct diags *diags)
{
    struct process process = {0};
    const char *what = NULL;
    /* The file alone: options of the command would win over it at each reload. */
    const char *arguments[] = {node->program, "-c", node->conf, NULL};
    struct process_start start = {
        .arguments = arguments,
        .folder = runner->state->root,
        .log = file_of(runner, node, "log"),
        .pid_file = file_of(runner, node, "pid"),
        .lock =
            node->store ? store_take(runner->arena, node->store, node->name, runner->state->root, diags) : -1,
    };
    if (node->store && start.lock < 0)
        return -1;
    node->output_from = file_size(start.log);
    node->log_from = node->log ? file_size(node->log) : 0;
    int error = process_start(runner->arena, &start, &process, &what);
    /* The server has the lock now. This process must not keep it: it would outlive the server's end. */
    if (start.lock >= 0)
        close(start.lock);
    if (error)
        return diag_error(diags, &code_not_started, (struct srcpos){0}, "cannot start '%s': cannot %s: %s",
                          node->name, what, strerror(error));
    node->pid = process.pid;
    node->born = process.born;
    return 0;
}

static int start(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags)
{
    for (size_t i = 0; i < count; i++)
        if (start_one(runner, nodes[i], diags))
            return -1;
    return 0;
}

static bool alive(struct runner *runner, struct upnode *node)
{
    struct process process = process_of(node);
    return process_runs(runner->arena, &process);
}

static const char *held(struct runner *runner, const struct upnode *node)
{
    struct process process = process_of(node);
    switch (process_look(runner->arena, &process)) {
    case PROCESS_STOPPED:
        return arena_printf(runner->arena, "it is stopped: 'kill -CONT %lld' has it go on",
                            (long long)node->pid);
    case PROCESS_UNKNOWN:
        return "the system does not tell what this process is";
    default:
        return NULL;
    }
}

static int reload(struct runner *runner, struct upnode *node, struct diags *diags)
{
    struct process process = process_of(node);
    enum process_life life = process_look(runner->arena, &process);
    if ((life == PROCESS_RUNS || life == PROCESS_STOPPED) && kill((pid_t)node->pid, SIGHUP) == 0)
        return 0;
    return diag_error(diags, &code_not_started, (struct srcpos){0},
                      "server '%s' (pid %lld) cannot be told: %s", node->name, (long long)node->pid,
                      "it is gone");
}

/* ---- stopping ---- */

static int stop(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags)
{
    struct process *processes = ARENA_ARRAY(runner->arena, struct process, count);
    for (size_t i = 0; i < count; i++)
        processes[i] = process_of(nodes[i]);
    size_t left = processes_stop(runner->arena, processes, count, PATIENCE_MS);
    for (size_t i = 0; i < count; i++) {
        /* It keeps its pid and its lock, so that the next run knows it. */
        if (left && alive(runner, nodes[i])) {
            diag_error(diags, &code_no_answer, (struct srcpos){0}, "server '%s' (pid %lld) does not end",
                       nodes[i]->name, (long long)nodes[i]->pid);
            continue;
        }
        nodes[i]->pid = 0;
        unlink(file_of(runner, nodes[i], "pid"));
        if (nodes[i]->store)
            store_release(runner->arena, nodes[i]->store);
    }
    return left ? -1 : 0;
}

/* ---- logs ---- */

/* The offset in the file at which its last `tail` lines begin. */
static off_t tail_offset(int fd, int64_t tail)
{
    char chunk[TAIL_CHUNK];
    struct stat info;
    if (tail < 0 || fstat(fd, &info))
        return 0;
    off_t at = info.st_size;
    int64_t lines = -1; /* the newline at the end of the file begins no line */
    while (at > 0) {
        size_t want = at < (off_t)sizeof(chunk) ? (size_t)at : sizeof(chunk);
        at -= (off_t)want;
        ssize_t got = pread(fd, chunk, want, at);
        if (got <= 0)
            return 0;
        for (ssize_t i = got; i-- > 0;)
            if (chunk[i] == '\n' && ++lines >= tail)
                return at + i + 1;
    }
    return 0;
}

/* What a server says before it has opened its log_file, as that it cannot, goes to its output. */
static int open_log(struct runner *runner, const struct upnode *node, int64_t tail, bool follow)
{
    bool has_file = node->log && file_size(node->log) > node->log_from;
    int fd = open(has_file ? node->log : file_of(runner, node, "log"), O_RDONLY | O_CLOEXEC);
    off_t from = (off_t)(has_file ? node->log_from : node->output_from);
    off_t at = fd >= 0 ? tail_offset(fd, tail) : 0;
    (void)follow;
    if (fd >= 0 && lseek(fd, at > from ? at : from, SEEK_SET) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Nothing of processes but files is left, which left.h knows. */
static int remove_left(struct runner *runner, bool volumes, struct diags *diags)
{
    (void)runner;
    (void)volumes;
    (void)diags;
    return 0;
}

struct runner *processes_runner(struct arena *arena, const struct upstate *state, environment_lookup *lookup,
                                void *context)
{
    struct runner *runner = ARENA_NEW(arena, struct runner);
    struct processes *own = ARENA_NEW(arena, struct processes);
    *own = (struct processes){.lookup = lookup, .context = context};
    *runner = (struct runner){
        .name = "processes",
        .arena = arena,
        .state = state,
        .own = own,
        .prepare = prepare,
        .place = place,
        .check = check,
        .start = start,
        .alive = alive,
        .held = held,
        .reload = reload,
        .stop = stop,
        .log = open_log,
        .remove = remove_left,
    };
    return runner;
}
