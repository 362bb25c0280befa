/*
 * Chooses the streams to back up, has apply/backup.c do it, and tells of it; see backup_make.h. They are those that are named, those of the
 * manifest, or all of the account.
 */
#include "cmd/backup_make.h"

#include <string.h>

#include "apply/backup.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cmd/account.h"
#include "edit/import.h"
#include "server/survey.h"
#include "view/style.h"

static DIAG_CODE(code_not_there, .name = "not-there", CODE_ERROR(EXIT_FAILED),
                 .doc = "A stream that is to be backed up is not on the server, or cannot be read there.",
                 .why = "A backup that lacks a stream which was asked for would look whole.",
                 .example = "natsform backup --out DIR, before the manifest was applied",
                 .remedy = "Name the streams that there are, or take all of them: --all.");

struct making {
    struct account_run *account;
    VEC(struct backup_stream *) streams;
    int64_t begun; /* by the clock */
};

/* ---- which ---- */

static bool wants_none(void *context, const struct live_object *stream)
{
    (void)context;
    (void)stream;
    return false;
}

static bool is_named(const struct option_list *names, const char *stream)
{
    for (size_t i = 0; i < names->count; i++)
        if (import_names_stream(names->items[i], stream))
            return true;
    return false;
}

static bool is_chosen(const struct account_run *account, const char *stream)
{
    const struct session *session = account->session;
    if (session->options.all)
        return true;
    if (session->arguments.count)
        return is_named(&session->arguments, stream);
    const struct resource *resource = map_get(&account->manifest->streams_by_name, stream);
    return resource && !resource->external;
}

static const struct survey_stream *find(const struct survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->streams.count; i++)
        if (import_names_stream(name, survey->streams.items[i]->live.name))
            return survey->streams.items[i];
    return NULL;
}

/* Each name has to be that of a stream, or a backup would be less than was asked for, and nobody would know. */
static int check_names(const struct account_run *account, const struct survey *survey)
{
    const struct session *session = account->session;
    int failed = 0;
    for (size_t i = 0; i < session->arguments.count; i++)
        if (!find(survey, session->arguments.items[i]))
            failed = diag_error(account->diags, &code_not_there, (struct srcpos){0},
                                "no stream and no bucket is called '%s'", session->arguments.items[i]);
    bool by_manifest = !session->options.all && !session->arguments.count;
    for (size_t i = 0; by_manifest && i < account->manifest->streams.count; i++) {
        const struct resource *resource = account->manifest->streams.items[i];
        if (!resource->external && !find(survey, resource->name))
            failed = diag_error(account->diags, &code_not_there, resource->pos,
                                "stream '%s' of the manifest is not on the server", resource->name);
    }
    for (size_t i = 0; i < survey->offline.count; i++)
        if (is_chosen(account, survey->offline.items[i]))
            failed =
                diag_error(account->diags, &code_not_there, (struct srcpos){0},
                           "stream '%s' is on the server, which cannot run it", survey->offline.items[i]);
    return failed;
}

static int choose(struct making *making)
{
    struct account_run *account = making->account;
    struct arena *arena = &account->session->arena;
    const struct live_source source = {account->server, account->ahead};
    const struct survey *survey = survey_read(arena, &source, wants_none, NULL, account->diags);
    if (!survey || check_names(account, survey))
        return -1;
    for (size_t i = 0; i < survey->streams.count; i++) {
        const struct live_object *live = &survey->streams.items[i]->live;
        if (!is_chosen(account, live->name))
            continue;
        struct backup_stream *stream = ARENA_NEW(arena, struct backup_stream);
        *stream = (struct backup_stream){.name = live->name, .bytes = live->state.bytes};
        VEC_PUSH(arena, &making->streams, stream);
    }
    return 0;
}

/* ---- telling ---- */

static void show_progress(void *context, const struct backup_stream *stream, uint64_t bytes)
{
    const struct making *making = context;
    progress_bytes(&making->account->terms->told, stream->name, bytes, clock_ms() - making->begun);
}

/*
 * Before 2.15, a server leaves out consumers in memory, and in a cluster those of which it has no replica; from 2.15 on, in a cluster, what
 * one has beyond its floor.
 */
static void show_lacking(const struct style *style, const struct backup_consumer *consumer)
{
    if (consumer->is_in_archive && !consumer->goes_back)
        return;
    fputs("  consumer ", style->file);
    style_safe(style, consumer->name);
    if (consumer->is_in_archive)
        fprintf(style->file,
                " is put back by the server to what it has acknowledged without a gap, %llu: what is behind "
                "that comes again\n",
                (unsigned long long)consumer->ack_floor);
    else
        fputs(" is left out by the server; its settings and its position are kept, not what it has "
              "acknowledged beyond\n",
              style->file);
}

/* While servers up to 2.12.2 make an archive, no message is removed by its acknowledgement, and no other time comes for that. */
static bool keeps_acknowledged(const struct making *making, const struct backup_stream *stream)
{
    uint32_t version = VERSION_UNKNOWN;
    version_parse(server_info(making->account->server)->version_text, &version);
    return stream->lets_go && stream->consumers && !stream->copied && version != VERSION_UNKNOWN &&
           !version_has(version, VERSION(2, 12, 3));
}

static void show_ended(void *context, const struct backup_stream *stream)
{
    const struct making *making = context;
    const struct style *style = &making->account->terms->out;
    progress_clear(&making->account->terms->told);
    style_safe(style, stream->name);
    fprintf(style->file, ": %s message%s (%s..%s), ", node_get_text(stream->state, "messages"),
            text_plural(node_get_number(stream->state, "messages")),
            node_get_text(stream->state, "first_seq"), node_get_text(stream->state, "last_seq"));
    style_bytes(style, stream->archive_bytes);
    fprintf(style->file, ", %zu consumer%s\n", stream->consumers, text_plural(stream->consumers));
    if (stream->copied)
        fputs("  the server makes no archive of a stream in memory: its messages were copied one by one\n",
              style->file);
    if (keeps_acknowledged(making, stream))
        fputs(
            "  what its consumers have acknowledged meanwhile stays in the stream: this server removes nothing while it "
            "makes an archive\n",
            style->file);
    for (size_t i = 0; i < stream->contents->consumers.count; i++)
        show_lacking(style, &stream->contents->consumers.items[i]);
    fflush(style->file);
}

static void show_result(const struct making *making, const char *folder)
{
    const struct style *style = &making->account->terms->out;
    size_t kept = 0;
    for (size_t i = 0; i < making->streams.count; i++)
        kept += making->streams.items[i]->kept;
    fprintf(style->file, "Backed up %zu stream%s to ", making->streams.count,
            text_plural(making->streams.count));
    style_safe(style, folder);
    if (kept)
        fprintf(style->file, ", %zu of them by an earlier run that did not end", kept);
    fputc('\n', style->file);
}

/* ---- the whole ---- */

/* With several accounts, two streams may have one name. */
static const char *folder_for(const struct account_run *account)
{
    const char *out = account->session->options.out_dir;
    const char *connection = account->manifest ? account->manifest->connection : NULL;
    return connection ? arena_printf(&account->session->arena, "%s/%s", out, connection) : out;
}

static int make(struct account_run *account, void *context)
{
    struct session *session = account->session;
    bool by_manifest = !session->options.all && !session->arguments.count;
    struct making making = {.account = account, .begun = clock_ms()};
    (void)context;
    if (by_manifest ? account_connect(account) || account_check_expected(account)
                    : account_connect_alone(account))
        return -1;
    if (choose(&making))
        return -1;
    if (!making.streams.count) {
        fputs("There is no stream to back up.\n", account->terms->out.file);
        return EXIT_DONE;
    }
    struct backup_run run = {
        .arena = &session->arena,
        .server = account->server,
        .folder = folder_for(account),
        .now = session_now(),
        .interrupted = interrupt_came,
        .progress = show_progress,
        .ended = show_ended,
        .context = &making,
    };
    int failed = backup_streams(&run, making.streams.items, making.streams.count, account->diags);
    progress_clear(&account->terms->told);
    if (failed)
        return -1;
    show_result(&making, run.folder);
    return EXIT_DONE;
}

int backup_make(struct session *session)
{
    const struct options *options = &session->options;
    if (!options->out_dir || !*options->out_dir)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "--out names the folder for the backup");
    if (options->all && session->arguments.count)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "either names or --all");
    interrupt_defer();
    return options->all || session->arguments.count ? accounts_run_single(session, make)
                                                    : accounts_run(session, make);
}
