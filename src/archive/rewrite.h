/*
 * Rewrite: an archive of nats-server 2.15 and newer with fewer messages, or with other subjects. It is read entry by entry, twice: once to count, since
 * the state comes first, and once to write it anew. What is kept has its sequence and its time. What is written is plain frames, which servers
 * read as well as packed ones.
 *
 *     struct rewrite rewrite = {.arena = arena, .backup = &backup, .terms = terms};
 *     if (rewrite_count(&rewrite, diags))
 *         return -1;
 *     struct rewriter *rewriter = rewriter_open(&rewrite, diags);
 *     while (rewriter && (got = rewriter_next(rewriter, piece, sizeof(piece))) > 0)
 *         use(piece, got);
 *     rewriter_close(rewriter);
 */
#ifndef ARCHIVE_REWRITE_H
#define ARCHIVE_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/backup.h"
#include "archive/rename.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/vec.h"

/* Which messages are kept: those of any of the subjects, and from there on; and what becomes of their subjects. */
struct rewrite_terms {
    VEC(const char *) subjects; /* none: all */
    uint64_t from_sequence;
    bool has_time;
    struct instant from_time;
    VEC(struct rename) renames; /* the first that covers a subject counts */
};

/* Do the terms want anything else than the archive as it is? */
bool rewrite_is_wanted(const struct rewrite_terms *terms);

struct rewrite {
    struct arena *arena;
    const struct backup *backup;
    const struct rewrite_terms *terms;
    uint64_t consumer_replicas; /* no consumer gets more; 0: all keep theirs */
    bool is_memory;             /* the storage of the stream that is made of it, for its bytes */
    /* set by rewrite_count(): */
    uint64_t messages, bytes, renamed;
    uint64_t first_seq, last_seq; /* the last one is that of the stream, also where its message is left out */
    struct instant first_time;
    const char
        *torn_consumer; /* with a filter that rewrite_filter() has no answer for; NULL: there is none */
    const char *torn_filter;
};

/* Returns 0, or -1 with diagnostics: the archive is damaged. */
int rewrite_count(struct rewrite *rewrite, struct diags *diags);

struct rewriter;
/* NULL with a diagnostic. */
struct rewriter *rewriter_open(const struct rewrite *rewrite, struct diags *diags);
/* Up to `most` bytes of the new archive; 0 at its end; -1 with a diagnostic. */
int64_t rewriter_next(struct rewriter *rewriter, char *data, size_t most);
void rewriter_close(struct rewriter *rewriter);

/*
 * What a rename makes of the filter of a consumer, or of a subject of the stream. NULL: of what it matches, some is renamed and some is not, so that
 * no filter is the same.
 */
const char *rewrite_filter(struct arena *arena, const struct rewrite_terms *terms, const char *filter);
/* The same for all filters of a consumer's configuration. What has no answer stays. */
void rewrite_consumer(struct arena *arena, const struct rewrite_terms *terms, struct node *config);
/* It gets no more replicas than that; 0: as many as it has. */
void rewrite_replicas(struct arena *arena, uint64_t most, struct node *config);

#endif
