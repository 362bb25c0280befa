/*
 * Users and passwords of any bytes: written in a manifest's `servers`, on the way through natsform's configuration and the
 * server's parser they stay what they are, and let their user in.
 */
#include <check.h>
#include <string.h>

#include "base/strbuf.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/suite.h"
#include "support/trip.h"
#include "syntax/json.h"

/* What stands in the manifest; NULL: the same, as a quoted string. */
struct login {
    const char *user;
    const char *password;
    const char *written;
};

static const struct login logins[] = {
    {"plain", "hush-hush", NULL},
    {"double", "a\"b\"", NULL},
    {"single", "it's", NULL},
    {"both", "\"'`", NULL},
    {"dollar", "$HOME", NULL},
    {"braces", "${HOME}", NULL},
    {"prefix", "$2 is no hash", NULL},
    {"backslash", "C:\\x41\\n\\", NULL},
    {"newline", "two\nlines\n", NULL},
    {"return", "a\r\nb", NULL},
    {"tab", "a\tb", NULL},
    {"control", "\x01\x1b[31m\x7f", NULL},
    {"exponent", "1e9", "1e9"},
    {"digits", "1234", "1234"},
    {"zeros", "007", "007"},
    {"suffix", "4k", "4k"},
    {"mixed", "4e2x9", "4e2x9"},
    {"fraction", "1.50", "1.50"},
    {"yes", "yes", "yes"},
    {"true", "true", "true"},
    {"off", "off", "off"},
    {"date", "2024-01-01", "2024-01-01"},
    {"hash", "#no comment", NULL},
    {"slashes", "//no comment", NULL},
    {"block", "(\nno block\n)\n", NULL},
    {"closing", "}]); port: 1", NULL},
    {"include", "include other.conf", NULL},
    {"blanks", "  around  ", NULL},
    {"umlaut", "Grüße, 世界 🔑", NULL},
    {"url", "a:b@c/d?e%41", NULL},
    {"comma", "a,b;c", NULL},
    {"minus", "-x", NULL},
    {"null", "null", "'null'"},
    {"us er", "in a name", NULL},
    {"it's \"$me\"\\", "in a name", NULL},
    {"1e9", "in a name", "in a name"},
    {"bcrypt", "hush", "'$$2a$$04$$abcdefghijklmnopqrstuuppZFpU9n.F.R29ic//YRPBUgRHbgy9m'"},
    {"bcrypt b", "hush", "'$$2b$$04$$abcdefghijklmnopqrstuuppZFpU9n.F.R29ic//YRPBUgRHbgy9m'"},
    {"bcrypt y", "hush", "'$$2y$$04$$abcdefghijklmnopqrstuuppZFpU9n.F.R29ic//YRPBUgRHbgy9m'"},
    {"no bcrypt", "$2z$04$abcdefghijklmnopqrstuuppZFpU9n.F.R29ic//YRPBUgRHbgy9m", NULL},
    {"no cost", "$2a$4$abcdefghijklmnopqrstuuppZFpU9n.F.R29ic//YRPBUgRHbgy9m", NULL},
};

enum { LOGINS = sizeof(logins) / sizeof(logins[0]) };

/* A quoted string of YAML; `$` is what variables begin with. */
static void add_quoted(struct strbuf *out, const char *text)
{
    struct strbuf json = {0};
    json_write(&json, node_scalar(test_arena(), text, true), false);
    for (const char *byte = strbuf_text(&json); *byte; byte++)
        if (*byte == '$' || *byte == '\x7f')
            strbuf_adds(out, *byte == '$' ? "$$" : "\\x7F");
        else
            strbuf_addc(out, *byte);
    strbuf_release(&json);
}

static const char *write_manifest(void)
{
    struct strbuf text = {0};
    strbuf_addf(
        &text,
        "servers:\n  dev:\n    jetstream: false\n    http: 127.0.0.1:%d\n    authorization:\n      users:\n",
        free_port());
    for (size_t i = 0; i < LOGINS; i++) {
        strbuf_adds(&text, "        - user: ");
        add_quoted(&text, logins[i].user);
        strbuf_adds(&text, "\n          password: ");
        if (logins[i].written)
            strbuf_adds(&text, logins[i].written);
        else
            add_quoted(&text, logins[i].password);
        strbuf_adds(&text, "\n");
    }
    strbuf_adds(&text, "streams: {S: {subjects: [s]}}\n");
    const char *path = manifest(strbuf_text(&text));
    strbuf_release(&text);
    return path;
}

/* What 'generate' writes for the server. */
static const char *generate(const char *path)
{
    const char *folder = make_directory(test_directory(), "out");
    struct run run = RUN("generate", "conf", "-f", path, "--out", folder);
    ck_assert_exit(run, 0);
    return read_file(arena_printf(test_arena(), "%s/conf/dev.conf", folder));
}

START_TEST(let_in)
{
    const char *path = write_manifest();
    const char *config = generate(path);
    struct server_fixture *server = fixture_start_with(
        &(struct fixture_options){.version = version_at(_i), .config = config, .login = "plain:hush-hush"});
    for (size_t i = 0; i < LOGINS; i++) {
        const char *user = logins[i].user;
        struct run run =
            RUN("plan", "-f", path, "-s", server->url, "--user", user, "--password", logins[i].password);
        ck_assert_msg(run.exit_code == 0, "%s is kept out: %s", user, run.err);
        run = RUN("plan", "-f", path, "-s", server->url, "--user", user, "--password",
                  arena_printf(test_arena(), "%s!", logins[i].password));
        ck_assert_msg(run.exit_code == 69, "%s is let in with another password: %s", user, run.out);
    }
    fixture_stop(server);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {{.test = let_in, .each_version = true}};
    return suite_run("logins", tests, sizeof(tests) / sizeof(tests[0]));
}
