/*
 * Batch: advisories that came shortly after each other, by what they are about. What one message tells of a deed and the other of who did
 * it becomes one.
 */
#ifndef SERVER_BATCH_H
#define SERVER_BATCH_H

#include "base/map.h"
#include "base/vec.h"
#include "server/advisory.h"

/* An object, and what became of it. */
struct touched {
    const char *stream, *consumer; /* as in struct advisory */
    enum deed deed;                /* never DEED_PUT, once the batch is whole */
    bool announced;                /* said without who did it */
    bool audited;                  /* and said who did it */
    bool is_ephemeral;
    struct client_told by;
    size_t before; /* what became of the object before: its place in the list, and 1; 0: nothing */
};

struct batch {
    struct arena arena;
    VEC(struct touched) list;  /* in the order of what was heard */
    struct map last;           /* of each object: the place in the list of what became of it last, and 1 */
    int64_t first_ms, last_ms; /* when its first and last advisory came; clock_ms() */
    bool is_full;              /* there were more than it takes */
};

enum { BATCH_MOST = 10000 };

void batch_reset(struct batch *batch);
void batch_release(struct batch *batch);
/*
 * Adds a copy. If it completes something of `earlier`, which was told already, that is noted there, and it is left out.
 */
void batch_add(struct batch *batch, struct batch *earlier, const struct advisory *advisory, int64_t now_ms);
/* No more is to be waited for. */
void batch_end(struct batch *batch);

#endif
