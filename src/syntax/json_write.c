/*
 * JSON out: requests to servers and output for programs; see json.h. Only strings are left to cJSON, for their escapes.
 * Numbers are written as the text that they are: cJSON prints 1e15 and more as "1e+15", which every server rejects.
 */
#include "syntax/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/utf8.h"

static void delete_item(cJSON **item)
{
    cJSON_Delete(*item);
}

/* The length of the character here if it is invisible, otherwise 0. Bytes that are not UTF-8 are not touched. */
static size_t unseen_at(const char *text)
{
    if ((unsigned char)*text < 0x7F)
        return 0;
    size_t length = utf8_sequence(text, strnlen(text, 4));
    return length && utf8_is_unseen(utf8_decode(text, length)) ? length : 0;
}

/* Most strings need no escape, and cJSON allocates memory for each that it prints. */
static bool needs_escape(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\' || unseen_at(text))
            return true;
    return false;
}

static void free_printed(char **text)
{
    cJSON_free(*text);
}

/* JSON's escapes have 16 bits, so a character beyond them is written as a surrogate pair. */
static void add_code_point(struct strbuf *out, uint32_t code_point)
{
    enum { BEYOND = 0x10000, HIGH = 0xD800, LOW = 0xDC00, HALF_BITS = 10, HALF = (1 << HALF_BITS) - 1 };
    if (code_point < BEYOND)
        strbuf_addf(out, "\\u%04x", code_point);
    else
        strbuf_addf(out, "\\u%04x\\u%04x", HIGH + ((code_point - BEYOND) >> HALF_BITS),
                    LOW + ((code_point - BEYOND) & HALF));
}

static void write_escaped(struct strbuf *out, const char *text)
{
    cJSON *item SCOPED(delete_item) = cJSON_CreateStringReference(text);
    char *printed SCOPED(free_printed) = cJSON_PrintUnformatted(item);
    if (!printed)
        abort(); /* out of memory, as in base/arena.c */
    for (const char *at = printed; *at;) {
        size_t unseen = unseen_at(at);
        if (unseen)
            add_code_point(out, utf8_decode(at, unseen));
        else
            strbuf_addc(out, *at);
        at += unseen ? unseen : 1;
    }
}

static void write_string(struct strbuf *out, const char *text)
{
    if (needs_escape(text)) {
        write_escaped(out, text);
        return;
    }
    strbuf_addc(out, '"');
    strbuf_adds(out, text);
    strbuf_addc(out, '"');
}

static void write_scalar(struct strbuf *out, const struct node *node)
{
    size_t number = json_number_length(node->text);
    bool value;
    if (node->quoted)
        write_string(out, node->text);
    else if (node_is_null(node))
        strbuf_adds(out, "null");
    else if (node_is_bool(node, &value))
        strbuf_adds(out, value ? "true" : "false");
    else if (number && !node->text[number])
        strbuf_adds(out, node->text);
    else
        write_string(out, node->text);
}

static void break_line(struct strbuf *out, bool pretty, size_t level)
{
    if (!pretty)
        return;
    strbuf_addc(out, '\n');
    strbuf_pad(out, ' ', level * 2);
}

static void write_node(struct strbuf *out, const struct node *node, bool pretty, size_t level)
{
    if (node->type == NODE_SCALAR) {
        write_scalar(out, node);
        return;
    }
    bool is_map = node->type == NODE_MAP;
    strbuf_addc(out, is_map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            strbuf_addc(out, ',');
        break_line(out, pretty, level + 1);
        if (is_map) {
            write_string(out, node->members[i].key);
            strbuf_adds(out, pretty ? ": " : ":");
        }
        write_node(out, is_map ? node->members[i].value : node->items[i], pretty, level + 1);
    }
    if (node->count)
        break_line(out, pretty, level);
    strbuf_addc(out, is_map ? '}' : ']');
}

void json_write(struct strbuf *out, const struct node *node, bool pretty)
{
    write_node(out, node, pretty, 0);
    if (pretty)
        strbuf_addc(out, '\n');
}

const char *json_text(struct arena *arena, const struct node *node)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    json_write(&out, node, false);
    return arena_strndup(arena, strbuf_text(&out), out.length);
}
