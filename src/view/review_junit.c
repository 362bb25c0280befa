/* Reviews as JUnit's XML; see review.h. Control characters, which XML 1.0 does not have, are shown as a terminal would show them. */
#include "view/review.h"

#include <stdlib.h>
#include <string.h>

#include "view/style.h"

static void print_text(FILE *out, const char *text)
{
    char *safe = NULL;
    size_t length = 0;
    const struct style style = {.file = open_memstream(&safe, &length)};
    if (!style.file)
        return;
    style_safe(&style, text);
    fclose(style.file);
    for (const char *at = safe; *at; at++) {
        const char *entity = *at == '&'   ? "&amp;"
                             : *at == '<' ? "&lt;"
                             : *at == '>' ? "&gt;"
                             : *at == '"' ? "&quot;"
                                          : NULL;
        if (entity)
            fputs(entity, out);
        else
            fputc(*at, out);
    }
    free(safe);
}

static void print_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    print_text(out, value);
    fputc('"', out);
}

static void begin_case(FILE *out, const char *class, const char *name)
{
    fputs("    <testcase", out);
    print_attribute(out, "classname", class);
    print_attribute(out, "name", name);
}

static void print_failure(FILE *out, const char *code, const char *message, const char *more)
{
    fputs(">\n      <failure", out);
    print_attribute(out, "type", code);
    print_attribute(out, "message", message);
    fputc('>', out);
    print_text(out, more);
    fputs("</failure>\n    </testcase>\n", out);
}

static void print_change(struct arena *arena, FILE *out, const struct node *change)
{
    const struct node *refused = node_get(change, "refused");
    begin_case(out, node_get_text(change, "action"), review_label(arena, change));
    if (refused)
        print_failure(out, node_get_text(refused, "code"), node_get_text(refused, "message"),
                      node_get_text(change, "source"));
    else
        fputs("/>\n", out);
}

/* What is refused is a case already, and its error would be another one. */
static bool is_told(const struct review *review, const struct node *finding)
{
    const struct review_plans plans = review_plans(review);
    for (size_t i = 0; i < plans.count; i++) {
        const struct node *changes = node_get(plans.items[i], "resource_changes");
        for (size_t j = 0; j < changes->count; j++)
            if (strcmp(node_get_text(node_get(changes->items[j], "refused"), "message"),
                       node_get_text(finding, "message")) == 0)
                return true;
    }
    return false;
}

static size_t print_findings(const struct review *review, FILE *out, bool prints)
{
    const struct node *list = node_get(review->document, "diagnostics");
    size_t count = 0;
    for (size_t i = 0; list && i < list->count; i++) {
        const struct node *finding = list->items[i];
        if (strcmp(node_get_text(finding, "severity"), "error") != 0 || is_told(review, finding))
            continue;
        count++;
        if (!prints)
            continue;
        const char *place = review_place(review->arena, finding);
        begin_case(out, node_get_text(finding, "code"), *place ? place : review->command);
        print_failure(out, node_get_text(finding, "code"), node_get_text(finding, "message"),
                      node_get_text(finding, "hint"));
    }
    return count;
}

static size_t count_refused(const struct review_plans *plans, size_t *ret_changes)
{
    size_t refused = 0;
    *ret_changes = 0;
    for (size_t i = 0; i < plans->count; i++) {
        const struct node *changes = node_get(plans->items[i], "resource_changes");
        *ret_changes += changes->count;
        for (size_t j = 0; j < changes->count; j++)
            refused += node_get(changes->items[j], "refused") != NULL;
    }
    return refused;
}

void review_junit(const struct review *review, FILE *out)
{
    const struct review_plans plans = review_plans(review);
    size_t changes = 0, refused = count_refused(&plans, &changes);
    size_t errors = print_findings(review, out, false);
    bool is_whole =
        !errors &&
        !changes; /* nothing is wrong, and nothing is to do: a suite without a case counts as a fault */
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            "  <testsuite name=\"natsform %s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
            review->command, changes + errors + is_whole, refused + errors);
    print_findings(review, out, true);
    for (size_t i = 0; i < plans.count; i++) {
        const struct node *list = node_get(plans.items[i], "resource_changes");
        for (size_t j = 0; j < list->count; j++)
            print_change(review->arena, out, list->items[j]);
    }
    if (is_whole) {
        begin_case(out, review->command, "manifest");
        fputs("/>\n", out);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
}
