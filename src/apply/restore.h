/*
 * Restore: streams with their consumers out of backups. First everything is looked at that can be known before: the archive, byte by
 * byte, whether the server can read it, and whether the stream and its room are free. Then the archive is sent, and what the server has made
 * of it is read back and compared: some servers say yes and keep nothing.
 *
 *     struct restoring restoring = {.arena = …, .server = …, .folder = "backups/ORDERS", .name = NULL};
 *     if (restore_plan(&restoring, diags))
 *         return -1;
 *     … show restoring, ask …
 *     failed = restore_stream(&restoring, diags);
 */
#ifndef APPLY_RESTORE_H
#define APPLY_RESTORE_H

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
    struct rewrite rewrite;
    bool rewrites;                /* the archive is sent with fewer messages, or other subjects */
    uint64_t messages, bytes;     /* that are sent */
    uint64_t first_seq, last_seq; /* of the stream */
    bool loses_marks;             /* of an owner: the server has no place for them */
    uint64_t replicas_later;      /* it is restored with one, and gets so many then; 0: at once */
    /* The stream is there, with just these messages: a run that was killed has restored it. Only consumers may be missing. */
    bool is_there;
    /* set by restore_stream(): */
    const struct node *state; /* of the stream that is there now */
};

/* Verifies the backup, and whether this server can take it. Nothing is changed. Returns 0, or -1 with diagnostics. */
int restore_plan(struct restoring *restoring, struct diags *diags);

/*
 * Returns 0 when the stream is there with all its messages and consumers. Otherwise -1 with diagnostics; what was made of it is taken away
 * again if it is certainly that.
 */
int restore_stream(struct restoring *restoring, struct diags *diags);

/*
 * ---- for the parts of a restore ----
 */

/* The name of the stream that is made. */
const char *restore_name(const struct restoring *restoring);
/* A request, and its outcome. */
struct api_answer restore_ask(const struct restoring *restoring, const char *verb, const char *name,
                              const char *body, const char *type);
/* Makes a consumer's configuration fit to be sent, with the marks that the terms want. Returns whether these change any. */
bool restore_own(const struct restoring *restoring, const char *consumer, struct node *config);
/* Does a consumer that is made anew keep its policy? Else it begins at its start sequence. See restore_consumers.c. */
bool restore_moves(const struct restoring *restoring, const struct node *consumer);

/* The sequence from which a consumer that is made anew goes on; 0: from where its policy says. */
uint64_t restore_start(const struct node *consumer);

#endif
