/* Reading files; see read.h. Nothing else in the program reads a whole one, but OpenSSL its keys. */
#include "base/read.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"

/* In lower case, as it continues a sentence: "cannot read 'x': no such file or directory". */
const char *errno_text(struct arena *arena, int error)
{
    char *text = arena_strdup(arena, strerror(error));
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

const char *file_oddity(const char *path)
{
    struct stat info;
    if (stat(path, &info) || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))
        return NULL;
    return S_ISFIFO(info.st_mode) ? "a named pipe" : S_ISSOCK(info.st_mode) ? "a socket" : "a device";
}

/* Never waits, as a named pipe without a writer would make it. */
static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Had the pipe no writer yet? Once there was one, its end is a hang-up. */
static bool is_lonely_pipe(int fd, const struct stat *info)
{
    struct pollfd pipe = {.fd = fd, .events = POLLIN};
    return S_ISFIFO(info->st_mode) && poll(&pipe, 1, 0) == 0;
}

/* As read(), and waits for what a writer has not written yet. */
static ssize_t read_some(int fd, char *text, size_t size)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    ssize_t got;
    while ((got = read(fd, text, size)) < 0 && (errno == EINTR || errno == EAGAIN))
        poll(&input, 1, -1);
    return got;
}

/* Files of /proc have no size before they are read. */
static size_t expected_bytes(const struct stat *info, size_t most)
{
    enum { FIRST = 64 * 1024 };
    /*
     * One byte more than the size, so that the read that finds the end has room: else the text would be moved once for
     * nothing.
     */
    bool told = S_ISREG(info->st_mode) && info->st_size > 0 && (uintmax_t)info->st_size < most;
    return told ? (size_t)info->st_size + 1 : FIRST;
}

/* Returns 0 or an errno. */
static int read_start(struct arena *arena, int fd, size_t most, struct source *source)
{
    struct stat info;
    if (fd < 0 || fstat(fd, &info))
        return errno;
    /* Not every system fails to read a folder; some give its raw bytes. */
    if (S_ISDIR(info.st_mode))
        return EISDIR;
    /* The size is a hint only: files grow while they are read, and pipes have none. */
    size_t capacity = expected_bytes(&info, most);
    size_t length = 0;
    char *text SCOPED(free_text) = base_alloc(capacity);
    ssize_t got;
    while (length < most && (got = read_some(fd, text + length, capacity - length)) != 0) {
        if (got < 0)
            return errno;
        length += (size_t)got;
        if (length == capacity && length < most)
            text = base_realloc(text, capacity = capacity < most / 2 ? capacity * 2 : most);
    }
    if (length == 0 && is_lonely_pipe(fd, &info))
        return ENXIO;
    source->length = length < most ? length : most;
    source->text = arena_strndup(arena, text, source->length);
    return 0;
}

static int read_from(struct arena *arena, int fd, size_t most, struct source *ret_source,
                     const char **ret_error)
{
    struct source source = {.name = ret_source->name};
    int error = read_start(arena, fd, most, &source);
    if (!error)
        *ret_source = source;
    else if (ret_error)
        *ret_error = error == ENXIO ? "nobody writes into it" : errno_text(arena, error);
    return error;
}

/* What was read is over: whoever reads it again is told so, and no file that is opened later takes its number. */
static void end_input(void)
{
    int nothing SCOPED(close_fd) = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
        close(STDIN_FILENO);
}

int file_read_start(struct arena *arena, const char *path, size_t most, struct source *ret_source,
                    const char **ret_error)
{
    bool input = strcmp(path, "-") == 0;
    ret_source->name = input ? "<stdin>" : arena_strdup(arena, path);
    if (!input) {
        int fd SCOPED(close_fd) = open_file(path);
        return read_from(arena, fd, most, ret_source, ret_error);
    }
    int error = read_from(arena, STDIN_FILENO, most, ret_source, ret_error);
    end_input();
    if (error == EBADF && ret_error)
        *ret_error = "standard input was read already";
    return error;
}

/* One byte more than the most is read, to tell. */
static int refuse_long(struct arena *arena, const struct source *source, size_t most, const char **ret_error)
{
    if (source->length <= most)
        return 0;
    if (ret_error)
        *ret_error = errno_text(arena, EFBIG);
    return EFBIG;
}

int file_read(struct arena *arena, const char *path, size_t most, struct source *ret_source,
              const char **ret_error)
{
    struct source source = {.name = arena_strdup(arena, path)};
    int fd SCOPED(close_fd) = open_file(path);
    int error = read_from(arena, fd, most + 1, &source, ret_error);
    if (!error)
        error = refuse_long(arena, &source, most, ret_error);
    if (!error)
        *ret_source = source;
    return error;
}

int file_read_told(struct arena *arena, const char *path, size_t most, struct source *ret_source,
                   struct diags *diags)
{
    const char *why;
    if (file_read_start(arena, path, most + 1, ret_source, &why) == 0 &&
        refuse_long(arena, ret_source, most, &why) == 0)
        return 0;
    return diag_error(diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", path, why);
}

int file_pieces_open(struct arena *arena, const char *path, struct file_pieces *ret_pieces,
                     const char **ret_error)
{
    struct stat info = {0};
    *ret_pieces = (struct file_pieces){.fd = open_file(path)};
    int error = ret_pieces->fd < 0 || fstat(ret_pieces->fd, &info) ? errno : 0;
    if (!error && !S_ISREG(info.st_mode))
        error = S_ISDIR(info.st_mode) ? EISDIR : ENOTSUP;
    if (error)
        *ret_error = error == ENOTSUP ? "it is no file" : errno_text(arena, error);
    else
        ret_pieces->bytes = (uint64_t)info.st_size;
    return error;
}

ssize_t file_pieces_read(const struct file_pieces *pieces, void *buffer, size_t size)
{
    return read_some(pieces->fd, buffer, size);
}

void file_pieces_close(const struct file_pieces *pieces)
{
    close_fd(&pieces->fd);
}
