/*
 * Taking a census; see census.h. What is named is asked for by name, all at once; lists are read page by page. Keys are those of the
 * replies of INFO, LIST and NAMES.
 */
#include "server/census.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "kind/manifest_rows.h"
#include "server/api.h"
#include "server/live_object.h"

enum { PAGES_MOST = 4096 };

struct asking {
    struct server *server;
    struct arena *arena;
    struct census *census;
    struct diags *diags;
    bool failed;
};

/* A request for one object, or for a page of a stream's consumers. */
struct question {
    struct asking *asking;
    struct stream_census *stream;
    struct consumer_state *consumer; /* NULL: the stream */
    uint64_t offset;
    int pages;
};

static struct stream_census *add_stream(struct arena *arena, struct census *census, const char *name)
{
    struct stream_census *stream = ARENA_NEW(arena, struct stream_census);
    *stream = (struct stream_census){.name = name, .replicas.leader = ""};
    VEC_PUSH(arena, &census->streams, stream);
    map_put(&census->by_name, name, stream);
    return stream;
}

static struct consumer_state *add_consumer(struct arena *arena, struct stream_census *stream,
                                           const char *name)
{
    struct consumer_state *consumer = ARENA_NEW(arena, struct consumer_state);
    *consumer = (struct consumer_state){.stream = stream->name, .name = name, .replicas.leader = ""};
    VEC_PUSH(arena, &stream->list, consumer);
    return consumer;
}

void census_want(struct arena *arena, struct census *census, const char *stream, const char *consumer)
{
    if (!census->by_name.arena)
        map_init(&census->by_name, arena);
    struct stream_census *found = map_get(&census->by_name, stream);
    if (!found)
        found = add_stream(arena, census, stream);
    found->named = true;
    if (consumer)
        add_consumer(arena, found, consumer)->named = true;
}

/* ---- replies ---- */

static bool is_true(const struct node *map, const char *key)
{
    bool value = false;
    const struct node *node = node_get(map, key);
    return node && node_is_bool(node, &value) && value;
}

static int64_t signed_number(const struct node *map, const char *key)
{
    int64_t value = 0;
    const struct node *node = node_get(map, key);
    return node && node->type == NODE_SCALAR && number_parse_i64(node->text, &value) ? value : 0;
}

static struct replica_state replicas_of(struct arena *arena, const struct node *info)
{
    const struct node *cluster = node_get(info, "cluster");
    const struct node *others = node_get(cluster, "replicas");
    struct replica_state state = {.wanted = node_get_number(node_get(info, "config"), "num_replicas"),
                                  .leader = arena_strdup(arena, node_get_text(cluster, "leader")),
                                  .clustered = *node_get_text(cluster, "name") != '\0'};
    state.current = *state.leader ? 1 : 0;
    state.listed = 1 + (others && others->type == NODE_LIST ? others->count : 0);
    for (size_t i = 0; others && others->type == NODE_LIST && i < others->count; i++) {
        bool current = is_true(others->items[i], "current") && !is_true(others->items[i], "offline");
        state.current += current;
        if (!current && !state.behind)
            state.behind = arena_strdup(arena, node_get_text(others->items[i], "name"));
    }
    if (!state.clustered)
        state.current = state.wanted;
    return state;
}

static void add_copy(struct arena *arena, struct stream_census *stream, const struct node *copy,
                     bool is_mirror)
{
    const struct node *error = node_get(copy, "error");
    const char *says = node_get_text(error, "description");
    struct copy_state state = {
        .from = arena_strdup(arena, node_get_text(copy, "name")),
        .is_mirror = is_mirror,
        .lag = node_get_number(copy, "lag"),
        .silent_nanos = signed_number(copy, "active"),
        .error = error && error->type == NODE_MAP ? arena_strdup(arena, *says ? says : "an error") : NULL,
    };
    if (copy && copy->type == NODE_MAP)
        VEC_PUSH(arena, &stream->copies, state);
}

static void fill_stream(struct arena *arena, struct stream_census *stream, const struct node *info)
{
    const struct node *state = node_get(info, "state"), *sources = node_get(info, "sources");
    stream->there = true;
    stream->messages = node_get_number(state, "messages");
    stream->bytes = node_get_number(state, "bytes");
    stream->consumers = node_get_number(state, "consumer_count");
    instant_parse(node_get_text(state, "last_ts"), &stream->last);
    instant_parse(node_get_text(info, "created"), &stream->created);
    stream->replicas = replicas_of(arena, info);
    add_copy(arena, stream, node_get(info, "mirror"), true);
    for (size_t i = 0; sources && sources->type == NODE_LIST && i < sources->count; i++)
        add_copy(arena, stream, sources->items[i], false);
}

static void fill_consumer(struct arena *arena, struct consumer_state *consumer, const struct node *info)
{
    consumer->there = true;
    consumer->pushes = *node_get_text(node_get(info, "config"), "deliver_subject") != '\0';
    consumer->bound = is_true(info, "push_bound");
    consumer->paused = is_true(info, "paused");
    consumer->pending = node_get_number(info, "num_pending");
    consumer->unacked = node_get_number(info, "num_ack_pending");
    consumer->redelivered = node_get_number(info, "num_redelivered");
    consumer->waiting = node_get_number(info, "num_waiting");
    consumer->replicas = replicas_of(arena, info);
    /* 0 says: as many as the stream. */
    if (!consumer->replicas.wanted || !consumer->replicas.clustered)
        consumer->replicas.wanted =
            consumer->replicas.clustered ? consumer->replicas.listed : consumer->replicas.current;
}

/* Where nobody may ask, or nobody is connected any more, there is nothing to see. Else it is about this one object. */
static void fail(const struct question *question, const char *noun, const char *name,
                 const struct api_reply *reply)
{
    struct asking *asking = question->asking;
    const char *what = arena_printf(asking->arena, "read %s '%s'", noun, name);
    if (reply->outcome == API_TIMEOUT || reply->outcome == API_ERROR) {
        const char **fault = question->consumer ? &question->consumer->fault : &question->stream->fault;
        *fault = arena_strdup(asking->arena, reply->description);
        return;
    }
    if (!asking->failed)
        api_diagnose(asking->diags, asking->server, (struct srcpos){0}, what, reply);
    asking->failed = true;
}

/* ---- by name ---- */

static void on_consumer(void *context, const struct api_reply *reply)
{
    struct question *question = context;
    if (reply->outcome == API_DONE)
        fill_consumer(question->asking->arena, question->consumer, reply->body);
    else if (!api_is_not_found(reply))
        fail(question, "consumer", question->consumer->name, reply);
}

static void ask_page(struct question *question);

/* A consumer that is named is in the list already. */
static struct consumer_state *consumer_named(struct arena *arena, struct stream_census *stream,
                                             const char *name)
{
    for (size_t i = 0; i < stream->list.count; i++)
        if (strcmp(stream->list.items[i]->name, name) == 0)
            return stream->list.items[i];
    return add_consumer(arena, stream, arena_strdup(arena, name));
}

static void on_page(void *context, const struct api_reply *reply)
{
    struct question *question = context;
    struct arena *arena = question->asking->arena;
    const struct live_page page = {.stream = question->stream->name};
    if (reply->outcome != API_DONE) {
        if (!api_is_not_found(reply))
            fail(question, "consumers of stream", question->stream->name, reply);
        return;
    }
    const struct node *items = live_page_items(&page, reply->body);
    for (size_t i = 0; i < items->count; i++) {
        const char *name = node_get_text(items->items[i], "name");
        if (*name && !live_is_servers(items->items[i]))
            fill_consumer(arena, consumer_named(arena, question->stream, name), items->items[i]);
    }
    question->offset += items->count;
    if (items->count && question->offset < node_get_number(reply->body, "total") &&
        ++question->pages < PAGES_MOST)
        ask_page(question);
}

static void ask_page(struct question *question)
{
    struct arena *arena = question->asking->arena;
    api_submit(question->asking->server,
               &(struct api_request){
                   .verb = "CONSUMER.LIST",
                   .name = question->stream->name,
                   .body = arena_printf(arena, "{\"offset\":%llu}", (unsigned long long)question->offset),
                   .type = "consumer_list_response",
                   .done = on_page,
                   .context = question});
}

static struct question *new_question(struct asking *asking, struct stream_census *stream,
                                     struct consumer_state *consumer)
{
    struct question *question = ARENA_NEW(asking->arena, struct question);
    *question = (struct question){.asking = asking, .stream = stream, .consumer = consumer};
    return question;
}

static void ask_consumers(struct asking *asking, struct stream_census *stream)
{
    if (asking->census->all && stream->consumers) {
        ask_page(new_question(asking, stream, NULL));
        return;
    }
    for (size_t i = 0; i < stream->list.count; i++)
        api_submit(asking->server,
                   &(struct api_request){.verb = "CONSUMER.INFO",
                                         .name = arena_printf(asking->arena, "%s.%s", stream->name,
                                                              stream->list.items[i]->name),
                                         .type = "consumer_info_response",
                                         .done = on_consumer,
                                         .context = new_question(asking, stream, stream->list.items[i])});
}

static void on_stream(void *context, const struct api_reply *reply)
{
    struct question *question = context;
    if (reply->outcome == API_DONE) {
        fill_stream(question->asking->arena, question->stream, reply->body);
        ask_consumers(question->asking, question->stream);
    } else if (!api_is_not_found(reply))
        fail(question, "stream", question->stream->name, reply);
}

/* ---- all ---- */

/* Adds the streams that nobody has named. Returns 0 or -1. */
static int list_names(struct asking *asking)
{
    struct arena *arena = asking->arena;
    uint64_t offset = 0, total = 1;
    for (int pages = 0; offset < total && pages < PAGES_MOST; pages++) {
        const struct api_answer answer =
            api_ask(asking->server, arena,
                    &(struct api_request){
                        .verb = "STREAM.NAMES",
                        .body = arena_printf(arena, "{\"offset\":%llu}", (unsigned long long)offset),
                        .type = "stream_names_response"});
        const struct node *names = node_get(answer.is.body, "streams");
        if (answer.is.outcome != API_DONE) {
            api_diagnose(asking->diags, asking->server, (struct srcpos){0}, "list the streams", &answer.is);
            return -1;
        }
        if (!names || names->type != NODE_LIST || !names->count)
            break;
        for (size_t i = 0; i < names->count; i++) {
            const char *name = names->items[i]->type == NODE_SCALAR ? names->items[i]->text : "";
            if (*name && !stream_name_is_reserved(name) && !map_get(&asking->census->by_name, name))
                add_stream(arena, asking->census, name);
        }
        offset += names->count;
        total = node_get_number(answer.is.body, "total");
    }
    return 0;
}

static int compare_streams(const void *left, const void *right)
{
    const struct stream_census *a = *(struct stream_census *const *)left;
    const struct stream_census *b = *(struct stream_census *const *)right;
    return strcmp(a->name, b->name);
}

static int compare_consumers(const void *left, const void *right)
{
    const struct consumer_state *a = *(struct consumer_state *const *)left;
    const struct consumer_state *b = *(struct consumer_state *const *)right;
    return strcmp(a->name, b->name);
}

/* What goes meanwhile must not make a number fall below 0. */
static uint64_t less(uint64_t whole, uint64_t part)
{
    return whole > part ? whole - part : 0;
}

static void count_others(struct census *census, const struct server_info *info)
{
    uint64_t named = 0;
    for (size_t i = 0; i < census->streams.count; i++) {
        const struct stream_census *stream = census->streams.items[i];
        uint64_t consumers = 0;
        for (size_t j = 0; j < stream->list.count; j++)
            consumers += stream->list.items[j]->there;
        named += stream->there;
        census->other_consumers += less(stream->consumers, consumers);
    }
    census->other_streams = less(info->streams, named);
}

int census_read(struct server *server, struct arena *arena, struct census *census, struct diags *diags)
{
    struct asking asking = {.server = server, .arena = arena, .census = census, .diags = diags};
    if (!census->by_name.arena)
        map_init(&census->by_name, arena);
    if (census->all && list_names(&asking))
        return -1;
    for (size_t i = 0; i < census->streams.count; i++)
        api_submit(server,
                   &(struct api_request){.verb = "STREAM.INFO",
                                         .name = census->streams.items[i]->name,
                                         .type = "stream_info_response",
                                         .done = on_stream,
                                         .context = new_question(&asking, census->streams.items[i], NULL)});
    api_drain(server);
    if (census->streams.count)
        qsort(census->streams.items, census->streams.count, sizeof(*census->streams.items), compare_streams);
    for (size_t i = 0; i < census->streams.count; i++)
        if (census->streams.items[i]->list.count)
            qsort(census->streams.items[i]->list.items, census->streams.items[i]->list.count,
                  sizeof(*census->streams.items[i]->list.items), compare_consumers);
    if (!census->all)
        count_others(census, server_info(server));
    return asking.failed ? -1 : 0;
}
