/*
 * Options of nats-server: JetStream; see server_option.h. Names, types and versions are those of the servers' own
 * parsers; `make interop` compares the rows with the newest source, and tests/live gives every row to each
 * version.
 */
#include "kind/server_options.h"

#include "base/row.h"

static const char *const choices_chacha[] = {"chacha", "chachapoly", "aes", NULL};
static const char *const choices_always[] = {"always", NULL};
static const char *const choices_will_extend[] = {"will_extend", "no_extend", NULL};
static const char *const choices_system[] = {"system", "owner", NULL};

static const struct server_option jetstream_rows[] = {
    ROW(.name = "enabled", .aliases = {"enable"}, .takes = TAKES_BOOL, .fallback = "true",
        .doc = "Whether there is JetStream."),
    ROW(.name = "store_dir", .aliases = {"store", "storedir"}, .takes = TAKES_TEXT,
        .fallback = "a folder of the environment's own", .reload = RELOAD_REFUSED, .flags = SERVER_PATH,
        .doc = "Folder of streams; the server adds '/jetstream' to it."),
    ROW(.name = "max_mem", .aliases = {"max_mem_store", "max_memory_store"}, .takes = TAKES_SIZE, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .reload = RELOAD_GROWS,
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Bytes for streams in memory; -1 is three quarters of the machine's memory."),
    ROW(.name = "max_file", .aliases = {"max_file_store"}, .takes = TAKES_SIZE, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .reload = RELOAD_GROWS,
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Bytes for streams on disk; -1 is three quarters of what is free."),
    ROW(.name = "domain", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED, .flags = SERVER_NO_SPACES,
        .doc = "Name of this JetStream, by which leafnodes tell it from the hub's."),
    ROW(.name = "key", .aliases = {"ek", "encryption_key"}, .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .flags = SERVER_SECRET, .doc = "Key that streams on disk are encrypted with."),
    ROW(.name = "prev_key", .aliases = {"prev_ek", "prev_encryption_key"}, .takes = TAKES_TEXT,
        .since = {{VERSION(2, 10, 0)}}, .reload = RELOAD_REFUSED, .flags = SERVER_SECRET,
        .doc = "The key before that one."),
    ROW(.name = "cipher", .takes = TAKES_CHOICE, .choices = choices_chacha, .fallback = "chacha",
        .reload = RELOAD_REFUSED, .flags = SERVER_ANY_CASE, .doc = "How they are encrypted."),
    ROW(.name = "sync_interval", .aliases = {"sync"}, .takes = TAKES_DURATION | TAKES_CHOICE,
        .choices = choices_always, .fallback = "2m", .since = {{VERSION(2, 10, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Time between syncs to the disk; 'always' syncs before every acknowledgement."),
    ROW(.name = "unique_tag", .takes = TAKES_TEXT, .reload = RELOAD_REFUSED,
        .doc = "Replicas of a stream go to servers that differ in the tag with this prefix.",
        .example = "\"az:\""),
    ROW(.name = "extension_hint", .takes = TAKES_CHOICE, .choices = choices_will_extend,
        .reload = RELOAD_REFUSED, .flags = SERVER_ANY_CASE,
        .doc = "Whether a leafnode without a domain of its own extends the JetStream of the hub."),
    ROW(.name = "strict", .takes = TAKES_BOOL, .fallback = "true", .since = {{VERSION(2, 11, 0)}},
        .reload = RELOAD_REFUSED, .doc = "Refuses requests of the JetStream API with unknown fields."),
    ROW(.name = "limits", .takes = TAKES_BLOCK, .block = &server_block_jetstream_limits,
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Limits for every stream and consumer."),
    ROW(.name = "max_outstanding_catchup", .takes = TAKES_SIZE, .least = 0, .most = INT64_MAX,
        .fallback = "64MiB", .reload = RELOAD_REFUSED, .doc = "Bytes under way to replicas that catch up."),
    ROW(.name = "max_buffered_msgs", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "100000",
        .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Messages that may wait to be stored."),
    ROW(.name = "max_buffered_size", .takes = TAKES_SIZE, .least = 0, .most = INT64_MAX, .fallback = "128MiB",
        .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED, .doc = "Bytes that may wait to be stored."),
    ROW(.name = "request_queue_limit", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "10000",
        .since = {{VERSION(2, 10, 21), VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Requests of the JetStream API that may wait."),
    ROW(.name = "info_queue_limit", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "10000",
        .since = {{VERSION(2, 14, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Requests for information that may wait."),
    ROW(.name = "meta_compact", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 2), VERSION(2, 14, 0)}},
        .doc = "Entries after which the meta group's log is compacted."),
    ROW(.name = "meta_compact_size", .takes = TAKES_SIZE, .least = 0, .most = INT64_MAX, .fallback = "0",
        .since = {{VERSION(2, 11, 11), VERSION(2, 12, 2), VERSION(2, 14, 0)}},
        .doc = "Bytes after which the meta group's log is compacted."),
    ROW(.name = "meta_compact_sync", .takes = TAKES_BOOL, .fallback = "false",
        .since = {{VERSION(2, 12, 5), VERSION(2, 14, 0)}},
        .doc = "Compacts it before anything else goes on."),
    ROW(.name = "max_concurrent_io", .takes = TAKES_INT, .least = 4, .most = 8192, .fallback = "4096",
        .since = {{VERSION(2, 12, 14), VERSION(2, 14, 4)}}, .reload = RELOAD_REFUSED,
        .doc = "Files that are read and written at the same time."),
    ROW(.name = "tpm", .takes = TAKES_BLOCK, .block = &server_block_tpm, .since = {{VERSION(2, 11, 0)}},
        .reload = RELOAD_REFUSED, .doc = "Keeps the key in a TPM, on Windows."),
};

const struct server_block server_block_jetstream = {
    .id = "server_jetstream",
    .noun = "jetstream",
    .doc = "Streams, and where they are kept.",
    SERVER_ROWS(jetstream_rows),
};

static const struct server_option jetstream_limits_rows[] = {
    ROW(.name = "max_ack_pending", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Highest max_ack_pending of consumers."),
    ROW(.name = "max_ha_assets", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Streams and consumers with replicas that the server takes."),
    ROW(.name = "max_request_batch", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "0",
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Largest batch that a consumer can be asked for."),
    ROW(.name = "duplicate_window", .takes = TAKES_DURATION, .fallback = "0",
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Longest duplicate_window of streams."),
    ROW(.name = "default_max_consumers", .takes = TAKES_INT, .least = 0, .most = INT64_MAX,
        .since = {{VERSION(2, 15, 1)}}, .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "The max_consumers of streams that have none."),
    ROW(.name = "batch", .takes = TAKES_BLOCK, .block = &server_block_jetstream_batch,
        .since = {{VERSION(2, 12, 0)}}, .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Limits of batches that are published as one."),
};

const struct server_block server_block_jetstream_limits = {
    .id = "server_jetstream_limits",
    .noun = "limits",
    .doc = "Limits for every stream and consumer of the server.",
    SERVER_ROWS(jetstream_limits_rows),
};

static const struct server_option jetstream_batch_rows[] = {
    ROW(.name = "max_inflight_per_stream", .takes = TAKES_INT, .least = 0, .most = INT64_MAX,
        .fallback = "50", .since = {{VERSION(2, 12, 0)}},
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}}, .doc = "Unfinished batches of a stream."),
    ROW(.name = "max_inflight_total", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "1000",
        .since = {{VERSION(2, 12, 0)}}, .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Unfinished batches of all streams."),
    ROW(.name = "max_msgs", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "1000",
        .since = {{VERSION(2, 12, 0)}}, .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "Messages in a batch."),
    ROW(.name = "timeout", .takes = TAKES_DURATION, .fallback = "10s", .since = {{VERSION(2, 12, 0)}},
        .reload_since = {{VERSION(2, 12, 7), VERSION(2, 14, 0)}},
        .doc = "How long a batch may stay unfinished."),
};

const struct server_block server_block_jetstream_batch = {
    .id = "server_jetstream_batch",
    .noun = "batch",
    .doc = "Limits of batches that are published as one.",
    SERVER_ROWS(jetstream_batch_rows),
};

static const struct server_option tpm_rows[] = {
    ROW(.name = "keys_file", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .flags = SERVER_PATH, .doc = "File of the sealed key."),
    ROW(.name = "encryption_password", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}},
        .reload = RELOAD_REFUSED, .flags = SERVER_SECRET, .doc = "Password of the key."),
    ROW(.name = "srk_password", .takes = TAKES_TEXT, .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .flags = SERVER_SECRET, .doc = "Password of the TPM's storage root key."),
    ROW(.name = "pcr", .takes = TAKES_INT, .least = 0, .most = INT64_MAX, .fallback = "22",
        .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED,
        .doc = "Register that the key is sealed to."),
    ROW(.name = "cipher", .takes = TAKES_CHOICE, .choices = choices_chacha, .fallback = "chacha",
        .since = {{VERSION(2, 11, 0)}}, .reload = RELOAD_REFUSED, .flags = SERVER_ANY_CASE,
        .doc = "How streams are encrypted."),
};

const struct server_block server_block_tpm = {
    .id = "server_tpm",
    .noun = "tpm",
    .doc = "A TPM, on Windows.",
    SERVER_ROWS(tpm_rows),
};

static const struct server_option account_jetstream_rows[] = {
    ROW(.name = "max_mem", .aliases = {"mem", "memory", "max_memory"}, .takes = TAKES_SIZE, .least = -1,
        .most = INT64_MAX, .fallback = "-1", .doc = "Bytes for streams in memory; -1 is no limit."),
    ROW(.name = "max_file", .aliases = {"store", "disk", "max_disk", "max_store"}, .takes = TAKES_SIZE,
        .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Bytes for streams on disk; -1 is no limit."),
    ROW(.name = "max_streams", .aliases = {"streams"}, .takes = TAKES_INT, .least = -1, .most = INT64_MAX,
        .fallback = "-1", .doc = "How many streams; -1 is no limit."),
    ROW(.name = "max_consumers", .aliases = {"consumers"}, .takes = TAKES_INT, .least = -1, .most = INT64_MAX,
        .fallback = "-1", .doc = "How many consumers a stream may have; -1 is no limit."),
    ROW(.name = "max_bytes_required", .aliases = {"max_bytes", "max_stream_bytes"}, .takes = TAKES_BOOL,
        .fallback = "false", .doc = "Every stream needs max_bytes."),
    ROW(.name = "memory_max_stream_bytes", .aliases = {"mem_max_stream_bytes"}, .takes = TAKES_SIZE,
        .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Highest max_bytes of a stream in memory; -1 is no limit."),
    ROW(.name = "disk_max_stream_bytes", .aliases = {"store_max_stream_bytes"}, .takes = TAKES_SIZE,
        .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Highest max_bytes of a stream on disk; -1 is no limit."),
    ROW(.name = "max_ack_pending", .takes = TAKES_INT, .least = -1, .most = INT64_MAX, .fallback = "-1",
        .doc = "Highest max_ack_pending of consumers; -1 is no limit."),
    ROW(.name = "cluster_traffic", .takes = TAKES_CHOICE, .choices = choices_system, .fallback = "system",
        .since = {{VERSION(2, 11, 0)}}, .doc = "Account that replicas talk in."),
};

const struct server_block server_block_account_jetstream = {
    .id = "server_account_jetstream",
    .noun = "jetstream",
    .doc = "JetStream of an account.",
    SERVER_ROWS(account_jetstream_rows),
};
