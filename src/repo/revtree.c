/*
 * Walking the tree of a revision; see revtree.h. A path is looked up part by part. libgit2 could look the whole path up
 * at once, but it follows no links, and does not say whether a part is a submodule or a file instead of a directory.
 */
#include "repo/revtree.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/vec.h"
#include "repo/files.h"
#include "repo/libgit2.h"
#include "syntax/yaml.h"

/* As many links as Linux follows; and a target is no longer than a path may be. */
enum { LINKS_MOST = 40, LINK_MOST_BYTES = 4096 };

/* The place that a walk has reached: the last tree, or a file in it. The trees above it are kept for "..". */
struct walk {
    struct arena *arena;
    const struct revision *revision;
    VEC(git_tree *) trees; /* from the root down; the walk frees all but the root */
    const char *path;      /* the whole path, as it was asked for */
    const char *rest;      /* the parts that are still to go */
    int links;
    git_oid file; /* the file, if the walk ended at one */
    bool is_file;
};

static void end_walk(struct walk *walk)
{
    for (size_t i = 1; i < walk->trees.count; i++)
        git()->tree_free(walk->trees.items[i]);
    walk->trees.count = 0;
}

static git_tree *here(const struct walk *walk)
{
    return walk->trees.items[walk->trees.count - 1];
}

__attribute__((format(printf, 3, 4))) static int fault(struct walk *walk, struct revtree_fault *ret_fault,
                                                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ret_fault->error = arena_vprintf(walk->arena, format, args);
    va_end(args);
    return -1;
}

/* ---- what is not there ---- */

static bool exists(const struct revision *revision, const char *path)
{
    git_tree_entry *entry = NULL;
    bool found = *path && git()->tree_entry_bypath(&entry, revision->root, path) == 0;
    git()->tree_entry_free(entry);
    return found;
}

static const char *near_name(struct walk *walk, const char *part)
{
    struct suggestion near = {.wanted = part};
    for (size_t i = 0; i < git()->tree_entrycount(here(walk)); i++)
        suggestion_consider(&near, git()->tree_entry_name(git()->tree_entry_byindex(here(walk), i)));
    return near.best ? arena_strdup(walk->arena, near.best) : NULL;
}

/* Reports that `part` is not in the directory that was reached, with git's own words and hints where they fit. */
static int missing(struct walk *walk, const char *part, struct revtree_fault *ret_fault)
{
    const struct revision *revision = walk->revision;
    const char *prefix = revision->repository->prefix;
    const char *top = git()->repository_workdir(revision->repository->handle);
    const char *below = *prefix ? arena_printf(walk->arena, "%s/%s", prefix, walk->path) : "";
    const char *near = near_name(walk, part);
    if (exists(revision, below))
        ret_fault->hint = arena_printf(walk->arena, "did you mean '%s:./%s'?", revision->name, walk->path);
    else if (near && walk->links == 0)
        ret_fault->hint =
            arena_printf(walk->arena, "did you mean '%s:%.*s%s%s'?", revision->name,
                         (int)(walk->rest - strlen(part) - walk->path), walk->path, near, walk->rest);
    if (top && access(arena_printf(walk->arena, "%s%s", top, walk->path), F_OK) == 0) {
        ret_fault->hint = "commit it first, or name the file as it is on disk";
        return fault(walk, ret_fault, "'%s' exists on disk, but not in '%s'", walk->path, revision->name);
    }
    return fault(walk, ret_fault, "there is no '%s' in '%s'", walk->path, revision->name);
}

/* ---- walking ---- */

static int lookup_blob(struct walk *walk, const git_oid *id, size_t most, git_blob **ret_blob,
                       struct revtree_fault *ret_fault)
{
    git_repository *repository = walk->revision->repository->handle;
    git_odb *odb = NULL;
    size_t size = 0;
    git_object_t type;
    int code = git()->repository_odb(&odb, repository);
    if (!code)
        code = git()->odb_read_header(&size, &type, odb, id);
    git()->odb_free(odb);
    /* The size is asked for before the object is read: a large one would fill the memory before it is refused. */
    if (!code && size > most)
        return fault(walk, ret_fault, "it has %zu bytes, more than the %zu that are read", size, most);
    if (!code)
        code = git()->blob_lookup(ret_blob, repository, id);
    if (!code)
        return 0;
    if (code == GIT_ENOTFOUND)
        ret_fault->hint = arena_printf(walk->arena, "in a partial clone, 'git show %s:%s' fetches it",
                                       walk->revision->name, walk->path);
    return code == GIT_ENOTFOUND ? fault(walk, ret_fault, "its object is missing from the repository")
                                 : fault(walk, ret_fault, "%s", git_reason(walk->arena));
}

/* Goes on with the link's target. It is relative to the link's directory, which is where the walk is. */
static int follow(struct walk *walk, const git_oid *id, struct revtree_fault *ret_fault)
{
    git_blob *blob = NULL;
    if (++walk->links > LINKS_MOST)
        return fault(walk, ret_fault, "too many symbolic links follow each other");
    if (lookup_blob(walk, id, LINK_MOST_BYTES, &blob, ret_fault))
        return -1;
    const char *target =
        arena_strndup(walk->arena, git()->blob_rawcontent(blob), (size_t)git()->blob_rawsize(blob));
    git()->blob_free(blob);
    if (*target == '/')
        return fault(walk, ret_fault, "it is a symbolic link to '%s', outside of the repository", target);
    walk->rest = arena_printf(walk->arena, "%s/%s", target, walk->rest);
    return 0;
}

static int enter(struct walk *walk, const git_tree_entry *entry, struct revtree_fault *ret_fault)
{
    git_tree *tree = NULL;
    if (git()->tree_lookup(&tree, walk->revision->repository->handle, git()->tree_entry_id(entry)))
        return fault(walk, ret_fault, "the directory '%s' is missing from the repository",
                     git()->tree_entry_name(entry));
    VEC_PUSH(walk->arena, &walk->trees, tree);
    return 0;
}

static int go_up(struct walk *walk, struct revtree_fault *ret_fault)
{
    if (walk->trees.count == 1)
        return fault(walk, ret_fault, "a symbolic link leads out of the repository");
    git()->tree_free(walk->trees.items[--walk->trees.count]);
    return 0;
}

static bool more_parts(const char *rest)
{
    return rest[strspn(rest, "/")] != '\0';
}

static int step(struct walk *walk, const char *part, struct revtree_fault *ret_fault)
{
    if (strcmp(part, "..") == 0)
        return go_up(walk, ret_fault);
    const git_tree_entry *entry = git()->tree_entry_byname(here(walk), part);
    git_filemode_t mode = entry ? git()->tree_entry_filemode(entry) : GIT_FILEMODE_UNREADABLE;
    if (!entry)
        return missing(walk, part, ret_fault);
    if (mode == GIT_FILEMODE_LINK)
        return follow(walk, git()->tree_entry_id(entry), ret_fault);
    if (mode == GIT_FILEMODE_TREE)
        return enter(walk, entry, ret_fault);
    if (mode == GIT_FILEMODE_COMMIT)
        return fault(walk, ret_fault, "'%s' is a submodule: its files are in another repository", part);
    if (more_parts(walk->rest))
        return fault(walk, ret_fault, "'%s' is not a directory in '%s'", part, walk->revision->name);
    git()->oid_cpy(&walk->file, git()->tree_entry_id(entry));
    walk->is_file = true;
    return 0;
}

/* Walks to the path. Call end_walk() afterwards, even if this fails. */
static int begin_walk(struct walk *walk, struct arena *arena, const struct revision *revision,
                      const char *path, struct revtree_fault *ret_fault)
{
    *walk = (struct walk){.arena = arena, .revision = revision, .path = path, .rest = path};
    *ret_fault = (struct revtree_fault){0};
    VEC_PUSH(arena, &walk->trees, revision->root);
    while (more_parts(walk->rest)) {
        const char *start = walk->rest + strspn(walk->rest, "/");
        size_t length = strcspn(start, "/");
        walk->rest = start + length;
        if (length == 1 && *start == '.')
            continue;
        if (step(walk, arena_strndup(arena, start, length), ret_fault))
            return -1;
    }
    return 0;
}

/* ---- reading ---- */

/* Is this the short text that `git lfs` commits instead of the file? */
static bool is_lfs_pointer(const char *text, size_t length)
{
    static const char first[] = "version https://git-lfs.github.com/spec/";
    return length >= strlen(first) && memcmp(text, first, strlen(first)) == 0;
}

static int read_file(struct walk *walk, const char **ret_text, size_t *ret_length,
                     struct revtree_fault *ret_fault)
{
    git_blob *blob = NULL;
    if (!walk->is_file)
        return fault(walk, ret_fault, "is a directory");
    if (lookup_blob(walk, &walk->file, YAML_MOST_BYTES, &blob, ret_fault))
        return -1;
    *ret_length = (size_t)git()->blob_rawsize(blob);
    *ret_text = arena_strndup(walk->arena, git()->blob_rawcontent(blob), *ret_length);
    git()->blob_free(blob);
    if (is_lfs_pointer(*ret_text, *ret_length)) {
        ret_fault->hint = "keep manifests out of Git LFS, or name the file as it is on disk";
        return fault(walk, ret_fault, "it is a Git LFS pointer: the text itself is not in the repository");
    }
    return 0;
}

int revtree_read(struct arena *arena, const struct revision *revision, const char *path,
                 const char **ret_text, size_t *ret_length, struct revtree_fault *ret_fault)
{
    struct walk walk;
    int failed = begin_walk(&walk, arena, revision, path, ret_fault) ||
                 read_file(&walk, ret_text, ret_length, ret_fault);
    end_walk(&walk);
    return failed ? -1 : 0;
}

/* ---- expanding ---- */

struct found {
    struct arena *arena;
    const struct revision *revision;
    const char **paths;
    size_t count;
};

static void add_path(struct found *found, const char *path)
{
    found->paths =
        arena_grow(found->arena, found->paths, found->count, found->count + 1, sizeof(*found->paths));
    found->paths[found->count++] = path;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static const char *join(struct arena *arena, const char *directory, const char *name)
{
    return *directory ? arena_printf(arena, "%s/%s", directory, name) : arena_strdup(arena, name);
}

/*
 * Adds what matches the first part of the pattern in a directory. If the pattern has more parts, goes on with them below
 * each match. As in glob(3), something that cannot be entered is no error, it just does not match.
 */
static void match_below(struct found *found, const char *directory, const char *pattern)
{
    struct walk walk;
    struct revtree_fault unheard;
    size_t length = strcspn(pattern, "/");
    const char *part = arena_strndup(found->arena, pattern, length);
    if (begin_walk(&walk, found->arena, found->revision, directory, &unheard) || walk.is_file) {
        end_walk(&walk);
        return;
    }
    git_tree *tree = here(&walk);
    bool deep = strcmp(pattern, "**") == 0; /* all folders below, too */
    for (size_t i = 0; deep && directory_patterns[i]; i++)
        match_below(found, directory, directory_patterns[i]);
    /* What has exactly this name counts more than a pattern, as on disk. */
    bool exact = !deep && git()->tree_entry_byname(tree, part);
    for (size_t i = 0; i < git()->tree_entrycount(tree); i++) {
        const char *name = git()->tree_entry_name(git()->tree_entry_byindex(tree, i));
        /* As glob(3): a star matches neither a slash nor the dot at the start of a name. */
        if (exact ? strcmp(part, name) != 0 : fnmatch(part, name, FNM_PERIOD | FNM_PATHNAME) != 0)
            continue;
        if (deep)
            match_below(found, join(found->arena, directory, name), pattern);
        else if (more_parts(pattern + length))
            match_below(found, join(found->arena, directory, name), pattern + length + 1);
        else
            add_path(found, join(found->arena, directory, name));
    }
    end_walk(&walk);
}

static void match_directory(struct found *found, const char *directory)
{
    for (size_t i = 0; directory_patterns[i]; i++)
        match_below(found, directory, directory_patterns[i]);
}

/* Sorted, so that the order of files is that of a pattern on disk. */
static int finish(struct found *found, const char ***ret_paths, size_t *ret_count)
{
    qsort(found->paths, found->count, sizeof(*found->paths), compare_paths);
    *ret_paths = found->paths;
    *ret_count = found->count;
    return 0;
}

int revtree_expand(struct arena *arena, const struct revision *revision, const char *pattern,
                   const char ***ret_paths, size_t *ret_count, struct revtree_fault *ret_fault)
{
    struct walk walk;
    struct found found = {.arena = arena, .revision = revision};
    int failed = begin_walk(&walk, arena, revision, pattern, ret_fault);
    bool file = !failed && walk.is_file;
    end_walk(&walk);
    if (file) { /* a file of exactly this name counts more than a pattern */
        add_path(&found, pattern);
        return finish(&found, ret_paths, ret_count);
    }
    if (failed) {
        match_below(&found, "", pattern);
    } else {
        match_directory(&found, pattern);
    }
    if (found.count)
        return finish(&found, ret_paths, ret_count);
    if (!failed)
        return fault(&walk, ret_fault, "has no *.yaml, *.yml or *.json file");
    if (strpbrk(pattern, "*?[")) {
        *ret_fault = (struct revtree_fault){0};
        return fault(&walk, ret_fault, "nothing in '%s' matches it", revision->name);
    }
    return -1;
}
