/* Help and shell completion; see help.h. */
#include "view/help.h"

#include <string.h>

/*
 * ---- help ----
 * --help, made from the tables. tests/docs.sh checks that natsform takes every example that is printed here.
 */

/* Not the terminal's own width: so the text is the same everywhere, and tests can compare it. */
enum { WIDTH = 80, INDENT = 34 };

/*
 * Prints the text with lines broken at WIDTH. The first line starts where the cursor is, in column `indent`; the others
 * are indented to it.
 */
static void wrap(FILE *file, const char *text, size_t indent)
{
    size_t at = indent;
    while (*text) {
        size_t length = strcspn(text, " \n");
        if (at > indent && at + 1 + length >= WIDTH) {
            fprintf(file, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', file);
            at++;
        }
        fprintf(file, "%.*s", (int)length, text);
        at += length;
        for (text += length; *text == '\n'; text++) {
            fputc('\n', file);
            at = indent;
        }
        text += *text == ' ';
    }
    fputc('\n', file);
}

static void print_option(FILE *file, const struct option_row *row)
{
    char left[64];
    int length = snprintf(left, sizeof(left), "  %c%c%c --%s%s%s", row->letter ? '-' : ' ',
                          row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
                          row->argument ? " " : "", row->argument ? row->argument : "");
    if (length > INDENT - 2)
        fprintf(file, "%s\n%*s", left, INDENT, "");
    else
        fprintf(file, "%-*s", INDENT, left);
    wrap(file, row->doc, INDENT);
}

void help_overview(const struct style *style, const struct help *help)
{
    FILE *file = style->file;
    fputs("natsform plans and applies NATS JetStream from YAML manifests.\n\n", file);
    style_print(style, COLOUR_BOLD, "Usage:");
    fputs(" natsform COMMAND [OPTIONS]\n\n", file);
    style_print(style, COLOUR_BOLD, "Commands:");
    fputc('\n', file);
    for (size_t i = 0; i < help->command_count; i++)
        fprintf(file, "  %-12s %s\n", help->commands[i]->name, help->commands[i]->summary);
    fputs("\n'natsform COMMAND --help' shows a command's options with examples.\n", file);
}

void help_command(const struct style *style, const struct help *help, const struct command_help *command)
{
    FILE *file = style->file;
    style_print(style, COLOUR_BOLD, "natsform %s", command->name);
    fprintf(file, ": %s\n\n", command->summary);
    style_print(style, COLOUR_BOLD, "Usage:");
    fprintf(file, " natsform %s%s%s [OPTIONS]\n\n", command->name, *command->arguments ? " " : "",
            command->arguments);
    wrap(file, command->description, 0);
    fputc('\n', file);
    style_print(style, COLOUR_BOLD, "Examples:");
    fputc('\n', file);
    for (const char *const *example = command->examples; example[0]; example += 2)
        fprintf(file, "  # %s\n  %s\n\n", example[0], example[1]);
    style_print(style, COLOUR_BOLD, "Options:");
    fputc('\n', file);
    for (size_t i = 0; i < help->option_count; i++)
        if (help->options[i].group & command->options)
            print_option(file, &help->options[i]);
}

/*
 * ---- completion ----
 * The scripts ask natsform itself what could come next (cmd/complete.c), so that they know what a manifest, a folder or a
 * context holds, and are never older than the program. Each is for the shell's first version that people still have: the Mac's bash is 3.2,
 * which has neither mapfile nor compopt. What is offered is quoted: it may come from files of others.
 */
static const char bash_script[] =
#include "view/templates/completion.bash.h"
    ;

static const char zsh_script[] =
#include "view/templates/completion.zsh.h"
    ;

static const char fish_script[] =
#include "view/templates/completion.fish.h"
    ;

int help_completion(struct strbuf *out, const char *shell)
{
    static const struct {
        const char *shell, *script;
    } scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        if (strcmp(scripts[i].shell, shell) != 0)
            continue;
        strbuf_adds(out, scripts[i].script);
        return 0;
    }
    return -1;
}
