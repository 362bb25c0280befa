/*
 * Contexts of the nats CLI; see nats_context.h. Its folder has context/NAME.json for each context, context.txt with the
 * name of the selected one, and previous-context.txt with the one before that. A context of natsform's is known by its
 * description, even if the run that wrote it was killed; or by what the state says was written, if the description was edited.
 */
#include "devenv/nats_context.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "syntax/json.h"

static const char description_key[] = "description";
static const char made_by[] = "natsform up in ";

/* ---- whose a context is ---- */

static const char *description_of(struct arena *arena, const struct upstate *state)
{
    return arena_printf(arena, "%s%s", made_by, state->root);
}

/* The folder of the environment that a context leads to; NULL: somebody else has made it. */
static const char *root_in(const struct node *context)
{
    const char *description = node_get_text(context, description_key);
    return strncmp(description, made_by, strlen(made_by)) == 0 ? description + strlen(made_by) : NULL;
}

static const char *file_of(struct arena *arena, const char *folder, const char *name)
{
    return arena_printf(arena, "%s/context/%s.json", folder, name);
}

static struct node *read_file(struct arena *arena, const char *path)
{
    struct diags faults SCOPED(diags_release) = {0};
    struct source file;
    if (file_read(arena, path, FILE_SMALL_MOST, &file, NULL))
        return NULL;
    struct node *context = json_read(arena, file.text, file.length, NULL, &faults);
    return context && context->type == NODE_MAP ? context : NULL;
}

static bool is_same_text(const struct node *a, const struct node *b, const char *key)
{
    return strcmp(node_get_text(a, key), node_get_text(b, key)) == 0;
}

/* Somebody else's context of that name is not touched: it may be the only place where a login is kept. */
static bool is_ours(struct arena *arena, const struct upstate *state, const struct node *context)
{
    const struct node *written = state->context.written;
    const char *root = root_in(context);
    if (root && strcmp(root, state->root) == 0)
        return true;
    /* A folder that was copied has the state of another one, which has its context yet. */
    if (root && file_exists(arena_printf(arena, "%s/" STATE_FOLDER "/up.json", root)))
        return false;
    return written && (is_same_text(context, written, description_key) ||
                       is_same_text(context, written, connection_rows[SETTING_URL].context));
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

static DIAG_CODE(
    code_no_context, .name = "no-context", CODE_WARNING,
    .doc = "The context of the nats CLI cannot be written, or not be removed.",
    .why = "The servers are up, or down, all the same; only the nats CLI has to be told where they are.",
    .example = "HOME=/ natsform up, as a user who may not write there",
    .remedy = "Set XDG_CONFIG_HOME to a folder that can be written, or say --no-context.");

/* ---- what was selected before ---- */

static void add_former(struct arena *arena, struct upcontext *context, const char *name)
{
    bool known = !name || strcmp(name, context->name) == 0;
    for (size_t i = 0; !known && i < context->before.count; i++)
        known = strcmp(context->before.items[i], name) == 0;
    if (!known)
        VEC_PUSH(arena, &context->before, name);
}

static void add_formers(struct arena *arena, struct upcontext *context, const struct upcontext *more)
{
    for (size_t i = 0; i < more->before.count; i++)
        add_former(arena, context, more->before.items[i]);
}

/*
 * What another environment's context has replaced: when that is gone, too, it is there to go back to. Returns false if the context is
 * of no environment.
 */
static bool add_formers_of(struct arena *arena, const char *folder, const char *selected,
                           struct upcontext *context)
{
    struct diags unheard SCOPED(diags_release) = {0};
    struct upstate other;
    const char *root = root_in(read_file(arena, file_of(arena, folder, selected)));
    if (!root || state_read(arena, root, &other, &unheard) || !other.context.name ||
        strcmp(other.context.name, selected) != 0)
        return false;
    add_formers(arena, context, &other.context);
    return true;
}

/* Before another context is selected. Where nothing is, nothing will be again. */
static void note_formers(struct arena *arena, const char *folder, const char *selected,
                         struct upcontext *context)
{
    const struct upcontext old = *context;
    *context = (struct upcontext){.name = old.name, .path = old.path, .written = old.written};
    add_former(arena, context, selected);
    if (selected && !add_formers_of(arena, folder, selected, context))
        add_former(arena, context, contexts_previous(arena, folder));
    add_formers(arena, context, &old);
}

/* ---- writing ---- */

static int write_file(struct arena *arena, const char *path, const char *text, const char **ret_error)
{
    const struct new_file file = new_secret(path, text);
    return file_write(arena, &file, FILE_REPLACES | FILE_FOLDERS, ret_error);
}

/* As the nats CLI selects one. Returns the path that cannot be written, or NULL. */
static const char *select_context(struct arena *arena, const char *folder, const char *name,
                                  const char **ret_why)
{
    const char *selected = contexts_selected(arena, folder);
    const char *previous = arena_printf(arena, "%s/previous-context.txt", folder);
    const char *selection = arena_printf(arena, "%s/context.txt", folder);
    if (selected && strcmp(selected, name) == 0)
        return NULL;
    if (selected && write_file(arena, previous, selected, ret_why))
        return previous;
    return write_file(arena, selection, name, ret_why) ? selection : NULL;
}

/* "", null and false are as good as absent: the nats CLI writes all keys. */
static const char *text_of(const struct node *map, const char *key)
{
    const char *text = node_get_text(map, key);
    return strcmp(text, "false") == 0 ? "" : text;
}

static bool is_edited(const struct setting *row, const struct node *there, const struct node *written)
{
    return strcmp(text_of(there, row->context), text_of(written, row->context)) != 0;
}

/* Has somebody edited the setting, or another one of its group? */
static bool is_taken(const struct setting *row, const struct node *there, const struct node *written)
{
    bool taken = is_edited(row, there, written);
    for (size_t i = 0; row->group != GROUP_NONE && !taken && i < SETTINGS; i++)
        taken = connection_rows[i].group == row->group && connection_rows[i].context &&
                is_edited(&connection_rows[i], there, written);
    return taken;
}

/*
 * What is there, with what natsform has to say. What was edited by hand since it was written stays, but for the URL, without which
 * the context would not lead here. Where it is not known what was written, all settings are set. *ret_reset names those that were edited,
 * or may have been; NULL: none.
 */
static struct node *merge(struct arena *arena, const struct node *there, const struct node *written,
                          const struct node *fresh, const char **ret_reset)
{
    struct node *merged = there ? node_copy(arena, there) : node_map(arena);
    const char *reset = NULL;
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (!row->context || strcmp(text_of(there, row->context), text_of(fresh, row->context)) == 0)
            continue;
        bool taken = there && written && is_taken(row, there, written);
        if (taken && i != SETTING_URL)
            continue;
        if (there && (taken || !written))
            reset = reset ? arena_printf(arena, "%s, %s", reset, row->context) : row->context;
        if (node_get(fresh, row->context))
            node_put(arena, merged, row->context, node_copy(arena, node_get(fresh, row->context)));
        else
            node_remove(merged, row->context);
    }
    if (!there || !written || is_same_text(there, written, description_key))
        node_put_text(arena, merged, description_key, node_get_text(fresh, description_key));
    *ret_reset = reset;
    return merged;
}

/* The servers run, and natsform finds them without a context. */
static int go_without(struct arena *arena, struct upstate *state, const char *path, const char *why,
                      struct diags *diags)
{
    struct diag *diag = diag_add(diags, &code_no_context, (struct srcpos){0},
                                 "the nats CLI gets no context: cannot write '%s': %s", path, why);
    diag_hint(diags, diag, "XDG_CONFIG_HOME tells another place; '--no-context' does without");
    if (state->context.path && !file_exists(state->context.path)) {
        state->context = (struct upcontext){0};
        return state_write(arena, state, diags);
    }
    return 0;
}

/* The context's file, if it is not as it should be, and the selection. */
static int write_context(struct arena *arena, struct upstate *state, const char *folder,
                         const struct node *merged, struct diags *diags)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    const struct upcontext *context = &state->context;
    const char *why = NULL;
    json_write(&text, merged, true);
    if (!node_equal(read_file(arena, context->path), merged) &&
        write_file(arena, context->path, strbuf_text(&text), &why))
        return go_without(arena, state, context->path, why, diags);
    const char *unwritten = select_context(arena, folder, context->name, &why);
    return unwritten ? go_without(arena, state, unwritten, why, diags) : 0;
}

/* One that was written for another name of the project, or in another place, goes. */
static void take_name(struct arena *arena, struct upstate *state, const char *folder, const char *name,
                      struct diags *diags)
{
    struct upcontext *context = &state->context;
    const char *path = file_of(arena, folder, name);
    bool is_known = context->name && strcmp(context->name, name) == 0;
    if (context->name && (!is_known || (strcmp(context->path, path) != 0 && file_exists(context->path)))) {
        nats_context_remove(arena, state, NULL, diags);
        is_known = false;
    }
    const char *selected = contexts_selected(arena, folder);
    context->name = name;
    context->path = path;
    if (!is_known || !selected || strcmp(selected, name) != 0)
        note_formers(arena, folder, selected, context);
}

/* The project has another name, which somebody else's context has too. The one of the old name is of no project any more. */
static int drop_other_name(struct arena *arena, struct upstate *state, const char *name, struct diags *diags)
{
    if (!state->context.name || strcmp(state->context.name, name) == 0)
        return 0;
    nats_context_remove(arena, state, NULL, diags);
    return state_write(arena, state, diags);
}

int nats_context_write(struct arena *arena, struct upstate *state, const struct connection_settings *settings,
                       struct context_written *ret_written, struct diags *diags)
{
    const struct contexts_place place = contexts_find(arena, settings->lookup, settings->lookup_context);
    *ret_written = (struct context_written){0};
    if (!place.folder)
        return go_without(arena, state, "context", "neither XDG_CONFIG_HOME nor HOME is set", diags);
    contexts_note(&place, diags);
    const char *name = name_of(arena, state), *path = file_of(arena, place.folder, name);
    const struct node *there = read_file(arena, path);
    if (file_exists(path) && !(there && is_ours(arena, state, there))) {
        *ret_written = (struct context_written){.foreign = name, .path = path, .root = root_in(there)};
        return drop_other_name(arena, state, name, diags);
    }
    struct node *fresh = connection_context(arena, settings);
    node_put_text(arena, fresh, description_key, description_of(arena, state));
    const struct node *merged = merge(arena, there, state->context.written, fresh, &ret_written->reset);
    take_name(arena, state, place.folder, name, diags);
    /* Before the context is written: a run that is killed in between is known to have it, and `down` removes it. */
    if (state_write(arena, state, diags) || write_context(arena, state, place.folder, merged, diags))
        return -1;
    if (state->context.name && node_equal(read_file(arena, path), merged))
        state->context.written = fresh;
    return state_write(arena, state, diags);
}

/* ---- removing ---- */

/* The last context before this one that there still is, but for `but`, which may be NULL. */
static const char *former_there(struct arena *arena, const char *folder, const struct upcontext *context,
                                const char *but)
{
    for (size_t i = 0; i < context->before.count; i++) {
        const char *name = context->before.items[i];
        if ((!but || strcmp(name, but) != 0) && file_exists(file_of(arena, folder, name)))
            return name;
    }
    return NULL;
}

/* Writes the name there; NULL: the file goes. Returns 0, or -1 with a reason. */
static int keep_name(struct arena *arena, const char *path, const char *name, const char **ret_why)
{
    if (name)
        return write_file(arena, path, name, ret_why);
    if (!unlink(path) || errno == ENOENT)
        return 0;
    *ret_why = strerror(errno);
    return -1;
}

/*
 * Selects again what was selected before, if the context is selected yet, and has the CLI's way back lead where it led. If the user has
 * selected another one since, that choice stays.
 */
static int go_back(struct arena *arena, const char *folder, const struct upcontext *context,
                   const char **ret_why)
{
    const char *selected = contexts_selected(arena, folder), *previous = contexts_previous(arena, folder);
    bool was = selected && strcmp(selected, context->name) == 0;
    const char *now = was ? former_there(arena, folder, context, NULL) : selected;
    if (was && keep_name(arena, arena_printf(arena, "%s/context.txt", folder), now, ret_why))
        return -1;
    /* 'nats context previous' must neither fail nor stay where one is. */
    bool leads = previous && strcmp(previous, context->name) != 0 && (!now || strcmp(previous, now) != 0) &&
                 file_exists(file_of(arena, folder, previous));
    if (!previous || leads || (!was && strcmp(previous, context->name) != 0))
        return 0;
    return keep_name(arena, arena_printf(arena, "%s/previous-context.txt", folder),
                     former_there(arena, folder, context, now), ret_why);
}

/* It may be the only place where that login is kept. */
static bool has_other_login(const struct node *there, const struct node *written)
{
    for (size_t i = 0; written && i < SETTINGS; i++) {
        const struct setting *row = &connection_rows[i];
        if (row->group == GROUP_IDENTITY && row->context && *text_of(there, row->context) &&
            is_edited(row, there, written))
            return true;
    }
    return false;
}

static int remove_context(struct arena *arena, const struct upstate *state, const char *folder,
                          const char *path, const char **ret_why)
{
    const struct node *there = read_file(arena, path);
    bool is_gone = !file_exists(path);
    if (!is_gone && !(there && is_ours(arena, state, there)))
        return 0;
    if (go_back(arena, folder, &state->context, ret_why))
        return -1;
    if (!is_gone && has_other_login(there, state->context.written)) {
        *ret_why = "somebody has put another login into it";
        return -1;
    }
    return keep_name(arena, path, NULL, ret_why);
}

void nats_context_remove(struct arena *arena, struct upstate *state, const char *place, struct diags *diags)
{
    const struct upcontext context = state->context;
    const char *below = context.path ? strstr(context.path, "/context/") : NULL;
    const char *why = NULL;
    if (context.name && below) {
        const char *folder = arena_strndup(arena, context.path, (size_t)(below - context.path));
        /* The home was renamed, and the context with it. */
        if (place && !file_exists(folder))
            folder = place;
        const char *path = file_of(arena, folder, context.name);
        if (remove_context(arena, state, folder, path, &why)) {
            struct diag *diag =
                diag_add(diags, &code_no_context, (struct srcpos){0},
                         "the context of the nats CLI stays: cannot remove '%s': %s", path, why);
            diag_hint(diags, diag, "'nats context rm %s' removes it", context.name);
        }
    }
    state->context = (struct upcontext){0};
}
