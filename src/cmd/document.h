/*
 * Document: what -o asks for beside text: one document about all of a run, whatever went wrong, and what a person would read beside it on standard error.
 */
#ifndef CMD_DOCUMENT_H
#define CMD_DOCUMENT_H

#include "cmd/session.h"

/* Before the command runs. */
void document_begin(struct session *session);
/* When it has ended: prints the diagnostics, and the document if one is wanted. */
void document_end(struct session *session);

#endif
