/* Steps of a plan; see step.h. */
#include "plan/step.h"

#include <string.h>

#include "kind/bucket.h"
#include "kind/kinds.h"

struct step *step_new(struct arena *arena, enum action action, struct resource *resource, struct object *live)
{
    struct step *step = ARENA_NEW(arena, struct step);
    step->action = action;
    step->table = resource->table;
    step->stream = resource->stream ? resource->stream->name : NULL;
    step->name = resource->name;
    step->label = resource_label(arena, resource_kind(resource), step->stream, resource_shown_name(resource));
    step->resource = resource;
    step->pos = resource->pos;
    step->wanted = action == ACTION_DELETE ? NULL : resource->config;
    step->live = live;
    return step;
}

struct step *step_of_live(struct arena *arena, enum action action, const struct live_object *live,
                          const struct target *target)
{
    struct step *step = ARENA_NEW(arena, struct step);
    struct live_object kept = live_keep(arena, live);
    const char *name = kept.name;
    step->action = action;
    step->table = kept.table;
    step->stream = kept.stream;
    step->name = kept.name;
    step->state = kept.state;
    step->live = live_decode(arena, &kept, target->now);
    if (step->table == &stream_table && bucket_of_stream(arena, step->live, target->version))
        step->bucket = bucket_kind_by_stream(kept.name, &name);
    step->label = resource_label(arena, step_kind(step), step->stream, name);
    return step;
}

struct step step_from(const struct step *step, struct object *live)
{
    return (struct step){
        .action = step->action,
        .table = step->table,
        .stream = step->stream,
        .name = step->name,
        .label = step->label,
        .resource = step->resource,
        .bucket = step->bucket,
        .pos = step->pos,
        .wanted = step->wanted,
        .live = live,
    };
}

struct live_object step_as_read(const struct step *step)
{
    return (struct live_object){.table = step->table,
                                .stream = step->stream,
                                .name = step->name,
                                .config = step->live->node,
                                .state = step->state};
}

/*
 * Streams come before consumers, and what goes before what comes in its place: by the order in which they were added.
 */
int step_compare(const void *left, const void *right)
{
    const struct step *a = *(struct step *const *)left;
    const struct step *b = *(struct step *const *)right;
    if (!a->stream != !b->stream)
        return a->stream ? 1 : -1;
    int order = a->stream ? strcmp(a->stream, b->stream) : 0;
    order = order ? order : strcmp(a->name, b->name);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

void plan_add(struct arena *arena, struct plan *plan, struct step *step)
{
    step->index = plan->steps.count;
    VEC_PUSH(arena, &plan->steps, step);
}

bool plan_is_empty(const struct plan *plan)
{
    return plan->steps.count == 0;
}

const char *action_name(enum action action)
{
    static const char *const names[] = {
        [ACTION_NONE] = "no-op",      [ACTION_CREATE] = "create", [ACTION_UPDATE] = "update",
        [ACTION_ADOPT] = "adopt",     [ACTION_FORGET] = "forget", [ACTION_DELETE] = "delete",
        [ACTION_REFUSED] = "refused",
    };
    return names[action];
}

/* ---- in the words of the manifest ---- */

/* An object that no manifest defines may be a bucket, too. */
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

struct change *step_change(const struct step *step, const struct field *field)
{
    for (size_t i = 0; i < step->changes.count; i++)
        if (step->changes.items[i].field == field)
            return &step->changes.items[i];
    return NULL;
}

struct change *step_change_by_id(const struct step *step, unsigned id)
{
    return step ? step_change(step, table_field_by_id(step->table, id)) : NULL;
}

bool step_wants_more(const struct step *consumer)
{
    return consumer->action == ACTION_CREATE || step_change_by_id(consumer, CONSUMER_FILTER_SUBJECT) ||
           step_change_by_id(consumer, CONSUMER_FILTER_SUBJECTS);
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
