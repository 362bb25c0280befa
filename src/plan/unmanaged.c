/* Streams outside of the manifest that matter to it; see unmanaged.h. */
#include "plan/unmanaged.h"

#include <string.h>

#include "kind/kinds.h"
#include "rules/subject_index.h"

struct unmanaged {
    struct arena *arena;
    const struct manifest *manifest;
    struct instant now;
    struct subject_index *subjects; /* of the wanted streams; NULL until the first live one is seen */
    struct map origins;             /* names of streams that wanted or kept streams copy from */
    struct map kept;                /* name to struct object */
    struct map states;              /* of the same, to struct stream_state */
    struct map asked;               /* what was asked: names, and subjects with a blank before them */
    struct unmanaged_questions questions;
};

struct unmanaged *unmanaged_new(struct arena *arena, const struct manifest *manifest, struct instant now)
{
    struct unmanaged *unmanaged = ARENA_NEW(arena, struct unmanaged);
    unmanaged->arena = arena;
    unmanaged->manifest = manifest;
    unmanaged->now = now;
    map_init(&unmanaged->origins, arena);
    map_init(&unmanaged->kept, arena);
    map_init(&unmanaged->states, arena);
    map_init(&unmanaged->asked, arena);
    return unmanaged;
}

/* ---- what streams copy from ---- */

typedef void origin_visit(struct unmanaged *unmanaged, const char *name);

static void visit_origin(struct unmanaged *unmanaged, const struct object *origin, origin_visit *visit)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    if (name && !object_has(origin, ORIGIN_EXTERNAL, NULL))
        visit(unmanaged, name);
}

static void visit_origins(struct unmanaged *unmanaged, const struct object *stream, origin_visit *visit)
{
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    for (size_t i = 0; i < sources->count; i++)
        visit_origin(unmanaged, sources->items[i].object, visit);
    if (mirror)
        visit_origin(unmanaged, mirror, visit);
}

static void note_origin(struct unmanaged *unmanaged, const char *name)
{
    map_put(&unmanaged->origins, name, unmanaged);
}

/* ---- seeing ---- */

static void prepare(struct unmanaged *unmanaged)
{
    if (unmanaged->subjects)
        return;
    unmanaged->subjects = subject_index_new(unmanaged->arena);
    for (size_t i = 0; i < unmanaged->manifest->streams.count; i++) {
        struct resource *stream = unmanaged->manifest->streams.items[i];
        if (stream->external)
            continue;
        const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
        for (size_t j = 0; j < subjects->count; j++)
            subject_index_add(unmanaged->subjects, subjects->items[j].text, stream);
        visit_origins(unmanaged, stream->config, note_origin);
    }
}

static bool on_found(void *context, const char *subject, void *owner)
{
    (void)subject;
    (void)owner;
    *(bool *)context = true;
    return false;
}

static bool has_wanted_subject(struct unmanaged *unmanaged, const struct live_object *live)
{
    const struct field *field = table_field_by_id(&stream_table, STREAM_SUBJECTS);
    const struct node *subjects = node_get(live->config, field->name);
    bool found = false;
    for (size_t i = 0; subjects && subjects->type == NODE_LIST && i < subjects->count && !found; i++)
        if (subjects->items[i]->type == NODE_SCALAR)
            subject_index_find(unmanaged->subjects, subjects->items[i]->text, on_found, &found);
    return found;
}

void unmanaged_see(struct unmanaged *unmanaged, const struct live_object *live)
{
    prepare(unmanaged);
    if (map_get(&unmanaged->kept, live->name) ||
        (!map_get(&unmanaged->origins, live->name) && !has_wanted_subject(unmanaged, live)))
        return;
    struct live_object kept = live_keep(unmanaged->arena, live);
    struct object *config = live_decode(unmanaged->arena, &kept, unmanaged->now);
    struct stream_state *state = ARENA_NEW(unmanaged->arena, struct stream_state);
    *state = live->state;
    map_put(&unmanaged->kept, kept.name, config);
    map_put(&unmanaged->states, kept.name, state);
    visit_origins(unmanaged, config, note_origin);
}

/* ---- asking ---- */

static void ask_for_stream(struct unmanaged *unmanaged, const char *name)
{
    if (map_get(&unmanaged->manifest->streams_by_name, name) || map_get(&unmanaged->kept, name) ||
        map_put(&unmanaged->asked, name, unmanaged))
        return;
    VEC_PUSH(unmanaged->arena, &unmanaged->questions.streams, name);
}

void unmanaged_want(struct unmanaged *unmanaged, const struct resource *stream)
{
    const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
    prepare(unmanaged);
    for (size_t i = 0; i < subjects->count; i++) {
        const char *subject = subjects->items[i].text;
        if (!map_put(&unmanaged->asked, arena_printf(unmanaged->arena, " %s", subject), unmanaged))
            VEC_PUSH(unmanaged->arena, &unmanaged->questions.subjects, subject);
    }
    visit_origins(unmanaged, stream->config, ask_for_stream);
}

bool unmanaged_ask(struct unmanaged *unmanaged, struct unmanaged_questions *ret_questions)
{
    for (size_t i = 0; i < unmanaged->kept.count; i++)
        visit_origins(unmanaged, unmanaged->kept.entries[i].value, ask_for_stream);
    *ret_questions = unmanaged->questions;
    unmanaged->questions = (struct unmanaged_questions){0};
    return ret_questions->streams.count + ret_questions->subjects.count > 0;
}

const struct stream_state *unmanaged_state(const struct unmanaged *unmanaged, const char *name,
                                           const struct object **ret_config)
{
    *ret_config = map_get(&unmanaged->kept, name);
    return map_get(&unmanaged->states, name);
}

void unmanaged_join(const struct unmanaged *unmanaged, struct rules_world *world,
                    bool (*leaves)(void *context, const char *stream), void *context)
{
    for (size_t i = 0; i < unmanaged->kept.count; i++)
        if (!leaves(context, unmanaged->kept.entries[i].key))
            rules_add_stream(world, unmanaged->kept.entries[i].key, unmanaged->kept.entries[i].value);
}
