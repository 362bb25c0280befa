/*
 * Interrupt: remembers SIGINT, SIGTERM and SIGHUP instead of ending at once, for commands that have to clean up.
 */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <stdbool.h>

/* From now on the first of these signals is only remembered. A second one ends the process. */
void interrupt_defer(void);
bool interrupt_came(void);

#endif
