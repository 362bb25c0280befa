/*
 * Repositories that are elsewhere; see remote.h. The copies are only added to, so others may read one while it is fetched into. Who fetches
 * holds the lock beside the copy, and removes what a fetch left that was killed.
 */
#include "repo/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/folder.h"
#include "base/host.h"
#include "base/number.h"
#include "base/path.h"
#include "base/sanitizer.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "repo/libgit2.h"
#include "repo/remote_fetch.h"
#include "repo/remote_url.h"

static DIAG_CODE(code_remote, .name = "remote", CODE_ERROR(EXIT_UNREACHABLE),
                 .doc = "A Git repository of --repo cannot be reached, or is not to be trusted.",
                 .why = "The manifest is in there, and an older copy of it might say something else.",
                 .example = "natsform plan --repo https://git.example.com/infra.git -f main:natsform.yaml",
                 .remedy = "See that 'git ls-remote URL' works here, with the same login.");

enum {
    READ_BYTES = 4096,    /* of reports at once */
    NAME_MOST = 60,       /* characters of a copy's name that come from the URL */
    ORPHANED_S = 10,      /* so much longer than natsform itself the process waits, which should end it */
    MEMORY_MIB = 4 * 1024 /* that a fetch may take: a small pack can be of large objects */
};

/* Together: what the functions below are about. */
struct bringing {
    struct arena *arena;
    const struct remote *remote;
    struct remote_url url;
    const char *folder; /* of the copy */
    int64_t most_ms, silence_ms;
    struct diags *diags;
};

const char *remote_shown(struct arena *arena, const char *url)
{
    return remote_url_read(arena, url).shown;
}

static int fail(const struct bringing *bringing, const char *why, const char *hint)
{
    struct diag *diag = diag_add(bringing->diags, &code_remote, (struct srcpos){0}, "cannot fetch '%s': %s",
                                 bringing->url.shown, why);
    if (hint)
        diag_hint(bringing->diags, diag, "%s", hint);
    return -1;
}

/* ---- where the copy is ---- */

/* "git.example.com-team-infra-0123456789abcdef": for people, and an id that makes it the only one. */
static const char *copy_name(struct arena *arena, const struct remote_url *url)
{
    char name[NAME_MOST + 1], id[GIT_OID_HEXSZ + 1];
    size_t length = 0;
    git_oid oid;
    const char *text = arena_printf(arena, "%s-%s", url->host, url->path + strspn(url->path, "/"));
    for (const char *at = text; *at && length < NAME_MOST; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                     (*at == '.' && length);
        name[length++] = plain ? *at : '-';
    }
    name[length] = '\0';
    if (git()->odb_hash(&oid, url->shown, strlen(url->shown), GIT_OBJECT_BLOB))
        return NULL;
    git()->oid_tostr(id, sizeof(id), &oid);
    return arena_printf(arena, "%s-%.16s", name, id);
}

static const char *cache_folder(struct arena *arena, const struct remote *remote)
{
    const char *cache = remote->environment(remote->environment_context, "XDG_CACHE_HOME");
    const char *home = remote->environment(remote->environment_context, "HOME");
    home = home && *home ? home : folder_home(arena);
    if (cache && *cache == '/') /* a relative one is to be ignored, by its own specification */
        return arena_printf(arena, "%s/natsform/git", cache);
    return home ? arena_printf(arena, "%s/.cache/natsform/git", home) : NULL;
}

/* Only its owner looks into it: the repositories may be private. */
static int find_copy(struct bringing *bringing)
{
    const char *cache = cache_folder(bringing->arena, bringing->remote);
    const char *error;
    if (!cache)
        return fail(bringing, "there is no home directory for a copy of it",
                    "XDG_CACHE_HOME names another folder");
    if (folder_make(bringing->arena, cache, &error))
        return fail(bringing, arena_printf(bringing->arena, "the folder '%s' for copies: %s", cache, error),
                    "XDG_CACHE_HOME names another folder");
    chmod(cache, 0700);
    const char *name = copy_name(bringing->arena, &bringing->url);
    if (!name)
        return fail(bringing, "libgit2 makes no id of its URL", NULL);
    bringing->folder = path_in(bringing->arena, cache, name);
    return 0;
}

/* Are all names ids of commits that are in the copy? Such an id means the same for ever. Or is any copy good enough? */
static bool has_all(const struct bringing *bringing, const struct remote_names *names)
{
    git_repository *copy = NULL;
    bool kept = bringing->remote->kept;
    bool all = (kept || names->count) && git()->repository_open_bare(&copy, bringing->folder) == 0;
    for (size_t i = 0; all && !kept && i < names->count; i++) {
        git_oid id;
        git_commit *commit = NULL;
        all = strlen(names->items[i]) == GIT_OID_HEXSZ && git()->oid_fromstr(&id, names->items[i]) == 0 &&
              git()->commit_lookup(&commit, copy, &id) == 0;
        git()->commit_free(commit);
    }
    git()->repository_free(copy);
    return all;
}

/* ---- the process that fetches ---- */

/* It ends with its parent, takes signals as any other process, and no more memory than it should need. */
static void settle_in_child(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    const struct rlimit memory = {.rlim_cur = (rlim_t)MEMORY_MIB << 20, .rlim_max = (rlim_t)MEMORY_MIB << 20};
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    if (!IS_SANITIZED) /* its shadow memory counts, too */
        setrlimit(RLIMIT_DATA, &memory);
}

static pid_t begin_fetch(const struct fetch_job *job, int *ret_reports)
{
    int ends[2];
    if (pipe(ends))
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    pid_t child = fork();
    if (child == 0) {
        struct fetch_job own = *job;
        own.report = ends[1];
        close(ends[0]);
        settle_in_child();
        _exit(remote_fetch(&own) ? EXIT_FAILED : EXIT_DONE);
    }
    close(ends[1]);
    *ret_reports = ends[0];
    if (child < 0)
        close(ends[0]);
    return child;
}

/* What the process has said so far. */
struct reports {
    struct strbuf text; /* the beginning of a line that has not ended */
    uint64_t bytes;
    const char *error, *hint;
};

static void take_line(struct arena *arena, struct reports *reports, const char *line)
{
    uint64_t bytes;
    if (strncmp(line, "e ", 2) == 0)
        reports->error = arena_strdup(arena, line + 2);
    else if (strncmp(line, "h ", 2) == 0)
        reports->hint = arena_strdup(arena, line + 2);
    else if (strncmp(line, "b ", 2) == 0 && number_parse_u64(line + 2, &bytes))
        reports->bytes = bytes;
}

/* Returns false at the end. */
static bool take_reports(const struct bringing *bringing, struct reports *reports, int from)
{
    char piece[READ_BYTES];
    ssize_t length = read(from, piece, sizeof(piece));
    if (length < 0)
        return errno == EINTR;
    for (ssize_t i = 0; i < length; i++) {
        if (piece[i] != '\n') {
            strbuf_addc(&reports->text, piece[i]);
            continue;
        }
        take_line(bringing->arena, reports, strbuf_text(&reports->text));
        reports->text.length = 0;
    }
    return length > 0;
}

enum ending { ENDED, SILENT, LATE };

/* Follows the fetch until it ends, or should. */
static enum ending follow(const struct bringing *bringing, struct reports *reports, int from)
{
    enum { LOOK_MS = 200 };
    const struct remote *remote = bringing->remote;
    int64_t begun = clock_ms(), heard = begun;
    for (int64_t now = begun; now - begun < bringing->most_ms; now = clock_ms()) {
        struct pollfd reading = {.fd = from, .events = POLLIN};
        int64_t left = bringing->most_ms - (now - begun);
        int ready = poll(&reading, 1, (int)(left < LOOK_MS ? left : LOOK_MS));
        if (ready > 0 && !take_reports(bringing, reports, from))
            return ENDED;
        if (ready > 0)
            heard = clock_ms();
        else if (clock_ms() - heard >= bringing->silence_ms)
            return SILENT;
        if (remote->progress)
            remote->progress(remote->context, reports->bytes, clock_ms() - begun);
    }
    return reports->bytes || bringing->most_ms > bringing->silence_ms ? LATE : SILENT;
}

static int fail_late(const struct bringing *bringing, enum ending ending)
{
    const char *why =
        ending == SILENT
            ? arena_printf(bringing->arena, "nothing came for %lld ms", (long long)bringing->silence_ms)
            : arena_printf(bringing->arena, "it takes longer than %lld ms", (long long)bringing->most_ms);
    return fail(bringing, why, "'--timeout' says how long it may take");
}

static int await_fetch(const struct bringing *bringing, pid_t child, int from)
{
    struct reports reports = {0};
    int status = 0;
    enum ending ending = follow(bringing, &reports, from);
    close(from);
    if (ending != ENDED)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    strbuf_release(&reports.text);
    if (ending != ENDED)
        return fail_late(bringing, ending);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE)
        return 0;
    return reports.error ? fail(bringing, reports.error, reports.hint)
                         : fail(bringing, "the process that fetched it ended without a word", NULL);
}

static int fetch(const struct bringing *bringing, const struct fetch_job *job)
{
    int lock SCOPED(close_fd) = -1;
    int from;
    const char *path = arena_printf(bringing->arena, "%s.lock", bringing->folder);
    int locked = file_lock(path, true, bringing->most_ms, &lock);
    if (locked)
        return fail(bringing,
                    locked > 0 ? "another run has been fetching it for too long"
                               : arena_printf(bringing->arena, "'%s': %s", path, strerror(errno)),
                    NULL);
    pid_t child = begin_fetch(job, &from);
    if (child < 0)
        return fail(bringing, arena_printf(bringing->arena, "no process for it: %s", strerror(errno)), NULL);
    return await_fetch(bringing, child, from);
}

/* ---- all of it ---- */

static int check_scheme(const struct bringing *bringing)
{
    const struct remote_url *url = &bringing->url;
    if (url->scheme == REMOTE_UNKNOWN || (url->scheme != REMOTE_FOLDER && !*url->host))
        return diag_error(bringing->diags, &code_usage, (struct srcpos){0},
                          "--repo takes https://…, ssh://…, USER@HOST:PATH, or a folder, not '%s'",
                          url->shown);
    if (url->scheme == REMOTE_HTTP && !host_is_loopback(url->host)) {
        struct diag *diag = diag_add(
            bringing->diags, &code_usage, (struct srcpos){0},
            "--repo takes no http:// of other machines: anybody on the way could change '%s'", url->shown);
        diag_hint(bringing->diags, diag, "https:// is safe from that");
        return -1;
    }
    return 0;
}

int remote_bring(struct arena *arena, const struct remote *remote, const struct remote_names *names,
                 const char **ret_folder, struct diags *diags)
{
    struct bringing bringing = {
        .arena = arena,
        .remote = remote,
        .url = remote_url_read(arena, remote->url),
        .most_ms = remote->most_ms ? remote->most_ms : REMOTE_MOST_MS,
        .diags = diags,
    };
    bringing.silence_ms = bringing.most_ms < REMOTE_SILENCE_MS ? bringing.most_ms : REMOTE_SILENCE_MS;
    struct fetch_job job = {
        .arena = arena,
        .given = remote->url,
        .url = bringing.url,
        .names = names,
        .environment = remote->environment,
        .context = remote->environment_context,
        .patience = (unsigned)(bringing.silence_ms / 1000) + ORPHANED_S,
    };
    if (check_scheme(&bringing))
        return -1;
    if (bringing.url.scheme == REMOTE_FOLDER) {
        *ret_folder = bringing.url.path;
        return 0;
    }
    const char *reason;
    if (libgit2_start(&reason))
        return diag_error(diags, &code_remote, (struct srcpos){0}, "libgit2 cannot start: %s", reason);
    int failed = find_copy(&bringing);
    job.folder = bringing.folder;
    if (!failed && !has_all(&bringing, names))
        failed = fetch(&bringing, &job);
    git()->libgit2_shutdown();
    if (!failed)
        *ret_folder = bringing.folder;
    return failed;
}
