/*
 * Unfinished: objects that a run was making anew when it was killed. Their journal is in .natsform/journal beside the manifest. Whoever changes
 * anything there finishes them first; whoever only reads says that they are open.
 */
#ifndef CMD_UNFINISHED_H
#define CMD_UNFINISHED_H

#include "apply/journal.h"
#include "apply/lock.h"
#include "cmd/session.h"
#include "server/server.h"

struct unfinished {
    struct session *session;
    struct server **server; /* may be replaced by a new connection */
    const struct connection_settings *settings;
    struct lock *lock; /* NULL: there is none */
    const struct style *out;
    struct diags *diags;
};

/* Those at this server and account. Returns 0, or -1 with diagnostics. */
int unfinished_find(const struct unfinished *unfinished, struct journals *ret_journals);

/* Goes on with all of them, and tells what became of each. Returns 0, or -1 with diagnostics, when one is open still. */
int unfinished_recover(const struct unfinished *unfinished);

/* Says in a note which are open. */
void unfinished_note(const struct unfinished *unfinished);

/* One line of an open one. */
void unfinished_show(const struct style *style, const struct journal *journal);

#endif
