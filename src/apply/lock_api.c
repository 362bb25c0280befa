/* What the lock says to the server; see lock_api.h. The key names are the API's own. */
#include "apply/lock_api.h"

#include "base/hash.h"
#include "base/strbuf.h"
#include "kind/names.h"
#include "server/api.h"
#include "syntax/json.h"

static void on_reply(void *context, const struct api_reply *reply)
{
    struct lock_reply *kept = context;
    kept->done = true;
    kept->outcome = reply->outcome;
    kept->code = reply->code;
    kept->err_code = reply->err_code;
    kept->description = arena_strdup(kept->arena, reply->description);
    if (reply->outcome == API_DONE && reply->body)
        kept->body = node_keep(kept->arena, reply->body);
}

void lock_send(struct arena *arena, struct server *server, const char *verb, const char *name,
               const char *body, const char *type, struct lock_reply *reply)
{
    *reply = (struct lock_reply){.arena = arena};
    api_submit(
        server,
        &(struct api_request){
            .verb = verb, .name = name, .body = body, .type = type, .done = on_reply, .context = reply});
}

struct lock_reply lock_request(struct arena *arena, struct server *server, const char *verb, const char *name,
                               const char *body, const char *type)
{
    struct lock_reply reply;
    lock_send(arena, server, verb, name, body, type, &reply);
    api_wait(server, &reply.done, INT64_MAX / 2);
    return reply;
}

static void put(struct arena *arena, struct node *map, const char *key, const char *text)
{
    node_put(arena, map, key, node_scalar(arena, text, true));
}

static void put_number(struct arena *arena, struct node *map, const char *key, int64_t number)
{
    node_put(arena, map, key, node_scalar(arena, arena_printf(arena, "%lld", (long long)number), false));
}

static void put_true(struct arena *arena, struct node *map, const char *key)
{
    node_put(arena, map, key, node_scalar(arena, "true", false));
}

static const char *text_of(struct arena *arena, const struct node *node)
{
    struct strbuf text __attribute__((cleanup(strbuf_release))) = {0};
    json_write(&text, node, false);
    return arena_strndup(arena, strbuf_text(&text), text.length);
}

/*
 * Of an API that nobody answers for. With a stream that is missing servers would do as well, but they complain of it in their logs, 2.9
 * every two seconds.
 */
static struct node *nobodys_source(struct arena *arena)
{
    struct node *source = node_map(arena);
    struct node *external = node_map(arena);
    put(arena, external, "api", LOCK_SUBJECT_PREFIX "nobody");
    put(arena, source, "name", "nothing");
    node_put(arena, source, "external", external);
    return source;
}

/*
 * One byte with discard new: every version refuses what anybody publishes there (2.9.10 only after the first message), and account limits
 * that demand a max_bytes are content. Without acknowledgements nobody mistakes it for a stream that keeps things.
 */
const char *lock_stream_config(struct arena *arena, const char *stream, const char *who,
                               const struct lock_storage *storage, bool captured)
{
    struct node *config = node_map(arena);
    struct node *only = node_list(arena);
    node_append(arena, only,
                captured ? nobodys_source(arena)
                         : node_scalar(arena, arena_printf(arena, LOCK_SUBJECT_PREFIX "%s", stream), true));
    put(arena, config, "name", stream);
    put(arena, config, "description", who);
    node_put(arena, config, captured ? "sources" : "subjects", only);
    put(arena, config, "storage", storage->storage);
    put_number(arena, config, "num_replicas", storage->replicas);
    put(arena, config, "discard", "new");
    put_number(arena, config, "max_bytes", 1);
    put_true(arena, config, "no_ack");
    return text_of(arena, config);
}

const char *lock_consumer_config(struct arena *arena, const char *stream, int64_t hold_ms)
{
    struct node *envelope = node_map(arena);
    struct node *config = node_map(arena);
    put(arena, config, "name", LOCK_CONSUMER);
    put(arena, config, "deliver_policy", "new");
    put(arena, config, "ack_policy", "none");
    put_number(arena, config, "inactive_threshold", hold_ms * 1000000);
    put(arena, envelope, "stream_name", stream);
    node_put(arena, envelope, "config", config);
    return text_of(arena, envelope);
}

void lock_state_read(struct arena *arena, const struct node *info, struct lock_state *ret_state)
{
    *ret_state = (struct lock_state){.who = node_get_text(node_get(info, "config"), "description")};
    if (!*ret_state->who)
        ret_state->who = arena_strdup(arena, "somebody who left no name");
    instant_parse(node_get_text(info, "created"), &ret_state->created);
    instant_parse(node_get_text(info, "ts"), &ret_state->now);
    ret_state->consumers = node_get_number(node_get(info, "state"), "consumer_count");
}

/*
 * Project names may be long and hold what stream names may not; two that collide would share a lock, no worse. Manifests without a
 * project have a lock of their own: the hash of the empty name.
 */
static const char *key_of(struct arena *arena, const char *project)
{
    return arena_printf(arena, "%016llx", (unsigned long long)hash_text(project ? project : ""));
}

const char *lock_prefix(struct arena *arena, const char *project)
{
    return arena_printf(arena, "%s%s_", LOCK_STREAM_PREFIX, key_of(arena, project));
}
