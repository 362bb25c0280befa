/*
 * A backup's folder: found, and its two JSON files read; see backup.h. verify.c reads the archive.
 */
#include "archive/backup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "archive/digest.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/text.h"
#include "base/write.h"
#include "syntax/json.h"

enum { JSON_MOST = 64 * 1024 * 1024 }; /* natsform.json has all of a stream's consumers */

DIAG_CODE(
    code_backup_damaged, .name = "backup-damaged", CODE_ERROR(EXIT_FAILED),
    .doc =
        "A backup is not whole: bytes have changed, or the end is missing, or its files contradict each other.",
    .why = "A restore would end half way, or bring back less than was there.",
    .example = "natsform backup verify backups/ORDERS, after the disk was full while it was copied",
    .remedy = "Take another copy, or make the backup anew. Nothing is restored from it.");

DIAG_CODE(code_no_backup, .name = "no-backup", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A folder is no backup of a stream, and there is none in it.",
          .why = "A backup is a folder with " BACKUP_META
                 " and an archive beside it, as natsform and the nats CLI "
                 "write them; of a whole account, it is a folder of such folders.",
          .example = "natsform backup verify /etc",
          .remedy = "Name the folder that the backup was written to.");

static struct srcpos pos_of(struct arena *arena, const char *path)
{
    struct source *source = ARENA_NEW(arena, struct source);
    *source = (struct source){.name = path};
    return (struct srcpos){.source = source};
}

/* ---- finding ---- */

/* Has the folder any of a backup's files, whether they are whole or not? */
static bool is_backup(struct arena *arena, const char *folder)
{
    static const char *const files[] = {BACKUP_META, BACKUP_ARC, BACKUP_TAR};
    bool found = false;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        found |= file_exists(path_in(arena, folder, files[i]));
    return found;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int backup_find(struct arena *arena, const char *folder, struct backup_folders *ret_folders,
                struct diags *diags)
{
    struct backup_folders found = {0};
    DIR *opened SCOPED(close_directory) = opendir(folder);
    int error = errno;
    if (!opened && error != ENOTDIR)
        return diag_error(diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", folder,
                          errno_text(arena, error));
    if (is_backup(arena, folder))
        VEC_PUSH(arena, &found.list, arena_strdup(arena, folder));
    else
        for (const char *name; opened && (name = folder_next(opened));)
            if (is_backup(arena, path_in(arena, folder, name)))
                VEC_PUSH(arena, &found.list, path_in(arena, folder, name));
    if (!found.list.count) {
        struct diag *diag = diag_add(diags, &code_no_backup, (struct srcpos){0},
                                     "'%s' is no backup of a stream, and there is none in it", folder);
        diag_hint(diags, diag, "a backup is a folder with %s, and %s or %s beside it", BACKUP_META,
                  BACKUP_ARC, BACKUP_TAR);
        return -1;
    }
    qsort(found.list.items, found.list.count, sizeof(*found.list.items), by_name);
    *ret_folders = found;
    return 0;
}

/* ---- its files ---- */

static int damaged(struct arena *arena, const char *path, const char *what, struct diags *diags)
{
    return diag_error(diags, &code_backup_damaged, pos_of(arena, path), "%s", what);
}

/* A pipe that stands there is not waited for. */
static int read_text(struct arena *arena, const char *path, struct source *source, struct diags *diags)
{
    const char *oddity = file_oddity(path);
    if (oddity)
        return damaged(arena, path, arena_printf(arena, "is %s, and no file", oddity), diags);
    return file_read_told(arena, path, JSON_MOST, source, diags);
}

/* *ret_source is its text, which stays. */
static const struct node *read_json(struct arena *arena, const char *path, const struct source **ret_source,
                                    struct diags *diags)
{
    struct source *source = ARENA_NEW(arena, struct source);
    struct diags said SCOPED(diags_release);
    diags_init(&said);
    *ret_source = source;
    if (read_text(arena, path, source, diags))
        return NULL;
    const struct node *node = json_read(arena, source->text, source->length, source, &said);
    if (!source->length)
        damaged(arena, path, "is empty: the backup was not finished", diags);
    else if (!node && said.list.count)
        diag_error(diags, &code_backup_damaged, said.list.items[0]->pos, "%s", said.list.items[0]->message);
    else if (!node || node->type != NODE_MAP)
        damaged(arena, path, "is no map", diags);
    else
        return node;
    return NULL;
}

static int read_meta(struct arena *arena, struct backup *backup, struct diags *diags)
{
    const char *path = path_in(arena, backup->folder, BACKUP_META);
    if (!file_exists(path))
        return damaged(arena, backup->archive,
                       "has no " BACKUP_META " beside it: the backup was not finished", diags);
    const struct source *source;
    const struct node *root = read_json(arena, path, &source, diags);
    if (!root)
        return -1;
    backup->meta_bytes = source->length;
    backup->meta_text = source->text;
    backup->config = node_get(root, "config");
    backup->state = node_get(root, "state");
    backup->is_edited = node_get(root, "edit") != NULL;
    backup->stream = node_get_text(backup->config, "name");
    if (!*backup->stream)
        return damaged(arena, path, "names no stream in its 'config'", diags);
    if (!backup->state || backup->state->type != NODE_MAP)
        return damaged(arena, path, "has no 'state' of the stream", diags);
    return 0;
}

/* Is backup.json the file that is told of? */
static bool is_told(struct arena *arena, const struct node *told, const struct backup *backup)
{
    const char *digest =
        digest_of(arena, digest_kind_told(told), backup->meta_text, (size_t)backup->meta_bytes);
    return *digest && text_is(digest, digest_told(told)) &&
           node_get_number(told, "bytes") == backup->meta_bytes;
}

static const char *own_fault(struct arena *arena, const struct backup *backup)
{
    const struct node *consumers = node_get(backup->own, "consumers");
    const struct node *meta = node_get(backup->own, "backup");
    const char *stream = node_get_text(backup->own, "stream");
    const char *file = node_get_text(node_get(backup->own, "archive"), "file");
    uint64_t version = node_get_number(backup->own, "format_version");
    if (version < 1 || version > BACKUP_FORMAT_VERSION)
        return "is of a form that this natsform does not know";
    if (!text_is(stream, backup->stream))
        return arena_printf(arena, "is of stream '%s', and " BACKUP_META " is of '%s'", stream,
                            backup->stream);
    if (!text_is(file, path_name(backup->archive)))
        return arena_printf(arena, "is about '%s', and here is '%s'", file, path_name(backup->archive));
    /* Those of an earlier natsform have nothing of it. */
    if (meta && !is_told(arena, meta, backup))
        return "is about another " BACKUP_META ": its checksum is not that of the one here";
    if (consumers && consumers->type != NODE_LIST)
        return "has 'consumers' that are no list";
    return NULL;
}

static int read_own(struct arena *arena, struct backup *backup, struct diags *diags)
{
    const char *path = path_in(arena, backup->folder, BACKUP_OWN);
    if (!file_exists(path))
        return 0;
    const struct source *source;
    backup->own = read_json(arena, path, &source, diags);
    if (!backup->own)
        return -1;
    const char *fault = own_fault(arena, backup);
    if (fault)
        return damaged(arena, path, fault, diags);
    const char *version = node_get_text(backup->own, "server_version");
    backup->server_version = *version ? version : NULL;
    backup->is_copy = text_is(node_get_text(node_get(backup->own, "archive"), "copied"), "true");
    return 0;
}

static int find_archive(struct arena *arena, struct backup *backup, struct diags *diags)
{
    const char *arc = path_in(arena, backup->folder, BACKUP_ARC);
    const char *tar = path_in(arena, backup->folder, BACKUP_TAR);
    bool has_arc = file_exists(arc);
    bool has_tar = file_exists(tar);
    if (has_arc && has_tar) {
        struct diag *diag =
            diag_add(diags, &code_backup_damaged, pos_of(arena, backup->folder),
                     "holds both %s and %s: only one can be the backup", BACKUP_ARC, BACKUP_TAR);
        diag_hint(diags, diag, "one of them is from another server; move it away");
        return -1;
    }
    if (!has_arc && !has_tar)
        return damaged(arena, path_in(arena, backup->folder, BACKUP_META),
                       "has no archive beside it, neither " BACKUP_ARC " nor " BACKUP_TAR, diags);
    backup->archive = has_arc ? arc : tar;
    backup->is_new_format = has_arc;
    return 0;
}

int backup_open(struct arena *arena, const char *folder, struct backup *ret_backup, struct diags *diags)
{
    struct backup backup = {.folder = folder, .stream = ""};
    if (!is_backup(arena, folder)) {
        struct backup_folders none;
        if (backup_find(arena, folder, &none, diags))
            return -1;
        return diag_error(diags, &code_no_backup, (struct srcpos){0},
                          "'%s' is a folder of backups, and not one of them", folder);
    }
    if (find_archive(arena, &backup, diags) || read_meta(arena, &backup, diags) ||
        read_own(arena, &backup, diags))
        return -1;
    *ret_backup = backup;
    return 0;
}
