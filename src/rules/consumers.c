/*
 * Rules about consumers and their streams. Servers check some of these only when a
 * consumer is created, and others in updates as well. The functions look at exactly as much as the server does.
 */
#include <string.h>

#include "base/row.h"
#include "base/text.h"
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

static DIAG_CODE(
    code_shared_queue, .name = "shared-queue", CODE_WARNING, .lint = true,
    .doc = "Two consumers of a work queue are given the same messages.",
    .why =
        "Servers refuse that when a consumer is made, and some take it on an update; then both deliver a message that "
        "neither has acknowledged.",
    .example = "nats-server 2.9, and filter_subject of a live consumer becomes that of another one",
    .remedy = "Give each consumer filters of its own.");

static DIAG_CODE(
    code_copies_nothing, .name = "copies-nothing", CODE_WARNING, .lint = true,
    .doc = "A mirror or source is taken by the server, and gets nothing.",
    .why = "A copy that gets nothing looks like one for which there is nothing.",
    .example =
        "COPY: {sources: [{name: ORDERS, consumer: {name: copy, deliver_subject: d}}]}, and 'copy' has "
        "another ack_policy than flow_control",
    .remedy =
        "Make the consumer as the copy needs it, or let the origin's consumer_limits leave room for one.");

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
    bool taken; /* the search is for what the server takes */
    bool found;
};

static void report_shared(struct filter_search *search, const struct rules_object *other, const char *subject,
                          bool turned)
{
    const struct rules_object *consumer = turned ? other : search->consumer;
    const struct rules_object *second = turned ? search->consumer : other;
    const char *filter = search->filter->text;
    struct srcpos pos = !turned && search->filter->node
                            ? search->filter->node->pos
                            : object_pos(consumer->config, CONSUMER_FILTER_SUBJECT);
    struct rule_scan here = rule_scan_of(search->scan, consumer);
    struct diag *diag = rule_report(&here, pos,
                                    "%s and %s share messages of the work queue: "
                                    "'%s' overlaps with '%s'",
                                    rule_label(&here), rules_label(&here, second), turned ? subject : filter,
                                    turned ? filter : subject);
    if (diag && search->taken)
        diag_note(here.diags, diag, (struct srcpos){0},
                  "this server takes that on an update, and both deliver what neither has acknowledged");
    rule_note_other(&here, diag, second, (struct srcpos){0}, "the other one is here");
    search->found = true;
}

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
    bool partly = search->taken || version_has(search->scan->world->version, V_2_10);
    if (!partly && !subject_is_subset(filter, subject) && !subject_is_subset(subject, filter))
        return true;
    bool first = rules_is_open(consumer) && is_looked_at(search->scan, consumer, true);
    bool second = rules_is_open(other) && is_looked_at(search->scan, other, true);
    bool turned = search->taken ? !rules_is_open(consumer) : !first;
    if ((first || second) != search->taken)
        report_shared(search, other, subject, turned);
    return false;
}

/* By an index: with hundreds of filters, comparing each with each takes too long. */
static void find_shared(const struct rule_scan *scan, const struct rules_stream *stream, bool taken)
{
    struct subject_index *index = subject_index_new(scan->arena);
    for (size_t i = 0; i < stream->consumers.count; i++) {
        struct rules_object *consumer = stream->consumers.items[i];
        const struct value *filters;
        size_t count = consumer_filters(consumer->config, &filters);
        struct filter_search search = {.scan = scan, .consumer = consumer, .taken = taken};
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
        find_shared(scan, stream, false);
    }
}

/* One that loses its filter by an update takes all, beside the others. */
static void find_unfiltered(const struct rule_scan *scan, const struct rules_stream *stream)
{
    const struct value *filters;
    for (size_t i = 0; stream->consumers.count > 1 && i < stream->consumers.count; i++) {
        const struct rules_object *consumer = stream->consumers.items[i];
        if (!rules_is_open(consumer) || !consumer->live || consumer->copier ||
            consumer_filters(consumer->config, &filters) > 0)
            continue;
        struct rule_scan here = rule_scan_of(scan, consumer);
        rule_report(&here, (struct srcpos){0},
                    "%s takes all messages of the work queue, beside its other consumers: both deliver what "
                    "neither has acknowledged",
                    rule_label(&here));
    }
}

/* What no server refuses, and no server could make anew. */
static void check_shared_queue(const struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        if (!stream->self.config || !is_workqueue(stream->self.config))
            continue;
        find_unfiltered(scan, stream);
        find_shared(scan, stream, true);
    }
}

/* ---- consumers of copies ---- */

/* Servers make one for each mirror and source, which leaves after this time, and acknowledges nothing (2.9.10 to 2.15.1). */
static const int64_t copy_leaves = 10 * SECOND;

static const struct rules_object *find_consumer(const struct rules_stream *stream, const char *name)
{
    for (size_t i = 0; name && i < stream->consumers.count; i++)
        if (!stream->consumers.items[i]->copier && strcmp(stream->consumers.items[i]->name, name) == 0)
            return stream->consumers.items[i];
    return NULL;
}

/* What is wrong with the consumer through which a copy reads; NULL: nothing. */
static const char *unfit(const struct rule_scan *scan, const struct rules_object *consumer,
                         const struct object *delivery)
{
    const char *subject = object_text(delivery, DELIVERY_SUBJECT);
    const char *there = consumer ? object_text(consumer->config, CONSUMER_DELIVER_SUBJECT) : NULL;
    if (!consumer)
        return scan->world->facts ? "is not there" : NULL;
    if (!object_has(consumer->config, CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL))
        return arena_printf(scan->arena, "has not '%s: %s'", name_of(CONSUMER_ACK_POLICY),
                            CHOICE_FLOW_CONTROL);
    if (!there || !subject || strcmp(there, subject) != 0)
        return arena_printf(scan->arena, "delivers to '%s' and not to '%s'", there ? there : "",
                            subject ? subject : "");
    return NULL;
}

static void check_read_through(const struct rule_scan *scan)
{
    const struct object *delivery = object_object(scan->origin, ORIGIN_CONSUMER);
    const char *name = delivery ? object_text(delivery, DELIVERY_NAME) : NULL;
    if (!name || !scan->copied)
        return;
    const struct rules_object *consumer = find_consumer(scan->copied->stream, name);
    const char *why = unfit(scan, consumer, delivery);
    if (!why)
        return;
    struct diag *diag = rule_report(scan, object_pos(delivery, DELIVERY_NAME),
                                    "%s gets nothing through consumer '%s' of stream %s, which %s",
                                    rule_label(scan), name, scan->copied->name, why);
    if (consumer)
        rule_note_other(scan, diag, consumer, (struct srcpos){0}, "it is here");
}

static void report_limited(const struct rule_scan *scan, unsigned limit, const char *why, int err_code)
{
    struct diag *diag = rule_report(scan, object_pos(scan->origin, ORIGIN_NAME),
                                    "%s gets nothing from stream %s once the server sets it up anew: %s",
                                    rule_label(scan), scan->copied->name, why);
    if (!diag)
        return;
    diag_note(scan->diags, diag, (struct srcpos){0}, "its INFO then has error %d", err_code);
    rule_note_other(scan, diag, scan->copied,
                    scan->copied->resource ? object_pos(scan->copied->config, STREAM_CONSUMER_LIMITS)
                                           : (struct srcpos){0},
                    arena_printf(scan->arena, "'%s' is of its consumer_limits",
                                 table_field_by_id(&limits_table, limit)->name));
}

/* The origin's limits hold for the consumer that the server makes for the copy, too (2.10.27, 2.15.1). */
static void check_copy_limits(const struct rule_scan *scan)
{
    if (!scan->copied || !scan->copied->config || object_object(scan->origin, ORIGIN_CONSUMER))
        return;
    int64_t leaves = rules_limit(scan->copied->config, LIMITS_INACTIVE_THRESHOLD);
    if (rules_limit(scan->copied->config, LIMITS_MAX_ACK_PENDING) > 0)
        report_limited(scan, LIMITS_MAX_ACK_PENDING,
                       "a copy acknowledges nothing, and so can have no limit for it", 10082);
    else if (leaves > 0 && leaves < copy_leaves)
        report_limited(scan, LIMITS_INACTIVE_THRESHOLD, "a copy's consumer is kept for 10s", 10153);
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
    diag_note_unwritten(scan->diags, diag, object_pos(scan->config, CONSUMER_ACK_POLICY));
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
                    "%s wants %lld replica%s, and its stream, which keeps messages for it, has %lld",
                    rule_label(scan), (long long)wanted, text_plural((uint64_t)wanted), (long long)have);
    note_stream(scan, diag, STREAM_RETENTION);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_workqueue, .each = EACH_PAIR, .where = WHERE_QUEUES, .err_code = 10098,
        .says = "workqueue stream requires explicit ack",
        .doc = "Each message of a work queue is acknowledged explicitly.", .check = check_workqueue_ack),
    ROW(.code = &code_workqueue, .each = EACH_PAIR, .where = WHERE_QUEUES, .err_code = 10101,
        .says = "consumer must be deliver all on workqueue stream",
        .doc = "A consumer of a work queue starts at its first message.", .check = check_workqueue_deliver),
    ROW(.code = &code_workqueue, .each = EACH_PAIR, .where = WHERE_QUEUES, .err_code = 10099,
        .says = "multiple non-filtered consumers not allowed on workqueue stream",
        .doc = "Of several consumers of a work queue, each needs a filter.",
        .check = check_workqueue_unfiltered),
    ROW(.code = &code_workqueue, .each = EACH_ACCOUNT, .where = WHERE_QUEUES, .err_code = 10100,
        .says = "filtered consumer not unique on workqueue stream",
        .doc = "A message of a work queue is for one consumer.", .check = check_workqueue_overlap),
    ROW(.code = &code_deliver_loop, .each = EACH_PAIR, .where = WHERE_PUSHES, .err_code = 10081,
        .says = "consumer deliver subject forms a cycle",
        .doc = "A push consumer must not deliver on a subject of its own stream.",
        .check = check_deliver_loop),
    ROW(.code = &code_consumer_limit, .each = EACH_PAIR, .where = WHERE_PUSHES, .err_code = 10082,
        .says = "consumer requires ack policy for max ack pending",
        .doc =
            "A push consumer without acknowledgements can have no max_ack_pending, not even the one of the stream's consumer_limits.",
        .check = check_push_pending),
    ROW(.code = &code_consumer_limit, .each = EACH_PAIR, .where = WHERE_LIMITS, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …", .since = V_2_10,
        .doc = "A consumer's max_ack_pending is at most that of the stream's consumer_limits.",
        .check = check_pending_limit),
    ROW(.code = &code_consumer_limit, .each = EACH_PAIR, .where = WHERE_LIMITS, .err_code = 10153,
        .says = "consumer inactive threshold exceeds system limit of …", .since = V_2_10,
        .doc = "A consumer's inactive_threshold is at most that of the stream's consumer_limits.",
        .check = check_inactive_limit),
    ROW(.code = &code_consumer_limit, .each = EACH_ACCOUNT, .where = WHERE_COUNTS, .err_code = 10026,
        .says = "maximum consumers limit reached",
        .doc = "A stream has no more consumers than its max_consumers.", .check = check_count),
    ROW(.code = &code_replicas, .each = EACH_PAIR, .where = WHERE_REPLICATES, .err_code = 10126,
        .says = "consumer config replica count exceeds parent stream",
        .doc = "A consumer has at most as many replicas as its stream.", .check = check_replicas),
    ROW(.code = &code_replicas, .each = EACH_PAIR, .where = WHERE_REPLICATES, .err_code = 10134,
        .says = "consumer config replicas must match interest retention stream's replicas",
        .since = VERSION(2, 9, 12),
        .doc = "A consumer of a work queue or an interest stream has as many replicas as the stream.",
        .check = check_replicas_match),
    ROW(.code = &code_filter, .each = EACH_PAIR, .where = WHERE_FILTERS, .err_code = 10093,
        .says = "consumer filter subject is not a valid subset of the interest subjects", .until = V_2_10,
        .doc = "Before 2.10, a consumer's filter has to match a subject of its stream.",
        .check = check_filter_outside),
    ROW(.code = &code_shared_queue, .each = EACH_ACCOUNT, .where = WHERE_QUEUES,
        .doc =
            "Before 2.10 no update of a consumer is checked for it, and on no version one that takes the filter away.",
        .check = check_shared_queue),
    ROW(.code = &code_copies_nothing, .each = EACH_MIRROR | EACH_SOURCE, .since = V_2_14, .lasting = true,
        .doc =
            "A copy may read through a consumer with ack_policy flow_control that delivers where the copy listens.",
        .check = check_read_through),
    ROW(.code = &code_copies_nothing, .each = EACH_MIRROR | EACH_SOURCE, .since = V_2_10, .lasting = true,
        .doc = "The consumer_limits of an origin hold for the consumers of its copies, too.",
        .check = check_copy_limits),
};
const struct rule_list consumer_rules = RULE_LIST(rows);
