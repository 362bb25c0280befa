/*
 * The spelling of revisions; see revspec.h. What passes here is looked up afterwards, so a name need not be checked,
 * only cut out.
 */
#include "repo/revspec.h"

#include <ctype.h>
#include <string.h>

#include "base/path.h"

static bool begins_as_path(const char *text)
{
    return text[0] == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0;
}

/* "C:\natsform.yaml" is a path of Windows. No path in a revision looks like that. */
static bool names_drive(const char *text)
{
    return isalpha((unsigned char)text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
}

/* The place of the first `wanted` outside of braces, or the end of the text. */
static size_t find_outside_braces(const char *text, const char *wanted)
{
    size_t depth = 0;
    size_t at = 0;
    for (; text[at]; at++) {
        if (text[at] == '{')
            depth++;
        else if (text[at] == '}' && depth)
            depth--;
        else if (!depth && strncmp(text + at, wanted, strlen(wanted)) == 0)
            break;
    }
    return at;
}

bool revspec_split(const char *text, size_t *ret_revision_length)
{
    size_t colon = find_outside_braces(text, ":");
    if (!text[colon] || colon == 0 || begins_as_path(text) || names_drive(text))
        return false;
    *ret_revision_length = colon;
    return true;
}

bool revspec_range(struct arena *arena, const char *text, struct revspec_range *ret_range)
{
    static const char usual[] = "HEAD";
    size_t dots = find_outside_braces(text, "..");
    if (!text[dots]) {
        *ret_range = (struct revspec_range){.before = arena_strdup(arena, text)};
        return *text != '\0';
    }
    bool from_base = text[dots + 2] == '.';
    const char *after = text + dots + (from_base ? 3 : 2);
    if ((dots == 0 && !*after) || *after == '.')
        return false;
    /* An end that is left out is HEAD, as in git. */
    ret_range->before = dots ? arena_strndup(arena, text, dots) : usual;
    ret_range->after = *after ? arena_strdup(arena, after) : usual;
    ret_range->from_base = from_base;
    return true;
}

const char *revspec_path(struct arena *arena, const char *directory, const char *path)
{
    bool relative = strcmp(path, ".") == 0 || strcmp(path, "..") == 0 || strncmp(path, "./", 2) == 0 ||
                    strncmp(path, "../", 3) == 0;
    const char *whole = path_clean(arena, relative && *directory ? path_in(arena, directory, path)
                                                                 : path + strspn(path, "/"));
    bool leads_out = strncmp(whole, "..", 2) == 0 && (whole[2] == '/' || whole[2] == '\0');
    return leads_out ? NULL : strcmp(whole, ".") == 0 ? "" : whole;
}
