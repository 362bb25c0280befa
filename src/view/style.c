/* Colours by ANSI escapes; see style.h. */
#include "view/style.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

struct style style_of(FILE *file, enum colour_choice choice, const char *no_color, const char *term, bool ci)
{
    bool terminal = isatty(fileno(file)) && !(term && strcmp(term, "dumb") == 0);
    bool wanted = terminal && !(no_color && *no_color);
    return (struct style){
        .file = file,
        .colours = choice == COLOUR_ALWAYS || (choice == COLOUR_AUTO && wanted),
        .terminal = terminal && !ci,
    };
}

void style_begin(const struct style *style, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = "0",  [COLOUR_RED] = "31",  [COLOUR_GREEN] = "32", [COLOUR_YELLOW] = "33",
        [COLOUR_BLUE] = "34", [COLOUR_CYAN] = "36", [COLOUR_BOLD] = "1",   [COLOUR_DIM] = "2",
    };
    if (style->colours && colour != COLOUR_NONE)
        fprintf(style->file, "\033[%sm", codes[colour]);
}

void style_end(const struct style *style)
{
    if (style->colours)
        fputs("\033[0m", style->file);
}

void style_print(const struct style *style, enum colour colour, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    style_begin(style, colour);
    vfprintf(style->file, format, args);
    style_end(style);
    va_end(args);
}

void style_safe(const struct style *style, const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        unsigned char next = (unsigned char)text[1];
        if (byte == 0xC2 && next >= 0x80 && next < 0xA0) /* U+0080 to U+009F are control characters too */
            fprintf(style->file, "\\u%04x", (unsigned)*++text & 0xFF);
        else if (byte == '\n')
            fputs("\\n", style->file);
        else if (byte < 0x20 || byte == 0x7F)
            fprintf(style->file, "\\x%02x", byte);
        else
            fputc(byte, style->file);
    }
}
