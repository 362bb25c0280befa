/* A digest of what an object is set to; see digest.h. Equal is what value_equal() finds equal: zero is absent, and most lists have no order. */
#include "field/digest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "field/mark_keys.h"
#include "syntax/json.h"

static const char *text_of(struct arena *arena, const struct field *field, const struct value *value);

static bool counts(const struct field *field)
{
    return !(field->flags &
             (FIELD_OURS | FIELD_IDENTITY | FIELD_INTERNAL | FIELD_SERVER_FILLS | FIELD_PASSES));
}

/* A line for each row that is on. */
static const char *lines_of(struct arena *arena, const struct object *object)
{
    static const struct value absent = {0};
    struct strbuf out = {0};
    for (size_t i = 0; i < object->table->count; i++) {
        const struct field *field = &object->table->fields[i];
        if (counts(field) && !value_equal(field, &object->values[i], &absent))
            strbuf_addf(&out, "%s=%s\n", field->name, text_of(arena, field, &object->values[i]));
    }
    const char *text = arena_strdup(arena, strbuf_text(&out));
    strbuf_release(&out);
    return text;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A set may repeat an item. */
static const char *list_text(struct arena *arena, const struct field *field, const struct value_list *list)
{
    const char **texts = ARENA_ARRAY(arena, const char *, list->count + 1);
    const char *text = "";
    for (size_t i = 0; i < list->count; i++)
        texts[i] = text_of(arena, field, &list->items[i]);
    if (!(field->flags & FIELD_ORDERED) && list->count)
        qsort(texts, list->count, sizeof(*texts), compare_texts);
    for (size_t i = 0; i < list->count; i++)
        if ((field->flags & FIELD_ORDERED) || !i || strcmp(texts[i - 1], texts[i]) != 0)
            text = arena_printf(arena, "%s%s;", text, texts[i]);
    return text;
}

static const char *map_text(struct arena *arena, const struct field *field, const struct value_map *map)
{
    const char *text = "";
    for (size_t i = 0; i < map->count; i++)
        if (!text_begins(map->pairs[i].key, MARK_PREFIX))
            text = arena_printf(arena, "%s%s=%s;", text, map->pairs[i].key,
                                text_of(arena, field, map->pairs[i].value));
    return text;
}

static const char *text_of(struct arena *arena, const struct field *field, const struct value *value)
{
    switch (value->type) {
    case VALUE_ABSENT:
        return "";
    case VALUE_BOOL:
        return value->boolean ? "true" : "false";
    case VALUE_INT:
        return arena_printf(arena, "%" PRId64, value->integer);
    case VALUE_UINT:
        return arena_printf(arena, "%" PRIu64, value->natural);
    case VALUE_TEXT:
        return value->text;
    case VALUE_TIME:
        return instant_format(arena, *value->instant);
    case VALUE_OBJECT:
        return arena_printf(arena, "{%s}", lines_of(arena, value->object));
    case VALUE_LIST:
        return list_text(arena, field, value->list);
    case VALUE_MAP:
        return map_text(arena, field, value->map);
    case VALUE_TREE:
        return json_text(arena, value->tree);
    }
    return "";
}

const char *object_digest(struct arena *arena, const char *label, const struct object *object,
                          const bool *keep, const struct object *live, bool lowered)
{
    struct object *counted = object_copy(arena, object);
    for (size_t i = 0; i < counted->table->count; i++) {
        const struct field *field = &counted->table->fields[i];
        struct value *value = &counted->values[i];
        if (keep && keep[i] && live)
            *value = live->values[i];
        if (lowered && (field->flags & FIELD_SERVER_LOWERS))
            *value = (struct value){0};
        /* Nothing but marks is as good as nothing. */
        if (value->type == VALUE_MAP && !*map_text(arena, field, value->map))
            *value = (struct value){0};
    }
    const char *lines = arena_printf(arena, "%s\n%s", label, lines_of(arena, counted));
    return arena_printf(arena, "%016" PRIx64, hash_text(lines));
}
