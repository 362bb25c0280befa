/* Plans that are compared with what there is now; see saved.h. */
#include "plan/saved.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "field/decode.h"
#include "field/encode.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "plan/risk.h"
#include "plan/step.h"
#include "server/server.h"
#include "syntax/json.h"

/*
 * ---- recheck ----
 * Steps, right before they are carried out. apply/ reads the objects, and carries out what this makes of the steps.
 */

bool recheck_asks_stream(const struct step *step, struct holdings *ret_holdings)
{
    const struct holdings *planned = step->holdings;
    *ret_holdings = (struct holdings){
        .stream = step->stream ? step->stream : step->name,
        .by_subject = planned && planned->by_subject,
        .by_consumer = planned && planned->by_consumer,
    };
    return planned || (step->stream && risk_is_possible(step));
}

static const char *done_to(const struct step *step)
{
    return step->action == ACTION_DELETE ? "deleted" : "changed";
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- what is different ---- */

/* Does it undo what somebody else has set meanwhile? What the plan changes may be done already, but nothing else may differ. */
static bool is_news(const struct step *step, const struct change *change)
{
    const struct change *shown = step_change(step, change->field);
    return !shown || !value_equal(change->field, shown->before, change->before);
}

static enum recheck refuse_other_change(const struct step *step, const struct step *now, struct diags *diags)
{
    struct diag *diag = NULL;
    for (size_t i = 0; i < now->changes.count; i++) {
        const struct change *change = &now->changes.items[i];
        if (!is_news(step, change))
            continue;
        if (!diag)
            diag = diag_add(diags, &code_stale_plan, step->pos,
                            "%s was not %s: it is not as it was when the plan was made", step->label,
                            done_to(step));
        diag_note(diags, diag, (struct srcpos){0}, "'%s' is %s now", change->shown.field->name,
                  value_text(&diags->arena, change->shown.field, change->shown.before));
    }
    if (!diag)
        return RECHECK_GOES_ON;
    diag_hint(diags, diag, "somebody else changed it; run the same command again to see what that means");
    return RECHECK_REFUSED;
}

/* Whose an object is may change without any other difference: a mark is metadata. */
static enum recheck refuse_owner(const struct step *step, const struct step *now, struct diags *diags)
{
    const struct live_object is = step_as_read(now);
    const struct live_object was = step_as_read(step);
    if (same_text(mark_owner(&is), mark_owner(&was)))
        return RECHECK_GOES_ON;
    diag_error(diags, &code_foreign, step->pos,
               "%s was not %s: it is no longer whose it was when the plan was made", step->label,
               done_to(step));
    return RECHECK_REFUSED;
}

void recheck_refuse_place(const struct step *step, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_stale_plan, step->pos,
                 "%s was not created: it is there, and was not when the plan was made", step->label);
    diag_hint(diags, diag, "somebody else made it; run the same command again to see how it differs");
}

/* What the plan showed. What a consumer's step takes may also be what its stream's step has taken already, as interest retention does. */
static struct loss shown_loss(const struct plan *plan, const struct step *step)
{
    struct loss shown = step->loss;
    for (size_t i = 0; step->stream && i < plan->steps.count; i++) {
        const struct step *other = plan->steps.items[i];
        if (!other->stream && strcmp(other->name, step->stream) == 0 && risk_is_more(&other->loss, &shown))
            shown = other->loss;
    }
    return shown;
}

static const char *count_text(struct arena *arena, const struct loss *loss)
{
    return loss->any ? arena_printf(arena, "%llu", (unsigned long long)loss->messages) : "none";
}

static enum recheck refuse_loss(const struct plan *plan, const struct step *step, const struct step *now,
                                const struct plan_options *allowed, struct diags *diags)
{
    bool whole = step->action == ACTION_DELETE && !step->stream;
    const struct loss *loss = &now->loss;
    const struct loss shown = shown_loss(plan, step);
    if (!risk_is_more(loss, &shown) || (allowed && risk_is_allowed(allowed, step, plan->target.now)))
        return RECHECK_GOES_ON;
    struct diag *diag =
        diag_add(diags, &code_data_loss, step->pos,
                 "%s was not %s: it %s %s%llu message%s%s, and %s %s when the plan was made", step->label,
                 done_to(step), whole ? "has" : "would lose", loss->exact ? "" : "up to ",
                 (unsigned long long)loss->messages, loss->messages == 1 ? "" : "s", whole ? "" : " now",
                 whole ? "had" : "lost", count_text(&diags->arena, &shown));
    if (!whole)
        diag_note(diags, diag, (struct srcpos){0}, "%s", loss->why);
    diag_hint(diags, diag, "run the same command again to see what is lost%s",
              shown.any ? "; with '--yes', '--allow-data-loss' covers whatever that is" : "");
    return RECHECK_REFUSED;
}

/* ---- the step, anew ---- */

static bool keeps_marks(const struct plan *plan)
{
    return plan->project && version_has(plan->target.version, MARKS_SINCE);
}

/* Fills wanted and changes. Returns how many; without any the object is as wanted, its mark too. */
static size_t compare_now(struct arena *arena, const struct plan *plan, struct step *now)
{
    if (now->action == ACTION_FORGET) { /* all but the marks stays as it is now */
        now->wanted = object_copy(arena, now->live);
        mark_remove(arena, now->wanted);
    }
    if (now->resource && keeps_marks(plan))
        mark_keep_rest(arena, now->resource, now->wanted, now->live, plan->project);
    if (compare_objects(arena, now, &plan->target) == 0)
        return 0;
    now->changes.count = 0;
    if (now->action != ACTION_ADOPT || !compare_adopting(arena, now, plan))
        compare_objects(arena, now, &plan->target);
    return 1;
}

/* A consumer's loss is its stream's messages, and so the stream was read again, too. */
static void weigh(struct arena *arena, const struct plan *plan, const struct recheck_look *look,
                  struct step *now)
{
    static const struct holdings unread = {.retention = ""};
    const struct holdings *holdings = look->holdings ? look->holdings : &unread;
    const struct stream_state *state = now->stream ? &holdings->state : &now->state;
    const char *retention = now->stream ? holdings->retention : object_text(now->live, STREAM_RETENTION);
    risk_assess(arena, now, &plan->target, state, retention);
    now->holdings = look->holdings;
    risk_count(arena, now, plan, true);
}

enum recheck recheck_step(struct arena *arena, const struct plan *plan, const struct recheck_look *look,
                          struct step *ret_now, struct diags *diags)
{
    const struct step *step = look->step;
    struct live_object kept = live_keep(arena, look->live);
    struct step now = step_from(step, live_decode(arena, &kept, plan->target.now));
    enum recheck result;
    now.state = kept.state;
    if (now.wanted && compare_now(arena, plan, &now) == 0)
        return RECHECK_DONE;
    weigh(arena, plan, look, &now);
    result = refuse_owner(step, &now, diags);
    if (result == RECHECK_GOES_ON && step->action != ACTION_FORGET)
        result = refuse_other_change(step, &now, diags);
    if (result == RECHECK_GOES_ON)
        result = refuse_loss(plan, step, &now, look->allowed, diags);
    if (result == RECHECK_GOES_ON)
        *ret_now = now;
    return result;
}

/*
 * ---- saved ----
 * Saved plans. Steps are compared as JSON, in which both plans are written. So this file need not know
 * about kinds of objects.
 */

/* The version of the file's format. This natsform reads files with the same major number. */
#define SAVED_PLAN_VERSION "1.4"

DIAG_CODE(code_stale_plan, .name = "stale-plan", CODE_ERROR(EXIT_REFUSED),
          .doc = "A plan does not fit any more: the server, its objects or the manifest changed since.",
          .why = "A plan that was looked at must be the one that is carried out.",
          .example = "natsform apply plan.bin", .remedy = "Plan anew, and look at it anew.");

DIAG_CODE(code_plan_file, .name = "plan-file", CODE_ERROR(EXIT_MANIFEST),
          .doc = "A saved plan is cut off or damaged.", .why = "A damaged plan could do anything.",
          .example = "natsform apply half.plan", .remedy = "Make it again with 'plan --out'.");

/* The file's first key, so that a saved plan is known by its beginning. */
static const char version_key[] = "natsform_saved_plan";
static const char options_key[] = "options";
static const char plan_key[] = "plan";
static const char plans_key[] = "plans";
static const char changes_key[] = "resource_changes";

/* ---- the options ---- */

/* An option. The same rows are used for reading and writing. */
struct option_row {
    const char *key;
    size_t offset; /* in struct saved_options */
    enum { TEXTS, TEXT, FLAG } type;
    bool optional; /* files of earlier versions do not have it */
};

static const struct option_row option_rows[] = {
    {"files", offsetof(struct saved_options, files), TEXTS, false},
    {"repo", offsetof(struct saved_options, repo), TEXT, true},
    {"env_files", offsetof(struct saved_options, env_files), TEXTS, false},
    {"connections", offsetof(struct saved_options, connections), TEXTS, true},
    {"allow_data_loss", offsetof(struct saved_options, allow_loss), TEXTS, false},
    {"replace", offsetof(struct saved_options, replaces), TEXTS, true},
    {"destroy", offsetof(struct saved_options, destroy), FLAG, false},
    {"prune", offsetof(struct saved_options, prune), FLAG, false},
    {"no_backup", offsetof(struct saved_options, no_backup), FLAG, true},
    {"rehearse", offsetof(struct saved_options, rehearse), FLAG, true},
};
enum { OPTION_ROWS = sizeof(option_rows) / sizeof(option_rows[0]) };

static struct node *option_node(struct arena *arena, const struct saved_options *options,
                                const struct option_row *row)
{
    const void *place = (const char *)options + row->offset;
    if (row->type == FLAG)
        return node_scalar(arena, *(const bool *)place ? "true" : "false", false);
    if (row->type == TEXT) {
        const char *text = *(const char *const *)place;
        return text ? node_scalar(arena, text, true) : node_scalar(arena, "null", false);
    }
    const struct saved_texts *texts = place;
    struct node *list = node_list(arena);
    for (size_t i = 0; i < texts->count; i++)
        node_append(arena, list, node_scalar(arena, texts->items[i], true));
    return list;
}

struct node *saved_plan_node(struct arena *arena, const struct saved_options *options, struct node *plans,
                             bool several)
{
    struct node *root = node_map(arena);
    struct node *saved = node_map(arena);
    for (size_t i = 0; i < OPTION_ROWS; i++)
        node_put(arena, saved, option_rows[i].key, option_node(arena, options, &option_rows[i]));
    node_put_text(arena, root, version_key, SAVED_PLAN_VERSION);
    node_put(arena, root, options_key, saved);
    node_put(arena, root, several ? plans_key : plan_key, several ? plans : plans->items[0]);
    return root;
}

static int read_option(struct arena *arena, const struct option_row *row, const struct node *node,
                       struct saved_options *options)
{
    void *place = (char *)options + row->offset;
    if (!node)
        return row->optional ? 0 : -1;
    if (row->type == FLAG)
        return node_is_bool(node, place) ? 0 : -1;
    if (row->type == TEXT) {
        *(const char **)place = node_is_null(node) ? NULL : node->text;
        return node->type == NODE_SCALAR ? 0 : -1;
    }
    if (node->type != NODE_LIST)
        return -1;
    struct saved_texts *texts = place;
    texts->items = ARENA_ARRAY(arena, const char *, node->count);
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->type != NODE_SCALAR)
            return -1;
        texts->items[texts->count++] = node->items[i]->text;
    }
    return 0;
}

/* ---- reading ---- */

bool saved_plan_begins(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && isspace((unsigned char)text[at]))
        at++;
    if (at == length || text[at++] != '{')
        return false;
    while (at < length && isspace((unsigned char)text[at]))
        at++;
    size_t key = strlen(version_key) + 1;
    return length - at > key && text[at] == '"' && memcmp(text + at + 1, version_key, key - 1) == 0 &&
           text[at + key] == '"';
}

/* Is it the output of `plan -o json`? Somebody may take that for a saved plan. */
static bool is_printed_plan(struct arena *arena, const struct source *source)
{
    struct diags unheard = {0};
    const struct node *root = json_read(arena, source->text, source->length, NULL, &unheard);
    diags_release(&unheard);
    return node_get(root, changes_key) != NULL;
}

static int refuse_other_file(struct arena *arena, const struct source *source, struct diags *diags)
{
    struct diag *diag =
        diag_add(diags, &code_usage, (struct srcpos){0}, "'%s' is not a saved plan", source->name);
    if (is_printed_plan(arena, source))
        diag_hint(diags, diag, "it is what 'plan -o json' prints; 'plan --out FILE' saves a plan");
    else
        diag_hint(diags, diag, "a manifest is named with -f; 'plan --out FILE' saves a plan");
    return -1;
}

static int refuse_damaged(const struct source *source, const char *what, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_plan_file, (struct srcpos){.source = source},
                                 "the saved plan is damaged: %s", what);
    diag_hint(diags, diag, "make a new one with 'natsform plan --out FILE'");
    return -1;
}

/* Files of the same major version have all that is read here. */
static bool same_major(const char *a, const char *b)
{
    size_t length = strcspn(a, ".");
    return length == strcspn(b, ".") && strncmp(a, b, length) == 0;
}

static bool is_map(const struct node *node)
{
    return node && node->type == NODE_MAP;
}

/* Does each step have all the members that are read without a check later? */
static bool steps_are_whole(const struct node *plan)
{
    const struct node *steps = node_get(plan, changes_key);
    if (!is_map(plan) || !is_map(node_get(plan, "server")) || !steps || steps->type != NODE_LIST)
        return false;
    for (size_t i = 0; i < steps->count; i++)
        if (!*node_get_text(steps->items[i], "address") || !*node_get_text(steps->items[i], "action") ||
            !is_map(node_get(steps->items[i], "change")) || !is_map(node_get(steps->items[i], "risk")))
            return false;
    return true;
}

static bool is_whole(const struct saved_plan *saved)
{
    bool whole = saved->plans ? saved->plans->type == NODE_LIST : steps_are_whole(saved->plan);
    for (size_t i = 0; saved->plans && whole && i < saved->plans->count; i++)
        whole = steps_are_whole(saved->plans->items[i]);
    return whole;
}

int saved_plan_read(struct arena *arena, const struct source *source, struct saved_plan *ret_saved,
                    struct diags *diags)
{
    if (!saved_plan_begins(source->text, source->length))
        return refuse_other_file(arena, source, diags);
    struct diags json = {0};
    const struct node *root = json_read(arena, source->text, source->length, source, &json);
    const char *fault = json.errors ? arena_strdup(arena, json.list.items[0]->message) : NULL;
    diags_release(&json);
    if (!is_map(root))
        return refuse_damaged(source, fault ? fault : "it is no map", diags);
    const char *version = node_get_text(root, version_key);
    if (!same_major(version, SAVED_PLAN_VERSION))
        return diag_error(diags, &code_stale_plan, (struct srcpos){.source = source},
                          "the plan was saved in format '%s', and this natsform reads format '%s'", version,
                          SAVED_PLAN_VERSION);
    struct saved_plan saved = {
        .source = source, .plan = node_get(root, plan_key), .plans = node_get(root, plans_key)};
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (read_option(arena, &option_rows[i], node_get(node_get(root, options_key), option_rows[i].key),
                        &saved.options))
            return refuse_damaged(
                source, arena_printf(arena, "it has no '%s' as it is saved", option_rows[i].key), diags);
    if (!is_whole(&saved))
        return refuse_damaged(source, "its plan is not whole", diags);
    *ret_saved = saved;
    return 0;
}

bool saved_plan_does(const struct saved_plan *saved)
{
    return node_get(saved->plan, changes_key)->count > 0;
}

static const char *connection_in(const struct node *plan)
{
    const char *name = node_get_text(plan, "connection");
    return *name ? name : NULL;
}

struct saved_plan saved_plan_of(const struct saved_plan *saved, const char *connection)
{
    struct saved_plan one = *saved;
    one.plan = one.plans = NULL;
    for (size_t i = 0; i < saved->plans->count; i++)
        if (accounts_same(connection_in(saved->plans->items[i]), connection))
            one.plan = saved->plans->items[i];
    return one;
}

/* ---- comparing ---- */

struct comparison {
    struct arena *arena;
    const struct manifest *manifest;
    struct diags *diags;
    const struct saved_plan *saved;
    struct map saved_steps; /* address to struct node */
    struct map seen;        /* those of them that the new plan has too */
};

static const char *how_kept(const struct comparison *comparison)
{
    return comparison->saved->source ? "saved" : "shown";
}

static struct diag *stale(struct comparison *comparison, struct srcpos pos, const char *label)
{
    struct diags *diags = comparison->diags;
    bool first = !diags_have(diags, &code_stale_plan);
    struct diag *diag = diag_add(diags, &code_stale_plan, pos, "%s changed since the plan was %s", label,
                                 how_kept(comparison));
    if (first)
        diag_hint(diags, diag, "nothing was done; %s",
                  comparison->saved->source ? "'natsform plan --out FILE' makes a new plan"
                                            : "run the same command again to see what it would do now");
    return diag;
}

/* A value as plans show it. */
static const char *show(struct arena *arena, const struct table *table, const char *key,
                        const struct node *node)
{
    const struct field *field = table_field(table, key);
    struct node *map = node_map(arena);
    if (!node || !field)
        return node ? "set" : "not set";
    node_put(arena, map, key, node_copy(arena, node));
    return value_text(arena, field,
                      object_value_of(object_decode(arena, table, NULL, map, FORM_WIRE, NULL), field));
}

/* Where a step differs: on the server, or in the manifest. */
struct side {
    struct diags *diags;
    struct diag *diag;
    const struct step *step;
    const char *where;
};

static void note_field(const struct side *side, const char *key, const struct node *was,
                       const struct node *is)
{
    struct arena *arena = &side->diags->arena;
    diag_note(side->diags, side->diag, (struct srcpos){0}, "%s, '%s' was %s, and is %s", side->where, key,
              show(arena, step_kind(side->step), key, was), show(arena, step_kind(side->step), key, is));
}

/* Field by field; either may be null. */
static void note_side(const struct side *side, const struct node *was, const struct node *is)
{
    bool there = is_map(was);
    if (there != is_map(is)) {
        diag_note(side->diags, side->diag, (struct srcpos){0}, "%s, it was %s, and is %s", side->where,
                  there ? "there" : "not there", there ? "not" : "now");
        return;
    }
    for (size_t i = 0; there && i < was->count; i++)
        if (!node_equal(was->members[i].value, node_get(is, was->members[i].key)))
            note_field(side, was->members[i].key, was->members[i].value, node_get(is, was->members[i].key));
    for (size_t i = 0; there && i < is->count; i++)
        if (!node_get(was, is->members[i].key))
            note_field(side, is->members[i].key, NULL, is->members[i].value);
}

static bool is_on(const struct node *map, const char *key)
{
    return strcmp(node_get_text(map, key), "true") == 0;
}

static uint64_t lost(const struct node *step)
{
    return node_get_number(node_get(step, "risk"), "messages");
}

/* Does the step destroy messages now, but did not when the plan was saved? How many more is a difference only if it counts. */
static bool loses_now(const struct comparison *comparison, const struct node *was, const struct node *is)
{
    if (!is_on(node_get(is, "risk"), "destroys_data"))
        return false;
    return !is_on(node_get(was, "risk"), "destroys_data") ||
           (comparison->saved->counts && lost(is) > lost(was));
}

static void compare_step(struct comparison *comparison, const struct step *step, const struct node *was,
                         const struct node *is)
{
    const struct node *old = node_get(was, "change");
    const struct node *new = node_get(is, "change");
    bool other = strcmp(node_get_text(was, "action"), node_get_text(is, "action")) != 0;
    bool live = !node_equal(node_get(old, "before"), node_get(new, "before"));
    bool wanted = !node_equal(node_get(old, "after"), node_get(new, "after"));
    if (!other && !live && !wanted && !loses_now(comparison, was, is))
        return;
    struct diag *diag = stale(comparison, step->pos, step->label);
    struct side side = {comparison->diags, diag, step, "on the server"};
    if (live)
        note_side(&side, node_get(old, "before"), node_get(new, "before"));
    side.where = "in the manifest";
    if (wanted)
        note_side(&side, node_get(old, "after"), node_get(new, "after"));
    if (loses_now(comparison, was, is))
        diag_note(comparison->diags, diag, (struct srcpos){0}, "it would lose %llu message%s, and lost %s",
                  (unsigned long long)step->loss.messages, step->loss.messages == 1 ? "" : "s",
                  lost(was) ? arena_printf(comparison->arena, "%llu", (unsigned long long)lost(was))
                            : "none");
    else if (other && !live && !wanted)
        diag_note(comparison->diags, diag, (struct srcpos){0},
                  "the plan was to %s it, and now would be to %s it", node_get_text(was, "action"),
                  node_get_text(is, "action"));
}

/* Reports a step that the saved plan does not have: the object was in sync then, or did not exist. */
static void report_new(struct comparison *comparison, const struct step *step)
{
    struct arena *arena = &comparison->diags->arena;
    struct diag *diag = stale(comparison, step->pos, step->label);
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct change *change = &step->changes.items[i];
        diag_note(comparison->diags, diag, (struct srcpos){0},
                  "'%s' is %s on the server and %s in the manifest, and the %s plan leaves it alone",
                  change->shown.field->name, value_text(arena, change->shown.field, change->shown.before),
                  value_text(arena, change->shown.field, change->shown.after), how_kept(comparison));
    }
    if (step->changes.count == 0)
        diag_note(comparison->diags, diag, (struct srcpos){0},
                  "the %s plan does nothing to it, and a new one would %s it", how_kept(comparison),
                  action_name(step->action));
}

/* Only consumers and buckets have a `stream`, and a bucket is that stream itself. */
static bool is_consumer(const struct node *step)
{
    return strcmp(node_get_text(step, "type"), table_word(&consumer_table)) == 0;
}

/* The manifest's object that the step is about; NULL: it names none. */
static struct resource *resource_of(const struct comparison *comparison, const struct node *step)
{
    const char *stream = node_get_text(step, "stream");
    const char *name = node_get_text(step, "name");
    if (is_consumer(step))
        return map_get(&comparison->manifest->consumers_by_key,
                       resource_key(comparison->arena, stream, name));
    return map_get(&comparison->manifest->streams_by_name, *stream ? stream : name);
}

/* Is what the step was to bring about what the manifest says now? */
static bool is_wanted_still(const struct comparison *comparison, struct resource *resource,
                            const struct node *was)
{
    struct arena *arena = comparison->arena;
    const struct step *step = step_new(arena, ACTION_UPDATE, resource, NULL);
    const struct table *table = step_kind(step);
    const struct object *now = step_shown(arena, step, step->wanted);
    const struct object *then = object_decode(arena, table, NULL, was, FORM_WIRE, NULL);
    bool same = true;
    for (size_t i = 0; i < table->count && same; i++) {
        const struct field *field = &table->fields[i];
        bool is_ours = field->flags & (FIELD_OURS | FIELD_SECRET);
        bool is_theirs = resource->ignored && (resource->bucket || resource->ignored[i]);
        same = is_ours || is_theirs ||
               value_equal(field, object_value_of(then, field), object_value_of(now, field));
    }
    return same;
}

/* Reports a step that only the saved plan has. */
static void report_gone(struct comparison *comparison, const struct node *step)
{
    const char *stream = is_consumer(step) ? node_get_text(step, "stream") : "";
    const char *label = arena_printf(comparison->arena, "%s %s%s%s", node_get_text(step, "type"), stream,
                                     *stream ? " > " : "", node_get_text(step, "name"));
    const struct node *after = node_get(node_get(step, "change"), "after");
    bool deletes = strcmp(node_get_text(step, "action"), "delete") == 0;
    struct resource *resource = resource_of(comparison, step);
    struct diag *diag = stale(comparison, (struct srcpos){0}, label);
    const char *why = "it is as the plan wanted it already";
    if (!deletes && !resource)
        why = "it is not in the manifest any more";
    else if (!deletes && is_map(after) && !is_wanted_still(comparison, resource, after))
        why = "the manifest wants something else now, which is there";
    else if (deletes)
        why = "it is not there any more, or not this project's, or wanted again";
    diag_note(comparison->diags, diag, (struct srcpos){0}, "the plan was to %s it, and %s",
              node_get_text(step, "action"), why);
}

/* The new plan has nothing to do: is that so because all of the saved plan was done? */
static bool is_done(const struct comparison *comparison)
{
    const struct saved_plan *saved = comparison->saved;
    const struct node *steps = node_get(saved->plan, changes_key);
    bool done = saved->is_open != NULL;
    for (size_t i = 0; i < steps->count && done; i++) {
        const struct node *after = node_get(node_get(steps->items[i], "change"), "after");
        struct resource *resource = resource_of(comparison, steps->items[i]);
        bool stays = strcmp(node_get_text(steps->items[i], "action"), action_name(ACTION_FORGET)) != 0;
        if (stays && is_map(after))
            done = resource && is_wanted_still(comparison, resource, after);
        else
            done = (saved->options.destroy || !resource) && !saved->is_open(saved->context, steps->items[i]);
    }
    return done;
}

static void compare_steps(struct comparison *comparison, const struct plan *plan, const struct node *now)
{
    const struct node *saved = node_get(comparison->saved->plan, changes_key);
    const struct node *steps = node_get(now, changes_key);
    for (size_t i = 0; i < saved->count; i++)
        map_put(&comparison->saved_steps, node_get_text(saved->items[i], "address"), saved->items[i]);
    for (size_t i = 0; i < steps->count; i++) {
        const char *address = node_get_text(steps->items[i], "address");
        const struct node *was = map_get(&comparison->saved_steps, address);
        map_put(&comparison->seen, address, plan->steps.items[i]);
        if (was)
            compare_step(comparison, plan->steps.items[i], was, steps->items[i]);
        else
            report_new(comparison, plan->steps.items[i]);
    }
    for (size_t i = 0; i < saved->count; i++)
        if (!map_get(&comparison->seen, node_get_text(saved->items[i], "address")))
            report_gone(comparison, saved->items[i]);
}

static int compare_servers(const struct node *was, const struct node *is, struct diags *diags)
{
    /* The address is not among them: there may be several ways to one server. */
    static const char *const keys[] = {"version", "cluster", "account", "domain"};
    const char *differs = NULL;
    for (size_t i = 0; !differs && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(node_get_text(was, keys[i]), node_get_text(is, keys[i])) != 0)
            differs = keys[i];
    bool nameless =
        server_is_nameless(node_get_text(was, "name")) && server_is_nameless(node_get_text(is, "name"));
    const char *own = nameless ? "url" : "name"; /* only outside of clusters: in one, any server will do */
    if (!differs && !*node_get_text(is, "cluster") &&
        strcmp(node_get_text(was, own), node_get_text(is, own)) != 0)
        differs = own;
    if (!differs)
        return 0;
    struct diag *diag =
        diag_add(diags, &code_stale_plan, (struct srcpos){0},
                 "the plan was made for another server: its %s was '%s', and this one's is '%s'", differs,
                 node_get_text(was, differs), node_get_text(is, differs));
    diag_hint(diags, diag, "check --server, --context and the environment, or make a new plan");
    return -1;
}

int saved_plan_compare(struct arena *arena, const struct saved_plan *saved, const struct manifest *manifest,
                       const struct plan *plan, const struct node *now, struct diags *diags)
{
    struct comparison comparison = {.arena = arena, .manifest = manifest, .diags = diags, .saved = saved};
    size_t before = diags->errors;
    map_init(&comparison.saved_steps, arena);
    map_init(&comparison.seen, arena);
    if (compare_servers(node_get(saved->plan, "server"), node_get(now, "server"), diags))
        return -1;
    if (strcmp(node_get_text(saved->plan, "project"), node_get_text(now, "project")) != 0)
        return diag_error(diags, &code_stale_plan, (struct srcpos){0},
                          "the manifest changed since the plan was saved: its project was '%s', and is '%s'",
                          node_get_text(saved->plan, "project"), node_get_text(now, "project"));
    if (plan->steps.count || !is_done(&comparison))
        compare_steps(&comparison, plan, now);
    return diags->errors == before ? 0 : -1;
}
