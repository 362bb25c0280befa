/* Files of saved plans; see saved.h. plan/saved.c knows what is in them. */
#include "cmd/saved.h"

#include <string.h>

#include "base/read.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/write.h"
#include "syntax/json.h"
#include "view/plan_text.h"

enum { PLAN_MOST_BYTES = 256 * 1024 * 1024 };

static struct saved_texts texts_of(const struct option_list *list)
{
    return (struct saved_texts){.items = list->items, .count = list->count};
}

static struct option_list list_of(const struct saved_texts *texts)
{
    return (struct option_list){.items = texts->items, .count = texts->count};
}

/* ---- plan --out ---- */

static enum file_place judge(const char *text, size_t length)
{
    return saved_plan_begins(text, length) ? PLACE_OWN : PLACE_FOREIGN;
}

int saved_check_place(struct session *session)
{
    const char *path = session->options.out;
    if (path && file_is_output(path) && session->options.output == OUTPUT_JSON)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "'--out %s' and '-o json' both write to standard output", path);
    /* A pipe or a device is written into and never replaced, so nothing can be lost there. */
    if (path && file_takes(path))
        return 0;
    const struct new_file nothing = {.path = path, .text = ""};
    enum file_place place = PLACE_FREE;
    if (path && file_look(&session->arena, &nothing, judge, &place, &session->diags))
        return -1;
    if (place != PLACE_FOREIGN)
        return 0;
    struct diag *diag = diag_add(&session->diags, &code_usage, (struct srcpos){0},
                                 "'%s' is there already, and is not a saved plan", path);
    diag_hint(&session->diags, diag, "--out replaces nothing but saved plans");
    return -1;
}

int saved_write(struct account_run *account, const struct plan *plan)
{
    struct arena *arena = &account->session->arena;
    const struct options *options = &account->session->options;
    const struct saved_options saved = {
        .files = texts_of(&options->files),
        .env_files = texts_of(&options->env_files),
        .allow_loss = texts_of(&options->allow_loss),
        .destroy = options->destroy,
        .prune = options->prune,
    };
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, saved_plan_node(arena, &saved, plan_json(arena, plan)), true);
    const struct new_file file = new_secret(options->out, strbuf_text(&text));
    return file_write_told(arena, &file, FILE_REPLACES | FILE_INTO, &code_file, account->diags);
}

/* ---- apply FILE ---- */

/*
 * Uses the saved options. Only -f and --env-file may be given again, because files may have moved. Options about
 * deletions are a part of what was reviewed.
 */
static int take_options(struct account_terms *terms, const struct saved_options *saved)
{
    struct session *session = terms->session;
    const struct options *options = &session->options;
    if (options->prune || options->allow_loss.count)
        return diag_error(&session->diags, &code_usage, (struct srcpos){0},
                          "%s cannot be given with a saved plan, which was made with or without it",
                          options->prune ? "--prune" : "--allow-data-loss");
    if (options->files.count == 0 && saved->files.count)
        session->files = list_of(&saved->files);
    if (options->env_files.count == 0)
        session->env_files = list_of(&saved->env_files);
    terms->plan = (struct plan_options){
        .destroy = saved->destroy,
        .prune = saved->prune,
        .allow_loss = saved->allow_loss.items,
        .allow_loss_count = saved->allow_loss.count,
    };
    return 0;
}

int saved_take(struct account_terms *terms, struct saved_plan *ret_saved)
{
    struct session *session = terms->session;
    struct source *source = ARENA_NEW(&session->arena, struct source);
    if (file_read_told(&session->arena, session->arguments.items[0], PLAN_MOST_BYTES, source,
                       &session->diags) ||
        saved_plan_read(&session->arena, source, ret_saved, &session->diags))
        return -1;
    return take_options(terms, &ret_saved->options);
}

/* The saved plan was written as JSON and read again. The new one takes the same way, so that equal values are equal nodes. */
static const struct node *through_json(struct account_run *account, const struct node *node)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, node, false);
    return json_read(&account->session->arena, strbuf_text(&text), text.length, NULL, account->diags);
}

int saved_check(struct account_run *account, const struct saved_plan *saved, const struct plan *plan,
                struct diags *diags)
{
    struct arena *arena = &account->session->arena;
    const struct node *now = through_json(account, plan_json(arena, plan));
    return now ? saved_plan_compare(arena, saved, account->manifest, plan, now, diags) : -1;
}

struct saved_plan saved_keep(struct account_run *account, const struct plan *plan, bool counts)
{
    return (struct saved_plan){.counts = counts,
                               .plan = through_json(account, plan_json(&account->session->arena, plan))};
}
