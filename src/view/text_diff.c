/* Differences as text; see text_diff.h. */
#include "view/text_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/mark.h"
#include "plan/step.h"
#include "repo/textdiff.h"
#include "syntax/yaml.h"

/*
 * ---- text diff ----
 * Unified diffs of two texts, in colours. repo/textdiff.c finds the difference, and this prints
 * it.
 */

static void print_line(void *context, char origin, const char *text, size_t length)
{
    const struct style *style = context;
    enum colour colour = origin == '+'   ? COLOUR_GREEN
                         : origin == '-' ? COLOUR_RED
                         : origin == '@' ? COLOUR_CYAN
                                         : COLOUR_NONE;
    bool newline = length && text[length - 1] == '\n';
    style_begin(style, colour);
    /* The text of a '@@' line has it already. */
    if (origin != '@')
        fputc(origin, style->file);
    style_safe_line(style, text, newline ? length - 1 : length);
    style_end(style);
    fputc('\n', style->file);
}

static void print_name(const struct style *style, const char *sign, const char *name)
{
    style_begin(style, COLOUR_BOLD);
    fprintf(style->file, "%s ", sign);
    style_safe(style, name);
    style_end(style);
    fputc('\n', style->file);
}

/* Prints the lines that differ, without names of files. Returns 0, or -1 if there is not enough memory. */
static int view_text_lines(const struct style *style, const struct source *before, const struct source *after)
{
    struct style copy = *style;
    return textdiff(before->text, before->length, after->text, after->length, print_line, &copy);
}

int view_text_diff(const struct style *style, const struct source *before, const struct source *after)
{
    print_name(style, "---", before->name);
    print_name(style, "+++", after->name);
    return view_text_lines(style, before, after);
}

/*
 * ---- value diff ----
 * Differences of values as text. Values are in the units of manifests.
 */

enum {
    FIRST_DEPTH = 8, /* blanks before an element of a field */
    DEEPER = 2,
    LONG_TEXT = 30 /* two texts of this length in one line are hard to tell apart */
};

/* NULL where there is nothing. */
static const struct node *node_of(struct arena *arena, const struct field *field, const struct value *value)
{
    struct value shown = mark_hide(arena, value);
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
        const struct node *only = before ? before : after;
        if (only)
            print_element(lines, depth, before ? '-' : '+', key, only);
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
        if (before)
            print_element(&lines, FIRST_DEPTH, '-', NULL, before);
        if (after)
            print_element(&lines, FIRST_DEPTH, '+', NULL, after);
        return;
    }
    const struct node *none = &nothing[any->type == NODE_MAP];
    diff_nodes(&lines, FIRST_DEPTH, before ? before : none, after ? after : none);
}

/*
 * ---- plan diff ----
 * Plans as unified diffs of YAML. Each object is a file, so that `git apply` and reviewers can use the
 * result.
 */

/* The name of the file that stands for an object: its section of the manifest, and its name. */
static void print_file(const struct style *style, const struct step *step)
{
    if (step->stream) {
        fputs("consumers/", style->file);
        style_safe(style, step->stream);
    } else {
        fprintf(style->file, "%ss", table_word(step_kind(step)));
    }
    fputc('/', style->file);
    style_safe(style, step->stream ? step->name : step_shown_name(step));
    fputs(".yaml", style->file);
}

static void print_path(const struct style *style, const char *sign, const char *side, const struct step *step,
                       bool there)
{
    style_begin(style, COLOUR_BOLD);
    fprintf(style->file, "%s %s%s", sign, there ? side : "/dev/null", there ? "/" : "");
    if (there)
        print_file(style, step);
    style_end(style);
    fputc('\n', style->file);
}

/* Fields that natsform leaves alone have the server's value on both sides, so they are no difference. */
static struct object *as_it_will_be(struct arena *arena, const struct step *step)
{
    struct object *object = object_new(arena, step->table);
    for (size_t i = 0; i < step->table->count; i++) {
        bool kept = step->live && step->keep && step->keep[i];
        object->values[i] = kept ? step->live->values[i] : step->wanted->values[i];
    }
    /* A field that is changed by another request (a pause) is not a part of the update, but it changes too. */
    for (size_t i = 0; i < step->changes.count; i++)
        *object_value_of(object, step->changes.items[i].field) = *step->changes.items[i].after;
    return object;
}

/*
 * Settings that are the same for all buckets are not in manifests. If one differs on the server, it is shown as the
 * stream's field.
 */
static void add_hidden(struct arena *arena, struct node *node, const struct step *step, bool live)
{
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        const struct value *value = live ? change->before : change->after;
        if (step_kind(step) != step->table && change->shown.field == change->field &&
            value->type != VALUE_ABSENT)
            node_put(arena, node, change->field->name,
                     value_encode(arena, change->field, value, FORM_MANIFEST));
    }
}

static void write_object(struct arena *arena, struct strbuf *out, const struct step *step,
                         const struct object *object)
{
    struct node *node = object ? object_encode_manifest(arena, step_shown(arena, step, object)) : NULL;
    if (node)
        add_hidden(arena, node, step, object == step->live);
    if (node && node->count)
        yaml_write(out, node);
    else if (node)
        strbuf_adds(out, "{}\n");
}

/* Of somebody else's stream the manifest says nothing but "external: true". */
static bool write_external(struct strbuf *out, const struct object *object)
{
    if (!object || object->table != &stream_table || !object_flag(object, STREAM_EXTERNAL))
        return false;
    strbuf_addf(out, "%s: true\n", table_field_by_id(&stream_table, STREAM_EXTERNAL)->name);
    return true;
}

static int print_lines(const struct style *style, struct arena *arena, const struct step *step)
{
    struct strbuf before SCOPED(strbuf_release) = {0};
    struct strbuf after SCOPED(strbuf_release) = {0};
    if (!write_external(&before, step->live))
        write_object(arena, &before, step, step->live);
    if (!write_external(&after, step->wanted))
        write_object(arena, &after, step, step->wanted ? as_it_will_be(arena, step) : NULL);
    return view_text_lines(style, &(struct source){.text = strbuf_text(&before), .length = before.length},
                           &(struct source){.text = strbuf_text(&after), .length = after.length});
}

static int print_step(const struct style *style, struct arena *arena, const struct step *step,
                      const struct diff_sides *sides)
{
    print_path(style, "---", sides->before, step, step->live != NULL);
    print_path(style, "+++", sides->after, step, step->wanted != NULL);
    return print_lines(style, arena, step);
}

const char *view_step_diff(struct arena *arena, const struct step *step)
{
    char *text = NULL;
    size_t length = 0;
    struct style style = {.file = open_memstream(&text, &length)};
    if (!style.file)
        return "";
    print_lines(&style, arena, step);
    fclose(style.file);
    const char *kept = arena_strndup(arena, text, length);
    free(text);
    return kept;
}

int view_plan_diff(const struct style *style, const struct plan *plan, const struct diff_sides *sides)
{
    struct arena arena SCOPED(arena_release) = {0};
    int failed = 0;
    for (size_t i = 0; i < plan->steps.count && !failed; i++)
        failed = print_step(style, &arena, plan->steps.items[i], sides);
    return failed;
}
