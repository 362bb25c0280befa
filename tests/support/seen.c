/* What tests saw; see seen.h. */
#include "support/seen.h"

#include <check.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "field/field.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/trip.h"

enum { VERSIONS_MOST = 8, CELLS = 3 };

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char *in_tests(const char *path)
{
    return format("%s/%s", getenv("NATSFORM_TESTS"), path);
}

static bool renews(void)
{
    const char *renew = getenv("GOLDEN");
    return renew && strcmp(renew, "renew") == 0;
}

/* ---- files ---- */

static const char *file_name(const struct seen_table *table, const char *version)
{
    return format("%s-%s.txt", table->name, version);
}

static const char *file_text(const struct seen_table *table, const char *version)
{
    const char *path = in_tests(format("golden/%s", file_name(table, version)));
    return access(path, F_OK) == 0 ? read_file(path) : "";
}

/* The line of a row, with its end; "" if there is none. */
static const char *line_of(const struct seen_table *table, const char *text, size_t row)
{
    const char *name = format("%s|", table->row_name(row));
    for (; *text; text += strcspn(text, "\n") + 1)
        if (strncmp(text, name, strlen(name)) == 0)
            return arena_strndup(test_arena(), text, strcspn(text, "\n") + 1);
    return "";
}

/* All rows in their order, one of them replaced. */
static void renew_line(const struct seen_table *table, const char *version, size_t row, const char *line)
{
    const char *was = file_text(table, version), *text = "";
    for (size_t i = 0; i < table->rows; i++)
        text = format("%s%s", text, i == row ? line : line_of(table, was, i));
    write_file(in_tests("golden"), file_name(table, version), text);
}

static const char *cluster_of(const char *line)
{
    const char *cell = strrchr(line, '|');
    return cell ? arena_strndup(test_arena(), cell + 1, strcspn(cell + 1, "\n")) : "";
}

void seen_row(const struct seen_table *table, const char *version, size_t row, const char *single,
              const char *cluster)
{
    const char *was = line_of(table, file_text(table, version), row);
    const char *line =
        format("%s|%s|%s\n", table->row_name(row), single, cluster ? cluster : cluster_of(was));
    if (renews())
        renew_line(table, version, row, line);
    else
        ck_assert_str_eq(line, was);
}

/* ---- the page ---- */

static int by_version(const void *a, const void *b)
{
    uint32_t one = version_number(*(const char *const *)a), other = version_number(*(const char *const *)b);
    return (one > other) - (one < other);
}

/* Those that have a file, oldest first. */
static size_t versions_of(const struct seen_table *table, const char *ret_versions[VERSIONS_MOST])
{
    const char *prefix = in_tests(format("golden/%s-", table->name));
    size_t count = 0;
    glob_t found = {0};
    ck_assert_int_eq(glob(format("%s*.txt", prefix), 0, NULL, &found), 0);
    ck_assert_uint_le(found.gl_pathc, VERSIONS_MOST);
    for (; count < found.gl_pathc; count++) {
        const char *version = found.gl_pathv[count] + strlen(prefix);
        ret_versions[count] = arena_strndup(test_arena(), version, strlen(version) - strlen(".txt"));
    }
    globfree(&found);
    qsort(ret_versions, count, sizeof(*ret_versions), by_version);
    return count;
}

/* Its cells: name, server alone, cluster. */
static const char *page_cell(const char *line)
{
    const char *cells[CELLS];
    for (size_t i = 0; i < CELLS; i++) {
        size_t length = strcspn(line, "|\n");
        cells[i] = arena_strndup(test_arena(), line, length);
        line += length + 1;
    }
    const char *single = cells[1], *cluster = cells[2];
    if (strcmp(single, cluster) == 0)
        return *single ? single : "–";
    if (!*cluster)
        return format("%s; not in a cluster", single);
    return *single ? format("%s; in a cluster %s", single, cluster) : format("in a cluster %s", cluster);
}

static const char *page_table(const struct seen_table *table)
{
    const char *versions[VERSIONS_MOST], *texts[VERSIONS_MOST];
    size_t count = versions_of(table, versions);
    const char *text = "|", *rule = "| ---";
    for (size_t i = 0; i < count; i++) {
        texts[i] = file_text(table, versions[i]);
        text = format("%s | %s", text, versions[i]);
        rule = format("%s | ---", rule);
    }
    text = format("%s |\n%s |\n", text, rule);
    for (size_t row = 0; row < table->rows; row++) {
        text = format("%s| %s", text, table->row_name(row));
        for (size_t i = 0; i < count; i++) {
            const char *line = line_of(table, texts[i], row);
            ck_assert_msg(*line, "%s has no '%s'", file_name(table, versions[i]), table->row_name(row));
            text = format("%s | %s", text, page_cell(line));
        }
        text = format("%s |\n", text);
    }
    return text;
}

void seen_page(const struct seen_table *table)
{
    const char *mark = format("<!-- by %s -->\n\n", table->by);
    const char *page = read_file(in_tests(format("../docs/%s", table->page)));
    const char *text = page_table(table);
    if (renews()) {
        const char *at = strstr(page, mark);
        ck_assert_msg(at != NULL, "docs/%s has no place for the table: %s", table->page, mark);
        at += strlen(mark);
        const char *behind = *at == '|' ? strstr(at, "\n\n") + 1 : format("\n%s", at);
        page = format("%.*s%s%s", (int)(at - page), page, text, behind);
        write_file(in_tests("../docs"), table->page, page);
    }
    ck_assert_contains(page, format("%s%s\n", mark, text));
}
