/*
 * Rows as test data: for each row of the field tables, states that an object may be in, as maps in the wire's units.
 *
 * States follow from the row's type; where the row needs company or its type says too little, a case has them:
 *
 *     {"consumer.backoff", "max_deliver: 5", {"", "backoff: [1000000000, 2000000000]"}}
 *
 * Everything lives in test_arena().
 */
#ifndef SUPPORT_ROWS_H
#define SUPPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "field/field.h"
#include "syntax/node.h"

/* The objects under test (of several, each has a number behind these words), and the streams that are there all the time. */
#define ROW_STREAM "ROW"
#define ROW_HOME "HOME" /* the stream of the consumer under test; subjects home.> */
#define ROW_CONSUMER "row"
#define ROW_ORIGIN "ORIGIN" /* to mirror and to source from; subjects origin.> */
#define ROW_OTHER "OTHER"   /* another one; subjects other.> */
#define ROW_CLUSTER "rows"  /* the name of the cluster, where there is one */

enum { ROW_STATES_MOST = 8 };

struct row_case {
    const char *path; /* of the row: "stream.mirror.name" */
    const char *base; /* fields that the object has in all states, beyond the usual ones; NULL: none */
    /* Members of the map that the row is in. None: the states that follow from the row's type. */
    const char *states[ROW_STATES_MOST];
};

struct row_cases {
    const struct row_case *list;
    size_t count;
};

#define ROW_CASES(array) ((struct row_cases){(array), sizeof(array) / sizeof((array)[0])})

/* The first case of the row, or the next one after `last`; NULL when there is none. */
const struct row_case *row_case_next(struct row_cases cases, const char *path, const struct row_case *last);
/* Fails the test when a case names no row, or leaves out one of the choices of a row whose states it writes out. */
void row_cases_check(struct row_cases cases);

/* A row, and the rows above it up to the object's own. */
struct spot {
    const struct table *table; /* of the object: stream_table or consumer_table */
    const struct field *field;
    const struct spot *above; /* NULL: a field of the object itself */
    const char *path;
    unsigned number; /* of the object under test, where several stand side by side; 0: it is the only one */
};

bool spot_is_stream(const struct spot *spot);
const struct field *spot_top_field(const struct spot *spot);
/* The object's fields in all states of a case; `row_case` may be NULL. */
struct node *spot_base(const struct spot *spot, const struct row_case *row_case);
/* The part of the object that has those members at the spot. */
struct node *spot_state(const struct spot *spot, const char *members);
/* The states of the case, or of the row's type; the number of them: below 2 when the type says too little. */
size_t spot_states(const struct spot *spot, const struct row_case *row_case, const char **ret_states);
/* A member with a typical value of the row's type; NULL when there is none. `which` is 0 or 1. */
const char *spot_member(const struct spot *spot, int which);

/*
 * Objects stand side by side when nothing that they call their own is the same: in names and subjects, the words ROW and row
 * get the spot's number, so that "copy.row" is "copy.row17", and lose it again in what a server or natsform says of them.
 */
const char *spot_own_text(const struct spot *spot, const char *text);
const char *spot_common_text(const struct spot *spot, const char *text);
struct node *spot_own(const struct spot *spot, const struct node *node);
struct node *spot_common(const struct spot *spot, const struct node *node);

/* Visits every row that is on the wire, also of the objects below. The spots stay. */
typedef void row_visit(void *context, const struct spot *spot);
void rows_walk(const struct table *table, row_visit *visit, void *context);

#endif
