/*
 * A page of a list: of an account's streams, or of a stream's consumers.
 */
#ifndef SERVER_LIVE_PAGE_H
#define SERVER_LIVE_PAGE_H

#include "server/api.h"
#include "syntax/node.h"

enum {
    LIVE_PAGE = 256,      /* objects in one page, on every version */
    LIVE_PAGE_LIGHT = 16, /* so many cost next to nothing */
};

struct live_page {
    const char *stream; /* whose consumers; NULL: the streams */
    const char
        *subject; /* only streams with a subject that collides with it, from the first one on; NULL: all */
    uint64_t offset;
    bool is_light; /* of few objects */
};

/* Asks for it. What live_stream() and live_consumer() do not look at is not read. */
void live_page_ask(struct server *server, const struct live_page *page, api_done *done, void *context);

/* The objects in a page. An empty list when there are none: Go writes null for it. */
const struct node *live_page_items(const struct live_page *page, const struct node *body);

#endif
