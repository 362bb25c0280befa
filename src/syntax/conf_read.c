/*
 * Configurations in: assignments, maps, lists and includes; see conf.h.
 *
 * There are three kinds of maps, and in each a value ends in its own way: the top of a file, the top of a file in braces, and maps that
 * are values. A text is read as the newest servers read it, and then as each older kind does, to report what they refuse.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "syntax/conf_model.h"

enum kind {
    KIND_TOP,
    KIND_BRACED, /* the top of a file whose text is in braces */
    KIND_MAP,
};

static struct node *read_value(struct conf_text *text, const struct conf_scope *scope, const char *key);

/* ---- blanks, comments and ends ---- */

/* Called at '#' or '/'. A single '/' begins no comment, and is a fault to servers too. */
static void pass_comment(struct conf_text *text)
{
    if (conf_byte(text, 0) == '/' && conf_byte(text, 1) != '/') {
        conf_fail(text, text->at, &code_syntax, NULL, "a comment begins with '#' or '//'");
        return;
    }
    while (conf_byte(text, 0) >= 0 && !conf_at_newline(text))
        text->at++;
}

static bool at_comment(const struct conf_text *text)
{
    return conf_byte(text, 0) == '#' || conf_byte(text, 0) == '/';
}

static void skip_blanks(struct conf_text *text)
{
    while (conf_blank(text))
        text->at += conf_blank(text);
}

static void skip_blanks_and_comments(struct conf_text *text)
{
    for (skip_blanks(text); !text->failed && at_comment(text); skip_blanks(text))
        pass_comment(text);
}

static const char *what_is_here(struct conf_text *text)
{
    int byte = conf_byte(text, 0);
    if (byte < 0)
        return "the end of the text";
    if (conf_at_newline(text))
        return "the end of the line";
    size_t length = utf8_sequence(text->source->text + text->at, text->source->length - text->at);
    return arena_printf(text->parser->arena, "'%.*s'", (int)length, text->source->text + text->at);
}

static void refuse_here(struct conf_text *text, const char *hint, const char *expected)
{
    const char *here = what_is_here(text);
    size_t start = text->at;
    text->at += text->at < text->source->length;
    conf_fail(text, start, &code_syntax, hint, "expected %s, not %s", expected, here);
    text->at = start;
}

enum ending {
    ENDS_SEPARATED, /* by a separator, which was passed */
    ENDS_CLOSED,    /* by the bracket that closes the map or list, which was not passed */
    ENDS_TEXT,
    ENDS_BADLY, /* by something else; it was reported */
};

/* Goes from the end of a value to what ends it. A blank does not end one: text after it is an error, here and to servers. */
static enum ending end_value(struct conf_text *text, const char *separators, char closing)
{
    for (;;) {
        conf_skip_line_blanks(text);
        int byte = conf_byte(text, 0);
        if (text->failed)
            return ENDS_BADLY;
        if (byte < 0 || byte == closing)
            return byte < 0 ? ENDS_TEXT : ENDS_CLOSED;
        if (at_comment(text)) {
            pass_comment(text);
            continue;
        }
        if (strchr(separators, byte)) {
            text->at++;
            return ENDS_SEPARATED;
        }
        refuse_here(text, "text with blanks needs quotes",
                    closing == ']' ? "',', ']' or a new line" : "a new line, ',' or ';'");
        return ENDS_BADLY;
    }
}

/* ---- members ---- */

const struct member *conf_scope_get(const struct conf_scope *scope, const char *key)
{
    uintptr_t place = (uintptr_t)map_get(&scope->index, key);
    return place ? &scope->map->members[place - 1] : NULL;
}

/* Blocks are replaced and not merged, which surprises whoever splits an `accounts` block in two. */
static void warn_twice(struct conf_text *text, const struct member *before, const struct member *member)
{
    struct diags *diags = text->parser->diags;
    if (text->variable || before->key_pos.source != member->key_pos.source)
        return; /* a key that replaces one of an included file is meant to */
    struct diag *diag = diag_add(diags, &code_misread, member->key_pos,
                                 "key '%s' stands twice, and nats-server drops the first", member->key);
    diag_note(diags, diag, before->key_pos, "the first is here%s",
              before->value->type == NODE_MAP ? "; the blocks are not merged" : "");
}

static void put(struct conf_text *text, struct conf_scope *scope, struct member member)
{
    struct node *map = scope->map;
    uintptr_t place = (uintptr_t)map_get(&scope->index, member.key);
    if (place) {
        warn_twice(text, &map->members[place - 1], &member);
        map->members[place - 1] = member;
        return;
    }
    node_add(text->parser->arena, map, member);
    map_put(&scope->index, member.key, (void *)(uintptr_t)map->count);
}

/* Does the key's map hold names that users chose, or keys whose case matters to servers? Elsewhere, case does not count. */
static bool holds_names(const char *key)
{
    static const char *const keys[] = {
        "accounts",      "mappings",          "maps",     "resolver_preload", "headers",
        "feature_flags", "default_js_domain", "resolver", "server_metadata",  "ocsp",
        "latency"};
    for (size_t i = 0; key && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcasecmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* Two keys that differ in case do no harm if they say the same. */
static bool same(const struct node *a, const struct node *b)
{
    if (a->type != b->type)
        return false;
    if (a->type == NODE_SCALAR)
        return a->quoted == b->quoted && strcmp(a->text, b->text) == 0;
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->type == NODE_LIST ? !same(a->items[i], b->items[i])
                                 : strcmp(a->members[i].key, b->members[i].key) != 0 ||
                                       !same(a->members[i].value, b->members[i].value))
            return false;
    }
    return true;
}

static const char *lower(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

/*
 * Servers walk over a Go map and lower the case of its keys. The order of that walk is random, so of `Port` and `port`
 * either may win at each start.
 */
static void check_cases(struct conf_text *text, const struct conf_scope *scope)
{
    struct diags *diags = text->parser->diags;
    struct map seen;
    map_init(&seen, text->parser->arena);
    if (text->variable || holds_names(scope->key))
        return;
    for (size_t i = 0; i < scope->map->count; i++) {
        const struct member *member = &scope->map->members[i];
        uintptr_t place =
            (uintptr_t)map_put(&seen, lower(text->parser->arena, member->key), (void *)(uintptr_t)(i + 1));
        const struct member *before = place ? &scope->map->members[place - 1] : NULL;
        if (!before || same(before->value, member->value))
            continue;
        struct diag *diag =
            diag_add(diags, &code_duplicate_key, member->key_pos,
                     "keys '%s' and '%s' are one option, and nats-server takes either value by chance",
                     before->key, member->key);
        diag_note(diags, diag, before->key_pos, "the other is here");
        text->failed = true;
    }
}

/* ---- includes ---- */

/*
 * Joins the including file's folder and the path as servers do (Go's filepath.Join): absolute paths too, without . and
 * .. where possible.
 */
static const char *join_path(struct arena *arena, const char *file, const char *path)
{
    return path_clean(arena, *file ? path_beside(arena, file, path + strspn(path, "/")) : path);
}

static const struct source *open_file(struct conf_text *text, const char *path, const char **ret_error)
{
    struct map *files = text->parser->files;
    const struct conf_world *world = text->parser->world;
    struct source *source = map_get(files, path);
    if (source)
        return source;
    *ret_error = "there are no files here";
    source = ARENA_NEW(files->arena, struct source);
    if (!world->read || world->read(world->context, files->arena, path, source, ret_error))
        return NULL;
    map_put(files, arena_strdup(files->arena, path), source);
    return source;
}

static bool check_source(struct conf_text *text)
{
    const struct source *source = text->source;
    text->parser->bytes += source->length;
    if (text->parser->bytes > CONF_MOST_BYTES)
        conf_fail(text, 0, &code_limit, NULL, "more than %d MiB of configuration",
                  CONF_MOST_BYTES / 1024 / 1024);
    else if (source->length && memchr(source->text, '\0', source->length))
        conf_fail(text, 0, &code_encoding, NULL, "the text holds a NUL byte");
    else if (source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
        conf_fail(
            text, 0, &code_encoding, "save the file as UTF-8 without a byte order mark",
            "the text begins with a byte order mark, which nats-server takes for part of the first key");
    return !text->failed;
}

/* An included file has a scope of its own: its variables do not see the keys of the file that includes it. */
static void include(struct conf_text *text, struct conf_scope *scope, size_t start, const char *path)
{
    struct conf_parser *parser = text->parser;
    const char *whole = join_path(parser->arena, text->source->name, path);
    const char *hint = parser->world->unread_hint;
    const char *error = NULL;
    int nesting = 0;
    if (text->variable) {
        conf_fail(text, start, &code_variable, NULL, "the value of variable '%s' includes a file",
                  text->variable);
        return;
    }
    for (const struct conf_text *outer = text; outer; outer = outer->outer)
        if (strcmp(outer->path, whole) == 0 || ++nesting > CONF_MOST_INCLUDES) {
            conf_fail(text, start, &code_limit, "nats-server would crash on it",
                      "file '%s' includes itself, or is included too deep", whole);
            return;
        }
    const struct source *source = open_file(text, whole, &error);
    if (!source) {
        conf_fail(text, start, &code_file,
                  hint ? hint
                       : "paths are looked up from the folder of the file that includes, absolute ones too",
                  "cannot read the included file '%s': %s", whole, error);
        return;
    }
    struct conf_text inner = {
        .parser = parser, .source = source, .path = whole, .depth = text->depth, .outer = text};
    struct conf_scope own = {.map = node_map(parser->arena), .key = scope->key};
    map_init(&own.index, parser->arena);
    if (check_source(&inner))
        conf_read_members(&inner, &own);
    text->failed |= inner.failed;
    for (size_t i = 0; i < own.map->count && !text->failed; i++)
        put(text, scope, own.map->members[i]);
}

/* Called behind the word 'include'. In a bare path a single quote ends the path, as servers have it. */
static void read_include(struct conf_text *text, struct conf_scope *scope, size_t start)
{
    struct arena *arena = text->parser->arena;
    int byte = (conf_skip_line_blanks(text), conf_byte(text, 0));
    size_t from = text->at + (byte == '"' || byte == '\'');
    size_t end;
    if (byte == '"' || byte == '\'') {
        const char *quote = memchr(text->source->text + from, byte, text->source->length - from);
        if (!quote) {
            conf_fail(text, text->at, &code_syntax, NULL, "a path without its closing quote");
            return;
        }
        end = (size_t)(quote - text->source->text);
        text->at = end + 1;
    } else {
        if (byte < 0 || strchr("[{(-\\\n\r", byte) || isdigit(byte)) {
            refuse_here(
                text, "put the path into quotes; 'include' as a key needs quotes or a colon right behind it",
                "a path after 'include'");
            return;
        }
        while (conf_byte(text, 0) >= 0 && !strchr("\n\r;} \t'", conf_byte(text, 0)))
            text->at++;
        end = text->at;
        text->at += conf_byte(text, 0) == '\'';
    }
    include(text, scope, start, arena_strndup(arena, text->source->text + from, end - from));
}

/* ---- assignments ---- */

struct key {
    const char *text;
    struct srcpos pos;
    bool bare;
    size_t start, end; /* in the text */
};

static bool read_quoted_key(struct conf_text *text, struct key *key)
{
    size_t start = text->at;
    const char *from = text->source->text + start + 1;
    const char *end = memchr(from, text->source->text[start], text->source->length - start - 1);
    if (!end) {
        conf_fail(text, start, &code_syntax, NULL, "a key without its closing quote");
        return false;
    }
    text->at = (size_t)(end - text->source->text) + 1;
    key->text = arena_strndup(text->parser->arena, from, (size_t)(end - from));
    return true;
}

/*
 * A key ends at a blank, ':' or '=', and at nothing else: `cluster{` is one key to servers. The last key with a bracket
 * is kept, because the fault that it causes shows up much later, at a missing brace.
 */
static bool read_bare_key(struct conf_text *text, struct key *key)
{
    size_t start = text->at;
    int first = conf_byte(text, 0);
    if (strchr(":=,;[]{", first)) {
        refuse_here(text, first == ',' || first == ';' ? "one ',' or ';' is enough" : NULL, "a key");
        return false;
    }
    do
        text->at++;
    while (conf_byte(text, 0) >= 0 && !conf_blank(text) && conf_byte(text, 0) != ':' &&
           conf_byte(text, 0) != '=');
    key->text = arena_strndup(text->parser->arena, text->source->text + start, text->at - start);
    text->odd_text = strpbrk(key->text, "{[") ? key->text : NULL;
    text->odd_key = conf_pos(text, start);
    return true;
}

static bool read_key(struct conf_text *text, struct key *key)
{
    size_t start = text->at;
    size_t offset;
    bool quoted = conf_byte(text, 0) == '"' || conf_byte(text, 0) == '\'';
    if (!(quoted ? read_quoted_key(text, key) : read_bare_key(text, key)))
        return false;
    key->bare = !quoted;
    key->pos = conf_pos(text, start);
    if (utf8_check(key->text, strlen(key->text), &offset) == UTF8_INVALID)
        conf_fail(text, start, &code_encoding, NULL, "a key that is not UTF-8");
    key->start = start;
    key->end = text->at;
    return !text->failed;
}

static void refuse_valueless(struct conf_text *text, const struct key *key)
{
    size_t at = text->at;
    text->at = key->end;
    conf_fail(text, key->start, &code_syntax, NULL, "key '%s' has no value", key->text);
    text->at = at;
}

/*
 * Goes to the value. False if there is none. In maps that are values the key and its value may be on different lines.
 * Elsewhere they may be only if there is no colon between them: a colon wants the value on its line.
 */
static bool find_value(struct conf_text *text, const struct key *key, enum kind kind)
{
    skip_blanks(text);
    int byte = conf_byte(text, 0);
    if (kind != KIND_MAP && byte < 0) { /* servers of 2.9 drop such a key without a word */
        if (text->parser->dialect > CONF_2_9)
            refuse_valueless(text, key);
        return false;
    }
    bool separated = byte == ':' || byte == '=';
    text->at += separated;
    if (kind == KIND_MAP)
        skip_blanks(text);
    else
        conf_skip_line_blanks(text);
    byte = conf_byte(text, 0);
    if (kind == KIND_MAP && (byte == ',' || byte == '}' || byte < 0))
        refuse_valueless(text, key);
    else if (kind != KIND_MAP && conf_at_newline(text))
        conf_fail(text, text->at, &code_syntax, "without a colon the value may stand on the next line",
                  "the value of '%s' has to begin on this line", key->text);
    return !text->failed;
}

static void read_assignment(struct conf_text *text, struct conf_scope *scope, enum kind kind)
{
    size_t start = text->at;
    struct key key;
    if (!read_key(text, &key))
        return;
    if (key.bare && conf_blank(text) && strcasecmp(key.text, "include") == 0) {
        read_include(text, scope, start);
        return;
    }
    if (!find_value(text, &key, kind))
        return;
    struct node *value = read_value(text, scope, key.text);
    if (!value || !conf_count(text, start, 1))
        return;
    put(text, scope, (struct member){key.text, key.pos, value});
    if (text->odd_text != key.text || text->variable)
        return;
    text->odd_text = NULL;
    diag_add(text->parser->diags, &code_misread, key.pos,
             "the bracket is part of key '%s' to nats-server; put a blank before it", key.text);
}

/* ---- the three kinds of maps ---- */

static void warn_unmatched(struct conf_text *text, size_t start, const char *brace)
{
    if (!text->variable)
        diag_add(text->parser->diags, &code_misread, conf_pos(text, start),
                 "'%s' has no counterpart, and nats-server does not mind", brace);
}

/* The text is marked as read to its end, so that what stands behind the bracket is not reported too. */
static void refuse_unclosed(struct conf_text *text, size_t start, const char *bracket)
{
    text->at = start + 1;
    conf_fail(text, start, &code_syntax,
              *bracket == '[' ? "a number right before ']' makes it part of a word: put a blank between them"
                              : NULL,
              "'%s' is not closed", bracket);
    text->at = text->source->length;
}

/*
 * Reads a file whose text is in braces, as in JSON. Called at the first brace. Servers take several braces around the
 * text as well.
 */
static void read_braced(struct conf_text *text, struct conf_scope *scope)
{
    size_t start = text->at++;
    size_t open = 1;
    bool ended = false; /* after a '}': another one or a separator has to follow */
    while (open && !text->failed) {
        bool comment = (skip_blanks(text), at_comment(text));
        int byte = conf_byte(text, 0);
        if (comment) {
            pass_comment(text);
            ended = false;
        } else if (byte == '}') {
            text->at++;
            open--;
            ended = true;
        } else if (byte < 0 && !ended) {
            text->at = start + 1;
            warn_unmatched(text, start, "{");
            text->at = text->source->length;
            return;
        } else if (ended && (byte == ',' || byte == ';')) {
            text->at++;
            ended = false;
        } else if (ended) {
            refuse_here(text, NULL, "'}' or ','");
        } else if (byte == '{') {
            text->at++;
            open++;
        } else {
            read_assignment(text, scope, KIND_BRACED);
            enum ending ending = end_value(text, "\n\r;,", '}');
            ended = ending == ENDS_CLOSED;
            if (ending == ENDS_TEXT)
                refuse_unclosed(text, start, "{");
        }
    }
}

/* Called at a '}' where a key is expected. Servers take it for a key without a value, which they drop at the end of the text. */
static void pass_brace(struct conf_text *text)
{
    size_t start = text->at++;
    struct conf_text after = *text;
    skip_blanks(&after);
    if (conf_byte(&after, 0) >= 0) {
        conf_fail(text, start, &code_syntax, NULL, "'}' closes nothing");
        return;
    }
    warn_unmatched(text, start, "}");
    text->at = text->source->length;
}

void conf_read_members(struct conf_text *text, struct conf_scope *scope)
{
    for (;;) {
        skip_blanks_and_comments(text);
        int byte = conf_byte(text, 0);
        if (text->failed || byte < 0)
            break;
        if (byte == '{' && text->parser->dialect == CONF_2_9) {
            text->at++;
        } else if (byte == '{') {
            read_braced(text, scope);
        } else if (byte == '}') {
            pass_brace(text);
        } else {
            read_assignment(text, scope, KIND_TOP);
            if (end_value(text, "\n\r;,", '}') == ENDS_CLOSED) {
                text->at++;
                warn_unmatched(text, text->at - 1, "}");
            }
        }
    }
    if (!text->failed)
        check_cases(text, scope);
}

static bool enter(struct conf_text *text, size_t start)
{
    if (++text->depth > CONF_MOST_DEPTH)
        conf_fail(text, start, &code_limit, NULL, "nested deeper than %d levels", CONF_MOST_DEPTH);
    return !text->failed && conf_count(text, start, 1);
}

/* Is there an element before the closing bracket? Not after a fault either. */
static bool has_more(struct conf_text *text, size_t start, const char *open, int close)
{
    skip_blanks_and_comments(text);
    int byte = conf_byte(text, 0);
    if (!text->failed && byte < 0)
        refuse_unclosed(text, start, open);
    return !text->failed && byte != close;
}

static struct node *read_map(struct conf_text *text, const struct conf_scope *outer, const char *key)
{
    size_t start = text->at++;
    struct arena *arena = text->parser->arena;
    struct conf_scope scope = {.map = node_map(arena), .key = key, .outer = outer};
    map_init(&scope.index, arena);
    scope.map->pos = conf_pos(text, start);
    if (!enter(text, start))
        return NULL;
    while (has_more(text, start, "{", '}')) {
        read_assignment(text, &scope, KIND_MAP);
        end_value(text, "\n\r;,", '}');
    }
    if (text->failed)
        return NULL;
    text->at++;
    text->depth--;
    check_cases(text, &scope);
    return text->failed ? NULL : scope.map;
}

/*
 * Items may be separated by a newline alone. A ']' right behind a number never arrives here: the number swallows it
 * (conf_scalar.c).
 */
static struct node *read_list(struct conf_text *text, const struct conf_scope *scope, const char *key)
{
    size_t start = text->at++;
    struct node *list = node_list(text->parser->arena);
    list->pos = conf_pos(text, start);
    if (!enter(text, start))
        return NULL;
    while (has_more(text, start, "[", ']')) {
        if (conf_byte(text, 0) == ',')
            refuse_here(text, "one ',' is enough", "a value or ']'");
        struct node *item = text->failed ? NULL : read_value(text, scope, key);
        if (!item)
            return NULL;
        node_append(text->parser->arena, list, item);
        end_value(text, "\n\r,", ']');
    }
    if (text->failed)
        return NULL;
    text->at++;
    text->depth--;
    return list;
}

static struct node *read_value(struct conf_text *text, const struct conf_scope *scope, const char *key)
{
    size_t start = text->at;
    const char *variable = NULL;
    if (conf_byte(text, 0) == '{')
        return read_map(text, scope, key);
    if (conf_byte(text, 0) == '[')
        return read_list(text, scope, key);
    struct node *scalar = conf_read_scalar(text, &variable);
    return variable ? conf_resolve(text, scope, variable, start) : scalar;
}

/* ---- the whole ---- */

/* leave_open() of conf_vars.c put the variable's name behind the empty text. */
static void collect_open(struct arena *arena, struct node *node, struct conf *conf)
{
    if (node->type == NODE_SCALAR && node->expanded)
        VEC_PUSH(arena, &conf->open, ((struct conf_open){node, node->text + 1}));
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        collect_open(arena, node->type == NODE_LIST ? node->items[i] : node->members[i].value, conf);
}

/* What is read, once as each dialect. */
struct reading {
    const struct source *source;
    const struct conf_world *world;
    struct map files; /* read once for all dialects */
};

static int read_as(enum conf_dialect dialect, struct arena *arena, struct reading *reading,
                   struct diags *diags, struct conf *conf)
{
    const struct source *source = reading->source;
    struct conf_parser parser = {.arena = arena,
                                 .world = reading->world,
                                 .diags = diags,
                                 .conf = conf,
                                 .dialect = dialect,
                                 .files = &reading->files};
    struct conf_text text = {.parser = &parser, .source = source, .path = join_path(arena, "", source->name)};
    struct conf_scope scope;
    map_init(&parser.defined, arena);
    *conf = (struct conf){.root = node_map(arena)};
    scope = (struct conf_scope){.map = conf->root};
    map_init(&scope.index, arena);
    conf->root->pos = (struct srcpos){.source = source, .line = 1, .column = 1};
    if (check_source(&text))
        conf_read_members(&text, &scope);
    if (!reading->world->lookup)
        collect_open(arena, conf->root, conf);
    return text.failed ? -1 : 0;
}

static struct diag *first_error(const struct diags *diags, size_t from)
{
    for (size_t i = from; i < diags->list.count; i++)
        if (diags->list.items[i]->code->severity == SEVERITY_ERROR)
            return diags->list.items[i];
    return NULL;
}

/*
 * Does this older kind of server read the text? If only older servers refuse it, that becomes a warning. What is read here is
 * thrown away; only the texts of files are kept.
 */
static bool older_takes(enum conf_dialect dialect, const char *servers, struct reading *reading, bool taken,
                        struct diags *diags)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct diags told SCOPED(diags_release) = {0};
    struct conf conf;
    bool takes = read_as(dialect, &arena, reading, &told, &conf) == 0;
    const struct diag *error = first_error(&told, 0);
    if (taken && error)
        diag_add(diags, &code_older_servers, error->pos, "%s refuses this: %s", servers, error->message);
    return takes;
}

int conf_read(struct arena *arena, const struct source *source, const struct conf_world *world,
              struct diags *diags, struct conf *ret_conf)
{
    struct reading reading = {.source = source, .world = world};
    size_t before = diags->list.count;
    map_init(&reading.files, arena);
    bool taken = read_as(CONF_NEWEST, arena, &reading, diags, ret_conf) == 0;
    if (taken && !older_takes(CONF_2_10, "nats-server before 2.15", &reading, taken, diags))
        return 0;
    bool oldest = older_takes(CONF_2_9, "nats-server 2.9", &reading, taken, diags);
    struct diag *error = taken ? NULL : first_error(diags, before);
    if (oldest && error)
        diag_note(diags, error, (struct srcpos){0},
                  "nats-server 2.9 takes it, and drops what it cannot read");
    return taken ? 0 : -1;
}
