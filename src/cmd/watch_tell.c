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
#include "plan/planner.h"
#include "plan/step.h"

enum {
    EPHEMERALS_MOST = 20000,
    PART_MOST =
        128, /* so many streams that were touched, and objects that differ: beyond that, the lists are cheaper */
};

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
    bool audits = !watching->refused[ADVISORY_AUDIT];
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

/* ---- what to read ---- */

/* Does the manifest let it go? */
static bool is_let_go(struct arena *arena, const struct manifest *manifest, const struct touched *touched)
{
    return map_get(&manifest->removed_by_key, touched->consumer
                                                  ? resource_key(arena, touched->stream, touched->consumer)
                                                  : touched->stream);
}

/*
 * What is in sync is concerned by nothing but its own stream. What differs may be by others, too: a stream of somebody else may take
 * its subjects, and messages that are purged are not lost any more. There, consumers of others matter least.
 */
enum watch_reading watch_reading(const struct watching *watching, struct arena *arena,
                                 struct map *ret_touched)
{
    const struct manifest *manifest = watching->turn->account.manifest;
    size_t differing = watching->turn->plan->steps.count;
    bool matters = false, may_matter = false;
    map_init(ret_touched, arena);
    for (size_t i = 0; i < watching->batch.list.count; i++) {
        const struct touched *touched = &watching->batch.list.items[i];
        bool is_ours = resource_of(arena, manifest, touched->stream, touched->consumer) ||
                       is_let_go(arena, manifest, touched);
        may_matter |= differing > 0;
        if (touched->deed == DEED_PURGED ? !differing : !is_ours && (!differing || touched->consumer))
            continue;
        matters = true;
        char *stream = arena_strdup(arena, touched->stream);
        map_put(ret_touched, stream, stream);
    }
    if (ret_touched->count + differing <= PART_MOST)
        return matters || may_matter ? READING_PART : READING_NONE;
    return matters ? READING_ALL : READING_NONE;
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
    struct map drift_of;  /* by address, to struct drift */
    struct map step_of;   /* of the plan, by address, to struct step */
    struct map own_lines; /* consumers that somebody did something to, by resource_key() */
    struct map made_anew; /* streams that came or went, with their consumers */
    struct map told;      /* addresses of drifts that were told */
    struct instant now;
    bool is_read;
};

/* So that each object is found at once, however many there are. */
static void index_all(struct telling *telling)
{
    const struct batch *batch = &telling->watching->batch;
    const struct plan *plan = telling->watching->turn->plan;
    struct arena *arena = &telling->arena;
    for (size_t i = 0; i < telling->drifts.list.count; i++)
        map_put(&telling->drift_of, telling->drifts.list.items[i].address, &telling->drifts.list.items[i]);
    for (size_t i = plan->steps.count; i > 0; i--)
        map_put(&telling->step_of, step_address(arena, plan->steps.items[i - 1]), plan->steps.items[i - 1]);
    for (size_t i = 0; i < batch->list.count; i++) {
        struct touched *touched = &batch->list.items[i];
        if (touched->consumer && touched->audited)
            map_put(&telling->own_lines, resource_key(arena, touched->stream, touched->consumer), touched);
        if (!touched->consumer && touched->deed != DEED_PURGED && touched->deed != DEED_UPDATED)
            map_put(&telling->made_anew, touched->stream, touched);
    }
}

static void tell(struct telling *telling, const struct happening *happening)
{
    watch_view_happening(&telling->watching->view, telling->now, happening);
}

/* What else differs of a stream that was told of: its consumers. */
static void tell_along(struct telling *telling, const struct touched *touched)
{
    for (size_t i = 0; !touched->consumer && i < telling->drifts.list.count; i++) {
        const struct drift *drift = &telling->drifts.list.items[i];
        const struct step *step = drift->now ? drift->now : drift->begun;
        struct happening happening = {.label = step->label, .address = drift->address, .belongs = true};
        if (!step->stream || strcmp(step->stream, touched->stream) != 0 ||
            map_get(&telling->own_lines, resource_key(&telling->arena, step->stream, step->name)) ||
            map_put(&telling->told, drift->address, telling))
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
    bool is_news = resource && touched->consumer && telling->is_read && planner_is_news(resource);
    bool goes_along = touched->consumer && !touched->audited && map_get(&telling->made_anew, touched->stream);
    if (goes_along || (!resource && touched->consumer && !is_lasting_stranger(watching, arena, touched)))
        return;
    name(arena, resource, touched, &happening);
    const struct drift *drift =
        resource && telling->is_read ? map_get(&telling->drift_of, happening.address) : NULL;
    if (resource)
        happening.comparison = COMPARED_UNKNOWN;
    if (resource && telling->is_read && (touched->deed != DEED_PURGED || drift))
        take_comparison(&happening, watching->turn->plan, drift,
                        drift ? NULL : map_get(&telling->step_of, happening.address));
    /* A client that puts its consumer again, as many do at each start. */
    if (resource && touched->consumer && touched->deed == DEED_UPDATED && telling->is_read && !drift &&
        !is_news)
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
    struct map *maps[] = {&telling.drift_of, &telling.step_of, &telling.own_lines, &telling.made_anew,
                          &telling.told};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        map_init(maps[i], &telling.arena);
    if (is_read && before)
        planner_hand_on_news(before->account.manifest, watching->turn->account.manifest);
    if (is_read)
        drift_compare(&telling.arena, before ? before->plan : NULL, watching->turn->plan, &telling.drifts);
    index_all(&telling);
    for (size_t i = 0; i < watching->batch.list.count; i++)
        tell_touched(&telling, &watching->batch.list.items[i]);
    tell_rest(&telling, why);
    arena_release(&telling.arena);
}
