/*
 * Publishing: messages into a stream, several under way, each with the sequence that it has to get. What gets another one, since somebody
 * else has published too, ends it.
 *
 *     struct publishing *publishing = publishing_begin(server, "CACHE", interrupted, diags);
 *     failed = publishing_send(publishing, subject, &message) || … || publishing_settle(publishing);
 *     publishing_end(publishing);
 */
#ifndef SERVER_PUBLISHING_H
#define SERVER_PUBLISHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "server/server.h"

extern const struct diag_code code_publishing;

struct publishing;

/* What is to be published. */
struct outgoing {
    const char *subject;
    uint64_t sequence;
    const char *headers; /* as they are stored, with their first line; "": none */
    size_t headers_length;
    const char *without; /* headers whose names begin with that are left out; NULL: none */
    const char *data;
    size_t data_length;
};

/* NULL with a diagnostic. The texts have to stay, the diagnostics are where all that follows is reported. */
struct publishing *publishing_begin(struct server *server, const char *stream, bool (*interrupted)(void),
                                    struct diags *diags);
void publishing_end(struct publishing *publishing); /* NULL is fine */

/*
 * Waits until a stream listens on the subject: in a cluster, one that was just made is heard of a moment later. What asks for that is stored by none, but
 * others who listen get it. Returns 0, also when none has come by then, as a message will tell; or -1: the connection is lost, or it was interrupted.
 */
int publishing_await(struct publishing *publishing, const char *subject);

/* Waits while many are under way. Returns 0, or -1: one got another sequence or none, and some may be stored that were sent behind it. */
int publishing_send(struct publishing *publishing, const struct outgoing *message);
/* Waits until all are acknowledged. */
int publishing_settle(struct publishing *publishing);

/*
 * The same for one alone. 1: the server says that it has one with this Nats-Msg-Id, and has stored nothing.
 */
int publishing_send_alone(struct publishing *publishing, const struct outgoing *message);

#endif
