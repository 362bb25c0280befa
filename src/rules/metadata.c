/* A rule about metadata, which servers from 2.11 on share with what they write down of the object themselves. */
#include <string.h>

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

static void check(struct rule_scan *scan, const struct rules_object *object, unsigned id)
{
    size_t bytes = rules_is_open(object) ? bytes_of(object_value(object->config, id)) : 0;
    if (bytes + SERVERS_OWN > METADATA_MOST)
        rule_report(scan, object, object_pos(object->config, id),
                    "'%s' of %s has %zu bytes of keys and values, %d are the most",
                    table_field_by_id(object->config->table, id)->name, rules_label(scan, object), bytes,
                    METADATA_MOST - SERVERS_OWN);
}

void check_metadata_size(struct rule_scan *scan)
{
    for (size_t i = 0; i < scan->world->streams.count; i++) {
        const struct rules_stream *stream = scan->world->streams.items[i];
        check(scan, &stream->self, STREAM_METADATA);
        for (size_t j = 0; j < stream->consumers.count; j++)
            check(scan, stream->consumers.items[j], CONSUMER_METADATA);
    }
}
