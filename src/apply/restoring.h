/*
 * Restoring: a stream that is made of a backup, as far as it has come, and what the parts of that have in common. restore.h says how it is used.
 */
#ifndef APPLY_RESTORING_H
#define APPLY_RESTORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply/restore_terms.h"
#include "archive/backup.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/vec.h"
#include "server/api.h"
#include "server/server.h"

/* A stream of so many bytes, or more, with several replicas is restored as one replica, which then gets the others. */
#define RESTORE_LARGE (64ULL * 1024 * 1024)

struct restoring {
    struct arena *arena;
    struct server *server;
    const char *folder;
    const char *name;                  /* of the stream; NULL: as it was called */
    const struct restore_terms *terms; /* NULL: as it was */
    /* Of a stream that is made anew: its configuration, whatever the backup and the terms say; NULL: it is not that. */
    const struct node *exact;
    bool replaces;   /* the stream is still there, and is deleted in between */
    bool lacks_room; /* of the account; set by restore_plan() */
    bool is_trial;   /* all of that server goes afterwards, so that nothing has to be taken away */
    bool lets_go;    /* by its retention, what its consumers are done with goes at once */
    struct instant now;
    bool (*interrupted)(void);
    void (*progress)(void *context, uint64_t bytes); /* may be NULL */
    void *context;
    /* set by restore_plan(): */
    struct backup backup;
    struct backup_contents contents;
    VEC(const struct node *)
    anew;                /* INFO of consumers that the archive lacks: they are made from where they were */
    struct node *config; /* as it will be */
    /* The same, and frozen: as it is sent, so that nobody publishes to it before its consumers are there; NULL: that does not matter. */
    struct node *frozen;
    struct rewrite rewrite;
    bool rewrites;                /* the archive is sent with fewer messages, or other subjects */
    uint64_t messages, bytes;     /* that are sent */
    uint64_t first_seq, last_seq; /* of the stream */
    bool loses_marks;             /* of an owner: the server has no place for them */
    uint64_t replicas_later;      /* it is restored with one, and gets so many then; 0: at once */
    /* The stream is there, with just these messages: a run that was killed has restored it. Only consumers may be missing. */
    bool is_there;
    /* The server keeps nothing of an archive in memory: the messages are published again, with new times. */
    bool by_messages;
    bool is_left; /* a run that was killed has left a part of the stream, which goes first */
    bool is_seen; /* and others see that, and could publish there meanwhile */
    /* set by restore_stream(): */
    const struct node *state; /* of the stream that is there now */
};

/* The name of the stream that is made. */
const char *restore_name(const struct restoring *restoring);
/* A request, and its outcome. */
struct api_answer restore_ask(const struct restoring *restoring, const char *verb, const char *name,
                              const char *body, const char *type);
/* Why it is not restored, with a hint (NULL: none), or that a request failed: "look for stream". Both return -1. */
int restore_refuse(const struct restoring *restoring, struct diags *diags, const char *why, const char *hint);
int restore_diagnose(const struct restoring *restoring, struct diags *diags, const char *what,
                     const struct api_answer *answer);
/* Waits until stream and consumers are what was restored, read back. Returns 0, or -1 with what is not. */
int restore_settled(struct restoring *restoring, struct diags *diags);
/* Takes away what a restore that failed has left, if it is certainly that. */
void restore_take_away(const struct restoring *restoring, struct diags *diags);
/* Makes a consumer's configuration fit to be sent, with the marks that the terms want. Returns whether these change any. */
bool restore_own(const struct restoring *restoring, const char *consumer, struct node *config);

#endif
