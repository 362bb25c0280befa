/*
 * Reading YAML; see yaml.h. Size and encoding of the text are checked here, then libyaml's events become nodes.
 */
#include <stdint.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/conceal.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/scope.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "syntax/node.h"
#include "syntax/yaml.h"
#include "syntax/yaml_documents.h"
#include "syntax/yaml_error.h"

/*
 * ---- yaml build ----
 * The second half of the YAML reader: from events to nodes.
 *
 * Entries of a collection wait in `pending` until the collection ends. Then their number is known, and they move into
 * the arena as one array. Sizes and heights are added up on the way. So the size of an alias is known without a walk
 * through its node, and reading an alias bomb takes no more steps than the text has bytes.
 */

enum yaml_next {
    YAML_NEXT_KEY,
    YAML_NEXT_VALUE,
    YAML_NEXT_MERGE,   /* the value of '<<' */
    YAML_NEXT_DROPPED, /* the value of a key that was refused */
};

struct yaml_anchor {
    struct node *node;
    size_t size;   /* keys and values, with aliases expanded */
    size_t height; /* levels of collections in it, with aliases expanded */
    bool open;     /* it is still being read, so an alias to it would be a loop */
};

/* A list or map whose end has not been reached. */
struct yaml_open {
    struct node *node;
    bool flow;                  /* with brackets */
    struct yaml_anchor *anchor; /* NULL: none */
    size_t size;
    size_t height;
    size_t first; /* number of its first entry in `pending` */

    /* of a map */
    enum yaml_next next;
    const char *key;
    struct srcpos key_pos;
    struct node *merge;
    struct srcpos merge_pos; /* line 0 until there is a '<<' */
    struct map *index;       /* key to number in `pending` + 1; NULL while there are few keys */
};

struct yaml_builder {
    struct arena *arena;  /* of the nodes */
    struct arena scratch; /* of all that only the building needs */
    struct diags *diags;
    struct cursor cursor;
    VEC(struct member) pending; /* entries of the open collections, innermost last */
    struct yaml_open open[YAML_MOST_DEPTH];
    size_t depth;
    struct map anchors; /* of the document, by name */
    size_t nodes;
    size_t aliased; /* how many of them aliases added */
    struct node *root;
    VEC(struct node *) documents;
};

/* Up to so many keys are compared one by one, which is faster than hashing and needs no memory. */
enum { FEW_KEYS = 12 };

/* So many bytes of a scalar count as one node more. */
enum { BYTES_A_NODE = 64 };

/* A missing anchor is compared with so many others for "did you mean". Not with all: a million aliases may lack their anchors. */
enum { MOST_SUGGESTED = 20 };

#define CORE_TAG "tag:yaml.org,2002:"

static void yaml_builder_init(struct yaml_builder *builder, struct arena *arena, const struct source *source,
                              struct diags *diags)
{
    *builder = (struct yaml_builder){.arena = arena, .diags = diags};
    arena_init(&builder->scratch);
    cursor_init(&builder->cursor, source);
    map_init(&builder->anchors, &builder->scratch);
}

static void yaml_builder_release(struct yaml_builder *builder)
{
    arena_release(&builder->scratch);
}

/* Keys. */

/*
 * Pending entries move in memory as their array grows, so the index has their numbers and not their addresses.
 */
static struct member *find_pending(const struct yaml_builder *builder, const struct yaml_open *map,
                                   const char *key)
{
    if (map->index) {
        uintptr_t number = (uintptr_t)map_get(map->index, key);
        return number ? &builder->pending.items[number - 1] : NULL;
    }
    for (size_t i = map->first; i < builder->pending.count; i++)
        if (strcmp(builder->pending.items[i].key, key) == 0)
            return &builder->pending.items[i];
    return NULL;
}

static void index_pending(struct yaml_builder *builder, struct yaml_open *map)
{
    map->index = ARENA_NEW(&builder->scratch, struct map);
    map_init(map->index, &builder->scratch);
    for (size_t i = map->first; i < builder->pending.count; i++)
        map_put(map->index, builder->pending.items[i].key, (void *)(uintptr_t)(i + 1));
}

static void push_pending(struct yaml_builder *builder, struct yaml_open *open, struct member entry)
{
    VEC_PUSH(&builder->scratch, &builder->pending, entry);
    if (open->node->type != NODE_MAP)
        return;
    if (open->index)
        map_put(open->index, entry.key, (void *)(uintptr_t)builder->pending.count);
    else if (builder->pending.count - open->first > FEW_KEYS)
        index_pending(builder, open);
}

static void report_duplicate(struct yaml_builder *builder, const char *key, struct srcpos pos,
                             struct srcpos first_pos)
{
    struct diag *diag = diag_add(builder->diags, &code_duplicate_key, pos, "duplicate key '%s'", key);
    diag_note(builder->diags, diag, first_pos, "first defined here");
}

/* A map as a key is nearly always a template, `{{ .Values.x }}`, which YAML reads as a map whose key is a map. */
static enum yaml_next refuse_key(struct yaml_builder *builder, const struct yaml_open *map,
                                 const struct node *key, struct srcpos pos)
{
    struct srcpos map_pos = map->node->pos;
    struct diag *diag =
        diag_add(builder->diags, &code_syntax, pos, "a key must be a string, not %s", node_describe(key));
    if (key->type == NODE_MAP && pos.line == map_pos.line && pos.column == map_pos.column + 1)
        diag_hint(builder->diags, diag,
                  "a template with '{{ }}' has to be rendered first; quote it if it is text");
    return YAML_NEXT_DROPPED;
}

/*
 * Of two equal keys the first is kept, as the note of the error says. A quoted '<<' is an ordinary key.
 */
static enum yaml_next take_key(struct yaml_builder *builder, struct yaml_open *map, const struct node *key,
                               struct srcpos pos)
{
    if (key->type != NODE_SCALAR)
        return refuse_key(builder, map, key, pos);
    bool merges = !key->quoted && strcmp(key->text, "<<") == 0;
    const struct member *first = merges ? NULL : find_pending(builder, map, key->text);
    if (first || (merges && map->merge_pos.line)) {
        report_duplicate(builder, key->text, pos, merges ? map->merge_pos : first->key_pos);
        return YAML_NEXT_DROPPED;
    }
    if (merges)
        map->merge_pos = pos;
    map->key = key->text;
    map->key_pos = pos;
    return merges ? YAML_NEXT_MERGE : YAML_NEXT_VALUE;
}

/* Merge keys. */

/* The node that cannot be merged: the value itself or one of its items. NULL if it can be merged. */
static const struct node *merge_fault(const struct node *value)
{
    if (value->type == NODE_SCALAR)
        return value;
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++)
        if (value->items[i]->type != NODE_MAP)
            return value->items[i];
    return NULL;
}

/* Returns how many nodes and levels the tree has less, because the value's members become members of the map. */
static size_t take_merge(struct yaml_builder *builder, struct yaml_open *map, struct node *value,
                         struct srcpos pos)
{
    const struct node *fault = merge_fault(value);
    if (!fault) {
        map->merge = value;
        return value->type == NODE_MAP ? 1 : 2;
    }
    struct diag *diag = diag_add(builder->diags, &code_syntax, pos,
                                 "'<<' takes a map or a list of maps, not %s", node_describe(value));
    if (fault != value)
        diag_note(builder->diags, diag, fault->pos, "in the list, this is not a map");
    diag_hint(builder->diags, diag, "a key of that name has to be quoted: '\"<<\"'");
    return 0;
}

/* The map's own keys are there already, so they win. Of several sources the earlier one wins. */
static void merge_map(struct yaml_builder *builder, struct yaml_open *map, const struct node *source)
{
    for (size_t i = 0; i < source->count; i++)
        if (!find_pending(builder, map, source->members[i].key))
            push_pending(builder, map, source->members[i]);
}

static void apply_merge(struct yaml_builder *builder, struct yaml_open *map)
{
    const struct node *merge = map->merge;
    if (!merge)
        return;
    if (merge->type == NODE_MAP)
        merge_map(builder, map, merge);
    else
        for (size_t i = 0; i < merge->count; i++)
            merge_map(builder, map, merge->items[i]);
}

/* Nodes into what encloses them. */

/* Called before a node is attached, so the tree never exceeds the limit. */
static int count_nodes(struct yaml_builder *builder, size_t size, struct srcpos pos)
{
    builder->nodes += size;
    if (builder->nodes <= YAML_MOST_NODES)
        return 0;
    struct diag *diag = diag_add(builder->diags, &code_limit, pos,
                                 "more than %d keys and values, counting aliases in full", YAML_MOST_NODES);
    diag_hint(builder->diags, diag, "split the file, or use fewer aliases");
    return -1;
}

/* Later stages walk over every node, aliases expanded. So a small text must not become a large tree either. */
static int count_aliased(struct yaml_builder *builder, size_t size, struct srcpos pos)
{
    if (count_nodes(builder, size, pos))
        return -1;
    builder->aliased += size - 1; /* the alias itself is written */
    size_t written = builder->nodes - builder->aliased;
    if (builder->aliased <= written * YAML_MOST_ALIASED_EACH + YAML_MOST_ALIASED_MORE)
        return 0;
    struct diag *diag = diag_add(builder->diags, &code_limit, pos,
                                 "aliases make %zu keys and values out of %zu", builder->nodes, written);
    diag_hint(builder->diags, diag, "use fewer aliases, or 'defaults' for what many objects have in common");
    return -1;
}

static int refuse_depth(struct yaml_builder *builder, struct srcpos pos)
{
    return diag_error(builder->diags, &code_limit, pos, "nested more than %d levels deep", YAML_MOST_DEPTH);
}

/*
 * Puts a complete node where it belongs: it is the item of a list, the key or the value of a map, or the document.
 * `pos` is the place in the text; for an alias that is not the place of its node.
 */
static void attach(struct yaml_builder *builder, struct node *node, size_t size, size_t height,
                   struct srcpos pos)
{
    if (builder->depth == 0) {
        builder->root = node;
        return;
    }
    struct yaml_open *open = &builder->open[builder->depth - 1];
    enum yaml_next next = open->next;
    size_t merged = 0;
    open->next = YAML_NEXT_KEY;
    if (open->node->type == NODE_LIST)
        push_pending(builder, open, (struct member){.value = node});
    else if (next == YAML_NEXT_KEY)
        open->next = take_key(builder, open, node, pos);
    else if (next == YAML_NEXT_VALUE)
        push_pending(builder, open, (struct member){open->key, open->key_pos, node});
    else if (next == YAML_NEXT_MERGE)
        merged = take_merge(builder, open, node, pos);
    open->size += size - merged;
    if (open->height < height + 1 - merged)
        open->height = height + 1 - merged;
}

/* Anchors, aliases and tags. */

/* YAML allows to use a name again. From then on it means the later node. */
static struct yaml_anchor *define_anchor(struct yaml_builder *builder, const yaml_char_t *name,
                                         struct node *node)
{
    if (!name)
        return NULL;
    struct yaml_anchor *anchor = ARENA_NEW(&builder->scratch, struct yaml_anchor);
    anchor->node = node;
    map_put(&builder->anchors, arena_strdup(&builder->scratch, (const char *)name), anchor);
    return anchor;
}

/* A password that is not quoted may begin with any byte. */
static const char *shown_name(const char *name, struct srcpos pos)
{
    return conceal_is_named(pos.source, pos.line) ? "…" : name;
}

static void report_alias(struct yaml_builder *builder, const char *name, struct srcpos pos, bool loops)
{
    const char *shown = shown_name(name, pos);
    if (loops) {
        diag_error(builder->diags, &code_syntax, pos, "alias '*%s' stands inside what it refers to", shown);
        return;
    }
    struct diag *diag = diag_add(builder->diags, &code_syntax, pos,
                                 "alias '*%s' refers to no anchor '&%s' above it", shown, shown);
    struct suggestion near = {.wanted = name};
    size_t anchors = builder->anchors.count < MOST_SUGGESTED ? builder->anchors.count : MOST_SUGGESTED;
    for (size_t i = 0; i < anchors; i++)
        suggestion_consider(&near, builder->anchors.entries[i].key);
    if (near.best)
        diag_hint(builder->diags, diag, "did you mean '*%s'?", near.best);
    else
        diag_hint(builder->diags, diag, "if it is text, such as a subject, quote it: '*%s'", shown);
}

static int take_alias(struct yaml_builder *builder, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct srcpos pos = cursor_pos(&builder->cursor, (uint32_t)strlen(name) + 1);
    const struct yaml_anchor *anchor = map_get(&builder->anchors, name);
    if (!anchor || anchor->open) {
        report_alias(builder, name, pos, anchor != NULL);
        struct node *nothing = node_scalar(builder->arena, "null", false);
        nothing->pos = pos;
        attach(builder, nothing, 1, 0, pos);
        return 0;
    }
    /* A text without any depth can make a deep tree: each list holds an alias of the list before it. */
    if (builder->depth + anchor->height > YAML_MOST_DEPTH)
        return refuse_depth(builder, pos);
    if (count_aliased(builder, anchor->size, pos))
        return -1;
    attach(builder, anchor->node, anchor->size, anchor->height, pos);
    return 0;
}

static bool stands_at(const struct cursor *at, size_t end, const char *bytes)
{
    char byte = cursor_byte(at, 0);
    return at->index < end && byte && strchr(bytes, byte);
}

static void skip_comment(struct cursor *at)
{
    while (cursor_byte(at, 0) && cursor_byte(at, 0) != '\n')
        cursor_step(at);
}

/* Goes over '&anchor' and '!tag', which are a part of the node to libyaml, unless nothing is left before `end`. */
static void skip_properties(struct cursor *cursor, size_t end)
{
    struct cursor at = *cursor;
    while (stands_at(&at, end, "&!")) {
        while (cursor_byte(&at, 0) && !stands_at(&at, end, " \t\r\n"))
            cursor_step(&at);
        while (stands_at(&at, end, " \t\r\n#")) {
            if (cursor_byte(&at, 0) == '#')
                skip_comment(&at);
            cursor_step(&at);
        }
    }
    if (at.index < end && cursor_byte(&at, 0))
        *cursor = at;
}

/* The name of one of YAML's core tags; "" for other tags. Except for !!str, these tags say nothing new. */
static const char *core_tag(const yaml_char_t *tag)
{
    const char *text = (const char *)tag;
    size_t prefix = sizeof(CORE_TAG) - 1;
    return strncmp(text, CORE_TAG, prefix) == 0 ? text + prefix : "";
}

/* The position of the tag. The cursor may be at an anchor before it. */
static struct srcpos tag_pos(const struct cursor *cursor)
{
    struct cursor at = *cursor;
    while (cursor_byte(&at, 0) && cursor_byte(&at, 0) != '!')
        cursor_step(&at);
    struct cursor end = at;
    while (cursor_byte(&end, 0) && !strchr(" \t\r\n,]}", cursor_byte(&end, 0)))
        cursor_step(&end);
    return cursor_pos(&at, (uint32_t)(end.index - at.index));
}

static const char *type_name(enum node_type type)
{
    return type == NODE_SCALAR ? "a scalar" : type == NODE_LIST ? "a list" : "a map";
}

static void check_tag(struct yaml_builder *builder, const yaml_char_t *tag, enum node_type type)
{
    static const struct {
        const char *name;
        enum node_type type;
    } tags[] = {{"str", NODE_SCALAR},   {"int", NODE_SCALAR}, {"bool", NODE_SCALAR}, {"null", NODE_SCALAR},
                {"float", NODE_SCALAR}, {"seq", NODE_LIST},   {"map", NODE_MAP}};
    if (!tag)
        return;
    const char *name = core_tag(tag);
    bool known = false;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        bool same = strcmp(name, tags[i].name) == 0;
        if (same && type == tags[i].type)
            return;
        known = known || same;
    }
    struct srcpos pos = tag_pos(&builder->cursor);
    struct diag *diag =
        known
            ? diag_add(builder->diags, &code_syntax, pos, "tag '!!%s' does not fit %s", name, type_name(type))
            : diag_add(builder->diags, &code_syntax, pos, "unknown tag '%s%s'", *name ? "!!" : "",
                       shown_name(*name ? name : (const char *)tag, pos));
    diag_hint(builder->diags, diag, "leave the tag out; if it is text, quote it");
}

/* Nodes out of events. */

/* The number of characters up to `end`, if they are all on one line; otherwise 0. */
static uint32_t written_width(const struct cursor *cursor, size_t end)
{
    struct cursor at = *cursor;
    cursor_seek(&at, end);
    return at.line == cursor->line ? (uint32_t)(at.index - cursor->index) : 0;
}

/* A tag counts more than quotes: `!!str 1` is a string, and `!!int "1"` is not. */
static bool is_quoted(const yaml_event_t *event)
{
    const yaml_char_t *tag = event->data.scalar.tag;
    const char *name = tag ? core_tag(tag) : "";
    bool as_text = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return *name ? strcmp(name, "str") == 0 : as_text;
}

/*
 * Long texts count as more than one node. Otherwise many aliases of one could fill the memory when they are written out.
 */
static size_t scalar_size(size_t length)
{
    return 1 + length / BYTES_A_NODE;
}

static int take_scalar(struct yaml_builder *builder, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    check_tag(builder, event->data.scalar.tag, NODE_SCALAR);
    if (event->data.scalar.tag || event->data.scalar.anchor)
        skip_properties(&builder->cursor, event->end_mark.index);
    struct srcpos pos = cursor_pos(&builder->cursor, written_width(&builder->cursor, event->end_mark.index));
    /* It comes from an escape; a NUL byte in the text was refused before. */
    if (memchr(value, '\0', length))
        diag_error(builder->diags, &code_encoding, pos, "a NUL character in a string");
    const char *text = arena_strndup(builder->arena, value, length);
    struct node *node = node_scalar(builder->arena, text, is_quoted(event));
    node->pos = pos;
    struct yaml_anchor *anchor = define_anchor(builder, event->data.scalar.anchor, node);
    if (anchor)
        anchor->size = scalar_size(length);
    if (count_nodes(builder, scalar_size(length), pos))
        return -1;
    attach(builder, node, scalar_size(length), 0, pos);
    return 0;
}

static int begin(struct yaml_builder *builder, enum node_type type, const yaml_char_t *anchor,
                 const yaml_char_t *tag)
{
    check_tag(builder, tag, type);
    if (tag || anchor)
        skip_properties(&builder->cursor, SIZE_MAX);
    struct srcpos pos = cursor_pos(&builder->cursor, 0);
    if (builder->depth == YAML_MOST_DEPTH)
        return refuse_depth(builder, pos);
    struct node *node = type == NODE_MAP ? node_map(builder->arena) : node_list(builder->arena);
    node->pos = pos;
    struct yaml_open *open = &builder->open[builder->depth++];
    *open = (struct yaml_open){.node = node, .size = 1, .height = 1, .first = builder->pending.count};
    open->anchor = define_anchor(builder, anchor, node);
    if (open->anchor)
        open->anchor->open = true;
    char byte = cursor_byte(&builder->cursor, 0);
    open->flow = byte == '[' || byte == '{';
    return count_nodes(builder, 1, pos);
}

/* The innermost collection that is open, if it has brackets; otherwise NULL. */
static const struct node *yaml_builder_open_bracket(const struct yaml_builder *builder)
{
    const struct yaml_open *open = builder->depth ? &builder->open[builder->depth - 1] : NULL;
    return open && open->flow ? open->node : NULL;
}

/* Moves the entries from the pending ones into the node, as one array. */
static void fill(struct yaml_builder *builder, const struct yaml_open *open)
{
    size_t count = builder->pending.count - open->first;
    if (count == 0)
        return;
    const struct member *entries = builder->pending.items + open->first;
    struct node *node = open->node;
    node_reserve(builder->arena, node, count);
    if (node->type == NODE_MAP)
        memcpy(node->members, entries, count * sizeof(*entries));
    for (size_t i = 0; node->type == NODE_LIST && i < count; i++)
        node->items[i] = entries[i].value;
    node->count = count;
    builder->pending.count = open->first;
}

static void end(struct yaml_builder *builder)
{
    struct yaml_open *open = &builder->open[builder->depth - 1];
    if (open->node->type == NODE_MAP)
        apply_merge(builder, open);
    fill(builder, open);
    if (open->anchor) {
        open->anchor->size = open->size;
        open->anchor->height = open->height;
        open->anchor->open = false;
    }
    builder->depth--;
    attach(builder, open->node, open->size, open->height, open->node->pos);
}

static void end_document(struct yaml_builder *builder)
{
    struct node *root = builder->root;
    bool empty = root->type == NODE_SCALAR && !root->quoted && root->text[0] == '\0';
    if (!empty)
        VEC_PUSH(builder->arena, &builder->documents, root);
    builder->root = NULL;
    map_init(&builder->anchors, &builder->scratch); /* anchors hold for one document only */
}

/*
 * Takes the next event. Returns -1 if reading has to stop. Other faults are reported, and reading goes on.
 */
static int yaml_builder_take(struct yaml_builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
    case YAML_SCALAR_EVENT:
        cursor_seek(&builder->cursor, event->start_mark.index);
        return event->type == YAML_ALIAS_EVENT ? take_alias(builder, event) : take_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        cursor_seek(&builder->cursor, event->start_mark.index);
        return begin(builder, NODE_LIST, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        cursor_seek(&builder->cursor, event->start_mark.index);
        return begin(builder, NODE_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        end(builder);
        return 0;
    case YAML_DOCUMENT_END_EVENT:
        end_document(builder);
        return 0;
    default:
        return 0;
    }
}

/* ---- yaml read ---- */

enum { EVENTS_AT_ONCE = 256 };

/* Checked before anything else: nobody writes more than this by hand. */
static int check_size(const struct source *source, struct diags *diags)
{
    if (source->length <= YAML_MOST_BYTES)
        return 0;
    return diag_error(diags, &code_limit, cursor_pos_of_byte(source, YAML_MOST_BYTES),
                      "the text is longer than %d bytes", YAML_MOST_BYTES);
}

static int check_encoding(const struct source *source, struct diags *diags)
{
    size_t offset;
    enum utf8_fault fault = utf8_check(source->text, source->length, &offset);
    if (fault == UTF8_OK)
        return 0;
    unsigned byte = (unsigned char)source->text[offset];
    struct srcpos pos = cursor_pos_of_byte(source, offset);
    if (fault == UTF8_CONTROL)
        return diag_error(diags, &code_encoding, pos, "control byte 0x%02X", byte);
    struct diag *diag = fault == UTF8_NUL
                            ? diag_add(diags, &code_encoding, pos, "NUL byte")
                            : diag_add(diags, &code_encoding, pos, "byte 0x%02X is not valid UTF-8", byte);
    /* UTF-16 begins with 0xFF 0xFE or 0xFE 0xFF or, without a mark, with a letter beside a NUL. */
    bool wide = offset < 2 && source->length >= 2 && (fault == UTF8_NUL || byte >= 0xFE);
    diag_hint(diags, diag, wide ? "the text seems to be UTF-16; save it as UTF-8" : "save the text as UTF-8");
    return -1;
}

/* libyaml takes NEL (U+0085) for the end of a line, and would make a blank of one in a string. */
static int check_next_line(const struct source *source, struct diags *diags)
{
    const char *end = source->text + source->length;
    const char *at = memchr(source->text, 0xC2, source->length);
    while (at && (unsigned char)at[1] != 0x85)
        at = memchr(at + 1, 0xC2, (size_t)(end - (at + 1)));
    if (!at)
        return 0;
    struct diag *diag =
        diag_add(diags, &code_encoding, cursor_pos_of_byte(source, (size_t)(at - source->text)),
                 "control character U+0085");
    diag_hint(diags, diag, "write \"\\N\" in double quotes for it");
    return -1;
}

/* Reading stops with the last diagnostic that is kept. That one says that there may be more problems. */
static bool has_enough_faults(const struct yaml_builder *builder)
{
    if (builder->diags->list.count < DIAGS_MOST - 1)
        return false;
    diag_error(builder->diags, &code_limit, cursor_pos(&builder->cursor, 0),
               "too many problems; the rest of the text is not read");
    return true;
}

/* After an error of libyaml's, reading ends. After a fault that only the builder sees, it goes on. */
static void read_events(yaml_parser_t *parser, struct yaml_builder *builder,
                        const struct idle_work *idle_work)
{
    bool more = true;
    for (size_t count = 1; more; count++) {
        if (count % EVENTS_AT_ONCE == 0)
            idle_work_do(idle_work);
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            yaml_report_error(parser, builder->cursor.source, yaml_builder_open_bracket(builder),
                              builder->diags);
            return;
        }
        more = event.type != YAML_STREAM_END_EVENT && yaml_builder_take(builder, &event) == 0 &&
               !has_enough_faults(builder);
        if (event.type == YAML_DOCUMENT_END_EVENT)
            yaml_next_document(parser, builder->cursor.source);
        yaml_event_delete(&event);
    }
}

static void read_checked(struct arena *arena, const struct source *source, const struct idle_work *idle_work,
                         struct diags *diags, struct documents *ret_documents)
{
    struct yaml_builder builder SCOPED(yaml_builder_release);
    yaml_parser_t parser SCOPED(yaml_parser_delete);
    yaml_builder_init(&builder, arena, source, diags);
    if (!yaml_parser_initialize(&parser)) {
        diag_error(diags, &code_limit, (struct srcpos){.source = source},
                   "not enough memory to read the text");
        return;
    }
    /* The byte order mark is left out, because it would count as a column. */
    size_t start = builder.cursor.offset;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->text + start,
                                 source->length - start);
    read_events(&parser, &builder, idle_work);
    *ret_documents = (struct documents){.items = builder.documents.items, .count = builder.documents.count};
}

int yaml_read(struct arena *arena, const struct source *source, struct diags *diags,
              struct documents *ret_documents)
{
    return yaml_read_with_idle_work(arena, source, NULL, diags, ret_documents);
}

int yaml_read_with_idle_work(struct arena *arena, const struct source *source,
                             const struct idle_work *idle_work, struct diags *diags,
                             struct documents *ret_documents)
{
    size_t errors = diags->errors;
    *ret_documents = (struct documents){0};
    if (source->length == 0)
        return 0;
    if (check_size(source, diags) || check_encoding(source, diags) || check_next_line(source, diags))
        return -1;
    read_checked(arena, source, idle_work, diags, ret_documents);
    return diags->errors > errors ? -1 : 0;
}
