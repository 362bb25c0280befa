/*
 * Migrate rename: a stream gets another name. It is frozen and backed up as one that is made anew (migrate.h), and restored under the new name beside
 * the old one, which goes when all of it was read back. Subjects of a bucket have its name in them, and change with it.
 */
#ifndef APPLY_MIGRATE_RENAME_H
#define APPLY_MIGRATE_RENAME_H

#include "apply/migrating.h"
#include "plan/plan.h"

/* All for migrate.c. */
int migrate_rename_begin(struct migration *migration, const struct step *step, struct diags *diags);
int migrate_rename(struct migration *migration, struct diags *diags);
int migrate_rename_end(struct migration *migration, bool updated, struct diags *diags);

int migrate_rename_recover(struct migration *migration, enum recovery *ret_recovery, struct diags *diags);

#endif
