/* Streams that are not the manifest's and matter to it; see unmanaged.h. */
#include "plan/unmanaged.h"

#include <string.h>

#include "kind/kinds.h"
#include "rules/subject_index.h"

struct bystanders {
    struct arena *arena;
    const struct manifest *manifest;
    struct instant now;
    struct subject_index *subjects; /* of the wanted streams; NULL until the first is seen */
    struct map origins;             /* names that wanted streams, or kept ones, copy from */
    struct map kept;                /* by name, to struct object */
    struct map asked;               /* names and subjects, the latter behind a blank */
    struct bystander_questions questions;
};

struct bystanders *bystanders_new(struct arena *arena, const struct manifest *manifest, struct instant now)
{
    struct bystanders *bystanders = ARENA_NEW(arena, struct bystanders);
    bystanders->arena = arena;
    bystanders->manifest = manifest;
    bystanders->now = now;
    map_init(&bystanders->origins, arena);
    map_init(&bystanders->kept, arena);
    map_init(&bystanders->asked, arena);
    return bystanders;
}

/* ---- what streams copy from ---- */

typedef void origin_visit(struct bystanders *bystanders, const char *name);

static void visit_origin(struct bystanders *bystanders, const struct object *origin, origin_visit *visit)
{
    const char *name = object_text(origin, ORIGIN_NAME);
    if (name && !object_has(origin, ORIGIN_EXTERNAL, NULL))
        visit(bystanders, name);
}

static void visit_origins(struct bystanders *bystanders, const struct object *stream, origin_visit *visit)
{
    const struct value_list *sources = object_list(stream, STREAM_SOURCES);
    const struct object *mirror = object_object(stream, STREAM_MIRROR);
    for (size_t i = 0; i < sources->count; i++)
        visit_origin(bystanders, sources->items[i].object, visit);
    if (mirror)
        visit_origin(bystanders, mirror, visit);
}

static void note_origin(struct bystanders *bystanders, const char *name)
{
    map_put(&bystanders->origins, name, bystanders);
}

/* ---- seeing ---- */

static void prepare(struct bystanders *bystanders)
{
    if (bystanders->subjects)
        return;
    bystanders->subjects = subject_index_new(bystanders->arena);
    for (size_t i = 0; i < bystanders->manifest->streams.count; i++) {
        struct resource *stream = bystanders->manifest->streams.items[i];
        if (stream->external)
            continue;
        const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
        for (size_t j = 0; j < subjects->count; j++)
            subject_index_add(bystanders->subjects, subjects->items[j].text, stream);
        visit_origins(bystanders, stream->config, note_origin);
    }
}

static bool on_found(void *context, const char *subject, void *owner)
{
    (void)subject;
    (void)owner;
    *(bool *)context = true;
    return false;
}

static bool has_wanted_subject(struct bystanders *bystanders, const struct live_object *live)
{
    const struct field *field = table_field_by_id(&stream_table, STREAM_SUBJECTS);
    const struct node *subjects = node_get(live->config, field->name);
    bool found = false;
    for (size_t i = 0; subjects && subjects->type == NODE_LIST && i < subjects->count && !found; i++)
        if (subjects->items[i]->type == NODE_SCALAR)
            subject_index_find(bystanders->subjects, subjects->items[i]->text, on_found, &found);
    return found;
}

void bystanders_see(struct bystanders *bystanders, const struct live_object *live)
{
    prepare(bystanders);
    if (map_get(&bystanders->kept, live->name) ||
        (!map_get(&bystanders->origins, live->name) && !has_wanted_subject(bystanders, live)))
        return;
    struct live_object copy = *live;
    copy.config = node_keep(bystanders->arena, live->config); /* it is the reply's, which goes */
    copy.name = arena_strdup(bystanders->arena, live->name);
    struct object *config = live_decode(bystanders->arena, &copy, bystanders->now);
    map_put(&bystanders->kept, copy.name, config);
    visit_origins(bystanders, config, note_origin);
}

/* ---- asking ---- */

static void ask_for_stream(struct bystanders *bystanders, const char *name)
{
    if (map_get(&bystanders->manifest->streams_by_name, name) || map_get(&bystanders->kept, name) ||
        map_put(&bystanders->asked, name, bystanders))
        return;
    VEC_PUSH(bystanders->arena, &bystanders->questions.streams, name);
}

void bystanders_want(struct bystanders *bystanders, const struct resource *stream)
{
    const struct value_list *subjects = object_list(stream->config, STREAM_SUBJECTS);
    prepare(bystanders);
    for (size_t i = 0; i < subjects->count; i++) {
        const char *subject = subjects->items[i].text;
        if (!map_put(&bystanders->asked, arena_printf(bystanders->arena, " %s", subject), bystanders))
            VEC_PUSH(bystanders->arena, &bystanders->questions.subjects, subject);
    }
    visit_origins(bystanders, stream->config, ask_for_stream);
}

bool bystanders_ask(struct bystanders *bystanders, struct bystander_questions *ret_questions)
{
    for (size_t i = 0; i < bystanders->kept.count; i++)
        visit_origins(bystanders, bystanders->kept.entries[i].value, ask_for_stream);
    *ret_questions = bystanders->questions;
    bystanders->questions = (struct bystander_questions){0};
    return ret_questions->streams.count + ret_questions->subjects.count > 0;
}

void bystanders_join(const struct bystanders *bystanders, struct rules_world *world,
                     bool (*leaves)(void *context, const char *stream), void *context)
{
    for (size_t i = 0; i < bystanders->kept.count; i++)
        if (!leaves(context, bystanders->kept.entries[i].key))
            rules_add_stream(world, bystanders->kept.entries[i].key, bystanders->kept.entries[i].value);
}
