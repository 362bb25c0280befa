/*
 * Texts of a Compose file; see compose_model.h. Compose knows more spellings of variables than natsform; here each becomes the one of natsform
 * that means the same, or nearly. Command lines are divided into words as Compose does it, with variables as they are.
 */
#include <ctype.h>
#include <string.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "edit/compose_model.h"

static size_t name_length(const char *text)
{
    size_t length = 0;
    if (isdigit((unsigned char)*text))
        return 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

/* Bytes of the variable that begins with "${" here, braces in its default included. */
static size_t braced_length(const char *text)
{
    size_t length = 0;
    int depth = 0;
    for (; text[length]; length++) {
        depth += text[length] == '{';
        depth -= text[length] == '}';
        if (text[length] == '}' && depth == 0)
            return length + 1;
    }
    return length;
}

/* Bytes of the variable, or of the doubled dollar sign, that begins here; 0: none does. */
static size_t variable_length(const char *text)
{
    if (text[0] != '$')
        return 0;
    return text[1] == '{' ? braced_length(text) : text[1] == '$' ? 2 : 0;
}

/* ---- spelling ---- */

/* "${NAME-x}" and "${NAME?x}" ask only whether the variable is set. natsform takes an empty one for unset, too. */
static void add_braced(struct strbuf *out, const char *text, size_t length)
{
    size_t name = strlen("${") + name_length(text + strlen("${"));
    strbuf_add(out, text, name);
    if (text[name] == '-' || text[name] == '?')
        strbuf_addc(out, ':');
    strbuf_add(out, text + name, length - name);
}

static const char *spelled(struct arena *arena, const char *text)
{
    struct strbuf out SCOPED(strbuf_release) = {0};
    while (*text) {
        size_t length = variable_length(text);
        size_t name = *text == '$' ? name_length(text + 1) : 0;
        if (length > 2) {
            add_braced(&out, text, length);
        } else if (name) {
            strbuf_addf(&out, "${%.*s}", (int)name, text + 1);
            length = name + 1;
        } else {
            length = length ? length : 1;
            strbuf_add(&out, text, length);
        }
        text += length;
    }
    return arena_strndup(arena, strbuf_text(&out), out.length);
}

void compose_spell(struct arena *arena, struct node *node)
{
    /* Aliases share nodes, and what was spelled once stays as it is when it is spelled again. */
    if (node->type == NODE_SCALAR && strchr(node->text, '$'))
        node->text = spelled(arena, node->text);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        compose_spell(arena, node->items[i]);
    for (size_t i = 0; node->type == NODE_MAP && i < node->count; i++)
        compose_spell(arena, node->members[i].value);
}

/* ---- values ---- */

bool text_has_variable(const char *text)
{
    for (size_t length; *text; text += length ? length : 1) {
        length = variable_length(text);
        if (length > 2)
            return true;
    }
    return false;
}

static const char *look_up(void *context, const char *name)
{
    const struct composing *composing = context;
    const char *value = composing->world->lookup(composing->world->context, name);
    return value ? value : composing->quiet;
}

static const char *expand(struct composing *composing, struct srcpos pos, const char *text,
                          struct diags *diags)
{
    struct node *node = node_scalar(composing->arena, text, true);
    node->pos = pos;
    return vars_expand(composing->arena, node, look_up, composing, diags) ? NULL : node->text;
}

const char *compose_resolve(struct composing *composing, struct srcpos pos, const char *text)
{
    return expand(composing, pos, text, composing->diags);
}

const char *compose_guess(struct composing *composing, const char *text)
{
    struct diags unheard SCOPED(diags_release) = {0};
    composing->quiet = "";
    const char *guess = expand(composing, (struct srcpos){0}, text, &unheard);
    composing->quiet = NULL;
    return guess ? guess : "";
}

bool text_is_variable(const char *text)
{
    size_t length = strncmp(text, "${", 2) == 0 ? 2 + name_length(text + 2) : 0;
    return length && strcmp(text + length, "}") == 0;
}

const char *compose_content(struct composing *composing, const char *text)
{
    struct arena *arena = composing->arena;
    struct strbuf out SCOPED(strbuf_release) = {0};
    while (*text) {
        size_t length = variable_length(text);
        const char *part = arena_strndup(arena, text, length ? length : 1);
        const char *name = arena_strndup(arena, part + (length > 2 ? 2 : 0), length > 2 ? length - 3 : 0);
        if (text_is_variable(part) && !composing->world->lookup(composing->world->context, name))
            strbuf_addf(&out, "$%s", name);
        else
            strbuf_adds(&out, length ? compose_guess(composing, part) : part);
        text += length ? length : 1;
    }
    return arena_strndup(arena, strbuf_text(&out), out.length);
}

struct node *compose_scalar(struct composing *composing, struct srcpos pos, const char *text, bool quoted)
{
    bool variable = text_has_variable(text);
    struct node *node =
        node_scalar(composing->arena, variable ? text : compose_guess(composing, text), quoted);
    node->pos = pos;
    node->broken = variable;
    node->quoted &= !variable;
    return node;
}

/* ---- words ---- */

struct splitter {
    const char *at;
    struct strbuf out;
    bool open; /* a word has begun, perhaps an empty one in quotes */
};

/* Takes what stands in single or double quotes; only in the latter a backslash means something. */
static void take_quoted(struct splitter *splitter)
{
    char quote = *splitter->at++;
    splitter->open = true;
    while (*splitter->at && *splitter->at != quote) {
        if (quote == '"' && *splitter->at == '\\' && splitter->at[1])
            splitter->at++;
        strbuf_addc(&splitter->out, *splitter->at++);
    }
    splitter->at += *splitter->at == quote;
}

static void take_plain(struct splitter *splitter)
{
    size_t variable = variable_length(splitter->at);
    splitter->open = true;
    if (*splitter->at == '\\' && splitter->at[1])
        splitter->at++;
    strbuf_add(&splitter->out, splitter->at, variable ? variable : 1);
    splitter->at += variable ? variable : 1;
}

void compose_split(struct arena *arena, struct srcpos pos, const char *text, struct words *words)
{
    struct splitter splitter = {.at = text};
    for (bool more = true; more;) {
        more = *splitter.at != '\0';
        if (more && (*splitter.at == '"' || *splitter.at == '\'')) {
            take_quoted(&splitter);
            continue;
        }
        if (more && !isspace((unsigned char)*splitter.at)) {
            take_plain(&splitter);
            continue;
        }
        if (splitter.open)
            VEC_PUSH(
                arena, &words->list,
                ((struct word){arena_strndup(arena, strbuf_text(&splitter.out), splitter.out.length), pos}));
        strbuf_reset(&splitter.out);
        splitter.open = false;
        splitter.at += more;
    }
    strbuf_release(&splitter.out);
}

void compose_words(struct arena *arena, const struct node *node, struct words *words)
{
    if (!node || node_is_null(node))
        return;
    if (node->type == NODE_SCALAR)
        compose_split(arena, node->pos, node->text, words);
    for (size_t i = 0; node->type == NODE_LIST && i < node->count; i++)
        if (node->items[i]->type == NODE_SCALAR)
            VEC_PUSH(arena, &words->list, ((struct word){node->items[i]->text, node->items[i]->pos}));
}

/* ---- parts ---- */

/* Bytes that belong together here: a variable, an IPv6 address in brackets, or one byte. */
static size_t unit_length(const char *text)
{
    size_t variable = variable_length(text);
    const char *bracket = *text == '[' ? strchr(text, ']') : NULL;
    return variable ? variable : bracket ? (size_t)(bracket - text) + 1 : 1;
}

size_t compose_parts(struct arena *arena, const char *text, char at, const char **parts, size_t most)
{
    size_t count = 0;
    const char *start = text;
    while (*text) {
        if (*text == at && count + 1 < most) {
            parts[count++] = arena_strndup(arena, start, (size_t)(text - start));
            start = text + 1;
        }
        text += *text == at ? 1 : unit_length(text);
    }
    parts[count++] = arena_strdup(arena, start);
    return count;
}
