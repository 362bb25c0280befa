/*
 * Scan: one rule at work. The engine sets what the row's `each` is about and calls the function, which reports what it finds:
 *
 *     static void check_replicas(const struct rule_scan *scan)
 *     {
 *         int64_t most = object_integer(scan->stream, STREAM_NUM_REPLICAS);
 *         if (object_integer(scan->config, CONSUMER_NUM_REPLICAS) > most)
 *             rule_report(scan, object_pos(scan->config, CONSUMER_NUM_REPLICAS), "%s wants …", rule_label(scan), …);
 *     }
 */
#ifndef RULES_SCAN_H
#define RULES_SCAN_H

#include "rules/rules.h"
#include "rules/servers.h"

struct rule_scan {
    const struct rule *rule;
    struct diags *diags;
    struct arena *arena;

    struct rules_world *world;         /* of an account; NULL for servers */
    const struct rules_object *object; /* the stream or consumer, to which what is found belongs */
    const struct object *config;       /* its own */
    const struct object *stream;       /* the stream's, or that of the consumer's stream; NULL: not known */
    const struct value *subject;
    const struct object *origin;        /* the mirror or source */
    const struct rules_object *copied;  /* the stream that it names; NULL: not known, or of another account */
    const struct account_tier *tier;    /* for as many replicas as the stream has; NULL: there is none */
    const struct server_world *servers; /* NULL for accounts */
    const struct server_node *node;
};

/* A file's rows. */
struct rule_list {
    const struct rule *rows;
    size_t count;
};
#define RULE_LIST(rows)                                                                                      \
    {                                                                                                        \
        (rows), sizeof(rows) / sizeof((rows)[0])                                                             \
    }
extern const struct rule_list subject_rules, origin_rules, cycle_rules, consumer_rules, account_rules,
    lint_rules, lint_subject_rules, lint_wildcard_rules;
extern const struct rule_list server_listener_rules, server_cluster_rules, server_account_rules,
    server_login_rules, server_stream_rules;

/* More replicas than there can be: of a consumer, or on one server. */
extern const struct diag_code code_replicas;

/*
 * Reports what the rule found of the object or the node, at a position, or else where that one begins; the server's
 * answer becomes a note. NULL when the finding is not wanted: the object is not of the manifest, stays as the server has
 * it, or has the code ignored.
 */
struct diag *rule_report(const struct rule_scan *scan, struct srcpos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The scan of another object of the world, for rules that look at several. */
struct rule_scan rule_scan_of(const struct rule_scan *scan, const struct rules_object *object);
/* "stream ORDERS", "consumer ORDERS > billing"; of the scan's object, or another. */
const char *rule_label(const struct rule_scan *scan);
const char *rules_label(const struct rule_scan *scan, const struct rules_object *object);
/* A note that shows where another object is, or says that only the server has it. Nothing when `diag` is NULL. */
void rule_note_other(const struct rule_scan *scan, struct diag *diag, const struct rules_object *other,
                     struct srcpos pos, const char *what);

/* What the stream's consumer_limits say; 0: nothing. */
int64_t rules_limit(const struct object *stream, unsigned id);
/* Would one of the stream's subjects store the subject, or some that it stands for? */
bool rules_stores(const struct object *stream, const char *subject);
/* Can a rule report anything about it? It must be in the manifest, be known, and not stay as it is on the server. */
bool rules_is_open(const struct rules_object *object);
/* What servers know a source by. Two with the same key are the same to them; where it starts is no part of it. */
const char *rules_source_key(struct arena *arena, const struct object *source);
/* The stream that an origin names. Servers before 2.10 search for it in this account, even if the origin is in another one. */
const struct rules_object *rules_find_copied(const struct rules_world *world, const struct object *origin);
/* The limits that the account has for such a stream; NULL when there are none, or they are not known. */
const struct account_tier *rules_tier(const struct rules_world *world, const struct object *stream);

#endif
