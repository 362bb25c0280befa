/*
 * Ranges of nats-server versions; see version_range.h. The spellings are those of npm, Cargo and Compose, so that
 * nobody has to learn a new one.
 */
#include "field/version_range.h"

#include <string.h>

#include "base/number.h"
#include "field/field.h"

#define MINOR_STEP VERSION(0, 1, 0)
#define MAJOR_STEP VERSION(1, 0, 0)
#define OLDEST VERSION(2, 9, 0)

enum { PART_MOST = 1023 };

static const char wrong_range[] = "it is neither a version such as 2.10 or 2.10.27 nor a range such as "
                                  "2.9-2.12, '>=2.10 <2.15' or 2.10..2.12";

/* A version as written: all that it may stand for. */
struct partial {
    uint32_t least;
    uint32_t most;
    int parts; /* that were numbers */
};

static bool is_wildcard(char c)
{
    return c == 'x' || c == 'X' || c == '*';
}

static bool scan_part(const char **cursor, uint32_t *ret_part)
{
    uint64_t part;
    if (!number_scan_u64(cursor, &part) || part > PART_MOST)
        return false;
    *ret_part = (uint32_t)part;
    return true;
}

/* "-rc.1" and "+build" say nothing here; "-2.12" is a range's end. */
static void skip_suffix(const char **cursor)
{
    bool suffix = (**cursor == '-' && strchr("0123456789vV ", (*cursor)[1]) == NULL) || **cursor == '+';
    if (suffix)
        *cursor += strcspn(*cursor, " ,");
}

static bool scan_partial(const char **cursor, struct partial *ret_partial)
{
    static const uint32_t steps[] = {MAJOR_STEP, MINOR_STEP, 1};
    uint32_t parts[3] = {0};
    int count = 0;
    *cursor += **cursor == 'v' || **cursor == 'V';
    for (int i = 0; i < 3; i++) {
        /* ".." is the middle of a range, not an empty part. */
        if (i > 0 && (**cursor != '.' || (*cursor)[1] == '.'))
            break;
        *cursor += i > 0;
        if (i > 0 && is_wildcard(**cursor)) {
            (*cursor)++;
            break;
        }
        if (!scan_part(cursor, &parts[i]))
            return false;
        count++;
    }
    skip_suffix(cursor);
    ret_partial->parts = count;
    ret_partial->least = VERSION(parts[0], parts[1], parts[2]);
    /* "2.10" may be any 2.10.x, and "2" any 2.x.y. */
    ret_partial->most = ret_partial->least + steps[count - 1] - 1;
    return true;
}

/* ---- one condition ---- */

enum comparison { ANY_OF, AT_LEAST, ABOVE, AT_MOST, BELOW, SAME_MINOR, SAME_MAJOR };

static enum comparison scan_comparison(const char **cursor)
{
    static const struct {
        const char *text;
        enum comparison comparison;
    } words[] = {{">=", AT_LEAST}, {"<=", AT_MOST},   {">", ABOVE},      {"<", BELOW},
                 {"=", ANY_OF},    {"~", SAME_MINOR}, {"^", SAME_MAJOR}, {"", ANY_OF}};
    /* The longer ones come first, and the empty one at the end always fits. */
    size_t i = 0;
    while (strncmp(*cursor, words[i].text, strlen(words[i].text)) != 0)
        i++;
    *cursor += strlen(words[i].text);
    *cursor += strspn(*cursor, " ");
    return words[i].comparison;
}

static struct version_range range_of(enum comparison comparison, const struct partial *partial)
{
    uint32_t minor_end = partial->parts > 1 ? (partial->least | PART_MOST) : partial->most;
    uint32_t major_end = partial->least / MAJOR_STEP * MAJOR_STEP + MAJOR_STEP - 1;
    switch (comparison) {
    case AT_LEAST:
        return (struct version_range){partial->least, UINT32_MAX};
    case ABOVE:
        return (struct version_range){partial->most + 1, UINT32_MAX};
    case AT_MOST:
        return (struct version_range){0, partial->most};
    case BELOW:
        return (struct version_range){0, partial->least - 1};
    case SAME_MINOR:
        return (struct version_range){partial->least, minor_end};
    case SAME_MAJOR:
        return (struct version_range){partial->least, major_end};
    case ANY_OF:
        break;
    }
    return (struct version_range){partial->least, partial->most};
}

/* "2.9-2.12", "2.9 - 2.12", "2.9..2.12": the second version after a first one; the cursor stays when there is none. */
static bool scan_end(const char **cursor, struct partial *ret_end)
{
    const char *at = *cursor + strspn(*cursor, " ");
    size_t dash = *at == '-' ? 1 : strncmp(at, "..", 2) == 0 ? 2 : 0;
    if (!dash)
        return false;
    at += dash + strspn(at + dash, " ");
    if (!scan_partial(&at, ret_end))
        return false;
    *cursor = at;
    return true;
}

static bool scan_condition(const char **cursor, struct version_range *ret_range)
{
    struct partial first, last;
    enum comparison comparison = scan_comparison(cursor);
    if (!scan_partial(cursor, &first))
        return false;
    *ret_range = range_of(comparison, &first);
    if (comparison == ANY_OF && scan_end(cursor, &last))
        ret_range->most = last.most;
    return **cursor == '\0' || **cursor == ' ' || **cursor == ',';
}

const char *version_range_parse(const char *text, struct version_range *ret_range)
{
    struct version_range range = {0, UINT32_MAX};
    const char *cursor = text + strspn(text, " ");
    bool any = false;
    for (; *cursor; cursor += strspn(cursor, " ,"), any = true) {
        struct version_range one;
        if (!scan_condition(&cursor, &one))
            return wrong_range;
        /* Several conditions all have to hold. */
        range.least = one.least > range.least ? one.least : range.least;
        range.most = one.most < range.most ? one.most : range.most;
    }
    if (!any)
        return wrong_range;
    if (range.least > range.most)
        return "no version is in it";
    if (range.most < OLDEST)
        return "natsform knows nats-server from 2.9 on";
    range.least = range.least < OLDEST ? OLDEST : range.least;
    *ret_range = range;
    return NULL;
}

bool version_range_is_exact(const struct version_range *range)
{
    return range->least == range->most;
}

/* ---- points ---- */

/* Points at which anything changes: checking these few versions is as good as checking all of the range. */
void version_points_add(struct arena *arena, struct version_points *points, const struct version_range *range,
                        uint32_t version)
{
    size_t at = 0;
    if (version == VERSION_UNKNOWN || version < range->least || version > range->most)
        return;
    while (at < points->count && points->items[at] < version)
        at++;
    if (at < points->count && points->items[at] == version)
        return;
    points->items = arena_grow(arena, points->items, points->count, points->count + 1, sizeof(uint32_t));
    memmove(&points->items[at + 1], &points->items[at], (points->count - at) * sizeof(uint32_t));
    points->items[at] = version;
    points->count++;
}

static void add_since(struct arena *arena, struct version_points *points, const struct version_range *range,
                      const uint32_t since[SINCE_MOST])
{
    for (size_t i = 0; i < SINCE_MOST; i++)
        version_points_add(arena, points, range, since[i]);
}

void version_points_add_table(struct arena *arena, struct version_points *points,
                              const struct version_range *range, const struct table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        add_since(arena, points, range, table->constraints[i].since);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        add_since(arena, points, range, field->since);
        for (const struct choice *choice = field->choices; choice && choice->name; choice++)
            add_since(arena, points, range, choice->since);
        if (field->object && !(field->flags & FIELD_OURS))
            version_points_add_table(arena, points, range, field->object);
    }
}
