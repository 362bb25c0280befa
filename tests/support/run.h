/*
 * Running the program under test, which NATSFORM names, as a user would.
 *
 *     struct run run = RUN("plan", "-f", path);
 *     ck_assert_exit(run, 0);
 *     ck_assert_str_eq(run.out, "…");
 */
#ifndef SUPPORT_RUN_H
#define SUPPORT_RUN_H

#include <check.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

struct run_options {
    const char *program;          /* path of another one; NULL is natsform */
    const char *const *arguments; /* without the program's name, NULL-terminated */
    const char *input;            /* standard input; NULL is empty */
    const char *const
        *env; /* "NAME=value" sets, "NAME" unsets; NULL-terminated, may be NULL. Else the test's own. */
    const char *directory; /* to run in; NULL is the test's own */
    bool terminal;         /* all three streams are one terminal; `input` is typed, and `out` is the screen */
    unsigned short columns; /* of the terminal; 0: it does not say */
    bool echoes;            /* the terminal shows what is typed, as they usually do */
    void (*watch)(void *context, pid_t pid,
                  const char *text); /* sees what comes on the terminal; may be NULL */
    /* The same, and returns what is typed then; NULL: nothing. May be NULL. */
    const char *(*types)(void *context, pid_t pid, const char *text);
    void *context;
};

struct run {
    int exit_code;  /* -1 when it was killed */
    int signal;     /* that killed it, or 0 */
    bool timed_out; /* it was killed: all patience was gone (patience.h) */
    const char *out;
    const char *err;
    long peak_kb; /* resident memory */
};

struct run run_natsform(const struct run_options *options);

#define RUN(...) run_natsform(&(struct run_options){.arguments = (const char *const[]){__VA_ARGS__, NULL}})

/* Writes all of a text to the test's output, which has no greatest length as Check's messages have. False, for assertions. */
bool show_whole(const char *file, int line, const char *title, const char *text);

#define SHOW_WHOLE(title, text) show_whole(__FILE__, __LINE__, (title), (text))

#define ck_assert_exit(call, code)                                                                           \
    do {                                                                                                     \
        const struct run ended = (call);                                                                     \
        if (ended.exit_code != (code)) {                                                                     \
            SHOW_WHOLE("standard output", ended.out);                                                        \
            SHOW_WHOLE("standard error", ended.err);                                                         \
        }                                                                                                    \
        ck_assert_msg(ended.exit_code == (code),                                                             \
                      "exit code %d%s instead of %d\n--- stdout\n%.1500s\n--- stderr\n%.1500s",              \
                      ended.exit_code, ended.timed_out ? " (took too long)" : "", (code), ended.out,         \
                      ended.err);                                                                            \
    } while (0)

/* That a text is the expected one; shows both. */
#define ck_assert_text(text, expected)                                                                       \
    do {                                                                                                     \
        const char *text_here = (text), *expected_here = (expected);                                         \
        if (strcmp(text_here, expected_here) != 0) {                                                         \
            SHOW_WHOLE("the text", text_here);                                                               \
            SHOW_WHOLE("what it should be", expected_here);                                                  \
        }                                                                                                    \
        ck_assert_msg(strcmp(text_here, expected_here) == 0, "the text is\n%.1500s\ninstead of\n%.1500s",    \
                      text_here, expected_here);                                                             \
    } while (0)

/* That a text has a part, or has it not; shows the text. */
#define ck_assert_contains(text, part)                                                                       \
    do {                                                                                                     \
        const char *text_here = (text), *part_here = (part);                                                 \
        ck_assert_msg(strstr(text_here, part_here) || SHOW_WHOLE("the text", text_here),                     \
                      "there is no '%s' in:\n%.3000s", part_here, text_here);                                \
    } while (0)
#define ck_assert_lacks(text, part)                                                                          \
    do {                                                                                                     \
        const char *text_here = (text), *part_here = (part);                                                 \
        ck_assert_msg(!strstr(text_here, part_here) || SHOW_WHOLE("the text", text_here),                    \
                      "there is '%s' in:\n%.3000s", part_here, text_here);                                   \
    } while (0)

#endif
