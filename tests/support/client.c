/* Connecting to fixtures; see client.h. */
#include "support/client.h"

#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "support/said.h"
#include "support/scratch.h"
#include "syntax/json.h"

/* Where a reply is sure to come: natsform's own five seconds are short for 256 creations on a busy machine. */
enum { REPLY_MS = 60000 };

struct server *client_connect(const struct connection_settings *settings)
{
    struct diags diags = {0};
    struct server *server = NULL;
    int result = server_connect(settings, &server, &diags);
    ck_assert_msg(result == 0 && diags.list.count == 0, "%s", said(&diags));
    diags_release(&diags);
    return server;
}

struct server *client_of(const struct server_fixture *fixture)
{
    return client_connect(&(struct connection_settings){.url = fixture->url, .timeout_ms = REPLY_MS});
}

const char *client_refusal(const struct connection_settings *settings)
{
    struct diags diags = {0};
    struct server *server = NULL;
    ck_assert_msg(server_connect(settings, &server, &diags) == -1, "it connects");
    ck_assert_ptr_null(server);
    const char *text = said(&diags);
    diags_release(&diags);
    return text;
}

static void keep(void *context, const struct api_reply *reply)
{
    struct client_reply *kept = context;
    struct strbuf text = {0};
    struct diags faults = {0};
    kept->outcome = reply->outcome;
    kept->err_code = reply->err_code;
    kept->description = arena_strdup(test_arena(), reply->description);
    if (!reply->body)
        return;
    json_write(&text, reply->body, false);
    kept->body = json_read(test_arena(), strbuf_text(&text), text.length, NULL, &faults);
    strbuf_release(&text);
}

struct client_reply client_request(struct server *server, const char *verb, const char *name,
                                   const char *body, const char *type)
{
    struct client_reply reply = {0};
    struct api_request request = {
        .verb = verb,
        .name = name,
        .body = body,
        .type = type,
        .done = keep,
        .context = &reply,
    };
    api_submit(server, &request);
    api_drain(server);
    return reply;
}

const char *masked(const char *text, const char *word, const char *mark)
{
    struct strbuf out = {0};
    const char *found = NULL;
    while ((found = strstr(text, word))) {
        strbuf_add(&out, text, (size_t)(found - text));
        strbuf_adds(&out, mark);
        text = found + strlen(word);
    }
    strbuf_adds(&out, text);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}
