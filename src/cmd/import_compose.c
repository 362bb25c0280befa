/*
 * natsform import compose: the nats services of a Compose file as a manifest; see import_compose.h. edit/compose_import.c translates
 * it; here are the files and variables that it asks for.
 */
#include "cmd/import_compose.h"

#include <string.h>

#include "base/exit.h"
#include "base/path.h"
#include "base/write.h"
#include "cmd/import_out.h"
#include "edit/compose_import.h"
#include "formats/formats.h"
#include "syntax/yaml.h"

struct compose_files {
    struct import_skipped skipped;
    struct session *session;
    const struct envfile *beside; /* the .env beside the Compose file, which Compose reads by itself */
    VEC(const struct envfile *) files;
};

bool import_compose_is_meant(const struct session *session)
{
    return session->arguments.count > 1 && strcmp(session->arguments.items[0], "compose") == 0;
}

static int read_file(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    struct compose_files *around = context;
    return import_read(&around->skipped, arena, path, ret_source, ret_error);
}

static const char *look_up(void *context, const char *name)
{
    const struct compose_files *around = context;
    struct session *session = around->session;
    const char *value = session_lookup(session, name);
    return value ? value : envfile_lookup(&session->arena, around->beside, name);
}

static const char *look_up_in(void *context, const char *path, const char *name)
{
    struct compose_files *around = context;
    struct arena *arena = &around->session->arena;
    for (size_t i = 0; i < around->files.count; i++)
        if (strcmp(around->files.items[i]->path, path) == 0)
            return envfile_lookup(arena, around->files.items[i], name);
    VEC_PUSH(arena, &around->files, envfile_read(arena, path));
    return envfile_lookup(arena, around->files.items[around->files.count - 1], name);
}

/* The Compose file's folder, as the manifest sees it. */
static const char *base_of(struct session *session, const char *path)
{
    struct arena *arena = &session->arena;
    const char *out = session->options.out;
    const char *from = out && !file_is_output(out) ? path_folder(arena, out) : ".";
    const char *to = strcmp(path, "-") == 0 ? "." : path_folder(arena, path);
    const char *between = path_between(arena, from, to);
    return strcmp(between, ".") == 0 ? "" : between;
}

static int read_document(struct session *session, const char *path, struct node **ret_document)
{
    struct source *source = ARENA_NEW(&session->arena, struct source);
    struct documents documents = {0};
    if (import_read_first(session, path, source) || format_check_text(source, &session->diags) ||
        yaml_read(&session->arena, source, &session->diags, &documents))
        return -1;
    if (documents.count != 1 || documents.items[0]->type != NODE_MAP)
        return diag_error(&session->diags, &code_format, (struct srcpos){.source = source},
                          "this is no Compose file: it has %s",
                          documents.count > 1    ? "several documents"
                          : documents.count == 0 ? "nothing in it"
                                                 : "no keys");
    *ret_document = documents.items[0];
    return 0;
}

static int import(struct session *session, const char *path, struct compose_files *around,
                  struct compose_imported *ret_imported)
{
    struct node *document = NULL;
    const struct compose_world world = {.read = read_file,
                                        .unread_hint = IMPORT_UNREAD_HINT,
                                        .lookup = look_up,
                                        .lookup_in = look_up_in,
                                        .context = around,
                                        .name = session->options.name,
                                        .base = base_of(session, path)};
    int failed = read_document(session, path, &document) ||
                 compose_import(&session->arena, document, &world, &session->diags, ret_imported);
    import_hide_secrets(session);
    return failed ? -1 : 0;
}

int import_compose_run(struct session *session)
{
    struct compose_files around = {.skipped.skips = session->options.skip_missing, .session = session};
    struct compose_imported imported;
    if (import_check_out(session) || session_check_env_files(session))
        return -1;
    const char *path = session->arguments.items[1];
    const char *folder = strcmp(path, "-") == 0 ? "." : path_folder(&session->arena, path);
    around.beside = envfile_read(&session->arena, path_in(&session->arena, folder, ".env"));
    if (import(session, path, &around, &imported))
        return -1;
    const struct import_out out = {.servers = imported.servers.items,
                                   .count = imported.servers.count,
                                   .remarks = imported.remarks.items,
                                   .remark_count = imported.remarks.count,
                                   .variables = imported.variables.items,
                                   .variable_count = imported.variables.count,
                                   .skipped = &around.skipped};
    if (import_write(session, &out))
        return -1;
    import_tell(session, &out);
    return EXIT_DONE;
}
