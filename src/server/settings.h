/*
 * Settings: all layers of connection settings together.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "manifest/manifest.h"
#include "server/connection.h"

/*
 * Lays flags over environment over the manifest's `connection` over the nats CLI context. `manifest` may be NULL.
 * Relative paths in a manifest are relative to the working directory, like those of flags.
 */
int connection_find(struct arena *arena, const struct connection_settings *flags,
                    const struct manifest *manifest, environment_lookup *lookup, void *lookup_context,
                    struct connection_settings *ret_settings, struct diags *diags);

/*
 * The same for servers that natsform has just booted: the manifest's `connection`, and below it `base`, unless that leads elsewhere. Neither flags nor
 * the environment, which may be about other servers, take part; nor a context, but one that the manifest names.
 */
int connection_find_booted(struct arena *arena, const struct manifest *manifest,
                           const struct connection_settings *base, struct connection_settings *ret_settings,
                           struct diags *diags);

/* The cluster or server name that the manifest expects, or NULL; *ret_pos is where it says so. */
const char *connection_expected(const struct manifest *manifest, struct srcpos *ret_pos);

#endif
