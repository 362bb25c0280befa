/* The world of an account, which its rules look at; see rules.h. */
#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"

/*
 * A stream's own object points to itself, so that rules about streams and about consumers find the stream in the same
 * way.
 */
static struct rules_stream *add_stream(struct rules_world *world, const char *name)
{
    struct rules_stream *stream = ARENA_NEW(world->arena, struct rules_stream);
    stream->self.name = name;
    stream->self.stream = stream;
    VEC_PUSH(world->arena, &world->streams, stream);
    map_put(&world->by_name, name, stream);
    return stream;
}

struct rules_world *rules_world_new(struct arena *arena, const struct manifest *manifest, uint32_t version)
{
    struct rules_world *world = ARENA_NEW(arena, struct rules_world);
    world->arena = arena;
    world->version = version;
    map_init(&world->by_name, arena);
    for (size_t i = 0; i < manifest->streams.count; i++) {
        const struct resource *resource = manifest->streams.items[i];
        struct rules_stream *stream = add_stream(world, resource->name);
        stream->self.resource = resource;
        /* Somebody else's stream: its configuration is known only when a server was asked. */
        stream->self.config = resource->external ? NULL : resource->config;
    }
    for (size_t i = 0; i < manifest->consumers.count; i++) {
        const struct resource *resource = manifest->consumers.items[i];
        struct rules_object *consumer = ARENA_NEW(arena, struct rules_object);
        consumer->name = resource->name;
        consumer->stream = map_get(&world->by_name, resource->stream->name);
        consumer->resource = resource;
        consumer->config = resource->config;
        VEC_PUSH(arena, &consumer->stream->consumers, consumer);
    }
    return world;
}

struct rules_stream *rules_find_stream(const struct rules_world *world, const char *name)
{
    return map_get(&world->by_name, name);
}

struct rules_stream *rules_add_stream(struct rules_world *world, const char *name, const struct object *live)
{
    struct rules_stream *stream = add_stream(world, name);
    stream->self.config = live;
    stream->self.live = live;
    /* It was accepted once, so no rule blames it. */
    stream->self.settled = true;
    return stream;
}

bool rules_is_open(const struct rules_object *object)
{
    return object->resource && object->config && !object->settled;
}

const struct rules_object *rules_find_copied(const struct rules_world *world, const struct object *origin)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    const struct rules_stream *stream = name ? rules_find_stream(world, name) : NULL;
    /* 2.9 looks for a stream of that name here even if the origin is external. */
    bool external =
        object_has(origin, ORIGIN_EXTERNAL, NULL) && version_has(world->version, VERSION(2, 10, 0));
    return stream && stream->self.config && !external ? &stream->self : NULL;
}

const struct account_tier *rules_tier(const struct rules_world *world, const struct object *stream)
{
    return world->facts ? account_tier(&world->facts->account, object_integer(stream, STREAM_NUM_REPLICAS))
                        : NULL;
}

int64_t rules_limit(const struct object *stream, unsigned id)
{
    const struct object *limits = object_object(stream, STREAM_CONSUMER_LIMITS);
    return limits ? object_integer(limits, id) : 0;
}

bool rules_stores(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            return true;
    return false;
}
