/*
 * Fuzzes the JSON reader and writer: what is read and written reads back as the same bytes, compact or
 * pretty, and never gets deeper than the limit.
 */
#include "syntax/json.h"
#include "fuzz/promise.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_depth(const struct node *node, int depth)
{
    require(depth <= JSON_MOST_DEPTH, "the tree is not too deep");
    for (size_t i = 0; i < node->count; i++)
        check_depth(node->type == NODE_MAP ? node->members[i].value : node->items[i], depth + 1);
}

static void check_round_trip(struct arena *arena, const struct node *node, struct diags *diags)
{
    struct strbuf first = {0};
    for (int pretty = 0; pretty < 2; pretty++) {
        struct strbuf text = {0};
        struct strbuf again = {0};
        json_write(&text, node, pretty);
        const struct node *back = json_read(arena, strbuf_text(&text), text.length, NULL, diags);
        require(back != NULL, "what is written can be read");
        json_write(&again, back, pretty);
        require(strcmp(strbuf_text(&text), strbuf_text(&again)) == 0, "writing is stable");
        strbuf_reset(&again);
        json_write(&again, back, false);
        if (!pretty)
            strbuf_adds(&first, strbuf_text(&again));
        require(strcmp(strbuf_text(&first), strbuf_text(&again)) == 0, "pretty and compact say the same");
        strbuf_release(&text);
        strbuf_release(&again);
    }
    strbuf_release(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diags diags;
    char *text = malloc(size ? size : 1); /* no terminator: a byte read too many is found */
    memcpy(text, data, size);
    arena_init(&arena);
    diags_init(&diags);
    struct source source = {"fuzz", text, size};
    const struct node *node = json_read(&arena, text, size, &source, &diags);
    require((node == NULL) == (diags.errors > 0), "a failure is reported");
    if (node) {
        check_depth(node, 0);
        check_round_trip(&arena, node, &diags);
    }
    diags_release(&diags);
    arena_release(&arena);
    free(text);
    return 0;
}
