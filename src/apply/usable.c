/*
 * Waiting after an apply; see usable.h. Each round asks for what was not ready in the last one. When nothing is left, one more round asks for all of it, because
 * what was ready first may not be any more.
 */
#include "apply/usable.h"

#include <string.h>

#include "base/clock.h"
#include "base/scope.h"
#include "base/vec.h"
#include "kind/kinds.h"
#include "server/api.h"

static DIAG_CODE(
    code_not_usable, .name = "not-usable", CODE_ERROR(EXIT_FAILED),
    .doc =
        "With --wait: an object is there, but its replicas are not current, or its origin is out of reach.",
    .why = "What comes next may rely on it.", .example = "natsform apply --wait --wait-timeout 30s",
    .remedy = "See to the server or origin that is named, or wait for longer with --wait-timeout.");

enum {
    ROUND_MS = 250,
    /* Origins send a sign of life each second. After ten without one, servers ask anew. */
    SILENT_MS = 10000,
};
#define NANOS_PER_MS INT64_C(1000000)

struct looked {
    const struct resource *resource;
    struct usable *usable;
    const char *why; /* it is not ready; NULL: it is */
    bool asked;      /* in this round */
};

struct usable {
    const struct usable_terms *terms;
    struct arena arena; /* of this round: what is not ready, and why */
    VEC(struct looked) all;
    struct arena lasting;
    size_t open; /* that are not ready */
};

/* ---- reasons ---- */

static bool is_true(const struct node *node)
{
    bool value = false;
    return node && node_is_bool(node, &value) && value;
}

static const char *why_no_replica(struct arena *arena, const struct node *replica)
{
    const char *name = node_get_text(replica, "name");
    if (is_true(node_get(replica, "offline")))
        return arena_printf(arena, "its replica on server '%s' is offline", name);
    if (!is_true(node_get(replica, "current")))
        return arena_printf(arena, "its replica on server '%s' is not current", name);
    return NULL;
}

static const char *why_no_cluster(struct arena *arena, const struct node *info)
{
    const struct node *cluster = node_get(info, "cluster"), *others = node_get(cluster, "replicas");
    size_t count = others && others->type == NODE_LIST ? others->count : 0;
    uint64_t wanted = node_get_number(node_get(info, "config"), "num_replicas");
    if (!cluster) /* a server alone */
        return NULL;
    if (!*node_get_text(cluster, "leader"))
        return "it has no leader";
    for (size_t i = 0; i < count; i++) {
        const char *why = why_no_replica(arena, others->items[i]);
        if (why)
            return why;
    }
    /* A consumer's 0 means as many as its stream has. */
    return count + 1 < wanted
               ? arena_printf(arena, "it has %zu of %llu replicas", count + 1, (unsigned long long)wanted)
               : NULL;
}

static const char *why_no_origin(struct arena *arena, const char *kind, const struct node *origin)
{
    const char *name = node_get_text(origin, "name");
    const struct node *error = node_get(origin, "error"), *active = node_get(origin, "active");
    uint64_t nanos = node_get_number(origin, "active");
    if (error && error->type == NODE_MAP)
        return arena_printf(arena, "its %s '%s': %s", kind, name, node_get_text(error, "description"));
    if (active && strcmp(active->text, "-1") == 0)
        return arena_printf(arena, "its %s '%s' has not been reached", kind, name);
    if (nanos > SILENT_MS * NANOS_PER_MS)
        return arena_printf(arena, "its %s '%s' has been silent for %llu s", kind, name,
                            (unsigned long long)(nanos / NANOS_PER_MS / 1000));
    return NULL;
}

static const char *why_no_origins(struct arena *arena, const struct node *info)
{
    const struct node *mirror = node_get(info, "mirror"), *sources = node_get(info, "sources");
    const char *why = mirror && mirror->type == NODE_MAP ? why_no_origin(arena, "mirror of", mirror) : NULL;
    for (size_t i = 0; !why && sources && sources->type == NODE_LIST && i < sources->count; i++)
        why = why_no_origin(arena, "source", sources->items[i]);
    return why;
}

/* ---- rounds ---- */

static void on_info(void *context, const struct api_reply *reply)
{
    struct looked *looked = context;
    struct arena *arena = &looked->usable->arena;
    if (reply->outcome != API_DONE) {
        looked->why = arena_strdup(arena, reply->description);
        return;
    }
    looked->why = why_no_cluster(arena, reply->body);
    if (!looked->why && looked->resource->table == &stream_table)
        looked->why = why_no_origins(arena, reply->body);
}

static void ask(struct usable *usable, struct looked *looked)
{
    const struct resource *resource = looked->resource;
    bool is_stream = resource->table == &stream_table;
    looked->why = NULL;
    api_submit(
        usable->terms->server,
        &(struct api_request){
            .verb = is_stream ? "STREAM.INFO" : "CONSUMER.INFO",
            .name = is_stream ? resource->name
                              : arena_printf(&usable->arena, "%s.%s", resource->stream->name, resource->name),
            .type = is_stream ? "stream_info_response" : "consumer_info_response",
            .done = on_info,
            .context = looked,
        });
}

/* Asks for all, or for what was not ready. Afterwards `open` is how many are not. */
static void look(struct usable *usable, bool all)
{
    for (size_t i = 0; i < usable->all.count; i++)
        usable->all.items[i].asked = all || usable->all.items[i].why;
    arena_reset(&usable->arena);
    for (size_t i = 0; i < usable->all.count; i++)
        if (usable->all.items[i].asked)
            ask(usable, &usable->all.items[i]);
    api_drain(usable->terms->server);
    usable->open = 0;
    for (size_t i = 0; i < usable->all.count; i++)
        usable->open += usable->all.items[i].why != NULL;
}

static const char *label_of(struct arena *arena, const struct looked *looked)
{
    const struct resource *resource = looked->resource;
    return resource_label(arena, resource_kind(resource),
                          resource->stream ? resource_shown_name(resource->stream) : NULL,
                          resource_shown_name(resource));
}

static void tell(struct usable *usable, int64_t waited_ms)
{
    for (size_t i = 0; i < usable->all.count && usable->terms->waiting; i++) {
        const struct looked *looked = &usable->all.items[i];
        if (!looked->why)
            continue;
        usable->terms->waiting(usable->terms->context, label_of(&usable->arena, looked), looked->why,
                               waited_ms);
        return;
    }
}

static int diagnose(struct usable *usable, struct diags *diags)
{
    for (size_t i = 0; i < usable->all.count; i++) {
        const struct looked *looked = &usable->all.items[i];
        if (looked->why)
            diag_error(diags, &code_not_usable, looked->resource->pos, "%s is not ready: %s",
                       label_of(&diags->arena, looked), looked->why);
    }
    return -1;
}

static void add(struct usable *usable, const struct resources *resources)
{
    for (size_t i = 0; i < resources->count; i++)
        if (!resources->items[i]->external)
            VEC_PUSH(&usable->lasting, &usable->all,
                     ((struct looked){.resource = resources->items[i], .usable = usable, .why = ""}));
}

static int await(struct usable *usable, struct diags *diags)
{
    const struct usable_terms *terms = usable->terms;
    int64_t begun = clock_ms();
    bool all = true;
    for (;;) {
        look(usable, all);
        if (!usable->open && all)
            return 0;
        all = !usable->open;
        if (usable->open && (clock_ms() - begun >= terms->most_ms || terms->interrupted()))
            return diagnose(usable, diags);
        tell(usable, clock_ms() - begun);
        if (usable->open)
            api_pause(terms->server, ROUND_MS);
    }
}

int usable_await(const struct usable_terms *terms, struct diags *diags)
{
    struct usable usable = {.terms = terms};
    arena_init(&usable.arena);
    arena_init(&usable.lasting);
    add(&usable, &terms->manifest->streams);
    add(&usable, &terms->manifest->consumers);
    int result = await(&usable, diags);
    arena_release(&usable.arena);
    arena_release(&usable.lasting);
    return result;
}
