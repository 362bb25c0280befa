/* Replaces paths in configurations, for units and containers, where files are in other folders; see generators.h. */
#include <string.h>

#include "base/path.h"
#include "field/field.h"
#include "generate/generators.h"
#include "kind/server_options.h"

struct placing {
    config_place *read, *written;
    void *context;
};

/* What the server writes itself; every other path is of a file that it reads. JetStream's store is environment_config()'s. */
static bool is_written(unsigned option)
{
    switch (option) {
    case OPTION_DIR:
    case OPTION_LOCAL_STORE:
    case OPTION_LOG_FILE:
    case OPTION_PID_FILE:
    case OPTION_PORTS_FILE_DIR:
        return true;
    default:
        return false;
    }
}

/* The operator is a JWT or a file with one; only the latter has a slash or this ending. '~' is the server's to work out. */
static bool is_path(const struct field *option, const char *text)
{
    size_t length = strlen(text);
    if (option->id == OPTION_OPERATOR)
        return strchr(text, '/') || (length > 4 && strcmp(text + length - 4, ".jwt") == 0);
    return *text && *text != '~' && option->id != OPTION_STORE_DIR;
}

static void place_text(const struct placing *placing, const struct field *option, struct node *node)
{
    config_place *place = is_written(option->id) ? placing->written : placing->read;
    const char *path =
        place && is_path(option, node->text) ? place(placing->context, option, node->text) : NULL;
    /* Quoted: a path may look like a number, or begin with '$'. */
    if (path) {
        node->text = path;
        node->quoted = true;
    }
}

static void place_member(void *context, const struct field *option, const struct member *member)
{
    struct node *value = member->value;
    if (!(option->flags & FIELD_FILE))
        return;
    if (value->type == NODE_SCALAR)
        place_text(context, option, value);
    for (size_t i = 0; value->type == NODE_LIST && i < value->count; i++)
        if (value->items[i]->type == NODE_SCALAR)
            place_text(context, option, value->items[i]);
}

void config_place_paths(struct node *config, config_place *read, config_place *written, void *context)
{
    struct placing placing = {.read = read, .written = written, .context = context};
    options_walk(&server_table, config, place_member, &placing);
}

/* An absolute path is meant as it is, wherever the configuration is read. */
static const char *below(const struct config_folders *folders, const char *folder, const char *path)
{
    return *path == '/' ? NULL : path_from(folders->arena, folder, path);
}

static const char *below_read(void *context, const struct field *option, const char *path)
{
    const struct config_folders *folders = context;
    (void)option;
    return below(folders, folders->read, path);
}

static const char *below_written(void *context, const struct field *option, const char *path)
{
    const struct config_folders *folders = context;
    (void)option;
    return below(folders, folders->written, path);
}

struct node *config_in_folders(const struct node *config, struct config_folders *folders)
{
    struct node *copy = node_copy(folders->arena, config);
    struct node *jetstream = option_get(copy, OPTION_JETSTREAM);
    config_place_paths(copy, below_read, below_written, folders);
    if (jetstream && jetstream->type == NODE_MAP && *option_text(jetstream, OPTION_STORE_DIR) != '/')
        option_put(folders->arena, jetstream, OPTION_STORE_DIR,
                   node_scalar(folders->arena, folders->written, true));
    return copy;
}

struct written {
    struct arena *arena;
    void (*each)(void *context, const char *folder);
    void *context;
};

static void tell_written(void *context, const struct field *option, const struct member *member)
{
    const struct written *written = context;
    const struct node *path = member->value;
    if (!is_written(option->id) || option->id == OPTION_DIR || path->type != NODE_SCALAR ||
        !is_path(option, path->text))
        return;
    /* The server's file in there has its pid in its name. Of the folder of a cache it makes the last part. */
    if (option->id == OPTION_PORTS_FILE_DIR)
        written->each(written->context, path->text);
    else if (path_folder_length(path->text))
        written->each(written->context, path_folder(written->arena, path->text));
}

void config_written_folders(struct arena *arena, const struct node *options,
                            void (*each)(void *context, const char *folder), void *context)
{
    struct written written = {arena, each, context};
    options_walk(&server_table, options, tell_written, &written);
}

struct to_make {
    struct arena *arena;
    struct folder_list *list;
};

static void take_folder(void *context, const char *folder)
{
    const struct to_make *to_make = context;
    const char *clean = path_clean(to_make->arena, folder);
    /* Every folder on the way has to be there, also one that is left again. */
    const char *path = path_goes_up(folder) ? folder : clean;
    bool known = *path == '/' || path_goes_up(clean) || strcmp(clean, ".") == 0;
    for (size_t i = 0; i < to_make->list->paths.count; i++)
        known |= strcmp(to_make->list->paths.items[i], path) == 0;
    if (known)
        return;
    /* Not to be taken for an option. */
    path = *path == '-' ? arena_printf(to_make->arena, "./%s", path) : path;
    VEC_PUSH(to_make->arena, &to_make->list->paths, path);
}

struct folder_list config_folders_to_make(struct arena *arena, const struct node *options)
{
    struct folder_list list = {0};
    struct to_make to_make = {arena, &list};
    config_written_folders(arena, options, take_folder, &to_make);
    return list;
}
