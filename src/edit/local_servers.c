/*
 * Chooses the servers of a new manifest; see local_servers.h. What streams ask of their servers, by what rules/servers_streams.c
 * checks, these have. A placement that shuts out a tag which another one wants is the only thing that finds no place.
 */
#include "edit/local_servers.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "kind/kinds.h"
#include "kind/server_options.h"

#define USUAL_SERVER "dev"
#define USUAL_NAME "nats"

enum {
    MIB = 1 << 20,
    USUAL_MEMORY = 256, /* MiB, as the next */
    USUAL_DISK = 2048,
    WEBSOCKET_PORT = 8080,
};

/* ---- names ---- */

const char *local_name(struct arena *arena, const char *text)
{
    char *name = arena_strdup(arena, text);
    char *to = name;
    for (; *text; text++) {
        bool letter = isalnum((unsigned char)*text) && (unsigned char)*text < 0x80;
        if (letter || *text == '_')
            *to++ = (char)tolower((unsigned char)*text);
        else if (to > name && to[-1] != '-')
            *to++ = '-';
    }
    while (to > name && to[-1] == '-')
        to--;
    *to = '\0';
    return *name ? name : USUAL_NAME;
}

/* ---- what streams want ---- */

static int64_t added(int64_t sum, int64_t bytes)
{
    return bytes > INT64_MAX - sum ? INT64_MAX : sum + bytes;
}

/* nats-server compares tags without case. */
static bool has_tag(const struct local_servers *servers, const char *tag)
{
    for (size_t i = 0; i < servers->tags.count; i++)
        if (strcasecmp(servers->tags.items[i], tag) == 0)
            return true;
    return false;
}

static bool has_cluster(const struct local_servers *servers, const char *name)
{
    for (size_t i = 0; i < servers->clusters.count; i++)
        if (strcmp(servers->clusters.items[i], name) == 0)
            return true;
    return false;
}

static void take_placement(struct arena *arena, struct local_servers *servers, const struct object *placement)
{
    const char *cluster = object_text(placement, PLACEMENT_CLUSTER);
    const struct value_list *tags = object_list(placement, PLACEMENT_TAGS);
    if (cluster && *cluster && !has_cluster(servers, cluster))
        VEC_PUSH(arena, &servers->clusters, cluster);
    for (size_t i = 0; i < tags->count; i++)
        if (*tags->items[i].text != '!' && !has_tag(servers, tags->items[i].text))
            VEC_PUSH(arena, &servers->tags, tags->items[i].text);
}

/* Each server has room for all streams, as nobody knows on which of them a stream without replicas will be. */
static void take_stream(struct arena *arena, struct local_servers *servers, const struct object *stream)
{
    int64_t bytes = object_integer(stream, STREAM_MAX_BYTES);
    int64_t replicas = object_integer(stream, STREAM_NUM_REPLICAS);
    int64_t *sum = object_has(stream, STREAM_STORAGE, CHOICE_MEMORY) ? &servers->memory : &servers->disk;
    if (object_object(stream, STREAM_PLACEMENT))
        take_placement(arena, servers, object_object(stream, STREAM_PLACEMENT));
    if (bytes > 0)
        *sum = added(*sum, bytes);
    if (replicas > 1 && servers->nodes < LOCAL_CLUSTER)
        servers->nodes = LOCAL_CLUSTER;
    if (replicas > servers->nodes && replicas > 1)
        servers->nodes = replicas;
}

void local_servers_fit(struct arena *arena, struct local_servers *servers, const struct manifest *manifest,
                       const struct target *target)
{
    for (size_t i = 0; i < manifest->streams.count; i++)
        if (!manifest->streams.items[i]->external)
            take_stream(arena, servers, manifest->streams.items[i]->config);
    if (target->domain && *target->domain)
        servers->domain = target->domain;
}

/* ---- as nodes ---- */

static struct node *plain(struct arena *arena, const char *text)
{
    return node_scalar(arena, text, false);
}

/* A round size that leaves a quarter for streams that are still to come. */
static struct node *room(struct arena *arena, int64_t least_mib, int64_t reserved)
{
    int64_t bytes = least_mib * MIB;
    while (bytes - bytes / 4 < reserved && bytes <= INT64_MAX / 2)
        bytes *= 2;
    return plain(arena, size_format(arena, bytes));
}

static struct node *texts_node(struct arena *arena, const char *const *texts, size_t count)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; i < count; i++)
        node_append(arena, list, node_scalar(arena, texts[i], true));
    return list;
}

/* The server gets limits, so that a growing stream does not fill the developer's disk. */
static struct node *jetstream_node(struct arena *arena, const struct local_servers *servers)
{
    struct node *jetstream = node_map(arena);
    option_put(arena, jetstream, OPTION_MAX_MEM, room(arena, USUAL_MEMORY, servers->memory));
    option_put(arena, jetstream, OPTION_MAX_FILE, room(arena, USUAL_DISK, servers->disk));
    if (servers->domain)
        option_put(arena, jetstream, OPTION_DOMAIN, node_scalar(arena, servers->domain, true));
    return jetstream;
}

/* The nodes of a server count upward from its port, so the next server begins behind them. */
static struct node *websocket_node(struct arena *arena, int64_t nodes_before)
{
    struct node *websocket = node_map(arena);
    long long port = WEBSOCKET_PORT + nodes_before;
    option_put(arena, websocket, OPTION_PORT, plain(arena, arena_printf(arena, "%lld", port)));
    option_put(arena, websocket, OPTION_NO_TLS, plain(arena, "true"));
    return websocket;
}

/* With clusters, that of this index; without, `index` is 0. */
static struct node *server_node(struct arena *arena, const struct local_servers *servers, size_t index)
{
    struct node *server = node_map(arena);
    const char *cluster =
        servers->nodes && index < servers->clusters.count ? servers->clusters.items[index] : NULL;
    if (servers->nodes)
        option_put(arena, server, OPTION_NODES,
                   plain(arena, arena_printf(arena, "%lld", (long long)servers->nodes)));
    if (cluster) {
        struct node *named = node_map(arena);
        option_put(arena, named, OPTION_NAME, node_scalar(arena, cluster, true));
        option_put(arena, server, OPTION_CLUSTER, named);
    }
    if (servers->tags.count)
        option_put(arena, server, OPTION_SERVER_TAGS,
                   texts_node(arena, servers->tags.items, servers->tags.count));
    option_put(arena, server, OPTION_JETSTREAM, jetstream_node(arena, servers));
    if (servers->websocket)
        option_put(arena, server, OPTION_WEBSOCKET, websocket_node(arena, servers->nodes * (int64_t)index));
    return server;
}

/* A server of the manifest for each cluster, by the cluster's name as far as that may be one; of two that are alike the second gets a number. */
static const char *free_name(struct arena *arena, const struct node *map, const char *cluster)
{
    const char *name = local_name(arena, cluster);
    const char *numbered = name;
    for (unsigned i = 2; node_get(map, numbered); i++)
        numbered = arena_printf(arena, "%s-%u", name, i);
    return numbered;
}

struct node *local_servers_node(struct arena *arena, const struct local_servers *servers)
{
    struct node *map = node_map(arena);
    size_t clusters = servers->nodes ? servers->clusters.count : 0;
    if (clusters < 2) {
        node_put(arena, map, USUAL_SERVER, server_node(arena, servers, 0));
        return map;
    }
    for (size_t i = 0; i < clusters; i++) {
        struct node *server = server_node(arena, servers, i);
        struct node *before = node_list(arena);
        /* Each has gateways to those before it; the other direction comes by itself. */
        for (size_t j = 0; j < map->count; j++)
            node_append(arena, before, node_scalar(arena, map->members[j].key, true));
        if (before->count)
            option_put(arena, server, OPTION_GATEWAYS, before);
        node_put(arena, map, free_name(arena, map, servers->clusters.items[i]), server);
    }
    return map;
}
