/*
 * Peer: the nats CLI, as its users run it, and natsform beside it: both take their contexts from the same home, which nobody else has.
 *
 *     struct peer *peer = peer_new();
 *     must_nats(peer, "-s", server->url, "kv", "add", "sessions");
 *
 * NATSFORM_NATS names the program.
 */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

#include "support/run.h"

struct peer {
    const char *home;
    const char *const *env; /* of both programs */
};

struct peer *peer_new(void);
/* The same in a home that is there already. */
struct peer *peer_in(const char *home);
/* The same with one more variable, NAME=VALUE, for both programs. */
struct peer *peer_with(const struct peer *peer, const char *variable);

struct run peer_run_nats(const struct peer *peer, const char *const *arguments);
struct run peer_run_natsform(const struct peer *peer, const char *const *arguments);

#define NATS(peer, ...) peer_run_nats((peer), (const char *const[]){__VA_ARGS__, NULL})
#define NATSFORM(peer, ...) peer_run_natsform((peer), (const char *const[]){__VA_ARGS__, NULL})

/* It has to end well; what it printed. */
const char *peer_must_nats(const struct peer *peer, const char *const *arguments);
#define must_nats(peer, ...) peer_must_nats((peer), (const char *const[]){__VA_ARGS__, NULL})

#endif
