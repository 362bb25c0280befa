/*
 * What a service of a Compose file says: its image, what is mounted into it, which ports are published, and its variables; see
 * compose_model.h. Both forms of each list are read, the short one and the long one.
 */
#include <string.h>

#include "base/number.h"
#include "base/path.h"
#include "edit/compose_model.h"

#define PROGRAM "nats-server"

static const char *text_of(const struct node *map, const char *key)
{
    return node_get_text(map, key);
}

/* ---- the image ---- */

struct image {
    const char *name; /* the last part of its path, without tag and digest */
    const char *whole_name;
    const char *tag; /* "" when there is none */
    bool digest;
};

static struct image image_of(struct composing *composing, const struct node *service)
{
    struct arena *arena = composing->arena;
    const char *text = compose_guess(composing, text_of(service, "image"));
    const char *at = strchr(text, '@');
    const char *plain = at ? arena_strndup(arena, text, (size_t)(at - text)) : text;
    const char *name = path_name(plain);
    const char *colon = strchr(name, ':');
    size_t tag = colon ? strlen(colon) : 0;
    struct image image = {.tag = colon ? colon + 1 : "", .digest = at != NULL};
    image.whole_name = arena_strndup(arena, plain, strlen(plain) - tag);
    image.name = path_name(image.whole_name);
    return image;
}

static bool is_official(const struct image *image)
{
    static const char *const names[] = {"nats", "library/nats", "docker.io/nats", "docker.io/library/nats"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(image->whole_name, names[i]) == 0)
            return true;
    return false;
}

static bool names_program(struct composing *composing, const struct node *service, const char *key)
{
    struct words words = {0};
    compose_words(composing->arena, node_get(service, key), &words);
    for (size_t i = 0; i < words.list.count; i++) {
        const char *at = strstr(words.list.items[i].text, PROGRAM);
        const char *end = at ? at + strlen(PROGRAM) : "x";
        if (at && (at == words.list.items[i].text || strchr("/ ", at[-1])) && (!*end || *end == ' '))
            return true;
    }
    return false;
}

bool service_is_server(struct composing *composing, const struct node *service)
{
    const struct image image = image_of(composing, service);
    return strcmp(image.name, "nats") == 0 || strcmp(image.name, PROGRAM) == 0 ||
           names_program(composing, service, "entrypoint") || names_program(composing, service, "command");
}

/* "2.10.27" of "2.10.27-alpine". NULL: the tag tells none that natsform knows. */
static const char *version_of(struct arena *arena, const struct image *image)
{
    size_t length = strspn(image->tag, "0123456789.");
    const char *version = arena_strndup(arena, image->tag, length);
    struct version_range range;
    bool whole = !image->tag[length] || image->tag[length] == '-';
    return whole && strchr(version, '.') && !version_range_parse(version, &range) ? version : NULL;
}

static void add_text(struct arena *arena, struct node *map, enum server_option option, const char *text)
{
    option_put(arena, map, option, node_scalar(arena, text, !text_has_variable(text)));
}

/* Bitnami's image makes its configuration of variables, and has its own entry point: the official one takes its place. */
static bool is_replaced(const struct image *image)
{
    return strstr(image->whole_name, "bitnami") != NULL;
}

void service_put_image(struct composing *composing, const struct service *service, struct node *server)
{
    struct arena *arena = composing->arena;
    const char *text = text_of(service->node, "image");
    const struct image image = image_of(composing, service->node);
    bool known = (is_official(&image) || is_replaced(&image)) && !text_has_variable(text);
    const char *version = known ? version_of(arena, &image) : NULL;
    bool usual = is_official(&image) && version && !image.digest &&
                 strcmp(image.tag, arena_printf(arena, "%s-alpine", version)) == 0;
    if (version)
        add_text(arena, server, OPTION_VERSION, version);
    if (*text && !usual && !is_replaced(&image))
        add_text(arena, server, OPTION_IMAGE, text);
    if (is_replaced(&image))
        compose_remark(
            composing,
            "%s: the official image takes the place of Bitnami's; variables NATS_… of that are not taken over",
            service->name);
}

/* ---- mounts ---- */

static void add_mount(struct composing *composing, struct service *service, struct mount mount)
{
    /* A path with a slash at its end is the same. */
    mount.target = path_clean(composing->arena, compose_guess(composing, mount.target));
    VEC_PUSH(composing->arena, &service->mounts, mount);
}

/* A source that is a path and not a volume's name begins with '.', '/' or '~'. */
static struct mount mount_of(const char *source, const char *target)
{
    bool path = strchr("./~", *source) != NULL || strncmp(source, "${", 2) == 0;
    return (struct mount){.target = target, .source = path ? source : NULL, .volume = path ? NULL : source};
}

static void read_volume(struct composing *composing, struct service *service, const struct node *item)
{
    const char *parts[3] = {"", "", ""};
    if (item->type == NODE_SCALAR) {
        size_t count = compose_parts(composing->arena, item->text, ':', parts, 3);
        const char *source = compose_guess(composing, parts[0]);
        add_mount(composing, service,
                  count < 2 ? (struct mount){.target = parts[0], .volume = parts[0]}
                            : mount_of(*source ? source : parts[0], parts[1]));
        return;
    }
    const char *type = text_of(item, "type");
    const char *source = compose_guess(composing, text_of(item, "source"));
    struct mount mount = {.target = text_of(item, "target")};
    if (strcmp(type, "bind") == 0)
        mount.source = source;
    else
        mount.volume = *source ? source : mount.target;
    if (*mount.target)
        add_mount(composing, service, mount);
}

/* A config or secret: "name", or {source: name, target: path}. Where it comes from is said at the top of the file. */
static void read_config(struct composing *composing, struct service *service, const char *kind,
                        const struct node *item)
{
    struct arena *arena = composing->arena;
    bool is_short = item->type == NODE_SCALAR;
    const char *name = is_short ? item->text : text_of(item, "source");
    const char *target = is_short ? "" : text_of(item, "target");
    const struct node *from = node_get(node_get(composing->document, kind), name);
    const char *folder = strcmp(kind, "secrets") == 0 ? "/run/secrets" : "";
    struct mount mount = {
        .target = *target == '/' ? target : arena_printf(arena, "%s/%s", folder, *target ? target : name)};
    const struct node *content = node_get(from, "content");
    if (*text_of(from, "file"))
        mount.source = compose_guess(composing, text_of(from, "file"));
    else if (content && content->type == NODE_SCALAR)
        mount.inside = content;
    else if (*text_of(from, "environment"))
        mount.inside = node_scalar(arena, arena_printf(arena, "${%s}", text_of(from, "environment")), true);
    else
        mount.volume = name;
    add_mount(composing, service, mount);
}

static void read_mounts(struct composing *composing, struct service *service)
{
    static const char *const kinds[] = {"configs", "secrets"};
    const struct node *list = node_get(service->node, "volumes");
    for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++)
        if (list->items[i]->type != NODE_LIST)
            read_volume(composing, service, list->items[i]);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        list = node_get(service->node, kinds[k]);
        for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++)
            if (list->items[i]->type != NODE_LIST)
                read_config(composing, service, kinds[k], list->items[i]);
    }
}

const struct mount *service_mount(const struct service *service, const char *path, const char **ret_rest)
{
    const struct mount *best = NULL;
    for (size_t i = 0; i < service->mounts.count; i++) {
        const struct mount *mount = &service->mounts.items[i];
        bool longer = !best || strlen(mount->target) >= strlen(best->target);
        if (longer && path_is_below(path, mount->target))
            best = mount;
    }
    if (best)
        *ret_rest = path + strlen(best->target) + strspn(path + strlen(best->target), "/");
    return best;
}

const char *service_host_path(struct arena *arena, const struct service *service, const char *path)
{
    const char *rest = "";
    const struct mount *mount = service_mount(service, path, &rest);
    if (!mount || !mount->source)
        return NULL;
    return *rest ? path_in(arena, mount->source, rest) : mount->source;
}

const char *compose_here(struct composing *composing, const char *path)
{
    const char *home = composing->world->lookup(composing->world->context, "HOME");
    const char *file = composing->document->pos.source->name;
    if (strncmp(path, "~/", 2) == 0 && home)
        return path_in(composing->arena, home, path + 2);
    return *path == '/' ? path : path_clean(composing->arena, path_beside(composing->arena, file, path));
}

/* ---- ports ---- */

static int port_number(struct composing *composing, const char *text)
{
    int64_t number;
    return number_parse_i64(compose_guess(composing, text), &number) && number > 0 && number <= 65535
               ? (int)number
               : 0;
}

/* "4222-4224" is several ports; a variable is one. */
static size_t range_of(struct composing *composing, const char *text, int *ret_first)
{
    const char *parts[2] = {"", ""};
    size_t count = compose_parts(composing->arena, text, '-', parts, 2);
    int first = port_number(composing, parts[0]);
    int last = count == 2 ? port_number(composing, parts[1]) : first;
    *ret_first = first;
    return last > first ? (size_t)(last - first) + 1 : 1;
}

static void add_ports(struct composing *composing, struct service *service, struct srcpos pos,
                      const char *const says[3])
{
    const char *host = says[0], *outside = says[1], *inside = says[2];
    int first_outside = 0, first_inside;
    size_t inside_count = range_of(composing, inside, &first_inside);
    size_t outside_count = outside ? range_of(composing, outside, &first_outside) : 1;
    for (size_t i = 0; i < inside_count; i++) {
        bool several = inside_count > 1 || outside_count > 1;
        int number = first_outside ? first_outside + (int)i : 0;
        struct published published = {.pos = pos,
                                      .host = host,
                                      .port = several && number ? arena_printf(composing->arena, "%d", number)
                                                                : outside,
                                      .number = number,
                                      .inside = first_inside ? first_inside + (int)i : 0,
                                      .inside_text = inside};
        VEC_PUSH(composing->arena, &service->ports, published);
    }
}

static void read_port(struct composing *composing, struct service *service, const struct node *item)
{
    struct arena *arena = composing->arena;
    const char *parts[3] = {0};
    if (item->type == NODE_MAP) {
        const char *outside = text_of(item, "published");
        const char *host = text_of(item, "host_ip");
        if (strcmp(text_of(item, "protocol"), "udp") != 0)
            add_ports(composing, service, item->pos,
                      (const char *const[]){*host ? host : NULL, *outside ? outside : NULL,
                                            text_of(item, "target")});
        return;
    }
    const char *protocol[2] = {"", ""};
    if (compose_parts(arena, item->text, '/', protocol, 2) == 2 && strcmp(protocol[1], "udp") == 0)
        return;
    size_t count = compose_parts(arena, protocol[0], ':', parts, 3);
    const char *outside = count > 1 ? parts[count - 2] : NULL;
    add_ports(composing, service, item->pos,
              (const char *const[]){count == 3 ? parts[0] : NULL, outside && *outside ? outside : NULL,
                                    parts[count - 1]});
}

static void read_ports(struct composing *composing, struct service *service)
{
    const struct node *list = node_get(service->node, "ports");
    for (size_t i = 0; list && list->type == NODE_LIST && i < list->count; i++)
        if (list->items[i]->type != NODE_LIST)
            read_port(composing, service, list->items[i]);
}

/* ---- variables ---- */

/* As "NAME=VALUE" in a list; without "=" it is the environment's own. */
static const struct node *listed_variable(struct composing *composing, const struct node *list,
                                          const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        if (item->type != NODE_SCALAR || strncmp(item->text, name, length) != 0)
            continue;
        if (item->text[length] && item->text[length] != '=')
            continue;
        struct node *value =
            node_scalar(composing->arena, item->text + length + (item->text[length] == '='), true);
        value->pos = item->pos;
        return value;
    }
    return NULL;
}

static const struct node *filed_variable(struct composing *composing, const struct service *service,
                                         const struct node *item, const char *name)
{
    const struct compose_world *world = composing->world;
    const char *path = item->type == NODE_SCALAR ? item->text : text_of(item, "path");
    if (!*path || !world->lookup_in)
        return NULL;
    path = compose_here(composing, compose_guess(composing, path));
    const char *value = world->lookup_in(world->context, path, name);
    if (!value)
        return NULL;
    /* Doubled, so that nobody takes a '$' of it for a variable. */
    struct node *node = node_scalar(composing->arena, value, true);
    vars_escape(composing->arena, node);
    node->pos = service->pos;
    return node;
}

const struct node *service_variable(struct composing *composing, const struct service *service,
                                    const char *name)
{
    const struct node *said = node_get(service->node, "environment");
    const struct node *files = node_get(service->node, "env_file");
    const struct node *value = NULL;
    if (said && said->type == NODE_MAP)
        value = node_get(said, name);
    else if (said && said->type == NODE_LIST)
        value = listed_variable(composing, said, name);
    if (value || !files)
        return value && node_is_null(value) ? NULL : value;
    if (files->type != NODE_LIST)
        return filed_variable(composing, service, files, name);
    for (size_t i = files->count; !value && i > 0; i--)
        if (files->items[i - 1]->type != NODE_LIST)
            value = filed_variable(composing, service, files->items[i - 1], name);
    return value;
}

/* ---- the whole ---- */

bool service_has_command(const struct service *service)
{
    const struct node *command = node_get(service->node, "command");
    const struct node *entrypoint = node_get(service->node, "entrypoint");
    return (command && !node_is_null(command)) || (entrypoint && !node_is_null(entrypoint));
}

static size_t count_replicas(struct composing *composing, const struct node *service)
{
    int64_t count;
    const char *scale = text_of(service, "scale");
    const char *said = *scale ? scale : text_of(node_get(service, "deploy"), "replicas");
    return number_parse_i64(compose_guess(composing, said), &count) && count > 1 && count <= 100
               ? (size_t)count
               : 1;
}

/* Keys that change what the server may do, and that a manifest has no place for. */
static void tell_rest(struct composing *composing, const struct service *service)
{
    static const char *const keys[] = {
        "extends",    "user",    "ulimits",      "cpus",          "cpuset",      "mem_limit", "memswap_limit",
        "pids_limit", "sysctls", "extra_hosts",  "cap_add",       "cap_drop",    "dns",       "read_only",
        "privileged", "tmpfs",   "security_opt", "oom_score_adj", "working_dir",
    };
    const char *list = "";
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (node_get(service->node, keys[i]))
            list = arena_printf(composing->arena, "%s%s%s", list, *list ? ", " : "", keys[i]);
    if (*list)
        compose_remark(composing, "%s: not taken over: %s", service->name, list);
}

void service_read(struct composing *composing, struct service *service)
{
    service->nodes = count_replicas(composing, service->node);
    service->host_network = strcmp(text_of(service->node, "network_mode"), "host") == 0;
    service->first = service;
    read_mounts(composing, service);
    read_ports(composing, service);
    tell_rest(composing, service);
}
