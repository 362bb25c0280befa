/* natsform validate: everything that can be known without a server. */
#include "cmd/command.h"

#include "base/exit.h"

/* Without an option, what the newest known server would take. */
static void check(struct session *session, const struct version_range *range, const char *text)
{
    if (!text || version_range_is_exact(range))
        planner_check(&session->arena, session->manifest, text ? range->least : VERSION_UNKNOWN, NULL, true,
                      &session->diags);
    else
        planner_check_range(&session->arena, session->manifest, range, text, true, &session->diags);
}

static int run(struct session *session)
{
    struct version_range range = {0};
    const char *text = session->options.server_version;
    if (session_check_arguments(session, 0, 0))
        return EXIT_USAGE;
    const char *problem = text ? version_range_parse(text, &range) : NULL;
    if (problem) {
        diag_error(&session->diags, DIAG_USAGE, (struct srcpos){0}, "--server-version '%s': %s", text,
                   problem);
        return EXIT_USAGE;
    }
    if (session_load(session))
        return EXIT_DONE;
    check(session, &range, text);
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
                "with it: syntax, unknown fields, types, units, ranges, fields that exclude each other, and what a server "
                "would reject or silently change. --server-version says which servers: one version (2.10.27), any "
                "patch of one (2.10), or a range (2.9-2.12, 2.10..2.12, '>=2.10 <2.15', ~2.10.3, ^2.10). A finding "
                "that does not hold for all of a range says for which versions it does.",
            .examples =
                (const char *const[]){
                    "Check natsform.yaml",
                    "natsform validate",
                    "Check what production would get, for the server it runs",
                    "natsform validate -f base.yaml -f prod.yaml --server-version 2.10",
                    "Check what holds before, during and after an upgrade",
                    "natsform validate --server-version 2.10-2.15",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_VERSION,
        },
    .run = run,
};
