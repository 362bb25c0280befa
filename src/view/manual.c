/* Man pages; see manual.h. They have no date: a page is the same on whatever day it is built. */
#include "view/manual.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/exit.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "field/field.h"
#include "kind/manifest_rows.h"
#include "view/explain.h"
#include "view/version.h"

/*
 * Escapes text for man(7), where a backslash begins an escape, and a line that begins with a dot or a quote is a request. Not every
 * formatter takes UTF-8.
 */
static void add_roff(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        bool line_start = out->length == 0 || out->text[out->length - 1] == '\n';
        size_t sequence = utf8_sequence(text, strlen(text));
        if (sequence > 1) {
            strbuf_addf(out, "\\[u%04X]", (unsigned)utf8_decode(text, sequence));
            text += sequence - 1;
        } else if (*text == '\\')
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

static void add_head(struct strbuf *out, const char *name, int section)
{
    strbuf_adds(out, ".TH ");
    for (const char *at = name; *at; at++)
        if (*at == '-')
            strbuf_adds(out, "\\-");
        else
            strbuf_addc(out, (char)toupper((unsigned char)*at));
    strbuf_addf(out, " %d \"\" \"natsform %s\"\n", section, NATSFORM_VERSION);
}

/* An item of a list: its name, set off, and what it is. */
static void add_item(struct strbuf *out, const char *name, const char *text)
{
    strbuf_adds(out, ".TP\n\\fB");
    add_roff(out, name);
    strbuf_adds(out, "\\fR\n");
    add_paragraph(out, text);
}

/* ---- what pages have in common ---- */

static void add_exit_status(struct strbuf *out)
{
    static const struct {
        int code;
        const char *text;
    } codes[] = {
        {EXIT_DONE, "Done, or in sync."},
        {EXIT_FAILED, "It failed; of 'diff': there are differences."},
        {EXIT_CHANGES, "There are changes, with 'plan --detailed-exitcode'; of 'diff': it failed."},
        {EXIT_REFUSED, "Refused for safety."},
        {EXIT_USAGE, "Wrong options or arguments."},
        {EXIT_MANIFEST, "The manifest is wrong."},
        {EXIT_UNREACHABLE, "The server cannot be reached."},
        {EXIT_LOCKED, "Another run has the lock."},
    };
    strbuf_adds(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        strbuf_addf(out, ".TP\n\\fB%d\\fR\n", codes[i].code);
        add_paragraph(out, codes[i].text);
    }
}

static void add_connection_variables(struct strbuf *out)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (!row->env)
            continue;
        strbuf_addf(out, ".TP\n\\fB%s\\fR\n", row->env);
        if (row->flag.name) {
            strbuf_adds(out, "As \\fB\\-\\-");
            add_roff(out, row->flag.name);
            strbuf_adds(out, "\\fR.\n");
        } else {
            add_paragraph(out, i == SETTING_USER_JWT ? "A user's JWT, or a file with it."
                                                     : "The seed of that user's nkey, or a file with it.");
        }
    }
}

static void add_environment(struct strbuf *out, unsigned options)
{
    strbuf_adds(out, ".SH ENVIRONMENT\n");
    if (options & OPTIONS_SERVER)
        add_connection_variables(out);
    if (options & (OPTIONS_SERVER | OPTIONS_UP))
        add_item(
            out, "XDG_CONFIG_HOME",
            "Where the contexts of the nats CLI are, in 'nats/context'. Without it, they are in '.config' of the "
            "user's home.");
    if (options & OPTIONS_MANIFEST)
        add_item(out, "GIT_DIR", "The repository of a path such as 'main:natsform.yaml'.");
    add_item(out, "NO_COLOR", "No colours, if it is set to anything.");
    add_item(out, "CI", "No progress that redraws its line, if it is set to anything.");
    add_item(out, "COLUMNS", "The width within which a plan is laid out.");
}

static void add_files(struct strbuf *out, unsigned options)
{
    if (!(options & OPTIONS_MANIFEST))
        return;
    strbuf_adds(out, ".SH FILES\n");
    add_item(out, "natsform.yaml", "The manifest that is read if none is named.");
    add_item(out, ".natsform/", "Beside the manifest: what 'natsform up' runs, with its data and logs.");
    if (options & OPTIONS_UP)
        add_item(out, "~/.cache/natsform/servers/",
                 "A nats-server of each version, in a folder of its name.");
}

static void add_see_also(struct strbuf *out, const char *const *pages)
{
    strbuf_adds(out, ".SH SEE ALSO\n");
    for (; pages[0]; pages++) {
        const char *section = strchr(pages[0], '(');
        strbuf_adds(out, ".BR ");
        for (const char *at = pages[0]; at < section; at++)
            strbuf_addf(out, *at == '-' ? "\\-" : "%c", *at);
        strbuf_addf(out, " %s%s\n", section, pages[1] ? " ," : "");
    }
}

/* ---- commands ---- */

static void add_option(struct strbuf *out, const struct option_row *row)
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

static void add_overview(struct strbuf *out, const struct help *help)
{
    static const char *const pages[] = {"natsform.yaml(5)", "natsform-plan(1)", "natsform-apply(1)",
                                        "natsform-up(1)", NULL};
    strbuf_adds(out, ".SH NAME\nnatsform \\- plan and apply NATS JetStream from YAML manifests\n");
    strbuf_adds(out, ".SH SYNOPSIS\n\\fBnatsform\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n");
    for (size_t i = 0; i < help->command_count; i++) {
        strbuf_addf(out, ".TP\n\\fBnatsform\\-%s\\fR(1)\n", help->commands[i]->name);
        add_paragraph(out, help->commands[i]->summary);
    }
    unsigned all = OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_UP;
    add_exit_status(out);
    add_environment(out, all);
    add_files(out, all);
    add_see_also(out, pages);
}

static void add_examples(struct strbuf *out, const struct command_help *command)
{
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

void manual_command(struct strbuf *out, const struct help *help, const struct command_help *command)
{
    static const char *const pages[] = {"natsform(1)", "natsform.yaml(5)", NULL};
    struct arena arena SCOPED(arena_release) = {0};
    add_head(out, command ? arena_printf(&arena, "natsform-%s", command->name) : "natsform", 1);
    if (!command) {
        add_overview(out, help);
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
            add_option(out, &help->options[i]);
    add_exit_status(out);
    add_environment(out, command->options);
    add_files(out, command->options);
    add_examples(out, command);
    add_see_also(out, pages);
}

/* ---- the manifest ---- */

/* "text, 'file' if it is left out, from nats-server 2.10 on" */
static void add_field(struct strbuf *out, struct arena *arena, const struct table *table,
                      const struct field *field, const char *path)
{
    const char *fallback = field->fallback_doc ? field->fallback_doc : field->fallback;
    const char *since = since_text(arena, field->since, true);
    const char *type = table->options ? field_types_describe(arena, field, field_types(field))
                                      : field_type_name(arena, field);
    strbuf_adds(out, ".TP\n\\fB");
    add_roff(out, path);
    strbuf_adds(out, "\\fR (");
    add_roff(out, type);
    if (field->flags & FIELD_REQUIRED)
        strbuf_adds(out, ", required");
    else if (fallback)
        add_roff(out, arena_printf(arena, ", default %s", fallback));
    if (since)
        add_roff(out, arena_printf(arena, ", from nats-server %s on", since));
    strbuf_adds(out, ")\n");
    add_paragraph(out, field->doc);
}

/* Objects within objects follow their own row. Those that have a section of their own do not. */
static void add_fields(struct strbuf *out, struct arena *arena, const struct table *table, const char *above)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const char *path = *above ? arena_printf(arena, "%s.%s", above, field->name) : field->name;
        if (field->flags & FIELD_INTERNAL)
            continue;
        add_field(out, arena, table, field, path);
        if (field->object && !view_is_topic(field->object) && !table->options)
            add_fields(out, arena, field->object, path);
    }
}

void manual_manifest(struct strbuf *out)
{
    static const char *const pages[] = {"natsform(1)", "natsform-explain(1)", "natsform-validate(1)", NULL};
    struct arena arena SCOPED(arena_release) = {0};
    add_head(out, MANUAL_MANIFEST, 5);
    strbuf_adds(out, ".SH NAME\n" MANUAL_MANIFEST
                     " \\- manifest of NATS servers, streams, consumers and buckets\n");
    strbuf_adds(out, ".SH DESCRIPTION\n");
    add_paragraph(
        out,
        "A YAML file that says what a JetStream account has to hold, and which servers are to run. Names are "
        "those of JetStream and of nats-server. What is left out has its default.");
    strbuf_adds(out, ".PP\n");
    add_paragraph(
        out,
        "Durations need a unit (250ms, 30s, 24h, 7d). Sizes follow nats-server: k, m, g and t are powers of "
        "1000, KiB, MiB, GiB and TiB of 1024. 'unlimited' stands for no limit.");
    strbuf_adds(out, ".PP\n");
    add_paragraph(
        out,
        "${NAME}, ${NAME:-default} and ${NAME:?message} are variables of the environment or of --env-file; $$ "
        "is a dollar sign.");
    for (size_t i = 0; view_topics[i]; i++) {
        strbuf_adds(out, ".SH ");
        for (const char *at = table_word(view_topics[i]); *at; at++)
            strbuf_addc(out, *at == '_' ? ' ' : (char)toupper((unsigned char)*at));
        strbuf_addc(out, '\n');
        add_paragraph(out, view_topics[i]->doc);
        add_fields(out, &arena, view_topics[i], "");
    }
    strbuf_adds(out, ".SH EXAMPLES\n.nf\n");
    add_paragraph(
        out, "project: chat\nstreams:\n  CHAT:\n    subjects: [chat.>]\n    max_age: 7d\n    consumers:\n"
             "      processor: {ack_policy: explicit, max_deliver: 5}\nkey_values:\n  sessions: {ttl: 1h}");
    strbuf_adds(out, ".fi\n");
    add_see_also(out, pages);
}
