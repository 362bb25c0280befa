/*
 * natsform export: writes a live account as manifests. server/live.c reads everything, edit/export_objects.c
 * chooses and checks, and this writes the files.
 */
#include "cmd/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/conceal.h"
#include "base/exit.h"
#include "base/folder.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/write.h"
#include "cmd/account.h"
#include "cmd/exported.h"
#include "edit/export.h"
#include "manifest/schema.h"
#include "syntax/json.h"

#define SCHEMA_FILE "natsform.schema.json"

enum { FILES_SHOWN = 5 };

/* Of this folder, names alone. */
static const char *path_out(struct session *session, const char *folder, const char *path)
{
    return strcmp(folder, ".") == 0 ? path : path_in(&session->arena, folder, path);
}

static struct new_file schema_file(struct session *session)
{
    struct strbuf text = {0};
    json_write(&text, schema_of_manifest(&session->arena), true);
    return new_file(SCHEMA_FILE, strbuf_move(&text, &session->arena));
}

static bool is_manifest(const char *name)
{
    const char *dot = strrchr(name, '.');
    return name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

static bool is_exported(const struct exported *exported, const char *path)
{
    for (size_t i = 0; i < exported->files.count; i++)
        if (strcmp(exported->files.items[i].path, path) == 0)
            return true;
    return false;
}

/*
 * Finds files that this export does not write but that the new natsform.yaml would include. They would become a part of
 * the manifest.
 */
static void find_strangers(struct session *session, const char *folder, const char *part,
                           const struct exported *exported, struct option_list *found)
{
    DIR *directory SCOPED(close_directory) = opendir(path_out(session, folder, part));
    for (const char *name; (name = folder_next(directory));) {
        const char *path = arena_printf(&session->arena, "%s/%s", part, name);
        if (!is_manifest(name) || is_exported(exported, path))
            continue;
        found->items =
            arena_grow(&session->arena, found->items, found->count, found->count + 1, sizeof(*found->items));
        found->items[found->count++] = path;
    }
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void find_all_strangers(struct session *session, const char *folder, const struct exported *exported,
                               struct option_list *found)
{
    const char *last = "";
    for (size_t i = 0; i < exported->files.count; i++) {
        const char *part = path_folder(&session->arena, exported->files.items[i].path);
        if (*part != '.' && strcmp(part, last) != 0)
            find_strangers(session, folder, part, exported, found);
        last = part;
    }
    /* Folders have no order of their own, and messages should be the same each time. */
    if (found->count > 1)
        qsort(found->items, found->count, sizeof(*found->items), compare_texts);
}

static int refuse_existing(struct session *session, const char *folder, const struct exported *exported,
                           const struct option_list *strangers)
{
    size_t count = 0;
    struct diag *diag = NULL;
    for (size_t i = 0; i < exported->files.count + strangers->count; i++) {
        bool ours = i < exported->files.count;
        const char *name = ours ? exported->files.items[i].path : strangers->items[i - exported->files.count];
        const char *path = path_out(session, folder, name);
        if (!file_exists(path))
            continue;
        if (count++ == 0)
            diag = diag_add(&session->diags, &code_exists, (struct srcpos){0}, "'%s' exists already", path);
        else if (count <= FILES_SHOWN)
            diag_note(&session->diags, diag, (struct srcpos){0}, "so does '%s'", path);
    }
    if (!count)
        return 0;
    if (count > FILES_SHOWN)
        diag_note(&session->diags, diag, (struct srcpos){0}, "and %zu more", count - FILES_SHOWN);
    diag_hint(&session->diags, diag,
              session->command->options & OPTIONS_EXPORT
                  ? "nothing was written; '--force' replaces what it writes, or name an empty folder"
                  : "nothing was written; name another folder");
    return -1;
}

static int write_file(struct session *session, const char *folder, struct new_file file)
{
    file.path = path_out(session, folder, file.path);
    return file_write_told(&session->arena, &file,
                           FILE_FOLDERS | (session->options.force ? FILE_REPLACES : 0), &code_file,
                           &session->diags);
}

int exported_write(struct session *session, const char *folder, struct exported *exported)
{
    struct option_list strangers = {0};
    find_all_strangers(session, folder, exported, &strangers);
    VEC_PUSH(&session->arena, &exported->files, schema_file(session));
    /* All files are looked at before the first is written: half an export would be worse than none. */
    if (!session->options.force && refuse_existing(session, folder, exported, &strangers))
        return -1;
    for (size_t i = 0; i < exported->files.count; i++)
        if (write_file(session, folder, exported->files.items[i]))
            return -1;
    for (size_t i = 0; i < strangers.count; i++)
        fprintf(session->told.file, "left as it is, though the manifest includes it: %s\n",
                path_out(session, folder, strangers.items[i]));
    fprintf(session->told.file, "Wrote %zu file%s to %s: %zu stream%s, %zu consumer%s, %zu bucket%s\n",
            exported->files.count, exported->files.count == 1 ? "" : "s", conceal_name(folder),
            exported->streams, exported->streams == 1 ? "" : "s", exported->consumers,
            exported->consumers == 1 ? "" : "s", exported->buckets, exported->buckets == 1 ? "" : "s");
    return 0;
}

const struct survey *exported_read(struct account_run *account, struct export_request *request,
                                   struct exported *ret_exported)
{
    struct arena *arena = &account->session->arena;
    struct target *target = ARENA_NEW(arena, struct target);
    if (account_connect_alone(account))
        return NULL;
    *target = account_target(account);
    request->target = target;
    const struct live_source source = {account->server, account->ahead};
    const struct survey *survey = survey_read(arena, &source, export_wants, request, account->diags);
    bool failed = !survey || export_account(arena, survey, request, account->diags, ret_exported);
    return failed ? NULL : survey;
}

void exported_tell(const struct session *session, const struct exported *exported)
{
    for (size_t i = 0; i < exported->remarks.count; i++)
        fprintf(session->told.file, "%s\n", exported->remarks.items[i]);
}

static int export_objects(struct account_run *account, void *context)
{
    struct session *session = account->session;
    const char *told = session->options.out_dir;
    const char *folder = told && !file_is_output(told) ? told : NULL;
    struct exported exported;
    struct export_request request = {
        .patterns = session->arguments.items,
        .pattern_count = session->arguments.count,
        .project = session->options.project,
        .one_file = !folder,
    };
    (void)context;
    if (!exported_read(account, &request, &exported))
        return -1;
    exported_tell(session, &exported);
    if (folder)
        return exported_write(session, folder, &exported);
    fwrite(exported.files.items[0].text, 1, exported.files.items[0].length, session->out.file);
    return EXIT_DONE;
}

static int run(struct session *session)
{
    const char *folder = session->options.out_dir;
    if (folder && !*folder)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "--out-dir is empty");
    return accounts_run_single(session, export_objects);
}

const struct command export_command = {
    .help =
        {
            .name = "export",
            .arguments = "[PATTERN...]",
            .summary = "Write what the server holds as manifests",
            .description =
                "Reads the account's streams, durable consumers, key-value buckets and object stores, and writes them as a "
                "manifest for which a plan is empty. Fields that have their default are left out; durations and sizes have "
                "their natural units. Patterns such as 'ORDERS*' choose streams by name, with their consumers.\n\n"
                "Left out are objects that a project owns, unless it owns everything there is or --project names it; "
                "consumers that go away by themselves; and what the server made. Standard error tells what is left out, "
                "and what a manifest cannot say.\n\n"
                "Without --out-dir, one manifest goes to standard output. With it, the folder gets natsform.yaml, a file "
                "for each stream, and the JSON Schema for editors. Existing files are replaced only with --force.",
            .examples =
                (const char *const[]){
                    "Take an account over",
                    "natsform export --context prod --out-dir prod",
                    "See one stream",
                    "natsform export ORDERS",
                    "What one project owns, as one file",
                    "natsform export --project chat > natsform.yaml",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_SERVER | OPTIONS_EXPORT,
        },
    .most = SIZE_MAX,
    .run = run,
};
