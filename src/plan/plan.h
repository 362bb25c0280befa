/*
 * Plan: what has to be done so that the server holds what the manifest says. It is only data. A planner (planner.h)
 * makes it, view/ shows it, and apply/ carries it out.
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
    ACTION_NONE,     /* in sync */
    ACTION_CREATE,   /* the object does not exist yet */
    ACTION_UPDATE,   /* fields differ that can change in place */
    ACTION_MIGRATE,  /* a field differs that cannot: the object is made anew, with all that is in it */
    ACTION_RECREATE, /* and without what is in it */
    ACTION_ADOPT,  /* it exists without an owner: it gets the project's mark, and changes if there are any */
    ACTION_FORGET, /* it stays, and loses the project's mark */
    ACTION_DELETE, /* it is deleted */
    ACTION_REFUSED /* it cannot or must not be done; a diagnostic says why */
};

/* The server that the plan was made against. Strings are "" when unknown. */
struct target {
    uint32_t version; /* VERSION_UNKNOWN: the newest */
    const char *version_text;
    const char *url;
    const char *found; /* who named the URL, as struct server_info has it */
    const char *name;
    const char *cluster; /* only if clustered */
    const char *account;
    const char *account_name, *who; /* as struct server_info has them; NULL: unknown */
    const char *domain;
    bool clustered;
    struct instant now; /* when the server was read, to compute ages */
    const struct node
        *account_info; /* what the account may and has, as $JS.API.INFO says it; NULL: unknown */
};

/* A change as people know it: for a bucket, the bucket's field and values. */
struct shown {
    const struct field *field;
    const struct value *before;
    const struct value *after;
};

/* One field that differs. */
struct change {
    const struct field *field;
    const struct value *before; /* absent if the object is new */
    const struct value *after;
    const struct update_rule *rule; /* for an existing object: the rule for the target's version */
    struct shown shown;
    bool refused;
    bool replaces; /* no server changes it in place, so that the object is made anew */
    bool separate; /* another API request changes it, not the update */
};

/* Messages that a step destroys. */
struct loss {
    bool any;
    bool exact; /* the numbers are exact; otherwise they are the most it could be */
    bool soon;  /* not at once, but within the hour */
    uint64_t messages;
    uint64_t bytes; /* 0: unknown */
    struct srcpos
        at; /* in the manifest, of what destroys them; nowhere: the object is deleted, or it is left out */
    const char *why; /* "'max_msgs' goes from 1000 to 10" */
};

/* Where its restore is tried, before anything is deleted. */
enum rehearsal {
    REHEARSE_NOT,    /* nothing is in it, or the old one stays until the new one is there */
    REHEARSE_BESIDE, /* on the server itself, under another name */
    REHEARSE_APART,  /* on a server of our own, of the same version */
};

/* How an object is made anew, with all that is in it. */
struct replacement {
    bool is_empty;    /* nothing is in it, which is why it may be; apply looks whether that still holds */
    bool by_messages; /* each is published again, with a new time: the server takes no archive of them */
    enum rehearsal rehearsal;
    VEC(const char *) costs; /* what does not stay as it was, each a sentence without its full stop */
};

struct step;
struct holdings;
struct dependency {
    struct step *on;
    bool hard;    /* the server refuses the other order */
    bool dropped; /* it was dropped to break a circle; a hard one only if the plan has no order */
};

/* A subject that a stream gets from another one. The server takes it only when the other has let it go. */
struct takeover {
    const char *subject;
    const struct step *from;
};

struct step {
    enum action action;
    const struct table *table;
    const char *stream; /* the consumer's stream; NULL for a stream */
    const char *name;
    const char *renamed_from;  /* the name that it has on the server yet; NULL: its own */
    const char *label;         /* "stream ORDERS", "consumer ORDERS > billing" */
    struct resource *resource; /* NULL: the manifest does not name the object */
    /* If there is no resource: the stream is shown as such a bucket; NULL: as a stream. */
    const struct bucket_kind *bucket;
    struct srcpos pos;     /* in the manifest */
    struct object *wanted; /* NULL for a delete */
    struct object *live;   /* NULL for a create */
    /* Why ACTION_REFUSED, by the first diagnostic that says so. */
    const struct diag_code *refused;
    const char *refusal;
    bool *keep; /* by row: the live value stays, even if the wanted one differs */
    bool *
        raised; /* by row: what the server has is lower than the default, and not by a limit of its own; NULL: none is */
    VEC(struct change) changes;
    struct stream_state state; /* of a stream that exists */
    VEC(const char *)
    along;          /* of a stream that is deleted: its consumers, by name, as far as they are known */
    bool undecided; /* whether it may be made anew, only consumers' positions tell */
    bool
        positions_known; /* these were asked for: `holdings` has them, and the state of a consumer says how far it has come */
    bool offers_migration; /* it is refused, and other words in the manifest would have it migrated */
    struct replacement *replacement; /* NULL: it is not made anew */
    struct loss loss;
    bool is_rescued; /* what it takes, or may take by the time that it is done, is backed up first */
    VEC(const char *)
    drains; /* work queues that the step takes messages out of, of which it does not keep all */
    /* What the loss was reckoned from: the stream and its retention; and, where these say only what it could be at most, its messages
       and who wants them. NULL: that was not asked. */
    struct stream_state at_stake;
    const char *retention;
    struct holdings *holdings;
    bool queued;       /* a consumer of a work queue */
    bool removes;      /* a deletion that the manifest asks for by name, with its messages */
    bool makes_room;   /* other consumers of the stream wait for this delete */
    bool irreversible; /* no later plan can undo a change */
    bool redelivers;   /* a change makes the server deliver pending messages again */
    uint64_t
        skips; /* messages that a consumer passes by, with its new filters; at most, if not `skips_exactly` */
    bool skips_exactly;
    const char *unknown; /* live fields that natsform does not know, separated by commas; NULL: none */
    /* What is `late`, by row, is done in a second request: when these consumers of the stream are there, or by itself: plan/parts.h. */
    VEC(struct step *) awaits;
    bool *late;
    bool moves; /* what is late is where the stream is, or how many copies it has, and not what it captures */
    struct step *first; /* its first part, which is done before; NULL: it is done at once */
    struct step *whole; /* of a first part: the step */
    VEC(struct takeover) takes;
    VEC(struct dependency) needs;
    size_t index; /* in plan->steps; a first part's comes after those */
    size_t rank;  /* lower ranks are done first; steps of one rank may be done at the same time */
};

struct plan_options {
    bool earlier;    /* against an earlier manifest: planner_see_earlier() */
    bool destroy;    /* plan to delete everything that the manifest names */
    bool named_only; /* what is beside the manifest is not looked for */
    const struct map *
        again; /* by name: the streams to look at, of a manifest that was planned before; NULL: all. planner_part() */
    bool minds_content;            /* for planner_is_news() */
    bool prune;                    /* plan to delete the project's objects that it does not name */
    const char *const *allow_loss; /* names of streams whose messages may be destroyed */
    size_t allow_loss_count;
    const char *const *replaces; /* addresses of objects that are migrated, whatever their `lifecycle` says */
    size_t replace_count;
    bool rehearse; /* what cannot be tried on the server is tried on one of our own */
    const char *const
        *recreates; /* names of streams and buckets that are recreated, and may lose their messages */
    size_t recreate_count;
    bool no_backup;       /* what messages are destroyed is not backed up first */
    const char *revision; /* the manifest's, to be recorded; NULL: none */
    bool picked;          /* what is adopted was named for that: nothing is said of its mark */
    const char *from;     /* what this project owns is to be adopted, too; NULL: nothing of anybody's */
    const struct map
        *strangers; /* of the plan's `doubtful`: what is not the other part's; NULL: nobody has looked */
};

struct plan {
    struct target target;
    const char *project;    /* NULL: none */
    const char *from;       /* the project from which it takes objects over; NULL: none */
    const char *connection; /* the name of the connection, if there are several; NULL: the default one */
    const char *revision;   /* to be recorded on what changes; NULL: none, or the server has no metadata */
    bool destroys;          /* made with the option `destroy` */
    bool backs_up;          /* streams that are to lose messages, before anything is changed */
    VEC(struct step *)
    /* To be done or refused: streams first, by name; then what the manifest does not define. */
    steps;
    VEC(struct step *) firsts; /* first parts of some of them */
    size_t in_sync;            /* number of objects without a difference */
    VEC(const char *)
    undefined; /* labels of objects of the project that are not in the manifest, as far as they were seen */
    VEC(const char *)
    /* Streams that only another account's part of the manifest names, itself or a consumer: two connections may lead to one account. */
    doubtful;
    size_t kept; /* with `destroys`: objects that are not the project's, and stay */
    bool beside; /* all streams of the account were seen, and all consumers of the manifest's own: */
    size_t unowned_streams, unowned_consumers; /* so many without a project's mark, beside the manifest */
    VEC(const char *) unowned;                 /* their labels, where --prune leaves them */
    size_t counts[ACTION_REFUSED + 1];
    size_t ranks;
};

/* Is there nothing to do, and nothing refused? */
bool plan_is_empty(const struct plan *plan);
const char *action_name(enum action action);

#endif
