/*
 * Rules of whether the manifest's servers have room for its streams and accounts. They ask nobody: `validate` knows it.
 * Streams count only while the manifest says nothing of where they are: its connection may lead to other servers. One of
 * its clusters has to take a stream, so what the first lacks the second may have.
 *
 * Measured on 2.9.10, 2.10.27 and 2.15.1, which answer alike. A server that is in no cluster looks at no placement.
 */
#include <string.h>
#include <strings.h>

#include "base/row.h"
#include "field/value.h"
#include "kind/kinds.h"
#include "kind/server_options.h"
#include "manifest/manifest.h"
#include "rules/servers_scan.h"

static DIAG_CODE(
    code_server_room, .name = "server-room", CODE_WARNING,
    .doc = "The manifest's own servers cannot take one of its streams or consumers.",
    .why = "'up' boots these servers and creates the streams on them; they would refuse.",
    .example = "servers: {dev: {}}\nstreams: {ORDERS: {num_replicas: 3}}",
    .remedy =
        "Give the servers more nodes or room, or ask for less; an overlay can do that for development.");

static DIAG_CODE(
    code_server_sum, .name = "server-sum", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Accounts may use more together than their server has.",
    .why = "The server reserves what each account may use, and ends at its start if that is too much.",
    .example = "servers: {dev: {jetstream: {max_mem: 1MiB}, accounts: {A: {jetstream: {max_mem: 2MiB}}}}}",
    .remedy = "Give the accounts less, or the server more.");

/* ---- which servers take a stream ---- */

/* What a server must have for a stream, each beside all before it. */
enum want {
    WANT_JETSTREAM,
    WANT_PLACEMENT,
    WANT_ROOM,
    WANT_WINDOW,
};

static const char *cluster_of(const struct server_node *node)
{
    return option_text(option_get(node->config, OPTION_CLUSTER), OPTION_NAME);
}

static bool has_tag(const struct server_node *node, const char *tag)
{
    const struct node *tags = node_get(node->config, "server_tags");
    bool excludes = *tag == '!';
    for (size_t i = 0; i < server_count(tags); i++)
        if (strcasecmp(server_item(tags, i)->text, tag + excludes) == 0)
            return !excludes;
    return excludes;
}

static bool is_at(const struct server_node *node, const struct object *stream)
{
    const struct object *placement = object_object(stream, STREAM_PLACEMENT);
    if (!placement || !*cluster_of(node))
        return true;
    const char *cluster = object_text(placement, PLACEMENT_CLUSTER);
    const struct value_list *tags = object_list(placement, PLACEMENT_TAGS);
    for (size_t i = 0; i < tags->count; i++)
        if (!has_tag(node, tags->items[i].text))
            return false;
    return !cluster || strcmp(cluster, cluster_of(node)) == 0;
}

static bool in_memory(const struct object *stream)
{
    return object_has(stream, STREAM_STORAGE, CHOICE_MEMORY);
}

/* Bytes that a server or an account says it has; below zero: it does not say. */
static int64_t room_of(const struct node *jetstream, bool memory)
{
    return server_number(option_get(jetstream, memory ? OPTION_MAX_MEM : OPTION_MAX_FILE), -1);
}

static const struct node *limits_of(const struct server_node *node)
{
    return node_get(option_get(node->config, OPTION_JETSTREAM), "limits");
}

/* A stream alone; all of them together are check_room_of_all()'s. */
static bool has_room(const struct server_node *node, const struct object *stream)
{
    int64_t room = room_of(option_get(node->config, OPTION_JETSTREAM), in_memory(stream));
    return room < 0 || object_integer(stream, STREAM_MAX_BYTES) <= room;
}

/* A window that is left out is lowered by the server. */
static bool takes_window(const struct server_node *node, const struct object *stream)
{
    int64_t most = server_nanos(node_get(limits_of(node), "duplicate_window"), 0);
    const struct value *window = object_value(stream, STREAM_DUPLICATE_WINDOW);
    return most <= 0 || !window->given || window->integer <= most;
}

static bool takes(const struct server_node *node, const struct object *stream, enum want want)
{
    return server_has_jetstream(node->config) && (want < WANT_PLACEMENT || is_at(node, stream)) &&
           (want < WANT_ROOM || has_room(node, stream)) && (want < WANT_WINDOW || takes_window(node, stream));
}

/* How many servers of one cluster take the stream, at most. */
static int64_t count_takers(const struct server_world *world, const struct object *stream, enum want want)
{
    int64_t most = 0;
    for (size_t i = 0; i < world->count; i++) {
        const struct server_node *first = &world->nodes[i];
        int64_t count = 0;
        /* From the first server of each cluster on, so no server of it is left out. */
        for (size_t j = i; j < world->count; j++) {
            const struct server_node *node = &world->nodes[j];
            bool same = j == i || (*cluster_of(first) && strcmp(cluster_of(first), cluster_of(node)) == 0);
            count += same && takes(node, stream, want);
        }
        most = count > most ? count : most;
    }
    return most;
}

/* ---- what goes there ---- */

/* The connection leads nowhere else, as far as the manifest tells. */
static bool are_streams_here(const struct server_world *world)
{
    const struct object *connection =
        world->manifest ? object_object(world->manifest->root, MANIFEST_CONNECTION) : NULL;
    for (size_t i = 0; world->manifest && i < world->count; i++)
        if (server_has_jetstream(world->nodes[i].config))
            return !connection ||
                   (!object_text(connection, CONNECTION_URL) && !object_text(connection, CONNECTION_CONTEXT));
    return false;
}

/* The stream's configuration, if it is of the default connection. */
static const struct object *config_of(const struct resource *resource)
{
    return resource->external || accounts_connection_of(resource) ? NULL : resource->config;
}

static const char *label_of(const struct rule_scan *scan, const struct resource *resource)
{
    return resource_label(&scan->diags->arena, resource_kind(resource),
                          resource->stream ? resource->stream->name : NULL, resource_shown_name(resource));
}

static struct srcpos pos_of(const struct resource *resource, unsigned id)
{
    struct srcpos pos = object_pos(resource->config, id);
    return pos.source ? pos : resource->pos;
}

static const char *number_word(struct arena *arena, int64_t number)
{
    return number == 0 ? "none" : number == 1 ? "one" : arena_printf(arena, "%lld", (long long)number);
}

/* Reports each stream for which enough servers have what comes before `want`, and too few have that. */
static void check_streams(const struct rule_scan *scan, enum want want, unsigned id, const char *what)
{
    const struct server_world *world = scan->servers;
    for (size_t i = 0; are_streams_here(world) && i < world->manifest->streams.count; i++) {
        const struct resource *resource = world->manifest->streams.items[i];
        const struct object *stream = config_of(resource);
        int64_t wanted = stream ? object_integer(stream, STREAM_NUM_REPLICAS) : 0;
        int64_t count = stream ? count_takers(world, stream, want) : 0;
        wanted = wanted > 1 ? wanted : 1;
        if (!stream || count >= wanted ||
            (want > WANT_JETSTREAM && count_takers(world, stream, want - 1) < wanted))
            continue;
        rule_report(scan, pos_of(resource, id), "%s needs %s of the manifest's servers %s, and there %s %s",
                    label_of(scan, resource), number_word(scan->arena, wanted), what,
                    count > 1 ? "are" : "is", number_word(scan->arena, count));
    }
}

static void check_replicas(const struct rule_scan *scan)
{
    check_streams(scan, WANT_JETSTREAM, STREAM_NUM_REPLICAS, "in one cluster");
}

static void check_placement(const struct rule_scan *scan)
{
    check_streams(scan, WANT_PLACEMENT, STREAM_PLACEMENT, "where its placement says");
}

static void check_room(const struct rule_scan *scan)
{
    check_streams(scan, WANT_ROOM, STREAM_MAX_BYTES, "with so much room as its max_bytes");
}

static void check_window(const struct rule_scan *scan)
{
    check_streams(scan, WANT_WINDOW, STREAM_DUPLICATE_WINDOW, "whose limits allow its duplicate_window");
}

/* ---- the room of all streams ---- */

/* What all servers have together; below zero: one does not say. */
static int64_t whole_room(const struct server_world *world, bool memory)
{
    int64_t whole = 0;
    for (size_t i = 0; i < world->count; i++) {
        const struct node *config = world->nodes[i].config;
        int64_t room =
            server_has_jetstream(config) ? room_of(option_get(config, OPTION_JETSTREAM), memory) : 0;
        if (room < 0)
            return -1;
        whole = room > INT64_MAX - whole ? INT64_MAX : whole + room;
    }
    return whole;
}

/* A server reserves max_bytes for each replica. */
static void check_room_of_all(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    int64_t left[] = {whole_room(world, false), whole_room(world, true)};
    bool bounded[] = {left[false] >= 0, left[true] >= 0};
    for (size_t i = 0; are_streams_here(world) && i < world->manifest->streams.count; i++) {
        const struct resource *resource = world->manifest->streams.items[i];
        const struct object *stream = config_of(resource);
        bool memory = stream && in_memory(stream);
        int64_t bytes = stream ? object_integer(stream, STREAM_MAX_BYTES) : 0;
        int64_t replicas = stream ? object_integer(stream, STREAM_NUM_REPLICAS) : 0;
        replicas = replicas > 1 ? replicas : 1;
        if (!bounded[memory] || bytes <= 0 || count_takers(world, stream, WANT_ROOM) < replicas)
            continue;
        if (bytes <= left[memory] / replicas)
            left[memory] -= bytes * replicas;
        else
            rule_report(scan, pos_of(resource, STREAM_MAX_BYTES),
                        "%s asks for %s, and the manifest's servers have %s left %s",
                        label_of(scan, resource),
                        size_format(scan->arena, bytes > INT64_MAX / replicas ? INT64_MAX : bytes * replicas),
                        size_format(scan->arena, left[memory]), memory ? "in memory" : "on disk");
    }
}

/* ---- consumers ---- */

/* The highest value that a server of the manifest allows; 0: there is no limit. */
static int64_t highest_limit(const struct server_world *world, const char *name)
{
    int64_t highest = 0;
    for (size_t i = 0; i < world->count; i++) {
        int64_t limit = server_number(node_get(limits_of(&world->nodes[i]), name), 0);
        if (!server_has_jetstream(world->nodes[i].config))
            continue;
        /* One server without a limit is enough: the consumer may be there. */
        if (limit <= 0)
            return 0;
        highest = limit > highest ? limit : highest;
    }
    return highest;
}

/* A max_ack_pending that is left out, or unlimited, is lowered by the server. */
static void check_consumers(const struct rule_scan *scan, unsigned id, const char *limit_name)
{
    const struct server_world *world = scan->servers;
    int64_t highest = are_streams_here(world) ? highest_limit(world, limit_name) : 0;
    for (size_t i = 0; highest && i < world->manifest->consumers.count; i++) {
        const struct resource *resource = world->manifest->consumers.items[i];
        const struct value *wanted = object_value(resource->config, id);
        if (config_of(resource->stream) && wanted->given && wanted->integer > highest)
            rule_report(scan, pos_of(resource, id),
                        "'%s' of %s is %lld, and the manifest's servers allow %lld",
                        table_field_by_id(&consumer_table, id)->name, label_of(scan, resource),
                        (long long)wanted->integer, (long long)highest);
    }
}

static void check_pending(const struct rule_scan *scan)
{
    check_consumers(scan, CONSUMER_MAX_ACK_PENDING, "max_ack_pending");
}

static void check_batch(const struct rule_scan *scan)
{
    check_consumers(scan, CONSUMER_MAX_BATCH, "max_request_batch");
}

/* ---- domains ---- */

/* The domain of "$JS.hub.API"; NULL: it is another prefix, or not of a domain. */
static const char *domain_of(struct arena *arena, const char *api)
{
    static const char before[] = "$JS.", after[] = ".API";
    size_t length = api ? strlen(api) : 0;
    size_t fixed = sizeof(before) - 1 + sizeof(after) - 1;
    if (length <= fixed || strncmp(api, before, sizeof(before) - 1) != 0 ||
        strcmp(api + length - (sizeof(after) - 1), after) != 0)
        return NULL;
    const char *domain = arena_strndup(arena, api + sizeof(before) - 1, length - fixed);
    return strchr(domain, '.') ? NULL : domain;
}

/* Servers that a leaf node connects to by an address may be others, with domains of their own. */
static bool is_domain_known(const struct server_world *world, const char *domain)
{
    bool known = false;
    for (size_t i = 0; i < world->count; i++) {
        const struct node *config = world->nodes[i].config;
        const struct node *remotes = option_get(option_get(config, OPTION_LEAFNODES), OPTION_REMOTES);
        const char *own = option_text(option_get(config, OPTION_JETSTREAM), OPTION_DOMAIN);
        known |= strcmp(own, domain) == 0;
        for (size_t j = 0; j < server_count(remotes); j++)
            known |= node_get(server_item(remotes, j), "urls") || node_get(server_item(remotes, j), "url");
    }
    return known;
}

static void check_origin_domain(const struct rule_scan *scan, const struct resource *resource,
                                const struct object *origin)
{
    const struct object *external = object_object(origin, ORIGIN_EXTERNAL);
    const char *domain = external ? domain_of(scan->arena, object_text(external, EXTERNAL_API)) : NULL;
    if (domain && !is_domain_known(scan->servers, domain))
        rule_report(scan, object_pos(external, EXTERNAL_API),
                    "%s copies from JetStream domain '%s', which none of the manifest's servers has",
                    label_of(scan, resource), domain);
}

static void check_domains(const struct rule_scan *scan)
{
    const struct server_world *world = scan->servers;
    for (size_t i = 0; are_streams_here(world) && i < world->manifest->streams.count; i++) {
        const struct resource *resource = world->manifest->streams.items[i];
        const struct object *stream = config_of(resource);
        const struct object *mirror = stream ? object_object(stream, STREAM_MIRROR) : NULL;
        const struct value_list *sources = stream ? object_list(stream, STREAM_SOURCES) : NULL;
        if (mirror)
            check_origin_domain(scan, resource, mirror);
        for (size_t j = 0; sources && j < sources->count; j++)
            check_origin_domain(scan, resource, sources->items[j].object);
    }
}

/* ---- accounts ---- */

static void check_sum(const struct rule_scan *scan, bool memory)
{
    const struct node *accounts = option_get(scan->node->config, OPTION_ACCOUNTS);
    int64_t left = room_of(option_get(scan->node->config, OPTION_JETSTREAM), memory);
    for (size_t i = 0; left >= 0 && accounts && accounts->type == NODE_MAP && i < accounts->count; i++) {
        const struct member *account = &accounts->members[i];
        const struct node *jetstream = option_get(account->value, OPTION_JETSTREAM);
        int64_t room = jetstream && jetstream->type == NODE_MAP ? room_of(jetstream, memory) : 0;
        if (room > left) {
            rule_report(scan, server_pos(option_get(jetstream, memory ? OPTION_MAX_MEM : OPTION_MAX_FILE)),
                        "account '%s' may use %s %s, and server '%s' has %s left for it", account->key,
                        size_format(scan->arena, room), memory ? "of memory" : "of disk", scan->node->server,
                        size_format(scan->arena, left));
            return;
        }
        /* An account without a limit reserves nothing. */
        left -= room > 0 ? room : 0;
    }
}

static void check_sum_of_memory(const struct rule_scan *scan)
{
    check_sum(scan, true);
}

static void check_sum_of_disk(const struct rule_scan *scan)
{
    check_sum(scan, false);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_server_room, .each = ALL_SERVERS,
        .doc = "A cluster of the manifest has as many servers as a stream has replicas.",
        .check = check_replicas),
    ROW(.code = &code_server_room, .each = ALL_SERVERS,
        .doc = "A placement names a cluster and tags that the manifest's servers have.",
        .check = check_placement),
    ROW(.code = &code_server_room, .each = ALL_SERVERS,
        .doc = "The max_bytes of a stream fit into the memory or disk of the manifest's servers.",
        .check = check_room),
    ROW(.code = &code_server_room, .each = ALL_SERVERS,
        .doc = "The max_bytes of all streams, for each replica, fit into the manifest's servers.",
        .check = check_room_of_all),
    ROW(.code = &code_server_room, .each = ALL_SERVERS, .err_code = 10052,
        .says = "duplicates window can not be larger then server limit of …",
        .doc = "A duplicate_window is within the limits of the manifest's servers.", .check = check_window),
    ROW(.code = &code_server_room, .each = ALL_SERVERS, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …",
        .doc = "A max_ack_pending is within the limits of the manifest's servers.", .check = check_pending),
    ROW(.code = &code_server_room, .each = ALL_SERVERS, .err_code = 10125,
        .says = "consumer max request batch exceeds server limit of …",
        .doc = "A max_batch is within the limits of the manifest's servers.", .check = check_batch),
    ROW(.code = &code_server_room, .each = ALL_SERVERS,
        .doc = "A mirror or source names a JetStream domain that one of the manifest's servers has.",
        .check = check_domains),
    ROW(.code = &code_server_sum, .each = EACH_SERVER, .says = "insufficient memory resources available",
        .doc = "What accounts may use of memory is there together.", .check = check_sum_of_memory),
    ROW(.code = &code_server_sum, .each = EACH_SERVER, .says = "insufficient storage resources available",
        .doc = "What accounts may use of disk is there together.", .check = check_sum_of_disk),
};
const struct rule_list server_stream_rules = RULE_LIST(rows);
