/* Rules about mirrors and sources that lead back to where they start. */
#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"

DIAG_CODE(
    code_origin_cycle, .name = "origin-cycle", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Mirrors and sources lead back to the stream that they start from.",
    .why = "Messages would go round without end.",
    .example = "streams: {A: {sources: [{name: B}]}, B: {sources: [{name: A}]}}",
    .remedy =
        "Take one of the sources away, or filter by subjects that the other stream does not have of its own.");

enum { STOPS_MOST = 10000 }; /* of one walk: streams that are reached on many ways are visited as often */

/*
 * The server walks from the stream breadth first, and calls it a cycle when it comes to a stream for the second time: through a
 * mirror always, through a source if that brings the subjects of the stream that it belongs to. So, too, can a stream that
 * is reached on two ways of different length, without any cycle; what the server refuses is refused here.
 */
struct stop {
    struct rules_stream *stream;
    size_t from; /* in the queue */
};

struct walk {
    struct rule_scan *scan;
    struct rules_stream *start;
    bool by_subjects; /* a filter may break a cycle */
    bool found;
    size_t at; /* in the queue */
    VEC(struct stop) queue;
};

static bool brings_own_subjects(const struct rules_stream *stream, const struct object *source)
{
    const char *filter = object_text(source, ORIGIN_FILTER_SUBJECT);
    const struct value_list *subjects = object_list(stream->self.config, STREAM_SUBJECTS);
    if (!filter || !*filter)
        return true;
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, filter))
            return true;
    return false;
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
    struct rule_scan *scan = walk->scan;
    bool to_blame = stream->self.resource && !stream->self.settled;
    struct diag *diag = rule_report(
        scan, to_blame ? &stream->self : &walk->start->self,
        to_blame ? object_pos(origin, ORIGIN_NAME) : object_pos(walk->start->self.config, STREAM_SOURCES),
        again == stream ? "%s copies from itself" : "%s copies from %s, which leads back to it",
        rules_label(scan, &stream->self), rules_label(scan, &again->self));
    walk->start->told = true;
    for (size_t i = walk->at; i > 0;
         i = walk->queue.items[i].from) /* it is one cycle from wherever one looks */
        walk->queue.items[i].stream->told = true;
    if (diag && again != stream)
        rule_note_other(scan, diag, &again->self, (struct srcpos){0},
                        arena_printf(&scan->diags->arena, "%s is here", rules_label(scan, &again->self)));
}

static void report_two_ways(const struct walk *walk, const struct rules_stream *stream,
                            const struct rules_stream *again)
{
    struct rule_scan *scan = walk->scan;
    const struct rules_object *start = &walk->start->self;
    struct diag *diag = rule_report(
        scan, start, object_pos(start->config, STREAM_SOURCES),
        "%s copies from %s on two ways, and the server takes the second one, through %s, for a cycle",
        rules_label(scan, start), rules_label(scan, &again->self), rules_label(scan, &stream->self));
    if (diag)
        diag_hint(scan->diags, diag, "list the longer way first: the source '%s' before '%s'",
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
        VEC_PUSH(walk->scan->world->arena, &walk->queue, ((struct stop){next, walk->at}));
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
    VEC_PUSH(walk->scan->world->arena, &walk->queue, ((struct stop){walk->start, 0}));
    for (; walk->at < walk->queue.count && !walk->found; walk->at++)
        visit(walk, walk->queue.items[walk->at].stream);
}

/* From each stream: where filters hide the cycle from one of them only, the others can still never be changed again. */
static void find_cycles(struct rule_scan *scan, bool by_subjects)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct walk walk = {.scan = scan, .start = scan->world->streams.items[i], .by_subjects = by_subjects};
        if (rules_is_open(&walk.start->self) && copies(walk.start) && !walk.start->told)
            walk_from(&walk);
    }
}

void check_origin_cycle(struct rule_scan *scan)
{
    find_cycles(scan, true);
}

/* 2.9 takes no notice of filters. */
void check_origin_cycle_unfiltered(struct rule_scan *scan)
{
    find_cycles(scan, false);
}
