/*
 * Ahead: asks a server for lists before it is known what of them is needed, so that it is at work while a manifest is being read.
 * Everything goes without it, only later.
 *
 *     struct ahead *ahead = ahead_new(server);
 *     ahead_list(ahead, bytes of the manifest);
 *     … ahead_go_on(ahead) now and then, while the manifest is read …
 *     ahead_answer(ahead, &page, done, context) || live_page_ask(server, &page, done, context);
 *     ahead_end(ahead);
 */
#ifndef SERVER_AHEAD_H
#define SERVER_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "server/api.h"
#include "server/live_object.h"
#include "server/server.h"

struct ahead;

struct ahead *ahead_new(struct server *server);
void ahead_free(struct ahead *ahead); /* NULL is fine */

/* Asks for the list of streams, unless a manifest of so many bytes cannot name many of them. */
void ahead_list(struct ahead *ahead, size_t manifest_bytes);
/* Keeps the pages that have come, and asks for the consumers of the first streams. */
void ahead_go_on(struct ahead *ahead);

/* Was the list asked for: of a stream's consumers, or of the streams (NULL)? */
bool ahead_has(const struct ahead *ahead, const char *stream);
/* Hands out the page if it was asked for: at once, or when it comes. False when it was not, or could not be read. */
bool ahead_answer(struct ahead *ahead, const struct live_page *page, api_done *done, void *context);
/* What nobody has wanted until now is forgotten. */
void ahead_end(struct ahead *ahead);

#endif
