/*
 * From the tree of a configuration to that of a manifest; see conf_import.h. A walk along the rows of kind/server_options.h, which
 * say what an option is called, which blocks it has, and what is secret.
 */
#include "edit/conf_import.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "base/number.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "field/field.h"
#include "field/value.h"
#include "kind/server_options.h"
#include "manifest/servers.h"
#include "syntax/vars.h"

#define USUAL_NAME "nats-server"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
#define NAME_LETTERS LETTERS "-"

struct importer {
    struct arena *arena;
    const struct conf *conf;
    const char *file;
    struct diags *diags;
    struct conf_imported *imported;
    struct map taken;   /* names of variables that are in use */
    struct map defined; /* keys that variables refer to, by conf_definition_key() */
};

static struct node *take_value(struct importer *importer, const struct field *option, unsigned types,
                               struct node *node, const char *path);

/* ---- names ---- */

/* Letters, digits and '_' stay; every other byte becomes `other`. */
static const char *simple_name(struct arena *arena, const char *text, char other, bool upper)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++) {
        if (!isalnum((unsigned char)*at) && *at != '_')
            *at = other;
        if (upper)
            *at = (char)toupper((unsigned char)*at);
    }
    return copy;
}

static const char *path_below(struct importer *importer, const char *path, const char *key)
{
    return arena_printf(importer->arena, "%s_%s", path, simple_name(importer->arena, key, '_', true));
}

static const char *variable_for(struct importer *importer, const char *path)
{
    /* A variable's name cannot begin with a digit. */
    const char *name = isdigit((unsigned char)*path) ? arena_printf(importer->arena, "_%s", path) : path;
    const char *variable = name;
    uintptr_t last = (uintptr_t)map_get(&importer->taken, name);
    while (map_get(&importer->taken, variable))
        variable = arena_printf(importer->arena, "%s_%zu", name, (size_t)(last = last < 2 ? 2 : last + 1));
    /* The number that was given last: of a thousand users with one name, none searches from 2 on again. */
    map_put(&importer->taken, name, (void *)(last ? last : 1));
    if (variable != name)
        map_put(&importer->taken, variable, (void *)(uintptr_t)1);
    return variable;
}

static bool is_variable_name(const char *name)
{
    return *name && !isdigit((unsigned char)*name) && !name[strspn(name, LETTERS)];
}

/* ---- scalars ---- */

static struct node *scalar(struct importer *importer, const struct node *from, const char *text, bool quoted)
{
    struct node *node = node_scalar(importer->arena, text, quoted);
    node->pos = from->pos;
    return node;
}

/* The node for a variable. It is marked as broken, so that nobody checks its text, which is only a name. */
static struct node *variable(struct importer *importer, const struct node *from, const char *text)
{
    struct node *node = scalar(importer, from, text, false);
    node->broken = true;
    return node;
}

static const char *escaped(struct importer *importer, const char *text)
{
    struct node *node = node_scalar(importer->arena, text, true);
    vars_escape(importer->arena, node);
    return node->text;
}

static const char *keep_secret(struct importer *importer, const struct node *node, const char *path,
                               const char *text)
{
    const char *name = variable_for(importer, path);
    VEC_PUSH(importer->arena, &importer->imported->secrets, ((struct conf_secret){name, text, node->pos}));
    return name;
}

/* In a URL such as "nats://user:password@host" only the password becomes a variable. */
static struct node *take_url(struct importer *importer, const struct node *node, const char *path)
{
    const char *start = strstr(node->text, "://");
    const char *host = start ? start + 3 : node->text;
    size_t length = strcspn(host, "/?#");
    const char *at = NULL;
    for (size_t i = 0; i < length; i++)
        if (host[i] == '@')
            at = host + i;
    const char *colon = at ? memchr(host, ':', (size_t)(at - host)) : NULL;
    const char *secret = colon ? colon + 1 : host;
    if (!at || secret == at)
        return scalar(importer, node, escaped(importer, node->text), true);
    struct arena *arena = importer->arena;
    const char *name =
        keep_secret(importer, node, arena_printf(arena, "%s_%s", path, colon ? "PASSWORD" : "TOKEN"),
                    arena_strndup(arena, secret, (size_t)(at - secret)));
    return variable(
        importer, node,
        arena_printf(arena, "%s${%s}%s",
                     escaped(importer, arena_strndup(arena, node->text, (size_t)(secret - node->text))), name,
                     escaped(importer, at)));
}

static struct node *take_text(struct importer *importer, const struct field *option, struct node *node,
                              const char *path)
{
    if (option->flags & FIELD_URL)
        return take_url(importer, node, path);
    /* A hash stays in the manifest: from it nobody knows the password. */
    if ((option->flags & FIELD_SECRET) && *node->text && !option_is_hash(node->text))
        return variable(
            importer, node,
            arena_printf(importer->arena, "${%s}", keep_secret(importer, node, path, node->text)));
    return scalar(importer, node, escaped(importer, node->text), true);
}

/* To servers a duration without quotes is one of seconds, and `2m` is two million of them. */
static struct node *take_seconds(struct importer *importer, const struct field *option,
                                 const struct node *node, int64_t number, bool has_unit)
{
    if (has_unit) {
        struct diag *diag =
            diag_add(importer->diags, &code_misread, node->pos,
                     "'%s' of '%s' is %" PRId64 " second%s to nats-server, as it has no quotes", node->text,
                     option->name, number, text_plural((uint64_t)number));
        diag_hint(importer->diags, diag,
                  "it is written as that many seconds; mend it if it was meant as it looks");
    }
    return scalar(importer, node, arena_printf(importer->arena, "%" PRId64 "s", number), true);
}

static struct node *take_number(struct importer *importer, const struct field *option, unsigned types,
                                const struct node *node)
{
    int64_t number;
    int64_t bytes;
    if (!conf_number(node->text, &number))
        return scalar(importer, node, node->text, false);
    bool has_unit = isalpha((unsigned char)node->text[strlen(node->text) - 1]) != 0;
    if ((types & (FIELD_DURATION | FIELD_SECONDS)) && (has_unit || !(types & (FIELD_SECONDS | FIELD_COUNT))))
        return take_seconds(importer, option, node, number, has_unit);
    /* A spelling that means the same to both stays; "2m" does not: nats-server takes it for 2,000,000 everywhere. */
    if (has_unit && (types & FIELD_SIZE) && size_parse(node->text, &bytes) == UNITS_OK && bytes == number)
        return scalar(importer, node, node->text, false);
    return scalar(importer, node, arena_printf(importer->arena, "%" PRId64, number), false);
}

/* An environment variable. conf_read() has put its name behind the empty text (see leave_open() in conf_vars.c). */
static struct node *take_open(struct importer *importer, const struct node *node, const char *name)
{
    if (is_variable_name(name))
        return variable(importer, node, arena_printf(importer->arena, "${%s}", name));
    diag_error(importer->diags, &code_variable, node->pos, "variable '%s' cannot be named in a manifest",
               name);
    return variable(importer, node, "?");
}

/* A password of digits is one to every server, and what it refuses. */
static struct node *refuse_number(struct importer *importer, const struct field *option,
                                  const struct node *node)
{
    bool truth;
    struct diag *diag =
        diag_add(importer->diags, &code_wrong_type, node->pos, "'%s' is %s to nats-server, and no text",
                 option->name, node_is_bool(node, &truth) ? "true or false" : "a number");
    diag_hint(importer->diags, diag, "put it into quotes");
    return variable(importer, node, "?");
}

static struct node *take_scalar(struct importer *importer, const struct field *option, unsigned types,
                                struct node *node, const char *path)
{
    bool truth;
    if (node->broken)
        return variable(importer, node, node->text);
    if (node->expanded)
        return take_open(importer, node, node->text + 1);
    if (node->quoted)
        return take_text(importer, option, node, path);
    if (types &&
        !(types & (FIELD_BOOL | FIELD_COUNT | FIELD_SIZE | FIELD_DURATION | FIELD_SECONDS | FIELD_PERCENT)))
        return refuse_number(importer, option, node);
    return node_is_bool(node, &truth) ? scalar(importer, node, node->text, false)
                                      : take_number(importer, option, types, node);
}

/* ---- lists and maps ---- */

/* The part of a variable's name that stands for an item of a list: its user or name, or else its number. */
static const char *item_path(struct importer *importer, const struct node *list, size_t index,
                             const char *path)
{
    static const enum server_option keys[] = {OPTION_USER, OPTION_USERNAME, OPTION_NAME, OPTION_ACCOUNT};
    const struct node *item = list->items[index];
    for (size_t i = 0; item->type == NODE_MAP && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (*option_text(item, keys[i]))
            return path_below(importer, path, option_text(item, keys[i]));
    return list->count > 1 ? arena_printf(importer->arena, "%s_%zu", path, index + 1) : path;
}

static struct node *take_list(struct importer *importer, const struct field *option, const struct node *node,
                              const char *path)
{
    struct node *list = node_list(importer->arena);
    list->pos = node->pos;
    for (size_t i = 0; i < node->count; i++)
        node_append(importer->arena, list,
                    take_value(importer, option, field_items(option), node->items[i],
                               item_path(importer, node, i, path)));
    return list;
}

static struct node *take_map(struct importer *importer, const struct field *option, const struct node *node,
                             const char *path)
{
    struct node *map = node_map(importer->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct member member = node->members[i];
        member.value = take_value(importer, option, field_values(option), member.value,
                                  path_below(importer, path, member.key));
        node_add(importer->arena, map, member);
    }
    return map;
}

static bool is_definition(const struct importer *importer, const struct member *member)
{
    return map_get(&importer->defined, conf_definition_key(importer->arena, member->key_pos)) != NULL;
}

static bool same_text(const struct node *a, const struct node *b)
{
    return a->type == NODE_SCALAR && b->type == NODE_SCALAR && strcmp(a->text, b->text) == 0;
}

/* Two names of one option are an error, because servers take either of them by chance. */
static void put(struct importer *importer, struct node *map, struct map *index, struct member member)
{
    uintptr_t place = (uintptr_t)map_get(index, member.key);
    const struct member *other = place ? &map->members[place - 1] : NULL;
    if (!other) {
        node_add(importer->arena, map, member);
        map_put(index, member.key, (void *)(uintptr_t)map->count);
        return;
    }
    if (same_text(other->value, member.value))
        return;
    struct diag *diag =
        diag_add(importer->diags, &code_duplicate_key, member.key_pos,
                 "'%s' stands here by two names, and nats-server takes either value by chance", member.key);
    diag_note(importer->diags, diag, other->key_pos, "the other is here");
}

/* The members that are options; those that only define variables are gone, and unknown ones stay for server_read() to tell. */
static struct node *take_block(struct importer *importer, const struct table *table, const struct node *node,
                               const char *path)
{
    struct node *map = node_map(importer->arena);
    struct map index;
    map_init(&index, importer->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct member member = node->members[i];
        const struct field *option = table_field(table, member.key);
        /* Only natsform has such an option. Taken over, it would get a meaning that it does not have in this file. */
        if (option && (option->flags & FIELD_OURS)) {
            struct diag *diag = diag_add(importer->diags, &code_unknown_key, member.key_pos,
                                         "nats-server has no option '%s' here", member.key);
            if (option->id == OPTION_GATEWAYS)
                diag_hint(importer->diags, diag, "it is one of 'gateway'");
            continue;
        }
        if (!option && is_definition(importer, &member))
            continue;
        if (option) {
            member.key = option->name;
            member.value = take_value(importer, option, field_types(option), member.value,
                                      path_below(importer, path, option->name));
        }
        put(importer, map, &index, member);
    }
    return map;
}

static struct node *take_value(struct importer *importer, const struct field *option, unsigned types,
                               struct node *node, const char *path)
{
    if (node->type == NODE_SCALAR)
        return take_scalar(importer, option, types, node, path);
    if (node->type == NODE_LIST)
        return take_list(importer, option, node, path);
    if ((types & FIELD_OBJECT) && option->object)
        return take_block(importer, option->object, node, path);
    return take_map(importer, option, node, path);
}

/* ---- where natsform's defaults differ ---- */

static void put_text(struct importer *importer, struct node *map, enum server_option option, const char *text,
                     bool quoted)
{
    struct node *node = node_scalar(importer->arena, text, quoted);
    node->pos = map->pos;
    option_put(importer->arena, map, option, node);
}

/* By default nats-server listens on all addresses, and servers of natsform only on this machine. */
static void say_host(struct importer *importer, struct node *block)
{
    const struct node *listen = option_get(block, OPTION_LISTEN);
    const char *text = option_text(block, OPTION_LISTEN);
    const char *colon = strrchr(text, ':');
    if (option_get(block, OPTION_HOST) || (listen && listen->broken) || (colon && colon > text))
        return;
    put_text(importer, block, OPTION_HOST, "0.0.0.0", true);
}

static void remark(struct importer *importer, const char *text)
{
    VEC_PUSH(importer->arena, &importer->imported->remarks, text);
}

static void say_listeners(struct importer *importer, struct node *server)
{
    static const enum server_option blocks[] = {OPTION_CLUSTER, OPTION_GATEWAY, OPTION_LEAFNODES,
                                                OPTION_WEBSOCKET, OPTION_MQTT};
    say_host(importer, server);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        struct node *block = option_get(server, blocks[i]);
        bool listens = option_get(block, OPTION_LISTEN) || option_get(block, OPTION_PORT);
        if (block && block->type == NODE_MAP && listens)
            say_host(importer, block);
        else if (block && i == 0)
            remark(importer,
                   "'cluster' has no port: nats-server does not listen for routes then, natsform does");
    }
}

static bool has_monitoring(const struct node *server)
{
    return option_get(server, OPTION_HTTP) || option_get(server, OPTION_HTTP_PORT) ||
           option_get(server, OPTION_HTTPS) || option_get(server, OPTION_HTTPS_PORT);
}

struct port_search {
    int64_t port;
    bool taken;
};

static void look_at_port(void *context, const struct field *option, const struct member *member)
{
    struct port_search *search = context;
    const char *text = member->value->type == NODE_SCALAR ? member->value->text : "";
    const char *colon = strrchr(text, ':');
    int64_t port;
    bool is_port = option->id == OPTION_PORT || option->id == OPTION_LISTEN;
    search->taken |= is_port && number_parse_i64(colon ? colon + 1 : text, &port) && port == search->port;
}

/* The usual port of monitoring, or the next one that no listener of the server has. */
static int free_port_of(const struct node *server)
{
    struct port_search search = {.port = 8222, .taken = true};
    while (search.taken) {
        search.taken = false;
        options_walk(&server_table, server, look_at_port, &search);
        search.port += search.taken;
    }
    return (int)search.port;
}

/*
 * Has it nothing but what servers share or may have beside the rest, as a file that a configuration includes? As a whole it would have neither
 * JetStream nor a port of its own.
 */
static bool is_shared_part(const struct node *server)
{
    static const enum server_option shared[] = {
        OPTION_ACCOUNTS, OPTION_AUTHORIZATION, OPTION_SYSTEM_ACCOUNT, OPTION_NO_AUTH_USER, OPTION_OPERATOR,
        OPTION_RESOLVER, OPTION_GATEWAY,       OPTION_LEAFNODES,      OPTION_WEBSOCKET,    OPTION_MQTT,
        OPTION_TLS,
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        count += option_get(server, shared[i]) != NULL;
    return count && count == server->count;
}

/* Where the two differ, the manifest says what nats-server would have done. */
static void say_defaults(struct importer *importer, struct node *server)
{
    const struct node *jetstream = option_get(server, OPTION_JETSTREAM);
    const struct node *routes = option_get(option_get(server, OPTION_CLUSTER), OPTION_ROUTES);
    if (!jetstream)
        put_text(importer, server, OPTION_JETSTREAM, "false", false);
    else if (server_wants_jetstream(server) && !option_get(server, OPTION_STORE_DIR) &&
             !option_get(jetstream, OPTION_STORE_DIR))
        remark(importer, "JetStream has no store_dir: nats-server stores in /tmp, natsform in ./jetstream");
    if (!has_monitoring(server)) {
        const char *place = arena_printf(importer->arena, "127.0.0.1:%d", free_port_of(server));
        put_text(importer, server, OPTION_HTTP, place, true);
        remark(importer,
               arena_printf(
                   importer->arena,
                   "there is no monitoring; natsform needs it to see whether a server is ready: it is %s now",
                   place));
    }
    if (*importer->file && routes && routes->type == NODE_LIST && routes->count > 1)
        remark(
            importer,
            "the routes are as they were written; 'nodes: N' instead of them describes the whole cluster as one server");
    if (routes && routes->count && !option_get(option_get(server, OPTION_CLUSTER), OPTION_NAME) &&
        !option_get(option_get(server, OPTION_GATEWAY), OPTION_NAME))
        remark(
            importer,
            "the cluster has no name, and natsform gives it the server's: say the one that the others have");
}

/* ---- the whole ---- */

static const char *name_of_file(struct arena *arena, const char *file)
{
    const char *base = path_name(file);
    size_t length = strcspn(base, ".");
    return length ? arena_strndup(arena, base, length) : USUAL_NAME;
}

static const char *said_name(const struct importer *importer)
{
    for (size_t i = 0; i < importer->conf->root->count; i++) {
        const struct member *member = &importer->conf->root->members[i];
        const struct field *option = table_field(&server_table, member->key);
        if (option && option->id == OPTION_SERVER_NAME)
            return member->value->type == NODE_SCALAR ? member->value->text : "";
    }
    return "";
}

/* The server's name becomes the name of a folder and of a host, so it may only have simple characters. */
static const char *server_name(struct importer *importer, const char *file)
{
    const char *said = said_name(importer);
    const char *name =
        simple_name(importer->arena, *said ? said : name_of_file(importer->arena, file), '-', false);
    name += strspn(name, "-");
    return *name ? name : USUAL_NAME;
}

static int check_name(const char *name, struct diags *diags)
{
    if (*name && *name != '-' && !name[strspn(name, NAME_LETTERS)])
        return 0;
    struct diag *diag =
        diag_add(diags, &code_name, (struct srcpos){0}, "a server cannot be named '%s'", name);
    diag_hint(diags, diag, "letters, digits, '_' and '-', not '-' first");
    return -1;
}

static void find_variables(struct importer *importer)
{
    const struct conf *conf = importer->conf;
    for (size_t i = 0; i < conf->open.count; i++)
        if (!map_put(&importer->taken, conf->open.items[i].name, importer))
            VEC_PUSH(importer->arena, &importer->imported->variables, conf->open.items[i].name);
    /* Names of environment variables are not free for secrets. */
    for (size_t i = 0; i < conf->open.count; i++)
        map_put(&importer->taken, conf->open.items[i].name, (void *)(uintptr_t)1);
    for (size_t i = 0; i < conf->definitions.count; i++)
        map_put(&importer->defined, conf_definition_key(importer->arena, conf->definitions.items[i].pos),
                importer);
}

static bool has_all(const struct importer *importer, const struct table *table, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct field *option = table_field(table, map->members[i].key);
        if ((!option || (option->flags & FIELD_OURS)) && !is_definition(importer, &map->members[i]))
            return false;
    }
    return true;
}

/* No option of a server is in it, but all of them are those of one block: a file that is made to be included there. Else NULL. */
static const struct field *block_of_part(const struct importer *importer)
{
    const struct node *root = importer->conf->root;
    const struct field *found = NULL;
    size_t options = 0;
    for (size_t i = 0; i < root->count; i++) {
        const struct field *option = table_field(&server_table, root->members[i].key);
        if (option && !(option->flags & FIELD_OURS))
            return NULL;
        options += !is_definition(importer, &root->members[i]);
    }
    for (size_t i = 0; options && i < server_table.count; i++) {
        const struct field *option = &server_table.fields[i];
        if ((option->flags & FIELD_OURS) || !option->object || !(field_types(option) & FIELD_OBJECT) ||
            !has_all(importer, option->object, root))
            continue;
        if (found)
            return NULL;
        found = option;
    }
    return found;
}

/*
 * The marks kept server_read() from checking names of variables as if they were values. Whoever writes the manifest
 * wants the texts.
 */
static void mend(struct node *node)
{
    if (node->type == NODE_SCALAR)
        node->broken = false;
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        mend(node->type == NODE_LIST ? node->items[i] : node->members[i].value);
}

int conf_import(struct arena *arena, const struct conf *conf, const char *file, const char *name,
                struct diags *diags, struct conf_imported *ret_imported)
{
    struct conf_imported imported = {0};
    struct importer importer = {
        .arena = arena, .conf = conf, .file = file, .diags = diags, .imported = &imported};
    size_t errors = diags->errors;
    map_init(&importer.taken, arena);
    map_init(&importer.defined, arena);
    imported.name = name ? name : server_name(&importer, file);
    if (check_name(imported.name, diags))
        return -1;
    find_variables(&importer);
    struct node *root = conf->root;
    const struct field *part = block_of_part(&importer);
    if (part) {
        root = node_map(arena);
        root->pos = conf->root->pos;
        node_add(arena, root, (struct member){part->name, conf->root->pos, conf->root});
    }
    struct node *server =
        take_block(&importer, &server_table, root, simple_name(arena, imported.name, '_', true));
    /* Read as a manifest's server would be, so that what is wrong is told now, at its place in the configuration. */
    server_read(arena, imported.name, server, diags);
    if (diags->errors > errors)
        return -1;
    if (strcmp(option_text(server, OPTION_SERVER_NAME), imported.name) == 0)
        option_remove(server, OPTION_SERVER_NAME);
    if (part) {
        imported.part = part->name;
        remark(&importer,
               arena_printf(arena,
                            "there are only options of '%s': it is taken as a file that is included there",
                            part->name));
    } else if (is_shared_part(server)) {
        imported.part = "";
        remark(
            &importer,
            "nothing says where the server listens: it is taken as a file that is included, and nothing is filled "
            "in; lay it over its server, of the same --name, with one more -f");
    } else {
        say_listeners(&importer, server);
        say_defaults(&importer, server);
    }
    mend(server);
    imported.server = server;
    *ret_imported = imported;
    return 0;
}
