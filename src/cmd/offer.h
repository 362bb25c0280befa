/*
 * Offer: whoever is refused for messages that would be lost gets the whole command that allows it.
 */
#ifndef CMD_OFFER_H
#define CMD_OFFER_H

#include "cmd/session.h"
#include "plan/plan.h"

/* Remembers the streams whose loss the plan refused. */
void offer_note(struct session *session, const struct plan *plan);
/* Prints the command that was given, with what would allow those. Nothing if there are none. */
void offer_print(struct session *session);

#endif
