/*
 * What a copy takes out of a work queue; see drain.h. To a work queue without a consumer, a mirror or source is one: it
 * takes all that is there. Measured on nats-server 2.9.10, 2.10.27 and 2.15.1: of 20 messages, a mirror with `max_msgs: 1` left
 * none behind and kept one. With `discard: new` it takes no more than it keeps on 2.15.1, and all before. Where the queue has
 * a consumer of its own, it keeps them.
 */
#include "plan/drain.h"

#include <string.h>

#include "kind/kinds.h"

#define V_2_14 VERSION(2, 14, 0)

/* Was the origin there before? What it takes is under way already. */
static bool is_new(const struct step *step, const char *name)
{
    const struct value_list *sources = step->live ? object_list(step->live, STREAM_SOURCES) : NULL;
    const struct object *mirror = step->live ? object_object(step->live, STREAM_MIRROR) : NULL;
    if (mirror && strcmp(object_text(mirror, ORIGIN_NAME), name) == 0)
        return false;
    for (size_t i = 0; sources && i < sources->count; i++)
        if (strcmp(object_text(sources->items[i].object, ORIGIN_NAME), name) == 0)
            return false;
    return true;
}

/* How many of so many the copy cannot keep by this limit. */
static uint64_t beyond(const struct step *step, unsigned id, uint64_t there)
{
    const struct field *field = table_field_by_id(step->table, id);
    const struct value *limit = object_value(step->wanted, id);
    bool counts = value_is_on(field, limit) && limit->type == VALUE_INT;
    return counts && there > (uint64_t)limit->integer ? there - (uint64_t)limit->integer : 0;
}

static void add(struct arena *arena, struct step *step, const char *name, const struct stream_state *queue)
{
    uint64_t messages = beyond(step, STREAM_MAX_MSGS, step->state.messages + queue->messages);
    if (beyond(step, STREAM_MAX_BYTES, step->state.bytes + queue->bytes))
        messages = queue->messages;
    if (messages > queue->messages)
        messages = queue->messages;
    if (!messages)
        return;
    const char *why = arena_printf(
        arena, "it takes all out of work queue '%s', which has no consumer, and cannot keep them", name);
    step->loss.why = step->loss.why ? arena_printf(arena, "%s, %s", step->loss.why, why) : why;
    step->loss.any = true;
    step->loss.exact = false;
    step->loss.messages += messages;
    step->loss.bytes = 0;
}

static void assess(struct arena *arena, struct step *step, const struct object *origin, drain_find *find,
                   void *context)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    bool elsewhere = object_has(origin, ORIGIN_EXTERNAL, NULL);
    const struct stream_state *queue = name && !elsewhere ? find(context, name) : NULL;
    if (queue && queue->messages && !queue->consumers && is_new(step, name))
        add(arena, step, name, queue);
}

void drain_assess(struct arena *arena, struct step *step, const struct target *target, drain_find *find,
                  void *context)
{
    const char *discard = object_text(step->wanted, STREAM_DISCARD);
    const struct value_list *sources = object_list(step->wanted, STREAM_SOURCES);
    const struct object *mirror = object_object(step->wanted, STREAM_MIRROR);
    if (discard && strcmp(discard, CHOICE_NEW) == 0 && version_has(target->version, V_2_14))
        return;
    if (mirror)
        assess(arena, step, mirror, find, context);
    for (size_t i = 0; i < sources->count; i++)
        assess(arena, step, sources->items[i].object, find, context);
}
