/*
 * Server options: the blocks, for the files that have their rows.
 */
#ifndef KIND_SERVER_OPTIONS_H
#define KIND_SERVER_OPTIONS_H

#include "field/server_option.h"

#define SERVER_ROWS(array) .rows = (array), .count = sizeof(array) / sizeof((array)[0])

extern const struct server_block server_block_ports;
extern const struct server_block server_block_leaf_of;
extern const struct server_block server_block_mapping;
extern const struct server_block server_block_proxies;
extern const struct server_block server_block_trusted_proxy;
extern const struct server_block server_block_resolver;
extern const struct server_block server_block_ocsp;
extern const struct server_block server_block_ocsp_cache;
extern const struct server_block server_block_tls;
extern const struct server_block server_block_tls_cert;
extern const struct server_block server_block_ocsp_peer;
extern const struct server_block server_block_jetstream;
extern const struct server_block server_block_jetstream_limits;
extern const struct server_block server_block_jetstream_batch;
extern const struct server_block server_block_tpm;
extern const struct server_block server_block_account_jetstream;
extern const struct server_block server_block_account;
extern const struct server_block server_block_account_limits;
extern const struct server_block server_block_msg_trace;
extern const struct server_block server_block_export;
extern const struct server_block server_block_latency;
extern const struct server_block server_block_import;
extern const struct server_block server_block_import_source;
extern const struct server_block server_block_authorization;
extern const struct server_block server_block_link_authorization;
extern const struct server_block server_block_client_authorization;
extern const struct server_block server_block_auth_callout;
extern const struct server_block server_block_user;
extern const struct server_block server_block_permissions;
extern const struct server_block server_block_cluster_permissions;
extern const struct server_block server_block_subjects;
extern const struct server_block server_block_allow_responses;
extern const struct server_block server_block_cluster;
extern const struct server_block server_block_compression;
extern const struct server_block server_block_gateway;
extern const struct server_block server_block_remote_gateway;
extern const struct server_block server_block_leafnodes;
extern const struct server_block server_block_leaf_authorization;
extern const struct server_block server_block_leaf_user;
extern const struct server_block server_block_leaf_remote;
extern const struct server_block server_block_leaf_migrate;
extern const struct server_block server_block_leaf_proxy;
extern const struct server_block server_block_websocket;
extern const struct server_block server_block_mqtt;

#endif
