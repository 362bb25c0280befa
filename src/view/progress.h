/*
 * Progress of an apply: a line that is redrawn on a terminal, a line per change elsewhere.
 */
#ifndef VIEW_PROGRESS_H
#define VIEW_PROGRESS_H

#include "apply/apply.h"
#include "view/style.h"

enum { PROGRESS_LINES_MOST = 200 }; /* beyond, only failures get a line of their own */

struct progress {
    struct style style;
    size_t ended;
};

/* An apply_progress function; the context is a struct progress. */
void progress_step(void *context, const struct plan *plan, const struct step *step, enum outcome outcome);
/* Ends a line that is being redrawn. */
void progress_end(const struct progress *progress);

/* Waiting for another run: one line, redrawn on a terminal, and said once elsewhere. */
struct progress_wait {
    struct style style;
    bool said;
};

/* A callback of struct lock_options; the context is a struct progress_wait. */
void progress_waiting(void *context, const char *holder, int64_t waited_ms);
/* Clears the line. */
void progress_waited(const struct progress_wait *wait);

#endif
