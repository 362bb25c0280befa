/*
 * Waiting for changes; see watch.h. What the system tells is only a reason to look. What counts is whether the files
 * differ from before. So it does not matter whether an editor writes into the file or replaces it by a new one.
 */
#include "devenv/watch.h"

#include <glob.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/inotify.h>
#endif

#include "base/clock.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"

enum {
    LOOK_MS =
        300, /* how often to look; also if the system tells of changes: network file systems do not tell all */
    QUIET_MS = 50,
    QUIET_MOST_MS = 1000,
};

struct watch {
    struct arena *arena;
    const char *const *paths;
    size_t count;
    int told; /* descriptor of inotify; -1: none */
    struct strbuf seen;
    const char *changed; /* a path; "" */
};

static void add_file(struct strbuf *out, const char *path)
{
    struct stat info;
    if (stat(path, &info)) {
        strbuf_addf(out, "%s -\n", path);
        return;
    }
#ifdef __APPLE__
    const struct timespec *time = &info.st_mtimespec;
#else
    const struct timespec *time = &info.st_mtim;
#endif
    /* The inode too: an editor may replace a file by one of the same size within the same tick of the clock. */
    strbuf_addf(out, "%s %llu %lld %lld.%09ld\n", path, (unsigned long long)info.st_ino,
                (long long)info.st_size, (long long)time->tv_sec, time->tv_nsec);
}

/* Writes down everything that shows a change, as a text to be compared with the one before. */
static void look(const struct watch *watch, struct strbuf *out)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct arena scratch SCOPED(arena_release) = {0};
        glob_t found = {0};
        add_file(out, watch->paths[i]);
        if (strpbrk(watch->paths[i], "*?[") &&
            glob(path_pattern(&scratch, watch->paths[i]), 0, NULL, &found) == 0)
            for (size_t j = 0; j < found.gl_pathc; j++)
                add_file(out, found.gl_pathv[j]);
        globfree(&found);
    }
}

#ifdef __linux__

/* Watches the folders of all paths and not the files, because editors often replace a file by a new one. */
static void ask_to_be_told(struct watch *watch)
{
    watch->told = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    for (size_t i = 0; watch->told >= 0 && i < watch->count; i++) {
        const char *path = watch->paths[i];
        struct stat info;
        inotify_add_watch(watch->told, path_folder(watch->arena, path),
                          IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MODIFY);
        if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
            inotify_add_watch(watch->told, path, IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE);
    }
}

#else

static void ask_to_be_told(struct watch *watch)
{
    watch->told = -1;
}

#endif

struct watch *watch_new(struct arena *arena, const char *const *paths, size_t count)
{
    struct watch *watch = ARENA_NEW(arena, struct watch);
    *watch = (struct watch){.arena = arena, .paths = paths, .count = count, .changed = ""};
    ask_to_be_told(watch);
    look(watch, &watch->seen);
    return watch;
}

void watch_release(struct watch *watch)
{
    if (watch->told >= 0)
        close(watch->told);
    strbuf_release(&watch->seen);
}

/* Waits until the system tells of a change, or until it is time to look. */
static void pause_until_told(const struct watch *watch)
{
    char events[4096];
    struct pollfd wait = {.fd = watch->told, .events = POLLIN};
    if (poll(&wait, watch->told >= 0, LOOK_MS) > 0)
        while (read(watch->told, events, sizeof(events)) > 0)
            continue;
}

/* The path of the first line in which the two differ. A line is "PATH INODE SIZE TIME" or "PATH -"; paths may have blanks. */
static const char *first_difference(struct arena *arena, const char *before, const char *now)
{
    size_t same = 0;
    while (now[same] && now[same] == before[same])
        same++;
    while (same && now[same - 1] != '\n')
        same--;
    const char *line = now[same] ? now + same : before + same;
    const char *text = arena_strndup(arena, line, strcspn(line, "\n"));
    enum { NUMBERS = 3 };
    size_t length = strlen(text);
    bool is_gone = length > 2 && strcmp(text + length - 2, " -") == 0;
    for (int i = is_gone ? NUMBERS - 1 : 0; i < NUMBERS; i++)
        while (length && text[--length] != ' ')
            continue;
    return arena_strndup(arena, text, length);
}

const char *watch_changed_path(const struct watch *watch)
{
    return watch->changed;
}

bool watch_changed(struct watch *watch)
{
    struct strbuf now = {0};
    look(watch, &now);
    bool differs = strcmp(strbuf_text(&now), strbuf_text(&watch->seen)) != 0;
    if (differs) {
        watch->changed = first_difference(watch->arena, strbuf_text(&watch->seen), strbuf_text(&now));
        strbuf_release(&watch->seen);
        watch->seen = now;
    } else {
        strbuf_release(&now);
    }
    return differs;
}

bool watch_wait(struct watch *watch, bool (*ended)(void *context), void *context)
{
    while (!watch_changed(watch)) {
        pause_until_told(watch);
        if (ended(context))
            return false;
    }
    /* An editor may write several files, or one file in several steps. So this waits until nothing changes any more. */
    for (int64_t deadline = clock_ms() + QUIET_MOST_MS; clock_ms() < deadline;) {
        clock_pause(QUIET_MS);
        if (!watch_changed(watch))
            break;
    }
    return true;
}
