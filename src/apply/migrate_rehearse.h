/*
 * Rehearse: the restore of a stream is tried before the stream is deleted. Where the server can, that is beside it, before anybody is turned away, and without its
 * consumers, as nothing may be delivered there. Elsewhere, if that is asked for, the very archive that it is to be restored from is restored on a server of our
 * own, while the stream is frozen: to make another one before would leave in a work queue what is acknowledged meanwhile (up to 2.12).
 */
#ifndef APPLY_MIGRATE_REHEARSE_H
#define APPLY_MIGRATE_REHEARSE_H

#include "apply/migrating.h"

/*
 * Each tries it if it is to be so, and takes away what that took: the first before the stream is frozen, the second once it is backed up. Where the account lacks
 * room for the first, the second is done, if there can be one. Returns 0, or -1 with diagnostics; nothing has become of the stream.
 */
int migrate_rehearse_beside(struct migration *migration, struct diags *diags);
int migrate_rehearse_apart(struct migration *migration, struct diags *diags);

/* Takes away what a killed run has left of either. Returns 0, or -1 with diagnostics. */
int migrate_rehearsal_remove(struct migration *migration, struct diags *diags);

#endif
