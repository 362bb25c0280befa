/* Locks of files; see file_lock.h. */
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * flock() has no deadline of its own, so it is tried again and again. 20 ms are short for people, and cost next to
 * nothing.
 */
enum { PAUSE_MS = 20 };

bool file_is_at(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

/* Returns 0 or an errno. */
static int await(int fd, int64_t deadline)
{
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        int error = errno;
        if (error != EINTR && (error != EWOULDBLOCK || clock_ms() >= deadline))
            return error;
        clock_pause(PAUSE_MS);
    }
    return 0;
}

/*
 * Whoever had it may have removed the file that was opened meanwhile, and then a lock of it keeps nobody out. While it is waited for, nothing is
 * made: its folder may be about to be removed.
 */
int file_lock(const char *path, bool make, int64_t most_ms, int *ret_fd)
{
    int64_t deadline = clock_ms() + most_ms;
    for (;;) {
        int fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
        if (fd < 0)
            return -1;
        int error = await(fd, deadline);
        if (!error && file_is_at(fd, path)) {
            *ret_fd = fd;
            return 0;
        }
        close(fd);
        errno = error;
        if (error)
            return error == EWOULDBLOCK ? 1 : -1;
    }
}

/* For people who look into the file: what keeps others out is the lock, and it is not read back to decide anything. */
int file_lock_sign(int fd, const char *text)
{
    size_t length = strlen(text);
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, length, 0) == (ssize_t)length ? 0 : -1;
}
