/*
 * Publishes; see publishing.h. The last token of each reply subject is the sequence that the message has to get. nats.c keeps headers by a hash of
 * their names, so their order may be another afterwards; it means nothing.
 */
#include "server/publishing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "server/line.h"
#include "server/server_state.h"
#include "syntax/json.h"

DIAG_CODE(
    code_publishing, .name = "publishing", CODE_ERROR(EXIT_FAILED),
    .doc = "A stream is filled message by message, and one of them did not get its sequence.",
    .why = "Somebody else has published to the stream meanwhile, or the server refused a message.",
    .example = "natsform restore backups/CACHE on nats-server 2.9, while its publishers are at work",
    .remedy = "Stop those who publish there, delete what there is of the stream, and restore it again.");

enum {
    WINDOW = 128,
    WINDOW_BYTES = 8 * 1024 * 1024,
    SIZES = 256,  /* of messages under way, by their sequence; more than the window */
    QUESTION = 0, /* the sequence of no message */
};

/* What came of the question whether anybody listens. */
enum listening {
    LISTENING_UNKNOWN,
    LISTENING_NOBODY,
    LISTENING_SOMEBODY,
};

struct publishing {
    struct line line;
    enum listening listening;
    natsSubscription *acks;
    const char *stream;
    bool (*interrupted)(void);
    struct diags *diags;
    struct arena arena; /* of one acknowledgement */
    size_t under_way, bytes;
    size_t sizes[SIZES];
    int64_t heard;
    bool duplicate; /* one was taken for a message that was there */
    bool failed;
};

static int fail(struct publishing *publishing, const char *why)
{
    if (!publishing->failed)
        diag_error(publishing->diags, &code_publishing, (struct srcpos){0}, "stream '%s' is not filled: %s",
                   publishing->stream, why);
    publishing->failed = true;
    return -1;
}

struct publishing *publishing_begin(struct server *server, const char *stream, bool (*interrupted)(void),
                                    struct diags *diags)
{
    struct publishing *publishing = base_alloc(sizeof(*publishing));
    *publishing = (struct publishing){.stream = stream, .interrupted = interrupted, .diags = diags};
    arena_init(&publishing->arena);
    if (line_open(server, &publishing->line, diags) == 0)
        publishing->acks = line_listen(&publishing->line, "*", diags);
    if (publishing->acks)
        return publishing;
    publishing_end(publishing);
    return NULL;
}

void publishing_end(struct publishing *publishing)
{
    if (!publishing)
        return;
    if (publishing->acks)
        line_unlisten(&publishing->acks);
    if (publishing->line.mailbox)
        line_close(&publishing->line);
    arena_release(&publishing->arena);
    free(publishing);
}

/* ---- acknowledgements ---- */

static int hear(struct publishing *publishing, natsMsg *message)
{
    struct diags faults SCOPED(diags_release) = {0};
    int64_t wanted = line_number(&publishing->line, message);
    if (wanted < 0)
        return 0;
    publishing->heard = clock_ms();
    if (wanted == QUESTION) {
        publishing->listening = natsMsg_IsNoResponders(message) ? LISTENING_NOBODY : LISTENING_SOMEBODY;
        return 0;
    }
    if (natsMsg_IsNoResponders(message))
        return fail(publishing, "no stream takes its messages");
    arena_reset(&publishing->arena);
    const struct node *body = json_read(&publishing->arena, natsMsg_GetData(message),
                                        (size_t)natsMsg_GetDataLength(message), NULL, &faults);
    const struct node *error = node_get(body, "error");
    /* A stream on "*.>" acknowledges its own copy. */
    if (!error && strcmp(node_get_text(body, "stream"), publishing->stream) != 0)
        return 0;
    publishing->under_way--;
    publishing->bytes -= publishing->sizes[wanted % SIZES];
    if (error)
        return fail(publishing, arena_printf(&publishing->diags->arena, "the server refuses message %lld: %s",
                                             (long long)wanted, node_get_text(error, "description")));
    publishing->duplicate |= strcmp(node_get_text(body, "duplicate"), "true") == 0;
    uint64_t got = node_get_number(body, "seq");
    if (!publishing->duplicate && got != (uint64_t)wanted)
        return fail(publishing, arena_printf(&publishing->diags->arena,
                                             "message %lld became %llu, as somebody else publishes to it",
                                             (long long)wanted, (unsigned long long)got));
    return 0;
}

static int look(struct publishing *publishing)
{
    struct letter *letters SCOPED(line_letters_free) =
        mailbox_take(publishing->line.mailbox, clock_ms() + LINE_LOOK_MS);
    for (const struct letter *letter = letters; letter; letter = letter->next)
        if (letter->kind == LETTER_MESSAGE && hear(publishing, letter->message))
            return -1;
    api_poll(publishing->line.server);
    if (!server_is_connected(publishing->line.server))
        return fail(publishing, "the connection was lost");
    if (publishing->interrupted && publishing->interrupted())
        return fail(publishing, "interrupted");
    if (clock_ms() - publishing->heard > publishing->line.silent_ms)
        return fail(publishing, "the server went silent");
    return 0;
}

static int settle(struct publishing *publishing)
{
    while (!publishing->failed && publishing->under_way)
        look(publishing);
    return publishing->failed ? -1 : 0;
}

static int check_duplicate(struct publishing *publishing)
{
    return publishing->duplicate ? fail(publishing, "the server takes a message for one that it has") : 0;
}

/* ---- messages ---- */

/* One line of headers; what is no header, such as the version at the beginning, is passed over. */
static natsStatus add_header(natsMsg *message, const char *line, size_t length, const char *without)
{
    struct strbuf name SCOPED(strbuf_release) = {0};
    struct strbuf value SCOPED(strbuf_release) = {0};
    const char *colon = memchr(line, ':', length);
    if (!colon || (without && strncmp(line, without, strlen(without)) == 0))
        return NATS_OK;
    size_t at = (size_t)(colon - line) + 1;
    strbuf_add(&name, line, (size_t)(colon - line));
    at += at < length && line[at] == ' ';
    strbuf_add(&value, line + at, length - at);
    return natsMsgHeader_Add(message, strbuf_text(&name), strbuf_text(&value));
}

static natsStatus add_headers(natsMsg *message, const struct outgoing *outgoing)
{
    natsStatus status = NATS_OK;
    const char *end = outgoing->headers + outgoing->headers_length;
    for (const char *line = outgoing->headers; status == NATS_OK && line < end;) {
        const char *stop = memchr(line, '\r', (size_t)(end - line));
        if (!stop)
            stop = end;
        status = add_header(message, line, (size_t)(stop - line), outgoing->without);
        line = end - stop > 2 ? stop + strlen("\r\n") : end;
    }
    return status;
}

static natsStatus publish(const struct publishing *publishing, const struct outgoing *outgoing)
{
    struct strbuf reply SCOPED(strbuf_release) = {0};
    natsMsg *message = NULL;
    strbuf_addf(&reply, "%s.%llu", strbuf_text(&publishing->line.inbox),
                (unsigned long long)outgoing->sequence);
    natsStatus status = natsMsg_Create(&message, outgoing->subject, strbuf_text(&reply), outgoing->data,
                                       (int)outgoing->data_length);
    if (status == NATS_OK)
        status = add_headers(message, outgoing);
    if (status == NATS_OK)
        status = natsConnection_PublishMsg(publishing->line.server->connection, message);
    natsMsg_Destroy(message);
    return status;
}

static int send(struct publishing *publishing, const struct outgoing *message)
{
    size_t bytes = message->headers_length + message->data_length;
    if (!publishing->under_way)
        publishing->heard = clock_ms();
    natsStatus status = publish(publishing, message);
    if (status != NATS_OK)
        return fail(publishing,
                    arena_printf(&publishing->diags->arena, "message %llu cannot be sent: %s",
                                 (unsigned long long)message->sequence, natsStatus_GetText(status)));
    publishing->under_way++;
    publishing->bytes += bytes;
    publishing->sizes[message->sequence % SIZES] = bytes;
    return 0;
}

/* It wants to be in a stream of another name, and so is refused by whoever listens. */
static int ask(struct publishing *publishing, const char *subject)
{
    static const char headers[] = "NATS/1.0\r\nNats-Expected-Stream: natsform.nobody\r\n\r\n";
    const struct outgoing question = {.subject = subject,
                                      .sequence = QUESTION,
                                      .headers = headers,
                                      .headers_length = strlen(headers),
                                      .data = ""};
    publishing->listening = LISTENING_UNKNOWN;
    publishing->heard = clock_ms();
    natsStatus status = publish(publishing, &question);
    if (status != NATS_OK)
        return fail(publishing, natsStatus_GetText(status));
    while (!publishing->failed && publishing->listening == LISTENING_UNKNOWN)
        look(publishing);
    return publishing->failed ? -1 : 0;
}

int publishing_await(struct publishing *publishing, const char *subject)
{
    enum { ASKS_MOST = 100, PAUSE_MS = 100 };
    for (int i = 0; i < ASKS_MOST; i++) {
        if (ask(publishing, subject))
            return -1;
        if (publishing->listening == LISTENING_SOMEBODY)
            return 0;
        api_pause(publishing->line.server, PAUSE_MS);
    }
    return 0;
}

int publishing_send(struct publishing *publishing, const struct outgoing *message)
{
    while (!publishing->failed && (publishing->under_way >= WINDOW || publishing->bytes >= WINDOW_BYTES))
        look(publishing);
    return publishing->failed || check_duplicate(publishing) ? -1 : send(publishing, message);
}

int publishing_settle(struct publishing *publishing)
{
    return settle(publishing) || check_duplicate(publishing) ? -1 : 0;
}

int publishing_send_alone(struct publishing *publishing, const struct outgoing *message)
{
    if (publishing_settle(publishing) || send(publishing, message) || settle(publishing))
        return -1;
    bool duplicate = publishing->duplicate;
    publishing->duplicate = false;
    return duplicate;
}
