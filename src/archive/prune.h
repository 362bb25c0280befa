/*
 * Prune: old backups, found below a folder and removed. Only what natsform has made and finished counts, and nothing else is ever touched: no backup of the nats CLI,
 * none that is damaged or has other files beside its own, nothing in a folder that a backup has not finished, and nothing that a link leads to.
 *
 *     struct prune prune = {.arena = arena, .now = now, .keep_last = 7};
 *     if (prune_find(&prune, "backups", diags))
 *         return -1;
 *     prune_choose(&prune);
 *     for (size_t i = 0; i < prune.list.count; i++)
 *         if (!prune.list.items[i]->stays && prune_remove(arena, prune.list.items[i], diags))
 *             return -1;
 */
#ifndef ARCHIVE_PRUNE_H
#define ARCHIVE_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/map.h"
#include "base/vec.h"

struct pruned {
    const char *root; /* the folder that was searched */
    const char *folder;
    const char *stream;
    const char *group; /* backups of one stream have the same */
    struct instant made;
    uint64_t bytes; /* of the archive */
    bool stays;
};

struct prune {
    struct arena *arena;
    struct instant now;
    uint64_t keep_last; /* so many of each stream; 0: this says nothing */
    int64_t keep_nanos; /* and those that are younger; 0: the same */
    struct map seen;    /* backups by their real paths */
    VEC(struct pruned *) list;
    VEC(const char *) rests; /* what a killed run has left: they are no backups any more */
    VEC(const char *) left;  /* folders that look like backups and are none of natsform's, or not finished */
};

/* Adds what is below a folder. Returns 0, or -1 with diagnostics. It may be called for several. */
int prune_find(struct prune *prune, const char *root, struct diags *diags);

/* Says which stay. The newest of each stream does, however old it is. */
void prune_choose(struct prune *prune);

/* Removes the folder, and those above it that are called by a time and have nothing else. Returns 0, or -1 with a diagnostic. */
int prune_remove(struct arena *arena, const struct pruned *backup, struct diags *diags);

/* The same for what is left of one. */
int prune_remove_rest(struct arena *arena, const char *folder, struct diags *diags);

#endif
