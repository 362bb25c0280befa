/* What all formats share: objects are collected file by file, consumers layer by layer; see formats.h. */
#include "formats/formats.h"

#include <string.h>

#include "field/mark_keys.h"
#include "formats/foreign.h"
#include "formats/nack_connection.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"

DIAG_CODE(code_format, .name = "format", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A file of another tool cannot be taken as it is.",
          .why = "What a file of another tool says has to be understood as that tool would.",
          .example = "metadata: {name: {{ .Values.stream }}}",
          .remedy = "Render templates first, and give the file as its tool writes it.");

DIAG_CODE(code_left_out, .name = "left-out", CODE_NOTE,
          .doc = "A file of another tool holds objects that natsform does not manage.",
          .why = "What is not managed is not in the plan either.", .example = "kind: ConfigMap",
          .remedy = "Nothing, if it is meant to stay out.");

DIAG_CODE(
    code_key_left_out, .name = "key-left-out", CODE_WARNING,
    .doc =
        "A key in a file of another tool is left out: natsform knows nothing of it, or it means nothing there.",
    .why =
        "Servers of long ago had other fields, and those to come will. What a live object has of them stays as it is.",
    .example = "{\"name\": \"ORDERS\", \"template_owner\": \"T\"}",
    .remedy = "Nothing, if the server that it is meant for does not need it.");

static DIAG_CODE(
    code_project_from_mark, .name = "project-from-mark", CODE_NOTE,
    .doc = "No manifest says the project, and objects in a file of another tool have the mark of one.",
    .why = "Without a project they would be somebody else's, and could not be changed.",
    .example = "{\"name\": \"ORDERS\", \"metadata\": {\"natsform.project\": \"chat\"}}",
    .remedy = "Nothing, if it is that project's; else say 'project: NAME' in a manifest beside the file.");

static DIAG_CODE(code_unmarked, .name = "unmarked", CODE_WARNING,
                 .doc = "A project is taken from marks, and other objects beside them have none.",
                 .why = "All objects of a run are of one project, so an apply would take those over, too.",
                 .example = "natsform plan -f all-streams.json",
                 .remedy = "Give what is not of that project to a command of its own, or say 'project: NAME' "
                           "in a manifest beside the files.");

struct placeholder {
    struct srcpos pos;
    bool defined; /* a later layer has it after all */
};

static const unsigned section_rows[SECTIONS] = {
    [SECTION_STREAMS] = MANIFEST_STREAMS,
    [SECTION_KEY_VALUES] = MANIFEST_KEY_VALUES,
    [SECTION_OBJECT_STORES] = MANIFEST_OBJECT_STORES,
};

/* NULL for streams: a bucket is looked up by the name of the stream that it becomes. */
static const struct bucket_kind *const section_buckets[SECTIONS] = {
    [SECTION_KEY_VALUES] = &key_value_kind,
    [SECTION_OBJECT_STORES] = &object_store_kind,
};

static const char *key_of(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

const char *formats_section_key(enum format_section section)
{
    return key_of(&manifest_table, section_rows[section]);
}

void formats_init(struct formats *formats, struct arena *arena, const char *stream, struct diags *diags)
{
    *formats = (struct formats){.arena = arena, .stream = stream, .diags = diags};
    map_init(&formats->complete, arena);
    map_init(&formats->placeholders, arena);
    map_init(&formats->accounts, arena);
    map_init(&formats->placed, arena);
    map_init(&formats->owned, arena);
    formats->owners = node_list(arena);
}

/* In this order: documents of Kubernetes and Terraform say what they are, those of the nats CLI have to be guessed. */
bool formats_take(struct formats *formats, const struct source *source, const struct node *document)
{
    formats->use = 0;
    bool taken = nack_take(formats, document) || terraform_take(formats, document) ||
                 nats_take(formats, source, document);
    if (taken && !formats->first.source)
        formats->first = document->pos;
    return taken;
}

bool formats_describe(const struct formats *formats, const char *stream, const char *consumer)
{
    if (!formats->complete.count)
        return false;
    return map_get(&formats->complete, consumer ? resource_key(formats->arena, stream, consumer) : stream);
}

/* ---- collecting ---- */

/* The object of that name, remembered from now on. */
static struct placed *placed_of(struct formats *formats, enum format_section section, const char *name,
                                size_t use)
{
    const char *key = arena_printf(formats->arena, "%d/%s", (int)section, name);
    struct placed *placed = map_get(&formats->placed, key);
    if (placed)
        return placed;
    placed = ARENA_NEW(formats->arena, struct placed);
    *placed = (struct placed){section, name, use};
    map_put(&formats->placed, key, placed);
    return placed;
}

/* What the object is called in the manifest: two accounts may each have one of the name. */
static const char *place(struct formats *formats, enum format_section section, const char *name, size_t use)
{
    const struct placed *first = placed_of(formats, section, name, use);
    if (!use || !first->use || first->use == use)
        return first->name;
    name = arena_printf(formats->arena, "%s/%s", formats->uses.items[use - 1].name, name);
    return placed_of(formats, section, name, use)->name;
}

void formats_add(struct formats *formats, enum format_section section, const char *name, struct srcpos pos,
                 struct node *object)
{
    const char *key = place(formats, section, name, formats->use);
    VEC_PUSH(formats->arena, &formats->found[section], ((struct member){key, pos, object}));
    const struct bucket_kind *bucket = section_buckets[section];
    map_put(&formats->complete, bucket ? bucket_stream_name(formats->arena, bucket, name) : name, object);
}

void formats_add_consumer(struct formats *formats, const char *stream, struct srcpos stream_pos,
                          const char *name, struct srcpos pos, struct node *object)
{
    struct loose_consumer loose = {stream, formats->use, stream_pos, {name, pos, object}};
    VEC_PUSH(formats->arena, &formats->consumers, loose);
    map_put(&formats->complete, resource_key(formats->arena, stream, name), object);
}

void formats_note_owner(struct formats *formats, const struct node *written, const char *object)
{
    const struct node *metadata = node_get(written, key_of(&stream_table, STREAM_METADATA));
    const char *of = foreign_text(metadata, MARK_OBJECT);
    /* A copy has the marks as well, and there they count for nothing. */
    if (!foreign_text(metadata, MARK_PROJECT) || (of && strcmp(of, object) != 0))
        return;
    node_append(formats->arena, formats->owners, node_get(metadata, MARK_PROJECT));
    map_put(&formats->owned, object, formats);
}

void formats_leave_out(struct formats *formats, const char *what, struct srcpos pos)
{
    formats->left_out_documents++;
    for (size_t i = 0; i < formats->left_out.count; i++)
        if (strcmp(formats->left_out.items[i].key, what) == 0)
            return;
    VEC_PUSH(formats->arena, &formats->left_out, ((struct member){what, pos, NULL}));
}

static void say_left_out(struct formats *formats)
{
    enum { NAMED_MOST = 6 };
    const char *all = "";
    for (size_t i = 0; i < formats->left_out.count && i < NAMED_MOST; i++)
        all = arena_printf(formats->arena, "%s%s%s", all, i ? ", " : "", formats->left_out.items[i].key);
    if (formats->left_out.count)
        diag_add(formats->diags, &code_left_out, formats->left_out.items[0].key_pos,
                 "%zu %s left out, which natsform does not manage: %s%s", formats->left_out_documents,
                 formats->left_out_documents == 1 ? "object is" : "objects are", all,
                 formats->left_out.count > NAMED_MOST ? ", …" : "");
    formats->left_out.count = 0;
    formats->left_out_documents = 0;
}

static void defined_twice(struct formats *formats, const struct member *first, const struct member *second)
{
    struct diag *diag =
        diag_add(formats->diags, &code_defined_twice, second->key_pos, "'%s' is defined twice", second->key);
    diag_note(formats->diags, diag, first->key_pos, "first defined here");
    if (formats->stream && strcmp(first->key, formats->stream) == 0)
        diag_hint(
            formats->diags, diag,
            "--stream holds for all configurations: give those of other streams to a command of their own");
}

/* Within one file an object may not be there twice. What holds between files is decided where they are put together. */
static struct node *end_section(struct formats *formats, enum format_section section)
{
    struct map names;
    struct node *map = node_map(formats->arena);
    map_init(&names, formats->arena);
    map->pos = formats->found[section].items[0].value->pos;
    node_reserve(formats->arena, map, formats->found[section].count);
    for (size_t i = 0; i < formats->found[section].count; i++) {
        struct member *member = &formats->found[section].items[i];
        const struct member *first = map_get(&names, member->key);
        if (first) {
            defined_twice(formats, first, member);
            continue;
        }
        map_put(&names, member->key, member);
        map->members[map->count++] = *member;
    }
    formats->found[section].count = 0;
    formats->found[section].capacity =
        0; /* the items stay where they are: `names` of other files point there */
    formats->found[section].items = NULL;
    return map;
}

struct node *formats_end_file(struct formats *formats)
{
    struct node *document = NULL;
    /* Once for each file, and not for each object: a rendered chart has dozens of others. */
    say_left_out(formats);
    for (enum format_section section = 0; section < SECTIONS; section++) {
        if (!formats->found[section].count)
            continue;
        struct node *map = end_section(formats, section);
        if (!document) {
            document = node_map(formats->arena);
            document->pos = map->pos;
        }
        node_add(formats->arena, document, (struct member){formats_section_key(section), map->pos, map});
    }
    return document;
}

/* ---- consumers find their streams ---- */

static struct node *section_of(struct formats *formats, struct node **layer, struct srcpos pos)
{
    const char *key = key_of(&manifest_table, MANIFEST_STREAMS);
    if (!*layer) {
        *layer = node_map(formats->arena);
        (*layer)->pos = pos;
    }
    struct node *streams = node_get(*layer, key);
    if (!streams || node_is_null(streams)) {
        streams = node_map(formats->arena);
        streams->pos = pos;
        node_put(formats->arena, *layer, key, streams);
    }
    return streams;
}

static bool has_stream(const struct node *root, const char *name)
{
    return node_get(node_get(root, key_of(&manifest_table, MANIFEST_STREAMS)), name) != NULL;
}

/* The stream of a consumer in this layer. If no layer has it, an empty one is added and remembered as a placeholder. */
static struct node *stream_of(struct formats *formats, struct node *streams, struct map *index,
                              const struct loose_consumer *loose, const struct node *below)
{
    struct node *stream = map_get(index, loose->stream);
    /*
     * The index of this layer: with thousands of consumers a search through all streams for each of them would take
     * long.
     */
    if (stream)
        return stream;
    struct node *given = node_get(streams, loose->stream);
    bool shared = given && given->type == NODE_MAP; /* an alias may share the node, so a copy is changed */
    stream = shared ? node_copy(formats->arena, given) : node_map(formats->arena);
    stream->pos = given ? given->pos : loose->stream_pos;
    map_put(index, loose->stream, stream);
    if (given) {
        node_put(formats->arena, streams, loose->stream, stream);
        return stream;
    }
    node_add(formats->arena, streams, (struct member){loose->stream, loose->stream_pos, stream});
    if (!has_stream(below, loose->stream) && !map_get(&formats->placeholders, loose->stream)) {
        struct placeholder *placeholder = ARENA_NEW(formats->arena, struct placeholder);
        placeholder->pos = loose->stream_pos;
        map_put(&formats->placeholders, loose->stream, placeholder);
    }
    return stream;
}

static void attach(struct formats *formats, struct node *stream, const struct loose_consumer *loose)
{
    const char *key = key_of(&stream_table, STREAM_CONSUMERS);
    struct node *consumers = node_get(stream, key);
    if (!consumers || consumers->type != NODE_MAP) {
        consumers = node_map(formats->arena);
        consumers->pos = loose->consumer.key_pos;
        node_put(formats->arena, stream, key, consumers);
    }
    for (size_t i = 0; i < consumers->count; i++) {
        if (strcmp(consumers->members[i].key, loose->consumer.key) == 0) {
            defined_twice(formats, &consumers->members[i], &loose->consumer);
            return;
        }
    }
    node_add(formats->arena, consumers, loose->consumer);
}

/* A later layer may have the streams that only consumers named so far. */
static void find_defined(struct formats *formats, const struct node *layer)
{
    for (size_t i = 0; i < formats->placeholders.count; i++) {
        struct placeholder *placeholder = formats->placeholders.entries[i].value;
        placeholder->defined |= has_stream(layer, formats->placeholders.entries[i].key);
    }
}

struct node *formats_end_layer(struct formats *formats, struct node *layer, const struct node *below)
{
    struct map index;
    map_init(&index, formats->arena);
    find_defined(formats, layer);
    /* Consumers come last: their streams may stand behind them, or in another file of this layer. */
    for (size_t i = 0; i < formats->consumers.count; i++) {
        struct loose_consumer *loose = &formats->consumers.items[i];
        loose->stream = place(formats, SECTION_STREAMS, loose->stream, loose->use);
        struct node *streams = section_of(formats, &layer, loose->stream_pos);
        if (streams->type == NODE_MAP)
            attach(formats, stream_of(formats, streams, &index, loose, below), loose);
    }
    formats->consumers.count = 0;
    return layer;
}

/* A stream that only its consumers name is somebody else's: it is used, but neither made nor changed. */
static void mark_external(struct formats *formats, struct node *streams)
{
    const char *external = key_of(&stream_table, STREAM_EXTERNAL);
    for (size_t i = 0; i < formats->placeholders.count; i++) {
        const struct placeholder *placeholder = formats->placeholders.entries[i].value;
        struct node *stream = node_get(streams, formats->placeholders.entries[i].key);
        if (placeholder->defined || !stream || stream->type != NODE_MAP || node_get(stream, external))
            continue;
        struct node *yes = node_scalar(formats->arena, "true", false);
        yes->pos = placeholder->pos;
        node_add(formats->arena, stream, (struct member){external, placeholder->pos, yes});
    }
}

/* Objects that get the project along with those that have its mark. */
struct unowned {
    struct srcpos pos; /* of the first one */
    size_t count;
    const char *names;
};

static void add_unowned(struct formats *formats, struct unowned *unowned, const struct table *table,
                        const struct member *object, const char *stream)
{
    enum { NAMED_MOST = 6 };
    const char *label = arena_printf(formats->arena, "%s %s%s%s", table->noun, stream ? stream : "",
                                     stream ? " > " : "", object->key);
    if (!unowned->count++)
        unowned->pos = object->key_pos;
    if (unowned->count <= NAMED_MOST)
        unowned->names =
            arena_printf(formats->arena, "%s%s%s", unowned->names, unowned->count > 1 ? ", " : "", label);
    else if (unowned->count == NAMED_MOST + 1)
        unowned->names = arena_printf(formats->arena, "%s, …", unowned->names);
}

static void find_unowned(struct formats *formats, const struct node *root, enum format_section section,
                         struct unowned *unowned)
{
    const struct node *objects = node_get(root, formats_section_key(section));
    const struct bucket_kind *bucket = section_buckets[section];
    for (size_t i = 0; objects && objects->type == NODE_MAP && i < objects->count; i++) {
        const struct member *object = &objects->members[i];
        const struct node *consumers = node_get(object->value, key_of(&stream_table, STREAM_CONSUMERS));
        const char *external = node_get_text(object->value, key_of(&stream_table, STREAM_EXTERNAL));
        const char *name = bucket ? bucket_stream_name(formats->arena, bucket, object->key) : object->key;
        if (strcmp(external, "true") != 0 && !map_get(&formats->owned, name))
            add_unowned(formats, unowned, bucket ? bucket->table : &stream_table, object, NULL);
        for (size_t j = 0; consumers && consumers->type == NODE_MAP && j < consumers->count; j++) {
            const struct member *consumer = &consumers->members[j];
            if (!map_get(&formats->owned,
                         arena_printf(formats->arena, "%s > %s", object->key, consumer->key)))
                add_unowned(formats, unowned, &consumer_table, consumer, object->key);
        }
    }
}

/* Nobody's objects may be adopted, and that is said. */
static void say_unowned(struct formats *formats, const struct node *root, const char *project)
{
    struct unowned unowned = {.names = ""};
    for (enum format_section i = 0; i < SECTIONS; i++)
        find_unowned(formats, root, i, &unowned);
    if (!unowned.count)
        return;
    struct diag *diag = diag_add(formats->diags, &code_unmarked, unowned.pos,
                                 "%zu object%s no mark of a project, and %s to project '%s' from now on: %s",
                                 unowned.count, unowned.count == 1 ? " has" : "s have",
                                 unowned.count == 1 ? "belongs" : "belong", project, unowned.names);
    diag_hint(formats->diags, diag, "give what is not of that project to a command of its own");
}

/* The tools print an object with its mark. It stays the project's, if no manifest says another one. */
static void take_owner(struct formats *formats, struct node *root)
{
    const char *key = key_of(&manifest_table, MANIFEST_PROJECT);
    const struct node *said = node_get(root, key);
    const struct node *owners = formats->owners;
    if (!owners->count || (said && !node_is_null(said)))
        return;
    const struct node *first = owners->items[0];
    for (size_t i = 1; i < owners->count; i++) {
        if (strcmp(owners->items[i]->text, first->text) == 0)
            continue;
        struct diag *diag = diag_add(formats->diags, &code_format, owners->items[i]->pos,
                                     "this is an object of project '%s', and there is one of project '%s'",
                                     owners->items[i]->text, first->text);
        diag_note(formats->diags, diag, first->pos, "it is here");
        diag_hint(formats->diags, diag, "give each project's objects to a command of their own");
        return;
    }
    diag_add(formats->diags, &code_project_from_mark, first->pos,
             "the project is '%s', as the mark of the objects says", first->text);
    say_unowned(formats, root, first->text);
    node_put(formats->arena, root, key, foreign_scalar(formats->arena, first->text, true, first));
}

void formats_finish(struct formats *formats, struct node *root)
{
    mark_external(formats, node_get(root, key_of(&manifest_table, MANIFEST_STREAMS)));
    take_owner(formats, root);
    nack_connect(formats, root);
}
