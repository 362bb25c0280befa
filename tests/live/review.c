/*
 * What reviewers are shown, as others read it: markdown by GitHub's own parser, JUnit by an XML parser, and the files of a workflow. On the server and in the manifest are
 * words that would be markup, ends of fences, or commands.
 */
#include <check.h>
#include <string.h>

#include "base/exit.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "syntax/json.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *const hostile[] = {
    "```",
    "````\n# heading\n````",
    "</code></summary></details><script>x</script>",
    "| a | b |\n| - | - |",
    "\\|",
    "<!-- -->",
    "@all #1 [x](http://y) ![z](z) **b** _i_",
    "::error::x",
    "\r\n::set-output name=a::b",
    "~~~\n- item",
    "&lt;b&gt; &#60;",
    "\t    indented",
};
enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

static const char *quoted(const char *text)
{
    return json_text(test_arena(), node_scalar(test_arena(), text, true));
}

/* Each changes in what it says of itself, and each is deleted or made. */
static void fill(const struct server_fixture *server, const char *folder)
{
    const char *manifest = "project: shop\nstreams:\n";
    for (size_t i = 0; i < HOSTILE; i++) {
        const char *name = format("S%zu", i);
        raw_request(
            server, format("$JS.API.STREAM.CREATE.%s", name),
            format("{\"name\":\"%s\",\"subjects\":[\"s%zu.>\"],\"description\":%s,\"metadata\":{%s:\"x\"}}",
                   name, i, quoted(hostile[i]), quoted(hostile[i])));
        raw_publish(server, format("s%zu.a", i), "hello");
        raw_publish(server, format("s%zu.a", i), "hello");
        manifest = format("%s  S%zu: {subjects: [s%zu.>], max_msgs: 1, description: %s}\n", manifest, i, i,
                          quoted(hostile[(i + 1) % HOSTILE]));
    }
    write_file(folder, "natsform.yaml", manifest);
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

/* Blocks of HTML begin with one of ours. */
static void check_html(const char *xml)
{
    static const char *const ours[] = {"&lt;!-- natsform plan", "&lt;details&gt;&lt;summary&gt;",
                                       "&lt;/details&gt;"};
    static const char tag[] = "<html_block xml:space=\"preserve\">";
    for (const char *at = xml; (at = strstr(at, tag));) {
        bool is_ours = false;
        at += strlen(tag);
        for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
            is_ours |= strncmp(at, ours[i], strlen(ours[i])) == 0;
        ck_assert_msg(is_ours, "%.200s", at);
    }
}

static void check_markdown(const char *folder, size_t changes)
{
    run_shell(folder, "cmark-gfm -e table -e autolink -t xml page.md >page.xml");
    const char *xml = read_file(format("%s/page.xml", folder));
    ck_assert_uint_eq(count_of(xml, "<heading level="), 1);
    ck_assert_uint_eq(count_of(xml, "info=\"diff\""), changes);
    ck_assert_uint_eq(count_of(xml, "<code_block "), changes + 2); /* the errors, and the notes */
    ck_assert_uint_eq(count_of(xml, "<table>"), 1);
    ck_assert_uint_eq(count_of(xml, "<table_cell"),
                      3 * (count_of(xml, "<table_row>") + count_of(xml, "<table_header>")));
    ck_assert_uint_eq(count_of(xml, "<link "), 0);
    ck_assert_uint_eq(count_of(xml, "<image "), 0);
    ck_assert_uint_eq(count_of(xml, "<list "), 0);
    check_html(xml);
}

START_TEST(read_by_others)
{
    const char *folder = test_directory();
    struct server_fixture *server = fixture_start(NULL, NULL);
    fill(server, folder);
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"plan", "-o", "markdown", "-s", server->url, NULL},
        .directory = folder});
    ck_assert_exit(run, EXIT_REFUSED);
    write_file(folder, "page.md", run.out);
    check_markdown(folder, HOSTILE);
    run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"plan", "-o", "junit", "-s", server->url, NULL},
        .directory = folder});
    ck_assert_exit(run, EXIT_REFUSED);
    write_file(folder, "page.xml", run.out);
    run_shell(folder, format("test \"$(xmllint --xpath 'count(//testcase)' page.xml)\" = %d\n"
                             "test \"$(xmllint --xpath 'count(//failure)' page.xml)\" = %d\n",
                             HOSTILE, HOSTILE));
    fixture_stop(server);
}
END_TEST

/* In a folder of what was checked out, by two commands of a step. */
START_TEST(workflow)
{
    const char *root = test_directory(), *folder = make_directory(root, "deploy");
    struct server_fixture *server = fixture_start(NULL, NULL);
    fill(server, folder);
    const char *const env[] = {format("GITHUB_WORKSPACE=%s", root),
                               format("GITHUB_STEP_SUMMARY=%s/summary", root), NULL};
    const char *const validate[] = {"validate", "-o", "github", NULL};
    const char *const plan[] = {"plan", "-o", "github", "-s", server->url, NULL};
    ck_assert_exit(
        run_natsform(&(struct run_options){.arguments = validate, .env = env, .directory = folder}),
        EXIT_DONE);
    struct run run = run_natsform(&(struct run_options){.arguments = plan, .env = env, .directory = folder});
    ck_assert_exit(run, EXIT_REFUSED);
    const char *word = strstr(run.out, "::stop-commands::");
    ck_assert_ptr_eq(word, run.out);
    word = format("\n::%.*s::\n", (int)strcspn(word + 17, "\n"), word + 17);
    const char *resumed = strstr(run.out, word);
    ck_assert_ptr_nonnull(resumed);
    ck_assert_ptr_null(strstr(resumed + 1, word));
    ck_assert_uint_eq(count_of(resumed, "\n::error title=data-loss,file=deploy/natsform.yaml,line="), 10);
    ck_assert_uint_eq(count_of(resumed, "\n"), 2 + 10 + 2);
    ck_assert_contains(resumed, format("::notice title=natsform::and %d more", HOSTILE - 10));
    const char *summary = read_file(format("%s/summary", root));
    ck_assert_uint_eq(count_of(summary, "\n### natsform "), 2);
    ck_assert_ptr_eq(strstr(summary, "<!-- natsform validate -->\n### natsform validate: "), summary);
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {{.test = read_by_others}, {.test = workflow}};
    return suite_run("live/review", tests, sizeof(tests) / sizeof(tests[0]));
}
