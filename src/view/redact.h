/*
 * Redaction: hides secrets in lines of a manifest that diagnostics show.
 */
#ifndef VIEW_REDACT_H
#define VIEW_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Overwrites secrets with a '*' for each byte: all that stands behind a key that is, or sounds like, one of a secret, to the end of
 * the line; logins in URLs; and what looks like a key or a token. The length stays the same, so a caret below the line still
 * points to its place.
 */
void redact_line(char *line, size_t length);

/* Does the line go on with the value of such a key on a line above? `text` is where the source begins. */
bool redact_is_continued(const char *text, const char *line);

#endif
