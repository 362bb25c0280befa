/* Steps in the words of the manifest; see bucket_words.h. */
#include "plan/bucket_words.h"

#include "kind/bucket.h"
#include "kind/kinds.h"

static const struct bucket_kind *bucket_of(const struct step *step)
{
    return step->resource ? step->resource->bucket : step->bucket;
}

const struct table *step_kind(const struct step *step)
{
    const struct bucket_kind *bucket = bucket_of(step);
    return bucket ? bucket->table : step->table;
}

const char *step_shown_name(const struct step *step)
{
    const char *name = step->name;
    if (step->resource)
        return resource_shown_name(step->resource);
    if (step->bucket)
        bucket_kind_by_stream(step->name, &name);
    return name;
}

const struct object *step_shown(struct arena *arena, const struct step *step, const struct object *config)
{
    const struct bucket_kind *bucket = bucket_of(step);
    return bucket && config ? bucket_collapse(arena, bucket, config) : config;
}

void step_show_changes(struct arena *arena, struct step *step)
{
    const struct bucket_kind *bucket = bucket_of(step);
    const struct object *before = step->changes.count ? step_shown(arena, step, step->live) : NULL;
    const struct object *after = step->changes.count ? step_shown(arena, step, step->wanted) : NULL;
    for (size_t i = 0; i < step->changes.count; i++) {
        struct change *change = &step->changes.items[i];
        const struct field *field = bucket_shown_field(bucket, change->field);
        bool own = field != change->field;
        change->shown = (struct shown){
            .field = field,
            .before = own ? object_value_of(before, field) : change->before,
            .after = own ? object_value_of(after, field) : change->after,
        };
    }
}

void step_recognise(struct arena *arena, struct step *step, uint32_t version)
{
    const char *name = step->name;
    if (step->table == &stream_table && step->live && bucket_of_stream(arena, step->live, version))
        step->bucket = bucket_kind_by_stream(step->name, &name);
    step->label = resource_label(arena, step_kind(step), step->stream, name);
}
