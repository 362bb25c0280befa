/*
 * Channel: pipelined requests over a connection, on any subject. api.h is it with JetStream's subjects.
 */
#ifndef SERVER_API_CHANNEL_H
#define SERVER_API_CHANNEL_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/api.h"
#include "server/api_mailbox.h"

struct channel;

/*
 * Is the reply meant for the request? Of others the channel waits on for the one that is, because on servers
 * up to 2.11.0 a stream on "*.>" answers every request too, with the acknowledgement of a publisher.
 */
typedef bool channel_accepts(const void *wanted, const struct node *body);

struct channel_request {
    const char *subject;
    const char *body; /* may be NULL */
    size_t length;
    channel_accepts *accepts;  /* NULL: only a bare status is a reply */
    const void *wanted;        /* of accepts; not copied */
    const char *const *unread; /* as in struct api_request; not copied */
    api_done *done;
    void *context;
    bool is_light; /* as in struct api_request */
};

/*
 * Subscribes to <inbox_prefix>.<unique>.*; `inbox_prefix` is NULL for _INBOX. Mailbox and connection stay the
 * caller's.
 */
natsStatus channel_open(natsConnection *connection, struct mailbox *mailbox, const char *inbox_prefix,
                        int64_t timeout_ms, struct channel **ret_channel);
/* Stops replies from coming; NULL is fine. */
void channel_unsubscribe(struct channel *channel);
/* Forgets what is under way; NULL is fine. The connection is closed and the mailbox freed before. */
void channel_close(struct channel *channel);

void channel_submit(struct channel *channel, const struct channel_request *request);
void channel_drain(struct channel *channel);

/* Handles what has come, without waiting for more. Not to be called from a done function. */
void channel_poll(struct channel *channel);

/* Like channel_drain(), but returns once `*enough` is true, or at `deadline` (clock_ms()). */
void channel_wait(struct channel *channel, const bool *enough, int64_t deadline);

/* As server_set_tick(). */
void channel_set_tick(struct channel *channel, int64_t (*tick)(void *context), void *context);

/* Frees the places of requests with that context without calling their done functions. */
void channel_forget(struct channel *channel, const void *context);

/* As api_keep(). */
void channel_keep(struct channel *channel, struct arena *arena);

bool channel_is_lost(const struct channel *channel);

#endif
