/*
 * Scratch: memory and directories of a test, gone when the test is, however it ends.
 */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include "base/arena.h"

/* Memory for what the helpers return: it stays until the test's process ends, and leak checkers know of it. */
struct arena *test_arena(void);

/* A new empty directory below TMPDIR, removed when the test's process ends. */
const char *test_directory(void);

/* All these fail the test when they cannot do their job. */
const char *write_file(const char *directory, const char *name, const char *text); /* the path */
const char *read_file(const char *path);
const char *make_directory(const char *directory, const char *name); /* the path; parents are made too */

#endif
