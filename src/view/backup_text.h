/* Backups as text for people, and as JSON. */
#ifndef VIEW_BACKUP_TEXT_H
#define VIEW_BACKUP_TEXT_H

#include "archive/backup.h"
#include "view/style.h"

/* One line: that it is whole, and what is in it. */
void backup_print_verdict(const struct style *style, const struct backup *backup,
                          const struct backup_contents *contents);
/* All that is in it. */
void backup_print(const struct style *style, const struct backup *backup,
                  const struct backup_contents *contents);
/* The same as a map. */
struct node *backup_json(struct arena *arena, const struct backup *backup,
                         const struct backup_contents *contents);

#endif
