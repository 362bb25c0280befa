/*
 * The engine that asks the rules: plan/planner.c has it look at an account, devenv/environment_check.c at servers. A file with rules is in
 * the list below; the rest of it is how each kind of thing is come by that a row may look at, and how a finding is reported.
 */
#include <stdarg.h>

#include "kind/kinds.h"
#include "kind/lint.h"
#include "rules/scan.h"

/* In the order in which they are asked: first what no server takes. */
static const struct rule_list *const lists[] = {
    &subject_rules,         &origin_rules,         &cycle_rules,          &consumer_rules,
    &account_rules,         &metadata_rules,       &lint_rules,           &lint_subject_rules,
    &server_listener_rules, &server_cluster_rules, &server_account_rules, &server_login_rules,
    &server_stream_rules,
};

const struct rule *rule_at(size_t index)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (index < lists[i]->count)
            return &lists[i]->rows[index];
        index -= lists[i]->count;
    }
    return NULL;
}

/* ---- what a row looks at ---- */

static void ask_about_origin(struct rule_scan *scan, const struct object *origin)
{
    scan->origin = origin;
    scan->copied = rules_find_copied(scan->world, origin);
    scan->rule->check(scan);
}

static void ask_about_parts(struct rule_scan *scan, unsigned each)
{
    const struct object *mirror = each & EACH_MIRROR ? object_object(scan->config, STREAM_MIRROR) : NULL;
    const struct value_list *subjects = object_list(scan->config, STREAM_SUBJECTS);
    const struct value_list *sources = object_list(scan->config, STREAM_SOURCES);
    for (size_t i = 0; each & EACH_SUBJECT && i < subjects->count; i++) {
        scan->subject = &subjects->items[i];
        scan->rule->check(scan);
    }
    if (mirror)
        ask_about_origin(scan, mirror);
    for (size_t i = 0; each & EACH_SOURCE && i < sources->count; i++)
        ask_about_origin(scan, sources->items[i].object);
}

static void ask_about_stream(struct rule_scan *scan, unsigned each)
{
    const struct rules_facts *facts = scan->world->facts;
    bool limited = each & EACH_LIMITED && facts && facts->account.tiers.count > 0;
    if (limited)
        scan->tier = rules_tier(scan->world, scan->config);
    if (each & EACH_STREAM || limited)
        scan->rule->check(scan);
    if (each & (EACH_SUBJECT | EACH_MIRROR | EACH_SOURCE))
        ask_about_parts(scan, each);
}

static void ask_about_objects(const struct rule_scan *scan, const struct rules_stream *stream, unsigned each)
{
    bool consumers = each & EACH_CONSUMER || (each & EACH_PAIR && stream->self.config);
    if (rules_is_open(&stream->self)) {
        struct rule_scan here = rule_scan_of(scan, &stream->self);
        ask_about_stream(&here, each);
    }
    for (size_t i = 0; consumers && i < stream->consumers.count; i++) {
        if (!rules_is_open(stream->consumers.items[i]))
            continue;
        struct rule_scan here = rule_scan_of(scan, stream->consumers.items[i]);
        here.rule->check(&here);
    }
}

static void ask_about_account(struct rule_scan *scan)
{
    const struct rules_facts *facts = scan->world->facts;
    unsigned each = scan->rule->each;
    if (each & EACH_ACCOUNT)
        scan->rule->check(scan);
    for (size_t i = 0; each & EACH_TIER && facts && i < facts->account.tiers.count; i++) {
        scan->tier = &facts->account.tiers.items[i];
        scan->rule->check(scan);
    }
    each &= ~(unsigned)(EACH_ACCOUNT | EACH_TIER);
    for (size_t i = 0; each && i < scan->world->streams.count; i++)
        ask_about_objects(scan, scan->world->streams.items[i], each);
}

static void ask_about_servers(struct rule_scan *scan)
{
    if (scan->rule->each & ALL_SERVERS)
        scan->rule->check(scan);
    for (size_t i = 0; scan->rule->each & EACH_SERVER && i < scan->servers->count; i++) {
        scan->node = &scan->servers->nodes[i];
        /* The nodes of a server have the same options, so a finding would be told once for each. */
        if (scan->node->first)
            scan->rule->check(scan);
    }
}

/* ---- all of them ---- */

/* A version that is not known counts as the newest. */
static bool holds(const struct rule *rule, uint32_t version)
{
    return version_has(version, rule->since) &&
           (!rule->until || (version != VERSION_UNKNOWN && version < rule->until));
}

void rules_check(struct rules_world *world, struct diags *diags)
{
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        struct rule_scan scan = {.rule = rule, .diags = diags, .arena = world->arena, .world = world};
        bool later = rule->code->lint && diags->errors; /* first what no server takes */
        if (!(rule->each & OF_SERVERS) && holds(rule, world->version) && !later)
            ask_about_account(&scan);
    }
}

void servers_check(const struct server_world *world, struct diags *diags)
{
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        struct rule_scan scan = {.rule = rule, .diags = diags, .arena = world->arena, .servers = world};
        /* Notes are advice: `up` leaves them out, `validate` has them. */
        if (rule->each & OF_SERVERS && (world->advice || rule->code->severity != SEVERITY_NOTE))
            ask_about_servers(&scan);
    }
}

/* ---- findings ---- */

struct rule_scan rule_scan_of(const struct rule_scan *scan, const struct rules_object *object)
{
    struct rule_scan other = *scan;
    other.object = object;
    other.config = object->config;
    other.stream = object->stream->self.config;
    return other;
}

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

const char *rule_label(const struct rule_scan *scan)
{
    return rules_label(scan, scan->object);
}

static void note_answer(const struct rule_scan *scan, struct diag *diag)
{
    const struct rule *rule = scan->rule;
    /* With the server's own words, which people search for. */
    if (rule->err_code)
        diag_note(scan->diags, diag, (struct srcpos){0}, "the server answers with error %d: %s",
                  rule->err_code, rule->says);
    else if (rule->says)
        diag_note(scan->diags, diag, (struct srcpos){0},
                  "'nats-server -t' takes it; the server ends with '%s'", rule->says);
}

struct diag *rule_report(const struct rule_scan *scan, struct srcpos pos, const char *format, ...)
{
    const struct rules_object *object = scan->object;
    const struct diag_code *code = scan->rule->code;
    va_list args;
    if (object && (!rules_is_open(object) || lint_ignores(object->resource->lint_ignored, code)))
        return NULL;
    va_start(args, format);
    const char *message = arena_vprintf(&scan->diags->arena, format, args);
    va_end(args);
    if (!pos.source && (object || scan->node))
        pos = object ? object->resource->pos : scan->node->pos;
    struct diag *diag = diag_add(scan->diags, code, pos, "%s", message);
    /* So that the planner knows whose steps cannot be done. */
    if (object && code->severity == SEVERITY_ERROR)
        VEC_PUSH(scan->arena, &scan->world->refused, object);
    note_answer(scan, diag);
    return diag;
}

void rule_note_other(const struct rule_scan *scan, struct diag *diag, const struct rules_object *other,
                     struct srcpos pos, const char *what)
{
    if (!diag)
        return;
    if (other->resource)
        diag_note(scan->diags, diag, pos.source ? pos : other->resource->pos, "%s", what);
    else
        diag_note(scan->diags, diag, (struct srcpos){0}, "%s is on the server, and not in this manifest",
                  rules_label(scan, other));
}
