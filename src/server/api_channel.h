/*
 * Channel: pipelined requests over a connection, on any subject. api.h uses it for JetStream's subjects.
 */
#ifndef SERVER_API_CHANNEL_H
#define SERVER_API_CHANNEL_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/api.h"
#include "server/library.h"

struct channel;

/*
 * Is this reply meant for the request? If not, the channel waits for another one: on servers up to 2.11.0 a stream on
 * "*.>" answers every request too, with the acknowledgement for a publisher.
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
 * Subscribes to <inbox_prefix>.<unique>.*; `inbox_prefix` is NULL for _INBOX. Requests go to subjects below `api`, which
 * is not copied. Mailbox and connection stay the caller's.
 */
natsStatus channel_open(natsConnection *connection, struct mailbox *mailbox, const char *api,
                        const char *inbox_prefix, int64_t timeout_ms, struct channel **ret_channel);
/* Stops receiving replies. NULL is fine. */
void channel_unsubscribe(struct channel *channel);
/* Frees the channel with all requests under way. NULL is fine. Close the connection and free the mailbox before. */
void channel_close(struct channel *channel);

void channel_submit(struct channel *channel, const struct channel_request *request);
void channel_drain(struct channel *channel);

/* Handles what has come, without waiting for more. Must not be called from a done function. */
void channel_poll(struct channel *channel);

/* Like channel_drain(), but also returns when `*enough` is true, or at `deadline` (clock_ms()). */
void channel_wait(struct channel *channel, const bool *enough, int64_t deadline);

enum { TICKS_MOST = 2 }; /* the project's lock, and that of adoption */
/* See server_set_tick(). */
void channel_set_tick(struct channel *channel, int64_t (*tick)(void *context), void *context);

/* Drops the requests with that context, without calling their done functions. */
void channel_forget(struct channel *channel, const void *context);

/* See api_keep(). */
void channel_keep(struct channel *channel, struct arena *arena);

bool channel_is_lost(const struct channel *channel);

#endif
