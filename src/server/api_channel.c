/*
 * Pipelining; see api_channel.h.
 *
 * A request takes a slot until it has its outcome; API_WINDOW of them may be without an answer, or API_LIGHT_WINDOW. Its reply
 * subject ends in its number, which tells the slot too; a reply that comes after its deadline finds another
 * number there, or none, and is dropped.
 *
 * Done functions run in settle() only, never within each other: a request made by one that finds the window
 * full waits in a backlog, and one that fails at once is marked and settled by the loop that called the first.
 *
 * Sending is left to nats.c's flusher thread, which gathers what is published within a millisecond: one
 * write() for many requests. natsOptions_SetSendAsap() would save that millisecond for a request alone, and
 * costs more where it counts; natsConnection_Flush() after each batch is a round trip of its own.
 */
#include "server/api_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/strbuf.h"
#include "field/value.h"
#include "syntax/json.h"

/*
 * A server sends what it answers to a batch of requests at the end of the batch. So when answers come, the
 * next requests go out before these are read, or server and client would wait for each other in turns: twice
 * the slots hold the requests without an answer and the answers not read yet.
 */
enum { SLOTS = 2 * API_LIGHT_WINDOW };

enum slot_state {
    SLOT_FREE,
    SLOT_WAITING,
    SLOT_FAILED, /* could not be sent: its outcome stands in the slot and waits for settle() */
};

struct slot {
    enum slot_state state;
    bool answered;   /* something has come, and is not read yet */
    uint64_t number; /* of the request, from 0; its remainder by SLOTS is the index of the slot */
    int64_t deadline;
    struct strbuf subject;
    struct strbuf stranger; /* what came in place of the reply, "" when nothing did */
    channel_accepts *accepts;
    const void *wanted;
    const char *const *unread;
    api_done *done;
    void *context;
    enum api_outcome outcome; /* of SLOT_FAILED */
    const char *description;  /* the same; a literal, or of the channel */
};

/* A request that found the window full; subject and body follow it in memory. */
struct waiting {
    struct waiting *next;
    struct channel_request request;
};

struct tick {
    int64_t (*call)(void *context); /* NULL: there is none */
    void *context;
    int64_t at; /* when it is due */
};

struct channel {
    natsConnection *connection;
    natsSubscription *subscription;
    struct mailbox *mailbox;
    const char *api;     /* what subjects of requests begin with, such as $JS.API; of the server */
    struct strbuf inbox; /* without ".*" at its end */
    struct strbuf inbox_pattern;
    int64_t timeout_ms;
    struct arena arena; /* of one reply */
    struct arena *keep; /* of all bodies; NULL: `arena` */
    struct waiting *backlog;
    struct waiting **backlog_end;
    size_t busy;       /* slots not free */
    size_t unanswered; /* of those, for which nothing has come */
    size_t failed;     /* of those, to be settled */
    uint64_t next;     /* number for a request */
    bool settling;     /* a done function is running */
    bool ticking;      /* a tick is running */
    struct tick ticks[TICKS_MOST];
    bool lost;
    struct strbuf loss;    /* how the connection was lost, for a message */
    struct strbuf refusal; /* why replies cannot be received, "" while they can */
    struct slot slots[SLOTS];
};

/* ---- outcomes ---- */

static void finish(struct channel *channel, struct slot *slot, struct api_reply *reply)
{
    api_done *done = slot->done;
    channel->failed -= slot->state == SLOT_FAILED;
    channel->unanswered -= !slot->answered;
    channel->busy--;
    slot->state = SLOT_FREE;
    reply->arena = &channel->arena;
    channel->settling = true;
    done(slot->context, reply);
    channel->settling = false;
}

/* With a description that outlives the call, or is copied into the arena by the caller. */
static void finish_as(struct channel *channel, struct slot *slot, enum api_outcome outcome,
                      const char *description)
{
    struct api_reply reply = {.outcome = outcome, .description = description};
    if (outcome == API_ERROR)
        reply.body = node_map(&channel->arena);
    finish(channel, slot, &reply);
}

static void fail_later(struct channel *channel, struct slot *slot, enum api_outcome outcome,
                       const char *description)
{
    slot->state = SLOT_FAILED;
    slot->outcome = outcome;
    slot->description = description;
    channel->failed++;
}

static int integer_of(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);
    int64_t value = 0;
    if (!node || node->type != NODE_SCALAR || !number_parse_i64(node->text, &value))
        return 0;
    /* Error codes have five digits; anything else is not one. */
    return value > 0 && value < 1000000 ? (int)value : 0;
}

static void finish_with_body(struct channel *channel, struct slot *slot, struct node *body)
{
    struct api_reply reply = {.outcome = API_DONE, .description = "done", .body = body};
    const struct node *error = node_get(body, "error");
    const struct node *description = node_get(error, "description");
    if (error && error->type == NODE_MAP) {
        reply.outcome = API_ERROR;
        reply.code = integer_of(error, "code");
        reply.err_code = integer_of(error, "err_code");
        reply.description = description && description->type == NODE_SCALAR && description->text[0]
                                ? description->text
                                : "error without a description";
    }
    finish(channel, slot, &reply);
}

/* ---- replies ---- */

static struct slot *slot_of(struct channel *channel, const char *reply_subject)
{
    const char *number = reply_subject + channel->inbox.length;
    uint64_t value = 0;
    if (strncmp(reply_subject, strbuf_text(&channel->inbox), channel->inbox.length) != 0 ||
        *number++ != '.' || !number_parse_u64(number, &value))
        return NULL;
    struct slot *slot = &channel->slots[value % SLOTS];
    return slot->state == SLOT_WAITING && slot->number == value ? slot : NULL;
}

/* Remembers what somebody else answered, for the message at the deadline. */
static void note_stranger(struct slot *slot, const struct node *body)
{
    const struct node *type = node_get(body, "type");
    const struct node *stream = node_get(body, "stream");
    strbuf_reset(&slot->stranger);
    if (!body)
        strbuf_adds(&slot->stranger, "only something that is not JSON came as a reply");
    else if (stream && stream->type == NODE_SCALAR && node_get(body, "seq"))
        strbuf_addf(&slot->stranger,
                    "only stream '%s' replied, whose subjects cover those of the JetStream API",
                    stream->text);
    else if (type && type->type == NODE_SCALAR)
        strbuf_addf(&slot->stranger, "only a reply of type '%s' came", type->text);
    else
        strbuf_adds(&slot->stranger, "only a reply without a type came");
}

static void note_answer(struct channel *channel, struct slot *slot, bool answered)
{
    if (!slot || slot->answered == answered)
        return;
    slot->answered = answered;
    if (answered)
        channel->unanswered--;
    else
        channel->unanswered++;
}

/* Of a message that has nothing but the status in its headers; 0 of any other. */
static int status_of(natsMsg *message)
{
    const char *text = NULL;
    uint64_t status = 0;
    if (natsMsg_GetDataLength(message) || natsMsgHeader_Get(message, "Status", &text) != NATS_OK || !text ||
        !number_parse_u64(text, &status) || status > 999)
        return 0;
    return (int)status;
}

static void receive_status(struct channel *channel, struct slot *slot, natsMsg *message)
{
    struct api_reply reply = {.outcome = API_DONE, .description = "done", .code = status_of(message)};
    if (reply.code)
        finish(channel, slot, &reply);
    else
        note_answer(channel, slot, false); /* from somebody else */
}

static void receive(struct channel *channel, natsMsg *message)
{
    struct slot *slot = slot_of(channel, natsMsg_GetSubject(message));
    struct diags faults = {0};
    if (!slot)
        return;
    if (natsMsg_IsNoResponders(message)) {
        finish_as(channel, slot, API_NO_RESPONDERS,
                  arena_printf(&channel->arena, "nobody listens on '%s'", strbuf_text(&slot->subject)));
        return;
    }
    if (!slot->accepts) {
        receive_status(channel, slot, message);
        return;
    }
    struct arena *arena = channel->keep ? channel->keep : &channel->arena;
    struct node *body = json_read_page(arena, natsMsg_GetData(message),
                                       (size_t)natsMsg_GetDataLength(message), slot->unread, &faults);
    diags_release(&faults);
    if (body && slot->accepts(slot->wanted, body)) {
        finish_with_body(channel, slot, body);
    } else {
        note_answer(channel, slot, false); /* it still waits for the right one */
        note_stranger(slot, body);
    }
}

/* ---- violations of permissions ---- */

static void refuse_all(struct channel *channel, const char *text)
{
    /* Without the right to receive, no request can ever be answered, so each of them has its outcome now. */
    if (channel->refusal.length)
        return;
    strbuf_adds(&channel->refusal, text);
    for (size_t i = 0; i < SLOTS; i++)
        if (channel->slots[i].state == SLOT_WAITING)
            finish_as(channel, &channel->slots[i], API_FORBIDDEN, strbuf_text(&channel->refusal));
}

/*
 * Is `subject` the slot's? Of one that is cut only the start is known. A server that maps a domain's subjects, or an account's import,
 * names what it has made of them, behind $JS.API.
 */
static bool is_of_slot(const struct channel *channel, const struct slot *slot, const char *subject,
                       bool is_cut)
{
    static const char mapped[] = "$JS.API.";
    const char *own = strbuf_text(&slot->subject);
    size_t head = strlen(channel->api);
    if (strncmp(own, channel->api, head) == 0 && own[head] == '.' &&
        strncmp(subject, mapped, strlen(mapped)) == 0) {
        own += head + 1;
        subject += strlen(mapped);
    }
    return is_cut ? strncmp(own, subject, strlen(subject)) == 0 : strcmp(own, subject) == 0;
}

static struct slot *oldest_on(struct channel *channel, const char *subject, bool is_cut)
{
    struct slot *oldest = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &channel->slots[i];
        if (slot->state == SLOT_WAITING && is_of_slot(channel, slot, subject, is_cut) &&
            (!oldest || slot->number < oldest->number))
            oldest = slot;
    }
    return oldest;
}

/*
 * The server says one of
 *     Permissions Violation for Publish to "$JS.API.INFO"
 *     Permissions Violation for Publish with Reply of "_INBOX.x.7"
 *     Permissions Violation for Subscription to "_INBOX.x.*"
 * on every version alike. nats.c cuts it after 255 bytes, the closing quote with it.
 */
static void receive_violation(struct channel *channel, const char *text)
{
    const char *open = strchr(text, '"');
    const char *close = open ? strrchr(open + 1, '"') : NULL;
    if (!open)
        return;
    size_t length = close ? (size_t)(close - open - 1) : strlen(open + 1);
    const char *subject = arena_strndup(&channel->arena, open + 1, length);
    const char *description = arena_strdup(&channel->arena, text);
    struct slot *slot = NULL;
    if (strstr(text, "Subscription to")) {
        if (strncmp(subject, strbuf_text(&channel->inbox), channel->inbox.length) == 0)
            refuse_all(channel, text);
        return;
    }
    if (strstr(text, "with Reply of"))
        slot = slot_of(channel, subject);
    else
        slot = oldest_on(channel, subject, !close);
    if (slot)
        finish_as(channel, slot, API_FORBIDDEN, description);
}

/* ---- the connection's end, and deadlines ---- */

static void lose(struct channel *channel, const char *reason)
{
    if (channel->lost)
        return;
    channel->lost = true;
    strbuf_adds(&channel->loss, "the connection was lost");
    if (reason[0])
        strbuf_addf(&channel->loss, ": %s", reason);
    /* Whether these requests took effect is not known; callers read back. */
    for (size_t i = 0; i < SLOTS; i++)
        if (channel->slots[i].state == SLOT_WAITING)
            finish_as(channel, &channel->slots[i], API_DISCONNECTED, strbuf_text(&channel->loss));
}

static void expire(struct channel *channel, struct slot *slot)
{
    if (slot->stranger.length) {
        finish_as(channel, slot, API_STRANGE, arena_strdup(&channel->arena, strbuf_text(&slot->stranger)));
        return;
    }
    finish_as(channel, slot, API_TIMEOUT,
              arena_printf(&channel->arena, "no reply within %s",
                           duration_format(&channel->arena, channel->timeout_ms * 1000000)));
}

static void expire_overdue(struct channel *channel)
{
    int64_t now = clock_ms();
    for (size_t i = 0; i < SLOTS; i++)
        if (channel->slots[i].state == SLOT_WAITING && channel->slots[i].deadline <= now)
            expire(channel, &channel->slots[i]);
}

static int64_t earliest_deadline(const struct channel *channel)
{
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < SLOTS; i++)
        if (channel->slots[i].state == SLOT_WAITING && channel->slots[i].deadline < earliest)
            earliest = channel->slots[i].deadline;
    return earliest;
}

/* ---- sending ---- */

/* NULL when the window is full. Replies come out of order, so the next slot in line may be busy still. */
static struct slot *free_slot(struct channel *channel)
{
    for (size_t tries = 0; tries < SLOTS; tries++) {
        uint64_t number = channel->next++;
        struct slot *slot = &channel->slots[number % SLOTS];
        if (slot->state == SLOT_FREE) {
            slot->number = number;
            return slot;
        }
    }
    return NULL;
}

static void publish(struct channel *channel, struct slot *slot, const char *body, size_t length)
{
    char reply[512];
    snprintf(reply, sizeof(reply), "%s.%llu", strbuf_text(&channel->inbox), (unsigned long long)slot->number);
    natsStatus status = natsConnection_PublishRequest(channel->connection, strbuf_text(&slot->subject), reply,
                                                      body ? body : "", (int)length);
    if (status == NATS_OK)
        return;
    if (status == NATS_MAX_PAYLOAD) {
        fail_later(channel, slot, API_ERROR, "the request is larger than the server's max_payload");
        return;
    }
    /* A write that was cut short breaks the stream of commands. Closing brings LETTER_CLOSED for the rest. */
    fail_later(channel, slot, API_DISCONNECTED, "the connection was lost");
    natsConnection_Close(channel->connection);
}

/* What would end the command early on the wire and begin another one. */
static bool is_sendable(const struct channel_request *request)
{
    return request->subject[strcspn(request->subject, " \t\r\n")] == '\0' && request->length <= INT32_MAX;
}

static void send_request(struct channel *channel, struct slot *slot, const struct channel_request *request)
{
    slot->state = SLOT_WAITING;
    slot->deadline = clock_ms() + channel->timeout_ms;
    strbuf_reset(&slot->subject);
    strbuf_adds(&slot->subject, request->subject);
    strbuf_reset(&slot->stranger);
    slot->accepts = request->accepts;
    slot->wanted = request->wanted;
    slot->unread = request->unread;
    slot->done = request->done;
    slot->context = request->context;
    slot->answered = false;
    channel->busy++;
    channel->unanswered++;
    if (channel->lost)
        fail_later(channel, slot, API_DISCONNECTED, strbuf_text(&channel->loss));
    else if (channel->refusal.length)
        fail_later(channel, slot, API_FORBIDDEN, strbuf_text(&channel->refusal));
    else if (!is_sendable(request))
        fail_later(channel, slot, API_ERROR, "the name in the request has a blank in it");
    else
        publish(channel, slot, request->body, request->length);
}

static void put_back(struct channel *channel, const struct channel_request *request)
{
    size_t subject = strlen(request->subject) + 1;
    struct waiting *waiting = base_alloc(sizeof(*waiting) + subject + request->length);
    char *copies = (char *)(waiting + 1);
    memcpy(copies, request->subject, subject);
    if (request->length)
        memcpy(copies + subject, request->body, request->length);
    waiting->request = *request;
    waiting->request.subject = copies;
    waiting->request.body = copies + subject;
    *channel->backlog_end = waiting;
    channel->backlog_end = &waiting->next;
}

static struct waiting *backlog_pop(struct channel *channel)
{
    struct waiting *waiting = channel->backlog;
    if (!waiting)
        return NULL;
    channel->backlog = waiting->next;
    if (!channel->backlog)
        channel->backlog_end = &channel->backlog;
    return waiting;
}

static bool is_full(const struct channel *channel, const struct channel_request *request)
{
    size_t window = request->is_light ? API_LIGHT_WINDOW : API_WINDOW;
    return channel->unanswered >= window || channel->busy == SLOTS;
}

/* Sends what waits while there is room, and hands out what failed at once. */
static void settle(struct channel *channel)
{
    do {
        for (size_t i = 0; channel->failed && i < SLOTS; i++)
            if (channel->slots[i].state == SLOT_FAILED)
                finish_as(channel, &channel->slots[i], channel->slots[i].outcome,
                          channel->slots[i].description);
        while (channel->backlog && !is_full(channel, &channel->backlog->request)) {
            struct waiting *waiting = backlog_pop(channel);
            send_request(channel, free_slot(channel), &waiting->request);
            free(waiting);
        }
    } while (channel->failed);
}

/* ---- the loop ---- */

static void read_letter(struct channel *channel, const struct letter *letter)
{
    arena_reset(&channel->arena);
    switch (letter->kind) {
    case LETTER_MESSAGE:
        receive(channel, letter->message);
        break;
    case LETTER_VIOLATION:
        receive_violation(channel, letter->text);
        break;
    case LETTER_CLOSED:
        lose(channel, letter->text);
        break;
    }
    settle(channel);
}

/* Handles what is there, or else the first that comes before `deadline`; false when nothing does. */
static bool read_letters(struct channel *channel, int64_t deadline)
{
    struct letter *letters = mailbox_take(channel->mailbox, deadline);
    bool any = letters != NULL;
    for (const struct letter *letter = letters; letter; letter = letter->next)
        if (letter->kind == LETTER_MESSAGE)
            note_answer(channel, slot_of(channel, natsMsg_GetSubject(letter->message)), true);
    settle(channel);
    for (const struct letter *letter = letters; letter; letter = letter->next)
        read_letter(channel, letter);
    letters_free(letters);
    return any;
}

static void call_tick(struct channel *channel, struct tick *tick)
{
    if (!tick->call || channel->ticking || clock_ms() < tick->at)
        return;
    channel->ticking = true;
    /* Not again while it runs, however long that takes. */
    tick->at = INT64_MAX;
    int64_t after = tick->call(tick->context);
    tick->at = clock_ms() + after;
    channel->ticking = false;
    settle(channel);
}

static void call_ticks(struct channel *channel)
{
    for (size_t i = 0; i < TICKS_MOST; i++)
        call_tick(channel, &channel->ticks[i]);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Handles what has come; when nothing has, waits for it until `deadline`, that of a request, or the tick. */
static void turn(struct channel *channel, int64_t deadline)
{
    call_ticks(channel);
    if (read_letters(channel, 0))
        return;
    arena_reset(&channel->arena);
    expire_overdue(channel);
    settle(channel);
    deadline = earlier(deadline, earliest_deadline(channel));
    for (size_t i = 0; i < TICKS_MOST; i++)
        if (channel->ticks[i].call)
            deadline = earlier(deadline, channel->ticks[i].at);
    if (channel->busy)
        read_letters(channel, deadline);
}

void channel_submit(struct channel *channel, const struct channel_request *request)
{
    if (channel->settling || channel->ticking) {
        if (channel->backlog || is_full(channel, request))
            put_back(channel, request);
        else
            send_request(channel, free_slot(channel), request);
        return;
    }
    /* Not within a done function: that would call the next one from within itself. */
    while (is_full(channel, request))
        turn(channel, INT64_MAX);
    send_request(channel, free_slot(channel), request);
    settle(channel);
}

void channel_wait(struct channel *channel, const bool *enough, int64_t deadline)
{
    while (!channel->settling && channel->busy && !*enough && clock_ms() < deadline)
        turn(channel, deadline);
}

void channel_set_tick(struct channel *channel, int64_t (*tick)(void *context), void *context)
{
    size_t i = 0;
    while (i < TICKS_MOST && channel->ticks[i].context != context)
        i++;
    for (size_t free = 0; i == TICKS_MOST && free < TICKS_MOST; free++)
        if (!channel->ticks[free].call)
            i = free;
    if (i < TICKS_MOST)
        channel->ticks[i] = (struct tick){tick, tick ? context : NULL, clock_ms()};
}

void channel_poll(struct channel *channel)
{
    call_ticks(channel);
    if (channel->busy)
        read_letters(channel, 0);
}

void channel_drain(struct channel *channel)
{
    const bool never = false;
    channel_wait(channel, &never, INT64_MAX);
}

/* For whoever goes away before its reply: what comes for that slot later finds another number there. */
void channel_forget(struct channel *channel, const void *context)
{
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &channel->slots[i];
        if (slot->state == SLOT_WAITING && slot->context == context) {
            slot->state = SLOT_FREE;
            channel->busy--;
            channel->unanswered -= !slot->answered;
        }
    }
}

void channel_keep(struct channel *channel, struct arena *arena)
{
    channel->keep = arena;
}

bool channel_is_lost(const struct channel *channel)
{
    return channel->lost || natsConnection_IsClosed(channel->connection);
}

natsStatus channel_open(natsConnection *connection, struct mailbox *mailbox, const char *api,
                        const char *inbox_prefix, int64_t timeout_ms, struct channel **ret_channel)
{
    /* Only what nats.c makes unique of it is used, behind our own prefix. */
    natsInbox *unique = NULL;
    natsStatus status = natsInbox_Create(&unique);
    if (status != NATS_OK)
        return status;
    struct channel *channel = base_alloc(sizeof(*channel));
    channel->connection = connection;
    channel->mailbox = mailbox;
    channel->api = api;
    channel->timeout_ms = timeout_ms;
    channel->backlog_end = &channel->backlog;
    strbuf_addf(&channel->inbox, "%s%s", inbox_prefix ? inbox_prefix : "_INBOX", strchr(unique, '.'));
    strbuf_addf(&channel->inbox_pattern, "%s.*", strbuf_text(&channel->inbox));
    natsInbox_Destroy(unique);
    status =
        mailbox_subscribe(mailbox, connection, strbuf_text(&channel->inbox_pattern), &channel->subscription);
    if (status != NATS_OK) {
        channel_close(channel);
        return status;
    }
    *ret_channel = channel;
    return NATS_OK;
}

void channel_unsubscribe(struct channel *channel)
{
    if (channel)
        natsSubscription_Unsubscribe(channel->subscription);
}

void channel_close(struct channel *channel)
{
    struct waiting *waiting = NULL;
    if (!channel)
        return;
    natsSubscription_Destroy(channel->subscription);
    while ((waiting = backlog_pop(channel)))
        free(waiting);
    for (size_t i = 0; i < SLOTS; i++) {
        strbuf_release(&channel->slots[i].subject);
        strbuf_release(&channel->slots[i].stranger);
    }
    strbuf_release(&channel->inbox);
    strbuf_release(&channel->inbox_pattern);
    strbuf_release(&channel->loss);
    strbuf_release(&channel->refusal);
    arena_release(&channel->arena);
    free(channel);
}
