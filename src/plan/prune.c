/*
 * What bears the project's mark and is not defined; see prune.h. Objects without the mark, with another project's, and
 * the server's own are passed over by a look at the metadata alone, so that memory follows what is to be done.
 */
#include "plan/prune.h"

#include <stdlib.h>
#include <string.h>

#include "field/mark_keys.h"
#include "kind/kinds.h"
#include "kind/names.h"
#include "manifest/removed.h"
#include "plan/bucket_words.h"
#include "plan/compare.h"
#include "plan/loss.h"
#include "plan/mark.h"
#include "plan/risk.h"

DIAG_CODE(
    code_immutable, .name = "immutable", CODE_ERROR(EXIT_REFUSED),
    .doc = "The server refuses to change this field of an existing object.",
    .why = "The server would answer with an error in the middle of the apply.", .example = "storage: memory",
    .remedy = "Write what the server has, ignore the field by lifecycle, or make an object of another name.");

DIAG_CODE(code_protected, .name = "protected", CODE_ERROR(EXIT_REFUSED),
          .doc = "lifecycle.prevent_destroy keeps the object from being deleted.",
          .why = "Somebody asked for this to be impossible.", .example = "lifecycle: {prevent_destroy: true}",
          .remedy = "Take the line away first, apply, and delete then.");

static DIAG_CODE(code_prune, .name = "prune", CODE_ERROR(EXIT_REFUSED),
                 .doc = "The server is too old to keep marks, so that nothing tells what is the project's.",
                 .why = "Without marks nothing tells the project's objects from other people's.",
                 .example = "natsform plan --prune",
                 .remedy = "Delete by name, or upgrade to nats-server 2.10.");

struct strays {
    struct arena *arena;
    const struct manifest *manifest;
    struct plan *plan;
    const struct plan_options *options;
    struct diags *diags;
    bool prunes;
    struct map seen;    /* by stream name or resource_key(), to what was made of it */
    struct map streams; /* by name, to struct stream_facts, of those that are no plain ones */
    VEC(struct stray *) list;
};

/* One to prune or to forget. */
struct stray {
    struct step *step;
    bool protected;
    const char
        *owner; /* another project, of a consumer that a stream would take along; NULL: there is none */
    const char *consumer; /* that one, the first by name */
    const char *kept; /* a protected consumer that a stream would take along, the first by name; or NULL */
};

/* What decides about the deletion of a consumer. */
struct stream_facts {
    bool interest; /* messages go with the last consumer that wants them */
    bool room;     /* consumers exclude or displace each other */
    struct stream_state state;
};

struct strays *strays_new(struct arena *arena, const struct manifest *manifest, struct plan *plan,
                          const struct plan_options *options, struct diags *diags)
{
    struct strays *strays = ARENA_NEW(arena, struct strays);
    bool marks = version_has(plan->target.version, MARKS_SINCE);
    *strays = (struct strays){.arena = arena,
                              .manifest = manifest,
                              .plan = plan,
                              .options = options,
                              .diags = diags,
                              .prunes = options->prune && marks && manifest->project};
    map_init(&strays->seen, arena);
    map_init(&strays->streams, arena);
    if (options->prune && !marks) {
        struct diag *diag =
            diag_add(diags, &code_prune, (struct srcpos){0},
                     "cannot prune on nats-server %s: it keeps no metadata, and so no mark of a project",
                     plan->target.version_text);
        diag_hint(diags, diag,
                  "delete by hand what is not wanted any more, or upgrade the server to 2.10 or later");
    }
    return strays;
}

/* ---- streams ---- */

static const char *config_text(const struct live_object *live, unsigned id)
{
    const struct node *node = node_get(live->config, table_field_by_id(live->table, id)->name);
    return node && node->type == NODE_SCALAR ? node->text : "";
}

void strays_see_stream(struct strays *strays, const struct live_object *live)
{
    if (!strays->prunes)
        return;
    const char *retention = config_text(live, STREAM_RETENTION);
    struct stream_facts facts = {.interest = strcmp(retention, CHOICE_INTEREST) == 0, .state = live->state};
    const char *most = config_text(live, STREAM_MAX_CONSUMERS);
    facts.room = !facts.interest && (strcmp(retention, CHOICE_WORKQUEUE) == 0 || (*most && *most != '-'));
    if (!facts.interest && !facts.room)
        return;
    struct stream_facts *kept = ARENA_NEW(strays->arena, struct stream_facts);
    *kept = facts;
    map_put(&strays->streams, arena_strdup(strays->arena, live->name), kept);
}

/* ---- what a stray is ---- */

/* Made by a server for itself, whatever its metadata says. */
static bool is_servers(const struct live_object *live)
{
    static const char *const prefixes[] = {"$", "JS_MIRROR_", "JS_SRC_"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(live->name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return live->stream && (strcmp(config_text(live, CONSUMER_DIRECT), "true") == 0 ||
                            strcmp(config_text(live, CONSUMER_SOURCING), "true") == 0);
}

static struct stray *new_stray(struct strays *strays, const struct live_object *live, const char *key)
{
    struct arena *arena = strays->arena;
    struct stray *stray = ARENA_NEW(arena, struct stray);
    struct step *step = ARENA_NEW(arena, struct step);
    struct live_object copy = *live;
    copy.config = node_keep(arena, live->config); /* it is the reply's, which goes */
    copy.name = arena_strdup(arena, live->name);
    step->table = live->table;
    step->stream = live->stream ? arena_strdup(arena, live->stream) : NULL;
    step->name = copy.name;
    step->state = live->state;
    step->live = live_decode(arena, &copy, strays->plan->target.now);
    step_recognise(arena, step, strays->plan->target.version);
    stray->step = step;
    map_put(&strays->seen, arena_strdup(arena, key), stray);
    VEC_PUSH(arena, &strays->list, stray);
    return stray;
}

/* ---- deleting ---- */

static void prune(struct strays *strays, const struct live_object *live, const char *key)
{
    static const struct stream_facts plain;
    const struct stream_facts *facts = live->stream ? map_get(&strays->streams, live->stream) : NULL;
    struct stray *stray = new_stray(strays, live, key);
    struct step *step = stray->step;
    facts = facts ? facts : &plain;
    step->action = ACTION_DELETE;
    step->makes_room = facts->room;
    stray->protected = mark_of_live(live, MARK_PROTECTED) != NULL;
    assess_loss(strays->arena, step, &strays->plan->target, live->stream ? &facts->state : &live->state,
                facts->interest ? CHOICE_INTEREST : "");
}

/* A stream takes its consumers along; not those of other projects. */
static void go_along(struct strays *strays, struct stray *stream, const struct live_object *consumer,
                     const char *owner)
{
    bool ours = owner && strcmp(owner, strays->manifest->project) == 0;
    const char **first = ours ? &stream->kept : &stream->consumer;
    if (!owner || (ours && !mark_of_live(consumer, MARK_PROTECTED)) ||
        (*first && strcmp(*first, consumer->name) < 0))
        return;
    *first = arena_strdup(strays->arena, consumer->name);
    if (!ours)
        stream->owner = arena_strdup(strays->arena, owner);
}

static void refuse_protected(struct strays *strays, const struct step *step)
{
    struct diag *diag =
        diag_add(strays->diags, &code_protected, step->pos,
                 "%s is not in the manifest, and was protected by '%s' when it last was", step->label,
                 table_field_by_id(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY)->name);
    diag_hint(strays->diags, diag, "put it back without the protection and apply, or let it go with '%s'",
              table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
}

static void refuse_kept(struct strays *strays, const struct stray *stray)
{
    struct diag *diag =
        diag_add(strays->diags, &code_protected, stray->step->pos,
                 "%s cannot be deleted: its consumer '%s' was protected by '%s'", stray->step->label,
                 stray->kept, table_field_by_id(&lifecycle_table, LIFECYCLE_PREVENT_DESTROY)->name);
    diag_hint(strays->diags, diag,
              "put both back without the protection and apply, or let the stream go with '%s'",
              table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
}

static void refuse_foreign(struct strays *strays, const struct stray *stray)
{
    struct diag *diag = diag_add(strays->diags, &code_foreign, stray->step->pos,
                                 "%s cannot be deleted: its consumer '%s' belongs to project '%s'",
                                 stray->step->label, stray->consumer, stray->owner);
    diag_hint(strays->diags, diag, "that project has to delete it first, or let the stream go with '%s'",
              table_field_by_id(&manifest_table, MANIFEST_REMOVED)->name);
}

/* Not before all were read and sorted, so that what is said has the same order each time. */
static void judge_prune(struct strays *strays, const struct stray *stray)
{
    if (stray->protected)
        refuse_protected(strays, stray->step);
    else if (stray->kept)
        refuse_kept(strays, stray);
    else if (stray->owner)
        refuse_foreign(strays, stray);
    else
        loss_refuse(strays->options, stray->step, strays->diags);
    if (stray->protected || stray->kept || stray->owner)
        stray->step->action = ACTION_REFUSED;
}

/* ---- forgetting ---- */

static void refuse_frozen(struct strays *strays, struct step *step, const struct change *change)
{
    struct diag *diag = diag_add(strays->diags, &code_immutable, step->pos,
                                 "the mark of the project cannot be taken off %s", step->label);
    diag_note(strays->diags, diag, (struct srcpos){0}, "nats-server %s answers error %d: %s",
              strays->plan->target.version_text, change->rule->err_code, change->rule->says);
    step->action = ACTION_REFUSED;
}

static void forget(struct strays *strays, const struct live_object *live, const char *key,
                   const struct removed *removed)
{
    struct step *step = new_stray(strays, live, key)->step;
    size_t size = sizeof(*step->live) + step->table->count * sizeof(struct value);
    step->action = ACTION_FORGET;
    step->pos = removed->pos;
    step->wanted = arena_grow(strays->arena, step->live, 1, 1, size);
    mark_remove(strays->arena, step->wanted);
    compare_objects(strays->arena, step, &strays->plan->target);
}

static void judge_forget(struct strays *strays, struct step *step)
{
    for (size_t i = 0; i < step->changes.count; i++)
        if (step->changes.items[i].refused)
            refuse_frozen(strays, step, &step->changes.items[i]);
}

/* ---- all of them ---- */

/*
 * As somebody else's stream, or under another connection, which may lead to the same account: no stray, as long as nothing lets it
 * go.
 */
static bool is_defined(const struct strays *strays, const struct live_object *live, const char *key)
{
    const struct manifest *whole = strays->manifest->whole ? strays->manifest->whole : strays->manifest;
    return map_get(live->stream ? &whole->consumers_by_key : &whole->streams_by_name, key) != NULL;
}

void strays_see(struct strays *strays, const struct live_object *live)
{
    const struct manifest *manifest = strays->manifest;
    const char *owner = mark_of_live(live, MARK_PROJECT);
    struct stray *stream = live->stream && strays->prunes ? map_get(&strays->seen, live->stream) : NULL;
    if (stream && stream->step->action == ACTION_DELETE) {
        go_along(strays, stream, live, owner);
        return;
    }
    if (!owner || !manifest->project || strcmp(owner, manifest->project) != 0 || is_servers(live))
        return;
    struct arena scratch;
    arena_init(&scratch);
    const char *key = live->stream ? resource_key(&scratch, live->stream, live->name) : live->name;
    const struct removed *removed = removed_find(manifest, &scratch, live->stream ? live->stream : live->name,
                                                 live->stream ? live->name : NULL);
    bool defined = is_defined(strays, live, key);
    if (map_get(&strays->seen, key)) {
        /* a page that was read twice */
    } else if (removed && !strays->options->destroy) {
        forget(strays, live, key, removed);
    } else if (!removed && !defined && strays->prunes) {
        prune(strays, live, key);
    } else if (!removed && !defined) {
        map_put(&strays->seen, arena_strdup(strays->arena, key), strays);
        strays->plan->strays++;
    }
    arena_release(&scratch);
}

static int compare_strays(const void *left, const void *right)
{
    const struct step *a = (*(struct stray *const *)left)->step;
    const struct step *b = (*(struct stray *const *)right)->step;
    if (!a->stream != !b->stream)
        return a->stream ? 1 : -1;
    int order = a->stream ? strcmp(a->stream, b->stream) : 0;
    return order ? order : strcmp(a->name, b->name);
}

void strays_finish(struct strays *strays)
{
    struct plan *plan = strays->plan;
    if (strays->list.count)
        qsort(strays->list.items, strays->list.count, sizeof(*strays->list.items), compare_strays);
    for (size_t i = 0; i < strays->list.count; i++) {
        struct step *step = strays->list.items[i]->step;
        if (step->action == ACTION_DELETE)
            judge_prune(strays, strays->list.items[i]);
        else
            judge_forget(strays, step);
        step->index = plan->steps.count;
        VEC_PUSH(strays->arena, &plan->steps, step);
    }
}
