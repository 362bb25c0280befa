/*
 * Factors out of an export what most of its streams, or most of its consumers, have in common, as a person would write
 * it: into the manifest's `defaults`. An object that has something else says so itself, also where that is what it would have
 * without any defaults.
 *
 * It is done when the export is right without it; export_objects.c takes it back if that is no longer so with it.
 */
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "edit/export_model.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "syntax/yaml.h"

enum {
    SHARED_LEAST = 3, /* objects that have the value */
    INDENT = 2,
};

/* A field that may be a default, and how much shorter the text becomes. */
struct shared {
    const struct field *field;
    const struct node *value;
    size_t gain;
};

/* The objects of one kind. */
struct group {
    struct exporting *exporting;
    const struct table *table;
    size_t indents; /* before a field of such an object; in `defaults` there are two */
    VEC(struct export_item *) items;
    VEC(struct node *) nodes; /* what is written of each */
    VEC(struct shared) shared;
};

/* Of the objects of a table. */
static const char *default_key(const struct table *table)
{
    const struct table *rows = table_field_by_id(&manifest_table, MANIFEST_DEFAULTS)->object;
    return table_field_by_id(rows, table == &stream_table ? DEFAULTS_STREAM : DEFAULTS_CONSUMER)->name;
}

/* ---- what may be a default ---- */

/*
 * What says how an object behaves. Subjects, names and words are an object's own, even where three have the same; of maps a default is
 * merged with the object's, so it has to be alike everywhere.
 */
static bool may_be_default(const struct field *field)
{
    const unsigned types =
        FIELD_BOOL | FIELD_COUNT | FIELD_SIZE | FIELD_DURATION | FIELD_PERCENT | FIELD_CHOICE | FIELD_OBJECT;
    const unsigned never = FIELD_IDENTITY | FIELD_OURS | FIELD_INTERNAL | FIELD_SECRET;
    bool whole =
        field->shape == SHAPE_ONE && (field->object == &placement_table || field->object == &limits_table);
    return (field->type & types) && !(field->flags & never) && (!(field->type & FIELD_OBJECT) || whole);
}

static bool is_left_alone(const struct group *group, size_t row)
{
    for (size_t i = 0; i < group->items.count; i++)
        if (group->items.items[i]->without[row])
            return true;
    return false;
}

/* The value that more than half of the objects have, if there is one. */
static const struct node *candidate(const struct group *group, const char *name)
{
    const struct node *most = NULL;
    size_t lead = 0;
    for (size_t i = 0; i < group->nodes.count; i++) {
        const struct node *own = node_get(group->nodes.items[i], name);
        if (lead == 0)
            most = own;
        if (node_equal(own, most))
            lead++;
        else
            lead--;
    }
    return most;
}

/* Bytes of a line, or of several, so far in. */
static size_t bytes_of(struct arena *arena, const struct field *field, const struct node *value,
                       size_t indents)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct node *root = node_map(arena);
    size_t bytes = 0;
    node_put(arena, root, field->name, node_copy(arena, value));
    yaml_write(&text, root);
    for (const char *at = strbuf_text(&text); *at; at++)
        bytes += 1 + (*at == '\n' ? indents * INDENT : 0);
    return bytes;
}

static struct node *contrary(struct arena *arena, const struct export_item *item, const struct field *field)
{
    return value_respell(arena, field, &item->object->values[field - item->object->table->fields], NULL);
}

/*
 * How much shorter the text becomes with this default; 0: it does not, or the field cannot be one. A person would not make a default of
 * what every third object then has to take back.
 */
static size_t gain_of(const struct group *group, const struct field *field, const struct node *value)
{
    struct arena *arena = group->exporting->arena;
    size_t shared = 0, taken_back = 0, spent = bytes_of(arena, field, value, 2);
    for (size_t i = 0; i < group->nodes.count; i++) {
        const struct node *own = node_get(group->nodes.items[i], field->name);
        shared += own && node_equal(own, value);
        taken_back += !own;
        if (!own)
            spent += bytes_of(arena, field, contrary(arena, group->items.items[i], field), group->indents);
    }
    size_t saved = shared * bytes_of(arena, field, value, group->indents);
    bool fits = field->object ? shared == group->nodes.count : shared * 2 > group->nodes.count;
    return fits && shared >= SHARED_LEAST && taken_back * 2 <= shared && saved > spent ? saved - spent : 0;
}

/* ---- choosing ---- */

static void gather(struct group *group)
{
    const struct exporting *exporting = group->exporting;
    bool streams = group->table == &stream_table;
    for (size_t i = 0; i < exporting->streams.count; i++) {
        struct export_item *stream = exporting->streams.items[i];
        if (streams && !stream->out && !stream->external && !stream->bucket)
            VEC_PUSH(exporting->arena, &group->items, stream);
        for (size_t j = 0; !streams && !stream->out && j < stream->consumers.count; j++)
            if (!stream->consumers.items[j]->out)
                VEC_PUSH(exporting->arena, &group->items, stream->consumers.items[j]);
    }
    for (size_t i = 0; i < group->items.count; i++)
        VEC_PUSH(exporting->arena, &group->nodes, export_rows(group->exporting, group->items.items[i]));
}

static void choose_fields(struct group *group)
{
    for (size_t row = 0; row < group->table->count; row++) {
        const struct field *field = &group->table->fields[row];
        const struct node *value = may_be_default(field) ? candidate(group, field->name) : NULL;
        size_t gain = value && !is_left_alone(group, row) ? gain_of(group, field, value) : 0;
        const struct shared shared = {field, value, gain};
        if (gain)
            VEC_PUSH(group->exporting->arena, &group->shared, shared);
    }
}

/* Has the object to take back more than one of them, and more than it is saved? */
static bool is_burdened(const struct group *group, const struct node *object)
{
    size_t saved = 0, taken_back = 0;
    for (size_t i = 0; i < group->shared.count; i++) {
        const struct node *own = node_get(object, group->shared.items[i].field->name);
        saved += own && node_equal(own, group->shared.items[i].value);
        taken_back += !own;
    }
    return taken_back > 1 && taken_back > saved;
}

/* Gives up the least of those that the object has to take back. */
static void unburden(struct group *group, const struct node *object)
{
    size_t least = group->shared.count;
    for (size_t i = 0; i < group->shared.count; i++)
        if (!node_get(object, group->shared.items[i].field->name) &&
            (least == group->shared.count || group->shared.items[i].gain <= group->shared.items[least].gain))
            least = i;
    for (size_t i = least; i + 1 < group->shared.count; i++)
        group->shared.items[i] = group->shared.items[i + 1];
    group->shared.count -= least < group->shared.count;
}

/* False if there was nothing to do. What is given up for one object may have saved another something. */
static bool unburden_all(struct group *group)
{
    size_t before = group->shared.count;
    for (size_t i = 0; i < group->nodes.count; i++)
        while (is_burdened(group, group->nodes.items[i]))
            unburden(group, group->nodes.items[i]);
    return group->shared.count < before;
}

/* Returns how much shorter the text becomes. */
static size_t choose_defaults(struct group *group, struct node *defaults)
{
    struct arena *arena = group->exporting->arena;
    struct node *map = node_map(arena);
    const char *key = default_key(group->table);
    size_t heading = INDENT + strlen(key) + sizeof(":\n") - 1;
    size_t gain = 0;
    choose_fields(group);
    while (unburden_all(group))
        continue;
    for (size_t i = 0; i < group->shared.count; i++) {
        node_put(arena, map, group->shared.items[i].field->name,
                 node_copy(arena, group->shared.items[i].value));
        gain += group->shared.items[i].gain;
    }
    if (gain <= heading)
        return 0;
    node_put(arena, defaults, key, map);
    return gain - heading;
}

bool export_find_defaults(struct exporting *exporting)
{
    struct group groups[] = {
        {.exporting = exporting, .table = &stream_table, .indents = 2},
        {.exporting = exporting, .table = &consumer_table, .indents = 4},
    };
    struct node *defaults = node_map(exporting->arena);
    size_t gain = 0;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        gather(&groups[i]);
        gain += choose_defaults(&groups[i], defaults);
    }
    const char *heading = table_field_by_id(&manifest_table, MANIFEST_DEFAULTS)->name;
    if (gain <= strlen(heading) + sizeof(":\n\n") - 1)
        return false;
    exporting->defaults = defaults;
    return true;
}

void export_lay_defaults(struct exporting *exporting, const struct export_item *item, struct node *map)
{
    const struct table *table = item->object->table;
    const struct node *defaults =
        exporting->defaults ? node_get(exporting->defaults, default_key(table)) : NULL;
    for (size_t i = 0; defaults && i < defaults->count; i++) {
        const struct member *member = &defaults->members[i];
        const struct node *own = node_get(map, member->key);
        if (!own)
            node_put(exporting->arena, map, member->key,
                     contrary(exporting->arena, item, table_field(table, member->key)));
        else if (node_equal(own, member->value))
            node_remove(map, member->key);
    }
}
