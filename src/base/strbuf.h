/*
 * Strbuf: text that grows, on the heap. `text` is always NUL-terminated once something was added.
 *
 *     struct strbuf out = {0};
 *     strbuf_addf(&out, "%s: %d\n", name, count);
 *     use(strbuf_text(&out));
 *     strbuf_release(&out);
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/arena.h"

struct strbuf {
    char *text;
    size_t length;
    size_t capacity;
};

void strbuf_release(struct strbuf *buf);
void strbuf_reset(struct strbuf *buf);
const char *strbuf_text(const struct strbuf *buf); /* "" when nothing was added */
/* Its text in the arena; nothing is left in it. */
char *strbuf_move(struct strbuf *buf, struct arena *arena);
void strbuf_add(struct strbuf *buf, const char *text, size_t length);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addc(struct strbuf *buf, char byte);
void strbuf_pad(struct strbuf *buf, char byte, size_t count);
/* As one word of sh: quoted where it has to be. */
void strbuf_add_word(struct strbuf *buf, const char *text);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
