/*
 * The manifest's own rows: everything around the objects that JetStream knows. The ids stand in the order of the rows.
 */
#ifndef KIND_MANIFEST_ROWS_H
#define KIND_MANIFEST_ROWS_H

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "field/field.h"
#include "field/value.h"

enum manifest_field {
    MANIFEST_PROJECT = 1,
    MANIFEST_INCLUDE,
    MANIFEST_CONNECTION,
    MANIFEST_CONNECTIONS,
    MANIFEST_DEFAULTS,
    MANIFEST_STREAMS,
    MANIFEST_KEY_VALUES,
    MANIFEST_OBJECT_STORES,
    MANIFEST_REMOVED,
    MANIFEST_SERVERS,
};

enum connection_row {
    CONNECTION_CONTEXT = 1,
    CONNECTION_URL,
    CONNECTION_USER,
    CONNECTION_PASSWORD,
    CONNECTION_TOKEN,
    CONNECTION_CREDS,
    CONNECTION_NKEY,
    CONNECTION_TLS,
    CONNECTION_DOMAIN,
    CONNECTION_API_PREFIX,
    CONNECTION_INBOX_PREFIX,
    CONNECTION_TIMEOUT,
    CONNECTION_EXPECT,
};

enum tls_row {
    TLS_CA = 1,
    TLS_CERT,
    TLS_KEY,
    TLS_FIRST,
};

enum expect_row {
    EXPECT_CLUSTER = 1,
    EXPECT_SERVER_NAME,
    EXPECT_ACCOUNT,
    EXPECT_DOMAIN,
};

enum defaults_row {
    DEFAULTS_STREAM = 1,
    DEFAULTS_CONSUMER,
    DEFAULTS_KEY_VALUE,
    DEFAULTS_OBJECT_STORE,
};

enum removed_row {
    REMOVED_STREAMS = 1,
    REMOVED_CONSUMERS,
    REMOVED_KEY_VALUES,
    REMOVED_OBJECT_STORES,
};

enum removed_consumer_row {
    REMOVED_CONSUMER_STREAM = 1,
    REMOVED_CONSUMER_NAME,
};

extern const struct table manifest_table;

/*
 * ---- names ----
 * Their keys in maps, and names that natsform uses for itself.
 */

/* The key of a consumer in maps: "STREAM CONSUMER". Names have no blanks. */
const char *resource_key(struct arena *arena, const char *stream, const char *consumer);

/* Is it a lock's stream (apply/lock.h)? No plan, export or prune shows those. */
#define LOCK_STREAM_PREFIX "natsform_lock_"
#define LOCK_SUBJECT_PREFIX "$natsform.lock."

static inline bool stream_name_is_reserved(const char *name)
{
    return strncmp(name, LOCK_STREAM_PREFIX, strlen(LOCK_STREAM_PREFIX)) == 0;
}

/*
 * ---- lint ----
 * The warnings and notes that an object has switched off, by their codes.
 */

struct diag_codes {
    const struct diag_code **items;
    size_t count;
    size_t capacity;
};

/*
 * The codes that an object of a manifest has ignored; NULL when it has none. What is no code, or is one that cannot be
 * ignored, is reported.
 */
const struct diag_codes *lint_read(struct arena *arena, const struct object *declared, struct diags *diags);

/* `ignored` may be NULL. */
bool lint_ignores(const struct diag_codes *ignored, const struct diag_code *code);
/* Forgets those of the diagnostics from `first` on that are ignored. */
void lint_forget(const struct diag_codes *ignored, struct diags *diags, size_t first);

#endif
