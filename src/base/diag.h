/*
 * Diagnostics: what is wrong, where, and what to do. Lower rooms collect them, view/ prints them.
 *
 *     return diag_error(diags, &code_range, node->pos, "'%s' must be positive", name);
 *
 *     struct diag *diag = diag_add(diags, &code_unknown_key, pos, "unknown key '%s'", key);
 *     diag_hint(diags, diag, "did you mean '%s'?", near);
 *     diag_note(diags, diag, other_pos, "also defined here");
 *
 * Messages are lower case, problem first, subject in single quotes, without a full stop. Stages keep going
 * and report everything. After DIAGS_MOST of them only the counters grow, and no further text is read.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/codes.h"
#include "base/source.h"
#include "base/vec.h"

enum { DIAGS_MOST = 1000 };

struct diag_related {
    struct srcpos pos; /* source may be NULL */
    const char *message;
};

struct diag {
    const struct diag_code *code;
    struct srcpos pos;
    const char *message;
    const char *hint; /* NULL: none */
    const char *
        object; /* which one it is about, as "stream.ORDERS" or "consumer.ORDERS.billing"; NULL: none, or several */
    int err_code; /* nats-server's number of the error, from its reply; 0: there is none */
    bool secret;  /* the line may hold a secret and is not shown */
    VEC(struct diag_related) related;
    size_t order; /* in which it was added; decides between equal positions */
};

struct diags {
    struct arena arena; /* holds the messages; sources are only pointed to */
    VEC(struct diag *) list;
    struct diag *spare;                  /* what callers get past DIAGS_MOST; NULL until then */
    const struct diag_code *first_error; /* NULL while there is none */
    size_t errors;
    size_t warnings;
};

void diags_init(struct diags *diags);
void diags_release(struct diags *diags);

/* Never NULL; past DIAGS_MOST the result is a spare that is not kept. */
struct diag *diag_add(struct diags *diags, const struct diag_code *code, struct srcpos pos,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same, and returns -1. */
int diag_error(struct diags *diags, const struct diag_code *code, struct srcpos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_hint(struct diags *diags, struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(struct diags *diags, struct diag *diag, struct srcpos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/*
 * Notes why something holds that is not written where it should be: of a position that the diagnostic is about besides
 * those that it shows, which have the note by themselves. NULL for a diagnostic that was not made is fine.
 */
void diag_note_unwritten(struct diags *diags, struct diag *diag, struct srcpos pos);

/* Adds a copy of a diagnostic of another collection, with its hint and notes; the second adds copies of all. */
struct diag *diag_add_copy(struct diags *diags, const struct diag *from);
void diags_append(struct diags *diags, const struct diags *others);
/* Takes back what was added since `earlier`, which is a copy of the struct as it was then. */
void diags_forget(struct diags *diags, const struct diags *earlier);
/* The same without those that it has already. */
void diags_append_new(struct diags *diags, const struct diags *others);
/* Those from `first` on, which name no object yet, are about this one. */
void diags_are_about(struct diags *diags, size_t first, const char *object);
bool diags_have(const struct diags *diags, const struct diag_code *code);
/* By position, then in the order in which they were added. */
void diags_sort(struct diags *diags);
/* Exit code of the run: that of the first error that was added; 0 when there is none. */
int diags_exit_code(const struct diags *diags);

#endif
