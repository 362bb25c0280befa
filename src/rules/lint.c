/*
 * Rules about what every server takes, and hardly anybody means: warnings and notes, which an object may have ignored. These look at one
 * object and its stream; lint_subjects.c follows subjects from stream to stream.
 */
#include <ctype.h>
#include <string.h>

#include "field/units.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "rules/scan.h"

DIAG_CODE(code_without_effect, .name = "without-effect", CODE_WARNING, .lint = true,
          .doc = "The server takes the field and never looks at it.",
          .why = "Somebody wrote it to get something, and does not.",
          .example = "consumers: {c: {max_deliver: 5}}",
          .remedy = "Take the field away, or add what makes it count: here 'ack_policy: explicit'.");

DIAG_CODE(
    code_gone_when_delivered, .name = "gone-when-delivered", CODE_WARNING, .lint = true,
    .doc = "A message is removed from an interest stream as soon as it was sent, whether it arrived or not.",
    .why =
        "Interest retention removes what every consumer is done with; without acknowledgements that is when it was sent.",
    .example = "retention: interest\nconsumers: {c: {ack_policy: none}}",
    .remedy = "Write 'ack_policy: explicit'.");

DIAG_CODE(code_limit_bypassed, .name = "limit-bypassed", CODE_WARNING, .lint = true,
          .doc = "An unlimited value passes the limit that the stream sets for its consumers.",
          .why = "The server compares numbers above zero only.",
          .example = "consumer_limits: {max_ack_pending: 100}\nconsumers: {c: {max_ack_pending: unlimited}}",
          .remedy = "Write a number, or leave the field out to inherit the limit.");

DIAG_CODE(
    code_durable_expires, .name = "durable-expires", CODE_WARNING, .lint = true,
    .doc = "A durable consumer is removed when nobody uses it, because of its stream's limits.",
    .why =
        "People make a consumer durable so that it stays; the stream's inactive_threshold removes it all the same.",
    .example = "consumer_limits: {inactive_threshold: 1h}\nconsumers: {c: {ack_policy: explicit}}",
    .remedy =
        "Write inactive_threshold at the consumer to show that it is meant, or take the stream's limit away.");

DIAG_CODE(code_ack_wait_short, .name = "ack-wait-short", CODE_WARNING, .lint = true,
          .doc = "Messages are delivered again before a client can have acknowledged them.",
          .why = "A client needs longer than that for a round trip: it gets everything more than once.",
          .example = "consumers: {c: {ack_policy: explicit, ack_wait: 1ms}}",
          .remedy = "Wait for longer than handling a message takes.");

DIAG_CODE(code_never_removed, .name = "never-removed", CODE_NOTE, .lint = true,
          .doc = "Messages that ran out of deliveries stay in a work queue for good.",
          .why = "Only what was acknowledged leaves a work queue; the rest fills the disk.",
          .example = "retention: workqueue\nconsumers: {c: {ack_policy: explicit, max_deliver: 5}}",
          .remedy = "Give the stream a max_age, or handle the advisories about such messages.");

DIAG_CODE(
    code_replicas_even, .name = "replicas-even", CODE_WARNING, .lint = true,
    .doc = "An even number of replicas survives no more failures than one less.",
    .why =
        "A stream works while more than half of its replicas do: 2 survive no loss, 4 survive one, as 3 do.",
    .example = "num_replicas: 2", .remedy = "Use 1, 3 or 5.");

DIAG_CODE(code_names_differ_in_case, .name = "names-differ-in-case", CODE_NOTE, .lint = true,
          .doc = "Two names are the same but for upper and lower case.",
          .why = "Names become directories, which some file systems cannot tell apart; neither can people.",
          .example = "streams: {ORDERS: {subjects: [a]}, orders: {subjects: [b]}}",
          .remedy = "Give one of them another name.");

DIAG_CODE(
    code_mirror_incomplete, .name = "mirror-incomplete", CODE_WARNING, .lint = true,
    .doc =
        "Before nats-server 2.11.5 a bucket's mirror may refuse what its origin took, and stop or go on without it.",
    .why =
        "A client's condition is asked again of the mirror, which may lack the revision before, or still hold a purged key. STREAM.INFO shows no error.",
    .example = "mirror: {name: plain} of a bucket, on nats-server 2.10",
    .remedy =
        "Use nats-server 2.11.5: what has stopped goes on, what was lost needs a new mirror. Or 'sources', from 2.10.14 on.");

DIAG_CODE(code_needs_cluster, .name = "needs-cluster", CODE_WARNING, .lint = true,
          .doc = "The server takes the value without a cluster, and does nothing with it.",
          .why = "The plan looks as if there were copies, and there are none.",
          .example = "placement: {tags: [ssd]}", .remedy = "Leave it out for a server that stands alone.");

DIAG_CODE(code_change_without_effect, .name = "change-without-effect", CODE_WARNING, .lint = true,
          .doc = "The server takes the change of an existing object, and nothing becomes different.",
          .why = "The server keeps the new value and goes on as before.", .example = "first_seq: 1000",
          .remedy = "Leave it as it is, or make the object anew under another name.");

#define ACK_WAIT_LEAST (10 * MILLISECOND)

typedef void object_lint(struct rule_scan *scan, const struct rules_object *object);

static void each_stream(struct rule_scan *scan, object_lint *lint)
{
    for (size_t i = 0; i < scan->world->streams.count; i++)
        if (rules_is_open(&scan->world->streams.items[i]->self))
            lint(scan, &scan->world->streams.items[i]->self);
}

static void each_consumer(struct rule_scan *scan, object_lint *lint)
{
    for (size_t i = 0; i < scan->world->streams.count; i++)
        for (size_t j = 0; j < scan->world->streams.items[i]->consumers.count; j++)
            if (rules_is_open(scan->world->streams.items[i]->consumers.items[j]))
                lint(scan, scan->world->streams.items[i]->consumers.items[j]);
}

static bool is_given(const struct object *config, unsigned id)
{
    return object_value(config, id)->given && object_has(config, id, NULL);
}

static const struct object *limits_of(const struct rules_object *consumer)
{
    const struct object *stream = consumer->stream->self.config;
    return stream ? object_object(stream, STREAM_CONSUMER_LIMITS) : NULL;
}

/* ---- without-effect ---- */

/* "`field` (or its `choice`) has no effect when `other` is (`with`), or is not, on (or `other_choice`)." */
struct useless {
    const struct table *table;
    unsigned field;
    const char *choice;
    bool with;
    unsigned other;
    const char *other_choice;
    const char *why;
};

static const char pulls[] = "it bounds pull requests, and this consumer pushes";
static const char silent[] = "nothing is acknowledged";

static const struct useless useless_fields[] = {
    {&consumer_table, CONSUMER_MAX_BATCH, NULL, true, CONSUMER_DELIVER_SUBJECT, NULL, pulls},
    {&consumer_table, CONSUMER_MAX_EXPIRES, NULL, true, CONSUMER_DELIVER_SUBJECT, NULL, pulls},
    {&consumer_table, CONSUMER_MAX_BYTES, NULL, true, CONSUMER_DELIVER_SUBJECT, NULL, pulls},
    {&consumer_table, CONSUMER_DELIVER_GROUP, NULL, false, CONSUMER_DELIVER_SUBJECT, NULL,
     "only a push consumer delivers to a group"},
    {&consumer_table, CONSUMER_ACK_WAIT, NULL, true, CONSUMER_ACK_POLICY, CHOICE_NONE, silent},
    {&consumer_table, CONSUMER_MAX_DELIVER, NULL, true, CONSUMER_ACK_POLICY, CHOICE_NONE, silent},
    {&consumer_table, CONSUMER_BACKOFF, NULL, true, CONSUMER_ACK_POLICY, CHOICE_NONE, silent},
    {&consumer_table, CONSUMER_SAMPLE_FREQ, NULL, true, CONSUMER_ACK_POLICY, CHOICE_NONE, silent},
    {&consumer_table, CONSUMER_MAX_ACK_PENDING, NULL, true, CONSUMER_ACK_POLICY, CHOICE_NONE, silent},
    {&consumer_table, CONSUMER_PRIORITY_TIMEOUT, NULL, false, CONSUMER_PRIORITY_POLICY, "pinned_client",
     "it is for 'priority_policy: pinned_client'"},
    {&stream_table, STREAM_COMPRESSION, "s2", true, STREAM_STORAGE, CHOICE_MEMORY,
     "only files are compressed"},
};

static void hint_at_acknowledgement(const struct rule_scan *scan, const struct rules_object *consumer,
                                    struct diag *diag)
{
    const struct field *field = table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY);
    bool given = object_value_of(consumer->config, field)->given;
    diag_hint(scan->diags, diag, "'%s' is %s%s: write '%s: explicit'", field->name, CHOICE_NONE,
              given ? "" : " when it is left out", field->name);
}

static void lint_useless(struct rule_scan *scan, const struct rules_object *object)
{
    const struct table *table = object->config->table;
    for (size_t i = 0; i < sizeof(useless_fields) / sizeof(useless_fields[0]); i++) {
        const struct useless *row = &useless_fields[i];
        if (row->table != table || !is_given(object->config, row->field) ||
            !object_has(object->config, row->field, row->choice) ||
            object_has(object->config, row->other, row->other_choice) != row->with)
            continue;
        struct diag *diag =
            rule_report(scan, object, object_pos(object->config, row->field), "'%s' of %s has no effect: %s",
                        table_field_by_id(table, row->field)->name, rules_label(scan, object), row->why);
        if (diag && row->why == silent)
            hint_at_acknowledgement(scan, object, diag);
    }
}

/* Given, and none all the same: the normalisation took it out. */
static void lint_passed(struct rule_scan *scan, const struct rules_object *object)
{
    const struct table *table = object->config->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct value *value = &object->config->values[i];
        if ((table->fields[i].flags & FIELD_PASSES) && value->given && value->type == VALUE_ABSENT)
            rule_report(scan, object, value->node->pos, "'%s' of %s has no effect: that time is past",
                        table->fields[i].name, rules_label(scan, object));
    }
}

static void lint_origin(struct rule_scan *scan, const struct rules_object *stream,
                        const struct object *origin)
{
    if (object_has(origin, ORIGIN_START_SEQ, NULL) && object_has(origin, ORIGIN_START_TIME, NULL))
        rule_report(scan, stream, object_pos(origin, ORIGIN_START_TIME),
                    "only one of '%s' and '%s' of a %s has an effect",
                    table_field_by_id(origin->table, ORIGIN_START_SEQ)->name,
                    table_field_by_id(origin->table, ORIGIN_START_TIME)->name, origin->table->noun);
}

static void lint_stream(struct rule_scan *scan, const struct rules_object *stream)
{
    const struct object *mirror = object_object(stream->config, STREAM_MIRROR);
    const struct object *transform = object_object(stream->config, STREAM_SUBJECT_TRANSFORM);
    const struct value_list *sources = object_list(stream->config, STREAM_SOURCES);
    lint_useless(scan, stream);
    if (mirror)
        lint_origin(scan, stream, mirror);
    for (size_t i = 0; i < sources->count; i++)
        lint_origin(scan, stream, sources->items[i].object);
    if (transform && !object_has(transform, TRANSFORM_DEST, NULL))
        rule_report(scan, stream, object_pos(stream->config, STREAM_SUBJECT_TRANSFORM),
                    "'%s' of %s has no effect without a '%s'",
                    table_field_by_id(&stream_table, STREAM_SUBJECT_TRANSFORM)->name,
                    rules_label(scan, stream), table_field_by_id(transform->table, TRANSFORM_DEST)->name);
}

void lint_without_effect(struct rule_scan *scan)
{
    each_stream(scan, lint_stream);
    each_consumer(scan, lint_useless);
    each_consumer(scan, lint_passed);
}

/* ---- consumers ---- */

static void gone_when_delivered(struct rule_scan *scan, const struct rules_object *consumer)
{
    const struct object *stream = consumer->stream->self.config;
    if (!stream || !object_has(stream, STREAM_RETENTION, CHOICE_INTEREST) ||
        !object_has(consumer->config, CONSUMER_ACK_POLICY, CHOICE_NONE))
        return;
    struct diag *diag = rule_report(
        scan, consumer, object_pos(consumer->config, CONSUMER_ACK_POLICY),
        "%s does not acknowledge: what it is sent is removed from the stream, whether it arrives or not",
        rules_label(scan, consumer));
    if (diag)
        diag_hint(scan->diags, diag, "'%s: explicit' keeps a message until it was handled",
                  table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY)->name);
}

void lint_gone_when_delivered(struct rule_scan *scan)
{
    each_consumer(scan, gone_when_delivered);
}

static void limit_bypassed(struct rule_scan *scan, const struct rules_object *consumer)
{
    const struct object *limits = limits_of(consumer);
    const struct value *pending = object_value(consumer->config, CONSUMER_MAX_ACK_PENDING);
    int64_t most = limits ? object_integer(limits, LIMITS_MAX_ACK_PENDING) : 0;
    if (most > 0 && pending->given && pending->type == VALUE_INT && pending->integer < 0)
        rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_MAX_ACK_PENDING),
                    "an unlimited '%s' of %s passes the stream's limit of %lld",
                    table_field_by_id(&consumer_table, CONSUMER_MAX_ACK_PENDING)->name,
                    rules_label(scan, consumer), (long long)most);
}

void lint_limit_bypassed(struct rule_scan *scan)
{
    each_consumer(scan, limit_bypassed);
}

static void durable_expires(struct rule_scan *scan, const struct rules_object *consumer)
{
    const struct object *limits = limits_of(consumer);
    int64_t threshold = limits ? object_integer(limits, LIMITS_INACTIVE_THRESHOLD) : 0;
    if (threshold <= 0 || !object_has(consumer->config, CONSUMER_DURABLE_NAME, NULL) ||
        object_value(consumer->config, CONSUMER_INACTIVE_THRESHOLD)->given)
        return;
    struct diag *diag =
        rule_report(scan, consumer, consumer->resource->pos,
                    "%s is durable, and goes with its position when nobody uses it for %s",
                    rules_label(scan, consumer), duration_format(&scan->diags->arena, threshold));
    if (!diag)
        return;
    rule_note_other(scan, diag, &consumer->stream->self,
                    object_pos(consumer->stream->self.config, STREAM_CONSUMER_LIMITS),
                    "the stream's limits say so");
    diag_hint(scan->diags, diag, "an '%s' of its own shows that it is meant",
              table_field_by_id(&consumer_table, CONSUMER_INACTIVE_THRESHOLD)->name);
}

void lint_durable_expires(struct rule_scan *scan)
{
    each_consumer(scan, durable_expires);
}

static void ack_wait_short(struct rule_scan *scan, const struct rules_object *consumer)
{
    const struct value_list *backoff = object_list(consumer->config, CONSUMER_BACKOFF);
    unsigned field = backoff->count ? CONSUMER_BACKOFF : CONSUMER_ACK_WAIT;
    int64_t wait =
        backoff->count ? backoff->items[0].integer : object_integer(consumer->config, CONSUMER_ACK_WAIT);
    if (wait > 0 && wait < ACK_WAIT_LEAST && !object_has(consumer->config, CONSUMER_ACK_POLICY, CHOICE_NONE))
        rule_report(scan, consumer, object_pos(consumer->config, field),
                    "%s gets each message again after %s, before it can have acknowledged it",
                    rules_label(scan, consumer), duration_format(&scan->diags->arena, wait));
}

void lint_ack_wait_short(struct rule_scan *scan)
{
    each_consumer(scan, ack_wait_short);
}

static bool is_bounded(const struct object *stream)
{
    static const unsigned limits[] = {STREAM_MAX_AGE, STREAM_MAX_MSGS, STREAM_MAX_BYTES,
                                      STREAM_MAX_MSGS_PER_SUBJECT};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (object_has(stream, limits[i], NULL))
            return true;
    return false;
}

static void never_removed(struct rule_scan *scan, const struct rules_object *consumer)
{
    const struct object *stream = consumer->stream->self.config;
    if (!stream || !object_has(stream, STREAM_RETENTION, CHOICE_WORKQUEUE) || is_bounded(stream) ||
        object_integer(consumer->config, CONSUMER_MAX_DELIVER) <= 0)
        return;
    struct diag *diag = rule_report(scan, consumer, object_pos(consumer->config, CONSUMER_MAX_DELIVER),
                                    "what %s has been sent %lld times stays in the work queue for good",
                                    rules_label(scan, consumer),
                                    (long long)object_integer(consumer->config, CONSUMER_MAX_DELIVER));
    if (diag)
        diag_hint(scan->diags, diag, "'%s' of the stream removes it after a while",
                  table_field_by_id(&stream_table, STREAM_MAX_AGE)->name);
}

void lint_never_removed(struct rule_scan *scan)
{
    each_consumer(scan, never_removed);
}

/* ---- streams ---- */

static void replicas_even(struct rule_scan *scan, const struct rules_object *stream)
{
    int64_t replicas = object_integer(stream->config, STREAM_NUM_REPLICAS);
    if (replicas <= 0 || replicas % 2 != 0)
        return;
    struct diag *diag = rule_report(scan, stream, object_pos(stream->config, STREAM_NUM_REPLICAS),
                                    "%lld replicas of %s survive no more failures than %lld",
                                    (long long)replicas, rules_label(scan, stream), (long long)replicas - 1);
    if (diag)
        diag_hint(scan->diags, diag, "use an odd number: 3 survive the loss of one, 5 of two");
}

void lint_replicas_even(struct rule_scan *scan)
{
    each_stream(scan, replicas_even);
}

/* Of a bucket: other streams are seldom written to on condition, and buckets are by every create() and update() of the clients. */
static void mirror_incomplete(struct rule_scan *scan, const struct rules_object *stream)
{
    const struct object *mirror = object_object(stream->config, STREAM_MIRROR);
    const char *origin = mirror ? object_text(mirror, ORIGIN_NAME) : NULL, *bucket = NULL;
    if (!origin || bucket_kind_by_stream(origin, &bucket) != &key_value_kind)
        return;
    struct diag *diag = rule_report(scan, stream, mirror->pos,
                                    "%s may stop at, or lose, what a client creates or updates in bucket %s",
                                    rules_label(scan, stream), bucket);
    if (diag)
        diag_hint(
            scan->diags, diag,
            "nats-server 2.11.5 and newer have it right, and from 2.10.14 on 'sources' instead of 'mirror' does");
}

void lint_mirror_incomplete(struct rule_scan *scan)
{
    each_stream(scan, mirror_incomplete);
}

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

void lint_names_differ_in_case(struct rule_scan *scan)
{
    struct map by_lower;
    map_init(&by_lower, scan->world->arena);
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_object *stream = &scan->world->streams.items[i]->self;
        const char *key = lower(scan->world->arena, stream->name);
        const struct rules_stream *other = map_get(&by_lower, key);
        if (!other) {
            map_put(&by_lower, key, scan->world->streams.items[i]);
            continue;
        }
        bool first = !rules_is_open(stream);
        const struct rules_object *blamed = first ? &other->self : stream;
        const struct rules_object *like = first ? stream : &other->self;
        if (!rules_is_open(blamed))
            continue;
        struct diag *diag = rule_report(scan, blamed, blamed->resource->pos, "%s and %s differ in case only",
                                        rules_label(scan, blamed), rules_label(scan, like));
        if (diag)
            rule_note_other(scan, diag, like, (struct srcpos){0}, "the other one is here");
    }
}

/* ---- with a server ---- */

static void needs_cluster(struct rule_scan *scan, const struct rules_object *stream)
{
    const char *what = NULL;
    unsigned id = STREAM_PLACEMENT;
    if (object_has(stream->config, STREAM_PLACEMENT, NULL))
        what = "says where in a cluster";
    else if (stream->live && object_integer(stream->config, STREAM_NUM_REPLICAS) > 1 &&
             scan->world->version != VERSION_UNKNOWN && scan->world->version < VERSION(2, 15, 0))
        what = "asks for copies", id = STREAM_NUM_REPLICAS;
    if (what)
        rule_report(scan, stream, object_pos(stream->config, id),
                    "'%s' of %s %s, and the server is in none: it does nothing",
                    table_field_by_id(&stream_table, id)->name, rules_label(scan, stream), what);
}

void lint_needs_cluster(struct rule_scan *scan)
{
    if (scan->world->facts && !scan->world->facts->clustered)
        each_stream(scan, needs_cluster);
}

static void report_change(struct rule_scan *scan, const struct rules_object *object, unsigned id,
                          const char *why)
{
    const struct field *field = table_field_by_id(object->config->table, id);
    if (object->live && !value_equal(field, object_value(object->config, id), object_value(object->live, id)))
        rule_report(scan, object, object_pos(object->config, id),
                    "'%s' of %s only counts when it is made: %s", field->name, rules_label(scan, object),
                    why);
}

static void stream_changes(struct rule_scan *scan, const struct rules_object *stream)
{
    report_change(scan, stream, STREAM_FIRST_SEQ, "the sequences go on as they are");
}

void lint_stream_changes(struct rule_scan *scan)
{
    each_stream(scan, stream_changes);
}

static void consumer_changes(struct rule_scan *scan, const struct rules_object *consumer)
{
    report_change(scan, consumer, CONSUMER_MEM_STORAGE, "its state stays where it is");
}

void lint_consumer_changes(struct rule_scan *scan)
{
    each_consumer(scan, consumer_changes);
}
