/*
 * Accounts: a manifest for several accounts, as one part for each connection that its objects name.
 *
 *     struct accounts accounts;
 *     accounts_split(arena, manifest, &accounts);
 *     for (size_t i = 0; i < accounts.parts.count; i++)
 *         … accounts.parts.items[i] is a manifest of its own …
 *
 * A part has the streams, consumers and buckets of one account, its own `connection`, and everything else of the whole. So what is
 * checked between objects is checked within an account.
 */
#ifndef MANIFEST_ACCOUNTS_H
#define MANIFEST_ACCOUNTS_H

#include "base/diag.h"
#include "base/vec.h"
#include "manifest/manifest.h"

struct accounts {
    VEC(struct manifest *)
    parts; /* the default connection's first if it has a part in it, then every defined one by name */
};

/* Are the connections that objects name defined, and do they lead anywhere? */
void accounts_check(const struct manifest *manifest, struct diags *diags);

/* The name of the connection that a stream or a bucket is at; NULL: the default one. */
const char *accounts_connection_of(const struct resource *stream);
/* Are two such names the same? */
bool accounts_same(const char *a, const char *b);

/*
 * A manifest without `connections` is its own only part. One that is defined is a part also without objects: there may be some to prune.
 */
void accounts_split(struct arena *arena, struct manifest *manifest, struct accounts *ret_accounts);

#endif
