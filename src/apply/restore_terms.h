/*
 * Restore terms: what is asked to be otherwise in the stream that is made of a backup: replicas, placement, any field of the table, whose it is,
 * and which messages. Each field is read as a manifest would have it; what a server would lose messages by is refused.
 */
#ifndef APPLY_RESTORE_TERMS_H
#define APPLY_RESTORE_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/backup.h"
#include "archive/rewrite.h"
#include "base/diag.h"
#include "field/field.h"
#include "syntax/node.h"

extern const struct diag_code code_restore;

/* The form of archives that a server reads is another one since then, and so is nearly all that it can. */
enum { RESTORE_NEW_FORMAT_SINCE = V_2_15 };

struct restore_terms {
    const char *const *sets; /* "FIELD=VALUE" */
    size_t set_count;
    const char *replicas; /* NULL: as it was; the next two as well */
    const char *cluster;
    const char *const *tags; /* of servers */
    size_t tag_count;
    const char *project; /* that gets the marks; NULL: they are kept */
    bool no_project;     /* they are dropped */
    struct rewrite_terms rewrite;
};

/* What the terms are about. */
struct restore_subject {
    struct arena *arena;
    const struct restore_terms *terms;
    const struct backup *backup;
    const char *name;         /* of the stream */
    uint32_t version;         /* of the server; VERSION_UNKNOWN: not known */
    const char *version_text; /* the same */
    bool is_clustered;
    uint64_t messages, bytes; /* that are restored */
    uint64_t oldest;          /* nanoseconds that the first of them is old */
};

/* The configuration for the request, without what is the server's own. Returns 0, or -1 with diagnostics. */
int restore_config(const struct restore_subject *subject, struct node **ret_config, struct diags *diags);

/*
 * The marks that the terms want for the object of that label ("ORDERS", "ORDERS > billing"), in its metadata. Objects that nobody owns stay so, but for the
 * stream. Returns whether it has changed.
 */
bool restore_marks(struct arena *arena, const struct restore_terms *terms, const char *label, bool is_stream,
                   struct node *config);

/* Takes the server's own metadata out of a configuration: such is never sent, and made anew. */
void restore_plain(struct arena *arena, struct node *config);

/* Has the object a mark of any project? */
bool restore_has_marks(const struct node *config);

#endif
