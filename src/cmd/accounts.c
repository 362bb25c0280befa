/* Several accounts in turn; see accounts.h. */
#include "cmd/accounts.h"

#include "base/exit.h"
#include "cmd/session.h"
#include "view/diagnostics.h"

size_t accounts_prepare(struct session *session)
{
    struct accounts accounts;
    if (session_plain_bytes(session))
        return 1;
    if (session_load(session))
        return 0;
    accounts_split(&session->arena, session->manifest, &accounts);
    if (accounts.parts.count == 1 && !accounts.parts.items[0]->connection)
        return 1;
    session->accounts = ARENA_NEW(&session->arena, struct accounts);
    *session->accounts = accounts;
    return accounts.parts.count;
}

/* The diagnostics name places in the manifest, not accounts: so which account they are about is said above them. */
static void show_diagnostics(struct session *session)
{
    const char *name = session->manifest->connection;
    fflush(session->out.file);
    if (session->diags.errors + session->diags.warnings == 0)
        return;
    if (name)
        fprintf(session->err.file, "connection '%s':\n", name);
    view_diagnostics(&session->err, &session->diags);
}

static int run_one(struct session *session, struct manifest *part, accounts_step *step, bool *ret_failed)
{
    struct diags outer = session->diags;
    diags_init(&session->diags);
    session->manifest = part;
    int exit_code = step(session);
    session_disconnect(session);
    show_diagnostics(session);
    *ret_failed = session->diags.errors != 0;
    if (exit_code == EXIT_DONE && *ret_failed)
        exit_code = diags_exit_code(&session->diags);
    diags_release(&session->diags);
    session->diags = outer;
    return exit_code;
}

int accounts_each(struct session *session, accounts_step *step)
{
    struct manifest *whole = session->whole = session->manifest;
    int largest = EXIT_DONE;
    int first = EXIT_DONE;
    for (size_t i = 0; i < session->accounts->parts.count; i++) {
        bool failed = false;
        int exit_code = run_one(session, session->accounts->parts.items[i], step, &failed);
        if (failed && first == EXIT_DONE)
            first = exit_code;
        if (exit_code > largest)
            largest = exit_code;
    }
    session->manifest = whole;
    return first ? first : largest;
}

int accounts_run(struct session *session, accounts_step *step)
{
    if (accounts_prepare(session) == 0)
        return EXIT_DONE;
    return session->accounts ? accounts_each(session, step) : step(session);
}
