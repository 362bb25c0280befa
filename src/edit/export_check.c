/*
 * Checks an export: its files are read like any manifest, and planned against the survey that they were made from. What
 * is wrong, or would be changed by the plan, is taken out: first the field and, if no field is the cause, the object.
 */
#include <string.h>

#include "apply/refresh.h"
#include "base/scope.h"
#include "edit/export_model.h"
#include "kind/kinds.h"
#include "kind/manifest_rows.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "syntax/yaml.h"

/* ---- the files, from memory ---- */

static int read_file(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    const struct exported *exported = context;
    (void)arena;
    for (size_t i = 0; i < exported->files.count; i++) {
        const struct new_file *file = &exported->files.items[i];
        if (strcmp(file->path, path) != 0)
            continue;
        *ret_source = (struct source){.name = file->path, .text = file->text, .length = file->length};
        return 0;
    }
    *ret_error = "no such file";
    return -1;
}

/* Finds the files in memory. The main file includes nothing but "folder/" and a star. */
static int expand_pattern(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                          size_t *ret_count, const char **ret_error)
{
    const struct exported *exported = context;
    size_t prefix = strcspn(pattern, "*");
    const char **paths = ARENA_ARRAY(arena, const char *, exported->files.count);
    size_t count = 0;
    for (size_t i = 0; i < exported->files.count; i++) {
        const char *path = exported->files.items[i].path;
        if (pattern[prefix] ? strncmp(path, pattern, prefix) == 0 : strcmp(path, pattern) == 0)
            paths[count++] = path;
    }
    *ret_paths = paths;
    *ret_count = count;
    *ret_error = "no such file";
    return count ? 0 : -1;
}

/* Exported texts have none: '${' in a value is escaped. */
static const char *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

struct manifest *exported_load(struct arena *arena, struct exported *exported, vars_lookup *lookup,
                               void *lookup_context, struct diags *diags)
{
    const struct manifest_reader reader = {.read = read_file,
                                           .expand = expand_pattern,
                                           .context = exported,
                                           .lookup = lookup ? lookup : no_variable,
                                           .lookup_context = lookup_context};
    return manifest_load(arena, &reader, &exported->files.items[0].path, 1, diags);
}

/* ---- from a position to an object and its field ---- */

struct place {
    struct export_item *item;
    const struct field *field; /* NULL: it is about the object as a whole */
};

/* The last member of the map that begins at the position or before it; NULL if there is none. */
static const struct member *member_at(const struct node *map, struct srcpos pos)
{
    const struct member *found = NULL;
    for (size_t i = 0; map && map->type == NODE_MAP && i < map->count; i++)
        if (srcpos_compare(map->members[i].key_pos, pos) <= 0)
            found = &map->members[i];
    return found;
}

static struct export_item *find_bucket(const struct exporting *exporting, struct arena *arena,
                                       const struct node *root, struct srcpos pos)
{
    static const struct {
        unsigned section;
        const struct bucket_kind *kind;
    } sections[] = {{MANIFEST_KEY_VALUES, &key_value_kind}, {MANIFEST_OBJECT_STORES, &object_store_kind}};
    const struct member *section = member_at(root, pos);
    for (size_t i = 0; section && i < sizeof(sections) / sizeof(sections[0]); i++) {
        const struct member *bucket = member_at(section->value, pos);
        if (bucket &&
            strcmp(section->key, table_field_by_id(&manifest_table, sections[i].section)->name) == 0)
            return map_get(&exporting->by_key, bucket_stream_name(arena, sections[i].kind, bucket->key));
    }
    return NULL;
}

static struct place find_place(const struct exporting *exporting, struct arena *arena,
                               const struct node *root, struct srcpos pos)
{
    struct place place = {0};
    const struct node *streams = node_get(root, table_field_by_id(&manifest_table, MANIFEST_STREAMS)->name);
    const struct member *stream = member_at(streams, pos);
    place.item = find_bucket(exporting, arena, root, pos);
    if (place.item)
        return place;
    place.item = stream ? map_get(&exporting->by_key, stream->key) : NULL;
    if (!place.item)
        return place;
    const struct member *member = member_at(stream->value, pos);
    place.field = member ? table_field(&stream_table, member->key) : NULL;
    if (!place.field || place.field->id != STREAM_CONSUMERS)
        return place;
    const struct member *consumer = member_at(member->value, pos);
    place.field = NULL;
    if (!consumer)
        return place;
    place.item = map_get(&exporting->by_key, resource_key(arena, stream->key, consumer->key));
    member = member_at(consumer->value, pos);
    place.field = member ? table_field(&consumer_table, member->key) : NULL;
    return place;
}

/* The text is read once more: the tree that was loaded had defaults laid under it, and is gone. */
static struct place place_of(struct exporting *exporting, struct arena *arena, struct srcpos pos)
{
    struct source *source = ARENA_NEW(arena, struct source);
    struct documents documents = {0};
    struct diags unheard SCOPED(diags_release) = {0};
    const char *error;
    struct place place = {0};
    if (!pos.source || read_file(exporting->exported, arena, pos.source->name, source, &error))
        return place;
    yaml_read(arena, source, &unheard, &documents);
    pos.source = source;
    return documents.count ? find_place(exporting, arena, documents.items[0], pos) : place;
}

/* ---- remedies ---- */

static size_t take_out(struct exporting *exporting, struct export_item *item, const char *why)
{
    if (item->out || item->external)
        return 0;
    export_remark(exporting, "left out, because a manifest cannot say what it is: %s: %s",
                  export_label(exporting, item), why);
    if (item->stream || item->consumers.count == 0)
        item->out = true;
    else
        item->external = true;
    return 1;
}

static size_t remedy(struct exporting *exporting, struct place place, const char *why)
{
    const unsigned not_fields = FIELD_OURS | FIELD_IDENTITY;
    if (!place.item)
        return 0;
    if (place.item->bucket) { /* written as a stream, it can say more */
        place.item->bucket = NULL;
        VEC_PUSH(exporting->arena, &place.item->comments,
                 arena_printf(exporting->arena, "the stream of a bucket, and not written as one: %s", why));
        return 1;
    }
    /* A field first: what else the object has can still be said. */
    if (place.field && !(place.field->flags & not_fields) &&
        export_leave_alone(exporting, place.item, place.field, why))
        return 1;
    return take_out(exporting, place.item, why);
}

static size_t remedy_faults(struct exporting *exporting, struct arena *arena, const struct diags *diags)
{
    size_t changed = 0;
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *diag = diags->list.items[i];
        if (diag->code->severity == SEVERITY_ERROR)
            changed += remedy(exporting, place_of(exporting, arena, diag->pos), diag->message);
    }
    return changed;
}

static size_t remedy_differences(struct exporting *exporting, struct arena *arena, const struct plan *plan)
{
    size_t changed = 0;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        const char *key = step->stream ? resource_key(arena, step->stream, step->name) : step->name;
        struct place place = {.item = map_get(&exporting->by_key, key)};
        for (size_t j = 0; j < step->changes.count; j++) {
            place.field = step->changes.items[j].field;
            changed += remedy(exporting, place, "what a manifest can say would change it");
        }
    }
    return changed;
}

static struct plan *plan_of(const struct exporting *exporting, struct arena *arena, struct diags *diags)
{
    const struct plan_options options = {.from = exporting->request->from, .picked = true};
    struct manifest *manifest = exported_load(arena, exporting->exported, NULL, NULL, diags);
    return manifest
               ? survey_plan(arena, exporting->survey, manifest, exporting->request->target, &options, diags)
               : NULL;
}

size_t export_check(struct exporting *exporting)
{
    /* Of this check alone. What the remedies keep is copied into the export's own arena. */
    struct arena arena SCOPED(arena_release) = {0};
    struct diags diags SCOPED(diags_release) = {0};
    size_t changed = 0;
    struct plan *plan = plan_of(exporting, &arena, &diags);
    if (plan)
        changed += remedy_differences(exporting, &arena, plan);
    if (changed == 0) /* a refused change is a difference too, and was handled as one */
        changed += remedy_faults(exporting, &arena, &diags);
    return changed;
}

/* The files that were planned are in memory alone: who reads a message would look for them in vain. */
static void forget_places(struct plan *plan, struct diags *diags, size_t first)
{
    const struct srcpos nowhere = {0};
    for (size_t i = 0; plan && i < plan->steps.count; i++)
        plan->steps.items[i]->pos = nowhere;
    for (size_t i = first; i < diags->list.count; i++) {
        struct diag *diag = diags->list.items[i];
        diag->pos = nowhere;
        for (size_t j = 0; j < diag->related.count; j++)
            diag->related.items[j].pos = nowhere;
    }
}

struct plan *export_adopt(struct arena *arena, const struct survey *survey,
                          const struct export_request *request, struct exported *exported,
                          struct diags *diags)
{
    struct exporting exporting = {.arena = arena, .request = request, .survey = survey, .exported = exported};
    size_t first = diags->list.count;
    struct plan *plan = plan_of(&exporting, arena, diags);
    forget_places(plan, diags, first);
    return plan;
}

bool export_is_same(struct exporting *exporting)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct diags diags SCOPED(diags_release) = {0};
    const struct plan *plan = plan_of(exporting, &arena, &diags);
    bool same = plan && !diags.errors;
    for (size_t i = 0; same && i < plan->steps.count; i++)
        same = plan->steps.items[i]->changes.count == 0;
    return same;
}
