/* Replaces paths in configurations, for units and containers, where files are in other folders; see generators.h. */
#include <string.h>

#include "base/path.h"
#include "field/server_option.h"
#include "generate/generators.h"

struct placing {
    config_place *read, *written;
    void *context;
};

/* Does the server write this file? All others it reads. JetStream's store is not among them; environment_config() sets it. */
static bool is_written(const char *name)
{
    static const char *const names[] = {"dir", "local_store", "log_file", "pid_file", "ports_file_dir"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/*
 * Is the option's value a path? `operator` is either a JWT or the path of a file with one; only a path has a slash or
 * ends in ".jwt". The server itself expands '~', so such paths are left alone.
 */
static bool is_path(const struct server_option *option, const char *text)
{
    size_t length = strlen(text);
    if (strcmp(option->name, "operator") == 0)
        return strchr(text, '/') || (length > 4 && strcmp(text + length - 4, ".jwt") == 0);
    return *text && *text != '~' && strcmp(option->name, "store_dir") != 0;
}

static void place_text(const struct placing *placing, const struct server_option *option, struct node *node)
{
    config_place *place = is_written(option->name) ? placing->written : placing->read;
    const char *path = place && is_path(option, node->text) ? place(placing->context, node->text) : NULL;
    if (path) {
        node->text = path;
        node->quoted = true;
    }
}

static void place_member(void *context, const struct server_option *option, const struct member *member)
{
    struct node *value = member->value;
    if (!(option->flags & SERVER_PATH))
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
    server_options_walk(&server_options, config, place_member, &placing);
}

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
    struct node *jetstream = node_get(copy, "jetstream");
    config_place_paths(copy, below_read, below_written, folders);
    if (jetstream && jetstream->type == NODE_MAP && *node_get_text(jetstream, "store_dir") != '/')
        node_put(folders->arena, jetstream, "store_dir", node_scalar(folders->arena, folders->written, true));
    return copy;
}
