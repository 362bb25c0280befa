/*
 * Durations and sizes, in integers only; see units.h. A double would round 1.1s or large sizes, and a plan after
 * an apply would then find a difference.
 */
#include "field/units.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

struct unit {
    const char *name;
    int64_t scale;
};

/* Nanoseconds of a second; 1024 to a power. */
#define SECOND_NANOS INT64_C(1000000000)
#define BINARY(power) (INT64_C(1) << (10 * (power)))

/* Largest first: formatting walks down, and parsing demands that order. */
static const struct unit duration_units[] = {
    {"w", (604800 * SECOND_NANOS)},
    {"d", (86400 * SECOND_NANOS)},
    {"h", (3600 * SECOND_NANOS)},
    {"m", (60 * SECOND_NANOS)},
    {"s", SECOND_NANOS},
    {"ms", INT64_C(1000000)},
    {"us", INT64_C(1000)},
    {"ns", 1},
};

/* Binary units come first: of two texts of the same length, size_format() keeps the first one. */
static const struct unit size_units[] = {
    {"PiB", BINARY(5)},
    {"TiB", BINARY(4)},
    {"GiB", BINARY(3)},
    {"MiB", BINARY(2)},
    {"KiB", BINARY(1)},
    {"p", INT64_C(1000000000000000)},
    {"t", INT64_C(1000000000000)},
    {"g", INT64_C(1000000000)},
    {"m", INT64_C(1000000)},
    {"k", INT64_C(1000)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* number[.fraction] * scale + *sum, exactly. `cursor` stands at the number; the unit is looked up by the caller. */
struct quantity {
    uint64_t whole;
    uint64_t fraction;
    uint64_t divisor; /* of the fraction: a power of ten */
};

static enum units_fault scan_quantity(const char **cursor, struct quantity *ret_quantity)
{
    struct quantity quantity = {.divisor = 1};
    if (!isdigit((unsigned char)**cursor))
        return UNITS_MALFORMED;
    if (!number_scan_u64(cursor, &quantity.whole))
        return UNITS_TOO_BIG;
    if (**cursor == '.') {
        const char *start = ++*cursor;
        if (!isdigit((unsigned char)*start))
            return UNITS_MALFORMED;
        if (!number_scan_u64(cursor, &quantity.fraction))
            return UNITS_INEXACT;
        /* One factor of ten for each digit. Nineteen fit; more are finer than any unit here. */
        for (const char *at = start; at < *cursor; at++)
            if (!number_mul_add(quantity.divisor, 10, 0, &quantity.divisor))
                return UNITS_INEXACT;
    }
    *ret_quantity = quantity;
    return UNITS_OK;
}

/* In whole numbers: "1.1s" is 1100000000ns, and what leaves a rest is refused rather than rounded. */
static enum units_fault add_scaled(const struct quantity *quantity, int64_t scale, int64_t *sum)
{
    uint64_t fraction;
    uint64_t total;
    if (!number_mul_add(quantity->fraction, (uint64_t)scale, 0, &fraction))
        return UNITS_INEXACT;
    if (fraction % quantity->divisor)
        return UNITS_INEXACT;
    if (!number_mul_add(quantity->whole, (uint64_t)scale, fraction / quantity->divisor, &total) ||
        !number_mul_add(total, 1, (uint64_t)*sum, &total) || total > (uint64_t)INT64_MAX)
        return UNITS_TOO_BIG;
    *sum = (int64_t)total;
    return UNITS_OK;
}

/* The unit at the cursor: letters up to the next digit. "µs" is read as "us". */
static const struct unit *scan_duration_unit(const char **cursor, const struct unit *after)
{
    const char *start = *cursor;
    size_t length = strcspn(start, "0123456789.");
    /* Two characters of Unicode look like this one, and Go reads both: the micro sign and the Greek letter. */
    bool micro = strncmp(start, "\xC2\xB5s", length) == 0 || strncmp(start, "\xCE\xBCs", length) == 0;
    for (const struct unit *unit = after; unit < duration_units + COUNT(duration_units); unit++) {
        if ((strlen(unit->name) == length && strncmp(unit->name, start, length) == 0) ||
            (micro && length == 3 && unit->scale == INT64_C(1000))) {
            *cursor = start + length;
            return unit;
        }
    }
    return NULL;
}

enum units_fault duration_parse(const char *text, int64_t *ret_nanos)
{
    const struct unit *next = duration_units;
    int64_t nanos = 0;
    if (*text == '-')
        return UNITS_NEGATIVE;
    if (strcmp(text, "0") == 0) {
        *ret_nanos = 0;
        return UNITS_OK;
    }
    do {
        struct quantity quantity;
        enum units_fault fault = scan_quantity(&text, &quantity);
        if (fault)
            return fault;
        if (!*text)
            return UNITS_NO_UNIT;
        const struct unit *unit = scan_duration_unit(&text, next);
        if (!unit)
            return UNITS_MALFORMED;
        fault = add_scaled(&quantity, unit->scale, &nanos);
        if (fault)
            return fault;
        /* "1m1h" and "1h1h" are refused: units go down, and each comes once. */
        next = unit + 1;
    } while (*text);
    *ret_nanos = nanos;
    return UNITS_OK;
}

/* "k", "kb", "ki" and "kib" name the rows "k", "KiB", "KiB", "KiB". */
static int64_t size_scale(const char *suffix)
{
    char first = (char)tolower((unsigned char)suffix[0]);
    bool binary = suffix[0] && suffix[1];
    if (binary && strcasecmp(suffix + 1, "b") != 0 && strcasecmp(suffix + 1, "i") != 0 &&
        strcasecmp(suffix + 1, "ib") != 0)
        return 0;
    for (size_t i = 0; i < COUNT(size_units); i++) {
        bool unit_binary = size_units[i].name[1] != '\0';
        if (unit_binary == binary && tolower((unsigned char)size_units[i].name[0]) == first)
            return size_units[i].scale;
    }
    return 0;
}

enum units_fault size_parse(const char *text, int64_t *ret_bytes)
{
    struct quantity quantity;
    int64_t bytes = 0;
    if (*text == '-')
        return UNITS_NEGATIVE;
    enum units_fault fault = scan_quantity(&text, &quantity);
    if (fault)
        return fault;
    int64_t scale = *text ? size_scale(text) : 1;
    if (scale == 0)
        return UNITS_MALFORMED;
    fault = add_scaled(&quantity, scale, &bytes);
    if (!fault)
        *ret_bytes = bytes;
    return fault;
}

const char *duration_format(struct arena *arena, int64_t nanos)
{
    char *text = arena_strdup(arena, nanos < 0 ? "-" : "");
    uint64_t rest = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    if (rest == 0)
        return "0";
    for (size_t i = 1; i < COUNT(duration_units); i++) { /* weeks are read, days are written */
        uint64_t scale = (uint64_t)duration_units[i].scale;
        if (rest >= scale)
            text = arena_printf(arena, "%s%llu%s", text, (unsigned long long)(rest / scale),
                                duration_units[i].name);
        rest %= scale;
    }
    return text;
}

const char *size_format(struct arena *arena, int64_t bytes)
{
    const char *plain = arena_printf(arena, "%lld", (long long)bytes);
    const char *shortest = plain;
    for (size_t i = 0; bytes > 0 && i < COUNT(size_units); i++) {
        if (bytes % size_units[i].scale != 0)
            continue;
        const char *text =
            arena_printf(arena, "%lld%s", (long long)(bytes / size_units[i].scale), size_units[i].name);
        if (strlen(text) < strlen(shortest) + (shortest == plain))
            shortest = text;
    }
    return shortest;
}
