/*
 * Document: what -o asks for beside text: one document about all of a run, whatever went wrong, and what a person would read beside it on standard error.
 */
#ifndef CMD_DOCUMENT_H
#define CMD_DOCUMENT_H

#include "cmd/session.h"

/* Is there one? Is anything printed as text beside? The workflow of GitHub has both. */
bool document_is_printed(const struct session *session);
bool document_leaves_text(const struct session *session);
/* Makes a plan the document, or one of its plans if there are several. */
void document_add_plan(struct session *session, const struct plan *plan, bool several);

/* Before the command runs. */
void document_begin(struct session *session);
/* When it has ended: prints the diagnostics, and the document if one is wanted. */
void document_end(struct session *session);

#endif
