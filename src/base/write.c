/*
 * Writing files; see write.h. An existing file is never opened for writing, so a crash leaves either the old text or the
 * new one.
 */
#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/temporary.h"

enum { LOOK_MOST = 256 * 1024 * 1024 }; /* of a file that is there: a saved plan may be long */

struct new_file new_file(const char *path, const char *text)
{
    return (struct new_file){.path = path, .text = text, .length = strlen(text)};
}

struct new_file new_secret(const char *path, const char *text)
{
    return (struct new_file){.path = path, .text = text, .length = strlen(text), .secret = true};
}

FILE *file_nowhere(void)
{
    return fopen("/dev/null", "w");
}

bool file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool file_is_output(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

bool file_takes(const char *path)
{
    return file_is_output(path) || file_oddity(path);
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

/* What is written is its owner's alone until it is whole; then it gets what any new file gets. */
static mode_t mode_of_new_files(void)
{
    /* The mask can only be read by setting it. */
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* A file that is replaced keeps its mode: who could read the old text can read the new one, and nobody else can. */
static mode_t mode_of(const struct new_file *file, const char *place, int how)
{
    struct stat info;
    if (file->secret)
        return S_IRUSR | S_IWUSR;
    return how & FILE_REPLACES && stat(place, &info) == 0 ? info.st_mode & 07777 : mode_of_new_files();
}

/* A name in a folder is the folder's text: without this it could be gone after a crash. Not every file system knows how. */
static void sync_folder(const char *folder)
{
    int fd SCOPED(close_fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        fsync(fd);
}

/*
 * link() refuses a name that is taken, where rename() would replace the file, whoever made it meanwhile. Not every file
 * system has link(), so the fallback looks first and then renames.
 */
static int put_in_place(const char *temporary, const char *path, bool replaces)
{
    if (replaces)
        return rename(temporary, path);
    if (link(temporary, path) == 0)
        return unlink(temporary);
    if (errno == EEXIST || file_exists(path)) {
        errno = EEXIST;
        return -1;
    }
    return rename(temporary, path);
}

/* Returns 0 or an errno. */
static int write_at(struct arena *arena, const char *place, const struct new_file *file, int how)
{
    const char *folder = path_folder(arena, place);
    const char *temporary;
    mode_t mode = mode_of(file, place, how);
    int fd SCOPED(close_fd) = temporary_make(arena, TEMPORARY_FILE, folder, &temporary);
    if (fd < 0)
        return errno;
    /* In this order: after a crash a name that was put in place first could stand for an empty file. */
    if (write_all(fd, file->text, file->length) || fchmod(fd, mode) || fsync(fd) ||
        put_in_place(temporary, place, how & FILE_REPLACES)) {
        int error = errno;
        unlink(temporary);
        return error;
    }
    sync_folder(folder);
    return 0;
}

static int fail(const char **ret_error, const char *why)
{
    *ret_error = why;
    return -1;
}

/* Behind what was printed before. */
static int write_output(struct arena *arena, const struct new_file *file, const char **ret_error)
{
    if (fwrite(file->text, 1, file->length, stdout) == file->length && fflush(stdout) == 0)
        return 0;
    return fail(ret_error, errno_text(arena, errno));
}

/* A disk would lose its partitions. A pipe that nobody reads is not waited for. */
static int write_into(struct arena *arena, const struct new_file *file, const char **ret_error)
{
    struct stat info;
    int fd SCOPED(close_fd) = open(file->path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ENXIO)
        return fail(ret_error, "nobody reads it");
    if (fd < 0 || fstat(fd, &info))
        return fail(ret_error, errno_text(arena, errno));
    if (!S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode))
        return fail(ret_error, "it is a disk");
    if (fcntl(fd, F_SETFL, 0) || write_all(fd, file->text, file->length))
        return fail(ret_error, errno_text(arena, errno));
    return 0;
}

int file_write(struct arena *arena, const struct new_file *file, int how, const char **ret_error)
{
    const char *oddity = file_oddity(file->path);
    if (how & FILE_INTO && file_is_output(file->path))
        return write_output(arena, file, ret_error);
    if (how & FILE_INTO && oddity)
        return write_into(arena, file, ret_error);
    if (how & FILE_REPLACES && oddity)
        return fail(ret_error, arena_printf(arena, "it is %s", oddity));
    /* A link stays a link, as in a folder of configurations that links into a Git checkout. */
    const char *behind_links = how & FILE_REPLACES ? path_real(arena, file->path) : NULL;
    if (how & FILE_FOLDERS && folder_make(arena, path_folder(arena, file->path), ret_error))
        return -1;
    int error = write_at(arena, behind_links ? behind_links : file->path, file, how);
    if (error)
        *ret_error = errno_text(arena, error);
    return error ? -1 : 0;
}

int file_write_told(struct arena *arena, const struct new_file *file, int how, const struct diag_code *code,
                    struct diags *diags)
{
    const char *why;
    if (file_write(arena, file, how, &why) == 0)
        return 0;
    return diag_error(diags, code, (struct srcpos){0}, "cannot write '%s': %s", file->path, why);
}

int file_overwrite(const char *path, const char *text, size_t length)
{
    int fd SCOPED(close_fd) =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    return fd < 0 || write_all(fd, text, length) ? errno : 0;
}

/* ---- spool ---- */

int spool_begin(struct arena *arena, const char *path, struct spool *ret_spool)
{
    *ret_spool = (struct spool){.path = path, .fd = -1};
    if (file_exists(path))
        return EEXIST;
    ret_spool->fd = temporary_make(arena, TEMPORARY_FILE, path_folder(arena, path), &ret_spool->temporary);
    return ret_spool->fd < 0 ? errno : 0;
}

int spool_add(struct spool *spool, const char *data, size_t length)
{
    if (write_all(spool->fd, data, length))
        return errno;
    spool->bytes += length;
    return 0;
}

int spool_keep(struct arena *arena, struct spool *spool)
{
    if (fchmod(spool->fd, S_IRUSR | S_IWUSR) || fsync(spool->fd) ||
        put_in_place(spool->temporary, spool->path, false))
        return errno;
    sync_folder(path_folder(arena, spool->path));
    close(spool->fd);
    spool->fd = -1;
    return 0;
}

void spool_drop(struct spool *spool)
{
    if (spool->fd < 0)
        return;
    unlink(spool->temporary);
    close(spool->fd);
    spool->fd = -1;
}

static bool others_may_read(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO));
}

int file_look(struct arena *arena, const struct new_file *file, file_judge *judge, enum file_place *ret_place,
              struct diags *diags)
{
    struct source there;
    const char *why;
    *ret_place = PLACE_FREE;
    const char *oddity = file_oddity(file->path);
    if (oddity)
        return diag_error(diags, &code_file, (struct srcpos){0}, "cannot write '%s': it is %s", file->path,
                          oddity);
    if (!file_exists(file->path)) /* "-" too, unless a file is called so */
        return 0;
    if (file_read_start(arena, file->path, LOOK_MOST, &there, &why))
        return diag_error(diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", file->path, why);
    /* The same text is left alone, so that its time of change stays and nothing is built again that depends on it. */
    if (there.length == file->length && memcmp(there.text, file->text, there.length) == 0)
        *ret_place = file->secret && others_may_read(file->path) ? PLACE_READABLE : PLACE_SAME;
    else
        *ret_place = judge(there.text, there.length);
    return 0;
}
