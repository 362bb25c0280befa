/* Who listens where; see ports.h. The tables are those of Linux's /proc. On other systems the holder of a port is not known. */
#include "devenv/ports.h"

#include <arpa/inet.h>
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

/* Binds as a server does (SO_REUSEADDR): a port with old connections in TIME_WAIT counts as free. */
static int bind_port(int port, struct sockaddr_in *ret_address)
{
    socklen_t length = sizeof(*ret_address);
    int one = 1;
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    /* A listener on all addresses gets into the way of one on 127.0.0.1 too, so this finds both. */
    ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)ret_address, length) || listen(fd, 1) ||
        getsockname(fd, (struct sockaddr *)ret_address, &length)) {
        close(fd);
        return -1;
    }
    return fd;
}

bool port_is_free(int port)
{
    struct sockaddr_in address;
    int fd SCOPED(close_fd) = bind_port(port, &address);
    return fd >= 0;
}

/*
 * Connects to the port that the system chose, and closes the accepted side first. That leaves the port in TIME_WAIT. In
 * this state the system does not choose it again, while a server can still bind it by number.
 */
int port_find(void)
{
    for (int i = 0; i < TRIES; i++) {
        struct sockaddr_in address;
        int listener SCOPED(close_fd) = bind_port(0, &address);
        int client SCOPED(close_fd) = socket(AF_INET, SOCK_STREAM, 0);
        if (listener < 0 || client < 0 || connect(client, (struct sockaddr *)&address, sizeof(address)))
            continue;
        int accepted = accept(listener, NULL, NULL);
        if (accepted < 0)
            continue;
        close(accepted);
        return ntohs(address.sin_port);
    }
    return 0;
}

/* ---- who listens ---- */

struct listening {
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
        if (port)
            VEC_PUSH(arena, &found->list,
                     ((struct listening){.port = (int)hex_of(port + 1), .inode = inode}));
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
    int port; /* the one that is searched for; 0: all */
    void (*call)(void *context, int port);
    void *context;
};

static bool see_socket(void *context, uint64_t inode)
{
    const struct port_search *search = context;
    for (size_t i = 0; i < search->all->list.count; i++) {
        const struct listening *listening = &search->all->list.items[i];
        if (listening->inode != inode)
            continue;
        if (search->port == listening->port)
            return true;
        if (search->call)
            search->call(search->context, listening->port);
    }
    return false;
}

void ports_of_process(int64_t pid, void (*call)(void *context, int port), void *context)
{
    struct arena arena SCOPED(arena_release) = {0};
    char name[32];
    struct listening_list all = listeners_of_machine(&arena);
    struct port_search search = {.all = &all, .call = call, .context = context};
    snprintf(name, sizeof(name), "%lld", (long long)pid);
    each_socket(name, see_socket, &search);
}

const char *port_holder(struct arena *arena, int port)
{
    struct listening_list all = listeners_of_machine(arena);
    struct port_search search = {.all = &all, .port = port};
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
