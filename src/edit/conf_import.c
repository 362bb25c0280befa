/*
 * From the tree of a configuration to that of a manifest; see conf_import.h. It walks along the rows of
 * field/server_option.h. They say what an option is called, which options its block has, and what is secret.
 */
#include "edit/conf_import.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "field/units.h"
#include "manifest/servers.h"
#include "syntax/vars.h"

#define USUAL_NAME "nats-server"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
#define NAME_LETTERS LETTERS "-"

struct importer {
    struct arena *arena;
    const struct conf *conf;
    struct diags *diags;
    struct conf_imported *imported;
    struct map taken;   /* names of variables that are in use */
    struct map defined; /* keys that variables refer to, by conf_definition_key() */
};

static struct node *take_value(struct importer *importer, const struct server_option *option, unsigned takes,
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
    const char *name = isdigit((unsigned char)*path) ? arena_printf(importer->arena, "_%s", path) : path;
    const char *variable = name;
    uintptr_t last = (uintptr_t)map_get(&importer->taken, name);
    while (map_get(&importer->taken, variable))
        variable = arena_printf(importer->arena, "%s_%zu", name, (size_t)(last = last < 2 ? 2 : last + 1));
    /* Names of environment variables are not free for secrets. */
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

/* The node for a variable. It is marked as expanded, so that nobody checks its text, which is only a name. */
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

static bool is_hash(const char *text)
{
    return strncmp(text, "$2a$", 4) == 0 || strncmp(text, "$2b$", 4) == 0 || strncmp(text, "$2y$", 4) == 0;
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

static struct node *take_text(struct importer *importer, const struct server_option *option,
                              struct node *node, const char *path)
{
    if (option->flags & SERVER_URL)
        return take_url(importer, node, path);
    if ((option->flags & SERVER_SECRET) && *node->text && !is_hash(node->text))
        return variable(
            importer, node,
            arena_printf(importer->arena, "${%s}", keep_secret(importer, node, path, node->text)));
    return scalar(importer, node, escaped(importer, node->text), true);
}

/* To servers a duration without quotes is a number of seconds, and `2m` is two million of them. */
static struct node *take_seconds(struct importer *importer, const struct server_option *option,
                                 const struct node *node, int64_t number, bool has_unit)
{
    if (has_unit) {
        struct diag *diag =
            diag_add(importer->diags, &code_misread, node->pos,
                     "'%s' of '%s' is %" PRId64 " seconds to nats-server, as it has no quotes", node->text,
                     option->name, number);
        diag_hint(importer->diags, diag,
                  "it is written as that many seconds; mend it if it was meant as it looks");
    }
    return scalar(importer, node, arena_printf(importer->arena, "%" PRId64 "s", number), true);
}

static struct node *take_number(struct importer *importer, const struct server_option *option, unsigned takes,
                                const struct node *node)
{
    int64_t number;
    int64_t bytes;
    if (!conf_number(node->text, &number))
        return scalar(importer, node, node->text, false);
    bool has_unit = isalpha((unsigned char)node->text[strlen(node->text) - 1]) != 0;
    if ((takes & (TAKES_DURATION | TAKES_SECONDS)) && (has_unit || !(takes & (TAKES_SECONDS | TAKES_INT))))
        return take_seconds(importer, option, node, number, has_unit);
    if (has_unit && (takes & TAKES_SIZE) && size_parse(node->text, &bytes) == UNITS_OK && bytes == number)
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

/* Servers take a password of digits without quotes for a number, and refuse it. */
static struct node *refuse_number(struct importer *importer, const struct server_option *option,
                                  const struct node *node)
{
    bool truth;
    struct diag *diag =
        diag_add(importer->diags, &code_wrong_type, node->pos, "'%s' is %s to nats-server, and no text",
                 option->name, node_is_bool(node, &truth) ? "true or false" : "a number");
    diag_hint(importer->diags, diag, "put it into quotes");
    return variable(importer, node, "?");
}

static struct node *take_scalar(struct importer *importer, const struct server_option *option, unsigned takes,
                                struct node *node, const char *path)
{
    bool truth;
    if (node->expanded)
        return take_open(importer, node, node->text + 1);
    if (node->quoted)
        return take_text(importer, option, node, path);
    if (takes &&
        !(takes & (TAKES_BOOL | TAKES_INT | TAKES_SIZE | TAKES_DURATION | TAKES_SECONDS | TAKES_PERCENT)))
        return refuse_number(importer, option, node);
    return node_is_bool(node, &truth) ? scalar(importer, node, node->text, false)
                                      : take_number(importer, option, takes, node);
}

/* ---- lists and maps ---- */

/* The part of a variable's name that stands for an item of a list: its user or name, or else its number. */
static const char *item_path(struct importer *importer, const struct node *list, size_t index,
                             const char *path)
{
    static const char *const keys[] = {"user", "username", "name", "account"};
    const struct node *item = list->items[index];
    for (size_t i = 0; item->type == NODE_MAP && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (*node_get_text(item, keys[i]))
            return path_below(importer, path, node_get_text(item, keys[i]));
    return list->count > 1 ? arena_printf(importer->arena, "%s_%zu", path, index + 1) : path;
}

static struct node *take_list(struct importer *importer, const struct server_option *option,
                              const struct node *node, const char *path)
{
    struct node *list = node_list(importer->arena);
    list->pos = node->pos;
    for (size_t i = 0; i < node->count; i++)
        node_append(
            importer->arena, list,
            take_value(importer, option, option->items, node->items[i], item_path(importer, node, i, path)));
    return list;
}

static struct node *take_map(struct importer *importer, const struct server_option *option,
                             const struct node *node, const char *path)
{
    struct node *map = node_map(importer->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct member member = node->members[i];
        member.value = take_value(importer, option, option->values, member.value,
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

/* Takes the options of a block. Keys that only define variables are dropped. Unknown keys stay: server_read() reports them. */
static struct node *take_block(struct importer *importer, const struct server_block *block,
                               const struct node *node, const char *path)
{
    struct node *map = node_map(importer->arena);
    struct map index;
    map_init(&index, importer->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct member member = node->members[i];
        const struct server_option *option = server_option_find(block, member.key);
        if (option && (option->flags & SERVER_OURS)) {
            struct diag *diag = diag_add(importer->diags, &code_unknown_key, member.key_pos,
                                         "nats-server has no option '%s' here", member.key);
            if (strcmp(option->name, "gateways") == 0)
                diag_hint(importer->diags, diag, "it is one of 'gateway'");
            continue;
        }
        if (!option && is_definition(importer, &member))
            continue;
        if (option) {
            member.key = option->name;
            member.value = take_value(importer, option, option->takes, member.value,
                                      path_below(importer, path, option->name));
        }
        put(importer, map, &index, member);
    }
    return map;
}

static struct node *take_value(struct importer *importer, const struct server_option *option, unsigned takes,
                               struct node *node, const char *path)
{
    if (node->type == NODE_SCALAR)
        return take_scalar(importer, option, takes, node, path);
    if (node->type == NODE_LIST)
        return take_list(importer, option, node, path);
    if ((takes & TAKES_BLOCK) && option->block)
        return take_block(importer, option->block, node, path);
    return take_map(importer, option, node, path);
}

/* ---- where natsform's defaults differ ---- */

static void put_text(struct importer *importer, struct node *map, const char *key, const char *text,
                     bool quoted)
{
    struct node *node = node_scalar(importer->arena, text, quoted);
    node->pos = map->pos;
    node_put(importer->arena, map, key, node);
}

/* By default nats-server listens on all addresses, and servers of natsform only on this machine. */
static void say_host(struct importer *importer, struct node *block)
{
    const struct node *listen = node_get(block, "listen");
    const char *text = node_get_text(block, "listen");
    const char *colon = strrchr(text, ':');
    if (node_get(block, "host") || (listen && listen->broken) || (colon && colon > text))
        return;
    put_text(importer, block, "host", "0.0.0.0", true);
}

static void remark(struct importer *importer, const char *text)
{
    VEC_PUSH(importer->arena, &importer->imported->remarks, text);
}

static void say_listeners(struct importer *importer, struct node *server)
{
    static const char *const blocks[] = {"cluster", "gateway", "leafnodes", "websocket", "mqtt"};
    say_host(importer, server);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        struct node *block = node_get(server, blocks[i]);
        bool listens = node_get(block, "listen") || node_get(block, "port");
        if (block && block->type == NODE_MAP && listens)
            say_host(importer, block);
        else if (block && i == 0)
            remark(importer,
                   "'cluster' has no port: nats-server does not listen for routes then, natsform does");
    }
}

static bool has_any(const struct node *map, const char *const *keys)
{
    while (*keys && !node_get(map, *keys))
        keys++;
    return *keys != NULL;
}

static void say_defaults(struct importer *importer, struct node *server)
{
    static const char *const monitoring[] = {"http", "http_port", "https", "https_port", NULL};
    const struct node *jetstream = node_get(server, "jetstream");
    const struct node *routes = node_get(node_get(server, "cluster"), "routes");
    if (!jetstream)
        put_text(importer, server, "jetstream", "false", false);
    else if (server_wants_jetstream(server) && !node_get(server, "store_dir") &&
             !node_get(jetstream, "store_dir"))
        remark(importer, "JetStream has no store_dir: nats-server stores in /tmp, natsform in ./jetstream");
    if (!has_any(server, monitoring)) {
        put_text(importer, server, "http", "127.0.0.1:8222", true);
        remark(
            importer,
            "there is no monitoring; natsform needs it to see whether a server is ready: it is 127.0.0.1:8222 now");
    }
    if (routes && routes->type == NODE_LIST && routes->count > 1)
        remark(
            importer,
            "the routes are as they were written; 'nodes: N' instead of them describes the whole cluster as one server");
    if (routes && routes->count && !node_get(node_get(server, "cluster"), "name") &&
        !node_get(node_get(server, "gateway"), "name"))
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
        const struct server_option *option = server_option_find(&server_options, member->key);
        if (option && strcmp(option->name, "server_name") == 0)
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

static bool has_all(const struct importer *importer, const struct server_block *block, const struct node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct server_option *option = server_option_find(block, map->members[i].key);
        if ((!option || (option->flags & SERVER_OURS)) && !is_definition(importer, &map->members[i]))
            return false;
    }
    return true;
}

/*
 * Is the file made to be included in a block? It is if none of its keys is an option of a server, and all of them are
 * options of one block. Returns that block's option, or NULL.
 */
static const struct server_option *block_of_part(const struct importer *importer)
{
    const struct node *root = importer->conf->root;
    const struct server_option *found = NULL;
    size_t options = 0;
    for (size_t i = 0; i < root->count; i++) {
        const struct server_option *option = server_option_find(&server_options, root->members[i].key);
        if (option && !(option->flags & SERVER_OURS))
            return NULL;
        options += !is_definition(importer, &root->members[i]);
    }
    for (size_t i = 0; options && i < server_options.count; i++) {
        const struct server_option *option = &server_options.rows[i];
        if ((option->flags & SERVER_OURS) || !option->block || !(option->takes & TAKES_BLOCK) ||
            !has_all(importer, option->block, root))
            continue;
        if (found)
            return NULL;
        found = option;
    }
    return found;
}

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
    struct importer importer = {.arena = arena, .conf = conf, .diags = diags, .imported = &imported};
    size_t errors = diags->errors;
    map_init(&importer.taken, arena);
    map_init(&importer.defined, arena);
    imported.name = name ? name : server_name(&importer, file);
    if (check_name(imported.name, diags))
        return -1;
    find_variables(&importer);
    struct node *root = conf->root;
    const struct server_option *part = block_of_part(&importer);
    if (part) {
        root = node_map(arena);
        root->pos = conf->root->pos;
        node_add(arena, root, (struct member){part->name, conf->root->pos, conf->root});
    }
    struct node *server =
        take_block(&importer, &server_options, root, simple_name(arena, imported.name, '_', true));
    server_read(arena, imported.name, server, diags);
    if (diags->errors > errors)
        return -1;
    if (strcmp(node_get_text(server, "server_name"), imported.name) == 0)
        node_remove(server, "server_name");
    if (part) {
        imported.part = part->name;
        remark(&importer,
               arena_printf(arena,
                            "there are only options of '%s': it is taken as a file that is included there",
                            part->name));
    } else {
        say_listeners(&importer, server);
        say_defaults(&importer, server);
    }
    mend(server);
    imported.server = server;
    *ret_imported = imported;
    return 0;
}
