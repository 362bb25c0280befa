/*
 * Fields of other people's files, by the same rows as ours: a foreign object becomes the node tree of a manifest, with the
 * positions of the foreign file.
 */
#ifndef FORMATS_FOREIGN_H
#define FORMATS_FOREIGN_H

#include "base/diag.h"
#include "field/field.h"
#include "syntax/node.h"

enum dialect {
    DIALECT_NATS,      /* the wire's own: nanoseconds and bytes */
    DIALECT_NACK,      /* camelCase, durations as Go writes them */
    DIALECT_TERRAFORM, /* seconds, and some objects flattened */
};

struct foreign_reader {
    struct arena *arena;
    struct diags *diags;
    enum dialect dialect;
    /* Takes a member that is no field, and returns true; NULL: there are none. */
    bool (*special)(void *context, const struct member *member);
    void *context;
    const char *const *special_names; /* of these, for "did you mean"; ends with NULL; may be NULL */
};

/*
 * The members of `map` that are rows of `table`, as a manifest has them; what the format spells as "nothing" is left out. Unknown
 * members are code_unknown_key; wrong types are left for the decoder. The identity row is left out: it is a key in manifests.
 */
struct node *foreign_object(const struct foreign_reader *reader, const struct table *table,
                            const struct node *map);

/* The name of a row in the dialect, and whether a key is that: num_replicas is "replicas" in NACK. */
const char *foreign_name(struct arena *arena, enum dialect dialect, const struct field *field);

/* How many members of the map are rows of the table, by their wire names. */
size_t foreign_count_rows(const struct table *table, const struct node *map);

/* A plain or quoted scalar at the place of `at`. */
struct node *foreign_scalar(struct arena *arena, const char *text, bool quoted, const struct node *at);

/* The text of a scalar of a map, or NULL when it is not there, null, empty or no scalar. */
const char *foreign_text(const struct node *map, const char *key);

#endif
