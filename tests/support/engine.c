/* Questions to a Docker engine; see engine.h. It speaks HTTP/1.0, where the end of the connection is the end of the answer. */
#include "support/engine.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "support/scratch.h"
#include "syntax/json.h"

static int open_socket(void)
{
    static const char scheme[] = "unix://";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *host = getenv("DOCKER_HOST");
    ck_assert_msg(host && strncmp(host, scheme, strlen(scheme)) == 0, "DOCKER_HOST names no socket");
    const char *path = host + strlen(scheme);
    ck_assert_uint_lt(strlen(path), sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_msg(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0,
                  "no engine at %s: %s", path, strerror(errno));
    return fd;
}

const struct node *engine_get(const char *path)
{
    char chunk[8192];
    struct strbuf reply = {0};
    struct diags faults = {0};
    const char *request = arena_printf(test_arena(), "GET %s HTTP/1.0\r\nHost: engine\r\n\r\n", path);
    int fd = open_socket();
    ck_assert_int_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    for (ssize_t got; (got = read(fd, chunk, sizeof(chunk))) > 0;)
        strbuf_add(&reply, chunk, (size_t)got);
    close(fd);
    const char *text = strbuf_move(&reply, test_arena());
    const char *body = strstr(text, "\r\n\r\n");
    ck_assert_msg(body && strstr(text, " 200 OK\r\n"), "the engine's answer to %s:\n%s", path, text);
    const struct node *answer = json_read(test_arena(), body + 4, strlen(body + 4), NULL, &faults);
    ck_assert_msg(answer != NULL, "no JSON is the engine's answer to %s:\n%s", path, body);
    diags_release(&faults);
    return answer;
}
