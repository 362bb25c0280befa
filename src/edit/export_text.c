/*
 * Writes the files of an export; see export.h. The YAML writer cannot write comments. So each object is written by
 * itself, and its comments are put above it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "edit/export_model.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "manifest/manifest.h"
#include "plan/step.h"
#include "syntax/yaml.h"

/* File systems take 255 bytes. One more byte may become three, and a number and ".yaml" follow. */
enum { FILE_NAME_MOST = 120 };

#define MAIN_FILE "natsform.yaml"
#define SCHEMA_LINE "# yaml-language-server: $schema=%snatsform.schema.json\n"

/* ---- nodes ---- */

static const struct object *find_stream(void *context, const char *name)
{
    const struct exporting *exporting = context;
    const struct export_item *item = map_get(&exporting->by_key, name);
    return item && !item->out && !item->external ? item->object : NULL;
}

static const char *row_name(const struct table *table, unsigned id)
{
    return table_field_by_id(table, id)->name;
}

static struct node *ignored_rows(struct arena *arena, const struct export_item *item)
{
    const struct table *table = item->live->table;
    struct node *names = node_list(arena);
    for (size_t i = 0; item->without && i < table->count; i++)
        if (item->without[i])
            node_append(arena, names, node_scalar(arena, table->fields[i].name, true));
    return names;
}

/* Is the object protected? Its project has written that as a mark into the metadata (plan/step.h). */
static bool is_protected(const struct exporting *exporting, const struct export_item *item)
{
    return exporting->exported->project && !item->external && mark_protects(item->live);
}

static void add_lifecycle(struct exporting *exporting, const struct export_item *item, struct node *map)
{
    struct arena *arena = exporting->arena;
    const struct table *table = item->bucket ? item->bucket->table : item->live->table;
    struct node *lifecycle = node_map(arena);
    struct node *names = item->bucket ? node_list(arena) : ignored_rows(arena, item);
    unsigned id = table == &stream_table ? STREAM_LIFECYCLE : CONSUMER_LIFECYCLE;
    if (is_protected(exporting, item))
        node_put(arena, lifecycle, row_name(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY),
                 node_scalar(arena, "true", false));
    if (names->count)
        node_put(arena, lifecycle, row_name(&lifecycle_table, LIFECYCLE_IGNORE), names);
    if (lifecycle->count)
        node_put(arena, map, row_name(table, item->bucket ? item->bucket->lifecycle : id), lifecycle);
}

struct node *export_rows(struct exporting *exporting, const struct export_item *item)
{
    /*
     * Defaults depend on the server's version and on other streams. With these, what is at its default can be left out.
     */
    struct surroundings around = {
        .version = exporting->request->target->version,
        .clustered = exporting->request->target->clustered,
        .stream = item->stream ? item->stream->object : NULL,
        .find_stream = find_stream,
        .context = exporting,
    };
    return item->bucket ? object_encode_minimal(exporting->arena, item->declared, &around, NULL)
                        : object_encode_minimal(exporting->arena, item->object, &around, item->without);
}

static struct node *node_of(struct exporting *exporting, const struct export_item *item)
{
    struct arena *arena = exporting->arena;
    struct node *map = item->external ? node_map(arena) : export_rows(exporting, item);
    if (item->bucket) {
        add_lifecycle(exporting, item, map);
        return map;
    }
    if (!item->external)
        export_lay_defaults(exporting, item, map);
    else
        node_put(arena, map, row_name(&stream_table, STREAM_EXTERNAL), node_scalar(arena, "true", false));
    add_lifecycle(exporting, item, map);
    struct node *consumers = node_map(arena);
    for (size_t i = 0; i < item->consumers.count; i++)
        if (!item->consumers.items[i]->out)
            node_put(arena, consumers, item->consumers.items[i]->live->name,
                     node_of(exporting, item->consumers.items[i]));
    if (consumers->count)
        node_put(arena, map, row_name(&stream_table, STREAM_CONSUMERS), consumers);
    return map;
}

/* ---- text ---- */

static void add_comments(struct arena *arena, struct strbuf *out, const struct export_item *item,
                         const char *indent, const char *of)
{
    for (size_t i = 0; i < item->comments.count; i++)
        strbuf_addf(
            out, "%s# %s\n", indent,
            utf8_shown(arena, arena_printf(arena, "%s%s%s", of, *of ? ": " : "", item->comments.items[i])));
}

static const char *section_of(const struct export_item *stream)
{
    return row_name(&manifest_table, !stream->bucket                     ? MANIFEST_STREAMS
                                     : stream->bucket == &key_value_kind ? MANIFEST_KEY_VALUES
                                                                         : MANIFEST_OBJECT_STORES);
}

static const char *shown_name(const struct export_item *stream)
{
    return stream->bucket ? stream->declared->name : stream->live->name;
}

/* Adds a stream, with "streams:" above it or without. Its comments stand above its name. */
static void add_stream(struct exporting *exporting, struct strbuf *out, const struct export_item *stream,
                       bool with_section)
{
    struct arena *arena = exporting->arena;
    struct node *by_name = node_map(arena);
    struct node *root = node_map(arena);
    struct strbuf text SCOPED(strbuf_release) = {0};
    node_put(arena, by_name, shown_name(stream), node_of(exporting, stream));
    node_put(arena, root, section_of(stream), by_name);
    yaml_write(&text, root);
    size_t section = strcspn(strbuf_text(&text), "\n") + 1;
    if (with_section)
        strbuf_add(out, text.text, section);
    add_comments(arena, out, stream, "  ", "");
    for (size_t i = 0; i < stream->consumers.count; i++)
        if (!stream->consumers.items[i]->out)
            add_comments(arena, out, stream->consumers.items[i], "  ",
                         export_label(exporting, stream->consumers.items[i]));
    strbuf_adds(out, text.text + section);
}

static void add_pair(struct exporting *exporting, struct strbuf *out, unsigned id, struct node *value)
{
    struct node *root = node_map(exporting->arena);
    node_put(exporting->arena, root, row_name(&manifest_table, id), value);
    yaml_write(out, root);
}

static void add_project(struct exporting *exporting, struct strbuf *out)
{
    if (exporting->exported->project)
        add_pair(exporting, out, MANIFEST_PROJECT,
                 node_scalar(exporting->arena, exporting->exported->project, true));
    exporting->exported->rest = out->length;
}

static void add_defaults(struct exporting *exporting, struct strbuf *out)
{
    if (!exporting->defaults)
        return;
    add_pair(exporting, out, MANIFEST_DEFAULTS, exporting->defaults);
    strbuf_addc(out, '\n');
}

static void push_file(struct exporting *exporting, const char *path, struct strbuf *text)
{
    struct new_file file = {.path = path, .length = text->length};
    file.text = strbuf_move(text, exporting->arena);
    VEC_PUSH(exporting->arena, &exporting->exported->files, file);
}

static const unsigned sections[] = {MANIFEST_STREAMS, MANIFEST_KEY_VALUES, MANIFEST_OBJECT_STORES};
enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

static bool is_in_section(const struct export_item *stream, unsigned section)
{
    return !stream->out && strcmp(section_of(stream), row_name(&manifest_table, section)) == 0;
}

static size_t count_section(const struct exporting *exporting, unsigned section)
{
    size_t count = 0;
    for (size_t i = 0; i < exporting->streams.count; i++)
        count += is_in_section(exporting->streams.items[i], section);
    return count;
}

/* Says so if there is nothing to write, because an empty manifest would look like a mistake. */
static void add_nothing(struct exporting *exporting, struct strbuf *out)
{
    add_pair(exporting, out, MANIFEST_STREAMS, node_map(exporting->arena));
}

static void write_section(struct exporting *exporting, struct strbuf *out, unsigned section)
{
    bool first = true;
    for (size_t i = 0; i < exporting->streams.count; i++) {
        if (!is_in_section(exporting->streams.items[i], section))
            continue;
        if (!first)
            strbuf_addc(out, '\n');
        add_stream(exporting, out, exporting->streams.items[i], first);
        first = false;
    }
}

static void write_one_file(struct exporting *exporting)
{
    struct strbuf out = {0};
    size_t written = 0;
    strbuf_addf(&out, SCHEMA_LINE, "./");
    add_project(exporting, &out);
    add_defaults(exporting, &out);
    for (size_t i = 0; i < SECTIONS; i++) {
        size_t count = count_section(exporting, sections[i]);
        if (count && written)
            strbuf_addc(&out, '\n');
        write_section(exporting, &out, sections[i]);
        written += count;
    }
    if (!written)
        add_nothing(exporting, &out);
    push_file(exporting, MAIN_FILE, &out);
}

/* ---- names of files ---- */

/* Letters, digits, '_' and '-' stay. Every other byte becomes %XX, so that no name leads out of its folder. */
static void escape_name(struct strbuf *out, const char *name)
{
    for (; *name && out->length < FILE_NAME_MOST; name++)
        if (isalnum((unsigned char)*name) || *name == '_' || (*name == '-' && out->length))
            strbuf_addc(out, *name);
        else
            strbuf_addf(out, "%%%02X", (unsigned)(unsigned char)*name);
}

/* To some file systems 'orders' and 'ORDERS' are one name. So the second of them, in the order of names, gets a number. */
static const char *file_name(struct exporting *exporting, struct map *taken, const char *folder,
                             const char *name)
{
    struct strbuf escaped = {0};
    escape_name(&escaped, name);
    const char *plain = strbuf_move(&escaped, exporting->arena);
    char *folded = arena_printf(exporting->arena, "%s/%s", folder, plain);
    for (char *at = folded; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    size_t *count = map_get(taken, folded);
    if (!count) {
        count = ARENA_NEW(exporting->arena, size_t);
        map_put(taken, folded, count);
    }
    if (++*count == 1)
        return arena_printf(exporting->arena, "%s/%s.yaml", folder, plain);
    return arena_printf(exporting->arena, "%s/%s~%zu.yaml", folder, plain, *count);
}

static void write_main_file(struct exporting *exporting)
{
    struct arena *arena = exporting->arena;
    struct strbuf out = {0};
    struct node *list = node_list(arena);
    strbuf_addf(&out, SCHEMA_LINE, "./");
    add_project(exporting, &out);
    add_defaults(exporting, &out);
    for (size_t i = 0; i < SECTIONS; i++)
        if (count_section(exporting, sections[i]))
            node_append(arena, list,
                        node_scalar(arena,
                                    arena_printf(arena, "%s/*.yaml", row_name(&manifest_table, sections[i])),
                                    true));
    if (list->count)
        add_pair(exporting, &out, MANIFEST_INCLUDE, list);
    else
        add_nothing(exporting, &out);
    push_file(exporting, MAIN_FILE, &out);
}

static void write_stream_file(struct exporting *exporting, struct map *taken,
                              const struct export_item *stream)
{
    struct strbuf out = {0};
    strbuf_addf(&out, SCHEMA_LINE, "../");
    add_stream(exporting, &out, stream, true);
    push_file(exporting, file_name(exporting, taken, section_of(stream), shown_name(stream)), &out);
}

void export_write(struct exporting *exporting)
{
    struct map taken;
    map_init(&taken, exporting->arena);
    exporting->exported->files.count = 0;
    if (exporting->request->one_file) {
        write_one_file(exporting);
        return;
    }
    write_main_file(exporting);
    for (size_t i = 0; i < SECTIONS; i++)
        for (size_t j = 0; j < exporting->streams.count; j++)
            if (is_in_section(exporting->streams.items[j], sections[i]))
                write_stream_file(exporting, &taken, exporting->streams.items[j]);
}
