/* Style: where output goes, whether with colours, how it is laid out, and what redraws a line. */
#ifndef VIEW_STYLE_H
#define VIEW_STYLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "apply/apply.h"

/*
 * ---- style ----
 * Where output goes, and whether with colours.
 */

enum colour {
    COLOUR_NONE,
    COLOUR_RED,
    COLOUR_GREEN,
    COLOUR_YELLOW,
    COLOUR_BLUE,
    COLOUR_CYAN,
    COLOUR_BOLD,
    COLOUR_DIM,
};

enum colour_choice {
    COLOUR_AUTO, /* on a terminal, unless NO_COLOR or TERM=dumb */
    COLOUR_ALWAYS,
    COLOUR_NEVER,
};

struct style {
    FILE *file;
    bool colours;
    bool quiet;     /* no notes */
    bool terminal;  /* somebody is watching, so progress may be redrawn */
    size_t columns; /* within which lines are laid out; 0: they stay whole */
};

/* `lookup` is of environment variables: NO_COLOR, TERM, CI, COLUMNS. */
struct style style_of(FILE *file, enum colour_choice choice, char *(*lookup)(const char *name));

/* Switches to a colour; style_end() switches back. Without colours both do nothing. */
void style_begin(const struct style *style, enum colour colour);
void style_end(const struct style *style);
void style_print(const struct style *style, enum colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Text from a server or a file, with all that is unseen as escapes: it cannot move the cursor, nor read otherwise than it is. */
void style_safe(const struct style *style, const char *text);
/* The same of one line of a file, where tabs are tabs. */
void style_safe_line(const struct style *style, const char *line, size_t length);

/* A size, rounded down to one decimal: "1.5 GiB", "108 bytes". */
void style_bytes(const struct style *style, uint64_t bytes);

/*
 * ---- page ----
 * Text that is laid out within the width of the terminal. What is written to page.style is kept until page_end(), which
 * breaks its lines between words. The rest of a line stands a little further in than its beginning.
 *
 *     struct page page;
 *     page_begin(&page, style);
 *     … prints to &page.style …
 *     page_end(&page);
 */

struct page {
    struct style style;
    const struct style *to;
    char *text;
    size_t length;
};

void page_begin(struct page *page, const struct style *style);
void page_end(struct page *page);

/*
 * ---- progress ----
 * On a terminal one line that is redrawn, elsewhere a line for each change.
 */

enum { PROGRESS_LINES_MOST = 200 }; /* after so many lines, only failures get one */

struct progress {
    struct style style;
    size_t ended;
};

const char *outcome_name(enum outcome outcome);
/* A callback of the type apply_progress; its context is a struct progress. */
void progress_step(void *context, const struct plan *plan, const struct step *step, enum outcome outcome);
/* Ends a line that is being redrawn. */
void progress_end(const struct progress *progress);

/* What is waited for, on a terminal alone: "dev does not answer (3s)". Cleared before anything else is printed. */
void progress_show(const struct style *style, const char *name, const char *what, int64_t waited_ms);
/* The same with the bytes of a transfer and their rate: "ORDERS: 12.5 MiB (34.0 MiB/s)". */
void progress_bytes(const struct style *style, const char *name, uint64_t bytes, int64_t waited_ms);
void progress_clear(const struct style *style);

/* Waiting for another run: on a terminal one line that is redrawn, elsewhere a line that is printed once. */
struct progress_wait {
    struct style style;
    bool said;
};

/* The callback `waiting` of struct lock_options; its context is a struct progress_wait. */
void progress_waiting(void *context, const char *holder, int64_t waited_ms);
/* Clears the line on a terminal. */
void progress_waited(const struct progress_wait *wait);

#endif
