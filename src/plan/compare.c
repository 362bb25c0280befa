/* The comparison of two normalised objects; see compare.h. What a server allows is in the rows (`updates`), by version. */
#include "plan/compare.h"

#include <string.h>

#include "field/decode.h"
#include "field/normalise.h"
#include "kind/bucket.h"
#include "plan/mark.h"
#include "plan/step.h"

static bool is_choice(const struct field *field, const struct value *value, const char *choice)
{
    const char *text = value->type == VALUE_TEXT ? value->text : field->fallback;
    return text && strcmp(text, choice) == 0;
}

bool update_is_allowed(const struct update_rule *rule, const struct field *field, const struct value *before,
                       const struct value *after, bool clustered)
{
    switch (rule->policy) {
    case UPDATE_FREE:
    case UPDATE_SEPARATE:
        return true;
    case UPDATE_NEVER:
    case UPDATE_FREEZES:
        return false;
    case UPDATE_LATCH:
        return value_is_on(field, after);
    case UPDATE_REMOVE:
        return value_is_on(field, before) && !value_is_on(field, after);
    case UPDATE_KEEP_CHOICE:
        return !is_choice(field, before, rule->choice) && !is_choice(field, after, rule->choice);
    case UPDATE_KEEP_PRESENCE:
        return value_is_on(field, before) == value_is_on(field, after);
    case UPDATE_CLUSTERED:
        return clustered || after->type != VALUE_INT || after->integer <= 1;
    }
    return false;
}

static void add_change(struct arena *arena, struct step *step, const struct field *field,
                       const struct target *target)
{
    struct change change = {
        .field = field,
        .before = object_value_of(step->live, field),
        .after = object_value_of(step->wanted, field),
        .rule = field_update_rule(field, target->version),
    };
    change.refused = !update_is_allowed(change.rule, field, change.before, change.after, target->clustered);
    change.separate = change.rule->policy == UPDATE_SEPARATE;
    if (change.separate) /* an update would ignore it, so its request must not contain it */
        step->keep[field - step->wanted->table->fields] = true;
    step->irreversible |= field->risk == RISK_IRREVERSIBLE;
    step->redelivers |= field->risk == RISK_REDELIVERS;
    VEC_PUSH(arena, &step->changes, change);
}

/*
 * Some fields, such as `sealed`, keep the server from updating the object at all while they are on. The rule of such a
 * field, or NULL.
 */
static const struct update_rule *freezing_rule(const struct object *live, uint32_t version)
{
    for (size_t i = 0; i < live->table->count; i++) {
        const struct field *field = &live->table->fields[i];
        const struct update_rule *rule = field_update_rule(field, version);
        if (rule->policy == UPDATE_FREEZES && value_is_on(field, &live->values[i]))
            return rule;
    }
    return NULL;
}

bool compare_frozen(const struct object *live, uint32_t version)
{
    return freezing_rule(live, version) != NULL;
}

/* Changes that would be refused by themselves keep their own words. */
static void freeze(struct step *step, const struct update_rule *rule)
{
    for (size_t i = 0; i < step->changes.count; i++) {
        struct change *change = &step->changes.items[i];
        if (!change->refused)
            change->rule = rule;
        change->refused = true;
    }
}

static bool is_compared(const struct field *field)
{
    return !(field->flags & (FIELD_OURS | FIELD_IDENTITY | FIELD_INTERNAL));
}

static bool is_in_sync(struct arena *scratch, const struct field *field, const struct value *wanted,
                       struct value *live, struct instant now)
{
    if (!is_compared(field))
        return true;
    value_normalise_live(scratch, field, live, now);
    /* The server may have chosen or lowered what nobody asked for. */
    return value_equal(field, wanted, live) || value_is_servers_choice(field, wanted, live);
}

/*
 * Some meanings can be spelled by different fields. Those spellings are not made equal here. It is not necessary: the
 * wanted object is in canonical form, so what equals it is in that form too.
 */
bool compare_is_in_sync(struct arena *scratch, const struct object *wanted, const struct node *live,
                        struct instant now)
{
    const struct table *table = wanted->table;
    uint64_t there = 0;
    size_t next = 0;
    /* One bit for each row; the largest table has some forty. A larger one only loses this short way. */
    if (table->count > 64)
        return false;
    for (size_t i = 0; i < live->count; i++) {
        struct value value;
        const struct field *field = member_decode(scratch, table, &live->members[i], &next, &value);
        if (!field)
            continue;
        there |= UINT64_C(1) << (field - table->fields);
        if (!is_in_sync(scratch, field, object_value_of(wanted, field), &value, now))
            return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct value absent = {0};
        if (!(there >> i & 1) && wanted->values[i].type != VALUE_ABSENT &&
            !is_in_sync(scratch, &table->fields[i], &wanted->values[i], &absent, now))
            return false;
    }
    return true;
}

size_t compare_objects(struct arena *arena, struct step *step, const struct target *target)
{
    const struct table *table = step->wanted->table;
    const bool *ignored = step->resource ? step->resource->ignored : NULL;
    const bool bucket = step->resource && step->resource->bucket;
    step->keep = ARENA_ARRAY(arena, bool, table->count);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const struct value *wanted = &step->wanted->values[i];
        const struct value *live = &step->live->values[i];
        if (!is_compared(field) || (wanted->type == VALUE_ABSENT && live->type == VALUE_ABSENT))
            continue;
        if (value_equal(field, wanted, live))
            continue;
        step->keep[i] = (ignored && ignored[i]) || value_is_servers_choice(field, wanted, live) ||
                        (bucket && bucket_tolerates(step->wanted, step->live, field));
        if (!step->keep[i])
            add_change(arena, step, field, target);
    }
    const struct update_rule *frozen = freezing_rule(step->live, target->version);
    if (frozen)
        freeze(step, frozen);
    step_show_changes(arena, step);
    return step->changes.count;
}

bool compare_adopting(struct arena *arena, struct step *step, const char *project,
                      const struct target *target)
{
    struct object *as_read = step->live;
    /* A copy, because the mark is written into it. */
    step->live = object_copy(arena, as_read);
    bool adopts =
        mark_lend(arena, step->resource, project, compare_frozen(as_read, target->version), step->live);
    if (adopts)
        compare_objects(arena, step, target);
    step->live = as_read;
    for (size_t i = 0; i < step->changes.count; i++)
        step->changes.items[i].before = object_value_of(as_read, step->changes.items[i].field);
    step_show_changes(arena, step);
    return adopts;
}
