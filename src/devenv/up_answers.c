/*
 * Finds out whether each server that was started still runs, before anything is touched; see up_model.h. A server that
 * does not answer may be dead. It may also be stopped, or wait for its turn on a busy machine, and write to its store
 * the next moment. So it is waited for, and until then nothing is started, reloaded or stopped in its place.
 */
#include "devenv/up_model.h"

#include <string.h>

#include "base/clock.h"
#include "base/host.h"
#include "devenv/ports.h"
#include "devenv/probe.h"
#include "devenv/ready.h"
#include "devenv/store.h"

/* On a busy machine an answer may take seconds; what answers at all is alive. */
enum { PAUSE_MS = 20, PROBE_MS = 5000, PORT_MS = 1000 };

struct listeners {
    struct arena *arena;
    bool any, greeted;
};

static void ask_port(void *context, const char *host, int port)
{
    struct listeners *listeners = context;
    const char *url =
        arena_printf(listeners->arena, "nats://%s:%d", host_in_url(listeners->arena, host), port);
    listeners->any = true;
    listeners->greeted = listeners->greeted || probe_greets(url, PORT_MS);
}

/*
 * Does the server greet on another port than up.json says? That file may be old, or of a run that was killed before the
 * server had the new ports.
 */
static bool any_port_greets(const struct up *up, const struct upnode *node)
{
    struct listeners listeners = {.arena = up->arena};
    if (!node->pid)
        return !node->digest[0]; /* a container: two of them never run on one volume */
    ports_of_process(node->pid, ask_port, &listeners);
    return listeners.greeted || (node->lost && !listeners.any);
}

static bool begins(const char *url, const char *scheme)
{
    return url && strncmp(url, scheme, strlen(scheme)) == 0;
}

/*
 * Does the server send anything at this URL? A connection alone proves nothing: the system accepts it even if the
 * process is stopped. A server that begins with TLS and has no plain HTTP monitoring says nothing by itself, so of that
 * one a silent connection has to do.
 */
static bool url_answers(const struct up *up, const struct upnode *node, int64_t most_ms)
{
    const char *monitor = node->urls[LISTENER_MONITOR], *client = node->urls[LISTENER_CLIENT];
    const char *body = NULL;
    if (begins(monitor, "http://"))
        return probe_get(up->arena, monitor, "/varz", most_ms, &body) != 0;
    return !client || probe_greets(client, most_ms) ||
           (begins(client, "tls://") &&
            probe_is_silent(node->address, node->ports[LISTENER_CLIENT], PORT_MS));
}

bool up_answers(const struct up *up, const struct upnode *node, int64_t most_ms)
{
    return (!node->lost && url_answers(up, node, most_ms)) || any_port_greets(up, node);
}

int64_t up_patience(const struct up *up)
{
    return up->most_ms ? up->most_ms : READY_MOST_MS;
}

static const char *patience_text(const struct up *up)
{
    long long ms = up_patience(up);
    return arena_printf(up->arena, ms % 1000 ? "%lldms" : "%llds", ms % 1000 ? ms : ms / 1000);
}

int up_no_answer(const struct up *up, const struct upnode *node, const char *what, struct diags *diags)
{
    const char *held = up->runner->held(up->runner, node);
    const char *pid = node->pid ? arena_printf(up->arena, " (pid %lld)", (long long)node->pid) : "";
    struct diag *diag =
        diag_add(diags, &code_no_answer, (struct srcpos){0}, "server '%s'%s does not answer after %s%s",
                 node->name, pid, patience_text(up), what);
    if (held)
        diag_note(diags, diag, (struct srcpos){0}, "%s", held);
    diag_hint(diags, diag, "'natsform down' ends it; '--timeout' waits longer");
    return -1;
}

/* Does it answer, or is it certainly gone? */
static bool is_known(const struct up *up, struct upnode *node, int64_t most_ms)
{
    if (!up->runner->alive(up->runner, node))
        return true;
    return !up->runner->held(up->runner, node) && up_answers(up, node, most_ms);
}

int up_await_answers(struct up *up, struct diags *diags)
{
    int64_t deadline = clock_ms() + up_patience(up);
    int failed = 0;
    for (size_t i = 0; i < up->state.nodes.count; i++) {
        struct upnode *node = up->state.nodes.items[i];
        int64_t left = deadline - clock_ms();
        while (!is_known(up, node, left < PAUSE_MS ? PAUSE_MS : left < PROBE_MS ? left : PROBE_MS)) {
            if (up->interrupted && up->interrupted())
                return diag_error(diags, &code_interrupted, (struct srcpos){0}, "interrupted");
            left = deadline - clock_ms();
            if (left <= 0) {
                failed =
                    up_no_answer(up, node, ": nothing was changed, and nothing started beside it", diags);
                break;
            }
            clock_pause(PAUSE_MS);
        }
    }
    return failed;
}
