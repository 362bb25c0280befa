/* Watch: what happens to an account, as lines for people, and as a line of JSON each for programs. */
#ifndef VIEW_WATCH_TEXT_H
#define VIEW_WATCH_TEXT_H

#include "base/instant.h"
#include "plan/plan.h"
#include "server/advisory.h"
#include "view/style.h"

/* How an object compares with the manifest after something happened to it. */
enum comparison {
    COMPARED_UNKNOWN, /* nobody has looked */
    COMPARED_NOT_IN_MANIFEST,
    COMPARED_IN_SYNC, /* as before */
    COMPARED_BACK,    /* in sync again */
    COMPARED_DRIFT,   /* it differs, or differs in another way than before */
    COMPARED_SAME,    /* it differs as before */
};

/* Something that happened to an object. */
struct happening {
    const char *label;            /* "stream ORDERS" */
    const char *address;          /* "stream.ORDERS" */
    const char *done;             /* "updated"; NULL: nothing told, and `why` says how it came out */
    const char *why;              /* "changed, and no advisory told of it" */
    const struct client_told *by; /* NULL: not told */
    bool belongs; /* to the happening before, as a stream's consumers do: it has no line of its own */
    enum comparison comparison;
    const struct plan *plan; /* of COMPARED_DRIFT and COMPARED_SAME */
    const struct step *step;
};

/* Where it is told. Lines go out at once. */
struct watch_view {
    const struct style *style;
    bool json;
    const char *connection; /* the name of the manifest's connection; NULL: the default one */
};

void watch_view_started(const struct watch_view *view, struct instant now, const struct plan *plan);
void watch_view_happening(const struct watch_view *view, struct instant now,
                          const struct happening *happening);
/* What the watch itself has to say: `type` is for programs, such as "unseen", and `text` for people. */
void watch_view_note(const struct watch_view *view, struct instant now, const char *type, const char *text);

#endif
