/*
 * Pull as a property: manifests made at random, in every style and full of comments, with objects that drifted at random; what comes
 * out is known to the byte, because each text is made together with what it should become.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "kind/kinds.h"
#include "unit/pulling.h"
#include "unit/suites.h"
#include "unit/world.h"

/* Under valgrind, to which every run takes forty times as long, some of them will do: those that are not "large". */
enum { RUNS = 400, SOME = 80, OBJECTS_MOST = 6 };

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
    struct live_object live = pulling_live(stream->live.name, name, strbuf_text(&making->live));
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
        stream->live = pulling_live(name, NULL, strbuf_text(&making->live));
        return stream;
    }
    comment(making);
    end_line(making);
    fields(making, stream_samples, count, indent);
    both(making, arena_printf(&world.arena, "%ssubjects:", indent));
    block_list(making, pick(2) ? indent : arena_printf(&world.arena, "%s  ", indent), number);
    end_line(making);
    stream->live = pulling_live(name, NULL, strbuf_text(&making->live));
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

START_TEST(only_what_drifted_changes)
{
    struct making making = {0};
    struct pulled pulled;
    const struct survey *survey = make(&making, (size_t)_i);
    const char *before = strbuf_text(&making.before);
    const char *text = pulling_text(before, survey, &pulled);
    ck_assert_msg(pulled.left == 0, "%.600s\n--- in\n%.1500s", world_told(), before);
    const char *after = strbuf_text(&making.after);
    size_t same = 0;
    while (after[same] && after[same] == text[same])
        same++;
    ck_assert_msg(after[same] == text[same], "after\n%.*s\n--- expected\n%.200s\n--- actual\n%.200s",
                  (int)same, text, after + same, text + same);
    ck_assert_uint_ge(pulled.fields, making.drifts); /* with what follows from them */
    pulling_text(text, survey, &pulled);
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
    const char *settled = arena_strdup(&world.arena, pulling_text(before, survey, &pulled));
    for (size_t i = 0; i < survey->streams.count; i++) {
        struct live_object *live = &survey->streams.items[i]->live;
        const char *config = world_text(live->config);
        const char *members = arena_strndup(&world.arena, config + 1, strlen(config) - 2);
        *live = pulling_live(live->name, NULL, arena_printf(&world.arena, "%s,%s", members, more[pick(5)]));
    }
    const char *text = pulling_text(settled, survey, &pulled);
    ck_assert_msg(pulled.left == 0, "%.600s\n--- in\n%.1500s", world_told(), settled);
    bool flow = false; /* there the line itself grows */
    for (const char *at = settled; (at = strstr(at, ": {")) && !flow; at++)
        flow = strncmp(at, ": {a: b", 7) != 0 && strncmp(at, ": {cluster", 10) != 0;
    ck_assert_msg(flow || has_lines(text, settled) || !strchr(settled + strlen(settled) - 1, '\n'),
                  "--- before\n%.1200s\n--- after\n%.1200s", settled, text);
    pulling_text(text, survey, &pulled);
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
    {"streams: {A: {}}", "\"max_msgs\":5,\"no_ack\":true", "streams: {A: {max_msgs: 5, no_ack: true}}", ""},
    {"streams: {A: {metadata: {}}}", "\"metadata\":{\"a\":\"b\",\"c\":\"d\"}",
     "streams: {A: {metadata: {a: b, c: d}}}", ""},
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
     "streams:\n  A:\n    subjects:\n    - a\n    # why\n", ""},
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
     "streams:\n  A:\n    description: Three\n", ""},
    /* anchors and tags */
    {"streams:\n  A:\n    max_msgs: &most 5\n    max_msgs_per_subject: *most\n",
     "\"max_msgs\":6,\"max_msgs_per_subject\":6",
     "streams:\n  A:\n    max_msgs: &most 6\n    max_msgs_per_subject: 6\n", ""},
    {"streams:\n  A:\n    max_msgs: !!int 5 # five\n", "\"max_msgs\":6",
     "streams:\n  A:\n    max_msgs: !!int 6 # five\n", ""},
    {"x-base: &base {max_msgs: 5, no_ack: true, subjects: [a]}\nstreams: {A: *base}\n",
     "\"subjects\":[\"a\"],\"max_msgs\":6",
     "x-base: &base {max_msgs: 5, no_ack: true, subjects: [a]}\nstreams: {A: {<<: *base, max_msgs: 6, no_ack: false}}\n",
     ""},
    /* what others use goes to them */
    {"streams:\n  A:\n    metadata: &notes # whose\n      a: b\n  B: {subjects: [b], metadata: *notes}\n",
     "\"metadata\":{\"a\":\"c\"}",
     "streams:\n  A:\n    metadata: # whose\n      a: c\n  B: {subjects: [b], metadata: &notes {a: b}}\n",
     ""},
    /* maps in lists */
    {"streams:\n  A:\n    sources:\n    - filter_subject: 'x' # from x\n      name: X\n    - name: Y\n      filter_subject: >-\n        y\n",
     "\"sources\":[{\"name\":\"X\"},{\"name\":\"Y\"}]",
     "streams:\n  A:\n    sources:\n    - # from x\n      name: X\n    - name: Y\n", ""},
    {"streams:\n  A:\n    sources:\n    - name: X\n    - name: Y # y\n      filter_subject: 'y'\n    - {name: Z}\n",
     "\"sources\":[{\"name\":\"X\"},{\"name\":\"Z\"}]",
     "streams:\n  A:\n    sources:\n    - name: X\n    # y\n    - {name: Z}\n", ""},
    /* an only entry */
    {"streams:\n  A: # a\n    description: 'x' # b\n  B: {subjects: [b]}\n", "",
     "streams:\n  A: {} # a\n    # b\n  B: {subjects: [b]}\n", ""},
    /* the block of lines before it stays what it is */
    {"streams:\n  A:\n    description: |\n      One\n    max_msgs: 1\n    metadata: {a: b}\n      # deep\n    no_ack: true\n",
     "\"description\":\"One\\n\",\"max_msgs\":1,\"no_ack\":true",
     "streams:\n  A:\n    description: |\n      One\n    max_msgs: 1\n      # deep\n    no_ack: true\n", ""},
    {"streams:\n  A:\n    description: |\n      One\n    metadata: {a: b}\n      # deep\n    no_ack: true\n",
     "\"description\":\"One\\n\",\"no_ack\":true",
     "streams:\n  A:\n    description: |\n      One\n    metadata: null\n      # deep\n    no_ack: true\n",
     ""},
    /* keys that have to be quoted, and pairs that are gone */
    {"streams:\n  A:\n    metadata:\n      a: b # keep\n      c: d\n",
     "\"metadata\":{\"a\":\"b\",\"no\":\"1\",\"x: y\":\"z\"}",
     "streams:\n  A:\n    metadata:\n      a: b # keep\n      'no': '1'\n      'x: y': z\n", ""},
    /* wide characters before the place */
    {"streams: {A: {description: '\xf0\x9f\x98\x80\xc3\xbc', max_msgs: 5}} # \xc3\xbc\n",
     "\"description\":\"\xf0\x9f\x98\x80\xc3\xbc\",\"max_msgs\":6",
     "streams: {A: {description: '\xf0\x9f\x98\x80\xc3\xbc', max_msgs: 6}} # \xc3\xbc\n", ""},
};

START_TEST(single_case)
{
    struct survey survey = {0};
    struct pulled pulled;
    struct survey_stream a = {.live = pulling_live("A", NULL, cases[_i].live)};
    bool notes = strstr(cases[_i].before, "metadata: *notes");
    const char *other = notes ? "\"subjects\":[\"b\"],\"metadata\":{\"a\":\"b\"}" : "\"subjects\":[\"b\"]";
    struct survey_stream b = {.live = pulling_live("B", NULL, other)};
    struct survey_stream *streams[] = {&a, &b};
    survey.streams.items = streams;
    survey.streams.count = 2;
    const char *text = pulling_text(cases[_i].before, &survey, &pulled);
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
    tcase_add_loop_test(tests, only_what_drifted_changes, 0, SOME);
    tcase_add_loop_test(tests, what_is_not_written_is_added, 0, SOME / 4);
    suite_add_tcase(suite, tests);
    TCase *large = tcase_create("pull, the rest");
    tcase_set_tags(large, "large");
    tcase_add_checked_fixture(large, world_setup, world_teardown);
    tcase_add_loop_test(large, only_what_drifted_changes, SOME, RUNS);
    tcase_add_loop_test(large, what_is_not_written_is_added, SOME / 4, RUNS / 4);
    suite_add_tcase(suite, large);
    return suite;
}
