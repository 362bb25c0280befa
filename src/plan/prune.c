/*
 * Strays; see prune.h. A look at the raw metadata is enough to skip objects without the mark, with another project's mark, and
 * the server's own. So memory grows with what is to be done and not with the account.
 */
#include "plan/prune.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "field/encode.h"
#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "manifest/manifest.h"
#include "plan/risk.h"
#include "plan/step.h"

static const char *config_text(const struct live_object *live, unsigned id)
{
    const struct node *node = node_get(live->config, table_field_by_id(live->table, id)->name);
    return node && node->type == NODE_SCALAR ? node->text : "";
}

DIAG_CODE(code_protected, .name = "protected", CODE_ERROR(EXIT_REFUSED),
          .doc = "lifecycle.prevent_destroy keeps the object from being deleted.",
          .why = "Somebody asked for this to be impossible.", .example = "lifecycle: {prevent_destroy: true}",
          .remedy = "Take the line away first, apply, and delete then.");

static DIAG_CODE(code_prune, .name = "prune", CODE_ERROR(EXIT_REFUSED),
                 .doc = "The server is too old to keep marks, so that nothing tells what is the project's.",
                 .why = "Without marks nothing tells the project's objects from other people's.",
                 .example = "natsform plan --prune",
                 .remedy = "Delete by name, or upgrade to nats-server 2.10.");

static DIAG_CODE(
    code_not_ours, .name = "not-ours", CODE_NOTE,
    .doc = "The manifest asks to delete an object that is not the project's, so it stays.",
    .why = "What the project does not own is never touched.",
    .example = "{project: chat, removed: {streams: [{name: SEARCH, delete: true}]}}",
    .remedy = "Take the line out. If it is to go all the same, import it first, or delete it by hand.");

struct prune {
    struct arena *arena;
    const struct manifest *manifest;
    struct plan *plan;
    const struct plan_options *options;
    struct diags *diags;
    bool prunes;
    bool deletes;        /* that, or what the manifest asks for by name */
    struct map seen;     /* stream name or resource_key() to the stray, if it is one */
    struct map unowned;  /* stream name or resource_key() of what is nobody's */
    struct map doubtful; /* names of streams: the plan's list */
    struct map streams;  /* name to struct stream_facts, for streams where it matters which consumers go */
    VEC(struct undefined *) list;
};

/* An object to delete or to forget, or that stays in spite of its mark (ACTION_NONE). */
struct undefined {
    struct step *step;
    bool protected;
    bool not_ours; /* and the manifest asks to delete it */
    const char
        *owner; /* another project, of a consumer that a stream would take along; NULL: there is none */
    const char *consumer;    /* the name of that consumer; the first one by name */
    const char *copied_from; /* of what the mark is, if it is of another object */
    const char *kept; /* a protected consumer that a stream would take along, the first by name; or NULL */
};

/* What matters about a stream when one of its consumers is deleted. */
struct stream_facts {
    bool interest; /* a message is removed with the last consumer that wants it */
    bool room;     /* a new consumer may have to wait for the deletion of an old one */
    struct stream_state state;
};

struct prune *prune_new(struct arena *arena, const struct manifest *manifest, struct plan *plan,
                        const struct plan_options *options, struct diags *diags)
{
    struct prune *prune = ARENA_NEW(arena, struct prune);
    bool marks = version_has(plan->target.version, MARKS_SINCE);
    *prune = (struct prune){.arena = arena,
                            .manifest = manifest,
                            .plan = plan,
                            .options = options,
                            .diags = diags,
                            .prunes = options->prune && marks && manifest->project};
    prune->deletes = prune->prunes || removed_deletes(manifest);
    map_init(&prune->seen, arena);
    map_init(&prune->unowned, arena);
    map_init(&prune->doubtful, arena);
    map_init(&prune->streams, arena);
    if (options->prune && !marks) {
        struct diag *diag =
            diag_add(diags, &code_prune, (struct srcpos){0},
                     "cannot prune on nats-server %s: it keeps no metadata, and so no mark of a project",
                     plan->target.version_text);
        diag_hint(diags, diag,
                  "delete by hand what is not wanted any more, or upgrade the server to 2.10 or later");
    }
    return prune;
}

/* ---- streams ---- */

void prune_see_stream(struct prune *prune, const struct live_object *live)
{
    if (!prune->deletes)
        return;
    const char *retention = config_text(live, STREAM_RETENTION);
    struct stream_facts facts = {.interest = strcmp(retention, CHOICE_INTEREST) == 0, .state = live->state};
    const char *most = config_text(live, STREAM_MAX_CONSUMERS);
    /* On a work queue a filter, and with max_consumers a place, is free only when the old consumer is gone. */
    facts.room = !facts.interest && (strcmp(retention, CHOICE_WORKQUEUE) == 0 || (*most && *most != '-'));
    if (!facts.interest && !facts.room)
        return;
    struct stream_facts *kept = ARENA_NEW(prune->arena, struct stream_facts);
    *kept = facts;
    map_put(&prune->streams, arena_strdup(prune->arena, live->name), kept);
}

/* ---- what is not defined ---- */

static struct undefined *new_undefined(struct prune *prune, enum action action,
                                       const struct live_object *live, const char *key)
{
    struct arena *arena = prune->arena;
    struct undefined *undefined = ARENA_NEW(arena, struct undefined);
    undefined->step = step_of_live(arena, action, live, &prune->plan->target);
    map_put(&prune->seen, arena_strdup(arena, key), undefined);
    VEC_PUSH(arena, &prune->list, undefined);
    return undefined;
}

/* ---- deleting ---- */

static void delete_undefined(struct prune *prune, const struct live_object *live, const char *key)
{
    static const struct stream_facts plain;
    const struct stream_facts *facts = live->stream ? map_get(&prune->streams, live->stream) : NULL;
    struct undefined *undefined = new_undefined(prune, ACTION_DELETE, live, key);
    struct step *step = undefined->step;
    facts = facts ? facts : &plain;
    step->makes_room = facts->room;
    undefined->protected = mark_protects(live);
    risk_assess(prune->arena, step, &prune->plan->target, live->stream ? &facts->state : &live->state,
                facts->interest ? CHOICE_INTEREST : "");
}

/*
 * A stream that is deleted takes its consumers along. If one is another project's, or protected, that is remembered, to
 * refuse the deletion.
 */
static void go_along(struct prune *prune, struct undefined *stream, const struct live_object *consumer,
                     const char *owner)
{
    const char *project = prune->manifest->project;
    bool ours = owner && project && strcmp(owner, project) == 0;
    step_takes_along(prune->arena, stream->step, consumer->name);
    /* The first by name, so that the message does not depend on the order of pages. */
    const char **first = ours ? &stream->kept : &stream->consumer;
    if (!owner || (ours && !mark_protects(consumer)) || (*first && strcmp(*first, consumer->name) < 0))
        return;
    *first = arena_strdup(prune->arena, consumer->name);
    if (!ours)
        stream->owner = arena_strdup(prune->arena, owner);
}

static void refuse_protected(struct prune *prune, struct step *step)
{
    struct diag *diag =
        diag_add(prune->diags, &code_protected, step->pos,
                 "%s is not in the manifest, and was protected by '%s' when it last was", step->label,
                 table_field_by_id(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY)->name);
    diag_hint(
        prune->diags, diag,
        "put it back without the protection and apply, or list it below '%s', so that it stays and is nobody's",
        table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
    step_refuse(prune->diags, step, diag);
}

static void refuse_kept(struct prune *prune, const struct undefined *undefined)
{
    struct diag *diag =
        diag_add(prune->diags, &code_protected, undefined->step->pos,
                 "%s cannot be deleted: its consumer '%s' was protected by '%s'", undefined->step->label,
                 undefined->kept, table_field_by_id(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY)->name);
    diag_hint(
        prune->diags, diag,
        "put both back without the protection and apply, or list the stream below '%s', so that it stays and is nobody's",
        table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
    step_refuse(prune->diags, undefined->step, diag);
}

static void refuse_foreign(struct prune *prune, const struct undefined *undefined)
{
    struct diag *diag = diag_add(prune->diags, &code_foreign, undefined->step->pos,
                                 "%s cannot be deleted: its consumer '%s' belongs to project '%s'",
                                 undefined->step->label, undefined->consumer, undefined->owner);
    diag_hint(
        prune->diags, diag,
        "that project has to delete it first, or list the stream below '%s', so that it stays and is nobody's",
        table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
    step_refuse(prune->diags, undefined->step, diag);
}

static void refuse_unmarked(struct prune *prune, struct step *step)
{
    struct diag *diag = diag_add(
        prune->diags, &code_prune, step->pos,
        "%s is not deleted: nats-server %s keeps no mark, and nothing tells whether it is the project's",
        step->label, prune->plan->target.version_text);
    diag_hint(prune->diags, diag, "delete it by hand, and take it out of '%s'",
              table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
    step_refuse(prune->diags, step, diag);
}

/* Called after all were read and sorted, so that diagnostics always have the same order. */
static void judge_delete(struct prune *prune, const struct undefined *undefined)
{
    step_sort_along(undefined->step);
    if (undefined->not_ours)
        refuse_unmarked(prune, undefined->step);
    else if (undefined->protected)
        refuse_protected(prune, undefined->step);
    else if (undefined->kept)
        refuse_kept(prune, undefined);
    else if (undefined->owner)
        refuse_foreign(prune, undefined);
    else
        risk_refuse(prune->options, undefined->step, prune->plan->target.now, prune->diags);
}

/* ---- staying ---- */

static void leave(struct prune *prune, const struct live_object *live, const char *key)
{
    const char *of = mark_text(live, MARK_OBJECT);
    new_undefined(prune, ACTION_NONE, live, key)->copied_from = of ? arena_strdup(prune->arena, of) : NULL;
}

static void note_left(struct prune *prune, const struct undefined *undefined)
{
    struct diags *diags = prune->diags;
    const struct step *step = undefined->step;
    struct diag *diag;
    if (undefined->not_ours) {
        diag = diag_add(diags, &code_not_ours, step->pos, "%s is not deleted: it is not this project's",
                        step->label);
        diag_hint(diags, diag, "'natsform import' makes it so, and then it is deleted");
    } else if (undefined->copied_from) {
        diag = diag_add(diags, &code_copied_mark, step->pos,
                        "%s is not deleted: its mark is of %s, and so it is nobody's", step->label,
                        undefined->copied_from);
        diag_hint(diags, diag, "it is a copy; '%s' takes the mark off",
                  table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
    } else {
        diag = diag_add(diags, &code_old_mark, step->pos,
                        "%s is not deleted: its mark does not say which object it is of", step->label);
        diag_hint(diags, diag, "put it back into the manifest and apply, or delete it by hand");
    }
    diag->object = step_address(&diags->arena, step);
}

/* ---- deleting by name ---- */

static void remove_named(struct prune *prune, const struct live_object *live, const char *key,
                         const struct removed *removed)
{
    if (mark_kind(live) != MARK_OWN) {
        leave(prune, live, key);
        return;
    }
    delete_undefined(prune, live, key);
    const struct undefined *undefined = prune->list.items[prune->list.count - 1];
    undefined->step->pos = removed->pos;
    undefined->step->removes = true;
}

/* The manifest asks to delete what is not the project's, or what no server before 2.10 can tell whose it is. */
static void keep_named(struct prune *prune, const struct live_object *live, const char *key,
                       const struct removed *removed)
{
    bool marks = version_has(prune->plan->target.version, MARKS_SINCE);
    struct undefined *undefined = new_undefined(prune, marks ? ACTION_NONE : ACTION_DELETE, live, key);
    undefined->step->pos = removed->pos;
    undefined->not_ours = true;
}

/* ---- forgetting ---- */

static void refuse_frozen(struct prune *prune, struct step *step, const struct change *change)
{
    struct diag *diag = diag_add(prune->diags, &code_immutable, step->pos,
                                 "the mark of the project cannot be taken off %s", step->label);
    diag_note(prune->diags, diag, (struct srcpos){0}, "nats-server %s answers error %d: %s",
              prune->plan->target.version_text, change->rule->err_code, change->rule->says);
    step_refuse(prune->diags, step, diag);
}

static void forget(struct prune *prune, const struct live_object *live, const char *key,
                   const struct removed *removed)
{
    struct step *step = new_undefined(prune, ACTION_FORGET, live, key)->step;
    step->pos = removed->pos;
    step->wanted = object_copy(prune->arena, step->live);
    mark_remove(prune->arena, step->wanted);
    compare_objects(prune->arena, step, &prune->plan->target);
}

static void judge_forget(struct prune *prune, struct step *step)
{
    for (size_t i = 0; i < step->changes.count; i++)
        if (step->changes.items[i].refused)
            refuse_frozen(prune, step, &step->changes.items[i]);
}

/* ---- all of them ---- */

/*
 * As somebody else's stream, too. What only another account's part of the manifest has is defined as long as it may be the
 * same object, by another connection to the same account.
 */
static bool is_defined(struct prune *prune, const struct live_object *live, const char *key)
{
    const struct manifest *manifest = prune->manifest;
    const struct manifest *whole = manifest->whole;
    const char *stream = live->stream ? live->stream : live->name;
    if (map_get(live->stream ? &manifest->consumers_by_key : &manifest->streams_by_name, key))
        return true;
    if (!whole || !map_get(live->stream ? &whole->consumers_by_key : &whole->streams_by_name, key) ||
        (prune->options->strangers && map_get(prune->options->strangers, stream)))
        return false;
    if (!map_get(&prune->doubtful, stream)) {
        stream = arena_strdup(prune->arena, stream);
        map_put(&prune->doubtful, stream, prune);
        VEC_PUSH(prune->arena, &prune->plan->doubtful, stream);
    }
    return true;
}

/* Consumers that clients make for themselves come and go, and are not looked for; nor are those of others' streams. */
static bool is_of_interest(const struct prune *prune, const struct live_object *live)
{
    const struct resource *stream =
        live->stream ? map_get(&prune->manifest->streams_by_name, live->stream) : NULL;
    return !live->stream || (stream && !stream->external && *config_text(live, CONSUMER_DURABLE_NAME));
}

static const char *label_of(const struct prune *prune, const struct live_object *live)
{
    return step_of_live(prune->arena, ACTION_NONE, live, &prune->plan->target)->label;
}

static void count_unowned(struct prune *prune, const struct live_object *live)
{
    if (mark_is_servers(live) || !is_of_interest(prune, live))
        return;
    const char *key = live->stream ? resource_key(prune->arena, live->stream, live->name)
                                   : arena_strdup(prune->arena, live->name);
    if (is_defined(prune, live, key) ||
        map_put(&prune->unowned, key, prune)) /* a page may have been read twice */
        return;
    if (prune->prunes)
        VEC_PUSH(prune->arena, &prune->plan->unowned, label_of(prune, live));
    if (live->stream)
        prune->plan->unowned_consumers++;
    else
        prune->plan->unowned_streams++;
}

/* What --prune would delete; a consumer of such a stream goes with it. */
static void name_only(struct prune *prune, const struct live_object *live, const char *key)
{
    struct undefined *named = ARENA_NEW(prune->arena, struct undefined);
    const struct undefined *stream = live->stream ? map_get(&prune->seen, live->stream) : NULL;
    if (stream && stream->step->action == ACTION_NONE)
        return;
    named->step = step_of_live(prune->arena, ACTION_NONE, live, &prune->plan->target);
    map_put(&prune->seen, arena_strdup(prune->arena, key), named);
    VEC_PUSH(prune->arena, &prune->plan->undefined, named->step->label);
}

/* Or is it a consumer, and the entry is of its stream? */
static bool is_named(const struct live_object *live, const struct removed *removed)
{
    return (live->stream == NULL) == (removed->consumer == NULL);
}

void prune_see(struct prune *prune, const struct live_object *live)
{
    const struct manifest *manifest = prune->manifest;
    const char *owner = mark_text(live, MARK_PROJECT);
    bool own = mark_kind(live) == MARK_OWN;
    bool ours = owner && manifest->project && strcmp(owner, manifest->project) == 0;
    struct undefined *stream = live->stream && prune->deletes ? map_get(&prune->seen, live->stream) : NULL;
    /* Streams are read before their consumers, so it is known by now that the stream goes. */
    if (stream && stream->step->action == ACTION_DELETE) {
        go_along(prune, stream, live, mark_owner(live));
        return;
    }
    if (!mark_owner(live) && manifest->project && !prune->options->destroy)
        count_unowned(prune, live);
    if (mark_is_servers(live) || (!ours && !removed_deletes(manifest)))
        return;
    struct arena scratch;
    arena_init(&scratch);
    const char *key = live->stream ? resource_key(&scratch, live->stream, live->name) : live->name;
    const struct removed *removed = removed_find(manifest, &scratch, live->stream ? live->stream : live->name,
                                                 live->stream ? live->name : NULL);
    bool defined = is_defined(prune, live, key);
    if (map_get(&prune->seen, key)) {
        /* a page that was read twice */
    } else if (!ours) {
        if (removed && removed->deletes && !prune->options->destroy && is_named(live, removed))
            keep_named(prune, live, key, removed);
    } else if (removed && removed->deletes && !prune->options->destroy) {
        remove_named(prune, live, key, removed);
    } else if (removed && !prune->options->destroy) {
        forget(prune, live, key, removed);
    } else if (!removed && !defined && prune->prunes && own) {
        delete_undefined(prune, live, key);
    } else if (!removed && !defined && prune->prunes) {
        leave(prune, live, key);
    } else if (!removed && !defined && own) {
        name_only(prune, live, key);
    }
    arena_release(&scratch);
}

static int compare_undefined(const void *left, const void *right)
{
    const struct undefined *a = *(struct undefined *const *)left;
    const struct undefined *b = *(struct undefined *const *)right;
    return step_compare(&a->step, &b->step);
}

static int compare_labels(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void prune_visit(const struct prune *prune, void (*visit)(void *context, struct step *step), void *context)
{
    for (size_t i = 0; i < prune->list.count; i++)
        visit(context, prune->list.items[i]->step);
}

void prune_add(struct prune *prune)
{
    struct plan *plan = prune->plan;
    if (plan->unowned.count)
        qsort(plan->unowned.items, plan->unowned.count, sizeof(*plan->unowned.items), compare_labels);
    if (plan->undefined.count)
        qsort(plan->undefined.items, plan->undefined.count, sizeof(*plan->undefined.items), compare_labels);
    if (prune->list.count)
        /* Pages come in any order, and a plan has to be the same each time. */
        qsort(prune->list.items, prune->list.count, sizeof(*prune->list.items), compare_undefined);
    for (size_t i = 0; i < prune->list.count; i++)
        if (prune->list.items[i]->step->action != ACTION_NONE)
            plan_add(prune->arena, plan, prune->list.items[i]->step);
}

void prune_judge(struct prune *prune)
{
    for (size_t i = 0; i < prune->list.count; i++) {
        struct undefined *undefined = prune->list.items[i];
        if (undefined->step->action == ACTION_NONE)
            note_left(prune, undefined);
        else if (undefined->step->action == ACTION_DELETE)
            judge_delete(prune, undefined);
        else
            judge_forget(prune, undefined->step);
    }
}
