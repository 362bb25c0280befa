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
    ck_assert_str_eq(run.err, "Wrote 4 files to .: 1 stream, 1 consumer, 0 buckets\n");
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

/* The workflow is YAML, names no action but GitHub's own, and its commands are ones that natsform takes. */
START_TEST(the_workflow_is_right)
{
    const char *directory = test_directory();
    struct diags diags;
    struct documents documents;
    ck_assert_exit(RUN_IN(directory, "init"), 0);
    const char *text = file_in(directory, ".github/workflows/natsform.yml");
    struct source source = {.name = "workflow", .text = text, .length = strlen(text)};
    diags_init(&diags);
    ck_assert_int_eq(yaml_read(test_arena(), &source, &diags, &documents), 0);
    ck_assert_uint_eq(documents.count, 1);
    const struct node *steps = node_get(node_get(node_get(documents.items[0], "jobs"), "plan"), "steps");
    ck_assert_ptr_nonnull(steps);
    for (size_t i = 0; i < steps->count; i++) {
        const char *uses = node_get_text(steps->items[i], "uses");
        if (*uses)
            ck_assert_str_eq(uses, "actions/checkout@v4");
        run_shell(directory, arena_printf(test_arena(), "cat >step <<'END'\n%s\nEND\nsh -n step\n",
                                          node_get_text(steps->items[i], "run")));
    }
    diags_release(&diags);
    run_shell(
        directory,
        "git init -q && git add -A && git commit -qm one && git update-ref refs/remotes/origin/main HEAD\n"
        "sed -i 's/7d/8d/' natsform.yaml && git commit -qam two\n");
    ck_assert_exit(RUN_IN(directory, "validate"), 0);
    struct run run = RUN_IN(directory, "diff", "origin/main..HEAD");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "+max_age: 8d");
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
        {{"--subject", "a b"},
         "error: no project can be made so: 'subjects': 'a b' is not a valid subject [usage]\n"},
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
                              "Wrote 3 files to .: 1 stream, 1 consumer, 0 buckets\n");
    ck_assert_str_eq(file_in(directory, ".gitignore"), "*.o\n");
    run_shell(directory, "rm natsform.yaml; cp -R . ../before");
    run = RUN_IN(directory, "init");
    ck_assert_exit(run, 1);
    ck_assert_contains(run.err, "error: '.github/workflows/natsform.yml' exists already [exists]\n"
                                "note: so does 'natsform.schema.json'\n"
                                "hint: nothing was written; name another folder\n");
    run_shell(directory, "diff -r . ../before; rm -r ../before");
}
END_TEST

/* ---- questions ---- */

static struct run type_in(const char *directory, const char *input, const char *flag)
{
    return run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"init", flag, NULL},
        .input = input,
        .directory = directory,
        .env = (const char *const[]){"TERM=xterm", "CI", NULL},
        .terminal = true,
    });
}

START_TEST(a_terminal_is_asked)
{
    const char *directory = test_directory();
    struct run run = type_in(directory, "  shop \n\ny\n", NULL);
    ck_assert_exit(run, 0);
    ck_assert_contains(run.out, "Subjects of the first stream [shop.>]: ");
    const char *text = file_in(directory, "natsform.yaml");
    ck_assert_contains(text, "project: shop\n");
    ck_assert_contains(text, "nodes: 3\n");
    ck_assert_contains(text, "  SHOP:\n    subjects: [shop.>]\n");
}
END_TEST

START_TEST(an_end_of_input_writes_nothing)
{
    const char *directory = test_directory();
    struct run run = type_in(directory, "shop\n\004", NULL);
    ck_assert_exit(run, 1);
    ck_assert_contains(run.out, "Nothing was written.");
    run_shell(directory, "test -z \"$(ls -A)\"");
    run = type_in(directory, "", "--yes");
    ck_assert_exit(run, 0);
    ck_assert_lacks(run.out, "Project [");
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

START_TEST(a_project_begins_with_what_a_server_holds)
{
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *directory = test_directory();
    must_create(server, "ORDERS", NULL, "subjects: [orders.>], storage: file");
    must_create(server, "ORDERS", "billing", "durable_name: billing, ack_policy: explicit");
    struct run run = RUN_IN(directory, "init", "--from-live", "-s", server->url, "plain");
    ck_assert_exit(run, 0);
    ck_assert_str_eq(run.err, "Wrote 5 files to plain: 1 stream, 1 consumer, 0 buckets\n");
    run = RUN_IN(directory, "plan", "-f", "plain/natsform.yaml", "-s", server->url, "--detailed-exitcode");
    ck_assert_exit(run, 0);
    must_boot(arena_printf(test_arena(), "%s/plain", directory), version_at(_i));
    ck_assert_exit(RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "shop", "owned"),
                   0);
    const char *path = arena_printf(test_arena(), "%s/owned/natsform.yaml", directory);
    ck_assert_contains(read_file(path), "\nproject: shop\n");
    must_round_trip(server, path);
    run = RUN_IN(directory, "init", "--from-live", "-s", server->url, "--project", "other", "third");
    if (version_number(server->version) >= VERSION(2, 10, 0)) {
        ck_assert_exit(run, 64);
        ck_assert_str_eq(run.err, "error: what the server holds is of project 'shop', not 'other' [usage]\n"
                                  "hint: without --project it is taken as it is\n");
    } else {
        ck_assert_exit(run, 0);
    }
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
        a_new_project_is_whole, the_workflow_is_right, flags_say_what_is_wanted,      what_cannot_be_is_told,
        what_is_there_stays,    a_terminal_is_asked,   an_end_of_input_writes_nothing};
    const TTest *const loops[] = {a_new_project_boots, a_new_cluster_boots,
                                  a_project_begins_with_what_a_server_holds};
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(stories, tests[i]);
    for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
        tcase_add_loop_test(versions, loops[i], 0, (int)count);
    suite_add_tcase(suite, stories);
    suite_add_tcase(suite, versions);
    return suite_run_made(suite);
}
