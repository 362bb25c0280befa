/*
 * Survey: everything that an account holds, whoever made it. What export, import and the like begin with; a plan, which knows
 * what it looks for, reads by live.h.
 *
 *     struct survey *survey = survey_read(arena, server, wants, context, diags);
 */
#ifndef SERVER_SURVEY_H
#define SERVER_SURVEY_H

#include "base/diag.h"
#include "base/vec.h"
#include "server/api.h"
#include "server/live_object.h"
#include "server/server.h"

struct survey_stream {
    struct live_object live;
    VEC(struct live_object) consumers; /* sorted by name; empty when they were not wanted */
};

struct survey {
    VEC(struct survey_stream *) streams; /* sorted by name */
    VEC(const char *) offline;           /* streams that the server knows of and cannot run */
};

/* Are the consumers of the stream wanted too? */
typedef bool survey_wants(void *context, const struct live_object *stream);

/*
 * Reads the streams, and the consumers of those that `wants` says yes to (NULL: of all). Everything lives in the arena. Returns
 * NULL when anything could not be read.
 */
struct survey *survey_read(struct arena *arena, struct server *server, survey_wants *wants, void *context,
                           struct diags *diags);

#endif
