/*
 * Scales a stream after its restore; see restore_scale.h. A large archive that comes to several replicas at once has been seen to fail, and to leave an
 * empty stream (2.9.19); one that is there on one server is copied to the others by the servers' own means.
 */
#include "apply/restore_scale.h"

#include "base/clock.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "syntax/json.h"

enum { PAUSE_MS = 200, STILL_MOST_MS = 120000 };

static const char *replicas_row(void)
{
    return table_field_by_id(&stream_table, STREAM_NUM_REPLICAS)->name;
}

static struct api_answer look(const struct restoring *restoring)
{
    return restore_ask(restoring, "STREAM.INFO", restore_name(restoring), NULL, "stream_info_response");
}

/*
 * Replicas that have all of it, the leader among them; *ret_behind: what the others lack. While one replica becomes several, a server that is not the
 * leader answers, too, and calls all of them current that nobody has heard of (2.10.27).
 */
static uint64_t current_of(const struct node *info, uint64_t *ret_behind)
{
    const struct node *cluster = node_get(info, "cluster");
    const struct node *others = node_get(cluster, "replicas");
    uint64_t current = 1;
    *ret_behind = 0;
    if (!*node_get_text(cluster, "leader"))
        return 0;
    for (size_t i = 0; others && others->type == NODE_LIST && i < others->count; i++) {
        const struct node *other = others->items[i];
        bool is_current = false;
        current += node_is_bool(node_get(other, "current"), &is_current) && is_current &&
                   node_get_number(other, "active") > 0;
        *ret_behind += node_get_number(other, "lag");
    }
    return current;
}

/* The same look has to find what was restored: an answer that is not the leader's may have another state. */
static bool is_whole(const struct restoring *restoring, const struct node *info)
{
    return node_get_number(node_get(info, "state"), "last_seq") >= restoring->last_seq;
}

/* It may take as long as it goes on. */
static int await(const struct restoring *restoring, uint64_t replicas, struct diags *diags)
{
    uint64_t most = 0, least_behind = UINT64_MAX;
    int64_t moved = clock_ms();
    while (server_is_connected(restoring->server) && !(restoring->interrupted && restoring->interrupted())) {
        struct api_answer answer = look(restoring);
        uint64_t behind = 0;
        uint64_t current = answer.is.outcome == API_DONE ? current_of(answer.is.body, &behind) : 0;
        if (current == replicas && is_whole(restoring, answer.is.body))
            return 0;
        if (current > most || (current && behind < least_behind))
            moved = clock_ms();
        most = current > most ? current : most;
        least_behind = current && behind < least_behind ? behind : least_behind;
        if (clock_ms() - moved > STILL_MOST_MS)
            break;
        api_pause(restoring->server, PAUSE_MS);
    }
    struct diag *diag = diag_add(diags, &code_restore, (struct srcpos){0},
                                 "stream '%s' is restored, but not all of its %llu replicas have it yet",
                                 restore_name(restoring), (unsigned long long)replicas);
    diag_hint(diags, diag, "the servers go on with it; 'nats stream info' shows how far they are");
    return -1;
}

/* Where a replica lacks what was restored, consumers that are made there begin too early. */
static int await_for_consumers(const struct restoring *restoring, struct diags *diags)
{
    uint64_t replicas = node_get_number(restoring->config, replicas_row());
    bool clustered = *server_info(restoring->server)->cluster != '\0';
    return restoring->anew.count && clustered && replicas > 1 ? await(restoring, replicas, diags) : 0;
}

int restore_scale(struct restoring *restoring, struct diags *diags)
{
    uint64_t replicas = restoring->replicas_later;
    if (!replicas)
        return await_for_consumers(restoring, diags);
    struct api_answer answer = look(restoring);
    if (answer.is.outcome == API_DONE) {
        struct node *config = node_copy(restoring->arena, node_get(answer.is.body, "config"));
        /* A run that was killed has asked for them. */
        if (node_get_number(config, replicas_row()) == replicas)
            return await(restoring, replicas, diags);
        restore_plain(restoring->arena, config);
        node_put_number(restoring->arena, config, replicas_row(), replicas);
        answer = restore_ask(restoring, "STREAM.UPDATE", restore_name(restoring),
                             json_text(restoring->arena, config), "stream_update_response");
    }
    if (answer.is.outcome == API_DONE)
        return await(restoring, replicas, diags);
    api_diagnose(diags, restoring->server, (struct srcpos){0},
                 arena_printf(&diags->arena, "give its replicas to stream '%s'", restore_name(restoring)),
                 &answer.is);
    return -1;
}
