/* Steps of a plan; see step.h. What a server allows to change is in the rows (`updates`), by version. */
#include "plan/step.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "field/check.h"
#include "field/decode.h"
#include "field/mark_keys.h"
#include "kind/bucket.h"
#include "kind/kinds.h"

static DIAG_CODE(code_newer_server, .name = "newer-server", CODE_NOTE,
                 .doc = "Live objects have settings that natsform has no rows for, as of a newer server.",
                 .why = "They are never a difference, and an update sends them back as they were read.",
                 .example = "a nats-server that is newer than natsform",
                 .remedy = "Nothing is to be done. With a newer natsform the manifest can say them.");

struct step *step_new(struct arena *arena, enum action action, struct resource *resource, struct object *live)
{
    struct step *step = ARENA_NEW(arena, struct step);
    step->action = action;
    step->table = resource->table;
    step->stream = resource->stream ? resource->stream->name : NULL;
    step->name = resource->name;
    step->label = resource_label(arena, resource_kind(resource), step->stream, resource_shown_name(resource));
    step->resource = resource;
    step->pos = resource->pos;
    step->wanted = action == ACTION_DELETE ? NULL : resource->config;
    step->live = live;
    return step;
}

struct step *step_of_live(struct arena *arena, enum action action, const struct live_object *live,
                          const struct target *target)
{
    struct step *step = ARENA_NEW(arena, struct step);
    struct live_object kept = live_keep(arena, live);
    const char *name = kept.name;
    step->action = action;
    step->table = kept.table;
    step->stream = kept.stream;
    step->name = kept.name;
    step->state = kept.state;
    step->live = live_decode(arena, &kept, target->now);
    if (step->table == &stream_table && bucket_of_stream(arena, step->live, target->version))
        step->bucket = bucket_kind_by_stream(kept.name, &name);
    step->label = resource_label(arena, step_kind(step), step->stream, name);
    return step;
}

struct step step_from(const struct step *step, struct object *live)
{
    return (struct step){
        .action = step->action,
        .table = step->table,
        .stream = step->stream,
        .name = step->name,
        .label = step->label,
        .resource = step->resource,
        .bucket = step->bucket,
        .pos = step->pos,
        .wanted = step->wanted,
        .live = live,
        .raised = step->raised,
    };
}

struct live_object step_as_read(const struct step *step)
{
    return (struct live_object){.table = step->table,
                                .stream = step->stream,
                                .name = step->name,
                                .config = step->live->node,
                                .state = step->state};
}

/*
 * Streams come before consumers, and what goes before what comes in its place: by the order in which they were added.
 */
int step_compare(const void *left, const void *right)
{
    const struct step *a = *(struct step *const *)left;
    const struct step *b = *(struct step *const *)right;
    if (!a->stream != !b->stream)
        return a->stream ? 1 : -1;
    int order = a->stream ? strcmp(a->stream, b->stream) : 0;
    order = order ? order : strcmp(a->name, b->name);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

void plan_add(struct arena *arena, struct plan *plan, struct step *step)
{
    step->index = plan->steps.count;
    VEC_PUSH(arena, &plan->steps, step);
}

size_t plan_count_of(const struct plan *plan, int action)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->steps.count; i++)
        count += (int)step_counts_as(plan->steps.items[i]) == action;
    return count;
}

bool plan_is_empty(const struct plan *plan)
{
    return plan->steps.count == 0;
}

const char *action_name(enum action action)
{
    static const char *const names[] = {
        [ACTION_NONE] = "no-op",      [ACTION_CREATE] = "create",   [ACTION_UPDATE] = "update",
        [ACTION_ADOPT] = "adopt",     [ACTION_FORGET] = "forget",   [ACTION_DELETE] = "delete",
        [ACTION_REFUSED] = "refused", [ACTION_MIGRATE] = "migrate", [ACTION_RECREATE] = "recreate",
    };
    return names[action];
}

/* ---- in the words of the manifest ---- */

/* An object that no manifest defines may be a bucket, too. */
static const struct bucket_kind *bucket_of(const struct step *step)
{
    return step->resource ? step->resource->bucket : step->bucket;
}

const struct table *step_kind(const struct step *step)
{
    const struct bucket_kind *bucket = bucket_of(step);
    return bucket ? bucket->table : step->table;
}

const char *step_shown_name(const struct step *step)
{
    const char *name = step->name;
    if (step->resource)
        return resource_shown_name(step->resource);
    if (step->bucket)
        bucket_kind_by_stream(step->name, &name);
    return name;
}

const struct object *step_shown(struct arena *arena, const struct step *step, const struct object *config)
{
    const struct bucket_kind *bucket = bucket_of(step);
    return bucket && config ? bucket_collapse(arena, bucket, config) : config;
}

const char *step_stream_name(const struct step *step)
{
    return step->stream ? step->stream : step->name;
}

const char *step_rescued(const struct step *step, size_t index)
{
    bool own = step->is_rescued && (step->stream || step->live);
    if (own && index == 0)
        return step_stream_name(step);
    index -= own;
    return index < step->drains.count ? step->drains.items[index] : NULL;
}

bool plan_rescues(const struct plan *plan)
{
    bool any = false;
    for (size_t i = 0; i < plan->steps.count; i++)
        any |= step_rescued(plan->steps.items[i], 0) != NULL;
    return any && plan->backs_up;
}

bool step_sets_for_good(const struct object *wanted)
{
    bool any = false;
    for (size_t i = 0; i < wanted->table->count; i++)
        any |= wanted->table->fields[i].risk == RISK_IRREVERSIBLE &&
               wanted->table->fields[i].type == FIELD_BOOL && wanted->values[i].given &&
               value_is_on(&wanted->table->fields[i], &wanted->values[i]);
    return any;
}

void step_takes_along(struct arena *arena, struct step *stream, const char *consumer)
{
    VEC_PUSH(arena, &stream->along, arena_strdup(arena, consumer));
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void step_sort_along(struct step *stream)
{
    size_t kept = 0;
    if (stream->along.count)
        qsort(stream->along.items, stream->along.count, sizeof(*stream->along.items), compare_names);
    for (size_t i = 0; i < stream->along.count; i++)
        if (!kept || strcmp(stream->along.items[kept - 1], stream->along.items[i]) != 0)
            stream->along.items[kept++] = stream->along.items[i];
    stream->along.count = kept;
}

enum action step_counts_as(const struct step *step)
{
    return step->action == ACTION_ADOPT && step->changes.count ? ACTION_UPDATE : step->action;
}

const char *step_address(struct arena *arena, const struct step *step)
{
    return resource_address(arena, step_kind(step), step->stream, step_shown_name(step));
}

void step_refuse(struct diags *diags, struct step *step, struct diag *diag)
{
    step->action = ACTION_REFUSED;
    diag->object = diag->object ? diag->object : step_address(&diags->arena, step);
    if (step->refused)
        return;
    step->refused = diag->code;
    step->refusal = diag->message;
}

struct change *step_change(const struct step *step, const struct field *field)
{
    for (size_t i = 0; i < step->changes.count; i++)
        if (step->changes.items[i].field == field)
            return &step->changes.items[i];
    return NULL;
}

struct change *step_change_by_id(const struct step *step, unsigned id)
{
    return step ? step_change(step, table_field_by_id(step->table, id)) : NULL;
}

bool step_wants_more(const struct step *consumer)
{
    return consumer->action == ACTION_CREATE || step_change_by_id(consumer, CONSUMER_FILTER_SUBJECT) ||
           step_change_by_id(consumer, CONSUMER_FILTER_SUBJECTS);
}

/* Fills `shown` of every change. compare_objects() calls it. Call it again if `before` was changed since. */
static void step_show_changes(struct arena *arena, struct step *step)
{
    const struct bucket_kind *bucket = bucket_of(step);
    const struct object *before = step->changes.count ? step_shown(arena, step, step->live) : NULL;
    const struct object *after = step->changes.count ? step_shown(arena, step, step->wanted) : NULL;
    for (size_t i = 0; i < step->changes.count; i++) {
        struct change *change = &step->changes.items[i];
        const struct field *field = bucket_shown_field(bucket, change->field);
        bool own = field != change->field;
        change->shown = (struct shown){
            .field = field,
            .before = own ? object_value_of(before, field) : change->before,
            .after = own ? object_value_of(after, field) : change->after,
        };
    }
}

/*
 * ---- compare ----
 * The comparison of two normalised objects. What a server allows is in the rows (`updates`), by version.
 */

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
    step->irreversible |= field->risk == RISK_IRREVERSIBLE && !change.refused;
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

/* Does a part have settings that no row knows? */
static bool has_unknown(const struct value *live)
{
    for (size_t i = 0; live->type == VALUE_LIST && i < live->list->count; i++)
        if (has_unknown(&live->list->items[i]))
            return true;
    return live->type == VALUE_OBJECT && live->object->unknown > 0;
}

static bool is_in_sync(struct arena *scratch, const struct field *field, const struct value *wanted,
                       struct value *live, struct instant now)
{
    if (!is_compared(field))
        return true;
    if (has_unknown(live))
        return false;
    value_normalise_live(scratch, field, live, now);
    /* The server may have chosen or lowered what nobody asked for. */
    return value_equal(field, wanted, live) || value_is_servers_choice(field, wanted, live);
}

/* Null says nothing, as in the API. */
static void note_member(struct arena *scratch, const struct member *member, const char **ret_unknown)
{
    const char *before = *ret_unknown;
    if (!node_is_null(member->value))
        *ret_unknown = arena_printf(scratch, "%s%s%s", before ? before : "", before ? ", " : "", member->key);
}

/*
 * Some meanings can be spelled by different fields. Those spellings are not made equal here. It is not necessary: the
 * wanted object is in canonical form, so what equals it is in that form too.
 */
bool compare_is_in_sync(struct arena *scratch, const struct object *wanted, const struct node *live,
                        struct instant now, const char **ret_unknown)
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
        if (!field) {
            note_member(scratch, &live->members[i], ret_unknown);
            continue;
        }
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

void unknown_add(struct map *unknown, const char *names)
{
    while (names && *names) {
        size_t length = strcspn(names, ",");
        const char *name = arena_strndup(unknown->arena, names, length);
        if (!map_get(unknown, name))
            map_put(unknown, name, unknown);
        names += length + strspn(names + length, ", ");
    }
}

void unknown_report(const struct map *unknown, const struct target *target, struct diags *diags)
{
    struct arena *arena = &diags->arena;
    const char *names = NULL;
    for (size_t i = 0; i < unknown->count; i++)
        names = arena_printf(arena, "%s%s%s", names ? names : "", names ? ", " : "", unknown->entries[i].key);
    if (!names)
        return;
    struct diag *diag =
        diag_add(diags, &code_newer_server, (struct srcpos){0},
                 "natsform does not know what nats-server %s has here: %s", target->version_text, names);
    diag_hint(diags, diag, "updates keep these settings as they are; a newer natsform may know them");
}

/* Where a consumer starts, as MARK_START has it. */
static const char *start_text(struct arena *arena, const struct object *consumer)
{
    const struct value *time = object_value(consumer, CONSUMER_OPT_START_TIME);
    int64_t sequence = object_integer(consumer, CONSUMER_OPT_START_SEQ);
    const char *policy = object_text(consumer, CONSUMER_DELIVER_POLICY);
    if (sequence)
        return arena_printf(arena, "%s %llu", policy, (unsigned long long)sequence);
    return time->type == VALUE_TIME
               ? arena_printf(arena, "%s %s", policy, instant_format(arena, *time->instant))
               : policy;
}

/* Was it made for what is wanted, and shows another start only because it was made anew where it was? */
static bool starts_as_wanted(struct arena *arena, const struct step *step)
{
    if (step->table != &consumer_table || !step->live->node)
        return false;
    const struct field *metadata = table_field_by_id(&consumer_table, CONSUMER_METADATA);
    const char *mark = node_get_text(node_get(step->live->node, metadata->name), MARK_START);
    return *mark && object_has(step->live, CONSUMER_DELIVER_POLICY, CHOICE_BY_START_SEQUENCE) &&
           strcmp(mark, start_text(arena, step->wanted)) == 0;
}

static bool is_start(const struct field *field)
{
    return field->id == CONSUMER_DELIVER_POLICY || field->id == CONSUMER_OPT_START_SEQ ||
           field->id == CONSUMER_OPT_START_TIME;
}

size_t compare_objects(struct arena *arena, struct step *step, const struct target *target)
{
    const struct table *table = step->wanted->table;
    const bool *ignored = step->resource ? step->resource->ignored : NULL;
    const bool bucket = step->resource && step->resource->bucket;
    const bool unseals =
        bucket && object_flag(step->live, STREAM_SEALED) && !object_flag(step->wanted, STREAM_SEALED);
    const bool starts = starts_as_wanted(arena, step);
    step->keep = ARENA_ARRAY(arena, bool, table->count);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const struct value *wanted = &step->wanted->values[i];
        const struct value *live = &step->live->values[i];
        if (!is_compared(field) || (wanted->type == VALUE_ABSENT && live->type == VALUE_ABSENT))
            continue;
        if (value_equal(field, wanted, live))
            continue;
        bool raised = step->raised && step->raised[i];
        step->keep[i] = (ignored && ignored[i]) || (starts && is_start(field)) ||
                        (!raised && value_is_servers_choice(field, wanted, live)) ||
                        (bucket && bucket_tolerates(step->wanted, step->live, field) &&
                         !(unseals && bucket_follows_from_sealing(field)));
        if (!step->keep[i])
            add_change(arena, step, field, target);
    }
    const struct update_rule *frozen = freezing_rule(step->live, target->version);
    if (frozen)
        freeze(step, frozen);
    step_show_changes(arena, step);
    return step->changes.count;
}

void compare_raised(struct arena *arena, struct step *step, const struct field *field,
                    const struct target *target)
{
    size_t row = (size_t)(field - step->table->fields);
    step->keep = step->keep ? step->keep : ARENA_ARRAY(arena, bool, step->table->count);
    step->raised = step->raised ? step->raised : ARENA_ARRAY(arena, bool, step->table->count);
    step->keep[row] = false;
    step->raised[row] = true;
    add_change(arena, step, field, target);
    step_show_changes(arena, step);
}

bool compare_adopting(struct arena *arena, struct step *step, const struct plan *plan)
{
    const struct target *target = &plan->target;
    struct object *as_read = step->live;
    /* A copy, because the mark is written into it. */
    step->live = object_copy(arena, as_read);
    bool adopts = mark_lend(arena, step->resource, plan->project, plan->from,
                            compare_frozen(as_read, target->version), step->live);
    if (adopts)
        compare_objects(arena, step, target);
    step->live = as_read;
    for (size_t i = 0; i < step->changes.count; i++)
        step->changes.items[i].before = object_value_of(as_read, step->changes.items[i].field);
    step_show_changes(arena, step);
    return adopts;
}

/* ---- consumer limits of streams ---- */

/* Each limit, and the consumer's field that it limits. */
static const struct {
    unsigned limit;
    unsigned bounded;
} bounds[] = {
    {LIMITS_INACTIVE_THRESHOLD, CONSUMER_INACTIVE_THRESHOLD},
    {LIMITS_MAX_ACK_PENDING, CONSUMER_MAX_ACK_PENDING},
};

static int64_t limit_of(const struct object *stream, unsigned id)
{
    const struct object *limits = object_object(stream, STREAM_CONSUMER_LIMITS);
    return limits ? object_integer(limits, id) : 0;
}

/*
 * Servers before 2.12.12, and 2.14.0 to 2.14.2, take a limit that is not set for a limit of 0. A value of -1 is
 * unlimited, and passes every limit.
 */
static bool exceeds(int64_t value, int64_t limit, uint32_t version)
{
    bool none_is_zero = !version_has(version, VERSION(2, 12, 12)) ||
                        (version_has(version, VERSION(2, 14, 0)) && !version_has(version, VERSION(2, 14, 3)));
    return value > limit && (limit > 0 || none_is_zero);
}

/* A value that is left out fits, because the server fills the limit in. */
static bool fits_under(int64_t value, int64_t limit)
{
    return limit <= 0 || value < 0 || (value > 0 && value <= limit);
}

enum limits_order limits_order_of(const struct limits_change *change, uint32_t version,
                                  const struct field **ret_field)
{
    enum limits_order order = LIMITS_ANY_ORDER;
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        int64_t limit = limit_of(change->stream_wanted, bounds[i].limit);
        int64_t wanted = object_integer(change->consumer_wanted, bounds[i].bounded);
        if (!exceeds(object_integer(change->consumer_live, bounds[i].bounded), limit, version))
            continue;
        order = LIMITS_CONSUMER_FIRST;
        if (!exceeds(wanted, limit, version) &&
            fits_under(wanted, limit_of(change->stream_live, bounds[i].limit)))
            continue;
        if (ret_field)
            *ret_field = table_field_by_id(change->consumer_wanted->table, bounds[i].bounded);
        return LIMITS_REFUSED;
    }
    return order;
}
