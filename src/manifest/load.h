/*
 * Load: reads the files of a manifest into one tree, and makes objects of it. The steps are:
 *
 *     text -> nodes -> other tools' formats become ours (formats.h) -> variables -> includes side by side
 *     -> each -f over the one before -> defaults under every object -> decoding by the tables
 *
 * Files are read through `struct manifest_reader`, so they may come from a directory, standard input or a Git revision.
 */
#ifndef MANIFEST_LOAD_H
#define MANIFEST_LOAD_H

#include "base/idle_work.h"
#include "manifest/manifest.h"
#include "syntax/vars.h"

/* Where files come from. read() and expand() return 0, or -1 with a reason (lower case, without the path) in *ret_error. */
struct manifest_reader {
    /* Reads a file's whole text into the arena. It may stop after YAML_MOST_BYTES + 1 bytes. */
    int (*read)(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
    /*
     * The paths that a pattern means, sorted. A directory means its *.yaml, *.yml and *.json files; "**" at the end, all
     * of these in all folders below.
     */
    int (*expand)(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error);
    /* The pattern to use for an include in the file `path`. NULL: it is relative to that file's folder. */
    const char *(*beside)(void *context, struct arena *arena, const char *path, const char *pattern);
    /*
     * Why a path that an include names is not to be read, where includes began in the file `first`: a link may lead
     * anywhere, a pipe is no file. NULL: it may be read. The function may be NULL itself.
     */
    const char *(*barred)(void *context, struct arena *arena, const char *first, const char *path);
    /* A hint about the last failure of read() or expand(), or NULL. The function may be NULL itself. */
    const char *(*hint)(void *context);
    void *context;
    vars_lookup *lookup; /* for variables */
    void *lookup_context;
    const char *stream; /* the stream of nats CLI files that do not name it; NULL: none */
    bool recursive;     /* a directory stands for the folders below, too */
    bool allow_empty;   /* files may have nothing of a manifest in them */
    /* Told every path and pattern that is read, for a watch; may be NULL. */
    void (*noted)(void *context, const char *path);
    void *noted_context;
    const struct idle_work *idle_work; /* other work to do while a long file is read; NULL: none */
};

/*
 * Reads `paths`, each laid over the one before. The manifest and all its texts live in the arena. Returns NULL if anything
 * was wrong; all problems are in `diags`.
 */
struct manifest *manifest_load(struct arena *arena, const struct manifest_reader *reader,
                               const char *const *paths, size_t count, struct diags *diags);

#endif
