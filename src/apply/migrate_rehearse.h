/*
 * Rehearse: the restore of a stream is tried before the stream is deleted. Where the server can, that is beside it, before anybody is turned away, and without its
 * consumers, as nothing may be delivered there. Elsewhere, if that is asked for, the very archive that it is to be restored from is restored on a server of our
 * own, while the stream is frozen: to make another one before would leave in a work queue what is acknowledged meanwhile (up to 2.12.2). That server is started before.
 */
#ifndef APPLY_MIGRATE_REHEARSE_H
#define APPLY_MIGRATE_REHEARSE_H

#include "apply/migrating.h"

/*
 * Before the stream is frozen: tries it beside, or starts the server of its own; the latter also where there is no room for the former. Returns 0, or -1 with
 * diagnostics, as all of these; nothing has become of the stream.
 */
int migrate_rehearse_begin(struct migration *migration, struct diags *diags);
/* Once it is backed up: tries it on that server. */
int migrate_rehearse_apart(struct migration *migration, struct diags *diags);
/* Takes away what it took, also after a failure. */
int migrate_rehearse_end(struct migration *migration, struct diags *diags);
/* And what a killed run has left of it. */
int migrate_rehearse_recover(struct migration *migration, struct diags *diags);

#endif
