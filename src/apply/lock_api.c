/* The lock's requests; see lock_api.h. Names of keys are those of the API's messages. */
#include "apply/lock_api.h"

#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "kind/manifest_rows.h"
#include "syntax/json.h"

void lock_send(struct arena *arena, struct server *server, const struct api_request *request,
               struct api_answer *reply)
{
    struct api_request sent = *request;
    sent.done = api_answer;
    sent.context = reply;
    *reply = (struct api_answer){.arena = arena};
    api_submit(server, &sent);
}

struct api_answer lock_request(struct arena *arena, struct server *server, const char *verb, const char *name,
                               const char *type)
{
    const struct api_request request = {.verb = verb, .name = name, .type = type};
    struct api_answer reply;
    lock_send(arena, server, &request, &reply);
    if (lock_is_unheard(server, &reply)) {
        lock_send(arena, server, &request, &reply);
        api_wait(server, &reply.done, INT64_MAX / 2);
    }
    return reply;
}

bool lock_is_unheard(struct server *server, const struct api_answer *reply)
{
    api_wait(server, &reply->done, INT64_MAX / 2);
    return reply->is.outcome == API_TIMEOUT && server_is_connected(server);
}

const struct lock_storage lock_storages[LOCK_STORAGES] = {
    {"memory", 1}, {"file", 1}, {"memory", 3}, {"file", 3}};

bool lock_may_fit_elsewhere(const struct api_answer *reply)
{
    static const int codes[] = {10023, 10028, 10047,
                                10120}; /* resources of the server, memory, storage, no tier */
    for (size_t i = 0; reply->is.outcome == API_ERROR && i < sizeof(codes) / sizeof(codes[0]); i++)
        if (reply->is.err_code == codes[i])
            return true;
    return false;
}

/*
 * A source behind an API prefix that nobody serves. A source stream that is missing would do as well, but servers
 * complain about that in their logs, and 2.9 does so every two seconds.
 */
static struct node *nobodys_source(struct arena *arena)
{
    struct node *source = node_map(arena);
    struct node *external = node_map(arena);
    node_put_text(arena, external, "api", LOCK_SUBJECT_PREFIX "nobody");
    node_put_text(arena, source, "name", "nothing");
    node_put(arena, source, "external", external);
    return source;
}

/*
 * max_bytes of one byte with `discard: new`: every version refuses all messages (2.9.10 only after the first one), and
 * accounts that demand a max_bytes are satisfied. It does not acknowledge messages, so no publisher believes that one
 * was stored.
 */
const char *lock_stream_config(struct arena *arena, const char *stream, const char *who,
                               const struct lock_storage *storage, bool captured)
{
    struct node *config = node_map(arena);
    struct node *only = node_list(arena);
    node_append(arena, only,
                captured ? nobodys_source(arena)
                         : node_scalar(arena, arena_printf(arena, LOCK_SUBJECT_PREFIX "%s", stream), true));
    node_put_text(arena, config, "name", stream);
    node_put_text(arena, config, "description", who);
    node_put(arena, config, captured ? "sources" : "subjects", only);
    node_put_text(arena, config, "storage", storage->storage);
    node_put_number(arena, config, "num_replicas", (uint64_t)storage->replicas);
    node_put_text(arena, config, "discard", "new");
    node_put_number(arena, config, "max_bytes", 1);
    node_put_flag(arena, config, "no_ack", true);
    return json_text(arena, config);
}

const char *lock_consumer_config(struct arena *arena, const char *stream, int64_t hold_ms)
{
    struct node *envelope = node_map(arena);
    struct node *config = node_map(arena);
    node_put_text(arena, config, "name", LOCK_CONSUMER);
    node_put_text(arena, config, "deliver_policy", "new");
    node_put_text(arena, config, "ack_policy", "none");
    node_put_number(arena, config, "inactive_threshold", (uint64_t)hold_ms * 1000000);
    node_put_text(arena, envelope, "stream_name", stream);
    node_put(arena, envelope, "config", config);
    return json_text(arena, envelope);
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
 * A hash of the project's name, because names may be long and have characters that stream names cannot. If two projects
 * had the same hash, they would just share a lock. Manifests without a project use the hash of the empty name.
 */
static const char *key_of(struct arena *arena, const char *project)
{
    return arena_printf(arena, "%016llx", (unsigned long long)hash_text(project ? project : ""));
}

const char *lock_prefix(struct arena *arena, const char *project)
{
    return arena_printf(arena, "%s%s_", LOCK_STREAM_PREFIX, key_of(arena, project));
}

const char *lock_token(struct arena *arena)
{
    struct timespec now = {0};
    char host[64] = "";
    clock_gettime(CLOCK_REALTIME, &now);
    gethostname(host, sizeof(host) - 1);
    return arena_printf(arena, "%08llx%08lx_%lx_%08llx", (unsigned long long)now.tv_sec,
                        (unsigned long)now.tv_nsec, (unsigned long)getpid(),
                        (unsigned long long)(hash_text(host) & UINT32_MAX));
}
