/*
 * Restore scale: gives a stream that was restored as one replica the others.
 */
#ifndef APPLY_RESTORE_SCALE_H
#define APPLY_RESTORE_SCALE_H

#include "apply/restoring.h"

/* Waits until all of them have what it holds. Returns 0 at once if nothing is to be done; -1 with diagnostics. */
int restore_scale(struct restoring *restoring, struct diags *diags);

#endif
