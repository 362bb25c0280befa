/*
 * Suite: what a test program runs.
 *
 *     int main(void)
 *     {
 *         const struct suite_test tests[] = {
 *             {.test = once},
 *             {.test = for_each_row, .times = COUNT(rows)},
 *             {.test = on_each_server, .each_version = true},
 *         };
 *         return suite_run("name", tests, sizeof(tests) / sizeof(tests[0]));
 *     }
 */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Runs with _i from 0 to times * versions - 1: once when neither is said. Where ONLY_VERSION names one of the versions, as
 * tests/run does it to run them side by side, only with those _i of that version, so _i / times is its index all the same;
 * and what is not for each version runs where WITH_REST says so; where there is no such variable, beside the newest only.
 */
struct suite_test {
    const TTest *test;
    size_t times; /* 0 is 1 */
    bool each_version;
};

/*
 * The most bytes of a failed assertion's message, to be told to Check before it runs. Left to itself, Check gives up on one
 * of 4,090 bytes and more, and what failed is lost; it cuts messages at BUFSIZ, which is less than this.
 */
enum { SUITE_MESSAGE_MOST = 64 * 1024, SUITE_LANES_MOST = 8 };

/* A sanitizer's own memory counts as the program's, and it makes a fork expensive. */
#if defined(__SANITIZE_ADDRESS__)
#    define SUITE_SANITIZED true
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define SUITE_SANITIZED true
#    endif
#endif
#ifndef SUITE_SANITIZED
#    define SUITE_SANITIZED false
#endif

/* The exit status of the program. */
int suite_run(const char *name, const struct suite_test *tests, size_t count);
/* The same, in so many processes side by side, for tests that wait most of their time; each says its own count of checks. */
int suite_run_in_lanes(const char *name, const struct suite_test *tests, size_t count, size_t lanes);

/*
 * Of many points that lie all over something, each version takes its share, and all of them together take each. Whether point
 * `number` is one of those of the version at `index`, of `count` that share. With EXHAUSTIVE in the environment each takes all.
 */
bool suite_takes(size_t number, size_t index, size_t count);

/* Of a suite that was put together otherwise, and keeps to these two itself: is the version of that index among those to be
 * tested, and what belongs to none? */
int suite_run_made(Suite *suite);
bool suite_has_version(size_t index);
bool suite_has_rest(void);

#endif
