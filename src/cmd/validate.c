/* natsform validate: everything that can be known without a server. */
#include "cmd/command.h"

#include "base/exit.h"

static int run(struct session *session)
{
    uint32_t version = VERSION_UNKNOWN;
    const char *text = session->options.server_version;
    if (session_check_arguments(session, 0, 0))
        return EXIT_USAGE;
    if (text && !version_parse(text, &version))
        return diag_error(&session->diags, DIAG_USAGE, (struct srcpos){0},
                          "--server-version must be a version such as 2.10 or 2.10.27, not '%s'", text)
                   ? EXIT_USAGE
                   : EXIT_DONE;
    if (session_load(session))
        return EXIT_DONE;
    planner_check(&session->arena, session->manifest, version, true, &session->diags);
    if (!session->diags.errors)
        fprintf(session->out.file, "Valid: %zu stream%s, %zu consumer%s\n", session->manifest->streams.count,
                session->manifest->streams.count == 1 ? "" : "s", session->manifest->consumers.count,
                session->manifest->consumers.count == 1 ? "" : "s");
    return EXIT_DONE;
}

const struct command validate_command = {
    .help =
        {
            .name = "validate",
            .arguments = "",
            .summary = "Check a manifest without a server",
            .description =
                "Reads the manifest with its includes, variables and overlays, and reports everything that is wrong "
                "with it: syntax, unknown fields, types, units, ranges, and fields that exclude each other. With "
                "--server-version also what a server of that version does not have.",
            .examples =
                (const char *const[]){
                    "Check natsform.yaml",
                    "natsform validate",
                    "Check what production would get, for the server it runs",
                    "natsform validate -f base.yaml -f prod.yaml --server-version 2.10",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_VERSION,
        },
    .run = run,
};
