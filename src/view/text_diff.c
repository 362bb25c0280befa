/* Unified diffs, in colours; see text_diff.h. */
#include "view/text_diff.h"

#include <stdlib.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/step.h"
#include "repo/textdiff.h"
#include "syntax/yaml.h"

/*
 * ---- text diff ----
 * Unified diffs of two texts, in colours. repo/textdiff.c finds the difference, and this prints
 * it.
 */

static void print_line(void *context, char origin, const char *text, size_t length)
{
    const struct style *style = context;
    enum colour colour = origin == '+'   ? COLOUR_GREEN
                         : origin == '-' ? COLOUR_RED
                         : origin == '@' ? COLOUR_CYAN
                                         : COLOUR_NONE;
    bool newline = length && text[length - 1] == '\n';
    style_begin(style, colour);
    /* The text of a '@@' line has it already. */
    if (origin != '@')
        fputc(origin, style->file);
    style_safe_line(style, text, newline ? length - 1 : length);
    style_end(style);
    fputc('\n', style->file);
}

static void print_name(const struct style *style, const char *sign, const char *name)
{
    style_begin(style, COLOUR_BOLD);
    fprintf(style->file, "%s ", sign);
    style_safe(style, name);
    style_end(style);
    fputc('\n', style->file);
}

/* Prints the lines that differ, without names of files. Returns 0, or -1 if there is not enough memory. */
static int view_text_lines(const struct style *style, const struct source *before, const struct source *after)
{
    struct style copy = *style;
    return textdiff(before->text, before->length, after->text, after->length, print_line, &copy);
}

int view_text_diff(const struct style *style, const struct source *before, const struct source *after)
{
    print_name(style, "---", before->name);
    print_name(style, "+++", after->name);
    return view_text_lines(style, before, after);
}

/*
 * ---- plan diff ----
 * Plans as unified diffs of YAML. Each object is a file, so that `git apply` and reviewers can use the
 * result.
 */

/* The name of the file that stands for an object: its section of the manifest, and its name. */
static void print_file(const struct style *style, const struct step *step)
{
    if (step->stream) {
        fputs("consumers/", style->file);
        style_safe(style, step->stream);
    } else {
        fprintf(style->file, "%ss", table_word(step_kind(step)));
    }
    fputc('/', style->file);
    style_safe(style, step->stream ? step->name : step_shown_name(step));
    fputs(".yaml", style->file);
}

static void print_path(const struct style *style, const char *sign, const char *side, const struct step *step,
                       bool there)
{
    style_begin(style, COLOUR_BOLD);
    fprintf(style->file, "%s %s%s", sign, there ? side : "/dev/null", there ? "/" : "");
    if (there)
        print_file(style, step);
    style_end(style);
    fputc('\n', style->file);
}

/* Fields that natsform leaves alone have the server's value on both sides, so they are no difference. */
static struct object *as_it_will_be(struct arena *arena, const struct step *step)
{
    struct object *object = object_new(arena, step->table);
    for (size_t i = 0; i < step->table->count; i++) {
        bool kept = step->live && step->keep && step->keep[i];
        object->values[i] = kept ? step->live->values[i] : step->wanted->values[i];
    }
    /* A field that is changed by another request (a pause) is not a part of the update, but it changes too. */
    for (size_t i = 0; i < step->changes.count; i++)
        *object_value_of(object, step->changes.items[i].field) = *step->changes.items[i].after;
    return object;
}

/*
 * Settings that are the same for all buckets are not in manifests. If one differs on the server, it is shown as the
 * stream's field.
 */
static void add_hidden(struct arena *arena, struct node *node, const struct step *step, bool live)
{
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        const struct value *value = live ? change->before : change->after;
        if (step_kind(step) != step->table && change->shown.field == change->field &&
            value->type != VALUE_ABSENT)
            node_put(arena, node, change->field->name,
                     value_encode(arena, change->field, value, FORM_MANIFEST));
    }
}

static void write_object(struct arena *arena, struct strbuf *out, const struct step *step,
                         const struct object *object)
{
    struct node *node = object ? object_encode_manifest(arena, step_shown(arena, step, object)) : NULL;
    if (node)
        add_hidden(arena, node, step, object == step->live);
    if (node && node->count)
        yaml_write(out, node);
    else if (node)
        strbuf_adds(out, "{}\n");
}

/* Of somebody else's stream the manifest says nothing but "external: true". */
static bool write_external(struct strbuf *out, const struct object *object)
{
    if (!object || object->table != &stream_table || !object_flag(object, STREAM_EXTERNAL))
        return false;
    strbuf_addf(out, "%s: true\n", table_field_by_id(&stream_table, STREAM_EXTERNAL)->name);
    return true;
}

static int print_lines(const struct style *style, struct arena *arena, const struct step *step)
{
    struct strbuf before SCOPED(strbuf_release) = {0};
    struct strbuf after SCOPED(strbuf_release) = {0};
    if (!write_external(&before, step->live))
        write_object(arena, &before, step, step->live);
    if (!write_external(&after, step->wanted))
        write_object(arena, &after, step, step->wanted ? as_it_will_be(arena, step) : NULL);
    return view_text_lines(style, &(struct source){.text = strbuf_text(&before), .length = before.length},
                           &(struct source){.text = strbuf_text(&after), .length = after.length});
}

static int print_step(const struct style *style, struct arena *arena, const struct step *step,
                      const struct diff_sides *sides)
{
    print_path(style, "---", sides->before, step, step->live != NULL);
    print_path(style, "+++", sides->after, step, step->wanted != NULL);
    return print_lines(style, arena, step);
}

const char *view_step_diff(struct arena *arena, const struct step *step)
{
    char *text = NULL;
    size_t length = 0;
    struct style style = {.file = open_memstream(&text, &length)};
    if (!style.file)
        return "";
    print_lines(&style, arena, step);
    fclose(style.file);
    const char *kept = arena_strndup(arena, text, length);
    free(text);
    return kept;
}

int view_plan_diff(const struct style *style, const struct plan *plan, const struct diff_sides *sides)
{
    struct arena arena SCOPED(arena_release) = {0};
    int failed = 0;
    for (size_t i = 0; i < plan->steps.count && !failed; i++)
        failed = print_step(style, &arena, plan->steps.items[i], sides);
    return failed;
}
