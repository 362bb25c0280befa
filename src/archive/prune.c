/*
 * Finds old backups, and removes them; see prune.h. A backup gets another name before its files go, so that what a killed run leaves is never taken
 * for one; the next run removes it.
 */
#include "archive/prune.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/backup.h"
#include "base/folder.h"
#include "base/map.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/write.h"

#define REMOVED ".natsform-removed-"

enum { DEEPEST = 6, TIME_DIGITS = 6, SECOND_NANOS = 1000000000 };

/* All that natsform writes into the folder of a stream. The last one goes last, which says whose it is. */
static const char *const files[] = {BACKUP_ARC, BACKUP_TAR, BACKUP_META, BACKUP_OWN};

/* ---- what is there ---- */

static bool is_folder(const char *path)
{
    struct stat is;
    return lstat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

static bool is_file(const char *path)
{
    struct stat is;
    return lstat(path, &is) == 0 && S_ISREG(is.st_mode);
}

static bool has_any_file(struct arena *arena, const char *folder)
{
    bool any = false;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        any |= file_exists(path_in(arena, folder, files[i]));
    return any;
}

static bool is_own_name(const char *name)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (text_is(name, files[i]))
            return true;
    return false;
}

/* Nothing but natsform's files, none of which is a link. */
static bool has_only_own(struct arena *arena, const char *folder)
{
    DIR *opened SCOPED(close_directory) = opendir(folder);
    bool only = opened != NULL;
    for (const char *name; only && (name = folder_next(opened));)
        only = is_own_name(name) && is_file(path_in(arena, folder, name));
    return only;
}

/* "20261129T231917Z", "2026-11-29", "2026-11-29_03.00". */
static bool is_time(const char *name)
{
    size_t digits = 0;
    for (const char *at = name; *at; at++)
        digits += isdigit((unsigned char)*at) != 0;
    return digits >= TIME_DIGITS && strspn(name, "0123456789-_:.TZ") == strlen(name);
}

/* ---- finding ---- */

/* Where it is, times apart, and of which stream: of two accounts or servers, backups are in different folders. */
static const char *group_of(struct arena *arena, const char *root, const char *folder, const char *stream)
{
    struct strbuf group = {0};
    const char *at = path_folder(arena, folder), *real = path_real(arena, root);
    strbuf_addf(&group, "%s/", real ? real : root);
    at += strlen(at) < strlen(root) ? strlen(at) : strlen(root);
    while (*at) {
        at += strspn(at, "/");
        size_t length = strcspn(at, "/");
        const char *name = arena_strndup(arena, at, length);
        if (*name && !is_time(name))
            strbuf_addf(&group, "%s/", name);
        at += length;
    }
    strbuf_adds(&group, stream);
    return strbuf_move(&group, arena);
}

/* A backup that is finished, natsform's, and whole as far as that is seen without reading its archive. NULL: it is none. */
static struct pruned *read_backup(struct prune *prune, const char *root, const char *folder)
{
    struct arena *arena = prune->arena;
    struct diags faults SCOPED(diags_release) = {0};
    struct backup backup;
    struct stat archive;
    struct instant made;
    if (!has_only_own(arena, folder) || backup_open(arena, folder, &backup, &faults) || !backup.own ||
        stat(backup.archive, &archive) || !instant_parse(node_get_text(backup.own, "made"), &made) ||
        (uint64_t)archive.st_size != node_get_number(node_get(backup.own, "archive"), "bytes"))
        return NULL;
    struct pruned *found = ARENA_NEW(arena, struct pruned);
    *found = (struct pruned){.root = root,
                             .folder = folder,
                             .stream = backup.stream,
                             .group = group_of(arena, root, folder, backup.stream),
                             .made = made,
                             .bytes = (uint64_t)archive.st_size};
    return found;
}

static void look(struct prune *prune, const char *root, const char *folder, int depth)
{
    struct arena *arena = prune->arena;
    DIR *opened SCOPED(close_directory) = opendir(folder);
    bool unfinished = file_exists(path_in(arena, folder, BACKUP_UNFINISHED));
    for (const char *name; opened && (name = folder_next(opened));) {
        const char *path = path_in(arena, folder, name);
        if (!is_folder(path))
            continue;
        /* Only half of one is left of an earlier run: it is no backup any more, and only says whose it was. */
        if (text_begins(name, REMOVED) && has_only_own(arena, path)) {
            VEC_PUSH(arena, &prune->rests, path);
        } else if (has_any_file(arena, path)) {
            const char *real = path_real(arena, path);
            struct pruned *found = unfinished || !real ? NULL : read_backup(prune, root, path);
            /* Folders that were named twice, or one of which is in the other. */
            if (real && map_get(&prune->seen, real))
                continue;
            if (found)
                map_put(&prune->seen, real, found);
            if (found)
                VEC_PUSH(arena, &prune->list, found);
            else
                VEC_PUSH(arena, &prune->left, path);
        } else if (depth < DEEPEST) {
            look(prune, root, path, depth + 1);
        }
    }
}

int prune_find(struct prune *prune, const char *root, struct diags *diags)
{
    struct arena *arena = prune->arena;
    DIR *opened SCOPED(close_directory) = opendir(root);
    if (!opened)
        return diag_error(diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", root,
                          errno_text(arena, errno));
    if (has_any_file(arena, root)) {
        struct diag *diag = diag_add(diags, &code_no_backup, (struct srcpos){0},
                                     "'%s' is a backup, and not a folder of backups", root);
        diag_hint(diags, diag, "name the folder above it");
        return -1;
    }
    if (!prune->seen.arena)
        map_init(&prune->seen, arena);
    look(prune, path_clean(arena, root), path_clean(arena, root), 1);
    return 0;
}

/* ---- choosing ---- */

static int by_group_and_time(const void *left, const void *right)
{
    const struct pruned *a = *(struct pruned *const *)left, *b = *(struct pruned *const *)right;
    int order = strcmp(a->group, b->group);
    order = order ? order : instant_compare(b->made, a->made);
    return order ? order : strcmp(b->folder, a->folder);
}

static bool is_young(const struct prune *prune, const struct pruned *backup)
{
    struct instant since = prune->now;
    since.seconds -= prune->keep_nanos / SECOND_NANOS;
    return prune->keep_nanos && instant_compare(backup->made, since) >= 0;
}

void prune_choose(struct prune *prune)
{
    uint64_t place = 0;
    if (prune->list.count)
        qsort(prune->list.items, prune->list.count, sizeof(*prune->list.items), by_group_and_time);
    for (size_t i = 0; i < prune->list.count; i++) {
        struct pruned *backup = prune->list.items[i];
        bool next = i && text_is(backup->group, prune->list.items[i - 1]->group);
        place = next ? place + 1 : 0;
        backup->stays = place == 0 || place < prune->keep_last || is_young(prune, backup);
    }
}

/* ---- removing ---- */

static int fail(const char *path, struct diags *diags)
{
    return diag_error(diags, &code_file, (struct srcpos){0}, "cannot remove '%s': %s", path,
                      errno_text(&diags->arena, errno));
}

int prune_remove_rest(struct arena *arena, const char *folder, struct diags *diags)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (unlink(path_in(arena, folder, files[i])) && errno != ENOENT)
            return fail(folder, diags);
    return rmdir(folder) ? fail(folder, diags) : 0;
}

int prune_remove(struct arena *arena, const struct pruned *backup, struct diags *diags)
{
    const char *above = path_folder(arena, backup->folder);
    const char *gone = path_in(arena, above, arena_printf(arena, REMOVED "%s", path_name(backup->folder)));
    if (file_exists(path_in(arena, above, BACKUP_UNFINISHED)))
        return diag_error(diags, &code_file, (struct srcpos){0},
                          "cannot remove '%s': a backup is being written beside it", backup->folder);
    if (rename(backup->folder, gone))
        return fail(backup->folder, diags);
    if (prune_remove_rest(arena, gone, diags))
        return -1;
    /* One that has something in it stays, which rmdir() sees to. */
    while (strlen(above) > strlen(backup->root) && is_time(path_name(above)) && rmdir(above) == 0)
        above = path_folder(arena, above);
    return 0;
}
