/*
 * RFC 3339 both ways, by the proleptic Gregorian calendar; see instant.h. The C library's strptime() and mktime()
 * depend on locale and time zone, and end at a second's precision.
 */
#include "base/instant.h"

#include <stddef.h>

enum { DAY_SECONDS = 86400 };

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01, after Howard Hinnant's days_from_civil. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool scan_digits(const char **cursor, int count, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char byte = (*cursor)[i];
        if (byte < '0' || byte > '9')
            return false;
        value = value * 10 + (byte - '0');
    }
    *cursor += count;
    *ret_value = value;
    return true;
}

static bool scan_byte(const char **cursor, char byte)
{
    if (**cursor != byte)
        return false;
    (*cursor)++;
    return true;
}

/* More than nine digits are refused: servers keep nanoseconds, so the rest would be lost without a word. */
static bool scan_fraction(const char **cursor, int32_t *ret_nanos)
{
    if (!scan_byte(cursor, '.'))
        return true;
    int32_t nanos = 0;
    int digits = 0;
    for (; **cursor >= '0' && **cursor <= '9'; (*cursor)++, digits++)
        if (digits < 9)
            nanos = nanos * 10 + (**cursor - '0');
    for (int i = digits; i < 9; i++)
        nanos *= 10;
    *ret_nanos = nanos;
    return digits > 0 && digits <= 9;
}

static bool scan_offset(const char **cursor, int *ret_seconds)
{
    if (scan_byte(cursor, 'Z')) {
        *ret_seconds = 0;
        return true;
    }
    int sign = **cursor == '-' ? -1 : 1;
    int hours;
    int minutes;
    if (!scan_byte(cursor, '+') && !scan_byte(cursor, '-'))
        return false;
    if (!scan_digits(cursor, 2, &hours) || !scan_byte(cursor, ':') || !scan_digits(cursor, 2, &minutes))
        return false;
    *ret_seconds = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

/* The server reads times with Go's time.Parse(), which refuses a leap second (second 60) too. */
bool instant_parse(const char *text, struct instant *ret_instant)
{
    int year, month, day, hour, minute, second, offset;
    int32_t nanos = 0;
    bool shaped = scan_digits(&text, 4, &year) && scan_byte(&text, '-') && scan_digits(&text, 2, &month) &&
                  scan_byte(&text, '-') && scan_digits(&text, 2, &day) && scan_byte(&text, 'T') &&
                  scan_digits(&text, 2, &hour) && scan_byte(&text, ':') && scan_digits(&text, 2, &minute) &&
                  scan_byte(&text, ':') && scan_digits(&text, 2, &second) && scan_fraction(&text, &nanos) &&
                  scan_offset(&text, &offset) && *text == '\0';
    if (!shaped || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    /* No overflow: four digits of a year are some 3e11 seconds. */
    int64_t seconds =
        days_from_civil(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset;
    /* 0001-01-01T00:00:00+01:00 is in the year 0, which has no text of four digits. */
    if (seconds < days_from_civil(1, 1, 1) * DAY_SECONDS ||
        seconds >= days_from_civil(10000, 1, 1) * DAY_SECONDS)
        return false;
    *ret_instant = (struct instant){.seconds = seconds, .nanos = nanos};
    return true;
}

/*
 * Always UTC, and a fraction without zeros at its end: as Go's RFC3339Nano writes it, so that texts of servers compare
 * equal.
 */
const char *instant_format(struct arena *arena, struct instant instant)
{
    int64_t days = instant.seconds / DAY_SECONDS;
    int64_t rest = instant.seconds % DAY_SECONDS;
    /* C divides towards zero. Before 1970 the day has to be rounded down. */
    if (rest < 0) {
        rest += DAY_SECONDS;
        days--;
    }
    int year = 1970 + (int)(days / 366); /* not after the wanted year; stepped up to it below */
    if (days < 0)
        year = 1969 + (int)(days / 365);
    while (days_from_civil(year + 1, 1, 1) <= days)
        year++;
    while (days_from_civil(year, 1, 1) > days)
        year--;
    int day = (int)(days - days_from_civil(year, 1, 1));
    int month = 1;
    for (; day >= days_in_month(year, month); month++)
        day -= days_in_month(year, month);
    char *text = arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day + 1,
                              (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
    if (instant.nanos == 0)
        return arena_printf(arena, "%sZ", text);
    char *fraction = arena_printf(arena, "%09d", instant.nanos);
    for (size_t end = 8; fraction[end] == '0'; end--)
        fraction[end] = '\0';
    return arena_printf(arena, "%s.%sZ", text, fraction);
}

int instant_compare(struct instant a, struct instant b)
{
    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

const char *instant_name(struct arena *arena, struct instant instant)
{
    const char *text = instant_format(arena, (struct instant){.seconds = instant.seconds});
    char *name = arena_strdup(arena, text);
    size_t length = 0;
    for (; *text; text++)
        if (*text != '-' && *text != ':')
            name[length++] = *text;
    name[length] = '\0';
    return name;
}
