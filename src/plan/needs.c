/* Dependencies between steps; see needs.h. */
#include "plan/needs.h"

#include <string.h>

#include "base/map.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "kind/names.h"
#include "plan/limits.h"

struct needs {
    struct arena *arena;
    struct plan *plan;
    struct map streams;   /* name to struct step */
    struct map consumers; /* resource_key() to struct step */
};

static void add_need(const struct needs *needs, struct step *step, struct step *on, bool hard)
{
    if (on && on != step)
        VEC_PUSH(needs->arena, &step->needs, ((struct dependency){.on = on, .hard = hard}));
}

static void need_origin(const struct needs *needs, struct step *step, const struct object *origin)
{
    const char *stream = object_text(origin, ORIGIN_NAME);
    const struct object *delivery = object_object(origin, ORIGIN_CONSUMER);
    const char *consumer = delivery ? object_text(delivery, DELIVERY_NAME) : NULL;
    if (!stream || object_has(origin, ORIGIN_EXTERNAL, NULL))
        return;
    struct step *on = map_get(&needs->streams, stream);
    bool goes = on && on->action == ACTION_DELETE;
    if (goes && step->action == ACTION_DELETE) /* copies go before what they are copies of */
        add_need(needs, on, step, false);
    if (goes || step->action == ACTION_DELETE)
        return;
    add_need(needs, step, on, false);
    if (consumer)
        add_need(needs, step, map_get(&needs->consumers, resource_key(needs->arena, stream, consumer)),
                 false);
}

static void need_origins(const struct needs *needs, struct step *step)
{
    const struct object *stream = step->wanted ? step->wanted : step->live;
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    if (mirror)
        need_origin(needs, step, mirror);
    for (size_t i = 0; i < sources->count; i++)
        need_origin(needs, step, sources->items[i].object);
}

/* ---- subjects that move from one stream to another ---- */

static bool claims(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            return true;
    return false;
}

static bool still_holds(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (strcmp(subjects->items[i].text, subject) == 0)
            return true;
    return false;
}

static void need_released(const struct needs *needs, struct step *holder, const char *subject)
{
    for (size_t i = 0; i < needs->plan->steps.count; i++) {
        struct step *step = needs->plan->steps.items[i];
        if (!step->stream && step->wanted && step != holder && claims(step->wanted, subject))
            add_need(needs, step, holder, true);
    }
}

static void release_subjects(const struct needs *needs, struct step *holder)
{
    if (!holder->live)
        return;
    const struct value_list *before = object_list(holder->live, STREAM_SUBJECTS);
    for (size_t i = 0; i < before->count; i++)
        if (!holder->wanted || !still_holds(holder->wanted, before->items[i].text))
            need_released(needs, holder, before->items[i].text);
}

/* ---- consumers and their stream ---- */

static bool changes_field(const struct step *step, unsigned id)
{
    for (size_t i = 0; i < step->changes.count; i++)
        if (step->changes.items[i].field->id == id)
            return true;
    return false;
}

/* A stream whose limits go down waits for the consumers that go down with them. */
static bool goes_first(const struct needs *needs, const struct step *consumer, const struct step *stream)
{
    struct limits_change change = {stream->live, stream->wanted, consumer->live, consumer->wanted};
    return consumer->live && stream->live && stream->wanted &&
           changes_field(stream, STREAM_CONSUMER_LIMITS) &&
           limits_order_of(&change, needs->plan->target.version, NULL) == LIMITS_CONSUMER_FIRST;
}

/* A consumer that goes: its stream's new limits may wait for that, and other consumers of a work queue do. */
static void need_deleted(const struct needs *needs, struct step *stream, struct step *deleted)
{
    if (stream && stream->wanted && changes_field(stream, STREAM_CONSUMER_LIMITS))
        add_need(needs, stream, deleted, true);
    for (size_t i = 0; deleted->makes_room && i < needs->plan->steps.count; i++) {
        struct step *step = needs->plan->steps.items[i];
        if (step->stream && step->wanted && strcmp(step->stream, deleted->stream) == 0)
            add_need(needs, step, deleted, true);
    }
}

static void need_stream(const struct needs *needs, struct step *consumer)
{
    struct step *stream = map_get(&needs->streams, consumer->stream);
    if (!consumer->wanted) {
        need_deleted(needs, stream, consumer);
        return;
    }
    if (!stream)
        return;
    if (goes_first(needs, consumer, stream))
        add_need(needs, stream, consumer, true);
    else
        add_need(needs, consumer, stream, true);
}

void find_needs(struct arena *arena, struct plan *plan)
{
    struct needs needs = {.arena = arena, .plan = plan};
    map_init(&needs.streams, arena);
    map_init(&needs.consumers, arena);
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->stream)
            map_put(&needs.consumers, resource_key(arena, step->stream, step->name), step);
        else
            map_put(&needs.streams, step->name, step);
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->stream) {
            need_stream(&needs, step);
        } else {
            need_origins(&needs, step);
            release_subjects(&needs, step);
        }
    }
}
