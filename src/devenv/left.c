/* What servers have left, and its end; see left.h. */
#include "devenv/left.h"

#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/path.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/write.h"
#include "devenv/store.h"
#include "devenv/store_user.h"

/* The server's data is in there, because the store may hold other things. */
static const char *data_of(struct arena *arena, const char *store)
{
    return arena_printf(arena, "%s/jetstream", store);
}

static void add_store(struct arena *arena, const struct upstate *state, const char *store, struct left *left)
{
    for (size_t i = 0; i < left->stores.count; i++)
        if (strcmp(left->stores.items[i], store) == 0)
            return;
    for (size_t i = 0; i < left->kept.count; i++)
        if (strcmp(left->kept.items[i], store) == 0)
            return;
    if (!file_exists(store))
        return;
    if (store_is_inside(arena, state->root, store))
        VEC_PUSH(arena, &left->stores, store);
    else
        VEC_PUSH(arena, &left->kept, store);
}

void left_find(struct arena *arena, const struct upstate *state, struct left *ret_left)
{
    struct upstate traces = {.root = state->root, .folder = state->folder};
    *ret_left = (struct left){0};
    state_add_left(arena, &traces);
    for (size_t i = 0; i < state->nodes.count; i++)
        if (state->nodes.items[i]->store)
            add_store(arena, state, state->nodes.items[i]->store, ret_left);
    for (size_t i = 0; i < traces.nodes.count; i++) {
        const char *name = traces.nodes.items[i]->name;
        struct stores stores;
        state_stores(arena, state, name, &stores);
        VEC_PUSH(arena, &ret_left->nodes, name);
        add_store(arena, state, state_path(arena, state, name, "data"), ret_left);
        for (size_t j = 0; j < stores.list.count; j++)
            add_store(arena, state, stores.list.items[j], ret_left);
    }
}

const char *left_text(struct arena *arena, const struct upstate *state, const struct left *left)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    unsigned long long bytes = 0;
    for (size_t i = 0; i < left->nodes.count; i++)
        bytes += folder_bytes(state_path(arena, state, left->nodes.items[i], ""));
    strbuf_adds(&text, state->folder);
    for (size_t i = 0; i < left->stores.count; i++) {
        const char *data = data_of(arena, left->stores.items[i]);
        if (path_is_below(data, state->folder) || !file_exists(data))
            continue;
        bytes += folder_bytes(data);
        strbuf_addf(&text, ", %s", data);
    }
    if (!left->nodes.count && !left->stores.count)
        return NULL;
    return arena_printf(arena, "%llu byte%s in %s", bytes, text_plural(bytes), strbuf_text(&text));
}

static int remove_folder(const char *folder, struct diags *diags)
{
    int error = folder_remove(folder);
    return error ? diag_error(diags, &code_environment, (struct srcpos){0}, "cannot remove '%s': %s", folder,
                              strerror(error))
                 : 0;
}

/* Somebody may have started another server on it since. */
static int remove_store(struct arena *arena, const char *store, struct diags *diags)
{
    const char *real = path_real(arena, store);
    if (store_is_taken(arena, store) || (real && store_user_find(arena, real).use == STORE_USED))
        return diag_error(diags, &code_store, (struct srcpos){0},
                          "store_dir '%s' is kept: another server uses it", store);
    int failed = remove_folder(data_of(arena, store), diags);
    /* With the lock's file of a server that was killed, or was copied with it; and only if nothing else is in it. */
    store_release(arena, store);
    rmdir(store);
    return failed;
}

int left_remove(struct arena *arena, const struct upstate *state, const struct left *left,
                struct diags *diags)
{
    int failed = 0;
    for (size_t i = 0; i < left->stores.count; i++)
        failed |= remove_store(arena, left->stores.items[i], diags);
    /* As long as there is a store, it is known by these. */
    for (size_t i = 0; !failed && i < left->nodes.count; i++)
        failed = remove_folder(arena_printf(arena, "%s/%s", state->folder, left->nodes.items[i]), diags);
    return failed;
}
