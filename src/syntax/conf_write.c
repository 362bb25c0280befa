/*
 * Configuration text out; see conf.h. The servers' reader has traps, and every rule here avoids one. A number right
 * before `]` swallows it, so each item has a line. `a{` is a key, and `include` with a blank is a directive, so keys get
 * a colon. An unquoted `$` begins a variable, and `4e2` is a number with a unit, so strings are always quoted.
 */
#include "syntax/conf.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

enum { INDENT = 2, FRACTION_MOST = 300 };

struct writing {
    struct strbuf *out;
    struct diags *diags;
};

/* ---- scalars ---- */

static void write_string(struct strbuf *out, const char *text)
{
    static const char escaped[] = "\"\\\n\r\t";
    static const char names[] = "\"\\nrt";
    strbuf_addc(out, '"');
    for (; *text; text++) {
        const char *escape = strchr(escaped, *text);
        if (escape)
            strbuf_addf(out, "\\%c", names[escape - escaped]);
        else if (iscntrl((unsigned char)*text))
            strbuf_addf(out, "\\x%02x", (unsigned char)*text);
        else
            strbuf_addc(out, *text);
    }
    strbuf_addc(out, '"');
}

/* Servers want digits on both sides of the point, know no exponents, and read a double: 300 digits are within its range. */
static bool is_fraction(const char *text)
{
    const char *start = text + (*text == '-');
    size_t whole = strspn(start, "0123456789");
    size_t part = start[whole] == '.' ? strspn(start + whole + 1, "0123456789") : 0;
    return whole && part && start[whole + 1 + part] == '\0' && whole + part <= FRACTION_MOST;
}

static void write_scalar(struct strbuf *out, const struct node *scalar)
{
    bool truth;
    int64_t number;
    if (scalar->quoted)
        write_string(out, scalar->text);
    else if (node_is_bool(scalar, &truth))
        strbuf_adds(out, truth ? "true" : "false");
    else if (number_parse_i64(scalar->text, &number))
        strbuf_addf(out, "%" PRId64, number);
    else if (is_fraction(scalar->text))
        strbuf_adds(out, scalar->text);
    else
        write_string(out, scalar->text);
}

/* ---- keys ---- */

static bool is_bare(const char *key, const char *allowed)
{
    if (!isalpha((unsigned char)key[0]) && key[0] != '_')
        return false;
    for (const char *at = key; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(allowed, *at))
            return false;
    return strcasecmp(key, "include") != 0;
}

static bool has_control(const char *text)
{
    while (*text && !iscntrl((unsigned char)*text))
        text++;
    return *text != '\0';
}

/* Keys know no escapes. So a key with both kinds of quotes in it can only be written bare, if its other bytes allow that. */
static int write_key(struct writing *writing, const struct member *member)
{
    const char *key = member->key;
    bool both = strchr(key, '"') && strchr(key, '\'');
    if (is_bare(key, both ? "_.*>$-\"'" : "_.*>$-"))
        strbuf_adds(writing->out, key);
    else if (has_control(key))
        return diag_error(writing->diags, &code_name, member->key_pos,
                          "a key with a control byte cannot be written for nats-server");
    else if (both)
        return diag_error(writing->diags, &code_name, member->key_pos,
                          "key '%s' has both kinds of quotes and cannot be written for nats-server", key);
    else
        strbuf_addf(writing->out, strchr(key, '"') ? "'%s'" : "\"%s\"", key);
    return 0;
}

/* ---- lists and maps ---- */

static int write_value(struct writing *writing, const struct node *node, size_t level);

static int write_members(struct writing *writing, const struct node *map, size_t level)
{
    int failed = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct member *member = &map->members[i];
        if (node_is_null(member->value))
            continue;
        strbuf_pad(writing->out, ' ', level * INDENT);
        failed |= write_key(writing, member);
        strbuf_adds(writing->out, ": ");
        failed |= write_value(writing, member->value, level);
    }
    return failed;
}

static int write_items(struct writing *writing, const struct node *list, size_t level)
{
    int failed = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (node_is_null(list->items[i]))
            failed |= diag_error(writing->diags, &code_wrong_type, list->items[i]->pos,
                                 "null in a list cannot be written for nats-server");
        strbuf_pad(writing->out, ' ', level * INDENT);
        failed |= write_value(writing, list->items[i], level);
    }
    return failed;
}

static int write_value(struct writing *writing, const struct node *node, size_t level)
{
    bool is_map = node->type == NODE_MAP;
    int failed = 0;
    if (node->type == NODE_SCALAR) {
        write_scalar(writing->out, node);
    } else if (!node->count) {
        strbuf_adds(writing->out, is_map ? "{}" : "[]");
    } else {
        strbuf_adds(writing->out, is_map ? "{\n" : "[\n");
        failed = is_map ? write_members(writing, node, level + 1) : write_items(writing, node, level + 1);
        strbuf_pad(writing->out, ' ', level * INDENT);
        strbuf_addc(writing->out, is_map ? '}' : ']');
    }
    strbuf_addc(writing->out, '\n');
    return failed;
}

int conf_write(struct strbuf *out, const struct node *map, struct diags *diags)
{
    struct writing writing = {.out = out, .diags = diags};
    return write_members(&writing, map, 0);
}
