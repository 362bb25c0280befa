/* What `lifecycle` of an object says; see lifecycle.h. */
#include "manifest/lifecycle.h"

#include <string.h>

#include "field/check.h"
#include "kind/bucket.h"
#include "kind/kinds.h"

/* lifecycle.ignore takes whole fields of the server only. Reports parts such as "placement.tags", and natsform's own keys. */
static void refuse_ignored(const struct table *table, const struct node *node, struct diags *diags)
{
    const struct field *own = table_field(table, node->text);
    const struct field *whole =
        table_field(table, arena_strndup(&diags->arena, node->text, strcspn(node->text, ".[")));
    const char *near = table_suggest(table, node->text);
    if (node->expanded) {
        diag_error(diags, &code_unknown_key, node->pos, "not a field of %s %s", table_article(table),
                   table->noun);
        return;
    }
    struct diag *diag = diag_add(diags, &code_unknown_key, node->pos, "'%s' is not a field of %s %s",
                                 node->text, table_article(table), table->noun);
    if (own)
        diag_hint(diags, diag, "only what the server keeps can be ignored, and not the name");
    else if (whole)
        diag_hint(diags, diag, "only a whole field can be ignored: '%s'", whole->name);
    else if (near)
        diag_hint(diags, diag, "did you mean '%s'?", near);
}

static void read_ignored(struct arena *arena, struct resource *resource, const struct object *lifecycle,
                         struct diags *diags)
{
    const struct value_list *names = object_list(lifecycle, LIFECYCLE_IGNORE);
    for (size_t i = 0; i < names->count; i++) {
        const struct table *table = resource_kind(resource);
        const struct field *field = table_field(table, names->items[i].text);
        if (!field || (field->flags & (FIELD_OURS | FIELD_IDENTITY))) {
            refuse_ignored(table, names->items[i].node, diags);
            continue;
        }
        if (!resource->ignored)
            resource->ignored = ARENA_ARRAY(arena, bool, resource->table->count);
        if (resource->bucket)
            bucket_ignore(field, resource->ignored);
        else
            resource->ignored[field - resource->table->fields] = true;
    }
}

void lifecycle_read(struct arena *arena, struct resource *resource, const struct object *lifecycle,
                    struct diags *diags)
{
    const struct object *loss = object_object(lifecycle, LIFECYCLE_ALLOW_DATA_LOSS);
    const struct value *until = loss ? object_value(loss, ALLOW_DATA_LOSS_UNTIL) : NULL;
    resource->prevent_destroy = object_flag(lifecycle, LIFECYCLE_PREVENT_DESTROY);
    if (object_has(lifecycle, LIFECYCLE_ON_IMMUTABLE, CHOICE_MIGRATE))
        resource->on_immutable = ON_IMMUTABLE_MIGRATE;
    else if (object_has(lifecycle, LIFECYCLE_ON_IMMUTABLE, CHOICE_RECREATE))
        resource->on_immutable = ON_IMMUTABLE_RECREATE;
    if (until && until->type == VALUE_TIME)
        resource->allow_loss_until = *until->instant;
    read_ignored(arena, resource, lifecycle, diags);
}

/* ---- old names ---- */

static const char *label_of(struct arena *arena, const struct resource *resource)
{
    return resource_label(arena, resource_kind(resource), resource->stream ? resource->stream->name : NULL,
                          resource_shown_name(resource));
}

static void refuse_name(const struct resource *resource, const char *why, const struct resource *other,
                        struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_conflict, resource->pos, "%s cannot be renamed from '%s': %s",
                                 label_of(&diags->arena, resource), resource->renamed_from, why);
    if (other && other != resource)
        diag_note(diags, diag, other->pos, "%s is here", label_of(&diags->arena, other));
}

void lifecycle_check_names(struct arena *arena, const struct manifest *manifest, struct diags *diags)
{
    const struct resources *lists[] = {&manifest->streams, &manifest->consumers};
    struct map olds;
    map_init(&olds, arena);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < lists[i]->count; j++) {
            struct resource *resource = lists[i]->items[j];
            if (!resource->renamed_from)
                continue;
            const char *stream = resource->stream ? resource->stream->name : NULL;
            const char *key =
                stream ? resource_key(arena, stream, resource->renamed_from) : resource->renamed_from;
            const struct resource *other =
                map_get(stream ? &manifest->consumers_by_key : &manifest->streams_by_name, key);
            const struct resource *twice = map_put(&olds, key, resource);
            if (resource->external)
                refuse_name(resource, "it is external", NULL, diags);
            else if (other)
                refuse_name(resource, other == resource ? "that is its name" : "the manifest has that, too",
                            other, diags);
            else if (twice)
                refuse_name(resource, "another one is renamed from it", twice, diags);
        }
}
