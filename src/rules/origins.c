/* Rules about mirrors and sources, and the streams that they copy from. */
#include <string.h>

#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"

DIAG_CODE(code_origin, .name = "origin", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A mirror or source does not fit the stream that it copies from, or stands twice.",
          .why = "The server refuses the mirror or source, or cannot copy what is too large for it.",
          .example = "sources: [{name: A}, {name: A}]",
          .remedy = "Name each origin and filter once, and allow messages as large as the origin's.");

DIAG_CODE(
    code_missing_origin, .name = "missing-origin", CODE_WARNING, .lint = true,
    .doc = "A mirror or source copies from a stream that is neither in the manifest nor on the server.",
    .why =
        "A server takes a mirror or source of a stream that is not there and waits for it, without a word.",
    .example = "COPY: {mirror: {name: ORDRES}}", .remedy = "Correct the name, or create the origin.");

#define V_2_10 VERSION(2, 10, 0)

typedef void origin_check(struct rule_scan *scan, const struct rules_object *stream,
                          const struct object *origin, const struct rules_object *copied);

/* The stream that an origin names; servers before 2.10 look for a mirror's in this account even when it is in another. */
static const struct rules_object *find_copied(const struct rule_scan *scan, const struct object *origin)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    const struct rules_stream *stream = name ? rules_find_stream(scan->world, name) : NULL;
    bool external = object_has(origin, ORIGIN_EXTERNAL, NULL) && version_has(scan->world->version, V_2_10);
    return stream && stream->self.config && !external ? &stream->self : NULL;
}

static void each_mirror(struct rule_scan *scan, origin_check *check)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        const struct object *mirror =
            rules_is_open(stream) ? object_object(stream->config, STREAM_MIRROR) : NULL;
        if (mirror)
            check(scan, stream, mirror, find_copied(scan, mirror));
    }
}

static void each_source(struct rule_scan *scan, origin_check *check)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        if (!rules_is_open(stream))
            continue;
        const struct value_list *sources = object_list(stream->config, STREAM_SOURCES);
        for (size_t j = 0; j < sources->count; j++)
            check(scan, stream, sources->items[j].object, find_copied(scan, sources->items[j].object));
    }
}

/* ---- the same twice ---- */

static const char *text_or(const struct object *object, unsigned id, const char *otherwise)
{
    const char *text = object ? object_text(object, id) : NULL;
    return text && *text ? text : otherwise;
}

/* What servers tell the sources of a stream apart by. */
static const char *source_key(struct arena *arena, const struct object *source)
{
    const struct object *external = object_object(source, ORIGIN_EXTERNAL);
    const struct object *consumer = object_object(source, ORIGIN_CONSUMER);
    const struct value_list *transforms = object_list(source, ORIGIN_TRANSFORMS);
    const char *filters = transforms->count ? "" : text_or(source, ORIGIN_FILTER_SUBJECT, ">");
    const char *targets = transforms->count ? "" : ">";
    for (size_t i = 0; i < transforms->count; i++) {
        const struct object *transform = transforms->items[i].object;
        filters =
            arena_printf(arena, "%s%s%s", filters, i ? "\f" : "", text_or(transform, TRANSFORM_SRC, ">"));
        targets =
            arena_printf(arena, "%s%s%s", targets, i ? "\f" : "", text_or(transform, TRANSFORM_DEST, ">"));
    }
    return arena_printf(arena, "%s %d%s %d%s %s %s", object_text(source, ORIGIN_NAME), external != NULL,
                        text_or(external, EXTERNAL_API, ""), consumer != NULL,
                        text_or(consumer, DELIVERY_NAME, ""), filters, targets);
}

static const char *consumer_key(struct arena *arena, const struct object *source)
{
    const struct object *external = object_object(source, ORIGIN_EXTERNAL);
    const struct object *consumer = object_object(source, ORIGIN_CONSUMER);
    if (!consumer)
        return NULL;
    return arena_printf(arena, "%s %d%s %s", object_text(source, ORIGIN_NAME), external != NULL,
                        text_or(external, EXTERNAL_API, ""), text_or(consumer, DELIVERY_NAME, ""));
}

static void find_twice(struct rule_scan *scan, const char *(*key_of)(struct arena *, const struct object *),
                       const char *what)
{
    struct arena *arena = scan->world->arena;
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        struct map seen;
        if (!rules_is_open(stream) || object_list(stream->config, STREAM_SOURCES)->count < 2)
            continue;
        const struct value_list *sources = object_list(stream->config, STREAM_SOURCES);
        map_init(&seen, arena);
        for (size_t j = 0; j < sources->count; j++) {
            struct object *source = sources->items[j].object;
            const char *key = key_of(arena, source);
            const struct object *first = key ? map_get(&seen, key) : NULL;
            if (key && !first)
                map_put(&seen, key, source);
            if (!first)
                continue;
            struct diag *diag =
                rule_report(scan, stream, source->pos, "%s %s '%s' twice", rules_label(scan, stream), what,
                            object_text(source, ORIGIN_NAME));
            if (diag)
                diag_note(scan->diags, diag, first->pos, "the first time is here");
        }
    }
}

void check_source_twice(struct rule_scan *scan)
{
    find_twice(scan, source_key, "takes the same from");
}

void check_source_consumer_twice(struct rule_scan *scan)
{
    find_twice(scan, consumer_key, "uses one consumer of");
}

/* ---- what fits an origin ---- */

static void check_message_size(struct rule_scan *scan, const struct rules_object *stream,
                               const struct object *origin, const struct rules_object *copied)
{
    int64_t own = object_integer(stream->config, STREAM_MAX_MSG_SIZE);
    int64_t theirs = copied ? object_integer(copied->config, STREAM_MAX_MSG_SIZE) : 0;
    (void)origin;
    if (own <= 0 || theirs <= 0 || own >= theirs)
        return;
    struct diag *diag =
        rule_report(scan, stream, object_pos(stream->config, STREAM_MAX_MSG_SIZE),
                    "%s takes messages of %lld bytes, and %s, which it copies, of %lld",
                    rules_label(scan, stream), (long long)own, rules_label(scan, copied), (long long)theirs);
    if (diag)
        rule_note_other(scan, diag, copied, object_pos(copied->config, STREAM_MAX_MSG_SIZE),
                        "the origin is here");
}

void check_mirror_message_size(struct rule_scan *scan)
{
    each_mirror(scan, check_message_size);
}

void check_source_message_size(struct rule_scan *scan)
{
    each_source(scan, check_message_size);
}

static bool collides_with(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            return true;
    return false;
}

/* Of a sourced stream with a subject that matches what comes in for it below the prefix. */
static const char *subject_below(struct rule_scan *scan, const struct object *stream, const char *prefix)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++) {
        const char *subject = subjects->items[i].text;
        if (subjects_collide(subject, arena_printf(scan->world->arena, "%s.%s", prefix, subject)))
            return subject;
    }
    return NULL;
}

static void check_prefix(struct rule_scan *scan, const struct rules_object *stream,
                         const struct object *origin, const struct rules_object *copied)
{
    const struct object *external = object_object(origin, ORIGIN_EXTERNAL);
    const char *prefix = text_or(external, EXTERNAL_DELIVER, NULL);
    const struct value_list *sources = object_list(stream->config, STREAM_SOURCES);
    (void)copied;
    for (size_t i = 0; prefix && i < sources->count; i++) {
        const struct object *other = sources->items[i].object;
        const struct rules_stream *sourced = rules_find_stream(scan->world, object_text(other, ORIGIN_NAME));
        if (object_has(other, ORIGIN_EXTERNAL, NULL) || !sourced || !sourced->self.config)
            continue;
        const char *subject = subject_below(scan, sourced->self.config, prefix);
        if (subject)
            rule_report(scan, stream, object_pos(external, EXTERNAL_DELIVER),
                        "'%s' of %s delivers into '%s' of %s, which is a source as well", prefix,
                        rules_label(scan, stream), subject, rules_label(scan, &sourced->self));
    }
}

void check_delivery_prefix(struct rule_scan *scan)
{
    each_source(scan, check_prefix);
}

/* ---- filters before 2.10 ---- */

static void report_filter(struct rule_scan *scan, const struct rules_object *stream,
                          const struct object *origin, const struct rules_object *copied)
{
    struct diag *diag = rule_report(scan, stream, object_pos(origin, ORIGIN_FILTER_SUBJECT),
                                    "'%s' of %s matches none of the subjects of %s",
                                    object_text(origin, ORIGIN_FILTER_SUBJECT), rules_label(scan, stream),
                                    rules_label(scan, copied));
    if (diag)
        rule_note_other(scan, diag, copied, object_pos(copied->config, STREAM_SUBJECTS),
                        "the origin is here");
}

static void check_one_filter(struct rule_scan *scan, const struct rules_object *stream,
                             const struct object *origin, const struct rules_object *copied)
{
    const char *filter = text_or(origin, ORIGIN_FILTER_SUBJECT, NULL);
    if (filter && copied && object_list(copied->config, STREAM_SUBJECTS)->count &&
        !collides_with(copied->config, filter))
        report_filter(scan, stream, origin, copied);
}

void check_mirror_filter(struct rule_scan *scan)
{
    each_mirror(scan, check_one_filter);
}

/* The server looks at the subjects of all sources up to this one. */
static void check_source_filters(struct rule_scan *scan, const struct rules_object *stream)
{
    const struct value_list *sources = object_list(stream->config, STREAM_SOURCES);
    for (size_t i = 0; i < sources->count; i++) {
        const struct object *source = sources->items[i].object;
        const char *filter = text_or(source, ORIGIN_FILTER_SUBJECT, NULL);
        const struct rules_object *copied = find_copied(scan, source);
        bool any = !filter || !copied;
        size_t subjects = 0;
        for (size_t j = 0; j <= i && !any; j++) {
            const struct rules_object *earlier = find_copied(scan, sources->items[j].object);
            subjects += earlier ? object_list(earlier->config, STREAM_SUBJECTS)->count : 0;
            any = earlier && collides_with(earlier->config, filter);
        }
        if (!any && subjects > 0)
            report_filter(scan, stream, source, copied);
    }
}

void check_source_filter(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++)
        if (rules_is_open(&scan->world->streams.items[i]->self))
            check_source_filters(scan, &scan->world->streams.items[i]->self);
}

/* ---- origins that are nowhere ---- */

static void check_there(struct rule_scan *scan, const struct rules_object *stream,
                        const struct object *origin, const struct rules_object *copied)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    (void)copied;
    if (!name || object_has(origin, ORIGIN_EXTERNAL, NULL) || rules_find_stream(scan->world, name))
        return;
    struct diag *diag = rule_report(scan, stream, object_pos(origin, ORIGIN_NAME),
                                    "%s copies from stream %s, which is neither here nor on the server",
                                    rules_label(scan, stream), name);
    if (diag)
        diag_hint(scan->diags, diag, "it gets its messages once there is such a stream");
}

void check_origin_there(struct rule_scan *scan)
{
    if (!scan->world->facts || !scan->world->facts->others_known)
        return;
    each_mirror(scan, check_there);
    each_source(scan, check_there);
}
