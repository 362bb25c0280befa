/* Carrying a plan out; see run_plan.h. */
#include "cmd/run_plan.h"

#include <unistd.h>

#include "apply/apply.h"
#include "cmd/rescue.h"
#include "plan/step.h"
#include "view/plan_text.h"
#include "view/style.h"

struct carrying {
    struct progress progress; /* first, as progress_step() takes it */
    const struct account_run *account;
};

static void tell(void *context, const char *stream, const char *what)
{
    const struct carrying *carrying = context;
    progress_show(&carrying->account->terms->told, stream, what, 0);
}

static void tell_kept(void *context, const char *folder)
{
    const struct carrying *carrying = context;
    const struct style *style = &carrying->account->terms->out;
    progress_clear(&carrying->account->terms->told);
    fputs("Backed up to ", style->file);
    style_safe(style, folder);
    fputc('\n', style->file);
    fflush(style->file);
}

static int apply_backed_up(struct account_run *account, const struct plan *plan, const struct rescue *rescue)
{
    struct apply_report report;
    struct private_server own = account_private_server(account);
    struct rehearsal_server apart;
    const bool rehearses = account->terms->plan.rehearse;
    struct carrying carrying = {.progress = {.style = account->terms->told}, .account = account};
    struct apply_options options = {
        .settings = &account->settings,
        .progress = progress_step,
        .context = &carrying,
        .allowed = account->asked ? NULL : &account->terms->plan,
        .rescue = plan->backs_up ? rescue : NULL,
        .journals = session_journal(account->session),
        .backups = plan->counts[ACTION_MIGRATE] ? account_backup_folder(account) : NULL,
        .apart = rehearses ? &apart : NULL,
        .now = session_now(),
        .told = tell,
        .kept = tell_kept,
        .lock = account->lock,
        .interrupted = interrupt_came,
    };
    if (rehearses)
        apart = private_server_for_rehearsals(&own);
    if (plan->counts[ACTION_MIGRATE] && !options.backups)
        return -1;
    int failed =
        apply_plan(&account->session->arena, &account->server, plan, &options, &report, account->diags);
    progress_end(&carrying.progress);
    view_report(&account->terms->out, plan, &report);
    return failed;
}

/* Nobody else works on the journal meanwhile. */
static int carry_out_migrations(struct account_run *account, const struct plan *plan,
                                const struct rescue *rescue)
{
    int fd = -1;
    if (journal_lock(&account->session->arena, session_journal(account->session), &fd, account->diags))
        return -1;
    int failed = apply_backed_up(account, plan, rescue);
    close(fd);
    return failed;
}

int carry_out(struct account_run *account, const struct plan *plan)
{
    struct rescue rescue = {.place = NULL};
    if (plan_rescues(plan) && account_rescue(account, plan, &rescue))
        return -1;
    return plan->counts[ACTION_MIGRATE] ? carry_out_migrations(account, plan, &rescue)
                                        : apply_backed_up(account, plan, &rescue);
}
