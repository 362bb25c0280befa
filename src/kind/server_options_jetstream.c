/* Options of nats-server: JetStream; see kind/server_options.h. */
#include "kind/server_options.h"

#include "base/row.h"

static const struct choice ciphers[] = {{.name = "chacha"}, {.name = "chachapoly"}, {.name = "aes"}, {0}};
static const struct choice sync_choices[] = {{.name = "always"}, {0}};
static const struct choice extension_hints[] = {{.name = "will_extend"}, {.name = "no_extend"}, {0}};
static const struct choice traffic_accounts[] = {{.name = "system"}, {.name = "owner"}, {0}};

static const struct field jetstream_rows[] = {
    ROW(.name = "enabled", .id = OPTION_ENABLED, .aliases = {"enable"}, .type = FIELD_BOOL,
        .fallback = "true", .doc = "Whether there is JetStream."),
    /* Without it, streams are in /tmp/nats/jetstream, or in /tmp/jetstream if max_mem and max_file are both given. */
    ROW(.name = "store_dir", .id = OPTION_STORE_DIR, .aliases = {"store", "storedir"}, .type = FIELD_TEXT,
        .fallback_doc = "a folder of the environment's own", .reload = RELOAD_NEVER, .flags = FIELD_FILE,
        .doc = "Folder of streams; the server adds '/jetstream' to it."),
    /*
     * The limit of a container (cgroup) is not seen: the default is three quarters of the whole machine's memory, or of
     * GOMEMLIMIT.
     */
    ROW(.name = "max_mem", .id = OPTION_MAX_MEM, .aliases = {"max_mem_store", "max_memory_store"},
        .type = FIELD_SIZE, .least = -1, .most = INT64_MAX, .fallback = "-1", .reload = RELOAD_GROWS,
        .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "Bytes for streams in memory; -1 is three quarters of the machine's memory."),
    /* More than the disk has is accepted without a word. */
    ROW(.name = "max_file", .id = OPTION_MAX_FILE, .aliases = {"max_file_store"}, .type = FIELD_SIZE,
        .least = -1, .most = INT64_MAX, .fallback = "-1", .reload = RELOAD_GROWS,
        .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "Bytes for streams on disk; -1 is three quarters of what is free."),
    ROW(.name = "domain", .id = OPTION_DOMAIN, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .flags = FIELD_NO_SPACES,
        .doc = "Name of this JetStream, by which leafnodes tell it from the hub's."),
    /* Nothing checks it at a start: with a wrong key, streams "could not be recovered", and /healthz says 503. */
    ROW(.name = "key", .aliases = {"ek", "encryption_key"}, .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .flags = FIELD_SECRET, .doc = "Key that streams on disk are encrypted with."),
    ROW(.name = "prev_key", .aliases = {"prev_ek", "prev_encryption_key"}, .type = FIELD_TEXT,
        .since = {V_2_10}, .reload = RELOAD_NEVER, .flags = FIELD_SECRET, .doc = "The key before that one."),
    ROW(.name = "cipher", .type = FIELD_CHOICE, .choices = ciphers, .fallback = "chacha",
        .reload = RELOAD_NEVER, .flags = FIELD_ANY_CASE, .doc = "How they are encrypted."),
    ROW(.name = "sync_interval", .aliases = {"sync"}, .type = FIELD_DURATION | FIELD_CHOICE,
        .choices = sync_choices, .fallback = "2m", .since = {V_2_10}, .reload = RELOAD_NEVER,
        .doc = "Time between syncs to the disk; 'always' syncs before every acknowledgement."),
    ROW(.name = "unique_tag", .type = FIELD_TEXT, .reload = RELOAD_NEVER,
        .doc = "Replicas of a stream go to servers that differ in the tag with this prefix.",
        .example = "\"az:\""),
    ROW(.name = "extension_hint", .type = FIELD_CHOICE, .choices = extension_hints, .reload = RELOAD_NEVER,
        .flags = FIELD_ANY_CASE,
        .doc = "Whether a leafnode without a domain of its own extends the JetStream of the hub."),
    /* 2.11 has it off by default, 2.12 and later on. Off, unknown fields are dropped as by 2.10. */
    ROW(.name = "strict", .type = FIELD_BOOL, .fallback = "true", .since = {V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Refuses requests of the JetStream API with unknown fields."),
    ROW(.name = "limits", .type = FIELD_OBJECT, .object = &server_jetstream_limits_table,
        .reload_since = {VERSION(2, 12, 7), V_2_14}, .doc = "Limits for every stream and consumer."),
    ROW(.name = "max_outstanding_catchup", .type = FIELD_SIZE, .least = 0, .most = INT64_MAX,
        .fallback = "64MiB", .reload = RELOAD_NEVER, .doc = "Bytes under way to replicas that catch up."),
    ROW(.name = "max_buffered_msgs", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "100000",
        .since = {V_2_11}, .reload = RELOAD_NEVER, .doc = "Messages that may wait to be stored."),
    ROW(.name = "max_buffered_size", .type = FIELD_SIZE, .least = 0, .most = INT64_MAX, .fallback = "128MiB",
        .since = {V_2_11}, .reload = RELOAD_NEVER, .doc = "Bytes that may wait to be stored."),
    ROW(.name = "request_queue_limit", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX,
        .fallback = "10000", .since = {VERSION(2, 10, 21), V_2_11}, .reload = RELOAD_NEVER,
        .doc = "Requests of the JetStream API that may wait."),
    ROW(.name = "info_queue_limit", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "10000",
        .since = {V_2_14}, .reload = RELOAD_NEVER, .doc = "Requests for information that may wait."),
    ROW(.name = "meta_compact", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .since = {VERSION(2, 11, 11), VERSION(2, 12, 2), V_2_14},
        .doc = "Entries after which the meta group's log is compacted."),
    ROW(.name = "meta_compact_size", .type = FIELD_SIZE, .least = 0, .most = INT64_MAX, .fallback = "0",
        .since = {VERSION(2, 11, 11), VERSION(2, 12, 2), V_2_14},
        .doc = "Bytes after which the meta group's log is compacted."),
    ROW(.name = "meta_compact_sync", .type = FIELD_BOOL, .fallback = "false",
        .since = {VERSION(2, 12, 5), V_2_14}, .doc = "Compacts it before anything else goes on."),
    ROW(.name = "max_concurrent_io", .type = FIELD_COUNT, .least = 4, .most = 8192, .fallback = "4096",
        .since = {VERSION(2, 12, 14), VERSION(2, 14, 4)}, .reload = RELOAD_NEVER,
        .doc = "Files that are read and written at the same time."),
    ROW(.name = "tpm", .type = FIELD_OBJECT, .object = &server_tpm_table, .since = {V_2_11},
        .reload = RELOAD_NEVER, .doc = "Keeps the key in a TPM, on Windows."),
};

const struct table server_jetstream_table = {
    .definition = "server_jetstream",
    .noun = "jetstream",
    .doc = "Streams, and where they are kept.",
    TABLE_OPTIONS(jetstream_rows),
};

/*
 * An account does not see these limits. Defaults of streams and consumers are lowered to them, and higher values are
 * refused.
 */
static const struct field jetstream_limits_rows[] = {
    ROW(.name = "max_ack_pending", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload_since = {VERSION(2, 12, 7), V_2_14}, .doc = "Highest max_ack_pending of consumers."),
    ROW(.name = "max_ha_assets", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "Streams and consumers with replicas that the server takes."),
    ROW(.name = "max_request_batch", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "Largest batch that a consumer can be asked for."),
    ROW(.name = "duplicate_window", .type = FIELD_DURATION, .fallback = "0",
        .reload_since = {VERSION(2, 12, 7), V_2_14}, .doc = "Longest duplicate_window of streams."),
    /* Without it 2.15.1 takes 1000. */
    ROW(.name = "default_max_consumers", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX,
        .since = {VERSION(2, 15, 1)}, .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "The max_consumers of streams that have none."),
    ROW(.name = "batch", .type = FIELD_OBJECT, .object = &server_jetstream_batch_table, .since = {V_2_12},
        .reload_since = {VERSION(2, 12, 7), V_2_14}, .doc = "Limits of batches that are published as one."),
};

const struct table server_jetstream_limits_table = {
    .definition = "server_jetstream_limits",
    .noun = "limits",
    .doc = "Limits for every stream and consumer of the server.",
    TABLE_OPTIONS(jetstream_limits_rows),
};

static const struct field jetstream_batch_rows[] = {
    ROW(.name = "max_inflight_per_stream", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX,
        .fallback = "50", .since = {V_2_12}, .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "Unfinished batches of a stream."),
    ROW(.name = "max_inflight_total", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "1000",
        .since = {V_2_12}, .reload_since = {VERSION(2, 12, 7), V_2_14},
        .doc = "Unfinished batches of all streams."),
    ROW(.name = "max_msgs", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "1000",
        .since = {V_2_12}, .reload_since = {VERSION(2, 12, 7), V_2_14}, .doc = "Messages in a batch."),
    ROW(.name = "timeout", .type = FIELD_DURATION, .fallback = "10s", .since = {V_2_12},
        .reload_since = {VERSION(2, 12, 7), V_2_14}, .doc = "How long a batch may stay unfinished."),
};

const struct table server_jetstream_batch_table = {
    .definition = "server_jetstream_batch",
    .noun = "batch",
    .doc = "Limits of batches that are published as one.",
    TABLE_OPTIONS(jetstream_batch_rows),
};

static const struct field tpm_rows[] = {
    ROW(.name = "keys_file", .type = FIELD_TEXT, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .flags = FIELD_FILE, .doc = "File of the sealed key."),
    ROW(.name = "encryption_password", .type = FIELD_TEXT, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .flags = FIELD_SECRET, .doc = "Password of the key."),
    ROW(.name = "srk_password", .type = FIELD_TEXT, .since = {V_2_11}, .reload = RELOAD_NEVER,
        .flags = FIELD_SECRET, .doc = "Password of the TPM's storage root key."),
    ROW(.name = "pcr", .type = FIELD_COUNT, .least = 0, .most = INT64_MAX, .fallback = "22",
        .since = {V_2_11}, .reload = RELOAD_NEVER, .doc = "Register that the key is sealed to."),
    ROW(.name = "cipher", .type = FIELD_CHOICE, .choices = ciphers, .fallback = "chacha", .since = {V_2_11},
        .reload = RELOAD_NEVER, .flags = FIELD_ANY_CASE, .doc = "How streams are encrypted."),
};

const struct table server_tpm_table = {
    .definition = "server_tpm",
    .noun = "tpm",
    .doc = "A TPM, on Windows.",
    TABLE_OPTIONS(tpm_rows),
};

/*
 * Sizes here are numbers: unlike jetstream's own, quoted ones are refused. Above the server's limits, the start fails
 * though -t passes; a reload says that it is done, and keeps the old limits (2.10.27, 2.15.1).
 */
static const struct field account_jetstream_rows[] = {
    ROW(.name = "max_mem", .id = OPTION_MAX_MEM, .aliases = {"mem", "memory", "max_memory"},
        .type = FIELD_SIZE, .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Bytes for streams in memory; -1 is no limit."),
    ROW(.name = "max_file", .id = OPTION_MAX_FILE, .aliases = {"store", "disk", "max_disk", "max_store"},
        .type = FIELD_SIZE, .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Bytes for streams on disk; -1 is no limit."),
    ROW(.name = "max_streams", .aliases = {"streams"}, .type = FIELD_COUNT, .least = -1, .most = INT64_MAX,
        .fallback = "-1", .doc = "How many streams; -1 is no limit."),
    ROW(.name = "max_consumers", .aliases = {"consumers"}, .type = FIELD_COUNT, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "How many consumers a stream may have; -1 is no limit."),
    ROW(.name = "max_bytes_required", .aliases = {"max_bytes", "max_stream_bytes"}, .type = FIELD_BOOL,
        .fallback = "false", .doc = "Every stream needs max_bytes."),
    ROW(.name = "memory_max_stream_bytes", .aliases = {"mem_max_stream_bytes"}, .type = FIELD_SIZE,
        .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Highest max_bytes of a stream in memory; -1 is no limit."),
    ROW(.name = "disk_max_stream_bytes", .aliases = {"store_max_stream_bytes"}, .type = FIELD_SIZE,
        .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Highest max_bytes of a stream on disk; -1 is no limit."),
    ROW(.name = "max_ack_pending", .type = FIELD_COUNT, .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Highest max_ack_pending of consumers; -1 is no limit."),
    ROW(.name = "cluster_traffic", .type = FIELD_CHOICE, .choices = traffic_accounts, .fallback = "system",
        .since = {V_2_11}, .doc = "Account that replicas talk in."),
};

const struct table server_account_jetstream_table = {
    .definition = "server_account_jetstream",
    .noun = "jetstream",
    .doc = "JetStream of an account.",
    TABLE_OPTIONS(account_jetstream_rows),
};
