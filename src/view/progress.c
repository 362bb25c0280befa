/* Showing steps as they end; see progress.h. */
#include "view/progress.h"

void progress_step(void *context, const struct plan *plan, const struct step *step, enum outcome outcome)
{
    struct progress *progress = context;
    FILE *file = progress->style.file;
    bool few = plan->steps.count <= PROGRESS_LINES_MOST;
    progress->ended++;
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
