/*
 * Migrate consumer: a consumer is made anew, with another configuration, and goes on where it was: behind its last acknowledgement, with what was
 * delivered and not acknowledged. As with streams, what is about to be done is in the journal (migrate.h).
 *
 *     pause       where servers can, until it stands still
 *     guard       an interest stream keeps only what somebody waits for: another consumer waits meanwhile
 *     delete, make anew at its position, read back
 */
#ifndef APPLY_MIGRATE_CONSUMER_H
#define APPLY_MIGRATE_CONSUMER_H

#include "apply/migrate.h"

/* `info` is its INFO. Returns 0, or -1 with diagnostics: it is as it was, or they say what is left open. */
int migrate_consumer(struct migration *migration, const struct step *step, const struct node *info,
                     const char *revision, struct diags *diags);

/* Goes on with what a killed run has left open, of a journal that is about a consumer. */
int migrate_consumer_recover(struct migration *migration, const struct journal *journal,
                             enum recovery *ret_recovery, struct diags *diags);

#endif
