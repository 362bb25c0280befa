/*
 * The end of an up_boot(): after a failure everything is put back as it was, after success the state is written; see
 * up_model.h.
 */
#include "devenv/up_model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/scope.h"
#include "devenv/nats_context.h"

void up_settle(struct up *up, struct boot *boot)
{
    up->state.nodes.count = 0;
    up->state.moved_from = NULL; /* all were started anew */
    for (size_t i = 0; i < boot->count; i++) {
        VEC_PUSH(up->arena, &up->state.nodes, boot->nodes[i].node);
        unlink(state_path(up->arena, &up->state, boot->nodes[i].node->name, "nats-server.conf.old"));
    }
    for (size_t i = 0; i < boot->gone.count; i++)
        state_forget_node(up->arena, &up->state, boot->gone.items[i]->name);
}

/* ---- undoing ---- */

enum { PROBE_MS = 1000 };

struct node_list {
    VEC(struct upnode *) list;
};

/* Gives the node its old configuration back; false if there is none any more. */
static bool restore(struct up *up, struct booting *booting)
{
    struct upnode *node = booting->node;
    const char *old = state_path(up->arena, &up->state, node->name, "nats-server.conf.old");
    int64_t pid = node->pid;
    uint64_t born = node->born;
    if (!booting->before || booting->deed == UP_START)
        return false;
    bool there = rename(old, booting->before->conf) == 0 || access(booting->before->conf, F_OK) == 0;
    /* What was known of it before holds again, but for the process: that is the one that runs now. */
    *node = *booting->before;
    node->pid = pid;
    node->born = born;
    return there;
}

/* Is it still the process that ran before? Then it was not restarted yet. */
static bool is_old_process(const struct booting *booting)
{
    const struct upnode *node = booting->node, *before = booting->before;
    return booting->deed == UP_RESTART && before && node->pid && node->pid == before->pid &&
           node->born == before->born;
}

/* Makes the server read its old configuration. If it does not answer, it will when it goes on, and the next `up` asks it. */
static void reload_back(struct up *up, struct booting *booting, struct diags *diags)
{
    struct diags ignored SCOPED(diags_release) = {0};
    const char *why = NULL;
    if (up->runner->held(up->runner, booting->node) || !up_answers(up, booting->node, PROBE_MS)) {
        up->runner->reload(up->runner, booting->node, &ignored);
        booting->node->digest = "";
    } else if (up_reload(up, booting, &why) != RELOAD_DONE) {
        diag_error(diags, &code_environment, (struct srcpos){0},
                   "server '%s' cannot be brought back to its old configuration", booting->node->name);
    }
}

/*
 * Servers that were reloaded read their old configurations again. Those that were restarted are collected, to be started
 * once more.
 */
static void bring_back(struct up *up, struct boot *boot, struct node_list *ret_start, struct diags *diags)
{
    for (size_t i = 0; i < boot->count; i++) {
        struct booting *booting = &boot->nodes[i];
        bool fresh = booting_is_fresh(booting);
        bool runs = up->runner->alive(up->runner, booting->node);
        if (booting->deed == UP_KEEP || !restore(up, booting))
            continue;
        if (fresh && !runs)
            VEC_PUSH(up->arena, &ret_start->list, booting->node);
        else if (!fresh || !is_old_process(booting))
            reload_back(up, booting, diags);
    }
    for (size_t i = 0; i < boot->gone.count; i++)
        if (!up->runner->alive(up->runner, boot->gone.items[i]))
            VEC_PUSH(up->arena, &ret_start->list, boot->gone.items[i]);
}

/* Writes the state with the nodes that run. */
static void remember(struct up *up, struct boot *boot)
{
    up->state.nodes.count = 0;
    for (size_t i = 0; i < boot->count; i++) {
        struct upnode *node = boot->nodes[i].node;
        if (up->runner->alive(up->runner, node))
            VEC_PUSH(up->arena, &up->state.nodes, node);
        else
            state_forget_node(up->arena, &up->state, node->name);
    }
    for (size_t i = 0; i < boot->gone.count; i++)
        if (up->runner->alive(up->runner, boot->gone.items[i]))
            VEC_PUSH(up->arena, &up->state.nodes, boot->gone.items[i]);
        else
            state_forget_node(up->arena, &up->state, boot->gone.items[i]->name);
}

void up_take_back(struct up *up, struct boot *boot, struct diags *diags)
{
    struct node_list fresh = {0}, again = {0};
    for (size_t i = 0; i < boot->count; i++)
        if (booting_is_fresh(&boot->nodes[i]) && !is_old_process(&boot->nodes[i]))
            VEC_PUSH(up->arena, &fresh.list, boot->nodes[i].node);
    up->runner->stop(up->runner, fresh.list.items, fresh.list.count, diags);
    bring_back(up, boot, &again, diags);
    if (again.list.count)
        up->runner->start(up->runner, again.list.items, again.list.count, diags);
    remember(up, boot);
    if (up->state.nodes.count) {
        state_write(up->arena, &up->state, diags);
        return;
    }
    up->runner->remove(up->runner, false, diags);
    nats_context_remove(up->arena, &up->state, up->contexts, diags);
    state_remove(up->arena, &up->state);
}
