/*
 * Document: what -o asks for beside text: one document about all of a run, whatever went wrong, and what a person would read beside it on standard error.
 */
#ifndef CMD_DOCUMENT_H
#define CMD_DOCUMENT_H

#include "cmd/session.h"

/* Makes a plan the document, or one of its plans if there are several. */
void document_add_plan(struct session *session, const struct plan *plan, bool several);

/* Where session_prints_document(): before the command runs. */
void document_begin(struct session *session);
/* And when it has ended: prints the document and the diagnostics. */
void document_end(struct session *session);

#endif
