/*
 * Migrating: something that is made anew, as far as it has come, and what the parts of that have in common. migrate.h says how it is used.
 */
#ifndef APPLY_MIGRATING_H
#define APPLY_MIGRATING_H

#include <stdbool.h>

#include "apply/freeze.h"
#include "apply/journal.h"
#include "apply/lock.h"
#include "apply/restore.h"
#include "apply/standing.h"
#include "base/diag.h"
#include "base/instant.h"
#include "plan/plan.h"
#include "server/api.h"
#include "server/connection.h"
#include "server/server.h"

/* A server of our own, on which a restore can be tried. */
struct rehearsal_server {
    /* Starts one like that, in a folder of its own, which is made, and connects. Returns 0, or -1 with diagnostics. */
    int (*start)(void *context, const char *folder, const struct server_info *like,
                 struct server **ret_server, struct diags *diags);
    /* Ends it, if there is any; its folder stays. */
    void (*stop)(void *context);
    void *context;
};

struct migration {
    struct arena *arena;
    struct server **server; /* may be closed, and replaced by a new connection; NULL if there is none */
    const struct connection_settings *settings;
    const char *journals; /* folder */
    const char *backups;  /* folder */
    struct instant now;
    bool (*interrupted)(void); /* may be NULL */
    struct lock *lock;         /* nothing is deleted when it is lost; NULL: there is none */
    void (*told)(void *context, const char *stream, const char *what); /* "is frozen"; may be NULL */
    void *context;
    bool must_be_empty; /* nobody has allowed it if anything is in it */
    enum rehearsal rehearsal;
    const struct rehearsal_server
        *apart;       /* for REHEARSE_APART, and where there is no room beside it; NULL: none */
    bool by_messages; /* the backup reads each by itself: the server makes no archive that can be used */
    /* its own: */
    struct server *own; /* to try it on, while there is one */
    struct journal journal;
    struct standing standing;
    const struct restore_terms
        *terms;        /* of a rename: whose its consumers are, and what subjects become; else NULL */
    const char *place; /* of the backup */
    uint32_t version;
    bool clustered;
};

/* What became of what a killed run has left open. */
enum recovery {
    RECOVERY_UNDONE, /* the stream is as it was before */
    RECOVERY_DONE,   /* it is made anew, and has its subjects; what else was wanted of it, a plan tells */
    RECOVERY_GONE,   /* somebody has deleted it, or made another one of that name; nothing was done */
};
/* Looks what the server is. */
void migrating_take_version(struct migration *migration);
/* Connects again if the connection is lost. Returns 0, or -1 with diagnostics when half a minute is over, as all of these. */
int migrating_connect_again(struct migration *migration, struct diags *diags);

/* Writes down that this phase is begun. */
int migrating_enter(struct migration *migration, enum journal_phase phase, struct diags *diags);
void migrating_tell(const struct migration *migration, const char *what);
/* Says why the stream is not made anew, or that a request failed: "look at". Both return -1. */
int migrating_refuse(const struct migration *migration, const char *why, struct diags *diags);
int migrating_diagnose(const struct migration *migration, const char *what, const struct api_answer *answer,
                       struct diags *diags);
/* Says that it is open still. Returns -1. */
int migrating_report_open(const struct migration *migration, struct diags *diags);

struct freeze migrating_freeze(const struct migration *migration, const char *stream);
/* INFO of a stream. */
struct api_answer migrating_look(const struct migration *migration, const char *stream);
/* Is it the stream that was there before? Is it one that a run of natsform has made, and not finished? */
bool migrating_is_old(const struct migration *migration, const struct node *info);
bool migrating_is_ours(const struct migration *migration, const char *stream, const struct node *info);
/* Deletes a stream. A request that is cut off is looked after. */
int migrating_delete(const struct migration *migration, const char *stream, struct diags *diags);

/* Waits until nothing moves, of the stream or of the consumer that it is about: migration->standing. */
int migrating_await_still(struct migration *migration, struct diags *diags);
/* Has anything moved since? */
int migrating_has_moved(const struct migration *migration, bool *ret_moved, struct diags *diags);
/* How it is at this moment, the same way. */
int migrating_take_standing(struct migration *migration, struct diags *diags);
/* Freezes the stream, and waits. */
int migrating_hold_still(struct migration *migration, struct diags *diags);
/* Backs it up into a folder of `place`. */
int migrating_back_up_to(const struct migration *migration, const char *place, bool no_consumers,
                         const char **ret_folder, struct diags *diags);
/* The same as often as something has moved meanwhile: journal.backup. */
int migrating_back_up(struct migration *migration, struct diags *diags);
struct restoring migrating_restoring(const struct migration *migration, const char *folder);
/* All that can be known before the deletion: the archive, the room for it, and whether each consumer can go on where it is. */
int migrating_check(const struct migration *migration, struct diags *diags);

/* Undoes what was begun, while nothing was deleted. The journal stays if that fails. */
int migrating_undo(struct migration *migration, struct diags *diags);

#endif
