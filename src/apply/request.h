/*
 * Request: builds the API requests that carry out a step.
 */
#ifndef APPLY_REQUEST_H
#define APPLY_REQUEST_H

#include "base/strbuf.h"
#include "plan/plan.h"
#include "server/api.h"
#include "server/server.h"

/* The kinds of requests. A step sends one to three of them. */
enum request_kind {
    REQUEST_CREATE,
    REQUEST_UPDATE, /* from `live` to what is wanted */
    REQUEST_PAUSE,  /* pause or resume: the API has a request of its own for a consumer's pause_until */
    REQUEST_DELETE,
    REQUEST_READ,
    REQUEST_READ_STREAM, /* a consumer's */
};

struct request {
    enum request_kind kind;
    const struct step *step;
    const struct object *live; /* of an update: the object as the server last described it */
    const char *revision;      /* to be recorded on what is created or updated; NULL: none is */
};

/* Fills verb, name, body and type. Texts live in `arena` and in `body`, which is overwritten. */
void request_build(struct arena *arena, const struct request *request, struct strbuf *body,
                   struct api_request *ret_request);

#endif
