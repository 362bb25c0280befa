/*
 * natsform restore: streams out of backups. All of them are planned and shown first; nothing is sent before the answer.
 */
#include "cmd/command.h"

#include <stdint.h>
#include <string.h>

#include "apply/restore.h"
#include "base/clock.h"
#include "base/exit.h"
#include "cmd/account.h"
#include "view/style.h"

struct run_of_restores {
    struct account_run *account;
    VEC(struct restoring *) list;
    int64_t begun;   /* by the clock */
    const char *now; /* the stream that is restored */
};

/* ---- telling ---- */

static void show_anew(const struct style *style, const struct restoring *restoring)
{
    for (size_t i = 0; i < restoring->anew.count; i++) {
        const struct node *info = restoring->anew.items[i];
        uint64_t start = restore_start(info);
        fputs("      consumer ", style->file);
        style_safe(style, node_get_text(info, "name"));
        fputs(" is not in the archive: it is made anew", style->file);
        if (start)
            fprintf(
                style->file,
                ", from %llu on; what it acknowledged behind that comes again\n"
                "          its deliver_policy is by_start_sequence then: so may the manifest say, or ignore it",
                (unsigned long long)start);
        fputc('\n', style->file);
    }
}

static void show_going_back(const struct style *style, const struct backup_contents *contents)
{
    for (size_t i = 0; i < contents->consumers.count; i++) {
        const struct backup_consumer *consumer = &contents->consumers.items[i];
        if (!consumer->goes_back)
            continue;
        fputs("      consumer ", style->file);
        style_safe(style, consumer->name);
        fprintf(style->file, " goes on from %llu: what it acknowledged behind that comes again\n",
                (unsigned long long)consumer->ack_floor + 1);
    }
}

static void show_plan(const struct style *style, const struct restoring *restoring)
{
    const struct backup_contents *contents = &restoring->contents;
    style_print(style, COLOUR_GREEN, "  + ");
    fputs("stream ", style->file);
    style_safe(style, restoring->name ? restoring->name : restoring->backup.stream);
    fputs(", from ", style->file);
    style_safe(style, restoring->folder);
    fprintf(style->file, ": %llu messages (%llu..%llu), ", (unsigned long long)contents->messages,
            (unsigned long long)contents->first_seq, (unsigned long long)contents->last_seq);
    style_bytes(style, contents->bytes);
    fprintf(style->file, ", %zu consumer%s\n", contents->consumers.count,
            contents->consumers.count == 1 ? "" : "s");
    if (restoring->is_there)
        fputs("      it is there already, with just these messages: nothing is sent\n", style->file);
    if (restoring->by_messages)
        fputs(
            "      this server takes no archive of a stream in memory: its messages are published again, one by one.\n"
            "      Their times are new then, and headers Nats-Expected-... are left out, by which the server would refuse them\n",
            style->file);
    if (restoring->is_left)
        fputs("      what a restore that was killed has left of it is deleted first\n", style->file);
    if (restoring->is_seen)
        fputs(
            "      whoever listens on its subjects gets them too, and nobody else may publish there meanwhile\n",
            style->file);
    if (!restoring->by_messages)
        show_going_back(style, contents);
    show_anew(style, restoring);
}

static void show_progress(void *context, uint64_t bytes)
{
    const struct run_of_restores *run = context;
    progress_bytes(&run->account->terms->told, run->now, bytes, clock_ms() - run->begun);
}

static void show_done(const struct style *style, const struct restoring *restoring)
{
    style_safe(style, restoring->name ? restoring->name : restoring->backup.stream);
    fprintf(style->file, ": restored, %s messages (%s..%s)\n", node_get_text(restoring->state, "messages"),
            node_get_text(restoring->state, "first_seq"), node_get_text(restoring->state, "last_seq"));
    fflush(style->file);
}

/* ---- the steps ---- */

/* The backup in the folder, or all that it has. */
static int add_folder(struct run_of_restores *run, const char *folder)
{
    struct session *session = run->account->session;
    struct backup_folders folders;
    if (backup_find(&session->arena, folder, &folders, run->account->diags))
        return -1;
    for (size_t i = 0; i < folders.list.count; i++) {
        struct restoring *restoring = ARENA_NEW(&session->arena, struct restoring);
        *restoring = (struct restoring){.arena = &session->arena,
                                        .server = run->account->server,
                                        .folder = folders.list.items[i],
                                        .name = session->options.name,
                                        .interrupted = interrupt_came,
                                        .progress = show_progress,
                                        .context = run};
        VEC_PUSH(&session->arena, &run->list, restoring);
    }
    return 0;
}

static int plan_all(struct run_of_restores *run)
{
    struct account_run *account = run->account;
    struct session *session = account->session;
    int failed = 0;
    for (size_t i = 0; i < session->arguments.count; i++)
        failed |= add_folder(run, session->arguments.items[i]);
    if (!failed && session->options.name && run->list.count != 1)
        failed = diag_error(account->diags, &code_usage, (struct srcpos){0},
                            "--as is for one backup; these are %zu", run->list.count);
    for (size_t i = 0; !failed && i < run->list.count; i++) {
        failed |= restore_plan(run->list.items[i], account->diags);
        if (!failed)
            show_plan(&account->terms->out, run->list.items[i]);
    }
    fflush(account->terms->out.file);
    return failed;
}

static int carry_out_all(struct run_of_restores *run)
{
    struct account_run *account = run->account;
    int failed = 0;
    for (size_t i = 0; !failed && i < run->list.count; i++) {
        struct restoring *restoring = run->list.items[i];
        run->begun = clock_ms();
        run->now = restoring->backup.stream;
        failed = restore_stream(restoring, account->diags);
        progress_clear(&account->terms->told);
        if (!failed)
            show_done(&account->terms->out, restoring);
    }
    return failed ? -1 : EXIT_DONE;
}

static int restore(struct account_run *account, void *context)
{
    struct run_of_restores run = {.account = account};
    struct session *session = account->session;
    (void)context;
    if (account_connect_alone(account) || plan_all(&run))
        return -1;
    if (session->options.dry_run)
        return EXIT_DONE;
    int declined = session->options.yes ? 0 : account_confirm(account, "Restore this");
    interrupt_defer();
    return declined ? declined : carry_out_all(&run);
}

static int run(struct session *session)
{
    return accounts_run_single(session, restore);
}

const struct command restore_command = {
    .help =
        {
            .name = "restore",
            .arguments = "DIR...",
            .summary = "Make streams out of backups",
            .description =
                "Makes the streams of backups anew, with messages, sequences and consumers. DIR is the directory of a stream, "
                "or one that has several. It takes what 'natsform backup' and the nats CLI wrote.\n\n"
                "First each backup is verified, byte by byte, and the server is asked whether it can take it: a stream of "
                "that name must not be there, and servers before 2.15 cannot read archives of later ones. All of this is "
                "shown, and asked about, before anything is sent; --dry-run stops there. Afterwards the server is asked what "
                "it has: messages, sequences and the position of each consumer. What is left of a restore that failed is "
                "taken away again.\n\n"
                "Consumers that the archive lacks, as servers before 2.15 leave some out, are made anew from where they were.",
            .examples =
                (const char *const[]){
                    "See what would be restored",
                    "natsform restore backups/ORDERS --dry-run",
                    "All streams of a backup",
                    "natsform restore backups --yes",
                    "Beside the stream that is there, on nats-server 2.15 and later",
                    "natsform restore backups/ORDERS --as ORDERS_OLD",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_DRY_RUN | OPTIONS_RESTORE,
        },
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
