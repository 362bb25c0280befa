/*
 * Servers: the `servers` of a manifest, read by the rows of kind/server_options.h.
 *
 * The result is what nats-server takes: options under their own names, whatever alias or case was written; sizes in
 * bytes; durations as Go writes them; strings marked as such. Options that are null are left out. natsform's own keys
 * are in it too.
 */
#ifndef MANIFEST_SERVERS_H
#define MANIFEST_SERVERS_H

#include "base/diag.h"
#include "base/map.h"
#include "field/field.h"
#include "syntax/node.h"

/*
 * Reads the map of servers by name. Positions are those of the manifest. Problems with keys, types, units and ranges go
 * to `diags`; all that could be read is returned. Never NULL.
 */
struct node *servers_read(struct arena *arena, const struct node *servers, struct diags *diags);

/* The same for the options of one server. */
struct node *server_read(struct arena *arena, const char *name, const struct node *options,
                         struct diags *diags);

/*
 * Reports each option of a server, as servers_read() returned it, that is not there in all versions of the range as
 * code_unsupported. A branch has what its newest version has. `text` is the range as somebody wrote it.
 */
void server_check_versions(const char *name, const struct node *options, const struct version_range *range,
                           const char *text, struct diags *diags);

/* Is JetStream on? It is, unless `jetstream` is false or disabled. */
bool server_wants_jetstream(const struct node *options);

/*
 * A copy without passwords, tokens, keys and URLs with a login. The path of each, such as
 * "servers.dev.authorization.password", is added to *secrets. `servers` may be as it was written.
 */
struct node *servers_without_secrets(struct arena *arena, const struct node *servers, struct map *secrets);

/* Removes the secrets of these options from a text of the server, which may have repeated one. */
const char *server_redact(struct arena *arena, const struct node *options, const char *text);

#endif
