/*
 * Backups: what the nats CLI and natsform write of a stream, on the disk. A folder for each stream, with the answer to the snapshot's request
 * (`config` and `state`) in backup.json, and what the server sent beside it: stream.arc.s2 from nats-server 2.15 on, stream.tar.s2
 * from those before. natsform.json is natsform's own, and written last; the CLI ignores it.
 *
 *     struct backup backup;
 *     struct backup_contents contents;
 *     if (backup_open(arena, folder, &backup, diags) || backup_verify(arena, &backup, &contents, diags))
 *         return -1;
 *
 * Names in a backup are whatever somebody wrote there: they are shown as any text of a server is, and never become paths.
 */
#ifndef ARCHIVE_BACKUP_H
#define ARCHIVE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/vec.h"
#include "syntax/node.h"

#define BACKUP_META "backup.json"
#define BACKUP_TAR "stream.tar.s2"
#define BACKUP_ARC "stream.arc.s2"
#define BACKUP_OWN "natsform.json"
/* In a folder that a run writes to, and locked while it does; and in each stream's until that is whole. */
#define BACKUP_UNFINISHED ".natsform-unfinished"

/* The version of natsform.json's form. Those of the first one, which are read as well, have another digest (digest.h). */
#define BACKUP_FORMAT_VERSION 2

/* What a backup's folder says of itself. */
struct backup {
    const char *folder;
    const char *stream;
    const char *server_version; /* NULL: not known */
    const char *archive;        /* its path */
    const char *meta_text;      /* of backup.json */
    uint64_t meta_bytes;
    bool is_new_format; /* NATSARC1, which servers before 2.15 cannot read; else a tar */
    bool is_copy;   /* natsform's own, message by message, of a server that made no archive of the stream */
    bool is_edited; /* by `nats backup edit`: the state inside is an earlier one */
    const struct node *config; /* of backup.json */
    const struct node *state;
    const struct node *own; /* natsform.json; NULL: the backup is not natsform's, or unfinished */
};

struct backup_consumer {
    const char *name;
    bool is_in_archive; /* else natsform.json alone has it, and a restore makes it anew */
    uint64_t delivered; /* the stream's sequences */
    uint64_t ack_floor;
    uint64_t pending;  /* delivered and not acknowledged */
    uint64_t replicas; /* of its own; 0: as many as the stream */
    /* It had come further than the archive says: in a cluster, servers from 2.15 on put one with messages outstanding back to its floor. */
    bool goes_back;
};

struct backup_subject {
    const char *name;
    uint64_t messages;
};

/* What is in the archive. */
struct backup_contents {
    uint64_t messages, bytes; /* those of the old format as the server counted them, see `missing` */
    uint64_t first_seq,
        last_seq; /* of the stream when it was backed up; the last one is known of an empty stream, too */
    const char *first_time, *last_time; /* of messages; "": there are none */
    uint64_t missing;                   /* messages fewer than the server counted when the backup began */
    VEC(struct backup_consumer) consumers;
    VEC(struct backup_subject) subjects; /* those with most messages, of the new format only */
    uint64_t subject_count;              /* of different ones, as far as they were counted */
    bool subjects_are_all;               /* there are not more than memory is spent on */
    uint64_t archive_bytes;              /* of the file */
    const char *digest;                  /* of the file; "": nobody wanted it */
    uint64_t uncovered;                  /* of these in padding, which no checksum covers */
};

/*
 * The folder, if it is a backup; else the backups in it, by name, as `nats backup account` makes them. Returns 0, or -1 with
 * code_no_backup.
 */
struct backup_folders {
    VEC(const char *) list;
};
int backup_find(struct arena *arena, const char *folder, struct backup_folders *ret_folders,
                struct diags *diags);

/* Reads the two JSON files, and finds the archive. Returns 0, or -1 with a diagnostic. */
int backup_open(struct arena *arena, const char *folder, struct backup *ret_backup, struct diags *diags);

/*
 * Reads the whole archive, and checks all that can be checked: checksums, order, counts, names, and natsform.json's digest. The memory that
 * this takes does not depend on how many messages there are. Returns 0, or -1 with one diagnostic: the first thing that is wrong.
 */
int backup_verify(struct arena *arena, const struct backup *backup, struct backup_contents *ret_contents,
                  struct diags *diags);

/* Adds those that the archive left out, as servers do with some: natsform.json has a list of what they were. */
void backup_add_left_out(struct arena *arena, const struct node *consumers, struct backup_contents *contents);

struct backup_message {
    const char *subject;
    uint64_t sequence; /* not 0, and rising */
    int64_t time;      /* nanoseconds since 1970 */
    const char *headers, *data;
    size_t headers_length, data_length;
};

/* Takes the next message, which stays as it is until the function returns. Not 0: it wants no more, and has reported why. */
struct backup_taker {
    int (*take)(void *context, const struct backup_message *message);
    void *context;
};

/* Reads an archive of the new form once more, and hands each message out. Returns 0, or -1 with diagnostics. */
int backup_messages(struct arena *arena, const struct backup *backup, const struct backup_taker *taker,
                    struct diags *diags);

extern const struct diag_code code_backup_damaged;
extern const struct diag_code code_no_backup;

#endif
