/* Objects to forget; see removed.h. It is the last step of loading, because all defined objects must be known. */
#include "manifest/removed.h"

#include "kind/bucket.h"
#include "kind/names.h"

static const char *key_of(struct arena *arena, const char *stream, const char *consumer)
{
    return consumer ? resource_key(arena, stream, consumer) : stream;
}

/* Does the manifest define the object? An external stream does not count. */
static const struct resource *find_defined(struct arena *arena, const struct manifest *manifest,
                                           const struct removed *removed)
{
    if (removed->consumer)
        return map_get(&manifest->consumers_by_key, resource_key(arena, removed->stream, removed->consumer));
    const struct resource *stream = map_get(&manifest->streams_by_name, removed->stream);
    return stream && !stream->external ? stream : NULL;
}

static void add(struct arena *arena, struct manifest *manifest, struct removed removed, struct diags *diags)
{
    const struct resource *defined = find_defined(arena, manifest, &removed);
    if (defined) {
        struct diag *diag =
            diag_add(diags, &code_conflict, removed.pos, "%s is both defined and removed",
                     resource_label(&diags->arena, resource_kind(defined),
                                    removed.consumer ? removed.stream : NULL, resource_shown_name(defined)));
        diag_note(diags, diag, defined->pos, "defined here");
        diag_hint(diags, diag, "take out one of the two");
        return;
    }
    struct removed *kept = ARENA_NEW(arena, struct removed);
    *kept = removed;
    /* 'removed' is collected from all files, and two of them may name the same object. */
    if (!map_get(&manifest->removed_by_key, key_of(arena, removed.stream, removed.consumer)))
        VEC_PUSH(arena, &manifest->removed, kept);
    map_put(&manifest->removed_by_key, key_of(arena, removed.stream, removed.consumer), kept);
}

static void add_buckets(struct arena *arena, struct manifest *manifest, const struct value_list *buckets,
                        const struct bucket_kind *kind, struct diags *diags)
{
    for (size_t i = 0; i < buckets->count; i++)
        add(arena, manifest,
            (struct removed){.stream = bucket_stream_name(arena, kind, buckets->items[i].text),
                             .pos = buckets->items[i].node->pos},
            diags);
}

static void add_all(struct arena *arena, struct manifest *manifest, const struct object *root,
                    struct diags *diags)
{
    const struct value_list *streams = object_list(root, REMOVED_STREAMS);
    const struct value_list *consumers = object_list(root, REMOVED_CONSUMERS);
    for (size_t i = 0; i < streams->count; i++)
        add(arena, manifest, (struct removed){streams->items[i].text, NULL, streams->items[i].node->pos},
            diags);
    add_buckets(arena, manifest, object_list(root, REMOVED_KEY_VALUES), &key_value_kind, diags);
    add_buckets(arena, manifest, object_list(root, REMOVED_OBJECT_STORES), &object_store_kind, diags);
    for (size_t i = 0; i < consumers->count; i++) {
        const struct object *consumer = consumers->items[i].object;
        const char *stream = object_text(consumer, REMOVED_CONSUMER_STREAM);
        const char *name = object_text(consumer, REMOVED_CONSUMER_NAME);
        if (stream && name) /* otherwise the decoder has reported it */
            add(arena, manifest, (struct removed){stream, name, consumers->items[i].node->pos}, diags);
    }
}

void removed_collect(struct arena *arena, struct manifest *manifest, struct diags *diags)
{
    const struct object *root = object_object(manifest->root, MANIFEST_REMOVED);
    map_init(&manifest->removed_by_key, arena);
    if (!root)
        return;
    add_all(arena, manifest, root, diags);
    if (manifest->project || manifest->removed.count == 0)
        return;
    struct diag *diag =
        diag_add(diags, &code_required, object_pos(manifest->root, MANIFEST_REMOVED), "'%s' needs '%s'",
                 table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name,
                 table_field_by_id(&manifest_table, MANIFEST_PROJECT)->name);
    diag_hint(diags, diag, "what it takes away is the mark of a project");
}

const struct removed *removed_find(const struct manifest *manifest, struct arena *scratch, const char *stream,
                                   const char *consumer)
{
    if (manifest->removed.count == 0)
        return NULL;
    const struct removed *found = map_get(&manifest->removed_by_key, key_of(scratch, stream, consumer));
    /* A stream that is let go takes its consumers along, unless the stream is in the manifest as somebody else's. */
    if (found || !consumer || map_get(&manifest->streams_by_name, stream))
        return found;
    return map_get(&manifest->removed_by_key, stream);
}
