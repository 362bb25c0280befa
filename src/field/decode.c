/*
 * From node to object: the first stage after reading text. One function per shape, one per type of scalar; what differs
 * from field to field is in the rows.
 */
#include "field/decode.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "field/decode_fault.h"
#include "field/subject.h"
#include "field/value.h"

static DIAG_CODE(code_time, .name = "time", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "Not a point in time of RFC 3339, such as 2026-01-31T12:00:00Z.",
                 .why = "A time without a zone means another moment on each machine.",
                 .example = "pause_until: tomorrow",
                 .remedy = "Write RFC 3339, such as 2026-01-31T12:00:00Z.");

DIAG_CODE(code_server_owned, .name = "server-owned", CODE_ERROR(EXIT_MANIFEST),
          .doc = "The field or metadata key belongs to the server or to natsform itself.",
          .why = "The server, or natsform, overwrites what you would write there.",
          .example = "metadata: {_nats.ver: x}", .remedy = "Leave it out.");

/* ---- checks of texts ---- */

/* The server's pattern: ^[a-zA-Z0-9/_=-]{1,16}$, error 10162 otherwise. */
static bool group_is_valid(const char *text)
{
    enum { GROUP_MOST = 16 };
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_=-");
    return length > 0 && length <= GROUP_MOST && !text[length];
}

/* At most nine digits, which every integer holds. */
static bool percent_is_valid(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits < 10 && (!text[digits] || strcmp(text + digits, "%") == 0);
}

static bool subject_is_right(const struct field *field, const char *text)
{
    return field->type == FIELD_LITERAL ? subject_is_literal(text) : subject_is_valid(text);
}

static bool check_text(const struct decoder *decoder, const struct field *field, const struct node *node)
{
    const char *text = node->text;
    if (field->most > 0 && strlen(text) > (size_t)field->most)
        return fault(
            decoder, field, node, &code_range,
            arena_printf(&decoder->diags->arena, "is longer than %lld bytes", (long long)field->most));
    if (!*text) /* an empty text is none, and a list holds no none */
        return !decoder->is_item || fault(decoder, field, node, &code_wrong_type, "is empty");
    if ((field->type == FIELD_SUBJECT || field->type == FIELD_LITERAL) && !subject_is_right(field, text))
        return fault_subject_text(decoder, field, node);
    if (field->type == FIELD_NAME && name_fault(text))
        return fault_name(decoder, field, node);
    if (field->type == FIELD_BUCKET && bucket_name_fault(text))
        return fault(decoder, field, node, &code_name, bucket_name_fault(text));
    if (field->type == FIELD_GROUP && !group_is_valid(text))
        return fault(decoder, field, node, &code_name,
                     "must be 1 to 16 of the characters A-Z a-z 0-9 / _ = -");
    if (field->type == FIELD_PERCENT && !percent_is_valid(text))
        return fault_type(decoder, field, node, field_type_describe(field));
    return true;
}

/* ---- scalars ---- */

/*
 * Replies are taken as they are: a server may hold what a newer one would refuse, and that has to be shown, not hidden.
 */
static bool read_text(const struct decoder *decoder, const struct field *field, const struct node *node,
                      struct value *value)
{
    bool flag;
    bool manifest = decoder->form == FORM_MANIFEST;
    if (manifest && node_is_bool(node, &flag) && field->type != FIELD_TEXT)
        return fault_type(decoder, field, node, field_type_describe(field));
    if (manifest && !check_text(decoder, field, node))
        return false;
    value->type = VALUE_TEXT;
    value->text = node->text;
    return true;
}

static bool read_bool(const struct decoder *decoder, const struct field *field, const struct node *node,
                      struct value *value)
{
    if (!node_is_bool(node, &value->boolean))
        return fault_bool(decoder, field, node);
    value->type = VALUE_BOOL;
    return true;
}

/* 0 stands for "none" in durations, and 0 and -1 in limits, whatever the bounds are. */
static bool is_in_range(const struct field *field, int64_t number)
{
    bool none = (field->type == FIELD_DURATION && number == 0) ||
                ((field->flags & FIELD_UNLIMITED) && (number == 0 || number == -1));
    bool bounded = field->least || field->most;
    return none || !bounded || (number >= field->least && number <= (field->most ? field->most : INT64_MAX));
}

static bool accept_number(const struct decoder *decoder, const struct field *field, const struct node *node,
                          int64_t number, struct value *value)
{
    if (decoder->form == FORM_MANIFEST && !is_in_range(field, number))
        return fault_range(decoder, field, node);
    value->type = VALUE_INT;
    value->integer = number;
    return true;
}

static bool says_unlimited(const struct field *field, const struct node *node)
{
    bool unlimited = (field->flags & FIELD_UNLIMITED) || (field->type == FIELD_SIZE && field->least < 0);
    return unlimited && (strcmp(node->text, "unlimited") == 0 || strcmp(node->text, "-1") == 0);
}

static bool read_count(const struct decoder *decoder, const struct field *field, const struct node *node,
                       struct value *value)
{
    int64_t number;
    if (decoder->form == FORM_MANIFEST && says_unlimited(field, node))
        return accept_number(decoder, field, node, -1, value);
    if (!node->quoted && number_parse_i64(node->text, &number))
        return accept_number(decoder, field, node, number, value);
    return fault_integer(decoder, field, node);
}

/* Sequences use all 64 bits, so they do not go through int64_t. */
static bool read_unsigned(const struct decoder *decoder, const struct field *field, const struct node *node,
                          struct value *value)
{
    if (node->quoted || !number_parse_u64(node->text, &value->natural))
        return fault_integer(decoder, field, node);
    value->type = VALUE_UINT;
    return true;
}

static bool read_quantity(const struct decoder *decoder, const struct field *field, const struct node *node,
                          struct value *value)
{
    int64_t number = 0;
    /* On the wire: nanoseconds and bytes, always as plain integers. */
    if (decoder->form == FORM_WIRE)
        return read_count(decoder, field, node, value);
    if (says_unlimited(field, node))
        return accept_number(decoder, field, node, -1, value);
    enum units_fault why =
        field->type == FIELD_DURATION ? duration_parse(node->text, &number) : size_parse(node->text, &number);
    if (why)
        return fault_units(decoder, field, node, why);
    return accept_number(decoder, field, node, number, value);
}

static bool read_choice(const struct decoder *decoder, const struct field *field, const struct node *node,
                        struct value *value)
{
    const struct choice *choice = field_choice(field, node->text);
    if (!choice && decoder->form == FORM_MANIFEST)
        return fault_choice(decoder, field, node);
    value->type = VALUE_TEXT;
    /*
     * The table's own spelling, for choices that servers take in any case. A word that no row knows is a newer
     * server's.
     */
    value->text = choice ? choice->name : node->text;
    return true;
}

static bool read_time(const struct decoder *decoder, const struct field *field, const struct node *node,
                      struct value *value)
{
    struct instant *instant = ARENA_NEW(decoder->arena, struct instant);
    const char *text = node->text;
    if (field->flags & FIELD_DAY && !strchr(text, 'T'))
        text = arena_printf(decoder->arena, "%sT23:59:59.999999999Z", text);
    if (!instant_parse(text, instant))
        return fault(decoder, field, node, &code_time,
                     arena_printf(&decoder->diags->arena, "must be %s, not %s", field_type_describe(field),
                                  fault_shown(decoder, field, node)));
    value->type = VALUE_TIME;
    value->instant = instant;
    return true;
}

typedef bool scalar_reader(const struct decoder *decoder, const struct field *field, const struct node *node,
                           struct value *value);

static scalar_reader *reader_of(unsigned type)
{
    switch (type) {
    case FIELD_BOOL:
        return read_bool;
    case FIELD_COUNT:
        return read_count;
    case FIELD_UNSIGNED:
        return read_unsigned;
    case FIELD_SIZE:
    case FIELD_DURATION:
        return read_quantity;
    case FIELD_CHOICE:
        return read_choice;
    case FIELD_TIME:
        return read_time;
    default:
        return read_text;
    }
}

/* A reply's value of an unexpected type is kept as its text, so that it still compares. */
bool value_read_scalar(const struct decoder *decoder, const struct field *field, const struct node *node,
                       struct value *value)
{
    if (node->type != NODE_SCALAR)
        return decoder->form == FORM_MANIFEST &&
               (field->type == FIELD_CHOICE ? fault_choice(decoder, field, node)
                                            : fault_type(decoder, field, node, field_type_describe(field)));
    bool read = reader_of(field->type)(decoder, field, node, value);
    if (read || decoder->form == FORM_MANIFEST)
        return read;
    value->type = VALUE_TEXT;
    value->text = node->text;
    return true;
}

/* ---- shapes ---- */

/* A variable in it had no value: said already. */
static bool is_broken(const struct node *node)
{
    return node->type == NODE_SCALAR && node->broken;
}

/* Nothing under a name is a map without members, as for objects. */
static bool read_tree(const struct decoder *decoder, const struct field *field, const struct node *node,
                      struct value *value)
{
    if (node->type != NODE_MAP && !(decoder->key && node_is_null(node)))
        return decoder->form == FORM_MANIFEST && fault_not_map(decoder, field, node);
    value->type = VALUE_TREE;
    value->tree = node->type == NODE_MAP ? node : node_map(decoder->arena);
    return true;
}

/* Where an item is a name or a map, the name alone stands for a map with nothing but its first row. */
static bool read_name_alone(const struct decoder *decoder, const struct field *field, const struct node *node,
                            struct value *value)
{
    struct field name = *field;
    struct value text = {.node = node, .given = true};
    name.type &= ~(unsigned)FIELD_OBJECT;
    if (!value_read_scalar(decoder, &name, node, &text))
        return false;
    value->type = VALUE_OBJECT;
    value->object = object_new(decoder->arena, field->object);
    value->object->node = node;
    value->object->pos = node->pos;
    *object_value_of(value->object, &field->object->fields[0]) = text;
    return true;
}

static bool read_one(const struct decoder *decoder, const struct field *field, const struct node *node,
                     struct value *value)
{
    value->node = node;
    value->given = true;
    if (is_broken(node))
        return false;
    if (field->type == FIELD_TREE)
        return read_tree(decoder, field, node, value);
    if (!(field->type & FIELD_OBJECT))
        return value_read_scalar(decoder, field, node, value);
    if (field->type != FIELD_OBJECT && node->type == NODE_SCALAR)
        return read_name_alone(decoder, field, node, value);
    if (node->type != NODE_MAP && !(decoder->key && node_is_null(node)))
        return decoder->form == FORM_MANIFEST && fault_not_map(decoder, field, node);
    value->type = VALUE_OBJECT;
    value->object =
        object_decode(decoder->arena, field->object, decoder->key, node, decoder->form, decoder->diags);
    return true;
}

static bool read_list(const struct decoder *decoder, const struct field *field, const struct node *node,
                      struct value *value)
{
    struct decoder items = *decoder;
    items.is_item = true;
    if (node->type != NODE_LIST)
        return decoder->form == FORM_MANIFEST && fault_not_list(decoder, field, node);
    value->type = VALUE_LIST;
    value->list = ARENA_NEW(decoder->arena, struct value_list);
    for (size_t i = 0; i < node->count; i++) {
        struct value item = {0};
        if (!node_is_null(node->items[i]) && read_one(&items, field, node->items[i], &item)) {
            value_list_add(decoder->arena, value->list, item);
            continue;
        }
        /* A null inside an array kills servers before 2.11.12; it never gets past here. */
        if (decoder->form == FORM_MANIFEST && node_is_null(node->items[i]))
            fault(&items, field, node->items[i], &code_wrong_type, "is empty");
        value->refused = decoder->form == FORM_MANIFEST;
    }
    return true;
}

/* Why an object may not stand under that key, or NULL. */
static const char *key_fault(const struct decoder *decoder, const struct field *identity, const char *key)
{
    if (identity->type != FIELD_BUCKET)
        return identity->type == FIELD_NAME ? name_fault(key) : NULL;
    if (strlen(key) > (size_t)identity->most)
        return arena_printf(&decoder->diags->arena, "is longer than %lld bytes", (long long)identity->most);
    return bucket_name_fault(key);
}

static void check_key(const struct decoder *decoder, const struct field *field, const struct member *member)
{
    const struct field *identity = NULL;
    for (size_t i = 0; field->object && i < field->object->count; i++)
        if (field->object->fields[i].flags & FIELD_IDENTITY)
            identity = &field->object->fields[i];
    bool variable = decoder->form == FORM_MANIFEST && strstr(member->key, "${"); /* keys take none */
    if (identity && (variable || key_fault(decoder, identity, member->key)))
        fault_key_name(decoder, field->object, member,
                       variable ? NULL : key_fault(decoder, identity, member->key));
}

/* A server bounds the keys and values of metadata as a whole. */
static bool check_total(const struct decoder *decoder, const struct field *field, const struct node *node,
                        const struct value_map *map)
{
    size_t total = 0;
    for (size_t i = 0; field->most && i < map->count; i++)
        total += strlen(map->pairs[i].key) + strlen(map->pairs[i].value->text);
    if (total <= (size_t)field->most)
        return true;
    return fault(decoder, field, node, &code_range,
                 arena_printf(&decoder->diags->arena, "has %zu bytes of keys and values, %lld are the most",
                              total, (long long)field->most));
}

/* Is each value of it a map? */
static bool is_map(const struct field *field)
{
    return field->type == FIELD_OBJECT || field->type == FIELD_TREE;
}

static bool read_map(const struct decoder *decoder, const struct field *field, const struct node *node,
                     struct value *value)
{
    bool manifest = decoder->form == FORM_MANIFEST;
    struct decoder items = *decoder;
    if (node->type != NODE_MAP)
        return manifest && fault_not_map(decoder, field, node);
    value->type = VALUE_MAP;
    value->map = ARENA_NEW(decoder->arena, struct value_map);
    value->map->pairs = ARENA_ARRAY(decoder->arena, struct value_pair, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct member *member = &node->members[i];
        struct value *item = ARENA_NEW(decoder->arena, struct value);
        items.key = member->key;
        if (manifest)
            check_key(decoder, field, member);
        if (manifest && !is_map(field) && node_is_null(member->value))
            continue; /* a text that is reset, as by an overlay */
        if (read_one(&items, field, member->value, item))
            value->map->pairs[value->map->count++] = (struct value_pair){member->key, member->key_pos, item};
        else
            value->refused = manifest;
    }
    /* Sorted, so that two maps compare pair by pair, and texts made of them do not change from run to run. */
    value_map_sort(value->map);
    return !manifest || is_map(field) || check_total(decoder, field, node, value->map);
}

static bool read_field(const struct decoder *decoder, const struct field *field, const struct node *node,
                       struct value *value)
{
    value->node = node;
    value->given = true;
    if (is_broken(node))
        return false;
    if (field->shape == SHAPE_LIST)
        return read_list(decoder, field, node, value);
    if (field->shape == SHAPE_MAP)
        return read_map(decoder, field, node, value);
    return read_one(decoder, field, node, value);
}

/* ---- objects ---- */

/* Servers, and most people, write fields in the order of the rows: the search goes on where the last one ended. */
static const struct field *find_row(const struct table *table, const char *key, size_t *next)
{
    size_t at = *next < table->count ? *next : 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[at];
        at = at + 1 < table->count ? at + 1 : 0;
        if (text_is(field->name, key)) {
            *next = at;
            return field;
        }
    }
    return NULL;
}

/* Once the value is mended, an old server would drop the field all the same: that is said along with its faults. */
static void note_version(const struct decoder *decoder, const struct field *field, size_t first_fault)
{
    struct diags *diags = decoder->diags;
    for (size_t i = first_fault; field->since[0] && i < diags->list.count; i++)
        diag_note(diags, diags->list.items[i], (struct srcpos){0}, "'%s' needs nats-server %s", field->name,
                  since_text(&diags->arena, field->since, true));
}

static void read_member(const struct decoder *decoder, struct object *object, const struct member *member,
                        size_t *next)
{
    size_t first_fault = decoder->diags->list.count;
    bool manifest = decoder->form == FORM_MANIFEST;
    const struct field *field = find_row(object->table, member->key, next);
    /* A server's field with the name of one of natsform's own is not that one. */
    if (!field || (!manifest && (field->flags & FIELD_OURS))) {
        if (manifest)
            fault_unknown_key(decoder, object->table, member);
        object->unknown++;
        return;
    }
    if (node_is_null(member->value))
        return; /* null is the default */
    if (manifest && (field->flags & FIELD_INTERNAL)) {
        diag_add(decoder->diags, &code_server_owned, member->key_pos, "'%s' is set by the server alone",
                 field->name);
        return;
    }
    struct value value = {0};
    if (read_field(decoder, field, member->value, &value))
        *object_value_of(object, field) = value;
    else if (manifest)
        *object_value_of(object, field) =
            (struct value){.given = true, .refused = true, .node = member->value};
    if (manifest)
        note_version(decoder, field, first_fault);
}

/* The key is the name. A second one beside it may only repeat it. */
static void check_identity(const struct decoder *decoder, struct object *object)
{
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        struct value *value = &object->values[i];
        if (!(field->flags & FIELD_IDENTITY) || !object->name)
            continue;
        if (decoder->form == FORM_MANIFEST && value->type == VALUE_TEXT &&
            strcmp(value->text, object->name) != 0)
            diag_add(decoder->diags, &code_conflict, value->node->pos,
                     "'%s' is %s, but the %s stands under the key '%s'", field->name,
                     fault_shown(decoder, field, value->node), object->table->noun, object->name);
        value->type = VALUE_TEXT;
        value->text = object->name;
    }
}

static void check_required(const struct decoder *decoder, const struct object *object)
{
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        const struct value *value = &object->values[i];
        bool absent = value->type == VALUE_ABSENT || (value->type == VALUE_TEXT && !*value->text);
        if ((field->flags & FIELD_REQUIRED) && absent && !value->refused)
            diag_add(decoder->diags, &code_required, object->pos, "%s has no '%s'", object->table->noun,
                     field->name);
    }
}

struct object *object_decode(struct arena *arena, const struct table *table, const char *name,
                             const struct node *node, enum form form, struct diags *diags)
{
    /* Without a list of diagnostics, as for replies, faults go nowhere; functions below need no check for NULL. */
    struct diags unheard = {0};
    const struct decoder decoder = {.arena = arena, .form = form, .diags = diags ? diags : &unheard};
    struct object *object = object_new(arena, table);
    object->node = node;
    object->pos = node->pos;
    object->name = name;
    size_t next = 0;
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++)
        read_member(&decoder, object, &node->members[i], &next);
    check_identity(&decoder, object);
    if (form == FORM_MANIFEST)
        check_required(&decoder, object);
    if (!diags)
        diags_release(&unheard);
    return object;
}

const struct field *member_decode(struct arena *arena, const struct table *table, const struct member *member,
                                  size_t *next, struct value *ret_value)
{
    const struct decoder decoder = {.arena = arena, .form = FORM_WIRE};
    const struct field *field = find_row(table, member->key, next);
    struct value value = {0};
    *ret_value = (struct value){0};
    if (!field || (field->flags & FIELD_OURS))
        return NULL;
    if (!node_is_null(member->value) && read_field(&decoder, field, member->value, &value))
        *ret_value = value;
    return field;
}

/*
 * Defaults in rows are spelt as in a manifest and read by the same code, so a row cannot hold one that a manifest could
 * not.
 */
void value_from_text(struct arena *arena, const struct field *field, const char *text,
                     struct value *ret_value)
{
    struct diags unheard = {0};
    const struct decoder decoder = {.arena = arena, .form = FORM_MANIFEST, .diags = &unheard};
    struct value value = {0};
    if (value_read_scalar(&decoder, field, node_scalar(arena, text, false), &value)) {
        /* Not written by anybody, so it has no position. */
        value.node = NULL;
        *ret_value = value;
    }
    diags_release(&unheard);
}
