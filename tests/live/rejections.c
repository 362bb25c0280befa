/*
 * What servers reject, and what natsform says of it beforehand: the cases of tests/rejections/, each through `validate` for
 * each version, and raw to the real server of that version, with a plan made just before.
 */
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "apply/refresh.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "kind/kinds.h"
#include "manifest/load.h"
#include "rules/rules.h"
#include "support/client.h"
#include "support/config.h"
#include "support/patience.h"
#include "support/rows.h"
#include "support/said.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum {
    OBJECTS_MOST = 8,
    VERSIONS_MOST = 8,
    REJECTED_LEAST = 300,
    ACCEPTED_LEAST = 150,
    PREDICTED_LEAST = 95,
    NOW = 1769860800, /* when plans are made */
};

struct written {
    bool updates; /* it is there already */
    bool tried;   /* it is what the case is about */
    const char *stream;
    const char *consumer;      /* NULL: the stream itself */
    const struct node *config; /* in the wire's names and units */
};

struct one_case {
    const char *name;
    struct written objects[OBJECTS_MOST];
    size_t count;
    const char *stricter; /* why natsform says no to what a server takes; NULL: it does not */
    const char *outcomes[VERSIONS_MOST];
};

static VEC(struct one_case *) cases;

static bool accepts(const char *outcome)
{
    return strcmp(outcome, "accepts") == 0;
}

/* ---- the files ---- */

/* "<x*256>" stands for so many x. */
static const char *unfold(const char *text)
{
    struct strbuf out = {0};
    for (const char *at = text; *at;) {
        if (strncmp(at, "<x*", 3) == 0) {
            char *end;
            for (long count = strtol(at + 3, &end, 10); count > 0; count--)
                strbuf_add(&out, "x", 1);
            at = end + 1;
        } else {
            strbuf_add(&out, at++, 1);
        }
    }
    const char *copy = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}

static const char *next_word(const char **cursor)
{
    size_t length = strcspn(*cursor, " ");
    const char *word = arena_strndup(test_arena(), *cursor, length);
    *cursor += length + ((*cursor)[length] == ' ');
    return word;
}

static bool takes_word(const char **cursor, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*cursor, word, length) != 0 || (*cursor)[length] != ' ')
        return false;
    *cursor += length + 1;
    return true;
}

static void read_object(struct one_case *into, const char *line)
{
    struct written object = {0};
    const char *cursor = line;
    object.updates = takes_word(&cursor, "then") || takes_word(&cursor, "update");
    object.tried = takes_word(&cursor, "try") || strncmp(line, "update ", 7) == 0;
    bool consumer = takes_word(&cursor, "consumer");
    ck_assert_msg(consumer || takes_word(&cursor, "stream"), "what is '%s' in %s?", line, into->name);
    object.stream = unfold(next_word(&cursor));
    object.consumer = consumer ? unfold(next_word(&cursor)) : NULL;
    cursor = unfold(cursor);
    object.config = config_read(arena_strndup(test_arena(), cursor + 1, strlen(cursor) - 2));
    ck_assert_uint_lt(into->count, OBJECTS_MOST);
    into->objects[into->count++] = object;
}

static void read_line(const char *line)
{
    size_t versions;
    const char *const *names = server_versions(&versions);
    struct one_case *last = cases.count ? cases.items[cases.count - 1] : NULL;
    const char *cursor = line;
    if (takes_word(&cursor, "case")) {
        last = ARENA_NEW(test_arena(), struct one_case);
        last->name = arena_strdup(test_arena(), cursor);
        VEC_PUSH(test_arena(), &cases, last);
    } else if (takes_word(&cursor, "stricter")) {
        last->stricter = arena_strdup(test_arena(), cursor);
    } else if (*line >= '0' && *line <= '9') {
        const char *version = next_word(&cursor);
        for (size_t i = 0; i < versions; i++)
            if (strcmp(names[i], version) == 0)
                last->outcomes[i] = arena_strdup(test_arena(), cursor);
    } else if (takes_word(&cursor, "all")) {
        for (size_t i = 0; i < versions; i++)
            last->outcomes[i] = arena_strdup(test_arena(), cursor);
    } else if (*line && *line != '#') {
        read_object(last, line);
    }
}

static void read_cases(void)
{
    glob_t found = {0};
    const char *tests = getenv("NATSFORM_TESTS");
    const char *pattern = arena_printf(test_arena(), "%s/rejections/*.cases", tests ? tests : "tests");
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        for (const char *at = read_file(found.gl_pathv[i]); *at;) {
            size_t length = strcspn(at, "\n");
            read_line(arena_strndup(test_arena(), at, length));
            at += length + (at[length] == '\n');
        }
    globfree(&found);
}

/* ---- what natsform says ---- */

static int read_text(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    (void)ret_error;
    *ret_source = (struct source){arena_strdup(arena, path), context, strlen(context)};
    return 0;
}

static int expand_path(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                       size_t *ret_count, const char **ret_error)
{
    (void)context;
    (void)ret_error;
    *ret_paths = ARENA_ARRAY(arena, const char *, 1);
    **ret_paths = pattern;
    *ret_count = 1;
    return 0;
}

static const char *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

/* All objects of the case as they are wanted in the end. */
static char *manifest_text(const struct one_case *at)
{
    struct node *streams = node_map(test_arena());
    struct map consumers;
    map_init(&consumers, test_arena());
    for (size_t i = 0; i < at->count; i++) {
        const struct written *object = &at->objects[i];
        struct node *own = map_get(&consumers, object->stream);
        if (!own) {
            own = node_map(test_arena());
            map_put(&consumers, object->stream, own);
        }
        if (object->consumer)
            node_put(test_arena(), own, object->consumer, config_spell(&consumer_table, object->config));
        else
            node_put(test_arena(), streams, object->stream, config_spell(&stream_table, object->config));
    }
    for (size_t i = 0; i < consumers.count; i++) {
        struct node *own = consumers.entries[i].value;
        struct node *stream = node_get(streams, consumers.entries[i].key);
        if (own->count)
            node_put(test_arena(), stream, "consumers", own);
    }
    return arena_printf(test_arena(), "{\"streams\":%s}", config_json(streams));
}

static struct manifest *load(struct arena *arena, const struct one_case *at, struct diags *diags)
{
    static const char *const path[] = {"m.yaml"};
    struct manifest_reader reader = {
        .read = read_text, .expand = expand_path, .lookup = no_variable, .context = manifest_text(at)};
    return manifest_load(arena, &reader, path, 1, diags);
}

/* As `validate --server-version` does it. */
static bool says_no(const struct one_case *at, const char *version)
{
    struct arena arena;
    struct diags diags;
    uint32_t number = VERSION_UNKNOWN;
    arena_init(&arena);
    diags_init(&diags);
    ck_assert(version_parse(version, &number));
    struct manifest *manifest = load(&arena, at, &diags);
    if (manifest)
        planner_check(&arena, manifest,
                      &(struct target){.version = number, .clustered = true, .now = {.seconds = NOW}},
                      &diags);
    bool no = diags.errors > 0;
    diags_release(&diags);
    arena_release(&arena);
    return no;
}

/* Nothing is in what is there: what cannot be changed in place is made anew, which is no change in place either. */
static bool plan_says_no(const struct one_case *at, struct server *server)
{
    struct arena arena;
    struct diags diags;
    struct plan_options options = {.destroy = false};
    arena_init(&arena);
    diags_init(&diags);
    struct manifest *manifest = load(&arena, at, &diags);
    const struct live_source source = {.server = server};
    struct instant now = {.seconds = NOW};
    struct plan *plan = manifest ? refresh_plan(&arena, &source, manifest, &options, now, &diags) : NULL;
    bool no = !plan || diags.errors || plan->counts[ACTION_MIGRATE] > 0 || plan->counts[ACTION_RECREATE] > 0;
    diags_release(&diags);
    arena_release(&arena);
    return no;
}

/* ---- without a server ---- */

/* Is the name in backquotes in the row of a table in docs/rules.md? */
static bool is_listed(const char *document, const char *row, const char *name)
{
    const char *line = strstr(document, arena_printf(test_arena(), "\n| %s |", row));
    size_t length = line ? strcspn(line + 1, "\n") : 0;
    const char *text = line ? arena_strndup(test_arena(), line + 1, length) : "";
    return strstr(text, arena_printf(test_arena(), "`%s`", name)) != NULL;
}

static const char *document(void)
{
    const char *tests = getenv("NATSFORM_TESTS");
    return read_file(arena_printf(test_arena(), "%s/../docs/rules.md", tests ? tests : "tests"));
}

static size_t names_in_row(const char *text, const char *row)
{
    const char *line = strstr(text, arena_printf(test_arena(), "\n| %s |", row));
    size_t count = 0;
    for (const char *at = line ? line + 1 : ""; *at && *at != '\n'; at++)
        count += *at == '`';
    return count / 2;
}

struct tally {
    size_t rejected; /* cases that at least one version rejects, or takes without a part of it */
    size_t accepted; /* cases that at least one version takes, and natsform as well */
    size_t rows;     /* cases by versions that are not taken as they are */
    size_t predicted;
    struct strbuf wrong;
    VEC(const struct one_case *) missed;
    VEC(const struct one_case *) stricter;
};

static void weigh(struct tally *tally, const struct one_case *at)
{
    size_t versions;
    const char *const *names = server_versions(&versions);
    bool rejected = false, accepted = false, missed = false, strict = false;
    for (size_t i = 0; i < versions; i++) {
        ck_assert_msg(at->outcomes[i] != NULL, "%s has no outcome for %s", at->name, names[i]);
        bool taken = accepts(at->outcomes[i]);
        bool no = says_no(at, names[i]);
        strict |= taken && no;
        accepted |= taken && !no;
        rejected |= !taken;
        missed |= !taken && !no;
        tally->rows += !taken;
        tally->predicted += !taken && no;
        if (taken && no && !at->stricter)
            strbuf_addf(&tally->wrong, "%s: false alarm for %s\n", at->name, names[i]);
    }
    tally->rejected += rejected;
    tally->accepted += accepted;
    if (missed)
        VEC_PUSH(test_arena(), &tally->missed, at);
    if (strict)
        VEC_PUSH(test_arena(), &tally->stricter, at);
    if (at->stricter && !strict)
        strbuf_addf(&tally->wrong, "%s: natsform is not stricter than servers\n", at->name);
}

/* docs/rules.md lists what is missed, and what natsform refuses though a server takes it: neither more nor less. */
static void compare_with_document(struct tally *tally)
{
    static const char *const reasons[] = {"what is there", "the server alone"};
    const char *text = document();
    size_t listed = 0;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        listed += names_in_row(text, reasons[i]);
    if (listed != tally->missed.count)
        strbuf_addf(&tally->wrong, "docs/rules.md lists %zu cases as not known offline, not %zu\n", listed,
                    tally->missed.count);
    for (size_t i = 0; i < tally->missed.count; i++) {
        const char *name = tally->missed.items[i]->name;
        if (!is_listed(text, reasons[0], name) && !is_listed(text, reasons[1], name))
            strbuf_addf(&tally->wrong, "docs/rules.md does not list %s as not known offline\n", name);
    }
    for (size_t i = 0; i < tally->stricter.count; i++) {
        const struct one_case *at = tally->stricter.items[i];
        if (at->stricter && !is_listed(text, at->stricter, at->name))
            strbuf_addf(&tally->wrong, "docs/rules.md does not list %s under '%s'\n", at->name, at->stricter);
    }
}

START_TEST(documented)
{
    const char *text = document();
    (void)_i;
    const struct rule *rule;
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        if (rule->each & OF_SERVERS || rule->code->severity != SEVERITY_ERROR)
            continue; /* tests/live/server_rules.c has them; servers take it */
        const char *row = arena_printf(test_arena(), "| `%s` | %s |", rule->code->name, rule->doc);
        ck_assert_msg(strstr(text, row) != NULL, "docs/rules.md has no row '%s'", row);
    }
}
END_TEST

START_TEST(offline)
{
    struct tally tally = {0};
    if (_i > 0)
        return; /* all versions at once */
    read_cases();
    for (size_t i = 0; i < cases.count; i++)
        weigh(&tally, cases.items[i]);
    compare_with_document(&tally);
    ck_assert_msg(tally.wrong.length == 0, "%s", strbuf_text(&tally.wrong));
    ck_assert_uint_ge(tally.rejected, REJECTED_LEAST);
    ck_assert_uint_ge(tally.accepted, ACCEPTED_LEAST);
    ck_assert_msg(tally.predicted * 100 >= tally.rows * PREDICTED_LEAST, "%zu of %zu are predicted",
                  tally.predicted, tally.rows);
    strbuf_release(&tally.wrong);
}
END_TEST

/* ---- with one ---- */

static const char *spell_wire(const struct written *object)
{
    struct arena *arena = test_arena();
    struct node *config = config_over(object->config, config_read(""));
    const struct node *durable = node_get(config, "durable_name");
    if (!object->consumer) {
        node_put(arena, config, "name", node_scalar(arena, object->stream, true));
        return config_json(config);
    }
    if (durable && !*durable->text) {
        node_remove(config, "durable_name");
        node_put(arena, config, "name", node_scalar(arena, object->consumer, true));
    } else if (!durable) {
        node_put(arena, config, "durable_name", node_scalar(arena, object->consumer, true));
    }
    struct node *request = node_map(arena);
    node_put(arena, request, "stream_name", node_scalar(arena, object->stream, true));
    node_put(arena, request, "config", config);
    return config_json(request);
}

static struct raw_reply request(const struct server_fixture *server, const struct written *object)
{
    struct arena *arena = test_arena();
    const char *verb =
        object->consumer
            ? arena_printf(arena, "CONSUMER.CREATE.%s.%s", object->stream, object->consumer)
            : arena_printf(arena, "STREAM.%s.%s", object->updates ? "UPDATE" : "CREATE", object->stream);
    return raw_call(server, verb, spell_wire(object));
}

/* A stream that has just been deleted may still be on its way out, and keep the next of its name from its place. */
static struct raw_reply request_again(const struct server_fixture *server, const struct written *object,
                                      const char *outcome)
{
    struct raw_reply reply = request(server, object);
    struct patience patience = {0};
    while (strstr(outcome, reply.description) == NULL && strstr(reply.description, "error creating store") &&
           patience_lasts(&patience))
        reply = request(server, object);
    return reply;
}

static void clear(const struct server_fixture *server)
{
    const struct node *names = node_get(raw_must(server, "STREAM.NAMES", "").root, "streams");
    for (size_t i = 0; names && names->type == NODE_LIST && i < names->count; i++)
        raw_must(server, arena_printf(test_arena(), "STREAM.DELETE.%s", names->items[i]->text), "");
}

/* "10052 text" or what was kept; the order of names in some texts is not always the same. */
static bool is_as_recorded(const struct raw_reply *reply, const char *outcome)
{
    if (!reply->err_code)
        return accepts(outcome) || strncmp(outcome, "drops ", 6) == 0;
    const char *text = arena_printf(test_arena(), "%d %s", reply->err_code, reply->description);
    return strcmp(text, outcome) == 0;
}

static void compare_on(struct strbuf *wrong, struct server_fixture *fixture, struct server *server,
                       const struct one_case *at, const char *outcome)
{
    for (size_t i = 0; i + 1 < at->count; i++) {
        struct raw_reply reply = request_again(fixture, &at->objects[i], "");
        if (reply.err_code)
            strbuf_addf(wrong, "%s: %s is refused: %s\n", at->name, at->objects[i].stream, reply.description);
    }
    bool no = plan_says_no(at, server);
    struct raw_reply reply = request_again(fixture, &at->objects[at->count - 1], outcome);
    if (!is_as_recorded(&reply, outcome))
        strbuf_addf(wrong, "%s: '%d %s' and not '%s'\n", at->name, reply.err_code, reply.description,
                    outcome);
    if (!accepts(outcome) && !no)
        strbuf_addf(wrong, "%s: no plan says '%s'\n", at->name, outcome);
    if (accepts(outcome) && no && !at->stricter)
        strbuf_addf(wrong, "%s: plan raises a false alarm\n", at->name);
    clear(fixture);
}

START_TEST(on_server)
{
    struct strbuf wrong = {0};
    struct server_fixture *fixture = fixture_start(version_at(_i), NULL);
    struct server *server = client_of(fixture);
    read_cases();
    for (size_t i = 0; i < cases.count; i++) {
        const char *outcome = cases.items[i]->outcomes[_i];
        if (strcmp(outcome, "captures") != 0) /* it would answer for the API from then on */
            compare_on(&wrong, fixture, server, cases.items[i], outcome);
    }
    server_close(server);
    fixture_stop(fixture);
    ck_assert_msg(wrong.length == 0, "%s", strbuf_text(&wrong));
    strbuf_release(&wrong);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = documented, .each_version = true},
        {.test = offline, .each_version = true},
        {.test = on_server, .each_version = true},
    };
    return suite_run("rejections", tests, sizeof(tests) / sizeof(tests[0]));
}
