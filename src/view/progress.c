/*
 * Showing steps as they end; see progress.h. It writes to standard error, so that standard output has nothing but
 * the result.
 */
#include "view/progress.h"

void progress_step(void *context, const struct plan *plan, const struct step *step, enum outcome outcome)
{
    struct progress *progress = context;
    FILE *file = progress->style.file;
    bool few = plan->steps.count <= PROGRESS_LINES_MOST;
    progress->ended++;
    /*
     * One line that is written over. Elsewhere, in logs of CI, that would be rubbish: there each failure gets a line,
     * and of few steps each one.
     */
    if (progress->style.terminal) {
        fprintf(file, "\r\033[K[%zu/%zu] %s ", progress->ended, plan->steps.count, action_name(step->action));
        style_safe(&progress->style, step->label);
        fflush(file);
    } else if (outcome == OUTCOME_FAILED || (few && outcome != OUTCOME_SKIPPED)) {
        fprintf(file, "%s: %s ", outcome_name(outcome), action_name(step->action));
        style_safe(&progress->style, step->label);
        fputc('\n', file);
    }
}

void progress_end(const struct progress *progress)
{
    if (progress->style.terminal && progress->ended)
        fputs("\r\033[K", progress->style.file);
}

void progress_waiting(void *context, const char *holder, int64_t waited_ms)
{
    struct progress_wait *wait = context;
    FILE *file = wait->style.file;
    if (wait->said && !wait->style.terminal)
        return;
    fputs(wait->style.terminal ? "\r\033[Kwaiting for the lock: " : "waiting for the lock: ", file);
    style_safe(&wait->style, holder);
    if (wait->style.terminal)
        fprintf(file, " (%llds)", (long long)(waited_ms / 1000));
    else
        fputc('\n', file);
    fflush(file);
    wait->said = true;
}

void progress_waited(const struct progress_wait *wait)
{
    if (wait->said && wait->style.terminal)
        fputs("\r\033[K", wait->style.file);
}
