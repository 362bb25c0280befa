/* Unit tests of view/review.h: what comes from others stays where it is put, and what is too much is counted. */
#include "view/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "support/run.h"
#include "support/scratch.h"
#include "syntax/json.h"
#include "unit/suites.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

typedef void writer(const struct review *review, FILE *out);

static const char *written(writer *write, const char *command, const char *folder, const char *json)
{
    struct diags diags = {0};
    const struct node *document = json_read(test_arena(), json, strlen(json), NULL, &diags);
    const struct review review = {
        .arena = test_arena(), .command = command, .document = document, .folder = folder};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    ck_assert_ptr_nonnull(document);
    write(&review, out);
    fclose(out);
    const char *kept = arena_strndup(test_arena(), text, length);
    free(text);
    diags_release(&diags);
    return kept;
}

static const char *quoted(const char *text)
{
    return json_text(test_arena(), node_scalar(test_arena(), text, true));
}

static const char *change(const char *name, const char *action, const char *risk, const char *diff)
{
    return format("{\"type\":\"stream\",\"name\":%s,\"action\":\"%s\",\"risk\":%s,\"diff\":%s}", quoted(name),
                  action, risk, quoted(diff));
}

static const char *plan(const char *changes, const char *diagnostics)
{
    return format("{\"project\":\"shop\",\"server\":{\"version\":\"2.15.1\",\"url\":\"nats://h:1\"},"
                  "\"summary\":{\"create\":1},\"resource_changes\":[%s],\"diagnostics\":[%s]}",
                  changes, diagnostics);
}

static const char *finding(const char *severity, const char *message)
{
    return format(
        "{\"severity\":\"%s\",\"code\":\"range\",\"message\":%s,\"file\":\"natsform.yaml\",\"line\":3,"
        "\"column\":5,\"hint\":null,\"notes\":[]}",
        severity, quoted(message));
}

static const char *findings(const char *severity, size_t count)
{
    struct strbuf list = {0};
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&list, "%s%s", i ? "," : "", finding(severity, format("%s %zu", severity, i)));
    return strbuf_move(&list, test_arena());
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    while ((text = strstr(text, part))) {
        count++;
        text += strlen(part);
    }
    return count;
}

/* ---- markdown ---- */

START_TEST(markdown_of_a_plan)
{
    const char *loss =
        "{\"destroys_data\":true,\"messages\":7,\"bytes\":210,\"exact\":true,\"backed_up\":true,"
        "\"why\":\"'max_msgs' goes from 10 to 3\"}";
    const char *text = written(review_markdown, "plan", "",
                               plan(format("%s,%s", change("NEW", "create", "{}", "+a\n"),
                                           change("OLD", "update", loss, "-b\n+c\n")),
                                    finding("warning", "look here")));
    ck_assert_text(text, "<!-- natsform plan shop -->\n"
                         "### natsform plan: 1 to create\n\n"
                         "nats-server 2.15.1 at ` nats://h:1 `\n\n"
                         "| object | at stake | why |\n| --- | --- | --- |\n"
                         "| ` stream OLD ` | destroys 7 messages (210 bytes), backed up first | "
                         "` 'max_msgs' goes from 10 to 3 ` |\n\n"
                         "<details><summary>✏️ <code>stream OLD</code> update</summary>\n\n"
                         "```diff\n-b\n+c\n```\n\n</details>\n\n"
                         "<details><summary>➕ <code>stream NEW</code> create</summary>\n\n"
                         "```diff\n+a\n```\n\n</details>\n\n"
                         "**Warnings**\n\n```text\nnatsform.yaml:3:5: look here [range]\n```\n\n");
}
END_TEST

START_TEST(markdown_of_hostile_words)
{
    const char *hostile = "`` ``` </code></details> | \\| @all [x](y)\n### no\x1b[2J";
    const char *text =
        written(review_markdown, "plan", "",
                plan(change(hostile, "delete",
                            format("{\"destroys_data\":true,\"messages\":1,\"why\":%s}", quoted(hostile)),
                            "-a: ```\n-````\n"),
                     finding("error", hostile)));
    ck_assert_contains(text, "`````diff\n-a: ```\n-````\n`````\n");
    ck_assert_contains(
        text,
        "````text\nnatsform.yaml:3:5: `` ``` </code></details> | \\| @all [x](y)\\n### no\\x1b[2J [range]\n````\n");
    ck_assert_contains(text, "&#60;&#47;code&#62;");
    ck_assert_lacks(text, "\n### no");
    ck_assert_lacks(text, "\x1b");
    ck_assert_uint_eq(count_of(text, "</details>"), 2); /* one is in a fence */
    ck_assert_lacks(text, "\\| |");
}
END_TEST

START_TEST(markdown_fits_a_comment)
{
    struct strbuf lines = {0};
    const char *changes = "";
    for (int i = 0; i < 300; i++)
        strbuf_addf(&lines, "+line %d of many\n", i);
    for (int i = 0; i < 60; i++)
        changes = format("%s%s%s", changes, *changes ? "," : "",
                         change(format("S%d", i), i == 59 ? "delete" : "create", "{}", strbuf_text(&lines)));
    const char *text = written(review_markdown, "plan", "", plan(changes, findings("error", 2000)));
    ck_assert_uint_le(strlen(text), 65000);
    ck_assert_contains(text, "<code>stream S59</code> delete");
    ck_assert_contains(text, " more parts did not fit here: `natsform plan` shows all.**\n");
    ck_assert_contains(text, " more lines\n```\n");
    ck_assert_uint_eq(count_of(text, "<details>"), count_of(text, "</details>"));
    ck_assert_uint_eq(count_of(text, "\n```") % 2, 0);
    strbuf_release(&lines);
}
END_TEST

START_TEST(markdown_without_a_plan)
{
    ck_assert_text(written(review_markdown, "validate", "", "{\"valid\":true,\"diagnostics\":[]}"),
                   "<!-- natsform validate -->\n### natsform validate: no errors\n\n");
    ck_assert_contains(
        written(review_markdown, "validate", "",
                format("{\"diagnostics\":[%s,%s]}", findings("error", 2), findings("note", 1))),
        "### natsform validate: 2 errors, 1 note\n");
    /* What ends a comment cannot stand in it. */
    ck_assert_contains(written(review_markdown, "plan", "", "{\"project\":\"a-->b\",\"diagnostics\":[]}"),
                       "<!-- natsform plan a___b -->\n");
}
END_TEST

/* ---- annotations ---- */

START_TEST(annotations_are_escaped)
{
    const char *text = written(
        review_github, "validate", "deploy/prod",
        "{\"diagnostics\":[{\"severity\":\"error\",\"code\":\"a,b:c\",\"message\":\"100%\\n::error::x\\r\","
        "\"file\":\"../a:b,c.yaml\",\"line\":3,\"column\":5,\"hint\":\"do\\nthat\"},"
        "{\"severity\":\"note\",\"code\":\"n\",\"message\":\"nowhere\",\"file\":null,\"line\":null,\"hint\":null}]}");
    ck_assert_text(text,
                   "::error title=a%2Cb%3Ac,file=deploy/a%3Ab%2Cc.yaml,line=3,col=5::100%25%0A::error::x%0D"
                   "%0Ahint: do%0Athat\n"
                   "::notice title=n::nowhere\n");
}
END_TEST

static const struct {
    size_t errors, warnings, notes;
    size_t shown_errors, shown_warnings, shown_notices;
    const char *rest;
} amounts[] = {
    {3, 2, 1, 3, 2, 1, NULL},           {10, 10, 10, 10, 10, 10, NULL},
    {12, 0, 0, 10, 0, 1, "and 2 more"}, {10, 11, 10, 10, 10, 10, "and 2 more"},
    {0, 0, 11, 0, 0, 10, "and 2 more"},
};

START_TEST(annotations_are_counted)
{
    const char *lists[] = {findings("error", amounts[_i].errors), findings("warning", amounts[_i].warnings),
                           findings("note", amounts[_i].notes)};
    const char *all = "";
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (*lists[i])
            all = format("%s%s%s", all, *all ? "," : "", lists[i]);
    const char *text = written(review_github, "plan", "", format("{\"diagnostics\":[%s]}", all));
    ck_assert_uint_eq(count_of(text, "::error title"), amounts[_i].shown_errors);
    ck_assert_uint_eq(count_of(text, "::warning title"), amounts[_i].shown_warnings);
    ck_assert_uint_eq(count_of(text, "::notice title"), amounts[_i].shown_notices);
    if (amounts[_i].rest)
        ck_assert_contains(text, amounts[_i].rest);
    else
        ck_assert_lacks(text, " more, which");
}
END_TEST

/* ---- JUnit ---- */

START_TEST(junit_of_a_plan)
{
    const char *refused =
        "{\"type\":\"stream\",\"name\":\"A\",\"action\":\"refused\",\"source\":\"natsform.yaml:3:3\","
        "\"refused\":{\"code\":\"immutable\",\"message\":\"cannot <change>\"}}";
    ck_assert_text(
        written(review_junit, "plan", "",
                plan(format("%s,%s", refused, change("B\x01\"&", "create", "{}", "")),
                     format("%s,%s", finding("error", "cannot <change>"), finding("error", "other")))),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        "  <testsuite name=\"natsform plan\" tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"0\">\n"
        "    <testcase classname=\"range\" name=\"natsform.yaml:3:5\">\n"
        "      <failure type=\"range\" message=\"other\"></failure>\n    </testcase>\n"
        "    <testcase classname=\"refused\" name=\"stream A\">\n"
        "      <failure type=\"immutable\" message=\"cannot &lt;change&gt;\">natsform.yaml:3:3</failure>\n"
        "    </testcase>\n"
        "    <testcase classname=\"create\" name=\"stream B\\x01&quot;&amp;\"/>\n"
        "  </testsuite>\n</testsuites>\n");
    ck_assert_contains(written(review_junit, "validate", "", "{\"diagnostics\":[]}"),
                       "tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
                       "    <testcase classname=\"validate\" name=\"manifest\"/>\n");
}
END_TEST

Suite *view_review_suite(void)
{
    Suite *suite = suite_create("view/review");
    TCase *tests = tcase_create("review");
    tcase_add_test(tests, markdown_of_a_plan);
    tcase_add_test(tests, markdown_of_hostile_words);
    tcase_add_test(tests, markdown_fits_a_comment);
    tcase_add_test(tests, markdown_without_a_plan);
    tcase_add_test(tests, annotations_are_escaped);
    tcase_add_loop_test(tests, annotations_are_counted, 0, (int)(sizeof(amounts) / sizeof(amounts[0])));
    tcase_add_test(tests, junit_of_a_plan);
    suite_add_tcase(suite, tests);
    return suite;
}
