/*
 * API: JetStream's requests over a server's connection, raw and pipelined.
 *
 * Everything runs in the caller's thread. api_submit() sends and returns; it waits only while the window is full.
 * Replies are passed to their done functions inside api_drain(), and inside api_submit() while it waits. Every
 * request has a deadline, the settings' timeout. Nothing is retried here: after a timeout or a lost connection the
 * outcome is unknown, and the caller has to read the object to find out.
 *
 *     api_submit(server, &(struct api_request){.verb = "STREAM.INFO",
 *                                              .name = "ORDERS",
 *                                              .type = "stream_info_response",
 *                                              .done = on_info,
 *                                              .context = self});
 *     api_drain(server);
 */
#ifndef SERVER_API_H
#define SERVER_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "syntax/node.h"

extern const struct diag_code code_no_jetstream;
extern const struct diag_code code_permission;
extern const struct diag_code code_api;
extern const struct diag_code code_reply;

struct server;

enum api_outcome {
    API_DONE,          /* the expected reply */
    API_ERROR,         /* the server's error: code, err_code, description */
    API_TIMEOUT,       /* no reply before the deadline: the outcome is unknown */
    API_DISCONNECTED,  /* the connection was lost before the reply: the outcome is unknown */
    API_NO_RESPONDERS, /* nobody listens there: nothing happened */
    API_FORBIDDEN,     /* the server refused the publish or the reply's subscription: nothing happened */
    API_STRANGE,       /* only replies of another type, or without JSON, came: the outcome is unknown */
};

struct api_reply {
    enum api_outcome outcome;
    int code;                /* class, such as 404; of API_ERROR, and of a reply that is a bare status */
    int err_code;            /* such as 10059; of API_ERROR; 0 if natsform itself refused to send it */
    const char *description; /* of the outcome, for a message; never NULL */
    struct node *body;       /* the whole reply; NULL unless API_DONE or API_ERROR, and for a bare status */
    struct arena
        *arena; /* of the description, and of the body unless api_keep(): valid until the function returns */
};

/* Is it the server's "stream not found" or "consumer not found", or that of a message? */
bool api_is_not_found(const struct api_reply *reply);

typedef void api_done(void *context, const struct api_reply *reply);

struct api_request {
    const char *verb; /* such as "CONSUMER.CREATE" */
    const char *name; /* rest of the subject after a dot, such as "ORDERS.billing"; NULL when there is none */
    const char *body; /* JSON; NULL is empty */
    size_t length;    /* of body; 0 with a body is its strlen */
    const char
        *type; /* the expected type after "io.nats.jetstream.api.v1."; not copied, so a literal. NULL: a
                         bare status is expected, as a pull consumer without messages replies */
    const char *const
        *unread;    /* members of a page's items that nobody reads; see json_read_page(); NULL: none */
    api_done *done; /* called exactly once */
    void *context;  /* of done */
    bool is_light;  /* it costs server and client next to nothing, so more of them may be under way */
};

/* How many requests may be without an answer at the same time. */
enum {
    API_WINDOW = 256,
    API_LIGHT_WINDOW = 1024, /* if all of them are light */
};

/*
 * Sends a request. If the window is full it waits, and calls the done functions of replies meanwhile. It may be called
 * from a done function; there it never calls another one, and a request that does not fit is copied and sent later.
 */
void api_submit(struct server *server, const struct api_request *request);

/*
 * Calls the done functions of replies that have come, without waiting for others, and the server's tick if it is due. Must not
 * be called from a done function.
 */
void api_poll(struct server *server);

/* Waits so long, and handles replies and the tick meanwhile. Must not be called from a done function. */
void api_pause(struct server *server, int64_t milliseconds);

/*
 * From now on the bodies of replies live in this arena, which must outlive the server. With NULL, each body is again
 * valid only until its done function returns.
 */
void api_keep(struct server *server, struct arena *arena);

/* A reply that stays. */
struct api_answer {
    struct arena *arena;
    bool done;
    struct api_reply is; /* once it is done; texts and body are in the arena, the body only of API_DONE */
};

/* An api_done: keeps the reply in the answer that is the context. */
void api_answer(void *answer, const struct api_reply *reply);

/* Waits until `*enough` is true, `most_ms` have passed, or nothing is under way. Must not be called from a done function. */
void api_wait(struct server *server, const bool *enough, int64_t most_ms);

/* Waits until every request has its outcome. Must not be called from a done function. */
void api_drain(struct server *server);

/* Sends a request, and waits until every one has its outcome. `done` and `context` are its own. Must not be called from a done function. */
struct api_answer api_ask(struct server *server, struct arena *arena, const struct api_request *request);

/* A refusal that passes by itself: the same request succeeds a moment later. */
struct passing {
    int err_code;
    const char *says; /* words in the refusal's text */
    int tries;        /* how often it is worth sending again */
    int64_t pause_ms; /* before each of them */
    const char *why;  /* for people */
};

/* NULL if the refusal does not pass, and for all other outcomes. */
const struct passing *api_passing(const struct api_reply *reply);

/*
 * Adds the diagnostic that fits the outcome of a request that was not done, such as code_permission or
 * code_api: "cannot <what>: …", so `what` is as in "create stream 'ORDERS'".
 */
struct diag *api_diagnose(struct diags *diags, const struct server *server, struct srcpos pos,
                          const char *what, const struct api_reply *reply);

#endif
