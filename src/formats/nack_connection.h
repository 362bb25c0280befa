/*
 * Reads where NATS is from NACK's resources, into the `connection` of a manifest.
 */
#ifndef FORMATS_NACK_CONNECTION_H
#define FORMATS_NACK_CONNECTION_H

#include "formats/formats.h"

/* Is it a key of a resource's spec that is about its server? */
bool nack_is_connection_key(const char *key);
/* Notes what the spec of a resource says about its server, if anything. */
void nack_take_connection(struct formats *formats, const struct node *spec);
/* Notes the spec of an Account. `name` is what resources call it. */
void nack_take_account(struct formats *formats, const char *name, const struct node *spec);
/*
 * Gives the manifest the connection that all resources share, unless it has its own; or several, by the names of their accounts,
 * and each object the name of its one.
 */
void nack_connect(struct formats *formats, struct node *root);

#endif
