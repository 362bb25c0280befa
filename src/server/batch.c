/* Batches of advisories; see batch.h. */
#include "server/batch.h"

#include <stdint.h>

#include "base/scope.h"
#include "kind/manifest_rows.h"

void batch_reset(struct batch *batch)
{
    struct arena arena = batch->arena;
    arena_reset(&arena);
    *batch = (struct batch){.arena = arena};
}

void batch_release(struct batch *batch)
{
    arena_release(&batch->arena);
}

/* May both be about one deed? A restore makes a stream, and what puts a consumer may make one. */
static bool is_one_deed(enum deed audited, enum deed announced)
{
    return audited == announced ||
           (announced == DEED_CREATED && (audited == DEED_PUT || audited == DEED_RESTORED));
}

static bool completes(const struct touched *touched, const struct advisory *advisory)
{
    if (advisory->is_audit ? touched->audited : touched->announced)
        return false;
    return advisory->is_audit ? is_one_deed(advisory->deed, touched->deed)
                              : is_one_deed(touched->deed, advisory->deed);
}

/* Names have no blanks; those of a forged advisory may, and are then taken for another object's at worst. */
static const char *key_of(struct arena *arena, const struct advisory *advisory)
{
    return advisory->consumer ? resource_key(arena, advisory->stream, advisory->consumer) : advisory->stream;
}

/* The first of the object that the advisory completes; NULL: none. */
static struct touched *find(const struct batch *batch, const char *key, const struct advisory *advisory)
{
    struct touched *found = NULL;
    size_t at = batch->last.count ? (size_t)(uintptr_t)map_get(&batch->last, key) : 0;
    for (; at; at = batch->list.items[at - 1].before)
        if (completes(&batch->list.items[at - 1], advisory))
            found = &batch->list.items[at - 1];
    return found;
}

static void complete(struct batch *batch, struct touched *touched, const struct advisory *advisory)
{
    const struct client_told *by = &advisory->client;
    if (touched->deed == DEED_PUT || advisory->deed == DEED_RESTORED)
        touched->deed = advisory->deed;
    if (!advisory->is_audit) {
        touched->announced = true;
        return;
    }
    touched->audited = true;
    touched->is_ephemeral = advisory->is_ephemeral;
    touched->by = (struct client_told){.user = arena_strdup(&batch->arena, by->user),
                                       .name = arena_strdup(&batch->arena, by->name),
                                       .host = arena_strdup(&batch->arena, by->host),
                                       .account = arena_strdup(&batch->arena, by->account)};
}

static struct touched *add(struct batch *batch, const char *key, const struct advisory *advisory)
{
    struct touched touched = {.deed = advisory->deed,
                              .stream = arena_strdup(&batch->arena, advisory->stream)};
    if (advisory->consumer)
        touched.consumer = arena_strdup(&batch->arena, advisory->consumer);
    if (!batch->last.count)
        map_init(&batch->last, &batch->arena);
    touched.before = (size_t)(uintptr_t)map_put(&batch->last, arena_strdup(&batch->arena, key),
                                                (void *)(uintptr_t)(batch->list.count + 1));
    VEC_PUSH(&batch->arena, &batch->list, touched);
    return &batch->list.items[batch->list.count - 1];
}

void batch_add(struct batch *batch, struct batch *earlier, const struct advisory *advisory, int64_t now_ms)
{
    struct arena scratch SCOPED(arena_release) = {0};
    const char *key = key_of(&scratch, advisory);
    struct touched *known = find(batch, key, advisory);
    struct touched *told = known ? NULL : find(earlier, key, advisory);
    if (told) {
        complete(earlier, told, advisory);
        return;
    }
    if (!known && batch->list.count == BATCH_MOST) {
        batch->is_full = true;
        return;
    }
    if (!batch->list.count)
        batch->first_ms = now_ms;
    batch->last_ms = now_ms;
    complete(batch, known ? known : add(batch, key, advisory), advisory);
}

void batch_end(struct batch *batch)
{
    for (size_t i = 0; i < batch->list.count; i++)
        if (batch->list.items[i].deed == DEED_PUT)
            batch->list.items[i].deed = DEED_UPDATED;
}
