/*
 * Files: reads manifests from paths, directories, patterns, and standard input ("-").
 */
#ifndef REPO_FILES_H
#define REPO_FILES_H

#include "manifest/load.h"
#include "manifest/manifest.h"

/* Fills `read` and `expand`. Paths stay as they were given, so that diagnostics show what the user typed. */
void files_reader(struct manifest_reader *reader);

#endif
