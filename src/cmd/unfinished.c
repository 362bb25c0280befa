/* What a killed run has left open; see unfinished.h. */
#include "cmd/unfinished.h"

#include <unistd.h>

#include "apply/migrate_consumer.h"
#include "base/scope.h"
#include "kind/kinds.h"
#include "view/style.h"

static DIAG_CODE(
    code_unfinished, .name = "unfinished", CODE_WARNING,
    .doc = "A run was killed while it made an object anew, and nobody has finished that.",
    .why = "Until then nobody can publish to the stream, or it is not there; its messages are in the backup.",
    .example = "natsform plan, after an apply with on_immutable: migrate was killed",
    .remedy = "'natsform recover', or the next apply, finishes it or undoes it.");

int unfinished_find(const struct unfinished *unfinished, struct journals *ret_journals)
{
    struct arena *arena = &unfinished->session->arena;
    struct journals all;
    *ret_journals = (struct journals){0};
    if (journal_find(arena, session_journal(unfinished->session), &all, unfinished->diags))
        return -1;
    for (size_t i = 0; i < all.list.count; i++)
        if (journal_is_here(all.list.items[i], server_info(*unfinished->server)))
            VEC_PUSH(arena, &ret_journals->list, all.list.items[i]);
    return 0;
}

void unfinished_show(const struct style *style, const struct journal *journal)
{
    style_safe(style, journal->stream);
    if (journal->consumer) {
        fputs(" > ", style->file);
        style_safe(style, journal->consumer);
    }
    fputs(journal->phase < JOURNAL_DELETES ? ": frozen, nothing was deleted"
                                           : ": made anew, and not finished",
          style->file);
    if (*journal->backup) {
        fputs("; its backup is ", style->file);
        style_safe(style, journal->backup);
    }
    fputc('\n', style->file);
}

/* ---- finishing ---- */

static const char *label_of(const struct unfinished *unfinished, const struct journal *journal)
{
    const struct table *table = journal->consumer ? &consumer_table : &stream_table;
    return resource_label(&unfinished->session->arena, table, journal->consumer ? journal->stream : NULL,
                          journal->consumer ? journal->consumer : journal->stream);
}

static void show_result(const struct unfinished *unfinished, const struct journal *journal,
                        enum recovery recovery)
{
    static const char *const words[] = {
        [RECOVERY_UNDONE] = " is as it was before: what a killed run had begun is undone\n",
        [RECOVERY_DONE] = " is made anew, with all that was in it: what a killed run had begun is finished\n",
        [RECOVERY_GONE] =
            " was deleted or made by somebody else, after a run was killed that was to make it anew\n",
    };
    const struct style *style = unfinished->out;
    style_safe(style, label_of(unfinished, journal));
    fputs(words[recovery], style->file);
    fflush(style->file);
}

static int recover_one(const struct unfinished *unfinished, const struct journal *journal)
{
    struct session *session = unfinished->session;
    struct migration migration = {.arena = &session->arena,
                                  .server = unfinished->server,
                                  .settings = unfinished->settings,
                                  .journals = session_journal(session),
                                  .now = session_now(),
                                  .lock = unfinished->lock};
    enum recovery recovery = RECOVERY_UNDONE;
    int failed = journal->consumer
                     ? migrate_consumer_recover(&migration, journal, &recovery, unfinished->diags)
                     : migrate_recover(&migration, journal, &recovery, unfinished->diags);
    if (failed)
        return -1;
    show_result(unfinished, journal, recovery);
    return 0;
}

int unfinished_recover(const struct unfinished *unfinished)
{
    struct session *session = unfinished->session;
    struct journals journals;
    int fd = -1, failed = 0;
    if (unfinished_find(unfinished, &journals))
        return -1;
    if (!journals.list.count)
        return 0;
    if (journal_lock(&session->arena, session_journal(session), &fd, unfinished->diags))
        return -1;
    /* What it was before may have been finished by whoever had the lock. */
    failed = unfinished_find(unfinished, &journals);
    for (size_t i = 0; !failed && i < journals.list.count; i++)
        failed = recover_one(unfinished, journals.list.items[i]);
    close(fd);
    return failed;
}

void unfinished_note(const struct unfinished *unfinished)
{
    struct diags unheard SCOPED(diags_release) = {0};
    struct unfinished quiet = *unfinished;
    struct journals journals;
    quiet.diags = &unheard;
    if (unfinished_find(&quiet, &journals))
        return;
    for (size_t i = 0; i < journals.list.count; i++) {
        struct diag *diag =
            diag_add(unfinished->diags, &code_unfinished, (struct srcpos){0},
                     "a run was killed while it made stream '%s' anew", journals.list.items[i]->stream);
        diag_hint(unfinished->diags, diag,
                  "'natsform recover', or the next apply, finishes that or undoes it");
    }
}
