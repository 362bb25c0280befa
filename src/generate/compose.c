/*
 * The Compose file; see compose.h. It is built as a tree and written by the YAML writer, so no value can break out of
 * its place. Compose replaces variables in values, so each '$' is doubled.
 */
#include "generate/compose.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/codes.h"
#include "base/host.h"
#include "base/number.h"
#include "base/path.h"
#include "base/vec.h"
#include "generate/generators.h"
#include "kind/server_options.h"
#include "syntax/yaml.h"

#define USUAL_IMAGE "nats"
#define USUAL_TAG "2.14" /* the newest version whose official image we have tried */
#define CONF_IN_CONTAINER "/etc/nats/nats-server.conf"
#define FILES_IN_CONTAINER "/etc/nats/files"
#define PROBE_IN_CONTAINER "/natsform-probe"
#define DATA_IN_CONTAINER "/data"
#define STORE_IN_CONTAINER "jetstream" /* the name that the server gives its store in there */
#define NETWORK "nats"

static const char introduction[] =
    "#\n"
    "#   docker compose up -d     starts it ('docker-compose' from 1.29 on does too)\n"
    "#   docker compose down      stops it; what is stored stays in the volumes\n"
    "#   docker compose down -v   stops it and destroys what is stored\n"
    "#\n"
    "# Ports are open to this machine alone";

/* A file of the host that is mounted into a container. */
struct mount {
    const char *source;
    const char *target;
};

/* A file that the server writes: its path in the manifest, and its name in the container. */
struct written_file {
    const char *path;
    const char *name;
};

struct container {
    struct arena *arena;
    const struct compose_options *options;
    const char *image;
    const char *probe; /* its path on the host; NULL: the image has wget, or there is no probe */
    struct node *config;
    VEC(struct mount) mounts;
    VEC(struct written_file) written;
    bool certificates; /* it needs those of `tls: dev` */
    bool stores;       /* it needs a volume */
};

/* ---- small parts ---- */

static struct node *raw(struct arena *arena, const char *text)
{
    return node_scalar(arena, text, false);
}

/* A string in which Compose replaces no variables. */
static struct node *text_of(struct arena *arena, const char *text)
{
    struct strbuf out = {0};
    for (; *text; text++) {
        if (*text == '$')
            strbuf_addc(&out, '$');
        strbuf_addc(&out, *text);
    }
    return node_scalar(arena, strbuf_move(&out, arena), true);
}

static void put_text(struct arena *arena, struct node *map, const char *key, const char *text)
{
    node_put(arena, map, key, text_of(arena, text));
}

/* Alpine's image has wget for the health check. The other one holds nothing but the server. */
const char *compose_image(struct arena *arena, const struct envserver *server)
{
    if (server->image)
        return server->image;
    return arena_printf(arena, "%s:%s-alpine", USUAL_IMAGE, server->version ? server->version : USUAL_TAG);
}

/* Does the image have wget? Official images have it if they are built on Alpine. */
static bool image_has_wget(const char *image)
{
    return strstr(image, "alpine") != NULL;
}

const char *compose_project(struct arena *arena, const char *name)
{
    char *project = arena_strdup(arena, name);
    char *to = project;
    /* Compose takes lower-case letters, digits, '-' and '_', and the first is a letter or a digit. */
    for (; *name; name++) {
        char letter = (char)tolower((unsigned char)*name);
        bool plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        if (plain || (to > project && (letter == '-' || letter == '_')))
            *to++ = letter;
        else if (to > project)
            *to++ = '-';
    }
    *to = '\0';
    return *project ? project : USUAL_IMAGE;
}

/* A path on the host. Compose takes a relative one for the name of a volume, unless it begins with a dot. */
static const char *host_path(struct arena *arena, const char *folder, const char *path)
{
    if (folder)
        path = path_from(arena, folder, path);
    bool plain = *path == '/' || strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0;
    return plain ? path : arena_printf(arena, "./%s", path);
}

/* ---- the configuration in a container ---- */

static const char *mount_file(struct container *container, const char *path)
{
    const char *source = host_path(container->arena, container->options->base, path);
    for (size_t i = 0; i < container->mounts.count; i++)
        if (strcmp(container->mounts.items[i].source, source) == 0)
            return container->mounts.items[i].target;
    /* A number for each, because files from different folders may have one name. */
    struct mount mount = {.source = source,
                          .target = arena_printf(container->arena, FILES_IN_CONTAINER "/%zu/%s",
                                                 container->mounts.count + 1, path_name(source))};
    VEC_PUSH(container->arena, &container->mounts, mount);
    return mount.target;
}

/* Is it a certificate of `tls: dev`? Their folder is mounted as a whole, so that one file can replace another. */
static bool is_certificate(const char *path)
{
    return path_is_below(path, place_containers.certificates);
}

static const char *place_read(void *context, const struct field *option, const char *path)
{
    struct container *container = context;
    (void)option;
    if (!is_certificate(path))
        return mount_file(container, path);
    container->certificates = true;
    return NULL;
}

static bool is_taken(const struct container *container, const char *name)
{
    bool taken = strcmp(name, STORE_IN_CONTAINER) == 0;
    for (size_t i = 0; !taken && i < container->written.count; i++)
        taken = strcmp(container->written.items[i].name, name) == 0;
    return taken;
}

/* A name of its own for a clean path: "logs-x.log" of "../logs/x.log". "" of a path that has no name. */
static const char *written_name(struct container *container, const char *path)
{
    for (size_t i = 0; i < container->written.count; i++)
        if (strcmp(container->written.items[i].path, path) == 0)
            return container->written.items[i].name;
    const char *start = path;
    while (strncmp(start, "../", strlen("../")) == 0)
        start += strlen("../");
    bool is_folder = strcmp(start, ".") == 0 || strcmp(start, "..") == 0;
    char *flat = arena_strdup(container->arena, is_folder ? "" : start);
    for (char *at = flat; *at; at++)
        if (*at == '/')
            *at = '-';
    const char *name = flat;
    for (size_t i = 2; *name && is_taken(container, name); i++)
        name = arena_printf(container->arena, "%s-%zu", flat, i);
    struct written_file file = {path, name};
    VEC_PUSH(container->arena, &container->written, file);
    return name;
}

/*
 * Files that the server writes go into the volume, where they survive the container: right into it, because nobody makes a
 * folder there, nor does the server, but for its store.
 */
static const char *place_written(void *context, const struct field *option, const char *path)
{
    struct container *container = context;
    if (*path == '/')
        return NULL;
    container->stores = true;
    /* A file in there has the names of the program and its pid. */
    if (option->id == OPTION_PORTS_FILE_DIR)
        return DATA_IN_CONTAINER;
    const char *name = written_name(container, path_clean(container->arena, path));
    return *name ? path_in(container->arena, DATA_IN_CONTAINER, name) : DATA_IN_CONTAINER;
}

/* ---- who is where ---- */

/* A URL's address, taken apart. */
struct address {
    size_t at; /* where in the URL it begins */
    const char *host;
    int64_t port; /* 0: it has none */
};

static struct address address_in(struct arena *arena, const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + strlen("://") : url;
    const char *login = strrchr(host, '@');
    host = login ? login + 1 : host;
    const char *colon = strrchr(host, ':');
    const char *end = colon ? colon : host + strlen(host);
    bool bracketed = *host == '[' && end > host + 1 && end[-1] == ']';
    struct address address = {.at = (size_t)(host - url)};
    address.host = bracketed ? arena_strndup(arena, host + 1, (size_t)(end - host) - 2)
                             : arena_strndup(arena, host, (size_t)(end - host));
    if (colon &&
        !number_parse_i64(arena_strndup(arena, colon + 1, strspn(colon + 1, "0123456789")), &address.port))
        address.port = 0;
    return address;
}

static bool is_here(const char *host)
{
    return host_is_loopback(host) || strcasecmp(host, "localhost") == 0 || strcmp(host, "0.0.0.0") == 0;
}

/* Does the host lead to this node, when there are no containers? */
static bool leads_to(const char *host, const struct envnode *node)
{
    if (node->host)
        return strcasecmp(host, node->host) == 0 || strcmp(host, node->address) == 0;
    return is_here(host);
}

/* In its container a server has another address, and the usual port. NULL: nothing of the environment listens there. */
static const char *address_of(struct arena *arena, const struct environment *environment,
                              const struct address *address)
{
    for (size_t i = 0; i < environment->node_count; i++)
        for (enum listener listener = 0; listener < LISTENERS; listener++)
            if (environment->nodes[i].ports[listener] == address->port &&
                leads_to(address->host, &environment->nodes[i]))
                return arena_printf(arena, "%s:%d", environment->nodes[i].name,
                                    listener_usual_port(listener));
    return NULL;
}

/* URLs of the configuration that lead to this machine. */
struct following {
    struct arena *arena;
    const struct envnode *node;
    struct diags *diags; /* NULL: they are put right; else those are told of that are left */
};

static DIAG_CODE(
    code_container_localhost, .name = "container-localhost", CODE_WARNING,
    .doc = "A server in a container looks for another one at its own address.",
    .why = "In a container, localhost is the container itself: nothing of the machine's is there.",
    .example = "natsform generate compose, of a leafnode with a remote at nats-leaf://127.0.0.1:9999",
    .remedy =
        "Name the machine as containers see it, such as host.docker.internal, or have the server in the manifest.");

static void follow_url(const struct following *following, struct node *url)
{
    if (url->type != NODE_SCALAR)
        return;
    const struct address to = address_in(following->arena, url->text);
    if (to.port <= 0)
        return;
    if (following->diags && !is_here(to.host))
        return;
    if (following->diags) {
        struct diag *diag = diag_add(following->diags, &code_container_localhost, url->pos,
                                     "in its container, server '%s' finds nothing at its own port %lld",
                                     following->node->name, (long long)to.port);
        diag->secret = strchr(url->text, '@') != NULL;
        diag_hint(
            following->diags, diag,
            "none of the manifest's servers listens there; say how containers reach the one that is meant");
        return;
    }
    const char *address = address_of(following->arena, following->node->environment, &to);
    if (address)
        url->text = arena_printf(following->arena, "%.*s%s", (int)to.at, url->text, address);
}

static void follow_member(void *context, const struct field *option, const struct member *member)
{
    struct node *value = member->value;
    if (!(option->flags & FIELD_URL))
        return;
    follow_url(context, value);
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++)
        follow_url(context, value->items[i]);
}

static void follow(struct arena *arena, const struct envnode *node, const struct node *config,
                   struct diags *diags)
{
    struct following following = {arena, node, diags};
    options_walk(&server_table, config, follow_member, &following);
}

static struct container container_of(struct arena *arena, const struct envnode *node,
                                     const struct compose_options *options)
{
    const char *image = options->image ? options->image : compose_image(arena, node->server);
    struct container container = {
        .arena = arena, .options = options, .image = image, .stores = node->jetstream};
    if (options->probe && !image_has_wget(image))
        container.probe = host_path(arena, NULL, options->probe);
    /* Copied, because paths are replaced in place, and the configuration shares nodes with the manifest. */
    container.config = node_copy(arena, environment_config(arena, node, &place_containers));
    config_place_paths(container.config, place_read, place_written, &container);
    follow(arena, node, container.config, NULL);
    return container;
}

struct node *compose_config(struct arena *arena, const struct envnode *node,
                            const struct compose_options *options)
{
    return container_of(arena, node, options).config;
}

bool compose_keeps(struct arena *arena, const struct envnode *node, const struct compose_options *options)
{
    return container_of(arena, node, options).stores;
}

/* ---- the file ---- */

/* The long form: in the short one Compose 2 takes a single letter before the colon for a Windows drive. */
static struct node *bind(struct arena *arena, const char *source, const char *target)
{
    struct node *map = node_map(arena);
    put_text(arena, map, "type", "bind");
    put_text(arena, map, "source", source);
    put_text(arena, map, "target", target);
    node_put(arena, map, "read_only", raw(arena, "true"));
    return map;
}

static const char *volume_name(struct arena *arena, const struct envnode *node)
{
    return arena_printf(arena, "%s-data", node->name);
}

static struct node *service_volumes(const struct container *container, const struct envnode *node)
{
    struct arena *arena = container->arena;
    const struct compose_options *options = container->options;
    struct node *list = node_list(arena);
    const char *conf = host_path(arena, NULL, arena_printf(arena, "%s/%s.conf", options->confs, node->name));
    node_append(arena, list, bind(arena, conf, CONF_IN_CONTAINER));
    if (container->certificates)
        node_append(
            arena, list,
            bind(arena, host_path(arena, NULL, options->certificates), place_containers.certificates));
    for (size_t i = 0; i < container->mounts.count; i++)
        node_append(arena, list,
                    bind(arena, container->mounts.items[i].source, container->mounts.items[i].target));
    if (container->probe)
        node_append(arena, list, bind(arena, container->probe, PROBE_IN_CONTAINER));
    if (container->stores) {
        struct node *data = node_map(arena);
        put_text(arena, data, "type", "volume");
        put_text(arena, data, "source", volume_name(arena, node));
        put_text(arena, data, "target", DATA_IN_CONTAINER);
        node_append(arena, list, data);
    }
    return list;
}

/* Publishes the ports for clients. Routes and gateways stay inside Docker's network. */
static struct node *service_ports(struct arena *arena, const struct envnode *node)
{
    static const enum listener published[] = {LISTENER_CLIENT, LISTENER_MONITOR, LISTENER_LEAFNODES,
                                              LISTENER_WEBSOCKET, LISTENER_MQTT};
    struct node *list = node_list(arena);
    /* On this machine alone, unless the manifest says otherwise: a server for development often has no passwords. */
    const char *host = host_in_url(arena, envnode_published(node));
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        enum listener listener = published[i];
        int port = listener_usual_port(listener);
        if (node->open_port[listener]) /* Docker takes a free one */
            node_append(arena, list, text_of(arena, arena_printf(arena, "%s::%d", host, port)));
        else if (node->ports[listener])
            node_append(arena, list,
                        text_of(arena, arena_printf(arena, "%s:%d:%d", host, node->ports[listener], port)));
    }
    return list;
}

static const char *health_url(struct arena *arena, const struct envnode *node, const struct node *config)
{
    const char *base = option_text(config, OPTION_HTTP_BASE_PATH);
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/')
        length--;
    /* With js-enabled-only a server is healthy though its cluster has no leader. Known to servers from 2.9.10 on. */
    return arena_printf(arena, "http://127.0.0.1:%d%s%.*s/healthz%s", listener_usual_port(LISTENER_MONITOR),
                        length && *base != '/' ? "/" : "", (int)length, base,
                        node->jetstream ? "?js-enabled-only=true" : "");
}

struct node *compose_health(struct arena *arena, const struct envnode *node, const struct node *config,
                            const char *image, const char *probe)
{
    static const char *const wget[] = {"wget", "-q", "-O", "/dev/null", NULL};
    if (!node->ports[LISTENER_MONITOR] || (!probe && !image_has_wget(image)))
        return NULL;
    const char *url = health_url(arena, node, config);
    struct node *words = node_list(arena);
    if (probe)
        node_append(arena, words, node_scalar(arena, probe, true));
    for (size_t i = 0; !probe && wget[i]; i++)
        node_append(arena, words, node_scalar(arena, wget[i], true));
    node_append(arena, words, node_scalar(arena, url, true));
    return words;
}

/*
 * The health check. It is about this node only: a cluster without a leader does not make its containers unhealthy. NULL:
 * nothing can check.
 */
static struct node *service_health(const struct container *container, const struct envnode *node)
{
    static const char *const times[][2] = {{"interval", COMPOSE_HEALTH_INTERVAL},
                                           {"timeout", COMPOSE_HEALTH_TIMEOUT},
                                           {"start_period", COMPOSE_HEALTH_START}};
    struct arena *arena = container->arena;
    const struct node *words = compose_health(arena, node, container->config, container->image,
                                              container->probe ? PROBE_IN_CONTAINER : NULL);
    if (!words)
        return NULL;
    struct node *test = node_list(arena);
    struct node *health = node_map(arena);
    node_append(arena, test, text_of(arena, "CMD"));
    for (size_t i = 0; i < words->count; i++)
        node_append(arena, test, text_of(arena, words->items[i]->text));
    node_put(arena, health, "test", test);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        put_text(arena, health, times[i][0], times[i][1]);
    node_put(arena, health, "retries", raw(arena, COMPOSE_HEALTH_RETRIES));
    return health;
}

static struct node *service(const struct container *container, const struct envnode *node)
{
    struct arena *arena = container->arena;
    struct node *health = service_health(container, node);
    struct node *map = node_map(arena);
    struct node *command = node_list(arena);
    struct node *networks = node_list(arena);
    put_text(arena, map, "image", container->image);
    /* Its name in the container, too; certificates of `tls: dev` name it. */
    put_text(arena, map, "hostname", node->name);
    /*
     * Named, because the official image's own configuration is one of a cluster without JetStream, in another place for
     * each variant.
     */
    node_append(arena, command, text_of(arena, "--config"));
    node_append(arena, command, text_of(arena, CONF_IN_CONTAINER));
    node_put(arena, map, "command", command);
    put_text(arena, map, "restart", "unless-stopped");
    /* An idle server stops in some 0.3 s; one that has much to write gets the time. */
    put_text(arena, map, "stop_grace_period", "30s");
    node_put(arena, map, "ports", service_ports(arena, node));
    node_put(arena, map, "volumes", service_volumes(container, node));
    node_append(arena, networks, text_of(arena, NETWORK));
    node_put(arena, map, "networks", networks);
    if (health)
        node_put(arena, map, "healthcheck", health);
    return map;
}

struct node *compose_service(struct arena *arena, const struct envnode *node,
                             const struct compose_options *options)
{
    const struct container container = container_of(arena, node, options);
    return service(&container, node);
}

/* The node's name becomes the name of a service, of a volume, and of a host. */
static int check_name(const struct envnode *node, struct diags *diags)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (*node->name && strchr(letters, node->name[0]) && node->name[strspn(node->name, more)] == '\0')
        return 0;
    struct diag *diag =
        diag_add(diags, &code_name, node->server->pos, "'%s' cannot be the name of a container", node->name);
    diag_hint(diags, diag,
              "it is made of letters, digits, '_', '.' and '-', and begins with a letter or a digit");
    return -1;
}

static bool any_is_published(const struct environment *environment)
{
    for (size_t i = 0; i < environment->server_count; i++)
        if (environment->servers[i].publish && !host_is_loopback(environment->servers[i].publish))
            return true;
    return false;
}

int compose_write(struct arena *arena, const struct environment *environment,
                  const struct compose_options *options, struct strbuf *out, struct diags *diags)
{
    struct node *root = node_map(arena);
    struct node *services = node_map(arena);
    struct node *volumes = node_map(arena);
    struct node *networks = node_map(arena);
    int failed = 0;
    for (size_t i = 0; i < environment->node_count; i++)
        failed |= check_name(&environment->nodes[i], diags);
    if (failed)
        return -1;
    for (size_t i = 0; i < environment->node_count; i++) {
        const struct envnode *node = &environment->nodes[i];
        const struct container container = container_of(arena, node, options);
        follow(arena, node, container.config, diags);
        node_put(arena, services, node->name, service(&container, node));
        if (container.stores)
            node_put(arena, volumes, volume_name(arena, node), node_map(arena));
    }
    /*
     * No 'version' and no 'name' at the top: Compose 2 calls the first one obsolete, and docker-compose 1.29 refuses
     * the second.
     */
    node_put(arena, networks, NETWORK, node_map(arena));
    node_put(arena, root, "services", services);
    if (volumes->count)
        node_put(arena, root, "volumes", volumes);
    node_put(arena, root, "networks", networks);
    strbuf_adds(out, introduction);
    strbuf_adds(out, any_is_published(environment) ? ", but for servers with 'publish'.\n\n" : ".\n\n");
    yaml_write(out, root);
    return 0;
}
