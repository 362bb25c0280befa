/*
 * Loading a manifest; see load.h. The tree is complete (includes, overlays, defaults) before it is decoded. So for
 * decoding it makes no difference where the parts of an object come from.
 */
#include "manifest/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/scope.h"
#include "field/check.h"
#include "field/decode.h"
#include "field/mark_keys.h"
#include "formats/formats.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "manifest/lifecycle.h"
#include "manifest/manifest.h"
#include "manifest/servers.h"
#include "syntax/yaml.h"

/* The depth is against includes that make up new paths for one file without end, which is_being_read() would not notice. */
enum { INCLUDE_MOST_DEPTH = 16, LEFT_OUT_NAMED = 6 };

static DIAG_CODE(
    code_empty, .name = "empty", CODE_ERROR(EXIT_MANIFEST),
    .doc = "The files have nothing in them that is of a manifest.",
    .why = "A run that takes nothing from its files would end as well as one that did all they say.",
    .example = "kind: Kustomization",
    .remedy = "Name the file that was meant. '--allow-empty' takes it for a manifest without objects.");

struct loader {
    struct arena *arena;
    const struct manifest_reader *reader;
    struct diags *diags;
    struct formats *formats;    /* NULL while all documents are manifests of ours */
    bool incomplete;            /* a file could not be read, so a missing object means nothing */
    const char *rendered;       /* folder that has to be rendered first, as was said; NULL: none */
    const char *pattern;        /* that led to the next file: its path, a directory or a pattern */
    VEC(const char *) left_out; /* files that were found so, and are none of ours */
};

/* The files that are being read, each included by the next in the chain. It shows if a file includes itself. */
struct including {
    const char *path;
    const struct including *by;
    int depth;
};

static const char *key_of(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

/* ---- files ---- */

static bool take_foreign(struct loader *loader, const struct source *source, const struct node *document)
{
    if (!loader->formats) {
        loader->formats = ARENA_NEW(loader->arena, struct formats);
        formats_init(loader->formats, loader->arena, loader->reader->stream, loader->diags);
    }
    return formats_take(loader->formats, source, document);
}

/* Does a file of another tool describe it? See formats_describe(). */
static bool is_described(const struct loader *loader, const char *stream, const char *consumer)
{
    return loader->formats && formats_describe(loader->formats, stream, consumer);
}

/* No Kubernetes resource, which may be a template, and neither Terraform's own language nor nats-server's. */
static bool is_plainly_ours(const struct source *source)
{
    const char *text = source->text;
    const char *ending = strrchr(source->name, '.');
    return recognise_text(text) && !strstr(text, "apiVersion:") && !strstr(text, "resource \"") &&
           !(ending && strcmp(ending, ".conf") == 0);
}

static struct node *load_file(struct loader *loader, const char *path, struct srcpos wanted_at,
                              const struct including *by);

/* The pattern to search for, for an include in the file `path`. */
static const char *beside(struct loader *loader, const char *path, const char *pattern)
{
    const struct manifest_reader *reader = loader->reader;
    return reader->beside ? reader->beside(reader->context, loader->arena, path, pattern)
                          : path_beside(loader->arena, path, pattern);
}

/* Reports what could not be read, with the reader's hint or else with `usual`, which may be NULL. */
static int cannot(struct loader *loader, struct srcpos pos, const char *message, const char *usual)
{
    const struct manifest_reader *reader = loader->reader;
    const char *hint = reader->hint ? reader->hint(reader->context) : NULL;
    struct diag *diag = diag_add(loader->diags, &code_file, pos, "cannot %s", message);
    if (hint || usual)
        diag_hint(loader->diags, diag, "%s", hint ? hint : usual);
    loader->incomplete = true;
    return -1;
}

static void note(const struct loader *loader, const char *path)
{
    if (loader->reader->noted)
        loader->reader->noted(loader->reader->noted_context, path);
}

static bool is_being_read(const struct including *by, const char *path)
{
    while (by && strcmp(by->path, path) != 0)
        by = by->by;
    return by != NULL;
}

/* Maps that lie side by side. */
struct sides {
    VEC(struct node *) list;
};

static void add_side(struct loader *loader, struct sides *sides, struct node *map)
{
    if (map)
        VEC_PUSH(loader->arena, &sides->list, map);
}

/* NULL if there are none. */
static struct node *side_by_side(struct loader *loader, const struct sides *sides)
{
    if (sides->list.count < 2)
        return sides->list.count ? sides->list.items[0] : NULL;
    return overlay_side_by_side(loader->arena, &manifest_table, sides->list.items, sides->list.count,
                                loader->diags);
}

/* One file that an include names. A pattern may match the very file that it is in. */
static void load_included(struct loader *loader, const char *path, const struct node *item,
                          const struct including *by, struct sides *sides)
{
    const struct manifest_reader *reader = loader->reader;
    const struct including *first = by;
    while (first->by)
        first = first->by;
    if (strcmp(path, by->path) == 0)
        return;
    const char *why =
        reader->barred ? reader->barred(reader->context, loader->arena, first->path, path) : NULL;
    if (why)
        cannot(loader, item->pos, arena_printf(loader->arena, "include '%s': it is %s", path, why),
               "include files of this folder or below, or pass the other file with -f");
    else
        add_side(loader, sides, load_file(loader, path, item->pos, by));
}

/* Adds the contents of all files that a pattern matches. Returns -1 if it is not known which files these are. */
static int load_pattern(struct loader *loader, const struct node *item, const struct including *by,
                        struct sides *sides)
{
    const char **paths;
    size_t count;
    const char *error;
    if (item->type == NODE_SCALAR && item->broken)
        return -1;
    if (item->type != NODE_SCALAR || node_is_null(item) || !*item->text)
        return diag_error(loader->diags, &code_wrong_type, item->pos, "'%s' must list paths, not %s",
                          key_of(&manifest_table, MANIFEST_INCLUDE),
                          item->type == NODE_SCALAR && item->quoted ? "an empty string"
                                                                    : node_describe(item));
    /* It could reach anything the user can read, from a file that somebody else may have written. */
    if (*item->text == '/' || path_goes_up(item->text)) {
        struct diag *diag =
            diag_add(loader->diags, &code_file, item->pos, "'%s' leaves the manifest's folder", item->text);
        diag_hint(loader->diags, diag,
                  "include files of this folder or below, or pass the other file with -f");
        return -1;
    }
    const char *pattern = beside(loader, by->path, item->text);
    note(loader, pattern);
    if (loader->reader->expand(loader->reader->context, loader->arena, pattern, &paths, &count, &error))
        return cannot(loader, item->pos, arena_printf(loader->arena, "include '%s': %s", item->text, error),
                      NULL);
    for (size_t i = 0; i < count; i++) {
        loader->pattern = pattern;
        load_included(loader, paths[i], item, by, sides);
    }
    return 0;
}

/* Removes the include list from a document, and adds the contents of what it names. */
static void load_includes(struct loader *loader, struct node *document, const struct including *by,
                          struct sides *sides)
{
    const char *key = key_of(&manifest_table, MANIFEST_INCLUDE);
    struct node *list = node_get(document, key);
    if (!list)
        return;
    /* Included files are laid side by side with this one, not into it. */
    node_remove(document, key);
    if (list->type != NODE_LIST)
        loader->incomplete |= load_pattern(loader, list, by, sides) != 0;
    for (size_t i = 0; list->type == NODE_LIST && i < list->count; i++)
        loader->incomplete |= load_pattern(loader, list->items[i], by, sides) != 0;
}

/* Drops keys that begin with x-, which are the user's own, as in Compose files: a place for YAML anchors. */
static void drop_extensions(struct node *document)
{
    size_t kept = 0;
    for (size_t i = 0; i < document->count; i++)
        if (strncmp(document->members[i].key, EXTENSION_PREFIX, strlen(EXTENSION_PREFIX)) != 0)
            document->members[kept++] = document->members[i];
    document->count = kept;
}

static void load_document(struct loader *loader, struct node *document, const struct including *by,
                          struct sides *sides)
{
    if (document->type != NODE_MAP) {
        diag_error(loader->diags, &code_wrong_type, document->pos, "a manifest must be a map, not %s",
                   node_describe(document));
        loader->incomplete = true;
        return;
    }
    drop_extensions(document);
    /* A variable without a value is marked, and the rest is checked all the same. */
    if (strchr(document->pos.source->text, '$'))
        vars_expand(loader->arena, document, loader->reader->lookup, loader->reader->lookup_context,
                    loader->diags);
    add_side(loader, sides, document);
    load_includes(loader, document, by, sides);
}

/* Reports a file that is included too deep, or by itself. */
static int check_nesting(struct loader *loader, const struct including *here, struct srcpos wanted_at)
{
    if (!is_being_read(here->by, here->path) && here->depth <= INCLUDE_MOST_DEPTH)
        return 0;
    loader->incomplete = true;
    if (here->depth > INCLUDE_MOST_DEPTH)
        return diag_error(loader->diags, &code_limit, wanted_at,
                          "includes are nested more than %d levels deep", INCLUDE_MOST_DEPTH);
    return diag_error(loader->diags, &code_file, wanted_at, "'%s' includes itself", here->path);
}

/* What the YAML reader says of a file that is no manifest: what is wrong with its syntax would quote it. */
static void report_unshown(struct loader *loader, const struct source *source, const struct diag *diag)
{
    bool quotes = diag->code == &code_syntax;
    struct source *unshown = ARENA_NEW(loader->arena, struct source);
    struct srcpos pos = {.source = unshown, .line = diag->pos.line, .column = diag->pos.column};
    unshown->name = source->name;
    struct diag *shown =
        diag_add(loader->diags, diag->code, pos, "%s",
                 quotes ? "this is no YAML, and nothing in the file is of a manifest" : diag->message);
    if (diag->hint && !quotes)
        diag_hint(loader->diags, shown, "%s", diag->hint);
}

static struct node *leave_out(struct loader *loader, const struct source *source, const char *path)
{
    struct node *nothing = node_map(loader->arena);
    VEC_PUSH(loader->arena, &loader->left_out, path);
    nothing->pos = (struct srcpos){.source = source};
    return nothing;
}

static void say_left_out(struct loader *loader)
{
    const char *all = "";
    size_t count = loader->left_out.count;
    for (size_t i = 0; i < count && i < LEFT_OUT_NAMED; i++)
        all = arena_printf(loader->arena, "%s%s'%s'", all, i ? ", " : "", loader->left_out.items[i]);
    if (count)
        diag_add(loader->diags, &code_left_out, (struct srcpos){0},
                 "%zu %s left out, with nothing of a manifest: %s%s", count,
                 count == 1 ? "file is" : "files are", all, count > LEFT_OUT_NAMED ? ", …" : "");
}

static int read_documents(struct loader *loader, const struct source *source, struct documents *ret_documents)
{
    struct diags unheard SCOPED(diags_release) = {0};
    const struct idle_work *idle_work = loader->reader->idle_work;
    bool meant = recognise_text(source->text);
    /* While the text is read, pages of the server's answers are taken in, too. */
    int failed = yaml_read_with_idle_work(loader->arena, source, idle_work, meant ? loader->diags : &unheard,
                                          ret_documents);
    for (size_t i = 0; i < unheard.list.count; i++)
        report_unshown(loader, source, unheard.list.items[i]);
    if (failed && !meant)
        ret_documents->count = 0;
    return failed;
}

static struct node *load_file(struct loader *loader, const char *path, struct srcpos wanted_at,
                              const struct including *by)
{
    struct including here = {.path = path, .by = by, .depth = by ? by->depth + 1 : 0};
    struct source *source = ARENA_NEW(loader->arena, struct source);
    struct documents documents;
    struct sides sides = {0};
    const char *error;
    if ((loader->rendered && path_is_below(path, loader->rendered)) ||
        check_nesting(loader, &here, wanted_at))
        return NULL;
    note(loader, path);
    if (loader->reader->read(loader->reader->context, loader->arena, path, source, &error)) {
        cannot(loader, wanted_at, arena_printf(loader->arena, "read '%s': %s", path, error), NULL);
        return NULL;
    }
    if (strcmp(path, loader->pattern) != 0 && format_is_spare(loader->arena, source, loader->pattern))
        return leave_out(loader, source, path);
    if (!is_plainly_ours(source) && format_check_text(source, loader->diags)) {
        loader->incomplete = true;
        loader->rendered = format_is_rendered(source) ? path_folder(loader->arena, path) : loader->rendered;
        return NULL;
    }
    loader->incomplete |= read_documents(loader, source, &documents) != 0;
    bool meant = false;
    for (size_t i = 0; i < documents.count; i++) {
        bool foreign =
            !manifest_is_native(documents.items[i]) && take_foreign(loader, source, documents.items[i]);
        meant |= foreign || recognise_document(documents.items[i]);
        if (!foreign)
            load_document(loader, documents.items[i], &here, &sides);
    }
    if (!meant && documents.count)
        source->text = NULL; /* no message shows a line of a file that is no manifest */
    if (loader->formats)
        add_side(loader, &sides, formats_end_file(loader->formats));
    if (!sides.list.count && !loader->diags->errors) {
        struct node *empty = node_map(loader->arena);
        empty->pos = (struct srcpos){.source = source, .line = 1, .column = 1};
        add_side(loader, &sides, empty);
    }
    return side_by_side(loader, &sides);
}

/* What is no directory is taken as it is, whether folders below were to be taken or not. */
static int expand_layer(struct loader *loader, const char *path, const char ***ret_paths, size_t *ret_count,
                        const char **ret_error)
{
    const struct manifest_reader *reader = loader->reader;
    if (reader->recursive && strcmp(path, "-") != 0 &&
        reader->expand(reader->context, loader->arena, path_in(loader->arena, path, "**"), ret_paths,
                       ret_count, ret_error) == 0)
        return 0;
    return reader->expand(reader->context, loader->arena, path, ret_paths, ret_count, ret_error);
}

/* Loads one -f: a file, or the files of a directory side by side. */
static struct node *load_layer(struct loader *loader, const char *path, const struct node *below)
{
    const char **paths, *error;
    size_t count;
    struct sides sides = {0};
    note(loader, path);
    if (expand_layer(loader, path, &paths, &count, &error)) {
        cannot(loader, (struct srcpos){0}, arena_printf(loader->arena, "read '%s': %s", path, error),
               "name the manifest with -f PATH");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        loader->pattern = path;
        add_side(loader, &sides, load_file(loader, paths[i], (struct srcpos){0}, NULL));
    }
    struct node *layer = side_by_side(loader, &sides);
    return loader->formats ? formats_end_layer(loader->formats, layer, below) : layer;
}

/* ---- defaults ---- */

static struct node *with_defaults(struct loader *loader, const struct table *table, struct node *defaults,
                                  struct node *object)
{
    /* An object of the wrong shape stays as it is, for the decoder to report. */
    if (!defaults || defaults->type != NODE_MAP || (object->type != NODE_MAP && !node_is_null(object)))
        return object;
    if (object->type == NODE_MAP)
        return overlay_maps(loader->arena, table, defaults, object, OVERLAY_DEFAULTS);
    struct node *alone = node_copy(loader->arena, defaults);
    /* Faults of an object that has only defaults are told at its own name. */
    alone->pos = object->pos;
    return alone;
}

static void lay_consumer_defaults(struct loader *loader, const char *name, struct node *stream,
                                  struct node *defaults)
{
    struct node *consumers = node_get(stream, key_of(&stream_table, STREAM_CONSUMERS));
    for (size_t i = 0; consumers && consumers->type == NODE_MAP && i < consumers->count; i++)
        /* A foreign file describes its objects completely, by its own tool's defaults. */
        if (!is_described(loader, name, consumers->members[i].key))
            consumers->members[i].value =
                with_defaults(loader, &consumer_table, defaults, consumers->members[i].value);
}

static bool says_external(const struct node *stream)
{
    bool external = false;
    const struct node *node = node_get(stream, key_of(&stream_table, STREAM_EXTERNAL));
    return node && node_is_bool(node, &external) && external;
}

/* Checks defaults where they are written, so that a mistake is not reported again for every object. */
static bool are_right(struct loader *loader, const struct table *table, const struct node *defaults)
{
    struct diags unheard SCOPED(diags_release) = {0};
    object_decode(loader->arena, table, NULL, defaults, FORM_MANIFEST, &unheard);
    return unheard.errors == 0;
}

/* The sections of buckets, and their rows in `defaults`. */
static const struct {
    unsigned section;
    unsigned defaults;
    const struct bucket_kind *kind;
} bucket_sections[] = {
    {MANIFEST_KEY_VALUES, DEFAULTS_KEY_VALUE, &key_value_kind},
    {MANIFEST_OBJECT_STORES, DEFAULTS_OBJECT_STORE, &object_store_kind},
};
enum { BUCKET_SECTIONS = sizeof(bucket_sections) / sizeof(bucket_sections[0]) };

static void lay_bucket_defaults(struct loader *loader, struct node *root, const struct node *defaults)
{
    const struct table *rows = table_field_by_id(&manifest_table, MANIFEST_DEFAULTS)->object;
    for (size_t i = 0; i < BUCKET_SECTIONS; i++) {
        struct node *buckets = node_get(root, key_of(&manifest_table, bucket_sections[i].section));
        struct node *own = node_get(defaults, key_of(rows, bucket_sections[i].defaults));
        for (size_t j = 0; own && buckets && buckets->type == NODE_MAP && j < buckets->count; j++)
            if (!is_described(
                    loader,
                    bucket_stream_name(loader->arena, bucket_sections[i].kind, buckets->members[j].key),
                    NULL))
                buckets->members[j].value =
                    with_defaults(loader, bucket_sections[i].kind->table, own, buckets->members[j].value);
    }
}

static void lay_defaults(struct loader *loader, struct node *root)
{
    const struct node *defaults = node_get(root, key_of(&manifest_table, MANIFEST_DEFAULTS));
    const struct table *rows = table_field_by_id(&manifest_table, MANIFEST_DEFAULTS)->object;
    struct node *streams = node_get(root, key_of(&manifest_table, MANIFEST_STREAMS));
    struct node *for_stream = node_get(defaults, key_of(rows, DEFAULTS_STREAM));
    struct node *for_consumer = node_get(defaults, key_of(rows, DEFAULTS_CONSUMER));
    if (defaults && !are_right(loader, rows, defaults)) {
        loader->incomplete = true;
        return;
    }
    for (size_t i = 0; defaults && streams && streams->type == NODE_MAP && i < streams->count; i++) {
        struct node **stream = &streams->members[i].value;
        const char *name = streams->members[i].key;
        if (!says_external(*stream) && !is_described(loader, name, NULL))
            *stream = with_defaults(loader, &stream_table, for_stream, *stream);
        lay_consumer_defaults(loader, name, *stream, for_consumer);
    }
    lay_bucket_defaults(loader, root, defaults);
}

/* ---- resources ---- */

static void check_metadata(struct loader *loader, const struct value *metadata)
{
    for (size_t i = 0; metadata->type == VALUE_MAP && i < metadata->map->count; i++) {
        const struct value_pair *pair = &metadata->map->pairs[i];
        bool servers = metadata_key_is_servers(pair->key);
        if (servers || strncmp(pair->key, MARK_PREFIX, strlen(MARK_PREFIX)) == 0)
            diag_error(loader->diags, &code_server_owned, pair->key_pos,
                       "the metadata key '%s' belongs to %s", pair->key, servers ? "the server" : "natsform");
    }
}

/* Ids of the rows that every kind of object has. */
struct own_rows {
    unsigned lifecycle;
    unsigned metadata;
    unsigned renamed_from;
    const struct bucket_kind *bucket; /* NULL for streams and consumers */
};

/* On the server: a bucket's is that of its stream. */
static const char *old_name(struct arena *arena, const struct resource *resource, const char *name)
{
    if (!name || !*name)
        return NULL;
    return resource->bucket ? arena_printf(arena, "%s%s", resource->bucket->prefix, name) : name;
}

static struct resource *add_resource(struct loader *loader, struct resources *resources,
                                     const struct value_pair *pair, const struct own_rows *rows)
{
    struct resource *resource = ARENA_NEW(loader->arena, struct resource);
    struct object *config = pair->value->object;
    resource->pos = pair->key_pos;
    config->pos = pair->key_pos;
    resource->declared = config;
    resource->bucket = rows->bucket;
    /* From here on a bucket is its stream; `declared` keeps what was written, for messages. */
    resource->config = resource->bucket ? bucket_expand(loader->arena, resource->bucket, config) : config;
    resource->table = resource->config->table;
    resource->name = resource->bucket ? resource->config->name : pair->key;
    const struct object *lifecycle = object_object(config, rows->lifecycle);
    if (lifecycle)
        lifecycle_read(loader->arena, resource, lifecycle, loader->diags);
    resource->renamed_from = old_name(loader->arena, resource, object_text(config, rows->renamed_from));
    resource->lint_ignored = lint_read(loader->arena, config, loader->diags);
    check_metadata(loader, object_value(config, rows->metadata));
    VEC_PUSH(loader->arena, resources, resource);
    return resource;
}

static void check_external(struct loader *loader, const struct resource *resource)
{
    for (size_t i = 0; resource->external && i < resource->table->count; i++) {
        const struct field *field = &resource->table->fields[i];
        const struct value *value = &resource->config->values[i];
        if ((field->flags & (FIELD_OURS | FIELD_IDENTITY)) || !value->given)
            continue;
        struct diag *diag =
            diag_add(loader->diags, &code_conflict, value->node->pos,
                     "'%s' cannot be set: stream '%s' is external", field->name, resource->name);
        diag_hint(loader->diags, diag,
                  "an external stream's own fields are its owner's; only its consumers are managed here");
    }
}

static void collect(struct loader *loader, struct manifest *manifest)
{
    static const struct own_rows of_streams = {STREAM_LIFECYCLE, STREAM_METADATA, STREAM_RENAMED_FROM, NULL};
    static const struct own_rows of_consumers = {CONSUMER_LIFECYCLE, CONSUMER_METADATA, CONSUMER_RENAMED_FROM,
                                                 NULL};
    const struct value *streams = object_value(manifest->root, MANIFEST_STREAMS);
    map_init(&manifest->streams_by_name, loader->arena);
    map_init(&manifest->consumers_by_key, loader->arena);
    for (size_t i = 0; streams->type == VALUE_MAP && i < streams->map->count; i++) {
        struct resource *stream =
            add_resource(loader, &manifest->streams, &streams->map->pairs[i], &of_streams);
        stream->external = object_flag(stream->config, STREAM_EXTERNAL);
        manifest->renames |= stream->renamed_from != NULL;
        check_external(loader, stream);
        map_put(&manifest->streams_by_name, stream->name, stream);
        const struct value *consumers = object_value(stream->config, STREAM_CONSUMERS);
        for (size_t j = 0; consumers->type == VALUE_MAP && j < consumers->map->count; j++) {
            struct resource *consumer =
                add_resource(loader, &manifest->consumers, &consumers->map->pairs[j], &of_consumers);
            consumer->stream = stream;
            manifest->renames |= consumer->renamed_from != NULL;
            map_put(&manifest->consumers_by_key, resource_key(loader->arena, stream->name, consumer->name),
                    consumer);
        }
    }
}

/* Reports a stream that is defined twice: by two keys, or as a stream and as a bucket. */
static void refuse_second(struct loader *loader, const struct resource *first, const struct resource *second)
{
    const struct resource *bucket = first->bucket ? first : second;
    const struct resource *stream = first->bucket ? second : first;
    if (!bucket->bucket || stream->bucket) {
        struct diag *twice =
            diag_add(loader->diags, &code_defined_twice, second->pos, "%s '%s' is defined twice",
                     resource_kind(second)->noun, resource_shown_name(second));
        diag_note(loader->diags, twice, first->pos, "first defined here");
        return;
    }
    struct diag *diag = diag_add(loader->diags, &code_defined_twice, stream->pos,
                                 "stream '%s' is the stream of %s '%s', which is defined too", stream->name,
                                 resource_kind(bucket)->noun, resource_shown_name(bucket));
    diag_note(loader->diags, diag, bucket->pos, "the %s is here", resource_kind(bucket)->noun);
    diag_hint(loader->diags, diag, "keep one of the two");
}

static int compare_names(const void *left, const void *right)
{
    const struct resource *const *a = left;
    const struct resource *const *b = right;
    int order = strcmp((*a)->name, (*b)->name);
    return order ? order : srcpos_compare((*a)->pos, (*b)->pos);
}

static void collect_buckets(struct loader *loader, struct manifest *manifest)
{
    size_t streams = manifest->streams.count;
    for (size_t i = 0; i < BUCKET_SECTIONS; i++) {
        const struct bucket_kind *kind = bucket_sections[i].kind;
        const struct own_rows rows = {kind->lifecycle, kind->metadata, kind->renamed_from, kind};
        const struct value *buckets = object_value(manifest->root, bucket_sections[i].section);
        for (size_t j = 0; buckets->type == VALUE_MAP && j < buckets->map->count; j++) {
            struct resource *bucket =
                add_resource(loader, &manifest->streams, &buckets->map->pairs[j], &rows);
            manifest->renames |= bucket->renamed_from != NULL;
            map_put(&manifest->streams_by_name, bucket->name, bucket);
        }
    }
    if (manifest->streams.count > streams)
        qsort(manifest->streams.items, manifest->streams.count, sizeof(struct resource *), compare_names);
}

/* One account has one stream of a name. */
static void check_names(struct loader *loader, const struct manifest *manifest)
{
    const struct resources *streams = &manifest->streams;
    for (size_t i = 0; i < streams->count; i++)
        for (size_t j = i; j > 0 && strcmp(streams->items[j - 1]->name, streams->items[i]->name) == 0; j--)
            if (accounts_same(accounts_connection_of(streams->items[j - 1]),
                              accounts_connection_of(streams->items[i])))
                refuse_second(loader, streams->items[j - 1], streams->items[i]);
}

/*
 * Checks that belong to later stages. A manifest with errors never gets there, so they are made here, to report
 * everything at once.
 */
static void check_rest(struct loader *loader, const struct manifest *manifest)
{
    const struct surroundings around = {.version = VERSION_UNKNOWN};
    const struct resources *both[] = {&manifest->streams, &manifest->consumers};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < both[i]->count; j++) {
            struct resource *resource = both[i]->items[j];
            if (resource->external)
                continue;
            object_imply(loader->arena, resource->declared, loader->diags);
            object_check(resource->declared, &around, loader->diags);
        }
    }
}

/* Whatever else was in the files. */
static void refuse_empty(struct loader *loader, const struct node *root)
{
    if (root->count || loader->reader->allow_empty || loader->diags->errors)
        return;
    struct diag *diag = diag_add(loader->diags, &code_empty, root->pos,
                                 "there is nothing of a manifest here, not even a '%s'",
                                 key_of(&manifest_table, MANIFEST_PROJECT));
    diag_hint(loader->diags, diag, "'--allow-empty' takes it for a manifest without objects");
}

struct manifest *manifest_load(struct arena *arena, const struct manifest_reader *reader,
                               const char *const *paths, size_t count, struct diags *diags)
{
    struct loader loader = {.arena = arena, .reader = reader, .diags = diags};
    struct node *root = NULL;
    for (size_t i = 0; i < count; i++) {
        struct node *layer = load_layer(&loader, paths[i], root);
        root = root && layer ? overlay_maps(arena, &manifest_table, root, layer, OVERLAY_FILES)
                             : (layer ? layer : root);
    }
    say_left_out(&loader);
    if (!root)
        return NULL;
    if (loader.formats)
        formats_finish(loader.formats, root);
    refuse_empty(&loader, root);
    accounts_read_keys(arena, root, diags);
    lay_defaults(&loader, root);
    struct manifest *manifest = ARENA_NEW(arena, struct manifest);
    manifest->foreign = loader.formats ? loader.formats->first : (struct srcpos){0};
    manifest->root = object_decode(arena, &manifest_table, NULL, root, FORM_MANIFEST, diags);
    manifest->project = object_text(manifest->root, MANIFEST_PROJECT);
    if (manifest->project && !*manifest->project)
        manifest->project = NULL;
    const struct value *servers = object_value(manifest->root, MANIFEST_SERVERS);
    if (servers->type == VALUE_MAP)
        manifest->servers = servers_read(arena, servers->node, diags);
    collect(&loader, manifest);
    collect_buckets(&loader, manifest);
    check_names(&loader, manifest);
    if (manifest->renames)
        lifecycle_check_names(arena, manifest, diags);
    removed_collect(arena, manifest, diags);
    accounts_check(manifest, diags);
    if (!diags->errors)
        return manifest;
    if (!loader.incomplete)
        check_rest(&loader, manifest);
    return NULL;
}
