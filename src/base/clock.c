/* The clock that never goes back; see clock.h. */
#include "base/clock.h"

#include <time.h>

/* Not the time of day: that may be set back while somebody waits, and a deadline would then never come. */
int64_t clock_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Not repeated when a signal ends it early: who waits then looks at once whether the run was interrupted. */
void clock_pause(int64_t milliseconds)
{
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}
