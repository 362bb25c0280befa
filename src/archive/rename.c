/*
 * Renames subjects; see rename.h. Whether servers would take such a mapping, field/subject.c knows.
 */
#include "archive/rename.h"

#include <ctype.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "field/field.h"
#include "field/subject.h"

/* The token of that number, from 0 on; NULL: there are fewer. */
static const char *token_at(const char *subject, size_t number, size_t *ret_length)
{
    for (; number; number--) {
        subject = strchr(subject, '.');
        if (!subject)
            return NULL;
        subject++;
    }
    *ret_length = strcspn(subject, ".");
    return subject;
}

static bool is_wildcard(const char *token, size_t length, char wildcard)
{
    return length == 1 && *token == wildcard;
}

/* Where the source's star of that number, from 1 on, stands among its tokens. */
static size_t place_of(const char *from, uint64_t star)
{
    size_t length = 0, place = 0;
    for (const char *token; (token = token_at(from, place, &length)); place++)
        if (is_wildcard(token, length, '*') && --star == 0)
            break;
    return place;
}

/* The number in "$1" and "{{wildcard(1)}}"; 0: it is neither. */
static uint64_t star_of(const char *token, size_t length)
{
    static const char before[] = "{{wildcard(", after[] = ")}}";
    char digits[24];
    uint64_t number = 0;
    size_t kept = 0, begin = 1, end = length;
    if (length > sizeof(before) + sizeof(after) - 2 && text_begins(token, before) &&
        strncmp(token + length - strlen(after), after, strlen(after)) == 0) {
        begin = strlen(before);
        end = length - strlen(after);
    } else if (length < 2 || *token != '$') {
        return 0;
    }
    for (size_t i = begin; i < end && kept < sizeof(digits) - 1; i++)
        if (token[i] != ' ')
            digits[kept++] = token[i];
    digits[kept] = '\0';
    return kept && strspn(digits, "0123456789") == kept && number_parse_u64(digits, &number) ? number : 0;
}

static const char *pattern_of(struct arena *arena, const char *to)
{
    struct strbuf pattern = {0};
    size_t length = 0;
    const char *token;
    for (size_t i = 0; (token = token_at(to, i, &length)); i++) {
        bool star = star_of(token, length) > 0;
        strbuf_addf(&pattern, "%s%.*s", i ? "." : "", star ? 1 : (int)length, star ? "*" : token);
    }
    return strbuf_move(&pattern, arena);
}

static const char *unknown_function(struct arena *arena, const char *to)
{
    size_t length = 0;
    const char *token;
    for (size_t i = 0; (token = token_at(to, i, &length)); i++)
        if (text_begins(token, "{{") && !star_of(token, length))
            return arena_printf(arena, "has '%.*s': {{wildcard(1)}} is the only function for this",
                                (int)length, token);
    return NULL;
}

const char *rename_parse(struct arena *arena, const char *text, struct rename *ret_rename)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return "has no '=' between the subject and what becomes of it";
    struct rename rename = {.from = arena_strndup(arena, text, (size_t)(equals - text)),
                            .to = arena_strdup(arena, equals + 1)};
    if (!subject_is_valid(rename.from))
        return arena_printf(arena, "has '%s', which is no subject", rename.from);
    if (!*rename.to)
        return "has no subject behind the '='";
    const char *fault = transform_fault(arena, rename.from, rename.to, TRANSFORM_STREAM, V_2_15);
    if (!fault)
        fault = unknown_function(arena, rename.to);
    if (fault)
        return fault;
    rename.to_pattern = pattern_of(arena, rename.to);
    if (!subject_is_valid(rename.to_pattern))
        return arena_printf(arena, "has '%s', which is no subject", rename.to);
    *ret_rename = rename;
    return NULL;
}

/* What stands from the source's '>' on. */
static const char *tail_of(const char *from, const char *subject)
{
    size_t length = 0, place = 0;
    for (const char *token; (token = token_at(from, place, &length)); place++)
        if (is_wildcard(token, length, '>'))
            break;
    return token_at(subject, place, &length);
}

static void add_token(const struct rename *rename, const char *subject, const char *token, size_t length,
                      struct strbuf *text)
{
    uint64_t star = star_of(token, length);
    const char *value = token;
    if (star)
        value = token_at(subject, place_of(rename->from, star), &length);
    else if (is_wildcard(token, length, '>') && (value = tail_of(rename->from, subject)))
        length = strlen(value);
    if (value)
        strbuf_add(text, value, length);
}

bool rename_subject(const struct rename *rename, const char *subject, struct strbuf *ret_text)
{
    size_t length = 0;
    const char *token;
    if (!subject_is_subset(subject, rename->from))
        return false;
    strbuf_reset(ret_text);
    for (size_t i = 0; (token = token_at(rename->to, i, &length)); i++) {
        if (i)
            strbuf_addc(ret_text, '.');
        add_token(rename, subject, token, length, ret_text);
    }
    return true;
}
