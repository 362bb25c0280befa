/*
 * Style: where output goes, and whether with colours.
 */
#ifndef VIEW_STYLE_H
#define VIEW_STYLE_H

#include <stdbool.h>
#include <stdio.h>

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

#endif
