/*
 * A bare repository of twenty commits against each server version: a plan of a revision is the plan of its checkout, and what `diff`
 * says to have changed from any revision to any other is what the plan of the second says to a server that holds the first.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "field/field.h"
#include "support/history.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"

/* ---- running ---- */

struct place {
    const struct server_fixture *server;
    const char *directory;
    bool marks; /* the server has metadata, so that prune works */
};

static struct run run_in(const struct place *place, const char *folder, const char *const *arguments)
{
    const char *const env[] = {arena_printf(test_arena(), "NATS_URL=%s", place->server->url), "GIT_DIR",
                               NULL};
    return run_natsform(&(struct run_options){
        .arguments = arguments,
        .env = env,
        .directory = arena_printf(test_arena(), "%s/%s", place->directory, folder),
    });
}

#define RUN_IN(place, folder, ...) run_in((place), (folder), (const char *const[]){__VA_ARGS__, NULL})

static const char *without(const char *text, const char *part)
{
    struct strbuf out = {0};
    for (const char *found; (found = strstr(text, part)); text = found + strlen(part))
        strbuf_add(&out, text, (size_t)(found - text));
    strbuf_adds(&out, text);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&out));
    strbuf_release(&out);
    return copy;
}

/* The JSON without what has to differ: where the manifest is from. */
static const char *without_revision(const char *json, const char *tag)
{
    const char *found = strstr(json, "\"revision\": ");
    if (found)
        json = arena_printf(test_arena(), "%.*s%s", (int)(found - json), json,
                            found + strcspn(found, "\n") + strspn(found + strcspn(found, "\n"), "\n "));
    return without(json, arena_printf(test_arena(), "%s:", tag));
}

static void compare_plans(const struct place *place, int number)
{
    const char *tag = arena_printf(test_arena(), "c%d", number);
    const char *path = arena_printf(test_arena(), "%s:natsform.yaml", tag);
    const char *checkout = arena_printf(test_arena(), "checkout%d", number);
    struct run revision = RUN_IN(place, "shop.git", "plan", "-f", path, "--detailed-exitcode");
    struct run files = RUN_IN(place, checkout, "plan", "--detailed-exitcode");
    ck_assert_exit(revision, files.exit_code);
    ck_assert_str_eq(revision.out, files.out);
    ck_assert_str_eq(revision.err, files.err);
    revision = RUN_IN(place, "shop.git", "plan", "-f", path, "-o", "json");
    files = RUN_IN(place, checkout, "plan", "-o", "json");
    ck_assert_exit(revision, 0);
    ck_assert_str_eq(without_revision(revision.out, tag), files.out);
}

/* ---- what changed ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *renamed(const char *line, const char *side, const char *name)
{
    size_t length = strlen(side);
    if (strncmp(line + 4, side, length) == 0 && line[4 + length] == '/')
        return arena_printf(test_arena(), "%.4s%s%s", line, name, line + 4 + length);
    return line;
}

/*
 * A diff's files, sorted, with the names of its sides made the same. What is deleted is told by its name alone, and left out without
 * `deleted`: a server that cannot prune never says it.
 */
static const char *files_of(const char *diff, const char *before, const char *after, bool deleted)
{
    struct {
        VEC(const char *) list;
    } files = {0};
    for (const char *next; *diff; diff = next) {
        const char *end = strstr(diff, "\n--- ");
        size_t length = end ? (size_t)(end - diff) + 1 : strlen(diff);
        char *text = arena_strndup(test_arena(), diff, length);
        char *second = strchr(text, '\n') + 1;
        char *rest = strchr(second, '\n') + 1;
        bool gone = strncmp(second, "+++ /dev/null", 13) == 0;
        next = diff + length;
        second[-1] = rest[-1] = '\0';
        if (!gone || deleted)
            VEC_PUSH(test_arena(), &files.list,
                     arena_printf(test_arena(), "%s\n%s\n%s", renamed(text, before, "a"),
                                  renamed(second, after, "b"), gone ? "" : rest));
    }
    struct strbuf all = {0};
    if (files.list.count)
        qsort(files.list.items, files.list.count, sizeof(files.list.items[0]), by_text);
    for (size_t i = 0; i < files.list.count; i++)
        strbuf_adds(&all, files.list.items[i]);
    const char *copy = arena_strdup(test_arena(), strbuf_text(&all));
    strbuf_release(&all);
    return copy;
}

/* Old servers have no marks, so nothing is pruned there: the test does it instead. */
static void delete_by_hand(const struct place *place, const char *diff)
{
    static const char streams[] = "--- a/streams/", consumers[] = "--- a/consumers/",
                      buckets[] = "--- a/key_values/", stores[] = "--- a/object_stores/";
    for (const char *line = diff; (line = strstr(line, "--- ")); line++) {
        size_t length = strcspn(line, "\n");
        const char *name = arena_strndup(test_arena(), line, length - strlen(".yaml"));
        if (strncmp(line + length, "\n+++ /dev/null", 14) != 0)
            continue;
        if (strncmp(name, streams, strlen(streams)) == 0)
            name = arena_printf(test_arena(), "STREAM.DELETE.%s", name + strlen(streams));
        else if (strncmp(name, buckets, strlen(buckets)) == 0)
            name = arena_printf(test_arena(), "STREAM.DELETE.KV_%s", name + strlen(buckets));
        else if (strncmp(name, stores, strlen(stores)) == 0)
            name = arena_printf(test_arena(), "STREAM.DELETE.OBJ_%s", name + strlen(stores));
        else {
            char *subject = arena_printf(test_arena(), "CONSUMER.DELETE.%s", name + strlen(consumers));
            *strchr(subject, '/') = '.';
            name = subject;
        }
        raw_request(place->server, arena_printf(test_arena(), "$JS.API.%s", name), "");
    }
}

/* Returns what has changed, for the eye. */
static const char *compare_changes(const struct place *place, int from, int to)
{
    const char *before = arena_printf(test_arena(), "c%d", from);
    const char *after = arena_printf(test_arena(), "c%d", to);
    const char *range = arena_printf(test_arena(), "%s..%s", before, after);
    const char *path = arena_printf(test_arena(), "%s:", after);
    struct run revisions =
        RUN_IN(place, "shop.git", "diff", range, "--server-version", place->server->version);
    struct run live =
        RUN_IN(place, "shop.git", "diff", "-f", path, place->marks ? "--prune" : "--color=never");
    const char *said = files_of(revisions.out, before, after, true);
    ck_assert_lacks(revisions.err, "error: ");
    ck_assert_lacks(revisions.err, "warning: ");
    ck_assert_exit(revisions, *said ? 1 : 0);
    ck_assert_text(files_of(revisions.out, before, after, place->marks),
                   files_of(live.out, "live", "manifest", place->marks));
    if (place->marks)
        ck_assert_exit(live, revisions.exit_code);
    return said;
}

/*
 * Is it this version's to compare these two? Of the 400 pairs each version takes its share, and all of them the changes from a commit
 * to itself and to its neighbours; with EXHAUSTIVE=1 all take all.
 */
static bool has_its_turn(size_t version, size_t versions, int from, int to)
{
    const char *exhaustive = getenv("EXHAUSTIVE");
    return (exhaustive && *exhaustive) || abs(from - to) <= 1 || (size_t)(from + to) % versions == version;
}

START_TEST(twenty_commits)
{
    size_t count = 0;
    uint32_t version = 0;
    struct place place = {.server = fixture_start(server_versions(&count)[_i], NULL),
                          .directory = test_directory()};
    ck_assert(version_parse(place.server->version, &version));
    place.marks = version >= VERSION(2, 10, 0);
    history_make(place.directory);
    for (int i = 0; i < HISTORY_COMMITS; i++) {
        const char *path = arena_printf(test_arena(), "c%d:natsform.yaml", i);
        compare_plans(&place, i);
        if (i > 0 && !place.marks)
            delete_by_hand(&place, compare_changes(&place, i - 1, i));
        struct run applied = RUN_IN(&place, "shop.git", "apply", "--yes", "-f", path,
                                    place.marks ? "--prune" : "--color=never");
        ck_assert_exit(applied, 0);
        struct run again = RUN_IN(&place, "shop.git", "plan", "-f", path, "--detailed-exitcode");
        ck_assert_exit(again, 0);
        for (int j = 0; j < HISTORY_COMMITS; j++)
            if (has_its_turn((size_t)_i, count, i, j))
                compare_changes(&place, i, j);
    }
}
END_TEST

/* Only root can give a repository away; for anybody else it stays his own. */
START_TEST(somebody_elses)
{
    const char *directory = test_directory();
    struct run_options options = {
        .arguments = (const char *const[]){"validate", "-f", "HEAD:", NULL},
        .env = (const char *const[]){arena_printf(test_arena(), "HOME=%s", directory), "XDG_CONFIG_HOME",
                                     "GIT_DIR", NULL},
        .directory = arena_printf(test_arena(), "%s/theirs", directory),
    };
    bool given = geteuid() == 0;
    run_shell(directory,
              "git init -q theirs && cd theirs && echo 'streams: {}' >natsform.yaml && git add . && "
              "git commit -qm one && if [ \"$(id -u)\" = 0 ]; then chown -R 65534 .; fi");
    for (int i = 0; i < 2; i++) {
        struct run refused = run_natsform(&options);
        ck_assert_exit(refused, given ? 65 : 0);
        if (given)
            ck_assert_str_eq(
                refused.err,
                arena_printf(test_arena(),
                             "error: the Git repository '%s' belongs to another user [revision]\n"
                             "hint: if you trust it: git config --global --add safe.directory '%s'\n",
                             options.directory, options.directory));
        write_file(directory, ".gitconfig", "[safe]\n\tdirectory = /somewhere/else\n");
    }
    write_file(directory, ".gitconfig",
               arena_printf(test_arena(), "[safe]\n\tdirectory = %s\n", options.directory));
    ck_assert_exit(run_natsform(&options), 0);
    write_file(directory, ".gitconfig", "[safe]\n\tdirectory = *\n");
    ck_assert_exit(run_natsform(&options), 0);
    write_file(directory, ".gitconfig", "[safe]\n\tdirectory = *\n\tdirectory =\n");
    ck_assert_exit(run_natsform(&options), given ? 65 : 0);
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = twenty_commits, .each_version = true},
        {.test = somebody_elses},
    };
    return suite_run("revisions", tests, sizeof(tests) / sizeof(tests[0]));
}
