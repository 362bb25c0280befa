/*
 * Interrupt: SIGINT, SIGTERM and SIGHUP as a question instead of an end, for commands that have to clean up.
 */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <stdbool.h>

/* From now on the first of these signals is only remembered; a second one ends the process as ever. */
void interrupt_defer(void);
bool interrupt_came(void);

#endif
