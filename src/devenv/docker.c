/*
 * Nodes as containers; see docker.h. Compose only starts them. Everything else goes to the engine through the `docker`
 * program. What belongs to a folder is found by labels, which both generations of Compose set alike.
 */
#include "devenv/docker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "base/write.h"
#include "devenv/docker_log.h"
#include "devenv/docker_model.h"
#include "devenv/store.h"
#include "generate/compose.h"
#include "syntax/conf.h"
#include "syntax/yaml.h"

#define COMPOSE_FILE "compose.yaml"

enum {
    SLOW_MS = 900000,     /* deadline of what may have to pull images */
    SURVEY_MS = 500,      /* so long the last list of running containers is used again */
    STOP_MOST_MS = 30000, /* then a container that does not end is killed */
    STOP_AGAIN_MS = 1000,
    STOP_PAUSE_MS = 20,
    SWEEPS = 3,
};

static struct docker *own(const struct runner *runner)
{
    return runner->own;
}

/* ---- what there is ---- */

/* Asks the engine which containers run. Its lines are such as "dev Up 3 minutes (Paused)". */
static void survey(struct docker *docker)
{
    struct words lines;
    /*
     * Each node is asked about by itself, many times a second; running `docker` for each of them would take all the
     * time.
     */
    if (docker->surveyed && clock_ms() - docker->surveyed <= SURVEY_MS)
        return;
    docker->running = docker->paused = (struct words){0};
    docker->unseen = NULL;
    docker->surveyed = clock_ms();
    const char *format = arena_printf(docker->arena, "%s {{.Status}}", docker_label(docker, "service"));
    const char *const *words =
        WORDS("ps", "--filter", "status=running", "--filter", "status=paused", "--format", format);
    if (docker_ps(docker, words, &lines, &docker->unseen))
        return;
    for (size_t i = 0; i < lines.list.count; i++) {
        const char *line = lines.list.items[i];
        struct words *list = strstr(line, "(Paused)") ? &docker->paused : &docker->running;
        VEC_PUSH(docker->arena, &list->list, arena_strndup(docker->arena, line, strcspn(line, " ")));
    }
}

static bool docker_alive(struct runner *runner, struct upnode *node)
{
    struct docker *docker = own(runner);
    survey(docker);
    /* If the engine did not answer, nobody knows. Then the container counts as alive. */
    return docker->unseen || words_have(&docker->running, node->name) ||
           words_have(&docker->paused, node->name);
}

static const char *docker_held(struct runner *runner, const struct upnode *node)
{
    struct docker *docker = own(runner);
    survey(docker);
    if (words_have(&docker->paused, node->name))
        return "its container is paused: 'docker unpause' has it go on";
    return docker->unseen;
}

/* ---- preparing ---- */

/* Asks the engine, and not only the program: that may be there while its engine is not. */
static int find_engine(struct docker *docker, struct diags *diags)
{
    const char *error;
    if (docker_ask(docker, WORDS("version", "--format", "{{.Server.Version}}"), NULL, NULL, &error) == 0)
        return 0;
    struct diag *diag = diag_add(diags, &code_environment, (struct srcpos){0},
                                 "there is no Docker engine to be had: %s", error);
    diag_hint(diags, diag, "install Docker and start its engine, or run without --docker");
    return -1;
}

static bool is_in_path(struct docker *docker, const char *name)
{
    const char *path = getenv("PATH");
    for (; path && *path; path += strcspn(path, ":"), path += *path == ':')
        if (access(arena_printf(docker->arena, "%.*s/%s", (int)strcspn(path, ":"), path, name), X_OK) == 0)
            return true;
    return false;
}

/* docker-compose is not asked for its version: it is written in Python, and starting it takes half a second. */
static int find_compose(struct docker *docker, struct diags *diags)
{
    const char *error;
    if (docker_ask(docker, WORDS("compose", "version"), NULL, NULL, &error) == 0) {
        docker->compose[0] = "docker";
        docker->compose[1] = "compose";
        return 0;
    }
    if (is_in_path(docker, "docker-compose")) {
        docker->compose[0] = "docker-compose";
        return 0;
    }
    struct diag *diag =
        diag_add(diags, &code_environment, (struct srcpos){0}, "there is no Docker Compose on this machine");
    diag_hint(diags, diag, "install the plugin 'docker compose', or docker-compose from 1.29 on");
    return -1;
}

/* A container of Compose's, as check_project() has it listed: its id, its project's name, and the folder of that. */
struct container {
    const char *id, *project, *folder;
};

static struct container container_read(struct arena *arena, const char *line)
{
    size_t id = strcspn(line, " ");
    const char *project = line + id + (line[id] == ' ');
    size_t length = strcspn(project, " ");
    return (struct container){.id = arena_strndup(arena, line, id),
                              .project = arena_strndup(arena, project, length),
                              .folder = project + length + (project[length] == ' ')};
}

/*
 * Refuses two things. Another folder may have containers of a project of this name; the two would take each other's
 * containers for their own. And this folder may have containers of a project with an older name, whose network would be
 * left behind.
 */
static int check_container(const struct docker *docker, const struct container *container, bool is_ours,
                           struct diags *diags)
{
    bool has_name = strcmp(container->project, docker->project) == 0;
    struct diag *diag;
    if (has_name && !is_ours) {
        diag = diag_add(diags, &code_environment, (struct srcpos){0},
                        "containers of another project '%s' are there, from '%s'", docker->project,
                        container->folder);
        diag_hint(diags, diag, "give this manifest a 'project' of another name, or remove those first");
        return -1;
    }
    if (has_name || !is_ours)
        return 0;
    diag =
        diag_add(diags, &code_environment, (struct srcpos){0},
                 "the project is called '%s' now, but it is up as '%s'", docker->project, container->project);
    diag_hint(diags, diag, "'natsform down' first");
    return -1;
}

/* All of Compose's containers in one question: those of this folder, and those of other folders that have its project's name. */
static int check_project(struct docker *docker, struct words *ret_ids, struct diags *diags)
{
    const char *output, *error;
    const char *any = arena_printf(docker->arena, "label=%sproject", LABEL);
    const char *format = arena_printf(docker->arena, "{{.ID}} %s %s", docker_label(docker, "project"),
                                      docker_label(docker, "project.working_dir"));
    if (docker_ask(docker, WORDS("ps", "--all", "--no-trunc", "--filter", any, "--format", format), NULL,
                   &output, &error))
        return docker_complain(diags, "cannot list containers", error);
    struct words lines = docker_lines(docker, output);
    *ret_ids = (struct words){0};
    for (size_t i = 0; i < lines.list.count; i++) {
        struct container container = container_read(docker->arena, lines.list.items[i]);
        bool is_ours = strcmp(container.folder, docker->folder) == 0 ||
                       (docker->former && strcmp(container.folder, docker->former) == 0);
        if (check_container(docker, &container, is_ours, diags))
            return -1;
        if (is_ours)
            VEC_PUSH(docker->arena, &ret_ids->list, container.id);
    }
    return 0;
}

/*
 * A run may have been killed, together with its Compose, while the engine was starting containers. Then it is not
 * settled yet what runs and which ports are taken. The engine answers `inspect` of a container only after its start is
 * done, so this waits for it.
 */
static void await_engine(struct docker *docker, const struct words *ids)
{
    const char *error;
    if (ids->list.count > 0)
        docker_ask(docker, WORDS("container", "inspect", "--format", "{{.Id}}"), ids, NULL, &error);
}

static int fetch_image(struct runner *runner, const struct envnode *plan, const char *image,
                       struct diags *diags)
{
    struct docker *docker = own(runner);
    const char *error;
    struct words pull = {0};
    for (size_t i = 0; i < docker->images.count; i++)
        if (strcmp(docker->images.items[i], image) == 0)
            return 0;
    if (docker_ask(docker, WORDS("image", "inspect", "--format", "{{.Id}}", image), NULL, NULL, &error)) {
        if (runner->doing)
            runner->doing(runner->context, "fetching the image", image);
        words_add(docker, &pull, WORDS("docker", "pull", "--quiet", image));
        if (docker_run(docker, &pull, SLOW_MS, NULL, &error))
            return diag_error(diags, &code_environment, plan->server->pos,
                              "the image '%s' is not on this machine and cannot be pulled: %s", image, error);
    }
    VEC_PUSH(docker->arena, &docker->images, image);
    return 0;
}

/* The project's name is that of the manifest's project, or else of the folder. */
static void set_project(struct docker *docker, const char *root, const char *project)
{
    docker->project = compose_project(docker->arena, project ? project : path_name(root));
    docker->project_label = arena_printf(docker->arena, "label=" LABEL "project=%s", docker->project);
}

static int docker_prepare(struct runner *runner, const struct envnode *plan, struct upnode *node,
                          struct diags *diags)
{
    struct docker *docker = own(runner);
    docker->environment = plan->environment;
    set_project(docker, runner->state->root, plan->environment->project);
    if (!docker->compose[0]) {
        struct words ids = {0};
        if (find_engine(docker, diags) || check_project(docker, &ids, diags) || find_compose(docker, diags))
            return -1;
        await_engine(docker, &ids);
    }
    /* The image is the "program" of a container: another one means a restart. */
    node->program = compose_image(docker->arena, plan->server);
    node->version = plan->server->version;
    return fetch_image(runner, plan, node->program, diags);
}

/* ---- files ---- */

static struct environment_place docker_place(struct runner *runner, const struct upnode *node)
{
    (void)runner;
    (void)node;
    return place_containers;
}

/* These paths are relative to the Compose file, as Compose wants them. */
static const struct compose_options compose_options = {
    .confs = ".", .certificates = "../tls", .base = "../.."};

static struct node *docker_config(struct runner *runner, const struct envnode *plan,
                                  const struct upnode *node)
{
    (void)node;
    return compose_config(own(runner)->arena, plan, &compose_options);
}

static const char *docker_shape(struct runner *runner, const struct envnode *plan)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    yaml_write(&text, compose_service(own(runner)->arena, plan, &compose_options));
    return arena_strdup(own(runner)->arena, strbuf_text(&text));
}

/*
 * Nothing is checked here: it would take one more container for each node. If the server refuses its configuration, the
 * log says so.
 */
static int docker_check(struct runner *runner, const struct upnode *node, const char *path,
                        struct diags *diags)
{
    (void)runner;
    (void)node;
    (void)path;
    (void)diags;
    return 0;
}

/* A container sees the file that was mounted into it, not another one that takes its name. */
static int copy_conf(struct docker *docker, const struct upnode *node, struct diags *diags)
{
    struct source conf;
    const char *path = arena_printf(docker->arena, "%s/%s.conf", docker->folder, node->name);
    int error = file_read(docker->arena, node->conf, CONF_MOST_BYTES, &conf, NULL);
    if (error)
        return docker_complain(diags, arena_printf(docker->arena, "cannot read '%s'", node->conf),
                               strerror(error));
    error = file_overwrite(path, conf.text, conf.length);
    if (error)
        return docker_complain(diags, arena_printf(docker->arena, "cannot write '%s'", path),
                               strerror(error));
    return 0;
}

static int write_secret(struct docker *docker, const char *path, const char *text, struct diags *diags)
{
    const struct new_file file = new_secret(path, text);
    return file_write_told(docker->arena, &file, FILE_REPLACES | FILE_FOLDERS, &code_environment, diags);
}

static int write_files(struct docker *docker, struct upnode *const *nodes, size_t count, struct diags *diags)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    const char *error;
    if (folder_make(docker->arena, docker->folder, &error))
        return docker_complain(diags, arena_printf(docker->arena, "cannot make '%s'", docker->folder), error);
    if (compose_write(docker->arena, docker->environment, &compose_options, &text, diags) ||
        write_secret(docker, docker->file, strbuf_text(&text), diags))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (copy_conf(docker, nodes[i], diags))
            return -1;
    return 0;
}

/* ---- starting and stopping ---- */

/*
 * Compose goes on by itself when this process is killed. So it inherits the lock of .natsform/ and holds it as long as
 * it works: nobody else looks at what is only half started.
 */
static int run_locked(struct runner *runner, struct words *words, const char **ret_error)
{
    int lock = runner->state->lock;
    if (lock >= 0)
        fcntl(lock, F_SETFD, 0);
    int status = docker_run(own(runner), words, SLOW_MS, NULL, ret_error);
    if (lock >= 0)
        fcntl(lock, F_SETFD, FD_CLOEXEC);
    return status;
}

static int docker_start(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags)
{
    struct docker *docker = own(runner);
    struct words words = {0};
    const char *error;
    if (write_files(docker, nodes, count, diags))
        return -1;
    if (!docker->started && docker_things(docker, "volume", &docker->volumes, &error))
        return docker_complain(diags, "cannot list volumes", error);
    docker->started = true;
    for (size_t i = 0; i < 2 && docker->compose[i]; i++)
        VEC_PUSH(docker->arena, &words.list, docker->compose[i]);
    words_add(docker, &words, WORDS("-p", docker->project, "-f", docker->file, "up", "-d"));
    for (size_t i = 0; i < count; i++)
        VEC_PUSH(docker->arena, &words.list, nodes[i]->name);
    /* What the last survey saw is about to be wrong. */
    docker->surveyed = 0;
    if (run_locked(runner, &words, &error))
        return docker_complain(diags, "Docker Compose cannot start the containers", error);
    return 0;
}

static int docker_reload(struct runner *runner, struct upnode *node, struct diags *diags)
{
    struct docker *docker = own(runner);
    struct words ids;
    const char *error;
    /*
     * Into the mounted file itself, and then the signal, by `docker kill`: the image may have no program that sends
     * one.
     */
    if (copy_conf(docker, node, diags))
        return -1;
    if (docker_find(docker, node->name, &ids, &error) ||
        docker_ask(docker, WORDS("kill", "--signal", "HUP"), &ids, NULL, &error))
        return docker_complain(
            diags, arena_printf(docker->arena, "cannot reload the container of '%s'", node->name), error);
    return 0;
}

/* Does any of these containers still run? If the engine does not say, yes. */
static bool any_runs(struct docker *docker, const struct words *ids)
{
    struct words running;
    const char *error;
    if (docker_ps(docker, WORDS("ps", "--quiet", "--no-trunc"), &running, &error))
        return true;
    for (size_t i = 0; i < ids->list.count; i++)
        if (words_have(&running, ids->list.items[i]))
            return true;
    return false;
}

/* Waits until none of them runs, for a moment; the engine tells. */
static int await_end(struct docker *docker, const struct words *ids)
{
    struct words words = {0};
    const char *error;
    words_add(docker, &words, WORDS("docker", "wait"));
    for (size_t i = 0; i < ids->list.count; i++)
        VEC_PUSH(docker->arena, &words.list, ids->list.items[i]);
    return docker_run(docker, &words, STOP_AGAIN_MS, NULL, &error);
}

/*
 * Sends SIGTERM again and again. The first process of a container ignores a signal that it has no handler for, so nats-
 * server misses one that comes right after its start. `docker stop` would then wait for its whole grace period.
 */
static void end_containers(struct docker *docker, const struct words *ids)
{
    int64_t deadline = clock_ms() + STOP_MOST_MS;
    const char *error;
    while (any_runs(docker, ids) && clock_ms() < deadline) {
        /* The engine refuses paused containers. */
        if (docker_ask(docker, WORDS("kill", "--signal", "TERM"), ids, NULL, &error))
            docker_ask(docker, WORDS("unpause"), ids, NULL, &error);
        if (await_end(docker, ids) == 0)
            return;
        clock_pause(STOP_PAUSE_MS);
    }
}

static int remove_containers(struct docker *docker, const struct words *ids, struct diags *diags)
{
    const char *error;
    if (ids->list.count == 0)
        return 0;
    docker->surveyed = 0;
    end_containers(docker, ids);
    if (docker_ask(docker, WORDS("rm", "--force"), ids, NULL, &error))
        return docker_complain(diags, "cannot remove containers", error);
    return 0;
}

static int docker_stop(struct runner *runner, struct upnode *const *nodes, size_t count, struct diags *diags)
{
    struct docker *docker = own(runner);
    struct words all = {0};
    for (size_t i = 0; i < count; i++) {
        struct words ids;
        const char *error;
        if (docker_find(docker, nodes[i]->name, &ids, &error))
            return docker_complain(diags, "cannot list containers", error);
        for (size_t j = 0; j < ids.list.count; j++)
            VEC_PUSH(docker->arena, &all.list, ids.list.items[j]);
        nodes[i]->pid = 0;
    }
    return remove_containers(docker, &all, diags);
}

static const char *project_path(struct arena *arena, const struct upstate *state)
{
    return arena_printf(arena, "%s/docker/project", state->folder);
}

bool docker_left_data(struct arena *arena, const struct upstate *state)
{
    return state->nodes.count == 0 && file_exists(project_path(arena, state));
}

/* The project's name that the last `down` remembered; NULL: none. */
static const char *remembered_project(struct arena *arena, const struct upstate *state)
{
    struct source file;
    bool there = file_read(arena, project_path(arena, state), FILE_SMALL_MOST, &file, NULL) == 0;
    return there && file.length ? file.text : NULL;
}

/* Removes the project's networks or volumes, except those in `kept`. */
static int remove_things(struct docker *docker, const char *kind, const struct words *kept,
                         struct diags *diags)
{
    struct words names;
    struct words doomed = {0};
    const char *error;
    int failed = docker_things(docker, kind, &names, &error);
    for (size_t i = 0; !failed && i < names.list.count; i++)
        if (!words_have(kept, names.list.items[i]))
            VEC_PUSH(docker->arena, &doomed.list, names.list.items[i]);
    if (!failed &&
        (doomed.list.count == 0 || docker_ask(docker, WORDS(kind, "rm"), &doomed, NULL, &error) == 0))
        return 0;
    return docker_complain(
        diags, arena_printf(docker->arena, "cannot remove the %ss of '%s'", kind, docker->project), error);
}

/* Remembers the project's name, so that a later `down --volumes` finds the volumes. */
static int remember_project(const struct runner *runner, struct diags *diags)
{
    struct docker *docker = own(runner);
    struct words names;
    const char *error;
    if (docker_things(docker, "volume", &names, &error))
        return docker_complain(diags, "cannot list volumes", error);
    if (names.list.count == 0)
        return 0;
    return write_secret(docker, project_path(docker->arena, runner->state), docker->project, diags);
}

/* Looks again after removing: the engine may still be making a container for a run that was killed. */
static int remove_all_containers(struct docker *docker, struct diags *diags)
{
    for (int i = 0; i < SWEEPS; i++) {
        struct words ids;
        const char *error;
        if (docker_find(docker, NULL, &ids, &error))
            return docker_complain(diags, "cannot list containers", error);
        if (ids.list.count == 0)
            break;
        if (remove_containers(docker, &ids, diags))
            return -1;
    }
    return 0;
}

static int docker_remove(struct runner *runner, bool volumes, struct diags *diags)
{
    struct docker *docker = own(runner);
    static const struct words none;
    if (remove_all_containers(docker, diags) || remove_things(docker, "network", &none, diags))
        return -1;
    /* A start that failed removes the volumes that it made. Nobody has stored anything in them. */
    if ((volumes || docker->started) &&
        remove_things(docker, "volume", volumes ? &none : &docker->volumes, diags))
        return -1;
    folder_remove(docker->folder);
    return volumes ? 0 : remember_project(runner, diags);
}

static const char *docker_volumes(struct runner *runner)
{
    struct docker *docker = own(runner);
    struct words names;
    const char *error;
    struct strbuf text SCOPED(strbuf_release) = {0};
    if (docker_things(docker, "volume", &names, &error) || names.list.count == 0)
        return NULL;
    strbuf_addf(&text, "%zu %s of Docker (", names.list.count, names.list.count == 1 ? "volume" : "volumes");
    for (size_t i = 0; i < names.list.count; i++)
        strbuf_addf(&text, "%s%s", i ? ", " : "", names.list.items[i]);
    strbuf_adds(&text, ")");
    return arena_strdup(docker->arena, strbuf_text(&text));
}

static int docker_log(struct runner *runner, const struct upnode *node, int64_t tail, bool follow)
{
    struct docker *docker = own(runner);
    struct words ids;
    const char *error;
    if (docker_find(docker, node->name, &ids, &error) || ids.list.count == 0)
        return -1;
    return docker_log_open(docker->arena, docker->folder, ids.list.items[0], tail, follow);
}

struct runner *docker_runner(struct arena *arena, const struct upstate *state)
{
    struct docker *docker = ARENA_NEW(arena, struct docker);
    struct runner *runner = ARENA_NEW(arena, struct runner);
    docker->arena = arena;
    docker->folder = arena_printf(arena, "%s/docker", state->folder);
    docker->file = arena_printf(arena, "%s/" COMPOSE_FILE, docker->folder);
    docker->folder_label = arena_printf(arena, "label=" LABEL "project.working_dir=%s", docker->folder);
    if (state->moved_from) {
        docker->former = arena_printf(arena, "%s/" STATE_FOLDER "/docker", state->moved_from);
        docker->former_label = arena_printf(arena, "label=" LABEL "project.working_dir=%s", docker->former);
    }
    set_project(docker, state->root, state->project ? state->project : remembered_project(arena, state));
    *runner = (struct runner){
        .name = "docker",
        .arena = arena,
        .state = state,
        .own = docker,
        .publishes = true,
        .prepare = docker_prepare,
        .place = docker_place,
        .config = docker_config,
        .shape = docker_shape,
        .check = docker_check,
        .start = docker_start,
        .alive = docker_alive,
        .held = docker_held,
        .reload = docker_reload,
        .stop = docker_stop,
        .log = docker_log,
        .remove = docker_remove,
        .volumes = docker_volumes,
    };
    return runner;
}
