/* How tests wait; see patience.h. */
#include "support/patience.h"

#include <time.h>

#include "base/clock.h"

enum { LOOK_LEAST_US = 1000, LOOK_MOST_US = 5000 };

void let_pass(int64_t microseconds)
{
    struct timespec left = {.tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000};
    while (nanosleep(&left, &left) != 0)
        continue; /* a signal came */
}

bool patience_lasts(struct patience *patience)
{
    int64_t now = clock_ms();
    if (!patience->since)
        patience->since = now;
    int64_t waited = now - patience->since;
    int64_t pause = LOOK_LEAST_US + waited * 1000 / 16;
    let_pass(pause < LOOK_MOST_US ? pause : LOOK_MOST_US);
    return waited < PATIENCE_MS;
}
