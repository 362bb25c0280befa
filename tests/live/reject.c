/*
 * Bad manifests: `natsform validate` on each of tests/reject/, and on some that are too big to be kept there.
 *
 * tests/reject/NAME.yaml has what it says on standard error beside it, in NAME.expect. First lines such as
 *
 *     #! validate -f base.yaml -f NAME.yaml --server-version 2.10
 *     #! env NAME=value
 *
 * give other arguments than "-f NAME.yaml", and variables. Folders hold files that these include. Each must end
 * with exit code 65 and with nothing on standard output, within 64 MiB. With NATSFORM_REJECT_WRITE set, the
 * .expect files are written anew, to be read before they are kept.
 *
 * No server is needed.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/exit.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "support/hostile.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"

enum { PEAK_MOST_KB = 64 * 1024 };

struct words {
    VEC(const char *) list;
};

static const char *directory(void)
{
    const char *tests = getenv("NATSFORM_TESTS");
    return arena_printf(test_arena(), "%s/reject", tests && tests[0] ? tests : "tests");
}

/* It ends, however hostile the manifest is: what takes so much that it is a nuisance is seen by `make bench`. */
static struct run run_refused(const struct run_options *options)
{
    struct run run = run_natsform(options);
    ck_assert_exit(run, EXIT_MANIFEST);
    ck_assert_text(run.out, "");
    ck_assert_msg(SUITE_SANITIZED || run.peak_kb < PEAK_MOST_KB, "it took %ld KiB", run.peak_kb);
    return run;
}

/* ---- files of the repository ---- */

static struct words names; /* without .yaml */

static void find_files(void)
{
    glob_t found = {0};
    if (glob(arena_printf(test_arena(), "%s/*.yaml", directory()), 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            const char *name = strrchr(found.gl_pathv[i], '/') + 1;
            VEC_PUSH(test_arena(), &names.list,
                     arena_strndup(test_arena(), name, strlen(name) - strlen(".yaml")));
        }
    globfree(&found);
}

static void add_words(struct words *words, const char *text, size_t length)
{
    for (const char *at = text, *end = text + length; at < end; at++) {
        size_t word = strcspn(at, " \n");
        if (word)
            VEC_PUSH(test_arena(), &words->list, arena_strndup(test_arena(), at, word));
        at += word;
    }
}

/* The rest of the next line that begins with "#! KEY "; NULL when there is none. */
static const char *directive(const char **cursor, const char *key, size_t *ret_length)
{
    while (strncmp(*cursor, "#! ", 3) == 0) {
        const char *line = *cursor + 3;
        *cursor = line + strcspn(line, "\n");
        *cursor += **cursor == '\n';
        if (strncmp(line, key, strlen(key)) != 0 || line[strlen(key)] != ' ')
            continue;
        *ret_length = strcspn(line, "\n") - strlen(key) - 1;
        return line + strlen(key) + 1;
    }
    return NULL;
}

static void read_directives(const char *name, struct words *arguments, struct words *env)
{
    const char *text = read_file(arena_printf(test_arena(), "%s/%s.yaml", directory(), name));
    const char *cursor = text;
    size_t length;
    bool named = false;
    add_words(arguments, "validate", strlen("validate"));
    for (const char *rest; (rest = directive(&cursor, "validate", &length));) {
        add_words(arguments, rest, length);
        named |= strncmp(rest, "-f ", 3) == 0;
    }
    if (!named)
        add_words(arguments, arena_printf(test_arena(), "-f %s.yaml", name),
                  strlen(name) + strlen("-f .yaml"));
    cursor = text;
    for (const char *rest; (rest = directive(&cursor, "env", &length));)
        VEC_PUSH(test_arena(), &env->list, arena_strndup(test_arena(), rest, length));
    VEC_PUSH(test_arena(), &arguments->list, NULL);
    VEC_PUSH(test_arena(), &env->list, NULL);
}

START_TEST(files)
{
    const char *name = names.list.items[_i];
    struct words arguments = {0};
    struct words env = {0};
    read_directives(name, &arguments, &env);
    struct run run = run_refused(&(struct run_options){
        .arguments = arguments.list.items, .env = env.list.items, .directory = directory()});
    const char *expected = arena_printf(test_arena(), "%s.expect", name);
    if (getenv("NATSFORM_REJECT_WRITE"))
        write_file(directory(), expected, run.err);
    ck_assert_text(run.err, read_file(arena_printf(test_arena(), "%s/%s", directory(), expected)));
}
END_TEST

/* Is it of what is wrong with a manifest? Of lint, which support/lint_cases.h has, one comes from a single object. */
static bool is_of_manifests(const char *name, const char *section)
{
    static const char *const elsewhere[] = {
        /* with a server, other arguments or other files */
        "account-limit",
        "backup-fewer",
        "backup-place",
        "not-ours",
        "container-localhost",
        "context-home",
        "copied-folder",
        "copied-mark",
        "cycle",
        "gone",
        "half-done",
        "left-alone",
        "lock-left",
        "login-beside-context",
        "login-elsewhere",
        "lost-consumer",
        "lost-mark",
        "misread",
        "missing-stream",
        "newer-server",
        "no-backup",
        "no-context",
        "not-looked-at",
        "old-mark",
        "older-servers",
        "origin-deleted",
        "paused",
        "plan-file",
        "project-from-mark",
        "revision",
        "sealed-empty",
        "sent-again",
        "server-refused",
        "stale-revision",
        "unfinished",
        "unknown-flag",
        "unmarked",
    };
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
        if (strcmp(name, elsewhere[i]) == 0)
            return false;
    return strstr(section, " *exit code 65.*\n") || strstr(section, " *warning.*\n") ||
           strstr(section, " *note.*\n") || strcmp(name, "implied") == 0;
}

/* Each code that a manifest alone can bring about has a file, and each expectation its manifest. */
START_TEST(nothing_is_missing)
{
    struct strbuf all = {0};
    size_t codes = 0;
    glob_t found = {0};
    ck_assert_int_eq(glob(arena_printf(test_arena(), "%s/*.expect", directory()), 0, NULL, &found), 0);
    ck_assert_uint_eq(found.gl_pathc, names.list.count);
    for (size_t i = 0; i < found.gl_pathc; i++)
        strbuf_adds(&all, read_file(found.gl_pathv[i]));
    globfree(&found);
    for (const char *at = strstr(RUN("explain", "codes").out, "\n## "), *next; at; at = next) {
        const char *name = arena_strndup(test_arena(), at + 4, strcspn(at + 4, "\n"));
        next = strstr(at + 1, "\n## ");
        const char *section = arena_strndup(test_arena(), at, next ? (size_t)(next - at) : strlen(at));
        const char *mark = arena_printf(test_arena(), " [%s]\n", name);
        ck_assert_msg(!is_of_manifests(name, section) || strstr(strbuf_text(&all), mark) != NULL,
                      "no file is about '%s'", name);
        codes++;
    }
    ck_assert_uint_gt(codes, 100);
    strbuf_release(&all);
}
END_TEST

/* ---- texts that are made up ---- */

static const char *value_of(const char *variable)
{
    if (variable && strcmp(variable, "LATIN") == 0)
        return "LATIN=Gr\xF6\xDF"
               "e";
    char *text = ARENA_ARRAY(test_arena(), char, 100 * 1000);
    memset(text, 'x', 99 * 1000);
    memcpy(text, "BIG=", 4);
    return text;
}

static void expect_beginning(const char *text, const char *expected)
{
    size_t length = strlen(expected);
    size_t more = strlen("…");
    bool whole = length < more || strcmp(expected + length - more, "…") != 0;
    if (whole) {
        ck_assert_text(text, expected);
        return;
    }
    const char *shown = arena_strndup(test_arena(), text, strnlen(text, length - more));
    ck_assert_text(shown, arena_strndup(test_arena(), expected, length - more));
}

START_TEST(made_up)
{
    const struct hostile *made = &hostile_texts[_i];
    const char *folder = test_directory();
    FILE *file = fopen(arena_printf(test_arena(), "%s/m.yaml", folder), "wb");
    ck_assert_ptr_nonnull(file);
    made->make(file, HOSTILE_WHOLE);
    ck_assert_int_eq(fclose(file), 0);
    struct run run = run_refused(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", "m.yaml", NULL},
        .env = (const char *const[]){value_of(made->variable), NULL},
        .directory = folder,
    });
    expect_beginning(run.err, made->said);
}
END_TEST

/* ---- where manifests come from ---- */

/* No longer than it has to be: what this process holds counts for the one that it starts. */
static char *long_line(void)
{
    enum { LENGTH = 17 * 1024 * 1024 };
    char *text = malloc(LENGTH + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', LENGTH);
    text[LENGTH] = '\0';
    return text;
}

START_TEST(standard_input)
{
    char *text = long_line();
    struct run run = run_refused(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", "-", NULL}, .input = text});
    free(text);
    expect_beginning(run.err, "<stdin>:1:16777217: error: the text is longer than 16777216 bytes [limit]\n…");
}
END_TEST

START_TEST(endless_file)
{
    struct run run = run_refused(
        &(struct run_options){.arguments = (const char *const[]){"validate", "-f", "/dev/zero", NULL}});
    expect_beginning(run.err,
                     "/dev/zero:1:16777217: error: the text is longer than 16777216 bytes [limit]\n…");
}
END_TEST

START_TEST(empty_folder)
{
    const char *folder = test_directory();
    make_directory(folder, "empty");
    write_file(folder, "m.yaml", "include: [empty]\n");
    struct run run = run_refused(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", "empty", "-f", "m.yaml", NULL},
        .directory = folder});
    ck_assert_text(run.err,
                   "error: cannot read 'empty': has no *.yaml, *.yml or *.json file [file]\n"
                   "hint: name the manifest with -f PATH\n"
                   "m.yaml:1:11: error: cannot include 'empty': has no *.yaml, *.yml or *.json file [file]\n"
                   "    1 | include: [empty]\n"
                   "      |           ^~~~~\n");
}
END_TEST

START_TEST(unreadable_file)
{
    const char *folder = test_directory();
    const char *path = write_file(folder, "secret.yaml", "streams: {}\n");
    ck_assert_int_eq(chmod(path, 0), 0);
    if (access(path, R_OK) == 0)
        return; /* to root nothing is closed */
    struct run run = run_refused(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", "secret.yaml", NULL}, .directory = folder});
    ck_assert_text(run.err, "error: cannot read 'secret.yaml': Permission denied [file]\n");
}
END_TEST

/* ---- many parts ---- */

enum { PARTS = 4000 };

static const char *part_of(int number)
{
    return arena_printf(test_arena(), "streams: {S%d: {subjects: [s.%d]}}\n", number, number);
}

/* What a manifest in parts takes is in proportion to their number, whether these are files or documents of one. */
static void expect_valid(const char *folder, const char *path)
{
    struct run run = run_natsform(&(struct run_options){
        .arguments = (const char *const[]){"validate", "-f", path, NULL}, .directory = folder});
    ck_assert_text(run.err, "");
    ck_assert_text(run.out, "Valid: 4000 streams, 0 consumers\n");
    ck_assert_msg(SUITE_SANITIZED || run.peak_kb < PEAK_MOST_KB, "it took %ld KiB", run.peak_kb);
}

START_TEST(many_files)
{
    const char *folder = test_directory();
    const char *parts = make_directory(folder, "parts");
    for (int i = 0; i < PARTS; i++)
        write_file(parts, arena_printf(test_arena(), "%d.yaml", i), part_of(i));
    write_file(folder, "m.yaml", "include: [parts/*.yaml]\n");
    expect_valid(folder, "m.yaml");
    expect_valid(folder, "parts");
}
END_TEST

START_TEST(many_documents)
{
    const char *folder = test_directory();
    struct strbuf text = {0};
    for (int i = 0; i < PARTS; i++)
        strbuf_addf(&text, "---\n%s", part_of(i));
    write_file(folder, "m.yaml", strbuf_text(&text));
    strbuf_release(&text);
    expect_valid(folder, "m.yaml");
}
END_TEST

int main(void)
{
    find_files();
    const struct suite_test tests[] = {
        {.test = files, .times = names.list.count},
        {.test = nothing_is_missing},
        {.test = made_up, .times = hostile_count},
        {.test = standard_input},
        {.test = endless_file},
        {.test = empty_folder},
        {.test = unreadable_file},
        {.test = many_files},
        {.test = many_documents},
    };
    return suite_run("reject", tests, sizeof(tests) / sizeof(tests[0]));
}
