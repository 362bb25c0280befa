/*
 * Listen: what comes on subjects of the account without being asked for, such as advisories.
 *
 * nats.c's threads put it into a queue of bounded size; all else runs in the caller's thread. What finds the queue full is dropped, and
 * that is told, so that the caller reads anew what it wants to know.
 *
 *     struct listen *listener;
 *     if (listen_open(server, &listening, &listener, diags))
 *         return -1;
 *     while ((heard = listen_next(listener, wait_ms)).kind != HEARD_NOTHING) …
 *     listen_close(listener);                    before server_close()
 */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "server/server.h"

/* What is listened for. The subjects must outlive the listener. */
struct listening {
    const char *const *subjects; /* with wildcards */
    size_t count;
    /* A quick look, in a thread of nats.c: is the message of any use? NULL: every one is. */
    bool (*wants)(const char *data, size_t length);
    size_t most_bytes; /* of messages that wait to be taken */
};

enum heard_kind {
    HEARD_NOTHING,
    HEARD_MESSAGE,
    HEARD_REFUSED, /* the user may not subscribe to the subject, now or any more */
    HEARD_GAP,     /* messages were dropped */
};

struct heard {
    enum heard_kind kind;
    const char *data; /* of HEARD_MESSAGE; valid until the next call */
    size_t length;
    size_t subject;  /* of HEARD_REFUSED: which of those listened for */
    const char *why; /* the server's words; valid until the next call */
};

struct listen;

/* Whatever the server is asked after this, it has the subscriptions by then. Returns 0, or -1 with a diagnostic. */
int listen_open(struct server *server, const struct listening *listening, struct listen **ret_listener,
                struct diags *diags);
/* The next that has come. If nothing has, waits so long for it; HEARD_NOTHING if nothing came. */
struct heard listen_next(struct listen *listener, int64_t wait_ms);
void listen_close(struct listen *listener); /* NULL is fine */

#endif
