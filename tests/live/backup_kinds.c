/*
 * Streams and consumers of every kind, backed up, deleted and restored, on each version, on a server alone and in a cluster of three:
 * each message and each consumer is compared with what was there. What a version cannot keep is what the table of docs/backup.md says, which
 * is made of what was seen here:
 *
 *     GOLDEN=renew build/dev/tests/live_backup_kinds && git diff tests/golden docs
 */
#include <check.h>
#include <nats/nats.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "field/field.h"
#include "support/jetstream.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/seen.h"
#include "support/server_fixture.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

enum { MESSAGES = 30, CHUNKS = 3, CHUNK_BYTES = 64 * 1024, SINGLES_MOST = 12 };

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

struct world {
    struct server_fixture *server;   /* that is asked */
    struct cluster_fixture *cluster; /* NULL: it is alone */
    natsConnection *connection;
    uint32_t version;
    const char *folder;
};

/* ---- publishing ---- */

struct header {
    const char *name, *value;
};

/* Publishes with those headers, up to one without a name, and waits for the acknowledgement. */
static void publish_bytes(const struct world *world, const char *subject, const struct header *headers,
                          const char *data, size_t length)
{
    natsMsg *message = NULL, *reply = NULL;
    ck_assert_int_eq(natsMsg_Create(&message, subject, NULL, data, (int)length), NATS_OK);
    for (; headers->name; headers++)
        natsMsgHeader_Add(message, headers->name, headers->value);
    natsStatus status = NATS_NO_RESPONDERS;
    /* In a cluster a new stream hears nothing for a moment: nobody has taken it then. */
    AWAIT((status = natsConnection_RequestMsg(&reply, world->connection, message, JETSTREAM_REPLY_MS)) !=
          NATS_NO_RESPONDERS);
    ck_assert_msg(status == NATS_OK, "%s: %s", subject, natsStatus_GetText(status));
    const char *text = natsMsg_GetData(reply);
    ck_assert_msg(strstr(text, "\"seq\"") != NULL, "%s: %s", subject, text);
    natsMsg_Destroy(message);
    natsMsg_Destroy(reply);
}

#define HEADERS(...) ((const struct header[]){__VA_ARGS__, {NULL, NULL}})
#define NO_HEADERS ((const struct header[]){{NULL, NULL}})

static void publish(const struct world *world, const char *subject, const struct header *headers,
                    const char *data)
{
    publish_bytes(world, subject, headers, data, strlen(data));
}

/* ---- consumers ---- */

struct consumer {
    const char *name, *config; /* more of the configuration */
    bool half;                 /* it has acknowledged some, and has others outstanding */
    bool clusters;             /* it is of interest in clusters only */
    const char *row;           /* of the table */
};

static const struct consumer consumers[] = {
    {.name = "fresh", .config = ",\"filter_subject\":\"NAME.1\"", .row = "consumer that was never used"},
    {.name = "half", .config = "", .half = true, .row = "consumer half way"},
    {.name = "memory",
     .config = ",\"mem_storage\":true",
     .half = true,
     .row = "consumer half way, in memory"},
    /* As many as it takes for one to be where the stream's leader is not. */
    {.name = "single",
     .config = ",\"num_replicas\":1",
     .half = true,
     .clusters = true,
     .row = "consumer half way, of one replica elsewhere"},
};
enum { CONSUMERS = sizeof(consumers) / sizeof(consumers[0]) };

static void make_consumer(const struct world *world, const char *stream, const struct consumer *consumer,
                          const char *name)
{
    const char *at = strstr(consumer->config, "NAME");
    const char *config =
        at ? format("%.*s%s%s", (int)(at - consumer->config), consumer->config, stream, at + strlen("NAME"))
           : consumer->config;
    jetstream_ask(
        world->connection, format("$JS.API.CONSUMER.DURABLE.CREATE.%s.%s", stream, name),
        format("{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s\",\"ack_policy\":\"explicit\","
               "\"ack_wait\":3600000000000%s}}",
               stream, name, config));
    jetstream_info(world->connection, "CONSUMER", format("%s.%s", stream, name));
    if (consumer->half)
        jetstream_use(world->connection, stream, name, true);
}

static const char *leader_of(const struct node *info)
{
    return node_get_text(node_get(info, "cluster"), "leader");
}

/* Numbered, until one has another leader than the stream. */
static void make_singles(const struct world *world, const char *stream, const struct consumer *consumer)
{
    bool elsewhere = false;
    for (int i = 0; !elsewhere; i++) {
        const char *name = format("%s%d", consumer->name, i);
        ck_assert_int_lt(i, SINGLES_MOST);
        make_consumer(world, stream, consumer, name);
        const struct node *info =
            jetstream_info(world->connection, "CONSUMER", format("%s.%s", stream, name));
        elsewhere =
            strcmp(leader_of(info), leader_of(jetstream_info(world->connection, "STREAM", stream))) != 0;
    }
}

static void make_consumers(const struct world *world, const char *stream)
{
    for (size_t i = 0; i < CONSUMERS; i++)
        if (!consumers[i].clusters)
            make_consumer(world, stream, &consumers[i], consumers[i].name);
        else if (world->cluster)
            make_singles(world, stream, &consumers[i]);
}

/* The row that a consumer is of, by its name. */
static const struct consumer *consumer_of(const char *name)
{
    for (size_t i = 0; i < CONSUMERS; i++)
        if (strncmp(consumers[i].name, name, strlen(consumers[i].name)) == 0)
            return &consumers[i];
    ck_abort_msg("a consumer %s", name);
    return NULL;
}

/* ---- kinds of streams ---- */

static void fill_plain(const struct world *world, const char *stream)
{
    for (int i = 1; i <= MESSAGES; i++)
        publish(world, format("%s.%d", stream, i % 3),
                i % 4 ? NO_HEADERS
                      : HEADERS({"One", format("%d", i)}, {"other", "x"}, {"Nats-Msg-Id", format("id%d", i)}),
                i % 7 ? format("message %d, \x01 \xff", i) : "");
}

static void remove_one(const struct world *world, const char *stream, int sequence)
{
    jetstream_ask(world->connection, format("$JS.API.STREAM.MSG.DELETE.%s", stream),
                  format("{\"seq\":%d}", sequence));
}

/* At the beginning, inside and at the end. */
static void fill_with_gaps(const struct world *world, const char *stream)
{
    static const int gaps[] = {1, 2, 9, 12, 13, 14, 15, 20, MESSAGES};
    fill_plain(world, stream);
    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++)
        remove_one(world, stream, gaps[i]);
}

static void fill_and_purge(const struct world *world, const char *stream)
{
    fill_plain(world, stream);
    jetstream_ask(world->connection, format("$JS.API.STREAM.PURGE.%s", stream), "");
}

static void fill_with_ttl(const struct world *world, const char *stream)
{
    for (int i = 1; i <= MESSAGES; i++)
        publish(world, format("%s.%d", stream, i % 3), i % 2 ? NO_HEADERS : HEADERS({"Nats-TTL", "1h"}),
                "data");
}

static void fill_counters(const struct world *world, const char *stream)
{
    for (int i = 1; i <= MESSAGES; i++)
        publish(world, format("%s.%d", stream, i % 3), HEADERS({"Nats-Incr", format("%+d", i - 10)}), "");
}

static void fill_and_seal(const struct world *world, const char *stream)
{
    fill_plain(world, stream);
    struct node *config =
        node_copy(test_arena(), node_get(jetstream_info(world->connection, "STREAM", stream), "config"));
    node_put_flag(test_arena(), config, "sealed", true);
    jetstream_ask(world->connection, format("$JS.API.STREAM.UPDATE.%s", stream),
                  json_text(test_arena(), config));
}

/* Values, a value that follows another, one that was deleted and one that was purged. */
static void fill_key_values(const struct world *world, const char *stream)
{
    const char *prefix = format("$KV.%s", stream + strlen("KV_"));
    for (int i = 1; i <= MESSAGES; i++)
        publish(world, format("%s.key%d", prefix, i % 4), NO_HEADERS, format("value %d", i));
    publish(world, format("%s.key1", prefix),
            HEADERS({"Nats-Expected-Last-Subject-Sequence", format("%d", MESSAGES - 1)}), "next");
    publish(world, format("%s.key2", prefix), HEADERS({"KV-Operation", "DEL"}), "");
    publish(world, format("%s.key3", prefix), HEADERS({"KV-Operation", "PURGE"}, {"Nats-Rollup", "sub"}), "");
}

static void fill_objects(const struct world *world, const char *stream)
{
    const char *prefix = format("$O.%s", stream + strlen("OBJ_"));
    char *chunk = arena_alloc(test_arena(), CHUNK_BYTES);
    for (int object = 1; object <= 2; object++) {
        for (int i = 0; i < CHUNKS; i++) {
            for (size_t at = 0; at < CHUNK_BYTES; at++)
                chunk[at] = (char)(at * (size_t)object + at / 251 + (size_t)i);
            publish_bytes(world, format("%s.C.object%d", prefix, object), NO_HEADERS, chunk, CHUNK_BYTES);
        }
        publish(world, format("%s.M.b2JqZWN0%d", prefix, object), HEADERS({"Nats-Rollup", "sub"}),
                format("{\"name\":\"object%d\",\"chunks\":%d}", object, CHUNKS));
    }
}

struct kind {
    const char *row;    /* of the table */
    const char *stream; /* its subjects begin with that, unless the configuration has others */
    const char *config;
    uint32_t since; /* 0: all versions have it */
    void (*fill)(const struct world *world, const char *stream);
    bool used; /* it has consumers, of all kinds */
    bool memory;
    bool consumers_first; /* without them it keeps nothing */
};

static const struct kind kinds[] = {
    {.row = "file", .stream = "FILES", .config = "", .fill = fill_plain, .used = true},
    {.row = "file, with gaps", .stream = "GAPS", .config = "", .fill = fill_with_gaps},
    {.row = "file, purged", .stream = "PURGED", .config = "", .fill = fill_and_purge},
    {.row = "compressed",
     .stream = "PACKED",
     .config = ",\"compression\":\"s2\"",
     .since = V_2_10,
     .fill = fill_plain},
    {.row = "work queue", .stream = "QUEUE", .config = ",\"retention\":\"workqueue\"", .fill = fill_plain},
    {.row = "interest",
     .stream = "INTEREST",
     .config = ",\"retention\":\"interest\"",
     .fill = fill_plain,
     .consumers_first = true},
    {.row = "TTL of messages",
     .stream = "TTL",
     .config = ",\"allow_msg_ttl\":true",
     .since = V_2_11,
     .fill = fill_with_ttl},
    {.row = "counters",
     .stream = "COUNTERS",
     .config = ",\"allow_msg_counter\":true,\"allow_direct\":true",
     .since = V_2_12,
     .fill = fill_counters},
    {.row = "sealed", .stream = "SEALED", .config = "", .fill = fill_and_seal},
    {.row = "key-value, with history",
     .stream = "KV_values",
     .config = ",\"subjects\":[\"$KV.values.>\"],\"max_msgs_per_subject\":3,\"discard\":\"new\","
               "\"deny_delete\":true,\"allow_rollup_hdrs\":true,\"allow_direct\":true",
     .fill = fill_key_values},
    {.row = "object store",
     .stream = "OBJ_files",
     .config = ",\"subjects\":[\"$O.files.C.>\",\"$O.files.M.>\"],\"discard\":\"new\","
               "\"allow_rollup_hdrs\":true,\"allow_direct\":true",
     .fill = fill_objects},
    {.row = "memory",
     .stream = "MEMORY",
     .config = ",\"storage\":\"memory\"",
     .fill = fill_plain,
     .used = true,
     .memory = true},
    {.row = "memory, with gaps",
     .stream = "MEMORY_GAPS",
     .config = ",\"storage\":\"memory\"",
     .fill = fill_with_gaps,
     .memory = true},
    {.row = "memory, purged",
     .stream = "MEMORY_PURGED",
     .config = ",\"storage\":\"memory\"",
     .fill = fill_and_purge,
     .memory = true},
    {.row = "memory, work queue",
     .stream = "MEMORY_QUEUE",
     .config = ",\"storage\":\"memory\",\"retention\":\"workqueue\"",
     .fill = fill_plain,
     .memory = true},
    {.row = "memory, interest",
     .stream = "MEMORY_INTEREST",
     .config = ",\"storage\":\"memory\",\"retention\":\"interest\"",
     .fill = fill_plain,
     .memory = true,
     .consumers_first = true},
    {.row = "memory, sealed",
     .stream = "MEMORY_SEALED",
     .config = ",\"storage\":\"memory\"",
     .fill = fill_and_seal,
     .memory = true},
    {.row = "memory, key-value",
     .stream = "KV_memory",
     .config = ",\"subjects\":[\"$KV.memory.>\"],\"storage\":\"memory\",\"max_msgs_per_subject\":3,"
               "\"discard\":\"new\",\"deny_delete\":true,\"allow_rollup_hdrs\":true",
     .fill = fill_key_values,
     .memory = true},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static bool has_kind(const struct world *world, const struct kind *kind)
{
    return !kind->since || version_has(world->version, kind->since);
}

static void make_stream(const struct world *world, const struct kind *kind)
{
    const char *subjects =
        strstr(kind->config, "\"subjects\"") ? "" : format(",\"subjects\":[\"%s.>\"]", kind->stream);
    jetstream_ask(world->connection, format("$JS.API.STREAM.CREATE.%s", kind->stream),
                  format("{\"name\":\"%s\",\"num_replicas\":%d%s%s}", kind->stream, world->cluster ? 3 : 1,
                         subjects, kind->config));
    jetstream_info(world->connection, "STREAM", kind->stream);
    if (kind->consumers_first)
        make_consumer(world, kind->stream, &(struct consumer){.config = ""}, "half");
    kind->fill(world, kind->stream);
    if (kind->consumers_first)
        jetstream_use(world->connection, kind->stream, "half", true);
    if (kind->used)
        make_consumers(world, kind->stream);
    else if (strcmp(kind->stream, "QUEUE") == 0)
        make_consumer(world, kind->stream, &consumers[1], "half");
}

/* ---- what is there ---- */

struct message {
    const char *sequence, *subject, *headers, *data, *time;
};

struct seen {
    const struct node *info; /* of the stream */
    VEC(struct message) messages;
    VEC(const struct node *) consumers; /* INFO, by name */
};

static int by_name(const void *a, const void *b)
{
    const struct node *const *one = a, *const *other = b;
    return strcmp(node_get_text(*one, "name"), node_get_text(*other, "name"));
}

static void see_consumers(const struct world *world, const char *stream, struct seen *seen)
{
    const struct node *names = node_get(
        jetstream_ask(world->connection, format("$JS.API.CONSUMER.NAMES.%s", stream), ""), "consumers");
    for (size_t i = 0; names && names->type == NODE_LIST && i < names->count; i++) {
        const char *name = format("%s.%s", stream, names->items[i]->text);
        VEC_PUSH(test_arena(), &seen->consumers, jetstream_info(world->connection, "CONSUMER", name));
    }
    if (seen->consumers.count)
        qsort(seen->consumers.items, seen->consumers.count, sizeof(*seen->consumers.items), by_name);
}

static struct seen see(const struct world *world, const char *stream)
{
    struct seen seen = {.info = jetstream_info(world->connection, "STREAM", stream)};
    uint64_t last = node_get_number(node_get(seen.info, "state"), "last_seq");
    for (uint64_t i = 1; i <= last; i++) {
        const struct node *reply =
            jetstream_try(world->connection, format("$JS.API.STREAM.MSG.GET.%s", stream),
                          format("{\"seq\":%llu}", (unsigned long long)i), JETSTREAM_REPLY_MS);
        const struct node *node = node_get(reply, "message");
        const struct message message = {node_get_text(node, "seq"), node_get_text(node, "subject"),
                                        node_get_text(node, "hdrs"), node_get_text(node, "data"),
                                        node_get_text(node, "time")};
        if (node)
            VEC_PUSH(test_arena(), &seen.messages, message);
    }
    see_consumers(world, stream, &seen);
    ck_assert_uint_eq(seen.messages.count, node_get_number(node_get(seen.info, "state"), "messages"));
    return seen;
}

/* ---- comparing ---- */

/* What did not come back. */
enum loss {
    LOST_NOTHING,
    LOST_BEYOND = 1,  /* what a consumer had beyond its floor */
    LOST_TIMES = 2,   /* of messages */
    LOST_HEADERS = 4, /* by which a server checks an expectation */
    LOST_ALL = 8,     /* it is refused */
};

static const char *words_of(int loss)
{
    static const struct {
        int loss;
        const char *words;
    } words[] = {
        {LOST_BEYOND, "not what is beyond the floor"},
        {LOST_TIMES, "not the times"},
        {LOST_HEADERS, "not `Nats-Expected-…`"},
        {LOST_ALL, "refused"},
    };
    const char *text = "";
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (loss & words[i].loss)
            text = format("%s%s%s", text, *text ? ", " : "", words[i].words);
    return *text ? text : "all";
}

static const char *without_server_keys(const struct node *config)
{
    struct node *copy = node_copy(test_arena(), config);
    node_remove(copy, "metadata");
    return json_text(test_arena(), copy);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Their lines in order, as a client may change that; `without` those that begin so. */
static const char *headers_of(const char *encoded, const char *without)
{
    enum { LINES_MOST = 16 };
    const char *lines[LINES_MOST], *all = "";
    size_t count = 0;
    struct strbuf text = {0};
    ck_assert(base64_decode(&text, encoded));
    for (char *at = text.length ? strtok(text.text, "\r\n") : NULL; at; at = strtok(NULL, "\r\n"))
        if (!without || strncmp(at, without, strlen(without)) != 0) {
            ck_assert_uint_lt(count, LINES_MOST);
            lines[count++] = at;
        }
    if (count)
        qsort(lines, count, sizeof(*lines), by_text);
    for (size_t i = 0; i < count; i++)
        all = format("%s%s\n", all, lines[i]);
    strbuf_release(&text);
    return all;
}

static int compare_headers(const char *was, const char *is)
{
    static const char expected[] = "Nats-Expected-";
    if (strcmp(headers_of(was, NULL), headers_of(is, NULL)) == 0)
        return LOST_NOTHING;
    /* Without any, the line with the version goes, too. */
    const char *rest = headers_of(was, expected), *got = headers_of(is, NULL);
    ck_assert_str_eq(*got ? got : "NATS/1.0\n", rest);
    return LOST_HEADERS;
}

static int compare_messages(const char *stream, const struct seen *before, const struct seen *after)
{
    int loss = LOST_NOTHING;
    ck_assert_uint_eq(after->messages.count, before->messages.count);
    for (size_t i = 0; i < before->messages.count; i++) {
        const struct message *was = &before->messages.items[i], *is = &after->messages.items[i];
        ck_assert_str_eq(is->sequence, was->sequence);
        ck_assert_str_eq(is->subject, was->subject);
        ck_assert_msg(strcmp(is->data, was->data) == 0, "%s: message %s has other data", stream,
                      was->sequence);
        if (strcmp(is->time, was->time) != 0)
            loss |= LOST_TIMES;
        loss |= compare_headers(was->headers, is->headers);
    }
    static const char *const numbers[] = {"first_seq", "last_seq", "messages"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        ck_assert_msg(strcmp(node_get_text(node_get(after->info, "state"), numbers[i]),
                             node_get_text(node_get(before->info, "state"), numbers[i])) == 0,
                      "%s: %s is %s instead of %s", stream, numbers[i],
                      node_get_text(node_get(after->info, "state"), numbers[i]),
                      node_get_text(node_get(before->info, "state"), numbers[i]));
    ck_assert_str_eq(without_server_keys(node_get(after->info, "config")),
                     without_server_keys(node_get(before->info, "config")));
    return loss;
}

static const char *position_of(const struct node *info)
{
    return format("delivered %s, floor %s, %s outstanding, %s to come",
                  node_get_text(node_get(info, "delivered"), "stream_seq"),
                  node_get_text(node_get(info, "ack_floor"), "stream_seq"),
                  node_get_text(info, "num_ack_pending"), node_get_text(info, "num_pending"));
}

enum { UNDECIDED = -1 };

/* Nothing that was not acknowledged is passed over: all from the floor on comes again. */
static int loss_of_consumer(const struct node *was, const struct node *is)
{
    uint64_t floor = node_get_number(node_get(was, "ack_floor"), "stream_seq");
    if (strcmp(position_of(was), position_of(is)) == 0)
        return LOST_NOTHING;
    bool goes_back = node_get_number(node_get(is, "delivered"), "stream_seq") == floor &&
                     node_get_number(is, "num_ack_pending") == 0 && node_get_number(is, "num_pending") > 0;
    return goes_back ? LOST_BEYOND : UNDECIDED;
}

static int compare_consumer(const struct node *was, const struct node *is)
{
    int loss = loss_of_consumer(was, is);
    ck_assert_str_eq(node_get_text(is, "name"), node_get_text(was, "name"));
    ck_assert_msg(loss != UNDECIDED, "consumer %s.%s: %s; and was: %s", node_get_text(was, "stream_name"),
                  node_get_text(was, "name"), position_of(is), position_of(was));
    if (loss == LOST_NOTHING)
        ck_assert_str_eq(without_server_keys(node_get(is, "config")),
                         without_server_keys(node_get(was, "config")));
    return loss;
}

/* In a cluster, what is to come is counted some time after a consumer has its leader (2.10.27). */
static void see_settled(const struct world *world, const struct seen *before, struct seen *after)
{
    ck_assert_uint_eq(after->consumers.count, before->consumers.count);
    for (size_t i = 0; i < before->consumers.count; i++) {
        const struct node *was = before->consumers.items[i], **is = &after->consumers.items[i];
        const char *name = format("%s.%s", node_get_text(was, "stream_name"), node_get_text(was, "name"));
        struct patience patience = {0};
        while (loss_of_consumer(was, *is) == UNDECIDED && patience_lasts(&patience))
            *is = jetstream_info(world->connection, "CONSUMER", name);
    }
}

/* ---- the table ---- */

enum { ROWS = KINDS + 2 * CONSUMERS, NOT_THERE = -1 };

struct column {
    int losses
        [ROWS]; /* of each kind of stream, then of each kind of consumer, of streams in files and in memory */
};

static const char *row_name(size_t row)
{
    if (row < KINDS)
        return kinds[row].row;
    row -= KINDS;
    return row < CONSUMERS ? consumers[row].row
                           : format("%s, of a stream in memory", consumers[row - CONSUMERS].row);
}

static void note_consumers(struct column *column, const struct kind *kind, const struct seen *before,
                           const struct seen *after)
{
    ck_assert_uint_eq(after->consumers.count, before->consumers.count);
    for (size_t i = 0; i < before->consumers.count; i++) {
        const struct node *was = before->consumers.items[i];
        const struct consumer *consumer = consumer_of(node_get_text(was, "name"));
        size_t row = KINDS + (kind->memory ? (size_t)CONSUMERS : 0) + (size_t)(consumer - consumers);
        int *loss = &column->losses[row];
        if (*loss == NOT_THERE)
            *loss = LOST_NOTHING;
        *loss |= compare_consumer(was, after->consumers.items[i]);
    }
}

/* ---- there and back ---- */

static struct run run_in(const struct world *world, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = world->folder});
}

#define RUN_IN(world, ...) run_in((world), (const char *const[]){__VA_ARGS__, NULL})

/* What a consumer lost by the backup is what it has said. */
static void check_said(const struct seen *before, const struct seen *after, const char *said)
{
    for (size_t i = 0; i < before->consumers.count; i++) {
        const struct node *was = before->consumers.items[i];
        bool loses = compare_consumer(was, after->consumers.items[i]) != LOST_NOTHING;
        const char *words = format("  consumer %s ", node_get_text(was, "name"));
        if (loses)
            ck_assert_contains(said, words);
    }
}

static void connect_world(struct world *world)
{
    natsConnection_Destroy(world->connection);
    world->connection = NULL;
    AWAIT(natsConnection_ConnectTo(&world->connection, world->server->url) == NATS_OK);
}

/* Each server in turn; those in memory are gone when one that is alone goes. */
static void restart(struct world *world)
{
    if (world->cluster)
        for (size_t i = 0; i < FIXTURE_NODES; i++)
            fixture_restart(world->cluster->nodes[i], NULL);
    else
        fixture_restart(world->server, NULL);
    connect_world(world);
}

/* What is left of one that is refused? Nothing. */
static int restore(const struct world *world, const struct kind *kind)
{
    const char *folder = format("out/%s", kind->stream);
    struct run run = RUN_IN(world, "restore", folder, "--yes", "-s", world->server->url);
    if (run.exit_code == 0)
        return LOST_NOTHING;
    ck_assert_msg(kind->memory && run.exit_code == 1, "%s: %s%s", kind->stream, run.out, run.err);
    ck_assert_contains(run.err, format("'%s' cannot be restored: ", folder));
    ck_assert_ptr_null(jetstream_try(world->connection, format("$JS.API.STREAM.INFO.%s", kind->stream), "",
                                     JETSTREAM_LOOK_MS));
    return LOST_ALL;
}

static void walk(struct world *world, struct column *column)
{
    struct seen before[KINDS], after[KINDS];
    for (size_t i = 0; i < ROWS; i++)
        column->losses[i] = NOT_THERE;
    for (size_t i = 0; i < KINDS; i++)
        if (has_kind(world, &kinds[i]))
            make_stream(world, &kinds[i]);
    for (size_t i = 0; i < KINDS; i++)
        if (has_kind(world, &kinds[i]))
            before[i] = see(world, kinds[i].stream);
    struct run run = RUN_IN(world, "backup", "--all", "--out", "out", "-s", world->server->url);
    ck_assert_exit(run, 0);
    ck_assert_exit(RUN_IN(world, "backup", "verify", "out"), 0);
    for (size_t i = 0; i < KINDS; i++)
        if (has_kind(world, &kinds[i]))
            jetstream_ask(world->connection, format("$JS.API.STREAM.DELETE.%s", kinds[i].stream), "");
    for (size_t i = 0; i < KINDS; i++) {
        if (!has_kind(world, &kinds[i]))
            continue;
        column->losses[i] = restore(world, &kinds[i]);
        if (column->losses[i] == LOST_ALL)
            continue;
        after[i] = see(world, kinds[i].stream);
        see_settled(world, &before[i], &after[i]);
        column->losses[i] = compare_messages(kinds[i].stream, &before[i], &after[i]);
        note_consumers(column, &kinds[i], &before[i], &after[i]);
        check_said(&before[i], &after[i], run.out);
    }
    restart(world);
    for (size_t i = 0; i < KINDS; i++) {
        if (!has_kind(world, &kinds[i]) || kinds[i].memory)
            continue;
        struct seen again = see(world, kinds[i].stream);
        see_settled(world, &before[i], &again);
        ck_assert_int_eq(compare_messages(kinds[i].stream, &after[i], &again), LOST_NOTHING);
        note_consumers(column, &kinds[i], &before[i], &again);
    }
}

/* ---- what it is compared with ---- */

static const char *cell(int loss)
{
    return loss == NOT_THERE ? "" : words_of(loss);
}

static const struct seen_table table = {.name = "backup-kinds",
                                        .by = "tests/live/backup_kinds.c",
                                        .page = "backup.md",
                                        .rows = ROWS,
                                        .row_name = row_name};

static struct column walk_single(const char *version)
{
    struct column column;
    struct world world = {.server = fixture_start(version, NULL),
                          .version = version_number(version),
                          .folder = test_directory()};
    connect_world(&world);
    walk(&world, &column);
    natsConnection_Destroy(world.connection);
    fixture_stop(world.server);
    return column;
}

static struct column walk_cluster(const char *version)
{
    struct column column;
    struct cluster_fixture *cluster = cluster_start(version, "kinds");
    struct world world = {.server = cluster->nodes[0],
                          .cluster = cluster,
                          .version = version_number(version),
                          .folder = test_directory()};
    connect_world(&world);
    walk(&world, &column);
    natsConnection_Destroy(world.connection);
    cluster_stop(cluster);
    return column;
}

START_TEST(each_kind_comes_back)
{
    const char *version = version_at(_i);
    const struct column single = walk_single(version), cluster = walk_cluster(version);
    for (size_t i = 0; i < ROWS; i++)
        seen_row(&table, version, i, cell(single.losses[i]), cell(cluster.losses[i]));
}
END_TEST

START_TEST(the_page_says_so)
{
    (void)_i;
    seen_page(&table);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = each_kind_comes_back, .each_version = true},
        {.test = the_page_says_so},
    };
    return suite_run("live/backup_kinds", tests, sizeof(tests) / sizeof(tests[0]));
}
