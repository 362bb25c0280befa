/*
 * Copying a stream; see copy.h. Each request asks for the first message from some sequence on, so that gaps cost next to nothing, and
 * several are under way. How many depends on what came: behind a gap all of them find the same message, and the server looks
 * through the gap for each; and large ones must not fill the memory.
 */
#include "apply/copy.h"

#include <string.h>

#include "archive/arc_write.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "server/api.h"
#include "syntax/json.h"

static DIAG_CODE(
    code_copy, .name = "copy", CODE_ERROR(EXIT_FAILED),
    .doc = "A stream in memory cannot be copied message by message.",
    .why = "Servers before 2.15 make no archive of it, so that its messages are read one by one; a copy of "
           "which something is not sure is none.",
    .example = "natsform backup CACHE --out DIR, while somebody deletes the stream and makes it anew",
    .remedy = "Run the command again, while nobody does that.");

enum {
    WINDOW = 64,
    WINDOW_BYTES = 8 * 1024 * 1024, /* of messages that are under way */
    LOOK_MS = 50,
};

/* A message on its way. */
struct fetch {
    struct copying *copying;
    uint64_t from; /* the first one from this sequence on was asked for */
    bool done;
    bool none; /* there is none */
    bool failed;
    uint64_t sequence;
    int64_t time;
    struct strbuf subject, headers, data;
};

struct copying {
    struct stream_copy *copy;
    struct diags *diags;
    struct arc_writer *writer;
    uint64_t first, last; /* of the stream, when it began */
    const char *created;
    struct fetch fetches[WINDOW];
    size_t oldest, under_way; /* of the fetches, a ring */
    size_t window;
    uint64_t next;   /* to be asked from */
    uint64_t wanted; /* everything before that is in the archive */
};

static int fail(const struct copying *copying, const char *why)
{
    return diag_error(copying->diags, &code_copy, (struct srcpos){0}, "stream '%s' is not copied: %s",
                      copying->copy->stream, why);
}

/* ---- one message ---- */

static bool read_message(struct fetch *fetch, const struct node *message)
{
    struct instant time;
    if (!instant_parse(node_get_text(message, "time"), &time))
        return false;
    fetch->sequence = node_get_number(message, "seq");
    fetch->time = time.seconds * 1000000000 + time.nanos;
    strbuf_adds(&fetch->subject, node_get_text(message, "subject"));
    return fetch->subject.length && fetch->sequence >= fetch->from &&
           base64_decode(&fetch->headers, node_get_text(message, "hdrs")) &&
           base64_decode(&fetch->data, node_get_text(message, "data"));
}

static void on_message(void *context, const struct api_reply *reply)
{
    struct fetch *fetch = context;
    const struct copying *copying = fetch->copying;
    fetch->done = true;
    fetch->none = api_is_not_found(reply);
    if (fetch->none)
        return;
    if (reply->outcome != API_DONE) {
        fetch->failed = true;
        api_diagnose(
            copying->diags, copying->copy->server, (struct srcpos){0},
            arena_printf(&copying->diags->arena, "read messages of stream '%s'", copying->copy->stream),
            reply);
    } else if (!read_message(fetch, node_get(reply->body, "message"))) {
        fetch->failed = true;
        fail(copying, "the server sent something that is no message of it");
    }
}

static void ask_next(struct copying *copying)
{
    struct fetch *fetch = &copying->fetches[(copying->oldest + copying->under_way++) % WINDOW];
    struct strbuf body SCOPED(strbuf_release) = {0};
    *fetch = (struct fetch){.copying = copying,
                            .from = copying->next++,
                            .subject = fetch->subject,
                            .headers = fetch->headers,
                            .data = fetch->data};
    strbuf_reset(&fetch->subject);
    strbuf_reset(&fetch->headers);
    strbuf_reset(&fetch->data);
    strbuf_addf(&body, "{\"seq\":%llu,\"next_by_subj\":\">\"}", (unsigned long long)fetch->from);
    api_submit(copying->copy->server, &(struct api_request){.verb = "STREAM.MSG.GET",
                                                            .name = copying->copy->stream,
                                                            .body = strbuf_text(&body),
                                                            .type = "stream_msg_get_response",
                                                            .done = on_message,
                                                            .context = fetch});
}

/* ---- in their order ---- */

static void adapt_window(struct copying *copying, const struct fetch *fetch)
{
    size_t bytes = fetch->headers.length + fetch->data.length + 1;
    size_t most = WINDOW_BYTES / bytes < WINDOW ? WINDOW_BYTES / bytes : WINDOW;
    copying->window = fetch->sequence - fetch->from < WINDOW ? copying->window * 2 : 1;
    if (copying->window > most)
        copying->window = most ? most : 1;
}

static int write_message(struct copying *copying, const struct fetch *fetch)
{
    const struct backup_message message = {.subject = strbuf_text(&fetch->subject),
                                           .sequence = fetch->sequence,
                                           .time = fetch->time,
                                           .headers = strbuf_text(&fetch->headers),
                                           .data = strbuf_text(&fetch->data),
                                           .headers_length = fetch->headers.length,
                                           .data_length = fetch->data.length};
    return arc_write_message(copying->writer, &message);
}

/* Takes the oldest one, which has come. */
static int take_oldest(struct copying *copying)
{
    const struct fetch *fetch = &copying->fetches[copying->oldest];
    copying->oldest = (copying->oldest + 1) % WINDOW;
    copying->under_way--;
    if (fetch->failed)
        return -1;
    if (fetch->none || fetch->sequence > copying->last) {
        copying->next = copying->last + 1;
        return 0;
    }
    /* Those that were asked from within a gap find the one behind it, too. */
    if (fetch->sequence < copying->wanted)
        return 0;
    copying->wanted = fetch->sequence + 1;
    if (copying->next < copying->wanted)
        copying->next = copying->wanted;
    adapt_window(copying, fetch);
    return write_message(copying, fetch);
}

static int copy_messages(struct copying *copying)
{
    struct stream_copy *copy = copying->copy;
    int failed = 0;
    while (!failed && (copying->under_way || copying->next <= copying->last)) {
        while (copying->under_way < copying->window && copying->next <= copying->last)
            ask_next(copying);
        api_wait(copy->server, &copying->fetches[copying->oldest].done, LOOK_MS);
        while (!failed && copying->under_way && copying->fetches[copying->oldest].done)
            failed = take_oldest(copying);
        if (!failed && copy->interrupted && copy->interrupted())
            failed = fail(copying, "interrupted");
    }
    /* Replies that have not come yet must not find their places gone. */
    api_drain(copy->server);
    return failed;
}

/* ---- the stream ---- */

static const struct node *ask_info(const struct copying *copying)
{
    const struct stream_copy *copy = copying->copy;
    struct api_answer answer = {.arena = copy->arena};
    api_submit(copy->server, &(struct api_request){.verb = "STREAM.INFO",
                                                   .name = copy->stream,
                                                   .type = "stream_info_response",
                                                   .done = api_answer,
                                                   .context = &answer});
    api_drain(copy->server);
    if (answer.is.outcome == API_DONE)
        return answer.is.body;
    api_diagnose(copying->diags, copy->server, (struct srcpos){0},
                 arena_printf(&copying->diags->arena, "read stream '%s'", copy->stream), &answer.is);
    return NULL;
}

/* The archive has no consumers, and its state has to say so. */
static void tell(struct copying *copying, const struct node *info)
{
    struct arena *arena = copying->copy->arena;
    struct node *state = node_copy(arena, node_get(info, "state"));
    struct node *reply = node_map(arena);
    node_put_number(arena, state, "consumer_count", 0);
    node_put(arena, reply, "config", node_copy(arena, node_get(info, "config")));
    node_put(arena, reply, "state", state);
    copying->created = node_get_text(info, "created");
    copying->first = node_get_number(state, "first_seq");
    copying->last = node_get_number(state, "last_seq");
    copying->next = copying->wanted = copying->first ? copying->first : 1;
    copying->copy->reply = reply;
}

/* What was read is all of one stream, and that one is still there. */
static int check_same(const struct copying *copying)
{
    const struct node *info = ask_info(copying);
    const struct node *state = node_get(info, "state");
    if (!info)
        return -1;
    if (strcmp(node_get_text(info, "created"), copying->created) != 0 ||
        node_get_number(state, "last_seq") < copying->last)
        return fail(copying, "it was made anew meanwhile");
    return 0;
}

static int write_piece(void *context, const void *bytes, size_t size)
{
    const struct stream_copy *copy = context;
    return copy->take(copy->context, bytes, size);
}

static void release(struct copying *copying)
{
    for (size_t i = 0; i < WINDOW; i++) {
        strbuf_release(&copying->fetches[i].subject);
        strbuf_release(&copying->fetches[i].headers);
        strbuf_release(&copying->fetches[i].data);
    }
    arc_writer_free(copying->writer);
}

int stream_copy(struct stream_copy *copy, struct diags *diags)
{
    struct copying copying SCOPED(release) = {.copy = copy, .diags = diags, .window = 1};
    const struct node *info = ask_info(&copying);
    if (!info)
        return -1;
    tell(&copying, info);
    copying.writer = arc_write_begin((struct s2_output){write_piece, copy},
                                     json_text(copy->arena, node_get(copy->reply, "state")),
                                     copy->now.seconds * 1000000000 + copy->now.nanos);
    return copy_messages(&copying) || arc_write_end(copying.writer) || check_same(&copying) ? -1 : 0;
}
