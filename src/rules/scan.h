/*
 * Scan: one rule at work in a world, for the functions of the rules' rows. All findings go through rule_report(), which is
 * where a finding is left out because the object asks for it.
 */
#ifndef RULES_SCAN_H
#define RULES_SCAN_H

#include "rules/rules.h"

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

/* The rules, by file. */
void check_subject_overlap(struct rule_scan *scan);
void check_origin_cycle(struct rule_scan *scan);
void check_origin_cycle_unfiltered(struct rule_scan *scan);

#endif
