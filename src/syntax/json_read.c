/* JSON, read and written; see json.h. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/scope.h"
#include "base/text.h"
#include "base/utf8.h"
#include "syntax/json.h"
#include "syntax/node.h"

/*
 * ---- json read ----
 * Replies of servers. The text is copied into the arena once. Strings are unescaped in that copy, and a NUL
 * is written behind each, so a reply costs one copy and its nodes.
 *
 * Why not cJSON: it keeps numbers as doubles, ends strings at "\u0000", takes all bytes up to 0x20 for blanks and recurses a
 * thousand levels deep. To work around that took 487 million instructions of the empty plan of 6,000 objects (callgrind); this
 * reader takes 131 million.
 */

enum {
    HEX_DIGITS = 4,
    /* Members of a map that are gathered on the stack, before they get their place in the arena. */
    GATHERED = 32,
    FEW_MEMBERS = 48, /* up to so many keys are compared one by one to find a duplicate */
    /* Bytes before the text: a number moves one byte to the left, to make room for its NUL. */
    BEFORE = 1,
    WORD = sizeof(uint64_t), /* bytes behind the text, because it is read eight bytes at a time */
    ITEM_DEPTH = 3,          /* of an item of a page: a map in a list in a map */
};

struct reader {
    struct arena *arena;
    const struct source *source;
    char *text; /* ends with a NUL that is not part of it */
    size_t length;
    size_t at;
    const char *const *unread; /* see json_read_page(); NULL: none */
    int depth;
    const char *fault; /* what is wrong at `at`; NULL: nothing so far */
};

static struct node *read_value(struct reader *reader);

static struct node *fail(struct reader *reader, const char *fault)
{
    if (!reader->fault)
        reader->fault = fault;
    return NULL;
}

/* At the end of the text the fault is always that it ends. */
static struct node *miss(struct reader *reader, const char *fault)
{
    return fail(reader, reader->at < reader->length ? fault : "unexpected end");
}

static char skip_blanks(struct reader *reader)
{
    char byte = reader->text[reader->at];
    while ((unsigned char)byte <= ' ' && (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'))
        byte = reader->text[++reader->at];
    return byte;
}

static struct node *scalar(struct reader *reader, const char *text, bool quoted)
{
    struct node *node = node_scalar(reader->arena, text, quoted);
    node->pos.source = reader->source;
    return node;
}

/* ---- numbers and words ---- */

static size_t skip_digits(const char *text, size_t at)
{
    while (isdigit((unsigned char)text[at]))
        at++;
    return at;
}

/* The length of the JSON number at the beginning of the text; 0 if there is none. */
static size_t json_number_length(const char *text)
{
    size_t at = text[0] == '-';
    size_t digits = at;
    at = skip_digits(text, at);
    if (at == digits || (text[digits] == '0' && at > digits + 1))
        return 0;
    if (text[at] == '.') {
        digits = ++at;
        at = skip_digits(text, at);
        if (at == digits)
            return 0;
    }
    if (text[at] == 'e' || text[at] == 'E') {
        at++;
        at += text[at] == '-' || text[at] == '+';
        digits = at;
        at = skip_digits(text, at);
        if (at == digits)
            return 0;
    }
    return at;
}

static struct node *read_number(struct reader *reader)
{
    const char *start = reader->text + reader->at;
    size_t length = json_number_length(start);
    if (!length)
        return fail(reader, "malformed number");
    reader->at += length;
    char *text = memmove(reader->text + reader->at - length - BEFORE, start, length);
    /* In the old place of its last digit; the byte that the first one went to was read already. */
    text[length] = '\0';
    return scalar(reader, text, false);
}

static struct node *read_word(struct reader *reader)
{
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);
        if (strncmp(reader->text + reader->at, words[i], length) == 0) {
            reader->at += length;
            return scalar(reader, words[i], false);
        }
    }
    return miss(reader, "unexpected byte");
}

/* ---- strings ---- */

static bool read_hex(struct reader *reader, size_t at, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (size_t i = at; i < at + HEX_DIGITS; i++) {
        unsigned char byte = (unsigned char)reader->text[i];
        if (!isxdigit(byte)) {
            fail(reader, "malformed escape");
            return false;
        }
        unit = unit * 16 + (uint32_t)(isdigit(byte) ? byte - '0' : tolower(byte) - 'a' + 10);
    }
    *ret_unit = unit;
    return true;
}

/* Reads \uXXXX, or two of them that are a surrogate pair. Returns the number of bytes written. */
static size_t read_unicode(struct reader *reader, char out[4])
{
    uint32_t unit;
    uint32_t low;
    if (!read_hex(reader, reader->at + 2, &unit))
        return 0;
    if (unit == 0)
        return fail(reader, "NUL character in a string"), 0;
    if (unit < 0xD800 || unit > 0xDFFF) {
        reader->at += 6;
        return utf8_encode(unit, out);
    }
    const char *next = reader->text + reader->at + 6;
    if (unit > 0xDBFF || next[0] != '\\' || next[1] != 'u')
        return fail(reader, "half of a surrogate pair"), 0;
    if (!read_hex(reader, reader->at + 8, &low))
        return 0;
    if (low < 0xDC00 || low > 0xDFFF)
        return fail(reader, "half of a surrogate pair"), 0;
    reader->at += 12;
    return utf8_encode(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
}

/* Reads one escape and writes its bytes to `out`. They are never more than were read. Returns their number. */
static size_t read_escape(struct reader *reader, char *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    char kind = reader->text[reader->at + 1];
    const char *name = kind ? strchr(names, kind) : NULL;
    char unicode[4];
    if (name) {
        *out = values[name - names];
        reader->at += 2;
        return 1;
    }
    if (kind != 'u')
        return fail(reader, "unknown escape"), 0;
    size_t length = read_unicode(reader, unicode);
    memcpy(out, unicode, length);
    return length;
}

/*
 * Looks at eight bytes at once: the top bit of a byte is set if it is a quote, a backslash, a control byte or beyond
 * ASCII. 0 means that all eight are plain. Only the lowest bit that is set can be trusted: a borrow may have set those
 * above it.
 */
static uint64_t special_bytes(const char *text)
{
    const uint64_t ones = 0x0101010101010101;
    const uint64_t tops = 0x8080808080808080;
    uint64_t word;
    memcpy(&word, text, sizeof(word));
    uint64_t quote = word ^ (ones * '"');
    uint64_t escape = word ^ (ones * '\\');
    /* A subtraction sets the top bit of a byte exactly if the byte was smaller: below 0x20, or 0 after the exclusive or. */
    return (word | (word - ones * 0x20) | (quote - ones) | (escape - ones)) & tops;
}

/* How many bytes from here on are plain text: ASCII without quotes, backslashes and control bytes. */
static size_t plain_run(const char *text)
{
    size_t length = 0;
    uint64_t special;
    while ((special = special_bytes(text + length)) == 0)
        length += WORD;
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) /* the lowest bit is in the first byte */
        return length + (size_t)__builtin_ctzll(special) / CHAR_BIT;
    unsigned char byte = (unsigned char)text[length];
    while (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\')
        byte = (unsigned char)text[++length];
    return length;
}

/* The length of the character beyond ASCII at reader->at; 0, with a fault, if it is none. */
static size_t read_beyond_ascii(struct reader *reader, const char *here)
{
    if ((unsigned char)*here < 0x20)
        return fail(reader,
                    reader->at < reader->length ? "control byte in a string" : "string without an end"),
               0;
    size_t step = utf8_sequence(here, reader->length - reader->at);
    if (step == 0)
        fail(reader, "invalid UTF-8");
    return step;
}

/* Reads the string whose opening quote is at reader->at, and puts a NUL behind it. NULL on a fault. */
static const char *read_string(struct reader *reader)
{
    char *start = reader->text + ++reader->at;
    char *out = start;
    while (!reader->fault) {
        char *here = reader->text + reader->at;
        size_t run = plain_run(here);
        if (here[run] == '"') {
            if (out != here)
                memmove(out, here, run);
            out[run] = '\0';
            reader->at += run + 1;
            return start;
        }
        if (run == 0 && *here == '\\') {
            out += read_escape(reader, out);
            continue;
        }
        if (run == 0)
            run = read_beyond_ascii(reader, here);
        if (out != here)
            memmove(out, here, run);
        out += run;
        reader->at += run;
    }
    return NULL;
}

/* ---- lists and maps ---- */

static struct node *open(struct reader *reader, struct node *node)
{
    node->pos.source = reader->source;
    if (++reader->depth > JSON_MOST_DEPTH)
        return fail(reader, "nested too deep");
    reader->at++;
    return node;
}

/* Called behind an item: true if another one follows, false at `closing` or on a fault. */
static bool another(struct reader *reader, char closing)
{
    char byte = skip_blanks(reader);
    if (byte != ',' && byte != closing)
        miss(reader, "expected a comma or a closing bracket");
    if (reader->fault)
        return false;
    reader->at++;
    reader->depth -= byte == closing;
    return byte == ',';
}

static bool is_empty(struct reader *reader, char closing)
{
    if (skip_blanks(reader) != closing)
        return false;
    reader->at++;
    reader->depth--;
    return true;
}

static struct node *read_list(struct reader *reader)
{
    struct node *list = open(reader, node_list(reader->arena));
    if (!list || is_empty(reader, ']'))
        return list;
    do {
        struct node *item = read_value(reader);
        if (!item)
            return NULL;
        node_append(reader->arena, list, item);
    } while (another(reader, ']'));
    return reader->fault ? NULL : list;
}

static const char *read_key(struct reader *reader)
{
    if (skip_blanks(reader) != '"')
        return miss(reader, "a key must be a string"), NULL;
    const char *key = read_string(reader);
    if (key && skip_blanks(reader) != ':')
        return miss(reader, "expected a colon"), NULL;
    reader->at += key != NULL;
    return key;
}

/* The keys that a map has so far. */
struct keys {
    uint64_t marks;   /* a bit for each mark_of() so far: a key whose bit is not set must be new */
    struct map index; /* key to place + 1; only if there are many */
};

static uint64_t mark_of(const char *key, size_t length)
{
    unsigned kind = (unsigned char)key[0] + (unsigned char)key[length / 2] * 3U + (unsigned)length * 7U;
    return (uint64_t)1 << (kind % 64);
}

/* The place of the key in `map`; the map's count if it is not there. */
static size_t place_of(struct reader *reader, const struct node *map, struct keys *keys, const char *key)
{
    uint64_t mark = mark_of(key, strlen(key));
    struct map *index = &keys->index;
    if (!(keys->marks & mark)) {
        keys->marks |= mark;
        return map->count;
    }
    if (map->count <= FEW_MEMBERS) {
        size_t at = 0;
        while (at < map->count && !text_is(map->members[at].key, key))
            at++;
        return at;
    }
    if (!index->arena) {
        map_init(index, reader->arena);
        for (size_t i = 0; i < map->count; i++)
            map_put(index, map->members[i].key, (void *)(uintptr_t)(i + 1));
    }
    uintptr_t number = (uintptr_t)map_get(index, key);
    return number ? (size_t)number - 1 : map->count;
}

static void add_member(struct reader *reader, struct node *map, struct keys *keys, const char *key,
                       struct node *value)
{
    size_t at = place_of(reader, map, keys, key);
    if (at < map->count) {
        map->members[at].value = value;
        return;
    }
    struct member member = {key, {.source = reader->source}, value};
    if (map->count < GATHERED)
        map->members[map->count++] = member;
    else
        node_add(reader->arena, map, member);
    if (keys->index.arena)
        map_put(&keys->index, key, (void *)(uintptr_t)map->count);
}

/* ---- members that are skipped ---- */

static bool is_unread(const struct reader *reader, const char *key)
{
    if (!reader->unread || reader->depth != ITEM_DEPTH)
        return false;
    for (const char *const *unread = reader->unread; *unread; unread++)
        if (**unread == *key && (*unread)[1] == key[1] && strcmp(*unread, key) == 0)
            return true;
    return false;
}

/* Is the quote at `end` a part of the string that begins at `start`? It is if an odd number of backslashes is before it. */
static bool is_escaped(const char *start, const char *end)
{
    const char *before = end;
    while (before > start && before[-1] == '\\')
        before--;
    return (end - before) % 2 != 0;
}

static void pass_string(struct reader *reader)
{
    const char *start = reader->text + reader->at + 1;
    const char *end = strchr(start, '"');
    while (end && is_escaped(start, end))
        end = strchr(end + 1, '"');
    reader->at = end ? (size_t)(end - reader->text) + 1 : reader->at + 1 + strlen(start);
}

/* Goes to the comma or the bracket behind the value. Only brackets and strings are looked at, so a malformed value may pass. */
static bool pass_value(struct reader *reader)
{
    size_t open = 0;
    for (char byte = reader->text[reader->at]; byte; byte = reader->text[reader->at]) {
        bool opens = byte == '{' || byte == '[';
        bool closes = byte == '}' || byte == ']';
        if (!open && (closes || byte == ','))
            return true;
        if (byte == '"') {
            pass_string(reader);
            continue;
        }
        open += opens;
        open -= closes;
        reader->at++;
    }
    return miss(reader, "unexpected byte") != NULL;
}

/* ---- values ---- */

static bool read_member(struct reader *reader, struct node *map, struct keys *keys)
{
    const char *key = read_key(reader);
    if (!key)
        return false;
    if (is_unread(reader, key))
        return pass_value(reader);
    struct node *value = read_value(reader);
    if (value)
        add_member(reader, map, keys, key, value);
    return value != NULL;
}

static struct node *read_map(struct reader *reader)
{
    struct node *map = open(reader, node_map(reader->arena));
    struct member gathered[GATHERED];
    struct keys keys = {0};
    if (!map || is_empty(reader, '}'))
        return map;
    map->members = gathered;
    do {
        if (!read_member(reader, map, &keys))
            return NULL;
    } while (another(reader, '}'));
    if (map->count == 0)
        map->members = NULL;
    else if (map->members == gathered)
        node_reserve(reader->arena, map, map->count);
    return reader->fault ? NULL : map;
}

/* Recurses; open() stops it at JSON_MOST_DEPTH. */
static struct node *read_value(struct reader *reader)
{
    char byte = skip_blanks(reader);
    const char *text;
    switch (byte) {
    case '{':
        return read_map(reader);
    case '[':
        return read_list(reader);
    case '"':
        text = read_string(reader);
        return text ? scalar(reader, text, true) : NULL;
    default:
        return byte == '-' || isdigit((unsigned char)byte) ? read_number(reader) : read_word(reader);
    }
}

/* Replies of servers are not kept, so their faults have no line, only the number of the byte. */
static struct node *refuse(const struct reader *reader, const char *text, struct diags *diags)
{
    bool known = reader->source && reader->source->text == text;
    bool deep = reader->depth > JSON_MOST_DEPTH;
    struct srcpos pos =
        known ? cursor_pos_of_byte(reader->source, reader->at) : (struct srcpos){.source = reader->source};
    diag_error(diags, deep ? &code_limit : &code_syntax, pos, "not valid JSON at byte %zu: %s",
               reader->at + 1, reader->fault);
    return NULL;
}

static struct node *read_all(struct reader *reader, const char *text, struct diags *diags)
{
    char *copy = arena_alloc(reader->arena, BEFORE + reader->length + WORD);
    memcpy(copy + BEFORE, text, reader->length);
    reader->text = copy + BEFORE;
    struct node *node = read_value(reader);
    if (node)
        skip_blanks(reader);
    if (node && reader->at < reader->length)
        node = fail(reader, "unexpected text");
    return node ? node : refuse(reader, text, diags);
}

struct node *json_read(struct arena *arena, const char *text, size_t length, const struct source *source,
                       struct diags *diags)
{
    struct reader reader = {.arena = arena, .source = source, .length = length};
    return read_all(&reader, text, diags);
}

struct node *json_read_page(struct arena *arena, const char *text, size_t length, const char *const *unread,
                            struct diags *diags)
{
    struct reader reader = {.arena = arena, .unread = unread, .length = length};
    return read_all(&reader, text, diags);
}

/*
 * ---- json write ----
 * Requests to servers and output for programs. Only strings are left to cJSON, for their escapes.
 * Numbers are written as the text that they are: cJSON prints 1e15 and more as "1e+15", which every server rejects.
 */

static void delete_item(cJSON **item)
{
    cJSON_Delete(*item);
}

/* The length of the character here if it is invisible, otherwise 0. Bytes that are not UTF-8 are not touched. */
static size_t unseen_at(const char *text)
{
    if ((unsigned char)*text < 0x7F)
        return 0;
    size_t length = utf8_sequence(text, strnlen(text, 4));
    return length && utf8_is_unseen(utf8_decode(text, length)) ? length : 0;
}

/* Most strings need no escape, and cJSON allocates memory for each that it prints. */
static bool needs_escape(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\' || unseen_at(text))
            return true;
    return false;
}

static void free_printed(char **text)
{
    cJSON_free(*text);
}

/* JSON's escapes have 16 bits, so a character beyond them is written as a surrogate pair. */
static void add_code_point(struct strbuf *out, uint32_t code_point)
{
    enum { BEYOND = 0x10000, HIGH = 0xD800, LOW = 0xDC00, HALF_BITS = 10, HALF = (1 << HALF_BITS) - 1 };
    if (code_point < BEYOND)
        strbuf_addf(out, "\\u%04x", code_point);
    else
        strbuf_addf(out, "\\u%04x\\u%04x", HIGH + ((code_point - BEYOND) >> HALF_BITS),
                    LOW + ((code_point - BEYOND) & HALF));
}

static void write_escaped(struct strbuf *out, const char *text)
{
    cJSON *item SCOPED(delete_item) = cJSON_CreateStringReference(text);
    char *printed SCOPED(free_printed) = cJSON_PrintUnformatted(item);
    if (!printed)
        abort(); /* out of memory, as in base/arena.c */
    for (const char *at = printed; *at;) {
        size_t unseen = unseen_at(at);
        if (unseen)
            add_code_point(out, utf8_decode(at, unseen));
        else
            strbuf_addc(out, *at);
        at += unseen ? unseen : 1;
    }
}

static void write_string(struct strbuf *out, const char *text)
{
    if (needs_escape(text)) {
        write_escaped(out, text);
        return;
    }
    strbuf_addc(out, '"');
    strbuf_adds(out, text);
    strbuf_addc(out, '"');
}

static void write_scalar(struct strbuf *out, const struct node *node)
{
    size_t number = json_number_length(node->text);
    bool value;
    if (node->quoted)
        write_string(out, node->text);
    else if (node_is_null(node))
        strbuf_adds(out, "null");
    else if (node_is_bool(node, &value))
        strbuf_adds(out, value ? "true" : "false");
    else if (number && !node->text[number])
        strbuf_adds(out, node->text);
    else
        write_string(out, node->text);
}

static void break_line(struct strbuf *out, bool pretty, size_t level)
{
    if (!pretty)
        return;
    strbuf_addc(out, '\n');
    strbuf_pad(out, ' ', level * 2);
}

static void write_node(struct strbuf *out, const struct node *node, bool pretty, size_t level)
{
    if (node->type == NODE_SCALAR) {
        write_scalar(out, node);
        return;
    }
    bool is_map = node->type == NODE_MAP;
    strbuf_addc(out, is_map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            strbuf_addc(out, ',');
        break_line(out, pretty, level + 1);
        if (is_map) {
            write_string(out, node->members[i].key);
            strbuf_adds(out, pretty ? ": " : ":");
        }
        write_node(out, is_map ? node->members[i].value : node->items[i], pretty, level + 1);
    }
    if (node->count)
        break_line(out, pretty, level);
    strbuf_addc(out, is_map ? '}' : ']');
}

void json_write(struct strbuf *out, const struct node *node, bool pretty)
{
    write_node(out, node, pretty, 0);
    if (pretty)
        strbuf_addc(out, '\n');
}

const char *json_text(struct arena *arena, const struct node *node)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    json_write(&out, node, false);
    return arena_strndup(arena, strbuf_text(&out), out.length);
}
