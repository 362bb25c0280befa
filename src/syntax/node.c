/*
 * The tree between text and typed fields: the readers build it, field/ decodes it, the writers print it.
 *
 * Lists and maps do not store how much room their arrays have, because nodes are many. The room is always the
 * next power of two of `count`, so an array is full if its count is 0 or a power of two. node_reserve() keeps to
 * that rule for readers that know the count beforehand.
 */
#include "syntax/node.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/text.h"

/*
 * ---- cursor ----
 * Positions in the text that is being read, for diagnostics and nodes. The YAML reader goes
 * through the text once with one cursor, and looks ahead with copies of it.
 */

/* Editors do not show the mark, so it has no column. The text begins behind it. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void cursor_init(struct cursor *cursor, const struct source *source)
{
    size_t mark = sizeof(BYTE_ORDER_MARK) - 1;
    *cursor = (struct cursor){.source = source, .line = 1, .column = 1};
    if (source->length >= mark && memcmp(source->text, BYTE_ORDER_MARK, mark) == 0)
        cursor->offset = mark;
}

/* Local variables, because the whole text of a manifest goes through this loop. */
static void advance(struct cursor *cursor, size_t index)
{
    const char *text = cursor->source->text;
    size_t length = cursor->source->length;
    size_t offset = cursor->offset;
    size_t at = cursor->index;
    size_t line_start = at + 1 - cursor->column;
    while (at < index && offset < length) {
        at++;
        if (text[offset] == '\n') {
            cursor->line++;
            line_start = at;
        }
        offset++;
        /* Bytes of the form 10xxxxxx belong to the character before them. */
        while (offset < length && ((unsigned char)text[offset] & 0xC0) == 0x80)
            offset++;
    }
    cursor->offset = offset;
    cursor->index = at;
    cursor->column = (uint32_t)(at + 1 - line_start);
}

void cursor_step(struct cursor *cursor)
{
    advance(cursor, cursor->index + 1);
}

void cursor_seek(struct cursor *cursor, size_t index)
{
    if (index < cursor->index)
        cursor_init(cursor, cursor->source);
    advance(cursor, index);
}

/* Texts with a NUL are refused before this, so a NUL can only mean the end. */
char cursor_byte(const struct cursor *cursor, size_t ahead)
{
    size_t at = cursor->offset + ahead;
    return at < cursor->source->length ? cursor->source->text[at] : '\0';
}

struct srcpos cursor_pos(const struct cursor *cursor, uint32_t width)
{
    return (struct srcpos){
        .source = cursor->source, .line = cursor->line, .column = cursor->column, .width = width};
}

struct srcpos cursor_pos_of_byte(const struct source *source, size_t offset)
{
    if (!source || !source->text)
        return (struct srcpos){.source = source};
    struct cursor cursor;
    cursor_init(&cursor, source);
    while (cursor.offset < offset && cursor.offset < source->length)
        cursor_step(&cursor);
    return cursor_pos(&cursor, 1);
}

/* ---- node ---- */

struct node *node_scalar(struct arena *arena, const char *text, bool quoted)
{
    struct node *node = ARENA_NEW(arena, struct node);
    node->type = NODE_SCALAR;
    node->quoted = quoted;
    node->text = text;
    return node;
}

struct node *node_list(struct arena *arena)
{
    struct node *node = ARENA_NEW(arena, struct node);
    node->type = NODE_LIST;
    return node;
}

struct node *node_map(struct arena *arena)
{
    struct node *node = ARENA_NEW(arena, struct node);
    node->type = NODE_MAP;
    return node;
}

static void set_capacity(struct arena *arena, struct node *node, size_t capacity)
{
    if (node->type == NODE_LIST)
        node->items = arena_grow(arena, node->items, node->count, capacity, sizeof(*node->items));
    else
        node->members = arena_grow(arena, node->members, node->count, capacity, sizeof(*node->members));
}

void node_reserve(struct arena *arena, struct node *node, size_t count)
{
    size_t capacity = 1;
    while (capacity < count)
        capacity *= 2;
    if (count)
        set_capacity(arena, node, capacity);
}

static void make_room(struct arena *arena, struct node *node)
{
    if ((node->count & (node->count - 1)) == 0)
        set_capacity(arena, node, node->count ? node->count * 2 : 1);
}

void node_append(struct arena *arena, struct node *list, struct node *item)
{
    make_room(arena, list);
    list->items[list->count++] = item;
}

void node_add(struct arena *arena, struct node *map, struct member member)
{
    make_room(arena, map);
    map->members[map->count++] = member;
}

/* A search one by one: maps are small where this is used. Code that reads or compares large maps keeps an index. */
static struct member *find_member(const struct node *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (text_is(map->members[i].key, key))
            return &map->members[i];
    return NULL;
}

struct node *node_get(const struct node *map, const char *key)
{
    if (!map || map->type != NODE_MAP)
        return NULL;
    struct member *member = find_member(map, key);
    return member ? member->value : NULL;
}

const char *node_get_text(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);
    return node && node->type == NODE_SCALAR && !node_is_null(node) ? node->text : "";
}

uint64_t node_get_number(const struct node *map, const char *key)
{
    uint64_t number = 0;
    return number_parse_u64(node_get_text(map, key), &number) ? number : 0;
}

void node_put(struct arena *arena, struct node *map, const char *key, struct node *value)
{
    struct member *member = find_member(map, key);
    if (member) {
        member->value = value;
        return;
    }
    node_add(arena, map, (struct member){.key = key, .value = value});
}

void node_put_text(struct arena *arena, struct node *map, const char *key, const char *text)
{
    node_put(arena, map, key, node_scalar(arena, text, true));
}

void node_put_number(struct arena *arena, struct node *map, const char *key, uint64_t number)
{
    node_put(arena, map, key,
             node_scalar(arena, arena_printf(arena, "%llu", (unsigned long long)number), false));
}

void node_put_flag(struct arena *arena, struct node *map, const char *key, bool flag)
{
    node_put(arena, map, key, node_scalar(arena, flag ? "true" : "false", false));
}

void node_remove(struct node *map, const char *key)
{
    struct member *member = find_member(map, key);
    if (!member)
        return;
    /* The others keep their order, because they are written in it. */
    size_t after = (size_t)(map->members + map->count - (member + 1));
    memmove(member, member + 1, after * sizeof(*member));
    map->count--;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && !text_is(text, *words))
        words++;
    return *words != NULL;
}

/* Only the spellings of YAML 1.2's core schema: `nULL` is a string, and so are `yes` and `no`. */

static bool text_is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    bool may_be = *text == '\0' || *text == '~' || *text == 'n' || *text == 'N';
    return may_be && is_one_of(text, words);
}

static bool text_is_bool(const char *text, bool *ret_value)
{
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    bool value = (*text == 't' || *text == 'T') && is_one_of(text, trues);
    if (!value && !((*text == 'f' || *text == 'F') && is_one_of(text, falses)))
        return false;
    *ret_value = value;
    return true;
}

bool node_is_null(const struct node *node)
{
    return node->type == NODE_SCALAR && !node->quoted && text_is_null(node->text);
}

bool node_is_bool(const struct node *node, bool *ret_value)
{
    return node->type == NODE_SCALAR && !node->quoted && text_is_bool(node->text, ret_value);
}

/* The words of YAML 1.1, in upper and lower case, because readers of 1.1 disagree about `nO`. */
static bool is_word_11(const char *text)
{
    static const char *const words[] = {"true", "false", "yes",  "no",   "on",    "off",   "y",
                                        "n",    "null",  ".nan", ".inf", "+.inf", "-.inf", NULL};
    for (const char *const *word = words; *word; word++)
        if (strcasecmp(text, *word) == 0)
            return true;
    return strcmp(text, "=") == 0 || strcmp(text, "<<") == 0;
}

static bool all_of(const char *text, const char *bytes)
{
    return *text && text[strspn(text, bytes)] == '\0';
}

/* The rest of 1:30 and 190:20:30.15, which are numbers to the base of 60 in YAML 1.1. */
static bool is_sexagesimal_tail(const char *at)
{
    while (*at == ':') {
        bool two = at[1] >= '0' && at[1] <= '5' && isdigit((unsigned char)at[2]);
        if (!isdigit((unsigned char)at[1]))
            return false;
        at += two ? 3 : 2;
    }
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789_");
    return *at == '\0';
}

/*
 * Is it a number in YAML 1.1 (with '_' between digits, 0b, 0x) or 1.2 (0o)? A text with two dots is a version or
 * an address. By the pattern in the 1.1 specification it would be a number, but no reader takes it for one.
 */
static bool is_number_11(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
        return all_of(at + 2, "0123456789abcdefABCDEF_");
    if (at[0] == '0' && (at[1] == 'o' || at[1] == 'b'))
        return all_of(at + 2, "01234567_");
    if (!isdigit((unsigned char)*at) && !(*at == '.' && isdigit((unsigned char)at[1])))
        return false;
    at += strspn(at, "0123456789_");
    if (*at == ':')
        return is_sexagesimal_tail(at);
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789_");
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '-' || *at == '+';
        return all_of(at, "0123456789");
    }
    return *at == '\0';
}

/* 2001-12-14, alone or with a time behind it. */
static bool is_timestamp(const char *text)
{
    size_t year = strspn(text, "0123456789");
    if (year != 4 || text[4] != '-')
        return false;
    size_t month = strspn(text + 5, "0123456789");
    const char *at = text + 5 + month;
    if (month < 1 || month > 2 || *at != '-')
        return false;
    size_t day = strspn(at + 1, "0123456789");
    at += 1 + day;
    return day >= 1 && day <= 2 && (*at == '\0' || strchr("Tt \t", *at));
}

bool node_text_is_special(const char *text)
{
    return text_is_null(text) || is_word_11(text) || is_number_11(text) || number_is_numeric(text) ||
           is_timestamp(text);
}

/* Says what was written, for messages such as "expected a list, not a string". */
const char *node_describe(const struct node *node)
{
    bool value;
    if (node->type != NODE_SCALAR)
        return node->type == NODE_MAP ? "a map" : "a list";
    if (node_is_null(node))
        return "null";
    if (node_is_bool(node, &value))
        return value ? "true" : "false";
    return !node->quoted && number_is_numeric(node->text) ? "a number" : "a string";
}

bool node_equal(const struct node *a, const struct node *b)
{
    if (!a || !b || a->type != b->type || a->count != b->count)
        return a == b;
    if (a->type == NODE_SCALAR)
        return strcmp(a->text, b->text) == 0;
    for (size_t i = 0; i < a->count; i++)
        if (!node_equal(a->type == NODE_LIST ? a->items[i] : a->members[i].value,
                        a->type == NODE_LIST ? b->items[i] : node_get(b, a->members[i].key)))
            return false;
    return true;
}

struct node *node_copy(struct arena *arena, const struct node *node)
{
    struct node *copy = ARENA_NEW(arena, struct node);
    *copy = *node;
    if (node->type == NODE_SCALAR)
        return copy;
    /* Otherwise node_reserve() would copy the original's entries. */
    copy->count = 0;
    copy->items = NULL;
    node_reserve(arena, copy, node->count);
    copy->count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        if (node->type == NODE_LIST) {
            copy->items[i] = node_copy(arena, node->items[i]);
            continue;
        }
        copy->members[i] = node->members[i];
        copy->members[i].value = node_copy(arena, node->members[i].value);
    }
    return copy;
}

static void own_texts(struct arena *arena, struct node *node)
{
    if (node->type == NODE_SCALAR)
        node->text = arena_strdup(arena, node->text);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        own_texts(arena, node->items[i]);
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++) {
        node->members[i].key = arena_strdup(arena, node->members[i].key);
        own_texts(arena, node->members[i].value);
    }
}

struct node *node_keep(struct arena *arena, const struct node *node)
{
    struct node *copy = node_copy(arena, node);
    own_texts(arena, copy);
    return copy;
}
