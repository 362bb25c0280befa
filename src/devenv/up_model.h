/*
 * Up model: what up_boot() is going to do. up_plan.c decides it, up_boot.c does it, and up_back.c undoes it after a failure.
 */
#ifndef DEVENV_UP_MODEL_H
#define DEVENV_UP_MODEL_H

#include "devenv/up.h"

/* One node of the environment. */
struct booting {
    const struct envnode *plan;
    struct upnode *node;
    const struct upnode *before; /* as it was in the state; NULL: it is new */
    struct node *config;
    const char *text; /* of its configuration */
    enum up_deed deed;
    const char *why; /* the reason of a reload or restart */
};

struct boot {
    struct booting *nodes;
    size_t count;
    VEC(struct upnode *) gone; /* in the state, but no longer in the environment */
    bool new_certificate;
    bool is_scattered; /* it is ready, but members of a cluster do not know each other */
    bool
        is_outdated; /* a server that ran when this was planned has ended since, so that it is to be planned anew */
};

/* Decides what to do, and checks all that can be checked before anything is touched. Returns 0, or -1 with diagnostics. */
int up_plan(struct up *up, struct boot *ret_boot, struct diags *diags);

/*
 * Waits until each node of the state answers or is known to be gone. Returns 0, or -1 with code_no_answer for each that
 * does neither.
 */
int up_await_answers(struct up *up, struct diags *diags);
/* Does the node answer anything within `most_ms`? */
bool up_answers(const struct up *up, const struct upnode *node, int64_t most_ms);
/* Reports that a node does not answer, and `what` that means. Returns -1. */
int up_no_answer(const struct up *up, const struct upnode *node, const char *what, struct diags *diags);
/* How long to wait for a server to do what it was told, in ms. */
int64_t up_patience(const struct up *up);

enum up_reloaded {
    RELOAD_DONE,
    RELOAD_REFUSED, /* *ret_why is the reason */
    RELOAD_ENDED,   /* the server is certainly gone */
    RELOAD_SILENT,  /* the server does not answer, and may still reload at any time */
};

/* Tells the node to read its configuration again, and waits for the result. */
enum up_reloaded up_reload(struct up *up, struct booting *booting, const char **ret_why);

/* Adds notes to a diagnostic: the warnings and errors in the node's log since its last start. */
void up_note_log(struct up *up, const struct upnode *node, struct diags *diags, struct diag *diag);

/* Has it to be started, either because it does not run or again after a stop? */
bool booting_is_fresh(const struct booting *booting);

/*
 * After a failure: stops what was started, and starts what ran before again, with its old configuration. If nothing ran
 * before, nothing is left. Problems with this are reported too.
 */
void up_take_back(struct up *up, struct boot *boot, struct diags *diags);
/* After success: writes the state, and removes old configurations. */
void up_settle(struct up *up, struct boot *boot);

#endif
