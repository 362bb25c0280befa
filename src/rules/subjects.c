/* Rules about the subjects of streams. */
#include <string.h>

#include "field/subject.h"
#include "kind/kinds.h"
#include "rules/scan.h"
#include "rules/subject_index.h"

DIAG_CODE(code_subject_overlap, .name = "subject-overlap", CODE_ERROR(EXIT_MANIFEST),
          .doc = "Two streams of an account would store the same subject.",
          .why = "Of two streams with one subject, which would acknowledge a message?",
          .example = "streams: {A: {subjects: [a.>]}, B: {subjects: [a.b]}}",
          .remedy = "Give each subject to one stream, and let the other copy it as a source.");

DIAG_CODE(code_reserved_subject, .name = "reserved-subject", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A stream would take in what servers say to each other, or requests of the JetStream API.",
          .why = "A stream that acknowledges what servers and clients ask each other answers in their place.",
          .example = "subjects: ['>']", .remedy = "Store fewer subjects, or set no_ack.");

DIAG_CODE(code_republish_loop, .name = "republish-loop", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A stream would store again what it publishes again.",
          .why = "Each message would make another one, without end.",
          .example = "subjects: [a.>]\nrepublish: {src: a.>, dest: a.copy.>}",
          .remedy = "Republish on subjects that the stream does not store.");

enum { OVERLAPS_MOST = 4 }; /* shown of one stream */

struct overlap_search {
    struct rule_scan *scan;
    struct rules_stream *stream;
    size_t subject; /* of the stream's, that is looked for */
    struct rules_stream *last;
    size_t count;
};

static size_t index_of(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    size_t i = 0;
    while (i < subjects->count && subjects->items[i].text != subject)
        i++;
    return i;
}

/* The stream that is not on the server yet is to blame, or else the later one. */
static void report_overlap(struct overlap_search *search, struct rules_stream *other, const char *theirs)
{
    struct rule_scan *scan = search->scan;
    struct rules_stream *stream = search->stream;
    const char *ours = object_list(stream->self.config, STREAM_SUBJECTS)->items[search->subject].text;
    struct srcpos here = rules_item_pos(stream->self.config, STREAM_SUBJECTS, search->subject);
    struct srcpos there =
        rules_item_pos(other->self.config, STREAM_SUBJECTS, index_of(other->self.config, theirs));
    if (!stream->self.resource || stream->self.settled) {
        struct rules_stream *swapped = stream;
        const char *text = ours;
        struct srcpos pos = here;
        stream = other, other = swapped;
        ours = theirs, theirs = text;
        here = there, there = pos;
    }
    struct diag *diag =
        rule_report(scan, &stream->self, here, "subject '%s' of %s overlaps with '%s' of %s", ours,
                    rules_label(scan, &stream->self), theirs, rules_label(scan, &other->self));
    if (diag)
        rule_note_other(scan, diag, &other->self, there,
                        arena_printf(&scan->diags->arena, "'%s' is here", theirs));
}

static bool on_overlap(void *context, const char *subject, void *owner)
{
    struct overlap_search *search = context;
    if (owner == search->stream || owner == search->last)
        return true;
    search->last = owner;
    report_overlap(search, owner, subject);
    return ++search->count < OVERLAPS_MOST;
}

void check_subject_overlap(struct rule_scan *scan)
{
    struct subject_index *index = subject_index_new(scan->world->arena);
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rules_stream *stream = scan->world->streams.items[i];
        struct overlap_search search = {.scan = scan, .stream = stream};
        if (!stream->self.config)
            continue;
        const struct value_list *subjects = object_list(stream->self.config, STREAM_SUBJECTS);
        for (; search.subject < subjects->count && search.count < OVERLAPS_MOST; search.subject++)
            subject_index_find(index, subjects->items[search.subject].text, on_overlap, &search);
        for (size_t j = 0; j < subjects->count; j++)
            subject_index_add(index, subjects->items[j].text, stream);
    }
}

/* ---- within one stream ---- */

struct own_search {
    struct rule_scan *scan;
    struct rules_stream *stream;
    size_t subject;
};

static bool on_own_overlap(void *context, const char *subject, void *owner)
{
    struct own_search *search = context;
    const struct object *config = search->stream->self.config;
    const char *later = object_list(config, STREAM_SUBJECTS)->items[search->subject].text;
    (void)owner;
    struct diag *diag = rule_report(search->scan, &search->stream->self,
                                    rules_item_pos(config, STREAM_SUBJECTS, search->subject),
                                    "subject '%s' of %s overlaps with its own '%s'", later,
                                    rules_label(search->scan, &search->stream->self), subject);
    if (diag)
        diag_note(search->scan->diags, diag,
                  rules_item_pos(config, STREAM_SUBJECTS, index_of(config, subject)), "'%s' is here",
                  subject);
    return false;
}

static void check_own_subjects(struct rule_scan *scan, struct rules_stream *stream)
{
    struct subject_index *index = subject_index_new(scan->world->arena);
    struct own_search search = {.scan = scan, .stream = stream};
    const struct value_list *subjects = object_list(stream->self.config, STREAM_SUBJECTS);
    for (; search.subject < subjects->count; search.subject++) {
        const char *subject = subjects->items[search.subject].text;
        subject_index_find(index, subject, on_own_overlap, &search);
        subject_index_add(index, subject, stream);
    }
}

void check_own_overlap(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rules_stream *stream = scan->world->streams.items[i];
        if (rules_is_open(&stream->self) && object_list(stream->self.config, STREAM_SUBJECTS)->count > 1)
            check_own_subjects(scan, stream);
    }
}

/* ---- subjects that are not for streams ---- */

typedef bool subject_refused(const struct object *stream, const char *subject);

static void refuse_subjects(struct rule_scan *scan, subject_refused *refused, const char *why)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        if (!rules_is_open(stream))
            continue;
        const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
        for (size_t j = 0; j < subjects->count; j++)
            if (refused(stream->config, subjects->items[j].text))
                rule_report(scan, stream, rules_item_pos(stream->config, STREAM_SUBJECTS, j),
                            "subject '%s' of %s %s", subjects->items[j].text, rules_label(scan, stream), why);
    }
}

static bool is_acked(const struct object *stream)
{
    return !object_flag(stream, STREAM_NO_ACK);
}

static bool is_api_request(const struct object *stream, const char *subject)
{
    (void)stream;
    return subject_is_subset(subject, "$JS.API.>");
}

void check_api_subjects(struct rule_scan *scan)
{
    refuse_subjects(scan, is_api_request, "is one of the JetStream API");
}

/* Both the stream and the API answer; on these versions nothing else keeps them apart. */
static bool answers_requests(const struct object *stream, const char *subject)
{
    static const char *const requests[] = {"$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.CONSUMER.>"};
    bool any = false;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        any |= subjects_collide(subject, requests[i]);
    return any && is_acked(stream) && !subject_is_subset(subject, "$JS.API.>");
}

void check_api_answers(struct rule_scan *scan)
{
    refuse_subjects(
        scan, answers_requests,
        "takes in requests of the JetStream API and acknowledges them, so that clients take that for the "
        "answer");
}

static bool is_within_api(const struct object *stream, const char *subject)
{
    bool within = subject_is_subset(subject, "$JS.>") || subject_is_subset(subject, "$JSC.>");
    return is_acked(stream) && within && !subject_is_subset(subject, "$JS.EVENT.>");
}

void check_within_api(struct rule_scan *scan)
{
    refuse_subjects(scan, is_within_api, "is one of JetStream's own: it needs 'no_ack: true'");
}

static bool meets_api(const struct object *stream, const char *subject)
{
    bool meets = subjects_collide(subject, "$JS.>") || subjects_collide(subject, "$JSC.>") ||
                 subjects_collide(subject, "$NRG.>");
    return is_acked(stream) && strcmp(subject, ">") != 0 && meets &&
           !subject_is_subset(subject, "$JS.EVENT.>");
}

void check_meets_api(struct rule_scan *scan)
{
    refuse_subjects(scan, meets_api,
                    "matches JetStream's own '$JS.>': it needs 'no_ack: true', or a first token that "
                    "is no wildcard");
}

static bool is_within_system(const struct object *stream, const char *subject)
{
    return is_acked(stream) && subject_is_subset(subject, "$SYS.>") &&
           !subject_is_subset(subject, "$SYS.ACCOUNT.>");
}

void check_system_subjects(struct rule_scan *scan)
{
    refuse_subjects(scan, is_within_system, "is one of the system account's: it needs 'no_ack: true'");
}

static bool takes_everything(const struct object *stream, const char *subject)
{
    return is_acked(stream) && strcmp(subject, ">") == 0;
}

void check_everything(struct rule_scan *scan)
{
    refuse_subjects(scan, takes_everything, "is everything: it needs 'no_ack: true'");
}

static bool replicates_everything(const struct object *stream, const char *subject)
{
    return object_integer(stream, STREAM_NUM_REPLICAS) > 1 && strcmp(subject, ">") == 0;
}

void check_everything_replicated(struct rule_scan *scan)
{
    refuse_subjects(scan, replicates_everything, "is everything: it can have one replica only");
}

/* ---- publishing again ---- */

static bool collides_with_own(const struct object *stream, const char *subject)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects_collide(subjects->items[i].text, subject))
            return true;
    return false;
}

/* From 2.11.11 and 2.12.2 on, '>' to '>' means the destination of the stream's own transform. */
static bool means_transform(const struct rule_scan *scan, const struct object *stream,
                            const struct object *republish)
{
    uint32_t version = scan->world->version;
    const struct object *transform = object_object(stream, STREAM_SUBJECT_TRANSFORM);
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    const char *src = object_text(republish, REPUBLISH_SRC);
    bool known = version_has(version, VERSION(2, 12, 2)) ||
                 (version >= VERSION(2, 11, 11) && version < VERSION(2, 12, 0));
    return known && transform && subjects->count == 1 && (!src || !*src || strcmp(src, ">") == 0) &&
           strcmp(object_text(republish, REPUBLISH_DEST), ">") == 0 &&
           object_text(transform, TRANSFORM_SRC) &&
           strcmp(object_text(transform, TRANSFORM_SRC), subjects->items[0].text) == 0;
}

void check_republish_loop(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        const struct object *republish =
            rules_is_open(stream) ? object_object(stream->config, STREAM_REPUBLISH) : NULL;
        const char *dest = republish ? object_text(republish, REPUBLISH_DEST) : NULL;
        if (dest && *dest && collides_with_own(stream->config, dest) &&
            !means_transform(scan, stream->config, republish))
            rule_report(scan, stream, object_pos(republish, REPUBLISH_DEST),
                        "%s would store again what it publishes again on '%s'", rules_label(scan, stream),
                        dest);
    }
}

void check_republish_source(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        const struct object *republish =
            rules_is_open(stream) ? object_object(stream->config, STREAM_REPUBLISH) : NULL;
        const char *src = republish ? object_text(republish, REPUBLISH_SRC) : NULL;
        if (republish && !collides_with_own(stream->config, src && *src ? src : ">"))
            rule_report(scan, stream, object_pos(republish, REPUBLISH_SRC),
                        "'%s' is none of the subjects of %s, so that it has nothing to publish again",
                        src ? src : ">", rules_label(scan, stream));
    }
}
