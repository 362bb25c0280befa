/*
 * NACK's servers, accounts and credentials; see nack_connection.h. Paths are those in NACK's own pod, and secrets are in
 * Kubernetes. What cannot be read here is reported with the flag that can give it instead; flags win over all of this.
 */
#include "formats/nack_connection.h"

#include <string.h>

#include "base/suggest.h"
#include "formats/foreign.h"
#include "kind/manifest_rows.h"

DIAG_CODE(code_not_here, .name = "not-here", CODE_WARNING,
          .doc = "A resource refers to a Kubernetes secret or an Account that is not in the files.",
          .why = "natsform reads files, not a Kubernetes cluster.", .example = "spec: {account: a}",
          .remedy = "Give the Account's file too, or say with options how to connect.");

static const char account_key[] = "account";
static const char tls_key[] = "tls";

/* What an Account keeps in secrets, and the settings that are to be given here instead. */
static const struct {
    const char *key;
    enum setting_id settings[3];
    size_t count;
} secrets[] = {
    {"creds", {SETTING_CREDS}, 1},
    {"nkey", {SETTING_NKEY}, 1},
    {"token", {SETTING_TOKEN}, 1},
    {"user", {SETTING_USER, SETTING_PASSWORD}, 2},
    {"tls", {SETTING_CA, SETTING_CERT, SETTING_KEY}, 3},
};
enum { SECRETS = sizeof(secrets) / sizeof(secrets[0]) };

/* Paths stand in the spec's `tls`, everything else in the spec itself: tlsFirst too. */
static bool is_in_tls(const struct setting *row)
{
    return row->nack && row->tls && row->type == SETTING_PATH;
}

static bool is_in_spec(const struct setting *row)
{
    return row->nack && !is_in_tls(row);
}

bool nack_is_connection_key(const char *key)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (is_in_spec(&connection_rows[i]) && strcmp(connection_rows[i].nack, key) == 0)
            return true;
    return strcmp(account_key, key) == 0 || strcmp(tls_key, key) == 0;
}

/* ---- building a connection ---- */

static struct node *tls_of(struct formats *formats, struct node *connection, const char *key,
                           const struct node *at)
{
    struct node *tls = node_get(connection, key);
    if (tls)
        return tls;
    tls = node_map(formats->arena);
    tls->pos = at->pos;
    node_put(formats->arena, connection, key, tls);
    return tls;
}

/* As a manifest has it. */
static void put(struct formats *formats, struct node *connection, const struct setting *row,
                struct node *value, const struct node *at)
{
    const struct table *table = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->object;
    const struct field *tls = table_field_by_id(table, CONNECTION_TLS);
    if (row->tls)
        node_put(formats->arena, tls_of(formats, connection, tls->name, at),
                 table_field_by_id(tls->object, row->tls)->name, value);
    else
        node_put(formats->arena, connection, table_field_by_id(table, row->field)->name, value);
}

static void put_text(struct formats *formats, struct node *connection, const struct setting *row,
                     const char *text, const struct node *at)
{
    put(formats, connection, row, foreign_scalar(formats->arena, text, true, at), at);
}

static void wrong_type(struct formats *formats, const char *key, const char *wanted, const struct node *node)
{
    diag_error(formats->diags, &code_wrong_type, node->pos, "'%s' must be %s, not %s", key, wanted,
               node_describe(node));
}

/* NACK lists servers; a manifest's 'url' has them with commas between, as the nats CLI does. */
static void take_servers(struct formats *formats, struct node *connection, const struct setting *row,
                         const struct node *servers)
{
    const char *all = "";
    if (servers->type != NODE_LIST) {
        wrong_type(formats, row->nack, "a list of URLs", servers);
        return;
    }
    for (size_t i = 0; i < servers->count; i++) {
        const struct node *server = servers->items[i];
        if (server->type != NODE_SCALAR || node_is_null(server))
            wrong_type(formats, "an item of 'servers'", "a URL", server);
        else
            all = arena_printf(formats->arena, "%s%s%s", all, *all ? "," : "", server->text);
    }
    if (*all)
        put_text(formats, connection, row, all, servers->items[0]);
}

static void take_flag(struct formats *formats, struct node *connection, const struct setting *row,
                      struct node *value)
{
    bool on;
    if (!node_is_bool(value, &on))
        wrong_type(formats, row->nack, "true or false", value);
    else if (on)
        put(formats, connection, row, value, value);
}

static void take_text(struct formats *formats, struct node *connection, const struct setting *row,
                      const struct node *value)
{
    if (value->type != NODE_SCALAR) {
        wrong_type(formats, row->nack, "a string", value);
    } else if (*value->text) {
        put_text(formats, connection, row, value->text, value);
    }
}

/* A setting whose key is in the spec itself; nothing when it is not there. */
static void take_setting(struct formats *formats, struct node *connection, const struct setting *row,
                         const struct node *spec)
{
    struct node *value = node_get(spec, row->nack);
    if (!value || node_is_null(value))
        return;
    if (row == &connection_rows[SETTING_URL])
        take_servers(formats, connection, row, value);
    else if (row->type == SETTING_FLAG)
        take_flag(formats, connection, row, value);
    else
        take_text(formats, connection, row, value);
}

/* A path, or a list of one. */
static void take_tls_path(struct formats *formats, struct node *connection, const struct setting *row,
                          const struct node *value)
{
    const struct node *path = value->type == NODE_LIST && value->count == 1 ? value->items[0] : value;
    if (value->type == NODE_LIST && value->count > 1) {
        struct diag *diag = diag_add(formats->diags, &code_format, value->items[1]->pos,
                                     "'%s' lists more than one file", row->nack);
        diag_hint(formats->diags, diag, "put the certificates one after the other into one file");
    } else if (path->type != NODE_SCALAR) {
        wrong_type(formats, row->nack, "a path", path);
    } else if (!node_is_null(path) && *path->text) {
        put(formats, connection, row, foreign_scalar(formats->arena, path->text, true, path), value);
    }
}

static void unknown_key(struct formats *formats, const struct member *member, const char *where,
                        const struct suggestion *near)
{
    struct diag *diag = diag_add(formats->diags, &code_unknown_key, member->key_pos,
                                 "unknown key '%.80s' in %s", member->key, where);
    if (near->best)
        diag_hint(formats->diags, diag, "did you mean '%s'?", near->best);
}

static void take_tls(struct formats *formats, struct node *connection, const struct node *tls)
{
    if (!tls || node_is_null(tls))
        return;
    if (tls->type != NODE_MAP) {
        wrong_type(formats, tls_key, "a map", tls);
        return;
    }
    for (size_t i = 0; i < tls->count; i++) {
        struct suggestion near = {.wanted = tls->members[i].key};
        bool known = false;
        for (size_t j = 0; j < SETTINGS && !known; j++) {
            const struct setting *row = &connection_rows[j];
            if (!is_in_tls(row))
                continue;
            suggestion_consider(&near, row->nack);
            known = strcmp(row->nack, tls->members[i].key) == 0;
            if (known)
                take_tls_path(formats, connection, row, tls->members[i].value);
        }
        if (!known)
            unknown_key(formats, &tls->members[i], tls_key, &near);
    }
}

static struct node *connection_of(struct formats *formats, const struct node *spec)
{
    struct node *connection = node_map(formats->arena);
    connection->pos = spec->pos;
    for (size_t i = 0; i < SETTINGS; i++)
        if (is_in_spec(&connection_rows[i]) && i != SETTING_TLS_FIRST)
            take_setting(formats, connection, &connection_rows[i], spec);
    take_tls(formats, connection, node_get(spec, tls_key));
    /* After `tls`, whose map it goes into. */
    take_setting(formats, connection, &connection_rows[SETTING_TLS_FIRST], spec);
    return connection;
}

/* ---- noting ---- */

/* Keys may stand in any order. */
static bool same_connection(const struct node *a, const struct node *b)
{
    if (a->type != b->type || a->count != b->count)
        return false;
    if (a->type == NODE_SCALAR)
        return strcmp(a->text, b->text) == 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct node *other = node_get(b, a->members[i].key);
        if (!other || !same_connection(a->members[i].value, other))
            return false;
    }
    return true;
}

static bool same_use(const struct connection_use *a, const struct connection_use *b)
{
    if (a->account || b->account)
        return a->account && b->account && strcmp(a->account, b->account) == 0;
    return same_connection(a->connection, b->connection);
}

void nack_take_connection(struct formats *formats, const struct node *spec)
{
    const struct node *account = node_get(spec, account_key);
    struct node *connection = connection_of(formats, spec);
    struct connection_use use = {.account = foreign_text(spec, account_key),
                                 .connection = connection,
                                 .pos = connection->count ? connection->members[0].value->pos : spec->pos};
    if (use.account)
        use.pos = account->pos;
    if (!use.account && !connection->count)
        return;
    for (size_t i = 0; i < formats->uses.count; i++)
        if (same_use(&formats->uses.items[i], &use))
            return;
    VEC_PUSH(formats->arena, &formats->uses, use);
}

/* ---- accounts ---- */

/* "--user NAME and NATS_PASSWORD or --password": how a secret's settings are given here. */
static const char *how_given(struct arena *arena, size_t secret)
{
    const char *all = "";
    for (size_t i = 0; i < secrets[secret].count; i++) {
        const struct setting *row = &connection_rows[secrets[secret].settings[i]];
        const char *between = i == 0 ? "" : i + 1 < secrets[secret].count ? ", " : " and ";
        all = row->type == SETTING_SECRET
                  ? arena_printf(arena, "%s%s%s or --%s", all, between, row->env, row->flag.name)
                  : arena_printf(arena, "%s%s--%s %s", all, between, row->flag.name, row->flag.argument);
    }
    return all;
}

static void tell_of_secrets(struct formats *formats, const char *name, const struct node *spec)
{
    for (size_t i = 0; i < SECRETS; i++) {
        const struct node *value = node_get(spec, secrets[i].key);
        const struct node *secret = node_get(node_get(value, "secret"), "name");
        if (!value || node_is_null(value))
            continue;
        struct diag *diag =
            diag_add(formats->diags, &code_not_here, secret ? secret->pos : value->pos,
                     "'%s' of account '%s' is in a Kubernetes secret, which cannot be read here",
                     secrets[i].key, name);
        diag_hint(formats->diags, diag, "give it with %s", how_given(formats->arena, i));
    }
}

static void check_account_keys(struct formats *formats, const struct node *spec)
{
    const char *keys[] = {"name", connection_rows[SETTING_URL].nack, connection_rows[SETTING_TLS_FIRST].nack};
    enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
    for (size_t i = 0; i < spec->count; i++) {
        struct suggestion near = {.wanted = spec->members[i].key};
        bool known = false;
        for (size_t j = 0; j < KEYS + SECRETS; j++) {
            const char *key = j < KEYS ? keys[j] : secrets[j - KEYS].key;
            known |= strcmp(key, spec->members[i].key) == 0;
            suggestion_consider(&near, key);
        }
        if (!known)
            unknown_key(formats, &spec->members[i], "account", &near);
    }
}

void nack_take_account(struct formats *formats, const char *name, const struct node *spec)
{
    struct node *connection = node_map(formats->arena);
    connection->pos = spec->pos;
    check_account_keys(formats, spec);
    take_setting(formats, connection, &connection_rows[SETTING_URL], spec);
    take_setting(formats, connection, &connection_rows[SETTING_TLS_FIRST], spec);
    tell_of_secrets(formats, name, spec);
    map_put(&formats->accounts, name, connection);
}

/* ---- the connection of all ---- */

static struct node *resolve(struct formats *formats, const struct connection_use *use)
{
    if (!use->account)
        return use->connection;
    struct node *connection = map_get(&formats->accounts, use->account);
    if (connection)
        return connection;
    struct diag *diag =
        diag_add(formats->diags, &code_not_here, use->pos, "account '%s' is not in the files", use->account);
    diag_hint(formats->diags, diag,
              "add its resource with -f, or say where the server is with --server or --context");
    return NULL;
}

static struct node *only_connection(struct formats *formats)
{
    if (!formats->uses.count)
        return formats->accounts.count == 1 ? formats->accounts.entries[0].value : NULL;
    /* A plan is about one account, so resources of two of them cannot be in one run. */
    for (size_t i = 1; i < formats->uses.count; i++) {
        struct diag *diag = diag_add(formats->diags, &code_format, formats->uses.items[i].pos,
                                     "this is another server or account than that of other resources");
        diag_note(formats->diags, diag, formats->uses.items[0].pos, "the other one is here");
        diag_hint(formats->diags, diag, "run natsform once for each, with its own files");
    }
    return resolve(formats, &formats->uses.items[0]);
}

void nack_connect(struct formats *formats, struct node *root)
{
    const char *key = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->name;
    if (node_get(root, key))
        return; /* the manifest has its own */
    struct node *connection = only_connection(formats);
    if (connection && connection->count)
        node_add(formats->arena, root, (struct member){key, connection->pos, connection});
}
