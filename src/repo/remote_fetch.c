/*
 * Fetching by libgit2; see remote_fetch.h. All branches and tags get the same names in the copy as they have there, so that a revision means there and
 * here the same.
 */
#include "repo/remote_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "repo/libgit2.h"
#include "repo/remote_login.h"
#include "repo/remote_ssh.h"
#include "repo/repository.h"

/* Manifests are small, and so is a repository of them. A gigabyte is a mistake, or somebody who wants to fill the disk. */
enum { MOST_MIB = 1024, LINE_MOST = 1000 };

struct fetch {
    const struct fetch_job *job;
    struct remote_login login;
    struct remote_ssh ssh;
    size_t bytes;
    git_repository *copy;
    git_remote *remote;
    bool too_much;
};

/* ---- what is reported ---- */

/* One line, whatever is in the text. Nobody may be left to read it; then there is nobody to tell that, either. */
static void report(const struct fetch *fetch, char kind, const char *text)
{
    char line[LINE_MOST];
    int length = snprintf(line, sizeof(line) - 1, "%c %s", kind, text);
    if (length < 0)
        return;
    if ((size_t)length > sizeof(line) - 2)
        length = (int)sizeof(line) - 2;
    for (int i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[length++] = '\n';
    while (write(fetch->job->report, line, (size_t)length) < 0 && errno == EINTR)
        ;
}

static int fail(const struct fetch *fetch, const char *why, const char *remedy)
{
    report(fetch, 'e', why);
    if (remedy)
        report(fetch, 'h', remedy);
    return -1;
}

static void sign_of_life(void *context)
{
    const struct fetch *fetch = context;
    char bytes[32];
    snprintf(bytes, sizeof(bytes), "%zu", fetch->bytes);
    alarm(fetch->job->patience);
    report(fetch, 'b', bytes);
}

static int on_bytes(const git_indexer_progress *progress, void *context)
{
    struct fetch *fetch = context;
    fetch->bytes = progress->received_bytes;
    fetch->too_much = fetch->bytes > (size_t)MOST_MIB * 1024 * 1024;
    sign_of_life(fetch);
    return fetch->too_much ? GIT_EUSER : 0;
}

/* What the other side says of itself, such as "Counting objects". It is not shown. */
static int on_words(const char *text, int length, void *context)
{
    (void)text;
    (void)length;
    sign_of_life(context);
    return 0;
}

static int on_reference(const char *name, const git_oid *before, const git_oid *after, void *context)
{
    (void)name;
    (void)before;
    (void)after;
    sign_of_life(context);
    return 0;
}

static int on_login(git_credential **ret_login, const char *url, const char *user, unsigned kinds,
                    void *context)
{
    struct fetch *fetch = context;
    (void)url;
    (void)user;
    sign_of_life(fetch);
    return remote_login_next(&fetch->login, kinds, ret_login);
}

/* libgit2 gives each callback the same payload. */
static int ssh_transport(git_transport **ret_transport, git_remote *remote, void *context)
{
    struct fetch *fetch = context;
    return remote_ssh_transport(ret_transport, remote, &fetch->ssh);
}

static int on_certificate(git_cert *certificate, int valid, const char *host, void *context)
{
    struct fetch *fetch = context;
    sign_of_life(fetch);
    if (!valid)
        remote_login_refuse(&fetch->login, certificate, host);
    return valid ? 0 : GIT_ECERTIFICATE;
}

/* ---- what a killed fetch has left ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* Nobody else writes there, so a lock is one of the dead. */
static void drop_locks(struct arena *arena, const char *folder, int depth)
{
    enum { DEPTH_MOST = 20 };
    DIR *opened SCOPED(close_directory) = depth < DEPTH_MOST ? opendir(folder) : NULL;
    for (const char *name; (name = folder_next(opened));) {
        const char *path = path_in(arena, folder, name);
        if (ends_with(name, ".lock"))
            unlink(path);
        else
            drop_locks(arena, path, depth + 1);
    }
}

static void drop_leftovers(struct arena *arena, const char *folder)
{
    const char *packs = path_in(arena, folder, "objects/pack");
    DIR *opened SCOPED(close_directory) = opendir(packs);
    for (const char *name; (name = folder_next(opened));)
        if (strncmp(name, "pack-", strlen("pack-")) != 0)
            unlink(path_in(arena, packs, name));
    drop_locks(arena, path_in(arena, folder, "refs"), 0);
    static const char *const files[] = {"HEAD.lock", "config.lock", "packed-refs.lock"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(path_in(arena, folder, files[i]));
}

/* ---- fetching ---- */

/* What libgit2 says in words of its own inside. */
static const struct {
    const char *words;
    const char *means;
} reasons[] = {
    {"status code: 404", "there is no such repository, or it is not for everybody"},
    {"target OID", "the server has not sent what its branches and tags point to"},
    {"out of memory", "what the server sends would take more memory than a fetch may have"},
    {"bad packet length", "what the server answers is nothing of Git's"},
};

/* Why it failed. The callbacks know better than libgit2 what it was about. */
static int fail_by(const struct fetch *fetch, int code)
{
    struct arena *arena = fetch->job->arena;
    const char *reason = git_reason(arena);
    if (fetch->login.fault)
        return fail(fetch, fetch->login.fault, fetch->login.remedy);
    if (fetch->ssh.fault)
        return fail(fetch, fetch->ssh.fault, fetch->ssh.remedy);
    if (fetch->too_much)
        return fail(fetch, arena_printf(arena, "it has more than %d MiB", MOST_MIB),
                    "keep manifests in a repository of their own");
    const char *means = reason;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strstr(reason, reasons[i].words))
            means = reasons[i].means;
    bool is_login = code == GIT_EAUTH || means == reasons[0].means;
    return fail(fetch, means, is_login ? remote_login_hint(&fetch->login) : NULL);
}

/* Branches and tags under their own names, and what is asked for by a whole name. */
static git_strarray specs_of(struct arena *arena, const struct remote_names *names)
{
    struct specs {
        VEC(char *) list;
    } specs = {0};
    VEC_PUSH(arena, &specs.list, arena_strdup(arena, "+refs/heads/*:refs/heads/*"));
    VEC_PUSH(arena, &specs.list, arena_strdup(arena, "+refs/tags/*:refs/tags/*"));
    for (size_t i = 0; i < names->count; i++) {
        size_t length = strcspn(names->items[i], "~^@");
        const char *name = arena_strndup(arena, names->items[i], length);
        int valid = 0;
        if (strncmp(name, "refs/", strlen("refs/")) == 0 && !git()->reference_name_is_valid(&valid, name) &&
            valid)
            VEC_PUSH(arena, &specs.list, arena_printf(arena, "+%s:%s", name, name));
    }
    return (git_strarray){.strings = specs.list.items, .count = specs.list.count};
}

/* Certificates of authorities, from where git's and OpenSSL's users say they are. */
static void take_authorities(const struct fetch_job *job)
{
    static const char *const files[] = {"GIT_SSL_CAINFO", "SSL_CERT_FILE"};
    static const char *const folders[] = {"GIT_SSL_CAPATH", "SSL_CERT_DIR"};
    const char *file = NULL, *folder = NULL;
    for (size_t i = 0; i < 2; i++) {
        file = file ? file : job->environment(job->context, files[i]);
        folder = folder ? folder : job->environment(job->context, folders[i]);
    }
    if (file || folder)
        git()->libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, folder);
}

/* HEAD of the copy is the branch that HEAD is there. If that is none, it stays what it was. */
static void take_head(const struct fetch *fetch)
{
    git_buf branch = {0};
    git_reference *head = NULL;
    if (git()->remote_default_branch(&branch, fetch->remote) == 0)
        git()->reference_symbolic_create(&head, fetch->copy, "HEAD", branch.ptr, 1, NULL);
    git()->reference_free(head);
    git()->buf_dispose(&branch);
}

static int connect_and_fetch(struct fetch *fetch)
{
    git_fetch_options options;
    git_remote_connect_options connect;
    git_strarray specs = specs_of(fetch->job->arena, fetch->job->names);
    git()->fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    git()->remote_connect_options_init(&connect, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    options.callbacks.transfer_progress = on_bytes;
    options.callbacks.sideband_progress = on_words;
    options.callbacks.update_tips = on_reference;
    options.callbacks.credentials = on_login;
    options.callbacks.certificate_check = on_certificate;
    options.callbacks.payload = fetch;
    if (fetch->job->url.scheme == REMOTE_SSH) {
        fetch->ssh = (struct remote_ssh){.job = fetch->job, .alive = sign_of_life, .context = fetch};
        options.callbacks.transport = ssh_transport;
    }
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE; /* all of them are asked for */
    options.proxy_opts.type = GIT_PROXY_AUTO;
    /* To other paths of the same host only: another one would be given the token. */
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    connect.callbacks = options.callbacks;
    connect.proxy_opts = options.proxy_opts;
    connect.follow_redirects = options.follow_redirects;
    /* The very URL: by `insteadOf` of git's configuration it could be of another scheme. */
    git_remote_create_options create;
    git()->remote_create_options_init(&create, GIT_REMOTE_CREATE_OPTIONS_VERSION);
    create.repository = fetch->copy;
    create.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF;
    int code = git()->remote_create_with_opts(&fetch->remote, fetch->job->given, &create);
    if (!code)
        code = git()->remote_connect_ext(fetch->remote, GIT_DIRECTION_FETCH, &connect);
    if (!code)
        code = git()->remote_download(fetch->remote, &specs, &options);
    /* What is gone there goes first: "a" has to make room for "a/b". */
    if (!code)
        code = git()->remote_prune(fetch->remote, &options.callbacks);
    if (!code)
        code = git()->remote_update_tips(fetch->remote, &options.callbacks, 0, options.download_tags, NULL);
    if (!code)
        take_head(fetch);
    return code;
}

int remote_fetch(const struct fetch_job *job)
{
    struct fetch fetch = {.job = job, .login = remote_login(job)};
    int result = -1;
    const char *reason;
    if (libgit2_start(&reason))
        return fail(&fetch, arena_printf(job->arena, "libgit2 cannot start: %s", reason), NULL);
    take_authorities(job);
    drop_leftovers(job->arena, job->folder);
    sign_of_life(&fetch);
    int code = git()->repository_init(&fetch.copy, job->folder, true);
    if (!code)
        code = connect_and_fetch(&fetch);
    result = code ? fail_by(&fetch, code) : 0;
    git()->remote_free(fetch.remote);
    git()->repository_free(fetch.copy);
    git()->libgit2_shutdown();
    return result;
}
