/*
 * What export_objects.c, export_check.c and export_text.c share: the objects that are written, and what becomes of each.
 */
#ifndef EDIT_EXPORT_MODEL_H
#define EDIT_EXPORT_MODEL_H

#include "base/map.h"
#include "edit/export.h"
#include "kind/bucket.h"

struct export_item {
    const struct live_object *live;
    struct object *object;            /* decoded and normalised */
    const struct bucket_kind *bucket; /* a stream that is written as this; NULL: as it is */
    struct object *declared;          /* then: the bucket */
    struct export_item *stream;       /* of a consumer */
    VEC(struct export_item *) consumers;
    bool external;              /* a stream of which only consumers are written */
    bool out;                   /* not written after all */
    bool *without;              /* by row: left out and left alone */
    VEC(const char *) comments; /* lines, without the '# ' */
};

struct exporting {
    struct arena *arena;
    const struct export_request *request;
    const struct survey *survey;
    struct exported *exported;
    VEC(struct export_item *) streams; /* by name */
    struct map by_key;                 /* "STREAM" or "STREAM consumer" to struct export_item */
};

/* Takes a row out of what is written; false when it is out already. */
bool export_leave_alone(struct exporting *exporting, struct export_item *item, const struct field *field,
                        const char *why);
const char *export_label(struct exporting *exporting, const struct export_item *item);
void export_remark(struct exporting *exporting, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* export_text.c: fills exported->files anew. */
void export_write(struct exporting *exporting);

/*
 * export_check.c: reads the files back and plans them against the survey. Returns how many things it changed about the items, after which
 * the files have to be written again.
 */
size_t export_check(struct exporting *exporting);

#endif
