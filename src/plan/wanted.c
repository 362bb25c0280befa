/* What consumers wait for; see wanted.h. */
#include "plan/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "field/subject.h"
#include "kind/kinds.h"
#include "plan/step.h"

/* A consumer that stays, as it will be. */
struct claim {
    const char *name;
    const struct object *after;
    uint64_t messages; /* that it waits for, at least */
};

struct claims {
    struct arena *arena;
    const struct holdings *holdings;
    VEC(struct claim) list;
};

/* ---- subjects ---- */

/* Without a filter a consumer wants everything. */
static bool matches(const struct object *consumer, const char *subject)
{
    const struct value_list *filters = object_list(consumer, CONSUMER_FILTER_SUBJECTS);
    const char *filter = object_text(consumer, CONSUMER_FILTER_SUBJECT);
    bool found = filters->count == 0 && (!filter || !*filter || subjects_collide(filter, subject));
    for (size_t i = 0; i < filters->count && !found; i++)
        found = subjects_collide(filters->items[i].text, subject);
    return found;
}

/* May there be a message that both want? */
static bool overlap(const struct object *a, const struct object *b)
{
    const struct value_list *filters = object_list(a, CONSUMER_FILTER_SUBJECTS);
    const char *filter = object_text(a, CONSUMER_FILTER_SUBJECT);
    bool found = filters->count == 0 && matches(b, filter && *filter ? filter : ">");
    for (size_t i = 0; i < filters->count && !found; i++)
        found = matches(b, filters->items[i].text);
    return found;
}

/* Messages on subjects that `with` wants and `without` does not; NULL wants none. 0 if that is not known. */
static uint64_t count(const struct holdings *holdings, const struct object *with,
                      const struct object *without)
{
    uint64_t messages = 0;
    for (size_t i = 0; i < holdings->subjects.count; i++) {
        const struct held_subject *held = &holdings->subjects.items[i];
        if (matches(with, held->subject) && !(without && matches(without, held->subject)))
            messages += held->messages;
    }
    return messages;
}

/* ---- consumers ---- */

/* A consumer that nobody uses may go soon, and what only it waited for goes with it. */
static bool stays(const struct object *consumer)
{
    uint64_t threshold = (uint64_t)object_integer(consumer, CONSUMER_INACTIVE_THRESHOLD);
    return object_has(consumer, CONSUMER_DURABLE_NAME, NULL) &&
           (threshold == 0 || threshold / SECOND >= SOON_S);
}

static const struct step *step_of(const struct step *const *steps, const char *consumer)
{
    while (*steps && strcmp((*steps)->name, consumer) != 0)
        steps++;
    return *steps;
}

static void add_live(struct claims *claims, const struct step *const *steps,
                     const struct live_object *consumer)
{
    const struct object *before = live_decode(claims->arena, consumer, (struct instant){0});
    const struct step *step = step_of(steps, consumer->name);
    struct claim claim = {.name = consumer->name, .after = step ? step->wanted : before};
    bool refilters = step && step->live && step_wants_more(step);
    if (!claim.after || !stays(claim.after))
        return;
    claim.messages = consumer->state.pending + consumer->state.unacked;
    if (refilters) {
        /* What only the old filters match goes; nothing else that it waits for. */
        uint64_t left = count(claims->holdings, before, claim.after);
        bool known = claims->holdings->subjects_known && claim.messages > left;
        claim.messages = known ? claim.messages - left : 0;
    }
    VEC_PUSH(claims->arena, &claims->list, claim);
}

/* A new consumer is there before the stream keeps only what is wanted; one that is pulled from waits for all from the start. */
static void add_new(struct claims *claims, const struct step *step)
{
    struct claim claim = {.name = step->name, .after = step->wanted};
    for (size_t i = 0; i < claims->list.count; i++)
        if (strcmp(claims->list.items[i].name, step->name) == 0)
            return; /* it has been made */
    if (!stays(step->wanted))
        return;
    if (object_has(step->wanted, CONSUMER_DELIVER_POLICY, CHOICE_ALL) &&
        !object_has(step->wanted, CONSUMER_DELIVER_SUBJECT, NULL))
        claim.messages = count(claims->holdings, step->wanted, NULL);
    VEC_PUSH(claims->arena, &claims->list, claim);
}

static int most_first(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    return a->messages == b->messages ? strcmp(a->name, b->name) : a->messages < b->messages ? 1 : -1;
}

/* Claims of which no two can be of the same message add up. */
static uint64_t sum_apart(struct claims *claims)
{
    VEC(const struct claim *) counted = {0};
    uint64_t sum = 0;
    if (claims->list.count)
        qsort(claims->list.items, claims->list.count, sizeof(*claims->list.items), most_first);
    for (size_t i = 0; i < claims->list.count; i++) {
        const struct claim *claim = &claims->list.items[i];
        bool apart = claim->messages > 0;
        for (size_t j = 0; j < counted.count && apart; j++)
            apart = !overlap(claim->after, counted.items[j]->after);
        if (!apart)
            continue;
        sum += claim->messages;
        VEC_PUSH(claims->arena, &counted, claim);
    }
    return sum;
}

static uint64_t count_nobodys(const struct claims *claims)
{
    const struct holdings *holdings = claims->holdings;
    uint64_t messages = 0;
    for (size_t i = 0; i < holdings->subjects.count; i++) {
        bool any = false;
        for (size_t j = 0; j < claims->list.count && !any; j++)
            any = matches(claims->list.items[j].after, holdings->subjects.items[i].subject);
        messages += any ? 0 : holdings->subjects.items[i].messages;
    }
    return messages;
}

/* The plan's steps of the stream's consumers, with NULL at the end. */
static const struct step **steps_of(struct arena *arena, const struct plan *plan, const char *stream)
{
    VEC(const struct step *) steps = {0};
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        if (step->stream && strcmp(step->stream, stream) == 0 && step->action != ACTION_FORGET)
            VEC_PUSH(arena, &steps, step);
    }
    VEC_PUSH(arena, &steps, NULL);
    return steps.items;
}

struct wanted wanted_of(struct arena *arena, const struct plan *plan, const struct holdings *holdings)
{
    struct claims claims = {.arena = arena, .holdings = holdings};
    const struct step **steps = steps_of(arena, plan, holdings->stream);
    for (size_t i = 0; i < holdings->consumers.count; i++)
        add_live(&claims, steps, &holdings->consumers.items[i]);
    for (size_t i = 0; steps[i]; i++)
        if (steps[i]->action == ACTION_CREATE)
            add_new(&claims, steps[i]);
    uint64_t nobodys = count_nobodys(&claims);
    return (struct wanted){.least = sum_apart(&claims), .nobodys = nobodys};
}

/* ---- what is passed by ---- */

struct skipped skipped_of(struct arena *arena, const struct step *step)
{
    const struct holdings *holdings = step->holdings;
    const struct live_object *consumer = NULL;
    for (size_t i = 0; i < holdings->consumers.count; i++)
        if (strcmp(holdings->consumers.items[i].name, step->name) == 0)
            consumer = &holdings->consumers.items[i];
    if (!consumer || !consumer->state.last)
        return (struct skipped){0}; /* it begins with what the new filters match */
    const struct object *before = live_decode(arena, consumer, (struct instant){0});
    uint64_t messages =
        holdings->subjects_known ? count(holdings, step->wanted, before) : holdings->state.messages;
    /* One that did not begin with the first message would not have had all of it anyway. */
    bool exact = holdings->subjects_known && consumer->state.last == holdings->state.last &&
                 object_has(before, CONSUMER_DELIVER_POLICY, CHOICE_ALL);
    return (struct skipped){.messages = messages, .exact = exact};
}
