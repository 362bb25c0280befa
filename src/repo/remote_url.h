/* URLs of Git repositories, taken apart. Only for this room. */
#ifndef REPO_REMOTE_URL_H
#define REPO_REMOTE_URL_H

#include "base/arena.h"

enum remote_scheme {
    REMOTE_FOLDER, /* of this machine: `path` is all there is */
    REMOTE_HTTPS,
    REMOTE_HTTP,
    REMOTE_SSH,
    REMOTE_UNKNOWN, /* of any other scheme */
};

struct remote_url {
    enum remote_scheme scheme;
    const char *user; /* NULL: there is none */
    const char *password;
    const char *host; /* without brackets; "" for a folder */
    const char *port; /* NULL: the usual one */
    const char *path;
    const char *
        shown; /* the whole of it, without what may be secret: the password, and by https, the user, which may be a token */
};

/* Reads "https://user:password@host:port/path", "ssh://user@host/path", "user@host:path" as git does, "file:///path", or a path. */
struct remote_url remote_url_read(struct arena *arena, const char *text);

#endif
