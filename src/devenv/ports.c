/* Who listens where; see ports.h. The tables are those of Linux's /proc. On other systems the holder of a port is not known. */
#include "devenv/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/number.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/vec.h"
#include "devenv/process.h"

/* A table has a line of some 150 bytes for each connection of the machine. */
enum { TRIES = 20, TABLE_MOST = 64 * 1024 * 1024 };

/* Binds as a server does (SO_REUSEADDR): a port with old connections in TIME_WAIT counts as free. -1 with errno. */
static int bind_port(const char *host, int port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV},
                    *found = NULL;
    char text[16];
    int one = 1;
    snprintf(text, sizeof(text), "%d", port);
    if (getaddrinfo(host, text, &hints, &found)) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        /* A listener on all addresses gets into the way of one on a single address too, so this finds both. */
        if (bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, 1)) {
            int error = errno;
            close(fd);
            errno = error;
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

bool port_is_free(const char *host, int port)
{
    int fd SCOPED(close_fd) = bind_port(host, port);
    return fd >= 0;
}

bool address_is_here(const char *host)
{
    int fd SCOPED(close_fd) = bind_port(host, 0);
    return fd >= 0 || errno != EADDRNOTAVAIL;
}

static int port_of(const struct sockaddr_storage *address)
{
    return ntohs(address->ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)(const void *)address)->sin6_port
                     : ((const struct sockaddr_in *)(const void *)address)->sin_port);
}

/*
 * Connects to the port that the system chose, and closes the accepted side first. That leaves the port in TIME_WAIT. In
 * this state the system does not choose it again, while a server can still bind it by number.
 */
int port_find(const char *host)
{
    for (int i = 0; i < TRIES; i++) {
        struct sockaddr_storage address = {0};
        socklen_t length = sizeof(address);
        int listener SCOPED(close_fd) = bind_port(host, 0);
        if (listener < 0 || getsockname(listener, (struct sockaddr *)&address, &length))
            continue;
        int client SCOPED(close_fd) = socket(address.ss_family, SOCK_STREAM, 0);
        if (client < 0 || connect(client, (struct sockaddr *)&address, length))
            continue;
        int accepted = accept(listener, NULL, NULL);
        if (accepted < 0)
            continue;
        close(accepted);
        return port_of(&address);
    }
    return 0;
}

/* ---- who listens ---- */

struct listening {
    char host[INET6_ADDRSTRLEN]; /* where it can be reached: 127.0.0.1, if it listens at every address */
    bool everywhere;
    int port;
    uint64_t inode;
};

struct listening_list {
    VEC(struct listening) list;
};

static unsigned hex_of(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned number = 0;
    for (const char *digit = NULL; *text && (digit = strchr(digits, *text)); text++)
        number = number * 16 + (unsigned)(digit - digits);
    return number;
}

/* Sets `words` to the beginnings of the line's words, at most `most` of them. Returns how many. */
static size_t split(const char *line, const char **words, size_t most)
{
    size_t count = 0;
    for (line += strspn(line, " "); *line && *line != '\n' && count < most; line += strspn(line, " ")) {
        words[count++] = line;
        line += strcspn(line, " \n");
    }
    return count;
}

/* The address in a table: words of 32 bits, each as a number of this machine. Four of them are an IPv6 address. */
static void read_host(const char *hex, struct listening *ret_listening)
{
    enum { DIGITS = 8, WORDS = 4 };
    uint32_t words[WORDS] = {0}, any = 0;
    size_t count = strcspn(hex, ":") / DIGITS;
    for (size_t i = 0; i < count && i < WORDS; i++) {
        char digits[DIGITS + 1];
        snprintf(digits, sizeof(digits), "%s", hex + i * DIGITS);
        words[i] = hex_of(digits);
        any |= words[i];
    }
    ret_listening->everywhere = !any;
    if (!any ||
        !inet_ntop(count > 1 ? AF_INET6 : AF_INET, words, ret_listening->host, sizeof(ret_listening->host)))
        snprintf(ret_listening->host, sizeof(ret_listening->host), "127.0.0.1");
}

/*
 * Lines of /proc/net/tcp: "  0: 0100007F:107E 00000000:0000 0A … 12345 …". The state 0A is LISTEN, and the tenth word is
 * the inode.
 */
static void read_table(struct arena *arena, const char *path, struct listening_list *found)
{
    enum { ADDRESS = 1, STATE = 3, INODE = 9, WORDS = 10, LISTEN = 0x0A };
    struct source table = {.text = ""};
    file_read(arena, path, TABLE_MOST, &table, NULL);
    for (const char *line = table.text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *words[WORDS];
        uint64_t inode = 0;
        if (split(line, words, WORDS) < WORDS || hex_of(words[STATE]) != LISTEN ||
            !number_scan_u64(&words[INODE], &inode))
            continue;
        const char *port = strchr(words[ADDRESS], ':');
        if (!port)
            continue;
        struct listening listening = {.port = (int)hex_of(port + 1), .inode = inode};
        read_host(words[ADDRESS], &listening);
        VEC_PUSH(arena, &found->list, listening);
    }
}

/* A server on all addresses is in the second table only: Go opens one socket for IPv4 and IPv6. */
static struct listening_list listeners_of_machine(struct arena *arena)
{
    struct listening_list found = {0};
    read_table(arena, "/proc/net/tcp", &found);
    read_table(arena, "/proc/net/tcp6", &found);
    return found;
}

/* Calls `call` with the inode of each socket of a process, until it returns true. */
static bool each_socket(const char *pid, bool (*call)(void *context, uint64_t inode), void *context)
{
    char path[300], target[64];
    snprintf(path, sizeof(path), "/proc/%s/fd", pid);
    DIR *directory SCOPED(close_directory) = opendir(path);
    for (const char *name; (name = folder_next(directory));) {
        ssize_t length = readlinkat(dirfd(directory), name, target, sizeof(target) - 1);
        uint64_t inode = 0;
        if (length <= 0)
            continue;
        target[length] = '\0';
        const char *digits = target + strlen("socket:[");
        if (strncmp(target, "socket:[", strlen("socket:[")) == 0 && number_scan_u64(&digits, &inode) &&
            call(context, inode))
            return true;
    }
    return false;
}

struct port_search {
    const struct listening_list *all;
    const char *host;
    int port; /* the one that is searched for, at that host; 0: all */
    void (*call)(void *context, const char *host, int port);
    void *context;
};

static bool see_socket(void *context, uint64_t inode)
{
    const struct port_search *search = context;
    for (size_t i = 0; i < search->all->list.count; i++) {
        const struct listening *listening = &search->all->list.items[i];
        if (listening->inode != inode)
            continue;
        if (search->port == listening->port &&
            (listening->everywhere || strcmp(search->host, listening->host) == 0))
            return true;
        if (search->call)
            search->call(search->context, listening->host, listening->port);
    }
    return false;
}

void ports_of_process(int64_t pid, void (*call)(void *context, const char *host, int port), void *context)
{
    struct arena arena SCOPED(arena_release) = {0};
    char name[32];
    struct listening_list all = listeners_of_machine(&arena);
    struct port_search search = {.all = &all, .call = call, .context = context};
    snprintf(name, sizeof(name), "%lld", (long long)pid);
    each_socket(name, see_socket, &search);
}

const char *port_holder(struct arena *arena, const char *host, int port)
{
    struct listening_list all = listeners_of_machine(arena);
    struct port_search search = {.all = &all, .host = host, .port = port};
    DIR *directory SCOPED(close_directory) = opendir("/proc");
    for (const char *name; (name = folder_next(directory));) {
        int64_t pid = 0;
        /* Descriptors of other users' processes cannot be read; then it stays "another program". */
        if (!number_parse_i64(name, &pid) || !each_socket(name, see_socket, &search))
            continue;
        const char *program = process_program(arena, pid);
        return arena_printf(arena, "%s (pid %lld: %.200s)", program ? path_name(program) : "a program",
                            (long long)pid, process_command(arena, pid));
    }
    return "another program";
}
