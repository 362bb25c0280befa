/* Turns; see turn.h. */
#include "cmd/turn.h"

#include <stdlib.h>

static const char *process_variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static void begin_session(const struct session *whole, bool fetches, struct turn *turn)
{
    struct session *session = &turn->session;
    *session = (struct session){.command = whole->command,
                                .options = whole->options,
                                .arguments = whole->arguments,
                                .named = whole->named,
                                .files = whole->files,
                                .remote = whole->remote,
                                .env_files = whole->env_files,
                                .connections = whole->connections,
                                .out = whole->out,
                                .err = whole->err,
                                .told = whole->told,
                                .reads = &turn->reads};
    arena_init(&session->arena);
    diags_init(&session->diags);
    session->options.connection.lookup_context = session;
    session->revisions = revisions_new(&session->arena, process_variable, NULL);
    session->remote.kept = !fetches;
    session->remote.context = session;
    if (session->remote.url)
        revisions_take_from(session->revisions, &session->remote);
}

/* One that has planned nothing yet. */
static struct turn *begin(const struct account_run *account, bool fetches)
{
    struct turn *turn = base_alloc(sizeof(*turn));
    *turn = (struct turn){0};
    begin_session(account->session, fetches, turn);
    turn->terms = *account->terms;
    turn->terms.session = &turn->session;
    turn->terms.plan.named_only = true; /* or one advisory would have a whole account listed */
    turn->account = (struct account_run){.terms = &turn->terms,
                                         .session = &turn->session,
                                         .diags = &turn->session.diags,
                                         .settings = account->settings,
                                         .server = account->server};
    turn->terms.plan.minds_content = true;
    server_look_again(account->server);
    return turn;
}

struct turn *turn_take(const struct account_run *account, bool fetches)
{
    struct turn *turn = begin(account, fetches);
    turn->loaded = account_load(&turn->account) == 0;
    turn->plan = turn->loaded ? account_plan_here(&turn->account) : NULL;
    return turn;
}

struct turn *turn_take_part(const struct account_run *account, struct turn *whole, const struct map *touched)
{
    struct turn *turn = begin(account, false);
    turn->whole = whole;
    turn->loaded = true;
    turn->session.manifest = whole->session.manifest;
    turn->session.environment = whole->session.environment;
    turn->session.revision = whole->session.revision;
    turn->account.manifest = whole->account.manifest;
    turn->terms.plan.again = touched;
    turn->plan = account_plan_here(&turn->account);
    return turn;
}

void turn_free(struct turn *turn)
{
    if (!turn)
        return;
    revisions_free(turn->session.revisions);
    diags_release(&turn->session.diags);
    arena_release(&turn->session.arena);
    free(turn);
}
