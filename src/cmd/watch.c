/*
 * natsform watch: shows drift as it happens. It listens to the server's advisories (server/advisory.h). What they are about is read again, and compared
 * with the manifest, as `plan` does it; watch_tell.c tells what came out.
 *
 * Advisories are not kept for whoever is not there. So everything is read once more after the connection was lost, after advisories
 * were dropped, and every now and then.
 */
#include "cmd/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/scope.h"
#include "cmd/command.h"
#include "cmd/session.h"
#include "field/value.h"
#include "view/diagnostics.h"

enum {
    LOOK_MS = 100,       /* how long to wait before signals, the connection and files get their turn */
    QUIET_MS = 150,      /* advisories that come so shortly after each other are one batch */
    QUIET_MOST_MS = 600, /* but nobody waits longer than that */
    FILES_MS = 500,
    AGAIN_MS = 1000, /* before another try to connect */
    EVERY_MS = 60000,
    QUEUE_BYTES = 32 * 1024 * 1024,
};

/* Why an object is told of that nobody has changed. */
static const char manifest_is_other[] = "compared with the manifest as it is now";

/* ---- what it has to say itself ---- */

static void note(const struct watching *watching, const char *type, const char *text)
{
    watch_view_note(&watching->view, session_now(), type, text);
}

static int64_t every(const struct watching *watching)
{
    int64_t said = watching->session->options.every_ms;
    return said ? said : EVERY_MS;
}

static const char *every_text(const struct watching *watching, struct arena *arena)
{
    return duration_format(arena, every(watching) * 1000000);
}

/* What this server does not tell to anybody. */
static void note_limits(const struct watching *watching)
{
    struct arena arena SCOPED(arena_release) = {0};
    const struct server_info *info = server_info(watching->account->server);
    const struct connection_settings *settings = &watching->account->settings;
    uint32_t version;
    if (version_parse(info->version_text, &version) && version < VERSION(2, 10, 0))
        note(watching, "unseen",
             arena_printf(&arena, "not seen: who changes something; nats-server %s does not tell",
                          info->version_text));
    if (settings->api_prefix)
        note(watching, "unseen",
             arena_printf(
                 &arena,
                 "perhaps not seen: advisories of the JetStream behind '%s', if they do not reach this "
                 "account; everything is read again every %s",
                 settings->api_prefix, every_text(watching, &arena)));
}

static void note_refused(struct watching *watching, size_t subject)
{
    struct arena arena SCOPED(arena_release) = {0};
    if (watching->refused[subject])
        return;
    watching->refused[subject] = true;
    note(watching, "unseen",
         arena_printf(
             &arena,
             "not seen at once: %s; the user may not subscribe to '%s', so everything is read again every %s",
             advisory_tells[subject], advisory_subjects[subject], every_text(watching, &arena)));
}

/* ---- reading ---- */

static void read_all(struct watching *watching, const char *why)
{
    watching->why = why;
}

/* What is wrong, once: it is the same at each reading. */
static void tell_fault(struct watching *watching, struct diags *diags)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct node *list = node_list(&arena);
    diagnostics_json(&arena, diags, NULL, list);
    struct strbuf text SCOPED(strbuf_release) = {0};
    for (size_t i = 0; i < list->count; i++)
        strbuf_addf(&text, "%s\n", node_get_text(list->items[i], "message"));
    if (watching->fault && strcmp(watching->fault, strbuf_text(&text)) == 0)
        return;
    free(watching->fault);
    watching->fault = strdup(strbuf_text(&text));
    view_diagnostics(&watching->session->err, diags);
    fflush(watching->session->err.file);
    for (size_t i = 0; watching->view.json && i < list->count; i++)
        note(watching, "problem", node_get_text(list->items[i], "message"));
}

static void add_paths(struct watching *watching, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *path = arena_strdup(&watching->files_arena, paths[i]);
        if (!map_put(&watching->known_paths, path, path))
            VEC_PUSH(&watching->files_arena, &watching->paths.list, path);
    }
}

/*
 * Watches what the turn has read, too, and goes on with what others have: a file that was not there, or was named by another one, may be there again.
 * Returns whether there was anything new.
 */
static bool watch_files(struct watching *watching, const struct turn *turn)
{
    const struct session *session = watching->session;
    size_t known = watching->paths.list.count;
    for (size_t i = 0; i < turn->reads.list.count; i++)
        if (!map_get(&watching->known_paths, turn->reads.list.items[i]))
            add_paths(watching, &turn->reads.list.items[i], 1);
    if (!known) {
        add_paths(watching, session->files.items, session->files.count);
        add_paths(watching, session->env_files.items, session->env_files.count);
    }
    if (watching->files && watching->paths.list.count == known)
        return false;
    if (watching->files)
        watch_release(watching->files);
    watching->files =
        watch_new(&watching->files_arena, watching->paths.list.items, watching->paths.list.count);
    return true;
}

/* Is the manifest of another commit now? */
static bool is_of_other_commit(const struct turn *before, const struct turn *now)
{
    const char *was = before ? before->session.revision : NULL, *is = now->session.revision;
    return was && is && strcmp(was, is) != 0;
}

static struct turn *take_whole(struct watching *watching, bool fetches)
{
    int64_t start = clock_ms();
    bool is_first = !watching->files;
    struct turn *turn = turn_take(watching->account, fetches);
    watching->read_ms = clock_ms();
    watching->took_ms = watching->read_ms - start;
    /* They may have changed before they were watched. */
    if (watch_files(watching, turn) && !is_first)
        read_all(watching, manifest_is_other);
    return turn;
}

/* What is not needed any more: the turn before the last one, and the manifest of that if there is another. */
static void drop(struct watching *watching, struct turn *before)
{
    if (before != watching->whole)
        turn_free(before);
    if (watching->turn->whole)
        return;
    turn_free(watching->whole);
    watching->whole = watching->turn;
}

/* Tells the batch with what came out of the reading. */
static void take_turn(struct watching *watching, struct turn *turn, const char *why)
{
    struct turn *before = watching->turn;
    watching->failed = !turn->plan && turn->loaded;
    if (turn->plan) {
        if (is_of_other_commit(before, turn)) {
            note(watching, "manifest", "the manifest is of another commit");
            why = manifest_is_other;
        }
        free(watching->fault);
        watching->fault = NULL;
        watching->turn = turn;
        watch_tell(watching, before, true, why);
        drop(watching, before);
        return;
    }
    watch_tell(watching, NULL, false, NULL);
    if (server_is_connected(watching->account->server))
        tell_fault(watching, &turn->session.diags);
    turn_free(turn);
}

/* Reads what has to be read, and tells the batch. */
static void read_and_tell(struct watching *watching, enum watch_reading reading, const struct map *touched)
{
    const char *why = watching->why;
    if (reading == READING_NONE) {
        watch_tell(watching, NULL, false, NULL);
    } else if (reading == READING_PART) {
        take_turn(watching, turn_take_part(watching->account, watching->whole, touched),
                  "is planned otherwise now");
    } else {
        watching->why = NULL;
        take_turn(watching, take_whole(watching, why != NULL),
                  why ? why : "changed, and no advisory told of it");
    }
}

static void end_batch(struct watching *watching)
{
    struct batch told = watching->told;
    batch_reset(&told);
    watching->told = watching->batch;
    watching->batch = told;
}

/* ---- the connection ---- */

static int listen(struct watching *watching, struct diags *diags)
{
    const struct listening listening = {.subjects = advisory_subjects,
                                        .count = ADVISORY_SUBJECTS,
                                        .wants = advisory_wants,
                                        .most_bytes = QUEUE_BYTES};
    return listen_open(watching->account->server, &listening, &watching->listener, diags);
}

static void disconnect(struct watching *watching)
{
    listen_close(watching->listener);
    watching->listener = NULL;
    ahead_free(watching->account->ahead);
    watching->account->ahead = NULL;
    server_close(watching->account->server);
    watching->account->server = NULL;
}

static void wait_to_connect(void)
{
    for (int64_t until = clock_ms() + AGAIN_MS; clock_ms() < until && !interrupt_came();)
        clock_pause(LOOK_MS);
}

/* Connects again, however long that takes. False: a signal came. */
static bool connect_again(struct watching *watching)
{
    note(watching, "disconnected",
         "the connection was lost; watching goes on once the server is there again");
    disconnect(watching);
    while (!interrupt_came() && !watching->listener) {
        struct diags diags SCOPED(diags_release);
        diags_init(&diags);
        if (server_connect(&watching->account->settings, &watching->account->server, &diags) ||
            listen(watching, &diags)) {
            tell_fault(watching, &diags);
            if (watching->account->server)
                disconnect(watching);
            wait_to_connect();
        }
    }
    if (!watching->listener)
        return false;
    note(watching, "connected", "connected again; everything is read once more");
    read_all(watching, "changed meanwhile");
    return true;
}

/* ---- listening ---- */

static void hear(struct watching *watching, const struct heard *heard)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct advisory advisory;
    if (heard->kind == HEARD_REFUSED)
        note_refused(watching, heard->subject);
    else if (heard->kind == HEARD_GAP)
        watching->batch.is_full = true;
    else if (advisory_read(&arena, watching->account->server, heard, &advisory) &&
             !stream_name_is_reserved(advisory.stream))
        batch_add(&watching->batch, &watching->told, &advisory, clock_ms());
}

/* Takes what has come; if nothing has, waits a moment. */
static void listen_a_while(struct watching *watching)
{
    int64_t wait_ms = watching->batch.list.count ? QUIET_MS / 3 : LOOK_MS;
    struct heard heard = listen_next(watching->listener, wait_ms);
    for (int64_t until = clock_ms() + LOOK_MS; heard.kind != HEARD_NOTHING;) {
        hear(watching, &heard);
        if (clock_ms() >= until)
            break;
        heard = listen_next(watching->listener, 0);
    }
}

static bool is_batch_whole(const struct watching *watching)
{
    const struct batch *batch = &watching->batch;
    int64_t now = clock_ms();
    return batch->list.count && (now - batch->last_ms >= QUIET_MS || now - batch->first_ms >= QUIET_MOST_MS);
}

/* To read everything is work for the server, too: half of the time at most. */
static bool may_read_all(const struct watching *watching)
{
    return clock_ms() - watching->read_ms >= watching->took_ms;
}

static void look_at_files(struct watching *watching)
{
    if (clock_ms() - watching->files_looked_ms < FILES_MS)
        return;
    watching->files_looked_ms = clock_ms();
    if (!watch_changed(watching->files))
        return;
    note(watching, "manifest", "the manifest changed; it is read again");
    read_all(watching, manifest_is_other);
}

static void look_at_everything(struct watching *watching)
{
    look_at_files(watching);
    if (watching->batch.is_full) {
        note(watching, "gap", "more advisories came than could be told; everything is read again");
        watching->batch.is_full = false;
        read_all(watching, "changed");
    }
    /* What a reading was to tell of is not known yet. */
    if (watching->failed && clock_ms() - watching->read_ms >= AGAIN_MS && may_read_all(watching))
        read_all(watching, "changed");
    if (clock_ms() - watching->read_ms >= every(watching))
        read_all(watching, "changed, and no advisory told of it");
}

/* One round: what came is told, once it is whole. False: a signal came while the server was away. */
static bool go_round(struct watching *watching)
{
    if (!server_is_connected(watching->account->server) && !connect_again(watching))
        return false;
    listen_a_while(watching);
    look_at_everything(watching);
    if (!is_batch_whole(watching) && (!watching->why || watching->batch.list.count))
        return true;
    struct arena arena SCOPED(arena_release) = {0};
    struct map touched;
    enum watch_reading reading = watch_reading(watching, &arena, &touched);
    if (watching->why)
        reading = READING_ALL;
    if (reading == READING_ALL && watching->batch.list.count && !may_read_all(watching))
        return true;
    batch_end(&watching->batch);
    read_and_tell(watching, reading, &touched);
    end_batch(watching);
    return true;
}

/* ---- the command ---- */

/* The first reading, by which all others are measured. Returns 0, or -1 with diagnostics. */
static int start(struct watching *watching)
{
    struct turn *turn = take_whole(watching, false);
    if (!turn->plan) {
        diags_append_new(watching->account->diags, &turn->session.diags);
        turn_free(turn);
        return -1;
    }
    watching->turn = watching->whole = turn;
    view_diagnostics(&watching->session->err, &turn->session.diags);
    watch_view_started(&watching->view, session_now(), turn->plan);
    note_limits(watching);
    return 0;
}

static void release(struct watching *watching)
{
    listen_close(watching->listener);
    if (watching->files)
        watch_release(watching->files);
    if (watching->turn != watching->whole)
        turn_free(watching->turn);
    turn_free(watching->whole);
    batch_release(&watching->batch);
    batch_release(&watching->told);
    arena_release(&watching->ephemeral_arena);
    arena_release(&watching->files_arena);
    free(watching->fault);
}

static int watch_one(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct watching watching = {.session = session, .account = account};
    (void)context;
    if (account_connect(account))
        return -1;
    watching.view = (struct watch_view){.style = &session->out,
                                        .json = session->options.output == OUTPUT_JSON,
                                        .connection = account->manifest->connection};
    map_init(&watching.ephemerals, &watching.ephemeral_arena);
    map_init(&watching.known_paths, &watching.files_arena);
    interrupt_defer();
    int result = listen(&watching, account->diags) || start(&watching) ? -1 : EXIT_DONE;
    /* With output that nobody gets any more, as on a full disk, it ends: what is not told was not seen. */
    while (result == EXIT_DONE && !interrupt_came() && !ferror(session->out.file) && go_round(&watching))
        ;
    release(&watching);
    return result;
}

/* It is read again and again. */
static int check_files(struct session *session)
{
    for (size_t i = 0; i < session->files.count; i++)
        if (strcmp(session->files.items[i], "-") == 0)
            return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                              "'watch' reads the manifest again and again, which standard input cannot give");
    return 0;
}

static int run(struct session *session)
{
    session->in_lines = session->options.output == OUTPUT_JSON;
    struct account_terms terms = account_terms(session);
    terms.listens = true;
    return check_files(session) ? -1 : accounts_single(&terms, &session->diags, watch_one, NULL);
}

const struct command watch_command = {
    .help =
        {
            .name = "watch",
            .arguments = "",
            .summary = "Show drift as it happens, and who caused it",
            .description =
                "Compares the manifest with what the server holds, as 'plan' does. Then it listens to the server's advisories, "
                "and tells each change of a stream, a consumer or a bucket when it happens: what was done, by whom, and how the "
                "object differs from the manifest after it. Changes nothing.\n\n"
                "Advisories are lost on whoever is not there, so everything is read again after the connection was lost, and every "
                "--every. A manifest that changes is read again, too. What cannot be seen is said at the start: some servers do "
                "not tell who did it, and a user may lack the permission to listen.\n\n"
                "With -o json, each line is an object of its own. Ctrl-C ends it.\n\n"
                "Exit codes: 0 ended by a signal, 1 something failed, 65 the manifest is wrong, 69 the server could not be "
                "reached at the start.",
            .examples =
                (const char *const[]){
                    "Watch the local server",
                    "natsform watch",
                    "Watch production, and read everything again every ten seconds",
                    "natsform watch -f prod.yaml --context prod --every 10s",
                    "Hand each change that makes a difference to another program",
                    "natsform watch -o json | jq -c 'select(.state == \"differs\")'",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_CONNECTIONS | OPTIONS_SERVER |
                       OPTIONS_OUTPUT | OPTIONS_WATCH,
        },
    .run = run,
};
