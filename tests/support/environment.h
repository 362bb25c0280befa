/*
 * Environment: a folder with a manifest in which a test runs `natsform up`, with a home of its own. However the test ends, nothing
 * that was started there is left.
 *
 *     struct test_environment *here = environment_new("2.15.1", "servers: {dev: {ports: auto}}\n");
 *     ck_assert_exit(NF(here, "up"), 0);
 */
#ifndef SUPPORT_ENVIRONMENT_H
#define SUPPORT_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "support/guardian.h"
#include "support/run.h"
#include "support/server_fixture.h"
#include "syntax/node.h"

struct test_environment {
    const char *folder; /* without symbolic links */
    const char *home;
    const char **env; /* [1] is PATH */
    struct guardian guardian;
};

/* The version's server is the one in PATH; NULL: there is none. */
struct test_environment *environment_new(const char *version, const char *manifest);
void environment_end(struct test_environment *here);
void environment_write(const struct test_environment *here, const char *manifest);

struct run environment_run(const struct test_environment *here, const char *const *arguments);
#define NF(here, ...) environment_run((here), (const char *const[]){__VA_ARGS__, NULL})

/* Starts natsform and does not wait; its output goes to the file "out" in the folder's home. */
pid_t environment_spawn(const struct test_environment *here, const char *const *arguments);
/* Waits for the end of one, which has to exit; its exit code. */
int environment_exit_code(pid_t pid);
/*
 * Disturbs natsform at some point of its work: starts it as above, sends the signal when so many microseconds have passed,
 * if it has not ended by then, and waits for its end.
 */
void environment_disturb(const struct test_environment *here, const char *const *arguments, int signal_number,
                         int64_t microseconds);
/* The same, but the signal is for a server that it looks after. Returns natsform's exit code. */
int environment_disturb_server(const struct test_environment *here, const char *const *arguments,
                               pid_t server, int signal_number, int64_t microseconds);
/* How long natsform takes undisturbed, so that such points lie all over it; it has to end well. */
int64_t environment_microseconds(const struct test_environment *here, const char *const *arguments);

/* What `status -o json` says of the node, which must be there. */
const struct node *environment_node(const struct test_environment *here, const char *name);
/* The pid of a node by its file; 0: there is none. */
pid_t environment_pid(const struct test_environment *here, const char *name);
/* Does it run? A zombie does not, unless other threads of it do: their files and ports are open. */
bool process_lives(pid_t pid);
/* Waits until so many servers run with a configuration of this folder: by the system's table. */
void environment_await(const struct test_environment *here, size_t count);

/* For the requests of server_fixture.h. `login`: user:password, or NULL. */
const struct server_fixture *environment_server(const struct test_environment *here, const char *name,
                                                const char *login);
/* What is in the folder, sorted, by spaces. */
const char *environment_files(const struct test_environment *here);

#endif
