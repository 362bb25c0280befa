/*
 * A live account as a folder of manifests: what export and init share.
 */
#ifndef CMD_EXPORTED_H
#define CMD_EXPORTED_H

#include "cmd/account.h"
#include "edit/export.h"

/* Connects and reads what the request wants, whose target it sets. NULL with diagnostics. */
const struct survey *exported_read(struct account_run *account, struct export_request *request,
                                   struct exported *ret_exported);
/* What it was told of what was left out, on standard error. */
void exported_tell(const struct session *session, const struct exported *exported);

/*
 * Writes the files and the JSON Schema to the folder, which is made when it is not there, and says so. Without --force, nothing is
 * written when anything would be replaced, or would become part of the manifest by itself. Returns 0, or -1 with diagnostics.
 */
int exported_write(struct session *session, const char *folder, struct exported *exported);

#endif
