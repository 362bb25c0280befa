/*
 * Condition: how each object of an account is doing: whether it is as the manifest says, has its replicas, and gets what it copies.
 */
#ifndef PLAN_CONDITION_H
#define PLAN_CONDITION_H

#include "manifest/manifest.h"
#include "plan/plan.h"
#include "server/census.h"

struct condition {
    const struct table *table;             /* its kind, as people know it */
    const char *stream;                    /* of a consumer, and of a copy; NULL for a stream */
    const char *name;                      /* as people know it; of a copy, the stream that is copied */
    const char *wire_name;                 /* as the server knows it */
    const struct stream_census *of;        /* the stream */
    const struct consumer_state *consumer; /* NULL: it is none */
    const struct copy_state *copy;         /* NULL: it is none */
    const char *drift; /* "in sync", "missing", "changed", …; NULL: there is no manifest, or it is a copy */
    const char *fields;      /* that are changed, by commas; "" */
    const struct step *step; /* that would put it right; NULL: none */
    const char *trouble;     /* apart from that, such as "no leader"; NULL: none */
    bool is_problem;
};

struct conditions {
    VEC(struct condition) streams, consumers, copies; /* problems first; then by name */
    size_t problems;
    size_t others; /* steps of the plan for objects that are in none of the lists; counted as problems */
};

/* `plan` may be NULL: then there is no manifest. Everything references the census. */
void conditions_find(struct arena *arena, const struct census *census, const struct manifest *manifest,
                     const struct plan *plan, struct conditions *ret_conditions);

/* What census_read() is to ask for: what the manifest names, and what the plan wants to be rid of. */
void conditions_want(struct arena *arena, struct census *census, const struct manifest *manifest);

#endif
