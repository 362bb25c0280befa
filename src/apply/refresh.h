/*
 * Refresh: reads what the server holds and plans against it.
 */
#ifndef APPLY_REFRESH_H
#define APPLY_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/strbuf.h"
#include "plan/plan.h"
#include "plan/planner.h"
#include "server/api.h"
#include "server/live.h"
#include "server/server.h"
#include "server/survey.h"

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

/* Has the stream that INFO describes a leader and all its copies, up to date and no others? Outside of a cluster it always has. */
bool info_is_settled(const struct node *info);

/*
 * ---- echo ----
 * Servers answer a create or an update with the configuration that they keep. It is not always what was sent.
 */

/* Puts the differences between the echo and what the step wants into probe->changes. Returns how many, without a pause's. */
size_t echo_compare(struct arena *arena, const struct step *now, const struct target *target,
                    struct object *echo, struct step *ret_probe);
/* Reports them. */
void echo_report(const struct step *step, const struct step *probe, struct diags *diags);

/*
 * ---- lock api ----
 * The requests of the lock. Only for lock.c.
 */

#define LOCK_CONSUMER "holder"

/* Sends; the reply is kept in *answer, which must live until it is done. */
void lock_send(struct arena *arena, struct server *server, const struct api_request *request,
               struct api_answer *reply);
/* Sends a request without a body, and waits; what may be done twice: it is sent once more when it is unheard. */
struct api_answer lock_request(struct arena *arena, struct server *server, const char *verb, const char *name,
                               const char *type);

/*
 * The names of streams: requests the first page, and reads on until *reply shows all that begin with the prefix, or is an error, whatever
 * names are invented. Returns 0 or -1.
 */
void lock_names_send(struct arena *arena, struct server *server, uint64_t offset, struct api_answer *reply);
int lock_names_read(struct arena *arena, struct server *server, const char *prefix, struct api_answer *reply);
/* Those of the page; an empty list if there are none. */
const struct node *lock_names_in(const struct api_answer *reply);

/* How a lock's stream is stored: as a file on one server, if that is allowed. */
struct lock_storage {
    const char *storage;
    int replicas;
};

/* Ways to store the lock, in this order. An account may not allow files, or may have limits for other numbers of replicas only. */
enum { LOCK_STORAGES = 4 };
extern const struct lock_storage lock_storages[LOCK_STORAGES];
/* Was one way refused for want of room, so that another may do? */
bool lock_may_fit_elsewhere(const struct api_answer *reply);

/*
 * The configuration of a stream that cannot hold messages. A stream needs a subject; it takes its own name below
 * $natsform. If another stream captures that, as one on '>' does, it has a source instead, which does not exist.
 */
const char *lock_stream_config(struct arena *arena, const char *stream, const char *who,
                               const struct lock_storage *storage, bool captured);
const char *lock_consumer_config(struct arena *arena, const char *stream, int64_t hold_ms);

/* What the server says about a lock's stream. */
struct lock_state {
    const char *who;
    struct instant created;
    struct instant now; /* by the server's clock, which servers before 2.10 do not tell: 0 */
    uint64_t consumers;
    bool unreadable; /* it could not be read, so the rest means nothing */
};

void lock_state_read(struct arena *arena, const struct node *info, struct lock_state *ret_state);

/* The beginning of the names of the project's locks: "natsform_lock_0123456789abcdef_". */
const char *lock_prefix(struct arena *arena, const char *project);

/* A token that no other run has, by process, host and nanoseconds. Tokens sort by time. */
const char *lock_token(struct arena *arena);

#endif
