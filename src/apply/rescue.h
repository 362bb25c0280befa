/*
 * Rescue: streams that a plan is to take messages from are backed up before anything of it is done. Each run has a folder of its own,
 * named by the time, and nothing is ever removed from there.
 *
 *     struct rescue rescue = {.run = {…}, .folder = ".natsform/backups"};
 *     if (plan_rescues(plan) && rescue_make(&rescue, plan, diags))
 *         return -1;                               nothing was changed
 *     … carry the plan out; before a step that takes messages: rescue_check() …
 */
#ifndef APPLY_RESCUE_H
#define APPLY_RESCUE_H

#include "apply/backup.h"
#include "base/vec.h"
#include "plan/plan.h"

struct rescue {
    struct backup_run run; /* without its folder */
    const char *folder;
    /* set by rescue_make(): */
    const char *place; /* this run's folder */
    VEC(struct backup_stream *) streams;
};

/* Makes a folder for the backups of one run, named by the time. Returns 0, or -1 with a diagnostic. */
int rescue_place(struct arena *arena, const char *folder, struct instant now, const char **ret_place,
                 struct diags *diags);

/* Returns 0 when all streams are backed up and read back; else -1 with diagnostics. There has to be one: plan_rescues(). */
int rescue_make(struct rescue *rescue, const struct plan *plan, struct diags *diags);

/*
 * May the step be done, as its object was just read? Not if it takes messages that the backup does not have. Returns 0, or -1 with a
 * diagnostic. `shown` is the same step as the plan has it.
 */
int rescue_check(const struct rescue *rescue, const struct step *shown, const struct step *now,
                 struct diags *diags);

#endif
