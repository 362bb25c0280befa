/*
 * Variables; see vars.h. They are replaced after the text was read and before its fields are decoded.
 *
 * Aliases share nodes, so a scalar can be met more than once. It is marked `expanded` the first time, even if that
 * failed. A second pass would take the result of a '$$' for a variable, and would report a fault again.
 */
#include "syntax/vars.h"

#include <ctype.h>
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "base/utf8.h"

enum {
    MOST_BYTES = 1024 * 1024,             /* of one scalar */
    MOST_BYTES_IN_ALL = 32 * 1024 * 1024, /* of all that one call writes */
    MOST_NESTING = 16,                    /* of defaults in defaults */
    EXCERPT_MOST = 40,
};

struct expansion {
    struct arena *arena;
    vars_lookup *lookup;
    void *context;
    struct diags *diags;
    size_t total;
    bool exhausted;
    int result;

    /* the scalar at hand */
    const struct node *node;
    const char *at;
    struct strbuf out;
    int nesting;
    bool failed;
};

static void expansion_release(struct expansion *expansion)
{
    strbuf_release(&expansion->out);
}

/*
 * The position of a part of the text in the source. It is known only for a scalar on one line without escapes: that
 * one is as wide as its text, or two characters wider with quotes. For any other the whole scalar is shown.
 */
static struct srcpos pos_of(const struct expansion *expansion, const char *start, const char *end)
{
    const char *text = expansion->node->text;
    struct srcpos pos = expansion->node->pos;
    size_t width = utf8_count(text, strlen(text));
    bool quotes = pos.width == width + 2;
    if (pos.width != width && !quotes)
        return pos;
    pos.column += (uint32_t)(utf8_count(text, (size_t)(start - text)) + quotes);
    pos.width = (uint32_t)utf8_count(start, (size_t)(end - start));
    return pos;
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

/* "${NAME:-…": the rest may be a password, or its default. */
static const char *shown(struct arena *arena, const char *start, int bytes)
{
    size_t length = strlen("${") + name_length(start + strlen("${"));
    if (strncmp(start + length, ":-", 2) == 0 || strncmp(start + length, ":?", 2) == 0)
        length += 2;
    bool whole = length >= (size_t)bytes || (length + 1 == (size_t)bytes && start[length] == '}');
    return whole ? arena_strndup(arena, start, (size_t)bytes)
                 : arena_printf(arena, "%.*s…", (int)length, start);
}

/*
 * Reports a malformed variable. Returns false: nobody knows where it ends, so the rest of the scalar cannot be read.
 */
static bool refuse(struct expansion *expansion, const char *start)
{
    const char *end = start;
    while (*end && *end != '}' && end - start < EXCERPT_MOST)
        end++;
    bool closed = *end == '}';
    while (((unsigned char)*end & 0xC0) == 0x80) /* not in the middle of a character */
        end--;
    int bytes = (int)(end + closed - start);
    struct diag *diag = diag_add(expansion->diags, &code_variable, pos_of(expansion, start, start + bytes),
                                 "'%s' is not a variable", shown(&expansion->diags->arena, start, bytes));
    diag_hint(expansion->diags, diag,
              "write ${NAME}, ${NAME:-default} or ${NAME:?message}; a dollar sign is '$$'");
    expansion->failed = true;
    return false;
}

static bool refuse_length(struct expansion *expansion, struct srcpos pos, int most)
{
    diag_error(expansion->diags, &code_limit, pos, "variables expand to more than %d bytes", most);
    expansion->failed = true;
    return false;
}

/* The limit holds for the whole result, whether it comes from the text or from values. */
static bool add(struct expansion *expansion, const char *text, size_t length)
{
    if (expansion->out.length + length > MOST_BYTES)
        return refuse_length(expansion, expansion->node->pos, MOST_BYTES);
    strbuf_add(&expansion->out, text, length);
    return true;
}

/* The rest of the scalar is still read, to report other variables that are not set. */
static void report_unset(struct expansion *expansion, const char *name, struct srcpos pos)
{
    struct diag *diag = diag_add(expansion->diags, &code_variable, pos, "variable '%s' is not set", name);
    diag_hint(expansion->diags, diag, "set it in the environment, or give a default: ${%s:-default}", name);
    expansion->failed = true;
}

/*
 * Values are not shown: they may be secrets. The environment may hold any byte but NUL, and servers refuse what is
 * not UTF-8. After a bad value the rest is still checked.
 */
static bool add_value(struct expansion *expansion, const char *name, const char *value, struct srcpos pos)
{
    size_t length = strlen(value);
    size_t offset;
    if (utf8_check(value, length, &offset) == UTF8_OK)
        return add(expansion, value, length);
    diag_error(expansion->diags, &code_encoding, pos,
               "the value of variable '%s' is not UTF-8, or has a control byte in it", name);
    expansion->failed = true;
    return true;
}

static bool expand_text(struct expansion *expansion, bool nested, bool live);

/* Reads the text behind ':-' or ':?', up to the '}' that closes the variable at `start`. */
static bool expand_operand(struct expansion *expansion, const char *start, bool live)
{
    if (++expansion->nesting > MOST_NESTING) {
        diag_error(expansion->diags, &code_limit, pos_of(expansion, start, start + 2),
                   "variables in defaults are nested more than %d levels deep", MOST_NESTING);
        expansion->failed = true;
        return false;
    }
    bool unclosed = !expand_text(expansion, true, live);
    expansion->nesting--;
    if (unclosed && !expansion->failed)
        return refuse(expansion, start);
    return !unclosed;
}

/* The message is shown as it is written; variables in it are not replaced. */
static bool expand_required(struct expansion *expansion, const char *start, const char *name,
                            const char *value, bool live)
{
    const char *message = expansion->at;
    if (!expand_operand(expansion, start, false))
        return false;
    int length = (int)(expansion->at - 1 - message);
    struct srcpos pos = pos_of(expansion, start, expansion->at);
    if (!live)
        return true;
    if (value && *value)
        return add_value(expansion, name, value, pos);
    diag_error(expansion->diags, &code_variable, pos, "variable '%s' is required%s%.*s", name,
               length ? ": " : "", length, message);
    expansion->failed = true;
    return true;
}

/* A default that is not needed has to be read too, to find its end. */
static bool expand_default(struct expansion *expansion, const char *start, const char *name,
                           const char *value, bool live)
{
    bool has_value = value && *value;
    if (live && has_value && !add_value(expansion, name, value, pos_of(expansion, start, expansion->at)))
        return false;
    return expand_operand(expansion, start, live && !has_value);
}

/* Reads from "${" to behind its '}'. If not `live`, only the form is checked, because the value is not needed. */
static bool expand_reference(struct expansion *expansion, bool live)
{
    const char *start = expansion->at;
    size_t length = isdigit((unsigned char)start[2]) ? 0 : name_length(start + 2);
    const char *after = start + 2 + length;
    bool has_default = strncmp(after, ":-", 2) == 0;
    bool is_required = strncmp(after, ":?", 2) == 0;
    if (!length || (*after != '}' && !has_default && !is_required))
        return refuse(expansion, start);
    const char *name = arena_strndup(expansion->arena, start + 2, length);
    const char *value = live ? expansion->lookup(expansion->context, name) : NULL;
    expansion->at = after + (*after == '}' ? 1 : 2);
    if (has_default)
        return expand_default(expansion, start, name, value, live);
    if (is_required)
        return expand_required(expansion, start, name, value, live);
    struct srcpos pos = pos_of(expansion, start, expansion->at);
    if (value)
        return add_value(expansion, name, value, pos);
    if (live)
        report_unset(expansion, name, pos);
    return true;
}

/*
 * Reads to the end of the scalar or, if `nested`, of the operand. Returns false if the rest cannot be read: the
 * operand is not closed, or a fault was reported.
 */
static bool expand_text(struct expansion *expansion, bool nested, bool live)
{
    for (;;) {
        const char *start = expansion->at;
        expansion->at += strcspn(start, nested ? "$}" : "$");
        if (live && !add(expansion, start, (size_t)(expansion->at - start)))
            return false;
        char byte = *expansion->at;
        if (byte == '\0')
            return !nested;
        if (byte == '$' && expansion->at[1] == '{') {
            if (!expand_reference(expansion, live))
                return false;
            continue;
        }
        expansion->at += byte == '$' && expansion->at[1] == '$' ? 2 : 1;
        if (byte == '}')
            return true;
        if (live && !add(expansion, "$", 1))
            return false;
    }
}

/* Most scalars have no variable. They are not marked as expanded either, so messages can show `$JS.>`. */
static bool has_variable(const char *text)
{
    const char *at = strchr(text, '$');
    while (at && at[1] != '{' && at[1] != '$')
        at = strchr(at + 1, '$');
    return at != NULL;
}

static void expand_scalar(struct expansion *expansion, struct node *node)
{
    if (node->expanded || expansion->exhausted || !has_variable(node->text))
        return;
    node->expanded = true;
    expansion->node = node;
    expansion->at = node->text;
    expansion->nesting = 0;
    expansion->failed = false;
    strbuf_reset(&expansion->out);
    expand_text(expansion, false, true);
    expansion->total += expansion->out.length;
    if (expansion->total > MOST_BYTES_IN_ALL)
        expansion->exhausted = !refuse_length(expansion, node->pos, MOST_BYTES_IN_ALL);
    node->broken = expansion->failed;
    if (expansion->failed)
        expansion->result = -1;
    else
        node->text = arena_strndup(expansion->arena, strbuf_text(&expansion->out), expansion->out.length);
}

static void expand_node(struct expansion *expansion, struct node *node)
{
    if (node->type == NODE_SCALAR)
        expand_scalar(expansion, node);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        expand_node(expansion, node->items[i]);
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++)
        expand_node(expansion, node->members[i].value);
}

int vars_expand(struct arena *arena, struct node *node, vars_lookup *lookup, void *context,
                struct diags *diags)
{
    struct expansion expansion SCOPED(expansion_release) = {
        .arena = arena, .lookup = lookup, .context = context, .diags = diags};
    expand_node(&expansion, node);
    return expansion.result;
}

/* ---- the other way ---- */

static bool begins_variable(const char *at)
{
    return at[0] == '$' && (at[1] == '$' || at[1] == '{');
}

static const char *escaped(struct arena *arena, const char *text)
{
    struct strbuf out = {0};
    for (const char *at = text; *at; at++)
        strbuf_adds(&out, begins_variable(at) ? "$$" : (const char[]){*at, '\0'});
    return strbuf_move(&out, arena);
}

void vars_escape(struct arena *arena, struct node *node)
{
    if (node->type == NODE_SCALAR && strchr(node->text, '$'))
        node->text = escaped(arena, node->text);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        vars_escape(arena, node->items[i]);
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++)
        vars_escape(arena, node->members[i].value);
}
