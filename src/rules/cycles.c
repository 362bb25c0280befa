/*
 * Rules about mirrors and sources that lead back to where they start. Messages would go round without end.
 */
#include "base/row.h"
#include "kind/kinds.h"
#include "rules/scan.h"

#define V_2_10 VERSION(2, 10, 0)

static DIAG_CODE(
    code_origin_cycle, .name = "origin-cycle", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Mirrors and sources lead back to the stream that they start from.",
    .why = "Messages would go round without end.",
    .example = "streams: {A: {sources: [{name: B}]}, B: {sources: [{name: A}]}}",
    .remedy =
        "Take one of the sources away, or filter by subjects that the other stream does not have of its own.");

enum { STOPS_MOST = 10000 }; /* of one walk: a stream is visited once for each way that leads to it */

/*
 * The server walks from the stream breadth first. It reports a cycle if it comes to a stream for the second time:
 * through a mirror always, through a source if that brings the subjects of the stream that it belongs to. A stream that
 * is reached on two ways of different length looks like a cycle to it, without being one. This walk does the same,
 * because what counts is what the server refuses.
 */
struct stop {
    struct rules_stream *stream;
    size_t from; /* in the queue */
};

struct walk {
    const struct rule_scan *scan;
    struct rules_stream *start;
    bool by_subjects; /* a filter may break a cycle */
    bool found;
    size_t at; /* in the queue */
    VEC(struct stop) queue;
};

static bool brings_own_subjects(const struct rules_stream *stream, const struct object *source)
{
    const char *filter = object_text(source, ORIGIN_FILTER_SUBJECT);
    return !filter || !*filter || rules_stores(stream->self.config, filter);
}

static bool is_on_the_way(const struct walk *walk, const struct rules_stream *stream)
{
    size_t i = walk->at;
    while (i > 0 && walk->queue.items[i].stream != stream)
        i = walk->queue.items[i].from;
    return walk->queue.items[i].stream == stream;
}

static void report_cycle(struct walk *walk, const struct rules_stream *stream, const struct object *origin,
                         const struct rules_stream *again)
{
    bool to_blame = stream->self.resource && !stream->self.settled;
    struct rule_scan scan = rule_scan_of(walk->scan, to_blame ? &stream->self : &walk->start->self);
    struct diag *diag = rule_report(
        &scan, to_blame ? object_pos(origin, ORIGIN_NAME) : object_pos(scan.config, STREAM_SOURCES),
        again == stream ? "%s copies from itself" : "%s copies from %s, which leads back to it",
        rules_label(&scan, &stream->self), rules_label(&scan, &again->self));
    walk->start->told = true;
    /* It is one cycle from wherever one looks. */
    for (size_t i = walk->at; i > 0; i = walk->queue.items[i].from)
        walk->queue.items[i].stream->told = true;
    if (again != stream)
        rule_note_other(&scan, diag, &again->self, (struct srcpos){0},
                        arena_printf(&scan.diags->arena, "%s is here", rules_label(&scan, &again->self)));
}

static void report_two_ways(const struct walk *walk, const struct rules_stream *stream,
                            const struct rules_stream *again)
{
    struct rule_scan scan = rule_scan_of(walk->scan, &walk->start->self);
    struct diag *diag = rule_report(
        &scan, object_pos(scan.config, STREAM_SOURCES),
        "%s copies from %s on two ways, and the server takes the second one, through %s, for a cycle",
        rule_label(&scan), rules_label(&scan, &again->self), rules_label(&scan, &stream->self));
    if (diag)
        diag_hint(scan.diags, diag, "list the longer way first: the source '%s' before '%s'",
                  stream->self.name, again->self.name);
}

static void report(struct walk *walk, const struct rules_stream *stream, const struct object *origin,
                   const struct rules_stream *again)
{
    walk->found = true;
    if (is_on_the_way(walk, again))
        report_cycle(walk, stream, origin, again);
    else
        report_two_ways(walk, stream, again);
}

static void follow(struct walk *walk, struct rules_stream *stream, const struct object *origin, bool mirror)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    struct rules_stream *next = name ? rules_find_stream(walk->scan->world, name) : NULL;
    if (!next || object_has(origin, ORIGIN_EXTERNAL, NULL))
        return;
    if (next->mark != walk->scan->world->marks && walk->queue.count < STOPS_MOST)
        VEC_PUSH(walk->scan->arena, &walk->queue, ((struct stop){next, walk->at}));
    else if (next->mark == walk->scan->world->marks &&
             (mirror || !walk->by_subjects || brings_own_subjects(stream, origin)))
        report(walk, stream, origin, next);
}

static void visit(struct walk *walk, struct rules_stream *stream)
{
    stream->mark = walk->scan->world->marks;
    if (!stream->self.config)
        return;
    const struct value_list *sources = object_list(stream->self.config, STREAM_SOURCES);
    const struct object *mirror = object_object(stream->self.config, STREAM_MIRROR);
    for (size_t i = 0; i < sources->count && !walk->found; i++)
        follow(walk, stream, sources->items[i].object, false);
    if (mirror && !walk->found)
        follow(walk, stream, mirror, true);
}

static bool copies(const struct rules_stream *stream)
{
    return stream->self.config && (object_has(stream->self.config, STREAM_MIRROR, NULL) ||
                                   object_has(stream->self.config, STREAM_SOURCES, NULL));
}

static void walk_from(struct walk *walk)
{
    walk->scan->world->marks++;
    VEC_PUSH(walk->scan->arena, &walk->queue, ((struct stop){walk->start, 0}));
    for (; walk->at < walk->queue.count && !walk->found; walk->at++)
        visit(walk, walk->queue.items[walk->at].stream);
}

/* Walks from each stream: a filter may hide the cycle from one stream only, and then the others can never be changed again. */
static void find_cycles(const struct rule_scan *scan, bool by_subjects)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct walk walk = {.scan = scan, .start = scan->world->streams.items[i], .by_subjects = by_subjects};
        if (rules_is_open(&walk.start->self) && copies(walk.start) && !walk.start->told)
            walk_from(&walk);
    }
}

static void check_cycle(const struct rule_scan *scan)
{
    find_cycles(scan, true);
}

/* nats-server 2.9 ignores filters. */
static void check_cycle_unfiltered(const struct rule_scan *scan)
{
    find_cycles(scan, false);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_origin_cycle, .each = EACH_ACCOUNT, .err_code = 10052, .says = "detected cycle",
        .until = V_2_10, .doc = "Mirrors and sources must not lead back to the stream that they start from.",
        .check = check_cycle_unfiltered),
    ROW(.code = &code_origin_cycle, .each = EACH_ACCOUNT, .err_code = 10052, .says = "detected cycle",
        .since = V_2_10,
        .doc =
            "Mirrors and sources must not lead back to the stream that they start from, unless a filter keeps the stream's own subjects out.",
        .check = check_cycle),
};
const struct rule_list cycle_rules = RULE_LIST(rows);
