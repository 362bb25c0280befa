/* Following references to secrets; see connection_secret.h. Read at each connect, kept nowhere else. */
#include "server/connection_secret.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/conceal.h"
#include "base/read.h"
#include "base/strbuf.h"

/* The rest of `text` after `prefix`, in any case as in URIs; NULL when it starts otherwise. */
static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncasecmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* Layers pass texts on, so that a value of the manifest's is known by its very text. */
static struct srcpos find_text(const struct object *object, const char *text)
{
    for (size_t i = 0; object && i < object->table->count; i++) {
        const struct value *value = &object->values[i];
        struct srcpos pos = value->type == VALUE_OBJECT ? find_text(value->object, text) : (struct srcpos){0};
        if (pos.source)
            return pos;
        if (value->type == VALUE_TEXT && value->text == text && value->node)
            return value->node->pos;
    }
    return (struct srcpos){0};
}

struct srcpos secret_pos(const struct connection_settings *settings, const char *reference)
{
    return find_text(settings->declared, reference);
}

static const char *environment(const struct connection_settings *settings, const char *name)
{
    return settings->lookup ? settings->lookup(settings->lookup_context, name) : NULL;
}

/* One $NAME or ${NAME} at text; returns its length and adds its value. An unset variable is empty. */
static size_t expand_variable(const struct connection_settings *settings, const char *text,
                              struct strbuf *out)
{
    bool braces = text[1] == '{';
    const char *name = text + 1 + braces;
    size_t length = 0;
    while (isalnum((unsigned char)name[length]) || name[length] == '_')
        length++;
    if (length == 0 || (braces && name[length] != '}')) {
        strbuf_addc(out, '$');
        return 1;
    }
    struct strbuf key __attribute__((cleanup(strbuf_release))) = {0};
    strbuf_add(&key, name, length);
    const char *value = environment(settings, strbuf_text(&key));
    strbuf_adds(out, value ? value : "");
    return 1 + length + 2 * (size_t)braces;
}

static const char *expand(struct arena *arena, const struct connection_settings *settings, const char *path)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    const char *file = after(path, "file://");
    path = file ? file : path;
    if (!settings->lookup)
        return path;
    const char *home = environment(settings, "HOME");
    /* Only one's own home: '~name' would need the password database. */
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home) {
        strbuf_adds(&out, home);
        path++;
    }
    while (*path) {
        if (*path == '$')
            path += expand_variable(settings, path, &out);
        else
            strbuf_addc(&out, *path++);
    }
    return arena_strndup(arena, strbuf_text(&out), out.length);
}

static int base64_value(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Standard alphabet, with or without padding; false when a byte is not of it. */
static bool base64_decode(const char *text, struct strbuf *out)
{
    uint32_t bits = 0;
    int held = 0;
    for (; *text && *text != '='; text++) {
        int value = base64_value(*text);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            strbuf_addc(out, (char)(bits >> held & 0xff));
        }
    }
    return text[strspn(text, "=")] == '\0';
}

/* What follows "data:", such as ";base64,SGVsbG8=". */
static int read_data(struct arena *arena, struct srcpos pos, const char *what, const char *rest,
                     const char **ret_text, struct diags *diags)
{
    struct strbuf out __attribute__((cleanup(strbuf_release))) = {0};
    const char *comma = strchr(rest, ',');
    const char *encoding = strstr(rest, ";base64");
    if (!comma || !encoding || encoding > comma || !base64_decode(comma + 1, &out))
        return diag_error(diags, &code_credentials, pos, "the %s is given as 'data:' that is not base64",
                          what);
    *ret_text = arena_strndup(arena, strbuf_text(&out), out.length);
    return 0;
}

static int read_variable(const struct connection_settings *settings, struct srcpos pos, const char *what,
                         const char *name, const char **ret_text, struct diags *diags)
{
    const char *value = environment(settings, name);
    if (!value || !value[0])
        return diag_error(diags, &code_credentials, pos,
                          "the %s is to come from the environment variable '%s', which is not set", what,
                          name);
    *ret_text = value;
    return 0;
}

static int refuse_manager(struct srcpos pos, const char *what, const char *reference, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_credentials, pos, "the %s is to come from '%.*s', which natsform cannot ask",
                 what, (int)strcspn(reference, ":"), reference);
    diag_hint(diags, diag, "give a path, or env://NAME with the secret in that variable");
    return -1;
}

/* 1Password and nsc are programs to be asked; the nats CLI runs them, natsform does not. */
static bool is_managed(const char *reference)
{
    return after(reference, "op://") || after(reference, "nsc://");
}

static int read_file(struct arena *arena, struct srcpos pos, const char *what, const char *path,
                     const char **ret_text, struct diags *diags)
{
    struct source file;
    int error = file_read(arena, path, FILE_SMALL_MOST, &file, NULL);
    if (!error) {
        *ret_text = file.text;
        return 0;
    }
    return diag_error(diags, &code_credentials, pos, "cannot read the %s '%s': %s", what, path,
                      strerror(error));
}

/* The text itself; or $CREDS in a path was all of it. */
static bool is_text(struct arena *arena, const struct connection_settings *settings, const char *reference,
                    const char **ret_text)
{
    *ret_text = conceal_is_content(reference) ? reference : expand(arena, settings, reference);
    return conceal_is_content(*ret_text);
}

int secret_read(struct arena *arena, const struct connection_settings *settings, const char *what,
                const char *reference, struct secret *ret_secret, struct diags *diags)
{
    struct srcpos pos = secret_pos(settings, reference);
    struct secret secret = {0};
    bool data = after(reference, "data:");
    if (is_managed(reference))
        return refuse_manager(pos, what, reference, diags);
    if (data || after(reference, "env://")) {
        secret.called = arena_printf(arena, "%s '%s'", what, data ? "data:" : reference);
        if (secret_literal(arena, settings, what, reference, &secret.text, diags))
            return -1;
    } else if (is_text(arena, settings, reference, &secret.text)) {
        secret.called = arena_printf(arena, "text of the %s", what);
    } else {
        secret.path = secret.text;
        secret.called = arena_printf(arena, "%s '%s'", what, secret.path);
        if (read_file(arena, pos, what, secret.path, &secret.text, diags))
            return -1;
    }
    *ret_secret = secret;
    return 0;
}

/* A file ends with one, and the secret does not. */
static const char *without_line_end(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    return arena_strndup(arena, text, length);
}

int secret_literal(struct arena *arena, const struct connection_settings *settings, const char *what,
                   const char *value, const char **ret_text, struct diags *diags)
{
    const char *variable = after(value, "env://");
    const char *data = after(value, "data:");
    const char *text = value;
    struct srcpos pos = secret_pos(settings, value);
    int result = 0;
    if (is_managed(value))
        return refuse_manager(pos, what, value, diags);
    if (data)
        result = read_data(arena, pos, what, data, &text, diags);
    else if (variable)
        result = read_variable(settings, pos, what, variable, &text, diags);
    else if (after(value, "file://"))
        result = read_file(arena, pos, what, expand(arena, settings, value), &text, diags);
    if (!result)
        *ret_text = text == value ? value : without_line_end(arena, text);
    return result;
}

const char *secret_line(struct arena *arena, const char *text, const char *prefix)
{
    while (*text) {
        text += strspn(text, " \t\r\n");
        size_t length = strcspn(text, " \t\r\n");
        if (strncmp(text, prefix, strlen(prefix)) == 0)
            return arena_strndup(arena, text, length);
        text += strcspn(text, "\n");
    }
    return NULL;
}
