/*
 * natsform import conf: a configuration of nats-server as a manifest; see import_conf.h. syntax/conf_read.c reads
 * it, edit/conf_import.c translates it, and this writes the manifest and the file with its secrets.
 */
#include "cmd/import_conf.h"

#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/exit.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/write.h"
#include "edit/conf_import.h"
#include "formats/formats.h"
#include "manifest/load.h"
#include "syntax/yaml.h"

bool import_conf_is_meant(const struct session *session)
{
    return session->arguments.count > 1 && strcmp(session->arguments.items[0], "conf") == 0;
}

int import_conf_check_unused(struct session *session)
{
    const struct options *options = &session->options;
    if (!options->out && !options->name && !options->secrets && !options->force && !options->skip_missing)
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_usage, (struct srcpos){0},
                 "--out, --name, --secrets, --skip-missing and --force are for 'natsform import conf FILE'");
    diag_hint(&session->diags, diag, "live objects go into the manifest that -f names");
    return -1;
}

/* ---- reading ---- */

struct skipped {
    bool skips;
    VEC(const char *) paths;
};

/* The context is a struct skipped. */
static int read_file(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    struct skipped *skipped = context;
    if (strcmp(path, "-") == 0) /* in an include it is a file of that name, and not standard input */
        path = "./-";
    /* One byte more than is allowed, so that a file which is too long can be told from one that just fits. */
    if (!skipped->skips || file_exists(path))
        return file_read_start(arena, path, CONF_MOST_BYTES + 1, ret_source, ret_error);
    *ret_source = (struct source){.name = arena_strdup(arena, path), .text = ""};
    VEC_PUSH(arena, &skipped->paths, ret_source->name);
    return 0;
}

/* Reads the first file. Only here "-" is standard input. */
static int read_root(struct session *session, const char *path, struct source *source)
{
    const char *why;
    if (file_read_start(&session->arena, path, CONF_MOST_BYTES + 1, source, &why) == 0)
        return 0;
    return diag_error(&session->diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", path, why);
}

/* ---- messages ---- */

static bool has_word(const char *line, size_t length, const char *word)
{
    size_t letters = strlen(word);
    /* nats-server takes its options in any case. */
    for (size_t i = 0; i + letters <= length; i++)
        if (strncasecmp(line + i, word, letters) == 0)
            return true;
    return false;
}

/* Diagnostics do not show lines that may have a secret in them. */
static void hide_secrets(struct session *session)
{
    static const char *const words[] = {"pass", "token", "secret", "key", "seed", "jwt", "@", "$2"};
    for (size_t i = 0; i < session->diags.list.count; i++) {
        struct diag *diag = session->diags.list.items[i];
        size_t length = 0;
        const struct source *source = diag->pos.source;
        const char *line =
            source && source->text && diag->pos.line ? source_line(source, diag->pos.line, &length) : NULL;
        for (size_t j = 0; line && j < sizeof(words) / sizeof(words[0]); j++)
            diag->secret |= has_word(line, length, words[j]);
    }
}

/* ---- writing ---- */

/* A path for a comment. A file's name may have any bytes, and a line break would end the comment. */
static const char *comment_of(struct arena *arena, const char *path)
{
    char *copy = arena_strdup(arena, path);
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return copy;
}

static const char *manifest_text(struct session *session, const struct conf_imported *imported,
                                 const struct skipped *skipped)
{
    struct arena *arena = &session->arena;
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct node *root = node_map(arena);
    struct node *servers = node_map(arena);
    for (size_t i = 0; i < skipped->paths.count; i++)
        strbuf_addf(&text, "# Not there, and left out: %s\n", comment_of(arena, skipped->paths.items[i]));
    if (imported->part && !*imported->part)
        strbuf_adds(&text, "# A part of a server. Lay it over the rest with one more -f.\n");
    else if (imported->part)
        strbuf_addf(&text,
                    "# A part of a server: options of its '%s'. Lay it over the rest with one more -f.\n",
                    imported->part);
    if (imported->secrets.count && !session->options.secrets)
        strbuf_adds(&text, "# Secrets are variables; set each to what the configuration says there:\n");
    for (size_t i = 0; i < imported->secrets.count && !session->options.secrets; i++) {
        const struct conf_secret *secret = &imported->secrets.items[i];
        strbuf_addf(&text, "#   %s  %s:%u\n", secret->variable, secret->pos.source->name, secret->pos.line);
    }
    node_add(arena, servers, (struct member){.key = imported->name, .value = imported->server});
    node_add(arena, root, (struct member){.key = "servers", .value = servers});
    yaml_write(&text, root);
    return arena_strndup(arena, strbuf_text(&text), text.length);
}

/* The secrets as NAME='VALUE' lines, for --env-file. */
static const char *secrets_text(struct session *session, const struct conf_imported *imported)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    for (size_t i = 0; i < imported->secrets.count; i++) {
        const struct conf_secret *secret = &imported->secrets.items[i];
        if (strpbrk(secret->text, "\r\n")) {
            struct diag *diag = diag_add(&session->diags, &code_format, secret->pos,
                                         "a secret with a line break has no place in an env file");
            diag->secret = true;
            diag_hint(&session->diags, diag, "without --secrets, set %s in the environment instead",
                      secret->variable);
        }
        strbuf_addf(&text, "%s='%s'\n", secret->variable, secret->text);
    }
    return session->diags.errors ? NULL : arena_strndup(&session->arena, strbuf_text(&text), text.length);
}

static int check_free(struct session *session, const char *path)
{
    if (!path || session->options.force || file_takes(path) || !file_exists(path))
        return 0;
    struct diag *diag =
        diag_add(&session->diags, &code_exists, (struct srcpos){0}, "'%s' exists already", path);
    diag_hint(&session->diags, diag, "nothing was written; '--force' replaces it");
    return -1;
}

static int write_file(struct session *session, struct new_file file)
{
    return file_write_told(&session->arena, &file, FILE_INTO | (session->options.force ? FILE_REPLACES : 0),
                           &code_file, &session->diags);
}

static int write_files(struct session *session, const struct conf_imported *imported,
                       const struct skipped *skipped)
{
    const struct options *options = &session->options;
    const char *text = manifest_text(session, imported, skipped);
    const char *secrets = options->secrets ? secrets_text(session, imported) : NULL;
    if ((options->secrets && !secrets) || check_free(session, options->out) ||
        check_free(session, options->secrets))
        return -1;
    /* Secrets first: a manifest whose variables have no values is of no use. */
    if (secrets && write_file(session, new_secret(options->secrets, secrets)))
        return -1;
    return write_file(session, new_file(options->out ? options->out : "-", text));
}

static void tell(struct session *session, const struct conf_imported *imported, const struct skipped *skipped)
{
    FILE *err = session->told.file;
    size_t secrets = imported->secrets.count;
    for (size_t i = 0; i < skipped->paths.count; i++)
        fprintf(err, "%s is not there: what it says is left out\n",
                comment_of(&session->arena, skipped->paths.items[i]));
    for (size_t i = 0; i < imported->remarks.count; i++)
        fprintf(err, "%s\n", imported->remarks.items[i]);
    for (size_t i = 0; i < imported->variables.count; i++)
        fprintf(err, "%s comes from the environment, or from --env-file\n", imported->variables.items[i]);
    if (secrets && session->options.secrets)
        fprintf(err, "Wrote %zu secret%s to %s: read it with --env-file, and keep it out of Git\n", secrets,
                secrets == 1 ? "" : "s", conceal_name(session->options.secrets));
    else if (secrets)
        fprintf(err, "%zu secret%s became variables; --secrets FILE keeps their values\n", secrets,
                secrets == 1 ? "" : "s");
    if (session->options.out && !file_is_output(session->options.out))
        fprintf(err, "Wrote %s: server %s\n", conceal_name(session->options.out), imported->name);
}

int import_conf_run(struct session *session)
{
    const struct options *options = &session->options;
    struct skipped skipped = {.skips = options->skip_missing};
    const struct conf_world world = {
        .read = read_file,
        .unread_hint = "paths are looked up from the folder of the file that includes, absolute ones too; "
                       "'--skip-missing' leaves out what is not there",
        .context = &skipped,
        .keep_units = true,
    };
    struct source *source = ARENA_NEW(&session->arena, struct source);
    struct conf conf;
    struct conf_imported imported;
    if (session_check_arguments(session, 2, 2))
        return -1;
    if ((options->out && !*options->out) || (options->secrets && !*options->secrets) ||
        (options->name && !*options->name))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "--out, --name and --secrets need a text");
    if (options->secrets && file_is_output(options->secrets) &&
        (!options->out || file_is_output(options->out)))
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "the manifest and its secrets cannot both go to standard output");
    const char *path = session->arguments.items[1];
    if (read_root(session, path, source))
        return -1;
    int failed = conf_read(&session->arena, source, &world, &session->diags, &conf) ||
                 conf_import(&session->arena, &conf, path, options->name, &session->diags, &imported);
    hide_secrets(session);
    if (failed || write_files(session, &imported, &skipped))
        return -1;
    tell(session, &imported, &skipped);
    return EXIT_DONE;
}
