/* Library: how nats.c is set up for a connection, and the mailbox that its threads write to. */
#ifndef SERVER_LIBRARY_H
#define SERVER_LIBRARY_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "server/connection.h"
#include "server/server.h"

/*
 * ---- api mailbox ----
 * Carries what nats.c's threads have to say to the one thread that sends requests.
 *
 * nats.c calls back from its own threads: one for messages of the subscription, another for violations of permissions
 * and the end of the connection. The mailbox queues all of that. So everything above it runs in the caller's thread
 * and needs no locks.
 *
 *     struct mailbox *mailbox = mailbox_new();
 *     natsOptions_SetErrorHandler(options, mailbox_on_error, mailbox);
 *     natsOptions_SetClosedCB(options, mailbox_on_closed, mailbox);
 *     … connect; mailbox_connected(mailbox); mailbox_subscribe(mailbox, connection, subject, &subscription) …
 *     struct letter *letter = mailbox_take(mailbox, deadline);
 */

struct mailbox;

enum letter_kind {
    LETTER_MESSAGE,
    LETTER_VIOLATION, /* text: the server's words, such as: Permissions Violation for Publish to "a" */
    LETTER_CLOSED,    /* the connection was lost or closed; text: why, or "" */
};

struct letter {
    struct letter *next;
    enum letter_kind kind;
    natsMsg *message; /* of LETTER_MESSAGE */
    char text[256];   /* nats.c does not keep more of a server's error */
};

/*
 * nats.c may call the mailbox from mailbox_connected() until the connection is closed, and from
 * mailbox_subscribe() until the subscription is destroyed; mailbox_free() comes after both and waits for its
 * threads.
 */
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *mailbox);

/* To be called once natsConnection_Connect() has succeeded: from then on mailbox_on_closed() will come. */
void mailbox_connected(struct mailbox *mailbox);
natsStatus mailbox_subscribe(struct mailbox *mailbox, natsConnection *connection, const char *subject,
                             natsSubscription **ret_subscription);

/*
 * Takes all letters, oldest first, to be freed with letters_free(). If there is none, waits for one until `deadline`
 * (clock_ms()); NULL if none came.
 */
struct letter *mailbox_take(struct mailbox *mailbox, int64_t deadline);
void letters_free(struct letter *letters);

/*
 * Before anything is subscribed to: the mailbox holds so many bytes of messages at most, and only those that are wanted. `wants` is called in a
 * thread of nats.c; NULL: all are.
 */
void mailbox_bound(struct mailbox *mailbox, size_t most_bytes,
                   bool (*wants)(const char *data, size_t length));
/* From now on the other mailbox gets violations, too; NULL: none does. */
void mailbox_tell(struct mailbox *mailbox, struct mailbox *told);
/* Has a message been dropped since the last call? */
bool mailbox_has_dropped(struct mailbox *mailbox);

/*
 * ---- connection options ----
 * Nats.c's options out of the settings.
 */

/*
 * For one URL, and server->identity, which must live until the connection is made; when that fails and left its `unlucky` set,
 * another try may work. The caller destroys the options.
 * Returns -1 with a diagnostic when a TLS file cannot be used or the library lacks something.
 */
int options_make(struct server *server, const struct connection_settings *settings,
                 const struct server_url *url, natsOptions **ret_options, struct diags *diags);

/* nats.c's words for what failed last, without the "(conn.c:1905): " before them. */
const char *library_words(struct arena *arena, natsStatus status);

int64_t settings_timeout(const struct connection_settings *settings);

#endif
