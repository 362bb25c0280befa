/*
 * Fuzzes the spelling of revisions: a split keeps all of the text, a range's sides are parts of it, and a path never leads out of the
 * tree it is in.
 */
#include "fuzz/promise.h"
#include "repo/files.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(struct arena *arena, const char *directory, const char *text)
{
    const char *path = revspec_path(arena, directory, text);
    if (!path)
        return;
    require(*path != '/', "a path is from the root");
    for (const char *part = path; *part; part += strcspn(part, "/"), part += *part == '/') {
        size_t length = strcspn(part, "/");
        require(length > 0, "no part of a path is empty");
        require(!(length == 1 && part[0] == '.'), "no part of a path is a dot");
        require(!(length == 2 && part[0] == '.' && part[1] == '.'), "no part of a path leads upwards");
    }
    require(strlen(path) <= strlen(directory) + 1 + strlen(text), "a path does not grow");
    require(strcmp(revspec_path(arena, "", arena_printf(arena, "./%s", path)), path) == 0, "twice is once");
}

static void check_text(struct arena *arena, const char *text)
{
    struct revspec_range range;
    size_t length = 0;
    if (revspec_split(text, &length)) {
        require(length > 0 && text[length] == ':', "a revision ends at a colon");
        require(!strchr("/", *text), "an absolute path is a path");
    }
    if (revspec_range(arena, text, &range)) {
        require(*range.before, "a range has a first side");
        require(!range.after || *range.after, "a second side says something");
        require(strstr(text, range.before) || strcmp(range.before, "HEAD") == 0, "a side is of the text");
    }
    check_path(arena, "", text);
    check_path(arena, "a/bc", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    check_text(&arena, text);
    free(text);
    arena_release(&arena);
    return 0;
}
