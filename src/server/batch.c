/* Batches of advisories; see batch.h. */
#include "server/batch.h"

#include <string.h>

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
    if (strcmp(touched->stream, advisory->stream) != 0 || !touched->consumer != !advisory->consumer ||
        (touched->consumer && strcmp(touched->consumer, advisory->consumer) != 0))
        return false;
    return advisory->is_audit ? is_one_deed(advisory->deed, touched->deed)
                              : is_one_deed(touched->deed, advisory->deed);
}

/* The first that the advisory completes; NULL: none. */
static struct touched *find(const struct batch *batch, const struct advisory *advisory)
{
    for (size_t i = 0; i < batch->list.count; i++)
        if (completes(&batch->list.items[i], advisory))
            return &batch->list.items[i];
    return NULL;
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

void batch_add(struct batch *batch, const struct batch *earlier, const struct advisory *advisory,
               int64_t now_ms)
{
    struct touched *known = find(batch, advisory);
    if (!known && find(earlier, advisory))
        return;
    if (!known && batch->list.count == BATCH_MOST) {
        batch->is_full = true;
        return;
    }
    if (!batch->list.count)
        batch->first_ms = now_ms;
    batch->last_ms = now_ms;
    if (!known) {
        struct touched touched = {.deed = advisory->deed,
                                  .stream = arena_strdup(&batch->arena, advisory->stream)};
        if (advisory->consumer)
            touched.consumer = arena_strdup(&batch->arena, advisory->consumer);
        VEC_PUSH(&batch->arena, &batch->list, touched);
        known = &batch->list.items[batch->list.count - 1];
    }
    complete(batch, known, advisory);
}

void batch_end(struct batch *batch)
{
    for (size_t i = 0; i < batch->list.count; i++)
        if (batch->list.items[i].deed == DEED_PUT)
            batch->list.items[i].deed = DEED_UPDATED;
}
