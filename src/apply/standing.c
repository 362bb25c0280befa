/* Streams and consumers that stand still; see standing.h. Names of keys are those of the API's replies. */
#include "apply/standing.h"

#include <string.h>

#include "apply/freeze.h"
#include "apply/journal.h"
#include "base/clock.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "kind/kinds.h"
#include "server/live_object.h"

enum {
    STILL_MOST_MS = 10000,
    LOOK_MS = 20,
    LOOK_CLUSTERED_MS = 200,
    UNACKED_MS =
        500, /* whoever has a message in hand acknowledges it by then, or takes longer than it is worth to wait */
};

/* ---- one look ---- */

/* Returns how many came; -1: not all could be read. *ret_all: there are no more. */
static int add_page(struct arena *arena, struct server *server, const char *stream, struct node *list,
                    bool *ret_all, struct diags *diags)
{
    struct api_answer answer = {.arena = arena};
    const struct live_page page = {.stream = stream, .offset = list->count, .positions = true};
    live_page_ask(server, &page, api_answer, &answer);
    api_drain(server);
    if (answer.is.outcome != API_DONE) {
        api_diagnose(diags, server, (struct srcpos){0},
                     arena_printf(&diags->arena, "list the consumers of stream '%s'", stream), &answer.is);
        return -1;
    }
    const struct node *items = live_page_items(&page, answer.is.body);
    for (size_t i = 0; i < items->count; i++)
        node_append(arena, list, items->items[i]);
    const struct node *missing = node_get(answer.is.body, "missing");
    *ret_all = items->count < LIVE_PAGE;
    return missing && missing->type == NODE_LIST && missing->count ? 1 : 0;
}

static void add_pair(struct strbuf *text, const struct node *info, const char *key)
{
    const struct node *pair = node_get(info, key);
    strbuf_addf(text, " %s/%s", node_get_text(pair, "consumer_seq"), node_get_text(pair, "stream_seq"));
}

static const char *text_of(struct arena *arena, const struct standing *standing)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    const struct node *state = node_get(standing->info, "state");
    const struct node *config = node_get(standing->info, "config");
    /* What goes by its age is nothing that was done to it. */
    bool ages = node_get_number(config, table_field_by_id(&stream_table, STREAM_MAX_AGE)->name) > 0 ||
                strcmp(node_get_text(config, table_field_by_id(&stream_table, STREAM_ALLOW_MSG_TTL)->name),
                       "true") == 0;
    strbuf_addf(&text, "%s", node_get_text(state, "last_seq"));
    if (!ages)
        strbuf_addf(&text, " %s %s", node_get_text(state, "messages"), node_get_text(state, "first_seq"));
    for (size_t i = 0; i < standing->consumers->count; i++) {
        const struct node *info = standing->consumers->items[i];
        if (freeze_is_servers(node_get(info, "config")))
            continue;
        strbuf_addf(&text, "\n%s", node_get_text(info, "name"));
        add_pair(&text, info, "delivered");
        add_pair(&text, info, "ack_floor");
        strbuf_addf(&text, " %s", node_get_text(info, "num_ack_pending"));
    }
    return arena_strdup(arena, strbuf_text(&text));
}

int standing_look(struct arena *arena, struct server *server, const char *stream,
                  struct standing *ret_standing, struct diags *diags)
{
    struct node *consumers = node_list(arena);
    *ret_standing = (struct standing){.consumers = consumers};
    bool all = false;
    while (!all) {
        int partly = add_page(arena, server, stream, consumers, &all, diags);
        if (partly < 0)
            return -1;
        ret_standing->partly |= partly > 0;
    }
    struct api_answer answer =
        api_ask(server, arena,
                &(struct api_request){.verb = "STREAM.INFO", .name = stream, .type = "stream_info_response"});
    if (answer.is.outcome != API_DONE) {
        api_diagnose(diags, server, (struct srcpos){0},
                     arena_printf(&diags->arena, "look at stream '%s'", stream), &answer.is);
        return -1;
    }
    ret_standing->info = answer.is.body;
    ret_standing->messages = node_get_number(node_get(answer.is.body, "state"), "messages");
    for (size_t i = 0; i < consumers->count; i++)
        ret_standing->unacked += node_get_number(consumers->items[i], "num_ack_pending");
    ret_standing->text = text_of(arena, ret_standing);
    return 0;
}

/* ---- until nothing moves ---- */

static const struct node *find(const struct node *consumers, const char *name)
{
    for (size_t i = 0; consumers && i < consumers->count; i++)
        if (strcmp(node_get_text(consumers->items[i], "name"), name) == 0)
            return consumers->items[i];
    return NULL;
}

static bool has_moved(const struct node *before, const struct node *now)
{
    return !before || !node_equal(node_get(before, "delivered"), node_get(now, "delivered")) ||
           !node_equal(node_get(before, "ack_floor"), node_get(now, "ack_floor")) ||
           !node_equal(node_get(before, "num_ack_pending"), node_get(now, "num_ack_pending"));
}

static int report_moving(const struct standing_terms *terms, const struct standing *before,
                         const struct standing *now, struct diags *diags)
{
    const char *who = "";
    for (size_t i = 0; i < now->consumers->count; i++) {
        const char *name = node_get_text(now->consumers->items[i], "name");
        if (has_moved(find(before->consumers, name), now->consumers->items[i]))
            who = arena_printf(&diags->arena, "%s%s'%s'", who, *who ? ", " : "", name);
    }
    const char *what = *who          ? arena_printf(&diags->arena, "these consumers go on: %s", who)
                       : now->partly ? "not all of its consumers answer"
                                     : "messages come or go";
    struct diag *diag = diag_add(diags, &code_migration, (struct srcpos){0},
                                 "stream '%s' does not stand still: %s", terms->stream, what);
    bool mirrors =
        node_get(node_get(now->info, "config"), table_field_by_id(&stream_table, STREAM_MIRROR)->name);
    diag_hint(diags, diag, "%s, and run the command again",
              mirrors ? "a mirror goes on as long as its origin gets messages: stop those who publish there"
                      : "stop those who use it, or wait until they have all there is");
    return -1;
}

int standing_await(const struct standing_terms *terms, struct standing *ret_standing, struct diags *diags)
{
    int64_t begun = clock_ms(), since = begun;
    struct standing before = {0};
    for (;;) {
        if (standing_look(terms->arena, terms->server, terms->stream, ret_standing, diags))
            return -1;
        int64_t now = clock_ms();
        bool same = before.text && strcmp(before.text, ret_standing->text) == 0 && !ret_standing->partly;
        if (!same)
            since = now;
        if (same && (!ret_standing->unacked || now - since >= UNACKED_MS))
            return 0;
        if (now - begun > STILL_MOST_MS || (terms->interrupted && terms->interrupted()))
            return report_moving(terms, before.text ? &before : ret_standing, ret_standing, diags);
        before = *ret_standing;
        api_pause(terms->server, terms->clustered ? LOOK_CLUSTERED_MS : LOOK_MS);
    }
}
