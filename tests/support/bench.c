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

#include "kind/kinds.h"
#include "kind/version.h"
#include "support/scratch.h"

static const struct {
    const char *name;
    const char *config;
} bystanders[] = {
    {ROW_HOME, "subjects: [home.>]"},
    {ROW_ORIGIN, "subjects: [origin.>]"},
    {ROW_OTHER, "subjects: [other.>]"},
};

enum {
    OFFLINE_MOST = 10, /* times that a row is asked again */
    FORGET_MOST = 50,  /* times that an object is deleted */
};

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

static const char *manifest_for(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    const char *spelled = config_json(config_spell(spot->table, config));
    const char *manifest =
        spot_is_stream(spot)
            ? arena_printf(test_arena(), "{\"streams\": {\"" ROW_STREAM "\": %s}}", spelled)
            : arena_printf(test_arena(),
                           "{\"streams\": {\"" ROW_HOME
                           "\": {\"external\": true, \"consumers\": {\"" ROW_CONSUMER "\": %s}}}}",
                           spelled);
    return write_file(bench->directory, "manifest.yaml", manifest);
}

struct verdict bench_ask(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    const char *manifest = manifest_for(bench, spot, config);
    struct run run = RUN("plan", "-s", bench->server->url, "-f", manifest, "-o", "json");
    struct verdict verdict = {.word = WORD_OTHER, .err = run.err};
    if (run.exit_code == 65 && strstr(run.err, "[unsupported]"))
        verdict.word = WORD_UNSUPPORTED;
    if (!*run.out || (run.exit_code != 0 && run.exit_code != 3))
        return verdict;
    const struct node *changes = node_get(raw_reply_read(run.out).root, "resource_changes");
    verdict.word = run.exit_code == 3 ? WORD_REFUSED : changes->count ? WORD_PLANNED : WORD_NOTHING;
    verdict.changed = changes->count ? node_get(changes->items[0], "fields") : NULL;
    return verdict;
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
        if (strcmp(node_get(field, "refused")->text, "true") == 0 &&
            strcmp(node_get(rule, "err_code")->text, code) == 0 &&
            (any_text || strcmp(node_get(rule, "description")->text, deed->description) == 0))
            return true;
    }
    return false;
}

/* ---- the server's deed ---- */

const char *bench_stream(const struct spot *spot)
{
    return spot_is_stream(spot) ? ROW_STREAM : ROW_HOME;
}

const char *bench_consumer(const struct spot *spot)
{
    return spot_is_stream(spot) ? NULL : ROW_CONSUMER;
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
    for (int i = 0; i < FORGET_MOST; i++) {
        raw_call(bench->server,
                 spot_is_stream(spot) ? "STREAM.DELETE." ROW_STREAM
                                      : "CONSUMER.DELETE." ROW_HOME "." ROW_CONSUMER,
                 "");
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

struct raw_reply bench_update(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct raw_reply deed = raw_update(bench->server, bench_stream(spot), bench_consumer(spot), config);
    settle(bench, spot);
    return deed;
}

struct raw_reply bench_create(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    struct raw_reply deed = raw_create(bench->server, bench_stream(spot), bench_consumer(spot), config);
    if (!deed.err_code)
        settle(bench, spot);
    return deed;
}

/*
 * Brings the object into the state: by creating it; or, where that is not allowed for, by an update right after.
 * `first` is what the object may be created with then.
 */
static struct raw_reply reach(const struct bench *bench, const struct spot *spot, const struct node *config,
                              const struct node *first)
{
    bench_forget(bench, spot);
    struct raw_reply deed = bench_create(bench, spot, config);
    if (deed.err_code && !bench_create(bench, spot, first).err_code)
        return bench_update(bench, spot, config);
    return deed;
}

/* The pause has a request of its own; an update ignores it. */
static struct raw_reply change_pause(struct bench *bench, const struct spot *spot, const struct node *before,
                                     const struct node *after)
{
    const struct field *field = spot_top_field(spot);
    struct node *until = node_get(after, field->name);
    struct node *body = config_read("");
    struct raw_reply update = raw_update(bench->server, ROW_HOME, ROW_CONSUMER, after);
    if (update.err_code ||
        !config_same(field, node_get(update.config, field->name), node_get(before, field->name)))
        bench_complain(bench, spot, "an update is meant to ignore it, and did not: %s",
                       config_json(update.root));
    if (until)
        node_put(test_arena(), body, field->name, until);
    raw_must(bench->server, "CONSUMER.PAUSE." ROW_HOME "." ROW_CONSUMER, config_json(body));
    return raw_info(bench->server, ROW_HOME, ROW_CONSUMER);
}

static struct raw_reply change(struct bench *bench, const struct spot *spot, const struct node *before,
                               const struct node *after)
{
    const struct field *field = spot_top_field(spot);
    bool separate = field_update_rule(field, bench->version)->policy == UPDATE_SEPARATE;
    if (separate && version_has(bench->version, field->since))
        return change_pause(bench, spot, before, after);
    return bench_update(bench, spot, after);
}

/* Is the object after an update what it would be if it had been created so? `fresh` is the echo of that, or NULL. */
static bool is_as_created(const struct spot *spot, const struct node *before, const struct node *after,
                          const struct node *echo, const struct node *fresh)
{
    const struct node *all = config_over(before, after);
    for (size_t i = 0; fresh && i < all->count; i++) {
        const char *key = all->members[i].key;
        if (!config_same(table_field(spot->table, key), node_get(echo, key), node_get(fresh, key)))
            return false;
    }
    return config_holds(spot->table, after, echo);
}

/* ---- comparing word and deed ---- */

/* After an apply, the server has what was wanted, and nothing is left to do. */
static void check_applied(struct bench *bench, const struct spot *spot, const struct node *config,
                          const char *what)
{
    const char *manifest = manifest_for(bench, spot, config);
    settle(bench, spot);
    struct raw_reply info = raw_info(bench->server, bench_stream(spot), bench_consumer(spot));
    if (info.err_code || !config_holds(spot->table, config, info.config))
        bench_complain(bench, spot, "%s: after the apply the server has %s", what, config_json(info.root));
    struct run plan = RUN("plan", "--detailed-exitcode", "-s", bench->server->url, "-f", manifest);
    if (plan.exit_code != 0)
        bench_complain(bench, spot, "%s: the plan after the apply is not empty: %s%s", what, plan.out,
                       plan.err);
}

bool bench_rejects(const struct bench *bench, const struct spot *spot, const struct node *config,
                   const char *code)
{
    struct run run = RUN("plan", "-s", bench->server->url, "-f", manifest_for(bench, spot, config));
    return run.exit_code == 65 && strstr(run.err, arena_printf(test_arena(), "[%s]", code));
}

struct run bench_apply(const struct bench *bench, const struct spot *spot, const struct node *config)
{
    return RUN("apply", "--yes", "-s", bench->server->url, "-f", manifest_for(bench, spot, config));
}

static const char *deed_text(const struct raw_reply *deed, bool kept)
{
    if (deed->err_code)
        return arena_printf(test_arena(), "rejects it with %d '%s'", deed->err_code, deed->description);
    return kept ? "takes it" : arena_printf(test_arena(), "keeps %s", config_json(deed->config));
}

/* Left out, the server's own choice stays as it is: nothing is planned, whatever is there. */
static bool is_left_to_the_server(const struct spot *spot, const struct node *after)
{
    const struct field *field = spot_top_field(spot);
    return (field->flags & (FIELD_SERVER_FILLS | FIELD_SERVER_LOWERS)) && !node_get(after, field->name);
}

bool bench_agrees(const struct spot *spot, const struct verdict *verdict, const struct raw_reply *deed,
                  bool kept, const struct node *after)
{
    switch (verdict->word) {
    case WORD_PLANNED:
        return kept && changed_field(verdict, spot_top_field(spot)->name);
    case WORD_NOTHING:
        return kept && is_left_to_the_server(spot, after);
    case WORD_REFUSED:
        return names_error(spot, verdict, deed);
    case WORD_UNSUPPORTED:
        return !kept;
    case WORD_OTHER:
        break;
    }
    return false;
}

struct state {
    struct node *config;
    struct node *fresh; /* the server's echo of a creation in this state; NULL when it rejects that */
    const char *text;
};

static bool sets_later_field(const struct spot *spot, const struct node *config)
{
    return (spot->field->flags & FIELD_LATER) && node_get(config, spot->field->name);
}

/* Is it refused, as a field of later servers or with the very error of this one? */
static bool is_foreseen(struct run run, const struct raw_reply *deed)
{
    const char *error = arena_printf(test_arena(), "the server answers with error %d:", deed->err_code);
    return run.exit_code == 65 && (strstr(run.err, "[unsupported]") || strstr(run.err, error));
}

/* The state as that of a new object. */
static void check_state(struct bench *bench, const struct spot *spot, struct state *state)
{
    bench->states++;
    bench_forget(bench, spot);
    struct raw_reply deed = bench_create(bench, spot, state->config);
    bool later = deed.err_code && sets_later_field(spot, state->config);
    bool kept = later || (!deed.err_code && config_holds(spot->table, state->config, deed.config));
    state->fresh = deed.err_code ? NULL : deed.config;
    bench_forget(bench, spot);
    struct run run = bench_apply(bench, spot, state->config);
    if (kept ? run.exit_code != 0 : !is_foreseen(run, &deed))
        bench_complain(bench, spot, "new with {%s}: natsform exits with %d, the server %s\n%s", state->text,
                       run.exit_code, deed_text(&deed, kept), run.err);
    else if (kept)
        check_applied(bench, spot, state->config, arena_printf(test_arena(), "new with {%s}", state->text));
}

static void check_change(struct bench *bench, const struct spot *spot, const struct state *before,
                         const struct state *after)
{
    const char *what = arena_printf(test_arena(), "{%s} -> {%s}", before->text, after->text);
    struct raw_reply start = reach(bench, spot, before->config, after->config);
    if (start.err_code || !config_holds(spot->table, before->config, start.config))
        return; /* check_state() has said whether natsform knows that */
    bench->changes++;
    struct verdict verdict = bench_ask(bench, spot, after->config);
    struct raw_reply deed = change(bench, spot, before->config, after->config);
    bool kept =
        !deed.err_code && is_as_created(spot, before->config, after->config, deed.config, after->fresh);
    if (!bench_agrees(spot, &verdict, &deed, kept, after->config)) {
        bench_complain(bench, spot, "%s: natsform %s, the server %s\n%s%s", what, words[verdict.word],
                       deed_text(&deed, kept), verdict.err,
                       verdict.changed ? config_json(verdict.changed) : "");
        return;
    }
    if (verdict.word != WORD_PLANNED)
        return;
    reach(bench, spot, before->config, after->config);
    struct run run = bench_apply(bench, spot, after->config);
    if (run.exit_code != 0)
        bench_complain(bench, spot, "%s: apply fails: %s", what, run.err);
    else
        check_applied(bench, spot, after->config, what);
}

/* ---- the walk ---- */

/* Choices are tried from each to each, other states in a round. */
static void check_changes(struct bench *bench, const struct spot *spot, const struct state *states,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (i != j && (spot->field->type == FIELD_CHOICE || (i + 1) % count == j))
                check_change(bench, spot, &states[i], &states[j]);
}

static void check_case(struct bench *bench, const struct spot *spot, const struct row_case *row_case)
{
    const char *texts[ROW_STATES_MOST];
    struct state states[ROW_STATES_MOST] = {0};
    size_t count = spot_states(spot, row_case, texts);
    struct node *base = spot_base(spot, row_case);
    if (count < 2)
        bench_complain(bench, spot, "its type says too little: it needs a case");
    for (size_t i = 0; i < count; i++) {
        states[i].text = texts[i];
        states[i].config = config_over(base, spot_state(spot, texts[i]));
        check_state(bench, spot, &states[i]);
    }
    check_changes(bench, spot, states, count);
    bench_forget(bench, spot);
}

/* That a busy machine's node was taken for offline is nobody's word on the row: it is asked once more. */
static void check_online(struct bench *bench, const struct spot *spot, const struct row_case *row_case)
{
    struct strbuf earlier = bench->complaints;
    bench->complaints = (struct strbuf){0};
    check_case(bench, spot, row_case);
    for (int i = 0; i < OFFLINE_MOST && strstr(strbuf_text(&bench->complaints), "peer offline"); i++) {
        strbuf_reset(&bench->complaints);
        check_case(bench, spot, row_case);
    }
    strbuf_adds(&earlier, strbuf_text(&bench->complaints));
    strbuf_release(&bench->complaints);
    bench->complaints = earlier;
}

void bench_check_row(void *context, const struct spot *spot)
{
    struct bench *bench = context;
    const struct row_case *row_case = row_case_next(bench->cases, spot->path, NULL);
    if (spot->field->flags & (FIELD_IDENTITY | FIELD_INTERNAL))
        return;
    bench->rows++;
    do
        check_online(bench, spot, row_case);
    while (row_case && (row_case = row_case_next(bench->cases, spot->path, row_case)));
}
