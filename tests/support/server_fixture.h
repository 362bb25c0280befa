/*
 * Server fixture: a real nats-server for a test, on a free port, with its files in a directory of its own.
 *
 *     struct server_fixture *server = fixture_start("2.15.1", NULL);
 *     … server->url … raw_request(server, "$JS.API.INFO", "") …
 *     fixture_stop(server);
 *
 * Nothing is left behind when the test ends without stopping it (guardian.h), so no teardown is needed. Use it
 * in the test itself or in a checked fixture: nats.c, which the helpers use, must not be used before Check
 * forks. Binaries are $NATSFORM_SERVERS/<version>/nats-server, by default in ~/.cache/natsform/servers.
 * Every helper fails the test when it cannot do its job, with the end of the server's log.
 */
#ifndef SUPPORT_SERVER_FIXTURE_H
#define SUPPORT_SERVER_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "support/guardian.h"

enum { FIXTURE_NODES = 3 };

struct fixture_options {
    const char *version; /* NULL: the newest of server_versions() */
    /*
     * Configuration text, or NULL. Port, name, store directory and JetStream come by the command line, which
     * wins; so `jetstream: {domain: hub}` keeps its store inside the fixture's directory.
     */
    const char *config;
    const char *name;  /* of the server; NULL is "test" */
    const char *login; /* user:password for the fixture's own requests, when the configuration wants it */
    const char *const *arguments; /* more of them, NULL-terminated; may be NULL */
    bool no_jetstream;
    bool greets_only; /* ready once it greets: when its own requests cannot log in, as with TLS */
};

struct server_fixture {
    const char *version;
    const char *url; /* nats://127.0.0.1:port, without the login */
    const char *directory;
    const char *log; /* path */
    int port;
    pid_t pid; /* 0 while it does not run */
    struct fixture_options options;
    struct guardian guardian;
};

struct cluster_fixture {
    struct server_fixture *nodes[FIXTURE_NODES];
};

/* The versions to test against, oldest first: of VERSIONS, or all three. */
const char *const *server_versions(size_t *ret_count);

/* The path of that version's program. */
const char *server_binary(const char *version);

/* Starts it with JetStream and waits until that answers. */
struct server_fixture *fixture_start(const char *version, const char *config);
struct server_fixture *fixture_start_with(const struct fixture_options *options);

/* SIGTERM, and SIGKILL when all patience is gone; removes the directory. */
void fixture_stop(struct server_fixture *server);
/* SIGKILL; the files stay for fixture_restart(). */
void fixture_kill(struct server_fixture *server);
/* SIGTERM; the files stay for fixture_restart(). */
void fixture_shut_down(struct server_fixture *server);
/* On the same port with the same files; `version` may be another one, NULL is the same. */
void fixture_restart(struct server_fixture *server, const char *version);
/* Another signal. After SIGSTOP it has stopped. */
void fixture_signal(const struct server_fixture *server, int signal_number);

/* Three nodes named n1, n2 and n3, once streams of three replicas can be made. */
struct cluster_fixture *cluster_start(const char *version, const char *cluster_name);
/* Each with that configuration text. */
struct cluster_fixture *cluster_start_with(const char *version, const char *cluster_name, const char *config);
void cluster_stop(struct cluster_fixture *cluster);

/*
 * A port of 127.0.0.1 that nobody is given for a minute, unless they ask for it by number: for what a
 * configuration names, such as leafnodes.
 */
int free_port(void);

/* The text of the reply to a request, by nats.c alone; NULL when there is none within a minute, "" for no responders. */
const char *raw_request(const struct server_fixture *server, const char *subject, const char *body);
/* Publishes to a stream and waits for the acknowledgement. */
void raw_publish(const struct server_fixture *server, const char *subject, const char *text);
/* Has the next message of the consumer ("STREAM.NAME") delivered, and acknowledges it. */
void raw_consume(const struct server_fixture *server, const char *consumer);

#endif
