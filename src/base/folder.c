/* Folders; see folder.h. What goes down to the bottom follows no links, so that it ends, and stays inside. */
#include "base/folder.h"

#include <errno.h>
#include <fts.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read.h"
#include "base/scope.h"

const char *folder_next(DIR *folder)
{
    const struct dirent *entry;
    do
        entry = folder ? readdir(folder) : NULL;
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *folder_home(struct arena *arena)
{
    const struct passwd *entry = getpwuid(getuid());
    return entry && entry->pw_dir && *entry->pw_dir ? arena_strdup(arena, entry->pw_dir) : NULL;
}

/* Made without a look before: if another run makes it in between, EEXIST says so, and that is as good. */
int folder_make(struct arena *arena, const char *path, const char **ret_error)
{
    char *part = arena_strdup(arena, path);
    /* From the second byte on: the root folder is there. */
    for (char *at = part + 1;; at++) {
        char byte = *at;
        if (byte != '/' && byte != '\0')
            continue;
        *at = '\0';
        int error = mkdir(part, 0777) ? errno : 0;
        if (error && (error != EEXIST || !is_folder(part))) {
            *ret_error = errno_text(arena, error == EEXIST ? ENOTDIR : error);
            return -1;
        }
        if (!byte)
            return 0;
        *at = byte;
    }
}

static void close_tree(FTS *const *tree)
{
    if (*tree)
        fts_close(*tree);
}

/*
 * FTS_NOCHDIR, because the working folder is the process's: relative paths of everything else would change their
 * meaning.
 */
static FTS *open_tree(const char *path)
{
    union {
        const char *given;
        char *taken;
    } root = {.given = path}; /* nothing is written there */
    char *const paths[] = {root.taken, NULL};
    return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

unsigned long long folder_bytes(const char *path)
{
    FTS *tree SCOPED(close_tree) = open_tree(path);
    unsigned long long total = 0;
    for (const FTSENT *entry; tree && (entry = fts_read(tree));)
        if (entry->fts_info == FTS_F)
            total += (unsigned long long)entry->fts_statp->st_size;
    return total;
}

/* Entries that cannot be looked at (FTS_NS) have no owner to compare. */
bool folder_has_owner(const char *path, uid_t user)
{
    FTS *tree SCOPED(close_tree) = open_tree(path);
    for (const FTSENT *entry; tree && (entry = fts_read(tree));)
        if (entry->fts_info != FTS_NS && entry->fts_statp->st_uid == user)
            return true;
    return false;
}

/* Folders come twice: before what is in them, and after it, when they are empty. */
static int remove_entry(const FTSENT *entry)
{
    switch (entry->fts_info) {
    case FTS_D:
        return 0;
    case FTS_DP:
        return rmdir(entry->fts_accpath) ? errno : 0;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return entry->fts_level == FTS_ROOTLEVEL && entry->fts_errno == ENOENT ? 0 : entry->fts_errno;
    default:
        return unlink(entry->fts_accpath) ? errno : 0;
    }
}

/* Goes on after a failure, so that what can go goes. The first failure is the one that is told. */
int folder_remove(const char *path)
{
    FTS *tree SCOPED(close_tree) = open_tree(path);
    int failed = tree ? 0 : errno;
    for (const FTSENT *entry; tree && (entry = fts_read(tree));) {
        int error = remove_entry(entry);
        failed = failed ? failed : error;
    }
    return failed;
}
