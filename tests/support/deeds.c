/* Raw requests for all that a manifest wants; see deeds.h. */
#include "support/deeds.h"

#include <string.h>

#include "support/config.h"
#include "support/scratch.h"

enum { STREAM_NOT_FOUND = 10059, CONSUMER_NOT_FOUND = 10014 };

/* Which have got through; a stream's own place is behind those of its consumers. */
typedef bool through[PAIR_STREAMS][PAIR_CONSUMERS + 1];

static struct raw_reply ask_stream(const struct walk *walk, unsigned stream)
{
    const struct pair_stream *at = &walk->pair->b.streams[stream];
    const char *name = walk_stream_name(walk, stream);
    if (!at->there)
        return raw_call(walk->server, arena_printf(test_arena(), "STREAM.DELETE.%s", name), "");
    const struct node *config = pair_stream_config(walk->pair, at, stream);
    if (raw_info(walk->server, name, NULL).err_code)
        return raw_create(walk->server, name, NULL, config);
    return raw_update(walk->server, name, NULL, config);
}

static struct raw_reply ask_consumer(const struct walk *walk, unsigned stream, unsigned number)
{
    const struct pair_consumer *at = &walk->pair->b.streams[stream].consumers[number];
    const char *name = walk_stream_name(walk, stream);
    const char *consumer = arena_printf(test_arena(), "c%u", number);
    if (!at->there)
        return raw_call(walk->server, arena_printf(test_arena(), "CONSUMER.DELETE.%s.%s", name, consumer),
                        "");
    struct node *config = pair_consumer_config(walk->pair, at);
    node_put(test_arena(), config, "durable_name", node_scalar(test_arena(), consumer, true));
    if (raw_info(walk->server, name, consumer).err_code)
        return raw_create(walk->server, name, consumer, config);
    return raw_update(walk->server, name, consumer, config);
}

/* What is not there and is not wanted is as it should be; without a project, what is not wanted stays. */
static bool is_wanted(const struct walk *walk, unsigned stream, unsigned place)
{
    const struct pair_stream *at = &walk->pair->b.streams[stream];
    if (place == PAIR_CONSUMERS)
        return at->there || walk->pair->owned;
    return at->there && (at->consumers[place].there || walk->pair->owned);
}

static bool gets_through(const struct walk *walk, unsigned stream, unsigned place, struct strbuf *left)
{
    struct raw_reply reply =
        place == PAIR_CONSUMERS ? ask_stream(walk, stream) : ask_consumer(walk, stream, place);
    const struct pair_stream *at = &walk->pair->b.streams[stream];
    bool there = at->there && (place == PAIR_CONSUMERS || at->consumers[place].there);
    bool is_gone = reply.err_code == STREAM_NOT_FOUND || reply.err_code == CONSUMER_NOT_FOUND;
    if (!reply.err_code || (!there && is_gone))
        return true;
    strbuf_addf(left, "%d %s\n", reply.err_code, reply.description);
    return false;
}

/* One request for each that has not got through; how many do. */
static unsigned ask_all(const struct walk *walk, through done, struct strbuf *left)
{
    unsigned came = 0;
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        for (unsigned place = 0; place <= PAIR_CONSUMERS; place++) {
            if (done[i][place] || !is_wanted(walk, i, place))
                continue;
            done[i][place] = gets_through(walk, i, place, left);
            came += done[i][place];
        }
    return came;
}

/* The answers to what is left over, as "10065 subjects overlap …" line by line; "" when all got through. */
static const char *refused(const struct walk *walk)
{
    through done = {{false}};
    struct strbuf left = {0};
    do
        strbuf_reset(&left);
    while (ask_all(walk, done, &left));
    return strbuf_move(&left, test_arena());
}

/* ---- what natsform cites ---- */

/* An error of the server that natsform names for a refusal. */
struct citation {
    const char *object; /* what the error is about, to the end of its line */
    const char *code;
    bool given; /* by the server, too */
};

struct citations {
    VEC(struct citation) list;
};

static const char *line_at(const char *text)
{
    return arena_strndup(test_arena(), text, strcspn(text, "\n"));
}

/* From "stream ORDERS" or "consumer ORDERS > billing" on. */
static const char *object_in(const char *line)
{
    const char *stream = strstr(line, "stream "), *consumer = strstr(line, "consumer ");
    const char *first = consumer && (!stream || consumer < stream) ? consumer : stream;
    return first ? first : line;
}

static bool is_of_one_object(const struct citation *a, const struct citation *b)
{
    size_t noun = strcspn(a->object, " ");
    size_t length = noun + 1 + strcspn(a->object + noun + 1, " ");
    return strncmp(a->object, b->object, length) == 0;
}

/* A line of an error, or of a warning, begins with its place; those that say more of it begin with "note:" or a blank. */
static struct citations cited_in(const char *err)
{
    struct citations citations = {0};
    const char *object = NULL;
    for (const char *at = err; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        const char *line = line_at(at);
        const char *cited = strstr(line, "error 10");
        if (strstr(line, "error: ") || strstr(line, "warning: "))
            object = strstr(line, "error: ") ? object_in(strstr(line, "error: ")) : NULL;
        if (object && cited)
            VEC_PUSH(
                test_arena(), &citations.list,
                ((struct citation){object, arena_strndup(test_arena(), cited + strlen("error "), 5), false}));
    }
    return citations;
}

/* Of several errors of one object a server gives the first that it finds. */
static bool is_covered(const struct citations *citations, const struct citation *citation)
{
    bool covered = citation->given;
    for (size_t i = 0; i < citations->list.count; i++)
        covered |= citations->list.items[i].given && is_of_one_object(citation, &citations->list.items[i]);
    return covered;
}

bool deeds_check_cited(struct walk *walk, const char *err)
{
    struct citations citations = cited_in(err);
    const char *left = citations.list.count ? refused(walk) : "";
    for (size_t i = 0; i < citations.list.count; i++)
        citations.list.items[i].given =
            strstr(left, arena_printf(test_arena(), "%s ", citations.list.items[i].code)) != NULL;
    for (size_t i = 0; i < citations.list.count; i++)
        if (!is_covered(&citations, &citations.list.items[i]))
            walk_complain(walk, "error %s is cited for %s, and the server's are\n%s",
                          citations.list.items[i].code, citations.list.items[i].object, left);
    return citations.list.count > 0;
}
