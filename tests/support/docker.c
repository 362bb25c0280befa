/* A Docker engine for tests; see docker.h. */
#include "support/docker.h"

#include <check.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"

#define INSIDE "NATSFORM_TEST_ENGINE" /* set for the program that has one */

void docker_enter(char **argv)
{
    const char *tests = getenv("NATSFORM_TESTS");
    if (getenv(INSIDE))
        return;
    if (!tests) {
        fprintf(stderr, "NATSFORM_TESTS does not name the tests' folder\n");
        exit(EXIT_FAILURE);
    }
    char *tool = arena_printf(test_arena(), "%s/../tools/dockerd", tests);
    char *words[] = {tool, argv[0], NULL};
    setenv(INSIDE, "yes", 1);
    execv(tool, words);
    fprintf(stderr, "cannot run %s: %s\n", tool, strerror(errno));
    exit(EXIT_FAILURE);
}

static const char *servers_folder(void)
{
    const char *folder = getenv("NATSFORM_SERVERS");
    return folder && folder[0] ? folder
                               : arena_printf(test_arena(), "%s/.cache/natsform/servers", getenv("HOME"));
}

void docker_images(void)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    for (size_t i = 0; i < count; i++) {
        const char *script = arena_printf(
            test_arena(),
            "tar -C '%s/%s' -c nats-server | docker import -c 'ENTRYPOINT [\"/nats-server\"]' -c 'EXPOSE 4222 8222 6222' "
            "-c 'CMD [\"--config\", \"nats-server.conf\"]' - nats:%s >&2",
            servers_folder(), versions[i], versions[i]);
        if (system(script) != 0) {
            fprintf(stderr, "cannot make an image of nats-server %s\n", versions[i]);
            exit(EXIT_FAILURE);
        }
    }
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

static void add_lines(struct strbuf *out, const char *what, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        strbuf_addf(out, "%s %.*s\n", what, (int)length, text);
        text += length + (text[length] == '\n');
    }
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

const char *docker_leavings(void)
{
    struct strbuf out = {0};
    add_lines(&out, "container", docker_says("ps", "--all", "--format", "{{.Names}} {{.Status}}"));
    add_lines(&out, "network",
              docker_says("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}"));
    add_lines(&out, "volume", docker_says("volume", "ls", "--format", "{{.Name}}"));
    add_processes(&out);
    add_interfaces(&out);
    const char *text = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return text;
}

const char *docker_config_without_compose(void)
{
    return test_directory();
}

const char *docker_config_with_compose(void)
{
    const char *folder = test_directory();
    make_directory(folder, "cli-plugins");
    run_shell(
        folder,
        "plugin=$(\"$NATSFORM_TESTS\"/../tools/compose v2) && ln -s \"$plugin\" cli-plugins/docker-compose");
    return folder;
}
