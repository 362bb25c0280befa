/*
 * Opening a repository and resolving revisions; see repository.h. libgit2 could read the environment by itself, but before 1.7
 * it refuses GIT_WORK_TREE then, and it does not know the quarantine of objects that are being pushed. So it is read here.
 */
#include "repo/repository.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/suggest.h"

DIAG_CODE(code_revision, .name = "revision", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A Git revision cannot be read: no repository, no such revision, or it is not all there.",
          .why = "A revision stands for files that have to be read.",
          .example = "natsform plan -f v1.2:natsform.yaml",
          .remedy = "Name a revision that 'git show' knows, in a repository that has it whole.");

enum { ID_LEAST = 4 }; /* digits of an abbreviated id, as in git */

struct environment {
    struct arena *arena;
    const char *folder; /* of the repository; NULL: it is looked for */
    vars_lookup *lookup;
    void *context;
};

static const char *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

static const char *variable(const struct environment *environment, const char *name)
{
    if (environment->folder && strcmp(name, "GIT_DIR") == 0)
        return environment->folder;
    const char *value = environment->lookup(environment->context, name);
    return value && *value ? value : NULL;
}

const char *git_reason(struct arena *arena)
{
    const git_error *error = git()->error_last();
    char *text = arena_strdup(arena, error && error->message ? error->message : "unknown error");
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

/* ---- opening ---- */

/* libgit2 refuses repositories with extensions that it does not know. These do not change how objects and references are read. */
static void accept_extensions(void)
{
    static const char *extensions[] = {"preciousobjects", "partialclone", "worktreeconfig",
                                       "relativeworktrees"};
    git()->libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof(extensions) / sizeof(extensions[0]));
}

static bool is_true(const char *text)
{
    static const char *const words[] = {"1", "true", "yes", "on"};
    for (size_t i = 0; text && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static int open_handle(const struct environment *environment, git_repository **ret_handle)
{
    const char *directory = variable(environment, "GIT_DIR");
    if (directory)
        return git()->repository_open_ext(ret_handle, directory, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    /* As git: without this variable, the search for a repository does not leave the file system. */
    unsigned across =
        is_true(variable(environment, "GIT_DISCOVERY_ACROSS_FILESYSTEM")) ? GIT_REPOSITORY_OPEN_CROSS_FS : 0;
    return git()->repository_open_ext(ret_handle, ".", across,
                                      variable(environment, "GIT_CEILING_DIRECTORIES"));
}

/* A hook's variable may name a folder that is not there; git passes over it, too. */
static int add_objects(git_odb *odb, const char *path)
{
    return access(path, F_OK) == 0 ? git()->odb_add_disk_alternate(odb, path) : 0;
}

/* In a pre-receive hook, objects that are being pushed are not in the repository yet. These variables say where they are. */
static int add_object_directories(const struct environment *environment, git_repository *handle)
{
    const char *objects = variable(environment, "GIT_OBJECT_DIRECTORY");
    const char *others = variable(environment, "GIT_ALTERNATE_OBJECT_DIRECTORIES");
    git_odb *odb = NULL;
    if (!objects && !others)
        return 0;
    int failed = git()->repository_odb(&odb, handle);
    if (!failed && objects)
        failed = add_objects(odb, objects);
    for (size_t length; !failed && others && *others; others += length, others += *others == ':') {
        length = strcspn(others, ":");
        if (length)
            failed = add_objects(odb, arena_strndup(environment->arena, others, length));
    }
    git()->odb_free(odb);
    return failed;
}

/* The working directory as a path below `top`; "" if it is not below it. */
static const char *prefix_below(struct arena *arena, const char *top)
{
    const char *here = path_real(arena, ".");
    const char *there = path_real(arena, top);
    if (!here || !there || !path_is_below(here, there))
        return "";
    here += strlen(there);
    return here + strspn(here, "/");
}

/* With GIT_DIR and without GIT_WORK_TREE, git takes the working directory for the top of the work tree. */
static const char *prefix_of(const struct environment *environment, git_repository *handle)
{
    const char *top = variable(environment, "GIT_WORK_TREE");
    if (!top && !variable(environment, "GIT_DIR"))
        top = git()->repository_workdir(handle);
    return top ? prefix_below(environment->arena, top) : "";
}

/* ---- whose repository it is ---- */

/*
 * The path that safe.directory wants for the repository: its work tree, or the repository itself if it is bare. NULL:
 * there is none.
 */
static const char *found_place(const struct environment *environment)
{
    const char *directory = variable(environment, "GIT_DIR");
    git_buf found = {0};
    const char *place = NULL;
    if (git()->repository_discover(&found, directory ? directory : ".", 0,
                                   variable(environment, "GIT_CEILING_DIRECTORIES")) == 0) {
        size_t length = strlen(found.ptr);
        if (length > 6 && strcmp(found.ptr + length - 6, "/.git/") == 0)
            length -= 5;
        while (length > 1 && found.ptr[length - 1] == '/')
            length--;
        place = arena_strndup(environment->arena, found.ptr, length);
    }
    git()->buf_dispose(&found);
    return place;
}

/* Entries come in the order of the configuration files. An empty one takes back all that came before it. */
static int consider_safe(const git_config_entry *entry, void *context)
{
    bool *everything = context;
    if (!*entry->value || strcmp(entry->value, "*") == 0)
        *everything = *entry->value == '*';
    return 0;
}

/* Does safe.directory have "*"? libgit2 before 1.7 takes that for the name of a directory. */
static bool everything_is_safe(void)
{
    git_config *config = NULL;
    bool everything = false;
    if (git()->config_open_default(&config) == 0)
        git()->config_get_multivar_foreach(config, "safe.directory", NULL, consider_safe, &everything);
    git()->config_free(config);
    return everything;
}

/* Does the repository belong to another user? Without any safe.directory, libgit2 before 1.6 says "not found" instead. */
static bool is_about_owner(const struct environment *environment, int code)
{
    return code == GIT_EOWNER || (code == GIT_ENOTFOUND && found_place(environment));
}

static int open_owned(const struct environment *environment, git_repository **ret_handle)
{
    int code = open_handle(environment, ret_handle);
    if (!is_about_owner(environment, code))
        return code;
    if (!everything_is_safe())
        return GIT_EOWNER;
    /*
     * The user has said that every repository is safe, and libgit2 has not understood it. The check is off for this one
     * call.
     */
    git()->libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    code = open_handle(environment, ret_handle);
    git()->libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
    return code;
}

static int diagnose_opening(const struct environment *environment, int code, struct diags *diags)
{
    const char *place = code == GIT_EOWNER ? found_place(environment) : NULL;
    if (!place)
        return diag_error(diags, &code_revision, (struct srcpos){0},
                          "the Git repository cannot be opened: %s", git_reason(environment->arena));
    struct diag *diag = diag_add(diags, &code_revision, (struct srcpos){0},
                                 "the Git repository '%s' belongs to another user", place);
    diag_hint(diags, diag, "if you trust it: git config --global --add safe.directory '%s'", place);
    return -1;
}

static int open_by(const struct environment *environment, struct repository *ret_repository,
                   struct diags *diags)
{
    git_repository *handle = NULL;
    const char *reason;
    if (libgit2_start(&reason))
        return diag_error(diags, &code_revision, (struct srcpos){0}, "libgit2 cannot start: %s", reason);
    accept_extensions();
    int code = open_owned(environment, &handle);
    if (!code)
        code = add_object_directories(environment, handle);
    /* No repository at all may be right: the caller knows whether one was needed. */
    if (code && code != GIT_ENOTFOUND)
        diagnose_opening(environment, code, diags);
    if (code) {
        git()->repository_free(handle);
        git()->libgit2_shutdown();
        return code == GIT_ENOTFOUND ? code : -1;
    }
    *ret_repository = (struct repository){.handle = handle, .prefix = prefix_of(environment, handle)};
    return 0;
}

int repository_open(struct arena *arena, vars_lookup *lookup, void *context,
                    struct repository *ret_repository, struct diags *diags)
{
    const struct environment environment = {.arena = arena, .lookup = lookup, .context = context};
    return open_by(&environment, ret_repository, diags);
}

int repository_open_at(struct arena *arena, const char *folder, struct repository *ret_repository,
                       struct diags *diags)
{
    const struct environment environment = {.arena = arena, .folder = folder, .lookup = no_variable};
    int code = open_by(&environment, ret_repository, diags);
    if (code == GIT_ENOTFOUND)
        return diag_error(diags, &code_revision, (struct srcpos){0}, "there is no Git repository at '%s'",
                          folder);
    if (!code) /* paths are from its root, wherever this process works */
        ret_repository->prefix = "";
    return code;
}

void repository_close(struct repository *repository)
{
    git()->repository_free(repository->handle);
    repository->handle = NULL;
    git()->libgit2_shutdown();
}

/* ---- abbreviated ids ---- */

/* The objects whose ids begin with the digits. Like git, this counts only those that lead to a tree: no blobs. */
struct candidates {
    git_odb *odb;
    const char *digits;
    size_t length;
    size_t count;
    git_oid first;
};

static int consider_id(const git_oid *id, void *context)
{
    struct candidates *candidates = context;
    char text[GIT_OID_HEXSZ + 1];
    size_t size;
    git_object_t type;
    git()->oid_tostr(text, sizeof(text), id);
    if (strncmp(text, candidates->digits, candidates->length) != 0 ||
        git()->odb_read_header(&size, &type, candidates->odb, id) || type == GIT_OBJECT_BLOB)
        return 0;
    if (candidates->count && git()->oid_equal(id, &candidates->first))
        return 0; /* the same object, once packed and once loose */
    if (candidates->count++ == 0)
        git()->oid_cpy(&candidates->first, id);
    return 0;
}

static bool is_abbreviated_id(const char *name)
{
    size_t length = strspn(name, "0123456789abcdef");
    /* A whole id is not abbreviated, so it is never ambiguous. */
    return length >= ID_LEAST && length < GIT_OID_HEXSZ && !name[length];
}

/* To libgit2 an abbreviated id is ambiguous if any two objects begin so; to git, only if both of them could be meant. */
static int find_only_treeish(git_repository *handle, const char *name, git_object **ret_object)
{
    struct candidates candidates = {.digits = name, .length = strlen(name)};
    if (!is_abbreviated_id(name) || git()->repository_odb(&candidates.odb, handle))
        return GIT_EAMBIGUOUS;
    git()->odb_foreach(candidates.odb, consider_id, &candidates);
    git()->odb_free(candidates.odb);
    if (candidates.count != 1)
        return GIT_EAMBIGUOUS;
    return git()->object_lookup(ret_object, handle, &candidates.first, GIT_OBJECT_ANY);
}

/* ---- resolving ---- */

/* NULL: it names a tree, which has no commit. */
static const char *commit_of(struct arena *arena, const git_object *object)
{
    char text[GIT_OID_HEXSZ + 1];
    git_object *commit = NULL;
    if (git()->object_peel(&commit, object, GIT_OBJECT_COMMIT))
        return NULL;
    git()->oid_tostr(text, sizeof(text), git()->object_id(commit));
    git()->object_free(commit);
    return arena_strdup(arena, text);
}

int revision_find(struct arena *arena, struct repository *repository, const char *name,
                  struct revision *ret_revision)
{
    git_object *object = NULL;
    git_object *tree = NULL;
    int code = git()->revparse_single(&object, repository->handle, name);
    if (code == GIT_EAMBIGUOUS)
        code = find_only_treeish(repository->handle, name, &object);
    if (!code)
        code = git()->object_peel(&tree, object, GIT_OBJECT_TREE);
    if (object && code == GIT_EINVALIDSPEC) /* libgit2's answer for a blob, which has no tree */
        code = GIT_EPEEL;
    if (!code)
        *ret_revision = (struct revision){
            .name = arena_strdup(arena, name),
            .commit = commit_of(arena, object),
            .root = (git_tree *)tree,
            .repository = repository,
        };
    git()->object_free(object);
    return code;
}

/* ---- what might have been meant ---- */

struct near {
    struct suggestion suggestion;
    const char *base;   /* the name without "~1" and the like */
    const char *remote; /* a remote's branch of that name, such as "origin/main"; NULL: none */
};

static int consider_reference(const char *name, void *context)
{
    static const char *const kinds[] = {"refs/heads/", "refs/tags/", "refs/remotes/"};
    enum { REMOTES = 2 };
    struct near *near = context;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *brief = name + strlen(kinds[i]);
        if (strncmp(name, kinds[i], strlen(kinds[i])) != 0)
            continue;
        suggestion_consider(&near->suggestion, brief);
        const char *branch = i == REMOTES ? strchr(brief, '/') : NULL;
        if (branch && strcmp(branch + 1, near->base) == 0 && !near->remote)
            near->remote = brief;
    }
    return 0;
}

static void hint_near(git_repository *handle, const char *name, struct diags *diags, struct diag *diag)
{
    size_t length = strcspn(name, "~^@");
    struct near near = {.base = arena_strndup(&diags->arena, name, length)};
    git_strarray names = {0};
    near.suggestion.wanted = near.base;
    if (git()->reference_list(&names, handle))
        return;
    for (size_t i = 0; i < names.count; i++)
        consider_reference(names.strings[i], &near);
    /* Not in the list of references, but the most usual name of all. */
    suggestion_consider(&near.suggestion, "HEAD");
    const char *best = near.remote ? near.remote : near.suggestion.best;
    if (best && strcmp(best, near.base) != 0)
        diag_hint(diags, diag, "did you mean '%s%s'?", best, name + length);
    else if (git()->repository_is_shallow(handle) == 1)
        diag_hint(diags, diag,
                  "this clone is shallow and may lack it: 'git fetch' it, or set the checkout's depth");
    git()->strarray_dispose(&names);
}

/*
 * The name is known without its "~1" or the like. Either its objects are missing, or there are not that many commits
 * before it.
 */
static void diagnose_missing(struct repository *repository, const char *name, size_t base_length,
                             struct diags *diags)
{
    struct diag *diag;
    bool shallow = git()->repository_is_shallow(repository->handle) == 1;
    if (!name[base_length]) {
        diag = diag_add(diags, &code_revision, (struct srcpos){0}, "objects of '%s' are missing here", name);
        diag_hint(diags, diag, "in a partial clone, 'git show %s:' fetches them", name);
        return;
    }
    diag = diag_add(diags, &code_revision, (struct srcpos){0}, "unknown revision '%s': '%.*s' is there, %s",
                    name, (int)base_length, name,
                    shallow ? "but this shallow clone's history is cut off"
                            : arena_printf(&diags->arena, "but no '%s' of it", name + base_length));
    if (shallow)
        diag_hint(diags, diag,
                  "'git fetch --unshallow' gets all of it; in a CI job, set the checkout's depth");
}

static bool is_known(git_repository *handle, const char *base)
{
    git_object *object = NULL;
    git_reference *reference = NULL;
    bool known = git()->revparse_single(&object, handle, base) == 0 ||
                 git()->reference_dwim(&reference, handle, base) == 0;
    git()->object_free(object);
    git()->reference_free(reference);
    return known;
}

static void diagnose_unknown(struct repository *repository, const char *name, struct diags *diags)
{
    git_repository *handle = repository->handle;
    size_t base_length = strcspn(name, "~^@");
    struct diag *diag;
    bool empty = git()->repository_is_empty(handle) == 1;
    if (empty || (git()->repository_head_unborn(handle) == 1 && strncmp(name, "HEAD", base_length) == 0)) {
        diag = diag_add(diags, &code_revision, (struct srcpos){0},
                        "unknown revision '%s': there is no commit yet", name);
        diag_hint(diags, diag, "commit first, or name the file as it is on disk");
    } else if (base_length && is_known(handle, arena_strndup(&diags->arena, name, base_length))) {
        diagnose_missing(repository, name, base_length, diags);
    } else {
        diag = diag_add(diags, &code_revision, (struct srcpos){0}, "unknown revision '%s'", name);
        hint_near(handle, name, diags, diag);
    }
}

int revision_diagnose(struct repository *repository, const char *name, int code, struct diags *diags)
{
    struct srcpos nowhere = {0};
    struct diag *diag;
    if (code == GIT_EAMBIGUOUS) {
        diag = diag_add(diags, &code_revision, nowhere, "'%s' is ambiguous: several objects' ids begin so",
                        name);
        diag_hint(diags, diag, "write more of its digits; 'git rev-parse --disambiguate=%s' lists them",
                  name);
    } else if (code == GIT_EPEEL) {
        diag_error(diags, &code_revision, nowhere, "'%s' is neither a commit nor a tree", name);
    } else if (code == GIT_EINVALIDSPEC || code == GIT_EINVALID) {
        diag_error(diags, &code_revision, nowhere, "'%s' is not a revision: %s", name,
                   git_reason(&diags->arena));
    } else if (code == GIT_ENOTFOUND || code == GIT_EUNBORNBRANCH) {
        diagnose_unknown(repository, name, diags);
    } else {
        diag_error(diags, &code_revision, nowhere, "the revision '%s' cannot be read: %s", name,
                   git_reason(&diags->arena));
    }
    return -1;
}
