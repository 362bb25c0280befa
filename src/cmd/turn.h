/*
 * Turn: one of many readings of a manifest and an account, by a command that goes on for long. It has a session of its own with the same
 * options, so that its memory goes with it.
 */
#ifndef CMD_TURN_H
#define CMD_TURN_H

#include "cmd/account.h"

struct turn {
    struct session session;
    struct account_terms terms;
    struct account_run account;
    struct path_list reads; /* files that the manifest was read from */
    struct plan *plan;      /* NULL: it could not be made; the account's diagnostics say why */
    bool loaded;            /* the manifest could be read */
    struct turn *whole;     /* the turn whose manifest it has; NULL: its own */
};

/*
 * Reads the manifest anew, and plans on the connection that the account has, without what is beside the manifest. A manifest of --repo is fetched anew
 * only if `fetches`. Never returns NULL.
 */
struct turn *turn_take(const struct account_run *account, bool fetches);
/*
 * Plans the manifest of `whole` once more, for which that has to stay. Read is what is about the streams in `touched`, by name, and what differed
 * at the last turn of that manifest. Its plan is of everything all the same: see planner_part().
 */
struct turn *turn_take_part(const struct account_run *account, struct turn *whole, const struct map *touched);
void turn_free(struct turn *turn); /* NULL is fine */

#endif
