/*
 * From a Compose file to servers of a manifest; see compose_import.h. Each service's configuration is completed by its flags and by what
 * Docker publishes, and then taken as `import conf` takes one.
 */
#include <stdarg.h>
#include <string.h>

#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "edit/compose_model.h"
#include "formats/formats.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

void compose_remark(struct composing *composing, const char *format, ...)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    const char *line = arena_strndup(composing->arena, strbuf_text(&text), text.length);
    for (size_t i = 0; i < composing->imported->remarks.count; i++)
        if (strcmp(composing->imported->remarks.items[i], line) == 0)
            return;
    VEC_PUSH(composing->arena, &composing->imported->remarks, line);
}

/* ---- which services ---- */

static int refuse_document(struct composing *composing, const struct node *services)
{
    const struct node *document = composing->document;
    struct diag *diag = diag_add(composing->diags, &code_format, services ? services->pos : document->pos,
                                 "this is no Compose file: %s",
                                 services ? "its 'services' are no map" : "it has no 'services'");
    if (node_get(document, "apiVersion") || node_get(document, "kind"))
        diag_hint(composing->diags, diag,
                  "it is a resource of Kubernetes; 'natsform plan -f' takes those of NACK");
    else if (node_get(document, "servers"))
        diag_hint(composing->diags, diag, "it looks like a manifest of natsform already");
    else
        diag_hint(composing->diags, diag,
                  "it needs 'services: {NAME: {image: …}}'; files of Compose's first version have none");
    return -1;
}

static const char *describe(struct composing *composing, const struct member *service)
{
    const char *image = node_get_text(service->value, "image");
    return *image ? arena_printf(composing->arena, "%s (%s)", service->key, image)
           : node_get(service->value, "build")
               ? arena_printf(composing->arena, "%s (an image that is built)", service->key)
               : service->key;
}

static int refuse_services(struct composing *composing, const struct node *services)
{
    enum { SHOWN_MOST = 8 };
    const char *found = "";
    for (size_t i = 0; i < services->count && i < SHOWN_MOST; i++)
        found = arena_printf(composing->arena, "%s%s%s", found, *found ? ", " : "",
                             describe(composing, &services->members[i]));
    struct diag *diag = diag_add(composing->diags, &code_format, services->pos,
                                 "no service of this Compose file runs nats-server: %s%s",
                                 *found ? found : "there is none", services->count > SHOWN_MOST ? ", …" : "");
    diag_hint(composing->diags, diag,
              "it is one whose image is named nats or nats-server, or whose command names nats-server; "
              "'natsform import conf FILE' takes a configuration by itself");
    return -1;
}

static void find_services(struct composing *composing, const struct node *services)
{
    const char *others = "";
    composing->services = ARENA_ARRAY(composing->arena, struct service, services->count + 1);
    for (size_t i = 0; i < services->count; i++) {
        const struct member *member = &services->members[i];
        if (service_is_server(composing, member->value)) {
            composing->services[composing->count++] =
                (struct service){.name = member->key, .pos = member->key_pos, .node = member->value};
            continue;
        }
        others = arena_printf(composing->arena, "%s%s%s", others, *others ? ", " : "", member->key);
    }
    if (*others && composing->count)
        compose_remark(composing, "no nats-server, and left out: %s", others);
    if (node_get(composing->document, "include"))
        compose_remark(composing, "'include' is not followed: import those files by themselves");
}

static int read_services(struct composing *composing)
{
    size_t errors = composing->diags->errors;
    for (size_t i = 0; i < composing->count; i++) {
        struct service *service = &composing->services[i];
        service_read(composing, service);
        service_read_conf(composing, service);
    }
    return composing->diags->errors > errors ? -1 : 0;
}

/* Without a port nobody can have a route to it, and a name and the like alone make no cluster. */
static bool is_no_cluster(const struct node *cluster)
{
    return cluster && cluster->type == NODE_MAP && !option_get(cluster, OPTION_PORT) &&
           !option_get(cluster, OPTION_LISTEN) && !option_get(cluster, OPTION_ROUTES);
}

/* The image's own configuration listens for routes, with a login that everybody knows, though hardly anybody means a cluster. */
static void drop_unused_cluster(struct composing *composing, struct service *service)
{
    bool unused = service->own_conf && !compose_is_routed_to(composing, service);
    if (unused || is_no_cluster(option_get(service->conf.root, OPTION_CLUSTER)))
        option_remove(service->conf.root, OPTION_CLUSTER);
}

/* ---- names ---- */

static const char *simple_name(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        if (!strchr(NAME_LETTERS, *at))
            *at = '-';
    copy += strspn(copy, "-");
    return *copy ? copy : "nats";
}

static bool is_name_taken(const struct composing *composing, const struct service *service, const char *name)
{
    for (size_t i = 0; i < composing->count; i++) {
        const struct service *other = &composing->services[i];
        if (other->first == other && other != service &&
            (strcasecmp(other->name, name) == 0 || (other->server && strcasecmp(other->server, name) == 0)))
            return true;
    }
    return false;
}

/* What the names of all of them begin with: "nats" of nats-1, nats-2 and nats-3. */
static const char *shared_name(struct composing *composing, const struct service *first)
{
    size_t length = strlen(first->name);
    for (size_t i = 0; i < composing->count; i++) {
        const struct service *service = &composing->services[i];
        size_t same = 0;
        while (same < length && service->name[same] == first->name[same])
            same++;
        if (service->first == first)
            length = same;
    }
    while (length && strchr("-_.0123456789", first->name[length - 1]))
        length--;
    return arena_strndup(composing->arena, first->name, length);
}

static const char *cluster_name(const struct service *service)
{
    const char *name = option_text(option_get(service->conf.root, OPTION_CLUSTER), OPTION_NAME);
    return *name && *name != '-' && !name[strspn(name, NAME_LETTERS)] ? name : "";
}

static bool is_folded(const struct composing *composing, const struct service *first)
{
    for (size_t i = 0; i < composing->count; i++)
        if (composing->services[i].first == first && &composing->services[i] != first)
            return true;
    return false;
}

static void name_server(struct composing *composing, struct service *service)
{
    const char *name = "";
    if (is_folded(composing, service)) {
        name = cluster_name(service);
        name = *name ? name : shared_name(composing, service);
    }
    if (!*name || is_name_taken(composing, service, name))
        name = service->name;
    service->server = simple_name(composing->arena, name);
}

static int name_servers(struct composing *composing)
{
    const char *name = composing->world->name;
    size_t servers = 0;
    for (size_t i = 0; i < composing->count; i++)
        if (composing->services[i].first == &composing->services[i]) {
            servers++;
            name_server(composing, &composing->services[i]);
        }
    if (!name)
        return 0;
    if (servers > 1)
        return diag_error(composing->diags, &code_usage, (struct srcpos){0},
                          "'--name' is for one server, and this becomes %zu", servers);
    composing->services[0].server = name;
    return 0;
}

/* ---- what is in containers ---- */

/* The path as the manifest has it; NULL: it is not on this machine. */
static const char *manifest_path(struct composing *composing, const struct service *service, const char *path)
{
    struct arena *arena = composing->arena;
    const char *host = service_host_path(arena, service, path_clean(arena, path));
    if (!host)
        return NULL;
    if (*host == '/' || *host == '~')
        return host;
    if (!*composing->world->base)
        return host;
    return path_clean(arena, path_in(arena, composing->world->base, host));
}

struct placing {
    struct composing *composing;
    const struct service *service;
};

static void place_text(const struct placing *placing, struct node *node)
{
    struct composing *composing = placing->composing;
    if (node->type != NODE_SCALAR || !*node->text || strncmp(node->text, "ey", 2) == 0 ||
        text_has_variable(node->text))
        return;
    const char *inside = *node->text == '/' ? node->text : path_in(composing->arena, "/", node->text);
    const char *path = manifest_path(composing, placing->service, inside);
    if (path)
        node->text = path;
    else
        compose_remark(composing, "%s: '%s' is in the image or in a volume: bring it here, and mend its path",
                       placing->service->name, node->text);
}

static void place_member(void *context, const struct field *option, const struct member *member)
{
    struct node *value = member->value;
    if (!(option->flags & FIELD_FILE) || option->id == OPTION_STORE_DIR)
        return;
    place_text(context, value);
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++)
        place_text(context, value->items[i]);
}

/* Files that the server only writes: where no folder of the host is mounted, nobody reads them. */
static void drop_written(struct composing *composing, const struct service *service, struct node *server)
{
    static const enum server_option written[] = {OPTION_LOG_FILE, OPTION_PID_FILE, OPTION_PORTS_FILE_DIR};
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        const char *path = option_text(server, written[i]);
        if (*path && (service->nodes > 1 || !manifest_path(composing, service, path)))
            option_remove(server, written[i]);
    }
}

static void place_store(struct composing *composing, const struct service *service, struct node *map)
{
    const char *said = option_text(map, OPTION_STORE_DIR);
    const char *rest = "";
    if (!*said)
        return;
    const char *path =
        path_clean(composing->arena, *said == '/' ? said : path_in(composing->arena, "/", said));
    const struct mount *mount = service_mount(service, path, &rest);
    const char *here = manifest_path(composing, service, path);
    if (here && service->nodes == 1) {
        option_get(map, OPTION_STORE_DIR)->text = here;
        return;
    }
    option_remove(map, OPTION_STORE_DIR);
    if (service->nodes > 1)
        compose_remark(composing, "%s: what is stored in '%s' of the containers is not taken over",
                       service->server, said);
    else if (mount && mount->volume)
        compose_remark(composing, "%s: what is stored in the volume '%s' is not taken over", service->name,
                       mount->volume);
}

static void place_stores(struct composing *composing, const struct service *service, struct node *server)
{
    struct node *jetstream = option_get(server, OPTION_JETSTREAM);
    place_store(composing, service, server);
    if (!jetstream || jetstream->type != NODE_MAP)
        return;
    place_store(composing, service, jetstream);
    if (!jetstream->count)
        option_put(composing->arena, server, OPTION_JETSTREAM, node_scalar(composing->arena, "true", false));
}

/* ---- the server ---- */

/* natsform listens there anyway. */
static void drop_usual_hosts(struct node *server)
{
    for (enum door door = 0; door < DOORS; door++) {
        enum server_option block = door_rows[door].block;
        struct node *map = block ? option_get(server, block) : server;
        if (map && map->type == NODE_MAP && strcmp(option_text(map, OPTION_HOST), "127.0.0.1") == 0)
            option_remove(map, OPTION_HOST);
    }
}

static void drop_cluster_name(const struct service *service, struct node *server)
{
    struct node *cluster = option_get(server, OPTION_CLUSTER);
    if (cluster && service->nodes > 1 && strcmp(option_text(cluster, OPTION_NAME), service->server) == 0)
        option_remove(cluster, OPTION_NAME);
    /* A cluster of `nodes` is one without a block. */
    if (cluster && !cluster->count)
        option_remove(server, OPTION_CLUSTER);
}

static void move(struct arena *arena, struct node *from, enum server_option option, struct node *to)
{
    struct node *value = option_get(from, option);
    if (value)
        option_put(arena, to, option, value);
    option_remove(from, option);
}

/* natsform's own keys come first, then who and where the server is, as people write it. */
static struct node *finish(struct composing *composing, const struct service *service, struct node *options)
{
    static const enum server_option first[] = {OPTION_SERVER_NAME, OPTION_HOST, OPTION_PORT, OPTION_HTTP,
                                               OPTION_HTTP_PORT};
    struct arena *arena = composing->arena;
    struct node *server = node_map(arena);
    if (service->nodes > 1)
        option_put(arena, server, OPTION_NODES,
                   node_scalar(arena, arena_printf(arena, "%zu", service->nodes), false));
    service_put_image(composing, service, server);
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
        move(arena, options, first[i], server);
    for (size_t i = 0; i < options->count; i++)
        node_add(arena, server, options->members[i]);
    return server;
}

static void settle(struct composing *composing, struct service *service, struct conf_imported *imported)
{
    struct node *server = imported->server;
    struct placing placing = {composing, service};
    drop_written(composing, service, server);
    options_walk(&server_table, server, place_member, &placing);
    place_stores(composing, service, server);
    compose_follow(composing, server);
    if (service->places[DOOR_MONITOR].invented)
        option_remove(server, OPTION_HTTP_PORT);
    drop_usual_hosts(server);
    drop_cluster_name(service, server);
    imported->server = finish(composing, service, server);
}

/* Something for conf_import() not to fill in: natsform takes the next free port by itself. */
static void invent_monitor(struct composing *composing, struct service *service)
{
    if (service->places[DOOR_MONITOR].invented)
        option_put(composing->arena, service->conf.root, OPTION_HTTP_PORT,
                   node_scalar(composing->arena, "8222", false));
}

static int import_service(struct composing *composing, struct service *service)
{
    struct conf_imported imported;
    compose_drop_advertised(composing, service);
    invent_monitor(composing, service);
    if (conf_import(composing->arena, &service->conf, "", service->server, composing->diags, &imported))
        return -1;
    settle(composing, service, &imported);
    VEC_PUSH(composing->arena, &composing->imported->servers, imported);
    return 0;
}

/* ---- variables ---- */

static bool is_known(const struct compose_imported *imported, const char *name)
{
    for (size_t i = 0; i < imported->variables.count; i++)
        if (strcmp(imported->variables.items[i], name) == 0)
            return true;
    for (size_t i = 0; i < imported->servers.count; i++)
        for (size_t j = 0; j < imported->servers.items[i].secrets.count; j++)
            if (strcmp(imported->servers.items[i].secrets.items[j].variable, name) == 0)
                return true;
    return false;
}

static void note_variables(struct composing *composing, const char *text)
{
    for (const char *at = text; (at = strchr(at, '$'));) {
        size_t length = at[1] == '{' ? strcspn(at, "}:") : 0;
        bool needed = length > 2 && (at[length] == '}' || at[length + 1] == '?');
        const char *name = needed ? arena_strndup(composing->arena, at + 2, length - 2) : "";
        if (needed && !is_known(composing->imported, name))
            VEC_PUSH(composing->arena, &composing->imported->variables, name);
        at += at[1] == '$' ? 2 : 1;
    }
}

/* Those without a default, which the manifest cannot do without. */
static void find_variables(struct composing *composing, const struct node *node)
{
    if (node->type == NODE_SCALAR)
        note_variables(composing, node->text);
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        find_variables(composing, node->type == NODE_LIST ? node->items[i] : node->members[i].value);
}

/* ---- the whole ---- */

static int import_all(struct composing *composing)
{
    for (size_t i = 0; i < composing->count; i++)
        drop_unused_cluster(composing, &composing->services[i]);
    compose_publish(composing);
    compose_fold(composing);
    if (name_servers(composing))
        return -1;
    compose_give_ports(composing);
    int failed = 0;
    for (size_t i = 0; i < composing->count; i++)
        if (composing->services[i].first == &composing->services[i])
            failed |= import_service(composing, &composing->services[i]);
    for (size_t i = 0; i < composing->imported->servers.count; i++)
        find_variables(composing, composing->imported->servers.items[i].server);
    return failed;
}

int compose_import(struct arena *arena, const struct node *document, const struct compose_world *world,
                   struct diags *diags, struct compose_imported *ret_imported)
{
    struct compose_imported imported = {0};
    struct composing composing = {
        .arena = arena, .world = world, .document = document, .diags = diags, .imported = &imported};
    const struct node *services = node_get(document, "services");
    size_t errors = diags->errors;
    if (!services || services->type != NODE_MAP)
        return refuse_document(&composing, services);
    struct node *spelled = node_copy(arena, document);
    compose_spell(arena, spelled);
    composing.document = spelled;
    services = node_get(spelled, "services");
    find_services(&composing, services);
    if (!composing.count)
        return refuse_services(&composing, services);
    if (read_services(&composing) || import_all(&composing) || diags->errors > errors)
        return -1;
    *ret_imported = imported;
    return 0;
}
