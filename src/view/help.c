/* Help, man pages and shell completion, made from the tables; see help.h. */
#include "view/help.h"

#include <string.h>

#include "base/codes.h"
#include "base/exit.h"
#include "view/version.h"

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
 * ---- help man ----
 * Man pages and shell completion, made from the same tables as --help. `make install` writes them, so
 * they always fit the program.
 */

/* Escapes text for man(7), where a backslash begins an escape, and a line that begins with a dot or a quote is a request. */
static void add_roff(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        bool line_start = out->length == 0 || out->text[out->length - 1] == '\n';
        if (*text == '\\')
            strbuf_adds(out, "\\e");
        else if (line_start && (*text == '.' || *text == '\''))
            strbuf_addf(out, "\\&%c", *text);
        else if (*text == '-')
            strbuf_adds(out, "\\-");
        else
            strbuf_addc(out, *text);
    }
}

static void add_paragraph(struct strbuf *out, const char *text)
{
    add_roff(out, text);
    strbuf_addc(out, '\n');
}

static void add_man_option(struct strbuf *out, const struct option_row *row)
{
    strbuf_adds(out, ".TP\n");
    if (row->letter)
        strbuf_addf(out, "\\fB\\-%c\\fR, ", row->letter);
    strbuf_adds(out, "\\fB\\-\\-");
    add_roff(out, row->name);
    strbuf_adds(out, "\\fR");
    if (row->argument)
        strbuf_addf(out, " \\fI%s\\fR", row->argument);
    strbuf_addc(out, '\n');
    add_paragraph(out, row->doc);
}

static void add_man_commands(struct strbuf *out, const struct help *help)
{
    strbuf_adds(out, ".SH NAME\nnatsform \\- plan and apply NATS JetStream from YAML manifests\n");
    strbuf_adds(out, ".SH SYNOPSIS\n\\fBnatsform\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n");
    for (size_t i = 0; i < help->command_count; i++) {
        strbuf_addf(out, ".TP\n\\fBnatsform\\-%s\\fR(1)\n", help->commands[i]->name);
        add_paragraph(out, help->commands[i]->summary);
    }
}

/* No date: a page is the same on whatever day it is built. */
void help_man(struct strbuf *out, const struct help *help, const struct command_help *command)
{
    strbuf_addf(out, ".TH NATSFORM%s%s 1 \"\" \"natsform %s\"\n", command ? "\\-" : "",
                command ? command->name : "", NATSFORM_VERSION);
    if (!command) {
        add_man_commands(out, help);
        return;
    }
    strbuf_addf(out, ".SH NAME\nnatsform\\-%s \\- ", command->name);
    add_paragraph(out, command->summary);
    strbuf_addf(out, ".SH SYNOPSIS\n\\fBnatsform %s\\fR%s", command->name, *command->arguments ? " " : "");
    add_roff(out, command->arguments);
    strbuf_adds(out, " [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n");
    add_paragraph(out, command->description);
    strbuf_adds(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < help->option_count; i++)
        if (help->options[i].group & command->options)
            add_man_option(out, &help->options[i]);
    strbuf_adds(out, ".SH EXAMPLES\n");
    for (const char *const *example = command->examples; example[0]; example += 2) {
        if (example != command->examples)
            strbuf_adds(out, ".PP\n");
        add_paragraph(out, example[0]);
        strbuf_adds(out, ".RS\n.nf\n");
        add_paragraph(out, example[1]);
        strbuf_adds(out, ".fi\n.RE\n");
    }
}

/* ---- completion ---- */

static void add_command_names(struct strbuf *out, const struct help *help)
{
    for (size_t i = 0; i < help->command_count; i++)
        strbuf_addf(out, "%s%s", i ? " " : "", help->commands[i]->name);
}

static void add_option_names(struct strbuf *out, const struct help *help, unsigned groups)
{
    for (size_t i = 0; i < help->option_count; i++)
        if (help->options[i].group & groups)
            strbuf_addf(out, " --%s", help->options[i].name);
}

/* mapfile, because a plain assignment would split the words again and expand patterns in them. */
static void complete_bash(struct strbuf *out, const struct help *help)
{
    strbuf_adds(out, "_natsform() {\n  local words\n  if [ \"$COMP_CWORD\" -eq 1 ]; then words=\"");
    add_command_names(out, help);
    strbuf_adds(out, "\"; else\n    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; i < help->command_count; i++) {
        strbuf_addf(out, "      %s) words=\"", help->commands[i]->name);
        add_option_names(out, help, help->commands[i]->options);
        strbuf_adds(out, "\" ;;\n");
    }
    strbuf_adds(out, "    esac\n  fi\n"
                     "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n}\n"
                     "complete -o default -F _natsform natsform\n");
}

/* A description for zsh or fish, which stands inside single quotes there. */
static void add_quoted(struct strbuf *out, const char *text, const char *also)
{
    for (; *text; text++) {
        if (*text == '\'')
            strbuf_adds(out, "'\\''");
        else if (strchr(also, *text))
            strbuf_addf(out, "\\%c", *text);
        else
            strbuf_addc(out, *text);
    }
}

static void complete_zsh(struct strbuf *out, const struct help *help)
{
    strbuf_adds(out, "#compdef natsform\nlocal -a commands\ncommands=(\n");
    for (size_t i = 0; i < help->command_count; i++) {
        strbuf_addf(out, "  '%s:", help->commands[i]->name);
        add_quoted(out, help->commands[i]->summary, ":\\");
        strbuf_adds(out, "'\n");
    }
    strbuf_adds(
        out,
        ")\nif (( CURRENT == 2 )); then\n  _describe command commands\n  return\nfi\ncase $words[2] in\n");
    for (size_t i = 0; i < help->command_count; i++) {
        strbuf_addf(out, "  %s) _arguments", help->commands[i]->name);
        for (size_t j = 0; j < help->option_count; j++) {
            const struct option_row *row = &help->options[j];
            if (!(row->group & help->commands[i]->options))
                continue;
            strbuf_addf(out, " '*--%s[", row->name);
            add_quoted(out, row->doc, "[]:\\");
            strbuf_addf(out, "]%s%s%s'", row->argument ? ":" : "", row->argument ? row->argument : "",
                        row->argument ? ":_files" : "");
        }
        strbuf_adds(out, " '*:file:_files' ;;\n");
    }
    strbuf_adds(out, "esac\n");
}

static void complete_fish(struct strbuf *out, const struct help *help)
{
    for (size_t i = 0; i < help->command_count; i++) {
        const struct command_help *command = help->commands[i];
        strbuf_addf(out, "complete -c natsform -n __fish_use_subcommand -f -a %s -d '", command->name);
        add_quoted(out, command->summary, "\\");
        strbuf_adds(out, "'\n");
        for (size_t j = 0; j < help->option_count; j++) {
            const struct option_row *row = &help->options[j];
            if (!(row->group & command->options))
                continue;
            strbuf_addf(out, "complete -c natsform -n '__fish_seen_subcommand_from %s' -l %s%s -d '",
                        command->name, row->name, row->argument ? " -r" : "");
            add_quoted(out, row->doc, "\\");
            strbuf_adds(out, "'\n");
        }
    }
}

int help_completion(struct strbuf *out, const struct help *help, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        complete_bash(out, help);
    else if (strcmp(shell, "zsh") == 0)
        complete_zsh(out, help);
    else if (strcmp(shell, "fish") == 0)
        complete_fish(out, help);
    else
        return -1;
    return 0;
}
