/*
 * Reading a whole account; see survey.h. A list is paged; when it turns out to have changed between two pages, or the leader of some
 * of its objects did not answer, it is read once more, and what is already there stays.
 */
#include "server/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "kind/names.h"

enum {
    PAGE = 256,     /* objects in one page of a list, on every version */
    TRIES_MOST = 3, /* at a list that changes while it is read */
};

/* One list: of the streams, or of one stream's consumers. */
struct survey_list {
    struct surveyor *surveyor;
    struct survey_stream *of; /* NULL: the streams */
    struct map names;         /* of what was found, to anything */
    uint64_t asked;           /* offsets below this were asked for */
    uint64_t total;
    size_t offline;
};

struct surveyor {
    struct arena *arena;
    struct server *server;
    struct survey *survey;
    struct diags *diags;
    bool failed;
};

static void ask_page(struct survey_list *list);

/* The name is copied together with the configuration, which it may stand in. */
static struct live_object keep_live(struct arena *arena, const struct live_object *live)
{
    struct live_object copy = *live;
    copy.config = node_keep(arena, live->config);
    copy.name = arena_strdup(arena, live->name);
    copy.stream = live->stream ? arena_strdup(arena, live->stream) : NULL;
    return copy;
}

static void take_item(struct survey_list *list, const struct node *item)
{
    struct arena *arena = list->surveyor->arena;
    struct live_object live;
    if (!(list->of ? live_consumer(item, &live) : live_stream(item, &live)) ||
        map_get(&list->names, live.name))
        return;
    live = keep_live(arena, &live);
    map_put(&list->names, live.name, list);
    if (!list->of && stream_name_is_reserved(live.name))
        return;
    if (list->of) {
        VEC_PUSH(arena, &list->of->consumers, live);
        return;
    }
    struct survey_stream *stream = ARENA_NEW(arena, struct survey_stream);
    stream->live = live;
    VEC_PUSH(arena, &list->surveyor->survey->streams, stream);
}

/* 2.11.9 and later name what they hold and cannot run, by its reason. */
static void take_offline(struct survey_list *list, const struct node *offline)
{
    struct arena *arena = list->surveyor->arena;
    for (size_t i = 0; offline && offline->type == NODE_MAP && i < offline->count; i++) {
        const char *name = arena_strdup(arena, offline->members[i].key);
        if (map_put(&list->names, name, list))
            continue;
        list->offline++;
        if (!list->of)
            VEC_PUSH(arena, &list->surveyor->survey->offline, name);
    }
}

static void on_page(void *context, const struct api_reply *reply)
{
    struct survey_list *list = context;
    struct surveyor *surveyor = list->surveyor;
    if (reply->outcome != API_DONE) {
        surveyor->failed = true;
        api_diagnose(
            surveyor->diags, surveyor->server, (struct srcpos){0},
            list->of ? arena_printf(surveyor->arena, "list the consumers of stream '%s'", list->of->live.name)
                     : "list the streams",
            reply);
        return;
    }
    list->total = node_get_number(reply->body, "total");
    while (list->asked < list->total)
        ask_page(list);
    const struct node *items = node_get(reply->body, list->of ? "consumers" : "streams");
    for (size_t i = 0; items && items->type == NODE_LIST && i < items->count; i++)
        take_item(list, items->items[i]);
    take_offline(list, node_get(reply->body, "offline"));
}

static void ask_page(struct survey_list *list)
{
    struct surveyor *surveyor = list->surveyor;
    const char *body = arena_printf(surveyor->arena, "{\"offset\":%llu}", (unsigned long long)list->asked);
    list->asked += PAGE;
    api_submit(surveyor->server, &(struct api_request){
                                     .verb = list->of ? "CONSUMER.LIST" : "STREAM.LIST",
                                     .name = list->of ? list->of->live.name : NULL,
                                     .body = body,
                                     .type = list->of ? "consumer_list_response" : "stream_list_response",
                                     .done = on_page,
                                     .context = list,
                                 });
}

static struct survey_list *new_list(struct surveyor *surveyor, struct survey_stream *of)
{
    struct survey_list *list = ARENA_NEW(surveyor->arena, struct survey_list);
    *list = (struct survey_list){.surveyor = surveyor, .of = of};
    map_init(&list->names, surveyor->arena);
    return list;
}

static bool is_complete(const struct survey_list *list)
{
    return list->names.count >= list->total;
}

/* Reads the lists side by side until each is complete. */
static void read_lists(struct surveyor *surveyor, struct survey_list **lists, size_t count)
{
    for (int tries = 0; tries < TRIES_MOST && !surveyor->failed; tries++) {
        for (size_t i = 0; i < count; i++) {
            if (tries > 0 && is_complete(lists[i]))
                continue;
            lists[i]->asked = 0;
            ask_page(lists[i]);
        }
        api_drain(surveyor->server);
    }
    for (size_t i = 0; i < count && !surveyor->failed; i++) {
        if (is_complete(lists[i]))
            continue;
        surveyor->failed = true;
        struct diag *diag = diag_add(surveyor->diags, &code_reply, (struct srcpos){0},
                                     "the list of %s%s%s%s is not complete: %zu of %llu answered",
                                     lists[i]->of ? "consumers of stream '" : "streams",
                                     lists[i]->of ? lists[i]->of->live.name : "", lists[i]->of ? "'" : "", "",
                                     lists[i]->names.count, (unsigned long long)lists[i]->total);
        diag_hint(surveyor->diags, diag, "it changes while it is read, or a leader is missing; try again");
    }
}

static int compare_streams(const void *left, const void *right)
{
    const struct survey_stream *const *a = left;
    const struct survey_stream *const *b = right;
    return strcmp((*a)->live.name, (*b)->live.name);
}

static int compare_consumers(const void *left, const void *right)
{
    const struct live_object *a = left;
    const struct live_object *b = right;
    return strcmp(a->name, b->name);
}

static void read_consumers(struct surveyor *surveyor, survey_wants *wants, void *context)
{
    struct survey *survey = surveyor->survey;
    struct survey_list **lists = ARENA_ARRAY(surveyor->arena, struct survey_list *, survey->streams.count);
    size_t count = 0;
    for (size_t i = 0; i < survey->streams.count; i++) {
        struct survey_stream *stream = survey->streams.items[i];
        if (stream->live.state.consumers && (!wants || wants(context, &stream->live)))
            lists[count++] = new_list(surveyor, stream);
    }
    read_lists(surveyor, lists, count);
    for (size_t i = 0; i < count; i++)
        if (lists[i]->of->consumers.count > 1)
            qsort(lists[i]->of->consumers.items, lists[i]->of->consumers.count, sizeof(struct live_object),
                  compare_consumers);
}

struct survey *survey_read(struct arena *arena, struct server *server, survey_wants *wants, void *context,
                           struct diags *diags)
{
    struct surveyor surveyor = {
        .arena = arena, .server = server, .survey = ARENA_NEW(arena, struct survey), .diags = diags};
    struct survey_list *streams = new_list(&surveyor, NULL);
    read_lists(&surveyor, &streams, 1);
    if (surveyor.survey->streams.count > 1)
        qsort(surveyor.survey->streams.items, surveyor.survey->streams.count, sizeof(struct survey_stream *),
              compare_streams);
    if (!surveyor.failed)
        read_consumers(&surveyor, wants, context);
    return surveyor.failed ? NULL : surveyor.survey;
}
