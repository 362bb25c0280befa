/*
 * natsform diff: a plan as a unified diff of YAML, or the changes from one Git revision to another. In the second
 * case the first revision takes the place of the server (plan/without_server.c), and no connection is made.
 */
#include "cmd/command.h"

#include "base/exit.h"
#include "cmd/account.h"
#include "cmd/document.h"
#include "plan/without_server.h"
#include "view/plan_text.h"
#include "view/text_diff.h"

/* Exit codes as in diff(1): 0 equal, 1 different, 2 failed. */
static int show(struct session *session, const struct plan *plan, const struct diff_sides *sides,
                bool several)
{
    if (plan && session_prints_document(session))
        document_add_plan(session, plan, several);
    if (!plan || (session_prints_text(session) && view_plan_diff(&session->out, plan, sides)))
        return EXIT_CHANGES;
    return plan_is_empty(plan) ? EXIT_DONE : EXIT_FAILED;
}

static int target_version(struct session *session, uint32_t *ret_version)
{
    const char *text = session->options.server_version;
    struct srcpos nowhere = {0};
    *ret_version = VERSION_UNKNOWN;
    if (text && !session->arguments.count)
        return diag_error(&session->diags, &code_usage, nowhere,
                          "--server-version is for revisions: a server tells its own version");
    if (text && !version_parse(text, ret_version))
        return diag_error(&session->diags, &code_usage, nowhere,
                          "--server-version must be a version such as 2.10 or 2.10.27, not '%s'", text);
    return 0;
}

static int show_revisions(struct session *session, uint32_t version)
{
    const struct option_list *files = &session->named;
    struct revision_sides sides;
    struct manifest *manifests[2];
    if (session_check_env_files(session) ||
        revisions_between(session_revisions(session), session->arguments.items[0], files->items, files->count,
                          &sides, &session->diags))
        return EXIT_CHANGES;
    for (int i = 0; i < 2; i++)
        manifests[i] = session_load_paths(session, sides.paths[i], sides.count, NULL);
    if (!manifests[0] || !manifests[1])
        return EXIT_CHANGES;
    return show(session,
                compare_manifests(&session->arena, manifests[0], manifests[1], version, &session->diags),
                &(struct diff_sides){sides.names[0], sides.names[1] ? sides.names[1] : "manifest"}, false);
}

static int show_live(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct plan *plan = account_plan(account);
    const char *name = account->manifest ? account->manifest->connection : NULL;
    (void)context;
    struct diff_sides sides = {"live", "manifest"};
    if (name)
        sides = (struct diff_sides){arena_printf(&session->arena, "%s/live", name),
                                    arena_printf(&session->arena, "%s/manifest", name)};
    return show(session, plan, &sides, account->terms->goes_on);
}

static int run(struct session *session)
{
    uint32_t version;
    if (target_version(session, &version))
        return -1;
    if (session->arguments.count && session->connections.count)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "--connection is for a comparison with a server, not with a revision");
    return session->arguments.count ? show_revisions(session, version) : accounts_run(session, show_live);
}

const struct command diff_command = {
    .help =
        {
            .name = "diff",
            .arguments = "[REV..REV]",
            .summary = "Show what apply would do as a unified diff of YAML",
            .description =
                "Writes what the server holds and what the manifest says as YAML, and shows the difference for each "
                "object. Exit codes as in diff(1): 0 no differences, 1 differences, 2 failed.\n\n"
                "With REV..REV it compares two revisions of the manifest in the Git repository, without a server. A side "
                "that is left out is HEAD. REV...REV compares the second with the point where it branched off from the "
                "first. A single REV is compared with the files on disk. What -f names is looked for in each revision. "
                "--server-version says for which server the objects are completed and compared.",
            .examples =
                (const char *const[]){
                    "See what drifted",
                    "natsform diff",
                    "Page through it in colour",
                    "natsform diff --color always | less -R",
                    "What a pull request changes",
                    "natsform diff origin/main...HEAD",
                    "The same for programs: the plan as JSON",
                    "natsform diff -o json | jq '.resource_changes[].address'",
                    "What changes that are not committed yet would do",
                    "natsform diff HEAD -f prod/natsform.yaml",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER | OPTIONS_LOSS |
                       OPTIONS_PRUNE | OPTIONS_VERSION | OPTIONS_REVIEW,
        },
    .most = 1,
    .run = run,
};
