/* Starting the Git server; see gitd.h. It runs until the other end of its standard input is closed, which the end of the test does. */
#include "support/gitd.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "base/strbuf.h"
#include "support/scratch.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static int begin(const char *directory)
{
    const char *program = getenv("NATSFORM_GITD");
    int input[2], output[2];
    ck_assert_msg(program && *program, "NATSFORM_GITD is not set");
    ck_assert(pipe(input) == 0 && pipe(output) == 0);
    fcntl(input[1], F_SETFD, FD_CLOEXEC);
    fcntl(output[0], F_SETFD, FD_CLOEXEC);
    if (fork() == 0) {
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        close(input[0]);
        close(output[1]);
        execl(program, program, directory, (char *)NULL);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    return output[0];
}

static const char *read_ports(int from)
{
    struct strbuf text = {0};
    char piece[256];
    for (ssize_t length; !text.length || !strstr(strbuf_text(&text), "ready");
         strbuf_add(&text, piece, (size_t)length)) {
        length = read(from, piece, sizeof(piece));
        ck_assert_msg(length > 0, "the Git server ended: %s", text.length ? strbuf_text(&text) : "");
    }
    const char *kept = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    close(from);
    return kept;
}

struct gitd *gitd_start(const char *directory)
{
    struct gitd *gitd = ARENA_NEW(test_arena(), struct gitd);
    const char **env = ARENA_ARRAY(test_arena(), const char *, 8);
    gitd->ports = read_ports(begin(directory));
    gitd->cache = make_directory(directory, "cache");
    write_file(
        directory, "ssh_config",
        format("Host *\n UserKnownHostsFile %s/known_hosts\n IdentityFile %s/key\n IdentityAgent none\n",
               directory, directory));
    env[0] = format("XDG_CACHE_HOME=%s", gitd->cache);
    env[1] = format("GIT_SSL_CAINFO=%s/authorities.pem", directory);
    env[2] = format("GIT_SSH_COMMAND=ssh -F '%s/ssh_config'", directory);
    env[3] = "GIT_DIR";
    gitd->env = env;
    return gitd;
}

int gitd_port(const struct gitd *gitd, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = gitd->ports; *line; line += strcspn(line, "\n") + 1) {
        uint64_t port;
        const char *cursor = line + length + 1;
        if (strncmp(line, name, length) == 0 && line[length] == ' ' && number_scan_u64(&cursor, &port))
            return (int)port;
    }
    ck_abort_msg("there is no port '%s'", name);
}
