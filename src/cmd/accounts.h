/*
 * Accounts: runs a command for each account of a manifest, one after the other: first the default connection, then the
 * others by name.
 */
#ifndef CMD_ACCOUNTS_H
#define CMD_ACCOUNTS_H

#include "cmd/account.h"
#include "manifest/accounts.h"

/* What a command does with one account. Returns what a command's run does; the account's diagnostics are meant. */
typedef int account_step(struct account_run *account, void *context);

/*
 * Loads the manifest if it may name connections. *ret_accounts are those that it is about when there are several, or one
 * that is named; else NULL. Returns 0, or -1 with diagnostics.
 */
int accounts_find(struct session *session, const struct accounts **ret_accounts);
/*
 * Runs the step for each account. Each has its own diagnostics, which are shown when its step ends. When an account
 * fails, the others still get their turn. Returns the exit code of the first that failed, or else the largest.
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
