/*
 * Redaction: lines of a manifest without the secrets in them, for the excerpts of diagnostics.
 */
#ifndef VIEW_REDACT_H
#define VIEW_REDACT_H

#include <stddef.h>

/*
 * Overwrites, with one '*' a byte, what stands behind a key that holds a secret, to the end of the line, and the user and password
 * of a URL. The lengths stay, so that a caret below still points at its place.
 */
void redact_line(char *line, size_t length);

#endif
