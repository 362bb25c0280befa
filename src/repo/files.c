/* Reading manifests from the file system; see files.h. */
#include "repo/files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/closing.h"
#include "base/vec.h"
#include "manifest/load.h"
#include "syntax/yaml.h"

/* "permission denied", in the style of our messages. */
static const char *error_text(struct arena *arena)
{
    char *text = arena_strdup(arena, strerror(errno));
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

static void release_glob(glob_t *found)
{
    globfree(found);
}

int file_read(struct arena *arena, const char *path, size_t most, char **ret_text, size_t *ret_length,
              const char **ret_error)
{
    enum { FIRST = 64 * 1024 };
    bool standard_input = strcmp(path, "-") == 0;
    __attribute__((cleanup(close_fd))) int fd =
        standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    size_t capacity = FIRST;
    size_t length = 0;
    if (fd < 0 || fstat(fd, &info)) {
        *ret_error = error_text(arena);
        return -1;
    }
    if (S_ISDIR(info.st_mode)) {
        *ret_error = "is a directory";
        return -1;
    }
    if (S_ISREG(info.st_mode) && info.st_size >= 0 && (size_t)info.st_size < most)
        capacity = (size_t)info.st_size + 1;
    char *text = base_alloc(capacity);
    ssize_t got = 0;
    while (length <= most && (got = read(fd, text + length, capacity - length)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        length += (size_t)got;
        if (length == capacity)
            text = base_realloc(text, capacity = capacity < most / 2 ? capacity * 2 : most + 1);
    }
    if (got < 0)
        *ret_error = error_text(arena);
    else
        *ret_text = arena_strndup(arena, text, length);
    free(text);
    *ret_length = length;
    return got < 0 ? -1 : 0;
}

static int read_manifest(void *context, struct arena *arena, const char *path, struct source *ret_source,
                         const char **ret_error)
{
    char *text;
    (void)context;
    if (file_read(arena, path, YAML_MOST_BYTES, &text, &ret_source->length, ret_error))
        return -1;
    ret_source->name = strcmp(path, "-") == 0 ? "<stdin>" : arena_strdup(arena, path);
    ret_source->text = text;
    return 0;
}

static int expand_pattern(struct arena *arena, const char *pattern, const char ***paths, size_t *count,
                          const char **ret_error)
{
    __attribute__((cleanup(release_glob))) glob_t found = {0};
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

static int expand_directory(struct arena *arena, const char *path, const char ***paths, size_t *count,
                            const char **ret_error)
{
    const char *slash = path[0] && path[strlen(path) - 1] == '/' ? "" : "/";
    int any =
        expand_pattern(arena, arena_printf(arena, "%s%s*.yaml", path, slash), paths, count, ret_error) == 0;
    any |= expand_pattern(arena, arena_printf(arena, "%s%s*.yml", path, slash), paths, count, ret_error) == 0;
    if (!any) {
        *ret_error = "has no *.yaml or *.yml file";
        return -1;
    }
    qsort(*paths, *count, sizeof(**paths), compare_paths);
    return 0;
}

static int expand(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error)
{
    struct stat info = {0};
    const char **paths = NULL;
    size_t count = 0;
    int failed = 0;
    (void)context;
    bool exists = strcmp(pattern, "-") == 0 || stat(pattern, &info) == 0;
    if (exists && strcmp(pattern, "-") != 0 && S_ISDIR(info.st_mode)) {
        failed = expand_directory(arena, pattern, &paths, &count, ret_error);
    } else if (exists) { /* a name with brackets in it is a name first */
        paths = ARENA_ARRAY(arena, const char *, 1);
        paths[count++] = arena_strdup(arena, pattern);
    } else {
        failed = expand_pattern(arena, pattern, &paths, &count, ret_error);
    }
    *ret_paths = paths;
    *ret_count = count;
    return failed;
}

void files_reader(struct manifest_reader *reader)
{
    reader->read = read_manifest;
    reader->expand = expand;
}

size_t files_without_words(const char *const *paths, size_t count, const char *const *words,
                           size_t word_count)
{
    struct arena arena;
    struct stat info;
    size_t total = 0;
    arena_init(&arena);
    for (size_t i = 0; i < count; i++) {
        char *text;
        size_t length;
        const char *error;
        bool plain = stat(paths[i], &info) == 0 && S_ISREG(info.st_mode) &&
                     file_read(&arena, paths[i], YAML_MOST_BYTES, &text, &length, &error) == 0;
        for (size_t j = 0; plain && j < word_count; j++)
            plain = strstr(text, words[j]) == NULL;
        total = plain && (i == 0 || total) ? total + length : 0;
        if (!total)
            break;
    }
    arena_release(&arena);
    return total;
}
