/*
 * Live state: reads the streams and consumers that a manifest names, or all that there are.
 *
 * If the manifest names few of what is there, each is asked for by name; otherwise the lists are paged. All
 * requests are pipelined, and every object is handed on as it arrives: streams before their consumers. What comes along
 * in the lists without being named is handed on too, perhaps twice.
 */
#ifndef SERVER_LIVE_H
#define SERVER_LIVE_H

#include "base/diag.h"
#include "manifest/manifest.h"
#include "server/api.h"
#include "server/live_object.h"
#include "server/server.h"

/* Valid until it returns. */
typedef void live_seen(void *context, const struct live_object *live);

struct live_reader;

struct live_reader *live_reader_new(struct server *server);
void live_reader_free(struct live_reader *reader); /* NULL is fine */

/*
 * Asks for the list of streams before the manifest is known, so that the server is at work while it is being read. Does
 * nothing when a manifest of so many bytes cannot name many of the account's streams.
 */
void live_reader_list_ahead(struct live_reader *reader, size_t manifest_bytes);
/*
 * To be called now and then after that, until live_reader_read(): keeps the pages that have come, and asks for the
 * consumers of the first streams. A guess: what nobody turns out to want, or cannot be read, is forgotten.
 */
void live_reader_go_on(struct live_reader *reader);

/* Before live_reader_read(): every stream and consumer of the account is read. */
void live_reader_want_all(struct live_reader *reader);

/* Returns 0, or -1 when anything could not be read: then nothing may be concluded from what was not seen. */
int live_reader_read(struct live_reader *reader, const struct manifest *manifest, live_seen *seen,
                     void *context, struct diags *diags);

/*
 * After live_reader_read(), and to the same `seen`: streams by name, and streams that have a subject which collides with one of
 * these, unless all of them have been listed. What is not there, or may not be read, is left out without a word.
 */
void live_reader_find(struct live_reader *reader, const char *const *streams, size_t stream_count,
                      const char *const *subjects, size_t subject_count);

#endif
