/*
 * Manifest write: writes the files of a manifest, for pull and import.
 */
#ifndef CMD_MANIFEST_WRITE_H
#define CMD_MANIFEST_WRITE_H

#include "cmd/session.h"
#include "edit/pull.h"

/* Is every -f something that can be written? code_usage if not. */
int manifest_check_paths(struct session *session);
/* Called after session_load(). Files of other tools cannot be written: returns -1 with diagnostics if there are any. */
int manifest_check_native(struct session *session);
/* Shows the changes as a unified diff. */
void manifest_show(struct session *session, const struct pulled *pulled);
/* Returns 0, or -1 with diagnostics if one of the paths is no regular file. Call it before anything is written. */
int manifest_check_writable(struct session *session, const struct pulled *pulled);
/* Writes each file, unless somebody has changed it meanwhile. Returns 0, or -1 with diagnostics. */
int manifest_write(struct session *session, const struct pulled *pulled);

#endif
