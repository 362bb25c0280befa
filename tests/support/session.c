/* Pages as terminal sessions; see session.h. */
#include "support/session.h"

#include <check.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

static const char prompt[] = "$ ", any_lines[] = "…\n";
enum { PROMPT = sizeof(prompt) - 1, INDENT = 4 };

/* What differs from run to run, and what pages have for it. */
static const struct {
    const char *pattern; /* up to and with what differs: its first group stays */
    const char *instead;
} changing[] = {
    {"(Received: )[0-9-]{10} [0-9:]{8}", "2026-12-24 10:15:30"},
    {"( messages? [(][0-9.]+[)], )[0-9]+", "612"},
    {"(natsform[.]revision: )[0-9a-f]{40}", "9f3c1d27a85be4406c7f0a91d2e83b5c64f7a018"},
    {"(revision )[0-9a-f]{40}", "9f3c1d27a85be4406c7f0a91d2e83b5c64f7a018"},
    {"(, pid )[0-9]+", "5843"},
    {"(nats-server )[0-9]+[.][0-9]+[.][0-9]+", "2.15.1"},
    {"(^|\n)[0-9]{2}:[0-9]{2}:[0-9]{2} ", "10:15:30 "},
    {"(\n\\[)[0-9]{2}:[0-9]{2}:[0-9]{2}\\]", "10:15:42]"},
};

/* ---- the page ---- */

/* An indented block, without its indentation. */
struct block {
    const char *text;
    const char *from, *end; /* where it is in the page */
    bool typed;             /* commands with what they print, and no manifest */
};
typedef VEC(struct block) blocks;

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

static bool is_indented(const char *line)
{
    return strncmp(line, "    ", INDENT) == 0;
}

/* Empty lines belong to a block if it goes on behind them. */
static const char *block_end(const char *line)
{
    const char *end = line;
    for (; *line && (*line == '\n' || is_indented(line)); line = next_line(line))
        end = is_indented(line) ? next_line(line) : end;
    return end;
}

static const char *unindented(const char *from, const char *end)
{
    struct strbuf out = {0};
    for (; from < end; from = next_line(from)) {
        const char *line = is_indented(from) ? from + INDENT : from;
        strbuf_add(&out, line, (size_t)(next_line(from) - line));
    }
    return strbuf_move(&out, test_arena());
}

static const char *indented(const char *text)
{
    struct strbuf out = {0};
    for (; *text; text = next_line(text))
        strbuf_addf(&out, "%s%.*s", *text == '\n' ? "" : "    ", (int)(next_line(text) - text), text);
    return strbuf_move(&out, test_arena());
}

static bool is_command(const char *line)
{
    return strncmp(line, prompt, PROMPT) == 0;
}

static const char *in_tests(const char *path)
{
    return format("%s/%s", getenv("NATSFORM_TESTS"), path);
}

static const char *page_path(const struct session *session)
{
    return in_tests(format("../%s", session->page));
}

static blocks page_blocks(const char *page)
{
    blocks found = {0};
    for (const char *line = page; *line; line = next_line(line)) {
        if (!is_indented(line))
            continue;
        struct block block = {.from = line, .end = block_end(line)};
        block.text = unindented(block.from, block.end);
        block.typed = is_command(block.text);
        bool manifest = strncmp(block.text, "project:", strlen("project:")) == 0;
        ck_assert_msg(block.typed || (manifest && !strstr(block.text, "\n$ ")),
                      "neither commands nor a manifest:\n%s", block.text);
        VEC_PUSH(test_arena(), &found, block);
        line = block.end - 1; /* its last newline */
    }
    return found;
}

void session_check_words(const struct session *session)
{
    static const char *const programs[] = {"`nats ", "`natsform ", "`nats\n", "`natsform\n"};
    const char *page = read_file(page_path(session));
    const blocks found = page_blocks(page);
    struct strbuf run = {0};
    for (size_t i = 0; i < found.count; i++)
        for (const char *line = found.items[i].text; *line; line = next_line(line))
            if (found.items[i].typed && is_command(line))
                strbuf_add(&run, line, (size_t)(next_line(line) - line));
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        for (const char *at = strstr(page, programs[i]); at; at = strstr(at + 1, programs[i])) {
            const char *command = arena_strndup(test_arena(), at + 1, strcspn(at + 1, "`"));
            ck_assert_msg(strstr(strbuf_text(&run), command), "the page names '%s', and does not run it",
                          command);
        }
    strbuf_release(&run);
}

/* ---- the terminal ---- */

struct typing {
    const struct session *session;
    const char *home;
    struct strbuf line; /* what stands behind the last newline */
    size_t answered;
    bool watches;
};

static bool ends_with(const struct typing *typing, const char *end)
{
    size_t length = strlen(end), have = typing->line.length;
    return have >= length && strcmp(strbuf_text(&typing->line) + have - length, end) == 0;
}

/* Types the next answer when a question stands there. What goes on until somebody ends it is ended by Ctrl and C. */
static const char *answer(void *context, pid_t pid, const char *text)
{
    struct typing *typing = context;
    const struct session *session = typing->session;
    const char *types = NULL;
    (void)pid;
    for (; *text; text++) {
        if (*text != '\n') {
            strbuf_addc(&typing->line, *text);
            continue;
        }
        if (ends_with(typing, " watching; Ctrl-C ends it")) {
            write_file(typing->home, "watching", "");
            typing->watches = true;
        } else if (typing->watches && session->watched && ends_with(typing, session->watched)) {
            typing->watches = false;
            types = "\x03";
        }
        typing->line.length = 0;
    }
    if (ends_with(typing, "Type 'yes' to go on: ")) {
        typing->line.length = 0;
        return "yes\n";
    }
    if (!ends_with(typing, "]: ") || !session->answers || !session->answers[typing->answered])
        return types;
    typing->line.length = 0;
    return session->answers[typing->answered++];
}

/* What stands on the screen in the end: a line that was erased is gone, and a shell's prompt is on a line of its own. */
static const char *screen(const char *written)
{
    static const char erase[] = "\r\x1b[K", prompt_behind_key[] = "^C$ ";
    struct strbuf out = {0};
    size_t line = 0; /* where the last one begins */
    for (; *written; written++) {
        if (strncmp(written, erase, sizeof(erase) - 1) == 0) {
            out.length = line;
            written += sizeof(erase) - 2;
        } else if (strncmp(written, prompt_behind_key, sizeof(prompt_behind_key) - 1) == 0) {
            strbuf_adds(&out, "^C\n");
            line = out.length;
            written++;
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

const char *const *session_environment(const char *home)
{
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    const char *nats = getenv("NATSFORM_NATS");
    struct arena *arena = test_arena();
    const char **env = ARENA_ARRAY(arena, const char *, 12);
    env[0] = format("PATH=%s:%s%s%s:%s", path_folder(arena, getenv("NATSFORM")),
                    nats && *nats ? path_folder(arena, nats) : "", nats && *nats ? ":" : "",
                    path_folder(arena, server_binary(versions[count - 1])), getenv("PATH"));
    env[1] = format("HOME=%s", home);
    env[2] = format("XDG_CONFIG_HOME=%s/.config", home);
    env[3] = format("XDG_DATA_HOME=%s/.local/share", home);
    env[4] = "TERM=xterm";
    env[5] = "NO_COLOR=1";
    env[6] = "CI"; /* of whoever runs the tests, as the rest */
    env[7] = "COLUMNS";
    env[8] = "NATS_URL";
    env[9] = "NATS_TIMEOUT";
    return env;
}

/* As a word of sh. */
static const char *quoted(const char *text, size_t length)
{
    struct strbuf out = {0};
    strbuf_addc(&out, '\'');
    for (size_t i = 0; i < length; i++)
        strbuf_adds(&out, text[i] == '\'' ? "'\\''" : format("%c", text[i]));
    strbuf_addc(&out, '\'');
    return strbuf_move(&out, test_arena());
}

static const char *session_script(const struct session *session, const char *directory, const blocks *found)
{
    struct strbuf out = {0};
    strbuf_addf(&out, "set -eu\npage=%s\ntrap : INT\n. \"$NATSFORM_TESTS/pages/world.sh\"\n", session->page);
    for (size_t i = 0, manifests = 0; i < found->count; i++) {
        if (!found->items[i].typed)
            strbuf_addf(&out, "manifest_of '%s' %zu >natsform.yaml\n", session->page, ++manifests);
        for (const char *line = found->items[i].text; found->items[i].typed && *line; line = next_line(line))
            if (is_command(line))
                strbuf_addf(&out, "try %s\n", quoted(line + PROMPT, strcspn(line, "\n") - PROMPT));
    }
    return write_file(directory, "session", strbuf_move(&out, test_arena()));
}

const char *session_play(const struct session *session)
{
    const char *directory = test_directory(), *page = read_file(page_path(session));
    struct typing typing = {.session = session, .home = directory};
    const char *as_root = geteuid() == 0 ? "" : "--map-root-user ";
    const blocks found = page_blocks(page);
    const char *nats = getenv("NATSFORM_NATS");
    ck_assert_msg(nats && *nats, "the nats CLI is not there: 'make interop' builds it");
    const char *line = format("exec unshare %s--net --mount --pid --fork --kill-child --mount-proc sh '%s'",
                              as_root, session_script(session, directory, &found));
    struct run run = run_natsform(&(struct run_options){
        .program = "/bin/sh",
        .arguments = (const char *const[]){"-c", line, NULL},
        .directory = make_directory(directory, "work"),
        .env = session_environment(directory),
        .terminal = true,
        .columns = session->columns,
        .echoes = true,
        .types = answer,
        .context = &typing,
    });
    ck_assert_exit(run, 0);
    ck_assert(!session->answers || !session->answers[typing.answered]);
    strbuf_release(&typing.line);
    const char *text = screen(run.out);
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
        text = replaced(text, changing[i].pattern, changing[i].instead);
    return text;
}

/* ---- what is on the page, and what came ---- */

static bool is_line(const char *line, const char *text)
{
    return strncmp(line, text, strlen(text)) == 0;
}

/* Whether all of it is what is shown, where a line "…" stands for any lines but commands. */
static bool is_shown(const char *shown, const char *played)
{
    for (; *shown && !is_line(shown, any_lines); shown = next_line(shown), played = next_line(played)) {
        size_t length = (size_t)(next_line(shown) - shown);
        if (strncmp(shown, played, length) != 0)
            return false;
    }
    if (!*shown)
        return !*played;
    for (shown = next_line(shown); *played && !is_shown(shown, played); played = next_line(played))
        if (is_command(played))
            return false;
    return is_shown(shown, played);
}

/* The end of what the command at the beginning has printed. */
static const char *command_end(const char *line)
{
    do
        line = next_line(line);
    while (*line && !is_command(line));
    return line;
}

/* Of the last command of a block, empty lines do not count. */
static const char *without_blank_end(const char *text)
{
    size_t length = strlen(text);
    while (length > 1 && text[length - 1] == '\n' && text[length - 2] == '\n')
        length--;
    return arena_strndup(test_arena(), text, length);
}

/* The block with what came, wherever that is not what it shows. Returns what was played behind it. */
static const char *block_anew(const struct block *block, const char *played, struct strbuf *out)
{
    for (const char *line = block->text; *line; line = command_end(line)) {
        const char *end = command_end(line), *played_end = command_end(played);
        const char *shown = arena_strndup(test_arena(), line, (size_t)(end - line));
        const char *came = arena_strndup(test_arena(), played, (size_t)(played_end - played));
        ck_assert_msg(strncmp(line, played, (size_t)(next_line(line) - line)) == 0,
                      "instead of the command\n%sthere is\n%s", shown, played);
        if (!*end)
            came = without_blank_end(came);
        strbuf_adds(out, indented(is_shown(shown, came) ? shown : came));
        played = played_end;
    }
    return played;
}

/* The page with what was played. */
static const char *page_anew(const char *page, const char *played)
{
    const blocks found = page_blocks(page);
    struct strbuf out = {0};
    const char *rest = page;
    for (size_t i = 0; i < found.count; i++) {
        const struct block *block = &found.items[i];
        if (!block->typed)
            continue;
        strbuf_add(&out, rest, (size_t)(block->from - rest));
        played = block_anew(block, played, &out);
        rest = block->end;
    }
    ck_assert_msg(!*played, "not on the page: %s", played);
    strbuf_adds(&out, rest);
    return strbuf_move(&out, test_arena());
}

void session_check_page(const struct session *session, const char *played)
{
    const char *path = page_path(session), *page = read_file(path), *anew = page_anew(page, played);
    const char *renew = getenv("GOLDEN");
    if (renew && strcmp(renew, "renew") == 0)
        write_file(path_folder(test_arena(), path), path_name(path), anew);
    ck_assert_text(read_file(path), anew);
}
