/*
 * Refresh: reads what the server holds and plans against it.
 */
#ifndef APPLY_REFRESH_H
#define APPLY_REFRESH_H

#include "base/diag.h"
#include "plan/planner.h"
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

#endif
