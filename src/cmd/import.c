/*
 * natsform import: takes live objects, by name, into the manifest and the project. First the manifest gets the
 * entries, in memory and with a plan as a proof. After the question the files are written, and the objects get the
 * project's mark.
 */
#include "cmd/apply.h"
#include "cmd/command.h"

#include <stdint.h>
#include <string.h>

#include "base/exit.h"
#include "cmd/account.h"
#include "cmd/import_compose.h"
#include "cmd/import_conf.h"
#include "cmd/manifest_write.h"
#include "edit/import.h"
#include "kind/manifest_rows.h"
#include "manifest/load.h"
#include "plan/step.h"
#include "view/plan_text.h"

struct import {
    struct target target;
    struct survey *survey;
    const struct import_picks *picks;
    struct export_request request;
    struct exported exported;
    struct pulled pulled;
    const struct plan *taken; /* with --from-project: what would get the project's mark */
};

static bool wants(void *context, const struct live_object *stream)
{
    const struct account_run *account = context;
    const struct option_list *names = &account->session->arguments;
    bool named = map_get(&account->manifest->streams_by_name, stream->name) != NULL;
    for (size_t i = 0; i < names->count && !named; i++)
        named = import_names_stream(names->items[i], stream->name);
    return named;
}

/* Finds the objects to import, and adds their entries to the manifest's texts in memory. */
static int prepare(struct account_run *account, struct import *import)
{
    struct session *session = account->session;
    const char *from = session->options.from_project;
    const struct plan_options options = {.from = from};
    const struct live_source source = {account->server, account->ahead};
    struct import_additions additions;
    struct manifest_reader reader;
    import->survey = survey_read(&session->arena, &source, wants, account, account->diags);
    const struct import_request wanted = {import->survey, account->manifest, session->arguments.items,
                                          session->arguments.count, from};
    if (import->survey)
        import->picks = import_pick(&session->arena, &wanted, account->diags);
    if (!import->picks)
        return -1;
    if (!import->picks->list.count)
        return 0;
    import->request = (struct export_request){
        .target = &import->target,
        .project = account->manifest->project,
        .picks = import->picks->list.items,
        .pick_count = import->picks->list.count,
        .from = from,
    };
    if (export_account(&session->arena, import->survey, &import->request, account->diags,
                       &import->exported) ||
        import_additions(&session->arena, &import->exported, account->manifest, account->diags, &additions))
        return -1;
    session_reader(session, &reader);
    struct pull_request request = {
        .reader = &reader,
        .paths = session->files.items,
        .path_count = session->files.count,
        .target = &import->target,
        .survey = import->survey,
        .options = &options,
        .additions = additions.list.items,
        .addition_count = additions.list.count,
    };
    if (from)
        import->taken = export_adopt(&session->arena, import->survey, &import->request, &import->exported,
                                     account->diags);
    if ((from && !import->taken) || !additions.list.count)
        return from && !import->taken ? -1 : 0;
    return pull_drift(&session->arena, &request, account->diags, &import->pulled);
}

/* Is there a project, and does the server keep its marks? */
static bool marks(const struct account_run *account, const struct import *import)
{
    return account->manifest->project && version_has(import->target.version, MARKS_SINCE);
}

/* Gives the project's mark to imported objects without one. */
static int adopt(struct account_run *account, struct import *import)
{
    if (!marks(account, import))
        return EXIT_DONE;
    struct plan *plan = export_adopt(&account->session->arena, import->survey, &import->request,
                                     &import->exported, account->diags);
    if (!plan || account->diags->errors)
        return -1;
    if (plan->counts[ACTION_ADOPT] && account_lock_adoption(account))
        return -1;
    return plan_is_empty(plan) ? EXIT_DONE : carry_out(account, plan);
}

/* Shows what is another project's still. Returns how many that is. */
static size_t show_taken(const struct account_run *account, const struct import *import)
{
    struct page page;
    const struct style *style = &page.style;
    const char *from = account->session->options.from_project;
    size_t count = 0;
    page_begin(&page, &account->terms->told);
    for (size_t i = 0; import->taken && i < import->taken->steps.count; i++) {
        const struct step *step = import->taken->steps.items[i];
        const struct live_object live = step_as_read(step);
        const char *owner = mark_owner(&live);
        if (step->action != ACTION_ADOPT || !owner || strcmp(owner, from) != 0)
            continue;
        fputs(count++ ? ", " : "takes over from project '", style->file);
        if (count == 1) {
            style_safe(style, from);
            fputs("', whose manifest has to let them go: ", style->file);
        }
        style_safe(style, step->label);
    }
    if (count)
        fputc('\n', style->file);
    page_end(&page);
    return count;
}

/* The project that takes over has a name, and is another one. */
static int check_from(const struct account_run *account)
{
    const char *from = account->session->options.from_project;
    const char *project = account->manifest->project;
    if (!from || (project && strcmp(from, project) != 0))
        return 0;
    return diag_error(account->diags, &code_usage, (struct srcpos){0},
                      project ? "'--from-project' names the manifest's own project"
                              : "'--from-project' needs a manifest with '%s'",
                      table_field_by_id(&manifest_table, MANIFEST_PROJECT)->name);
}

/* Who is not asked is told where the objects are. */
static void print_place(struct account_run *account)
{
    struct page page;
    const struct target target = account_target(account);
    page_begin(&page, &account->terms->told);
    fputs("importing from ", page.style.file);
    style_safe(&page.style, view_target_place(&account->session->arena, &target));
    fputc('\n', page.style.file);
    page_end(&page);
}

static int lock(struct account_run *account)
{
    const char *from = account->session->options.from_project;
    return account_lock(account) || (from && account_lock_other(account, from)) ? -1 : 0;
}

static int import_objects(struct account_run *account, void *context)
{
    struct session *session = account->session;
    const struct options *options = &session->options;
    struct import import = {0};
    (void)context;
    /* A dry run changes nothing, so nobody has to be kept out. */
    if (account_connect(account) || manifest_check_native(session) || check_from(account) ||
        account_check_expected(account) || (!options->dry_run && lock(account)))
        return -1;
    import.target = account_target(account);
    int failed = prepare(account, &import);
    for (size_t i = 0; i < import.exported.remarks.count; i++)
        fprintf(session->told.file, "%s\n", import.exported.remarks.items[i]);
    if (failed || account->diags->errors)
        return -1;
    manifest_show(session, &import.pulled);
    size_t taken = show_taken(account, &import);
    if (!import.pulled.files.count && !taken)
        fputs("Nothing to import\n", session->told.file);
    if ((!import.pulled.files.count && !taken) || options->dry_run)
        return EXIT_DONE;
    if (import.pulled.files.count && manifest_check_writable(session, &import.pulled))
        return -1;
    if (options->yes)
        print_place(account);
    account_unlock(account);
    const char *question = marks(account, &import)
                               ? "Write this to the manifest, and mark the objects as the project's"
                               : "Write this to the manifest, as it is";
    int declined = account_confirm(
        account, import.pulled.files.count ? question : "Mark these objects as the project's");
    if (declined)
        return declined;
    if (lock(account))
        return -1;
    /* The manifest first: a marked object that no manifest has is what --prune deletes. */
    if (import.pulled.files.count && manifest_write(session, &import.pulled))
        return -1;
    return adopt(account, &import);
}

static int run(struct session *session)
{
    if (import_conf_is_meant(session))
        return import_conf_run(session);
    if (import_compose_is_meant(session))
        return import_compose_run(session);
    if (import_conf_check_unused(session) || session_check_arguments(session, 1, SIZE_MAX) ||
        manifest_check_paths(session))
        return -1;
    return accounts_run_single(session, import_objects);
}

const struct command import_command = {
    .help =
        {
            .name = "import",
            .arguments = "NAME... | conf FILE | compose FILE",
            .summary = "Take live objects, a nats-server.conf or a Compose file into a manifest",
            .description =
                "Writes an entry for each object into the manifest, as 'natsform export' would write it, and marks the "
                "object as the project's. No setting of the object changes. NAME is STREAM (with its consumers), "
                "STREAM/CONSUMER, or the name of a bucket. Patterns skip what is in the manifest already.\n\n"
                "If the manifest includes a folder (include: [streams/*.yaml]), the entry becomes a file there. Otherwise "
                "it goes after the last entry of its kind, and every other byte of the manifest stays. A consumer of a "
                "stream that is not in the manifest goes below that stream with 'external: true'. The change is shown "
                "first, and nothing is written before a typed 'yes' or --yes.\n\n"
                "Another project's objects are passed over, unless --from-project names it: then they become this project's, "
                "with all that they are, whether the manifest has them already or gets them now. The other manifest has to "
                "let them go, or its next plan is refused.\n\n"
                "'natsform import conf FILE' asks no server. It turns a nats-server configuration, with what it includes, "
                "into a manifest with a server of the same meaning. Environment variables stay variables, and passwords, "
                "tokens and keys become variables.\n\n"
                "'natsform import compose FILE' does the same with the nats services of a Docker Compose file, with their "
                "configurations, flags, published ports and variables. To import a stream named 'conf' or 'compose', put "
                "another name before it.",
            .examples =
                (const char *const[]){
                    "A stream with its consumers",
                    "natsform import ORDERS",
                    "One consumer",
                    "natsform import ORDERS/billing",
                    "Everything that is not in the manifest yet; only show it",
                    "natsform import '*' --dry-run",
                    "All of a project that is called otherwise now",
                    "natsform import '*' --from-project old-name",
                    "A server's configuration as a manifest, its passwords apart",
                    "natsform import conf /etc/nats/nats-server.conf --out natsform.yaml --secrets .env",
                    "The nats services of a Compose file",
                    "natsform import compose docker-compose.yml --out natsform.yaml --secrets secrets.env",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_DRY_RUN |
                       OPTIONS_IMPORT_CONF | OPTIONS_IMPORT | OPTIONS_LOCK,
        },
    .most = SIZE_MAX,
    .run = run,
};
