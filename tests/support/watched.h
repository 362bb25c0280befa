/*
 * Watched: a `natsform watch` that runs beside a test, and what it has said so far.
 *
 *     struct watched watched = WATCH(manifest, url, "-o", "json");
 *     watched_expect(&watched, "watching; Ctrl-C ends it\n");
 *     …
 *     struct rusage used = watched_end(&watched);
 */
#ifndef TESTS_SUPPORT_WATCHED_H
#define TESTS_SUPPORT_WATCHED_H

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "support/guardian.h"

struct watched {
    pid_t pid;
    const char *folder, *out; /* of its manifest, m.yaml; and the file with its output */
    size_t heard;             /* so much of the output was looked at */
    struct guardian guardian;
};

/* Starts it on the manifest; further arguments end with NULL, and may be none. */
struct watched watched_start(const char *manifest, const char *url, const char *const *more);
#define WATCH(manifest, url, ...) watched_start((manifest), (url), (const char *const[]){__VA_ARGS__, NULL})
/* Waits until it has said these words, behind those that were expected before. */
void watched_expect(struct watched *watched, const char *words);
/* Ends it with a signal, as a user would. Returns what it has used. */
struct rusage watched_end(struct watched *watched);

#endif
