/*
 * Syntax errors of the YAML reader; see yaml_error.h. libyaml gives two marks and a few words. A row of the table below
 * says in our words what that means. If the remedy depends on the text, the row has a function. A problem without a
 * row is shown in libyaml's words.
 */
#include "syntax/yaml_error.h"

#include <string.h>

#include "base/conceal.h"
#include "base/row.h"
#include "syntax/node.h"

struct report {
    const yaml_parser_t *parser;
    const struct source *source;
    const struct node *open;
    struct diags *diags;
    struct cursor problem; /* where libyaml gave up */
    struct cursor opening; /* where the value or collection begins that libyaml was reading */
};

/* A part of the text, to be shown in a message. */
struct excerpt {
    const char *text;
    int bytes;
    uint32_t width;
};

enum { EXCERPT_MOST = 40 };

/* The text up to one of the stops, without blanks at its end and not too long for a message. */
static struct excerpt excerpt_until(const struct cursor *from, const char *stops)
{
    struct cursor at = *from;
    while (cursor_byte(&at, 0) && !strchr(stops, cursor_byte(&at, 0)) &&
           at.index - from->index < EXCERPT_MOST)
        cursor_step(&at);
    const char *text = from->source->text + from->offset;
    size_t bytes = at.offset - from->offset;
    while (bytes && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
        bytes--;
    return (struct excerpt){text, (int)bytes, (uint32_t)(at.index - from->index)};
}

/* The same of a line that may hold a secret. */
static struct excerpt concealed(const struct cursor *from, struct excerpt excerpt)
{
    size_t length;
    const char *line = source_line(from->source, from->line, &length);
    return line && conceal_is_name(line, length) ? (struct excerpt){"…", strlen("…"), excerpt.width}
                                                 : excerpt;
}

static struct excerpt word_at(const struct cursor *from)
{
    return concealed(from, excerpt_until(from, " \t\r\n,]}"));
}

static struct diag *report_at(struct report *report, const struct cursor *at, uint32_t width,
                              const char *message)
{
    return diag_add(report->diags, &code_syntax, cursor_pos(at, width), "%s", message);
}

static void note_opening(struct report *report, struct diag *diag, const char *note)
{
    diag_note(report->diags, diag, cursor_pos(&report->opening, 1), "%s", note);
}

/*
 * libyaml's mark may be behind the tab, at the first character that is not indentation. So the tab is searched from the
 * line's start.
 */
static void explain_tab(struct report *report)
{
    struct cursor at = report->problem;
    cursor_seek(&at, at.index - (at.column - 1));
    while (cursor_byte(&at, 0) != '\t' && at.offset < report->problem.offset)
        cursor_step(&at);
    struct diag *diag = report_at(report, &at, 1, "a tab is used for indentation");
    diag_hint(report->diags, diag, "indent by spaces");
}

/*
 * These cannot begin a plain value: '@' and '`' are reserved, '%' begins a directive, '>' and '|' have no meaning
 * between brackets.
 */
static void explain_start(struct report *report)
{
    char byte = cursor_byte(&report->problem, 0);
    if (byte == '\t') {
        explain_tab(report);
        return;
    }
    struct excerpt word = word_at(&report->problem);
    struct diag *diag = diag_add(report->diags, &code_syntax, cursor_pos(&report->problem, word.width),
                                 "a plain value cannot begin with '%c'", byte);
    diag_hint(report->diags, diag, "quote it: '%.*s'", word.bytes, word.text);
}

/* `*.orders`, the most frequent mistake with subjects: a '*' begins an alias. */
static void explain_name(struct report *report)
{
    struct excerpt word = word_at(&report->opening);
    char byte = cursor_byte(&report->opening, 0);
    struct diag *diag = diag_add(report->diags, &code_syntax, cursor_pos(&report->opening, word.width),
                                 "'%c' begins %s, which '%.*s' is not", byte,
                                 byte == '*' ? "an alias" : "an anchor", word.bytes, word.text);
    diag_hint(report->diags, diag, "quote a subject or other text: '%.*s'", word.bytes, word.text);
}

/*
 * `storage:file` is one word to YAML. libyaml notices only on the next line, so the diagnostic goes to the beginning of
 * the key.
 */
static void explain_missing_colon(struct report *report)
{
    struct excerpt line = excerpt_until(&report->opening, "\r\n#");
    struct excerpt shown = concealed(&report->opening, line);
    struct diag *diag = diag_add(report->diags, &code_syntax, cursor_pos(&report->opening, line.width),
                                 "no ': ' after a key in '%.*s'", shown.bytes, shown.text);
    if (memchr(line.text, ':', (size_t)line.bytes))
        diag_hint(report->diags, diag, "put a space behind the ':'");
    else
        diag_hint(report->diags, diag, "write 'key: value'; indent a line that continues the one above");
}

/* Does the text above `line` begin in the same column? Then it was meant to be a key of its own. */
static bool is_below_a_sibling(const struct report *report, const char *line)
{
    const char *at = line;
    while (at > report->source->text) {
        at--; /* the newline above */
        while (at > report->source->text && at[-1] != '\n')
            at--;
        size_t blanks = strspn(at, " ");
        if (!strchr("\r\n#", at[blanks]))
            return blanks == strspn(line, " ");
    }
    return false;
}

/* "a ':' is not allowed here" has three causes. The text before the ':' on its line tells which of them it is. */
static void explain_value(struct report *report)
{
    size_t length;
    const char *line = source_line(report->source, report->problem.line, &length);
    size_t before = (size_t)(report->source->text + report->problem.offset - line);
    const char *tab = memchr(line, '\t', before);
    const char *colon = memchr(line, ':', before);
    if (tab && strspn(line, " \t") > (size_t)(tab - line)) {
        explain_tab(report);
        return;
    }
    struct diag *diag = report_at(report, &report->problem, 1, "a ':' is not allowed here");
    if (colon && (colon[1] == ' ' || colon[1] == '\t'))
        diag_hint(report->diags, diag, "quote a value that has ': ' in it");
    else if (is_below_a_sibling(report, line))
        diag_hint(report->diags, diag, "there is no ': ' behind the key on the line above");
    else
        diag_hint(report->diags, diag, "check the indentation: the line continues the value above it");
}

/* `[${NAME}.>]` is no variable to YAML: between brackets a '{' ends plain text. */
static bool explain_variable(struct report *report)
{
    struct cursor at = report->problem;
    if (cursor_byte(&at, 0) != '{' || at.offset == 0 || report->source->text[at.offset - 1] != '$')
        return false;
    cursor_seek(&at, at.index - 1);
    struct diag *diag = report_at(report, &at, 2, "a variable between brackets needs quotes");
    diag_hint(report->diags, diag, "write [\"${NAME}\"], or use a line for each entry");
    return true;
}

/* If libyaml gave up at the end of the text, that place says nothing. Then the bracket is shown instead. */
static void explain_bracket(struct report *report)
{
    bool is_list = cursor_byte(&report->opening, 0) == '[';
    if (cursor_byte(&report->problem, 0) == '\0') {
        report_at(report, &report->opening, 1, is_list ? "'[' is never closed" : "'{' is never closed");
        return;
    }
    if (explain_variable(report))
        return;
    struct diag *diag =
        report_at(report, &report->problem, 1, is_list ? "',' or ']' is missing" : "',' or '}' is missing");
    note_opening(report, diag, is_list ? "the list begins here" : "the map begins here");
}

/*
 * Templates have to be rendered before: `{{ .Values.x }}`.
 */
static void hint_template(struct report *report, struct diag *diag)
{
    size_t offset = report->problem.offset;
    const char *text = report->source->text;
    if (offset >= 2 && text[offset - 1] == '{' && text[offset - 2] == '{')
        diag_hint(report->diags, diag,
                  "a template with '{{ }}' has to be rendered first; quote it if it is text");
}

/* If the text ends behind a ',', libyaml complains about a value. The mistake is the bracket that is not closed. */
static void explain_missing_value(struct report *report)
{
    if (report->open && cursor_byte(&report->problem, 0) == '\0')
        diag_error(report->diags, &code_syntax, report->open->pos,
                   report->open->type == NODE_LIST ? "'[' is never closed" : "'{' is never closed");
    else
        hint_template(report, report_at(report, &report->problem, 1, "a value is missing here"));
}

/* `>` and `>.orders` as plain values: a '>' begins a folded block of text. */
static void explain_block_header(struct report *report)
{
    struct excerpt word = word_at(&report->opening);
    struct diag *diag = diag_add(report->diags, &code_syntax, cursor_pos(&report->opening, word.width),
                                 "'%c' begins a block of text, which starts on the next line",
                                 cursor_byte(&report->opening, 0));
    diag_hint(report->diags, diag, "quote a subject or other text: '%.*s'", word.bytes, word.text);
}

/* Objects of JSON as they stand in a list, but without the list around them. */
static void explain_document(struct report *report)
{
    bool comma = cursor_byte(&report->problem, 0) == ',';
    struct diag *diag =
        report_at(report, &report->problem, 1,
                  comma ? "a comma stands behind the document" : "the document has ended before this");
    diag_hint(report->diags, diag,
              comma
                  ? "put all of them between '[' and ']', or take the comma out: documents of JSON may stand "
                    "one behind the other"
                  : "check the indentation; a further document begins with '---'");
}

struct complaint {
    const char *problem; /* as libyaml puts it */
    const char *message;
    const char *hint;
    const char *note; /* at the opening */
    bool at_opening;
    void (*explain)(struct report *report);
};

static const struct complaint complaints[] = {
    ROW(.problem = "found character that cannot start any token", .explain = explain_start),
    ROW(.problem = "did not find expected alphabetic or numeric character", .explain = explain_name),
    ROW(.problem = "could not find expected ':'", .explain = explain_missing_colon),
    ROW(.problem = "mapping values are not allowed in this context", .explain = explain_value),
    ROW(.problem = "did not find expected ',' or ']'", .explain = explain_bracket),
    ROW(.problem = "did not find expected ',' or '}'", .explain = explain_bracket),
    ROW(.problem = "did not find expected comment or line break", .explain = explain_block_header),
    ROW(.problem = "found a tab character that violates indentation", .explain = explain_tab),
    ROW(.problem = "found a tab character where an indentation space is expected", .explain = explain_tab),
    ROW(.problem = "found unexpected end of stream", .message = "the quote is never closed",
        .hint = "a quote inside is written '' in single quotes, and \\\" in double quotes",
        .at_opening = true),
    ROW(.problem = "found unexpected document indicator",
        .message = "a document begins or ends inside quotes", .note = "the quote begins here"),
    ROW(.problem = "found unknown escape character", .message = "unknown escape in double quotes",
        .hint = "in single quotes a backslash is an ordinary character"),
    ROW(.problem = "did not find expected hexdecimal number",
        .message = "the escape needs more hexadecimal digits"),
    ROW(.problem = "found invalid Unicode character escape code",
        .message = "the escape is not a Unicode character",
        .hint = "write the character itself; halves of a surrogate pair are no characters"),
    ROW(.problem = "block sequence entries are not allowed in this context",
        .message = "a list entry is not allowed here",
        .hint = "begin the list on a line of its own, or write '[a, b]'"),
    ROW(.problem = "mapping keys are not allowed in this context",
        .message = "a '?' key is not allowed here"),
    ROW(.problem = "found unexpected ':'",
        .message = "a ':' without a space behind it ends a key only after a quote",
        .hint = "put a space behind the ':', or quote the text"),
    ROW(.problem = "did not find expected '-' indicator", .message = "the list goes on, but not with '- '",
        .hint = "check the indentation", .note = "the list begins here"),
    ROW(.problem = "did not find expected key", .message = "a key was expected here",
        .hint = "check the indentation, and that nothing follows a closing quote or bracket",
        .note = "the map begins here"),
    ROW(.problem = "did not find expected node content", .explain = explain_missing_value),
    ROW(.problem = "did not find expected <document start>", .explain = explain_document),
    ROW(.problem = "found incompatible YAML document", .message = "only YAML 1.1 and 1.2 can be read"),
};

/*
 * libyaml uses four of these messages for directives and tags too, where our advice would be wrong. Its context tells
 * which it is.
 */
static const struct complaint *find_complaint(const yaml_parser_t *parser)
{
    const char *context = parser->context ? parser->context : "";
    if (strstr(context, "directive") || strstr(context, " tag"))
        return NULL;
    for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
        if (strcmp(complaints[i].problem, parser->problem) == 0)
            return &complaints[i];
    return NULL;
}

static void report_as_is(struct report *report)
{
    struct diag *diag = report_at(report, &report->problem, 1, report->parser->problem);
    if (report->parser->context)
        note_opening(report, diag, report->parser->context);
}

/* libyaml refuses some characters that utf8_check() accepts: C1 control characters, U+FFFE and U+FFFF. */
static void report_reader(struct report *report)
{
    struct cursor start;
    cursor_init(&start, report->source);
    struct srcpos pos = cursor_pos_of_byte(report->source, start.offset + report->parser->problem_offset);
    diag_error(report->diags, &code_encoding, pos, "control character U+%04X",
               (unsigned)report->parser->problem_value);
}

void yaml_report_error(const yaml_parser_t *parser, const struct source *source, const struct node *open,
                       struct diags *diags)
{
    struct report report = {.parser = parser, .source = source, .open = open, .diags = diags};
    if (parser->error == YAML_READER_ERROR) {
        report_reader(&report);
        return;
    }
    if (!parser->problem) {
        diag_error(diags, &code_limit, (struct srcpos){.source = source},
                   "not enough memory to read the text");
        return;
    }
    cursor_init(&report.opening, source);
    cursor_seek(&report.opening, parser->context_mark.index);
    cursor_init(&report.problem, source);
    cursor_seek(&report.problem, parser->problem_mark.index);
    const struct complaint *complaint = find_complaint(parser);
    if (!complaint) {
        report_as_is(&report);
        return;
    }
    if (complaint->explain) {
        complaint->explain(&report);
        return;
    }
    const struct cursor *at = complaint->at_opening ? &report.opening : &report.problem;
    struct diag *diag = report_at(&report, at, 1, complaint->message);
    if (complaint->note)
        note_opening(&report, diag, complaint->note);
    if (complaint->hint)
        diag_hint(diags, diag, "%s", complaint->hint);
}
