/*
 * Contents: what both formats of an archive are read into, and checked against.
 */
#ifndef ARCHIVE_CONTENTS_H
#define ARCHIVE_CONTENTS_H

#include "archive/backup.h"
#include "archive/s2.h"

/*
 * A whole archive of each format, out of the reader. Returns 0, or -1 with the scan's fault. `taker` may be NULL; if it wants no more, there is
 * no fault.
 */
int arc_verify(struct scan *scan, struct s2_reader *reader, const struct backup *backup,
               const struct backup_taker *taker, struct backup_contents *contents);
int tar_verify(struct scan *scan, struct s2_reader *reader, const struct backup *backup,
               struct backup_contents *contents);

/*
 * ---- a stream's state ----
 */

struct stream_state {
    uint64_t messages, bytes, first_seq, last_seq, consumers;
    const char *first_time, *last_time; /* "": there is none */
};

/* Reads it, and whether its numbers go together, as a server would. `where` is the file. */
int contents_state(struct scan *scan, const struct node *node, const char *where,
                   struct stream_state *ret_state);

/* Adds a consumer, which may be there once. */
int contents_add_consumer(struct scan *scan, struct backup_contents *contents,
                          const struct backup_consumer *consumer);

/* Reads a text of JSON that was taken out of an archive. NULL with a fault. */
struct node *contents_json(struct scan *scan, struct arena *arena, const char *text, size_t length,
                           const char *where);

/*
 * ---- subjects ----
 * How many messages each has. Only so many different ones are counted that memory stays within bounds.
 */

struct subjects;
struct subjects *subjects_new(void);
void subjects_free(struct subjects *const *subjects);
void subjects_count(struct subjects *subjects, const char *name);
/* The most frequent ones go to the contents, in an arena that outlives them. */
void subjects_tell(const struct subjects *subjects, struct arena *arena, struct backup_contents *contents);

#endif
