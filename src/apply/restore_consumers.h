/*
 * Restore consumers: those that an archive lacks, made anew where they were; marks of their owner; and whether all of them are there.
 */
#ifndef APPLY_RESTORE_CONSUMERS_H
#define APPLY_RESTORE_CONSUMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "apply/restoring.h"

/* Makes restoring->anew, as far as they are not there. Returns 0, or -1 with diagnostics, as all of these. */
int restore_make_consumers(struct restoring *restoring, struct diags *diags);

/* Is each consumer of the archive there, by name, with what it had acknowledged? */
int restore_check_consumers(struct restoring *restoring, struct diags *diags);

/* Gives consumers of the archive the marks that the terms want. */
int restore_mark_consumers(struct restoring *restoring, struct diags *diags);

/* The sequence from which a consumer that is made anew goes on; 0: from where its policy says. */
uint64_t restore_start(const struct restoring *restoring, const struct node *consumer);

/* Is it written down, in its metadata, what policy one has that begins at its start sequence? Plans read that. */
bool restore_keeps_start(const struct restoring *restoring);

/* Does a consumer that is made anew keep its policy? Else it begins at its start sequence. */
bool restore_moves(const struct restoring *restoring, const struct node *consumer);

/*
 * restore_settled(); and if consumers of the archive are still not there then, though all else is, they are among those that are made anew, with a warning. A cluster of
 * 2.15.1 has been seen to lose them where a stream of that name was deleted just before. Not where a stream is made anew with all that is in it: there it is done again.
 */
int restore_settled_with_consumers(struct restoring *restoring, struct diags *diags);

#endif
