/*
 * Contexts of the nats CLI; see nats_context.h. Its folder has context/NAME.json for each context, and context.txt with
 * the name of the selected one. A context of natsform's is known by its description, even if the run that wrote it was
 * killed.
 */
#include "devenv/nats_context.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "syntax/json.h"

static const char *description_of(struct arena *arena, const struct upstate *state)
{
    return arena_printf(arena, "natsform up in %s", state->root);
}

/* Somebody else's context of that name is not touched: it may be the only place where a login is kept. */
static bool is_ours(struct arena *arena, const struct upstate *state, const char *path)
{
    struct diags faults SCOPED(diags_release) = {0};
    struct source file;
    if (file_read(arena, path, FILE_SMALL_MOST, &file, NULL))
        return false;
    const struct node *context = json_read(arena, file.text, file.length, NULL, &faults);
    return context && strcmp(node_get_text(context, "description"), description_of(arena, state)) == 0;
}

/* The context has the project's name. It becomes the name of a file, so bytes that could lead elsewhere become '-'. */
static const char *name_of(struct arena *arena, const struct upstate *state)
{
    char *name = arena_strdup(arena, state->project);
    for (char *at = name; *at; at++)
        if (strchr("/\\ \t\r\n.*>", *at) || (unsigned char)*at < 0x20)
            *at = '-';
    return name;
}

static const char *context_text(struct arena *arena, const struct upstate *state,
                                const struct connection_settings *settings)
{
    struct strbuf text = {0};
    struct node *map = connection_context(arena, settings);
    node_put(arena, map, "description", node_scalar(arena, description_of(arena, state), true));
    json_write(&text, map, true);
    return strbuf_move(&text, arena);
}

static int write_file(struct arena *arena, struct new_file file, const char **ret_error)
{
    return file_write(arena, &file, FILE_REPLACES | FILE_FOLDERS, ret_error);
}

static DIAG_CODE(code_no_context, .name = "no-context", CODE_WARNING,
                 .doc = "The context of the nats CLI cannot be written.",
                 .why = "The servers are up all the same; only the nats CLI has to be told where they are.",
                 .example = "HOME=/ natsform up, as a user who may not write there",
                 .remedy = "Set XDG_CONFIG_HOME to a folder that can be written, or say --no-context.");

/* The servers run, and natsform finds them without a context. */
static int go_without(const char *path, const char *why, struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_no_context, (struct srcpos){0},
                                 "the nats CLI gets no context: cannot write '%s': %s", path, why);
    diag_hint(diags, diag, "XDG_CONFIG_HOME tells another place; '--no-context' does without");
    return 0;
}

int nats_context_write(struct arena *arena, struct upstate *state, const struct connection_settings *settings,
                       const char **ret_foreign, struct diags *diags)
{
    const struct contexts_place place = contexts_find(arena, settings->lookup, settings->lookup_context);
    const char *folder = place.folder;
    const char *why = NULL;
    *ret_foreign = NULL;
    if (!folder)
        return go_without("context", "neither XDG_CONFIG_HOME nor HOME is set", diags);
    contexts_note(&place, diags);
    const char *name = name_of(arena, state);
    const char *path = arena_printf(arena, "%s/context/%s.json", folder, name);
    const char *selection = arena_printf(arena, "%s/context.txt", folder);
    const char *selected = contexts_selected(arena, folder);
    const char *text = context_text(arena, state, settings);
    if (file_exists(path) && !is_ours(arena, state, path)) {
        *ret_foreign = name;
        return 0;
    }
    if (!state->context.name || strcmp(state->context.name, name) != 0) {
        nats_context_remove(arena, state);
        bool left = selected && strcmp(selected, name) == 0; /* a run that was killed has left it selected */
        state->context.before = left ? NULL : selected;
    }
    state->context.name = name;
    state->context.path = path;
    /* Before the context is written: a run that is killed in between is known to have it, and `down` removes it. */
    if (state_write(arena, state, diags))
        return -1;
    if (write_file(arena, new_secret(path, text), &why))
        return go_without(path, why, diags);
    if (selected && strcmp(selected, name) == 0)
        return 0;
    if (write_file(arena, new_file(selection, name), &why))
        return go_without(selection, why, diags);
    return 0;
}

void nats_context_remove(struct arena *arena, struct upstate *state)
{
    const struct upcontext context = state->context;
    const char *below = context.path ? strstr(context.path, "/context/") : NULL;
    const char *why = NULL;
    state->context = (struct upcontext){0};
    if (!context.name || !below || !is_ours(arena, state, context.path))
        return;
    const char *folder = arena_strndup(arena, context.path, (size_t)(below - context.path));
    const char *selection = arena_printf(arena, "%s/context.txt", folder);
    const char *selected = contexts_selected(arena, folder);
    /* If the user has selected another one since, that choice stays. */
    if (selected && strcmp(selected, context.name) == 0) {
        if (!context.before || write_file(arena, new_file(selection, context.before), &why))
            unlink(selection);
    }
    unlink(context.path);
}
