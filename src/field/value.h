/*
 * Value: what a field holds; Object: the values of a table's rows, by row.
 *
 * An object is decoded from a manifest (or from a reply), checked, and normalised into the form that the target server would
 * echo. Everything lives in the arena it was decoded into.
 */
#ifndef FIELD_VALUE_H
#define FIELD_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/instant.h"
#include "base/source.h"
#include "field/field.h"
#include "syntax/node.h"

/*
 * ---- units ----
 * Durations and sizes as people write them, to and from the wire's nanoseconds and bytes, exactly.
 *
 * Durations: numbers with units ns us ms s m h d w, largest first, fractions allowed: 250ms, 7d, 1h30m, 1.5s.
 * Sizes: the NATS configuration language: k m g t p are powers of 1000, kb ki kib … powers of 1024, in any case;
 * a bare number is bytes.
 */

enum units_fault {
    UNITS_OK,
    UNITS_MALFORMED,
    UNITS_NO_UNIT, /* a duration other than 0 without a unit */
    UNITS_NEGATIVE,
    UNITS_TOO_BIG, /* beyond 63 bits: durations end at 292 years */
    UNITS_INEXACT, /* a fraction finer than a nanosecond or a byte */
};

enum units_fault duration_parse(const char *text, int64_t *ret_nanos);
enum units_fault size_parse(const char *text, int64_t *ret_bytes);

/* The shortest spelling that reads back to the same value: "1d12h", "90s" is "1m30s", "0". */
const char *duration_format(struct arena *arena, int64_t nanos);
/* The shortest spelling: "1GiB", "20m" (20 000 000), or the plain number. */
const char *size_format(struct arena *arena, int64_t bytes);

/* ---- value ---- */

/* How values are spelt: see decode.h. */
enum form {
    FORM_MANIFEST,
    FORM_WIRE,
};

enum value_type {
    VALUE_ABSENT,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_UINT,
    VALUE_TEXT,
    VALUE_TIME,
    VALUE_OBJECT,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_TREE,
};

struct value;

struct value_list {
    struct value *items;
    size_t count;
};

struct value_pair {
    const char *key;
    struct srcpos key_pos;
    struct value *value;
};

struct value_map {
    struct value_pair *pairs; /* sorted by key */
    size_t count;
};

struct value {
    enum value_type type;
    bool given;              /* written by somebody, not filled in */
    bool refused;            /* written, but not all of it could be read; that was said */
    const struct node *node; /* where it was read from; NULL when filled in */
    union {
        bool boolean;
        int64_t integer;
        uint64_t natural;
        const char *text;
        const struct instant *instant;
        struct object *object;
        struct value_list *list;
        struct value_map *map;
        const struct node *tree; /* a map */
    };
};

struct object {
    const struct table *table;
    const struct node *node; /* where it was read from; NULL when made up */
    struct srcpos pos;
    const char *name; /* the object's key, or NULL */
    size_t unknown;   /* members that no row knows: of a newer server */
    struct value values[];
};

/* What surrounds an object: the facts that its defaults and checks depend on. */
struct surroundings {
    uint32_t version;         /* of the target server; VERSION_UNKNOWN: the newest */
    const char *version_text; /* what messages call it; NULL: the version as it is */
    bool clustered;           /* only meaningful when the version is known */
    struct instant now;       /* when it is looked at; zero: unknown, and only what is long past has passed */
    const struct object *stream; /* of a consumer; NULL when it is not known */
    /* The configuration, as it will be, of another stream of the account; NULL when it is not known. */
    const struct object *(*find_stream)(void *context, const char *name);
    void *context;
};

struct object *object_new(struct arena *arena, const struct table *table);
/* A copy that may be normalised without changing the original; nodes and texts are shared. */
struct object *object_copy(struct arena *arena, const struct object *object);
/* The value of the row with that id; never NULL when the table has the row. */
struct value *object_value(const struct object *object, unsigned id);
struct value *object_value_of(const struct object *object, const struct field *field);

/* The value's text, number, … or the zero of its type when absent. */
const char *object_text(const struct object *object, unsigned id); /* NULL when absent */
int64_t object_integer(const struct object *object, unsigned id);
bool object_flag(const struct object *object, unsigned id);
const struct value_list *object_list(const struct object *object, unsigned id); /* never NULL */
const struct object *object_object(const struct object *object, unsigned id);   /* NULL when absent */

/*
 * Is the field on? A flag that is true, a number other than 0 (and -1 where that is unlimited), a non-empty text, list or map,
 * an object that is there. With `choice`, the value (or its default) must be that choice.
 */
bool object_has(const struct object *object, unsigned id, const char *choice);
bool value_is_on(const struct field *field, const struct value *value);

/* Equal in meaning: sets in any order, times as instants, absent as the zero value. */
bool value_equal(const struct field *field, const struct value *a, const struct value *b);
bool object_equal(const struct object *a, const struct object *b);

/* The position to blame: the value's own, else the object's. */
struct srcpos object_pos(const struct object *object, unsigned id);

struct value *value_list_add(struct arena *arena, struct value_list *list, struct value item);
/* The value of a key of a map, or NULL. */
const struct value *value_map_get(const struct value *value, const char *key);
/* Does the metadata key belong to the server? Such are never sent, shown or compared. */
bool metadata_key_is_servers(const char *key);
/* Adds or replaces a text pair and keeps the order. */
void value_map_put_text(struct arena *arena, struct value *value, const char *key, const char *text);
/* For maps that were built by hand. */
void value_map_sort(struct value_map *map);

#endif
