/*
 * Reading live state; see live.h. One `struct listing` follows the pages of one list; a page that shows the list to be
 * longer than thought asks for the rest. What the lists leave out (an object that moved between pages while they were
 * read, or whose leader did not answer) is asked for by name before it is taken as missing; or the whole list once more.
 */
#include "server/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "field/check.h"
#include "field/decode.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "server/holdings.h"
#include "syntax/json.h"

/* ---- a page: names of keys are those of the API's replies ---- */

/* What live_stream() and live_consumer() do not ask for. */
static const char *const unread_of_streams[] = {"created", "cluster", NULL};
static const char *const unread_of_consumers[] = {
    "created", "ts", "cluster", "delivered", "ack_floor", "num_redelivered", "num_waiting", NULL};

void live_page_ask(struct server *server, const struct live_page *page, api_done *done, void *context)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct node *body = node_map(&arena);
    if (page->subject)
        node_put_text(&arena, body, "subject", page->subject);
    else
        node_put_number(&arena, body, "offset", page->offset);
    api_submit(server, &(struct api_request){
                           .verb = page->stream ? "CONSUMER.LIST" : "STREAM.LIST",
                           .name = page->stream,
                           .body = json_text(&arena, body),
                           .type = page->stream ? "consumer_list_response" : "stream_list_response",
                           .unread = page->positions ? NULL
                                     : page->stream  ? unread_of_consumers
                                                     : unread_of_streams,
                           .done = done,
                           .context = context,
                           .is_light = page->is_light,
                       });
}

const struct node *live_page_items(const struct live_page *page, const struct node *body)
{
    static const struct node none = {.type = NODE_LIST};
    const struct node *items = node_get(body, page->stream ? "consumers" : "streams");
    return items && items->type == NODE_LIST ? items : &none;
}

/* ---- an object: its configuration stays a node until it is known whether anybody wants it decoded ---- */

bool live_stream(const struct node *info, struct live_object *ret_live)
{
    const struct node *config = node_get(info, "config"), *state = node_get(info, "state");
    const char *name = node_get_text(config, table_field_by_id(&stream_table, STREAM_NAME)->name);
    if (!config || config->type != NODE_MAP || !*name)
        return false;
    *ret_live = (struct live_object){
        .table = &stream_table,
        .name = name,
        .config = config,
        .mirror = node_get(info, "mirror"),
        .sources = node_get(info, "sources"),
        .state =
            {/* 2.10 may report wrapped 64-bit numbers, which are still numbers */
             .messages = node_get_number(state, "messages"),
             .bytes = node_get_number(state, "bytes"),
             .subjects = node_get_number(state, "num_subjects"),
             .consumers = node_get_number(state, "consumer_count"),
             .last = node_get_number(state, "last_seq")},
    };
    instant_parse(node_get_text(state, "first_ts"), &ret_live->state.first);
    instant_parse(node_get_text(info, "ts"), &ret_live->state.now);
    return true;
}

bool live_consumer(const struct node *info, struct live_object *ret_live)
{
    const struct node *config = node_get(info, "config");
    const char *stream = node_get_text(info, "stream_name"), *name = node_get_text(info, "name");
    const struct node *bound = node_get(info, "push_bound");
    const struct node *delivered = node_get(info, "delivered");
    bool any_delivered = node_get_number(delivered, "consumer_seq") > 0;
    if (!config || config->type != NODE_MAP || !*stream || !*name)
        return false;
    *ret_live =
        (struct live_object){.table = &consumer_table,
                             .stream = stream,
                             .name = name,
                             .config = config,
                             .state = {.pending = node_get_number(info, "num_pending"),
                                       .unacked = node_get_number(info, "num_ack_pending"),
                                       .last = any_delivered ? node_get_number(delivered, "stream_seq") : 0}};
    if (bound)
        node_is_bool(bound, &ret_live->bound);
    return true;
}

bool live_is_servers(const struct node *consumer)
{
    return strcmp(node_get_text(consumer, table_field_by_id(&consumer_table, CONSUMER_DIRECT)->name),
                  "true") == 0 ||
           strcmp(node_get_text(consumer, table_field_by_id(&consumer_table, CONSUMER_SOURCING)->name),
                  "true") == 0;
}

struct live_object live_keep(struct arena *arena, const struct live_object *live)
{
    struct live_object copy = *live;
    copy.config = node_keep(arena, live->config);
    copy.mirror = copy.sources = NULL;
    copy.name = arena_strdup(arena, live->name);
    copy.stream = live->stream ? arena_strdup(arena, live->stream) : NULL;
    return copy;
}

struct object *live_decode(struct arena *arena, const struct live_object *live, struct instant now)
{
    struct object *object = object_decode(arena, live->table, live->name, live->config, FORM_WIRE, NULL);
    object_normalise_live(arena, object, now);
    return object;
}

enum {
    STREAM_NOT_FOUND = 10059,
    PAGES_MOST = 4096, /* of one list: a million objects */
    PAGES_AHEAD = 64,  /* of one list that are asked for at the same time, whatever its total says */
};

struct live_reader {
    struct live_source source;
    struct live_reading reading;
    struct diags *diags;
    struct arena arena;
    struct strbuf key;       /* see scratch_key() */
    struct map found;        /* by label key, whatever was handed on and is remembered */
    struct map consumers_of; /* stream name to struct wanted_consumers */
    bool listed;             /* the list of streams is being read */
    bool failed;             /* something could not be read */
    size_t others;           /* streams that the manifest does not name, and whose consumers were asked for */
    struct live_ending ending;
};

struct wanted_consumers {
    const char *stream;
    size_t first;   /* in manifest->consumers */
    size_t count;   /* 0 of streams that are not in the manifest */
    bool whole;     /* all of them are wanted */
    uint64_t there; /* how many the stream has */
};

struct listing {
    struct live_reader *reader;
    struct wanted_consumers *of; /* NULL: the list of streams */
    uint64_t asked;              /* offsets below this were asked for */
    uint64_t received;
    uint64_t expected; /* until the first page says a total */
    uint64_t total;
    bool changed; /* from page to page: something may have slipped between them */
    bool ended;   /* a page was empty, or one that had come before: there are no more, whatever the total */
    struct map firsts; /* names that pages begin with, to anything */
    size_t waiting;    /* pages under way */
    bool is_light;     /* of few objects */
    bool beside;       /* only for what the manifest does not name: the rest could be asked for by name */
    int tries;         /* of a list that has to be complete */
    struct map names;  /* then: what was found, to anything */
    struct map silent; /* names of what is there, and whose leader did not answer in time, to anything */
};

struct lookup {
    struct live_reader *reader;
    const char *stream;
    const char *consumer; /* NULL: the stream itself */
    bool may_fail;        /* nobody misses it */
    bool is_there;        /* the list has said so */
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

/* Is it remembered that the object was passed on? Not for consumers that nobody named: there may be any number. */
static bool is_remembered(const struct live_reader *reader, const struct live_object *live, const char *key)
{
    const struct manifest *manifest = reader->reading.manifest;
    if (live->stream)
        return map_get(&manifest->consumers_by_key, key) != NULL;
    return reader->reading.all || map_get(&manifest->streams_by_name, key) ||
           map_get(&manifest->removed_by_key, key);
}

/* Passes an object on, unless it is known that it was before. After a stream, its consumers are read. */
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
    reader->reading.seen(reader->reading.context, live);
    if (!live->stream)
        read_consumers(reader, live);
}

/* ---- by name ---- */

static void fail(struct live_reader *reader, const struct api_reply *reply, const char *what)
{
    reader->failed = true;
    api_diagnose(reader->diags, reader->source.server, (struct srcpos){0}, what, reply);
}

static void on_lookup(void *context, const struct api_reply *reply)
{
    struct lookup *lookup = context;
    struct live_reader *reader = lookup->reader;
    struct live_object live;
    bool consumer = lookup->consumer != NULL;
    bool not_found = api_is_not_found(reply);
    if (not_found && reply->err_code == STREAM_NOT_FOUND && consumer)
        reader->ending.moved |= map_get(&reader->found, scratch_key(reader, lookup->stream, NULL)) != NULL;
    /* A server that is about to run it says that there is none (2.9.10, after a move). */
    reader->ending.moved |= not_found && lookup->is_there;
    if (reply->outcome != API_DONE && (lookup->may_fail || not_found))
        return;
    if (reply->outcome != API_DONE) {
        fail(reader, reply,
             arena_printf(&reader->arena, "read %s '%s%s%s'", consumer ? "consumer" : "stream",
                          lookup->stream, consumer ? " > " : "", consumer ? lookup->consumer : ""));
        return;
    }
    if (consumer ? live_consumer(reply->body, &live) : live_stream(reply->body, &live))
        hand_on(reader, &live);
}

static void look_up(struct live_reader *reader, const struct lookup *wanted)
{
    struct lookup *lookup = ARENA_NEW(&reader->arena, struct lookup);
    *lookup = *wanted;
    lookup->reader = reader;
    bool consumer = wanted->consumer != NULL;
    struct api_request request = {
        .verb = consumer ? "CONSUMER.INFO" : "STREAM.INFO",
        .name = consumer ? arena_printf(&reader->arena, "%s.%s", wanted->stream, wanted->consumer)
                         : wanted->stream,
        .type = consumer ? "consumer_info_response" : "stream_info_response",
        .done = on_lookup,
        .context = lookup,
    };
    api_submit(reader->source.server, &request);
}

/* ---- by pages ---- */

static void on_page(void *context, const struct api_reply *reply);

static void ask_page(struct listing *listing)
{
    const struct live_source *source = &listing->reader->source;
    const struct live_page page = {
        .stream = listing->of ? listing->of->stream : NULL,
        .offset = listing->asked,
        .is_light = listing->is_light,
    };
    listing->asked += LIVE_PAGE;
    listing->waiting++;
    if (!source->ahead || !ahead_answer(source->ahead, &page, on_page, listing))
        live_page_ask(source->server, &page, on_page, listing);
}

/* A total is what somebody says, and may be anything. What comes is what there is. */
static void ask_more(struct listing *listing)
{
    /* Several at once, as each page costs a round trip. A false total may not fill the memory with questions. */
    uint64_t end = listing->total ? listing->total : listing->expected;
    if (end > (uint64_t)PAGES_MOST * LIVE_PAGE)
        end = (uint64_t)PAGES_MOST * LIVE_PAGE;
    while (!listing->ended && listing->asked < end && listing->waiting <= PAGES_AHEAD)
        ask_page(listing);
}

static bool is_last(struct listing *listing, const struct node *items, const struct node *offline)
{
    struct live_object live;
    if (items->count == 0)
        return !offline || offline->count == 0;
    if (!(listing->of ? live_consumer(items->items[0], &live) : live_stream(items->items[0], &live)))
        return true;
    /* A server that gives the same page for every offset would be asked for ever. */
    if (map_get(&listing->firsts, live.name))
        return true;
    map_put(&listing->firsts, arena_strdup(&listing->reader->arena, live.name), listing);
    return false;
}

/* Of a list that has to be complete: was the object in it before? Else it is noted. */
static bool was_found(struct listing *listing, const char *name)
{
    bool found = map_get(&listing->names, name) != NULL;
    if (!found)
        map_put(&listing->names, arena_strdup(&listing->reader->arena, name), listing);
    return found;
}

static void hand_on_items(struct listing *listing, const struct node *items)
{
    struct live_reader *reader = listing->reader;
    struct live_object live;
    for (size_t i = 0; i < items->count; i++) {
        listing->received++;
        if ((listing->of ? live_consumer(items->items[i], &live) : live_stream(items->items[i], &live)) &&
            !(reader->reading.complete && was_found(listing, live.name)))
            hand_on(reader, &live);
    }
}

/* nats-server 2.11.9 and later list the objects that they have but cannot run, each with a reason. */
static void hand_on_offline(struct listing *listing, const struct node *offline)
{
    const struct live_reading *reading = &listing->reader->reading;
    for (size_t i = 0; offline && offline->type == NODE_MAP && i < offline->count; i++) {
        const struct live_object live = {.table = &stream_table, .name = offline->members[i].key};
        if (!was_found(listing, live.name) && !listing->of)
            reading->seen(reading->context, &live);
    }
}

static void look_up_missing(struct listing *listing)
{
    struct live_reader *reader = listing->reader;
    const struct manifest *manifest = reader->reading.manifest;
    const struct resources *resources = listing->of ? &manifest->consumers : &manifest->streams;
    size_t first = listing->of ? listing->of->first : 0;
    size_t count = listing->of ? listing->of->count : resources->count;
    for (size_t i = first; i < first + count; i++) {
        const char *stream = listing->of ? listing->of->stream : resources->items[i]->name;
        const char *consumer = listing->of ? resources->items[i]->name : NULL;
        if (!map_get(&reader->found, scratch_key(reader, stream, consumer)))
            look_up(reader, &(struct lookup){
                                .stream = stream,
                                .consumer = consumer,
                                .is_there = map_get(&listing->silent, consumer ? consumer : stream) != NULL});
    }
}

static void read_again(struct listing *listing)
{
    struct live_reader *reader = listing->reader;
    struct diags *diags = reader->diags;
    if (reader->failed || (listing->names.count >= listing->total && !listing->silent.count))
        return;
    if (++listing->tries < LIVE_TRIES_MOST) {
        /* From the start: what moved between pages may be on any of them. */
        listing->asked = 0;
        listing->ended = false;
        map_init(&listing->firsts, &reader->arena);
        map_init(&listing->silent, &reader->arena);
        ask_page(listing);
        return;
    }
    reader->failed = true;
    /* 2.9 does not count what is silent. */
    uint64_t all = listing->names.count + listing->silent.count;
    all = all > listing->total ? all : listing->total;
    struct diag *diag = diag_add(
        diags, &code_reply, (struct srcpos){0}, "the list of %s%s%s is not complete: %zu of %llu answered",
        listing->of ? "consumers of stream '" : "streams", listing->of ? listing->of->stream : "",
        listing->of ? "'" : "", listing->names.count, (unsigned long long)all);
    diag_hint(diags, diag, "it changes while it is read, or a leader is missing; try again");
}

/* Names that the page has instead of the objects. They are asked for by name, as far as the manifest has them. */
static void note_silent(struct listing *listing, const struct node *body)
{
    const struct node *missing = node_get(body, "missing"), *offline = node_get(body, "offline");
    for (size_t i = 0; missing && missing->type == NODE_LIST && i < missing->count; i++)
        if (missing->items[i]->type == NODE_SCALAR && !node_get(offline, missing->items[i]->text) &&
            !map_get(&listing->silent, missing->items[i]->text))
            map_put(&listing->silent, arena_strdup(&listing->reader->arena, missing->items[i]->text),
                    listing);
}

static const char *what_of(struct listing *listing)
{
    return listing->of ? arena_printf(&listing->reader->arena, "list the consumers of stream '%s'",
                                      listing->of->stream)
                       : "list the streams";
}

/* Is it of a stream that the manifest does not name? Then nothing depends on it but what is said beside the plan. */
static bool is_others(const struct listing *listing)
{
    return listing->beside && listing->of &&
           !map_get(&listing->reader->reading.manifest->streams_by_name, listing->of->stream);
}

/* Another page would come, and another one. */
static void fail_endless(struct listing *listing)
{
    const struct api_reply reply = {.outcome = API_STRANGE, .description = "the server's list has no end"};
    if (is_others(listing))
        listing->reader->ending.unlisted++;
    else
        fail(listing->reader, &reply, what_of(listing));
}

static void take_page(struct listing *listing, const struct node *body)
{
    const struct live_page page = {.stream = listing->of ? listing->of->stream : NULL};
    bool complete = listing->reader->reading.complete;
    uint64_t total = node_get_number(body, "total");
    listing->changed |= listing->total && listing->total != total;
    listing->total = total;
    listing->expected = 0;
    listing->ended |= is_last(listing, live_page_items(&page, body), node_get(body, "offline"));
    ask_more(listing);
    listing->waiting--;
    hand_on_items(listing, live_page_items(&page, body));
    note_silent(listing, body);
    if (complete)
        hand_on_offline(listing, node_get(body, "offline"));
    if (listing->waiting == 0 && !listing->ended && listing->asked < listing->total)
        fail_endless(listing);
    else if (listing->waiting == 0 && complete)
        read_again(listing);
    else if (listing->waiting == 0 &&
             (listing->changed || listing->received < listing->total || listing->silent.count))
        look_up_missing(listing);
}

/* Nobody misses what came along with a guess. */
static bool may_fail(const struct listing *listing)
{
    const struct wanted_consumers *of = listing->of;
    return of && !listing->reader->reading.complete && !of->whole && of->count == 0;
}

/* Did the stream go after it was in the list of streams? Of what the manifest does not name, nobody has to know. */
static bool has_gone(const struct listing *listing, const struct api_reply *reply)
{
    return listing->of && api_is_not_found(reply);
}

static bool is_missed(const struct listing *listing)
{
    const struct live_reading *reading = &listing->reader->reading;
    return reading->complete || map_get(&reading->manifest->streams_by_name, listing->of->stream);
}

/* The user may not list what is there. What the manifest names may be open all the same. */
static void go_by_name(struct listing *listing, bool first)
{
    listing->reader->ending.partly = true;
    listing->reader->listed &= listing->of != NULL;
    if (first)
        look_up_missing(listing);
}

static void on_page(void *context, const struct api_reply *reply)
{
    struct listing *listing = context;
    struct live_reader *reader = listing->reader;
    if (reply->outcome != API_DONE) {
        bool first = !listing->ended && !listing->received;
        listing->waiting--;
        listing->ended = true;
        if (has_gone(listing, reply))
            reader->ending.moved |= is_missed(listing);
        else if (is_others(listing))
            reader->ending.unlisted += reply->outcome != API_FORBIDDEN;
        else if (listing->beside && reply->outcome == API_FORBIDDEN)
            go_by_name(listing, first);
        else if (!may_fail(listing))
            fail(reader, reply, what_of(listing));
        return;
    }
    take_page(listing, reply->body);
}

static void list(struct live_reader *reader, struct wanted_consumers *of, uint64_t expected, bool beside)
{
    struct listing *listing = ARENA_NEW(&reader->arena, struct listing);
    *listing = (struct listing){.reader = reader,
                                .of = of,
                                .expected = expected,
                                .is_light = expected <= LIVE_PAGE_LIGHT,
                                .beside = beside};
    map_init(&listing->names, &reader->arena);
    map_init(&listing->firsts, &reader->arena);
    map_init(&listing->silent, &reader->arena);
    ask_page(listing);
    ask_more(listing);
}

/*
 * Is it cheaper to ask by name? That costs a request for each object; a list costs a page for every 256 objects of the
 * account.
 */
static bool is_few(uint64_t wanted, uint64_t there)
{
    return wanted * 2 <= there;
}

static bool is_ahead(const struct live_reader *reader, const char *stream)
{
    return reader->source.ahead && ahead_has(reader->source.ahead, stream);
}

/* Is it a stream that the manifest lets go? Then its consumers go with it. */
static bool goes_with_consumers(const struct manifest *manifest, const char *stream)
{
    return map_get(&manifest->removed_by_key, stream) && !map_get(&manifest->streams_by_name, stream);
}

/*
 * Are its consumers looked at only because some may be the project's, and not in the manifest? On streams that it does not name, that
 * is a request each.
 */
static bool looks_beside(struct live_reader *reader, const struct live_object *stream)
{
    const struct live_reading *reading = &reader->reading;
    if (reading->all || !reading->beside || stream->state.consumers == 0)
        return false;
    if (map_get(&reading->manifest->streams_by_name, stream->name))
        return true;
    bool looks = reader->others < LIVE_OTHERS_MOST;
    reader->others += looks;
    reader->ending.unlisted += !looks;
    return looks;
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

static void read_consumers(struct live_reader *reader, const struct live_object *stream)
{
    const struct live_reading *reading = &reader->reading;
    struct wanted_consumers *of = map_get(&reader->consumers_of, stream->name);
    bool beside = looks_beside(reader, stream);
    bool whole = reading->all ? !reading->wants || reading->wants(reading->context, stream)
                              : goes_with_consumers(reading->manifest, stream->name);
    bool comes_along = !reading->complete && is_ahead(reader, stream->name);
    /* Most streams of a large account are done with here. */
    if (stream->state.consumers == 0 || (!whole && !beside && !comes_along && (!of || of->count == 0)))
        return;
    if (!of)
        of = consumers_of(reader, arena_strdup(&reader->arena, stream->name));
    of->there = stream->state.consumers;
    of->whole = whole || beside;
    if (whole || beside || comes_along || !is_few(of->count, of->there))
        list(reader, of, of->there, beside && !whole && !comes_along && is_few(of->count, of->there));
    else
        for (size_t i = of->first; i < of->first + of->count; i++)
            look_up(reader, &(struct lookup){.stream = of->stream,
                                             .consumer = reading->manifest->consumers.items[i]->name});
}

/* The manifest has its consumers stream by stream, so those of one stream are neighbours. */
static void group_consumers(struct live_reader *reader)
{
    const struct resources *consumers = &reader->reading.manifest->consumers;
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

/* ---- all of it ---- */

static void read_streams(struct live_reader *reader)
{
    const struct live_reading *reading = &reader->reading;
    const struct manifest *manifest = reading->manifest;
    uint64_t there = server_info(reader->source.server)->streams;
    /* A list that was asked for ahead of need is on its way already. */
    bool needed = reading->all || is_ahead(reader, NULL) || !is_few(manifest->streams.count, there);
    reader->listed = needed || reading->beside;
    if (reader->listed)
        list(reader, NULL, there, !needed);
    for (size_t i = 0; !reader->listed && i < manifest->streams.count; i++)
        look_up(reader, &(struct lookup){.stream = manifest->streams.items[i]->name});
    for (size_t i = 0; i < manifest->removed.count; i++)
        look_up(reader, &(struct lookup){.stream = manifest->removed.items[i]->stream,
                                         .consumer = manifest->removed.items[i]->consumer});
}

struct live_reader *live_read(const struct live_source *source, const struct live_reading *reading,
                              struct diags *diags)
{
    static const struct manifest nothing;
    struct live_reader *reader = base_alloc(sizeof(*reader));
    reader->source = *source;
    reader->reading = *reading;
    reader->diags = diags;
    if (!reading->manifest)
        reader->reading.manifest = &nothing;
    map_init(&reader->found, &reader->arena);
    map_init(&reader->consumers_of, &reader->arena);
    group_consumers(reader);
    read_streams(reader);
    /* What was asked for in vain is dropped when it comes. */
    if (source->ahead)
        ahead_end(source->ahead);
    api_drain(source->server);
    if (!reader->failed) /* diagnostics that `seen` has added do not matter here */
        return reader;
    live_reader_free(reader);
    return NULL;
}

struct live_ending live_ending(const struct live_reader *reader)
{
    return reader->ending;
}

void live_fail(struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_reply, (struct srcpos){0},
                                 "the server's streams cannot be read: they come and go while they are read");
    diag_hint(diags, diag, "try again when nobody deletes streams and the cluster has all its servers");
}

void live_reader_free(struct live_reader *reader)
{
    strbuf_release(&reader->key);
    arena_release(&reader->arena);
    free(reader);
}

/* ---- others ---- */

static void on_others(void *context, const struct api_reply *reply)
{
    static const struct live_page streams;
    struct live_object live;
    if (reply->outcome != API_DONE)
        return;
    const struct node *items = live_page_items(&streams, reply->body);
    for (size_t i = 0; i < items->count; i++)
        if (live_stream(items->items[i], &live))
            hand_on(context, &live);
}

/* Of those who come with a question, most were never named. */
static void list_consumers(struct live_reader *reader, const char *stream)
{
    struct wanted_consumers *of = ARENA_NEW(&reader->arena, struct wanted_consumers);
    of->stream = stream;
    list(reader, of, LIVE_PAGE, false);
}

/* One page of streams with a subject is enough to know that it is taken. */
void live_find(struct live_reader *reader, const struct live_questions *questions)
{
    for (size_t i = 0; i < questions->streams.count; i++)
        look_up(reader, &(struct lookup){.stream = questions->streams.items[i], .may_fail = true});
    for (size_t i = 0; !reader->listed && i < questions->subjects.count; i++)
        live_page_ask(reader->source.server, &(struct live_page){.subject = questions->subjects.items[i]},
                      on_others, reader);
    for (size_t i = 0; i < questions->consumers.count; i++)
        list_consumers(reader, questions->consumers.items[i]);
    for (size_t i = 0; i < questions->holdings.count; i++)
        holdings_ask(reader->source.server, questions->holdings.items[i]);
    api_drain(reader->source.server);
}
