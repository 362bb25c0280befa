/* Printing diagnostic codes; see explain_code.h. `make codes` and the terminal get the same texts from here. */
#include "view/explain_code.h"

#include <string.h>

#include "base/arena.h"
#include "base/scope.h"
#include "rules/rules.h"

/* "from 2.10 on", "before 2.14.4"; "" if the rule holds for every version. */
static const char *versions_text(struct arena *arena, const struct rule *rule)
{
    const char *since = rule->since ? version_format(arena, rule->since, true) : NULL;
    const char *until = rule->until ? version_format(arena, rule->until, true) : NULL;
    if (since && until)
        return arena_printf(arena, "from %s on and before %s", since, until);
    if (since)
        return arena_printf(arena, "from %s on", since);
    return until ? arena_printf(arena, "before %s", until) : "";
}

/*
 * What a server says: "error 10065: subjects overlap … (before 2.10)", or that it takes it. Of a rule of servers: what
 * becomes of one with such a configuration when it starts.
 */
static const char *answer_text(struct arena *arena, const struct rule *rule)
{
    const char *versions = versions_text(arena, rule);
    if (rule->each & OF_SERVERS)
        return rule->says ? arena_printf(arena, "ends with '%s'", rule->says) : "starts, or says so itself";
    const char *answer =
        rule->err_code ? arena_printf(arena, "error %d: %s", rule->err_code, rule->says) : "takes it";
    return *versions ? arena_printf(arena, "%s (%s)", answer, versions) : answer;
}

static const char *level_text(struct arena *arena, const struct diag_code *code)
{
    static const char *const words[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "note"};
    if (code->severity == SEVERITY_ERROR)
        return arena_printf(arena, "exit code %d", code->exit_code);
    return code->lint ? arena_printf(arena, "%s, 'lint: {ignore: [%s]}'", words[code->severity], code->name)
                      : words[code->severity];
}

/* Examples may have several lines. */
static void print_lines(FILE *file, const char *lead, const char *further, const char *text)
{
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        fprintf(file, "%s%.*s\n", at == text ? lead : further, (int)strcspn(at, "\n"), at);
}

void view_explain_code(const struct style *style, const struct diag_code *code)
{
    const char *lead = "  server    ";
    const struct rule *rule;
    struct arena arena SCOPED(arena_release) = {0};
    fprintf(style->file, "%s (%s)\n  %s\n\n", code->name, level_text(&arena, code), code->doc);
    fprintf(style->file, "  why       %s\n", code->why);
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        if (rule->code != code)
            continue;
        fprintf(style->file, "%s%s\n            %s\n", lead, answer_text(&arena, rule), rule->doc);
        lead = "            ";
    }
    print_lines(style->file, "  example   ", "            ", code->example);
    fprintf(style->file, "  remedy    %s\n", code->remedy);
}

static void print_section(FILE *file, struct arena *arena, const struct diag_code *code)
{
    const char *lead = "\n| server | rule |\n| --- | --- |\n";
    const struct rule *rule;
    fprintf(file, "\n## %s\n\n%s *%s.*\n\n%s\n\n", code->name, code->doc, level_text(arena, code), code->why);
    print_lines(file, "    ", "    ", code->example);
    fprintf(file, "\n%s\n", code->remedy);
    for (size_t i = 0; (rule = rule_at(i)); i++) {
        if (rule->code != code)
            continue;
        fprintf(file, "%s| %s | %s |\n", lead, answer_text(arena, rule), rule->doc);
        lead = "";
    }
}

void view_explain_codes(const struct style *style)
{
    struct arena arena SCOPED(arena_release) = {0};
    fputs(
        "# Diagnostic codes\n\n"
        "Each diagnostic ends with its code in brackets; `natsform explain CODE` says what is here. An error decides the exit\n"
        "code of the run; warnings and notes do not, and an object has those with a `lint` below ignored by\n"
        "`lint: {ignore: [CODE]}`.\n\n"
        "This page is made by `make codes`.\n",
        style->file);
    for (const struct diag_code *code = diag_code_next(NULL); code; code = diag_code_next(code))
        print_section(style->file, &arena, code);
}
