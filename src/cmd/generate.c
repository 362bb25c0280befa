/*
 * natsform generate: writes the servers of a manifest as files for other tools. generate/ makes the texts. Here
 * each text is compared with the file that is there, and nothing is written if one of them is somebody else's.
 */
#include "cmd/command.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/exit.h"
#include "base/path.h"
#include "base/write.h"
#include "devenv/environment_check.h"
#include "devenv/state.h"
#include "generate/certificates.h"
#include "generate/file_mark.h"
#include "generate/generate.h"

#define USUAL_FOLDER "deploy"
#define USUAL_PREFIX "/opt/homebrew"
#define USUAL_PROJECT "nats"

/* May the path be written into the files? They have instructions for a shell in comments, where nothing can be quoted. */
static bool is_plain_path(const char *path)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@+-";
    return *path && *path != '-' && path[strspn(path, letters)] == '\0';
}

/* The folder of the first -f. Relative paths in the manifest start there. */
static const char *manifest_folder(struct session *session)
{
    const char *path = session->files.items[0];
    struct stat info;
    if (strcmp(path, "-") == 0)
        return ".";
    int found = stat(path, &info);
    if (found == 0 && S_ISDIR(info.st_mode))
        return path;
    if (found != 0 && strchr(path, ':')) /* a path in a Git revision */
        path = strchr(path, ':') + 1;
    return path_folder(&session->arena, path);
}

/* ---- looking at existing files ---- */

/* Looks at the place of each file. NULL if something cannot be read. */
static enum file_place *look_at_all(struct session *session, const struct generated *generated)
{
    enum file_place *places = ARENA_ARRAY(&session->arena, enum file_place, generated->files.count);
    int failed = 0;
    for (size_t i = 0; i < generated->files.count; i++)
        failed |=
            file_look(&session->arena, &generated->files.items[i], seal_check, &places[i], &session->diags);
    return failed ? NULL : places;
}

/* ---- the three things to do with files ---- */

static int check_files(struct session *session, const char *folder, const struct generated *generated)
{
    static const char *const words[] = {
        [PLACE_FREE] = "missing",
        [PLACE_OWN] = "out of date",
        [PLACE_EDITED] = "edited",
        [PLACE_FOREIGN] = "not natsform's",
        [PLACE_READABLE] = "secret, and others can read it",
    };
    const enum file_place *places = look_at_all(session, generated);
    size_t different = 0;
    if (!places)
        return EXIT_FAILED;
    for (size_t i = 0; i < generated->files.count; i++) {
        if (places[i] == PLACE_SAME)
            continue;
        different++;
        fprintf(session->out.file, "%s: %s\n", generated->files.items[i].path, words[places[i]]);
    }
    if (!different)
        fprintf(session->out.file, "Up to date: %zu file%s in %s\n", generated->files.count,
                generated->files.count == 1 ? "" : "s", folder);
    return different ? EXIT_FAILED : EXIT_DONE;
}

static int refuse(struct session *session, const struct generated *generated, const enum file_place *places)
{
    int failed = 0;
    for (size_t i = 0; i < generated->files.count; i++) {
        const char *path = generated->files.items[i].path;
        struct diag *diag = NULL;
        if (places[i] == PLACE_EDITED)
            diag = diag_add(&session->diags, &code_exists, (struct srcpos){0},
                            "'%s' was edited since natsform wrote it", path);
        else if (places[i] == PLACE_FOREIGN)
            diag = diag_add(&session->diags, &code_exists, (struct srcpos){0},
                            "'%s' exists already, and natsform did not write it", path);
        if (!diag)
            continue;
        if (!failed)
            diag_hint(&session->diags, diag,
                      "nothing was written; '--force' replaces it, '--out DIR' writes elsewhere");
        failed = -1;
    }
    return failed;
}

static int write_files(struct session *session, const struct generated *generated)
{
    /* All places are looked at before the first file is written, so that a refusal leaves everything as it was. */
    const enum file_place *places = look_at_all(session, generated);
    size_t same = 0;
    if (!places || (!session->options.force && refuse(session, generated, places)))
        return EXIT_FAILED;
    for (size_t i = 0; i < generated->files.count; i++) {
        const struct new_file *file = &generated->files.items[i];
        if (places[i] == PLACE_SAME) {
            same++;
            continue;
        }
        if (file_write_told(&session->arena, file, FILE_REPLACES | FILE_FOLDERS, &code_file, &session->diags))
            return EXIT_FAILED;
        fprintf(session->told.file, "wrote %s%s\n", file->path,
                file->secret ? " (it has secrets: only you can read it)" : "");
    }
    if (same)
        fprintf(session->told.file, "%zu file%s unchanged\n", same, same == 1 ? "" : "s");
    return EXIT_DONE;
}

static int print_file(struct session *session, const struct generated *generated)
{
    if (generated->files.count == 1) {
        fputs(generated->files.items[0].text, session->out.file);
        return EXIT_DONE;
    }
    struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                 "'--out -' is for one file; this writes %zu", generated->files.count);
    diag_hint(&session->diags, diag, "name a folder");
    return -1;
}

/* The generated files name the certificates of `tls: dev`, so these are made if they are missing. `up` uses the same ones. */
static int make_certificates(struct session *session, const struct generate_request *request)
{
    struct arena *arena = &session->arena;
    const struct environment *environment = request->environment;
    struct certificate_request wanted = {
        .folder = arena_printf(arena, "%s/" GENERATE_CERTIFICATES, request->root), .now = time(NULL)};
    struct certificates made = {0};
    if (!environment->needs_certificates)
        return 0;
    wanted.names = environment_names(arena, environment, &wanted.name_count);
    if (state_make_folder(arena, arena_printf(arena, "%s/" STATE_FOLDER, request->root), &session->diags) ||
        certificates_make(arena, &wanted, &made, &session->diags))
        return -1;
    if (made.new_certificate)
        fprintf(session->told.file, "made certificates for development in %s\n", wanted.folder);
    return 0;
}

/* ---- the command ---- */

static int check_usage(struct session *session, const struct generator **ret_generator)
{
    const struct options *options = &session->options;
    const char *what = session->arguments.items[0];
    *ret_generator = generate_find(what);
    if (!*ret_generator && strcmp(what, "all") != 0) {
        struct diag *diag =
            diag_add(&session->diags, &code_usage, (struct srcpos){0}, "cannot generate '%s'", what);
        const char *names = "all";
        for (const struct generator *row = generators; row->name; row++)
            names = arena_printf(&session->arena, "%s, %s", names, row->name);
        diag_hint(&session->diags, diag, "it is one of: %s", names);
        return -1;
    }
    if (options->out_dir && !*options->out_dir)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "--out is empty");
    if (options->prefix && (*options->prefix != '/' || !is_plain_path(options->prefix)))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "--prefix must be an absolute path of plain letters, not '%s'", options->prefix);
    if (options->probe && !file_exists(options->probe))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0}, "--probe: there is no '%s'",
                          options->probe);
    return 0;
}

static struct generate_request request_of(struct session *session, const struct environment *environment,
                                          const char *folder)
{
    struct arena *arena = &session->arena;
    const char *root = manifest_folder(session);
    const char *probe = session->options.probe;
    const char *name = path_own_name(arena, root);
    return (struct generate_request){
        .environment = environment,
        .project = environment->project ? environment->project
                   : name               ? name
                                        : USUAL_PROJECT,
        .base = path_between(arena, folder, root),
        /* A placeholder, which the reader of the instructions replaces. */
        .folder = is_plain_path(folder) ? folder : "DIR",
        .root = root,
        .plain_root = is_plain_path(root) ? root : "ROOT",
        .prefix = session->options.prefix ? session->options.prefix : USUAL_PREFIX,
        .probe = probe ? path_between(arena, folder, probe) : NULL,
    };
}

static int run(struct session *session)
{
    const struct generator *generator;
    struct generated generated;
    if (check_usage(session, &generator))
        return -1;
    bool print = session->options.out_dir && strcmp(session->options.out_dir, "-") == 0;
    const char *out = session->options.out_dir && !print ? session->options.out_dir : USUAL_FOLDER;
    size_t length = strlen(out);
    while (length > 1 && out[length - 1] == '/')
        length--;
    const char *folder = arena_strndup(&session->arena, out, length);
    if (session_load(session))
        return -1;
    const struct environment *environment = session->environment;
    if (!environment->node_count) {
        struct diag *diag =
            diag_add(&session->diags, &code_required, (struct srcpos){0}, "the manifest has no servers");
        diag_hint(&session->diags, diag, "'servers: {dev: {}}' is one with JetStream on the usual ports");
        return -1;
    }
    const struct environment_check check = {.manifest = session->manifest};
    environment_check(&session->arena, environment, &check, &session->diags);
    if (session->diags.errors)
        return -1;
    struct generate_request request = request_of(session, environment, folder);
    if (generate(&session->arena, &request, generator, &session->diags, &generated))
        return -1;
    if (print)
        return print_file(session, &generated);
    for (size_t i = 0; i < generated.files.count; i++)
        generated.files.items[i].path = path_in(&session->arena, folder, generated.files.items[i].path);
    if (session->options.check)
        return check_files(session, folder, &generated);
    int exit_code = write_files(session, &generated);
    return exit_code == EXIT_DONE && make_certificates(session, &request) ? EXIT_FAILED : exit_code;
}

const struct command generate_command = {
    .help =
        {
            .name = "generate",
            .arguments = "WHAT",
            .summary = "Write configurations, Compose files and units for the servers",
            .description =
                "Writes the manifest's servers as files for other tools. WHAT is one of\n\n"
                "conf: a nats-server configuration for each node, with each option's purpose as a comment\n\n"
                "compose: compose.yaml for Docker Compose v2 and docker-compose 1.29, with health checks, volumes and a "
                "network\n\n"
                "dockerfile: an image with the configuration in it\n\n"
                "systemd: hardened units with a state directory for JetStream\n\n"
                "launchd: agents for macOS, and one for 'brew services'\n\n"
                "env: NATS_URL and its like for applications\n\n"
                "all: all of these.\n\n"
                "The same manifest gives the same bytes, so the files can be committed, and checked in CI by --check. A "
                "file that natsform did not write, or that was edited since, is replaced only with --force. Only their "
                "owner can read files with passwords or keys.",
            .examples =
                (const char *const[]){
                    "A Compose file",
                    "natsform generate compose && docker compose -f deploy/compose.yaml up -d",
                    "A configuration to look at",
                    "natsform generate conf --out -",
                    "Units for systemd",
                    "natsform generate systemd --out units",
                    "In CI: are the committed files up to date?",
                    "natsform generate all --check",
                    NULL,
                },
            .options = OPTIONS_ALL | OPTIONS_MANIFEST | OPTIONS_TIMEOUT | OPTIONS_GENERATE,
        },
    .least = 1,
    .most = 1,
    .run = run,
};
