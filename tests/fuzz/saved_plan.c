/*
 * Fuzzes the reading of saved plans: a failure is reported, what is read is whole enough to be compared with a plan that does
 * nothing and with one that does the same, and it is written as it was read.
 */
#include "plan/saved.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/promise.h"
#include "kind/kinds.h"
#include "syntax/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct node *empty_plan(struct arena *arena)
{
    struct node *plan = node_map(arena);
    node_put(arena, plan, "server", node_map(arena));
    node_put(arena, plan, "resource_changes", node_list(arena));
    return plan;
}

/* As many steps as the saved plan has, all of one stream. */
static void fill_plan(struct arena *arena, const struct node *saved, struct plan *plan)
{
    struct step *step = ARENA_NEW(arena, struct step);
    step->table = &stream_table;
    step->name = "S";
    step->label = "stream S";
    for (size_t i = 0; i < node_get(saved, "resource_changes")->count; i++)
        VEC_PUSH(arena, &plan->steps, step);
}

static void compare(struct arena *arena, const struct saved_plan *saved, struct diags *diags)
{
    struct manifest manifest = {0};
    struct plan nothing = {0};
    struct plan same = {0};
    map_init(&manifest.streams_by_name, arena);
    map_init(&manifest.consumers_by_key, arena);
    size_t before = diags->errors;
    int failed = saved_plan_compare(arena, saved, &manifest, &nothing, empty_plan(arena), diags);
    require((failed != 0) == (diags->errors > before), "a difference is reported");
    fill_plan(arena, saved->plan, &same);
    before = diags->errors;
    failed = saved_plan_compare(arena, saved, &manifest, &same, saved->plan, diags);
    require((failed != 0) == (diags->errors > before), "a difference is reported");
}

/* A file has one plan, or a list. */
static struct node *plans_of(struct arena *arena, const struct saved_plan *saved)
{
    struct node *plans = node_list(arena);
    for (size_t i = 0; saved->plans && i < saved->plans->count; i++)
        node_append(arena, plans, node_copy(arena, saved->plans->items[i]));
    if (!saved->plans)
        node_append(arena, plans, node_copy(arena, saved->plan));
    return plans;
}

static void compare_each(struct arena *arena, const struct saved_plan *saved, struct diags *diags)
{
    struct saved_plan one = *saved;
    const struct node *plans = plans_of(arena, saved);
    for (size_t i = 0; i < plans->count; i++) {
        one.plan = plans->items[i];
        compare(arena, &one, diags);
    }
}

static void write_again(struct arena *arena, const struct saved_plan *saved)
{
    struct strbuf text = {0};
    struct diags diags;
    struct saved_plan back;
    diags_init(&diags);
    json_write(&text, saved_plan_node(arena, &saved->options, plans_of(arena, saved), saved->plans != NULL),
               true);
    struct source source = {"again", strbuf_text(&text), text.length};
    require(saved_plan_read(arena, &source, &back, &diags) == 0, "what is written can be read");
    require(back.options.prune == saved->options.prune && back.options.destroy == saved->options.destroy &&
                back.options.allow_loss.count == saved->options.allow_loss.count,
            "options come back");
    diags_release(&diags);
    strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diags diags;
    struct saved_plan saved;
    char *text = malloc(size ? size : 1); /* no terminator: a byte read too many is found */
    memcpy(text, data, size);
    arena_init(&arena);
    diags_init(&diags);
    struct source source = {"fuzz", text, size};
    int failed = saved_plan_read(&arena, &source, &saved, &diags);
    require((failed != 0) == (diags.errors > 0), "a failure is reported");
    if (!failed) {
        compare_each(&arena, &saved, &diags);
        write_again(&arena, &saved);
    }
    diags_release(&diags);
    arena_release(&arena);
    free(text);
    return 0;
}
