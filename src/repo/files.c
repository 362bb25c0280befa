/*
 * Reading manifests from the file system; see files.h. A read stops one byte after the limit, so that a wrong
 * path, such as a disk image or a pipe without an end, cannot fill the memory.
 */
#include "repo/files.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/vec.h"
#include "manifest/load.h"
#include "syntax/yaml.h"

static void release_glob(glob_t *found)
{
    globfree(found);
}

static int read_manifest(void *context, struct arena *arena, const char *path, struct source *ret_source,
                         const char **ret_error)
{
    (void)context;
    return file_read_start(arena, path, YAML_MOST_BYTES + 1, ret_source, ret_error);
}

static int expand_pattern(struct arena *arena, const char *pattern, const char ***paths, size_t *count,
                          const char **ret_error)
{
    glob_t found SCOPED(release_glob) = {0};
    /* GLOB_NOMATCH is no fault of the system: a folder may have files of one ending only. */
    int failed = glob(pattern, 0, NULL, &found);
    if (failed) {
        *ret_error = failed == GLOB_NOMATCH ? "no such file" : "cannot be searched";
        return -1;
    }
    *paths = arena_grow(arena, *paths, *count, *count + found.gl_pathc, sizeof(**paths));
    for (size_t i = 0; i < found.gl_pathc; i++)
        (*paths)[(*count)++] = arena_strdup(arena, found.gl_pathv[i]);
    return 0;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/*
 * glob(3) sorts the matches of one pattern; two patterns have to be sorted together, so that the order of the files is
 * always the same.
 */
static int expand_directory(struct arena *arena, const char *path, const char ***paths, size_t *count,
                            const char **ret_error)
{
    bool any = expand_pattern(arena, path_in(arena, path, "*.yaml"), paths, count, ret_error) == 0;
    any |= expand_pattern(arena, path_in(arena, path, "*.yml"), paths, count, ret_error) == 0;
    if (!any) {
        *ret_error = "has no *.yaml or *.yml file";
        return -1;
    }
    qsort(*paths, *count, sizeof(**paths), compare_paths);
    return 0;
}

/* What the user did not name himself has to be a file: a pipe would be emptied, a device may have no end. */
static int refuse_odd(struct arena *arena, const char *const *paths, size_t count, const char **ret_error)
{
    for (size_t i = 0; i < count; i++) {
        const char *oddity = file_oddity(paths[i]);
        if (!oddity)
            continue;
        *ret_error = arena_printf(arena, "'%s' is %s", paths[i], oddity);
        return -1;
    }
    return 0;
}

static int expand(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error)
{
    struct stat info = {0};
    const char **paths = NULL;
    size_t count = 0;
    (void)context;
    bool exists = strcmp(pattern, "-") == 0 || stat(pattern, &info) == 0;
    bool folder = exists && strcmp(pattern, "-") != 0 && S_ISDIR(info.st_mode);
    int failed = 0;
    if (exists && !folder) { /* a file of exactly this name counts more than a pattern */
        paths = ARENA_ARRAY(arena, const char *, 1);
        paths[count++] = arena_strdup(arena, pattern);
    } else {
        failed = (folder ? expand_directory : expand_pattern)(arena, pattern, &paths, &count, ret_error) ||
                 refuse_odd(arena, paths, count, ret_error);
    }
    *ret_paths = paths;
    *ret_count = count;
    return failed ? -1 : 0;
}

/* Links may lead from file to file inside of the folder that the first manifest is in, as Kubernetes mounts them. */
static const char *barred(void *context, struct arena *arena, const char *first, const char *path)
{
    (void)context;
    const char *oddity = file_oddity(path);
    const char *folder = path_real(arena, path_folder(arena, first));
    const char *real = path_real(arena, path);
    if (oddity || !folder || !real)
        return oddity;
    return path_is_below(real, folder) ? NULL : "a link out of the manifest's folder";
}

void files_reader(struct manifest_reader *reader)
{
    reader->read = read_manifest;
    reader->expand = expand;
    reader->barred = barred;
}
