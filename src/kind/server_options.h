/*
 * Server options: the tables of nats-server's configuration. Each block is one, the outermost is the server's, which has natsform's
 * own keys too.
 */
#ifndef KIND_SERVER_OPTIONS_H
#define KIND_SERVER_OPTIONS_H

#include "field/field.h"
#include "syntax/node.h"

/*
 * Options that code refers to. An id is that of a name, in whichever tables it stands: OPTION_PORT is the port of every listener. Every
 * row of the name has it.
 */
enum server_option {
    OPTION_NONE,
    OPTION_ACCOUNT,
    OPTION_ACCOUNTS,
    OPTION_ADVERTISE,
    OPTION_ALLOWED_CONNECTION_TYPES,
    OPTION_AUTHORIZATION,
    OPTION_CA_FILE,
    OPTION_CERT_FILE,
    OPTION_CLIENT,
    OPTION_CLIENT_ADVERTISE,
    OPTION_CLUSTER,
    OPTION_CONNECT_RETRIES,
    OPTION_CREDENTIALS,
    OPTION_DEBUG,
    OPTION_DIR,
    OPTION_DOMAIN,
    OPTION_ENABLED,
    OPTION_GATEWAY,
    OPTION_GATEWAYS,
    OPTION_HOST,
    OPTION_HTTP,
    OPTION_HTTPS,
    OPTION_HTTPS_PORT,
    OPTION_HTTP_BASE_PATH,
    OPTION_HTTP_PORT,
    OPTION_IMAGE,
    OPTION_JETSTREAM,
    OPTION_KEY_FILE,
    OPTION_LAME_DUCK_DURATION,
    OPTION_LEAFNODES,
    OPTION_LEAF_OF,
    OPTION_LISTEN,
    OPTION_LOCAL_STORE,
    OPTION_LOGTIME,
    OPTION_LOGTIME_UTC,
    OPTION_LOG_FILE,
    OPTION_LOG_SIZE_LIMIT,
    OPTION_MAX_FILE,
    OPTION_MAX_MEM,
    OPTION_MAX_TRACED_MSG_LEN,
    OPTION_MONITOR,
    OPTION_MQTT,
    OPTION_NAME,
    OPTION_NKEY,
    OPTION_NODES,
    OPTION_NO_ADVERTISE,
    OPTION_NO_AUTH_USER,
    OPTION_NO_TLS,
    OPTION_OPERATOR,
    OPTION_PASSWORD,
    OPTION_PID_FILE,
    OPTION_PORT,
    OPTION_PORTS,
    OPTION_PORTS_FILE_DIR,
    OPTION_PROF_PORT,
    OPTION_PUBLISH,
    OPTION_REMOTES,
    OPTION_REMOTE_SYSLOG,
    OPTION_RESOLVER,
    OPTION_ROUTES,
    OPTION_SERVER,
    OPTION_SERVER_NAME,
    OPTION_SERVER_TAGS,
    OPTION_STORE_DIR,
    OPTION_SYSLOG,
    OPTION_SYSTEM_ACCOUNT,
    OPTION_TLS,
    OPTION_TOKEN,
    OPTION_TRACE,
    OPTION_TRACE_VERBOSE,
    OPTION_URLS,
    OPTION_USER,
    OPTION_USERNAME,
    OPTION_USERS,
    OPTION_VERIFY,
    OPTION_VERSION,
    OPTION_WEBSOCKET,
    SERVER_OPTIONS,
};

/* As it is written to configurations. */
const char *option_name(enum server_option option);

/* Of a map whose options have their own names: the value, or NULL; the text of a scalar, or "". */
struct node *option_get(const struct node *map, enum server_option option);
const char *option_text(const struct node *map, enum server_option option);
/* Replaces the value in place, or adds it at the end; takes it out. */
void option_put(struct arena *arena, struct node *map, enum server_option option, struct node *value);
void option_remove(struct node *map, enum server_option option);

/* Is it a word by which nats-server takes something to be off? NULL is none. */
bool option_is_off(const struct node *value);

/* Does nats-server take the password or token for a bcrypt hash? From that nobody knows what to log in with. */
bool option_is_hash(const char *password);

/* Choices of options of several tables. */
extern const struct choice option_choices_compression[];
extern const struct choice option_choices_jetstream[];
extern const struct choice option_choices_tls[];
extern const struct choice option_choices_write_timeout[];

extern const struct table server_table;
extern const struct table server_node_table;
extern const struct table server_ports_table;
extern const struct table server_leaf_of_table;
extern const struct table server_mapping_table;
extern const struct table server_proxies_table;
extern const struct table server_trusted_proxy_table;
extern const struct table server_resolver_table;
extern const struct table server_ocsp_table;
extern const struct table server_ocsp_cache_table;
extern const struct table server_tls_table;
extern const struct table server_tls_cert_table;
extern const struct table server_ocsp_peer_table;
extern const struct table server_jetstream_table;
extern const struct table server_jetstream_limits_table;
extern const struct table server_jetstream_batch_table;
extern const struct table server_tpm_table;
extern const struct table server_account_jetstream_table;
extern const struct table server_account_table;
extern const struct table server_account_limits_table;
extern const struct table server_msg_trace_table;
extern const struct table server_export_table;
extern const struct table server_latency_table;
extern const struct table server_import_table;
extern const struct table server_import_source_table;
extern const struct table server_authorization_table;
extern const struct table server_link_authorization_table;
extern const struct table server_client_authorization_table;
extern const struct table server_auth_callout_table;
extern const struct table server_user_table;
extern const struct table server_permissions_table;
extern const struct table server_cluster_permissions_table;
extern const struct table server_subjects_table;
extern const struct table server_allow_responses_table;
extern const struct table server_cluster_table;
extern const struct table server_compression_table;
extern const struct table server_gateway_table;
extern const struct table server_remote_gateway_table;
extern const struct table server_leafnodes_table;
extern const struct table server_leaf_authorization_table;
extern const struct table server_leaf_user_table;
extern const struct table server_leaf_remote_table;
extern const struct table server_leaf_migrate_table;
extern const struct table server_leaf_proxy_table;
extern const struct table server_websocket_table;
extern const struct table server_mqtt_table;

#endif
