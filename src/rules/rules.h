/*
 * Rules: named checks of what the fields of one object cannot tell by themselves. Those of an account look at its
 * streams and consumers, and predict what a server would say; those of servers look at their configurations, and find
 * what `nats-server -t` takes and a start does not (servers.h).
 *
 * A rule is a row in the file that has its function: a code, what the row looks at, the server's answer, the versions it
 * holds for. Each such file has its list of rows, and engine.c asks them all. The world of an account is plain data:
 *
 *     struct rules_world *world = rules_world_new(arena, manifest, version);     the wanted objects, checked and normalised
 *     rules_add_stream(world, name, live);                                       what else the account holds
 *     world->facts = &facts;                                                     what its server and account allow
 *     rules_check(world, diags);
 *
 * Without a server (`validate`) only the first and the last of these are done, and rules that need more find nothing.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"
#include "field/value.h"
#include "manifest/manifest.h"
#include "syntax/node.h"

/*
 * What a row looks at; its function is called for each. Those of an account are of the manifest, known, and not on the
 * server as they are.
 */
enum rule_each {
    EACH_STREAM = 1 << 0,
    EACH_SUBJECT = 1 << 1,  /* of a stream */
    EACH_MIRROR = 1 << 2,   /* of a stream */
    EACH_SOURCE = 1 << 3,   /* of a stream */
    EACH_LIMITED = 1 << 4,  /* stream of an account whose limits are known */
    EACH_CONSUMER = 1 << 5, /* whether its stream is known or not */
    EACH_PAIR = 1 << 6,     /* of a consumer and its stream, where that is known, too */
    EACH_TIER = 1 << 7,     /* of an account's limits */
    EACH_ACCOUNT = 1 << 8,  /* as a whole */
    EACH_SERVER = 1 << 9,   /* of the manifest, by the first of its nodes */
    ALL_SERVERS = 1 << 10,  /* at once */
};
enum { OF_SERVERS = EACH_SERVER | ALL_SERVERS };

/* What there has to be for a row to find anything, of the stream or the consumer that it looks at, or of any in the account. */
enum rule_where {
    WHERE_COPIES = 1 << 0, /* the stream has a mirror or sources */
    WHERE_REPUBLISHES = 1 << 1,
    WHERE_TRANSFORMS = 1 << 2, /* the stream rewrites subjects */
    WHERE_QUEUES = 1 << 3,     /* the stream is a work queue */
    WHERE_LIMITS = 1 << 4,     /* the stream has consumer_limits */
    WHERE_COUNTS = 1 << 5,     /* the stream, or its account, allows so many consumers and no more */
    WHERE_REPLICATES = 1 << 6, /* one of the two has several replicas */
    WHERE_PUSHES = 1 << 7,     /* the consumer has a deliver_subject */
    WHERE_FILTERS = 1 << 8,    /* the consumer has a filter */
    WHERE_BOUNDED = 1 << 9,    /* the account has limits */
    WHERE_BESIDE = 1 << 10,    /* the account has several streams */
    WHERE_JOINS = 1 << 11,     /* the stream has several subjects */
    WHERE_RESERVED = 1 << 12,  /* a subject of the stream begins with '$', or with a wildcard */
};

struct rule_scan;

struct rule {
    const struct diag_code *code;
    unsigned each;    /* enum rule_each */
    unsigned where;   /* enum rule_where: it is asked where one of these is so; 0: everywhere */
    int err_code;     /* the server's error; 0 if it accepts this */
    const char *says; /* its text, or the beginning of it; of servers: what it ends with; NULL: it starts */
    uint32_t since;   /* the first version that answers so; 0: all supported ones */
    uint32_t until;   /* the first version that does not any more; 0: all later ones do */
    bool lasting;     /* also of objects that stay as they are on the server */
    const char *doc;  /* one sentence */
    void (*check)(const struct rule_scan *scan);
};

/* Every rule, in the order in which they are asked; NULL after the last. */
const struct rule *rule_at(size_t index);

/*
 * ---- the limits of an account ----
 * They, and how much of them is used, are as $JS.API.INFO says. If there are tiers, each has its own.
 */

/* Limits of one kind of storage, in bytes. -1 is unlimited. */
struct account_storage {
    int64_t most;
    int64_t stream_most; /* for one stream; 0 and -1: unlimited */
    int64_t reserved;    /* by max_bytes of existing streams */
};

struct account_tier {
    const char *name; /* such as "R3"; "" if there are no tiers */
    int64_t streams_most;
    int64_t consumers_most; /* of one stream */
    int64_t pending_most;   /* max_ack_pending of one consumer; 0 and -1: unlimited */
    bool needs_max_bytes;
    int64_t streams; /* how many exist */
    struct account_storage file;
    struct account_storage memory;
};

struct account {
    VEC(struct account_tier) tiers;
};

/* `info` is the reply. For NULL, the account has no tiers, and nothing is known about it. */
struct account account_read(struct arena *arena, const struct node *info);
/* The tier for streams with so many replicas, or NULL. */
const struct account_tier *account_tier(const struct account *account, int64_t replicas);
/* Does each number of replicas have its own limits? Otherwise one limit holds for all, and each replica counts. */
bool account_is_tiered(const struct account *account);

/* ---- the world of an account ---- */

/* What only a server can tell. */
struct rules_facts {
    bool clustered;
    struct account account;
    bool others_known; /* all streams outside of the manifest that matter to it are in the world */
};

/* A stream or a consumer, as it will be. */
struct rules_object {
    const char *name;
    struct rules_stream *stream;     /* the consumer's stream; for a stream, itself */
    const struct resource *resource; /* NULL: it is on the server, and not in the manifest */
    const struct object *config;     /* normalised; NULL: an external stream that was not read */
    const struct object *live;       /* as the server has it; NULL: it is new, or no server was asked */
    /* It is on the server and stays as it is; the server has accepted it, so no rule refuses it. */
    bool settled;
    /* Instead of a consumer: this stream, which copies from the work queue, and is one to the server. */
    const struct rules_stream *copier;
};

struct rules_stream {
    struct rules_object self;
    VEC(struct rules_object *) consumers; /* wanted ones by name, then live ones */
    size_t mark;                          /* number of the last walk that came here */
    bool told;                            /* its cycle was reported */
};

/* An object with an error. */
struct rules_refusal {
    const struct rules_object *object;
    struct diag *diag;
};

struct rules_world {
    struct arena *arena;
    uint32_t version;                   /* VERSION_UNKNOWN: the newest */
    const struct rules_facts *facts;    /* NULL: there is no server */
    VEC(struct rules_stream *) streams; /* wanted ones by name, then live ones in the order they were added */
    struct map by_name;                 /* to struct rules_stream */
    size_t marks;                       /* walks so far */
    VEC(struct rules_refusal) refused;  /* an object perhaps several times */
};

/* The world points to the manifest's objects. They must have been checked and normalised for the version. */
struct rules_world *rules_world_new(struct arena *arena, const struct manifest *manifest, uint32_t version);
struct rules_stream *rules_find_stream(const struct rules_world *world, const char *name); /* or NULL */
/* Adds a stream that the manifest does not name. */
struct rules_stream *rules_add_stream(struct rules_world *world, const char *name, const struct object *live);

/* Adds a consumer that the manifest does not name. */
struct rules_object *rules_add_consumer(struct rules_world *world, struct rules_stream *stream,
                                        const char *name, const struct object *live);
/* Adds what the copies of work queues are to servers before 2.14: consumers. Called when all streams are there. */
void rules_add_copiers(struct rules_world *world);

/* Reports what each rule of accounts finds. */
void rules_check(struct rules_world *world, struct diags *diags);

#endif
