/*
 * Carrying out what up_plan.c decided; see up.h. The order matters: the state is written first, then servers stop, start
 * and reload, then all of them are waited for. On any failure up_back.c puts everything back.
 */
#include "devenv/up.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/write.h"
#include "devenv/left.h"
#include "devenv/nats_context.h"
#include "devenv/ready.h"
#include "devenv/store.h"
#include "devenv/up_model.h"

static DIAG_CODE(
    code_not_ready, .name = "not-ready", CODE_ERROR(EXIT_UNREACHABLE),
    .doc = "Servers run, and do not get ready in time.",
    .why = "Streams can only be applied once JetStream answers; what was started was stopped again.",
    .example = "a machine that is busy",
    .remedy = "See the end of the logs in the message; --timeout waits longer.");

#define INTERRUPTED "interrupted: what was started is stopped again, and what was changed is as it was"

const char *up_deed_name(enum up_deed deed)
{
    static const char *const names[] = {
        [UP_KEEP] = "up already",   [UP_START] = "started", [UP_RELOAD] = "reloaded",
        [UP_RESTART] = "restarted", [UP_STOP] = "stopped",
    };
    return names[deed];
}

int up_open(struct up *up, struct diags *diags)
{
    struct upstate unread = {.root = up->root, .lock = -1};
    if (state_read(up->arena, up->root, &unread, diags) || state_lock(up->arena, &unread, diags))
        return -1;
    /* The state is read again, now under the lock: another run may have changed it while this one waited. */
    if (state_read(up->arena, up->root, &up->state, diags)) {
        state_unlock(&unread);
        return -1;
    }
    up->state.lock = unread.lock;
    return 0;
}

void up_close(struct up *up)
{
    state_unlock(&up->state);
}

bool up_anything_runs(const struct up *up)
{
    for (size_t i = 0; i < up->state.nodes.count; i++)
        if (up->runner->alive(up->runner, up->state.nodes.items[i]))
            return true;
    return false;
}

static bool is_interrupted(const struct up *up)
{
    return up->interrupted && up->interrupted();
}

static void tell(struct up *up, enum up_deed deed, const struct upnode *node, const char *why)
{
    up->done[deed]++;
    if (up->event)
        up->event(up->context, deed, node, why);
}

/* ---- before anything runs ---- */

/*
 * Writes a state with everything that may run from now on. Nodes that are about to change have no digest in it, because
 * what they run is not certain.
 */
static int announce(struct up *up, struct boot *boot, struct diags *diags)
{
    struct upstate *state = &up->state;
    state_forget_original(up->arena, state);
    state->runner = up->runner->name;
    state->project = up->project;
    state->nodes.count = 0;
    for (size_t i = 0; i < boot->count; i++)
        VEC_PUSH(up->arena, &state->nodes, boot->nodes[i].node);
    for (size_t i = 0; i < boot->gone.count; i++)
        VEC_PUSH(up->arena, &state->nodes, boot->gone.items[i]);
    const char **digests = ARENA_ARRAY(up->arena, const char *, boot->count);
    for (size_t i = 0; i < boot->count; i++) {
        digests[i] = boot->nodes[i].node->digest;
        unlink(state_path(up->arena, state, boot->nodes[i].node->name,
                          "nats-server.conf.old")); /* left by a run that was killed */
        if (boot->nodes[i].deed != UP_KEEP)
            boot->nodes[i].node->digest = "";
    }
    int failed = state_write(up->arena, state, diags);
    for (size_t i = 0; i < boot->count; i++)
        boot->nodes[i].node->digest = digests[i];
    return failed;
}

/*
 * Stops the nodes with this deed. `before` has their old store, which is the one to release. A node that does not end
 * keeps its pid, so that the next run knows it.
 */
static int stop_nodes(struct up *up, struct boot *boot, enum up_deed deed, struct diags *diags)
{
    struct upnode **nodes = ARENA_ARRAY(up->arena, struct upnode *, boot->count);
    struct upnode **heirs = ARENA_ARRAY(up->arena, struct upnode *, boot->count);
    size_t count = 0;
    for (size_t i = 0; i < boot->count; i++) {
        if (boot->nodes[i].deed != deed)
            continue;
        struct upnode *old = ARENA_NEW(up->arena, struct upnode);
        *old = *boot->nodes[i].before;
        old->pid = boot->nodes[i].node->pid;
        old->born = boot->nodes[i].node->born;
        heirs[count] = boot->nodes[i].node;
        nodes[count++] = old;
    }
    int failed = count ? up->runner->stop(up->runner, nodes, count, diags) : 0;
    for (size_t i = 0; i < count; i++)
        heirs[i]->pid = nodes[i]->pid;
    return failed;
}

static int stop_gone(struct up *up, struct boot *boot, struct diags *diags)
{
    if (!boot->gone.count)
        return 0;
    if (up->runner->stop(up->runner, boot->gone.items, boot->gone.count, diags))
        return -1;
    for (size_t i = 0; i < boot->gone.count; i++) {
        tell(up, UP_STOP, boot->gone.items[i], "it is no longer in the manifest");
    }
    return 0;
}

/* Writes the new configuration. The old one stays beside it until everything is ready, for up_take_back(). */
static int put_configuration(struct up *up, const struct booting *booting, struct diags *diags)
{
    const struct upnode *node = booting->node;
    const char *path = state_path(up->arena, &up->state, node->name, "nats-server.conf.new");
    const char *old = state_path(up->arena, &up->state, node->name, "nats-server.conf.old");
    if (booting->deed == UP_KEEP)
        return 0;
    bool kept = booting->deed == UP_START || rename(node->conf, old) == 0 || errno == ENOENT;
    if (kept && rename(path, node->conf) == 0)
        return 0;
    return diag_error(diags, &code_environment, (struct srcpos){0}, "cannot write '%s': %s", node->conf,
                      strerror(errno));
}

static int reload_or_restart(struct up *up, struct booting *booting, struct diags *diags)
{
    const char *why = NULL;
    if (booting->deed != UP_RELOAD)
        return 0;
    switch (up_reload(up, booting, &why)) {
    case RELOAD_DONE:
        tell(up, UP_RELOAD, booting->node, booting->why);
        return 0;
    case RELOAD_SILENT:
        return is_interrupted(up) ? diag_error(diags, &code_interrupted, (struct srcpos){0}, INTERRUPTED)
                                  : up_no_answer(up, booting->node,
                                                 ", since it was told to reload its configuration", diags);
    case RELOAD_ENDED:
        why = "it ended when it was told to reload";
        break;
    default:
        break;
    }
    booting->deed = UP_RESTART;
    booting->why = why;
    return 0;
}

bool booting_is_fresh(const struct booting *booting)
{
    return booting->deed == UP_START || booting->deed == UP_RESTART;
}

static int start_nodes(struct up *up, struct boot *boot, struct diags *diags)
{
    struct upnode **nodes = ARENA_ARRAY(up->arena, struct upnode *, boot->count);
    size_t count = 0;
    for (size_t i = 0; i < boot->count; i++)
        if (booting_is_fresh(&boot->nodes[i]))
            nodes[count++] = boot->nodes[i].node;
    return count ? up->runner->start(up->runner, nodes, count, diags) : 0;
}

/* ---- waiting ---- */

static void explain_end(struct up *up, const struct ready_node *at, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_not_started, (struct srcpos){0},
                                 "server '%s' ended right after its start", at->node->name);
    up_note_log(up, at->node, diags, diag);
}

static void explain_late(struct up *up, const struct boot *boot, const struct ready_wait *wait,
                         struct diags *diags)
{
    for (size_t i = 0; i < wait->count; i++) {
        const struct ready_node *at = &wait->nodes[i];
        if (at->stage == READY_DONE)
            continue;
        if (at->stage == READY_STARTING && !booting_is_fresh(&boot->nodes[i])) {
            up_no_answer(up, at->node, "", diags);
            continue;
        }
        struct diag *diag = diag_add(diags, &code_not_ready, (struct srcpos){0},
                                     "server '%s' is not ready after %llds: it %s", at->node->name,
                                     (long long)(wait->most_ms / 1000), ready_stage_text(at->stage));
        up_note_log(up, at->node, diags, diag);
        diag_hint(diags, diag,
                  at->node->log_elsewhere
                      ? "'--timeout' waits longer"
                      : "'--timeout' waits longer; 'natsform logs' shows all that it said");
    }
}

static size_t peers_of(const struct envnode *node)
{
    const struct environment *environment = node->environment;
    const bool *gateways = node->server->gateways;
    size_t count = 0;
    for (size_t i = 0; i < environment->node_count; i++) {
        const struct envnode *other = &environment->nodes[i];
        bool near =
            other->server == node->server || (gateways && gateways[other->server - environment->servers]);
        count += near && other->jetstream;
    }
    return count;
}

struct awaiting {
    struct up *up;
    const struct boot *boot;
    const struct ready_node *first;
};

/* What was kept is told in the end, and what was reloaded has been told. */
static void tell_ready(void *context, const struct ready_node *at)
{
    const struct awaiting *awaiting = context;
    const struct booting *booting = &awaiting->boot->nodes[at - awaiting->first];
    if (booting_is_fresh(booting))
        tell(awaiting->up, booting->deed, booting->node, booting->why);
}

static void tell_waiting(void *context, const struct ready_node *at, int64_t waited_ms)
{
    const struct awaiting *awaiting = context;
    const struct up *up = awaiting->up;
    if (up->waiting)
        up->waiting(up->context, at->node, ready_stage_text(at->stage), waited_ms);
}

static struct ready_wait wait_for(struct up *up, const struct boot *boot)
{
    struct ready_wait wait = {
        .runner = up->runner,
        .nodes = ARENA_ARRAY(up->arena, struct ready_node, boot->count),
        .count = boot->count,
        .most_ms = up_patience(up),
        .interrupted = up->interrupted,
        .ready = tell_ready,
        .waiting = tell_waiting,
    };
    for (size_t i = 0; i < boot->count; i++)
        wait.nodes[i] = (struct ready_node){.node = boot->nodes[i].node,
                                            .config = boot->nodes[i].config,
                                            .members = boot->nodes[i].plan->server->count,
                                            .peers = peers_of(boot->nodes[i].plan)};
    return wait;
}

/* A `down` that was killed may have told a server to end, which ran on for a moment. That is no fault of its. */
static bool ended_meanwhile(const struct boot *boot, const struct ready_wait *wait)
{
    for (size_t i = 0; i < wait->count; i++)
        if (wait->nodes[i].ended && booting_is_fresh(&boot->nodes[i]))
            return false;
    return true;
}

static int await_all(struct up *up, struct boot *boot, struct diags *diags)
{
    struct ready_wait wait = wait_for(up, boot);
    struct awaiting awaiting = {.up = up, .boot = boot, .first = wait.nodes};
    wait.context = &awaiting;
    switch (ready_await(&wait)) {
    case READY_REACHED:
        for (size_t i = 0; i < wait.count; i++)
            boot->is_scattered |= wait.nodes[i].lost;
        return 0;
    case READY_INTERRUPTED:
        return diag_error(diags, &code_interrupted, (struct srcpos){0}, INTERRUPTED);
    case READY_ENDED:
        boot->is_outdated = ended_meanwhile(boot, &wait);
        for (size_t i = 0; !boot->is_outdated && i < wait.count; i++)
            if (wait.nodes[i].ended)
                explain_end(up, &wait.nodes[i], diags);
        return -1;
    default:
        explain_late(up, boot, &wait, diags);
        return -1;
    }
}

/* ---- the whole ---- */

static int carry_out(struct up *up, struct boot *boot, struct diags *diags)
{
    if (stop_gone(up, boot, diags) || stop_nodes(up, boot, UP_RESTART, diags))
        return -1;
    for (size_t i = 0; i < boot->count; i++)
        if (put_configuration(up, &boot->nodes[i], diags))
            return -1;
    /* As they were planned: a reload that is refused becomes a restart below. */
    enum up_deed *deeds = ARENA_ARRAY(up->arena, enum up_deed, boot->count);
    for (size_t i = 0; i < boot->count; i++)
        deeds[i] = boot->nodes[i].deed;
    for (size_t i = 0; i < boot->count; i++)
        if (reload_or_restart(up, &boot->nodes[i], diags))
            return -1;
    /* Servers that refused to reload have to be restarted. Those for a restart were stopped already. */
    struct boot refused = {.nodes = ARENA_ARRAY(up->arena, struct booting, boot->count)};
    for (size_t i = 0; i < boot->count; i++)
        if (deeds[i] == UP_RELOAD && boot->nodes[i].deed == UP_RESTART)
            refused.nodes[refused.count++] = boot->nodes[i];
    if (stop_nodes(up, &refused, UP_RESTART, diags) || is_interrupted(up))
        return is_interrupted(up) ? diag_error(diags, &code_interrupted, (struct srcpos){0}, "interrupted")
                                  : -1;
    if (start_nodes(up, boot, diags) || await_all(up, boot, diags))
        return -1;
    for (size_t i = 0; i < boot->count; i++)
        if (boot->nodes[i].deed == UP_KEEP)
            tell(up, boot->nodes[i].deed, boot->nodes[i].node, boot->nodes[i].why);
    return 0;
}

static bool is_nothing(const struct boot *boot)
{
    for (size_t i = 0; i < boot->count; i++)
        if (boot->nodes[i].deed != UP_KEEP)
            return false;
    return boot->gone.count == 0;
}

static int keep_all(struct up *up, struct boot *boot, struct diags *diags)
{
    up->state.nodes.count = 0;
    up->state.project = up->project; /* another name is no server's matter, but the context's */
    for (size_t i = 0; i < boot->count; i++)
        VEC_PUSH(up->arena, &up->state.nodes, boot->nodes[i].node);
    /* Nothing to do, but the servers may not be ready yet: a run that was killed may have started them a moment ago. */
    if (await_all(up, boot, diags))
        return -1;
    for (size_t i = 0; i < boot->count; i++)
        tell(up, UP_KEEP, boot->nodes[i].node, NULL);
    return 0;
}

static int boot_planned(struct up *up, struct boot *boot, struct diags *diags)
{
    memset(up->done, 0, sizeof(up->done));
    if (up_await_answers(up, diags) || up_plan(up, boot, diags))
        return -1;
    if (is_nothing(boot))
        return keep_all(up, boot, diags);
    if (announce(up, boot, diags))
        return -1;
    if (is_interrupted(up) || carry_out(up, boot, diags)) {
        if (is_interrupted(up) && !diags_have(diags, &code_interrupted))
            diag_error(diags, &code_interrupted, (struct srcpos){0}, INTERRUPTED);
        up_take_back(up, boot, diags);
        return -1;
    }
    up_settle(up, boot);
    return state_write(up->arena, &up->state, diags);
}

static int read_again(struct up *up, struct diags *diags)
{
    int lock = up->state.lock;
    int failed = state_read(up->arena, up->root, &up->state, diags);
    up->state.lock = lock;
    return failed;
}

/* Its data would lie among what is kept, and 'down --volumes' would take both. */
static int check_names(const struct up *up, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < up->environment->node_count; i++) {
        const struct envnode *node = &up->environment->nodes[i];
        if (!state_reserves(node->name))
            continue;
        struct diag *diag = diag_add(diags, &code_environment, node->server->pos,
                                     "no server here can be called '%s'", node->name);
        diag_hint(diags, diag, "natsform keeps something else in .natsform/%s: give the server another name",
                  node->name);
        failed = -1;
    }
    return failed;
}

int up_boot(struct up *up, struct diags *diags)
{
    struct boot boot = {0};
    int failed = check_names(up, diags) || boot_planned(up, &boot, diags) ? -1 : 0;
    /* Each time at least one server more is known to be gone, so that this comes to an end. */
    for (size_t i = 0; failed && boot.is_outdated && !is_interrupted(up) && i < up->environment->node_count;
         i++) {
        boot = (struct boot){0};
        failed = read_again(up, diags) || boot_planned(up, &boot, diags) ? -1 : 0;
    }
    if (!failed && boot.is_scattered && !up->restart) {
        up->restart = "its cluster does not find all of its members";
        boot = (struct boot){0};
        failed = read_again(up, diags) || boot_planned(up, &boot, diags) ? -1 : 0;
        up->restart = NULL;
    }
    if (failed && boot.is_outdated && !diags_have(diags, &code_interrupted)) {
        struct diag *diag =
            diag_add(diags, &code_not_started, (struct srcpos){0}, "servers end again and again");
        diag_hint(diags, diag, "does somebody stop them? 'natsform logs' shows what they said");
    }
    return failed;
}

const struct node *up_config(struct up *up, const struct envnode *plan)
{
    struct upnode *node = state_node(&up->state, plan->name);
    if (!node)
        return NULL;
    struct environment_place place = up->runner->place(up->runner, node);
    return up->runner->config ? up->runner->config(up->runner, plan, node)
                              : environment_config(up->arena, plan, &place);
}

static int remove_data(struct up *up, struct diags *diags)
{
    struct left left;
    left_find(up->arena, &up->state, &left);
    return left_remove(up->arena, &up->state, &left, diags);
}

int up_down(struct up *up, bool volumes, struct diags *diags)
{
    struct upstate *state = &up->state;
    int failed = up->runner->stop(up->runner, state->nodes.items, state->nodes.count, diags);
    for (size_t i = 0; !failed && i < state->nodes.count; i++)
        tell(up, UP_STOP, state->nodes.items[i], NULL);
    if (failed || up->runner->remove(up->runner, volumes, diags) || (volumes && remove_data(up, diags)))
        return -1;
    /* After the servers: as long as one runs, its context is of use. */
    nats_context_remove(up->arena, state, up->contexts, diags);
    state_forget_original(up->arena, state);
    state_remove(up->arena, state);
    if (!volumes)
        return 0;
    /* Certificates stay, so that users have to trust the authority only once; and backups, which nothing removes but their command. */
    if (file_exists(arena_printf(up->arena, "%s/tls", state->folder)) ||
        file_exists(arena_printf(up->arena, "%s/" STATE_BACKUPS, state->folder)) ||
        file_exists(arena_printf(up->arena, "%s/" STATE_JOURNAL, state->folder)))
        return 0;
    int error = folder_remove(state->folder);
    if (error)
        return diag_error(diags, &code_environment, (struct srcpos){0}, "cannot remove '%s': %s",
                          state->folder, strerror(error));
    return 0;
}
