/*
 * The layers of connection settings; see connection.h. The rest of this room reads settings only after connection_find()
 * has merged them.
 */
#include "server/connection.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/folder.h"
#include "base/number.h"
#include "base/read.h"
#include "base/vec.h"
#include "field/value.h"
#include "kind/kinds.h"

/*
 * ---- connection url ----
 * Taking server URLs apart. nats.c could do it, but it does not decode %40 and the
 * like in user info, and repeats passwords in its messages.
 */

enum { DEFAULT_PORT = 4222 };

struct url_list {
    VEC(struct server_url) urls;
};

static int hex_digit(char digit)
{
    if (isdigit((unsigned char)digit))
        return digit - '0';
    return tolower((unsigned char)digit) - 'a' + 10;
}

/* Of user info; a '%' that begins no escape stands for itself. */
static const char *percent_decode(struct arena *arena, const char *text, size_t length)
{
    char *out = arena_alloc(arena, length + 1);
    size_t end = 0;
    for (size_t i = 0; i < length; i++) {
        bool escape = text[i] == '%' && i + 2 < length && isxdigit((unsigned char)text[i + 1]) &&
                      isxdigit((unsigned char)text[i + 2]);
        if (escape) {
            out[end++] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out[end++] = text[i];
        }
    }
    return out;
}

static void split_user_info(struct arena *arena, const char *text, size_t length, struct server_url *url)
{
    const char *colon = memchr(text, ':', length);
    size_t user = colon ? (size_t)(colon - text) : length;
    url->user = percent_decode(arena, text, user);
    if (colon)
        url->password = percent_decode(arena, colon + 1, length - user - 1);
}

/*
 * The URL as somebody may show it, without its user info. What is no port may be a password: somebody has left the host
 * out.
 */
static const char *shown_url(struct arena *arena, const char *text)
{
    const char *slashes = strstr(text, "://");
    const char *at = strrchr(text, '@');
    size_t scheme = slashes && (!at || slashes < at) ? (size_t)(slashes + 3 - text) : 0;
    const char *rest = at ? at + 1 : text + scheme;
    size_t host = rest[0] == '[' ? strcspn(rest, "]") : 0;
    host += strcspn(rest + host, ":");
    bool is_port = !rest[host] || !rest[host + 1 + strspn(rest + host + 1, "0123456789")];
    return is_port ? arena_printf(arena, "%.*s%s", (int)scheme, text, rest)
                   : arena_printf(arena, "%.*s%.*s:…", (int)scheme, text, (int)host, rest);
}

static const char *place(struct arena *arena, const char *url, const char *from)
{
    return from ? arena_printf(arena, "'%s' (%s)", url, from) : arena_printf(arena, "'%s'", url);
}

static int refuse(struct arena *arena, const char *text, const char *from, const char *what,
                  struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0}, "server URL %s %s",
                                 place(arena, shown_url(arena, text), from), what);
    diag_hint(diags, diag, "URLs look like nats://host:4222 or tls://host:4222");
    return -1;
}

/*
 * "nats://me:a,b@host": is it one URL with a comma in its password, or two, the second with a token? Nothing of either is
 * shown, and no host that may be a part of a password is asked for.
 */
static bool is_ambiguous(const char *piece, size_t length, bool is_first)
{
    return !is_first && memchr(piece, '@', length) && !memchr(piece, '/', length);
}

static int refuse_comma(struct arena *arena, const char *from, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "the server URL%s has a ',' in front of its '@'",
                 from ? arena_printf(arena, " (%s)", from) : "");
    diag_hint(diags, diag,
              "in a user name or password, write '%%2C'; where another URL begins, write its nats://");
    return -1;
}

/* Host and port: "host", "host:4222", "[::1]:4222". Returns what is wrong, or NULL. */
static const char *split_host(struct arena *arena, const char *text, struct server_url *url)
{
    bool brackets = text[0] == '[';
    const char *end = brackets ? strchr(text, ']') : text + strcspn(text, ":/");
    uint64_t port = DEFAULT_PORT;
    if (!end)
        return "has an address without its closing bracket";
    url->host = arena_strndup(arena, text + brackets, (size_t)(end - text) - brackets);
    end += brackets;
    if (*end == ':') {
        size_t digits = strcspn(end + 1, "/");
        const char *number = arena_strndup(arena, end + 1, digits);
        if (!number_parse_u64(number, &port) || port == 0 || port > 65535)
            return "has no valid port";
        end += 1 + digits;
    }
    if (!url->host[0])
        return "names no host";
    if (*end && strcmp(end, "/") != 0)
        return "has something after the port";
    url->port = (int)port;
    return NULL;
}

static const char *parse_url(struct arena *arena, const char *text, struct server_url *url)
{
    const char *slashes = strstr(text, "://");
    const char *rest = slashes ? slashes + 3 : text;
    size_t scheme = slashes ? (size_t)(slashes - text) : 0;
    url->tls = scheme == 3 && strncasecmp(text, "tls", 3) == 0;
    if ((scheme == 2 || scheme == 3) && strncasecmp(text, "wss", scheme) == 0)
        return "is a WebSocket URL, which natsform cannot use";
    if (slashes && !url->tls && !(scheme == 4 && strncasecmp(text, "nats", 4) == 0))
        return "has an unknown scheme";
    /* The last one: a password may have '@' in it, as it is or as %40. */
    const char *at = strrchr(rest, '@');
    if (at) {
        split_user_info(arena, rest, (size_t)(at - rest), url);
        rest = at + 1;
    }
    const char *fault = split_host(arena, rest, url);
    if (!fault)
        url->text = arena_printf(arena, strchr(url->host, ':') ? "%s://[%s]:%d" : "%s://%s:%d",
                                 url->tls ? "tls" : "nats", url->host, url->port);
    return fault;
}

int server_urls_parse(struct arena *arena, const char *text, const char *from, struct server_url **ret_urls,
                      size_t *ret_count, struct diags *diags)
{
    struct url_list list = {0};
    const char *cursor = text;
    while (*cursor) {
        size_t length = strcspn(cursor, ",");
        const char *start = cursor + strspn(cursor, " \t\r\n");
        const char *end = cursor + length;
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        cursor += length + (cursor[length] == ',');
        /* Commas too many do no harm. */
        if (end <= start)
            continue;
        if (is_ambiguous(start, (size_t)(end - start), list.urls.count == 0))
            return refuse_comma(arena, from, diags);
        struct server_url url = {0};
        const char *one = arena_strndup(arena, start, (size_t)(end - start));
        const char *fault = parse_url(arena, one, &url);
        if (fault)
            return refuse(arena, one, from, fault, diags);
        url.where =
            from ? arena_printf(arena, "'%s' (%s)", url.text, from) : arena_printf(arena, "'%s'", url.text);
        VEC_PUSH(arena, &list.urls, url);
    }
    if (!list.urls.count)
        return refuse(arena, text, from, "names no server", diags);
    *ret_urls = list.urls.items;
    *ret_count = list.urls.count;
    return 0;
}

/* ---- connection ---- */

/* ---- layers over each other ---- */

/*
 * Settings of a group go together: a user of one layer with the creds of another would be somebody that nobody meant.
 */
static bool has_group(const struct connection_settings *settings, enum setting_group group)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (connection_rows[i].group == group && !connection_rows[i].completes &&
            setting_is_set(settings, &connection_rows[i]))
            return true;
    return false;
}

static bool is_decided(const struct connection_settings *settings, const struct setting *row)
{
    if (row->group == GROUP_NONE || (row->completes && setting_is_set(settings, row)))
        return setting_is_set(settings, row);
    return has_group(settings, row->group);
}

/*
 * A user, or a JWT, came from above, and below stands the password, or the seed, for it: alone, or of the same one. So `--user me`
 * works with NATS_PASSWORD.
 */
static void complete(struct connection_settings *settings, const struct connection_settings *above,
                     const struct connection_settings *below)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i], *whose = &connection_rows[row->completes];
        const char *ours = row->completes ? setting_text(above, whose) : NULL;
        const char *theirs = setting_text(below, whose);
        if (ours && !above->token && !setting_is_set(above, row) && setting_is_set(below, row) &&
            (!theirs || strcmp(ours, theirs) == 0))
            setting_copy(settings, row, below);
    }
}

/* The setting of a layer that says who we are, before the others that say it too; NULL: none does. */
static const struct setting *who_row(const struct connection_settings *layer)
{
    static const enum setting_id order[] = {SETTING_USER, SETTING_CREDS, SETTING_NKEY, SETTING_USER_JWT,
                                            SETTING_TOKEN};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (setting_is_set(layer, &connection_rows[order[i]]))
            return &connection_rows[order[i]];
    return NULL;
}

/* What a layer says to complete somebody of another one: a password without a user, a seed without a JWT; NULL: nothing. */
static const struct setting *lone_row(const struct connection_settings *layer)
{
    for (size_t i = 0; i < SETTINGS && !has_group(layer, GROUP_IDENTITY); i++)
        if (connection_rows[i].completes && setting_is_set(layer, &connection_rows[i]))
            return &connection_rows[i];
    return NULL;
}

void connection_overlay(struct connection_settings *settings, const struct connection_settings *below)
{
    const struct connection_settings above = *settings;
    for (size_t i = 0; i < SETTINGS; i++)
        if (!is_decided(&above, &connection_rows[i]))
            setting_copy(settings, &connection_rows[i], below);
    complete(settings, &above, below);
    if (!above.url)
        settings->url_from = below->url_from;
    if (!has_group(&above, GROUP_IDENTITY)) {
        settings->who_from = below->who_from;
        settings->secret_from = lone_row(&above) ? above.secret_from : below->secret_from;
    }
    if (!above.declared)
        settings->declared = below->declared;
    if (!above.lookup) {
        settings->lookup = below->lookup;
        settings->lookup_context = below->lookup_context;
    }
}

int connection_check_api(const struct connection_settings *layer, setting_name *name, const char *label,
                         struct diags *diags)
{
    if (!layer->domain || !layer->api_prefix)
        return 0;
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "%s: '%s' cannot stand together with '%s'", label,
                 name(&connection_rows[SETTING_DOMAIN]), name(&connection_rows[SETTING_API_PREFIX]));
    diag_hint(diags, diag, "each of them says where JetStream is: give one");
    return -1;
}

static const char *flag_name(const struct setting *row)
{
    return row->flag.name;
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
    settings.who_from = who_row(&settings) ? who_row(&settings)->env : NULL;
    settings.secret_from = lone_row(&settings) ? lone_row(&settings)->env : NULL;
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

static const char of_manifest[] = "the manifest";

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
    settings.who_from = who_row(&settings) ? of_manifest : NULL;
    settings.secret_from = lone_row(&settings) ? of_manifest : NULL;
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
    connection_overlay_context(arena, settings, &context, diags);
    return 0;
}

const struct object *connection_expected(const struct manifest *manifest)
{
    const struct object *connection = object_object(manifest->root, MANIFEST_CONNECTION);
    return connection ? object_object(connection, CONNECTION_EXPECT) : NULL;
}

/* ---- the nats CLI's contexts ---- */

static const char *below_home(struct arena *arena, const char *home)
{
    return home && *home ? arena_printf(arena, "%s/.config/nats", home) : NULL;
}

struct contexts_place contexts_place_of(struct arena *arena, const char *xdg, const char *recorded,
                                        const char *home)
{
    if (xdg && *xdg)
        return (struct contexts_place){.folder = arena_printf(arena, "%s/nats", xdg)};
    struct contexts_place place = {.folder = below_home(arena, recorded), .other = below_home(arena, home)};
    if (!place.folder)
        return (struct contexts_place){.folder = place.other};
    if (place.other && strcmp(place.folder, place.other) == 0)
        place.other = NULL;
    return place;
}

struct contexts_place contexts_find(struct arena *arena, environment_lookup *lookup, void *context)
{
    return contexts_place_of(arena, lookup(context, "XDG_CONFIG_HOME"), folder_home(arena),
                             lookup(context, "HOME"));
}

static const char *name_in(struct arena *arena, const char *folder, const char *name)
{
    struct source file;
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    if (file_read(arena, path, FILE_SMALL_MOST, &file, NULL))
        return NULL;
    const char *text = file.text + strspn(file.text, " \t\r\n");
    size_t length = strcspn(text, " \t\r\n");
    return length ? arena_strndup(arena, text, length) : NULL;
}

const char *contexts_selected(struct arena *arena, const char *folder)
{
    return name_in(arena, folder, "context.txt");
}

const char *contexts_previous(struct arena *arena, const char *folder)
{
    return name_in(arena, folder, "previous-context.txt");
}

static bool is_any_selected(struct arena *arena, const struct connection_settings *settings)
{
    const struct contexts_place place = contexts_find(arena, settings->lookup, settings->lookup_context);
    return (place.folder && contexts_selected(arena, place.folder)) ||
           (place.other && contexts_selected(arena, place.other));
}

/* ---- all together ---- */

static bool names_server(const struct connection_settings *layer)
{
    return layer->url || layer->context;
}

bool connection_is_named(const struct connection_settings *flags, const struct manifest *manifest)
{
    const struct connection_settings said = from_manifest(manifest);
    static const enum setting_id names[] = {SETTING_URL, SETTING_CONTEXT};
    for (size_t i = 0; flags->lookup && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = flags->lookup(flags->lookup_context, connection_rows[names[i]].env);
        bool left_out = names[i] == SETTING_CONTEXT && flags->no_context;
        if (value && value[0] && !left_out)
            return true;
    }
    return names_server(flags) || names_server(&said) || (manifest && manifest->connection);
}

/* Without it, the connection would be another one than the nats CLI makes. */
static int refuse_proxy(environment_lookup *lookup, void *context, struct diags *diags)
{
    static const char name[] = "NATS_SOCKS_PROXY";
    static const char *const none[] = {"", "none", "NONE", "-"}; /* as the nats CLI reads it */
    const char *value = lookup ? lookup(context, name) : NULL;
    for (size_t i = 0; value && i < sizeof(none) / sizeof(none[0]); i++)
        if (strcmp(value, none[i]) == 0)
            value = NULL;
    if (!value)
        return 0;
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "%s goes through a SOCKS proxy, which natsform cannot do", name);
    diag_hint(diags, diag, "unset it, and use a tunnel that listens on a local port");
    return -1;
}

/* The nats CLI would go to NATS_URL, with the context's credentials; here flags come first. So neither is guessed. */
static int refuse_both(const char *context, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "both --%s '%s' and %s say where the server is",
                 connection_rows[SETTING_CONTEXT].flag.name, context, connection_rows[SETTING_URL].env);
    diag_hint(diags, diag, "unset %s, or name the server with --%s", connection_rows[SETTING_URL].env,
              connection_rows[SETTING_URL].flag.name);
    return -1;
}

static DIAG_CODE(
    code_who_beside, .name = "login-beside-context", CODE_NOTE,
    .doc = "The environment says who we are, beside a context that has a login of its own.",
    .why =
        "What the environment says comes before what a context says. The nats CLI takes the two together, and where both "
        "say who one is, it goes by an order of its own: user, creds, nkey, JWT.",
    .example = "NATS_CREDS=ci.creds natsform plan --context prod",
    .remedy = "Unset the variable, if the context's own login is meant.");

/* The context was named in so many words, and is not all of it. */
static void note_beside(const struct connection_settings *flags, const struct connection_settings *settings,
                        const struct connection_settings *context, struct diags *diags)
{
    const struct setting *row = who_row(settings);
    if (flags->context && row && !has_group(flags, GROUP_IDENTITY) && settings->who_from == row->env &&
        has_group(context, GROUP_IDENTITY))
        diag_add(diags, &code_who_beside, (struct srcpos){0}, "%s says who we are, and not %s", row->env,
                 context->url_from);
}

static int refuse_no_context(const char *context, struct diags *diags)
{
    return diag_error(diags, &code_usage, (struct srcpos){0},
                      "'--no-context' cannot stand together with --%s '%s'",
                      connection_rows[SETTING_CONTEXT].flag.name, context);
}

/* What flags and the environment say. */
static int read_said(struct arena *arena, const struct connection_settings *flags,
                     struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = *flags, layer;
    if (settings.url && !settings.url_from)
        settings.url_from = arena_printf(arena, "--%s", connection_rows[SETTING_URL].flag.name);
    if (who_row(flags) && !settings.who_from)
        settings.who_from = arena_printf(arena, "--%s", who_row(flags)->flag.name);
    if (lone_row(flags))
        settings.secret_from = arena_printf(arena, "--%s", lone_row(flags)->flag.name);
    if (flags->context && flags->no_context)
        return refuse_no_context(flags->context, diags);
    if (connection_check_api(flags, flag_name, "flags", diags) ||
        refuse_proxy(flags->lookup, flags->lookup_context, diags) ||
        connection_from_environment(arena, flags->lookup, flags->lookup_context, &layer, diags))
        return -1;
    if (settings.context && !settings.url && layer.url)
        return refuse_both(settings.context, diags);
    if (flags->no_context)
        layer.context = NULL;
    connection_overlay(&settings, &layer);
    *ret_settings = settings;
    return 0;
}

static bool asks_for_tls(const char *urls)
{
    static const char scheme[] = "tls://";
    for (; urls && *urls; urls++)
        if (strncasecmp(urls, scheme, strlen(scheme)) == 0)
            return true;
    return false;
}

/*
 * The context that is named, or else the one that is selected. `lends`: flags or the environment name another server, and the selected one
 * says what they leave open, as it does for the nats CLI.
 */
static int add_context(struct arena *arena, const struct connection_settings *flags, bool lends,
                       struct connection_settings *settings, struct diags *diags)
{
    struct connection_settings context;
    lends = lends && !settings->context;
    if (!settings->context && (settings->no_context || !is_any_selected(arena, settings)))
        return 0;
    if (connection_from_context(arena, settings->context, settings->lookup, settings->lookup_context,
                                &context, diags)) {
        if (lends && diags->list.count)
            diag_note(diags, diags->list.items[diags->list.count - 1], (struct srcpos){0},
                      "that context is selected in the nats CLI; --no-context leaves it out");
        return -1;
    }
    note_beside(flags, settings, &context, diags);
    settings->lender = lends ? context.url_from : NULL;
    const struct connection_settings said = *settings;
    if (settings->url_from == of_manifest)
        connection_overlay_context(arena, settings, &context, diags);
    else
        connection_overlay(settings, &context);
    settings->lends_for_tls = lends && asks_for_tls(context.url) && connection_brings_login(settings, &said);
    return 0;
}

int connection_resolve(struct arena *arena, const struct connection_settings *flags,
                       const struct connection_settings *manifest, const struct connection_settings *booted,
                       struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = *flags, layer;
    if (read_said(arena, flags, &settings, diags))
        return -1;
    bool is_said = settings.url != NULL;
    /* Where a context is named above the manifest, the server is the context's. */
    bool context_decides = settings.context && !is_said;
    if (manifest) {
        layer = *manifest;
        layer.url = context_decides ? NULL : layer.url;
        layer.url_from = !layer.url ? NULL : layer.url_from ? layer.url_from : of_manifest;
        connection_overlay(&settings, &layer);
    }
    /* To a server that only the manifest names, nothing goes of the context that is merely selected. */
    if (booted && !settings.context && !settings.url)
        connection_overlay(&settings, booted);
    else if ((settings.context || !settings.url || is_said) &&
             add_context(arena, flags, is_said, &settings, diags))
        return -1;
    if (manifest && !settings.url && manifest->url) { /* the context names no server */
        settings.url = manifest->url;
        settings.url_from = of_manifest;
    }
    *ret_settings = settings;
    return 0;
}

bool connection_logs_in(const struct connection_settings *settings)
{
    return has_group(settings, GROUP_IDENTITY) || (settings->url && strchr(settings->url, '@'));
}

/* The login of its first URL, if that has one, instead of its own. */
static struct connection_settings with_url_login(struct arena *arena,
                                                 const struct connection_settings *settings)
{
    struct diags unheard __attribute__((cleanup(diags_release))) = {0};
    struct server_url *urls = NULL;
    size_t count = 0;
    if (!settings->url || server_urls_parse(arena, settings->url, NULL, &urls, &count, &unheard) ||
        !urls[0].user)
        return *settings;
    return (struct connection_settings){.user = urls[0].user, .password = urls[0].password};
}

bool connection_same_login(struct arena *arena, const struct connection_settings *one,
                           const struct connection_settings *other)
{
    const struct connection_settings ours = with_url_login(arena, one), theirs = with_url_login(arena, other);
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        const struct setting *whose = &connection_rows[row->completes];
        const char *here = setting_text(&ours, row), *there = setting_text(&theirs, row);
        /* A password that is nobody's is not sent. */
        if (row->completes && !setting_is_set(&ours, whose) && !setting_is_set(&theirs, whose))
            continue;
        if (row->group == GROUP_IDENTITY && (!here != !there || (here && strcmp(here, there) != 0)))
            return false;
    }
    return true;
}

static const char *found_in(struct arena *arena, const struct manifest *manifest)
{
    return manifest && manifest->connection ? arena_printf(arena, "connection '%s'", manifest->connection)
                                            : of_manifest;
}

/* Settings of a named connection come from the manifest only. Of the flags, it gets just the deadline. */
static int find_named(struct arena *arena, const struct connection_settings *flags,
                      const struct manifest *manifest, struct connection_settings *ret_settings,
                      struct diags *diags)
{
    struct connection_settings settings = from_manifest(manifest);
    settings.url_from = found_in(arena, manifest);
    settings.who_from = settings.url_from;
    settings.lookup = flags->lookup;
    settings.lookup_context = flags->lookup_context;
    if (refuse_proxy(flags->lookup, flags->lookup_context, diags) ||
        add_named_context(arena, &settings, diags))
        return -1;
    if (flags->timeout_ms)
        settings.timeout_ms = flags->timeout_ms;
    *ret_settings = settings;
    return 0;
}

int connection_find(struct arena *arena, const struct connection_settings *flags,
                    const struct manifest *manifest, const struct connection_settings *booted,
                    struct connection_settings *ret_settings, struct diags *diags)
{
    if (manifest && manifest->connection)
        return find_named(arena, flags, manifest, ret_settings, diags);
    struct connection_settings said = from_manifest(manifest);
    return connection_resolve(arena, flags, &said, booted, ret_settings, diags);
}

int connection_find_booted(struct arena *arena, const struct manifest *manifest,
                           const struct connection_settings *base, struct connection_settings *ret_settings,
                           struct diags *diags)
{
    struct connection_settings settings = from_manifest(manifest);
    settings.who_from = found_in(arena, manifest);
    settings.lookup = base->lookup;
    settings.lookup_context = base->lookup_context;
    if (add_named_context(arena, &settings, diags))
        return -1;
    if (settings.url)
        settings.url_from = settings.url_from ? settings.url_from : found_in(arena, manifest);
    else
        connection_overlay(&settings, base);
    *ret_settings = settings;
    return 0;
}
