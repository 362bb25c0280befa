/*
 * What `import conf` and `import compose` share: reading, with standard input and with files that may be missing, and writing the manifest and
 * the file with its secrets; see import_out.h.
 */
#include "cmd/import_out.h"

#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/read.h"
#include "base/scope.h"
#include "base/write.h"
#include "formats/formats.h"
#include "syntax/yaml.h"

#define SECRETS_ARE "# Secrets are variables; set each to what the configuration says there:\n"

/* ---- reading ---- */

int import_read(void *context, struct arena *arena, const char *path, struct source *ret_source,
                const char **ret_error)
{
    struct import_skipped *skipped = context;
    if (strcmp(path, "-") == 0) /* in an include it is a file of that name, and not standard input */
        path = "./-";
    /* One byte more than is allowed, so that a file which is too long can be told from one that just fits. */
    if (!skipped->skips || file_exists(path))
        return file_read_start(arena, path, CONF_MOST_BYTES + 1, ret_source, ret_error);
    *ret_source = (struct source){.name = arena_strdup(arena, path), .text = ""};
    VEC_PUSH(arena, &skipped->paths, ret_source->name);
    return 0;
}

int import_read_first(struct session *session, const char *path, struct source *source)
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

void import_hide_secrets(struct session *session)
{
    static const char *const words[] = {"pass", "token", "secret", "key", "seed", "jwt", "@", "$2", "-auth"};
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

static void add_part(struct strbuf *text, const struct conf_imported *imported)
{
    if (imported->part && !*imported->part)
        strbuf_adds(text, "# A part of a server. Lay it over the rest with one more -f.\n");
    else if (imported->part)
        strbuf_addf(text,
                    "# A part of a server: options of its '%s'. Lay it over the rest with one more -f.\n",
                    imported->part);
}

static void add_secrets(struct session *session, struct strbuf *text, const struct conf_imported *imported)
{
    for (size_t i = 0; i < imported->secrets.count; i++) {
        const struct conf_secret *secret = &imported->secrets.items[i];
        strbuf_addf(text, "#   %s  %s:%u\n", secret->variable,
                    comment_of(&session->arena, secret->pos.source->name), secret->pos.line);
    }
}

static size_t count_secrets(const struct import_out *out)
{
    size_t count = 0;
    for (size_t i = 0; i < out->count; i++)
        count += out->servers[i].secrets.count;
    return count;
}

static const char *manifest_text(struct session *session, const struct import_out *out)
{
    struct arena *arena = &session->arena;
    struct strbuf text SCOPED(strbuf_release) = {0};
    struct node *root = node_map(arena);
    struct node *servers = node_map(arena);
    bool lists_secrets = count_secrets(out) && !session->options.secrets;
    for (size_t i = 0; i < out->skipped->paths.count; i++)
        strbuf_addf(&text, "# Not there, and left out: %s\n",
                    comment_of(arena, out->skipped->paths.items[i]));
    if (lists_secrets && !out->servers[0].part)
        strbuf_adds(&text, SECRETS_ARE);
    for (size_t i = 0; i < out->count; i++) {
        const struct conf_imported *imported = &out->servers[i];
        add_part(&text, imported);
        if (lists_secrets && imported->part)
            strbuf_adds(&text, SECRETS_ARE);
        if (lists_secrets)
            add_secrets(session, &text, imported);
        node_add(arena, servers, (struct member){.key = imported->name, .value = imported->server});
    }
    node_add(arena, root, (struct member){.key = "servers", .value = servers});
    yaml_write(&text, root);
    return arena_strndup(arena, strbuf_text(&text), text.length);
}

static void add_secret(struct session *session, struct strbuf *text, const struct conf_secret *secret)
{
    if (strpbrk(secret->text, "\r\n")) {
        struct diag *diag = diag_add(&session->diags, &code_format, secret->pos,
                                     "a secret with a line break has no place in an env file");
        diag->secret = true;
        diag_hint(&session->diags, diag, "without --secrets, set %s in the environment instead",
                  secret->variable);
    }
    strbuf_addf(text, "%s='%s'\n", secret->variable, secret->text);
}

/* The secrets as NAME='VALUE' lines, for --env-file. */
static const char *secrets_text(struct session *session, const struct import_out *out)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    for (size_t i = 0; i < out->count; i++)
        for (size_t j = 0; j < out->servers[i].secrets.count; j++)
            add_secret(session, &text, &out->servers[i].secrets.items[j]);
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

int import_write(struct session *session, const struct import_out *out)
{
    const struct options *options = &session->options;
    const char *text = manifest_text(session, out);
    const char *secrets = options->secrets ? secrets_text(session, out) : NULL;
    if ((options->secrets && !secrets) || check_free(session, options->out) ||
        check_free(session, options->secrets))
        return -1;
    /* Secrets first: a manifest whose variables have no values is of no use. */
    if (secrets && write_file(session, new_secret(options->secrets, secrets)))
        return -1;
    return write_file(session, new_file(options->out ? options->out : "-", text));
}

static void tell_remarks(const struct session *session, const struct import_out *out)
{
    for (size_t i = 0; i < out->remark_count; i++)
        fprintf(session->told.file, "%s\n", out->remarks[i]);
    for (size_t i = 0; i < out->count; i++)
        for (size_t j = 0; j < out->servers[i].remarks.count; j++)
            fprintf(session->told.file, "%s%s%s\n", out->count > 1 ? out->servers[i].name : "",
                    out->count > 1 ? ": " : "", out->servers[i].remarks.items[j]);
    for (size_t i = 0; i < out->variable_count; i++)
        fprintf(session->told.file, "%s comes from the environment, or from --env-file\n", out->variables[i]);
}

void import_tell(struct session *session, const struct import_out *out)
{
    FILE *err = session->told.file;
    size_t secrets = count_secrets(out);
    for (size_t i = 0; i < out->skipped->paths.count; i++)
        fprintf(err, "%s is not there: what it says is left out\n",
                comment_of(&session->arena, out->skipped->paths.items[i]));
    tell_remarks(session, out);
    if (secrets && session->options.secrets)
        fprintf(err, "Wrote %zu secret%s to %s: read it with --env-file, and keep it out of Git\n", secrets,
                secrets == 1 ? "" : "s", conceal_name(session->options.secrets));
    else if (secrets)
        fprintf(err, "%zu secret%s became variables; --secrets FILE keeps their values\n", secrets,
                secrets == 1 ? "" : "s");
    if (!session->options.out || file_is_output(session->options.out))
        return;
    fprintf(err, "Wrote %s: server%s", conceal_name(session->options.out), out->count > 1 ? "s" : "");
    for (size_t i = 0; i < out->count; i++)
        fprintf(err, "%s %s", i ? "," : "", out->servers[i].name);
    fputc('\n', err);
}

int import_check_out(struct session *session)
{
    const struct options *options = &session->options;
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
    return 0;
}
