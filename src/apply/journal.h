/*
 * Journal: what is about to be done to an object that is made anew, on the disk before it is done. There is a file for each such object in the
 * folder, from before its first change until its last one is read back. So a run that was killed is gone on with from there, or undone:
 * apply/migrate.h.
 *
 *     .natsform/journal/20261224T180000Z-ORDERS.json
 *     .natsform/journal/lock                            held by the run that works on any of them
 */
#ifndef APPLY_JOURNAL_H
#define APPLY_JOURNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/vec.h"
#include "server/server.h"
#include "syntax/node.h"

/* What may have been begun; all before it is done. */
enum journal_phase {
    JOURNAL_REHEARSES, /* a copy is made beside it, under another name */
    JOURNAL_FREEZES,   /* its subjects are taken off, its consumers are held, and it is backed up */
    JOURNAL_DELETES,
    JOURNAL_RESTORES,
    JOURNAL_THAWS, /* it is there again; its subjects are put on */
};

struct journal {
    struct arena *arena;
    const char *path; /* of its file */
    enum journal_phase phase;
    const char *stream;
    const char *consumer;     /* NULL: it is about the stream */
    const char *rename;       /* the name that the stream gets; NULL: its own */
    const char *created;      /* when that was made which is made anew: no other has that in common with it */
    const struct node *place; /* where it is: journal_place() */
    const struct node *before; /* its configuration; of a consumer, its INFO */
    const struct node *after;  /* the one that it is made anew with */
    const struct node
        *thaw;             /* has the subjects and sources that it gets in the end; NULL: those of `before` */
    const char *backup;    /* folder of its archive; "": there is none yet */
    const char *rehearsal; /* folder of what it takes to try that; "": nothing */
    const struct node *pauses; /* by consumer: its pause_until, "" if it had none */
};

struct journals {
    VEC(struct journal *) list;
};

/* The server and the account, as far as they can be told from others. */
struct node *journal_place(struct arena *arena, const struct server_info *info);
bool journal_is_here(const struct journal *journal, const struct server_info *info);

/* A new one, whose file has that name in its own, and is not written yet. */
struct journal journal_new(struct arena *arena, const char *folder, const char *name, struct instant now);
/* Writes the file anew, and has it on the disk. Returns 0, or -1 with diagnostics, as all of these. */
int journal_write(const struct journal *journal, struct diags *diags);
int journal_remove(const struct journal *journal, struct diags *diags);

/* Those of the folder, the oldest first. What cannot be read is reported, and stays. A folder that is not there has none. */
int journal_find(struct arena *arena, const char *folder, struct journals *ret_journals, struct diags *diags);

/* Keeps other runs out of the folder, until *ret_fd is closed; it is made when it is not there. That another run has it is an error. */
int journal_lock(struct arena *arena, const char *folder, int *ret_fd, struct diags *diags);

extern const struct diag_code code_migration;

#endif
