/*
 * Migrate: a stream is made anew, with another configuration and all that is in it, where no server changes it in place. Everything is written
 * down before it is done (journal.h), and what was cut off is gone on with, or undone:
 *
 *     rehearse    on 2.15 and later, with room: an archive of it is restored beside it (migrate_rehearse.h)
 *     freeze      its subjects aside, its consumers paused, until nothing moves (freeze.h, standing.h)
 *     back up     and verify what is on the disk; look whether anything has moved since
 *     rehearse    where that is asked for: that backup is restored on a server of our own
 *     delete, restore, read back
 *     release     its consumers
 *     thaw        whoever called this updates it to what is wanted, its subjects included: migrate_end()
 *
 * Whatever fails before the deletion is undone, and the stream is as it was. What fails after it is tried again, then as it was before;
 * and if the server cannot be reached, the journal stays for migrate_recover().
 */
#ifndef APPLY_MIGRATE_H
#define APPLY_MIGRATE_H

#include <stdbool.h>

#include "apply/migrating.h"
#include "plan/plan.h"

/*
 * Makes the stream anew, for those of the step's changes that say so. `info` is its INFO. Returns 0 when it is there with all that was in it, and
 * frozen still; or -1 with diagnostics: it is as it was, or they say what is left open.
 */
int migrate_stream(struct migration *migration, const struct step *step, const struct node *info,
                   struct diags *diags);

/* The stream was updated to what is wanted, or that failed, and then it gets its subjects back. Returns 0, or -1 with diagnostics. */
int migrate_end(struct migration *migration, bool updated, struct diags *diags);

/* Goes on with what a killed run has left open. Returns 0, or -1 with diagnostics: it is open still. */
int migrate_recover(struct migration *migration, const struct journal *journal, enum recovery *ret_recovery,
                    struct diags *diags);

#endif
