/*
 * Writing a folder of manifests: what export and init share.
 */
#ifndef CMD_EXPORTED_H
#define CMD_EXPORTED_H

#include "cmd/session.h"
#include "edit/export.h"

/*
 * Writes the files and the JSON Schema to the folder, which is made when it is not there, and says so. Without --force, nothing is
 * written when anything would be replaced, or would become part of the manifest by itself. Returns 0, or -1 with diagnostics.
 */
int exported_write(struct session *session, const char *folder, struct exported *exported);

#endif
