/*
 * What others have, of the planner: which of their streams and consumers the server would count against the plan, new limits
 * that consumers exceed, and what the rules find between objects. See planner_state.h.
 */
#include <string.h>

#include "field/check.h"
#include "field/encode.h"
#include "manifest/manifest.h"
#include "plan/order.h"
#include "plan/planner.h"
#include "plan/planner_state.h"
#include "plan/risk.h"
#include "plan/wanted.h"
#include "rules/rules.h"
#include "server/holdings.h"

bool planner_is_queue(const struct seen *stream)
{
    return stream->retention && strcmp(stream->retention, CHOICE_WORKQUEUE) == 0;
}

bool planner_deletes(void *context, const char *stream, const char *consumer)
{
    const struct planner *planner = context;
    for (size_t i = 0; i < planner->plan->steps.count; i++) {
        const struct step *step = planner->plan->steps.items[i];
        if (step->action == ACTION_DELETE && strcmp(step->name, consumer ? consumer : stream) == 0 &&
            (consumer ? step->stream && strcmp(step->stream, stream) == 0 : !step->stream))
            return true;
    }
    return false;
}

/* New consumer limits that an existing consumer exceeds: NULL if it does not, else the note says so, and who. */
static struct diag *refuse_limits(struct planner *planner, struct step *stream, const struct object *live,
                                  const struct object *wanted, const struct field **ret_field)
{
    static const struct update_rule rule = {
        .policy = UPDATE_NEVER, .err_code = 10069, .says = "change to limits violates consumers"};
    struct change *change = step_change_by_id(stream, STREAM_CONSUMER_LIMITS);
    if (!change || change->refused || !stream->live)
        return NULL;
    struct limits_change limits = {stream->live, stream->wanted, live, wanted};
    if (limits_order_of(&limits, planner->plan->target.version, ret_field) != LIMITS_REFUSED)
        return NULL;
    change->refused = true;
    change->rule = &rule;
    struct diag *diag = immutable_refuse(stream, change, &planner->plan->target, planner->diags);
    /* A consumer that a server makes for a copy has nobody who could change it. */
    diag_hint(planner->diags, diag, "raise '%s' in '%s'%s", (*ret_field)->name, change->field->name,
              live->name ? ", or change that consumer first" : "");
    return diag;
}

static void weigh_own(struct planner *planner, const struct resource *consumer)
{
    const struct seen *seen = consumer->planned;
    struct step *stream = ((struct seen *)consumer->stream->planned)->step;
    const struct field *field = NULL;
    struct diag *diag = seen->found
                            ? refuse_limits(planner, stream, seen->step ? seen->step->live : consumer->config,
                                            consumer->config, &field)
                            : NULL;
    if (diag)
        diag_note(
            planner->diags, diag, consumer->pos, "%s exceeds them with its '%s'",
            resource_label(&planner->diags->arena, &consumer_table, consumer->stream->name, consumer->name),
            field->name);
}

/* The same of a consumer that the manifest does not name. */
static void weigh_bystander(void *context, const struct live_object *consumer)
{
    struct planner *planner = context;
    const struct resource *stream = map_get(&planner->manifest->streams_by_name, consumer->stream);
    const struct object *live = live_decode(planner->arena, consumer, planner->plan->target.now);
    const struct field *field = NULL;
    struct diag *diag =
        planner_deletes(planner, consumer->stream, consumer->name)
            ? NULL
            : refuse_limits(planner, ((struct seen *)stream->planned)->step, live, live, &field);
    if (diag)
        diag_note(planner->diags, diag, (struct srcpos){0},
                  "%s, which is on the server and not in this manifest, exceeds them with its '%s'",
                  resource_label(&planner->diags->arena, &consumer_table, consumer->stream, consumer->name),
                  field->name);
}

/* A server makes a consumer for each copy of a stream, and limits hold for that, too (2.10.27, 2.15.1). */
static void weigh_copy(struct planner *planner, const struct resource *stream)
{
    struct step *step = ((const struct seen *)stream->planned)->step;
    const char *copy =
        step_change_by_id(step, STREAM_CONSUMER_LIMITS) ? planner_copy_of(planner, stream->name) : NULL;
    if (!copy)
        return;
    struct object *consumer = object_new(planner->arena, &consumer_table);
    const struct field *field = NULL;
    *object_value(consumer, CONSUMER_INACTIVE_THRESHOLD) =
        (struct value){.type = VALUE_INT, .integer = 10 * SECOND};
    struct diag *diag = refuse_limits(planner, step, consumer, consumer, &field);
    if (diag)
        diag_note(planner->diags, diag, (struct srcpos){0},
                  "%s copies from it, and the consumer that the server makes for that exceeds them with its "
                  "'%s' of 10s",
                  copy, field->name);
}

void planner_weigh_limits(struct planner *planner)
{
    for (size_t i = 0; i < planner->manifest->consumers.count; i++)
        weigh_own(planner, planner->manifest->consumers.items[i]);
    for (size_t i = 0; i < planner->manifest->streams.count; i++)
        weigh_copy(planner, planner->manifest->streams.items[i]);
    for (size_t i = 0; i < planner->manifest->streams.count; i++)
        unmanaged_consumers(planner->unmanaged, planner->manifest->streams.items[i]->name, weigh_bystander,
                            planner);
}

/* ---- what may be the server's limit ---- */

static DIAG_CODE(
    code_perhaps_limited, .name = "perhaps-limited", CODE_NOTE, .lint = true,
    .doc =
        "A setting is lower than the default, and nothing tells whether the server's limit or somebody made it so.",
    .why = "Servers lower what nobody asked for to their limits, and tell nobody what those are.",
    .example = "max_ack_pending is 7 on the server, and the manifest does not say it",
    .remedy = "Write the value in the manifest.");

static const struct field *lowered_field(bool of_consumer)
{
    return of_consumer ? table_field_by_id(&consumer_table, CONSUMER_MAX_ACK_PENDING)
                       : table_field_by_id(&stream_table, STREAM_DUPLICATE_WINDOW);
}

static void see_lowered(struct planner *planner, const struct lowered *lowered, bool of_consumer)
{
    const struct resource *resource = lowered->resource;
    uint64_t *highest = &planner->highest[of_consumer];
    const struct value there = {.type = VALUE_INT, .integer = (int64_t)lowered->value};
    if (lowered->value > INT64_MAX)
        return;
    if (lowered->value > *highest)
        *highest = lowered->value;
    struct seen *seen = resource ? resource->planned : NULL;
    if (seen)
        seen->high = lowered->value;
    if (!resource || resource->external || resource->bucket || planner->options.destroy ||
        !value_is_servers_choice(lowered->field, object_value_of(resource->config, lowered->field), &there))
        return;
    seen->is_lowered = true;
    VEC_PUSH(planner->arena, &planner->lowered, *lowered);
    struct lowered *kept = &planner->lowered.items[planner->lowered.count - 1];
    if (!kept->earlier)
        kept->live = live_keep(planner->arena, &lowered->live);
}

void planner_see_lowered(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    const struct field *field = lowered_field(live->stream != NULL);
    const struct lowered lowered = {.resource = resource,
                                    .live = *live,
                                    .field = field,
                                    .value = node_get_number(live->config, field->name)};
    see_lowered(planner, &lowered, live->stream != NULL);
}

void planner_see_earlier_lowered(struct planner *planner, struct resource *resource,
                                 const struct resource *earlier)
{
    const struct field *field = lowered_field(earlier->stream != NULL);
    const struct value *value = earlier->external ? NULL : object_value_of(earlier->config, field);
    const struct lowered lowered = {
        .resource = resource,
        .earlier = earlier->config,
        .field = field,
        .value = value && value->type == VALUE_INT && value->integer > 0 ? (uint64_t)value->integer : 0};
    see_lowered(planner, &lowered, earlier->stream != NULL);
}

/* An account's own limit is known, and of a consumer only. */
static bool is_accounts_limit(const struct planner *planner, const struct lowered *lowered)
{
    const struct account account = account_read(planner->arena, planner->plan->target.account_info);
    bool found = false;
    for (size_t i = 0; i < account.tiers.count && lowered->resource->stream; i++)
        found |= account.tiers.items[i].pending_most == (int64_t)lowered->value;
    return found;
}

/* It was set by somebody: the server is asked for its default again. */
static void undo(struct planner *planner, const struct lowered *lowered)
{
    struct seen *seen = lowered->resource->planned;
    struct step *step = seen->step;
    if (step && (step->action == ACTION_REFUSED || !step->wanted))
        return;
    if (!step) {
        struct object *live = lowered->earlier
                                  ? lowered->earlier
                                  : live_decode(planner->arena, &lowered->live, planner->plan->target.now);
        if (compare_frozen(live, planner->plan->target.version))
            return;
        step = step_new(planner->arena, ACTION_UPDATE, lowered->resource, live);
        if (!lowered->earlier)
            step->state = lowered->live.state;
        seen->step = step;
        planner->plan->in_sync--;
    }
    compare_raised(planner->arena, step, lowered->field, &planner->plan->target);
}

static void note_lowered(struct planner *planner, const struct lowered *lowered, size_t more)
{
    struct diags *diags = planner->diags;
    const struct resource *resource = lowered->resource;
    const char *stream = resource->stream ? resource->stream->name : NULL;
    const struct value value = {.type = VALUE_INT, .integer = (int64_t)lowered->value};
    const char *others = more ? arena_printf(&diags->arena, " and of %zu more", more) : "";
    struct diag *diag = diag_add(
        diags, &code_perhaps_limited, resource->pos,
        "'%s' of %s%s is %s: the server's limit, or what somebody has set", lowered->field->name,
        resource_label(&diags->arena, resource_kind(resource), stream, resource_shown_name(resource)), others,
        value_text(&diags->arena, lowered->field, &value));
    diag_hint(diags, diag, "to settle it, write '%s' in the manifest: %s keeps it, another value changes it",
              lowered->field->name, value_text(&diags->arena, lowered->field, &value));
    diag->object =
        resource_address(&diags->arena, resource_kind(resource), stream, resource_shown_name(resource));
}

static bool is_alike(const struct lowered *a, const struct lowered *b)
{
    return a->field == b->field && a->value == b->value;
}

/* What the plan is going to have made counts as well: else it would be a difference as soon as that is there. */
static uint64_t highest_wanted(const struct resources *resources, unsigned id)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource *resource = resources->items[i];
        const struct value *wanted = resource->external ? NULL : object_value(resource->config, id);
        bool counts = wanted && wanted->type == VALUE_INT && wanted->integer > 0 &&
                      (wanted->given || !((const struct seen *)resource->planned)->found);
        if (counts && (uint64_t)wanted->integer > highest)
            highest = (uint64_t)wanted->integer;
    }
    return highest;
}

/* Is it what the stream's own max_age or limit made of it, which is another one now, or will be? */
static bool is_derived(const struct lowered *lowered)
{
    const struct resource *stream = lowered->resource->stream;
    if (!stream && lowered->earlier)
        return (uint64_t)object_integer(lowered->earlier, STREAM_MAX_AGE) == lowered->value;
    if (!stream)
        return node_get_number(lowered->live.config,
                               table_field_by_id(&stream_table, STREAM_MAX_AGE)->name) == lowered->value;
    const struct seen *seen = stream->planned;
    const struct object *live = seen->step ? seen->step->live : NULL;
    const struct object *limits = live ? object_object(live, STREAM_CONSUMER_LIMITS) : NULL;
    return limits && (uint64_t)object_integer(limits, LIMITS_MAX_ACK_PENDING) == lowered->value;
}

void planner_judge_lowered(struct planner *planner)
{
    VEC(const struct lowered *) open = {0};
    const uint64_t wanted[] = {highest_wanted(&planner->manifest->streams, STREAM_DUPLICATE_WINDOW),
                               highest_wanted(&planner->manifest->consumers, CONSUMER_MAX_ACK_PENDING)};
    for (size_t i = 0; i < planner->lowered.count; i++) {
        const struct lowered *lowered = &planner->lowered.items[i];
        bool consumer = lowered->resource->stream != NULL;
        /* Another object has more, which the limit would not have let it. */
        if (lowered->value < planner->highest[consumer] || lowered->value < wanted[consumer] ||
            is_derived(lowered))
            undo(planner, lowered);
        else if (!is_accounts_limit(planner, lowered) &&
                 !lint_ignores(lowered->resource->lint_ignored, &code_perhaps_limited))
            VEC_PUSH(planner->arena, &open, lowered);
    }
    for (size_t i = 0; i < open.count; i++) {
        bool told = false;
        size_t after = 0;
        for (size_t j = 0; j < i && !told; j++)
            told = is_alike(open.items[i], open.items[j]);
        for (size_t j = i + 1; j < open.count && !told; j++)
            after += is_alike(open.items[i], open.items[j]);
        if (!told)
            note_lowered(planner, open.items[i], after);
    }
}

/* ---- rules between objects ---- */

/* A consumer of a stream that is made anew has to fit that. */
static bool is_moved_along(const struct resource *resource)
{
    const struct seen *stream = resource->stream ? resource->stream->planned : NULL;
    return stream && stream->step && stream->step->action == ACTION_MIGRATE;
}

/* Says which objects are on the server and stay as they are. Rules do not refuse those: the server has accepted them. */
static void place(struct rules_object *object)
{
    const struct seen *seen = object->resource->planned;
    object->settled = seen->found && !seen->step && !is_moved_along(object->resource);
    if (seen->live || seen->step)
        object->live = seen->live ? seen->live : seen->step->live;
    if (object->resource->external)
        object->config = seen->live;
}

void planner_check_rules(struct planner *planner)
{
    struct rules_world *world =
        rules_world_new(planner->arena, planner->manifest, planner->plan->target.version);
    struct rules_facts facts = {
        .clustered = planner->plan->target.clustered,
        .account = account_read(planner->arena, planner->plan->target.account_info),
        .others_known = planner->others_known,
    };
    world->facts = &facts;
    for (size_t i = 0; i < world->streams.count; i++) {
        struct rules_stream *stream = world->streams.items[i];
        place(&stream->self);
        for (size_t j = 0; j < stream->consumers.count; j++)
            place(stream->consumers.items[j]);
    }
    unmanaged_join(planner->unmanaged, world, planner_deletes, planner);
    rules_add_copiers(world);
    rules_check(world, planner->diags);
    for (size_t i = 0; i < world->refused.count; i++) {
        const struct rules_refusal *refusal = &world->refused.items[i];
        const struct seen *seen = refusal->object->resource->planned;
        if (seen->step)
            step_refuse(planner->diags, seen->step, refusal->diag);
    }
}

/* Does the step touch what other streams may have too (subjects, origins)? A new stream always does. */
static bool concerns_others(const struct resource *stream)
{
    const struct seen *seen = stream->planned;
    if (stream->external)
        return false;
    return !seen->found || step_change_by_id(seen->step, STREAM_SUBJECTS) ||
           step_change_by_id(seen->step, STREAM_MIRROR) || step_change_by_id(seen->step, STREAM_SOURCES);
}

/* May the server count a new consumer, or a new filter, against the stream's other consumers? */
static bool counts_consumers(const struct resource *stream, const struct account *account)
{
    const struct seen *seen = stream->planned;
    const struct object *config = stream->external ? seen->live : stream->config;
    const struct account_tier *tier = account_tier(account, object_integer(config, STREAM_NUM_REPLICAS));
    return planner_is_queue(seen) || object_integer(config, STREAM_MAX_CONSUMERS) > 0 ||
           (tier && tier->consumers_most > 0);
}

/* Has the stream consumers that the manifest does not name? *ret_more: the plan gives it another one, or another filter. */
static bool has_others(const struct planner *planner, const struct resource *stream, bool *ret_more)
{
    const struct resources *consumers = &planner->manifest->consumers;
    uint64_t there = ((const struct seen *)stream->planned)->state.consumers;
    *ret_more = false;
    for (size_t i = 0; i < consumers->count; i++) {
        const struct seen *seen = consumers->items[i]->planned;
        if (consumers->items[i]->stream != stream)
            continue;
        there -= seen->found && there ? 1 : 0;
        *ret_more |= !seen->found || (seen->step && step_wants_more(seen->step));
    }
    return there > 0;
}

void planner_ask_consumers(struct planner *planner, const char *stream, struct live_questions *questions)
{
    bool asked = !unmanaged_want_consumers(planner->unmanaged, stream);
    for (size_t i = 0; i < questions->consumers.count; i++)
        asked |= strcmp(questions->consumers.items[i], stream) == 0;
    if (!asked)
        VEC_PUSH(planner->arena, &questions->consumers, stream);
}

/* A mirror or source may read through a consumer that is not the manifest's. */
static void want_deliverer(struct planner *planner, const struct object *origin,
                           struct live_questions *questions)
{
    const struct object *delivery = object_object(origin, ORIGIN_CONSUMER);
    const char *stream = object_text(origin, ORIGIN_NAME);
    const char *name = delivery ? object_text(delivery, DELIVERY_NAME) : NULL;
    if (name && !object_has(origin, ORIGIN_EXTERNAL, NULL) &&
        !map_get(&planner->manifest->consumers_by_key, resource_key(planner->arena, stream, name)))
        planner_ask_consumers(planner, stream, questions);
}

static void want_deliverers(struct planner *planner, const struct resource *stream,
                            struct live_questions *questions)
{
    const struct object *mirror = stream->external ? NULL : object_object(stream->config, STREAM_MIRROR);
    if (mirror)
        want_deliverer(planner, mirror, questions);
    for (size_t i = 0; !stream->external && i < object_list(stream->config, STREAM_SOURCES)->count; i++)
        want_deliverer(planner, object_list(stream->config, STREAM_SOURCES)->items[i].object, questions);
}

static void want_consumers(struct planner *planner, struct live_questions *questions)
{
    const struct account account = account_read(planner->arena, planner->plan->target.account_info);
    for (size_t i = 0; i < planner->part->streams.count; i++) {
        const struct resource *stream = planner->part->streams.items[i];
        const struct seen *seen = stream->planned;
        bool counts = seen->found && seen->state.consumers && counts_consumers(stream, &account);
        bool limits = step_change_by_id(seen->step, STREAM_CONSUMER_LIMITS);
        bool more = false;
        want_deliverers(planner, stream, questions);
        if ((counts || limits) && has_others(planner, stream, &more) && (limits || more))
            planner_ask_consumers(planner, stream->name, questions);
    }
}

/* ---- what would be lost ---- */

/* One for each stream, whichever steps need it. */
static struct holdings *holdings_of(struct planner *planner, const struct step *step)
{
    const char *stream = step->stream ? step->stream : step->name;
    for (size_t i = 0; i < planner->holdings.count; i++)
        if (strcmp(planner->holdings.items[i]->stream, stream) == 0)
            return planner->holdings.items[i];
    struct holdings *holdings = ARENA_NEW(planner->arena, struct holdings);
    holdings->arena = planner->arena;
    holdings->stream = stream;
    holdings->by_consumer = true;
    holdings->by_subject = step->at_stake.subjects <= HOLDINGS_SUBJECTS_MOST;
    VEC_PUSH(planner->arena, &planner->holdings, holdings);
    return holdings;
}

static void need_count(void *context, struct step *step)
{
    struct planner *planner = context;
    bool refilters = step->stream && step->live && step->wanted && step_wants_more(step);
    if (!step->holdings && (refilters || step->undecided || risk_needs_count(step)))
        step->holdings = holdings_of(planner, step);
}

static void want_holdings(struct planner *planner, struct live_questions *questions)
{
    const struct resources *lists[] = {&planner->manifest->streams, &planner->manifest->consumers};
    size_t asked = planner->holdings.count;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < lists[i]->count; j++) {
            const struct seen *seen = lists[i]->items[j]->planned;
            if (seen->step)
                need_count(planner, seen->step);
        }
    prune_visit(planner->prune, need_count, planner);
    for (size_t i = asked; i < planner->holdings.count; i++)
        VEC_PUSH(planner->arena, &questions->holdings, planner->holdings.items[i]);
}

static void count_skipped(struct planner *planner, struct step *step)
{
    const struct holdings *holdings = step->holdings;
    if (!step->stream || !step->live || !step->wanted || !step_wants_more(step) || !holdings ||
        holdings->reply.outcome != API_DONE || !holdings->consumers_known)
        return;
    const struct skipped skipped = skipped_of(planner->arena, step);
    step->skips = skipped.messages;
    step->skips_exactly = skipped.exact;
}

static DIAG_CODE(
    code_filter_taken_away, .name = "filter-taken-away", CODE_ERROR(EXIT_REFUSED),
    .doc =
        "A consumer of an interest stream would lose its filter, and the server would drop what comes from then on.",
    .why =
        "nats-server 2.10 and later take such a consumer for one that wants nothing, until they restart: messages are "
        "acknowledged and gone, also those for other consumers.",
    .example = "retention: interest, and filter_subject: orders.eu is taken out of a consumer that is there",
    .remedy = "Write filter_subject: \">\", which matches as much.");

/* Measured on 2.10.27 and 2.15.1, for filters of each kind, '>' too; neither 2.9.10 nor other retentions. */
static void refuse_unfiltered(struct planner *planner, struct step *step)
{
    const struct value *filters;
    const struct resource *stream = step->resource ? step->resource->stream : NULL;
    if (!stream || !step->live || !step->wanted || step->action == ACTION_REFUSED ||
        !version_has(planner->plan->target.version, VERSION(2, 10, 0)) ||
        consumer_filters(step->wanted, &filters) || !consumer_filters(step->live, &filters))
        return;
    const struct object *config =
        stream->external ? ((const struct seen *)stream->planned)->live : stream->config;
    if (!config || !object_has(config, STREAM_RETENTION, CHOICE_INTEREST))
        return;
    const char *key = table_field_by_id(&consumer_table, CONSUMER_FILTER_SUBJECT)->name;
    struct diag *diag =
        diag_add(planner->diags, &code_filter_taken_away, step->pos,
                 "%s may not lose its filter: the server would drop what comes to its interest stream from "
                 "then on",
                 step->label);
    diag_hint(planner->diags, diag, "'%s: \">\"' matches as much", key);
    step_refuse(planner->diags, step, diag);
}

void planner_refuse_losses(struct planner *planner)
{
    for (size_t i = 0; i < planner->plan->steps.count; i++) {
        struct step *step = planner->plan->steps.items[i];
        planner_decide(planner, step);
        risk_count(planner->arena, step, planner->plan, false);
        count_skipped(planner, step);
        refuse_unfiltered(planner, step);
        if (step->resource) /* others are judged by prune.h */
            risk_refuse(&planner->options, step, planner->plan->target.now, planner->diags);
    }
}

/* ---- questions ---- */

static bool ask_others(struct planner *planner, struct live_questions *ret_questions)
{
    for (size_t i = 0; i < planner->manifest->streams.count; i++)
        if (concerns_others(planner->manifest->streams.items[i]))
            unmanaged_want(planner->unmanaged, planner->manifest->streams.items[i]);
    *ret_questions = unmanaged_ask(planner->unmanaged);
    planner->others_known = !(ret_questions->streams.count + ret_questions->subjects.count);
    for (size_t i = 0; planner->copies && i < planner->manifest->streams.count; i++)
        if (concerns_others(planner->manifest->streams.items[i]))
            copies_ask(planner->copies, planner->manifest->streams.items[i]->config, ret_questions);
    want_consumers(planner, ret_questions);
    return !planner->others_known || ret_questions->consumers.count;
}

bool planner_ask(struct planner *planner, struct live_questions *ret_questions)
{
    planner_prepare(planner);
    *ret_questions = (struct live_questions){0};
    bool any = planner_ask_renames(planner, ret_questions);
    if (any) /* what has another name yet raises more questions */
        return true;
    any = !planner->options.destroy && ask_others(planner, ret_questions);
    want_holdings(planner, ret_questions);
    return any || ret_questions->holdings.count;
}
