/* Test programs' suites; see suite.h. */
#include "support/suite.h"

#include <stdlib.h>

#include "support/server_fixture.h"

int suite_run_made(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int suite_run(const char *name, const struct suite_test *tests, size_t count)
{
    size_t versions = 0;
    server_versions(&versions);
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    suite_add_tcase(suite, all);
    for (size_t i = 0; i < count; i++) {
        size_t times = (tests[i].times ? tests[i].times : 1) * (tests[i].each_version ? versions : 1);
        tcase_add_loop_test(all, tests[i].test, 0, (int)times);
    }
    return suite_run_made(suite);
}
