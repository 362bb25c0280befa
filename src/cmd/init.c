/*
 * natsform init: begins a project, either from a few answers or with what a server holds. The new manifest is
 * loaded and checked like any other before it is written, so that `natsform up` works on it.
 */
#include "cmd/command.h"

#include <string.h>

#include "base/conceal.h"
#include "base/exit.h"
#include "base/path.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "base/write.h"
#include "cmd/account.h"
#include "cmd/exported.h"
#include "cmd/init_ci.h"
#include "cmd/questions.h"
#include "devenv/environment_check.h"
#include "edit/new_project.h"
#include "manifest/manifest.h"
#include "plan/planner.h"
#include "plan/step.h"

#define IGNORED ".natsform/"

enum { TOLD_MOST = 5 }; /* lines about what cannot be on this machine */

static const char *folder_of(const struct session *session)
{
    return session->arguments.count ? session->arguments.items[0] : ".";
}

/* The folder's name, links followed; of one that is not there yet, the name that it gets. */
static const char *folder_project(struct arena *arena, const char *folder)
{
    const char *real = path_real(arena, folder);
    const char *own = real ? path_name(real) : path_own_name(arena, folder);
    return local_name(arena, own ? own : path_name(folder));
}

/* ---- what is wished ---- */

/* A new project, by options or by answers on the terminal. */
struct wishes {
    struct session *session;
    struct new_project project;
    bool own_subjects; /* somebody has named them; else they follow from the project's name */
};

/* Adds the subjects of a list with commas or blanks between them. Returns how many. */
static size_t add_subjects(struct arena *arena, struct new_project *project, const char *list)
{
    static const char between[] = ", \t";
    size_t before = project->subjects.count;
    for (list += strspn(list, between); *list; list += strspn(list, between)) {
        size_t length = strcspn(list, between);
        VEC_PUSH(arena, &project->subjects, arena_strndup(arena, list, length));
        list += length;
    }
    return project->subjects.count - before;
}

static void take_usual_subject(struct wishes *wishes)
{
    struct arena *arena = &wishes->session->arena;
    wishes->project.subjects.count = 0;
    VEC_PUSH(arena, &wishes->project.subjects, new_project_subject(arena, wishes->project.name));
}

static void take_options(struct session *session, const char *folder, struct wishes *ret_wishes)
{
    const struct options *options = &session->options;
    struct wishes wishes = {.session = session};
    wishes.project.name = options->project ? options->project : folder_project(&session->arena, folder);
    wishes.project.cluster = options->cluster;
    wishes.project.websocket = options->websocket;
    wishes.own_subjects = options->subjects.count > 0;
    for (size_t i = 0; i < options->subjects.count; i++)
        /* What names none is kept as it is, for the check to refuse. */
        if (!add_subjects(&session->arena, &wishes.project, options->subjects.items[i]))
            VEC_PUSH(&session->arena, &wishes.project.subjects, options->subjects.items[i]);
    if (!wishes.own_subjects)
        take_usual_subject(&wishes);
    *ret_wishes = wishes;
}

/* Checks the new manifest like any other. So names and subjects that somebody typed need no checks of their own. */
static void check_wishes(const struct wishes *wishes, struct diags *diags)
{
    struct session *session = wishes->session;
    struct exported exported = {0};
    VEC_PUSH(&session->arena, &exported.files,
             new_file(MANIFEST_USUAL, new_project_text(&session->arena, &wishes->project)));
    struct manifest *manifest = exported_load(&session->arena, &exported, session_lookup, session, diags);
    if (manifest)
        planner_check(&session->arena, manifest,
                      &(struct target){.version = VERSION_UNKNOWN, .clustered = true}, diags);
}

/* Tells errors of a new manifest as ones of the command. Returns -1 if there are any. */
static int tell_errors(struct session *session, const struct diags *diags)
{
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.items[i]->code->severity == SEVERITY_ERROR)
            diag_error(&session->diags, &code_usage, (struct srcpos){0}, "no project can be made so: %s",
                       diags->list.items[i]->message);
    return session->diags.errors ? -1 : 0;
}

static int check_options(const struct wishes *wishes)
{
    struct diags diags SCOPED(diags_release) = {0};
    check_wishes(wishes, &diags);
    return tell_errors(wishes->session, &diags);
}

/* ---- questions ---- */

/* Takes the changed wishes, if they can be had; returns why not. */
static const char *take_changed(struct wishes *wishes, const struct wishes *changed)
{
    struct diags diags SCOPED(diags_release) = {0};
    check_wishes(changed, &diags);
    for (size_t i = 0; i < diags.list.count; i++)
        if (diags.list.items[i]->code->severity == SEVERITY_ERROR)
            return arena_strdup(&wishes->session->arena, diags.list.items[i]->message);
    *wishes = *changed;
    return NULL;
}

static const char *take_project(void *context, const char *answer)
{
    struct wishes changed = *(struct wishes *)context;
    changed.project.name = answer;
    if (!changed.own_subjects) {
        memset(&changed.project.subjects, 0, sizeof(changed.project.subjects));
        take_usual_subject(&changed);
    }
    return take_changed(context, &changed);
}

static const char *take_subjects(void *context, const char *answer)
{
    struct wishes changed = *(struct wishes *)context;
    memset(&changed.project.subjects, 0, sizeof(changed.project.subjects));
    if (!add_subjects(&changed.session->arena, &changed.project, answer))
        return "it names no subject";
    return take_changed(context, &changed);
}

/* Asks for everything that no option says. Returns -1 if the input ends. */
static int ask_wishes(struct wishes *wishes)
{
    struct session *session = wishes->session;
    const struct options *options = &session->options;
    struct new_project *project = &wishes->project;
    const struct question name = {
        .text = "Project", .usual = project->name, .take = take_project, .context = wishes};
    if (!options->project && question_ask(session, &name))
        return -1;
    /* From the project's name as it was answered just now. */
    const struct question questions[] = {
        {.note = "Subjects may be several: a.>, b.new. No two may overlap.",
         .text = "Subjects of the first stream",
         .usual = project->subjects.items[0],
         .take = take_subjects,
         .context = wishes},
        {.text = "A cluster of three servers? y or n",
         .usual = "n",
         .take = question_take_yes,
         .context = &project->cluster},
        {.text = "WebSocket for browsers? y or n",
         .usual = "n",
         .take = question_take_yes,
         .context = &project->websocket},
    };
    const bool said[] = {wishes->own_subjects, options->cluster, options->websocket};
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (!said[i] && question_ask(session, &questions[i]))
            return -1;
    return 0;
}

/* ---- files ---- */

static void add_file(struct session *session, struct exported *exported, const char *path, const char *text)
{
    VEC_PUSH(&session->arena, &exported->files, new_file(path, text));
}

/* An existing .gitignore stays as it is. That does no harm, because .natsform/ has a .gitignore of its own. */
static void add_gitignore(struct session *session, const char *folder, struct exported *exported)
{
    const char *path =
        strcmp(folder, ".") == 0 ? ".gitignore" : arena_printf(&session->arena, "%s/.gitignore", folder);
    struct source there;
    if (!file_exists(path))
        add_file(session, exported, ".gitignore", IGNORED "\n");
    else if (file_read(&session->arena, path, FILE_SMALL_MOST, &there, NULL) || !strstr(there.text, IGNORED))
        fprintf(session->told.file, "left as it is: %s; it may have the line '" IGNORED "'\n",
                conceal_name(path));
}

static int write_project(struct session *session, const char *folder, const struct ci_files *ci,
                         struct exported *exported)
{
    add_gitignore(session, folder, exported);
    if (exported_write(session, folder, exported) || ci_write(session, ci))
        return EXIT_FAILED;
    bool here = strcmp(folder, ".") == 0;
    struct page page;
    page_begin(&page, &session->out);
    fprintf(page.style.file, "Next: %s%s%s'natsform up' boots the servers and applies the streams\n",
            here ? "" : "in ", here ? "" : conceal_name(folder), here ? "" : ", ");
    page_end(&page);
    return EXIT_DONE;
}

/* ---- from a server ---- */

/* The project's name: that of the objects, or a new one, which then takes them over. */
static const char *live_project(struct session *session, const struct export_request *request,
                                const struct exported *exported)
{
    size_t count = exported->streams + exported->consumers + exported->buckets;
    if (exported->project || session->options.project)
        return exported->project ? exported->project : session->options.project;
    const char *name = folder_project(&session->arena, folder_of(session));
    /* Where there are no marks, nobody takes anything over. */
    if (count && version_has(request->target->version, V_2_10))
        fprintf(session->told.file,
                "Project '%s', by the folder's name: the next apply there takes over what nobody owns\n",
                name);
    return name;
}

/* Replaces the beginning of the main file: the project, the servers, and then what the export has. */
static void complete_manifest(struct session *session, const struct export_request *request,
                              struct exported *exported, const struct local_servers *servers)
{
    struct new_file *file = &exported->files.items[0];
    struct strbuf out = {0};
    new_project_begin(&session->arena, &out, live_project(session, request, exported), servers);
    strbuf_adds(&out, file->text + exported->rest);
    *file = new_file(file->path, strbuf_move(&out, &session->arena));
}

/* Loads what will be written, checked. As export has proved, nothing is wrong with it but a project's name that was given. */
static struct manifest *load_exported(struct session *session, const struct export_request *request,
                                      struct exported *exported)
{
    struct diags diags SCOPED(diags_release) = {0};
    struct diags unheard SCOPED(diags_release) = {0};
    struct manifest *manifest = exported_load(&session->arena, exported, NULL, NULL, &diags);
    if (manifest)
        planner_check(&session->arena, manifest, request->target, &unheard);
    else
        tell_errors(session, &diags);
    return manifest;
}

/* Tells what of it cannot be on this machine's servers. */
static void tell_elsewhere(struct session *session, const struct manifest *manifest)
{
    struct diags diags SCOPED(diags_release) = {0};
    const struct environment_check check = {.manifest = manifest};
    const struct environment *environment = environment_read(&session->arena, manifest, &diags);
    size_t count = 0;
    if (environment)
        environment_check(&session->arena, environment, &check, &diags);
    for (size_t i = 0; i < diags.list.count; i++)
        if (count++ < TOLD_MOST)
            fprintf(session->told.file, "not on this machine: %s\n", diags.list.items[i]->message);
    for (size_t i = 0; i < manifest->streams.count; i++)
        if (manifest->streams.items[i]->external && count++ < TOLD_MOST)
            fprintf(
                session->told.file,
                "not on this machine: stream %s is somebody else's, and without it 'natsform up' applies nothing\n",
                utf8_shown(&session->arena, manifest->streams.items[i]->name));
    if (count > TOLD_MOST)
        fprintf(session->told.file, "and %zu more\n", count - TOLD_MOST);
}

static int check_project(struct session *session, const struct exported *exported)
{
    const char *wanted = session->options.project;
    if (!wanted || !exported->project || strcmp(wanted, exported->project) == 0)
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_usage, (struct srcpos){0},
                 "what the server holds is of project '%s', not '%s'", exported->project, wanted);
    diag_hint(&session->diags, diag, "without --project it is taken as it is");
    return -1;
}

static bool owns(const char *project, const struct live_object *live)
{
    const char *owner = mark_owner(live);
    return owner && strcmp(owner, project) == 0;
}

/* Does the project own anything there? */
static bool is_owner(const struct survey *survey, const char *project)
{
    for (size_t i = 0; i < survey->streams.count; i++) {
        const struct survey_stream *stream = survey->streams.items[i];
        if (owns(project, &stream->live))
            return true;
        for (size_t j = 0; j < stream->consumers.count; j++)
            if (owns(project, &stream->consumers.items[j]))
                return true;
    }
    return false;
}

/* Reads what there is. Of several projects' objects, those of the one that is named. */
static int read_live(struct account_run *account, struct export_request *request,
                     struct exported *ret_exported)
{
    struct session *session = account->session;
    const char *project = session->options.project;
    const struct survey *survey = exported_read(account, request, ret_exported);
    if (!survey || check_project(session, ret_exported))
        return -1;
    if (!project || ret_exported->project || !is_owner(survey, project))
        return 0;
    request->project = project;
    return export_account(&session->arena, survey, request, account->diags, ret_exported);
}

static int init_from_live(struct account_run *account, void *context)
{
    struct session *session = account->session;
    struct local_servers servers = {.nodes = session->options.cluster ? LOCAL_CLUSTER : 0,
                                    .websocket = session->options.websocket};
    struct exported exported;
    struct export_request request = {.defaults = true};
    if (read_live(account, &request, &exported))
        return -1;
    exported_tell(session, &exported);
    struct manifest *manifest = load_exported(session, &request, &exported);
    if (!manifest)
        return -1;
    local_servers_fit(&session->arena, &servers, manifest, request.target);
    complete_manifest(session, &request, &exported, &servers);
    manifest = load_exported(session, &request, &exported);
    if (!manifest)
        return -1;
    tell_elsewhere(session, manifest);
    return write_project(session, folder_of(session), context, &exported);
}

static int init_anew(struct session *session, const char *folder, const struct ci_files *ci)
{
    struct wishes wishes;
    struct exported exported = {.streams = 1, .consumers = 1};
    take_options(session, folder, &wishes);
    if (check_options(&wishes))
        return -1;
    if (questions_wanted(session) && ask_wishes(&wishes))
        return EXIT_FAILED;
    add_file(session, &exported, MANIFEST_USUAL, new_project_text(&session->arena, &wishes.project));
    return write_project(session, folder, ci, &exported);
}

static int run(struct session *session)
{
    struct ci_files ci;
    if (!*folder_of(session))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "the folder's name is empty");
    if (ci_prepare(session, folder_of(session), &ci))
        return -1;
    if (ci.alone)
        return ci_write(session, &ci);
    const struct account_terms terms = account_terms(session);
    return session->options.from_live ? accounts_single(&terms, &session->diags, init_from_live, &ci)
                                      : init_anew(session, folder_of(session), &ci);
}

const struct command init_command = {
    .help =
        {
            .name = "init",
            .arguments = "[DIR]",
            .summary = "Begin a project: manifest, schema, CI workflow, .gitignore",
            .description =
                "Writes natsform.yaml with a server and a stream, the JSON Schema for editors, the pipeline of a CI service, and "
                "a .gitignore. On a terminal it asks for what no option says, and asks again when an answer cannot be used. "
                "Anywhere else, and with --yes, it takes the defaults. Existing files are never touched: if one is in the way, "
                "nothing is written at all.\n\n"
                "The pipeline checks and plans every pull request, applies on merge exactly the plan that was reviewed, and looks "
                "every night for drift. It goes to the root of the Git repository that the folder is in. With --ci, and a "
                "manifest that is there already, it is all that is written.\n\n"
                "With --from-live the manifest is what a server holds, as 'natsform export' writes it, with what most "
                "objects have in common as defaults, and with servers for this machine that have room and places for "
                "these streams. The project is that of the objects, --project, or the folder's name. The next 'natsform "
                "apply' on that server takes over what nobody owns yet.",
            .examples =
                (const char *const[]){
                    "A project in this folder",
                    "natsform init && natsform up",
                    "Without questions",
                    "natsform init --yes --project shop --subject orders.new,orders.paid --cluster --websocket shop",
                    "A pipeline for a project that is there, with two environments",
                    "natsform init --ci github --environment staging --environment production=natsform.yaml,production.yaml",
                    "Begin with what a server holds",
                    "natsform init --from-live --context prod prod",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_INIT | OPTIONS_CONFIRM | OPTIONS_SERVER,
        },
    .most = 1,
    .run = run,
};
