/*
 * natsform restore: streams out of backups. All of them are planned and shown first; nothing is sent before the answer.
 */
#include "base/text.h"
#include "cmd/command.h"

#include <stdint.h>
#include <string.h>

#include "apply/restore.h"
#include "apply/restore_consumers.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/instant.h"
#include "base/number.h"
#include "base/path.h"
#include "cmd/account.h"
#include "field/decode.h"
#include "field/encode.h"
#include "field/subject.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "view/style.h"

struct run_of_restores {
    struct account_run *account;
    VEC(struct restoring *) list;
    struct restore_terms terms;
    int64_t begun;   /* by the clock */
    const char *now; /* the stream that is restored */
};

/* ---- the options ---- */

static int usage(const struct run_of_restores *run, const char *what, const char *text)
{
    return diag_error(run->account->diags, &code_usage, (struct srcpos){0}, "%s, not '%s'", what, text);
}

/* A time, or how long ago it was. */
static int read_time(struct run_of_restores *run, const char *text)
{
    enum { SECOND_NANOS = 1000000000 };
    struct rewrite_terms *terms = &run->terms.rewrite;
    int64_t ago = 0;
    terms->has_time = true;
    if (instant_parse(text, &terms->from_time))
        return 0;
    if (duration_parse(text, &ago))
        return usage(run, "--from-time wants a time such as 2026-11-29T12:00:00Z, or a duration such as 2h",
                     text);
    terms->from_time = session_now();
    terms->from_time.seconds -= ago / SECOND_NANOS;
    return 0;
}

static int read_rename(struct run_of_restores *run, const char *text)
{
    struct arena *arena = &run->account->session->arena;
    struct rename rename;
    const char *fault = rename_parse(arena, text, &rename);
    if (!fault) {
        VEC_PUSH(arena, &run->terms.rewrite.renames, rename);
        return 0;
    }
    struct diag *diag = diag_add(run->account->diags, &code_usage, (struct srcpos){0},
                                 "--rename-subject '%s' %s", text, fault);
    diag_hint(run->account->diags, diag, "--rename-subject 'orders.>=old.>'");
    return -1;
}

static int read_rewrite(struct run_of_restores *run)
{
    const struct options *options = &run->account->session->options;
    struct rewrite_terms *terms = &run->terms.rewrite;
    int failed = 0;
    for (size_t i = 0; i < options->subjects.count; i++) {
        const char *subject = options->subjects.items[i];
        if (!subject_is_valid(subject))
            failed |= usage(run, "--subject wants a subject", subject);
        VEC_PUSH(&run->account->session->arena, &terms->subjects, subject);
    }
    if (options->from_sequence &&
        (!number_parse_u64(options->from_sequence, &terms->from_sequence) || !terms->from_sequence))
        failed |= usage(run, "--from-sequence wants a sequence, from 1 on", options->from_sequence);
    if (options->from_time)
        failed |= read_time(run, options->from_time);
    for (size_t i = 0; i < options->renames.count; i++)
        failed |= read_rename(run, options->renames.items[i]);
    return failed;
}

static int read_terms(struct run_of_restores *run)
{
    const struct options *options = &run->account->session->options;
    if (options->project && options->no_project)
        return diag_error(run->account->diags, &code_usage, (struct srcpos){0},
                          "either --project or --no-project");
    run->terms.sets = options->sets.items;
    run->terms.set_count = options->sets.count;
    run->terms.replicas = options->replicas;
    run->terms.cluster = options->cluster_name;
    run->terms.tags = options->tags.items;
    run->terms.tag_count = options->tags.count;
    run->terms.project = options->project;
    run->terms.no_project = options->no_project;
    return read_rewrite(run);
}

/* ---- telling ---- */

static void show_anew(const struct style *style, const struct restoring *restoring)
{
    for (size_t i = 0; i < restoring->anew.count; i++) {
        const struct node *info = restoring->anew.items[i];
        uint64_t start = restore_start(restoring, info);
        fputs("      consumer ", style->file);
        style_safe(style, node_get_text(info, "name"));
        fputs(" is not in the archive: it is made anew", style->file);
        if (start && restore_moves(restoring, info))
            fprintf(style->file, ", and goes on from %llu; what it acknowledged behind that comes again",
                    (unsigned long long)start);
        else if (start)
            fprintf(style->file, ", from %llu on; what it acknowledged behind that comes again",
                    (unsigned long long)start);
        if (start && !restore_moves(restoring, info) && !restore_keeps_start(restoring))
            fputs(
                "\n          its deliver_policy is by_start_sequence then: so may the manifest say, or ignore it",
                style->file);
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

static void show_subject(const struct style *style, const char *before, const char *subject)
{
    fputs(before, style->file);
    style_safe(style, subject);
}

/* Of what is chosen, and what is otherwise than it was. */
static void show_chosen(const struct style *style, const struct restoring *restoring)
{
    const struct rewrite *rewrite = &restoring->rewrite;
    if (rewrite->consumer_replicas)
        fprintf(style->file, "      consumers with more replicas get %llu\n",
                (unsigned long long)rewrite->consumer_replicas);
    if (!rewrite_is_wanted(&restoring->terms->rewrite))
        return;
    fprintf(style->file, "      %llu of them (%llu..%llu), with the sequences that they had",
            (unsigned long long)rewrite->messages, (unsigned long long)rewrite->first_seq,
            (unsigned long long)rewrite->last_seq);
    if (rewrite->terms->renames.count)
        fprintf(style->file, "; %llu with another subject", (unsigned long long)rewrite->renamed);
    fputc('\n', style->file);
}

static void show_changes(const struct style *style, struct arena *arena, const struct restoring *restoring)
{
    const struct object *before =
        object_decode(arena, &stream_table, NULL, restoring->backup.config, FORM_WIRE, NULL);
    const struct object *after =
        object_decode(arena, &stream_table, NULL, restoring->config, FORM_WIRE, NULL);
    for (size_t i = 0; i < stream_table.count; i++) {
        const struct field *field = &stream_table.fields[i];
        const struct value *old = object_value_of(before, field), *new = object_value_of(after, field);
        if (field->id == STREAM_NAME || field->id == STREAM_METADATA || value_equal(field, old, new))
            continue;
        fprintf(style->file, "      %s: ", field->name);
        show_subject(style, "", value_text(arena, field, old));
        show_subject(style, " -> ", value_text(arena, field, new));
        fputc('\n', style->file);
    }
}

static void show_owner(const struct style *style, const struct restoring *restoring)
{
    if (restoring->terms->project)
        show_subject(style, "      it belongs to project ", restoring->terms->project);
    else if (restoring->terms->no_project)
        fputs("      it belongs to no project", style->file);
    else if (restoring->loses_marks)
        fputs("      it belongs to no project: the server keeps no metadata, and so no mark of an owner",
              style->file);
    else
        return;
    fputc('\n', style->file);
}

static void show_plan(const struct style *style, struct arena *arena, const struct restoring *restoring)
{
    const struct backup_contents *contents = &restoring->contents;
    style_print(style, COLOUR_GREEN, "  + ");
    fputs("stream ", style->file);
    style_safe(style, restoring->name ? restoring->name : restoring->backup.stream);
    fputs(", from ", style->file);
    style_safe(style, restoring->folder);
    fprintf(style->file, ": %llu message%s (%llu..%llu), ", (unsigned long long)contents->messages,
            text_plural(contents->messages), (unsigned long long)contents->first_seq,
            (unsigned long long)contents->last_seq);
    style_bytes(style, contents->bytes);
    fprintf(style->file, ", %zu consumer%s\n", contents->consumers.count,
            text_plural(contents->consumers.count));
    if (restoring->is_there)
        fputs("      it is there already, with just these messages: nothing is sent\n", style->file);
    show_chosen(style, restoring);
    show_changes(style, arena, restoring);
    show_owner(style, restoring);
    if (restoring->replicas_later && !restoring->by_messages)
        fprintf(style->file, "      it is restored with 1 replica, and gets %llu then, since it is large\n",
                (unsigned long long)restoring->replicas_later);
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
    fprintf(style->file, ": restored, %s message%s (%s..%s)\n", node_get_text(restoring->state, "messages"),
            text_plural(node_get_number(restoring->state, "messages")),
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
        /* In a backup of a whole account, which the nats CLI made while a run was at work. */
        if (folders.list.count > 1 && stream_name_is_reserved(path_name(folders.list.items[i])))
            continue;
        struct restoring *restoring = ARENA_NEW(&session->arena, struct restoring);
        *restoring = (struct restoring){.arena = &session->arena,
                                        .server = run->account->server,
                                        .folder = folders.list.items[i],
                                        .name = session->options.name,
                                        .terms = &run->terms,
                                        .now = session_now(),
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
            show_plan(&account->terms->out, &session->arena, run->list.items[i]);
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
    if (read_terms(&run) || account_connect_alone(account) || plan_all(&run))
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
                "Consumers that the archive lacks, as servers before 2.15 leave some out, are made anew from where they were.\n\n"
                "The stream may get other replicas, another place and other settings; each is read as in a manifest, and what "
                "messages would be lost by is refused. Marks of a project are kept, or changed by --project and --no-project. On "
                "nats-server 2.15 and later, a part of the messages can be chosen, and their subjects renamed; sequences stay, "
                "and so do the positions of consumers.",
            .examples =
                (const char *const[]){
                    "See what would be restored",
                    "natsform restore backups/ORDERS --dry-run",
                    "All streams of a backup",
                    "natsform restore backups --yes",
                    "Beside the stream that is there, on nats-server 2.15 and later",
                    "natsform restore backups/ORDERS --as ORDERS_OLD",
                    "With one replica, on a single server, and for a week only",
                    "natsform restore backups/ORDERS --replicas 1 --set max_age=7d",
                    "The last two hours, under other subjects, to look at them",
                    "natsform restore backups/ORDERS --as LOOK --from-time 2h --rename-subject 'orders.>=look.>'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_SERVER | OPTIONS_CONFIRM | OPTIONS_DRY_RUN | OPTIONS_RESTORE,
        },
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
