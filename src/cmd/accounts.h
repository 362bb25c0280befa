/*
 * A manifest for several accounts: a command is run for each of them in turn, the default connection's first, then by name.
 */
#ifndef CMD_ACCOUNTS_H
#define CMD_ACCOUNTS_H

#include "cmd/account.h"
#include "manifest/accounts.h"

/* What a command does with one account. Returns what a command's run does; the account's diagnostics are meant. */
typedef int account_step(struct account_run *account, void *context);

/*
 * Loads the manifest if it may name connections. *ret_accounts are those that it is about when there are several, or one that is named; else
 * NULL. Returns 0, or -1 with diagnostics.
 */
int accounts_find(struct session *session, const struct accounts **ret_accounts);
/*
 * Runs the step with each account, with diagnostics of its own, which are shown as it ends. An account that fails keeps no other from
 * its turn. Returns the exit code: of the first that failed, else the largest.
 */
int accounts_each(const struct account_terms *terms, const struct accounts *accounts, account_step *step,
                  void *context);
/* Runs the step with the only account; what is wrong is said in `diags`. */
int accounts_single(const struct account_terms *terms, struct diags *diags, account_step *step,
                    void *context);

/* Both with the terms that the command's options say, and without a context: with the only account, or with each. */
int accounts_run_single(struct session *session, account_step *step);
int accounts_run(struct session *session, account_step *step);

#endif
