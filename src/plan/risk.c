/*
 * What changes do to messages without an error, measured on 2.9.10, 2.10.27 and 2.15.1: lowered limits trim at once or
 * soon, interest retention drops what nobody wants. Where the number cannot be known, it is the most it could be.
 */
#include "plan/risk.h"

#include <string.h>

#include "field/value_text.h"
#include "kind/kinds.h"
#include "plan/bucket_words.h"

/* A limit that is off lets everything stay. */
static uint64_t limit_of(const struct field *field, const struct value *value)
{
    return value_is_on(field, value) && value->type == VALUE_INT ? (uint64_t)value->integer : UINT64_MAX;
}

/* With discard new, what is there stays from 2.10 on, beyond the limit or not. */
static bool keeps_old(const struct step *step, const struct target *target)
{
    return object_has(step->wanted, STREAM_DISCARD, CHOICE_NEW) &&
           version_has(target->version, VERSION(2, 10, 0));
}

static struct loss trims_messages(const struct step *step, const struct change *change,
                                  const struct target *target, const struct stream_state *stream)
{
    uint64_t limit = limit_of(change->field, change->after);
    if (stream->messages <= limit || keeps_old(step, target))
        return (struct loss){0};
    return (struct loss){.any = true, .exact = true, .messages = stream->messages - limit};
}

static struct loss trims_bytes(const struct step *step, const struct change *change,
                               const struct target *target, const struct stream_state *stream)
{
    uint64_t limit = limit_of(change->field, change->after);
    if (stream->bytes <= limit || keeps_old(step, target))
        return (struct loss){0};
    return (struct loss){.any = true, .messages = stream->messages, .bytes = stream->bytes - limit};
}

static struct loss trims_age(const struct change *change, const struct target *target,
                             const struct stream_state *stream)
{
    uint64_t limit = limit_of(change->field, change->after);
    if (limit == UINT64_MAX)
        return (struct loss){0};
    int64_t age = target->now.seconds - stream->first.seconds + 1; /* rounded up */
    if (age <= (int64_t)(limit / SECOND))
        return (struct loss){0};
    return (struct loss){.any = true, .messages = stream->messages};
}

static struct loss trims_subjects(const struct change *change, const struct stream_state *stream)
{
    uint64_t limit = limit_of(change->field, change->after);
    uint64_t others = stream->subjects > 0 ? stream->subjects - 1 : 0;
    bool can_exceed = stream->messages > others && stream->messages - others > limit;
    if (limit >= limit_of(change->field, change->before) || !can_exceed)
        return (struct loss){0};
    return (struct loss){.any = true,
                         .messages = stream->messages - others - limit}; /* if one subject has them all */
}

/* To interest retention everything goes that no consumer waits for; a filter that moves has the same effect there. */
static struct loss drops_unwanted(const struct step *step, const struct change *change,
                                  const struct stream_state *stream, const char *retention)
{
    bool to_interest = !step->stream && change->after->type == VALUE_TEXT &&
                       strcmp(change->after->text, CHOICE_INTEREST) == 0;
    bool filter_moves = step->stream && strcmp(retention, CHOICE_INTEREST) == 0;
    if (!to_interest && !filter_moves)
        return (struct loss){0};
    return (struct loss){
        .any = true, .exact = to_interest && stream->consumers == 0, .messages = stream->messages};
}

static struct loss loss_of(const struct step *step, const struct change *change, const struct target *target,
                           const struct stream_state *stream, const char *retention)
{
    switch (change->field->risk) {
    case RISK_TRIMS_MESSAGES:
        return trims_messages(step, change, target, stream);
    case RISK_TRIMS_BYTES:
        return trims_bytes(step, change, target, stream);
    case RISK_TRIMS_AGE:
        return trims_age(change, target, stream);
    case RISK_TRIMS_SUBJECTS:
        return trims_subjects(change, stream);
    case RISK_DROPS_UNWANTED:
        return drops_unwanted(step, change, stream, retention);
    case RISK_NONE:
    case RISK_IRREVERSIBLE:
    case RISK_REDELIVERS:
        break;
    }
    return (struct loss){0};
}

void assess_loss(struct arena *arena, struct step *step, const struct target *target,
                 const struct stream_state *stream, const char *retention)
{
    if (step->action == ACTION_DELETE && !step->stream && stream->messages > 0)
        step->loss = (struct loss){.any = true,
                                   .exact = true,
                                   .messages = stream->messages,
                                   .bytes = stream->bytes,
                                   .why = arena_printf(arena, "the %s is deleted", step_kind(step)->noun)};
    if (step->action == ACTION_DELETE && step->stream && stream->messages > 0 &&
        strcmp(retention, CHOICE_INTEREST) == 0)
        step->loss = (struct loss){
            .any = true, .messages = stream->messages, .why = "only this consumer may want them"};
    for (size_t i = 0; stream->messages > 0 && i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        struct loss loss = loss_of(step, change, target, stream, retention);
        if (!loss.any || (step->loss.any && loss.messages <= step->loss.messages))
            continue;
        loss.why = arena_printf(arena, "'%s' goes from %s to %s", change->shown.field->name,
                                value_text(arena, change->shown.field, change->shown.before),
                                value_text(arena, change->shown.field, change->shown.after));
        step->loss = loss;
    }
}
