/*
 * Positions in the text that is being read, for diagnostics and nodes; see cursor.h. The YAML reader goes
 * through the text once with one cursor, and looks ahead with copies of it.
 */
#include "syntax/cursor.h"

#include <string.h>

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
