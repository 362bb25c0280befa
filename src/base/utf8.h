/*
 * UTF-8: validation with a position, counting of characters, and how they are shown.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum utf8_fault { UTF8_OK, UTF8_INVALID, UTF8_NUL, UTF8_CONTROL };

/*
 * Scans text that must be UTF-8 without NUL and without control bytes other than tab, LF and CR.
 * On a fault, *ret_offset is the byte offset of the first offending byte.
 */
enum utf8_fault utf8_check(const char *text, size_t length, size_t *ret_offset);

/* Characters (code points) in `length` bytes of valid UTF-8. */
size_t utf8_count(const char *text, size_t length);

/* Length of the valid sequence at `text`, 1 to 4; 0 when it is not valid. */
size_t utf8_sequence(const char *text, size_t length);

/* The code point of a valid sequence. */
uint32_t utf8_decode(const char *sequence, size_t length);

/*
 * Is it invisible? Control characters, marks that reverse the direction of writing, blanks without width, and tags:
 * Unicode's general categories Cc and Cf, and the two line separators. With these, a text could look like another one on
 * a terminal.
 */
bool utf8_is_unseen(uint32_t code_point);

/*
 * Columns of a terminal that the character at `text` takes, and its length: 2 for ideographs and most emoji, 0 for what
 * combines with the character before it, 1 for a byte that is no UTF-8.
 */
size_t utf8_step(const char *text, size_t length, size_t *ret_length);

/*
 * The next character of a text as it may be shown: itself, or an escape (\n, \x1b, \u202e, \U000e0001) when it is unseen
 * or no UTF-8. Writes that, with a NUL, to `out`; returns how many bytes of the text it stands for.
 */
enum { UTF8_SHOWN_MOST = 16 };
size_t utf8_show(const char *text, size_t length, char out[UTF8_SHOWN_MOST]);

/* The whole text so, in the arena. */
const char *utf8_shown(struct arena *arena, const char *text);

/* Does the text hold a character beyond ASCII that is unseen? */
bool utf8_has_unseen(const char *text);

/* Writes a code point; returns the number of bytes, 1 to 4. */
size_t utf8_encode(uint32_t code_point, char out[4]);

#endif
