/* Folders to run `natsform up` in; see environment.h. */
#include "support/environment.h"

#include <check.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "devenv/process.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "syntax/json.h"

static const char *servers(void)
{
    const char *named = getenv("NATSFORM_SERVERS");
    if (named && named[0])
        return named;
    return arena_printf(test_arena(), "%s/.cache/natsform/servers", getenv("HOME"));
}

void environment_write(const struct test_environment *here, const char *manifest)
{
    write_file(here->folder, "natsform.yaml", manifest);
}

struct test_environment *environment_new(const char *version, const char *manifest)
{
    struct test_environment *here = ARENA_NEW(test_arena(), struct test_environment);
    const char *parent = getenv("TMPDIR");
    char *made = arena_printf(test_arena(), "%s/natsform-XXXXXX", parent && parent[0] ? parent : "/tmp");
    ck_assert_msg(mkdtemp(made) != NULL, "no directory '%s': %s", made, strerror(errno));
    here->guardian = guardian_start_up(made);
    char *real = realpath(made, NULL);
    here->folder = make_directory(real, "project");
    here->home = make_directory(real, "home");
    free(real);
    const char **env = ARENA_ARRAY(test_arena(), const char *, 8);
    env[0] = arena_printf(test_arena(), "HOME=%s", here->home);
    env[1] = arena_printf(test_arena(), "PATH=%s%s%s:/usr/bin:/bin", version ? servers() : "/nowhere",
                          version ? "/" : "", version ? version : "");
    env[2] = arena_printf(test_arena(), "NATSFORM_SERVERS=%s", version ? servers() : "/nowhere");
    env[3] = arena_printf(test_arena(), "XDG_CONFIG_HOME=%s/.config", here->home);
    env[4] = "XDG_CACHE_HOME";
    here->env = env;
    environment_write(here, manifest);
    return here;
}

void environment_end(struct test_environment *here)
{
    guardian_dismiss(&here->guardian);
}

struct run environment_run(const struct test_environment *here, const char *const *arguments)
{
    return run_natsform(
        &(struct run_options){.arguments = arguments, .env = here->env, .directory = here->folder});
}

/*
 * Check's own handlers, which a child has as well until it is another program, kill the whole group of the test: a signal that comes
 * before is to end the child alone.
 */
static pid_t fork_quietly(void)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    sigset_t both, before;
    sigemptyset(&both);
    for (size_t i = 0; i < 2; i++)
        sigaddset(&both, numbers[i]);
    sigprocmask(SIG_BLOCK, &both, &before);
    pid_t pid = fork();
    for (size_t i = 0; pid == 0 && i < 2; i++)
        signal(numbers[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

pid_t environment_spawn(const struct test_environment *here, const char *const *arguments)
{
    const char *program = getenv("NATSFORM");
    const char *out = arena_printf(test_arena(), "%s/out", here->home);
    char *words[16] = {arena_strdup(test_arena(), program ? program : "natsform")};
    for (size_t i = 0; arguments[i]; i++)
        words[i + 1] = arena_strdup(test_arena(), arguments[i]);
    pid_t pid = fork_quietly();
    if (pid != 0) {
        ck_assert_msg(pid > 0, "no process");
        return pid;
    }
    for (size_t i = 0; here->env[i]; i++) {
        const char *equals = strchr(here->env[i], '=');
        if (equals)
            setenv(arena_strndup(test_arena(), here->env[i], (size_t)(equals - here->env[i])), equals + 1, 1);
        else
            unsetenv(here->env[i]);
    }
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 || chdir(here->folder))
        _exit(126);
    execv(words[0], words);
    _exit(127);
}

int environment_exit_code(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status), "it was killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

void environment_disturb(const struct test_environment *here, const char *const *arguments, int signal_number,
                         int64_t microseconds)
{
    pid_t pid = environment_spawn(here, arguments);
    let_pass(microseconds);
    kill(pid, signal_number);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

int environment_disturb_server(const struct test_environment *here, const char *const *arguments,
                               pid_t server, int signal_number, int64_t microseconds)
{
    pid_t pid = environment_spawn(here, arguments);
    let_pass(microseconds);
    kill(server, signal_number);
    return environment_exit_code(pid);
}

int64_t environment_microseconds(const struct test_environment *here, const char *const *arguments)
{
    int64_t start = clock_ms();
    ck_assert_exit(environment_run(here, arguments), 0);
    return (clock_ms() - start) * 1000;
}

const struct node *environment_node(const struct test_environment *here, const char *name)
{
    struct diags diags = {0};
    struct run run = NF(here, "status", "-o", "json");
    const struct node *root = json_read(test_arena(), run.out, strlen(run.out), NULL, &diags);
    const struct node *nodes = node_get(root, "nodes");
    for (size_t i = 0; nodes && i < nodes->count; i++)
        if (strcmp(node_get_text(nodes->items[i], "name"), name) == 0)
            return nodes->items[i];
    ck_abort_msg("there is no node '%s' in: %s", name, run.out);
    return NULL;
}

pid_t environment_pid(const struct test_environment *here, const char *name)
{
    const char *path = arena_printf(test_arena(), "%s/.natsform/%s/pid", here->folder, name);
    return (pid_t)process_read(test_arena(), path).pid;
}

bool process_lives(pid_t pid)
{
    return process_born(pid) != 0;
}

static size_t count_servers(const struct test_environment *here)
{
    const char *folder = arena_printf(test_arena(), "%s/.natsform/", here->folder);
    glob_t found = {0};
    size_t count = 0;
    glob("/proc/[0-9]*/cmdline", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char command[4096] = "";
        FILE *file = fopen(found.gl_pathv[i], "r");
        size_t length = file ? fread(command, 1, sizeof(command) - 1, file) : 0;
        if (file)
            fclose(file);
        for (size_t j = 0; j < length; j++)
            if (!command[j])
                command[j] = ' ';
        /* one that only checks a configuration may have lost its starter, and ends by itself */
        count += strstr(command, folder) && strstr(command, "nats-server ") && !strstr(command, " -t ");
    }
    globfree(&found);
    return count;
}

void environment_await(const struct test_environment *here, size_t count)
{
    AWAIT(count_servers(here) == count);
}

const struct server_fixture *environment_server(const struct test_environment *here, const char *name,
                                                const char *login)
{
    struct server_fixture *server = ARENA_NEW(test_arena(), struct server_fixture);
    *server = (struct server_fixture){
        .url = node_get_text(node_get(environment_node(here, name), "urls"), "client"),
        .log = arena_printf(test_arena(), "%s/.natsform/%s/log", here->folder, name),
        .options = {.login = login},
    };
    return server;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *environment_files(const struct test_environment *here)
{
    const char *names[64];
    size_t count = 0;
    struct strbuf text = {0};
    DIR *directory = opendir(here->folder);
    struct dirent *entry = NULL;
    while (directory && (entry = readdir(directory)) && count < 64)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            names[count++] = arena_strdup(test_arena(), entry->d_name);
    if (directory)
        closedir(directory);
    qsort(names, count, sizeof(names[0]), compare_names);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "%s%s", i ? " " : "", names[i]);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    return copy;
}
