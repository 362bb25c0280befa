/*
 * What is made anew, and how; see replace.h. What servers keep of a stream that is restored under another configuration was measured on
 * 2.9.10, 2.10.27 and 2.15.1: docs/migrate.md.
 */
#include "plan/replace.h"

#include <string.h>

#include "base/suggest.h"
#include "kind/kinds.h"
#include "plan/step.h"
#include "server/holdings.h"

/* What is acknowledged behind a gap would come again. Whether there is one only the moment tells in which all stands still. */
#define IN_ORDER ", if that is without a gap by then; else all stays as it is"

/* ---- what is asked for ---- */

/* Would an object that is made anew be taken as it is wanted? Not where the server lacks what it takes, or somebody is in the way. */
static bool is_replaceable(const struct change *change)
{
    enum { IN_USE = 10013 };
    switch (change->rule->policy) {
    case UPDATE_NEVER:
    case UPDATE_LATCH:
    case UPDATE_REMOVE:
    case UPDATE_KEEP_CHOICE:
    case UPDATE_KEEP_PRESENCE:
    case UPDATE_FREEZES:
        return change->rule->err_code != IN_USE;
    case UPDATE_FREE:
    case UPDATE_CLUSTERED:
    case UPDATE_SEPARATE:
        return false;
    }
    return false;
}

bool replace_is_needed(const struct step *step)
{
    bool any = false, all = true;
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        any |= change->refused;
        all &= !change->refused || is_replaceable(change);
    }
    return any && all;
}

static bool is_named(const struct replace_terms *terms, const struct step *step)
{
    const char *address = step_address(terms->arena, step);
    for (size_t i = 0; i < terms->options->replace_count; i++)
        if (strcmp(terms->options->replaces[i], address) == 0)
            return true;
    return false;
}

bool replace_is_recreated(const struct plan_options *options, const struct step *step)
{
    for (size_t i = 0; !step->stream && i < options->recreate_count; i++)
        if (strcmp(options->recreates[i], step_shown_name(step)) == 0)
            return true;
    return false;
}

/* ---- streams ---- */

static bool has(const struct replace_terms *terms, uint32_t since)
{
    return version_has(terms->target->version, since);
}

static bool is_memory(const struct object *stream)
{
    return object_has(stream, STREAM_STORAGE, CHOICE_MEMORY);
}

static bool copies(const struct object *stream)
{
    return object_object(stream, STREAM_MIRROR) || object_list(stream, STREAM_SOURCES)->count > 0;
}

/* Before 2.15 servers make no archive of what is in memory, and keep nothing of one that is to be in memory. */
static bool goes_by_messages(const struct replace_terms *terms, const struct step *step)
{
    return !has(terms, V_2_15) && (is_memory(step->live) || is_memory(step->wanted) || step->renamed_from);
}

static bool is_limits(const struct object *stream)
{
    return object_has(stream, STREAM_RETENTION, CHOICE_LIMITS);
}

/*
 * Is there nothing that a consumer could lose? It has delivered nothing, and begins with the first message, or has nothing to deliver. `positions`
 * have to be known.
 */
static bool is_unused(const struct step *step)
{
    bool from_first = object_has(step->wanted, CONSUMER_DELIVER_POLICY, CHOICE_ALL) &&
                      object_has(step->live, CONSUMER_DELIVER_POLICY, CHOICE_ALL);
    return step->positions_known && !step->state.last && (from_first || !step->state.pending);
}

static bool becomes_queue(const struct step *step)
{
    return object_has(step->wanted, STREAM_RETENTION, CHOICE_WORKQUEUE) &&
           !object_has(step->live, STREAM_RETENTION, CHOICE_WORKQUEUE);
}

const char *replace_queue_misfit(struct arena *arena, const char *name, const struct node *config)
{
    const char *ack = table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY)->name;
    const char *policy = table_field_by_id(&consumer_table, CONSUMER_DELIVER_POLICY)->name;
    bool fits = strcmp(node_get_text(config, ack), CHOICE_EXPLICIT) == 0 &&
                strcmp(node_get_text(config, policy), CHOICE_ALL) == 0;
    if (fits || live_is_servers(config))
        return NULL;
    return arena_printf(
        arena,
        "its consumer '%s' does not fit a work queue, where each acknowledges explicitly and begins "
        "with the first message",
        name);
}

/* Those that no archive has begin with the first message of a work queue. */
static const char *queue_fault(const struct replace_terms *terms, const struct step *step)
{
    const char *memory = table_field_by_id(&consumer_table, CONSUMER_MEM_STORAGE)->name;
    const struct holdings *holdings = step->holdings;
    for (size_t i = 0; holdings && holdings->consumers_known && i < holdings->consumers.count; i++) {
        const struct live_object *consumer = &holdings->consumers.items[i];
        bool in_memory = strcmp(node_get_text(consumer->config, memory), "true") == 0;
        const char *misfit = replace_queue_misfit(terms->arena, consumer->name, consumer->config);
        if (misfit)
            return misfit;
        if (in_memory && consumer->state.last && !has(terms, V_2_15))
            return arena_printf(terms->arena,
                                "nats-server %s makes no archive of its consumer '%s', which would get again "
                                "what it has acknowledged",
                                terms->target->version_text, consumer->name);
    }
    return NULL;
}

/* Up to 2.9 a stream has to have subjects of those that it republishes (10052), and has others while it is frozen. */
static const char *republish_fault(const struct replace_terms *terms, const struct step *step)
{
    const struct object *streams[] = {step->live, step->wanted};
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]) && !has(terms, V_2_10); i++) {
        const struct object *republish = object_object(streams[i], STREAM_REPUBLISH);
        const char *source = republish ? object_text(republish, REPUBLISH_SRC) : "";
        if (source && *source && strcmp(source, ">") != 0)
            return arena_printf(
                terms->arena,
                "it republishes '%s', and nats-server %s wants it to have such subjects at every moment, "
                "so that publishers cannot be turned away meanwhile",
                source, terms->target->version_text);
    }
    return NULL;
}

/* Up to 2.10 consumers cannot be paused, and what goes by messages is no interest stream until all are there. Those of a work queue wait for different messages. */
static bool lets_go_meanwhile(const struct replace_terms *terms, const struct step *step)
{
    return !has(terms, V_2_11) && !goes_by_messages(terms, step) &&
           object_has(step->wanted, STREAM_RETENTION, CHOICE_INTEREST) &&
           !object_has(step->live, STREAM_RETENTION, CHOICE_WORKQUEUE);
}

/* Those that no archive has come after the others, who are at work by then. */
static const char *interest_fault(const struct replace_terms *terms, const struct step *step)
{
    const char *memory = table_field_by_id(&consumer_table, CONSUMER_MEM_STORAGE)->name;
    const char *replicas = table_field_by_id(&consumer_table, CONSUMER_NUM_REPLICAS)->name;
    const struct holdings *holdings = step->holdings;
    size_t count = holdings && holdings->consumers_known ? holdings->consumers.count : 0;
    for (size_t i = 0; count > 1 && i < count; i++) {
        const struct live_object *consumer = &holdings->consumers.items[i];
        uint64_t own = node_get_number(consumer->config, replicas);
        bool in_memory = strcmp(node_get_text(consumer->config, memory), "true") == 0;
        if (in_memory || (own && own < (uint64_t)object_integer(step->live, STREAM_NUM_REPLICAS)))
            return arena_printf(
                terms->arena,
                "nats-server %s makes no archive of its consumer '%s', and before that is made anew the "
                "others would take what it waits for",
                terms->target->version_text, consumer->name);
    }
    return NULL;
}

static const char *stream_fault(const struct replace_terms *terms, const struct step *step)
{
    const char *republished = republish_fault(terms, step);
    bool mirrored = object_object(step->live, STREAM_MIRROR) != NULL;
    bool mirrors = object_object(step->wanted, STREAM_MIRROR) != NULL;
    const bool is_new = !step->state.messages && !step->state.last;
    if (mirrors && !mirrored)
        return "a mirror has what its origin has, and what is in the stream could not stay";
    if (mirrors && step_change_by_id(step, STREAM_MIRROR) && !is_new)
        return "a mirror of another stream has other messages under the same sequences";
    if (republished)
        return republished;
    if (goes_by_messages(terms, step) && !has(terms, V_2_10) && step->state.messages)
        return arena_printf(
            terms->arena,
            "nats-server %s makes no archive of a stream in memory, and keeps nothing of one that "
            "is restored there",
            terms->target->version_text);
    if (goes_by_messages(terms, step) && (copies(step->live) || copies(step->wanted)))
        return arena_printf(terms->arena, "it copies from others, and nats-server %s makes no archive of it",
                            terms->target->version_text);
    if (goes_by_messages(terms, step) && becomes_queue(step) && step->state.consumers)
        return arena_printf(
            terms->arena,
            "nats-server %s makes no archive of it, and as a work queue its consumers would get "
            "again what they have acknowledged",
            terms->target->version_text);
    if (object_list(step->live, STREAM_SOURCES)->count && !(is_limits(step->live) && is_limits(step->wanted)))
        return "how far it has copied from others stands in its messages, of which consumers take some away";
    return becomes_queue(step)              ? queue_fault(terms, step)
           : lets_go_meanwhile(terms, step) ? interest_fault(terms, step)
                                            : NULL;
}

/* ---- consumers ---- */

static bool is_queue(const struct replace_terms *terms)
{
    return strcmp(terms->retention, CHOICE_WORKQUEUE) == 0;
}

/* Where it was can be told to a server only by another policy, of which 2.9 keeps no note. A work queue needs no such thing. */
static const char *consumer_fault(const struct replace_terms *terms, const struct step *step)
{
    if (!object_has(step->live, CONSUMER_DURABLE_NAME, NULL))
        return "it is not durable, and goes by itself";
    if (!has(terms, V_2_10) && !is_queue(terms) && !is_unused(step))
        return arena_printf(terms->arena, "nats-server %s can make no consumer that goes on where it was",
                            terms->target->version_text);
    return NULL;
}

static void add_cost(const struct replace_terms *terms, struct replacement *replacement, const char *text)
{
    VEC_PUSH(terms->arena, &replacement->costs, text);
}

static void weigh_consumer(const struct replace_terms *terms, const struct step *step,
                           struct replacement *replacement)
{
    replacement->is_empty = is_unused(step);
    if (!replacement->is_empty)
        add_cost(terms, replacement, "it goes on behind its last acknowledgement" IN_ORDER);
}

/* Another name is restored while the old one is there, which proves as much. */
static enum rehearsal rehearsal_of(const struct replace_terms *terms, const struct step *step)
{
    if (!step->state.messages || step->renamed_from)
        return REHEARSE_NOT;
    if (has(terms, V_2_15))
        return REHEARSE_BESIDE;
    return terms->options->rehearse ? REHEARSE_APART : REHEARSE_NOT;
}

static void weigh_stream(const struct replace_terms *terms, const struct step *step,
                         struct replacement *replacement)
{
    bool single = object_integer(step->live, STREAM_NUM_REPLICAS) <= 1;
    replacement->is_empty = !step->state.messages;
    replacement->by_messages = goes_by_messages(terms, step);
    replacement->rehearsal = rehearsal_of(terms, step);
    if (step->state.messages && replacement->by_messages)
        add_cost(terms, replacement, "its messages get new times, from which max_age counts");
    if (!step->state.messages)
        return;
    if (step->state.consumers && replacement->by_messages)
        add_cost(terms, replacement, "its consumers go on behind their last acknowledgement" IN_ORDER);
    else if (step->state.consumers && !has(terms, V_2_15))
        add_cost(terms, replacement,
                 "consumers in memory, or of fewer replicas than the stream, go on behind "
                 "their last acknowledgement" IN_ORDER);
    /* 2.15.1 knows them again once it has restarted. */
    if (!replacement->by_messages && has(terms, V_2_15) &&
        object_integer(step->wanted, STREAM_DUPLICATE_WINDOW) > 0)
        add_cost(terms, replacement, "message ids are forgotten: what is sent again is there twice");
    /* No server holds acknowledgements up. */
    if (step->state.consumers)
        add_cost(terms, replacement,
                 "what is acknowledged in the last moment before the deletion comes again");
    if (single && is_memory(step->wanted))
        add_cost(terms, replacement, "if the server stops, what is in its memory is gone; the backup stays");
}

/* ---- what it costs ---- */

/* On a server of its own it is restored once more, while publishers wait. */
uint64_t replace_window_ms(const struct step *step, const struct target *target,
                           const struct replacement *replacement)
{
    enum { ALONE_MS = 100, CLUSTERED_MS = 1000, APART_MS = 500, BYTES_A_MS = 50 * 1000, MESSAGES_A_MS = 20 };
    uint64_t base = target->clustered ? CLUSTERED_MS : ALONE_MS;
    uint64_t moving = step->state.bytes / BYTES_A_MS +
                      (replacement->by_messages ? step->state.messages / MESSAGES_A_MS : 0);
    return base + moving + (replacement->rehearsal == REHEARSE_APART ? APART_MS + moving : 0);
}

const char *replace_window_text(struct arena *arena, uint64_t milliseconds)
{
    enum { SECOND_MS = 1000, MINUTE_S = 60 };
    uint64_t seconds = (milliseconds + SECOND_MS - 1) / SECOND_MS;
    if (milliseconds < SECOND_MS)
        return "less than a second";
    if (seconds < MINUTE_S)
        return arena_printf(arena, "%llu second%s", (unsigned long long)seconds, seconds == 1 ? "" : "s");
    uint64_t minutes = (seconds + MINUTE_S - 1) / MINUTE_S;
    return arena_printf(arena, "%llu minute%s", (unsigned long long)minutes, minutes == 1 ? "" : "s");
}

static void weigh(const struct replace_terms *terms, const struct step *step, struct replacement *replacement)
{
    if (step->stream)
        weigh_consumer(terms, step, replacement);
    else
        weigh_stream(terms, step, replacement);
}

const char *replace_cost(struct arena *arena, const struct replace_terms *terms, const struct step *step)
{
    struct replacement replacement = {0};
    const char *text = NULL;
    weigh(terms, step, &replacement);
    if (!step->stream)
        text = arena_printf(arena, "publishers are turned away for %s",
                            replace_window_text(arena, replace_window_ms(step, terms->target, &replacement)));
    for (size_t i = 0; i < replacement.costs.count; i++)
        text = text ? arena_printf(arena, "%s; %s", text, replacement.costs.items[i])
                    : replacement.costs.items[i];
    return text ? text : "nothing";
}

const char *replace_loss(struct arena *arena, const struct step *step)
{
    if (step->stream)
        return "its place: it begins where its deliver_policy says";
    if (!step->state.messages)
        return "a loss: nothing is in it";
    bool one = step->state.messages == 1;
    return arena_printf(arena, "its %llu message%s, backed up first; it takes '--allow-data-loss %s'",
                        (unsigned long long)step->state.messages, one ? "" : "s", step->name);
}

/* ---- the verdict ---- */

static enum on_immutable choice_of(const struct replace_terms *terms, const struct step *step)
{
    if (replace_is_recreated(terms->options, step))
        return ON_IMMUTABLE_RECREATE;
    if (is_named(terms, step))
        return ON_IMMUTABLE_MIGRATE;
    return step->resource ? step->resource->on_immutable : ON_IMMUTABLE_REFUSE;
}

static void mark_changes(struct step *step)
{
    for (size_t i = 0; i < step->changes.count; i++) {
        step->changes.items[i].replaces = step->changes.items[i].refused;
        step->changes.items[i].refused = false;
    }
}

static void plan_migration(const struct replace_terms *terms, struct step *step)
{
    step->replacement = ARENA_NEW(terms->arena, struct replacement);
    weigh(terms, step, step->replacement);
    step->action = ACTION_MIGRATE;
    mark_changes(step);
}

bool replace_is_possible(const struct replace_terms *terms, const struct step *step, const char **ret_fault)
{
    *ret_fault = terms->adopts  ? "it is nobody's yet; adopt it first, by an apply that leaves this as it is"
                 : step->stream ? consumer_fault(terms, step)
                                : stream_fault(terms, step);
    return !*ret_fault;
}

enum replace_verdict replace_decide(const struct replace_terms *terms, struct step *step,
                                    const char **ret_fault)
{
    enum on_immutable choice = choice_of(terms, step);
    bool is_empty = step->stream ? is_unused(step) : !step->state.messages;
    *ret_fault = NULL;
    if (!replace_is_needed(step))
        return REPLACE_NOT;
    bool consumers_tell = (becomes_queue(step) || lets_go_meanwhile(terms, step)) && step->state.consumers;
    bool tells = step->stream ? choice == ON_IMMUTABLE_REFUSE : consumers_tell;
    if (tells && choice != ON_IMMUTABLE_RECREATE && !step->positions_known)
        return REPLACE_LATER;
    if (choice == ON_IMMUTABLE_RECREATE && terms->adopts) /* it may be somebody's who marks nothing */
        return REPLACE_NOT;
    if (choice == ON_IMMUTABLE_RECREATE) {
        step->action = ACTION_RECREATE;
        mark_changes(step);
        return REPLACE_PLANNED;
    }
    if (choice != ON_IMMUTABLE_MIGRATE && !is_empty)
        return REPLACE_NOT;
    if (!replace_is_possible(terms, step, ret_fault))
        return REPLACE_NOT;
    plan_migration(terms, step);
    return REPLACE_PLANNED;
}

/* ---- another name ---- */

/* Before 2.15 an archive comes back under its own name alone, so that each message is published again. */
static const char *rename_fault(const struct replace_terms *terms, const struct step *step)
{
    if (step->stream)
        return consumer_fault(terms, step);
    if (!has(terms, V_2_10))
        return arena_printf(terms->arena, "nats-server %s takes an archive under its own name alone",
                            terms->target->version_text);
    if (!has(terms, V_2_15) && (copies(step->live) || copies(step->wanted)))
        return arena_printf(
            terms->arena,
            "it copies from others, and nats-server %s takes an archive under its own name alone",
            terms->target->version_text);
    return stream_fault(terms, step);
}

bool replace_rename(const struct replace_terms *terms, struct step *step, const char **ret_fault)
{
    *ret_fault = rename_fault(terms, step);
    if (*ret_fault)
        return false;
    plan_migration(terms, step);
    step->replacement->is_empty = false; /* the manifest has allowed it, whatever is in it */
    add_cost(terms, step->replacement,
             arena_printf(terms->arena,
                          "who uses it by its name has to use the new one; both are there for a moment"));
    return true;
}

/* ---- names that nothing has ---- */

static bool is_address(struct arena *arena, const struct resources *resources, const char *address,
                       struct suggestion *near)
{
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource *resource = resources->items[i];
        const char *own =
            resource_address(arena, resource_kind(resource), resource->stream ? resource->stream->name : NULL,
                             resource_shown_name(resource));
        if (strcmp(own, address) == 0)
            return true;
        suggestion_consider(near, own);
    }
    return false;
}

static bool is_shown_name(const struct resources *resources, const char *name, struct suggestion *near)
{
    for (size_t i = 0; i < resources->count; i++) {
        const char *own = resource_shown_name(resources->items[i]);
        if (strcmp(own, name) == 0)
            return true;
        suggestion_consider(near, own);
    }
    return false;
}

static int refuse_name(const char *option, const struct suggestion *near, const char *example,
                       struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "%s names '%s', which is not in the manifest", option, near->wanted);
    if (near->best)
        diag_hint(diags, diag, "did you mean '%s'?", near->best);
    else
        diag_hint(diags, diag, "%s", example);
    return -1;
}

int replace_check_names(const struct plan_options *options, const struct manifest *manifest,
                        struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < options->replace_count; i++) {
        struct suggestion near = {.wanted = options->replaces[i]};
        if (!is_address(&diags->arena, &manifest->streams, near.wanted, &near) &&
            !is_address(&diags->arena, &manifest->consumers, near.wanted, &near))
            failed |= refuse_name("--replace", &near, "an address is such as stream.ORDERS", diags);
    }
    for (size_t i = 0; i < options->recreate_count; i++) {
        struct suggestion near = {.wanted = options->recreates[i]};
        if (!is_shown_name(&manifest->streams, near.wanted, &near))
            failed |= refuse_name("--recreate", &near, "it wants the name of a stream or a bucket", diags);
    }
    return failed;
}

/* ---- the two parts ---- */

static void divide(struct arena *arena, struct plan *plan, struct step *step)
{
    struct step *first = ARENA_NEW(arena, struct step);
    *first = step_from(step, step->live);
    first->action = step->action == ACTION_RECREATE ? ACTION_DELETE : ACTION_MIGRATE;
    first->changes.items = step->changes.items;
    first->changes.count = step->changes.count;
    first->changes.capacity = step->changes.count;
    first->keep = step->keep;
    first->whole = step;
    first->state = step->state;
    first->loss = step->loss;
    first->is_rescued = step->is_rescued;
    first->holdings = step->holdings;
    first->replacement = step->replacement;
    first->renamed_from = step->renamed_from;
    first->retention = step->retention;
    first->index = plan->steps.count + plan->firsts.count;
    step->first = first;
    VEC_PUSH(arena, &plan->firsts, first);
}

void replace_divide(struct arena *arena, struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        if (step->action == ACTION_MIGRATE || step->action == ACTION_RECREATE)
            divide(arena, plan, step);
    }
}
