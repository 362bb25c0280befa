/* What follows from a census and a plan; see condition.h. */
#include "plan/condition.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "field/value.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "plan/step.h"

/*
 * Servers hear of an origin every second or so, also when nothing is new (nats-server 2.9.10, 2.10.27 and 2.15.1), and
 * begin anew after ten seconds without.
 */
enum { SILENT_S = 30 };
#define SILENT_NANOS (SILENT_S * (int64_t)1000000000)

struct finding {
    struct arena *arena;
    const struct manifest *manifest; /* NULL: none */
    struct map steps;                /* by the names of streams, and by resource_key() */
    struct conditions *found;
    int64_t now_s; /* the present time; 0: it is not known */
    size_t used;   /* so many of the steps are told */
};

void conditions_want(struct arena *arena, struct census *census, const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->streams.count; i++)
        census_want(arena, census, manifest->streams.items[i]->name, NULL);
    for (size_t i = 0; i < manifest->consumers.count; i++)
        census_want(arena, census, manifest->consumers.items[i]->stream->name,
                    manifest->consumers.items[i]->name);
}

/* ---- compared with the manifest ---- */

static const char *fields_of(struct arena *arena, const struct step *step)
{
    const char *text = "";
    for (size_t i = 0; i < step->changes.count; i++)
        text =
            arena_printf(arena, "%s%s%s", text, *text ? ", " : "", step->changes.items[i].shown.field->name);
    return text;
}

static void take_drift(struct finding *finding, struct condition *condition, const char *key, bool named)
{
    static const char *const drifts[] = {
        [ACTION_NONE] = "in sync",        [ACTION_CREATE] = "missing",       [ACTION_UPDATE] = "changed",
        [ACTION_MIGRATE] = "changed",     [ACTION_RECREATE] = "changed",     [ACTION_ADOPT] = "not owned",
        [ACTION_FORGET] = "to be let go", [ACTION_DELETE] = "to be deleted", [ACTION_REFUSED] = "refused",
    };
    const struct step *step = map_get(&finding->steps, key);
    condition->fields = "";
    if (!finding->manifest)
        return;
    condition->drift = named ? drifts[ACTION_NONE] : "not managed";
    if (!step)
        return;
    finding->used++;
    condition->step = step;
    condition->drift = drifts[step_counts_as(step)];
    if (step->live && step->wanted)
        condition->fields = fields_of(finding->arena, step);
    condition->is_problem = true;
}

static void take_replicas(const struct finding *finding, struct condition *condition,
                          const struct replica_state *replicas)
{
    if (!replicas->clustered)
        return;
    if (!*replicas->leader)
        condition->trouble = "no leader";
    else if (replicas->current < replicas->wanted || replicas->behind)
        condition->trouble = arena_printf(
            finding->arena, "%llu of %llu replica%s current%s%s", (unsigned long long)replicas->current,
            (unsigned long long)replicas->wanted, replicas->wanted == 1 ? " is" : "s are",
            replicas->behind ? ", and not that of " : "", replicas->behind ? replicas->behind : "");
    condition->is_problem |= condition->trouble != NULL;
}

/* What does not answer is neither there nor missing. */
static void take_fault(struct condition *condition, const char *fault)
{
    if (!fault)
        return;
    condition->trouble = fault;
    condition->is_problem = true;
}

/* ---- each object ---- */

static void add_copies(const struct finding *finding, const struct condition *stream)
{
    for (size_t i = 0; i < stream->of->copies.count; i++) {
        const struct copy_state *copy = &stream->of->copies.items[i];
        struct condition condition = {.table = stream->table,
                                      .stream = stream->name,
                                      .name = copy->from,
                                      .wire_name = copy->from,
                                      .of = stream->of,
                                      .copy = copy,
                                      .fields = ""};
        if (copy->error)
            condition.trouble = copy->error;
        else if (copy->silent_nanos < 0)
            condition.trouble = "not heard of yet";
        else if (copy->silent_nanos > SILENT_NANOS)
            condition.trouble = "nothing heard of it";
        /* One that was made just now has not heard of its origin yet. */
        bool is_new =
            !copy->error && copy->silent_nanos < 0 && stream->of->created.seconds + SILENT_S > finding->now_s;
        condition.is_problem = condition.trouble && !(is_new && finding->now_s);
        VEC_PUSH(finding->arena, &finding->found->copies, condition);
    }
}

static void add_consumer(struct finding *finding, const struct stream_census *stream,
                         const struct consumer_state *consumer)
{
    struct condition condition = {.table = &consumer_table,
                                  .stream = stream->name,
                                  .name = consumer->name,
                                  .wire_name = consumer->name,
                                  .of = stream,
                                  .consumer = consumer};
    take_drift(finding, &condition, resource_key(finding->arena, stream->name, consumer->name),
               consumer->named);
    if (consumer->there)
        take_replicas(finding, &condition, &consumer->replicas);
    take_fault(&condition, consumer->fault);
    VEC_PUSH(finding->arena, &finding->found->consumers, condition);
}

static void add_stream(struct finding *finding, const struct stream_census *stream)
{
    struct condition condition = {
        .table = &stream_table, .name = stream->name, .wire_name = stream->name, .of = stream};
    const struct resource *resource =
        finding->manifest ? map_get(&finding->manifest->streams_by_name, stream->name) : NULL;
    const struct bucket_kind *bucket = resource ? NULL : bucket_kind_by_stream(stream->name, &condition.name);
    if (resource) {
        condition.table = resource_kind(resource);
        condition.name = resource_shown_name(resource);
    } else if (bucket)
        condition.table = bucket->table;
    take_drift(finding, &condition, stream->name, stream->named);
    if (resource && resource->external && !condition.is_problem)
        condition.drift = stream->there ? "external" : "missing";
    if (stream->there)
        take_replicas(finding, &condition, &stream->replicas);
    else if (finding->manifest)
        condition.is_problem = true;
    take_fault(&condition, stream->fault);
    VEC_PUSH(finding->arena, &finding->found->streams, condition);
    add_copies(finding, &condition);
    for (size_t i = 0; i < stream->list.count; i++)
        add_consumer(finding, stream, stream->list.items[i]);
}

static int compare(const void *left, const void *right)
{
    const struct condition *a = left, *b = right;
    int order = (int)b->is_problem - (int)a->is_problem;
    order = order || !a->stream ? order : strcmp(a->stream, b->stream);
    return order ? order : strcmp(a->name, b->name);
}

static size_t sort(struct condition *items, size_t count)
{
    size_t problems = 0;
    if (count)
        qsort(items, count, sizeof(*items), compare);
    while (problems < count && items[problems].is_problem)
        problems++;
    return problems;
}

void conditions_find(struct arena *arena, const struct census *census, const struct manifest *manifest,
                     const struct plan *plan, struct conditions *ret_conditions)
{
    struct finding finding = {.arena = arena,
                              .manifest = plan ? manifest : NULL,
                              .found = ret_conditions,
                              .now_s = plan ? plan->target.now.seconds : 0};
    *ret_conditions = (struct conditions){0};
    map_init(&finding.steps, arena);
    for (size_t i = 0; plan && i < plan->steps.count; i++) {
        struct step *step = plan->steps.items[i];
        const char *key = step->stream ? resource_key(arena, step->stream, step->name) : step->name;
        if (!map_get(&finding.steps, key))
            map_put(&finding.steps, key, step);
    }
    for (size_t i = 0; i < census->streams.count; i++)
        add_stream(&finding, census->streams.items[i]);
    struct conditions *found = ret_conditions;
    found->others = finding.steps.count - finding.used;
    found->problems = found->others + sort(found->streams.items, found->streams.count) +
                      sort(found->consumers.items, found->consumers.count) +
                      sort(found->copies.items, found->copies.count);
}
