/*
 * What others have, of the planner: which of their streams and consumers the server would count against the plan, new limits
 * that consumers exceed, and what the rules find between objects. See planner_state.h.
 */
#include <string.h>

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

static bool is_deleted(void *context, const char *stream, const char *consumer)
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
    return immutable_refuse(stream, change, &planner->plan->target, planner->diags);
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
        is_deleted(planner, consumer->stream, consumer->name)
            ? NULL
            : refuse_limits(planner, ((struct seen *)stream->planned)->step, live, live, &field);
    if (diag)
        diag_note(planner->diags, diag, (struct srcpos){0},
                  "%s, which is on the server and not in this manifest, exceeds them with its '%s'",
                  resource_label(&planner->diags->arena, &consumer_table, consumer->stream, consumer->name),
                  field->name);
}

void planner_weigh_limits(struct planner *planner)
{
    for (size_t i = 0; i < planner->manifest->consumers.count; i++)
        weigh_own(planner, planner->manifest->consumers.items[i]);
    for (size_t i = 0; i < planner->manifest->streams.count; i++)
        unmanaged_consumers(planner->unmanaged, planner->manifest->streams.items[i]->name, weigh_bystander,
                            planner);
}

/* ---- mirrors and sources that fail ---- */

static DIAG_CODE(
    code_origin_fails, .name = "origin-fails", CODE_WARNING, .lint = true,
    .doc = "The server says that it cannot copy from the origin of a mirror or source.",
    .why = "A copy that gets nothing looks like one for which there is nothing.",
    .example = "COPY: {mirror: {name: ORDERS, external: {api: $JS.OTHER.API}}}",
    .remedy = "Mend the origin, its name or what leads to it; then the server goes on by itself.");

/* The origin in the manifest, for its place there: of a mirror, or of the first source of that name. */
static struct srcpos origin_pos(const struct resource *stream, bool mirrors, const char *name)
{
    const struct object *mirror = stream->external ? NULL : object_object(stream->config, STREAM_MIRROR);
    if (mirrors && mirror)
        return object_pos(mirror, ORIGIN_NAME);
    for (size_t i = 0; !stream->external && i < object_list(stream->config, STREAM_SOURCES)->count; i++) {
        const struct object *source = object_list(stream->config, STREAM_SOURCES)->items[i].object;
        if (strcmp(object_text(source, ORIGIN_NAME), name) == 0)
            return object_pos(source, ORIGIN_NAME);
    }
    return stream->pos;
}

/* `origin` as the reply has it: {"name": …, "error": {"err_code": …, "description": …}}. NULL is fine. */
static void report_origin(struct planner *planner, const struct resource *stream, bool mirrors,
                          const struct node *origin)
{
    enum { STREAM_NOT_FOUND = 10059 };
    const struct node *error = node_get(origin, "error");
    const struct node *name = node_get(origin, "name");
    const struct node *words = node_get(error, "description");
    uint64_t code = node_get_number(error, "err_code");
    if (!error || !name || name->type != NODE_SCALAR ||
        lint_ignores(stream->lint_ignored, &code_origin_fails))
        return;
    /* It is there, or will be: the server looks again in a while. */
    if (code == STREAM_NOT_FOUND && !node_get(origin, "external") &&
        map_get(&planner->manifest->streams_by_name, name->text))
        return;
    const char *label =
        resource_label(&planner->scratch, resource_kind(stream), NULL, resource_shown_name(stream));
    struct diag *diag = diag_add(planner->diags, &code_origin_fails, origin_pos(stream, mirrors, name->text),
                                 "%s gets nothing from stream %s: %s", label, name->text,
                                 words && words->type == NODE_SCALAR ? words->text : "it does not say why");
    diag_note(planner->diags, diag, (struct srcpos){0}, "the server says so, with error %llu",
              (unsigned long long)code);
    diag->object =
        resource_address(&planner->diags->arena, resource_kind(stream), NULL, resource_shown_name(stream));
}

void planner_report_origins(struct planner *planner, const struct resource *stream,
                            const struct live_object *live)
{
    const struct node *sources = live->sources;
    report_origin(planner, stream, true, live->mirror);
    for (size_t i = 0; sources && sources->type == NODE_LIST && i < sources->count; i++)
        report_origin(planner, stream, false, sources->items[i]);
}

/* ---- origins that are deleted ---- */

static DIAG_CODE(
    code_origin_deleted, .name = "origin-deleted", CODE_WARNING,
    .doc = "A stream is deleted, and a mirror or source of it stays.",
    .why = "The copy keeps what it has and gets nothing more, and servers say so nowhere but in its INFO.",
    .example = "natsform destroy, with a stream of another manifest that copies from one of this",
    .remedy = "Take the mirror or source out of the copy, or delete it too.");

/* `config` as on the wire. */
static void add_copier(struct planner *planner, const char *stream, const struct node *origin)
{
    const struct node *name = node_get(origin, "name");
    if (!name || name->type != NODE_SCALAR || node_get(origin, "external"))
        return;
    struct copier copier = {arena_strdup(planner->arena, stream), arena_strdup(planner->arena, name->text)};
    for (size_t i = 0; i < planner->copiers.count; i++) /* twice the same, through two filters */
        if (strcmp(planner->copiers.items[i].stream, stream) == 0 &&
            strcmp(planner->copiers.items[i].origin, name->text) == 0)
            return;
    VEC_PUSH(planner->arena, &planner->copiers, copier);
}

void planner_see_copier(struct planner *planner, const struct live_object *stream)
{
    const char *sources_key = table_field_by_id(&stream_table, STREAM_SOURCES)->name;
    const struct node *sources = node_get(stream->config, sources_key);
    add_copier(planner, stream->name,
               node_get(stream->config, table_field_by_id(&stream_table, STREAM_MIRROR)->name));
    for (size_t i = 0; sources && sources->type == NODE_LIST && i < sources->count; i++)
        add_copier(planner, stream->name, sources->items[i]);
}

static void warn_deleted(struct planner *planner, const struct step *origin, const char *copy,
                         struct srcpos pos)
{
    struct diags *diags = planner->diags;
    struct diag *diag = diag_add(diags, &code_origin_deleted, pos,
                                 "%s is deleted, and %s, which copies from it, stays and gets nothing more",
                                 origin->label, copy);
    diag_hint(diags, diag, "take the mirror or source out of it, or delete it too");
    diag->object = step_address(&diags->arena, origin);
}

static void report_copies(struct planner *planner, const struct step *origin)
{
    for (size_t i = 0; !planner->options.destroy && i < planner->manifest->streams.count; i++) {
        const struct resource *stream = planner->manifest->streams.items[i];
        const struct object *config = stream->external ? NULL : stream->config;
        const struct object *mirror = config ? object_object(config, STREAM_MIRROR) : NULL;
        const struct value_list *sources = config ? object_list(config, STREAM_SOURCES) : NULL;
        for (size_t j = 0; config && j < sources->count + (mirror != NULL); j++) {
            const struct object *from = j < sources->count ? sources->items[j].object : mirror;
            if (strcmp(object_text(from, ORIGIN_NAME), origin->name) == 0 &&
                !object_has(from, ORIGIN_EXTERNAL, NULL))
                warn_deleted(planner, origin,
                             resource_label(&planner->diags->arena, resource_kind(stream), NULL,
                                            resource_shown_name(stream)),
                             object_pos(from, ORIGIN_NAME));
        }
    }
    for (size_t i = 0; i < planner->copiers.count; i++) {
        const struct copier *copier = &planner->copiers.items[i];
        if (strcmp(copier->origin, origin->name) == 0 && !is_deleted(planner, copier->stream, NULL))
            warn_deleted(planner, origin,
                         resource_label(&planner->diags->arena, &stream_table, NULL, copier->stream),
                         (struct srcpos){0});
    }
}

void planner_report_deleted(struct planner *planner)
{
    for (size_t i = 0; i < planner->plan->steps.count; i++) {
        const struct step *step = planner->plan->steps.items[i];
        if (step->action == ACTION_DELETE && !step->stream)
            report_copies(planner, step);
    }
}

/* ---- rules between objects ---- */

/* Says which objects are on the server and stay as they are. Rules do not refuse those: the server has accepted them. */
static void place(struct rules_object *object)
{
    const struct seen *seen = object->resource->planned;
    object->settled = seen->found && !seen->step;
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
    unmanaged_join(planner->unmanaged, world, is_deleted, planner);
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

/* Asks for the consumers of the stream, unless somebody has. */
static void ask_consumers(struct planner *planner, const char *stream, struct live_questions *questions)
{
    bool asked = !unmanaged_want_consumers(planner->unmanaged, stream);
    for (size_t i = 0; i < questions->consumers.count; i++)
        asked |= strcmp(questions->consumers.items[i], stream) == 0;
    if (!asked)
        VEC_PUSH(planner->arena, &questions->consumers, stream);
}

static void want_consumers(struct planner *planner, struct live_questions *questions)
{
    const struct account account = account_read(planner->arena, planner->plan->target.account_info);
    for (size_t i = 0; i < planner->manifest->streams.count; i++) {
        const struct resource *stream = planner->manifest->streams.items[i];
        const struct seen *seen = stream->planned;
        bool counts = seen->found && seen->state.consumers && counts_consumers(stream, &account);
        bool limits = step_change_by_id(seen->step, STREAM_CONSUMER_LIMITS);
        bool more = false;
        if ((counts || limits) && has_others(planner, stream, &more) && (limits || more))
            ask_consumers(planner, stream->name, questions);
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
    if (!step->holdings && (refilters || risk_needs_count(step)))
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
        risk_count(planner->arena, step, planner->plan, false);
        count_skipped(planner, step);
        refuse_unfiltered(planner, step);
        if (step->resource) /* others are judged by prune.h */
            risk_refuse(&planner->options, step, planner->diags);
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
    bool any = !planner->options.destroy && ask_others(planner, ret_questions);
    want_holdings(planner, ret_questions);
    return any || ret_questions->holdings.count;
}
