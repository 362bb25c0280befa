/*
 * Fuzzes the YAML reader and writer. Whatever the reader makes of a text keeps its promises (limits, unique
 * keys, positions inside the text), and a tree that is written reads back as an equal tree, without a
 * complaint, and is written the same way again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"
#include "fuzz/promise.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Trees with more expanded nodes are not written: it would take long and find nothing new. */
enum { WRITTEN_MOST = 20 * 1000 };

static void check_pos(struct srcpos pos, const struct source *source)
{
    size_t length;
    const char *line = source_line(source, pos.line, &length);
    require(pos.source == source && line, "a position is in the text");
    size_t width = utf8_count(line, length);
    /* One past the end is the end of the text, and a CR before it does not count as part of the line. */
    require(pos.column >= 1 && pos.column + pos.width <= width + 3, "a position is in its line");
}

/* Returns the number of nodes, or more than WRITTEN_MOST. */
static size_t check_tree(const struct node *node, const struct source *source, size_t depth)
{
    size_t count = 1;
    require(depth <= YAML_MOST_DEPTH, "the tree is not too deep");
    check_pos(node->pos, source);
    for (size_t i = 0; i < node->count && count <= WRITTEN_MOST; i++) {
        const struct node *child = node->type == NODE_MAP ? node->members[i].value : node->items[i];
        count += check_tree(child, source, depth + 1);
    }
    return count;
}

static void check_keys(struct arena *arena, const struct node *map)
{
    struct map keys;
    map_init(&keys, arena);
    for (size_t i = 0; i < map->count; i++)
        require(!map_put(&keys, map->members[i].key, map->members[i].value), "keys are unique");
}

static bool equal_scalars(const struct node *a, const struct node *b)
{
    if (strcmp(node_describe(a), node_describe(b)) != 0)
        return false;
    return node_is_null(a) || strcmp(a->text, b->text) == 0;
}

static bool equal(struct arena *arena, const struct node *a, const struct node *b)
{
    if (a->type != b->type || a->count != b->count)
        return false;
    if (a->type == NODE_SCALAR)
        return equal_scalars(a, b);
    if (a->type == NODE_MAP)
        check_keys(arena, a);
    for (size_t i = 0; i < a->count; i++) {
        if (a->type == NODE_LIST && !equal(arena, a->items[i], b->items[i]))
            return false;
        if (a->type == NODE_MAP && (strcmp(a->members[i].key, b->members[i].key) != 0 ||
                                    !equal(arena, a->members[i].value, b->members[i].value)))
            return false;
    }
    return true;
}

static void check_round_trip(struct arena *arena, const struct node *node)
{
    struct strbuf first = {0};
    struct strbuf second = {0};
    struct diags diags;
    struct documents documents;
    diags_init(&diags);
    yaml_write(&first, node);
    struct source source = {"written", strbuf_text(&first), first.length};
    if (yaml_read(arena, &source, &diags, &documents) != 0)
        fprintf(stderr, "%s:%u: %s\n", strbuf_text(&first), diags.list.items[0]->pos.line,
                diags.list.items[0]->message);
    require(diags.errors == 0, "what is written can be read");
    require(documents.count == 1, "what is written is one document");
    require(equal(arena, node, documents.items[0]), "what is written is read as the same");
    yaml_write(&second, documents.items[0]);
    require(strcmp(strbuf_text(&first), strbuf_text(&second)) == 0, "writing is stable");
    strbuf_release(&first);
    strbuf_release(&second);
    diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diags diags;
    struct documents documents;
    char *text = malloc(size ? size : 1); /* no terminator: a byte read too many is found */
    memcpy(text, data, size);
    struct source source = {"fuzz", text, size};
    arena_init(&arena);
    diags_init(&diags);
    int result = yaml_read(&arena, &source, &diags, &documents);
    require((result == 0) == (diags.errors == 0), "a failure is reported");
    diags_sort(&diags);
    for (size_t i = 0; i < diags.list.count; i++)
        check_pos(diags.list.items[i]->pos, &source);
    for (size_t i = 0; i < documents.count; i++)
        if (check_tree(documents.items[i], &source, 0) <= WRITTEN_MOST)
            check_round_trip(&arena, documents.items[i]);
    diags_release(&diags);
    arena_release(&arena);
    free(text);
    return 0;
}
