/*
 * Rename: other subjects for messages, by the rules of nats-server's subject mappings, as far as these are about wildcards: "orders.>=old.>",
 * "orders.*.new=new.{{wildcard(1)}}", where "new.$1" is the same.
 *
 *     struct rename rename;
 *     const char *fault = rename_parse(arena, "orders.>=old.>", &rename);
 *     if (rename_subject(&rename, "orders.eu.new", &text))
 *         use(strbuf_text(&text));
 */
#ifndef ARCHIVE_RENAME_H
#define ARCHIVE_RENAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/strbuf.h"

struct rename {
    const char *from;
    const char *to;
    const char *to_pattern; /* what all of its results match */
};

/* Returns NULL, or what is wrong, in the arena. */
const char *rename_parse(struct arena *arena, const char *text, struct rename *ret_rename);

/*
 * Writes what becomes of the subject, or of a filter that `from` covers: its wildcards go where the tokens would. False, and nothing is
 * written, if `from` does not cover it.
 */
bool rename_subject(const struct rename *rename, const char *subject, struct strbuf *ret_text);

#endif
