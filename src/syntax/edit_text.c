/*
 * Edits of a text as bytes, and the lines around a place; see edit_text.h.
 */
#include "syntax/edit_text.h"

#include <string.h>

void edit_put(struct edits *edits, size_t start, size_t end, const char *text)
{
    struct edit edit = {.start = start, .end = end, .text = text, .order = edits->list.count};
    VEC_PUSH(edits->arena, &edits->list, edit);
}

const char *edit_newline(const struct source *source)
{
    const char *first = memchr(source->text, '\n', source->length);
    return first && first > source->text && first[-1] == '\r' ? "\r\n" : "\n";
}

const char *edit_indent(struct arena *arena, const struct source *source, size_t offset)
{
    struct strbuf out = {0};
    for (size_t at = layout_line_start(source, offset); at < offset; at++)
        if (((unsigned char)source->text[at] & 0xC0) != 0x80)
            strbuf_addc(&out, ' ');
    return strbuf_move(&out, arena);
}

bool edit_has_byte(const struct source *source, size_t start, size_t end, const char *bytes)
{
    for (; start < end; start++)
        if (strchr(bytes, source->text[start]))
            return true;
    return false;
}

bool edit_begins_line(const struct source *source, size_t offset)
{
    size_t start = layout_line_start(source, offset);
    return strspn(source->text + start, " ") == offset - start;
}

bool edit_ends_line(const struct source *source, size_t offset)
{
    size_t end = layout_line_end(source, offset);
    while (offset < end && (source->text[offset] == ' ' || source->text[offset] == '\t'))
        offset++;
    return offset >= end || source->text[offset] == '#';
}

const struct layout *edit_last_of(const struct layout *layout)
{
    while ((layout->type == LAYOUT_MAP || layout->type == LAYOUT_LIST) && !layout->flow && layout->count)
        layout = layout->type == LAYOUT_MAP ? layout->entries[layout->count - 1].value
                                            : layout->items[layout->count - 1];
    return layout;
}

static size_t end_of_value(const struct source *source, const struct layout *value)
{
    size_t end = value->end > value->place ? value->end : value->place;
    if (value->type == LAYOUT_BLOCK) /* its end is behind the blank lines below it */
        while (end > value->start && strchr(" \r\n", source->text[end - 1]))
            end--;
    return end;
}

size_t edit_end_of_entry(const struct source *source, const struct layout_entry *entry)
{
    return end_of_value(source, edit_last_of(entry->value));
}

size_t edit_end_of_item(const struct source *source, const struct layout *item)
{
    return end_of_value(source, edit_last_of(item));
}
