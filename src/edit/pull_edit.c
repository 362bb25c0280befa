/*
 * From a difference to edits of texts; see pull_model.h. The place of a value is found by its path in the files, from
 * the last file to the first. The place where the value was read would be wrong: a value from `defaults`, an anchor or a
 * merge key is for other objects too, so this object gets a line of its own.
 */
#include <string.h>

#include "base/number.h"
#include "edit/pull_model.h"
#include "field/decode.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "plan/step.h"

/* Section, stream, 'consumers', consumer, field and its parts: no path is longer. */
enum { PATH_MOST = 8 };

/* A map of the manifest: either a path, in all files, or one map in one file. */
struct place {
    const char *path[PATH_MOST];
    size_t depth;
    struct pull_file *file; /* NULL: it is given by the path */
    const struct layout *map;
};

struct spot {
    struct pull_file *file;
    const struct layout *map;
    const struct layout_entry *entry; /* NULL: the map does not have the key */
};

struct pulling {
    struct arena *arena;
    struct pull_files *files;
    const struct object *live;
    enum pull_way way;
};

/* ---- finding ---- */

static const struct layout *walk(const struct layout *map, const struct place *place, size_t depth)
{
    for (size_t i = 0; i < depth && map; i++) {
        const struct layout_entry *entry = layout_entry(map, place->path[i]);
        map = entry ? entry->value : NULL;
    }
    return map && map->type == LAYOUT_MAP ? map : NULL;
}

/* The last map at the path that has the key, or any map if the key is NULL. */
static struct spot search(const struct pulling *pulling, const struct place *place, size_t depth,
                          const char *key)
{
    struct spot none = {0};
    if (place->file) {
        const struct layout_entry *entry = key ? layout_entry(place->map, key) : NULL;
        return entry || !key ? (struct spot){place->file, place->map, entry} : none;
    }
    /* The last one is laid over the others, so its value is the one that counts. */
    for (size_t i = pulling->files->list.count; i-- > 0;) {
        struct pull_file *file = pulling->files->list.items[i];
        for (size_t j = file->layouts.count; j-- > 0;) {
            const struct layout *map = walk(file->layouts.items[j], place, depth);
            const struct layout_entry *entry = key ? layout_entry(map, key) : NULL;
            if (map && (entry || !key))
                return (struct spot){file, map, entry};
        }
    }
    return none;
}

static struct place below(const struct place *place, const char *key)
{
    struct place lower = *place;
    if (lower.file) {
        const struct layout_entry *entry = layout_entry(lower.map, key);
        lower.map = entry ? entry->value : NULL;
    } else if (lower.depth < PATH_MOST) {
        lower.path[lower.depth++] = key;
    }
    return lower;
}

static const char of_variable[] = "it comes from a variable";

/* "$$" is a dollar, whatever comes behind it. */
static bool names_variable(const char *text)
{
    for (; (text = strchr(text, '$')); text += text[1] == '$' ? 2 : 1)
        if (text[1] == '{')
            return true;
    return false;
}

/* The value, or a part of it, is somewhere else, and a text in its place would cut that off. */
static bool has_variable(const struct layout *layout)
{
    if (layout_is_scalar(layout))
        return names_variable(layout->text);
    for (size_t i = 0; layout->type == LAYOUT_LIST && i < layout->count; i++)
        if (has_variable(layout->items[i]))
            return true;
    for (size_t i = 0; layout->type == LAYOUT_MAP && i < layout->count; i++)
        if (has_variable(layout->entries[i].value))
            return true;
    return false;
}

static bool is_nothing(const struct layout *layout)
{
    return layout->type == LAYOUT_PLAIN &&
           (!*layout->text || strcmp(layout->text, "~") == 0 || strcmp(layout->text, "null") == 0);
}

/* ---- adding ---- */

/* The entry to put the new one behind: the one before it in the order of the table, so that related fields stay together. */
static size_t entry_before(const struct layout *map, const struct table *table, const char *key)
{
    const struct field *field = table ? table_field(table, key) : NULL;
    const struct field *best = NULL;
    size_t at = table || !map->count ? 0 : map->count - 1;
    for (size_t i = 0; field && i < map->count; i++) {
        const struct field *other = map->entries[i].key ? table_field(table, map->entries[i].key) : NULL;
        if (!other || other > field || (best && other < best))
            continue;
        best = other;
        at = i;
    }
    return at;
}

static const char *add(struct pulling *pulling, const struct place *place, const struct table *table,
                       const char *key, const struct node *value)
{
    struct spot spot = search(pulling, place, place->depth, NULL);
    if (spot.map)
        return edit_add_entry(&spot.file->edits, spot.map, entry_before(spot.map, table, key), key, value);
    if (!place->file && place->depth > 0)
        spot = search(pulling, place, place->depth - 1, place->path[place->depth - 1]);
    if (spot.entry && is_nothing(spot.entry->value))
        return edit_begin_map(&spot.file->edits, spot.entry, key, value);
    if (spot.entry && spot.entry->value->type == LAYOUT_ALIAS)
        return edit_over_alias(&spot.file->edits, spot.entry->value, key, value);
    return "the object has no place of its own in a manifest of natsform's form";
}

/* ---- changing ---- */

/* What others use too becomes theirs, if that is the way. */
static void part_from_others(const struct pulling *pulling, const struct spot *spot, const struct layout *old)
{
    if (pulling->way == PULL_APART)
        edit_free_anchor(&spot->file->edits, old);
}

/* Where a number cannot be a string, only words such as 'unlimited' may have stood in quotes. */
static const struct layout *without_quotes(struct arena *arena, const struct field *field,
                                           const struct layout *old, const struct node *value)
{
    bool quoted = old->type == LAYOUT_SINGLE || old->type == LAYOUT_DOUBLE;
    int64_t number;
    if (!quoted || field->type != FIELD_COUNT || value->type != NODE_SCALAR ||
        !number_parse_i64(value->text, &number))
        return old;
    struct layout *plain = ARENA_NEW(arena, struct layout);
    *plain = *old;
    plain->type = LAYOUT_PLAIN;
    return plain;
}

static const char *replace(const struct pulling *pulling, const struct field *field, const struct spot *spot,
                           const struct layout *old, const struct node *value)
{
    if (has_variable(old))
        return of_variable;
    const struct layout_entry *entry = spot->entry && spot->entry->value == old ? spot->entry : NULL;
    part_from_others(pulling, spot, old);
    return edit_value(&spot->file->edits, entry, without_quotes(pulling->arena, field, old, value), value);
}

/* What the server has not goes. */
static bool take_out(const struct pulling *pulling, const struct spot *spot)
{
    return pulling->way != PULL_AS_NULL && spot->entry && !has_variable(spot->entry->value) &&
           !edit_remove_entry(&spot->file->edits, spot->map, spot->entry);
}

static const char *pull_value(struct pulling *pulling, const struct place *place, const struct table *table,
                              const struct field *field, const struct value *live,
                              const struct value *wanted);

/* Stops at the first fault: the caller takes all edits of this difference back. */
static const char *pull_rows(struct pulling *pulling, const struct place *place, const struct object *live,
                             const struct object *wanted)
{
    const char *fault = NULL;
    for (size_t i = 0; i < live->table->count && !fault; i++) {
        const struct field *field = &live->table->fields[i];
        bool skipped = field->flags & (FIELD_OURS | FIELD_INTERNAL);
        if (!skipped && !value_equal(field, &live->values[i], &wanted->values[i]))
            fault = pull_value(pulling, place, live->table, field, &live->values[i], &wanted->values[i]);
    }
    return fault;
}

static bool is_own(const char *key)
{
    return metadata_key_is_servers(key) || strncmp(key, MARK_PREFIX, strlen(MARK_PREFIX)) == 0;
}

static const char *pull_pair(struct pulling *pulling, const struct place *place, const struct field *field,
                             const char *key, const struct value *live)
{
    const struct field one = {.name = field->name, .type = field->type};
    const struct node *value =
        live ? value_respell(pulling->arena, &one, live, NULL) : node_scalar(pulling->arena, "null", false);
    struct spot spot = search(pulling, place, place->depth, key);
    if (!spot.entry)
        return add(pulling, place, NULL, key, value);
    if (!live && take_out(pulling, &spot))
        return NULL;
    return replace(pulling, &one, &spot, spot.entry->value, value);
}

/* Metadata, pair by pair. A pair that is gone from the server goes, or becomes null: so a manifest takes back what defaults say. */
static const char *pull_pairs(struct pulling *pulling, const struct place *place, const struct field *field,
                              const struct value *live, const struct value *wanted)
{
    const char *fault = NULL;
    for (size_t i = 0; live->type == VALUE_MAP && i < live->map->count && !fault; i++) {
        const struct value_pair *pair = &live->map->pairs[i];
        const struct value *other = value_map_get(wanted, pair->key);
        bool same = other && other->type == pair->value->type && strcmp(other->text, pair->value->text) == 0;
        if (!is_own(pair->key) && !same)
            fault = pull_pair(pulling, place, field, pair->key, pair->value);
    }
    for (size_t i = 0; wanted->type == VALUE_MAP && i < wanted->map->count && !fault; i++) {
        const char *key = wanted->map->pairs[i].key;
        if (!is_own(key) && !value_map_get(live, key))
            fault = pull_pair(pulling, place, field, key, NULL);
    }
    return fault;
}

/* ---- lists ---- */

/* Which item of the list in the text belongs to which live item. */
struct pairing {
    const struct layout *list;
    const struct field *field;
    struct value *items;      /* the items in the text */
    size_t *partner;          /* by item: number of the live item + 1; 0: none */
    const struct value *live; /* the live items */
    size_t live_count;
    bool *taken; /* by live item: it has a partner */
};

static struct field item_field(const struct field *list)
{
    struct field item = *list;
    item.shape = SHAPE_ONE;
    return item;
}

/* As the server tells sources apart. */
static bool same_part(const struct object *a, const struct object *b)
{
    for (size_t i = 0; i < a->table->count; i++) {
        const struct field *field = &a->table->fields[i];
        if ((field->flags & FIELD_KEY) && !value_equal(field, &a->values[i], &b->values[i]))
            return false;
    }
    return true;
}

static bool is_partner(const struct pairing *pairing, size_t item, size_t live, bool loosely)
{
    const struct field one = item_field(pairing->field);
    const struct value *a = &pairing->items[item];
    const struct value *b = &pairing->live[live];
    if (a->type != b->type)
        return false;
    return a->type == VALUE_OBJECT && loosely ? same_part(a->object, b->object) : value_equal(&one, a, b);
}

static void match(struct pairing *pairing, size_t item, size_t live)
{
    pairing->partner[item] = live + 1;
    pairing->taken[live] = true;
}

/* First come equal items, then maps with the same identity, then the rest in the order of both lists. */
static void find_partners(struct pairing *pairing)
{
    bool ordered = pairing->field->flags & FIELD_ORDERED;
    for (int loosely = 0; loosely < 2 && !ordered; loosely++)
        for (size_t i = 0; i < pairing->list->count; i++)
            for (size_t j = 0; j < pairing->live_count && !pairing->partner[i]; j++)
                if (!pairing->taken[j] && is_partner(pairing, i, j, loosely))
                    match(pairing, i, j);
    size_t next = 0;
    for (size_t i = 0; i < pairing->list->count; i++) {
        while (next < pairing->live_count && pairing->taken[next])
            next++;
        if (!pairing->partner[i] && next < pairing->live_count)
            match(pairing, i, next);
    }
}

static const char *pull_item(struct pulling *pulling, struct pull_file *file, const struct pairing *pairing,
                             size_t index)
{
    const struct field one = item_field(pairing->field);
    const struct layout *old = pairing->list->items[index];
    const struct value *live = &pairing->live[pairing->partner[index] - 1];
    const struct value *item = &pairing->items[index];
    const struct spot spot = {.file = file};
    if (item->type == live->type && value_equal(&one, item, live))
        return NULL;
    if (live->type == VALUE_OBJECT && old->type == LAYOUT_MAP) {
        const struct place place = {.file = file, .map = old};
        return item->type == VALUE_OBJECT ? pull_rows(pulling, &place, live->object, item->object)
                                          : "an item of the list cannot be told from the others";
    }
    if (old->type == LAYOUT_MAP || old->type == LAYOUT_LIST)
        return "it is a list of more than words";
    return replace(pulling, &one, &spot, old,
                   value_respell(pulling->arena, &one, live, layout_is_scalar(old) ? old->text : NULL));
}

static const char *pull_items(struct pulling *pulling, struct pull_file *file, struct pairing *pairing)
{
    const struct field one = item_field(pairing->field);
    const struct layout *list = pairing->list;
    const char *fault = NULL;
    find_partners(pairing);
    for (size_t i = 0; i < list->count && !fault; i++) {
        if (pairing->partner[i])
            fault = pull_item(pulling, file, pairing, i);
        else if (has_variable(list->items[i]))
            fault = of_variable;
        else
            fault = edit_remove_item(&file->edits, list, i);
    }
    for (size_t j = 0; j < pairing->live_count && !fault; j++)
        if (!pairing->taken[j])
            fault = edit_add_item(&file->edits, list,
                                  value_respell(pulling->arena, &one, &pairing->live[j], NULL));
    return fault;
}

static const char *pull_list(struct pulling *pulling, struct pull_file *file, const struct layout *list,
                             const struct field *field, const struct value *live, const struct value *wanted)
{
    static const struct value_list none = {0};
    const struct value_list *live_list = live->type == VALUE_LIST ? live->list : &none;
    const struct field one = item_field(field);
    struct pairing pairing = {
        .list = list,
        .field = field,
        .items = ARENA_ARRAY(pulling->arena, struct value, list->count + 1),
        .partner = ARENA_ARRAY(pulling->arena, size_t, list->count + 1),
        .live = live_list->items,
        .live_count = live_list->count,
        .taken = ARENA_ARRAY(pulling->arena, bool, live_list->count + 1),
    };
    if (wanted->type == VALUE_LIST && wanted->list->count != list->count)
        return "the list is put together from several places";
    for (size_t i = 0; i < list->count; i++)
        if (wanted->type == VALUE_LIST)
            pairing.items[i] = wanted->list->items[i];
        else if (layout_is_scalar(list->items[i]))
            value_from_text(pulling->arena, &one, list->items[i]->text, &pairing.items[i]);
    return pull_items(pulling, file, &pairing);
}

/* ---- one field ---- */

/* A single filter can be in `filter_subject` or in `filter_subjects`. A comparison takes both for one field. */
static bool is_filter(const struct table *table, const struct field *field)
{
    return table == &consumer_table &&
           (field->id == CONSUMER_FILTER_SUBJECT || field->id == CONSUMER_FILTER_SUBJECTS);
}

static const char *pull_filters(struct pulling *pulling, const struct spot *spot)
{
    const struct field *many = table_field_by_id(&consumer_table, CONSUMER_FILTER_SUBJECTS);
    const struct value *one = object_value(pulling->live, CONSUMER_FILTER_SUBJECT);
    struct value list = *object_value(pulling->live, CONSUMER_FILTER_SUBJECTS);
    const struct value unknown = {0};
    if (edits_touch(&spot->file->edits, spot->entry->value)) /* for the other of the two fields */
        return NULL;
    if (list.type != VALUE_LIST && one->type == VALUE_TEXT) {
        list = (struct value){.type = VALUE_LIST, .list = ARENA_NEW(pulling->arena, struct value_list)};
        value_list_add(pulling->arena, list.list, *one);
    }
    return pull_list(pulling, spot->file, spot->entry->value, many, &list, &unknown);
}

/* Metadata that no manifest says. */
static bool has_only_own(const struct field *field, const struct value *live)
{
    bool own = field->shape == SHAPE_MAP && live->type == VALUE_MAP;
    for (size_t i = 0; own && i < live->map->count; i++)
        own = is_own(live->map->pairs[i].key);
    return own;
}

/* Does leaving the field out say it best? A number says 0, or false. */
static bool says_nothing(const struct value *live, const struct node *value)
{
    bool empty = value->type == NODE_SCALAR ? !*value->text : !value->count;
    return node_is_null(value) || (live->type == VALUE_ABSENT && empty);
}

static const char *pull_found(struct pulling *pulling, const struct place *place, const struct spot *spot,
                              const struct field *field, const struct value *live, const struct value *wanted)
{
    const struct layout *old = spot->entry->value;
    const struct node *value =
        value_respell(pulling->arena, field, live, layout_is_scalar(old) ? old->text : NULL);
    bool none = says_nothing(live, value);
    if ((none || has_only_own(field, live)) && take_out(pulling, spot))
        return NULL;
    if (none || (old->type != LAYOUT_LIST && old->type != LAYOUT_MAP))
        return replace(pulling, field, spot, old, value);
    part_from_others(pulling, spot, old);
    if (old->type == LAYOUT_LIST)
        return pull_list(pulling, spot->file, old, field, live, wanted);
    struct place part = below(place, field->name);
    if (live->type == VALUE_OBJECT && wanted->type == VALUE_OBJECT)
        return pull_rows(pulling, &part, live->object, wanted->object);
    if (field->shape == SHAPE_MAP)
        return pull_pairs(pulling, &part, field, live, wanted);
    return "the server has none, and only taking the whole of it out says so";
}

static const char *pull_value(struct pulling *pulling, const struct place *place, const struct table *table,
                              const struct field *field, const struct value *live, const struct value *wanted)
{
    struct spot spot = search(pulling, place, place->depth, field->name);
    if (is_filter(table, field)) {
        struct spot many =
            search(pulling, place, place->depth, table_field_by_id(table, CONSUMER_FILTER_SUBJECTS)->name);
        if (many.entry && many.entry->value->type == LAYOUT_LIST)
            return pull_filters(pulling, &many);
    }
    if (spot.entry)
        return pull_found(pulling, place, &spot, field, live, wanted);
    const struct node *value = value_respell(pulling->arena, field, live, NULL);
    return add(pulling, place, table, field->name, value);
}

/* ---- objects ---- */

/* The section of the manifest for objects of that table. */
static const char *section_of(const struct table *table)
{
    for (size_t i = 0; i < manifest_table.count; i++)
        if (manifest_table.fields[i].shape == SHAPE_MAP && manifest_table.fields[i].object == table)
            return manifest_table.fields[i].name;
    return NULL;
}

/* The key of the stream or bucket that the step is about, or of whose consumer it is. */
static const char *key_of(struct arena *arena, const struct step *step)
{
    if (step->resource)
        return accounts_key_of(arena, step->stream ? step->resource->stream : step->resource);
    return step->stream ? step->stream : step_shown_name(step);
}

const char *pull_edit(struct arena *arena, struct pull_files *files, const struct difference *difference,
                      enum pull_way way)
{
    const struct step *step = difference->step;
    struct pulling pulling = {.arena = arena, .files = files, .live = step->live, .way = way};
    struct place place = {0};
    const struct table *kind = step->stream ? &stream_table : step_kind(step);
    place.path[place.depth++] = section_of(kind);
    place.path[place.depth++] = key_of(arena, step);
    if (!table_field(step->stream ? step->table : kind, difference->field->name))
        return "no bucket of a manifest can have it otherwise";
    if (step->stream) {
        place.path[place.depth++] = table_field_by_id(&stream_table, STREAM_CONSUMERS)->name;
        place.path[place.depth++] = step->name;
    }
    return pull_value(&pulling, &place, step->stream ? step->table : kind, difference->field,
                      difference->live, difference->wanted);
}
