/*
 * What the rules of servers share, beside scan.h: questions to a configuration.
 */
#ifndef RULES_SERVERS_SCAN_H
#define RULES_SERVERS_SCAN_H

#include "rules/scan.h"

/* Where the manifest has it; nowhere when it is NULL, or was filled in. */
struct srcpos server_pos(const struct node *node);
/* The option of the node's configuration: "jetstream", "domain"; NULL when either is not there. */
const struct node *server_option_of(const struct rule_scan *scan, const char *block, const char *key);
/* Is a scalar there that says true? */
bool server_says(const struct node *map, const char *key);
/* The items of a list, or the one scalar that stands for it. */
size_t server_count(const struct node *value);
const struct node *server_item(const struct node *value, size_t index);
/* What is said, or else `usual`; a duration in nanoseconds. */
int64_t server_number(const struct node *said, int64_t usual);
int64_t server_nanos(const struct node *said, int64_t usual);
/* Streams are kept there: not switched off. */
bool server_has_jetstream(const struct node *config);
/* Accounts come from an operator's JWTs, and the configuration does not know them. */
bool server_has_operator(const struct node *config);
/* Is the account defined, or the server's own? */
bool server_has_account(const struct node *config, const char *name);
/* Calls `visit` for the users of `authorization` (account NULL) and of each account. */
typedef void server_user_visit(void *context, const struct member *account, const struct node *user);
void server_each_user(const struct node *config, server_user_visit *visit, void *context);

#endif
