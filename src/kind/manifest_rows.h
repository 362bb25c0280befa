/*
 * The manifest's own rows: everything around the objects that JetStream knows. The ids stand in the order of the rows.
 */
#ifndef KIND_MANIFEST_ROWS_H
#define KIND_MANIFEST_ROWS_H

#include "field/field.h"

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

#endif
