/*
 * Clock: how much time has passed, by a clock that never goes back.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment. */
int64_t clock_ms(void);

/* Waits so long, or until a signal comes. Safe between fork and exec. */
void clock_pause(int64_t milliseconds);

#endif
