/*
 * Field: a row says everything about a field. Decoding and its errors, defaults, checks, normalisation, diff, update rules,
 * wire encoding, JSON Schema, `explain` and the manual are all derived from it.
 *
 * A new server field is one new row in its kind's table. A row has an id only if code has to refer to it. A name is
 * spelled only in its row.
 */
#ifndef FIELD_FIELD_H
#define FIELD_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "syntax/node.h"

/*
 * ---- version ----
 * Versions of nats-server as one comparable number; 0 is "unknown", taken as the newest.
 */

#define VERSION(major, minor, patch)                                                                         \
    (((uint32_t)(major) << 20) | ((uint32_t)(minor) << 10) | (uint32_t)(patch))

#define V_2_10 VERSION(2, 10, 0)
#define V_2_11 VERSION(2, 11, 0)
#define V_2_12 VERSION(2, 12, 0)
#define V_2_14 VERSION(2, 14, 0)
#define V_2_15 VERSION(2, 15, 0)

enum { VERSION_UNKNOWN = 0 };

/* "2.10.27", "2.10", "v2.15.0-RC.1" (the suffix is ignored). False on anything else. */
bool version_parse(const char *text, uint32_t *ret_version);
/* "2.10.27"; a patch of 0 is left out when `brief`. */
const char *version_format(struct arena *arena, uint32_t version, bool brief);
/* Is a server of `version` at least `since`? An unknown version is taken as new enough. */
bool version_has(uint32_t version, uint32_t since);

/*
 * Since: the first version of each branch that has something, in order: {2.10.26, 2.11.0}; what follows the last has it too, and so
 * has what follows another within its minor version. All 0: every supported version has it.
 */
enum { SINCE_MOST = 3 };

bool since_holds(const uint32_t since[SINCE_MOST], uint32_t version);
/* "2.10.26 or 2.11.0": for messages, a patch of 0 left out when `brief`; NULL when all supported versions have it. */
const char *since_text(struct arena *arena, const uint32_t since[SINCE_MOST], bool brief);

/* ---- field ---- */

struct object;
struct surroundings;
struct table;
struct value;

/* Bits: an option of nats-server may take one of several, tried in this order. */
enum field_type {
    FIELD_BOOL = 1 << 0,
    FIELD_COUNT = 1 << 1,    /* int64 */
    FIELD_UNSIGNED = 1 << 2, /* uint64: sequences and rates */
    FIELD_SIZE = 1 << 3,     /* int64 bytes on the wire */
    FIELD_DURATION = 1 << 4, /* int64 nanoseconds on the wire */
    FIELD_SECONDS = 1 << 5,  /* of options: a duration, or a number of seconds, perhaps with a fraction */
    FIELD_PERCENT = 1 << 6,  /* text of digits, perhaps with % */
    FIELD_TIME = 1 << 7,     /* RFC 3339 */
    FIELD_CHOICE = 1 << 8,
    FIELD_TEXT = 1 << 9,
    FIELD_NAME = 1 << 10,    /* of a stream, consumer or durable: becomes a subject token and a directory */
    FIELD_SUBJECT = 1 << 11, /* wildcards allowed */
    FIELD_LITERAL = 1 << 12, /* a subject without wildcards */
    FIELD_GROUP = 1 << 13,   /* name of a priority group */
    FIELD_BUCKET =
        1 << 14, /* of a key-value bucket or an object store: clients allow fewer characters than servers */
    FIELD_PATH = 1 << 15, /* of a file; natsform's own keys only */
    FIELD_LIST = 1 << 16, /* of options, beside other types: of what `items` says */
    FIELD_OBJECT = 1 << 17,
    FIELD_TREE =
        1 << 18, /* a map that is kept as it was written: another table than the rows knows what is in it */
    FIELD_MAP =
        1 << 19, /* of options, beside other types: by names of the user's choice, of what `values` says */
};

enum field_shape {
    SHAPE_ONE,
    SHAPE_LIST, /* a set, unless FIELD_ORDERED */
    SHAPE_MAP,  /* by names of the user's choice */
};

enum field_flag {
    FIELD_REQUIRED = 1 << 0,
    FIELD_UNLIMITED = 1 << 1,     /* 0 and -1 are one value, "unlimited", written -1 */
    FIELD_IDENTITY = 1 << 2,      /* the object's name: its key in the manifest, never compared */
    FIELD_OURS = 1 << 3,          /* natsform's own key, never on the wire */
    FIELD_INTERNAL = 1 << 4,      /* the server's own: refused in manifests, carried through updates */
    FIELD_SECRET = 1 << 5,        /* never printed */
    FIELD_ORDERED = 1 << 6,       /* the order of the list means something */
    FIELD_SERVER_LOWERS = 1 << 7, /* the server's own limits may lower the default */
    FIELD_SERVER_FILLS = 1 << 8,  /* if it is left out, the server decides, and any live value is right */
    FIELD_EMPTY_IS_NONE = 1 << 9, /* an object without any field set is the same as no object */
    FIELD_SEND_DEFAULT = 1 << 10, /* the default is natsform's, not the server's: it has to be sent */
    FIELD_KEY = 1 << 11,          /* with the table's other keys, tells the items of a list apart */
    FIELD_LATER = 1 << 12,        /* the server refuses it at creation: set by an update right after */
    FIELD_ANY_CASE = 1 << 13,     /* choices are compared without case, as the server does */
    FIELD_COLLECTS = 1 << 14,     /* included files add to it, side by side */
    FIELD_PASSES = 1 << 15,       /* a time that is the same as none once it has come */
    FIELD_FILE = 1 << 16,         /* the text is the path of a file or folder */
    FIELD_URL = 1 << 17,          /* may have a password in it */
    FIELD_LISTEN = 1 << 18,       /* "host:port", or a port as a number */
    FIELD_NO_SPACES = 1 << 19,    /* a name that servers refuse with blanks in it */
    FIELD_DAY = 1 << 20,          /* a time that may be a date alone, and is that day's end then */
};

/* What a change may do to messages, beyond the field itself. */
enum field_risk {
    RISK_NONE,
    RISK_TRIMS_MESSAGES, /* lowering removes the oldest beyond the count */
    RISK_TRIMS_BYTES,
    RISK_TRIMS_AGE,
    RISK_TRIMS_SUBJECTS, /* lowering removes per subject */
    RISK_DROPS_UNWANTED, /* interest retention removes what no consumer wants */
    /* Lowering takes a consumer away that nobody uses, and to interest retention what waited for it. */
    RISK_LEAVES_UNUSED,
    RISK_IRREVERSIBLE,
    RISK_REDELIVERS,
};

enum update_policy {
    UPDATE_FREE,
    UPDATE_NEVER,
    UPDATE_LATCH,         /* false to true only */
    UPDATE_REMOVE,        /* may be taken away, not changed */
    UPDATE_KEEP_CHOICE,   /* may change, but not to or from `choice` */
    UPDATE_KEEP_PRESENCE, /* may change, but not appear or vanish */
    UPDATE_CLUSTERED,     /* a value above 1 needs a cluster */
    UPDATE_SEPARATE,      /* by an API request of its own */
    UPDATE_FREEZES,       /* never; and while it is on, nothing else of the object may change either */
};

/* This rule holds from version `since` on, until the next rule of the row. The first rule of a row has 0. */
struct update_rule {
    uint32_t since;
    enum update_policy policy;
    const char *choice;
    int err_code;     /* the server's error for a change that is not allowed */
    const char *says; /* the error's text */
};

/* What a running server makes of a change of an option when it reads its configuration anew. */
enum reload_policy {
    RELOAD_FREE,   /* it takes it */
    RELOAD_NEVER,  /* it refuses the whole configuration: a restart is needed */
    RELOAD_GROWS,  /* it takes a higher value */
    RELOAD_PARTLY, /* the rows of the option's table say which */
};

enum { FIELD_RULES_MOST = 3, FIELD_ALIASES_MOST = 6 };

struct choice {
    const char *name;
    uint32_t since[SINCE_MOST]; /* where it came later than the field */
    const char *doc;
};

/* For a default that depends on other fields or on the surroundings: fills `value`, or leaves it absent. */
typedef void field_derive(struct arena *arena, const struct object *self, const struct surroundings *around,
                          struct value *value);

struct field {
    const char *name;
    unsigned id; /* 0: code never refers to it; others from 1 on in the order of the rows, but for options */
    /*
     * The field's name in other tools' files, if it differs from ours (from our name in camelCase, for NACK). "../name"
     * is one level up, beside the object that the row belongs to. "!name" means the opposite. `nack_fallback` is the
     * default of NACK's CRD, if it differs from ours. NOT_IN_NACK: the CRD has no such field.
     */
#define NOT_IN_NACK ""
    const char *nack;
    const char *nack_fallback;
    const char *terraform;
    const char *aliases
        [FIELD_ALIASES_MOST]; /* other names that nats-server takes for an option; after the last is NULL */
    unsigned stream_field;    /* of a bucket: the id of the stream's row that it sets; see bucket.h */
    unsigned type;            /* an enum field_type; of options, any of several */
    enum field_shape shape;
    unsigned items;  /* types in a FIELD_LIST, also in one that is a value of a map */
    unsigned values; /* types in a FIELD_MAP */
    unsigned flags;
    const struct table *object;   /* of FIELD_OBJECT, wherever it stands */
    const struct choice *choices; /* of FIELD_CHOICE; ends with a NULL name */
    const char *fallback;         /* the default as a manifest spells it; NULL: absent, 0 or false */
    field_derive *derive;         /* asked first, when there is one */
    const char *fallback_doc;     /* the derived default in words */
    int64_t least;                /* bounds of numbers; both 0: none. 0 itself is always allowed for */
    int64_t most; /* durations, and -1 and 0 for FIELD_UNLIMITED; bytes of texts, of a map's in all */
    uint32_t since[SINCE_MOST];
    struct update_rule updates[FIELD_RULES_MOST];
    enum reload_policy reload;         /* of an option, instead of `updates` */
    uint32_t reload_since[SINCE_MOST]; /* before, it is refused */
    enum field_risk risk;
    const char *doc; /* one sentence */
    const char *example;
};

/* "When field `when` is on (or is `choice`), the server sets field `then` to `value`." */
struct implication {
    unsigned when;
    const char *choice;
    unsigned then;
    const char *value; /* as a manifest spells it */
};

enum constraint_verb {
    CONSTRAINT_NEEDS,
    CONSTRAINT_EXCLUDES,
};

/* "Field `field` (when on, or `choice`) needs or excludes field `other` (when on, or `other_choice`)." */
struct constraint {
    unsigned field;
    const char *choice;
    enum constraint_verb verb;
    unsigned other;
    const char *other_choice;
    uint32_t since[SINCE_MOST]; /* the first version of each branch whose server checks it */
    int err_code;
};

/* A key that people or other tools have, and no row: its value stands in the hint between two texts, or nowhere. */
struct key_hint {
    const char *key;
    const char *before;
    const char *after; /* NULL: the hint is `before` alone */
};

/* What rows cannot say: an additional check, or a canonical form of equivalent spellings. */
struct diags;
typedef void table_check(const struct object *self, const struct surroundings *around, struct diags *diags);
typedef void table_canonicalise(struct arena *arena, struct object *self);

struct table {
    const char *noun;       /* "stream", "consumer", "mirror": for messages and `explain` */
    const char *word;       /* the same as one word, as in "key_value.history"; NULL: the noun is one */
    const char *definition; /* what the JSON Schema calls it; NULL: the noun */
    bool options;           /* of nats-server: names in any case, values that stay trees */
    const char *doc;
    const struct field *fields;
    size_t count;
    const struct table *sets; /* whose rows `stream_field` names; NULL: no row of this table has one */
    const struct implication *implications;
    size_t implication_count;
    const struct constraint *constraints;
    size_t constraint_count;
    const struct key_hint *key_hints; /* ends with an empty one; NULL: none */
    table_check *check;
    table_canonicalise *canonicalise;
};

#define TABLE_FIELDS(rows) .fields = (rows), .count = sizeof(rows) / sizeof((rows)[0])
#define TABLE_OPTIONS(rows) TABLE_FIELDS(rows), .options = true
#define TABLE_IMPLICATIONS(rows) .implications = (rows), .implication_count = sizeof(rows) / sizeof((rows)[0])
#define TABLE_CONSTRAINTS(rows) .constraints = (rows), .constraint_count = sizeof(rows) / sizeof((rows)[0])

/* "a" or "an", before its noun. */
const char *table_article(const struct table *table);
/* The table's kind in one word: for addresses and `explain`. */
const char *table_word(const struct table *table);

/* The row of that name (of options, or alias) or id, or NULL. */
const struct field *table_field(const struct table *table, const char *name);
const struct field *table_field_by_id(const struct table *table, unsigned id);
/* The name of the row that is meant by `name`, as NACK, Terraform or the stream call it, or that is nearest to it; or NULL. */
const char *table_suggest(const struct table *table, const char *name);
/* Where the key would be right, when that is in one place below the table: "consumers.NAME.ack_policy"; or NULL. */
const char *table_place_below(struct arena *arena, const struct table *table, const char *key);

/* The row that "stream.mirror.name" names below a table ("mirror.name"); NULL when there is none. Names in maps are left out. */
const struct field *table_field_by_path(const struct table *table, const char *path);

/* Is the value a secret, or may there be one in it? Then a text that stands for it may be one too. */
bool field_has_secrets(const struct field *field);

/* The update rule of the row that holds for a server of that version. */
const struct update_rule *field_update_rule(const struct field *field, uint32_t version);

const struct choice *field_choice(const struct field *field, const char *name);

/* The types of what may stand for the field itself, for an item of its list, for a value of its map, whether by `shape` or by `type`. */
unsigned field_types(const struct field *field);
unsigned field_items(const struct field *field);
unsigned field_values(const struct field *field);

/* "a duration such as 30s": what a value of the type looks like. */
const char *field_type_describe(const struct field *field);
/* "true or false, a size or a map": what a value of one of the types looks like. */
const char *field_types_describe(struct arena *arena, const struct field *field, unsigned types);
/* "duration", "list of subject": the type's name in `explain` and the manual. */
const char *field_type_name(struct arena *arena, const struct field *field);

/* Keys of the outermost map that begin so are the user's own, and nothing reads them. */
#define EXTENSION_PREFIX "x-"

/*
 * ---- option ----
 * A field of nats-server's configuration. Its values stay trees of nodes, in nats-server's own spelling, as many an option
 * takes more than one type (`jetstream: true`, `enabled` or a block). Rows and tables are those above.
 */

/* The choice that the value is, rather than what else the option takes; or NULL. */
const struct choice *option_choice(const struct field *option, const struct node *value);

/* What a server of that version makes of a change. */
enum reload_policy option_reload(const struct field *option, uint32_t version);

/*
 * Calls `visit` for each option of the map that has a row, and then for those in the blocks below it, whichever names and lists
 * they are under.
 */
typedef void option_visit(void *context, const struct field *option, const struct member *member);
void options_walk(const struct table *table, const struct node *map, option_visit *visit, void *context);

/*
 * ---- version range ----
 * Which nats-server versions somebody asks about, as users of semantic versions write it.
 *
 *     2.10.27            that version
 *     2.10, 2.10.x       any of its patches
 *     2.9-2.12           from the first to the last, any of its patches included; also 2.9..2.12 and "2.9 - 2.12"
 *     >=2.10, <2.12      comparisons; several by blanks or commas must hold together
 *     ~2.10.3, ^2.10     that or newer, with the same minor or major version
 */

struct version_range {
    uint32_t least; /* both included */
    uint32_t most;  /* UINT32_MAX: without end */
};

/* Returns NULL, or what is wrong with the text: lower case, for after "…: ". */
const char *version_range_parse(const char *text, struct version_range *ret_range);
bool version_range_is_exact(const struct version_range *range);

/* Versions at which something changes, sorted; to be asked in turn. */
struct version_points {
    uint32_t *items;
    size_t count;
};

struct table;
/* Adds a version inside the range, once. VERSION_UNKNOWN adds nothing. */
void version_points_add(struct arena *arena, struct version_points *points, const struct version_range *range,
                        uint32_t version);
/* Adds the first version of each field, choice and constraint of a table and of those below it. */
void version_points_add_table(struct arena *arena, struct version_points *points,
                              const struct version_range *range, const struct table *table);

#endif
