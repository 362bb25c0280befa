/*
 * Decides which paths are in a revision, and reads both kinds; see revisions.h. A file of a revision gets the name
 * "REV:path-from-the-root". Diagnostics show it, and `git show` takes it anywhere in the repository.
 */
#include "repo/revisions.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/scope.h"
#include "base/vec.h"
#include "manifest/load.h"
#include "repo/files.h"
#include "repo/libgit2.h"
#include "repo/repository.h"
#include "repo/revtree.h"

struct revisions {
    struct arena *arena;
    vars_lookup *environment;
    void *environment_context;
    const struct remote *remote;  /* NULL: the repository is the one that is found here */
    bool out_of_reach;            /* the remote one was tried, and a diagnostic says why in vain */
    struct repository repository; /* `handle` is NULL until a path needs it */
    VEC(struct revision) list;    /* all that were resolved */
    struct manifest_reader files;
    const char *hint; /* about the last failure */
};

struct revisions *revisions_new(struct arena *arena, vars_lookup *environment, void *context)
{
    struct revisions *revisions = ARENA_NEW(arena, struct revisions);
    revisions->arena = arena;
    revisions->environment = environment;
    revisions->environment_context = context;
    files_reader(&revisions->files);
    return revisions;
}

void revisions_free(struct revisions *revisions)
{
    for (size_t i = 0; revisions && i < revisions->list.count; i++)
        git()->tree_free(revisions->list.items[i].root);
    if (revisions && revisions->repository.handle)
        repository_close(&revisions->repository);
}

/* ---- resolving ---- */

/* The revision that the text begins with; *ret_path is what stands behind the colon. NULL if the text is a path on disk. */
static const struct revision *split(const struct revisions *revisions, const char *text,
                                    const char **ret_path)
{
    size_t length;
    if (!revspec_split(text, &length))
        return NULL;
    for (size_t i = 0; i < revisions->list.count; i++) {
        const struct revision *revision = &revisions->list.items[i];
        if (strlen(revision->name) == length && memcmp(revision->name, text, length) == 0) {
            *ret_path = text + length + 1;
            return revision;
        }
    }
    return NULL;
}

static const struct revision *known(const struct revisions *revisions, const char *name)
{
    for (size_t i = 0; i < revisions->list.count; i++)
        if (strcmp(revisions->list.items[i].name, name) == 0)
            return &revisions->list.items[i];
    return NULL;
}

void revisions_take_from(struct revisions *revisions, const struct remote *remote)
{
    revisions->remote = remote;
}

static int open_remote(struct revisions *revisions, const struct remote_names *names, struct diags *diags)
{
    struct remote remote = *revisions->remote;
    const char *folder;
    if (revisions->out_of_reach)
        return -1;
    remote.environment = revisions->environment;
    remote.environment_context = revisions->environment_context;
    revisions->out_of_reach = remote_bring(revisions->arena, &remote, names, &folder, diags) ||
                              repository_open_at(revisions->arena, folder, &revisions->repository, diags);
    return revisions->out_of_reach ? -1 : 0;
}

/* The names are those that will be resolved in it. */
static int open_repository(struct revisions *revisions, const struct remote_names *names, struct diags *diags)
{
    if (revisions->repository.handle)
        return 0;
    if (revisions->remote)
        return open_remote(revisions, names, diags);
    return repository_open(revisions->arena, revisions->environment, revisions->environment_context,
                           &revisions->repository, diags);
}

static int resolve(struct revisions *revisions, const char *name)
{
    struct revision revision;
    /* Resolved once: a branch may move while this runs, and both sides of a comparison have to be one commit. */
    if (known(revisions, name))
        return 0;
    int code = revision_find(revisions->arena, &revisions->repository, name, &revision);
    if (!code)
        VEC_PUSH(revisions->arena, &revisions->list, revision);
    return code;
}

/* A pattern is on disk if it matches anything. What is elsewhere is not mixed with the disk. */
static bool is_on_disk(const struct revisions *revisions, const char *path)
{
    struct stat info;
    glob_t found = {0};
    bool there = !revisions->remote && (lstat(path, &info) == 0 ||
                                        glob(path_pattern(revisions->arena, path), 0, NULL, &found) == 0);
    globfree(&found);
    return there;
}

static int diagnose_both(const char *path, const char *name, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_revision, (struct srcpos){0},
                                 "'%s' is both a file and a path in the revision '%s'", path, name);
    diag_hint(diags, diag, "'./%s' is the file; '%s^{}:%s' is in the revision", path, name,
              path + strlen(name) + 1);
    return -1;
}

/* To git, ":path" is what is staged. It belongs to no revision, so it is refused. */
static int diagnose_index(const char *path, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_revision, (struct srcpos){0}, "'%s' names no revision", path);
    diag_hint(diags, diag, "'HEAD:PATH' is what was committed last; what is staged is not read");
    return -1;
}

/*
 * If a file of exactly this name exists, problems with Git do not matter: then the path just is the file, unless its
 * first part is a revision too.
 */
static int open_path(struct revisions *revisions, const struct remote_names *names, const char *path,
                     struct diags *diags)
{
    size_t length;
    struct diags unheard SCOPED(diags_release) = {0};
    if (*path == ':' && !is_on_disk(revisions, path))
        return diagnose_index(path, diags);
    if (!revspec_split(path, &length))
        return 0;
    const char *name = arena_strndup(revisions->arena, path, length);
    bool on_disk = is_on_disk(revisions, path);
    int code = open_repository(revisions, names, on_disk ? &unheard : diags);
    if (code == GIT_ENOTFOUND && !on_disk) {
        struct diag *diag =
            diag_add(diags, &code_revision, (struct srcpos){0},
                     "cannot read '%s': there is no such file, and no Git repository here", path);
        diag_hint(diags, diag, "run it inside of the repository that knows '%s', or set GIT_DIR", name);
    }
    if (code)
        return on_disk ? 0 : -1;
    code = resolve(revisions, name);
    if (on_disk)
        return code ? 0 : diagnose_both(path, name, diags);
    return code ? revision_diagnose(&revisions->repository, name, code, diags) : 0;
}

static struct remote_names names_in(const struct revisions *revisions, const char *const *paths, size_t count)
{
    const char **names = ARENA_ARRAY(revisions->arena, const char *, count);
    size_t found = 0, length;
    for (size_t i = 0; i < count; i++)
        if (revspec_split(paths[i], &length))
            names[found++] = arena_strndup(revisions->arena, paths[i], length);
    return (struct remote_names){.items = names, .count = found};
}

int revisions_open(struct revisions *revisions, const char *const *paths, size_t count, struct diags *diags)
{
    const struct remote_names names = names_in(revisions, paths, count);
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed |= open_path(revisions, &names, paths[i], diags);
    return failed ? -1 : 0;
}

/* ---- reading ---- */

/* With nothing behind the colon, it is the file that natsform reads by default. */
static const char *path_within(struct arena *arena, const struct revision *revision, const char *path)
{
    return revspec_path(arena, revision->repository->prefix, *path ? path : MANIFEST_USUAL);
}

static const char *full_name(struct arena *arena, const struct revision *revision, const char *path)
{
    return arena_printf(arena, "%s:%s", revision->name, path);
}

static int read_manifest(void *context, struct arena *arena, const char *path, struct source *ret_source,
                         const char **ret_error)
{
    struct revisions *revisions = context;
    struct revtree_fault fault = {0};
    const char *within;
    const struct revision *revision = split(revisions, path, &within);
    revisions->hint = NULL;
    if (!revision)
        return revisions->files.read(revisions->files.context, arena, path, ret_source, ret_error);
    const char *from_root = path_within(arena, revision, within);
    int failed =
        from_root ? revtree_read(arena, revision, from_root, &ret_source->text, &ret_source->length, &fault)
                  : -1;
    ret_source->name = path;
    *ret_error = fault.error;
    revisions->hint = fault.hint;
    return failed;
}

/* A pattern may find a file on disk whose name begins like a revision. "./" before it keeps it a file. */
static void spell_as_files(const struct revisions *revisions, struct arena *arena, const char **paths,
                           size_t count)
{
    const char *within;
    for (size_t i = 0; i < count; i++)
        if (split(revisions, paths[i], &within))
            paths[i] = arena_printf(arena, "./%s", paths[i]);
}

static int expand(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                  size_t *ret_count, const char **ret_error)
{
    struct revisions *revisions = context;
    struct revtree_fault fault = {0};
    const char *within;
    const struct revision *revision = split(revisions, pattern, &within);
    revisions->hint = NULL;
    if (!revision) {
        int failed = revisions->files.expand(revisions->files.context, arena, pattern, ret_paths, ret_count,
                                             ret_error);
        if (!failed)
            spell_as_files(revisions, arena, *ret_paths, *ret_count);
        return failed;
    }
    const char *path = path_within(arena, revision, within);
    if (!path) {
        *ret_error = "it leads out of the repository";
        return -1;
    }
    int failed = revtree_expand(arena, revision, path, ret_paths, ret_count, &fault);
    for (size_t i = 0; !failed && i < *ret_count; i++)
        (*ret_paths)[i] = full_name(arena, revision, (*ret_paths)[i]);
    *ret_error = fault.error;
    revisions->hint = fault.hint;
    return failed;
}

static const char *beside(void *context, struct arena *arena, const char *path, const char *pattern)
{
    const char *within;
    const struct revisions *revisions = context;
    const struct revision *revision = split(revisions, path, &within);
    if (!revision)
        return revisions->files.beside(revisions->files.context, arena, path, pattern);
    const char *from_root = arena_printf(arena, "./%s", path_beside(arena, within, pattern));
    return full_name(arena, revision, revspec_path(arena, "", from_root));
}

/* Links of a revision stay in the repository. */
static const char *barred(void *context, struct arena *arena, const char *first, const char *path)
{
    const struct revisions *revisions = context;
    const char *within;
    return split(revisions, first, &within) ? NULL : revisions->files.barred(NULL, arena, first, path);
}

static const char *hint_of(void *context)
{
    return ((struct revisions *)context)->hint;
}

void revisions_reader(struct revisions *revisions, struct manifest_reader *reader)
{
    reader->read = read_manifest;
    reader->expand = expand;
    reader->beside = beside;
    reader->barred = barred;
    reader->hint = hint_of;
    reader->context = revisions;
}

/* ---- what was applied ---- */

const char *revisions_record(const struct revisions *revisions, const char *const *paths, size_t count)
{
    const char *record = NULL;
    bool dirty = false;
    for (size_t i = 0; i < count; i++) {
        const char *within;
        const struct revision *revision = split(revisions, paths[i], &within);
        const char *commit = revision ? revision->commit : NULL;
        /* A file on disk belongs to no commit, even if it is one that Git has. */
        dirty |= !commit;
        if (commit && (!record || !strstr(record, commit)))
            record = record ? arena_printf(revisions->arena, "%s,%s", record, commit) : commit;
    }
    return record && dirty ? arena_printf(revisions->arena, "%s-dirty", record) : record;
}

/* ---- between two revisions ---- */

/* "A...B" compares B with the commit where it left A, as git diff does. */
static int merge_base(struct revisions *revisions, const char *before, const char *after,
                      const char **ret_name, struct diags *diags)
{
    const char *commits[2] = {known(revisions, before)->commit, known(revisions, after)->commit};
    git_oid ids[2];
    git_oid base;
    char text[GIT_OID_HEXSZ + 1];
    for (int i = 0; i < 2; i++)
        if (!commits[i] || git()->oid_fromstr(&ids[i], commits[i]))
            return diag_error(diags, &code_revision, (struct srcpos){0}, "'%s' is not a commit",
                              i ? after : before);
    if (git()->merge_base(&base, revisions->repository.handle, &ids[0], &ids[1]))
        return diag_error(diags, &code_revision, (struct srcpos){0},
                          "'%s' and '%s' have no commit in common here", before, after);
    git()->oid_tostr(text, sizeof(text), &base);
    *ret_name = arena_strdup(revisions->arena, text);
    return 0;
}

static int resolve_named(struct revisions *revisions, const char *name, struct diags *diags)
{
    int code = resolve(revisions, name);
    return code ? revision_diagnose(&revisions->repository, name, code, diags) : 0;
}

static int find_sides(struct revisions *revisions, const struct revspec_range *range, const char *names[2],
                      struct diags *diags)
{
    names[0] = range->before;
    names[1] = range->after;
    int failed = resolve_named(revisions, names[0], diags);
    if (names[1])
        failed |= resolve_named(revisions, names[1], diags);
    if (failed || !range->from_base || !names[1])
        return failed ? -1 : 0;
    return merge_base(revisions, range->before, range->after, &names[0], diags) ||
                   resolve_named(revisions, names[0], diags)
               ? -1
               : 0;
}

/* The path in a revision for a path on disk. NULL if it cannot be in one: standard input, or outside of the work tree. */
static const char *path_on_disk(const struct revisions *revisions, const char *path)
{
    const char *top = git()->repository_workdir(revisions->repository.handle);
    size_t length = top ? strlen(top) : 0; /* ends with a slash */
    if (strcmp(path, "-") == 0)
        return NULL;
    if (*path != '/')
        return arena_printf(revisions->arena, "./%s", path);
    return top && strncmp(path, top, length) == 0 ? path + length : NULL;
}

static int fill_sides(const struct revisions *revisions, const char *const *paths, size_t count,
                      struct revision_sides *sides, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        const char *path = path_on_disk(revisions, paths[i]);
        if (!path)
            failed = diag_error(diags, &code_usage, (struct srcpos){0},
                                "'%s' is in no revision of this repository", paths[i]);
        /* Without a second revision, the other side is the file on disk. */
        for (int side = 0; path && side < 2; side++)
            sides->paths[side][i] = sides->names[side]
                                        ? arena_printf(revisions->arena, "%s:%s", sides->names[side], path)
                                        : arena_strdup(revisions->arena, paths[i]);
    }
    return failed;
}

/* Somebody wrote "natsform diff prod.yaml". */
static int diagnose_file(const char *path, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "'%s' is a file, and no revision", path);
    diag_hint(diags, diag, "a manifest is named with -f");
    return -1;
}

/* The files here are no other side of a repository elsewhere. */
static int diagnose_one_side(const char *name, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "with --repo, two revisions are compared, and '%s' is one", name);
    diag_hint(diags, diag, "'%s..' compares it with HEAD", name);
    return -1;
}

int revisions_between(struct revisions *revisions, const char *text, const char *const *paths, size_t count,
                      struct revision_sides *ret_sides, struct diags *diags)
{
    struct revspec_range range;
    struct revision_sides sides = {.count = count};
    if (!revspec_range(revisions->arena, text, &range))
        return diag_error(diags, &code_usage, (struct srcpos){0}, "'%s' is not a range of revisions", text);
    const char *const named[] = {range.before, range.after};
    const struct remote_names names = {.items = named, .count = range.after ? 2 : 1};
    if (revisions->remote && !range.after)
        return diagnose_one_side(text, diags);
    int code = open_repository(revisions, &names, diags);
    if (!range.after && is_on_disk(revisions, text) &&
        (code == GIT_ENOTFOUND || (!code && resolve(revisions, text))))
        return diagnose_file(text, diags);
    if (code == GIT_ENOTFOUND)
        diag_error(diags, &code_revision, (struct srcpos){0},
                   "there is no Git repository here to find '%s' in", text);
    if (code || find_sides(revisions, &range, sides.names, diags))
        return -1;
    for (int side = 0; side < 2; side++)
        sides.paths[side] = ARENA_ARRAY(revisions->arena, const char *, count);
    if (fill_sides(revisions, paths, count, &sides, diags))
        return -1;
    *ret_sides = sides;
    return 0;
}
