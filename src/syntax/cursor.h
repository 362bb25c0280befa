/*
 * Cursor: walks the text of a source, to turn libyaml's character indexes and byte offsets into positions.
 *
 * libyaml counts lines by YAML 1.1, where NEL, LS, PS and a lone CR end a line too; source_line() and every
 * editor do not. Positions therefore come from the index of the character, and lines end at LF alone.
 */
#ifndef SYNTAX_CURSOR_H
#define SYNTAX_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

struct cursor {
    const struct source *source;
    size_t index;  /* of the character, a byte order mark not counted */
    size_t offset; /* of its first byte */
    uint32_t line;
    uint32_t column;
};

/* Stands at the first character; the text must be valid UTF-8 as far as the cursor goes. */
void cursor_init(struct cursor *cursor, const struct source *source);

/* Goes to a character, or to the end of the text. Cheap forward; backward it begins again. */
void cursor_seek(struct cursor *cursor, size_t index);
/* Goes one character on; nothing happens at the end of the text. */
void cursor_step(struct cursor *cursor);

/* The byte `ahead` of the cursor; NUL beyond the end. */
char cursor_byte(const struct cursor *cursor, size_t ahead);

struct srcpos cursor_pos(const struct cursor *cursor, uint32_t width);

/* The position of a byte of the text; the source as a whole when its text is not known. */
struct srcpos cursor_pos_of_byte(const struct source *source, size_t offset);

#endif
