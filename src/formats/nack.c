/*
 * NACK resources: Kubernetes documents with the apiVersion jetstream.nats.io. Kubernetes' own parts of them are ignored.
 * Documents of other kinds are left out, with a note. Defaults of NACK's CRD are filled in, because the cluster would do
 * that before NACK sees the resource. nack_connection.c reads where the server is.
 */
#include "formats/formats.h"

#include <string.h>

#include "base/number.h"
#include "base/suggest.h"
#include "field/value.h"
#include "formats/foreign.h"
#include "formats/nack_connection.h"
#include "kind/kinds.h"

DIAG_CODE(code_crd_default, .name = "crd-default", CODE_WARNING,
          .doc = "A field that a NACK resource leaves out gets a default that hardly anybody wants.",
          .why = "The Kubernetes operator's resources have defaults of their own, unlike the server's.",
          .example = "spec: {name: orders}", .remedy = "Write the field out.");

#define GROUP "jetstream.nats.io/"
#define API_VERSION "apiVersion"
#define KIND "kind"
#define SPEC "spec"
#define METADATA "metadata"

static const char *const versions[] = {"v1beta1", "v1beta2", NULL};
static const char *const around_spec[] = {API_VERSION, KIND, SPEC, METADATA, "status", NULL};

/* Keys of a spec that are not fields of the object. nack_connection.c knows more of them. */
#define STREAM_NAME_KEY "streamName"
#define PREVENT_DELETE "preventDelete"
#define PREVENT_UPDATE "preventUpdate"

struct resource_reader {
    struct formats *formats;
    const struct node *spec;
    const struct table *table;
    const char *name_key; /* the key of the spec with the object's name */
    bool prevent_delete;
    bool prevent_update;
};

static const char *key_of(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

static bool is_one_of(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* ---- keys that are not fields ---- */

static void take_flag(struct formats *formats, const struct member *member, bool *ret_on)
{
    bool on;
    if (node_is_null(member->value))
        return;
    if (node_is_bool(member->value, &on))
        *ret_on = on;
    else
        diag_error(formats->diags, &code_wrong_type, member->value->pos, "'%s' must be true or false, not %s",
                   member->key, node_describe(member->value));
}

static bool take_special(void *context, const struct member *member)
{
    struct resource_reader *reader = context;
    if (strcmp(member->key, PREVENT_DELETE) == 0)
        take_flag(reader->formats, member, &reader->prevent_delete);
    else if (strcmp(member->key, PREVENT_UPDATE) == 0)
        take_flag(reader->formats, member, &reader->prevent_update);
    else
        return strcmp(member->key, reader->name_key) == 0 || nack_is_connection_key(member->key) ||
               (reader->table == &consumer_table && strcmp(member->key, STREAM_NAME_KEY) == 0);
    return true;
}

static struct node *every_field(struct arena *arena, const struct table *table, const struct node *at)
{
    struct node *list = node_list(arena);
    list->pos = at->pos;
    for (size_t i = 0; i < table->count; i++)
        if (!(table->fields[i].flags & (FIELD_OURS | FIELD_IDENTITY | FIELD_INTERNAL)))
            node_append(arena, list, foreign_scalar(arena, table->fields[i].name, true, at));
    return list;
}

/* preventDelete is our prevent_destroy. preventUpdate ignores all fields, once the object is there. */
static void add_lifecycle(const struct resource_reader *reader, struct node *object, unsigned lifecycle_id)
{
    struct arena *arena = reader->formats->arena;
    if (!reader->prevent_delete && !reader->prevent_update)
        return;
    struct node *lifecycle = node_map(arena);
    const struct node *at = node_get(reader->spec, reader->prevent_delete ? PREVENT_DELETE : PREVENT_UPDATE);
    lifecycle->pos = at->pos;
    if (reader->prevent_delete)
        node_put(arena, lifecycle, key_of(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY),
                 foreign_scalar(arena, "true", false, at));
    if (reader->prevent_update)
        node_put(arena, lifecycle, key_of(&lifecycle_table, LIFECYCLE_IGNORE),
                 every_field(arena, reader->table, node_get(reader->spec, PREVENT_UPDATE)));
    node_put(arena, object, key_of(reader->table, lifecycle_id), lifecycle);
}

/* ---- what the CRD fills in ---- */

/*
 * Two defaults of the CRD differ from the server's, and surprise people. They are used all the same, because the
 * resource means them.
 */
static void warn_of_default(const struct resource_reader *reader, const struct field *field,
                            const struct node *object)
{
    struct diags *diags = reader->formats->diags;
    bool memory = reader->table == &stream_table && field->id == STREAM_STORAGE;
    bool at_once = reader->table == &consumer_table && field->id == CONSUMER_ACK_WAIT;
    const char *policy = foreign_text(object, key_of(&consumer_table, CONSUMER_ACK_POLICY));
    const char *key = foreign_name(&diags->arena, DIALECT_NACK, field);
    if (memory) {
        struct diag *diag =
            diag_add(diags, &code_crd_default, reader->spec->pos,
                     "'%s' is left out, which NACK's CRD makes %s: messages go when the servers stop", key,
                     field->nack_fallback);
        diag_hint(diags, diag, "write '%s: %s', or '%s: %s' if that is meant", key, field->fallback, key,
                  field->nack_fallback);
    }
    if (at_once && policy && strcmp(policy, CHOICE_NONE) != 0) {
        struct diag *diag =
            diag_add(diags, &code_crd_default, reader->spec->pos,
                     "'%s' is left out, which NACK's CRD makes %s: every message is delivered again "
                     "before anybody can acknowledge it",
                     key, field->nack_fallback);
        diag_hint(diags, diag, "write '%s: 30s', the server's own default", key);
    }
}

/* Does the resource have the field? Even zero or null counts: then no default is filled in. */
static bool is_said(const struct resource_reader *reader, const struct field *field)
{
    const struct node *said =
        node_get(reader->spec, foreign_name(reader->formats->arena, DIALECT_NACK, field));
    return said && !node_is_null(said);
}

/* Fills in all defaults of the CRD that the resource leaves out. */
static void fill_defaults(const struct resource_reader *reader, struct node *object)
{
    struct arena *arena = reader->formats->arena;
    const char *backoff = key_of(&consumer_table, CONSUMER_BACKOFF);
    for (size_t i = 0; i < reader->table->count; i++) {
        const struct field *field = &reader->table->fields[i];
        const char *fallback = field->nack_fallback ? field->nack_fallback : field->fallback;
        bool replaced = reader->table == &consumer_table && field->id == CONSUMER_ACK_WAIT &&
                        node_get(object, backoff); /* by the first wait */
        if (!fallback || field->since[0] || (field->flags & FIELD_OURS) || replaced || is_said(reader, field))
            continue;
        struct node *filled = foreign_scalar(arena, fallback, false, reader->spec);
        filled->pos.unwritten = arena_printf(arena, "'%s' is left out, and NACK's CRD makes it %s",
                                             foreign_name(arena, DIALECT_NACK, field), fallback);
        node_put(arena, object, field->name, filled);
        if (field->nack_fallback)
            warn_of_default(reader, field, object);
    }
}

/* ---- kinds ---- */

static struct node *take_object(struct resource_reader *reader, unsigned lifecycle_id)
{
    const char *special_names[] = {reader->name_key, STREAM_NAME_KEY, PREVENT_DELETE, PREVENT_UPDATE, NULL};
    struct formats *formats = reader->formats;
    struct foreign_reader fields = {
        .arena = formats->arena,
        .diags = formats->diags,
        .dialect = DIALECT_NACK,
        .special = take_special,
        .context = reader,
        .special_names = special_names,
    };
    struct node *object = foreign_object(&fields, reader->table, reader->spec);
    fill_defaults(reader, object);
    add_lifecycle(reader, object, lifecycle_id);
    nack_take_connection(formats, reader->spec);
    return object;
}

/* metadata.name is Kubernetes' own name of the resource, and may differ: NACK does not use it for the object. */
static bool has_name(const struct resource_reader *reader, const char *kind, const char *key)
{
    if (foreign_text(reader->spec, key))
        return true;
    struct diag *diag =
        diag_add(reader->formats->diags, &code_required, reader->spec->pos, "%s has no '%s'", kind, key);
    diag_hint(reader->formats->diags, diag,
              "the resource's own name, in 'metadata', is for Kubernetes alone");
    return false;
}

static void take_stream(struct formats *formats, const struct node *spec, const struct node *document)
{
    (void)document;
    struct resource_reader reader = {
        .formats = formats, .spec = spec, .table = &stream_table, .name_key = "name"};
    struct node *stream = take_object(&reader, STREAM_LIFECYCLE);
    if (has_name(&reader, "stream", reader.name_key))
        formats_add(formats, SECTION_STREAMS, foreign_text(spec, reader.name_key),
                    node_get(spec, reader.name_key)->pos, stream);
}

/* The operator reads where to start by the policy alone, and passes over the rest. */
static void leave_out_start(struct formats *formats, const struct node *spec, struct node *consumer)
{
    static const struct {
        unsigned start;
        const char *policy;
    } starts[] = {{CONSUMER_OPT_START_SEQ, "by_start_sequence"}, {CONSUMER_OPT_START_TIME, "by_start_time"}};
    const char *policy = foreign_text(consumer, key_of(&consumer_table, CONSUMER_DELIVER_POLICY));
    for (size_t i = 0; policy && i < sizeof(starts) / sizeof(starts[0]); i++) {
        const struct field *field = table_field_by_id(&consumer_table, starts[i].start);
        const char *key = foreign_name(formats->arena, DIALECT_NACK, field);
        if (!node_get(consumer, field->name) || strcmp(policy, starts[i].policy) == 0)
            continue;
        diag_add(formats->diags, &code_key_left_out, node_get(spec, key)->pos,
                 "'%s' is left out: the consumer does not start there by its '%s'", key,
                 foreign_name(formats->arena, DIALECT_NACK,
                              table_field_by_id(&consumer_table, CONSUMER_DELIVER_POLICY)));
        node_remove(consumer, field->name);
    }
}

static void take_consumer(struct formats *formats, const struct node *spec, const struct node *document)
{
    (void)document;
    const char *key =
        foreign_name(formats->arena, DIALECT_NACK, table_field_by_id(&consumer_table, CONSUMER_DURABLE_NAME));
    struct resource_reader reader = {
        .formats = formats, .spec = spec, .table = &consumer_table, .name_key = key};
    struct node *consumer = take_object(&reader, CONSUMER_LIFECYCLE);
    leave_out_start(formats, spec, consumer);
    bool named = has_name(&reader, "consumer", key);
    if (has_name(&reader, "consumer", STREAM_NAME_KEY) && named)
        formats_add_consumer(formats, foreign_text(spec, STREAM_NAME_KEY),
                             node_get(spec, STREAM_NAME_KEY)->pos, foreign_text(spec, key),
                             node_get(spec, key)->pos, consumer);
}

static struct node *take_bucket(struct formats *formats, const struct node *spec, const struct table *table,
                                unsigned identity, unsigned lifecycle, enum format_section section)
{
    const char *key = foreign_name(formats->arena, DIALECT_NACK, table_field_by_id(table, identity));
    struct resource_reader reader = {.formats = formats, .spec = spec, .table = table, .name_key = key};
    struct node *bucket = take_object(&reader, lifecycle);
    if (has_name(&reader, table->noun, key))
        formats_add(formats, section, foreign_text(spec, key), node_get(spec, key)->pos, bucket);
    return bucket;
}

/* The CRD has this one duration as a number of nanoseconds; all others are Go's text. */
static void mend_marker(struct formats *formats, struct node *bucket)
{
    const char *key = key_of(&key_value_table, KEY_VALUE_LIMIT_MARKER_TTL);
    const struct node *marker = node_get(bucket, key);
    int64_t nanos;
    if (marker && marker->type == NODE_SCALAR && !marker->quoted && number_parse_i64(marker->text, &nanos) &&
        nanos > 0)
        node_put(formats->arena, bucket, key,
                 foreign_scalar(formats->arena, duration_format(formats->arena, nanos), false, marker));
}

static void take_key_value(struct formats *formats, const struct node *spec, const struct node *document)
{
    (void)document;
    mend_marker(formats, take_bucket(formats, spec, &key_value_table, KEY_VALUE_BUCKET, KEY_VALUE_LIFECYCLE,
                                     SECTION_KEY_VALUES));
}

static void take_object_store(struct formats *formats, const struct node *spec, const struct node *document)
{
    (void)document;
    take_bucket(formats, spec, &object_store_table, OBJECT_STORE_BUCKET, OBJECT_STORE_LIFECYCLE,
                SECTION_OBJECT_STORES);
}

/* An Account is kept by its name in Kubernetes, which resources refer to. */
static void take_account(struct formats *formats, const struct node *spec, const struct node *document)
{
    const char *name = foreign_text(node_get(document, METADATA), "name");
    if (!name)
        name = foreign_text(spec, "name");
    nack_take_account(formats, name ? name : "", spec);
}

struct kind {
    const char *name;
    void (*take)(struct formats *formats, const struct node *spec, const struct node *document);
};

static const struct kind kinds[] = {
    {"Stream", take_stream},      {"Consumer", take_consumer},
    {"KeyValue", take_key_value}, {"ObjectStore", take_object_store},
    {"Account", take_account},
};

static void unknown_kind(struct formats *formats, const struct node *kind)
{
    struct suggestion near = {.wanted = kind->text};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        suggestion_consider(&near, kinds[i].name);
    struct diag *diag =
        diag_add(formats->diags, &code_format, kind->pos, "NACK's kind '%.80s' is not known", kind->text);
    if (strcmp(kind->text, "StreamTemplate") == 0)
        diag_hint(formats->diags, diag, "servers have no stream templates any more");
    else if (near.best)
        diag_hint(formats->diags, diag, "did you mean '%s'?", near.best);
}

/* The API server drops unknown keys without a word, so a typing error there would go unseen. */
static void check_around(struct formats *formats, const struct node *document)
{
    for (size_t i = 0; i < document->count; i++) {
        const struct member *member = &document->members[i];
        struct suggestion near = {.wanted = member->key};
        if (is_one_of(around_spec, member->key))
            continue;
        for (const char *const *name = around_spec; *name; name++)
            suggestion_consider(&near, *name);
        struct diag *diag = diag_add(formats->diags, &code_unknown_key, member->key_pos,
                                     "unknown key '%.80s' in a Kubernetes resource", member->key);
        if (near.best)
            diag_hint(formats->diags, diag, "did you mean '%s'?", near.best);
        else
            diag_hint(formats->diags, diag, "the fields of the object stand below '%s'", SPEC);
    }
}

static void take_resource(struct formats *formats, const struct node *document, const char *version)
{
    const struct node *kind = node_get(document, KIND);
    const struct node *spec = node_get(document, SPEC);
    if (!is_one_of(versions, version)) {
        struct diag *diag = diag_add(formats->diags, &code_format, node_get(document, API_VERSION)->pos,
                                     "version '%.80s' of NACK's resources is not known", version);
        diag_hint(formats->diags, diag, "%s and %s are", versions[0], versions[1]);
        return;
    }
    check_around(formats, document);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, kind->text) != 0)
            continue;
        if (spec && spec->type == NODE_MAP)
            kinds[i].take(formats, spec, document);
        else
            diag_error(formats->diags, &code_required, document->pos, "%s has no '%s'", kind->text, SPEC);
        return;
    }
    unknown_kind(formats, kind);
}

/* ---- documents ---- */

static void take_document(struct formats *formats, const struct node *document);

static void take_items(struct formats *formats, const struct node *items)
{
    for (size_t i = 0; i < items->count; i++)
        take_document(formats, items->items[i]);
}

static void take_document(struct formats *formats, const struct node *document)
{
    const char *version = foreign_text(document, API_VERSION);
    const char *kind = foreign_text(document, KIND);
    const struct node *items = node_get(document, "items");
    if (!version || !kind)
        diag_error(formats->diags, &code_required, document->pos, "a Kubernetes resource has no '%s'",
                   version ? KIND : API_VERSION);
    else if (items && items->type == NODE_LIST)
        take_items(formats, items);
    else if (strncmp(version, GROUP, strlen(GROUP)) == 0)
        take_resource(formats, document, version + strlen(GROUP));
    else
        formats_leave_out(formats, arena_printf(formats->arena, "%s (%s)", kind, version), document->pos);
}

/* nats-provisioner's files have the same kinds, but no apiVersion and no `spec`. */
static bool refuse_unversioned(struct formats *formats, const struct node *document)
{
    const struct node *kind = node_get(document, KIND);
    if (!foreign_text(document, KIND))
        return false;
    struct diag *diag =
        diag_add(formats->diags, &code_format, kind->pos, "'%s: %.80s' without '%s' is no resource of NACK's",
                 KIND, kind->text, API_VERSION);
    diag_hint(
        formats->diags, diag,
        "NACK's begin with '%s: %s%s' and have their fields below '%s'; in a manifest, it is 'streams: {NAME: …}'",
        API_VERSION, GROUP, versions[1], SPEC);
    return true;
}

bool nack_take(struct formats *formats, const struct node *document)
{
    if (!foreign_text(document, API_VERSION))
        return refuse_unversioned(formats, document);
    take_document(formats, document);
    return true;
}
