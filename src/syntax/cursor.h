/*
 * Cursor: walks over the text of a source, and turns libyaml's character indexes and byte offsets into positions.
 *
 * libyaml's own line numbers cannot be used. They follow YAML 1.1, where NEL, LS, PS and a lone CR end a line too; editors and
 * source_line() know only LF. So lines are counted here, up to the index of the character.
 */
#ifndef SYNTAX_CURSOR_H
#define SYNTAX_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

struct cursor {
    const struct source *source;
    size_t index;  /* number of the character, without a byte order mark */
    size_t offset; /* of the character's first byte in the text */
    uint32_t line;
    uint32_t column;
};

/* Puts the cursor at the first character. The text must be valid UTF-8 as far as the cursor goes. */
void cursor_init(struct cursor *cursor, const struct source *source);

/* Goes to a character, or to the end of the text. Forward is cheap; backward starts again from the beginning. */
void cursor_seek(struct cursor *cursor, size_t index);
/* Goes to the next character, except at the end of the text. */
void cursor_step(struct cursor *cursor);

/* The byte that stands `ahead` bytes behind the cursor; NUL beyond the end. */
char cursor_byte(const struct cursor *cursor, size_t ahead);

struct srcpos cursor_pos(const struct cursor *cursor, uint32_t width);

/* The position of a byte of the text. If the source has no text, its position as a whole. */
struct srcpos cursor_pos_of_byte(const struct source *source, size_t offset);

#endif
