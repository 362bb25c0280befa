/*
 * Descriptions of live objects; see live_object.h. Names of keys are those of the API's replies. The configuration
 * stays a node until it is known whether anybody wants it decoded.
 */
#include "server/live_object.h"

#include "field/decode.h"
#include "field/normalise.h"
#include "kind/kinds.h"

static const char *text_of(const struct node *node)
{
    return node && node->type == NODE_SCALAR ? node->text : NULL;
}

bool live_stream(const struct node *info, struct live_object *ret_live)
{
    const struct node *config = node_get(info, "config");
    const struct node *state = node_get(info, "state");
    const char *name = text_of(node_get(config, table_field_by_id(&stream_table, STREAM_NAME)->name));
    const char *first = text_of(node_get(state, "first_ts"));
    const char *now = text_of(node_get(info, "ts"));
    if (!config || config->type != NODE_MAP || !name)
        return false;
    *ret_live = (struct live_object){
        .table = &stream_table,
        .name = name,
        .config = config,
        .state =
            {/* 2.10 may report wrapped 64-bit numbers, which are still numbers */
             .messages = node_get_number(state, "messages"),
             .bytes = node_get_number(state, "bytes"),
             .subjects = node_get_number(state, "num_subjects"),
             .consumers = node_get_number(state, "consumer_count")},
    };
    if (first)
        instant_parse(first, &ret_live->state.first);
    if (now)
        instant_parse(now, &ret_live->state.now);
    return true;
}

bool live_consumer(const struct node *info, struct live_object *ret_live)
{
    const struct node *config = node_get(info, "config");
    const char *stream = text_of(node_get(info, "stream_name"));
    const char *name = text_of(node_get(info, "name"));
    const struct node *bound = node_get(info, "push_bound");
    if (!config || config->type != NODE_MAP || !stream || !name)
        return false;
    *ret_live =
        (struct live_object){.table = &consumer_table, .stream = stream, .name = name, .config = config};
    if (bound)
        node_is_bool(bound, &ret_live->bound);
    return true;
}

struct live_object live_keep(struct arena *arena, const struct live_object *live)
{
    struct live_object copy = *live;
    copy.config = node_keep(arena, live->config);
    copy.name = arena_strdup(arena, live->name);
    copy.stream = live->stream ? arena_strdup(arena, live->stream) : NULL;
    return copy;
}

struct object *live_decode(struct arena *arena, const struct live_object *live, struct instant now)
{
    struct object *object = object_decode(arena, live->table, live->name, live->config, FORM_WIRE, NULL);
    object_normalise_live(arena, object, now);
    return object;
}
