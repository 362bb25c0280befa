/*
 * Every shape of a plan, as people see it on terminals of 60, 100 and 200 columns, with and without colours: a golden file in
 * tests/golden for each. If a change of these is wanted, write them anew and read the difference:
 *
 *     GOLDEN=renew build/dev/tests/unit view_plan && git diff tests/golden
 */
#include "view/plan_json.h"
#include "view/plan_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "support/run.h"
#include "syntax/json.h"
#include "unit/planning.h"
#include "unit/suites.h"
#include "view/diagnostics.h"
#include "view/review.h"

#define OURS "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"chat\"}"
#define THEIRS "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"billing\"}"
#define MARKED(more) "\"metadata\":{\"natsform.object\":\"@\",\"natsform.project\":\"chat\"," more "}"
#define PROTECTED MARKED("\"natsform.prevent_destroy\":\"true\"")
#define HOLDS "\"messages\":1200,\"bytes\":1572864,\"first_ts\":\"2026-01-01T00:00:00Z\",\"num_subjects\":3"

struct shape {
    const char *name;
    const char *manifest;        /* of project chat */
    const char *streams[6][3];   /* name, configuration and state of live streams */
    const char *consumers[6][3]; /* stream, name and configuration */
    const char *allow_loss[2];
    uint32_t version;
    bool clustered;
    bool destroy;
    bool prune;
    bool cut;       /* it has a word that is longer than 60 columns */
    uint64_t skips; /* what each consumer that changes passes by, which only a server tells */
    bool beside;    /* all of the account was seen */
};

static const struct shape shapes[] = {
    {.name = "create",
     .manifest =
         "streams:\n"
         "  ORDERS:\n"
         "    description: Everything that customers have ordered, from the first click to the last parcel\n"
         "    subjects: [orders.created, orders.paid, orders.packed, orders.shipped, orders.returned]\n"
         "    max_age: 30d\n"
         "    max_bytes: 10GiB\n"
         "    metadata: {team: shop, page: on call}\n"
         "    consumers:\n"
         "      billing: {ack_policy: explicit, filter_subject: orders.paid, max_deliver: 5, backoff: [1s, 10s, 1m, 10m, 1h]}\n"
         "key_values:\n"
         "  sessions: {history: 5, ttl: 1h}\n"
         "object_stores:\n"
         "  uploads: {max_bytes: 50GiB}\n"},
    {.name = "update",
     .manifest =
         "streams:\n"
         "  ORDERS:\n"
         "    description: Everything that customers have ordered, from the first click to the last parcel\n"
         "    subjects: [orders.created, orders.paid, orders.sent.>]\n"
         "    max_age: 30d\n"
         "    metadata: {team: shop, tier: gold}\n"
         "    consumers:\n"
         "      billing: {ack_policy: explicit, max_deliver: 5, backoff: [1s, 20s, 1m, 1h], metadata: {team: shop}}\n",
     .streams =
         {{"ORDERS",
           "\"subjects\":[\"orders.created\",\"orders.paid\",\"orders.shipped\"],\"max_age\":86400000000000,"
           "\"description\":\"What customers have ordered since the beginning of the year\"," MARKED(
               "\"owner\":\"ann\",\"team\":\"sales\""),
           HOLDS}},
     .consumers =
         {{"ORDERS", "billing",
           "\"max_deliver\":7,\"backoff\":[1000000000,10000000000,60000000000,3600000000000]," OURS}}},
    {.name = "in-sync",
     .manifest = "streams: {ORDERS: {subjects: [ORDERS]}}\n",
     .streams = {{"ORDERS", OURS, HOLDS}}},
    {.name = "sources",
     .manifest = "streams:\n"
                 "  ALL:\n"
                 "    placement: {tags: [ssd]}\n"
                 "    republish: {src: a.>, dest: b.>, headers_only: true}\n"
                 "    consumer_limits: {inactive_threshold: 10m, max_ack_pending: 100}\n"
                 "    sources: [{name: EU}, {name: ASIA, filter_subject: asia.>}]\n"
                 "  ASIA: {subjects: [asia.>]}\n"
                 "  EU: {subjects: [eu.>]}\n",
     .clustered = true,
     .streams =
         {{"ALL",
           "\"subjects\":null,\"duplicate_window\":null,\"sources\":[{\"name\":\"EU\"},{\"name\":\"US\"}],\"placement\":{\"cluster\":\"c1\"},"
           "\"republish\":{\"src\":\"a.>\",\"dest\":\"c.>\"},"
           "\"consumer_limits\":{\"inactive_threshold\":3600000000000,\"max_ack_pending\":500}," OURS,
           ""},
          {"ASIA", "\"subjects\":[\"asia.>\"]," OURS, ""},
          {"EU", "\"subjects\":[\"eu.>\"]," OURS, ""}}},
    {.name = "protection",
     .manifest = "streams:\n"
                 "  CALM: {subjects: [CALM]}\n"
                 "  SAFE: {subjects: [SAFE], lifecycle: {prevent_destroy: true}}\n"
                 "  RENEWED: {subjects: [RENEWED]}\n",
     .streams = {{"CALM", PROTECTED, ""},
                 {"SAFE", OURS, ""},
                 {"RENEWED", "\"metadata\":{\"natsform.project\":\"chat\"}", ""}}},
    {.name = "adopt",
     .manifest = "streams:\n"
                 "  AS_IT_IS: {subjects: [AS_IT_IS]}\n"
                 "  CHANGED: {subjects: [CHANGED], max_age: 7d, metadata: {team: shop}}\n"
                 "  COPY: {subjects: [COPY]}\n",
     .streams = {{"AS_IT_IS", "", HOLDS},
                 {"CHANGED", "\"metadata\":{\"owner\":\"ann\"}", ""},
                 {"COPY", "\"metadata\":{\"natsform.object\":\"ORIGINAL\",\"natsform.project\":\"chat\"}",
                  ""}}},
    {.name = "adopt-loss",
     .manifest = "streams: {ORDERS: {subjects: [ORDERS], max_msgs: 1000}}\n",
     .streams = {{"ORDERS", "", HOLDS}}},
    {.name = "forget",
     .manifest = "removed: {streams: [OLD], consumers: [{stream: KEPT, name: old}]}\n"
                 "streams: {KEPT: {subjects: [KEPT]}}\n",
     .streams = {{"KEPT", OURS, ""}, {"OLD", PROTECTED, HOLDS}},
     .consumers = {{"KEPT", "old", OURS}}},
    {.name = "undefined",
     .manifest = "streams: {KEPT: {subjects: [KEPT]}}\n",
     .streams = {{"KEPT", OURS, ""}, {"LEFT", OURS, HOLDS}},
     .consumers = {{"KEPT", "left", OURS}, {"LEFT", "c", OURS}}},
    {.name = "beside",
     .manifest = "streams: {KEPT: {subjects: [KEPT]}}\n",
     .streams = {{"KEPT", OURS, ""}, {"FOUND", "", HOLDS}, {"FOUND_TOO", "", ""}, {"THEIR_OWN", THEIRS, ""}},
     .consumers = {{"KEPT", "found", ""}, {"KEPT", "left", OURS}},
     .beside = true},
    {.name = "filters",
     .manifest = "streams:\n"
                 "  ORDERS:\n"
                 "    subjects: [orders.>]\n"
                 "    consumers:\n"
                 "      billing: {ack_policy: explicit, filter_subject: orders.paid}\n"
                 "      sending: {ack_policy: explicit, filter_subjects: [orders.paid, orders.packed]}\n",
     .streams = {{"ORDERS", "\"subjects\":[\"orders.>\"]," OURS, HOLDS}},
     .consumers = {{"ORDERS", "billing", "\"filter_subject\":\"orders.created\"," OURS},
                   {"ORDERS", "sending", "\"filter_subject\":\"orders.packed\"," OURS}},
     .skips = 250},
    {.name = "lowered",
     .manifest = "streams:\n"
                 "  ORDERS: {subjects: [ORDERS], consumers: {c: {ack_policy: explicit}}}\n"
                 "  OTHERS: {subjects: [OTHERS]}\n",
     .streams = {{"ORDERS", "\"duplicate_window\":5000000000," OURS, HOLDS}, {"OTHERS", OURS, ""}},
     .consumers = {{"ORDERS", "c", "\"max_ack_pending\":7," OURS}}},
    {.name = "delete",
     .manifest = "streams: {KEPT: {subjects: [KEPT]}}\n",
     .streams = {{"KEPT", OURS, HOLDS}, {"EMPTY", OURS, ""}, {"OLD", OURS, HOLDS ",\"consumer_count\":2"}},
     .consumers = {{"KEPT", "old", OURS}, {"OLD", "audit", OURS}, {"OLD", "billing", OURS}},
     .prune = true,
     .allow_loss = {"OLD"}},
    {.name = "delete-refused",
     .manifest = "streams: {KEPT: {subjects: [KEPT]}}\n",
     .streams = {{"KEPT", OURS, ""},
                 {"FULL", OURS, HOLDS},
                 {"LENT", OURS, ""},
                 {"SAFE", PROTECTED, ""},
                 {"SHARED", OURS, ""}},
     .consumers = {{"SHARED", "theirs", THEIRS}, {"LENT", "safe", PROTECTED}},
     .prune = true},
    {.name = "destroy",
     .manifest = "streams:\n"
                 "  OURS: {subjects: [OURS], consumers: {c: {}}}\n"
                 "  SAFE: {subjects: [SAFE], lifecycle: {prevent_destroy: true}}\n"
                 "  THEIRS: {subjects: [THEIRS]}\n",
     .streams = {{"OURS", OURS, HOLDS ",\"consumer_count\":1"}, {"SAFE", OURS, ""}, {"THEIRS", "", ""}},
     .consumers = {{"OURS", "c", OURS}},
     .destroy = true,
     .allow_loss = {"OURS"}},
    {.name = "immutable",
     .manifest = "streams:\n"
                 "  ORDERS:\n"
                 "    storage: memory\n"
                 "    max_msgs: 5000\n"
                 "    mirror: {name: EU}\n",
     .version = VERSION(2, 10, 27),
     .streams = {{"ORDERS", "\"subjects\":null,\"duplicate_window\":null,\"mirror\":{\"name\":\"US\"}," OURS,
                  HOLDS}}},
    {.name = "sealed",
     .manifest = "streams: {ARCHIVE: {subjects: [ARCHIVE], max_age: 7d, max_msgs: 5000}}\n",
     .streams = {{"ARCHIVE",
                  "\"sealed\":true,\"discard\":\"new\",\"deny_delete\":true,\"deny_purge\":true," OURS,
                  HOLDS}}},
    {.name = "foreign",
     .manifest = "streams:\n"
                 "  SHARED: {subjects: [SHARED], consumers: {c: {}}}\n"
                 "  OURS: {subjects: [OURS], consumers: {theirs: {ack_policy: explicit}}}\n",
     .streams = {{"OURS", OURS, ""}, {"SHARED", THEIRS, HOLDS}},
     .consumers = {{"OURS", "theirs", THEIRS}}},
    {.name = "loss",
     .manifest = "streams:\n"
                 "  BY_AGE: {subjects: [BY_AGE], max_age: 7d}\n"
                 "  BY_BYTES:\n"
                 "    subjects: [BY_BYTES]\n"
                 "    max_bytes: 1MiB\n"
                 "  BY_BOTH: {subjects: [BY_BOTH], max_msgs: 1000, max_age: 14d}\n"
                 "  BY_INTEREST: {subjects: [BY_INTEREST], retention: interest}\n"
                 "  BY_SUBJECT: {subjects: [BY_SUBJECT], max_msgs_per_subject: 10}\n"
                 "  TO_THE_NUMBER: {subjects: [TO_THE_NUMBER], max_msgs: 1000}\n",
     .streams = {{"BY_AGE", OURS, HOLDS},
                 {"BY_BYTES", OURS, HOLDS},
                 {"BY_BOTH", OURS, HOLDS},
                 {"BY_INTEREST", OURS, HOLDS},
                 {"BY_SUBJECT", OURS, HOLDS},
                 {"TO_THE_NUMBER", OURS, HOLDS}}},
    {.name = "loss-allowed",
     .manifest = "streams: {ORDERS: {subjects: [ORDERS], max_msgs: 1000}}\n",
     .streams = {{"ORDERS", OURS, HOLDS}},
     .allow_loss = {"ORDERS"}},
    {.name = "risk",
     .manifest =
         "streams:\n"
         "  LOG: {subjects: [LOG], deny_delete: true, deny_purge: true}\n"
         "  WORK: {subjects: [WORK], consumers: {c: {ack_policy: explicit, pause_until: 2027-01-01T00:00:00Z},\n"
         "    push: {deliver_subject: to.b, ack_policy: explicit}}}\n",
     .streams = {{"LOG", OURS, HOLDS}, {"WORK", OURS, HOLDS}},
     .consumers = {{"WORK", "c", OURS},
                   {"WORK", "push", "\"deliver_subject\":\"to.a\",\"max_waiting\":null," OURS}}},
    {.name = "anew",
     .manifest =
         "streams:\n"
         "  KEPT: {subjects: [KEPT], storage: memory, lifecycle: {on_immutable: migrate}, consumers:\n"
         "    {c: {ack_policy: none, lifecycle: {on_immutable: migrate}}}}\n"
         "  FRESH: {subjects: [FRESH], storage: memory, lifecycle: {on_immutable: recreate}}\n"
         "  EMPTY: {subjects: [EMPTY], storage: memory}\n"
         "  NEW: {subjects: [OLD], renamed_from: OLD}\n",
     .streams = {{"KEPT", OURS, HOLDS}, {"FRESH", OURS, HOLDS}, {"EMPTY", OURS, ""}, {"OLD", OURS, HOLDS}},
     .consumers = {{"KEPT", "c", OURS}},
     .allow_loss = {"FRESH"}},
    {.name = "refusals",
     .manifest =
         "streams:\n"
         "  NEW: {subjects: [OLD], renamed_from: OLD}\n"
         "  COPY: {subjects: [copy], sources: [{name: ORDERS, filter_subject: orders.eu}]}\n"
         "  ORDERS: {subjects: [orders.>]}\n"
         "  WAITED: {subjects: [WAITED.>], retention: interest, consumers: {c: {ack_policy: explicit}}}\n",
     .streams = {{"OLD", THEIRS, HOLDS},
                 {"COPY", "\"subjects\":[\"copy\"],\"sources\":[{\"name\":\"ORDERS\"}]," OURS, HOLDS},
                 {"ORDERS", "\"subjects\":[\"orders.>\"]," OURS, HOLDS},
                 {"WAITED", "\"subjects\":[\"WAITED.>\"],\"retention\":\"interest\"," OURS, HOLDS}},
     .consumers = {{"WAITED", "c", "\"filter_subject\":\"WAITED.a\"," OURS}}},
    {.name = "order",
     .manifest =
         "streams:\n"
         "  NEWS: {subjects: [news.>, extra.>], retention: interest, consumers: {reader: {ack_policy: explicit}}}\n"
         "  LEFT: {subjects: [left.a, moving.b]}\n"
         "  RIGHT: {subjects: [right.a]}\n",
     .streams = {{"NEWS", "\"subjects\":[\"news.>\"],\"retention\":\"interest\"," OURS, ""},
                 {"LEFT", "\"subjects\":[\"left.a\"]," OURS, ""},
                 {"RIGHT", "\"subjects\":[\"right.a\",\"moving.b\"]," OURS, ""}}},
    {.name = "unmanaged",
     .manifest = "streams: {ORDERS: {subjects: [ORDERS], max_age: 7d}}\n",
     .streams = {{"ORDERS", "\"quantum\":true,\"max_wormholes\":5," OURS, HOLDS}}},
    {.name = "bucket",
     .manifest = "key_values: {sessions: {history: 10, ttl: 2h, description: Who is there}}\n",
     .streams =
         {{"KV_sessions",
           "\"subjects\":[\"$KV.sessions.>\"],\"max_msgs_per_subject\":5,\"max_age\":3600000000000,"
           "\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"discard\":\"new\",\"allow_direct\":true," OURS,
           HOLDS}}},
    {.name = "wide",
     .manifest =
         "streams:\n"
         "  注文:\n"
         "    description: 最初のクリックから 最後の荷物まで お客様が注文したすべてのもの 例外なく こちらに記録されます\n"
         "    subjects: [注文.作成, cafe\u0301.re\u0301sume\u0301.de\u0301ja\u0300, 注文.支払い, 注文.発送, 注文.返品]\n"},
    {.name = "long-words",
     .manifest =
         "streams:\n"
         "  ORDERS:\n"
         "    description: "
         "x0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\n"
         "    subjects: [a.very.long.subject.that.goes.on.and.on.and.on.and.on.until.it.does.not.fit.into.a.line]\n",
     .streams = {{"ORDERS", OURS, ""}},
     .cut = true},
};

static const size_t widths[] = {60, 100, 200};

/* ---- what is shown ---- */

static struct plan *plan_of(const struct shape *shape)
{
    const char *live[COUNT_OF(shape->streams) + COUNT_OF(shape->consumers) + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(shape->streams) && shape->streams[i][0]; i++)
        live[count++] = planning_stream(shape->streams[i][0], shape->streams[i][1], shape->streams[i][2]);
    for (size_t i = 0; i < COUNT_OF(shape->consumers) && shape->consumers[i][0]; i++)
        live[count++] =
            planning_consumer(shape->consumers[i][0], shape->consumers[i][1], shape->consumers[i][2]);
    struct plan *plan = planning_plan(&(struct planning){
        .manifest = arena_printf(&world.arena, "project: chat\n%s", shape->manifest),
        .live = live,
        .version = shape->version,
        .clustered = shape->clustered,
        .asks = true,
        .destroy = shape->destroy,
        .prune = shape->prune,
        .allow_loss = shape->allow_loss[0] ? shape->allow_loss : NULL,
    });
    plan->beside = shape->beside;
    for (size_t i = 0; i < plan->steps.count; i++)
        plan->steps.items[i]->skips = plan->steps.items[i]->stream ? shape->skips : 0;
    plan->target.url = "nats://127.0.0.1:4222";
    plan->target.found = "nats context 'shop'";
    return plan;
}

static const char *shown_at(const struct plan *plan, size_t columns, bool colours)
{
    char *text = NULL;
    size_t length = 0;
    struct style style = {.file = open_memstream(&text, &length), .columns = columns, .colours = colours};
    view_plan_text(&style, plan);
    view_diagnostics(&style, &world.diags);
    fclose(style.file);
    const char *kept = arena_strdup(&world.arena, text);
    free(text);
    return kept;
}

/* No line is longer than the terminal. */
static void check_widths(const char *text, size_t columns)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        size_t width = 0;
        for (size_t at = 0, step = 0; at < length; at += step)
            width += utf8_step(line + at, length - at, &step);
        ck_assert_msg(width <= columns, "%zu columns, not %zu: %.*s", width, columns, (int)length, line);
        ck_assert_msg(length == 0 || line[length - 1] != ' ', "a blank at the end: '%.*s'", (int)length,
                      line);
    }
}

/* The words of a text, with one blank between them. The lines of files, which are cut, and their carets are left out. */
static const char *words_of(const char *text)
{
    struct strbuf words = {0};
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        const char *bar = strstr(line, " | ");
        const char *word = line + strspn(line, " ");
        if (bar && bar < line + 8)
            continue;
        while (*word && *word != '\n') {
            size_t length = strcspn(word, " \n");
            strbuf_addf(&words, "%.*s ", (int)length, word);
            word += length + strspn(word + length, " ");
        }
    }
    const char *kept = arena_strdup(&world.arena, strbuf_text(&words));
    strbuf_release(&words);
    return kept;
}

static void add_visibly(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        strbuf_adds(out, *text == '\033' ? "<ESC>" : (char[]){*text, '\0'});
}

static const char *whole_file(const char *path)
{
    struct strbuf text = {0};
    char chunk[4096];
    FILE *file = fopen(path, "r");
    size_t got = 0;
    while (file && (got = fread(chunk, 1, sizeof(chunk) - 1, file)) > 0) {
        chunk[got] = '\0';
        strbuf_adds(&text, chunk);
    }
    if (file)
        fclose(file);
    const char *kept = arena_strdup(&world.arena, strbuf_text(&text));
    strbuf_release(&text);
    return kept;
}

static void check_golden(const char *path, const char *text)
{
    const char *renew = getenv("GOLDEN");
    if (renew && strcmp(renew, "renew") == 0) {
        FILE *file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        fputs(text, file);
        fclose(file);
    }
    ck_assert_text(text, whole_file(path));
}

START_TEST(golden)
{
    const struct shape *shape = &shapes[_i];
    const struct plan *plan = plan_of(shape);
    const char *path = arena_printf(&world.arena, "tests/golden/%s.txt", shape->name);
    const char *words = words_of(shown_at(plan, 0, false));
    struct strbuf out = {0};
    strbuf_addf(&out, "project: chat\n%s", shape->manifest);
    for (size_t i = 0; i < COUNT_OF(widths) * 2; i++) {
        size_t columns = widths[i / 2];
        bool colours = i % 2;
        const char *text = shown_at(plan, columns, colours);
        strbuf_addf(&out, "\n== %zu columns%s\n\n", columns, colours ? " in colours" : "");
        add_visibly(&out, text);
        if (!colours)
            check_widths(text, columns);
        if (!colours && !shape->cut)
            ck_assert_str_eq(words_of(text), words);
    }
    check_golden(path, strbuf_text(&out));
    strbuf_release(&out);
}
END_TEST

/* ---- for reviewers ---- */

typedef void review_writer(const struct review *review, FILE *out);

static void add_review(struct strbuf *out, const char *title, review_writer *write,
                       const struct review *review)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    write(review, file);
    fclose(file);
    strbuf_addf(out, "== %s\n\n%s\n", title, text);
    free(text);
}

/* The same plans as markdown, as annotations, and as JUnit: tests/golden/review-*.txt. */
START_TEST(reviews)
{
    struct plan *plan = plan_of(&shapes[_i]);
    struct node *document = plan_json(&world.arena, plan), *diagnostics = node_list(&world.arena);
    struct strbuf out = {0};
    review_add_diffs(&world.arena, plan, document);
    diagnostics_json(&world.arena, &world.diags, NULL, diagnostics);
    node_put(&world.arena, document, "diagnostics", diagnostics);
    const struct review review = {
        .arena = &world.arena, .command = "plan", .document = document, .folder = "deploy"};
    add_review(&out, "markdown", review_markdown, &review);
    add_review(&out, "annotations", review_github, &review);
    add_review(&out, "junit", review_junit, &review);
    check_golden(arena_printf(&world.arena, "tests/golden/review-%s.txt", shapes[_i].name),
                 strbuf_text(&out));
    strbuf_release(&out);
}
END_TEST

/* Is there a golden file about each action, each refusal of a plan, and each risk? */
START_TEST(nothing_is_missing)
{
    static const char *const refusals[] = {"data-loss", "foreign",      "immutable",        "protected",
                                           "renamed",   "copied-again", "filter-taken-away"};
    static const char *const risks[] = {"destroys_data", "irreversible", "redelivers"};
    struct strbuf all = {0};
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        strbuf_adds(&all, json_text(&world.arena, plan_json(&world.arena, plan_of(&shapes[i]))));
        world_teardown();
        world_setup();
    }
    for (enum action action = ACTION_CREATE; action <= ACTION_REFUSED; action++)
        ck_assert_contains(strbuf_text(&all),
                           arena_printf(&world.arena, "\"action\":\"%s\"", action_name(action)));
    for (size_t i = 0; i < COUNT_OF(refusals); i++)
        ck_assert_contains(strbuf_text(&all), arena_printf(&world.arena, "\"code\":\"%s\"", refusals[i]));
    for (size_t i = 0; i < COUNT_OF(risks); i++)
        ck_assert_contains(strbuf_text(&all), arena_printf(&world.arena, "\"%s\":true", risks[i]));
    ck_assert_contains(strbuf_text(&all), "\"skips\":250");
    strbuf_release(&all);
}
END_TEST

/* ---- for programs ---- */

/* As far as schemas/output.schema.json uses JSON Schema. */
static bool has_type(const struct node *node, const char *type)
{
    bool boolean = false;
    if (strcmp(type, "object") == 0)
        return node->type == NODE_MAP;
    if (strcmp(type, "array") == 0)
        return node->type == NODE_LIST;
    if (node->type != NODE_SCALAR)
        return false;
    if (strcmp(type, "string") == 0)
        return node->quoted;
    if (strcmp(type, "null") == 0)
        return node_is_null(node);
    if (strcmp(type, "boolean") == 0)
        return node_is_bool(node, &boolean);
    return !node->quoted && strspn(node->text, "-0123456789") == strlen(node->text);
}

static bool is_one_of(const struct node *node, const struct node *list, bool types)
{
    for (size_t i = 0; i < list->count; i++)
        if (types ? has_type(node, list->items[i]->text) : strcmp(node->text, list->items[i]->text) == 0)
            return true;
    return false;
}

static void check_schema(const struct node *root, const struct node *schema, const struct node *node,
                         const char *at);

static void check_members(const struct node *root, const struct node *schema, const struct node *node,
                          const char *at)
{
    const struct node *properties = node_get(schema, "properties");
    const struct node *required = node_get(schema, "required");
    for (size_t i = 0; required && i < required->count; i++)
        ck_assert_msg(node_get(node, required->items[i]->text), "%s lacks '%s'", at,
                      required->items[i]->text);
    for (size_t i = 0; properties && i < node->count; i++) {
        const char *key = node->members[i].key;
        ck_assert_msg(node_get(properties, key), "%s has '%s', which the schema has not", at, key);
        check_schema(root, node_get(properties, key), node->members[i].value,
                     arena_printf(&world.arena, "%s.%s", at, key));
    }
}

static void check_schema(const struct node *root, const struct node *schema, const struct node *node,
                         const char *at)
{
    const char *reference = node_get_text(schema, "$ref");
    if (*reference)
        schema = node_get(node_get(root, "$defs"), strrchr(reference, '/') + 1);
    const struct node *type = node_get(schema, "type");
    const struct node *words = node_get(schema, "enum");
    if (type)
        ck_assert_msg(type->type == NODE_LIST ? is_one_of(node, type, true) : has_type(node, type->text),
                      "%s is of another type", at);
    if (words)
        ck_assert_msg(is_one_of(node, words, false), "%s is '%s'", at, node->text);
    if (node->type == NODE_MAP)
        check_members(root, schema, node, at);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        check_schema(root, node_get(schema, "items"), node->items[i],
                     arena_printf(&world.arena, "%s[%zu]", at, i));
}

START_TEST(schema)
{
    const struct plan *plan = plan_of(&shapes[_i]);
    const char *text = whole_file("schemas/output.schema.json");
    const struct node *root = json_read(&world.arena, text, strlen(text), NULL, &world.diags);
    struct node *document = plan_json(&world.arena, plan);
    struct node *diagnostics = node_list(&world.arena);
    ck_assert_ptr_nonnull(root);
    diagnostics_json(&world.arena, &world.diags, NULL, diagnostics);
    node_put(&world.arena, document, "diagnostics", diagnostics);
    check_schema(root, root, document, shapes[_i].name);
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct node *change = node_get(document, "resource_changes")->items[i];
        bool refused = plan->steps.items[i]->action == ACTION_REFUSED;
        ck_assert_msg((node_get(change, "refused") != NULL) == refused, "%s: why is %s refused?",
                      shapes[_i].name, plan->steps.items[i]->label);
    }
    /* What is said of an object names it. */
    for (size_t i = 0; i < world.diags.list.count; i++)
        ck_assert_msg(world.diags.list.items[i]->object || !world.diags.list.items[i]->pos.source, "%s: %s",
                      shapes[_i].name, world.diags.list.items[i]->message);
}
END_TEST

Suite *view_plan_suite(void)
{
    Suite *suite = suite_create("view/plan");
    TCase *tests = tcase_create("golden");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, golden, 0, COUNT_OF(shapes));
    tcase_add_loop_test(tests, reviews, 0, COUNT_OF(shapes));
    tcase_add_test(tests, nothing_is_missing);
    tcase_add_loop_test(tests, schema, 0, COUNT_OF(shapes));
    suite_add_tcase(suite, tests);
    return suite;
}
