/*
 * The pipelines that `init` writes, run as their services would run them: each step of the shell for real, on a real repository and a real server.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/ci_story.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)

#define OPTIONS(...) ((const char *const[]){"init", "--ci", __VA_ARGS__, NULL})
#define GITHUB OPTIONS("github")

static struct ci_run on_pull(struct ci *ci, const struct ci_pull *pull)
{
    return ci_github(ci, &(struct ci_event){.name = "pull_request",
                                            .sha = pull->trial,
                                            .head = pull->head,
                                            .number = pull->number,
                                            .fork = pull->fork});
}

static struct ci_run on_push(struct ci *ci, const char *sha)
{
    return ci_github(ci, &(struct ci_event){.name = "push", .sha = sha});
}

static struct ci_run on_dispatch(struct ci *ci, const char *run)
{
    return ci_github(ci, &(struct ci_event){.name = "workflow_dispatch", .sha = ci_main(ci), .run = run});
}

static struct ci_run on_schedule(struct ci *ci)
{
    return ci_github(ci, &(struct ci_event){.name = "schedule", .sha = ci_main(ci)});
}

/* Is the value of the stream's field on the server? */
static void assert_live(const struct server_fixture *server, const char *part)
{
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.ORDERS", ""), part);
}

static const struct server_fixture *start(int index)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    return fixture_start(versions[(size_t)index % count], NULL);
}

#define MAX_AGE(hours)                                                                                       \
    "sed -i 's/ORDERS: {.*/ORDERS: {subjects: [orders.>], max_age: " hours "}/' natsform.yaml"

static const char planned[] = "validate production: success\nplan production: success\n";

/* ---- GitHub ---- */

START_TEST(what_was_reviewed_is_applied)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    struct ci_run run = on_pull(ci, &pull);
    ci_assert_jobs(run, planned);
    ck_assert_contains(run.log, "built\n");
    ck_assert_contains(run.log, "+max_age: 2h");
    const char *comment = ci_stored(ci, "comments/1/1");
    ck_assert_contains(comment, "<!-- natsform plan production -->\n### natsform plan: 1 to update");
    ck_assert_contains(comment, format("commit %s. The merge applies exactly this, or nothing.", pull.head));
    ck_assert_contains(run.summary, "### natsform plan: 1 to update");
    /* Another commit of it: the comment is brought up to date, and natsform comes from the cache. */
    pull = ci_open_pull(ci, "1", MAX_AGE("3h"));
    run = on_pull(ci, &pull);
    ci_assert_jobs(run, planned);
    ck_assert_lacks(run.log, "built\n");
    ck_assert_str_eq(ci_stored(ci, "comments.log"), "post 1\npatch\n");
    ck_assert_contains(ci_stored(ci, "comments/1/1"), "+max_age: 3h");
    run = on_push(ci, ci_squash(ci, &pull));
    ci_assert_jobs(run, "apply production: success\n");
    ck_assert_contains(run.summary, "Applied to production, as it was reviewed:\n\n    ");
    ck_assert_contains(run.log, "Done: 1 of 1 changes");
    assert_live(server, "\"max_age\":10800000000000");
    /* The same job again has nothing left to do. */
    run = on_push(ci, ci_main(ci));
    ci_assert_jobs(run, "apply production: success\n");
    ck_assert_contains(run.log, "production is as the manifest says: there is nothing to apply.");
}
END_TEST

START_TEST(what_is_not_right_is_told)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull bad = ci_open_pull(ci, "1", MAX_AGE("2 parsecs"));
    struct ci_run run = on_pull(ci, &bad);
    ci_assert_jobs(run, "validate production: failure\nplan production: failure\n");
    ck_assert_contains(run.log, "::error title=wrong-type,file=natsform.yaml,line=3,");
    ck_assert_contains(ci_stored(ci, "comments/1/1"), "1 error");
    ck_assert_contains(ci_stored(ci, "comments/1/1"),
                       "There is nothing to apply here: the plan ended with exit code 65.");
    /* Somebody merges it all the same. The pull request that repairs that is fine. */
    run = on_push(ci, ci_squash(ci, &bad));
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.log, "::error::production: no plan of this commit was reviewed");
    struct ci_pull repair = ci_open_pull(ci, "2", MAX_AGE("2h"));
    run = on_pull(ci, &repair);
    ci_assert_jobs(run, planned);
    ck_assert_contains(run.log, "No diff: the manifest of the base branch is not right, or not there.");
    run = on_push(ci, ci_squash(ci, &repair));
    ci_assert_jobs(run, "apply production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

START_TEST(what_destroys_is_refused)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    for (int i = 0; i < 3; i++)
        raw_publish(server, "orders.new", "hello");
    struct ci_pull pull = ci_open_pull(ci, "1", "sed -i 's/>\\]/>], max_msgs: 1/' natsform.yaml");
    struct ci_run run = on_pull(ci, &pull);
    ci_assert_jobs(run, "validate production: success\nplan production: failure\n");
    ck_assert_contains(ci_stored(ci, "comments/1/1"), "2 messages");
    ck_assert_contains(ci_stored(ci, "comments/1/1"),
                       "There is nothing to apply here: the plan ended with exit code 3.");
    run = on_push(ci, ci_squash(ci, &pull));
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.log, "no plan of this commit was reviewed");
    assert_live(server, "\"messages\":3");
    /* A pull request that allows it is one that everybody can review; what is destroyed is kept. */
    pull = ci_open_pull(
        ci, "2",
        "sed -i 's/max_msgs: 1/max_msgs: 1, lifecycle: {allow_data_loss: {until: 2999-12-31}}/' natsform.yaml");
    ci_assert_jobs(on_pull(ci, &pull), planned);
    ci_assert_jobs(on_push(ci, ci_squash(ci, &pull)), "apply production: success\n");
    assert_live(server, "\"messages\":1,");
    ck_assert_contains(ci_stored(ci, "artifacts.json"), "\"name\":\"natsform-production-backups-1\"");
}
END_TEST

START_TEST(a_stale_plan_stops)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    ci_assert_jobs(on_pull(ci, &pull), planned);
    raw_request(
        server, "$JS.API.STREAM.UPDATE.ORDERS",
        "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":60000000000,\"retention\":\"limits\","
        "\"storage\":\"file\",\"num_replicas\":1,\"discard\":\"old\",\"duplicate_window\":60000000000}");
    const char *sha = ci_squash(ci, &pull);
    struct ci_run run = on_push(ci, sha);
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.log, "stream ORDERS changed since the plan was saved [stale-plan]");
    ck_assert_contains(run.summary, "on the server, 'max_age' was not set, and is 1m");
    ck_assert_contains(run.summary, "+max_age: 2h");
    const char *way = format("run the workflow with the run %u.", ci->runs);
    ck_assert_contains(run.summary, way);
    assert_live(server, "\"max_age\":60000000000");
    const char *id = format("%u", ci->runs);
    /* Another environment's job finds none of its plans there; a run without any is told. */
    run = on_dispatch(ci, "1");
    ci_assert_jobs(run, "apply production: failure\n");
    run = on_dispatch(ci, id);
    ci_assert_jobs(run, "apply production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

/* The commit of the merge is that of the pull request. The new plan, which nobody has reviewed, may not pass for it when the job is run again. */
START_TEST(a_new_plan_is_not_the_reviewed_one)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    ci_assert_jobs(on_pull(ci, &pull), planned);
    raw_request(server, "$JS.API.STREAM.DELETE.ORDERS", "");
    run_shell(
        ci->folder,
        format(
            "cd clone && git merge -q --ff-only %s && mkdir -p ../store/pulls\n"
            "echo '[{\"merged_at\":\"2026-01-02T03:04:05Z\",\"head\":{\"sha\":\"%s\"}}]' >../store/pulls/%s",
            pull.branch, pull.head, pull.head));
    for (int i = 0; i < 2; i++) {
        struct ci_run run = on_push(ci, pull.head);
        ci_assert_jobs(run, "apply production: failure\n");
        ck_assert_contains(run.log, "[stale-plan]");
    }
    ci_assert_jobs(on_dispatch(ci, format("%u", ci->runs)), "apply production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

START_TEST(a_fork_has_no_plan)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    pull.fork = true;
    struct ci_run run = on_pull(ci, &pull);
    ci_assert_jobs(run, "validate production: success\n");
    ck_assert_contains(run.log, "+max_age: 2h");
    ck_assert_contains(run.summary, "No plan: a pull request from a fork gets no secrets");
    /* It may keep what it likes in its own run; nobody takes that for a plan. */
    run_shell(
        ci->folder,
        format(
            "cd store && mkdir -p artifacts/1/natsform-production-%s && echo '{}' >artifacts/1/natsform-production-%s/natsform.plan\n"
            "printf '{\"name\":\"natsform-production-%s\",\"expired\":false,\"created_at\":\"2026-01-02T03:00:00Z\",\"workflow_run\":"
            "{\"id\":1,\"head_sha\":\"%s\",\"repository_id\":1,\"head_repository_id\":2}}\\n' >>artifacts.json\n",
            pull.head, pull.head, pull.head, pull.head));
    run = on_push(ci, ci_squash(ci, &pull));
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.log, "production: no plan of this commit was reviewed");
    ck_assert_contains(run.summary, "+max_age: 2h");
    ci_assert_jobs(on_dispatch(ci, format("%u", ci->runs)), "apply production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

/* The second of two streams is one that the pipeline's user may not make, which no plan can know. Then that is put right. */
START_TEST(an_apply_that_fails_half_way_goes_on)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    const struct server_fixture *server = fixture_start_with(&(struct fixture_options){
        .version = versions[(size_t)_i % count],
        .login = "admin:s",
        .config = "authorization {users: [{user: admin, password: s}, {user: ci, password: s, permissions: "
                  "{publish: {deny: [\"$JS.API.STREAM.CREATE.B\"]}}}]}",
    });
    struct ci *ci = ci_begin(format("nats://ci:s@127.0.0.1:%d", server->port), GITHUB);
    struct ci_pull pull =
        ci_open_pull(ci, "1", "printf '  A: {subjects: [a.>]}\n  B: {mirror: {name: A}}\n' >>natsform.yaml");
    ci_assert_jobs(on_pull(ci, &pull), planned);
    const char *sha = ci_squash(ci, &pull);
    struct ci_run run = on_push(ci, sha);
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.summary, "done: create stream A");
    ck_assert_contains(run.summary, "not, or not wholly, what was applied");
    ck_assert_contains(run.summary, "### natsform plan: 1 to create");
    ci->url = format("nats://admin:s@127.0.0.1:%d", server->port);
    run = on_push(ci, sha);
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.log, "[stale-plan]");
    run = on_dispatch(ci, format("%u", ci->runs));
    ci_assert_jobs(run, "apply production: success\n");
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.B", ""), "\"name\":\"B\"");
}
END_TEST

/* For what no pull request brings about: a look, and then exactly that. */
START_TEST(a_plan_by_hand_is_applied_by_hand)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    raw_request(server, "$JS.API.STREAM.DELETE.ORDERS", "");
    struct ci_run run = on_dispatch(ci, NULL);
    ci_assert_jobs(run, "plan production: success\n");
    ck_assert_contains(run.summary, "To apply exactly this, run the workflow again with the run 1.");
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.ORDERS", ""), "not found");
    ci_assert_jobs(on_dispatch(ci, "1"), "apply production: success\n");
    assert_live(server, "\"name\":\"ORDERS\"");
}
END_TEST

START_TEST(drift_is_one_issue)
{
    static const char changed[] =
        "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":%s000000000,\"retention\":\"limits\","
        "\"storage\":\"file\",\"num_replicas\":1,\"discard\":\"old\",\"duplicate_window\":60000000000}";
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    ci_assert_jobs(on_schedule(ci), "drift of production: success\n");
    raw_request(server, "$JS.API.STREAM.UPDATE.ORDERS", format(changed, "60"));
    ci_assert_jobs(on_schedule(ci), "drift of production: success\n");
    ck_assert_contains(ci_stored(ci, "issues/1.json"), "\"title\": \"natsform: production has drifted\"");
    ck_assert_contains(ci_stored(ci, "issues/1.json"), "-max_age: 1m");
    raw_request(server, "$JS.API.STREAM.UPDATE.ORDERS", format(changed, "120"));
    ci_assert_jobs(on_schedule(ci), "drift of production: success\n");
    ck_assert_contains(ci_stored(ci, "issues/1.json"), "-max_age: 2m");
    ck_assert_exit(
        RUN("apply", "--yes", "-f", format("%s/clone/natsform.yaml", ci->folder), "-s", server->url), 0);
    ci_assert_jobs(on_schedule(ci), "drift of production: success\n");
    ci_assert_jobs(on_schedule(ci), "drift of production: success\n");
    ck_assert_str_eq(ci_stored(ci, "issues.log"), "create 1\nedit 1\nclose 1\n");
    ck_assert_contains(ci_stored(ci, "issues/1.json"), "\"state\": \"closed\"");
}
END_TEST

/* Whoever can write artefacts of a run may save a plan that destroys everything: the merge applies what this workflow plans, or nothing. */
START_TEST(a_plan_of_other_options_is_none)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    ci_assert_jobs(on_pull(ci, &pull), planned);
    const char *kept = format("%s/store/artifacts/1/natsform-production-%s", ci->folder, pull.head);
    ck_assert_exit(RUN("plan", "--destroy", "-f", format("%s/clone/natsform.yaml", ci->folder), "-s",
                       server->url, "--out", format("%s/natsform.plan", kept)),
                   0);
    ci_squash(ci, &pull);
    struct ci_run run = on_push(ci, ci_main(ci));
    ci_assert_jobs(run, "apply production: failure\n");
    ck_assert_contains(run.log,
                       "::error::production: the plan that was reviewed was made with other options");
    assert_live(server, "\"name\":\"ORDERS\"");
}
END_TEST

/* What left the manifest is deleted, where the pipeline is to do so; before 2.10 no server knows whose it was. */
START_TEST(prune_is_an_option_of_the_pipeline)
{
    const struct server_fixture *server = fixture_start(NULL, NULL);
    struct ci *ci = ci_begin(server->url, OPTIONS("github", "--prune"));
    struct ci_pull pull = ci_open_pull(ci, "1", "echo 'project: shop' >natsform.yaml");
    ci_assert_jobs(on_pull(ci, &pull), planned);
    ck_assert_contains(ci_stored(ci, "comments/1/1"), "### natsform plan: 1 to delete");
    ci_squash(ci, &pull);
    ci_assert_jobs(on_push(ci, ci_main(ci)), "apply production: success\n");
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.ORDERS", ""), "not found");
}
END_TEST

/* A comment takes 65,536 bytes, and what it says of the plan has to be in there. */
START_TEST(a_long_plan_is_one_comment)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = ci_begin(server->url, GITHUB);
    struct ci_pull pull = ci_open_pull(
        ci, "1",
        "for i in $(seq 999); do echo \"  S$i: {subjects: [s$i], description: stream $i of many}\"; done >>natsform.yaml");
    ci_assert_jobs(on_pull(ci, &pull), planned);
    const char *comment = ci_stored(ci, "comments/1/1");
    ck_assert_contains(comment, "### natsform plan: 999 to create");
    ck_assert_contains(comment, "The merge applies exactly this, or nothing.");
}
END_TEST

/* Two environments, each with its server: the second one comes after the first, and not at all when that fails. */
START_TEST(environments_come_one_after_the_other)
{
    const struct server_fixture *staging = start(_i), *production = start(_i);
    struct ci *ci = ci_begin(production->url, OPTIONS("github", "--environment", "staging", "--environment",
                                                      "production=natsform.yaml,prod.yaml"));
    ci->staging_url = staging->url;
    const char *manifest = format("%s/clone/natsform.yaml", ci->folder);
    ck_assert_exit(RUN("apply", "--yes", "-f", manifest, "-s", staging->url), 0);
    struct ci_pull pull = ci_open_pull(ci, "1", "echo '  A: {subjects: [a.>]}' >>natsform.yaml");
    struct ci_run run = on_pull(ci, &pull);
    ci_assert_jobs(
        run,
        "validate staging: success\nvalidate production: success\nplan staging: success\nplan production: success\n");
    ck_assert_contains(ci_stored(ci, "comments/1/1"), "plan staging");
    ck_assert_lacks(ci_stored(ci, "comments/1/1"), "max_age: 1h");
    ck_assert_contains(ci_stored(ci, "comments/1/2"), "plan production");
    ck_assert_contains(ci_stored(ci, "comments/1/2"), "max_age: 1h");
    ci_squash(ci, &pull);
    ci_assert_jobs(on_push(ci, ci_main(ci)), "apply staging: success\napply production: success\n");
    assert_live(production, "\"max_age\":3600000000000");
    ck_assert_contains(raw_request(staging, "$JS.API.STREAM.INFO.A", ""), "\"name\":\"A\"");
    pull = ci_open_pull(ci, "2", "echo '  B: {subjects: [b.>]}' >>natsform.yaml");
    ci_assert_jobs(
        on_pull(ci, &pull),
        "validate staging: success\nvalidate production: success\nplan staging: success\nplan production: success\n");
    raw_request(staging, "$JS.API.STREAM.CREATE.B", "{\"name\":\"B\",\"subjects\":[\"c\"]}");
    ci_squash(ci, &pull);
    ci_assert_jobs(on_push(ci, ci_main(ci)), "apply staging: failure\n");
    ck_assert_contains(raw_request(production, "$JS.API.STREAM.INFO.B", ""), "not found");
    /* By the new plan, and then the rest of the first run once more. */
    run = on_dispatch(ci, format("%u", ci->runs));
    ci_assert_jobs(run, "apply staging: success\napply production: success\n");
    ck_assert_contains(run.log, "has no plan of production: nothing was applied there.");
    ci_assert_jobs(on_push(ci, ci_main(ci)), "apply staging: success\napply production: success\n");
    ck_assert_contains(raw_request(production, "$JS.API.STREAM.INFO.B", ""), "\"name\":\"B\"");
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = what_was_reviewed_is_applied, .each_version = true},
        {.test = what_is_not_right_is_told, .each_version = true},
        {.test = what_destroys_is_refused, .each_version = true},
        {.test = a_stale_plan_stops, .each_version = true},
        {.test = a_new_plan_is_not_the_reviewed_one, .each_version = true},
        {.test = a_fork_has_no_plan, .each_version = true},
        {.test = an_apply_that_fails_half_way_goes_on, .each_version = true},
        {.test = a_plan_by_hand_is_applied_by_hand, .each_version = true},
        {.test = drift_is_one_issue, .each_version = true},
        {.test = a_plan_of_other_options_is_none},
        {.test = prune_is_an_option_of_the_pipeline},
        {.test = a_long_plan_is_one_comment},
        {.test = environments_come_one_after_the_other, .each_version = true},
    };
    return suite_run("pipeline", tests, sizeof(tests) / sizeof(tests[0]));
}
