/* Files and folders for a moment; see temporary.h. */
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/scope.h"

enum {
    RUNS_MOST = 1000, /* that work in one folder at the same time */
    AHEAD = 8,        /* names behind one's own that killed runs may have left */
};

/* Folders for a moment lie in those that all users share. */
static const char *path_of(struct arena *arena, enum temporary kind, const char *folder, int number)
{
    const char *name = kind == TEMPORARY_FILE
                           ? arena_printf(arena, ".natsform-new-%d", number)
                           : arena_printf(arena, "natsform-%u-%d", (unsigned)geteuid(), number);
    return path_in(arena, folder, name);
}

/* Of the same user, and nobody holds it any more. What others put there under its name is left alone. */
static bool drop(const char *path)
{
    struct stat info;
    /*
     * Links are not followed, and a FIFO under that name does not hold open() until somebody writes to it (O_NONBLOCK).
     */
    int fd SCOPED(close_fd) = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == geteuid() &&
           flock(fd, LOCK_EX | LOCK_NB) == 0 && file_is_at(fd, path) && folder_remove(path) == 0;
}

static int make(enum temporary kind, const char *path)
{
    if (kind == TEMPORARY_FILE)
        return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (mkdir(path, 0700))
        return -1;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) /* gone again */
        errno = EEXIST;
    return fd;
}

/* Another run may have taken it for left before it was locked. Where a file system has no locks, what is left stays. */
static int take(enum temporary kind, const char *path)
{
    int fd = make(kind, path);
    if (fd < 0 && errno == EEXIST) {
        bool gone = drop(path);
        errno = EEXIST;
        fd = gone ? make(kind, path) : -1;
    }
    if (fd < 0)
        return -1;
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && file_is_at(fd, path))
        return fd;
    close(fd);
    errno = EEXIST;
    return -1;
}

static void drop_from(struct arena *arena, enum temporary kind, const char *folder, int first)
{
    for (int i = 0; i < AHEAD; i++)
        drop(path_of(arena, kind, folder, first + i));
}

/*
 * The first free number is taken, and what killed runs left under the next ones is removed, so that numbers stay small.
 */
int temporary_make(struct arena *arena, enum temporary kind, const char *folder, const char **ret_path)
{
    const char *path = NULL;
    int fd = -1, number = 0;
    do
        fd = take(kind, path = path_of(arena, kind, folder, number++));
    while (fd < 0 && errno == EEXIST && number < RUNS_MOST);
    if (fd < 0)
        return -1;
    drop_from(arena, kind, folder, number);
    *ret_path = path;
    return fd;
}

void temporary_drop(struct arena *arena, enum temporary kind, const char *folder)
{
    drop_from(arena, kind, folder, 0);
}
