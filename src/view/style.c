/*
 * Colours by ANSI escapes; see style.h. Text from a server or a file may have escapes in it too, so all of it goes
 * through style_safe().
 */
#include "view/style.h"

#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"
#include "base/utf8.h"

/* Narrower than this nothing can be read, and nobody has a wider terminal. */
enum { COLUMNS_LEAST = 20, COLUMNS_MOST = 10000 };

/*
 * As git has it: what COLUMNS says, even for a pipe, and otherwise what the terminal has. Without either, lines stay whole.
 */
static size_t columns_of(FILE *file, const char *said)
{
    struct winsize size = {0};
    uint64_t columns = 0;
    if (!said || !number_parse_u64(said, &columns) || columns > COLUMNS_MOST)
        columns = ioctl(fileno(file), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    return columns && columns < COLUMNS_LEAST ? COLUMNS_LEAST : (size_t)columns;
}

struct style style_of(FILE *file, enum colour_choice choice, char *(*lookup)(const char *name))
{
    const char *term = lookup("TERM");
    const char *no_color = lookup("NO_COLOR");
    bool terminal = isatty(fileno(file)) && !(term && strcmp(term, "dumb") == 0);
    /* NO_COLOR counts if it is not empty (no-color.org). A dumb terminal knows no escapes. */
    bool wanted = terminal && !(no_color && *no_color);
    return (struct style){
        .file = file,
        .colours = choice == COLOUR_ALWAYS || (choice == COLOUR_AUTO && wanted),
        .terminal = terminal && !lookup("CI"),
        .columns = columns_of(file, lookup("COLUMNS")),
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

static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

/*
 * What a terminal would obey or not show is written as an escape; a name could else hide a part of itself, or clear the
 * screen.
 */
static void show(const struct style *style, const char *text, size_t length, bool tabs)
{
    char shown[UTF8_SHOWN_MOST];
    for (size_t at = 0; at < length;) {
        size_t plain = 0; /* nearly every byte of a manifest */
        while (at + plain < length && (is_plain(text[at + plain]) || (tabs && text[at + plain] == '\t')))
            plain++;
        fwrite(text + at, 1, plain, style->file);
        at += plain;
        if (at == length)
            break;
        at += utf8_show(text + at, length - at, shown);
        fputs(shown, style->file);
    }
}

void style_safe(const struct style *style, const char *text)
{
    show(style, text, strlen(text), false);
}

void style_safe_line(const struct style *style, const char *line, size_t length)
{
    show(style, line, length, true);
}
