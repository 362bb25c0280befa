/*
 * The configuration of a service; see compose_model.h. Its file is looked up where the container finds it: in a folder or file of the host, or
 * among Compose's configs and secrets. Variables of the container get the values that the Compose file gives them.
 */
#include <string.h>

#include "base/path.h"
#include "edit/compose_model.h"

/* What the official image has, in /etc/nats/nats-server.conf or /nats-server.conf. Its route login is known to everybody. */
static const char own_text[] = "port: 4222\n"
                               "monitor_port: 8222\n"
                               "cluster {\n"
                               "  port: 6222\n"
                               "  authorization { user: ruser, password: T0pS3cr3t, timeout: 2 }\n"
                               "  routes = []\n"
                               "}\n";

static const char *const own_paths[] = {"/etc/nats/nats-server.conf", "/nats-server.conf",
                                        "/opt/bitnami/nats/conf/nats-server.conf",
                                        "/opt/bitnami/nats/nats-server.conf", "/bitnami/nats-server.conf"};

/* ---- reading ---- */

struct includes {
    struct composing *composing;
    const struct service *service;
};

/*
 * An included file's path is made of the host's path of the file that includes it, while nats-server looks beside its path in the container. The two
 * differ when each file is mounted by itself.
 */
static const char *included_path(const struct includes *includes, const char *path)
{
    const struct service *service = includes->service;
    struct composing *composing = includes->composing;
    if (!service->conf_host)
        return path;
    const char *folder = path_folder(composing->arena, path_clean(composing->arena, service->conf_host));
    const char *rest = path;
    if (strcmp(folder, ".") != 0 && path_is_below(path, folder))
        rest = path + strlen(folder) + 1;
    const char *inside = path_beside(composing->arena, service->conf_path, rest);
    const char *host = service_host_path(composing->arena, service, inside);
    return host ? compose_here(composing, host) : path;
}

static int read_included(void *context, struct arena *arena, const char *path, struct source *ret_source,
                         const char **ret_error)
{
    const struct includes *includes = context;
    const struct compose_world *world = includes->composing->world;
    return world->read(world->context, arena, included_path(includes, path), ret_source, ret_error);
}

static int read_source(struct composing *composing, struct service *service, const struct source *source)
{
    struct includes includes = {composing, service};
    const struct conf_world world = {.read = read_included,
                                     .unread_hint = composing->world->unread_hint,
                                     .context = &includes,
                                     .keep_units = true};
    return conf_read(composing->arena, source, &world, composing->diags, &service->conf);
}

static int read_text(struct composing *composing, struct service *service, const char *name, const char *text)
{
    struct source *source = ARENA_NEW(composing->arena, struct source);
    *source = (struct source){.name = name, .text = text, .length = strlen(text)};
    return read_source(composing, service, source);
}

static int read_host(struct composing *composing, struct service *service)
{
    struct source *source = ARENA_NEW(composing->arena, struct source);
    const struct compose_world *world = composing->world;
    const char *path = compose_here(composing, service->conf_host);
    const char *why = NULL;
    service->conf_host = path;
    if (world->read(world->context, composing->arena, path, source, &why) == 0)
        return read_source(composing, service, source);
    return diag_error(composing->diags, &code_file, service->conf_pos,
                      "cannot read '%s', which is '%s' in the container of '%s': %s", path,
                      service->conf_path, service->name, why ? why : "it is not there");
}

static int refuse_path(struct composing *composing, const struct service *service, const struct mount *mount)
{
    struct diag *diag =
        diag_add(composing->diags, &code_file, service->conf_pos,
                 "the configuration '%s' of '%s' is not on this machine", service->conf_path, service->name);
    if (mount && mount->volume)
        diag_hint(
            composing->diags, diag,
            "it comes from '%s', which is not here; copy it out, and mount it from beside the Compose file",
            mount->volume);
    else
        diag_hint(composing->diags, diag,
                  "nothing mounts it, so it is in the image; 'docker compose cp %s:%s .' copies it out, and "
                  "'natsform import conf' takes it",
                  service->name, service->conf_path);
    return -1;
}

static int read_path(struct composing *composing, struct service *service)
{
    const char *rest = "";
    const struct mount *mount = service_mount(service, service->conf_path, &rest);
    service->conf_host = service_host_path(composing->arena, service, service->conf_path);
    if (mount && mount->inside)
        return read_text(composing, service,
                         arena_printf(composing->arena, "%s: %s", service->pos.source->name, mount->target),
                         compose_content(composing, mount->inside->text));
    return service->conf_host ? read_host(composing, service) : refuse_path(composing, service, mount);
}

/* Without a command, the image's own configuration counts, unless another file is mounted over it. */
static int read_own(struct composing *composing, struct service *service)
{
    const char *rest = "";
    for (size_t i = 0; i < sizeof(own_paths) / sizeof(own_paths[0]); i++) {
        const struct mount *mount = service_mount(service, own_paths[i], &rest);
        if (!mount || mount->volume)
            continue;
        service->conf_path = own_paths[i];
        service->conf_pos = service->pos;
        return read_path(composing, service);
    }
    service->own_conf = true;
    return read_text(composing, service, "the image's nats-server.conf", own_text);
}

/* ---- names ---- */

/* Its own name for each option, unless two names of one stand there, which is for conf_import() to refuse. */
static void name_options(const struct table *table, struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        struct member *member = &map->members[i];
        const struct field *option = table_field(table, member->key);
        if (!option || (option->flags & FIELD_OURS))
            continue;
        if (!node_get(map, option->name))
            member->key = option->name;
        if (option->object && (field_types(option) & FIELD_OBJECT) && member->value->type == NODE_MAP)
            name_options(option->object, member->value);
    }
}

/* ---- variables ---- */

/* nats-server reads the value as a configuration: numbers and booleans are such, and quotes are not a part of a text. */
static void set_value(struct composing *composing, struct node *node, const char *text)
{
    size_t length = strlen(text);
    bool quotes = length >= 2 && strchr("\"'", *text) && text[length - 1] == *text;
    int64_t number;
    bool truth;
    node->text = quotes ? arena_strndup(composing->arena, text + 1, length - 2) : text;
    node->quoted = false;
    node->expanded = false;
    node->quoted = quotes || (!conf_number(text, &number) && !node_is_bool(node, &truth));
}

/* Does the Compose file say what the variable is? Lists and maps are left for the environment. */
static bool take_variable(struct composing *composing, const struct service *service,
                          const struct conf_open *open)
{
    const struct node *said = service_variable(composing, service, open->name);
    if (!said || said->type != NODE_SCALAR || !*said->text || strchr("{[", *said->text))
        return false;
    if (text_is_variable(said->text)) {
        open->node->text = said->text;
        open->node->expanded = false;
        open->node->broken = true;
        return true;
    }
    const char *text = compose_resolve(composing, said->pos, said->text);
    if (text)
        set_value(composing, open->node, text);
    return text != NULL;
}

static void take_variables(struct composing *composing, struct service *service)
{
    size_t kept = 0;
    for (size_t i = 0; i < service->conf.open.count; i++) {
        const struct conf_open open = service->conf.open.items[i];
        if (!take_variable(composing, service, &open))
            service->conf.open.items[kept++] = open;
    }
    service->conf.open.count = kept;
}

/* ---- the whole ---- */

static int read_file(struct composing *composing, struct service *service, const struct flags *flags)
{
    if (flags->conf.text) {
        const char *path = compose_resolve(composing, flags->conf.pos, flags->conf.text);
        if (!path)
            return -1;
        /* Images work in their root folder, unless they say otherwise. */
        service->conf_path = path_clean(
            composing->arena, *path == '/' ? path
                                           : path_in(composing->arena,
                                                     *node_get_text(service->node, "working_dir")
                                                         ? node_get_text(service->node, "working_dir")
                                                         : "/",
                                                     path));
        service->conf_pos = flags->conf.pos;
        return read_path(composing, service);
    }
    return service_has_command(service) ? 0 : read_own(composing, service);
}

int service_read_conf(struct composing *composing, struct service *service)
{
    struct flags flags;
    service->conf = (struct conf){.root = node_map(composing->arena)};
    service->conf.root->pos = service->pos;
    service_flags(composing, service, &flags);
    flags_lay(composing, &flags, NULL);
    if (read_file(composing, service, &flags))
        return -1;
    name_options(&server_table, service->conf.root);
    take_variables(composing, service);
    flags_lay(composing, &flags, service->conf.root);
    return 0;
}
