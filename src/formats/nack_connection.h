/*
 * What NACK's resources say about where NATS is, as `connection` of a manifest has it.
 */
#ifndef FORMATS_NACK_CONNECTION_H
#define FORMATS_NACK_CONNECTION_H

#include "formats/formats.h"

/* Is it a key of a resource's spec that says where its server is? */
bool nack_is_connection_key(const char *key);
/* Notes what the spec of a resource says; nothing when it says nothing. */
void nack_take_connection(struct formats *formats, const struct node *spec);
/* Notes the spec of an Account, by the name that resources refer to it by. */
void nack_take_account(struct formats *formats, const char *name, const struct node *spec);
/* Gives the manifest the one connection of all, unless it has one of its own. */
void nack_connect(struct formats *formats, struct node *root);

#endif
