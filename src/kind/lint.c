/*
 * Reading `lint: {ignore: […]}` of an object; see lint.h. Only warnings and notes can be ignored. An error is
 * something that a server refuses, and ignoring it would not help.
 */
#include "kind/lint.h"

#include "base/row.h"
#include "base/suggest.h"
#include "kind/kinds.h"

static const struct field lint_fields[] = {
    ROW(.name = "ignore", .id = LINT_IGNORE, .type = FIELD_TEXT, .shape = SHAPE_LIST, .flags = FIELD_OURS,
        .doc = "Codes of warnings and notes, as the brackets at their ends have them, that are not reported.",
        .example = "[replicas-even]"),
};

const struct table lint_table = {
    .noun = "lint",
    .doc = "Which warnings about the object are not wanted.",
    TABLE_FIELDS(lint_fields),
};

static void refuse_code(const struct node *node, const struct diag_code *code, struct diags *diags)
{
    struct suggestion near = {.wanted = node->text};
    if (node->expanded) { /* what a variable holds is not shown */
        diag_error(diags, &code_choice, node->pos, "not a code of a warning or note");
        return;
    }
    if (code) {
        bool error = code->severity == SEVERITY_ERROR;
        struct diag *diag = diag_add(diags, &code_choice, node->pos, "'%s' cannot be ignored%s", node->text,
                                     error ? ": it is an error" : "");
        diag_hint(diags, diag, "'natsform explain codes' says which can");
        return;
    }
    struct diag *diag =
        diag_add(diags, &code_choice, node->pos, "'%s' is not a code of a warning or note", node->text);
    for (code = diag_code_next(NULL); code; code = diag_code_next(code))
        if (code->lint)
            suggestion_consider(&near, code->name);
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
    else
        diag_hint(diags, diag, "'natsform explain codes' lists them");
}

static const struct object *lint_of(const struct object *declared)
{
    for (size_t i = 0; i < declared->table->count; i++)
        if (declared->table->fields[i].object == &lint_table)
            return declared->values[i].type == VALUE_OBJECT ? declared->values[i].object : NULL;
    return NULL;
}

const struct diag_codes *lint_read(struct arena *arena, const struct object *declared, struct diags *diags)
{
    const struct object *lint = lint_of(declared);
    struct diag_codes *ignored = NULL;
    for (size_t i = 0; lint && i < object_list(lint, LINT_IGNORE)->count; i++) {
        const struct value *item = &object_list(lint, LINT_IGNORE)->items[i];
        const struct diag_code *code = diag_code_by_name(item->text);
        if (!code || !code->lint) {
            refuse_code(item->node, code, diags);
            continue;
        }
        if (!ignored)
            ignored = ARENA_NEW(arena, struct diag_codes);
        VEC_PUSH(arena, ignored, code);
    }
    return ignored;
}

bool lint_ignores(const struct diag_codes *ignored, const struct diag_code *code)
{
    for (size_t i = 0; ignored && i < ignored->count; i++)
        if (ignored->items[i] == code)
            return true;
    return false;
}

/* Only those from `first` on: earlier ones are not about this object. */
void lint_forget(const struct diag_codes *ignored, struct diags *diags, size_t first)
{
    size_t kept = first;
    for (size_t i = first; ignored && i < diags->list.count; i++) {
        struct diag *diag = diags->list.items[i];
        if (lint_ignores(ignored, diag->code))
            diags->warnings--;
        else
            diags->list.items[kept++] = diag;
    }
    if (ignored && kept < diags->list.count)
        diags->list.count = kept;
}
