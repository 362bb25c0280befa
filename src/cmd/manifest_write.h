/*
 * Writing the manifest: what pull and import share.
 */
#ifndef CMD_MANIFEST_WRITE_H
#define CMD_MANIFEST_WRITE_H

#include "cmd/session.h"
#include "edit/pull.h"

/* Is every -f something that can be written? code_usage if not. */
int manifest_check_paths(struct session *session);
/* Neither can files of other tools; after session_load(). */
int manifest_check_native(struct session *session);
/* The changes as a unified diff. */
void manifest_show(struct session *session, const struct pulled *pulled);
/* Returns 0, or -1 with diagnostics when one of the files is no file; nothing was written then. */
int manifest_check_writable(struct session *session, const struct pulled *pulled);
/* Writes each file that nobody else has changed meanwhile. Returns 0, or -1 with diagnostics. */
int manifest_write(struct session *session, const struct pulled *pulled);

#endif
