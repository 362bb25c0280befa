/*
 * What pull_rounds.c and pull_edit.c share: texts that change, and differences.
 */
#ifndef EDIT_PULL_MODEL_H
#define EDIT_PULL_MODEL_H

#include "edit/pull.h"
#include "syntax/edit.h"

/* A file of the manifest as it is by now. */
struct pull_file {
    const char *path;
    bool is_new;
    struct source before;
    struct source now;
    struct layouts layouts; /* of now */
    struct edits edits;     /* to be tried */
};

struct pull_files {
    VEC(struct pull_file *) list; /* in the order of reading: later ones lie over earlier ones */
};

/* One field of one object that differs. */
struct difference {
    const char *key; /* tells it from all others: "consumer A > c\nack_wait" */
    const char *object;
    const struct field *field;
    const struct value *live;
    const struct value *wanted;
    const struct step *step;
    struct srcpos pos; /* in the text that was planned */
};

/*
 * Adds to the files the edits that make the manifest say what is live. Returns NULL, or why that cannot be done (lower case); then
 * the files' edits are to be thrown away.
 */
const char *pull_edit(struct arena *arena, struct pull_files *files, const struct difference *difference);

/*
 * Adds the edits for a new entry, or a new file. Returns NULL, or why there is no place for it. The files' layouts are those of
 * their texts.
 */
const char *pull_add(struct arena *arena, struct pull_files *files, const struct pull_addition *addition);

#endif
