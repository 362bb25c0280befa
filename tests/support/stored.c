/* What a stream has; see stored.h. */
#include "support/stored.h"

#include <check.h>
#include <string.h>

#include "support/scratch.h"
#include "syntax/json.h"

const struct node *stored_ask(const struct server_fixture *server, const char *subject, const char *body)
{
    struct diags faults = {0};
    const char *text = raw_request(server, subject, body);
    ck_assert_ptr_nonnull(text);
    const struct node *reply = json_read(test_arena(), text, strlen(text), NULL, &faults);
    ck_assert_msg(reply && !node_get(reply, "error"), "%s: %s", subject, text);
    return reply;
}

/* Of a stream that never had a message the first one is 0, and 1 once it was restored. */
const char *stored_state(const struct server_fixture *server, const char *stream)
{
    const char *subject = arena_printf(test_arena(), "$JS.API.STREAM.INFO.%s", stream);
    const struct node *state = node_get(stored_ask(server, subject, ""), "state");
    const char *first = node_get_number(state, "messages") ? node_get_text(state, "first_seq") : "";
    return arena_printf(test_arena(), "%s %s..%s %s %s", node_get_text(state, "messages"), first,
                        node_get_text(state, "last_seq"), node_get_text(state, "bytes"),
                        node_get_text(state, "last_ts"));
}

const char *stored_position(const struct server_fixture *server, const char *consumer)
{
    const char *subject = arena_printf(test_arena(), "$JS.API.CONSUMER.INFO.%s", consumer);
    const struct node *info = stored_ask(server, subject, "");
    return arena_printf(test_arena(), "%s %s %s", node_get_text(node_get(info, "delivered"), "stream_seq"),
                        node_get_text(node_get(info, "ack_floor"), "stream_seq"),
                        node_get_text(info, "num_pending"));
}

const char *stored_noise(size_t length)
{
    static uint32_t state = 1;
    char *text = arena_alloc(test_arena(), length + 1);
    for (size_t i = 0; i < length; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = (char)('!' + (state >> 24) % 90);
    }
    text[length] = '\0';
    return text;
}
