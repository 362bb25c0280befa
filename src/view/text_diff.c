/*
 * Unified diffs of two texts, in colours; see text_diff.h. repo/textdiff.c finds the difference, and this prints
 * it.
 */
#include "view/text_diff.h"

#include "repo/textdiff.h"

static void print_line(void *context, char origin, const char *text, size_t length)
{
    const struct style *style = context;
    enum colour colour = origin == '+'   ? COLOUR_GREEN
                         : origin == '-' ? COLOUR_RED
                         : origin == '@' ? COLOUR_CYAN
                                         : COLOUR_NONE;
    bool newline = length && text[length - 1] == '\n';
    style_begin(style, colour);
    /* The text of a '@@' line has it already. */
    if (origin != '@')
        fputc(origin, style->file);
    style_safe_line(style, text, newline ? length - 1 : length);
    style_end(style);
    fputc('\n', style->file);
}

static void print_name(const struct style *style, const char *sign, const char *name)
{
    style_begin(style, COLOUR_BOLD);
    fprintf(style->file, "%s ", sign);
    style_safe(style, name);
    style_end(style);
    fputc('\n', style->file);
}

int view_text_lines(const struct style *style, const struct source *before, const struct source *after)
{
    struct style copy = *style;
    return textdiff(before->text, before->length, after->text, after->length, print_line, &copy);
}

int view_text_diff(const struct style *style, const struct source *before, const struct source *after)
{
    print_name(style, "---", before->name);
    print_name(style, "+++", after->name);
    return view_text_lines(style, before, after);
}
