/*
 * Servers of a Compose file on one machine; see compose_model.h. In containers all may have the same ports; here each listener gets
 * the port that was published, or the next free one, and whoever named a container's address is told this one.
 */
#include <string.h>

#include "base/number.h"
#include "edit/compose_model.h"

#define LOCAL "127.0.0.1"
#define EVERYWHERE "0.0.0.0"

const struct door_row door_rows[DOORS] = {
    [DOOR_CLIENT] = {OPTION_NONE, OPTION_PORT, OPTION_LISTEN, 4222},
    [DOOR_MONITOR] = {OPTION_NONE, OPTION_HTTP_PORT, OPTION_HTTP, 8222},
    [DOOR_CLUSTER] = {OPTION_CLUSTER, OPTION_PORT, OPTION_LISTEN, 6222},
    [DOOR_GATEWAY] = {OPTION_GATEWAY, OPTION_PORT, OPTION_LISTEN, 7222},
    [DOOR_LEAFNODES] = {OPTION_LEAFNODES, OPTION_PORT, OPTION_LISTEN, 7422},
    [DOOR_WEBSOCKET] = {OPTION_WEBSOCKET, OPTION_PORT, OPTION_LISTEN, 8080},
    [DOOR_MQTT] = {OPTION_MQTT, OPTION_PORT, OPTION_LISTEN, 1883},
};

/* ---- where a service listens ---- */

static struct node *block_of(const struct service *service, enum door door)
{
    enum server_option block = door_rows[door].block;
    return block ? option_get(service->conf.root, block) : service->conf.root;
}

static void read_place(struct composing *composing, struct service *service, enum door door)
{
    const struct door_row *row = &door_rows[door];
    const struct node *block = block_of(service, door);
    struct place *place = &service->places[door];
    const char *port = option_text(block, row->port);
    const char *listen = option_text(block, row->listen);
    const char *colon = strrchr(listen, ':');
    int64_t number = 0;
    const char *said = *port ? port : colon ? colon + 1 : listen;
    bool has = option_get(block, row->port) || option_get(block, row->listen);
    place->listens = has || door == DOOR_CLIENT;
    if (!has && place->listens)
        number = row->usual;
    else if (!number_parse_i64(compose_guess(composing, said), &number))
        number = 0;
    place->inside = number > 0 && number <= 65535 ? (int)number : 0;
    place->number = place->inside;
    place->port = place->listens && *said ? said : arena_printf(composing->arena, "%d", row->usual);
    /* A container's own address is nothing on this machine. */
    place->host = LOCAL;
}

static void publish(struct composing *composing, const struct service *service, struct place *place,
                    struct published *published)
{
    published->used = true;
    if (place->published) {
        compose_remark(composing, "%s: port %d of the container is published twice; the first one counts",
                       service->name, place->inside);
        return;
    }
    place->published = true;
    place->host = published->host ? published->host : EVERYWHERE;
    place->port = published->port ? published->port : "-1";
    place->number = published->port ? published->number : -1;
}

/* A variable without a value is the same port wherever it stands. */
static bool leads_to(const struct published *published, const struct place *place)
{
    bool known = place->inside || published->inside;
    return place->listens &&
           (known ? place->inside == published->inside : strcmp(place->port, published->inside_text) == 0);
}

static void publish_one(struct composing *composing, struct service *service, struct published *published)
{
    for (enum door door = 0; door < DOORS; door++) {
        struct place *place = &service->places[door];
        /* Who publishes the usual port of monitoring without switching it on, wants it. */
        bool wanted = door == DOOR_MONITOR && !place->listens && published->inside == door_rows[door].usual &&
                      !published->used;
        if (wanted)
            *place = (struct place){.listens = true, .inside = published->inside, .port = ""};
        if (leads_to(published, place))
            publish(composing, service, place, published);
    }
}

static void publish_all(struct composing *composing, struct service *service)
{
    const char *unused = "";
    for (size_t i = 0; i < service->ports.count; i++) {
        struct published *published = &service->ports.items[i];
        publish_one(composing, service, published);
        /* Whose port it is has to be known now. */
        const char *inside =
            published->used ? NULL : compose_resolve(composing, published->pos, published->inside_text);
        if (inside)
            unused = arena_printf(composing->arena, "%s%s%s", unused, *unused ? ", " : "",
                                  published->inside ? arena_printf(composing->arena, "%d", published->inside)
                                                    : inside);
    }
    if (*unused)
        compose_remark(composing, "%s: nothing listens on published ports of the container: %s",
                       service->name, unused);
}

void compose_publish(struct composing *composing)
{
    for (size_t i = 0; i < composing->count; i++) {
        struct service *service = &composing->services[i];
        for (enum door door = 0; door < DOORS; door++)
            read_place(composing, service, door);
        if (!service->host_network)
            publish_all(composing, service);
        struct place *monitor = &service->places[DOOR_MONITOR];
        monitor->invented = !monitor->listens;
    }
}

/* ---- addresses ---- */

struct address {
    size_t at, length; /* of host and port in the URL */
    const char *host;
    const char *port; /* "" when there is none */
};

static struct address address_of(struct arena *arena, const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *start = scheme ? scheme + 3 : url;
    const char *end = start + strlen(start);
    for (const char *at = start; at < end; at++) {
        const char *variable = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;
        if (variable)
            at = variable;
        else if (*at == '@')
            start = at + 1;
        else if (strchr("/?#", *at))
            end = at;
    }
    const char *parts[2] = {"", ""};
    struct address address = {.at = (size_t)(start - url), .length = (size_t)(end - start)};
    compose_parts(arena, arena_strndup(arena, start, address.length), ':', parts, 2);
    address.host = parts[0];
    address.port = parts[1];
    return address;
}

static bool is_in_list(const struct node *list, const char *text)
{
    for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++)
        if (list->items[i]->type == NODE_SCALAR && strcmp(list->items[i]->text, text) == 0)
            return true;
    return false;
}

static bool has_alias(const struct service *service, const char *host)
{
    const struct node *networks = node_get(service->node, "networks");
    for (size_t i = 0; networks && networks->type == NODE_MAP && i < networks->count; i++)
        if (is_in_list(node_get(networks->members[i].value, "aliases"), host))
            return true;
    return false;
}

/* By all the names that Docker's network knows it by. */
static struct service *find_service(const struct composing *composing, const char *host)
{
    for (size_t i = 0; *host && i < composing->count; i++) {
        struct service *service = &composing->services[i];
        if (strcmp(service->name, host) == 0 ||
            strcmp(node_get_text(service->node, "container_name"), host) == 0 ||
            strcmp(node_get_text(service->node, "hostname"), host) == 0 || has_alias(service, host))
            return service;
    }
    return NULL;
}

static struct service *service_of_url(const struct composing *composing, const char *url)
{
    return find_service(composing, address_of(composing->arena, url).host);
}

/* ---- one cluster ---- */

static struct node *cluster_of(const struct service *service)
{
    struct node *cluster = option_get(service->conf.root, OPTION_CLUSTER);
    return cluster && cluster->type == NODE_MAP ? cluster : NULL;
}

static const struct node *routes_of(const struct service *service)
{
    const struct node *routes = option_get(cluster_of(service), OPTION_ROUTES);
    return routes && routes->type == NODE_LIST ? routes : NULL;
}

static bool routes_to(const struct composing *composing, const struct service *from, const struct service *to)
{
    const struct node *routes = routes_of(from);
    for (size_t i = 0; routes && i < routes->count; i++)
        if (routes->items[i]->type == NODE_SCALAR && service_of_url(composing, routes->items[i]->text) == to)
            return true;
    return false;
}

/* Do all routes lead to services of the Compose file? */
static bool stays_inside(const struct composing *composing, const struct service *service)
{
    const struct node *routes = routes_of(service);
    for (size_t i = 0; routes && i < routes->count; i++)
        if (routes->items[i]->type != NODE_SCALAR || !service_of_url(composing, routes->items[i]->text))
            return false;
    return true;
}

struct group {
    VEC(struct service *) members;
};

static bool is_in(const struct group *group, const struct service *service)
{
    for (size_t i = 0; i < group->members.count; i++)
        if (group->members.items[i] == service)
            return true;
    return false;
}

/* All that are connected by routes, in the order of the file. */
static struct group group_of(const struct composing *composing, struct service *first)
{
    struct group found = {0};
    struct group sorted = {0};
    VEC_PUSH(composing->arena, &found.members, first);
    for (size_t i = 0; i < found.members.count; i++)
        for (size_t j = 0; j < composing->count; j++) {
            struct service *member = found.members.items[i];
            struct service *other = &composing->services[j];
            if (!is_in(&found, other) &&
                (routes_to(composing, member, other) || routes_to(composing, other, member)))
                VEC_PUSH(composing->arena, &found.members, other);
        }
    for (size_t i = 0; i < composing->count; i++)
        if (is_in(&found, &composing->services[i]))
            VEC_PUSH(composing->arena, &sorted.members, &composing->services[i]);
    return sorted;
}

static void strip_block(struct node *block)
{
    static const enum server_option options[] = {OPTION_LISTEN, OPTION_HOST, OPTION_PORT, OPTION_ADVERTISE};
    for (size_t i = 0; block && block->type == NODE_MAP && i < sizeof(options) / sizeof(options[0]); i++)
        option_remove(block, options[i]);
}

/* What may differ from server to server of one cluster. */
static struct node *shared_options(struct arena *arena, const struct service *service)
{
    static const enum server_option own[] = {
        OPTION_SERVER_NAME, OPTION_CLIENT_ADVERTISE, OPTION_HTTP,     OPTION_HTTP_PORT,
        OPTION_STORE_DIR,   OPTION_LOG_FILE,         OPTION_PID_FILE, OPTION_PORTS_FILE_DIR,
    };
    struct node *root = node_copy(arena, service->conf.root);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        option_remove(root, own[i]);
    strip_block(root);
    for (enum door door = 0; door < DOORS; door++)
        if (door_rows[door].block)
            strip_block(option_get(root, door_rows[door].block));
    struct node *cluster = option_get(root, OPTION_CLUSTER);
    if (cluster && cluster->type == NODE_MAP)
        option_remove(cluster, OPTION_ROUTES);
    struct node *jetstream = option_get(root, OPTION_JETSTREAM);
    if (jetstream && jetstream->type == NODE_MAP) {
        option_remove(jetstream, OPTION_STORE_DIR);
        /* "jetstream {store_dir: …}" and "-js -sd …" are one. */
        if (!jetstream->count)
            option_put(arena, root, OPTION_JETSTREAM, node_scalar(arena, "true", false));
    }
    return root;
}

static bool same_variables(const struct service *a, const struct service *b)
{
    bool same = a->conf.open.count == b->conf.open.count;
    for (size_t i = 0; same && i < a->conf.open.count; i++)
        same = strcmp(a->conf.open.items[i].name, b->conf.open.items[i].name) == 0;
    return same;
}

static bool are_alike(struct arena *arena, const struct service *a, const struct service *b)
{
    return strcmp(node_get_text(a->node, "image"), node_get_text(b->node, "image")) == 0 &&
           same_variables(a, b) && node_equal(shared_options(arena, a), shared_options(arena, b));
}

/* Ports of `nodes` count upward from the first one; all may be published like that, or the first alone, or none. */
static bool counts_upward(const struct group *group, enum door door)
{
    const struct place *first = &group->members.items[0]->places[door];
    for (size_t i = 1; i < group->members.count; i++) {
        const struct place *place = &group->members.items[i]->places[door];
        if (!place->published)
            continue;
        /* If one in between is not published, nobody can count on the others' ports. */
        bool before = group->members.items[i - 1]->places[door].published;
        if (!before || !first->published || first->number <= 0 || place->number != first->number + (int)i ||
            strcmp(place->host, first->host) != 0)
            return false;
    }
    return true;
}

static bool can_fold(struct composing *composing, const struct group *group)
{
    const struct service *first = group->members.items[0];
    for (size_t i = 0; i < group->members.count; i++) {
        const struct service *service = group->members.items[i];
        const struct node *cluster = cluster_of(service);
        if (!cluster || !stays_inside(composing, service) || !service->places[DOOR_CLUSTER].listens ||
            service->host_network || !are_alike(composing->arena, first, service) ||
            (service->nodes > 1 && group->members.count > 1))
            return false;
    }
    for (enum door door = 0; door < DOORS; door++)
        if (!counts_upward(group, door))
            return false;
    return true;
}

/* What natsform makes for each node, or what would be the same for all. */
static void drop_own(struct service *service)
{
    struct node *cluster = cluster_of(service);
    option_remove(service->conf.root, OPTION_SERVER_NAME);
    option_remove(service->conf.root, OPTION_CLIENT_ADVERTISE);
    option_remove(cluster, OPTION_ROUTES);
    option_remove(cluster, OPTION_ADVERTISE);
}

static const char *names_of(const struct composing *composing, const struct group *group)
{
    const char *names = "";
    for (size_t i = 0; i < group->members.count; i++)
        names = arena_printf(composing->arena, "%s%s%s", names, *names ? ", " : "",
                             group->members.items[i]->name);
    return names;
}

static void fold(struct composing *composing, const struct group *group)
{
    struct service *first = group->members.items[0];
    for (size_t i = 0; i < group->members.count; i++) {
        group->members.items[i]->first = first;
        group->members.items[i]->index = i;
    }
    if (group->members.count > 1) {
        first->nodes = group->members.count;
        compose_remark(composing, "%s are one cluster of servers that are alike: one server with %zu nodes",
                       names_of(composing, group), group->members.count);
    }
    if (first->nodes > 1)
        drop_own(first);
}

/* Servers of one cluster that are no `nodes` need one name, as natsform would give each its own. */
static void share_name(struct composing *composing, const struct group *group)
{
    compose_remark(composing,
                   "%s are one cluster; as they differ, or their ports do not count upward, each is a server",
                   names_of(composing, group));
    struct node *name = NULL;
    for (size_t i = 0; !name && i < group->members.count; i++)
        name = option_get(cluster_of(group->members.items[i]), OPTION_NAME);
    name = name ? name : node_scalar(composing->arena, group->members.items[0]->name, true);
    for (size_t i = 0; i < group->members.count; i++) {
        struct service *service = group->members.items[i];
        if (cluster_of(service) && !option_get(cluster_of(service), OPTION_NAME) &&
            !option_get(option_get(service->conf.root, OPTION_GATEWAY), OPTION_NAME))
            option_put(composing->arena, cluster_of(service), OPTION_NAME, name);
    }
}

void compose_fold(struct composing *composing)
{
    for (size_t i = 0; i < composing->count; i++) {
        struct service *service = &composing->services[i];
        struct group group = group_of(composing, service);
        if (group.members.items[0] != service || !cluster_of(service) ||
            (group.members.count == 1 && service->nodes == 1))
            continue;
        if (can_fold(composing, &group))
            fold(composing, &group);
        else if (group.members.count > 1)
            share_name(composing, &group);
    }
    for (size_t i = 0; i < composing->count; i++)
        if (composing->services[i].nodes > 1 && !cluster_of(&composing->services[i]))
            compose_remark(composing, "%s: %zu servers that know nothing of each other become one cluster",
                           composing->services[i].name, composing->services[i].nodes);
}

/* ---- ports ---- */

struct taken {
    VEC(int) list;
};

static bool is_taken(const struct taken *taken, int port)
{
    for (size_t i = 0; i < taken->list.count; i++)
        if (taken->list.items[i] == port)
            return true;
    return false;
}

static void take(struct arena *arena, struct taken *taken, int port, size_t nodes)
{
    for (size_t i = 0; port > 0 && i < nodes; i++)
        VEC_PUSH(arena, &taken->list, port + (int)i);
}

/* The first of so many free ports in a row. */
static int free_run(const struct taken *taken, int port, size_t nodes)
{
    for (size_t i = 0; i < nodes; i++)
        if (is_taken(taken, port + (int)i)) {
            port += (int)i + 1;
            i = (size_t)-1;
        }
    return port;
}

static bool keeps_port(const struct service *service, const struct place *place)
{
    return place->published || service->host_network;
}

static void put_text(struct arena *arena, struct node *map, enum server_option option, const char *text,
                     bool quoted)
{
    struct node *node = node_scalar(arena, text, quoted && !text_has_variable(text));
    node->pos = map->pos;
    node->broken = text_has_variable(text);
    option_put(arena, map, option, node);
}

static void write_place(struct composing *composing, struct service *service, enum door door)
{
    const struct door_row *row = &door_rows[door];
    const struct place *place = &service->places[door];
    struct node *block = block_of(service, door);
    option_remove(block, row->listen);
    if (door != DOOR_MONITOR) {
        put_text(composing->arena, block, OPTION_HOST, place->host, true);
    } else if (strcmp(place->host, service->places[DOOR_CLIENT].host) != 0) {
        option_remove(block, row->port);
        put_text(composing->arena, block, row->listen,
                 arena_printf(composing->arena, "%s:%s", place->host, place->port), true);
        return;
    }
    put_text(composing->arena, block, row->port, place->port, false);
}

void compose_give_ports(struct composing *composing)
{
    struct taken taken = {0};
    /* Twice: published ports first, so that none of the others is in their place. */
    for (int published = 1; published >= 0; published--)
        for (size_t i = 0; i < composing->count; i++)
            for (enum door door = 0; door < DOORS; door++) {
                struct service *service = &composing->services[i];
                struct place *place = &service->places[door];
                if (service->first != service || !place->listens ||
                    keeps_port(service, place) != (published == 1))
                    continue;
                if (!published && place->inside) {
                    place->number = free_run(&taken, place->inside, service->nodes);
                    place->port = place->number == place->inside
                                      ? place->port
                                      : arena_printf(composing->arena, "%d", place->number);
                }
                take(composing->arena, &taken, place->number, service->nodes);
                if (!service->host_network && (place->published || place->inside))
                    write_place(composing, service, door);
            }
}

/* ---- URLs ---- */

/* Which listener of the service a URL leads to. DOORS: none that is known. */
static enum door door_of(struct composing *composing, const struct service *service,
                         const struct field *option, const char *port)
{
    int64_t number = 0;
    for (enum door door = 0; *port && door < DOORS; door++)
        if (service->places[door].listens && number_parse_i64(compose_guess(composing, port), &number) &&
            service->places[door].inside == number)
            return door;
    if (*port)
        return DOORS;
    return option->id == OPTION_ROUTES               ? DOOR_CLUSTER
           : service->places[DOOR_LEAFNODES].listens ? DOOR_LEAFNODES
                                                     : DOOR_GATEWAY;
}

static void follow_url(struct composing *composing, const struct field *option, struct node *url)
{
    struct arena *arena = composing->arena;
    if (url->type != NODE_SCALAR)
        return;
    const struct address address = address_of(arena, url->text);
    const struct service *service = find_service(composing, address.host);
    enum door door = service ? door_of(composing, service, option, address.port) : DOORS;
    if (!service)
        return;
    const struct place *place = door < DOORS ? &service->first->places[door] : NULL;
    if (!place || !place->listens || (place->number <= 0 && !text_has_variable(place->port))) {
        compose_remark(composing,
                       "a URL leads to '%s', and nothing of it listens on that port: it is as it was",
                       service->name);
        return;
    }
    const char *port =
        service->index ? arena_printf(arena, "%d", place->number + (int)service->index) : place->port;
    url->text = arena_printf(arena, "%.*s" LOCAL ":%s%s", (int)address.at, url->text, port,
                             url->text + address.at + address.length);
}

struct following {
    struct composing *composing;
};

static void follow_member(void *context, const struct field *option, const struct member *member)
{
    struct following *following = context;
    struct node *value = member->value;
    if (!(option->flags & FIELD_URL))
        return;
    follow_url(following->composing, option, value);
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++)
        follow_url(following->composing, option, value->items[i]);
}

void compose_follow(struct composing *composing, struct node *server)
{
    struct following following = {composing};
    options_walk(&server_table, server, follow_member, &following);
}

/* ---- addresses that are told to others ---- */

static void drop_advertised(struct composing *composing, struct node *block, enum server_option option)
{
    const char *text = option_text(block, option);
    if (*text && service_of_url(composing, text))
        option_remove(block, option);
}

void compose_drop_advertised(struct composing *composing, struct service *service)
{
    drop_advertised(composing, service->conf.root, OPTION_CLIENT_ADVERTISE);
    for (enum door door = DOOR_CLUSTER; door < DOORS; door++)
        drop_advertised(composing, block_of(service, door), OPTION_ADVERTISE);
}

bool compose_is_routed_to(const struct composing *composing, const struct service *service)
{
    for (size_t i = 0; i < composing->count; i++)
        if (&composing->services[i] != service && routes_to(composing, &composing->services[i], service))
            return true;
    return false;
}
