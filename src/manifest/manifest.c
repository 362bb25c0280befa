/*
 * The names of a manifest's objects for people; see manifest.h. Messages, plans and reports all take them from
 * here, so an object is called the same everywhere.
 */
#include "manifest/manifest.h"

#include "kind/bucket.h"

const struct table *resource_kind(const struct resource *resource)
{
    return resource->bucket ? resource->bucket->table : resource->table;
}

const char *resource_shown_name(const struct resource *resource)
{
    return resource->bucket ? resource->declared->name : resource->name;
}

const char *resource_label(struct arena *arena, const struct table *table, const char *stream,
                           const char *name)
{
    if (stream)
        return arena_printf(arena, "%s %s > %s", table->noun, stream, name);
    return arena_printf(arena, "%s %s", table->noun, name);
}
