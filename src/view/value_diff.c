/* Differences of values as text; see value_diff.h. Values are in the units of manifests. */
#include "view/value_diff.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "field/value_text.h"

enum {
    FIRST_DEPTH = 8, /* blanks before an element of a field */
    DEEPER = 2,
    LONG_TEXT = 30 /* two texts of this length in one line are hard to tell apart */
};

struct value value_without_marks(struct arena *arena, const struct value *value)
{
    if (value->type != VALUE_MAP)
        return *value;
    struct value_map *rest = ARENA_NEW(arena, struct value_map);
    rest->pairs = ARENA_ARRAY(arena, struct value_pair, value->map->count);
    for (size_t i = 0; i < value->map->count; i++)
        if (!text_begins(value->map->pairs[i].key, MARK_PREFIX))
            rest->pairs[rest->count++] = value->map->pairs[i];
    if (!rest->count && value->map->count)
        return (struct value){.type = VALUE_ABSENT};
    struct value copy = *value;
    copy.map = rest;
    return copy;
}

/* NULL where there is nothing. */
static const struct node *node_of(struct arena *arena, const struct field *field, const struct value *value)
{
    struct value shown = value_without_marks(arena, value);
    const struct node *node = value_encode(arena, field, &shown, FORM_MANIFEST);
    return node_is_null(node) ? NULL : node;
}

static bool has_elements(const struct node *before, const struct node *after)
{
    const struct node *any = before ? before : after;
    return any && any->type != NODE_SCALAR && any->count + (after ? after->count : 0) &&
           (!before || !after || before->type == after->type);
}

static bool is_long(const struct node *node)
{
    return node && node->type == NODE_SCALAR && node->quoted && strlen(node->text) > LONG_TEXT;
}

static bool in_lines(const struct field *field, const struct node *before, const struct node *after)
{
    return !(field->flags & FIELD_SECRET) &&
           (has_elements(before, after) || (before && after && (is_long(before) || is_long(after))));
}

bool value_diff_has_lines(struct arena *arena, const struct shown *shown)
{
    return in_lines(shown->field, node_of(arena, shown->field, shown->before),
                    node_of(arena, shown->field, shown->after));
}

/* ---- lines ---- */

struct lines {
    const struct style *style;
    struct arena *arena;
    bool ordered; /* lists of the field are in an order that means something */
};

static void print_element(const struct lines *lines, int depth, char sign, const char *key,
                          const struct node *node)
{
    const struct style *style = lines->style;
    bool quotes = !key && node->type == NODE_SCALAR && node->quoted;
    fprintf(style->file, "%*s", depth, "");
    style_begin(style, sign == '-' ? COLOUR_RED : COLOUR_GREEN);
    fprintf(style->file, "%c %s", sign, quotes ? "\"" : "");
    if (key) {
        style_safe(style, key);
        fputs(": ", style->file);
    }
    style_safe(style, quotes ? node->text : node_text_of(lines->arena, node));
    fputs(quotes ? "\"" : "", style->file);
    style_end(style);
    fputc('\n', style->file);
}

/* What is equal at both ends stays; what is between changes places. */
static void diff_sequences(const struct lines *lines, int depth, const struct node *before,
                           const struct node *after)
{
    size_t head = 0;
    size_t tail = 0;
    size_t least = before->count < after->count ? before->count : after->count;
    while (head < least && node_equal(before->items[head], after->items[head]))
        head++;
    while (tail < least - head &&
           node_equal(before->items[before->count - tail - 1], after->items[after->count - tail - 1]))
        tail++;
    for (size_t i = head; i < before->count - tail; i++)
        print_element(lines, depth, '-', NULL, before->items[i]);
    for (size_t i = head; i < after->count - tail; i++)
        print_element(lines, depth, '+', NULL, after->items[i]);
}

/* Those of the list that the other one lacks. */
static void print_missing(const struct lines *lines, int depth, char sign, const struct node *list,
                          const struct node *other)
{
    struct map there;
    map_init(&there, lines->arena);
    for (size_t i = 0; i < other->count; i++)
        map_put(&there, node_text_of(lines->arena, other->items[i]), other->items[i]);
    for (size_t i = 0; i < list->count; i++)
        if (!map_get(&there, node_text_of(lines->arena, list->items[i])))
            print_element(lines, depth, sign, NULL, list->items[i]);
}

static void diff_nodes(const struct lines *lines, int depth, const struct node *before,
                       const struct node *after);

static void diff_member(const struct lines *lines, int depth, const char *key, const struct node *before,
                        const struct node *after)
{
    const struct style *style = lines->style;
    if (!before || !after) {
        print_element(lines, depth, before ? '-' : '+', key, before ? before : after);
        return;
    }
    fprintf(style->file, "%*s", depth, "");
    style_safe(style, key);
    fputc(':', style->file);
    if (has_elements(before, after)) {
        fputc('\n', style->file);
        diff_nodes(lines, depth + DEEPER, before, after);
        return;
    }
    fputc(' ', style->file);
    diff_nodes(lines, depth, before, after);
    fputc('\n', style->file);
}

static void diff_maps(const struct lines *lines, int depth, const struct node *before,
                      const struct node *after)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct member *member = &before->members[i];
        const struct node *now = node_get(after, member->key);
        if (!now || !node_equal(member->value, now))
            diff_member(lines, depth, member->key, member->value, now);
    }
    for (size_t i = 0; i < after->count; i++)
        if (!node_get(before, after->members[i].key))
            diff_member(lines, depth, after->members[i].key, NULL, after->members[i].value);
}

static void print_side(const struct style *style, enum colour colour, const char *text)
{
    style_begin(style, colour);
    style_safe(style, text);
    style_end(style);
}

/* "1d -> 7d", without a newline. */
static void print_sides(const struct style *style, const char *before, const char *after)
{
    print_side(style, COLOUR_RED, before);
    fputs(" -> ", style->file);
    print_side(style, COLOUR_GREEN, after);
}

static void diff_nodes(const struct lines *lines, int depth, const struct node *before,
                       const struct node *after)
{
    if (before->type == NODE_SCALAR || before->type != after->type)
        print_sides(lines->style, node_text_of(lines->arena, before), node_text_of(lines->arena, after));
    else if (before->type == NODE_MAP)
        diff_maps(lines, depth, before, after);
    else if (lines->ordered)
        diff_sequences(lines, depth, before, after);
    else {
        print_missing(lines, depth, '-', before, after);
        print_missing(lines, depth, '+', after, before);
    }
}

void view_value_diff(const struct style *style, struct arena *arena, const struct shown *shown)
{
    const struct field *field = shown->field;
    const struct node *before = node_of(arena, field, shown->before);
    const struct node *after = node_of(arena, field, shown->after);
    const struct lines lines = {
        .style = style, .arena = arena, .ordered = (field->flags & FIELD_ORDERED) != 0};
    static const struct node nothing[] = {{.type = NODE_LIST}, {.type = NODE_MAP}};
    if (!in_lines(field, before, after)) {
        print_sides(style, value_text(arena, field, shown->before), value_text(arena, field, shown->after));
        return;
    }
    const struct node *any = before ? before : after;
    if (any->type == NODE_SCALAR) {
        print_element(&lines, FIRST_DEPTH, '-', NULL, before);
        print_element(&lines, FIRST_DEPTH, '+', NULL, after);
        return;
    }
    const struct node *none = &nothing[any->type == NODE_MAP];
    diff_nodes(&lines, FIRST_DEPTH, before ? before : none, after ? after : none);
}
