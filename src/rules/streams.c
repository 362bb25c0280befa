/* Rules of streams: their subjects, and what they copy from. */
#include "rules/streams.h"

#include <string.h>

#include "base/map.h"
#include "base/row.h"
#include "base/text.h"
#include "base/vec.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"

/*
 * ---- subject index ----
 * A tree of subjects' tokens. Accounts may have thousands of streams. Comparing each subject
 * with each other one takes too long there.
 */

struct owned {
    const char *subject;
    void *owner;
};

struct subject_index {
    struct arena *arena;
    struct map children;         /* by token, "*" among them, to struct subject_index */
    VEC(struct owned) here;      /* subjects that end here */
    VEC(struct owned) from_here; /* subjects that go on with ">" */
};

struct search {
    subject_found *found;
    void *context;
    bool done;
};

struct subject_index *subject_index_new(struct arena *arena)
{
    struct subject_index *index = ARENA_NEW(arena, struct subject_index);
    index->arena = arena;
    map_init(&index->children, arena);
    return index;
}

/* The first token of *cursor, which moves on to the next or to NULL. */
static const char *next_token(struct arena *arena, const char **cursor)
{
    size_t length = strcspn(*cursor, ".");
    const char *token = arena_strndup(arena, *cursor, length);
    *cursor = (*cursor)[length] ? *cursor + length + 1 : NULL;
    return token;
}

void subject_index_add(struct subject_index *index, const char *subject, void *owner)
{
    struct owned owned = {subject, owner};
    const char *cursor = subject;
    while (cursor) {
        const char *token = next_token(index->arena, &cursor);
        if (!cursor && strcmp(token, ">") == 0) {
            VEC_PUSH(index->arena, &index->from_here, owned);
            return;
        }
        struct subject_index *child = map_get(&index->children, token);
        if (!child) {
            child = subject_index_new(index->arena);
            map_put(&index->children, token, child);
        }
        index = child;
    }
    VEC_PUSH(index->arena, &index->here, owned);
}

/* Whoever asks may stop the search by returning false: often one finding is enough. */
static void tell(struct search *search, const struct owned *items, size_t count)
{
    for (size_t i = 0; i < count && !search->done; i++)
        search->done = !search->found(search->context, items[i].subject, items[i].owner);
}

/* Everything that has at least one more token. */
static void find_below(const struct subject_index *index, struct search *search)
{
    tell(search, index->from_here.items, index->from_here.count);
    for (size_t i = 0; i < index->children.count && !search->done; i++) {
        const struct subject_index *child = index->children.entries[i].value;
        tell(search, child->here.items, child->here.count);
        find_below(child, search);
    }
}

static void find(const struct subject_index *index, const char *cursor, struct search *search)
{
    if (!cursor) {
        tell(search, index->here.items, index->here.count);
        return;
    }
    const char *rest = cursor;
    const char *token = next_token(index->arena, &rest);
    if (!rest && strcmp(token, ">") == 0) {
        find_below(index, search);
        return;
    }
    tell(search, index->from_here.items, index->from_here.count);
    /* A wildcard of the question meets every token of the index, and each wildcard of the index meets every token. */
    if (strcmp(token, "*") == 0) {
        for (size_t i = 0; i < index->children.count && !search->done; i++)
            find(index->children.entries[i].value, rest, search);
        return;
    }
    const struct subject_index *same = map_get(&index->children, token);
    const struct subject_index *any = map_get(&index->children, "*");
    if (same && !search->done)
        find(same, rest, search);
    if (any && !search->done)
        find(any, rest, search);
}

void subject_index_find(const struct subject_index *index, const char *subject, subject_found *found,
                        void *context)
{
    struct search search = {.found = found, .context = context};
    find(index, subject, &search);
}

/*
 * ---- subjects ----
 * Rules about the subjects of streams. Two kinds of mistakes are found: a subject that
 * another stream has already, and subjects that belong to NATS itself.
 */

static DIAG_CODE(code_subject_overlap, .name = "subject-overlap", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "Two streams of an account would store the same subject.",
                 .why = "Of two streams with one subject, which would acknowledge a message?",
                 .example = "streams: {A: {subjects: [a.>]}, B: {subjects: [a.b]}}",
                 .remedy = "Give each subject to one stream, and let the other copy it as a source.");

static DIAG_CODE(
    code_reserved_subject, .name = "reserved-subject", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A stream would take in what servers say to each other, or requests of the JetStream API.",
    .why = "A stream that acknowledges what servers and clients ask each other answers in their place.",
    .example = "subjects: ['>']", .remedy = "Store fewer subjects, or set no_ack.");

static DIAG_CODE(code_republish_loop, .name = "republish-loop", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A stream would store again what it publishes again.",
                 .why = "Each message would make another one, without end.",
                 .example = "subjects: [a.>]\nrepublish: {src: a.>, dest: a.copy.>}",
                 .remedy = "Republish on subjects that the stream does not store.");

#define V_2_10_17 VERSION(2, 10, 17)
#define V_2_10_28 VERSION(2, 10, 28)

enum { OVERLAPS_MOST = 4 }; /* shown of one stream */

/* ---- between streams, and within one ---- */

struct overlap_search {
    const struct rule_scan *scan;
    struct rules_stream *stream;
    size_t subject; /* of the stream's, that is looked for */
    struct rules_stream *last;
    size_t count;
};

/* Of one of a stream's subjects, or of the whole stream when it was filled in. */
static struct srcpos pos_of(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->items[i].text == subject && subjects->items[i].node)
            return subjects->items[i].node->pos;
    return object_pos(stream, STREAM_SUBJECTS);
}

/* Blames the stream that is not on the server yet or, if neither is, the later one. */
static void report_overlap(const struct overlap_search *search, const struct rules_stream *other,
                           const char *theirs)
{
    const struct rules_stream *stream = search->stream;
    const char *ours = object_list(stream->self.config, STREAM_SUBJECTS)->items[search->subject].text;
    if (!stream->self.resource || stream->self.settled) {
        const char *text = ours;
        stream = other, other = search->stream;
        ours = theirs, theirs = text;
    }
    struct rule_scan here = rule_scan_of(search->scan, &stream->self);
    struct diag *diag =
        rule_report(&here, pos_of(here.config, ours), "subject '%s' of %s overlaps with '%s' of %s", ours,
                    rule_label(&here), theirs, rules_label(&here, &other->self));
    rule_note_other(&here, diag, &other->self, pos_of(other->self.config, theirs),
                    arena_printf(&here.diags->arena, "'%s' is here", theirs));
}

static bool on_overlap(void *context, const char *subject, void *owner)
{
    struct overlap_search *search = context;
    /* Several subjects of one other stream are one finding. */
    if (owner == search->stream || owner == search->last)
        return true;
    search->last = owner;
    report_overlap(search, owner, subject);
    return ++search->count < OVERLAPS_MOST;
}

static void check_overlap(const struct rule_scan *scan)
{
    struct subject_index *index = subject_index_new(scan->arena);
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rules_stream *stream = scan->world->streams.items[i];
        struct overlap_search search = {.scan = scan, .stream = stream};
        /* An external stream that was not read: nothing is known of it. */
        if (!stream->self.config)
            continue;
        const struct value_list *subjects = object_list(stream->self.config, STREAM_SUBJECTS);
        for (; search.subject < subjects->count && search.count < OVERLAPS_MOST; search.subject++)
            subject_index_find(index, subjects->items[search.subject].text, on_overlap, &search);
        for (size_t j = 0; j < subjects->count; j++)
            subject_index_add(index, subjects->items[j].text, stream);
    }
}

/* The scan's subject is the later one. */
static bool on_own_overlap(void *context, const char *subject, void *owner)
{
    const struct rule_scan *scan = context;
    const char *later = scan->subject->text;
    (void)owner;
    struct diag *diag =
        rule_report(scan, pos_of(scan->config, later), "subject '%s' of %s overlaps with its own '%s'", later,
                    rule_label(scan), subject);
    if (diag)
        diag_note(scan->diags, diag, pos_of(scan->config, subject), "'%s' is here", subject);
    return false;
}

static void check_own_overlap(const struct rule_scan *scan)
{
    const struct value_list *subjects = object_list(scan->config, STREAM_SUBJECTS);
    /* Nearly every stream has one subject. */
    if (subjects->count < 2)
        return;
    struct subject_index *index = subject_index_new(scan->arena);
    struct rule_scan here = *scan;
    for (size_t i = 0; i < subjects->count; i++) {
        here.subject = &subjects->items[i];
        subject_index_find(index, here.subject->text, on_own_overlap, &here);
        subject_index_add(index, here.subject->text, NULL);
    }
}

/* ---- subjects that are not for streams ---- */

static void refuse(const struct rule_scan *scan, const char *why)
{
    rule_report(scan, pos_of(scan->config, scan->subject->text), "subject '%s' of %s %s", scan->subject->text,
                rule_label(scan), why);
}

static bool is_acked(const struct rule_scan *scan)
{
    return !object_flag(scan->config, STREAM_NO_ACK);
}

static bool is_within(const struct rule_scan *scan, const char *subjects)
{
    return subject_is_subset(scan->subject->text, subjects);
}

static bool meets(const struct rule_scan *scan, const char *subjects)
{
    return subjects_collide(scan->subject->text, subjects);
}

static bool is_everything(const struct rule_scan *scan)
{
    return strcmp(scan->subject->text, ">") == 0;
}

static void check_api_subjects(const struct rule_scan *scan)
{
    if (is_within(scan, "$JS.API.>"))
        refuse(scan, "is one of the JetStream API");
}

/*
 * Before 2.10.28 a stream may capture requests of the API. Then both it and the API answer, and a client may take the
 * stream's acknowledgement for the API's reply.
 */
static void check_api_answers(const struct rule_scan *scan)
{
    bool requests =
        meets(scan, "$JS.API.INFO") || meets(scan, "$JS.API.STREAM.>") || meets(scan, "$JS.API.CONSUMER.>");
    if (requests && is_acked(scan) && !is_within(scan, "$JS.API.>"))
        refuse(
            scan,
            "takes in requests of the JetStream API and acknowledges them, so that clients take that for the "
            "answer");
}

static void check_within_api(const struct rule_scan *scan)
{
    if (is_acked(scan) && (is_within(scan, "$JS.>") || is_within(scan, "$JSC.>")) &&
        !is_within(scan, "$JS.EVENT.>"))
        refuse(scan, "is one of JetStream's own: it needs 'no_ack: true'");
}

static void check_meets_api(const struct rule_scan *scan)
{
    /*
     * Colliding is enough: "*.orders" has "$JS.orders" in it, so every subject of several tokens that begins with '*'
     * is refused.
     */
    bool any = meets(scan, "$JS.>") || meets(scan, "$JSC.>") || meets(scan, "$NRG.>");
    if (any && is_acked(scan) && !is_everything(scan) && !is_within(scan, "$JS.EVENT.>"))
        refuse(scan, "matches JetStream's own '$JS.>': it needs 'no_ack: true', or a first token that "
                     "is no wildcard");
}

static void check_system_subjects(const struct rule_scan *scan)
{
    if (is_acked(scan) && is_within(scan, "$SYS.>") && !is_within(scan, "$SYS.ACCOUNT.>"))
        refuse(scan, "is one of the system account's: it needs 'no_ack: true'");
}

static void check_everything(const struct rule_scan *scan)
{
    if (is_acked(scan) && is_everything(scan))
        refuse(scan, "is everything: it needs 'no_ack: true'");
}

static void check_everything_replicated(const struct rule_scan *scan)
{
    if (is_everything(scan) && object_integer(scan->config, STREAM_NUM_REPLICAS) > 1)
        refuse(scan, "is everything: it can have one replica only");
}

/* ---- publishing again ---- */

/*
 * From 2.11.11 and 2.12.2 on, republishing '>' to '>' means: to the destination of the stream's own transform. So that
 * is no loop.
 */
static bool means_transform(const struct rule_scan *scan, const struct object *republish)
{
    uint32_t version = scan->world->version;
    const struct object *transform = object_object(scan->config, STREAM_SUBJECT_TRANSFORM);
    const struct value_list *subjects = object_list(scan->config, STREAM_SUBJECTS);
    const char *src = object_text(republish, REPUBLISH_SRC);
    bool known = version_has(version, VERSION(2, 12, 2)) ||
                 (version >= VERSION(2, 11, 11) && version < VERSION(2, 12, 0));
    return known && transform && subjects->count == 1 && (!src || !*src || strcmp(src, ">") == 0) &&
           strcmp(object_text(republish, REPUBLISH_DEST), ">") == 0 &&
           object_text(transform, TRANSFORM_SRC) &&
           strcmp(object_text(transform, TRANSFORM_SRC), subjects->items[0].text) == 0;
}

static void check_republish_loop(const struct rule_scan *scan)
{
    const struct object *republish = object_object(scan->config, STREAM_REPUBLISH);
    const char *dest = republish ? object_text(republish, REPUBLISH_DEST) : NULL;
    if (dest && *dest && rules_stores(scan->config, dest) && !means_transform(scan, republish))
        rule_report(scan, object_pos(republish, REPUBLISH_DEST),
                    "%s would store again what it publishes again on '%s'", rule_label(scan), dest);
}

static void check_republish_source(const struct rule_scan *scan)
{
    const struct object *republish = object_object(scan->config, STREAM_REPUBLISH);
    const char *src = republish ? object_text(republish, REPUBLISH_SRC) : NULL;
    if (republish && !rules_stores(scan->config, src && *src ? src : ">"))
        rule_report(scan, object_pos(republish, REPUBLISH_SRC),
                    "'%s' is none of the subjects of %s, so that it has nothing to publish again",
                    src ? src : ">", rule_label(scan));
}

/* ---- the rules ---- */

static const struct rule subject_rows[] = {
    ROW(.code = &code_subject_overlap, .each = EACH_ACCOUNT, .where = WHERE_BESIDE, .err_code = 10065,
        .says = "subjects overlap with an existing stream",
        .doc =
            "A subject belongs to at most one stream of an account; a stream without subjects has its name.",
        .check = check_overlap),
    ROW(.code = &code_subject_overlap, .each = EACH_STREAM, .where = WHERE_JOINS, .err_code = 10052,
        .says = "subject \"…\" overlaps with \"…\"", .doc = "The subjects of one stream must not overlap.",
        .check = check_own_overlap),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .err_code = 10052,
        .says = "subjects overlap with jetstream api", .until = V_2_10_17,
        .doc = "The subjects of the JetStream API are not for streams.", .check = check_api_subjects),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .until = V_2_10_28,
        .doc =
            "A stream must not acknowledge requests of the JetStream API, which servers before 2.10.28 allow.",
        .check = check_api_answers),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .err_code = 10052,
        .says = "subjects that overlap with jetstream api require no-ack to be true", .since = V_2_10_17,
        .until = V_2_10_28,
        .doc = "Only a stream without acknowledgements may store JetStream's own subjects.",
        .check = check_within_api),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .err_code = 10052,
        .says = "subjects that overlap with jetstream api require no-ack to be true", .since = V_2_10_28,
        .doc =
            "Only a stream without acknowledgements may match JetStream's own subjects, as each of several tokens does whose first is '*'.",
        .check = check_meets_api),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .err_code = 10052,
        .says = "subjects that overlap with system api require no-ack to be true", .since = V_2_10_17,
        .doc = "Only a stream without acknowledgements may store the system account's subjects.",
        .check = check_system_subjects),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .err_code = 10052,
        .says = "capturing all subjects requires no-ack to be true", .since = V_2_10_17,
        .doc = "Only a stream without acknowledgements may store everything.", .check = check_everything),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .where = WHERE_RESERVED, .err_code = 10052,
        .says = "capturing all subjects requires replicas of 1", .since = V_2_10_17,
        .doc = "A stream that stores everything cannot have replicas.", .check = check_everything_replicated),
    ROW(.code = &code_republish_loop, .each = EACH_STREAM, .where = WHERE_REPUBLISHES, .err_code = 10052,
        .says = "stream configuration for republish destination forms a cycle",
        .doc = "What a stream publishes again must not be one of its subjects.",
        .check = check_republish_loop),
    ROW(.code = &code_republish_loop, .each = EACH_STREAM, .where = WHERE_REPUBLISHES, .err_code = 10052,
        .says = "stream configuration for republish source is not valid subset of subjects", .until = V_2_10,
        .doc = "Before 2.10, only a stream's own subjects can be published again.",
        .check = check_republish_source),
};
const struct rule_list subject_rules = RULE_LIST(subject_rows);

/*
 * ---- origins ----
 * Rules about mirrors and sources, and the streams that they copy from. An origin in
 * another account or domain (`external`) cannot be seen, so rules that need it say nothing.
 */

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
const char *rules_source_key(struct arena *arena, const struct object *source)
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
    find_twice(scan, rules_source_key, "takes the same from");
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
    struct diag *diag = rule_report(scan, object_pos(scan->config, STREAM_MAX_MSG_SIZE),
                                    "%s takes messages of %lld byte%s, and %s, which it copies, of %lld",
                                    rule_label(scan), (long long)own, text_plural((uint64_t)own),
                                    rules_label(scan, scan->copied), (long long)theirs);
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

static const struct rule origin_rows[] = {
    ROW(.code = &code_origin, .each = EACH_STREAM, .where = WHERE_COPIES, .err_code = 10140,
        .says = "duplicate source configuration detected", .since = V_2_10,
        .doc =
            "A stream takes from one origin through the same filter once; where it starts makes no difference.",
        .check = check_twice),
    ROW(.code = &code_origin, .each = EACH_STREAM, .where = WHERE_COPIES, .err_code = 10216,
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
const struct rule_list origin_rules = RULE_LIST(origin_rows);
