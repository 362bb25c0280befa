/* Saved plans as files; see saved.h. What is in them is plan/saved.c's. */
#include "cmd/saved.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/write.h"
#include "repo/files.h"
#include "syntax/json.h"
#include "view/plan_json.h"

enum { PLAN_MOST_BYTES = 256 * 1024 * 1024 };

static struct saved_texts texts_of(const struct option_list *list)
{
    return (struct saved_texts){.items = list->items, .count = list->count};
}

static struct option_list list_of(const struct saved_texts *texts)
{
    return (struct option_list){.items = texts->items, .count = texts->count};
}

static int read_source(struct session *session, const char *path, struct source *ret_source)
{
    char *text;
    const char *error;
    if (file_read(&session->arena, path, PLAN_MOST_BYTES, &text, &ret_source->length, &error))
        return diag_error(&session->diags, &code_file, (struct srcpos){0}, "cannot read '%s': %s", path,
                          error);
    ret_source->name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    ret_source->text = text;
    return 0;
}

/* ---- plan --out ---- */

int saved_check_place(struct session *session)
{
    const char *path = session->options.out;
    struct source source;
    if (!path || !file_exists(path))
        return 0;
    if (read_source(session, path, &source))
        return -1;
    if (source.length == 0 || saved_plan_begins(source.text, source.length))
        return 0;
    struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                 "'%s' is there already, and is not a saved plan", path);
    diag_hint(&session->diags, diag, "--out replaces nothing but saved plans");
    return -1;
}

int saved_write(struct session *session, const struct plan *plan)
{
    const struct options *options = &session->options;
    const struct saved_options saved = {
        .files = texts_of(&options->files),
        .env_files = texts_of(&options->env_files),
        .allow_loss = texts_of(&options->allow_loss),
        .destroy = options->destroy,
        .prune = options->prune,
    };
    const char *error;
    struct strbuf text = {0};
    json_write(&text, saved_plan_node(&session->arena, &saved, plan_json(&session->arena, plan)), true);
    int failed = file_write_private(&session->arena, options->out, strbuf_text(&text), text.length, &error);
    strbuf_release(&text);
    if (failed)
        return diag_error(&session->diags, &code_file, (struct srcpos){0}, "cannot write '%s': %s",
                          options->out, error);
    return 0;
}

/* ---- apply FILE ---- */

/* The manifest may have moved, and is named again; what decides about deletions was decided. */
static int take_options(struct session *session, const struct saved_options *saved)
{
    struct options *options = &session->options;
    if (options->prune || options->allow_loss.count)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "%s cannot be given with a saved plan, which was made with or without it",
                          options->prune ? "--prune" : "--allow-data-loss");
    if (options->files.count == 0)
        options->files = list_of(&saved->files);
    if (options->env_files.count == 0)
        options->env_files = list_of(&saved->env_files);
    options->allow_loss = list_of(&saved->allow_loss);
    options->destroy = saved->destroy;
    options->prune = saved->prune;
    return 0;
}

int saved_take(struct session *session, struct saved_plan *ret_saved)
{
    struct source *source = ARENA_NEW(&session->arena, struct source);
    if (read_source(session, session->arguments.items[0], source) ||
        saved_plan_read(&session->arena, source, ret_saved, &session->diags))
        return -1;
    return take_options(session, &ret_saved->options);
}

/* What was written went through JSON, and so does what it is compared with: both are strings in the same places. */
static const struct node *through_json(struct session *session, const struct node *node)
{
    struct strbuf text = {0};
    json_write(&text, node, false);
    const struct node *back =
        json_read(&session->arena, strbuf_text(&text), text.length, NULL, &session->diags);
    strbuf_release(&text);
    return back;
}

int saved_check(struct session *session, const struct saved_plan *saved, const struct plan *plan)
{
    const struct node *now = through_json(session, plan_json(&session->arena, plan));
    return now ? saved_plan_compare(&session->arena, saved, session->manifest, plan, now, &session->diags)
               : -1;
}
