/* Plans as JSON; see plan_json.h. Values are in the units of the JetStream API, so that programs need no parser for "7d". */
#include "view/plan_json.h"

#include <string.h>

#include "field/encode.h"
#include "plan/replace.h"
#include "plan/risk.h"
#include "plan/step.h"
#include "view/version.h"

#define DOCUMENT_VERSION "1.4"

static void put_text(struct arena *arena, struct node *map, const char *key, const char *text)
{
    node_put(arena, map, key, text ? node_scalar(arena, text, true) : node_scalar(arena, "null", false));
}

/* Terraform has no words for some actions: an adoption is an update to it. What is refused is none of its actions. */
static struct node *actions_of(struct arena *arena, const struct step *step)
{
    struct node *list = node_list(arena);
    const char *name = step->action == ACTION_REFUSED ? action_name(step->action)
                       : !step->live && step->wanted  ? "create"
                       : step->wanted                 ? "update"
                                                      : "delete";
    if (step->action == ACTION_MIGRATE || step->action == ACTION_RECREATE) {
        node_append(arena, list, node_scalar(arena, "delete", true));
        name = "create";
    }
    node_append(arena, list, node_scalar(arena, name, true));
    return list;
}

static struct node *object_json(struct arena *arena, const struct object *object)
{
    struct node *map = node_map(arena);
    if (!object)
        return node_scalar(arena, "null", false);
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        const struct value *value = &object->values[i];
        /* Neither natsform's own keys, which no server has, nor secrets. */
        if (value->type != VALUE_ABSENT && !(field->flags & (FIELD_OURS | FIELD_SECRET)))
            node_put(arena, map, field->name, value_encode(arena, field, value, FORM_WIRE));
    }
    return map;
}

static struct node *rule_json(struct arena *arena, const struct change *change)
{
    struct node *map = node_map(arena);
    node_put_number(arena, map, "err_code", (uint64_t)change->rule->err_code);
    put_text(arena, map, "description", change->rule->says);
    put_text(arena, map, "since",
             change->rule->since ? version_format(arena, change->rule->since, true) : NULL);
    return map;
}

static struct node *changes_json(struct arena *arena, const struct step *step)
{
    struct node *list = node_list(arena);
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        struct node *map = node_map(arena);
        /* The shown field: of a bucket, its own name for what differs in its stream. */
        put_text(arena, map, "field", change->shown.field->name);
        node_put(arena, map, "before",
                 value_encode(arena, change->shown.field, change->shown.before, FORM_WIRE));
        node_put(arena, map, "after",
                 value_encode(arena, change->shown.field, change->shown.after, FORM_WIRE));
        node_put_flag(arena, map, "refused", change->refused);
        if (change->replaces)
            node_put_flag(arena, map, "replaces", true);
        if (change->rule->says)
            node_put(arena, map, "server_rule", rule_json(arena, change));
        node_append(arena, list, map);
    }
    return list;
}

static struct node *risk_json(struct arena *arena, const struct plan *plan, const struct step *step)
{
    struct node *map = node_map(arena);
    node_put_flag(arena, map, "destroys_data", step->loss.any);
    node_put_flag(arena, map, "irreversible", step->irreversible);
    node_put_flag(arena, map, "redelivers", step->redelivers);
    if (step->skips) {
        node_put_number(arena, map, "skips", step->skips);
        node_put_flag(arena, map, "skips_exactly", step->skips_exactly);
    }
    if (step->loss.any) {
        node_put_number(arena, map, "messages", step->loss.messages);
        if (step->loss.bytes)
            node_put_number(arena, map, "bytes", step->loss.bytes);
        node_put_flag(arena, map, "exact", step->loss.exact);
        put_text(arena, map, "why", step->loss.why);
        node_put_flag(arena, map, "backed_up", plan->backs_up);
    }
    return map;
}

/* Only of streams that wait for consumers, are changed in two updates, or take subjects from each other. */
static void put_order(struct arena *arena, struct node *map, const struct step *step)
{
    struct node *late = node_list(arena);
    struct node *taken = node_list(arena);
    for (size_t i = 0; step->late && i < step->table->count; i++)
        if (step->late[i])
            node_append(arena, late, node_scalar(arena, step->table->fields[i].name, true));
    for (size_t i = 0; i < step->takes.count; i++)
        node_append(arena, taken, node_scalar(arena, step->takes.items[i].subject, true));
    if (late->count)
        node_put(arena, map, step->moves ? "in_second_update" : "after_consumers", late);
    if (taken->count)
        node_put(arena, map, "subjects_taken_over", taken);
}

/* What a deletion takes beside messages: a stream's consumers, a consumer's position. */
static void put_cost(struct arena *arena, struct node *map, const struct step *step)
{
    struct node *along = node_list(arena);
    struct node *position = node_map(arena);
    for (size_t i = 0; i < step->along.count; i++)
        node_append(arena, along, node_scalar(arena, step->along.items[i], true));
    node_put_number(arena, position, "pending", step->state.pending);
    node_put_number(arena, position, "unacknowledged", step->state.unacked);
    if (along->count)
        node_put(arena, map, "consumers_deleted", along);
    if (step->action == ACTION_DELETE && step->stream)
        node_put(arena, map, "position_lost", position);
}

static struct node *refusal_json(struct arena *arena, const struct step *step)
{
    struct node *map = node_map(arena);
    put_text(arena, map, "code", step->refused->name);
    put_text(arena, map, "message", step->refusal);
    return map;
}

static const char *const rehearsals[] = {
    [REHEARSE_NOT] = "none", [REHEARSE_BESIDE] = "beside", [REHEARSE_APART] = "private server"};

/* What is moved, and what does not stay as it was. */
static struct node *migration_json(struct arena *arena, const struct plan *plan, const struct step *step)
{
    struct node *map = node_map(arena), *costs = node_list(arena);
    const struct replacement *replacement = step->replacement;
    if (!step->stream) {
        node_put_number(arena, map, "messages", step->state.messages);
        node_put_number(arena, map, "bytes", step->state.bytes);
        node_put_number(arena, map, "expected_window_ms",
                        replace_window_ms(step, &plan->target, replacement));
        node_put_flag(arena, map, "by_messages", replacement->by_messages);
        put_text(arena, map, "rehearsal", rehearsals[replacement->rehearsal]);
    }
    if (step->renamed_from)
        put_text(arena, map, "renamed_from", step->renamed_from);
    for (size_t i = 0; i < replacement->costs.count; i++)
        node_append(arena, costs, node_scalar(arena, replacement->costs.items[i], true));
    node_put(arena, map, "not_kept", costs);
    return map;
}

struct node *step_json(struct arena *arena, const struct plan *plan, const struct step *step)
{
    struct node *map = node_map(arena);
    struct node *change = node_map(arena);
    put_text(arena, map, "address", step_address(arena, step));
    put_text(arena, map, "type", table_word(step_kind(step)));
    /* The stream of a bucket has another name than the bucket. */
    if (step->stream || step_kind(step) != step->table)
        put_text(arena, map, "stream", step->stream ? step->stream : step->name);
    put_text(arena, map, "name", step_shown_name(step));
    put_text(arena, map, "action", action_name(step->action));
    if (step->action == ACTION_REFUSED && step->refused)
        node_put(arena, map, "refused", refusal_json(arena, step));
    node_put(arena, change, "actions", actions_of(arena, step));
    node_put(arena, change, "before", object_json(arena, step_shown(arena, step, step->live)));
    node_put(arena, change, "after", object_json(arena, step_shown(arena, step, step->wanted)));
    node_put(arena, map, "change", change);
    node_put(arena, map, "fields", changes_json(arena, step));
    node_put(arena, map, "risk", risk_json(arena, plan, step));
    if (step->action == ACTION_MIGRATE)
        node_put(arena, map, "migration", migration_json(arena, plan, step));
    put_order(arena, map, step);
    put_cost(arena, map, step);
    put_text(arena, map, "unmanaged", step->unknown);
    put_text(arena, map, "source",
             step->pos.source
                 ? arena_printf(arena, "%s:%u:%u", step->pos.source->name, step->pos.line, step->pos.column)
                 : NULL);
    return map;
}

static const char *known(const char *text)
{
    return text && *text ? text : NULL;
}

struct node *document_json(struct arena *arena)
{
    struct node *root = node_map(arena);
    put_text(arena, root, "format_version", DOCUMENT_VERSION);
    put_text(arena, root, "natsform_version", NATSFORM_VERSION);
    return root;
}

static struct node *unowned_json(struct arena *arena, const struct plan *plan)
{
    struct node *map = node_map(arena);
    node_put_number(arena, map, "streams", plan->unowned_streams);
    node_put_number(arena, map, "consumers", plan->unowned_consumers);
    return map;
}

struct node *plan_json(struct arena *arena, const struct plan *plan)
{
    struct node *root = document_json(arena);
    struct node *server = node_map(arena);
    struct node *changes = node_list(arena);
    struct node *summary = node_map(arena);
    struct node *undefined = node_list(arena);
    put_text(arena, root, "project", plan->project);
    if (plan->connection)
        put_text(arena, root, "connection", plan->connection);
    if (plan->revision)
        put_text(arena, root, "revision", plan->revision);
    put_text(arena, server, "version", plan->target.version_text);
    put_text(arena, server, "url", plan->target.url);
    put_text(arena, server, "found", known(plan->target.found));
    put_text(arena, server, "name", plan->target.name);
    put_text(arena, server, "cluster", plan->target.clustered ? plan->target.cluster : NULL);
    put_text(arena, server, "account", known(plan->target.account));
    put_text(arena, server, "domain", known(plan->target.domain));
    node_put(arena, root, "server", server);
    for (size_t i = 0; i < plan->steps.count; i++)
        node_append(arena, changes, step_json(arena, plan, plan->steps.items[i]));
    node_put(arena, root, "resource_changes", changes);
    for (int action = ACTION_CREATE; action <= ACTION_REFUSED; action++)
        node_put_number(arena, summary, action_name((enum action)action), plan_count_of(plan, action));
    node_put_number(arena, summary, action_name(ACTION_NONE), plan->in_sync);
    node_put(arena, root, "summary", summary);
    for (size_t i = 0; i < plan->undefined.count; i++)
        node_append(arena, undefined, node_scalar(arena, plan->undefined.items[i], true));
    node_put(arena, root, "not_in_manifest", undefined);
    if (plan->beside)
        node_put(arena, root, "unowned", unowned_json(arena, plan));
    return root;
}

struct node *plans_json(struct arena *arena, struct node *plans)
{
    struct node *root = document_json(arena);
    node_put(arena, root, "plans", plans);
    return root;
}
