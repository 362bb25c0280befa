/*
 * Reading scenario files; see scenario.h. This runs before any test does, so nothing here is Check's.
 */
#include "support/scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "field/field.h"
#include "support/scratch.h"

static const char mark[] = "== ";
enum { MARK = sizeof(mark) - 1 };

__attribute__((format(printf, 1, 2), noreturn)) static void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

static void parse_version(const char *text, uint32_t *ret_version)
{
    if (!text || !version_parse(text, ret_version))
        give_up("'%s' is no version", text ? text : "");
}

bool scenario_counts(const char *versions, const char *version)
{
    uint32_t actual = 0, least = 0;
    if (!versions)
        return true;
    parse_version(version, &actual);
    for (const char *cursor = versions; *(cursor += strspn(cursor, " ")); cursor += strcspn(cursor, " ")) {
        char *item = arena_strndup(test_arena(), cursor, strcspn(cursor, " "));
        char *plus = strchr(item, '+');
        if (plus)
            *plus = '\0';
        parse_version(item, &least);
        if (actual >= least && (plus || actual < least + VERSION(0, 1, 0)))
            return true;
    }
    return false;
}

/* Splits "WORD REST (VERSIONS)". */
static void read_header(struct section *section, const char *line, size_t length)
{
    char *text = arena_strndup(test_arena(), line, length);
    char *open = strrchr(text, '(');
    size_t word = strcspn(text, " ");
    if (open && open > text && text[length - 1] == ')' && strchr("0123456789", open[1])) {
        text[length - 1] = '\0';
        section->versions = open + 1;
        for (*open = '\0'; open > text && open[-1] == ' '; open--)
            open[-1] = '\0';
    }
    section->rest = text[word] ? text + word + 1 : "";
    text[word] = '\0';
    section->word = text;
}

static void add_line(struct section *section, const char *line, size_t length)
{
    section->text = arena_printf(test_arena(), "%s%.*s\n", section->text, (int)length, line);
}

static void cut_blank_end(struct section *section)
{
    size_t length = strlen(section->text);
    while (length > 0 && section->text[length - 1] == '\n' &&
           (length == 1 || section->text[length - 2] == '\n'))
        length--;
    section->text = arena_strndup(test_arena(), section->text, length);
}

static const char *read_text(const char *path)
{
    struct strbuf text = {0};
    FILE *file = fopen(path, "rb");
    int byte = EOF;
    if (!file)
        give_up("cannot read %s", path);
    while ((byte = fgetc(file)) != EOF)
        strbuf_addc(&text, (char)byte);
    fclose(file);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&text));
    strbuf_release(&text);
    return copy;
}

struct scenario *scenario_read(const char *path)
{
    struct scenario *scenario = ARENA_NEW(test_arena(), struct scenario);
    const char *cursor = read_text(path);
    struct section *section = NULL;
    scenario->name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (*cursor != '#')
        give_up("%s does not say what it shows", path);
    for (int line = 1; *cursor; line++) {
        size_t length = strcspn(cursor, "\n");
        if (strncmp(cursor, mark, MARK) == 0) {
            VEC_PUSH(test_arena(), &scenario->sections, ((struct section){.text = "", .line = line}));
            section = &scenario->sections.items[scenario->sections.count - 1];
            read_header(section, cursor + MARK, length - MARK);
        } else if (section) {
            add_line(section, cursor, length);
        }
        cursor += length + (cursor[length] == '\n');
    }
    for (size_t i = 0; i < scenario->sections.count; i++)
        cut_blank_end(&scenario->sections.items[i]);
    if (!section)
        give_up("%s has no section", path);
    return scenario;
}
