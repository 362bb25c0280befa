/*
 * The planner; see planner.h. Wanted objects are checked and normalised once for the target. Live ones are decoded one
 * by one in a scratch arena. Only a live object that differs is decoded again, into the plan's arena, where it stays.
 */
#include "plan/planner.h"

#include <string.h>

#include "field/decode.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"
#include "plan/order.h"
#include "plan/planner_state.h"
#include "plan/risk.h"
#include "rules/rules.h"

static DIAG_CODE(code_missing_stream, .name = "missing-stream", CODE_ERROR(EXIT_MANIFEST),
                 .doc = "An external stream, whose consumers are managed here, does not exist.",
                 .why = "An external stream is made by its owner, not here.",
                 .example = "ORDERS: {external: true}",
                 .remedy = "Have it created, or take 'external' away.");

/* ---- the wanted side ---- */

static const struct object *find_stream(void *context, const char *name)
{
    const struct manifest *manifest = context;
    const struct resource *stream = map_get(&manifest->streams_by_name, name);
    return stream && !stream->external ? stream->config : NULL;
}

static const char *label_of(struct arena *arena, const struct resource *resource)
{
    return resource_label(arena, resource_kind(resource), resource->stream ? resource->stream->name : NULL,
                          resource_shown_name(resource));
}

/* They are about this object, which cannot be planned if one is an error. */
static void settle_diags(struct diags *diags, size_t first, const struct resource *resource)
{
    struct seen *seen = resource->planned;
    for (size_t i = first; seen && !seen->fault && i < diags->list.count; i++)
        if (diags->list.items[i]->code->severity == SEVERITY_ERROR)
            seen->fault = diags->list.items[i];
    if (diags->list.count > first)
        diags_are_about(diags, first,
                        resource_address(&diags->arena, resource_kind(resource),
                                         resource->stream ? resource->stream->name : NULL,
                                         resource_shown_name(resource)));
}

/*
 * Checks and normalises one wanted object. `stream` is the consumer's stream, as far as it is known. `later`: what is ignored in part
 * is checked when it is known what the server has there.
 */
static void settle(struct arena *arena, struct manifest *manifest, struct resource *resource,
                   const struct surroundings *around, bool later, struct diags *diags)
{
    bool marks = manifest->project && version_has(around->version, MARKS_SINCE);
    struct object *declared = resource->declared;
    size_t first = diags->list.count;
    object_imply(arena, declared, diags);
    if (later && resource->ignored && !resource->bucket)
        ((struct seen *)resource->planned)->unchecked = object_copy(arena, declared);
    else
        object_check(declared, around, diags);
    if (resource->bucket) /* mistakes in it were reported already, in the bucket's own words */
        object_imply(arena, resource->config, NULL);
    object_normalise_wanted(arena, resource->config, around);
    if (!object_fits_version(declared, around->version))
        object_check_version(declared, around, label_of(&diags->arena, resource), diags);
    lint_forget(resource->lint_ignored, diags, first);
    settle_diags(diags, first, resource);
    if (marks)
        mark_put(arena, resource, manifest->project, resource->config);
}

static struct surroundings surroundings_of(struct manifest *manifest, const struct target *target,
                                           const struct object *stream)
{
    return (struct surroundings){
        .version = target->version,
        .version_text = target->version_text,
        .clustered = target->clustered,
        .now = target->now,
        .stream = stream,
        .find_stream = find_stream,
        .context = manifest,
    };
}

/* Checks and normalises every wanted object of the part by itself. */
static void settle_all(struct arena *arena, struct manifest *manifest, const struct manifest *part,
                       const struct target *target, bool later, struct diags *diags)
{
    for (size_t i = 0; i < part->streams.count; i++) {
        struct surroundings around = surroundings_of(manifest, target, NULL);
        if (!part->streams.items[i]->external)
            settle(arena, manifest, part->streams.items[i], &around, later, diags);
    }
    for (size_t i = 0; i < part->consumers.count; i++) {
        struct resource *consumer = part->consumers.items[i];
        const struct object *stream = consumer->stream->external ? NULL : consumer->stream->config;
        struct surroundings around = surroundings_of(manifest, target, stream);
        settle(arena, manifest, consumer, &around, later, diags);
    }
}

void planner_check(struct arena *arena, struct manifest *manifest, const struct target *target,
                   struct diags *diags)
{
    settle_all(arena, manifest, manifest, target, false, diags);
    rules_check(rules_world_new(arena, manifest, target->version), diags);
}

/* Consumers of a stream that is external, or ignored in part, inherit from the live stream, which is known only now. */
static void inherit_from_live(struct planner *planner, struct resource *consumer)
{
    const struct resource *stream = consumer->stream;
    const struct seen *seen = stream->planned;
    const struct object *there = stream->external                 ? seen->live
                                 : seen->found && stream->ignored ? stream->config
                                                                  : NULL;
    struct surroundings around = surroundings_of(planner->manifest, &planner->plan->target, there);
    if (!there)
        return;
    for (size_t i = 0; i < consumer->table->count; i++) {
        struct value *value = &consumer->config->values[i];
        /* Defaults that were derived without the stream are taken back, and derived once more. */
        if (consumer->table->fields[i].derive && !value->given)
            value->type = VALUE_ABSENT;
    }
    object_normalise_wanted(planner->arena, consumer->config, &around);
}

static bool has_copies(const struct manifest *manifest)
{
    bool any = false;
    for (size_t i = 0; i < manifest->streams.count && !any; i++) {
        const struct object *stream = manifest->streams.items[i]->config;
        any = stream && (object_has(stream, STREAM_MIRROR, NULL) || object_has(stream, STREAM_SOURCES, NULL));
    }
    return any;
}

static void begin_prune(struct planner *planner)
{
    planner->prune =
        prune_new(planner->arena, planner->manifest, planner->plan, &planner->options, planner->diags);
}

static void begin_seen(struct manifest *manifest, struct arena *arena)
{
    for (size_t i = 0; i < manifest->streams.count; i++)
        manifest->streams.items[i]->planned = ARENA_NEW(arena, struct seen);
    for (size_t i = 0; i < manifest->consumers.count; i++)
        manifest->consumers.items[i]->planned = ARENA_NEW(arena, struct seen);
}

const struct manifest *planner_part(const struct planner *planner)
{
    return planner->part;
}

struct planner *planner_new(struct arena *arena, struct manifest *manifest, const struct target *target,
                            const struct plan_options *options, struct diags *diags)
{
    struct planner *planner = ARENA_NEW(arena, struct planner);
    planner->arena = arena;
    planner->manifest = manifest;
    planner->options = *options;
    planner->diags = diags;
    planner->plan = ARENA_NEW(arena, struct plan);
    planner->plan->target = *target;
    planner->plan->project = manifest->project;
    planner->plan->from = options->from;
    planner->plan->revision = version_has(target->version, MARKS_SINCE) ? options->revision : NULL;
    planner->plan->destroys = options->destroy;
    planner->plan->backs_up = !options->no_backup;
    planner->unmanaged = unmanaged_new(arena, manifest, target->now);
    if (has_copies(manifest))
        planner_begin_copies(planner);
    planner->prepared = options->earlier;
    arena_init(&planner->scratch);
    map_init(&planner->unknown, arena);
    planner->part = manifest;
    if (options->again)
        planner_begin_again(planner);
    else
        begin_seen(manifest, arena);
    if (options->prune) /* which may have to be refused, whatever is there */
        begin_prune(planner);
    if (manifest->renames)
        planner_begin_renames(planner);
    return planner;
}

/* What is ignored gets the server's values, in a copy: the manifest may be planned again, and the object be gone by then. */
static void lend_ignored(struct planner *planner, const struct resources *resources)
{
    for (size_t i = 0; i < resources->count; i++) {
        struct resource *resource = resources->items[i];
        struct seen *seen = resource->planned;
        if (!resource->ignored)
            continue;
        if (!seen->written)
            seen->written = resource->config;
        resource->config = object_copy(planner->arena, resource->config);
    }
}

static void give_back(const struct resources *resources)
{
    for (size_t i = 0; i < resources->count; i++) {
        struct resource *resource = resources->items[i];
        const struct seen *seen = resource->planned;
        resource->config = seen->written ? seen->written : resource->config;
        resource->declared = seen->declared ? seen->declared : resource->declared;
    }
}

/* Called when the first object arrives, and not before the server is asked. So the server works at the same time. */
void planner_prepare(struct planner *planner)
{
    struct target target = planner->plan->target;
    target.version_text = NULL; /* messages call the version by its number */
    /* `destroy` deletes by name: what the fields say does not matter. */
    if (!planner->prepared && !planner->options.destroy) {
        settle_all(planner->arena, planner->manifest, planner->part, &target, true, planner->diags);
        lend_ignored(planner, &planner->part->streams);
        lend_ignored(planner, &planner->part->consumers);
    }
    planner->prepared = true;
}

/* ---- the live side ---- */

/* `stream` is NULL for a stream. */
static struct resource *find_resource(struct planner *planner, const char *stream, const char *name)
{
    if (!stream)
        return map_get(&planner->manifest->streams_by_name, name);
    return map_get(&planner->manifest->consumers_by_key, resource_key(&planner->scratch, stream, name));
}

static bool keeps_marks(const struct planner *planner)
{
    return planner->manifest->project && version_has(planner->plan->target.version, MARKS_SINCE);
}

/* Is it the project whose objects are to be taken over? */
static bool takes_from(const struct planner *planner, const char *owner)
{
    return planner->options.from && keeps_marks(planner) && strcmp(owner, planner->options.from) == 0;
}

static bool refuse_foreign(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    const char *owner = mark_owner(live);
    const char *project = planner->manifest->project;
    if (!owner || (project && strcmp(owner, project) == 0) || takes_from(planner, owner))
        return false;
    struct step *step = step_new(planner->arena, ACTION_REFUSED, resource, NULL);
    struct diag *diag = diag_add(planner->diags, &code_foreign, resource->pos, "%s belongs to project '%s'",
                                 step->label, owner);
    const char *name = step->stream ? arena_printf(&planner->diags->arena, "%s/%s", step->stream, step->name)
                                    : resource_shown_name(resource);
    diag_hint(
        planner->diags, diag,
        "take it out of this manifest; or take it over: 'natsform import %s --from-project %s'; or have project "
        "'%s' let it go: list it below '%s' in its manifest, and apply that first",
        name, owner, owner, table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
    step_refuse(planner->diags, step, diag);
    ((struct seen *)resource->planned)->step = step;
    return true;
}

/* Decodes the live object for good, now that it is known to matter. */
static struct object *keep(struct planner *planner, const struct live_object *live)
{
    struct live_object kept = live_keep(planner->arena, live);
    return live_decode(planner->arena, &kept, planner->plan->target.now);
}

/* As somebody would write what the server has: its defaults are not written. */
static struct value as_written(const struct field *field, const struct value *there)
{
    struct value value = *there;
    bool is_default = value.type == VALUE_TEXT && field->fallback && strcmp(value.text, field->fallback) == 0;
    value.given = true;
    return is_default || !value_is_on(field, &value) ? (struct value){0} : value;
}

/* Checks what was left unchecked; `there`: with what the server has in the rows that are ignored, and NULL: it has nothing. */
static void check_unchecked(struct planner *planner, const struct resource *resource,
                            const struct object *there)
{
    struct object *object = ((const struct seen *)resource->planned)->unchecked;
    const struct resource *stream = resource->stream;
    const struct object *outer = stream && !stream->external ? stream->config : NULL;
    const struct surroundings around = surroundings_of(planner->manifest, &planner->plan->target, outer);
    size_t first = planner->diags->list.count;
    if (!object)
        return;
    for (size_t i = 0; there && i < object->table->count; i++)
        if (resource->ignored[i])
            object->values[i] = as_written(&object->table->fields[i], &there->values[i]);
    object_check(object, &around, planner->diags);
    for (size_t i = first; there && i < planner->diags->list.count; i++)
        diag_note(planner->diags, planner->diags->list.items[i], (struct srcpos){0},
                  "what '%s' names counts as the server has it",
                  table_field_by_id(&lifecycle_table, LIFECYCLE_IGNORE)->name);
    lint_forget(resource->lint_ignored, planner->diags, first);
    settle_diags(planner->diags, first, resource);
}

/* What is left as it is counts as the server has it: for checks and rules, order and risks. */
static void take_ignored(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    const struct object *there = resource->ignored ? keep(planner, live) : NULL;
    for (size_t i = 0; there && i < resource->table->count; i++)
        if (resource->ignored[i])
            resource->config->values[i] = there->values[i];
    if (there)
        check_unchecked(planner, resource, there);
}

/* Of an object that differs. */
static struct step *add_difference(struct planner *planner, enum action action, struct resource *resource,
                                   const struct live_object *live)
{
    struct seen *seen = resource->planned;
    seen->step = step_new(planner->arena, action, resource, keep(planner, live));
    seen->step->state = live->state;
    return seen->step;
}

static void refuse_faulty(struct planner *planner, const struct resource *resource)
{
    const struct seen *seen = resource->planned;
    if (seen->fault)
        step_refuse(planner->diags, seen->step, seen->fault);
}

static void compare_live(struct planner *planner, struct resource *resource, const struct live_object *live,
                         struct object *decoded)
{
    unknown_add(&planner->unknown, object_unknown_names(&planner->scratch, decoded));
    if (keeps_marks(planner))
        mark_keep_rest(planner->arena, resource, resource->config, decoded, planner->manifest->project);
    take_ignored(planner, resource, live);
    const struct target *target = &planner->plan->target;
    const char *owner = mark_owner(live);
    bool lent = keeps_marks(planner) &&
                mark_lend(&planner->scratch, resource, planner->manifest->project, planner->options.from,
                          compare_frozen(decoded, target->version), decoded);
    bool adopts = lent && (!owner || takes_from(planner, owner));
    struct step *probe = step_new(&planner->scratch, ACTION_UPDATE, resource, decoded);
    if (!adopts && compare_objects(&planner->scratch, probe, &planner->plan->target) == 0) {
        planner->plan->in_sync++;
        return;
    }
    struct step *step = add_difference(planner, ACTION_UPDATE, resource, live);
    step->unknown = object_unknown_names(planner->arena, step->live);
    if (!lent || !compare_adopting(planner->arena, step, planner->plan))
        compare_objects(planner->arena, step, target);
    planner_classify(planner, step, adopts, live);
    refuse_faulty(planner, resource);
}

/* May `destroy` delete it? Not if it is another project's, or if this project has never applied it. */
static bool may_delete(const struct planner *planner, const struct live_object *live)
{
    const char *project = planner->manifest->project;
    const char *owner = mark_owner(live);
    return owner ? project && strcmp(owner, project) == 0 : !keeps_marks(planner);
}

/* A deleted stream takes its consumers along. Only consumers of streams that stay are deleted one by one. */
static void plan_delete(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    const struct seen *stream = resource->stream ? resource->stream->planned : NULL;
    bool goes_along = stream && stream->step;
    bool is_left = !goes_along && !may_delete(planner, live);
    /* Nobody's, but protected by the manifest: its mark may have been lost, and what is around it is not to go either. */
    if (is_left && (!resource->prevent_destroy || mark_owner(live))) {
        planner->plan->kept++;
        planner_leave(planner, resource, live);
        return;
    }
    struct step *step = add_difference(planner, ACTION_DELETE, resource, live);
    if (planner_refuse_protected(planner, step))
        return;
    if (goes_along) {
        ((struct seen *)resource->planned)->step = NULL;
        step_takes_along(planner->arena, stream->step, resource->name);
        step_sort_along(stream->step);
        return;
    }
    risk_assess(planner->arena, step, &planner->plan->target, stream ? &stream->state : &live->state,
                stream && stream->retention ? stream->retention : "");
}

/*
 * Most live objects are in sync, so this looks without decoding them. An object with another project's mark differs in
 * its metadata.
 */
static bool see_in_sync(struct planner *planner, struct resource *resource, const struct live_object *live)
{
    struct seen *seen = resource->planned;
    /* Ignored fields need both sides decoded. */
    if (resource->external || resource->ignored)
        return false;
    const char *unknown = NULL;
    if (!compare_is_in_sync(&planner->scratch, resource->config, live->config, planner->plan->target.now,
                            &unknown))
        return false;
    unknown_add(&planner->unknown, unknown);
    planner->plan->in_sync++;
    seen->found = true;
    seen->state = live->state;
    if (!live->stream)
        seen->retention = object_text(resource->config, STREAM_RETENTION);
    return true;
}

static void remember_stream(struct planner *planner, struct seen *seen, const struct resource *resource,
                            const struct live_object *live, const struct object *decoded)
{
    seen->state = live->state;
    /* The live object is in the scratch arena, which is reset after it. */
    seen->retention = arena_strdup(planner->arena, object_text(decoded, STREAM_RETENTION));
    if (resource->external)
        seen->live = keep(planner, live);
}

/* A consumer with the project's mark tells that its stream had it, too. */
static void see_mark(struct planner *planner, const struct live_object *live)
{
    const struct resource *stream = live->stream && keeps_marks(planner) && mark_kind(live) == MARK_OWN
                                        ? find_resource(planner, NULL, live->stream)
                                        : NULL;
    if (stream && strcmp(mark_owner(live), planner->manifest->project) == 0)
        ((struct seen *)stream->planned)->has_marked = true;
}

void planner_see(struct planner *planner, const struct live_object *live)
{
    planner_prepare(planner);
    if (!planner->prune)
        begin_prune(planner);
    struct resource *resource = find_resource(planner, live->stream, live->name);
    see_mark(planner, live);
    bool is_kept = resource && ((const struct seen *)resource->planned)->kept; /* it came along */
    if (is_kept || (!resource && planner->renames.count && planner_take_renamed(planner, live))) {
        arena_reset(&planner->scratch);
        return;
    }
    if (!live->stream)
        prune_see_stream(planner->prune, live);
    if (!resource || resource->external)
        prune_see(planner->prune, live);
    if (!resource && !planner->options.destroy)
        unmanaged_see(planner->unmanaged, live);
    bool copies = !live->stream && (live->mirror || live->sources);
    if (!resource && copies)
        planner_see_copier(planner, live);
    if (!resource && live->stream && planner->copies)
        copies_see(planner->copies, live);
    bool compares = resource && !planner->options.destroy;
    if (compares && copies)
        planner_report_origins(planner, resource, live);
    if (compares && live->stream) {
        inherit_from_live(planner, resource);
        planner_see_pause(planner, resource, live);
        if (planner->options.minds_content)
            planner_see_content(resource, live->config);
    }
    if (resource && !(compares && see_in_sync(planner, resource, live))) {
        struct seen *seen = resource->planned;
        struct object *decoded = live_decode(&planner->scratch, live, planner->plan->target.now);
        seen->found = true;
        if (!live->stream)
            remember_stream(planner, seen, resource, live, decoded);
        if (resource->external || (!planner->options.destroy && refuse_foreign(planner, resource, live))) {
            arena_reset(&planner->scratch);
            return;
        }
        if (planner->options.destroy) {
            plan_delete(planner, resource, live);
        } else {
            compare_live(planner, resource, live, decoded);
        }
    }
    planner_see_lowered(planner, resource, live);
    arena_reset(&planner->scratch);
}

/* ---- an earlier manifest in place of a server ---- */

static bool is_same(const struct resource *a, const struct resource *b)
{
    const struct resource *stream = a->stream ? a->stream : a;
    const struct resource *other = b->stream ? b->stream : b;
    return !a->stream == !b->stream && strcmp(stream->name, other->name) == 0 &&
           strcmp(a->name, b->name) == 0 &&
           accounts_same(accounts_connection_of(stream), accounts_connection_of(other));
}

/* What is of the same name in another account is another object. */
static struct resource *find_same(struct planner *planner, const struct resource *earlier)
{
    struct resource *now =
        find_resource(planner, earlier->stream ? earlier->stream->name : NULL, earlier->name);
    if (!now || is_same(now, earlier))
        return now;
    const struct resources *all =
        earlier->stream ? &planner->manifest->consumers : &planner->manifest->streams;
    for (size_t i = 0; i < all->count; i++) /* another account may have the name, too */
        if (is_same(all->items[i], earlier))
            return all->items[i];
    return NULL;
}

/* Somebody else's stream counts only where it becomes one, or ceases to be one. */
static void compare_earlier(struct planner *planner, const struct resource *earlier, struct resource *now)
{
    struct seen *seen = now->planned;
    seen->found = true;
    if (earlier->external && now->external)
        return;
    struct step *step = step_new(planner->arena, ACTION_UPDATE, now, earlier->config);
    if (!earlier->external && !now->external &&
        compare_objects(planner->arena, step, &planner->plan->target) == 0)
        planner->plan->in_sync++;
    else
        seen->step = step;
}

/* A consumer goes along with its stream, and is not named beside it. */
static void see_deleted(struct planner *planner, struct resource *earlier)
{
    const struct resource *stream = earlier->stream;
    if (!earlier->external && (!stream || stream->external || find_same(planner, stream)))
        VEC_PUSH(planner->arena, &planner->deleted,
                 step_new(planner->arena, ACTION_DELETE, earlier, earlier->config));
}

void planner_see_earlier(struct planner *planner, struct resource *earlier)
{
    struct resource *now = find_same(planner, earlier);
    if (now)
        compare_earlier(planner, earlier, now);
    else
        see_deleted(planner, earlier);
    planner_see_earlier_lowered(planner, now, earlier);
    arena_reset(&planner->scratch);
}

/* ---- the end ---- */

static void plan_create(struct planner *planner, struct resource *resource)
{
    struct seen *seen = resource->planned;
    const struct seen *stream = resource->stream ? resource->stream->planned : NULL;
    if (resource->external && planner->options.earlier)
        return;
    if (resource->external) {
        struct diag *diag = diag_add(planner->diags, &code_missing_stream, resource->pos,
                                     "stream '%s' is external and does not exist", resource->name);
        diag_hint(planner->diags, diag, "its owner has to create it first");
        return;
    }
    if (resource->stream && resource->stream->external && !stream->found && !planner->options.earlier)
        return; /* reported once, at its stream */
    if (resource->stream)
        inherit_from_live(planner, resource);
    check_unchecked(planner, resource, NULL);
    planner->plan->in_sync -= seen->found && !seen->step;
    seen->step = step_new(planner->arena, ACTION_CREATE, resource, NULL);
    seen->step->irreversible = step_sets_for_good(resource->declared);
    refuse_faulty(planner, resource);
}

static bool is_queued(const struct resource *consumer)
{
    const struct resource *stream = consumer->stream;
    return stream && (planner_is_queue(stream->planned) ||
                      (!stream->external && object_has(stream->config, STREAM_RETENTION, CHOICE_WORKQUEUE)));
}

static void finish_resources(struct planner *planner, const struct resources *resources)
{
    for (size_t i = 0; i < resources->count; i++) {
        struct resource *resource = resources->items[i];
        struct seen *seen = resource->planned;
        if ((!seen->found || planner_recreates(resource)) && !planner->options.destroy)
            plan_create(planner, resource);
        if (!seen->step)
            continue;
        if (!resource->stream && object_has(resource->config, STREAM_SEALED, NULL))
            planner_warn_sealed(planner, seen->step);
        seen->step->queued = is_queued(resource);
        plan_add(planner->arena, planner->plan, seen->step);
    }
}

static void end(struct planner *planner)
{
    give_back(&planner->part->streams);
    give_back(&planner->part->consumers);
    arena_release(&planner->scratch);
}

/* Nothing counts for a next plan of the manifest that was seen in this one. */
void planner_cancel(struct planner *planner)
{
    for (size_t i = 0; i < planner->part->streams.count; i++)
        ((struct seen *)planner->part->streams.items[i]->planned)->found = false;
    end(planner);
}

/* What there is to be said of objects as they were found. */
static void note_found(struct planner *planner)
{
    if (planner->unmarked.count)
        planner_note_unmarked(planner);
    for (size_t i = 0; i < planner->plan->steps.count; i++) {
        const struct step *step = planner->plan->steps.items[i];
        if (step->resource && step->live && step->wanted)
            planner_note_revision(planner, step);
    }
    if (planner->paused.count)
        planner_note_pauses(planner);
    if (planner->left.count)
        planner_note_left(planner);
}

/* What the server and the rules make of the steps, and their order. */
static void judge(struct planner *planner)
{
    struct plan *plan = planner->plan;
    if (planner->prune)
        prune_add(planner->prune);
    planner_refuse_losses(planner);
    note_found(planner);
    if (planner->prune)
        prune_judge(planner->prune);
    if (planner->copies || planner->copiers.count) {
        planner_report_deleted(planner);
        planner_report_anew(planner);
    }
    planner_weigh_limits(planner);
    /* Without --prune this was checked before. With several accounts the name may be in another account's plan. */
    if (planner->options.prune && !planner->manifest->whole)
        risk_check_names(&planner->options, planner->manifest, plan, planner->diags);
    /* After the deletions are known: what is about to go does not stand in the way of anything. Where nothing is to be done, nothing is refused. */
    if (!planner->options.destroy && !(planner->options.again && !plan->steps.count))
        planner_check_rules(planner);
    if (planner->copies)
        planner_refuse_drains(planner);
    unknown_report(&planner->unknown, &plan->target, planner->diags);
    plan_order(planner->arena, plan, planner->diags);
}

struct plan *planner_finish(struct planner *planner)
{
    struct plan *plan = planner->plan;
    planner_prepare(planner);
    for (size_t i = 0; i < planner->deleted.count; i++)
        plan_add(planner->arena, plan, planner->deleted.items[i]);
    if (planner->lowered.count)
        planner_judge_lowered(planner);
    if (planner->renames.count)
        planner_finish_renames(planner);
    finish_resources(planner, &planner->manifest->streams);
    finish_resources(planner, &planner->manifest->consumers);
    if (planner->options.earlier)
        plan_sort(plan);
    else
        judge(planner);
    for (size_t i = 0; i < plan->steps.count; i++)
        plan->counts[plan->steps.items[i]->action]++;
    end(planner);
    return plan;
}
