/*
 * Trials: each state of the rows and each change between them, on a server and in natsform, and what both say compared.
 *
 *     struct trials trials = {.bench = &bench};
 *     rows_walk(&stream_table, trials_add_row, &trials);
 *     trials_check(&trials);
 *
 * natsform runs a few times, however many rows there are.
 */
#ifndef SUPPORT_TRIALS_H
#define SUPPORT_TRIALS_H

#include "base/vec.h"
#include "support/bench.h"

struct trials {
    struct bench *bench; /* which gets the complaints */
    VEC(struct tried_row *) rows;
};

/* A row_visit: adds the row, one time for each of its cases; not the server's own rows. */
void trials_add_row(void *trials, const struct spot *spot);
/* Tries the rows that were added, which are of one table. */
void trials_check(struct trials *trials);

#endif
