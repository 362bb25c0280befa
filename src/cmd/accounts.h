/*
 * A manifest for several accounts: a command is run for each of them in turn, the default connection's first, then by name.
 */
#ifndef CMD_ACCOUNTS_H
#define CMD_ACCOUNTS_H

#include "cmd/session.h"
#include "manifest/accounts.h"

/* What a command does with one account: session->manifest is that part. Returns an exit code, as a command's run. */
typedef int accounts_step(struct session *session);

/*
 * Loads the manifest if it may name connections. Returns how many accounts it is about, of which more than one, or one that is named, are in
 * session->accounts; 0 with diagnostics. With 1 and no accounts everything is as ever.
 */
size_t accounts_prepare(struct session *session);
/*
 * Runs the step with each account, with diagnostics of its own, which are shown as it ends. An account that fails keeps no other from
 * its turn. Returns the exit code: of the first that failed, else the largest.
 */
int accounts_each(struct session *session, accounts_step *step);
/* The step alone, or for each account. */
int accounts_run(struct session *session, accounts_step *step);

#endif
