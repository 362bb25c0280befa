/*
 * Rules about what every server takes, and hardly anybody means: warnings and notes, which an object may have ignored.
 * These look at one object and its stream; routes.c follows subjects from stream to stream.
 */
#include <ctype.h>
#include <string.h>

#include "base/row.h"
#include "base/text.h"
#include "field/decode.h"
#include "field/value.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "rules/scan.h"

static DIAG_CODE(code_without_effect, .name = "without-effect", CODE_WARNING, .lint = true,
                 .doc = "The server takes the field and never looks at it.",
                 .why = "Somebody wrote it to get something, and does not.",
                 .example = "consumers: {c: {max_deliver: 5}}",
                 .remedy = "Take the field away, or add what makes it count: here 'ack_policy: explicit'.");

static DIAG_CODE(
    code_gone_when_delivered, .name = "gone-when-delivered", CODE_WARNING, .lint = true,
    .doc = "A message is removed from an interest stream as soon as it was sent, whether it arrived or not.",
    .why =
        "Interest retention removes what every consumer is done with; without acknowledgements that is when it was sent.",
    .example = "retention: interest\nconsumers: {c: {ack_policy: none}}",
    .remedy = "Write 'ack_policy: explicit'.");

static DIAG_CODE(
    code_limit_bypassed, .name = "limit-bypassed", CODE_WARNING, .lint = true,
    .doc = "An unlimited value passes the limit that the stream sets for its consumers.",
    .why = "The server compares numbers above zero only.",
    .example = "consumer_limits: {max_ack_pending: 100}\nconsumers: {c: {max_ack_pending: unlimited}}",
    .remedy = "Write a number, or leave the field out to inherit the limit.");

static DIAG_CODE(
    code_durable_expires, .name = "durable-expires", CODE_WARNING, .lint = true,
    .doc = "A durable consumer is removed when nobody uses it, because of its stream's limits.",
    .why =
        "People make a consumer durable so that it stays; the stream's inactive_threshold removes it all the same.",
    .example = "consumer_limits: {inactive_threshold: 1h}\nconsumers: {c: {ack_policy: explicit}}",
    .remedy =
        "Write inactive_threshold at the consumer to show that it is meant, or take the stream's limit away.");

static DIAG_CODE(
    code_removed_when_idle, .name = "removed-when-idle", CODE_WARNING, .lint = true,
    .doc = "A consumer without a durable name is removed when nobody uses it for a short while.",
    .why = "Between two applies it goes, and its position with it: each plan would make it anew.",
    .example = "consumers: {c: {durable_name: ''}}",
    .remedy = "Leave durable_name out, so that it stays, or give it a longer inactive_threshold.");

static DIAG_CODE(
    code_ack_wait_short, .name = "ack-wait-short", CODE_WARNING, .lint = true,
    .doc = "Messages are delivered again before a client can have acknowledged them.",
    .why = "A client needs longer than that for a round trip: it gets everything more than once.",
    .example = "consumers: {c: {ack_policy: explicit, ack_wait: 1ms}}",
    .remedy = "Wait for longer than handling a message takes.");

static DIAG_CODE(code_never_removed, .name = "never-removed", CODE_NOTE, .lint = true,
                 .doc = "Messages that ran out of deliveries stay in a work queue for good.",
                 .why = "Only what was acknowledged leaves a work queue; the rest fills the disk.",
                 .example = "retention: workqueue\nconsumers: {c: {ack_policy: explicit, max_deliver: 5}}",
                 .remedy = "Give the stream a max_age, or handle the advisories about such messages.");

static DIAG_CODE(
    code_replicas_even, .name = "replicas-even", CODE_WARNING, .lint = true,
    .doc = "An even number of replicas survives no more failures than one less.",
    .why =
        "A stream works while more than half of its replicas do: 2 survive no loss, 4 survive one, as 3 do.",
    .example = "num_replicas: 2", .remedy = "Use 1, 3 or 5.");

static DIAG_CODE(
    code_names_differ_in_case, .name = "names-differ-in-case", CODE_NOTE, .lint = true,
    .doc = "Two names are the same but for upper and lower case.",
    .why = "Names become directories, which some file systems cannot tell apart; neither can people.",
    .example = "streams: {ORDERS: {subjects: [a]}, orders: {subjects: [b]}}",
    .remedy = "Give one of them another name.");

static DIAG_CODE(
    code_mirror_incomplete, .name = "mirror-incomplete", CODE_WARNING, .lint = true,
    .doc =
        "Before nats-server 2.11.5 a bucket's mirror may refuse what its origin took, and stop or go on without it.",
    .why =
        "A client's condition is asked again of the mirror, which may lack the revision before, or still hold a purged key. STREAM.INFO shows no error.",
    .example = "mirror: {name: plain} of a bucket, on nats-server 2.10",
    .remedy =
        "Use nats-server 2.11.5: what has stopped goes on, what was lost needs a new mirror. Or 'sources', from 2.10.14 on.");

static DIAG_CODE(code_needs_cluster, .name = "needs-cluster", CODE_WARNING, .lint = true,
                 .doc = "The server takes the value without a cluster, and does nothing with it.",
                 .why = "The plan looks as if there were copies, and there are none.",
                 .example = "placement: {tags: [ssd]}",
                 .remedy = "Leave it out for a server that stands alone.");

static DIAG_CODE(code_change_without_effect, .name = "change-without-effect", CODE_WARNING, .lint = true,
                 .doc = "The server takes the change of an existing object, and nothing becomes different.",
                 .why = "The server keeps the new value and goes on as before.", .example = "first_seq: 1000",
                 .remedy = "Leave it as it is, or make the object anew under another name.");

static DIAG_CODE(
    code_bucket_as_stream, .name = "bucket-as-stream", CODE_WARNING, .lint = true,
    .doc = "A stream has the name of a bucket, and not what clients of buckets need.",
    .why = "Clients take it for a bucket by its name, and then cannot delete, list or keep a history.",
    .example = "streams: {KV_sessions: {subjects: [$KV.sessions.>]}}",
    .remedy = "Write it as a bucket, which has all of that, or give the stream another name.");

static DIAG_CODE(
    code_bent, .name = "bent", CODE_WARNING, .lint = true,
    .doc = "A server takes what is written for something else.",
    .why = "What is written to turn something off, or to leave it without a limit, does neither.",
    .example = "duplicate_window: 0", .remedy = "Write what is meant: the least window, or the number.");

/* Far below any round trip with work in it. NACK's CRD has 1 ns as its default, which is how such values come about. */
#define ACK_WAIT_LEAST (10 * MILLISECOND)
/* Of consumers without a durable name: what a server gives them, and what is gone by the next apply. */
#define INACTIVE_USUAL (5000 * MILLISECOND)
#define INACTIVE_SHORT (3600000 * MILLISECOND)
#define V_2_11_5 VERSION(2, 11, 5)
#define V_2_14_4 VERSION(2, 14, 4)

/* What nobody wrote is not blamed. */
static bool is_given(const struct object *config, unsigned id)
{
    return object_value(config, id)->given && object_has(config, id, NULL);
}

/* ---- without-effect ---- */

/*
 * `field` (or its value `choice`) has no effect if `other` (or its value `other_choice`) is on; with `with` false, if it
 * is off.
 */
struct useless {
    const struct table *table;
    unsigned field;
    const char *choice;
    bool with;
    unsigned other;
    const char *other_choice;
    const char *why;
};

/* Two reasons that many rows share; one of them has a hint of its own. */
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

static void hint_at_acknowledgement(const struct rule_scan *scan, struct diag *diag)
{
    const struct field *field = table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY);
    bool given = object_value_of(scan->config, field)->given;
    diag_hint(scan->diags, diag, "'%s' is %s%s: write '%s: explicit'", field->name, CHOICE_NONE,
              given ? "" : " when it is left out", field->name);
}

static void check_useless(const struct rule_scan *scan)
{
    const struct table *table = scan->config->table;
    for (size_t i = 0; i < sizeof(useless_fields) / sizeof(useless_fields[0]); i++) {
        const struct useless *row = &useless_fields[i];
        if (row->table != table || !is_given(scan->config, row->field) ||
            !object_has(scan->config, row->field, row->choice) ||
            object_has(scan->config, row->other, row->other_choice) != row->with)
            continue;
        struct diag *diag =
            rule_report(scan, object_pos(scan->config, row->field), "'%s' of %s has no effect: %s",
                        table_field_by_id(table, row->field)->name, rule_label(scan), row->why);
        diag_note_unwritten(scan->diags, diag, object_pos(scan->config, row->other));
        if (diag && row->why == silent)
            hint_at_acknowledgement(scan, diag);
    }
}

/* A time that was written and that normalisation has removed, because it is in the past. */
static void check_passed(const struct rule_scan *scan)
{
    const struct table *table = scan->config->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct value *value = &scan->config->values[i];
        if ((table->fields[i].flags & FIELD_PASSES) && value->given && value->type == VALUE_ABSENT)
            rule_report(scan, value->node->pos, "'%s' of %s has no effect: that time is past",
                        table->fields[i].name, rule_label(scan));
    }
}

static void check_origin(const struct rule_scan *scan, const struct object *origin)
{
    if (object_has(origin, ORIGIN_START_SEQ, NULL) && object_has(origin, ORIGIN_START_TIME, NULL))
        rule_report(scan, object_pos(origin, ORIGIN_START_TIME),
                    "only one of '%s' and '%s' of a %s has an effect",
                    table_field_by_id(origin->table, ORIGIN_START_SEQ)->name,
                    table_field_by_id(origin->table, ORIGIN_START_TIME)->name, origin->table->noun);
}

static void check_parts(const struct rule_scan *scan)
{
    const struct object *mirror = object_object(scan->config, STREAM_MIRROR);
    const struct object *transform = object_object(scan->config, STREAM_SUBJECT_TRANSFORM);
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    if (mirror)
        check_origin(scan, mirror);
    for (size_t i = 0; i < sources->count; i++)
        check_origin(scan, sources->items[i].object);
    if (transform && !object_has(transform, TRANSFORM_DEST, NULL))
        rule_report(scan, object_pos(scan->config, STREAM_SUBJECT_TRANSFORM),
                    "'%s' of %s has no effect without a '%s'",
                    table_field_by_id(&stream_table, STREAM_SUBJECT_TRANSFORM)->name, rule_label(scan),
                    table_field_by_id(transform->table, TRANSFORM_DEST)->name);
}

static void check_without_effect(const struct rule_scan *scan)
{
    check_useless(scan);
    if (scan->config->table == &stream_table)
        check_parts(scan);
    else
        check_passed(scan);
}

/* ---- consumers ---- */

static void check_gone_when_delivered(const struct rule_scan *scan)
{
    if (!object_has(scan->stream, STREAM_RETENTION, CHOICE_INTEREST) ||
        !object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_NONE))
        return;
    struct diag *diag = rule_report(
        scan, object_pos(scan->config, CONSUMER_ACK_POLICY),
        "%s does not acknowledge: what it is sent is removed from the stream, whether it arrives or not",
        rule_label(scan));
    if (diag)
        diag_hint(scan->diags, diag, "'%s: explicit' keeps a message until it was handled",
                  table_field_by_id(&consumer_table, CONSUMER_ACK_POLICY)->name);
}

static void check_limit_bypassed(const struct rule_scan *scan)
{
    const struct value *pending = object_value(scan->config, CONSUMER_MAX_ACK_PENDING);
    int64_t most = rules_limit(scan->stream, LIMITS_MAX_ACK_PENDING);
    if (most > 0 && pending->given && pending->type == VALUE_INT && pending->integer < 0)
        rule_report(scan, object_pos(scan->config, CONSUMER_MAX_ACK_PENDING),
                    "an unlimited '%s' of %s passes the stream's limit of %lld",
                    table_field_by_id(&consumer_table, CONSUMER_MAX_ACK_PENDING)->name, rule_label(scan),
                    (long long)most);
}

static void check_durable_expires(const struct rule_scan *scan)
{
    int64_t threshold = rules_limit(scan->stream, LIMITS_INACTIVE_THRESHOLD);
    if (threshold <= 0 || !object_has(scan->config, CONSUMER_DURABLE_NAME, NULL) ||
        object_value(scan->config, CONSUMER_INACTIVE_THRESHOLD)->given)
        return;
    struct diag *diag = rule_report(scan, (struct srcpos){0},
                                    "%s is durable, and goes with its position when nobody uses it for %s",
                                    rule_label(scan), duration_format(&scan->diags->arena, threshold));
    if (!diag)
        return;
    rule_note_other(scan, diag, &scan->object->stream->self, object_pos(scan->stream, STREAM_CONSUMER_LIMITS),
                    "the stream's limits say so");
    diag_hint(scan->diags, diag, "an '%s' of its own shows that it is meant",
              table_field_by_id(&consumer_table, CONSUMER_INACTIVE_THRESHOLD)->name);
}

static void check_removed_when_idle(const struct rule_scan *scan)
{
    int64_t threshold = object_integer(scan->config, CONSUMER_INACTIVE_THRESHOLD);
    if (threshold <= 0)
        threshold = rules_limit(scan->stream, LIMITS_INACTIVE_THRESHOLD);
    if (threshold <= 0)
        threshold = INACTIVE_USUAL;
    if (threshold >= INACTIVE_SHORT || object_has(scan->config, CONSUMER_DURABLE_NAME, NULL))
        return;
    struct diag *diag =
        rule_report(scan, object_pos(scan->config, CONSUMER_DURABLE_NAME),
                    "%s is not durable: it is removed when nobody uses it for %s, and each plan "
                    "after that makes it anew",
                    rule_label(scan), duration_format(&scan->diags->arena, threshold));
    if (diag)
        diag_hint(scan->diags, diag, "leave '%s' out, and it stays; or give it a longer '%s'",
                  table_field_by_id(&consumer_table, CONSUMER_DURABLE_NAME)->name,
                  table_field_by_id(&consumer_table, CONSUMER_INACTIVE_THRESHOLD)->name);
}

static void check_ack_wait_short(const struct rule_scan *scan)
{
    const struct value_list *backoff = object_list(scan->config, CONSUMER_BACKOFF);
    unsigned field = backoff->count ? CONSUMER_BACKOFF : CONSUMER_ACK_WAIT;
    int64_t wait =
        backoff->count ? backoff->items[0].integer : object_integer(scan->config, CONSUMER_ACK_WAIT);
    if (wait > 0 && wait < ACK_WAIT_LEAST && !object_has(scan->config, CONSUMER_ACK_POLICY, CHOICE_NONE))
        rule_report(scan, object_pos(scan->config, field),
                    "%s gets each message again after %s, before it can have acknowledged it",
                    rule_label(scan), duration_format(&scan->diags->arena, wait));
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

static void check_never_removed(const struct rule_scan *scan)
{
    int64_t most = object_integer(scan->config, CONSUMER_MAX_DELIVER);
    /* Any limit of the stream removes such messages in the end. */
    if (!object_has(scan->stream, STREAM_RETENTION, CHOICE_WORKQUEUE) || is_bounded(scan->stream) ||
        most <= 0)
        return;
    struct diag *diag = rule_report(scan, object_pos(scan->config, CONSUMER_MAX_DELIVER),
                                    "what %s has been sent %lld time%s stays in the work queue for good",
                                    rule_label(scan), (long long)most, text_plural((uint64_t)most));
    if (diag)
        diag_hint(scan->diags, diag, "'%s' of the stream removes it after a while",
                  table_field_by_id(&stream_table, STREAM_MAX_AGE)->name);
}

/* ---- streams ---- */

static void check_replicas_even(const struct rule_scan *scan)
{
    int64_t replicas = object_integer(scan->config, STREAM_NUM_REPLICAS);
    if (replicas <= 0 || replicas % 2 != 0)
        return;
    struct diag *diag = rule_report(scan, object_pos(scan->config, STREAM_NUM_REPLICAS),
                                    "%lld replicas of %s survive no more failures than %lld",
                                    (long long)replicas, rule_label(scan), (long long)replicas - 1);
    if (diag)
        diag_hint(scan->diags, diag, "use an odd number: 3 survive the loss of one, 5 of two");
}

/*
 * Before 2.11.5, a mirror may stop at a message that was published on a condition (an expected sequence), or lose it.
 * The clients' create() and update() of buckets publish like that each time; with other streams it is rare. So only
 * buckets are warned of.
 */
static void check_mirror_incomplete(const struct rule_scan *scan)
{
    const char *origin = object_text(scan->origin, ORIGIN_NAME), *bucket = NULL;
    if (!origin || bucket_kind_by_stream(origin, &bucket) != &key_value_kind)
        return;
    struct diag *diag = rule_report(scan, scan->origin->pos,
                                    "%s may stop at, or lose, what a client creates or updates in bucket %s",
                                    rule_label(scan), bucket);
    if (diag)
        diag_hint(
            scan->diags, diag,
            "nats-server 2.11.5 and newer have it right, and from 2.10.14 on 'sources' instead of 'mirror' does");
}

/* "'discard: new', 'allow_rollup_hdrs: true'": what the stream lacks of what all clients of such buckets need. */
static const char *lacks_of_bucket(const struct rule_scan *scan, const struct bucket_kind *kind,
                                   const char *bucket)
{
    const char *lacks = "";
    for (size_t i = 0; i < kind->setting_count; i++) {
        const struct bucket_setting *setting = &kind->settings[i];
        const struct field *field = table_field_by_id(&stream_table, setting->field);
        struct value needed = {0};
        if ((setting->when && !object_has(scan->config, setting->when, NULL)) ||
            (setting->unless && object_has(scan->config, setting->unless, NULL)) ||
            bucket_tolerates(scan->config, scan->config, field))
            continue;
        value_from_text(scan->arena, field, setting->value, &needed);
        if (!value_equal(field, object_value_of(scan->config, field), &needed))
            lacks = arena_printf(scan->arena, "%s%s'%s: %s'", lacks, *lacks ? ", " : "", field->name,
                                 setting->value);
    }
    for (size_t i = 0; kind->subject_ends[i] && !object_has(scan->config, STREAM_MIRROR, NULL); i++) {
        const char *subject =
            arena_printf(scan->arena, "%s%s%s", kind->subject_prefix, bucket, kind->subject_ends[i]);
        if (!rules_stores(scan->config, subject))
            lacks = arena_printf(scan->arena, "%s%ssubject '%s'", lacks, *lacks ? ", " : "", subject);
    }
    return lacks;
}

/* Does the name begin as one of a bucket's stream does? */
static bool is_named_as_bucket(const char *stream)
{
    bool is_named = false;
    for (size_t i = 0; i < bucket_kind_count; i++)
        is_named |= text_begins(stream, bucket_kinds[i]->prefix);
    return is_named;
}

static void check_bucket_as_stream(const struct rule_scan *scan)
{
    const char *bucket = NULL;
    const struct resource *resource = scan->object->resource;
    if (resource->bucket || resource->external || !is_named_as_bucket(scan->object->name))
        return;
    const struct bucket_kind *kind = bucket_kind_by_stream(scan->object->name, &bucket);
    const char *lacks = kind ? lacks_of_bucket(scan, kind, bucket) : "";
    if (!*lacks)
        return;
    struct diag *diag = rule_report(scan, (struct srcpos){0},
                                    "%s has the name of the %s '%s', and lacks what its clients need: %s",
                                    rule_label(scan), kind->table->noun, bucket, lacks);
    unsigned section = kind == &key_value_kind ? MANIFEST_KEY_VALUES : MANIFEST_OBJECT_STORES;
    if (diag)
        diag_hint(scan->diags, diag, "as '%s' below '%s' it has all of that", bucket,
                  table_field_by_id(&manifest_table, section)->name);
}

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

static void check_names_differ_in_case(const struct rule_scan *scan)
{
    struct map by_lower;
    map_init(&by_lower, scan->arena);
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        struct rules_stream *stream = scan->world->streams.items[i];
        const char *key = lower(scan->arena, stream->self.name);
        const struct rules_stream *other = map_get(&by_lower, key);
        if (!other) {
            map_put(&by_lower, key, stream);
            continue;
        }
        /* Whichever of the two the manifest can still change is blamed. */
        bool first = !rules_is_open(&stream->self);
        struct rule_scan here = rule_scan_of(scan, first ? &other->self : &stream->self);
        const struct rules_object *like = first ? &stream->self : &other->self;
        struct diag *diag = rule_report(&here, (struct srcpos){0}, "%s and %s differ in case only",
                                        rule_label(&here), rules_label(&here, like));
        rule_note_other(&here, diag, like, (struct srcpos){0}, "the other one is here");
    }
}

/* ---- with a server ---- */

static void check_needs_cluster(const struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    const char *what = NULL;
    unsigned id = STREAM_PLACEMENT;
    if (!facts || facts->clustered)
        return;
    if (object_has(scan->config, STREAM_PLACEMENT, NULL))
        what = "says where in a cluster";
    else if (scan->object->live && object_integer(scan->config, STREAM_NUM_REPLICAS) > 1 &&
             scan->world->version != VERSION_UNKNOWN && scan->world->version < VERSION(2, 15, 0))
        what = "asks for copies", id = STREAM_NUM_REPLICAS;
    if (what)
        rule_report(scan, object_pos(scan->config, id),
                    "'%s' of %s %s, and the server is in none: it does nothing",
                    table_field_by_id(&stream_table, id)->name, rule_label(scan), what);
}

static void report_change(const struct rule_scan *scan, unsigned id, const char *why)
{
    const struct field *field = table_field_by_id(scan->config->table, id);
    const struct object *live = scan->object->live;
    if (live && !value_equal(field, object_value(scan->config, id), object_value(live, id)))
        rule_report(scan, object_pos(scan->config, id), "'%s' of %s only counts when it is made: %s",
                    field->name, rule_label(scan), why);
}

static void check_stream_changes(const struct rule_scan *scan)
{
    report_change(scan, STREAM_FIRST_SEQ, "the sequences go on as they are");
}

/* A source that the server knows already goes on where it is. */
static void check_start_changes(const struct rule_scan *scan)
{
    static const unsigned starts[] = {ORIGIN_START_SEQ, ORIGIN_START_TIME};
    const struct object *live = scan->object->live;
    const struct value_list *sources = live ? object_list(live, STREAM_SOURCES) : NULL;
    const char *key = rules_source_key(scan->arena, scan->origin);
    const struct object *same = NULL;
    for (size_t i = 0; sources && i < sources->count && !same; i++)
        if (strcmp(rules_source_key(scan->arena, sources->items[i].object), key) == 0)
            same = sources->items[i].object;
    for (size_t i = 0; same && i < sizeof(starts) / sizeof(starts[0]); i++) {
        const struct field *field = table_field_by_id(scan->origin->table, starts[i]);
        if (!value_equal(field, object_value_of(scan->origin, field), object_value_of(same, field)))
            rule_report(scan, object_pos(scan->origin, starts[i]),
                        "'%s' of a source of %s only counts when the source is new: it goes on where it is",
                        field->name, rule_label(scan));
    }
}

static void check_consumer_changes(const struct rule_scan *scan)
{
    report_change(scan, CONSUMER_MEM_STORAGE, "its state stays where it is");
}

/* ---- bent ---- */

/* Nothing turns it off, except for mirrors (2.9.10, 2.10.27, 2.15.1). */
static void check_window_off(const struct rule_scan *scan)
{
    const struct value *window = object_value(scan->config, STREAM_DUPLICATE_WINDOW);
    const struct node *node = window->node;
    int64_t written;
    if (!node || node->type != NODE_SCALAR || window->type != VALUE_INT || window->integer <= 0 ||
        duration_parse(node->text, &written) || written != 0)
        return;
    rule_report(scan, node->pos, "'%s: %s' of %s turns nothing off: servers take it for %s",
                table_field_by_id(&stream_table, STREAM_DUPLICATE_WINDOW)->name, node->text, rule_label(scan),
                duration_format(&scan->diags->arena, window->integer));
}

/* What a server takes for unlimited, unless its limits.default_max_consumers says otherwise. The one beyond gets 10026. */
static void check_consumers_unlimited(const struct rule_scan *scan)
{
    enum { DEFAULT_MOST = 1000 };
    const struct rules_stream *stream = scan->object->stream;
    size_t there = 0, count = 0;
    for (size_t i = 0; i < stream->consumers.count; i++) {
        there += stream->consumers.items[i]->live != NULL;
        count += !stream->consumers.items[i]->copier;
    }
    if (object_integer(scan->config, STREAM_MAX_CONSUMERS) > 0 || count <= DEFAULT_MOST ||
        there > DEFAULT_MOST)
        return;
    const char *key = table_field_by_id(&stream_table, STREAM_MAX_CONSUMERS)->name;
    struct diag *diag = rule_report(
        scan, object_pos(scan->config, STREAM_MAX_CONSUMERS),
        "%s has %zu consumers, and servers take an unlimited '%s' for %d, unless they are configured otherwise",
        rule_label(scan), count, key, DEFAULT_MOST);
    if (diag)
        diag_hint(scan->diags, diag, "write '%s: %zu', or more", key, count);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_without_effect, .each = EACH_STREAM | EACH_CONSUMER,
        .doc = "A field without effect is one that somebody counts on.", .check = check_without_effect),
    ROW(.code = &code_gone_when_delivered, .each = EACH_PAIR,
        .doc =
            "On an interest stream, a consumer without acknowledgements is done with a message when it was sent.",
        .check = check_gone_when_delivered),
    ROW(.code = &code_limit_bypassed, .each = EACH_PAIR, .since = V_2_10,
        .doc = "A consumer's max_ack_pending of -1 is not compared with the stream's consumer_limits.",
        .check = check_limit_bypassed),
    ROW(.code = &code_durable_expires, .each = EACH_PAIR, .since = V_2_10,
        .doc = "A durable consumer too inherits the inactive_threshold of the stream's consumer_limits.",
        .check = check_durable_expires),
    ROW(.code = &code_removed_when_idle, .each = EACH_PAIR,
        .doc =
            "A consumer without a durable name is removed after its inactive_threshold, 5s if it has none.",
        .check = check_removed_when_idle),
    ROW(.code = &code_ack_wait_short, .each = EACH_CONSUMER, .doc = "There is no least ack_wait.",
        .check = check_ack_wait_short),
    ROW(.code = &code_never_removed, .each = EACH_PAIR,
        .doc = "A work queue removes what was acknowledged; what ran out of deliveries never is.",
        .check = check_never_removed),
    ROW(.code = &code_replicas_even, .each = EACH_STREAM,
        .doc = "A stream works while more than half of its replicas do.", .check = check_replicas_even),
    ROW(.code = &code_names_differ_in_case, .each = EACH_ACCOUNT,
        .doc = "Names are compared byte by byte, and become names of directories.",
        .check = check_names_differ_in_case),
    ROW(.code = &code_mirror_incomplete, .each = EACH_MIRROR, .until = V_2_11_5,
        .doc =
            "Before 2.11.5 a mirror checks the conditions of messages (Nats-Expected-…) again that its origin has checked.",
        .check = check_mirror_incomplete),
    ROW(.code = &code_bucket_as_stream, .each = EACH_STREAM,
        .doc = "To a server, a stream whose name begins with KV_ or OBJ_ is a stream like any other.",
        .check = check_bucket_as_stream),
    ROW(.code = &code_bent, .each = EACH_STREAM, .doc = "A duplicate_window of 0 is the default one.",
        .check = check_window_off),
    ROW(.code = &code_bent, .each = EACH_STREAM, .since = V_2_15, .lasting = true,
        .doc =
            "From 2.15 an unlimited max_consumers is the server's limits.default_max_consumers, 1000 if that is not set.",
        .check = check_consumers_unlimited),
    ROW(.code = &code_needs_cluster, .each = EACH_STREAM,
        .doc =
            "A server without a cluster takes a placement, and before 2.15 an update to more replicas, and does nothing.",
        .check = check_needs_cluster),
    ROW(.code = &code_change_without_effect, .each = EACH_STREAM, .since = V_2_10,
        .doc = "first_seq is looked at when a stream is created; a later one is kept and does nothing.",
        .check = check_stream_changes),
    ROW(.code = &code_change_without_effect, .each = EACH_SOURCE,
        .doc =
            "A source with the same origin and filter goes on where it is, whatever start is given to it later.",
        .check = check_start_changes),
    ROW(.code = &code_change_without_effect, .each = EACH_CONSUMER, .until = V_2_14_4,
        .doc = "Before 2.14.4 a change of mem_storage is taken, and the state stays where it is.",
        .check = check_consumer_changes),
};
const struct rule_list lint_rules = RULE_LIST(rows);

/* ---- wildcards that are none ---- */

static DIAG_CODE(code_literal_wildcard, .name = "literal-wildcard", CODE_WARNING, .lint = true,
                 .doc = "A '*' or '>' inside a longer token is an ordinary character.",
                 .why = "The server takes a* for a token of two characters, which nobody publishes on.",
                 .example = "subjects: [orders*]",
                 .remedy = "Make the wildcard a token of its own: orders.* or orders.>.");

static bool has_literal_wildcard(const char *subject)
{
    for (const char *token = subject; *token; token += strcspn(token, "."), token += *token == '.') {
        size_t length = strcspn(token, ".");
        if (length > 1 && strcspn(token, "*>") < length)
            return true;
    }
    return false;
}

static void check_subject(const struct rule_scan *scan, const struct field *field, const struct value *value)
{
    if (value->type == VALUE_TEXT && value->given && has_literal_wildcard(value->text))
        rule_report(scan, value->node ? value->node->pos : (struct srcpos){0},
                    "'%s' in '%s' of %s is no wildcard: only '*' or a last '>' alone between dots is",
                    value->text, field->name, rule_label(scan));
}

static void check_subjects(const struct rule_scan *scan, const struct object *config)
{
    for (size_t i = 0; i < config->table->count; i++) {
        const struct field *field = &config->table->fields[i];
        const struct value *value = &config->values[i];
        size_t count = value->type == VALUE_LIST ? value->list->count : 1;
        for (size_t j = 0; j < count && !(field->flags & FIELD_OURS); j++) {
            struct value item = value->type == VALUE_LIST ? value->list->items[j] : *value;
            /* Items of a list that was written count as written. */
            item.given |= value->given;
            if (field->type == FIELD_SUBJECT)
                check_subject(scan, field, &item);
            else if (item.type == VALUE_OBJECT)
                check_subjects(scan, item.object);
        }
    }
}

static void check_literal_wildcard(const struct rule_scan *scan)
{
    check_subjects(scan, scan->config);
}

/* Asked after the rules of where subjects lead. */
static const struct rule wildcard_rows[] = {
    ROW(.code = &code_literal_wildcard, .each = EACH_STREAM | EACH_CONSUMER,
        .doc = "Only a whole token is a wildcard: a.*.b and a.>, not a*.b or a.b>.",
        .check = check_literal_wildcard),
};
const struct rule_list lint_wildcard_rules = RULE_LIST(wildcard_rows);
