/*
 * Guessing what a plan will need; see ahead.h. Each page that was asked for is a `struct guess`, which keeps its reply until
 * somebody wants it. A guess that failed before is no answer: who wants the page asks again, and what comes then counts.
 */
#include "server/ahead.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"

enum {
    STREAM_BYTES = 16,     /* the least that a stream takes in a manifest */
    CONSUMERS_MOST = 8192, /* that are asked for */
    KEPT_MOST = 4096,      /* objects that are kept; pages beyond wait as they came */
};

struct guess {
    struct ahead *ahead;
    struct live_page page;
    struct node *body; /* NULL until it came */
    bool failed;
    bool taken;
    api_done *done; /* of who waits for it; NULL: nobody yet */
    void *context;
};

struct ahead {
    struct server *server;
    struct arena arena;          /* of guesses, and of the replies until ahead_end() */
    VEC(struct guess *) streams; /* by page */
    struct map consumers;        /* by stream, of whose consumers one page is asked for, to struct guess */
    uint64_t asked;              /* consumers */
    uint64_t kept;               /* objects */
    bool keeps;
};

struct ahead *ahead_new(struct server *server)
{
    struct ahead *ahead = base_alloc(sizeof(*ahead));
    ahead->server = server;
    map_init(&ahead->consumers, &ahead->arena);
    return ahead;
}

static void keep(struct ahead *ahead, bool keeps)
{
    ahead->keeps = keeps;
    api_keep(ahead->server, keeps ? &ahead->arena : NULL);
}

void ahead_free(struct ahead *ahead)
{
    if (!ahead)
        return;
    ahead_end(ahead);
    arena_release(&ahead->arena);
    free(ahead);
}

void ahead_end(struct ahead *ahead)
{
    if (ahead && ahead->keeps) /* else the server may be gone already */
        keep(ahead, false);
}

/* ---- asking ---- */

static void on_guess(void *context, const struct api_reply *reply);

static struct guess *guess_page(struct ahead *ahead, struct live_page page)
{
    struct guess *guess = ARENA_NEW(&ahead->arena, struct guess);
    *guess = (struct guess){.ahead = ahead, .page = page};
    live_page_ask(ahead->server, &guess->page, on_guess, guess);
    return guess;
}

static void guess_consumers(struct ahead *ahead, const struct node *streams)
{
    struct live_object live;
    for (size_t i = 0; i < streams->count; i++) {
        /*
         * Streams with many consumers, and what would be too much in all, wait until it is known whether anybody wants
         * them.
         */
        if (!live_stream(streams->items[i], &live) || live.state.consumers == 0 ||
            live.state.consumers > LIVE_PAGE || ahead->asked + live.state.consumers > CONSUMERS_MOST ||
            map_get(&ahead->consumers, live.name))
            continue;
        struct live_page page = {.stream = arena_strdup(&ahead->arena, live.name),
                                 .is_light = live.state.consumers <= LIVE_PAGE_LIGHT};
        ahead->asked += live.state.consumers;
        map_put(&ahead->consumers, page.stream, guess_page(ahead, page));
    }
}

/*
 * Requests fewer pages than the window has room for, so api_submit() never waits and calls a done function before there
 * is a manifest.
 */
void ahead_list(struct ahead *ahead, size_t manifest_bytes)
{
    uint64_t there = server_info(ahead->server)->streams;
    /*
     * An account with far more streams than the manifest can hold is asked by name later: its list would be read for
     * nothing.
     */
    if (there == 0 || there > manifest_bytes / STREAM_BYTES || there / LIVE_PAGE + 1 >= API_WINDOW)
        return;
    keep(ahead, true);
    for (uint64_t offset = 0; offset < there; offset += LIVE_PAGE) {
        struct live_page page = {.offset = offset, .is_light = there <= LIVE_PAGE_LIGHT};
        VEC_PUSH(&ahead->arena, &ahead->streams, guess_page(ahead, page));
    }
}

void ahead_go_on(struct ahead *ahead)
{
    if (ahead->keeps && ahead->kept < KEPT_MOST)
        api_poll(ahead->server);
}

/* ---- answering ---- */

static void on_guess(void *context, const struct api_reply *reply)
{
    struct guess *guess = context;
    struct ahead *ahead = guess->ahead;
    if (guess->taken) {
        guess->done(guess->context, reply);
        return;
    }
    guess->failed = reply->outcome != API_DONE || !ahead->keeps;
    if (guess->failed)
        return;
    const struct node *items = live_page_items(&guess->page, reply->body);
    guess->body = reply->body;
    ahead->kept += items->count;
    if (!guess->page.stream)
        guess_consumers(ahead, items);
}

bool ahead_has(const struct ahead *ahead, const char *stream)
{
    const struct guess *guess = ahead && stream ? map_get(&ahead->consumers, stream) : NULL;
    bool any = ahead && ahead->streams.count > 0;
    if (stream)
        return guess && !guess->failed;
    for (size_t i = 0; any && i < ahead->streams.count; i++)
        any = !ahead->streams.items[i]->failed;
    return any;
}

static struct guess *find_guess(struct ahead *ahead, const struct live_page *page)
{
    uint64_t number = page->offset / LIVE_PAGE;
    if (page->stream)
        return number ? NULL : map_get(&ahead->consumers, page->stream);
    return number < ahead->streams.count ? ahead->streams.items[number] : NULL;
}

bool ahead_answer(struct ahead *ahead, const struct live_page *page, api_done *done, void *context)
{
    struct guess *guess = ahead ? find_guess(ahead, page) : NULL;
    if (!guess || guess->taken || guess->failed)
        return false;
    guess->taken = true;
    guess->done = done;
    guess->context = context;
    const struct api_reply kept = {
        .outcome = API_DONE, .description = "done", .body = guess->body, .arena = &ahead->arena};
    /* If it has not come yet, on_guess() passes it on when it does. */
    if (guess->body)
        done(context, &kept);
    return true;
}
