/*
 * Rules about consumers and their streams. Servers check some of these only when a
 * consumer is created, and others in updates as well. The functions look at exactly as much as the server does.
 */
#include <string.h>

#include "base/row.h"
#include "field/subject.h"
#include "field/value.h"
#include "kind/kinds.h"
#include "rules/scan.h"
#include "rules/streams.h"

static DIAG_CODE(
    code_workqueue, .name = "workqueue", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Consumers of a work queue acknowledge explicitly, deliver all, and share no subject.",
    .why = "In a work queue each message has exactly one consumer, which acknowledges it.",
    .example = "retention: workqueue\nconsumers: {a: {ack_policy: explicit}, b: {ack_policy: explicit}}",
    .remedy = "Give each consumer a filter of its own, explicit acknowledgement, and deliver_policy all.");

static DIAG_CODE(code_deliver_loop, .name = "deliver-loop", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A push consumer would deliver into the stream that it reads.",
                 .why = "What the consumer delivers would be stored, and delivered again.",
                 .example = "subjects: [a.>]\nconsumers: {c: {deliver_subject: a.out}}",
                 .remedy = "Deliver on a subject that the stream does not have.");

static DIAG_CODE(
    code_filter, .name = "filter", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A consumer filters on subjects that its stream does not have, which servers before 2.10 refuse.",
    .why = "Servers before 2.10 refuse such a consumer; later ones make it, and it gets nothing.",
    .example = "subjects: [a.>]\nconsumers: {c: {filter_subject: b.x}}",
    .remedy = "Filter on a subject of the stream.");

static DIAG_CODE(code_consumer_limit, .name = "consumer-limit", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "A consumer goes beyond what its stream allows its consumers.",
                 .why = "The stream's consumer_limits and max_consumers bind its consumers.",
                 .example = "consumer_limits: {max_ack_pending: 100}\nconsumers: {c: {max_ack_pending: 500}}",
                 .remedy = "Lower the consumer's value, or raise the stream's limit.");

DIAG_CODE(code_replicas, .name = "replicas", CODE_ERROR(EXIT_MANIFEST),
          .doc = "More replicas than there can be.",
          .why = "A replica needs a server of its own, and a consumer's replicas those of its stream.",
          .example = "num_replicas: 1\nconsumers: {c: {num_replicas: 3}}",
          .remedy = "Lower the number, or raise the stream's.");

static const char *name_of(unsigned id)
{
    return table_field_by_id(&consumer_table, id)->name;
}

static bool is_workqueue(const struct object *stream)
{
    return object_has(stream, STREAM_RETENTION, CHOICE_WORKQUEUE);
}

static void note_stream(const struct rule_scan *scan, struct diag *diag, unsigned id)
{
    const struct rules_object *stream = &scan->object->stream->self;
    const struct field *field = table_field_by_id(&stream_table, id);
    rule_note_other(
        scan, diag, stream, stream->resource ? object_pos(stream->config, id) : (struct srcpos){0},
        arena_printf(&scan->diags->arena, "'%s' of %s is here", field->name, rules_label(scan, stream)));
}

/* ---- work queues ---- */

/*
 * A server looks at acknowledgements first: the other rules of work queues follow only for consumers that pass this
 * one.
 */
static void check_workqueue_ack(const struct rule_scan *scan)
{
    if (!is_workqueue(scan->stream) || object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_EXPLICIT) ||
        object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL))
        return;
    struct diag *diag = rule_report(scan, object_pos(scan->config, CONSUMER_ACK_POLICY), "%s needs '%s: %s'",
                                    rule_label(scan), name_of(CONSUMER_ACK_POLICY), CHOICE_EXPLICIT);
    note_stream(scan, diag, STREAM_RETENTION);
}

static void check_workqueue_deliver(const struct rule_scan *scan)
{
    if (!is_workqueue(scan->stream) || object_has(scan->config, CONSUMER_DELIVER_POLICY, CHOICE_ALL))
        return;
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, CONSUMER_DELIVER_POLICY), "%s needs '%s: %s'",
                    rule_label(scan), name_of(CONSUMER_DELIVER_POLICY), CHOICE_ALL);
    note_stream(scan, diag, STREAM_RETENTION);
}

/*
 * Does the server check this consumer? No version checks an update that removes a filter, and before 2.10 none checks
 * updates at all.
 */
static bool is_looked_at(const struct rule_scan *scan, const struct rules_object *consumer, bool filtered)
{
    return !consumer->live || (filtered && version_has(scan->world->version, V_2_10));
}

static void check_workqueue_unfiltered(const struct rule_scan *scan)
{
    const struct value *filters;
    if (!is_workqueue(scan->stream) || scan->object->stream->consumers.count < 2 ||
        consumer_filters(scan->config, &filters) > 0 || !is_looked_at(scan, scan->object, false))
        return;
    struct diag *diag =
        rule_report(scan, (struct srcpos){0}, "%s needs a '%s', as it is not the work queue's only consumer",
                    rule_label(scan), name_of(CONSUMER_FILTER_SUBJECT));
    note_stream(scan, diag, STREAM_RETENTION);
    const struct rules_stream *stream = scan->object->stream;
    for (size_t i = 0; i < stream->consumers.count; i++)
        if (!stream->consumers.items[i]->resource)
            rule_note_other(scan, diag, stream->consumers.items[i], (struct srcpos){0}, "");
}

struct filter_search {
    const struct rule_scan *scan;
    const struct rules_object *consumer;
    const struct value *filter;
    bool found;
};

/*
 * Two filters of a work queue overlap. Before 2.10 servers notice that only if one of them includes the other. The
 * consumer that can still be changed is blamed, not the one that is on the server.
 */
static bool on_shared(void *context, const char *subject, void *owner)
{
    struct filter_search *search = context;
    const struct rules_object *consumer = search->consumer;
    const struct rules_object *other = owner;
    const char *filter = search->filter->text;
    bool partly = version_has(search->scan->world->version, V_2_10);
    if (!partly && !subject_is_subset(filter, subject) && !subject_is_subset(subject, filter))
        return true;
    if (!rules_is_open(consumer) || !is_looked_at(search->scan, consumer, true))
        consumer = other, other = search->consumer;
    struct srcpos pos = consumer == search->consumer && search->filter->node
                            ? search->filter->node->pos
                            : object_pos(consumer->config, CONSUMER_FILTER_SUBJECT);
    if (!is_looked_at(search->scan, consumer, true))
        return false;
    struct rule_scan here = rule_scan_of(search->scan, consumer);
    struct diag *diag = rule_report(&here, pos,
                                    "%s and %s share messages of the work queue: "
                                    "'%s' overlaps with '%s'",
                                    rule_label(&here), rules_label(&here, other),
                                    consumer == search->consumer ? filter : subject,
                                    consumer == search->consumer ? subject : filter);
    rule_note_other(&here, diag, other, (struct srcpos){0}, "the other one is here");
    search->found = true;
    return false;
}

/* By an index: with hundreds of filters, comparing each with each takes too long. */
static void find_shared(const struct rule_scan *scan, const struct rules_stream *stream)
{
    struct subject_index *index = subject_index_new(scan->arena);
    for (size_t i = 0; i < stream->consumers.count; i++) {
        struct rules_object *consumer = stream->consumers.items[i];
        const struct value *filters;
        size_t count = consumer_filters(consumer->config, &filters);
        struct filter_search search = {.scan = scan, .consumer = consumer};
        for (size_t j = 0; j < count && !search.found; j++) {
            search.filter = &filters[j];
            subject_index_find(index, filters[j].text, on_shared, &search);
        }
        /* Added after the search, so that a consumer's own filters are not compared with each other here. */
        for (size_t j = 0; j < count; j++)
            subject_index_add(index, filters[j].text, consumer);
    }
}

/*
 * A consumer without a filter that is on the server takes all messages, so no other one can be made. (Of two new ones,
 * the one without a filter is blamed.)
 */
static void find_taken(const struct rule_scan *scan, const struct rules_stream *stream)
{
    const struct rules_object *all = NULL;
    const struct value *filters;
    for (size_t i = 0; i < stream->consumers.count; i++)
        if (stream->consumers.items[i]->settled &&
            consumer_filters(stream->consumers.items[i]->config, &filters) == 0)
            all = stream->consumers.items[i];
    for (size_t i = 0; all && i < stream->consumers.count; i++) {
        const struct rules_object *consumer = stream->consumers.items[i];
        if (consumer_filters(consumer->config, &filters) == 0 || !is_looked_at(scan, consumer, true))
            continue;
        struct rule_scan here = rule_scan_of(scan, consumer);
        struct diag *diag =
            rule_report(&here, object_pos(here.config, CONSUMER_FILTER_SUBJECT),
                        "%s cannot be made: %s is there and takes all messages of the work queue",
                        rule_label(&here), rules_label(&here, all));
        rule_note_other(&here, diag, all, (struct srcpos){0}, "the other one is here");
    }
}

static void check_workqueue_overlap(const struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        if (!stream->self.config || !is_workqueue(stream->self.config))
            continue;
        find_taken(scan, stream);
        find_shared(scan, stream);
    }
}

/* ---- delivery and filters ---- */

static void check_deliver_loop(const struct rule_scan *scan)
{
    const char *deliver = object_text(scan->config, CONSUMER_DELIVER_SUBJECT);
    const struct value_list *subjects = object_list(scan->stream, STREAM_SUBJECTS);
    for (size_t i = 0; deliver && *deliver && i < subjects->count; i++) {
        /* A server looks at this stream alone, and only whether it takes in the whole subject. */
        if (!subject_is_subset(deliver, subjects->items[i].text))
            continue;
        struct diag *diag = rule_report(scan, object_pos(scan->config, CONSUMER_DELIVER_SUBJECT),
                                        "%s would deliver into its own stream, which stores '%s'",
                                        rule_label(scan), subjects->items[i].text);
        note_stream(scan, diag, STREAM_SUBJECTS);
        return;
    }
}

static bool reaches(const struct object *stream, const char *filter)
{
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; i < subjects->count; i++)
        if (subject_is_subset(filter, subjects->items[i].text) ||
            subject_is_subset(subjects->items[i].text, filter))
            return true;
    return false;
}

/*
 * Can a message with such a subject be in the stream? It may also come from an origin. If that is external or unknown,
 * the answer is yes.
 */
static bool may_reach(const struct rule_scan *scan, const char *filter)
{
    const struct value_list *sources = object_list(scan->stream, STREAM_SOURCES);
    const struct object *mirror = object_object(scan->stream, STREAM_MIRROR);
    bool any = reaches(scan->stream, filter);
    for (size_t i = 0; !any && i < sources->count + (mirror != NULL); i++) {
        const struct object *origin = i < sources->count ? sources->items[i].object : mirror;
        const struct rules_stream *copied = rules_find_stream(scan->world, object_text(origin, ORIGIN_NAME));
        any = object_has(origin, ORIGIN_EXTERNAL, NULL) || !copied || !copied->self.config ||
              object_list(copied->self.config, STREAM_SUBJECTS)->count == 0 ||
              reaches(copied->self.config, filter);
    }
    return any;
}

static void check_filter_outside(const struct rule_scan *scan)
{
    const char *filter = object_text(scan->config, CONSUMER_FILTER_SUBJECT);
    if (!filter || !*filter || may_reach(scan, filter))
        return;
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, CONSUMER_FILTER_SUBJECT),
                    "'%s' of %s is none of the subjects of its stream", filter, rule_label(scan));
    note_stream(scan, diag, STREAM_SUBJECTS);
}

/* ---- limits ---- */

static void check_push_pending(const struct rule_scan *scan)
{
    if (!object_has(scan->config, CONSUMER_DELIVER_SUBJECT, NULL) ||
        !object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_NONE) ||
        object_integer(scan->config, CONSUMER_MAX_ACK_PENDING) <= 0)
        return;
    /* It may come from the stream's consumer_limits, which a server fills in before it looks (2.10.27, 2.15.1). */
    bool given = object_value(scan->config, CONSUMER_MAX_ACK_PENDING)->given;
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, given ? CONSUMER_MAX_ACK_PENDING : CONSUMER_ACK_POLICY),
                    "%s delivers without acknowledgements and can have no '%s'%s", rule_label(scan),
                    name_of(CONSUMER_MAX_ACK_PENDING), given ? "" : ", which it takes from its stream");
    if (!given)
        note_stream(scan, diag, STREAM_CONSUMER_LIMITS);
}

static void check_pending_limit(const struct rule_scan *scan)
{
    int64_t limit = rules_limit(scan->stream, LIMITS_MAX_ACK_PENDING);
    int64_t wanted = object_integer(scan->config, CONSUMER_MAX_ACK_PENDING);
    /* "unlimited" is -1 and passes, as it does on servers; a lint rule warns of that. */
    if (limit <= 0 || wanted <= limit)
        return;
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, CONSUMER_MAX_ACK_PENDING),
                    "'%s' of %s is %lld, and its stream allows %lld", name_of(CONSUMER_MAX_ACK_PENDING),
                    rule_label(scan), (long long)wanted, (long long)limit);
    note_stream(scan, diag, STREAM_CONSUMER_LIMITS);
}

static void check_inactive_limit(const struct rule_scan *scan)
{
    int64_t limit = rules_limit(scan->stream, LIMITS_INACTIVE_THRESHOLD);
    int64_t wanted = object_integer(scan->config, CONSUMER_INACTIVE_THRESHOLD);
    if (limit <= 0 || wanted <= limit)
        return;
    struct diag *diag = rule_report(
        scan, object_pos(scan->config, CONSUMER_INACTIVE_THRESHOLD),
        "'%s' of %s is %s, and its stream allows %s", name_of(CONSUMER_INACTIVE_THRESHOLD), rule_label(scan),
        duration_format(&scan->diags->arena, wanted), duration_format(&scan->diags->arena, limit));
    note_stream(scan, diag, STREAM_CONSUMER_LIMITS);
}

/* The stream's own limit, or the account's if that is lower. */
static int64_t consumers_most(const struct rule_scan *scan, const struct object *stream)
{
    int64_t own = object_integer(stream, STREAM_MAX_CONSUMERS);
    const struct account_tier *tier = rules_tier(scan->world, stream);
    int64_t account = tier ? tier->consumers_most : 0;
    return account > 0 && (own <= 0 || account < own) ? account : own;
}

static void report_one_too_many(const struct rule_scan *scan, int64_t most)
{
    bool own = object_integer(scan->stream, STREAM_MAX_CONSUMERS) == most;
    struct diag *diag =
        rule_report(scan, (struct srcpos){0}, "%s is one too many: %s %lld", rule_label(scan),
                    own ? "its stream may have" : "the account allows a stream", (long long)most);
    if (own)
        note_stream(scan, diag, STREAM_MAX_CONSUMERS);
    const struct rules_stream *stream = scan->object->stream;
    size_t others = 0;
    for (size_t i = 0; i < stream->consumers.count; i++)
        others += !stream->consumers.items[i]->resource && !stream->consumers.items[i]->copier;
    if (diag && others)
        diag_note(scan->diags, diag, (struct srcpos){0}, "%zu of its consumers %s not in this manifest",
                  others, others == 1 ? "is" : "are");
}

/* Consumers that are on the server already keep their places. Only new ones can be too many. */
static void check_count(const struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        int64_t most = stream->self.config ? consumers_most(scan, stream->self.config) : 0;
        int64_t count = 0;
        for (size_t j = 0; j < stream->consumers.count; j++)
            count += (stream->consumers.items[j]->live || stream->consumers.items[j]->settled) &&
                     !stream->consumers.items[j]->copier;
        for (size_t j = 0; most > 0 && j < stream->consumers.count; j++) {
            struct rule_scan here = rule_scan_of(scan, stream->consumers.items[j]);
            if (!here.object->live && !here.object->settled && ++count > most)
                report_one_too_many(&here, most);
        }
    }
}

static void check_replicas(const struct rule_scan *scan)
{
    int64_t wanted = object_integer(scan->config, CONSUMER_NUM_REPLICAS);
    int64_t most = object_integer(scan->stream, STREAM_NUM_REPLICAS);
    if (wanted <= most)
        return;
    struct diag *diag = rule_report(scan, object_pos(scan->config, CONSUMER_NUM_REPLICAS),
                                    "%s wants %lld replicas, and its stream has %lld", rule_label(scan),
                                    (long long)wanted, (long long)most);
    note_stream(scan, diag, STREAM_NUM_REPLICAS);
}

static void check_replicas_match(const struct rule_scan *scan)
{
    int64_t wanted = object_integer(scan->config, CONSUMER_NUM_REPLICAS);
    int64_t have = object_integer(scan->stream, STREAM_NUM_REPLICAS);
    /*
     * With limits a consumer may have fewer replicas than its stream; else the two decide together what may be removed.
     */
    if (object_has(scan->stream, STREAM_RETENTION, CHOICE_LIMITS) || wanted == 0 || wanted >= have)
        return; /* too many are for check_replicas() */
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, CONSUMER_NUM_REPLICAS),
                    "%s wants %lld replicas, and its stream, which keeps messages for it, has %lld",
                    rule_label(scan), (long long)wanted, (long long)have);
    note_stream(scan, diag, STREAM_RETENTION);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_workqueue, .each = EACH_PAIR, .err_code = 10098,
        .says = "workqueue stream requires explicit ack",
        .doc = "Each message of a work queue is acknowledged explicitly.", .check = check_workqueue_ack),
    ROW(.code = &code_workqueue, .each = EACH_PAIR, .err_code = 10101,
        .says = "consumer must be deliver all on workqueue stream",
        .doc = "A consumer of a work queue starts at its first message.", .check = check_workqueue_deliver),
    ROW(.code = &code_workqueue, .each = EACH_PAIR, .err_code = 10099,
        .says = "multiple non-filtered consumers not allowed on workqueue stream",
        .doc = "Of several consumers of a work queue, each needs a filter.",
        .check = check_workqueue_unfiltered),
    ROW(.code = &code_workqueue, .each = EACH_ACCOUNT, .err_code = 10100,
        .says = "filtered consumer not unique on workqueue stream",
        .doc = "A message of a work queue is for one consumer.", .check = check_workqueue_overlap),
    ROW(.code = &code_deliver_loop, .each = EACH_PAIR, .err_code = 10081,
        .says = "consumer deliver subject forms a cycle",
        .doc = "A push consumer must not deliver on a subject of its own stream.",
        .check = check_deliver_loop),
    ROW(.code = &code_consumer_limit, .each = EACH_PAIR, .err_code = 10082,
        .says = "consumer requires ack policy for max ack pending",
        .doc =
            "A push consumer without acknowledgements can have no max_ack_pending, not even the one of the stream's consumer_limits.",
        .check = check_push_pending),
    ROW(.code = &code_consumer_limit, .each = EACH_PAIR, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …", .since = V_2_10,
        .doc = "A consumer's max_ack_pending is at most that of the stream's consumer_limits.",
        .check = check_pending_limit),
    ROW(.code = &code_consumer_limit, .each = EACH_PAIR, .err_code = 10153,
        .says = "consumer inactive threshold exceeds system limit of …", .since = V_2_10,
        .doc = "A consumer's inactive_threshold is at most that of the stream's consumer_limits.",
        .check = check_inactive_limit),
    ROW(.code = &code_consumer_limit, .each = EACH_ACCOUNT, .err_code = 10026,
        .says = "maximum consumers limit reached",
        .doc = "A stream has no more consumers than its max_consumers.", .check = check_count),
    ROW(.code = &code_replicas, .each = EACH_PAIR, .err_code = 10126,
        .says = "consumer config replica count exceeds parent stream",
        .doc = "A consumer has at most as many replicas as its stream.", .check = check_replicas),
    ROW(.code = &code_replicas, .each = EACH_PAIR, .err_code = 10134,
        .says = "consumer config replicas must match interest retention stream's replicas",
        .since = VERSION(2, 9, 12),
        .doc = "A consumer of a work queue or an interest stream has as many replicas as the stream.",
        .check = check_replicas_match),
    ROW(.code = &code_filter, .each = EACH_PAIR, .err_code = 10093,
        .says = "consumer filter subject is not a valid subset of the interest subjects", .until = V_2_10,
        .doc = "Before 2.10, a consumer's filter has to match a subject of its stream.",
        .check = check_filter_outside),
};
const struct rule_list consumer_rules = RULE_LIST(rows);
