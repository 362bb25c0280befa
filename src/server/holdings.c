/* What a stream holds, and for whom; see holdings.h. Names of keys are those of the API's messages. */
#include "server/holdings.h"

#include "base/number.h"
#include "kind/kinds.h"
#include "syntax/json.h"

static void take_subjects(struct holdings *holdings, const struct node *body)
{
    const struct node *subjects = node_get(node_get(body, "state"), "subjects");
    holdings->subjects_known =
        subjects && subjects->type == NODE_MAP && subjects->count == holdings->state.subjects;
    for (size_t i = 0; holdings->subjects_known && i < subjects->count; i++) {
        struct held_subject held = {.subject = arena_strdup(holdings->arena, subjects->members[i].key)};
        const struct node *messages = subjects->members[i].value;
        if (messages->type == NODE_SCALAR)
            number_parse_u64(messages->text, &held.messages);
        VEC_PUSH(holdings->arena, &holdings->subjects, held);
    }
}

/* ---- where a subject begins ---- */

struct first_question {
    struct holdings *holdings;
    struct held_subject *held;
};

static void finish(struct holdings *holdings)
{
    if (!holdings->firsts_asked && holdings->done)
        holdings->done(holdings->context);
}

static void on_first(void *context, const struct api_reply *reply)
{
    struct first_question *question = context;
    if (reply->outcome == API_DONE)
        question->held->first = node_get_number(node_get(reply->body, "message"), "seq");
    question->holdings->firsts_asked--;
    finish(question->holdings);
}

/* A position says something about a subject only beside the subject's first message. */
static bool needs_firsts(const struct holdings *holdings)
{
    bool any_position = false;
    for (size_t i = 0; i < holdings->consumers.count; i++)
        any_position |= holdings->consumers.items[i].state.last > 0;
    return any_position && holdings->consumers_known && holdings->subjects_known &&
           holdings->subjects.count <= HOLDINGS_FIRSTS_MOST &&
           holdings->state.bytes / HOLDINGS_FIRST_BYTES <= holdings->state.messages;
}

static void ask_first(struct holdings *holdings, struct held_subject *held)
{
    struct first_question *question = ARENA_NEW(holdings->arena, struct first_question);
    struct node *body = node_map(holdings->arena);
    *question = (struct first_question){holdings, held};
    node_put_number(holdings->arena, body, "seq", 1);
    node_put_text(holdings->arena, body, "next_by_subj", held->subject);
    api_submit(holdings->server, &(struct api_request){
                                     .verb = "STREAM.MSG.GET",
                                     .name = holdings->stream,
                                     .body = json_text(holdings->arena, body),
                                     .type = "stream_msg_get_response",
                                     .done = on_first,
                                     .context = question,
                                 });
}

static void ask_firsts(struct holdings *holdings)
{
    holdings->firsts_asked = holdings->subjects.count;
    for (size_t i = 0; i < holdings->subjects.count; i++)
        ask_first(holdings, &holdings->subjects.items[i]);
}

/* ---- the stream and its consumers ---- */

static void on_stream(void *context, const struct api_reply *reply)
{
    struct holdings *holdings = context;
    struct live_object stream;
    holdings->reply = *reply;
    holdings->reply.body = NULL;
    holdings->reply.description = arena_strdup(holdings->arena, reply->description);
    if (reply->outcome == API_DONE && !live_stream(reply->body, &stream)) {
        holdings->reply.outcome = API_STRANGE;
    } else if (reply->outcome == API_DONE) {
        const char *key = table_field_by_id(&stream_table, STREAM_RETENTION)->name;
        holdings->state = stream.state;
        holdings->retention = arena_strdup(holdings->arena, node_get_text(stream.config, key));
        take_subjects(holdings, reply->body);
    }
    if (needs_firsts(holdings))
        ask_firsts(holdings);
    finish(holdings);
}

static void ask_stream(struct holdings *holdings)
{
    static const char every_subject[] = "{\"subjects_filter\":\">\"}";
    api_submit(holdings->server, &(struct api_request){
                                     .verb = "STREAM.INFO",
                                     .name = holdings->stream,
                                     .body = holdings->by_subject ? every_subject : NULL,
                                     .type = "stream_info_response",
                                     .done = on_stream,
                                     .context = holdings,
                                 });
}

static void on_consumers(void *context, const struct api_reply *reply)
{
    struct holdings *holdings = context;
    const struct live_page page = {.stream = holdings->stream};
    const struct node *items = reply->outcome == API_DONE ? live_page_items(&page, reply->body) : NULL;
    struct live_object consumer;
    for (size_t i = 0; items && i < items->count; i++)
        if (live_consumer(items->items[i], &consumer))
            VEC_PUSH(holdings->arena, &holdings->consumers, live_keep(holdings->arena, &consumer));
    holdings->consumers_known = items && holdings->consumers.count == node_get_number(reply->body, "total");
    ask_stream(holdings);
}

void holdings_ask(struct server *server, struct holdings *holdings)
{
    holdings->server = server;
    if (!holdings->by_consumer)
        ask_stream(holdings);
    else
        live_page_ask(server, &(struct live_page){.stream = holdings->stream, .positions = true},
                      on_consumers, holdings);
}
