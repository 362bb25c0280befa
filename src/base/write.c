/* Writing files; see write.h. Nothing that is there is opened for writing, so that a crash leaves the old text or the new one. */
#include "base/write.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *error_text(struct arena *arena)
{
    char *text = arena_strdup(arena, strerror(errno));
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

bool file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t wrote = write(fd, text, length);
        if (wrote < 0 && errno != EINTR)
            return -1;
        if (wrote > 0) {
            text += wrote;
            length -= (size_t)wrote;
        }
    }
    return 0;
}

/* mkstemp() makes files that only their owner may read; others get what any new file gets. */
static mode_t mode_of_new_files(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int fill(int fd, const char *text, size_t length, mode_t mode)
{
    int failed = fchmod(fd, mode) || write_all(fd, text, length) || fsync(fd);
    int error = errno;
    if (close(fd) && !failed)
        return -1;
    errno = error;
    return failed ? -1 : 0;
}

static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd); /* where the file system does not know how, the rename is as safe as it gets */
    close(fd);
}

/* link() refuses a name that is taken, which rename() would replace; not every file system has it. */
static int put_in_place(const char *temporary, const char *path, bool replace)
{
    if (replace)
        return rename(temporary, path);
    if (link(temporary, path) == 0)
        return unlink(temporary);
    if (errno == EEXIST || file_exists(path)) {
        errno = EEXIST;
        return -1;
    }
    return rename(temporary, path);
}

/* Behind symbolic links: the file and not the link is replaced. */
static const char *place_of(struct arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *place = real ? arena_strdup(arena, real) : path;
    free(real);
    return place;
}

static int write_with_mode(struct arena *arena, const char *place, const char *text, size_t length,
                           bool replace, mode_t mode, const char **ret_error)
{
    const char *slash = strrchr(place, '/');
    const char *folder = slash ? arena_strndup(arena, place, (size_t)(slash - place) + 1) : "./";
    char *temporary = arena_printf(arena, "%s.natsform-XXXXXX", folder);
    int fd = mkstemp(temporary);
    if (fd < 0) {
        *ret_error = error_text(arena);
        return -1;
    }
    if (fill(fd, text, length, mode) || put_in_place(temporary, place, replace)) {
        *ret_error = error_text(arena);
        unlink(temporary);
        return -1;
    }
    sync_folder(folder);
    return 0;
}

int file_write(struct arena *arena, const char *path, const char *text, size_t length, bool replace,
               const char **ret_error)
{
    struct stat info;
    const char *place = replace ? place_of(arena, path) : path;
    mode_t mode = replace && stat(place, &info) == 0 ? info.st_mode & 07777 : mode_of_new_files();
    return write_with_mode(arena, place, text, length, replace, mode, ret_error);
}

int file_write_private(struct arena *arena, const char *path, const char *text, size_t length,
                       const char **ret_error)
{
    return write_with_mode(arena, place_of(arena, path), text, length, true, S_IRUSR | S_IWUSR, ret_error);
}

int folder_make(struct arena *arena, const char *path, const char **ret_error)
{
    char *part = arena_strdup(arena, path);
    for (char *at = part + 1;; at++) {
        char byte = *at;
        if (byte != '/' && byte != '\0')
            continue;
        *at = '\0';
        struct stat info;
        if (mkdir(part, 0777) && (errno != EEXIST || stat(part, &info) || !S_ISDIR(info.st_mode))) {
            if (errno == 0 || errno == EEXIST)
                errno = ENOTDIR;
            *ret_error = error_text(arena);
            return -1;
        }
        if (!byte)
            return 0;
        *at = byte;
    }
}
