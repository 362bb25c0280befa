/*
 * Changing a text place by place; see edit.h. Nothing here knows what the text means. The caller reads the result again,
 * to find out whether it means what it should.
 */
#include "syntax/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/utf8.h"
#include "syntax/edit_parts.h"
#include "syntax/yaml.h"

static int compare_edits(const void *left, const void *right)
{
    const struct edit *a = left;
    const struct edit *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

int edits_apply(struct edits *edits, struct strbuf *out)
{
    if (edit_settle(edits))
        return -1;
    struct arena arena SCOPED(arena_release) = {0};
    size_t at = 0;
    size_t count = edits->list.count;
    int failed = 0;
    struct edit *sorted = arena_grow(&arena, edits->list.items, count, count + 1, sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_edits);
    for (size_t i = 0; i < count && !failed; i++) {
        failed = sorted[i].start < at ? -1 : 0;
        if (failed)
            break;
        strbuf_add(out, edits->source->text + at, sorted[i].start - at);
        strbuf_adds(out, sorted[i].text);
        at = sorted[i].end;
    }
    if (!failed)
        strbuf_add(out, edits->source->text + at, edits->source->length - at);
    return failed;
}

bool edits_any(const struct edits *edits)
{
    return edits->list.count || edits->parts.count || edits->wholes.count;
}

bool edits_touch(const struct edits *edits, const struct layout *value)
{
    bool touch = false;
    for (size_t i = 0; i < edits->list.count; i++)
        touch |= edits->list.items[i].start >= value->start && edits->list.items[i].end <= value->end;
    for (size_t i = 0; i < edits->parts.count; i++)
        touch |= edits->parts.items[i].of == value;
    for (size_t i = 0; i < edits->wholes.count; i++)
        touch |= edits->wholes.items[i].of == value;
    return touch;
}

/* ---- spelling ---- */

static bool is_on_one_line(const char *text)
{
    return !strpbrk(text, "\r\n") && !utf8_has_unseen(text);
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

static const char *keep(struct arena *arena, struct strbuf *text)
{
    return strbuf_move(text, arena);
}

static const char *in_single_quotes(struct arena *arena, const char *text)
{
    struct strbuf out = {0};
    strbuf_addc(&out, '\'');
    for (; *text; text++)
        strbuf_adds(&out, *text == '\'' ? "''" : (const char[]){*text, '\0'});
    strbuf_addc(&out, '\'');
    return keep(arena, &out);
}

static void add_escaped(struct strbuf *out, const char *text, size_t length)
{
    char shown[UTF8_SHOWN_MOST];
    utf8_show(text, length, shown);
    if (*text == '"' || *text == '\\')
        strbuf_addf(out, "\\%c", *text);
    else if (*text == '\t')
        strbuf_adds(out, "\\t");
    else
        strbuf_adds(out, shown);
}

static const char *in_double_quotes(struct arena *arena, const char *text)
{
    struct strbuf out = {0};
    size_t length = strlen(text);
    strbuf_addc(&out, '"');
    for (size_t at = 0; at < length;) {
        size_t step = utf8_sequence(text + at, length - at);
        add_escaped(&out, text + at, step ? step : 1);
        at += step ? step : 1;
    }
    strbuf_addc(&out, '"');
    return keep(arena, &out);
}

/*
 * Lets the YAML writer write "k: " and the scalar, and cuts the scalar out. So quotes are needed here exactly where they
 * are in a whole manifest. Between brackets, text with a comma or a bracket needs quotes as well.
 */
static const char *spell_scalar(struct arena *arena, const struct node *node, bool in_flow)
{
    struct node *map = node_map(arena);
    struct strbuf out SCOPED(strbuf_release) = {0};
    if (!is_on_one_line(node->text) || !is_printable(node->text))
        return in_double_quotes(arena, node->text);
    node_put(arena, map, "k", node_scalar(arena, node->text, node->quoted));
    yaml_write(&out, map);
    size_t length = out.length > 3 ? out.length - 4 : 0; /* without "k: " and the newline */
    const char *text = arena_strndup(arena, strbuf_text(&out) + 3, length);
    if (!is_on_one_line(text) || (*text != '\'' && *text != '"' && in_flow && strpbrk(text, ",[]{}")))
        return in_single_quotes(arena, node->text);
    return text;
}

static const char *spell_collection(struct arena *arena, const struct node *node)
{
    struct strbuf out = {0};
    bool map = node->type == NODE_MAP;
    strbuf_addc(&out, map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            strbuf_adds(&out, ", ");
        if (map)
            strbuf_addf(&out,
                        "%s: ", spell_scalar(arena, node_scalar(arena, node->members[i].key, true), true));
        strbuf_adds(&out, edit_spell(arena, map ? node->members[i].value : node->items[i], true));
    }
    strbuf_addc(&out, map ? '}' : ']');
    return keep(arena, &out);
}

const char *edit_spell(struct arena *arena, const struct node *node, bool in_flow)
{
    return node->type == NODE_SCALAR ? spell_scalar(arena, node, in_flow) : spell_collection(arena, node);
}

/* ---- scalars ---- */

/* Would a '|' block of these lines read back as the text? Not with blank lines, or lines that begin with a blank. */
static bool fits_block(const char *text)
{
    size_t length = strlen(text);
    return length > 1 && !strpbrk(text, "\r\t") && !strchr(" \n", text[0]) && !strstr(text, "\n\n") &&
           !strstr(text, "\n ");
}

/* Instead of the '|' or '>' and the lines below it. A comment behind the '|' stays. */
static void end_block(struct edits *edits, const struct layout *old, const char *text)
{
    const struct source *source = edits->source;
    size_t line_end = layout_line_end(source, old->start);
    size_t end = edit_end_of_item(source, old);
    edit_put(edits, old->start, old->start + strcspn(source->text + old->start, " \t\r\n"), text);
    if (end > line_end)
        edit_put(edits, line_end, end, "");
}

/* The text as lines again, where it can be: the lines of a folded block ('>') are not the text's. */
static void edit_block(struct edits *edits, const struct layout *old, const struct node *value)
{
    const char *text = value->type == NODE_SCALAR ? value->text : "";
    size_t indicator = old->start + 1 + (edits->source->text[old->start + 1] == '-');
    size_t content = layout_line_end(edits->source, old->start);
    size_t end = edit_end_of_item(edits->source, old);
    while (content < edits->source->length && strchr("\r\n", edits->source->text[content]))
        content++;
    size_t first = content;
    while (first < end && edits->source->text[first] == ' ')
        first++;
    bool literal = edits->source->text[old->start] == '|' && strchr(" \r\n", edits->source->text[indicator]);
    if (node_is_null(value) || !literal || first == content || first >= end || !fits_block(text)) {
        end_block(edits, old, edit_spell(edits->arena, value, false));
        return;
    }
    struct strbuf out = {0};
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        strbuf_addf(&out, "%s%*s%.*s", at == text ? "" : edit_newline(edits->source), (int)(first - content),
                    "", (int)strcspn(at, "\n"), at);
    edit_put(edits, old->start, indicator, text[strlen(text) - 1] == '\n' ? "|" : "|-");
    edit_put(edits, content, end, keep(edits->arena, &out));
}

static const char *in_style_of(struct arena *arena, const struct layout *old, const struct node *value)
{
    bool quoted = value->type == NODE_SCALAR && !node_is_null(value);
    bool text = quoted && is_on_one_line(value->text) && is_printable(value->text);
    if (text && old->type == LAYOUT_SINGLE)
        return in_single_quotes(arena, value->text);
    if (quoted && old->type == LAYOUT_DOUBLE)
        return in_double_quotes(arena, value->text);
    return edit_spell(arena, value, old->in_flow);
}

const char *edit_value(struct edits *edits, const struct layout_entry *entry, const struct layout *old,
                       const struct node *value)
{
    bool empty = old->start == old->end;
    if (old->type == LAYOUT_BLOCK) {
        edit_block(edits, old, value);
        return NULL;
    }
    if (old->type == LAYOUT_MAP || old->type == LAYOUT_LIST) {
        struct edit_whole whole = {old, edit_spell(edits->arena, value, old->in_flow)};
        VEC_PUSH(edits->arena, &edits->wholes, whole);
        return NULL;
    }
    if (!empty) {
        edit_put(edits, old->start, old->end, in_style_of(edits->arena, old, value));
        return NULL;
    }
    if (!entry || old->anchor || !edit_has_byte(edits->source, entry->key_end, old->start, ":"))
        return "there is nothing to put it in the place of";
    const char *text = edit_spell(edits->arena, value, old->in_flow);
    bool blank = edits->source->text[old->start - 1] == ' ';
    edit_put(edits, old->start, old->start, blank ? text : arena_printf(edits->arena, " %s", text));
    return NULL;
}

/* ---- entries and items ---- */

static const char *spell_entry(struct arena *arena, const char *key, const struct node *value, bool in_flow)
{
    return arena_printf(arena, "%s: %s", spell_scalar(arena, node_scalar(arena, key, true), in_flow),
                        edit_spell(arena, value, in_flow));
}

static const char *add_line(struct edits *edits, size_t end, const char *indent, const char *text)
{
    if (!edit_ends_line(edits->source, end))
        return "something else stands on the same line";
    size_t at = layout_line_end(edits->source, end);
    edit_put(edits, at, at, arena_printf(edits->arena, "%s%s%s", edit_newline(edits->source), indent, text));
    return NULL;
}

/* Does an empty collection between brackets get a child already? */
static bool is_begun(const struct edits *edits, const struct layout *of)
{
    bool begun = false;
    for (size_t i = 0; i < edits->list.count; i++)
        begun |= edits->list.items[i].start == of->start + 1 && edits->list.items[i].end == of->start + 1;
    return begun;
}

/* A new child, behind the one that ends there. */
static const char *add_part(struct edits *edits, const struct layout *of, size_t after, size_t end,
                            const char *text)
{
    struct edit_part part = {of, after, text};
    if (!of->flow && !edit_ends_line(edits->source, end))
        return "something else stands on the same line";
    if (of->flow && !of->count)
        edit_put(edits, of->start + 1, of->start + 1,
                 is_begun(edits, of) ? arena_printf(edits->arena, ", %s", text) : text);
    else
        VEC_PUSH(edits->arena, &edits->parts, part);
    return NULL;
}

const char *edit_add_entry(struct edits *edits, const struct layout *map, size_t after, const char *key,
                           const struct node *value)
{
    const char *text = spell_entry(edits->arena, key, value, map->flow || map->in_flow);
    const struct layout_entry *entry = map->count ? &map->entries[after] : NULL;
    if (map->flow && entry && entry->value->start == entry->value->end)
        return "the entry before it has no value";
    return add_part(edits, map, after, entry ? edit_end_of_entry(edits->source, entry) : 0, text);
}

const char *edit_begin_map(struct edits *edits, const struct layout_entry *empty, const char *key,
                           const struct node *value)
{
    const struct layout *nothing = empty->value;
    if (nothing->in_flow || nothing->start != nothing->end) {
        struct node *map = node_map(edits->arena);
        node_add(edits->arena, map, (struct member){.key = key, .value = node_copy(edits->arena, value)});
        return edit_value(edits, empty, nothing, map);
    }
    const char *indent =
        arena_printf(edits->arena, "%s  ", edit_indent(edits->arena, edits->source, empty->key_start));
    return add_line(edits, nothing->end, indent, spell_entry(edits->arena, key, value, false));
}

const char *edit_over_alias(struct edits *edits, const struct layout *alias, const char *key,
                            const struct node *value)
{
    const char *entry = spell_entry(edits->arena, key, value, true);
    edit_put(edits, alias->start, alias->end,
             arena_printf(edits->arena, "{<<: *%s, %s}", alias->text, entry));
    return NULL;
}

/* The lines with other indentation, each with a newline before it instead of behind it. */
static const char *indented(struct arena *arena, const struct source *source, const char *lines,
                            size_t indent, const char *blanks)
{
    struct strbuf out = {0};
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        size_t less = strspn(lines, " ") < indent ? strspn(lines, " ") : indent;
        strbuf_adds(&out, edit_newline(source));
        if (length > less)
            strbuf_addf(&out, "%s%.*s", blanks, (int)(length - less), lines + less);
        lines += length + (lines[length] == '\n');
    }
    return keep(arena, &out);
}

const char *edit_add_lines(struct edits *edits, const struct layout *map, const struct layout_entry *empty,
                           const char *lines, size_t indent)
{
    size_t end = map ? edit_end_of_entry(edits->source, &map->entries[map->count - 1]) : empty->value->end;
    const char *blanks =
        map ? edit_indent(edits->arena, edits->source, map->entries[0].key_start)
            : arena_printf(edits->arena, "%s  ", edit_indent(edits->arena, edits->source, empty->key_start));
    if (!edit_ends_line(edits->source, end))
        return "something else stands on the same line";
    size_t at = layout_line_end(edits->source, end);
    edit_put(edits, at, at, indented(edits->arena, edits->source, lines, indent, blanks));
    return NULL;
}

void edit_append(struct edits *edits, const char *lines)
{
    bool ended = !edits->source->length || edits->source->text[edits->source->length - 1] == '\n';
    const char *text = indented(edits->arena, edits->source, lines, 0, "");
    size_t skip = ended ? strlen(edit_newline(edits->source)) : 0;
    edit_put(edits, edits->source->length, edits->source->length,
             arena_printf(edits->arena, "%s%s", text + skip, edit_newline(edits->source)));
}

const char *edit_add_item(struct edits *edits, const struct layout *list, const struct node *value)
{
    const char *text = edit_spell(edits->arena, value, list->flow || list->in_flow);
    size_t last = list->count ? list->count - 1 : 0;
    size_t end = list->count ? edit_end_of_item(edits->source, list->items[last]) : 0;
    return add_part(edits, list, last, end, list->flow ? text : arena_printf(edits->arena, "- %s", text));
}

/* ---- anchors ---- */

/* The anchor that is looked for, and who uses it first. Another one of its name ends the search. */
struct use {
    const struct layout *anchored;
    const struct layout *alias;
    bool over;
};

static void find_use(const struct layout *layout, struct use *use)
{
    const char *name = use->anchored->anchor;
    bool map = layout->type == LAYOUT_MAP;
    bool behind = layout->outer >= use->anchored->end;
    if (behind && layout->type == LAYOUT_ALIAS && strcmp(layout->text, name) == 0)
        use->alias = layout;
    use->over |= use->alias || (behind && layout->anchor && strcmp(layout->anchor, name) == 0);
    for (size_t i = 0; (map || layout->type == LAYOUT_LIST) && i < layout->count && !use->over; i++)
        find_use(map ? layout->entries[i].value : layout->items[i], use);
}

static const struct layout *first_use(const struct edits *edits, const struct layout *anchored)
{
    struct use use = {.anchored = anchored};
    const struct layouts *documents = edits->documents;
    for (size_t i = 0; anchored->anchor && documents && i < documents->count; i++) {
        bool later = i + 1 < documents->count && documents->items[i + 1]->outer <= anchored->outer;
        if (!later && documents->items[i]->outer <= anchored->outer)
            find_use(documents->items[i], &use);
    }
    return use.alias;
}

static void copy(struct edits *edits, struct strbuf *out, const struct layout *layout);

static void copy_children(struct edits *edits, struct strbuf *out, const struct layout *of)
{
    bool map = of->type == LAYOUT_MAP;
    strbuf_addc(out, map ? '{' : '[');
    for (size_t i = 0; i < of->count; i++) {
        const struct layout_entry *entry = map ? &of->entries[i] : NULL;
        strbuf_adds(out, i ? ", " : "");
        if (entry)
            strbuf_addf(out, "%.*s: ", (int)(entry->key_end - entry->key_outer),
                        edits->source->text + entry->key_outer);
        copy(edits, out, entry ? entry->value : of->items[i]);
    }
    strbuf_addc(out, map ? '}' : ']');
}

/* The value with its anchor and tag on one line, as it may stand between brackets. */
static void copy(struct edits *edits, struct strbuf *out, const struct layout *layout)
{
    const char *text = edits->source->text;
    for (size_t at = layout->outer, end; at < layout->start && strchr("&!", text[at]);
         at = layout_skip_gap(edits->source, end, layout->start)) {
        end = at + strcspn(text + at, " \t\r\n");
        strbuf_addf(out, "%.*s ", (int)(end - at), text + at);
    }
    bool lines =
        layout->type == LAYOUT_BLOCK || edit_has_byte(edits->source, layout->start, layout->end, "\n");
    bool plain =
        layout->type == LAYOUT_PLAIN && edit_has_byte(edits->source, layout->start, layout->end, ",[]{}");
    if (layout->type == LAYOUT_MAP || layout->type == LAYOUT_LIST)
        copy_children(edits, out, layout);
    else if (layout_is_scalar(layout) && (lines || plain))
        strbuf_adds(out, in_double_quotes(edits->arena, layout->text));
    else
        strbuf_add(out, text + layout->start, layout->end - layout->start);
}

/* All anchors in there that are used later go to their first use; those that went along with one go no further. */
static void move_anchors(struct edits *edits, const struct layout *layout, size_t along)
{
    const struct layout *alias = first_use(edits, layout);
    bool map = layout->type == LAYOUT_MAP;
    if (alias && alias->start < along) {
        struct strbuf out = {0};
        copy(edits, &out, layout);
        edit_put(edits, alias->start, alias->end, keep(edits->arena, &out));
        along = alias->start;
    }
    for (size_t i = 0; (map || layout->type == LAYOUT_LIST) && i < layout->count; i++)
        move_anchors(edits, map ? layout->entries[i].value : layout->items[i], along);
}

const char *edit_free_anchor(struct edits *edits, const struct layout *value)
{
    const char *text = edits->source->text;
    size_t at = value->outer;
    if (!first_use(edits, value))
        return NULL;
    while (text[at] != '&')
        at = layout_skip_gap(edits->source, at + strcspn(text + at, " \t\r\n"), value->start);
    size_t end = at + strcspn(text + at, " \t\r\n");
    size_t next = end + strspn(text + end, " ");
    bool last = strchr("\r\n", text[next]);
    size_t start = last && text[at - 1] == ' ' ? at - 1 : at;
    for (size_t i = 0; i < edits->list.count; i++)
        if (edits->list.items[i].start == start && edits->list.items[i].end == (last ? end : next))
            return NULL; /* it is off already */
    move_anchors(edits, value, SIZE_MAX);
    edit_put(edits, start, last ? end : next, "");
    return NULL;
}

/* ---- removing ---- */

const char *edit_remove_item(struct edits *edits, const struct layout *list, size_t index)
{
    struct edit_part part = {list, index, NULL};
    VEC_PUSH(edits->arena, &edits->parts, part);
    move_anchors(edits, list->items[index], SIZE_MAX);
    return NULL;
}

const char *edit_remove_entry(struct edits *edits, const struct layout *map, const struct layout_entry *entry)
{
    struct edit_part part = {map, (size_t)(entry - map->entries), NULL};
    VEC_PUSH(edits->arena, &edits->parts, part);
    move_anchors(edits, entry->value, SIZE_MAX);
    return NULL;
}
