/*
 * Pull of what the server has not any more, or has otherwise: fields in all ways of writing them, with comments and anchors, as whole
 * lines and between brackets. The result has to plan empty, and every comment and every line of other fields is still there.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "unit/pulling.h"
#include "unit/suites.h"
#include "unit/world.h"

/* Valgrind sees some of them: those that are not "large". */
enum { RUNS = 1500, SOME = 300, CHANGES = 4, TEXTS = 14 };

static uint64_t seed;

static size_t pick(size_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % below;
}

/* ---- fields ---- */

/* In a text, a line break gets the indentation of its place, and '@' becomes a name that nothing else has. */
struct sample {
    const char *name;
    const char *before;         /* on the wire */
    const char *after[CHANGES]; /* "": it is gone */
    const char *texts[TEXTS];
};

static const struct sample samples[] = {
    {"filter_subject",
     "\"a.b\"",
     {"", "\"a.c\""},
     {"a.b", "'a.b'", "\"a.b\"", "&@ 'a.b'", "!!str \"a.b\"", "&@ a.b", "|-\n  a.b", ">-\n  a.b",
      "&@\n  'a.b'", "|- # @\n  a.b", "\n  \"a.b\""}},
    {"metadata",
     "{\"team\":\"blue\",\"co#st\":\"a, b\"}",
     {"", "{\"team\":\"blue\"}", "{\"co#st\":\"a, b\"}", "{\"team\":\"no\",\"co#st\":\"a, b\"}"},
     {"{team: \"blue\", 'co#st': 'a, b'}", "{ 'team' : blue , \"co#st\":\"a, b\" , }",
      "{\n  team: blue, # @1\n  'co#st': 'a, b' # @2\n}", "{team: blue,\n 'co#st': \"a, b\"}",
      "&@ {team: blue, 'co#st': &@v 'a, b'}", "\n  team: 'blue'\n  co#st: a, b",
      "\n  ? team\n  : |-\n    blue\n  co#st: >-\n    a, b", "&@\n  team: blue\n  # @\n\n  co#st: a, b",
      "# @\n  team: blue\n  \"co#st\": a, b", "\n  team: !!str blue # @1\n  'co#st': \"a, b\" # @2",
      "\n  co#st: a, b\n  team: |-\n    blue"}},
    {"backoff",
     "[1000000000,2000000000,3000000000]",
     {"", "[1000000000]", "[1000000000,2000000000]", "[5000000000,3000000000]"},
     {"[1s, 2s, 3s]", "[1s,2s,3s,]", "&@ [1s, '2s', 3s]", "[ 1s, 2s, \"3s\" ]", "[1s,\n 2s,\n 3s]",
      "[\n  1s, # @1\n  \"2s\",\n  3s\n]", "[\n  1s,\n  2s, 3s, # @\n]", "\n- 1s\n- '2s' # @\n- 3s",
      "\n  - 1s\n  - 2s\n  - 3s", "\n  - \"1s\" # @1\n  # @2\n  - 2s\n\n  - 3s",
      "&@\n  - 1s\n  - &@v 2s\n  - 3s"}},
    {"description",
     "\"long #text\"",
     {"", "\"[short\""},
     {"'long #text'", "\"long #text\"", "&@ \"long #text\"", "|-\n  long #text", ">- # @\n  long #text",
      "\n  'long\n  #text'", "\"long\\\n \\ #text\""}},
    {"pause_until",
     "\"2030-01-01T00:00:00Z\"",
     {"", "\"2031-01-01T00:00:00Z\""},
     {"2030-01-01T00:00:00Z", "'2030-01-01T00:00:00Z'", "\"2030-01-01T00:00:00Z\"",
      "&@ '2030-01-01T00:00:00Z'", "\n  2030-01-01T00:00:00Z", ">-\n  2030-01-01T00:00:00Z",
      "|-\n  2030-01-01T00:00:00Z"}},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

struct making {
    struct strbuf text;
    struct strbuf live;
    struct strbuf kept; /* whole lines that are in the result too */
    struct strbuf uses; /* of anchors */
    unsigned number;    /* of the last name */
    bool flow;
    bool one_line;
};

static size_t count_of(const char *const *texts, size_t most)
{
    size_t count = 1;
    while (count < most && texts[count])
        count++;
    return count;
}

static bool fits(const struct making *making, const char *text)
{
    bool lines = strchr(text, '\n');
    return !making->flow || !lines || (!making->one_line && strpbrk(text, "[{"));
}

static const char *text_of(const struct making *making, const struct sample *sample)
{
    const char *text;
    do
        text = sample->texts[pick(count_of(sample->texts, TEXTS))];
    while (!fits(making, text));
    return text;
}

/* The text of a value at its place. Of those with an anchor, some are used at the end of the manifest. */
static const char *placed(struct making *making, const char *text, const char *indent)
{
    struct strbuf out = {0};
    bool used = strchr(text, '&') && pick(3);
    bool inner = strstr(text, "&@v") && pick(2);
    making->number++;
    for (; *text; text++)
        if (*text == '@')
            strbuf_addf(&out, "n%uz", making->number);
        else
            strbuf_addf(&out, "%c%s", *text, *text == '\n' ? indent : "");
    if (used)
        strbuf_addf(&making->uses, "  u%u: *n%uz\n", making->number, making->number);
    if (inner)
        strbuf_addf(&making->uses, "  v%u: [*n%uzv , *n%uzv]\n", making->number, making->number,
                    making->number);
    return strbuf_move(&out, &world.arena);
}

static const char *key_of(const char *name)
{
    const char *quote = ((const char *[]){"", "", "'", "\""})[pick(4)];
    return arena_printf(&world.arena, "%s%s%s", quote, name, quote);
}

static const char *comment(struct making *making)
{
    return pick(3) ? "" : arena_printf(&world.arena, "  # c%uz", making->number);
}

static void add_live(struct making *making, const char *name, const char *value)
{
    if (*value)
        strbuf_addf(&making->live, "\"%s\":%s,", name, value);
}

/* ---- a consumer ---- */

static void add_field(struct making *making, const struct sample *sample, bool comma)
{
    static const char *const indent = "        ";
    const char *value = placed(making, text_of(making, sample), indent);
    bool block = strpbrk(value, "|>") && !strchr(value, '{');
    bool stays = pick(3) == 0;
    const char *field =
        arena_printf(&world.arena, "%s%s:%s%s%s%s", making->one_line ? "" : indent, key_of(sample->name),
                     *value == '\n' ? "" : " ", value, making->flow && comma ? "," : "",
                     making->one_line || block ? "" : comment(making));
    const char *line = arena_printf(&world.arena, "%s%s", field, making->one_line ? comma ? " " : "" : "\n");
    strbuf_adds(&making->text, line);
    if (stays && !making->flow)
        strbuf_adds(&making->kept, line);
    if (!making->one_line && pick(5) == 0)
        strbuf_addf(&making->text, "%s# l%uz\n\n", indent, making->number);
    add_live(making, sample->name,
             stays ? sample->before : sample->after[pick(count_of(sample->after, CHANGES))]);
}

/* One that never changes. */
static void add_steady(struct making *making, bool comma)
{
    if (!making->flow)
        strbuf_adds(&making->text, "        ack_policy: explicit # n0z\n");
    else
        strbuf_addf(&making->text, "ack_policy: explicit%s%s", comma ? ", " : "",
                    making->one_line ? "" : "\n");
}

/* Some fields, in any order. */
static void add_fields(struct making *making)
{
    const struct sample *chosen[SAMPLES];
    size_t count = 0;
    size_t first = pick(SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++)
        if (pick(3))
            chosen[count++] = &samples[(first + i) % SAMPLES];
    bool tail = pick(3) == 0;
    size_t steady = pick(count + 1);
    bool at_end = steady == count;
    for (size_t i = 0; i < count; i++) {
        if (i == steady)
            add_steady(making, true);
        add_field(making, chosen[i], i + 1 < count || at_end || tail);
    }
    if (at_end)
        add_steady(making, tail);
}

/* Servers put the first of `backoff` there. */
static void add_wait(struct making *making)
{
    const char *backoff = strstr(strbuf_text(&making->live), "\"backoff\":[");
    size_t length = backoff ? strcspn(backoff + 11, ",]") : 0;
    add_live(making, "ack_wait", backoff ? arena_strndup(&world.arena, backoff + 11, length) : "");
}

static void make(struct making *making, size_t run)
{
    seed = run * 2654435761u + 1;
    pick(2);
    making->flow = pick(2);
    making->one_line = making->flow && pick(2);
    const char *end = "      d: {ack_policy: explicit} # n0z\n# The end.\nx-uses:\n  none: 1\n";
    const char *open = !making->flow ? "\n" : making->one_line ? " {" : " {\n";
    strbuf_addf(&making->text, "streams:\n  A:\n    subjects: [a.>]\n    consumers:\n      c:%s", open);
    add_fields(making);
    strbuf_adds(&making->text, !making->flow ? "" : making->one_line ? "}\n" : "      }\n");
    strbuf_addf(&making->text, "%s%s", end, strbuf_text(&making->uses));
    strbuf_adds(&making->kept, end);
    add_live(making, "max_deliver", "-1");
    add_wait(making);
    add_live(making, "ack_policy", "\"explicit\"");
    making->live.text[making->live.length - 1] = '\0';
}

/* ---- what holds ---- */

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

/* Is each comment of `before` in the text, in that order? */
static bool has_comments(const char *text, const char *before)
{
    for (const char *at = before; (at = strstr(at, "# ")); at++) {
        const char *one = arena_strndup(&world.arena, at, strcspn(at, "\r\n"));
        text = strstr(text, one);
        if (!text)
            return false;
        text += strlen(one);
        at += strlen(one) - 1;
    }
    return true;
}

static struct survey *survey_of(const struct making *making)
{
    struct survey *survey = ARENA_NEW(&world.arena, struct survey);
    struct survey_stream *stream = ARENA_NEW(&world.arena, struct survey_stream);
    stream->live = pulling_live("A", NULL, "\"subjects\":[\"a.>\"]");
    VEC_PUSH(&world.arena, &stream->consumers, pulling_live("A", "c", strbuf_text(&making->live)));
    VEC_PUSH(&world.arena, &stream->consumers, pulling_live("A", "d", "\"ack_policy\":\"explicit\""));
    VEC_PUSH(&world.arena, &survey->streams, stream);
    return survey;
}

/* As an editor elsewhere writes them. */
static void return_carriages(struct strbuf *text)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < text->length; i++)
        strbuf_adds(&out, text->text[i] == '\n' ? "\r\n" : (const char[]){text->text[i], '\0'});
    strbuf_release(text);
    *text = out;
}

START_TEST(gone_in_any_style)
{
    struct making making = {0};
    struct pulled pulled;
    make(&making, (size_t)_i);
    if (_i % 8 == 0) {
        return_carriages(&making.text);
        return_carriages(&making.kept);
    }
    const struct survey *survey = survey_of(&making);
    const char *before = strbuf_text(&making.text);
    const char *text = pulling_text(before, survey, &pulled);
    const char *story =
        arena_printf(&world.arena, "--- before\n%s\n--- live\n%s\n--- after\n%s\n--- told\n%s", before,
                     strbuf_text(&making.live), text, world_told());
    ck_assert_msg(pulled.left == 0, "not all is pulled\n%.4000s", story);
    ck_assert_msg(has_comments(text, before), "a comment is gone\n%.4000s", story);
    ck_assert_msg(has_lines(text, strbuf_text(&making.kept)), "a line is gone\n%.4000s", story);
    pulling_text(text, survey, &pulled);
    ck_assert_msg(pulled.fields + pulled.left == 0, "it differs still\n%.4000s", story);
    strbuf_release(&making.text);
    strbuf_release(&making.live);
    strbuf_release(&making.kept);
    strbuf_release(&making.uses);
}
END_TEST

Suite *edit_pull_gone_suite(void)
{
    Suite *suite = suite_create("edit/pull_gone");
    TCase *tests = tcase_create("pull_gone");
    tcase_add_checked_fixture(tests, world_setup, world_teardown);
    tcase_add_loop_test(tests, gone_in_any_style, 0, SOME);
    suite_add_tcase(suite, tests);
    TCase *large = tcase_create("pull_gone, the rest");
    tcase_set_tags(large, "large");
    tcase_add_checked_fixture(large, world_setup, world_teardown);
    tcase_add_loop_test(large, gone_in_any_style, SOME, RUNS);
    suite_add_tcase(suite, large);
    return suite;
}
