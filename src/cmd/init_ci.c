/*
 * The pipeline of a project; see init_ci.h. generate/pipeline_*.c has the texts. Services look for their files at the root of a
 * repository only, so the root is searched upwards from the project's folder.
 */
#include "cmd/init_ci.h"

#include <string.h>

#include "base/conceal.h"
#include "base/path.h"
#include "base/read.h"
#include "generate/file_mark.h"
#include "generate/pipeline.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"

#define USUAL_ENVIRONMENT "production"
#define GITLAB_FILE ".gitlab-ci.yml"

/* Where the project is. */
struct place {
    const char *root;   /* of the repository, from the folder that the process works in */
    const char *folder; /* the project's, from that root */
};

/* Of a folder that is in no repository, itself. What links lead to is known only of a folder that is there. */
static struct place find_place(struct arena *arena, const char *folder)
{
    const char *real = path_real(arena, folder);
    const char *here = path_real(arena, ".");
    const char *own = real ? real : path_clean(arena, path_absolute(arena, folder));
    for (const char *root = own; here; root = path_folder(arena, root)) {
        if (file_exists(path_in(arena, root, ".git")))
            return (struct place){.root = path_clean(arena, path_between(arena, here, root)),
                                  .folder = path_clean(arena, path_between(arena, root, own))};
        if (strcmp(root, "/") == 0)
            break;
    }
    return (struct place){.root = folder, .folder = "."};
}

static const char *at_root(struct arena *arena, const struct place *place, const char *path)
{
    return strcmp(place->root, ".") == 0 ? path : path_in(arena, place->root, path);
}

static enum ci_service service_of(struct session *session, const struct place *place)
{
    struct arena *arena = &session->arena;
    if (session->options.ci != CI_AUTO)
        return (enum ci_service)session->options.ci;
    bool gitlab =
        file_exists(at_root(arena, place, GITLAB_FILE)) && !file_exists(at_root(arena, place, ".github"));
    return gitlab ? CI_GITLAB : CI_GITHUB;
}

/* "natsform", or of a project that is not at the root "natsform-apps-shop", so that a repository may have several. */
static const char *name_of(struct arena *arena, const char *folder)
{
    if (strcmp(folder, ".") == 0)
        return "natsform";
    char *name = arena_strdup(arena, arena_printf(arena, "natsform-%s", folder));
    for (char *at = name; *at; at++)
        if (strchr("/.+@", *at))
            *at = '-';
    return name;
}

/*
 * The branch that a file of Git's refers to: "ref: refs/remotes/origin/main". NULL if it is not there, as in a linked worktree, or cannot be
 * written into a pipeline.
 */
static const char *referred(struct session *session, const char *path, const char *begin)
{
    struct arena *arena = &session->arena;
    struct source text;
    if (file_read(arena, path, FILE_SMALL_MOST, &text, NULL) || strncmp(text.text, begin, strlen(begin)) != 0)
        return NULL;
    const char *name = text.text + strlen(begin);
    name = arena_strndup(arena, name, strcspn(name, "\n"));
    return pipeline_is_plain(name) ? name : NULL;
}

/* The default branch, as the clone knows it; of a repository that was never cloned, the present one. */
static const char *branch_of(struct session *session, const struct place *place)
{
    const char *git = at_root(&session->arena, place, ".git");
    const char *remote = referred(session, path_in(&session->arena, git, "refs/remotes/origin/HEAD"),
                                  "ref: refs/remotes/origin/");
    return remote ? remote : referred(session, path_in(&session->arena, git, "HEAD"), "ref: refs/heads/");
}

/* ---- what is asked for ---- */

static int take_environments(struct session *session, struct pipeline *pipeline)
{
    static const char *usual[] = {USUAL_ENVIRONMENT};
    struct option_list named = session->options.environments;
    if (!named.count)
        named = (struct option_list){.items = usual, .count = 1};
    for (size_t i = 0; i < named.count; i++) {
        const char *fault = pipeline_add(&session->arena, pipeline, named.items[i]);
        if (fault)
            return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "'%s' is no environment: %s",
                              named.items[i], fault);
    }
    return 0;
}

/* Are all files there? The usual one may be about to be written. Returns -1 with diagnostics if another one is not. */
static int check_files(struct session *session, const char *folder, const struct pipeline *pipeline,
                       bool *ret_all)
{
    int failed = 0;
    *ret_all = true;
    for (size_t i = 0; i < pipeline->environments.count; i++) {
        const struct pipeline_environment *environment = &pipeline->environments.items[i];
        for (size_t j = 0; j < environment->files.count; j++) {
            const char *path =
                path_clean(&session->arena, path_in(&session->arena, folder, environment->files.items[j]));
            if (file_exists(path))
                continue;
            *ret_all = false;
            /* "password=hunter2" is an environment to us, and something else to who has written it. */
            bool is_secret = conceal_is_name(environment->name, strlen(environment->name));
            if (strcmp(environment->files.items[j], MANIFEST_USUAL) != 0)
                failed = diag_error(&session->diags, &code_usage, (struct srcpos){0},
                                    "environment %s: there is no file '%s'", environment->name,
                                    is_secret ? "(secret)" : path);
        }
    }
    return failed;
}

static int check_place(struct session *session, const struct place *place)
{
    if (pipeline_is_plain(place->folder))
        return 0;
    if (session->options.ci != CI_AUTO)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "no pipeline can be made for folder '%s': its name has other than plain characters",
                          place->folder);
    fprintf(session->told.file, "no CI workflow: the name of folder %s has other than plain characters\n",
            conceal_name(place->folder));
    return 1;
}

static int check_nothing(struct session *session)
{
    if (!session->options.environments.count && !session->options.prune)
        return 0;
    return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                      "--environment and --prune are for a pipeline, and with '--ci none' there is none");
}

/* ---- the file ---- */

static void make_file(struct session *session, const struct place *place, const struct pipeline *pipeline,
                      struct ci_files *files)
{
    struct arena *arena = &session->arena;
    if (service_of(session, place) == CI_GITHUB) {
        const char *path = arena_printf(arena, ".github/workflows/%s.yml", pipeline->name);
        files->file = new_file(at_root(arena, place, path), pipeline_github(arena, pipeline));
        return;
    }
    /* A main file that is there stays; it has to include this one, which is then a part of it. */
    const char *path = at_root(arena, place, GITLAB_FILE);
    const char *text = pipeline_gitlab(arena, pipeline);
    enum file_place there = PLACE_FREE;
    files->file = new_file(path, text);
    if (!file_exists(path) ||
        (!file_look(arena, &files->file, seal_check, &there, &session->diags) && there == PLACE_SAME))
        return;
    files->included = arena_printf(arena, ".gitlab/%s.yml", pipeline->name);
    files->file.path = at_root(arena, place, files->included);
}

static int look_at_file(struct session *session, struct ci_files *files)
{
    enum file_place there;
    if (file_look(&session->arena, &files->file, seal_check, &there, &session->diags))
        return -1;
    files->same = there == PLACE_SAME;
    if (files->same || there == PLACE_FREE)
        return 0;
    struct diag *diag = diag_add(&session->diags, &code_exists, (struct srcpos){0},
                                 "'%s' exists already, and is another one", files->file.path);
    diag_hint(&session->diags, diag, "nothing was written; move it away, or go without it by '--ci none'");
    return -1;
}

int ci_prepare(struct session *session, const char *folder, struct ci_files *ret_files)
{
    struct place place = find_place(&session->arena, folder);
    struct ci_files files = {0};
    struct pipeline pipeline = {.folder = place.folder, .prune = session->options.prune};
    bool all;
    *ret_files = files;
    if (service_of(session, &place) == CI_NONE)
        return check_nothing(session);
    int unfit = check_place(session, &place);
    if (unfit)
        return unfit < 0 ? -1 : 0;
    pipeline.name = name_of(&session->arena, place.folder);
    pipeline.branch = branch_of(session, &place);
    if (take_environments(session, &pipeline) || check_files(session, folder, &pipeline, &all))
        return -1;
    files.alone = session->options.ci != CI_AUTO && all;
    make_file(session, &place, &pipeline, &files);
    if (look_at_file(session, &files))
        return -1;
    *ret_files = files;
    return 0;
}

int ci_write(struct session *session, const struct ci_files *files)
{
    if (!files->file.path)
        return 0;
    if (!files->same &&
        file_write_told(&session->arena, &files->file, FILE_FOLDERS, &code_file, &session->diags))
        return -1;
    fprintf(session->told.file, "%s %s\n", files->same ? "Up to date:" : "Wrote",
            conceal_name(files->file.path));
    if (files->included)
        fprintf(session->told.file, "To be added to " GITLAB_FILE ": include: [{local: %s}]\n",
                files->included);
    return 0;
}
