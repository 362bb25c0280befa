/* Writes the manifest of a new project; see new_project.h. */
#include "edit/new_project.h"

#include <ctype.h>
#include <string.h>

#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "syntax/yaml.h"

static const char introduction[] =
    "# yaml-language-server: $schema=./natsform.schema.json\n"
    "#\n"
    "#     natsform up      boots the servers, applies the streams, and tells the URLs\n"
    "#     natsform plan    shows what 'natsform apply' would change\n"
    "#     natsform down    stops the servers; what is stored stays\n"
    "#\n"
    "# A server takes every option of nats-server by its own name ('natsform explain servers').";

static const char for_browsers[] = " For browsers:\n"
                                   "#\n"
                                   "#     websocket: {port: 8080, no_tls: true}";

/* ---- names ---- */

const char *new_project_subject(struct arena *arena, const char *name)
{
    return arena_printf(arena, "%s.>", local_name(arena, name));
}

/* The stream's name, from its subject: "CHAT" for "chat.>". It is the first token that is no wildcard, in capital letters. */
static const char *stream_name(struct arena *arena, const struct new_project *wishes)
{
    const char *subject = wishes->subjects.items[0];
    while (*subject == '*' || *subject == '>' || *subject == '.' || *subject == '$')
        subject++;
    const char *token = arena_strndup(arena, subject, strcspn(subject, "."));
    char *name = arena_strdup(arena, local_name(arena, *token ? token : wishes->name));
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    return name;
}

/* ---- the manifest ---- */

static void put(struct arena *arena, struct node *map, const struct table *table, unsigned id,
                struct node *value)
{
    node_put(arena, map, table_field_by_id(table, id)->name, value);
}

static struct node *plain(struct arena *arena, const char *text)
{
    return node_scalar(arena, text, false);
}

static struct node *make_stream(struct arena *arena, const struct new_project *wishes)
{
    struct node *subjects = node_list(arena);
    struct node *stream = node_map(arena);
    struct node *consumer = node_map(arena);
    struct node *consumers = node_map(arena);
    for (size_t i = 0; i < wishes->subjects.count; i++)
        node_append(arena, subjects, node_scalar(arena, wishes->subjects.items[i], true));
    put(arena, stream, &stream_table, STREAM_SUBJECTS, subjects);
    put(arena, stream, &stream_table, STREAM_MAX_AGE, plain(arena, "7d"));
    put(arena, stream, &stream_table, STREAM_MAX_BYTES, plain(arena, "256MiB"));
    if (wishes->cluster)
        put(arena, stream, &stream_table, STREAM_NUM_REPLICAS,
            plain(arena, arena_printf(arena, "%d", LOCAL_CLUSTER)));
    put(arena, consumer, &consumer_table, CONSUMER_ACK_POLICY, node_scalar(arena, "explicit", true));
    put(arena, consumer, &consumer_table, CONSUMER_MAX_DELIVER, plain(arena, "5"));
    node_put(arena, consumers, "processor", consumer);
    put(arena, stream, &stream_table, STREAM_CONSUMERS, consumers);
    return stream;
}

static void add_pair(struct arena *arena, struct strbuf *out, unsigned id, struct node *value)
{
    struct node *root = node_map(arena);
    put(arena, root, &manifest_table, id, value);
    yaml_write(out, root);
    strbuf_addc(out, '\n');
}

void new_project_begin(struct arena *arena, struct strbuf *out, const char *name,
                       const struct local_servers *servers)
{
    strbuf_addf(out, "%s%s\n\n", introduction, servers->websocket ? "" : for_browsers);
    add_pair(arena, out, MANIFEST_PROJECT, node_scalar(arena, name, true));
    add_pair(arena, out, MANIFEST_SERVERS, local_servers_node(arena, servers));
}

const char *new_project_text(struct arena *arena, const struct new_project *wishes)
{
    const struct local_servers servers = {.nodes = wishes->cluster ? LOCAL_CLUSTER : 0,
                                          .websocket = wishes->websocket};
    struct strbuf out = {0};
    struct node *streams = node_map(arena);
    node_put(arena, streams, stream_name(arena, wishes), make_stream(arena, wishes));
    new_project_begin(arena, &out, wishes->name, &servers);
    struct node *root = node_map(arena);
    put(arena, root, &manifest_table, MANIFEST_STREAMS, streams);
    yaml_write(&out, root);
    return strbuf_move(&out, arena);
}
