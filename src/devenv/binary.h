/*
 * Binary: finds the nats-server programs of this machine by version, and asks them about configurations.
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
#include "field/field.h"

extern const struct diag_code code_no_nats_server;

struct binary {
    const char *path;         /* absolute */
    const char *version_text; /* "2.10.27" */
    uint32_t version;
    bool in_path; /* it is the one that a shell would start */
};

struct binaries {
    VEC(struct binary) list; /* the one in PATH first, then those of the cache, newest first */
    const char *cache;       /* the cache's folder; NULL: there is no home for one */
    const char *broken;      /* a nats-server in PATH that does not tell its version; NULL: none */
};

/*
 * Looks for nats-server in PATH, and for CACHE/VERSION/nats-server. CACHE is $NATSFORM_SERVERS, or else natsform/servers in
 * $XDG_CACHE_HOME or ~/.cache. `lookup` returns a variable of the environment, or NULL.
 */
typedef const char *binary_lookup(void *context, const char *name);
void binaries_find(struct arena *arena, binary_lookup *lookup, void *context, struct binaries *ret_binaries);

/* The first program whose version is in the range (NULL: any version); NULL if there is none. */
const struct binary *binaries_pick(const struct binaries *binaries, const struct version_range *range);

/* "2.10.27 (/usr/sbin/nats-server) and 2.15.1 (…)", or "none": for messages. */
const char *binaries_text(struct arena *arena, const struct binaries *binaries);

/* A fault that a server finds in a configuration. */
struct conf_fault {
    uint32_t line; /* in the configuration; 0: the server does not say */
    uint32_t column;
    const char *message; /* in the server's words, without the path */
};

struct conf_verdict {
    bool valid;
    VEC(struct conf_fault) faults; /* by line; at least one if it is not valid */
};

/*
 * Runs `PROGRAM -t` on the configuration in a file. Relative paths in it start from `folder` (NULL: the current one).
 * Returns 0, or -1 with a reason in the arena if the program could not be run or did not end.
 */
int binary_check(struct arena *arena, const char *program, const char *conf, const char *folder,
                 struct conf_verdict *ret_verdict, const char **ret_error);

#endif
