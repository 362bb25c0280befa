/* How output looks; see style.h. */
#include "view/style.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"
#include "base/utf8.h"

/*
 * ---- style ----
 * Colours by ANSI escapes. Text from a server or a file may have escapes in it too, so all of it goes
 * through style_safe().
 */

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

void style_bytes(const struct style *style, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    uint64_t whole = bytes;
    uint64_t rest = 0;
    size_t unit = 0;
    for (; whole >= 1024; unit++, whole /= 1024)
        rest = whole % 1024;
    if (unit)
        fprintf(style->file, "%llu.%llu %s", (unsigned long long)whole,
                (unsigned long long)(rest * 10 / 1024), units[unit]);
    else
        fprintf(style->file, "%llu byte%s", (unsigned long long)bytes, bytes == 1 ? "" : "s");
}

void style_safe_line(const struct style *style, const char *line, size_t length)
{
    show(style, line, length, true);
}

/*
 * ---- page ----
 * Lines within a width. Where the width is unknown, as in a file or in a pipe, lines stay whole: what reads them
 * (grep, less -S, a log of CI) is better at it. A word that is longer than a line is broken behind a mark in it ("orders.",
 * "a/"), and if it has none, anywhere.
 */

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

/* The blanks that a line begins with, in colour or not. */
static size_t indent_of(const char *line, size_t length)
{
    size_t begin = 0;
    for (size_t step = 1; begin < length && step; begin += step)
        step = escape_length(line + begin, length - begin);
    return blanks_at(line + begin, length - begin);
}

static void put_line(struct layout *layout, const char *line, size_t length)
{
    size_t indent = indent_of(line, length);
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

/*
 * ---- progress ----
 * Showing steps as they end. It writes to standard error, so that standard output has nothing but
 * the result.
 */

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_WAITING] = "waiting", [OUTCOME_DONE] = "done",         [OUTCOME_FAILED] = "failed",
        [OUTCOME_UNKNOWN] = "unknown", [OUTCOME_SKIPPED] = "not tried",
    };
    return names[outcome];
}

void progress_step(void *context, const struct plan *plan, const struct step *step, enum outcome outcome)
{
    struct progress *progress = context;
    FILE *file = progress->style.file;
    bool few = plan->steps.count <= PROGRESS_LINES_MOST;
    progress->ended++;
    /*
     * One line that is written over. Elsewhere, in logs of CI, that would be rubbish: there each failure gets a line,
     * and of few steps each one.
     */
    if (progress->style.terminal) {
        fprintf(file, "\r\033[K[%zu/%zu] %s ", progress->ended, plan->steps.count, action_name(step->action));
        style_safe(&progress->style, step->label);
        fflush(file);
    } else if (outcome == OUTCOME_FAILED || (few && outcome != OUTCOME_SKIPPED)) {
        fprintf(file, "%s: %s ", outcome_name(outcome), action_name(step->action));
        style_safe(&progress->style, step->label);
        fputc('\n', file);
    }
}

void progress_end(const struct progress *progress)
{
    if (progress->style.terminal && progress->ended)
        fputs("\r\033[K", progress->style.file);
}

void progress_waiting(void *context, const char *holder, int64_t waited_ms)
{
    struct progress_wait *wait = context;
    FILE *file = wait->style.file;
    if (wait->said && !wait->style.terminal)
        return;
    fputs(wait->style.terminal ? "\r\033[Kwaiting for the lock: " : "waiting for the lock: ", file);
    style_safe(&wait->style, holder);
    if (wait->style.terminal)
        fprintf(file, " (%llds)", (long long)(waited_ms / 1000));
    else
        fputc('\n', file);
    fflush(file);
    wait->said = true;
}

void progress_waited(const struct progress_wait *wait)
{
    if (wait->said)
        progress_clear(&wait->style);
}

void progress_show(const struct style *style, const char *name, const char *what, int64_t waited_ms)
{
    if (!style->terminal)
        return;
    fputs("\r\033[K", style->file);
    style_safe(style, name);
    fprintf(style->file, " %s (%llds)", what, (long long)(waited_ms / 1000));
    fflush(style->file);
}

void progress_bytes(const struct style *style, const char *name, uint64_t bytes, int64_t waited_ms)
{
    if (!style->terminal)
        return;
    fputs("\r\033[K", style->file);
    style_safe(style, name);
    fputs(": ", style->file);
    style_bytes(style, bytes);
    if (waited_ms > 0) {
        fputs(" (", style->file);
        style_bytes(style, bytes * 1000 / (uint64_t)waited_ms);
        fputs("/s)", style->file);
    }
    fflush(style->file);
}

void progress_clear(const struct style *style)
{
    if (!style->terminal)
        return;
    fputs("\r\033[K", style->file);
    fflush(style->file);
}
