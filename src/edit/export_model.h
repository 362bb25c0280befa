/*
 * Export model: what export_objects.c, export_check.c and export_text.c share.
 */
#ifndef EDIT_EXPORT_MODEL_H
#define EDIT_EXPORT_MODEL_H

#include "base/map.h"
#include "edit/export.h"
#include "kind/bucket.h"

struct export_item {
    const struct live_object *live;
    struct object *object;            /* decoded and normalised */
    const struct bucket_kind *bucket; /* the stream is written as such a bucket; NULL: as a stream */
    struct object *declared;          /* that bucket */
    struct export_item *stream;       /* the consumer's stream */
    VEC(struct export_item *) consumers;
    bool external;              /* only consumers of this stream are written */
    bool out;                   /* it is not written after all */
    bool *without;              /* by row of the table: the field is left out, and ignored by plans */
    VEC(const char *) comments; /* lines, without the '# ' */
};

struct exporting {
    struct arena *arena;
    const struct export_request *request;
    const struct survey *survey;
    struct exported *exported;
    VEC(struct export_item *) streams; /* by name */
    struct map by_key;                 /* "STREAM" or "STREAM consumer" to struct export_item */
    struct node *defaults;             /* of the manifest; NULL: none */
};

/* Leaves a field out of what is written. False if it was left out already. */
bool export_leave_alone(struct exporting *exporting, struct export_item *item, const struct field *field,
                        const char *why);
const char *export_label(struct exporting *exporting, const struct export_item *item);
void export_remark(struct exporting *exporting, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* export_text.c: writes exported->files again. */
void export_write(struct exporting *exporting);
/* The fields of an object that are not at their default, but for what lifecycle says. */
struct node *export_rows(struct exporting *exporting, const struct export_item *item);

/* export_defaults.c: sets exporting->defaults; false if nothing is worth it. */
bool export_find_defaults(struct exporting *exporting);
/* Takes out of the fields what the defaults say, and adds what they would change. */
void export_lay_defaults(struct exporting *exporting, const struct export_item *item, struct node *map);

/*
 * export_check.c: reads the files back and plans them against the survey. Returns how many changes of items were
 * necessary. If there were any, the files have to be written again.
 */
size_t export_check(struct exporting *exporting);
/* Would a plan of the files change nothing, and find nothing wrong? */
bool export_is_same(struct exporting *exporting);

#endif
