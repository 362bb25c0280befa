/* One-line words for values; see value_text.h. */
#include "field/value_text.h"

#include "field/encode.h"

static const char *node_text(struct arena *arena, const struct node *node, bool inside)
{
    const char *text = "";
    if (node->type == NODE_SCALAR) {
        /* Quotes only where the text could be taken for something else: a number, true, or nothing at all. */
        bool quotes = node->quoted && (!*node->text || (inside && node_text_is_special(node->text)));
        return quotes ? arena_printf(arena, "\"%s\"", node->text) : node->text;
    }
    for (size_t i = 0; i < node->count; i++) {
        const char *comma = i ? ", " : "";
        text = node->type == NODE_LIST
                   ? arena_printf(arena, "%s%s%s", text, comma, node_text(arena, node->items[i], true))
                   : arena_printf(arena, "%s%s%s: %s", text, comma, node->members[i].key,
                                  node_text(arena, node->members[i].value, true));
    }
    return arena_printf(arena, node->type == NODE_LIST ? "[%s]" : "{%s}", text);
}

const char *value_text(struct arena *arena, const struct field *field, const struct value *value)
{
    if (value->type == VALUE_ABSENT)
        return field->type == FIELD_BOOL ? "false" : "(none)";
    if (field->flags & FIELD_SECRET)
        return "(secret)";
    return node_text(arena, value_encode(arena, field, value, FORM_MANIFEST), false);
}

const char *node_text_of(struct arena *arena, const struct node *node)
{
    return node_text(arena, node, true);
}
