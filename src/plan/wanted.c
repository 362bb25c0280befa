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
    const struct object *before; /* its filters count, too; NULL: only those of `after` */
    bool begins;                 /* it has delivered nothing yet, and begins with the first message */
    uint64_t last;     /* the last message that it has delivered; 0: nothing is known to lie behind it */
    uint64_t messages; /* that it waits for, at least */
};

struct claims {
    struct arena *arena;
    uint32_t version;
    const struct holdings *holdings;
    bool moves; /* the plan changes what the stream captures */
    VEC(struct claim) list;
};

/* ---- subjects ---- */

/* Without a filter a consumer wants everything. */
static bool matches(const struct object *consumer, const char *subject)
{
    const struct value *filters;
    size_t count = consumer_filters(consumer, &filters);
    bool found = count == 0;
    for (size_t i = 0; i < count && !found; i++)
        found = subjects_collide(filters[i].text, subject);
    return found;
}

/* May there be a message that both want? */
static bool overlap(const struct object *a, const struct object *b)
{
    const struct value *filters;
    size_t count = consumer_filters(a, &filters);
    bool found = count == 0 && matches(b, ">");
    for (size_t i = 0; i < count && !found; i++)
        found = matches(b, filters[i].text);
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

/* A filter that is the stream's only subject, letter by letter, is none to the server. */
static bool is_whole(const struct step *step, const char *filter)
{
    const struct resource *stream = step->resource ? step->resource->stream : NULL;
    const struct value_list *subjects =
        stream && !stream->external ? object_list(stream->config, STREAM_SUBJECTS) : NULL;
    return subjects && subjects->count == 1 && strcmp(subjects->items[0].text, filter) == 0;
}

/*
 * A consumer without a filter that gets one with wildcards takes them for letters until the server restarts, and lets all go that it
 * waits for, as soon as another consumer goes (2.9.10; neither 2.10.27 nor 2.15.1).
 */
static bool misreads(const struct claims *claims, const struct step *step, const struct object *before)
{
    const char *old = object_text(before, CONSUMER_FILTER_SUBJECT);
    const char *filter = object_text(step->wanted, CONSUMER_FILTER_SUBJECT);
    return !version_has(claims->version, VERSION(2, 10, 0)) && !(old && *old) && filter && *filter &&
           !subject_is_literal(filter) && (claims->moves || !is_whole(step, filter));
}

/* Does it wait for each message of the subject? */
static bool waits_for_all(const struct claim *claim, const struct held_subject *held)
{
    bool untouched = claim->begins || (claim->last && held->first > claim->last);
    return untouched && matches(claim->after, held->subject) &&
           !(claim->before && !matches(claim->before, held->subject));
}

static uint64_t count_waited_for(const struct holdings *holdings, const struct claim *claim)
{
    uint64_t messages = 0;
    for (size_t i = 0; holdings->subjects_known && i < holdings->subjects.count; i++)
        if (waits_for_all(claim, &holdings->subjects.items[i]))
            messages += holdings->subjects.items[i].messages;
    return messages;
}

/* What a consumer waits for that keeps its filters, or of the old ones only that which the new ones match as well. */
static uint64_t count_left(const struct claims *claims, const struct live_object *consumer,
                           const struct object *before, const struct object *after)
{
    uint64_t messages = consumer->state.pending + consumer->state.unacked;
    uint64_t gone = before == after ? 0 : count(claims->holdings, before, after);
    bool known = before == after || claims->holdings->subjects_known;
    return known && messages > gone ? messages - gone : 0;
}

/* One that is given messages of each subject, and not in their order, leaves some behind that it never delivered. */
static bool is_in_order(const struct object *consumer)
{
    return !object_has(consumer, CONSUMER_DELIVER_POLICY, CHOICE_LAST_PER_SUBJECT);
}

static bool is_queue(const struct holdings *holdings)
{
    return holdings->retention && strcmp(holdings->retention, CHOICE_WORKQUEUE) == 0;
}

/* `is_last`: what is weighed comes after all changes of consumers. */
static void add_live(struct claims *claims, const struct step *const *steps,
                     const struct live_object *consumer, bool is_last)
{
    const struct object *before = live_decode(claims->arena, consumer, (struct instant){0});
    const struct step *step = step_of(steps, consumer->name);
    bool refilters = step && step->live && step_wants_more(step);
    struct claim claim = {.name = consumer->name, .after = step ? step->wanted : before};
    if (!claim.after || !stays(claim.after))
        return;
    if (!(refilters && misreads(claims, step, before))) {
        claim.before = refilters && !is_last ? before : NULL;
        /* A work queue has nothing but what is waited for. */
        claim.begins = is_queue(claims->holdings) ||
                       (!consumer->state.last && object_has(before, CONSUMER_DELIVER_POLICY, CHOICE_ALL));
        claim.last = is_in_order(before) ? consumer->state.last : 0;
        claim.messages = count_left(claims, consumer, before, refilters ? claim.after : before);
        uint64_t waited_for = count_waited_for(claims->holdings, &claim);
        claim.messages = waited_for > claim.messages ? waited_for : claim.messages;
    }
    VEC_PUSH(claims->arena, &claims->list, claim);
}

/* A new consumer is made before anything goes (plan/order.c); one that is pulled from waits for all from the start. */
static void add_new(struct claims *claims, const struct step *step)
{
    struct claim claim = {.name = step->name, .after = step->wanted};
    if (!stays(step->wanted))
        return;
    claim.begins = object_has(step->wanted, CONSUMER_DELIVER_POLICY, CHOICE_ALL) &&
                   !object_has(step->wanted, CONSUMER_DELIVER_SUBJECT, NULL);
    claim.messages = count_waited_for(claims->holdings, &claim);
    VEC_PUSH(claims->arena, &claims->list, claim);
}

static int most_first(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    return a->messages == b->messages ? strcmp(a->name, b->name) : a->messages < b->messages ? 1 : -1;
}

/* Subjects that may go: those that a consumer gives up, or all. */
struct region {
    const struct object *before; /* NULL: every subject */
    const struct object *after;  /* NULL: it goes */
};

static bool is_in(const struct region *region, const char *subject)
{
    return !region->before ||
           (matches(region->before, subject) && !(region->after && matches(region->after, subject)));
}

/* Is it so that somebody who stays waits for each message of the subject? */
static bool is_kept(const struct claims *claims, const struct held_subject *held)
{
    bool kept = false;
    for (size_t i = 0; i < claims->list.count && !kept; i++)
        kept = waits_for_all(&claims->list.items[i], held);
    return kept;
}

/* Of the subjects at stake, how many does the consumer wait for at least: all that it waits for may be of others first. */
static uint64_t share_of(const struct claims *claims, const struct claim *claim, const bool *at_stake)
{
    uint64_t others = 0;
    for (size_t i = 0; at_stake && i < claims->holdings->subjects.count; i++) {
        const struct held_subject *held = &claims->holdings->subjects.items[i];
        others += !at_stake[i] && matches(claim->after, held->subject) ? held->messages : 0;
    }
    return claim->messages > others ? claim->messages - others : 0;
}

/* Claims of which no two can be of the same message add up. `at_stake`, of each subject; NULL: all are. */
static uint64_t sum_apart(const struct claims *claims, const bool *at_stake)
{
    VEC(const struct claim *) counted = {0};
    uint64_t sum = 0;
    for (size_t i = 0; i < claims->list.count; i++) {
        const struct claim *claim = &claims->list.items[i];
        uint64_t share = share_of(claims, claim, at_stake);
        bool apart = share > 0;
        for (size_t j = 0; j < counted.count && apart; j++)
            apart = !overlap(claim->after, counted.items[j]->after);
        if (!apart)
            continue;
        sum += share;
        VEC_PUSH(claims->arena, &counted, claim);
    }
    return sum;
}

/* So many messages of the region at most does nobody wait for. */
static uint64_t count_unwanted(const struct claims *claims, const struct region *region)
{
    const struct holdings *holdings = claims->holdings;
    bool *at_stake = ARENA_ARRAY(claims->arena, bool, holdings->subjects.count + 1);
    uint64_t messages = 0;
    for (size_t i = 0; i < holdings->subjects.count; i++) {
        const struct held_subject *held = &holdings->subjects.items[i];
        at_stake[i] = is_in(region, held->subject) && !is_kept(claims, held);
        messages += at_stake[i] ? held->messages : 0;
    }
    uint64_t others = sum_apart(claims, at_stake);
    return messages > others ? messages - others : 0;
}

/* What interest retention drops is what the step's consumer gives up, and of that only what nobody else waits for. */
static uint64_t count_given_up(const struct claims *claims, const struct step *step)
{
    bool stays_so = step->wanted && stays(step->wanted) && !misreads(claims, step, step->live);
    return count_unwanted(claims, &(struct region){step->live, stays_so ? step->wanted : NULL});
}

static bool captures_otherwise(const struct plan *plan, const char *stream)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        if (!step->stream && strcmp(step->name, stream) == 0 && step_change_by_id(step, STREAM_SUBJECTS))
            return true;
    }
    return false;
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

struct wanted wanted_of(struct arena *arena, const struct plan *plan, const struct step *step, bool begun)
{
    const struct holdings *holdings = step->holdings;
    struct claims claims = {.arena = arena,
                            .version = plan->target.version,
                            .holdings = holdings,
                            .moves = captures_otherwise(plan, holdings->stream)};
    const struct step **steps = steps_of(arena, plan, holdings->stream);
    for (size_t i = 0; i < holdings->consumers.count; i++)
        add_live(&claims, steps, &holdings->consumers.items[i], step->action == ACTION_DELETE);
    for (size_t i = 0; steps[i] && !begun; i++)
        if (steps[i]->action == ACTION_CREATE)
            add_new(&claims, steps[i]);
    if (claims.list.count)
        qsort(claims.list.items, claims.list.count, sizeof(*claims.list.items), most_first);
    bool gives_up = step->stream && step->live && holdings->subjects_known;
    return (struct wanted){
        .least = holdings->subjects_known
                     ? holdings->state.messages - count_unwanted(&claims, &(struct region){0})
                     : sum_apart(&claims, NULL),
        .given_up = gives_up ? count_given_up(&claims, step) : UINT64_MAX,
        .nobodys = !holdings->consumers.count && !claims.list.count,
    };
}

/* ---- what is done with ---- */

uint64_t wanted_no_more(struct arena *arena, const struct holdings *holdings)
{
    uint64_t messages = 0;
    for (size_t i = 0; i < holdings->consumers.count; i++) {
        const struct live_object *consumer = &holdings->consumers.items[i];
        const struct object *config = live_decode(arena, consumer, (struct instant){0});
        uint64_t waits = consumer->state.pending + consumer->state.unacked;
        uint64_t matched =
            holdings->subjects_known ? count(holdings, config, NULL) : holdings->state.messages;
        messages += matched > waits ? matched - waits : 0;
    }
    return messages < holdings->state.messages ? messages : holdings->state.messages;
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
