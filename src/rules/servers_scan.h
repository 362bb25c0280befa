/*
 * Scan of servers: what the functions of the rows in servers_table.c share.
 */
#ifndef RULES_SERVERS_SCAN_H
#define RULES_SERVERS_SCAN_H

#include "rules/servers.h"

extern const struct diag_code code_server_listener;
extern const struct diag_code code_server_cluster;
extern const struct diag_code code_server_account;
extern const struct diag_code code_server_login;
extern const struct diag_code code_server_limit;
extern const struct diag_code code_server_tls;
extern const struct diag_code code_server_shared;
extern const struct diag_code code_server_password;
extern const struct diag_code code_server_no_jetstream;
extern const struct diag_code code_server_unbounded;

/* Reports what the rule found, at the value or else the server. What the server would say becomes a note. */
struct diag *server_report(const struct server_scan *scan, const struct node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The option of the node's configuration: "jetstream", "domain"; NULL when either is not there. */
const struct node *server_option_of(const struct server_scan *scan, const char *block, const char *key);
/* Is a scalar there that says true? */
bool server_says(const struct node *map, const char *key);
/* The items of a list, or the one scalar that stands for it. */
size_t server_count(const struct node *value);
const struct node *server_item(const struct node *value, size_t index);
/* Streams are kept there: not switched off. */
bool server_has_jetstream(const struct node *config);
/* Accounts come from an operator's JWTs, and the configuration does not know them. */
bool server_has_operator(const struct node *config);
/* Is the account defined, or the server's own? */
bool server_has_account(const struct node *config, const char *name);
/* Calls `visit` for the users of `authorization` (account NULL) and of each account. */
typedef void server_user_visit(void *context, const struct member *account, const struct node *user);
void server_each_user(const struct node *config, server_user_visit *visit, void *context);

/* servers_listeners.c */
void check_server_websocket_tls(const struct server_scan *scan);
void check_server_mqtt_jetstream(const struct server_scan *scan);
void check_server_https(const struct server_scan *scan);
void check_server_http_twice(const struct server_scan *scan);
void check_server_origins(const struct server_scan *scan);
void check_server_cookie(const struct server_scan *scan);
void check_server_listener_login(const struct server_scan *scan);
void check_server_advertise(const struct server_scan *scan);
void check_server_certificate(const struct server_scan *scan);

/* servers_clusters.c */
void check_server_routes(const struct server_scan *scan);
void check_server_self_route(const struct server_scan *scan);
void check_server_route_twice(const struct server_scan *scan);
void check_server_gateway_name(const struct server_scan *scan);
void check_server_gateway_system(const struct server_scan *scan);
void check_server_pool(const struct server_scan *scan);
void check_server_remote_urls(const struct server_scan *scan);
void check_server_remote_twice(const struct server_scan *scan);
void check_server_names(const struct server_scan *scan);
void check_server_stores(const struct server_scan *scan);
void check_server_cluster_names(const struct server_scan *scan);
void check_server_payload(const struct server_scan *scan);
void check_server_grace(const struct server_scan *scan);
void check_server_domain(const struct server_scan *scan);
void check_server_unbounded(const struct server_scan *scan);

/* servers_accounts.c */
void check_server_no_auth_user(const struct server_scan *scan);
void check_server_system_account(const struct server_scan *scan);
void check_server_system_jetstream(const struct server_scan *scan);
void check_server_leaf_accounts(const struct server_scan *scan);
void check_server_shared_accounts(const struct server_scan *scan);
void check_server_default_domain(const struct server_scan *scan);
void check_server_callout(const struct server_scan *scan);
void check_server_reserved(const struct server_scan *scan);
void check_server_no_jetstream(const struct server_scan *scan);

/* servers_logins.c */
void check_server_login_ways(const struct server_scan *scan);
void check_server_users(const struct server_scan *scan);
void check_server_user_twice(const struct server_scan *scan);
void check_server_operator(const struct server_scan *scan);
void check_server_resolver(const struct server_scan *scan);
void check_server_passwords(const struct server_scan *scan);

#endif
