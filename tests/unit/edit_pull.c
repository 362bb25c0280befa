/*
 * Pull as a property: manifests made at random, in every style and full of comments, with objects that drifted at random; what comes
 * out is known to the byte, because each text is made together with what it should become.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "edit/pull.h"
#include "kind/kinds.h"
#include "manifest/load.h"
#include "plan/planner.h"
#include "unit/suites.h"
#include "unit/world.h"

enum { RUNS = 400, OBJECTS_MOST = 6 };

/* ---- chance ---- */

static uint64_t seed;

static size_t pick(size_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % below;
}

/* ---- fields: as written, as it should be written, and both on the wire ---- */

struct sample {
    const char *name;
    const char *before;
    const char *after;
    const char *wire_before;
    const char *wire_after;
    bool block_only; /* the text cannot stand between brackets */
};

static const struct sample stream_samples[] = {
    {"max_age", "7d", "8d", "604800000000000", "691200000000000", false},
    {"max_age", "168h", "192h", "604800000000000", "691200000000000", false},
    {"max_age", "1h30m", "1h45m", "5400000000000", "6300000000000", false},
    {"max_age", "\"90s\"", "\"91s\"", "90000000000", "91000000000", false},
    {"max_age", "60s", "0", "60000000000", "0", false},
    {"max_bytes", "1GiB", "2GiB", "1073741824", "2147483648", false},
    {"max_bytes", "1000k", "2000k", "1000000", "2000000", false},
    {"max_bytes", "'1048576'", "'1048577'", "1048576", "1048577", false},
    {"max_bytes", "5m", "unlimited", "5000000", "-1", false},
    {"max_bytes", "unlimited", "9007199254740993", "-1", "9007199254740993", false},
    {"max_msgs", "5", "6", "5", "6", false},
    {"max_msgs", "-1", "9223372036854775807", "-1", "9223372036854775807", false},
    {"max_msg_size", "1MiB", "3MiB", "1048576", "3145728", false},
    {"description", "plain text", "other text", "\"plain text\"", "\"other text\"", false},
    {"description", "'it''s'", "'that''s: #1'", "\"it's\"", "\"that's: #1\"", false},
    {"description", "\"tab\\there\"", "\"tab\\tand \\\"quotes\\\"\"", "\"tab\\there\"",
     "\"tab\\tand \\\"quotes\\\"\"", false},
    {"description", "short", "'no'", "\"short\"", "\"no\"", false},
    {"description", "a, b", "c", "\"a, b\"", "\"c\"", true},
    {"description", "'money'", "'$$$${X}'", "\"money\"", "\"$${X}\"", false},
    {"description", "gone", "''", "\"gone\"", "\"\"", false},
    {"discard", "old", "new", "\"old\"", "\"new\"", false},
    {"storage", "\"file\"", "\"memory\"", "\"file\"", "\"memory\"", false},
    {"allow_direct", "true", "false", "true", "false", false},
    {"compression", "none", "s2", "\"none\"", "\"s2\"", false},
    {"first_seq", "18446744073709551614", "18446744073709551615", "18446744073709551614",
     "18446744073709551615", false},
    {"metadata", "{a: b, 'c d': e}", "{a: b, 'c d': f}", "{\"a\":\"b\",\"c d\":\"e\"}",
     "{\"a\":\"b\",\"c d\":\"f\"}", false},
    {"placement", "{cluster: x, tags: [p, q]}", "{cluster: z, tags: [p, r]}",
     "{\"cluster\":\"x\",\"tags\":[\"p\",\"q\"]}", "{\"cluster\":\"z\",\"tags\":[\"p\",\"r\"]}", false},
};

static const struct sample consumer_samples[] = {
    {"ack_wait", "10s", "20s", "10000000000", "20000000000", false},
    {"ack_wait", "1m", "1m1s", "60000000000", "61000000000", false},
    {"max_deliver", "unlimited", "3", "-1", "3", false},
    {"filter_subject", "a.*", "b.>", "\"a.*\"", "\"b.>\"", false},
    {"sample_freq", "50%", "'60'", "\"50%\"", "\"60\"", false},
    {"headers_only", "true", "false", "true", "false", false},
    {"pause_until", "2030-01-01T00:00:00Z", "'2031-01-01T00:00:00Z'", "\"2030-01-01T00:00:00Z\"",
     "\"2031-01-01T00:00:00Z\"", false},
    {"max_expires", "1500ms", "1501ms", "1500000000", "1501000000", false},
    {"priority_groups", "[ a , b ]", "[ a , c ]", "[\"a\",\"b\"]", "[\"a\",\"c\"]", false},
};

/* ---- a manifest and what it becomes ---- */

struct making {
    struct strbuf before;
    struct strbuf after;
    struct strbuf live; /* the configuration at hand */
    const char *newline;
    bool written_only; /* no field drifts that is not written */
    size_t drifts;
};

static void both(struct making *making, const char *text)
{
    strbuf_adds(&making->before, text);
    strbuf_adds(&making->after, text);
}

static void comment(struct making *making)
{
    static const char *const comments[] = {"", "", "  # a comment", " # max_age: 9d", "   "};
    both(making, comments[pick(5)]);
}

static void end_line(struct making *making)
{
    static const char *const lines[] = {"", "", "", "# between: lines", "   # - deeper", "#"};
    const char *more = lines[pick(6)];
    both(making, making->newline);
    if (*more) {
        both(making, more);
        both(making, making->newline);
    }
}

static void add_live(struct making *making, const char *name, const char *value)
{
    strbuf_addf(&making->live, "%s\"%s\":%s", making->live.length ? "," : "", name, value);
}

/* A list on lines of its own, one item of which drifts. */
static void block_list(struct making *making, const char *indent, size_t number)
{
    bool drifts = pick(3) == 0;
    making->drifts += drifts;
    comment(making);
    for (size_t i = 0; i < 3; i++) {
        const char *before = arena_printf(&world.arena, "s%zu.%zu", number, i);
        const char *after = i == 1 && drifts ? arena_printf(&world.arena, "t%zu", number) : before;
        bool quoted = pick(2);
        end_line(making);
        both(making, arena_printf(&world.arena, "%s- %s", indent, quoted ? "'" : ""));
        strbuf_adds(&making->before, before);
        strbuf_adds(&making->after, after);
        both(making, quoted ? "'" : "");
        comment(making);
    }
    add_live(making, "subjects",
             arena_printf(&world.arena, "[\"s%zu.0\",\"%s%zu%s\",\"s%zu.2\"]", number, drifts ? "t" : "s",
                          number, drifts ? "" : ".1", number));
}

/* Fields of an object, each at most once. `indent` is NULL between brackets. */
static void fields(struct making *making, const struct sample *samples, size_t count, const char *indent)
{
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];
        bool written = pick(4) == 0;
        if (strcmp(sample->name, last) == 0 || (!indent && sample->block_only) || !written)
            continue;
        bool drifts = pick(2);
        last = sample->name;
        making->drifts += drifts;
        both(making, indent ? indent : "");
        both(making, sample->name);
        both(making, ": ");
        strbuf_adds(&making->before, sample->before);
        strbuf_adds(&making->after, drifts ? sample->after : sample->before);
        if (indent) {
            comment(making);
            end_line(making);
        } else {
            both(making, pick(2) ? ", " : " ,  ");
        }
        add_live(making, sample->name, drifts ? sample->wire_after : sample->wire_before);
    }
}

/* What a server fills in where nothing was said. */
static void fill(struct strbuf *config, const char *name, const char *value)
{
    if (!strstr(strbuf_text(config), arena_printf(&world.arena, "\"%s\":", name)))
        strbuf_addf(config, "%s\"%s\":%s", config->length ? "," : "", name, value);
}

static const char *window_of(const char *config)
{
    const char *age = strstr(config, "\"max_age\":");
    size_t digits = age ? strspn(age + 10, "0123456789") : 0;
    bool shorter = digits == 10 || digits == 11; /* the samples' ages below two minutes have so many */
    return shorter ? arena_strndup(&world.arena, age + 10, digits) : "120000000000";
}

static struct live_object live_of(const char *stream, const char *consumer, const char *members)
{
    struct live_object live;
    struct strbuf config = {0};
    strbuf_adds(&config, members);
    bool sources = strstr(members, "\"sources\"") != NULL;
    if (consumer) {
        fill(&config, "durable_name", arena_printf(&world.arena, "\"%s\"", consumer));
        fill(&config, "ack_wait", "30000000000");
        fill(&config, "max_waiting", "512");
        fill(&config, "max_ack_pending", "1000");
    } else {
        strbuf_addf(&config, "%s\"name\":\"%s\"", config.length ? "," : "", stream);
        if (!sources) {
            fill(&config, "subjects", arena_printf(&world.arena, "[\"%s\"]", stream));
            fill(&config, "duplicate_window", window_of(members));
        }
    }
    const struct node *info = world_json(
        consumer ? arena_printf(&world.arena, "{\"stream_name\":\"%s\",\"name\":\"%s\",\"config\":{%s}}",
                                stream, consumer, strbuf_text(&config))
                 : arena_printf(&world.arena, "{\"config\":{%s}}", strbuf_text(&config)));
    strbuf_release(&config);
    ck_assert(consumer ? live_consumer(info, &live) : live_stream(info, &live));
    return live;
}

static void make_consumer(struct making *making, struct survey_stream *stream, const char *indent,
                          size_t number)
{
    const char *name = arena_printf(&world.arena, "c%zu", number);
    bool flow = pick(2);
    strbuf_reset(&making->live);
    both(making, arena_printf(&world.arena, "%s  %s:", indent, name));
    if (flow) {
        both(making, " {");
        fields(making, consumer_samples, sizeof(consumer_samples) / sizeof(consumer_samples[0]), NULL);
        both(making, "ack_policy: explicit }");
    } else {
        comment(making);
        end_line(making);
        fields(making, consumer_samples, sizeof(consumer_samples) / sizeof(consumer_samples[0]),
               arena_printf(&world.arena, "%s     ", indent));
        both(making, arena_printf(&world.arena, "%s     ack_policy: explicit", indent));
    }
    add_live(making, "ack_policy", "\"explicit\"");
    comment(making);
    end_line(making);
    struct live_object live = live_of(stream->live.name, name, strbuf_text(&making->live));
    VEC_PUSH(&world.arena, &stream->consumers, live);
}

static struct survey_stream *make_stream(struct making *making, size_t number)
{
    struct survey_stream *stream = ARENA_NEW(&world.arena, struct survey_stream);
    const char *name = arena_printf(&world.arena, "S%zu", number);
    const char *indent = pick(2) ? "    " : "      ";
    bool flow = pick(3) == 0;
    const size_t count = sizeof(stream_samples) / sizeof(stream_samples[0]);
    strbuf_reset(&making->live);
    both(making, arena_printf(&world.arena, "  %s:", name));
    if (flow) {
        both(making, " { ");
        fields(making, stream_samples, count, NULL);
        both(making, arena_printf(&world.arena, "subjects: [s%zu]}", number));
        add_live(making, "subjects", arena_printf(&world.arena, "[\"s%zu\"]", number));
        comment(making);
        end_line(making);
        stream->live = live_of(name, NULL, strbuf_text(&making->live));
        return stream;
    }
    comment(making);
    end_line(making);
    fields(making, stream_samples, count, indent);
    both(making, arena_printf(&world.arena, "%ssubjects:", indent));
    block_list(making, pick(2) ? indent : arena_printf(&world.arena, "%s  ", indent), number);
    end_line(making);
    stream->live = live_of(name, NULL, strbuf_text(&making->live));
    size_t consumers = pick(3);
    if (consumers) {
        both(making, arena_printf(&world.arena, "%sconsumers:", indent));
        comment(making);
        end_line(making);
    }
    for (size_t i = 0; i < consumers; i++)
        make_consumer(making, stream, indent, i);
    return stream;
}

static struct survey *make(struct making *making, size_t run)
{
    struct survey *survey = ARENA_NEW(&world.arena, struct survey);
    seed = run;
    making->newline = pick(5) ? "\n" : "\r\n";
    both(making, pick(2) ? "# The top." : "---");
    both(making, making->newline);
    both(making, "streams:");
    comment(making);
    end_line(making);
    size_t count = 1 + pick(OBJECTS_MOST);
    for (size_t i = 0; i < count; i++) {
        struct survey_stream *stream = make_stream(making, i);
        VEC_PUSH(&world.arena, &survey->streams, stream);
    }
    if (pick(4) == 0) { /* no newline at the end */
        size_t width = strlen(making->newline);
        while (making->before.length > width &&
               strchr("\r\n", making->before.text[making->before.length - 1])) {
            making->before.text[--making->before.length] = '\0';
            making->after.text[--making->after.length] = '\0';
        }
    }
    return survey;
}

/* ---- pulling ---- */

static int read_text(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    const char *text = context;
    (void)arena;
    (void)ret_error;
    *ret_source = (struct source){.name = path, .text = text, .length = strlen(text)};
    return 0;
}

static int expand_path(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                       size_t *ret_count, const char **ret_error)
{
    (void)context;
    (void)ret_error;
    *ret_paths = ARENA_ARRAY(arena, const char *, 1);
    (*ret_paths)[0] = pattern;
    *ret_count = 1;
    return 0;
}

static const char *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

/* The text after the pull; what cannot be pulled is in world.diags. */
static const char *pulled_text(const char *text, const struct survey *survey, struct pulled *ret_pulled)
{
    static const char *const paths[] = {"m.yaml"};
    const struct plan_options options = {0};
    const struct target target = {.version = VERSION(2, 15, 1), .version_text = "2.15.1"};
    const struct manifest_reader reader = {.read = read_text,
                                           .expand = expand_path,
                                           .context = arena_strdup(&world.arena, text),
                                           .lookup = no_variable};
    const struct pull_request request = {.reader = &reader,
                                         .paths = paths,
                                         .path_count = 1,
                                         .target = &target,
                                         .survey = survey,
                                         .options = &options};
    ck_assert_msg(pull_drift(&world.arena, &request, &world.diags, ret_pulled) == 0,
                  "cannot be read:\n%.2000s", text);
    return ret_pulled->files.count ? ret_pulled->files.items[0].after.text : text;
}

START_TEST(only_what_drifted_changes)
{
    struct making making = {0};
    struct pulled pulled;
    const struct survey *survey = make(&making, (size_t)_i);
    const char *before = strbuf_text(&making.before);
    const char *text = pulled_text(before, survey, &pulled);
    ck_assert_msg(pulled.left == 0, "%.600s\n--- in\n%.1500s", world_told(), before);
    const char *after = strbuf_text(&making.after);
    size_t same = 0;
    while (after[same] && after[same] == text[same])
        same++;
    ck_assert_msg(after[same] == text[same], "after\n%.*s\n--- expected\n%.200s\n--- actual\n%.200s",
                  (int)same, text, after + same, text + same);
    ck_assert_uint_ge(pulled.fields, making.drifts); /* with what follows from them */
    pulled_text(text, survey, &pulled);
    ck_assert_uint_eq(pulled.fields + pulled.left, 0);
    strbuf_release(&making.before);
    strbuf_release(&making.after);
    strbuf_release(&making.live);
}
END_TEST

/* Is every line of `part` in the text, in that order? */
static bool has_lines(const char *text, const char *part)
{
    while (*part) {
        size_t length = strcspn(part, "\n");
        size_t line = strcspn(text, "\n");
        if (!*text)
            return false;
        if (line == length && strncmp(text, part, length) == 0)
            part += length + (part[length] == '\n');
        text += line + (text[line] == '\n');
    }
    return true;
}

/* What nobody wrote gets lines of its own: the text before is all there, in its order. */
START_TEST(what_is_not_written_is_added)
{
    static const char *const more[] = {
        "\"max_msgs_per_subject\":3", "\"no_ack\":true", "\"republish\":{\"src\":\">\",\"dest\":\"x.>\"}",
        "\"consumer_limits\":{\"max_ack_pending\":5}", "\"allow_rollup_hdrs\":true"};
    struct making making = {0};
    struct pulled pulled;
    struct survey *survey = make(&making, (size_t)_i + RUNS);
    const char *before = strbuf_text(&making.before);
    const char *settled = arena_strdup(&world.arena, pulled_text(before, survey, &pulled));
    for (size_t i = 0; i < survey->streams.count; i++) {
        struct live_object *live = &survey->streams.items[i]->live;
        const char *config = world_text(live->config);
        const char *members = arena_strndup(&world.arena, config + 1, strlen(config) - 2);
        *live = live_of(live->name, NULL, arena_printf(&world.arena, "%s,%s", members, more[pick(5)]));
    }
    const char *text = pulled_text(settled, survey, &pulled);
    ck_assert_msg(pulled.left == 0, "%.600s\n--- in\n%.1500s", world_told(), settled);
    bool flow = false; /* there the line itself grows */
    for (const char *at = settled; (at = strstr(at, ": {")) && !flow; at++)
        flow = strncmp(at, ": {a: b", 7) != 0 && strncmp(at, ": {cluster", 10) != 0;
    ck_assert_msg(flow || has_lines(text, settled) || !strchr(settled + strlen(settled) - 1, '\n'),
                  "--- before\n%.1200s\n--- after\n%.1200s", settled, text);
    pulled_text(text, survey, &pulled);
    ck_assert_uint_eq(pulled.fields + pulled.left, 0);
    strbuf_release(&making.before);
    strbuf_release(&making.after);
    strbuf_release(&making.live);
}
END_TEST

/* ---- single cases ---- */

static const struct {
    const char *before;
    const char *live; /* configuration of stream A, without the name */
    const char *after;
    const char *told;
} cases[] = {
    /* an object without anything */
    {"streams:\n  A:\n", "\"max_msgs\":5", "streams:\n  A:\n    max_msgs: 5\n", ""},
    {"streams:\n  A: ~ # none\n", "\"max_msgs\":5,\"no_ack\":true",
     "streams:\n  A: {max_msgs: 5, no_ack: true} # none\n", ""},
    {"streams: {A: , B: {subjects: [b]}}", "\"max_msgs\":5",
     "streams: {A: {max_msgs: 5}, B: {subjects: [b]}}", ""},
    {"streams: {A: {}}", "\"max_msgs\":5", "streams: {A: {max_msgs: 5}}", ""},
    {"streams:\n  A:", "\"max_msgs\":5,\"no_ack\":true", "streams:\n  A:\n    max_msgs: 5\n    no_ack: true",
     ""},
    /* a value that is not there yet */
    {"streams:\n  A:\n    max_msgs: # how many?\n    no_ack: false\n", "\"max_msgs\":5",
     "streams:\n  A:\n    max_msgs: 5 # how many?\n    no_ack: false\n", ""},
    /* in the order of the table, not into the next object's comment */
    {"streams:\n  A:\n    max_msgs: 4\n    no_ack: true\n\n  # B\n  B: {subjects: [b]}\n",
     "\"max_msgs\":4,\"no_ack\":true,\"max_age\":1000000000,\"allow_direct\":true",
     "streams:\n  A:\n    max_msgs: 4\n    max_age: 1s\n    no_ack: true\n    allow_direct: true\n\n  # B\n  B: "
     "{subjects: [b]}\n",
     ""},
    /* lists grow and shrink */
    {"streams:\n  A:\n    subjects:\n      - a # first\n      - b\n    no_ack: true\n",
     "\"subjects\":[\"a\",\"b\",\"c\"],\"no_ack\":true",
     "streams:\n  A:\n    subjects:\n      - a # first\n      - b\n      - c\n    no_ack: true\n", ""},
    {"streams: {A: {subjects: [a, b, c]}}", "\"subjects\":[\"c\"]", "streams: {A: {subjects: [c]}}", ""},
    {"streams: {A: {subjects: [a, b, c]}}", "\"subjects\":[\"a\"]", "streams: {A: {subjects: [a]}}", ""},
    {"streams:\n  A:\n    subjects:\n    - a\n    - b\n    - c # stays\n", "\"subjects\":[\"a\",\"c\"]",
     "streams:\n  A:\n    subjects:\n    - a\n    - c # stays\n", ""},
    {"streams:\n  A:\n    subjects:\n    - a\n    - b # why\n", "\"subjects\":[\"a\"]",
     "streams:\n  A:\n    subjects:\n    - a\n    - b # why\n",
     "4:5 not-pulled: 'subjects' of stream A cannot be pulled: there is a comment beside it\n"
     "  hint: the server has 'subjects: [a]'\n"},
    /* parts of lists */
    {"streams:\n  A:\n    sources:\n    - name: X # from x\n      opt_start_seq: 5\n    - {name: Y}\n",
     "\"sources\":[{\"name\":\"X\",\"opt_start_seq\":6},{\"name\":\"Y\",\"opt_start_seq\":7}]",
     "streams:\n  A:\n    sources:\n    - name: X # from x\n      opt_start_seq: 6\n    - {name: Y, opt_start_seq: 7}\n",
     ""},
    /* blocks of lines */
    {"streams:\n  A:\n    description: | # long\n      One\n      Two\n\n    no_ack: true\n",
     "\"description\":\"One\\nThree\\n\",\"no_ack\":true",
     "streams:\n  A:\n    description: | # long\n      One\n      Three\n\n    no_ack: true\n", ""},
    {"streams:\n  A:\n    description: |-\n      One\n      Two\n", "\"description\":\"One, and no more\"",
     "streams:\n  A:\n    description: |-\n      One, and no more\n", ""},
    {"streams:\n  A:\n    description: >\n      One\n      Two\n", "\"description\":\"Three\"",
     "streams:\n  A:\n    description: >\n      One\n      Two\n",
     "3:18 not-pulled: 'description' of stream A cannot be pulled: it is a block of lines\n"
     "  hint: the server has 'description: Three'\n"},
    /* anchors and tags */
    {"streams:\n  A:\n    max_msgs: &most 5\n    max_msgs_per_subject: *most\n",
     "\"max_msgs\":6,\"max_msgs_per_subject\":6",
     "streams:\n  A:\n    max_msgs: &most 6\n    max_msgs_per_subject: 6\n", ""},
    {"streams:\n  A:\n    max_msgs: !!int 5 # five\n", "\"max_msgs\":6",
     "streams:\n  A:\n    max_msgs: !!int 6 # five\n", ""},
    /* keys that have to be quoted, and pairs that are gone */
    {"streams:\n  A:\n    metadata:\n      a: b # keep\n      c: d\n",
     "\"metadata\":{\"a\":\"b\",\"no\":\"1\",\"x: y\":\"z\"}",
     "streams:\n  A:\n    metadata:\n      a: b # keep\n      c: null\n      'no': '1'\n      'x: y': z\n",
     ""},
    /* wide characters before the place */
    {"streams: {A: {description: '\xf0\x9f\x98\x80\xc3\xbc', max_msgs: 5}} # \xc3\xbc\n",
     "\"description\":\"\xf0\x9f\x98\x80\xc3\xbc\",\"max_msgs\":6",
     "streams: {A: {description: '\xf0\x9f\x98\x80\xc3\xbc', max_msgs: 6}} # \xc3\xbc\n", ""},
};

START_TEST(single_case)
{
    struct survey survey = {0};
    struct pulled pulled;
    struct survey_stream a = {.live = live_of("A", NULL, cases[_i].live)};
    struct survey_stream b = {.live = live_of("B", NULL, "\"subjects\":[\"b\"]")};
    struct survey_stream *streams[] = {&a, &b};
    survey.streams.items = streams;
    survey.streams.count = 2;
    const char *text = pulled_text(cases[_i].before, &survey, &pulled);
    ck_assert_str_eq(world_told(), cases[_i].told);
    ck_assert_str_eq(text, cases[_i].after);
}
END_TEST

Suite *edit_pull_suite(void)
{
    Suite *suite = suite_create("edit/pull");
    TCase *tests = tcase_create("pull");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, single_case, 0, COUNT_OF(cases));
    tcase_add_loop_test(tests, only_what_drifted_changes, 0, RUNS);
    tcase_add_loop_test(tests, what_is_not_written_is_added, 0, RUNS / 4);
    suite_add_tcase(suite, tests);
    return suite;
}
