/* What becomes of an object that differs: changed, adopted, made anew, or refused; or is it no difference? See planner_state.h. */
#include <stdlib.h>
#include <string.h>

#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/manifest_rows.h"
#include "plan/planner_state.h"
#include "plan/replace.h"
#include "plan/risk.h"
#include "server/holdings.h"

static DIAG_CODE(
    code_lost_mark, .name = "lost-mark", CODE_NOTE,
    .doc =
        "An object of the manifest has no mark of natsform's: it is new to the project, or has lost its mark.",
    .why =
        "Whoever sets metadata of an object replaces all of it, marks and protection too. 'destroy' and --prune leave "
        "what has no mark.",
    .example = "nats stream edit ORDERS --metadata team=billing",
    .remedy = "Apply: that puts the mark back. To set metadata, write it into the manifest.");

static DIAG_CODE(
    code_left_alone, .name = "left-alone", CODE_NOTE,
    .doc = "An object of the manifest is not the project's, and so 'destroy' does not delete it.",
    .why = "It has no mark of natsform's, or another project's, and what is not owned is never deleted.",
    .example = "nats stream edit ORDERS --metadata team=billing; natsform destroy",
    .remedy = "Apply first: that gives it the project's mark. Or delete it by hand.");

static DIAG_CODE(
    code_stale_revision, .name = "stale-revision", CODE_NOTE,
    .doc =
        "An object that differs has the record of a revision, and is not what was applied from that revision.",
    .why =
        "Other tools that change an object leave natsform's record in its metadata, where it tells what is no longer so.",
    .example = "nats stream edit ORDERS --max-age 1h",
    .remedy =
        "Apply: that records a new revision, or removes the record. Or take the change over: 'natsform pull'.");

bool planner_refuse_protected(struct planner *planner, struct step *step)
{
    if (!step->resource->prevent_destroy)
        return false;
    struct diag *diag =
        diag_add(planner->diags, &code_protected, step->pos, "%s is protected by '%s'", step->label,
                 table_field_by_id(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY)->name);
    step_refuse(planner->diags, step, diag);
    return true;
}

static void note_copy(struct planner *planner, const struct step *step, const struct live_object *live)
{
    struct diags *diags = planner->diags;
    if (mark_kind(live) != MARK_COPIED)
        return;
    struct diag *diag = diag_add(diags, &code_copied_mark, step->pos,
                                 "%s carries the mark of another object, %s, and so counts as nobody's",
                                 step->label, mark_text(live, MARK_OBJECT));
    diag_hint(diags, diag, "its configuration was copied; this project adopts it");
    diag->object = step_address(&diags->arena, step);
}

/* Is it certain that it had a mark? One of them is there yet, or its consumers have theirs. */
static bool has_lost_mark(const struct step *step)
{
    const struct live_object live = step_as_read(step);
    const struct seen *seen = step->resource->planned;
    return mark_remains(&live) || seen->has_marked;
}

/* Nobody reads hundreds of names. */
static const char *names_of(struct planner *planner, bool lost, size_t *ret_count)
{
    enum { NAMED = 10 };
    struct arena *arena = &planner->diags->arena;
    const char *names = "";
    size_t count = 0;
    for (size_t i = 0; i < planner->unmarked.count; i++) {
        const struct step *step = planner->unmarked.items[i];
        if (has_lost_mark(step) == lost && count++ < NAMED)
            names = arena_printf(arena, "%s%s%s", names, *names ? ", " : "", step->label);
    }
    *ret_count = count;
    return count > NAMED ? arena_printf(arena, "%s and %zu more", names, count - NAMED) : names;
}

static void note_unmarked(struct planner *planner, bool lost)
{
    size_t count = 0;
    const char *names = names_of(planner, lost, &count);
    const char *has = count == 1 ? "has" : "have";
    if (!count)
        return;
    struct diag *diag =
        lost ? diag_add(planner->diags, &code_lost_mark, (struct srcpos){0}, "%s %s lost natsform's mark%s",
                        names, has, count == 1 ? "" : "s")
             : diag_add(planner->diags, &code_lost_mark, (struct srcpos){0},
                        "%s %s no mark of natsform's: new to project '%s', or lost on the server", names, has,
                        planner->manifest->project);
    diag_hint(
        planner->diags, diag,
        "who sets metadata replaces all of it, as 'nats stream edit --metadata' does; apply puts the mark back");
}

void planner_note_unmarked(struct planner *planner)
{
    qsort(planner->unmarked.items, planner->unmarked.count, sizeof(*planner->unmarked.items), step_compare);
    note_unmarked(planner, true);
    note_unmarked(planner, false);
}

void planner_leave(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    struct live_object kept = live_keep(planner->arena, live);
    struct step *step = step_new(planner->arena, ACTION_NONE, resource,
                                 live_decode(planner->arena, &kept, planner->plan->target.now));
    VEC_PUSH(planner->arena, &planner->left, step);
}

static const char *why_left(struct arena *arena, const struct live_object *live)
{
    const char *owner = mark_owner(live);
    if (owner)
        return arena_printf(arena, "it belongs to project '%s'", owner);
    if (mark_kind(live) == MARK_COPIED)
        return arena_printf(arena, "its mark is of another object, %s", mark_text(live, MARK_OBJECT));
    return "it has no mark of natsform's: nobody has applied it, or the mark was lost";
}

/* Pages come in any order. */
void planner_note_left(struct planner *planner)
{
    struct diags *diags = planner->diags;
    size_t hinted = 0;
    qsort(planner->left.items, planner->left.count, sizeof(*planner->left.items), step_compare);
    for (size_t i = 0; i < planner->left.count; i++) {
        const struct step *step = planner->left.items[i];
        const struct live_object live = step_as_read(step);
        struct diag *diag = diag_add(diags, &code_left_alone, (struct srcpos){0}, "%s is not deleted: %s",
                                     step->label, why_left(&diags->arena, &live));
        if (!mark_owner(&live) && !hinted++)
            diag_hint(diags, diag, "'natsform apply' makes it this project's, and then it is deleted");
        diag->object = step_address(&diags->arena, step);
    }
}

/* Is it known that the server has lowered nothing by itself? */
static bool changes_lowered(const struct step *step)
{
    bool any = false;
    for (size_t i = 0; i < step->changes.count; i++)
        any |= (step->changes.items[i].field->flags & FIELD_SERVER_LOWERS) != 0;
    return any;
}

/* A consumer's digest has the name that its stream had. */
static bool is_of_renamed(const struct step *step)
{
    const struct seen *stream = step->resource->stream ? step->resource->stream->planned : NULL;
    return stream && stream->renamed_from;
}

void planner_note_revision(struct planner *planner, const struct step *step)
{
    struct diags *diags = planner->diags;
    if (step->renamed_from || is_of_renamed(step))
        return;
    const struct live_object live = step_as_read(step);
    const char *revision = mark_stale_revision(planner->arena, &live, step->live, !changes_lowered(step));
    if (!revision)
        return;
    struct diag *diag = diag_add(diags, &code_stale_revision, step->pos,
                                 "%s is not as it was when revision %s was applied, whose record it has",
                                 step->label, revision);
    diag_hint(diags, diag,
              "somebody has changed it by another tool since; the record tells of no later change");
    diag->object = step_address(&diags->arena, step);
}

/* ---- what no server changes in place ---- */

static struct replace_terms terms_of(const struct planner *planner, const struct step *step, bool adopts)
{
    const struct seen *stream = step->resource->stream ? step->resource->stream->planned : NULL;
    return (struct replace_terms){
        .arena = planner->arena,
        .target = &planner->plan->target,
        .options = &planner->options,
        .retention = stream && stream->retention ? stream->retention : "",
        .adopts = adopts,
    };
}

static const char *way(const struct planner *planner, const char *choice)
{
    return arena_printf(&planner->diags->arena, "'%s: {%s: %s}'",
                        table_field_by_id(&stream_table, STREAM_LIFECYCLE)->name,
                        table_field_by_id(&lifecycle_table, LIFECYCLE_ON_IMMUTABLE)->name, choice);
}

static void tell_migration(struct planner *planner, struct step *step, bool adopts, struct diag *diag)
{
    struct diags *diags = planner->diags;
    const struct replace_terms terms = terms_of(planner, step, adopts);
    const char *fault = NULL;
    step->offers_migration = replace_is_possible(&terms, step, &fault);
    if (step->offers_migration)
        diag_note(
            diags, diag, (struct srcpos){0},
            "%s in the manifest, or '--replace %s' for one run, makes it anew and keeps what is in it: %s",
            way(planner, CHOICE_MIGRATE), step_address(&diags->arena, step),
            replace_cost(&diags->arena, &terms, step));
    else
        diag_note(diags, diag, (struct srcpos){0}, "it cannot be made anew%s: %s",
                  adopts ? "" : " with what is in it", fault);
}

/* Which ways there are, and what each costs. */
static void tell_ways(struct planner *planner, struct step *step, bool adopts, struct diag *diag)
{
    if (!replace_is_needed(step))
        return;
    tell_migration(planner, step, adopts, diag);
    if (step->resource->prevent_destroy || adopts)
        return;
    diag_note(planner->diags, diag, (struct srcpos){0}, "%s makes it anew without %s",
              way(planner, CHOICE_RECREATE), replace_loss(&planner->diags->arena, step));
}

/* True: it is made anew, or that will turn out. */
static bool is_replaced(struct planner *planner, struct step *step, bool adopts)
{
    const struct replace_terms terms = terms_of(planner, step, adopts);
    const char *fault = NULL;
    enum replace_verdict verdict = replace_decide(&terms, step, &fault);
    if (verdict == REPLACE_PLANNED && step->action == ACTION_RECREATE)
        planner_refuse_protected(planner, step);
    step->undecided = verdict == REPLACE_LATER && !adopts;
    return verdict == REPLACE_PLANNED || step->undecided;
}

static void refuse(struct planner *planner, struct step *step, bool adopts)
{
    const struct target *target = &planner->plan->target;
    bool sealed = immutable_is_sealed(step);
    struct diag *first = sealed ? immutable_refuse_sealed(step, target, planner->diags) : NULL;
    for (size_t i = 0; !sealed && i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        struct diag *diag = change->refused ? immutable_refuse(step, change, target, planner->diags) : NULL;
        first = first ? first : diag;
    }
    if (first)
        tell_ways(planner, step, adopts, first);
}

void planner_classify(struct planner *planner, struct step *step, bool adopts, const struct live_object *live)
{
    struct resource *stream = step->resource->stream ? step->resource->stream : step->resource;
    const struct seen *seen = stream->planned;
    step->action = adopts ? ACTION_ADOPT : ACTION_UPDATE;
    for (size_t i = 0; i < step->changes.count; i++)
        immutable_bind(&step->changes.items[i], live);
    if (!is_replaced(planner, step, adopts))
        refuse(planner, step, adopts);
    if (planner->copies && step->action != ACTION_REFUSED)
        copies_refuse(planner->copies, step, &planner->plan->target, live, planner->diags);
    risk_assess(planner->arena, step, &planner->plan->target, &seen->state,
                seen->retention ? seen->retention : "");
    if (adopts)
        note_copy(planner, step, live);
    if (adopts && !planner->options.picked && mark_kind(live) == MARK_NONE)
        VEC_PUSH(planner->arena, &planner->unmarked, step);
}

/* Where the consumer was, as the answer to the planner's question says. */
static void take_position(struct step *step)
{
    const struct holdings *holdings = step->holdings;
    bool known = holdings && holdings->reply.outcome == API_DONE && holdings->consumers_known;
    for (size_t i = 0; known && i < holdings->consumers.count; i++)
        if (strcmp(holdings->consumers.items[i].name, step->name) == 0)
            step->state = holdings->consumers.items[i].state;
    if (!known) /* then it may have one */
        step->state.last = UINT64_MAX;
}

void planner_decide(struct planner *planner, struct step *step)
{
    if (!step->undecided)
        return;
    if (step->stream)
        take_position(step);
    step->positions_known = true;
    step->undecided = false;
    if (!is_replaced(planner, step, false))
        refuse(planner, step, false);
}

bool planner_recreates(const struct resource *consumer)
{
    const struct seen *stream = consumer->stream ? consumer->stream->planned : NULL;
    return stream && stream->step && stream->step->action == ACTION_RECREATE;
}

/* ---- pauses ---- */

static DIAG_CODE(
    code_paused, .name = "paused", CODE_NOTE,
    .doc = "Somebody has paused a consumer, and the manifest says nothing of it.",
    .why =
        "A pause is an intervention that passes by itself. A plan leaves it alone, as long as it is not in the manifest.",
    .example = "nats consumer pause ORDERS billing 1h",
    .remedy =
        "'nats consumer resume' ends it. With 'pause_until' in the manifest, it is a setting as any other.");

void planner_see_pause(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    const struct field *field = table_field_by_id(&consumer_table, CONSUMER_PAUSE_UNTIL);
    size_t row = (size_t)(field - consumer_table.fields);
    struct paused paused = {.resource = resource};
    if (!live->stream || (resource->ignored && resource->ignored[row]) ||
        resource->config->values[row].given ||
        !instant_parse(node_get_text(live->config, field->name), &paused.until) ||
        instant_compare(paused.until, planner->plan->target.now) <= 0)
        return;
    VEC_PUSH(planner->arena, &planner->paused, paused);
}

static int compare_paused(const void *left, const void *right)
{
    const struct resource *a = ((const struct paused *)left)->resource;
    const struct resource *b = ((const struct paused *)right)->resource;
    int order = strcmp(a->stream->name, b->stream->name);
    return order ? order : strcmp(a->name, b->name);
}

static bool is_made_anew(const struct paused *paused)
{
    const struct step *step = ((const struct seen *)paused->resource->planned)->step;
    return planner_recreates(paused->resource) || (step && step->action == ACTION_RECREATE);
}

void planner_note_pauses(struct planner *planner)
{
    struct diags *diags = planner->diags;
    qsort(planner->paused.items, planner->paused.count, sizeof(*planner->paused.items), compare_paused);
    for (size_t i = 0; i < planner->paused.count; i++) {
        const struct paused *paused = &planner->paused.items[i];
        const struct step *step = step_new(planner->arena, ACTION_NONE, paused->resource, NULL);
        const char *what = is_made_anew(paused) ? "its pause ends, as it is made anew"
                                                : "it stays so, as the manifest does not say it";
        struct diag *diag = diag_add(diags, &code_paused, (struct srcpos){0}, "%s is paused until %s: %s",
                                     step->label, instant_format(&diags->arena, paused->until), what);
        if (i == 0)
            diag_hint(
                diags, diag,
                "'nats consumer resume' ends a pause; 'pause_until' in the manifest makes it the manifest's");
        diag->object = step_address(&diags->arena, step);
    }
}

/* ---- what is sealed while it is empty ---- */

static DIAG_CODE(
    code_sealed_empty, .name = "sealed-empty", CODE_WARNING, .lint = true,
    .doc = "A stream or object store is to be sealed while it is empty, and so stays empty for good.",
    .why =
        "Nothing can be written into what is sealed, and nothing opens it again. The server lets it be created "
        "empty, and natsform seals it right after. One that is made anew without its messages is empty, too.",
    .example = "streams: {ARCHIVE: {subjects: [archive], sealed: true}}",
    .remedy = "Create it without 'sealed', and seal it when its messages are there. Messages of a sealed one "
              "that was elsewhere come by 'natsform restore'.");

/* What leaves it sealed and empty, which it is not yet; NULL: nothing. */
static const char *sealing(const struct step *step)
{
    bool is_empty = step->state.messages == 0;
    bool is_sealed = step->live && object_has(step->live, STREAM_SEALED, NULL);
    switch (step->action) {
    case ACTION_CREATE:
        return "is created empty and sealed at once";
    case ACTION_RECREATE:
        return is_sealed && is_empty ? NULL : "is made anew empty and sealed at once";
    case ACTION_UPDATE:
    case ACTION_ADOPT:
    case ACTION_MIGRATE:
        return is_sealed || !is_empty ? NULL : "is sealed while it is empty";
    default:
        return NULL;
    }
}

/* An export of a sealed stream says so, and what is made of it elsewhere has no messages. */
void planner_warn_sealed(struct planner *planner, const struct step *step)
{
    const struct resource *resource = step->resource;
    size_t first = planner->diags->list.count;
    if (planner->options.earlier || !sealing(step))
        return;
    struct diag *diag =
        diag_add(planner->diags, &code_sealed_empty, object_pos(resource->config, STREAM_SEALED),
                 "%s %s: it never takes a message", step->label, sealing(step));
    diag_hint(
        planner->diags, diag,
        "leave 'sealed' out until its messages are there; 'natsform restore' brings back a sealed one with its own");
    lint_forget(resource->lint_ignored, planner->diags, first);
    if (planner->diags->list.count > first)
        diags_are_about(planner->diags, first, step_address(&planner->diags->arena, step));
}

/* ---- what may be the server's limit ---- */

static DIAG_CODE(
    code_perhaps_limited, .name = "perhaps-limited", CODE_NOTE, .lint = true,
    .doc =
        "A setting is lower than the default, and nothing tells whether the server's limit or somebody made it so.",
    .why = "Servers lower what nobody asked for to their limits, and tell nobody what those are.",
    .example = "max_ack_pending is 7 on the server, and the manifest does not say it",
    .remedy = "Write the value in the manifest.");

static const struct field *lowered_field(bool of_consumer)
{
    return of_consumer ? table_field_by_id(&consumer_table, CONSUMER_MAX_ACK_PENDING)
                       : table_field_by_id(&stream_table, STREAM_DUPLICATE_WINDOW);
}

static void see_lowered(struct planner *planner, const struct lowered *lowered, bool of_consumer)
{
    const struct resource *resource = lowered->resource;
    uint64_t *highest = &planner->highest[of_consumer];
    const struct value there = {.type = VALUE_INT, .integer = (int64_t)lowered->value};
    if (lowered->value > INT64_MAX)
        return;
    if (lowered->value > *highest)
        *highest = lowered->value;
    struct seen *seen = resource ? resource->planned : NULL;
    if (seen)
        seen->high = lowered->value;
    if (!seen || resource->external || resource->bucket || planner->options.destroy ||
        !value_is_servers_choice(lowered->field, object_value_of(resource->config, lowered->field), &there))
        return;
    seen->is_lowered = true;
    VEC_PUSH(planner->arena, &planner->lowered, *lowered);
    struct lowered *kept = &planner->lowered.items[planner->lowered.count - 1];
    if (!kept->earlier)
        kept->live = live_keep(planner->arena, &lowered->live);
}

void planner_see_lowered(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    const struct field *field = lowered_field(live->stream != NULL);
    const struct lowered lowered = {.resource = resource,
                                    .live = *live,
                                    .field = field,
                                    .value = node_get_number(live->config, field->name)};
    see_lowered(planner, &lowered, live->stream != NULL);
}

void planner_see_earlier_lowered(struct planner *planner, struct resource *resource,
                                 const struct resource *earlier)
{
    const struct field *field = lowered_field(earlier->stream != NULL);
    const struct value *value = earlier->external ? NULL : object_value_of(earlier->config, field);
    const struct lowered lowered = {
        .resource = resource,
        .earlier = earlier->config,
        .field = field,
        .value = value && value->type == VALUE_INT && value->integer > 0 ? (uint64_t)value->integer : 0};
    see_lowered(planner, &lowered, earlier->stream != NULL);
}

/* An account's own limit is known, and of a consumer only. */
static bool is_accounts_limit(const struct planner *planner, const struct lowered *lowered)
{
    const struct account account = account_read(planner->arena, planner->plan->target.account_info);
    bool found = false;
    for (size_t i = 0; i < account.tiers.count && lowered->resource->stream; i++)
        found |= account.tiers.items[i].pending_most == (int64_t)lowered->value;
    return found;
}

/* It was set by somebody: the server is asked for its default again. */
static void undo(struct planner *planner, const struct lowered *lowered)
{
    struct seen *seen = lowered->resource->planned;
    struct step *step = seen->step;
    if (step && (step->action == ACTION_REFUSED || !step->wanted))
        return;
    if (!step) {
        struct object *live = lowered->earlier
                                  ? lowered->earlier
                                  : live_decode(planner->arena, &lowered->live, planner->plan->target.now);
        if (compare_frozen(live, planner->plan->target.version))
            return;
        step = step_new(planner->arena, ACTION_UPDATE, lowered->resource, live);
        if (!lowered->earlier)
            step->state = lowered->live.state;
        seen->step = step;
        planner->plan->in_sync--;
    }
    compare_raised(planner->arena, step, lowered->field, &planner->plan->target);
}

static void note_lowered(struct planner *planner, const struct lowered *lowered, size_t more)
{
    struct diags *diags = planner->diags;
    const struct resource *resource = lowered->resource;
    const char *stream = resource->stream ? resource->stream->name : NULL;
    const struct value value = {.type = VALUE_INT, .integer = (int64_t)lowered->value};
    const char *others = more ? arena_printf(&diags->arena, " and of %zu more", more) : "";
    struct diag *diag = diag_add(
        diags, &code_perhaps_limited, resource->pos,
        "'%s' of %s%s is %s: the server's limit, or what somebody has set", lowered->field->name,
        resource_label(&diags->arena, resource_kind(resource), stream, resource_shown_name(resource)), others,
        value_text(&diags->arena, lowered->field, &value));
    diag_hint(diags, diag, "to settle it, write '%s' in the manifest: %s keeps it, another value changes it",
              lowered->field->name, value_text(&diags->arena, lowered->field, &value));
    diag->object =
        resource_address(&diags->arena, resource_kind(resource), stream, resource_shown_name(resource));
}

static bool is_alike(const struct lowered *a, const struct lowered *b)
{
    return a->field == b->field && a->value == b->value;
}

/* What the plan is going to have made counts as well: else it would be a difference as soon as that is there. */
static uint64_t highest_wanted(const struct resources *resources, unsigned id)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource *resource = resources->items[i];
        const struct value *wanted = resource->external ? NULL : object_value(resource->config, id);
        bool counts = wanted && wanted->type == VALUE_INT && wanted->integer > 0 &&
                      (wanted->given || !((const struct seen *)resource->planned)->found);
        if (counts && (uint64_t)wanted->integer > highest)
            highest = (uint64_t)wanted->integer;
    }
    return highest;
}

/* Is it what the stream's own max_age or limit made of it, which is another one now, or will be? */
static bool is_derived(const struct lowered *lowered)
{
    const struct resource *stream = lowered->resource->stream;
    if (!stream && lowered->earlier)
        return (uint64_t)object_integer(lowered->earlier, STREAM_MAX_AGE) == lowered->value;
    if (!stream)
        return node_get_number(lowered->live.config,
                               table_field_by_id(&stream_table, STREAM_MAX_AGE)->name) == lowered->value;
    const struct seen *seen = stream->planned;
    const struct object *live = seen->step ? seen->step->live : NULL;
    const struct object *limits = live ? object_object(live, STREAM_CONSUMER_LIMITS) : NULL;
    return limits && (uint64_t)object_integer(limits, LIMITS_MAX_ACK_PENDING) == lowered->value;
}

void planner_judge_lowered(struct planner *planner)
{
    VEC(const struct lowered *) open = {0};
    const uint64_t wanted[] = {highest_wanted(&planner->manifest->streams, STREAM_DUPLICATE_WINDOW),
                               highest_wanted(&planner->manifest->consumers, CONSUMER_MAX_ACK_PENDING)};
    for (size_t i = 0; i < planner->lowered.count; i++) {
        const struct lowered *lowered = &planner->lowered.items[i];
        bool consumer = lowered->resource->stream != NULL;
        /* Another object has more, which the limit would not have let it. */
        if (lowered->value < planner->highest[consumer] || lowered->value < wanted[consumer] ||
            is_derived(lowered))
            undo(planner, lowered);
        else if (!is_accounts_limit(planner, lowered) &&
                 !lint_ignores(lowered->resource->lint_ignored, &code_perhaps_limited))
            VEC_PUSH(planner->arena, &open, lowered);
    }
    for (size_t i = 0; i < open.count; i++) {
        bool told = false;
        size_t after = 0;
        for (size_t j = 0; j < i && !told; j++)
            told = is_alike(open.items[i], open.items[j]);
        for (size_t j = i + 1; j < open.count && !told; j++)
            after += is_alike(open.items[i], open.items[j]);
        if (!told)
            note_lowered(planner, open.items[i], after);
    }
}
