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
 * Writes the files and the JSON Schema to the folder, makes it if necessary, and says what it wrote. Without --force
 * nothing is written if a file would be replaced, or if an existing file would become a part of the new manifest.
 * Returns 0, or -1 with diagnostics.
 */
int exported_write(struct session *session, const char *folder, struct exported *exported);

#endif
