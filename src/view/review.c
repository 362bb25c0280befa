/* What the formats for reviewers have in common; see review.h. */
#include "view/review.h"

#include <string.h>

#include "plan/step.h"
#include "view/text_diff.h"

struct review_plans review_plans(const struct review *review)
{
    const struct node *plans = node_get(review->document, "plans");
    if (plans && plans->type == NODE_LIST)
        return (struct review_plans){(const struct node *const *)plans->items, plans->count};
    if (!node_get(review->document, "resource_changes"))
        return (struct review_plans){NULL, 0};
    return (struct review_plans){&review->document, 1};
}

const char *review_counts(struct arena *arena, const struct node *plan)
{
    static const char *const words[][2] = {
        {"refused", "refused"},    {"delete", "to delete"}, {"recreate", "to recreate"},
        {"migrate", "to migrate"}, {"update", "to update"}, {"adopt", "to adopt"},
        {"create", "to create"},   {"forget", "to forget"},
    };
    const struct node *summary = node_get(plan, "summary");
    const char *text = "";
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        uint64_t count = node_get_number(summary, words[i][0]);
        if (count)
            text = arena_printf(arena, "%s%s%llu %s", text, *text ? ", " : "", (unsigned long long)count,
                                words[i][1]);
    }
    return *text ? text : "no changes";
}

size_t review_count(const struct review *review, const char *severity)
{
    const struct node *list = node_get(review->document, "diagnostics");
    size_t count = 0;
    for (size_t i = 0; list && i < list->count; i++)
        count += strcmp(node_get_text(list->items[i], "severity"), severity) == 0;
    return count;
}

const char *review_label(struct arena *arena, const struct node *change)
{
    const char *type = node_get_text(change, "type"), *name = node_get_text(change, "name");
    const char *stream = node_get_text(change, "stream");
    return strcmp(type, "consumer") == 0 ? arena_printf(arena, "consumer %s > %s", stream, name)
                                         : arena_printf(arena, "%s %s", type, name);
}

const char *review_place(struct arena *arena, const struct node *diagnostic)
{
    const char *file = node_get_text(diagnostic, "file");
    const char *line = node_get_text(diagnostic, "line"), *column = node_get_text(diagnostic, "column");
    return *line ? arena_printf(arena, "%s:%s:%s", file, line, column) : file;
}

void review_add_diffs(struct arena *arena, const struct plan *plan, struct node *document)
{
    struct node *changes = node_get(document, "resource_changes");
    for (size_t i = 0; i < plan->steps.count && i < changes->count; i++)
        node_put_text(arena, changes->items[i], "diff", view_step_diff(arena, plan->steps.items[i]));
}
