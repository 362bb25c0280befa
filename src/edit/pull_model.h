/*
 * Pull model: what the files pull_*.c share: files whose texts change, and differences.
 */
#ifndef EDIT_PULL_MODEL_H
#define EDIT_PULL_MODEL_H

#include "edit/pull.h"
#include "syntax/edit.h"

/* A file of the manifest, with the changes so far. */
struct pull_file {
    const char *path;
    bool is_new;
    struct source before;
    struct source now;
    struct layouts layouts; /* of `now` */
    struct edits edits;     /* the next ones to try */
};

struct pull_files {
    VEC(struct pull_file *) list; /* in the order of reading, so later ones lie over earlier ones */
};

/* One field of one object that differs. */
struct difference {
    const char *key; /* unique, such as "consumer A > c\nack_wait" */
    const char *object;
    const struct field *field;
    const struct value *live;
    const struct value *wanted;
    const struct step *step;
    struct srcpos pos; /* its place in the text that was planned */
};

/*
 * Adds the edits that give a field of the manifest its live value. What the server has not is taken out, or becomes null with
 * `as_null`, as it has to where defaults or a merge key would come through. Returns NULL, or a reason (lower case) why that is
 * not possible. Then the caller has to drop the files' edits.
 */
const char *pull_edit(struct arena *arena, struct pull_files *files, const struct difference *difference,
                      bool as_null);

/*
 * Adds the edits for a new entry, or a new file. Returns NULL, or a reason why there is no place for it. The files'
 * layouts must fit their texts.
 */
const char *pull_add(struct arena *arena, struct pull_files *files, const struct pull_addition *addition);

#endif
