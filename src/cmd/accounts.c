/*
 * Several accounts in turn; see accounts.h. manifest/accounts.c divides the manifest. Here the session is pointed
 * at one part after the other, and the command's step runs as if there were no other.
 */
#include "cmd/accounts.h"

#include "base/exit.h"
#include "base/scope.h"
#include "view/diagnostics.h"

int accounts_find(struct session *session, const struct accounts **ret_accounts)
{
    struct accounts *accounts = ARENA_NEW(&session->arena, struct accounts);
    *ret_accounts = NULL;
    if (session_plain_bytes(session))
        return 0;
    if (session_load(session))
        return -1;
    accounts_split(&session->arena, session->manifest, accounts);
    if (accounts->parts.count > 1 || accounts->parts.items[0]->connection)
        *ret_accounts = accounts;
    return 0;
}

/* Diagnostics name places in the manifest and not accounts. So a heading says which account they are about. */
static void show_diagnostics(const struct account_run *account)
{
    const struct style *err = &account->terms->err;
    const char *name = account->manifest->connection;
    fflush(account->terms->out.file);
    if (account->diags->errors + account->diags->warnings == 0)
        return;
    if (name)
        fprintf(err->file, "connection '%s':\n", name);
    view_diagnostics(err, account->diags);
}

int accounts_each(const struct account_terms *terms, const struct accounts *accounts, account_step *step,
                  void *context)
{
    struct account_terms each = *terms;
    int largest = EXIT_DONE;
    int first = EXIT_DONE;
    each.goes_on = true;
    for (size_t i = 0; i < accounts->parts.count; i++) {
        struct diags diags SCOPED(diags_release);
        struct account_run account = {
            .terms = &each, .session = terms->session, .diags = &diags, .manifest = accounts->parts.items[i]};
        diags_init(&diags);
        if (account_is_elsewhere(&account, &(const char *){NULL}))
            continue;
        int result = step(&account, context);
        account_end(&account);
        show_diagnostics(&account);
        int exit_code = session_exit_code(result, &diags);
        if (diags.errors && first == EXIT_DONE)
            first = exit_code;
        if (exit_code > largest)
            largest = exit_code;
    }
    return first ? first : largest;
}

int accounts_single(const struct account_terms *terms, struct diags *diags, account_step *step, void *context)
{
    struct account_run account = {.terms = terms, .session = terms->session, .diags = diags};
    if (account_is_elsewhere(&account, &(const char *){NULL}))
        return EXIT_DONE;
    int result = step(&account, context);
    account_end(&account);
    return result;
}

int accounts_run_single(struct session *session, account_step *step)
{
    const struct account_terms terms = account_terms(session);
    return accounts_single(&terms, &session->diags, step, NULL);
}

int accounts_run(struct session *session, account_step *step)
{
    const struct account_terms terms = account_terms(session);
    const struct accounts *accounts;
    if (accounts_find(session, &accounts))
        return -1;
    return accounts ? accounts_each(&terms, accounts, step, NULL)
                    : accounts_single(&terms, &session->diags, step, NULL);
}
