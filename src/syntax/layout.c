/*
 * Makes layouts of libyaml's events; see layout.h. libyaml's marks count characters, so a cursor turns them into bytes.
 */
#include "syntax/layout.h"

#include <string.h>
#include <yaml.h>

#include "base/vec.h"
#include "syntax/node.h"
#include "syntax/yaml_documents.h"

struct reading {
    struct arena *arena;
    yaml_parser_t parser;
    struct cursor cursor;
    int flows; /* open brackets */
};

static size_t byte_of(struct reading *reading, size_t index)
{
    cursor_seek(&reading->cursor, index);
    return reading->cursor.offset;
}

/* Goes over '&anchor' and '!tag', and blanks and comments behind them. To libyaml they are a part of the node. */
static void skip_properties(const struct source *source, struct layout *layout, size_t end)
{
    const char *text = source->text;
    size_t at = layout->start;
    while (at < end && (text[at] == '&' || text[at] == '!')) {
        while (at < end && !strchr(" \t\r\n", text[at]))
            at++;
        layout->place = at;
        at = layout_skip_gap(source, at, end);
    }
    layout->start = at;
}

static struct layout *new_layout(struct reading *reading, const yaml_event_t *event, enum layout_type type,
                                 const yaml_char_t *anchor)
{
    struct layout *layout = ARENA_NEW(reading->arena, struct layout);
    layout->type = type;
    layout->in_flow = reading->flows > 0;
    layout->anchor = anchor ? arena_strdup(reading->arena, (const char *)anchor) : NULL;
    layout->start = byte_of(reading, event->start_mark.index);
    layout->outer = layout->start;
    layout->end = byte_of(reading, event->end_mark.index);
    return layout;
}

static enum layout_type type_of(yaml_scalar_style_t style)
{
    return style == YAML_SINGLE_QUOTED_SCALAR_STYLE                                  ? LAYOUT_SINGLE
           : style == YAML_DOUBLE_QUOTED_SCALAR_STYLE                                ? LAYOUT_DOUBLE
           : style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE ? LAYOUT_BLOCK
                                                                                     : LAYOUT_PLAIN;
}

static struct layout *read_scalar(struct reading *reading, const yaml_event_t *event)
{
    struct layout *layout =
        new_layout(reading, event, type_of(event->data.scalar.style), event->data.scalar.anchor);
    layout->text =
        arena_strndup(reading->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
    skip_properties(reading->cursor.source, layout, layout->end);
    return layout;
}

static struct layout *read_node(struct reading *reading, const yaml_event_t *event);

/* The node of the next event. NULL at the end of the list or map that is open, or at a fault. */
static struct layout *read_next(struct reading *reading, size_t *ret_end)
{
    yaml_event_t event;
    if (!yaml_parser_parse(&reading->parser, &event))
        return NULL;
    *ret_end = byte_of(reading, event.end_mark.index);
    struct layout *layout = read_node(reading, &event);
    yaml_event_delete(&event);
    return layout;
}

/*
 * libyaml ends a collection without brackets where the next token begins, which is too late. The last item's end is used
 * instead.
 */
static void read_items(struct reading *reading, struct layout *list)
{
    VEC(struct layout *) items = {0};
    struct layout *item;
    size_t end = list->end;
    while ((item = read_next(reading, &end))) {
        VEC_PUSH(reading->arena, &items, item);
        list->end = item->end;
    }
    if (list->flow)
        list->end = end;
    list->items = items.items;
    list->count = items.count;
}

/* Behind the colon, if there is one; behind anchor and tag, if there are any. */
static void find_place(const struct source *source, const struct layout *key, struct layout *value)
{
    size_t colon = layout_skip_gap(source, key->end, source->length);
    size_t behind = colon < source->length && source->text[colon] == ':' ? colon + 1 : key->end;
    if (value->place < behind)
        value->place = behind;
}

static void read_entries(struct reading *reading, struct layout *map)
{
    VEC(struct layout_entry) entries = {0};
    struct layout *key;
    size_t end = map->end;
    while ((key = read_next(reading, &end))) {
        struct layout *value = read_next(reading, &end);
        if (!value)
            break;
        struct layout_entry entry = {.key = layout_is_scalar(key) ? key->text : NULL,
                                     .key_outer = key->outer,
                                     .key_start = key->start,
                                     .key_end = key->end,
                                     .value = value};
        find_place(reading->cursor.source, key, value);
        VEC_PUSH(reading->arena, &entries, entry);
        map->end = value->end > key->end ? value->end : key->end;
    }
    if (map->flow)
        map->end = end;
    map->entries = entries.items;
    map->count = entries.count;
}

static struct layout *read_collection(struct reading *reading, const yaml_event_t *event)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    struct layout *layout =
        new_layout(reading, event, map ? LAYOUT_MAP : LAYOUT_LIST,
                   map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor);
    const struct source *source = reading->cursor.source;
    skip_properties(source, layout, source->length);
    layout->flow = map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                       : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    reading->flows += layout->flow;
    if (map)
        read_entries(reading, layout);
    else
        read_items(reading, layout);
    reading->flows -= layout->flow;
    return layout;
}

static struct layout *read_node(struct reading *reading, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reading, event);
    case YAML_ALIAS_EVENT: {
        struct layout *alias = new_layout(reading, event, LAYOUT_ALIAS, NULL);
        alias->text = arena_strdup(reading->arena, (const char *)event->data.alias.anchor);
        return alias;
    }
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return read_collection(reading, event);
    default:
        return NULL;
    }
}

static int read_documents(struct reading *reading, struct layouts *ret_layouts)
{
    VEC(struct layout *) documents = {0};
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reading->parser, &event))
            return -1;
        more = event.type != YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_END_EVENT)
            yaml_next_document(&reading->parser, reading->cursor.source);
        struct layout *document = read_node(reading, &event);
        yaml_event_delete(&event);
        if (document)
            VEC_PUSH(reading->arena, &documents, document);
    }
    *ret_layouts = (struct layouts){.items = documents.items, .count = documents.count};
    return 0;
}

int layout_read(struct arena *arena, const struct source *source, struct layouts *ret_layouts)
{
    struct reading reading = {.arena = arena};
    *ret_layouts = (struct layouts){0};
    cursor_init(&reading.cursor, source);
    if (source->length == 0)
        return 0;
    if (!yaml_parser_initialize(&reading.parser))
        return -1;
    size_t start = reading.cursor.offset;
    yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading.parser, (const unsigned char *)source->text + start,
                                 source->length - start);
    int failed = read_documents(&reading, ret_layouts);
    yaml_parser_delete(&reading.parser);
    return failed;
}

const struct layout_entry *layout_entry(const struct layout *map, const char *key)
{
    for (size_t i = 0; map && map->type == LAYOUT_MAP && i < map->count; i++)
        if (map->entries[i].key && strcmp(map->entries[i].key, key) == 0)
            return &map->entries[i];
    return NULL;
}

bool layout_is_scalar(const struct layout *layout)
{
    return layout->type < LAYOUT_ALIAS;
}

size_t layout_skip_gap(const struct source *source, size_t at, size_t end)
{
    while (at < end && strchr(" \t\r\n#", source->text[at])) {
        if (source->text[at] == '#')
            while (at < end && source->text[at] != '\n')
                at++;
        else
            at++;
    }
    return at;
}

size_t layout_line_start(const struct source *source, size_t offset)
{
    while (offset > 0 && source->text[offset - 1] != '\n')
        offset--;
    return offset;
}

size_t layout_line_end(const struct source *source, size_t offset)
{
    while (offset < source->length && source->text[offset] != '\n')
        offset++;
    return offset > 0 && source->text[offset - 1] == '\r' ? offset - 1 : offset;
}
