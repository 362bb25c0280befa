/* Finding the connection's settings; see settings.h. */
#include "server/settings.h"

#include "kind/kinds.h"

static void from_tls(const struct object *tls, struct connection_settings *settings)
{
    settings->ca = object_text(tls, TLS_CA);
    settings->cert = object_text(tls, TLS_CERT);
    settings->key = object_text(tls, TLS_KEY);
    settings->tls_first = object_flag(tls, TLS_FIRST);
}

static struct connection_settings from_manifest(const struct manifest *manifest)
{
    const struct object *connection = manifest ? object_object(manifest->root, MANIFEST_CONNECTION) : NULL;
    if (!connection)
        return (struct connection_settings){0};
    struct connection_settings settings = {
        .declared = connection,
        .context = object_text(connection, CONNECTION_CONTEXT),
        .url = object_text(connection, CONNECTION_URL),
        .user = object_text(connection, CONNECTION_USER),
        .password = object_text(connection, CONNECTION_PASSWORD),
        .token = object_text(connection, CONNECTION_TOKEN),
        .creds = object_text(connection, CONNECTION_CREDS),
        .nkey = object_text(connection, CONNECTION_NKEY),
        .domain = object_text(connection, CONNECTION_DOMAIN),
        .api_prefix = object_text(connection, CONNECTION_API_PREFIX),
        .inbox_prefix = object_text(connection, CONNECTION_INBOX_PREFIX),
        .timeout_ms = object_integer(connection, CONNECTION_TIMEOUT) / MILLISECOND,
    };
    const struct object *tls = object_object(connection, CONNECTION_TLS);
    if (tls)
        from_tls(tls, &settings);
    return settings;
}

/* The manifest alone says where a named connection leads and who we are there; flags give it no more than the deadline. */
static int find_named(struct arena *arena, const struct connection_settings *flags,
                      const struct manifest *manifest, const struct connection_settings *of_manifest,
                      environment_lookup *lookup, void *lookup_context,
                      struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = *of_manifest, layer;
    settings.url_from = arena_printf(arena, "the manifest's connection '%s'", manifest->connection);
    settings.lookup = lookup;
    settings.lookup_context = lookup_context;
    if (settings.context) {
        if (connection_from_context(arena, settings.context, lookup, lookup_context, &layer, diags))
            return -1;
        connection_overlay(&settings, &layer);
    }
    if (flags->timeout_ms)
        settings.timeout_ms = flags->timeout_ms;
    *ret_settings = settings;
    return 0;
}

int connection_find(struct arena *arena, const struct connection_settings *flags,
                    const struct manifest *manifest, environment_lookup *lookup, void *lookup_context,
                    struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings of_manifest = from_manifest(manifest);
    if (manifest && manifest->connection)
        return find_named(arena, flags, manifest, &of_manifest, lookup, lookup_context, ret_settings, diags);
    return connection_resolve(arena, flags, &of_manifest, lookup, lookup_context, ret_settings, diags);
}

int connection_find_booted(struct arena *arena, const struct manifest *manifest,
                           const struct connection_settings *base, struct connection_settings *ret_settings,
                           struct diags *diags)
{
    struct connection_settings settings = from_manifest(manifest), layer;
    settings.lookup = base->lookup;
    settings.lookup_context = base->lookup_context;
    if (settings.context) {
        if (connection_from_context(arena, settings.context, base->lookup, base->lookup_context, &layer,
                                    diags))
            return -1;
        connection_overlay(&settings, &layer);
    }
    if (settings.url)
        settings.url_from = settings.url_from ? settings.url_from : "the manifest's 'connection.url'";
    else
        connection_overlay(&settings, base);
    *ret_settings = settings;
    return 0;
}

const char *connection_expected(const struct manifest *manifest, struct srcpos *ret_pos)
{
    const struct object *connection = object_object(manifest->root, MANIFEST_CONNECTION);
    const struct object *expect = connection ? object_object(connection, CONNECTION_EXPECT) : NULL;
    const char *cluster = expect ? object_text(expect, EXPECT_CLUSTER) : NULL;
    if (cluster)
        *ret_pos = object_pos(expect, EXPECT_CLUSTER);
    return cluster;
}
