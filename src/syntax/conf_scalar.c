/*
 * Values that are neither lists nor maps; see conf.h.
 *
 * The servers' reader guesses from the first byte what a value is, and may change its mind on the way: `10` is a number, `10.5` a
 * fraction, `10.0.0.1:4222` and `10s` are strings, `10m` is ten million. This file follows the steps of that reader, so that a
 * text has the same value here as on servers.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "syntax/conf_model.h"

static const char *const quote_hint = "put it into quotes when it is a string";

/* ---- what ends what ---- */

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* Does the byte end a number? A `]` does not, and so the list `[1, 2]` has no end. */
static bool ends_number(int byte)
{
    return byte < 0 || strchr("\n\r};, \t", byte);
}

static bool ends_word(int byte)
{
    return ends_number(byte) || byte == ']';
}

static bool is_unit(int byte)
{
    return byte > 0 && strchr("kKmMgGtTpPeE", byte);
}

static const char *slice(const struct conf_text *text, size_t start)
{
    return arena_strndup(text->parser->arena, text->source->text + start, text->at - start);
}

/* ---- strings ---- */

/* Reads the two digits of \x41. */
static bool read_hex(struct conf_text *text, struct strbuf *out, size_t start)
{
    int value = 0;
    for (int i = 0; i < 2; i++) {
        int byte = conf_byte(text, 0);
        if (byte < 0 || !isxdigit(byte))
            return conf_fail(text, start, &code_syntax, NULL, "'\\x' needs two hexadecimal digits") != NULL;
        value = value * 16 + (isdigit(byte) ? byte - '0' : tolower(byte) - 'a' + 10);
        text->at++;
    }
    if (!value)
        return conf_fail(text, start, &code_encoding, NULL, "a string with a NUL byte") != NULL;
    strbuf_addc(out, (char)value);
    return true;
}

/* Reads an escape; called at its backslash. */
static bool read_escape(struct conf_text *text, struct strbuf *out)
{
    static const char names[] = "tnr\"\\";
    static const char values[] = "\t\n\r\"\\";
    size_t start = text->at++;
    int byte = conf_byte(text, 0);
    const char *name = byte > 0 ? strchr(names, byte) : NULL;
    text->at += byte >= 0;
    if (name) {
        strbuf_addc(out, values[name - names]);
        return true;
    }
    if (byte == 'x')
        return read_hex(text, out, start);
    return conf_fail(
               text, start, &code_syntax, "single quotes leave backslashes alone",
               "an escape that nats-server does not know: it has \\t, \\n, \\r, \\\", \\\\ and \\x41") !=
           NULL;
}

static struct node *read_double(struct conf_text *text)
{
    struct strbuf out SCOPED(strbuf_release) = {0};
    size_t start = text->at++;
    for (;;) {
        int byte = conf_byte(text, 0);
        if (byte < 0)
            return conf_fail(text, start, &code_syntax, NULL, "a string without its closing quote");
        if (byte == '\\') {
            if (!read_escape(text, &out))
                return NULL;
            continue;
        }
        text->at++;
        if (byte == '"')
            break;
        strbuf_addc(&out, (char)byte);
    }
    return conf_scalar(text, start, arena_strndup(text->parser->arena, strbuf_text(&out), out.length), true);
}

static struct node *read_single(struct conf_text *text)
{
    size_t start = text->at;
    const char *from = text->source->text + start + 1;
    const char *end = memchr(from, '\'', text->source->length - start - 1);
    if (!end)
        return conf_fail(text, start, &code_syntax, NULL, "a string without its closing quote");
    text->at = (size_t)(end - text->source->text) + 1;
    return conf_scalar(text, start, arena_strndup(text->parser->arena, from, (size_t)(end - from)), true);
}

/*
 * A block string goes from `(` to a `)` alone on its line, verbatim. If the text ends right behind the `)`, servers make
 * the `)` a part of the string. So does this, to give the same value.
 */
static struct node *read_block(struct conf_text *text)
{
    size_t start = text->at++;
    for (;; text->at++) {
        int byte = conf_byte(text, 0);
        int next = conf_byte(text, 1);
        if (byte < 0)
            return conf_fail(text, start, &code_syntax,
                             "it ends with ')' alone on a line, and lines end with LF only",
                             "a block string without an end");
        if (byte == ')' && text->source->text[text->at - 1] == '\n' && (next < 0 || next == '\n'))
            break;
    }
    bool last = conf_byte(text, 1) < 0;
    text->at++;
    size_t length = text->at - start - 1 - !last;
    return conf_scalar(text, start,
                       arena_strndup(text->parser->arena, text->source->text + start + 1, length), true);
}

static struct node *truth(struct conf_text *text, size_t start, const char *word)
{
    static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(word, words[i]) == 0)
            return conf_scalar(text, start, i < 3 ? "true" : "false", false);
    return NULL;
}

/*
 * Reads a word. The bytes from `start` up to here belong to it already, whatever they are. A single quote inside a word
 * ends it, and makes it a string even if it looks like true or a variable; so does an escape.
 */
static struct node *read_word(struct conf_text *text, size_t start, const char **ret_variable)
{
    struct strbuf out SCOPED(strbuf_release) = {0};
    bool bare = true;
    strbuf_add(&out, text->source->text + start, text->at - start);
    for (;;) {
        int byte = conf_byte(text, 0);
        if (ends_word(byte))
            break;
        if (byte == '\\') {
            bare = false;
            if (!read_escape(text, &out))
                return NULL;
            continue;
        }
        text->at++;
        if (byte == '\'') {
            bare = false;
            break;
        }
        strbuf_addc(&out, (char)byte);
    }
    const char *word = arena_strndup(text->parser->arena, strbuf_text(&out), out.length);
    struct node *node = bare ? truth(text, start, word) : NULL;
    if (node || text->failed)
        return node;
    if (bare && word[0] == '$') {
        *ret_variable = word + 1;
        return NULL;
    }
    return conf_scalar(text, start, word, true);
}

/* ---- numbers ---- */

/* The factor of a unit, in the servers' spellings; 0 if it is no unit. `k` is 1000, while `kb`, `ki` and `kib` are all 1024. */
static int64_t unit_factor(const char *unit)
{
    static const char letters[] = "kmgtpe";
    static const char *const rests[] = {"", "b", "i", "ib"};
    const char *letter = *unit ? strchr(letters, tolower((unsigned char)*unit)) : NULL;
    size_t rest = 0;
    if (!*unit)
        return 1;
    while (letter && rest < 4 && strcasecmp(unit + 1, rests[rest]) != 0)
        rest++;
    if (!letter || rest == 4)
        return 0;
    int64_t factor = 1;
    for (const char *at = letters; at <= letter; at++)
        factor *= rest ? 1024 : 1000;
    return factor;
}

/*
 * Splits a number and its unit. Leading zeros are dropped, so that the rest fits 64 bits or is too large. `*ret_factor`
 * is 0 for an unknown unit.
 */
static bool parse_number(const char *text, int64_t *ret_number, int64_t *ret_factor)
{
    char digits[24];
    size_t length = text[0] == '-';
    length += strspn(text + length, "0123456789");
    size_t zeros = text[0] == '-';
    while (text[zeros] == '0' && is_digit(text[zeros + 1]))
        zeros++;
    size_t kept = length - zeros;
    bool negative = text[0] == '-';
    if (kept + negative >= sizeof(digits))
        return false;
    digits[0] = '-';
    memcpy(digits + negative, text + zeros, kept);
    digits[negative + kept] = '\0';
    if (negative && zeros == 1 && !kept)
        return false;
    *ret_factor = unit_factor(text + length);
    return number_parse_i64(digits, ret_number);
}

bool conf_number(const char *text, int64_t *ret_number)
{
    int64_t number;
    int64_t factor;
    if (!parse_number(text, &number, &factor) || !factor || number > INT64_MAX / factor ||
        number < INT64_MIN / factor)
        return false;
    *ret_number = number * factor;
    return true;
}

static struct node *integer(struct conf_text *text, size_t start)
{
    const char *written = slice(text, start);
    struct arena *arena = text->parser->arena;
    int64_t number;
    int64_t factor;
    if (!parse_number(written, &number, &factor))
        return conf_fail(text, start, &code_range, quote_hint, "a number that does not fit 64 bits");
    if (!factor)
        return conf_fail(
            text, start, &code_syntax,
            "units are K, M, G, T, P and E for powers of 1000; with B, i or iB for powers of 1024",
            "a unit that nats-server does not know, and it would drop the number");
    if (!conf_number(written, &number))
        return conf_fail(text, start, &code_range, NULL,
                         "a number that does not fit 64 bits, and nats-server would take it for another");
    bool keep = text->parser->world->keep_units && is_unit(written[strcspn(written, "kKmMgGtTpPeE")]);
    return conf_scalar(text, start, keep ? written : arena_printf(arena, "%" PRId64, number), false);
}

/*
 * Called behind the first letter of a unit. Digits behind it make it a string to the newest servers, and a bad number to
 * older ones.
 */
static struct node *read_unit(struct conf_text *text, size_t start, const char **ret_variable)
{
    while (conf_byte(text, 0) > 0 && strchr("bBiI", conf_byte(text, 0)))
        text->at++;
    int byte = conf_byte(text, 0);
    if (ends_number(byte) || (is_digit(byte) && text->parser->dialect < CONF_NEWEST))
        return integer(text, start);
    return read_word(text, start, ret_variable);
}

static struct node *read_address(struct conf_text *text, size_t start)
{
    while (conf_byte(text, 0) > 0 && strchr("0123456789.:-", conf_byte(text, 0)))
        text->at++;
    return conf_scalar(text, start, slice(text, start), true);
}

/* Called behind the point. A second point makes it an address, such as 10.0.0.1:4222. */
static struct node *read_fraction(struct conf_text *text, size_t start)
{
    enum { DIGITS_MOST = 300 };
    if (!is_digit(conf_byte(text, 0)))
        return conf_fail(text, start, &code_syntax, quote_hint,
                         "a number has digits on both sides of its point");
    while (is_digit(conf_byte(text, 0)))
        text->at++;
    if (conf_byte(text, 0) == '.') {
        text->at++;
        return read_address(text, start);
    }
    if (text->at - start > DIGITS_MOST)
        return conf_fail(text, start, &code_range, quote_hint, "a number of more than %d digits",
                         DIGITS_MOST);
    return conf_scalar(text, start, slice(text, start), false);
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

static bool is_date(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = two_digits(text) * 100 + two_digits(text + 2);
    int month = two_digits(text + 5);
    int day = two_digits(text + 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] - (month == 2 && !leap) &&
           two_digits(text + 11) < 24 && two_digits(text + 14) < 60 && two_digits(text + 17) < 60;
}

/*
 * Four digits and a hyphen begin a date, and servers accept nothing less than a whole one. No option is a date, so it
 * becomes a string.
 */
static struct node *read_date(struct conf_text *text, size_t start)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    text->at = start;
    for (const char *at = form; *at; at++, text->at++) {
        int byte = conf_byte(text, 0);
        if (*at == '0' ? !is_digit(byte) : byte != *at)
            return conf_fail(text, start, &code_syntax, quote_hint,
                             "digits and a hyphen begin a date such as 2024-01-31T23:59:59Z");
    }
    const char *date = slice(text, start);
    if (!is_date(date))
        return conf_fail(text, start, &code_range, quote_hint, "there is no such date");
    return conf_scalar(text, start, date, true);
}

/* Reads what begins with a digit: a number, a fraction, an address, a date, or a word after all. */
static struct node *read_numeral(struct conf_text *text, size_t start, const char **ret_variable)
{
    while (is_digit(conf_byte(text, 0)))
        text->at++;
    int byte = conf_byte(text, 0);
    if (byte == '-' && text->at - start == 4)
        return read_date(text, start);
    if (byte == '-')
        return conf_fail(text, start, &code_syntax, quote_hint,
                         "digits and a hyphen begin a date such as 2024-01-31T23:59:59Z");
    if (ends_number(byte))
        return integer(text, start);
    text->at++;
    if (byte == '.')
        return read_fraction(text, start);
    if (is_unit(byte))
        return read_unit(text, start, ret_variable);
    /* Here the reader has passed the byte already, so it is a part of the word, whatever it is: also the `]` of `[1]`. */
    return read_word(text, start, ret_variable);
}

static struct node *read_negative(struct conf_text *text, size_t start, const char **ret_variable)
{
    text->at++;
    if (!is_digit(conf_byte(text, 0)))
        return conf_fail(text, start, &code_syntax, quote_hint,
                         "a hyphen begins a number, and no digit follows");
    while (is_digit(conf_byte(text, 0)))
        text->at++;
    int byte = conf_byte(text, 0);
    text->at += byte == '.' || is_unit(byte);
    if (byte == '.')
        return read_fraction(text, start);
    return is_unit(byte) ? read_unit(text, start, ret_variable) : integer(text, start);
}

struct node *conf_read_scalar(struct conf_text *text, const char **ret_variable)
{
    size_t start = text->at;
    int byte = conf_byte(text, 0);
    switch (byte) {
    case '"':
        return read_double(text);
    case '\'':
        return read_single(text);
    case '(':
        return read_block(text);
    case '-':
        return read_negative(text, start, ret_variable);
    case '.':
        return conf_fail(text, start, &code_syntax, quote_hint, "a number begins with a digit");
    default:
        return is_digit(byte) ? read_numeral(text, start, ret_variable)
                              : read_word(text, start, ret_variable);
    }
}
