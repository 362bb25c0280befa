/* Configurations as test data; see config.h. Read and written by the syntax room, which has tests of its own. */
#include "support/config.h"

#include <check.h>
#include <nats/nats.h>
#include <string.h>

#include "base/diag.h"
#include "base/instant.h"
#include "base/strbuf.h"
#include "support/patience.h"
#include "support/scratch.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

/* A cluster may let a request fall while an object of the same name is still on its way out; asking twice is harmless. */
enum { REQUEST_MS = 2500, SETTLE_REQUEST_LEAST_MS = 250 };

/* ---- reading and writing ---- */

struct node *config_read(const char *text)
{
    struct source *source = ARENA_NEW(test_arena(), struct source);
    struct documents documents;
    struct diags diags;
    diags_init(&diags);
    source->name = source->text = arena_printf(test_arena(), "{%s}", text);
    source->length = strlen(source->text);
    int failed = yaml_read(test_arena(), source, &diags, &documents);
    diags_release(&diags);
    ck_assert_msg(!failed && documents.count == 1, "'%s' is no configuration", source->text);
    return documents.items[0];
}

struct node *config_over(const struct node *base, const struct node *over)
{
    struct node *map = node_map(test_arena());
    for (size_t i = 0; i < base->count; i++)
        node_put(test_arena(), map, base->members[i].key, base->members[i].value);
    for (size_t i = 0; i < over->count; i++)
        node_put(test_arena(), map, over->members[i].key, over->members[i].value);
    return map;
}

const char *config_json(const struct node *node)
{
    struct strbuf text = {0};
    json_write(&text, node, false);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    return copy;
}

static struct node *spell(const struct field *field, const struct node *node)
{
    if (node->type == NODE_LIST) {
        struct node *list = node_list(test_arena());
        for (size_t i = 0; i < node->count; i++)
            node_append(test_arena(), list, spell(field, node->items[i]));
        return list;
    }
    if (node->type == NODE_MAP && field->object)
        return config_spell(field->object, node);
    if (field->type == FIELD_DURATION && !node->quoted)
        return node_scalar(test_arena(), arena_printf(test_arena(), "%sns", node->text), true);
    return node_copy(test_arena(), node);
}

struct node *config_spell(const struct table *table, const struct node *config)
{
    struct node *map = node_map(test_arena());
    for (size_t i = 0; i < config->count; i++) {
        const struct field *field = table_field(table, config->members[i].key);
        struct node *value = config->members[i].value;
        node_put(test_arena(), map, config->members[i].key, field ? spell(field, value) : value);
    }
    return map;
}

/* ---- comparing ---- */

static bool is_left_out(const struct field *field, const struct node *sent)
{
    if (sent->type != NODE_SCALAR)
        return sent->count == 0;
    return !*sent->text || strcmp(sent->text, "0") == 0 || strcmp(sent->text, "false") == 0 ||
           (field && field->fallback && strcmp(sent->text, field->fallback) == 0);
}

static bool scalar_same(const struct field *field, const char *a, const char *b)
{
    struct instant first, second;
    if (field && field->type == FIELD_TIME && instant_parse(a, &first) && instant_parse(b, &second))
        return instant_compare(first, second) == 0;
    return strcmp(a, b) == 0;
}

static bool holds(const struct field *field, const struct node *sent, const struct node *echo)
{
    if (!echo || node_is_null(echo))
        return is_left_out(field, sent);
    if (sent->type != echo->type || (sent->type == NODE_LIST && sent->count != echo->count))
        return false;
    if (sent->type == NODE_SCALAR)
        return scalar_same(field, sent->text, echo->text);
    if (sent->type == NODE_MAP && field && field->object)
        return config_holds(field->object, sent, echo);
    bool all = true;
    for (size_t i = 0; i < sent->count; i++)
        all &= sent->type == NODE_LIST
                   ? holds(field, sent->items[i], echo->items[i])
                   : holds(NULL, sent->members[i].value, node_get(echo, sent->members[i].key));
    return all;
}

bool config_holds(const struct table *table, const struct node *sent, const struct node *echo)
{
    for (size_t i = 0; i < sent->count; i++) {
        const char *key = sent->members[i].key;
        if (!holds(table_field(table, key), sent->members[i].value, node_get(echo, key)))
            return false;
    }
    return true;
}

bool config_same(const struct field *field, const struct node *a, const struct node *b)
{
    if (!a || !b)
        return a == b || is_left_out(field, a ? a : b);
    return holds(field, a, b) && holds(field, b, a);
}

/* ---- requests ---- */

struct raw_reply raw_reply_read(const char *json)
{
    struct diags diags;
    diags_init(&diags);
    struct raw_reply reply = {.root = json_read(test_arena(), json, strlen(json), NULL, &diags)};
    diags_release(&diags);
    ck_assert_msg(reply.root != NULL, "not JSON: %s", json);
    const struct node *error = node_get(reply.root, "error");
    const struct node *code = node_get(error, "err_code");
    const struct node *description = node_get(error, "description");
    for (const char *digit = code ? code->text : ""; *digit; digit++)
        reply.err_code = reply.err_code * 10 + (*digit - '0');
    ck_assert_msg(!error || reply.err_code, "an error without a code: %s", json);
    reply.description = description ? description->text : "";
    reply.config = node_get(reply.root, "config");
    return reply;
}

/* One connection to the server that was asked last: raw_request() makes one each time, and rows are many. */
static natsConnection *connection_to(const struct server_fixture *server)
{
    static natsConnection *connection;
    static pid_t connected;
    if (connection && connected == server->pid)
        return connection;
    natsConnection_Destroy(connection);
    connection = NULL;
    connected = server->pid;
    natsStatus status = natsConnection_ConnectTo(&connection, server->url);
    ck_assert_msg(status == NATS_OK, "%s: %s", server->url, natsStatus_GetText(status));
    return connection;
}

static natsStatus call(const struct server_fixture *server, const char *verb, const char *body, int64_t ms,
                       struct raw_reply *reply)
{
    natsMsg *message = NULL;
    const char *subject = arena_printf(test_arena(), "$JS.API.%s", verb);
    natsStatus status = natsConnection_RequestString(&message, connection_to(server), subject, body, ms);
    if (status == NATS_OK)
        *reply = raw_reply_read(
            arena_strndup(test_arena(), natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)));
    natsMsg_Destroy(message);
    return status;
}

struct raw_reply raw_call(const struct server_fixture *server, const char *verb, const char *body)
{
    struct raw_reply reply = {0};
    struct patience patience = {0};
    natsStatus status = call(server, verb, body, REQUEST_MS, &reply);
    while (status == NATS_TIMEOUT && patience_lasts(&patience))
        status = call(server, verb, body, REQUEST_MS, &reply);
    ck_assert_msg(status == NATS_OK, "%s %s: %s", verb, body, natsStatus_GetText(status));
    return reply;
}

struct raw_reply raw_must(const struct server_fixture *server, const char *verb, const char *body)
{
    struct raw_reply reply = raw_call(server, verb, body);
    ck_assert_msg(!reply.err_code, "%s %s: error %d, %s", verb, body, reply.err_code, reply.description);
    return reply;
}

static struct raw_reply write_object(const struct server_fixture *server, const char *verb,
                                     const char *stream, const char *consumer, const struct node *config,
                                     const char *action)
{
    struct arena *arena = test_arena();
    if (!consumer) {
        struct node *named = config_over(config_read(arena_printf(arena, "name: '%s'", stream)), config);
        return raw_call(server, arena_printf(arena, "STREAM.%s.%s", verb, stream), config_json(named));
    }
    struct node *envelope = config_read(arena_printf(arena, "stream_name: '%s', action: %s", stream, action));
    node_put(arena, envelope, "config", config_over(config, config_read("")));
    return raw_call(server, arena_printf(arena, "CONSUMER.CREATE.%s.%s", stream, consumer),
                    config_json(envelope));
}

struct raw_reply raw_create(const struct server_fixture *server, const char *stream, const char *consumer,
                            const struct node *config)
{
    return write_object(server, "CREATE", stream, consumer, config, "create");
}

struct raw_reply raw_update(const struct server_fixture *server, const char *stream, const char *consumer,
                            const struct node *config)
{
    return write_object(server, "UPDATE", stream, consumer, config, "update");
}

static const char *info_verb(const char *stream, const char *consumer)
{
    return consumer ? arena_printf(test_arena(), "CONSUMER.INFO.%s.%s", stream, consumer)
                    : arena_printf(test_arena(), "STREAM.INFO.%s", stream);
}

struct raw_reply raw_info(const struct server_fixture *server, const char *stream, const char *consumer)
{
    return raw_call(server, info_verb(stream, consumer), "");
}

/* An object without a leader does not answer at all, or without naming one; what moves says what it wants to become. */
void raw_settle(const struct server_fixture *server, const char *stream, const char *consumer)
{
    struct patience patience = {0};
    int64_t look_ms = SETTLE_REQUEST_LEAST_MS;
    do {
        struct raw_reply reply = {0};
        if (call(server, info_verb(stream, consumer), "", look_ms, &reply) == NATS_OK) {
            const struct node *cluster = node_get(reply.root, "cluster");
            const struct node *leader = node_get(cluster, "leader");
            if (!reply.err_code && leader && *leader->text && !node_get(cluster, "desired"))
                return;
        } else if (look_ms < REQUEST_MS) {
            look_ms *= 2;
        }
    } while (patience_lasts(&patience));
    ck_abort_msg("%s does not settle", info_verb(stream, consumer));
}
