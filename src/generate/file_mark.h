/*
 * Seal: a line in a written file. It tells later whether natsform wrote the file, and whether somebody has edited it since.
 *
 *     # Written by 'natsform generate'; it replaces this file until somebody edits it. sha256:…
 *
 * It is the first comment of the file. The digest covers every other byte of the file.
 */
#ifndef GENERATE_FILE_MARK_H
#define GENERATE_FILE_MARK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/write.h"

/* How comments are written in a format. */
struct seal_style {
    const char *head; /* lines that have to stand above the first comment, or "" */
    const char *open; /* "# ", "<!-- " */
    const char *close;
};

extern const struct seal_style seal_hash; /* "# …" on the first line */
extern const struct seal_style seal_xml;  /* below the XML declaration */

/* A sealed file in the arena: the style's head, the seal, and the text. */
const char *seal_add(struct arena *arena, const struct seal_style *style, const char *text);

/* What a file's bytes tell of it: PLACE_OWN, PLACE_EDITED, or PLACE_FOREIGN without a seal. */
enum file_place seal_check(const char *text, size_t length);

#endif
