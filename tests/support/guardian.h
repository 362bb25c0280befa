/*
 * Guardian: a small process that cleans up after the one that started it, even when that one is killed.
 *
 * It waits for the end of a pipe whose other end only the starter holds. Then it kills the process it was told
 * of last and removes its directory. Unless it was dismissed, the test has failed: it shows the end of the file
 * "log" in there before. Check's own fixtures are not enough: a test that aborts or runs into its time limit is
 * killed with nobody left to tear anything down.
 */
#ifndef SUPPORT_GUARDIAN_H
#define SUPPORT_GUARDIAN_H

#include <sys/types.h>

struct guardian {
    int pipe;
    pid_t pid;
};

/* Guards `directory`, which exists. Fails the test when there can be no guardian. */
struct guardian guardian_start(const char *directory);
/* The same for a folder in which `natsform up` is run: at its end, what it started in there is killed. */
struct guardian guardian_start_up(const char *directory);
/* From now on kills `pid` at the end; 0: none. */
void guardian_watch(const struct guardian *guardian, pid_t pid);
/* Has it clean up now, and waits for that. */
void guardian_dismiss(struct guardian *guardian);

#endif
