/*
 * `generate conf`: configurations of nats-server with comments. conf_write() puts one key, item or bracket on a line. So
 * it is enough to follow the brackets through the tables of options to know which option a line is about.
 */
#include <string.h>

#include "base/scope.h"
#include "field/field.h"
#include "generate/generators.h"
#include "kind/server_options.h"
#include "syntax/conf.h"

/* Deeper levels lose their comments, and nothing else. Options of nats-server are not half as deep. */
enum { DEPTH_MOST = 64 };

/* What is inside an open bracket. */
struct level {
    enum { LEVEL_BLOCK, LEVEL_NAMES, LEVEL_LIST } kind;
    const struct table *table;  /* its options, or those of what it holds; NULL: not known */
    const struct field *option; /* of LEVEL_NAMES and LEVEL_LIST; NULL: not known */
};

struct commenting {
    struct arena *arena;
    struct strbuf *out;
    struct level levels[DEPTH_MOST];
    size_t depth;
    VEC(const struct field *) told; /* once is enough, however many users there are */
};

/* ---- lines ---- */

/* The key at the beginning of a line; "" if there is none. */
static const char *key_of(struct arena *arena, const char *line, size_t length)
{
    char quote = line[0];
    const char *end;
    if (quote != '"' && quote != '\'') {
        end = memchr(line, ':', length);
        return end ? arena_strndup(arena, line, (size_t)(end - line)) : "";
    }
    end = memchr(line + 1, quote, length - 1);
    bool is_key = end && end + 1 < line + length && end[1] == ':';
    return is_key ? arena_strndup(arena, line + 1, (size_t)(end - line - 1)) : "";
}

static void tell(struct commenting *commenting, const struct field *option, const char *line, size_t indent)
{
    for (size_t i = 0; i < commenting->told.count; i++)
        if (commenting->told.items[i] == option)
            return;
    VEC_PUSH(commenting->arena, &commenting->told, option);
    strbuf_add(commenting->out, line, indent);
    strbuf_addf(commenting->out, "# %s\n", option->doc);
}

/* What the bracket at the end of an option's or a name's line opens. */
static struct level level_below(const struct level *level, const struct field *option, char bracket)
{
    struct level below = {.kind = bracket == '[' ? LEVEL_LIST : LEVEL_BLOCK, .option = option};
    if (!option)
        return below;
    below.table = option->object;
    /*
     * A map of names, such as 'accounts': its keys are the user's, and only what stands below them are options again.
     */
    if (bracket == '{' && level->kind == LEVEL_BLOCK && (field_types(option) & FIELD_MAP) &&
        !(field_types(option) & FIELD_OBJECT))
        below.kind = LEVEL_NAMES;
    return below;
}

static void take_line(struct commenting *commenting, const char *line, size_t length)
{
    const struct level *level = &commenting->levels[commenting->depth];
    size_t indent = strspn(line, " ");
    char last = length > indent ? line[length - 1] : ' ';
    bool opens = (last == '{' || last == '[') && (length == indent + 1 || line[length - 2] == ' ');
    const struct field *option = level->option;
    if (length == indent + 1 && (last == '}' || last == ']')) {
        commenting->depth -= commenting->depth > 0;
        return;
    }
    if (level->kind == LEVEL_BLOCK) {
        const char *key = key_of(commenting->arena, line + indent, length - indent);
        option = level->table && *key ? table_field(level->table, key) : NULL;
        if (option && option->doc)
            tell(commenting, option, line, indent);
    }
    if (opens && commenting->depth + 1 < DEPTH_MOST) {
        struct level below = level_below(level, option, last);
        commenting->levels[++commenting->depth] = below;
    }
}

/* Adds the text, with the purpose of each option above the first line that has it. */
static void add_commented(struct arena *arena, struct strbuf *out, const char *text)
{
    struct commenting *commenting = ARENA_NEW(arena, struct commenting);
    commenting->arena = arena;
    commenting->out = out;
    commenting->levels[0] = (struct level){.kind = LEVEL_BLOCK, .table = &server_table};
    while (*text) {
        size_t length = strcspn(text, "\n");
        take_line(commenting, text, length);
        strbuf_add(out, text, length);
        strbuf_addc(out, '\n');
        text += length + (text[length] == '\n');
    }
}

/* ---- files ---- */

int generated_add_conf(struct arena *arena, struct generated *generated, const char *path,
                       const char *comment, const struct node *config, struct diags *diags)
{
    struct strbuf plain SCOPED(strbuf_release) = {0};
    struct strbuf text = {0};
    int failed = conf_write(&plain, config, diags);
    if (!failed) {
        strbuf_adds(&text, comment);
        add_commented(arena, &text, strbuf_text(&plain));
        generated_add(arena, generated, path, &seal_hash, &text, config_has_secret(config));
    }
    return failed;
}

/* A line with the command that makes the folders which the server needs; "" when it needs none, or they do not fit into a line. */
static const char *folders_line(struct arena *arena, const struct node *options)
{
    struct strbuf line SCOPED(strbuf_release) = {0};
    const struct folder_list folders = config_folders_to_make(arena, options);
    strbuf_adds(&line, "#   mkdir -p");
    for (size_t i = 0; i < folders.paths.count; i++) {
        strbuf_addc(&line, ' ');
        strbuf_add_word(&line, folders.paths.items[i]);
    }
    strbuf_addc(&line, '\n');
    bool fits = folders.paths.count && strcspn(strbuf_text(&line), "\n") + 1 == line.length;
    return fits ? arena_strdup(arena, strbuf_text(&line)) : "";
}

int generate_conf(struct arena *arena, const struct generate_request *request, struct diags *diags,
                  struct generated *generated)
{
    int failed = 0;
    for (size_t i = 0; i < request->environment->node_count; i++) {
        const struct envnode *node = &request->environment->nodes[i];
        struct environment_place place = place_hosts;
        place.keeps_open = true;
        /* Relative to the manifest's folder, where the server is started. */
        place.certificates = "./" GENERATE_CERTIFICATES;
        const char *path = arena_printf(arena, "conf/%s.conf", node->name);
        const char *where = node->host ? arena_printf(arena, " On %s:\n#", node->host) : "";
        const char *comment = arena_printf(arena, "#%s\n%s#   nats-server -c %s/%s\n\n", where,
                                           folders_line(arena, node->server->options), request->folder, path);
        failed |= generated_add_conf(arena, generated, path, comment, environment_config(arena, node, &place),
                                     diags);
    }
    return failed;
}
