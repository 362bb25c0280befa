/*
 * Plays tests/scenarios/\*.test against each server version: manifests, what the server holds, arguments, and what
 * a person then sees. tests/scenarios/README.md tells how to write one. Below are the few stories that need
 * other programs: the shells for completion scripts, a formatter for man pages.
 *
 * The servers are started once for all scenarios and emptied before each; one with a configuration of its own
 * gets a server of its own.
 */
#include <check.h>
#include <dirent.h>
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scenario.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "syntax/json.h"
#include "view/version.h"

enum { SERVERS_MOST = 8 };

struct play {
    const struct scenario *scenario;
    const char *version; /* NULL: without a server */
};

static struct {
    VEC(struct play) list;
} plays;

static struct server_fixture *servers[SERVERS_MOST];

/* One play as it goes on. */
struct stage {
    const struct play *play;
    struct server_fixture *server;
    const char *directory;
    const char *folder; /* where commands run: the directory, or below it */
    struct {
        VEC(const char *) list;
    } environment;
    struct strbuf problems; /* all of them are told at the end */
    struct run last;
};

/* ---- words ---- */

static void replace(struct strbuf *out, const char *text, const char *name, const char *value)
{
    const char *found = NULL;
    strbuf_reset(out);
    while ((found = strstr(text, name))) {
        strbuf_add(out, text, (size_t)(found - text));
        strbuf_adds(out, value);
        text = found + strlen(name);
    }
    strbuf_adds(out, text);
}

/* $ACCOUNT(NAME) is how a plan names the account, where the server tells it: from 2.10 on. */
static const char *expand_accounts(const struct stage *stage, const char *text)
{
    static const char begin[] = "$ACCOUNT(";
    const char *out = "", *at = NULL;
    bool told = stage->server && strncmp(stage->server->version, "2.9.", 4) != 0;
    for (; (at = strstr(text, begin)); text = at + strcspn(at, ")") + 1) {
        const char *name = at + strlen(begin);
        out = arena_printf(test_arena(), "%s%.*s%s%.*s", out, (int)(at - text), text,
                           told ? ", account " : "", told ? (int)strcspn(name, ")") : 0, name);
    }
    return arena_printf(test_arena(), "%s%s", out, text);
}

/* $URL, $PORT, $DIR, $VERSION, $OWN_VERSION and $LIBRARY_VERSION stand for what differs from run to run. */
static const char *expand(const struct stage *stage, const char *text)
{
    const struct server_fixture *server = stage->server;
    const struct {
        const char *name;
        const char *value;
    } names[] = {
        {"$URL", server ? server->url : "nats://127.0.0.1:1"},
        {"$PORT", server ? arena_printf(test_arena(), "%d", server->port) : "1"},
        {"$DIR", stage->directory},
        {"$VERSION", server ? server->version : ""},
        {"$OWN_VERSION", NATSFORM_VERSION},
        {"$LIBRARY_VERSION", nats_GetVersion()},
    };
    struct strbuf out = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        replace(&out, text, names[i].name, names[i].value);
        text = arena_strdup(test_arena(), strbuf_text(&out));
    }
    strbuf_release(&out);
    return expand_accounts(stage, text);
}

/* Words as a shell would split them: blanks between, single quotes around. */
static const char *const *words_of(const char *text)
{
    struct {
        VEC(const char *) list;
    } words = {0};
    while (*(text += strspn(text, " "))) {
        bool quoted = *text == '\'';
        size_t length = strcspn(text + quoted, quoted ? "'" : " ");
        VEC_PUSH(test_arena(), &words.list, arena_strndup(test_arena(), text + quoted, length));
        text += length + 2 * (size_t)quoted;
    }
    VEC_PUSH(test_arena(), &words.list, NULL);
    return words.list.items;
}

/* How long is the name of a backup's folder at the beginning of the text, such as 20261224T180000Z-2? 0: there is none. */
static size_t time_length(const char *text)
{
    static const char form[] = "########T######Z";
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '#' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return 0;
    size_t length = sizeof(form) - 1;
    return length + (text[length] == '-' ? 1 + strspn(text + length + 1, "0123456789") : 0);
}

/* The word that -o github makes up, between colons. */
static size_t word_length(const char *text)
{
    static const char begins[] = "::natsform-", stops[] = "::stop-commands::natsform-";
    const char *begin = strncmp(text, begins, strlen(begins)) == 0 ? begins : stops;
    size_t length = strlen(begin);
    return strncmp(text, begin, length) == 0 ? length + strspn(text + length, "0123456789abcdef") : 0;
}

/* Control bytes of an output, made visible; and times, as $TIME, if that is what is expected. */
static const char *visible(const char *text, bool times)
{
    struct strbuf out = {0};
    for (; *text; text++)
        if (word_length(text)) {
            strbuf_adds(&out, text[2] == 's' ? "::stop-commands::$WORD" : "::$WORD");
            text += word_length(text) - 1;
        } else if (times && time_length(text)) {
            strbuf_adds(&out, "$TIME");
            text += time_length(text) - 1;
        } else if (*text == '\033')
            strbuf_adds(&out, "<ESC>");
        else if ((unsigned char)*text < 0x20 && *text != '\n')
            strbuf_addf(&out, "<%02x>", (unsigned)*text);
        else
            strbuf_addc(&out, *text);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}

static bool is_progress(const char *line)
{
    return strncmp(line, "done: ", 6) == 0 || strncmp(line, "failed: ", 8) == 0;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Steps end in whatever order the server answers in: each run of progress lines is sorted. */
static const char *settled(const char *text)
{
    struct strbuf out = {0};
    while (*text) {
        struct {
            VEC(const char *) list;
        } block = {0};
        do {
            size_t length = strcspn(text, "\n");
            VEC_PUSH(test_arena(), &block.list, arena_strndup(test_arena(), text, length));
            text += length + (text[length] == '\n');
        } while (is_progress(block.list.items[0]) && is_progress(text));
        qsort(block.list.items, block.list.count, sizeof(block.list.items[0]), compare_lines);
        for (size_t i = 0; i < block.list.count; i++)
            strbuf_addf(&out, "%s\n", block.list.items[i]);
    }
    while (out.length > 1 && out.text[out.length - 2] == '\n')
        out.text[--out.length] = '\0';
    const char *copy = out.length == 1 ? "" : arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}

/* ---- problems ---- */

static void complain(struct stage *stage, int line, const char *what, const char *expected,
                     const char *actual)
{
    strbuf_addf(&stage->problems, "%s:%d: %s on %s\n--- expected\n%s--- actual\n%s--- end\n",
                stage->play->scenario->name, line, what,
                stage->play->version ? stage->play->version : "no server", expected, actual);
}

/* Each line of `parts` stands in the text, or does not where it begins with '!'. */
static bool has_parts(const char *text, const char *parts)
{
    for (; *parts; parts += strcspn(parts, "\n") + 1) {
        bool lacks = *parts == '!';
        const char *part = arena_strndup(test_arena(), parts + lacks, strcspn(parts, "\n") - lacks);
        if ((strstr(text, part) != NULL) == lacks)
            return false;
    }
    return true;
}

/* ---- the server's side ---- */

static const char *api_request(const struct stage *stage, const struct section *section)
{
    const char *reply =
        raw_request(stage->server, expand(stage, section->rest), expand(stage, section->text));
    return reply ? reply : "(no reply)";
}

static void play_request(struct stage *stage, const struct section *section)
{
    const char *reply = api_request(stage, section);
    if (*reply != '{' || strstr(reply, "\"error\""))
        complain(stage, section->line, "the request failed", "", arena_printf(test_arena(), "%s\n", reply));
}

/* "== publish SUBJECT [COUNT [SIZE]]". What went wrong before is said first: it may be why there is nobody to publish to. */
static void play_publish(struct stage *stage, const struct section *section)
{
    fputs(strbuf_text(&stage->problems), stderr);
    ck_assert_msg(stage->problems.length == 0, "%s went otherwise on %s before line %d",
                  stage->play->scenario->name, stage->play->version, section->line);
    const char *const *words = words_of(section->rest);
    long count = words[1] ? strtol(words[1], NULL, 10) : 1;
    long size = words[1] && words[2] ? strtol(words[2], NULL, 10) : 5;
    char *text = ARENA_ARRAY(test_arena(), char, (size_t)size + 1);
    memset(text, 'x', (size_t)size);
    for (long i = 0; i < count; i++)
        raw_publish(stage->server, words[0], text);
}

/* "== consume STREAM.CONSUMER [COUNT]" */
static void play_consume(struct stage *stage, const struct section *section)
{
    const char *const *words = words_of(section->rest);
    long count = words[1] ? strtol(words[1], NULL, 10) : 1;
    for (long i = 0; i < count; i++)
        raw_consume(stage->server, words[0]);
}

/* Some of what changes does so a little later: the reply has to get there. */
static void play_state(struct stage *stage, const struct section *section)
{
    const struct section question = {.rest = section->rest, .text = ""};
    const char *reply = api_request(stage, &question);
    for (struct patience patience = {0}; !has_parts(reply, section->text) && patience_lasts(&patience);)
        reply = api_request(stage, &question);
    if (!has_parts(reply, section->text))
        complain(stage, section->line, "state", section->text, arena_printf(test_arena(), "%s\n", reply));
}

/* ---- the program ---- */

/* The section about a run that counts for this version: one that names versions before one that does not. */
static const struct section *about(const struct stage *stage, size_t from, size_t to, const char *word)
{
    const struct section *best = NULL;
    for (size_t i = from; i < to; i++) {
        const struct section *section = &stage->play->scenario->sections.items[i];
        if (strcmp(section->word, word) == 0 && (!best || section->versions))
            best = scenario_counts(section->versions, stage->play->version) ? section : best;
    }
    return best;
}

/* "NAME=value" sets, "NAME" unsets; the last word on a name counts. */
static void set_variable(struct stage *stage, const char *setting)
{
    for (size_t i = 0; i < stage->environment.list.count; i++) {
        const char *other = stage->environment.list.items[i];
        size_t length = strcspn(other, "=");
        if (strcspn(setting, "=") == length && strncmp(other, setting, length) == 0) {
            stage->environment.list.items[i] = setting;
            return;
        }
    }
    VEC_PUSH(test_arena(), &stage->environment.list, setting);
}

static void add_environment(struct stage *stage, const char *lines)
{
    for (; *lines; lines += strcspn(lines, "\n") + 1)
        set_variable(stage, expand(stage, arena_strndup(test_arena(), lines, strcspn(lines, "\n"))));
}

static const char *const *environment_of(struct stage *stage)
{
    VEC_PUSH(test_arena(), &stage->environment.list, NULL);
    stage->environment.list.count--;
    return stage->environment.list.items;
}

/* An output that no section tells of has to be empty. */
static void check_output(struct stage *stage, size_t run, size_t end, const char *what, const char *actual)
{
    const struct section *section = about(stage, run + 1, end, what);
    const char *expected = section ? expand(stage, section->text) : "";
    bool parts = section && strcmp(section->rest, "has") == 0;
    int line = stage->play->scenario->sections.items[run].line;
    actual = settled(visible(actual, strstr(expected, "$TIME") != NULL));
    if (parts ? !has_parts(actual, expected) : strcmp(settled(expected), actual) != 0)
        complain(stage, section ? section->line : line,
                 arena_printf(test_arena(), "%s of line %d", what, line), expected, actual);
}

static void play_run(struct stage *stage, size_t at, size_t end, bool terminal)
{
    const struct section *run = &stage->play->scenario->sections.items[at];
    const struct section *input = about(stage, at + 1, end, terminal ? "type" : "input");
    const struct section *exit_code = about(stage, at + 1, end, "exit");
    const char *text = input ? expand(stage, input->text) : "";
    stage->last = run_natsform(&(struct run_options){
        .arguments = words_of(expand(stage, run->rest)),
        .input = terminal && input && !text[0] ? "\004" : text, /* nothing typed is the key that ends it */
        .env = environment_of(stage),
        .directory = stage->folder,
        .terminal = terminal,
    });
    int expected = exit_code ? (int)strtol(exit_code->rest, NULL, 10) : 0;
    if (stage->last.exit_code != expected)
        complain(stage, exit_code ? exit_code->line : run->line, "exit",
                 arena_printf(test_arena(), "%d\n", expected),
                 arena_printf(test_arena(), "%d\n", stage->last.exit_code));
    check_output(stage, at, end, terminal ? "screen" : "stdout", stage->last.out);
    if (!terminal)
        check_output(stage, at, end, "stderr", stage->last.err);
}

/* ---- a whole play ---- */

static bool is_about_run(const char *word)
{
    static const char *const words[] = {"input", "type", "stdout", "stderr", "screen", "exit"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static size_t end_of_run(const struct scenario *scenario, size_t at)
{
    do
        at++;
    while (at < scenario->sections.count && is_about_run(scenario->sections.items[at].word));
    return at;
}

static void write_path(struct stage *stage, const struct section *section)
{
    const char *path = section->rest;
    const char *slash = strrchr(path, '/');
    if (slash)
        make_directory(stage->directory, arena_strndup(test_arena(), path, (size_t)(slash - path)));
    write_file(stage->directory, path, expand(stage, section->text));
}

static void play_section(struct stage *stage, size_t at)
{
    const struct scenario *scenario = stage->play->scenario;
    const struct section *section = &scenario->sections.items[at];
    const char *word = section->word;
    if (strcmp(word, "file") == 0)
        write_path(stage, section);
    else if (strcmp(word, "shell") == 0)
        run_shell(stage->folder, expand(stage, section->text));
    else if (strcmp(word, "cd") == 0)
        stage->folder = arena_printf(test_arena(), "%s/%s", stage->directory, section->rest);
    else if (strcmp(word, "env") == 0)
        add_environment(stage, section->text);
    else if (strcmp(word, "request") == 0)
        play_request(stage, section);
    else if (strcmp(word, "publish") == 0)
        play_publish(stage, section);
    else if (strcmp(word, "consume") == 0)
        play_consume(stage, section);
    else if (strcmp(word, "state") == 0)
        play_state(stage, section);
    else if (strcmp(word, "run") == 0)
        play_run(stage, at, end_of_run(scenario, at), false);
    else if (strcmp(word, "terminal") == 0)
        play_run(stage, at, end_of_run(scenario, at), true);
    else
        ck_assert_msg(is_about_run(word) || strcmp(word, "on") == 0 || strcmp(word, "server") == 0 ||
                          strcmp(word, "#") == 0,
                      "%s:%d: nobody knows '%s'", scenario->name, section->line, word);
}

static const struct section *find(const struct scenario *scenario, const char *word)
{
    for (size_t i = 0; i < scenario->sections.count; i++)
        if (strcmp(scenario->sections.items[i].word, word) == 0)
            return &scenario->sections.items[i];
    return NULL;
}

static void empty(const struct server_fixture *server)
{
    struct arena arena = {0};
    struct diags faults = {0};
    const char *reply = raw_request(server, "$JS.API.STREAM.NAMES", "");
    ck_assert_msg(reply != NULL, "the server does not answer");
    const struct node *names = node_get(json_read(&arena, reply, strlen(reply), NULL, &faults), "streams");
    for (size_t i = 0; names && names->type == NODE_LIST && i < names->count; i++)
        raw_request(server, arena_printf(&arena, "$JS.API.STREAM.DELETE.%s", names->items[i]->text), "");
    diags_release(&faults);
    arena_release(&arena);
}

/* "== server [no_jetstream] [login=USER:PASSWORD]" with the configuration below. */
static struct server_fixture *own_server(const struct section *section, const char *version)
{
    const char *login = strstr(section->rest, "login=");
    return fixture_start_with(&(struct fixture_options){
        .version = version,
        .config = section->text[0] ? section->text : NULL,
        .login = login ? login + strlen("login=") : NULL,
        .no_jetstream = strstr(section->rest, "no_jetstream") != NULL,
    });
}

static struct server_fixture *shared_server(const char *version)
{
    for (size_t i = 0; i < SERVERS_MOST && servers[i]; i++)
        if (strcmp(servers[i]->version, version) == 0)
            return servers[i];
    ck_abort_msg("nats-server %s is not running", version);
    return NULL;
}

START_TEST(story)
{
    static const char neutral[] =
        "HOME=$DIR\nXDG_CONFIG_HOME=$DIR/config\nTERM=xterm\nNO_COLOR\nCI\nNATS_CREDS\n"
        "GIT_DIR\nGIT_WORK_TREE\nNATS_USER\nNATS_PASSWORD\nNATS_TOKEN\nNATS_NKEY\nNATS_CONTEXT\nNATS_TIMEOUT\n"
        "NATS_URL=$URL\nNATSFORM_BACKUP_DIR=backups\n";
    const struct play *play = &plays.list.items[_i];
    const struct section *own = find(play->scenario, "server");
    struct stage stage = {.play = play, .directory = test_directory()};
    stage.folder = stage.directory;
    if (play->version && own) {
        stage.server = own_server(own, play->version);
    } else if (play->version) {
        stage.server = shared_server(play->version);
        empty(stage.server);
    }
    add_environment(&stage, neutral);
    for (size_t i = 0; i < play->scenario->sections.count; i++)
        if (!play->version || scenario_counts(play->scenario->sections.items[i].versions, play->version))
            play_section(&stage, i);
    fputs(strbuf_text(&stage.problems), stderr); /* Check has no room for all of it */
    ck_assert_msg(stage.problems.length == 0, "%s went otherwise on %s", play->scenario->name,
                  play->version ? play->version : "no server");
    if (own && stage.server)
        fixture_stop(stage.server);
}
END_TEST

/* ---- other programs ---- */

/* Runs a shell command in which $NATSFORM is the program under test; its status, or -1 when it is not there. */
static int shell(const char *program, const char *command, const char **ret_said)
{
    const char *directory = test_directory();
    const char *line =
        arena_printf(test_arena(), "command -v %s >/dev/null || exit 77; %s", program, command);
    const char *script = write_file(directory, "script", line);
    int status = system(arena_printf(test_arena(), "/bin/sh %s >%s/said 2>&1", script, directory));
    *ret_said = read_file(arena_printf(test_arena(), "%s/said", directory));
    ck_assert_msg(WIFEXITED(status), "%s was killed", program);
    return WEXITSTATUS(status) == 77 ? -1 : WEXITSTATUS(status);
}

static const struct {
    const char *program;
    const char *command; /* has to succeed and to say nothing */
} outside[] = {
    {"bash", "\"$NATSFORM\" completion bash >c && bash -n c"},
    {"bash", "\"$NATSFORM_TESTS\"/completion bash"},
    {"zsh", "\"$NATSFORM_TESTS\"/completion zsh"},
    {"fish", "\"$NATSFORM_TESTS\"/completion fish"},
    {"zsh", "\"$NATSFORM\" completion zsh >c && zsh -n c"},
    {"fish", "\"$NATSFORM\" completion fish >c && fish -n c"},
    {"mandoc",
     "for c in '' natsform.yaml $(\"$NATSFORM\" help | awk '/^  [a-z]/ {print $1}'); do "
     "\"$NATSFORM\" man $c >page && mandoc -Tlint -Wwarning page; done | { grep -v 'missing date' || :; }"},
    {"groff", "for c in '' natsform.yaml $(\"$NATSFORM\" help | awk '/^  [a-z]/ {print $1}'); do "
              "\"$NATSFORM\" man $c >page && groff -man -Tutf8 -ww page >/dev/null; done"},
    {"sh", "[ ! -e /dev/full ] || { \"$NATSFORM\" explain >/dev/full 2>e; [ $? = 1 ] && "
           "[ \"$(cat e)\" = 'natsform: cannot write to standard output' ]; }"},
    {"diff",
     "\"$NATSFORM\" schema >schema && diff \"$NATSFORM_TESTS\"/../schemas/natsform.schema.json schema"},
    {"diff", "\"$NATSFORM\" explain codes >codes && diff \"$NATSFORM_TESTS\"/../docs/codes.md codes"},
};

START_TEST(other_programs_agree)
{
    const char *said = "";
    const char *command =
        arena_printf(test_arena(), "cd %s && { %s; }", test_directory(), outside[_i].command);
    int status = shell(outside[_i].program, command, &said);
    ck_assert_msg(status <= 0 && !said[0], "%s: %s", outside[_i].command, said);
}
END_TEST

/* ---- all of it ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *const *scenario_files(size_t *ret_count)
{
    const char *tests = getenv("NATSFORM_TESTS");
    const char *path = arena_printf(test_arena(), "%s/scenarios", tests ? tests : "tests");
    DIR *directory = opendir(path);
    const struct dirent *entry = NULL;
    struct {
        VEC(const char *) list;
    } files = {0};
    while (directory && (entry = readdir(directory))) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot && strcmp(dot, ".test") == 0)
            VEC_PUSH(test_arena(), &files.list, arena_printf(test_arena(), "%s/%s", path, entry->d_name));
    }
    if (directory)
        closedir(directory);
    if (files.list.count)
        qsort(files.list.items, files.list.count, sizeof(files.list.items[0]), by_name);
    *ret_count = files.list.count;
    return files.list.items;
}

/* "== on 2.10+", "== on none"; every version when it does not say. */
static void add_plays(const struct scenario *scenario)
{
    const struct section *on = find(scenario, "on");
    size_t count = 0;
    const char *const *versions = server_versions(&count);
    if (on && strcmp(on->rest, "none") == 0) {
        if (suite_has_rest())
            VEC_PUSH(test_arena(), &plays.list, (struct play){.scenario = scenario});
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (suite_has_version(i) && (!on || scenario_counts(on->versions, versions[i])))
            VEC_PUSH(test_arena(), &plays.list,
                     ((struct play){.scenario = scenario, .version = versions[i]}));
}

static bool is_wanted(const char *path, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strstr(path, argv[i]))
            return true;
    return argc == 1;
}

static void start_servers(void)
{
    size_t count = 0, started = 0;
    const char *const *versions = server_versions(&count);
    /* Ready once they greet: what runs here must not use nats.c, as the tests are forked from it. */
    for (size_t i = 0; i < count && i < SERVERS_MOST; i++)
        if (suite_has_version(i))
            servers[started++] =
                fixture_start_with(&(struct fixture_options){.version = versions[i], .greets_only = true});
}

static void stop_servers(void)
{
    for (size_t i = 0; i < SERVERS_MOST && servers[i]; i++)
        fixture_stop(servers[i]);
}

/* Arguments are parts of names: only those scenarios are played. */
int main(int argc, char **argv)
{
    Suite *suite = suite_create("scenarios");
    TCase *tests = tcase_create("scenarios");
    size_t count = 0;
    const char *const *files = scenario_files(&count);
    for (size_t i = 0; i < count; i++)
        if (is_wanted(files[i], argc, argv))
            add_plays(scenario_read(files[i]));
    tcase_add_unchecked_fixture(tests, start_servers, stop_servers);
    tcase_add_loop_test(tests, story, 0, (int)plays.list.count);
    if (argc == 1 && suite_has_rest())
        tcase_add_loop_test(tests, other_programs_agree, 0, (int)(sizeof(outside) / sizeof(outside[0])));
    suite_add_tcase(suite, tests);
    return suite_run_made(suite);
}
