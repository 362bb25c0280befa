/*
 * Values and objects: access, and equality in meaning; see value.h. Equality is what makes a plan empty: absent
 * equals zero, sets have no order, and times are compared as instants.
 */
#include "field/value.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/text.h"
#include "base/vec.h"

/*
 * ---- units ----
 * Durations and sizes, in integers only. A double would round 1.1s or large sizes, and a plan after
 * an apply would then find a difference.
 */

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

/* ---- value ---- */

struct object *object_new(struct arena *arena, const struct table *table)
{
    struct object *object = arena_alloc(arena, sizeof(*object) + table->count * sizeof(struct value));
    object->table = table;
    return object;
}

/* Deep, but for texts, nodes and times, which nobody changes. */
static struct value copy_value(struct arena *arena, const struct value *value)
{
    struct value copy = *value;
    if (value->type == VALUE_OBJECT)
        copy.object = object_copy(arena, value->object);
    if (value->type == VALUE_LIST) {
        copy.list = ARENA_NEW(arena, struct value_list);
        for (size_t i = 0; i < value->list->count; i++)
            value_list_add(arena, copy.list, copy_value(arena, &value->list->items[i]));
    }
    if (value->type == VALUE_MAP) {
        copy.map = ARENA_NEW(arena, struct value_map);
        copy.map->count = value->map->count;
        copy.map->pairs = ARENA_ARRAY(arena, struct value_pair, value->map->count);
        for (size_t i = 0; i < value->map->count; i++) {
            struct value_pair *pair = &copy.map->pairs[i];
            *pair = value->map->pairs[i];
            pair->value = ARENA_NEW(arena, struct value);
            *pair->value = copy_value(arena, value->map->pairs[i].value);
        }
    }
    return copy;
}

struct object *object_copy(struct arena *arena, const struct object *object)
{
    struct object *copy = object_new(arena, object->table);
    copy->node = object->node;
    copy->pos = object->pos;
    copy->name = object->name;
    copy->unknown = object->unknown;
    for (size_t i = 0; i < object->table->count; i++)
        copy->values[i] = copy_value(arena, &object->values[i]);
    return copy;
}

struct value *object_value_of(const struct object *object, const struct field *field)
{
    /* The values belong to the object, which its owner may change: constness is the holder's promise alone. */
    return (struct value *)(uintptr_t)&object->values[field - object->table->fields];
}

struct value *object_value(const struct object *object, unsigned id)
{
    return object_value_of(object, table_field_by_id(object->table, id));
}

const char *object_text(const struct object *object, unsigned id)
{
    const struct value *value = object_value(object, id);
    return value->type == VALUE_TEXT ? value->text : NULL;
}

int64_t object_integer(const struct object *object, unsigned id)
{
    const struct value *value = object_value(object, id);
    return value->type == VALUE_INT ? value->integer : 0;
}

bool object_flag(const struct object *object, unsigned id)
{
    const struct value *value = object_value(object, id);
    return value->type == VALUE_BOOL && value->boolean;
}

const struct value_list *object_list(const struct object *object, unsigned id)
{
    static const struct value_list empty = {0};
    const struct value *value = object_value(object, id);
    return value->type == VALUE_LIST ? value->list : &empty;
}

const struct object *object_object(const struct object *object, unsigned id)
{
    const struct value *value = object_value(object, id);
    return value->type == VALUE_OBJECT ? value->object : NULL;
}

/* "50" and "50%" are one share. False for a text that a server would not take. */
static bool percent_read(const char *text, uint64_t *ret_share)
{
    text += *text == '+';
    return number_scan_u64(&text, ret_share) && (!*text || text_is(text, "%"));
}

static bool text_is_on(const struct field *field, const char *text)
{
    uint64_t share;
    if (field->type == FIELD_PERCENT && percent_read(text, &share))
        return share != 0;
    return *text && !(field->fallback && strcmp(field->fallback, text) == 0);
}

static bool object_is_on(const struct field *field, const struct object *object)
{
    if (!(field->flags & FIELD_EMPTY_IS_NONE))
        return true;
    for (size_t i = 0; i < object->table->count; i++)
        if (value_is_on(&object->table->fields[i], &object->values[i]))
            return true;
    return object->unknown > 0;
}

bool value_is_on(const struct field *field, const struct value *value)
{
    switch (value->type) {
    case VALUE_BOOL:
        return value->boolean;
    case VALUE_INT:
        return value->integer != 0 && !((field->flags & FIELD_UNLIMITED) && value->integer < 0);
    case VALUE_UINT:
        return value->natural != 0;
    case VALUE_TEXT:
        return text_is_on(field, value->text);
    case VALUE_TIME:
        return true;
    case VALUE_OBJECT:
        return object_is_on(field, value->object);
    case VALUE_LIST:
        return value->list->count > 0;
    case VALUE_MAP:
        return value->map->count > 0;
    case VALUE_TREE:
        return true;
    case VALUE_ABSENT:
        break;
    }
    return false;
}

bool object_has(const struct object *object, unsigned id, const char *choice)
{
    const struct field *field = table_field_by_id(object->table, id);
    const struct value *value = object_value_of(object, field);
    if (!choice)
        return value_is_on(field, value);
    /* A choice that is left out is its default. */
    const char *text = value->type == VALUE_TEXT ? value->text : field->fallback;
    return text && text_is(text, choice);
}

struct srcpos object_pos(const struct object *object, unsigned id)
{
    const struct value *value = object_value(object, id);
    return value->node ? value->node->pos : object->pos;
}

/* ---- equality in meaning ---- */

/* The API leaves out zero values, so absent and zero are one. */
static bool is_zero(const struct field *field, const struct value *value)
{
    if (value->type == VALUE_TEXT && field->type != FIELD_PERCENT) /* a default is no zero */
        return value->text[0] == '\0';
    return !value_is_on(field, value);
}

static bool text_equal(const struct field *field, const char *a, const char *b)
{
    uint64_t left;
    uint64_t right;
    if (field->type == FIELD_PERCENT && percent_read(a, &left) && percent_read(b, &right))
        return left == right;
    return ((field->flags & FIELD_ANY_CASE) ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static bool scalar_equal(const struct field *field, const struct value *a, const struct value *b)
{
    switch (a->type) {
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_UINT:
        return a->natural == b->natural;
    case VALUE_TEXT:
        return text_equal(field, a->text, b->text);
    case VALUE_TIME:
        return instant_compare(*a->instant, *b->instant) == 0;
    case VALUE_TREE:
        return node_equal(a->tree, b->tree);
    default:
        return object_equal(a->object, b->object);
    }
}

static bool list_equal(const struct field *field, const struct value_list *a, const struct value_list *b)
{
    if (a->count != b->count)
        return false;
    bool ordered = field->flags & FIELD_ORDERED;
    for (size_t i = 0; i < a->count; i++) {
        /* Lists are nearly always in the same order, so the same place is tried first. */
        bool found = a->items[i].type == b->items[i].type && scalar_equal(field, &a->items[i], &b->items[i]);
        for (size_t j = 0; !ordered && !found && j < b->count; j++)
            found = a->items[i].type == b->items[j].type && scalar_equal(field, &a->items[i], &b->items[j]);
        if (!found)
            return false;
    }
    return true;
}

/* Both are sorted. */
static bool map_equal(const struct field *field, const struct value_map *a, const struct value_map *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct value *left = a->pairs[i].value;
        const struct value *right = b->pairs[i].value;
        if (!text_is(a->pairs[i].key, b->pairs[i].key) || left->type != right->type ||
            !scalar_equal(field, left, right))
            return false;
    }
    return true;
}

bool value_equal(const struct field *field, const struct value *a, const struct value *b)
{
    if (is_zero(field, a) || is_zero(field, b))
        return is_zero(field, a) && is_zero(field, b);
    if (a->type != b->type)
        return false;
    if (a->type == VALUE_LIST) /* sets may repeat an item, so look both ways */
        return list_equal(field, a->list, b->list) && list_equal(field, b->list, a->list);
    if (a->type == VALUE_MAP)
        return map_equal(field, a->map, b->map);
    return scalar_equal(field, a, b);
}

bool object_equal(const struct object *a, const struct object *b)
{
    for (size_t i = 0; i < a->table->count; i++) {
        const struct field *field = &a->table->fields[i];
        if (field->flags & (FIELD_OURS | FIELD_INTERNAL))
            continue;
        if (!value_equal(field, &a->values[i], &b->values[i]))
            return false;
    }
    return true;
}

/* ---- lists and maps ---- */

struct value *value_list_add(struct arena *arena, struct value_list *list, struct value item)
{
    bool full = (list->count & (list->count - 1)) == 0; /* capacities are powers of two */
    if (full)
        list->items = arena_grow(arena, list->items, list->count, list->count ? list->count * 2 : 1,
                                 sizeof(*list->items));
    list->items[list->count] = item;
    return &list->items[list->count++];
}

const struct value *value_map_get(const struct value *value, const char *key)
{
    if (value->type != VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < value->map->count; i++)
        if (strcmp(value->map->pairs[i].key, key) == 0)
            return value->map->pairs[i].value;
    return NULL;
}

static int compare_pairs(const void *left, const void *right)
{
    const struct value_pair *a = left;
    const struct value_pair *b = right;
    return strcmp(a->key, b->key);
}

void value_map_sort(struct value_map *map)
{
    if (map->count > 1)
        qsort(map->pairs, map->count, sizeof(*map->pairs), compare_pairs);
}

/* Servers from 2.11 on own these keys. Older ones would store them as if they were the user's. */
bool metadata_key_is_servers(const char *key)
{
    static const char prefix[] = "_nats.";
    return strncmp(key, prefix, sizeof(prefix) - 1) == 0;
}

/* A new map: the old one may be shared with a copy of the object. */
void value_map_put_text(struct arena *arena, struct value *value, const char *key, const char *text)
{
    struct value_map *map = ARENA_NEW(arena, struct value_map);
    size_t count = value->type == VALUE_MAP ? value->map->count : 0;
    struct value_pair *pairs =
        arena_grow(arena, count ? value->map->pairs : NULL, count, count + 1, sizeof(*pairs));
    struct value *item = ARENA_NEW(arena, struct value);
    *item = (struct value){.type = VALUE_TEXT, .text = text};
    size_t at = 0;
    while (at < count && !text_is(pairs[at].key, key))
        at++;
    pairs[at] = (struct value_pair){.key = key, .value = item};
    *map = (struct value_map){.pairs = pairs, .count = at == count ? count + 1 : count};
    value_map_sort(map);
    value->type = VALUE_MAP;
    value->map = map;
}
