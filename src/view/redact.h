/*
 * Redaction: hides secrets in lines of a manifest that diagnostics show.
 */
#ifndef VIEW_REDACT_H
#define VIEW_REDACT_H

#include <stddef.h>

/*
 * Overwrites secrets with a '*' for each byte: all that stands behind a key with a secret value, to the end of the line,
 * and user and password in URLs. The length stays the same, so a caret below the line still points to its place.
 */
void redact_line(char *line, size_t length);

#endif
