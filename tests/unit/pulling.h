/*
 * Pulling: a pull without a server and without files, for tests of edit/.
 */
#ifndef UNIT_PULLING_H
#define UNIT_PULLING_H

#include "edit/pull.h"
#include "server/live_object.h"

/*
 * A stream, or a consumer of it, as a server shows it. `members` is JSON without braces; what a server fills in where nothing was
 * said is added.
 */
struct live_object pulling_live(const char *stream, const char *consumer, const char *members);

/* The text after the pull; what cannot be pulled is in world.diags. */
const char *pulling_text(const char *text, const struct survey *survey, struct pulled *ret_pulled);

#endif
