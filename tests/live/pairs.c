/*
 * Random pairs of manifests: the first is applied and its streams are filled and used; then the second is applied, while a stranger
 * edits before it, at the question, between a plan and its apply, or
 * between two requests, and others publish and consume meanwhile. Without permission no
 * acknowledged message is lost that both manifests would keep, and none is there twice. What is refused because messages would be lost
 * does lose them once it is allowed: as many as was said, or of "up to" some at least one, at once or in what may follow.
 * What is applied plans empty after it; what no stranger disturbed is not rejected; and a refusal that cites a server's error is
 * one that the server gives (support/deeds.h).
 *
 * PAIRS says how many pairs a version gets, PAIRS_CLUSTER how many on a cluster of three, where streams also have more copies,
 * PAIRS_SEED the first one's seed. A difference is printed with its seed: PAIRS=1 PAIRS_SEED=… ONLY_VERSION=… plays it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/number.h"
#include "support/config.h"
#include "support/deeds.h"
#include "support/patience.h"
#include "support/random.h"
#include "support/relay.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"
#include "support/walk.h"
#include "syntax/json.h"

enum {
    PAIRS = 40,
    PAIRS_CLUSTER = 4,
    SEED = 1,
    BATCH = 10, /* pairs on one server: memory of a test is never given back */
    LOOKS = 40, /* at what may be lost a moment later, or not at all */
    LOOKS_LONG = 200,
};

/* ---- counts ---- */

enum count {
    COUNT_APPLIED,
    COUNT_REFUSED_LOSS,
    COUNT_REFUSED,  /* for another reason */
    COUNT_CITED,    /* of these, with an error of the server */
    COUNT_DECLINED, /* it asked again, or the saved plan was refused, after the stranger's edit */
    COUNT_REJECTED, /* the server refused something in the middle */
    COUNT_INVALID,  /* the first manifest did not come to be */
    COUNT_EDITED,
    COUNT_DIFFERENCE,
    COUNTS
};

static const char *const count_names[COUNTS] = {
    "applied",     "refused for loss",       "refused otherwise", "of these with a server's error",
    "asked again", "rejected by the server", "invalid",           "edited by a stranger",
    "differences"};

static size_t counts[COUNTS];

enum moment { MOMENT_NONE, MOMENT_BEFORE, MOMENT_SAVED, MOMENT_QUESTION, MOMENT_LOOK, MOMENTS };

static const char *const moment_names[MOMENTS] = {"no edit", "an edit before the plan",
                                                  "an edit between plan and apply", "an edit at the question",
                                                  "an edit right before a look"};

static void edit(struct walk *walk)
{
    walk_edit(walk, random_below(&walk->pair->random, PAIR_STREAMS));
}

/* ---- an edit right before a look ---- */

static unsigned stream_named(const struct walk *walk, const char *name)
{
    unsigned index = 0;
    size_t length = strcspn(name, ".");
    while (index < PAIR_STREAMS && (strncmp(walk_stream_name(walk, index), name, length) != 0 ||
                                    strlen(walk_stream_name(walk, index)) != length))
        index++;
    return index;
}

/*
 * What is looked at is changed with the next request. That flight stays open: a stream is edited only while nothing of it was
 * looked at and not changed yet. The test itself only waits for the program meanwhile, so that its arena is this thread's.
 */
static const char *look_hook(struct relay *relay, const struct relay_request *request)
{
    struct walk *walk = *(struct walk **)relay->context;
    unsigned stream = walk ? stream_named(walk, request->name) : PAIR_STREAMS;
    bool looks = relay_is_of(request, "STREAM.INFO", NULL) || relay_is_of(request, "CONSUMER.INFO", NULL);
    if (strncmp(request->verb, "CONSUMER.MSG", strlen("CONSUMER.MSG")) == 0)
        return NULL; /* 2.9.10 may never answer it, and others wait behind it here */
    if (stream < PAIR_STREAMS && looks && !walk->in_flight[stream]++ && !walk->edited_at_look &&
        random_once_in(&walk->pair->random, 2)) {
        walk->edited_at_look = true;
        walk_edit(walk, stream);
    }
    const char *reply = relay_pass(relay, request, request->body);
    if (stream < PAIR_STREAMS && !looks && walk->in_flight[stream])
        walk->in_flight[stream]--;
    return reply;
}

/* ---- what must not be lost ---- */

static bool wants(const struct pair_consumer *consumer, unsigned token)
{
    return consumer->there && !consumer->leaves && (!consumer->filter || consumer->filter & (1u << token));
}

static bool copied(const struct pair *pair, const struct pair_side *side, unsigned stream)
{
    const struct pair_stream *copy = pair->copies < PAIR_STREAMS ? &side->streams[pair->copies] : NULL;
    return copy && copy->there && copy->sources & (1u << stream);
}

/* A copy takes out of a queue what nobody else wants; who may lose that is the copy. */
static bool is_drained(const struct walk *walk, unsigned stream)
{
    return walk->pair->b.streams[stream].retention == PAIR_QUEUE &&
           copied(walk->pair, &walk->pair->b, stream);
}

/* Does that side keep a new message of the token, if it comes to the stream? */
static bool keeps(const struct walk *walk, const struct pair_side *side, unsigned stream, unsigned token)
{
    const struct pair_stream *at = &side->streams[stream];
    bool wanted = at->retention != PAIR_INTEREST;
    if (!at->there)
        return side == &walk->pair->a || !walk->pair->owned;
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++)
        wanted |= wants(&at->consumers[i], token);
    return wanted && at->max_age != 1 && !(at->retention == PAIR_QUEUE && copied(walk->pair, side, stream));
}

/* Do new messages push older ones out? */
static bool rolls(const struct pair_stream *at)
{
    return at->max_msgs_per_subject || at->max_msgs || at->max_bytes;
}

static bool stream_rolls(const struct walk *walk, unsigned stream)
{
    return rolls(&walk->pair->a.streams[stream]) || rolls(&walk->pair->b.streams[stream]) ||
           rolls(&walk->edited.streams[stream]);
}

/* What was delivered meanwhile leaves a stream that is not of limits. */
static bool went_to_consumer(const struct walk *walk, unsigned stream, uint64_t seq)
{
    bool leaves = walk->pair->a.streams[stream].retention != PAIR_LIMITS ||
                  walk->pair->b.streams[stream].retention != PAIR_LIMITS;
    return leaves && traffic_delivered(walk->traffic, stream, seq);
}

/* How many were acknowledged by the stream meanwhile, and how many of these that both sides keep are missing? */
static size_t came_meanwhile(struct walk *walk, unsigned stream, size_t *ret_missing)
{
    size_t came = 0;
    *ret_missing = 0;
    for (size_t i = 0; i < walk->traffic->count; i++) {
        const struct traffic_message *sent = &walk->traffic->list[i];
        if (sent->stream != stream)
            continue;
        came++;
        *ret_missing += keeps(walk, &walk->pair->a, stream, sent->token) &&
                        keeps(walk, &walk->pair->b, stream, sent->token) &&
                        !content_has_seq(&walk->before[stream], sent->seq) &&
                        !went_to_consumer(walk, stream, sent->seq) &&
                        !content_has_seq(&walk->after[stream], sent->seq);
    }
    return came;
}

/*
 * A copy is one more consumer of a stream of interest, and before 2.11 of a queue: what nobody else waits for goes when the copy has
 * it. How many of these may that be?
 */
static size_t went_to_copy(const struct walk *walk, unsigned stream, const struct content *lost)
{
    const struct pair *pair = walk->pair;
    size_t went = 0;
    if (pair->a.streams[stream].retention == PAIR_LIMITS)
        return 0;
    if (copied(pair, &pair->a, stream)) /* the first manifest itself has it so */
        return lost->list.count;
    for (size_t i = 0; i < lost->list.count && copied(pair, &pair->b, stream); i++)
        went += content_has_data(&walk->after[pair->copies], lost->list.items[i].data);
    return went;
}

/* Without permission: what was there is there, and what came meanwhile, unless it was pushed out by what came after it. */
static void check_kept(struct walk *walk, unsigned stream)
{
    size_t missing = 0;
    size_t came = came_meanwhile(walk, stream, &missing);
    struct content lost = content_lost(&walk->before[stream], &walk->after[stream]);
    bool copies = stream == walk->pair->copies && stream_rolls(walk, stream);
    size_t excused = came && stream_rolls(walk, stream) ? came + walk->id_edited + 1 : 0;
    excused += went_to_copy(walk, stream, &lost);
    for (size_t i = 0; i < lost.list.count; i++)
        excused += went_to_consumer(walk, stream, lost.list.items[i].seq);
    if (!copies && lost.list.count + missing > excused)
        walk_complain(walk, "%s lost %zu of %zu messages, and %zu of the %zu that came meanwhile",
                      walk_stream_name(walk, stream), lost.list.count, walk->before[stream].list.count,
                      missing, came);
}

/*
 * In a cluster a server may copy a message twice when a source comes while its origin is published to: with raw requests in 1 of 30
 * updates on 2.10.27 and on 2.15.1.
 */
static bool may_be_twice(const struct walk *walk, unsigned stream)
{
    const struct pair *pair = walk->pair;
    return walk->clustered && stream == pair->copies && walk->traffic->count &&
           (pair->b.streams[stream].sources & ~pair->a.streams[stream].sources ||
            pair->b.streams[stream].source_filter != pair->a.streams[stream].source_filter);
}

static void check_once(struct walk *walk, unsigned stream)
{
    const struct content_message *twice = content_twice(&walk->after[stream]);
    if (twice && !may_be_twice(walk, stream))
        walk_complain(walk, "%s has a message of %s twice, first as %llu", walk_stream_name(walk, stream),
                      twice->subject, (unsigned long long)twice->seq);
}

/* A copy has all that it gets when it does not change any more while it is looked at; of a new source the server takes its time. */
static void settle(struct walk *walk)
{
    const struct pair *pair = walk->pair;
    struct patience patience = {0};
    struct content last = {0};
    if (pair->copies == PAIR_STREAMS || !pair->b.streams[pair->copies].there)
        return;
    const struct pair_stream *a = &pair->a.streams[pair->copies], *b = &pair->b.streams[pair->copies];
    int looks = a->sources == b->sources && a->source_filter == b->source_filter ? LOOKS : LOOKS_LONG;
    for (int i = 0; i < looks && patience_lasts(&patience);) {
        struct content now = content_look(walk->connection, walk_stream_name(walk, pair->copies), &last);
        i = now.last_seq == last.last_seq ? i + 1 : 0;
        last = now;
    }
}

static void check_all(struct walk *walk, unsigned allowed)
{
    settle(walk);
    walk_read(walk, walk->after);
    for (unsigned i = 0; i < PAIR_STREAMS; i++) {
        bool through_copy =
            walk->pair->copies < PAIR_STREAMS && allowed & (1u << walk->pair->copies) && is_drained(walk, i);
        if (!(allowed & (1u << i)) && !through_copy)
            check_kept(walk, i);
        check_once(walk, i);
    }
}

/* ---- natsform ---- */

/* At the first question the stranger edits, and then it is confirmed; another question is declined. */
static const char *answer(void *context, pid_t pid, const char *text)
{
    struct walk *walk = context;
    (void)pid;
    if (!strstr(text, "Type 'yes'"))
        return NULL;
    walk->asked = walk->answered;
    if (walk->answered)
        return "no\n";
    walk->answered = true;
    edit(walk);
    return "yes\n";
}

struct words {
    VEC(const char *) list;
};

static void add(struct words *words, const char *word)
{
    VEC_PUSH(test_arena(), &words->list, word);
}

/* `allowed`: the streams that may lose messages. */
static struct words words_of(const struct walk *walk, const char *command, unsigned allowed)
{
    struct words words = {0};
    add(&words, command);
    add(&words, "-s");
    add(&words, walk->url);
    add(&words, "-f");
    add(&words, walk->path);
    if (walk->pair->owned)
        add(&words, "--prune");
    for (unsigned i = 0; i < PAIR_STREAMS; i++) {
        if (!(allowed & (1u << i)))
            continue;
        add(&words, "--allow-data-loss");
        add(&words, walk_stream_name(walk, i));
    }
    return words;
}

static struct run run_words(struct words *words)
{
    add(words, NULL);
    return run_natsform(&(struct run_options){.arguments = words->list.items});
}

static struct run apply_now(const struct walk *walk, unsigned allowed)
{
    struct words words = words_of(walk, "apply", allowed);
    add(&words, "--yes");
    return run_words(&words);
}

static struct run apply_at_question(struct walk *walk)
{
    struct words words = words_of(walk, "apply", 0);
    add(&words, "--color");
    add(&words, "never");
    add(&words, NULL);
    return run_natsform(&(struct run_options){
        .arguments = words.list.items,
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
        .types = answer,
        .context = walk,
    });
}

static struct run apply_saved(struct walk *walk)
{
    struct words words = words_of(walk, "plan", 0);
    const char *plan = arena_printf(test_arena(), "%s/plan", test_directory());
    add(&words, "--out");
    add(&words, plan);
    struct run run = run_words(&words);
    if (run.exit_code)
        return run;
    edit(walk);
    return RUN("apply", "-s", walk->server->url, plan);
}

static struct run apply_looked_at(struct walk *walk)
{
    *walk->current = walk;
    walk->url = walk->relay_url;
    struct run run = apply_now(walk, 0);
    walk->url = walk->server->url;
    *walk->current = NULL;
    return run;
}

static struct run apply_second(struct walk *walk)
{
    if (walk->moment == MOMENT_QUESTION)
        return apply_at_question(walk);
    if (walk->moment == MOMENT_SAVED)
        return apply_saved(walk);
    if (walk->moment == MOMENT_LOOK)
        return apply_looked_at(walk);
    if (walk->moment == MOMENT_BEFORE)
        edit(walk);
    return apply_now(walk, 0);
}

/* ---- what is planned, and what is refused ---- */

static bool limits_are_edited(const struct walk *walk)
{
    bool edited = false;
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        edited |= walk->edited.streams[i].max_msgs > 0;
    return edited && walk->moment != MOMENT_BEFORE;
}

static bool leaves_by_itself(const struct pair_side *side)
{
    bool leaves = false;
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        for (unsigned j = 0; j < PAIR_CONSUMERS; j++)
            leaves |= side->streams[i].consumers[j].there && side->streams[i].consumers[j].leaves;
    return leaves;
}

/* What was edited meanwhile may be for the next apply. */
static void check_in_sync(struct walk *walk)
{
    struct words words = words_of(walk, "plan", 0);
    if (limits_are_edited(walk) || leaves_by_itself(&walk->pair->b))
        return;
    add(&words, "--detailed-exitcode");
    struct run run = run_words(&words);
    if (run.exit_code)
        walk_complain(walk, "the plan after the apply is not empty:\n%s%s", run.out, run.err);
}

static void check_rejected(struct walk *walk)
{
    if (walk->edits == 0)
        walk_complain(walk, "the server rejects what was planned, and nobody has edited anything");
}

/* ---- what is refused does lose ---- */

struct said {
    uint64_t messages;
    size_t steps;
    bool exact;
};

/* What a plan says of each stream's loss; the set of streams that lose. */
static unsigned losses_said(struct walk *walk, struct said *ret_said)
{
    struct words words = words_of(walk, "plan", 0);
    unsigned set = 0;
    add(&words, "-o");
    add(&words, "json");
    struct run run = run_words(&words);
    memset(ret_said, 0, PAIR_STREAMS * sizeof(*ret_said));
    const struct node *steps = *run.out ? node_get(raw_reply_read(run.out).root, "resource_changes") : NULL;
    for (size_t i = 0; steps && i < steps->count; i++) {
        const struct node *risk = node_get(steps->items[i], "risk");
        const struct node *messages = node_get(risk, "messages");
        const struct node *stream = node_get(steps->items[i], "stream");
        unsigned index = stream_named(walk, (stream ? stream : node_get(steps->items[i], "name"))->text);
        if (!messages || index == PAIR_STREAMS)
            continue;
        uint64_t number = 0;
        number_parse_u64(messages->text, &number);
        ret_said[index].messages += number;
        ret_said[index].exact =
            !ret_said[index].steps++ && strcmp(node_get(risk, "exact")->text, "true") == 0;
        set |= 1u << index;
    }
    return set;
}

/* Out of the queues that it copies, and not in the copy. */
static size_t lost_through(struct walk *walk, unsigned copy)
{
    size_t count = 0;
    for (unsigned i = 0; i < PAIR_STREAMS; i++) {
        if (!is_drained(walk, i))
            continue;
        walk->after[i] = content_look(walk->connection, walk_stream_name(walk, i), &walk->after[i]);
        struct content lost = content_lost(&walk->before[i], &walk->after[i]);
        for (size_t j = 0; j < lost.list.count; j++)
            count += !content_has_data(&walk->after[copy], lost.list.items[j].data);
    }
    return count;
}

static size_t lost_of(struct walk *walk, unsigned stream)
{
    walk->after[stream] =
        content_look(walk->connection, walk_stream_name(walk, stream), &walk->after[stream]);
    size_t lost = content_lost(&walk->before[stream], &walk->after[stream]).list.count;
    return lost + (stream == walk->pair->copies ? lost_through(walk, stream) : 0);
}

static bool has_consumer(const struct walk *walk, unsigned stream, unsigned consumer)
{
    return !raw_info(walk->server, walk_stream_name(walk, stream),
                     arena_printf(test_arena(), "c%u", consumer))
                .err_code;
}

static void give_subjects(const struct walk *walk, unsigned stream, unsigned tokens)
{
    const char *name = walk_stream_name(walk, stream);
    struct raw_reply info = raw_info(walk->server, name, NULL);
    struct node *config = node_get(info.root, "config");
    struct node *subjects = node_list(test_arena());
    for (unsigned token = 0; token < PAIR_TOKENS; token++)
        if (tokens & (1u << token))
            node_append(test_arena(), subjects,
                        node_scalar(test_arena(),
                                    arena_printf(test_arena(), "p%llu.t%u.*",
                                                 (unsigned long long)walk->pair->seed, token),
                                    true));
    if (!tokens)
        node_append(test_arena(), subjects,
                    node_scalar(test_arena(), arena_printf(test_arena(), "parked.%s", name), true));
    node_put(test_arena(), config, "subjects", subjects);
    raw_must(walk->server, arena_printf(test_arena(), "STREAM.UPDATE.%s", name),
             json_text(test_arena(), config));
}

/* What a stream does not capture any more, servers leave where it is. It gets back what others have got from it. */
static void give_back(const struct walk *walk, unsigned stream)
{
    const struct pair_side *a = &walk->pair->a, *b = &walk->pair->b;
    unsigned gone = a->streams[stream].tokens & ~b->streams[stream].tokens;
    if (!gone || !b->streams[stream].there || stream == walk->pair->bucket)
        return;
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        if (i != stream && b->streams[i].there && b->streams[i].tokens & gone)
            give_subjects(walk, i, b->streams[i].tokens & ~gone);
    give_subjects(walk, stream, b->streams[stream].tokens | gone);
}

/*
 * An hour passes: what leaves by itself has left, and so have messages of old age. A consumer comes and goes, which has servers
 * before 2.11 look for what nobody wants. One more message comes to each subject, which has servers before 2.15 look for what is too
 * much there. Returns how many came so.
 */
static unsigned go_on(struct walk *walk, unsigned stream)
{
    const struct pair_stream *at = &walk->pair->b.streams[stream];
    const char *name = walk_stream_name(walk, stream);
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++)
        if (at->there && at->consumers[i].there && at->consumers[i].leaves)
            AWAIT(!has_consumer(walk, stream, i));
    if (at->there && at->max_age == 1)
        AWAIT(lost_of(walk, stream) == walk->before[stream].list.count);
    give_back(walk, stream);
    struct raw_reply guest =
        raw_create(walk->server, name, "guest", config_read("durable_name: guest, ack_policy: explicit"));
    if (!guest.err_code)
        raw_must(walk->server, arena_printf(test_arena(), "CONSUMER.DELETE.%s.guest", name), "");
    return at->there && at->max_msgs_per_subject ? walk_publish_each(walk, stream) : 0;
}

/* What a server removes a moment later has gone by the last of some looks. */
static size_t look_for(struct walk *walk, unsigned stream, size_t wanted)
{
    struct patience patience = {0};
    size_t lost = lost_of(walk, stream);
    for (int i = 0; i < LOOKS && lost < wanted && patience_lasts(&patience); i++)
        lost = lost_of(walk, stream);
    return lost;
}

static bool takes_part_in_copy(const struct walk *walk, unsigned stream)
{
    return stream == walk->pair->copies || copied(walk->pair, &walk->pair->a, stream) ||
           copied(walk->pair, &walk->pair->b, stream);
}

/* Does somebody not want messages of the token any more, or has nobody had to want them? */
static bool is_given_up(const struct walk *walk, unsigned stream, unsigned token)
{
    const struct pair_stream *before = &walk->pair->a.streams[stream],
                             *after = &walk->pair->b.streams[stream];
    bool given_up = before->retention != PAIR_INTEREST;
    for (unsigned i = 0; i < PAIR_CONSUMERS; i++)
        given_up |= wants(&before->consumers[i], token) && !wants(&after->consumers[i], token);
    return given_up;
}

/*
 * A consumer that has been delivered a message acknowledges it. No server tells which of those it has acknowledged already, and
 * so natsform takes them all for such; if it has not, the message goes now, and the one who gave it up does not get it. Returns
 * how many were acknowledged.
 */
static unsigned acknowledge_one(struct walk *walk, unsigned stream)
{
    for (size_t i = 0; i < walk->unacked.count; i++) {
        struct walk_delivery *delivery = &walk->unacked.items[i];
        if (delivery->stream != stream || !delivery->reply || !is_given_up(walk, stream, delivery->token))
            continue;
        walk_acknowledge(walk, delivery);
        delivery->reply = NULL;
        return 1;
    }
    return 0;
}

static void check_lost(struct walk *walk, unsigned stream, const struct said *said)
{
    size_t lost = look_for(walk, stream, said->exact ? said->messages : 1);
    unsigned came = 0;
    if (!said->exact && !lost) {
        came = go_on(walk, stream);
        lost = look_for(walk, stream, 1);
        for (unsigned more = 1; more && !lost && !takes_part_in_copy(walk, stream);) {
            more = acknowledge_one(walk, stream);
            came += more;
            lost = more ? look_for(walk, stream, 1) : 0;
        }
    }
    walk_tell(walk, "%s lost %zu, and %s%llu was said", walk_stream_name(walk, stream), lost,
              said->exact ? "" : "up to ", (unsigned long long)said->messages);
    /* More may have come after the plan, or gone; and a copy waits for messages, too. */
    if (takes_part_in_copy(walk, stream))
        return;
    if (!said->exact && !lost)
        walk_complain(walk, "%s lost nothing, and up to %llu messages was said",
                      walk_stream_name(walk, stream), (unsigned long long)said->messages);
    if (said->exact ? lost != said->messages : lost > said->messages + came)
        walk_complain(walk, "%s lost %zu messages instead of %s%llu", walk_stream_name(walk, stream), lost,
                      said->exact ? "" : "up to ", (unsigned long long)said->messages);
}

static void play_permitted(struct walk *walk)
{
    struct said said[PAIR_STREAMS];
    walk->traffic->count = walk->traffic->delivered = 0;
    walk_read(walk, walk->before);
    unsigned set = losses_said(walk, said);
    struct run run = apply_now(walk, set);
    walk_tell(walk, "%s%s(exit code %d with permission)", run.out, run.err, run.exit_code);
    check_all(walk, set);
    if (run.exit_code == EXIT_FAILED) {
        counts[COUNT_REJECTED]++;
        check_rejected(walk);
    }
    if (run.exit_code)
        return;
    check_in_sync(walk);
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        if (set & (1u << i))
            check_lost(walk, i, &said[i]);
}

/* ---- a pair ---- */

static void show_difference(const struct walk *walk)
{
    const char *text = arena_printf(
        test_arena(),
        "seed %llu on %s, %s\n%s\n--- first manifest\n%s--- second manifest\n%s--- what happened\n%s",
        (unsigned long long)walk->pair->seed, walk->server->version, moment_names[walk->moment],
        strbuf_text(&walk->problems), pair_text(walk->pair, &walk->pair->a),
        pair_text(walk->pair, &walk->pair->b), strbuf_text(&walk->story));
    SHOW_WHOLE("a difference", text);
}

/* On a terminal all of it is on the screen. */
static bool says(const struct run *run, const char *text)
{
    return strstr(run->err, text) || strstr(run->out, text);
}

static void judge(struct walk *walk, const struct run *run)
{
    bool loss = run->exit_code == EXIT_REFUSED && says(run, "[data-loss]");
    walk_tell(walk, "%s%s(exit code %d)", run->out, run->err, run->exit_code);
    check_all(walk, 0);
    enum count outcome = run->exit_code == EXIT_FAILED ? COUNT_REJECTED : COUNT_REFUSED;
    if (run->exit_code == EXIT_DONE)
        outcome = COUNT_APPLIED;
    else if (walk->asked || says(run, "[stale-plan]"))
        outcome = COUNT_DECLINED;
    else if (loss)
        outcome = COUNT_REFUSED_LOSS;
    counts[outcome]++;
    if (outcome == COUNT_APPLIED)
        check_in_sync(walk);
    if (outcome == COUNT_REJECTED)
        check_rejected(walk);
    if (outcome == COUNT_REFUSED && walk->moment != MOMENT_QUESTION)
        counts[COUNT_CITED] += deeds_check_cited(walk, run->err);
    if (loss && !walk->problems.length)
        play_permitted(walk);
}

static bool play_first(struct walk *walk)
{
    struct words words = {0};
    const char *path = manifest(pair_text(walk->pair, &walk->pair->a));
    add(&words, "apply");
    add(&words, "--yes");
    add(&words, "-s");
    add(&words, walk->server->url);
    add(&words, "-f");
    add(&words, path);
    struct run run = run_words(&words);
    if (run.exit_code)
        walk_tell(walk, "%s%s(exit code %d of the first)", run.out, run.err, run.exit_code);
    return run.exit_code == 0;
}

static void play(struct walk *walk)
{
    if (!play_first(walk)) {
        counts[COUNT_INVALID]++;
        if (getenv("PAIRS_TELL"))
            show_difference(walk);
        return;
    }
    walk_publish(walk, "others", PAIR_STREAMS);
    walk_consume(walk);
    walk->path = manifest(pair_text(walk->pair, &walk->pair->b));
    /* A relay speaks for a server alone. */
    walk->moment = random_below(&walk->pair->random, walk->clustered ? MOMENT_LOOK : MOMENTS);
    bool traffic = random_once_in(&walk->pair->random, 3);
    walk_read(walk, walk->before);
    if (traffic)
        traffic_start(walk->traffic, walk->server, walk->pair);
    struct run run = apply_second(walk);
    if (traffic)
        traffic_end(walk->traffic);
    walk_tell(walk, "meanwhile %zu messages were published and %zu delivered", walk->traffic->count,
              walk->traffic->delivered);
    judge(walk, &run);
}

static void empty(struct walk *walk)
{
    for (unsigned i = 0; i < PAIR_STREAMS; i++)
        raw_call(walk->server, arena_printf(test_arena(), "STREAM.DELETE.%s", walk_stream_name(walk, i)), "");
}

static void play_seed(const struct walk *table, uint64_t seed)
{
    struct walk walk = *table;
    walk.pair = pair_new(seed, version_number(walk.server->version), walk.clustered);
    walk.traffic->count = walk.traffic->delivered = 0;
    walk.unacked.count = 0;
    play(&walk);
    empty(&walk);
    counts[COUNT_DIFFERENCE] += walk.problems.length > 0;
    counts[COUNT_EDITED] += walk.edits > 0;
    if (walk.problems.length || getenv("PAIRS_TELL"))
        show_difference(&walk);
    strbuf_release(&walk.problems);
    strbuf_release(&walk.story);
}

/* ---- batches ---- */

static uint64_t setting(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);
    uint64_t number = 0;
    return text && number_parse_u64(text, &number) && number ? number : fallback;
}

static size_t batches(uint64_t pairs)
{
    return (size_t)(pairs + BATCH - 1) / BATCH;
}

static void print_counts(const struct walk *table, uint64_t seed, uint64_t pairs)
{
    printf("%s%s: %llu pairs from seed %llu:", table->server->version,
           table->clustered ? ", a cluster of three" : "", (unsigned long long)pairs,
           (unsigned long long)seed);
    for (int i = 0; i < COUNTS; i++)
        printf("%s %s %zu", i ? "," : "", count_names[i], counts[i]);
    printf("\n");
    fflush(stdout);
}

/* The batch of that index, of so many pairs in all. */
static void play_batch(struct server_fixture *server, bool clustered, size_t batch, uint64_t pairs)
{
    static struct traffic traffic;
    static struct walk *current;
    uint64_t first = setting("PAIRS_SEED", SEED) + batch * BATCH;
    uint64_t left = pairs - batch * BATCH;
    uint64_t number = left < BATCH ? left : BATCH;
    struct relay *relay = relay_start_same_version(server, look_hook, &current);
    struct walk table = {.server = server,
                         .clustered = clustered,
                         .url = server->url,
                         .relay_url = relay->url,
                         .current = &current,
                         .traffic = &traffic};
    ck_assert_int_eq(natsConnection_ConnectTo(&table.connection, server->url), NATS_OK);
    for (uint64_t i = 0; i < number; i++)
        play_seed(&table, first + i);
    print_counts(&table, first, number);
    natsConnection_Destroy(table.connection);
    relay_stop(relay);
    /* Nothing is compared where the first manifest does not come to be, as without a program to run. */
    ck_assert_msg(counts[COUNT_INVALID] * 2 <= number, "%zu first manifests were not applied",
                  counts[COUNT_INVALID]);
    ck_assert_msg(!counts[COUNT_DIFFERENCE], "%zu of %llu pairs differ", counts[COUNT_DIFFERENCE],
                  (unsigned long long)number);
}

START_TEST(pairs)
{
    uint64_t all = setting("PAIRS", PAIRS);
    int times = (int)batches(all);
    struct server_fixture *server = fixture_start(version_at(_i / times), NULL);
    play_batch(server, false, (size_t)(_i % times), all);
    fixture_stop(server);
}
END_TEST

START_TEST(pairs_on_a_cluster)
{
    uint64_t all = setting("PAIRS_CLUSTER", PAIRS_CLUSTER);
    int times = (int)batches(all);
    struct cluster_fixture *cluster = cluster_start(version_at(_i / times), "pairs");
    play_batch(cluster->nodes[0], true, (size_t)(_i % times), all);
    cluster_stop(cluster);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = pairs, .times = batches(setting("PAIRS", PAIRS)), .each_version = true},
        {.test = pairs_on_a_cluster,
         .times = batches(setting("PAIRS_CLUSTER", PAIRS_CLUSTER)),
         .each_version = true},
    };
    return suite_run("pairs", tests, sizeof(tests) / sizeof(tests[0]));
}
