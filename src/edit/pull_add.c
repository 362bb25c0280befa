/*
 * Finds places for new objects; see pull_model.h. If the manifest includes a folder, the object gets a file there.
 * Otherwise its entry goes behind the last one of its section, in the first file with that section. If no file has it,
 * the section begins at the end of the first file.
 */
#include <fnmatch.h>
#include <string.h>

#include "base/path.h"
#include "edit/pull_model.h"
#include "kind/kinds.h"

static const char *row_name(unsigned id)
{
    return table_field_by_id(&manifest_table, id)->name;
}

/* ---- a file of its own ---- */

static bool includes(const struct layout *document, const char *path)
{
    const struct layout_entry *include = layout_entry(document, row_name(MANIFEST_INCLUDE));
    const struct layout *list = include ? include->value : NULL;
    for (size_t i = 0; list && list->type == LAYOUT_LIST && i < list->count; i++)
        if (layout_is_scalar(list->items[i]) && strpbrk(list->items[i]->text, "*?[") &&
            /* With FNM_PATHNAME a star does not match a slash, as when includes are read. */
            fnmatch(list->items[i]->text, path, FNM_PATHNAME) == 0)
            return true;
    return false;
}

/* The text before is that of /dev/null, as in diffs of Git. */
static void add_file(struct arena *arena, struct pull_files *files, const char *path, const char *text)
{
    struct pull_file *file = ARENA_NEW(arena, struct pull_file);
    file->path = path;
    file->is_new = true;
    file->before = (struct source){.name = "/dev/null", .text = "", .length = 0};
    file->now = (struct source){.name = path, .text = text, .length = strlen(text)};
    VEC_PUSH(arena, &files->list, file);
}

static bool is_taken(const struct pull_files *files, const char *path)
{
    for (size_t i = 0; i < files->list.count; i++)
        if (strcmp(files->list.items[i]->path, path) == 0)
            return true;
    return false;
}

/* ---- an entry ---- */

/* Adds the entry at the end of the map that is the value of `of`, as lines or between brackets, like the map itself. */
static const char *add_below(struct pull_file *file, const struct layout_entry *of, const char *key,
                             const struct pull_addition *addition)
{
    const struct layout *value = of->value;
    bool map = value->type == LAYOUT_MAP;
    if (map && !value->flow && !value->in_flow)
        return edit_add_lines(&file->edits, value, NULL, addition->lines, addition->indent);
    if (map)
        return edit_add_entry(&file->edits, value, value->count ? value->count - 1 : 0, key, addition->node);
    if (value->type == LAYOUT_PLAIN && value->start == value->end && !value->in_flow)
        return edit_add_lines(&file->edits, NULL, of, addition->lines, addition->indent);
    return "what stands there is no map of its own";
}

/* Begins a new section in a map, with this entry. */
static const char *begin_section(struct arena *arena, struct pull_file *file, const struct layout *map,
                                 const char *section, const char *key, const struct pull_addition *addition)
{
    if (map->flow) {
        struct node *node = node_map(arena);
        node_add(arena, node, (struct member){.key = key, .value = node_copy(arena, addition->node)});
        return edit_add_entry(&file->edits, map, map->count ? map->count - 1 : 0, section, node);
    }
    const char *lines =
        arena_printf(arena, "%*s%s:\n%s", (int)addition->indent - 2, "", section, addition->lines);
    return edit_add_lines(&file->edits, map, NULL, lines, addition->indent - 2);
}

static const char *add_consumer(struct arena *arena, struct pull_files *files,
                                const struct pull_addition *addition)
{
    const char *consumers = table_field_by_id(&stream_table, STREAM_CONSUMERS)->name;
    /* From the last to the first: of two files that have the stream, the later one is laid over the earlier one. */
    for (size_t i = files->list.count; i-- > 0;) {
        struct pull_file *file = files->list.items[i];
        for (size_t j = file->layouts.count; j-- > 0;) {
            const struct layout_entry *section = layout_entry(file->layouts.items[j], addition->section);
            const struct layout_entry *stream = section ? layout_entry(section->value, addition->name) : NULL;
            if (!stream || stream->value->type != LAYOUT_MAP || !stream->value->count)
                continue;
            const struct layout_entry *entry = layout_entry(stream->value, consumers);
            if (entry)
                return add_below(file, entry, addition->consumer, addition);
            return begin_section(arena, file, stream->value, consumers, addition->consumer, addition);
        }
    }
    return "its stream has no lines of its own in a manifest of natsform's form";
}

const char *pull_add(struct arena *arena, struct pull_files *files, const struct pull_addition *addition)
{
    struct pull_file *main_file = files->list.items[0];
    const struct layout *document =
        main_file->layouts.count ? main_file->layouts.items[main_file->layouts.count - 1] : NULL;
    if (addition->consumer)
        return add_consumer(arena, files, addition);
    const char *path = path_beside(arena, main_file->path, addition->path);
    if (document && includes(document, addition->path)) {
        if (is_taken(files, path))
            return "the file that it would get is there already";
        add_file(arena, files, path, addition->own_text);
        return NULL;
    }
    for (size_t i = 0; i < files->list.count; i++)
        for (size_t j = 0; j < files->list.items[i]->layouts.count; j++) {
            const struct layout_entry *section =
                layout_entry(files->list.items[i]->layouts.items[j], addition->section);
            if (section)
                return add_below(files->list.items[i], section, addition->name, addition);
        }
    if (document && document->type == LAYOUT_MAP && document->flow)
        return begin_section(arena, main_file, document, addition->section, addition->name, addition);
    edit_append(&main_file->edits, arena_printf(arena, "%s:\n%s", addition->section, addition->lines));
    return NULL;
}
