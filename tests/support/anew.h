/*
 * Anew: a stream "A" in a file or in memory, that somebody publishes to and a consumer "c" is half way through, and a manifest in whose folder
 * `natsform apply` makes it anew. Something happens meanwhile; afterwards all is there, whether it was made anew or not.
 *
 *     struct anew anew = {.before = "\"retention\":\"workqueue\"", .after = "retention: limits"};
 *     anew_begin(&anew, fixture_start(version, NULL));
 *     anew_make(&anew);
 *     … natsform runs in anew.folder, and something happens …
 *     anew_check_untouched(&anew);  or  anew_check_made(&anew);
 *     anew_end(&anew);
 */
#ifndef SUPPORT_ANEW_H
#define SUPPORT_ANEW_H

#include "support/exchange.h"
#include "support/run.h"
#include "support/server_fixture.h"

struct anew {
    const char *before; /* of the stream's configuration, as JSON */
    const char *after;  /* as YAML */
    size_t large;       /* so many messages of 512 KiB are in it, too */
    struct server_fixture *server;
    natsConnection *connection;
    const char *folder;
    struct exchange *exchange; /* of the last anew_make(), without who consumes */
    const char *position;      /* of the consumer */
    const char *config;        /* and when it was made */
    const char *title;         /* for what is said when a check fails */
};

void anew_begin(struct anew *anew, struct server_fixture *server);
/* The stream as it was before, whatever has become of it. `context` is the anew, for traced_kill_surely(). */
void anew_make(void *context);
/* Its consumer is where it is now. */
void anew_look(struct anew *anew);
void anew_end(struct anew *anew);

struct run anew_run(const struct anew *anew, const char *const *arguments);
#define ANEW_RUN(anew, ...) anew_run((anew), (const char *const[]){__VA_ARGS__, NULL})
/* Runs "apply" or "recover" until it goes through; that it may not at once is as a user would have it. */
void anew_await_run(const struct anew *anew, const char *command);

/* It takes messages again; all that it has acknowledged is in it once, and the consumer is where it was. Nothing else is left. */
void anew_check_kept(const struct anew *anew);
/* That, and it is the one that it was. */
void anew_check_untouched(const struct anew *anew);
/* That, and it is as the manifest says. */
void anew_check_made(const struct anew *anew);

#endif
