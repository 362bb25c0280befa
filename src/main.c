/*
 * natsform: declarative NATS JetStream. See docs/architecture.md for the rooms and the way of a manifest through
 * them. How a command is found and run, its help, its diagnostics and the exit code are the same for all of them, so they are
 * here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/sanitizer.h"
#include "base/suggest.h"
#include "cmd/command.h"
#include "cmd/document.h"
#include "cmd/offer.h"
#include "cmd/session.h"

#define AT_COMMAND(name) &name##_command,
static const struct command *const commands[] = {EACH_COMMAND(AT_COMMAND)};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* The first file or connection that is opened would else be what a caller has closed, and the output would go there. */
static void open_closed_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            _exit(126);
}

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->help.name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command(struct session *session, const char *name)
{
    const struct help *help = commands_help();
    struct suggestion near = {.wanted = name};
    struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0}, "unknown %s '%s'",
                                 *name == '-' ? "option" : "command", name);
    for (size_t i = 0; i < help->command_count; i++)
        suggestion_consider(&near, help->commands[i]->name);
    if (*name == '-')
        diag_hint(&session->diags, diag, "the command comes first: natsform COMMAND [OPTIONS]");
    else if (near.best)
        diag_hint(&session->diags, diag, "did you mean '%s'?", near.best);
    else
        diag_hint(&session->diags, diag, "'natsform --help' lists the commands");
    return -1;
}

/* Handles what is no command: "natsform", "natsform --help", "natsform help [COMMAND]", "natsform --version". */
static bool run_built_in(struct session *session, int argc, char **argv, int *ret_exit)
{
    const char *word = argc > 1 ? argv[1] : "";
    const struct command *of = argc > 2 ? find_command(argv[2]) : NULL;
    *ret_exit = argc > 1 ? EXIT_DONE : EXIT_USAGE;
    if (strcmp(word, "--version") == 0)
        *ret_exit = version_command.run(session);
    else if (strcmp(word, "help") == 0 && of)
        help_command(&session->out, commands_help(), &of->help);
    else if (strcmp(word, "help") == 0 && argc > 2)
        return false; /* help for an unknown command */
    else if (argc < 2 || strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        help_overview(argc > 1 ? &session->out : &session->err, commands_help());
    else
        return false;
    return true;
}

static int run_command(struct session *session, const struct command *command, char **argv)
{
    if (session_take_arguments(session, &command->help, argv))
        return -1;
    if (session->options.help) {
        help_command(&session->out, commands_help(), &command->help);
        return EXIT_DONE;
    }
    if (session_prints_document(session))
        document_begin(session);
    return session_check_arguments(session, command->least, command->most) ? -1 : command->run(session);
}

/* Output that could not be written is a failure too: a plan on a full disk must not look like an empty plan. */
static int flush_output(struct session *session, int exit_code)
{
    if (fflush(session->out.file) == 0 && !ferror(session->out.file))
        return exit_code;
    fputs("natsform: cannot write to standard output\n", session->err.file);
    return exit_code ? exit_code : EXIT_FAILED;
}

/*
 * When nothing is left to write, the system takes memory, threads and sockets faster than they could be released one by one.
 */
int main(int argc, char **argv)
{
    struct session session;
    int exit_code;
    open_closed_streams();
    session_init(&session);
    if (!run_built_in(&session, argc, argv, &exit_code)) {
        const struct command *command = find_command(argv[1]);
        int result = command ? run_command(&session, command, argv + 1)
                             : unknown_command(&session, strcmp(argv[1], "help") == 0 ? argv[2] : argv[1]);
        if (session_prints_document(&session))
            document_end(&session);
        else
            session_show_findings(&session);
        exit_code = session_exit_code(result, &session.diags);
        if (exit_code == EXIT_REFUSED)
            offer_print(&session);
    }
    exit_code = flush_output(&session, exit_code);
    if (!IS_SANITIZED)
        _exit(exit_code);
    session_release(&session);
    return exit_code;
}
