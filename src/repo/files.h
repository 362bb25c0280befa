/* Files: which of them a path, a pattern or a revision means, and variables from env files. */
#ifndef REPO_FILES_H
#define REPO_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "manifest/load.h"
#include "manifest/manifest.h"

/*
 * ---- files ----
 * Reads manifests from paths, directories, patterns, and standard input ("-").
 */

/* What the files are called that a directory stands for: "*.yaml" and the like; ends with NULL. */
extern const char *const directory_patterns[];

/* Fills `read`, `expand`, `beside` and `barred`. Paths stay as they were given, so that diagnostics show what the user typed. */
void files_reader(struct manifest_reader *reader);

/*
 * ---- revspec ----
 * The spelling of "REV:path" and "REV..REV", as in Git. This is about texts only; nothing is looked up here.
 */

/*
 * Splits "REV:path" at the first colon outside of braces ("main@{12:00}:a.yaml"). False if the text can only be a path:
 * there is no such colon, there is nothing before it, or it begins like a path ("/", "./", "../", "C:\").
 */
bool revspec_split(const char *text, size_t *ret_revision_length);

struct revspec_range {
    const char *before; /* "HEAD" if it is left out */
    const char *after;  /* likewise; NULL if the text is a single revision */
    bool from_base;     /* "A...B": from the commit where B left A */
};

/* Reads "A..B", "A...B", "A..", "..B" or "A". False if there is no revision in it. */
bool revspec_range(struct arena *arena, const char *text, struct revspec_range *ret_range);

/*
 * Makes a path from the root of the tree, without ".", ".." and double slashes; "" is the root itself. A path that
 * begins with "./" or "../" is relative to `directory`, which is such a path already. NULL if it leads out of the tree.
 */
const char *revspec_path(struct arena *arena, const char *directory, const char *path);

/*
 * ---- envfile ----
 * NAME=VALUE lines for variables, as Compose reads them. Lines may be '#' comments and may begin with "export
 * ". Single or double quotes around a value are removed. A file is read once, as it may be a pipe.
 *
 *     struct envfile *file = envfile_read(arena, path);
 *     if (envfile_check(arena, file, diags) == 0) … envfile_lookup(arena, file, "NAME") …
 */

struct envfile {
    const char *path;
    struct source file;
    const char *why; /* it could not be read; else NULL */
};

/* "-" is standard input. */
struct envfile *envfile_read(struct arena *arena, const char *path);
/* Reports a file that cannot be read, a NUL in it, and lines that are neither empty nor a comment nor a whole assignment. */
int envfile_check(struct arena *arena, const struct envfile *file, struct diags *diags);
/* The last value of the name in the file, or NULL. */
const char *envfile_lookup(struct arena *arena, const struct envfile *file, const char *name);

#endif
