/* natsform diff: the plan as a unified diff of YAML. */
#include "cmd/command.h"

#include "base/exit.h"
#include "view/plan_diff.h"

/* As diff(1) has it: 0 equal, 1 different, 2 trouble. */
static int run(struct session *session)
{
    if (session_check_arguments(session, 0, 0))
        return EXIT_USAGE;
    struct plan *plan = session_plan(session);
    if (!plan || view_plan_diff(&session->out, plan))
        return EXIT_CHANGES;
    return plan_is_empty(plan) ? EXIT_DONE : EXIT_FAILED;
}

const struct command diff_command = {
    .help =
        {
            .name = "diff",
            .arguments = "",
            .summary = "Show the same difference as a unified diff of YAML",
            .description =
                "Writes what the server holds and what the manifest says as YAML and shows the difference, an object a "
                "file. Exit codes as in diff(1): 0 no differences, 1 differences, 2 trouble.",
            .examples =
                (const char *const[]){
                    "See what drifted",
                    "natsform diff",
                    "Page through it in colour",
                    "natsform diff --color always | less -R",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_LOSS | OPTIONS_PRUNE,
        },
    .run = run,
};
