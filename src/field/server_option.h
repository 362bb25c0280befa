/*
 * Server option: the row that everything about an option of nats-server is derived from: reading it in the manifest's `servers` and its
 * errors, the spelling that nats-server takes, versions, JSON Schema, `explain`, what is secret, what a reload can change.
 *
 * Unlike the fields of field/field.h, many options take values of more than one type (`jetstream: true`, `enabled` or a block), have
 * aliases, and are in blocks that stand in several places. A new option is one new row in its block's table.
 */
#ifndef FIELD_SERVER_OPTION_H
#define FIELD_SERVER_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "field/version.h"
#include "syntax/node.h"

/* What may stand there; several may. */
enum server_takes {
    TAKES_BOOL = 1 << 0,
    TAKES_INT = 1 << 1,
    TAKES_SIZE = 1 << 2,     /* bytes: 4096, 1GiB */
    TAKES_DURATION = 1 << 3, /* 30s, 7d */
    TAKES_SECONDS = 1 << 4,  /* a duration, or a number of seconds, perhaps with a fraction */
    TAKES_PERCENT = 1 << 5,  /* 60 or 60% */
    TAKES_TEXT = 1 << 6,
    TAKES_CHOICE = 1 << 7, /* one of the row's choices */
    TAKES_BLOCK = 1 << 8,  /* a map with the options of the row's block */
    TAKES_LIST = 1 << 9,   /* of what `items` says */
    TAKES_MAP = 1 << 10,   /* by names of the user's choice, of what `values` says */
};

enum server_option_flag {
    SERVER_OURS = 1 << 0,      /* natsform's own, never in a configuration */
    SERVER_SECRET = 1 << 1,    /* never printed */
    SERVER_PATH = 1 << 2,      /* of a file or folder */
    SERVER_URL = 1 << 3,       /* may have a password in it */
    SERVER_LISTEN = 1 << 4,    /* "host:port", or a port as a number */
    SERVER_NO_SPACES = 1 << 5, /* a name that servers refuse with blanks in it */
    SERVER_ANY_CASE = 1 << 6,  /* of choices */
    SERVER_REQUIRED = 1 << 7,
};

/* What a running server makes of a change of the option when it reads its configuration anew. */
enum server_reload {
    RELOAD_FREE,    /* it takes it */
    RELOAD_REFUSED, /* it refuses the whole configuration: a restart is needed */
    RELOAD_GROWS,   /* it takes a higher value */
    RELOAD_PARTLY,  /* the rows of the block say which */
};

enum { SERVER_ALIASES_MOST = 6, SERVER_SINCE_MOST = 3 };

/*
 * The first version of each branch that has something, in order: {2.10.26, 2.11.0}; what follows the last has it too, and so
 * has what follows another within its minor version. All 0: every supported version has it.
 */
struct server_since {
    uint32_t versions[SERVER_SINCE_MOST];
};

struct server_block;

struct server_option {
    const char *name;                         /* the one that is written to configurations */
    const char *aliases[SERVER_ALIASES_MOST]; /* that mean the same; after the last is NULL */
    unsigned takes;
    unsigned values;                  /* of TAKES_MAP */
    unsigned items;                   /* of TAKES_LIST; those of a list in a map's value, too */
    const struct server_block *block; /* of TAKES_BLOCK, wherever it stands */
    const char *const *choices;       /* of TAKES_CHOICE; ends with NULL */
    int64_t least, most;              /* of numbers, bytes, nanoseconds; both 0: any */
    const char *fallback;             /* the default in words; NULL: none */
    struct server_since since;
    struct server_since choices_since; /* where the choices came later than the option */
    enum server_reload reload;
    struct server_since reload_since; /* before, it is refused */
    unsigned flags;
    const char *doc; /* one sentence */
    const char *example;
};

struct server_block {
    const char *id;   /* unique: "server_leaf_authorization" */
    const char *noun; /* "authorization": for messages */
    const char *doc;
    const struct server_option *rows;
    size_t count;
};

/* The options of a server of the manifest, natsform's own among them. */
extern const struct server_block server_options;

/* The row that is called that, by its name or an alias, in any case; or NULL. */
const struct server_option *server_option_find(const struct server_block *block, const char *key);
/* The name or alias that is nearest to it, or NULL. */
const char *server_option_suggest(const struct server_block *block, const char *key);
/* The row that "jetstream.max_mem" names, or "accounts.NAME.users.user" without NAME: what `explain` takes. NULL: there is none. */
const struct server_option *server_option_by_path(const char *path);

/* Does a server of that version have it? An unknown version does. */
bool server_since_holds(const struct server_since *since, uint32_t version);
/* Is the value one of the choices, rather than what else the option takes? */
bool server_option_is_choice(const struct server_option *option, const struct node *value);
/* "2.10.26 and 2.11.0 on": for messages; NULL when all supported versions have it. */
const char *server_since_text(struct arena *arena, const struct server_since *since);

/* What a server of that version makes of a change. */
enum server_reload server_option_reload(const struct server_option *option, uint32_t version);

/* "true, false, a size or a map": what it takes, in words. */
const char *server_takes_text(struct arena *arena, const struct server_option *option, unsigned takes);

/*
 * Calls `visit` for each option of the map that has a row, and then for those in the blocks below it, whichever names and lists
 * they are under.
 */
typedef void server_option_visit(void *context, const struct server_option *option,
                                 const struct member *member);
void server_options_walk(const struct server_block *block, const struct node *map, server_option_visit *visit,
                         void *context);

#endif
