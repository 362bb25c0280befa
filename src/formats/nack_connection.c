/*
 * NACK's servers, accounts and credentials; see nack_connection.h. Paths are those of NACK's own pod, and secrets are in
 * Kubernetes: what cannot be read here is said, and the flags of the connection win over all of it.
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

enum connection_key {
    KEY_ACCOUNT,
    KEY_CREDS,
    KEY_NKEY,
    KEY_SERVERS,
    KEY_TLS,
    KEY_TLS_FIRST,
    KEY_DOMAIN,
    CONNECTION_KEYS
};

static const char *const connection_keys[CONNECTION_KEYS] = {
    [KEY_ACCOUNT] = "account", [KEY_CREDS] = "creds", [KEY_NKEY] = "nkey",
    [KEY_SERVERS] = "servers", [KEY_TLS] = "tls",     [KEY_TLS_FIRST] = "tlsFirst",
    [KEY_DOMAIN] = "jsDomain",
};

/* In the `tls` of a resource: a path each, and a list of one. */
static const struct {
    const char *key;
    unsigned row;
} tls_keys[] = {
    {"clientCert", TLS_CERT},
    {"clientKey", TLS_KEY},
    {"rootCas", TLS_CA},
};

/* What an Account keeps in secrets, and the flag that gives it here. */
static const struct {
    const char *key;
    const char *flags;
} secret_keys[] = {
    {"creds", "--creds FILE"},
    {"nkey", "--nkey FILE"},
    {"token", "NATS_TOKEN or --token"},
    {"user", "--user NAME and NATS_PASSWORD or --password"},
    {"tls", "--tlsca FILE, --tlscert FILE and --tlskey FILE"},
};

bool nack_is_connection_key(const char *key)
{
    for (size_t i = 0; i < CONNECTION_KEYS; i++)
        if (strcmp(connection_keys[i], key) == 0)
            return true;
    return false;
}

static const struct table *connection_table_of(void)
{
    return table_field_by_id(&manifest_table, MANIFEST_CONNECTION)->object;
}

/* ---- building a connection ---- */

static void set(struct formats *formats, struct node *map, const struct table *table, unsigned row,
                const char *text, const struct node *at)
{
    node_put(formats->arena, map, table_field_by_id(table, row)->name,
             foreign_scalar(formats->arena, text, true, at));
}

static struct node *tls_of(struct formats *formats, struct node *connection, const struct node *at)
{
    const char *key = table_field_by_id(connection_table_of(), CONNECTION_TLS)->name;
    struct node *tls = node_get(connection, key);
    if (tls)
        return tls;
    tls = node_map(formats->arena);
    tls->pos = at->pos;
    node_put(formats->arena, connection, key, tls);
    return tls;
}

static void wrong_type(struct formats *formats, const char *key, const char *wanted, const struct node *node)
{
    diag_error(formats->diags, &code_wrong_type, node->pos, "'%s' must be %s, not %s", key, wanted,
               node_describe(node));
}

static void take_servers(struct formats *formats, struct node *connection, const struct node *servers)
{
    const char *all = "";
    if (!servers || node_is_null(servers))
        return;
    if (servers->type != NODE_LIST) {
        wrong_type(formats, connection_keys[KEY_SERVERS], "a list of URLs", servers);
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
        set(formats, connection, connection_table_of(), CONNECTION_URL, all, servers->items[0]);
}

static void take_tls_key(struct formats *formats, struct node *connection, size_t which,
                         const struct node *value)
{
    const struct table *table = table_field_by_id(connection_table_of(), CONNECTION_TLS)->object;
    const struct node *path = value;
    if (value->type == NODE_LIST && value->count > 1) {
        struct diag *diag = diag_add(formats->diags, &code_format, value->items[1]->pos,
                                     "'%s' lists more than one file", tls_keys[which].key);
        diag_hint(formats->diags, diag, "put the certificates one after the other into one file");
        return;
    }
    if (value->type == NODE_LIST && value->count == 1)
        path = value->items[0];
    if (path->type != NODE_SCALAR)
        wrong_type(formats, tls_keys[which].key, "a path", path);
    else if (!node_is_null(path) && *path->text)
        set(formats, tls_of(formats, connection, value), table, tls_keys[which].row, path->text, path);
}

static void take_tls(struct formats *formats, struct node *connection, const struct node *tls)
{
    if (!tls || node_is_null(tls))
        return;
    if (tls->type != NODE_MAP) {
        wrong_type(formats, connection_keys[KEY_TLS], "a map", tls);
        return;
    }
    for (size_t i = 0; i < tls->count; i++) {
        struct suggestion near = {.wanted = tls->members[i].key};
        size_t which = 0;
        size_t count = sizeof(tls_keys) / sizeof(tls_keys[0]);
        while (which < count && strcmp(tls_keys[which].key, tls->members[i].key) != 0)
            suggestion_consider(&near, tls_keys[which++].key);
        if (which < count) {
            take_tls_key(formats, connection, which, tls->members[i].value);
            continue;
        }
        struct diag *diag = diag_add(formats->diags, &code_unknown_key, tls->members[i].key_pos,
                                     "unknown key '%.80s' in tls", tls->members[i].key);
        if (near.best)
            diag_hint(formats->diags, diag, "did you mean '%s'?", near.best);
    }
}

static void take_tls_first(struct formats *formats, struct node *connection, const struct node *spec)
{
    const struct table *table = table_field_by_id(connection_table_of(), CONNECTION_TLS)->object;
    struct node *first = node_get(spec, connection_keys[KEY_TLS_FIRST]);
    bool on;
    if (!first || node_is_null(first))
        return;
    if (!node_is_bool(first, &on))
        wrong_type(formats, connection_keys[KEY_TLS_FIRST], "true or false", first);
    else if (on)
        node_put(formats->arena, tls_of(formats, connection, first),
                 table_field_by_id(table, TLS_FIRST)->name, first);
}

static void take_text(struct formats *formats, struct node *connection, const struct node *spec,
                      enum connection_key key, unsigned row)
{
    const struct node *node = node_get(spec, connection_keys[key]);
    if (node && node->type != NODE_SCALAR)
        wrong_type(formats, connection_keys[key], "a string", node);
    else if (node && foreign_text(spec, connection_keys[key]))
        set(formats, connection, connection_table_of(), row, node->text, node);
}

/* NACK takes a seed in the place of a file's path; here it has to be in a file, and never in a message. */
static bool is_seed(const char *text)
{
    enum { SEED_LENGTH = 58 };
    return text && strncmp(text, "SU", 2) == 0 && strlen(text) == SEED_LENGTH && !strchr(text, '/');
}

static struct node *connection_of(struct formats *formats, const struct node *spec)
{
    struct node *connection = node_map(formats->arena);
    const struct node *nkey = node_get(spec, connection_keys[KEY_NKEY]);
    connection->pos = spec->pos;
    take_servers(formats, connection, node_get(spec, connection_keys[KEY_SERVERS]));
    take_text(formats, connection, spec, KEY_CREDS, CONNECTION_CREDS);
    if (is_seed(foreign_text(spec, connection_keys[KEY_NKEY]))) {
        struct diag *diag = diag_add(formats->diags, &code_format, nkey->pos,
                                     "'%s' is a seed, which stands open here", connection_keys[KEY_NKEY]);
        diag->secret = true;
        diag_hint(formats->diags, diag, "put it into a file and give its path, here or with --nkey");
    } else {
        take_text(formats, connection, spec, KEY_NKEY, CONNECTION_NKEY);
    }
    take_text(formats, connection, spec, KEY_DOMAIN, CONNECTION_DOMAIN);
    take_tls(formats, connection, node_get(spec, connection_keys[KEY_TLS]));
    take_tls_first(formats, connection, spec);
    return connection;
}

/* ---- noting ---- */

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
    const struct node *account = node_get(spec, connection_keys[KEY_ACCOUNT]);
    struct node *connection = connection_of(formats, spec);
    struct connection_use use = {.account = foreign_text(spec, connection_keys[KEY_ACCOUNT]),
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

static void tell_of_secrets(struct formats *formats, const char *name, const struct node *spec)
{
    for (size_t i = 0; i < sizeof(secret_keys) / sizeof(secret_keys[0]); i++) {
        const struct node *value = node_get(spec, secret_keys[i].key);
        const struct node *secret = node_get(node_get(value, "secret"), "name");
        if (!value || node_is_null(value))
            continue;
        struct diag *diag =
            diag_add(formats->diags, &code_not_here, secret ? secret->pos : value->pos,
                     "'%s' of account '%s' is in a Kubernetes secret, which cannot be read here",
                     secret_keys[i].key, name);
        diag_hint(formats->diags, diag, "give it with %s", secret_keys[i].flags);
    }
}

static void check_account_keys(struct formats *formats, const struct node *spec)
{
    for (size_t i = 0; i < spec->count; i++) {
        const struct member *member = &spec->members[i];
        struct suggestion near = {.wanted = member->key};
        bool known = false;
        static const char *const others[] = {"name", "servers", "tlsFirst"};
        for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
            known |= strcmp(others[j], member->key) == 0;
            suggestion_consider(&near, others[j]);
        }
        for (size_t j = 0; j < sizeof(secret_keys) / sizeof(secret_keys[0]); j++) {
            known |= strcmp(secret_keys[j].key, member->key) == 0;
            suggestion_consider(&near, secret_keys[j].key);
        }
        if (known)
            continue;
        struct diag *diag = diag_add(formats->diags, &code_unknown_key, member->key_pos,
                                     "unknown key '%.80s' in account", member->key);
        if (near.best)
            diag_hint(formats->diags, diag, "did you mean '%s'?", near.best);
    }
}

void nack_take_account(struct formats *formats, const char *name, const struct node *spec)
{
    struct node *connection = node_map(formats->arena);
    connection->pos = spec->pos;
    check_account_keys(formats, spec);
    take_servers(formats, connection, node_get(spec, connection_keys[KEY_SERVERS]));
    take_tls_first(formats, connection, spec);
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
        return; /* the manifest's own */
    struct node *connection = only_connection(formats);
    if (connection && connection->count)
        node_add(formats->arena, root, (struct member){key, connection->pos, connection});
}
