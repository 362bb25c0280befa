/* Rules of who may log in. No message has a password in it, and no line with one is shown. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/row.h"
#include "kind/server_options.h"
#include "rules/servers_scan.h"

static DIAG_CODE(
    code_server_login, .name = "server-login", CODE_ERROR(EXIT_MANIFEST),
    .doc = "A server would not know who may log in.",
    .why = "A server knows one way of logging in: a user, a token, several users, accounts, or an operator.",
    .example = "servers: {dev: {authorization: {user: a, password: b, token: c}}}",
    .remedy = "Keep one of them.");

static DIAG_CODE(
    code_server_password, .name = "server-password", CODE_WARNING,
    .doc = "A password that a server takes for something else than was meant.",
    .why =
        "Servers know bcrypt hashes by '$2a$', '$2b$', '$2x$' or '$2y$' and two digits, and do not replace variables inside of quotes: what is meant as something else is a password word for word.",
    .example = "servers: {dev: {authorization: {user: a, password: $PASSWORD}}}",
    .remedy = "Write ${PASSWORD} for a variable, and hash by 'nats server passwd'.");

static void count_user(void *context, const struct member *account, const struct node *user)
{
    size_t *counts = context;
    (void)user;
    counts[account ? 1 : 0]++;
}

/* Two ways at once: the later one is where the fault is shown. */
static void exclude(const struct rule_scan *scan, const struct node *first, const char *first_words,
                    const struct node *second, const char *second_words)
{
    if (!first || !second)
        return;
    struct diag *diag = rule_report(scan, second->pos, "server '%s' has %s beside %s", scan->node->server,
                                    second_words, first_words);
    /* The line may be the one with the password. */
    diag->secret = true;
    diag_hint(scan->diags, diag, "keep one of them");
}

static void check_login_ways(const struct rule_scan *scan)
{
    const struct node *config = scan->node->config;
    const struct node *login = node_get(config, "authorization");
    const struct node *leaf = server_option_of(scan, "leafnodes", "authorization");
    const struct node *accounts = node_get(config, "accounts");
    size_t counts[2] = {0};
    server_each_user(config, count_user, counts);
    exclude(scan, node_get(login, "user"), "a single user", node_get(login, "token"), "a token");
    exclude(scan, node_get(login, "user"), "a single user", node_get(login, "users"), "a list of users");
    exclude(scan, node_get(login, "token"), "a token", node_get(login, "users"), "a list of users");
    exclude(scan, node_get(leaf, "user"), "a single user of leafnodes", node_get(leaf, "users"),
            "a list of users");
    if (accounts && accounts->count)
        exclude(scan, accounts, "accounts",
                node_get(login, "user") ? node_get(login, "user") : node_get(login, "token"),
                node_get(login, "user") ? "a single user" : "a token");
}

/* ---- users ---- */

/* 56 characters of base32 with the letter of its kind in front; whether the sum is right the server sees. */
static bool is_nkey(const char *text, char kind)
{
    enum { NKEY_LENGTH = 56 };
    return text[0] == kind && strlen(text) == NKEY_LENGTH &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == NKEY_LENGTH;
}

static void refuse_user(const struct rule_scan *scan, const struct node *at, const char *problem,
                        const char *hint)
{
    struct diag *diag = rule_report(scan, at->pos, "a user of server '%s' %s", scan->node->server, problem);
    diag->secret = true;
    diag_hint(scan->diags, diag, "%s", hint);
}

static void check_user(void *context, const struct member *account, const struct node *user)
{
    const struct rule_scan *scan = context;
    const struct node *nkey = node_get(user, "nkey");
    (void)account;
    /* Said first: a seed must not stay in a configuration, whatever else is wrong. */
    if (nkey && nkey->text[0] == 'S')
        refuse_user(scan, nkey, "has a seed in the place of the public nkey",
                    "the seed is the client's secret; 'nk -inkey FILE -pubout' prints what belongs here");
    else if (nkey && !is_nkey(nkey->text, 'U'))
        refuse_user(scan, nkey, "has no valid nkey",
                    "a user's public nkey begins with U and has 56 characters");
    if (nkey && (node_get(user, "user") || node_get(user, "password")))
        refuse_user(scan, nkey, "has an nkey beside a name or a password", "keep one of them");
    if (!nkey && !*node_get_text(user, "user"))
        refuse_user(scan, user, "has neither a name nor an nkey", "add 'user: NAME', or 'nkey: U…'");
}

static void check_users(const struct rule_scan *scan)
{
    struct rule_scan copy = *scan;
    server_each_user(scan->node->config, check_user, &copy);
}

struct twins {
    const struct rule_scan *scan;
    struct map seen; /* by name or nkey, to its node */
};

static void check_twin(void *context, const struct member *account, const struct node *user)
{
    struct twins *twins = context;
    const struct node *name = node_get(user, "user") ? node_get(user, "user") : node_get(user, "nkey");
    (void)account;
    if (!name)
        return;
    const struct node *other = map_get(&twins->seen, name->text);
    if (!other) {
        map_put(&twins->seen, name->text, (void *)(uintptr_t)name);
        return;
    }
    struct diag *diag = rule_report(twins->scan, name->pos, "user '%s' of server '%s' is there twice",
                                    name->text, twins->scan->node->server);
    diag_note(twins->scan->diags, diag, other->pos, "the other is here");
    diag_hint(twins->scan->diags, diag, "the name decides on the account: each is in one account only");
}

static void check_user_twice(const struct rule_scan *scan)
{
    struct twins twins = {.scan = scan};
    map_init(&twins.seen, scan->arena);
    server_each_user(scan->node->config, check_twin, &twins);
}

/* ---- operators ---- */

static void check_operator(const struct rule_scan *scan)
{
    static const char *const others[] = {"accounts", "no_auth_user"};
    const struct node *config = scan->node->config;
    const struct node *users = node_get(node_get(config, "authorization"), "users");
    if (!server_has_operator(config))
        return;
    /* One more than the list: users of 'authorization' come last. */
    for (size_t i = 0; i <= sizeof(others) / sizeof(others[0]); i++) {
        const struct node *other =
            i < sizeof(others) / sizeof(others[0]) ? node_get(config, others[i]) : users;
        if (!other)
            continue;
        struct diag *diag = rule_report(scan, other->pos, "server '%s' has '%s' beside an operator",
                                        scan->node->server, other == users ? "users" : others[i]);
        diag->secret = true;
        diag_hint(scan->diags, diag, "JWTs say who is there; take '%s' away",
                  other == users ? "users" : others[i]);
    }
}

/* Without one the server looks for JWTs at "/accounts/" of no host, and ends. */
static void check_resolver(const struct rule_scan *scan)
{
    const struct node *said = node_get(scan->node->config, "operator");
    if (!said || node_get(scan->node->config, "resolver"))
        return;
    struct diag *diag = rule_report(scan, (struct srcpos){0}, "server '%s' has an operator and no resolver",
                                    scan->node->server);
    diag_hint(scan->diags, diag,
              "add 'resolver: MEMORY' with 'resolver_preload', or a resolver with a folder");
}

/* A resolver with a folder takes JWTs that an operator has signed; without one it cannot start. */
static void check_resolver_operator(const struct rule_scan *scan)
{
    const struct node *resolver = node_get(scan->node->config, "resolver");
    const struct node *type = node_get(resolver, "type");
    if (!type || type->type != NODE_SCALAR || server_has_operator(scan->node->config) ||
        (strcasecmp(type->text, "full") != 0 && strcasecmp(type->text, "cache") != 0))
        return;
    struct diag *diag =
        rule_report(scan, type->pos, "the resolver of server '%s' needs an operator, and there is none",
                    scan->node->server);
    diag_hint(scan->diags, diag, "add 'operator', or take 'resolver' away");
}

/* ---- passwords ---- */

static void warn(const struct rule_scan *scan, const struct node *at, const char *problem, const char *hint)
{
    struct diag *diag =
        rule_report(scan, at->pos, "a password of server '%s' %s", scan->node->server, problem);
    diag->secret = true;
    diag_hint(scan->diags, diag, "%s", hint);
}

/* "$NAME": what a configuration of nats-server replaces, and a manifest does not. */
static bool looks_like_variable(const char *text)
{
    if (text[0] != '$' || !(isalpha((unsigned char)text[1]) || text[1] == '_'))
        return false;
    return !text[1 + strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789")];
}

static void check_password(const struct rule_scan *scan, const struct node *password)
{
    /* Prefix, cost, salt and hash: every bcrypt hash has this length. */
    enum { BCRYPT_LENGTH = 60 };
    const char *text = password->text;
    bool hash = option_is_hash(text);
    if (!hash && strncmp(text, "$2", 2) == 0 && text[2] && (text[2] == '$' || text[3] == '$'))
        warn(
            scan, password, "looks hashed, and servers take it word for word",
            "they know hashes with $2a$, $2b$, $2x$ or $2y$ and two digits; 'nats server passwd' makes them");
    else if (hash && strlen(text) != BCRYPT_LENGTH)
        warn(scan, password, "looks like a part of a hash, which no password fits",
             "a hash has 60 characters; 'nats server passwd' makes them");
    else if (looks_like_variable(text) && !password->expanded)
        warn(scan, password, "looks like a variable, and is taken word for word",
             "variables of a manifest have braces: ${NAME}");
}

static void check_user_password(void *context, const struct member *account, const struct node *user)
{
    const struct rule_scan *scan = context;
    const struct node *name = node_get(user, "user");
    const struct node *password = node_get(user, "password");
    (void)account;
    if (password)
        check_password(scan, password);
    /* nats-server takes it as an empty password, without a word (2.9.10, 2.10.27, 2.15.1). */
    else if (name && !node_get(user, "nkey")) {
        struct diag *diag =
            rule_report(scan, name->pos, "user '%s' of server '%s' gets in without a password", name->text,
                        scan->node->server);
        diag_hint(scan->diags, diag, "add 'password'");
    }
}

static void check_passwords(const struct rule_scan *scan)
{
    static const char *const secrets[] = {"password", "token"};
    struct rule_scan copy = *scan;
    const struct node *login = node_get(scan->node->config, "authorization");
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (node_get(login, secrets[i]))
            check_password(scan, node_get(login, secrets[i]));
    server_each_user(scan->node->config, check_user_password, &copy);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_server_login, .each = EACH_SERVER, .doc = "A server knows one way of logging in.",
        .check = check_login_ways),
    ROW(.code = &code_server_login, .each = EACH_SERVER,
        .doc = "A user has a name and a password, or an nkey.", .check = check_users),
    ROW(.code = &code_server_login, .each = EACH_SERVER,
        .doc = "No two users have one name, in whichever accounts they are.", .check = check_user_twice),
    ROW(.code = &code_server_login, .each = EACH_SERVER,
        .says = "operator mode does not allow specifying users in configuration",
        .doc = "With an operator, accounts and users come from JWTs alone.", .check = check_operator),
    ROW(.code = &code_server_login, .each = EACH_SERVER, .doc = "With an operator, JWTs come from somewhere.",
        .check = check_resolver),
    ROW(.code = &code_server_login, .each = EACH_SERVER,
        .says = "Could not start resolver: no operator key found",
        .doc = "A resolver of type full or cache has an operator.", .check = check_resolver_operator),
    ROW(.code = &code_server_password, .each = EACH_SERVER, .doc = "A password is what it looks like.",
        .check = check_passwords),
};
const struct rule_list server_login_rules = RULE_LIST(rows);
