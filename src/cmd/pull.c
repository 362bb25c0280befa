/* natsform pull: what differs on the server goes back into the manifest. */
#include "cmd/command.h"

#include <string.h>
#include <sys/stat.h>

#include "apply/pull.h"
#include "apply/refresh.h"
#include "base/exit.h"
#include "repo/files.h"
#include "repo/write.h"
#include "syntax/yaml.h"
#include "view/text_diff.h"

static bool wants(void *context, const struct live_object *stream)
{
    const struct manifest *manifest = context;
    return map_get(&manifest->streams_by_name, stream->name) != NULL;
}

static int pull(struct session *session, struct pulled *ret_pulled)
{
    const struct plan_options options = {0};
    struct manifest_reader reader;
    struct option_list files = session_files(session);
    if (session_connect(session) ||
        check_expected(server_info(session->server), session->manifest, &session->diags))
        return -1;
    struct target target = target_of(server_info(session->server), session_now());
    session_reader(session, &reader);
    struct pull_request request = {
        .reader = &reader,
        .paths = files.items,
        .path_count = files.count,
        .target = &target,
        .options = &options,
        .survey = survey_read(&session->arena, session->server, wants, session->manifest, &session->diags),
    };
    return request.survey ? pull_drift(&session->arena, &request, &session->diags, ret_pulled) : -1;
}

static int check_paths(struct session *session)
{
    struct option_list files = session_files(session);
    for (size_t i = 0; i < files.count; i++)
        if (strcmp(files.items[i], "-") == 0)
            return diag_error(&session->diags, DIAG_USAGE, (struct srcpos){0},
                              "standard input cannot be pulled into; name a file with -f");
    return 0;
}

/* Revisions of a repository cannot be written. */
static int check_writable(struct session *session, const struct pulled_file *file)
{
    struct stat info;
    if (stat(file->path, &info) == 0 && S_ISREG(info.st_mode))
        return 0;
    struct diag *diag = diag_add(&session->diags, DIAG_FILE, (struct srcpos){0},
                                 "cannot pull into '%s': it is no file", file->path);
    diag_hint(&session->diags, diag, "nothing was written; '--dry-run' shows what would change");
    return -1;
}

/* Somebody may have edited it while the question was on the screen. */
static int check_unchanged(struct session *session, const struct pulled_file *file)
{
    char *text;
    size_t length;
    const char *error;
    if (file_read(&session->arena, file->path, YAML_MOST_BYTES, &text, &length, &error))
        return diag_error(&session->diags, DIAG_FILE, (struct srcpos){0}, "cannot read '%s': %s", file->path,
                          error);
    if (length == file->before.length && memcmp(text, file->before.text, length) == 0)
        return 0;
    return diag_error(&session->diags, DIAG_FILE, (struct srcpos){0},
                      "'%s' was changed by somebody else in the meantime; nothing was written to it",
                      file->path);
}

static void write_files(struct session *session, const struct pulled *pulled)
{
    for (size_t i = 0; i < pulled->files.count; i++) {
        const struct pulled_file *file = &pulled->files.items[i];
        const char *error;
        if (check_unchanged(session, file))
            continue;
        if (file_write(&session->arena, file->path, file->after.text, file->after.length, true, &error))
            diag_error(&session->diags, DIAG_FILE, (struct srcpos){0}, "cannot write '%s': %s", file->path,
                       error);
        else
            fprintf(session->err.file, "wrote %s\n", file->path);
    }
}

static void tell_count(struct session *session, const struct pulled *pulled)
{
    size_t count = pulled->fields + pulled->left;
    fprintf(session->err.file, "%zu field%s from the manifest", count, count == 1 ? " differs" : "s differ");
    if (pulled->left)
        fprintf(session->err.file, ", %zu of them cannot be pulled", pulled->left);
    fputc('\n', session->err.file);
}

static int run(struct session *session)
{
    struct pulled pulled;
    if (session_check_arguments(session, 0, 0) || check_paths(session))
        return EXIT_USAGE;
    if (pull(session, &pulled))
        return EXIT_DONE;
    for (size_t i = 0; i < pulled.files.count; i++)
        view_text_diff(&session->out, &pulled.files.items[i].before, &pulled.files.items[i].after);
    fflush(session->out.file);
    tell_count(session, &pulled);
    if (!pulled.files.count || session->options.dry_run)
        return EXIT_DONE;
    for (size_t i = 0; i < pulled.files.count; i++)
        if (check_writable(session, &pulled.files.items[i]))
            return EXIT_DONE;
    if (session_confirm(session, "Write this to the manifest?"))
        return session->diags.errors ? EXIT_USAGE : EXIT_FAILED;
    write_files(session, &pulled);
    return EXIT_DONE;
}

const struct command pull_command = {
    .help =
        {
            .name = "pull",
            .arguments = "",
            .summary = "Write what differs on the server back into the manifest",
            .description =
                "For each field that differs, changes the place in the manifest that says otherwise, in the file where it stands and in "
                "the manner in which it is written: 7d becomes 8d, 'a' stays in its quotes. Comments, layout and every other byte "
                "stay. What the manifest does not mention gets a line of its own below its object; so does what comes from "
                "defaults or a merge key, because that belongs to others too.\n\n"
                "What cannot be written back that way, such as the value of a variable, is an error with its place and the server's "
                "value; the rest is pulled all the same. The change is shown as a unified diff, and nothing is written before a typed "
                "'yes' or --yes.",
            .examples =
                (const char *const[]){
                    "Take over what somebody changed by hand",
                    "natsform pull",
                    "Only show it",
                    "natsform pull --dry-run",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_DRY_RUN,
        },
    .run = run,
};
