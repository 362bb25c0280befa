/* Plans from texts and as texts; see planning.h. */
#include "unit/planning.h"

#include <string.h>

#include "base/strbuf.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "syntax/json.h"

static const char stream_config[] =
    "\"retention\":\"limits\",\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0,"
    "\"max_msgs_per_subject\":-1,\"max_msg_size\":-1,\"discard\":\"old\",\"storage\":\"file\",\"num_replicas\":1,"
    "\"duplicate_window\":120000000000,\"compression\":\"none\",\"allow_direct\":false,\"mirror_direct\":false,"
    "\"sealed\":false,\"deny_delete\":false,\"deny_purge\":false,\"allow_rollup_hdrs\":false,\"consumer_limits\":{},"
    "\"allow_msg_ttl\":false,\"metadata\":{\"_nats.level\":\"5\",\"_nats.req.level\":\"0\",\"_nats.ver\":\"2.15.1\"}";
static const char consumer_config[] =
    "\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\",\"ack_wait\":30000000000,\"max_deliver\":-1,"
    "\"replay_policy\":\"instant\",\"max_waiting\":512,\"max_ack_pending\":1000,\"num_replicas\":0,"
    "\"metadata\":{\"_nats.level\":\"5\",\"_nats.req.level\":\"0\",\"_nats.ver\":\"2.15.1\"}";

/* `changes` with the object's name where its mark has "@". */
static const char *mark_named(const char *changes, const char *object)
{
    const char *at = strstr(changes, "\"@\"");
    return at ? arena_printf(&world.arena, "%.*s\"%s\"%s", (int)(at - changes), changes, object, at + 3)
              : changes;
}

/* The plain configuration with the changes in it. */
static const char *configuration(const char *plain, const char *first, const char *object,
                                 const char *changes)
{
    struct node *config = world_json(arena_printf(&world.arena, "{%s,%s}", first, plain));
    const struct node *over = world_json(arena_printf(&world.arena, "{%s}", mark_named(changes, object)));
    for (size_t i = 0; i < over->count; i++) {
        if (node_is_null(over->members[i].value))
            node_remove(config, over->members[i].key);
        else
            node_put(&world.arena, config, over->members[i].key, over->members[i].value);
    }
    return world_text(config);
}

const char *planning_stream(const char *name, const char *config, const char *state)
{
    return planning_copy(name, config, state, "");
}

const char *planning_copy(const char *name, const char *config, const char *state, const char *origins)
{
    const char *first = arena_printf(&world.arena, "\"name\":\"%s\",\"subjects\":[\"%s\"]", name, name);
    return arena_printf(&world.arena, "{\"config\":%s,\"created\":\"2026-01-01T00:00:00Z\",\"state\":{%s}%s}",
                        configuration(stream_config, first, name, config), state, origins);
}

static const char *consumer(const char *stream, const char *name, const char *config, const char *more)
{
    const char *first = arena_printf(&world.arena, "\"name\":\"%s\",\"durable_name\":\"%s\"", name, name);
    const char *object = arena_printf(&world.arena, "%s > %s", stream, name);
    return arena_printf(&world.arena, "{\"stream_name\":\"%s\",\"name\":\"%s\",\"config\":%s%s}", stream,
                        name, configuration(consumer_config, first, object, config), more);
}

const char *planning_consumer(const char *stream, const char *name, const char *config)
{
    return consumer(stream, name, config, "");
}

const char *planning_bound_consumer(const char *stream, const char *name, const char *config)
{
    return consumer(stream, name, config, ",\"push_bound\":true");
}

/* As the reading of a page does it: what the reply was made of is gone once it was seen. */
static void see(struct planner *planner, const char *text)
{
    struct arena arena;
    struct live_object live;
    arena_init(&arena);
    struct node *info = json_read(&arena, text, strlen(text), NULL, &world.diags);
    ck_assert_msg(info != NULL, "%s", world_told());
    bool known = node_get(info, "stream_name") ? live_consumer(info, &live) : live_stream(info, &live);
    ck_assert_msg(known, "%s", text);
    planner_see(planner, &live);
    arena_release(&arena);
}

struct plan *planning_plan(const struct planning *planning)
{
    uint32_t version = planning->version ? planning->version : VERSION(2, 15, 1);
    struct manifest *manifest = world_load(planning->manifest);
    ck_assert_msg(manifest != NULL, "%s", world_told());
    struct target target = {
        .version = version,
        .version_text = version_format(&world.arena, version, false),
        .name = "n1",
        .cluster = planning->clustered ? "c1" : "",
        .clustered = planning->clustered,
    };
    instant_parse("2026-01-31T12:00:00Z", &target.now);
    struct plan_options options = {
        .destroy = planning->destroy, .prune = planning->prune, .allow_loss = planning->allow_loss};
    while (planning->allow_loss && planning->allow_loss[options.allow_loss_count])
        options.allow_loss_count++;
    struct planner *planner = planner_new(&world.arena, manifest, &target, &options, &world.diags);
    for (const char *const *live = planning->live; live && *live; live++)
        see(planner, *live);
    struct live_questions questions;
    while (planning->asks && planner_ask(planner, &questions))
        ; /* nothing is there */
    return planner_finish(planner);
}

static void add_loss(struct strbuf *out, const struct loss *loss)
{
    if (!loss->any)
        return;
    strbuf_addf(out, "    loses %s%llu messages", loss->exact ? "" : "up to ",
                (unsigned long long)loss->messages);
    if (loss->bytes)
        strbuf_addf(out, " and %llu bytes", (unsigned long long)loss->bytes);
    strbuf_addf(out, ": %s\n", loss->why);
}

static void add_step(struct strbuf *out, const struct step *step)
{
    strbuf_addf(out, "%zu %s %s%s%s\n", step->rank, action_name(step->action), step->label,
                step->irreversible ? " irreversibly" : "", step->redelivers ? " redelivering" : "");
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        strbuf_addf(out, "    %s: %s -> %s%s%s\n", change->field->name,
                    value_text(&world.arena, change->field, change->before),
                    value_text(&world.arena, change->field, change->after), change->refused ? " refused" : "",
                    change->separate ? " separately" : "");
    }
    add_loss(out, &step->loss);
    if (step->unknown)
        strbuf_addf(out, "    unmanaged: %s\n", step->unknown);
}

const char *planning_text(const struct plan *plan)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < plan->steps.count; i++)
        add_step(&out, plan->steps.items[i]);
    if (plan->in_sync)
        strbuf_addf(&out, "in sync: %zu\n", plan->in_sync);
    const char *text = arena_strdup(&world.arena, strbuf_text(&out));
    strbuf_release(&out);
    return text;
}
