/*
 * Fuzzes variables in one scalar: a text without "${" and "$$" stays as it is, a failure leaves the text
 * alone and is reported once, and expanding twice is expanding once.
 */
#include "syntax/vars.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "fuzz/promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *lookup(void *context, const char *name)
{
    static const struct {
        const char *name;
        const char *value;
    } known[] = {
        {"A", "value"}, {"B", ""}, {"C", "${A} $$ }"}, {"D", "\xFF"}, {"LONG_NAME_2", "\xE2\x82\xAC"}};
    (void)context;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    return NULL;
}

static void check(struct arena *arena, const char *text)
{
    struct diags diags;
    diags_init(&diags);
    struct source source = {"fuzz", text, strlen(text)};
    uint32_t width = (uint32_t)utf8_count(text, strlen(text));
    struct node *node = node_scalar(arena, text, false);
    node->pos = (struct srcpos){.source = &source, .line = 1, .column = 1, .width = width};
    int result = vars_expand(arena, node, lookup, NULL, &diags);
    size_t errors = diags.errors;
    require((result == -1) == (errors > 0), "a failure is reported");
    require(result == 0 || node->text == text, "a failure leaves the text alone");
    if (!strstr(text, "${") && !strstr(text, "$$"))
        require(node->text == text && !node->expanded, "other text is left alone");
    for (size_t i = 0; i < diags.list.count; i++) {
        struct srcpos pos = diags.list.items[i]->pos;
        require(pos.column >= 1 && pos.column + pos.width <= width + 1, "the position is in the text");
    }
    const char *once = node->text;
    vars_expand(arena, node, lookup, NULL, &diags);
    require(node->text == once && diags.errors == errors, "a second time changes nothing");
    diags_release(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    size_t offset;
    arena_init(&arena);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    if (utf8_check(text, size, &offset) == UTF8_OK)
        check(&arena, text);
    free(text);
    arena_release(&arena);
    return 0;
}
