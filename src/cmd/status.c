/*
 * natsform status: shows the state of the servers that up started. It asks each server's monitoring, and neither
 * reads the manifest nor changes anything.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "cmd/environment.h"
#include "view/environment_text.h"

static int run(struct session *session)
{
    struct up up;
    bool json = session->options.output == OUTPUT_JSON;
    bool well = true;
    if (environment_open(session, false, &up))
        return -1;
    size_t count = up.state.nodes.count;
    struct node_health *nodes = health_ask(&session->arena, up.runner);
    for (size_t i = 0; i < count; i++)
        well &= nodes[i].runs && nodes[i].well;
    if (json) {
        session->document = status_json(&session->arena, &up.state, nodes);
    } else if (count) {
        view_status(&session->out, &session->arena, nodes, count);
    } else {
        fputs("Nothing is up.\n", session->out.file);
    }
    return count && well ? EXIT_DONE : EXIT_FAILED;
}

const struct command status_command = {
    .help =
        {
            .name = "status",
            .arguments = "",
            .summary = "Show the state of the servers that up started",
            .description =
                "Prints a row for each server: whether it runs, its pid, how long it has been up, its version, its part in "
                "JetStream's meta group, its URL, and what it says of its own health. -o json has all ports and URLs.\n\n"
                "Exit codes: 0 all servers are up and well, 1 one is not, or nothing is up.",
            .examples =
                (const char *const[]){
                    "See how the servers of this folder are",
                    "natsform status",
                    "Get the URL of the first server for clients",
                    "natsform status -o json | jq -r '.nodes[0].urls.client'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_OUTPUT,
        },
    .run = run,
};
