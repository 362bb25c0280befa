/* Filling a stream by its messages; see refill.h. */
#include "apply/refill.h"

#include <stdio.h>
#include <string.h>

#include "archive/digest.h"
#include "base/map.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "server/api.h"
#include "server/publishing.h"
#include "syntax/json.h"

#define PREFIX "natsform.refill"
#define MARK "natsform.refill" /* in the metadata, until all is done */
#define EXPECTATIONS "Nats-Expected-"
#define MESSAGE_ID "\r\nNats-Msg-Id:"

enum {
    GAPS_MOST = 1000000,       /* sequences without a message, each of which is published and deleted again */
    REMEMBERED_MOST = 10000,   /* ids of messages */
    WINDOW_MS = 100,           /* the shortest in which a server looks for duplicates */
    FORGET_MS = 5 * WINDOW_MS, /* after which it has forgotten an id */
    DUPLICATE_TRIES = 60,      /* it forgets by a timer, which may be late */
};

/* A row of sequences without messages. */
struct gap {
    uint64_t from, behind;
};

struct refilling {
    const struct refill *refill;
    const char *prefix; /* of subjects, with its dot; "" on servers without transforms */
    struct publishing *publishing;
    struct diags *diags;
    uint64_t next; /* the sequence that the next message gets */
    VEC(struct gap) gaps;
    struct strbuf last_subject; /* of a message */
    struct arena ids_arena;     /* of the ids since the server was given time to forget all before */
    struct map ids;
};

static bool server_has(const struct refill *refill, uint32_t since)
{
    uint32_t version = 0;
    return version_parse(server_info(refill->server)->version_text, &version) && version_has(version, since);
}

/* ---- before ---- */

static bool is_memory(const struct node *config)
{
    return strcmp(node_get_text(config, "storage"), "memory") == 0;
}

bool refill_applies(const struct refill *refill)
{
    const struct backup *backup = refill->backup;
    bool in_memory = is_memory(backup->config) || is_memory(refill->config);
    return *server_info(refill->server)->version_text && !server_has(refill, V_2_15) &&
           (in_memory || backup->is_copy) && backup->is_new_format;
}

static bool is_on(const struct node *config, const char *key)
{
    return strcmp(node_get_text(config, key), "true") == 0;
}

/* Messages that the server would make something else of, when they are published once more. */
static const char *option_fault(const struct refill *refill)
{
    static const char *const options[] = {"allow_msg_counter", "allow_msg_schedules", "allow_atomic",
                                          "allow_batched"};
    const struct node *config = refill->config;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (is_on(config, options[i]))
            return arena_printf(refill->arena, "its messages cannot be published again, as it has '%s'",
                                options[i]);
    return NULL;
}

const char *refill_fault(const struct refill *refill)
{
    const struct backup_contents *contents = refill->contents;
    const struct node *config = refill->config;
    const struct node *was = refill->backup->config, *sources = node_get(was, "sources");
    bool can_change = server_has(refill, V_2_10);
    uint64_t all = contents->last_seq + 1 - (can_change ? contents->first_seq : 1);
    if (node_get(was, "mirror") || (sources && sources->count))
        return "a stream in memory that copies from others is made by 'natsform apply', and copies again";
    if (all - contents->messages > GAPS_MOST && (contents->messages || !can_change))
        return "more than 1,000,000 of its sequences have no message, and each takes one that is deleted again";
    if (!can_change && node_get(config, "republish"))
        return "this server would republish its messages, and cannot be told so later";
    if (!can_change && strcmp(node_get_text(config, "retention"), "interest") == 0)
        return "this server keeps a message only while a consumer waits for it, and cannot be told so later";
    for (size_t i = 0; i < contents->consumers.count; i++)
        if (contents->consumers.items[i].is_in_archive && !refill->backup->own)
            return "without natsform.json it is not known how to make its consumers";
    return option_fault(refill);
}

/* ---- requests ---- */

static int ask(const struct refilling *refilling, const char *verb, const char *what, const char *body,
               const char *type)
{
    const struct refill *refill = refilling->refill;
    struct api_answer answer = {.arena = refill->arena};
    api_submit(refill->server, &(struct api_request){.verb = verb,
                                                     .name = refilling->refill->name,
                                                     .body = body,
                                                     .type = type,
                                                     .done = api_answer,
                                                     .context = &answer});
    api_drain(refill->server);
    if (answer.is.outcome == API_DONE)
        return 0;
    api_diagnose(refilling->diags, refill->server, (struct srcpos){0},
                 arena_printf(&refilling->diags->arena, "%s stream '%s'", what, refilling->refill->name),
                 &answer.is);
    return -1;
}

/* The configuration of the backup under its name, without what only the server writes. */
static struct node *config_of(const struct refilling *refilling)
{
    struct arena *arena = refilling->refill->arena;
    struct node *config = node_copy(arena, refilling->refill->config);
    struct node *metadata = node_get(config, "metadata");
    struct node *plain = node_map(arena);
    node_put_text(arena, config, "name", refilling->refill->name);
    for (size_t i = 0; metadata && metadata->type == NODE_MAP && i < metadata->count; i++)
        if (strncmp(metadata->members[i].key, "_nats.", strlen("_nats.")) != 0)
            node_add(arena, plain, metadata->members[i]);
    if (metadata)
        node_put(arena, config, "metadata", plain);
    return config;
}

static bool is_interest(const struct node *config)
{
    return strcmp(node_get_text(config, "retention"), "interest") == 0;
}

/* By it, a run that was killed is told from all other streams of that name. */
static const char *mark_of(const struct refill *refill)
{
    const char *digest = digest_told(node_get(refill->backup->own, "archive"));
    return *digest ? digest : "of another's archive";
}

/* Servers without metadata pass over it. */
static void add_mark(const struct refilling *refilling, struct node *config)
{
    struct arena *arena = refilling->refill->arena;
    if (!node_get(config, "metadata"))
        node_put(arena, config, "metadata", node_map(arena));
    node_put_text(arena, node_get(config, "metadata"), MARK, mark_of(refilling->refill));
}

/* As it is while it is filled: nothing limits it, nothing is republished, and all is acknowledged. */
static int create(const struct refilling *refilling)
{
    static const char *const later[] = {"max_msgs",
                                        "max_bytes",
                                        "max_age",
                                        "max_msgs_per_subject",
                                        "max_msg_size",
                                        "discard",
                                        "discard_new_per_subject",
                                        "sealed",
                                        "deny_delete",
                                        "deny_purge",
                                        "no_ack",
                                        "republish",
                                        "first_seq"};
    struct arena *arena = refilling->refill->arena;
    struct node *config = config_of(refilling);
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
        node_remove(config, later[i]);
    if (is_interest(config))
        node_put_text(arena, config, "retention", "limits");
    node_put_flag(arena, config, "allow_rollup_hdrs", true);
    node_put_number(arena, config, "duplicate_window", (uint64_t)WINDOW_MS * 1000000);
    add_mark(refilling, config);
    if (*refilling->prefix) {
        struct node *subjects = node_list(arena), *transform = node_map(arena);
        const char *subject = arena_printf(arena, "%s>", refilling->prefix);
        node_append(arena, subjects, node_scalar(arena, subject, true));
        node_put(arena, config, "subjects", subjects);
        node_put_text(arena, transform, "src", subject);
        node_put_text(arena, transform, "dest", ">");
        node_put(arena, config, "subject_transform", transform);
    }
    return ask(refilling, "STREAM.CREATE", "make", json_text(arena, config), "stream_create_response");
}

static int update(const struct refilling *refilling, const struct node *config)
{
    return ask(refilling, "STREAM.UPDATE", "finish", json_text(refilling->refill->arena, config),
               "stream_update_response");
}

/* Until its consumers are there it must not ask who is interested; and when it is sealed, nothing is deleted any more. */
static int finish(const struct refilling *refilling)
{
    struct arena *arena = refilling->refill->arena;
    struct node *config = config_of(refilling);
    if (is_interest(config))
        node_put_text(arena, config, "retention", "limits");
    node_put_flag(arena, config, "sealed", false);
    add_mark(refilling, config);
    return update(refilling, config);
}

/* ---- messages ---- */

static const char *subject_of(const struct refilling *refilling, const char *subject, struct strbuf *text)
{
    strbuf_reset(text);
    strbuf_addf(text, "%s%s", refilling->prefix, subject);
    return strbuf_text(text);
}

/* Sequences without a message are taken by one each, which is deleted in the end. */
static int fill_gap(struct refilling *refilling, uint64_t behind, const char *subject)
{
    if (refilling->next < behind) {
        const struct gap gap = {refilling->next, behind};
        VEC_PUSH(refilling->refill->arena, &refilling->gaps, gap);
    }
    for (; refilling->next < behind; refilling->next++) {
        const struct outgoing nothing = {
            .subject = subject, .sequence = refilling->next, .headers = "", .data = ""};
        if (publishing_send(refilling->publishing, &nothing))
            return -1;
    }
    return 0;
}

/* Its Nats-Msg-Id, in the arena; NULL: it has none. */
static const char *id_of(struct arena *arena, const struct backup_message *message)
{
    const char *at = message->headers_length ? strstr(message->headers, MESSAGE_ID) : NULL;
    if (!at)
        return NULL;
    at += strlen(MESSAGE_ID);
    return arena_strndup(arena, at, strcspn(at, "\r"));
}

static void forget_ids(struct refilling *refilling)
{
    arena_release(&refilling->ids_arena);
    arena_init(&refilling->ids_arena);
    map_init(&refilling->ids, &refilling->ids_arena);
}

/* Within its window the server would drop it as a duplicate. */
static int send_again(struct refilling *refilling, const struct outgoing *message)
{
    int duplicate = 1;
    for (int i = 0; duplicate == 1 && i < DUPLICATE_TRIES; i++) {
        if (publishing_settle(refilling->publishing))
            return -1;
        api_pause(refilling->refill->server, FORGET_MS);
        duplicate = publishing_send_alone(refilling->publishing, message);
    }
    if (duplicate == 1)
        diag_error(refilling->diags, &code_publishing, (struct srcpos){0},
                   "stream '%s' is not filled: the server takes message %llu for one that it has",
                   refilling->refill->name, (unsigned long long)message->sequence);
    return duplicate ? -1 : 0;
}

static int send_message(struct refilling *refilling, const struct backup_message *message,
                        const struct outgoing *outgoing)
{
    const char *id = id_of(&refilling->ids_arena, message);
    if (!id)
        return publishing_send(refilling->publishing, outgoing);
    bool known = map_get(&refilling->ids, id) != NULL || refilling->ids.count >= REMEMBERED_MOST;
    if (known)
        forget_ids(refilling);
    id = id_of(&refilling->ids_arena, message);
    map_put(&refilling->ids, id, refilling);
    return known ? send_again(refilling, outgoing) : publishing_send(refilling->publishing, outgoing);
}

/* The first rename that covers a subject counts. */
static const char *renamed_subject(const struct refilling *refilling, const char *subject,
                                   struct strbuf *text)
{
    const struct rewrite_terms *terms = refilling->refill->terms;
    for (size_t i = 0; terms && i < terms->renames.count; i++) {
        strbuf_reset(text);
        if (rename_subject(&terms->renames.items[i], subject, text))
            return strbuf_text(text);
    }
    return subject;
}

static int take(void *context, const struct backup_message *message)
{
    struct refilling *refilling = context;
    struct strbuf subject SCOPED(strbuf_release) = {0};
    struct strbuf renamed SCOPED(strbuf_release) = {0};
    const struct outgoing outgoing = {
        .subject = subject_of(refilling, renamed_subject(refilling, message->subject, &renamed), &subject),
        .sequence = message->sequence,
        .headers = message->headers,
        .headers_length = message->headers_length,
        .without = EXPECTATIONS,
        .data = message->data,
        .data_length = message->data_length,
    };
    if (fill_gap(refilling, message->sequence, outgoing.subject))
        return -1;
    strbuf_reset(&refilling->last_subject);
    strbuf_adds(&refilling->last_subject, outgoing.subject);
    refilling->next = message->sequence + 1;
    return send_message(refilling, message, &outgoing);
}

/* ---- gaps ---- */

struct deletion {
    struct refilling *refilling;
    bool failed;
};

/* A rollup may have taken it already. */
static void on_deleted(void *context, const struct api_reply *reply)
{
    struct deletion *deletion = context;
    enum { NO_MESSAGE = 10043 };
    if (reply->outcome == API_DONE || api_is_not_found(reply) || reply->err_code == NO_MESSAGE)
        return;
    if (!deletion->failed)
        api_diagnose(deletion->refilling->diags, deletion->refilling->refill->server, (struct srcpos){0},
                     arena_printf(&deletion->refilling->diags->arena, "delete messages of stream '%s'",
                                  deletion->refilling->refill->name),
                     reply);
    deletion->failed = true;
}

static int delete_gaps(struct refilling *refilling)
{
    struct deletion deletion = {.refilling = refilling};
    for (size_t i = 0; i < refilling->gaps.count; i++)
        for (uint64_t at = refilling->gaps.items[i].from;
             !deletion.failed && at < refilling->gaps.items[i].behind; at++) {
            char body[64];
            snprintf(body, sizeof(body), "{\"seq\":%llu,\"no_erase\":true}", (unsigned long long)at);
            api_submit(refilling->refill->server, &(struct api_request){.verb = "STREAM.MSG.DELETE",
                                                                        .name = refilling->refill->name,
                                                                        .body = body,
                                                                        .type = "stream_msg_delete_response",
                                                                        .done = on_deleted,
                                                                        .context = &deletion});
        }
    api_drain(refilling->refill->server);
    return deletion.failed ? -1 : 0;
}

/* ---- the whole ---- */

/*
 * An empty stream that is purged up to a sequence goes on from there. In a cluster of 2.9.10 it then refuses all messages: "expected sequence does
 * not match store"; so there it is filled up to it.
 */
static int start_at(struct refilling *refilling)
{
    const struct backup_contents *contents = refilling->refill->contents;
    uint64_t start = contents->messages ? contents->first_seq : contents->last_seq + 1;
    refilling->next = 1;
    if (start <= 1 || !*refilling->prefix)
        return 0;
    refilling->next = start;
    return ask(refilling, "STREAM.PURGE", "prepare",
               arena_printf(refilling->refill->arena, "{\"seq\":%llu}", (unsigned long long)start),
               "stream_purge_response");
}

/* Some subject that the stream takes. */
static void choose_subject(const struct refilling *refilling, struct strbuf *out)
{
    const struct node *subjects = node_get(refilling->refill->config, "subjects");
    bool has =
        subjects && subjects->type == NODE_LIST && subjects->count && subjects->items[0]->type == NODE_SCALAR;
    strbuf_reset(out);
    strbuf_adds(out, refilling->prefix);
    for (const char *at = has ? subjects->items[0]->text : refilling->refill->name; *at; at++)
        strbuf_addc(out, *at == '*' || *at == '>' ? 'x' : *at);
}

static int fill(struct refilling *refilling)
{
    const struct refill *refill = refilling->refill;
    const struct backup_taker taker = {take, refilling};
    choose_subject(refilling, &refilling->last_subject);
    refilling->publishing =
        publishing_begin(refill->server, refilling->refill->name, refill->interrupted, refilling->diags);
    /* On subjects of its own nobody else gets the question. */
    bool asks = *refilling->prefix && refilling->publishing;
    if (!refilling->publishing ||
        (asks && publishing_await(refilling->publishing, strbuf_text(&refilling->last_subject))) ||
        backup_messages(refill->arena, refill->backup, &taker, refilling->diags) ||
        fill_gap(refilling, refill->contents->last_seq + 1, strbuf_text(&refilling->last_subject)) ||
        publishing_settle(refilling->publishing))
        return -1;
    return delete_gaps(refilling);
}

static void release(struct refilling *refilling)
{
    publishing_end(refilling->publishing);
    strbuf_release(&refilling->last_subject);
    arena_release(&refilling->ids_arena);
}

static void begin(struct refilling *refilling, const struct refill *refill, struct diags *diags)
{
    *refilling = (struct refilling){.refill = refill, .prefix = "", .diags = diags};
    arena_init(&refilling->ids_arena);
    map_init(&refilling->ids, &refilling->ids_arena);
    if (server_has(refill, V_2_10))
        refilling->prefix = arena_printf(refill->arena, PREFIX ".%s.", refill->name);
}

int refill_begin(const struct refill *refill, enum refill_left *ret_left, struct diags *diags)
{
    struct refilling refilling SCOPED(release);
    begin(&refilling, refill, diags);
    *ret_left = REFILL_NOTHING;
    if (create(&refilling))
        return -1;
    *ret_left = *refilling.prefix ? REFILL_OURS : REFILL_MIXED;
    if (start_at(&refilling) || fill(&refilling))
        return -1;
    *ret_left = REFILL_MIXED;
    return finish(&refilling);
}

int refill_end(const struct refill *refill, struct diags *diags)
{
    struct refilling refilling SCOPED(release);
    begin(&refilling, refill, diags);
    return *refilling.prefix || is_on(refill->config, "sealed") ? update(&refilling, config_of(&refilling))
                                                                : 0;
}

enum refill_left refill_found(const struct refill *refill, const struct node *info)
{
    const struct node *config = node_get(info, "config"), *subjects = node_get(config, "subjects");
    const char *mark = node_get_text(node_get(config, "metadata"), MARK);
    if (!*mark)
        return REFILL_NOTHING;
    bool hidden =
        subjects && subjects->type == NODE_LIST && subjects->count == 1 &&
        strcmp(subjects->items[0]->text, arena_printf(refill->arena, PREFIX ".%s.>", refill->name)) == 0;
    if (hidden)
        return REFILL_OURS;
    return strcmp(mark, mark_of(refill)) == 0 ? REFILL_MIXED : REFILL_NOTHING;
}

bool refill_is_seen(const struct refill *refill)
{
    return !server_has(refill, V_2_10);
}
