/*
 * Reading live state; see live.h. One `struct listing` follows the pages of one list; a page that shows the list to be longer than thought
 * asks for the rest. What the lists leave out (an object that moved between pages while they were read, or whose
 * leader did not answer) is asked for by name before it is taken as missing.
 */
#include "server/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "kind/names.h"
#include "syntax/json.h"

enum {
    STREAM_BYTES = 16,    /* the least that a stream takes in a manifest */
    PAGE = 256,           /* objects in one page of a list, on every version */
    NOT_FOUND_CODE = 404, /* class of "stream not found" and "consumer not found" */
    AHEAD_MOST = 8192,    /* consumers that are asked for before the manifest is known */
    LIGHT_PAGE = 16,      /* objects in a page that costs next to nothing */
    KEPT_MOST = 4096,     /* objects that are kept until then; pages beyond wait as they came */
};

struct page {
    struct listing *listing;
    const struct node *body;
};

struct live_reader {
    struct server *server;
    const struct manifest *manifest;
    live_seen *seen;
    void *context;
    struct diags *diags;
    struct arena arena;
    struct strbuf key;       /* see scratch_key() */
    struct map found;        /* by label key, whatever was handed on and is remembered */
    struct map consumers_of; /* stream name to struct wanted_consumers */
    VEC(struct page) ahead;  /* pages that came before the manifest */
    uint64_t asked_ahead;    /* consumers */
    uint64_t kept;           /* objects in them */
    bool keeps;              /* pages go to `ahead` */
    bool listed;             /* the list of streams is being read */
    bool all;                /* not only what the manifest names */
    bool failed;             /* something could not be read */
};

struct wanted_consumers {
    const char *stream;
    size_t first;   /* in manifest->consumers */
    size_t count;   /* 0 before the manifest is known, and of streams that are not in it */
    bool whole;     /* all of them are wanted */
    bool ahead;     /* their list was asked for before the manifest was known */
    uint64_t there; /* how many the stream has, once it was handed on */
};

struct listing {
    struct live_reader *reader;
    struct wanted_consumers *of; /* NULL: the list of streams */
    uint64_t asked;              /* offsets below this were asked for */
    uint64_t received;
    uint64_t total;
    bool changed;   /* from page to page: something may have slipped between them */
    size_t waiting; /* pages under way */
    bool is_light;  /* of few objects */
};

struct lookup {
    struct live_reader *reader;
    const char *stream;
    const char *consumer; /* NULL: the stream itself */
};

static void read_consumers(struct live_reader *reader, const struct live_object *stream);

/* Valid until the next one. */
static const char *scratch_key(struct live_reader *reader, const char *stream, const char *consumer)
{
    strbuf_reset(&reader->key);
    strbuf_adds(&reader->key, stream);
    if (consumer) { /* as resource_key() has it */
        strbuf_addc(&reader->key, ' ');
        strbuf_adds(&reader->key, consumer);
    }
    return strbuf_text(&reader->key);
}

static const char *found_key(struct live_reader *reader, const char *stream, const char *consumer)
{
    return consumer ? resource_key(&reader->arena, stream, consumer) : arena_strdup(&reader->arena, stream);
}

/* Of what nobody named, consumers are not remembered: there may be any number. */
static bool is_remembered(const struct live_reader *reader, const struct live_object *live, const char *key)
{
    if (live->stream)
        return map_get(&reader->manifest->consumers_by_key, key) != NULL;
    return reader->all || map_get(&reader->manifest->streams_by_name, key) ||
           map_get(&reader->manifest->removed_by_key, key);
}

/* Hands an object on unless it is known to have been; follows a stream with the reading of its consumers. */
static void hand_on(struct live_reader *reader, const struct live_object *live)
{
    const char *stream = live->stream ? live->stream : live->name;
    if (stream_name_is_reserved(stream))
        return;
    const char *key = scratch_key(reader, stream, live->stream ? live->name : NULL);
    bool remembered = is_remembered(reader, live, key);
    if (remembered && map_get(&reader->found, key))
        return;
    if (remembered)
        map_put(&reader->found, arena_strdup(&reader->arena, key), reader);
    reader->seen(reader->context, live);
    if (!live->stream)
        read_consumers(reader, live);
}

/* ---- by name ---- */

static void on_lookup(void *context, const struct api_reply *reply)
{
    struct lookup *lookup = context;
    struct live_reader *reader = lookup->reader;
    struct live_object live;
    bool consumer = lookup->consumer != NULL;
    if (reply->outcome == API_ERROR && reply->code == NOT_FOUND_CODE)
        return;
    if (reply->outcome != API_DONE) {
        reader->failed = true;
        api_diagnose(reader->diags, reader->server, (struct srcpos){0},
                     arena_printf(&reader->arena, "read %s '%s%s%s'", consumer ? "consumer" : "stream",
                                  lookup->stream, consumer ? " > " : "", consumer ? lookup->consumer : ""),
                     reply);
        return;
    }
    if (consumer ? live_consumer(reply->body, &live) : live_stream(reply->body, &live))
        hand_on(reader, &live);
}

static void look_up(struct live_reader *reader, const char *stream, const char *consumer)
{
    struct lookup *lookup = ARENA_NEW(&reader->arena, struct lookup);
    *lookup = (struct lookup){.reader = reader, .stream = stream, .consumer = consumer};
    struct api_request request = {
        .verb = consumer ? "CONSUMER.INFO" : "STREAM.INFO",
        .name = consumer ? arena_printf(&reader->arena, "%s.%s", stream, consumer) : stream,
        .type = consumer ? "consumer_info_response" : "stream_info_response",
        .done = on_lookup,
        .context = lookup,
    };
    api_submit(reader->server, &request);
}

/* ---- by pages ---- */

static void on_page(void *context, const struct api_reply *reply);
static void ask_for_consumers(struct live_reader *reader, struct wanted_consumers *of);
static struct wanted_consumers *consumers_of(struct live_reader *reader, const char *stream);
static void list(struct live_reader *reader, struct wanted_consumers *of, uint64_t expected);

/* What live_stream() and live_consumer() do not ask for. */
static const char *const unread_of_streams[] = {"created", "ts", "cluster", "mirror", "sources", NULL};
static const char *const unread_of_consumers[] = {
    "created",         "ts",          "cluster",     "delivered", "ack_floor", "num_ack_pending",
    "num_redelivered", "num_waiting", "num_pending", NULL};

static void ask_page(struct listing *listing)
{
    struct live_reader *reader = listing->reader;
    const char *body = arena_printf(&reader->arena, "{\"offset\":%llu}", (unsigned long long)listing->asked);
    listing->asked += PAGE;
    listing->waiting++;
    api_submit(reader->server, &(struct api_request){
                                   .verb = listing->of ? "CONSUMER.LIST" : "STREAM.LIST",
                                   .name = listing->of ? listing->of->stream : NULL,
                                   .body = body,
                                   .type = listing->of ? "consumer_list_response" : "stream_list_response",
                                   .unread = listing->of ? unread_of_consumers : unread_of_streams,
                                   .done = on_page,
                                   .context = listing,
                                   .is_light = listing->is_light,
                               });
}

/* An empty list when there is none: Go writes null for it. */
static const struct node *items_of(const struct listing *listing, const struct node *body)
{
    static const struct node none = {.type = NODE_LIST};
    const struct node *items = node_get(body, listing->of ? "consumers" : "streams");
    return items && items->type == NODE_LIST ? items : &none;
}

static void hand_on_items(struct listing *listing, const struct node *body)
{
    struct live_object live;
    const struct node *items = items_of(listing, body);
    for (size_t i = 0; i < items->count; i++) {
        listing->received++;
        if (listing->of ? live_consumer(items->items[i], &live) : live_stream(items->items[i], &live))
            hand_on(listing->reader, &live);
    }
}

static void look_up_missing(struct listing *listing)
{
    struct live_reader *reader = listing->reader;
    const struct resources *resources =
        listing->of ? &reader->manifest->consumers : &reader->manifest->streams;
    size_t first = listing->of ? listing->of->first : 0;
    size_t count = listing->of ? listing->of->count : resources->count;
    for (size_t i = first; i < first + count; i++) {
        const char *stream = listing->of ? listing->of->stream : resources->items[i]->name;
        const char *consumer = listing->of ? resources->items[i]->name : NULL;
        if (!map_get(&reader->found, found_key(reader, stream, consumer)))
            look_up(reader, stream, consumer);
    }
}

static void take_page(struct listing *listing, const struct node *body)
{
    listing->waiting--;
    hand_on_items(listing, body);
    if (listing->waiting == 0 && (listing->changed || listing->received < listing->total))
        look_up_missing(listing);
}

/* A guess that failed: what is wanted of it is asked for again in the usual way, and that answer counts. */
static void drop_ahead(struct listing *listing)
{
    struct live_reader *reader = listing->reader;
    if (!listing->of) {
        reader->listed = false;
        return;
    }
    listing->of->ahead = false;
    if (listing->of->there)
        ask_for_consumers(reader, listing->of);
}

static void list_consumers_ahead(struct live_reader *reader, const struct node *streams)
{
    struct live_object live;
    for (size_t i = 0; i < streams->count; i++) {
        if (!live_stream(streams->items[i], &live) || live.state.consumers == 0 ||
            live.state.consumers > PAGE || reader->asked_ahead + live.state.consumers > AHEAD_MOST)
            continue;
        reader->asked_ahead += live.state.consumers;
        struct wanted_consumers *of = consumers_of(reader, arena_strdup(&reader->arena, live.name));
        of->ahead = true;
        list(reader, of, live.state.consumers);
    }
}

static void keep_page(struct listing *listing, const struct node *body)
{
    struct live_reader *reader = listing->reader;
    struct page page = {listing, body};
    VEC_PUSH(&reader->arena, &reader->ahead, page);
    reader->kept += items_of(listing, body)->count;
    if (!listing->of && !reader->manifest)
        list_consumers_ahead(reader, items_of(listing, page.body));
}

/* Its stream went while the lists were read; what the manifest does not name may. */
static bool went_away(const struct listing *listing, const struct api_reply *reply)
{
    return listing->of && reply->outcome == API_ERROR && reply->code == NOT_FOUND_CODE &&
           !map_get(&listing->reader->manifest->streams_by_name, listing->of->stream);
}

static void on_page(void *context, const struct api_reply *reply)
{
    struct listing *listing = context;
    struct live_reader *reader = listing->reader;
    bool guess = listing->of ? listing->of->ahead : !reader->manifest;
    if (reply->outcome != API_DONE && guess) {
        drop_ahead(listing);
        return;
    }
    if (reply->outcome != API_DONE) {
        listing->waiting--;
        if (went_away(listing, reply))
            return;
        reader->failed = true;
        api_diagnose(reader->diags, reader->server, (struct srcpos){0},
                     listing->of ? arena_printf(&reader->arena, "list the consumers of stream '%s'",
                                                listing->of->stream)
                                 : "list the streams",
                     reply);
        return;
    }
    uint64_t total = node_get_number(reply->body, "total");
    listing->changed |= listing->total && listing->total != total;
    listing->total = total;
    while (listing->asked < total)
        ask_page(listing);
    if (reader->keeps)
        keep_page(listing, reply->body);
    else
        take_page(listing, reply->body);
}

static void list(struct live_reader *reader, struct wanted_consumers *of, uint64_t expected)
{
    struct listing *listing = ARENA_NEW(&reader->arena, struct listing);
    *listing = (struct listing){.reader = reader, .of = of, .is_light = expected <= LIGHT_PAGE};
    do
        ask_page(listing);
    while (listing->asked < expected);
}

/* Asking by name costs a request each, a list a page per 256 of everything that is there. */
static bool is_few(uint64_t wanted, uint64_t there)
{
    return wanted * 2 <= there;
}

static void ask_for_consumers(struct live_reader *reader, struct wanted_consumers *of)
{
    if (of->whole || !is_few(of->count, of->there)) {
        list(reader, of, of->there);
        return;
    }
    for (size_t i = of->first; i < of->first + of->count; i++)
        look_up(reader, of->stream, reader->manifest->consumers.items[i]->name);
}

/* Is it a stream that the manifest lets go? Then its consumers go with it. */
static bool goes_with_consumers(const struct live_reader *reader, const char *stream)
{
    return map_get(&reader->manifest->removed_by_key, stream) &&
           !map_get(&reader->manifest->streams_by_name, stream);
}

static void read_consumers(struct live_reader *reader, const struct live_object *stream)
{
    struct wanted_consumers *of = map_get(&reader->consumers_of, stream->name);
    bool whole = reader->all || goes_with_consumers(reader, stream->name);
    if (stream->state.consumers == 0 || (!whole && (!of || of->count == 0)))
        return;
    if (!of)
        of = consumers_of(reader, arena_strdup(&reader->arena, stream->name));
    of->there = stream->state.consumers;
    of->whole = whole;
    if (!of->ahead)
        ask_for_consumers(reader, of);
}

static struct wanted_consumers *consumers_of(struct live_reader *reader, const char *stream)
{
    struct wanted_consumers *of = map_get(&reader->consumers_of, stream);
    if (!of) {
        of = ARENA_NEW(&reader->arena, struct wanted_consumers);
        of->stream = stream;
        map_put(&reader->consumers_of, stream, of);
    }
    return of;
}

static void group_consumers(struct live_reader *reader)
{
    const struct resources *consumers = &reader->manifest->consumers;
    struct wanted_consumers *group = NULL;
    for (size_t i = 0; i < consumers->count; i++) {
        const char *stream = consumers->items[i]->stream->name;
        if (!group || strcmp(group->stream, stream) != 0) {
            group = consumers_of(reader, stream);
            group->first = i;
        }
        group->count++;
    }
}

static void keep_pages(struct live_reader *reader, bool keeps)
{
    reader->keeps = keeps;
    api_keep(reader->server, keeps ? &reader->arena : NULL);
}

struct live_reader *live_reader_new(struct server *server)
{
    struct live_reader *reader = base_alloc(sizeof(*reader));
    reader->server = server;
    map_init(&reader->found, &reader->arena);
    map_init(&reader->consumers_of, &reader->arena);
    return reader;
}

void live_reader_free(struct live_reader *reader)
{
    if (!reader)
        return;
    if (reader->keeps) /* else the server may be gone already */
        keep_pages(reader, false);
    strbuf_release(&reader->key);
    arena_release(&reader->arena);
    free(reader);
}

static void list_streams(struct live_reader *reader)
{
    reader->listed = true;
    list(reader, NULL, server_info(reader->server)->streams);
}

/* Fewer pages than the window: api_submit() does not hand anything on before there is somebody to hand it to. */
void live_reader_list_ahead(struct live_reader *reader, size_t manifest_bytes)
{
    uint64_t there = server_info(reader->server)->streams;
    if (there == 0 || there > manifest_bytes / STREAM_BYTES || there / PAGE + 1 >= API_WINDOW)
        return;
    keep_pages(reader, true);
    list_streams(reader);
}

void live_reader_go_on(struct live_reader *reader)
{
    if (reader->keeps && reader->kept < KEPT_MOST)
        api_poll(reader->server);
}

/* Streams before their consumers: pages that come while the kept ones are handed on queue up behind them. */
static void take_kept_pages(struct live_reader *reader)
{
    for (size_t i = 0; i < reader->ahead.count; i++)
        take_page(reader->ahead.items[i].listing, reader->ahead.items[i].body);
    keep_pages(reader, false);
}

void live_reader_want_all(struct live_reader *reader)
{
    reader->all = true;
}

int live_reader_read(struct live_reader *reader, const struct manifest *manifest, live_seen *seen,
                     void *context, struct diags *diags)
{
    reader->manifest = manifest;
    reader->seen = seen;
    reader->context = context;
    reader->diags = diags;
    group_consumers(reader);
    take_kept_pages(reader);
    bool few = is_few(manifest->streams.count, server_info(reader->server)->streams);
    if (!reader->listed && (reader->all || !few))
        list_streams(reader);
    for (size_t i = 0; !reader->listed && i < manifest->streams.count; i++)
        look_up(reader, manifest->streams.items[i]->name, NULL);
    for (size_t i = 0; i < manifest->removed.count; i++)
        look_up(reader, manifest->removed.items[i]->stream, manifest->removed.items[i]->consumer);
    api_drain(reader->server);
    return reader->failed ? -1 : 0; /* what `seen` complains of is not for here to judge */
}

/* ---- others ---- */

static void on_other(void *context, const struct api_reply *reply)
{
    struct live_reader *reader = context;
    struct live_object live;
    if (reply->outcome == API_DONE && live_stream(reply->body, &live))
        hand_on(reader, &live);
}

static void on_others(void *context, const struct api_reply *reply)
{
    const struct listing listing = {.reader = context};
    struct live_object live;
    if (reply->outcome != API_DONE)
        return;
    const struct node *items = items_of(&listing, reply->body);
    for (size_t i = 0; i < items->count; i++)
        if (live_stream(items->items[i], &live))
            hand_on(context, &live);
}

static const char *subject_request(struct live_reader *reader, const char *subject)
{
    struct strbuf text = {0};
    struct node *map = node_map(&reader->arena);
    node_put(&reader->arena, map, "subject", node_scalar(&reader->arena, subject, true));
    json_write(&text, map, false);
    const char *body = arena_strdup(&reader->arena, strbuf_text(&text));
    strbuf_release(&text);
    return body;
}

/* One page of streams with a subject is enough to know that it is taken. */
void live_reader_find(struct live_reader *reader, const char *const *streams, size_t stream_count,
                      const char *const *subjects, size_t subject_count)
{
    for (size_t i = 0; i < stream_count; i++)
        api_submit(reader->server, &(struct api_request){
                                       .verb = "STREAM.INFO",
                                       .name = streams[i],
                                       .type = "stream_info_response",
                                       .done = on_other,
                                       .context = reader,
                                   });
    for (size_t i = 0; !reader->listed && i < subject_count; i++)
        api_submit(reader->server, &(struct api_request){
                                       .verb = "STREAM.LIST",
                                       .body = subject_request(reader, subjects[i]),
                                       .type = "stream_list_response",
                                       .unread = unread_of_streams,
                                       .done = on_others,
                                       .context = reader,
                                   });
    api_drain(reader->server);
}
