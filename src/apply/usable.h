/*
 * Usable: waits until what a manifest names can be used as it is meant: each stream and consumer has a leader and as many current replicas as it
 * should, and each mirror and source hears from its origin and has no error.
 */
#ifndef APPLY_USABLE_H
#define APPLY_USABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "manifest/manifest.h"
#include "server/server.h"

struct usable_terms {
    struct server *server;
    const struct manifest *manifest;
    int64_t most_ms; /* how long it may take */
    bool (*interrupted)(void);
    /* Told while it waits, with an object that is not ready and why. NULL: nobody is. */
    void (*waiting)(void *context, const char *label, const char *why, int64_t waited_ms);
    void *context;
};

/* Returns 0 when all of it is ready, or -1 with a code_not_usable for each object that is not. */
int usable_await(const struct usable_terms *terms, struct diags *diags);

#endif
