/*
 * Servers: the `servers` of a manifest, read by the rows of server_option.h.
 *
 * What comes out is what nats-server takes: options by their own names whatever alias or case was written, sizes as bytes, durations
 * as Go has them, strings marked as such; null and what is below it are gone. natsform's own keys are there too.
 */
#ifndef MANIFEST_SERVERS_H
#define MANIFEST_SERVERS_H

#include "base/diag.h"
#include "base/map.h"
#include "field/server_option.h"
#include "field/version_range.h"
#include "syntax/node.h"

/*
 * Reads the map of servers by name. Positions are those of the manifest. What is wrong with keys, types, units and ranges goes to
 * `diags`; what could be read is returned all the same. Never NULL.
 */
struct node *servers_read(struct arena *arena, const struct node *servers, struct diags *diags);

/* The same for the options of one server. */
struct node *server_read(struct arena *arena, const char *name, const struct node *options,
                         struct diags *diags);

/*
 * Reports each option of a server, as servers_read() returned it, that is not there in all versions of the range as code_unsupported.
 * A branch has what its newest version has. `text` is the range as somebody wrote it.
 */
void server_check_versions(const char *name, const struct node *options, const struct version_range *range,
                           const char *text, struct diags *diags);

/* `jetstream` is neither false nor disabled. */
bool server_wants_jetstream(const struct node *options);

/*
 * A copy without passwords, tokens, keys and URLs with a login, each of which is noted in *secrets by its path
 * ("servers.dev.authorization.password"). `servers` may be as it was written.
 */
struct node *servers_without_secrets(struct arena *arena, const struct node *servers, struct map *secrets);

/* `text` without what is secret in these options of a server, should a server have repeated it. */
const char *server_redact(struct arena *arena, const struct node *options, const char *text);

#endif
