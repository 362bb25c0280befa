/* Makes nodes of the servers of a manifest; see environment.h. natsform's own keys are read here. */
#include "generate/environment.h"

#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/suggest.h"
#include "generate/environment_model.h"
#include "manifest/servers.h"

static DIAG_CODE(code_topology, .name = "topology", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "Servers that cannot stand to each other as the manifest says.",
                 .why = "A leafnode needs its hub, and a gateway the server at its other end.",
                 .example = "servers: {edge: {leaf_of: huub}, hub: {}}",
                 .remedy = "Name a server of the manifest, another one than itself.");

enum { NODES_MOST = 100 };

/* Keys such as 'nodes' and 'leaf_of' are for natsform alone: nats-server would refuse them as unknown fields. */
static bool is_own(const char *key)
{
    const struct field *option = table_field(&server_table, key);
    return option && (option->flags & FIELD_OURS);
}

/* ---- the manifest's own words ---- */

bool wants_certificate(const struct node *map)
{
    return strcmp(option_text(map, OPTION_TLS), "dev") == 0;
}

static bool needs_certificate(const struct node *options)
{
    if (wants_certificate(options))
        return true;
    for (enum listener listener = 0; listener < LISTENERS; listener++)
        if (listener_rows[listener].block &&
            wants_certificate(option_get(options, listener_rows[listener].block)))
            return true;
    return false;
}

static const char *text_or_null(const struct node *map, enum server_option option)
{
    const char *text = option_text(map, option);
    return *text ? text : NULL;
}

/* ---- reading ---- */

/* The name of a server or a node becomes the name of a folder and of a host, and a token of subjects. */
static void check_name(const char *what, const char *name, struct srcpos pos, struct diags *diags)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t good = strspn(name, allowed);
    if (*name && !name[good] && name[0] != '-')
        return;
    struct diag *diag = diag_add(diags, &code_name, pos, "a %s cannot be named '%s'", what, name);
    diag_hint(diags, diag,
              "it becomes a folder and a host name: letters, digits, '_' and '-', not '-' first");
}

/* After a fault one node is counted, so that the other faults of the manifest are told in the same run. */
static size_t count_nodes(const struct node *server, struct diags *diags)
{
    const struct node *nodes = option_get(server, OPTION_NODES);
    int64_t count = 1;
    if (!nodes)
        return 1;
    if (nodes->type == NODE_MAP)
        count = (int64_t)nodes->count;
    else if (nodes->type != NODE_SCALAR || !number_parse_i64(nodes->text, &count))
        count = 0;
    if (count >= 1 && count <= NODES_MOST)
        return (size_t)count;
    diag_error(diags, &code_range, nodes->pos, "'nodes' is a number from 1 to %d, or so many by their names",
               NODES_MOST);
    return 1;
}

/* The node's name and keys in the map of `nodes`; NULL: they are only counted. */
static const struct member *named_node(const struct envserver *server, size_t index)
{
    const struct node *nodes = option_get(server->own, OPTION_NODES);
    return nodes && nodes->type == NODE_MAP && index < nodes->count ? &nodes->members[index] : NULL;
}

static void read_server(struct arena *arena, struct environment *environment, size_t index,
                        const struct member *member, struct diags *diags)
{
    struct envserver *server = &environment->servers[index];
    struct node *options = node_map(arena);
    struct node *own = node_map(arena);
    *server = (struct envserver){
        .name = member->key,
        .pos = member->key_pos,
        .options = options,
        .own = own,
        .first = environment->node_count,
        .count = count_nodes(member->value, diags),
        .image = text_or_null(member->value, OPTION_IMAGE),
        .version = text_or_null(member->value, OPTION_VERSION),
    };
    for (size_t i = 0; member->value->type == NODE_MAP && i < member->value->count; i++)
        node_add(arena, is_own(member->value->members[i].key) ? own : options, member->value->members[i]);
    check_name("server", server->name, server->pos, diags);
    environment->node_count += server->count;
    environment->needs_certificates |= needs_certificate(options);
}

static struct envserver *find_server(const struct environment *environment, const char *name)
{
    for (size_t i = 0; i < environment->server_count; i++)
        if (strcmp(environment->servers[i].name, name) == 0)
            return &environment->servers[i];
    return NULL;
}

/* The other server whose name `node` is. NULL with a diagnostic if there is none. */
static struct envserver *named_server(const struct environment *environment, const struct envserver *server,
                                      enum server_option option, const struct node *node, struct diags *diags)
{
    const char *key = option_name(option);
    if (node->type != NODE_SCALAR) {
        diag_error(diags, &code_wrong_type, node->pos, "'%s' names a server, and this is %s", key,
                   node_describe(node));
        return NULL;
    }
    struct envserver *other = find_server(environment, node->text);
    if (other && other != server)
        return other;
    struct suggestion near = {.wanted = node->text};
    for (size_t i = 0; i < environment->server_count; i++)
        if (&environment->servers[i] != server)
            suggestion_consider(&near, environment->servers[i].name);
    struct diag *diag = other ? diag_add(diags, &code_topology, node->pos,
                                         "'%s' of server '%s' names the server itself", key, server->name)
                              : diag_add(diags, &code_topology, node->pos,
                                         "'%s' names a server '%s', and there is none", key, node->text);
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
    return NULL;
}

static void read_hub(struct environment *environment, struct envserver *server, struct diags *diags)
{
    const struct node *said = option_get(server->own, OPTION_LEAF_OF);
    const struct node *name = said && said->type == NODE_MAP ? option_get(said, OPTION_SERVER) : said;
    if (!said)
        return;
    if (!name) {
        diag_error(diags, &code_required, said->pos, "'leaf_of' needs 'server', the name of the hub");
        return;
    }
    /* Ends: a hub is set only if that closes no circle, so every chain of hubs that is there has an end. */
    struct envserver *hub = named_server(environment, server, OPTION_LEAF_OF, name, diags);
    for (const struct envserver *above = hub; above; above = above->hub)
        if (above == server) {
            diag_error(diags, &code_topology, name->pos, "servers '%s' and '%s' are leafnodes of each other",
                       server->name, hub->name);
            return;
        }
    server->hub = hub;
    if (hub)
        hub->is_hub = true;
}

static void add_gateway(struct arena *arena, const struct environment *environment, struct envserver *from,
                        const struct envserver *to)
{
    if (!from->gateways)
        from->gateways = ARENA_ARRAY(arena, bool, environment->server_count);
    from->gateways[to - environment->servers] = true;
}

static void read_gateways(struct arena *arena, struct environment *environment, struct envserver *server,
                          struct diags *diags)
{
    const struct node *said = option_get(server->own, OPTION_GATEWAYS);
    if (said && said->type != NODE_LIST) {
        diag_error(diags, &code_wrong_type, said->pos, "'gateways' is a list of servers, and this is %s",
                   node_describe(said));
        return;
    }
    for (size_t i = 0; said && i < said->count; i++) {
        struct envserver *other = named_server(environment, server, OPTION_GATEWAYS, said->items[i], diags);
        if (!other)
            continue;
        /*
         * Both ways: one side of the manifest is enough, and a cluster that refuses unknown ones
         * (reject_unknown_cluster) knows this one.
         */
        add_gateway(arena, environment, server, other);
        add_gateway(arena, environment, other, server);
    }
}

static void check_twice(const struct environment *environment, const struct envnode *node, struct srcpos pos,
                        struct diags *diags)
{
    for (const struct envnode *other = environment->nodes; other < node; other++)
        /* Names become folders, and file systems of macOS do not tell case apart: two servers on one store destroy it. */
        if (strcasecmp(other->name, node->name) == 0)
            diag_error(diags, &code_topology, pos, "two nodes are named '%s': of servers '%s' and '%s'",
                       node->name, other->server->name, node->server->name);
}

static void name_nodes(struct arena *arena, struct environment *environment, struct diags *diags)
{
    size_t next = 0;
    for (size_t i = 0; i < environment->server_count; i++) {
        const struct envserver *server = &environment->servers[i];
        for (size_t j = 0; j < server->count; j++) {
            struct envnode *node = &environment->nodes[next++];
            const struct member *named = named_node(server, j);
            *node = (struct envnode){
                .environment = environment,
                .server = server,
                .index = j,
                .name = named               ? named->key
                        : server->count > 1 ? arena_printf(arena, "%s-%zu", server->name, j + 1)
                                            : server->name,
                .own = named ? named->value : NULL,
                .jetstream = server_wants_jetstream(server->options),
            };
            if (named)
                check_name("node", named->key, named->key_pos, diags);
            check_twice(environment, node, named ? named->key_pos : server->pos, diags);
        }
    }
}

struct environment *environment_read(struct arena *arena, const struct manifest *manifest,
                                     struct diags *diags)
{
    const struct node *servers = manifest->servers;
    size_t errors = diags->errors;
    struct environment *environment = ARENA_NEW(arena, struct environment);
    environment->project = manifest->project;
    environment->server_count = servers ? servers->count : 0;
    environment->servers = ARENA_ARRAY(arena, struct envserver, environment->server_count);
    for (size_t i = 0; servers && i < servers->count; i++)
        read_server(arena, environment, i, &servers->members[i], diags);
    /*
     * All servers are read before any name of a hub or gateway is looked up: the manifest may have them in any order.
     */
    for (size_t i = 0; i < environment->server_count; i++) {
        read_hub(environment, &environment->servers[i], diags);
        read_gateways(arena, environment, &environment->servers[i], diags);
    }
    environment->nodes = ARENA_ARRAY(arena, struct envnode, environment->node_count);
    name_nodes(arena, environment, diags);
    environment_give_hosts(arena, environment, diags);
    if (diags->errors > errors || environment_give_ports(environment, diags))
        return NULL;
    return environment;
}

const char **environment_names(struct arena *arena, const struct environment *environment, size_t *ret_count)
{
    enum { NAMES_OF_NODE = 4 };
    const char **names = ARENA_ARRAY(arena, const char *, environment->node_count *NAMES_OF_NODE);
    size_t count = 0;
    for (size_t i = 0; i < environment->node_count; i++) {
        const struct envnode *node = &environment->nodes[i];
        const char *const all[] = {node->name, node->address, node->host, node->advertise};
        for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++)
            if (all[j])
                names[count++] = all[j];
    }
    *ret_count = count;
    return names;
}

const struct envserver *environment_main_server(const struct environment *environment)
{
    for (size_t i = 0; i < environment->server_count; i++)
        if (environment->nodes[environment->servers[i].first].jetstream)
            return &environment->servers[i];
    return &environment->servers[0];
}
