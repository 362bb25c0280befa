/*
 * Scan: one rule at work in a world, for the functions of the rules' rows. All findings go through rule_report(), which is
 * where a finding is left out because the object asks for it.
 */
#ifndef RULES_SCAN_H
#define RULES_SCAN_H

#include "rules/rules.h"

extern const struct diag_code code_subject_overlap;
extern const struct diag_code code_reserved_subject;
extern const struct diag_code code_republish_loop;
extern const struct diag_code code_origin;
extern const struct diag_code code_origin_cycle;
extern const struct diag_code code_workqueue;
extern const struct diag_code code_deliver_loop;
extern const struct diag_code code_filter;
extern const struct diag_code code_consumer_limit;
extern const struct diag_code code_replicas;
extern const struct diag_code code_account_limit;
extern const struct diag_code code_missing_origin;
extern const struct diag_code code_without_effect;
extern const struct diag_code code_matches_nothing;
extern const struct diag_code code_copied_twice;
extern const struct diag_code code_literal_wildcard;
extern const struct diag_code code_republish_circle;
extern const struct diag_code code_republish_stored;
extern const struct diag_code code_delivers_into_stream;
extern const struct diag_code code_gone_when_delivered;
extern const struct diag_code code_limit_bypassed;
extern const struct diag_code code_durable_expires;
extern const struct diag_code code_ack_wait_short;
extern const struct diag_code code_never_removed;
extern const struct diag_code code_replicas_even;
extern const struct diag_code code_names_differ_in_case;
extern const struct diag_code code_mirror_incomplete;
extern const struct diag_code code_needs_cluster;
extern const struct diag_code code_change_without_effect;

struct rule_scan {
    const struct rule *rule;
    struct rules_world *world;
    struct diags *diags;
};

/*
 * Reports that the rule finds fault with an object, at a position in the manifest; the server's answer becomes a note. NULL when
 * the finding is not wanted: the object is not of the manifest, or stays as the server has it.
 */
struct diag *rule_report(const struct rule_scan *scan, const struct rules_object *object, struct srcpos pos,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "stream ORDERS", "consumer ORDERS > billing" */
const char *rules_label(const struct rule_scan *scan, const struct rules_object *object);
/* A note that shows where another object is, or says that only the server has it. */
void rule_note_other(const struct rule_scan *scan, struct diag *diag, const struct rules_object *other,
                     struct srcpos pos, const char *what);

/* The position of one item of a list, or of the whole object when it was filled in. */
struct srcpos rules_item_pos(const struct object *object, unsigned id, size_t index);

/* Is it of the manifest, known, and not on the server as it is? Only of such can a rule report anything. */
bool rules_is_open(const struct rules_object *object);

/* account_rules.c */
void check_server_alone(struct rule_scan *scan);
void check_tier(struct rule_scan *scan);
void check_stream_count(struct rule_scan *scan);
void check_account_consumers(struct rule_scan *scan);
void check_max_bytes_needed(struct rule_scan *scan);
void check_stream_bytes(struct rule_scan *scan);
void check_account_file(struct rule_scan *scan);
void check_account_memory(struct rule_scan *scan);
void check_account_pending(struct rule_scan *scan);

/* metadata.c */
void check_metadata_size(struct rule_scan *scan);

/* subjects.c */
void check_subject_overlap(struct rule_scan *scan);
void check_own_overlap(struct rule_scan *scan);
void check_api_subjects(struct rule_scan *scan);
void check_api_answers(struct rule_scan *scan);
void check_within_api(struct rule_scan *scan);
void check_meets_api(struct rule_scan *scan);
void check_system_subjects(struct rule_scan *scan);
void check_everything(struct rule_scan *scan);
void check_everything_replicated(struct rule_scan *scan);
void check_republish_loop(struct rule_scan *scan);
void check_republish_source(struct rule_scan *scan);

/* cycles.c */
void check_origin_cycle(struct rule_scan *scan);
void check_origin_cycle_unfiltered(struct rule_scan *scan);

/* origins.c */
void check_source_twice(struct rule_scan *scan);
void check_source_consumer_twice(struct rule_scan *scan);
void check_mirror_message_size(struct rule_scan *scan);
void check_source_message_size(struct rule_scan *scan);
void check_delivery_prefix(struct rule_scan *scan);
void check_mirror_filter(struct rule_scan *scan);
void check_source_filter(struct rule_scan *scan);
void check_origin_there(struct rule_scan *scan);

/* consumers.c */
void check_workqueue_ack(struct rule_scan *scan);
void check_workqueue_deliver(struct rule_scan *scan);
void check_workqueue_unfiltered(struct rule_scan *scan);
void check_workqueue_overlap(struct rule_scan *scan);
void check_deliver_loop(struct rule_scan *scan);
void check_push_pending(struct rule_scan *scan);
void check_pending_limit(struct rule_scan *scan);
void check_inactive_limit(struct rule_scan *scan);
void check_consumer_count(struct rule_scan *scan);
void check_consumer_replicas(struct rule_scan *scan);
void check_consumer_replicas_match(struct rule_scan *scan);
void check_filter_outside(struct rule_scan *scan);

/* lint.c */
void lint_without_effect(struct rule_scan *scan);
void lint_gone_when_delivered(struct rule_scan *scan);
void lint_limit_bypassed(struct rule_scan *scan);
void lint_durable_expires(struct rule_scan *scan);
void lint_ack_wait_short(struct rule_scan *scan);
void lint_never_removed(struct rule_scan *scan);
void lint_replicas_even(struct rule_scan *scan);
void lint_names_differ_in_case(struct rule_scan *scan);
void lint_mirror_incomplete(struct rule_scan *scan);
void lint_needs_cluster(struct rule_scan *scan);
void lint_stream_changes(struct rule_scan *scan);
void lint_consumer_changes(struct rule_scan *scan);

/* lint_subjects.c */
void lint_matches_nothing(struct rule_scan *scan);
void lint_copied_twice(struct rule_scan *scan);
void lint_literal_wildcard(struct rule_scan *scan);
void lint_delivers_into_stream(struct rule_scan *scan);
void lint_republish_circle(struct rule_scan *scan);
void lint_republish_stored(struct rule_scan *scan);

#endif
