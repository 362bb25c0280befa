/*
 * What `natsform watch` tells: of each object that advisories were about, who did what, and how it compares with the
 * manifest now; and then of each other object that compares otherwise than before. Much goes on in an account that is nobody's edit: consumers without a durable
 * name come and go with their clients, and clients put the same consumer again at each start. Such is not told.
 */
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "cmd/watch.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "plan/step.h"

enum { EPHEMERALS_MOST = 20000 };

static const char *const deeds[] = {
    [DEED_CREATED] = "created",   [DEED_UPDATED] = "updated", [DEED_DELETED] = "deleted",
    [DEED_RESTORED] = "restored", [DEED_PURGED] = "purged",   [DEED_PAUSED] = "paused or resumed",
    [DEED_PUT] = "updated",
};

/* What the manifest says of the object; NULL: nothing. */
static const struct resource *resource_of(struct arena *arena, const struct manifest *manifest,
                                          const char *stream, const char *consumer)
{
    return consumer ? map_get(&manifest->consumers_by_key, resource_key(arena, stream, consumer))
                    : map_get(&manifest->streams_by_name, stream);
}

/* Servers make them for mirrors and sources (nats-server 2.11 and newer). */
static bool is_servers_own(const char *consumer)
{
    return text_begins(consumer, "JS_MIRROR_") || text_begins(consumer, "JS_SRC_");
}

/* Does the manifest have the consumer's stream, so that a consumer beside it is worth a line? And is it one that stays? */
static bool is_lasting_stranger(struct watching *watching, struct arena *arena, const struct touched *touched)
{
    const char *key = resource_key(arena, touched->stream, touched->consumer);
    const struct manifest *manifest = watching->turn->account.manifest;
    bool audits = !watching->refused[ADVISORY_SUBJECTS - 1];
    if (touched->audited && touched->is_ephemeral && touched->announced) {
        if (watching->ephemerals.count >= EPHEMERALS_MOST) {
            arena_reset(&watching->ephemeral_arena);
            map_init(&watching->ephemerals, &watching->ephemeral_arena);
        }
        map_put(&watching->ephemerals, arena_strdup(&watching->ephemeral_arena, key), watching);
    }
    if (!map_get(&manifest->streams_by_name, touched->stream) || is_servers_own(touched->consumer))
        return false;
    /* A request that changed nothing looks like an update. */
    if (touched->deed == DEED_UPDATED || touched->is_ephemeral || map_get(&watching->ephemerals, key))
        return false;
    return touched->audited || !audits;
}

static bool goes_with_stream(const struct batch *batch, const struct touched *touched)
{
    for (size_t i = 0; touched->consumer && !touched->audited && i < batch->list.count; i++) {
        const struct touched *other = &batch->list.items[i];
        if (!other->consumer && other->deed != DEED_PURGED && other->deed != DEED_UPDATED &&
            strcmp(other->stream, touched->stream) == 0)
            return true;
    }
    return false;
}

bool watch_must_read(const struct watching *watching)
{
    struct arena arena SCOPED(arena_release) = {0};
    const struct manifest *manifest = watching->turn->account.manifest;
    for (size_t i = 0; i < watching->batch.list.count; i++) {
        const struct touched *touched = &watching->batch.list.items[i];
        if (touched->deed != DEED_PURGED && resource_of(&arena, manifest, touched->stream, touched->consumer))
            return true;
    }
    return false;
}

/* ---- one object ---- */

/* How people and programs call the object. A stream that the manifest does not have may be a bucket by its name alone. */
static void name(struct arena *arena, const struct resource *resource, const struct touched *touched,
                 struct happening *ret_happening)
{
    const char *shown = touched->consumer ? touched->consumer : touched->stream;
    const struct table *table = touched->consumer ? &consumer_table : &stream_table;
    const struct bucket_kind *bucket =
        touched->consumer || resource ? NULL : bucket_kind_by_stream(touched->stream, &shown);
    if (resource) {
        table = resource_kind(resource);
        shown = resource_shown_name(resource);
    } else if (bucket)
        table = bucket->table;
    const char *stream = touched->consumer ? touched->stream : NULL;
    ret_happening->label = resource_label(arena, table, stream, shown);
    ret_happening->address = resource_address(arena, table, stream, shown);
}

static const struct drift *drift_of(const struct drifts *drifts, const char *address)
{
    for (size_t i = 0; i < drifts->list.count; i++)
        if (strcmp(drifts->list.items[i].address, address) == 0)
            return &drifts->list.items[i];
    return NULL;
}

static void take_comparison(struct happening *happening, const struct plan *plan, const struct drift *drift,
                            const struct step *step)
{
    happening->plan = plan;
    happening->step = drift ? drift->now : step;
    happening->comparison = drift  ? drift->now ? COMPARED_DRIFT : COMPARED_BACK
                            : step ? COMPARED_SAME
                                   : COMPARED_IN_SYNC;
}

/* What is being told. */
struct telling {
    struct watching *watching;
    struct arena arena;
    struct drifts drifts;
    struct map told; /* addresses of drifts that were told */
    struct instant now;
    bool is_read;
};

static void tell(struct telling *telling, const struct happening *happening)
{
    watch_view_happening(&telling->watching->view, telling->now, happening);
}

/* Somebody did something to the consumer itself, which is told on a line of its own. */
static bool has_own_line(const struct batch *batch, const struct step *consumer)
{
    for (size_t i = 0; i < batch->list.count; i++) {
        const struct touched *touched = &batch->list.items[i];
        if (touched->audited && touched->consumer && strcmp(touched->consumer, consumer->name) == 0 &&
            strcmp(touched->stream, consumer->stream) == 0)
            return true;
    }
    return false;
}

/* What else differs of a stream that was told of: its consumers. */
static void tell_along(struct telling *telling, const struct touched *touched)
{
    for (size_t i = 0; !touched->consumer && i < telling->drifts.list.count; i++) {
        const struct drift *drift = &telling->drifts.list.items[i];
        const struct step *step = drift->now ? drift->now : drift->begun;
        struct happening happening = {.label = step->label, .address = drift->address, .belongs = true};
        if (!step->stream || strcmp(step->stream, touched->stream) != 0 ||
            has_own_line(&telling->watching->batch, step) || map_put(&telling->told, drift->address, telling))
            continue;
        take_comparison(&happening, telling->watching->turn->plan, drift, NULL);
        tell(telling, &happening);
    }
}

static void tell_touched(struct telling *telling, const struct touched *touched)
{
    struct watching *watching = telling->watching;
    struct arena *arena = &telling->arena;
    const struct manifest *manifest = watching->turn->account.manifest;
    const struct resource *resource = resource_of(arena, manifest, touched->stream, touched->consumer);
    struct happening happening = {.done = deeds[touched->deed],
                                  .by = touched->audited ? &touched->by : NULL,
                                  .comparison = COMPARED_NOT_IN_MANIFEST};
    if (goes_with_stream(&watching->batch, touched) ||
        (!resource && touched->consumer && !is_lasting_stranger(watching, arena, touched)))
        return;
    name(arena, resource, touched, &happening);
    const struct drift *drift =
        resource && telling->is_read ? drift_of(&telling->drifts, happening.address) : NULL;
    if (resource)
        happening.comparison = COMPARED_UNKNOWN;
    if (resource && telling->is_read && touched->deed != DEED_PURGED)
        take_comparison(&happening, watching->turn->plan, drift,
                        drift ? NULL : drift_step_of(arena, watching->turn->plan, happening.address));
    /* A client that puts its consumer again, as many do at each start. */
    if (resource && touched->consumer && touched->deed == DEED_UPDATED && telling->is_read && !drift)
        return;
    if (drift && map_put(&telling->told, happening.address, telling)) { /* twice in one batch */
        happening.comparison = COMPARED_UNKNOWN;
        happening.step = NULL;
    }
    tell(telling, &happening);
    tell_along(telling, touched);
}

/* ---- all ---- */

static void tell_rest(struct telling *telling, const char *why)
{
    for (size_t i = 0; i < telling->drifts.list.count; i++) {
        const struct drift *drift = &telling->drifts.list.items[i];
        const struct step *step = drift->now ? drift->now : drift->begun;
        struct happening happening = {.label = step->label, .address = drift->address, .why = why};
        if (map_get(&telling->told, drift->address))
            continue;
        take_comparison(&happening, telling->watching->turn->plan, drift, NULL);
        tell(telling, &happening);
    }
}

void watch_tell(struct watching *watching, const struct turn *before, bool is_read, const char *why)
{
    struct telling telling = {.watching = watching, .now = session_now(), .is_read = is_read};
    arena_init(&telling.arena);
    map_init(&telling.told, &telling.arena);
    if (is_read)
        drift_compare(&telling.arena, before ? before->plan : NULL, watching->turn->plan, &telling.drifts);
    for (size_t i = 0; i < watching->batch.list.count; i++)
        tell_touched(&telling, &watching->batch.list.items[i]);
    tell_rest(&telling, why);
    arena_release(&telling.arena);
}
