/*
 * Messages that a change destroys without an error; see risk.h. Measured on nats-server 2.9.10, 2.10.27 and 2.15.1: a
 * lowered limit trims the stream at once or soon, and interest retention drops messages that no consumer wants. If the
 * number cannot be known, it is the most it could be.
 */
#include "plan/risk.h"

#include <string.h>

#include "base/suggest.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "plan/replace.h"
#include "plan/step.h"
#include "plan/wanted.h"

DIAG_CODE(code_data_loss, .name = "data-loss", CODE_ERROR(EXIT_REFUSED),
          .doc = "The change would destroy messages, and --allow-data-loss does not name the stream.",
          .why = "No message is destroyed without being told to in so many words.", .example = "max_msgs: 10",
          .remedy = "Keep the limit, or name the stream: --allow-data-loss ORDERS.");

DIAG_CODE(
    code_immutable, .name = "immutable", CODE_ERROR(EXIT_REFUSED),
    .doc = "The server refuses to change this field of an existing object.",
    .why = "The server would answer with an error in the middle of the apply.", .example = "storage: memory",
    .remedy = "Write what the server has, ignore the field by lifecycle, or make an object of another name.");

/* What is weighed: a step, and the stream concerned. */
struct weighing {
    const struct step *step;
    const struct target *target;
    const struct stream_state *stream;
    const char *retention;
    const struct holdings *holdings; /* NULL: not known, as the next */
    const struct wanted *wanted;
    uint64_t no_more; /* messages that no consumer waits for any more */
};

/* As it will be: what natsform is to leave alone stays. */
static const struct value *after(const struct step *step, const struct field *field)
{
    bool kept = step->keep && step->keep[field - step->table->fields];
    return object_value_of(kept ? step->live : step->wanted, field);
}

/* The limit as a number; a limit that is off is the largest one. */
static uint64_t limit_of(const struct field *field, const struct value *value)
{
    return value_is_on(field, value) && value->type == VALUE_INT ? (uint64_t)value->integer : UINT64_MAX;
}

/* With discard new, what is there stays from 2.10 on, beyond the limit or not; until it is old again. */
static bool keeps_old(const struct weighing *weighing)
{
    const struct value *discard = after(weighing->step, table_field_by_id(&stream_table, STREAM_DISCARD));
    return discard->type == VALUE_TEXT && strcmp(discard->text, CHOICE_NEW) == 0 &&
           version_has(weighing->target->version, VERSION(2, 10, 0));
}

static struct loss trims_messages(const struct weighing *weighing, const struct field *field)
{
    uint64_t limit = limit_of(field, after(weighing->step, field));
    uint64_t messages = weighing->stream->messages;
    if (messages <= limit || keeps_old(weighing))
        return (struct loss){0};
    return (struct loss){.any = true, .exact = true, .messages = messages - limit};
}

/* How many messages these bytes are is not known: at most all of them. */
static struct loss trims_bytes(const struct weighing *weighing, const struct field *field)
{
    uint64_t limit = limit_of(field, after(weighing->step, field));
    const struct stream_state *stream = weighing->stream;
    if (stream->bytes <= limit || keeps_old(weighing))
        return (struct loss){0};
    return (struct loss){.any = true, .messages = stream->messages, .bytes = stream->bytes - limit};
}

/* Messages age by the server's clock. Up to 2.9 it does not tell it, and ours has to do. */
static int64_t clock_of(const struct weighing *weighing)
{
    int64_t server = weighing->stream->now.seconds;
    return server ? server : weighing->target->now.seconds;
}

static struct loss trims_age(const struct weighing *weighing, const struct field *field)
{
    const struct step *step = weighing->step;
    uint64_t limit = limit_of(field, after(step, field));
    int64_t age = clock_of(weighing) - weighing->stream->first.seconds + 1; /* rounded up */
    if (limit >= limit_of(field, object_value_of(step->live, field)) ||
        age + SOON_S <= (int64_t)(limit / SECOND))
        return (struct loss){0};
    return (struct loss){.any = true,
                         .messages = weighing->stream->messages,
                         .bytes = weighing->stream->bytes,
                         .soon = age <= (int64_t)(limit / SECOND)};
}

/* 2.15.1 trims at once, 2.9.10 and 2.10.27 a subject when its next message comes. */
static struct loss trims_each_subject(const struct weighing *weighing, uint64_t limit)
{
    const struct holdings *holdings = weighing->holdings;
    struct loss loss = {.exact = version_has(weighing->target->version, VERSION(2, 15, 0))};
    for (size_t i = 0; i < holdings->subjects.count; i++) {
        uint64_t messages = holdings->subjects.items[i].messages;
        loss.messages += messages > limit ? messages - limit : 0;
    }
    loss.any = loss.messages > 0;
    return loss;
}

static struct loss trims_subjects(const struct weighing *weighing, const struct field *field)
{
    const struct stream_state *stream = weighing->stream;
    uint64_t limit = limit_of(field, after(weighing->step, field));
    if (weighing->holdings && weighing->holdings->subjects_known &&
        limit < limit_of(field, object_value_of(weighing->step->live, field)))
        return trims_each_subject(weighing, limit);
    /* Each other subject has at least one message; what remains may all be of one. */
    uint64_t others = stream->subjects > 0 ? stream->subjects - 1 : 0;
    bool can_exceed = stream->messages > others && stream->messages - others > limit;
    if (limit >= limit_of(field, object_value_of(weighing->step->live, field)) || !can_exceed)
        return (struct loss){0};
    return (struct loss){.any = true,
                         /* The worst case: one subject has nearly all. */
                         .messages = stream->messages - others - limit};
}

/* What interest retention drops: all that no consumer waits for, as far as that is known. */
static struct loss drops_rest(const struct weighing *weighing, bool at_once)
{
    const struct holdings *holdings = weighing->holdings;
    const struct stream_state *stream = holdings ? &holdings->state : weighing->stream;
    uint64_t wanted = holdings ? weighing->wanted->least : 0;
    uint64_t most = holdings ? weighing->wanted->given_up : UINT64_MAX;
    if (wanted >= stream->messages || most == 0)
        return (struct loss){0};
    uint64_t messages = stream->messages - wanted;
    messages = messages < most ? messages : most;
    return (struct loss){.any = true,
                         .exact = at_once && holdings && weighing->wanted->nobodys,
                         .messages = messages,
                         .bytes = messages == stream->messages ? stream->bytes : 0};
}

/* As far as it is known; without consumers nothing was acknowledged. */
static struct loss drops_acknowledged(const struct weighing *weighing)
{
    uint64_t messages = weighing->holdings ? weighing->no_more : weighing->stream->messages;
    if (!messages || !weighing->stream->consumers)
        return (struct loss){0};
    return (struct loss){.any = true, .messages = messages};
}

/*
 * A stream that is made anew as a work queue lets go what its consumers have acknowledged, from 2.15 on (2.9.10 and 2.10.27 keep it). An
 * interest stream has let that go already.
 */
static bool becomes_queue(const struct weighing *weighing, const struct value *retention)
{
    return !weighing->step->stream && retention->type == VALUE_TEXT &&
           strcmp(retention->text, CHOICE_WORKQUEUE) == 0 &&
           strcmp(weighing->retention, CHOICE_LIMITS) == 0 && version_has(weighing->target->version, V_2_15);
}

/*
 * To interest retention everything goes that no consumer waits for: from 2.11 at once, before when a consumer has come
 * and gone. A filter that moves has the same effect there.
 */
static struct loss drops_unwanted(const struct weighing *weighing, const struct field *field)
{
    const struct step *step = weighing->step;
    const struct value *retention = after(step, field);
    bool to_interest =
        !step->stream && retention->type == VALUE_TEXT && strcmp(retention->text, CHOICE_INTEREST) == 0;
    /* The two rows of filters are of one cause. */
    bool filter_moves =
        step->stream && strcmp(weighing->retention, CHOICE_INTEREST) == 0 &&
        !(field->id == CONSUMER_FILTER_SUBJECTS && step_change_by_id(step, CONSUMER_FILTER_SUBJECT));
    if (becomes_queue(weighing, retention))
        return drops_acknowledged(weighing);
    if (!to_interest && !filter_moves)
        return (struct loss){0};
    return drops_rest(weighing, to_interest && version_has(weighing->target->version, VERSION(2, 11, 0)));
}

/* A consumer that nobody uses goes after that time, and takes with it what only it waited for. */
static struct loss leaves_unused(const struct weighing *weighing, const struct field *field)
{
    const struct step *step = weighing->step;
    uint64_t limit = limit_of(field, after(step, field));
    if (!step->stream || strcmp(weighing->retention, CHOICE_INTEREST) != 0 ||
        limit >= limit_of(field, object_value_of(step->live, field)) || limit / SECOND >= SOON_S)
        return (struct loss){0};
    struct loss loss = drops_rest(weighing, false);
    loss.soon = true;
    return loss;
}

typedef struct loss weigh(const struct weighing *weighing, const struct field *field);

static weigh *const weights[] = {
    [RISK_TRIMS_MESSAGES] = trims_messages,
    [RISK_TRIMS_BYTES] = trims_bytes,
    [RISK_TRIMS_AGE] = trims_age,
    [RISK_TRIMS_SUBJECTS] = trims_subjects,
    [RISK_DROPS_UNWANTED] = drops_unwanted,
    [RISK_LEAVES_UNUSED] = leaves_unused,
    [RISK_REDELIVERS] = NULL,
};

/* The change by which the row's limit takes messages: its own, or the one of `discard`, with which a limit begins to count. */
static const struct change *cause_of(const struct step *step, const struct field *field)
{
    const struct change *own = step_change(step, field);
    bool waits = field->risk == RISK_TRIMS_MESSAGES || field->risk == RISK_TRIMS_BYTES;
    return own || !waits ? own : step_change(step, table_field_by_id(&stream_table, STREAM_DISCARD));
}

/* Losses add up; only one alone can be exact, and bytes are known where those of each are. */
static void add_loss(struct loss *sum, const struct loss *more, const struct stream_state *stream)
{
    bool first = !sum->any;
    uint64_t messages = stream->messages - sum->messages;
    uint64_t bytes = stream->bytes - sum->bytes;
    bool known = more->bytes && (first || sum->bytes);
    sum->any = true;
    sum->exact = more->exact && first;
    sum->messages += more->messages < messages ? more->messages : messages;
    sum->bytes = known ? sum->bytes + (more->bytes < bytes ? more->bytes : bytes) : 0;
    if (!first && sum->messages == stream->messages)
        sum->bytes = stream->bytes;
}

static const char *reason_of(struct arena *arena, const struct change *change, const struct loss *loss)
{
    return arena_printf(arena, "'%s' goes from %s to %s%s", change->shown.field->name,
                        value_text(arena, change->shown.field, change->shown.before),
                        value_text(arena, change->shown.field, change->shown.after),
                        loss->soon ? ", within the hour" : "");
}

static void weigh_changes(struct arena *arena, struct step *step, const struct weighing *weighing)
{
    for (size_t i = 0; i < step->table->count; i++) {
        const struct field *field = &step->table->fields[i];
        const struct change *cause = weights[field->risk] ? cause_of(step, field) : NULL;
        struct loss loss = cause ? weights[field->risk](weighing, field) : (struct loss){0};
        if (!loss.any)
            continue;
        const char *why = reason_of(arena, cause, &loss);
        bool said = step->loss.why && strstr(step->loss.why, why);
        if (!said)
            step->loss.why = step->loss.why ? arena_printf(arena, "%s, %s", step->loss.why, why) : why;
        if (!step->loss.at.source && cause->shown.after->node)
            step->loss.at = cause->shown.after->node->pos;
        add_loss(&step->loss, &loss, weighing->stream);
    }
}

static void weigh_delete(struct arena *arena, struct step *step, const struct weighing *weighing)
{
    const struct stream_state *stream = weighing->stream;
    if (!step->stream) {
        step->loss =
            (struct loss){.any = true,
                          .exact = true,
                          .messages = stream->messages,
                          .bytes = stream->bytes,
                          .why = arena_printf(arena, "the %s is %s", step_kind(step)->noun,
                                              step->action == ACTION_DELETE ? "deleted" : "made anew")};
    } else if (strcmp(weighing->retention, CHOICE_INTEREST) == 0) {
        step->loss = drops_rest(weighing, false);
        step->loss.why = "only this consumer may want them";
    }
}

static void weigh_step(struct arena *arena, struct step *step, const struct weighing *weighing)
{
    step->loss = (struct loss){0};
    bool all = step->action == ACTION_DELETE || step->action == ACTION_RECREATE;
    if (weighing->stream->messages > 0 && all)
        weigh_delete(arena, step, weighing);
    else if (weighing->stream->messages > 0)
        weigh_changes(arena, step, weighing);
}

void risk_assess(struct arena *arena, struct step *step, const struct target *target,
                 const struct stream_state *stream, const char *retention)
{
    step->at_stake = *stream;
    step->retention = retention;
    weigh_step(arena, step,
               &(struct weighing){.step = step, .target = target, .stream = stream, .retention = retention});
}

bool risk_needs_count(const struct step *step)
{
    bool counts = step->stream != NULL;
    for (size_t i = 0; i < step->changes.count && !counts; i++) {
        enum field_risk risk = step->changes.items[i].field->risk;
        counts = risk == RISK_TRIMS_SUBJECTS || risk == RISK_DROPS_UNWANTED;
    }
    return counts && step->loss.any;
}

void risk_count(struct arena *arena, struct step *step, const struct plan *plan, bool begun)
{
    const struct holdings *holdings = step->holdings;
    if (!holdings || holdings->reply.outcome != API_DONE || !holdings->consumers_known)
        return;
    const struct wanted wanted = wanted_of(arena, plan, step, begun);
    weigh_step(arena, step,
               &(struct weighing){.step = step,
                                  .target = &plan->target,
                                  .stream = &step->at_stake,
                                  .retention = step->retention,
                                  .holdings = holdings,
                                  .wanted = &wanted,
                                  .no_more = wanted_no_more(arena, holdings)});
}

bool risk_is_possible(const struct step *step)
{
    bool any = step->action == ACTION_DELETE || step->action == ACTION_RECREATE;
    for (size_t i = 0; i < step->changes.count && !any; i++)
        any = weights[step->changes.items[i].field->risk] != NULL;
    return any;
}

/* Another number that is not higher needs no new permission. */
bool risk_is_more(const struct loss *now, const struct loss *before)
{
    return now->any && (!before->any || now->messages > before->messages);
}

/* ---- what is allowed ---- */

/* A consumer's loss is allowed by its stream, since the messages are the stream's. */
static struct instant permission_of(const struct resource *resource)
{
    static const struct instant none;
    struct instant own = resource ? resource->allow_loss_until : none;
    struct instant above = resource && resource->stream ? resource->stream->allow_loss_until : none;
    return instant_compare(own, above) > 0 ? own : above;
}

bool risk_is_allowed(const struct plan_options *options, const struct step *step, struct instant now)
{
    for (size_t i = 0; i < options->allow_loss_count; i++)
        if (strcmp(options->allow_loss[i], step_stream_name(step)) == 0)
            return true;
    if (step->action == ACTION_RECREATE && replace_is_recreated(options, step))
        return true;
    /* To destroy everything is more than a change of the object, which a line in the manifest may have been about. */
    return step->removes || (!options->destroy && instant_compare(now, permission_of(step->resource)) <= 0);
}

void risk_refuse(const struct plan_options *options, struct step *step, struct instant now,
                 struct diags *diags)
{
    const struct loss *loss = &step->loss;
    struct instant until = permission_of(step->resource);
    bool allowed = risk_is_allowed(options, step, now);
    /* What is made anew with all that is in it has a backup of its own. */
    step->is_rescued = step->action != ACTION_MIGRATE &&
                       (loss->any || (allowed && step->at_stake.messages && risk_is_possible(step)));
    if (!loss->any || allowed)
        return;
    struct srcpos pos = loss->at.source ? loss->at : step->pos;
    struct diag *diag = diag_add(diags, &code_data_loss, pos, "%s would lose %s%llu message%s: %s",
                                 step->label, loss->exact ? "" : "up to ", (unsigned long long)loss->messages,
                                 loss->messages == 1 ? "" : "s", loss->why);
    if (pos.line != step->pos.line || pos.source != step->pos.source)
        diag_note(diags, diag, step->pos, "%s is here", step->label);
    if (until.seconds)
        diag_note(diags, diag, (struct srcpos){0}, "'%s' of the manifest %s",
                  table_field_by_id(&lifecycle_table, LIFECYCLE_ALLOW_DATA_LOSS)->name,
                  options->destroy
                      ? "is about changes"
                      : arena_printf(&diags->arena, "was until %s", instant_format(&diags->arena, until)));
    diag_hint(diags, diag, "'--allow-data-loss %s' allows it", step_stream_name(step));
    step_refuse(diags, step, diag);
}

/* ---- names that nothing has ---- */

static bool is_known(const struct manifest *manifest, const struct plan *plan, const char *name)
{
    if (map_get(&manifest->streams_by_name, name))
        return true;
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        if (strcmp(step_stream_name(plan->steps.items[i]), name) == 0)
            return true;
    return false;
}

static void report_unknown(const struct manifest *manifest, const struct plan *plan, const char *name,
                           struct diags *diags)
{
    struct suggestion near = {.wanted = name};
    struct diag *diag = diag_add(diags, &code_usage, (struct srcpos){0},
                                 "--allow-data-loss names '%s', and no such stream is %s", name,
                                 plan ? "in the manifest, nor anything to delete" : "in the manifest");
    for (size_t i = 0; i < manifest->streams.count; i++)
        suggestion_consider(&near, manifest->streams.items[i]->name);
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        suggestion_consider(&near, step_stream_name(plan->steps.items[i]));
    /* Somebody may have given a bucket's name instead of its stream's. */
    for (size_t i = 0; i < manifest->streams.count; i++)
        if (strcmp(resource_shown_name(manifest->streams.items[i]), name) == 0)
            near.best = manifest->streams.items[i]->name;
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        if (!plan->steps.items[i]->stream && strcmp(step_shown_name(plan->steps.items[i]), name) == 0)
            near.best = plan->steps.items[i]->name;
    if (near.best)
        diag_hint(diags, diag, "did you mean '%s'?", near.best);
}

int risk_check_names(const struct plan_options *options, const struct manifest *manifest,
                     const struct plan *plan, struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < options->allow_loss_count; i++) {
        if (is_known(manifest, plan, options->allow_loss[i]))
            continue;
        report_unknown(manifest, plan, options->allow_loss[i], diags);
        failed = -1;
    }
    return failed;
}

/*
 * ---- immutable ----
 * Changes that the server refuses. Which those are is in the rows (`updates`), by version.
 */

/* A server changes deliver_subject only while nobody listens on the old one. */
static const struct update_rule bound_rule = {
    .policy = UPDATE_NEVER,
    .err_code = 10013,
    .says = "consumer name already in use",
};

struct diag *immutable_refuse(struct step *step, const struct change *change, const struct target *target,
                              struct diags *diags)
{
    const struct field *field = change->shown.field;
    struct arena *arena = &diags->arena;
    struct srcpos pos = change->shown.after->node ? change->shown.after->node->pos : step->pos;
    bool scalar = field->type != FIELD_OBJECT && field->shape == SHAPE_ONE;
    struct diag *diag =
        diag_add(diags, &code_immutable, pos, "'%s' of %s cannot change in place", field->name, step->label);
    if (scalar)
        diag_note(diags, diag, (struct srcpos){0}, "on the server it is %s",
                  value_text(arena, field, change->shown.before));
    if (change->rule == &bound_rule)
        diag_note(diags, diag, (struct srcpos){0}, "somebody listens on the consumer's deliver subject");
    diag_note(diags, diag, (struct srcpos){0}, "nats-server %s answers error %d: %s", target->version_text,
              change->rule->err_code, change->rule->says);
    if (step_kind(step) != step->table && field == change->field)
        diag_hint(diags, diag, "every %s has it so: make it anew, or have it as stream %s in '%s'",
                  step_kind(step)->noun, step->name,
                  table_field_by_id(&manifest_table, MANIFEST_STREAMS)->name);
    else
        diag_hint(diags, diag, "write what the server has, or '%s: {ignore: [%s]}', or %s %s of another name",
                  table_field_by_id(&stream_table, STREAM_LIFECYCLE)->name, field->name,
                  table_article(step_kind(step)), step_kind(step)->noun);
    step_refuse(diags, step, diag);
    return diag;
}

void immutable_bind(struct change *change, const struct live_object *live)
{
    if (change->refused || change->field->risk != RISK_REDELIVERS || !live->bound)
        return;
    change->refused = true;
    change->rule = &bound_rule;
}

bool immutable_is_sealed(struct step *step)
{
    const struct change *sealed = step->stream ? NULL : step_change_by_id(step, STREAM_SEALED);
    size_t kept = 0;
    if (!sealed || !sealed->refused)
        return false;
    for (size_t i = 0; i < step->changes.count; i++) {
        struct change *change = &step->changes.items[i];
        bool implied = false;
        for (size_t j = 0; j < step->table->implication_count && !change->after->given; j++)
            implied |= step->table->implications[j].when == STREAM_SEALED &&
                       step->table->implications[j].then == change->field->id;
        if (!implied)
            step->changes.items[kept++] = *change;
    }
    step->changes.count = kept;
    return true;
}

struct diag *immutable_refuse_sealed(struct step *step, const struct target *target, struct diags *diags)
{
    struct diag *diag = immutable_refuse(step, step_change_by_id(step, STREAM_SEALED), target, diags);
    diag_note(diags, diag, (struct srcpos){0}, "somebody has sealed it, and nobody can open it again");
    return diag;
}
