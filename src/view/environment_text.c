/* Tables of nodes; see environment_text.h. */
#include "view/environment_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "generate/certificates.h"
#include "view/table.h"

static const char *upper(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return copy;
}

void view_deed(const struct style *style, enum up_deed deed, const struct upnode *node, const char *why)
{
    style_safe(style, node->name);
    fputs(": ", style->file);
    style_print(style, deed == UP_KEEP ? COLOUR_DIM : COLOUR_GREEN, "%s", up_deed_name(deed));
    if (deed == UP_START && node->version) {
        fputs(", nats-server ", style->file);
        style_safe(style, node->version);
    }
    if (node->pid > 0 && deed != UP_STOP)
        fprintf(style->file, ", pid %lld", (long long)node->pid);
    if (why) {
        fputs(": ", style->file);
        style_safe(style, why);
    }
    fputc('\n', style->file);
    /* At once: `up` takes seconds, and each line is to be seen when it happens. */
    fflush(style->file);
}

static bool anybody_listens(const struct upstate *state, enum listener listener)
{
    for (size_t i = 0; i < state->nodes.count; i++)
        if (state->nodes.items[i]->urls[listener])
            return true;
    return false;
}

void view_urls(const struct style *style, struct arena *arena, const struct upstate *state)
{
    static const enum listener shown[] = {LISTENER_CLIENT, LISTENER_WEBSOCKET, LISTENER_MQTT,
                                          LISTENER_LEAFNODES, LISTENER_MONITOR};
    enum listener columns[LISTENERS];
    struct text_table table = {.columns = 1};
    size_t count = 0;
    VEC_PUSH(arena, &table.cells, "NODE");
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        /* Only columns that some node fills: with all of them lines would be too long for most terminals. */
        if (anybody_listens(state, shown[i])) {
            columns[count++] = shown[i];
            VEC_PUSH(arena, &table.cells, upper(arena, listener_name(shown[i])));
        }
    table.columns = count + 1;
    for (size_t i = 0; i < state->nodes.count; i++) {
        VEC_PUSH(arena, &table.cells, state->nodes.items[i]->name);
        for (size_t j = 0; j < count; j++)
            VEC_PUSH(arena, &table.cells, state->nodes.items[i]->urls[columns[j]]);
    }
    view_table(style, &table);
}

void view_trust(const struct style *style, struct arena *arena, const char *ca)
{
    size_t count;
    const struct trust_step *steps = certificates_trust(arena, ca, &count);
    struct text_table table = {.columns = 2};
    VEC_PUSH(arena, &table.cells, "TO TRUST IT");
    VEC_PUSH(arena, &table.cells, "");
    for (size_t i = 0; i < count; i++) {
        VEC_PUSH(arena, &table.cells, steps[i].who);
        VEC_PUSH(arena, &table.cells, steps[i].how);
    }
    fputs("The certificate of TLS is by an authority of this folder's own, made just now.\n", style->file);
    view_table(style, &table);
}

/* ---- status ---- */

static const char *state_of(const struct node_health *health)
{
    return health->runs ? "up" : "down";
}

void view_status(const struct style *style, struct arena *arena, const struct node_health *nodes,
                 size_t count)
{
    static const char *const heads[] = {"NODE",    "STATE",     "PID",    "UPTIME",
                                        "VERSION", "JETSTREAM", "CLIENT", "HEALTH"};
    struct text_table table = {.columns = sizeof(heads) / sizeof(heads[0])};
    for (size_t i = 0; i < table.columns; i++)
        VEC_PUSH(arena, &table.cells, heads[i]);
    for (size_t i = 0; i < count; i++) {
        const struct node_health *health = &nodes[i];
        const struct upnode *node = health->node;
        bool pid = health->runs && node->pid > 0;
        const char *cells[] = {
            node->name,
            state_of(health),
            pid ? arena_printf(arena, "%lld", (long long)node->pid) : "-",
            health->uptime ? health->uptime : "-",
            health->version ? health->version : "-",
            health->jetstream,
            node->urls[LISTENER_CLIENT] ? node->urls[LISTENER_CLIENT] : "-",
            health->well ? "ok" : health->trouble,
        };
        for (size_t j = 0; j < table.columns; j++)
            VEC_PUSH(arena, &table.cells, cells[j]);
    }
    view_table(style, &table);
}

static void put(struct arena *arena, struct node *map, const char *key, const char *text, bool quoted)
{
    node_put(arena, map, key, text ? node_scalar(arena, text, quoted) : node_scalar(arena, "null", false));
}

static struct node *health_json(struct arena *arena, const struct node_health *health)
{
    const struct upnode *node = health->node;
    struct node *map = node_map(arena), *ports = node_map(arena), *urls = node_map(arena);
    put(arena, map, "name", node->name, true);
    put(arena, map, "server", node->server, true);
    put(arena, map, "state", state_of(health), true);
    put(arena, map, "healthy", health->well ? "true" : "false", false);
    put(arena, map, "trouble", health->trouble, true);
    put(arena, map, "pid",
        health->runs && node->pid > 0 ? arena_printf(arena, "%lld", (long long)node->pid) : NULL, false);
    put(arena, map, "uptime", health->uptime, true);
    put(arena, map, "version", health->version, true);
    put(arena, map, "program", node->program, true);
    put(arena, map, "jetstream", health->jetstream, true);
    put(arena, map, "meta_leader", health->leader, true);
    for (enum listener listener = 0; listener < LISTENERS; listener++)
        if (node->ports[listener]) {
            put(arena, ports, listener_name(listener), arena_printf(arena, "%d", node->ports[listener]),
                false);
            put(arena, urls, listener_name(listener), node->urls[listener], true);
        }
    node_put(arena, map, "ports", ports);
    node_put(arena, map, "urls", urls);
    put(arena, map, "store_dir", node->store, true);
    return map;
}

struct node *status_json(struct arena *arena, const struct upstate *state, const struct node_health *nodes)
{
    struct node *root = node_map(arena), *list = node_list(arena);
    put(arena, root, "format_version", "1", false);
    put(arena, root, "project", state->project, true);
    put(arena, root, "runner", state->runner, true);
    put(arena, root, "context", state->context.name, true);
    for (size_t i = 0; i < state->nodes.count; i++)
        node_append(arena, list, health_json(arena, &nodes[i]));
    node_put(arena, root, "nodes", list);
    return root;
}
