/* Defaults, normal form and constraints; see check.h. */
#include "field/check.h"

#include <string.h>

#include "field/decode.h"
#include "field/mark_keys.h"

/*
 * ---- normalise ----
 * Normalisation by the rows. Stands between decoding and the comparison, for both sides.
 */

DIAG_CODE(code_implied, .name = "implied", CODE_WARNING, .lint = true,
          .doc = "The server sets this field to another value because of a second field.",
          .why = "The value that is written is not the one that the server will hold.",
          .example = "backoff: [1s, 5s]\nack_wait: 30s",
          .remedy = "Write the value that the server sets, or leave the field out.");

/* ---- implications ---- */

static void imply(struct arena *arena, struct object *object, const struct implication *implication,
                  struct diags *diags)
{
    const struct field *field = table_field_by_id(object->table, implication->then);
    const struct field *cause = table_field_by_id(object->table, implication->when);
    struct value *value = object_value_of(object, field);
    struct value implied = {0};
    value_from_text(arena, field, implication->value, &implied);
    if (value_equal(field, value, &implied))
        return;
    if (value->given && diags) {
        struct diag *diag =
            diag_add(diags, &code_implied, value->node->pos, "the server will set '%s' to %s because of '%s'",
                     field->name, implication->value, cause->name);
        diag_hint(diags, diag, "write '%s: %s', or leave it out", field->name, implication->value);
    }
    *value = implied;
}

void object_imply(struct arena *arena, struct object *wanted, struct diags *diags)
{
    const struct table *table = wanted->table;
    for (size_t i = 0; i < table->implication_count; i++)
        if (object_has(wanted, table->implications[i].when, table->implications[i].choice))
            imply(arena, wanted, &table->implications[i], diags);
}

/* ---- canonical values ---- */

static void canonicalise_number(const struct field *field, struct value *value)
{
    if (value->type != VALUE_INT)
        return;
    if ((field->flags & FIELD_UNLIMITED) && value->integer < 0)
        value->integer = -1; /* before 2.12 a server keeps -5 as it was sent */
    if (value->integer == 0)
        value->type = VALUE_ABSENT; /* Go's zero value: the server takes it as left out */
}

/* The same for lists, and for texts that have a static default. An empty text without one may be a word of its own. */
static void canonicalise_empty(const struct field *field, struct value *value)
{
    if ((value->type == VALUE_LIST && value->list->count == 0) ||
        (value->type == VALUE_TEXT && !*value->text && field->fallback) ||
        (field->type == FIELD_PERCENT && !value_is_on(field, value)))
        value->type = VALUE_ABSENT;
}

/*
 * Clients in Go send their zero time, year 1, and a server from 2.11 on keeps it, as it keeps any time that has come. Files of the nats CLI
 * have it, too, and say nothing by it.
 */
static void canonicalise_time(const struct field *field, struct value *value, struct instant now)
{
    static const int64_t year_1 = INT64_C(-62135596800);
    if (value->type != VALUE_TIME || !(field->flags & FIELD_PASSES) ||
        instant_compare(*value->instant, now) > 0)
        return;
    value->given &= value->instant->seconds > year_1;
    value->type = VALUE_ABSENT;
}

static bool object_is_empty(const struct object *object)
{
    for (size_t i = 0; i < object->table->count; i++)
        if (value_is_on(&object->table->fields[i], &object->values[i]))
            return false;
    /* A field that no row knows is something, too. */
    return object->unknown == 0;
}

typedef void object_normaliser(struct arena *arena, struct object *object, const struct surroundings *around);

static void canonicalise_value(struct arena *arena, const struct field *field, struct value *value,
                               object_normaliser *normalise, const struct surroundings *around)
{
    if (value->type == VALUE_ABSENT)
        return;
    canonicalise_number(field, value);
    canonicalise_empty(field, value);
    canonicalise_time(field, value, around->now);
    if (value->type == VALUE_OBJECT) {
        normalise(arena, value->object, around);
        if ((field->flags & FIELD_EMPTY_IS_NONE) && object_is_empty(value->object))
            value->type = VALUE_ABSENT;
    }
    if (value->type == VALUE_LIST && (field->type & FIELD_OBJECT))
        for (size_t i = 0; i < value->list->count; i++)
            normalise(arena, value->list->items[i].object, around);
}

static void fill_fallback(struct arena *arena, const struct field *field, struct value *value)
{
    if (value->type != VALUE_ABSENT || !field->fallback)
        return;
    if (field->type == FIELD_CHOICE) { /* most of them, and of every object */
        value->type = VALUE_TEXT;
        value->text = field->fallback;
        return;
    }
    value_from_text(arena, field, field->fallback, value);
}

/* ---- the two sides ---- */

void object_normalise_wanted(struct arena *arena, struct object *wanted, const struct surroundings *around)
{
    const struct table *table = wanted->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct value *value = &wanted->values[i];
        if (field->flags & FIELD_OURS)
            continue;
        canonicalise_value(arena, field, value, object_normalise_wanted, around);
        /* In the order of the rows: what a default depends on was written by somebody, or is in a row above. */
        if (value->type == VALUE_ABSENT && field->derive)
            field->derive(arena, wanted, around, value);
        fill_fallback(arena, field, value);
    }
    if (table->canonicalise)
        table->canonicalise(arena, wanted);
}

/* Keys in metadata that are the server's own, or natsform's record: never shown, never compared. */
static void drop_records(struct value *value)
{
    struct value_map *map = value->map;
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        if (!metadata_key_is_servers(map->pairs[i].key) && strcmp(map->pairs[i].key, MARK_REVISION) != 0 &&
            strcmp(map->pairs[i].key, MARK_DIGEST) != 0 && strcmp(map->pairs[i].key, MARK_START) != 0)
            map->pairs[kept++] = map->pairs[i];
    map->count = kept;
}

static void normalise_live(struct arena *arena, struct object *live, const struct surroundings *around)
{
    const struct table *table = live->table;
    for (size_t i = 0; i < table->count; i++)
        value_normalise_live(arena, &table->fields[i], &live->values[i], around->now);
    if (table->canonicalise)
        table->canonicalise(arena, live);
}

void value_normalise_live(struct arena *arena, const struct field *field, struct value *value,
                          struct instant now)
{
    /* a live object has its values from nowhere else */
    const struct surroundings around = {.now = now};
    canonicalise_value(arena, field, value, normalise_live, &around);
    if (value->type == VALUE_MAP && field->type == FIELD_TEXT)
        drop_records(value);
    /* A derived default is not filled in: what is absent here is absent on the server. */
    if (!field->derive)
        fill_fallback(arena, field, value);
}

void object_normalise_live(struct arena *arena, struct object *live, struct instant now)
{
    const struct surroundings around = {.now = now};
    normalise_live(arena, live, &around);
}

bool value_is_servers_choice(const struct field *field, const struct value *wanted, const struct value *live)
{
    if (wanted->given)
        return false;
    /* A pause that nobody has written into the manifest passes by itself, whoever it is of. */
    if ((field->flags & (FIELD_SERVER_FILLS | FIELD_PASSES)) && wanted->type == VALUE_ABSENT)
        return true;
    /* Lower than the default, and there at all: limits of the server or account took the default down. */
    return (field->flags & FIELD_SERVER_LOWERS) && wanted->type == VALUE_INT && live->type == VALUE_INT &&
           live->integer > 0 && live->integer < wanted->integer;
}

/*
 * ---- check ----
 * Checks by the tables' constraints and versions. Each constraint predicts an error of the server, so
 * a manifest fails here before anything is sent. Only what somebody wrote is blamed, never a default.
 */

DIAG_CODE(
    code_unsupported, .name = "unsupported", CODE_ERROR(EXIT_MANIFEST),
    .doc = "The target server is too old for the field; it would drop it or reject it.",
    .why =
        "An old server drops fields that it does not know without a word, so that a setting is silently not there.",
    .example = "metadata: {team: a}",
    .remedy = "Leave it out, or upgrade the server to the version of the message.");

/* ---- constraints ---- */

static const char *condition_text(struct arena *arena, const struct field *field, const char *choice)
{
    return choice ? arena_printf(arena, "'%s: %s'", field->name, choice)
                  : arena_printf(arena, "'%s'", field->name);
}

/* "set by 'ack_policy'", for a field that nobody wrote. */
static void note_cause(const struct object *object, const struct field *field, struct diags *diags,
                       struct diag *diag)
{
    const struct table *table = object->table;
    for (size_t i = 0; i < table->implication_count; i++) {
        const struct implication *implication = &table->implications[i];
        const struct field *cause = table_field_by_id(table, implication->when);
        if (implication->then == field->id && object_has(object, implication->when, implication->choice)) {
            diag_note(diags, diag, object_pos(object, implication->when),
                      "the server sets '%s' because of '%s'", field->name, cause->name);
            return;
        }
    }
}

static void check_constraint(const struct object *object, const struct constraint *constraint,
                             struct diags *diags)
{
    const struct field *field = table_field_by_id(object->table, constraint->field);
    const struct field *other = table_field_by_id(object->table, constraint->other);
    const struct value *other_value = object_value_of(object, other);
    bool has_other = object_has(object, constraint->other, constraint->other_choice);
    bool needs = constraint->verb == CONSTRAINT_NEEDS;
    /* A value that was refused has its own fault; a second one about it would only confuse. */
    if (has_other == needs || other_value->refused)
        return;
    const char *left = condition_text(&diags->arena, field, constraint->choice);
    const char *right = condition_text(&diags->arena, other, constraint->other_choice);
    struct diag *diag = diag_add(diags, &code_conflict, object_pos(object, constraint->field), "%s %s %s",
                                 left, needs ? "needs" : "cannot stand together with", right);
    if (other_value->node && other_value->node->pos.unwritten)
        diag_note_unwritten(diags, diag, other_value->node->pos);
    else if (other_value->node)
        diag_note(diags, diag, other_value->node->pos, "%s is here",
                  condition_text(&diags->arena, other, NULL));
    else if (!needs)
        note_cause(object, other, diags, diag);
    if (constraint->err_code)
        diag_note(diags, diag, (struct srcpos){0}, "the server answers with error %d", constraint->err_code);
}

/* What is implied or filled in constrains nothing: the field that asked for it does. */
static bool is_asked_for(const struct object *object, const struct constraint *constraint)
{
    const struct value *value = object_value(object, constraint->field);
    return value->given && !value->refused && object_has(object, constraint->field, constraint->choice);
}

static void check_nested(const struct value *value, const struct surroundings *around, struct diags *diags)
{
    if (value->type == VALUE_OBJECT)
        object_check(value->object, around, diags);
    for (size_t i = 0; value->type == VALUE_LIST && i < value->list->count; i++)
        if (value->list->items[i].type == VALUE_OBJECT)
            object_check(value->list->items[i].object, around, diags);
}

void object_check(const struct object *wanted, const struct surroundings *around, struct diags *diags)
{
    const struct table *table = wanted->table;
    for (size_t i = 0; i < table->constraint_count; i++) {
        const struct constraint *constraint = &table->constraints[i];
        if (since_holds(constraint->since, around->version) && is_asked_for(wanted, constraint))
            check_constraint(wanted, constraint, diags);
    }
    /* After the constraints: what they find is said in the rows' own words, and the function has only the rest. */
    if (table->check)
        table->check(wanted, around, diags);
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].type & FIELD_OBJECT)
            check_nested(&wanted->values[i], around, diags);
}

/* ---- versions ---- */

/* Where in an object a value stands, for a message: made into text only when there is one. */
struct version_path {
    const struct version_path *above;
    const struct field *field;
};

struct version_check {
    uint32_t version;
    const char *text;  /* what it is called; NULL: as it is */
    const char *label; /* NULL: only look whether there is anything to report */
    struct diags *diags;
    bool found;
};

static const char *path_text(struct arena *arena, const struct version_path *path)
{
    if (!path->above)
        return path->field->name;
    return arena_printf(arena, "%s.%s", path_text(arena, path->above), path->field->name);
}

static void too_old(struct version_check *check, const struct value *value, const struct version_path *path,
                    const struct choice *choice)
{
    check->found = true;
    if (!check->label)
        return;
    struct arena *arena = &check->diags->arena;
    const uint32_t *since = choice ? choice->since : path->field->since;
    const char *name = path_text(arena, path);
    struct diag *diag =
        diag_add(check->diags, &code_unsupported, value->node ? value->node->pos : (struct srcpos){0},
                 "'%s%s%s' of %s needs nats-server %s, the target is %s", name, choice ? ": " : "",
                 choice ? choice->name : "", check->label, since_text(arena, since, false),
                 check->text ? check->text : version_format(arena, check->version, false));
    diag_hint(check->diags, diag, "leave it out, or upgrade the server: an older one drops or rejects it");
}

static void check_version(struct version_check *check, const struct object *object,
                          const struct version_path *above);

/* What is at its default asks for nothing, so an old server is no obstacle to it. */
static bool is_default(const struct field *field, const struct value *value)
{
    return value->type == VALUE_TEXT
               ? !*value->text || (field->fallback && strcmp(value->text, field->fallback) == 0)
               : !value_is_on(field, value);
}

static void check_value_version(struct version_check *check, const struct version_path *path,
                                const struct value *value)
{
    const struct field *field = path->field;
    if (is_default(field, value))
        return;
    const struct choice *choice =
        field->type == FIELD_CHOICE && value->type == VALUE_TEXT ? field_choice(field, value->text) : NULL;
    bool known = since_holds(field->since, check->version);
    /*
     * The choice is blamed only if it came later than its field; else the field itself is what the server does not
     * know.
     */
    if (choice && choice->since[0] > field->since[0] && !since_holds(choice->since, check->version))
        too_old(check, value, path, choice);
    else if (!known)
        too_old(check, value, path, NULL);
    if (!known)
        return;
    if (value->type == VALUE_OBJECT)
        check_version(check, value->object, path);
    for (size_t i = 0; value->type == VALUE_LIST && i < value->list->count; i++)
        if (value->list->items[i].type == VALUE_OBJECT)
            check_version(check, value->list->items[i].object, path);
}

static void check_version(struct version_check *check, const struct object *object,
                          const struct version_path *above)
{
    for (size_t i = 0; i < object->table->count; i++) {
        const struct version_path path = {.above = above, .field = &object->table->fields[i]};
        const struct value *value = &object->values[i];
        if (value->given && !(path.field->flags & FIELD_OURS))
            check_value_version(check, &path, value);
    }
}

bool object_fits_version(const struct object *wanted, uint32_t version)
{
    struct version_check check = {.version = version};
    if (version != VERSION_UNKNOWN)
        check_version(&check, wanted, NULL);
    return !check.found;
}

void object_check_version(const struct object *wanted, const struct surroundings *around, const char *label,
                          struct diags *diags)
{
    struct version_check check = {
        .version = around->version, .text = around->version_text, .label = label, .diags = diags};
    if (around->version != VERSION_UNKNOWN)
        check_version(&check, wanted, NULL);
}
