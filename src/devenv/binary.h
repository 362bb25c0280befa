/*
 * Binary: the nats-server programs of this machine: where one of a wanted version is, and what it says of a configuration.
 *
 *     struct binaries binaries;
 *     binaries_find(arena, lookup, context, &binaries);
 *     const struct binary *binary = binaries_pick(&binaries, &range);
 *     if (!binary)
 *         … binaries_text(arena, &binaries) says which others there are
 */
#ifndef DEVENV_BINARY_H
#define DEVENV_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "field/version_range.h"

struct binary {
    const char *path;         /* absolute */
    const char *version_text; /* "2.10.27" */
    uint32_t version;
    bool in_path; /* it is the one that a shell would start */
};

struct binaries {
    VEC(struct binary) list; /* the one in PATH first, then those of the cache, newest first */
    const char *cache;       /* folder that was looked into; NULL: there is no home to have one in */
    const char *broken;      /* in PATH, but it does not tell a version; NULL: there is no such thing */
};

/*
 * Looks at the nats-server in PATH, and at CACHE/VERSION/nats-server: CACHE is $NATSFORM_SERVERS, or natsform/servers in
 * $XDG_CACHE_HOME or ~/.cache. `lookup` gives variables of the environment, or NULL.
 */
typedef const char *binary_lookup(void *context, const char *name);
void binaries_find(struct arena *arena, binary_lookup *lookup, void *context, struct binaries *ret_binaries);

/* The first whose version is in the range (NULL: any); NULL when none is. */
const struct binary *binaries_pick(const struct binaries *binaries, const struct version_range *range);

/* "2.10.27 (/usr/sbin/nats-server) and 2.15.1 (…)", or "none": for messages. */
const char *binaries_text(struct arena *arena, const struct binaries *binaries);

/* One thing that a server has against a configuration. */
struct conf_fault {
    uint32_t line; /* of the configuration; 0: the server does not say */
    uint32_t column;
    const char *message; /* in the server's words, without the path */
};

struct conf_verdict {
    bool valid;
    VEC(struct conf_fault) faults; /* by line; at least one when it is not valid */
};

/*
 * What `PROGRAM -t` says of the configuration in a file. Relative paths in it are taken from `folder` (NULL: the current one).
 * Returns 0, or -1 when the program could not be run or did not end, with a reason in the arena.
 */
int binary_check(struct arena *arena, const char *program, const char *conf, const char *folder,
                 struct conf_verdict *ret_verdict, const char **ret_error);

#endif
