/*
 * The text of a configuration: bytes, blanks, positions, faults; see conf_model.h. The reader of nats-server has
 * no line of its own for every fault. Here each has line, column and width.
 */
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "syntax/conf_model.h"

DIAG_CODE(
    code_misread, .name = "misread", CODE_WARNING,
    .doc = "A configuration that nats-server takes for something else than it looks like.",
    .why =
        "Of two equal keys the last one counts, blocks are replaced rather than merged, a brace too many is "
        "passed over and an unquoted 2m is two million: all of it without a word from the server.",
    .example = "natsform import conf nats-server.conf",
    .remedy = "Write what is meant: each key once, durations in quotes, a blank before each bracket.");

DIAG_CODE(
    code_older_servers, .name = "older-servers", CODE_WARNING,
    .doc = "Some supported versions of nats-server refuse the configuration.",
    .why = "The readers of 2.9, 2.10 and 2.15 differ: 4e2x9 without quotes is a string to the newest only.",
    .example = "natsform import conf nats-server.conf",
    .remedy = "Put the value into quotes; what 'natsform import conf' writes is read by all of them.");

int conf_byte(const struct conf_text *text, size_t ahead)
{
    size_t at = text->at + ahead;
    return at < text->source->length ? (unsigned char)text->source->text[at] : -1;
}

/* The length of a blank beyond ASCII: those of Go's unicode.IsSpace. The range U+2000 to U+200A is tested last. */
static size_t wide_blank(const unsigned char *at, size_t left)
{
    static const char *const blanks[] = {"\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8",
                                         "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        size_t length = strlen(blanks[i]);
        if (left >= length && memcmp(at, blanks[i], length) == 0)
            return length;
    }
    return left >= 3 && at[0] == 0xE2 && at[1] == 0x80 && at[2] >= 0x80 && at[2] <= 0x8A ? 3 : 0;
}

size_t conf_blank(const struct conf_text *text)
{
    int byte = conf_byte(text, 0);
    if (byte < 0)
        return 0;
    if (byte < 0x80)
        return byte == ' ' || (byte >= '\t' && byte <= '\r');
    return wide_blank((const unsigned char *)text->source->text + text->at, text->source->length - text->at);
}

void conf_skip_line_blanks(struct conf_text *text)
{
    while (conf_byte(text, 0) == ' ' || conf_byte(text, 0) == '\t')
        text->at++;
}

bool conf_at_newline(const struct conf_text *text)
{
    return conf_byte(text, 0) == '\n' || conf_byte(text, 0) == '\r';
}

/*
 * Positions are mostly asked for in the order of the text, so the search goes on from the last one. A variable's value has the
 * position of the variable: its own text is nowhere to be seen.
 */
struct srcpos conf_pos(struct conf_text *text, size_t start)
{
    const struct source *source = text->source;
    struct srcpos pos = {.source = source};
    if (text->variable)
        return text->reference;
    if (!text->mark_line || start < text->mark) {
        text->mark = 0;
        text->mark_line = text->mark_column = 1;
    }
    for (; text->mark < start && text->mark < source->length; text->mark++) {
        unsigned char next =
            text->mark + 1 < source->length ? (unsigned char)source->text[text->mark + 1] : 0;
        if (source->text[text->mark] == '\n') {
            text->mark_line++;
            text->mark_column = 1;
        } else if ((next & 0xC0) != 0x80) {
            text->mark_column++;
        }
    }
    pos.line = text->mark_line;
    pos.column = text->mark_column;
    for (size_t at = start; at < text->at && at < source->length && source->text[at] != '\n'; at++)
        pos.width += ((unsigned char)source->text[at] & 0xC0) != 0x80;
    return pos;
}

void *conf_fail(struct conf_text *text, size_t start, const struct diag_code *code, const char *hint,
                const char *format, ...)
{
    struct diags *diags = text->parser->diags;
    va_list args;
    if (text->failed)
        return NULL;
    text->failed = true;
    struct srcpos pos = conf_pos(text, start);
    if (text->variable && code != &code_variable && code != &code_limit) {
        struct diag *diag = diag_add(diags, &code_variable, pos,
                                     "nats-server cannot read the value of variable '%s'", text->variable);
        diag_hint(diags, diag, "text needs quotes inside the value: %s='\"…\"'", text->variable);
        return NULL;
    }
    va_start(args, format);
    struct diag *diag = diag_add(diags, code, pos, "%s", arena_vprintf(text->parser->arena, format, args));
    va_end(args);
    if (hint)
        diag_hint(diags, diag, "%s", hint);
    if (text->odd_text)
        diag_note(diags, diag, text->odd_key, "the bracket is part of key '%s'; put a blank before it",
                  text->odd_text);
    return NULL;
}

const char *conf_definition_key(struct arena *arena, struct srcpos pos)
{
    return arena_printf(arena, "%u:%u:%s", pos.line, pos.column, pos.source ? pos.source->name : "");
}

bool conf_count(struct conf_text *text, size_t start, size_t nodes)
{
    text->parser->nodes += nodes;
    if (text->parser->nodes <= CONF_MOST_NODES)
        return true;
    conf_fail(text, start, &code_limit, NULL,
              "more than %d keys and values, as often as variables repeat them", CONF_MOST_NODES);
    return false;
}

struct node *conf_scalar(struct conf_text *text, size_t start, const char *value, bool quoted)
{
    size_t offset;
    enum utf8_fault fault = utf8_check(value, strlen(value), &offset);
    if (text->failed || !conf_count(text, start, 1))
        return NULL;
    if (fault == UTF8_INVALID)
        return conf_fail(text, start, &code_encoding, "servers take any bytes here, and manifests do not",
                         "a string that is not UTF-8");
    struct node *node = node_scalar(text->parser->arena, value, quoted);
    node->pos = conf_pos(text, start);
    return node;
}
