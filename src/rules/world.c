/* The world that rules look at; see rules.h. */
#include "rules/rules.h"

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
    stream->self.settled = true;
    return stream;
}
