/* Rules of where subjects lead: into another stream, nowhere, or round in a circle. */
#include <string.h>

#include "base/row.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"
#include "rules/streams.h"

/*
 * ---- cycles ----
 * Rules about mirrors and sources that lead back to where they start. Messages would go round without end.
 */

static DIAG_CODE(
    code_origin_cycle, .name = "origin-cycle", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Mirrors and sources lead back to the stream that they start from.",
    .why = "Messages would go round without end.",
    .example = "streams: {A: {sources: [{name: B}]}, B: {sources: [{name: A}]}}",
    .remedy =
        "Take one of the sources away, or filter by subjects that the other stream does not have of its own.");

enum { CYCLE_STOPS_MOST = 10000 }; /* of one walk: a stream is visited once for each way that leads to it */

/*
 * The server walks from the stream breadth first. It reports a cycle if it comes to a stream for the second time:
 * through a mirror always, through a source if that brings the subjects of the stream that it belongs to. A stream that
 * is reached on two ways of different length looks like a cycle to it, without being one. This walk does the same,
 * because what counts is what the server refuses.
 */
struct cycle_stop {
    struct rules_stream *stream;
    size_t from; /* in the queue */
};

struct walk {
    const struct rule_scan *scan;
    struct rules_stream *start;
    bool by_subjects; /* a filter may break a cycle */
    bool found;
    size_t at; /* in the queue */
    VEC(struct cycle_stop) queue;
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
    if (next->mark != walk->scan->world->marks && walk->queue.count < CYCLE_STOPS_MOST)
        VEC_PUSH(walk->scan->arena, &walk->queue, ((struct cycle_stop){next, walk->at}));
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
    VEC_PUSH(walk->scan->arena, &walk->queue, ((struct cycle_stop){walk->start, 0}));
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

static const struct rule cycle_rows[] = {
    ROW(.code = &code_origin_cycle, .each = EACH_ACCOUNT, .where = WHERE_COPIES, .err_code = 10052,
        .says = "detected cycle", .until = V_2_10,
        .doc = "Mirrors and sources must not lead back to the stream that they start from.",
        .check = check_cycle_unfiltered),
    ROW(.code = &code_origin_cycle, .each = EACH_ACCOUNT, .where = WHERE_COPIES, .err_code = 10052,
        .says = "detected cycle", .since = V_2_10,
        .doc =
            "Mirrors and sources must not lead back to the stream that they start from, unless a filter keeps the stream's own subjects out.",
        .check = check_cycle),
};
const struct rule_list cycle_rules = RULE_LIST(cycle_rows);

/*
 * ---- lint subjects ----
 * Rules about subjects that match nothing, and that lead from one stream into another.
 * Servers accept all of these, so they are warnings and notes. Where subjects come from elsewhere or are rewritten,
 * nothing is known and nothing is said.
 */

static DIAG_CODE(code_matches_nothing, .name = "matches-nothing", CODE_WARNING, .lint = true,
                 .doc = "A filter or source subject matches no subject of its stream.",
                 .why = "Nothing is delivered, copied or republished, and no error ever says so.",
                 .example = "subjects: [orders.>]\nconsumers: {c: {filter_subject: order.new}}",
                 .remedy = "Write a subject of the stream.");

static DIAG_CODE(code_copied_twice, .name = "copied-twice", CODE_WARNING, .lint = true,
                 .doc = "Two sources copy the same messages of one stream.",
                 .why = "Each source copies by itself: the message is stored twice.",
                 .example = "sources: [{name: A}, {name: A, filter_subject: a.b}]",
                 .remedy = "Let the filters of one origin not overlap.");

static DIAG_CODE(
    code_republish_circle, .name = "republish-circle", CODE_WARNING, .lint = true,
    .doc = "Republished messages come back, through other streams, to the one that republishes them.",
    .why =
        "The server looks for a circle within one stream only, so that two streams may feed each other for ever.",
    .example =
        "streams: {A: {subjects: [a.>], republish: {src: a.>, dest: b.>}}, B: {subjects: [b.>], republish: {src: b.>, dest: a.>}}}",
    .remedy = "Republish at one end only, or on subjects that nobody stores.");

static DIAG_CODE(code_republish_stored, .name = "republish-stored", CODE_NOTE, .lint = true,
                 .doc = "Another stream stores what this one republishes.",
                 .why = "It may be meant; a source copies without loss, republishing does not.",
                 .example = "streams: {A: {subjects: [a], republish: {src: a, dest: b}}, B: {subjects: [b]}}",
                 .remedy = "Use a source with a transform, or ignore the note.");

static DIAG_CODE(
    code_delivers_into_stream, .name = "delivers-into-stream", CODE_WARNING, .lint = true,
    .doc = "A stream stores what a push consumer delivers, as often as it is delivered.",
    .why = "The stream's storing is no acknowledgement: each redelivery is stored again.",
    .example =
        "streams: {A: {consumers: {c: {ack_policy: explicit, deliver_subject: b.in}}}, B: {subjects: [b.>]}}",
    .remedy = "Deliver on a subject that no stream has, or copy by a source.");

enum { STOPS_MOST = 1000 }; /* of one walk */

/* ---- matches-nothing ---- */

/* Otherwise what it holds comes from elsewhere, or is rewritten. */
static bool has_subjects_of_its_own(const struct object *stream)
{
    return stream && !object_has(stream, STREAM_MIRROR, NULL) && !object_has(stream, STREAM_SOURCES, NULL) &&
           !object_has(stream, STREAM_SUBJECT_TRANSFORM, NULL);
}

/* One subject of the scan's object against those of a stream, which may be another one. */
static void check_match(const struct rule_scan *scan, const struct value *filter, const char *what,
                        const struct rules_object *stream)
{
    if (!has_subjects_of_its_own(stream->config) || filter->type != VALUE_TEXT || !filter->given ||
        !*filter->text || rules_stores(stream->config, filter->text))
        return;
    struct diag *diag = rule_report(scan, filter->node ? filter->node->pos : (struct srcpos){0},
                                    "%s '%s' of %s matches no subject of %s", what, filter->text,
                                    rule_label(scan), rules_label(scan, stream));
    rule_note_other(scan, diag, stream, object_pos(stream->config, STREAM_SUBJECTS), "its subjects are here");
}

static void check_consumer(const struct rule_scan *scan)
{
    const struct value_list *filters = object_list(scan->config, CONSUMER_FILTER_SUBJECTS);
    const struct rules_object *stream = &scan->object->stream->self;
    check_match(scan, object_value(scan->config, CONSUMER_FILTER_SUBJECT), "filter", stream);
    for (size_t i = 0; i < filters->count; i++)
        check_match(scan, &filters->items[i], "filter", stream);
}

static void check_origin(const struct rule_scan *scan, const struct object *origin)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    const struct rules_stream *from = name ? rules_find_stream(scan->world, name) : NULL;
    const struct value_list *transforms = object_list(origin, ORIGIN_TRANSFORMS);
    if (!from || object_has(origin, ORIGIN_EXTERNAL, NULL))
        return;
    check_match(scan, object_value(origin, ORIGIN_FILTER_SUBJECT), "filter", &from->self);
    for (size_t i = 0; i < transforms->count; i++)
        check_match(scan, object_value(transforms->items[i].object, TRANSFORM_SRC), "source subject",
                    &from->self);
}

/* A stream's own transform sees messages before they are rewritten, so its source is compared with the stream's subjects. */
static void check_own_transform(const struct rule_scan *scan)
{
    const struct object *transform = object_object(scan->config, STREAM_SUBJECT_TRANSFORM);
    const struct value *src = transform ? object_value(transform, TRANSFORM_SRC) : NULL;
    if (!src || src->type != VALUE_TEXT || !src->given || !*src->text ||
        object_has(scan->config, STREAM_MIRROR, NULL) || object_has(scan->config, STREAM_SOURCES, NULL) ||
        rules_stores(scan->config, src->text))
        return;
    rule_report(scan, src->node ? src->node->pos : (struct srcpos){0},
                "source subject '%s' of %s matches none of its subjects", src->text, rule_label(scan));
}

static void check_stream(const struct rule_scan *scan)
{
    const struct object *mirror = object_object(scan->config, STREAM_MIRROR);
    const struct object *republish = object_object(scan->config, STREAM_REPUBLISH);
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    if (mirror)
        check_origin(scan, mirror);
    for (size_t i = 0; i < sources->count; i++)
        check_origin(scan, sources->items[i].object);
    if (republish)
        check_match(scan, object_value(republish, REPUBLISH_SRC), "republished subject", scan->object);
    check_own_transform(scan);
}

static void check_matches_nothing(const struct rule_scan *scan)
{
    if (scan->config->table == &stream_table)
        check_stream(scan);
    else
        check_consumer(scan);
}

/* ---- copied-twice ---- */

static bool copies_the_same(const struct object *a, const struct object *b)
{
    const char *filter_a = object_text(a, ORIGIN_FILTER_SUBJECT);
    const char *filter_b = object_text(b, ORIGIN_FILTER_SUBJECT);
    const struct field *external = table_field_by_id(a->table, ORIGIN_EXTERNAL);
    if (strcmp(object_text(a, ORIGIN_NAME), object_text(b, ORIGIN_NAME)) != 0 ||
        object_has(a, ORIGIN_TRANSFORMS, NULL) || object_has(b, ORIGIN_TRANSFORMS, NULL) ||
        !value_equal(external, object_value(a, ORIGIN_EXTERNAL), object_value(b, ORIGIN_EXTERNAL)))
        return false;
    filter_a = filter_a && *filter_a ? filter_a : ">";
    filter_b = filter_b && *filter_b ? filter_b : ">";
    return strcmp(filter_a, filter_b) != 0 && subjects_collide(filter_a, filter_b);
}

/* Against the sources before it. */
static void check_copied_twice(const struct rule_scan *scan)
{
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    for (size_t i = 0; sources->items[i].object != scan->origin; i++) {
        if (!copies_the_same(scan->origin, sources->items[i].object))
            continue;
        struct diag *diag =
            rule_report(scan, scan->origin->pos, "%s copies messages of stream %s twice: the filters overlap",
                        rule_label(scan), object_text(scan->origin, ORIGIN_NAME));
        if (diag)
            diag_note(scan->diags, diag, sources->items[i].object->pos, "the other source is here");
        return;
    }
}

/* ---- from one stream into another ---- */

static struct subject_index *index_subjects(const struct rule_scan *scan)
{
    struct subject_index *index = subject_index_new(scan->arena);
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rules_stream *stream = scan->world->streams.items[i];
        const struct value_list *subjects =
            stream->self.config ? object_list(stream->self.config, STREAM_SUBJECTS) : NULL;
        for (size_t j = 0; subjects && j < subjects->count; j++)
            subject_index_add(index, subjects->items[j].text, stream);
    }
    return index;
}

struct capture {
    const struct rules_stream *except;
    struct rules_stream *found;
};

static bool on_capture(void *context, const char *subject, void *owner)
{
    struct capture *capture = context;
    (void)subject;
    if (owner != capture->except)
        capture->found = owner;
    return capture->found == NULL;
}

/* A stream that stores the subject, other than `except`; NULL: none. */
static struct rules_stream *find_capture(const struct subject_index *index, const char *subject,
                                         const struct rules_stream *except)
{
    struct capture capture = {.except = except};
    subject_index_find(index, subject, on_capture, &capture);
    return capture.found;
}

static void check_delivery(const struct rule_scan *scan, const struct subject_index *index)
{
    const char *subject = object_text(scan->config, CONSUMER_DELIVER_SUBJECT);
    /* Without acknowledgements nothing is delivered twice, so what is stored is what was sent. */
    if (!subject || !*subject || object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_NONE) ||
        object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL))
        return;
    const struct rules_stream *stream = find_capture(index, subject, scan->object->stream);
    if (!stream)
        return;
    struct diag *diag = rule_report(scan, object_pos(scan->config, CONSUMER_DELIVER_SUBJECT),
                                    "%s stores what %s delivers, once for each delivery",
                                    rules_label(scan, &stream->self), rule_label(scan));
    rule_note_other(scan, diag, &stream->self, object_pos(stream->self.config, STREAM_SUBJECTS),
                    "its subjects are here");
}

static void check_delivers_into_stream(const struct rule_scan *scan)
{
    const struct subject_index *index = NULL;
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        for (size_t j = 0; j < stream->consumers.count; j++) {
            struct rule_scan here = rule_scan_of(scan, stream->consumers.items[j]);
            if (!rules_is_open(here.object) || !object_has(here.config, CONSUMER_DELIVER_SUBJECT, NULL))
                continue;
            index = index ? index : index_subjects(scan);
            check_delivery(&here, index);
        }
    }
}

/*
 * The subjects that a destination can become, as a pattern: '*' for a token made from wildcards, and '>' where a
 * function may make several tokens.
 */
static const char *pattern_of(struct arena *arena, const char *dest)
{
    static const char *const one_token[] = {"{{wildcard", "{{partition", "{{left", "{{right", "{{random"};
    const char *pattern = "";
    for (const char *at = dest; *at;) {
        const char *end = at;
        while (*end && *end != '.')
            end = strncmp(end, "{{", 2) == 0 && strstr(end, "}}") ? strstr(end, "}}") + 2 : end + 1;
        const char *token = arena_strndup(arena, at, (size_t)(end - at));
        const char *dollar = strchr(token, '$');
        bool made = strstr(token, "{{") || (dollar && dollar[1] >= '0' && dollar[1] <= '9');
        bool single = !strstr(token, "{{");
        for (size_t i = 0; i < sizeof(one_token) / sizeof(one_token[0]); i++)
            single |= strncmp(token, one_token[i], strlen(one_token[i])) == 0;
        pattern = arena_printf(arena, "%s%s%s", pattern, *pattern ? "." : "",
                               !made    ? token
                               : single ? "*"
                                        : ">");
        if (made && !single)
            break;
        at = end + (*end == '.');
    }
    return pattern;
}

/* Messages of a subject that a stream holds. */
struct stop {
    struct rules_stream *stream;
    const char *subject;
    size_t from; /* the stop before */
};

struct circle {
    const struct rule_scan *scan;
    const struct subject_index *index;
    struct rules_stream *start;
    struct rules_stream *last; /* before it came back; NULL: it did not */
    size_t at;
    VEC(struct stop) stops;
};

static void arrive(struct circle *circle, struct rules_stream *stream, const char *subject)
{
    const struct object *republish = object_object(circle->start->self.config, STREAM_REPUBLISH);
    if (stream == circle->start) {
        if (circle->at > 0 && subjects_collide(object_text(republish, REPUBLISH_SRC), subject))
            circle->last = circle->stops.items[circle->at].stream;
        return;
    }
    /* Each stream is visited once in a walk, which therefore ends. */
    if (stream->mark == circle->scan->world->marks || circle->stops.count == STOPS_MOST)
        return;
    stream->mark = circle->scan->world->marks;
    VEC_PUSH(circle->scan->arena, &circle->stops, ((struct stop){stream, subject, circle->at}));
}

static bool on_arrival(void *context, const char *subject, void *owner)
{
    struct circle *circle = context;
    arrive(circle, owner, circle->stops.items[circle->at].subject);
    (void)subject;
    return circle->last == NULL;
}

static void follow_republish(struct circle *circle, const struct stop *stop)
{
    const struct object *republish = object_object(stop->stream->self.config, STREAM_REPUBLISH);
    if (!republish || !subjects_collide(object_text(republish, REPUBLISH_SRC), stop->subject))
        return;
    const char *dest = object_text(republish, REPUBLISH_DEST);
    if (!dest || !*dest)
        return;
    const char *was = stop->subject;
    circle->stops.items[circle->at].subject = pattern_of(circle->scan->arena, dest);
    subject_index_find(circle->index, circle->stops.items[circle->at].subject, on_arrival, circle);
    circle->stops.items[circle->at].subject = was;
}

static void follow_copy(struct circle *circle, struct rules_stream *copy, const struct object *origin,
                        const struct stop *stop)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    const char *filter = object_text(origin, ORIGIN_FILTER_SUBJECT);
    if (!name || strcmp(name, stop->stream->self.name) != 0 || object_has(origin, ORIGIN_EXTERNAL, NULL) ||
        object_has(origin, ORIGIN_TRANSFORMS, NULL) || /* transformed subjects are not followed */
        (filter && *filter && !subjects_collide(filter, stop->subject)))
        return;
    arrive(circle, copy, stop->subject);
}

static void follow_copies(struct circle *circle, const struct stop *stop)
{
    for (size_t i = 0; i < circle->scan->world->streams.count && !circle->last; i++) {
        struct rules_stream *copy = circle->scan->world->streams.items[i];
        if (!copy->self.config)
            continue;
        const struct object *mirror = object_object(copy->self.config, STREAM_MIRROR);
        const struct value_list *sources = object_list(copy->self.config, STREAM_SOURCES);
        if (mirror)
            follow_copy(circle, copy, mirror, stop);
        for (size_t j = 0; j < sources->count; j++)
            follow_copy(circle, copy, sources->items[j].object, stop);
    }
}

/* Follows what a stream republishes through other streams, until it comes back or ends. */
static void walk(struct circle *circle)
{
    const struct object *republish = object_object(circle->start->self.config, STREAM_REPUBLISH);
    circle->scan->world->marks++;
    VEC_PUSH(circle->scan->arena, &circle->stops,
             ((struct stop){circle->start, object_text(republish, REPUBLISH_SRC), 0}));
    for (; circle->at < circle->stops.count && !circle->last; circle->at++) {
        const struct stop stop = circle->stops.items[circle->at];
        follow_republish(circle, &stop);
        if (!circle->last && circle->at > 0)
            follow_copies(circle, &stop);
    }
}

/* By the scan of one stream. */
static void check_republish(const struct rule_scan *scan, const struct subject_index *index, bool circles)
{
    struct circle circle = {.scan = scan, .index = index, .start = scan->object->stream};
    walk(&circle);
    const struct rules_stream *other = circle.last              ? circle.last
                                       : circle.stops.count > 1 ? circle.stops.items[1].stream
                                                                : NULL;
    /* Two rules share the walk: each reports its own of the two findings. */
    if (!other || circles != (circle.last != NULL))
        return;
    struct srcpos pos = object_pos(scan->config, STREAM_REPUBLISH);
    const char *label = rules_label(scan, &other->self);
    struct diag *diag =
        circles ? rule_report(scan, pos, "what %s republishes comes back to it by %s, without end",
                              rule_label(scan), label)
                : rule_report(scan, pos, "%s stores what %s republishes", label, rule_label(scan));
    rule_note_other(scan, diag, &other->self, (struct srcpos){0},
                    arena_printf(&scan->diags->arena, "%s is here", label));
}

static void each_republish(const struct rule_scan *scan, bool circles)
{
    const struct subject_index *index = NULL;
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rule_scan here = rule_scan_of(scan, &scan->world->streams.items[i]->self);
        if (!rules_is_open(here.object) || !object_has(here.config, STREAM_REPUBLISH, NULL) ||
            !object_text(object_object(here.config, STREAM_REPUBLISH), REPUBLISH_SRC))
            continue;
        /* Made when the first stream republishes: most accounts have none. */
        index = index ? index : index_subjects(scan);
        check_republish(&here, index, circles);
    }
}

static void check_republish_circle(const struct rule_scan *scan)
{
    each_republish(scan, true);
}

static void check_republish_stored(const struct rule_scan *scan)
{
    each_republish(scan, false);
}

/* ---- the rules ---- */

static const struct rule lint_subject_rows[] = {
    ROW(.code = &code_matches_nothing, .each = EACH_STREAM | EACH_CONSUMER,
        .where = WHERE_COPIES | WHERE_REPUBLISHES | WHERE_TRANSFORMS | WHERE_FILTERS,
        .since = VERSION(2, 10, 0),
        .doc = "Servers before 2.10 refuse what matches nothing; later ones take it, and nothing ever comes.",
        .check = check_matches_nothing),
    ROW(.code = &code_copied_twice, .each = EACH_SOURCE,
        .doc =
            "Each source copies what its own filter lets through, whatever another source of the same stream does.",
        .check = check_copied_twice),
    ROW(.code = &code_republish_circle, .each = EACH_ACCOUNT, .where = WHERE_REPUBLISHES,
        .doc = "A server looks for a circle within one stream only.", .check = check_republish_circle),
    ROW(.code = &code_republish_stored, .each = EACH_ACCOUNT, .where = WHERE_REPUBLISHES,
        .doc = "A republished message is a new message, to be stored by whoever has its subject.",
        .check = check_republish_stored),
    ROW(.code = &code_delivers_into_stream, .each = EACH_ACCOUNT, .where = WHERE_PUSHES,
        .doc =
            "A stream stores what a push consumer delivers on one of its subjects, and stores it again when it is delivered again.",
        .check = check_delivers_into_stream),
};
const struct rule_list lint_subject_rules = RULE_LIST(lint_subject_rows);
