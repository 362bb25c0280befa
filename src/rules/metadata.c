/*
 * A rule about metadata. Servers from 2.11 on add keys of their own to it, and check the limit only after that. So
 * an object that just fits is refused.
 */
#include <string.h>

#include "base/row.h"
#include "kind/kinds.h"
#include "rules/scan.h"

enum { METADATA_MOST = 128 * 1024, SERVERS_OWN = 16 }; /* "_nats.req.level" and its value */

static size_t bytes_of(const struct value *metadata)
{
    size_t bytes = 0;
    for (size_t i = 0; metadata->type == VALUE_MAP && i < metadata->map->count; i++)
        bytes += strlen(metadata->map->pairs[i].key) + strlen(metadata->map->pairs[i].value->text);
    return bytes;
}

static void check_size(const struct rule_scan *scan)
{
    bool consumer = scan->config->table == &consumer_table;
    unsigned id = consumer ? CONSUMER_METADATA : STREAM_METADATA;
    size_t bytes = bytes_of(object_value(scan->config, id));
    /* The server adds its keys before it looks at the size. */
    if (bytes + SERVERS_OWN > METADATA_MOST)
        rule_report(scan, object_pos(scan->config, id),
                    "'%s' of %s has %zu bytes of keys and values, %d are the most",
                    table_field_by_id(scan->config->table, id)->name, rule_label(scan), bytes,
                    METADATA_MOST - SERVERS_OWN);
}

/* ---- the rules ---- */

static const struct rule rows[] = {
    ROW(.code = &code_range, .each = EACH_STREAM | EACH_CONSUMER, .err_code = 10052,
        .says = "stream metadata exceeds maximum size of 131072 bytes", .since = VERSION(2, 11, 0),
        .doc = "Metadata leaves room for what the server itself notes of the object.", .check = check_size),
};
const struct rule_list metadata_rules = RULE_LIST(rows);
