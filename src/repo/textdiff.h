/*
 * Unified diff of two texts, by libgit2.
 */
#ifndef REPO_TEXTDIFF_H
#define REPO_TEXTDIFF_H

#include "base/strbuf.h"

/* Takes one line of a diff, which ends with a newline. `origin` is ' ', '+', '-', or '@' for the header of a hunk. */
typedef void textdiff_line(void *context, char origin, const char *text, size_t length);

/* Calls `line` for each line of the difference, with three lines of context. Returns 0, or -1 when libgit2 fails. */
int textdiff(const char *before, size_t before_length, const char *after, size_t after_length,
             textdiff_line *line, void *context);

#endif
