/*
 * The output of `terraform show -json`, of a state or of a plan: resources of the NATS provider (nats-io/jetstream) in
 * all modules. Resources of other providers are left out.
 */
#include "formats/formats.h"

#include <string.h>

#include "base/number.h"
#include "field/value.h"
#include "formats/foreign.h"
#include "kind/kinds.h"

#define STREAM_TYPE "jetstream_stream"
#define CONSUMER_TYPE "jetstream_consumer"
#define ID "id"
#define STREAM_ID "stream_id"
#define STREAM_ID_PREFIX "JETSTREAM_STREAM_"
#define DELIVER_PREFIX "deliver_" /* deliver_all, deliver_new, …: the provider has a flag for each choice */

/* A module: its resources as they are or will be and, in a plan, as the configuration has them. */
struct module {
    struct formats *formats;
    const struct node *resources;     /* list or NULL */
    const struct node *configuration; /* map or NULL */
};

static const char *key_of(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

static bool is_list(const struct node *node)
{
    return node && node->type == NODE_LIST;
}

static bool has_text(const struct node *map, const char *key, const char *text)
{
    const char *said = foreign_text(map, key);
    return said && strcmp(said, text) == 0;
}

static struct foreign_reader reader_of(struct formats *formats,
                                       bool (*special)(void *context, const struct member *member),
                                       void *context)
{
    return (struct foreign_reader){
        .arena = formats->arena,
        .diags = formats->diags,
        .dialect = DIALECT_TERRAFORM,
        .special = special,
        .context = context,
    };
}

static void has_no_name(struct formats *formats, const struct node *resource, const char *key)
{
    const char *address = foreign_text(resource, "address");
    diag_error(formats->diags, &code_required, resource->pos, "'%s' has no '%s' yet",
               address ? address : "a resource", key);
}

/* ---- streams ---- */

/* The name becomes the key in the manifest. */
static bool take_name(void *context, const struct member *member)
{
    const char *name = context;
    return strcmp(member->key, ID) == 0 || strcmp(member->key, name) == 0;
}

/*
 * The provider writes a stream's inactive_threshold in seconds but reads it back in nanoseconds, so a state may have either. A
 * number above a thousand million, which would be 31 years in seconds, is taken for nanoseconds.
 */
static void mend_threshold(const struct formats *formats, struct node *stream)
{
    struct node *limits = node_get(stream, key_of(&stream_table, STREAM_CONSUMER_LIMITS));
    const char *key = key_of(&limits_table, LIMITS_INACTIVE_THRESHOLD);
    const struct node *threshold = node_get(limits, key);
    int64_t nanos;
    /* Still a bare number: it was too large for seconds. */
    bool too_long = threshold && number_parse_i64(threshold->text, &nanos);
    bool parsed = threshold && !too_long && duration_parse(threshold->text, &nanos) == UNITS_OK;
    if (!too_long && !(parsed && nanos / SECOND >= SECOND))
        return;
    nanos = too_long ? nanos : nanos / SECOND;
    const char *text = duration_format(formats->arena, nanos);
    node_put(formats->arena, limits, key, foreign_scalar(formats->arena, text, false, threshold));
}

static struct node *take_named(struct module *module, const struct node *resource, const struct node *values,
                               const struct table *table, unsigned identity, enum format_section section)
{
    struct formats *formats = module->formats;
    const char *key = foreign_name(formats->arena, DIALECT_TERRAFORM, table_field_by_id(table, identity));
    struct foreign_reader reader = reader_of(formats, take_name, (void *)(uintptr_t)key);
    const char *name = foreign_text(values, key);
    struct node *object = foreign_object(&reader, table, values);
    if (name)
        formats_add(formats, section, name, node_get(values, key)->pos, object);
    else
        has_no_name(formats, resource, key);
    return object;
}

/* In states of old providers -1 is no limit. */
static void mend_age(struct node *stream)
{
    const char *key = key_of(&stream_table, STREAM_MAX_AGE);
    if (has_text(stream, key, "-1"))
        node_remove(stream, key);
}

static void take_stream(struct module *module, const struct node *resource, const struct node *values)
{
    struct node *stream = take_named(module, resource, values, &stream_table, STREAM_NAME, SECTION_STREAMS);
    mend_threshold(module->formats, stream);
    mend_age(stream);
}

static void take_key_value(struct module *module, const struct node *resource, const struct node *values)
{
    take_named(module, resource, values, &key_value_table, KEY_VALUE_BUCKET, SECTION_KEY_VALUES);
}

static void take_object_store(struct module *module, const struct node *resource, const struct node *values)
{
    take_named(module, resource, values, &object_store_table, OBJECT_STORE_BUCKET, SECTION_OBJECT_STORES);
}

/* ---- consumers ---- */

struct consumer_reader {
    struct arena *arena;
    const struct node *policy; /* the member that said it; NULL: none did */
    const char *choice;
};

/* "deliver_last: true" means deliver_policy "last". A start sequence or time implies its policy, too. */
static bool take_consumer_member(void *context, const struct member *member)
{
    struct consumer_reader *reader = context;
    const struct field *policy = table_field_by_id(&consumer_table, CONSUMER_DELIVER_POLICY);
    const struct field *sequence = table_field_by_id(&consumer_table, CONSUMER_OPT_START_SEQ);
    const struct field *time = table_field_by_id(&consumer_table, CONSUMER_OPT_START_TIME);
    const char *key = member->key;
    bool on = false;
    bool said = member->value->type == NODE_SCALAR && !node_is_null(member->value) && *member->value->text &&
                strcmp(member->value->text, "0") != 0;
    bool by_sequence = strcmp(key, foreign_name(reader->arena, DIALECT_TERRAFORM, sequence)) == 0;
    bool by_time = strcmp(key, foreign_name(reader->arena, DIALECT_TERRAFORM, time)) == 0;
    if (said && (by_sequence || by_time)) {
        reader->choice = by_sequence ? "by_start_sequence" : "by_start_time";
        reader->policy = member->value;
    }
    if (strcmp(key, ID) == 0 || strcmp(key, STREAM_ID) == 0 ||
        strcmp(key, key_of(&consumer_table, CONSUMER_DURABLE_NAME)) == 0)
        return true;
    if (strncmp(key, DELIVER_PREFIX, strlen(DELIVER_PREFIX)) != 0 ||
        !field_choice(policy, key + strlen(DELIVER_PREFIX)))
        return false;
    if (node_is_bool(member->value, &on) && on) {
        reader->choice = key + strlen(DELIVER_PREFIX);
        reader->policy = member->value;
    }
    return true;
}

/* The configuration's resource with that type and name. */
static const struct node *find_written(const struct node *module, const char *type, const char *name)
{
    const struct node *resources = node_get(module, "resources");
    for (size_t i = 0; is_list(resources) && i < resources->count; i++)
        if (has_text(resources->items[i], "type", type) && has_text(resources->items[i], "name", name))
            return resources->items[i];
    return NULL;
}

/* The name of the resource that a reference such as "jetstream_stream.ORDERS.id" is about. */
static const char *stream_reference(struct arena *arena, const struct node *written)
{
    static const char prefix[] = STREAM_TYPE ".";
    const struct node *stream_id = node_get(node_get(written, "expressions"), STREAM_ID);
    const struct node *references = node_get(stream_id, "references");
    for (size_t i = 0; is_list(references) && i < references->count; i++) {
        const struct node *reference = references->items[i];
        if (reference->type != NODE_SCALAR || strncmp(reference->text, prefix, strlen(prefix)) != 0)
            continue;
        const char *name = reference->text + strlen(prefix);
        /* Up to the attribute or the index: "jetstream_stream.ORDERS[0].id". */
        return arena_strndup(arena, name, strcspn(name, ".["));
    }
    return NULL;
}

/* Of 'count' and 'for_each'. The consumer with an index belongs to the stream with the same one. */
static bool same_index(const struct node *a, const struct node *b)
{
    const struct node *left = node_get(a, "index");
    const struct node *right = node_get(b, "index");
    bool both = left && right && left->type == NODE_SCALAR && right->type == NODE_SCALAR;
    return both && strcmp(left->text, right->text) == 0;
}

/* Before the first apply a stream has no id yet. Then the consumer's reference in the configuration says which resource it is. */
static const struct node *planned_stream(const struct module *module, const struct node *consumer)
{
    const struct node *found = NULL;
    const char *name = foreign_text(consumer, "name");
    const char *stream = name ? stream_reference(module->formats->arena,
                                                 find_written(module->configuration, CONSUMER_TYPE, name))
                              : NULL;
    size_t count = 0;
    for (size_t i = 0; stream && i < module->resources->count; i++) {
        const struct node *resource = module->resources->items[i];
        if (!has_text(resource, "type", STREAM_TYPE) || !has_text(resource, "name", stream))
            continue;
        if (same_index(resource, consumer))
            return resource;
        found = resource;
        count++;
    }
    return count == 1 ? found : NULL;
}

static const struct node *stream_name(const struct module *module, const struct node *resource,
                                      const struct node *values)
{
    struct arena *arena = module->formats->arena;
    const char *id = foreign_text(values, STREAM_ID);
    if (id && strncmp(id, STREAM_ID_PREFIX, strlen(STREAM_ID_PREFIX)) == 0)
        return foreign_scalar(arena, id + strlen(STREAM_ID_PREFIX), true, node_get(values, STREAM_ID));
    const struct node *planned = planned_stream(module, resource);
    const char *key = key_of(&stream_table, STREAM_NAME);
    return foreign_text(node_get(planned, "values"), key) ? node_get(node_get(planned, "values"), key) : NULL;
}

static void take_consumer(struct module *module, const struct node *resource, const struct node *values)
{
    struct formats *formats = module->formats;
    const char *key = key_of(&consumer_table, CONSUMER_DURABLE_NAME);
    const char *name = foreign_text(values, key);
    const struct node *stream = stream_name(module, resource, values);
    struct consumer_reader special = {.arena = formats->arena};
    struct foreign_reader reader = reader_of(formats, take_consumer_member, &special);
    if (!name || !stream) {
        has_no_name(formats, resource, name ? STREAM_ID : key);
        return;
    }
    struct node *consumer = foreign_object(&reader, &consumer_table, values);
    if (special.policy)
        node_put(formats->arena, consumer, key_of(&consumer_table, CONSUMER_DELIVER_POLICY),
                 foreign_scalar(formats->arena, special.choice, true, special.policy));
    formats_add_consumer(formats, stream->text, stream->pos, name, node_get(values, key)->pos, consumer);
}

/* ---- modules ---- */

struct type {
    const char *name;
    void (*take)(struct module *module, const struct node *resource, const struct node *values);
};

static const struct type types[] = {
    {STREAM_TYPE, take_stream},
    {CONSUMER_TYPE, take_consumer},
    {"jetstream_kv_bucket", take_key_value},
    {"jetstream_obj_bucket", take_object_store},
};

static void take_resource(struct module *module, const struct node *resource)
{
    const char *type = foreign_text(resource, "type");
    const struct node *values = node_get(resource, "values");
    /* "mode": "data" is what a configuration reads from elsewhere, and does not manage. */
    if (!type || !values || values->type != NODE_MAP || has_text(resource, "mode", "data"))
        return;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, type) == 0) {
            types[i].take(module, resource, values);
            return;
        }
    }
    formats_leave_out(module->formats, type, node_get(resource, "type")->pos);
}

/* The configuration of a child module, by its address, which ends in "module.NAME" or "module.NAME[0]". */
static const struct node *configuration_below(struct arena *arena, const struct node *configuration,
                                              const struct node *child)
{
    const char *address = foreign_text(child, "address");
    const char *name = NULL;
    for (const char *at = address; at && (at = strstr(at, "module.")); at += strlen("module."))
        name = at + strlen("module.");
    const struct node *calls = node_get(configuration, "module_calls");
    return name ? node_get(node_get(calls, arena_strndup(arena, name, strcspn(name, "["))), "module") : NULL;
}

/* Recurses at most YAML_MOST_DEPTH levels deep, as no document is deeper. */
static void take_module(struct formats *formats, const struct node *tree, const struct node *configuration)
{
    struct module module = {formats, node_get(tree, "resources"), configuration};
    const struct node *children = node_get(tree, "child_modules");
    for (size_t i = 0; is_list(module.resources) && i < module.resources->count; i++)
        take_resource(&module, module.resources->items[i]);
    for (size_t i = 0; is_list(children) && i < children->count; i++)
        take_module(formats, children->items[i],
                    configuration_below(formats->arena, configuration, children->items[i]));
}

/* What Terraform keeps for itself, in a form of its own; and what it prints where there is no state. */
static bool refuse_state(struct formats *formats, const struct node *document)
{
    bool own = node_get(document, "lineage") && node_get(document, "terraform_version");
    bool none = document->count == 1 && node_get(document, "format_version");
    if (!own && !none)
        return false;
    struct diag *diag =
        diag_add(formats->diags, &code_format, document->pos,
                 own ? "this is Terraform's own state file" : "Terraform has printed that there is no state");
    diag_hint(
        formats->diags, diag,
        own ? "give what 'terraform show -json' prints of it, as with '| natsform plan -f -'"
            : "run 'terraform show -json' in the folder of the configuration, where its state is found");
    return true;
}

/* A plan has both: what is planned counts, since the state may be older. */
bool terraform_take(struct formats *formats, const struct node *document)
{
    if (refuse_state(formats, document))
        return true;
    /* Both are in every document of `terraform show -json`. */
    if (!node_get(document, "format_version") || !node_get(document, "terraform_version"))
        return false;
    const struct node *planned = node_get(node_get(document, "planned_values"), "root_module");
    const struct node *state = node_get(node_get(document, "values"), "root_module");
    const struct node *configuration = node_get(node_get(document, "configuration"), "root_module");
    if (planned || state)
        take_module(formats, planned ? planned : state, planned ? configuration : NULL);
    return true;
}
