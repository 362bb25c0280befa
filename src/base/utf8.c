/* UTF-8 by the Unicode standard's table 3-7 (no surrogates, no overlong forms); see utf8.h. */
#include "base/utf8.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#ifdef __APPLE__
#    include <xlocale.h>
#endif

static bool in_range(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

size_t utf8_sequence(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    if (length == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    size_t need = in_range(at[0], 0xC2, 0xDF) ? 2 : in_range(at[0], 0xE0, 0xEF) ? 3 : 4;
    if (!in_range(at[0], 0xC2, 0xF4) || length < need)
        return 0;
    /*
     * The second byte's range is smaller behind some first bytes: below it are overlong forms, above it surrogates or
     * too large.
     */
    unsigned char low = at[0] == 0xE0 ? 0xA0 : at[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = at[0] == 0xED ? 0x9F : at[0] == 0xF4 ? 0x8F : 0xBF;
    if (!in_range(at[1], low, high))
        return 0;
    for (size_t i = 2; i < need; i++)
        if (!in_range(at[i], 0x80, 0xBF))
            return 0;
    return need;
}

enum utf8_fault utf8_check(const char *text, size_t length, size_t *ret_offset)
{
    size_t at = 0;
    while (at < length) {
        unsigned char byte = (unsigned char)text[at];
        if (byte >= 0x20 && byte < 0x7F) { /* nearly every byte of a manifest */
            at++;
            continue;
        }
        size_t step = utf8_sequence(text + at, length - at);
        *ret_offset = at;
        if (step == 0)
            return UTF8_INVALID;
        if (byte == 0)
            return UTF8_NUL;
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F)
            return UTF8_CONTROL;
        at += step;
    }
    return UTF8_OK;
}

size_t utf8_count(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) /* every byte but the continuations, which begin with the bits 10 */
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

uint32_t utf8_decode(const char *sequence, size_t length)
{
    static const unsigned char first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code_point = (unsigned char)sequence[0] & first_bits[length];
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | ((unsigned char)sequence[i] & 0x3F);
    return code_point;
}

bool utf8_is_unseen(uint32_t code_point)
{
    /*
     * Unicode 15's categories Cc, Cf, Zl and Zp: what a terminal obeys or does not show. U+202E alone turns what
     * follows around, so that a name can look like another one.
     */
    static const struct {
        uint32_t first;
        uint32_t last;
    } unseen[] = {
        {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},
        {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x180E, 0x180E},
        {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
        {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
        {0xE0001, 0xE0001}, {0xE0020, 0xE007F},
    };
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
        if (code_point >= unseen[i].first && code_point <= unseen[i].last)
            return true;
    return false;
}

/* The C library knows the widths, but tells them only of a locale's characters; this is the locale of none in particular. */
static size_t width_of(uint32_t code_point)
{
    if (code_point < 0x7F)
        return 1;
    locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    unicode = unicode ? unicode : newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0); /* older macOS */
    if (!unicode)
        return 1;
    locale_t before = uselocale(unicode);
    int width = wcwidth((wchar_t)code_point);
    uselocale(before);
    freelocale(unicode);
    return width < 0 ? 1 : (size_t)width;
}

size_t utf8_step(const char *text, size_t length, size_t *ret_length)
{
    size_t step = utf8_sequence(text, length);
    *ret_length = step ? step : 1;
    return step ? width_of(utf8_decode(text, step)) : 1;
}

size_t utf8_show(const char *text, size_t length, char out[UTF8_SHOWN_MOST])
{
    size_t step = utf8_sequence(text, length);
    uint32_t code_point = step ? utf8_decode(text, step) : (unsigned char)*text;
    /* A byte that is no UTF-8 is shown by its number, and the text goes on behind it. */
    if (*text == '\n')
        snprintf(out, UTF8_SHOWN_MOST, "\\n");
    else if (step && !utf8_is_unseen(code_point))
        snprintf(out, UTF8_SHOWN_MOST, "%.*s", (int)step, text);
    else if (!step || code_point < 0x80)
        snprintf(out, UTF8_SHOWN_MOST, "\\x%02x", code_point);
    else if (code_point < 0x10000)
        snprintf(out, UTF8_SHOWN_MOST, "\\u%04x", code_point);
    else
        snprintf(out, UTF8_SHOWN_MOST, "\\U%08x", code_point);
    return step ? step : 1;
}

const char *utf8_shown(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    size_t end = 0;
    char *shown = arena_alloc(arena, length * UTF8_SHOWN_MOST + 1);
    for (size_t at = 0; at < length; end += strlen(shown + end))
        at += utf8_show(text + at, length - at, shown + end);
    shown[end] = '\0';
    return shown;
}

bool utf8_has_unseen(const char *text)
{
    for (size_t step; *text; text += step) {
        /* strnlen(), because a sequence that is cut off must not be read beyond the end of the text. */
        step = (unsigned char)*text < 0x7F ? 1 : utf8_sequence(text, strnlen(text, 4));
        if (step > 1 && utf8_is_unseen(utf8_decode(text, step)))
            return true;
        step = step ? step : 1;
    }
    return false;
}

size_t utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | (code_point >> 6));
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | (code_point >> 12));
        out[1] = (char)(0x80 | ((code_point >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code_point >> 18));
    out[1] = (char)(0x80 | ((code_point >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code_point >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}
