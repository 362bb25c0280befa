/*
 * Recognise: is a file meant to be a manifest? What is not may be anything that a slip or an include reached, such as a
 * key, and no message shows what is in it.
 */
#ifndef MANIFEST_RECOGNISE_H
#define MANIFEST_RECOGNISE_H

#include <stdbool.h>

#include "syntax/node.h"

/* By the text alone, before it is read: does it have a key of a manifest, or speak of JetStream? */
bool recognise_text(const char *text);
/* A document of ours has at least one key that is one of a manifest's, nearly one, or the user's own (x-). */
bool recognise_document(const struct node *document);

#endif
