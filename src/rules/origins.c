/*
 * Rules about mirrors and sources, and the streams that they copy from. An origin in
 * another account or domain (`external`) cannot be seen, so rules that need it say nothing.
 */
#include <string.h>

#include "base/row.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"

static DIAG_CODE(code_origin, .name = "origin", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A mirror or source does not fit the stream that it copies from, or stands twice.",
                 .why = "The server refuses the mirror or source, or cannot copy what is too large for it.",
                 .example = "sources: [{name: A}, {name: A}]",
                 .remedy = "Name each origin and filter once, and allow messages as large as the origin's.");

static DIAG_CODE(
    code_missing_origin, .name = "missing-origin", CODE_WARNING, .lint = true,
    .doc = "A mirror or source copies from a stream that is neither in the manifest nor on the server.",
    .why =
        "A server takes a mirror or source of a stream that is not there and waits for it, without a word.",
    .example = "COPY: {mirror: {name: ORDRES}}", .remedy = "Correct the name, or create the origin.");

#define V_2_10 VERSION(2, 10, 0)
#define V_2_14 VERSION(2, 14, 0)

/* ---- the same twice ---- */

/* "" counts as left out, as it does for the server. */
static const char *text_or(const struct object *object, unsigned id, const char *otherwise)
{
    const char *text = object ? object_text(object, id) : NULL;
    return text && *text ? text : otherwise;
}

/*
 * Servers give each source of a stream a name made of these parts, and two sources with the same name are the same to
 * them. The start of a source is not a part of it. Without transforms, filter and target are '>'.
 */
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

/*
 * From 2.14 on a source may read through a consumer that somebody made. Two sources that share one would take each
 * other's messages.
 */
static const char *consumer_key(struct arena *arena, const struct object *source)
{
    const struct object *external = object_object(source, ORIGIN_EXTERNAL);
    const struct object *consumer = object_object(source, ORIGIN_CONSUMER);
    if (!consumer)
        return NULL;
    return arena_printf(arena, "%s %d%s %s", object_text(source, ORIGIN_NAME), external != NULL,
                        text_or(external, EXTERNAL_API, ""), text_or(consumer, DELIVERY_NAME, ""));
}

typedef const char *key_of_source(struct arena *arena, const struct object *source);

static void find_twice(const struct rule_scan *scan, key_of_source *key_of, const char *what)
{
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    struct map seen;
    map_init(&seen, scan->arena);
    for (size_t i = 0; sources->count > 1 && i < sources->count; i++) {
        struct object *source = sources->items[i].object;
        const char *key = key_of(scan->arena, source);
        const struct object *first = key ? map_get(&seen, key) : NULL;
        if (key && !first)
            map_put(&seen, key, source);
        if (!first)
            continue;
        struct diag *diag = rule_report(scan, source->pos, "%s %s '%s' twice", rule_label(scan), what,
                                        object_text(source, ORIGIN_NAME));
        if (diag)
            diag_note(scan->diags, diag, first->pos, "the first time is here");
    }
}

static void check_twice(const struct rule_scan *scan)
{
    find_twice(scan, source_key, "takes the same from");
}

static void check_consumer_twice(const struct rule_scan *scan)
{
    find_twice(scan, consumer_key, "uses one consumer of");
}

/* ---- what fits an origin ---- */

static void check_message_size(const struct rule_scan *scan)
{
    int64_t own = object_integer(scan->config, STREAM_MAX_MSG_SIZE);
    int64_t theirs = scan->copied ? object_integer(scan->copied->config, STREAM_MAX_MSG_SIZE) : 0;
    /* Both have to be limited, or the server does not compare them. */
    if (own <= 0 || theirs <= 0 || own >= theirs)
        return;
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, STREAM_MAX_MSG_SIZE),
                    "%s takes messages of %lld bytes, and %s, which it copies, of %lld", rule_label(scan),
                    (long long)own, rules_label(scan, scan->copied), (long long)theirs);
    rule_note_other(scan, diag, scan->copied, object_pos(scan->copied->config, STREAM_MAX_MSG_SIZE),
                    "the origin is here");
}

/* Of a sourced stream with a subject that matches what comes in for it below the prefix. */
static const char *subject_below(const struct rule_scan *scan, const struct object *stream,
                                 const char *prefix)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++) {
        const char *subject = subjects->items[i].text;
        if (subjects_collide(subject, arena_printf(scan->arena, "%s.%s", prefix, subject)))
            return subject;
    }
    return NULL;
}

static void check_delivery_prefix(const struct rule_scan *scan)
{
    const struct object *external = object_object(scan->origin, ORIGIN_EXTERNAL);
    const char *prefix = text_or(external, EXTERNAL_DELIVER, NULL);
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    for (size_t i = 0; prefix && i < sources->count; i++) {
        const struct object *other = sources->items[i].object;
        const struct rules_stream *sourced = rules_find_stream(scan->world, object_text(other, ORIGIN_NAME));
        if (object_has(other, ORIGIN_EXTERNAL, NULL) || !sourced || !sourced->self.config)
            continue;
        const char *subject = subject_below(scan, sourced->self.config, prefix);
        if (subject)
            rule_report(scan, object_pos(external, EXTERNAL_DELIVER),
                        "'%s' of %s delivers into '%s' of %s, which is a source as well", prefix,
                        rule_label(scan), subject, rules_label(scan, &sourced->self));
    }
}

/* ---- filters before 2.10 ---- */

static void report_filter(const struct rule_scan *scan)
{
    struct diag *diag = rule_report(scan, object_pos(scan->origin, ORIGIN_FILTER_SUBJECT),
                                    "'%s' of %s matches none of the subjects of %s",
                                    object_text(scan->origin, ORIGIN_FILTER_SUBJECT), rule_label(scan),
                                    rules_label(scan, scan->copied));
    rule_note_other(scan, diag, scan->copied, object_pos(scan->copied->config, STREAM_SUBJECTS),
                    "the origin is here");
}

static void check_mirror_filter(const struct rule_scan *scan)
{
    const char *filter = text_or(scan->origin, ORIGIN_FILTER_SUBJECT, NULL);
    if (filter && scan->copied && object_list(scan->copied->config, STREAM_SUBJECTS)->count &&
        !rules_stores(scan->copied->config, filter))
        report_filter(scan);
}

/* The server looks at the subjects of all sources up to this one. */
static void check_source_filter(const struct rule_scan *scan)
{
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    const char *filter = text_or(scan->origin, ORIGIN_FILTER_SUBJECT, NULL);
    bool any = !filter || !scan->copied;
    size_t subjects = 0;
    for (size_t i = 0; i < sources->count && !any; i++) {
        const struct object *source = sources->items[i].object;
        const struct rules_object *earlier = rules_find_copied(scan->world, source);
        subjects += earlier ? object_list(earlier->config, STREAM_SUBJECTS)->count : 0;
        any = earlier && rules_stores(earlier->config, filter);
        if (source == scan->origin)
            break;
    }
    if (!any && subjects > 0)
        report_filter(scan);
}

/* ---- origins that are nowhere ---- */

static void check_there(const struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    const char *name = object_text(scan->origin, ORIGIN_NAME);
    /* Without a server nobody knows what else there is. */
    if (!facts || !facts->others_known || !name || object_has(scan->origin, ORIGIN_EXTERNAL, NULL) ||
        rules_find_stream(scan->world, name))
        return;
    struct diag *diag = rule_report(scan, object_pos(scan->origin, ORIGIN_NAME),
                                    "%s copies from stream %s, which is neither here nor on the server",
                                    rule_label(scan), name);
    if (diag)
        diag_hint(scan->diags, diag, "it gets its messages once there is such a stream");
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_origin, .each = EACH_STREAM, .err_code = 10140,
        .says = "duplicate source configuration detected", .since = V_2_10,
        .doc =
            "A stream takes from one origin through the same filter once; where it starts makes no difference.",
        .check = check_twice),
    ROW(.code = &code_origin, .each = EACH_STREAM, .err_code = 10216,
        .says = "duplicate stream source consumer detected", .since = V_2_14,
        .doc = "Each source of the same stream is read through a consumer of its own.",
        .check = check_consumer_twice),
    ROW(.code = &code_origin, .each = EACH_MIRROR, .err_code = 10030,
        .says = "stream mirror must have max message size >= source",
        .doc = "A mirror takes messages as large as its origin does.", .check = check_message_size),
    ROW(.code = &code_origin, .each = EACH_SOURCE, .err_code = 10046,
        .says = "stream source must have max message size >= target",
        .doc = "A stream takes messages as large as its sources do.", .check = check_message_size),
    ROW(.code = &code_origin, .each = EACH_SOURCE, .err_code = 10022,
        .says = "stream external delivery prefix … overlaps with stream subject …",
        .doc = "What an external origin delivers must not be stored by another origin.",
        .check = check_delivery_prefix),
    ROW(.code = &code_origin, .each = EACH_MIRROR, .err_code = 10052,
        .says = "mirror '…' filter subject '…' does not overlap with any origin stream subject",
        .until = V_2_10, .doc = "Before 2.10, a mirror's filter has to match a subject of its origin.",
        .check = check_mirror_filter),
    ROW(.code = &code_origin, .each = EACH_SOURCE, .err_code = 10052,
        .says = "source '…' filter subject '…' does not overlap with any origin stream subject",
        .until = V_2_10, .doc = "Before 2.10, a source's filter has to match a subject of an origin.",
        .check = check_source_filter),
    ROW(.code = &code_missing_origin, .each = EACH_MIRROR | EACH_SOURCE,
        .doc = "Servers take a mirror or source of a stream that is not there, and wait for it.",
        .check = check_there),
};
const struct rule_list origin_rules = RULE_LIST(rows);
