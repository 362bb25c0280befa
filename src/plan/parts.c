/* Steps that one request cannot do; see parts.h. */
#include "plan/parts.h"

#include <string.h>

#include "base/map.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "plan/step.h"

/*
 * ---- held back ----
 * Interest streams that get their messages after their consumers. Measured on nats-server 2.9.10, 2.10.27 and
 * 2.15.1: also a message that is dropped leaves its Nats-Msg-Id behind, so that a second try is taken for a duplicate.
 * With no_ack, a max_msg_size of 1 keeps all of those out, as an id is longer than that.
 */

/* The rows that may be late. */
static const unsigned captures[] = {STREAM_SUBJECTS, STREAM_SOURCES, STREAM_RETENTION};

static bool is_written(const struct step *step)
{
    return step->action == ACTION_CREATE || step->action == ACTION_UPDATE || step->action == ACTION_ADOPT ||
           step->action == ACTION_MIGRATE;
}

static bool is_interest(const struct object *stream)
{
    return object_has(stream, STREAM_RETENTION, CHOICE_INTEREST);
}

/* Does the stream capture all that the subject or filter stands for? */
static bool covers(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subject_is_subset(subject, subjects->items[i].text))
            return true;
    return false;
}

/* As after an apply that was cut off while it held all of it. */
static bool acknowledges_more(const struct step *step)
{
    return step->live && step_change_by_id(step, STREAM_NO_ACK) && !object_flag(step->wanted, STREAM_NO_ACK);
}

/* Does the stream get messages that it did not get before? */
static bool captures_more(const struct step *step)
{
    const struct value_list *subjects = object_list(step->wanted, STREAM_SUBJECTS);
    if (!step->live || !is_interest(step->live))
        return true;
    for (size_t i = 0; step_change_by_id(step, STREAM_SUBJECTS) && i < subjects->count; i++)
        if (!covers(step->live, subjects->items[i].text))
            return true;
    return step_change_by_id(step, STREAM_SOURCES) || acknowledges_more(step);
}

/* ---- the first part's configuration ---- */

static bool may_set(const struct step *step, unsigned id)
{
    const struct table *table = step->table;
    return !step->resource->ignored || !step->resource->ignored[table_field_by_id(table, id) - table->fields];
}

static void add_subject(struct arena *arena, struct object *stream, const char *subject)
{
    struct value *subjects = object_value(stream, STREAM_SUBJECTS);
    if (!covers(stream, subject))
        value_list_add(arena, subjects->list, (struct value){.type = VALUE_TEXT, .text = subject});
}

/* Adds the subjects of one side that the other side has too, maybe in other words. */
static void add_shared(struct arena *arena, const struct object *one, const struct object *other,
                       struct object *first)
{
    const struct value_list *subjects = object_list(one, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (covers(other, subjects->items[i].text))
            add_subject(arena, first, subjects->items[i].text);
}

/* What stays; if nothing does, a subject that nobody publishes to, because without any the server takes the name. */
static void hold_subjects(struct arena *arena, const struct step *step, struct object *first)
{
    struct value *subjects = object_value(first, STREAM_SUBJECTS);
    *subjects =
        (struct value){.type = VALUE_LIST, .given = true, .list = ARENA_NEW(arena, struct value_list)};
    *object_value(first, STREAM_SOURCES) =
        step->live ? *object_value(step->live, STREAM_SOURCES) : (struct value){0};
    if (step->live) {
        add_shared(arena, step->live, step->wanted, first);
        add_shared(arena, step->wanted, step->live, first);
    }
    bool only_sources = step->live && object_list(step->live, STREAM_SUBJECTS)->count == 0;
    if (subjects->list->count == 0 && !only_sources)
        add_subject(arena, first, arena_printf(arena, "natsform.held.%s", step->name));
}

/* Its default is another one beside sources, from 2.14 on. */
static void derive_window(struct arena *arena, uint32_t version, struct object *first)
{
    const struct field *field = table_field_by_id(first->table, STREAM_DUPLICATE_WINDOW);
    const struct surroundings around = {.version = version};
    struct value *window = object_value_of(first, field);
    if (window->given)
        return;
    *window = (struct value){0};
    field->derive(arena, first, &around, window);
}

static void hold_retention(const struct step *step, struct object *first)
{
    struct value *retention = object_value(first, STREAM_RETENTION);
    if (step->live)
        *retention = *object_value(step->live, STREAM_RETENTION);
    else
        *retention = (struct value){.type = VALUE_TEXT, .text = CHOICE_LIMITS, .given = true};
}

static void hold_all(struct object *first)
{
    *object_value(first, STREAM_NO_ACK) = (struct value){.type = VALUE_BOOL, .boolean = true, .given = true};
    *object_value(first, STREAM_MAX_MSG_SIZE) =
        (struct value){.type = VALUE_INT, .integer = 1, .given = true};
}

/* Before 2.10, filters of consumers and what is republished have to match the stream's subjects, here of the first part. */
static bool takes_filters(const struct step *step, const struct object *first, uint32_t version)
{
    if (version_has(version, VERSION(2, 10, 0)))
        return true;
    if (object_has(first, STREAM_REPUBLISH, NULL))
        return false;
    for (size_t i = 0; i < step->awaits.count; i++) {
        const char *filter = object_text(step->awaits.items[i]->wanted, CONSUMER_FILTER_SUBJECT);
        if (filter && *filter && !covers(first, filter))
            return false;
    }
    return true;
}

static struct object *held(struct arena *arena, const struct step *step, uint32_t version)
{
    struct object *first = object_copy(arena, step->wanted);
    bool stored = step->live ? !is_interest(step->live) : object_object(step->wanted, STREAM_MIRROR) != NULL;
    if (stored && (!version_has(version, VERSION(2, 10, 0)) || !may_set(step, STREAM_RETENTION)))
        return NULL; /* retention can not change */
    if (stored) {
        hold_retention(step, first);
        return first;
    }
    hold_subjects(arena, step, first);
    derive_window(arena, version, first);
    bool by_subjects = may_set(step, STREAM_SUBJECTS) && may_set(step, STREAM_SOURCES) &&
                       takes_filters(step, first, version) && !acknowledges_more(step);
    if (by_subjects)
        return first;
    if (!may_set(step, STREAM_NO_ACK) || !may_set(step, STREAM_MAX_MSG_SIZE))
        return NULL;
    first = object_copy(arena, step->wanted);
    hold_all(first);
    return first;
}

/* ---- the two parts ---- */

static void show_late(struct arena *arena, struct step *step, const struct object *first)
{
    step->late = ARENA_ARRAY(arena, bool, step->table->count);
    bool all = object_has(first, STREAM_NO_ACK, NULL) && !object_has(step->wanted, STREAM_NO_ACK, NULL);
    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
        const struct field *field = table_field_by_id(step->table, captures[i]);
        const struct value *wanted = object_value_of(step->wanted, field);
        bool differs = !value_equal(field, wanted, object_value_of(first, field));
        step->late[field - step->table->fields] = differs || (all && field->id == STREAM_SUBJECTS);
    }
}

/* `wanted`: of the first part. */
static void divide(struct arena *arena, struct plan *plan, struct step *step, struct object *wanted)
{
    struct step *first = ARENA_NEW(arena, struct step);
    *first = step_from(step, step->live);
    first->wanted = wanted;
    first->whole = step;
    first->state = step->state;
    first->loss = step->loss;
    first->holdings = step->holdings;
    if (step->live && compare_objects(arena, first, &plan->target) == 0)
        return; /* there is nothing else to do */
    step->first = first;
    first->index = plan->steps.count + plan->firsts.count;
    VEC_PUSH(arena, &plan->firsts, first);
}

static void hold(struct arena *arena, struct plan *plan, struct step *step)
{
    struct object *first = held(arena, step, plan->target.version);
    if (!first) {
        step->awaits.count = 0;
        return;
    }
    show_late(arena, step, first);
    divide(arena, plan, step, first);
}

static void hold_streams(struct arena *arena, struct plan *plan)
{
    struct map streams;
    map_init(&streams, arena);
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (!step->stream && is_written(step) && is_interest(step->wanted) &&
            !object_flag(step->wanted, STREAM_SEALED) && captures_more(step))
            map_put(&streams, step->name, step);
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        struct step *stream = step->stream ? map_get(&streams, step->stream) : NULL;
        if (stream && is_written(step) && step_wants_more(step))
            VEC_PUSH(arena, &stream->awaits, step);
    }
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i]->awaits.count && !plan->steps.items[i]->first)
            hold(arena, plan, plan->steps.items[i]);
}

/*
 * ---- moved and scaled ----
 * No server does both in one update (10123). More copies are made at the new place, and fewer are left at the old one: each of the two
 * updates finds as many nodes as the stream will have in the end, or has now. A consumer has fewer copies before the stream moves:
 * 2.9.10 crashes when a stream moves that has fewer than one of its consumers.
 */

static void await_fewer(struct arena *arena, const struct plan *plan, struct step *stream)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->stream && is_written(step) && strcmp(step->stream, stream->name) == 0 &&
            step_change_by_id(step, CONSUMER_NUM_REPLICAS))
            VEC_PUSH(arena, &stream->awaits, step);
    }
}

static void divide_moves(struct arena *arena, struct plan *plan)
{
    for (size_t i = 0; plan->target.clustered && i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->stream || step->first || !step->live || !is_written(step) ||
            !step_change_by_id(step, STREAM_NUM_REPLICAS) || !step_change_by_id(step, STREAM_PLACEMENT))
            continue;
        bool grows = object_integer(step->wanted, STREAM_NUM_REPLICAS) >
                     object_integer(step->live, STREAM_NUM_REPLICAS);
        const struct field *later =
            table_field_by_id(step->table, grows ? STREAM_NUM_REPLICAS : STREAM_PLACEMENT);
        struct object *first = object_copy(arena, step->wanted);
        *object_value_of(first, later) = *object_value_of(step->live, later);
        step->late = ARENA_ARRAY(arena, bool, step->table->count);
        step->late[later - step->table->fields] = step->moves = true;
        if (!grows)
            await_fewer(arena, plan, step);
        divide(arena, plan, step, first);
    }
}

void parts_divide(struct arena *arena, struct plan *plan)
{
    hold_streams(arena, plan);
    divide_moves(arena, plan);
}
