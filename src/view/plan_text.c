/* Plans as text, and where they go; see plan_text.h. */
#include "view/plan_text.h"

#include <string.h>

#include "base/map.h"
#include "base/scope.h"
#include "base/text.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "plan/mark.h"
#include "plan/prune.h"
#include "plan/replace.h"
#include "plan/risk.h"
#include "plan/step.h"
#include "view/style.h"
#include "view/text_diff.h"
#include "view/version.h"

/*
 * ---- target ----
 * Where a plan goes.
 */

const char *view_place(struct arena *arena, const char *url, const char *found)
{
    return found && *found ? arena_printf(arena, "%s (%s)", url, found) : url;
}

static bool is_known(const char *text)
{
    return text && *text;
}

/* ", account APP, user bob", as far as it is known. */
static const char *login_of(struct arena *arena, const struct target *target)
{
    const char *account = is_known(target->account_name) ? target->account_name : target->account;
    const char *who = is_known(target->who) ? arena_printf(arena, ", %s", target->who) : "";
    /* "$G" is the only account of a server whose configuration has none, and is said only if somebody logs in. */
    bool is_said = is_known(account) && (strcmp(account, "$G") != 0 || *who);
    return is_said ? arena_printf(arena, ", account %s%s", account, who) : who;
}

const char *view_target_place(struct arena *arena, const struct target *target)
{
    return arena_printf(arena, "%s%s", view_place(arena, target->url, target->found),
                        login_of(arena, target));
}

void view_target(const struct style *style, struct arena *arena, const struct target *target)
{
    fputs("on nats-server ", style->file);
    style_safe(style, target->version_text[0] ? target->version_text : "(version unknown)");
    fputs(" at ", style->file);
    style_safe(style, view_place(arena, target->url, target->found));
    if (target->clustered) {
        fputs(", cluster ", style->file);
        style_safe(style, target->cluster);
    }
    style_safe(style, login_of(arena, target));
    fputc('\n', style->file);
}

/*
 * ---- plan text ----
 * Plans as text. Values are in the units of manifests. Text from servers is printed by style_safe().
 */

static const struct {
    const char *sign;
    enum colour colour;
    const char *summary;
} looks[] = {
    [ACTION_NONE] = {" ", COLOUR_NONE, "in sync"},
    [ACTION_CREATE] = {"+", COLOUR_GREEN, "to create"},
    [ACTION_UPDATE] = {"~", COLOUR_YELLOW, "to update"},
    [ACTION_MIGRATE] = {"-/+", COLOUR_YELLOW, "to migrate"},
    [ACTION_RECREATE] = {"-/+", COLOUR_RED, "to recreate"},
    [ACTION_ADOPT] = {"=", COLOUR_CYAN, "to adopt"},
    [ACTION_FORGET] = {".", COLOUR_CYAN, "to forget"},
    [ACTION_DELETE] = {"-", COLOUR_RED, "to delete"},
    [ACTION_REFUSED] = {"!", COLOUR_RED, "refused"},
};

static void print_late(const struct style *style, const struct step *step, const struct field *field)
{
    if (step->late && step->late[field - step->table->fields])
        style_print(style, COLOUR_DIM,
                    step->moves ? "  in a second update" : "  once its consumers are there");
}

/* Prints a new object: what the manifest says of it, without defaults. */
static void print_given(const struct style *style, struct arena *arena, const struct step *step)
{
    const struct table *table = step_kind(step);
    const struct object *wanted = table == step->table ? step->wanted : step->resource->declared;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct value value = mark_hide(arena, &wanted->values[i]);
        bool said = value.given && value.type != VALUE_ABSENT;
        if (!said || (field->flags & (FIELD_OURS | FIELD_IDENTITY)))
            continue;
        fprintf(style->file, "      %s: ", field->name);
        style_safe(style, value_text(arena, field, &value));
        if (field->risk == RISK_IRREVERSIBLE && field->type == FIELD_BOOL && value_is_on(field, &value))
            style_print(style, COLOUR_YELLOW, "  cannot be undone");
        print_late(style, step, field);
        fputc('\n', style->file);
    }
}

static const char *mark_of(const struct value *metadata, const char *key)
{
    const struct value *mark = value_map_get(metadata, key);
    return mark && mark->type == VALUE_TEXT ? mark->text : "";
}

static const char protected_now[] = "protected from deletion; on the server it was not yet, or no longer";

/* natsform's own marks, which are no metadata to people. Who adopts an object gives it all of them. */
static void print_marks(const struct style *style, const struct step *step, const struct shown *shown)
{
    static const struct {
        const char *key;
        const char *gained;
        const char *lost;
    } marks[] = {
        {MARK_PROJECT, "marked as the project's", "no longer marked as the project's"},
        {MARK_OBJECT, "natsform's mark is put right and names this object", "natsform's mark is taken off"},
        {MARK_PROTECTED, protected_now, "no longer protected from deletion"},
    };
    for (size_t i = 0; step->action != ACTION_ADOPT && i < sizeof(marks) / sizeof(marks[0]); i++) {
        const char *before = mark_of(shown->before, marks[i].key);
        const char *after = mark_of(shown->after, marks[i].key);
        if (strcmp(before, after) != 0)
            fprintf(style->file, "      %s\n", *after ? marks[i].gained : marks[i].lost);
    }
}

/* What is adopted is compared as if it had all marks. */
static void print_protection(const struct style *style, const struct step *step)
{
    if (step->action != ACTION_ADOPT || !step->resource->prevent_destroy)
        return;
    const struct live_object live = step_as_read(step);
    if (!mark_protects(&live))
        fprintf(style->file, "      %s\n", protected_now);
}

/* What is to be said of a change, behind it. */
static void print_notes(const struct style *style, const struct step *step, const struct change *change)
{
    if (change->refused) {
        style_begin(style, COLOUR_RED);
        fputs("  refused", style->file);
        if (change->rule->says)
            fprintf(style->file, ": %s", change->rule->says);
        if (change->rule->err_code)
            fprintf(style->file, " (%d)", change->rule->err_code);
        style_end(style);
    }
    if (change->replaces)
        style_print(style, COLOUR_DIM, "  cannot change in place");
    if (change->separate)
        style_print(style, COLOUR_DIM, "  by the pause request");
    /* What is refused does not happen, so its risks are not told. */
    if (!change->refused && !change->replaces && change->field->risk == RISK_IRREVERSIBLE)
        style_print(style, COLOUR_YELLOW, "  cannot be undone");
    if (!change->refused && !change->replaces && change->field->risk == RISK_REDELIVERS)
        style_print(style, COLOUR_YELLOW, "  pending messages are delivered again");
    print_late(style, step, change->field);
    fputc('\n', style->file);
}

/* Is only a mark different? */
static bool is_about_marks(struct arena *arena, const struct shown *shown)
{
    struct value before = mark_hide(arena, shown->before);
    struct value after = mark_hide(arena, shown->after);
    return shown->after->type == VALUE_MAP && value_equal(shown->field, &before, &after);
}

static void print_changes(const struct style *style, struct arena *arena, const struct step *step)
{
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        const struct shown *shown = &change->shown;
        bool lines = value_diff_has_lines(arena, shown);
        print_marks(style, step, shown);
        if (is_about_marks(arena, shown))
            continue;
        fprintf(style->file, "      %s:%s", shown->field->name, lines ? "" : " ");
        if (!lines)
            view_value_diff(style, arena, shown);
        print_notes(style, step, change);
        if (lines)
            view_value_diff(style, arena, shown);
    }
}

static void print_loss(const struct style *style, const struct loss *loss)
{
    if (!loss->any)
        return;
    style_print(style, COLOUR_RED, "      loses %s%llu message%s", loss->exact ? "" : "up to ",
                (unsigned long long)loss->messages, loss->messages == 1 ? "" : "s");
    if (loss->bytes) {
        fputs(", ", style->file);
        style_bytes(style, loss->bytes);
    }
    fputs(": ", style->file);
    style_safe(style, loss->why);
    fputc('\n', style->file);
}

/* Of a work queue too: they stay there until another consumer takes them. */
static void print_skipped(const struct style *style, const struct step *step)
{
    if (!step->skips)
        return;
    style_print(style, COLOUR_YELLOW,
                "      never delivers %s%llu message%s of its new filters, which lie before its position%s\n",
                step->skips_exactly ? "" : "up to ", (unsigned long long)step->skips,
                step->skips == 1 ? "" : "s", step->queued ? "; the work queue keeps them" : "");
}

/* Each rank in between takes at most two requests: a look, and the change. */
static void print_takeovers(const struct style *style, const struct step *step)
{
    for (size_t i = 0; step->action != ACTION_REFUSED && i < step->takes.count; i++) {
        const struct takeover *taken = &step->takes.items[i];
        style_begin(style, COLOUR_YELLOW);
        fputs("      takes over subject '", style->file);
        style_safe(style, taken->subject);
        fputs("' from ", style->file);
        style_safe(style, taken->from->label);
        fprintf(style->file, "; in between, for about %zu requests, no stream captures it",
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

/* Why it is refused, where neither a refused change nor a loss says so. The object's name stands above already. */
static void print_refusal(const struct style *style, const struct step *step)
{
    bool said = step->loss.any && step->refused == &code_data_loss;
    for (size_t i = 0; i < step->changes.count; i++)
        said |= step->changes.items[i].refused && step->refused == &code_immutable;
    if (step->action != ACTION_REFUSED || said || !step->refusal)
        return;
    size_t label = strlen(step->label);
    bool named = strncmp(step->refusal, step->label, label) == 0 && step->refusal[label] == ' ';
    style_begin(style, COLOUR_RED);
    fputs("      ", style->file);
    style_safe(style, step->refusal + (named ? label + 1 : 0));
    style_end(style);
    fputc('\n', style->file);
}

/* What goes with a stream. Consumers that nobody has named may go along, too. */
static void print_along(const struct style *style, const struct step *step)
{
    enum { NAMED = 10 };
    uint64_t count = step->state.consumers > step->along.count ? step->state.consumers : step->along.count;
    size_t named = step->along.count < NAMED ? step->along.count : NAMED;
    fprintf(style->file, "  and its %llu consumer%s", (unsigned long long)count, count == 1 ? "" : "s");
    for (size_t i = 0; i < named; i++) {
        fputs(i ? ", " : ": ", style->file);
        style_safe(style, step->along.items[i]);
    }
    if (named && count > named)
        fprintf(style->file, " and %llu more", (unsigned long long)count - named);
}

/* Of a consumer that is deleted; one that is made anew begins where its deliver_policy says. */
static void print_position(const struct style *style, const struct step *step)
{
    bool goes = step->action == ACTION_DELETE || step->action == ACTION_RECREATE;
    if (!goes || !step->stream || !(step->state.pending || step->state.unacked))
        return;
    style_print(style, COLOUR_YELLOW, "      its position is lost: %llu pending, %llu unacknowledged",
                (unsigned long long)step->state.pending, (unsigned long long)step->state.unacked);
    fputc('\n', style->file);
}

static void print_window(const struct style *style, struct arena *arena, const struct plan *plan,
                         const struct step *step)
{
    const struct replacement *replacement = step->replacement;
    uint64_t window = replace_window_ms(step, &plan->target, replacement);
    style_begin(style, COLOUR_YELLOW);
    if (replacement->is_empty) {
        fputs("      it is empty", style->file);
    } else {
        fprintf(style->file, "      keeps %llu message%s, ", (unsigned long long)step->state.messages,
                step->state.messages == 1 ? "" : "s");
        style_bytes(style, step->state.bytes);
    }
    fprintf(style->file, "; publishers are turned away for %s", replace_window_text(arena, window));
    style_end(style);
    fputc('\n', style->file);
}

static void print_cost(const struct style *style, const char *text)
{
    style_print(style, COLOUR_YELLOW, "      %s", text);
    fputc('\n', style->file);
}

/* What making it anew takes, and what does not stay as it was. */
static void print_replacement(const struct style *style, struct arena *arena, const struct plan *plan,
                              const struct step *step)
{
    const struct replacement *replacement = step->replacement;
    if (step->action != ACTION_MIGRATE)
        return;
    if (step->renamed_from) {
        fputs("      renamed from ", style->file);
        style_safe(style, step->renamed_from);
        fputc('\n', style->file);
    }
    if (!step->stream)
        print_window(style, arena, plan, step);
    else if (replacement->is_empty)
        print_cost(style, "it has delivered nothing yet");
    for (size_t i = 0; i < replacement->costs.count; i++)
        print_cost(style, replacement->costs.items[i]);
    if (replacement->rehearsal == REHEARSE_APART)
        fputs("      its restore is tried before, on a nats-server of this machine\n", style->file);
}

static void print_step(const struct style *style, struct arena *arena, const struct plan *plan,
                       const struct step *step)
{
    fputs("  ", style->file);
    enum action action = step_counts_as(step);
    style_print(style, looks[action].colour, "%s", looks[action].sign);
    fputc(' ', style->file);
    style_begin(style, COLOUR_BOLD);
    style_safe(style, step->label);
    style_end(style);
    if (step->action == ACTION_ADOPT || step->action == ACTION_FORGET || step->action == ACTION_REFUSED ||
        step->action == ACTION_MIGRATE || step->action == ACTION_RECREATE)
        style_print(style, looks[action].colour, "  %s%s", action_name(step->action),
                    action == ACTION_FORGET ? ": it stays"
                    : action == ACTION_MIGRATE
                        ? (step->renamed_from ? ": it is renamed, with all that is in it"
                                              : ": it is made anew, with all that is in it")
                    : action == ACTION_RECREATE ? ": it is made anew, without what is in it"
                    : action != step->action    ? " and change"
                                                : "");
    if (step->action == ACTION_REFUSED && step->refused)
        style_print(style, COLOUR_DIM, " [%s]", step->refused->name);
    bool goes = step->action == ACTION_DELETE || step->action == ACTION_RECREATE;
    if (goes && !step->stream && step->state.consumers)
        print_along(style, step);
    fputc('\n', style->file);
    if (step->action == ACTION_CREATE)
        print_given(style, arena, step);
    print_protection(style, step);
    if (step->action != ACTION_FORGET)
        print_changes(style, arena, step);
    print_refusal(style, step);
    print_replacement(style, arena, plan, step);
    if (step->unknown)
        print_unmanaged(style, step->unknown);
    print_takeovers(style, step);
    print_position(style, step);
    print_loss(style, &step->loss);
    print_skipped(style, step);
}

/* Such as "2 to create, 1 to update, 3 in sync". */
static const char *summary_of(struct arena *arena, const struct plan *plan)
{
    const char *text = "";
    for (int action = ACTION_CREATE; action <= ACTION_REFUSED; action++)
        if (plan_count_of(plan, action))
            text =
                arena_printf(arena, "%s%s%zu %s%s", text, *text ? ", " : "", plan_count_of(plan, action),
                             looks[action].summary, action == ACTION_REFUSED ? " (so nothing is done)" : "");
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

void view_connection(const struct style *style, const char *name)
{
    style_begin(style, COLOUR_BOLD);
    fputs("Connection ", style->file);
    style_safe(style, name);
    style_end(style);
    fputc('\n', style->file);
}

/* Nobody reads hundreds of names; the JSON has them all. */
static void print_names(const struct style *style, const char *const *names, size_t count)
{
    enum { NAMED = 10 };
    for (size_t i = 0; i < count && i < NAMED; i++) {
        fputs(i ? ", " : ": ", style->file);
        style_safe(style, names[i]);
    }
    if (count > NAMED)
        fprintf(style->file, " and %zu more", count - NAMED);
}

static void print_undefined(const struct style *style, const struct plan *plan)
{
    size_t count = plan->undefined.count;
    fprintf(style->file, "%zu more object%s of this project %s not in the manifest", count,
            count == 1 ? "" : "s", count == 1 ? "is" : "are");
    print_names(style, plan->undefined.items, count);
    fputs("; --prune deletes such objects\n", style->file);
}

/* --prune names what it leaves: some of it may be the project's, and have lost its mark. */
static void print_unowned(const struct style *style, struct arena *arena, const struct plan *plan)
{
    size_t streams = plan->unowned_streams, consumers = plan->unowned_consumers;
    const char *some = arena_printf(arena, "%zu stream%s", streams, streams == 1 ? "" : "s");
    const char *more = arena_printf(arena, "%zu consumer%s", consumers, consumers == 1 ? "" : "s");
    fprintf(style->file, "%s%s%s here %s nobody's", streams ? some : "", streams && consumers ? " and " : "",
            consumers ? more : "", streams + consumers == 1 ? "is" : "are");
    print_names(style, plan->unowned.items, plan->unowned.count);
    fputs("; 'natsform import' takes such over\n", style->file);
}

/* The streams that lose messages, and may, each once. */
static void print_backups(const struct style *style, struct arena *arena, const struct plan *plan)
{
    struct map told;
    map_init(&told, arena);
    for (size_t i = 0; plan->backs_up && !plan->counts[ACTION_REFUSED] && i < plan->steps.count; i++) {
        const char *stream = NULL;
        for (size_t j = 0; (stream = step_rescued(plan->steps.items[i], j)); j++) {
            bool first = !told.count;
            if (map_put(&told, stream, arena))
                continue;
            fputs(first ? "Backed up first: " : ", ", style->file);
            style_safe(style, stream);
        }
    }
    if (told.count)
        fputc('\n', style->file);
}

static void print_plan(const struct style *style, struct arena *arena, const struct plan *plan)
{
    if (plan->connection)
        view_connection(style, plan->connection);
    for (size_t i = 0; i < plan->steps.count; i++)
        print_step(style, arena, plan, plan->steps.items[i]);
    if (plan->steps.count)
        fputc('\n', style->file);
    style_print(style, COLOUR_BOLD, "Plan: %s", summary_of(arena, plan));
    fputs(", ", style->file);
    view_target(style, arena, &plan->target);
    print_backups(style, arena, plan);
    if (plan->undefined.count)
        print_undefined(style, plan);
    if (plan->beside && plan->unowned_streams + plan->unowned_consumers)
        print_unowned(style, arena, plan);
}

void view_plan_text(const struct style *style, const struct plan *plan)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct page page;
    page_begin(&page, style);
    print_plan(&page.style, &arena, plan);
    page_end(&page);
}

void view_plan_step(const struct style *style, const struct plan *plan, const struct step *step)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct page page;
    page_begin(&page, style);
    print_step(&page.style, &arena, plan, step);
    page_end(&page);
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
