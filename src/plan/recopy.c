/*
 * Sources that are copied again; see recopy.h. Measured on nats-server 2.10.27 and 2.15.1: a source is known by its name, its filter
 * and its transforms, and one that is not known yet begins at the origin's first message, unless it says where. 2.9.10 knows it by
 * its name alone, and goes on.
 */
#include "plan/recopy.h"

#include <string.h>

#include "base/exit.h"
#include "field/subject.h"
#include "field/version.h"
#include "kind/kinds.h"
#include "plan/step.h"

static DIAG_CODE(
    code_copied_again, .name = "copied-again", CODE_ERROR(EXIT_REFUSED),
    .doc = "A source would be copied once more from its first message, and the stream holds messages of it.",
    .why = "A source with another filter is another source to the server: what was copied is there twice.",
    .example = "sources: [{name: ORDERS, filter_subject: orders.eu}]",
    .remedy = "Say where it begins: opt_start_seq or opt_start_time. Later they may go again.");

/* The subjects of a source, one after the other: of its filter, or of its transforms. NULL: no more. */
static const char *subject_of(const struct object *origin, size_t index)
{
    const struct value_list *transforms = object_list(origin, ORIGIN_TRANSFORMS);
    const char *subject = index < transforms->count
                              ? object_text(transforms->items[index].object, TRANSFORM_SRC)
                              : object_text(origin, ORIGIN_FILTER_SUBJECT);
    if (index >= transforms->count && index > 0)
        return NULL;
    return subject && *subject ? subject : ">";
}

static bool overlap(const struct object *a, const struct object *b)
{
    for (size_t i = 0; subject_of(a, i); i++)
        for (size_t j = 0; subject_of(b, j); j++)
            if (subjects_collide(subject_of(a, i), subject_of(b, j)))
                return true;
    return false;
}

static bool is_equal(const struct object *a, const struct object *b, unsigned id)
{
    return value_equal(table_field_by_id(a->table, id), object_value(a, id), object_value(b, id));
}

/* A single transform without a destination is a filter to the server. */
static bool is_filter(const struct object *origin)
{
    const struct value_list *transforms = object_list(origin, ORIGIN_TRANSFORMS);
    return !transforms->count ||
           (transforms->count == 1 && !object_has(transforms->items[0].object, TRANSFORM_DEST, NULL));
}

static bool is_same(const struct object *a, const struct object *b)
{
    bool filters = is_filter(a) && is_filter(b) && strcmp(subject_of(a, 0), subject_of(b, 0)) == 0;
    return filters || (is_equal(a, b, ORIGIN_FILTER_SUBJECT) && is_equal(a, b, ORIGIN_TRANSFORMS));
}

static bool is_of_same_stream(const struct object *a, const struct object *b)
{
    return is_equal(a, b, ORIGIN_NAME) && is_equal(a, b, ORIGIN_EXTERNAL);
}

static bool is_copied_again(const struct object *origin, const struct value_list *live)
{
    bool again = false;
    if (object_has(origin, ORIGIN_START_SEQ, NULL) || object_has(origin, ORIGIN_START_TIME, NULL))
        return false;
    for (size_t i = 0; i < live->count; i++) {
        const struct object *other = live->items[i].object;
        if (is_of_same_stream(origin, other) && is_same(origin, other))
            return false;
        again |= is_of_same_stream(origin, other) && overlap(origin, other);
    }
    return again;
}

static void refuse(struct step *step, const struct object *origin, struct diags *diags)
{
    struct diag *diag = diag_add(
        diags, &code_copied_again, origin->pos.source ? origin->pos : step->pos,
        "%s would copy messages of stream %s a second time: with another filter, a source begins anew",
        step->label, object_text(origin, ORIGIN_NAME));
    diag_hint(diags, diag, "'%s' or '%s' in it says where it begins",
              table_field_by_id(origin->table, ORIGIN_START_SEQ)->name,
              table_field_by_id(origin->table, ORIGIN_START_TIME)->name);
    step->action = ACTION_REFUSED;
}

void recopy_refuse(struct step *step, const struct target *target, const struct stream_state *state,
                   struct diags *diags)
{
    const struct change *change = step->stream ? NULL : step_change_by_id(step, STREAM_SOURCES);
    if (!change || change->after->type != VALUE_LIST || change->before->type != VALUE_LIST ||
        !state->messages || !version_has(target->version, VERSION(2, 10, 0)))
        return;
    for (size_t i = 0; i < change->after->list->count; i++)
        if (is_copied_again(change->after->list->items[i].object, change->before->list))
            refuse(step, change->after->list->items[i].object, diags);
}
