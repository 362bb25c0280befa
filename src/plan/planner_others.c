/*
 * What others have, of the planner: which of their streams and consumers the server would count against the plan, new limits
 * that consumers exceed, and what the rules find between objects. See planner_state.h.
 */
#include <string.h>

#include "field/check.h"
#include "field/encode.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"
#include "plan/order.h"
#include "plan/planner.h"
#include "plan/planner_state.h"
#include "plan/risk.h"
#include "plan/wanted.h"
#include "rules/rules.h"
#include "rules/streams.h"
#include "server/holdings.h"

/*
 * ---- unmanaged ----
 * Streams outside of the manifest that matter to it.
 */

struct unmanaged {
    struct arena *arena;
    const struct manifest *manifest;
    struct instant now;
    struct subject_index *subjects; /* of the wanted streams; NULL until the first live one is seen */
    struct map origins;             /* names of streams that wanted or kept streams copy from */
    struct map kept;                /* name to struct object */
    struct map states;              /* of the same, to struct stream_state */
    struct map asked;               /* what was asked: names, and subjects with a blank before them */
    struct map queried;             /* streams whose consumers are wanted */
    struct map seen;                /* these, by resource_key() */
    VEC(struct live_object) consumers;
    struct live_questions questions;
};

struct unmanaged *unmanaged_new(struct arena *arena, const struct manifest *manifest, struct instant now)
{
    struct unmanaged *unmanaged = ARENA_NEW(arena, struct unmanaged);
    unmanaged->arena = arena;
    unmanaged->manifest = manifest;
    unmanaged->now = now;
    map_init(&unmanaged->origins, arena);
    map_init(&unmanaged->kept, arena);
    map_init(&unmanaged->states, arena);
    map_init(&unmanaged->asked, arena);
    map_init(&unmanaged->queried, arena);
    map_init(&unmanaged->seen, arena);
    return unmanaged;
}

/* ---- what streams copy from ---- */

typedef void origin_visit(struct unmanaged *unmanaged, const char *name);

static void visit_origin(struct unmanaged *unmanaged, const struct object *origin, origin_visit *visit)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    if (name && !object_has(origin, ORIGIN_EXTERNAL, NULL))
        visit(unmanaged, name);
}

static void visit_origins(struct unmanaged *unmanaged, const struct object *stream, origin_visit *visit)
{
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    for (size_t i = 0; i < sources->count; i++)
        visit_origin(unmanaged, sources->items[i].object, visit);
    if (mirror)
        visit_origin(unmanaged, mirror, visit);
}

static void note_origin(struct unmanaged *unmanaged, const char *name)
{
    map_put(&unmanaged->origins, name, unmanaged);
}

/* ---- seeing ---- */

static void prepare(struct unmanaged *unmanaged)
{
    if (unmanaged->subjects)
        return;
    unmanaged->subjects = subject_index_new(unmanaged->arena);
    for (size_t i = 0; i < unmanaged->manifest->streams.count; i++) {
        struct resource *stream = unmanaged->manifest->streams.items[i];
        if (stream->external)
            continue;
        const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
        for (size_t j = 0; j < subjects->count; j++)
            subject_index_add(unmanaged->subjects, subjects->items[j].text, stream);
        visit_origins(unmanaged, stream->config, note_origin);
    }
}

static bool on_found(void *context, const char *subject, void *owner)
{
    (void)subject;
    (void)owner;
    *(bool *)context = true;
    return false;
}

static bool has_wanted_subject(struct unmanaged *unmanaged, const struct live_object *live)
{
    const struct field *field = table_field_by_id(&stream_table, STREAM_SUBJECTS);
    const struct node *subjects = node_get(live->config, field->name);
    bool found = false;
    for (size_t i = 0; subjects && subjects->type == NODE_LIST && i < subjects->count && !found; i++)
        if (subjects->items[i]->type == NODE_SCALAR)
            subject_index_find(unmanaged->subjects, subjects->items[i]->text, on_found, &found);
    return found;
}

static bool names_wanted(const struct unmanaged *unmanaged, const struct node *origin)
{
    const struct node *name = node_get(origin, table_field_by_id(&source_table, ORIGIN_NAME)->name);
    return name && name->type == NODE_SCALAR && map_get(&unmanaged->manifest->streams_by_name, name->text);
}

static bool copies_wanted(const struct unmanaged *unmanaged, const struct live_object *live)
{
    const struct node *mirror = node_get(live->config, table_field_by_id(&stream_table, STREAM_MIRROR)->name);
    const struct node *sources =
        node_get(live->config, table_field_by_id(&stream_table, STREAM_SOURCES)->name);
    bool found = mirror && names_wanted(unmanaged, mirror);
    for (size_t i = 0; sources && sources->type == NODE_LIST && i < sources->count && !found; i++)
        found = names_wanted(unmanaged, sources->items[i]);
    return found;
}

static void see_consumer(struct unmanaged *unmanaged, const struct live_object *live)
{
    if (!map_get(&unmanaged->queried, live->stream) || mark_is_servers(live))
        return;
    const char *key = resource_key(unmanaged->arena, live->stream, live->name);
    if (!map_put(&unmanaged->seen, key, unmanaged)) /* a page may have been read twice */
        VEC_PUSH(unmanaged->arena, &unmanaged->consumers, live_keep(unmanaged->arena, live));
}

void unmanaged_see(struct unmanaged *unmanaged, const struct live_object *live)
{
    prepare(unmanaged);
    if (live->stream) {
        see_consumer(unmanaged, live);
        return;
    }
    if (map_get(&unmanaged->kept, live->name) ||
        (!map_get(&unmanaged->origins, live->name) && !has_wanted_subject(unmanaged, live) &&
         !copies_wanted(unmanaged, live)))
        return;
    struct live_object kept = live_keep(unmanaged->arena, live);
    struct object *config = live_decode(unmanaged->arena, &kept, unmanaged->now);
    struct stream_state *state = ARENA_NEW(unmanaged->arena, struct stream_state);
    *state = live->state;
    map_put(&unmanaged->kept, kept.name, config);
    map_put(&unmanaged->states, kept.name, state);
    visit_origins(unmanaged, config, note_origin);
}

/* ---- asking ---- */

static void ask_for_stream(struct unmanaged *unmanaged, const char *name)
{
    if (map_get(&unmanaged->manifest->streams_by_name, name) || map_get(&unmanaged->kept, name) ||
        map_put(&unmanaged->asked, name, unmanaged))
        return;
    VEC_PUSH(unmanaged->arena, &unmanaged->questions.streams, name);
}

/* Notes what has to be known about others before this wanted stream is created or changed. */
static void unmanaged_want(struct unmanaged *unmanaged, const struct resource *stream)
{
    const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++) {
        const char *subject = subjects->items[i].text;
        if (!map_put(&unmanaged->asked, arena_printf(unmanaged->arena, " %s", subject), unmanaged))
            VEC_PUSH(unmanaged->arena, &unmanaged->questions.subjects, subject);
    }
    visit_origins(unmanaged, stream->config, ask_for_stream);
}

/* Remembers the consumers of a stream of the manifest from now on. False: it did before. */
static bool unmanaged_want_consumers(struct unmanaged *unmanaged, const char *stream)
{
    return !map_put(&unmanaged->queried, stream, unmanaged);
}

/* What was not asked yet. */
static struct live_questions unmanaged_ask(struct unmanaged *unmanaged)
{
    for (size_t i = 0; i < unmanaged->kept.count; i++)
        visit_origins(unmanaged, unmanaged->kept.entries[i].value, ask_for_stream);
    struct live_questions questions = unmanaged->questions;
    unmanaged->questions = (struct live_questions){0};
    return questions;
}

const struct stream_state *unmanaged_state(const struct unmanaged *unmanaged, const char *name,
                                           const struct object **ret_config)
{
    *ret_config = map_get(&unmanaged->kept, name);
    return map_get(&unmanaged->states, name);
}

typedef void unmanaged_visit(void *context, const struct live_object *consumer);

/* Calls it with each of the stream's consumers that were wanted. */
static void unmanaged_consumers(const struct unmanaged *unmanaged, const char *stream, unmanaged_visit *visit,
                                void *context)
{
    for (size_t i = 0; i < unmanaged->consumers.count; i++)
        if (strcmp(unmanaged->consumers.items[i].stream, stream) == 0)
            visit(context, &unmanaged->consumers.items[i]);
}

/* Adds them to the world of the rules, except those that will be deleted, as `leaves` says. */
static void unmanaged_join(const struct unmanaged *unmanaged, struct rules_world *world,
                           bool (*leaves)(void *context, const char *stream, const char *consumer),
                           void *context)
{
    for (size_t i = 0; i < unmanaged->kept.count; i++)
        if (!leaves(context, unmanaged->kept.entries[i].key, NULL))
            rules_add_stream(world, unmanaged->kept.entries[i].key, unmanaged->kept.entries[i].value);
    for (size_t i = 0; i < unmanaged->consumers.count; i++) {
        const struct live_object *live = &unmanaged->consumers.items[i];
        struct rules_stream *stream = rules_find_stream(world, live->stream);
        if (stream && !leaves(context, live->stream, live->name))
            rules_add_consumer(world, stream, live->name,
                               live_decode(unmanaged->arena, live, unmanaged->now));
    }
}

/* ---- limits ---- */

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
    if (planner->prune)
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
        if (!step->live) /* what is not there yet has nothing to lose */
            continue;
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
    if (planner->renames.count && planner_ask_renames(planner, ret_questions))
        return true; /* what has another name yet raises more questions */
    bool any = !planner->options.destroy && ask_others(planner, ret_questions);
    want_holdings(planner, ret_questions);
    return any || ret_questions->holdings.count;
}
