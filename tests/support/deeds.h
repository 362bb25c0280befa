/*
 * Deeds: what a server does when it is asked raw, object by object, for all that the second manifest of a pair wants.
 *
 * Each object is asked for again as long as others get through, so that what is left over is refused in any order.
 */
#ifndef SUPPORT_DEEDS_H
#define SUPPORT_DEEDS_H

#include "support/walk.h"

/*
 * Complains of each error of the server that natsform cites in `err` for a refusal, where the server does not give it. False: none is
 * cited, and nothing was asked. Otherwise what the server has is not what it was.
 */
bool deeds_check_cited(struct walk *walk, const char *err);

#endif
