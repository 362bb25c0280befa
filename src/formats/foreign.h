/*
 * Foreign fields: reads objects of other tools by the rows of our own tables. The result is the node tree that a manifest would
 * have given, with the positions of the foreign file.
 */
#ifndef FORMATS_FOREIGN_H
#define FORMATS_FOREIGN_H

#include "base/diag.h"
#include "field/field.h"
#include "syntax/node.h"

enum dialect {
    DIALECT_NATS,      /* as in the JetStream API: nanoseconds and bytes */
    DIALECT_NACK,      /* names in camelCase, durations as Go writes them */
    DIALECT_TERRAFORM, /* durations in seconds; members of some objects are one level up */
};

struct foreign_reader {
    struct arena *arena;
    struct diags *diags;
    enum dialect dialect;
    /* Takes a member that is not a field and returns true, or returns false. NULL: there are no such members. */
    bool (*special)(void *context, const struct member *member);
    void *context;
    /* Names of such members, for "did you mean"; ends with NULL; may be NULL. */
    const char *const *special_names;
};

/*
 * The members of `map` that are rows of `table`, as a manifest has them; what the format spells as "nothing" is left out. Unknown
 * members are code_unknown_key, or in the API's JSON a warning if they are near to none; wrong types are left for the decoder. The identity row is left out: it is a key in manifests.
 */
struct node *foreign_object(const struct foreign_reader *reader, const struct table *table,
                            const struct node *map);

/* The name of a field in the dialect: num_replicas is "replicas" in NACK. */
const char *foreign_name(struct arena *arena, enum dialect dialect, const struct field *field);

/* How many members of the map are fields of the table, by the API's names. */
size_t foreign_count_rows(const struct table *table, const struct node *map);

/* A scalar with the position of `at`. */
struct node *foreign_scalar(struct arena *arena, const char *text, bool quoted, const struct node *at);

/* The text of a scalar in a map. NULL if it is not there, null, empty or no scalar. */
const char *foreign_text(const struct node *map, const char *key);

#endif
