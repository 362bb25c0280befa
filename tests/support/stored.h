/*
 * Stored: what a stream has, so that a backup and what becomes of it can be compared with it; and texts to fill it with.
 */
#ifndef SUPPORT_STORED_H
#define SUPPORT_STORED_H

#include "support/server_fixture.h"
#include "syntax/node.h"

/* The reply to a request, which must be no error. */
const struct node *stored_ask(const struct server_fixture *server, const char *subject, const char *body);
/* Messages, sequences, bytes and the last message's time, in one line. */
const char *stored_state(const struct server_fixture *server, const char *stream);
/* Where a consumer ("STREAM.NAME") is. */
const char *stored_position(const struct server_fixture *server, const char *consumer);
/* A text that nothing packs, so that an archive of it is as long. */
const char *stored_noise(size_t length);

#endif
