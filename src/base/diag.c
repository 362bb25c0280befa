/*
 * Collecting diagnostics; see diag.h. Messages live in an arena of their own, so that they outlive the stage that
 * found the problem. They are printed at the end of a command by view/diagnostics.c.
 */
#include "base/diag.h"

#include <stdlib.h>
#include <string.h>

#include "base/conceal.h"

void diags_init(struct diags *diags)
{
    *diags = (struct diags){0};
}

void diags_release(struct diags *diags)
{
    arena_release(&diags->arena);
    *diags = (struct diags){0};
}

/* Whatever a caller puts into a message, it never shows what looks like a secret. */
static __attribute__((format(printf, 2, 0))) const char *message_of(struct diags *diags, const char *format,
                                                                    va_list args)
{
    return conceal_message(&diags->arena, arena_vprintf(&diags->arena, format, args));
}

static void count(struct diags *diags, const struct diag_code *code)
{
    if (code->severity != SEVERITY_ERROR) {
        diags->warnings++;
        return;
    }
    if (diags->errors++ == 0)
        diags->first_error = code;
}

/*
 * What callers get past DIAGS_MOST: a text with a million faults must not cost the memory of a million messages, and callers need
 * no check for NULL. Hints and notes for it are dropped.
 */
static struct diag *spare(struct diags *diags, const struct diag_code *code)
{
    if (!diags->spare) {
        diags->spare = ARENA_NEW(&diags->arena, struct diag);
        diags->spare->message = "";
    }
    diags->spare->code = code;
    return diags->spare;
}

/* Counted before the limit is looked at: the exit code is right whatever is dropped. */
static __attribute__((format(printf, 4, 0))) struct diag *add(struct diags *diags,
                                                              const struct diag_code *code, struct srcpos pos,
                                                              const char *format, va_list args)
{
    count(diags, code);
    if (diags->list.count == DIAGS_MOST)
        return spare(diags, code);
    struct diag *diag = ARENA_NEW(&diags->arena, struct diag);
    diag->code = code;
    diag->pos = pos;
    diag->message = message_of(diags, format, args);
    diag->order = diags->list.count;
    VEC_PUSH(&diags->arena, &diags->list, diag);
    return diag;
}

void diag_note_unwritten(struct diags *diags, struct diag *diag, struct srcpos pos)
{
    bool told = !diag || !pos.unwritten;
    for (size_t i = 0; !told && i < diag->related.count; i++)
        told = strcmp(diag->related.items[i].message, pos.unwritten) == 0;
    if (!told)
        diag_note(diags, diag, (struct srcpos){0}, "%s", pos.unwritten);
}

static void tell_unwritten(struct diags *diags, struct diag *diag)
{
    struct srcpos pos = diag->pos;
    diag->pos.unwritten = NULL; /* a copy of the diagnostic has the note */
    diag_note_unwritten(diags, diag, pos);
}

struct diag *diag_add(struct diags *diags, const struct diag_code *code, struct srcpos pos,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag *diag = add(diags, code, pos, format, args);
    va_end(args);
    tell_unwritten(diags, diag);
    return diag;
}

int diag_error(struct diags *diags, const struct diag_code *code, struct srcpos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell_unwritten(diags, add(diags, code, pos, format, args));
    va_end(args);
    return -1;
}

void diag_hint(struct diags *diags, struct diag *diag, const char *format, ...)
{
    if (diag == diags->spare)
        return;
    va_list args;
    va_start(args, format);
    diag->hint = message_of(diags, format, args);
    va_end(args);
}

void diag_note(struct diags *diags, struct diag *diag, struct srcpos pos, const char *format, ...)
{
    if (diag == diags->spare)
        return;
    va_list args;
    va_start(args, format);
    struct diag_related related = {.pos = pos, .message = message_of(diags, format, args)};
    va_end(args);
    related.pos.unwritten = NULL; /* the same for a copy */
    VEC_PUSH(&diags->arena, &diag->related, related);
    diag_note_unwritten(diags, diag, pos);
}

/* Texts are copied: each list owns its messages, and the other list may be released first. */
struct diag *diag_add_copy(struct diags *diags, const struct diag *from)
{
    struct diag *to = diag_add(diags, from->code, from->pos, "%s", from->message);
    to->err_code = from->err_code;
    to->secret = from->secret;
    to->object = from->object ? arena_strdup(&diags->arena, from->object) : NULL;
    if (from->hint)
        diag_hint(diags, to, "%s", from->hint);
    for (size_t i = 0; i < from->related.count; i++)
        diag_note(diags, to, from->related.items[i].pos, "%s", from->related.items[i].message);
    return to;
}

void diags_append(struct diags *diags, const struct diags *others)
{
    for (size_t i = 0; i < others->list.count; i++)
        diag_add_copy(diags, others->list.items[i]);
}

void diags_forget(struct diags *diags, const struct diags *earlier)
{
    diags->list.count = earlier->list.count;
    diags->first_error = earlier->first_error;
    diags->errors = earlier->errors;
    diags->warnings = earlier->warnings;
}

static bool has_same(const struct diags *diags, const struct diag *diag)
{
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *other = diags->list.items[i];
        if (other->code == diag->code && other->pos.source == diag->pos.source &&
            other->pos.line == diag->pos.line && other->pos.column == diag->pos.column &&
            strcmp(other->message, diag->message) == 0)
            return true;
    }
    return false;
}

void diags_append_new(struct diags *diags, const struct diags *others)
{
    for (size_t i = 0; i < others->list.count; i++)
        if (!has_same(diags, others->list.items[i]))
            diag_add_copy(diags, others->list.items[i]);
}

void diags_are_about(struct diags *diags, size_t first, const char *object)
{
    for (size_t i = first; i < diags->list.count; i++)
        if (!diags->list.items[i]->object)
            diags->list.items[i]->object = arena_strdup(&diags->arena, object);
}

bool diags_have(const struct diags *diags, const struct diag_code *code)
{
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.items[i]->code == code)
            return true;
    return false;
}

/* qsort() does not keep the order of equals. `order` does: two faults at one place are told as they were found. */
static int compare(const void *left, const void *right)
{
    const struct diag *a = *(const struct diag *const *)left;
    const struct diag *b = *(const struct diag *const *)right;
    int order = srcpos_compare(a->pos, b->pos);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

void diags_sort(struct diags *diags)
{
    if (diags->list.count > 1)
        qsort(diags->list.items, diags->list.count, sizeof(struct diag *), compare);
}

int diags_exit_code(const struct diags *diags)
{
    return diags->first_error ? diags->first_error->exit_code : EXIT_DONE;
}
