/* natsform import: live objects, by name, into the manifest and the project. */
#include "cmd/command.h"

#include <stdint.h>

#include "apply/refresh.h"
#include "base/exit.h"
#include "cmd/import_conf.h"
#include "cmd/manifest_write.h"
#include "cmd/run_plan.h"
#include "cmd/session.h"
#include "edit/import.h"
#include "manifest/load.h"
#include "plan/mark.h"

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
    const struct session *session = context;
    bool named = map_get(&session->manifest->streams_by_name, stream->name) != NULL;
    for (size_t i = 0; i < session->arguments.count && !named; i++)
        named = import_names_stream(session->arguments.items[i], stream->name);
    return named;
}

/* What is to be imported, and the entries that say so, on top of the manifest's files in memory. */
static int prepare(struct session *session, struct import *import)
{
    const struct plan_options options = {0};
    const struct live_source source = {session->server, session->ahead};
    struct import_additions additions;
    struct manifest_reader reader;
    struct option_list files = session_files(session);
    import->survey = survey_read(&session->arena, &source, wants, session, &session->diags);
    if (import->survey)
        import->picks = import_pick(&session->arena, import->survey, session->manifest,
                                    session->arguments.items, session->arguments.count, &session->diags);
    if (!import->picks)
        return -1;
    if (!import->picks->list.count)
        return 0;
    import->request = (struct export_request){
        .target = &import->target,
        .project = session->manifest->project,
        .picks = import->picks->list.items,
        .pick_count = import->picks->list.count,
    };
    if (export_account(&session->arena, import->survey, &import->request, &session->diags,
                       &import->exported) ||
        import_additions(&session->arena, &import->exported, session->manifest, &session->diags, &additions))
        return -1;
    session_reader(session, &reader);
    struct pull_request request = {
        .reader = &reader,
        .paths = files.items,
        .path_count = files.count,
        .target = &import->target,
        .survey = import->survey,
        .options = &options,
        .additions = additions.list.items,
        .addition_count = additions.list.count,
    };
    if (!additions.list.count)
        return 0;
    return pull_drift(&session->arena, &request, &session->diags, &import->pulled);
}

/* The mark of the project goes onto what bears none, where servers keep marks. */
static int adopt(struct session *session, struct import *import)
{
    if (!session->manifest->project || !version_has(import->target.version, MARKS_SINCE))
        return EXIT_DONE;
    struct plan *plan =
        export_adopt(&session->arena, import->survey, &import->request, &import->exported, &session->diags);
    return !plan || session->diags.errors || plan_is_empty(plan) ? EXIT_DONE : carry_out(session, plan);
}

static int run(struct session *session)
{
    struct import import = {0};
    if (import_conf_is_meant(session))
        return import_conf_run(session);
    if (import_conf_check_unused(session) || session_check_arguments(session, 1, SIZE_MAX) ||
        manifest_check_paths(session))
        return EXIT_USAGE;
    bool locks = session_locks(session) && !session->options.dry_run;
    if (session_connect(session) || manifest_check_native(session) ||
        check_expected(server_info(session->server), session->manifest, &session->diags) ||
        (locks && session_lock(session)))
        return EXIT_DONE;
    import.target = target_of(&session->arena, server_info(session->server), session_now());
    int failed = prepare(session, &import);
    for (size_t i = 0; i < import.exported.remarks.count; i++)
        fprintf(session->err.file, "%s\n", import.exported.remarks.items[i]);
    if (failed || session->diags.errors)
        return EXIT_DONE;
    manifest_show(session, &import.pulled);
    if (!import.pulled.files.count)
        fputs("Nothing to import\n", session->err.file);
    if (!import.pulled.files.count || session->options.dry_run ||
        manifest_check_writable(session, &import.pulled))
        return EXIT_DONE;
    if (session_confirm(session, session->manifest->project
                                     ? "Write this to the manifest, and mark the objects as the project's?"
                                     : "Write this to the manifest?"))
        return session->diags.errors ? EXIT_USAGE : EXIT_FAILED;
    return manifest_write(session, &import.pulled) ? EXIT_DONE : adopt(session, &import);
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
    .run = run,
};
