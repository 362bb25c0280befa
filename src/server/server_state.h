/*
 * The inside of struct server, for server_connect.c and library.c only.
 */
#ifndef SERVER_SERVER_STATE_H
#define SERVER_SERVER_STATE_H

#include <nats/nats.h>

#include "base/arena.h"
#include "base/vec.h"
#include "server/login.h"
#include "server/server.h"

struct channel;

struct server {
    struct arena arena;         /* of all texts here */
    struct arena account_arena; /* of info.account_info, once it was asked for again */
    natsConnection *connection;
    struct mailbox *mailbox;
    struct channel *channel;
    const char *api; /* prefix of JetStream's subjects: "$JS.API" */
    const char *domain;
    const char *inbox_prefix;
    int64_t timeout_ms;
    struct identity identity;
    struct server_url url;
    const char *found;  /* who named the URLs; NULL: nobody says */
    const char *lender; /* of struct connection_settings */
    struct server_info info;
    VEC(natsSubscription *) lines; /* of line.h, also those that are over: see server_close() */
};

/* The server's err_codes for a JetStream that is not there. */
enum { NOT_ENABLED_FOR_ACCOUNT = 10039, NOT_ENABLED = 10076 };

#endif
