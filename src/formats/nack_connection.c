/*
 * NACK's servers, accounts and credentials; see nack_connection.h. Paths are those in NACK's own pod, and secrets are in
 * Kubernetes. What cannot be read here is reported with the flag that can give it instead; flags win over all of this.
 */
#include "formats/nack_connection.h"

#include <string.h>

#include "base/suggest.h"
#include "formats/foreign.h"
#include "kind/kinds.h"
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
    formats->use = 0;
    if (!use.account && !connection->count)
        return;
    size_t at = 0;
    while (at < formats->uses.count && !same_use(&formats->uses.items[at], &use))
        at++;
    use.name = use.account ? use.account : arena_printf(formats->arena, "servers-%zu", at + 1);
    if (at == formats->uses.count)
        VEC_PUSH(formats->arena, &formats->uses, use);
    formats->use = at + 1;
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

/* Flags are about one connection. Where there are several, a manifest has to say it of each. */
static void tell_of_secrets(struct formats *formats, const char *name, const struct node *spec)
{
    bool several = formats->uses.count > 1;
    for (size_t i = 0; i < SECRETS; i++) {
        const struct node *value = node_get(spec, secrets[i].key);
        const struct node *secret = node_get(node_get(value, "secret"), "name");
        if (!value || node_is_null(value))
            continue;
        struct diag *diag =
            diag_add(formats->diags, &code_not_here, secret ? secret->pos : value->pos,
                     "'%s' of account '%s' is in a Kubernetes secret, which cannot be read here",
                     secrets[i].key, name);
        if (several)
            diag_hint(formats->diags, diag, "give it in a manifest beside: '%s: {%s: {%s: …}}'",
                      table_field_by_id(&manifest_table, MANIFEST_CONNECTIONS)->name, name, secrets[i].key);
        else
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

struct account {
    const struct node *spec;
};

void nack_take_account(struct formats *formats, const char *name, const struct node *spec)
{
    struct account *account = ARENA_NEW(formats->arena, struct account);
    check_account_keys(formats, spec);
    account->spec = spec;
    map_put(&formats->accounts, name, account);
}

static struct node *account_connection(struct formats *formats, const struct account *account)
{
    struct node *connection = node_map(formats->arena);
    connection->pos = account->spec->pos;
    take_setting(formats, connection, &connection_rows[SETTING_URL], account->spec);
    take_setting(formats, connection, &connection_rows[SETTING_TLS_FIRST], account->spec);
    return connection;
}

/* ---- the connection of all ---- */

static struct node *resolve(struct formats *formats, const struct connection_use *use)
{
    if (!use->account)
        return use->connection;
    const struct account *account = map_get(&formats->accounts, use->account);
    if (account)
        return account_connection(formats, account);
    struct diag *diag =
        diag_add(formats->diags, &code_not_here, use->pos, "account '%s' is not in the files", use->account);
    if (formats->uses.count > 1)
        diag_hint(formats->diags, diag, "add its resource with -f, or a manifest with '%s: {%s: {%s: …}}'",
                  table_field_by_id(&manifest_table, MANIFEST_CONNECTIONS)->name, use->name,
                  connection_rows[SETTING_URL].context);
    else
        diag_hint(formats->diags, diag,
                  "add its resource with -f, or say where the server is with --server or --context");
    return NULL;
}

static void connect_all(struct formats *formats, struct node *root)
{
    const char *key = table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->name;
    struct node *connection = NULL;
    if (node_get(root, key))
        return; /* the manifest has its own */
    if (formats->uses.count)
        connection = resolve(formats, &formats->uses.items[0]);
    else if (formats->accounts.count == 1)
        connection = account_connection(formats, formats->accounts.entries[0].value);
    if (connection && connection->count)
        node_add(formats->arena, root, (struct member){key, connection->pos, connection});
}

/* ---- several connections ---- */

/* Those that a manifest has already count, key by key: it may say what is in secrets. */
static void add_connections(struct formats *formats, struct node *root)
{
    struct arena *arena = formats->arena;
    const char *key = table_field_by_id(&manifest_table, MANIFEST_CONNECTIONS)->name;
    struct node *said = node_get(root, key);
    struct node *all = said && said->type == NODE_MAP ? node_copy(arena, said) : node_map(arena);
    all->pos = said ? said->pos : formats->uses.items[0].pos;
    for (size_t i = 0; i < formats->uses.count; i++) {
        const struct connection_use *use = &formats->uses.items[i];
        const struct node *ours = resolve(formats, use);
        const struct node *theirs = node_get(all, use->name);
        struct node *connection =
            theirs && theirs->type == NODE_MAP ? node_copy(arena, theirs) : node_map(arena);
        connection->pos = theirs ? theirs->pos : use->pos;
        for (size_t j = 0; ours && j < ours->count; j++)
            if (!node_get(connection, ours->members[j].key))
                node_add(arena, connection, ours->members[j]);
        if (theirs)
            node_put(arena, all, use->name, connection);
        else
            node_add(arena, all, (struct member){use->name, use->pos, connection});
    }
    node_put(arena, root, key, all);
}

/* An object goes where its document says, unless a manifest says otherwise. */
static void connect_object(struct formats *formats, struct node *root, const struct placed *placed)
{
    const char *row = table_field_by_id(&stream_table, STREAM_CONNECTION)->name; /* of buckets, too */
    const struct connection_use *use = &formats->uses.items[placed->use - 1];
    struct node *section = node_get(root, formats_section_key(placed->section));
    struct node *object = section ? node_get(section, placed->name) : NULL;
    if (!object || object->type != NODE_MAP || node_get(object, row))
        return;
    object = node_copy(formats->arena, object); /* an alias may share it */
    struct node *name = node_scalar(formats->arena, use->name, true);
    name->pos = use->pos;
    node_put(formats->arena, object, row, name);
    node_put(formats->arena, section, placed->name, object);
}

void nack_connect(struct formats *formats, struct node *root)
{
    for (size_t i = 0; i < formats->accounts.count; i++) {
        const struct account *account = formats->accounts.entries[i].value;
        tell_of_secrets(formats, formats->accounts.entries[i].key, account->spec);
    }
    if (formats->uses.count <= 1) {
        connect_all(formats, root);
        return;
    }
    add_connections(formats, root);
    for (size_t i = 0; i < formats->placed.count; i++) {
        const struct placed *placed = formats->placed.entries[i].value;
        if (placed->use)
            connect_object(formats, root, placed);
    }
}
