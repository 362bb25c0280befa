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

/* What came of it; all NULL: nothing to tell. */
struct context_written {
    const char *foreign; /* the name is taken by a context that is not natsform's, and nothing is written */
    const char *path;    /* of that one's file */
    const char *root;    /* the folder of the environment that it is of, if it is of one */
    const char *reset;   /* settings that were edited by hand, and are set again */
};

/*
 * Writes the context for these settings and selects it, as the nats CLI does. state->context says what is done, and is in the state's file
 * before the context is in its own: a run that is killed in between leaves nothing that the next one does not know.
 * What was edited by hand in the context stays, but for its URL. A place that cannot be written is a warning. Returns 0, or -1 with
 * diagnostics when the state cannot be kept.
 */
int nats_context_write(struct arena *arena, struct upstate *state, const struct connection_settings *settings,
                       struct context_written *ret_written, struct diags *diags);
/*
 * Removes the context again, unless there is none, or somebody replaced it by another one, and selects the last context before it that
 * there still is. `place` is where contexts are now; it counts if the folder where it was written is gone. NULL: nowhere else.
 */
void nats_context_remove(struct arena *arena, struct upstate *state, const char *place, struct diags *diags);

#endif
