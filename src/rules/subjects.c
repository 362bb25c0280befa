/*
 * Rules about the subjects of streams. Two kinds of mistakes are found: a subject that
 * another stream has already, and subjects that belong to NATS itself.
 */
#include <string.h>

#include "base/row.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"
#include "rules/subject_index.h"

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

#define V_2_10 VERSION(2, 10, 0)
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

static const struct rule rows[] = {
    ROW(.code = &code_subject_overlap, .each = EACH_ACCOUNT, .err_code = 10065,
        .says = "subjects overlap with an existing stream",
        .doc =
            "A subject belongs to at most one stream of an account; a stream without subjects has its name.",
        .check = check_overlap),
    ROW(.code = &code_subject_overlap, .each = EACH_STREAM, .err_code = 10052,
        .says = "subject \"…\" overlaps with \"…\"", .doc = "The subjects of one stream must not overlap.",
        .check = check_own_overlap),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .err_code = 10052,
        .says = "subjects overlap with jetstream api", .until = V_2_10_17,
        .doc = "The subjects of the JetStream API are not for streams.", .check = check_api_subjects),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .until = V_2_10_28,
        .doc =
            "A stream must not acknowledge requests of the JetStream API, which servers before 2.10.28 allow.",
        .check = check_api_answers),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .err_code = 10052,
        .says = "subjects that overlap with jetstream api require no-ack to be true", .since = V_2_10_17,
        .until = V_2_10_28,
        .doc = "Only a stream without acknowledgements may store JetStream's own subjects.",
        .check = check_within_api),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .err_code = 10052,
        .says = "subjects that overlap with jetstream api require no-ack to be true", .since = V_2_10_28,
        .doc =
            "Only a stream without acknowledgements may match JetStream's own subjects, as each of several tokens does whose first is '*'.",
        .check = check_meets_api),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .err_code = 10052,
        .says = "subjects that overlap with system api require no-ack to be true", .since = V_2_10_17,
        .doc = "Only a stream without acknowledgements may store the system account's subjects.",
        .check = check_system_subjects),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .err_code = 10052,
        .says = "capturing all subjects requires no-ack to be true", .since = V_2_10_17,
        .doc = "Only a stream without acknowledgements may store everything.", .check = check_everything),
    ROW(.code = &code_reserved_subject, .each = EACH_SUBJECT, .err_code = 10052,
        .says = "capturing all subjects requires replicas of 1", .since = V_2_10_17,
        .doc = "A stream that stores everything cannot have replicas.", .check = check_everything_replicated),
    ROW(.code = &code_republish_loop, .each = EACH_STREAM, .err_code = 10052,
        .says = "stream configuration for republish destination forms a cycle",
        .doc = "What a stream publishes again must not be one of its subjects.",
        .check = check_republish_loop),
    ROW(.code = &code_republish_loop, .each = EACH_STREAM, .err_code = 10052,
        .says = "stream configuration for republish source is not valid subset of subjects", .until = V_2_10,
        .doc = "Before 2.10, only a stream's own subjects can be published again.",
        .check = check_republish_source),
};
const struct rule_list subject_rules = RULE_LIST(rows);
