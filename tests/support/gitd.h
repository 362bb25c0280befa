/*
 * Gitd: the Git server of tests/interop/gitd, whose file says what it serves by which port, and what goes wrong where. It ends with the test.
 *
 *     struct gitd *gitd = gitd_start(directory);
 *     format("https://localhost:%d/shop.git", gitd_port(gitd, "https"))
 *
 * NATSFORM_GITD names the program.
 */
#ifndef SUPPORT_GITD_H
#define SUPPORT_GITD_H

struct gitd {
    const char *ports; /* "NAME PORT" lines */
    const char *const *
        env; /* of natsform: it trusts the server, has a key for it, and a cache of its own in the directory */
    const char *cache; /* that one */
};

/* Serves the repositories in the directory. */
struct gitd *gitd_start(const char *directory);
int gitd_port(const struct gitd *gitd, const char *name);

#endif
