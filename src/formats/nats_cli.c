/*
 * JSON of the nats CLI and of the JetStream API: configurations of streams and consumers, and lists of them. They are alone, as
 * `nats stream add --config` takes them, or inside the output of `info --json`, a backup, or a server's reply.
 */
#include "formats/formats.h"

#include <string.h>

#include "formats/foreign.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"

#define API_TYPE "io.nats.jetstream.api."

/* Keys around a configuration. */
#define KEY_TYPE "type"
#define KEY_CONFIG "config"
#define KEY_STREAM "stream_name"
#define KEY_NAME "name"
#define KEY_STREAMS "streams"
#define KEY_CONSUMERS "consumers"
#define KEY_ERROR "error"

static const char *key_of(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

/* The name becomes the key in the manifest. */
static bool take_name(void *context, const struct member *member)
{
    (void)context;
    return strcmp(member->key, key_of(&stream_table, STREAM_NAME)) == 0;
}

static struct foreign_reader reader_of(const struct formats *formats)
{
    static const char *const special_names[] = {KEY_NAME, NULL};
    return (struct foreign_reader){
        .arena = formats->arena,
        .diags = formats->diags,
        .dialect = DIALECT_NATS,
        .special = take_name,
        .special_names = special_names,
    };
}

/* ---- streams ---- */

static void take_stream(struct formats *formats, const struct node *config)
{
    struct foreign_reader reader = reader_of(formats);
    const char *key = key_of(&stream_table, STREAM_NAME);
    const char *name = foreign_text(config, key);
    struct srcpos pos = name ? node_get(config, key)->pos : config->pos;
    struct node *stream = foreign_object(&reader, &stream_table, config);
    if (formats->stream)
        name = formats->stream;
    if (name) {
        formats_note_owner(formats, config, name);
        formats_add(formats, SECTION_STREAMS, name, pos, stream);
        return;
    }
    struct diag *diag =
        diag_add(formats->diags, &code_required, pos, "the stream's configuration has no '%s'", key);
    diag_hint(formats->diags, diag, "say it with --stream NAME, as 'nats stream add NAME --config' does");
}

/* ---- consumers ---- */

/* A flag that is left out is off, as in the API. */
static bool says(const struct node *config, unsigned id)
{
    bool on = false;
    const struct node *node = node_get(config, key_of(&consumer_table, id));
    return node && node_is_bool(node, &on) && on;
}

/*
 * To the server, a consumer with `name` and without `durable_name` is temporary. A manifest has to say so: there,
 * durable is the default.
 */
static void tell_durable(struct formats *formats, struct node *consumer, const char *name)
{
    const char *key = key_of(&consumer_table, CONSUMER_DURABLE_NAME);
    const struct node *durable = node_get(consumer, key);
    if (!durable)
        node_put(formats->arena, consumer, key, foreign_scalar(formats->arena, "", true, consumer));
    else if (durable->type == NODE_SCALAR && strcmp(durable->text, name) == 0)
        node_remove(consumer, key);
}

/* Of a temporary consumer, servers before 2.10 may say the name beside the configuration only. */
static const struct node *name_of(const struct node *config, const struct node *around)
{
    const struct node *const maps[] = {config, config, around};
    const char *const keys[] = {key_of(&consumer_table, CONSUMER_NAME),
                                key_of(&consumer_table, CONSUMER_DURABLE_NAME), KEY_NAME};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (foreign_text(maps[i], keys[i]))
            return node_get(maps[i], keys[i]);
    return NULL;
}

/* `inside`: what is around the configuration, such as ".config"; "": it is all there is. */
static void tell_missing(const struct formats *formats, struct srcpos pos, bool name, const char *inside,
                         bool stream)
{
    if (name) {
        const char *durable = key_of(&consumer_table, CONSUMER_DURABLE_NAME);
        struct diag *diag = diag_add(formats->diags, &code_required, pos,
                                     "the consumer's configuration has neither '%s' nor '%s'", durable,
                                     key_of(&consumer_table, CONSUMER_NAME));
        diag_hint(formats->diags, diag, "write \"%s\": \"NAME\" into it, as with: jq '%s.%s = \"NAME\"'",
                  durable, inside, durable);
    }
    if (stream) {
        struct diag *diag = diag_add(formats->diags, &code_required, pos,
                                     "the consumer's configuration does not say which stream it is of");
        diag_hint(formats->diags, diag,
                  "say it with --stream NAME, as 'nats consumer add NAME --config' does; "
                  "all that 'nats consumer info STREAM NAME --json' prints says it too");
    }
}

static void take_consumer(struct formats *formats, const struct node *config, const struct node *around)
{
    struct foreign_reader reader = reader_of(formats);
    const char *stream = foreign_text(around, KEY_STREAM);
    struct srcpos stream_pos = stream ? node_get(around, KEY_STREAM)->pos : config->pos;
    const struct node *name = name_of(config, around);
    struct srcpos pos = name ? name->pos : config->pos;
    /*
     * Servers make these for mirrors and sources, and remove them too; from 2.14 on as durable JS_MIRROR_… and
     * JS_SRC_….
     */
    if (says(config, CONSUMER_DIRECT) || says(config, CONSUMER_SOURCING)) {
        formats_leave_out(formats, "a consumer of the server's own, for a mirror or source", pos);
        return;
    }
    struct node *consumer = foreign_object(&reader, &consumer_table, config);
    if (formats->stream)
        stream = formats->stream;
    if (!name || !stream) {
        tell_missing(formats, pos, !name, around ? "." KEY_CONFIG : "", !stream);
        return;
    }
    formats_note_owner(formats, config, arena_printf(formats->arena, "%s > %s", stream, name->text));
    tell_durable(formats, consumer, name->text);
    formats_add_consumer(formats, stream, stream_pos, name->text, pos, consumer);
}

/* ---- what a document is ---- */

static bool is_map(const struct node *node)
{
    return node && node->type == NODE_MAP;
}

/* A bare configuration does not say what it is of. The table that knows more of its keys decides. */
static bool is_consumer(const struct node *config)
{
    return foreign_count_rows(&consumer_table, config) > foreign_count_rows(&stream_table, config);
}

/* A configuration inside the output of `info`. */
static void take_info(struct formats *formats, const struct node *info)
{
    const struct node *config = node_get(info, KEY_CONFIG);
    if (node_get(info, KEY_STREAM) || is_consumer(config))
        take_consumer(formats, config, info);
    else
        take_stream(formats, config);
}

static void take_bare(struct formats *formats, const struct node *config)
{
    if (is_consumer(config))
        take_consumer(formats, config, NULL);
    else
        take_stream(formats, config);
}

/* `nats stream ls --json` and STREAM.NAMES are names without configurations. */
static void refuse_names(struct formats *formats, const struct node *list)
{
    struct diag *diag =
        diag_add(formats->diags, &code_format, list->pos, "these are names without configurations");
    diag_hint(formats->diags, diag,
              "'natsform export' reads all from the server; 'nats stream info NAME --json' and "
              "'nats consumer info STREAM NAME --json' print one");
}

static bool is_named_list(const struct node *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->type != NODE_SCALAR || !list->items[i]->quoted)
            return false;
    return list->count > 0;
}

static void take_items(struct formats *formats, const struct node *list)
{
    if (is_named_list(list)) {
        refuse_names(formats, list);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        if (is_map(node_get(item, KEY_CONFIG)))
            take_info(formats, item);
        else if (is_map(item))
            take_bare(formats, item);
        else
            diag_error(formats->diags, &code_wrong_type, item->pos,
                       "an item of the list must be a configuration, not %s", node_describe(item));
    }
}

/* A reply of the server's API. */
static void take_reply(struct formats *formats, const struct node *reply)
{
    const struct node *streams = node_get(reply, KEY_STREAMS);
    const struct node *consumers = node_get(reply, KEY_CONSUMERS);
    if (is_map(node_get(reply, KEY_CONFIG)))
        take_info(formats, reply);
    else if (streams && streams->type == NODE_LIST)
        take_items(formats, streams);
    else if (consumers && consumers->type == NODE_LIST)
        take_items(formats, consumers);
    else
        diag_error(formats->diags, &code_format, node_get(reply, KEY_TYPE)->pos,
                   node_get(reply, KEY_ERROR)
                       ? "the server answered with an error here, not with a configuration"
                       : "this reply of the server has no configuration in it");
}

static bool is_reply(const struct node *document)
{
    const char *type = foreign_text(document, KEY_TYPE);
    return type && strncmp(type, API_TYPE, strlen(API_TYPE)) == 0;
}

/* A manifest may be JSON too, and its 'streams' is a map where the API has a list. */
static bool is_ours(const struct node *document)
{
    for (size_t i = 0; i < document->count; i++)
        if (table_field(&manifest_table, document->members[i].key) ||
            strncmp(document->members[i].key, EXTENSION_PREFIX, strlen(EXTENSION_PREFIX)) == 0)
            return true;
    return false;
}

static bool is_json(const struct source *source)
{
    char first = source->text[strspn(source->text, " \t\r\n")];
    return first == '{' || first == '[';
}

/* What many files have that are not about streams, such as a package.json. */
static size_t count_usual(const struct node *document)
{
    static const unsigned usual[] = {STREAM_NAME, STREAM_DESCRIPTION, STREAM_METADATA};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        count += node_get(document, key_of(&stream_table, usual[i])) != NULL;
    return count;
}

bool nats_take(struct formats *formats, const struct source *source, const struct node *document)
{
    if (is_reply(document)) {
        take_reply(formats, document);
        return true;
    }
    /* Names alone in a directory may be anybody's. */
    if (document->type == NODE_LIST && is_json(source) && document->count &&
        (is_map(document->items[0]) || (is_named_list(document) && !formats->found_by_search))) {
        take_items(formats, document);
        return true;
    }
    if (document->type != NODE_MAP || is_ours(document))
        return false;
    if (is_map(node_get(document, KEY_CONFIG))) {
        take_info(formats, document);
        return true;
    }
    /* More than one key of the API is wanted: any JSON could have one, such as 'name'. */
    size_t usual = formats->found_by_search ? count_usual(document) : 1;
    size_t most = usual > 1 ? usual : 1;
    bool bare = is_json(source) && (foreign_count_rows(&stream_table, document) > most ||
                                    foreign_count_rows(&consumer_table, document) > most);
    if (bare)
        take_bare(formats, document);
    return bare;
}
