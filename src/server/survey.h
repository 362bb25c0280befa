/*
 * Survey: everything that an account holds, whoever made it, read by live.h and kept. What export, import and the like
 * begin with.
 *
 *     struct survey *survey = survey_read(arena, &source, wants, context, diags);
 */
#ifndef SERVER_SURVEY_H
#define SERVER_SURVEY_H

#include "base/diag.h"
#include "base/vec.h"
#include "server/live.h"

struct survey_stream {
    struct live_object live;
    VEC(struct live_object) consumers; /* sorted by name; empty if they were not wanted */
};

struct survey {
    VEC(struct survey_stream *) streams; /* sorted by name */
    VEC(const char *) offline;           /* streams that the server has but cannot run */
};

/*
 * Reads all streams, and the consumers of those for which `wants` returns true (NULL: of all). Everything lives in the
 * arena. Returns NULL if anything could not be read.
 */
struct survey *survey_read(struct arena *arena, const struct live_source *source, live_wants *wants,
                           void *context, struct diags *diags);

#endif
