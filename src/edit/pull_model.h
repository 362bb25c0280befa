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

/* How a field gets its live value. What is there is changed alone, if that is possible. */
enum pull_way {
    PULL_PLAINLY = 0, /* what the server has not is taken out */
    PULL_AS_NULL = 1, /* it becomes null, as it has to where defaults or a merge key would come through */
    PULL_APART = 2,   /* anchors are taken off first, so that those who use them keep what they have */
    PULL_WAYS = 4,    /* so many, with both together */
};

/* A reason: a bucket has it in one way only. */
extern const char pull_no_bucket[];

/*
 * Adds the edits that give a field of the manifest its live value. Returns NULL, or a reason (lower case) why that is not possible.
 * Then the caller has to drop the files' edits.
 */
const char *pull_edit(struct arena *arena, struct pull_files *files, const struct difference *difference,
                      enum pull_way way);

/*
 * Adds the edits for a new entry, or a new file. Returns NULL, or a reason why there is no place for it. The files'
 * layouts must fit their texts.
 */
const char *pull_add(struct arena *arena, struct pull_files *files, const struct pull_addition *addition);

#endif
