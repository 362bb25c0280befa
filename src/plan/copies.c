/*
 * What copies do to messages; see copies.h.
 *
 * To a work queue without a consumer, a mirror or source is one: it takes all that is there, and with consumers what none
 * of them has in its filter. Measured on nats-server 2.9.10, 2.10.27 and 2.15.1, of 20 messages:
 *
 *   max_msgs: 1                        the queue kept none, the copy one; likewise by bytes and per subject
 *   max_age, interest without consumer the queue kept none, and soon the copy none
 *   max_msg_size                       2.9.10 and 2.10.27: both none; 2.15.1: the queue all
 *   discard: new                       2.15.1: the queue all that max_msgs and max_bytes stop; before, none
 *
 * A source is known by its name, its filter and its transforms, and one that is not known yet begins at the origin's first
 * message, unless it says where (2.10.27 and 2.15.1). 2.9.10 knows it by its name alone, and goes on.
 */
#include "plan/copies.h"

#include <string.h>

#include "base/exit.h"
#include "base/map.h"
#include "field/field.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "plan/step.h"

#define V_2_10 VERSION(2, 10, 0)
#define V_2_14 VERSION(2, 14, 0)

enum { SOON_S = 3600 }; /* what goes within this time, as risk.c has it */

static DIAG_CODE(
    code_copied_again, .name = "copied-again", CODE_ERROR(EXIT_REFUSED),
    .doc = "A source would be copied once more from its first message, and the stream holds messages of it.",
    .why =
        "A source with another filter, or of a stream under its new name, is another source to the server: what was "
        "copied is there twice.",
    .example = "sources: [{name: ORDERS, filter_subject: orders.eu}]",
    .remedy = "Say where it begins: opt_start_seq or opt_start_time. Later they may go again.");

/* Consumers of a queue that the manifest does not define. */
struct others {
    VEC(struct live_object) names;
    VEC(const struct object *) configs;
};

struct copies {
    struct arena *arena;
    const struct manifest *manifest;
    struct instant now;
    copies_find *find;
    void *context;
    struct map asked; /* names of queues, to struct others */
};

/* The subjects of a source, one after the other: of its filter, or of its transforms. NULL: no more. */
static const char *subject_of(const struct object *origin, size_t index)
{
    const struct value_list *transforms = object_list(origin, ORIGIN_TRANSFORMS);
    const char *subject = index < transforms->count
                              ? object_text(transforms->items[index].object, TRANSFORM_SRC)
                              : object_text(origin, ORIGIN_FILTER_SUBJECT);
    if (index >= transforms->count && index > 0)
        return NULL;
    return subject && *subject ? subject : ">";
}

static bool overlap(const struct object *a, const struct object *b)
{
    for (size_t i = 0; subject_of(a, i); i++)
        for (size_t j = 0; subject_of(b, j); j++)
            if (subjects_collide(subject_of(a, i), subject_of(b, j)))
                return true;
    return false;
}

static bool is_equal(const struct object *a, const struct object *b, unsigned id)
{
    return value_equal(table_field_by_id(a->table, id), object_value(a, id), object_value(b, id));
}

/* A single transform without a destination is a filter to the server. */
static bool is_filter(const struct object *origin)
{
    const struct value_list *transforms = object_list(origin, ORIGIN_TRANSFORMS);
    return !transforms->count ||
           (transforms->count == 1 && !object_has(transforms->items[0].object, TRANSFORM_DEST, NULL));
}

static bool is_same(const struct object *a, const struct object *b)
{
    bool filters = is_filter(a) && is_filter(b) && strcmp(subject_of(a, 0), subject_of(b, 0)) == 0;
    return filters || (is_equal(a, b, ORIGIN_FILTER_SUBJECT) && is_equal(a, b, ORIGIN_TRANSFORMS));
}

static bool is_of_same_stream(const struct object *a, const struct object *b)
{
    return is_equal(a, b, ORIGIN_NAME) && is_equal(a, b, ORIGIN_EXTERNAL);
}

/* ---- copied again ---- */

/* Is it the stream that is, or was, of the other's name? A stream keeps its messages when it is renamed. */
static bool is_of_renamed(const struct manifest *manifest, const struct object *origin,
                          const struct object *other)
{
    const struct resource *stream = map_get(&manifest->streams_by_name, object_text(origin, ORIGIN_NAME));
    return stream && stream->renamed_from && !object_has(origin, ORIGIN_EXTERNAL, NULL) &&
           !object_has(other, ORIGIN_EXTERNAL, NULL) &&
           strcmp(stream->renamed_from, object_text(other, ORIGIN_NAME)) == 0;
}

/* Why a source begins anew that the stream has copied from; NULL: it does not. */
static const char *why_again(const struct manifest *manifest, const struct object *origin,
                             const struct value_list *live)
{
    const char *why = NULL;
    if (object_has(origin, ORIGIN_START_SEQ, NULL) || object_has(origin, ORIGIN_START_TIME, NULL))
        return NULL;
    for (size_t i = 0; i < live->count; i++) {
        const struct object *other = live->items[i].object;
        if (is_of_same_stream(origin, other) && is_same(origin, other))
            return NULL;
        if (is_of_same_stream(origin, other) && overlap(origin, other))
            why = "with another filter";
        else if (is_of_renamed(manifest, origin, other) && overlap(origin, other))
            why = "under its new name";
    }
    return why;
}

static void refuse(struct step *step, const struct object *origin, const char *why, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_copied_again, origin->pos.source ? origin->pos : step->pos,
                 "%s would copy messages of stream %s a second time: %s, a source begins anew", step->label,
                 object_text(origin, ORIGIN_NAME), why);
    diag_hint(diags, diag, "'%s' or '%s' in it says where it begins",
              table_field_by_id(origin->table, ORIGIN_START_SEQ)->name,
              table_field_by_id(origin->table, ORIGIN_START_TIME)->name);
    step_refuse(diags, step, diag);
}

/*
 * 2.9.10 goes on trying to set up a source that fails. One that takes its place and works may be set up twice, and then copies everything
 * twice: in 2 of 10 tries; in 8 of 8 if the failing one is taken out right before, and in none of 8 if 2.5 s before.
 */
static bool is_set_up_twice(const struct object *origin, const struct value_list *before,
                            const struct node *live)
{
    bool fails = false;
    for (size_t i = 0; live && live->type == NODE_LIST && i < live->count; i++)
        fails |= strcmp(node_get_text(live->items[i], "name"), object_text(origin, ORIGIN_NAME)) == 0 &&
                 node_get(live->items[i], "error");
    for (size_t i = 0; i < before->count; i++)
        fails &=
            !(is_of_same_stream(origin, before->items[i].object) && is_same(origin, before->items[i].object));
    return fails;
}

static void refuse_second(struct step *step, const struct object *origin, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_copied_again, origin->pos.source ? origin->pos : step->pos,
                 "%s may copy stream %s twice: the source as it is fails, and the server, which goes on "
                 "trying, may set up the new one a second time",
                 step->label, object_text(origin, ORIGIN_NAME));
    diag_hint(diags, diag, "take the source out and apply, and some seconds later put it back");
    step_refuse(diags, step, diag);
}

void copies_refuse(const struct copies *copies, struct step *step, const struct target *target,
                   const struct live_object *live, struct diags *diags)
{
    const struct change *change = step->stream ? NULL : step_change_by_id(step, STREAM_SOURCES);
    if (!change || change->after->type != VALUE_LIST || change->before->type != VALUE_LIST)
        return;
    bool begins_anew = version_has(target->version, V_2_10);
    for (size_t i = 0; i < change->after->list->count; i++) {
        const struct object *origin = change->after->list->items[i].object;
        const char *why = begins_anew && live->state.messages
                              ? why_again(copies->manifest, origin, change->before->list)
                              : NULL;
        if (why)
            refuse(step, origin, why, diags);
        else if (!begins_anew && is_set_up_twice(origin, change->before->list, live->sources))
            refuse_second(step, origin, diags);
    }
}

/* ---- work queues and their consumers ---- */

struct copies *copies_new(struct arena *arena, const struct manifest *manifest, struct instant now,
                          copies_find *find, void *context)
{
    struct copies *copies = ARENA_NEW(arena, struct copies);
    *copies =
        (struct copies){.arena = arena, .manifest = manifest, .now = now, .find = find, .context = context};
    map_init(&copies->asked, arena);
    return copies;
}

typedef void origin_visit(void *context, const struct object *origin, const char *name);

static void visit_origins(const struct object *stream, origin_visit *visit, void *context)
{
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    for (size_t i = 0; i < sources->count + (mirror != NULL); i++) {
        const struct object *origin = i < sources->count ? sources->items[i].object : mirror;
        const char *name = object_text(origin, ORIGIN_NAME);
        if (name && !object_has(origin, ORIGIN_EXTERNAL, NULL))
            visit(context, origin, name);
    }
}

struct asking {
    struct copies *copies;
    struct live_questions *questions;
};

static void ask_consumers(void *context, const struct object *origin, const char *name)
{
    struct asking *asking = context;
    struct copies *copies = asking->copies;
    struct queue queue;
    (void)origin;
    if (map_get(&copies->asked, name) || !copies->find(copies->context, name, &queue) ||
        !queue.state->messages || !queue.state->consumers)
        return;
    map_put(&copies->asked, name, ARENA_NEW(copies->arena, struct others));
    VEC_PUSH(copies->arena, &asking->questions->consumers, name);
}

void copies_ask(struct copies *copies, const struct object *stream, struct live_questions *questions)
{
    visit_origins(stream, ask_consumers, &(struct asking){copies, questions});
}

void copies_see(struct copies *copies, const struct live_object *consumer)
{
    struct others *others = map_get(&copies->asked, consumer->stream);
    if (!others)
        return;
    struct live_object kept = live_keep(copies->arena, consumer);
    VEC_PUSH(copies->arena, &others->names, kept);
    VEC_PUSH(copies->arena, &others->configs, live_decode(copies->arena, &kept, copies->now));
}

/* ---- what consumers want ---- */

static bool wants(const struct object *consumer, const char *subject)
{
    const struct value *filters;
    size_t count = consumer_filters(consumer, &filters);
    bool found = count == 0;
    for (size_t i = 0; i < count; i++)
        found |= subject_is_subset(subject, filters[i].text);
    return found;
}

static bool manifest_wants(const struct copies *copies, const char *stream, const char *subject)
{
    const struct resources *consumers = &copies->manifest->consumers;
    bool found = false;
    for (size_t i = 0; i < consumers->count; i++)
        found |= strcmp(consumers->items[i]->stream->name, stream) == 0 &&
                 wants(consumers->items[i]->config, subject);
    return found;
}

static bool is_deleted(const struct plan *plan, const struct live_object *consumer)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        if (step->action == ACTION_DELETE && step->stream && strcmp(step->stream, consumer->stream) == 0 &&
            strcmp(step->name, consumer->name) == 0)
            return true;
    }
    return false;
}

static bool others_want(const struct copies *copies, const struct plan *plan, const char *stream,
                        const char *subject)
{
    const struct others *others = map_get(&copies->asked, stream);
    for (size_t i = 0; others && i < others->names.count; i++)
        if (wants(others->configs.items[i], subject) && !is_deleted(plan, &others->names.items[i]))
            return true;
    return false;
}

/* ---- what a copy does not keep ---- */

/* A copy, and a queue out of which it takes. */
struct draining {
    struct copies *copies;
    const struct plan *plan;
    struct step *step;
    const struct object *origin;
    const char *name;
    struct queue queue;
};

/* Does a consumer keep all that is of the subject? Of what the queue has no subject for, it has no messages. */
static bool is_wanted(const struct draining *draining, const char *subject)
{
    const struct value_list *subjects = object_list(draining->queue.config, STREAM_SUBJECTS);
    bool all = true;
    for (size_t i = 0; i < subjects->count || i == 0; i++) {
        const char *own = subjects->count ? subjects->items[i].text : subject;
        const char *both = subject_is_subset(own, subject) ? own : subject;
        if (subjects_collide(own, subject))
            all &= manifest_wants(draining->copies, draining->name, both) ||
                   others_want(draining->copies, draining->plan, draining->name, both);
    }
    return all;
}

static bool takes_any(const struct draining *draining)
{
    for (size_t i = 0; subject_of(draining->origin, i); i++)
        if (!is_wanted(draining, subject_of(draining->origin, i)))
            return true;
    return false;
}

static bool is_stopped(const struct draining *draining)
{
    return object_has(draining->step->wanted, STREAM_DISCARD, CHOICE_NEW) &&
           version_has(draining->plan->target.version, V_2_14);
}

/* 0: there is none. */
static uint64_t limit_of(const struct object *stream, unsigned id)
{
    const struct value *limit = object_value(stream, id);
    bool counts = value_is_on(table_field_by_id(stream->table, id), limit) && limit->type == VALUE_INT;
    return counts ? (uint64_t)limit->integer : 0;
}

static uint64_t beyond_messages(const struct draining *draining)
{
    uint64_t limit = limit_of(draining->step->wanted, STREAM_MAX_MSGS);
    uint64_t there = draining->step->state.messages + draining->queue.state->messages;
    return limit && there > limit && !is_stopped(draining) ? there - limit : 0;
}

/* How many messages these bytes are is not known. */
static uint64_t beyond_bytes(const struct draining *draining)
{
    uint64_t limit = limit_of(draining->step->wanted, STREAM_MAX_BYTES);
    uint64_t there = draining->step->state.bytes + draining->queue.state->bytes;
    return limit && there > limit && !is_stopped(draining) ? draining->queue.state->messages : 0;
}

/* Each other subject has at least one message; the rest may all be of one. Transforms may make one of all. */
static uint64_t beyond_subjects(const struct draining *draining)
{
    const struct stream_state *state = draining->queue.state;
    uint64_t limit = limit_of(draining->step->wanted, STREAM_MAX_MSGS_PER_SUBJECT);
    bool plain = is_filter(draining->origin) && state->subjects > 0;
    uint64_t most = state->messages + draining->step->state.messages - (plain ? state->subjects - 1 : 0);
    bool stops = is_stopped(draining) && object_flag(draining->step->wanted, STREAM_DISCARD_NEW_PER_SUBJECT);
    return limit && most > limit && !stops ? most - limit : 0;
}

/* A mirror keeps the time of its messages, and a source makes them new. */
static uint64_t goes_by_age(const struct draining *draining)
{
    const struct stream_state *state = draining->queue.state;
    uint64_t limit = limit_of(draining->step->wanted, STREAM_MAX_AGE);
    uint64_t own = limit_of(draining->queue.config, STREAM_MAX_AGE);
    int64_t now = state->now.seconds ? state->now.seconds : draining->plan->target.now.seconds;
    bool mirrors = object_object(draining->step->wanted, STREAM_MIRROR) != NULL;
    int64_t age = mirrors ? now - state->first.seconds + 1 : 0; /* rounded up */
    bool sooner = limit && (!own || limit < own);
    return sooner && age + SOON_S > (int64_t)(limit / SECOND) ? state->messages : 0;
}

/*
 * An interest stream drops what nobody waits for. Up to 2.9 a new mirror is there before its consumers: hold.c cannot hold
 * it back.
 */
static uint64_t goes_unwanted(const struct draining *draining)
{
    const struct object *copy = draining->step->wanted;
    bool early = !draining->step->live && object_object(copy, STREAM_MIRROR) &&
                 !version_has(draining->plan->target.version, V_2_10);
    bool wanted = !early;
    if (!object_has(copy, STREAM_RETENTION, CHOICE_INTEREST))
        return 0;
    for (size_t i = 0; wanted && subject_of(draining->origin, i); i++)
        wanted = manifest_wants(draining->copies, draining->step->name,
                                is_filter(draining->origin) ? subject_of(draining->origin, i) : ">");
    return wanted ? 0 : draining->queue.state->messages;
}

/* No message is larger than all of them. */
static uint64_t is_too_large(const struct draining *draining)
{
    uint64_t limit = limit_of(draining->step->wanted, STREAM_MAX_MSG_SIZE);
    uint64_t own = limit_of(draining->queue.config, STREAM_MAX_MSG_SIZE);
    bool can_be = limit && (!own || own > limit) && draining->queue.state->bytes > limit;
    return can_be && !version_has(draining->plan->target.version, V_2_14) ? draining->queue.state->messages
                                                                          : 0;
}

static const struct {
    unsigned id;
    uint64_t (*not_kept)(const struct draining *draining);
} limits[] = {
    {STREAM_MAX_MSGS, beyond_messages},
    {STREAM_MAX_BYTES, beyond_bytes},
    {STREAM_MAX_MSGS_PER_SUBJECT, beyond_subjects},
    {STREAM_MAX_AGE, goes_by_age},
    {STREAM_RETENTION, goes_unwanted},
    {STREAM_MAX_MSG_SIZE, is_too_large},
};

static void add_loss(struct arena *arena, struct step *step, uint64_t messages, const char *why)
{
    step->loss.why = step->loss.why ? arena_printf(arena, "%s, %s", step->loss.why, why) : why;
    step->loss.any = true;
    step->loss.exact = false;
    step->loss.messages += messages;
    step->loss.bytes = 0;
}

/* Was the source there before? What it takes is under way already. */
static bool is_known(const struct draining *draining)
{
    const struct object *live = draining->step->live;
    const struct value_list *sources = live ? object_list(live, STREAM_SOURCES) : NULL;
    bool by_name = !version_has(draining->plan->target.version, V_2_10);
    if (live && object_object(live, STREAM_MIRROR)) /* it can not change */
        return true;
    for (size_t i = 0; sources && i < sources->count; i++)
        if (is_of_same_stream(draining->origin, sources->items[i].object) &&
            (by_name || is_same(draining->origin, sources->items[i].object)))
            return true;
    return false;
}

static void drain(void *context, const struct object *origin, const char *name)
{
    struct draining draining = *(const struct draining *)context;
    struct copies *copies = draining.copies;
    const char *by = NULL;
    uint64_t messages = 0;
    draining.origin = origin;
    draining.name = name;
    if (!copies->find(copies->context, name, &draining.queue) || !draining.queue.state->messages ||
        is_known(&draining) || !takes_any(&draining))
        return;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        uint64_t more = limits[i].not_kept(&draining);
        if (more && !by)
            by = table_field_by_id(&stream_table, limits[i].id)->name;
        messages += more;
    }
    if (messages > draining.queue.state->messages)
        messages = draining.queue.state->messages;
    if (by)
        VEC_PUSH(copies->arena, &draining.step->drains, name);
    if (by)
        add_loss(copies->arena, draining.step, messages,
                 arena_printf(copies->arena,
                              "it takes out of work queue '%s' what no consumer there wants, and its "
                              "'%s' does not keep all of that",
                              name, by));
}

void copies_drain(struct copies *copies, const struct plan *plan, struct step *step)
{
    visit_origins(step->wanted, drain, &(struct draining){.copies = copies, .plan = plan, .step = step});
}
