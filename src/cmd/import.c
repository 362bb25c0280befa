/*
 * natsform import: takes live objects, by name, into the manifest and the project. First the manifest gets the
 * entries, in memory and with a plan as a proof. After the question the files are written, and the objects get the
 * project's mark.
 */
#include "cmd/command.h"

#include <stdint.h>

#include "base/exit.h"
#include "cmd/account.h"
#include "cmd/import_conf.h"
#include "cmd/manifest_write.h"
#include "cmd/run_plan.h"
#include "edit/import.h"
#include "manifest/load.h"
#include "plan/step.h"
#include "view/plan_text.h"

struct import {
    struct target target;
    struct survey *survey;
    const struct import_picks *picks;
    struct export_request request;
    struct exported exported;
    struct pulled pulled;
};

static bool wants(void *context, const struct live_object *stream)
{
    const struct account_run *account = context;
    const struct option_list *names = &account->session->arguments;
    bool named = map_get(&account->manifest->streams_by_name, stream->name) != NULL;
    for (size_t i = 0; i < names->count && !named; i++)
        named = import_names_stream(names->items[i], stream->name);
    return named;
}

/* Finds the objects to import, and adds their entries to the manifest's texts in memory. */
static int prepare(struct account_run *account, struct import *import)
{
    const struct plan_options options = {0};
    struct session *session = account->session;
    const struct live_source source = {account->server, account->ahead};
    struct import_additions additions;
    struct manifest_reader reader;
    import->survey = survey_read(&session->arena, &source, wants, account, account->diags);
    if (import->survey)
        import->picks = import_pick(&session->arena, import->survey, account->manifest,
                                    session->arguments.items, session->arguments.count, account->diags);
    if (!import->picks)
        return -1;
    if (!import->picks->list.count)
        return 0;
    import->request = (struct export_request){
        .target = &import->target,
        .project = account->manifest->project,
        .picks = import->picks->list.items,
        .pick_count = import->picks->list.count,
    };
    if (export_account(&session->arena, import->survey, &import->request, account->diags,
                       &import->exported) ||
        import_additions(&session->arena, &import->exported, account->manifest, account->diags, &additions))
        return -1;
    session_reader(session, &reader);
    struct pull_request request = {
        .reader = &reader,
        .paths = session->files.items,
        .path_count = session->files.count,
        .target = &import->target,
        .survey = import->survey,
        .options = &options,
        .additions = additions.list.items,
        .addition_count = additions.list.count,
    };
    if (!additions.list.count)
        return 0;
    return pull_drift(&session->arena, &request, account->diags, &import->pulled);
}

/* Gives the project's mark to imported objects without one, if the server keeps metadata. */
static int adopt(struct account_run *account, struct import *import)
{
    if (!account->manifest->project || !version_has(import->target.version, MARKS_SINCE))
        return EXIT_DONE;
    struct plan *plan = export_adopt(&account->session->arena, import->survey, &import->request,
                                     &import->exported, account->diags);
    if (!plan || account->diags->errors)
        return -1;
    if (plan->counts[ACTION_ADOPT] && account_lock_adoption(account))
        return -1;
    return plan_is_empty(plan) ? EXIT_DONE : carry_out(account, plan);
}

/* Who is not asked is told where the objects are. */
static void print_place(const struct account_run *account)
{
    const struct server_info *info = server_info(account->server);
    const struct style *style = &account->terms->err;
    fputs("importing from ", style->file);
    style_safe(style, view_place(&account->session->arena, info->url, info->found));
    fputc('\n', style->file);
}

static int import_objects(struct account_run *account, void *context)
{
    struct session *session = account->session;
    const struct options *options = &session->options;
    struct import import = {0};
    (void)context;
    /* A dry run changes nothing, so nobody has to be kept out. */
    if (account_connect(account) || manifest_check_native(session) || account_check_expected(account) ||
        (!options->dry_run && account_lock(account)))
        return -1;
    import.target = account_target(account);
    int failed = prepare(account, &import);
    for (size_t i = 0; i < import.exported.remarks.count; i++)
        fprintf(session->err.file, "%s\n", import.exported.remarks.items[i]);
    if (failed || account->diags->errors)
        return -1;
    manifest_show(session, &import.pulled);
    if (!import.pulled.files.count)
        fputs("Nothing to import\n", session->err.file);
    if (!import.pulled.files.count || options->dry_run)
        return EXIT_DONE;
    if (manifest_check_writable(session, &import.pulled))
        return -1;
    if (options->yes)
        print_place(account);
    account_unlock(account);
    int declined =
        account_confirm(account, account->manifest->project
                                     ? "Write this to the manifest, and mark the objects as the project's"
                                     : "Write this to the manifest, as it is");
    if (declined)
        return declined;
    if (account_lock(account))
        return -1;
    /* The manifest first: a marked object that no manifest has is what --prune deletes. */
    return manifest_write(session, &import.pulled) ? -1 : adopt(account, &import);
}

static int run(struct session *session)
{
    if (import_conf_is_meant(session))
        return import_conf_run(session);
    if (import_conf_check_unused(session) || session_check_arguments(session, 1, SIZE_MAX) ||
        manifest_check_paths(session))
        return -1;
    return accounts_run_single(session, import_objects);
}

const struct command import_command = {
    .help =
        {
            .name = "import",
            .arguments = "NAME... | conf FILE",
            .summary = "Take live objects, or a nats-server.conf, into a manifest",
            .description =
                "Writes an entry for each object into the manifest, as 'natsform export' would write it, and marks the "
                "object as the project's. No setting of the object changes. NAME is STREAM (with its consumers), "
                "STREAM/CONSUMER, or the name of a bucket. Patterns skip what is in the manifest already.\n\n"
                "If the manifest includes a folder (include: [streams/*.yaml]), the entry becomes a file there. Otherwise "
                "it goes after the last entry of its kind, and every other byte of the manifest stays. A consumer of a "
                "stream that is not in the manifest goes below that stream with 'external: true'. The change is shown "
                "first, and nothing is written before a typed 'yes' or --yes.\n\n"
                "'natsform import conf FILE' asks no server. It turns a nats-server configuration, with what it includes, "
                "into a manifest with a server of the same meaning. Environment variables stay variables, and passwords, "
                "tokens and keys become variables. To import a stream named 'conf', put another name before it.",
            .examples =
                (const char *const[]){
                    "A stream with its consumers",
                    "natsform import ORDERS",
                    "One consumer",
                    "natsform import ORDERS/billing",
                    "Everything that is not in the manifest yet; only show it",
                    "natsform import '*' --dry-run",
                    "A server's configuration as a manifest, its passwords apart",
                    "natsform import conf /etc/nats/nats-server.conf --out natsform.yaml --secrets .env",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_DRY_RUN |
                       OPTIONS_IMPORT_CONF | OPTIONS_LOCK,
        },
    .most = SIZE_MAX,
    .run = run,
};
