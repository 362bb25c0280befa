/* From names to entries of a manifest; see import.h. The texts of entries are cut out of what an export would write. */
#include "edit/import.h"

#include <fnmatch.h>
#include <string.h>

#include "base/scope.h"
#include "base/suggest.h"
#include "field/mark_keys.h"
#include "kind/bucket.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "plan/step.h"
#include "syntax/yaml.h"

/* ---- names ---- */

struct name {
    const char *stream;
    const char *consumer; /* NULL: none */
    bool is_glob;
};

/* "ORDERS > billing" is how natsform prints a consumer, so that it can be copied from there. It is never a pattern. */
static struct name parse(struct arena *arena, const char *text)
{
    size_t stream = strcspn(text, "/> ");
    size_t gap = strspn(text + stream, "/> ");
    return (struct name){
        .stream = arena_strndup(arena, text, stream),
        .consumer = gap && text[stream + gap] ? text + stream + gap : NULL,
        .is_glob = strpbrk(text, "*?[") != NULL && !strstr(text, " > "),
    };
}

static bool is_called(const char *pattern, const char *stream)
{
    const char *bucket;
    return fnmatch(pattern, stream, 0) == 0 ||
           (bucket_kind_by_stream(stream, &bucket) && fnmatch(pattern, bucket, 0) == 0);
}

bool import_names_stream(const char *name, const char *stream)
{
    /* Names have at most 255 bytes, so a longer pattern fits none. */
    char pattern[512];
    size_t length = strcspn(name, "/> ");
    if (length >= sizeof(pattern))
        return false;
    memcpy(pattern, name, length);
    pattern[length] = '\0';
    return is_called(pattern, stream);
}

/* ---- picking ---- */

struct picking {
    struct arena *arena;
    const struct manifest *manifest;
    const char *from; /* the project whose objects are taken over; NULL: none */
    struct diags *diags;
    struct import_picks *picks;
    size_t found;
};

/* May the object be imported? If not, and its name was given and not a glob, that is reported. */
static bool may_pick(struct picking *picking, const struct name *name, const struct live_object *live,
                     const struct resource *there)
{
    const char *owner = mark_owner(live);
    const char *project = picking->manifest->project;
    const char *label = resource_label(picking->arena, live->table, live->stream, live->name);
    if (owner && picking->from && strcmp(owner, picking->from) == 0)
        return true;
    if (there && !name->is_glob) {
        struct diag *diag =
            diag_add(picking->diags, &code_exists, there->pos, "%s is in the manifest already", label);
        diag_hint(picking->diags, diag,
                  "'natsform pull' takes over how it differs, 'natsform apply' makes it the project's");
    }
    /* A pattern passes over what is in the manifest, or another project's, without a word: it was not named. */
    if (there)
        return false;
    if (!owner || (project && strcmp(owner, project) == 0))
        return true;
    if (!name->is_glob) {
        struct diag *diag = diag_add(picking->diags, &code_foreign, (struct srcpos){0},
                                     "%s belongs to project '%s'", label, owner);
        diag_hint(
            picking->diags, diag,
            "'--from-project %s' takes it over; or that project lets it go: 'natsform explain manifest.removed'",
            owner);
    }
    return false;
}

/* Two names may fit the same object. */
static void pick(struct picking *picking, const char *stream, const char *consumer)
{
    struct export_pick pick = {.stream = stream, .consumer = consumer};
    for (size_t i = 0; i < picking->picks->list.count; i++) {
        const struct export_pick *other = &picking->picks->list.items[i];
        if (strcmp(other->stream, stream) == 0 &&
            (consumer ? other->consumer && strcmp(other->consumer, consumer) == 0 : !other->consumer))
            return;
    }
    VEC_PUSH(picking->arena, &picking->picks->list, pick);
}

static void pick_from(struct picking *picking, const struct name *name, const struct survey_stream *from)
{
    const char *stream = from->live.name;
    if (!name->consumer) {
        picking->found++;
        if (may_pick(picking, name, &from->live, map_get(&picking->manifest->streams_by_name, stream)))
            pick(picking, stream, NULL);
        return;
    }
    for (size_t i = 0; i < from->consumers.count; i++) {
        const struct live_object *live = &from->consumers.items[i];
        const char *key = resource_key(picking->arena, stream, live->name);
        if (fnmatch(name->consumer, live->name, 0) != 0)
            continue;
        picking->found++;
        if (may_pick(picking, name, live, map_get(&picking->manifest->consumers_by_key, key)))
            pick(picking, stream, live->name);
    }
}

static void report_missing(struct picking *picking, const struct survey *survey, const struct name *name,
                           const char *text)
{
    struct suggestion near = {.wanted = name->stream};
    for (size_t i = 0; i < survey->streams.count; i++)
        suggestion_consider(&near, survey->streams.items[i]->live.name);
    struct diag *diag = diag_add(picking->diags, &code_not_found, (struct srcpos){0},
                                 "nothing on the server is called '%s'", text);
    if (near.best && strcmp(near.best, name->stream) != 0)
        diag_hint(picking->diags, diag, "did you mean '%s'?", near.best);
    else
        diag_hint(picking->diags, diag, "write STREAM, STREAM/CONSUMER, or the name of a bucket");
}

const struct import_picks *import_pick(struct arena *arena, const struct import_request *request,
                                       struct diags *diags)
{
    const struct survey *survey = request->survey;
    struct import_picks *picks = ARENA_NEW(arena, struct import_picks);
    struct picking picking = {
        .arena = arena, .manifest = request->manifest, .from = request->from, .diags = diags, .picks = picks};
    size_t errors = diags->errors;
    for (size_t i = 0; i < request->count; i++) {
        struct name name = parse(arena, request->names[i]);
        picking.found = 0;
        for (size_t j = 0; j < survey->streams.count; j++)
            if (is_called(name.stream, survey->streams.items[j]->live.name))
                pick_from(&picking, &name, survey->streams.items[j]);
        if (!picking.found)
            report_missing(&picking, survey, &name, request->names[i]);
    }
    return diags->errors > errors ? NULL : picks;
}

/* ---- entries ---- */

/* The part of the text behind the line. */
static const char *behind(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    return at ? at + strlen(line) : NULL;
}

static void add_entry(struct arena *arena, const struct new_file *file, const struct member *section,
                      const struct member *object, struct import_additions *additions)
{
    const char *head = arena_printf(arena, "\n%s:\n", section->key);
    bool stream = strcmp(section->key, table_field_by_id(&manifest_table, MANIFEST_STREAMS)->name) == 0;
    const struct table *table = table_field(&manifest_table, section->key)->object;
    struct pull_addition addition = {
        .section = section->key,
        .name = object->key,
        .node = object->value,
        .lines = behind(file->text, head),
        .indent = 2,
        .label = resource_label(arena, stream ? &stream_table : table, NULL, object->key),
        .path = file->path,
        .own_text = file->text,
    };
    VEC_PUSH(arena, &additions->list, addition);
}

/* If the stream is in the manifest already, each of its new consumers becomes an addition. */
static void add_consumers(struct arena *arena, const struct manifest *manifest, const struct member *section,
                          const struct member *stream, const struct node *consumers,
                          struct import_additions *additions)
{
    for (size_t i = 0; i < consumers->count; i++) {
        const struct member *consumer = &consumers->members[i];
        if (map_get(&manifest->consumers_by_key, resource_key(arena, stream->key, consumer->key)))
            continue;
        struct node *map = node_map(arena);
        struct strbuf text SCOPED(strbuf_release) = {0};
        node_add(arena, map, *consumer);
        yaml_write(&text, map);
        struct pull_addition addition = {
            .section = section->key,
            .name = stream->key,
            .consumer = consumer->key,
            .node = consumer->value,
            .indent = 6,
            .label = resource_label(arena, &consumer_table, stream->key, consumer->key),
        };
        struct strbuf lines = {0};
        for (const char *at = strbuf_text(&text); *at; at += strcspn(at, "\n") + 1)
            strbuf_addf(&lines, "%*s%.*s\n", (int)addition.indent, "", (int)strcspn(at, "\n"), at);
        addition.lines = strbuf_move(&lines, arena);
        VEC_PUSH(arena, &additions->list, addition);
    }
}

/* Consumers inside a new entry have labels of their own, so that they are compared too once the entry is there. */
static void add_labels(struct arena *arena, const struct member *stream, const struct node *consumers,
                       struct import_additions *labels)
{
    for (size_t i = 0; consumers && consumers->type == NODE_MAP && i < consumers->count; i++) {
        struct pull_addition addition = {
            .label = resource_label(arena, &consumer_table, stream->key, consumers->members[i].key)};
        VEC_PUSH(arena, &labels->list, addition);
    }
}

/* Is the exported stream or bucket in the manifest? */
static bool is_there(struct arena *arena, const struct manifest *manifest, const struct member *section,
                     const struct member *object)
{
    const struct bucket_kind *kind = bucket_kind_of(table_field(&manifest_table, section->key)->object);
    const char *stream = kind ? bucket_stream_name(arena, kind, object->key) : object->key;
    return map_get(&manifest->streams_by_name, stream) != NULL;
}

static int add_file(struct arena *arena, const struct new_file *file, const struct manifest *manifest,
                    struct diags *diags, struct import_additions *additions)
{
    struct source *source = ARENA_NEW(arena, struct source);
    struct documents documents;
    *source = (struct source){.name = file->path, .text = file->text, .length = file->length};
    if (yaml_read(arena, source, diags, &documents) || !documents.count)
        return -1;
    const struct member *section = &documents.items[0]->members[0];
    const struct member *object = &section->value->members[0];
    const struct node *consumers =
        node_get(object->value, table_field_by_id(&stream_table, STREAM_CONSUMERS)->name);
    if (is_there(arena, manifest, section, object)) {
        if (consumers)
            add_consumers(arena, manifest, section, object, consumers, additions);
        return 0;
    }
    add_entry(arena, file, section, object, additions);
    add_labels(arena, object, consumers, additions);
    return 0;
}

int import_additions(struct arena *arena, const struct exported *exported, const struct manifest *manifest,
                     struct diags *diags, struct import_additions *ret_additions)
{
    *ret_additions = (struct import_additions){0};
    for (size_t i = 1; i < exported->files.count; i++)
        if (add_file(arena, &exported->files.items[i], manifest, diags, ret_additions))
            return -1;
    return 0;
}
