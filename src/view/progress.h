/*
 * Progress of an apply: on a terminal one line that is redrawn, elsewhere a line for each change.
 */
#ifndef VIEW_PROGRESS_H
#define VIEW_PROGRESS_H

#include "apply/apply.h"
#include "view/style.h"

enum { PROGRESS_LINES_MOST = 200 }; /* after so many lines, only failures get one */

struct progress {
    struct style style;
    size_t ended;
};

/* A callback of the type apply_progress; its context is a struct progress. */
void progress_step(void *context, const struct plan *plan, const struct step *step, enum outcome outcome);
/* Ends a line that is being redrawn. */
void progress_end(const struct progress *progress);

/* Waiting for another run: on a terminal one line that is redrawn, elsewhere a line that is printed once. */
struct progress_wait {
    struct style style;
    bool said;
};

/* The callback `waiting` of struct lock_options; its context is a struct progress_wait. */
void progress_waiting(void *context, const char *holder, int64_t waited_ms);
/* Clears the line on a terminal. */
void progress_waited(const struct progress_wait *wait);

#endif
