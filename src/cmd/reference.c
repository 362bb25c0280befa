/*
 * natsform explain, schema, completion, man and version: what natsform knows about itself. All of it comes from
 * the tables, and none of these commands needs a manifest or a server.
 */
#include "cmd/command.h"

#include <string.h>

#include "base/exit.h"
#include "manifest/schema.h"
#include "server/server.h"
#include "syntax/json.h"
#include "view/explain.h"
#include "view/manual.h"
#include "view/version.h"

#define AT_COMMAND(name) &name##_command,

const struct help *commands_help(void)
{
    static const struct command *const commands[] = {EACH_COMMAND(AT_COMMAND)};
    enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };
    static const struct command_help *visible[COMMANDS];
    static struct help help;
    help = (struct help){.commands = visible};
    help.options = options_rows(&help.option_count);
    for (int i = 0; i < COMMANDS; i++)
        if (!commands[i]->hidden)
            visible[help.command_count++] = &commands[i]->help;
    return &help;
}

static void print_and_release(struct session *session, struct strbuf *text)
{
    fputs(strbuf_text(text), session->out.file);
    strbuf_release(text);
}

static int run_explain(struct session *session)
{
    const char *topic = session->arguments.count ? session->arguments.items[0] : NULL;
    return view_explain(&session->out, topic, &session->diags);
}

static int run_schema(struct session *session)
{
    struct strbuf text = {0};
    json_write(&text, schema_of_manifest(&session->arena), true);
    print_and_release(session, &text);
    return EXIT_DONE;
}

static int run_completion(struct session *session)
{
    struct strbuf text = {0};
    if (help_completion(&text, session->arguments.items[0]))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "no completion for '%s': bash, zsh or fish", session->arguments.items[0]);
    print_and_release(session, &text);
    return EXIT_DONE;
}

static int run_man(struct session *session)
{
    struct strbuf text = {0};
    const struct help *help = commands_help();
    const struct command_help *of = NULL;
    for (size_t i = 0; session->arguments.count && i < help->command_count; i++)
        if (strcmp(help->commands[i]->name, session->arguments.items[0]) == 0)
            of = help->commands[i];
    if (session->arguments.count && strcmp(session->arguments.items[0], MANUAL_MANIFEST) == 0) {
        manual_manifest(&text);
        print_and_release(session, &text);
        return EXIT_DONE;
    }
    if (session->arguments.count && !of)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "no command is called '%s'",
                          session->arguments.items[0]);
    manual_command(&text, help, of);
    print_and_release(session, &text);
    return EXIT_DONE;
}

static int run_version(struct session *session)
{
    fprintf(session->out.file, "natsform %s\nnats.c %s\n", NATSFORM_VERSION, server_library_version());
    return EXIT_DONE;
}

const struct command explain_command = {
    .help =
        {
            .name = "explain",
            .arguments = "[TOPIC]",
            .summary = "Explain a field, an object or a diagnostic code",
            .description =
                "For a field, prints its type, its default, the first server version that has it, and what may change in "
                "place on which version, with the server's own words. For a diagnostic code, it tells why it is there, "
                "what the server does, and what to do; for the number of a server's error, which rules and fields "
                "it is the answer to. Without a topic, it lists what there is.",
            .examples =
                (const char *const[]){
                    "One field",
                    "natsform explain stream.max_age",
                    "All fields of a consumer",
                    "natsform explain consumer",
                    "A code from an error message",
                    "natsform explain immutable",
                    "An error of a server",
                    "natsform explain 10065",
                    "All codes, as the page docs/codes.md",
                    "natsform explain codes",
                    NULL,
                },
            .options = OPTIONS_ALL,
        },
    .most = 1,
    .run = run_explain,
};

const struct command schema_command = {
    .help =
        {
            .name = "schema",
            .arguments = "",
            .summary = "Print the JSON Schema of manifests",
            .description =
                "The schema gives editors completion, hover documentation and validation. It is made from the field tables.",
            .examples =
                (const char *const[]){
                    "Keep it beside the manifest, for the yaml-language-server line",
                    "natsform schema > natsform.schema.json",
                    NULL,
                },
            .options = OPTIONS_ALL,
        },
    .run = run_schema,
};

const struct command completion_command = {
    .help =
        {
            .name = "completion",
            .arguments = "bash|zsh|fish",
            .summary = "Print a shell completion script",
            .description =
                "Completes commands, options and their values: choices, files, contexts of the nats CLI, and the streams, servers "
                "and connections of the manifest. The script asks natsform itself, so that it need not be renewed.",
            .examples =
                (const char *const[]){
                    "For the bash that is running",
                    "source <(natsform completion bash)",
                    NULL,
                },
            .options = OPTIONS_ALL,
        },
    .least = 1,
    .most = 1,
    .run = run_completion,
};

const struct command man_command = {
    .help =
        {
            .name = "man",
            .arguments = "[COMMAND]",
            .summary = "Print a man page",
            .description =
                "What 'make install' puts into the manual: the page of a command, of natsform, or of "
                "'natsform.yaml'.",
            .examples =
                (const char *const[]){
                    "Read one without installing",
                    "natsform man plan | man -l -",
                    NULL,
                },
            .options = OPTIONS_ALL,
        },
    .most = 1,
    .run = run_man,
    .hidden = true,
};

const struct command version_command = {
    .help =
        {
            .name = "version",
            .arguments = "",
            .summary = "Print the version",
            .description = "Prints the versions of natsform and of the client library.",
            .examples =
                (const char *const[]){
                    "What is installed",
                    "natsform version",
                    NULL,
                },
            .options = OPTIONS_ALL,
        },
    .run = run_version,
};
