/*
 * The stages of a node until it is ready; see ready.h. While a server starts, which takes some 25 ms, it is asked very
 * often. Later it is asked less often, because every /healthz of an unwell server leaves a warning in its log.
 */
#include "devenv/ready.h"

#include <string.h>

#include "base/clock.h"
#include "devenv/probe.h"
#include "kind/server_options.h"

enum {
    PROBE_MS = 2000,
    PEERS_MOST_MS = 10000, /* 2.10 may lose sight of a node for ever */
    CURRENT_MOST_MS =
        6000, /* 2.9 and 2.10 report a cluster that came back as not current for half a minute */
};

static const char *monitor_of(const struct ready_node *at)
{
    return at->node->urls[LISTENER_MONITOR];
}

static bool has_http(const struct ready_node *at)
{
    const char *url = monitor_of(at);
    return url && strncmp(url, "http://", strlen("http://")) == 0;
}

static bool is_well(struct arena *arena, const struct ready_node *at, const char *query)
{
    const char *body = NULL;
    return probe_get(arena, monitor_of(at), arena_printf(arena, "/healthz%s", query), PROBE_MS, &body) == 200;
}

/*
 * Looks at the greeting first, because asking a starting server for its health leaves a warning in its log. With TLS it
 * is the other way round: a connection that only looks at the greeting leaves an error there.
 */
static bool started(struct arena *arena, const struct ready_node *at)
{
    if (has_http(at) && !option_get(at->config, OPTION_TLS) &&
        !probe_greets(at->node->urls[LISTENER_CLIENT], PROBE_MS))
        return false;
    if (has_http(at))
        return is_well(arena, at, at->node->jetstream ? "?js-enabled-only=true" : "");
    return probe_greets(at->node->urls[LISTENER_CLIENT], PROBE_MS);
}

static const struct node *meta_of(struct arena *arena, const struct ready_node *at)
{
    return node_get(probe_json(arena, monitor_of(at), "/jsz", PROBE_MS), "meta_cluster");
}

/* Is there a meta leader that reaches all other nodes? Before, streams with several replicas find no place. */
static bool has_leader(struct arena *arena, const struct ready_node *at)
{
    const struct node *meta = meta_of(arena, at);
    const char *leader = node_get_text(meta, "leader");
    const struct node *replicas = node_get(meta, "replicas");
    if (!*leader)
        return false;
    for (size_t i = 0; replicas && replicas->type == NODE_LIST && i < replicas->count; i++) {
        bool offline = false;
        const struct node *said = node_get(replicas->items[i], "offline");
        if (said && node_is_bool(said, &offline) && offline)
            return false;
    }
    return true;
}

/* A leader may be elected, and all be well, before the last of several servers that start at the same time is a member. */
static bool counts_peers(struct arena *arena, const struct ready_node *at)
{
    return node_get_number(meta_of(arena, at), "cluster_size") >= at->peers;
}

static bool is_late(const struct ready_node *at)
{
    return clock_ms() - at->since > PEERS_MOST_MS;
}

static bool has_peers(struct arena *arena, const struct ready_node *at)
{
    return counts_peers(arena, at) || is_late(at);
}

/* After some seconds it is let go: such a cluster works already, though it says that it has not caught up. */
static bool is_current(struct arena *arena, const struct ready_node *at)
{
    return is_well(arena, at, "") || clock_ms() - at->since > CURRENT_MOST_MS;
}

static bool has_routes(struct arena *arena, const struct ready_node *at)
{
    const struct node *routes = probe_json(arena, monitor_of(at), "/routez", PROBE_MS);
    /* Since 2.10 there are several routes to each server, so there may be more than that. */
    return node_get_number(routes, "num_routes") >= at->members - 1;
}

/* Are gateways connected to all clusters that the configuration names, except the node's own? */
static bool has_gateways(struct arena *arena, const struct ready_node *at)
{
    const struct node *gateway = option_get(at->config, OPTION_GATEWAY);
    const struct node *wanted = option_get(gateway, OPTION_GATEWAYS);
    const struct node *there =
        node_get(probe_json(arena, monitor_of(at), "/gatewayz", PROBE_MS), "outbound_gateways");
    for (size_t i = 0; wanted && wanted->type == NODE_LIST && i < wanted->count; i++) {
        const char *name = option_text(wanted->items[i], OPTION_NAME);
        if (strcmp(name, option_text(gateway, OPTION_NAME)) != 0 && !node_get(there, name))
            return false;
    }
    return true;
}

static size_t remotes_of(const struct ready_node *at)
{
    const struct node *remotes = option_get(option_get(at->config, OPTION_LEAFNODES), OPTION_REMOTES);
    return remotes && remotes->type == NODE_LIST ? remotes->count : 0;
}

static bool has_leafnodes(struct arena *arena, const struct ready_node *at)
{
    const struct node *leafs = probe_json(arena, monitor_of(at), "/leafz", PROBE_MS);
    return node_get_number(leafs, "leafnodes") >= remotes_of(at);
}

static bool in_jetstream_cluster(const struct ready_node *at)
{
    return at->node->jetstream && (at->members > 1 || option_get(at->config, OPTION_GATEWAY));
}

/* The stages in order. A node skips those that its topology does not have. */
static const struct {
    enum ready_stage stage;
    bool (*passed)(struct arena *arena, const struct ready_node *at);
    int64_t pause_ms;
} stages[] = {
    {READY_STARTING, started, 2},        {READY_LEADER, has_leader, 10}, {READY_PEERS, has_peers, 10},
    {READY_CURRENT, is_current, 100},    {READY_ROUTES, has_routes, 10}, {READY_GATEWAYS, has_gateways, 20},
    {READY_LEAFNODES, has_leafnodes, 5},
};

static bool has_need(const struct ready_node *at, enum ready_stage stage)
{
    switch (stage) {
    case READY_STARTING:
        return true;
    case READY_LEADER:
    case READY_PEERS:
    case READY_CURRENT:
        return has_http(at) && in_jetstream_cluster(at);
    case READY_ROUTES:
        return has_http(at) && !in_jetstream_cluster(at) && at->members > 1;
    case READY_GATEWAYS:
        return has_http(at) && option_get(at->config, OPTION_GATEWAY);
    case READY_LEAFNODES:
        return has_http(at) && remotes_of(at) > 0;
    default:
        return false;
    }
}

const char *ready_stage_text(enum ready_stage stage)
{
    static const char *const texts[] = {
        [READY_STARTING] = "does not answer",
        [READY_LEADER] = "knows no leader of JetStream's cluster",
        [READY_PEERS] = "does not know all members of JetStream's cluster",
        [READY_CURRENT] = "has not caught up with its cluster",
        [READY_ROUTES] = "has no routes to all of its cluster",
        [READY_GATEWAYS] = "has no gateways to all other clusters",
        [READY_LEAFNODES] = "is not connected as a leafnode",
        [READY_DONE] = "is ready",
    };
    return texts[stage];
}

/* Moves the node on as many stages as possible. Returns in how many ms to look again; 0: it is ready. */
static int64_t advance(struct arena *arena, struct ready_node *at)
{
    while (at->stage < READY_DONE) {
        if (has_need(at, at->stage) && !stages[at->stage].passed(arena, at))
            return stages[at->stage].pause_ms;
        /* Slow is not lost. */
        at->lost |=
            at->stage == READY_PEERS && has_need(at, at->stage) && is_late(at) && !counts_peers(arena, at);
        at->stage++;
        at->since = clock_ms();
    }
    return 0;
}

/* What takes no longer than a moment is not told of, and the rest not faster than it can be read. */
static void tell(struct ready_wait *wait, struct ready_node *at, bool is_ready, int64_t started)
{
    enum { FIRST_MS = 1000, AGAIN_MS = 250 };
    int64_t now = clock_ms();
    if (is_ready && !at->told)
        wait->ready(wait->context, at);
    at->told |= is_ready;
    if (is_ready || now - started < FIRST_MS || now - wait->told_ms < AGAIN_MS)
        return;
    wait->waiting(wait->context, at, now - started);
    wait->told_ms = now;
}

enum ready_outcome ready_await(struct ready_wait *wait)
{
    int64_t started = clock_ms(), deadline = started + wait->most_ms;
    for (;;) {
        int64_t pause = 0;
        struct arena scratch;
        arena_init(&scratch);
        for (size_t i = 0; i < wait->count; i++) {
            struct ready_node *at = &wait->nodes[i];
            int64_t again = advance(&scratch, at);
            pause = again && (!pause || again < pause) ? again : pause;
            /* Only of a node that is not ready yet: one that has passed all stages is not looked at again. */
            at->ended = again && !wait->runner->alive(wait->runner, at->node);
            if (at->ended) {
                arena_release(&scratch);
                return READY_ENDED;
            }
            tell(wait, at, !again, started);
        }
        arena_release(&scratch);
        if (!pause)
            return READY_REACHED;
        if (wait->interrupted && wait->interrupted())
            return READY_INTERRUPTED;
        if (clock_ms() > deadline)
            return READY_LATE;
        clock_pause(pause);
    }
}
