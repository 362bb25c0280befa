/*
 * Writing: files that are there whole or not at all, whenever the process or the machine stops: a temporary file beside
 * the place, synced to the disk, then put there by name. What is no file, such as a device, is never replaced.
 *
 *     const struct new_file file = new_secret(path, text);
 *     if (file_write_told(arena, &file, FILE_REPLACES, &code_file, diags))
 */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"

struct new_file {
    const char *path;
    const char *text;
    size_t length;
    bool secret; /* only its owner may read it, whatever there was before */
};

struct new_file new_file(const char *path, const char *text);
struct new_file new_secret(const char *path, const char *text);

/* How it is written. */
enum {
    FILE_REPLACES =
        /* What is there, and keeps its mode; of a link, what it leads to. Else whatever is there stays: an error. */
    1,
    FILE_FOLDERS = 2, /* the folders above it are made */
    FILE_INTO = 4,    /* standard output, pipes and devices are written into: for paths that the user gave */
};

/* Is there anything at the path: a file, a folder, a link that leads nowhere? */
bool file_exists(const char *path);

/* A stream whose text goes nowhere; NULL when there can be none. */
FILE *file_nowhere(void);

/* Is it standard output, by "-" or one of the system's names for it? */
bool file_is_output(const char *path);
/* With FILE_INTO: is it written into, since it is standard output, a pipe or a device? */
bool file_takes(const char *path);

/* Returns 0, or -1 with a reason (lower case, without the path) in the arena. */
int file_write(struct arena *arena, const struct new_file *file, int how, const char **ret_error);
/* The same, and says why not, under that code. */
int file_write_told(struct arena *arena, const struct new_file *file, int how, const struct diag_code *code,
                    struct diags *diags);

/*
 * Into the very file that is there, for those who see that one alone: a container does not see what takes its name. A
 * crash may leave half of it. Returns 0 or an errno.
 */
int file_overwrite(const char *path, const char *text, size_t length);

/*
 * ---- spool ----
 * A file that comes piece by piece, and only its owner may read. It is there whole or not at all, as any other: until it is kept, it
 * has a temporary name.
 *
 *     struct spool spool;
 *     if (spool_begin(arena, path, &spool) || spool_add(&spool, data, length) || spool_keep(arena, &spool))
 *         … an errno …
 */
struct spool {
    const char *path, *temporary;
    int fd; /* -1: it is kept or dropped */
    uint64_t bytes;
};

/* All return 0 or an errno. Nothing that is there already is replaced: EEXIST. */
int spool_begin(struct arena *arena, const char *path, struct spool *ret_spool);
int spool_add(struct spool *spool, const char *data, size_t length);
int spool_keep(struct arena *arena, struct spool *spool);
/* Removes what there is of it, unless it was kept. */
void spool_drop(struct spool *spool);

/* What is there already, where a file is to be written. */
enum file_place {
    PLACE_FREE,
    PLACE_SAME,     /* the same bytes */
    PLACE_READABLE, /* the same bytes, but others can read the secrets in it */
    PLACE_OWN,      /* a file of natsform's that nobody has edited */
    PLACE_EDITED,   /* natsform's, and changed since */
    PLACE_FOREIGN,  /* somebody else's file */
};

/* Whose a text is that was there: PLACE_OWN, PLACE_EDITED or PLACE_FOREIGN. */
typedef enum file_place file_judge(const char *text, size_t length);

/* Looks at the file's place. Returns 0, or -1 with code_file when what is there cannot be read, or is no file. */
int file_look(struct arena *arena, const struct new_file *file, file_judge *judge, enum file_place *ret_place,
              struct diags *diags);

#endif
