/*
 * Config: configurations as test data, written as the inside of a YAML flow map in the wire's names and units:
 *
 *     const struct node *config = config_read("max_age: 60000000000, subjects: [orders.>]");
 *     raw_request(server, "$JS.API.STREAM.CREATE.A", config_json(config));
 *     config_spell(&stream_table, config)      the same for a manifest, with a unit at each duration
 *
 * Everything lives in test_arena(). Every helper fails the test when it cannot do its job.
 */
#ifndef SUPPORT_CONFIG_H
#define SUPPORT_CONFIG_H

#include <stdbool.h>

#include "field/field.h"
#include "support/server_fixture.h"
#include "syntax/node.h"

struct node *config_read(const char *text);
/* A copy of `base` with the members of `over` in it; neither may be NULL. */
struct node *config_over(const struct node *base, const struct node *over);
const char *config_json(const struct node *node);
struct node *config_spell(const struct table *table, const struct node *config);

/*
 * Does a server's echo hold everything that was sent? It may leave out zero values and defaults, and write an instant
 * in another zone. Of what was not sent the echo may hold anything.
 */
bool config_holds(const struct table *table, const struct node *sent, const struct node *echo);
/* Are both echoes of a field the same? Either may be NULL: left out. */
bool config_same(const struct field *field, const struct node *a, const struct node *b);

/* What a reply says. */
struct raw_reply {
    int err_code; /* 0: none */
    const char *description;
    struct node *root;
    struct node *config; /* NULL when there is none */
};

struct raw_reply raw_reply_read(const char *json);
/* A request of the API, by its verb and name: "STREAM.INFO.ORDERS". It must be answered. */
struct raw_reply raw_call(const struct server_fixture *server, const char *verb, const char *body);
/* The same; an error fails the test. */
struct raw_reply raw_must(const struct server_fixture *server, const char *verb, const char *body);
/* Creates an object by a configuration without its name; `consumer` may be NULL. */
struct raw_reply raw_create(const struct server_fixture *server, const char *stream, const char *consumer,
                            const struct node *config);
struct raw_reply raw_update(const struct server_fixture *server, const char *stream, const char *consumer,
                            const struct node *config);
struct raw_reply raw_info(const struct server_fixture *server, const char *stream, const char *consumer);

/* In a cluster: waits until the object has a leader and does not move or scale any more. */
void raw_settle(const struct server_fixture *server, const char *stream, const char *consumer);

#endif
