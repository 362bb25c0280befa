/*
 * Login: as whom the clients of a server come in, as far as its configuration tells. What `up` writes for the nats CLI and
 * what `generate env` writes for applications is the same login.
 */
#ifndef GENERATE_LOGIN_H
#define GENERATE_LOGIN_H

#include <stdbool.h>

#include "syntax/node.h"

/* Texts of the configuration; NULL: not needed. */
struct login {
    const char *user;
    const char *password;
    const char *token;
};

/*
 * Finds a login in a server's configuration. If the server wants none, *ret_login is empty. Otherwise it is the token, or
 * the first user with a password that is known, who may come in as an ordinary client: one of an account with JetStream
 * where any account has it, and never of the system account. False if the server wants a login and there is no such user.
 */
bool login_find(const struct node *config, struct login *ret_login);

#endif
