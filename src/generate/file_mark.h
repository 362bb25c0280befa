/*
 * Seal: the line in a written file that tells, later, whether natsform wrote it and whether anybody has edited it since.
 *
 *     # Written by 'natsform generate'; it replaces this file until somebody edits it. sha256:…
 *
 * It is the first comment of the file. The digest is that of every byte of the file but the line itself.
 */
#ifndef GENERATE_FILE_MARK_H
#define GENERATE_FILE_MARK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/write.h"

/* How comments are written in a format. */
struct seal_style {
    const char *head; /* what stands above the first comment: "" or whole lines */
    const char *open; /* "# ", "<!-- " */
    const char *close;
};

extern const struct seal_style seal_hash; /* "# …" on the first line */
extern const struct seal_style seal_xml;  /* below the XML declaration */

/* The file: the style's head, the seal, and the text. In the arena. */
const char *seal_add(struct arena *arena, const struct seal_style *style, const char *text);

/* What a file's bytes tell of it: PLACE_OWN, PLACE_EDITED, or PLACE_FOREIGN without a seal. */
enum file_place seal_check(const char *text, size_t length);

#endif
