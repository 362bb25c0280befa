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

/*
 * Fills verb, name, body and type of the request. `live` is the object as the server last described it, for an update.
 * `revision` is recorded on what is created or updated; NULL: none is.
 * Texts live in `arena` and in `body`, which is overwritten.
 */
void request_build(struct arena *arena, const struct step *step, enum request_kind kind,
                   const struct object *live, const char *revision, struct strbuf *body,
                   struct api_request *ret_request);

#endif
