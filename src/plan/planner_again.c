/*
 * Planning one manifest again and again, of the planner: what is remembered of each object from one plan to the next, so that a plan
 * with the option `again` looks at nothing but what has changed, and says what a plan of everything would say. See planner_state.h.
 *
 * What was in sync stays so until something happens to it, or to its stream: rules refuse nothing that a server has as it is wanted. What
 * differs is another matter. Whether it can be done depends on others, of the manifest or not; so it is looked at each time. So is
 * what takes values from the server (external, ignored), and what may be a limit of the server, as all others tell whether it is.
 */
#include <string.h>

#include "base/hash.h"
#include "base/scope.h"
#include "base/text.h"
#include "manifest/manifest.h"
#include "plan/planner.h"
#include "plan/planner_state.h"

static struct seen *seen_of(const struct resource *resource)
{
    return resource->planned;
}

static void look_at(struct planner *planner, const char *name)
{
    const struct resource *stream = name ? map_get(&planner->manifest->streams_by_name, name) : NULL;
    if (stream)
        seen_of(stream)->kept = false;
}

/* What a copy takes, or would take once more, depends on what is in its origin. */
static void look_at_origins(struct planner *planner, const struct resource *stream)
{
    const struct object *mirror = stream->external ? NULL : object_object(stream->config, STREAM_MIRROR);
    if (mirror)
        look_at(planner, object_text(mirror, ORIGIN_NAME));
    for (size_t i = 0; !stream->external && i < object_list(stream->config, STREAM_SOURCES)->count; i++)
        look_at(planner,
                object_text(object_list(stream->config, STREAM_SOURCES)->items[i].object, ORIGIN_NAME));
}

/* It did not differ, and no other object could change that. */
static bool is_settled(const struct resource *resource)
{
    const struct seen *seen = resource->planned;
    return seen->found && !seen->step && !seen->fault && !seen->is_lowered && !resource->external &&
           !resource->ignored && !resource->renamed_from;
}

/* Decides for each stream, and for its consumers with it, whether it counts as it did. */
static void choose(struct planner *planner)
{
    const struct resources *streams = &planner->manifest->streams, *consumers = &planner->manifest->consumers;
    for (size_t i = 0; i < streams->count; i++)
        seen_of(streams->items[i])->kept =
            is_settled(streams->items[i]) && !map_get(planner->options.again, streams->items[i]->name);
    for (size_t i = 0; i < consumers->count; i++)
        if (!is_settled(consumers->items[i]))
            seen_of(consumers->items[i]->stream)->kept = false;
    for (size_t i = 0; i < streams->count; i++)
        if (!seen_of(streams->items[i])->kept)
            look_at_origins(planner, streams->items[i]);
    for (size_t i = 0; i < consumers->count; i++)
        seen_of(consumers->items[i])->kept = seen_of(consumers->items[i]->stream)->kept;
}

/* Settling it, and what the server has, would change it: and the manifest outlives the plan. */
static void lend(struct planner *planner, struct resource *resource)
{
    struct seen *seen = resource->planned;
    bool is_bucket = resource->declared != resource->config;
    seen->written = resource->config;
    seen->declared = resource->declared;
    if (!resource->config)
        return;
    resource->config = object_copy(planner->arena, resource->config);
    resource->declared = is_bucket ? object_copy(planner->arena, resource->declared) : resource->config;
}

/* What is kept is counted; the rest is looked at, as if for the first time. */
static void take(struct planner *planner, struct resource *resource, struct resources *part)
{
    struct seen *seen = resource->planned;
    uint64_t *highest = &planner->highest[resource->stream != NULL];
    if (seen->kept) {
        if (!resource->stream) /* what the last plan read has gone with it */
            seen->retention = object_text(resource->config, STREAM_RETENTION);
        planner->plan->in_sync++;
        *highest = seen->high > *highest ? seen->high : *highest;
        return;
    }
    *seen = (struct seen){.told = seen->told};
    lend(planner, resource);
    VEC_PUSH(planner->arena, part, resource);
}

void planner_begin_again(struct planner *planner)
{
    struct manifest *manifest = planner->manifest;
    struct manifest *part = ARENA_NEW(planner->arena, struct manifest);
    *part = *manifest;
    part->streams = part->consumers = (struct resources){0};
    map_init(&part->streams_by_name, planner->arena);
    map_init(&part->consumers_by_key, planner->arena);
    choose(planner);
    for (size_t i = 0; i < manifest->streams.count; i++)
        take(planner, manifest->streams.items[i], &part->streams);
    for (size_t i = 0; i < manifest->consumers.count; i++)
        take(planner, manifest->consumers.items[i], &part->consumers);
    for (size_t i = 0; i < part->streams.count; i++)
        map_put(&part->streams_by_name, part->streams.items[i]->name, part->streams.items[i]);
    for (size_t i = 0; i < part->consumers.count; i++) {
        struct resource *consumer = part->consumers.items[i];
        map_put(&part->consumers_by_key, resource_key(planner->arena, consumer->stream->name, consumer->name),
                consumer);
    }
    planner->part = part;
}

/* ---- what changed, although nothing has to be done about it ---- */

/* Without what a server tells of itself, which is another after an upgrade. `digest`: of what came before. */
static uint64_t add_digest(uint64_t digest, const struct node *node)
{
    enum { PRIME = 1099511628211 };
    if (node->type == NODE_SCALAR)
        return (digest ^ hash_text(node->text)) * PRIME;
    for (size_t i = 0; i < node->count; i++) {
        const struct member *member = node->type == NODE_MAP ? &node->members[i] : NULL;
        if (member && text_begins(member->key, "_nats."))
            continue;
        if (member)
            digest = (digest ^ hash_text(member->key)) * PRIME;
        digest = add_digest(digest, member ? member->value : node->items[i]);
    }
    return digest;
}

void planner_see_content(struct resource *consumer, const struct node *config)
{
    struct seen *seen = consumer->planned;
    seen->content = add_digest(0, config);
    if (!seen->told)
        seen->told = seen->content;
}

bool planner_is_news(const struct resource *consumer)
{
    struct seen *seen = consumer->planned;
    bool is_news = seen->content && seen->content != seen->told;
    if (is_news)
        seen->told = seen->content;
    return is_news;
}

void planner_hand_on_news(const struct manifest *before, const struct manifest *now)
{
    struct arena arena SCOPED(arena_release) = {0};
    for (size_t i = 0; before != now && i < now->consumers.count; i++) {
        const struct resource *consumer = now->consumers.items[i];
        const char *key = resource_key(&arena, consumer->stream->name, consumer->name);
        const struct resource *earlier = map_get(&before->consumers_by_key, key);
        uint64_t told = earlier ? seen_of(earlier)->told : 0;
        if (told)
            seen_of(consumer)->told = told;
    }
}
