/*
 * Changing a text place by place; see edit.h. Nothing here knows what the text means. The caller reads the result again,
 * to find out whether it means what it should.
 */
#include "syntax/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/utf8.h"
#include "syntax/yaml.h"

static void replace(struct edits *edits, size_t start, size_t end, const char *text)
{
    struct edit edit = {.start = start, .end = end, .text = text, .order = edits->list.count};
    VEC_PUSH(edits->arena, &edits->list, edit);
}

static int compare_edits(const void *left, const void *right)
{
    const struct edit *a = left;
    const struct edit *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

int edits_apply(const struct edits *edits, struct strbuf *out)
{
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

/* ---- places ---- */

static const char *newline_of(const struct source *source)
{
    const char *first = memchr(source->text, '\n', source->length);
    return first && first > source->text && first[-1] == '\r' ? "\r\n" : "\n";
}

/* As many blanks as there are characters before the byte on its line. In "- a: 1" the entry below `a` is indented by two. */
static const char *indent_of(struct arena *arena, const struct source *source, size_t offset)
{
    struct strbuf out = {0};
    for (size_t at = layout_line_start(source, offset); at < offset; at++)
        if (((unsigned char)source->text[at] & 0xC0) != 0x80)
            strbuf_addc(&out, ' ');
    return keep(arena, &out);
}

static bool has_byte(const struct source *source, size_t start, size_t end, const char *bytes)
{
    for (; start < end; start++)
        if (strchr(bytes, source->text[start]))
            return true;
    return false;
}

/* Is the rest of the line blank, or a comment? */
static bool ends_line(const struct source *source, size_t offset)
{
    size_t end = layout_line_end(source, offset);
    while (offset < end && (source->text[offset] == ' ' || source->text[offset] == '\t'))
        offset++;
    return offset >= end || source->text[offset] == '#';
}

/* ---- scalars ---- */

/* Would a '|' block of these lines read back as the text? Not with blank lines, or lines that begin with a blank. */
static bool fits_block(const char *text)
{
    size_t length = strlen(text);
    return length > 1 && !strpbrk(text, "\r\t") && !strchr(" \n", text[0]) && !strstr(text, "\n\n") &&
           !strstr(text, "\n ");
}

/*
 * Replaces the '|' and the lines below it. A comment behind the '|' stays. A folded block ('>') is refused: its lines
 * are not the text's.
 */
static const char *edit_block(struct edits *edits, const struct layout *old, const char *text)
{
    size_t indicator = old->start + 1 + (edits->source->text[old->start + 1] == '-');
    size_t content = layout_line_end(edits->source, old->start);
    size_t end = old->end;
    while (content < edits->source->length && strchr("\r\n", edits->source->text[content]))
        content++;
    while (end > content && strchr(" \r\n", edits->source->text[end - 1]))
        end--;
    size_t first = content;
    while (first < end && edits->source->text[first] == ' ')
        first++;
    bool literal = edits->source->text[old->start] == '|' && strchr(" \r\n", edits->source->text[indicator]);
    if (!literal || first == content || first == end || !fits_block(text))
        return "it is a block of lines";
    struct strbuf out = {0};
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        strbuf_addf(&out, "%s%*s%.*s", at == text ? "" : newline_of(edits->source), (int)(first - content),
                    "", (int)strcspn(at, "\n"), at);
    replace(edits, old->start, indicator, text[strlen(text) - 1] == '\n' ? "|" : "|-");
    replace(edits, content, end, keep(edits->arena, &out));
    return NULL;
}

static const char *in_style_of(struct arena *arena, const struct layout *old, const struct node *value)
{
    bool text = value->type == NODE_SCALAR && is_on_one_line(value->text) && is_printable(value->text);
    if (text && old->type == LAYOUT_SINGLE)
        return in_single_quotes(arena, value->text);
    if (value->type == NODE_SCALAR && old->type == LAYOUT_DOUBLE)
        return in_double_quotes(arena, value->text);
    return edit_spell(arena, value, old->in_flow);
}

const char *edit_scalar(struct edits *edits, const struct layout_entry *entry, const struct layout *old,
                        const struct node *value)
{
    bool empty = old->start == old->end;
    if (old->type == LAYOUT_BLOCK)
        return edit_block(edits, old, value->type == NODE_SCALAR ? value->text : "");
    if (!empty) {
        replace(edits, old->start, old->end, in_style_of(edits->arena, old, value));
        return NULL;
    }
    if (!entry || old->anchor || !has_byte(edits->source, entry->key_end, old->start, ":"))
        return "there is nothing to put it in the place of";
    const char *text = edit_spell(edits->arena, value, old->in_flow);
    bool blank = edits->source->text[old->start - 1] == ' ';
    replace(edits, old->start, old->start, blank ? text : arena_printf(edits->arena, " %s", text));
    return NULL;
}

/* ---- entries and items ---- */

static const char *spell_entry(struct arena *arena, const char *key, const struct node *value, bool in_flow)
{
    return arena_printf(arena, "%s: %s", spell_scalar(arena, node_scalar(arena, key, true), in_flow),
                        edit_spell(arena, value, in_flow));
}

/* Where the value ends, at least at `at_least`. The caller goes on to the end of the line, so a comment stays with its value. */
static size_t end_of_value(const struct source *source, const struct layout *value, size_t at_least)
{
    size_t end = value->end > at_least ? value->end : at_least;
    if (value->type == LAYOUT_BLOCK) /* its end is behind the blank lines below it */
        while (end > value->start && strchr(" \r\n", source->text[end - 1]))
            end--;
    return end;
}

/* A collection without brackets has no end of its own: it ends with the last value in it, at any depth. */
static const struct layout *last_of(const struct layout *layout)
{
    while ((layout->type == LAYOUT_MAP || layout->type == LAYOUT_LIST) && !layout->flow && layout->count)
        layout = layout->type == LAYOUT_MAP ? layout->entries[layout->count - 1].value
                                            : layout->items[layout->count - 1];
    return layout;
}

static size_t end_of_entry(const struct source *source, const struct layout_entry *entry)
{
    const struct layout *last = last_of(entry->value);
    return end_of_value(source, last, last == entry->value ? entry->key_end : 0);
}

static const char *add_line(struct edits *edits, size_t end, const char *indent, const char *text)
{
    if (!ends_line(edits->source, end))
        return "something else stands on the same line";
    size_t at = layout_line_end(edits->source, end);
    replace(edits, at, at, arena_printf(edits->arena, "%s%s%s", newline_of(edits->source), indent, text));
    return NULL;
}

const char *edit_add_entry(struct edits *edits, const struct layout *map, size_t after, const char *key,
                           const struct node *value)
{
    const char *text = spell_entry(edits->arena, key, value, map->flow || map->in_flow);
    if (!map->flow)
        return add_line(edits, end_of_entry(edits->source, &map->entries[after]),
                        indent_of(edits->arena, edits->source, map->entries[0].key_start), text);
    size_t at = map->count ? end_of_entry(edits->source, &map->entries[after]) : map->start + 1;
    if (map->count && map->entries[after].value->start == map->entries[after].value->end)
        return "the entry before it has no value";
    replace(edits, at, at, map->count ? arena_printf(edits->arena, ", %s", text) : text);
    return NULL;
}

const char *edit_begin_map(struct edits *edits, const struct layout_entry *empty, const char *key,
                           const struct node *value)
{
    const struct layout *nothing = empty->value;
    if (nothing->in_flow || nothing->start != nothing->end) {
        struct node *map = node_map(edits->arena);
        node_add(edits->arena, map, (struct member){.key = key, .value = node_copy(edits->arena, value)});
        return edit_scalar(edits, empty, nothing, map);
    }
    const char *indent =
        arena_printf(edits->arena, "%s  ", indent_of(edits->arena, edits->source, empty->key_start));
    return add_line(edits, nothing->end, indent, spell_entry(edits->arena, key, value, false));
}

/* The lines with other indentation, each with a newline before it instead of behind it. */
static const char *indented(struct arena *arena, const struct source *source, const char *lines,
                            size_t indent, const char *blanks)
{
    struct strbuf out = {0};
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        size_t less = strspn(lines, " ") < indent ? strspn(lines, " ") : indent;
        strbuf_adds(&out, newline_of(source));
        if (length > less)
            strbuf_addf(&out, "%s%.*s", blanks, (int)(length - less), lines + less);
        lines += length + (lines[length] == '\n');
    }
    return keep(arena, &out);
}

const char *edit_add_lines(struct edits *edits, const struct layout *map, const struct layout_entry *empty,
                           const char *lines, size_t indent)
{
    size_t end = map ? end_of_entry(edits->source, &map->entries[map->count - 1]) : empty->value->end;
    const char *blanks =
        map ? indent_of(edits->arena, edits->source, map->entries[0].key_start)
            : arena_printf(edits->arena, "%s  ", indent_of(edits->arena, edits->source, empty->key_start));
    if (!ends_line(edits->source, end))
        return "something else stands on the same line";
    size_t at = layout_line_end(edits->source, end);
    replace(edits, at, at, indented(edits->arena, edits->source, lines, indent, blanks));
    return NULL;
}

void edit_append(struct edits *edits, const char *lines)
{
    bool ended = !edits->source->length || edits->source->text[edits->source->length - 1] == '\n';
    const char *text = indented(edits->arena, edits->source, lines, 0, "");
    size_t skip = ended ? strlen(newline_of(edits->source)) : 0;
    replace(edits, edits->source->length, edits->source->length,
            arena_printf(edits->arena, "%s%s", text + skip, newline_of(edits->source)));
}

const char *edit_add_item(struct edits *edits, const struct layout *list, const struct node *value)
{
    const char *text = edit_spell(edits->arena, value, list->flow || list->in_flow);
    if (list->flow) {
        size_t at = list->count ? list->items[list->count - 1]->end : list->start + 1;
        replace(edits, at, at, list->count ? arena_printf(edits->arena, ", %s", text) : text);
        return NULL;
    }
    const struct layout *last = last_of(list->items[list->count - 1]);
    return add_line(edits, end_of_value(edits->source, last, 0),
                    indent_of(edits->arena, edits->source, list->start),
                    arena_printf(edits->arena, "- %s", text));
}

/* Is there anything but blanks before it on its line? */
static bool begins_line(const struct source *source, size_t offset)
{
    size_t start = layout_line_start(source, offset);
    return strspn(source->text + start, " ") == offset - start;
}

/* Whole lines. What people wrote beside them is not thrown away with them. */
static const char *remove_lines(struct edits *edits, size_t start, size_t end)
{
    size_t line_end = layout_line_end(edits->source, end);
    if (has_byte(edits->source, start, line_end, "#"))
        return "there is a comment beside it";
    end = line_end;
    while (end < edits->source->length && edits->source->text[end] != '\n')
        end++;
    end += end < edits->source->length;
    replace(edits, layout_line_start(edits->source, start), end, "");
    return NULL;
}

/* Between brackets, with the comma before it or behind it. */
static const char *remove_part(struct edits *edits, size_t start, size_t end)
{
    if (has_byte(edits->source, start, end, "#\n"))
        return "there is a comment or the end of a line beside it";
    replace(edits, start, end, "");
    return NULL;
}

const char *edit_remove_item(struct edits *edits, const struct layout *list, size_t index, bool leading)
{
    const struct layout *item = list->items[index];
    size_t start = item->start;
    size_t end = item->end;
    if (!list->flow)
        return list->count < 2 || has_byte(edits->source, start, end, "\n") ? "nothing would be left"
                                                                            : remove_lines(edits, start, end);
    if (!leading)
        start = list->items[index - 1]->end;
    else if (index + 1 < list->count)
        end = list->items[index + 1]->start;
    return remove_part(edits, start, end);
}

const char *edit_remove_entry(struct edits *edits, const struct layout *map, const struct layout_entry *entry)
{
    size_t index = (size_t)(entry - map->entries);
    size_t start = entry->key_start;
    size_t end = end_of_entry(edits->source, entry);
    if (!map->flow)
        return map->count < 2 || !begins_line(edits->source, start) ? "nothing would be left"
                                                                    : remove_lines(edits, start, end);
    if (index + 1 < map->count)
        end = map->entries[index + 1].key_start;
    else if (index > 0)
        start = end_of_entry(edits->source, &map->entries[index - 1]);
    return remove_part(edits, start, end);
}
