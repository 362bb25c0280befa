/*
 * Backing streams up; see backup.h. Consumers are read before the archives are made: where one has moved on in between, it is
 * asked again for what it had, and nothing is skipped.
 */
#include "apply/backup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "apply/copy.h"
#include "archive/digest.h"
#include "archive/proof.h"
#include "archive/verify.h"
#include "base/file_lock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/write.h"
#include "kind/kinds.h"
#include "server/live_object.h"
#include "server/transfer.h"
#include "syntax/json.h"

/* How what natsform writes beside a backup's files begins: its mark, and files that have no name yet. */
#define OWN_FILES ".natsform-"

static DIAG_CODE(
    code_backup, .name = "backup", CODE_ERROR(EXIT_FAILED),
    .doc = "A backup cannot be made there, or of that.", .why = "Nothing of the server is touched by it.",
    .example = "natsform backup ORDERS --out DIR, where DIR has a backup of ORDERS already",
    .remedy = "See what the message says: another folder, more room on the disk, or other rights.");

/* A stream on its way to the disk. */
struct keeping {
    struct backup_run *run;
    struct backup_stream *stream;
    struct diags *diags;
    struct snapshot snapshot;
    struct spool spool;
    struct proof *proof;     /* of what is in the spool; NULL: it has not begun */
    struct digest *digest;   /* of what has come */
    bool begun;              /* something has */
    bool over;               /* all of it has */
    const struct node *meta; /* as it was written */
    struct node *consumers;  /* a list of each one's INFO */
    struct api_answer page;  /* of them, that is asked for */
    bool is_new;             /* the archive is of servers from 2.15 on */
    uint64_t *all_bytes;
};

static int fail(struct keeping *keeping, const char *what, const char *path, const char *why)
{
    struct diag *diag =
        diag_add(keeping->diags, &code_backup, (struct srcpos){0}, "cannot %s '%s': %s", what, path, why);
    diag_hint(keeping->diags, diag,
              "once that is mended, the same command goes on with what is not finished");
    return -1;
}

static const char *file_of(const struct keeping *keeping, const char *name)
{
    return arena_printf(keeping->run->arena, "%s/%s", keeping->stream->folder, name);
}

/* ---- pieces ---- */

/*
 * The archive of servers from 2.15 on begins with this. Nothing stands before it that a compressed block could copy from, so it
 * is there as it is, behind a few bytes of the compression's own.
 */
static bool begins_new(const char *data, size_t length)
{
    static const char magic[] = "NATSARC1";
    enum { BEFORE_MOST = 64 };
    size_t most = length < BEFORE_MOST ? length : BEFORE_MOST;
    for (size_t i = 0; i + sizeof(magic) - 1 <= most; i++)
        if (memcmp(data + i, magic, sizeof(magic) - 1) == 0)
            return true;
    return false;
}

static int begin(struct keeping *keeping, const char *data, size_t length)
{
    keeping->is_new = begins_new(data, length);
    keeping->stream->archive = file_of(keeping, keeping->is_new ? BACKUP_ARC : BACKUP_TAR);
    keeping->digest = digest_begin(DIGEST_XXH128);
    keeping->begun = true;
    if (!keeping->digest)
        return fail(keeping, "write", keeping->stream->archive, "there is no memory for its checksum");
    int error = spool_begin(keeping->run->arena, keeping->stream->archive, &keeping->spool);
    return error ? fail(keeping, "write", keeping->stream->archive, errno_text(&keeping->diags->arena, error))
                 : 0;
}

static void begin_proof(struct keeping *keeping)
{
    const struct node *reply = keeping->snapshot.reply;
    const struct backup backup = {
        .folder = keeping->stream->folder,
        .stream = keeping->stream->name,
        .archive = keeping->stream->archive,
        .is_new_format = keeping->is_new,
        .config = node_get(reply, "config"),
        .state = node_get(reply, "state"),
    };
    keeping->proof = proof_begin(&backup, keeping->spool.temporary);
}

static int take(void *context, const char *data, size_t length)
{
    struct keeping *keeping = context;
    struct backup_run *run = keeping->run;
    if (!keeping->begun && begin(keeping, data, length))
        return -1;
    int error = spool_add(&keeping->spool, data, length);
    if (error)
        return fail(keeping, "write", keeping->stream->archive, errno_text(&keeping->diags->arena, error));
    if (!keeping->proof && keeping->snapshot.reply)
        begin_proof(keeping);
    if (keeping->proof)
        proof_written(keeping->proof, keeping->spool.bytes);
    digest_add(keeping->digest, data, length);
    *keeping->all_bytes += length;
    keeping->stream->archive_bytes += length;
    if (run->progress)
        run->progress(run->context, keeping->stream, *keeping->all_bytes);
    return 0;
}

/* ---- the end of a stream ---- */

static int write_json(struct keeping *keeping, const char *name, const struct node *map)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, map, true);
    const struct new_file file = new_secret(file_of(keeping, name), strbuf_text(&text));
    const char *why;
    if (file_write(keeping->run->arena, &file, FILE_REPLACES, &why))
        return fail(keeping, "write", file.path, why);
    return 0;
}

/* As the nats CLI writes it: what the reply to the snapshot says, and nothing else. */
static int write_meta(struct keeping *keeping, const struct node *reply)
{
    struct arena *arena = keeping->run->arena;
    struct node *map = node_map(arena);
    const struct node *config = keeping->run->config ? keeping->run->config : node_get(reply, "config");
    node_put(arena, map, "config", node_copy(arena, config));
    node_put(arena, map, "state", node_copy(arena, node_get(reply, "state")));
    keeping->meta = map;
    return write_json(keeping, BACKUP_META, map);
}

/* A file that was written, as natsform.json has it. */
static struct node *told_of(struct keeping *keeping, const char *name, uint64_t bytes, const char *digest)
{
    struct arena *arena = keeping->run->arena;
    struct node *map = node_map(arena);
    node_put_text(arena, map, "file", name);
    node_put_number(arena, map, "bytes", bytes);
    node_put_text(arena, map, digest_key(DIGEST_XXH128), digest);
    return map;
}

static int write_own(struct keeping *keeping)
{
    struct arena *arena = keeping->run->arena;
    const struct server_info *info = server_info(keeping->run->server);
    struct node *map = node_map(arena);
    struct strbuf meta SCOPED(strbuf_release) = {0};
    json_write(&meta, keeping->meta, true);
    node_put_number(arena, map, "format_version", BACKUP_FORMAT_VERSION);
    node_put_text(arena, map, "stream", keeping->stream->name);
    if (*info->version_text)
        node_put_text(arena, map, "server_version", info->version_text);
    node_put_text(arena, map, "made", instant_format(arena, keeping->run->now));
    struct node *archive = told_of(keeping, keeping->is_new ? BACKUP_ARC : BACKUP_TAR,
                                   keeping->stream->archive_bytes, keeping->stream->contents->digest);
    if (keeping->stream->copied)
        node_put_flag(arena, archive, "copied", true);
    node_put(arena, map, "archive", archive);
    node_put(arena, map, "backup",
             told_of(keeping, BACKUP_META, meta.length,
                     digest_of(arena, DIGEST_XXH128, strbuf_text(&meta), meta.length)));
    node_put(arena, map, "consumers", keeping->consumers);
    return write_json(keeping, BACKUP_OWN, map);
}

/* What was read back has to be whole, and the very bytes that came. What consumers the server has left out is seen by that, too. */
static int prove(struct keeping *keeping)
{
    struct arena *arena = keeping->run->arena;
    struct backup_contents *contents = ARENA_NEW(arena, struct backup_contents);
    const struct backup backup = {.archive = keeping->stream->archive};
    const char *fault = proof_end(keeping->proof, arena, contents);
    if (!fault && !text_is(contents->digest, digest_end(arena, keeping->digest)))
        fault = "is not on the disk as it came: the sum of its bytes is another";
    if (verify_tell(arena, &backup, fault, contents, keeping->diags))
        return -1;
    backup_add_left_out(arena, keeping->consumers, contents);
    keeping->stream->contents = contents;
    return 0;
}

/* Both files as they are on the disk, before the last one says that they are whole. */
static int look_again(struct keeping *keeping)
{
    struct backup backup;
    if (backup_open(keeping->run->arena, keeping->stream->folder, &backup, keeping->diags))
        return -1;
    if (strcmp(backup.stream, keeping->stream->name) == 0)
        return 0;
    return diag_error(keeping->diags, &code_backup, (struct srcpos){0},
                      "the server was asked for stream '%s', and sent '%s'", keeping->stream->name,
                      backup.stream);
}

/* The disk may be slower than the server; meanwhile other streams go on, and who holds a lock can say so. */
enum {
    WAITED_FOR = 4 * 1024 * 1024, /* the proof of fewer bytes takes no time */
    PROOF_PAUSE_MS = 50,
};

static bool is_proved(struct keeping *keeping)
{
    if (!keeping->proof)
        begin_proof(keeping);
    if (!keeping->over)
        proof_over(keeping->proof, keeping->spool.bytes);
    keeping->over = true;
    return keeping->stream->archive_bytes < WAITED_FOR || proof_is_done(keeping->proof);
}

/* `reply` is the server's to the request for a snapshot, or what says the same of a copy. */
static int finish(struct keeping *keeping, const struct node *reply)
{
    struct backup_run *run = keeping->run;
    if (!keeping->begun)
        return diag_error(keeping->diags, &code_backup, (struct srcpos){0},
                          "the server sent nothing of stream '%s'", keeping->stream->name);
    if (!is_proved(keeping))
        return SNAPSHOT_WAITS;
    if (prove(keeping))
        return -1;
    int error = spool_keep(run->arena, &keeping->spool);
    if (error)
        return fail(keeping, "keep", keeping->stream->archive, errno_text(&keeping->diags->arena, error));
    keeping->stream->state = node_get(reply, "state");
    keeping->stream->lets_go = strcmp(node_get_text(node_get(reply, "config"),
                                                    table_field_by_id(&stream_table, STREAM_RETENTION)->name),
                                      CHOICE_LIMITS) != 0;
    /* The last file is what says that the others are whole. */
    if (write_meta(keeping, reply) || look_again(keeping) || write_own(keeping))
        return -1;
    keeping->stream->done = true;
    if (run->ended)
        run->ended(run->context, keeping->stream);
    return 0;
}

static int end(void *context, const struct snapshot *snapshot)
{
    return finish(context, snapshot->reply);
}

/* Streams in memory have no archive before 2.15. */
static int copy_messages(struct keeping *keeping)
{
    struct backup_run *run = keeping->run;
    struct stream_copy copy = {.arena = run->arena,
                               .server = run->server,
                               .stream = keeping->stream->name,
                               .now = run->now,
                               .take = take,
                               .context = keeping,
                               .interrupted = run->interrupted};
    keeping->stream->copied = true;
    if (stream_copy(&copy, keeping->diags))
        return -1;
    keeping->snapshot.reply = copy.reply;
    int result;
    while ((result = finish(keeping, copy.reply)) == SNAPSHOT_WAITS)
        api_pause(run->server, PROOF_PAUSE_MS);
    return result;
}

static void keeping_release(struct keeping *keeping)
{
    proof_free(keeping->proof);
    keeping->proof = NULL;
    digest_free(&keeping->digest);
    keeping->digest = NULL;
    if (keeping->begun)
        spool_drop(&keeping->spool);
    keeping->begun = false;
}

/* ---- consumers ---- */

static void ask_consumers(struct keeping *keeping)
{
    const struct live_page page = {
        .stream = keeping->stream->name, .offset = keeping->consumers->count, .positions = true};
    keeping->page = (struct api_answer){.arena = keeping->run->arena};
    live_page_ask(keeping->run->server, &page, api_answer, &keeping->page);
}

/* Returns how many came; -1: they could not be read. */
static int take_consumers(struct keeping *keeping)
{
    const struct live_page page = {.stream = keeping->stream->name};
    if (keeping->page.is.outcome != API_DONE) {
        api_diagnose(
            keeping->diags, keeping->run->server, (struct srcpos){0},
            arena_printf(&keeping->diags->arena, "list the consumers of stream '%s'", keeping->stream->name),
            &keeping->page.is);
        return -1;
    }
    const struct node *items = live_page_items(&page, keeping->page.is.body);
    for (size_t i = 0; i < items->count; i++)
        node_append(keeping->run->arena, keeping->consumers, node_copy(keeping->run->arena, items->items[i]));
    return (int)items->count;
}

/* All lists are asked for together, and then those that have more pages, until none has. */
static int read_consumers(struct keeping *list, size_t count)
{
    int failed = 0;
    bool *more = ARENA_ARRAY(list->run->arena, bool, count + 1);
    bool any = true;
    for (size_t i = 0; i < count; i++)
        more[i] = true;
    while (any && !failed) {
        any = false;
        for (size_t i = 0; i < count; i++)
            if (more[i])
                ask_consumers(&list[i]);
        api_drain(list->run->server);
        for (size_t i = 0; i < count; i++) {
            int came = more[i] ? take_consumers(&list[i]) : 0;
            failed |= came < 0;
            more[i] = came == LIVE_PAGE;
            any |= more[i];
        }
    }
    for (size_t i = 0; i < count; i++)
        list[i].stream->consumers = list[i].consumers->count;
    return failed ? -1 : 0;
}

/* ---- the folder ---- */

static const char *marker_of(const struct backup_run *run)
{
    return arena_printf(run->arena, "%s/" BACKUP_UNFINISHED, run->folder);
}

static bool has_file(const struct backup_run *run, const struct backup_stream *stream, const char *name)
{
    return file_exists(arena_printf(run->arena, "%s/%s", stream->folder, name));
}

static void unlink_in(const struct backup_run *run, const struct backup_stream *stream, const char *name)
{
    unlink(arena_printf(run->arena, "%s/%s", stream->folder, name));
}

/* Nothing of anybody's is in it: a run was killed before its first file had a name. */
static bool is_hollow(const char *path)
{
    DIR *folder SCOPED(close_directory) = opendir(path);
    bool hollow = folder != NULL;
    for (const char *name; hollow && (name = folder_next(folder));)
        hollow = strncmp(name, OWN_FILES, strlen(OWN_FILES)) == 0;
    return hollow;
}

/* The mark goes last: whenever this is killed, the next run knows whose the rest is. Returns 0 or an errno. */
static int remove_unfinished(const struct backup_run *run, const struct backup_stream *stream)
{
    DIR *folder SCOPED(close_directory) = opendir(stream->folder);
    int error = 0;
    for (const char *name; !error && (name = folder_next(folder));)
        if (strcmp(name, BACKUP_UNFINISHED) != 0)
            error = folder_remove(path_in(run->arena, stream->folder, name));
    return error ? error : folder_remove(stream->folder);
}

static int check_room(struct backup_run *run, struct backup_stream *const *streams, size_t count,
                      struct diags *diags)
{
    struct statvfs disk;
    uint64_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += streams[i]->kept ? 0 : streams[i]->bytes;
    if (statvfs(run->folder, &disk))
        return 0;
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (wanted <= room)
        return 0;
    struct diag *diag = diag_add(
        diags, &code_backup, (struct srcpos){0}, "the messages have %s, and '%s' has room for %s",
        size_format(run->arena, (int64_t)wanted), run->folder, size_format(run->arena, (int64_t)room));
    diag_hint(diags, diag, "--out names another folder");
    return -1;
}

/* Makes the folder of a stream. What an unfinished run left in it goes; what is finished is kept, or refused. */
static int prepare_stream(struct backup_run *run, struct backup_stream *stream, bool goes_on,
                          struct diags *diags)
{
    /* Servers take no such names; whatever answers in their place leads out of the folder with none. */
    if (!*stream->name || *stream->name == '.' || strchr(stream->name, '/'))
        return diag_error(diags, &code_backup, (struct srcpos){0}, "'%s' is no name of a stream",
                          stream->name);
    stream->folder = arena_printf(run->arena, "%s/%s", run->folder, stream->name);
    if (!file_exists(stream->folder))
        return 0;
    /* The last file says that it was finished; the mark that it was begun by natsform, and is nobody else's. */
    if (goes_on && has_file(run, stream, BACKUP_OWN)) {
        stream->kept = stream->done = true;
        unlink_in(run, stream, BACKUP_UNFINISHED);
        return 0;
    }
    if (goes_on && (has_file(run, stream, BACKUP_UNFINISHED) || is_hollow(stream->folder))) {
        int error = remove_unfinished(run, stream);
        return error ? diag_error(diags, &code_backup, (struct srcpos){0}, "cannot remove '%s': %s",
                                  stream->folder, errno_text(&diags->arena, error))
                     : 0;
    }
    struct diag *diag =
        diag_add(diags, &code_backup, (struct srcpos){0}, "'%s' is there already", stream->folder);
    diag_hint(diags, diag, "a backup is never replaced: --out names another folder");
    return -1;
}

/* As it may be the only copy of what was in the streams, it is for its owner alone. */
static int make_folder(struct backup_run *run, const char *folder, struct diags *diags)
{
    const char *why = NULL;
    if (file_exists(folder))
        return 0;
    if (folder_make(run->arena, folder, &why))
        return diag_error(diags, &code_backup, (struct srcpos){0}, "cannot make '%s': %s", folder, why);
    chmod(folder, S_IRWXU);
    return 0;
}

static int begin_folder(struct backup_run *run, const struct backup_stream *stream, struct diags *diags)
{
    const struct new_file mark = new_secret(arena_printf(run->arena, "%s/" BACKUP_UNFINISHED, stream->folder),
                                            "This backup is not finished.\n");
    return make_folder(run, stream->folder, diags) ||
                   file_write_told(run->arena, &mark, FILE_REPLACES, &code_backup, diags)
               ? -1
               : 0;
}

/* Another run in the same folder would take what this one has half made for what a killed run left. */
static int lock_folder(struct backup_run *run, const char *marker, struct diags *diags)
{
    int locked = file_lock(marker, true, 0, &run->lock);
    if (!locked && !file_lock_sign(run->lock, "The backup in this folder is not finished.\n"))
        return 0;
    if (locked <= 0)
        return diag_error(diags, &code_backup, (struct srcpos){0}, "cannot write '%s': %s", marker,
                          errno_text(&diags->arena, errno));
    struct diag *diag = diag_add(diags, &code_backup, (struct srcpos){0},
                                 "another backup is being written to '%s'", run->folder);
    diag_hint(diags, diag, "wait for it, or name another folder");
    return -1;
}

static void unlock_folder(struct backup_run *run)
{
    if (run->lock >= 0)
        close(run->lock);
    run->lock = -1;
}

static int prepare(struct backup_run *run, struct backup_stream *const *streams, size_t count,
                   struct diags *diags)
{
    const char *marker = marker_of(run);
    bool goes_on = file_exists(marker);
    int failed = 0;
    if (make_folder(run, run->folder, diags) || lock_folder(run, marker, diags))
        return -1;
    for (size_t i = 0; i < count; i++)
        failed |= prepare_stream(run, streams[i], goes_on, diags);
    if (!failed)
        failed = check_room(run, streams, count, diags);
    /* Nothing was begun. */
    if (failed && !goes_on)
        unlink(marker);
    for (size_t i = 0; !failed && i < count; i++)
        if (!streams[i]->kept)
            failed |= begin_folder(run, streams[i], diags);
    return failed;
}

/* ---- the whole ---- */

static struct keeping keeping_of(struct backup_run *run, struct backup_stream *stream, uint64_t *all_bytes,
                                 struct diags *diags)
{
    return (struct keeping){.run = run,
                            .stream = stream,
                            .diags = diags,
                            .snapshot = {.stream = stream->name,
                                         .no_consumers = run->no_consumers,
                                         .has_none = run->by_messages,
                                         .take = take,
                                         .end = end},
                            .consumers = node_list(run->arena),
                            .all_bytes = all_bytes};
}

/* Folders of streams that are not done go: half a backup must not be taken for one. */
static void clean(struct backup_run *run, struct backup_stream *const *streams, size_t count)
{
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        if (streams[i]->done)
            unlink_in(run, streams[i], BACKUP_UNFINISHED);
        else
            remove_unfinished(run, streams[i]);
        all &= streams[i]->done;
    }
    if (all)
        unlink(marker_of(run));
}

int backup_streams(struct backup_run *run, struct backup_stream *const *streams, size_t count,
                   struct diags *diags)
{
    struct keeping *list = ARENA_ARRAY(run->arena, struct keeping, count + 1);
    struct snapshot **snapshots = ARENA_ARRAY(run->arena, struct snapshot *, count + 1);
    const struct snapshot_terms terms = {.arena = run->arena,
                                         .at_once = run->at_once ? run->at_once : BACKUP_AT_ONCE,
                                         .interrupted = run->interrupted};
    uint64_t all_bytes = 0;
    size_t wanted = 0;
    run->lock = -1;
    if (prepare(run, streams, count, diags)) {
        unlock_folder(run);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (streams[i]->kept)
            continue;
        list[wanted] = keeping_of(run, streams[i], &all_bytes, diags);
        list[wanted].snapshot.context = &list[wanted];
        snapshots[wanted] = &list[wanted].snapshot;
        wanted++;
    }
    int failed = wanted && !run->no_consumers ? read_consumers(list, wanted) : 0;
    if (!failed && wanted && !run->by_messages)
        failed = snapshots_receive(run->server, &terms, snapshots, wanted, diags);
    for (size_t i = 0; i < wanted; i++) {
        if (list[i].snapshot.has_none && copy_messages(&list[i]))
            failed = -1;
        keeping_release(&list[i]);
    }
    clean(run, streams, count);
    unlock_folder(run);
    return failed;
}
