/*
 * YAML out, by libyaml's emitter; see yaml.h. The emitter quotes what would not be read back as the same text. This file
 * decides what else to quote so that it is read back as a string, and which lists go on one line.
 */
#include "syntax/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/number.h"
#include "base/scope.h"
#include "base/utf8.h"

enum { LINE_WIDTH = 80, INDENT = 2 };

/*
 * libyaml 0.2.5 takes characters beyond U+FFFF for unprintable and escapes them, and shows others that nobody sees
 * (base/utf8.h). Each goes through the emitter as this character of the private use area, and so does that character
 * itself. Afterwards the first are put back, and the unseen become escapes, in the order they went in; texts with these
 * are in double quotes.
 */
#define STAND_IN "\xEF\xA3\xBF"
enum { STAND_IN_BYTES = 3 };

struct writing {
    yaml_emitter_t emitter;
    struct strbuf text;     /* what the emitter has written */
    struct strbuf scalar;   /* the current one, with stand-ins */
    struct strbuf replaced; /* what stand-ins stand for, each with a NUL behind it */
};

static void writing_release(struct writing *writing)
{
    yaml_emitter_delete(&writing->emitter);
    strbuf_release(&writing->text);
    strbuf_release(&writing->scalar);
    strbuf_release(&writing->replaced);
}

static int take_output(void *context, unsigned char *bytes, size_t size)
{
    strbuf_add(context, (const char *)bytes, size);
    return 1;
}

/* Making and emitting an event fails only if there is no memory. */
static void emit(struct writing *writing, int made, yaml_event_t *event)
{
    if (!made || !yaml_emitter_emit(&writing->emitter, event))
        abort();
}

/* Of those for which libyaml has no escapes: it has them for control characters, line breaks and the byte order mark. */
static bool is_unseen(const char *text, size_t length)
{
    uint32_t code_point = utf8_decode(text, length);
    return code_point >= 0xA0 && code_point != 0x2028 && code_point != 0x2029 && code_point != 0xFEFF &&
           utf8_is_unseen(code_point);
}

static bool needs_stand_in(const char *text, size_t length)
{
    return length == 4 || strncmp(text, STAND_IN, STAND_IN_BYTES) == 0 || is_unseen(text, length);
}

/* The escapes that double quotes have; YAML's U has capitals like any other hexadecimal digits. */
static void add_replaced(struct writing *writing, const char *text, size_t length)
{
    char shown[UTF8_SHOWN_MOST];
    utf8_show(text, length, shown);
    strbuf_adds(&writing->replaced, shown);
    strbuf_addc(&writing->replaced, '\0');
}

/* The result is good until the next call: libyaml copies the text of an event. */
static const char *with_stand_ins(struct writing *writing, const char *text)
{
    size_t length = strlen(text);
    strbuf_reset(&writing->scalar);
    for (size_t at = 0; at < length;) {
        size_t step = utf8_sequence(text + at, length - at);
        bool replace = step && needs_stand_in(text + at, step);
        if (!step) { /* not UTF-8, which no reader lets through; the emitter would refuse the whole text */
            strbuf_adds(&writing->scalar, "?");
            at++;
            continue;
        }
        strbuf_add(&writing->scalar, replace ? STAND_IN : text + at, replace ? STAND_IN_BYTES : step);
        if (replace)
            add_replaced(writing, text + at, step);
        at += step;
    }
    return strbuf_text(&writing->scalar);
}

/* Scalars come out in the order in which they went in, so the first stand-in is for the first character that was replaced. */
static void restore(struct strbuf *out, const struct writing *writing)
{
    const char *original = strbuf_text(&writing->replaced);
    const char *at = strbuf_text(&writing->text);
    for (;;) {
        const char *found = strstr(at, STAND_IN);
        if (!found)
            break;
        strbuf_add(out, at, (size_t)(found - at));
        strbuf_adds(out, original);
        original += strlen(original) + 1;
        at = found + STAND_IN_BYTES;
    }
    strbuf_adds(out, at);
}

/*
 * Is it null, a boolean or a number to our own reader? Then it stays plain. Any other text that could be taken for one is quoted.
 */
static bool is_typed(const struct node *node)
{
    bool value;
    return node_is_null(node) || node_is_bool(node, &value) ||
           (!node->quoted && number_is_numeric(node->text));
}

/* Also what ends a line in YAML 1.1 but does not look like it: only an escape in double quotes is safe. */
static bool needs_escapes(const char *text)
{
    return strchr(text, '\r') || utf8_has_unseen(text);
}

static bool has_break(const char *text)
{
    return strchr(text, '\n') || needs_escapes(text);
}

/*
 * Does a literal block show the lines as they are? Not with blanks at a line's end or at the start, or with empty lines.
 */
static bool suits_literal(const char *text)
{
    if (strchr(" \n", text[0]) || strstr(text, "\n\n") || strstr(text, " \n") || needs_escapes(text))
        return false;
    for (const char *at = text; *at; at++)
        if (*at != '\n' && (unsigned char)*at < 0x20)
            return false;
    return true;
}

/*
 * The least that is needed. The emitter itself takes single quotes instead of plain style, and double ones instead of
 * those, where it must.
 */
static yaml_scalar_style_t style_of(const char *text, bool typed, bool is_key)
{
    if (typed)
        return YAML_PLAIN_SCALAR_STYLE;
    if (node_text_is_special(text) && !needs_escapes(text))
        return YAML_SINGLE_QUOTED_SCALAR_STYLE;
    if (!has_break(text))
        return YAML_PLAIN_SCALAR_STYLE;
    return !is_key && suits_literal(text) ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

static void emit_text(struct writing *writing, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    const char *safe = with_stand_ins(writing, text);
    emit(writing,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)safe, (int)strlen(safe), 1, 1,
                                      style),
         &event);
}

/* An empty value would be read as null too, but is easily overlooked. */
static const char *shown_text(const struct node *node)
{
    return node->text[0] == '\0' && node_is_null(node) ? "null" : node->text;
}

static void emit_scalar(struct writing *writing, const struct node *node)
{
    emit_text(writing, shown_text(node), style_of(node->text, is_typed(node), false));
}

/*
 * Do the items fit on a line that has `used` columns already? Quotes that the emitter adds by itself are not counted.
 */
static bool fits_line(const struct node *list, size_t used)
{
    size_t width = used + 2;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        if (item->type != NODE_SCALAR || has_break(item->text))
            return false;
        const char *text = shown_text(item);
        bool quotes = !is_typed(item) && node_text_is_special(text);
        width += utf8_count(text, strlen(text)) + (quotes ? 2 : 0) + (i ? 2 : 0);
    }
    return width <= LINE_WIDTH;
}

static void emit_node(struct writing *writing, const struct node *node, size_t level, size_t used);

static void emit_list(struct writing *writing, const struct node *list, size_t level, size_t used)
{
    yaml_event_t event;
    bool flow = fits_line(list, used);
    yaml_sequence_style_t style = flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
    emit(writing, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style), &event);
    for (size_t i = 0; i < list->count; i++)
        emit_node(writing, list->items[i], level + 1, (level + 1) * INDENT);
    emit(writing, yaml_sequence_end_event_initialize(&event), &event);
}

static void emit_map(struct writing *writing, const struct node *map, size_t level)
{
    yaml_event_t event;
    emit(writing, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE),
         &event);
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->members[i].key;
        size_t used = level * INDENT + utf8_count(key, strlen(key)) + 2;
        emit_text(writing, key, style_of(key, false, true));
        emit_node(writing, map->members[i].value, level + 1, used);
    }
    emit(writing, yaml_mapping_end_event_initialize(&event), &event);
}

static void emit_node(struct writing *writing, const struct node *node, size_t level, size_t used)
{
    if (node->type == NODE_SCALAR)
        emit_scalar(writing, node);
    else if (node->type == NODE_LIST)
        emit_list(writing, node, level, used);
    else
        emit_map(writing, node, level);
}

static void emit_document(struct writing *writing, const struct node *node)
{
    yaml_event_t event;
    emit(writing, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
    emit(writing, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
    emit_node(writing, node, 0, 0);
    emit(writing, yaml_document_end_event_initialize(&event, 1), &event);
    emit(writing, yaml_stream_end_event_initialize(&event), &event);
}

void yaml_write(struct strbuf *out, const struct node *node)
{
    struct writing writing SCOPED(writing_release) = {0};
    if (!yaml_emitter_initialize(&writing.emitter))
        abort();
    yaml_emitter_set_output(&writing.emitter, take_output, &writing.text);
    yaml_emitter_set_unicode(&writing.emitter, 1);
    /* Otherwise long strings are folded, which makes bad diffs. */
    yaml_emitter_set_width(&writing.emitter, -1);
    emit_document(&writing, node);
    restore(out, &writing);
}
