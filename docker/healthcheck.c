/*
 * healthcheck: asks an HTTP server for a page and exits 0 when it answers 200. For containers that hold nothing else to ask
 * with, such as the official nats image: it is linked statically and needs no shell, no library and no file.
 *
 *     healthcheck [http://ADDRESS[:PORT][/PATH]]
 *
 * ADDRESS is of IPv4, or localhost. The default is the question whether this container's nats-server runs with JetStream.
 * Exits 0: healthy; 1: not, with one line of the reason, which `docker inspect` shows; 64: not called like that.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char usual_url[] = "http://127.0.0.1:8222/healthz?js-enabled-only=true";

enum { SECONDS_MOST = 2, PORT_MOST = 65535, EXIT_USAGE = 64 };

struct question {
    struct sockaddr_in address;
    char host[64]; /* with the port, as it stands in the URL */
    const char *path;
};

/* "1".."65535" and nothing else; 0 for anything else. */
static unsigned port_of(const char *text)
{
    unsigned port = 0;
    for (; *text >= '0' && *text <= '9' && port <= PORT_MOST; text++)
        port = port * 10 + (unsigned)(*text - '0');
    return *text == '\0' && port <= PORT_MOST ? port : 0;
}

static bool read_url(const char *url, struct question *ret_question)
{
    static const char scheme[] = "http://";
    char name[sizeof(ret_question->host)];
    if (strncmp(url, scheme, strlen(scheme)) != 0)
        return false;
    url += strlen(scheme);
    size_t length = strcspn(url, "/?#");
    if (length >= sizeof(name))
        return false;
    memcpy(name, url, length);
    name[length] = '\0';
    memcpy(ret_question->host, name, length + 1);
    ret_question->path = url[length] ? url + length : "/";
    char *colon = strchr(name, ':');
    unsigned port = colon ? port_of(colon + 1) : 80;
    if (colon)
        *colon = '\0';
    ret_question->address.sin_family = AF_INET;
    ret_question->address.sin_port = htons((uint16_t)port);
    return port > 0 && ret_question->path[0] == '/' &&
           inet_pton(AF_INET, strcmp(name, "localhost") == 0 ? "127.0.0.1" : name,
                     &ret_question->address.sin_addr) == 1;
}

static int unhealthy(const char *url, const char *reason)
{
    printf("%s: %s\n", url, reason);
    return 1;
}

static int ask(int fd, const char *url, const struct question *question)
{
    const struct timeval limit = {.tv_sec = SECONDS_MOST};
    char text[1024];
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); /* which limits connect() too */
    if (connect(fd, (const struct sockaddr *)&question->address, sizeof(question->address)) != 0)
        return unhealthy(url, strerror(errno));
    int length =
        snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", question->path, question->host);
    if (length < 0 || (size_t)length >= sizeof(text))
        return unhealthy(url, "is too long");
    if (send(fd, text, (size_t)length, MSG_NOSIGNAL) != length)
        return unhealthy(url, strerror(errno));
    /* The status is in the first line: "HTTP/1.0 200 OK". */
    size_t have = 0;
    while (have < sizeof(text) - 1 && !memchr(text, '\n', have)) {
        ssize_t got = recv(fd, text + have, sizeof(text) - 1 - have, 0);
        if (got <= 0)
            return unhealthy(url, got == 0 ? "ends its answer too early" : strerror(errno));
        have += (size_t)got;
    }
    text[have] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    const char *status = strchr(text, ' ');
    if (strncmp(text, "HTTP/1.", strlen("HTTP/1.")) == 0 && status && strncmp(status, " 200", 4) == 0 &&
        (status[4] == ' ' || status[4] == '\0'))
        return 0;
    return unhealthy(url, text);
}

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : usual_url;
    struct question question = {0};
    if (argc > 2 || !read_url(url, &question)) {
        fputs("usage: healthcheck [http://ADDRESS[:PORT][/PATH]]\n", stderr);
        return EXIT_USAGE;
    }
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int status = fd < 0 ? unhealthy(url, strerror(errno)) : ask(fd, url, &question);
    if (fd >= 0)
        close(fd);
    return status;
}
