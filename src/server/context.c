/*
 * The nats CLI's contexts as a layer of connection settings; see connection.h. Which key means what is in
 * kind/manifest_rows.c.
 */
#include "server/connection.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/folder.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/vec.h"
#include "base/write.h"
#include "kind/kinds.h"
#include "syntax/json.h"

DIAG_CODE(code_context, .name = "context", CODE_ERROR(EXIT_USAGE),
          .doc = "A nats CLI context is missing or unreadable.",
          .why = "Without it there is nobody to talk to, or the wrong one.",
          .example = "natsform plan --context prod",
          .remedy = "Write the context with the nats CLI, or give -s.");

static DIAG_CODE(
    code_context_home, .name = "context-home", CODE_NOTE,
    .doc = "HOME is not the home where the nats CLI keeps its contexts.",
    .why = "The nats CLI asks the password database for the home, and so does natsform; a context that was "
           "written where HOME leads is seen by neither.",
    .example = "sudo --preserve-env=HOME natsform plan --context prod",
    .remedy = "Set XDG_CONFIG_HOME, which both look at first, or leave HOME as it is.");

void contexts_note(const struct contexts_place *place, struct diags *diags)
{
    if (!place->other || diags_have(diags, &code_context_home))
        return;
    struct diag *diag =
        diag_add(diags, &code_context_home, (struct srcpos){0},
                 "contexts are in '%s', as the password database says, and not in '%s', where HOME leads",
                 place->folder, place->other);
    diag_hint(diags, diag, "the nats CLI looks there, too; XDG_CONFIG_HOME tells both another place");
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

/* In alphabetical order, so that the message is the same on every file system. */
static void insert_sorted(struct arena *arena, struct context_names *names, const char *name)
{
    VEC_PUSH(arena, &names->list, name);
    size_t at = names->list.count - 1;
    for (; at > 0 && strcmp(names->list.items[at - 1], name) > 0; at--)
        names->list.items[at] = names->list.items[at - 1];
    names->list.items[at] = name;
}

struct context_names contexts_names(struct arena *arena, const char *folder)
{
    struct context_names names = {0};
    DIR *files SCOPED(close_directory) = opendir(arena_printf(arena, "%s/context", folder));
    for (const char *name; (name = folder_next(files));)
        if (ends_with(name, ".json") && name[0] != '.')
            insert_sorted(arena, &names, arena_strndup(arena, name, strlen(name) - strlen(".json")));
    return names;
}

static int refuse_missing(struct arena *arena, const char *name, const char *directory, struct diags *diags)
{
    struct context_names known = contexts_names(arena, directory);
    struct suggestion near = {.wanted = name};
    struct strbuf names __attribute__((cleanup(strbuf_release))) = {0};
    for (size_t i = 0; i < known.list.count; i++) {
        suggestion_consider(&near, known.list.items[i]);
        strbuf_addf(&names, "%s'%s'", i ? ", " : "", known.list.items[i]);
    }
    /* A URL without its scheme may have a login in it. */
    const char *colon = strchr(name, ':');
    const char *shown = colon && strchr(colon, '@') ? "(secret)" : name;
    struct diag *diag = diag_add(diags, &code_context, (struct srcpos){0},
                                 "there is no nats context '%s' in %s", shown, directory);
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'? there are %s", near.best, strbuf_text(&names));
    else if (known.list.count)
        diag_hint(diags, diag, "there are %s", strbuf_text(&names));
    else
        diag_hint(diags, diag, "'nats context add %s' makes one; --server works without", shown);
    return -1;
}

/* The string of a key; "" and null are as good as absent. Returns -1 when it is something else. */
static int take_string(const struct node *file, const char *key, const char *label, const char **ret_text,
                       struct diags *diags)
{
    const struct node *value = node_get(file, key);
    *ret_text = NULL;
    if (!value || node_is_null(value))
        return 0;
    if (value->type != NODE_SCALAR || !value->quoted)
        return diag_error(diags, &code_context, (struct srcpos){0}, "'%s' of %s must be a string, not %s",
                          key, label, node_describe(value));
    *ret_text = value->text[0] ? value->text : NULL;
    return 0;
}

/* Without these the connection would be another one than the nats CLI makes. */
static int refuse_unsupported(const struct node *file, const char *label, struct diags *diags)
{
    static const struct {
        const char *key, *what, *hint;
    } rows[] = {
        {"nsc", "looks credentials up with nsc", "give the context 'creds', or use --creds"},
        {"socks_proxy", "goes through a SOCKS proxy", "use a tunnel that listens on a local port"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *value = NULL;
        if (take_string(file, rows[i].key, label, &value, diags))
            return -1;
        if (!value)
            continue;
        struct diag *diag = diag_add(diags, &code_context, (struct srcpos){0},
                                     "%s %s, which natsform cannot do", label, rows[i].what);
        diag_hint(diags, diag, "%s", rows[i].hint);
        return -1;
    }
    return 0;
}

static int read_flag(const struct node *file, const struct setting *row, const char *label,
                     struct connection_settings *settings, struct diags *diags)
{
    const struct node *value = node_get(file, row->context);
    bool on = false;
    if (value && !node_is_bool(value, &on))
        return diag_error(diags, &code_context, (struct srcpos){0},
                          "'%s' of %s must be true or false, not %s", row->context, label,
                          node_describe(value));
    setting_set(settings, row, &on);
    return 0;
}

static const char *context_key(const struct setting *row)
{
    return row->context;
}

int connection_read_context(const struct node *file, const char *label,
                            struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = {0};
    const char *text = NULL;
    if (refuse_unsupported(file, label, diags))
        return -1;
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (!row->context)
            continue;
        if (row->type == SETTING_FLAG ? read_flag(file, row, label, &settings, diags)
                                      : take_string(file, row->context, label, &text, diags))
            return -1;
        if (row->type != SETTING_FLAG)
            setting_set(&settings, row, &text);
    }
    settings.url_from = label;
    settings.who_from = label;
    *ret_settings = settings;
    return connection_check_api(&settings, context_key, label, diags);
}

/* The nats CLI takes a text in the place of a path only so. */
static const char *as_reference(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    unsigned char *base64 = arena_alloc(arena, (length + 2) / 3 * 4 + 1);
    EVP_EncodeBlock(base64, (const unsigned char *)text, (int)length);
    return arena_printf(arena, "data:;base64,%s", (const char *)base64);
}

struct node *connection_context(struct arena *arena, const struct connection_settings *settings)
{
    struct node *map = node_map(arena);
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        const char *value = setting_text(settings, row);
        if (value && row->type == SETTING_PATH && conceal_is_content(value))
            value = as_reference(arena, value);
        if (row->context && setting_is_set(settings, row))
            node_put(arena, map, row->context, node_scalar(arena, value ? value : "true", value != NULL));
    }
    return map;
}

static int parse(struct arena *arena, const struct source *text, const char *label,
                 struct connection_settings *settings, struct diags *diags)
{
    struct diags faults __attribute__((cleanup(diags_release))) = {0};
    struct node *file = json_read(arena, text->text, text->length, NULL, &faults);
    if (!file)
        return diag_error(diags, &code_context, (struct srcpos){0}, "%s: %s", label,
                          faults.list.items[0]->message);
    if (file->type != NODE_MAP)
        return diag_error(diags, &code_context, (struct srcpos){0}, "%s must be a JSON object, not %s", label,
                          node_describe(file));
    return connection_read_context(file, label, settings, diags);
}

int connection_from_context(struct arena *arena, const char *name, environment_lookup *lookup, void *context,
                            struct connection_settings *ret_settings, struct diags *diags)
{
    struct connection_settings settings = {.lookup = lookup, .lookup_context = context};
    const struct contexts_place place = contexts_find(arena, lookup, context);
    const char *directory = place.folder;
    struct source text;
    if (!name)
        name = directory ? contexts_selected(arena, directory) : NULL;
    if (!name) {
        if (place.other && contexts_selected(arena, place.other))
            contexts_note(&place, diags);
        *ret_settings = settings;
        return 0;
    }
    bool is_path = strchr(name, '/') || ends_with(name, ".json");
    /* Whoever has none there does not miss them. */
    if (!is_path && place.other && file_exists(place.other))
        contexts_note(&place, diags);
    if (!is_path && !directory)
        return diag_error(diags, &code_context, (struct srcpos){0},
                          "there is no nats context '%s': neither XDG_CONFIG_HOME nor HOME is set", name);
    const char *path = is_path ? name : arena_printf(arena, "%s/context/%s.json", directory, name);
    const char *label = arena_printf(arena, is_path ? "context file '%s'" : "nats context '%s'", name);
    int error = file_read(arena, path, FILE_SMALL_MOST, &text, NULL);
    if (error == ENOENT && !is_path) {
        contexts_note(&place, diags);
        return refuse_missing(arena, name, directory, diags);
    }
    if (error)
        return diag_error(diags, &code_context, (struct srcpos){0}, "cannot read %s: %s", label,
                          strerror(error));
    if (parse(arena, &text, label, &settings, diags))
        return -1;
    settings.lookup = lookup;
    settings.lookup_context = context;
    *ret_settings = settings;
    return 0;
}

/* ---- as a layer ---- */

bool connection_brings_login(const struct connection_settings *settings,
                             const struct connection_settings *said)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (row->group == GROUP_IDENTITY && setting_is_set(settings, row) && !setting_is_set(said, row))
            return true;
    }
    return false;
}

static DIAG_CODE(
    code_login_elsewhere, .name = "login-elsewhere", CODE_WARNING,
    .doc = "A manifest names a context and another server, so the login of the context goes to that server.",
    .why = "A login is for the server that it was made for; another one reads it when it is sent there.",
    .example = "connection: {context: prod, url: nats://elsewhere:4222}",
    .remedy =
        "Take 'context' or 'url' out, or say beside 'url' who you are there. Nothing, if the URL leads to the "
        "context's server by another way.");

static bool has_host(const struct server_url *urls, size_t count, const char *host)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(urls[i].host, host) == 0)
            return true;
    return false;
}

void connection_overlay_context(struct arena *arena, struct connection_settings *settings,
                                const struct connection_settings *context, struct diags *diags)
{
    struct diags unheard SCOPED(diags_release) = {0};
    const struct connection_settings said = *settings;
    const struct object *declared = settings->declared;
    struct server_url *ours = NULL, *theirs = NULL;
    size_t count = 0, their_count = 0;
    connection_overlay(settings, context);
    if (!declared || !said.url || !context->url || !connection_brings_login(settings, &said) ||
        server_urls_parse(arena, settings->url, NULL, &ours, &count, &unheard) ||
        server_urls_parse(arena, context->url, NULL, &theirs, &their_count, &unheard))
        return;
    for (size_t i = 0; i < count; i++) {
        if (ours[i].user || has_host(theirs, their_count, ours[i].host))
            continue;
        struct diag *diag = diag_add(diags, &code_login_elsewhere, object_pos(declared, CONNECTION_URL),
                                     "the login of %s goes to '%s', which is not its server",
                                     context->url_from, ours[i].text);
        diag_hint(diags, diag, "take one of the two out, or say beside '%s' who you are there",
                  table_field_by_id(declared->table, CONNECTION_URL)->name);
        return;
    }
}
