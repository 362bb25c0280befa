/* Comparing two plans; see drift.h. Each step is put into words that hold all that counts, and these are compared. */
#include "plan/drift.h"

#include <string.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "field/encode.h"
#include "plan/step.h"
#include "syntax/json.h"

/* All steps for one object: one that is replaced by another of its name has two. */
struct steps_of {
    const struct step *first;
    struct strbuf words;
};

static void add_words(struct arena *arena, struct strbuf *out, const struct step *step)
{
    strbuf_addf(out, "%s %s %s\n", action_name(step->action), step->refused ? step->refused->name : "",
                step->renamed_from ? step->renamed_from : "");
    for (size_t i = 0; i < step->changes.count; i++) {
        const struct shown *shown = &step->changes.items[i].shown;
        strbuf_addf(out, "%s: %s -> ", shown->field->name, value_text(arena, shown->field, shown->before));
        strbuf_addf(out, "%s%s\n", value_text(arena, shown->field, shown->after),
                    step->changes.items[i].refused ? ", refused" : "");
    }
    if (step->wanted && !step->live) /* all of it is to come */
        json_write(out, object_encode_manifest(arena, step->wanted), false);
}

/* The steps of the plan by the addresses of their objects, to struct steps_of. */
static struct map steps_by_address(struct arena *arena, const struct plan *plan)
{
    struct map map;
    map_init(&map, arena);
    for (size_t i = 0; plan && i < plan->steps.count; i++) {
        const struct step *step = plan->steps.items[i];
        const char *address = step_address(arena, step);
        struct steps_of *steps = map_get(&map, address);
        if (!steps) {
            steps = ARENA_NEW(arena, struct steps_of);
            steps->first = step;
            map_put(&map, address, steps);
        }
        add_words(arena, &steps->words, step);
    }
    return map;
}

static void release(const struct map *map)
{
    for (size_t i = 0; i < map->count; i++)
        strbuf_release(&((struct steps_of *)map->entries[i].value)->words);
}

void drift_compare(struct arena *arena, const struct plan *before, const struct plan *now,
                   struct drifts *ret_drifts)
{
    struct map earlier = steps_by_address(arena, before);
    struct map later = steps_by_address(arena, now);
    *ret_drifts = (struct drifts){0};
    for (size_t i = 0; i < later.count; i++) {
        const struct steps_of *steps = later.entries[i].value;
        const struct steps_of *other = map_get(&earlier, later.entries[i].key);
        struct drift drift = {later.entries[i].key, steps->first, other ? other->first : NULL};
        if (!other || strcmp(strbuf_text(&other->words), strbuf_text(&steps->words)) != 0)
            VEC_PUSH(arena, &ret_drifts->list, drift);
    }
    for (size_t i = 0; i < earlier.count; i++) {
        const struct steps_of *steps = earlier.entries[i].value;
        struct drift drift = {earlier.entries[i].key, NULL, steps->first};
        if (!map_get(&later, earlier.entries[i].key))
            VEC_PUSH(arena, &ret_drifts->list, drift);
    }
    release(&earlier);
    release(&later);
}
