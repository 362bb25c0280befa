/*
 * Contexts of the nats CLI: `up` writes one that leads to the booted servers, and selects it. `down` removes it and
 * selects the context that was selected before. If a context of that name exists and is not from natsform, it is left
 * alone.
 */
#ifndef DEVENV_NATS_CONTEXT_H
#define DEVENV_NATS_CONTEXT_H

#include "base/arena.h"
#include "base/diag.h"
#include "devenv/state.h"
#include "server/connection.h"

/*
 * Writes the context for these settings and selects it. state->context says what is done, and is in the state's file
 * before the context is in its own: a run that is killed in between leaves nothing that the next one does not know.
 * Where the name is taken by a context that is not natsform's, nothing is written, and *ret_foreign is that name; else
 * NULL. A place that cannot be written is a warning. Returns 0, or -1 with diagnostics when the state cannot be kept.
 */
int nats_context_write(struct arena *arena, struct upstate *state, const struct connection_settings *settings,
                       const char **ret_foreign, struct diags *diags);
/* Removes the context again, unless there is none, or somebody replaced it by another one. */
void nats_context_remove(struct arena *arena, struct upstate *state);

#endif
