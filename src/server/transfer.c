/*
 * Snapshots and restores; see transfer.h. The pieces come on subjects of their own, beside the replies to requests, so this has a
 * mailbox of its own. Everything here runs in the caller's thread.
 */
#include "server/transfer.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "server/line.h"
#include "server/server_state.h"
#include "syntax/json.h"

/*
 * Large pieces take less of the processor, of the server's, too. But servers give up after five seconds without an acknowledgement (as read in 2.14.6), in which
 * a slow line has to bring a piece of each stream: so those that are fetched in larger numbers come in pieces of the servers' own size. A line
 * that is as short as one within a house is not as slow as that.
 */
enum {
    PIECE_BYTES = 256 * 1024,
    PIECE_BYTES_OF_MANY = 128 * 1024,
    PIECE_BYTES_OF_SHORT_LINE = 960 * 1024, /* with its protocol line less than the usual max_payload */
    SHORT_MS = 5,                           /* there and back */
    FEW = 2,
    REASON_MS = 5000,    /* a server that takes no more pieces says why within that time, if ever */
    UNDER_WAY_MOST = 16, /* pieces of a restore that wait for their acknowledgement */
};

/* ---- snapshots ---- */

struct receiving {
    struct snapshot *snapshot;
    natsSubscription *subscription;
    struct api_answer answer;
    int64_t heard; /* when something came last */
    bool ended;    /* the last piece has come; the reply to the request may not have */
    bool asked, over;
};

struct reception {
    struct line line;
    const struct snapshot_terms *terms;
    struct diags *diags;
    struct receiving *list;
    size_t count, next, under_way;
    size_t piece_bytes; /* so large are the pieces asked for */
    int failed;
};

static void finish(struct reception *reception, struct receiving *at)
{
    line_unlisten(&at->subscription);
    reception->under_way--;
    at->over = true;
}

static void give_up(struct reception *reception, struct receiving *at, const char *why)
{
    diag_error(reception->diags, &code_transfer, (struct srcpos){0},
               "the archive of stream '%s' is not whole: %s", at->snapshot->stream, why);
    reception->failed = -1;
    finish(reception, at);
}

/* No server takes more at once than it says, nor those that pieces come by. */
static size_t within_payload(const struct line *line, size_t bytes)
{
    int64_t most = natsConnection_GetMaxPayload(line->server->connection);
    return most > 0 && (uint64_t)most < bytes ? (size_t)most : bytes;
}

static size_t piece_bytes(const struct reception *reception)
{
    bool few = reception->count <= FEW || reception->terms->at_once <= FEW;
    if (!few)
        return within_payload(&reception->line, PIECE_BYTES_OF_MANY);
    bool is_short = natsConnection_FlushTimeout(reception->line.server->connection, SHORT_MS) == NATS_OK;
    return within_payload(&reception->line, is_short ? PIECE_BYTES_OF_SHORT_LINE : PIECE_BYTES);
}

/*
 * Each has a subscription to its very subject: a server that finds none looks for it for two seconds before it sends anything, and one with a
 * wildcard does not count (2.9.10, 2.10.27, 2.15.1).
 */
static void ask(struct reception *reception, struct receiving *at)
{
    struct strbuf body SCOPED(strbuf_release) = {0};
    char number[32];
    snprintf(number, sizeof(number), "%zu", (size_t)(at - reception->list));
    at->subscription = line_listen(&reception->line, number, reception->diags);
    if (!at->subscription) {
        reception->failed = -1;
        return;
    }
    strbuf_addf(&body, "{\"deliver_subject\":\"%s.%s\",\"chunk_size\":%zu,\"no_consumers\":%s}",
                strbuf_text(&reception->line.inbox), number, reception->piece_bytes,
                at->snapshot->no_consumers ? "true" : "false");
    at->answer = (struct api_answer){.arena = reception->terms->arena};
    at->asked = true;
    at->heard = clock_ms();
    reception->under_way++;
    api_submit(reception->line.server, &(struct api_request){.verb = "STREAM.SNAPSHOT",
                                                             .name = at->snapshot->stream,
                                                             .body = strbuf_text(&body),
                                                             .length = body.length,
                                                             .type = "stream_snapshot_response",
                                                             .done = api_answer,
                                                             .context = &at->answer});
}

/* The status of an end that is none of success, with its words; NULL: it is one of success. */
static const char *fault_of(struct arena *arena, natsMsg *message)
{
    const char *status = NULL, *words = NULL;
    if (natsMsgHeader_Get(message, "Status", &status) != NATS_OK || !status || strcmp(status, "204") == 0)
        return NULL;
    if (natsMsgHeader_Get(message, "Description", &words) != NATS_OK || !words)
        words = "the server ended it";
    return arena_printf(arena, "%s (%s)", words, status);
}

static void receive(struct reception *reception, natsMsg *message)
{
    int64_t number = line_number(&reception->line, message);
    if (number < 0 || (uint64_t)number >= reception->count)
        return;
    struct receiving *at = &reception->list[number];
    size_t length = (size_t)natsMsg_GetDataLength(message);
    if (!at->asked || at->over)
        return;
    at->heard = clock_ms();
    if (!length) {
        const char *fault = fault_of(&reception->diags->arena, message);
        if (fault) {
            give_up(reception, at, fault);
            return;
        }
        at->ended = true;
        return;
    }
    if (at->snapshot->take(at->snapshot->context, natsMsg_GetData(message), length)) {
        reception->failed = -1;
        finish(reception, at);
        return;
    }
    at->snapshot->bytes += length;
    /* Without it, the server stops after its window. Not acknowledged, it gives the rest up. */
    if (natsMsg_GetReply(message))
        natsConnection_Publish(reception->line.server->connection, natsMsg_GetReply(message), "", 0);
    if (reception->terms->progress)
        reception->terms->progress(reception->terms->context, at->snapshot);
}

/* By the servers' words: "snapshot failed: no impl" (2.9.10, 2.10.27). */
static bool makes_none(const struct api_reply *reply)
{
    enum { SNAPSHOT_FAILED = 10064 };
    return reply->outcome == API_ERROR && reply->err_code == SNAPSHOT_FAILED &&
           strstr(reply->description, "no impl") != NULL;
}

/* The reply to the request says whether anything will come. */
static void look_at_answers(struct reception *reception)
{
    for (size_t i = 0; i < reception->next; i++) {
        struct receiving *at = &reception->list[i];
        if (!at->asked || at->over)
            continue;
        if (at->answer.done && at->answer.is.outcome == API_DONE)
            at->snapshot->reply = at->answer.is.body;
        if (at->ended && at->snapshot->reply) {
            at->snapshot->whole = true;
            int result = at->snapshot->end(at->snapshot->context, at->snapshot);
            if (result < 0)
                reception->failed = -1;
            if (result != SNAPSHOT_WAITS)
                finish(reception, at);
        } else if (at->answer.done && makes_none(&at->answer.is)) {
            at->snapshot->has_none = true;
            finish(reception, at);
        } else if (at->answer.done && at->answer.is.outcome != API_DONE) {
            api_diagnose(reception->diags, reception->line.server, (struct srcpos){0},
                         arena_printf(&reception->diags->arena, "back up stream '%s'", at->snapshot->stream),
                         &at->answer.is);
            reception->failed = -1;
            finish(reception, at);
        } else if (clock_ms() - at->heard > reception->line.silent_ms) {
            give_up(reception, at, "the server went silent");
        }
    }
}

static void end_all(struct reception *reception, const char *why)
{
    for (size_t i = 0; i < reception->next; i++)
        if (reception->list[i].asked && !reception->list[i].over)
            give_up(reception, &reception->list[i], why);
    reception->next = reception->count;
}

static void turn(struct reception *reception)
{
    struct server *server = reception->line.server;
    while (reception->next < reception->count && reception->under_way < reception->terms->at_once)
        ask(reception, &reception->list[reception->next++]);
    struct letter *letters SCOPED(line_letters_free) =
        mailbox_take(reception->line.mailbox, clock_ms() + LINE_LOOK_MS);
    for (struct letter *letter = letters; letter; letter = letter->next) {
        if (letter->kind == LETTER_MESSAGE)
            receive(reception, letter->message);
        /* At once, so that the next one gets memory that the processor has at hand. */
        natsMsg_Destroy(letter->message);
        letter->message = NULL;
    }
    /* Replies, and whatever else has to go on meanwhile. */
    api_poll(server);
    look_at_answers(reception);
    if (!server_is_connected(server))
        end_all(reception, "the connection was lost");
    else if (reception->terms->interrupted && reception->terms->interrupted())
        end_all(reception, "interrupted");
}

int snapshots_receive(struct server *server, const struct snapshot_terms *terms, struct snapshot *const *list,
                      size_t count, struct diags *diags)
{
    struct reception reception = {.terms = terms, .diags = diags, .count = count};
    if (line_open(server, &reception.line, diags))
        return -1;
    reception.piece_bytes = piece_bytes(&reception);
    reception.list = ARENA_ARRAY(terms->arena, struct receiving, count + 1);
    for (size_t i = 0; i < count; i++)
        reception.list[i].snapshot = list[i];
    while (reception.under_way || reception.next < count)
        turn(&reception);
    /* Replies that have not come yet must not find their places gone. */
    api_drain(server);
    line_close(&reception.line);
    return reception.failed;
}

/* ---- restores ---- */

struct sending {
    struct line line;
    struct restore *restore;
    const char *to; /* the subject that takes the pieces */
    struct arena *arena;
    struct diags *diags;
    char *piece; /* room for one */
    size_t piece_bytes;
    uint64_t sent, acked; /* pieces */
    uint64_t bytes;
    int64_t heard;
    bool over;        /* the last piece, which has nothing in it, was sent */
    bool turned_away; /* nobody takes the pieces any more */
};

static int refuse(const struct sending *sending, const char *why)
{
    return diag_error(sending->diags, &code_transfer, (struct srcpos){0}, "stream '%s' is not restored: %s",
                      sending->restore->stream, why);
}

static int push(struct sending *sending)
{
    struct strbuf reply SCOPED(strbuf_release) = {0};
    struct restore *restore = sending->restore;
    int64_t length = restore->next(restore->context, sending->piece, sending->piece_bytes);
    if (length < 0)
        return -1;
    strbuf_addf(&reply, "%s.%llu", strbuf_text(&sending->line.inbox), (unsigned long long)sending->sent++);
    sending->over = length == 0;
    sending->bytes += (uint64_t)length;
    if (natsConnection_PublishRequest(sending->line.server->connection, sending->to, strbuf_text(&reply),
                                      sending->piece, (int)length) != NATS_OK)
        return refuse(sending, "the connection was lost");
    if (restore->progress)
        restore->progress(restore->context, sending->bytes);
    return 0;
}

/*
 * A piece's acknowledgement is empty; the last one's is the server's reply, as is a refusal. A server that refuses ceases to listen at once, and its
 * refusal may come behind what says that nobody listens (2.10.27): so that is no end yet.
 */
static int hear(struct sending *sending, natsMsg *message)
{
    struct diags faults SCOPED(diags_release) = {0};
    size_t length = (size_t)natsMsg_GetDataLength(message);
    if (line_number(&sending->line, message) < 0)
        return 0;
    bool turns_away = natsMsg_IsNoResponders(message);
    if (!turns_away || !sending->turned_away)
        sending->heard = clock_ms();
    sending->turned_away |= turns_away;
    sending->acked++;
    if (turns_away)
        return 0;
    if (!length)
        return 0;
    const struct node *body = json_read(sending->arena, natsMsg_GetData(message), length, NULL, &faults);
    const struct node *error = node_get(body, "error");
    if (error)
        return refuse(sending,
                      arena_printf(&sending->diags->arena, "%s (%s)", node_get_text(error, "description"),
                                   node_get_text(error, "err_code")));
    if (sending->over && node_get(body, "config"))
        sending->restore->reply = body;
    return 0;
}

static void make_room(struct sending *sending)
{
    sending->piece_bytes = within_payload(&sending->line, PIECE_BYTES);
    sending->piece = arena_alloc(sending->arena, sending->piece_bytes);
}

static int send_all(struct sending *sending)
{
    struct restore *restore = sending->restore;
    make_room(sending);
    while (!restore->reply) {
        while (!sending->over && !sending->turned_away && sending->sent - sending->acked < UNDER_WAY_MOST)
            if (push(sending))
                return -1;
        struct letter *letters SCOPED(line_letters_free) =
            mailbox_take(sending->line.mailbox, clock_ms() + LINE_LOOK_MS);
        for (const struct letter *letter = letters; letter; letter = letter->next)
            if (letter->kind == LETTER_MESSAGE && hear(sending, letter->message))
                return -1;
        api_poll(sending->line.server);
        if (!server_is_connected(sending->line.server))
            return refuse(sending, "the connection was lost");
        if (restore->interrupted && restore->interrupted())
            return refuse(sending, "interrupted");
        int64_t silent_ms = clock_ms() - sending->heard;
        if (sending->turned_away && silent_ms > REASON_MS)
            return refuse(sending, "the server does not take its pieces any more");
        if (silent_ms > sending->line.silent_ms)
            return refuse(sending, "the server went silent");
    }
    return 0;
}

int restore_send(struct arena *arena, struct server *server, struct restore *restore, struct diags *diags)
{
    enum { NAME_IN_USE = 10130 };
    struct api_answer answer = {.arena = arena};
    struct sending sending = {.restore = restore, .arena = arena, .diags = diags, .heard = clock_ms()};
    if (line_open(server, &sending.line, diags))
        return -1;
    natsSubscription *replies SCOPED(line_unlisten) = line_listen(&sending.line, "*", diags);
    if (!replies) {
        line_close(&sending.line);
        return -1;
    }
    api_submit(server, &(struct api_request){.verb = "STREAM.RESTORE",
                                             .name = restore->stream,
                                             .body = restore->body,
                                             .type = "stream_restore_response",
                                             .done = api_answer,
                                             .context = &answer});
    restore->begun = true;
    api_drain(server);
    sending.to = node_get_text(answer.is.body, "deliver_subject");
    int failed = -1;
    if (answer.is.outcome != API_DONE || !*sending.to) {
        /* What the server said no to, it has not begun. */
        restore->begun = answer.is.outcome != API_ERROR;
        restore->in_use = !restore->begun && answer.is.err_code == NAME_IN_USE;
        api_diagnose(diags, server, (struct srcpos){0},
                     arena_printf(&diags->arena, "restore stream '%s'", restore->stream), &answer.is);
    } else {
        failed = send_all(&sending);
    }
    line_unlisten(&replies);
    line_close(&sending.line);
    return failed;
}
