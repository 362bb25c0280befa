/*
 * What up_boot() is about to do: shared by up_plan.c, which decides it, and up.c, which does it.
 */
#ifndef DEVENV_UP_MODEL_H
#define DEVENV_UP_MODEL_H

#include "devenv/up.h"

/* One node of the environment. */
struct booting {
    const struct envnode *plan;
    struct upnode *node;
    const struct upnode *before; /* as the state had it; NULL: it is new */
    struct node *config;
    const char *text; /* of its configuration */
    enum up_deed deed;
    const char *why; /* of a reload or restart */
};

struct boot {
    struct booting *nodes;
    size_t count;
    VEC(struct upnode *) gone; /* in the state, and no longer in the environment */
    bool new_certificate;
};

/* Decides, and checks everything that can be checked before something is touched. Returns -1 with diagnostics. */
int up_plan(struct up *up, struct boot *ret_boot, struct diags *diags);

/* Tells the node to read its configuration anew. 0: it did; 1: it would not, *ret_why says why; -1: it ended. */
int up_reload(struct up *up, struct booting *booting, const char **ret_why);

/* Adds the warnings and errors that a node logged since its last start to a diagnostic, as notes. */
void up_note_log(struct up *up, const struct upnode *node, struct diags *diags, struct diag *diag);

/* Is it to be started, whatever was before? */
bool booting_is_fresh(const struct booting *booting);

/*
 * After a failure: stops what was started, and has run again, with the configuration that it had, what ran before. When nothing did, nothing is
 * left. What cannot be taken back is told too.
 */
void up_take_back(struct up *up, struct boot *boot, struct diags *diags);
/* After success: the state has what is there now, and old files go. */
void up_settle(struct up *up, struct boot *boot);

#endif
