/*
 * Freeze: a stream that nobody publishes to, and that nobody is delivered from. Its subjects are aside, so that publishers get an error
 * instead of an acknowledgement; it copies from nobody; and its consumers are paused, where servers can (2.11 and later).
 */
#ifndef APPLY_FREEZE_H
#define APPLY_FREEZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/instant.h"
#include "server/server.h"
#include "syntax/node.h"

struct freeze {
    struct arena *arena;
    struct server *server;
    const char *stream;
    uint32_t version; /* of the server; VERSION_UNKNOWN: the newest */
    struct instant now;
};

/*
 * The configuration as it is sent for a frozen stream that is made anew with its consumers; of one without what is the server's own.
 */
struct node *freeze_config_anew(struct arena *arena, const struct node *config, const char *stream,
                                uint32_t version);
/* Does the server take it so? Up to 2.9 it wants subjects that are republished (10052). */
bool freeze_is_possible(const struct node *config, uint32_t version);
/* Is that what it is? Nobody else's stream has such a subject. */
bool freeze_is_frozen(const struct node *config, const char *stream);
/* Takes its subjects and sources off, and reads that back. Returns 0, or -1 with diagnostics, as all of these. */
int freeze_stream(const struct freeze *freeze, const struct node *before, struct diags *diags);
/* Puts those of `before` on again, and leaves all else as it is. */
int freeze_thaw(const struct freeze *freeze, const struct node *before, struct diags *diags);

/* When each of the consumers goes on, by name; "": it is not paused. Those of the server's own are left out. */
struct node *freeze_pauses(struct arena *arena, const struct node *consumers);
/* Pauses them for an hour: so long nothing goes on if this run is killed, and no other one comes. */
int freeze_hold(const struct freeze *freeze, const struct node *pauses, struct diags *diags);
/* They are as paused as they were. Consumers that are not there any more are passed over. */
int freeze_release(const struct freeze *freeze, const struct node *pauses, struct diags *diags);

#endif
