/*
 * Exact integers; see number.h. The C library's strtol() skips blanks, takes '+' and octal numbers, and reports
 * overflow in errno. Nothing of that is wanted here.
 */
#include "base/number.h"

#include <ctype.h>

bool number_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t *ret_value)
{
    uint64_t value;
    if (__builtin_mul_overflow(a, b, &value) || __builtin_add_overflow(value, c, &value))
        return false;
    *ret_value = value;
    return true;
}

/* On failure the cursor stays where it was, so that the caller can point at the whole number. */
bool number_scan_u64(const char **cursor, uint64_t *ret_value)
{
    const char *at = *cursor;
    uint64_t value = 0;
    while (*at >= '0' && *at <= '9') {
        if (!number_mul_add(value, 10, (uint64_t)(*at - '0'), &value))
            return false;
        at++;
    }
    if (at == *cursor)
        return false;
    *cursor = at;
    *ret_value = value;
    return true;
}

bool number_parse_u64(const char *text, uint64_t *ret_value)
{
    uint64_t value;
    if (!number_scan_u64(&text, &value) || *text)
        return false;
    *ret_value = value;
    return true;
}

bool number_parse_i64(const char *text, int64_t *ret_value)
{
    bool negative = *text == '-';
    uint64_t magnitude;
    if (!number_parse_u64(text + negative, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + negative) /* there is one negative number more than positive ones */
        return false;
    /*
     * Negated as an unsigned number: the magnitude of INT64_MIN has no positive counterpart, and overflow is undefined.
     */
    *ret_value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static const char *skip_digits(const char *at)
{
    while (isdigit((unsigned char)*at))
        at++;
    return at;
}

bool number_is_numeric(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    const char *digits = at;
    at = skip_digits(at);
    bool any = at > digits;
    if (*at == '.') {
        const char *fraction = ++at;
        at = skip_digits(at);
        any = any || at > fraction;
    }
    if (!any)
        return false;
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '-' || *at == '+';
        const char *exponent = at;
        at = skip_digits(at);
        if (at == exponent)
            return false;
    }
    return *at == '\0';
}
