/*
 * Manifests from Git servers: by https and by ssh the same comes as from a folder; whatever is wrong with a server is said within the deadline, and leaves
 * nothing behind that the next fetch stumbles over.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "field/field.h"
#include "support/gitd.h"
#include "support/history.h"
#include "support/patience.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"
#include "support/trip.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

enum { ARGUMENTS_MOST = 12, ENV_MOST = 12 };

struct place {
    const char *directory;
    struct gitd *gitd;
    const char *extra; /* one more variable; NULL: none */
};

static struct place place_new(bool history)
{
    struct place place = {.directory = test_directory()};
    if (history)
        history_make(place.directory);
    else
        run_shell(place.directory,
                  "git init -q --bare shop.git && git clone -q shop.git made 2>&1 && cd made && "
                  "echo 'streams: {A: {subjects: [a]}}' >natsform.yaml && git add . && "
                  "git commit -qm one && git push -q origin HEAD:main && cd .. && rm -rf made");
    place.gitd = gitd_start(place.directory);
    return place;
}

static struct run run_at(const struct place *place, const char *const *arguments)
{
    const char *env[ENV_MOST] = {0};
    size_t count = 0;
    for (; place->gitd->env[count]; count++)
        env[count] = place->gitd->env[count];
    env[count] = place->extra;
    return run_natsform(&(struct run_options){
        .arguments = arguments, .env = env, .directory = make_directory(place->directory, "elsewhere")});
}

#define RUN_AT(place, ...) run_at((place), (const char *const[]){__VA_ARGS__, NULL})

static const char *url(const struct place *place, const char *way, const char *path)
{
    if (strcmp(way, "file") == 0)
        return format("file://%s%s", place->directory, path);
    bool is_ssh = strcmp(way, "ssh") == 0 || strcmp(way, "imposter") == 0;
    return format("%s:%d%s", is_ssh ? "ssh://127.0.0.1" : "https://localhost", gitd_port(place->gitd, way),
                  path);
}

/* ---- the same, whichever way ---- */

static const char *const ways[] = {"file", "https", "ssh"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]), LANES = 4 };

/* Names are fetched anew each time. Ids of commits are not, once they are here: so there is time for all pairs. */
static const char *id_of(const struct place *place, int commit)
{
    run_shell(place->directory, format("git -C shop.git rev-parse c%d >id%d", commit, commit));
    char *id = arena_strdup(test_arena(), read_file(format("%s/id%d", place->directory, commit)));
    id[strcspn(id, "\n")] = '\0';
    return id;
}

/* The ways share the pairs, but for those of a commit and the next one. */
static void compare_pair(const struct place *place, const char *range, size_t number, bool in_all_ways)
{
    struct run here =
        run_natsform(&(struct run_options){.arguments = (const char *const[]){"diff", range, NULL},
                                           .env = (const char *const[]){"GIT_DIR", NULL},
                                           .directory = format("%s/shop.git", place->directory)});
    for (size_t i = 0; i < WAYS; i++) {
        if (!in_all_ways && !suite_takes(number, i, WAYS))
            continue;
        struct run there = RUN_AT(place, "diff", range, "--repo", url(place, ways[i], "/shop.git"));
        ck_assert_exit(there, here.exit_code);
        ck_assert_text(there.out, here.out);
        ck_assert_str_eq(there.err, here.err);
    }
}

START_TEST(every_pair)
{
    struct place place = place_new(true);
    const char *ids[HISTORY_COMMITS];
    for (int i = 0; i < HISTORY_COMMITS; i++)
        ids[i] = id_of(&place, i);
    for (size_t i = 0; i < WAYS; i++)
        ck_assert_exit(RUN_AT(&place, "validate", "--repo", url(&place, ways[i], "/shop.git")), 0);
    for (int i = _i; i < HISTORY_COMMITS; i += LANES)
        for (int j = 0; j < HISTORY_COMMITS; j++)
            compare_pair(&place, j == i + 1 ? format("c%d..c%d", i, j) : format("%s..%s", ids[i], ids[j]),
                         (size_t)(i + j), j == i + 1);
}
END_TEST

/* ---- plan, apply, a saved plan ---- */

START_TEST(from_plan_to_apply)
{
    struct place place = place_new(true);
    struct server_fixture *server = fixture_start(version_at(_i), NULL);
    const char *repository = url(&place, "ssh", "/shop.git");
    const char *file = format("%s/plan", place.directory);
    struct run planned = RUN_AT(&place, "plan", "-s", server->url, "--repo", repository, "-f",
                                "c1:natsform.yaml", "--out", file);
    ck_assert_exit(planned, 0);
    ck_assert_exit(RUN_AT(&place, "apply", "-s", server->url, file), 0);
    ck_assert_exit(RUN_AT(&place, "plan", "-s", server->url, "--repo", url(&place, "https", "/shop.git"),
                          "-f", "c1:", "--detailed-exitcode"),
                   0);
    /* main is c19, which has other streams. */
    ck_assert_exit(RUN_AT(&place, "plan", "-s", server->url, "--repo", repository, "--detailed-exitcode"), 2);
    const char *info = raw_request(server, "$JS.API.STREAM.INFO.ORDERS", "");
    uint32_t version = 0;
    version_parse(server->version, &version);
    if (version >= VERSION(2, 10, 0))
        ck_assert_contains(info, format("\"natsform.revision\":\"%s\"", id_of(&place, 1)));
}
END_TEST

/* ---- logins ---- */

START_TEST(logins)
{
    struct place place = place_new(false);
    const char *repository = url(&place, "https", "/private/shop.git");
    struct run run = RUN_AT(&place, "validate", "--repo", repository);
    ck_assert_exit(run, 69);
    ck_assert_contains(run.err,
                       "a login is wanted there, and there is none [remote]\nhint: a token comes from "
                       "NATSFORM_GIT_TOKEN");
    static const char *const taken[] = {"NATSFORM_GIT_TOKEN=let-me-in", "GITHUB_TOKEN=let-me-in"};
    place.extra = taken[0];
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository), 0);
    /* A pipeline's own token is for its own platform alone. */
    place.extra = taken[1];
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository), 69);
    place.extra = "NATSFORM_GIT_TOKEN=guessed";
    run = RUN_AT(&place, "validate", "--repo", repository);
    ck_assert_exit(run, 69);
    ck_assert_contains(run.err, "the token in NATSFORM_GIT_TOKEN is not taken there");
    ck_assert_lacks(run.err, "guessed");
    place.extra = NULL;
    const char *with_login =
        format("https://me:let-me-in@localhost:%d/private/shop.git", gitd_port(place.gitd, "https"));
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", with_login), 0);
    /* It is not kept, nor shown. */
    run_shell(place.directory, "! grep -r let-me-in cache");
    const char *plan = format("%s/plan", place.directory);
    struct server_fixture *server = fixture_start(version_at(0), NULL);
    ck_assert_exit(RUN_AT(&place, "plan", "-s", server->url, "--repo", with_login, "--out", plan), 0);
    ck_assert_lacks(read_file(plan), "let-me-in");
    ck_assert_contains(read_file(plan), format("\"repo\": \"%s\"", repository));
    run = RUN_AT(&place, "validate", "--repo",
                 format("https://me:guessed@localhost:%d/private/shop.git", gitd_port(place.gitd, "https")));
    ck_assert_exit(run, 69);
    ck_assert_lacks(run.err, "guessed");
}
END_TEST

/* The name is known to the proxy alone. */
START_TEST(by_a_proxy)
{
    struct place place = place_new(false);
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", "https://git.test/shop.git"), 69);
    place.extra = format("https_proxy=http://127.0.0.1:%d", gitd_port(place.gitd, "proxy"));
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", "https://git.test/shop.git"), 0);
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", "https://other.test/shop.git"), 69);
}
END_TEST

/* ---- what is wrong ---- */

static const struct fault {
    const char *way, *path;
    const char *expected; /* is said of it */
} faults[] = {
    {"silent", "/shop.git",
     "nothing came for 1000 ms [remote]\nhint: '--timeout' says how long it may take\n"},
    {"https", "/hang/shop.git", "nothing came for 1000 ms [remote]\n"},
    {"https", "/stall/shop.git", " 1000 ms [remote]\n"},
    {"https", "/length/shop.git", " 1000 ms [remote]\n"},
    {"ssh", "/hang/shop.git", "nothing came for 1000 ms [remote]\n"},
    {"https", "/cut/shop.git", " [remote]\n"},
    {"https", "/garbage/shop.git", "what the server answers is nothing of Git's [remote]\n"},
    {"https", "/count/shop.git", " [remote]\n"},
    {"https", "/size/shop.git", "the server has not sent what its branches and tags point to [remote]\n"},
    {"https", "/away/shop.git", "cannot redirect from 'localhost' to '127.0.0.1' [remote]\n"},
    {"https", "/nope.git",
     "there is no such repository, or it is not for everybody [remote]\nhint: a token comes from"},
    {"ssh", "/nope.git", "does not appear to be a git repository [remote]\n"},
    {"expired", "/shop.git", "the certificate of 'localhost' expired on 20"},
    {"elsewhere", "/shop.git", "the certificate that 'localhost' has is for another host [remote]\n"},
    {"stranger", "/shop.git",
     "the certificate of 'localhost' is from no authority that is known here [remote]\nhint: GIT_SSL_CAINFO"},
    {"imposter", "/shop.git", "the host '127.0.0.1' has another key than is known of it: SHA256:"},
};

/* Afterwards there is the cache and nothing else, and no process that would keep anything of it. */
START_TEST(what_is_wrong)
{
    const struct fault *fault = &faults[_i];
    struct place place = place_new(false);
    const char *repository = url(&place, fault->way, fault->path);
    bool waits = strstr(fault->expected, " 1000 ms") != NULL;
    const char *listing = "ls -A | grep -v '^list'";
    run_shell(place.directory, format("mkdir -p elsewhere && %s >list1", listing));
    struct run run = RUN_AT(&place, "validate", "--repo", repository, "--timeout", waits ? "1s" : BEYOND);
    ck_assert_exit(run, 69);
    ck_assert_contains(run.err, format("error: cannot fetch '%s': ", repository));
    ck_assert_contains(run.err, fault->expected);
    ck_assert_lacks(run.err, "\x1b");
    run_shell(place.directory, format("%s >list2 && cmp list1 list2 && ! ls -A elsewhere | grep .", listing));
}
END_TEST

START_TEST(what_is_wrong_with_a_manifest)
{
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"nope:natsform.yaml", "unknown revision 'nope' [revision]\n"},
        {"main:nope.yaml", "there is no 'nope.yaml' in 'main' [file]\n"},
        {"main:out.yaml", "a symbolic link leads out of the repository [file]\n"},
        {"main:absolute.yaml", "it is a symbolic link to '/etc/passwd', outside of the repository [file]\n"},
        {"main:other/x.yaml", "'other' is a submodule: its files are in another repository [file]\n"},
        {"main:../x.yaml", "it leads out of the repository [file]\n"},
        {"main:large.yaml", "it has 1073741824 bytes, more than the "},
    };
    struct place place = place_new(false);
    run_shell(
        place.directory,
        "git clone -q shop.git work && cd work && ln -s ../../x out.yaml && ln -s /etc/passwd absolute.yaml && "
        "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),other && "
        "truncate -s 1G large.yaml && git -c core.bigFileThreshold=1m add *.yaml && git commit -qm more && "
        "git push -q origin HEAD:main && cd .. && rm -rf work");
    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct run run = RUN_AT(&place, "validate", "--repo", url(&place, ways[way], "/shop.git"), "-f",
                                    cases[i].path);
            ck_assert_exit(run, 65);
            ck_assert_contains(run.err, cases[i].expected);
        }
}
END_TEST

/* ---- again, side by side, and after a kill ---- */

START_TEST(what_moved)
{
    struct place place = place_new(true);
    const char *repository = url(&place, "https", "/shop.git");
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository, "-f", "side:natsform.yaml"), 65);
    run_shell(place.directory, "cd shop.git && git branch side c1 && git branch topic c2");
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository, "-f", "side:natsform.yaml"), 0);
    struct run run = RUN_AT(&place, "diff", "c1..side", "--repo", repository);
    ck_assert_exit(run, 0);
    /* Moved by force; gone, and another one in the place that it takes. */
    run_shell(place.directory,
              "cd shop.git && git branch -f side c4 && git branch -D topic && git branch topic/more c3");
    ck_assert_exit(RUN_AT(&place, "diff", "c4..side", "--repo", repository), 0);
    ck_assert_exit(RUN_AT(&place, "diff", "c3..topic/more", "--repo", repository), 0);
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository, "-f", "topic:"), 65);
    /* What the platform keeps elsewhere is asked for by its whole name. */
    run_shell(place.directory, "cd shop.git && git update-ref refs/pull/7/head c5");
    ck_assert_exit(RUN_AT(&place, "diff", "c5..refs/pull/7/head", "--repo", repository), 0);
    /* What was fetched stays known by its id, also when nobody answers. */
    const char *id = id_of(&place, 4);
    run_shell(place.directory, "mv shop.git away.git");
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository, "-f", format("%s:", id)), 0);
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository, "-f", "side:"), 69);
}
END_TEST

/* What a killed fetch leaves: half a pack, and locks. */
START_TEST(after_a_kill)
{
    struct place place = place_new(true);
    const char *repository = url(&place, "ssh", "/shop.git");
    ck_assert_exit(RUN_AT(&place, "validate", "--repo", repository), 0);
    run_shell(
        place.directory,
        "cd cache/natsform/git/*/ && echo half >objects/pack/pack_git2_abcdef && mkdir -p refs/heads/a && "
        ": >refs/heads/main.lock && : >refs/heads/a/b.lock && : >HEAD.lock && : >packed-refs.lock && "
        "git -C ../../../../shop.git branch -f main c7");
    ck_assert_exit(RUN_AT(&place, "diff", "c7..main", "--repo", repository), 0);
    run_shell(place.directory, "! find cache/natsform/git/*/ -name '*.lock' -o -name 'pack_*' | grep .");
}
END_TEST

START_TEST(side_by_side)
{
    enum { RUNS = 6 };
    struct place place = place_new(true);
    struct strbuf script = {0};
    strbuf_adds(&script, "mkdir -p elsewhere\ncd elsewhere\nunset GIT_DIR\n");
    for (size_t i = 0; i < 3; i++)
        strbuf_addf(&script, "export '%s'\n", place.gitd->env[i]);
    for (int i = 0; i < RUNS; i++)
        strbuf_addf(&script, "\"$NATSFORM\" diff c%d..c%d --repo '%s' >../out%d 2>&1 & p%d=$!\n", i, i,
                    url(&place, i % 2 ? "https" : "ssh", "/shop.git"), i, i);
    for (int i = 0; i < RUNS; i++)
        strbuf_addf(&script, "wait $p%d || { cat ../out%d; exit 1; }\n", i, i);
    run_shell(place.directory, strbuf_text(&script));
    strbuf_release(&script);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = every_pair, .times = LANES},
        {.test = from_plan_to_apply, .each_version = true},
        {.test = logins},
        {.test = by_a_proxy},
        {.test = what_is_wrong, .times = sizeof(faults) / sizeof(faults[0])},
        {.test = what_is_wrong_with_a_manifest},
        {.test = what_moved},
        {.test = after_a_kill},
        {.test = side_by_side},
    };
    return suite_run_in_lanes("remotes", tests, sizeof(tests) / sizeof(tests[0]), LANES);
}
