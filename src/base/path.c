/* Taking paths apart and putting them together; see path.h. */
#include "base/path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "base/vec.h"

const char *path_name(const char *path)
{
    return path + path_folder_length(path);
}

size_t path_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

const char *path_folder(struct arena *arena, const char *path)
{
    size_t length = path_folder_length(path);
    return length ? arena_strndup(arena, path, length > 1 ? length - 1 : 1) : ".";
}

const char *path_in(struct arena *arena, const char *folder, const char *name)
{
    bool ends = *folder && folder[strlen(folder) - 1] == '/';
    return arena_printf(arena, "%s%s%s", folder, ends ? "" : "/", name);
}

const char *path_from(struct arena *arena, const char *folder, const char *path)
{
    if (*path == '/')
        return path;
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return path_in(arena, folder, path);
}

const char *path_beside(struct arena *arena, const char *file, const char *name)
{
    return arena_printf(arena, "%.*s%s", (int)path_folder_length(file), file, name);
}

/*
 * Works on texts alone, since the path may not exist yet, or may be one of another machine (a container, a Git
 * revision).
 */
const char *path_clean(struct arena *arena, const char *path)
{
    bool absolute = *path == '/';
    char *start = arena_alloc(arena, strlen(path) + 2); /* "." may be longer than the path */
    char *fixed = start + absolute;                     /* no ".." takes away what stands before it */
    char *end = fixed;
    *start = '/';
    for (size_t length; *path; path += length, path += *path == '/') {
        length = strcspn(path, "/");
        bool up = length == 2 && strncmp(path, "..", 2) == 0;
        if (length == 0 || (length == 1 && *path == '.') || (up && absolute && end == fixed))
            continue;
        if (up && end > fixed) {
            while (end > fixed && *--end != '/')
                continue;
            continue;
        }
        if (end > start + absolute)
            *end++ = '/';
        memcpy(end, path, length);
        end += length;
        if (up)
            fixed = end;
    }
    *end = '\0';
    return *start ? start : ".";
}

bool path_is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

const char *path_real(struct arena *arena, const char *path)
{
    char *real SCOPED(free_text) = realpath(path, NULL);
    return real ? arena_strdup(arena, real) : NULL;
}

/* A working folder that was removed has no path any more. Then the relative path is all that can be said. */
const char *path_absolute(struct arena *arena, const char *path)
{
    char folder[PATH_MAX];
    return *path == '/' || !getcwd(folder, sizeof(folder)) ? path
                                                           : arena_printf(arena, "%s/%s", folder, path);
}

bool path_goes_up(const char *path)
{
    for (; *path; path += strcspn(path, "/"), path += *path == '/')
        if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2]))
            return true;
    return false;
}

struct names {
    VEC(const char *) list;
};

/* Those that a path is made of, without "." and what is empty. */
static struct names names_of(struct arena *arena, const char *path)
{
    struct names names = {0};
    for (size_t length; *path; path += length, path += *path == '/') {
        length = strcspn(path, "/");
        if (length && !(length == 1 && *path == '.'))
            VEC_PUSH(arena, &names.list, arena_strndup(arena, path, length));
    }
    return names;
}

const char *path_own_name(struct arena *arena, const char *path)
{
    struct names names = names_of(arena, path_absolute(arena, path));
    return names.list.count && !path_goes_up(path) ? names.list.items[names.list.count - 1] : NULL;
}

const char *path_between(struct arena *arena, const char *from, const char *to)
{
    struct names up = names_of(arena, from), down = names_of(arena, to);
    size_t same = 0;
    /* A ".." may follow a link, so by names alone nobody knows what it takes back. */
    if ((*from == '/') != (*to == '/') || path_goes_up(from) || path_goes_up(to))
        return path_absolute(arena, to);
    while (same < up.list.count && same < down.list.count &&
           strcmp(up.list.items[same], down.list.items[same]) == 0)
        same++;
    const char *path = same < up.list.count ? ".." : ".";
    for (size_t i = same + 1; i < up.list.count; i++)
        path = arena_printf(arena, "%s/..", path);
    for (size_t i = same; i < down.list.count; i++)
        path = arena_printf(arena, "%s/%s", path, down.list.items[i]);
    return path;
}

/* Bytes of the longest start of a path that exists, up to the end of a name. */
static size_t existing_length(struct arena *arena, const char *path)
{
    size_t known = 0;
    for (size_t at = 0; path[at];) {
        struct stat info;
        at += strspn(path + at, "/");
        at += strcspn(path + at, "/");
        if (stat(arena_strndup(arena, path, at), &info) != 0)
            break;
        known = at;
    }
    return known;
}

const char *path_pattern(struct arena *arena, const char *pattern)
{
    if (!strpbrk(pattern, "*?[\\"))
        return pattern;
    size_t literal = existing_length(arena, pattern);
    struct strbuf text SCOPED(strbuf_release) = {0};
    for (size_t i = 0; i < literal; i++) {
        if (strchr("*?[\\", pattern[i]))
            strbuf_addc(&text, '\\');
        strbuf_addc(&text, pattern[i]);
    }
    strbuf_adds(&text, pattern + literal);
    return arena_strdup(arena, strbuf_text(&text));
}
