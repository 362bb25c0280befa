/* Reading a whole account; see survey.h. */
#include "server/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

struct surveying {
    struct arena *arena;
    struct survey *survey;
    struct map streams; /* by name, to struct survey_stream */
    live_wants *wants;
    void *context; /* of that */
};

static bool wants_consumers(void *context, const struct live_object *stream)
{
    const struct surveying *surveying = context;
    return !surveying->wants || surveying->wants(surveying->context, stream);
}

static void keep(void *context, const struct live_object *live)
{
    struct surveying *surveying = context;
    struct survey_stream *stream = live->stream ? map_get(&surveying->streams, live->stream) : NULL;
    if (stream) {
        VEC_PUSH(surveying->arena, &stream->consumers, live_keep(surveying->arena, live));
    } else if (!live->config) {
        VEC_PUSH(surveying->arena, &surveying->survey->offline, arena_strdup(surveying->arena, live->name));
    } else {
        stream = ARENA_NEW(surveying->arena, struct survey_stream);
        stream->live = live_keep(surveying->arena, live);
        map_put(&surveying->streams, stream->live.name, stream);
        VEC_PUSH(surveying->arena, &surveying->survey->streams, stream);
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

/* Pages arrive in any order; whatever is made of a survey has to be the same each time. */
static void sort(struct survey *survey)
{
    if (survey->streams.count > 1)
        qsort(survey->streams.items, survey->streams.count, sizeof(struct survey_stream *), compare_streams);
    for (size_t i = 0; i < survey->streams.count; i++) {
        struct survey_stream *stream = survey->streams.items[i];
        if (stream->consumers.count > 1)
            qsort(stream->consumers.items, stream->consumers.count, sizeof(struct live_object),
                  compare_consumers);
    }
}

/* NULL if the server could not be read. */
static struct survey *read_once(struct surveying *surveying, const struct live_source *source,
                                bool *ret_moved, struct diags *diags)
{
    const struct live_reading reading = {
        .all = true, .complete = true, .wants = wants_consumers, .seen = keep, .context = surveying};
    surveying->survey = ARENA_NEW(surveying->arena, struct survey);
    map_init(&surveying->streams, surveying->arena);
    struct live_reader *reader = live_read(source, &reading, diags);
    *ret_moved = reader && live_ending(reader).moved;
    if (!reader)
        return NULL;
    live_reader_free(reader);
    return surveying->survey;
}

struct survey *survey_read(struct arena *arena, const struct live_source *source, live_wants *wants,
                           void *context, struct diags *diags)
{
    struct surveying surveying = {.arena = arena, .wants = wants, .context = context};
    struct live_source from = *source;
    for (int tries = 0; tries < LIVE_TRIES_MOST; tries++) {
        bool moved;
        struct survey *survey = read_once(&surveying, &from, &moved, diags);
        if (survey && !moved)
            sort(survey);
        if (!moved)
            return survey;
        from.ahead = NULL; /* it knows the old list */
    }
    live_fail(diags);
    return NULL;
}
