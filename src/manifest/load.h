/*
 * Loading a manifest: its files into one tree, and that into objects.
 *
 * Reading goes: text -> nodes -> from other tools' formats to ours (formats.h) -> variables -> includes side by side -> overlays of several -f -> defaults under every
 * object -> decoding by the tables. Files are read through `struct manifest_reader`, so that they may come from a
 * directory, standard input or a Git revision.
 */
#ifndef MANIFEST_LOAD_H
#define MANIFEST_LOAD_H

#include "base/idle_work.h"
#include "manifest/manifest.h"
#include "syntax/vars.h"

/* Where files come from. Both return 0 or -1 with a message (lower case, without the path) in *ret_error. */
struct manifest_reader {
    /* A file's whole text, in the arena. At most YAML_MOST_BYTES + 1 bytes need to be read. */
    int (*read)(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error);
    /* Paths that match, sorted. A directory stands for its *.yaml and *.yml files. */
    int (*expand)(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error);
    /* The pattern that an include in a file stands for; NULL: beside that file, by its path. */
    const char *(*beside)(void *context, struct arena *arena, const char *path, const char *pattern);
    /* What to do about the last failure of read or expand, or NULL when there is nothing to say; may be NULL itself. */
    const char *(*hint)(void *context);
    void *context;
    vars_lookup *lookup; /* of variables */
    void *lookup_context;
    const char *stream; /* that configurations of the nats CLI are of when they do not say; NULL: none */
    /* Told every path and pattern that is read, for a watch; may be NULL. */
    void (*noted)(void *context, const char *path);
    void *noted_context;
    const struct idle_work *idle_work; /* what else to do while a long file is read; NULL: nothing */
};

/*
 * Reads `paths`, each laid over the one before. The manifest and all its texts live in the arena. Returns NULL when
 * anything was wrong; everything that was is in `diags`.
 */
struct manifest *manifest_load(struct arena *arena, const struct manifest_reader *reader,
                               const char *const *paths, size_t count, struct diags *diags);

#endif
