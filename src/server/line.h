/*
 * Line: what comes on subjects of its own, beside the replies to requests, such as the pieces of an archive and acknowledgements of messages. It has a
 * mailbox of its own, and all of it runs in the caller's thread.
 */
#ifndef SERVER_LINE_H
#define SERVER_LINE_H

#include <stdint.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "server/library.h"

enum {
    LINE_LOOK_MS = 50
}; /* how long to wait for a letter before the ticks and interruptions get their turn */

extern const struct diag_code code_transfer;

struct line {
    struct server *server;
    struct mailbox *mailbox;
    struct strbuf inbox; /* what its subjects begin with */
    int64_t silent_ms;   /* after so long without a letter the server counts as silent */
};

/* Returns 0, or -1 with a diagnostic. */
int line_open(struct server *server, struct line *ret_line, struct diags *diags);
void line_close(struct line *line);

/* Has what comes on a subject of the line, behind its inbox, put into the mailbox. NULL with a diagnostic. */
natsSubscription *line_listen(struct line *line, const char *last, struct diags *diags);
void line_unlisten(natsSubscription **subscription);

/* The number at the end of the message's subject; -1: it is none of ours. */
int64_t line_number(const struct line *line, natsMsg *message);

void line_letters_free(struct letter **letters);

#endif
