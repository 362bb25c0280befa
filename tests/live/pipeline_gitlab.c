/*
 * The pipeline that `init --ci gitlab` writes, run as GitLab would run it: each script for real, on a real repository and a real server.
 */
#include <check.h>
#include <string.h>

#include "support/ci_story.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/server_fixture.h"
#include "support/shell.h"
#include "support/suite.h"

#define format(...) arena_printf(test_arena(), __VA_ARGS__)
#define MAX_AGE(hours)                                                                                       \
    "sed -i 's/ORDERS: {.*/ORDERS: {subjects: [orders.>], max_age: " hours "}/' natsform.yaml"

static const char *const options[] = {"init", "--ci", "gitlab", NULL};
static const char planned[] = "natsform-validate-production: success\nnatsform-plan-production: success\n";

static const char both_planned[] =
    "natsform-validate-staging: success\nnatsform-validate-production: success\n"
    "natsform-plan-staging: success\nnatsform-plan-production: success\n";

static const struct server_fixture *start(int index)
{
    size_t count;
    const char *const *versions = server_versions(&count);
    return fixture_start(versions[(size_t)index % count], NULL);
}

static struct ci *begin(const struct server_fixture *server, const char *token)
{
    struct ci *ci = ci_begin(server->url, options);
    ci->token = token;
    return ci;
}

/* Of its own last commit. */
static struct ci_run on_request(struct ci *ci, const struct ci_pull *pull)
{
    return ci_gitlab(ci, &(struct ci_event){.name = "merge_request_event",
                                            .sha = pull->head,
                                            .number = pull->number,
                                            .base = pull->base,
                                            .fork = pull->fork});
}

static struct ci_run on_main(struct ci *ci, const char *source, const char *job)
{
    return ci_gitlab(ci, &(struct ci_event){.name = source, .sha = ci_main(ci), .run = job});
}

/* "1234", the job that a log says is to be named. */
static const char *job_of(struct ci_run run)
{
    const char *job = strstr(run.log, "with NATSFORM_PLAN_JOB=");
    ck_assert_ptr_nonnull(job);
    job += strlen("with NATSFORM_PLAN_JOB=");
    return arena_strndup(test_arena(), job, strspn(job, "0123456789"));
}

static void assert_live(const struct server_fixture *server, const char *part)
{
    ck_assert_contains(raw_request(server, "$JS.API.STREAM.INFO.ORDERS", ""), part);
}

START_TEST(what_was_reviewed_is_applied)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = begin(server, "the-token");
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    struct ci_run run = on_request(ci, &pull);
    ci_assert_jobs(run, planned);
    ck_assert_contains(run.log, "+max_age: 2h");
    pull = ci_open_pull(ci, "1", MAX_AGE("3h"));
    ci_assert_jobs(on_request(ci, &pull), planned);
    ck_assert_str_eq(ci_stored(ci, "notes.log"), "post 1\nput\n");
    ck_assert_contains(ci_stored(ci, "notes/1/1"),
                       "<!-- natsform plan production -->\\n### natsform plan: 1 to update");
    ck_assert_contains(ci_stored(ci, "notes/1/1"),
                       format("commit %s. The merge applies exactly this, or nothing.", pull.head));
    ci_squash(ci, &pull);
    run = on_main(ci, "push", NULL);
    ci_assert_jobs(run, "natsform-apply-production: success\n");
    ck_assert_contains(run.log, "Applied to production, as it was reviewed.");
    assert_live(server, "\"max_age\":10800000000000");
    run = on_main(ci, "push", NULL);
    ci_assert_jobs(run, "natsform-apply-production: success\n");
    ck_assert_contains(run.log, "production is as the manifest says: there is nothing to apply.");
}
END_TEST

START_TEST(what_is_not_right_is_told)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = begin(server, "the-token");
    raw_publish(server, "orders.new", "hello");
    raw_publish(server, "orders.new", "hello");
    struct ci_pull bad = ci_open_pull(ci, "1", MAX_AGE("2 parsecs"));
    struct ci_run run = on_request(ci, &bad);
    ci_assert_jobs(run, "natsform-validate-production: failure\nnatsform-plan-production: failure\n");
    ck_assert_contains(ci_stored(ci, "notes/1/1"),
                       "There is nothing to apply here: the plan ended with exit code 65.");
    ci_squash(ci, &bad);
    run = on_main(ci, "push", NULL);
    ci_assert_jobs(run, "natsform-apply-production: failure\n");
    ck_assert_contains(run.log, "production: no plan of this commit was reviewed");
    struct ci_pull repair = ci_open_pull(ci, "2", MAX_AGE("2h"));
    run = on_request(ci, &repair);
    ci_assert_jobs(run, planned);
    ck_assert_contains(run.log, "No diff: the manifest of the target branch is not right, or not there.");
    ci_squash(ci, &repair);
    ci_assert_jobs(on_main(ci, "push", NULL), "natsform-apply-production: success\n");
    struct ci_pull destroys = ci_open_pull(ci, "3", "sed -i 's/>\\]/>], max_msgs: 1/' natsform.yaml");
    ci_assert_jobs(on_request(ci, &destroys),
                   "natsform-validate-production: success\nnatsform-plan-production: failure\n");
    ck_assert_contains(ci_stored(ci, "notes/3/1"), "the plan ended with exit code 3.");
    ci_squash(ci, &destroys);
    ci_assert_jobs(on_main(ci, "push", NULL), "natsform-apply-production: failure\n");
    assert_live(server, "\"messages\":2");
}
END_TEST

START_TEST(a_stale_plan_stops)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = begin(server, "the-token");
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    ci_assert_jobs(on_request(ci, &pull), planned);
    raw_request(
        server, "$JS.API.STREAM.UPDATE.ORDERS",
        "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":60000000000,\"retention\":\"limits\","
        "\"storage\":\"file\",\"num_replicas\":1,\"discard\":\"old\",\"duplicate_window\":60000000000}");
    ci_squash(ci, &pull);
    struct ci_run run = on_main(ci, "push", NULL);
    ci_assert_jobs(run, "natsform-apply-production: failure\n");
    ck_assert_contains(run.log, "on the server, 'max_age' was not set, and is 1m");
    assert_live(server, "\"max_age\":60000000000");
    struct ci_run other = on_main(ci, "web", "1");
    ci_assert_jobs(other, "natsform-apply-production: success\n");
    ck_assert_contains(other.log, "Job 1 has no plan of production: nothing was applied there.");
    ci_assert_jobs(on_main(ci, "web", job_of(run)), "natsform-apply-production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

START_TEST(a_fork_has_no_plan)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = begin(server, "the-token");
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    pull.fork = true;
    struct ci_run run = on_request(ci, &pull);
    ci_assert_jobs(run, planned);
    ck_assert_contains(run.log, "No plan: a merge request from a fork gets none of these secrets.");
    ci_squash(ci, &pull);
    run = on_main(ci, "push", NULL);
    ci_assert_jobs(run, "natsform-apply-production: failure\n");
    ck_assert_contains(run.log, "production: no plan of this commit was reviewed");
    ci_assert_jobs(on_main(ci, "web", job_of(run)), "natsform-apply-production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

/* No note, no issue, and a plan of each merge that somebody names. */
START_TEST(without_a_token_it_goes_by_hand)
{
    const struct server_fixture *server = start(_i);
    struct ci *ci = begin(server, "");
    struct ci_pull pull = ci_open_pull(ci, "1", MAX_AGE("2h"));
    struct ci_run run = on_request(ci, &pull);
    ci_assert_jobs(run, planned);
    ck_assert_contains(run.log, "No note on the merge request: there is no variable NATSFORM_GITLAB_TOKEN.");
    ci_squash(ci, &pull);
    run = on_main(ci, "push", NULL);
    ci_assert_jobs(run, "natsform-apply-production: failure\n");
    run = on_main(ci, "schedule", NULL);
    ci_assert_jobs(run, "natsform-drift-production: failure\n");
    ck_assert_contains(run.log, "No issue: there is no variable NATSFORM_GITLAB_TOKEN.");
    ci_assert_jobs(on_main(ci, "web", "2"), "natsform-apply-production: success\n");
    assert_live(server, "\"max_age\":7200000000000");
}
END_TEST

START_TEST(drift_is_one_issue)
{
    static const char changed[] =
        "{\"name\":\"ORDERS\",\"subjects\":[\"orders.>\"],\"max_age\":%s000000000,\"retention\":\"limits\","
        "\"storage\":\"file\",\"num_replicas\":1,\"discard\":\"old\",\"duplicate_window\":60000000000}";
    static const char fine[] = "natsform-drift-production: success\n";
    const struct server_fixture *server = start(_i);
    struct ci *ci = begin(server, "the-token");
    ci_assert_jobs(on_main(ci, "schedule", NULL), fine);
    raw_request(server, "$JS.API.STREAM.UPDATE.ORDERS", format(changed, "60"));
    ci_assert_jobs(on_main(ci, "schedule", NULL), fine);
    raw_request(server, "$JS.API.STREAM.UPDATE.ORDERS", format(changed, "120"));
    ci_assert_jobs(on_main(ci, "schedule", NULL), fine);
    ck_assert_contains(ci_stored(ci, "gitlab-issues/1.json"), "-max_age: 2m");
    ck_assert_exit(
        RUN("apply", "--yes", "-f", format("%s/clone/natsform.yaml", ci->folder), "-s", server->url), 0);
    ci_assert_jobs(on_main(ci, "schedule", NULL), fine);
    ci_assert_jobs(on_main(ci, "schedule", NULL), fine);
    ck_assert_str_eq(ci_stored(ci, "issues.log"), "create 1\nedit 1\nclosed 1\n");
}
END_TEST

/* Two environments, each with its server: the second one comes after the first, and not at all when that fails. */
START_TEST(environments_come_one_after_the_other)
{
    const struct server_fixture *staging = start(_i), *production = start(_i);
    struct ci *ci = ci_begin(
        production->url, (const char *const[]){"init", "--ci", "gitlab", "--environment", "staging",
                                               "--environment", "production=natsform.yaml,prod.yaml", NULL});
    ci->token = "the-token";
    ci->staging_url = staging->url;
    const char *manifest = format("%s/clone/natsform.yaml", ci->folder);
    ck_assert_exit(RUN("apply", "--yes", "-f", manifest, "-s", staging->url), 0);
    struct ci_pull pull = ci_open_pull(ci, "1", "echo '  A: {subjects: [a.>]}' >>natsform.yaml");
    struct ci_run run = on_request(ci, &pull);
    ci_assert_jobs(run, both_planned);
    ck_assert_contains(ci_stored(ci, "notes/1/1"), "plan staging");
    ck_assert_lacks(ci_stored(ci, "notes/1/1"), "max_age: 1h");
    ck_assert_contains(ci_stored(ci, "notes/1/2"), "plan production");
    ck_assert_contains(ci_stored(ci, "notes/1/2"), "max_age: 1h");
    ci_squash(ci, &pull);
    ci_assert_jobs(on_main(ci, "push", NULL),
                   "natsform-apply-staging: success\nnatsform-apply-production: success\n");
    assert_live(production, "\"max_age\":3600000000000");
    ck_assert_contains(raw_request(staging, "$JS.API.STREAM.INFO.A", ""), "\"name\":\"A\"");
    pull = ci_open_pull(ci, "2", "echo '  B: {subjects: [b.>]}' >>natsform.yaml");
    ci_assert_jobs(on_request(ci, &pull), both_planned);
    raw_request(staging, "$JS.API.STREAM.CREATE.B", "{\"name\":\"B\",\"subjects\":[\"c\"]}");
    ci_squash(ci, &pull);
    ci_assert_jobs(on_main(ci, "push", NULL), "natsform-apply-staging: failure\n");
    ck_assert_contains(raw_request(production, "$JS.API.STREAM.INFO.B", ""), "not found");
}
END_TEST

int main(void)
{
    const struct suite_test tests[] = {
        {.test = what_was_reviewed_is_applied, .each_version = true},
        {.test = what_is_not_right_is_told, .each_version = true},
        {.test = a_stale_plan_stops, .each_version = true},
        {.test = a_fork_has_no_plan, .each_version = true},
        {.test = without_a_token_it_goes_by_hand, .each_version = true},
        {.test = drift_is_one_issue, .each_version = true},
        {.test = environments_come_one_after_the_other, .each_version = true},
    };
    return suite_run("pipeline_gitlab", tests, sizeof(tests) / sizeof(tests[0]));
}
