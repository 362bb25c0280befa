/* Rules about consumers and their streams. */
#include <string.h>

#include "field/subject.h"
#include "field/units.h"
#include "kind/kinds.h"
#include "rules/scan.h"
#include "rules/subject_index.h"

DIAG_CODE(
    code_workqueue, .name = "workqueue", CODE_ERROR(EXIT_MANIFEST),
    .doc = "Consumers of a work queue acknowledge explicitly, deliver all, and share no subject.",
    .why = "In a work queue each message has exactly one consumer, which acknowledges it.",
    .example = "retention: workqueue\nconsumers: {a: {ack_policy: explicit}, b: {ack_policy: explicit}}",
    .remedy = "Give each consumer a filter of its own, explicit acknowledgement, and deliver_policy all.");

DIAG_CODE(code_deliver_loop, .name = "deliver-loop", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A push consumer would deliver into the stream that it reads.",
          .why = "What the consumer delivers would be stored, and delivered again.",
          .example = "subjects: [a.>]\nconsumers: {c: {deliver_subject: a.out}}",
          .remedy = "Deliver on a subject that the stream does not have.");

DIAG_CODE(
    code_filter, .name = "filter", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A consumer filters on subjects that its stream does not have, which servers before 2.10 refuse.",
    .why = "Servers before 2.10 refuse such a consumer; later ones make it, and it gets nothing.",
    .example = "subjects: [a.>]\nconsumers: {c: {filter_subject: b.x}}",
    .remedy = "Filter on a subject of the stream.");

DIAG_CODE(code_consumer_limit, .name = "consumer-limit", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A consumer goes beyond what its stream allows its consumers.",
          .why = "The stream's consumer_limits and max_consumers bind its consumers.",
          .example = "consumer_limits: {max_ack_pending: 100}\nconsumers: {c: {max_ack_pending: 500}}",
          .remedy = "Lower the consumer's value, or raise the stream's limit.");

DIAG_CODE(code_replicas, .name = "replicas", CODE_ERROR(EXIT_MANIFEST),
          .doc = "More replicas than there can be.",
          .why = "A replica needs a server of its own, and a consumer's replicas those of its stream.",
          .example = "num_replicas: 1\nconsumers: {c: {num_replicas: 3}}",
          .remedy = "Lower the number, or raise the stream's.");

#define V_2_10 VERSION(2, 10, 0)

typedef void consumer_check(struct rule_scan *scan, const struct rules_object *consumer,
                            const struct object *stream);

/* Consumers that are or will be made, of streams that are known. */
static void each_consumer(struct rule_scan *scan, consumer_check *check)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        for (size_t j = 0; stream->self.config && j < stream->consumers.count; j++)
            if (rules_is_open(stream->consumers.items[j]))
                check(scan, stream->consumers.items[j], stream->self.config);
    }
}

static const char *name_of(unsigned id)
{
    return table_field_by_id(&consumer_table, id)->name;
}

static bool is_workqueue(const struct object *stream)
{
    return object_has(stream, STREAM_RETENTION, CHOICE_WORKQUEUE);
}

static void note_stream(const struct rule_scan *scan, struct diag *diag, const struct rules_object *consumer,
                        unsigned id)
{
    const struct rules_object *stream = &consumer->stream->self;
    if (!diag)
        return;
    const struct field *field = table_field_by_id(&stream_table, id);
    rule_note_other(
        scan, diag, stream, stream->resource ? object_pos(stream->config, id) : (struct srcpos){0},
        arena_printf(&scan->diags->arena, "'%s' of %s is here", field->name, rules_label(scan, stream)));
}

/* ---- work queues ---- */

static void workqueue_ack(struct rule_scan *scan, const struct rules_object *consumer,
                          const struct object *stream)
{
    const struct object *config = consumer->config;
    if (!is_workqueue(stream) || object_has(config, CONSUMER_ACK_POLICY, CHOICE_EXPLICIT) ||
        object_has(config, CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL))
        return;
    struct diag *diag =
        rule_report(scan, consumer, object_pos(config, CONSUMER_ACK_POLICY), "%s needs '%s: %s'",
                    rules_label(scan, consumer), name_of(CONSUMER_ACK_POLICY), CHOICE_EXPLICIT);
    note_stream(scan, diag, consumer, STREAM_RETENTION);
}

void check_workqueue_ack(struct rule_scan *scan)
{
    each_consumer(scan, workqueue_ack);
}

static void workqueue_deliver(struct rule_scan *scan, const struct rules_object *consumer,
                              const struct object *stream)
{
    if (!is_workqueue(stream) || object_has(consumer->config, CONSUMER_DELIVER_POLICY, CHOICE_ALL))
        return;
    struct diag *diag = rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_DELIVER_POLICY),
                                    "%s needs '%s: %s'", rules_label(scan, consumer),
                                    name_of(CONSUMER_DELIVER_POLICY), CHOICE_ALL);
    note_stream(scan, diag, consumer, STREAM_RETENTION);
}

void check_workqueue_deliver(struct rule_scan *scan)
{
    each_consumer(scan, workqueue_deliver);
}

static size_t filters_of(const struct object *consumer, const struct value **ret_filters)
{
    const struct value_list *many = object_list(consumer, CONSUMER_FILTER_SUBJECTS);
    *ret_filters = many->count ? many->items : object_value(consumer, CONSUMER_FILTER_SUBJECT);
    if (many->count)
        return many->count;
    return object_has(consumer, CONSUMER_FILTER_SUBJECT, NULL) ? 1 : 0;
}

/* An update that takes a filter away is not looked at by any version, and one before 2.10 not at all. */
static bool is_looked_at(const struct rule_scan *scan, const struct rules_object *consumer, bool filtered)
{
    return !consumer->live || (filtered && version_has(scan->world->version, V_2_10));
}

void check_workqueue_unfiltered(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        const struct value *filters;
        if (!stream->self.config || !is_workqueue(stream->self.config) || stream->consumers.count < 2)
            continue;
        for (size_t j = 0; j < stream->consumers.count; j++) {
            const struct rules_object *consumer = stream->consumers.items[j];
            if (filters_of(consumer->config, &filters) > 0 || !is_looked_at(scan, consumer, false))
                continue;
            struct diag *diag = rule_report(scan, consumer, (struct srcpos){0},
                                            "%s needs a '%s', as it is not the work queue's only consumer",
                                            rules_label(scan, consumer), name_of(CONSUMER_FILTER_SUBJECT));
            note_stream(scan, diag, consumer, STREAM_RETENTION);
        }
    }
}

struct filter_search {
    struct rule_scan *scan;
    const struct rules_object *consumer;
    const struct value *filter;
    bool found;
};

/* Before 2.10, only a filter that includes the other one is noticed. */
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
    struct diag *diag = rule_report(search->scan, consumer, pos,
                                    "%s and %s share messages of the work queue: "
                                    "'%s' overlaps with '%s'",
                                    rules_label(search->scan, consumer), rules_label(search->scan, other),
                                    consumer == search->consumer ? filter : subject,
                                    consumer == search->consumer ? subject : filter);
    if (diag)
        rule_note_other(search->scan, diag, other, (struct srcpos){0}, "the other one is here");
    search->found = true;
    return false;
}

static void find_shared(struct rule_scan *scan, const struct rules_stream *stream)
{
    struct subject_index *index = subject_index_new(scan->world->arena);
    for (size_t i = 0; i < stream->consumers.count; i++) {
        struct rules_object *consumer = stream->consumers.items[i];
        const struct value *filters;
        size_t count = filters_of(consumer->config, &filters);
        struct filter_search search = {.scan = scan, .consumer = consumer};
        for (size_t j = 0; j < count && !search.found; j++) {
            search.filter = &filters[j];
            subject_index_find(index, filters[j].text, on_shared, &search);
        }
        for (size_t j = 0; j < count; j++)
            subject_index_add(index, filters[j].text, consumer);
    }
}

/* One without a filter that is there already takes everything; of two new ones, the one without a filter is to blame. */
static void find_taken(struct rule_scan *scan, const struct rules_stream *stream)
{
    const struct rules_object *all = NULL;
    const struct value *filters;
    for (size_t i = 0; i < stream->consumers.count; i++)
        if (stream->consumers.items[i]->settled &&
            filters_of(stream->consumers.items[i]->config, &filters) == 0)
            all = stream->consumers.items[i];
    for (size_t i = 0; all && i < stream->consumers.count; i++) {
        const struct rules_object *consumer = stream->consumers.items[i];
        if (filters_of(consumer->config, &filters) == 0 || !is_looked_at(scan, consumer, true))
            continue;
        struct diag *diag =
            rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_FILTER_SUBJECT),
                        "%s cannot be made: %s is there and takes all messages of the work queue",
                        rules_label(scan, consumer), rules_label(scan, all));
        if (diag)
            rule_note_other(scan, diag, all, (struct srcpos){0}, "the other one is here");
    }
}

void check_workqueue_overlap(struct rule_scan *scan)
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

static void deliver_loop(struct rule_scan *scan, const struct rules_object *consumer,
                         const struct object *stream)
{
    const char *deliver = object_text(consumer->config, CONSUMER_DELIVER_SUBJECT);
    const struct value_list *subjects = object_list(stream, STREAM_SUBJECTS);
    for (size_t i = 0; deliver && *deliver && i < subjects->count; i++) {
        if (!subject_is_subset(deliver, subjects->items[i].text))
            continue;
        struct diag *diag =
            rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_DELIVER_SUBJECT),
                        "%s would deliver into its own stream, which stores '%s'",
                        rules_label(scan, consumer), subjects->items[i].text);
        note_stream(scan, diag, consumer, STREAM_SUBJECTS);
        return;
    }
}

void check_deliver_loop(struct rule_scan *scan)
{
    each_consumer(scan, deliver_loop);
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

/* Also what a stream copies; of an external origin, or one that is not known, nobody can tell. */
static bool may_reach(const struct rule_scan *scan, const struct object *stream, const char *filter)
{
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    bool any = reaches(stream, filter);
    for (size_t i = 0; !any && i < sources->count + (mirror != NULL); i++) {
        const struct object *origin = i < sources->count ? sources->items[i].object : mirror;
        const struct rules_stream *copied = rules_find_stream(scan->world, object_text(origin, ORIGIN_NAME));
        any = object_has(origin, ORIGIN_EXTERNAL, NULL) || !copied || !copied->self.config ||
              object_list(copied->self.config, STREAM_SUBJECTS)->count == 0 ||
              reaches(copied->self.config, filter);
    }
    return any;
}

static void filter_outside(struct rule_scan *scan, const struct rules_object *consumer,
                           const struct object *stream)
{
    const char *filter = object_text(consumer->config, CONSUMER_FILTER_SUBJECT);
    if (!filter || !*filter || may_reach(scan, stream, filter))
        return;
    struct diag *diag =
        rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_FILTER_SUBJECT),
                    "'%s' of %s is none of the subjects of its stream", filter, rules_label(scan, consumer));
    note_stream(scan, diag, consumer, STREAM_SUBJECTS);
}

void check_filter_outside(struct rule_scan *scan)
{
    each_consumer(scan, filter_outside);
}

/* ---- limits ---- */

static void push_pending(struct rule_scan *scan, const struct rules_object *consumer,
                         const struct object *stream)
{
    const struct object *config = consumer->config;
    (void)stream;
    if (!object_has(config, CONSUMER_DELIVER_SUBJECT, NULL) ||
        !object_has(config, CONSUMER_ACK_POLICY, CHOICE_NONE) ||
        object_integer(config, CONSUMER_MAX_ACK_PENDING) <= 0)
        return;
    bool given = object_value(config, CONSUMER_MAX_ACK_PENDING)->given;
    struct diag *diag = rule_report(
        scan, consumer, object_pos(config, given ? CONSUMER_MAX_ACK_PENDING : CONSUMER_ACK_POLICY),
        "%s delivers without acknowledgements and can have no '%s'%s", rules_label(scan, consumer),
        name_of(CONSUMER_MAX_ACK_PENDING), given ? "" : ", which it takes from its stream");
    if (!given)
        note_stream(scan, diag, consumer, STREAM_CONSUMER_LIMITS);
}

void check_push_pending(struct rule_scan *scan)
{
    each_consumer(scan, push_pending);
}

static int64_t limit_of(const struct object *stream, unsigned id)
{
    const struct object *limits = object_object(stream, STREAM_CONSUMER_LIMITS);
    return limits ? object_integer(limits, id) : 0;
}

static void pending_limit(struct rule_scan *scan, const struct rules_object *consumer,
                          const struct object *stream)
{
    int64_t limit = limit_of(stream, LIMITS_MAX_ACK_PENDING);
    int64_t wanted = object_integer(consumer->config, CONSUMER_MAX_ACK_PENDING);
    if (limit <= 0 || wanted <= limit)
        return;
    struct diag *diag =
        rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_MAX_ACK_PENDING),
                    "'%s' of %s is %lld, and its stream allows %lld", name_of(CONSUMER_MAX_ACK_PENDING),
                    rules_label(scan, consumer), (long long)wanted, (long long)limit);
    note_stream(scan, diag, consumer, STREAM_CONSUMER_LIMITS);
}

void check_pending_limit(struct rule_scan *scan)
{
    each_consumer(scan, pending_limit);
}

static void inactive_limit(struct rule_scan *scan, const struct rules_object *consumer,
                           const struct object *stream)
{
    int64_t limit = limit_of(stream, LIMITS_INACTIVE_THRESHOLD);
    int64_t wanted = object_integer(consumer->config, CONSUMER_INACTIVE_THRESHOLD);
    if (limit <= 0 || wanted <= limit)
        return;
    struct diag *diag =
        rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_INACTIVE_THRESHOLD),
                    "'%s' of %s is %s, and its stream allows %s", name_of(CONSUMER_INACTIVE_THRESHOLD),
                    rules_label(scan, consumer), duration_format(&scan->diags->arena, wanted),
                    duration_format(&scan->diags->arena, limit));
    note_stream(scan, diag, consumer, STREAM_CONSUMER_LIMITS);
}

void check_inactive_limit(struct rule_scan *scan)
{
    each_consumer(scan, inactive_limit);
}

/* The stream's own bound, or the account's where that is lower. */
static int64_t consumers_most(const struct rule_scan *scan, const struct object *stream)
{
    int64_t own = object_integer(stream, STREAM_MAX_CONSUMERS);
    const struct account_tier *tier =
        scan->world->facts
            ? account_tier(&scan->world->facts->account, object_integer(stream, STREAM_NUM_REPLICAS))
            : NULL;
    int64_t account = tier ? tier->consumers_most : 0;
    return account > 0 && (own <= 0 || account < own) ? account : own;
}

/* Those that are there already keep their places. */
void check_consumer_count(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        int64_t most = stream->self.config ? consumers_most(scan, stream->self.config) : 0;
        int64_t count = 0;
        for (size_t j = 0; j < stream->consumers.count; j++)
            count += stream->consumers.items[j]->live != NULL || stream->consumers.items[j]->settled;
        for (size_t j = 0; most > 0 && j < stream->consumers.count; j++) {
            const struct rules_object *consumer = stream->consumers.items[j];
            if (consumer->live || consumer->settled || ++count <= most)
                continue;
            bool own = object_integer(stream->self.config, STREAM_MAX_CONSUMERS) == most;
            struct diag *diag =
                rule_report(scan, consumer, (struct srcpos){0}, "%s is one too many: %s %lld",
                            rules_label(scan, consumer),
                            own ? "its stream may have" : "the account allows a stream", (long long)most);
            if (own)
                note_stream(scan, diag, consumer, STREAM_MAX_CONSUMERS);
        }
    }
}

static void consumer_replicas(struct rule_scan *scan, const struct rules_object *consumer,
                              const struct object *stream)
{
    int64_t wanted = object_integer(consumer->config, CONSUMER_NUM_REPLICAS);
    int64_t most = object_integer(stream, STREAM_NUM_REPLICAS);
    if (wanted <= most)
        return;
    struct diag *diag = rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_NUM_REPLICAS),
                                    "%s wants %lld replicas, and its stream has %lld",
                                    rules_label(scan, consumer), (long long)wanted, (long long)most);
    note_stream(scan, diag, consumer, STREAM_NUM_REPLICAS);
}

void check_consumer_replicas(struct rule_scan *scan)
{
    each_consumer(scan, consumer_replicas);
}

static void consumer_replicas_match(struct rule_scan *scan, const struct rules_object *consumer,
                                    const struct object *stream)
{
    int64_t wanted = object_integer(consumer->config, CONSUMER_NUM_REPLICAS);
    int64_t have = object_integer(stream, STREAM_NUM_REPLICAS);
    if (object_has(stream, STREAM_RETENTION, CHOICE_LIMITS) || wanted == 0 || wanted >= have)
        return; /* more is another rule's */
    struct diag *diag =
        rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_NUM_REPLICAS),
                    "%s wants %lld replicas, and its stream, which keeps messages for it, has %lld",
                    rules_label(scan, consumer), (long long)wanted, (long long)have);
    note_stream(scan, diag, consumer, STREAM_RETENTION);
}

void check_consumer_replicas_match(struct rule_scan *scan)
{
    each_consumer(scan, consumer_replicas_match);
}
