/*
 * Plan: what has to be done so that the server holds what the manifest says. Pure data: no I/O, no clock.
 *
 * Made by a planner (planner.h), shown by view/, carried out by apply/.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/instant.h"
#include "base/vec.h"
#include "field/value.h"
#include "manifest/manifest.h"
#include "server/live_object.h"

enum action {
    ACTION_NONE,   /* in sync */
    ACTION_CREATE, /* is not there yet */
    ACTION_UPDATE, /* differs in fields that can change in place */
    ACTION_ADOPT,  /* is there without an owner: gets the project's mark, and the changes if there are any */
    ACTION_FORGET, /* stays, and loses the project's mark */
    ACTION_DELETE, /* is to go */
    ACTION_REFUSED /* cannot or must not be done; a diagnostic says why */
};

/* The server that the plan was made against. Strings are "" when unknown. */
struct target {
    uint32_t version; /* VERSION_UNKNOWN: the newest */
    const char *version_text;
    const char *url;
    const char *name;
    const char *cluster; /* meaningful when clustered */
    const char *account;
    const char *domain;
    bool clustered;
    struct instant now; /* the moment of reading, for ages */
    const struct node
        *account_info; /* what the account may and has, as $JS.API.INFO says it; NULL: unknown */
};

/* A change as people know it: of a bucket, its own field and values. */
struct shown {
    const struct field *field;
    const struct value *before;
    const struct value *after;
};

/* One field that differs. */
struct change {
    const struct field *field;
    const struct value *before; /* absent when the object is new */
    const struct value *after;
    const struct update_rule *rule; /* of an existing object: the rule that holds for the target */
    struct shown shown;
    bool refused;
    bool separate; /* goes through an API request of its own */
};

/* Messages that a step destroys. */
struct loss {
    bool any;
    bool exact; /* are the numbers exact, or the most it could be? */
    bool soon;  /* not at once, but within the hour */
    uint64_t messages;
    uint64_t bytes;  /* 0 when unknown */
    const char *why; /* "'max_msgs' goes from 1000 to 10" */
};

struct step;
struct dependency {
    struct step *on;
    bool hard;    /* the server would refuse the other order */
    bool dropped; /* to break a circle: a soft one, or a hard one of a plan that has no order */
};

struct step {
    enum action action;
    const struct table *table;
    const char *stream; /* of a consumer; NULL for a stream */
    const char *name;
    const char *label;                /* "stream ORDERS", "consumer ORDERS > billing" */
    struct resource *resource;        /* NULL for what the manifest does not name */
    const struct bucket_kind *bucket; /* then: what the stream is shown as; NULL: as it is */
    struct srcpos pos;                /* in the manifest */
    struct object *wanted;            /* NULL for a delete */
    struct object *live;              /* NULL for a create */
    bool *keep;                       /* by row: the live value stays though the wanted one differs */
    VEC(struct change) changes;
    struct stream_state state; /* of a stream that is there */
    struct loss loss;
    bool makes_room;     /* a delete that other consumers of the stream wait for */
    bool irreversible;   /* a change that no later plan can undo */
    bool redelivers;     /* a change that delivers pending messages again */
    const char *unknown; /* live fields that natsform does not know, by commas; NULL when there are none */
    VEC(struct dependency) needs;
    size_t index; /* in plan->steps */
    size_t rank;  /* steps of one rank may run at once; lower ranks first */
};

struct plan_options {
    bool earlier;                  /* against an earlier manifest: planner_see_earlier() */
    bool destroy;                  /* plan the deletion of everything that the manifest names */
    bool prune;                    /* and of the project's objects that it does not name */
    const char *const *allow_loss; /* names of streams whose messages may be destroyed */
    size_t allow_loss_count;
    const char *revision; /* that the manifest is from, to be recorded; NULL: none */
};

struct plan {
    struct target target;
    const char *project;    /* NULL when there is none */
    const char *connection; /* its name, of a plan for one account of several; NULL: the default one */
    const char *revision;   /* to be recorded on what changes; NULL: none, or the server has no metadata */
    bool destroys;          /* made with the option `destroy` */
    VEC(struct step *)
    steps;            /* to be done or refused; streams first, by name; the same of what is not defined */
    size_t in_sync;   /* objects without a difference */
    size_t undefined; /* of the project, not in the manifest, and seen by chance */
    size_t kept;      /* of a plan that destroys: objects that are not the project's, and stay */
    size_t counts[ACTION_REFUSED + 1];
    size_t ranks;
};

/* Anything to do or refused? */
bool plan_is_empty(const struct plan *plan);
const char *action_name(enum action action);

#endif
