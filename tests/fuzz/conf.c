/*
 * Fuzzes the reader and the writer of nats-server configurations: what is read and can be written reads back as the same tree,
 * without a word, and is written the same. What becomes of it as a manifest is YAML.
 *
 * Up to the first NUL byte the input is the configuration; what follows is the value of every variable and the text of every included file.
 */
#include "syntax/conf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit/conf_import.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken promise: %s\n", what);
    abort();
}

struct rest {
    const char *text; /* ends with a NUL */
    size_t length;
};

static const char *look_up(void *context, const char *name)
{
    const struct rest *rest = context;
    return *name == '?' ? NULL : rest->text;
}

static int read_beside(void *context, struct arena *arena, const char *path, struct source *ret_source,
                       const char **ret_error)
{
    const struct rest *rest = context;
    *ret_error = "there is none";
    if (*path == '?')
        return -1;
    *ret_source = (struct source){arena_strdup(arena, path), rest->text, rest->length};
    return 0;
}

static void check_depth(const struct node *node, int depth)
{
    require(depth <= CONF_MOST_DEPTH, "the tree is not too deep");
    for (size_t i = 0; node->type != NODE_SCALAR && i < node->count; i++)
        check_depth(node->type == NODE_MAP ? node->members[i].value : node->items[i], depth + 1);
}

static void add_json(struct strbuf *out, const struct node *node)
{
    json_write(out, node, false);
}

static void check_round_trip(struct arena *arena, const struct node *root, const struct conf_world *world)
{
    struct strbuf once = {0};
    struct strbuf again = {0};
    struct strbuf tree = {0};
    struct strbuf tree_again = {0};
    struct diags diags;
    struct conf conf;
    diags_init(&diags);
    if (conf_write(&once, root, &diags) == 0) {
        struct source source = {"again", strbuf_text(&once), once.length};
        int failed = conf_read(arena, &source, world, &diags, &conf);
        require(!failed || diags_have(&diags, &code_limit) || diags_have(&diags, &code_duplicate_key),
                "what is written can be read");
        if (!failed) {
            require(diags.list.count == 0, "and nothing is to be said of it");
            require(conf_write(&again, conf.root, &diags) == 0, "it can be written again");
            require(strcmp(strbuf_text(&once), strbuf_text(&again)) == 0, "and is written the same");
            add_json(&tree, root);
            add_json(&tree_again, conf.root);
            require(strcmp(strbuf_text(&tree), strbuf_text(&tree_again)) == 0, "as the same tree");
        }
    }
    diags_release(&diags);
    strbuf_release(&once);
    strbuf_release(&again);
    strbuf_release(&tree);
    strbuf_release(&tree_again);
}

static void check_import(struct arena *arena, const struct source *source, const struct conf_world *world)
{
    struct diags diags;
    struct conf conf;
    struct conf_imported imported;
    struct strbuf yaml = {0};
    diags_init(&diags);
    bool right = conf_read(arena, source, world, &diags, &conf) == 0;
    require(right || diags.errors, "a configuration that is refused has an error");
    if (right && conf_import(arena, &conf, source->name, NULL, &diags, &imported) == 0) {
        struct documents documents;
        yaml_write(&yaml, imported.server);
        struct source manifest = {"manifest", strbuf_text(&yaml), yaml.length};
        require(*imported.name != '\0', "the server has a name");
        require(yaml_read(arena, &manifest, &diags, &documents) == 0, "what is imported is a manifest");
    }
    strbuf_release(&yaml);
    diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diags diags;
    struct conf conf;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    size_t length = strlen(text);
    struct rest rest = {"", 0};
    if (length < size)
        rest = (struct rest){text + length + 1, strlen(text + length + 1)};
    char *exact = malloc(length ? length : 1); /* no terminator: a byte read too many is found */
    memcpy(exact, data, length);
    arena_init(&arena);
    diags_init(&diags);
    struct source source = {"fuzz.conf", exact, length};
    const struct conf_world whole = {.read = read_beside, .lookup = look_up, .context = &rest};
    const struct conf_world open = {.read = read_beside, .context = &rest, .keep_units = true};
    int failed = conf_read(&arena, &source, &whole, &diags, &conf);
    require((failed != 0) == (diags.errors > 0), "a failure is reported");
    if (!failed) {
        check_depth(conf.root, 0);
        check_round_trip(&arena, conf.root, &whole);
    }
    check_import(&arena, &source, &open);
    diags_release(&diags);
    arena_release(&arena);
    free(exact);
    free(text);
    return 0;
}
