/* The nats CLI for tests; see peer.h. */
#include "support/peer.h"

#include <stdlib.h>

#include "support/scratch.h"

/*
 * The CLI takes its home from the password database, whatever HOME says, and XDG_CONFIG_HOME comes before it to both programs. Its
 * keys are where XDG_DATA_HOME says.
 */
struct peer *peer_in(const char *home)
{
    struct peer *peer = ARENA_NEW(test_arena(), struct peer);
    const char **env = ARENA_ARRAY(test_arena(), const char *, 5);
    env[0] = arena_printf(test_arena(), "HOME=%s", home);
    env[1] = arena_printf(test_arena(), "XDG_CONFIG_HOME=%s/.config", home);
    env[2] = arena_printf(test_arena(), "XDG_DATA_HOME=%s/.local/share", home);
    env[3] = "CI"; /* of whoever runs the tests */
    peer->home = home;
    peer->env = env;
    return peer;
}

struct peer *peer_with(const struct peer *peer, const char *variable)
{
    struct peer *more = ARENA_NEW(test_arena(), struct peer);
    size_t count = 0;
    while (peer->env[count])
        count++;
    const char **env = ARENA_ARRAY(test_arena(), const char *, count + 2);
    for (size_t i = 0; i < count; i++)
        env[i] = peer->env[i];
    env[count] = variable;
    more->home = peer->home;
    more->env = env;
    return more;
}

struct peer *peer_new(void)
{
    return peer_in(test_directory());
}

struct run peer_run_nats(const struct peer *peer, const char *const *arguments)
{
    const char *program = getenv("NATSFORM_NATS");
    ck_assert_msg(program && *program, "the nats CLI is not there: 'make interop' builds it");
    return run_natsform(&(struct run_options){
        .program = program, .arguments = arguments, .env = peer->env, .directory = peer->home});
}

struct run peer_run_natsform(const struct peer *peer, const char *const *arguments)
{
    return run_natsform(
        &(struct run_options){.arguments = arguments, .env = peer->env, .directory = peer->home});
}

static const char *line_of(const char *const *words)
{
    const char *line = "nats";
    for (; *words; words++)
        line = arena_printf(test_arena(), "%s %s", line, *words);
    return line;
}

const char *peer_must_nats(const struct peer *peer, const char *const *arguments)
{
    struct run run = peer_run_nats(peer, arguments);
    ck_assert_msg(run.exit_code == 0, "%s\nexit code %d\n%.3000s%.3000s", line_of(arguments), run.exit_code,
                  run.out, run.err);
    return run.out;
}
