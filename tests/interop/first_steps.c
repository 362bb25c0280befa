/*
 * The first steps of a new user, as docs/first-steps.md shows them: typed on a terminal of 60 and of 100 columns, and compared with
 * what is in tests/golden and on the page, line by line. If a change of what is printed is wanted, write the files anew, read the
 * difference, and put that of 100 columns on the page:
 *
 *     GOLDEN=renew tests/run build/dev interop_first_steps && git diff tests/golden
 *
 * The session has a network and processes of its own, so that everything listens where it does on a user's machine, and nothing is
 * left when it ends.
 */
#include <check.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/suite.h"

static const unsigned short widths[] = {60, 100};
enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

static const char *const commands[] = {
    "natsform init shop",
    "cd shop",
    "natsform up",
    "nats pub orders.new 'One cup of tea'",
    "nats consumer next ORDERS processor",
    "natsform down",
};

/* In this order; an empty line would take what is in brackets. */
static const char *const answers[] = {"shop\n", "orders.>\n", "n\n", "n\n"};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]), ANSWERS = sizeof(answers) / sizeof(answers[0]) };

/* What differs from run to run, and what the page has for it. */
static const struct {
    const char *pattern; /* up to and with what differs: its first group stays */
    const char *instead;
} changing[] = {
    {"(, pid )[0-9]+", "5843"},
    {"(nats-server )[0-9]+[.][0-9]+[.][0-9]+", "2.15.1"},
    {"(^|\n)[0-9]{2}:[0-9]{2}:[0-9]{2} Published", "10:15:30 Published"},
    {"(\n\\[)[0-9]{2}:[0-9]{2}:[0-9]{2}\\]", "10:15:42]"},
};

/* ---- the terminal ---- */

struct typing {
    struct strbuf line; /* what stands behind the last newline */
    size_t answered;
};

/* Types the next answer when a question stands there. */
static const char *answer(void *context, pid_t pid, const char *text)
{
    struct typing *typing = context;
    (void)pid;
    for (; *text; text++) {
        if (*text == '\n')
            typing->line.length = 0;
        else
            strbuf_addc(&typing->line, *text);
    }
    size_t length = typing->line.length;
    bool asks = length > 3 && strcmp(strbuf_text(&typing->line) + length - 3, "]: ") == 0;
    if (!asks || typing->answered == ANSWERS)
        return NULL;
    typing->line.length = 0;
    return answers[typing->answered++];
}

/* What stands on the screen in the end: a line that was erased is gone. */
static const char *screen(const char *written)
{
    static const char erase[] = "\r\x1b[K";
    struct strbuf out = {0};
    size_t line = 0; /* where the last one begins */
    for (; *written; written++) {
        if (strncmp(written, erase, sizeof(erase) - 1) == 0) {
            out.length = line;
            written += sizeof(erase) - 2;
        } else {
            strbuf_addc(&out, *written);
            line = *written == '\n' ? out.length : line;
        }
    }
    return strbuf_move(&out, test_arena());
}

static const char *replaced(const char *text, const char *pattern, const char *instead)
{
    regex_t compiled;
    regmatch_t found[2];
    struct strbuf out = {0};
    ck_assert_int_eq(regcomp(&compiled, pattern, REG_EXTENDED), 0);
    for (; regexec(&compiled, text, 2, found, 0) == 0; text += found[0].rm_eo) {
        strbuf_add(&out, text, (size_t)found[1].rm_eo);
        strbuf_adds(&out, instead);
    }
    strbuf_adds(&out, text);
    regfree(&compiled);
    return strbuf_move(&out, test_arena());
}

/* ---- the session ---- */

static const char *const *session_environment(const char *home)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    const char *nats = getenv("NATSFORM_NATS");
    struct arena *arena = test_arena();
    const char **env = ARENA_ARRAY(arena, const char *, 12);
    ck_assert_msg(nats && *nats, "the nats CLI is not there: 'make interop' builds it");
    env[0] = arena_printf(arena, "PATH=%s:%s:%s:%s", path_folder(arena, getenv("NATSFORM")),
                          path_folder(arena, nats), path_folder(arena, server_binary(versions[count - 1])),
                          getenv("PATH"));
    env[1] = "NATSFORM_SERVERS=/nowhere";
    env[2] = arena_printf(arena, "HOME=%s", home);
    env[3] = arena_printf(arena, "XDG_CONFIG_HOME=%s/.config", home);
    env[4] = arena_printf(arena, "XDG_DATA_HOME=%s/.local/share", home);
    env[5] = "TERM=xterm";
    env[6] = "NO_COLOR=1";
    env[7] = "CI"; /* of whoever runs the tests, as the rest */
    env[8] = "COLUMNS";
    env[9] = "NATS_URL";
    env[10] = "NATS_TIMEOUT";
    return env;
}

/* Each command as it is typed behind a prompt, and then what it prints. */
static const char *session_script(const char *directory)
{
    struct strbuf out = {0};
    strbuf_adds(&out, "ip link set lo up || exit\n"
                      "try() { printf '$ %s\\n' \"$1\"; eval \"$1\" || exit; }\n");
    for (size_t i = 0; i < COMMANDS; i++)
        strbuf_addf(&out, "try \"%s\"\n", commands[i]);
    return write_file(directory, "session", strbuf_move(&out, test_arena()));
}

static const char *play(unsigned short columns)
{
    const char *directory = test_directory();
    struct typing typing = {0};
    const char *as_root = geteuid() == 0 ? "" : "--map-root-user ";
    const char *line =
        arena_printf(test_arena(), "exec unshare %s--net --pid --fork --kill-child --mount-proc sh '%s'",
                     as_root, session_script(directory));
    struct run run = run_natsform(&(struct run_options){
        .program = "/bin/sh",
        .arguments = (const char *const[]){"-c", line, NULL},
        .directory = make_directory(directory, "work"),
        .env = session_environment(directory),
        .terminal = true,
        .columns = columns,
        .echoes = true,
        .types = answer,
        .context = &typing,
    });
    ck_assert_exit(run, 0);
    ck_assert_uint_eq(typing.answered, ANSWERS);
    strbuf_release(&typing.line);
    const char *text = screen(run.out);
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
        text = replaced(text, changing[i].pattern, changing[i].instead);
    return text;
}

/* ---- what it is compared with ---- */

static const char *in_tests(const char *path)
{
    return arena_printf(test_arena(), "%s/%s", getenv("NATSFORM_TESTS"), path);
}

static void check_golden(const char *name, const char *text)
{
    const char *renew = getenv("GOLDEN");
    if (renew && strcmp(renew, "renew") == 0)
        write_file(in_tests("golden"), name, text);
    ck_assert_text(text, read_file(in_tests(arena_printf(test_arena(), "golden/%s", name))));
}

/* As it stands on a page. */
static const char *indented(const char *text)
{
    struct strbuf out = {0};
    while (*text) {
        size_t length = strcspn(text, "\n");
        strbuf_addf(&out, "%s%.*s\n", length ? "    " : "", (int)length, text);
        text += length + (text[length] == '\n');
    }
    return strbuf_move(&out, test_arena());
}

START_TEST(first_steps)
{
    const char *name = arena_printf(test_arena(), "first-steps-%u.txt", widths[_i]);
    const char *text = play(widths[_i]);
    check_golden(name, text);
    const char *page = read_file(in_tests("../docs/first-steps.md"));
    if (widths[_i] == 100)
        ck_assert_contains(page, indented(text));
    else
        ck_assert_contains(page, arena_printf(test_arena(), "(../tests/golden/%s)", name));
}
END_TEST

/* However wide the terminal is, no line of natsform's is wider. */
START_TEST(no_line_is_wider)
{
    const char *name = arena_printf(test_arena(), "golden/first-steps-%u.txt", widths[_i]);
    for (const char *line = read_file(in_tests(name)); *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        bool of_the_cli = strstr(line, " subj: ") && strstr(line, " subj: ") < line + length;
        ck_assert_msg(length <= widths[_i] || of_the_cli, "%.*s", (int)length, line);
    }
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = first_steps, .times = WIDTHS},
        {.test = no_line_is_wider, .times = WIDTHS},
    };
    return suite_run("interop_first_steps", tests, sizeof(tests) / sizeof(tests[0]));
}
