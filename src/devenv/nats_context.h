/*
 * Contexts of the nats CLI: `up` writes one that leads to what it booted and selects it; `down` removes it and restores the
 * selection. A context of that name that is not natsform's is left alone.
 */
#ifndef DEVENV_NATS_CONTEXT_H
#define DEVENV_NATS_CONTEXT_H

#include "base/arena.h"
#include "base/diag.h"
#include "devenv/state.h"
#include "server/connection.h"

/*
 * Writes the context for these settings and selects it. state->context says what is done, and is in the state's file before the context is in
 * its own: a run that is killed in between leaves nothing that the next one does not know. Where the name is taken by a context that is not
 * natsform's, nothing is written, and *ret_foreign is that name; else NULL. Returns 0, or -1 with code_context.
 */
int nats_context_write(struct arena *arena, struct upstate *state, const struct connection_settings *settings,
                       const char **ret_foreign, struct diags *diags);
/* The opposite: nothing happens when there is none, or when it was changed by hand into another one's. */
void nats_context_remove(struct arena *arena, struct upstate *state);

#endif
