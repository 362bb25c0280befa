/* Waiting after an apply; see wait.h. */
#include "cmd/wait.h"

#include <stdio.h>

#include "apply/usable.h"
#include "view/style.h"

enum { WAIT_MS = 5 * 60 * 1000 };

static void show_waiting(void *context, const char *label, const char *why, int64_t waited_ms)
{
    const struct account_run *account = context;
    progress_show(&account->terms->told, label, why, waited_ms);
}

/* Also where nothing was to be changed: another run may just have changed it. */
static int wait_for_one(struct account_run *account, void *context)
{
    const struct options *options = &account->session->options;
    (void)context;
    if (account_connect(account))
        return -1;
    const struct usable_terms terms = {
        .server = account->server,
        .manifest = account->manifest,
        .most_ms = options->wait_ms ? options->wait_ms : WAIT_MS,
        .interrupted = interrupt_came,
        .waiting = show_waiting,
        .context = account,
    };
    int failed = usable_await(&terms, account->diags);
    progress_clear(&account->terms->told);
    if (!failed)
        fputs("All of it is ready.\n", account->terms->out.file);
    return failed;
}

int wait_until_ready(const struct account_terms *terms)
{
    struct session *session = terms->session;
    const struct accounts *accounts;
    if (accounts_find(session, &accounts))
        return -1;
    return accounts ? accounts_each(terms, accounts, wait_for_one, NULL)
                    : accounts_single(terms, &session->diags, wait_for_one, NULL);
}
