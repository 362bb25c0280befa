/* A Docker engine for tests; see docker.h. */
#include "support/docker.h"

#include <check.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "support/engine.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"

#define INSIDE "NATSFORM_TEST_ENGINE" /* set for the program that has one */

/* Before Check runs there is no test to fail. */
static void give_up(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static char *tool(const char *name)
{
    const char *tests = getenv("NATSFORM_TESTS");
    if (!tests)
        give_up("NATSFORM_TESTS does not name the tests' folder");
    return arena_printf(test_arena(), "%s/../tools/%s", tests, name);
}

const char *docker_versions(void)
{
    const char *versions = getenv("VERSIONS");
    return versions && versions[0] ? versions : "2.9.10 2.10.27 2.15.1";
}

static void make_images(void)
{
    const char *command = arena_printf(test_arena(), "'%s' %s", tool("nats-image"), docker_versions());
    int status = system(command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        give_up("there are no images of nats-server");
}

void docker_enter(char **argv)
{
    if (getenv(INSIDE)) {
        make_images();
        return;
    }
    char *words[] = {tool("dockerd"), argv[0], NULL};
    setenv(INSIDE, "yes", 1);
    execv(words[0], words);
    give_up(arena_printf(test_arena(), "cannot run %s: %s", words[0], strerror(errno)));
}

/* The path of a program in PATH. */
static const char *which(const char *name)
{
    const char *path = getenv("PATH");
    for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
        const char *file = arena_printf(test_arena(), "%.*s/%s", (int)strcspn(path, ":"), path, name);
        if (access(file, X_OK) == 0)
            return file;
    }
    ck_abort_msg("there is no %s in PATH", name);
    return NULL;
}

const char *docker_output(const char *const *arguments)
{
    struct run run = run_natsform(&(struct run_options){.program = which("docker"), .arguments = arguments});
    ck_assert_exit(run, 0);
    return run.out;
}

/* What containers run, and what the engine runs for each: nothing else of this namespace is of interest. */
static void add_processes(struct strbuf *out)
{
    static const char *const names[] = {"nats-server", "docker-proxy", "containerd-shim", "docker-compose"};
    DIR *processes = opendir("/proc");
    ck_assert(processes != NULL);
    for (struct dirent *entry = readdir(processes); entry; entry = readdir(processes)) {
        char name[64] = "";
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        FILE *file = fopen(arena_printf(test_arena(), "/proc/%s/comm", entry->d_name), "r");
        if (!file)
            continue;
        if (!fgets(name, sizeof(name), file))
            name[0] = '\0';
        fclose(file);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (strncmp(name, names[i], strlen(names[i])) == 0)
                strbuf_addf(out, "process %s %s", entry->d_name, name);
    }
    closedir(processes);
}

static void add_interfaces(struct strbuf *out)
{
    char line[256];
    FILE *file = fopen("/proc/net/dev", "r");
    ck_assert(file != NULL);
    while (fgets(line, sizeof(line), file)) {
        const char *name = line + strspn(line, " ");
        const char *colon = strchr(name, ':');
        if (colon && strncmp(name, "lo:", 3) != 0 &&
            (strncmp(name, "br-", 3) == 0 || strncmp(name, "veth", 4) == 0))
            strbuf_addf(out, "interface %.*s\n", (int)(colon - name), name);
    }
    fclose(file);
}

/* "/ORDERS-1" to "ORDERS-1". */
static void add_containers(struct strbuf *out, const char *filter)
{
    const struct node *all =
        engine_get(arena_printf(test_arena(), "/containers/json?all=1&filters={%s}", filter));
    for (size_t i = 0; i < all->count; i++)
        strbuf_addf(out, "container %s %s\n", node_get(all->items[i], "Names")->items[0]->text + 1,
                    node_get_text(all->items[i], "Status"));
}

static void add_named(struct strbuf *out, const char *what, const struct node *all)
{
    for (size_t i = 0; all->type == NODE_LIST && i < all->count; i++)
        strbuf_addf(out, "%s %s\n", what, node_get_text(all->items[i], "Name"));
}

/* By a filter of the engine's API, a member of JSON; "" is none, and leaves the engine's own networks out all the same. */
static void add_things(struct strbuf *out, const char *filter)
{
    const char *networks = *filter ? filter : "\"type\":[\"custom\"]";
    add_containers(out, filter);
    add_named(out, "network", engine_get(arena_printf(test_arena(), "/networks?filters={%s}", networks)));
    const struct node *volumes = engine_get(arena_printf(test_arena(), "/volumes?filters={%s}", filter));
    add_named(out, "volume", node_get(volumes, "Volumes"));
}

static const char *take(struct strbuf *out)
{
    const char *text = arena_strdup(test_arena(), strbuf_text(out));
    strbuf_release(out);
    return text;
}

const char *docker_project(const char *project)
{
    struct strbuf out = {0};
    add_things(&out, arena_printf(test_arena(), "\"label\":[\"com.docker.compose.project=%s\"]", project));
    return take(&out);
}

void docker_clear(const char *ending)
{
    const struct node *all = engine_get("/containers/json?all=1");
    for (size_t i = 0; i < all->count; i++) {
        const char *project = node_get_text(node_get(all->items[i], "Labels"), "com.docker.compose.project");
        if (strlen(project) > strlen(ending) &&
            strcmp(project + strlen(project) - strlen(ending), ending) == 0)
            docker_says("rm", "--force", "--volumes", node_get_text(all->items[i], "Id"));
    }
}

static const char *leavings(void)
{
    struct strbuf out = {0};
    add_things(&out, "");
    add_processes(&out);
    add_interfaces(&out);
    return take(&out);
}

/* What the engine runs for a container ends some time after it. */
void docker_await_nothing(void)
{
    struct patience patience = {0};
    for (const char *left; *(left = leavings());)
        ck_assert_msg(patience_lasts(&patience), "this is left:\n%s", left);
}

void docker_choose_compose(bool v2)
{
    const char *kept = getenv("NATSFORM_COMPOSE");
    const char *folder = test_directory();
    const char *path = getenv("PATH");
    ck_assert_msg(kept != NULL, "NATSFORM_COMPOSE does not name the folder of tools/compose");
    setenv("DOCKER_CONFIG", folder, 1);
    if (v2) {
        make_directory(folder, "cli-plugins");
        run_shell(folder, arena_printf(test_arena(), "ln -s '%s/2.26.1/docker-compose' cli-plugins/", kept));
        return;
    }
    /* A plugin of the machine's would be found wherever DOCKER_CONFIG leads. */
    write_file(folder, "docker",
               arena_printf(test_arena(), "#!/bin/sh\n[ \"$1\" != compose ] || exit 1\nexec '%s' \"$@\"\n",
                            which("docker")));
    run_shell(folder,
              arena_printf(test_arena(), "chmod 755 docker && ln -s '%s/1.29.2/docker-compose' .", kept));
    setenv("PATH", arena_printf(test_arena(), "%s:%s", folder, path), 1);
}
