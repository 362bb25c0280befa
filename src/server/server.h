/*
 * Server: a connection, and what the server at its other end says about itself.
 *
 *     server_library_prepare();    once, at the start of the process
 *     struct server *server;
 *     if (server_connect(&settings, &server, diags))
 *         return -1;
 *     … api_submit(), api_drain() …
 *     server_close(server);
 *     server_library_release();    once, at the end of the process
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "server/api.h"
#include "server/connection.h"
#include "syntax/node.h"

/* What the server says about itself. Strings are "" if it does not say. */
struct server_info {
    const char *url;   /* the one connected to, without user info */
    const char *found; /* who named it, such as "NATS_URL" or "nats context 'prod'" */
    const char *where; /* both, for messages: "'nats://host:4222' (NATS_URL)" */
    const char *name;
    /*
     * "2.10.27"; "" if it is not known. It is also "" if a JetStream domain or an API prefix leads to another
     * server than the one we are connected to, because that one's version would mean nothing.
     */
    const char *version_text;
    const char
        *cluster; /* name of the cluster, "" on a standalone server; with leafnodes, the server's name */
    const char *domain;  /* of the JetStream that answers */
    const char *account; /* "" when unknown: before 2.10 always */
    const char *user;    /* never a token */
    const char
        *account_name; /* what people call the account: of an operator's, `account` is a key; 2.15 tells it */
    const char *who;   /* we are, for people: "user bob (NATS_USER)", "the token"; "": nobody */
    int64_t api_level; /* 0 before 2.11 */
    int64_t max_payload; /* of a message, in bytes */
    uint64_t streams;    /* in the account, by $JS.API.INFO */
    uint64_t consumers;
    const struct node *account_info; /* the whole reply of $JS.API.INFO */
};

/*
 * Connects, finds out version and cluster, and asks for the account's JetStream. Every failure is one diagnostic with its
 * own code: wrong or unreadable credentials, unreachable host, TLS, deadline, no JetStream, permission.
 */
int server_connect(const struct connection_settings *settings, struct server **ret_server,
                   struct diags *diags);
void server_close(struct server *server); /* NULL is fine */
const struct server_info *server_info(const struct server *server);
/* Asks once more what the account may and has, which server_info() tells from then on; if no answer comes, that stays as it was. */
void server_look_again(struct server *server);

/* A server with leafnodes and without a cluster says its own name for the cluster's. */
bool server_is_clustered(const struct server_info *info);

/* A server without a name of its own goes by its id, which is another one after each start. */
bool server_is_nameless(const char *name);

/* Is the connection up? After API_DISCONNECTED only a new server_connect() helps. */
bool server_is_connected(const struct server *server);

/*
 * From now on, `tick` is called now and then by every function that waits for replies, and by api_poll(), in the
 * caller's thread. It is for work that has to go on while other requests take their time. It returns after how many
 * milliseconds it wants to be called again, and may call api_submit(). There is one for each context, two at most, and NULL ends it.
 */
typedef int64_t server_tick(void *context);
void server_set_tick(struct server *server, server_tick *tick, void *context);

/* Must be called before anything uses OpenSSL. Otherwise the process may crash when it ends. */
void server_library_prepare(void);
/* Ends nats.c's own threads and frees what it holds, so that leak checkers are quiet. */
void server_library_release(void);
/* The version of nats.c, such as "3.4.1". */
const char *server_library_version(void);

#endif
