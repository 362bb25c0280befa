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
    const char *path = place && is_path(option, node->text) ? place(placing->context, node->text) : NULL;
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

static const char *below_read(void *context, const char *path)
{
    const struct config_folders *folders = context;
    return below(folders, folders->read, path);
}

static const char *below_written(void *context, const char *path)
{
    const struct config_folders *folders = context;
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
    bool is_folder = option->id == OPTION_DIR || option->id == OPTION_PORTS_FILE_DIR;
    if (!is_written(option->id) || path->type != NODE_SCALAR || !is_path(option, path->text))
        return;
    if (is_folder)
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
