/* Plans as text; see plan_text.h. Values are in the units of manifests. Text from servers is printed by style_safe(). */
#include "view/plan_text.h"

#include <string.h>

#include "field/mark_keys.h"
#include "field/units.h"
#include "field/value_text.h"
#include "plan/step.h"

static const struct {
    const char *sign;
    enum colour colour;
    const char *summary;
} looks[] = {
    [ACTION_NONE] = {" ", COLOUR_NONE, "in sync"},       [ACTION_CREATE] = {"+", COLOUR_GREEN, "to create"},
    [ACTION_UPDATE] = {"~", COLOUR_YELLOW, "to update"}, [ACTION_ADOPT] = {"=", COLOUR_CYAN, "to adopt"},
    [ACTION_FORGET] = {".", COLOUR_CYAN, "to forget"},   [ACTION_DELETE] = {"-", COLOUR_RED, "to delete"},
    [ACTION_REFUSED] = {"!", COLOUR_RED, "refused"},
};

static void print_late(const struct style *style, const struct step *step, const struct field *field)
{
    if (step->late && step->late[field - step->table->fields])
        style_print(style, COLOUR_DIM, "  once its consumers are there");
}

static void print_value(const struct style *style, struct arena *arena, const struct field *field,
                        const struct value *value)
{
    style_safe(style, value_text(arena, field, value));
}

/* Does the metadata have nothing but natsform's marks? Every object has those, so they are not shown. */
static bool has_only_marks(const struct value *value)
{
    size_t marks = 0;
    for (size_t i = 0; value->type == VALUE_MAP && i < value->map->count; i++)
        marks += strncmp(value->map->pairs[i].key, MARK_PREFIX, strlen(MARK_PREFIX)) == 0;
    return value->type == VALUE_MAP && marks && marks == value->map->count;
}

/* Prints a new object: what the manifest says of it, without defaults. */
static void print_given(const struct style *style, struct arena *arena, const struct step *step)
{
    const struct table *table = step_kind(step);
    const struct object *wanted = table == step->table ? step->wanted : step->resource->declared;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const struct value *value = &wanted->values[i];
        bool said = value->given && value->type != VALUE_ABSENT && !has_only_marks(value);
        if (!said || (field->flags & (FIELD_OURS | FIELD_IDENTITY)))
            continue;
        fprintf(style->file, "      %s: ", field->name);
        print_value(style, arena, field, value);
        print_late(style, step, field);
        fputc('\n', style->file);
    }
}

static void print_changes(const struct style *style, struct arena *arena, const struct step *step)
{
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        fprintf(style->file, "      %s: ", change->shown.field->name);
        print_value(style, arena, change->shown.field, change->shown.before);
        fputs(" -> ", style->file);
        print_value(style, arena, change->shown.field, change->shown.after);
        if (change->refused)
            style_print(style, COLOUR_RED, "  refused");
        if (change->separate)
            style_print(style, COLOUR_DIM, "  by the pause request");
        /* What is refused does not happen, so its risks are not told. */
        if (!change->refused && change->field->risk == RISK_IRREVERSIBLE)
            style_print(style, COLOUR_YELLOW, "  cannot be undone");
        if (!change->refused && change->field->risk == RISK_REDELIVERS)
            style_print(style, COLOUR_YELLOW, "  pending messages are delivered again");
        print_late(style, step, change->field);
        fputc('\n', style->file);
    }
}

/* Prints a size, rounded down to one decimal: "1.5 GiB", "108 bytes". */
static void print_bytes(const struct style *style, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    uint64_t whole = bytes;
    uint64_t rest = 0;
    size_t unit = 0;
    for (; whole >= 1024; unit++, whole /= 1024)
        rest = whole % 1024;
    if (unit)
        fprintf(style->file, "%llu.%llu %s", (unsigned long long)whole,
                (unsigned long long)(rest * 10 / 1024), units[unit]);
    else
        fprintf(style->file, "%llu byte%s", (unsigned long long)bytes, bytes == 1 ? "" : "s");
}

static void print_loss(const struct style *style, const struct loss *loss)
{
    if (!loss->any)
        return;
    style_print(style, COLOUR_RED, "      loses %s%llu message%s", loss->exact ? "" : "up to ",
                (unsigned long long)loss->messages, loss->messages == 1 ? "" : "s");
    if (loss->bytes) {
        fputs(", ", style->file);
        print_bytes(style, loss->bytes);
    }
    fputs(": ", style->file);
    style_safe(style, loss->why);
    fputc('\n', style->file);
}

/* Each rank in between takes at most two requests: a look, and the change. */
static void print_takeovers(const struct style *style, const struct step *step)
{
    for (size_t i = 0; step->action != ACTION_REFUSED && i < step->takes.count; i++) {
        const struct takeover *taken = &step->takes.items[i];
        style_begin(style, COLOUR_YELLOW);
        fputs("      takes '", style->file);
        style_safe(style, taken->subject);
        fputs("' from ", style->file);
        style_safe(style, taken->from->label);
        fprintf(style->file, "; for about %zu requests nothing captures it",
                step->rank > taken->from->rank ? 2 * (step->rank - taken->from->rank) : 2);
        style_end(style);
        fputc('\n', style->file);
    }
}

static void print_unmanaged(const struct style *style, const char *names)
{
    style_begin(style, COLOUR_DIM);
    fputs("      unmanaged, kept as it is: ", style->file);
    style_safe(style, names);
    style_end(style);
    fputc('\n', style->file);
}

static void print_step(const struct style *style, struct arena *arena, const struct step *step)
{
    fputs("  ", style->file);
    style_print(style, looks[step->action].colour, "%s", looks[step->action].sign);
    fputc(' ', style->file);
    style_begin(style, COLOUR_BOLD);
    style_safe(style, step->label);
    style_end(style);
    if (step->action == ACTION_ADOPT || step->action == ACTION_FORGET || step->action == ACTION_REFUSED)
        style_print(style, looks[step->action].colour, "  %s", action_name(step->action));
    if (step->action == ACTION_DELETE && !step->stream && step->state.consumers)
        fprintf(style->file, "  and its %llu consumer%s", (unsigned long long)step->state.consumers,
                step->state.consumers == 1 ? "" : "s");
    fputc('\n', style->file);
    if (step->action == ACTION_CREATE)
        print_given(style, arena, step);
    if (step->action != ACTION_FORGET)
        print_changes(style, arena, step);
    if (step->unknown)
        print_unmanaged(style, step->unknown);
    print_takeovers(style, step);
    print_loss(style, &step->loss);
}

/* Such as "2 to create, 1 to update, 3 in sync". */
static const char *summary_of(struct arena *arena, const struct plan *plan)
{
    const char *text = "";
    for (int action = ACTION_CREATE; action <= ACTION_REFUSED; action++)
        if (plan->counts[action])
            text = arena_printf(arena, "%s%s%zu %s", text, *text ? ", " : "", plan->counts[action],
                                looks[action].summary);
    if (plan->destroys && !*text)
        text = "nothing to delete";
    if (plan->kept)
        text = arena_printf(arena, "%s, %zu not this project's", text, plan->kept);
    /* A plan that deletes is about what there is; "in sync" says nothing then. */
    if (plan->destroys)
        return text;
    return arena_printf(arena, "%s%s%zu %s", text, *text ? ", " : "", plan->in_sync,
                        looks[ACTION_NONE].summary);
}

const char *view_place(struct arena *arena, const char *url, const char *found)
{
    return found && *found ? arena_printf(arena, "%s (%s)", url, found) : url;
}

static void print_target(const struct style *style, struct arena *arena, const struct target *target)
{
    fputs("on nats-server ", style->file);
    style_safe(style, target->version_text[0] ? target->version_text : "(version unknown)");
    fputs(" at ", style->file);
    style_safe(style, view_place(arena, target->url, target->found));
    if (target->clustered) {
        fputs(", cluster ", style->file);
        style_safe(style, target->cluster);
    }
    fputc('\n', style->file);
}

void view_connection(const struct style *style, const char *name)
{
    style_begin(style, COLOUR_BOLD);
    fputs("Connection ", style->file);
    style_safe(style, name);
    style_end(style);
    fputc('\n', style->file);
}

void view_plan_text(const struct style *style, const struct plan *plan)
{
    struct arena arena;
    arena_init(&arena);
    if (plan->connection)
        view_connection(style, plan->connection);
    for (size_t i = 0; i < plan->steps.count; i++)
        print_step(style, &arena, plan->steps.items[i]);
    if (plan->steps.count)
        fputc('\n', style->file);
    style_print(style, COLOUR_BOLD, "Plan: %s", summary_of(&arena, plan));
    fputs(", ", style->file);
    print_target(style, &arena, &plan->target);
    if (plan->undefined)
        fprintf(style->file,
                "%zu more object%s of this project %s not in the manifest; --prune deletes such objects\n",
                plan->undefined, plan->undefined == 1 ? "" : "s", plan->undefined == 1 ? "is" : "are");
    arena_release(&arena);
}

void view_report(const struct style *style, const struct plan *plan, const struct apply_report *report)
{
    static const enum colour colours[] = {
        [OUTCOME_WAITING] = COLOUR_NONE, [OUTCOME_DONE] = COLOUR_GREEN,     [OUTCOME_FAILED] = COLOUR_RED,
        [OUTCOME_UNKNOWN] = COLOUR_RED,  [OUTCOME_SKIPPED] = COLOUR_YELLOW,
    };
    size_t done = report->counts[OUTCOME_DONE];
    /* If all went well the plan has said what was done. Otherwise each step is listed: some may need a look. */
    if (done == plan->steps.count) {
        style_print(style, COLOUR_GREEN, "Done: %zu of %zu changes", done, plan->steps.count);
        fputc('\n', style->file);
        return;
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        enum outcome outcome = report->outcomes[i];
        fputs("  ", style->file);
        style_print(style, colours[outcome], "%-9s", outcome_name(outcome));
        fprintf(style->file, "  %-7s  ", action_name(plan->steps.items[i]->action));
        style_safe(style, plan->steps.items[i]->label);
        fputc('\n', style->file);
    }
    style_print(style, COLOUR_RED, "Incomplete: %zu of %zu changes done", done, plan->steps.count);
    for (int outcome = OUTCOME_FAILED; outcome <= OUTCOME_SKIPPED; outcome++)
        if (report->counts[outcome])
            fprintf(style->file, ", %zu %s", report->counts[outcome], outcome_name((enum outcome)outcome));
    fputs("; run the same command again to go on\n", style->file);
}
