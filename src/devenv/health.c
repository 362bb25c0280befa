/*
 * Asking nodes how they are, by their monitoring endpoints; see health.h. /healthz says whether a server is well,
 * /varz its version and uptime, and /jsz its part in the meta group.
 */
#include "devenv/health.h"

#include <string.h>

#include "base/clock.h"
#include "base/scope.h"
#include "devenv/probe.h"
#include "syntax/json.h"

/* A server that needs longer for such an answer is not well, whatever it says then. */
enum {
    PROBE_MS = 2000,
    /* What a server says of a moment alone is gone at the next one. */
    ASKED_MOST = 4,
    ASKED_AGAIN_MS = 50,
};

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

/* /healthz of an unwell server has {"status":"unavailable","error":"…"}; other replies are plain text. */
static const char *trouble_of(struct arena *arena, const char *body)
{
    struct diags faults SCOPED(diags_release) = {0};
    const struct node *reply = json_read(arena, body, strlen(body), NULL, &faults);
    const char *error = node_get_text(reply, "error");
    const char *status = node_get_text(reply, "status");
    return *error ? error : *status ? status : "it says that it is not well";
}

/*
 * Is it well? One that says no is asked again: on a machine that is busy, a server whose own look at its listeners takes more than
 * a millisecond says that it is not ready for connections. Without any parameter it looks at every stream and consumer, too, and not only
 * at the server. Returns the last reply's status, and its body; 0: there was none.
 */
static int ask_if_well(struct arena *arena, const char *url, const char **ret_body)
{
    int status = probe_get(arena, url, "/healthz", PROBE_MS, ret_body);
    for (int asked = 1; status && status != 200 && asked < ASKED_MOST; asked++) {
        clock_pause(ASKED_AGAIN_MS);
        status = probe_get(arena, url, "/healthz", PROBE_MS, ret_body);
    }
    return status;
}

static void ask_monitor(struct arena *arena, const char *url, struct node_health *health)
{
    const char *body = NULL;
    int status = ask_if_well(arena, url, &body);
    const struct node *varz = probe_json(arena, url, "/varz", PROBE_MS);
    const struct node *jsz = health->node->jetstream ? probe_json(arena, url, "/jsz", PROBE_MS) : NULL;
    const struct node *meta = node_get(jsz, "meta_cluster");
    health->well = status == 200;
    health->trouble = health->well ? NULL : status ? trouble_of(arena, body) : "it does not answer";
    health->uptime = or_null(node_get_text(varz, "uptime"));
    health->version = or_null(node_get_text(varz, "version"));
    health->leader = or_null(node_get_text(meta, "leader"));
    if (health->leader)
        health->jetstream =
            strcmp(health->leader, node_get_text(varz, "server_name")) == 0 ? "leader" : "follower";
}

struct node_health *health_ask(struct arena *arena, struct runner *runner)
{
    const struct upstate *state = runner->state;
    struct node_health *all = ARENA_ARRAY(arena, struct node_health, state->nodes.count);
    for (size_t i = 0; i < state->nodes.count; i++) {
        struct node_health *health = &all[i];
        struct upnode *node = state->nodes.items[i];
        const char *monitor = node->urls[LISTENER_MONITOR], *client = node->urls[LISTENER_CLIENT];
        *health = (struct node_health){
            .node = node, .version = node->version, .jetstream = node->jetstream ? "on" : "off"};
        health->runs = runner->alive(runner, node);
        if (!health->runs)
            health->trouble = "it does not run";
        else if (monitor && strncmp(monitor, "http://", strlen("http://")) == 0)
            ask_monitor(arena, monitor, health);
        else if (!(health->well = client && probe_greets(client, PROBE_MS)))
            health->trouble = "it does not answer";
    }
    return all;
}
