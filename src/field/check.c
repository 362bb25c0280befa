/*
 * Checks by the tables' constraints and versions; see check.h. Each constraint predicts an error of the server, so
 * a manifest fails here before anything is sent. Only what somebody wrote is blamed, never a default.
 */
#include "field/check.h"

#include <string.h>

#include "field/decode.h"

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
    if (other_value->node)
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
        if (table->fields[i].type == FIELD_OBJECT)
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
