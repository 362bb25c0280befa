/*
 * Live state: reads the streams and consumers that a manifest names, or all that there are.
 *
 *     struct live_reader *reader = live_read(&source, &reading, diags);       hands each object on as it arrives
 *     live_find(reader, …);                                                         more of the account's streams, if need be
 *     live_reader_free(reader);
 *
 * If the manifest names few of what is there, each is asked for by name; otherwise the lists are paged. All
 * requests are pipelined, and every object is handed on as it arrives: streams before their consumers. What comes along
 * in the lists without being named is handed on too, perhaps twice. A survey keeps what is handed on.
 */
#ifndef SERVER_LIVE_H
#define SERVER_LIVE_H

#include "base/diag.h"
#include "base/vec.h"
#include "manifest/manifest.h"
#include "server/ahead.h"
#include "server/live_object.h"
#include "server/server.h"

/* Takes an object, which is valid until this returns. */
typedef void live_seen(void *context, const struct live_object *live);
/* Are the consumers of the stream to be read? */
typedef bool live_wants(void *context, const struct live_object *stream);

/* What is to be read. */
struct live_reading {
    const struct manifest *manifest; /* what it names; NULL: nothing in particular */
    bool all;                        /* every stream and consumer of the account */
    bool
        beside; /* what the manifest does not name as well: every stream, and the consumers of its own streams and of so many others */
    /*
     * What a list leaves out, as an object whose leader does not answer, is no less there: the list is read again until
     * it is complete, and each object is handed on once. Else what the manifest names is asked for by name before it is
     * taken as missing.
     */
    bool complete;
    live_wants *wants; /* of `all`; NULL: those of all streams */
    live_seen *seen;   /* of `complete`, also a stream that the server cannot run: it has no `config` */
    void *context;     /* of both functions */
};

/* Where it is read. */
struct live_source {
    struct server *server;
    struct ahead *ahead; /* may have asked for some of it already; NULL: nobody has */
};

struct live_reader;

enum {
    LIVE_TRIES_MOST = 3, /* how often what changes while it is read is read */
    LIVE_OTHERS_MOST =
        256 /* of `beside`: of so many streams that the manifest does not name, consumers are read */
};

/* NULL when anything could not be read: then nothing may be concluded from what was not seen. */
struct live_reader *live_read(const struct live_source *source, const struct live_reading *reading,
                              struct diags *diags);

/*
 * To the same `seen`, what is asked for; of the subjects' streams nothing if all have been listed. What is not there, or may
 * not be read, is left out without a word.
 */
void live_find(struct live_reader *reader, const struct live_questions *questions);

struct live_ending {
    /*
     * Did a stream go after it was handed on and before its consumers were read? Then all is read once more, with a new reader,
     * until the tries are over; live_fail() says that they are.
     */
    bool moved;
    bool partly; /* what is beside the manifest was not told to this user */
    size_t
        unlisted; /* of `beside`: of how many streams the consumers were not read, as they are too many, or not told */
};
struct live_ending live_ending(const struct live_reader *reader);
void live_fail(struct diags *diags);
void live_reader_free(struct live_reader *reader);

#endif
