/* The table of rules, and what they share; see rules.h. */
#include "rules/rules.h"

#include <stdarg.h>

#include "kind/kinds.h"
#include "rules/scan.h"

#define V_2_10 VERSION(2, 10, 0)

const struct rule rules[] = {
    {.code = DIAG_SUBJECT_OVERLAP,
     .err_code = 10065,
     .says = "subjects overlap with an existing stream",
     .doc = "A subject belongs to at most one stream of an account; a stream without subjects has its name.",
     .check = check_subject_overlap},
    {.code = DIAG_ORIGIN_CYCLE,
     .err_code = 10052,
     .says = "detected cycle",
     .until = V_2_10,
     .doc = "Mirrors and sources must not lead back to the stream that they start from.",
     .check = check_origin_cycle_unfiltered},
    {.code = DIAG_ORIGIN_CYCLE,
     .err_code = 10052,
     .says = "detected cycle",
     .since = V_2_10,
     .doc =
         "Mirrors and sources must not lead back to the stream that they start from, unless a filter keeps the stream's "
         "own subjects out.",
     .check = check_origin_cycle},
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
        if (holds(&rules[i], world->version))
            rules[i].check(&scan);
    }
}

/* ---- findings ---- */

const char *rules_label(const struct rule_scan *scan, const struct rules_object *object)
{
    bool consumer = object->stream && &object->stream->self != object;
    if (object->resource && object->resource->bucket)
        return resource_label(&scan->diags->arena, resource_kind(object->resource), NULL,
                              resource_shown_name(object->resource));
    return resource_label(&scan->diags->arena, consumer ? &consumer_table : &stream_table,
                          consumer ? object->stream->self.name : NULL, object->name);
}

struct diag *rule_report(const struct rule_scan *scan, const struct rules_object *object, struct srcpos pos,
                         const char *format, ...)
{
    va_list args;
    if (!object->resource || object->settled)
        return NULL;
    va_start(args, format);
    const char *message = arena_vprintf(&scan->diags->arena, format, args);
    va_end(args);
    struct diag *diag =
        diag_add(scan->diags, scan->rule->code, pos.source ? pos : object->resource->pos, "%s", message);
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
