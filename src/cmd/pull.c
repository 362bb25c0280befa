/*
 * natsform pull: brings what differs on the server back into the manifest. The account is read as a whole
 * (server/live.c), because each change is tried with a new plan, and that must not ask the server again.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "cmd/account.h"
#include "cmd/manifest_write.h"
#include "edit/pull.h"
#include "manifest/load.h"

static bool wants(void *context, const struct live_object *stream)
{
    const struct manifest *manifest = context;
    return map_get(&manifest->streams_by_name, stream->name) != NULL;
}

static int pull(struct account_run *account, struct pulled *ret_pulled)
{
    const struct plan_options options = {0};
    struct session *session = account->session;
    struct manifest_reader reader;
    if (account_connect(account) || manifest_check_native(session) || account_check_expected(account))
        return -1;
    const struct live_source source = {account->server, account->ahead};
    struct target target = account_target(account);
    session_reader(session, &reader);
    struct pull_request request = {
        .reader = &reader,
        .paths = session->files.items,
        .path_count = session->files.count,
        .connection = account->manifest->connection,
        .target = &target,
        .options = &options,
        .survey = survey_read(&session->arena, &source, wants, account->manifest, account->diags),
    };
    return request.survey ? pull_drift(&session->arena, &request, account->diags, ret_pulled) : -1;
}

static void tell_count(struct session *session, const struct pulled *pulled)
{
    size_t count = pulled->fields + pulled->left;
    fprintf(session->told.file, "%zu field%s from the manifest", count, count == 1 ? " differs" : "s differ");
    if (pulled->left)
        fprintf(session->told.file, ", %zu of them cannot be pulled", pulled->left);
    if (pulled->others)
        fprintf(session->told.file, "; %zu object%s not compared", pulled->others,
                pulled->others == 1 ? " is" : "s are");
    fputc('\n', session->told.file);
}

static int pull_account(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct pulled pulled;
    (void)context;
    if (pull(account, &pulled))
        return -1;
    manifest_show(session, &pulled);
    tell_count(session, &pulled);
    if (!pulled.files.count || session->options.dry_run)
        return EXIT_DONE;
    if (manifest_check_writable(session, &pulled))
        return -1;
    int declined = account_confirm(account, "Write this to the manifest, as it is");
    return declined ? declined : manifest_write(session, &pulled);
}

static int run(struct session *session)
{
    if (manifest_check_paths(session))
        return -1;
    return accounts_run_single(session, pull_account);
}

const struct command pull_command = {
    .help =
        {
            .name = "pull",
            .arguments = "",
            .summary = "Write what differs on the server back into the manifest",
            .description =
                "For each field that differs, changes the place in the manifest that says otherwise, in its file and in "
                "the way it is written: 7d becomes 8d, and 'a' stays in its quotes. Comments, layout and every other byte "
                "stay. A field that the manifest does not mention gets a line of its own below its object. So does one "
                "that comes from defaults or a merge key, because that is for other objects too; an object that comes through one as a whole is "
                "written out there. Of a list in several files, each item changes in its file. What the server has not any more "
                "is taken out, or set to null where a default would come through; a comment beside it stays. Objects that are gone, or belong to another project, are named, and stay.\n\n"
                "What cannot be written back that way, such as the value of a variable, is an error with its place and the "
                "server's value. The rest is pulled all the same. The change is shown as a unified diff, and nothing is "
                "written before a typed 'yes' or --yes.",
            .examples =
                (const char *const[]){
                    "Take over what somebody changed by hand",
                    "natsform pull",
                    "Only show it",
                    "natsform pull --dry-run",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_CONFIRM | OPTIONS_DRY_RUN,
        },
    .run = run,
};
