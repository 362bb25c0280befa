/* Pages of lists; see live_page.h. The key names are those of the API's replies, not of any field. */
#include "server/live_page.h"

#include "syntax/json.h"

/* What live_stream() and live_consumer() do not ask for. */
static const char *const unread_of_streams[] = {"created", "cluster", "mirror", "sources", NULL};
static const char *const unread_of_consumers[] = {
    "created",         "ts",          "cluster",     "delivered", "ack_floor", "num_ack_pending",
    "num_redelivered", "num_waiting", "num_pending", NULL};

void live_page_ask(struct server *server, const struct live_page *page, api_done *done, void *context)
{
    struct arena arena;
    arena_init(&arena);
    struct node *body = node_map(&arena);
    if (page->subject)
        node_put_text(&arena, body, "subject", page->subject);
    else
        node_put_number(&arena, body, "offset", page->offset);
    api_submit(server, &(struct api_request){
                           .verb = page->stream ? "CONSUMER.LIST" : "STREAM.LIST",
                           .name = page->stream,
                           .body = json_text(&arena, body),
                           .type = page->stream ? "consumer_list_response" : "stream_list_response",
                           .unread = page->stream ? unread_of_consumers : unread_of_streams,
                           .done = done,
                           .context = context,
                           .is_light = page->is_light,
                       });
    arena_release(&arena);
}

const struct node *live_page_items(const struct live_page *page, const struct node *body)
{
    static const struct node none = {.type = NODE_LIST};
    const struct node *items = node_get(body, page->stream ? "consumers" : "streams");
    return items && items->type == NODE_LIST ? items : &none;
}
