/*
 * Printing diagnostics; see diagnostics.h.
 *
 *     orders.yaml:14:12: error: 'storage' of stream ORDERS cannot change in place [immutable]
 *        14 |   storage: memory
 *           |            ^~~~~~
 *     note: the server has file
 *     hint: …
 */
#include "view/diagnostics.h"

#include <string.h>

#include "base/utf8.h"

enum { SHOWN_MOST = 120, LEAD = 40 }; /* columns of a long line that are shown, and of those before the caret */

static void print_position(const struct style *style, struct srcpos pos)
{
    if (!pos.source)
        return;
    style_begin(style, COLOUR_BOLD);
    style_safe(style, pos.source->name);
    if (pos.line)
        fprintf(style->file, ":%u:%u", pos.line, pos.column);
    fputs(": ", style->file);
    style_end(style);
}

/* Bytes of the first `columns` characters. */
static size_t bytes_of(const char *text, size_t length, size_t columns)
{
    size_t at = 0;
    while (at < length && columns--) {
        size_t step = utf8_sequence(text + at, length - at);
        at += step ? step : 1;
    }
    return at;
}

static bool is_control(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    return length == 2 ? bytes[0] == 0xC2 && bytes[1] < 0xA0 : length < 2 && (bytes[0] < 0x20 || bytes[0] == 0x7F);
}

/* One column a character, so that the caret stays in place; a terminal gets nothing that it would obey. */
static void print_source(const struct style *style, const char *text, size_t length)
{
    for (size_t at = 0, step = 0; at < length; at += step) {
        step = utf8_sequence(text + at, length - at);
        if (step && !is_control(text + at, step))
            fwrite(text + at, 1, step, style->file);
        else
            fputc(text[at] == '\t' ? ' ' : '?', style->file);
        step = step ? step : 1;
    }
}

static void print_caret(const struct style *style, struct srcpos pos, size_t skipped, size_t room)
{
    size_t column = pos.column - 1 - skipped;
    size_t width = pos.width ? pos.width : 1;
    if (column + width > room)
        width = room > column ? room - column : 1;
    fprintf(style->file, "      | %*s", (int)column, "");
    style_begin(style, COLOUR_GREEN);
    fputc('^', style->file);
    for (size_t i = 1; i < width; i++)
        fputc('~', style->file);
    style_end(style);
    fputc('\n', style->file);
}

static void print_line(const struct style *style, struct srcpos pos)
{
    size_t length;
    const char *line = source_line(pos.source, pos.line, &length);
    if (!line || !pos.column)
        return;
    size_t skipped = pos.column > SHOWN_MOST ? pos.column - LEAD : 0;
    size_t start = bytes_of(line, length, skipped);
    size_t shown = bytes_of(line + start, length - start, SHOWN_MOST);
    fprintf(style->file, "%5u | ", pos.line);
    print_source(style, line + start, shown);
    fputc('\n', style->file);
    print_caret(style, pos, skipped, utf8_count(line + start, shown) + 1);
}

static void print_one(const struct style *style, const struct diag *diag)
{
    static const struct {
        const char *name;
        enum colour colour;
    } words[] = {
        [SEVERITY_ERROR] = {"error", COLOUR_RED},
        [SEVERITY_WARNING] = {"warning", COLOUR_YELLOW},
        [SEVERITY_NOTE] = {"note", COLOUR_CYAN},
    };
    const struct diag_code_info *code = &diag_codes[diag->code];
    print_position(style, diag->pos);
    style_print(style, words[code->severity].colour, "%s: ", words[code->severity].name);
    style_safe(style, diag->message);
    style_print(style, COLOUR_DIM, " [%s]", code->name);
    fputc('\n', style->file);
    print_line(style, diag->pos);
    for (size_t i = 0; i < diag->related.count; i++) {
        print_position(style, diag->related.items[i].pos);
        style_print(style, COLOUR_CYAN, "note: ");
        style_safe(style, diag->related.items[i].message);
        fputc('\n', style->file);
    }
    if (diag->hint) {
        style_print(style, COLOUR_CYAN, "hint: ");
        style_safe(style, diag->hint);
        fputc('\n', style->file);
    }
}

static bool is_same(const struct diag *a, const struct diag *b)
{
    return a->code == b->code && a->pos.line && srcpos_compare(a->pos, b->pos) == 0 &&
           strcmp(a->message, b->message) == 0;
}

void view_diagnostics(const struct style *style, struct diags *diags)
{
    diags_sort(diags);
    for (size_t i = 0; i < diags->list.count; i++)
        if (i == 0 || !is_same(diags->list.items[i - 1], diags->list.items[i]))
            print_one(style, diags->list.items[i]);
    size_t all = diags->errors + diags->warnings;
    if (all > diags->list.count)
        fprintf(style->file, "and %zu more\n", all - diags->list.count);
}
