/*
 * The layers of connection settings; see connection.h. One table names each string in the environment and in
 * context files; the rest of this room reads settings only after connection_resolve() has merged them.
 */
#include "server/connection.h"

#include "field/units.h"

#define AT(member) offsetof(struct connection_settings, member)

/* clang-format off */
const struct setting_row setting_rows[] = {
    {.offset = AT(context), .env = "NATS_CONTEXT"},
    {.offset = AT(url), .env = "NATS_URL", .key = "url"},
    {.offset = AT(user), .env = "NATS_USER", .key = "user", .group = SETTING_IDENTITY},
    {.offset = AT(password), .env = "NATS_PASSWORD", .key = "password", .group = SETTING_IDENTITY},
    {.offset = AT(token), .env = "NATS_TOKEN", .key = "token", .group = SETTING_IDENTITY},
    {.offset = AT(creds), .env = "NATS_CREDS", .key = "creds", .group = SETTING_IDENTITY},
    {.offset = AT(nkey), .env = "NATS_NKEY", .key = "nkey", .group = SETTING_IDENTITY},
    {.offset = AT(user_jwt), .env = "NATS_JWT", .key = "user_jwt", .group = SETTING_IDENTITY},
    {.offset = AT(user_seed), .env = "NATS_SEED", .key = "user_seed", .group = SETTING_IDENTITY},
    {.offset = AT(cert), .env = "NATS_CERT", .key = "cert", .group = SETTING_CERTIFICATE},
    {.offset = AT(key), .env = "NATS_KEY", .key = "key", .group = SETTING_CERTIFICATE},
    {.offset = AT(ca), .env = "NATS_CA", .key = "ca"},
    {.offset = AT(domain), .key = "jetstream_domain", .group = SETTING_API},
    {.offset = AT(api_prefix), .key = "jetstream_api_prefix", .group = SETTING_API},
    {.offset = AT(inbox_prefix), .key = "inbox_prefix"},
};
/* clang-format on */

const size_t setting_row_count = sizeof(setting_rows) / sizeof(setting_rows[0]);

const char *setting_get(const struct connection_settings *settings, const struct setting_row *row)
{
    const char *base = (const char *)settings;
    return *(const char *const *)(const void *)(base + row->offset);
}

void setting_set(struct connection_settings *settings, const struct setting_row *row, const char *value)
{
    char *base = (char *)settings;
    *(const char **)(void *)(base + row->offset) = value;
}

static bool has_group(const struct connection_settings *settings, enum setting_group group)
{
    for (size_t i = 0; i < setting_row_count; i++)
        if (setting_rows[i].group == group && setting_get(settings, &setting_rows[i]))
            return true;
    return false;
}

static bool is_set(const struct connection_settings *settings, const struct setting_row *row)
{
    if (row->group == SETTING_ALONE)
        return setting_get(settings, row) != NULL;
    return has_group(settings, row->group);
}

/* The user's name came from above and the password for it, of nobody else, stands below. */
static bool completes_user(const struct connection_settings *above, const struct connection_settings *below)
{
    return above->user && !above->password && !above->token && below->password && !below->user;
}

void connection_overlay(struct connection_settings *settings, const struct connection_settings *below)
{
    const struct connection_settings above = *settings;
    for (size_t i = 0; i < setting_row_count; i++) {
        const struct setting_row *row = &setting_rows[i];
        if (!is_set(&above, row))
            setting_set(settings, row, setting_get(below, row));
    }
    if (completes_user(&above, below))
        settings->password = below->password;
    if (!above.url)
        settings->url_from = below->url_from;
    settings->tls_first = above.tls_first || below->tls_first;
    if (!above.timeout_ms)
        settings->timeout_ms = below->timeout_ms;
    if (!above.declared)
        settings->declared = below->declared;
    if (!above.lookup) {
        settings->lookup = below->lookup;
        settings->lookup_context = below->lookup_context;
    }
}

static int read_timeout(const char *text, int64_t *ret_ms, struct diags *diags)
{
    int64_t nanos = 0;
    if (duration_parse(text, &nanos) == UNITS_OK && nanos >= 1000000) {
        *ret_ms = nanos / 1000000;
        return 0;
    }
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "NATS_TIMEOUT '%s' is not a duration of at least 1ms", text);
    diag_hint(diags, diag, "durations have a unit, such as 5s or 250ms");
    return -1;
}

int connection_from_environment(struct arena *arena, environment_lookup *lookup, void *context,
                                struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = {.lookup = lookup, .lookup_context = context};
    for (size_t i = 0; i < setting_row_count; i++) {
        const struct setting_row *row = &setting_rows[i];
        const char *value = row->env ? lookup(context, row->env) : NULL;
        if (value && value[0])
            setting_set(&settings, row, arena_strdup(arena, value));
    }
    if (settings.url)
        settings.url_from = "NATS_URL";
    const char *timeout = lookup(context, "NATS_TIMEOUT");
    if (timeout && timeout[0] && read_timeout(timeout, &settings.timeout_ms, diags))
        return -1;
    *ret_settings = settings;
    return 0;
}

int connection_resolve(struct arena *arena, const struct connection_settings *flags,
                       const struct connection_settings *manifest, environment_lookup *lookup, void *context,
                       struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = {0}, layer;
    if (flags)
        settings = *flags;
    if (settings.url && !settings.url_from)
        settings.url_from = "--server";
    if (connection_from_environment(arena, lookup, context, &layer, diags))
        return -1;
    connection_overlay(&settings, &layer);
    if (manifest) {
        layer = *manifest;
        layer.url_from = layer.url_from ? layer.url_from : "the manifest's 'connection.url'";
        connection_overlay(&settings, &layer);
    }
    if (settings.context || !settings.url) {
        if (connection_from_context(arena, settings.context, lookup, context, &layer, diags))
            return -1;
        connection_overlay(&settings, &layer);
    }
    *ret_settings = settings;
    return 0;
}
