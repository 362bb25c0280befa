/*
 * Watch: what `natsform watch` knows while it runs; and how it tells what happened.
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include "base/map.h"
#include "cmd/account.h"
#include "cmd/turn.h"
#include "devenv/watch.h"
#include "plan/drift.h"
#include "server/batch.h"
#include "server/listen.h"
#include "view/watch_text.h"

struct watching {
    struct session *session;
    struct account_run *account; /* has the connection */
    struct watch_view view;
    struct listen *listener; /* NULL: the connection is lost */
    bool refused[ADVISORY_SUBJECTS];
    struct batch batch, told; /* what is heard, and what was told last */
    struct arena ephemeral_arena;
    struct map
        ephemerals; /* consumers without a durable name that were made while it watches, by resource_key() */
    struct turn *turn; /* the last reading that succeeded */
    struct turn
        *whole; /* the last of those that read everything: the same, or the one whose manifest it has */
    struct arena files_arena;
    struct watch *files;    /* of the manifest */
    struct path_list paths; /* these files, and patterns */
    struct map known_paths; /* the same, by path */
    int64_t files_looked_ms;
    int64_t read_ms; /* when the last reading of everything ended */
    int64_t took_ms; /* and how long it took */
    bool failed;     /* the last reading did not succeed, although the manifest was right */
    const char *
        why; /* everything is to be read again: what to say of a difference that nothing told; NULL: it is not */
    char *fault; /* what was wrong with the last reading, on the heap; NULL: nothing */
};

/* What has to be read of the account, to know how it compares after the batch. */
enum watch_reading {
    READING_NONE,
    READING_PART, /* what turn_take_part() reads */
    READING_ALL,
};

/* `ret_touched` gets the names of the manifest's streams that the batch is about; it is in the arena. */
enum watch_reading watch_reading(const struct watching *watching, struct arena *arena,
                                 struct map *ret_touched);
/*
 * Tells the batch, and how the account differs after it from what the manifest says, where that is another than `before`. With
 * no new reading, only the batch.
 */
void watch_tell(struct watching *watching, const struct turn *before, bool is_read, const char *why);

#endif
