/*
 * Lines within a width; see page.h. Where the width is unknown, as in a file or in a pipe, lines stay whole: what reads them
 * (grep, less -S, a log of CI) is better at it. A word that is longer than a line is broken behind a mark in it ("orders.",
 * "a/"), and if it has none, anywhere.
 */
#include "view/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { HANGING = 4, INDENT_MOST_PART = 3 };

/* Where the layout is. */
struct layout {
    const struct style *style;
    size_t column;
    size_t hanging;     /* where the line goes on below itself */
    const char *colour; /* the escape that holds now; NULL: none */
    size_t colour_length;
};

void page_begin(struct page *page, const struct style *style)
{
    *page = (struct page){.style = *style, .to = style};
    FILE *kept = style->columns ? open_memstream(&page->text, &page->length) : NULL;
    if (kept)
        page->style.file = kept;
}

/* How long the escape is that begins here; 0: none does. They are style.c's own: text that has one is shown otherwise. */
static size_t escape_length(const char *text, size_t length)
{
    const char *end = *text == '\033' ? memchr(text, 'm', length) : NULL;
    return end ? (size_t)(end - text) + 1 : 0;
}

static void put_escape(struct layout *layout, const char *text, size_t length)
{
    bool ends = length == strlen("\033[0m") && strncmp(text, "\033[0m", length) == 0;
    fwrite(text, 1, length, layout->style->file);
    layout->colour = ends ? NULL : text;
    layout->colour_length = length;
}

/* Pagers let colours end with the line. */
static void break_line(struct layout *layout)
{
    FILE *file = layout->style->file;
    if (layout->colour)
        style_end(layout->style);
    fprintf(file, "\n%*s", (int)layout->hanging, "");
    if (layout->colour)
        fwrite(layout->colour, 1, layout->colour_length, file);
    layout->column = layout->hanging;
}

/* Columns that a part of a line takes: escapes none, ideographs two, what combines with the character before it none. */
static size_t width_of(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t at = 0, step = 0; at < length; at += step) {
        step = escape_length(text + at, length - at);
        if (step)
            continue;
        width += utf8_step(text + at, length - at, &step);
    }
    return width;
}

/* How much of a word that is too long fits into the room: up to its last mark there; otherwise as many characters. */
static size_t fitting(const char *word, size_t length, size_t room)
{
    size_t marked = 0;
    size_t at = 0;
    size_t width = 0;
    for (size_t step = 0; at < length; at += step) {
        step = escape_length(word + at, length - at);
        if (step)
            continue;
        size_t wide = utf8_step(word + at, length - at, &step);
        if (width && width + wide > room)
            break;
        width += wide;
        if (strchr(".,:;/|-_=", word[at]))
            marked = at + step;
    }
    return marked && at < length ? marked : at;
}

static void put_part(struct layout *layout, const char *text, size_t length)
{
    for (size_t at = 0, step = 0; at < length; at += step) {
        step = escape_length(text + at, length - at);
        if (step) {
            put_escape(layout, text + at, step);
            continue;
        }
        for (step = 1; at + step < length && text[at + step] != '\033';)
            step++;
        fwrite(text + at, 1, step, layout->style->file);
    }
    layout->column += width_of(text, length);
}

/* `blanks` stand before the word, unless it begins a line of its own. */
static void put_word(struct layout *layout, size_t blanks, const char *word, size_t length)
{
    size_t most = layout->style->columns;
    if (layout->column + blanks + width_of(word, length) > most && layout->column > layout->hanging)
        break_line(layout);
    else
        layout->column += (size_t)fprintf(layout->style->file, "%*s", (int)blanks, "");
    while (layout->column + width_of(word, length) > most) {
        size_t part = fitting(word, length, most - layout->column);
        if (part == length)
            break;
        put_part(layout, word, part);
        break_line(layout);
        word += part;
        length -= part;
    }
    put_part(layout, word, length);
}

static size_t blanks_at(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && text[count] == ' ')
        count++;
    return count;
}

static void put_line(struct layout *layout, const char *line, size_t length)
{
    size_t indent = blanks_at(line, length);
    size_t deepest = layout->style->columns / INDENT_MOST_PART;
    layout->column = 0;
    layout->hanging = indent + HANGING < deepest ? indent + HANGING : deepest;
    for (size_t at = 0; at < length;) {
        size_t blanks = blanks_at(line + at, length - at);
        size_t word = 0;
        while (at + blanks + word < length && line[at + blanks + word] != ' ')
            word++;
        put_word(layout, blanks, line + at + blanks, word);
        at += blanks + word;
    }
}

void page_end(struct page *page)
{
    struct layout layout = {.style = page->to};
    if (page->style.file == page->to->file)
        return;
    fclose(page->style.file);
    for (size_t at = 0; at < page->length;) {
        const char *end = memchr(page->text + at, '\n', page->length - at);
        size_t length = end ? (size_t)(end - page->text) - at : page->length - at;
        put_line(&layout, page->text + at, length);
        if (end)
            fputc('\n', page->to->file);
        at += length + 1;
    }
    free(page->text);
}
