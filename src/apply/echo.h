/*
 * Echo: servers answer a create or an update with the configuration that they keep. It is not always what was sent.
 */
#ifndef APPLY_ECHO_H
#define APPLY_ECHO_H

#include "base/diag.h"
#include "plan/plan.h"

/* Puts the differences between the echo and what the step wants into probe->changes. Returns how many, without a pause's. */
size_t echo_compare(struct arena *arena, const struct step *now, const struct target *target,
                    struct object *echo, struct step *ret_probe);
/* Reports them. */
void echo_report(const struct step *step, const struct step *probe, struct diags *diags);

#endif
