/*
 * Runs the unit tests: all suites, or those named by arguments; --list names them all. CK_FORK, CK_RUN_CASE and the like work as
 * Check documents them.
 *
 * A process for each of 5,000 tests takes three quarters of the time. So all run in one; if that crashes or hangs they run again,
 * each in its own, and Check says which it was. EXHAUSTIVE=1 does that at once, so that no test lives by what another has left;
 * where there is a sanitizer it says where they crash.
 */
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/patience.h"
#include "support/suite.h"
#include "unit/suites.h"

struct unit_suite {
    const char *name;
    Suite *(*make)(void);
};

static const struct unit_suite suites[] = {
    {.name = "edit_local_servers", .make = edit_local_servers_suite},
    {.name = "edit_pull", .make = edit_pull_suite},
    {.name = "edit_pull_gone", .make = edit_pull_gone_suite},
    {.name = "archive_backup", .make = archive_backup_suite},
    {.name = "archive_rewrite", .make = archive_rewrite_suite},
    {.name = "archive_s2", .make = archive_s2_suite},
    {.name = "base_arena", .make = base_arena_suite},
    {.name = "base_conceal", .make = base_conceal_suite},
    {.name = "base_diag", .make = base_diag_suite},
    {.name = "base_files", .make = base_files_suite},
    {.name = "base_instant", .make = base_instant_suite},
    {.name = "base_library", .make = base_library_suite},
    {.name = "base_map", .make = base_map_suite},
    {.name = "base_number", .make = base_number_suite},
    {.name = "base_source", .make = base_source_suite},
    {.name = "base_strbuf", .make = base_strbuf_suite},
    {.name = "base_suggest", .make = base_suggest_suite},
    {.name = "base_utf8", .make = base_utf8_suite},
    {.name = "devenv_binary", .make = devenv_binary_suite},
    {.name = "generate_certificates", .make = generate_certificates_suite},
    {.name = "devenv_up", .make = devenv_up_suite},
    {.name = "generate_environment", .make = generate_environment_suite},
    {.name = "kind_bucket", .make = kind_bucket_suite},
    {.name = "field_check", .make = field_check_suite},
    {.name = "field_decode", .make = field_decode_suite},
    {.name = "field_encode", .make = field_encode_suite},
    {.name = "manifest_manifest", .make = manifest_manifest_suite},
    {.name = "field_normalise", .make = field_normalise_suite},
    {.name = "manifest_overlay", .make = manifest_overlay_suite},
    {.name = "manifest_servers", .make = manifest_servers_suite},
    {.name = "field_subject", .make = field_subject_suite},
    {.name = "kind_table", .make = kind_table_suite},
    {.name = "field_units", .make = field_units_suite},
    {.name = "field_value", .make = field_value_suite},
    {.name = "field_version", .make = field_version_suite},
    {.name = "field_version_range", .make = field_version_range_suite},
    {.name = "rules_lint", .make = rules_lint_suite},
    {.name = "plan_compare", .make = plan_compare_suite},
    {.name = "plan_drift", .make = plan_drift_suite},
    {.name = "plan_order", .make = plan_order_suite},
    {.name = "plan_planner", .make = plan_planner_suite},
    {.name = "plan_risk", .make = plan_risk_suite},
    {.name = "plan_saved", .make = plan_saved_suite},
    {.name = "plan_prune", .make = plan_prune_suite},
    {.name = "repo_revspec", .make = repo_revspec_suite},
    {.name = "rules_account", .make = rules_account_suite},
    {.name = "rules_subject_index", .make = rules_subject_index_suite},
    {.name = "server_batch", .make = server_batch_suite},
    {.name = "server_connection", .make = server_connection_suite},
    {.name = "server_secret", .make = server_secret_suite},
    {.name = "server_url", .make = server_url_suite},
    {.name = "syntax_conf_read", .make = syntax_conf_read_suite},
    {.name = "syntax_conf_write", .make = syntax_conf_write_suite},
    {.name = "syntax_json", .make = syntax_json_suite},
    {.name = "syntax_node", .make = syntax_node_suite},
    {.name = "syntax_vars", .make = syntax_vars_suite},
    {.name = "view_review", .make = view_review_suite},
    {.name = "syntax_write", .make = syntax_write_suite},
    {.name = "syntax_yaml", .make = syntax_yaml_suite},
    {.name = "view_plan", .make = view_plan_suite},
};

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

/* The exit status. */
static int run(int argc, char **argv, enum fork_status forks)
{
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
        if (wanted(suites[i].name, argc, argv))
            srunner_add_suite(runner, suites[i].make());
    srunner_set_fork_status(runner, forks);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    int count = srunner_ntests_run(runner);
    srunner_free(runner);
    if (count == 0)
        fprintf(stderr, "no such suite\n");
    return failed || !count ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* In a child of this one; -1 when that crashes or hangs. */
static int run_in_one_process(int argc, char **argv)
{
    struct patience patience = {0};
    int status = 0;
    pid_t pid = fork(), ended = 0;
    if (pid == 0)
        exit(run(argc, argv, CK_NOFORK));
    while (pid > 0 && (ended = waitpid(pid, &status, WNOHANG)) == 0)
        if (!patience_lasts(&patience))
            kill(pid, SIGKILL);
    if (pid > 0 && ended == pid && WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(stderr, "signal %d ended them in one process: now each in its own\n", WTERMSIG(status));
    return -1;
}

int main(int argc, char **argv)
{
    const char *exhaustive = getenv("EXHAUSTIVE");
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
            puts(suites[i].name);
        return EXIT_SUCCESS;
    }
    if (!getenv("CK_MAX_MSG_SIZE"))
        check_set_max_msg_size(SUITE_MESSAGE_MOST);
    if (getenv("CK_FORK"))
        return run(argc, argv, CK_FORK_GETENV);
    if (SUITE_SANITIZED)
        return run(argc, argv, CK_NOFORK);
    int status = exhaustive && *exhaustive ? -1 : run_in_one_process(argc, argv);
    return status < 0 ? run(argc, argv, CK_FORK) : status;
}
