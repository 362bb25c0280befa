/*
 * Pull places: where an object stands in the texts, and what the texts say of it there: on lines of its own, or through an alias
 * or a merge key.
 */
#ifndef EDIT_PULL_PLACES_H
#define EDIT_PULL_PLACES_H

#include "edit/pull_model.h"

/* Section, stream, 'consumers', consumer, field and its parts: no path is longer. */
enum { PATH_MOST = 8 };

/* A map of the manifest: either a path, in all files, or one map in one file. */
struct place {
    const char *path[PATH_MOST];
    size_t depth;
    struct pull_file *file; /* NULL: it is given by the path */
    const struct layout *map;
};

struct spot {
    struct pull_file *file;
    const struct layout *map;
    const struct layout_entry *entry; /* NULL: the map does not have the key */
};

/* What one file says of a field of the object. */
struct layer {
    struct spot spot; /* what is written there; its map is NULL where the object has no lines of its own */
    const struct layout *said; /* the value, also one that comes through an alias or a merge key */
};

struct layers {
    VEC(struct layer) list; /* the later one is laid over the earlier one */
};

/* The last map at the path's first `depth` keys that has the key, or any map if the key is NULL. */
struct spot place_search(const struct pull_files *files, const struct place *place, size_t depth,
                         const char *key);
/* The place of the map that is the value of a key. */
struct place place_below(const struct place *place, const char *key);
/* The files that say something of the key. Null says something, too. */
void place_layers(struct arena *arena, const struct pull_files *files, const struct place *place,
                  const char *key, struct layers *ret_layers);

/* A value as a tree, with what comes through aliases and merge keys. */
struct node *place_node(struct arena *arena, const struct spot *spot, const struct layout *layout);

/*
 * Gives an object lines of its own that has none, because it comes through an alias or a merge key: with all that it has, and
 * `value` as that of the key (NULL: without the key). In a file that is laid over the one where it comes from, the key is enough.
 * `only` is the file to do it in; NULL: the last one that can. Returns NULL, or a reason.
 */
const char *place_make_own(struct arena *arena, const struct pull_files *files, const struct place *place,
                           const struct pull_file *only, const char *key, const struct node *value);

/* Takes anchors off the maps that the place is in, so that those who use them keep what they have. */
void place_part(const struct spot *spot, const struct place *place);

bool layout_is_null(const struct layout *layout);

#endif
