/*
 * Files: where manifests are read from: paths, directories, patterns, and standard input ("-").
 */
#ifndef REPO_FILES_H
#define REPO_FILES_H

#include "manifest/load.h"
#include "manifest/manifest.h"

/* Fills read and expand. Paths stay as given, so that diagnostics show what the user typed. */
void files_reader(struct manifest_reader *reader);

/* Reads a whole file of at most `most` bytes (one more is read, to tell). Returns 0, or -1 with a reason. */
int file_read(struct arena *arena, const char *path, size_t most, char **ret_text, size_t *ret_length,
              const char **ret_error);

/*
 * Bytes of the regular files at these paths together; 0 when one of them is not a plain readable file, or when one of the words
 * stands anywhere in their texts.
 */
size_t files_without_words(const char *const *paths, size_t count, const char *const *words,
                           size_t word_count);

#endif
