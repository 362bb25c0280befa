/*
 * Word and deed; see bench.h. For each state and each change between states
 *
 *     natsform plans it         the server accepts it, and its echo holds what was sent
 *     natsform refuses it       the server rejects it with the error that the row's rule names
 *     natsform: unsupported     the server rejects it, or drops the field
 *
 * What is planned is also applied, and the plan after that is empty.
 */
#include "support/bench.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "field/field.h"
#include "kind/kinds.h"
#include "support/scratch.h"
#include "support/word.h"

static const struct {
    const char *name;
    const char *config;
} bystanders[] = {
    {ROW_HOME, "subjects: [home.>]"},
    {ROW_ORIGIN, "subjects: [origin.>]"},
    {ROW_OTHER, "subjects: [other.>]"},
};

enum { FORGET_MOST = 50 }; /* times that an object is deleted */

void bench_start(struct bench *bench, const struct server_fixture *server, struct row_cases cases,
                 bool clustered)
{
    const struct node *replicas = config_read(clustered ? "num_replicas: 3" : "");
    *bench = (struct bench){
        .server = server, .clustered = clustered, .cases = cases, .directory = test_directory()};
    ck_assert(version_parse(server->version, &bench->version));
    for (size_t i = 0; i < sizeof(bystanders) / sizeof(bystanders[0]); i++) {
        const char *name = bystanders[i].name;
        struct node *config = config_over(config_read(bystanders[i].config), replicas);
        struct raw_reply reply = raw_create(server, name, NULL, config);
        ck_assert_msg(!reply.err_code, "%s: %s", name, reply.description);
        if (clustered)
            raw_settle(server, name, NULL);
    }
}

void bench_end(struct bench *bench)
{
    /* Check's own messages have a greatest length. */
    fputs(strbuf_text(&bench->complaints), stdout);
    fflush(stdout);
    ck_assert_msg(bench->complaints.length == 0, "natsform and nats-server %s disagree: see above",
                  bench->server->version);
    ck_assert_msg(bench->rows > 0, "no row was checked");
    strbuf_release(&bench->complaints);
}

void bench_complain(struct bench *bench, const struct spot *spot, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_addf(&bench->complaints, "\n%s on %s: ", spot->path, bench->server->version);
    strbuf_vaddf(&bench->complaints, format, args);
    va_end(args);
}

/* ---- natsform's word ---- */

static const char *const words[] = {"plans it", "sees no change", "refuses it", "calls it unsupported",
                                    "fails"};

const char *word_text(enum word word)
{
    return words[word];
}

/* A plan of one object, which is the only one in the manifest. */
static struct wanted plan_alone(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct wanted wanted = {.spot = spot, .config = config};
    struct wanted *list[] = {&wanted};
    word_ask(bench->server, bench->directory, WORD_OF_PLAN, list, 1);
    return wanted;
}

struct verdict bench_verdict(const struct wanted *planned)
{
    struct verdict verdict = {.word = WORD_OTHER, .err = planned->err};
    verdict.changed = node_get(planned->change, "fields");
    if (planned->exit_code == EXIT_DONE)
        verdict.word = planned->change ? WORD_PLANNED : WORD_NOTHING;
    else if (planned->exit_code == EXIT_REFUSED)
        verdict.word = WORD_REFUSED;
    else if (planned->exit_code == EXIT_MANIFEST && strstr(planned->err, "[unsupported]"))
        verdict.word = WORD_UNSUPPORTED;
    return verdict;
}

struct verdict bench_ask(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct wanted wanted = plan_alone(bench, spot, config);
    return bench_verdict(&wanted);
}

struct run bench_apply(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct wanted wanted = {.spot = spot, .config = config};
    struct wanted *list[] = {&wanted};
    return RUN("apply", "--yes", "-s", bench->server->url, "-f", word_manifest(bench->directory, list, 1));
}

bool bench_rejects(const struct bench *bench, const struct spot *spot, const struct node *config,
                   const char *code)
{
    struct wanted wanted = plan_alone(bench, spot, config);
    return wanted.exit_code == EXIT_MANIFEST && strstr(wanted.err, arena_printf(test_arena(), "[%s]", code));
}

/* The entry of a field in the plan, or NULL. */
static const struct node *changed_field(const struct verdict *verdict, const char *name)
{
    for (size_t i = 0; verdict->changed && i < verdict->changed->count; i++)
        if (strcmp(node_get(verdict->changed->items[i], "field")->text, name) == 0)
            return verdict->changed->items[i];
    return NULL;
}

/* Does a refused field's rule name the server's answer? Of deliver_subject, one text stands for two. */
static bool names_error(const struct spot *spot, const struct verdict *verdict, const struct raw_reply *deed)
{
    const char *code = arena_printf(test_arena(), "%d", deed->err_code);
    bool any_text = spot_top_field(spot)->updates[0].policy == UPDATE_KEEP_PRESENCE;
    for (size_t i = 0; verdict->changed && i < verdict->changed->count; i++) {
        const struct node *field = verdict->changed->items[i];
        const struct node *rule = node_get(field, "server_rule");
        bool refuses = strcmp(node_get(field, "refused")->text, "true") == 0 ||
                       strcmp(node_get_text(field, "replaces"), "true") == 0;
        if (refuses && strcmp(node_get(rule, "err_code")->text, code) == 0 &&
            (any_text || strcmp(node_get(rule, "description")->text, deed->description) == 0))
            return true;
    }
    return false;
}

/* ---- the server's deed ---- */

const char *bench_stream(const struct spot *spot)
{
    return spot_is_stream(spot) ? spot_own_text(spot, ROW_STREAM) : ROW_HOME;
}

const char *bench_consumer(const struct spot *spot)
{
    return spot_is_stream(spot) ? NULL : spot_own_text(spot, ROW_CONSUMER);
}

/* A reply about the object as if it were the only one. */
static struct raw_reply common_reply(const struct spot *spot, struct raw_reply reply)
{
    reply.root = spot_common(spot, reply.root);
    reply.config = node_get(reply.root, "config");
    reply.description = spot_common_text(spot, reply.description);
    return reply;
}

/* In a cluster a delete that is answered late, or not, may leave it there. */
static bool is_gone(const struct bench *bench, const struct spot *spot)
{
    enum { STREAM_NOT_FOUND = 10059, CONSUMER_NOT_FOUND = 10014 };
    int code = raw_info(bench->server, bench_stream(spot), bench_consumer(spot)).err_code;
    return code == STREAM_NOT_FOUND || code == CONSUMER_NOT_FOUND;
}

void bench_forget(const struct bench *bench, const struct spot *spot)
{
    const char *verb =
        spot_is_stream(spot) ? "STREAM.DELETE." ROW_STREAM : "CONSUMER.DELETE." ROW_HOME "." ROW_CONSUMER;
    for (int i = 0; i < FORGET_MOST; i++) {
        raw_call(bench->server, spot_own_text(spot, verb), "");
        if (!bench->clustered || is_gone(bench, spot))
            return;
    }
}

/* In a cluster an object that was just made or changed may have no leader yet, and then does not answer. */
static void settle(const struct bench *bench, const struct spot *spot)
{
    if (bench->clustered)
        raw_settle(bench->server, bench_stream(spot), bench_consumer(spot));
}

struct raw_reply bench_info(const struct bench *bench, const struct spot *spot)
{
    settle(bench, spot);
    return common_reply(spot, raw_info(bench->server, bench_stream(spot), bench_consumer(spot)));
}

struct raw_reply bench_update(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct raw_reply deed =
        raw_update(bench->server, bench_stream(spot), bench_consumer(spot), spot_own(spot, config));
    settle(bench, spot);
    return common_reply(spot, deed);
}

struct raw_reply bench_create(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct raw_reply deed =
        raw_create(bench->server, bench_stream(spot), bench_consumer(spot), spot_own(spot, config));
    if (!deed.err_code)
        settle(bench, spot);
    return common_reply(spot, deed);
}

/* ---- comparing word and deed ---- */

bool bench_leaves(const struct spot *spot, const struct node *after)
{
    const struct field *field = spot_top_field(spot);
    const struct node *said = node_get(after, field->name);
    /* The zero time of Go, which clients send, says nothing of a pause. */
    bool silent = !said || node_is_null(said) ||
                  ((field->flags & FIELD_PASSES) && strcmp(said->text, "0001-01-01T00:00:00Z") == 0);
    return silent && (field->flags & (FIELD_SERVER_FILLS | FIELD_SERVER_LOWERS | FIELD_PASSES));
}

bool bench_agrees(const struct spot *spot, const struct verdict *verdict, const struct raw_reply *deed,
                  bool kept, const struct node *after)
{
    switch (verdict->word) {
    case WORD_PLANNED:
        return kept && changed_field(verdict, spot_top_field(spot)->name);
    case WORD_NOTHING:
        return kept && bench_leaves(spot, after);
    case WORD_REFUSED:
        return names_error(spot, verdict, deed);
    case WORD_UNSUPPORTED:
        return !kept;
    case WORD_OTHER:
        break;
    }
    return false;
}
