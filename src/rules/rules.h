/*
 * Rules: named checks between the objects of an account, each of which predicts what a server would say.
 *
 * A rule is a row: its code (the name and the level are the code's, in base/codes.c), the server's answer that it predicts,
 * the versions it holds for, and a function that looks at a world. A world is plain data:
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

#include "base/diag.h"
#include "base/map.h"
#include "base/vec.h"
#include "field/value.h"
#include "manifest/manifest.h"
#include "rules/account.h"

/* What only a server can tell. */
struct rules_facts {
    bool clustered;
    struct account account;
    bool others_known; /* streams outside the manifest were asked for, as far as they matter to it */
};

/* A stream or a consumer, as it will be. */
struct rules_object {
    const char *name;
    struct rules_stream *stream;     /* of a consumer; of a stream it is the stream itself */
    const struct resource *resource; /* NULL: on the server, and not in the manifest */
    const struct object *config;     /* normalised; NULL: an external stream that has not been read */
    const struct object *live;       /* as the server has it; NULL: it is new, or no server was asked */
    bool settled; /* it is on the server and stays as it is: what the server took is not refused */
};

struct rules_stream {
    struct rules_object self;
    VEC(struct rules_object *) consumers; /* wanted ones by name, then live ones */
    size_t mark;                          /* of a walk */
    bool told;                            /* its cycle has been reported */
};

struct rules_world {
    struct arena *arena;
    uint32_t version;                   /* VERSION_UNKNOWN: the newest */
    const struct rules_facts *facts;    /* NULL: there is no server */
    VEC(struct rules_stream *) streams; /* wanted ones by name, then live ones in the order they were added */
    struct map by_name;                 /* to struct rules_stream */
    size_t marks;                       /* walks so far */
    VEC(const struct rules_object *) refused; /* what errors were found with, perhaps several times */
};

/* Everything is referenced, not copied. The manifest's objects must be checked and normalised for the version. */
struct rules_world *rules_world_new(struct arena *arena, const struct manifest *manifest, uint32_t version);
struct rules_stream *rules_find_stream(const struct rules_world *world, const char *name); /* or NULL */
/* A stream that the manifest does not name. */
struct rules_stream *rules_add_stream(struct rules_world *world, const char *name, const struct object *live);

/* Reports what each rule finds. */
void rules_check(struct rules_world *world, struct diags *diags);

struct rule_scan;

struct rule {
    const struct diag_code *code;
    int err_code;     /* the server's answer; 0 for what it accepts */
    const char *says; /* its text, or the beginning of it */
    uint32_t since;   /* first version that it holds for; 0: all supported ones */
    uint32_t until;   /* first version that it no longer holds for; 0: it still does */
    const char *doc;  /* one sentence */
    void (*check)(struct rule_scan *scan);
};

/* Every rule, in the order in which they are asked. */
extern const struct rule rules[];
extern const size_t rule_count;

#endif
