/*
 * Refresh: reads what the server holds and plans against it.
 */
#ifndef APPLY_REFRESH_H
#define APPLY_REFRESH_H

#include "base/diag.h"
#include "base/strbuf.h"
#include "plan/plan.h"
#include "plan/planner.h"
#include "server/api.h"
#include "server/live.h"
#include "server/server.h"

/* Describes the server for the planner. `now` is the moment of reading. */
struct target target_of(struct arena *arena, const struct server_info *info, struct instant now);

/* Returns 0, or -1 with a diagnostic if the server is not the one that the manifest expects. */
int check_expected(const struct server_info *info, const struct manifest *manifest, struct diags *diags);

/*
 * NULL when the server could not be read, or is not the one that the manifest expects. A plan may have refused steps;
 * `diags` then has errors. `now` is the moment of reading.
 */
struct plan *refresh_plan(struct arena *arena, const struct live_source *source, struct manifest *manifest,
                          const struct plan_options *options, struct instant now, struct diags *diags);

/* A plan against a whole account that was read before. It asks the server nothing. */
struct plan *survey_plan(struct arena *arena, const struct survey *survey, struct manifest *manifest,
                         const struct target *target, const struct plan_options *options,
                         struct diags *diags);

/*
 * ---- request ----
 * Builds the API requests that carry out a step.
 */

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

/*
 * ---- echo ----
 * Servers answer a create or an update with the configuration that they keep. It is not always what was sent.
 */

/* Puts the differences between the echo and what the step wants into probe->changes. Returns how many, without a pause's. */
size_t echo_compare(struct arena *arena, const struct step *now, const struct target *target,
                    struct object *echo, struct step *ret_probe);
/* Reports them. */
void echo_report(const struct step *step, const struct step *probe, struct diags *diags);

#endif
