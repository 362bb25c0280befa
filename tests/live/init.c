/*
 * Projects that `init` begins: what it writes is right, boots, and plans; what is there already stays.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/run.h"
#include "support/scratch.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/yaml.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static struct run run_in(const char *directory, const char *const *arguments)
{
    return run_natsform(&(struct run_options){.arguments = arguments, .directory = directory});
}

#define RUN_IN(directory, ...) run_in((directory), (const char *const[]){__VA_ARGS__, NULL})

static const char *file_in(const char *directory, const char *name)
{
    return read_file(arena_printf(test_arena(), "%s/%s", directory, name));
}

/* What `up` finds servers by: one version alone, in a cache of its own name. */
static const char *const *environment_with(const char *version)
{
    const char **environment = ARENA_ARRAY(test_arena(), const char *, 3);
    environment[0] =
        arena_printf(test_arena(), "PATH=%s/%s:%s", getenv("NATSFORM_SERVERS"), version, getenv("PATH"));
    environment[1] = "NATSFORM_SERVERS=/nowhere";
    return environment;
}

static struct run run_with(const char *directory, const char *version, const char *const *arguments)
{
    return run_natsform(&(struct run_options){
        .arguments = arguments, .directory = directory, .env = environment_with(version)});
}

#define RUN_WITH(directory, version, ...)                                                                    \
    run_with((directory), (version), (const char *const[]){__VA_ARGS__, NULL})

/* The project as `up` leaves it has nothing left to do, on ports that nobody else has. */
static void must_boot(const char *directory, const char *version)
{
    run_shell(directory, "sed -i 's/^  dev:$/&\\n    ports: auto/' natsform.yaml");
    struct run run = RUN_WITH(directory, version, "up", "--no-context");
    if (run.exit_code != 0)
        RUN_WITH(directory, version, "down");
    ck_assert_exit(run, 0);
    const char *url = strstr(run.out, "nats://127.0.0.1:");
    ck_assert_ptr_nonnull(url);
    url = arena_strndup(test_arena(), url, strcspn(url, " \n"));
    struct run plan = RUN_WITH(directory, version, "plan", "--detailed-exitcode", "-s", url);
    ck_assert_exit(RUN_WITH(directory, version, "down"), 0);
    ck_assert_exit(plan, 0);
}

/* ---- a new project ---- */

START_TEST(a_new_project_is_whole)
{
    const char *directory = make_directory(test_directory(), "My Chat (2)");
    struct run run = RUN_IN(directory, "init");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Wrote 3 files to .: 1 stream, 1 consumer, 0 buckets\n"
                              "Wrote .github/workflows/natsform.yml\n");
    ck_assert_str_eq(run.out, "Next: 'natsform up' boots the servers and applies the streams\n");
    const char *text = file_in(directory, "natsform.yaml");
    ck_assert_str_eq(strstr(text, "project:"), "project: my-chat-2\n"
                                               "\n"
                                               "servers:\n"
                                               "  dev:\n"
                                               "    jetstream:\n"
                                               "      max_mem: 256MiB\n"
                                               "      max_file: 2GiB\n"
                                               "\n"
                                               "streams:\n"
                                               "  MY_CHAT_2:\n"
                                               "    subjects: [my-chat-2.>]\n"
                                               "    max_age: 7d\n"
                                               "    max_bytes: 256MiB\n"
                                               "    consumers:\n"
                                               "      processor:\n"
                                               "        ack_policy: explicit\n"
                                               "        max_deliver: 5\n");
    ck_assert_ptr_eq(strstr(text, "# yaml-language-server: $schema=./natsform.schema.json\n"), text);
    ck_assert_str_eq(file_in(directory, "natsform.schema.json"), RUN("schema").out);
    ck_assert_str_eq(file_in(directory, ".gitignore"), ".natsform/\n");
    ck_assert_exit(RUN_IN(directory, "validate"), 0);
    ck_assert_exit(RUN_IN(directory, "generate", "all"), 0);
}
END_TEST

/* A service looks for its file at the root of the repository alone. */
START_TEST(the_pipeline_is_at_the_root)
{
    const char *directory = test_directory();
    run_shell(directory, "git init -q -b trunk && mkdir -p apps");
    struct run run = RUN_IN(directory, "init", "apps/my.shop");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Wrote 3 files to apps/my.shop: 1 stream, 1 consumer, 0 buckets\n"
                              "Wrote .github/workflows/natsform-apps-my-shop.yml\n");
    const char *text = file_in(directory, ".github/workflows/natsform-apps-my-shop.yml");
    ck_assert_contains(text, "    working-directory: apps/my.shop\n");
    ck_assert_contains(text, "\nname: natsform-apps-my-shop\n");
    ck_assert_contains(text, "    branches: [trunk, main, master]\n");
    run_shell(
        directory,
        "mkdir -p .git/refs/remotes/origin && echo 'ref: refs/remotes/origin/v1/next' >.git/refs/remotes/origin/HEAD");
    run = RUN_IN(format("%s/apps", directory), "init", "other");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, "Wrote ../.github/workflows/natsform-apps-other.yml\n");
    ck_assert_contains(file_in(directory, ".github/workflows/natsform-apps-other.yml"),
                       "    branches: [v1/next, main, master]\n");
    run = RUN_IN(format("%s/apps/my.shop", directory), "init", "--ci", "gitlab");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Wrote ../../.gitlab-ci.yml\n");
    ck_assert_contains(file_in(directory, ".gitlab-ci.yml"), "    FOLDER: apps/my.shop\n");
    run = RUN_IN(directory, "init", "my chat");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err,
                       "no CI workflow: the name of folder my chat has other than plain characters\n");
}
END_TEST

/* The second pipeline of a repository is another file. */
START_TEST(a_project_that_is_there_gets_a_pipeline)
{
    const char *directory = test_directory();
    run_shell(directory, "git init -q && echo 'project: shop' >natsform.yaml && cp natsform.yaml prod.yaml");
    struct run run = RUN_IN(directory, "init", "--ci", "github", "--prune", "--environment", "staging",
                            "--environment", "prod=natsform.yaml,prod.yaml");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Wrote .github/workflows/natsform.yml\n");
    ck_assert_contains(
        file_in(directory, ".github/workflows/natsform.yml"),
        "          - environment: staging\n            files: natsform.yaml\n            options: --prune\n"
        "          - environment: prod\n            files: natsform.yaml prod.yaml\n            options: --prune\n");
    run = RUN_IN(directory, "init", "--ci", "github", "--prune", "--environment", "staging", "--environment",
                 "prod=natsform.yaml,prod.yaml");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Up to date: .github/workflows/natsform.yml\n");
    run = RUN_IN(directory, "init", "--ci", "github");
    ck_assert_exit(run, 3);
    ck_assert_str_eq(run.err,
                     "error: '.github/workflows/natsform.yml' exists already, and is another one [exists]\n"
                     "hint: nothing was written; move it away, or go without it by '--ci none'\n");
    write_file(directory, ".gitlab-ci.yml", "stages: [validate, plan, apply]\n");
    run = RUN_IN(directory, "init", "--ci", "gitlab");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Wrote .gitlab/natsform.yml\n"
                              "To be added to .gitlab-ci.yml: include: [{local: .gitlab/natsform.yml}]\n");
    run_shell(directory, "rm -r .github .gitlab natsform.yaml");
    run = RUN_IN(directory, "init");
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err, "Wrote .gitlab/natsform.yml\n");
    run_shell(directory, "rm -r .gitlab natsform.yaml natsform.schema.json");
    run = RUN_IN(directory, "init", "--ci", "none");
    ck_assert_exit(run, 0);
    run_shell(directory, "test ! -e .gitlab && test ! -e .github");
}
END_TEST

START_TEST(an_environment_is_plain)
{
    static const struct {
        const char *text, *err;
    } calls[] = {
        {"a b", "'a b' is no environment: its name has to be of letters, digits, '-' and '_'"},
        {"", "'' is no environment: its name has to be of letters, digits, '-' and '_'"},
        {"${{x}}=natsform.yaml", "its name has to be of letters, digits, '-' and '_'"},
        {"a=$(id).yaml", "its files have to be relative paths of plain characters, with commas between them"},
        {"a=/etc/x.yaml",
         "its files have to be relative paths of plain characters, with commas between them"},
        {"a=", "its files have to be relative paths of plain characters, with commas between them"},
        {"a=x.yaml,,y.yaml",
         "its files have to be relative paths of plain characters, with commas between them"},
        {"a=x.yaml", "environment a: there is no file 'x.yaml'"},
    };
    const char *directory = test_directory();
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct run run = RUN_IN(directory, "init", "--environment", calls[i].text);
        ck_assert_exit(run, 64);
        ck_assert_contains(run.err, calls[i].err);
    }
    struct run run = RUN_IN(directory, "init", "--environment", "a", "--environment", "a");
    ck_assert_exit(run, 64);
    ck_assert_contains(run.err, "'a' is no environment: it is there twice");
    ck_assert_exit(RUN_IN(directory, "init", "--ci", "none", "--prune"), 64);
    run_shell(directory, "test -z \"$(ls -A)\"");
}
END_TEST

START_TEST(flags_say_what_is_wanted)
{
    const char *directory = test_directory();
    struct run run = RUN_IN(directory, "init", "--project", "shop", "--subject", "$orders.>", "--subject",
                            "o'k.*", "--cluster", "a/b");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.out, "Next: in a/b, 'natsform up' boots the servers and applies the streams\n");
    const char *text = file_in(directory, "a/b/natsform.yaml");
    ck_assert_contains(text, "project: shop\n");
    ck_assert_contains(text, "    nodes: 3\n");
    ck_assert_contains(text, "  ORDERS:\n    subjects: [$orders.>, o'k.*]\n");
    ck_assert_contains(text, "    num_replicas: 3\n");
    ck_assert_exit(RUN_IN(directory, "validate", "-f", "a/b/natsform.yaml"), 0);
}
END_TEST

START_TEST(what_cannot_be_is_told)
{
    static const struct {
        const char *arguments[3];
        const char *err;
    } calls[] = {
        {{"--subject", "a..b"},
         "error: no project can be made so: 'subjects': 'a..b' is not a valid subject [usage]\n"},
        {{"--subject", "a,b,,c..d"},
         "error: no project can be made so: 'subjects': 'c..d' is not a valid subject [usage]\n"},
        {{"--subject", "a.>, a.b"},
         "error: no project can be made so: subject 'a.b' of stream A overlaps with its own 'a.>' [usage]\n"},
        {{"--subject", " , "},
         "error: no project can be made so: 'subjects': ' , ' is not a valid subject [usage]\n"},
        {{"--project", "a.b"},
         "error: no project can be made so: 'project': the name 'a.b' has one of . * > / \\ in it [usage]\n"},
        {{"a", "b"}, "error: unexpected argument 'b' [usage]\n"},
        {{""}, "error: the folder's name is empty [usage]\n"},
    };
    const char *directory = test_directory();
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct run run = RUN_IN(directory, "init", calls[i].arguments[0], calls[i].arguments[1]);
        ck_assert_exit(run, 64);
        ck_assert_str_eq(run.err, calls[i].err);
    }
    run_shell(directory, "test -z \"$(ls -A)\"");
}
END_TEST

START_TEST(what_is_there_stays)
{
    const char *directory = test_directory();
    make_directory(directory, ".github/workflows");
    write_file(directory, ".gitignore", "*.o\n");
    write_file(directory, ".github/workflows/other.yaml", "name: other\n");
    struct run run = RUN_IN(directory, "init");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "left as it is: .gitignore; it may have the line '.natsform/'\n"
                              "Wrote 2 files to .: 1 stream, 1 consumer, 0 buckets\n"
                              "Wrote .github/workflows/natsform.yml\n");
    ck_assert_str_eq(file_in(directory, ".gitignore"), "*.o\n");
    run_shell(directory, "rm natsform.yaml; cp -R . ../before");
    run = RUN_IN(directory, "init");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "error: 'natsform.schema.json' exists already [exists]\n"
                                "hint: nothing was written; name another folder\n");
    run_shell(directory, "diff -r . ../before; rm -r ../before");
}
END_TEST

/* ---- questions ---- */

static struct run type_in(const char *directory, unsigned short columns, const char *input,
                          const char *const *arguments)
{
    return run_natsform(&(struct run_options){
        .arguments = arguments,
        .input = input,
        .directory = directory,
        .env = (const char *const[]){"TERM=xterm", "CI", "COLUMNS", NULL},
        .terminal = true,
        .columns = columns,
    });
}

#define TYPE(directory, input, ...)                                                                          \
    type_in((directory), 200, (input), (const char *const[]){"init", __VA_ARGS__, NULL})

START_TEST(a_terminal_is_asked)
{
    const char *directory = test_directory();
    struct run run = TYPE(directory, "  shop \n\ny\n\n", NULL);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Subjects of the first stream [shop.>]: ");
    const char *text = file_in(directory, "natsform.yaml");
    ck_assert_contains(text, "project: shop\n");
    ck_assert_contains(text, "nodes: 3\n");
    ck_assert_contains(text, "  SHOP:\n    subjects: [shop.>]\n");
    ck_assert_contains(text, "#     websocket: {port: 8080, no_tls: true}\n");
}
END_TEST

START_TEST(subjects_are_told_apart_by_commas_and_blanks)
{
    static const struct {
        const char *typed;
        const char *written;
    } lists[] = {
        {"orders.new, orders.paid", "  ORDERS:\n    subjects: [orders.new, orders.paid]\n"},
        {"orders.> users.>", "  ORDERS:\n    subjects: [orders.>, users.>]\n"},
        {"a,b.*,,\t c  ,", "  A:\n    subjects: [a, b.*, c]\n"},
        {" , events.>", "  EVENTS:\n    subjects: [events.>]\n"},
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const char *directory = test_directory();
        const char *input = arena_printf(test_arena(), "\n%s\n\n\n", lists[i].typed);
        ck_assert_exit(TYPE(directory, input, NULL), 0);
        ck_assert_contains(file_in(directory, "natsform.yaml"), lists[i].written);
        ck_assert_exit(RUN_IN(directory, "init", "--subject", lists[i].typed, "again"), 0);
        ck_assert_contains(file_in(directory, "again/natsform.yaml"), lists[i].written);
    }
}
END_TEST

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* Each of these at its question; what was answered before and comes after stays as it is. */
static const struct {
    const char *before;
    const char *bad;
    const char *after;
    const char *question;
    const char *reason;
} bad_answers[] = {
    {"", "a.b", "shop\norders.>\ny\ny\n", "Project [", "'project': the name 'a.b' has one of ."},
    {"", "a b", "shop\norders.>\ny\ny\n", "Project [", "'project': the name 'a b' has white space"},
    {"shop\n", "x..y", "orders.>\ny\ny\n", "first stream [shop.>]", "'x..y' is not a valid"},
    {"shop\n", "a b a", "orders.>\ny\ny\n", "first stream [shop.>]", "overlaps with its own 'a'"},
    {"shop\n", "a.>,b,a.c", "orders.>\ny\ny\n", "first stream [shop.>]", "overlaps with its own 'a.>'"},
    {"shop\n", ", ,", "orders.>\ny\ny\n", "first stream [shop.>]", "it names no subject"},
    {"shop\norders.>\n", "maybe", "YES\ny\n", "A cluster of three", "it is neither yes nor no"},
    {"shop\norders.>\n", "yy", "Y\nyEs\n", "A cluster of three", "it is neither yes nor no"},
    {"shop\norders.>\ny\n", "1", "Yes\n", "WebSocket for browsers", "it is neither yes nor no"},
};
enum { BAD_ANSWERS = sizeof(bad_answers) / sizeof(bad_answers[0]) };

static void check_shop(const char *directory)
{
    const char *text = file_in(directory, "natsform.yaml");
    ck_assert_contains(text, "project: shop\n");
    ck_assert_contains(text, "    nodes: 3\n");
    ck_assert_contains(text, "    websocket:\n      port: 8080\n      no_tls: true\n");
    ck_assert_contains(text, "  ORDERS:\n    subjects: [orders.>]\n");
    ck_assert_lacks(text, "For browsers:");
}

START_TEST(a_bad_answer_is_asked_again)
{
    const char *directory = test_directory();
    struct run run = TYPE(directory,
                          arena_printf(test_arena(), "%s%s\n%s", bad_answers[_i].before, bad_answers[_i].bad,
                                       bad_answers[_i].after),
                          NULL);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, bad_answers[_i].reason);
    ck_assert_uint_eq(count_of(run.out, "Please answer again: "), 1);
    ck_assert_uint_eq(count_of(run.out, bad_answers[_i].question), 2);
    check_shop(directory);
}
END_TEST

/* The end of a line that is too long is not the answer to the next question. */
START_TEST(a_long_answer_is_one_answer)
{
    const char *directory = test_directory();
    char *name = arena_strdup(test_arena(), arena_printf(test_arena(), "%01500d", 0));
    memset(name, 'x', strlen(name));
    const char *shorter = arena_strndup(test_arena(), name, 300);
    const char *most = arena_strndup(test_arena(), name, 900);
    struct run run =
        TYPE(directory, arena_printf(test_arena(), "%s\n%s\nshop\n%s\norders.>\ny\ny\n", name, shorter, name),
             NULL);
    ck_assert_exit(run, 0);
    ck_assert_uint_eq(count_of(run.out, "it is longer than 1024 bytes"), 2);
    ck_assert_contains(run.out, "is longer than 255 bytes");
    ck_assert_uint_eq(count_of(run.out, "Please answer again: "), 3);
    check_shop(directory);
    directory = test_directory();
    run = TYPE(directory, arena_printf(test_arena(), "shop\norders.%s users.>\n\n\n", most), NULL);
    ck_assert_exit(run, 0);
    ck_assert_contains(file_in(directory, "natsform.yaml"), arena_printf(test_arena(), "orders.%s", most));
}
END_TEST

START_TEST(an_option_is_no_question)
{
    const char *directory = test_directory();
    struct run run =
        TYPE(directory, "", "--project", "shop", "--subject", "orders.>", "--cluster", "--websocket");
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "]: ");
    check_shop(directory);
    directory = test_directory();
    run = TYPE(directory, "other\nno\n", "--subject", "orders.>,users.>", "--websocket");
    ck_assert_exit(run, 0);
    ck_assert_uint_eq(count_of(run.out, "]: "), 2);
    ck_assert_contains(file_in(directory, "natsform.yaml"), "subjects: [orders.>, users.>]\n");
    /* What an option says wrong is no matter of a question. */
    run = TYPE(test_directory(), "shop\n", "--subject", "a..b");
    ck_assert_exit(run, 64);
    ck_assert_lacks(run.out, "Project [");
}
END_TEST

START_TEST(an_end_of_input_writes_nothing)
{
    static const char *const inputs[] = {"\004", "shop\n\004", "shop\n\n\004", "a.b\nshop\n\nn\n\004"};
    const char *directory = test_directory();
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        struct run run = TYPE(directory, inputs[i], NULL);
        ck_assert_exit(run, 1);
        ck_assert_contains(run.out, "Nothing was written.");
        run_shell(directory, "test -z \"$(ls -A)\"");
    }
    struct run run = TYPE(directory, "", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "Project [");
}
END_TEST

/* The terminal shows no newline behind an answer here, so a question ends a line too. */
static size_t line_length(const char *text)
{
    const char *asked = strstr(text, "]: ");
    size_t length = strcspn(text, "\n");
    return asked && asked < text + length ? (size_t)(asked - text) + strlen("]: ") : length;
}

START_TEST(questions_fit_a_narrow_terminal)
{
    const char *directory = make_directory(test_directory(), "a-shop-with-a-long-name");
    struct run run =
        type_in(directory, 60, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z\n\n\nx\n\n\n",
                (const char *const[]){"init", NULL});
    ck_assert_exit(run, 0);
    for (const char *line = run.out; *line; line += line_length(line) + (line[line_length(line)] == '\n'))
        ck_assert_msg(line_length(line) <= 60, "%.*s", (int)line_length(line), line);
}
END_TEST

/* ---- servers ---- */

START_TEST(a_new_project_boots)
{
    const char *directory = test_directory();
    ck_assert_exit(RUN_IN(directory, "init", "--project", "shop"), 0);
    must_boot(directory, version_at(_i));
}
END_TEST

START_TEST(a_new_cluster_boots)
{
    const char *directory = test_directory();
    ck_assert_exit(RUN_IN(directory, "init", "--project", "shop", "--cluster"), 0);
    must_boot(directory, version_at(_i));
}
END_TEST

START_TEST(a_new_cluster_for_browsers_boots)
{
    const char *directory = test_directory();
    ck_assert_exit(RUN_IN(directory, "init", "--project", "shop", "--cluster", "--websocket"), 0);
    ck_assert_exit(RUN_IN(directory, "validate"), 0);
    ck_assert_exit(RUN_IN(directory, "generate", "conf"), 0);
    run_shell(directory,
              "for i in 0 1 2; do grep -q \":808$i\" deploy/conf/dev-$((i + 1)).conf || exit; done");
    must_boot(directory, version_at(_i));
}
END_TEST

START_TEST(a_project_begins_with_what_a_server_holds)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *directory = test_directory();
    must_create(server, "ORDERS", NULL, "subjects: [orders.>], storage: file");
    must_create(server, "ORDERS", "billing", "durable_name: billing, ack_policy: explicit");
    struct run run = RUN_IN(directory, "init", "--from-live", "-s", server->url, "plain");
    ck_assert_exit(run, 0);
    bool marks = version_number(server->version) >= VERSION(2, 10, 0);
    ck_assert_str_eq(run.err,
                     arena_printf(test_arena(),
                                  "%sWrote 4 files to plain: 1 stream, 1 consumer, 0 buckets\n"
                                  "Wrote plain/.github/workflows/natsform.yml\n",
                                  marks ? "Project 'plain', by the folder's name: the next apply there takes "
                                          "over what nobody owns\n"
                                        : ""));
    ck_assert_contains(file_in(directory, "plain/natsform.yaml"), "\nproject: plain\n");
    run = RUN_IN(directory, "plan", "-f", "plain/natsform.yaml", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, marks ? "Plan: 2 to adopt, 0 in sync" : "Plan: 2 in sync");
    must_boot(arena_printf(test_arena(), "%s/plain", directory), version_at(_i));
    ck_assert_exit(RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "shop", "owned"),
                   0);
    const char *path = arena_printf(test_arena(), "%s/owned/natsform.yaml", directory);
    ck_assert_contains(read_file(path), "\nproject: shop\n");
    must_round_trip(server, path);
    run = RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "other", "third");
    if (marks) {
        ck_assert_exit(run, 64);
        ck_assert_str_eq(run.err, "error: what the server holds is of project 'shop', not 'other' [usage]\n"
                                  "hint: without --project it is taken as it is\n");
    } else {
        ck_assert_exit(run, 0);
    }
    fixture_stop(server);
}
END_TEST

/* ---- what a server holds, on this machine ---- */

/* From the live server into a folder, booted there, and in sync. Returns the text of its main manifest. */
static const char *must_move_here(const struct server_fixture *server, const char *directory)
{
    ck_assert_exit(RUN_IN(directory, "init", "--from-live", "-s", server->url, "here"), 0);
    const char *text = file_in(directory, "here/natsform.yaml");
    must_boot(arena_printf(test_arena(), "%s/here", directory), server->version);
    return text;
}

START_TEST(what_one_server_holds_boots_here)
{
    struct server_fixture *server = fixture_start(version_at(_i), "jetstream: {domain: hub}\n");
    must_apply(
        server,
        manifest(
            "streams:\n"
            "  BIG: {subjects: [big.>], max_bytes: 5GiB, placement: {tags: [ssd, '!slow']}}\n"
            "  MEM: {subjects: [mem.>], storage: memory, max_bytes: 700MiB, max_age: 1h}\n"
            "  QUEUE: {subjects: [queue], retention: workqueue, consumers: {w: {ack_policy: explicit}}}\n"
            "  COPY: {mirror: {name: BIG}}\n"
            "  OWN: {sources: [{name: BIG, external: {api: $JS.hub.API}}]}\n"
            "key_values: {sessions: {history: 5, ttl: 1h, max_bytes: 1GiB}}\n"
            "object_stores: {files: {max_bytes: 3GiB}}\n"));
    const char *text = must_move_here(server, test_directory());
    ck_assert_contains(text, "servers:\n"
                             "  dev:\n"
                             "    server_tags: [ssd]\n"
                             "    jetstream:\n"
                             "      max_mem: 1GiB\n"
                             "      max_file: 16GiB\n"
                             "      domain: hub\n"
                             "\n"
                             "include: [streams/*.yaml, key_values/*.yaml, object_stores/*.yaml]\n");
    fixture_stop(server);
}
END_TEST

START_TEST(what_a_cluster_holds_boots_here)
{
    struct cluster_fixture *cluster =
        cluster_start_with(version_at(_i), "EAST", "server_tags: [SSD, 'az:1', big]\n");
    const struct server_fixture *server = cluster->nodes[0];
    must_apply(
        server,
        manifest("streams:\n"
                 "  A: {subjects: [a.>], num_replicas: 3, max_bytes: 1500MiB, placement: {tags: [ssd]}}\n"
                 "  B: {subjects: [b.>], num_replicas: 3, placement: {cluster: EAST, tags: ['az:1']}}\n"
                 "  C: {subjects: [c.>], num_replicas: 3, consumers: {c: {ack_policy: explicit}}}\n"
                 "  E: {mirror: {name: A}, num_replicas: 3}\n"
                 "  D: {subjects: [d.>], max_bytes: 100MiB, placement: {tags: [big]}}\n"
                 "key_values: {sessions: {num_replicas: 3}}\n"));
    const char *directory = test_directory();
    const char *text = must_move_here(server, directory);
    ck_assert_contains(text, "servers:\n"
                             "  dev:\n"
                             "    nodes: 3\n"
                             "    cluster:\n"
                             "      name: EAST\n"
                             "    server_tags: [ssd, 'az:1', big]\n"
                             "    jetstream:\n"
                             "      max_mem: 256MiB\n"
                             "      max_file: 4GiB\n"
                             "\n"
                             "defaults:\n"
                             "  stream:\n"
                             "    num_replicas: 3\n");
    ck_assert_contains(file_in(directory, "here/streams/D.yaml"), "    num_replicas: 1\n");
    ck_assert_lacks(file_in(directory, "here/streams/A.yaml"), "num_replicas");
    cluster_stop(cluster);
}
END_TEST

/* What most have in common is said once, and nothing means anything else. */
START_TEST(what_most_have_is_a_default)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *directory = test_directory();
    must_apply(
        server,
        manifest(
            "streams:\n"
            "  A: {subjects: [a], max_age: 7d, discard: new, storage: memory, consumers: {\n"
            "    x: {ack_policy: explicit, max_deliver: 5, backoff: [1s, 2s], filter_subject: a},\n"
            "    y: {ack_policy: explicit, max_deliver: 5, backoff: [1s, 2s], filter_subject: a},\n"
            "    z: {ack_policy: explicit, max_deliver: 5, filter_subject: a}}}\n"
            "  B: {subjects: [b], max_age: 7d, discard: new, max_msgs: 5, consumers: {m: {max_deliver: 5}}}\n"
            "  C: {subjects: [c], max_age: 7d, max_msgs: 5}\n"
            "  D: {subjects: [d], max_msgs: 6}\n"
            "  E: {mirror: {name: A}, max_age: 7d}\n"));
    ck_assert_exit(RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "shop", "."), 0);
    ck_assert_contains(file_in(directory, "natsform.yaml"), "defaults:\n"
                                                            "  stream:\n"
                                                            "    max_age: 7d\n"
                                                            "  consumer:\n"
                                                            "    ack_policy: explicit\n"
                                                            "    max_deliver: 5\n"
                                                            "\n"
                                                            "include: [streams/*.yaml]\n");
    ck_assert_contains(file_in(directory, "streams/A.yaml"), "streams:\n"
                                                             "  A:\n"
                                                             "    subjects: [a]\n"
                                                             "    discard: new\n"
                                                             "    storage: memory\n"
                                                             "    consumers:\n"
                                                             "      x:\n"
                                                             "        backoff: [1s, 2s]\n"
                                                             "        filter_subject: a\n");
    ck_assert_contains(file_in(directory, "streams/B.yaml"), "      m:\n"
                                                             "        ack_policy: none\n");
    ck_assert_contains(file_in(directory, "streams/D.yaml"), "    max_age: 0\n");
    must_round_trip(server, arena_printf(test_arena(), "%s/natsform.yaml", directory));
    fixture_stop(server);
}
END_TEST

/* One that is otherwise takes back one thing at most, unless it is saved as much. */
START_TEST(what_is_otherwise_is_no_burden)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    const char *directory = test_directory();
    must_apply(server,
               manifest("streams:\n"
                        "  A: {subjects: [a], max_age: 7d, max_msgs: 5, max_bytes: 1MiB, discard: new}\n"
                        "  B: {subjects: [b], max_age: 7d, max_msgs: 5, max_bytes: 1MiB, discard: new}\n"
                        "  C: {subjects: [c], max_age: 7d, max_msgs: 5, max_bytes: 1MiB, discard: new}\n"
                        "  D: {subjects: [d], max_age: 7d, max_msgs: 5, max_bytes: 1MiB}\n"
                        "  PLAIN: {subjects: [plain]}\n"));
    ck_assert_exit(RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "shop", "."), 0);
    ck_assert_contains(file_in(directory, "natsform.yaml"), "defaults:\n"
                                                            "  stream:\n"
                                                            "    max_bytes: 1MiB\n"
                                                            "\n");
    ck_assert_str_eq(strstr(file_in(directory, "streams/PLAIN.yaml"), "  PLAIN:"),
                     "  PLAIN:\n"
                     "    subjects: [plain]\n"
                     "    max_bytes: unlimited\n");
    must_round_trip(server, arena_printf(test_arena(), "%s/natsform.yaml", directory));
    fixture_stop(server);
}
END_TEST

/* Two are too few, and what half of them would have to take back saves nothing. */
START_TEST(what_few_have_is_no_default)
{
    static const char *const manifests[] = {
        "streams:\n"
        "  A: {subjects: [a], max_age: 7d}\n"
        "  B: {subjects: [b], max_age: 7d}\n",
        "streams:\n"
        "  A: {subjects: [a], max_age: 7d}\n"
        "  B: {subjects: [b], max_age: 7d}\n"
        "  C: {subjects: [c], max_age: 7d}\n"
        "  D: {subjects: [d]}\n"
        "  E: {subjects: [e]}\n",
        "streams:\n"
        "  A:\n"
        "    subjects: [a]\n"
        "    consumers: {x: {description: same}, y: {description: same}, z: {description: same}}\n",
    };
    struct server_fixture *server = fixture_start(NULL, NULL);
    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
        const char *directory = test_directory();
        const char *path = manifest(manifests[i]);
        must_apply(server, path);
        ck_assert_exit(RUN_IN(directory, "init", "--from-live", "-s", server->url), 0);
        ck_assert_lacks(file_in(directory, "natsform.yaml"), "defaults:");
        ck_assert_exit(RUN("export", "-s", server->url), 0);
        ck_assert_exit(RUN("apply", "--yes", "-s", server->url, "-f", path), 0);
        run_shell(directory,
                  arena_printf(test_arena(),
                               "sed -i '1i project: gone' %s; $NATSFORM apply --yes -s %s -f %s && "
                               "$NATSFORM destroy --yes -s %s -f %s",
                               path, server->url, path, server->url, path));
    }
    fixture_stop(server);
}
END_TEST

START_TEST(what_cannot_be_here_is_told)
{
    struct server_fixture *server = fixture_start(NULL, NULL);
    const char *directory = test_directory();
    must_apply(server, manifest("project: other\nstreams: {THEIRS: {subjects: [theirs]}}\n"));
    must_apply(server, manifest("streams:\n"
                                "  THEIRS: {external: true, consumers: {mine: {ack_policy: explicit}}}\n"
                                "  FAR: {mirror: {name: X, external: {api: $JS.far.API}}}\n"
                                "  FAR2: {sources: [{name: X, external: {api: $JS.far2.API}}]}\n"));
    struct run run = RUN_IN(directory, "init", "--from-live", "-s", server->url);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.err,
                       "not on this machine: stream FAR copies from JetStream domain 'far', which none "
                       "of the manifest's servers has\n");
    ck_assert_contains(run.err, "not on this machine: stream FAR2 copies from JetStream domain 'far2'");
    ck_assert_contains(run.err, "not on this machine: stream THEIRS is somebody else's, and without it "
                                "'natsform up' applies nothing\n");
    run = RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "other", "theirs");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(
        run.err,
        "Wrote 4 files to theirs: 1 stream, 0 consumers, 0 buckets\nWrote theirs/.github/workflows/natsform.yml\n");
    ck_assert_contains(file_in(directory, "theirs/natsform.yaml"), "\nproject: other\n");
    run = RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "a.b", "odd");
    ck_assert_exit(run, 64);
    ck_assert_contains(run.err, "error: no project can be made so: 'project': the name 'a.b' has one of");
    run_shell(directory, "test ! -e odd");
    fixture_stop(server);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("init");
    TCase *stories = tcase_create("stories");
    TCase *versions = tcase_create("versions");
    size_t count = 0;
    server_versions(&count);
    const TTest *const tests[] = {
        a_new_project_is_whole,
        the_pipeline_is_at_the_root,
        a_project_that_is_there_gets_a_pipeline,
        an_environment_is_plain,
        flags_say_what_is_wanted,
        what_cannot_be_is_told,
        what_is_there_stays,
        a_terminal_is_asked,
        subjects_are_told_apart_by_commas_and_blanks,
        a_long_answer_is_one_answer,
        an_option_is_no_question,
        an_end_of_input_writes_nothing,
        questions_fit_a_narrow_terminal,
        what_is_otherwise_is_no_burden,
        what_few_have_is_no_default,
        what_cannot_be_here_is_told,
    };
    const TTest *const loops[] = {
        a_new_project_boots,
        a_new_cluster_boots,
        a_new_cluster_for_browsers_boots,
        a_project_begins_with_what_a_server_holds,
        what_one_server_holds_boots_here,
        what_a_cluster_holds_boots_here,
        what_most_have_is_a_default,
    };
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(stories, tests[i]);
    tcase_add_loop_test(stories, a_bad_answer_is_asked_again, 0, BAD_ANSWERS);
    for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
        tcase_add_loop_test(versions, loops[i], 0, (int)count);
    suite_add_tcase(suite, stories);
    suite_add_tcase(suite, versions);
    return suite_run_made(suite);
}
