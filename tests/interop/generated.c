/*
 * Configurations that `generate` writes go through the newest nats-server's own check: those of the tests of `generate`, and those of
 * the examples.
 */
#include <check.h>
#include <stdlib.h>

#include "support/generated.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"

static const char *const examples[] = {"chat", "cluster", "leafnode", "mqtt", "secure", "supercluster"};
enum { EXAMPLES = sizeof(examples) / sizeof(examples[0]) };

static void must_pass(const char *folder)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    ck_assert_exit(run_natsform(&(struct run_options){
                       .arguments = (const char *const[]){"generate", "all", NULL}, .directory = folder}),
                   0);
    generated_must_pass(folder, versions[count - 1]);
}

START_TEST(of_topologies)
{
    const char *folder = test_directory();
    write_file(folder, "natsform.yaml", topologies[_i].manifest);
    must_pass(folder);
}
END_TEST

START_TEST(of_examples)
{
    const char *folder = test_directory();
    run_shell(folder,
              arena_printf(test_arena(), "find '%s/../examples/%s' -maxdepth 1 -type f -exec cp {} . \\;",
                           getenv("NATSFORM_TESTS"), examples[_i]));
    must_pass(folder);
}
END_TEST

/* None that has servers is forgotten. */
START_TEST(examples_are_all)
{
    const char *folder = test_directory();
    run_shell(folder, arena_printf(
                          test_arena(),
                          "test \"$(grep -l '^servers:' '%s'/../examples/*/natsform.yaml | wc -l)\" -eq %d\n",
                          getenv("NATSFORM_TESTS"), EXAMPLES));
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = of_topologies, .times = TOPOLOGIES},
        {.test = of_examples, .times = EXAMPLES},
        {.test = examples_are_all},
    };
    return suite_run("interop_generated", tests, sizeof(tests) / sizeof(tests[0]));
}
