/* Values in the manner of older ones; see same_units.h. */
#include "field/same_units.h"

#include <stdlib.h>
#include <string.h>

#include "field/short_form.h"
#include "field/units.h"

enum { DIGITS_MOST = 4 }; /* of a number in a unit that would not be chosen for it */

typedef enum units_fault unit_parser(const char *text, int64_t *ret_number);

/* The number in the unit of the old text, when that was digits and one unit, and it goes in without rest. */
static const char *in_unit_of(struct arena *arena, unit_parser *parse, int64_t number, const char *old)
{
    size_t digits = old ? strspn(old, "0123456789") : 0;
    int64_t scale = 0;
    if (!digits || strpbrk(old + digits, "0123456789."))
        return NULL;
    /* Asks the parser what one of the old unit is: it knows all spellings, such as "KiB", "ki" and "kib". */
    if (parse(arena_printf(arena, "1%s", old + digits), &scale) || scale <= 0 || number % scale)
        return NULL;
    const char *count = arena_printf(arena, "%lld", (long long)(number / scale));
    /*
     * A number in the old unit may have a digit more than before, or up to four; beyond that another unit reads better.
     */
    size_t most = digits + 1 > DIGITS_MOST ? digits + 1 : DIGITS_MOST;
    return old[digits] == '\0' || strlen(count) <= most ? arena_printf(arena, "%s%s", count, old + digits)
                                                        : NULL;
}

/*
 * The word that says "none" where an older file has a value: removing the line would bring back a default from
 * elsewhere.
 */
static const char *nothing_of(const struct field *field)
{
    if (field->fallback)
        return field->fallback;
    switch (field->type) {
    case FIELD_BOOL:
        return "false";
    case FIELD_DURATION:
        return "0";
    case FIELD_COUNT:
    case FIELD_SIZE:
    case FIELD_UNSIGNED:
        return field->least > 0 ? "null" : "0";
    case FIELD_TEXT:
    case FIELD_NAME:
        return "";
    default:
        return "null";
    }
}

static struct node *say_nothing(struct arena *arena, const struct field *field)
{
    if (field->shape == SHAPE_LIST)
        return node_list(arena);
    const char *text = field->shape == SHAPE_ONE ? nothing_of(field) : "null";
    return node_scalar(arena, text, !*text);
}

struct node *value_respell(struct arena *arena, const struct field *field, const struct value *value,
                           const char *old)
{
    const char *text = NULL;
    if (value->type == VALUE_ABSENT)
        return say_nothing(arena, field);
    if (value->type == VALUE_INT && value->integer > 0 && field->type == FIELD_DURATION)
        text = in_unit_of(arena, duration_parse, value->integer, old);
    if (value->type == VALUE_INT && value->integer > 0 && field->type == FIELD_SIZE)
        text = in_unit_of(arena, size_parse, value->integer, old);
    return text ? node_scalar(arena, text, false) : value_encode_minimal(arena, field, value);
}
