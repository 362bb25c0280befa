/*
 * Local servers: the `servers` of a new manifest, for this machine.
 *
 *     struct local_servers servers = {.websocket = true};
 *     local_servers_fit(arena, &servers, manifest, target);
 *     … local_servers_node(arena, &servers) …
 */
#ifndef EDIT_LOCAL_SERVERS_H
#define EDIT_LOCAL_SERVERS_H

#include "base/vec.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

enum { LOCAL_CLUSTER = 3 }; /* servers in a cluster, if nothing needs more */

struct local_servers {
    int64_t nodes; /* of each cluster; 0: it is a single server */
    bool websocket;
    VEC(const char *) clusters; /* the names that placements want, if there are nodes */
    VEC(const char *) tags;
    int64_t memory, disk; /* the sums of what streams reserve */
    const char *domain;   /* NULL: none */
};

/*
 * Makes them fit the streams of a checked manifest, which are on `target` now: as many as the replicas, the clusters and tags of
 * placements, room for max_bytes.
 */
void local_servers_fit(struct arena *arena, struct local_servers *servers, const struct manifest *manifest,
                       const struct target *target);

/* The map of servers by name. */
struct node *local_servers_node(struct arena *arena, const struct local_servers *servers);

/* A name that a project or a server may have, made from that of something else: lower case, with a '-' for other characters. */
const char *local_name(struct arena *arena, const char *text);

#endif
