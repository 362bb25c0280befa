/* Growing text; see strbuf.h. Its room doubles, so adding byte by byte costs no more than adding at once. */
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct strbuf *buf, size_t extra)
{
    /* One byte more, for the NUL behind the text. */
    size_t need = buf->length + extra + 1;
    if (need <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    buf->text = base_realloc(buf->text, capacity);
    buf->capacity = capacity;
}

void strbuf_release(struct strbuf *buf)
{
    free(buf->text);
    *buf = (struct strbuf){0};
}

void strbuf_reset(struct strbuf *buf)
{
    buf->length = 0;
    if (buf->text)
        buf->text[0] = '\0';
}

char *strbuf_move(struct strbuf *buf, struct arena *arena)
{
    char *text = arena_strndup(arena, strbuf_text(buf), buf->length);
    strbuf_release(buf);
    return text;
}

/* Never NULL, though nothing is allocated until something is added. */
const char *strbuf_text(const struct strbuf *buf)
{
    return buf->text ? buf->text : "";
}

void strbuf_add(struct strbuf *buf, const char *text, size_t length)
{
    reserve(buf, length);
    if (length)
        memcpy(buf->text + buf->length, text, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void strbuf_adds(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}

void strbuf_addc(struct strbuf *buf, char byte)
{
    strbuf_add(buf, &byte, 1);
}

void strbuf_pad(struct strbuf *buf, char byte, size_t count)
{
    reserve(buf, count);
    memset(buf->text + buf->length, byte, count);
    buf->length += count;
    buf->text[buf->length] = '\0';
}

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length > 0) {
        reserve(buf, (size_t)length);
        vsnprintf(buf->text + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vaddf(buf, format, args);
    va_end(args);
}

void strbuf_add_word(struct strbuf *buf, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+,";
    if (*text && strspn(text, plain) == strlen(text)) {
        strbuf_adds(buf, text);
        return;
    }
    strbuf_addc(buf, '\'');
    for (; *text; text++)
        if (*text == '\'')
            strbuf_adds(buf, "'\\''");
        else
            strbuf_addc(buf, *text);
    strbuf_addc(buf, '\'');
}
