/*
 * Accounts: divides a manifest for several accounts into parts, one for each connection that its objects name.
 *
 *     struct accounts accounts;
 *     accounts_split(arena, manifest, &accounts);
 *     for (size_t i = 0; i < accounts.parts.count; i++)
 *         … accounts.parts.items[i] is a manifest of its own …
 *
 * A part has the streams, consumers and buckets of one account, that account's `connection`, and everything else of the
 * whole manifest. So rules between objects are checked within each account.
 */
#ifndef MANIFEST_ACCOUNTS_H
#define MANIFEST_ACCOUNTS_H

#include "base/diag.h"
#include "base/vec.h"
#include "manifest/manifest.h"

struct accounts {
    VEC(struct manifest *)
    parts; /* first that of the default connection, if it has objects; then the others by name */
};

/* Checks that all connections that objects name are defined, and say where they lead. */
void accounts_check(const struct manifest *manifest, struct diags *diags);

/* The name of the connection of a stream or a bucket; NULL: the default one. */
const char *accounts_connection_of(const struct resource *stream);
/* Are these names of connections equal? NULL is the default one. */
bool accounts_same(const char *a, const char *b);

/*
 * A manifest without `connections` is its own only part. A connection without objects has a part too, because there may
 * be objects to prune.
 */
void accounts_split(struct arena *arena, struct manifest *manifest, struct accounts *ret_accounts);

#endif
