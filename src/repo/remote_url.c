/* Reading URLs of repositories; see remote_url.h. What cannot be read is of an unknown scheme, and refused by its user. */
#include "repo/remote_url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static enum remote_scheme scheme_of(const char *text, size_t length)
{
    static const struct {
        const char *name;
        enum remote_scheme scheme;
    } schemes[] = {
        {"https", REMOTE_HTTPS}, {"http", REMOTE_HTTP}, {"ssh", REMOTE_SSH}, {"file", REMOTE_FOLDER}};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strlen(schemes[i].name) == length && strncasecmp(schemes[i].name, text, length) == 0)
            return schemes[i].scheme;
    return REMOTE_UNKNOWN;
}

/* "user:password@" at the beginning of what stands before the path. Returns what is behind it. */
static const char *take_login(struct arena *arena, const char *text, size_t length, struct remote_url *url)
{
    size_t end = length;
    while (end > 0 && text[end - 1] != '@')
        end--;
    if (!end)
        return text;
    size_t user = strcspn(text, ":");
    if (user < end)
        url->password = arena_strndup(arena, text + user + 1, end - 1 - user - 1);
    else
        user = end - 1;
    url->user = arena_strndup(arena, text, user);
    return text + end;
}

static void take_host(struct arena *arena, const char *text, const char *end, struct remote_url *url)
{
    bool bracketed = text < end && *text == '[';
    const char *behind = bracketed ? memchr(text, ']', (size_t)(end - text)) : text;
    const char *colon = behind ? memchr(behind, ':', (size_t)(end - behind)) : NULL;
    const char *last = bracketed ? behind : colon ? colon : end;
    text += bracketed;
    url->host = last ? arena_strndup(arena, text, (size_t)(last - text)) : "";
    if (colon && colon + 1 < end)
        url->port = arena_strndup(arena, colon + 1, (size_t)(end - colon - 1));
}

static struct remote_url read_full(struct arena *arena, const char *text, const char *rest)
{
    struct remote_url url = {.scheme = scheme_of(text, (size_t)(rest - text)), .host = "", .shown = text};
    rest += strlen("://");
    size_t length = strcspn(rest, "/?#");
    url.path = rest + length;
    if (url.scheme == REMOTE_FOLDER) {
        /* "file://localhost/path" is allowed, too; another machine's files are not there. */
        if (length && strncmp(rest, "localhost", length) != 0)
            url.scheme = REMOTE_UNKNOWN;
        return url;
    }
    const char *host = take_login(arena, rest, length, &url);
    take_host(arena, host, rest + length, &url);
    if (url.scheme == REMOTE_SSH && url.user)
        url.shown = arena_printf(arena, "ssh://%s@%s", url.user, host);
    else if (url.user)
        url.shown = arena_printf(arena, "%.*s%s", (int)(rest - text), text, host);
    return url;
}

/* As git: "host:path" is of another machine, unless a slash stands before the colon, or there is such a folder. */
static bool is_short_ssh(const char *text)
{
    struct stat info;
    const char *colon = strchr(text, ':');
    const char *slash = strchr(text, '/');
    return colon && colon > text && (!slash || colon < slash) && stat(text, &info) != 0;
}

struct remote_url remote_url_read(struct arena *arena, const char *text)
{
    const char *rest = strstr(text, "://");
    struct remote_url url = {.scheme = REMOTE_FOLDER, .host = "", .path = text, .shown = text};
    if (rest)
        return read_full(arena, text, rest);
    if (!is_short_ssh(text))
        return url;
    size_t length = strcspn(text, ":");
    url.scheme = REMOTE_SSH;
    url.path = text + length + 1;
    const char *at = memchr(text, '@', length);
    if (at)
        url.user = arena_strndup(arena, text, (size_t)(at - text));
    url.host = arena_strndup(arena, at ? at + 1 : text, length - (at ? (size_t)(at + 1 - text) : 0));
    return url;
}
