/*
 * Nkeys: the public key that belongs to a user's seed. nats.c signs with a seed but wants to be told the key.
 */
#ifndef SERVER_CONNECTION_NKEY_H
#define SERVER_CONNECTION_NKEY_H

#include <stdbool.h>

enum { NKEY_PUBLIC_LENGTH = 56 };

/* False when the seed ("SU…", 58 characters) is not that of a user or its checksum is wrong. */
bool nkey_public(const char *seed, char ret_key[NKEY_PUBLIC_LENGTH + 1]);

#endif
