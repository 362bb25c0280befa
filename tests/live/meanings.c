/*
 * One meaning, one value. For each row of the field tables: spellings that a server keeps alike are no difference to natsform, and
 * those that it keeps apart are one, whichever of them is live and whichever is in the manifest.
 *
 * Each spelling is made raw, as an object of its own, and what the server says of it is its meaning there. Then one plan for each
 * spelling, of all objects at once (support/rows.h).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "base/vec.h"
#include "kind/kinds.h"
#include "support/bench.h"
#include "support/samples.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"

enum { SPELLINGS_MOST = 16 };

#define PUSH "deliver_subject: push.row"

/* What an object needs for the row to mean something, and spellings that do not follow from the row's type. */
static const struct row_case cases[] = {
    {"stream.subjects",
     NULL,
     {"subjects: [" ROW_STREAM "]", "subjects: [row.b, row.a]", "subjects: [row.a, row.b]"}},
    {"stream.num_replicas", NULL, {"num_replicas: 1"}},
    {"stream.max_age", NULL, {"max_age: 3600000000000"}},
    {"stream.duplicate_window", NULL, {"duplicate_window: 120000000000", "duplicate_window: 60000000000"}},
    {"stream.duplicate_window",
     "max_age: 60000000000",
     {"duplicate_window: 60000000000", "duplicate_window: 120000000000"}},
    {"stream.mirror_direct", "mirror: {name: NOWHERE}", {"mirror_direct: true"}},
    {"stream.discard_new_per_subject",
     "discard: new, max_msgs_per_subject: 5",
     {"discard_new_per_subject: true"}},
    {"stream.subject_delete_marker_ttl",
     "allow_msg_ttl: true, allow_rollup_hdrs: true",
     {"subject_delete_marker_ttl: 60000000000"}},
    {"stream.metadata", NULL, {"metadata: {team: a}", "metadata: {team: ''}", "metadata: {team: b}"}},
    {"stream.republish.src", NULL, {"src: '>'"}},
    {"stream.sources",
     NULL,
     {"sources: [{name: ORIGIN}, {name: OTHER}]", "sources: [{name: OTHER}, {name: ORIGIN}]"}},
    {"stream.sources.subject_transforms",
     NULL,
     {"subject_transforms: [{src: origin.a, dest: row.a}, {src: origin.b, dest: row.b}]",
      "subject_transforms: [{src: origin.b, dest: row.b}, {src: origin.a, dest: row.a}]"}},
    {"stream.sources.filter_subject", NULL, {"filter_subject: origin.a", "filter_subject: '>'"}},
    {"stream.mirror.filter_subject", NULL, {"filter_subject: origin.a", "filter_subject: '>'"}},
    {"stream.consumer_limits.max_ack_pending", NULL, {"max_ack_pending: 1000"}},
    {"consumer.durable_name",
     "inactive_threshold: 3600000000000",
     {"durable_name: " ROW_CONSUMER, "durable_name: ''"}},
    {"consumer.deliver_policy", "filter_subject: home.a", {"deliver_policy: all"}},
    {"consumer.opt_start_seq", "deliver_policy: by_start_sequence", {"opt_start_seq: 5", "opt_start_seq: 6"}},
    {"consumer.opt_start_time",
     "deliver_policy: by_start_time",
     {"opt_start_time: '2024-01-01T00:00:00Z'", "opt_start_time: '2024-01-01T01:00:00.000+01:00'",
      "opt_start_time: '2024-01-01T00:00:00.5Z'"}},
    {"consumer.ack_wait", NULL, {"ack_wait: 30000000000", "ack_wait: 1000000000"}},
    {"consumer.ack_wait",
     "max_deliver: 5, backoff: [1000000000, 2000000000]",
     {"ack_wait: 1000000000", "ack_wait: 30000000000"}},
    {"consumer.backoff",
     "max_deliver: 5",
     {"backoff: [1000000000, 2000000000]", "backoff: [2000000000, 1000000000]"}},
    {"consumer.filter_subject",
     NULL,
     {"filter_subject: home.a", "filter_subjects: [home.a]", "filter_subject: '>'",
      "filter_subject: 'home.>'", "filter_subjects: []"}},
    {"consumer.filter_subjects",
     NULL,
     {"filter_subjects: [home.a, home.b]", "filter_subjects: [home.b, home.a]", "filter_subjects: [home.a]",
      "filter_subject: home.a"}},
    {"consumer.sample_freq",
     NULL,
     {"sample_freq: '10'", "sample_freq: 10%", "sample_freq: '0'", "sample_freq: 100%"}},
    {"consumer.rate_limit_bps", PUSH, {"rate_limit_bps: 1000"}},
    {"consumer.max_waiting", NULL, {"max_waiting: 512", "max_waiting: 10"}},
    {"consumer.max_ack_pending", NULL, {"max_ack_pending: 1000", "max_ack_pending: 10"}},
    {"consumer.flow_control", PUSH ", idle_heartbeat: 1000000000", {"flow_control: true"}},
    {"consumer.idle_heartbeat", PUSH, {"idle_heartbeat: 1000000000"}},
    {"consumer.deliver_group", PUSH, {"deliver_group: workers"}},
    {"consumer.inactive_threshold", NULL, {"inactive_threshold: 3600000000000"}},
    {"consumer.num_replicas", NULL, {"num_replicas: 1"}},
    {"consumer.metadata", NULL, {"metadata: {team: a}", "metadata: {team: ''}", "metadata: {team: b}"}},
    {"consumer.pause_until",
     NULL,
     {"pause_until: '2099-01-01T00:00:00Z'", "pause_until: '2099-01-01T01:00:00+01:00'",
      "pause_until: '2020-01-01T00:00:00Z'", "pause_until: '0001-01-01T00:00:00Z'"}},
    {"consumer.priority_groups", "priority_policy: overflow", {"priority_groups: [a]"}},
    {"consumer.priority_policy",
     NULL,
     {"priority_policy: none", "priority_policy: overflow, priority_groups: [a]"}},
    {"consumer.priority_timeout",
     "priority_policy: pinned_client, priority_groups: [a]",
     {"priority_timeout: 120000000000", "priority_timeout: 60000000000"}},
};

struct spelling {
    const char *text; /* members, where the row is; "": left out */
    bool nothing;     /* it is a way to say nothing */
    struct node *config;
    const char *meaning; /* NULL: the server does not take it */
    bool dropped; /* it takes it, and does not know it: a manifest cannot have it, or means something else */
};

struct spelt_row {
    const struct spot *spot;
    struct spelling list[SPELLINGS_MOST];
    size_t count;
};

/* An object in one spelling, and the plan of another. */
struct subject {
    struct spelt_row *row;
    struct spot spot; /* with a number of its own */
    struct spelling *live;
    struct spelling *planned;
    struct wanted wanted;
};

struct meanings {
    struct bench *bench;
    VEC(struct spelt_row *) rows;
    VEC(struct subject *) subjects;
    size_t alike, apart;
};

/* ---- spellings ---- */

static void add_spelling(struct spelt_row *row, const struct node *base, bool nothing, const char *text)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->list[i].text, text) == 0)
            return;
    ck_assert_uint_lt(row->count, SPELLINGS_MOST);
    row->list[row->count++] = (struct spelling){
        .text = text, .nothing = nothing, .config = config_over(base, spot_state(row->spot, text))};
}

/* What says nothing, in all ways; a number's default is also written out. */
static void add_nothings(struct spelt_row *row, const struct node *base)
{
    static const struct {
        unsigned types;
        const char *values[3];
    } nothings[] = {
        {FIELD_BOOL, {"false"}},
        {FIELD_COUNT | FIELD_SIZE | FIELD_DURATION, {"0", "-1"}},
        {FIELD_UNSIGNED, {"0"}},
        {FIELD_CHOICE | FIELD_TEXT | FIELD_NAME | FIELD_SUBJECT | FIELD_LITERAL | FIELD_GROUP | FIELD_PERCENT,
         {"''"}},
        {FIELD_OBJECT, {"{}"}},
    };
    const struct field *field = row->spot->field;
    add_spelling(row, base, true, "");
    if (field->id != CONSUMER_DURABLE_NAME ||
        row->spot->table != &consumer_table) /* a manifest's own default */
        add_spelling(row, base, true, arena_printf(test_arena(), "%s: null", field->name));
    if (field->shape != SHAPE_ONE) {
        add_spelling(
            row, base, true,
            arena_printf(test_arena(), field->shape == SHAPE_LIST ? "%s: []" : "%s: {}", field->name));
        return;
    }
    for (size_t i = 0; i < sizeof(nothings) / sizeof(nothings[0]); i++)
        for (size_t j = 0; j < 3 && nothings[i].values[j] && nothings[i].types & field->type; j++)
            add_spelling(row, base, true,
                         arena_printf(test_arena(), "%s: %s", field->name, nothings[i].values[j]));
}

static void add_row(struct meanings *meanings, const struct spot *spot, const struct row_case *row_case)
{
    struct spelt_row *row = ARENA_NEW(test_arena(), struct spelt_row);
    const char *texts[ROW_STATES_MOST];
    struct node *base = spot_base(spot, row_case);
    *row = (struct spelt_row){.spot = spot};
    size_t count = spot_states(spot, row_case, texts);
    for (size_t i = 0; i < count; i++)
        add_spelling(row, base, false, texts[i]);
    for (int which = 0; row_case && which < 2; which++)
        if (spot_member(spot, which))
            add_spelling(row, base, false, spot_member(spot, which));
    add_nothings(row, base);
    VEC_PUSH(test_arena(), &meanings->rows, row);
    meanings->bench->rows++;
}

static void add_rows(void *context, const struct spot *spot)
{
    struct meanings *meanings = context;
    const struct row_case *row_case = row_case_next(meanings->bench->cases, spot->path, NULL);
    if (spot->field->flags & (FIELD_IDENTITY | FIELD_INTERNAL))
        return;
    do
        add_row(meanings, spot, row_case);
    while (row_case && (row_case = row_case_next(meanings->bench->cases, spot->path, row_case)));
}

/* ---- what a server keeps ---- */

struct parts {
    VEC(const char *) list;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_parts(struct strbuf *out, struct parts *parts, bool ordered)
{
    if (parts->list.count && !ordered)
        qsort(parts->list.items, parts->list.count, sizeof(parts->list.items[0]), by_text);
    for (size_t i = 0; i < parts->list.count; i++)
        strbuf_addf(out, "%s%s", i ? ", " : "", parts->list.items[i]);
}

/* What servers keep as it was written, and do the same with: an instant in any zone, a percentage with its sign or without. */
static const char *scalar_text(const struct field *field, const char *text)
{
    struct instant instant;
    if (field && field->type == FIELD_TIME && instant_parse(text, &instant))
        return instant_format(test_arena(), instant);
    if (field && field->type == FIELD_PERCENT)
        return arena_strndup(test_arena(), text, strcspn(text, "%"));
    return text;
}

/* What servers keep, and do the same with as with nothing: a time that has come, no sample at all, a place without a word on it. */
static bool says_nothing(const struct field *field, const struct node *value)
{
    struct instant instant;
    if (!field)
        return false;
    if (field->type == FIELD_PERCENT)
        return strcmp(scalar_text(field, value->text), "0") == 0;
    if (field->flags & FIELD_PASSES)
        return instant_parse(value->text, &instant) && instant.seconds < time(NULL);
    return field->flags & FIELD_EMPTY_IS_NONE && value->type == NODE_MAP && value->count == 0;
}

static const char *value_text_of(const struct table *table, const struct field *field,
                                 const struct node *node);

/* Members by name, but for the server's own. One filter is the same as a list of one. */
static const char *map_text(const struct table *table, const struct node *map)
{
    struct parts parts = {0};
    struct strbuf out = {0};
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->members[i].key;
        const struct field *field = table ? table_field(table, key) : NULL;
        const char *value = value_text_of(field ? field->object : NULL, field, map->members[i].value);
        bool filter = table == &consumer_table && field && field->id == CONSUMER_FILTER_SUBJECT;
        if (!(field && field->flags & FIELD_IDENTITY) && strncmp(key, "_nats.", 6) != 0 &&
            !says_nothing(field, map->members[i].value))
            VEC_PUSH(test_arena(), &parts.list,
                     arena_printf(test_arena(), filter ? "%ss: [%s]" : "%s: %s", key, value));
    }
    add_parts(&out, &parts, false);
    return strbuf_move(&out, test_arena());
}

static const char *value_text_of(const struct table *table, const struct field *field,
                                 const struct node *node)
{
    struct parts parts = {0};
    struct strbuf out = {0};
    if (node->type == NODE_SCALAR)
        return scalar_text(field, node->text);
    if (node->type == NODE_MAP)
        return arena_printf(test_arena(), "{%s}", map_text(table, node));
    for (size_t i = 0; i < node->count; i++)
        VEC_PUSH(test_arena(), &parts.list, value_text_of(table, NULL, node->items[i]));
    add_parts(&out, &parts, field && field->flags & FIELD_ORDERED);
    return arena_printf(test_arena(), "[%s]", strbuf_move(&out, test_arena()));
}

static void make(struct meanings *meanings, struct spelt_row *row, struct spelling *spelling)
{
    struct subject *subject = ARENA_NEW(test_arena(), struct subject);
    *subject = (struct subject){.row = row, .spot = *row->spot, .live = spelling};
    subject->spot.number = (unsigned)meanings->subjects.count + 1;
    struct raw_reply deed = bench_create(meanings->bench, &subject->spot, spelling->config);
    if (deed.err_code)
        return;
    const struct node *echo = bench_info(meanings->bench, &subject->spot).config;
    spelling->meaning = map_text(row->spot->table, echo);
    spelling->dropped = !spelling->nothing && !config_holds(row->spot->table, spelling->config, echo);
    VEC_PUSH(test_arena(), &meanings->subjects, subject);
}

/* ---- what natsform says ---- */

static void compare(struct meanings *meanings, const struct subject *subject)
{
    struct verdict verdict = bench_verdict(&subject->wanted);
    const struct spelling *live = subject->live, *planned = subject->planned;
    bool alike = strcmp(live->meaning, planned->meaning) == 0;
    if (verdict.word == WORD_UNSUPPORTED || verdict.word == WORD_OTHER)
        return; /* a manifest cannot say it */
    bool says_alike = verdict.word == WORD_NOTHING;
    meanings->alike += alike;
    meanings->apart += !alike;
    if (says_alike == alike || (says_alike && bench_leaves(&subject->spot, planned->config)))
        return;
    bench_complain(meanings->bench, &subject->spot,
                   "{%s} planned where {%s} is live: natsform %s; kept are\n  %s\n  %s\n%s", planned->text,
                   live->text, word_text(verdict.word), planned->meaning, live->meaning,
                   verdict.changed ? config_json(verdict.changed) : "");
}

/* Each object gets the spelling of that index of its row. */
static void plan_spelling(struct meanings *meanings, size_t index)
{
    VEC(struct wanted *) list = {0};
    VEC(struct subject *) asked = {0};
    for (size_t i = 0; i < meanings->subjects.count; i++) {
        struct subject *subject = meanings->subjects.items[i];
        subject->planned = &subject->row->list[index];
        if (index >= subject->row->count || !subject->planned->meaning || subject->planned->dropped)
            continue;
        subject->wanted = (struct wanted){.spot = &subject->spot, .config = subject->planned->config};
        VEC_PUSH(test_arena(), &list, &subject->wanted);
        VEC_PUSH(test_arena(), &asked, subject);
    }
    if (!list.count)
        return;
    bool told =
        word_ask(meanings->bench->server, meanings->bench->directory, WORD_OF_PLAN, list.items, list.count);
    for (size_t i = 0; !told && i < list.count; i++)
        word_ask(meanings->bench->server, meanings->bench->directory, WORD_OF_PLAN, &list.items[i], 1);
    for (size_t i = 0; i < asked.count; i++)
        compare(meanings, asked.items[i]);
}

static void check_meanings(const struct table *table, const char *version)
{
    struct server_fixture *server = fixture_start(version, NULL);
    struct bench bench;
    struct meanings meanings = {.bench = &bench};
    bench_start(&bench, server, ROW_CASES(cases), false);
    rows_walk(table, add_rows, &meanings);
    for (size_t i = 0; i < meanings.rows.count; i++)
        for (size_t j = 0; j < meanings.rows.items[i]->count; j++)
            make(&meanings, meanings.rows.items[i], &meanings.rows.items[i]->list[j]);
    for (size_t i = 0; i < SPELLINGS_MOST; i++)
        plan_spelling(&meanings, i);
    ck_assert_uint_ge(meanings.alike, 3 * meanings.rows.count);
    ck_assert_uint_ge(meanings.apart, meanings.rows.count);
    bench_end(&bench);
    fixture_stop(server);
}

START_TEST(every_stream_row)
{
    check_meanings(&stream_table, version_at(_i));
}
END_TEST

START_TEST(every_consumer_row)
{
    check_meanings(&consumer_table, version_at(_i));
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = every_stream_row, .each_version = true},
        {.test = every_consumer_row, .each_version = true},
    };
    return suite_run("meanings", tests, sizeof(tests) / sizeof(tests[0]));
}
