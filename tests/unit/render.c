/* See render.h. */
#include "unit/render.h"

static void add_pos(struct strbuf *out, struct srcpos pos)
{
    strbuf_addf(out, "%u:%u+%u", pos.line, pos.column, pos.width);
}

static void add_at(struct strbuf *out, bool positions, struct srcpos pos)
{
    if (!positions)
        return;
    strbuf_addc(out, '@');
    add_pos(out, pos);
}

static void render(struct strbuf *out, const struct node *node, bool positions)
{
    bool is_map = node->type == NODE_MAP;
    if (node->type == NODE_SCALAR) {
        strbuf_addf(out, node->quoted ? "\"%s\"" : "%s", node->text);
        add_at(out, positions, node->pos);
        return;
    }
    strbuf_addc(out, is_map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            strbuf_adds(out, ", ");
        if (is_map) {
            strbuf_adds(out, node->members[i].key);
            add_at(out, positions, node->members[i].key_pos);
            strbuf_adds(out, ": ");
        }
        render(out, is_map ? node->members[i].value : node->items[i], positions);
    }
    strbuf_addc(out, is_map ? '}' : ']');
    add_at(out, positions, node->pos);
}

void render_node(struct strbuf *out, const struct node *node)
{
    render(out, node, false);
}

void render_positions(struct strbuf *out, const struct node *node)
{
    render(out, node, true);
}

void render_diags(struct strbuf *out, struct diags *diags)
{
    diags_sort(diags);
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *diag = diags->list.items[i];
        add_pos(out, diag->pos);
        strbuf_addf(out, " %s: %s\n", diag->code->name, diag->message);
        for (size_t j = 0; j < diag->related.count; j++) {
            strbuf_adds(out, "  note ");
            add_pos(out, diag->related.items[j].pos);
            strbuf_addf(out, ": %s\n", diag->related.items[j].message);
        }
        if (diag->hint)
            strbuf_addf(out, "  hint: %s\n", diag->hint);
    }
}
