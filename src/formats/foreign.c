/*
 * Foreign fields; see foreign.h. Each function handles one way in which formats differ: names, units, ways to say "not set".
 * Nothing here knows a field by its name; what is special about a field is in its row.
 */
#include "formats/foreign.h"

#include <ctype.h>
#include <string.h>

#include "base/number.h"
#include "base/suggest.h"
#include "field/mark_keys.h"
#include "field/value.h"
#include "formats/formats.h"

#define ABOVE "../"
#define OPPOSITE "!"
#define NO_TIME "0001-01-01T00:00:00Z" /* Go's zero time, which Go programs write for "no time" */

/* ---- names ---- */

/* NULL: the name follows from natsform's own by the format's rule. */
static const char *special_spelling(enum dialect dialect, const struct field *field)
{
    return dialect == DIALECT_NACK ? field->nack : dialect == DIALECT_TERRAFORM ? field->terraform : NULL;
}

static bool stands_above(const char *spelling)
{
    return spelling && strncmp(spelling, ABOVE, strlen(ABOVE)) == 0;
}

static bool is_opposite(const char *spelling)
{
    return spelling && strncmp(spelling, OPPOSITE, strlen(OPPOSITE)) == 0;
}

static const char *bare(const char *spelling)
{
    return spelling + (stands_above(spelling) ? strlen(ABOVE) : is_opposite(spelling) ? strlen(OPPOSITE) : 0);
}

static const char *camel_case(struct arena *arena, const char *name)
{
    char *camel = arena_strdup(arena, name);
    char *to = camel;
    for (const char *from = name; *from; from++)
        /* Shorter or as long, so the copy has room. */
        *to++ = *from == '_' && from[1] ? (char)toupper((unsigned char)*++from) : *from;
    *to = '\0';
    return camel;
}

/* Is `camel` the name in camelCase, as "maxAge" is of "max_age"? */
static bool is_camel_case_of(const char *camel, const char *name)
{
    for (; *camel && *name; camel++, name++) {
        bool hump = *name == '_' && name[1];
        name += hump;
        if (*camel != (hump ? (char)toupper((unsigned char)*name) : *name))
            return false;
    }
    return !*camel && !*name;
}

const char *foreign_name(struct arena *arena, enum dialect dialect, const struct field *field)
{
    const char *spelling = special_spelling(dialect, field);
    if (spelling)
        return bare(spelling);
    return dialect == DIALECT_NACK ? camel_case(arena, field->name) : field->name;
}

/* What natsform adds of its own, and names that are keys in a manifest, have no place in other tools' objects. */
static bool is_foreign(enum dialect dialect, const struct field *field)
{
    bool left_out = dialect == DIALECT_NACK && field->nack && strcmp(field->nack, NOT_IN_NACK) == 0;
    return !left_out && !(field->flags & (FIELD_OURS | FIELD_IDENTITY));
}

static bool is_named(enum dialect dialect, const struct field *field, const char *key)
{
    const char *spelling = special_spelling(dialect, field);
    if (spelling)
        return strcmp(bare(spelling), key) == 0;
    return dialect == DIALECT_NACK ? is_camel_case_of(key, field->name) : strcmp(field->name, key) == 0;
}

/* The field of a key and, if the format has it one level up, the field of the object that it belongs to; otherwise NULL. */
struct place {
    const struct field *field;
    const struct field *within;
};

static bool has_parts_above(enum dialect dialect, const struct field *field)
{
    return field->object && field->shape == SHAPE_ONE && is_foreign(dialect, field);
}

static struct place find_place(enum dialect dialect, const struct table *table, const char *key)
{
    /*
     * First the object's own fields; then parts of objects that the format has one level up, as Terraform's
     * 'placement_cluster'.
     */
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (is_foreign(dialect, field) && is_named(dialect, field, key) &&
            !stands_above(special_spelling(dialect, field)))
            return (struct place){.field = field};
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct field *within = &table->fields[i];
        for (size_t j = 0; has_parts_above(dialect, within) && j < within->object->count; j++) {
            const struct field *part = &within->object->fields[j];
            if (stands_above(special_spelling(dialect, part)) && is_named(dialect, part, key))
                return (struct place){.field = part, .within = within};
        }
    }
    return (struct place){0};
}

/* Do servers have the field, and NACK does not? */
static bool is_left_out(const struct table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++)
        if (!is_foreign(DIALECT_NACK, &table->fields[i]) && is_foreign(DIALECT_NATS, &table->fields[i]) &&
            is_camel_case_of(key, table->fields[i].name))
            return true;
    return false;
}

static void unknown_key(const struct foreign_reader *reader, const struct table *table,
                        const struct member *member)
{
    struct arena *arena = &reader->diags->arena;
    struct suggestion near = {.wanted = member->key};
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool above = stands_above(special_spelling(reader->dialect, field));
        if (is_foreign(reader->dialect, field) && !(field->flags & FIELD_INTERNAL) && !above)
            suggestion_consider(&near, foreign_name(arena, reader->dialect, field));
        for (size_t j = 0; has_parts_above(reader->dialect, field) && j < field->object->count; j++)
            if (stands_above(special_spelling(reader->dialect, &field->object->fields[j])))
                suggestion_consider(&near, foreign_name(arena, reader->dialect, &field->object->fields[j]));
    }
    for (const char *const *name = reader->special_names; name && *name; name++)
        suggestion_consider(&near, *name);
    /* What programs have written: a key of another version, and no typing error. */
    if (reader->dialect == DIALECT_NATS && !near.best) {
        diag_add(reader->diags, &code_key_left_out, member->key_pos,
                 "'%.80s' in %s is left out: natsform does not know it", member->key, table->noun);
        return;
    }
    struct diag *diag = diag_add(reader->diags, &code_unknown_key, member->key_pos,
                                 "unknown key '%.80s' in %s", member->key, table->noun);
    if (reader->dialect == DIALECT_NACK && is_left_out(table, member->key))
        diag_hint(
            reader->diags, diag,
            "NACK's resources have no such field, and Kubernetes would drop it; a manifest can have it");
    else if (near.best)
        diag_hint(reader->diags, diag, "did you mean '%s'?", near.best);
}

/* ---- scalars ---- */

struct node *foreign_scalar(struct arena *arena, const char *text, bool quoted, const struct node *at)
{
    struct node *scalar = node_scalar(arena, text, quoted);
    scalar->pos = at->pos;
    return scalar;
}

const char *foreign_text(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);
    bool said = node && node->type == NODE_SCALAR && !node_is_null(node) && *node->text;
    return said ? node->text : NULL;
}

/* The integer that a text means: YAML that Go wrote has large integers as 2.147483648e+10. NULL if it is no integer. */
static const char *integer_text(struct arena *arena, const char *text)
{
    size_t sign = *text == '-' || *text == '+';
    size_t whole = strspn(text + sign, "0123456789");
    const char *at = text + sign + whole;
    const char *fraction = *at == '.' ? at + 1 : at;
    size_t fraction_length = *at == '.' ? strspn(fraction, "0123456789") : 0;
    uint64_t exponent = 0;
    at = fraction + fraction_length;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '+');
        if (!number_scan_u64(&at, &exponent))
            return NULL;
    }
    /* 1.50e1 is 15: zeros at the end of a fraction are no digits that have to fit. */
    while (fraction_length && fraction[fraction_length - 1] == '0')
        fraction_length--;
    static const char zeros[] = "00000000000000000000";
    if (*at || !whole || fraction_length > exponent || exponent >= sizeof(zeros))
        return NULL;
    const char *digits = arena_printf(arena, "%.*s%.*s%.*s", (int)whole, text + sign, (int)fraction_length,
                                      fraction, (int)(exponent - fraction_length), zeros);
    digits += strspn(digits, "0") == strlen(digits) ? strlen(digits) - 1 : strspn(digits, "0");
    return *text == '-' && strcmp(digits, "0") != 0 ? arena_printf(arena, "-%s", digits) : digits;
}

static struct node *read_number(const struct foreign_reader *reader, struct node *node)
{
    const char *text = node->quoted ? NULL : integer_text(reader->arena, node->text);
    if (!text)
        return node;
    if (strcmp(text, "0") == 0)
        return NULL; /* zero means "not set" in the API */
    return strcmp(text, node->text) == 0 ? node : foreign_scalar(reader->arena, text, false, node);
}

/* NACK has Go's text, which a manifest takes as it is. Terraform has whole seconds, the API nanoseconds. */
static struct node *read_duration(const struct foreign_reader *reader, struct node *node)
{
    int64_t number;
    int64_t unit = reader->dialect == DIALECT_TERRAFORM ? INT64_C(1000000000) : 1;
    if (duration_parse(node->text, &number) == UNITS_OK && number == 0)
        return NULL;
    const char *text =
        node->quoted || reader->dialect == DIALECT_NACK ? NULL : integer_text(reader->arena, node->text);
    if (!text || !number_parse_i64(text, &number) || number < 0 || number > INT64_MAX / unit)
        return node;
    return foreign_scalar(reader->arena, duration_format(reader->arena, number * unit), false, node);
}

static struct node *read_choice(const struct foreign_reader *reader, const struct field *field,
                                struct node *node)
{
    for (const struct choice *choice = field->choices; reader->dialect == DIALECT_NACK && choice->name;
         choice++)
        if (strcmp(choice->name, node->text) != 0 && is_camel_case_of(node->text, choice->name))
            return foreign_scalar(reader->arena, choice->name, node->quoted, node);
    return node;
}

static struct node *read_bool(const struct foreign_reader *reader, const struct field *field,
                              struct node *node)
{
    bool on;
    if (!node_is_bool(node, &on))
        return node;
    if (is_opposite(special_spelling(reader->dialect, field)))
        return on ? NULL : foreign_scalar(reader->arena, "true", false, node);
    /* The API leaves out a flag that is off. For a field that the server fills in, that means: the server decides. */
    return !on && (field->flags & (FIELD_SERVER_FILLS | FIELD_INTERNAL)) ? NULL : node;
}

static struct node *read_scalar(const struct foreign_reader *reader, const struct field *field,
                                struct node *node)
{
    if (node->type != NODE_SCALAR)
        return node;
    if (!*node->text)
        return NULL;
    switch (field->type) {
    case FIELD_BOOL:
        return read_bool(reader, field, node);
    case FIELD_COUNT:
    case FIELD_UNSIGNED:
    case FIELD_SIZE:
    case FIELD_PERCENT:
        return read_number(reader, node);
    case FIELD_DURATION:
        return read_duration(reader, node);
    case FIELD_CHOICE:
        return read_choice(reader, field, node);
    case FIELD_TIME:
        return strcmp(node->text, NO_TIME) == 0 ? NULL : node;
    default:
        return node;
    }
}

/* ---- shapes ---- */

/* Special keys belong to the outermost object: below it, a field may have the same name. */
static struct node *read_object(const struct foreign_reader *reader, const struct table *table,
                                struct node *node)
{
    struct foreign_reader parts = *reader;
    parts.special = NULL;
    parts.special_names = NULL;
    return node->type == NODE_MAP ? foreign_object(&parts, table, node) : node;
}

static struct node *read_one(const struct foreign_reader *reader, const struct field *field,
                             struct node *node)
{
    if (field->type != FIELD_OBJECT)
        return read_scalar(reader, field, node);
    /* Terraform prints a single block as a list of one. */
    if (reader->dialect == DIALECT_TERRAFORM && node->type == NODE_LIST) {
        if (!node->count)
            return NULL;
        node = node->items[0];
    }
    struct node *object = read_object(reader, field->object, node);
    bool empty = object->type == NODE_MAP && !object->count;
    return empty && (field->flags & FIELD_EMPTY_IS_NONE) ? NULL : object;
}

static struct node *read_list(const struct foreign_reader *reader, const struct field *field,
                              struct node *node)
{
    if (node->type != NODE_LIST)
        return node;
    /* The API leaves out what is empty, so an empty list says nothing. */
    if (!node->count)
        return NULL;
    struct node *list = node_list(reader->arena);
    list->pos = node->pos;
    for (size_t i = 0; i < node->count; i++) {
        struct node *item = field->object ? read_object(reader, field->object, node->items[i])
                                          : read_scalar(reader, field, node->items[i]);
        node_append(reader->arena, list, item ? item : node->items[i]);
    }
    return list;
}

/*
 * Leaves out the server's and natsform's own metadata. It is there because the file was read from a server, and nobody
 * asked for it.
 */
static struct node *read_map(const struct foreign_reader *reader, struct node *node)
{
    if (node->type != NODE_MAP || reader->dialect == DIALECT_NACK)
        return node;
    struct node *map = node_map(reader->arena);
    map->pos = node->pos;
    for (size_t i = 0; i < node->count; i++)
        if (!metadata_key_is_servers(node->members[i].key) &&
            strncmp(node->members[i].key, MARK_PREFIX, strlen(MARK_PREFIX)) != 0)
            node_add(reader->arena, map, node->members[i]);
    return map->count ? map : NULL;
}

static struct node *read_field(const struct foreign_reader *reader, const struct field *field,
                               struct node *node)
{
    if (field->shape == SHAPE_LIST)
        return read_list(reader, field, node);
    if (field->shape == SHAPE_MAP)
        return read_map(reader, node);
    return read_one(reader, field, node);
}

/* ---- objects ---- */

static struct node *part_of(const struct foreign_reader *reader, struct node *object,
                            const struct field *within, const struct member *member)
{
    struct node *part = node_get(object, within->name);
    if (part)
        return part;
    part = node_map(reader->arena);
    part->pos = member->value->pos;
    node_add(reader->arena, object, (struct member){within->name, member->key_pos, part});
    return part;
}

static void read_member(const struct foreign_reader *reader, const struct table *table, struct node *object,
                        const struct member *member)
{
    if (reader->special && reader->special(reader->context, member))
        return;
    struct place place = find_place(reader->dialect, table, member->key);
    if (!place.field) {
        unknown_key(reader, table, member);
        return;
    }
    struct node *value = node_is_null(member->value) ? NULL : read_field(reader, place.field, member->value);
    if (!value)
        return;
    bool on = true;
    /* A flag that is off says nothing of an object that has nothing else. */
    if (place.within && node_is_bool(value, &on) && !on && !node_get(object, place.within->name))
        return;
    struct node *into = place.within ? part_of(reader, object, place.within, member) : object;
    /* The first one stays: the value may have been given in two spellings. */
    if (into->type == NODE_MAP && !node_get(into, place.field->name))
        node_add(reader->arena, into, (struct member){place.field->name, member->key_pos, value});
}

struct node *foreign_object(const struct foreign_reader *reader, const struct table *table,
                            const struct node *map)
{
    struct node *object = node_map(reader->arena);
    object->pos = map->pos;
    for (size_t i = 0; map->type == NODE_MAP && i < map->count; i++)
        read_member(reader, table, object, &map->members[i]);
    return object;
}

size_t foreign_count_rows(const struct table *table, const struct node *map)
{
    size_t count = 0;
    for (size_t i = 0; map->type == NODE_MAP && i < map->count; i++) {
        const struct field *field = table_field(table, map->members[i].key);
        count += field && !(field->flags & FIELD_OURS);
    }
    return count;
}
