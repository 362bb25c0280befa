/* Backups before messages are destroyed; see rescue.h. */
#include "cmd/rescue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/clock.h"
#include "base/conceal.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "devenv/state.h"
#include "kind/kinds.h"
#include "plan/step.h"
#include "view/style.h"

static DIAG_CODE(code_backup_place, .name = "backup-place", CODE_NOTE,
                 .doc = "Backups go to a disk that is forgotten with the container or the pipeline's run.",
                 .why = "A backup that is gone tomorrow brings nothing back.",
                 .example = "natsform apply --prune --allow-data-loss OLD, in a container",
                 .remedy =
                     "Name a place that lasts: --backup-dir, NATSFORM_BACKUP_DIR, or 'backup: {dir: …}' in "
                     "the manifest.");

#define BACKUP_DIR_VARIABLE "NATSFORM_BACKUP_DIR"

/* ---- where to ---- */

/* Of a container, whatever is not on a volume. */
static bool is_layer(const char *folder)
{
#ifdef __linux__
    enum { OVERLAY = 0x794c7630 };
    struct statfs disk;
    return statfs(folder, &disk) == 0 && disk.f_type == OVERLAY;
#else
    (void)folder;
    return false;
#endif
}

static bool is_forgotten(struct session *session, const char *folder)
{
    return session_lookup(session, "CI") || session_lookup(session, "KUBERNETES_SERVICE_HOST") ||
           is_layer(folder);
}

/* Nobody has named a place: beside the manifest, where what `up` keeps is, too. */
static const char *usual_folder(struct account_run *account)
{
    struct session *session = account->session;
    const char *own = session_own_folder(session);
    if (state_make_folder(&session->arena, own, account->diags))
        return NULL;
    if (is_forgotten(session, own) && !session->told_of_place) {
        struct diag *diag = diag_add(account->diags, &code_backup_place, (struct srcpos){0},
                                     "backups go to '%s', which may be gone after this run", own);
        diag_hint(account->diags, diag, "--backup-dir or " BACKUP_DIR_VARIABLE " names a place that lasts");
        session->told_of_place = true;
    }
    return path_in(&session->arena, own, STATE_BACKUPS);
}

static const char *manifest_folder(struct session *session, const struct manifest *manifest)
{
    const struct object *backup = object_object(manifest->root, MANIFEST_BACKUP);
    const char *dir = backup ? object_text(backup, BACKUP_DIR) : NULL;
    return dir && *dir ? path_clean(&session->arena, path_from(&session->arena, session_folder(session), dir))
                       : NULL;
}

/* An option wins over the environment, and that over the manifest. */
const char *account_backup_folder(struct account_run *account)
{
    struct session *session = account->session;
    const char *variable = session_lookup(session, BACKUP_DIR_VARIABLE);
    const char *written = manifest_folder(session, account->manifest);
    if (session->options.backup_dir && *session->options.backup_dir)
        return session->options.backup_dir;
    if (variable && *variable)
        return variable;
    return written ? written : usual_folder(account);
}

/* ---- what is told ---- */

struct telling {
    const struct account_run *account;
    int64_t begun; /* by the clock */
};

static void show_progress(void *context, const struct backup_stream *stream, uint64_t bytes)
{
    const struct telling *telling = context;
    progress_bytes(&telling->account->terms->told, stream->name, bytes, clock_ms() - telling->begun);
}

static bool is_deleted(const struct plan *plan, const char *stream)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        if (step->action == ACTION_DELETE && !step->stream && strcmp(step->name, stream) == 0)
            return true;
    }
    return false;
}

/* `restore` reads no manifest, so what that said of the server is added. */
static void add_server(const struct account_run *account, const struct plan *plan, struct strbuf *text)
{
    struct connection_settings settings;
    struct diags unheard SCOPED(diags_release) = {0};
    options_write(&account->session->arena, &account->session->options,
                  account->session->command->options & OPTIONS_SERVER, text);
    bool same = !connection_find(&account->session->arena, &account->session->options.connection, NULL, NULL,
                                 &settings, &unheard) &&
                settings.url_from && strcmp(settings.url_from, plan->target.found) == 0;
    if (same || strcmp(plan->target.found, "default") == 0)
        return;
    strbuf_adds(text, " --server ");
    strbuf_add_word(text, plan->target.url);
}

/* Where each stream is; of one that is deleted, as a line that brings it back to the same server. */
static void show_places(const struct account_run *account, const struct plan *plan,
                        const struct rescue *rescue)
{
    const struct style *style = &account->terms->out;
    for (size_t i = 0; i < rescue->streams.count; i++) {
        const struct backup_stream *stream = rescue->streams.items[i];
        struct strbuf text SCOPED(strbuf_release) = {0};
        bool deleted = is_deleted(plan, stream->name);
        strbuf_adds(&text, deleted ? "Backed up; this brings it back: natsform restore " : "Backed up to ");
        strbuf_add_word(&text, stream->folder);
        if (deleted)
            add_server(account, plan, &text);
        style_safe(style, conceal_message(&account->session->arena, strbuf_text(&text)));
        fputc('\n', style->file);
    }
    fflush(style->file);
}

int account_rescue(struct account_run *account, const struct plan *plan, struct rescue *ret_rescue)
{
    struct session *session = account->session;
    struct telling telling = {.account = account, .begun = clock_ms()};
    *ret_rescue = (struct rescue){.run = {.arena = &session->arena,
                                          .server = account->server,
                                          .now = session_now(),
                                          .interrupted = interrupt_came,
                                          .progress = show_progress,
                                          .context = &telling}};
    ret_rescue->folder = account_backup_folder(account);
    if (!ret_rescue->folder)
        return -1;
    int failed = rescue_make(ret_rescue, plan, account->diags);
    progress_clear(&account->terms->told);
    ret_rescue->run.context = NULL;
    if (failed) {
        struct diag *diag = account->diags->list.items[account->diags->list.count - 1];
        diag_hint(account->diags, diag, "nothing was changed; '--no-backup' goes without a backup");
        return -1;
    }
    show_places(account, plan, ret_rescue);
    return 0;
}
