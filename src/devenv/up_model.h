/*
 * What up_boot() is about to do: shared by up_plan.c, which decides it, and up_boot.c, which does it.
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

/* Waits until each node of the state answers or is known to be gone. Returns 0, or -1 with code_no_answer for each that does neither. */
int up_await_answers(struct up *up, struct diags *diags);
/* Does it answer anything at all within `most_ms`? */
bool up_answers(const struct up *up, const struct upnode *node, int64_t most_ms);
/* Says that it does not, and `what` follows from that. Returns -1. */
int up_no_answer(const struct up *up, const struct upnode *node, const char *what, struct diags *diags);
/* How long a server may take to do what is wanted of it, in ms. */
int64_t up_patience(const struct up *up);

enum up_reloaded {
    RELOAD_DONE,
    RELOAD_REFUSED, /* *ret_why says why */
    RELOAD_ENDED,   /* it is known to be gone */
    RELOAD_SILENT,  /* it does not answer, and may reload at any time */
};

/* Tells the node to read its configuration anew. */
enum up_reloaded up_reload(struct up *up, struct booting *booting, const char **ret_why);

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
