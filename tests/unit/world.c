/* What tests of kind/ and plan/ share; see world.h. */
#include "unit/world.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "field/check.h"
#include "field/encode.h"
#include "manifest/load.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

struct world world;

void world_setup(void)
{
    arena_init(&world.arena);
    diags_init(&world.diags);
}

void world_teardown(void)
{
    diags_release(&world.diags);
    arena_release(&world.arena);
}

/* ---- texts in ---- */

static struct source *source_of(const char *name, const char *text)
{
    struct source *source = ARENA_NEW(&world.arena, struct source);
    *source = (struct source){.name = name, .text = text, .length = strlen(text)};
    return source;
}

struct node *world_yaml(const char *text)
{
    struct documents documents;
    ck_assert_msg(yaml_read(&world.arena, source_of("m.yaml", text), &world.diags, &documents) == 0, "%s",
                  world_told());
    ck_assert_uint_eq(documents.count, 1);
    return documents.items[0];
}

struct node *world_json(const char *text)
{
    struct node *node = json_read(&world.arena, text, strlen(text), NULL, &world.diags);
    ck_assert_msg(node != NULL, "%s: %s", world_told(), text);
    return node;
}

struct object *world_object(const struct table *table, const char *name, const char *yaml)
{
    return object_decode(&world.arena, table, name, world_yaml(yaml), FORM_MANIFEST, &world.diags);
}

struct object *world_live_object(const struct table *table, const char *name, const char *json)
{
    struct object *object = object_decode(&world.arena, table, name, world_json(json), FORM_WIRE, NULL);
    object_normalise_live(&world.arena, object, (struct instant){0});
    return object;
}

struct object *world_wanted(const struct table *table, const char *name, const char *yaml, uint32_t version)
{
    const struct surroundings around = {.version = version};
    struct object *object = world_object(table, name, yaml);
    object_imply(&world.arena, object, &world.diags);
    object_check(object, &around, &world.diags);
    object_normalise_wanted(&world.arena, object, &around);
    return object;
}

/* ---- files ---- */

struct disk {
    const struct world_file *files; /* ends with a NULL path */
    const char *const *variables;
};

static int read_file(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    const struct disk *disk = context;
    for (const struct world_file *file = disk->files; file->path; file++) {
        if (strcmp(file->path, path) != 0 || !file->text)
            continue;
        *ret_source = (struct source){arena_strdup(arena, path), file->text, strlen(file->text)};
        return 0;
    }
    *ret_error = "permission denied";
    return -1;
}

static int expand(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error)
{
    const struct disk *disk = context;
    size_t count = 0;
    for (const struct world_file *file = disk->files; file->path; file++)
        count++;
    *ret_paths = ARENA_ARRAY(arena, const char *, count);
    *ret_count = 0;
    for (const struct world_file *file = disk->files; file->path; file++)
        if (fnmatch(pattern, file->path, FNM_PATHNAME) == 0)
            (*ret_paths)[(*ret_count)++] = file->path;
    *ret_error = "no such file";
    return *ret_count ? 0 : -1;
}

static const char *lookup(void *context, const char *name)
{
    const struct disk *disk = context;
    for (const char *const *pair = disk->variables; pair && *pair; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1];
    return NULL;
}

struct manifest *world_load_files(const struct world_file *files, size_t count, const char *const *variables)
{
    struct disk disk = {.files = files, .variables = variables};
    struct manifest_reader reader = {
        .read = read_file,
        .expand = expand,
        .context = &disk,
        .lookup = lookup,
        .lookup_context = &disk,
        .allow_empty = true,
    };
    const char **paths = ARENA_ARRAY(&world.arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        paths[i] = files[i].path;
    return manifest_load(&world.arena, &reader, paths, count, &world.diags);
}

struct manifest *world_load(const char *text)
{
    const struct world_file files[] = {{"m.yaml", text}, {NULL, NULL}};
    return world_load_files(files, 1, NULL);
}

/* ---- texts out ---- */

static void add_place(struct strbuf *out, struct srcpos pos, bool width)
{
    if (!pos.source)
        return;
    if (strcmp(pos.source->name, "m.yaml") != 0)
        strbuf_addf(out, "%s:", pos.source->name);
    strbuf_addf(out, "%u:%u", pos.line, pos.column);
    if (width && pos.width)
        strbuf_addf(out, "+%u", pos.width);
}

static const char *kept(struct strbuf *out)
{
    const char *text = arena_strdup(&world.arena, strbuf_text(out));
    strbuf_release(out);
    return text;
}

const char *world_told(void)
{
    struct strbuf out = {0};
    diags_sort(&world.diags);
    for (size_t i = 0; i < world.diags.list.count; i++) {
        const struct diag *diag = world.diags.list.items[i];
        add_place(&out, diag->pos, true);
        strbuf_addf(&out, "%s%s: %s\n", diag->pos.source ? " " : "", diag->code->name, diag->message);
        for (size_t j = 0; j < diag->related.count; j++) {
            strbuf_adds(&out, "  note");
            strbuf_adds(&out, diag->related.items[j].pos.source ? " " : "");
            add_place(&out, diag->related.items[j].pos, false);
            strbuf_addf(&out, ": %s\n", diag->related.items[j].message);
        }
        if (diag->hint)
            strbuf_addf(&out, "  hint: %s\n", diag->hint);
    }
    return kept(&out);
}

const char *world_text(const struct node *node)
{
    struct strbuf out = {0};
    json_write(&out, node, false);
    return kept(&out);
}

static const char *object_text_of(const struct object *object, enum form form)
{
    struct node *map = node_map(&world.arena);
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        const struct value *value = &object->values[i];
        bool shown = form == FORM_WIRE || value->given;
        if (shown && value->type != VALUE_ABSENT && !(field->flags & FIELD_OURS))
            node_put(&world.arena, map, field->name, value_encode(&world.arena, field, value, form));
    }
    return world_text(map);
}

const char *world_wire(const struct object *object)
{
    return object_text_of(object, FORM_WIRE);
}

const char *world_given(const struct object *object)
{
    return object_text_of(object, FORM_MANIFEST);
}
