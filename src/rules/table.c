/* The table of rules, and what they share; see rules.h. */
#include "rules/rules.h"

#include <stdarg.h>

#include "base/row.h"
#include "kind/kinds.h"
#include "kind/lint.h"
#include "rules/scan.h"

#define V_2_10 VERSION(2, 10, 0)
#define V_2_10_17 VERSION(2, 10, 17)
#define V_2_10_28 VERSION(2, 10, 28)
#define V_2_11 VERSION(2, 11, 0)
#define V_2_11_5 VERSION(2, 11, 5)
#define V_2_14 VERSION(2, 14, 0)
#define V_2_14_4 VERSION(2, 14, 4)

const struct rule rules[] = {
    ROW(.code = &code_subject_overlap, .err_code = 10065, .says = "subjects overlap with an existing stream",
        .doc =
            "A subject belongs to at most one stream of an account; a stream without subjects has its name.",
        .check = check_subject_overlap),
    ROW(.code = &code_subject_overlap, .err_code = 10052, .says = "subject \"…\" overlaps with \"…\"",
        .doc = "The subjects of one stream must not overlap.", .check = check_own_overlap),
    ROW(.code = &code_reserved_subject, .err_code = 10052, .says = "subjects overlap with jetstream api",
        .until = V_2_10_17, .doc = "The subjects of the JetStream API are not for streams.",
        .check = check_api_subjects),
    ROW(.code = &code_reserved_subject, .until = V_2_10_28,
        .doc =
            "A stream must not acknowledge requests of the JetStream API, which servers before 2.10.28 allow.",
        .check = check_api_answers),
    ROW(.code = &code_reserved_subject, .err_code = 10052,
        .says = "subjects that overlap with jetstream api require no-ack to be true", .since = V_2_10_17,
        .until = V_2_10_28,
        .doc = "Only a stream without acknowledgements may store JetStream's own subjects.",
        .check = check_within_api),
    ROW(.code = &code_reserved_subject, .err_code = 10052,
        .says = "subjects that overlap with jetstream api require no-ack to be true", .since = V_2_10_28,
        .doc =
            "Only a stream without acknowledgements may match JetStream's own subjects, as each of several tokens does whose first is '*'.",
        .check = check_meets_api),
    ROW(.code = &code_reserved_subject, .err_code = 10052,
        .says = "subjects that overlap with system api require no-ack to be true", .since = V_2_10_17,
        .doc = "Only a stream without acknowledgements may store the system account's subjects.",
        .check = check_system_subjects),
    ROW(.code = &code_reserved_subject, .err_code = 10052,
        .says = "capturing all subjects requires no-ack to be true", .since = V_2_10_17,
        .doc = "Only a stream without acknowledgements may store everything.", .check = check_everything),
    ROW(.code = &code_reserved_subject, .err_code = 10052,
        .says = "capturing all subjects requires replicas of 1", .since = V_2_10_17,
        .doc = "A stream that stores everything cannot have replicas.", .check = check_everything_replicated),
    ROW(.code = &code_republish_loop, .err_code = 10052,
        .says = "stream configuration for republish destination forms a cycle",
        .doc = "What a stream publishes again must not be one of its subjects.",
        .check = check_republish_loop),
    ROW(.code = &code_republish_loop, .err_code = 10052,
        .says = "stream configuration for republish source is not valid subset of subjects", .until = V_2_10,
        .doc = "Before 2.10, only a stream's own subjects can be published again.",
        .check = check_republish_source),
    ROW(.code = &code_origin, .err_code = 10140, .says = "duplicate source configuration detected",
        .since = V_2_10,
        .doc =
            "A stream takes from one origin through the same filter once; where it starts makes no difference.",
        .check = check_source_twice),
    ROW(.code = &code_origin, .err_code = 10216, .says = "duplicate stream source consumer detected",
        .since = V_2_14, .doc = "Each source of the same stream is read through a consumer of its own.",
        .check = check_source_consumer_twice),
    ROW(.code = &code_origin, .err_code = 10030, .says = "stream mirror must have max message size >= source",
        .doc = "A mirror takes messages as large as its origin does.", .check = check_mirror_message_size),
    ROW(.code = &code_origin, .err_code = 10046, .says = "stream source must have max message size >= target",
        .doc = "A stream takes messages as large as its sources do.", .check = check_source_message_size),
    ROW(.code = &code_origin, .err_code = 10022,
        .says = "stream external delivery prefix … overlaps with stream subject …",
        .doc = "What an external origin delivers must not be stored by another origin.",
        .check = check_delivery_prefix),
    ROW(.code = &code_origin, .err_code = 10052,
        .says = "mirror '…' filter subject '…' does not overlap with any origin stream subject",
        .until = V_2_10, .doc = "Before 2.10, a mirror's filter has to match a subject of its origin.",
        .check = check_mirror_filter),
    ROW(.code = &code_origin, .err_code = 10052,
        .says = "source '…' filter subject '…' does not overlap with any origin stream subject",
        .until = V_2_10, .doc = "Before 2.10, a source's filter has to match a subject of an origin.",
        .check = check_source_filter),
    ROW(.code = &code_missing_origin,
        .doc = "Servers take a mirror or source of a stream that is not there, and wait for it.",
        .check = check_origin_there),
    ROW(.code = &code_origin_cycle, .err_code = 10052, .says = "detected cycle", .until = V_2_10,
        .doc = "Mirrors and sources must not lead back to the stream that they start from.",
        .check = check_origin_cycle_unfiltered),
    ROW(.code = &code_origin_cycle, .err_code = 10052, .says = "detected cycle", .since = V_2_10,
        .doc =
            "Mirrors and sources must not lead back to the stream that they start from, unless a filter keeps the stream's own subjects out.",
        .check = check_origin_cycle),
    ROW(.code = &code_workqueue, .err_code = 10098, .says = "workqueue stream requires explicit ack",
        .doc = "Each message of a work queue is acknowledged explicitly.", .check = check_workqueue_ack),
    ROW(.code = &code_workqueue, .err_code = 10101,
        .says = "consumer must be deliver all on workqueue stream",
        .doc = "A consumer of a work queue starts at its first message.", .check = check_workqueue_deliver),
    ROW(.code = &code_workqueue, .err_code = 10099,
        .says = "multiple non-filtered consumers not allowed on workqueue stream",
        .doc = "Of several consumers of a work queue, each needs a filter.",
        .check = check_workqueue_unfiltered),
    ROW(.code = &code_workqueue, .err_code = 10100,
        .says = "filtered consumer not unique on workqueue stream",
        .doc = "A message of a work queue is for one consumer.", .check = check_workqueue_overlap),
    ROW(.code = &code_deliver_loop, .err_code = 10081, .says = "consumer deliver subject forms a cycle",
        .doc = "A push consumer must not deliver on a subject of its own stream.",
        .check = check_deliver_loop),
    ROW(.code = &code_consumer_limit, .err_code = 10082,
        .says = "consumer requires ack policy for max ack pending",
        .doc =
            "A push consumer without acknowledgements can have no max_ack_pending, not even the one of the stream's consumer_limits.",
        .check = check_push_pending),
    ROW(.code = &code_consumer_limit, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …", .since = V_2_10,
        .doc = "A consumer's max_ack_pending is at most that of the stream's consumer_limits.",
        .check = check_pending_limit),
    ROW(.code = &code_consumer_limit, .err_code = 10153,
        .says = "consumer inactive threshold exceeds system limit of …", .since = V_2_10,
        .doc = "A consumer's inactive_threshold is at most that of the stream's consumer_limits.",
        .check = check_inactive_limit),
    ROW(.code = &code_consumer_limit, .err_code = 10026, .says = "maximum consumers limit reached",
        .doc = "A stream has no more consumers than its max_consumers.", .check = check_consumer_count),
    ROW(.code = &code_replicas, .err_code = 10126,
        .says = "consumer config replica count exceeds parent stream",
        .doc = "A consumer has at most as many replicas as its stream.", .check = check_consumer_replicas),
    ROW(.code = &code_replicas, .err_code = 10134,
        .says = "consumer config replicas must match interest retention stream's replicas",
        .since = VERSION(2, 9, 12),
        .doc = "A consumer of a work queue or an interest stream has as many replicas as the stream.",
        .check = check_consumer_replicas_match),
    ROW(.code = &code_replicas, .err_code = 10074, .says = "replicas > 1 not supported in non-clustered mode",
        .doc = "A server that is in no cluster keeps one replica.", .check = check_server_alone),
    ROW(.code = &code_account_limit, .err_code = 10120,
        .says = "no JetStream default or applicable tiered limit present",
        .doc = "An account whose limits are by number of replicas takes only streams with those numbers.",
        .check = check_tier),
    ROW(.code = &code_account_limit, .err_code = 10027, .says = "maximum number of streams reached",
        .doc = "An account has no more streams than it may.", .check = check_stream_count),
    ROW(.code = &code_account_limit, .err_code = 10026, .says = "maximum consumers limit reached",
        .doc = "A stream asks for no more consumers than the account allows each stream.",
        .check = check_account_consumers),
    ROW(.code = &code_account_limit, .err_code = 10113,
        .says = "account requires a stream config to have max bytes set",
        .doc = "Where the account wants it, every stream has max_bytes.", .check = check_max_bytes_needed),
    ROW(.code = &code_account_limit, .err_code = 10122,
        .says = "stream max bytes exceeds account limit max stream bytes",
        .doc = "A stream's max_bytes is at most what the account allows one stream.",
        .check = check_stream_bytes),
    ROW(.code = &code_account_limit, .err_code = 10047, .says = "insufficient storage resources available",
        .doc = "The max_bytes of all streams on disk fit into the account's storage.",
        .check = check_account_file),
    ROW(.code = &code_account_limit, .err_code = 10028, .says = "insufficient memory resources available",
        .doc = "The max_bytes of all streams in memory fit into the account's memory.",
        .check = check_account_memory),
    ROW(.code = &code_account_limit, .err_code = 10121,
        .says = "consumer max ack pending exceeds system limit of …",
        .doc = "A consumer's max_ack_pending is at most the account's.", .check = check_account_pending),
    ROW(.code = &code_range, .err_code = 10052,
        .says = "stream metadata exceeds maximum size of 131072 bytes", .since = V_2_11,
        .doc = "Metadata leaves room for what the server itself notes of the object.",
        .check = check_metadata_size),
    ROW(.code = &code_filter, .err_code = 10093,
        .says = "consumer filter subject is not a valid subset of the interest subjects", .until = V_2_10,
        .doc = "Before 2.10, a consumer's filter has to match a subject of its stream.",
        .check = check_filter_outside),
    ROW(.code = &code_without_effect, .doc = "A field without effect is one that somebody counts on.",
        .check = lint_without_effect),
    ROW(.code = &code_matches_nothing, .since = V_2_10,
        .doc = "Servers before 2.10 refuse what matches nothing; later ones take it, and nothing ever comes.",
        .check = lint_matches_nothing),
    ROW(.code = &code_copied_twice,
        .doc =
            "Each source copies what its own filter lets through, whatever another source of the same stream does.",
        .check = lint_copied_twice),
    ROW(.code = &code_literal_wildcard,
        .doc = "Only a whole token is a wildcard: a.*.b and a.>, not a*.b or a.b>.",
        .check = lint_literal_wildcard),
    ROW(.code = &code_republish_circle, .doc = "A server looks for a circle within one stream only.",
        .check = lint_republish_circle),
    ROW(.code = &code_republish_stored,
        .doc = "A republished message is a new message, to be stored by whoever has its subject.",
        .check = lint_republish_stored),
    ROW(.code = &code_delivers_into_stream,
        .doc =
            "A stream stores what a push consumer delivers on one of its subjects, and stores it again when it is delivered again.",
        .check = lint_delivers_into_stream),
    ROW(.code = &code_gone_when_delivered,
        .doc =
            "On an interest stream, a consumer without acknowledgements is done with a message when it was sent.",
        .check = lint_gone_when_delivered),
    ROW(.code = &code_limit_bypassed, .since = V_2_10,
        .doc = "A consumer's max_ack_pending of -1 is not compared with the stream's consumer_limits.",
        .check = lint_limit_bypassed),
    ROW(.code = &code_durable_expires, .since = V_2_10,
        .doc = "A durable consumer too inherits the inactive_threshold of the stream's consumer_limits.",
        .check = lint_durable_expires),
    ROW(.code = &code_ack_wait_short, .doc = "There is no least ack_wait.", .check = lint_ack_wait_short),
    ROW(.code = &code_never_removed,
        .doc = "A work queue removes what was acknowledged; what ran out of deliveries never is.",
        .check = lint_never_removed),
    ROW(.code = &code_replicas_even, .doc = "A stream works while more than half of its replicas do.",
        .check = lint_replicas_even),
    ROW(.code = &code_names_differ_in_case,
        .doc = "Names are compared byte by byte, and become names of directories.",
        .check = lint_names_differ_in_case),
    ROW(.code = &code_mirror_incomplete, .until = V_2_11_5,
        .doc =
            "Before 2.11.5 a mirror checks the conditions of messages (Nats-Expected-…) again that its origin has checked.",
        .check = lint_mirror_incomplete),
    ROW(.code = &code_needs_cluster,
        .doc =
            "A server without a cluster takes a placement, and before 2.15 an update to more replicas, and does nothing.",
        .check = lint_needs_cluster),
    ROW(.code = &code_change_without_effect, .since = V_2_10,
        .doc = "first_seq is looked at when a stream is created; a later one is kept and does nothing.",
        .check = lint_stream_changes),
    ROW(.code = &code_change_without_effect, .until = V_2_14_4,
        .doc = "Before 2.14.4 a change of mem_storage is taken, and the state stays where it is.",
        .check = lint_consumer_changes),
};

const size_t rule_count = sizeof(rules) / sizeof(rules[0]);

static bool holds(const struct rule *rule, uint32_t version)
{
    return version_has(version, rule->since) &&
           (!rule->until || (version != VERSION_UNKNOWN && version < rule->until));
}

void rules_check(struct rules_world *world, struct diags *diags)
{
    for (size_t i = 0; i < rule_count; i++) {
        struct rule_scan scan = {.rule = &rules[i], .world = world, .diags = diags};
        bool later = rules[i].code->lint && diags->errors; /* first what no server takes */
        if (holds(&rules[i], world->version) && !later)
            rules[i].check(&scan);
    }
}

/* ---- findings ---- */

const char *rules_label(const struct rule_scan *scan, const struct rules_object *object)
{
    struct arena *arena = &scan->diags->arena;
    const struct resource *resource = object->resource;
    bool consumer = &object->stream->self != object;
    if (resource)
        return resource_label(arena, resource_kind(resource), consumer ? object->stream->self.name : NULL,
                              resource_shown_name(resource));
    return resource_label(arena, consumer ? &consumer_table : &stream_table,
                          consumer ? object->stream->self.name : NULL, object->name);
}

bool rules_is_open(const struct rules_object *object)
{
    return object->resource && object->config && !object->settled;
}

struct diag *rule_report(const struct rule_scan *scan, const struct rules_object *object, struct srcpos pos,
                         const char *format, ...)
{
    va_list args;
    if (!rules_is_open(object) || lint_ignores(object->resource->lint_ignored, scan->rule->code))
        return NULL;
    va_start(args, format);
    const char *message = arena_vprintf(&scan->diags->arena, format, args);
    va_end(args);
    struct diag *diag =
        diag_add(scan->diags, scan->rule->code, pos.source ? pos : object->resource->pos, "%s", message);
    if (scan->rule->code->severity == SEVERITY_ERROR)
        VEC_PUSH(scan->world->arena, &scan->world->refused, object);
    if (scan->rule->err_code)
        diag_note(scan->diags, diag, (struct srcpos){0}, "the server answers with error %d: %s",
                  scan->rule->err_code, scan->rule->says);
    return diag;
}

void rule_note_other(const struct rule_scan *scan, struct diag *diag, const struct rules_object *other,
                     struct srcpos pos, const char *what)
{
    if (other->resource)
        diag_note(scan->diags, diag, pos.source ? pos : other->resource->pos, "%s", what);
    else
        diag_note(scan->diags, diag, (struct srcpos){0}, "%s is on the server, and not in this manifest",
                  rules_label(scan, other));
}

struct srcpos rules_item_pos(const struct object *object, unsigned id, size_t index)
{
    const struct value_list *list = object_list(object, id);
    const struct node *node = index < list->count ? list->items[index].node : NULL;
    return node ? node->pos : object_pos(object, id);
}
