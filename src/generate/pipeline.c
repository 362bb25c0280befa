/*
 * What the pipelines of all services share; see pipeline.h.
 */
#include "generate/pipeline.h"

#include <string.h>

#include "manifest/manifest.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

enum { NAME_MOST = 64 };

bool pipeline_is_plain(const char *path)
{
    return *path && *path != '-' && path[strspn(path, LETTERS "./+@")] == '\0';
}

static bool is_there(const struct pipeline *pipeline, const char *name)
{
    for (size_t i = 0; i < pipeline->environments.count; i++)
        if (strcmp(pipeline->environments.items[i].name, name) == 0)
            return true;
    return false;
}

/* Adds the paths of a list with commas. Returns -1 if one of them is none. */
static int add_files(struct arena *arena, struct pipeline_environment *environment, const char *list)
{
    for (size_t length; *list; list += length + (list[length] == ',')) {
        length = strcspn(list, ",");
        const char *path = arena_strndup(arena, list, length);
        if (!pipeline_is_plain(path) || *path == '/')
            return -1;
        VEC_PUSH(arena, &environment->files, path);
    }
    return environment->files.count ? 0 : -1;
}

const char *pipeline_add(struct arena *arena, struct pipeline *pipeline, const char *text)
{
    size_t length = strcspn(text, "=");
    struct pipeline_environment environment = {.name = arena_strndup(arena, text, length)};
    if (!length || length > NAME_MOST || *text == '-' || strspn(text, LETTERS) != length)
        return "its name has to be of letters, digits, '-' and '_'";
    if (is_there(pipeline, environment.name))
        return "it is there twice";
    if (add_files(arena, &environment, text[length] ? text + length + 1 : MANIFEST_USUAL))
        return "its files have to be relative paths of plain characters, with commas between them";
    VEC_PUSH(arena, &pipeline->environments, environment);
    return NULL;
}
