/*
 * Waiting after an apply; see usable.h. Each round asks for all that the manifest names, as `status` does: what was ready first may not be any more when the
 * last one is.
 */
#include "apply/usable.h"

#include "base/clock.h"
#include "base/scope.h"
#include "plan/condition.h"
#include "server/api.h"

static DIAG_CODE(
    code_not_usable, .name = "not-usable", CODE_ERROR(EXIT_FAILED),
    .doc =
        "With --wait: an object is there, but its replicas are not current, or its origin is out of reach.",
    .why = "What comes next may rely on it.", .example = "natsform apply --wait --wait-timeout 30s",
    .remedy = "See to the server or origin that is named, or wait for longer with --wait-timeout.");

enum { ROUND_MS = 250 };

/* One round, and what it has found. */
struct round {
    const struct usable_terms *terms;
    struct arena arena;
    struct diags faults; /* of the reading itself */
    struct conditions found;
};

/* Why the object cannot be used; NULL: it can. Somebody else's stream is theirs to see to. */
static const char *why_not(struct round *round, const struct condition *condition)
{
    const struct resource *stream = map_get(&round->terms->manifest->streams_by_name, condition->of->name);
    bool is_there = condition->consumer ? condition->consumer->there : condition->of->there;
    if (!condition->consumer && (!stream || stream->external))
        return NULL;
    if (!is_there && !condition->trouble)
        return "it is not there";
    if (!condition->copy || !condition->trouble)
        return condition->trouble;
    return arena_printf(&round->arena, "its %s '%s': %s", condition->copy->is_mirror ? "mirror of" : "source",
                        condition->name, condition->trouble);
}

/* What the condition is about: of a copy, the stream that copies. */
static const struct resource *resource_of(struct round *round, const struct condition *condition)
{
    const struct manifest *manifest = round->terms->manifest;
    return condition->consumer
               ? map_get(&manifest->consumers_by_key,
                         resource_key(&round->arena, condition->of->name, condition->wire_name))
               : map_get(&manifest->streams_by_name, condition->of->name);
}

typedef void round_use(struct round *round, const struct resource *resource, const char *why, void *context);

/* Calls it for each object that cannot be used. Returns how many those are. */
static size_t each_open(struct round *round, round_use *use, void *context)
{
    size_t open = 0;
    const struct {
        const struct condition *items;
        size_t count;
    } lists[] = {{round->found.streams.items, round->found.streams.count},
                 {round->found.consumers.items, round->found.consumers.count},
                 {round->found.copies.items, round->found.copies.count}};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (size_t j = 0; j < lists[i].count; j++) {
            const char *why = why_not(round, &lists[i].items[j]);
            const struct resource *resource = why ? resource_of(round, &lists[i].items[j]) : NULL;
            open += resource != NULL;
            if (resource && use)
                use(round, resource, why, context);
        }
    return open;
}

static const char *label_of(struct arena *arena, const struct resource *resource)
{
    return resource_label(arena, resource_kind(resource),
                          resource->stream ? resource_shown_name(resource->stream) : NULL,
                          resource_shown_name(resource));
}

/* ---- rounds ---- */

/* Returns how much cannot be used; what cannot be read counts, too. */
static size_t look(struct round *round)
{
    struct census census = {0};
    conditions_want(&round->arena, &census, round->terms->manifest);
    if (census_read(round->terms->server, &round->arena, &census, &round->faults))
        return round->faults.errors;
    conditions_find(&round->arena, &census, round->terms->manifest, NULL, &round->found);
    return each_open(round, NULL, NULL);
}

static void tell_first(struct round *round, const struct resource *resource, const char *why, void *context)
{
    int64_t *waited_ms = context;
    if (*waited_ms >= 0)
        round->terms->waiting(round->terms->context, label_of(&round->arena, resource), why, *waited_ms);
    *waited_ms = -1;
}

static void diagnose(struct round *round, const struct resource *resource, const char *why, void *context)
{
    struct diags *diags = context;
    diag_error(diags, &code_not_usable, resource->pos, "%s is not ready: %s",
               label_of(&diags->arena, resource), why);
    (void)round;
}

static void release(struct round *round)
{
    diags_release(&round->faults);
    arena_release(&round->arena);
}

/* Returns 0 when all can be used, 1 to look again, or -1 with diagnostics. */
static int go_round(const struct usable_terms *terms, int64_t waited_ms, struct diags *diags)
{
    struct round round SCOPED(release) = {.terms = terms};
    arena_init(&round.arena);
    diags_init(&round.faults);
    if (!look(&round))
        return 0;
    if (waited_ms < terms->most_ms && !terms->interrupted()) {
        each_open(&round, terms->waiting ? tell_first : NULL, &waited_ms);
        return 1;
    }
    diags_append_new(diags, &round.faults);
    each_open(&round, diagnose, diags);
    return -1;
}

int usable_await(const struct usable_terms *terms, struct diags *diags)
{
    int64_t begun = clock_ms();
    int result;
    while ((result = go_round(terms, clock_ms() - begun, diags)) > 0)
        api_pause(terms->server, ROUND_MS);
    return result;
}
