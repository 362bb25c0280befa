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

static int diagnose(const struct standing_terms *terms, const char *what, const struct api_answer *answer,
                    struct diags *diags)
{
    api_diagnose(diags, terms->server, (struct srcpos){0}, what, &answer->is);
    return -1;
}

/* Returns 1 when some of its consumers did not answer, 0 when all did, or -1 with diagnostics. *ret_all: there are no more. */
static int add_page(const struct standing_terms *terms, struct node *list, bool *ret_all, struct diags *diags)
{
    struct arena *arena = terms->arena;
    struct api_answer answer = {.arena = arena};
    const struct live_page page = {.stream = terms->stream, .offset = list->count, .positions = true};
    live_page_ask(terms->server, &page, api_answer, &answer);
    api_drain(terms->server);
    if (answer.is.outcome != API_DONE)
        return diagnose(terms, arena_printf(arena, "list the consumers of stream '%s'", terms->stream),
                        &answer, diags);
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

static void add_stream(struct strbuf *text, const struct node *info)
{
    const struct node *state = node_get(info, "state"), *config = node_get(info, "config");
    /* What goes by its age is nothing that was done to it. */
    bool ages = node_get_number(config, table_field_by_id(&stream_table, STREAM_MAX_AGE)->name) > 0 ||
                strcmp(node_get_text(config, table_field_by_id(&stream_table, STREAM_ALLOW_MSG_TTL)->name),
                       "true") == 0;
    strbuf_addf(text, "%s", node_get_text(state, "last_seq"));
    if (!ages)
        strbuf_addf(text, " %s %s", node_get_text(state, "messages"), node_get_text(state, "first_seq"));
}

static const char *text_of(struct arena *arena, const struct standing *standing)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    if (standing->info)
        add_stream(&text, standing->info);
    for (size_t i = 0; i < standing->consumers->count; i++) {
        const struct node *info = standing->consumers->items[i];
        if (live_is_servers(node_get(info, "config")))
            continue;
        strbuf_addf(&text, "\n%s", node_get_text(info, "name"));
        add_pair(&text, info, "delivered");
        add_pair(&text, info, "ack_floor");
        strbuf_addf(&text, " %s", node_get_text(info, "num_ack_pending"));
    }
    return arena_strdup(arena, strbuf_text(&text));
}

static int look_at_stream(const struct standing_terms *terms, struct node *consumers,
                          struct standing *standing, struct diags *diags)
{
    for (bool all = false; !all;) {
        int partly = add_page(terms, consumers, &all, diags);
        if (partly < 0)
            return -1;
        standing->partly |= partly > 0;
    }
    struct api_answer answer = api_ask(
        terms->server, terms->arena,
        &(struct api_request){.verb = "STREAM.INFO", .name = terms->stream, .type = "stream_info_response"});
    if (answer.is.outcome != API_DONE)
        return diagnose(terms, arena_printf(terms->arena, "look at stream '%s'", terms->stream), &answer,
                        diags);
    standing->info = answer.is.body;
    standing->messages = node_get_number(node_get(answer.is.body, "state"), "messages");
    return 0;
}

static int look_at_consumer(const struct standing_terms *terms, struct node *consumers, struct diags *diags)
{
    struct api_answer answer = api_ask(
        terms->server, terms->arena,
        &(struct api_request){.verb = "CONSUMER.INFO",
                              .name = arena_printf(terms->arena, "%s.%s", terms->stream, terms->consumer),
                              .type = "consumer_info_response"});
    if (answer.is.outcome != API_DONE)
        return diagnose(terms,
                        arena_printf(terms->arena, "look at consumer '%s' of stream '%s'", terms->consumer,
                                     terms->stream),
                        &answer, diags);
    node_append(terms->arena, consumers, answer.is.body);
    return 0;
}

int standing_look(const struct standing_terms *terms, struct standing *ret_standing, struct diags *diags)
{
    struct node *consumers = node_list(terms->arena);
    *ret_standing = (struct standing){.consumers = consumers};
    if (terms->consumer ? look_at_consumer(terms, consumers, diags)
                        : look_at_stream(terms, consumers, ret_standing, diags))
        return -1;
    for (size_t i = 0; i < consumers->count; i++)
        ret_standing->unacked += node_get_number(consumers->items[i], "num_ack_pending");
    ret_standing->text = text_of(terms->arena, ret_standing);
    return 0;
}

bool standing_has_gap(const struct node *consumer)
{
    const char *key = table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY)->name;
    bool explicit = strcmp(node_get_text(node_get(consumer, "config"), key), CHOICE_EXPLICIT) == 0;
    uint64_t delivered = node_get_number(node_get(consumer, "delivered"), "consumer_seq");
    uint64_t floor = node_get_number(node_get(consumer, "ack_floor"), "consumer_seq");
    return explicit && delivered - floor > node_get_number(consumer, "num_ack_pending");
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
        if (standing_look(terms, ret_standing, diags))
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
