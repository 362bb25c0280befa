/* What happens to an account; see watch_text.h. docs/watch.md documents the JSON. */
#include "view/watch_text.h"

#include <string.h>
#include <time.h>

#include "base/scope.h"
#include "base/strbuf.h"
#include "syntax/json.h"
#include "view/plan_json.h"
#include "view/plan_text.h"

/* ---- text ---- */

static void print_time(const struct style *style, struct instant now)
{
    char text[32] = "";
    struct tm parts;
    time_t seconds = now.seconds;
    if (localtime_r(&seconds, &parts))
        strftime(text, sizeof(text), "%H:%M:%S ", &parts);
    style_print(style, COLOUR_DIM, "%s", text);
}

/* "by bob (nats CLI at 10.0.0.7)", as far as it is told. */
static void print_client(const struct style *style, const struct client_told *by)
{
    bool known = by && (*by->user || *by->name || *by->host);
    if (!known)
        return;
    fputs(" by ", style->file);
    style_begin(style, COLOUR_BOLD);
    style_safe(style, *by->user ? by->user : *by->name ? by->name : "somebody");
    style_end(style);
    const char *name = *by->user ? by->name : "";
    if (!*name && !*by->host)
        return;
    fputs(" (", style->file);
    style_safe(style, name);
    fputs(*by->host ? *name ? " at " : "at " : "", style->file);
    style_safe(style, by->host);
    fputc(')', style->file);
}

static const char *const comparisons[] = {
    [COMPARED_UNKNOWN] = "",
    [COMPARED_NOT_IN_MANIFEST] = ": not in the manifest",
    [COMPARED_IN_SYNC] = ": still in sync",
    [COMPARED_BACK] = ": in sync again",
    [COMPARED_DRIFT] = "",
    [COMPARED_SAME] = ": differs as before",
};

static void print_happening(const struct style *style, struct instant now, const struct happening *happening)
{
    bool has_line = !happening->belongs || happening->comparison == COMPARED_BACK;
    if (happening->belongs)
        fputs(has_line ? "  " : "", style->file);
    else
        print_time(style, now);
    if (has_line) {
        style_safe(style, happening->label);
        fprintf(style->file, "%s%s", happening->belongs ? "" : " ",
                happening->belongs ? ""
                : happening->done  ? happening->done
                                   : happening->why);
        print_client(style, happening->by);
        style_print(style, happening->comparison == COMPARED_BACK ? COLOUR_GREEN : COLOUR_NONE, "%s",
                    comparisons[happening->comparison]);
        fputc('\n', style->file);
    }
    if (happening->comparison == COMPARED_DRIFT)
        view_plan_step(style, happening->plan, happening->step);
}

/* ---- JSON ---- */

static const char *const comparison_words[] = {
    [COMPARED_UNKNOWN] = "unknown", [COMPARED_NOT_IN_MANIFEST] = "not_in_manifest",
    [COMPARED_IN_SYNC] = "in_sync", [COMPARED_BACK] = "in_sync",
    [COMPARED_DRIFT] = "differs",   [COMPARED_SAME] = "differs",
};

static struct node *begin_line(struct arena *arena, const struct watch_view *view, struct instant now,
                               const char *type)
{
    struct node *line = node_map(arena);
    node_put_text(arena, line, "time", instant_format(arena, now));
    node_put_text(arena, line, "type", type);
    if (view->connection)
        node_put_text(arena, line, "connection", view->connection);
    return line;
}

static void end_line(const struct watch_view *view, const struct node *line)
{
    struct strbuf text SCOPED(strbuf_release) = {0};
    json_write(&text, line, false);
    fprintf(view->style->file, "%s\n", strbuf_text(&text));
}

static struct node *nothing(struct arena *arena)
{
    return node_scalar(arena, "null", false);
}

static struct node *client_json(struct arena *arena, const struct client_told *by)
{
    struct node *map = node_map(arena);
    if (!by)
        return nothing(arena);
    const struct {
        const char *key, *text;
    } told[] = {{"user", by->user}, {"name", by->name}, {"host", by->host}, {"account", by->account}};
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        node_put(arena, map, told[i].key,
                 *told[i].text ? node_scalar(arena, told[i].text, true) : nothing(arena));
    return map;
}

static void write_happening(const struct watch_view *view, struct instant now,
                            const struct happening *happening)
{
    struct arena arena SCOPED(arena_release) = {0};
    struct node *line = begin_line(&arena, view, now, "change");
    bool changed = happening->comparison == COMPARED_DRIFT || happening->comparison == COMPARED_BACK;
    node_put_text(&arena, line, "address", happening->address);
    node_put(&arena, line, "done",
             happening->done ? node_scalar(&arena, happening->done, true) : nothing(&arena));
    node_put(&arena, line, "by", client_json(&arena, happening->by));
    node_put_text(&arena, line, "state", comparison_words[happening->comparison]);
    node_put_flag(&arena, line, "news", changed);
    node_put(&arena, line, "resource_change",
             happening->step ? step_json(&arena, happening->plan, happening->step) : nothing(&arena));
    end_line(view, line);
}

/* ---- both ---- */

void watch_view_started(const struct watch_view *view, struct instant now, const struct plan *plan)
{
    struct arena arena SCOPED(arena_release) = {0};
    if (!view->json) {
        view_plan_text(view->style, plan);
        print_time(view->style, now);
        fputs("watching; Ctrl-C ends it\n", view->style->file);
    } else {
        struct node *line = begin_line(&arena, view, now, "started");
        node_put(&arena, line, "plan", plan_json(&arena, plan));
        end_line(view, line);
    }
    fflush(view->style->file);
}

void watch_view_happening(const struct watch_view *view, struct instant now,
                          const struct happening *happening)
{
    if (view->json)
        write_happening(view, now, happening);
    else
        print_happening(view->style, now, happening);
    fflush(view->style->file);
}

void watch_view_note(const struct watch_view *view, struct instant now, const char *type, const char *text)
{
    struct arena arena SCOPED(arena_release) = {0};
    if (view->json) {
        struct node *line = begin_line(&arena, view, now, type);
        node_put_text(&arena, line, "text", text);
        end_line(view, line);
    } else {
        print_time(view->style, now);
        style_safe(view->style, text);
        fputc('\n', view->style->file);
    }
    fflush(view->style->file);
}
