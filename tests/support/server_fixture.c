/*
 * Real servers for tests; see server_fixture.h. Nothing here sleeps for luck: states are
 * waited for (patience.h).
 */
#include "support/server_fixture.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <nats/nats.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "support/patience.h"
#include "support/scratch.h"

#define DELIVERING "$JS.API.CONSUMER.MSG.NEXT."

enum {
    REQUEST_MS = 60000,
    LOOK_LEAST_MS =
        250, /* of a request that may not be answered yet: the next one waits longer, up to REQUEST_MS */
    PORT_TRIES = 3,
    CLUSTER_LEAST_MS = 10000,
    LOG_TAIL = 3000,
};

const char *const *server_versions(size_t *ret_count)
{
    static struct {
        VEC(const char *) list;
    } versions;
    const char *named = getenv("VERSIONS");
    const char *cursor = versions.list.count ? "" : named && named[0] ? named : "2.9.10 2.10.27 2.15.1";
    while (*(cursor += strspn(cursor, " "))) {
        size_t length = strcspn(cursor, " ");
        const char *version = arena_strndup(test_arena(), cursor, length);
        VEC_PUSH(test_arena(), &versions.list, version);
        cursor += length;
    }
    *ret_count = versions.list.count;
    return versions.list.items;
}

/*
 * Binds a port, connects to it and closes the accepted side first: the port stays in TIME_WAIT, in which the
 * system gives it to nobody who asks for any port, and nats-server, which asks by number with SO_REUSEADDR,
 * gets it.
 */
static int hold_port(int wanted)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)wanted)};
    socklen_t length = sizeof(address);
    int one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    bool fine = bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &length) == 0 &&
                connect(client, (struct sockaddr *)&address, length) == 0;
    int accepted = fine ? accept(listener, NULL, NULL) : -1;
    if (accepted >= 0)
        close(accepted);
    close(client);
    close(listener);
    return accepted >= 0 ? ntohs(address.sin_port) : -1;
}

int free_port(void)
{
    int port = hold_port(0);
    ck_assert_msg(port > 0, "no free port: %s", strerror(errno));
    return port;
}

/* ---- the process ---- */

const char *server_binary(const char *version)
{
    const char *directory = getenv("NATSFORM_SERVERS");
    const char *home = getenv("HOME");
    if (directory && directory[0])
        return arena_printf(test_arena(), "%s/%s/nats-server", directory, version);
    return arena_printf(test_arena(), "%s/.cache/natsform/servers/%s/nats-server", home ? home : "", version);
}

static const char *log_tail(const struct server_fixture *server)
{
    const char *text = read_file(server->log);
    size_t length = strlen(text);
    return length > LOG_TAIL ? text + length - LOG_TAIL : text;
}

struct arguments {
    VEC(char *) list;
};

static void add(struct arguments *arguments, const char *text)
{
    VEC_PUSH(test_arena(), &arguments->list, arena_strdup(test_arena(), text));
}

static struct arguments arguments_of(const struct server_fixture *server)
{
    const struct fixture_options *options = &server->options;
    struct arguments arguments = {0};
    add(&arguments, "nats-server");
    if (options->config) {
        add(&arguments, "-c");
        add(&arguments, write_file(server->directory, "server.conf", options->config));
    }
    add(&arguments, "-a");
    add(&arguments, "127.0.0.1");
    add(&arguments, "-p");
    add(&arguments, arena_printf(test_arena(), "%d", server->port));
    add(&arguments, "-n");
    add(&arguments, options->name ? options->name : "test");
    add(&arguments, "-l");
    add(&arguments, server->log);
    add(&arguments, "-sd");
    add(&arguments, arena_printf(test_arena(), "%s/store", server->directory));
    if (!options->no_jetstream)
        add(&arguments, "-js");
    for (const char *const *more = options->arguments; more && *more; more++)
        add(&arguments, *more);
    VEC_PUSH(test_arena(), &arguments.list, NULL);
    return arguments;
}

static void spawn(struct server_fixture *server)
{
    const char *binary = server_binary(server->version);
    struct arguments arguments = arguments_of(server);
    ck_assert_msg(access(binary, X_OK) == 0, "there is no server '%s': run tools/servers", binary);
    write_file(server->directory, "log", "");
    server->pid = fork();
    ck_assert_msg(server->pid >= 0, "no process for the server");
    if (server->pid == 0) {
        /* What is wrong with a configuration is said there, not in the log. */
        int log = open(server->log, O_WRONLY | O_APPEND);
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(log, 1);
        dup2(log, 2);
        execv(binary, arguments.list.items);
        _exit(127);
    }
    guardian_watch(&server->guardian, server->pid);
}

/* True when the process has ended; it is a zombie no more then. */
static bool has_ended(struct server_fixture *server)
{
    if (server->pid > 0 && waitpid(server->pid, NULL, WNOHANG) == server->pid) {
        server->pid = 0;
        guardian_watch(&server->guardian, 0);
    }
    return server->pid == 0;
}

static void hang_up(void);

static void end(struct server_fixture *server, int signal_number)
{
    struct patience patience = {0};
    if (server->pid == 0)
        return;
    hang_up();
    kill(server->pid, SIGCONT); /* it may be stopped */
    kill(server->pid, signal_number);
    while (!has_ended(server))
        if (!patience_lasts(&patience))
            kill(server->pid, SIGKILL);
}

/* ---- requests of its own ---- */

static const char *url_with_login(const struct server_fixture *server)
{
    const char *login = server->options.login;
    return login ? arena_printf(test_arena(), "nats://%s@127.0.0.1:%d", login, server->port) : server->url;
}

static natsConnection *connect_raw(const char *url)
{
    natsOptions *options = NULL;
    natsConnection *connection = NULL;
    ck_assert_int_eq(natsOptions_Create(&options), NATS_OK);
    natsOptions_SetURL(options, url);
    natsOptions_SetAllowReconnect(options, false);
    natsOptions_SetTimeout(options, REQUEST_MS);
    natsOptions_SetSendAsap(options, true);
    natsStatus status = natsConnection_Connect(&connection, options);
    natsOptions_Destroy(options);
    return status == NATS_OK ? connection : NULL;
}

/*
 * The last connection stays for the next request: a new one each time is most of what a request costs. Not natsConnection_Request():
 * nats.c may crash when a second reply arrives while its own subscription for replies goes away. This one goes away after the
 * connection, and takes the replies to all its requests, each to a subject of its own.
 */
struct line {
    natsConnection *connection; /* NULL: there is none */
    natsSubscription *replies;
    natsInbox *inbox;
    char url[256]; /* with the login */
    pid_t owner;   /* a child has no use for its parent's */
    unsigned requests;
};

static struct line kept_line;
static pthread_mutex_t kept_line_lock = PTHREAD_MUTEX_INITIALIZER;

static void line_release(struct line *line)
{
    natsConnection_Close(line->connection);
    natsSubscription_Destroy(line->replies);
    natsConnection_Destroy(line->connection);
    natsInbox_Destroy(line->inbox);
    *line = (struct line){0};
}

/* Is it to that server, which still answers there? It may have been started anew. */
static bool line_serves(const struct line *line, const char *url)
{
    return line->connection && line->owner == getpid() && strcmp(line->url, url) == 0 &&
           natsConnection_FlushTimeout(line->connection, LOOK_LEAST_MS) == NATS_OK;
}

static natsStatus line_open(struct line *line, const struct server_fixture *server)
{
    const char *url = url_with_login(server);
    if (line_serves(line, url))
        return NATS_OK;
    if (line->connection && line->owner != getpid())
        *line = (struct line){0};
    line_release(line);
    snprintf(line->url, sizeof(line->url), "%s", url);
    line->owner = getpid();
    line->connection = connect_raw(url);
    natsStatus status = line->connection ? natsInbox_Create(&line->inbox) : NATS_NO_SERVER;
    if (status == NATS_OK)
        status = natsConnection_SubscribeSync(&line->replies, line->connection,
                                              arena_printf(test_arena(), "%s.*", line->inbox));
    return status;
}

/* The reply to that subject, if there were requests before: there may be more than one reply to them. */
static natsStatus line_reply(const struct line *line, const char *to, int64_t ms, natsMsg **ret_message)
{
    for (;;) {
        natsMsg *message = NULL;
        natsStatus status = natsSubscription_NextMsg(&message, line->replies, ms);
        if (status != NATS_OK)
            return status;
        if (line->requests == 1 || strcmp(natsMsg_GetSubject(message), to) == 0) {
            *ret_message = message;
            return NATS_OK;
        }
        natsMsg_Destroy(message);
    }
}

static const char *request_by(struct line *line, const struct server_fixture *server, const char *subject,
                              const char *body, int64_t ms, const char **ret_reply)
{
    natsMsg *message = NULL;
    const char *text = NULL, *to = NULL;
    natsStatus status = line_open(line, server);
    if (status == NATS_OK) {
        to = arena_printf(test_arena(), "%s.%u", line->inbox, ++line->requests);
        status = natsConnection_PublishRequestString(line->connection, subject, to, body);
    }
    if (status == NATS_OK)
        status = line_reply(line, to, ms, &message);
    if (status == NATS_OK)
        text = arena_strndup(test_arena(), natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    else if (status == NATS_NO_RESPONDERS)
        text = "";
    else
        line_release(line);
    if (ret_reply)
        *ret_reply = message && natsMsg_GetReply(message)
                         ? arena_strdup(test_arena(), natsMsg_GetReply(message))
                         : NULL;
    natsMsg_Destroy(message);
    return text;
}

/*
 * A line of its own is for a thread that finds the kept one in use, and for messages of a consumer: they have the subject that they were
 * published to, and tell nobody which request they belong to.
 */
static const char *request(const struct server_fixture *server, const char *subject, const char *body,
                           int64_t ms, const char **ret_reply)
{
    struct line own = {0};
    bool delivers = strncmp(subject, DELIVERING, strlen(DELIVERING)) == 0;
    bool kept = !delivers && pthread_mutex_trylock(&kept_line_lock) == 0;
    const char *text = request_by(kept ? &kept_line : &own, server, subject, body, ms, ret_reply);
    if (kept)
        pthread_mutex_unlock(&kept_line_lock);
    else
        line_release(&own);
    return text;
}

static void hang_up(void)
{
    if (kept_line.owner != getpid() || pthread_mutex_trylock(&kept_line_lock) != 0)
        return;
    line_release(&kept_line);
    pthread_mutex_unlock(&kept_line_lock);
}

const char *raw_request(const struct server_fixture *server, const char *subject, const char *body)
{
    return request(server, subject, body, REQUEST_MS, NULL);
}

void raw_publish(const struct server_fixture *server, const char *subject, const char *text)
{
    const char *reply = raw_request(server, subject, text);
    ck_assert_msg(reply && strstr(reply, "\"seq\""), "publishing to '%s' was not acknowledged: %s", subject,
                  reply ? reply : "no reply");
}

void raw_consume(const struct server_fixture *server, const char *consumer)
{
    const char *reply_to = NULL;
    const char *next = arena_printf(test_arena(), DELIVERING "%s", consumer);
    request(server, next, "1", REQUEST_MS, &reply_to);
    ck_assert_msg(reply_to, "consumer %s delivers nothing", consumer);
    raw_request(server, reply_to, "+ACK");
}

/* ---- readiness ---- */

static bool greets(const struct server_fixture *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    char byte = 0;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool fine = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && recv(fd, &byte, 1, 0) == 1;
    close(fd);
    return fine && byte == 'I';
}

/* `look_ms`: for how long it is listened to; longer the next time. */
static bool is_ready(const struct server_fixture *server, int64_t *look_ms)
{
    const struct fixture_options *options = &server->options;
    if (!greets(server) || options->greets_only || options->no_jetstream)
        return greets(server);
    const char *reply = request(server, "$JS.API.INFO", "", *look_ms, NULL);
    *look_ms = *look_ms * 2 < REQUEST_MS ? *look_ms * 2 : REQUEST_MS;
    return reply && strstr(reply, "account_info_response") && !strstr(reply, "\"error\"");
}

/*
 * Servers up to 2.15.2 remove an account's folder a moment after they answered that its last stream is deleted, and
 * may take it from under the next stream that is created (10049). They leave a folder that is not empty.
 */
static void keep_account_folder(const struct server_fixture *server)
{
    if (!server->options.no_jetstream)
        make_directory(server->directory, "store/jetstream/$G/streams/.kept");
}

/* False when the port was taken by somebody else meanwhile. */
static bool start(struct server_fixture *server)
{
    struct patience patience = {0};
    int64_t look_ms = LOOK_LEAST_MS;
    spawn(server);
    while (!is_ready(server, &look_ms)) {
        if (has_ended(server)) {
            ck_assert_msg(strstr(log_tail(server), "address already in use"), "nats-server %s ended: %s",
                          server->version, log_tail(server));
            return false;
        }
        ck_assert_msg(patience_lasts(&patience), "nats-server %s does not get ready: %s", server->version,
                      log_tail(server));
    }
    keep_account_folder(server);
    return true;
}

/* ---- what tests call ---- */

static struct server_fixture *prepare(const struct fixture_options *options)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    const char *base = getenv("TMPDIR");
    struct server_fixture *server = ARENA_NEW(test_arena(), struct server_fixture);
    char *directory = arena_printf(test_arena(), "%s/natsform-XXXXXX", base && base[0] ? base : "/tmp");
    ck_assert_msg(mkdtemp(directory) != NULL, "no directory '%s': %s", directory, strerror(errno));
    server->options = *options;
    server->version = options->version ? options->version : versions[count - 1];
    server->directory = directory;
    server->log = arena_printf(test_arena(), "%s/log", directory);
    server->guardian = guardian_start(directory);
    return server;
}

static void choose_port(struct server_fixture *server)
{
    server->port = free_port();
    server->url = arena_printf(test_arena(), "nats://127.0.0.1:%d", server->port);
}

struct server_fixture *fixture_start_with(const struct fixture_options *options)
{
    struct server_fixture *server = prepare(options);
    for (int i = 0; i < PORT_TRIES; i++) {
        choose_port(server);
        if (start(server))
            return server;
    }
    ck_abort_msg("no free port for nats-server");
    return NULL;
}

struct server_fixture *fixture_start(const char *version, const char *config)
{
    return fixture_start_with(&(struct fixture_options){.version = version, .config = config});
}

void fixture_stop(struct server_fixture *server)
{
    end(server, SIGTERM);
    guardian_dismiss(&server->guardian);
}

void fixture_kill(struct server_fixture *server)
{
    end(server, SIGKILL);
    hold_port(server->port);
}

void fixture_shut_down(struct server_fixture *server)
{
    end(server, SIGTERM);
    hold_port(server->port);
}

void fixture_restart(struct server_fixture *server, const char *version)
{
    if (version)
        server->version = version;
    ck_assert_msg(start(server), "port %d was taken while the server was down", server->port);
}

void fixture_signal(const struct server_fixture *server, int signal_number)
{
    ck_assert_int_eq(kill(server->pid, signal_number), 0);
    if (signal_number == SIGSTOP) /* its threads stop some time later, and answer until then */
        ck_assert_int_eq(waitpid(server->pid, NULL, WUNTRACED), server->pid);
}

/* ---- clusters ---- */

static bool makes_replicas(const struct server_fixture *server)
{
    const char *made =
        request(server, "$JS.API.STREAM.CREATE.PROBE",
                "{\"name\":\"PROBE\",\"subjects\":[\"probe\"],\"num_replicas\":3}", 2000, NULL);
    if (!made || strstr(made, "\"error\""))
        return false;
    const char *gone = request(server, "$JS.API.STREAM.DELETE.PROBE", "", 2000, NULL);
    return gone && strstr(gone, "\"success\"");
}

struct cluster_fixture *cluster_start(const char *version, const char *cluster_name)
{
    return cluster_start_with(version, cluster_name, NULL);
}

static struct cluster_fixture *spawn_cluster(const char *version, const char *cluster_name,
                                             const char *config)
{
    struct cluster_fixture *cluster = ARENA_NEW(test_arena(), struct cluster_fixture);
    int ports[FIXTURE_NODES];
    for (int i = 0; i < FIXTURE_NODES; i++)
        ports[i] = free_port();
    const char *routes =
        arena_printf(test_arena(), "nats://127.0.0.1:%d,nats://127.0.0.1:%d,nats://127.0.0.1:%d", ports[0],
                     ports[1], ports[2]);
    for (int i = 0; i < FIXTURE_NODES; i++) {
        const char **arguments = ARENA_ARRAY(test_arena(), const char *, 7);
        const char *given[] = {"--cluster_name", cluster_name,
                               "--cluster",      arena_printf(test_arena(), "nats://127.0.0.1:%d", ports[i]),
                               "--routes",       routes};
        memcpy(arguments, given, sizeof(given));
        cluster->nodes[i] = prepare(&(struct fixture_options){
            .version = version,
            .config = config,
            .name = arena_printf(test_arena(), "n%d", i + 1),
            .arguments = arguments,
        });
        choose_port(cluster->nodes[i]);
        spawn(cluster->nodes[i]);
    }
    return cluster;
}

/* False when that takes longer than `most_ms`. */
static bool gets_ready(struct cluster_fixture *cluster, int64_t most_ms)
{
    int64_t deadline = clock_ms() + most_ms;
    for (int i = 0; i < FIXTURE_NODES; i++) {
        struct patience patience = {0};
        int64_t look_ms = LOOK_LEAST_MS;
        while (!is_ready(cluster->nodes[i], &look_ms) ||
               (i + 1 == FIXTURE_NODES && !makes_replicas(cluster->nodes[0]))) {
            ck_assert_msg(!has_ended(cluster->nodes[i]), "node n%d ended: %s", i + 1,
                          log_tail(cluster->nodes[i]));
            if (clock_ms() > deadline || !patience_lasts(&patience))
                return false;
        }
    }
    return true;
}

/*
 * One new cluster of 2.10.27 in ten answers "no suitable peers for placement" for good; the next one does not. It says the same for a
 * moment when all is well, so only time tells, of which each cluster is given more.
 */
struct cluster_fixture *cluster_start_with(const char *version, const char *cluster_name, const char *config)
{
    for (int64_t most_ms = CLUSTER_LEAST_MS; most_ms < PATIENCE_MS; most_ms *= 2) {
        struct cluster_fixture *cluster = spawn_cluster(version, cluster_name, config);
        if (gets_ready(cluster, most_ms))
            return cluster;
        cluster_stop(cluster);
    }
    ck_abort_msg("a cluster of nats-server %s does not get ready", version);
    return NULL;
}

void cluster_stop(struct cluster_fixture *cluster)
{
    for (int i = 0; i < FIXTURE_NODES; i++)
        kill(cluster->nodes[i]->pid, SIGTERM);
    for (int i = 0; i < FIXTURE_NODES; i++)
        fixture_stop(cluster->nodes[i]);
}
