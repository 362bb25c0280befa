/*
 * The layers of connection settings; see connection.h. The rest of this room reads settings only after connection_find()
 * has merged them.
 */
#include "server/connection.h"

#include "field/units.h"
#include "kind/kinds.h"

/* ---- layers over each other ---- */

static bool has_group(const struct connection_settings *settings, enum setting_group group)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (connection_rows[i].group == group && setting_is_set(settings, &connection_rows[i]))
            return true;
    return false;
}

static bool is_decided(const struct connection_settings *settings, const struct setting *row)
{
    return row->group == GROUP_NONE ? setting_is_set(settings, row) : has_group(settings, row->group);
}

/* The user's name came from above and the password for it, of nobody else, stands below. */
static bool completes_user(const struct connection_settings *above, const struct connection_settings *below)
{
    return above->user && !above->password && !above->token && below->password && !below->user;
}

void connection_overlay(struct connection_settings *settings, const struct connection_settings *below)
{
    const struct connection_settings above = *settings;
    for (size_t i = 0; i < SETTINGS; i++)
        if (!is_decided(&above, &connection_rows[i]))
            setting_copy(settings, &connection_rows[i], below);
    if (completes_user(&above, below))
        settings->password = below->password;
    if (!above.url)
        settings->url_from = below->url_from;
    if (!above.declared)
        settings->declared = below->declared;
    if (!above.lookup) {
        settings->lookup = below->lookup;
        settings->lookup_context = below->lookup_context;
    }
}

/* ---- the environment ---- */

static int read_duration(const struct setting *row, const char *text, struct connection_settings *settings,
                         struct diags *diags)
{
    int64_t nanos = 0;
    if (duration_parse(text, &nanos) == UNITS_OK && nanos >= MILLISECOND) {
        setting_set(settings, row, &(int64_t){nanos / MILLISECOND});
        return 0;
    }
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "%s '%s' is not a duration of at least 1ms", row->env, text);
    diag_hint(diags, diag, "durations have a unit, such as 5s or 250ms");
    return -1;
}

int connection_from_environment(struct arena *arena, environment_lookup *lookup, void *context,
                                struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = {.lookup = lookup, .lookup_context = context};
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        const char *value = row->env ? lookup(context, row->env) : NULL;
        if (!value || !value[0])
            continue;
        value = arena_strdup(arena, value);
        if (row->type != SETTING_DURATION)
            setting_set(&settings, row, &value);
        else if (read_duration(row, value, &settings, diags))
            return -1;
    }
    if (settings.url)
        settings.url_from = connection_rows[SETTING_URL].env;
    *ret_settings = settings;
    return 0;
}

/* ---- the manifest ---- */

static void take_value(const struct setting *row, const struct object *object, unsigned id,
                       struct connection_settings *settings)
{
    if (row->type == SETTING_FLAG)
        setting_set(settings, row, &(bool){object_flag(object, id)});
    else if (row->type == SETTING_DURATION)
        setting_set(settings, row, &(int64_t){object_integer(object, id) / MILLISECOND});
    else
        setting_set(settings, row, &(const char *){object_text(object, id)});
}

static struct connection_settings from_manifest(const struct manifest *manifest)
{
    const struct object *connection = manifest ? object_object(manifest->root, MANIFEST_CONNECTION) : NULL;
    const struct object *tls = connection ? object_object(connection, CONNECTION_TLS) : NULL;
    struct connection_settings settings = {.declared = connection};
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (connection && row->field)
            take_value(row, connection, row->field, &settings);
        if (tls && row->tls)
            take_value(row, tls, row->tls, &settings);
    }
    return settings;
}

/* Below what the manifest says, the context that it names. */
static int add_named_context(struct arena *arena, struct connection_settings *settings, struct diags *diags)
{
    struct connection_settings context;
    if (!settings->context)
        return 0;
    if (connection_from_context(arena, settings->context, settings->lookup, settings->lookup_context,
                                &context, diags))
        return -1;
    connection_overlay(settings, &context);
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

/* ---- all together ---- */

static const char of_manifest[] = "the manifest";

int connection_resolve(struct arena *arena, const struct connection_settings *flags,
                       const struct connection_settings *manifest, struct connection_settings *ret_settings,
                       struct diags *diags)
{
    struct connection_settings settings = *flags, layer;
    if (settings.url && !settings.url_from)
        settings.url_from = arena_printf(arena, "--%s", connection_rows[SETTING_URL].flag.name);
    if (connection_from_environment(arena, flags->lookup, flags->lookup_context, &layer, diags))
        return -1;
    connection_overlay(&settings, &layer);
    if (manifest) {
        layer = *manifest;
        layer.url_from = layer.url_from ? layer.url_from : of_manifest;
        connection_overlay(&settings, &layer);
    }
    if (settings.context || !settings.url) {
        if (connection_from_context(arena, settings.context, flags->lookup, flags->lookup_context, &layer,
                                    diags))
            return -1;
        connection_overlay(&settings, &layer);
    }
    *ret_settings = settings;
    return 0;
}

/* Settings of a named connection come from the manifest only. Of the flags, it gets just the deadline. */
static int find_named(struct arena *arena, const struct connection_settings *flags,
                      const struct manifest *manifest, struct connection_settings *ret_settings,
                      struct diags *diags)
{
    struct connection_settings settings = from_manifest(manifest);
    settings.url_from = arena_printf(arena, "connection '%s'", manifest->connection);
    settings.lookup = flags->lookup;
    settings.lookup_context = flags->lookup_context;
    if (add_named_context(arena, &settings, diags))
        return -1;
    if (flags->timeout_ms)
        settings.timeout_ms = flags->timeout_ms;
    *ret_settings = settings;
    return 0;
}

int connection_find(struct arena *arena, const struct connection_settings *flags,
                    const struct manifest *manifest, struct connection_settings *ret_settings,
                    struct diags *diags)
{
    if (manifest && manifest->connection)
        return find_named(arena, flags, manifest, ret_settings, diags);
    struct connection_settings said = from_manifest(manifest);
    return connection_resolve(arena, flags, &said, ret_settings, diags);
}

int connection_find_booted(struct arena *arena, const struct manifest *manifest,
                           const struct connection_settings *base, struct connection_settings *ret_settings,
                           struct diags *diags)
{
    struct connection_settings settings = from_manifest(manifest);
    settings.lookup = base->lookup;
    settings.lookup_context = base->lookup_context;
    if (add_named_context(arena, &settings, diags))
        return -1;
    if (settings.url)
        settings.url_from = settings.url_from ? settings.url_from : of_manifest;
    else
        connection_overlay(&settings, base);
    *ret_settings = settings;
    return 0;
}
