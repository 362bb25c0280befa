/*
 * JSON out: requests to servers and machine-readable output; see json.h. cJSON escapes strings; numbers are written as the text that
 * they are, because cJSON prints 1e15 and more as "1e+15", which every server rejects.
 */
#include "syntax/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static void delete_item(cJSON **item)
{
    cJSON_Delete(*item);
}

/* Few strings do, and cJSON allocates for each that it prints. */
static bool needs_escape(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\')
            return true;
    return false;
}

static void free_text(char **text)
{
    cJSON_free(*text);
}

static void write_escaped(struct strbuf *out, const char *text)
{
    cJSON *item __attribute__((cleanup(delete_item))) = cJSON_CreateStringReference(text);
    char *printed __attribute__((cleanup(free_text))) = cJSON_PrintUnformatted(item);
    if (!printed)
        abort(); /* no memory: as base/arena.h has it */
    strbuf_adds(out, printed);
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
