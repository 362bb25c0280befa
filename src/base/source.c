/*
 * Positions in texts; see source.h. A source keeps its whole text until the end of the command, so that
 * diagnostics can show the line.
 */
#include "base/source.h"

#include <string.h>

int srcpos_compare(struct srcpos a, struct srcpos b)
{
    if (a.source != b.source) {
        /* Faults without a place, such as those of the connection, come after all that have one. */
        if (!a.source || !b.source)
            return a.source ? 1 : -1;
        int order = strcmp(a.source->name, b.source->name);
        if (order)
            return order;
    }
    if (a.line != b.line)
        return a.line < b.line ? -1 : 1;
    return (a.column > b.column) - (a.column < b.column);
}

const char *source_line(const struct source *source, uint32_t line, size_t *ret_length)
{
    if (!source || !source->text || line == 0)
        return NULL;
    const char *at = source->text;
    const char *end = source->text + source->length;
    for (uint32_t i = 1; i < line; i++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at)
            return NULL;
        at++;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)((stop ? stop : end) - at);
    /* Files from Windows: a '\r' on a terminal would overwrite the line that is shown. */
    if (length && at[length - 1] == '\r')
        length--;
    *ret_length = length;
    return at;
}
