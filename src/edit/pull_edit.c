/*
 * From a difference to edits of texts; see pull_model.h. A value from `defaults`, an anchor or a merge key is for other objects
 * too, so this object gets a line of its own.
 */
#include <string.h>

#include "base/number.h"
#include "edit/pull_places.h"
#include "field/decode.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "plan/step.h"

struct pulling {
    struct arena *arena;
    struct pull_files *files;
    const struct object *live;
    enum pull_way way;
};

const char pull_no_bucket[] = "no bucket of a manifest can have it otherwise";
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

/* What others use too becomes theirs, if that is the way. */
static void part_from_others(const struct pulling *pulling, const struct place *place,
                             const struct spot *spot, const struct layout *old)
{
    if (!(pulling->way & PULL_APART))
        return;
    if (spot->map)
        place_part(spot, place);
    if (old)
        edit_free_anchor(&spot->file->edits, old);
}

static const char *add(struct pulling *pulling, const struct place *place, const struct table *table,
                       const char *key, const struct node *value)
{
    struct spot spot = place_search(pulling->files, place, place->depth, NULL);
    bool without = !(pulling->way & PULL_AS_NULL) && node_is_null(value);
    if (spot.map) {
        part_from_others(pulling, place, &spot, NULL);
        return edit_add_entry(&spot.file->edits, spot.map, entry_before(spot.map, table, key), key, value);
    }
    if (!place->file && place->depth > 0)
        spot = place_search(pulling->files, place, place->depth - 1, place->path[place->depth - 1]);
    if (spot.entry && layout_is_null(spot.entry->value)) {
        part_from_others(pulling, place, &spot, NULL);
        return edit_begin_map(&spot.file->edits, spot.entry, key, value);
    }
    return place_make_own(pulling->arena, pulling->files, place, NULL, key, without ? NULL : value);
}

/* ---- changing ---- */

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

static const char *replace(const struct pulling *pulling, const struct place *place,
                           const struct field *field, const struct spot *spot, const struct layout *old,
                           const struct node *value)
{
    if (has_variable(old))
        return of_variable;
    const struct layout_entry *entry = spot->entry && spot->entry->value == old ? spot->entry : NULL;
    part_from_others(pulling, place, spot, old);
    return edit_value(&spot->file->edits, entry, without_quotes(pulling->arena, field, old, value), value);
}

/* What the server has not goes. */
static bool take_out(const struct pulling *pulling, const struct place *place, const struct spot *spot)
{
    if ((pulling->way & PULL_AS_NULL) || !spot->entry || has_variable(spot->entry->value))
        return false;
    part_from_others(pulling, place, spot, NULL);
    return !edit_remove_entry(&spot->file->edits, spot->map, spot->entry);
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
    struct spot spot = place_search(pulling->files, place, place->depth, key);
    if (!spot.entry)
        return add(pulling, place, NULL, key, value);
    if (!live && take_out(pulling, place, &spot))
        return NULL;
    return replace(pulling, place, &one, &spot, spot.entry->value, value);
}

static bool same_pair(const struct value *value, const struct value *other)
{
    return other && other->type == value->type && strcmp(other->text, value->text) == 0;
}

/*
 * Metadata that is not written there, pair by pair: what the server has, or only what differs, where the rest comes through
 * defaults. Without any pair it is null, which takes back all of them.
 */
static const struct node *pairs_node(const struct pulling *pulling, const struct field *field,
                                     const struct value *live, const struct value *wanted, bool all)
{
    const struct field one = {.name = field->name, .type = field->type};
    struct arena *arena = pulling->arena;
    struct node *node = node_map(arena);
    bool any = false;
    for (size_t i = 0; live->type == VALUE_MAP && i < live->map->count; i++) {
        const struct value_pair *pair = &live->map->pairs[i];
        bool said = !is_own(pair->key);
        any |= said;
        if (said && (all || !same_pair(pair->value, value_map_get(wanted, pair->key))))
            node_put(arena, node, pair->key, value_respell(arena, &one, pair->value, NULL));
    }
    for (size_t i = 0; wanted->type == VALUE_MAP && i < wanted->map->count; i++) {
        const char *key = wanted->map->pairs[i].key;
        bool gone = !is_own(key) && !value_map_get(live, key);
        if (gone && (!all || (pulling->way & PULL_AS_NULL)))
            node_put(arena, node, key, node_scalar(arena, "null", false));
    }
    return any ? node : node_scalar(arena, "null", false);
}

/* Metadata, pair by pair. A pair that is gone from the server goes, or becomes null: so a manifest takes back what defaults say. */
static const char *pull_pairs(struct pulling *pulling, const struct place *place, const struct field *field,
                              const struct value *live, const struct value *wanted)
{
    const char *fault = NULL;
    for (size_t i = 0; live->type == VALUE_MAP && i < live->map->count && !fault; i++) {
        const struct value_pair *pair = &live->map->pairs[i];
        if (!is_own(pair->key) && !same_pair(pair->value, value_map_get(wanted, pair->key)))
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
    return replace(pulling, NULL, &one, &spot, old,
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

/* ---- sets in several files ---- */

/*
 * A list whose order does not count is all that the files say together, so an item goes where it stands, and a new one comes
 * into the last file. A list that comes through an alias or a merge key, or null, is written anew where an item of it goes.
 */
struct set {
    const struct place *place;
    const struct field *field;
    const struct layers *layers;
    const struct value_list *live;
    const struct value_list *wanted;
    bool *taken; /* by live item: a file has it */
};

static const char of_hidden[] = "an item of it is laid over another one";

/* The item as it was read, or as its text says it, where another file says the same. False: it is hidden by another one. */
static bool value_of_item(struct pulling *pulling, const struct set *set, const struct layer *layer,
                          const struct layout *item, struct value *ret_value)
{
    const struct field one = item_field(set->field);
    const struct source *source = &layer->spot.file->now;
    struct srcpos pos = cursor_pos_of_byte(source, item->start);
    for (size_t i = 0; i < set->wanted->count; i++) {
        const struct node *node = set->wanted->items[i].node;
        if (node && node->pos.source && srcpos_compare(node->pos, pos) == 0) {
            *ret_value = set->wanted->items[i];
            return true;
        }
    }
    if (!layout_is_scalar(item))
        return false;
    value_from_text(pulling->arena, &one, item->text, ret_value);
    return true;
}

/* The live item that a file's item is; `loosely`: or that has its name. The number of live items: none. */
static size_t live_item(const struct set *set, const struct value *item, bool loosely)
{
    const struct field one = item_field(set->field);
    size_t at = 0;
    for (; at < set->live->count; at++) {
        const struct value *live = &set->live->items[at];
        if (live->type != item->type)
            continue;
        if (value_equal(&one, item, live) || (loosely && !set->taken[at] && live->type == VALUE_OBJECT &&
                                              same_part(item->object, live->object)))
            break;
    }
    return at;
}

static size_t next_free(const struct set *set)
{
    size_t at = 0;
    while (at < set->live->count && set->taken[at])
        at++;
    return at;
}

/* Changes an item in its place, so that it is the live one, or takes it out if there is none for it. */
static const char *settle_item(struct pulling *pulling, struct set *set, const struct layer *layer,
                               size_t index, const struct value *item)
{
    const struct field one = item_field(set->field);
    const struct layout *list = layer->said;
    const struct layout *old = list->items[index];
    const struct spot spot = {.file = layer->spot.file};
    size_t same = live_item(set, item, true);
    size_t at = same < set->live->count || item->type == VALUE_OBJECT ? same : next_free(set);
    if (has_variable(old))
        return of_variable;
    if (at == set->live->count)
        return edit_remove_item(&spot.file->edits, list, index);
    set->taken[at] = true;
    const struct value *live = &set->live->items[at];
    if (item->type == VALUE_OBJECT && old->type == LAYOUT_MAP) {
        const struct place place = {.file = spot.file, .map = old};
        return pull_rows(pulling, &place, live->object, item->object);
    }
    if (!layout_is_scalar(old))
        return "it is a list of more than words";
    return replace(pulling, NULL, &one, &spot, old, value_respell(pulling->arena, &one, live, old->text));
}

/* A layer's list, written anew. */
static const char *write_layer(struct pulling *pulling, const struct set *set, const struct layer *layer,
                               const struct node *kept)
{
    const struct spot *spot = &layer->spot;
    if (!spot->map)
        return place_make_own(pulling->arena, pulling->files, set->place, spot->file, set->field->name, kept);
    if (!kept->count && layout_is_null(layer->said) && take_out(pulling, set->place, spot))
        return NULL;
    if (!spot->entry)
        return edit_add_entry(&spot->file->edits, spot->map, spot->map->count - 1, set->field->name, kept);
    return replace(pulling, set->place, set->field, spot, spot->entry->value, kept);
}

static bool is_own_list(const struct layer *layer)
{
    return layer->spot.entry && layer->spot.entry->value == layer->said && layer->said->type == LAYOUT_LIST;
}

/* What stays of each layer's list is found first, since equal items of two files are one. */
static const char *take_same(struct pulling *pulling, struct set *set)
{
    struct value item;
    for (size_t i = 0; i < set->layers->list.count; i++) {
        const struct layer *layer = &set->layers->list.items[i];
        for (size_t j = 0; layer->said->type == LAYOUT_LIST && j < layer->said->count; j++) {
            if (!value_of_item(pulling, set, layer, layer->said->items[j], &item))
                return of_hidden;
            size_t at = live_item(set, &item, false);
            if (at < set->live->count)
                set->taken[at] = true;
        }
    }
    return NULL;
}

static const char *settle_layer(struct pulling *pulling, struct set *set, const struct layer *layer,
                                bool last)
{
    const struct field one = item_field(set->field);
    bool own = is_own_list(layer);
    bool anew = layout_is_null(layer->said);
    const char *fault = NULL;
    struct node *kept = node_list(pulling->arena);
    for (size_t i = 0; layer->said->type == LAYOUT_LIST && i < layer->said->count && !fault; i++) {
        struct value item;
        if (!value_of_item(pulling, set, layer, layer->said->items[i], &item))
            return of_hidden;
        bool stays = live_item(set, &item, false) < set->live->count;
        if (own && !stays)
            fault = settle_item(pulling, set, layer, i, &item);
        else if (stays)
            node_append(pulling->arena, kept,
                        place_node(pulling->arena, &layer->spot, layer->said->items[i]));
        anew |= !own && !stays;
    }
    for (size_t i = next_free(set); last && i < set->live->count && !fault; i = next_free(set)) {
        struct node *item = value_respell(pulling->arena, &one, &set->live->items[i], NULL);
        set->taken[i] = true;
        if (own)
            fault = edit_add_item(&layer->spot.file->edits, layer->said, item);
        else
            node_append(pulling->arena, kept, item);
        anew |= !own;
    }
    return fault || own || !anew ? fault : write_layer(pulling, set, layer, kept);
}

static const char *pull_set(struct pulling *pulling, const struct place *place, const struct field *field,
                            const struct layers *layers, const struct value *live, const struct value *wanted)
{
    static const struct value_list none = {0};
    struct set set = {.place = place,
                      .field = field,
                      .layers = layers,
                      .live = live->type == VALUE_LIST ? live->list : &none,
                      .wanted = wanted->type == VALUE_LIST ? wanted->list : &none};
    set.taken = ARENA_ARRAY(pulling->arena, bool, set.live->count + 1);
    const char *fault = take_same(pulling, &set);
    for (size_t i = 0; i < layers->list.count && !fault; i++)
        fault = settle_layer(pulling, &set, &layers->list.items[i], i + 1 == layers->list.count);
    return fault;
}

/* Is the list put together from several files, or does it come through a merge key of one that others are laid over? */
static bool is_set_of_several(struct pulling *pulling, const struct place *place, const struct field *field,
                              struct layers *ret_layers)
{
    size_t lists = 0;
    if (field->shape != SHAPE_LIST || (field->flags & FIELD_ORDERED))
        return false;
    place_layers(pulling->arena, pulling->files, place, field->name, ret_layers);
    for (size_t i = 0; i < ret_layers->list.count; i++) {
        const struct layout *said = ret_layers->list.items[i].said;
        lists += said->type == LAYOUT_LIST;
        if (said->type != LAYOUT_LIST && !layout_is_null(said))
            return false;
    }
    return lists > 0 && (ret_layers->list.count > 1 || !ret_layers->list.items[0].spot.entry);
}

/* ---- one field ---- */

/* A single filter can be in `filter_subject` or in `filter_subjects`. A comparison takes both for one field. */
static bool is_filter(const struct table *table, const struct field *field)
{
    return table == &consumer_table &&
           (field->id == CONSUMER_FILTER_SUBJECT || field->id == CONSUMER_FILTER_SUBJECTS);
}

/* The live filters as a list, whether there are one or several. */
static struct value live_filters(const struct pulling *pulling)
{
    const struct value *one = object_value(pulling->live, CONSUMER_FILTER_SUBJECT);
    struct value list = *object_value(pulling->live, CONSUMER_FILTER_SUBJECTS);
    if (list.type != VALUE_LIST && one->type == VALUE_TEXT) {
        list = (struct value){.type = VALUE_LIST, .list = ARENA_NEW(pulling->arena, struct value_list)};
        value_list_add(pulling->arena, list.list, *one);
    }
    return list;
}

static const char *pull_filters(struct pulling *pulling, const struct place *place, const struct spot *spot)
{
    const struct field *many = table_field_by_id(&consumer_table, CONSUMER_FILTER_SUBJECTS);
    const struct value list = live_filters(pulling);
    const struct value unknown = {0};
    struct layers layers;
    if (edits_touch(&spot->file->edits, spot->entry->value)) /* for the other of the two fields */
        return NULL;
    if (is_set_of_several(pulling, place, many, &layers))
        return pull_set(pulling, place, many, &layers, &list, &unknown);
    if (list.type != VALUE_LIST && take_out(pulling, place, spot))
        return NULL;
    part_from_others(pulling, place, spot, spot->entry->value);
    return pull_list(pulling, spot->file, spot->entry->value, many, &list, &unknown);
}

/* Where the filters come as a list, or where a list from defaults would come through, they are pulled as one. */
static bool pull_as_list(struct pulling *pulling, const struct place *place, const char **ret_fault)
{
    const struct field *many = table_field_by_id(&consumer_table, CONSUMER_FILTER_SUBJECTS);
    const char *one = table_field_by_id(&consumer_table, CONSUMER_FILTER_SUBJECT)->name;
    const struct spot spot = place_search(pulling->files, place, place->depth, many->name);
    const struct value list = live_filters(pulling), unknown = {0};
    struct layers layers;
    if (spot.entry && spot.entry->value->type == LAYOUT_LIST) {
        *ret_fault = pull_filters(pulling, place, &spot);
        return true;
    }
    if (is_set_of_several(pulling, place, many, &layers)) {
        *ret_fault = pull_set(pulling, place, many, &layers, &list, &unknown);
        return true;
    }
    place_layers(pulling->arena, pulling->files, place, one, &layers);
    if (spot.entry || layers.list.count || !(pulling->way & PULL_AS_NULL))
        return false;
    *ret_fault =
        add(pulling, place, &consumer_table, many->name, value_respell(pulling->arena, many, &list, NULL));
    return true;
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
        field->shape == SHAPE_MAP && live->type == VALUE_MAP
            ? pairs_node(pulling, field, live, wanted, true)
            : value_respell(pulling->arena, field, live, layout_is_scalar(old) ? old->text : NULL);
    bool none = says_nothing(live, value);
    if ((none || has_only_own(field, live)) && take_out(pulling, place, spot))
        return NULL;
    if (none || (old->type != LAYOUT_LIST && old->type != LAYOUT_MAP))
        return replace(pulling, place, field, spot, old, value);
    part_from_others(pulling, place, spot, old);
    if (old->type == LAYOUT_LIST)
        return pull_list(pulling, spot->file, old, field, live, wanted);
    struct place part = place_below(place, field->name);
    if (live->type == VALUE_OBJECT && wanted->type == VALUE_OBJECT)
        return pull_rows(pulling, &part, live->object, wanted->object);
    if (field->shape == SHAPE_MAP)
        return pull_pairs(pulling, &part, field, live, wanted);
    return "the server has none, and only taking the whole of it out says so";
}

static const char *pull_value(struct pulling *pulling, const struct place *place, const struct table *table,
                              const struct field *field, const struct value *live, const struct value *wanted)
{
    struct spot spot = place_search(pulling->files, place, place->depth, field->name);
    struct layers layers;
    const char *fault = NULL;
    if (is_filter(table, field) && pull_as_list(pulling, place, &fault))
        return fault;
    if (is_set_of_several(pulling, place, field, &layers))
        return pull_set(pulling, place, field, &layers, live, wanted);
    if (spot.entry)
        return pull_found(pulling, place, &spot, field, live, wanted);
    if (field->shape != SHAPE_MAP)
        return add(pulling, place, table, field->name, value_respell(pulling->arena, field, live, NULL));
    place_layers(pulling->arena, pulling->files, place, field->name, &layers);
    return add(pulling, place, table, field->name,
               pairs_node(pulling, field, live, wanted, layers.list.count > 0));
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
        return pull_no_bucket;
    if (step->stream) {
        place.path[place.depth++] = table_field_by_id(&stream_table, STREAM_CONSUMERS)->name;
        place.path[place.depth++] = step->name;
    }
    return pull_value(&pulling, &place, step->stream ? step->table : kind, difference->field,
                      difference->live, difference->wanted);
}
