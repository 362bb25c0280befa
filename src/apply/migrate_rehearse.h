/*
 * Rehearse: the restore of a stream is tried before it is deleted: beside it, where the server can, or on a server of its own, where that is asked for.
 * Its consumers are left out, since nothing may be delivered from it.
 */
#ifndef APPLY_MIGRATE_REHEARSE_H
#define APPLY_MIGRATE_REHEARSE_H

#include <stdbool.h>

#include "apply/migrating.h"

/* Tries it, and takes away what that took. Returns 0, also where nothing is to be tried, or -1 with diagnostics; the stream is as it was. */
int migrate_rehearse(struct migration *migration, struct diags *diags);

/* Was a run killed while it rehearsed? And takes away what is left of that. Returns 0, or -1 with diagnostics. */
bool migrate_rehearsal_is_open(const struct journal *journal);
int migrate_rehearsal_remove(struct migration *migration, struct diags *diags);

#endif
