/*
 * Bench: natsform's word against a server's deed, for an object under test.
 *
 *     struct bench bench;
 *     bench_start(&bench, server, ROW_CASES(cases), false);
 *     rows_walk(&stream_table, check_row, &bench);       or all rows at once: support/trials.h
 *     bench_end(&bench);                                 fails the test when anything was complained of
 */
#ifndef SUPPORT_BENCH_H
#define SUPPORT_BENCH_H

#include "base/strbuf.h"
#include "support/config.h"
#include "support/rows.h"
#include "support/run.h"
#include "support/word.h"

struct bench {
    const struct server_fixture *server;
    uint32_t version;
    bool clustered;
    struct row_cases cases;
    const char *directory;
    size_t rows, states, changes; /* checked so far */
    struct strbuf complaints;
};

/* Makes the streams that are there all the time. */
void bench_start(struct bench *bench, const struct server_fixture *server, struct row_cases cases,
                 bool clustered);
void bench_end(struct bench *bench);

void bench_complain(struct bench *bench, const struct spot *spot, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- natsform's word ---- */

enum word {
    WORD_PLANNED,
    WORD_NOTHING, /* the plan is empty */
    WORD_REFUSED,
    WORD_UNSUPPORTED,
    WORD_OTHER,
};

struct verdict {
    enum word word;
    struct node *changed; /* the plan's list of fields, or NULL */
    const char *err;      /* what natsform said */
};

const char *word_text(enum word word);
struct verdict bench_verdict(const struct wanted *planned);
/* What natsform says to a manifest with the object in that configuration. */
struct verdict bench_ask(const struct bench *bench, const struct spot *spot, const struct node *config);
struct run bench_apply(const struct bench *bench, const struct spot *spot, const struct node *config);
/* Does a plan fail with that code, for the manifest alone? */
bool bench_rejects(const struct bench *bench, const struct spot *spot, const struct node *config,
                   const char *code);

/* ---- the server's deed: the object under test by raw requests ---- */

const char *bench_stream(const struct spot *spot);
const char *bench_consumer(const struct spot *spot); /* NULL: it is a stream */
/* In a cluster it waits until the object has a leader, as those that write do after it. */
struct raw_reply bench_info(const struct bench *bench, const struct spot *spot);
void bench_forget(const struct bench *bench, const struct spot *spot);
struct raw_reply bench_create(const struct bench *bench, const struct spot *spot, const struct node *config);
struct raw_reply bench_update(const struct bench *bench, const struct spot *spot, const struct node *config);

/* Left out, the server's own choice stays as it is: is nothing planned, whatever is there? */
bool bench_leaves(const struct spot *spot, const struct node *after);
/* Is the word right, when the deed led to `after` or, if not `kept`, did not? */
bool bench_agrees(const struct spot *spot, const struct verdict *verdict, const struct raw_reply *deed,
                  bool kept, const struct node *after);

#endif
