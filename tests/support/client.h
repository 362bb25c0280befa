/*
 * Client: server/server.h against a fixture, for tests of what is built on it.
 */
#ifndef SUPPORT_CLIENT_H
#define SUPPORT_CLIENT_H

#include "server/server.h"
#include "support/server_fixture.h"

/* Connects; fails the test with what was said when that does not work. */
struct server *client_connect(const struct connection_settings *settings);
/* With the fixture's URL and nothing else. */
struct server *client_of(const struct server_fixture *fixture);
/* What is said when connecting fails, as said() puts it; fails the test when it works. */
const char *client_refusal(const struct connection_settings *settings);

/* The outcome of one request, kept in test_arena(). `body` is NULL unless done. */
struct client_reply {
    enum api_outcome outcome;
    int err_code;
    const char *description;
    const struct node *body;
};

/* Sends one request and waits for its outcome. `name` and `body` may be NULL. */
struct client_reply client_request(struct server *server, const char *verb, const char *name,
                                   const char *body, const char *type);

/* Texts with an address or another word that differs from run to run put as `mark`. */
const char *masked(const char *text, const char *word, const char *mark);

#endif
