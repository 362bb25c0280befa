/*
 * The consumer: one row per field of nats-server 2.15.1's ConsumerConfig, and natsform's own keys. Update rules and
 * defaults were measured on 2.9.10, 2.10.27 and 2.15.1; tests/live walks every row against each of them.
 */
#include "base/text.h"
#include "kind/kinds.h"

#include <string.h>

#include "base/diag.h"
#include "base/row.h"
#include "field/check.h"
#include "field/subject.h"
#include "field/value.h"

enum { DESCRIPTION_MOST = 4096, METADATA_MOST = 128 * 1024 };

#define V_2_10_12 VERSION(2, 10, 12)
#define V_2_14_4 VERSION(2, 14, 4)

/* Rows that the server refuses to change, with its own words. */
#define NEVER(text)                                                                                          \
    {                                                                                                        \
        {                                                                                                    \
            .policy = UPDATE_NEVER, .err_code = 10012, .says = (text)                                        \
        }                                                                                                    \
    }

/* ---- defaults that depend ---- */

static void set_integer(struct value *value, int64_t number)
{
    value->type = VALUE_INT;
    value->integer = number;
}

/*
 * natsform's own default: people who write a consumer into a manifest want it to stay. To the server, a consumer is not
 * durable by default.
 */
static void derive_durable_name(struct arena *arena, const struct object *self,
                                const struct surroundings *around, struct value *value)
{
    (void)arena;
    (void)around;
    value->type = VALUE_TEXT;
    value->text = object_text(self, CONSUMER_NAME);
}

/* 30s, or the first backoff if there is one. Consumers that do not acknowledge single messages have none. */
static void derive_ack_wait(struct arena *arena, const struct object *self, const struct surroundings *around,
                            struct value *value)
{
    (void)arena;
    (void)around;
    const struct value_list *backoff = object_list(self, CONSUMER_BACKOFF);
    if (object_has(self, CONSUMER_ACK_POLICY, CHOICE_NONE) ||
        object_has(self, CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL))
        return;
    set_integer(value, backoff->count ? backoff->items[0].integer : 30 * SECOND);
}

/* Only pull consumers have waiting requests. */
static void derive_max_waiting(struct arena *arena, const struct object *self,
                               const struct surroundings *around, struct value *value)
{
    (void)arena;
    (void)around;
    if (!object_has(self, CONSUMER_DELIVER_SUBJECT, NULL))
        set_integer(value, 512);
}

static int64_t stream_limit(const struct surroundings *around, unsigned id)
{
    const struct object *limits =
        around->stream ? object_object(around->stream, STREAM_CONSUMER_LIMITS) : NULL;
    return limits ? object_integer(limits, id) : 0;
}

/* The stream's limit is the default, also above 1000, and even if nothing is acknowledged. */
static void derive_max_ack_pending(struct arena *arena, const struct object *self,
                                   const struct surroundings *around, struct value *value)
{
    (void)arena;
    int64_t limit = stream_limit(around, LIMITS_MAX_ACK_PENDING);
    bool acks = !object_has(self, CONSUMER_ACK_POLICY, CHOICE_NONE);
    if (limit > 0) /* above 1000 too, and with ack_policy none (2.10.27 and 2.15.1) */
        set_integer(value, limit);
    else if (acks)
        set_integer(value, 1000);
}

/* The stream's limit, also for durable consumers. Without one, 5s for a consumer that is not durable, and none for others. */
static void derive_inactive_threshold(struct arena *arena, const struct object *self,
                                      const struct surroundings *around, struct value *value)
{
    (void)arena;
    int64_t limit = stream_limit(around, LIMITS_INACTIVE_THRESHOLD);
    const char *durable = object_text(self, CONSUMER_DURABLE_NAME);
    if (limit > 0)
        set_integer(value, limit);
    else if (!durable || !*durable)
        set_integer(value, 5 * SECOND);
}

static void derive_priority_timeout(struct arena *arena, const struct object *self,
                                    const struct surroundings *around, struct value *value)
{
    (void)arena;
    (void)around;
    if (object_has(self, CONSUMER_PRIORITY_POLICY, "pinned_client"))
        set_integer(value, 120 * SECOND);
}

/* ---- the rows ---- */

static const struct choice deliver_policies[] = {
    {.name = "all", .doc = "From the first message."},
    {.name = "last", .doc = "From the last message."},
    {.name = "new", .doc = "From the next message after creation."},
    {.name = "by_start_sequence", .doc = "From opt_start_seq."},
    {.name = "by_start_time", .doc = "From opt_start_time."},
    {.name = CHOICE_LAST_PER_SUBJECT, .doc = "From the last message of each subject; needs a filter."},
    {0},
};

/* "none" comes first because it is the server's default, though hardly any client wants it. */
static const struct choice ack_policies[] = {
    {.name = "none", .doc = "Messages need no acknowledgement; the server's own default."},
    {.name = "all", .doc = "An acknowledgement covers all earlier messages too."},
    {.name = "explicit", .doc = "Each message is acknowledged; what clients use."},
    {.name = "flow_control",
     .since = {V_2_14},
     .doc = "Acknowledged by flow control; for consumers that feed a mirror or source."},
    {0},
};

static const struct choice replay_policies[] = {
    {.name = "instant", .doc = "As fast as possible."},
    {.name = "original", .doc = "At the pace at which the messages came in."},
    {0},
};

static const struct choice priority_policies[] = {
    {.name = "none", .doc = "No groups."},
    {.name = "overflow",
     .since = {V_2_11},
     .doc = "A client is served only above a number of pending messages."},
    {.name = "pinned_client", .since = {V_2_11}, .doc = "One client is served until it goes away."},
    {.name = "prioritized", .since = {V_2_12}, .doc = "Clients are served in the order of their priority."},
    {0},
};

static const struct field consumer_fields[] = {
    ROW(.name = "name", .id = CONSUMER_NAME, .type = FIELD_NAME, .flags = FIELD_IDENTITY,
        .updates = {{.policy = UPDATE_NEVER, .says = "another name is another consumer"}},
        .doc = "The consumer's name; in a manifest, the key that it stands under.", .example = "billing"),
    /*
     * Always sent: an update that leaves it out turns a durable consumer into one that expires, without an error
     * (2.9.10 to 2.15.1).
     */
    ROW(.name = "durable_name", .id = CONSUMER_DURABLE_NAME, .type = FIELD_NAME, .flags = FIELD_SEND_DEFAULT,
        .derive = derive_durable_name,
        .fallback_doc = "the consumer's name; \"\" for a consumer that goes away when it is not used",
        .doc = "The same as the name for a consumer that stays when nobody uses it."),
    ROW(.name = "description", .type = FIELD_TEXT, .most = DESCRIPTION_MOST,
        .doc = "What the consumer is for, in at most 4096 bytes."),
    /* What tells where to start cannot change any more. A consumer that is to start elsewhere is a new one. */
    ROW(.name = "deliver_policy", .id = CONSUMER_DELIVER_POLICY, .type = FIELD_CHOICE,
        .choices = deliver_policies, .fallback = "all", .updates = NEVER("deliver policy can not be updated"),
        .doc = "Where in the stream a new consumer starts."),
    ROW(.name = "opt_start_seq", .terraform = "stream_sequence", .id = CONSUMER_OPT_START_SEQ,
        .type = FIELD_UNSIGNED, .updates = NEVER("start sequence can not be updated"),
        .doc = "Sequence to start from, with deliver_policy by_start_sequence."),
    ROW(.name = "opt_start_time", .terraform = "start_time", .id = CONSUMER_OPT_START_TIME,
        .type = FIELD_TIME,
        /* older servers compare the addresses of the times, so that each update seems to change it */
        .updates = {{.policy = UPDATE_FREEZES, .err_code = 10012, .says = "start time can not be updated"},
                    {.since = V_2_10_12,
                     .policy = UPDATE_NEVER,
                     .err_code = 10012,
                     .says = "start time can not be updated"}},
        .doc = "Time to start from, with deliver_policy by_start_time."),
    ROW(.name = "ack_policy", .id = CONSUMER_ACK_POLICY, .type = FIELD_CHOICE, .choices = ack_policies,
        .fallback = "none", .updates = NEVER("ack policy can not be updated"),
        .doc = "How messages are acknowledged; the default is the server's, clients use explicit."),
    /* NACK's CRD fills in 1 ns, with which a server delivers every message again at once. */
    ROW(.name = "ack_wait", .nack_fallback = "1ns", .id = CONSUMER_ACK_WAIT, .type = FIELD_DURATION,
        .derive = derive_ack_wait,
        .fallback_doc = "30s, or the first backoff; none with ack_policy none or flow_control",
        .doc = "How long the server waits for an acknowledgement before it delivers again.",
        .example = "30s"),
    ROW(.name = "max_deliver", .terraform = "max_delivery", .id = CONSUMER_MAX_DELIVER, .type = FIELD_COUNT,
        .flags = FIELD_UNLIMITED, .least = 1, .most = INT64_MAX, .fallback = "unlimited",
        .doc = "How often a message is delivered at most."),
    /* 2.9.10 and 2.10.27 accept negative waits; 2.15.1 refuses them (10184, and 10183 for ack_wait). */
    ROW(.name = "backoff", .id = CONSUMER_BACKOFF, .type = FIELD_DURATION, .shape = SHAPE_LIST,
        .flags = FIELD_ORDERED,
        .doc = "Waits between deliveries, one after the other; takes the place of ack_wait.",
        .example = "[1s, 10s, 1m]"),
    /*
     * A changed filter holds from where the consumer is: older messages of new subjects are never delivered. On a work
     * queue an update that takes the filter away passes, though creating such a consumer is refused (2.9.10, 2.10.27,
     * 2.15.1).
     */
    ROW(.name = "filter_subject", .id = CONSUMER_FILTER_SUBJECT, .type = FIELD_SUBJECT,
        .risk = RISK_DROPS_UNWANTED, .doc = "Delivers only messages of these subjects.",
        .example = "orders.paid"),
    ROW(.name = "filter_subjects", .id = CONSUMER_FILTER_SUBJECTS, .type = FIELD_SUBJECT, .shape = SHAPE_LIST,
        .since = {V_2_10}, .risk = RISK_DROPS_UNWANTED,
        .doc = "Delivers only messages of these subjects, none of which includes another.",
        .example = "[orders.paid, orders.sent]"),
    ROW(.name = "replay_policy", .type = FIELD_CHOICE, .choices = replay_policies, .fallback = "instant",
        .updates = NEVER("replay policy can not be updated"),
        .doc = "At what pace stored messages are delivered."),
    ROW(.name = "rate_limit_bps", .terraform = "ratelimit", .id = CONSUMER_RATE_LIMIT_BPS,
        .type = FIELD_UNSIGNED, .doc = "Most bits per second that a push consumer delivers."),
    /*
     * "50" and "50%" are one value; "0", "0%" and nothing are one, too. Servers keep the spelling, and NACK and
     * Terraform write the '%'.
     */
    ROW(.name = "sample_freq", .id = CONSUMER_SAMPLE_FREQ, .type = FIELD_PERCENT,
        .doc = "Share of acknowledgements for which an observation event is sent.", .example = "50%"),
    /*
     * Compared after the default is filled in: leaving it out is refused if the live value is not 512. 2.9.10 and
     * 2.10.27 refuse a negative one (10087), 2.15.1 takes the default.
     */
    ROW(.name = "max_waiting", .id = CONSUMER_MAX_WAITING, .type = FIELD_COUNT, .least = 1, .most = INT32_MAX,
        .derive = derive_max_waiting, .fallback_doc = "512 for a pull consumer",
        .updates = NEVER("max waiting can not be updated"),
        .doc = "How many pull requests may wait at once."),
    /* -1 passes the limits of stream and account, and is not checked against them (2.9.10 to 2.15.1). */
    ROW(.name = "max_ack_pending", .id = CONSUMER_MAX_ACK_PENDING, .type = FIELD_COUNT,
        .flags = FIELD_UNLIMITED | FIELD_SERVER_LOWERS, .least = 1, .most = INT32_MAX,
        .derive = derive_max_ack_pending,
        .fallback_doc = "1000, or the stream's consumer_limits; none with ack_policy none",
        .doc = "How many messages may be delivered and not yet acknowledged; unlimited passes every limit."),
    ROW(.name = "flow_control", .id = CONSUMER_FLOW_CONTROL, .type = FIELD_BOOL,
        .updates = NEVER("flow control can not be updated"),
        .doc = "Lets a push consumer slow down with its client; needs idle_heartbeat."),
    ROW(.name = "idle_heartbeat", .nack = "heartbeatInterval", .terraform = "heartbeat",
        .id = CONSUMER_IDLE_HEARTBEAT, .type = FIELD_DURATION, .least = 100 * MILLISECOND, .most = INT64_MAX,
        .updates = NEVER("heart beats can not be updated"),
        .doc = "How often an idle push consumer says that it is alive."),
    ROW(.name = "headers_only", .type = FIELD_BOOL, .doc = "Delivers the headers without the payload."),
    ROW(.name = "max_batch", .id = CONSUMER_MAX_BATCH, .nack = "maxRequestBatch", .type = FIELD_COUNT,
        .flags = FIELD_SERVER_FILLS, .least = 0, .most = INT32_MAX,
        .fallback_doc = "the server's max_request_batch, if any",
        .doc = "Largest batch that a pull request may ask for."),
    ROW(.name = "max_expires", .id = CONSUMER_MAX_EXPIRES, .nack = "maxRequestExpires",
        .type = FIELD_DURATION, .least = MILLISECOND, .most = INT64_MAX,
        .doc = "Longest time that a pull request may wait."),
    ROW(.name = "max_bytes", .id = CONSUMER_MAX_BYTES, .nack = "maxRequestMaxBytes", .type = FIELD_SIZE,
        .least = 0, .most = INT64_MAX, .doc = "Most bytes that a pull request may ask for."),
    ROW(.name = "deliver_subject", .terraform = "delivery_subject", .id = CONSUMER_DELIVER_SUBJECT,
        .type = FIELD_LITERAL,
        .updates = {{.policy = UPDATE_KEEP_PRESENCE,
                     .err_code = 10012,
                     .says = "can not update pull consumer to push based, or push to pull"}},
        .risk = RISK_REDELIVERS,
        .doc = "Makes it a push consumer that delivers on this subject; without it, clients pull."),
    ROW(.name = "deliver_group", .id = CONSUMER_DELIVER_GROUP, .terraform = "delivery_group",
        .type = FIELD_TEXT,
        .doc = "Queue group among whose members a push consumer shares its messages out."),
    ROW(.name = "inactive_threshold", .id = CONSUMER_INACTIVE_THRESHOLD, .type = FIELD_DURATION,
        /* a server fills it in at creation, but not where an update makes it needed */
        .flags = FIELD_SEND_DEFAULT, .derive = derive_inactive_threshold,
        .fallback_doc = "the stream's consumer_limits; else 5s for a consumer that is not durable",
        .risk = RISK_LEAVES_UNUSED,
        .doc = "Removes the consumer after this long without use, durable or not."),
    /* Lowering the stream's replicas lowers this one, too, in the live configuration (3 to 1, in a cluster). */
    ROW(.name = "num_replicas", .nack = "replicas", .terraform = "replicas", .id = CONSUMER_NUM_REPLICAS,
        .type = FIELD_COUNT, .least = 0, .most = 5, .fallback_doc = "0: those of the stream",
        .updates = {{.policy = UPDATE_CLUSTERED,
                     .err_code = 10074,
                     .says = "replicas > 1 not supported in non-clustered mode"}},
        .doc = "How many servers hold the consumer's state; at most the stream's."),
    ROW(.name = "mem_storage", .id = CONSUMER_MEM_STORAGE, .terraform = "memory", .type = FIELD_BOOL,
        .updates = {{.policy = UPDATE_FREE},
                    {.since = V_2_14_4,
                     .policy = UPDATE_NEVER,
                     .err_code = 10012,
                     .says = "storage type can not be updated"}},
        .doc = "Keeps the consumer's state in memory; before 2.14.4 a later change has no effect."),
    ROW(.name = "direct", .id = CONSUMER_DIRECT, .type = FIELD_BOOL, .flags = FIELD_INTERNAL,
        .updates = {{.policy = UPDATE_FREE},
                    {.since = V_2_15,
                     .policy = UPDATE_NEVER,
                     .err_code = 10012,
                     .says = "direct can not be updated"}},
        .doc = "Marks the server's own consumers for mirrors and sources."),
    ROW(.name = "sourcing", .id = CONSUMER_SOURCING, .type = FIELD_BOOL, .flags = FIELD_INTERNAL,
        .since = {V_2_14},
        .updates = {{.policy = UPDATE_FREE},
                    {.since = V_2_15,
                     .policy = UPDATE_NEVER,
                     .err_code = 10012,
                     .says = "sourcing can not be updated"}},
        .doc = "Marks the server's own durable consumers for mirrors and sources."),
    /* From 2.11 on the server adds keys that begin with "_nats.". */
    ROW(.name = "metadata", .id = CONSUMER_METADATA, .type = FIELD_TEXT, .shape = SHAPE_MAP,
        .most = METADATA_MOST, .since = {V_2_10},
        .doc = "Notes of your own, as text by name; '_nats.' and 'natsform.' names are taken."),
    /*
     * Servers ignore a change of it in an update, and answer success: only the request CONSUMER.PAUSE changes it. 2.10
     * and older do not know the field.
     */
    ROW(.name = "pause_until", .id = CONSUMER_PAUSE_UNTIL, .type = FIELD_TIME, .flags = FIELD_PASSES,
        .since = {V_2_11}, .updates = {{.policy = UPDATE_SEPARATE}},
        .doc =
            "Delivers nothing until then, and nothing is paused once it is past; the API has a request for it."),
    ROW(.name = "priority_groups", .id = CONSUMER_PRIORITY_GROUPS, .type = FIELD_GROUP, .shape = SHAPE_LIST,
        .since = {V_2_11}, .doc = "Groups of clients that priority_policy applies to."),
    ROW(.name = "priority_policy", .id = CONSUMER_PRIORITY_POLICY, .type = FIELD_CHOICE,
        .choices = priority_policies, .fallback = "none", .since = {V_2_11},
        .doc = "Which of the waiting clients are served."),
    ROW(.name = "priority_timeout", .nack = "pinnedTtl", .id = CONSUMER_PRIORITY_TIMEOUT,
        .type = FIELD_DURATION, .since = {V_2_11}, .derive = derive_priority_timeout,
        .fallback_doc = "2m with priority_policy pinned_client",
        .doc = "After how long without a pull request the pinned client is replaced."),
    ROW(.name = "lifecycle", .id = CONSUMER_LIFECYCLE, .type = FIELD_OBJECT, .flags = FIELD_OURS,
        .object = &lifecycle_table, .doc = "How natsform treats the consumer."),
    ROW(.name = "renamed_from", .id = CONSUMER_RENAMED_FROM, .type = FIELD_NAME, .flags = FIELD_OURS,
        .doc =
            "The name that the consumer had: it gets this one, with all that is in it. Afterwards the line may stay.",
        .example = "OLD_NAME"),
    ROW(.name = "lint", .id = CONSUMER_LINT, .type = FIELD_OBJECT, .flags = FIELD_OURS, .object = &lint_table,
        .doc = "Which warnings about the consumer are not wanted."),
};

/* What servers from 2.14 on set for consumers that feed a mirror or source. */
static const struct implication consumer_implications[] = {
    {CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL, CONSUMER_FLOW_CONTROL, "true"},
    {CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL, CONSUMER_IDLE_HEARTBEAT, "1s"},
};

/* Each predicts an error of the server, whose code is the last number; before it, the first version that checks. */
static const struct constraint consumer_constraints[] = {
    {CONSUMER_FILTER_SUBJECT, NULL, CONSTRAINT_EXCLUDES, CONSUMER_FILTER_SUBJECTS, NULL, {0}, 10136},
    {CONSUMER_OPT_START_SEQ,
     NULL,
     CONSTRAINT_NEEDS,
     CONSUMER_DELIVER_POLICY,
     "by_start_sequence",
     {0},
     10094},
    {CONSUMER_OPT_START_TIME, NULL, CONSTRAINT_NEEDS, CONSUMER_DELIVER_POLICY, "by_start_time", {0}, 10094},
    {CONSUMER_DELIVER_POLICY,
     "by_start_sequence",
     CONSTRAINT_NEEDS,
     CONSUMER_OPT_START_SEQ,
     NULL,
     {0},
     10094},
    {CONSUMER_DELIVER_POLICY, "by_start_time", CONSTRAINT_NEEDS, CONSUMER_OPT_START_TIME, NULL, {0}, 10094},
    {CONSUMER_RATE_LIMIT_BPS, NULL, CONSTRAINT_NEEDS, CONSUMER_DELIVER_SUBJECT, NULL, {0}, 10086},
    {CONSUMER_IDLE_HEARTBEAT, NULL, CONSTRAINT_NEEDS, CONSUMER_DELIVER_SUBJECT, NULL, {0}, 10088},
    {CONSUMER_FLOW_CONTROL, NULL, CONSTRAINT_NEEDS, CONSUMER_DELIVER_SUBJECT, NULL, {0}, 10089},
    {CONSUMER_FLOW_CONTROL, NULL, CONSTRAINT_NEEDS, CONSUMER_IDLE_HEARTBEAT, NULL, {0}, 10108},
    {CONSUMER_MAX_WAITING, NULL, CONSTRAINT_EXCLUDES, CONSUMER_DELIVER_SUBJECT, NULL, {0}, 10080},
    {CONSUMER_PRIORITY_GROUPS, NULL, CONSTRAINT_NEEDS, CONSUMER_PRIORITY_POLICY, NULL, {V_2_12}, 10196},
    {CONSUMER_PRIORITY_POLICY, NULL, CONSTRAINT_NEEDS, CONSUMER_PRIORITY_GROUPS, NULL, {0}, 10159},
    {CONSUMER_PRIORITY_POLICY, NULL, CONSTRAINT_EXCLUDES, CONSUMER_DELIVER_SUBJECT, NULL, {0}, 10178},
    {CONSUMER_PRIORITY_TIMEOUT, NULL, CONSTRAINT_NEEDS, CONSUMER_PRIORITY_POLICY, NULL, {V_2_12}, 10197},
    {CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL, CONSTRAINT_NEEDS, CONSUMER_DELIVER_SUBJECT, NULL, {0}, 10218},
    {CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL, CONSTRAINT_EXCLUDES, CONSUMER_ACK_WAIT, NULL, {0}, 10221},
    {CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL, CONSTRAINT_EXCLUDES, CONSUMER_BACKOFF, NULL, {0}, 10221},
    {CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL, CONSTRAINT_EXCLUDES, CONSUMER_MAX_DELIVER, NULL, {0}, 10222},
};

static const char *name_of(unsigned id)
{
    return table_field_by_id(&consumer_table, id)->name;
}

static void check_durable(const struct object *self, struct diags *diags)
{
    const char *durable = object_text(self, CONSUMER_DURABLE_NAME);
    const char *name = object_text(self, CONSUMER_NAME);
    bool differs = durable && name && *durable && strcmp(durable, name) != 0;
    if (!differs)
        return;
    struct diag *diag =
        diag_add(diags, &code_conflict, object_pos(self, CONSUMER_DURABLE_NAME),
                 "'%s' must be the consumer's name, which is '%s'", name_of(CONSUMER_DURABLE_NAME), name);
    diag_hint(diags, diag, "leave it out: it is the name; or write \"\" for a consumer that is not durable");
}

/* Servers from 2.10.14 up to 2.12.5 also refuse filters that overlap only in part. */
static bool filters_overlap(const char *a, const char *b, uint32_t version)
{
    bool any =
        version_has(version, VERSION(2, 10, 14)) && version != VERSION_UNKNOWN && version < VERSION(2, 12, 5);
    return subject_is_subset(a, b) || subject_is_subset(b, a) || (any && subjects_collide(a, b));
}

static struct srcpos item_pos(const struct object *self, const struct value *item)
{
    return item->node ? item->node->pos : self->pos;
}

static void check_filters(const struct object *self, uint32_t version, struct diags *diags)
{
    const struct value_list *filters = object_list(self, CONSUMER_FILTER_SUBJECTS);
    for (size_t i = 1; i < filters->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct value *one = &filters->items[j];
            const struct value *other = &filters->items[i];
            if (!filters_overlap(one->text, other->text, version))
                continue;
            struct diag *diag =
                diag_add(diags, &code_conflict, item_pos(self, other), "'%s' overlaps with '%s' in '%s'",
                         other->text, one->text, name_of(CONSUMER_FILTER_SUBJECTS));
            diag_note(diags, diag, item_pos(self, one), "'%s' is here", one->text);
            diag_note(diags, diag, (struct srcpos){0}, "the server answers with error 10138");
        }
}

/*
 * A consumer has its filter in one of two fields, not in both. The number of backoffs is checked against max_deliver,
 * and 2.9 is stricter there.
 */
static void check_consumer(const struct object *self, const struct surroundings *around, struct diags *diags)
{
    bool filtered =
        object_has(self, CONSUMER_FILTER_SUBJECT, NULL) || object_has(self, CONSUMER_FILTER_SUBJECTS, NULL);
    bool unclear = object_value(self, CONSUMER_FILTER_SUBJECT)->refused ||
                   object_value(self, CONSUMER_FILTER_SUBJECTS)->refused;
    int64_t waits = (int64_t)object_list(self, CONSUMER_BACKOFF)->count;
    int64_t deliveries = object_integer(self, CONSUMER_MAX_DELIVER);
    bool old = around->version != VERSION_UNKNOWN && around->version < V_2_10;
    check_durable(self, diags);
    if (!object_value(self, CONSUMER_FILTER_SUBJECTS)->refused)
        check_filters(self, around->version, diags);
    const struct value *pending = object_value(self, CONSUMER_MAX_ACK_PENDING);
    if (object_has(self, CONSUMER_ACK_POLICY, CHOICE_FLOW_CONTROL) && pending->type == VALUE_INT &&
        pending->integer < 0)
        diag_error(diags, &code_conflict, object_pos(self, CONSUMER_MAX_ACK_PENDING),
                   "'%s: %s' needs a '%s' that is limited", name_of(CONSUMER_ACK_POLICY), CHOICE_FLOW_CONTROL,
                   name_of(CONSUMER_MAX_ACK_PENDING));
    if (object_has(self, CONSUMER_DELIVER_POLICY, CHOICE_LAST_PER_SUBJECT) && !filtered && !unclear)
        diag_error(diags, &code_conflict, object_pos(self, CONSUMER_DELIVER_POLICY),
                   "'%s: last_per_subject' needs '%s' or '%s'", name_of(CONSUMER_DELIVER_POLICY),
                   name_of(CONSUMER_FILTER_SUBJECT), name_of(CONSUMER_FILTER_SUBJECTS));
    if (waits > 0 && ((deliveries > 0 && waits > deliveries) || (old && waits >= deliveries)))
        diag_note_unwritten(diags,
                            diag_add(diags, &code_conflict, object_pos(self, CONSUMER_BACKOFF),
                                     "'%s' has %lld wait%s, which needs '%s' to be at least %lld",
                                     name_of(CONSUMER_BACKOFF), (long long)waits,
                                     text_plural((uint64_t)waits), name_of(CONSUMER_MAX_DELIVER),
                                     (long long)(old ? waits + 1 : waits)),
                            object_pos(self, CONSUMER_MAX_DELIVER));
    const struct value *ack_wait = object_value(self, CONSUMER_ACK_WAIT);
    const struct value_list *backoff = object_list(self, CONSUMER_BACKOFF);
    if (waits > 0 && ack_wait->given && ack_wait->type == VALUE_INT &&
        ack_wait->integer != backoff->items[0].integer)
        diag_add(diags, &code_implied, ack_wait->node->pos, "the server will set '%s' to the first '%s'",
                 name_of(CONSUMER_ACK_WAIT), name_of(CONSUMER_BACKOFF));
}

/*
 * A single filter in filter_subjects means the same as filter_subject, and that one 2.9 has too. With a backoff, the
 * server sets ack_wait to the first wait, whatever was sent.
 */
static void canonicalise_consumer(struct arena *arena, struct object *self)
{
    struct value *one = object_value(self, CONSUMER_FILTER_SUBJECT);
    struct value *many = object_value(self, CONSUMER_FILTER_SUBJECTS);
    if (many->type == VALUE_LIST && many->list->count == 1 &&
        !object_has(self, CONSUMER_FILTER_SUBJECT, NULL)) {
        bool given = many->given;
        *one = many->list->items[0];
        one->given = given;
        *many = (struct value){0};
    }
    const struct value_list *backoff = object_list(self, CONSUMER_BACKOFF);
    struct value *ack_wait = object_value(self, CONSUMER_ACK_WAIT);
    if (backoff->count && backoff->items[0].type == VALUE_INT && ack_wait->type == VALUE_INT)
        ack_wait->integer = backoff->items[0].integer;
    (void)arena;
}

size_t consumer_filters(const struct object *consumer, const struct value **ret_filters)
{
    const struct value_list *many = object_list(consumer, CONSUMER_FILTER_SUBJECTS);
    *ret_filters = many->count ? many->items : object_value(consumer, CONSUMER_FILTER_SUBJECT);
    if (many->count)
        return many->count;
    return object_has(consumer, CONSUMER_FILTER_SUBJECT, NULL) ? 1 : 0;
}

const struct table consumer_table = {
    .noun = "consumer",
    .doc = "A position in a stream from which clients read.",
    TABLE_FIELDS(consumer_fields),
    TABLE_IMPLICATIONS(consumer_implications),
    TABLE_CONSTRAINTS(consumer_constraints),
    .check = check_consumer,
    .canonicalise = canonicalise_consumer,
};
