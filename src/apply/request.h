/*
 * Request: the API requests that carry out one step.
 */
#ifndef APPLY_REQUEST_H
#define APPLY_REQUEST_H

#include "base/strbuf.h"
#include "plan/plan.h"
#include "server/api.h"
#include "server/server.h"

/* What a step does next. A step goes through one to three of them. */
enum request_kind {
    REQUEST_CREATE,
    REQUEST_UPDATE, /* of `live` to what is wanted */
    REQUEST_PAUSE,  /* or resume: a consumer's pause_until goes through an API of its own */
    REQUEST_DELETE,
    REQUEST_READ,
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
