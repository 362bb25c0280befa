/*
 * Reading and writing the folder .natsform/; see state.h. What it says may be old or wrong, so processes are looked at
 * before they are believed.
 */
#include "devenv/state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/temporary.h"
#include "base/write.h"
#include "devenv/process.h"
#include "devenv/store_user.h"
#include "kind/manifest_rows.h"
#include "syntax/json.h"

DIAG_CODE(
    code_environment, .name = "environment", CODE_ERROR(EXIT_FAILED),
    .doc = "What 'up' keeps in .natsform/ cannot be read or written, or another run is at work there.",
    .why =
        "What runs is known by .natsform/up.json alone; two runs that change it would lose each other's servers.",
    .example = "natsform up, twice at the same time",
    .remedy = "Wait for the other run; or give the folder back to its owner.");

static const char connection_key[] = "connection", root_key[] = "root";

enum { STATE_VERSION = 1, LOCK_MOST_MS = 20000, TRIES = 3 };

/* The members of struct upnode that are texts, and their keys in up.json. */
static const struct {
    const char *key;
    size_t offset;
} node_texts[] = {
    {"name", offsetof(struct upnode, name)},
    {"server", offsetof(struct upnode, server)},
    {"program", offsetof(struct upnode, program)},
    {"version", offsetof(struct upnode, version)},
    {"conf", offsetof(struct upnode, conf)},
    {"digest", offsetof(struct upnode, digest)},
    {"store", offsetof(struct upnode, store)},
    {"log", offsetof(struct upnode, log)},
    {"log_elsewhere", offsetof(struct upnode, log_elsewhere)},
    {"address", offsetof(struct upnode, address)},
    {"shape", offsetof(struct upnode, shape)},
};

static const char **text_at(struct upnode *node, size_t offset)
{
    return (const char **)(void *)((char *)node + offset);
}

const char *state_path(struct arena *arena, const struct upstate *state, const char *node, const char *file)
{
    return arena_printf(arena, "%s/%s/%s", state->folder, node, file);
}

struct upnode *state_node(const struct upstate *state, const char *name)
{
    for (size_t i = 0; i < state->nodes.count; i++)
        if (strcmp(state->nodes.items[i]->name, name) == 0)
            return state->nodes.items[i];
    return NULL;
}

/* ---- reading ---- */

static const char *text_or_null(const struct node *map, const char *key)
{
    const char *text = node_get_text(map, key);
    return text[0] ? text : NULL;
}

bool state_reserves(const char *name)
{
    static const char *const names[] = {STATE_BACKUPS, STATE_JOURNAL, "docker", "tls"};
    bool reserved = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        reserved |= strcmp(names[i], name) == 0;
    return reserved;
}

/* Names become folders. Whatever somebody wrote into up.json, none may lead out of .natsform/. */
static bool is_name(const char *name)
{
    return name && name[0] && name[0] != '.' && !strchr(name, '/') && !state_reserves(name);
}

static struct upnode *read_node(struct arena *arena, const struct upstate *state, const struct node *item)
{
    struct upnode *node = ARENA_NEW(arena, struct upnode);
    for (size_t i = 0; i < sizeof(node_texts) / sizeof(node_texts[0]); i++)
        *text_at(node, node_texts[i].offset) = text_or_null(item, node_texts[i].key);
    if (!is_name(node->name))
        return NULL;
    node->digest = node->digest ? node->digest : "";
    node->address = node->address ? node->address : "127.0.0.1";
    node->jetstream = strcmp(node_get_text(item, "jetstream"), "true") == 0;
    for (int i = 0; i < LISTENERS; i++) {
        node->ports[i] = (int)node_get_number(node_get(item, "ports"), listener_name((enum listener)i));
        node->urls[i] = text_or_null(node_get(item, "urls"), listener_name((enum listener)i));
    }
    /* The pid file counts more than up.json: the process itself wrote it, after that text was written. */
    struct process process = process_read(arena, state_path(arena, state, node->name, "pid"));
    if (!process.pid) { /* the pid file is lost; the process that up.json remembers may still run */
        process.born = node_get_number(item, "born");
        process.pid = process.born ? (int64_t)node_get_number(item, "pid") : 0;
    }
    node->pid = process.pid;
    node->born = process.born;
    /* up.json may name another program, if a run was killed before it started that one. */
    if (process.program)
        node->program = process.program;
    return node;
}

static int refuse(const char *path, const char *why, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_environment, (struct srcpos){0}, "cannot read '%s': %s", path, why);
    diag_hint(diags, diag, "it tells which servers are up: stop them by hand before removing it");
    return -1;
}

/* A pid file that exists but cannot be read is an error: its process may run. */
static int check_pid_file(struct arena *arena, const char *path, struct diags *diags)
{
    struct source file;
    int error = file_read(arena, path, FILE_SMALL_MOST, &file, NULL);
    return error && error != ENOENT && error != ENOTDIR ? refuse(path, strerror(error), diags) : 0;
}

static void add_lost(struct arena *arena, struct upstate *state, const char *name)
{
    struct process process = process_read(arena, state_path(arena, state, name, "pid"));
    /* Of what is gone nothing has to be known. */
    if (!process.born || !process_runs(arena, &process))
        return;
    struct upnode *node = ARENA_NEW(arena, struct upnode);
    *node = (struct upnode){
        .name = name,
        .server = name,
        .address = "127.0.0.1",
        .program = process.program,
        .conf = state_path(arena, state, name, "nats-server.conf"),
        .digest = "",
        .store = store_of_process(arena, process.pid),
        .pid = process.pid,
        .born = process.born,
        .lost = true,
    };
    node->jetstream = node->store != NULL;
    VEC_PUSH(arena, &state->nodes, node);
}

/* Adds nodes that run according to their pid files, and that up.json does not have. */
static int find_processes(struct arena *arena, struct upstate *state, struct diags *diags)
{
    DIR *folder SCOPED(close_directory) = opendir(state->folder);
    for (const char *found; (found = folder_next(folder));) {
        if (!is_name(found))
            continue;
        const char *name = arena_strdup(arena, found);
        if (check_pid_file(arena, state_path(arena, state, name, "pid"), diags))
            return -1;
        if (!state_node(state, name))
            add_lost(arena, state, name);
    }
    return 0;
}

static struct upcontext read_context(struct arena *arena, const struct node *map)
{
    const struct node *before = node_get(map, "before");
    struct upcontext context = {.name = text_or_null(map, "name"),
                                .path = text_or_null(map, "path"),
                                .written = node_get(map, "written")};
    for (size_t i = 0; before && before->type == NODE_LIST && i < before->count; i++)
        if (before->items[i]->type == NODE_SCALAR)
            VEC_PUSH(arena, &context.before, before->items[i]->text);
    return context;
}

/* *ret_written: the folder that the file says to be of; NULL: it says none. */
static int parse(struct arena *arena, struct upstate *state, const struct source *file,
                 const char **ret_written, struct diags *diags)
{
    struct diags faults SCOPED(diags_release) = {0};
    struct node *root = json_read(arena, file->text, file->length, NULL, &faults);
    if (!root)
        return refuse(file->name, faults.list.items[0]->message, diags);
    if (node_get_number(root, "version") != STATE_VERSION)
        return refuse(file->name, "it is of another version of natsform", diags);
    *ret_written = text_or_null(root, root_key);
    state->connection = node_get(root, connection_key);
    const struct node *nodes = node_get(root, "nodes");
    state->runner = text_or_null(root, "runner");
    state->project = text_or_null(root, "project");
    state->context = read_context(arena, node_get(root, "context"));
    for (size_t i = 0; nodes && nodes->type == NODE_LIST && i < nodes->count; i++) {
        struct upnode *node = read_node(arena, state, nodes->items[i]);
        if (!node)
            return refuse(file->name, "a node has no name", diags);
        VEC_PUSH(arena, &state->nodes, node);
    }
    return 0;
}

/* ---- whose they are ---- */

/*
 * The folder may have been moved since the state was written, and then what it names is its own as before; or it is a copy of another
 * one, and then it is that one's. A server works in the folder that it was started for, and the system tells where that is now,
 * whatever it is called: so a server tells best. Where nothing runs, or nothing of it can be seen (containers), the path in up.json
 * does: a folder that has a record of its own yet was not moved.
 */
enum place {
    PLACE_UNKNOWN,
    PLACE_HERE,
    PLACE_ELSEWHERE,
};

static bool is_same_folder(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Of a node's process; *ret_folder is where it works, if that is elsewhere. */
static enum place place_of(struct arena *arena, const struct upstate *state, const struct upnode *node,
                           const char **ret_folder)
{
    const struct process process = {.pid = node->pid, .born = node->born, .program = node->program};
    if (!node->pid || !process_runs(arena, &process))
        return PLACE_UNKNOWN;
    const char *folder = process_folder(arena, node->pid);
    if (!folder || !file_exists(folder))
        return PLACE_UNKNOWN;
    if (is_same_folder(folder, state->root))
        return PLACE_HERE;
    *ret_folder = folder;
    return PLACE_ELSEWHERE;
}

/* Forgets processes of other folders, which are named by pid files that were copied, and finds out whether any is of this one. */
static bool sort_processes(struct arena *arena, struct upstate *state, const char **ret_other)
{
    size_t kept = 0;
    bool here = false;
    for (size_t i = 0; i < state->nodes.count; i++) {
        struct upnode *node = state->nodes.items[i];
        enum place place = place_of(arena, state, node, ret_other);
        here |= place == PLACE_HERE;
        if (place == PLACE_ELSEWHERE)
            node->pid = 0;
        if (place != PLACE_ELSEWHERE || !node->lost)
            state->nodes.items[kept++] = node;
    }
    state->nodes.count = kept;
    return here;
}

static const char *moved(struct arena *arena, const struct upstate *state, const char *path)
{
    if (!path || !path_is_below(path, state->moved_from) || path_is_below(path, state->root))
        return path;
    return arena_printf(arena, "%s%s", state->root, path + strlen(state->moved_from));
}

/* What lies in the folder has moved with it. */
static void move_paths(struct arena *arena, struct upstate *state)
{
    struct node *connection = state->connection ? node_copy(arena, state->connection) : NULL;
    for (size_t i = 0; i < state->nodes.count; i++) {
        struct upnode *node = state->nodes.items[i];
        node->conf = moved(arena, state, node->conf);
        node->store = moved(arena, state, node->store);
        node->log = moved(arena, state, node->log);
    }
    for (size_t i = 0; connection && i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (row->type == SETTING_PATH && row->context && node_get(connection, row->context))
            node_put_text(arena, connection, row->context,
                          moved(arena, state, node_get_text(connection, row->context)));
    }
    state->connection = connection;
}

/* Whose .natsform is a link to the original's has no record of its own. */
static void become_copy(struct arena *arena, struct upstate *state, const char *original)
{
    const struct upstate copy = {
        .root = state->root, .folder = state->folder, .lock = state->lock, .original = original};
    *state = copy;
    state->shares = is_same_folder(state->folder, path_in(arena, original, STATE_FOLDER));
}

/*
 * After the state was read. Nodes that are another folder's are forgotten; the paths of those that moved become what they are now.
 * `written` is the folder that up.json names; NULL: it names none.
 */
static void find_place(struct arena *arena, struct upstate *state, const char *written)
{
    const char *other = NULL;
    bool here = sort_processes(arena, state, &other);
    bool is_elsewhere = written && strcmp(written, state->root) != 0 && !is_same_folder(written, state->root);
    if (is_elsewhere && !here && !other &&
        file_exists(arena_printf(arena, "%s/" STATE_FOLDER "/up.json", written)))
        other = written;
    if (other && !here) {
        become_copy(arena, state, other);
    } else if (is_elsewhere) {
        state->moved_from = written;
        move_paths(arena, state);
    }
}

int state_read(struct arena *arena, const char *root, struct upstate *ret_state, struct diags *diags)
{
    struct source file;
    const char *written = NULL;
    *ret_state = (struct upstate){.root = root, .lock = -1, .folder = path_in(arena, root, STATE_FOLDER)};
    const char *path = arena_printf(arena, "%s/up.json", ret_state->folder);
    int error = file_read(arena, path, FILE_SMALL_MOST, &file, NULL);
    bool there = error != ENOENT && error != ENOTDIR;
    if (error && there)
        return refuse(path, strerror(error), diags);
    if ((there && parse(arena, ret_state, &file, &written, diags)) || find_processes(arena, ret_state, diags))
        return -1;
    find_place(arena, ret_state, written);
    return 0;
}

/* ---- stores ---- */

static const char stores_name[] = "stores";

void state_stores(struct arena *arena, const struct upstate *state, const char *node,
                  struct stores *ret_stores)
{
    struct source file;
    *ret_stores = (struct stores){0};
    if (file_read(arena, state_path(arena, state, node, stores_name), FILE_SMALL_MOST, &file, NULL))
        return;
    for (const char *line = file.text; *line;) {
        size_t length = strcspn(line, "\n");
        if (length)
            VEC_PUSH(arena, &ret_stores->list,
                     path_from(arena, state->root, arena_strndup(arena, line, length)));
        line += length + (line[length] == '\n');
    }
}

/* As in the file: what is in the manifest's folder goes where that goes, and a copy has its own. */
static const char *store_line(const struct upstate *state, const char *store)
{
    if (!path_is_below(store, state->root))
        return store;
    store += strlen(state->root);
    store += strspn(store, "/");
    return *store ? store : ".";
}

/* Before the node is started: 'down' forgets the rest, and its data stays. */
static int remember_store(struct arena *arena, const struct upstate *state, const struct upnode *node,
                          struct diags *diags)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct stores stores;
    /* A name of two lines would be two names. */
    if (!node->store || strchr(node->store, '\n') || path_is_below(node->store, state->folder))
        return 0;
    state_stores(arena, state, node->name, &stores);
    for (size_t i = 0; i < stores.list.count; i++) {
        if (strcmp(stores.list.items[i], node->store) == 0)
            return 0;
        strbuf_addf(&text, "%s\n", store_line(state, stores.list.items[i]));
    }
    strbuf_addf(&text, "%s\n", store_line(state, node->store));
    const struct new_file file =
        new_secret(state_path(arena, state, node->name, stores_name), strbuf_text(&text));
    return file_write_told(arena, &file, FILE_REPLACES | FILE_FOLDERS, &code_environment, diags);
}

static void forget_stores(struct arena *arena, const struct upstate *state, const char *node)
{
    struct stores stores;
    state_stores(arena, state, node, &stores);
    for (size_t i = 0; i < stores.list.count; i++)
        if (file_exists(arena_printf(arena, "%s/jetstream", stores.list.items[i])))
            return;
    unlink(state_path(arena, state, node, stores_name));
}

/* ---- writing ---- */

/* What is not known is left out, and read as NULL again. */
static void put_text(struct arena *arena, struct node *map, const char *key, const char *text)
{
    if (text)
        node_put_text(arena, map, key, text);
}

static struct node *node_json(struct arena *arena, struct upnode *node)
{
    struct node *map = node_map(arena);
    struct node *ports = node_map(arena);
    struct node *urls = node_map(arena);
    for (size_t i = 0; i < sizeof(node_texts) / sizeof(node_texts[0]); i++)
        put_text(arena, map, node_texts[i].key, *text_at(node, node_texts[i].offset));
    node_put_flag(arena, map, "jetstream", node->jetstream);
    node_put_number(arena, map, "pid", (uint64_t)node->pid);
    node_put_number(arena, map, "born", node->born);
    for (int i = 0; i < LISTENERS; i++) {
        if (node->ports[i])
            node_put_number(arena, ports, listener_name((enum listener)i), (uint64_t)node->ports[i]);
        put_text(arena, urls, listener_name((enum listener)i), node->urls[i]);
    }
    node_put(arena, map, "ports", ports);
    node_put(arena, map, "urls", urls);
    return map;
}

static int cannot_write(const char *path, const char *why, struct diags *diags)
{
    return diag_error(diags, &code_environment, (struct srcpos){0}, "cannot write '%s': %s", path, why);
}

int state_make_folder(struct arena *arena, const char *folder, struct diags *diags)
{
    const char *why = NULL;
    /*
     * Passwords and data of servers are in this folder: Git is kept out of it without a change of the project's own
     * .gitignore.
     */
    const struct new_file ignore = new_file(arena_printf(arena, "%s/.gitignore", folder), "*\n");
    if (folder_make(arena, folder, &why))
        return cannot_write(folder, why, diags);
    if (!file_exists(ignore.path) && file_write(arena, &ignore, 0, &why) && !file_exists(ignore.path))
        return cannot_write(ignore.path, why, diags);
    return 0;
}

static struct node *context_json(struct arena *arena, const struct upcontext *context)
{
    struct node *map = node_map(arena), *before = node_list(arena);
    put_text(arena, map, "name", context->name);
    put_text(arena, map, "path", context->path);
    for (size_t i = 0; i < context->before.count; i++)
        node_append(arena, before, node_scalar(arena, context->before.items[i], true));
    node_put(arena, map, "before", before);
    if (context->written)
        node_put(arena, map, "written", node_copy(arena, context->written));
    return map;
}

int state_write(struct arena *arena, const struct upstate *state, struct diags *diags)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct node *root = node_map(arena);
    struct node *nodes = node_list(arena);
    node_put_number(arena, root, "version", STATE_VERSION);
    put_text(arena, root, root_key, state->moved_from ? state->moved_from : state->root);
    put_text(arena, root, "runner", state->runner);
    put_text(arena, root, "project", state->project);
    if (state->context.name)
        node_put(arena, root, "context", context_json(arena, &state->context));
    if (state->connection)
        node_put(arena, root, connection_key, node_copy(arena, state->connection));
    for (size_t i = 0; i < state->nodes.count; i++)
        /* Of a lost node only the pid file is known, nothing to write here. */
        if (!state->nodes.items[i]->lost)
            node_append(arena, nodes, node_json(arena, state->nodes.items[i]));
    node_put(arena, root, "nodes", nodes);
    json_write(&text, root, true);
    if (state_make_folder(arena, state->folder, diags))
        return -1;
    for (size_t i = 0; i < state->nodes.count; i++)
        if (remember_store(arena, state, state->nodes.items[i], diags))
            return -1;
    const struct new_file file =
        new_secret(arena_printf(arena, "%s/up.json", state->folder), strbuf_text(&text));
    return file_write_told(arena, &file, FILE_REPLACES, &code_environment, diags);
}

void state_forget_node(struct arena *arena, const struct upstate *state, const char *node)
{
    static const char *const files[] = {"pid", "pid.new", "nats-server.conf", "nats-server.conf.new",
                                        "nats-server.conf.old"};
    const char *folder = arena_printf(arena, "%s/%s", state->folder, node);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(state_path(arena, state, node, files[i]));
    forget_stores(arena, state, node);
    temporary_drop(arena, TEMPORARY_FILE, folder);
    rmdir(folder);
}

void state_forget_original(struct arena *arena, struct upstate *state)
{
    DIR *folder SCOPED(close_directory) = state->original ? opendir(state->folder) : NULL;
    for (const char *name; (name = folder_next(folder));)
        if (is_name(name))
            unlink(state_path(arena, state, name, "pid"));
    if (state->original)
        unlink(arena_printf(arena, "%s/up.json", state->folder));
    state->original = NULL;
}

void state_remove(struct arena *arena, const struct upstate *state)
{
    for (size_t i = 0; i < state->nodes.count; i++)
        state_forget_node(arena, state, state->nodes.items[i]->name);
    unlink(arena_printf(arena, "%s/up.json", state->folder));
    temporary_drop(arena, TEMPORARY_FILE, state->folder);
}

/* Adds nodes that are not up, in whose folder any of these is. */
static void add_with(struct arena *arena, struct upstate *state, const char *const *files, size_t count)
{
    DIR *folder SCOPED(close_directory) = opendir(state->folder);
    for (const char *name; (name = folder_next(folder));) {
        bool there = false;
        for (size_t i = 0; is_name(name) && i < count; i++)
            there |= file_exists(state_path(arena, state, name, files[i]));
        if (!there || state_node(state, name))
            continue;
        struct upnode *node = ARENA_NEW(arena, struct upnode);
        node->name = node->server = arena_strdup(arena, name);
        VEC_PUSH(arena, &state->nodes, node);
    }
}

void state_add_logs(struct arena *arena, struct upstate *state)
{
    add_with(arena, state, (const char *const[]){"log"}, 1);
}

void state_add_left(struct arena *arena, struct upstate *state)
{
    static const char *const files[] = {"log", "data", stores_name};
    add_with(arena, state, files, sizeof(files) / sizeof(files[0]));
}

/* ---- the lock ---- */

static int name_holder(struct arena *arena, const char *path, struct diags *diags)
{
    struct process holder = process_read(arena, path);
    const char *who = holder.pid ? arena_printf(arena, "pid %lld, ", (long long)holder.pid) : "";
    const char *command = holder.pid ? process_command(arena, holder.pid) : "another natsform";
    struct diag *diag = diag_add(diags, &code_environment, (struct srcpos){0},
                                 "another run is at work here: %s%s", who, command);
    diag_hint(diags, diag, "try again when it has ended");
    return -1;
}

int state_lock(struct arena *arena, struct upstate *state, struct diags *diags)
{
    const char *path = arena_printf(arena, "%s/lock", state->folder);
    int failed = -1;
    /* More than once: 'down --volumes' may have removed the folder meanwhile. */
    for (int i = 0; i < TRIES && failed < 0; i++) {
        if (state_make_folder(arena, state->folder, diags))
            return -1;
        failed = file_lock(path, true, LOCK_MOST_MS, &state->lock);
        if (failed < 0 && errno != ENOENT)
            break;
    }
    if (failed < 0)
        return cannot_write(path, strerror(errno), diags);
    if (failed)
        return name_holder(arena, path, diags);
    /* What cannot be written is only said less well to others. */
    file_lock_sign(state->lock, arena_printf(arena, "%lld %llu\n", (long long)getpid(),
                                             (unsigned long long)process_born(getpid())));
    return 0;
}

void state_unlock(struct upstate *state)
{
    if (state->lock >= 0)
        close(state->lock);
    state->lock = -1;
}
